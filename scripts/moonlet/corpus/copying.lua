-- copying.lua: requests of made-up words whose call repeats them: nothing to know, only to copy.
-- A few of them early in training bring about in minutes what real requests teach in hours.

local examples = require "moonlet.corpus.examples"
local json = require "moonlet.json"
local native = require "moonlet.native"
local words = require "moonlet.corpus.words"

local copying = {}

local function tool(name, arguments)
  local properties = {}
  for _, argument in ipairs(arguments) do properties[argument] = { type = "string" } end
  return { name = name, parameters = { type = "object", required = arguments,
    properties = json.object(properties, arguments) } }
end

local function phrase(dice, least, most)
  local list = {}
  for i = 1, dice:whole(least, most) do
    list[i] = dice:chance(0.1) and tostring(dice:whole(0, 9999)) or words.one(dice)
    if dice:chance(0.3) then list[i] = list[i]:gsub("^%l", string.upper) end
  end
  return table.concat(list, " ")
end

local function example(of, said, arguments)
  local block = native.block { of }
  return { block = block, turns = examples.weigh(native.turns {
    { role = "user", content = said },
    { role = "assistant", tool_calls = { { name = of.name, arguments = arguments } } } }) }
end

-- echo(dice): the whole request is the argument.
function copying.echo(dice)
  local said = phrase(dice, 3, 12)
  return example(tool("say", { "text" }), said, { text = said })
end

-- labels(dice): each argument's name is said before its value, in any order.
function copying.labels(dice)
  local names, said, arguments = {}, {}, {}
  for _ = 1, dice:whole(2, 4) do
    local name = words.one(dice):lower()
    if not arguments[name] then
      names[#names + 1], arguments[name] = name, phrase(dice, 1, 3)
      said[#said + 1] = name .. dice:pick { " ", " is ", ": " } .. arguments[name]
    end
  end
  local of = tool(words.one(dice), names)
  local order = {}
  for i, name in ipairs(names) do order[i] = name end
  return example(of, table.concat(dice:shuffle(said), dice:pick { ", ", " and ", "; " }),
    json.object(arguments, order))
end

return copying
