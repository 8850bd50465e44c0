-- Muon: matrices of the blocks move along their momentum made orthogonal, the others by AdamW.
package.cpath = (os.getenv "MOONLET_BUILD" or "build") .. "/spec/?.so;" .. package.cpath
local memory = require "moonlet.debug.memory"
local train = require "moonlet.train"
local tiny = require "spec.train.tiny"

local UP, Q = "model.layers.1.mlp.up_proj.weight", "model.layers.0.self_attn.q_proj.weight"
local DOWN = "model.layers.0.mlp.down_proj.weight"
local RATE = 1e-3

local function trainer(options)
  options.optimizer = options.optimizer or "muon"
  return tiny.trainer(options)
end

local function batch(t, corpus) assert(t:batch(corpus, tiny.ROWS, 1 / tiny.TARGETS)) end

local function learn(t, corpus, steps) return tiny.learn(t, corpus, steps, 3e-3) end

-- The gradient of a weight of t as it stands: a step of AdamW whose epsilon is so large beside a
-- gradient made small that it divides by nothing else.
local function gradient(t, corpus, name)
  local probe = tiny.copy(t, tiny.trainer {})
  assert(probe:batch(corpus, tiny.ROWS, 1e-4 / tiny.TARGETS))
  assert(probe:step { rate = 1e6, epsilon = 1, beta1 = 0, decay = 0, clip = 0 })
  local moved = (t:get(name) - probe:get(name)) * 1e-2
  probe:close()
  return moved
end

-- Five steps of the quintic of the definition, written with whole matrices.
local function orthogonal(g)
  local x = g * (1 / (g * g):sum():item() ^ 0.5)
  local tall = g.shape[1] > g.shape[2]
  if tall then x = x:transpose(1, 2) end
  for _ = 1, 5 do
    local a = x:matmul(x:transpose(1, 2))
    x = x * 3.4445 + (a * -4.7750 + a:matmul(a) * 2.0315):matmul(x)
  end
  return tall and x:transpose(1, 2) or x
end

local function away(a, b) return (a - b):abs():max():item() end

