-- input.lua: a text that arrives in pieces, read as if it were whole.
--
-- What: the reading side of moonlet.calls. Every function that must know more than is there gives
--   control back (coroutine.yield) until a piece or the end comes.
-- How: pieces wait in a queue, long ones cut; the buffer has what is looked at. What is taken is
--   cut off from it, so that the buffer is kept short: it grows by a piece, or to twice its length
--   where somebody must look further.
-- Invariant: what a function answers depends on the text alone, never on where pieces ended. Work
--   is linear in the text.

local scanner = require "moonlet.jsonscan"

local Input = {}
Input.__index = Input

-- Bytes of a piece at most.
local longest = 1024

-- queue: the pieces from first to last.
local function new()
  return setmetatable({ buffer = "", ended = false, queue = {}, first = 1, last = 0,
    records = {} }, Input)
end

-- Cuts between characters, where there are any.
function Input:push(piece)
  local at = 1
  while at <= #piece do
    local past = at + longest
    for back = 0, 3 do
      local byte = piece:byte(past - back)
      if not byte or byte < 0x80 or byte >= 0xC0 then
        past = past - back
        break
      end
    end
    self.last = self.last + 1
    self.queue[self.last], at = piece:sub(at, past - 1), past
  end
end

function Input:waits() return self.first <= self.last end

-- Waits for more text: false when there is none.
function Input:more()
  while not self:waits() do
    if self.ended then return false end
    coroutine.yield()
  end
  local pieces, length = { self.buffer }, 0
  repeat
    local piece = self.queue[self.first]
    pieces[#pieces + 1], length = piece, length + #piece
    self.queue[self.first], self.first = nil, self.first + 1
  until length >= #self.buffer or not self:waits()
  self.buffer = table.concat(pieces)
  return true
end

function Input:empty() return self.buffer == "" and not self:waits() end

-- Takes n bytes that are there.
function Input:take(n)
  local s = self.buffer:sub(1, n)
  self.buffer = self.buffer:sub(n + 1)
  for _, record in ipairs(self.records) do record[#record + 1] = s end
  return s
end

-- record() ... recorded(it): all that was taken in between.
function Input:record()
  local record = {}
  self.records[#self.records + 1] = record
  return record
end

function Input:recorded(record)
  for i, other in ipairs(self.records) do
    if other == record then table.remove(self.records, i) break end
  end
  return table.concat(record)
end

-- The next byte, not taken; nil at the end.
function Input:peek()
  if self.buffer == "" and not self:more() then return nil end
  return self.buffer:sub(1, 1)
end

-- Whether the text goes on with `word`.
function Input:starts(word)
  while #self.buffer < #word and self.buffer == word:sub(1, #self.buffer) do
    if not self:more() then return false end
  end
  return self.buffer:sub(1, #word) == word
end

-- Takes `word` if the text goes on with it.
function Input:accept(word)
  if not self:starts(word) then return false end
  self:take(#word)
  return true
end

-- Takes the first of the words that the text goes on with; the longer ones stand first.
function Input:accept_any(words)
  for _, word in ipairs(words) do
    if self:accept(word) then return word end
  end
end

function Input:skip_space()
  while true do
    local c = self:peek()
    if not c or not c:find "%s" then return end
    self:take(#self.buffer:match "^%s+")
  end
end

-- look(check, extra): check(text, extra) says true, false, or nil while it cannot know.
function Input:look(check, extra)
  while true do
    local answer = check(self.buffer, extra)
    if answer ~= nil then return answer end
    if not self:more() then return false end
  end
end

-- The bytes that markers begin with, as a class; once for each list of markers.
local heads = setmetatable({}, { __mode = "k" })
local function head(markers)
  local class = heads[markers]
  if not class then
    local bytes = {}
    for i, marker in ipairs(markers) do bytes[i] = "%" .. marker:sub(1, 1) end
    class = "[" .. table.concat(bytes):gsub("%%([%w\128-\255])", "%1") .. "]"
    heads[markers] = class
  end
  return class
end

-- Where the earliest marker begins, and which; the longest of those that begin there. As third
-- result where a marker begins that is not complete yet.
local function find(buffer, markers)
  local first = #markers > 0 and buffer:find(head(markers))
  if not first then return nil end
  local from, found, partial
  local n = #buffer
  for _, marker in ipairs(markers) do
    local at = buffer:find(marker, first, true)
    if at and (not from or at < from or (at == from and #marker > #found)) then
      from, found = at, marker
    end
    at = math.max(first, n - #marker + 2)
    while at and marker:sub(1, n - at + 1) ~= buffer:sub(at) do
      at = buffer:find(marker:sub(1, 1), at + 1, true)
    end
    if at and at <= n and (not partial or at < partial) then partial = at end
  end
  return from, found, partial
end

-- Gives `put` the text before the first marker and takes it; the marker stays. nil at the end.
function Input:until_any(markers, put)
  while true do
    local from, found, partial = find(self.buffer, markers)
    if self.ended and not self:waits() then partial = nil end
    if from and not (partial and partial <= from) then
      if from > 1 then put(self:take(from - 1)) end
      return found
    end
    local safe = (from or partial or #self.buffer + 1)
    if partial and partial < safe then safe = partial end
    if safe > 1 then put(self:take(safe - 1)) end
    if not self:more() and self:empty() then return nil end
  end
end

-- The text before the first of the markers, which is taken: text, marker. nil at the end, or when
-- the text is longer than `most`.
function Input:before(markers, most)
  local pieces, length = {}, 0
  local marker = self:until_any(markers, function(s)
    pieces[#pieces + 1], length = s, length + #s
  end)
  if not marker or (most and length > most) then return nil, table.concat(pieces) end
  self:take(#marker)
  return table.concat(pieces), marker
end

-- A JSON value; `put` (if any) gets it as it comes. Gives its text; nil when it does not end, or
-- is none.
function Input:json(put)
  local scan, pieces = scanner.new(), {}
  while true do
    local before = scan.at
    local n, failure = scan:push(self.buffer)
    local s = self:take(failure and scan.at - before or n or #self.buffer)
    if s ~= "" then
      pieces[#pieces + 1] = s
      if put then put(s) end
    end
    if failure then return nil, failure end
    if n then return table.concat(pieces) end
    if not self:more() then
      if scan:finish() then return table.concat(pieces) end
      return nil, "the text ends inside a value"
    end
  end
end

return { new = new }
