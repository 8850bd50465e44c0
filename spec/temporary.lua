-- temporary.lua: what the specs leave under names of os.tmpname is removed when the run ends.
--
-- How: busted loads this before the specs (.busted says so); the names are remembered, and files
--   and folders that begin with them go when the Lua state closes, also after a failure.
local tmpname, names = os.tmpname, {}

function os.tmpname()           -- luacheck: ignore 122
  local name = tmpname()
  names[#names + 1] = "'" .. name .. "'*"
  return name
end

setmetatable(names, { __gc = function()
  for first = 1, #names, 500 do
    os.execute("rm -rf " .. table.concat(names, " ", first, math.min(first + 499, #names)))
  end
end })
