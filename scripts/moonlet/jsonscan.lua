-- jsonscan.lua: finds the end of a JSON value in a text that comes in pieces.
--
-- What: push(piece) -> where the value ends in this piece, nil while it goes on, or nil and a
--   message when it cannot be JSON. closed(text): the text so far, cut back to what is certain
--   and closed, so that a strict reader can read it. open(): what is open.
-- How: a stack of brackets and what is wanted next. The result does not depend on how the text
--   was cut. A number at the top ends at the first byte behind it, or with finish().
-- Invariant: accepts every JSON text; what it accepts is JSON but for the insides of strings and
--   numbers, which the strict reader judges.

local host = require "moonlet.host"

local Scan = {}
Scan.__index = Scan

local deepest = 128
local words = { t = "true", f = "false", n = "null" }

local function new()
  return setmetatable({ stack = {}, want = "value", at = 0, safe = 0, rest = "" }, Scan)
end

local function expected(self, c, what)
  self.failure = ("json: byte %d: expected %s, found %q"):format(self.at + 1, what, c)
  return nil, self.failure
end

-- A value ends at byte `at` of the whole text.
local function ended(self)
  self.safe = self.at
  self.mode = nil
  self.want = #self.stack == 0 and "nothing" or "more"
  if #self.stack == 0 then self.done = true end
end

local function opened(self, c)
  if #self.stack == deepest then
    self.failure = ("json: byte %d: nested too deeply"):format(self.at)
    return
  end
  self.stack[#self.stack + 1] = c
  self.want = c == "{" and "first key" or "first item"
  self.safe = self.at
end

local function begin_value(self, c)
  if c == "{" or c == "[" then
    self.at = self.at + 1
    opened(self, c)
  elseif c == '"' then
    self.at = self.at + 1
    self.mode, self.string_safe, self.escape = "string", self.at, nil
  elseif c:find "[-%d]" then
    self.mode, self.number = "number", ""
  elseif words[c] then
    self.mode, self.word, self.matched = "word", words[c], 0
  else
    return expected(self, c, "a value")
  end
  return true
end

local function close(self, c)
  self.at = self.at + 1
  self.stack[#self.stack] = nil
  ended(self)
  return c
end

-- One byte between values.
local structure = {
  ["value"] = begin_value,
  ["first item"] = function(self, c)
    if c == "]" then return close(self, c) end
    return begin_value(self, c)
  end,
  ["first key"] = function(self, c)
    if c == "}" then return close(self, c) end
    if c ~= '"' then return expected(self, c, "a key or '}'") end
    self.at, self.mode, self.escape = self.at + 1, "key", nil
    return true
  end,
  ["key"] = function(self, c)
    if c ~= '"' then return expected(self, c, "a key") end
    self.at, self.mode, self.escape = self.at + 1, "key", nil
    return true
  end,
  ["colon"] = function(self, c)
    if c ~= ":" then return expected(self, c, "':'") end
    self.at, self.want = self.at + 1, "value"
    return true
  end,
  ["more"] = function(self, c)
    local object = self.stack[#self.stack] == "{"
    if c == (object and "}" or "]") then return close(self, c) end
    if c ~= "," then return expected(self, c, object and "',' or '}'" or "',' or ']'") end
    self.at, self.want = self.at + 1, object and "key" or "value"
    return true
  end,
}

-- Inside a string from byte i on; gives the next byte's place.
local function in_string(self, piece, i)
  if self.escape then
    self.escape = self.escape .. piece:sub(i, i)
    self.at = self.at + 1
    local e = self.escape
    local unicode = e:sub(2, 2) == "u"
    local half = unicode and #e >= 6 and e:lower():find "^\\ud[89ab]"
    if (unicode and #e < 6) or (half and #e < 12 and ("\\u"):find(e:sub(7, 8), 1, true)) then
      return i + 1
    end
    self.escape = nil
    if half and #e == 7 then    -- a lone half, which the strict reader refuses: an ordinary byte
      self.at = self.at - 1
      return i
    end
    self.string_safe = self.at
    return i + 1
  end
  local stop = piece:find('["\\]', i)
  self.at = self.at + (stop or #piece + 1) - i
  self.string_safe = self.at
  if not stop then return #piece + 1 end
  self.at = self.at + 1
  if piece:sub(stop, stop) == "\\" then
    self.escape = "\\"
  elseif self.mode == "key" then
    self.mode, self.want = nil, "colon"
  else
    ended(self)
  end
  return stop + 1
end

local function in_number(self, piece, i)
  local stop = piece:find("[^-+.%deE]", i)
  self.number = self.number .. piece:sub(i, (stop or 0) - 1)
  self.at = self.at + (stop or #piece + 1) - i
  if stop then ended(self) end
  return stop or #piece + 1
end

local function in_word(self, piece, i)
  local c = piece:sub(i, i)
  self.matched = self.matched + 1
  if c ~= self.word:sub(self.matched, self.matched) then
    return expected(self, c, self.word)
  end
  self.at = self.at + 1
  if self.matched == #self.word then ended(self) end
  return i + 1
end

local modes = { string = in_string, key = in_string, number = in_number, word = in_word }

-- push(piece) -> the last byte of the value in this piece (0: it ended before) | nil, message.
function Scan:push(piece)
  local i = 1
  while i <= #piece and not self.done and not self.failure do
    if self.mode then
      i = modes[self.mode](self, piece, i) or i
    else
      local c = piece:sub(i, i)
      if c:find "[ \t\r\n]" then
        local stop = piece:find("[^ \t\r\n]", i) or #piece + 1
        self.at, i = self.at + stop - i, stop
      else
        local before = self.at
        structure[self.want](self, c)
        i = i + self.at - before
      end
    end
  end
  if self.failure then return nil, self.failure end
  if not self.done then return nil end
  self.rest = self.rest .. piece:sub(i)
  return i - 1
end

-- finish(): no more text comes; whether the value is complete.
function Scan:finish()
  if self.mode == "number" and #self.stack == 0 and self.number:find "%d$" then ended(self) end
  return self.done or false
end

-- open() -> what is open, from the outside in.
function Scan:open()
  local list = {}
  for i, c in ipairs(self.stack) do list[i] = c == "{" and "object" or "array" end
  list[#list + 1] = self.mode
  return list
end

-- The longest beginning of a number that is one.
local function whole_number(s)
  for n = #s, 1, -1 do
    local t = s:sub(1, n)
    local mantissa = t:gsub("[eE][-+]?%d+$", "")
    local integer = mantissa:gsub("%.%d+$", "")
    if integer:find "^-?%d+$" and not integer:find "^-?0%d" then return t end
  end
  return ""
end

-- closed(text) -> JSON of what is certain in the text pushed so far; "" when that is nothing.
function Scan:closed(text)
  local cut, tail = text:sub(1, self.safe), ""
  if self.mode == "string" then
    cut, tail = host.whole(text:sub(1, self.string_safe)), '"'
  elseif self.mode == "number" then
    local number = whole_number(self.number)
    if number ~= "" then cut = text:sub(1, self.at - #self.number) .. number end
  end
  for i = #self.stack, 1, -1 do tail = tail .. (self.stack[i] == "{" and "}" or "]") end
  if not cut:find "[^ \t\r\n]" then return "" end
  return cut .. tail
end

return { new = new }
