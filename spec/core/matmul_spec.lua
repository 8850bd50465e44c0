-- Products of matrices against sums in Lua doubles, over random strides, dtypes and batches.
package.cpath = (os.getenv "MOONLET_BUILD" or "build") .. "/spec/?.so;" .. package.cpath
local m = require "moonlet.debug.tensor"
local random = require "spec.core.random_tensor"
local EPS, TINY, DTYPES, near, random_number, random_tensor =
  random.EPS, random.TINY, random.DTYPES, random.near, random.random_number,
  random.random_tensor

describe("core: matmul", function()
  before_each(function() math.randomseed(20241123) end)

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
end)
