-- Every kernel of every tier that this CPU can run keeps its contract: build/spec/kernels
-- (spec/kernels/check.c) says so line by line, and no line is missing.

local build = os.getenv "MOONLET_BUILD" or "build"
package.cpath = build .. "/spec/?.so;" .. package.cpath
local K = require "moonlet.debug.kernels"

describe("the check of kernels against their contracts", function()
  local lines, passed, text = {}, nil, nil

  setup(function()
    local pipe = assert(io.popen(build .. "/spec/kernels 2>&1"))
    text = pipe:read "a"
    passed = pipe:close()
    for line in text:gmatch "[^\n]+" do lines[line] = true end
  end)

  it("passes", function()
    assert.is_nil(text:match "FAIL[^\n]*")
    assert.is_true(passed)
  end)

  local cpu = K.detect()
  for _, tier in ipairs(K.tiers()) do
    if cpu[tier] then
      local serves = K.select { scalar = true, [tier] = true }
      for _, kernel in ipairs(K.kernels()) do
        if serves[kernel] == tier then
          it("covers " .. tier .. " " .. kernel, function()
            assert.is_true(lines["ok " .. tier .. " " .. kernel])
          end)
        end
      end
    else
      it("says that this CPU cannot run " .. tier, function()
        print("kernels: this CPU cannot run tier " .. tier .. ", unchecked here")
        assert.is_true(lines["absent " .. tier])
      end)
    end
  end

  it("covers the products of training", function()
    assert.is_true(lines["ok scalar gemm"])
    for _, tier in ipairs { "avx2", "avx512" } do
      assert.equal(cpu[tier] or nil, lines["ok " .. tier .. " gemm"])
    end
    assert.equal(cpu.amx or nil, lines["ok amx gemm_bf16"])
  end)

  it("covers the bf16 tier on emulated instructions, where AVX-512 is there", function()
    for _, kernel in ipairs { "matmul_bf16", "narrow_bf16" } do
      assert.equal(cpu.avx512 or nil, lines["ok bf16-emulated " .. kernel])
    end
  end)
end)
