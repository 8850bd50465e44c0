-- editor.lua: the text that is being typed: a state machine from keys to text and cursor.
--
-- What: editor = require("moonlet.repl.editor").new { history =, complete =, ready = };
--   editor:press(event) -> nil, or what the host shall do: "submit" (editor.text is whole),
--   "interrupt" (Ctrl-C), "end" (Ctrl-D on an empty text), "stop" (Ctrl-Z), "clear" (Ctrl-L).
--   editor.text, editor.cursor (bytes before it), editor.note (a line to show below), and
--   editor.search (the pattern of a running Ctrl-R search, or nil).
-- How: the text may have several lines and is edited as one: up and down move within it and reach
--   the history at its edges. Enter submits when ready(text) says that it is whole, else it
--   breaks the line; Alt-Enter always breaks it. Keys are Emacs's, as in readline.
-- Invariant: cursor lies between two characters; press never throws, whatever the event.
-- Not here: drawing (screen.lua), what completes (complete.lua).

local Editor = {}
Editor.__index = Editor

local function new(options)
  return setmetatable({ text = "", cursor = 0, killed = "", undone = {},
    history = options.history, complete = options.complete, ready = options.ready }, Editor)
end

-- ---- places in a text ----

local function before(text, at)
  if at <= 0 then return 0 end
  at = at - 1
  while at > 0 and text:find("^[\128-\191]", at + 1) do at = at - 1 end
  return at
end

local function after(text, at)
  if at >= #text then return #text end
  at = at + 1
  while at < #text and text:find("^[\128-\191]", at + 1) do at = at + 1 end
  return at
end

local function word_before(text, at)
  local head = text:sub(1, at):gsub("[^%w_\128-\255]+$", "")
  return #head - #head:match "[%w_\128-\255]*$"
end

local function word_after(text, at)
  local _, last = text:find("^[^%w_\128-\255]*[%w_\128-\255]*", at + 1)
  return last or at
end

