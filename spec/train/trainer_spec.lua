-- The trainer: overfitting, threads, memory, files, low-rank updates, bad input.
local build = os.getenv "MOONLET_BUILD" or "build"
package.cpath = build .. "/spec/?.so;" .. package.cpath
local moonlet = require "moonlet"
local train = require "moonlet.train"
local memory = require "moonlet.debug.memory"
local support = require "spec.support"
local temporary, write = support.temporary, support.write

local SMALL = { num_hidden_layers = 2, hidden_size = 48, num_attention_heads = 4,
  num_key_value_heads = 2, intermediate_size = 96, vocab_size = 64,
  max_position_embeddings = 96 }

local function with(changes)
  local config = {}
  for k, v in pairs(SMALL) do config[k] = v end
  for k, v in pairs(changes or {}) do config[k] = v end
  return config
end

-- Sequences of different lengths, each of which begins differently.
local function some_corpus(n, longest)
  local corpus = moonlet.new_corpus(longest or 96)
  for i = 1, n or 6 do
    local ids, state = {}, i * 977
    for k = 1, 5 + (i * 13) % 60 do
      state = (state * 48271) % 2147483647
      ids[k] = k == 1 and i or state % 64
    end
    corpus:add(ids)
  end
  return corpus
end

local function steps(trainer, corpus, n, options)
  local source, loss = train.batches(corpus, options or { tokens = 256 })
  for _ = 1, n do
    local rows, weight = source:next()
    loss = assert(trainer:batch(corpus, rows, 1 / weight)) / weight
    assert(trainer:step { rate = 3e-3, decay = 0.01 })
  end
  return loss
end

