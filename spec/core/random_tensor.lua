-- random_tensor.lua: random tensors beside models of them: a shape, and a function from a list of
-- indices to the number there.
local assert = require "luassert"
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

return {
  EPS = EPS, TINY = TINY, inf = inf, nan = nan, f32 = f32, DTYPES = DTYPES, each = each,
  check = check, near = near, random_number = random_number, random_shape = random_shape,
  random_tensor = random_tensor, random_strided = random_strided,
  random_partner = random_partner, round = round, same = same,
}
