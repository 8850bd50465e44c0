-- Dropout: how much is dropped and what the rest is multiplied by; that it follows from seed and
-- steps alone; that only what gives a gradient drops.
local build = os.getenv "MOONLET_BUILD" or "build"
package.cpath = build .. "/spec/?.so;" .. package.cpath
local double = assert(package.loadlib(build .. "/spec/train_double.so",
  "luaopen_moonlet_debug_train"))()
local single = require "moonlet.debug.train"
local tiny = require "spec.train.tiny"
local trainer = tiny.trainer

-- The factor of each element, told by the gradients: of what is dropped, and of the residual.
local function factors(case)
  local _, params = double.gradients(case, {})
  local list = {}
  for i, whole in ipairs(params[2].grad) do list[i] = params[1].grad[i] / whole end
  return list
end

-- Losses of some batches, a step after every second.
local function losses(t, corpus, n)
  local list = {}
  for i = 1, n do
    list[i] = assert(t:batch(corpus, tiny.ROWS, 1 / tiny.TARGETS))
    if i % 2 == 0 then assert(t:step { rate = 1e-3 }) end
  end
  return list
end

describe("dropout", function()
  local corpus
  setup(function() corpus = tiny.corpus() end)

  it("drops its share and divides the rest by what is left", function()
    local list, dropped = factors "dropout", 0
    for _, factor in ipairs(list) do
      if factor == 0 then dropped = dropped + 1
      else assert.near(1 / 0.75, factor, 1e-12) end
    end
    -- 2,600 draws of 1/4: 650, four deviations of 22
    assert.is_true(math.abs(dropped - 650) < 88, dropped)
  end)

  it("draws by Philox, 16 bits an element, in every tier and whatever part is asked for", function()
    for _, part in ipairs { { 0, 2600 }, { 0, 1 }, { 7, 8 }, { 8, 127 }, { 100, 700 }, { 129, 130 },
        { 384, 1000 }, { 0, 400000 } } do
      assert.equal(0, single.drops(part[1], part[2]))
      assert.equal(0, double.drops(part[1], part[2]))
    end
  end)

  it("drops other elements at another site, as often together as chance has it", function()
    local a, b, both = factors "dropout", factors "dropout at another site", 0
    for i = 1, #a do if a[i] == 0 and b[i] == 0 then both = both + 1 end end
    -- 2,600 draws of 1/16: 162, four deviations of 12.4
    assert.is_true(math.abs(both - 162) < 50, both)
  end)

  it("draws anew for every batch, also of one step", function()
    local t = trainer { dropout = 0.2 }
    local a, b = table.unpack(losses(t, corpus, 2))
    assert.is_true(a ~= b)
    t:close()
  end)

  it("is a matter of seed and steps, not of threads", function()
    local one = losses(trainer { dropout = 0.2, threads = 0 }, corpus, 6)
    assert.same(one, losses(trainer { dropout = 0.2, threads = 3 }, corpus, 6))
    local other = losses(trainer { dropout = 0.2, seed = 2 }, corpus, 6)
    assert.is_true(one[1] ~= other[1])
  end)

  it("leaves evaluation and logits alone", function()
    local with, without = trainer { dropout = 0.5 }, trainer {}
    assert.equal(without:evaluate(corpus, tiny.ROWS), with:evaluate(corpus, tiny.ROWS))
    assert.same(without:logits({ 1, 2, 3 }):totable(), with:logits({ 1, 2, 3 }):totable())
    assert.is_true(without:batch(corpus, tiny.ROWS, 1) ~= with:batch(corpus, tiny.ROWS, 1))
  end)

  it("of 0 is none", function()
    assert.same(losses(trainer {}, corpus, 4), losses(trainer { dropout = 0 }, corpus, 4))
  end)

  it("works with a teacher and with low-rank updates", function()
    local teacher = trainer { dropout = 0.5, seed = 9 }
    local list = losses(trainer { dropout = 0.3, teacher = teacher }, corpus, 4)
    assert.is_true(list[4] == list[4])
    local low = trainer { dropout = 0.3, lora_rank = 2, lora_targets = { "o", "down" } }
    list = losses(low, corpus, 40)
    assert.is_true(list[40] < list[1])
  end)

  it("refuses what is no share", function()
    for _, rate in ipairs { -0.1, 0.95, 0 / 0 } do
      local ok, message = pcall(trainer, { dropout = rate })
      assert.is_false(ok)
      assert.matches("dropout", message)
    end
  end)
end)
