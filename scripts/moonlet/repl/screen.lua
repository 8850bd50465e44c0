-- screen.lua: draws a prompt and a text of several lines, and where the cursor is.
--
-- What: screen = require("moonlet.repl.screen").new(); screen:draw(lines, row, column, columns)
--   -> the bytes that make the terminal show these lines in place of those drawn before, with the
--   cursor in that line and column; screen:leave() -> the bytes that go below them.
-- How: lines longer than the terminal wrap as terminals do. Everything drawn is forgotten by
--   leave, so that what is printed next is not overwritten.
-- Sequences: ECMA-48 CUU, CUF, ED; no other state of the terminal is touched.
-- Invariant: what draw returns moves the cursor only within the rows it has drawn.

local width = require("moonlet.terminal").width

local Screen = {}
Screen.__index = Screen

local function new() return setmetatable({ row = 0, rows = 1 }, Screen) end

-- Colour sequences take no columns.
local function columns_of(text) return width((text:gsub("\27%[[%d;]*m", ""))) end

-- Rows that a line of so many columns takes; a full last row leads to another for the cursor.
local function rows_of(n, columns) return math.floor(n / columns) + 1 end

function Screen:draw(lines, row, column, columns)
  local out = { self.row > 0 and ("\27[%dA"):format(self.row) or "", "\r\27[J" }
  local at, total = 0, 0
  for i, line in ipairs(lines) do
    local n = columns_of(line)
    out[#out + 1] = (i > 1 and "\r\n" or "") .. line
    -- a terminal wraps only with the next character, so it is given one and taken back
    if n > 0 and n % columns == 0 then out[#out + 1] = " \r\27[K" end
    if i < row then at = at + rows_of(n, columns) end
    total = total + rows_of(n, columns)
  end
  at = at + math.floor(column / columns)
  if total - 1 - at > 0 then out[#out + 1] = ("\27[%dA"):format(total - 1 - at) end
  out[#out + 1] = "\r"
  if column % columns > 0 then out[#out + 1] = ("\27[%dC"):format(column % columns) end
  self.row, self.rows = at, total
  return table.concat(out)
end

function Screen:leave()
  local down = self.rows - 1 - self.row
  self.row, self.rows = 0, 1
  return (down > 0 and ("\27[%dB"):format(down) or "") .. "\r\n"
end

return { new = new, columns = columns_of }
