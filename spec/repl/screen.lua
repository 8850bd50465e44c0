-- screen.lua: a terminal as far as the REPL uses one: what its rows show after some bytes.
--
-- screen.new(columns) -> s; s:put(bytes); s:text() -> the rows, joined; s.row, s.column (from 1);
-- s.rows[row][column] a character, s.styles[row][column] what "m" sequences said of it, or nil.
-- Knows CR, LF, printable text with wrapping, CUU, CUD, CUF, ED, EL, CUP and colours.
require "moonlet"
local width = require("moonlet.terminal").width

local Screen = {}
Screen.__index = Screen

local function new(columns)
  return setmetatable({ columns = columns, rows = { {} }, styles = {}, row = 1, column = 1,
    rest = "" }, Screen)
end

function Screen:line(n)
  while #self.rows < n do self.rows[#self.rows + 1] = {} end
  return self.rows[n]
end

local function clear_from(line, column)
  for c in pairs(line) do if c >= column then line[c] = nil end end
end

local csi = {
  A = function(s, n) s.row = math.max(1, s.row - n) end,
  B = function(s, n) s.row = s.row + n end,
  C = function(s, n) s.column = math.min(s.columns, s.column + n) end,
  H = function(s) s.row, s.column = 1, 1 end,
  J = function(s, _, text)
    if text == "2" then s.rows = { {} } return end
    clear_from(s:line(s.row), s.column)
    for i = s.row + 1, #s.rows do s.rows[i] = {} end
  end,
  K = function(s) clear_from(s:line(s.row), s.column) end,
  m = function(s, _, text)
    local reset = text == "" or text == "0"
    s.style = not reset and (s.style and s.style .. ";" or "") .. text or nil
  end,
  h = function() end, l = function() end,
}

function Screen:put(bytes)
  bytes = self.rest .. bytes
  local at = 1
  while at <= #bytes do
    local parameters, final, past = bytes:match("^\27%[([%d;?]*)(%a)()", at)
    local character, stop = bytes:match("^([%z\1-\127\194-\244][\128-\191]*)()", at)
    if final then
      assert(csi[final], "unknown sequence " .. final)(self, tonumber(parameters) or 1, parameters)
      at = past
    elseif bytes:sub(at, at) == "\27" then break
    elseif bytes:sub(at, at) == "\r" then self.column, at = 1, at + 1
    elseif bytes:sub(at, at) == "\n" then self.row, at = self.row + 1, at + 1
    else
      character, stop = character or "?", stop or at + 1
      local w = width(character)
      if self.column + w - 1 > self.columns then self.row, self.column = self.row + 1, 1 end
      if w > 0 then
        self:line(self.row)[self.column] = character
        self.styles[self.row] = self.styles[self.row] or {}
        self.styles[self.row][self.column] = self.style
      end
      for c = self.column + 1, self.column + w - 1 do self:line(self.row)[c] = "" end
      self.column, at = self.column + w, stop
    end
    self:line(self.row)
  end
  self.rest = bytes:sub(at)
end

function Screen:text()
  local lines = {}
  for i, line in ipairs(self.rows) do
    local last, cells = 0, {}
    for c in pairs(line) do last = math.max(last, c) end
    for c = 1, last do cells[c] = line[c] or " " end
    lines[i] = table.concat(cells)
  end
  return table.concat(lines, "\n")
end

return { new = new }
