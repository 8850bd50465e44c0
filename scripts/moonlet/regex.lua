-- regex.lua: regular expressions as JSON Schema means them (ECMA-262, Unicode mode).
--
-- What: regex.compile(pattern) -> matcher | nil, message; matcher(text) -> whether it is found
--   anywhere in the text | nil, message when that takes too many steps.
-- How: a tree of nodes, matched by backtracking over code points with continuations.
-- Invariant: what it does not know (back-references, lookbehind, \p{...}, flags) is refused by
--   name; work is bounded.

local host = require "moonlet.host"

local deepest, most_steps, most_repeats = 100, 200000, 10000

-- ---- sets of code points ----

local function range(list, negated)
  return function(c)
    for i = 1, #list, 2 do
      if c >= list[i] and c <= list[i + 1] then return not negated end
    end
    return negated or false
  end
end

local digit = { 48, 57 }
local word = { 48, 57, 65, 90, 95, 95, 97, 122 }
local space = { 9, 13, 32, 32, 0xA0, 0xA0, 0x1680, 0x1680, 0x2000, 0x200A, 0x2028, 0x2029,
  0x202F, 0x202F, 0x205F, 0x205F, 0x3000, 0x3000, 0xFEFF, 0xFEFF }
local line_end = { 10, 10, 13, 13, 0x2028, 0x2029 }
local classes = { d = digit, w = word, s = space }
local controls = { t = 9, n = 10, v = 11, f = 12, r = 13, ["0"] = 0 }
local is_word = range(word)

