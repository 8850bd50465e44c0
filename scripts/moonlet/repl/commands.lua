-- commands.lua: the lines of the REPL that are not Lua: ":name words", "?name", "??name", "!words".
--
-- What: commands.run(repl, line) -> true when the line was one of them; commands.names for
--   completion. Each command gets the repl and the rest of its line and writes through repl:say.

local chat = require "moonlet.chat"
local complete = require "moonlet.repl.complete"
local files = require "moonlet.files"
local generate = require "moonlet.generate"
local host = require "moonlet.host"
local manual = require "moonlet.repl.manual"

local commands = {}

-- ---- help ----

-- The class and name that "m:generate" means, where m is a variable of the user's.
local function lookup(name, env)
  local owner, last = name:match "^(.-)[%.:]([%w_]+)$"
  local value = owner and complete.resolve(owner, env)
  local class = value ~= nil and complete.class_of(value)
  local found = class and manual.find(class .. "." .. last) or {}
  return #found > 0 and found or manual.find(name)
end

-- The comment lines above a function of ours, and its text; nil for what is not written in Lua.
local function source_of(f)
  local info = type(f) == "function" and debug.getinfo(f, "S")
  if not info or info.what == "C" then return nil end
  local text = host.script(info.source)
  if not text and info.source:sub(1, 1) == "@" then
    text = files.read(info.source:sub(2))
  end
  if not text then return nil end
  local lines, n, comment, code = {}, 0, {}, {}
  for line in (text .. "\n"):gmatch "(.-)\n" do
    n = n + 1
    lines[n] = line
  end
  local first = info.linedefined
  while first > 1 and (lines[first - 1] or ""):match "^%s*%-%-" do first = first - 1 end
  for i = first, info.linedefined - 1 do comment[#comment + 1] = lines[i] end
  for i = info.linedefined, math.min(info.lastlinedefined, n) do code[#code + 1] = lines[i] end
  return table.concat(comment, "\n"), table.concat(code, "\n"), info.short_src
end

local function help(repl, name)
  local found = lookup(name, repl.env)
  for _, entry in ipairs(found) do
    repl:say(entry.signature)
    if entry.text and entry.text ~= "" then repl:say("  " .. entry.text) end
    for _, p in ipairs(entry.params) do repl:say(("  %s: %s"):format(p.name, p.type)) end
    for _, line in ipairs(entry.fields or {}) do repl:say(line) end
    if entry.example then repl:say("  e.g.  " .. entry.example) end
  end
  if #found > 0 then return end
  local value = complete.resolve(name, repl.env)
  local comment, _, where = source_of(value)
  if comment and comment ~= "" then return repl:say(comment) end
  if where then
    return repl:say(("%s: a function of %s; ??%s shows it"):format(name, where, name))
  end
  if value ~= nil then return repl:say(("%s: a %s"):format(name, type(value))) end
  repl:say(("nothing is known of '%s'; :help lists what there is"):format(name))
end

local function source(repl, name)
  local comment, code = source_of(complete.resolve(name, repl.env))
  if not code then return repl:say(("'%s' is not a function written in Lua"):format(name)) end
  repl:say((comment ~= "" and comment .. "\n" or "") .. code)
end

-- ---- chat ----

local settable = {}
for _, name in ipairs(generate.options) do
  if name ~= "session" and name ~= "logits" then settable[#settable + 1] = name end
end
settable[#settable + 1] = "tools"
settable[#settable + 1] = "system"

-- The model that the user has in a variable `model`, or the bundled one.
local function model_of(repl)
  local model = rawget(repl.env, "model")
  if complete.class_of(model) == "moonlet.model" then return model end
  local message
  model, message = require("moonlet").load()
  if not model then return nil, message end
  rawset(repl.env, "model", model)
  repl:say(("model = %s"):format(tostring(model)))
  return model
end

-- One turn of the conversation; what comes is written by the repl's observer.
function commands.turn(repl, text)
  return repl:call(function()
    local answer, info = repl.conversation:ask(text)
    if not answer then error(info, 0) end
    return answer
  end)
end

-- ---- the commands ----

local all = {}

all.help = { "", "this list; ?name for one thing, ??name for its source", function(repl)
  repl:say [[
An expression is printed, a statement runs; a trailing ; mutes. _ is the last value, _1 that of
prompt 1. Tab completes, Ctrl-R searches, Alt-Enter breaks the line, Ctrl-C stops, Ctrl-D leaves.]]
  for _, name in ipairs(commands.names) do
    repl:say(("  :%-8s %-14s %s"):format(name, all[name][1], all[name][2]))
  end
  repl:say "  !words                  run in a shell"
end }

all.chat = { "", "talk to the model; :chat again, or Ctrl-D, ends it", function(repl)
  if repl.conversation then
    repl.conversation:close()
    repl.conversation = nil
    return
  end
  local model, message = model_of(repl)
  if not model then return repl:complain(message) end
  local ok, conversation, why = pcall(chat.new, model, repl.settings)
  if not ok or not conversation then return repl:complain(ok and why or conversation) end
  repl.conversation = conversation
end }

all.set = { "[name value]", "options of :chat, e.g. :set temperature 0.7", function(repl, rest)
  local name, text = rest:match "^(%S+)%s*(.*)$"
  if not name then
    for key, value in pairs(repl.settings) do repl:say(("%s = %s"):format(key, tostring(value))) end
    return
  end
  local ok, message = pcall(host.known, { [name] = true }, ":set", settable)
  if not ok then return repl:complain(message) end
  local chunk = text ~= "" and (loadstring or load)("return " .. text)
  local good, value = pcall(chunk or function() return text ~= "" and text or nil end)
  if not good or value == nil and text ~= "" then value = text end
  repl.settings[name] = value
end }

all.save = { "FILE", "write what was typed here as a Lua script", function(repl, path)
  if path == "" then return repl:complain ":save wants a file name" end
  local file, message = io.open(path, "wb")
  if not file then return repl:complain(message) end
  local ok = file:write(table.concat(repl.typed, "\n"), "\n")
  if not (file:close() and ok) then return repl:complain(path .. ": cannot be written") end
  repl:say(("%d inputs in %s"):format(#repl.typed, path))
end }

all.load = { "FILE", "run a Lua script here; its globals stay", function(repl, path)
  local chunk, message = repl:chunk_of_file(path)
  if not chunk then return repl:complain(message) end
  repl:evaluate_chunk(chunk)
end }

all.run = { "FILE [words]", "run a Lua script by itself, with arguments", function(repl, rest)
  local words = {}
  for word in rest:gmatch "%S+" do words[#words + 1] = word end
  if not words[1] then return repl:complain ":run wants a file name" end
  local env = setmetatable({ arg = { [0] = words[1] } }, { __index = repl.env })
  for i = 2, #words do env.arg[i - 1] = words[i] end
  local chunk, message = repl:chunk_of_file(words[1], env)
  if not chunk then return repl:complain(message) end
  repl:evaluate_chunk(function() return chunk((table.unpack or unpack)(env.arg)) end)
end }

all.time = { "CODE", "how long it takes", function(repl, code)
  local chunk, message = repl:compile(code)
  if not chunk then return repl:complain(message) end
  local began = host.clock()
  repl:evaluate_chunk(chunk)
  repl:say(("%.3f ms"):format((host.clock() - began) * 1000))
end }

all.quit = { "", "leave", function(repl) repl.over = true end }

commands.names = {}
for name in pairs(all) do commands.names[#commands.names + 1] = name end
table.sort(commands.names)

function commands.run(repl, line)
  local name, rest = line:match "^:(%a+)%s*(.-)%s*$"
  if name then
    local command = all[name]
    if not command then
      local _, message = pcall(host.known, { [name] = true }, "repl", commands.names)
      repl:complain((message:gsub("^.-no option '(.-)'; did you mean '(.-)'",
        "no command ':%1'; did you mean ':%2'")))
    else
      command[3](repl, rest)
    end
    return true
  end
  local marks, asked = line:match "^(%?%??)%s*([%a_][%w_%.:]*)%s*$"
  if marks == "?" then help(repl, asked) end
  if marks == "??" then source(repl, asked) end
  if marks then return true end
  if line:match "^%?%s*$" then
    all.help[3](repl)
    return true
  end
  if line:match "^!%s*%S" then
    os.execute(line:sub(2))
    return true
  end
  return false
end

return commands
