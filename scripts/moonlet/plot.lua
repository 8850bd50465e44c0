-- plot.lua: tensors as pictures: in the terminal, and as SVG.
--
-- What: t:plot(options) -> a picture; tostring(picture) draws it with Unicode blocks, picture:svg()
--   gives SVG text, picture:save(path) writes it. options: kind = "heat", "histogram" or "line"
--   (default by rank: 2 heat, 1 line, else histogram), title, columns and rows (most cells, 72 and
--   36), colour (default: NO_COLOR unset and stdout a terminal), labels = { texts of the rows }.
-- How: a heat map's cell is the mean of the elements that fall into it, a line's point too;
--   whatever the tensor's size, only those means become Lua numbers. Values without a sign go from
--   dark to bright; with both signs from blue over dark to red, zero in the middle, so that a
--   colour means the same size on both sides.
-- Invariant: NaN cells are drawn as such and count in no range; the tensor is not changed.

local host = require "moonlet.host"

local COLUMNS = 72              -- of a picture in the terminal

local plot = {}

local Picture = {}
Picture.__index = Picture

-- ---- numbers ----

local function finite(x) return x == x and x ~= math.huge and x ~= -math.huge end

local function range(values)
  local least, most = math.huge, -math.huge
  for _, x in ipairs(values) do
    if finite(x) then least, most = math.min(least, x), math.max(most, x) end
  end
  if least > most then least, most = 0, 0 end
  return least, most
end

local function number(x) return ("%.4g"):format(x) end

-- Where part i of n begins among `count` elements: from 1, the last part ends with the last.
local function part(i, n, count)
  local first = math.floor((i - 1) * count / n) + 1
  return first, math.floor(i * count / n) - first + 1
end

-- ---- pictures of three kinds ----

-- cells[row][column]: means of a matrix cut into at most rows x columns parts.
local function heat_cells(t, rows, columns)
  local height, width = t.shape[1], t.shape[2]
  rows, columns = math.min(rows, height), math.min(columns, width)
  local cells = {}
  for r = 1, rows do
    local first, n = part(r, rows, height)
    local line = t:narrow(1, first, n):mean(1)
    cells[r] = {}
    for c = 1, columns do
      local at, m = part(c, columns, width)
      cells[r][c] = line:narrow(1, at, m):mean():item()
    end
  end
  return cells
end

-- The label of each row of cells: that of the first row in it.
local function row_labels(labels, rows, height)
  local list = {}
  for r = 1, rows do list[r] = tostring(labels[(part(r, rows, height))] or "") end
  return list
end

local function flat(t) return t:contiguous():view(t:count()) end

