-- R-Drop: a batch goes through twice, under different dropout, and each pass teaches the other.
package.cpath = (os.getenv "MOONLET_BUILD" or "build") .. "/spec/?.so;" .. package.cpath
local memory = require "moonlet.debug.memory"
local train = require "moonlet.train"
local tiny = require "spec.train.tiny"
local trainer = tiny.trainer

-- So small a rate drops nothing (it is rounded to 1/65536), and yet is one.
local NOTHING = 1e-6

local function learn(t, corpus, steps) return tiny.learn(t, corpus, steps, 3e-3) end

-- How far apart the passes of a model are.
local function apart(t, corpus)
  local probe, sum = tiny.copy(t, trainer { dropout = 0.3, r_drop = 1 }), 0
  for _ = 1, 8 do sum = sum + assert(probe:batch(corpus, tiny.ROWS, 0)) end
  probe:close()
  return sum
end

describe("r_drop", function()
  local corpus
  setup(function() corpus = tiny.corpus() end)

  it("adds nothing where the passes are the same, and takes its share from the targets", function()
    local plain = trainer {}
    local twice = trainer { dropout = NOTHING, r_drop = 0.25 }
    local want = assert(plain:batch(corpus, tiny.ROWS, 1 / tiny.TARGETS))
    local loss = assert(twice:batch(corpus, tiny.ROWS, 1 / tiny.TARGETS))
    assert.near(0.75 * want, loss, 1e-4)
    local norm, other = assert(plain:step { clip = 0 }), assert(twice:step { clip = 0 })
    assert.near(0.75 * norm, other, 1e-5 * norm)
    local name = "model.layers.1.mlp.up_proj.weight"
    local away = (plain:get(name) - twice:get(name)):abs():max():item()
    assert.is_true(away < 1e-4, away)           -- of a step of 1e-3
  end)

  it("brings the passes nearer", function()
    local plain, agreed = trainer { dropout = 0.3 }, trainer { dropout = 0.3, r_drop = 0.9 }
    learn(plain, corpus, 150)
    learn(agreed, corpus, 150)
    local far, near = apart(plain, corpus), apart(agreed, corpus)
    assert.is_true(near > 0 and near < 0.5 * far, ("%g of %g"):format(near, far))
  end)

  it("still learns the targets", function()
    local t = trainer { dropout = 0.1, r_drop = 0.5 }
    local first = t:evaluate(corpus, tiny.ROWS)
    learn(t, corpus, 150)
    assert.is_true(t:evaluate(corpus, tiny.ROWS) < first / 10)
  end)

  it("of 0 is none; evaluation and logits are as without", function()
    local plain, twice = trainer { dropout = 0.2 }, trainer { dropout = 0.2, r_drop = 0.5 }
    assert.equal(plain:evaluate(corpus, tiny.ROWS), twice:evaluate(corpus, tiny.ROWS))
    assert.same(plain:logits({ 1, 2, 3 }):totable(), twice:logits({ 1, 2, 3 }):totable())
    local zero = trainer { dropout = 0.2, r_drop = 0 }
    assert.equal(learn(plain, corpus, 4), learn(zero, corpus, 4))
  end)

  it("is a matter of seed and steps, not of threads, and allocates nothing", function()
    local one = trainer { dropout = 0.2, r_drop = 0.5, threads = 0 }
    memory.fail_at(0)
    local loss = learn(one, corpus, 6)
    assert.equal(0, memory.count())
    assert.equal(loss, learn(trainer { dropout = 0.2, r_drop = 0.5, threads = 3 }, corpus, 6))
  end)

  it("takes as many targets as without, and no more", function()
    local t = trainer { dropout = 0.2, r_drop = 0.5 }
    local ok, message = pcall(t.batch, t, corpus, { 1, 2, 3, 4, 1, 2, 3 }, 1)
    assert.is_false(ok)
    assert.matches("more than 128 targets", message, 1, true)
    assert.is_truthy(t:batch(corpus, { 1, 2, 3, 4, 1, 2 }, 1))
  end)

  it("wants dropout, a share, and no other teacher", function()
    for sentence, options in pairs {
      ["r_drop wants dropout"] = { r_drop = 0.5 },
      ["r_drop"] = { r_drop = 1.5, dropout = 0.1 },
      ["one teacher"] = { r_drop = 0.5, dropout = 0.1, teacher = trainer {} },
    } do
      local ok, message = pcall(trainer, options)
      assert.is_false(ok)
      assert.matches(sentence, message, 1, true)
    end
  end)

  it("is a setting of run", function()
    local data, out = tiny.file(), os.tmpname()
    os.remove(out)
    local settings = { config = tiny.config(), data = data, out = out, tokens = 64, steps = 4,
      dropout = 0.1, r_drop = 0.5 }
    assert.equal(4, assert(train.run(settings)).steps)
    os.remove(data)
    assert(os.execute("rm -r " .. out))
  end)
end)
