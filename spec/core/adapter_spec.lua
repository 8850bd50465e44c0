-- Adapters of sessions: W x + scale B (A x), chosen per session over one model's weights.
local build = os.getenv "MOONLET_BUILD" or "build"
package.cpath = build .. "/spec/?.so;" .. package.cpath
local moonlet = require "moonlet"
local train = require "moonlet.train"
local memory = require "moonlet.debug.memory"
local support = require "spec.support"
local temporary = support.temporary
local shared = os.getenv "MOONLET_SHARED" or "../shared"

local GQA = "spec/fixtures/tiny-gqa"
local ALL = { "q", "k", "v", "o", "gate", "up", "down" }
local IDS = {}
for i = 1, 40 do IDS[i] = i * i * 7 % 250 + 3 end

local function worst(a, b)
  local most = 0
  for _, v in ipairs((a - b):contiguous():view(-1):totable()) do
    most = math.max(most, math.abs(v))
  end
  return most
end

local function check_same(a, b)
  assert.equal(0, worst(a, b))
end

-- A PEFT folder for a model: updates of some size, made by training on noise.
local function make_adapter(model, options)
  local all = { tokens = 64, length = 42, seed = 1, lora_rank = 4, lora_alpha = 8,
    lora_targets = ALL }
  for name, value in pairs(options or {}) do all[name] = value end
  local trainer, corpus = assert(train.from(model, all)), moonlet.new_corpus(42)
  corpus:add(IDS)
  for _ = 1, 5 do
    assert(trainer:batch(corpus, { 1 }, 1 / 39))
    assert(trainer:step { rate = 2e-2, decay = 0 })
  end
  local folder = temporary()
  assert(trainer:export_lora(folder))
  return folder, trainer
end

local function evaluate(model, adapter, options)
  local all = { adapter = adapter }
  for name, value in pairs(options or {}) do all[name] = value end
  return assert(model:session(all)):evaluate(IDS)
end

