-- repl.lua: the interactive prompt.
--
-- What: repl.main(call) is the program's; in a host:
--     local r = require("moonlet.repl").new()
--     while r:poll(0) do ... end          -- in a loop of the host's own: never waits
--     r:run()                             -- or until the user leaves
--   Lines are Lua, or one of commands.lua's. An expression is printed; a trailing ";" mutes.
-- How: where stdin and stdout are a terminal that can move its cursor, keys go through keys.lua
--   into editor.lua, which screen.lua draws; elsewhere (a pipe, TERM=dumb) whole lines are read.
--   The terminal is in raw mode only while a line is edited, so that Ctrl-C is a signal while code
--   runs: `call` then stops it. What a generation has said so far is shown as it comes, and is `_`
--   when it is stopped.
-- Invariant: after each line, and at the end, the terminal is as it was found.
-- Globals: `_`, `_1` ... and `moonlet`, in env (default _G).

local commands = require "moonlet.repl.commands"
local complete = require "moonlet.repl.complete"
local editor = require "moonlet.repl.editor"
local files = require "moonlet.files"
local generate = require "moonlet.generate"
local history = require "moonlet.repl.history"
local host = require "moonlet.host"
local keys = require "moonlet.repl.keys"
local screen = require "moonlet.repl.screen"
local show = require "moonlet.repl.show"
local terminal = require "moonlet.terminal"

local repl = {}

local Repl = {}
Repl.__index = Repl

-- ---- what is written ----

function Repl:say(text) self.write(text, "\n") end

function Repl:complain(message)
  local red, plain = "", ""
  if self.colour then red, plain = "\27[31m", "\27[0m" end
  self.complaints(red, tostring(message), plain, "\n")
end

function Repl:dim(text) return self.colour and "\27[2m" .. text .. "\27[0m" or text end

