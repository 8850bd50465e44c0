-- disjoint.lua: calls in which no word of a request is used twice.
--
-- What: disjoint.of(said) -> f(text) -> whether the strings of a call, or of a beginning of one, in
--   the native format, stand at places of `said` that do not overlap. For beams.search and
--   generate's option fits.
-- How: strings are placed one after the other, the longest first, each wherever it stands, equal
--   ones from left to right; only what is finished counts. A string that does not stand in `said`
--   is at no place of it.
-- Invariant: work is bounded. Strings for which no places were found in so many steps have none.

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

local most_steps = 2000

-- Whether strings from the i-th on find places beside those that are taken: { first, last }.
-- search: list, said, taken, steps = how many are left.
local function placed(search, i)
  local list, taken = search.list, search.taken
  local value, before = list[i], taken[i - 1]
  if not value then return true end
  local from = value == list[i - 1] and before and before[2] + 1 or 1
  local first, last = search.said:find(value, from, true)
  if not first and from == 1 then return placed(search, i + 1) end
  while first and search.steps > 0 do
    search.steps = search.steps - 1
    local free = true
    for k = 1, i - 1 do
      free = free and (not taken[k] or taken[k][1] > last or taken[k][2] < first)
    end
    taken[i] = { first, last }
    if free and placed(search, i + 1) then return true end
    taken[i] = nil
    first, last = search.said:find(value, first + 1, true)
  end
  return false
end

function disjoint.of(said)
  return function(text)
    local list = strings_of(text)
    for i = #list, 1, -1 do
      if list[i] == "" then table.remove(list, i) end
    end
    table.sort(list, function(a, b) return #a > #b or #a == #b and a < b end)
    return placed({ list = list, said = said, taken = {}, steps = most_steps }, 1)
  end
end

return disjoint