local function line_start(text, at) return #text:sub(1, at) - #text:sub(1, at):match "[^\n]*$" end
local function line_end(text, at) return (text:find("\n", at + 1, true) or #text + 1) - 1 end

-- ---- changes ----

-- Remembers the text for undo; runs of typed characters are one change.
function Editor:mark(kind)
  if kind and kind == self.last_kind then return end
  self.last_kind = kind
  local undone = self.undone
  undone[#undone + 1] = { self.text, self.cursor }
  if #undone > 200 then table.remove(undone, 1) end
end

function Editor:insert(text)
  self.text = self.text:sub(1, self.cursor) .. text .. self.text:sub(self.cursor + 1)
  self.cursor = self.cursor + #text
end

-- Removes bytes from..to (0-based, from inclusive); the cursor is then at from.
function Editor:remove(from, to, kill)
  if from >= to then return end
  self:mark()
  if kill then self.killed = self.text:sub(from + 1, to) end
  self.text = self.text:sub(1, from) .. self.text:sub(to + 1)
  self.cursor = from
end

function Editor:set(text, cursor)
  self.text, self.cursor, self.last_kind = text, cursor or #text, nil
end

-- A new, empty text.
function Editor:reset()
  self:set ""
  self.undone, self.place, self.draft, self.search, self.note = {}, nil, nil, nil, nil
end

-- ---- history ----

-- The entry `step` away (-1 is older) from where the text is.
function Editor:recall(step)
  local entries = self.history and self.history.entries or {}
  local place = (self.place or #entries + 1) + step
  if place < 1 or place > #entries + 1 then return end
  if not self.place then self.draft = self.text end
  self.place = place <= #entries and place or nil
  self:set(entries[place] or self.draft or "")
end

function Editor:up()
  local start = line_start(self.text, self.cursor)
  if start == 0 then return self:recall(-1) end
  local column = self.cursor - start
  local above = line_start(self.text, start - 1)
  self.cursor = math.min(above + column, start - 1)
  self:settle()
end

function Editor:down()
  local stop = line_end(self.text, self.cursor)
  if stop == #self.text then return self:recall(1) end
  local column = self.cursor - line_start(self.text, self.cursor)
  self.cursor = math.min(stop + 1 + column, line_end(self.text, stop + 1))
  self:settle()
end

-- Moves a cursor that came to lie inside a character to its beginning.
function Editor:settle()
  while self.cursor > 0 and self.text:find("^[\128-\191]", self.cursor + 1) do
    self.cursor = self.cursor - 1
  end
end

-- Looks for the pattern in entries from `from` back to the first.
function Editor:seek(from)
  local entries = self.history and self.history.entries or {}
  for i = math.min(from, #entries), 1, -1 do
    local at = entries[i]:find(self.search, 1, true)
    if at then
      self.found = i
      self:set(entries[i], at - 1)
      return
    end
  end
  self.missing = true
end

-- One event of a running search; true when the search took it.
function Editor:search_press(event)
  local entries = self.history and self.history.entries or {}
  if event.text then
    self.search = self.search .. event.text
    self.missing = false
    self:seek(self.found or #entries)
  elseif event.key == "ctrl-r" then self:seek((self.found or #entries + 1) - 1)
  elseif event.key == "backspace" then
    self.search = self.search:sub(1, before(self.search, #self.search))
    self.missing, self.found = false, nil
    if self.search ~= "" then self:seek(#entries) end
  elseif event.key == "ctrl-g" or event.key == "ctrl-c" or event.key == "esc" then
    self.search = nil
    self:set(self.draft or "")
  else
    self.search = nil
    return false
  end
  return true
end

-- ---- completion ----

-- What all of the list begin with, in whole characters.
local function common(list)
  local shared = list[1]
  for i = 2, #list do
    local n = 0
    while n < #shared and shared:byte(n + 1) == list[i]:byte(n + 1) do n = n + 1 end
    while n > 0 and shared:find("^[\128-\191]", n + 1) do n = n - 1 end
    shared = shared:sub(1, n)
  end
  return shared
end

-- Tab: the longest beginning that all candidates share; the candidates below when it adds nothing.
function Editor:tab()
  local head = self.text:sub(1, self.cursor)
  if not self.complete or head:match "^%s*$" or head:match "\n%s*$" then
    self:mark()
    return self:insert "  "
  end
  local from, candidates = self.complete(head)
  if not candidates or #candidates == 0 then return end
  local typed, shared = head:sub(from + 1), common(candidates)
  if #shared > #typed or #candidates == 1 and shared ~= typed then
    self:mark()
    self.text = self.text:sub(1, from) .. shared .. self.text:sub(self.cursor + 1)
    self.cursor = from + #shared
  elseif #candidates > 1 then
    self.note = table.concat(candidates, "  ", 1, math.min(#candidates, 60))
      .. (#candidates > 60 and ("  ... %d more"):format(#candidates - 60) or "")
  end
end

-- ---- keys ----

local press = {}

function press.enter(e)
  if not e.ready or e.ready(e.text) then return "submit" end
  e:mark()
  e.cursor = #e.text
  e:insert "\n"
end
press["alt-enter"] = function(e)
  e:mark()
  e:insert "\n"
end
press["ctrl-j"] = press.enter
press.tab = function(e) return e:tab() end
press.left = function(e) e.cursor = before(e.text, e.cursor) end
press.right = function(e) e.cursor = after(e.text, e.cursor) end
press.up = function(e) e:up() end
press.down = function(e) e:down() end
press.home = function(e) e.cursor = line_start(e.text, e.cursor) end
press["end"] = function(e) e.cursor = line_end(e.text, e.cursor) end
press["ctrl-home"] = function(e) e.cursor = 0 end
press["ctrl-end"] = function(e) e.cursor = #e.text end
press["ctrl-left"] = function(e) e.cursor = word_before(e.text, e.cursor) end
press["ctrl-right"] = function(e) e.cursor = word_after(e.text, e.cursor) end
press.backspace = function(e) e:remove(before(e.text, e.cursor), e.cursor) end
press.delete = function(e) e:remove(e.cursor, after(e.text, e.cursor)) end
press["ctrl-w"] = function(e) e:remove(word_before(e.text, e.cursor), e.cursor, true) end
press["alt-d"] = function(e) e:remove(e.cursor, word_after(e.text, e.cursor), true) end
press["ctrl-u"] = function(e) e:remove(line_start(e.text, e.cursor), e.cursor, true) end
press["ctrl-k"] = function(e) e:remove(e.cursor, line_end(e.text, e.cursor), true) end
press["ctrl-y"] = function(e)
  e:mark()
  e:insert(e.killed)
end
press["ctrl-_"] = function(e)
  local last = table.remove(e.undone)
  if last then e:set(last[1], last[2]) end
end
press["ctrl-p"] = function(e) e:recall(-1) end
press["ctrl-n"] = function(e) e:recall(1) end
press["ctrl-r"] = function(e) e.search, e.found, e.missing, e.draft = "", nil, false, e.text end
press["ctrl-d"] = function(e)
  if e.text == "" then return "end" end
  press.delete(e)
end
press["ctrl-c"] = function() return "interrupt" end
press["ctrl-z"] = function() return "stop" end
press["ctrl-l"] = function() return "clear" end
press["ctrl-a"], press["ctrl-e"] = press.home, press["end"]
press["ctrl-b"], press["ctrl-f"] = press.left, press.right
press["alt-b"], press["alt-f"] = press["ctrl-left"], press["ctrl-right"]
press["alt-left"], press["alt-right"] = press["ctrl-left"], press["ctrl-right"]
press["alt-backspace"] = press["ctrl-w"]
press["ctrl-backspace"] = press["ctrl-w"]

function Editor:press(event)
  self.note = nil
  if self.search and self:search_press(event) then return nil end
  if event.text then
    self:mark "typing"
    return self:insert(event.text)
  end
  self.last_kind = nil
  if event.paste then
    self:mark()
    return self:insert(event.paste)
  end
  local act = press[event.key]
  if act then return act(self) end
end

return { new = new }