describe("optimizer muon", function()
  local corpus
  setup(function() corpus = tiny.corpus() end)

  it("moves matrices, wide, square and tall, along orthogonal momentum", function()
    for _, name in ipairs { UP, Q, DOWN } do
      local t, momentum = trainer {}, nil
      for _ = 1, 3 do
        local g, before = gradient(t, corpus, name), t:get(name)
        momentum = momentum and momentum * 0.95 + g * 0.05 or g * 0.05
        local turn = orthogonal(momentum * 0.95 + g * 0.05)
        local large = 0.2 * math.max(g.shape[1], g.shape[2]) ^ 0.5
        batch(t, corpus)
        assert(t:step { rate = RATE, decay = 0.5, clip = 0 })
        local want = before - (turn * large + before * 0.5) * RATE
        assert.is_true(away(want, t:get(name)) < 2e-3 * RATE, name)
      end
    end
  end)

  it("moves them in the mean as far as AdamW does", function()
    local t = trainer {}
    local before = t:get(UP)
    batch(t, corpus)
    assert(t:step { rate = RATE, decay = 0 })
    local moved = (t:get(UP) - before) * (1 / RATE)
    local mean = ((moved * moved):sum():item() / (moved.shape[1] * moved.shape[2])) ^ 0.5
    assert.is_true(mean > 0.1 and mean < 0.4, mean)       -- 0.2 where all directions are full
  end)

  it("leaves embeddings, head, norms and low-rank updates to AdamW", function()
    for _, how in ipairs { {}, { lora_rank = 2, lora_targets = { "q", "up" } } } do
      local one = trainer(how)
      how.optimizer = "adamw"
      local other = trainer(how)
      for _, t in ipairs { one, other } do
        batch(t, corpus)
        assert(t:step { rate = RATE })
      end
      local same, different = 0, 0
      for _, name in ipairs(one:names()) do
        if away(one:get(name), other:get(name)) == 0 then same = same + 1
        else
          different = different + 1
          assert.matches("^model%.layers%.%d%.[%l_]+%.[%l_]+_proj%.weight$", name)
        end
      end
      assert.equal(how.lora_rank and 0 or 14, different)
      assert.is_true(same >= 6)
    end
  end)

  it("takes a matrix with as many rows as the vocabulary for one of a block", function()
    local config = tiny.config { intermediate_size = 64, share_embedding = false }
    local options = { tokens = 128, length = 48, seed = 1 }
    local plain = assert(train.new(config, options))
    options.optimizer = "muon"
    local t = assert(train.new(config, options))
    for _, one in ipairs { plain, t } do
      batch(one, corpus)
      assert(one:step { rate = RATE })
    end
    assert.is_true(away(plain:get(UP), t:get(UP)) > 0)
    for _, name in ipairs { "model.embed_tokens.weight", "lm_head.weight" } do
      assert.equal(0, away(plain:get(name), t:get(name)))
    end
  end)

  it("learns, and stays still where there is no gradient", function()
    local t = trainer {}
    assert.is_true(learn(t, corpus, 150) < 0.1)
    local still = trainer {}
    local before = still:get(UP)
    assert(still:step { rate = RATE, decay = 0 })
    assert.equal(0, away(before, still:get(UP)))
  end)

  it("is a matter of seed and steps, not of threads, and allocates nothing", function()
    local one = trainer { threads = 0 }
    memory.fail_at(0)
    local loss = learn(one, corpus, 6)
    assert.equal(0, memory.count())
    local three = trainer { threads = 3 }
    assert.equal(loss, learn(three, corpus, 6))
    assert.equal(0, away(one:get(UP), three:get(UP)))
  end)

  it("rounds what is computed with in bf16", function()
    local t = trainer { weights = "bf16" }
    learn(t, corpus, 3)
    local again = tiny.copy(t, trainer { weights = "bf16" })
    assert.same(again:logits({ 1, 2, 3 }):totable(), t:logits({ 1, 2, 3 }):totable())
  end)

  it("goes on from a checkpoint bit by bit, and from none of AdamW's", function()
    local directory = os.tmpname()
    os.remove(directory)
    local through, resumed = trainer {}, trainer { seed = 9 }
    learn(through, corpus, 4)
    assert(through:save(directory, "notes"))
    assert.equal("notes", resumed:restore(directory))
    assert.equal(learn(through, corpus, 3), learn(resumed, corpus, 3))
    assert.equal(0, away(through:get(UP), resumed:get(UP)))
    local notes, message = tiny.trainer({}):restore(directory)
    assert.is_nil(notes)
    assert.matches("is a checkpoint of another config, of another optimizer", message, 1, true)
    assert(os.execute("rm -r " .. directory))
  end)

  it("is one of two names; momentum is below 1", function()
    local ok, message = pcall(trainer, { optimizer = "muno" })
    assert.is_false(ok)
    assert.matches("option 'optimizer' wants adamw or muon, got \"muno\"", message, 1, true)
    ok, message = pcall(function() trainer({}):step { momentum = 1 } end)
    assert.is_false(ok)
    assert.matches("momentum from 0 to below 1", message, 1, true)
  end)

  it("is a setting of run", function()
    local data, out = tiny.file(), os.tmpname()
    os.remove(out)
    local settings = { config = tiny.config(), data = data, out = out, tokens = 64, steps = 4,
      optimizer = "muon", momentum = 0.9 }
    assert.equal(4, assert(train.run(settings)).steps)
    for name, value in pairs { momentum = 1, beta1 = 1, beta2 = 1, optimizer = "sgd" } do
      local ok, message = pcall(train.run, setmetatable({ [name] = value }, { __index = settings }))
      assert.is_false(ok)
      assert.matches(("'%s' wants"):format(name), message, 1, true)
    end
    os.remove(data)
    assert(os.execute("rm -r " .. out))
  end)
end)
