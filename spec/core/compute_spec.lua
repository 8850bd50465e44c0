-- compute = "bf16": long prompts meet bf16 matrices in bf16. On a CPU without AVX512-BF16 the
-- scalar reference shows what it does; the kernel itself is checked in spec/kernels.
package.cpath = (os.getenv "MOONLET_BUILD" or "build") .. "/spec/?.so;" .. package.cpath
local moonlet = require "moonlet"

local PATH = "spec/fixtures/tiny-gqa-bf16"

local function ids(n)
  local list = {}
  for i = 1, n do list[i] = (i * 37) % 512 end
  return list
end

local function logits(options, n)
  options.isa = options.isa or "scalar"
  local model = assert(moonlet.load(options.path or PATH, options))
  local session = model:session { context = 128 }
  return session:feed(ids(n)):logits()
end

-- Largest difference of two tensors beside the largest number of the first.
local function distance(a, b)
  return (a - b):abs():max():item() / a:abs():max():item()
end

describe("compute = bf16", function()
  it("rounds the activations of long prompts, and nothing more", function()
    local exact, rounded = logits({}, 100), logits({ compute = "bf16" }, 100)
    local off = distance(exact, rounded)
    assert.is_true(off > 1e-5, "nothing was rounded")
    assert.is_true(off < 0.02, "off by " .. off)
  end)

  it("leaves few tokens and matrices in other types alone", function()
    assert.equal(0, distance(logits({}, 24), logits({ compute = "bf16" }, 24)))
    assert.equal(0, distance(logits({ dtype = "f32" }, 100),
      logits({ dtype = "f32", compute = "bf16" }, 100)))
    assert.equal(0, distance(logits({}, 100), logits({ compute = "f32" }, 100)))
  end)

  it("gives the same bits for any number of threads", function()
    local one = logits({ compute = "bf16", threads = 1 }, 100)
    for threads = 2, 3 do
      assert.equal(0, distance(one, logits({ compute = "bf16", threads = threads }, 100)))
    end
  end)

  -- A guess that comes along may not take the tokens before it to another kernel.
  it("gives the same bits with guesses and without, also without it", function()
    for _, options in ipairs { { compute = "bf16", isa = "scalar" }, { isa = "scalar" } } do
      local model = assert(moonlet.load(PATH, options))
      for _, n in ipairs { 1, 20, 24, 60, 90, 100 } do
        local plain, guessing = model:session { context = 128 }, model:session { context = 128 }
        local next_ones = { 3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3 }
        plain:feed(ids(n))
        guessing:feed(ids(n), { guesses = next_ones })
        assert.equal(0, distance(plain:logits(), guessing:logits()), n)
        for _, id in ipairs(next_ones) do
          plain:feed(id)
          guessing:feed(id)
          assert.equal(0, distance(plain:logits(), guessing:logits()), n)
        end
      end
    end
  end)

  it("is refused where the CPU or the isa has no such instruction", function()
    for isa, there in pairs(require "moonlet.debug.kernels".detect()) do
      if there and isa ~= "scalar" and isa ~= "bf16" and isa ~= "amx" then
        local model, message, code = moonlet.load(PATH, { isa = isa, compute = "bf16" })
        assert.is_nil(model)
        assert.equal("support", code)
        assert.truthy(message:find("this engine's isa is " .. isa, 1, true), message)
      end
    end
  end)

  it("has no other values", function()
    assert.has_error(function() moonlet.load(PATH, { compute = "f16" }) end,
      "load: option 'compute' wants f32 or bf16, got \"f16\"")
  end)
end)