-- All weights as one string of bits.
local function bits(trainer)
  local out = {}
  for _, name in ipairs(trainer:names()) do
    local t = trainer:get(name)
    for _, v in ipairs(t:view(-1):totable()) do out[#out + 1] = string.pack("f", v) end
  end
  return table.concat(out)
end

local function worst_difference(a, b)
  return (a - b):to("f32"):view(-1):totable(), function(list)
    local most = 0
    for _, v in ipairs(list) do most = math.max(most, math.abs(v)) end
    return most
  end
end

local function difference(a, b)
  local list, most = worst_difference(a, b)
  return most(list)
end

describe("trainer", function()
  for title, changes in pairs {
    ["a model of two layers"] = {},
    ["one with shared layers"] = { layer_sharing = true },
    ["one with a head of its own"] = { share_embedding = false },
  } do
    it("drives a fixed batch below 0.01 nats: " .. title, function()
      local trainer = assert(train.new(with(changes), { tokens = 256, seed = 1 }))
      assert.is_true(steps(trainer, some_corpus(), 250) < 0.01)
    end)
  end

  for title, changes in pairs {
    plain = {}, shared = { layer_sharing = true }, untied = { share_embedding = false },
    r1 = { model_type = "llama4_text", intermediate_size_mlp = 96, tie_word_embeddings = true,
      head_dim = 12, num_local_experts = 0, no_rope_layers = { 1, 1 } },
  } do
    it("writes a model that loads and gives the training forward's logits: " .. title, function()
      local trainer = assert(train.new(with(changes), { tokens = 256, seed = 2 }))
      steps(trainer, some_corpus(), 20)
      local out, ids = temporary(), {}
      assert(trainer:export(out))
      for i = 1, 90 do ids[i] = i * 7 % 64 end
      local model = assert(moonlet.load(out))
      local there = model:session():evaluate(ids)
      assert.is_true(difference(there, trainer:logits(ids)) < 1e-4)
    end)
  end

  it("takes over a loaded model's weights", function()
    local model = assert(moonlet.load "spec/fixtures/tiny-ls")
    local trainer = assert(train.from(model, { tokens = 128, length = 64 }))
    local ids = { 1, 5, 9, 200, 31, 7, 8 }
    local there = model:session():evaluate(ids)
    assert.is_true(difference(there, trainer:logits(ids)) < 1e-4)
  end)

  -- Loading decides by the weights whether the head is shared, and load may be told to run blocks
  -- twice or not.
  local function same_logits(model)
    local trainer = assert(train.from(model, { tokens = 128, length = 64 }))
    local ids = { 1, 5, 9, 200, 31, 7, 8 }
    assert.is_true(difference(model:session():evaluate(ids), trainer:logits(ids)) < 1e-4)
    return trainer
  end

  it("takes over what loading made of the config", function()
    local folder = temporary()
    os.execute("cp -r spec/fixtures/tiny-gqa " .. folder)
    local path = folder .. "/config.json"
    write(path, (support.read(path):gsub('"share_embedding": true', '"share_embedding": false')))
    local model = assert(moonlet.load(folder))
    assert.is_true(model.config.share_embedding)
    assert.is_true(same_logits(model).config.share_embedding)
    for _, sharing in ipairs { true, false } do
      model = assert(moonlet.load("spec/fixtures/tiny-ls", { layer_sharing = sharing }))
      assert.equal(sharing, same_logits(model).config.layer_sharing)
    end
    same_logits(assert(moonlet.load "spec/fixtures/tiny-gqa-headonly"))
    same_logits(assert(moonlet.load "spec/fixtures/tiny-untied"))
    same_logits(assert(moonlet.load "spec/fixtures/tiny-r1"))
    os.execute("rm -r " .. folder)
  end)

  it("takes over a GGUF file", function()
    local file = temporary() .. ".gguf"
    assert(moonlet.convert("spec/fixtures/tiny-gqa", file))
    same_logits(assert(moonlet.load(file)))
    os.remove(file)
  end)

  it("keeps what else a loaded model's config says", function()
    local out = temporary()
    local trainer = assert(train.from(assert(moonlet.load "spec/fixtures/tiny-ls"),
      { tokens = 128, length = 64 }))
    assert(trainer:export(out))
    assert.matches("configuration_mobilellm.MobileLLMConfig", support.read(out .. "/config.json"),
      1, true)
    os.execute("rm -r " .. out)
  end)

  it("grows into one of more layers, which computes the same and learns with them", function()
    local small = assert(train.new(with {}, { tokens = 256, seed = 5 }))
    steps(small, some_corpus(), 20)
    for _, layers in ipairs { 2, 3, 5 } do
      local large = assert(train.new(with { num_hidden_layers = layers }, { tokens = 256 }))
      train.grow(small, large)
      local ids = { 1, 9, 3, 3, 60, 17 }
      assert.equal(0, difference(small:logits(ids), large:logits(ids)))
      steps(large, some_corpus(), 1)
      for i = 0, layers - 1 do
        local name = ("model.layers.%d.mlp.down_proj.weight"):format(i)
        assert.is_true(large:get(name):abs():max():item() > 0)
      end
    end
    local larger = assert(train.new(with { num_hidden_layers = 3 }, { tokens = 256 }))
    assert.has_error(function() train.grow(larger, small) end,
      "grow: the second model has 2 layers, the first has 3")
  end)

  it("gives the same bits with any number of threads", function()
    local first
    for _, threads in ipairs { 1, 2, 3, 5 } do
      local trainer = assert(train.new(with { vocab_size = 700, hidden_size = 64 },
        { tokens = 300, seed = 3, threads = threads }))
      steps(trainer, some_corpus(40), 6, { tokens = 300, seed = 1 })
      first = first or bits(trainer)
      assert.is_true(first == bits(trainer), threads .. " threads")
    end
  end)

  it("gives other bits for another seed", function()
    local a = bits(assert(train.new(SMALL, { tokens = 128, seed = 1 })))
    assert.is_true(a == bits(assert(train.new(SMALL, { tokens = 128, seed = 1 }))))
    assert.is_false(a == bits(assert(train.new(SMALL, { tokens = 128, seed = 2 }))))
  end)

  it("allocates nothing in batches, steps and evaluations", function()
    local corpus = some_corpus(30)
    local trainer = assert(train.new(SMALL, { tokens = 256, seed = 3 }))
    memory.fail_at(0)
    steps(trainer, corpus, 5, { tokens = 256, seed = 4 })
    assert(trainer:evaluate(corpus, { 3, 1 }))
    assert.equal(0, memory.count())
  end)

  it("fails with a sentence wherever memory ends, and leaks nothing", function()
    collectgarbage()
    collectgarbage()
    local before = memory.live()
    for n = 1, 40 do
      memory.fail_at(n)
      local trainer, _, code = train.new(SMALL, { tokens = 128 })
      memory.fail_at(0)
      if trainer then trainer:close() else assert.equal("mem", code) end
    end
    collectgarbage()
    collectgarbage()
    assert.equal(before, memory.live())
  end)

  it("gathers gradients: two halves of a batch are the batch", function()
    local corpus = some_corpus(4)
    local whole, parts = {}, {}
    for i = 1, 2 do
      local trainer = assert(train.new(SMALL, { tokens = 256, seed = 5 }))
      local to = i == 1 and whole or parts
      if i == 1 then
        assert(trainer:batch(corpus, { 1, 2, 3, 4 }, 0.01))
      else
        assert(trainer:batch(corpus, { 1, 2 }, 0.01))
        assert(trainer:batch(corpus, { 3, 4 }, 0.01))
      end
      to.norm = assert(trainer:step { rate = 0 })
    end
    assert.near(whole.norm, parts.norm, 1e-5 * whole.norm)
  end)

  it("leaves targets of weight 0 out of the loss", function()
    local trainer = assert(train.new(SMALL, { tokens = 128, seed = 5 }))
    local corpus = moonlet.new_corpus(32)
    corpus:add { 1, 2, 3, 4 }
    corpus:add({ 1, 2, 3, 4 }, { 1, 1, 0, 0 })
    corpus:add({ 1, 2, 3, 4 }, { 1, 0, 1, 1 })
    local all = trainer:evaluate(corpus, { 1 })
    local front, back = trainer:evaluate(corpus, { 2 }), trainer:evaluate(corpus, { 3 })
    assert.near(all, front + back, 1e-5)
    assert.equal(3, corpus:weight(1))
    assert.equal(1, corpus:weight(2))
  end)

  it("clips gradients to a norm, and does not decay norms' weights", function()
    local corpus = some_corpus(3)
    local function moved(options)
      local trainer = assert(train.new(SMALL, { tokens = 256, seed = 6 }))
      assert(trainer:batch(corpus, { 1, 2, 3 }, options.scale))
      local norm = trainer:step(options.step)
      return trainer, norm
    end
    local _, norm = moved { scale = 1, step = { rate = 0, clip = 0 } }
    assert.is_true(norm > 10)
    local decayed = moved { scale = 0, step = { rate = 0.1, decay = 0.5 } }
    local fresh = assert(train.new(SMALL, { tokens = 256, seed = 6 }))
    local name = "model.layers.0.mlp.up_proj.weight"
    assert.is_true(difference(decayed:get(name), fresh:get(name) * 0.95) < 1e-7)
    local norm_name = "model.layers.0.input_layernorm.weight"
    assert.equal(0, difference(decayed:get(norm_name), fresh:get(norm_name)))
  end)

  it("refuses a loss that is no number, and keeps the weights", function()
    local trainer = assert(train.new(SMALL, { tokens = 128, seed = 1 }))
    local name = "model.norm.weight"
    trainer:set(name, moonlet.full({ 48 }, 0 / 0))
    local corpus = some_corpus(1)
    local loss, message, code = trainer:batch(corpus, { 1 }, 1)
    assert.is_nil(loss)
    assert.equal("math", code)
    assert.matches("the loss after 0 steps is no number", message, 1, true)
    trainer:set(name, moonlet.ones(48))
    local before = bits(trainer)
    assert.equal(0, trainer:step { rate = 1, decay = 0 })
    assert.is_true(before == bits(trainer))
  end)

  it("throws for the caller's mistakes", function()
    local trainer = assert(train.new(SMALL, { tokens = 95, seed = 1 }))
    local corpus = some_corpus(3)
    corpus:add { 1, 64 }
    assert.has_error(function() trainer:batch(corpus, { 1 }, 1) end,
      "the corpus has id 64, the vocabulary 64 tokens")
    assert.has_error(function() trainer:batch(some_corpus(2), { 3 }, 1) end, "sequence 3 of 2")
    assert.has_error(function() trainer:batch(some_corpus(2), {}, 1) end)
    assert.has_error(function() trainer:set("model.norm.weight", moonlet.ones(3)) end)
    assert.has_error(function() train.new(SMALL, { tokens = 20 }) end)
    assert.has_error(function() train.new(SMALL, { token = 20 }) end)
    assert.has_error(function() trainer:batch(some_corpus(9), { 1, 2, 3, 4, 5, 6, 7, 8 }, 1) end,
      "the batch has more than 95 targets")
  end)
end)

describe("checkpoints", function()
  it("go on bit for bit, moments and all", function()
    local corpus, dir = some_corpus(8), temporary()
    local through = assert(train.new(SMALL, { tokens = 128, seed = 1 }))
    steps(through, corpus, 4, { tokens = 128, seed = 2 })
    assert(through:save(dir, "some notes\0with a nul"))
    local resumed = assert(train.new(SMALL, { tokens = 128, seed = 9 }))
    assert.equal("some notes\0with a nul", resumed:restore(dir))
    assert.equal(4, resumed.steps)
    steps(through, corpus, 3, { tokens = 128, seed = 3 })
    steps(resumed, corpus, 3, { tokens = 128, seed = 3 })
    assert.is_true(bits(through) == bits(resumed))
  end)

  it("give back the whole of their notes", function()
    local dir = temporary()
    local trainer = assert(train.new(SMALL, { tokens = 128 }))
    for _, n in ipairs { 65535, 65536, 65537, 300000 } do
      local notes = ("a note\n"):rep(n):sub(1, n)
      assert(trainer:save(dir, notes))
      assert.is_true(notes == trainer:restore(dir))
    end
  end)

  it("of another model are refused, and nothing is changed", function()
    local dir = temporary()
    assert(assert(train.new(SMALL, { tokens = 128 })):save(dir))
    local other = assert(train.new(with { intermediate_size = 100 }, { tokens = 128 }))
    local before = bits(other)
    local ok, message, code = other:restore(dir)
    assert.is_nil(ok)
    assert.equal("format", code)
    assert.matches("another config, of another optimizer or of other low-rank updates", message, 1,
      true)
    assert.is_true(before == bits(other))
    for _, changes in ipairs { { rope_theta = 500 }, { num_hidden_layers = 1 },
      { num_attention_heads = 6, num_key_value_heads = 3, head_dim = 8 } } do
      other = assert(train.new(with(changes), { tokens = 128 }))
      before = bits(other)
      ok, message, code = other:restore(dir)
      assert.is_nil(ok)
      assert.equal("format", code)
      assert.matches("training.safetensors: is a checkpoint of another config, of another",
        message, 1, true)
      assert.is_true(before == bits(other))
    end
    local updates = { tokens = 128, lora_rank = 2, lora_alpha = 4 }
    assert(assert(train.new(SMALL, updates)):save(dir))
    updates.lora_alpha = 8
    ok, message, code = assert(train.new(SMALL, updates)):restore(dir)
    assert.is_nil(ok)
    assert.matches("another config, of another optimizer or of other low-rank updates", message, 1,
      true)
    assert.equal("format", code)
    local none
    none, message, code = other:restore(dir .. "-none")
    assert.is_nil(none)
    assert.matches("-none/training.safetensors", message, 1, true)
    assert.equal("io", code)
  end)
end)

describe("corpus", function()
  it("cuts what is too long so that each id is predicted once", function()
    local corpus = moonlet.new_corpus(4)
    corpus:add { 1, 2, 3, 4, 5, 6, 7, 8, 9 }
    assert.equal(3, #corpus)
    assert.same({ 4, 4, 3 }, { corpus:length(1), corpus:length(2), corpus:length(3) })
    corpus:add { 1, 2, 3, 4, 5, 6, 7 }
    assert.equal(5, #corpus)
  end)

  it("reads JSON lines, and names the line that is wrong", function()
    local path = temporary()
    write(path, '{"ids":[1,2,3]}\n\n{"ids":[4,5],"weights":[0,0.5]}')
    local corpus = assert(train.corpus(path, { longest = 8 }))
    assert.equal(2, #corpus)
    assert.equal(2, corpus:weight(1))
    assert.equal(0.5, corpus:weight(2))
    for line, sentence in pairs {
      ['{"ids":[1,2'] = ":2", ['{"ids":[1,-2]}'] = ":2: entry 2 of 'ids' is no token id",
      ['{"ids":[1]}'] = ":2: a sequence of 1 ids", ["[1,2]"] = ":2: wants a JSON object",
      ['{"ids":[1,2],"weights":[1]}'] = ":2: 'weights' wants 2 numbers",
      ['{"ids":[1,2],"weights":[1,-1]}'] = ":2: weight 2 is no number from 0 up",
      ['{"text":"hello"}'] = ":2: has 'text', and no model was given",
      ['{"txt":"hello"}'] = ":2: wants 'ids', an array, or 'text'", ["\0 \0"] = ":2: ",
    } do
      write(path, '{"ids":[1,2,3]}\n' .. line .. "\n")
      local ok, message, code = corpus:read(path)
      assert.is_nil(ok)
      assert.equal("format", code)
      assert.matches(path .. sentence, message, 1, true)
      assert.equal(2, #corpus)
    end
    os.remove(path)
  end)

  it("reads gzipped lines, and names the packed file when one is wrong", function()
    local path = temporary() .. "'s.jsonl"
    local function pack(text)
      write(path, text)
      assert(os.execute("gzip -f -k " .. support.quote(path)))
      return path .. ".gz"
    end
    assert.equal(2, #assert(train.corpus(pack '{"ids":[1,2]}\n{"ids":[1,2,3]}\n')))
    local none, message, code = train.corpus(pack '{"ids":[1,2]}\n{"ids":[1,2}\n')
    assert.is_nil(none)
    assert.matches(path .. ".gz:2: ", message, 1, true)
    assert.equal("format", code)
    write(path .. ".gz", "\31\139 no archive")
    none, message, code = train.corpus(path .. ".gz")
    assert.is_nil(none)
    assert.equal(path .. ".gz: gzip could not unpack it", message)
    assert.equal("format", code)
  end)

  it("encodes text with a model", function()
    local path = temporary()
    local model = assert(moonlet.load "examples/models/pocket")
    write(path, '{"text":"set an alarm"}\n')
    local corpus = assert(train.corpus(path, { longest = 64, model = model }))
    local eos = #model.config.eos_token_id > 0 and 1 or 0
    assert.equal(#model:encode "set an alarm" + eos, corpus:length(1))
    os.remove(path)
  end)
end)

describe("schedule", function()
  it("warms up, then falls by cosine, on a line, or late", function()
    local cosine = train.schedule { rate = 1, warmup = 10, steps = 110, floor = 0.2 }
    assert.near(0.5, cosine(5), 1e-12)
    assert.near(1, cosine(10), 1e-12)
    assert.near(0.6, cosine(60), 1e-12)
    assert.near(0.2, cosine(110), 1e-12)
    local linear = train.schedule { rate = 1, warmup = 10, steps = 110, kind = "linear", floor = 0 }
    assert.near(0.75, linear(35), 1e-12)
    local late = train.schedule { rate = 1, steps = 100, kind = "constant", constant = 0.8,
      floor = 0 }
    assert.near(1, late(80), 1e-12)
    assert.near(0.5, late(90), 1e-12)
    assert.has_error(function() train.schedule { rate = 1, steps = 1, kind = "cosin" } end)
  end)

  it("is of known options", function()
    local corpus = some_corpus(2)
    for _, f in ipairs { function() train.schedule { rate = 1, steps = 1, warm = 1 } end,
      function() train.batches(corpus, { token = 9 }) end,
      function() train.corpus("none.jsonl", { longst = 9 }) end } do
      assert.has_error(f)
    end
    local none, message = train.corpus "none.jsonl"
    assert.is_nil(none)
    assert.matches("none.jsonl", message, 1, true)
  end)

  it("leaves out sequences without targets", function()
    local corpus = some_corpus(3)
    corpus:add({ 1, 2, 3 }, { 1, 0, 0 })
    local batches, seen = train.batches(corpus, { tokens = 1 }), 0
    for _ = 1, 9 do
      local rows, weight = batches:next()
      seen = seen + #rows
      assert.is_true(rows[1] <= 3 and weight > 0)
    end
    assert.equal(9, seen)
    assert.equal(6, train.count(corpus, 2, { tokens = 1 }))
  end)

  it("orders each epoch by (seed, epoch) alone", function()
    local a, b = train.order(100, 1, 0), train.order(100, 1, 1)
    assert.same(a, train.order(100, 1, 0))
    assert.not_same(a, b)
    table.sort(b)
    for i = 1, 100 do assert.equal(i, b[i]) end
  end)
end)
