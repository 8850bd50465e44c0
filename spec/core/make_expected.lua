-- What a MobileLLM checkpoint should say to some texts, computed in doubles and plain Lua from the
-- paper's formulas: the reference that the bundled model's expected.json holds. Prints that file
-- anew for a directory's weights and the texts of its expected.json, in about half a minute:
--   build/moonlet spec/core/make_expected.lua examples/models/pocket
local json = require "moonlet.json"
local moonlet = require "moonlet"

local directory = arg[1]

local function read(name)
  local file = assert(io.open(directory .. "/" .. name, "rb"))
  return file:read "a", file:close()
end

local c = assert(json.decode((read "config.json")))
local stored = assert(moonlet.load_tensors(directory .. "/model.safetensors"))
local W = {}
for name, t in pairs(stored) do W[name] = t:to("f32"):totable() end
local hd, group = c.head_dim, c.num_attention_heads // c.num_key_value_heads

local function product(w, x)
  local y = {}
  for i = 1, #w do
    local row, sum = w[i], 0.0
    for k = 1, #x do sum = sum + row[k] * x[k] end
    y[i] = sum
  end
  return y
end

local function norm(x, w)
  local sum, y = 0.0, {}
  for i = 1, #x do sum = sum + x[i] * x[i] end
  local r = 1 / math.sqrt(sum / #x + c.rms_norm_eps)
  for i = 1, #x do y[i] = x[i] * r * w[i] end
  return y
end

local function rope(x, heads, position)
  for h = 0, heads - 1 do
    for i = 1, hd // 2 do
      local angle = position * c.rope_theta ^ (-2 * (i - 1) / hd)
      local at, cs, sn = h * hd + i, math.cos(angle), math.sin(angle)
      local a, b = x[at], x[at + hd // 2]
      x[at], x[at + hd // 2] = a * cs - b * sn, b * cs + a * sn
    end
  end
  return x
end

-- Of one token over the keys and values up to its own.
local function attend(q, keys, values)
  local out = {}
  for h = 0, c.num_attention_heads - 1 do
    local from, scores, most, sum = h // group * hd, {}, -math.huge, 0.0
    for p = 1, #keys do
      local dot = 0.0
      for i = 1, hd do dot = dot + q[h * hd + i] * keys[p][from + i] end
      scores[p] = dot / math.sqrt(hd)
      most = math.max(most, scores[p])
    end
    for p = 1, #keys do
      scores[p] = math.exp(scores[p] - most)
      sum = sum + scores[p]
    end
    for i = 1, hd do
      local mixed = 0.0
      for p = 1, #keys do mixed = mixed + scores[p] * values[p][from + i] end
      out[h * hd + i] = mixed / sum
    end
  end
  return out
end

local function plus(x, y)
  for i = 1, #x do x[i] = x[i] + y[i] end
end

-- The logits after one more token; cache: a list of keys and values for each layer.
local function step(cache, id)
  local x, position = { table.unpack(W["model.embed_tokens.weight"][id + 1]) }, #cache[1].k
  for layer = 0, c.num_hidden_layers - 1 do
    local function w(name) return W[("model.layers.%d.%s.weight"):format(layer, name)] end
    local n, kept = norm(x, w "input_layernorm"), cache[layer + 1]
    local q = rope(product(w "self_attn.q_proj", n), c.num_attention_heads, position)
    kept.k[position + 1] = rope(product(w "self_attn.k_proj", n), c.num_key_value_heads, position)
    kept.v[position + 1] = product(w "self_attn.v_proj", n)
    plus(x, product(w "self_attn.o_proj", attend(q, kept.k, kept.v)))
    n = norm(x, w "post_attention_layernorm")
    local gate, up = product(w "mlp.gate_proj", n), product(w "mlp.up_proj", n)
    for i = 1, #gate do up[i] = up[i] * gate[i] / (1 + math.exp(-gate[i])) end
    plus(x, product(w "mlp.down_proj", up))
  end
  return product(W["model.embed_tokens.weight"], norm(x, W["model.norm.weight"]))
end

local function best(logits, count)
  local order = {}
  for i = 1, #logits do order[i] = i end
  table.sort(order, function(a, b) return logits[a] > logits[b] end)
  local top = {}
  for i = 1, count do top[i] = { order[i] - 1, logits[order[i]] } end
  return top
end

local tokenizer = assert(moonlet.load(directory))
local ending = tokenizer:encode("<|end|>", { special = true, bos = false })[1]
local stops = { [c.eos_token_id] = true, [ending] = true }

local function case(text, most)
  local cache, logits = {}, nil
  for layer = 1, c.num_hidden_layers do cache[layer] = { k = {}, v = {} } end
  local prompt = tokenizer:encode(text, { special = true })
  for _, id in ipairs(prompt) do logits = step(cache, id) end
  local top, greedy = best(logits, 8), {}
  repeat
    local id = best(logits, 1)[1][1]
    greedy[#greedy + 1] = id
    if not stops[id] and #greedy < most then logits = step(cache, id) end
  until stops[id] or #greedy == most
  local said = { table.unpack(greedy, 1, #greedy - (stops[greedy[#greedy]] and 1 or 0)) }
  return { text = text, prompt = prompt, greedy = greedy, top = top,
    said = tokenizer:decode(said) }
end

local function line(one)
  local top = {}
  for i, pair in ipairs(one.top) do
    top[i] = ("[%d,%s]"):format(pair[1], (("%.6f"):format(pair[2]):gsub("0+$", "")))
  end
  local format = '  {"text":%s,"prompt":%s,"greedy":%s,"greedy_text":%s,'
    .. '"last_logits_top8":[%s]}'
  return format:format(json.encode(one.text), json.encode(one.prompt), json.encode(one.greedy),
    json.encode(one.said), table.concat(top, ","))
end

local lines = {}
for i, old in ipairs(assert(json.decode((read "expected.json"))).cases) do
  lines[i] = line(case(old.text, 40))
end
print('{"note": "float64 reference of this checkpoint; greedy stops after <|end|> or </s>",\n'
  .. ' "cases": [\n' .. table.concat(lines, ",\n") .. "\n]}")
