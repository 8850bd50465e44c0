-- Tensor arithmetic against formulas in Lua doubles, over random shapes and views.
package.cpath = (os.getenv "MOONLET_BUILD" or "build") .. "/spec/?.so;" .. package.cpath
local m = require "moonlet.debug.tensor"

local EPS, TINY = 2.0 ^ -23, 2.0 ^ -126
local inf, nan = math.huge, 0 / 0

local function f32(x) return (string.unpack("<f", string.pack("<f", x))) end

-- x rounded to `digits` significant bits, exponents from emin on, to nearest, ties to even.
local function round_to(x, digits, emin, largest)
  if x ~= x or x == 0 or x == inf or x == -inf then return x end
  local bits = string.unpack("<i8", string.pack("<d", x))
  local e = math.max((bits >> 52 & 2047) - 1023, emin)
  local unit = 2.0 ^ (e - digits + 1)
  local down = math.floor(x / unit)
  local rest = x / unit - down
  if rest > 0.5 or rest == 0.5 and down % 2 == 1 then down = down + 1 end
  local y = down * unit
  return math.abs(y) > largest and (y > 0 and inf or -inf) or y
end
local round = {
  f32 = f32,
  bf16 = function(x) return round_to(x, 8, -126, (2 - 2 ^ -7) * 2.0 ^ 127) end,
  f16 = function(x) return round_to(x, 11, -14, 65504) end,
  i32 = function(x) return x end,
  i8 = function(x) return x end,
}
local DTYPES = { "f32", "bf16", "f16", "i32", "i8" }

local function same(a, b) return a == b or a ~= a and b ~= b end

-- A model of a tensor: its shape and a function from an index table to the number there.
local function product(shape)
  local n = 1
  for _, d in ipairs(shape) do n = n * d end
  return n
end

local function each(shape, fn)
  local index = {}
  for i = 1, #shape do index[i] = 1 end
  for _ = 1, product(shape) do
    fn(index)
    for i = #shape, 1, -1 do
      index[i] = index[i] + 1
      if index[i] <= shape[i] then break end
      index[i] = 1
    end
  end
end

local function check(t, shape, at, what)
  assert.same(shape, t.shape)
  each(shape, function(index)
    local found, wanted = t:get(table.unpack(index)), at(index)
    if not same(found, wanted) then
      error(("%s: [%s] is %.9g, expected %.9g"):format(what, table.concat(index, ","), found,
            wanted), 0)
    end
  end)
end

local function near(t, shape, at, bound, what)
  assert.same(shape, t.shape)
  each(shape, function(index)
    local found, wanted, most = t:get(table.unpack(index)), at(index), bound(index)
    if not (same(found, wanted) or math.abs(found - wanted) <= most) then
      error(("%s: [%s] is %.9g, expected %.9g +- %.3g"):format(what, table.concat(index, ","),
            found, wanted, most), 0)
    end
  end)
end

local function random_number(dtype)
  if dtype == "i8" then return math.random(-128, 127) end
  if dtype == "i32" then return math.random(-2 ^ 31 | 0, 2 ^ 31 - 1 | 0) end
  return round[dtype]((math.random() - 0.5) * 10.0 ^ math.random(-2, 2))
end

local function random_shape(rank, largest)
  local shape = {}
  for i = 1, rank do shape[i] = math.random(math.random() < 0.05 and 0 or 1, largest) end
  return shape
end

