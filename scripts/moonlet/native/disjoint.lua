-- disjoint.lua: calls in which nothing is said twice: no word of a request, no argument.
--
-- What: disjoint.of(said) -> f(text) -> whether the strings of a call, or of a beginning of one, in
--   the native format, stand at places of `said` that do not overlap, and no argument is given a
--   second time. For beams.search and generate's option fits.
-- How: strings are placed one after the other, the longest first, each wherever it stands, equal
--   ones from left to right; only what is finished counts. A string that does not stand in `said`
--   is at no place of it.
-- Invariant: work is bounded. Strings for which no places were found in so many steps have none.

local json = require "moonlet.json"

local disjoint = {}

-- The finished strings of a text, without the space that the format has before each; and the text
-- around them up to one that is not finished.
local function strings_of(text)
  local list, around, at = {}, {}, 1
  while true do
    local first = text:find('"', at, true)
    around[#around + 1] = text:sub(at, (first or 0) - 1)
    local last = first
    while last do
      last = text:find('["\\]', last + 1)
      if not last or text:sub(last, last) == '"' then break end
      last = last + 1
    end
    if not last then return list, table.concat(around) end
    local value = json.decode(text:sub(first, last)):gsub("^ ", "")
    list[#list + 1], at = value, last + 1
  end
end

-- Whether each call of a text, less its strings, has every argument once.
local function named_once(text)
  for call in text:gmatch "[^\n]+" do
    local seen = {}
    for name in call:gmatch "([^%s=(),]+)=" do
      if seen[name] then return false end
      seen[name] = true
    end
  end
  return true
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
    local list, around = strings_of(text)
    if not named_once(around) then return false end
    for i = #list, 1, -1 do
      if list[i] == "" then table.remove(list, i) end
    end
    table.sort(list, function(a, b) return #a > #b or #a == #b and a < b end)
    return placed({ list = list, said = said, taken = {}, steps = most_steps }, 1)
  end
end

return disjoint
