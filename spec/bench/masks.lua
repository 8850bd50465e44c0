-- The cost of a constraint: masks over MaskBench at 32,000 pieces, and compiling its schemas.
-- MASK_STEP takes every n-th schema (default 10). Times include the border's copy of each mask.
local build = os.getenv "MOONLET_BUILD" or "build"
package.cpath = build .. "/spec/?.so;" .. package.cpath
package.path = "./?.lua;" .. package.path
local limits = require "moonlet.debug.limits"
local bench_model = require "spec.constrain.bench_model"
local suites = require "spec.constrain.suites"

local model, forget = bench_model.open()
if not model then return print "masks: absent: shared tokenizers" end
local count = suites.maskbench(model, tonumber(os.getenv "MASK_STEP") or 10, limits.now)
forget()
if not count then return print "masks: absent: shared suites" end

local function report(name, list)
  table.sort(list)
  local function at(q) return list[math.max(1, math.ceil(#list * q))] * 1e6 end
  print(("%-8s p50 %8.1f us   p99 %8.1f us   max %8.1f us   (%d)"):format(name, at(0.5), at(0.99),
    at(1), #list))
end

report("mask", count.masks)
report("compile", count.compiles)
print(("schemas %d, passing %d (%.1f %%), refused %d; valid %d, of them refused %d; invalid %d, "
  .. "of them accepted %d"):format(count.schemas, count.passing,
  100 * count.passing / count.schemas, count.refused, count.valid, #count.wrong_refuse,
  count.invalid, #count.wrong_accept))
if os.getenv "MASK_WHY" then
  for why, n in pairs(count.why) do print(n, why) end
  for _, name in ipairs(count.wrong_refuse) do print("valid refused", name) end
  for _, name in ipairs(count.wrong_accept) do print("invalid accepted", name) end
end
