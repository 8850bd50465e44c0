-- What a tensor's elements are like: t:statistics(), and the first line that tensors print.
require "spec.support"
local moonlet = require "moonlet"

local function header(t) return tostring(t):match "^[^\n]*" end

-- The same numbers by the textbook, two passes over the finite ones.
local function by_hand(list)
  local s = { finite = 0, nan = 0, inf = 0 }
  local sum, squares = 0, 0
  for _, x in ipairs(list) do
    if x ~= x then s.nan = s.nan + 1
    elseif math.abs(x) == math.huge then s.inf = s.inf + 1
    else
      s.finite, sum = s.finite + 1, sum + x
      s.min, s.max = math.min(s.min or x, x), math.max(s.max or x, x)
    end
  end
  if s.finite == 0 then return s end
  s.mean = sum / s.finite
  for _, x in ipairs(list) do
    if x == x and math.abs(x) ~= math.huge then squares = squares + (x - s.mean) ^ 2 end
  end
  s.std = math.sqrt(squares / s.finite)
  return s
end

-- Sums of n doubles in any order differ by n ulps at most.
local function alike(expected, found, n)
  for _, name in ipairs { "finite", "nan", "inf", "min", "max" } do
    assert.equal(expected[name], found[name], name)
  end
  for _, name in ipairs { "mean", "std" } do
    local a, b = expected[name], found[name]
    if a == nil then assert.is_nil(b)
    else assert.is_true(math.abs(a - b) <= 4 * n * 2 ^ -53 * math.max(1, math.abs(a)), name) end
  end
end

describe("t:statistics", function()
  it("agrees with two passes by hand, at every length around a vector and a block", function()
    for _, n in ipairs { 1, 2, 7, 8, 9, 15, 17, 511, 512, 513, 1029, 5000 } do
      local t = moonlet.randn({ n }, { seed = n }) * 3 + 0.5
      alike(by_hand(t:totable()), t:statistics(), n)
    end
  end)

  it("is exact about small whole numbers", function()
    assert.same({ finite = 8, nan = 0, inf = 0, min = 2, max = 9, mean = 5, std = 2 },
      moonlet.tensor({ 2, 4, 4, 4, 5, 5, 7, 9 }, { dtype = "i32" }):statistics())
  end)

  it("does not lose a small spread on top of a large mean", function()
    local s = (moonlet.randn({ 100000 }, { seed = 3 }):to "f32" * 0.25 + 30000):statistics()
    assert.is_true(math.abs(s.std - 0.25) < 0.005, s.std)
    assert.is_true(math.abs(s.mean - 30000) < 0.01, s.mean)
  end)

  it("counts NaN and infinities, and leaves them out", function()
    local list = {}
    for i = 1, 2000 do list[i] = i % 97 == 0 and 0 / 0 or i % 101 == 0 and -math.huge or i / 8 end
    alike(by_hand(list), moonlet.tensor(list):statistics(), 2000)
    assert.same({ finite = 0, nan = 1, inf = 2 },
      moonlet.tensor { 0 / 0, math.huge, -math.huge }:statistics())
    assert.same({ finite = 0, nan = 0, inf = 0 }, moonlet.zeros({ 3, 0 }):statistics())
  end)

  it("reads views, and every dtype", function()
    local t = moonlet.randn({ 30, 40 }, { seed = 5 })
    local part = t:transpose(1, 2):narrow(1, 3, 20)
    alike(by_hand(part:contiguous():view(-1):totable()), part:statistics(), 600)
    for _, dtype in ipairs { "f32", "bf16", "f16" } do
      local narrow = t:to(dtype)
      alike(by_hand(narrow:view(-1):totable()), narrow:statistics(), 1200)
    end
    local bytes = moonlet.arange(-100, 100):to "i8"
    alike(by_hand(bytes:totable()), bytes:statistics(), 201)
  end)

  it("reads a repeated element once", function()
    local t = moonlet.tensor { { 1 }, { 3 }, { 0 / 0 } }:expand(3, 2 ^ 38)
    local s = t:statistics()
    assert.same({ finite = 2 ^ 39, nan = 2 ^ 38, inf = 0, min = 1, max = 3, mean = 2, std = 1 }, s)
    assert.truthy(header(t):find("mean 2, std 1", 1, true))
  end)
end)

