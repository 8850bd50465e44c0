-- Random-weight checkpoints of the official MobileLLM shapes, for measuring speed.
local moonlet = require "moonlet"

local SHAPES = {                -- layers, heads, kv heads, dim, ffn
  ["125M"] = { 30, 9, 3, 576, 1536 },
  ["350M"] = { 32, 15, 5, 960, 2560 },
  ["600M"] = { 40, 18, 6, 1152, 3072 },
  ["1B"] = { 54, 20, 5, 1280, 3584 },
}
local VOCABULARY, HEAD = 32000, 64

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

local function exists(path)
  local file = io.open(path, "rb")
  return file ~= nil and file:close()
end

local function config(shape)
  return ([[{"model_type": "mobilellm", "num_hidden_layers": %d, "num_attention_heads": %d,
"num_key_value_heads": %d, "hidden_size": %d, "intermediate_size": %d, "vocab_size": %d,
"head_dim": %d, "share_embedding": true, "max_position_embeddings": 2048,
"rms_norm_eps": 1e-5, "bos_token_id": 1, "eos_token_id": 2}
]]):format(shape[1], shape[2], shape[3], shape[4], shape[5], VOCABULARY, HEAD)
end

local checkpoint

-- The directory, with the model's weights in that type, calibrated with the texts if there are any.
local function quantised(from, dir, dtype, texts)
  local quantizer = assert(moonlet.quantizer(from, dir, { dtype = dtype }))
  for _, text in ipairs(texts or {}) do assert(quantizer:calibrate(text)) end
  local name, message
  repeat
    name, message = quantizer:step()
    if name == nil then error(message) end
  until name == false
  quantizer:close()
  return dir
end

-- The directory of a checkpoint of that size and dtype, made below `root` if it is not there.
function checkpoint(root, size, dtype)
  local layers, heads, kv, dim, ffn = table.unpack(SHAPES[size])
  local dir = ("%s/%s-%s"):format(root, size, dtype)
  if exists(dir .. "/config.json") then return dir end
  if dtype:match "^q" then return quantised(checkpoint(root, size, "bf16"), dir, dtype) end
  os.execute(("mkdir -p '%s'"):format(dir))
  local tensors, seed = {}, 0
  local function normal(name, rows, columns)
    seed = seed + 1
    local t = moonlet.randn({ rows, columns }, { seed = seed }) * 0.02
    tensors[name .. ".weight"] = t:to(dtype)
  end
  local function ones(name)
    tensors[name .. ".weight"] = moonlet.ones({ dim }, { dtype = dtype })
  end
  normal("model.embed_tokens", VOCABULARY, dim)
  for i = 0, layers - 1 do
    local layer = "model.layers." .. i .. "."
    ones(layer .. "input_layernorm")
    ones(layer .. "post_attention_layernorm")
    normal(layer .. "self_attn.q_proj", heads * HEAD, dim)
    normal(layer .. "self_attn.k_proj", kv * HEAD, dim)
    normal(layer .. "self_attn.v_proj", kv * HEAD, dim)
    normal(layer .. "self_attn.o_proj", dim, heads * HEAD)
    normal(layer .. "mlp.gate_proj", ffn, dim)
    normal(layer .. "mlp.up_proj", ffn, dim)
    normal(layer .. "mlp.down_proj", dim, ffn)
  end
  ones "model.norm"
  assert(moonlet.save_tensors(dir .. "/model.safetensors", tensors))
  write(dir .. "/config.json", config(SHAPES[size]))    -- last: it says that the rest is whole
  return dir
end

return { checkpoint = checkpoint, quantised = quantised }
