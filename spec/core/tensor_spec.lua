-- Tensor arithmetic against formulas in Lua doubles, over random shapes and views.
package.cpath = (os.getenv "MOONLET_BUILD" or "build") .. "/spec/?.so;" .. package.cpath
local m = require "moonlet.debug.tensor"
local random = require "spec.core.random_tensor"
local EPS, TINY, inf, nan, f32, DTYPES, each, check, near, random_number, random_shape,
  random_tensor, random_strided, random_partner, round, same =
  random.EPS, random.TINY, random.inf, random.nan, random.f32, random.DTYPES, random.each,
  random.check, random.near, random.random_number, random.random_shape, random.random_tensor,
  random.random_strided, random.random_partner, random.round, random.same

local BINARY = {
  add = { function(a, b) return a + b end, function(a, b) return a + b end },
  sub = { function(a, b) return a - b end, function(a, b) return a - b end },
  mul = { function(a, b) return a * b end, function(a, b) return a * b end },
  div = { function(a, b) return a / b end, function(a, b) return a / b end },
  minimum = { function(a, b) return a:minimum(b) end, function(a, b)
    if a ~= a or b ~= b then return nan end
    return a < b and a or b
  end },
  maximum = { function(a, b) return a:maximum(b) end, function(a, b)
    if a ~= a or b ~= b then return nan end
    return a > b and a or b
  end },
}

local UNARY = {
  exp = math.exp, log = math.log, sqrt = math.sqrt, abs = math.abs,
  tanh = function(x)
    if math.abs(x) > 20 then return x > 0 and 1.0 or -1.0 end
    if math.abs(x) < 1e-3 then return x - x ^ 3 / 3 + 2 * x ^ 5 / 15 end
    return 1 - 2 / (math.exp(2 * x) + 1)
  end,
  sigmoid = function(x) return 1 / (1 + math.exp(-x)) end,
  silu = function(x) return x / (1 + math.exp(-x)) end,
}

local SPECIAL = { 0.0, -0.0, 1.0, -1.0, 0.5, 3.0, -2.5, inf, -inf, nan, f32(1e-45), f32(1e-38),
                  f32(3e38), f32(-3e38), f32(88.8), f32(-104.5), 100.0, -100.0, 2.0 ^ 24 + 2 }