describe("t:histogram", function()
  it("counts what lies in each part of the range, once for each place it stands in", function()
    local counts, least, most = moonlet.tensor({ 0, 1, 2, 3, 4, 5, 6, 8 }):histogram(4)
    assert.same({ { 2, 2, 2, 2 }, 0, 8 }, { counts, least, most })
    assert.same({ 3, 0, 3 }, (moonlet.tensor { { 1 }, { 2 } }:expand(2, 3):histogram(3)))
    assert.same({ 5, 0 }, (moonlet.full({ 5 }, 7):histogram(2)))
    assert.same({ { 0, 0 }, 0, 0 }, { moonlet.tensor({ 0 / 0, math.huge }):histogram(2) })
  end)

  it("loses none of many", function()
    local sum = 0
    for _, n in ipairs((moonlet.randn({ 700, 300 }, { seed = 2 }):t():histogram(37))) do
      sum = sum + n
    end
    assert.equal(210000, sum)
  end)

  it("wants a number of bins that there can be", function()
    for _, bins in ipairs { 0, -1, 2 ^ 40 } do
      assert.error_matches(function() moonlet.ones(2):histogram(bins) end, "expected 1 to 1048576")
    end
  end)
end)

describe("a tensor prints", function()
  it("its dtype, shape and statistics before a corner of it", function()
    assert.equal("f32 (2, 4): min 2, max 9, mean 5, std 2\n 2 4 4 4\n 5 5 7 9",
      tostring(moonlet.tensor { { 2, 4, 4, 4 }, { 5, 5, 7, 9 } }))
    local big = moonlet.randn({ 300, 400 }, { seed = 1 })
    local s = big:statistics()
    assert.equal(("f32 (300, 400): min %.4g, max %.4g, mean %.4g, std %.4g"):format(s.min, s.max,
      s.mean, s.std), header(big))
    assert.equal(8, select(2, tostring(big):gsub("\n", "")))
  end)

  it("how many are no number", function()
    assert.equal("f32 (5): min 1, max 3, mean 2, std 1, 1 nan, 2 inf",
      header(moonlet.tensor { 1, 0 / 0, 3, math.huge, -math.huge }))
    assert.equal("bf16 (2): 2 nan", header(moonlet.tensor({ 0 / 0, 0 / 0 }, { dtype = "bf16" })))
    assert.equal("f32 (2): 2 inf", header(moonlet.tensor { math.huge, math.huge }))
  end)

  it("no statistics of one element or none", function()
    assert.equal("f32 ()\n 1.5000", tostring(moonlet.tensor(1.5)))
    assert.equal("f32 (1)\n 7", tostring(moonlet.tensor { 7 }))
    assert.equal("f32 (0, 3)", tostring(moonlet.zeros { 0, 3 }))
  end)

  it("without turning its elements into Lua numbers", function()
    local t = moonlet.randn({ 1000, 1000 }, { seed = 1 })
    collectgarbage "stop"
    local before = collectgarbage "count"
    local text = tostring(t)
    local taken = collectgarbage "count" - before
    collectgarbage "restart"
    assert.truthy(text:find "std")
    assert.is_true(taken < 64, taken .. " kB")
  end)

  it("one line of itself inside a table", function()
    local show = require "moonlet.repl.show"
    local t = moonlet.tensor { { 2, 4, 4, 4 }, { 5, 5, 7, 9 } }
    assert.equal("{ w = f32 (2, 4): min 2, max 9, mean 5, std 2 }", show({ w = t }, 80))
    assert.equal(tostring(t), show(t, 80))
  end)
end)
