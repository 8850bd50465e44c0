-- Matrices held in bf16 while they are trained: what forward and backward see is the f32 master,
-- rounded, and nothing else changes.
local build = os.getenv "MOONLET_BUILD" or "build"
package.cpath = build .. "/spec/?.so;" .. package.cpath
local moonlet = require "moonlet"
local train = require "moonlet.train"
local memory = require "moonlet.debug.memory"
local tiny = require "spec.train.tiny"
local support = require "spec.support"
local temporary = support.temporary

local function config(more)
  return tiny.config({ hidden_size = 48, intermediate_size = 96 }, more)
end

local corpus, ROWS, TARGETS = tiny.corpus, tiny.ROWS, tiny.TARGETS

local SHAPES = { plain = {}, shared = { layer_sharing = true },
  untied = { share_embedding = false } }
local IDS = {}
for k = 1, 40 do IDS[k] = k * k * 3 % 64 end

local function new(more, options)
  local all = { tokens = 128, seed = 3, weights = "bf16" }
  for name, value in pairs(options or {}) do all[name] = value end
  return assert(train.new(config(more), all))
end

local function learn(trainer, data, steps)
  local losses = {}
  for i = 1, steps do
    losses[i] = assert(trainer:batch(data, ROWS, 1 / TARGETS)) / TARGETS
    assert(trainer:step { rate = 3e-3, decay = 0.01 })
  end
  return losses
end

local function rounded(t) return #t.shape == 2 and t:to("bf16"):to("f32") or t end

-- A trainer in f32 whose matrices are those of `trainer`, rounded to bf16.
local function rounded_twin(trainer, more, options)
  local all = { weights = "f32" }
  for name, value in pairs(options or {}) do all[name] = value end
  local twin = new(more, all)
  for _, name in ipairs(trainer:names()) do twin:set(name, rounded(trainer:get(name))) end
  return twin
end

local function same(a, b)
  local x, y = a:contiguous():view(-1):totable(), b:contiguous():view(-1):totable()
  if #x ~= #y then return false end
  for i = 1, #x do if x[i] ~= y[i] then return false end end
  return true
end

local function check_same_weights(a, b)
  for _, name in ipairs(a:names()) do assert.is_true(same(a:get(name), b:get(name)), name) end
end

