-- trace.lua: the inside of a forward pass: every intermediate by name, read and overwritten.
--
-- What: session:trace(ids or text, { names =, layers =, edit = }) feeds and keeps what it passes:
--   trace[name][layer] is a tensor (tokens, ...); model:attention(text, { layer =, head = }) the
--   weights of one head, (tokens, tokens); model:lens(text) what each layer would say if it were
--   the last (the logit lens, nostalgebraist 2020).
-- Names, in the order of computing; T tokens, D width, H heads, G K/V heads, K head size, F ffn:
--   embedding (T, D), layer 0; then in each layer attention_norm (T, D); q (T, H, K), k and v
--   (T, G, K); q_rope, k_rope; attention_map (H, T, positions); attention (T, H, K);
--   attention_out, the residual stream after it (T, D); mlp_norm (T, D); gate and up (T, F);
--   swiglu (T, F); residual (T, D), the stream after the block. A block run twice is two layers.
-- How: session:begin, then session:stage computes one stage at a time; peek copies out, poke in.
-- edit(name, layer, tensor) may give a tensor of that shape: the pass goes on with it. It is
--   called for every name but attention_map and k_rope: by then the keys are in the cache.

local host = require "moonlet.host"

-- stage -> the names that are ready after it, each with what peek calls it.
local ready = {
  embedding = { { "embedding", "x" } },
  attention_norm = { { "attention_norm", "h" } },
  qkv = { { "q", "q" }, { "k", "k" }, { "v", "v" } },
  rope = { { "q_rope", "q" }, { "k_rope", "k", true }, { "attention_map", nil, true } },
  attention = { { "attention", "attention" } },
  attention_out = { { "attention_out", "x" } },
  mlp_norm = { { "mlp_norm", "h" } },
  gate_up = { { "gate", "gate" }, { "up", "up" } },
  swiglu = { { "swiglu", "gate" } },
  mlp_out = { { "residual", "x" } },
}

