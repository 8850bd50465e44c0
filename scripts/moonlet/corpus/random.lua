-- random.lua: numbers that depend on a seed alone, the same in every Lua: Park and Miller's
-- generator, whose products are exact in doubles.

local Random = {}
Random.__index = Random

-- new(seed) -> random
local function new(seed)
  local self = setmetatable({ state = (seed * 7919 + 17) % 2147483646 + 1 }, Random)
  for _ = 1, 8 do self:real() end
  return self
end

-- real() -> 0 <= x < 1
function Random:real()
  self.state = self.state * 48271 % 2147483647
  return self.state / 2147483647
end

-- whole(first, last) -> one of first .. last
function Random:whole(first, last)
  return first + math.floor(self:real() * (last - first + 1))
end

function Random:chance(share) return self:real() < share end

function Random:pick(list) return list[self:whole(1, #list)] end

-- shuffle(list): in place; gives it back.
function Random:shuffle(list)
  for i = #list, 2, -1 do
    local k = self:whole(1, i)
    list[i], list[k] = list[k], list[i]
  end
  return list
end

-- some(list, n) -> n of its entries, or all, in random order.
function Random:some(list, n)
  local copy = {}
  for i, item in ipairs(list) do copy[i] = item end
  self:shuffle(copy)
  for i = #copy, n + 1, -1 do copy[i] = nil end
  return copy
end

return { new = new }