-- Follows the generations of one evaluation: their text so far, shown live on a terminal.
function Repl:observe(generation, piece)
  local seen = self.generation
  if not seen or seen.of ~= generation then
    seen = { of = generation, pieces = {} }
    self.generation = seen
  end
  if piece then
    seen.pieces[#seen.pieces + 1] = piece
    if self.live then self.write(host.text(piece)) end
  end
end

-- Tokens and speed of the generation that an evaluation ended with.
function Repl:timing(info)
  local seconds = info.seconds
  local function rate(n, s) return s > 0 and n / s or 0 end
  self:say(self:dim(("%d prompt tokens at %.0f/s, %d generated at %.0f/s, %s"):format(
    info.prompt_tokens, rate(info.prompt_tokens, seconds.prefill), info.generated_tokens,
    rate(info.generated_tokens, seconds.decode), info.finish or "stopped")))
end

-- ---- evaluation ----

local setfenv = setfenv

-- A function of a text in the user's environment; nil, message.
function Repl:load(text, name, env)
  env = env or self.env
  if not setfenv then return load(text, name, "t", env) end
  local chunk, message = loadstring(text, name)
  return chunk and setfenv(chunk, env), message
end

-- The chunk of a text: as an expression if it is one, else as statements, and whether it is mute.
-- nil, message when it is neither; message ends in <eof> when it only lacks its end.
function Repl:compile(text)
  local bare = text:gsub("^%s*=", ""):gsub("%s*;%s*$", "")
  local chunk = self:load("return " .. bare, "=stdin")
  if chunk then return chunk, text:match ";%s*$" ~= nil end
  local message
  chunk, message = self:load(text, "=stdin")
  return chunk, chunk and text:match ";%s*$" ~= nil or message
end

-- Whether Enter shall evaluate: all but Lua that lacks its end.
function Repl:ready(text)
  if self.conversation or text:match "^%s*[:?!]" then return true end
  local chunk, message = self:compile(text)
  return chunk ~= nil or not message:find("<eof>", 1, true)
end

function Repl:chunk_of_file(path, env)
  local text, message = files.read(path)
  if not text then return nil, message end
  return self:load(text:gsub("^#[^\n]*", ""), "@" .. path, env)
end

local function pack(...) return { n = select("#", ...), ... } end

function Repl:remember(value)
  rawset(self.env, "_", value)
  rawset(self.env, "_" .. self.count, value)
end

-- Runs f under `call`, shows what its generations say; ok, results...
function Repl:call(f)
  self.generation = nil
  generate.observe(function(generation, piece) self:observe(generation, piece) end)
  local results = pack(self.protected(f))
  generate.observe(nil)
  local seen = self.generation
  if seen then
    seen.text = table.concat(seen.pieces)
    if self.live and seen.text ~= "" and not seen.text:match "\n$" then self.write "\n" end
  end
  return results, seen
end

function Repl:evaluate_chunk(chunk, mute)
  local results, seen = self:call(chunk)
  if not results[1] then
    self:complain((tostring(results[2]):gsub("\n[^\n]*'protected'.*$", "")))
    if seen then
      self:remember(seen.text)
      self:say(self:dim "_ is the text so far")
    end
    return
  end
  if results.n > 1 then self:remember(results[2]) end
  local said = seen and self.live and results[2] == seen.text
  if results.n > 1 and not mute and not said then
    local texts = {}
    for i = 2, results.n do texts[i - 1] = show(results[i], self.columns) end
    self:say(table.concat(texts, "\t"))
  end
  if seen and self.live then self:timing(seen.of.info) end
end

-- evaluate(text): one whole input: a command, a turn of :chat, or Lua.
function Repl:evaluate(text)
  self.count = self.count + 1
  if commands.run(self, text) then return end
  if self.conversation then
    local results, seen = commands.turn(self, text)
    if not results[1] then self:complain(results[2])
    elseif not self.live then self:say(results[2]) end
    if seen then
      self:remember(seen.text)
      if self.live then self:timing(seen.of.info) end
    end
    return
  end
  if not text:match "%S" then
    self.count = self.count - 1
    return
  end
  local chunk, mute = self:compile(text)
  if not chunk then return self:complain(mute) end
  self.typed[#self.typed + 1] = text
  self:evaluate_chunk(chunk, mute)
end

-- ---- on a terminal ----

function Repl:prompt()
  if self.conversation then return "you> ", "...> " end
  local first = ("%d> "):format(self.count + 1)
  return first, (" "):rep(#first - 2) .. "> "
end

local function split(text)
  local lines = {}
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do lines[#lines + 1] = line end
  return lines
end

-- What a terminal shows of a line: control characters and broken UTF-8 as U+FFFD, tabs as spaces.
local function visible(line)
  return (host.text(line):gsub("\t", "    "):gsub("[%z\1-\31\127]", "\239\191\189"))
end

function Repl:draw()
  local e, columns = self.editor, (self.terminal:size())
  local first, other = self:prompt()
  if e.search then
    first = ("(%s search '%s') "):format(e.missing and "failing" or "reverse", e.search)
  end
  self.columns = columns
  local before = split(e.text:sub(1, e.cursor))
  local lines, row = split(e.text), #before
  local prompt = row == 1 and first or other
  local column = screen.columns(prompt .. visible(before[row]))
  for i, line in ipairs(lines) do
    local mark = i == 1 and first or other
    lines[i] = (self.colour and "\27[1m" .. mark .. "\27[0m" or mark) .. visible(line)
  end
  if e.note then
    for _, line in ipairs(split(e.note)) do lines[#lines + 1] = self:dim(line) end
  end
  self.write(self.screen:draw(lines, row, column, columns))
end

-- Bracketed paste (xterm): pasted text comes marked, so that its line breaks are no Enter. The
-- spaces wrap to a new line if and only if what was printed last did not end its own.
function Repl:start_line()
  self.terminal:raw(true)
  self.write("\27[?2004h", (" "):rep((self.terminal:size()) - 1), "\r")
  self.editing = true
  self:draw()
end

function Repl:stop_line()
  if not self.editing then return end
  self.editor.note, self.editor.search = nil, nil
  self.editor.cursor = #self.editor.text
  self:draw()
  self.write(self.screen:leave(), "\27[?2004l")
  self.terminal:raw(false)
  self.editing = false
end

local act = {}

function act.submit(self)
  local text = self.editor.text
  self:stop_line()
  self.editor:reset()
  self.history:add(text)
  self:evaluate(text)
end

function act.interrupt(self)
  self:stop_line()
  self.editor:reset()
end

act["end"] = function(self)
  self:stop_line()
  if self.conversation then commands.run(self, ":chat") else self.over = true end
end

function act.clear(self) self.write "\27[H\27[2J" end

function act.stop(self)
  self:stop_line()
  self.terminal:stop()
end

function Repl:handle(events)
  for _, event in ipairs(events) do
    if self.over then return end
    if not self.editing then self:start_line() end
    local what = self.editor:press(event)
    if what then act[what](self) end
  end
end

local ESCAPE_MS = 30            -- a lone Esc is one that nothing follows for so long

-- poll(ms) -> true while the REPL goes on. Waits at most ms milliseconds for keys (nil: until some
-- come) and evaluates what they complete.
function Repl:poll(ms)
  if self.over then return false end
  if not self.terminal then return self:read_line() end
  if not self.editing then self:start_line() end
  local bytes = self.terminal:read(ms)
  if not bytes then
    self:stop_line()
    self.over = true
    return false
  end
  self:handle(self.keys:push(bytes))
  if self.keys:waits() and not self.over then
    local more = self.terminal:read(ESCAPE_MS)
    if more == "" then self:handle(self.keys:flush())
    elseif more then self:handle(self.keys:push(more)) end
  end
  if self.editing and not self.over then self:draw() end
  return not self.over
end

-- ---- without one ----

-- Reads one whole input from a pipe or a dumb terminal; false at the end.
function Repl:read_line()
  local first, other = "", ""
  if self.asks then first, other = self:prompt() end
  self.write(first)
  local text = self.input:read "*l"
  while text and not self:ready(text) do
    self.write(other)
    local more = self.input:read "*l"
    if not more then break end
    text = text .. "\n" .. more
  end
  if not text then
    if self.asks then self:say "" end
    self.over = true
    return false
  end
  self:evaluate(text)
  return not self.over
end

function Repl:run()
  while self:poll() do end
  self:close()
end

-- Puts the terminal back.
function Repl:close()
  self:stop_line()
  if self.terminal then self.terminal:close() end
  self.terminal, self.over = nil, true
end

-- new(options) -> a REPL. options: call(f) runs f protected and gives true, results... or false,
-- message (default pcall); env (default _G); input (a file, default stdin) and write(...) (default
-- to stdout), which make it read whole lines; history (a path; false: none).
function repl.new(options)
  options = options or {}
  local self = setmetatable({
    protected = options.call or pcall, env = options.env or _G, input = options.input or io.stdin,
    count = 0, typed = {}, settings = {}, columns = 80, keys = keys.new(), screen = screen.new(),
  }, Repl)
  self.write = options.write or function(...)
    io.stdout:write(...)
    io.stdout:flush()
  end
  self.complaints = options.write or function(...) io.stderr:write(...) end
  local dumb = os.getenv "TERM" == "dumb" or not os.getenv "TERM"
  if not options.input and not options.write and not dumb then self.terminal = terminal.open() end
  self.live = self.terminal ~= nil
  self.asks = self.input == io.stdin and host.tty "stdin"
  self.colour = self.live and (os.getenv "NO_COLOR" or "") == ""
  local path = options.history
  if path == nil then path = self.terminal and history.place() end
  self.history = history.open(path or nil)
  self.editor = editor.new { history = self.history,
    ready = function(text) return self:ready(text) end,
    complete = function(head) return complete.complete(head, self.env, commands.names) end }
  if rawget(self.env, "moonlet") == nil then rawset(self.env, "moonlet", require "moonlet") end
  return self
end

function repl.main(call) repl.new({ call = call }):run() end

return repl
