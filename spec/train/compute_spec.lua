-- Training whose products round what they multiply to bf16: an error where no CPU can, and where
-- one can the same model within what rounding changes.
local build = os.getenv "MOONLET_BUILD" or "build"
package.cpath = build .. "/spec/?.so;" .. package.cpath
local train = require "moonlet.train"
local tiny = require "spec.train.tiny"
local there = require "moonlet.debug.kernels".detect().amx

local function bits(trainer)
  local all = {}
  for _, name in ipairs(trainer:names()) do
    for _, x in ipairs(trainer:get(name):view(-1):totable()) do all[#all + 1] = ("%a"):format(x) end
  end
  return table.concat(all, " ")
end

describe("training that computes in bf16", function()
  it("is an error where the instructions are missing, and says where it runs", function()
    for _, isa in ipairs { "scalar", there and "bf16" or nil } do
      local trainer, message, code = train.new(tiny.config(), { compute = "bf16", tokens = 128,
        isa = isa })
      assert.is_nil(trainer)
      assert.equal("compute 'bf16' wants a CPU with AMX; this engine runs on " .. isa, message)
      assert.equal("support", code)
    end
  end)

  it("knows no third way", function()
    assert.has_error(function() train.new(tiny.config(), { compute = "f16" }) end)
    assert.has_error(function()
      train.run { config = tiny.config(), data = "data", out = "out", steps = 1, compute = "f16" }
    end, "train: 'compute' wants one of f32, bf16, got 'f16'")
  end)

  if not there then
    it("is unchecked further on this CPU, which has no AMX", function()
      local trainer, _, code = train.new(tiny.config(), { compute = "bf16", tokens = 128 })
      assert.is_nil(trainer)
      assert.equal("support", code)
    end)
    return
  end

  local ways = { plain = {}, muon = { optimizer = "muon" }, ["bf16 weights"] = { weights = "bf16" },
    ["low-rank updates"] = { lora_rank = 4, lora_targets = { "q", "down" } } }
  local function new(way, compute, threads)
    local options = { compute = compute, threads = threads }
    for name, value in pairs(ways[way]) do options[name] = value end
    return tiny.trainer(options)
  end

  for way in pairs(ways) do
    it("learns as f32 does: " .. way, function()
      local corpus = tiny.corpus()
      local exact, rounded = new(way, "f32"), new(way, "bf16")
      local first, other = exact:evaluate(corpus, tiny.ROWS), rounded:evaluate(corpus, tiny.ROWS)
      assert.near(first, other, 1e-3 * first)
      assert.are_not.equal(first, other)        -- what it should change, it does
      local want = tiny.learn(exact, corpus, 40, 3e-3)
      assert.near(want, tiny.learn(rounded, corpus, 40, 3e-3), 0.05 * want + 0.02)
    end)

    it("gives the same bits with any number of threads: " .. way, function()
      local corpus, first = tiny.corpus(), nil
      for _, threads in ipairs { 0, 2, 3 } do
        local trainer = new(way, "bf16", threads)
        tiny.learn(trainer, corpus, 3, 1e-3)
        first = first or bits(trainer)
        assert.is_true(first == bits(trainer))
      end
    end)
  end

  it("takes a teacher, and goes on from a checkpoint that f32 wrote", function()
    local corpus, directory = tiny.corpus(), os.tmpname()
    os.remove(directory)
    local exact = tiny.trainer {}
    tiny.learn(exact, corpus, 3, 1e-3)
    assert(exact:save(directory))
    local losses = {}
    for _, compute in ipairs { "f32", "bf16" } do
      local taught = tiny.trainer { compute = compute, teacher = exact }
      assert(taught:restore(directory))
      losses[#losses + 1] = tiny.learn(taught, corpus, 3, 1e-3)
      taught:close()
    end
    assert.near(losses[1], losses[2], 1e-2 * losses[1])
    assert.are_not.equal(losses[1], losses[2])
    os.execute("rm -r " .. directory)
  end)

  it("is a setting of whole runs", function()
    local data, out = tiny.file(), os.tmpname()
    os.remove(out)
    assert(train.run { config = tiny.config(), data = data, out = out, steps = 3, tokens = 64,
      length = 48, compute = "bf16" })
    os.execute("rm -r " .. out)
    os.remove(data)
  end)
end)
