-- Low-rank updates: PEFT's files against reference logits, and updates that are trained here.
local build = os.getenv "MOONLET_BUILD" or "build"
package.cpath = build .. "/spec/?.so;" .. package.cpath
local moonlet = require "moonlet"
local train = require "moonlet.train"
local json = require "dkjson"
local tiny = require "spec.train.tiny"
local support = require "spec.support"
local temporary, read = support.temporary, support.read
local shared = os.getenv "MOONLET_SHARED" or "../shared"

local function difference(a, b)
  local most = 0
  for _, v in ipairs((a - b):view(-1):totable()) do most = math.max(most, math.abs(v)) end
  return most
end

local CONFIG = tiny.config { layer_sharing = true }
local corpus = tiny.corpus
local IDS = { 1, 9, 4, 33, 62, 7, 7, 12 }

local function learn(trainer, data, n)
  local loss
  for _ = 1, n do
    loss = assert(trainer:batch(data, { 1, 2, 3, 4 }, 1 / 76)) / 76
    assert(trainer:step { rate = 1e-2, decay = 0 })
  end
  return loss
end

describe("PEFT adapters", function()
  for _, name in ipairs { "tiny-gqa-lora", "tiny-gqa-rslora-all", "tiny-gqa-dora" } do
    it(name .. " gives the reference's logits within 2e-4", function()
      local dir = shared .. "/vectors/" .. name
      local text = read(dir .. "/expected.json")
      if not text then
        print("lora: no vectors at " .. dir)
        return
      end
      local base = assert(moonlet.load "spec/fixtures/tiny-gqa")
      local trainer = assert(train.from(base, { tokens = 512, length = 257 }))
      assert(trainer:merge(dir))
      local out = temporary()
      assert(trainer:export(out))
      local exported = assert(moonlet.load(out))
      local adapted = assert(moonlet.load("spec/fixtures/tiny-gqa", { adapter = dir }))
      for _, case in ipairs(json.decode(text).cases) do
        local n = #case.prompt
        local expected = moonlet.tensor(case.last_logits)
        for _, model in ipairs { exported, adapted } do
          local session = model:session()
          session:feed(case.prompt)
          assert.is_true(difference(session:logits(), expected) < 2e-4)
        end
        assert.is_true(difference(trainer:logits(case.prompt)[n], expected) < 2e-4)
      end
    end)
  end

  it("are refused with a sentence when they do not fit the model", function()
    local trainer = assert(train.new(CONFIG, { tokens = 64 }))
    local other = assert(train.new({ num_hidden_layers = 3, hidden_size = 32, vocab_size = 64,
      num_attention_heads = 4, intermediate_size = 48, max_position_embeddings = 48 },
      { tokens = 64, lora_rank = 2 }))
    local dir = temporary()
    assert(other:export_lora(dir))
    local before = trainer:get "model.layers.0.self_attn.q_proj.weight"
    local ok, message, code = trainer:merge(dir)
    assert.is_nil(ok)
    assert.equal("format", code)
    assert.matches("lora_", message, 1, true)
    assert.equal(0, difference(before, trainer:get "model.layers.0.self_attn.q_proj.weight"))
    ok, message, code = trainer:merge(dir .. "-none")
    assert.is_nil(ok)
    assert.equal("io", code)
    assert.matches("adapter_config.json", message, 1, true)
  end)
end)

