-- make soak-cancel: SOAK cancels (10,000) of the bundled model; fails when any was wrong.
package.path = "./?.lua;" .. package.path
local build = os.getenv "MOONLET_BUILD" or "build"
package.cpath = build .. "/?.so;" .. package.cpath
local cancels = require "spec.scripts.cancels"

local n = tonumber(os.getenv "SOAK") or 10000
local count, wrong = cancels.run(require "moonlet".load(), n, tonumber(os.getenv "SEED") or 1)
for i = 1, math.min(#wrong, 20) do print(wrong[i]) end
local names = {}
for name in pairs(count) do names[#names + 1] = name end
table.sort(names)
for i, name in ipairs(names) do names[i] = ("%s %d"):format(name, count[name]) end
print(("%d cancels, %d wrong: %s"):format(n, #wrong, table.concat(names, ", ")))
os.exit(#wrong == 0)