describe("a session's adapter", function()
  local model = assert(moonlet.load(GQA))
  local first, second = make_adapter(model), make_adapter(model, { lora_rank = 3, seed = 2,
    lora_targets = { "v", "down" } })
  local one, two = assert(model:adapter(first)), assert(model:adapter(second))
  local plain = evaluate(model)

  for _, name in ipairs { "tiny-gqa-lora", "tiny-gqa-rslora-all" } do
    it("gives the reference's logits within 2e-4: " .. name, function()
      local dir = shared .. "/vectors/" .. name
      local text = support.read(dir .. "/expected.json")
      if not text then return print("adapter: no vectors at " .. dir) end
      local adapter = assert(model:adapter(dir))
      for _, case in ipairs(moonlet.json.decode(text).cases) do
        local session = model:session { adapter = adapter }
        session:feed(case.prompt)
        assert.is_true(worst(session:logits(), moonlet.tensor(case.last_logits)) < 2e-4)
        for _, id in ipairs(case.greedy) do
          assert.equal(id, (session:sample()))
          session:feed(id)
        end
      end
    end)
  end

  it("gives the logits of the merged model within 1e-4", function()
    for folder, adapter in pairs { [first] = one, [second] = two } do
      local merged = assert(moonlet.load(GQA, { adapter = folder }))
      local logits = evaluate(model, adapter)
      assert.is_true(worst(logits, plain) > 0.5)
      assert.is_true(worst(logits, evaluate(merged)) < 1e-4)
    end
  end)

  it("adds to what weights in any type give", function()
    local files = assert(moonlet.load_tensors(first .. "/adapter_model.safetensors"))
    local stem = "base_model.model.model.layers.0."
    local function check(base, target, input, weight)
      local adapter = assert(base:adapter(first))
      local a = files[stem .. weight .. ".lora_A.weight"]
      local b = files[stem .. weight .. ".lora_B.weight"]
      local seen = {}
      for i, options in ipairs { {}, { adapter = adapter } } do
        seen[i] = base:session(options):trace(IDS, { names = { input, target }, layers = { 1 } })
      end
      local x = seen[2][input][1]
      check_same(x, seen[1][input][1])
      local want = x:matmul(a:transpose(1, 2)):matmul(b:transpose(1, 2)) * 2
      local got = (seen[2][target][1] - seen[1][target][1]):contiguous():view(#IDS, -1)
      local scale = math.max(worst(want, want * 0), 1e-3)
      assert.is_true(worst(got, want) < 1e-5 * scale + 1e-5, target .. " " .. worst(got, want))
    end
    for _, dtype in ipairs { "f32", "bf16", "f16", "q8", "q4" } do
      local base = assert(moonlet.load(GQA, { dtype = dtype }))
      for target, weight in pairs { q = "self_attn.q_proj", k = "self_attn.k_proj",
        v = "self_attn.v_proj" } do check(base, target, "attention_norm", weight) end
    end
    local stored = assert(moonlet.load "spec/fixtures/tiny-gqa-bf16")
    local exact = assert(moonlet.load("spec/fixtures/tiny-gqa-bf16", { dtype = "f32",
      adapter = first }))
    assert.is_true(worst(evaluate(stored, assert(stored:adapter(first))), evaluate(exact)) < 1e-4)
  end)

  it("changes in an empty session only, and leaves no trace when it goes", function()
    local session = model:session()
    session:feed(IDS)
    local ok, message = pcall(session.adapt, session, one)
    assert.is_false(ok)
    assert.matches("holds 40 tokens, computed without it", message, 1, true)
    for _, step in ipairs { { one, evaluate(model, one) }, { two, evaluate(model, two) },
      { nil, plain } } do
      session:rewind(0)
      assert.equal(session, session:adapt(step[1]))
      assert.has_error(function() session:logits() end)
      check_same(step[2], session:evaluate(IDS))
    end
    session:rewind(0)
    assert.has_error(function() session:adapt() end)
    assert.has_error(function() session:adapt(first) end)
    session:begin { 3, 4, 5 }
    assert.has_error(function() session:adapt(one) end)
  end)

  it("gives the same bits for any threads, chunks and slices", function()
    local expected = evaluate(model, one)
    for _, threads in ipairs { 1, 2, 3 } do
      local other = assert(moonlet.load(GQA, { threads = threads }))
      check_same(expected, evaluate(other, assert(other:adapter(first))))
    end
    for _, chunk in ipairs { 1, 7, 17 } do
      check_same(expected, evaluate(model, one, { chunk = chunk }))
    end
    local sliced = model:session { adapter = one }
    sliced:begin(IDS)
    while not sliced:step { ms = 0 } do end
    check_same(expected[#IDS], sliced:logits())
  end)

  it("is each session's own in a batch", function()
    local adapters, sessions, alone = { one, false, two, one }, {}, {}
    for i, adapter in ipairs(adapters) do
      sessions[i] = model:session { adapter = adapter or nil }
      alone[i] = model:session { adapter = adapter or nil }
      sessions[i]:feed { IDS[i], IDS[2 * i] }
      alone[i]:feed { IDS[i], IDS[2 * i] }
    end
    local batch = assert(model:batch(sessions))
    for k = 5, 12 do
      assert(batch:feed { IDS[k], IDS[k + 1], IDS[k], IDS[k + 2] })
      for i, offset in ipairs { 0, 1, 0, 2 } do
        alone[i]:feed(IDS[k + offset])
        check_same(alone[i]:logits(), sessions[i]:logits())
      end
    end
  end)

  it("goes with a fork, and with a file to the same adapter alone", function()
    local session, path = model:session { adapter = one }, temporary()
    session:feed(IDS)
    local fork = session:fork()
    assert(session:save(path))
    session:feed { 9, 8 }
    fork:feed { 9, 8 }
    check_same(session:logits(), fork:logits())
    local again = assert(model:restore(path, { adapter = assert(model:adapter(first)) }))
    again:feed { 9, 8 }
    check_same(session:logits(), again:logits())
    for _, options in ipairs { {}, { adapter = two } } do
      local none, message, code = model:restore(path, options)
      assert.is_nil(none)
      assert.equal("format", code)
      assert.matches("another model or adapter", message, 1, true)
    end
    assert(model:session():save(path))
    assert.is_nil((model:restore(path, { adapter = one })))
    os.remove(path)
  end)

  it("may differ for each run of a shared block", function()
    local base = assert(moonlet.load "spec/fixtures/tiny-ls")
    for _, runs in ipairs { false, true } do
      local folder, trainer = make_adapter(base, { lora_runs = runs })
      local logits = evaluate(base, assert(base:adapter(folder)))
      assert.is_true(worst(logits, trainer:logits(IDS)) < 1e-4)
      assert.is_true(worst(logits, evaluate(base)) > 0.1)
    end
  end)

  it("fits R1's names", function()
    local base = assert(moonlet.load "spec/fixtures/tiny-r1")
    local folder, trainer = make_adapter(base)
    local logits = evaluate(base, assert(base:adapter(folder)))
    assert.is_true(worst(logits, trainer:logits(IDS)) < 1e-4)
  end)

  it("lives as long as a session needs it, and takes little", function()
    local kept = assert(model:adapter(first))
    local session = model:session { adapter = kept }
    assert.is_true(kept.bytes > 4 * 1000 and kept.bytes < 2 ^ 20)
    kept:close()
    assert.has_error(function() model:session { adapter = kept } end)
    check_same(evaluate(model, one), session:evaluate(IDS))
    assert.matches("rank 4", tostring(one), 1, true)
    collectgarbage()
    collectgarbage()
    local before = memory.live()
    for n = 1, 12 do
      memory.fail_at(n)
      local adapter, _, code = model:adapter(first)
      memory.fail_at(0)
      if adapter then adapter:close() else assert.equal("mem", code) end
    end
    collectgarbage()
    assert.equal(before, memory.live())
    memory.fail_at(0)
    session:rewind(0)
    session:adapt(two)
    session:feed(IDS)
    assert.equal(0, memory.count())
  end)

  it("is refused by name where it cannot be this", function()
    local function refused(path, wanted, sentence)
      local none, message, code = model:adapter(path)
      assert.is_nil(none)
      assert.equal(wanted, code)
      assert.matches(sentence, message, 1, true)
    end
    refused(GQA .. "-none", "io", "adapter_config.json")
    local odd = assert(moonlet.load "spec/fixtures/tiny-odd")
    refused(make_adapter(odd, { lora_rank = 1 }), "format", "is not of its weight's shape")
    local folder = temporary()
    assert(os.execute("mkdir " .. folder))
    local function write(fields, tensors)
      local file = assert(io.open(folder .. "/adapter_config.json", "w"))
      file:write(('{"peft_type":"LORA","lora_alpha":8%s}'):format(fields))
      file:close()
      assert(moonlet.save_tensors(folder .. "/adapter_model.safetensors", tensors))
    end
    local c, q = model.config, "base_model.model.model.layers.0.self_attn.q_proj."
    local D, Q = c.hidden_size, c.num_attention_heads * c.head_dim
    write(',"use_dora":true', { [q .. "lora_A.weight"] = moonlet.ones { 2, D },
      [q .. "lora_B.weight"] = moonlet.ones { Q, 2 },
      [q .. "lora_magnitude_vector"] = moonlet.ones { Q } })
    refused(folder, "support", "DoRA")
    write("", { [q .. "lora_A.weight"] = moonlet.ones { 257, D },
      [q .. "lora_B.weight"] = moonlet.ones { Q, 257 } })
    refused(folder, "support", "rank 257; a session's adapter has at most 256")
    local tensors = { [q .. "lora_A.weight"] = moonlet.ones { 2, D },
      [q .. "lora_B.weight"] = moonlet.ones { Q, 2 } }
    for field, value in pairs { rank_pattern = '{"q_proj":4}', alpha_pattern = '{"q_proj":4}',
        fan_in_fan_out = "true", bias = '"all"', modules_to_save = '["lm_head"]',
        layer_replication = "[[0,2]]", use_qalora = "true", alora_invocation_tokens = "[1,2]",
        arrow_config = '{"top_k":2}', init_lora_weights = '"pissa_niter_4"' } do
      write((',"%s":%s'):format(field, value), tensors)
      refused(folder, "support", ("'%s' is "):format(field))
      local none, _, code = moonlet.load(GQA, { adapter = folder })
      assert.same({ nil, "support" }, { none, code })
      for _, unset in ipairs { "null", value:match "^{" and "{}" or value:match "^%[" and "[]" } do
        write((',"%s":%s'):format(field, unset), tensors)
        assert(model:adapter(folder))
      end
    end
    write(',"init_lora_weights":"gaussian","bias":"none"', tensors)
    assert(model:adapter(folder))
    local head = "base_model.model.lm_head."
    write("", { [head .. "lora_A.weight"] = moonlet.ones { 2, D },
      [head .. "lora_B.weight"] = moonlet.ones { c.vocab_size, 2 } })
    refused(folder, "support", "lm_head")
    write("", { ["base_model.model.model.layers.9.self_attn.q_proj.lora_A.weight"] =
      moonlet.ones { 2, D } })
    refused(folder, "format", "updates no weight that the model has")
    local other = assert(moonlet.load(GQA))
    assert.error_matches(function() other:session { adapter = one } end, "another model", 1, true)
    assert.error_matches(function() other:session():adapt(one) end, "another model", 1, true)
  end)
end)