describe("low-rank updates", function()
  local function base()
    local trainer = assert(train.new(CONFIG, { tokens = 96, seed = 4 }))
    local out = temporary()
    assert(trainer:export(out))
    return assert(moonlet.load(out))
  end

  local ALL = { "q", "k", "v", "o", "gate", "up", "down" }

  it("learn while the model stays as it is, and are files that merge to the same logits", function()
    local model = base()
    local trainer = assert(train.from(model, { tokens = 96, seed = 1, lora_rank = 4,
      lora_alpha = 8, lora_targets = ALL }))
    assert.is_true(trainer.learning < model:count())
    local first, data = trainer:logits(IDS), corpus()
    assert.is_true(difference(first, model:session():evaluate(IDS)) < 1e-5)     -- B begins as 0
    local before = assert(trainer:evaluate(data, { 1, 2, 3, 4 })) / 76
    assert.is_true(learn(trainer, data, 150) < before - 0.1)
    for name, t in pairs(model:parameters()) do
      assert.equal(0, difference(t, trainer:get(name)), name)
    end
    local adapter, merged = temporary(), temporary()
    assert(trainer:export_lora(adapter))
    assert(trainer:export(merged))
    local unmerged = trainer:logits(IDS)
    assert.is_true(difference(unmerged, first) > 0.1)
    assert.is_true(difference(unmerged, assert(moonlet.load(merged)):session():evaluate(IDS))
      < 1e-4)
    local loaded = assert(moonlet.load(model.path, { adapter = adapter }))
    assert.is_true(difference(unmerged, loaded:session():evaluate(IDS)) < 1e-4)
    local small = assert(moonlet.load(model.path, { adapter = adapter, dtype = "bf16" }))
    assert.equal("bf16", small:parameters()["model.layers.0.self_attn.q_proj.weight"].dtype)
    assert.is_true(difference(unmerged, small:session():evaluate(IDS)) < 0.1)
    local again = assert(train.from(model, { tokens = 96 }))
    assert(again:merge(adapter))
    assert.is_true(difference(unmerged, again:logits(IDS)) < 1e-4)
    local resumed = assert(train.from(model, { tokens = 96, lora_rank = 4, lora_alpha = 8,
      lora_targets = ALL }))
    for name, t in pairs(assert(moonlet.load_tensors(adapter .. "/adapter_model.safetensors"))) do
      resumed:set(name, t)
    end
    assert.equal(0, difference(unmerged, resumed:logits(IDS)))
  end)

  it("may differ for each run of a shared block", function()
    local model, data = base(), corpus()
    local options = { tokens = 96, seed = 1, lora_rank = 2, lora_targets = { "q", "v" } }
    local shared_runs = assert(train.from(model, options))
    options.lora_runs = true
    local own_runs = assert(train.from(model, options))
    assert.equal(2 * shared_runs.learning, own_runs.learning)
    local before = assert(own_runs:evaluate(data, { 1, 2, 3, 4 })) / 76
    assert.is_true(learn(own_runs, data, 60) < before)
    local prefix = "base_model.model.model.layers.0.runs.%d.self_attn.v_proj.lora_B.weight"
    assert.is_true(difference(own_runs:get(prefix:format(0)), own_runs:get(prefix:format(1))) > 0)
    local ok, message, code = own_runs:export(temporary())
    assert.is_nil(ok)
    assert.equal("support", code)
    assert.matches("cannot be merged", message, 1, true)
    local adapter = temporary()
    assert(own_runs:export_lora(adapter))
    ok, message, code = moonlet.load(model.path, { adapter = adapter })
    assert.is_nil(ok)
    assert.equal("format", code)
    assert.matches("updates no weight that the model has", message, 1, true)
  end)

  it("of rank 1 work as well", function()
    local trainer = assert(train.from(base(), { tokens = 96, lora_rank = 1, lora_targets = ALL }))
    local data = corpus()
    local before = assert(trainer:evaluate(data, { 1, 2, 3, 4 })) / 76
    assert.is_true(learn(trainer, data, 30) < before)
  end)

  it("of all matrices fit a model that norms its heads", function()
    local r1 = { model_type = "llama4_text", use_qk_norm = true, intermediate_size_mlp = 48,
      tie_word_embeddings = true, head_dim = 8, num_local_experts = 0, no_rope_layers = { 1, 1 } }
    for name, value in pairs(CONFIG) do if r1[name] == nil then r1[name] = value end end
    r1.layer_sharing = false
    local trainer = assert(train.new(r1, { tokens = 96, lora_rank = 2, lora_targets = ALL }))
    assert.is_true(trainer.config.use_qk_norm)
    local data = corpus()
    local before = assert(trainer:evaluate(data, { 1, 2, 3, 4 })) / 76
    assert.is_true(learn(trainer, data, 30) < before)
  end)

  it("name what targets there are", function()
    local options = { lora_rank = 2, lora_targets = { "w" } }
    assert.error_matches(function() train.new(CONFIG, options) end,
      "q, k, v, o, gate, up, down; got 'w'", 1, true)
  end)
end)
