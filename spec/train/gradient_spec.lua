-- Every operation of the tape, and whole models of two layers, against finite differences in
-- double precision; and the float build against the double one.
local build = os.getenv "MOONLET_BUILD" or "build"
package.cpath = build .. "/spec/?.so;" .. package.cpath
local single = require "moonlet.debug.train"
local double = assert(package.loadlib(build .. "/spec/train_double.so",
  "luaopen_moonlet_debug_train"))()

-- The largest |a - b| / max(|a|, |b|, floor) over all elements.
local function worst(params, field, others, other_field, floor_of)
  local most, where = 0, "nowhere"
  for i, p in ipairs(params) do
    local a, b = p[field], others[i][other_field]
    assert(#a == #b and #a > 0)
    local floor = floor_of(a)
    for k = 1, #a do
      local error = math.abs(a[k] - b[k]) / math.max(math.abs(a[k]), math.abs(b[k]), floor)
      if not (error <= most) then most, where = error, ("%s[%d]"):format(p.name, k) end
    end
  end
  return most, where
end

local function magnitude(list)
  local most = 0
  for _, v in ipairs(list) do most = math.max(most, math.abs(v)) end
  return most
end

describe("gradients", function()
  it("are computed in float in the library and in double here", function()
    assert.equal(4, single.real_size)
    assert.equal(8, double.real_size)
  end)

  for _, name in ipairs(double.cases()) do
    it("of " .. name .. " agree with finite differences within 1e-5", function()
      local _, params, bytes, taken = double.gradients(name, { numeric = true })
      local any = 0
      for _, p in ipairs(params) do any = math.max(any, magnitude(p.grad)) end
      assert.is_true(any > 1e-3)
      -- 1e-4 of the tensor's own size: below it, differences of the objective are noise
      local error, where = worst(params, "grad", params, "numeric", function(grad)
        return 1e-4 * magnitude(grad) + 1e-9
      end)
      assert.is_true(error < 1e-5, ("%.3g at %s"):format(error, where))
      assert.equal(taken, bytes)
    end)

    it("of " .. name .. " are the same in float, up to rounding", function()
      local exact_value, exact = double.gradients(name, {})
      local value, params = single.gradients(name, {})
      assert.near(exact_value, value, 2e-5 * math.max(1, math.abs(exact_value)))
      local error, where = worst(params, "grad", exact, "grad", magnitude)
      assert.is_true(error < 3e-5, ("%.3g at %s"):format(error, where))
    end)
  end
end)

describe("products", function()
  it("are those of the formula for every shape and layout, and write nothing beside", function()
    local sizes = { { 1, 1, 1 }, { 5, 31, 3 }, { 12, 32, 7 }, { 13, 33, 256 }, { 24, 64, 257 },
      { 6, 16, 512 }, { 11, 97, 530 }, { 481, 34, 20 }, { 960, 5, 3 }, { 60, 150, 256 } }
    for _, size in ipairs(sizes) do
      for layout = 0, 7 do
        local a, b, add = layout % 2 == 1, layout % 4 > 1, layout > 3
        local m, n, k = table.unpack(size)
        local what = ("%d x %d x %d, layout %d"):format(m, n, k, layout)
        assert.is_true(single.product(m, n, k, a, b, add) < 4e-7, what)
        assert.is_true(double.product(m, n, k, a, b, add) < 1e-15, what)
      end
    end
  end)
end)
