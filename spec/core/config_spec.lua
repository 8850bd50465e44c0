-- config.json: the official parameter counts, the head rules, and refusals by name.
package.cpath = (os.getenv "MOONLET_BUILD" or "build") .. "/spec/?.so;" .. package.cpath
local moonlet = require "moonlet"
local json = require "dkjson"

-- MobileLLM paper, Table 9, and the configurations of the published checkpoints.
local OFFICIAL = {
  { "125M", 30, 9, 3, 576, 1536, 124635456 },
  { "350M", 32, 15, 5, 960, 2560, 345355200 },
  { "600M", 40, 18, 6, 1152, 3072, 603188352 },
  { "1B", 54, 20, 5, 1280, 3584, 1005461760 },
  { "1.5B", 54, 25, 5, 1600, 4352, 1511188800 },
}

local function official(row)
  return {
    model_type = "mobilellm", num_hidden_layers = row[2], num_attention_heads = row[3],
    num_key_value_heads = row[4], hidden_size = row[5], intermediate_size = row[6],
    vocab_size = 32000, head_dim = 64, share_embedding = true, tie_word_embeddings = false,
    rms_norm_eps = 1e-5, rope_theta = 10000.0, bos_token_id = 1, eos_token_id = 2,
    max_position_embeddings = 2048, hidden_act = "silu",
  }
end

local function written(config)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(type(config) == "string" and config or json.encode(config))
  file:close()
  return path
end

local function read(config)
  local path = written(config)
  local c, message, code = moonlet.config(path)
  os.remove(path)
  return c, message, code
end

local function changed(key, value)
  local config = official(OFFICIAL[1])
  config[key] = value
  return config
end