describe("core: tensors", function()
  before_each(function() math.randomseed(20241123) end)

  it("stores and reads back every element of every dtype, rounded once", function()
    for _, dtype in ipairs(DTYPES) do
      for rank = 0, 4 do
        local shape = random_shape(rank, 4)
        local t, at = random_tensor(dtype, shape)
        check(t, shape, at, dtype)
      end
    end
    for _, dtype in ipairs { "f32", "bf16", "f16" } do
      local t = m.zeros({}, { dtype = dtype })
      for _ = 1, 3000 do
        local x = (math.random() - 0.5) * 2.0 ^ math.random(-40, 20)
        t:fill(x)
        assert.equal(round[dtype](x), t:item())
      end
    end
    -- between two halves, just above the tie: rounding through f32 first would lose the rest
    local t = m.zeros({}, { dtype = "bf16" })
    t:fill(1 + 2 ^ -8 + 2 ^ -40)
    assert.equal(1 + 2 ^ -7, t:item())
    t:fill(1 + 2 ^ -8)
    assert.equal(1.0, t:item())
    t:fill(1 + 3 * 2 ^ -8 - 2 ^ -40)
    assert.equal(1 + 2 ^ -7, t:item())
  end)

  it("sees the same elements through any sequence of views", function()
    for _ = 1, 150 do
      local dtype = DTYPES[math.random(#DTYPES)]
      local t, shape, at = random_strided(dtype, random_shape(math.random(0, 4), 4))
      check(t, shape, at, "view")
      check(t:contiguous(), shape, at, "contiguous")
      assert.is_true(t:contiguous():is_contiguous())
      check(t:clone(), shape, at, "clone")
      check(t:contiguous():view(-1):view(shape), shape, at, "view back")
      check(t + m.zeros({}, { dtype = "f32" }), shape, function(i) return f32(at(i)) end, "+ 0")
    end
  end)

  it("converts between dtypes as set does", function()
    for _, from in ipairs(DTYPES) do
      for _, to in ipairs(DTYPES) do
        local whole = to == "i8" or to == "i32"
        local t, shape, at = random_strided(from, { 3, 5, 600 }, function(dtype)
          return whole and math.random(-128, 127) or random_number(dtype)
        end)
        check(t:to(to), shape, function(i) return round[to](at(i)) end, from .. " to " .. to)
      end
    end
    assert.has_error(function() m.tensor { 1.5 }:to "i32" end,
                     "i32 holds whole numbers from -2147483648 to 2147483647, not 1.5")
    assert.has_error(function() m.tensor { 128 }:to "i8" end,
                     "i8 holds whole numbers from -128 to 127, not 128")
    assert.has_error(function() m.tensor { nan }:to "i8" end)
    assert.has_error(function() m.tensor { 2.0 ^ 31 }:to "i32" end)
  end)

  it("computes binary operations with broadcasting", function()
    for name, op in pairs(BINARY) do
      for _ = 1, 40 do
        local da, db = DTYPES[math.random(3)], DTYPES[math.random(#DTYPES)]
        local a, shape, at = random_strided(da, random_shape(math.random(0, 4), 4))
        local b, bt = random_partner(db, shape)
        if db == "i32" then b, bt = random_partner("f32", shape) end
        local x, y, fx, fy = a, b, at, bt
        if math.random() < 0.5 then x, y, fx, fy = b, a, bt, at end
        local result = op[1](x, y)
        assert.equal("f32", result.dtype)
        check(result, shape, function(i) return f32(op[2](fx(i), fy(i))) end, name)
      end
    end
    local long = m.randn({ 3, 1300 }, { seed = 1 })     -- more than one chunk to a row
    local row, column = m.randn({ 1300 }, { seed = 2 }), m.randn({ 3, 1 }, { seed = 3 })
    local expected = function(i)
      return f32(f32(long:get(i[1], i[2]) * row:get(i[2])) + column:get(i[1], 1))
    end
    check(long * row + column, { 3, 1300 }, expected, "rows in chunks")
  end)

  it("treats NaN, infinities, zeros and subnormals as IEEE 754 does", function()
    local n = #SPECIAL
    local a, b = m.tensor(SPECIAL):view(n, 1), m.tensor(SPECIAL)
    for name, op in pairs(BINARY) do
      check(op[1](a, b), { n, n }, function(i)
        return f32(op[2](SPECIAL[i[1]], SPECIAL[i[2]]))
      end, name)
    end
    for name, formula in pairs(UNARY) do
      local t = b[name](b)
      near(t, { n }, function(i) return f32(formula(SPECIAL[i[1]])) end, function(i)
        return 4 * EPS * math.abs(formula(SPECIAL[i[1]])) + TINY
      end, name)
    end
    check(-b, { n }, function(i) return -SPECIAL[i[1]] end, "neg")
    assert.equal(-inf, 1 / (-m.tensor { 0 })[1])
  end)

  it("computes unary operations of any dtype through any view", function()
    for name, formula in pairs(UNARY) do
      for _ = 1, 20 do
        local dtype = DTYPES[math.random(3)]
        local t, shape, at = random_strided(dtype, random_shape(math.random(0, 3), 5))
        near(t[name](t), shape, function(i) return formula(at(i)) end, function(i)
          return 4 * EPS * math.abs(formula(at(i))) + TINY
        end, name)
      end
    end
    local a, b = m.tensor { { 0.5, 2, 3 } }, m.tensor { { 2 }, { -1.5 } }
    near(a ^ b, { 2, 3 }, function(i) return a:get(1, i[2]) ^ b:get(i[1], 1) end,
         function() return 16 * EPS end, "pow")
  end)

  it("keeps whole numbers whole, wrapping like int32", function()
    local function wrap(x) return string.unpack("<i4", string.pack("<I4", x & 0xffffffff)) end
    local ops = {
      { function(a, b) return a + b end, function(a, b) return wrap(a + b) end },
      { function(a, b) return a - b end, function(a, b) return wrap(a - b) end },
      { function(a, b) return a * b end, function(a, b) return wrap(a * b) end },
      { function(a, b) return a:minimum(b) end, math.min },
      { function(a, b) return a:maximum(b) end, math.max },
    }
    for _, op in ipairs(ops) do
      for _ = 1, 20 do
        local a, shape, at = random_strided("i32", random_shape(math.random(0, 3), 5))
        local b, bt = random_partner(math.random() < 0.5 and "i32" or "i8", shape)
        local result = op[1](a, b)
        assert.equal("i32", result.dtype)
        check(result, shape, function(i) return op[2](at(i), bt(i)) end, "whole")
      end
    end
    local least = m.tensor({ -2 ^ 31, -5, 7 }, { dtype = "i32" })
    assert.same({ -2147483648, 5, -7 }, (-least):totable())
    assert.same({ -2147483648, 5, 7 }, least:abs():totable())
    assert.equal("f32", (least / 2).dtype)
    assert.equal("f32", (least ^ 2).dtype)
    assert.equal("f32", (least * 0.5).dtype)
    assert.equal("i32", (least * 2).dtype)
  end)

  it("sums in double and finds maxima exactly", function()
    for _ = 1, 120 do
      local dtype = DTYPES[math.random(#DTYPES)]
      local t, shape, at = random_strided(dtype, random_shape(math.random(1, 4), 6))
      local dim = math.random(#shape)
      local rest = { table.unpack(shape) }
      table.remove(rest, dim)
      local function over(index, fn)
        local j = { table.unpack(index) }
        table.insert(j, dim, 0)
        for k = 1, shape[dim] do
          j[dim] = k
          fn(at(j), k)
        end
      end
      local function sum(index)
        local s = 0.0
        over(index, function(x) s = s + x end)
        return s
      end
      local function best(index)
        local value, place
        over(index, function(x, k) if not value or x > value then value, place = x, k end end)
        return value, place
      end
      check(t:sum(dim), rest, function(i) return f32(sum(i)) end, "sum")
      check(t:mean(dim - #shape - 1), rest, function(i) return f32(sum(i) / shape[dim]) end,
            "mean")
      if shape[dim] == 0 then
        assert.has_error(function() t:max(dim) end)
      else
        check(t:max(dim), rest, function(i) return (best(i)) end, "max")
        check(t:argmax(dim), rest, function(i) return select(2, best(i)) end, "argmax")
      end
      local all, count = 0.0, 0
      each(shape, function(i) all, count = all + at(i), count + 1 end)
      assert.equal(f32(all), t:sum():item())
      assert.is_true(same(f32(all / count), t:mean():item()))
    end
    -- 2^24 + 1 ones: f32 accumulation would stop at 2^24
    assert.equal(2.0 ^ 24 + 2, m.ones(1):expand(2 ^ 24 + 2):sum():item())
    assert.equal(2147483647, m.tensor({ 1, 2 ^ 31 - 1 }, { dtype = "i32" }):max():item())
  end)

  it("gives the same bits along rows and across them", function()
    local t = m.randn({ 70, 130 }, { seed = 5, dtype = "f16" })
    local turned = t:t():contiguous()
    for _, name in ipairs { "sum", "mean", "max", "argmax" } do
      for dim = 1, 2 do
        assert.is_true(t[name](t, dim):equals(turned[name](turned, 3 - dim)))
      end
    end
  end)

  it("takes a NaN for the maximum, and the first of equals", function()
    local t = m.tensor { { 1, nan, 3, nan }, { 2, 5, 5, 1 }, { -inf, -inf, -inf, -inf } }
    for _, u in ipairs { t, t:t():contiguous():t() } do
      local max = u:max(2):totable()
      assert.is_true(max[1] ~= max[1])
      assert.same({ 5.0, -inf }, { max[2], max[3] })
      assert.same({ 2, 2, 1 }, u:argmax(2):totable())
    end
    assert.equal(2, t:argmax():item())
  end)

  it("computes softmax along any dim within the kernel's bound", function()
    for _ = 1, 40 do
      local dtype = DTYPES[math.random(3)]
      local t, shape, at = random_strided(dtype, random_shape(math.random(1, 3), 7),
        function(d) return round[d]((math.random() - 0.5) * 40) end)
      local dim = math.random(#shape)
      local n = shape[dim]
      local function exact(index)
        local j, sum, max = { table.unpack(index) }, 0.0, -inf
        for k = 1, n do j[dim] = k; max = math.max(max, at(j)) end
        for k = 1, n do j[dim] = k; sum = sum + math.exp(at(j) - max) end
        return math.exp(at(index) - max) / sum
      end
      near(t:softmax(dim), shape, exact, function(i) return (n + 16) * EPS * exact(i) + TINY end,
           "softmax")
    end
  end)

  it("finds the k largest in a total order", function()
    local function before(a, b)
      local an, bn = a[1] ~= a[1], b[1] ~= b[1]
      if an ~= bn then return an end
      if not an and a[1] ~= b[1] then return a[1] > b[1] end
      return a[2] < b[2]
    end
    for _ = 1, 60 do
      local dtype = DTYPES[math.random(#DTYPES)]
      local t, shape, at = random_strided(dtype, { math.random(3), math.random(1, 40) },
        function(d)         -- few different numbers: many equals
          local x = math.random(-4, 4)
          return d ~= "i8" and d ~= "i32" and math.random() < 0.05 and nan or x
        end)
      local n = shape[#shape]
      local k = math.random(0, n)
      local values, places = t:topk(k)
      local rest = { table.unpack(shape, 1, #shape - 1) }
      assert.equal("i32", places.dtype)
      each(rest, function(index)
        local list = {}
        for i = 1, n do
          local j = { table.unpack(index) }
          j[#j + 1] = i
          list[i] = { at(j), i }
        end
        table.sort(list, before)
        for i = 1, k do
          local j = { table.unpack(index) }
          j[#j + 1] = i
          assert.equal(list[i][2], places:get(table.unpack(j)))
          assert.is_true(same(list[i][1], values:get(table.unpack(j))))
        end
      end)
    end
    local long = m.randn({ 5000 }, { seed = 9 })
    local values, places = long:topk(300)
    for i = 1, 300 do
      assert.equal(long[places[i]], values[i])
      assert.is_true(i == 1 or values[i - 1] >= values[i])
    end
    local larger = 0
    for i = 1, 5000 do if long[i] > values[300] then larger = larger + 1 end end
    assert.equal(299, larger)
    assert.has_error(function() long:topk(5001) end,
                     "topk: 5001 of 5000, the last dim of f32 (5000)")
  end)

  it("writes through views and nowhere else", function()
    for _ = 1, 60 do
      local dtype = DTYPES[math.random(#DTYPES)]
      local shape = { math.random(2, 5), math.random(2, 5) }
      local t, at = random_tensor(dtype, shape)
      local r, c = math.random(shape[1]), math.random(shape[2])
      local h, w = math.random(shape[1] - r + 1), math.random(shape[2] - c + 1)
      local view = t:narrow(1, r, h):narrow(2, c, w):t()
      local source, from = random_tensor(dtype, { w, h })
      local filled = math.random() < 0.5
      if filled then view:fill(5) else view:copy(source) end
      check(t, shape, function(i)
        local y, x = i[1] - r + 1, i[2] - c + 1
        if y < 1 or y > h or x < 1 or x > w then return at(i) end
        return filled and 5 or from { x, y }
      end, "write")
    end
  end)

  it("copies overlapping views as if the source were read first", function()
    local t = m.arange(1, 10)
    t:narrow(1, 2, 9):copy(t:narrow(1, 1, 9))
    assert.same({ 1, 1, 2, 3, 4, 5, 6, 7, 8, 9 }, t:totable())
    t = m.arange(1, 9):view(3, 3)
    t:copy(t:t())
    assert.same({ { 1, 4, 7 }, { 2, 5, 8 }, { 3, 6, 9 } }, t:totable())
    assert.has_error(function() m.zeros(1):expand(3):copy(m.arange(1, 3)) end,
                     "copy: f32 (3) is expanded along dim 0, its elements coincide")
  end)

  it("refuses shapes whose sizes overflow or pass 2^40 elements", function()
    for _, shape in ipairs { { 2 ^ 40, 2 }, { 2 ^ 20, 2 ^ 20, 2 }, { 0, 2 ^ 40, 2 },
                             { 2 ^ 33, 2 ^ 33, 2 ^ 33 }, { 2 ^ 40, 2 ^ 40, 2 ^ 40, 2 ^ 40 } } do
      assert.has_error(function() m.zeros(shape) end)
      assert.has_error(function() m.zeros(1):expand(shape) end)
      assert.has_error(function() m.zeros(0):view(shape) end)
    end
    assert.same({ 2 ^ 40 }, m.zeros(1):expand(2 ^ 40).shape)
    assert.same({ 0, 2 ^ 39 }, m.zeros { 0, 2 ^ 39 }.shape)
  end)

  it("draws the same normal numbers for the same seed, whatever the shape", function()
    local t = m.randn({ 40000 }, { seed = 77 })
    assert.is_true(t:view(200, 200):equals(m.randn({ 200, 200 }, { seed = 77 })))
    assert.is_false(t:equals(m.randn({ 40000 }, { seed = 78 })))
    assert.is_true(math.abs(t:mean():item()) < 0.02)
    assert.is_true(math.abs((t * t):mean():item() - 1) < 0.03)
  end)

  it("leaks nothing when any one allocation fails", function()
    local n = 0
    repeat
      local status, message, left = m.failing(n)
      assert.equal(0, left)
      if status ~= "ok" then
        assert.equal("mem", status)
        assert.is_truthy(message:find "^out of memory")
      end
      n = n + 1
    until status == "ok"
    assert.is_true(n > 40)
    assert.same({ "ok", "", 0 }, { m.failing(-1) })
  end)
end)
