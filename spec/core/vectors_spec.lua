-- The reference vectors: exact-format checkpoints with float64 logits and greedy continuations,
-- on every tier that this CPU runs, for several numbers of threads and chunk sizes.
package.cpath = (os.getenv "MOONLET_BUILD" or "build") .. "/spec/?.so;" .. package.cpath
local moonlet = require "moonlet"
local json = require "dkjson"

local BASE = {
  "tiny-gqa", "tiny-gqa-bf16", "tiny-gqa-f16", "tiny-ls", "tiny-untied", "tiny-odd", "tiny-r1",
  "tiny-gqa-headonly", "tiny-gqa-sharded", "tiny-gqa-ptbin-f16", "tiny-gqa-ptbin-bf16",
}
local TOLERANCE = 2e-4

local function fixture(name)
  local file = assert(io.open("spec/fixtures/" .. name .. "/expected.json", "rb"))
  local expected = assert(json.decode(file:read "a"))
  file:close()
  return "spec/fixtures/" .. name, expected
end

local function tiers()
  local list = {}
  for _, isa in ipairs { "scalar", "avx2", "avx512", "bf16", "amx", "neon" } do
    local model, message = moonlet.load("spec/fixtures/tiny-gqa", { isa = isa, threads = 0 })
    if model then list[#list + 1] = isa
    else print(("vectors: tier %s is not tried here: %s"):format(isa, message)) end
  end
  return list
end

local function feed_in_chunks(session, ids, chunk)
  for first = 1, #ids, chunk do
    session:feed({ table.unpack(ids, first, math.min(first + chunk - 1, #ids)) })
  end
end

local function close(expected, got, what)
  local worst = 0
  for i = 1, #expected do
    local difference = math.abs(expected[i] - got[i])
    if not (difference <= worst) then worst = difference end
  end
  assert.is_true(worst <= TOLERANCE, ("%s: off by %g"):format(what, worst))
end

local function greedy(session, n)
  local ids = {}
  for i = 1, n do
    ids[i] = session:sample()
    session:feed(ids[i])
  end
  return ids
end

local function argmax_rows(logits)
  local ids = {}
  for t, position in ipairs(logits:argmax(2):totable()) do ids[t] = position - 1 end
  return ids
end

describe("vectors", function()
  local runnable = tiers()
  for _, name in ipairs(BASE) do
    local dir, expected = fixture(name)
    for _, isa in ipairs(runnable) do
      it(name .. " on " .. isa, function()
        for threads = 1, 3 do
          local model = assert(moonlet.load(dir, { isa = isa, threads = threads }))
          for _, case in ipairs(expected.cases) do
            for _, chunk in ipairs { 1, 7, 64, math.huge } do
              local what = ("%d tokens, %d threads, chunk %s"):format(#case.prompt, threads, chunk)
              local session = model:session { context = 192 }
              feed_in_chunks(session, case.prompt, math.min(chunk, #case.prompt))
              close(case.last_logits, session:logits():totable(), what)
              assert.same(case.greedy, greedy(session, #case.greedy), what)
              session:close()
            end
          end
          model:close()
        end
      end)
    end

    it(name .. " at every position", function()
      local model = assert(moonlet.load(dir))
      for _, case in ipairs(expected.cases) do
        local session = model:session { context = 192 }
        assert.same(case.argmax, argmax_rows(session:evaluate(case.prompt)))
        session:rewind(0)
        local logprobs = session:score(case.prompt)
        close(case.next_logprob, { table.unpack(logprobs, 2) }, "next_logprob")
      end
    end)
  end

  it("layer sharing is neither of the two likely mistakes", function()
    local dir, expected = fixture "tiny-ls"
    local model = assert(moonlet.load(dir))
    local plain = assert(moonlet.load(dir, { layer_sharing = false }))
    for i, case in ipairs(expected.cases) do
      local session, other = model:session { context = 192 }, plain:session { context = 192 }
      session:feed(case.prompt)
      other:feed(case.prompt)
      local got = session:logits():totable()
      close(case.last_logits, got, "layer sharing")
      for _, variant in ipairs { "variant_first_kv", "variant_no_sharing" } do
        local wrong = expected[variant] and expected[variant][i]
        if wrong then
          local distance = 0
          for j, v in ipairs(wrong.last_logits) do
            distance = math.max(distance, math.abs(v - got[j]))
          end
          assert.is_true(#case.prompt == 1 or distance > 1, variant .. " is too near")
        end
      end
      local without = expected.variant_no_sharing and expected.variant_no_sharing[i]
      if without then close(without.last_logits, other:logits():totable(), "without sharing") end
    end
  end)

  it("gives bit-equal logits for 1, 2 and 3 threads", function()
    local _, expected = fixture "tiny-odd"
    local prompt = expected.cases[#expected.cases].prompt
    for _, isa in ipairs(runnable) do
      for _, name in ipairs { "tiny-odd", "tiny-gqa-bf16", "tiny-ls" } do
        for _, chunk in ipairs { 1, 7, 64, #prompt } do
          local seen
          for threads = 1, 3 do
            local model = assert(moonlet.load("spec/fixtures/" .. name,
              { isa = isa, threads = threads }))
            local session = model:session { context = 192 }
            feed_in_chunks(session, prompt, chunk)
            local bits = {}
            for i, v in ipairs(session:logits():totable()) do bits[i] = string.pack("f", v) end
            bits = table.concat(bits)
            seen = seen or bits
            assert.is_true(seen == bits, ("%s on %s: %d threads differ"):format(name, isa, threads))
            model:close()
          end
        end
      end
    end
  end)
end)
