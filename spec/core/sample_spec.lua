-- The samplers against the formulas of core/model/sample.h, written down again in Lua doubles.
package.cpath = (os.getenv "MOONLET_BUILD" or "build") .. "/spec/?.so;" .. package.cpath
local sampler = require "moonlet.debug.sample"

local VECTORS = 1000
local function f32(x) return (string.unpack("f", string.pack("f", x))) end

-- A vector of logits of one of several kinds: plain, tied, huge, with infinities.
local function random_logits(kind)
  local z = {}
  for i = 1, math.random(1, 60) do
    if kind == "tied" then z[i] = math.random(-3, 3)
    elseif kind == "huge" then z[i] = f32((math.random() - 0.5) * 1e30)
    else z[i] = f32((math.random() - 0.5) * 20) end
    if kind == "infinite" and math.random() < 0.3 then z[i] = -math.huge end
    if kind == "infinite" and math.random() < 0.05 then z[i] = math.huge end
  end
  if kind == "infinite" then z[math.random(#z)] = 1.5 end
  return z
end
local kinds = { "plain", "tied", "huge", "infinite" }

local function random_history(V, n)
  local history = {}
  for i = 1, n do history[i] = math.random(0, V - 1) end
  return history
end

-- The formulas ---------------------------------------------------------------------------------

local function penalised(z, history, o)
  local y = {}
  for i = 1, #z do y[i] = z[i] end
  for _, b in ipairs(o.bias or {}) do y[b[1] + 1] = f32(y[b[1] + 1] + f32(b[2])) end
  local r = f32(o.repetition_penalty or 1)
  local counts = {}
  for i = math.max(1, #history - (o.penalty_last_n or 64) + 1), #history do
    counts[history[i]] = (counts[history[i]] or 0) + 1
  end
  for id, c in pairs(counts) do
    local v = y[id + 1]
    v = v > 0 and f32(v / r) or f32(v * r)
    local amount = f32(f32(c * f32(o.frequency_penalty or 0)) + f32(o.presence_penalty or 0))
    y[id + 1] = f32(v - amount)
  end
  return y
end

local function dry_lengths(history, o)
  local breaker, longest = {}, {}
  for _, id in ipairs(o.dry_breakers or {}) do breaker[id] = true end
  local last = #history
  local first = 1
  if (o.dry_last_n or 0) > 0 then first = math.max(1, last - o.dry_last_n + 1) end
  for at = first + 1, last do                    -- history[at] followed it
    local length = 0
    while at - 1 - length >= first and history[at - 1 - length] == history[last - length]
      and not breaker[history[last - length]] do
      length = length + 1
    end
    local id = history[at]
    if not breaker[id] and length > (longest[id] or 0) then longest[id] = length end
  end
  return longest
end

local function dry(y, history, o)
  local base = f32(o.dry_base or 1.75)
  for id, length in pairs(dry_lengths(history, o)) do
    local over = length - (o.dry_allowed_length or 2)
    if over >= 0 then
      over = math.min(over, base > 1 and 88.72 / math.log(base) or 0)
      y[id + 1] = f32(y[id + 1] - f32(f32(o.dry_multiplier) * base ^ over))
    end
  end
  return y
end

local function weight(z, max, T) return z == max and 1 or math.exp((z - max) / T) end

-- The candidates in the order in which they are drawn, as a list of ids.
local function kept(y, o)
  local max = -math.huge
  for _, v in ipairs(y) do max = math.max(max, v) end
  local ids = {}
  for i = 1, #y do ids[i] = i - 1 end
  local cut = (o.top_k or 0) > 0 and o.top_k < #y or (o.top_p or 1) < 1 or (o.min_p or 0) > 0
  if not cut then return ids, max end
  table.sort(ids, function(a, b)
    if y[a + 1] ~= y[b + 1] then return y[a + 1] > y[b + 1] end
    return a < b
  end)
  while #ids > 1 and y[ids[#ids] + 1] == -math.huge do ids[#ids] = nil end
  if (o.top_k or 0) > 0 then while #ids > o.top_k do ids[#ids] = nil end end
  if (o.top_p or 1) < 1 then
    local total, sum, n = 0, 0, 0
    for _, id in ipairs(ids) do total = total + weight(y[id + 1], max, 1) end
    while n < #ids and (n == 0 or sum < f32(o.top_p) * total) do
      n = n + 1
      sum = sum + weight(y[ids[n] + 1], max, 1)
    end
    while #ids > n do ids[#ids] = nil end
  end
  while #ids > 1 and weight(y[ids[#ids] + 1], max, 1) < f32(o.min_p or 0) do ids[#ids] = nil end
  return ids, max
end

local function reference(z, history, o, u)
  local y = penalised(z, history, o)
  if (o.dry_multiplier or 0) > 0 then y = dry(y, history, o) end
  local T = f32(o.temperature or 0)
  if T == 0 then
    local best = 1
    for i = 2, #y do if y[i] > y[best] then best = i end end
    return best - 1
  end
  local ids, max = kept(y, o)
  local total, sum = 0, 0
  for _, id in ipairs(ids) do total = total + weight(y[id + 1], max, T) end
  local last
  for _, id in ipairs(ids) do
    local w = weight(y[id + 1], max, T)
    if w > 0 then
      last = id
      sum = sum + w
      if sum > u * total then return id end
    end
  end
  return last
end

-- The comparisons --------------------------------------------------------------------------------

local function compare(make_options, history_length)
  for i = 1, VECTORS do
    local z = random_logits(kinds[i % #kinds + 1])
    local history = random_history(#z, math.random(0, history_length or 0))
    local o = make_options(#z, history)
    local u = math.random()
    local expected = reference(z, history, o, u)
    local got, message = sampler.sample(z, history, o, u)
    assert.equal(expected, got, ("vector %d: %s"):format(i, message or table.concat(z, " ")))
  end
end

describe("sampler", function()
  before_each(function() math.randomseed(20261123) end)

  it("takes the largest logit, the lowest id of equals", function()
    compare(function() return {} end)
    assert.equal(1, sampler.sample({ 0, 2, 2, 1 }, {}, {}, 0))
  end)
  it("draws at a temperature", function()
    compare(function() return { temperature = 0.1 + 3 * math.random() } end)
  end)
  it("keeps the top k", function()
    compare(function(V) return { temperature = 1.2, top_k = math.random(1, V + 2) } end)
  end)
  it("keeps the top p", function()
    compare(function() return { temperature = 0.9, top_p = math.random() } end)
  end)
  it("keeps by min p", function()
    compare(function() return { temperature = 2, min_p = math.random() ^ 3 } end)
  end)
  it("combines top k, top p, min p", function()
    compare(function(V)
      return { temperature = 1.5, top_k = math.random(1, V), top_p = 0.3 + 0.7 * math.random(),
               min_p = 0.2 * math.random() }
    end)
  end)
  it("penalises repetition, frequency, presence", function()
    compare(function()
      return { repetition_penalty = 0.5 + math.random(), frequency_penalty = math.random() - 0.3,
               presence_penalty = math.random() - 0.3, penalty_last_n = math.random(0, 30),
               temperature = math.random(0, 1) }
    end, 40)
  end)
  it("penalises by DRY", function()
    compare(function(V, history)
      for i = 1, #history do history[i] = history[i] % math.min(V, 3) end   -- repetitive text
      return { dry_multiplier = math.random() * 3, dry_base = 1 + math.random(),
               dry_allowed_length = math.random(0, 4), dry_last_n = math.random(0, 40),
               dry_breakers = math.random() < 0.5 and { math.random(0, V - 1) } or nil }
    end, 60)
  end)
  it("adds a bias and bans", function()
    compare(function(V)
      return { bias = { { math.random(0, V - 1), math.random() * 10 - 5 } }, temperature = 1 }
    end)
    assert.equal(2, sampler.sample({ 3, 9, 5 }, {}, { bias = { { 1, -math.huge } } }, 0))
  end)
  it("refuses NaN and an empty choice", function()
    for _, o in ipairs { {}, { temperature = 1 }, { temperature = 1, top_k = 2 } } do
      local id, message, code = sampler.sample({ 1, 0 / 0, 2 }, {}, o, 0.5)
      assert.is_nil(id)
      assert.equal("math", code)
      assert.matches("logit of token 1 is NaN", message)
      id, message, code = sampler.sample({ -math.huge, -math.huge }, {}, o, 0.5)
      assert.is_nil(id)
      assert.equal("math", code)
      assert.matches("banned", message)
    end
  end)
  it("refuses options out of range", function()
    for _, o in ipairs { { temperature = -1 }, { temperature = 0 / 0 }, { top_p = 1.5 },
                         { min_p = -0.1 }, { repetition_penalty = 0 }, { dry_base = 0.5 },
                         { bias = { { 7, 1 } } }, { dry_breakers = { -1 } } } do
      assert.has_error(function() sampler.sample({ 1, 2 }, {}, o, 0) end)
    end
  end)
  it("draws in proportion to the probabilities", function()
    local z, N = { 0, 1, 2, -1 }, 10000
    local count, total = { 0, 0, 0, 0 }, 0
    for i = 1, N do
      local id = sampler.sample(z, {}, { temperature = 1 }, sampler.uniform(7, i))
      count[id + 1] = count[id + 1] + 1
    end
    for _, v in ipairs(z) do total = total + math.exp(v) end
    local chi2 = 0
    for i, v in ipairs(z) do
      local expected = N * math.exp(v) / total
      chi2 = chi2 + (count[i] - expected) ^ 2 / expected
    end
    assert.is_true(chi2 < 16.27, "chi2 = " .. chi2)        -- p = 0.001 at 3 degrees of freedom
  end)
end)

describe("random numbers", function()
  it("are Philox4x32-10", function()                       -- Random123's known answers
    local function hex(...) return ("%08x %08x %08x %08x"):format(sampler.philox(...)) end
    assert.equal("6627e8d5 e169c58d bc57ac4c 9b00dbd8", hex({ 0, 0, 0, 0 }, { 0, 0 }))
    local f = 0xffffffff
    assert.equal("408f276d 41c83b0e a20bc7c6 6d5451fd", hex({ f, f, f, f }, { f, f }))
    assert.equal("d16cfe09 94fdcceb 5001e420 24126ea1",
      hex({ 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 }, { 0xa4093822, 0x299f31d0 }))
  end)
  it("depend on seed and position alone", function()
    assert.equal(sampler.uniform(1, 5), sampler.uniform(1, 5))
    assert.not_equal(sampler.uniform(1, 5), sampler.uniform(1, 6))
    assert.not_equal(sampler.uniform(1, 5), sampler.uniform(2, 5))
  end)
end)
