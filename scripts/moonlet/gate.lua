-- gate.lua: between token pieces and the reader: holds back what must not be shown yet.
--
-- What: pieces go in, text comes out that never ends inside a UTF-8 character and never contains
--   a stop string or the beginning of one that is still possible.
-- How: `held` is a short tail. Of several stop strings the one that ends first wins, the longer
--   one among those, so that the result does not depend on how the text was cut into pieces.
-- Bytes that belong to no character come out as U+FFFD.

local host = require "moonlet.host"

local Gate = {}
Gate.__index = Gate

-- The stop string in text that ends first, and where it begins.
local function first_stop(text, stops)
  local found, from, last
  for _, stop in ipairs(stops) do
    local a, b = text:find(stop, 1, true)
    if a and (not last or b < last or (b == last and a < from)) then
      found, from, last = stop, a, b
    end
  end
  return found, from
end

-- How many bytes at the end of text could be the beginning of a stop string.
local function possible(text, stops)
  local longest = 0
  for _, stop in ipairs(stops) do
    for n = math.min(#stop - 1, #text), longest + 1, -1 do
      if text:sub(-n) == stop:sub(1, n) then
        longest = n
        break
      end
    end
  end
  return longest
end

-- push(bytes) -> text ready to show, and the stop string if one came; the gate is then spent.
function Gate:push(bytes)
  local held = self.held .. bytes
  local stop, from = first_stop(held, self.stops)
  if stop then
    self.held = ""
    return host.text(held:sub(1, from - 1)), stop
  end
  local border = #held - possible(held, self.stops)
  local ready, rest = host.whole(held:sub(1, border))
  self.held = rest .. held:sub(border + 1)
  return ready
end

-- flush() -> what was held back, at the end of the text.
function Gate:flush()
  local held = self.held
  self.held = ""
  return host.text(held)
end

-- new(stops): stops is a list of strings, none of them empty.
return { new = function(stops) return setmetatable({ held = "", stops = stops }, Gate) end }
