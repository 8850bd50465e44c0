-- values.lua: what people say for an argument of some tool's schema, and what is meant by it.
--
-- What: values.draw(name, schema, dice, context) -> said, value | nil. said: the words in a
--   request; value: the argument.
-- How: a schema's own examples ("e.g., Aspen, Whistler") come first, then what the argument's name
--   tells about its kind (things.lua).

local json = require "moonlet.json"
local names = require "moonlet.corpus.names"
local things = require "moonlet.corpus.things"
local words = require "moonlet.corpus.words"

local values = {}

-- examples("The city (e.g., New York, Paris)") -> { "New York", "Paris" }
function values.examples(description)
  local list = {}
  local inside = (description or ""):match "%(e%.g%.?,? *([^()]+)%)"
  for item in ((inside or "") .. ","):gmatch "%s*(.-)%s*," do
    item = item:gsub("^or ", ""):gsub("^['\"](.*)['\"]$", "%1"):gsub("^e?t?c%.?$", "")
    if #item > 1 and #item < 30 and not item:find "[:'\"]" then list[#list + 1] = item end
  end
  return list
end

-- What the name of an argument tells about its values: the first that fits; one of its kinds.
local kinds = {
  { { "mail" }, { "email" } },
  { { "id$", "code", "number" }, { "id", "id", "serial", "slug" } },
  { { "url", "link" }, { "url" } },
  { { "path", "file" }, { "path", "file", "url" } },
  { { "message", "text", "content", "note", "comment", "description", "query", "question",
    "reason" }, { "phrase", "sentence", "task", "title" } },
  { { "address" }, { "address" } },
  { { "country" }, { "country", "country", "title" } },
  { { "city", "location", "place", "area", "destination", "origin", "region" },
    { "place", "place", "city", "address", "title" } },
  { { "version" }, { "version", "slug" } },
  { { "branch", "repo", "project", "tag", "key", "mode", "format", "model" }, { "slug" } },
}
local others = { "title", "title", "title", "title", "title", "title", "id", "slug", "phrase" }

local function by_name(low, dice)
  for _, kind in ipairs(kinds) do
    for _, pattern in ipairs(kind[1]) do
      if low:find(pattern) then return dice:pick(kind[2]) end
    end
  end
  return dice:pick(others)
end

-- choices(dice) -> what an argument may be, some words of one style.
function values.choices(dice)
  local style = dice:pick { string.lower, string.lower, string.upper, names.capital }
  local two, list, seen = dice:chance(0.3), {}, {}
  for _ = 1, dice:whole(2, 5) do
    local word = dice:pick(words.plain)
    if two then word = word .. "_" .. dice:pick(words.plain) end
    if not seen[word] then list[#list + 1], seen[word] = style(word), true end
  end
  return list
end

local function string_value(name, schema, dice, context)
  local low, own = name:lower(), values.examples(schema.description)
  if low:find "date" or low:find "_day$" then return things.draw("date", dice, context) end
  if low:find "time$" and not low:find "zone" then return things.draw("time", dice) end
  if #own > 0 and dice:chance(0.5) then
    local value = dice:pick(own)
    return value, value
  end
  return things.draw(by_name(low, dice), dice, context)
end

-- A choice as someone might say it.
local function choice(list, dice)
  local value = dice:pick(list)
  if type(value) ~= "string" then return tostring(value), value end
  local said = value:gsub("_", " ")
  if dice:chance(0.5) then said = said:lower() end
  return said, value
end

local function list_value(name, schema, dice, context)
  local said, list = {}, json.array {}
  local item = type(schema.items) == "table" and schema.items or { type = "string" }
  for i = 1, dice:whole(1, 3) do
    said[i], list[i] = values.draw(name, item, dice, context)
    if said[i] == nil then return nil end
  end
  local last = table.remove(said)
  return #said > 0 and table.concat(said, ", ") .. " and " .. last or last, list
end

-- draw(name, schema, dice, {today=}) -> said, value; nil for kinds that nobody says.
function values.draw(name, schema, dice, context)
  if type(schema.enum) == "table" and #schema.enum > 0 then return choice(schema.enum, dice) end
  local kind = schema.type
  if kind == "integer" then return things.draw("whole", dice) end
  if kind == "number" or kind == "float" then return things.draw("number", dice) end
  if kind == "array" then return list_value(name, schema, dice, context) end
  if kind == "string" or kind == nil then return string_value(name, schema, dice, context) end
  return nil
end

return values
