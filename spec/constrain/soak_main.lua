-- make soak: SOAK texts (10,000) at temperature 1.5 under 200 schemas; fails on the first that is
-- wrong.
package.path = "./?.lua;" .. package.path
local build = os.getenv "MOONLET_BUILD" or "build"
package.cpath = build .. "/?.so;" .. package.cpath
local soak = require "spec.constrain.soak"

local model = soak.model()
local count, wrong = soak.run(model, soak.schemas(200), tonumber(os.getenv "SOAK") or 10000)
for i = 1, math.min(#wrong, 20) do print(wrong[i]) end
print(("complete %d, cut off %d, wrong %d, tokens %d"):format(count.complete, count.length, #wrong,
  count.tokens))
os.exit(#wrong == 0)
