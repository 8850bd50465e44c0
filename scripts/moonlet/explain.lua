-- explain.lua: what a model expected at each token of a text.
--
-- What: model:explain(text or ids, { special =, top = 5, context = }) -> explanation: a list of
--   { id, piece, probability, rank, surprise (bits), top = { { id, piece, probability } ... } };
--   tostring(explanation) shows the text coloured by probability and the steps with what the model
--   would rather have had; explanation:save(path) writes it as SVG.
-- How: one pass over the text, CHUNK tokens at a time, so that memory stays small whatever the
--   vocabulary. The first token has nothing before it: its probability is nil.
-- Colours: red for a token that the model did not expect, over yellow, to green for what it did.

local host = require "moonlet.host"
local plot = require "moonlet.plot"

local CHUNK = 32

local Explanation = {}
Explanation.__index = Explanation

local function append(list, rows, ids, from, model, top)
  local probabilities = rows:softmax(2)
  for row = 1, rows.shape[1] do
    local step = list[from + row]
    if step then
      local line = probabilities[row]
      local p = line:get(ids[from + row] + 1)
      local values, places = line:topk(top)
      step.probability, step.surprise, step.top = p, -math.log(p) / math.log(2), {}
      for i = 1, top do
        local id = places:get(i) - 1
        step.top[i] = { id = id, piece = model:piece(id), probability = values:get(i) }
        if id == step.id then step.rank = i end
      end
    end
  end
end

local function explain(model, text, options)
  options = options or {}
  host.known(options, "explain", { "special", "top", "context" })
  local ids, message, code
  if type(text) == "string" then
    ids, message, code = model:encode(text, { bos = true, special = options.special or false })
    if not ids then return nil, message, code end
  elseif type(text) == "table" then
    ids = text
  else
    host.blame("explain wants a text or a list of token ids, got a " .. type(text))
  end
  if #ids == 0 then host.blame "explain: there are no tokens" end
  local top = math.min(options.top or 5, model.config.vocab_size)
  local session
  session, message, code = model:session { context = options.context, chunk = CHUNK }
  if not session then return nil, message, code end
  local self = setmetatable({}, Explanation)
  for i, id in ipairs(ids) do self[i] = { id = id, piece = model:piece(id) or "" } end
  for first = 1, #ids, CHUNK do
    local part = {}
    for i = first, math.min(first + CHUNK - 1, #ids) do part[#part + 1] = ids[i] end
    local rows
    rows, message, code = session:evaluate(part)
    if not rows then
      session:close()
      return nil, message, code
    end
    append(self, rows, ids, first, model, top)
    rows:close()
  end
  session:close()
  return self
end

-- Red, green, blue of a probability; grey where there is none.
local function rgb(p)
  if not p then return 150, 150, 150 end
  local share = math.max(0, 1 + math.log(math.max(p, 1e-4)) / math.log(1e4))  -- 1e-4 .. 1
  if share < 0.5 then return 220, math.floor(80 + 240 * share), 70 end
  return math.floor(220 - 260 * (share - 0.5)), 200, 80
end

local function shown(piece) return (host.text(piece):gsub("\n", "\\n"):gsub("%c", "?")) end

local function percent(p) return p and ("%5.1f %%"):format(100 * p) or "      -" end

function Explanation:__tostring()
  local colour = host.tty "stdout" and (os.getenv "NO_COLOR" or "") == ""
  local line, lines = {}, {}
  for i, step in ipairs(self) do
    local piece = shown(step.piece)
    local red, green, blue = rgb(step.probability)
    line[i] = colour and ("\27[38;2;%d;%d;%dm%s\27[0m"):format(red, green, blue, piece) or piece
    local others = {}
    for k, other in ipairs(step.top or {}) do
      others[k] = ("%s %.1f"):format(shown(other.piece), 100 * other.probability)
    end
    lines[i] = ("%4d %s  %-14s %s"):format(i, percent(step.probability), piece,
      table.concat(others, "  "))
  end
  return table.concat(line) .. "\n" .. table.concat(lines, "\n")
end

-- save(path) -> explanation | nil, message, code: the text as SVG, each token on its colour.
function Explanation:save(path)
  local out, x, y = {}, 10, 40
  for _, step in ipairs(self) do
    local piece = shown(step.piece)
    local width = math.max(#piece, 1) * 9 + 4
    if x + width > 790 then x, y = 10, y + 28 end
    local red, green, blue = rgb(step.probability)
    out[#out + 1] = ('<g><title>%s</title><rect x="%d" y="%d" width="%d" height="24" rx="3" '
      .. 'fill="#%02x%02x%02x"/><text x="%d" y="%d" xml:space="preserve">%s</text></g>'):format(
      percent(step.probability), x, y - 17, width, red, green, blue, x + 2, y, plot.escape(piece))
    x = x + width + 2
  end
  local file, message = io.open(path, "wb")
  if not file then return nil, message, "io" end
  local ok = file:write(('<svg xmlns="http://www.w3.org/2000/svg" width="800" height="%d" '
    .. 'font-family="monospace" font-size="15"><rect width="100%%" height="100%%" fill="#ffffff"/>'
    .. "%s</svg>\n"):format(y + 20, table.concat(out)))
  if not (file:close() and ok) then return nil, path .. ": cannot be written", "io" end
  return self
end

return { model = { explain = explain } }
