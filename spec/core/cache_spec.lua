-- Caches of all types: the same bits however tokens come, and near the exact cache.
package.cpath = (os.getenv "MOONLET_BUILD" or "build") .. "/spec/?.so;" .. package.cpath
local moonlet = require "moonlet"

local function bits(session)
  local list = {}
  for i, v in ipairs(session:logits():totable()) do list[i] = string.pack("f", v) end
  return table.concat(list)
end

local function text(model, n)
  local file = assert(io.open("README.md", "rb"))
  local ids = model:encode(file:read "a")
  file:close()
  return { table.unpack(ids, 1, n) }
end

-- Mean of KL(p || q) and the share of equal best tokens, row by row.
local function compare(a, b)
  local p, q = a:softmax(2), b:softmax(2)
  local kl = (p * ((p + 1e-30):log() - (q + 1e-30):log())):sum(2):mean():item()
  local best, other, same = a:argmax(2):totable(), b:argmax(2):totable(), 0
  for i = 1, #best do same = same + (best[i] == other[i] and 1 or 0) end
  return kl, same / #best
end

-- 90 tokens are one span of attention, 600 are three.
local function check_bits(name, cache, n)
  local seen
  local ids = {}
  for i = 1, n do ids[i] = (i * 37) % 500 end
  for threads = 1, 3 do
    local model = assert(moonlet.load(name, { threads = threads }))
    local function session(chunk)
      return model:session { context = n + 10, cache = cache, chunk = chunk }
    end
    for _, chunk in ipairs { 1, 7, 90 } do
      local b = bits(session(chunk):feed(ids))
      seen = seen or b
      assert.is_true(seen == b, ("%s, %s, %d tokens: %d threads, chunk %d"):format(name, cache, n,
        threads, chunk))
    end
    local first = session(90):feed { table.unpack(ids, 1, n - 1) }
    local second, path = first:fork(), os.tmpname()
    assert(first:save(path))
    local third = assert(model:restore(path))
    os.remove(path)
    model:batch({ first, second, third }):feed { 7, ids[n], ids[n] }
    assert.is_true(seen == bits(second) and seen == bits(third), name)
  end
end

describe("cache", function()
  for _, cache in ipairs { "f32", "bf16", "q8" } do
    it("of " .. cache .. " gives the same bits for any threads, chunks, batch, fork and file",
      function()
        for _, name in ipairs { "spec/fixtures/tiny-gqa-bf16", "spec/fixtures/tiny-ls" } do
          check_bits(name, cache, 90)
          check_bits(name, cache, 600)
        end
        check_bits("examples/models/pocket", cache, 300)
      end)
  end

  it("of q4 gives the same bits for any threads, chunks, batch, fork and file", function()
    check_bits("examples/models/pocket", "q4", 90)
    check_bits("examples/models/pocket", "q4", 600)
  end)

  it("may differ among sessions that are fed together", function()
    local model = assert(moonlet.load(nil, { threads = 2 }))
    local alone, together = {}, {}
    for i, cache in ipairs { "q4", "f32", "q8", "q4", "bf16" } do
      local session = model:session { context = 400, cache = cache }
      session:feed(text(model, 60 * i))
      together[i] = session
      alone[i] = bits(session:fork():feed { 5 })
    end
    model:batch(together):feed { 5, 5, 5, 5, 5 }
    for i, session in ipairs(together) do assert.is_true(bits(session) == alone[i], i) end
  end)
end)

describe("cache in bf16", function()
  local model = assert(moonlet.load())
  local ids = text(model, 700)

  it("is attention over rounded keys and values", function()
    local session = model:session { context = 1024, cache = "bf16" }
    session:begin(ids)
    repeat local stage = session:stage() until stage == "rope"
    local keys = session:peek("keys", 1):transpose(1, 2):contiguous()
    local k = session:peek "k"
    assert.is_false(keys:equals(k, 0))
    assert.is_true(keys:equals(k:to "bf16":to "f32", 0))
  end)

  it("stays near the exact cache, in half of its memory", function()
    local exact = model:session { context = 1024 }
    local session = model:session { context = 1024, cache = "bf16" }
    local kl, same = compare(exact:evaluate(ids), session:evaluate(ids))
    assert.is_true(kl > 0 and kl <= 0.0002, ("KL divergence %g"):format(kl))
    assert.is_true(same >= 0.99, ("same best token: %.2f %%"):format(100 * same))
    local heads = 12 * 2 * 32 * 1024           -- numbers in all keys
    assert.is_true(exact.bytes - session.bytes > 2 * 2 * heads * 0.9)
  end)
end)

