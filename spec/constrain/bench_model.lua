-- A model that is next to nothing but its vocabulary: constraints look at the tokenizer alone.
local support = require "spec.support"
local moonlet = require "moonlet"

local bench_model = {}

-- Of the bytes of a tokenizer.model with V pieces; ids 1 and 2 begin and end a text. forget()
-- removes its folder.
function bench_model.with(tokenizer, V)
  local folder, forget = support.folder()
  local D, F = 8, 8
  support.write(folder .. "/tokenizer.model", tokenizer)
  support.write(folder .. "/config.json", ([[{"model_type": "mobilellm", "hidden_size": %d,
    "num_attention_heads": 1, "num_key_value_heads": 1, "num_hidden_layers": 1,
    "intermediate_size": %d, "vocab_size": %d, "max_position_embeddings": 256,
    "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "share_embedding": true,
    "bos_token_id": 1, "eos_token_id": 2}]]):format(D, F, V))
  local layer, t = "model.layers.0.", {}
  t["model.embed_tokens.weight"] = moonlet.randn({ V, D }, { seed = 1 })
  t["model.norm.weight"] = moonlet.ones(D)
  t[layer .. "input_layernorm.weight"] = moonlet.ones(D)
  t[layer .. "post_attention_layernorm.weight"] = moonlet.ones(D)
  for _, name in ipairs { "q_proj", "k_proj", "v_proj", "o_proj" } do
    t[layer .. "self_attn." .. name .. ".weight"] = moonlet.randn({ D, D }, { seed = 2 })
  end
  t[layer .. "mlp.gate_proj.weight"] = moonlet.randn({ F, D }, { seed = 3 })
  t[layer .. "mlp.up_proj.weight"] = moonlet.randn({ F, D }, { seed = 4 })
  t[layer .. "mlp.down_proj.weight"] = moonlet.randn({ D, F }, { seed = 5 })
  assert(moonlet.save_tensors(folder .. "/model.safetensors", t))
  return assert(moonlet.load(folder)), forget
end

-- Of LLaMA's 32,000 pieces; nil when the shared tokenizer is absent.
function bench_model.open()
  local tokenizer = support.read(support.shared .. "/tokenizers/llama-tokenizer/tokenizer.model")
  if tokenizer then return bench_model.with(tokenizer, 32000) end
end

return bench_model
