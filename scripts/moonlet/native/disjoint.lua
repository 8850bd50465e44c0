-- disjoint.lua: calls in which no word of a request is used twice.
--
-- What: disjoint.of(said) -> f(text) -> whether the strings of a call, or of a beginning of one, in
--   the native format, stand at places of `said` that do not overlap. For beams.search and
--   generate's option fits.
-- How: strings are placed one after the other, the longest first, each wherever it stands; only
--   what is finished counts. A string that does not stand in `said` is at no place of it.

local json = require "moonlet.json"

local disjoint = {}

-- The finished strings of a text; the format has a space before each, that is none of it.
local function strings_of(text)
  local list, at = {}, 1
  while true do
    local first = text:find('"', at, true)
    if not first then return list end
    local last = first
    repeat
      last = text:find('["\\]', last + 1)
      local escape = last and text:sub(last, last) == "\\"
      if escape then last = last + 1 end
    until not escape
    if not last then return list end
    local value = json.decode(text:sub(first, last)):gsub("^ ", "")
    list[#list + 1], at = value, last + 1
  end
end

-- Whether strings from the i-th on find places beside those that are taken: { first, last }.
local function placed(list, i, said, taken)
  local value = list[i]
  if not value then return true end
  local first, last = said:find(value, 1, true)
  if not first then return placed(list, i + 1, said, taken) end
  while first do
    local free = true
    for k = 1, i - 1 do
      free = free and (not taken[k] or taken[k][1] > last or taken[k][2] < first)
    end
    taken[i] = { first, last }
    if free and placed(list, i + 1, said, taken) then return true end
    taken[i] = nil
    first, last = said:find(value, first + 1, true)
  end
  return false
end

function disjoint.of(said)
  return function(text)
    local list = strings_of(text)
    for i = #list, 1, -1 do
      if list[i] == "" then table.remove(list, i) end
    end
    table.sort(list, function(a, b) return #a > #b end)
    return placed(list, 1, said, {})
  end
end

return disjoint