describe("cache in few bits", function()
  local model = assert(moonlet.load())
  local WINDOW, WINDOWS = 700, 4
  local ids = text(model, WINDOW * WINDOWS)
  local exact = model:session { context = 1024 }
  local heads = 18 * 2 * 32 * 1024              -- numbers in all keys

  -- Divergence from the exact session and share of equal best tokens over all windows.
  local function compared(session)
    local kl, same = 0, 0
    for first = 1, WINDOWS * WINDOW, WINDOW do
      local window = { table.unpack(ids, first, first + WINDOW - 1) }
      exact:rewind(0)
      session:rewind(0)
      local off, equal = compare(exact:evaluate(window), session:evaluate(window))
      kl, same = kl + off / WINDOWS, same + equal / WINDOWS
    end
    return kl, same
  end

  -- The same of a cache; bits_each: of a number, its share of a scale, for 32, included.
  local function of_cache(cache, bits_each)
    local session = model:session { context = 1024, cache = cache }
    local saved = 2 * heads * (32 - bits_each) / 8
    assert.is_true(math.abs(exact.bytes - session.bytes - saved) < 0.01 * saved)
    return compared(session)
  end

  it("stays near the exact one in 8 bits", function()
    local kl, same = of_cache("q8", 8 + 1)
    assert.is_true(kl > 0 and kl <= 0.0002, ("KL divergence %g"):format(kl))
    assert.is_true(same >= 0.985, ("same best token: %.2f %%"):format(100 * same))
  end)

  it("costs less in 4 bits than weights in 4 bits do", function()
    local kl, same = of_cache("q4", 4 + 1 / 2)
    local rounded = assert(moonlet.load(nil, { dtype = "q4" })):session { context = 1024 }
    local of_weights, same_of_weights = compared(rounded)
    assert.is_true(kl > 0 and kl < 0.6 * of_weights, ("%g, of weights %g"):format(kl, of_weights))
    assert.is_true(same > same_of_weights, ("same best token: %.2f %%, of weights %.2f %%"):format(
      100 * same, 100 * same_of_weights))
  end)

  it("turns keys and values in 4 bits, and back for those who look", function()
    local few = { table.unpack(ids, 1, 40) }
    local session = model:session { context = 64, cache = "q4" }
    session:begin(few)
    repeat local stage = session:stage() until stage == "rope"
    local k, v, q = session:peek "k", session:peek "v", session:peek "q"
    for name, made in pairs { keys = k, values = v } do
      local kept = session:peek(name, 1):transpose(1, 2):contiguous()
      local off = ((kept - made) * (kept - made)):sum():item() / (made * made):sum():item()
      assert.is_true(off > 0.001 and off < 0.01, ("%s: error %g"):format(name, off))
    end
    repeat local stage = session:stage() until stage == "attention"
    assert.is_true(session:peek("q"):equals(q, 1e-5))
  end)

  it("is refused by unknown name, and where heads do not fit", function()
    local tiny = assert(moonlet.load "spec/fixtures/tiny-gqa")
    for _, cache in ipairs { "q5", "i8", "f64", "f16" } do
      assert.has_error(function() tiny:session { cache = cache } end)
    end
    local message = "cache wants f32, bf16, or for heads of a multiple of 4 up to 512 q8, "
      .. "of a multiple of 32 also q4"
    assert.error_matches(function() assert(tiny:session { cache = "q4" }) end, message, 1, true)
    assert.error_matches(function()
      assert(moonlet.plan("spec/fixtures/tiny-gqa", { cache = "q4" }))
    end, message, 1, true)
  end)
end)
