-- Selection is a staircase: scalar first, each better tier over it, nothing remembered.

local build = os.getenv "MOONLET_BUILD" or "build"
package.cpath = build .. "/spec/?.so;" .. package.cpath
local K = require "moonlet.debug.kernels"

local function only(...)
  local cpu = { scalar = true }
  for _, tier in ipairs { ... } do cpu[tier] = true end
  return cpu
end

describe("tiers", function()
  it("are named, worst first", function()
    assert.same({ "scalar", "avx2", "avx512", "vnni", "bf16", "amx", "neon", "dotprod", "i8mm" },
      K.tiers())
  end)

  it("always include scalar", function()
    assert.is_true(K.detect().scalar)
  end)

  it("stand on one another", function()
    local cpu = K.detect()
    if cpu.bf16 then assert.is_true(cpu.avx512) end
    if cpu.amx then assert.is_true(cpu.bf16 and cpu.vnni) end
    if cpu.vnni then assert.is_true(cpu.avx512) end
    if cpu.dotprod then assert.is_true(cpu.neon) end
    if cpu.i8mm then assert.is_true(cpu.dotprod) end
    if cpu.avx512 then assert.is_true(cpu.avx2) end
    assert.is_false(cpu.neon and cpu.avx2)
  end)

  it("agree with what the kernel reports about this CPU", function()
    local file = io.open "/proc/cpuinfo"
    local text = file and file:read "a" or ""
    if file then file:close() end
    local line = text:match "\nflags%s*:([^\n]*)"
    if not line then
      pending "no x86 flags in /proc/cpuinfo"
      return
    end
    local function has(...)
      for _, flag in ipairs { ... } do
        if not (line .. " "):find(" " .. flag .. " ", 1, true) then return false end
      end
      return true
    end
    local cpu = K.detect()
    assert.equal(has("avx2", "fma", "f16c"), cpu.avx2)
    assert.equal(cpu.avx2 and has("avx512f", "avx512bw", "avx512dq", "avx512vl"), cpu.avx512)
    assert.equal(cpu.avx512 and has "avx512_bf16", cpu.bf16)
    assert.equal(cpu.avx512 and has("avx512_vnni", "avx512vbmi"), cpu.vnni)
    -- Here the operating system may say no as well.
    if cpu.amx then assert.is_true(has("amx_tile", "amx_int8", "amx_bf16")) end
  end)
end)

describe("the lid", function()
  it("removes what is above it and keeps the rest", function()
    local all, tiers = K.detect(), K.tiers()
    for i, lid in ipairs(tiers) do
      local seen = K.detect(lid)
      for k, tier in ipairs(tiers) do assert.equal(k <= i and all[tier], seen[tier]) end
    end
  end)

  it("does not know unnamed tiers", function()
    assert.has_error(function() K.detect "sse9" end, "no tier is called 'sse9'")
  end)
end)

describe("selection", function()
  it("falls to scalar for each kernel when nothing else is there", function()
    local serves = K.select(only())
    for _, kernel in ipairs(K.kernels()) do assert.equal("scalar", serves[kernel]) end
  end)

  it("lays each tier over those below it", function()
    local names, cpu, below = K.tiers(), only(), K.select(only())
    for i = 2, #names do
      local alone = K.select(only(names[i]))
      cpu[names[i]] = true
      local all = K.select(cpu)
      for _, kernel in ipairs(K.kernels()) do
        local want = alone[kernel] == names[i] and names[i] or below[kernel]
        assert.equal(want, all[kernel], kernel)
      end
      below = all
    end
  end)

  it("remembers nothing", function()
    local before = K.select(only())
    K.select(only("avx2", "avx512", "vnni", "bf16", "amx", "neon", "dotprod", "i8mm"))
    assert.same(before, K.select(only()))
  end)

  it("gives the heavy kernels of this CPU to a tier above scalar, if it has one", function()
    local cpu = K.detect()
    local serves = K.select(cpu)
    if not (cpu.avx2 or cpu.neon) then
      pending "this CPU has no tier above scalar"
      return
    end
    for _, kernel in ipairs(K.kernels()) do
      local by_bf16_alone = kernel == "matmul_bf16" and not cpu.bf16
      if not by_bf16_alone then assert.are_not.equal("scalar", serves[kernel]) end
    end
  end)

  it("never serves a tier that is not built for this architecture", function()
    local cpu = K.detect()
    local arm = { "neon", "dotprod", "i8mm" }
    local foreign = cpu.neon and { "avx2", "avx512", "vnni", "bf16", "amx" } or arm
    for _, tier in pairs(K.select(only(table.unpack(foreign)))) do assert.equal("scalar", tier) end
  end)
end)

describe("a forced tier", function()
  it("that this CPU cannot run is an error, not the next best", function()
    for tier, there in pairs(K.detect()) do
      if not there then
        assert.has_error(function() K.softmax(tier, { 1 }) end,
          "tier '" .. tier .. "' cannot run on this CPU")
      end
    end
  end)

  it("that lacks the kernel is an error too", function()
    if not K.detect().bf16 then
      pending "this CPU cannot run bf16"
      return
    end
    assert.has_error(function() K.softmax("bf16", { 1 }) end,
      "tier 'bf16' has no kernel 'softmax'")
  end)
end)