describe("config", function()
  for _, row in ipairs(OFFICIAL) do
    it("counts the parameters of MobileLLM-" .. row[1], function()
      assert.equal(row[7], assert(read(official(row))).parameters)
      local sharing = official(row)
      sharing.layer_sharing = true
      assert.equal(row[7], assert(read(sharing)).parameters)
    end)
  end
  it("counts an untied head", function()
    assert.equal(143067456, assert(read(changed("share_embedding", false))).parameters)
  end)
  it("has the defaults of the official classes", function()
    local c = assert(read('{"model_type":"mobilellm","num_hidden_layers":2,"hidden_size":64,' ..
      '"num_attention_heads":4,"intermediate_size":96,"vocab_size":100}'))
    assert.equal(4, c.num_key_value_heads)
    assert.equal(16, c.head_dim)
    assert.equal(1e-6, c.rms_norm_eps)
    assert.equal(10000, c.rope_theta)
    assert.is_true(c.share_embedding)
    assert.is_false(c.layer_sharing)
  end)

  local refused = {
    { "model_type", "gpt2", "model_type 'gpt2' is not supported" },
    { "hidden_act", "gelu", "hidden_act" },
    { "attention_bias", true, "attention_bias" },
    { "mlp_bias", true, "mlp_bias" },
    { "rope_scaling", { type = "linear", factor = 2 }, "rope_scaling" },
    { "quantization_config", { quant_method = "gptq", bits = 4 }, "gptq" },
    { "head_dim", 63, "head_dim" },
  }
  for _, row in ipairs(refused) do
    it("refuses by name: " .. row[1], function()
      local c, message, code = read(changed(row[1], row[2]))
      assert.is_nil(c)
      assert.equal("support", code)
      assert.matches(row[3], message, 1, true)
    end)
  end

  local malformed = {
    { "num_hidden_layers", 0 }, { "num_hidden_layers", 1e9 }, { "num_hidden_layers", "30" },
    { "num_hidden_layers", 2.5 }, { "hidden_size", -576 }, { "num_key_value_heads", 4 },
    { "vocab_size", 2 ^ 40 }, { "rms_norm_eps", 0 }, { "rope_theta", -1 },
    { "eos_token_id", 32000 },
    { "bos_token_id", -2 }, { "share_embedding", "yes" }, { "eos_token_id", { 1, "x" } },
  }
  for _, row in ipairs(malformed) do
    it(("refuses %s = %s"):format(row[1], json.encode(row[2])), function()
      local c, message, code = read(changed(row[1], row[2]))
      assert.is_nil(c)
      assert.equal("format", code)
      assert.matches(row[1], message, 1, true)
    end)
  end
  -- Hugging Face's Llama4TextConfig, as in its configuration_llama4.py.
  describe("of llama4_text", function()
    local function r1(changes, missing)
      local config = { model_type = "llama4_text", num_hidden_layers = 4, hidden_size = 64,
        num_attention_heads = 16, num_key_value_heads = 2, head_dim = 16, vocab_size = 512,
        intermediate_size_mlp = 144, max_position_embeddings = 32768, rope_theta = 8e6,
        attention_chunk_size = 32768, num_local_experts = 0, no_rope_layers = { 1, 1, 1, 1 } }
      for key, value in pairs(changes) do config[key] = value end
      if missing then config[missing] = nil end
      return read(config)
    end
    local function refuses(key, ...)
      local c, message, code = r1(...)
      assert.is_nil(c)
      assert.equal("support", code)
      assert.matches("'" .. key .. "'", message, 1, true)
    end

    it("takes that class's defaults for what is missing", function()
      for key, default in pairs { num_key_value_heads = 8, head_dim = 128, rope_theta = 500000 } do
        assert.equal(default, assert(r1({}, key))[key], key)
      end
      assert.equal(131072, assert(r1({ attention_chunk_size = 2 ^ 20 | 0 },
        "max_position_embeddings")).max_position_embeddings)
      assert.equal(8192, assert(r1({}, "attention_chunk_size")).max_position_embeddings)
      assert.equal(1e-5, assert(r1 {}).rms_norm_eps)
      assert.is_true(assert(r1 {}).use_qk_norm)
    end)
    it("takes Llama's rules for what is null", function()
      local null = json.null
      assert.equal(16, assert(r1 { num_key_value_heads = null }).num_key_value_heads)
      assert.equal(4, assert(r1 { head_dim = null }).head_dim)
    end)
    it("has no experts", function()
      refuses("num_local_experts", { num_local_experts = 16 })
      refuses("num_local_experts", {}, "num_local_experts")
    end)
    it("has RoPE in every layer", function()
      refuses("no_rope_layers", {}, "no_rope_layers")
      local no = { json.null, {}, { 1, 1, 1 }, { 1, 1, 1, 0 }, { 1, 1, 1, 1, 0 }, { 1, true, 1, 1 },
        1, "1111", { a = 1, b = 1, c = 1, d = 1 } }
      for _, list in ipairs(no) do refuses("no_rope_layers", { no_rope_layers = list }) end
      assert(r1 { no_rope_layers = { 1, 1, 1, 1, 1 } })
    end)
  end)

  it("holds what follows from other keys to the same bounds", function()
    for heads, size in pairs { [1] = 65536, [63] = 64575 } do
      local config = changed("hidden_size", size)
      config.num_attention_heads, config.num_key_value_heads = heads, 1
      for _, head_dim in ipairs { size // heads, json.null } do
        config.head_dim = head_dim
        local c, message, code = read(config)
        assert.is_nil(c)
        assert.equal("format", code)
        assert.matches("'head_dim' .*from 2 to 1024", message)
      end
    end
  end)

  it("refuses what is no JSON object", function()
    for _, text in ipairs { "", "[1]", "{", '{"model_type":"mobilellm"}', "\0" } do
      local c, message, code = read(text)
      assert.is_nil(c)
      assert.is_string(message)
      assert.equal("format", code)
    end
  end)
  it("says which file is missing", function()
    local c, message, code = moonlet.config "/no/such/config.json"
    assert.is_nil(c)
    assert.matches("/no/such/config.json", message, 1, true)
    assert.equal("io", code)
  end)
end)