local function set(t, index, x)
  local arguments = { table.unpack(index) }
  arguments[#arguments + 1] = x
  t:set(table.unpack(arguments))
end

-- A fresh tensor of random numbers and its model.
local function random_tensor(dtype, shape, number)
  local t, data = m.zeros(shape, { dtype = dtype }), {}
  each(shape, function(index)
    local x = (number or random_number)(dtype)
    data[table.concat(index, ",")] = x
    set(t, index, x)
  end)
  return t, function(index) return data[table.concat(index, ",")] end
end

-- One random view of t: the view, its shape and its model.
local function random_view(t, shape, at)
  local kind, rank = math.random(5), #shape
  if rank == 0 then return t, shape, at end
  local dim = math.random(rank)
  local new = { table.unpack(shape) }
  if kind == 1 then
    local b = math.random(rank)
    new[dim], new[b] = new[b], new[dim]
    return t:transpose(dim, b), new, function(i)
      local j = { table.unpack(i) }
      j[dim], j[b] = j[b], j[dim]
      return at(j)
    end
  elseif kind == 2 and shape[dim] > 0 then
    local first = math.random(shape[dim])
    new[dim] = math.random(0, shape[dim] - first + 1)
    if new[dim] == 0 and math.random() < 0.8 then new[dim] = 1 end
    return t:narrow(dim, first, new[dim]), new, function(i)
      local j = { table.unpack(i) }
      j[dim] = j[dim] + first - 1
      return at(j)
    end
  elseif kind == 3 and shape[dim] > 0 and rank > 1 then
    local at_index = math.random(shape[dim])
    table.remove(new, dim)
    return t:select(dim, at_index), new, function(i)
      local j = { table.unpack(i) }
      table.insert(j, dim, at_index)
      return at(j)
    end
  elseif kind == 4 and rank < 5 then
    table.insert(new, 1, math.random(3))
    return t:expand(new), new, function(i) return at { table.unpack(i, 2) } end
  end
  return t, shape, at
end

local function random_strided(dtype, shape, number)
  local t, at = random_tensor(dtype, shape, number)
  for _ = 1, math.random(0, 3) do t, shape, at = random_view(t, shape, at) end
  return t, shape, at
end

-- A tensor that broadcasts with `shape`, and its model over the full shape's indices.
local function random_partner(dtype, shape, number)
  local drop = math.random(0, #shape)
  local own = {}
  for i = drop + 1, #shape do own[#own + 1] = math.random() < 0.3 and 1 or shape[i] end
  local t, at = random_tensor(dtype, own, number)
  return t, function(index)
    local j = {}
    for i = 1, #own do j[i] = own[i] == 1 and 1 or index[i + drop] end
    return at(j)
  end
end

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

  -- a (.., M, K) and b (.., K, N) as models; bound K*eps*sum|a*b|
  local function check_matmul(a, b, shape, terms, K)
    near(a:matmul(b), shape, function(i)
      local s = 0.0
      for k = 1, K do local x, y = terms(i, k); s = s + x * y end
      return s
    end, function(i)
      local s = 0.0
      for k = 1, K do local x, y = terms(i, k); s = s + math.abs(x * y) end
      return K * EPS * s + TINY
    end, "matmul")
  end

  it("multiplies matrices of any strides and dtypes", function()
    for _ = 1, 150 do
      local da, db = DTYPES[math.random(#DTYPES)], DTYPES[math.random(#DTYPES)]
      local M, K, N = math.random(0, 20), math.random(0, 20), math.random(0, 20)
      local small = function(d)
        if d == "i8" or d == "i32" then return math.random(-9, 9) end
        return random_number(d)
      end
      local a, at = random_tensor(da, { M + 2, K }, small)
      local b, bt = random_tensor(db, { N, K + 1 }, small)
      local x, y = a:narrow(1, 2, M), b:narrow(2, 2, K):t()     -- transposed, rows apart
      check_matmul(x, y, { M, N }, function(i, k)
        return at { i[1] + 1, k }, bt { i[2], k + 1 }
      end, K)
      if M > 0 and N > 0 then
        check_matmul(x[1], y, { N }, function(i, k) return at { 2, k }, bt { i[1], k + 1 } end, K)
        check_matmul(x, y:select(2, N), { M }, function(i, k)
          return at { i[1] + 1, k }, bt { N, k + 1 }
        end, K)
        check_matmul(x[1], y:select(2, 1), {}, function(_, k)
          return at { 2, k }, bt { 1, k + 1 }
        end, K)
        local wide = x[1]:expand(3, K)          -- repeats inside the matrix
        check_matmul(wide, y, { 3, N }, function(i, k)
          return at { 2, k }, bt { i[2], k + 1 }
        end, K)
      end
    end
  end)

  it("multiplies matrices whose neighbours lie apart in both dims", function()
    for M = 0, 4 do
      for N = 0, 4 do
        local K = math.random(1, 9)
        local a, at = random_tensor("f32", { M, K, 2 })
        local b, bt = random_tensor("f32", { N, 3, K })
        local x, y = a:select(3, 2), b:select(2, 3):t()
        check_matmul(x, y, { M, N }, function(i, k)
          return at { i[1], k, 2 }, bt { i[2], 3, k }
        end, K)
        check_matmul(y:t(), x:t(), { N, M }, function(i, k)
          return bt { i[1], 3, k }, at { i[2], k, 2 }
        end, K)
        if M > 0 then
          check_matmul(x[M], y, { N }, function(i, k)
            return at { M, k, 2 }, bt { i[1], 3, k }
          end, K)
          check_matmul(y:t(), x[M], { N }, function(i, k)
            return bt { i[1], 3, k }, at { M, k, 2 }
          end, K)
        end
      end
    end
  end)

  it("multiplies batches, broadcasting the leading dims", function()
    for _ = 1, 30 do
      local M, K, N = math.random(5), math.random(5), math.random(5)
      local a, at = random_tensor("f32", { 2, 1, M, K })
      local b, bt = random_tensor("bf16", { 3, N, K })
      check_matmul(a, b:transpose(2, 3), { 2, 3, M, N }, function(i, k)
        return at { i[1], 1, i[3], k }, bt { i[2], i[4], k }
      end, K)
      check_matmul(a:expand(2, 3, M, K):transpose(1, 2), b[1]:t(), { 3, 2, M, N }, function(i, k)
        return at { i[2], 1, i[3], k }, bt { 1, i[4], k }
      end, K)
    end
    assert.same({ 4, 0, 5 }, m.zeros { 4, 0, 3 }:matmul(m.zeros { 3, 5 }).shape)
    assert.same({ { 0.0, 0.0 }, { 0.0, 0.0 } }, m.zeros { 2, 0 }:matmul(m.zeros { 0, 2 }):totable())
  end)

  it("multiplies panels without a seam, whatever the number of threads", function()
    for _, size in ipairs { { 3, 70, 600 }, { 600, 70, 3 }, { 257, 33, 256 }, { 513, 40, 511 } } do
      local a = m.randn({ size[1], size[2] }, { seed = 1 })
      local b = m.randn({ size[2], size[3] }, { seed = 2 })
      local c = a:matmul(b)
      for _ = 1, 300 do
        local i, j = math.random(size[1]), math.random(size[3])
        local sum, size_sum = 0.0, 0.0
        for k = 1, size[2] do
          local p = a:get(i, k) * b:get(k, j)
          sum, size_sum = sum + p, size_sum + math.abs(p)
        end
        assert.is_true(math.abs(c:get(i, j) - sum) <= size[2] * EPS * size_sum)
      end
      local one = m.matmul_bits(a, b, 1)
      assert.is_true(one == m.matmul_bits(a, b, 2))
      assert.is_true(one == m.matmul_bits(a, b, 3))
    end
  end)

  it("lets BLIS use the kernels of this CPU, or those that the user names by number", function()
    local function child(before)
      local line = [[lua5.4 -e 'local m = require "moonlet.debug.tensor"
        io.write(m.gemm_arch(), " ", os.getenv "BLIS_ARCH_TYPE" or "none")']]
      local pipe = io.popen(('%s LUA_CPATH="%s" %s'):format(before, package.cpath, line))
      local out = pipe:read "a"
      pipe:close()
      return out
    end
    local file = assert(io.open "/proc/cpuinfo")
    local flags = file:read "a"
    file:close()
    local best = flags:find("avx512vl", 1, true) and "skx"
                 or flags:find("avx2", 1, true) and "haswell"
    if not best then return print "BLIS kernels: no AVX2 and no AVX512 here, nothing to choose" end
    assert.equal(best .. " none", child "env -u BLIS_ARCH_TYPE")
    assert.equal("haswell 3", child "BLIS_ARCH_TYPE=3")
    -- a name or an unknown number would make BLIS guess or abort
    assert.equal(best .. " haswell", child "BLIS_ARCH_TYPE=haswell")
    assert.equal(best .. " 99", child "BLIS_ARCH_TYPE=99")
    assert.equal(best .. " ", child "BLIS_ARCH_TYPE=")
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