local all = {}
for _, list in pairs(ready) do
  for _, entry in ipairs(list) do all[#all + 1] = entry[1] end
end
table.sort(all)

local function set_of(list)
  local set = {}
  for _, item in ipairs(list) do set[item] = true end
  return set
end

-- Softmax of q k^T / sqrt(K) over the positions that each token sees: (H, T, positions). first:
-- the position of the first token, from 1.
local function attention_map(session, layer, first)
  local q, keys = session:peek "q", session:peek("keys", layer)
  local moonlet = require "moonlet"
  local tokens, heads, size = q.shape[1], q.shape[2], q.shape[3]
  local positions, group = keys.shape[2], heads / keys.shape[1]
  local map = moonlet.zeros { heads, tokens, positions }
  for h = 1, heads do
    local k = keys:select(1, math.floor((h - 1) / group) + 1)
    local scores = q:select(2, h):contiguous():matmul(k:t():contiguous()) * (1 / math.sqrt(size))
    for t = 1, tokens do
      local seen = first + t - 1
      map:select(1, h):select(1, t):narrow(1, 1, seen)
        :copy(scores:select(1, t):narrow(1, 1, seen):softmax(1))
    end
  end
  return map
end

-- Puts the rows of one chunk under those of the chunks before it.
local function stack(before, rows, dim)
  if not before then return rows end
  local shape = {}
  for i, n in ipairs(rows.shape) do shape[i] = n end
  local n = before.shape[dim]
  shape[dim] = n + rows.shape[dim]
  local both = require("moonlet").zeros(shape)
  both:narrow(dim, 1, n):copy(before)
  both:narrow(dim, n + 1, rows.shape[dim]):copy(rows)
  return both
end

-- What stands at the present stage, kept and edited as the options ask.
local function visit(session, at, kept, wanted, options)
  for _, entry in ipairs(ready[at.stage] or {}) do
    local name, place, fixed = entry[1], entry[2], entry[3]
    local edit = options.edit and not fixed and options.edit
    if wanted.names[name] or edit then
      local t = place and session:peek(place) or attention_map(session, at.layer, at.first)
      local changed = edit and edit(name, at.layer, t)
      if changed then
        local ok, message = session:poke(place, changed)
        if not ok then return nil, message end
        t = changed
      end
      local map = name == "attention_map"
      if wanted.names[name] and not (map and kept[name][at.layer]) then
        kept[name][at.layer] = stack(kept[name][at.layer], t, 1)
      elseif wanted.names[name] then
        host.blame "trace: attention maps want the whole text in one chunk"
      end
    end
  end
  return true
end

local function trace(session, text, options)
  options = options or {}
  host.known(options, "trace", { "names", "layers", "edit" })
  local names = options.names or {}
  if names == "all" then names = all end
  local layers, kept = options.layers and set_of(options.layers), {}
  local wanted = { names = set_of(names), layers = layers }
  for _, name in ipairs(names) do
    local ok, message = pcall(host.known, { [name] = true }, "trace", all)
    if not ok then host.blame((message:gsub("no option", "no name"))) end
    kept[name] = {}
  end
  local ok, message, code = session:begin(text)
  if not ok then return nil, message, code end
  while true do
    local at = {}
    at.stage, at.layer, at.first = session:stage()
    if at.stage == false then break end
    if not at.stage then return nil, at.layer, at.first end
    if at.stage == "embedding" then at.layer = 0 end
    if not wanted.layers or wanted.layers[at.layer] or at.stage == "embedding" then
      local good, why, stop = pcall(visit, session, at, kept, wanted, options)
      if not good or not why then
        session:cancel()
        session:stage()
        host.blame(tostring(good and stop or why))
      end
    end
  end
  return kept
end

-- ---- models ----

local function ids_of(model, text, options)
  if type(text) == "table" then return text end
  return model:encode(text, { bos = true, special = options.special or false })
end

local function pieces_of(model, ids)
  local pieces = {}
  for i, id in ipairs(ids) do
    local piece = model:piece(id) or ""
    pieces[i] = host.text(piece == "" and "(" .. id .. ")" or piece):gsub("\n", "\\n")
  end
  return pieces
end

-- A session of its own for a text: trace, ids | nil, message, code.
local function traced(model, text, options, names, layers)
  local ids, message, code = ids_of(model, text, options)
  if not ids then return nil, message, code end
  if #ids == 0 then host.blame "trace: there are no tokens" end
  local session
  session, message, code = model:session { context = options.context, chunk = #ids }
  if not session then return nil, message, code end
  local kept
  kept, message, code = session:trace(ids, { names = names, layers = layers })
  session:close()
  if not kept then return nil, message, code end
  return kept, ids
end

-- attention(text, { layer = 1, head = 1, special =, context = }) -> the weights (tokens, tokens):
-- row by row what a token looks at; and the pieces, for labels. head = "mean": over all heads.
local function attention(model, text, options)
  options = options or {}
  host.known(options, "attention", { "layer", "head", "special", "context" })
  local layer, head = options.layer or 1, options.head or 1
  local kept, ids, code = traced(model, text, options, { "attention_map" }, { layer })
  if not kept then return nil, ids, code end
  local map = kept.attention_map[layer]
  if not map then host.blame(("attention: the model has no layer %s"):format(tostring(layer))) end
  if head ~= "mean" and (type(head) ~= "number" or head < 1 or head > map.shape[1]) then
    host.blame(("attention: head is 1 to %d or \"mean\""):format(map.shape[1]))
  end
  return head == "mean" and map:mean(1) or map:select(1, head):contiguous(), pieces_of(model, ids)
end

local Lens = {}
Lens.__index = Lens

-- The model's last norm and head, on rows (n, D): probabilities (n, V).
local function decode(model, rows, norm, head)
  local eps, D = model.config.rms_norm_eps, rows.shape[2]
  local rms = ((rows * rows):sum(2) * (1 / D) + eps):sqrt():view(rows.shape[1], 1)
  return (rows / rms * norm):matmul(head):softmax(2)
end

-- lens(text, { special =, context = }) -> lens: lens[layer][token] = { id, piece, probability };
-- tostring shows a line a layer, the model's own answer last.
local function lens(model, text, options)
  options = options or {}
  host.known(options, "lens", { "special", "context" })
  local kept, ids, code = traced(model, text, options, { "residual" })
  if not kept then return nil, ids, code end
  local parameters = model:parameters()
  local norm = parameters["model.norm.weight"]:to "f32"
  local head = (parameters["lm_head.weight"] or parameters["model.embed_tokens.weight"])
    :to("f32"):t():contiguous()
  local self = setmetatable({ tokens = pieces_of(model, ids) }, Lens)
  for layer = 1, #kept.residual do
    local p = decode(model, kept.residual[layer], norm, head)
    local values, places = p:topk(1)
    self[layer] = {}
    for t = 1, #ids do
      local id = places:get(t, 1) - 1
      self[layer][t] = { id = id, piece = pieces_of(model, { id })[1],
        probability = values:get(t, 1) }
    end
  end
  return self
end

local function cell(text)
  local width = require("moonlet.terminal").width
  local room = 11
  while width(text) > room do text = text:gsub("[%z\1-\127\194-\244][\128-\191]*$", "") end
  return text .. (" "):rep(room - width(text) + 1)
end

function Lens:__tostring()
  local lines = { "      " }
  for _, piece in ipairs(self.tokens) do lines[1] = lines[1] .. cell(piece) end
  for layer, steps in ipairs(self) do
    local line = { ("%4d  "):format(layer) }
    for _, step in ipairs(steps) do line[#line + 1] = cell(step.piece) end
    lines[#lines + 1] = table.concat(line)
  end
  return (table.concat(lines, "\n"):gsub(" +%f[\n%z]", ""))
end

return {
  names = all,
  session = { trace = trace },
  model = { attention = attention, lens = lens },
}