local function complement(list)
  local out, from = {}, 0
  for i = 1, #list, 2 do
    if list[i] > from then out[#out + 1], out[#out + 2] = from, list[i] - 1 end
    from = list[i + 1] + 1
  end
  out[#out + 1], out[#out + 2] = from, 0x10FFFF
  return out
end

-- The code points of valid UTF-8.
local function points(text)
  local out = {}
  for c in host.text(text):gmatch "[%z\1-\127\194-\244][\128-\191]*" do
    local first = c:byte()
    if first < 0x80 then out[#out + 1] = first
    else
      local code = #c == 2 and first - 0xC0 or #c == 3 and first - 0xE0 or first - 0xF0
      for i = 2, #c do code = code * 64 + c:byte(i) - 128 end
      out[#out + 1] = code
    end
  end
  return out
end

-- ---- reading a pattern ----

local Reader = {}
Reader.__index = Reader

local function refuse(why) error({ why = why }, 0) end

function Reader:peek(n)
  local c = self.code[self.at + (n or 0)]
  return c and c < 128 and string.char(c) or c and "\1" or nil
end

function Reader:accept(c)
  if self:peek() ~= c then return false end
  self.at = self.at + 1
  return true
end

function Reader:hex(n)
  local text = ""
  for _ = 1, n do
    local c = self:peek()
    if not c or not c:find "%x" then refuse "a hexadecimal escape wants more digits" end
    text = text .. c
    self.at = self.at + 1
  end
  return tonumber(text, 16)
end

function Reader:unicode()
  if self:accept "{" then
    local text = ""
    while self:peek() and self:peek():find "%x" do
      text = text .. self:peek()
      self.at = self.at + 1
    end
    if not self:accept "}" or text == "" or #text > 6 then refuse "\\u{...} is malformed" end
    return tonumber(text, 16)
  end
  local code = self:hex(4)
  local high, second = code >= 0xD800 and code < 0xDC00, self.at
  if high and self:peek() == "\\" and self:peek(1) == "u" and self:peek(2) ~= "{" then
    self.at = self.at + 2
    local low = self:hex(4)
    if low >= 0xDC00 and low < 0xE000 then
      return 0x10000 + (code - 0xD800) * 1024 + low - 0xDC00
    end
    self.at = second            -- a character of its own behind a lone surrogate
  end
  return code
end

-- Behind a backslash: a set (a list of ranges), or a code point.
function Reader:escape(in_class)
  local c = self:peek()
  if not c then refuse "the pattern ends in a backslash" end
  self.at = self.at + 1
  if classes[c] then return classes[c] end
  if classes[c:lower()] and c ~= "\1" then return complement(classes[c:lower()]) end
  if c == "u" then return self:unicode() end
  if c == "x" then return self:hex(2) end
  if c == "c" then
    local letter = self:peek()
    if not letter or not letter:find "%a" then refuse "\\c wants a letter" end
    self.at = self.at + 1
    return letter:upper():byte() - 64
  end
  if c == "b" and in_class then return 8 end
  if c == "0" and self:peek() and self:peek():find "%d" then refuse "octal escapes" end
  if controls[c] then return controls[c] end
  if c == "p" or c == "P" then refuse "\\p{...}: Unicode properties" end
  if c == "k" or c:find "%d" then refuse "back-references" end
  if c:find "[%^%$\\%.%*%+%?%(%)%[%]{}|/%-]" then return c:byte() end
  return refuse("\\" .. c .. " is no escape of ECMA-262")
end

-- One member of a class: a set, or a code point.
function Reader:member()
  local code = self.code[self.at]
  if not code then refuse "a class without ]" end
  self.at = self.at + 1
  return code == 92 and self:escape(true) or code
end

function Reader:class()
  local negated, list = self:accept "^", {}
  local function add(first, last)
    if type(first) ~= "table" then first = { first, last } end
    for _, c in ipairs(first) do list[#list + 1] = c end
  end
  while not self:accept "]" do
    local from = self:member()
    if self:peek() == "-" and self:peek(1) and self:peek(1) ~= "]" then
      self.at = self.at + 1
      local to = self:member()
      if type(from) == "table" or type(to) == "table" then
        add(from, from)         -- no range: both, and the dash, as engines have it
        add(45, 45)
        add(to, to)
      else
        if to < from then refuse "a range in a class is out of order" end
        add(from, to)
      end
    else
      add(from, from)
    end
  end
  return { kind = "set", test = range(list, negated) }
end

function Reader:group()
  self.depth = self.depth + 1
  if self.depth > deepest then refuse "groups nested too deeply" end
  local kind = "group"
  if self:accept "?" then
    if self:accept "=" then kind = "ahead"
    elseif self:accept "!" then kind = "not_ahead"
    elseif self:accept "<" then
      if self:peek() == "=" or self:peek() == "!" then refuse "lookbehind" end
      while self:peek() and self:peek() ~= ">" do self.at = self.at + 1 end
      if not self:accept ">" then refuse "a group's name without >" end
    elseif not self:accept ":" then refuse "flags in a group" end
  end
  local body = self:alternatives()
  if not self:accept ")" then refuse "a group without )" end
  self.depth = self.depth - 1
  return kind == "group" and body or { kind = kind, body }
end

function Reader:atom()
  local c, code = self:peek(), self.code[self.at]
  self.at = self.at + 1
  if c == "(" then return self:group() end
  if c == "[" then return self:class() end
  if c == "." then return { kind = "set", test = range(line_end, true) } end
  if c == "^" then return { kind = "first" } end
  if c == "$" then return { kind = "last" } end
  if c == "*" or c == "+" or c == "?" then refuse("nothing to repeat before " .. c) end
  if c ~= "\\" then return { kind = "set", test = range { code, code } } end
  if self:accept "b" then return { kind = "border" } end
  if self:accept "B" then return { kind = "no_border" } end
  local set = self:escape(false)
  return { kind = "set", test = range(type(set) == "table" and set or { set, set }) }
end

-- {n}, {n,}, {n,m}; nil when the brace is an ordinary character.
function Reader:counts()
  local text, at = "", self.at + 1
  while self.code[at] and self.code[at] < 128 and self.code[at] ~= 125 do
    text, at = text .. string.char(self.code[at]), at + 1
  end
  if self.code[at] ~= 125 then return nil end
  local least, comma, most = text:match "^(%d+)(,?)(%d*)$"
  if not least then return nil end
  self.at = at + 1
  least = tonumber(least)
  most = comma == "" and least or most == "" and math.huge or tonumber(most)
  if least > most_repeats or (most ~= math.huge and most > most_repeats) then
    refuse("more than " .. most_repeats .. " repetitions")
  end
  if most < least then refuse "a repetition's bounds are out of order" end
  return least, most
end

-- *, +, ? or counts; nil when none stands here. Lazy or not, what is found is the same.
function Reader:quantifier()
  local c, least, most = self:peek(), nil, nil
  if c == "*" then least, most = 0, math.huge
  elseif c == "+" then least, most = 1, math.huge
  elseif c == "?" then least, most = 0, 1
  elseif c == "{" then least, most = self:counts() end
  if not least then return nil end
  if c ~= "{" then self.at = self.at + 1 end
  self:accept "?"
  return least, most
end

function Reader:term()
  local node = self:atom()
  local least, most = self:quantifier()
  if not least then return node end
  if self:quantifier() then refuse "nothing to repeat" end
  return { kind = "repeat", node, least = least, most = most }
end

function Reader:alternatives()
  local choices = {}
  repeat
    local sequence = { kind = "sequence" }
    while self:peek() and self:peek() ~= "|" and self:peek() ~= ")" do
      sequence[#sequence + 1] = self:term()
    end
    choices[#choices + 1] = sequence
  until not self:accept "|"
  if #choices == 1 then return choices[1] end
  choices.kind = "choice"
  return choices
end

-- ---- matching ----

-- match[kind](node, s, i, k): whether node matches at i so that k(end) holds.
local match = {}

local function go(node, s, i, k)
  s.steps = s.steps - 1
  if s.steps < 0 then refuse "matching takes too many steps" end
  return match[node.kind](node, s, i, k)
end

function match.set(node, s, i, k)
  return s[i] ~= nil and node.test(s[i]) and k(i + 1)
end

function match.first(_, _, i, k) return i == 1 and k(i) end
function match.last(_, s, i, k) return s[i] == nil and k(i) end

local function at_border(s, i)
  local before, after = s[i - 1], s[i]
  return (before ~= nil and is_word(before)) ~= (after ~= nil and is_word(after))
end
function match.border(_, s, i, k) return at_border(s, i) and k(i) end
function match.no_border(_, s, i, k) return not at_border(s, i) and k(i) end

local function yes() return true end
function match.ahead(node, s, i, k) return go(node[1], s, i, yes) and k(i) end
function match.not_ahead(node, s, i, k) return not go(node[1], s, i, yes) and k(i) end

function match.sequence(node, s, i, k)
  local function from(n, at)
    if n > #node then return k(at) end
    return go(node[n], s, at, function(stop) return from(n + 1, stop) end)
  end
  return from(1, i)
end

function match.choice(node, s, i, k)
  for _, body in ipairs(node) do
    if go(body, s, i, k) then return true end
  end
  return false
end

-- Of single characters: as many as there are, then fewer.
local function repeat_set(node, s, i, k)
  local test, stop = node[1].test, i
  while stop - i < node.most and s[stop] ~= nil and test(s[stop]) do stop = stop + 1 end
  s.steps = s.steps - (stop - i)
  for at = stop, i + node.least, -1 do
    s.steps = s.steps - 1
    if s.steps < 0 then refuse "matching takes too many steps" end
    if k(at) then return true end
  end
  return false
end

match["repeat"] = function(node, s, i, k)
  if node[1].kind == "set" then return repeat_set(node, s, i, k) end
  local function try(at, n)
    if n < node.most and go(node[1], s, at, function(stop)
      return (stop ~= at or n < node.least) and try(stop, n + 1)
    end) then return true end
    return n >= node.least and k(at)
  end
  return try(i, 0)
end

local function guarded(f, ...)
  local ok, result = pcall(f, ...)
  if ok then return result end
  if type(result) == "table" and result.why then return nil, "regex: " .. result.why end
  return nil, "regex: the text is too long for this pattern"
end

local function search(tree, text)
  local s = points(text)
  s.steps = most_steps
  for i = 1, #s + 1 do
    if go(tree, s, i, yes) then return true end
  end
  return false
end

-- compile(pattern) -> function(text) -> true, false | nil, message.
local function compile(pattern)
  local reader = setmetatable({ code = points(pattern), at = 1, depth = 0 }, Reader)
  local tree, why = guarded(function()
    local tree = reader:alternatives()
    if reader:peek() then refuse "a ) too many" end
    return tree
  end)
  if not tree then return nil, why .. " (in " .. pattern .. ")" end
  return function(text) return guarded(search, tree, text) end
end

return { compile = compile }