-- Means of at most n parts of all elements, in a line.
local function line_points(t, n)
  local all, list = flat(t), {}
  n = math.min(n, #all)
  for i = 1, n do
    local first, m = part(i, n, #all)
    list[i] = all:narrow(1, first, m):mean():item()
  end
  return list
end

local kinds = { heat = true, histogram = true, line = true }

local function new(t, options)
  options = options or {}
  host.known(options, "plot", { "kind", "title", "columns", "rows", "colour", "labels" })
  local rank = #t.shape
  local kind = options.kind or rank == 2 and "heat" or rank == 1 and "line" or "histogram"
  if not kinds[kind] then
    host.blame(("plot: kind is heat, histogram or line, got '%s'"):format(tostring(kind)))
  end
  if kind == "heat" and rank ~= 2 then
    host.blame(("plot: a heat map wants 2 dims, the tensor has %d"):format(rank))
  end
  if t:count() == 0 then host.blame "plot: the tensor is empty" end
  local columns, rows = options.columns or COLUMNS, options.rows or 36
  local self = setmetatable({ kind = kind, title = options.title, shape = t.shape,
    colour = options.colour }, Picture)
  if self.colour == nil then
    self.colour = host.tty "stdout" and (os.getenv "NO_COLOR" or "") == ""
  end
  if kind == "heat" then
    self.cells = heat_cells(t, rows, columns)
    self.labels = options.labels and row_labels(options.labels, #self.cells, t.shape[1])
    local all = {}
    for _, line in ipairs(self.cells) do for _, x in ipairs(line) do all[#all + 1] = x end end
    self.least, self.most = range(all)
  elseif kind == "histogram" then
    self.bars, self.least, self.most = t:histogram(math.min(columns, 60))
  else
    self.bars = line_points(t, columns)
    self.least, self.most = range(self.bars)
  end
  return self
end

-- ---- colours ----

local function mix(a, b, share)
  local function at(i) return math.floor(a[i] + (b[i] - a[i]) * share + 0.5) end
  return at(1), at(2), at(3)
end

local DARK, BRIGHT, BLUE, RED = { 24, 26, 36 }, { 250, 228, 120 }, { 70, 150, 255 }, { 255, 90, 70 }

-- The colour of a value in a picture's range: red, green, blue of 0..255; grey for NaN.
function Picture:rgb(x)
  if not finite(x) then return 128, 128, 128 end
  if self.least < 0 and self.most > 0 then
    local far = math.max(-self.least, self.most)
    return mix(DARK, x < 0 and BLUE or RED, math.abs(x) / far)
  end
  local span = self.most - self.least
  return mix(DARK, BRIGHT, span > 0 and (x - self.least) / span or 0)
end

-- ---- in the terminal ----

local SHADES = { " ", "░", "▒", "▓", "█" }
local EIGHTHS = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" }

-- In colour: a row of cells to a line, each two columns wide if that fits, where rows have labels;
-- else two rows to a line, upper halves over lower ones. Shades where there is no colour.
function Picture:heat_lines()
  local lines, cells = {}, self.cells
  if self.colour and self.labels then
    local blank = (" "):rep(2 * #cells[1] <= COLUMNS and 2 or 1)
    for r, row in ipairs(cells) do
      local line = {}
      for c, x in ipairs(row) do line[c] = ("\27[48;2;%d;%d;%dm"):format(self:rgb(x)) .. blank end
      lines[r] = table.concat(line) .. "\27[0m"
    end
    return lines
  end
  if self.colour then
    for r = 1, #cells, 2 do
      local line = {}
      for c, x in ipairs(cells[r]) do
        local below = cells[r + 1] and cells[r + 1][c]
        line[c] = ("\27[38;2;%d;%d;%dm"):format(self:rgb(x))
          .. (below and ("\27[48;2;%d;%d;%dm"):format(self:rgb(below)) or "") .. "▀"
      end
      lines[#lines + 1] = table.concat(line) .. "\27[0m"
    end
    return lines
  end
  local far = math.max(math.abs(self.least), math.abs(self.most))
  local signed = self.least < 0 and self.most > 0
  for r, row in ipairs(cells) do
    local line = {}
    for c, x in ipairs(row) do
      local span = signed and far or self.most - self.least
      local share = span > 0 and (signed and math.abs(x) or x - self.least) / span or 0
      line[c] = finite(x) and SHADES[math.min(math.floor(share * 5) + 1, 5)] or "?"
    end
    lines[r] = table.concat(line)
  end
  return lines
end

local HEIGHT = 8                -- lines of a histogram or a line

function Picture:bar_lines()
  local bars, lines = self.bars, {}
  local least, most = range(bars)
  if self.kind == "histogram" then least = 0 end
  for level = HEIGHT, 1, -1 do
    local line = {}
    for i, x in ipairs(bars) do
      local share = finite(x) and (most > least and (x - least) / (most - least) or 0.5) or 0
      local eighths = math.floor(share * HEIGHT * 8 + 0.5) - (level - 1) * 8
      if level == 1 and x ~= 0 then eighths = math.max(eighths, 1) end
      line[i] = eighths >= 8 and "█" or eighths >= 1 and EIGHTHS[eighths] or " "
    end
    lines[#lines + 1] = (table.concat(line):gsub("%s+$", ""))
  end
  return lines
end

local function joined(shape)
  local texts = {}
  for i, n in ipairs(shape) do texts[i] = ("%d"):format(n) end
  return "(" .. table.concat(texts, ", ") .. ")"
end

function Picture:caption()
  return ("%s%s %s, %s to %s"):format(self.title and self.title .. ": " or "", self.kind,
    joined(self.shape), number(self.least), number(self.most))
end

function Picture:__tostring()
  local lines = self.kind == "heat" and self:heat_lines() or self:bar_lines()
  if self.labels then
    for r, line in ipairs(lines) do lines[r] = line .. "  " .. self.labels[r] end
  end
  table.insert(lines, 1, self:caption())
  return table.concat(lines, "\n")
end

-- ---- SVG ----

local function escape(text)
  return (host.text(text):gsub("[&<>\"%c]", function(c)
    local names = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }
    return names[c] or " "
  end))
end

plot.escape = escape

-- svg() -> the picture as SVG 1.1 text.
function Picture:svg()
  local out = {}
  local function add(form, ...) out[#out + 1] = form:format(...) end
  local margin, top = self.labels and 120 or 10, 28
  local width, height
  if self.kind == "heat" then
    local cells = self.cells
    local size = math.max(4, math.min(24, math.floor(720 / math.max(#cells, #cells[1]))))
    width, height = margin + #cells[1] * size + 10, top + #cells * size + 10
    for r, line in ipairs(cells) do
      for c, x in ipairs(line) do
        local red, green, blue = self:rgb(x)
        add('<rect x="%d" y="%d" width="%d" height="%d" fill="#%02x%02x%02x">'
          .. "<title>%s</title></rect>", margin + (c - 1) * size, top + (r - 1) * size,
          size, size, red, green, blue, number(x))
      end
      if self.labels then
        add('<text x="%d" y="%d" text-anchor="end">%s</text>', margin - 6,
          top + math.floor((r - 0.5) * size) + 4, escape(self.labels[r]))
      end
    end
  else
    local n, least, most = #self.bars, range(self.bars)
    if self.kind == "histogram" then least = 0 end
    local step, tall = math.max(4, math.floor(720 / n)), 200
    width, height = margin + n * step + 10, top + tall + 10
    local span = most > least and most - least or 1
    local points = {}
    for i, x in ipairs(self.bars) do
      local y = finite(x) and (x - least) / span * tall or 0
      if self.kind == "histogram" then
        add('<rect x="%d" y="%.1f" width="%d" height="%.1f" fill="#4682b4"/>',
          margin + (i - 1) * step, top + tall - y, step - 1, y)
      else
        points[i] = ("%d,%.1f"):format(margin + (i - 1) * step, top + tall - y)
      end
    end
    if #points > 0 then
      add('<polyline fill="none" stroke="#4682b4" stroke-width="1.5" points="%s"/>',
        table.concat(points, " "))
    end
  end
  return ('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" '
    .. 'font-size="12"><rect width="100%%" height="100%%" fill="#ffffff"/>'
    .. '<text x="10" y="18">%s</text>%s</svg>\n'):format(width, height, escape(self:caption()),
    table.concat(out))
end

-- save(path) -> picture | nil, message, code: writes it as SVG.
function Picture:save(path)
  local file, message = io.open(path, "wb")
  if not file then return nil, message, "io" end
  local ok = file:write(self:svg())
  if not (file:close() and ok) then return nil, path .. ": cannot be written", "io" end
  return self
end

plot.new = new
plot.tensor = { plot = new }

return plot
