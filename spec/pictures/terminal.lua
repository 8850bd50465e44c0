-- terminal.lua: what a terminal shows, as SVG.
--
-- terminal.svg(screen, title) -> SVG of a screen of spec/repl/screen.lua; screens of plain text
-- come from terminal.text(lines, columns). Block elements are drawn, not written: they meet.
local escape = require "moonlet.plot".escape
local vt = require "spec.repl.screen"

local terminal = {}

local WIDE, TALL, MARGIN, BAR = 8, 17, 12, 26
local PAPER, INK = "#16181f", "#d8dbe2"

-- Sequences of "m" that the project's programs send; bright is bold here, and dim is grey.
local function look(style)
  local fg, bg, bold = INK, nil, false
  if not style then return fg, bg, bold end
  local codes = {}
  for code in style:gmatch "%d+" do codes[#codes + 1] = tonumber(code) end
  local at = 1
  while codes[at] do
    local code = codes[at]
    if (code == 38 or code == 48) and codes[at + 1] == 2 then
      local colour = ("#%02x%02x%02x"):format(codes[at + 2], codes[at + 3], codes[at + 4])
      if code == 38 then fg = colour else bg = colour end
      at = at + 4
    elseif code == 0 then fg, bg, bold = INK, nil, false
    elseif code == 1 then bold = true
    elseif code == 2 then fg = "#8a90a0"
    elseif code == 31 then fg = "#ff7a6b" end
    at = at + 1
  end
  return fg, bg, bold
end

local EIGHTHS, SHADES = {}, { ["░"] = 0.25, ["▒"] = 0.5, ["▓"] = 0.75, ["█"] = 1 }
for i, block in ipairs { "▁", "▂", "▃", "▄", "▅", "▆", "▇" } do EIGHTHS[block] = i / 8 end

-- One cell that is a block; nil for other characters.
local function block(character, fg, bg, x, y)
  local function rect(from, height, fill, opacity)
    return ('<rect x="%d" y="%.2f" width="%d" height="%.2f" fill="%s"%s/>'):format(x, y + from,
      WIDE, height, fill, opacity < 1 and (' opacity="%g"'):format(opacity) or "")
  end
  if character == "▀" then
    return rect(0, TALL / 2, fg, 1) .. (bg and rect(TALL / 2, TALL / 2, bg, 1) or "")
  end
  local part, shade = EIGHTHS[character], SHADES[character]
  if part then return rect(TALL * (1 - part), TALL * part, fg, 1) end
  return shade and rect(0, TALL, fg, shade)
end

-- A row: runs of one look as one text each, its width given, so that no font shifts what follows.
local function row(screen, number, out)
  local cells, styles = screen.rows[number], screen.styles[number] or {}
  local y, run = BAR + MARGIN + (number - 1) * TALL, nil
  local function flush()
    if run and run.text:find "%S" then
      out[#out + 1] = ('<text x="%d" y="%d" fill="%s"%s textLength="%d" '
        .. 'xml:space="preserve">%s</text>'):format(run.x, y + 13, run.fg,
        run.bold and ' font-weight="bold"' or "", run.cells * WIDE, escape(run.text))
    end
    run = nil
  end
  for column = 1, screen.columns do
    local character = cells[column]
    local fg, bg, bold = look(styles[column])
    local x = MARGIN + (column - 1) * WIDE
    local drawn = character and block(character, fg, bg, x, y)
    if bg and character == " " then
      drawn = ('<rect x="%d" y="%d" width="%d" height="%d" fill="%s"/>'):format(x, y, WIDE, TALL,
        bg)
    end
    if drawn or character == nil then
      flush()
      out[#out + 1] = drawn
    elseif run and run.fg == fg and run.bold == bold then
      run.text, run.cells = run.text .. character, run.cells + 1
    else
      flush()
      run = { text = character, cells = 1, x = x, fg = fg, bold = bold }
    end
  end
  flush()
end

function terminal.svg(screen, title)
  local rows = #screen.rows
  while rows > 1 and not next(screen.rows[rows]) do rows = rows - 1 end
  local width, height = 2 * MARGIN + screen.columns * WIDE, BAR + 2 * MARGIN + rows * TALL
  local out = {}
  for i = 1, rows do row(screen, i, out) end
  return ('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="monospace" '
    .. 'font-size="13"><rect width="100%%" height="100%%" rx="6" fill="%s"/><text x="%d" y="18" '
    .. 'fill="#8a90a0" text-anchor="middle">%s</text>%s</svg>\n'):format(width, height, PAPER,
    math.floor(width / 2), escape(title), table.concat(out, "\n"))
end

-- A screen with these lines.
function terminal.text(lines, columns)
  local screen = vt.new(columns)
  screen:put(table.concat(lines, "\r\n"))
  return screen
end

return terminal