describe("training with weights in bf16", function()
  for title, more in pairs(SHAPES) do
    it("computes with the masters, rounded, to the bit: " .. title, function()
      local data, trainer = corpus(), new(more)
      learn(trainer, data, 5)
      local twin = rounded_twin(trainer, more)
      assert.is_true(same(trainer:logits(IDS), twin:logits(IDS)))
      assert.equal(twin:evaluate(data, ROWS), trainer:evaluate(data, ROWS))
      assert.equal(twin:batch(data, ROWS, 1 / TARGETS), trainer:batch(data, ROWS, 1 / TARGETS))
      assert.equal(twin:step { rate = 0 }, trainer:step { rate = 0 })   -- the gradients' norm
    end)
  end

  it("steps the masters, which hold more than bf16 does", function()
    local data, trainer, exact = corpus(), new(), new(nil, { weights = "f32" })
    local name = "model.layers.1.mlp.up_proj.weight"
    local first = trainer:get(name)
    assert.is_true(same(first, exact:get(name)))
    assert.is_false(same(first, rounded(first)))
    trainer:batch(data, ROWS, 1 / TARGETS)
    trainer:step { rate = 2e-6, decay = 0 }
    local moved, seen = trainer:get(name), rounded(first)
    assert.is_false(same(moved, first))
    local kept, list, before = 0, rounded(moved):view(-1):totable(), seen:view(-1):totable()
    for i = 1, #list do if list[i] == before[i] then kept = kept + 1 end end
    assert.is_true(kept > 0.9 * #list)          -- steps that bf16 alone would forget
    for _ = 1, 40 do
      trainer:batch(data, ROWS, 1 / TARGETS)
      trainer:step { rate = 2e-6, decay = 0 }
    end
    assert.is_false(same(rounded(trainer:get(name)), seen))
  end)

  it("learns as f32 does, and by heart as well", function()
    local data = corpus()
    local narrow, wide = learn(new(), data, 200), learn(new(nil, { weights = "f32" }), data, 200)
    for _, i in ipairs { 1, 5, 10, 20 } do assert.near(wide[i], narrow[i], 0.02) end
    assert.is_true(narrow[200] < 0.01, narrow[200])
  end)

  it("gives the same bits with any number of threads", function()
    local data, first = corpus(), nil
    for _, threads in ipairs { 1, 2, 3 } do
      local trainer = new({ vocab_size = 700 }, { threads = threads })
      learn(trainer, data, 4)
      first = first or trainer
      check_same_weights(first, trainer)
    end
  end)

  it("goes on from a checkpoint bit for bit", function()
    local data, dir, through = corpus(), temporary(), new()
    learn(through, data, 4)
    assert(through:save(dir, "notes"))
    local resumed = new(nil, { seed = 9 })
    assert.equal("notes", resumed:restore(dir))
    assert.is_true(same(through:logits(IDS), resumed:logits(IDS)))
    learn(through, data, 3)
    learn(resumed, data, 3)
    check_same_weights(through, resumed)
  end)

  it("exports the very matrices that it computed with", function()
    local data, trainer, out = corpus(), new(), temporary()
    learn(trainer, data, 10)
    assert(trainer:export(out, { dtype = "bf16" }))
    for name, t in pairs(assert(moonlet.load_tensors(out .. "/model.safetensors"))) do
      assert.equal("bf16", t.dtype)
      if #t.shape == 2 then assert.is_true(same(t:to "f32", rounded(trainer:get(name))), name) end
    end
  end)

  it("holds frozen weights in bf16 alone, under updates in f32", function()
    local data, lora = corpus(), { lora_rank = 3, lora_targets = { "q", "v", "up", "down" } }
    local name = "model.layers.0.mlp.up_proj.weight"
    local trainer = new(nil, lora)
    assert.is_true(same(trainer:get(name), rounded(new(nil, { weights = "f32" }):get(name))))
    learn(trainer, data, 10)
    local update = "base_model.model.model.layers.0.mlp.up_proj.lora_B.weight"
    assert.is_false(same(trainer:get(update), rounded(trainer:get(update))))
    local twin = rounded_twin(trainer, nil, lora)
    for _, other in ipairs(trainer:names()) do twin:set(other, trainer:get(other)) end
    assert.is_true(same(trainer:logits(IDS), twin:logits(IDS)))
    local dir, resumed = temporary(), new(nil, { lora_rank = 3, seed = 8,
      lora_targets = lora.lora_targets })
    assert(trainer:save(dir))
    assert(resumed:restore(dir))
    learn(trainer, data, 3)
    learn(resumed, data, 3)
    check_same_weights(trainer, resumed)
    local none, message, code = twin:restore(dir)
    assert.is_nil(none)
    assert.equal("format", code)
    assert.matches("is not of the shape and type", message, 1, true)
    local adapter = temporary()
    assert(trainer:export_lora(adapter))
    local merged, exact = new(), rounded_twin(new())
    assert(merged:merge(adapter))
    assert(exact:merge(adapter))
    local want = new():get(name) - rounded(new():get(name)) + exact:get(name)
    local list = (merged:get(name) - want):view(-1):totable()
    for i = 1, #list do assert.near(0, list[i], 1e-6) end
    local frozen = new(nil, lora)
    assert(frozen:merge(adapter))
    assert.is_true(same(frozen:get(name), rounded(exact:get(name))))
  end)

  it("imitates a teacher that is held in bf16", function()
    local data, teacher = corpus(), new(nil, { seed = 5 })
    learn(teacher, data, 30)
    local wide = rounded_twin(teacher)
    local student = new(nil, { teacher = teacher })
    local other = new(nil, { teacher = wide })
    assert.equal(other:batch(data, ROWS, 1), student:batch(data, ROWS, 1))
    assert.equal(other:step { rate = 0 }, student:step { rate = 0 })
  end)

  it("says what it takes: two bytes more a learning weight, two less a frozen one", function()
    local matrices, norms = 0, 0
    local narrow, wide = new(), new(nil, { weights = "f32" })
    for _, name in ipairs(narrow:names()) do
      local t = narrow:get(name)
      if #t.shape == 2 then matrices = matrices + t.shape[1] * t.shape[2]
      else norms = norms + t.shape[1] end
    end
    assert.equal(matrices + norms, narrow.learning)
    local largest, tape = 64 * 48 + 4 * 48 * 48, 4        -- widened for one operation, f32
    local more = narrow.bytes - wide.bytes
    assert.is_true(more >= 2 * matrices and more <= 2 * matrices + tape * 4 * largest,
      more .. " for " .. matrices)
    local lora = { lora_rank = 1, lora_targets = { "q" }, weights = "bf16" }
    local low = new(nil, lora)
    lora.weights = "f32"
    local less = new(nil, lora).bytes - low.bytes
    assert.is_true(less <= 2 * matrices and less >= 2 * matrices - tape * 4 * largest,
      less .. " for " .. matrices)
  end)

  it("allocates nothing after the first step, and names a weight that is no number", function()
    local data, trainer = corpus(), new()
    memory.fail_at(0)
    learn(trainer, data, 3)
    assert.equal(0, memory.count())
    local frozen = new(nil, { lora_rank = 1 })
    frozen:set("model.layers.0.mlp.up_proj.weight", moonlet.full({ 96, 48 }, 0 / 0))
    local ok, message, code = frozen:save(temporary())
    assert.is_nil(ok)
    assert.equal("math", code)
    assert.matches("mlp.up_proj.weight' after 0 steps is no number", message, 1, true)
  end)

  it("is f32 or bf16", function()
    assert.error_matches(function() new(nil, { weights = "q8" }) end, "f32 or bf16", 1, true)
  end)
end)
