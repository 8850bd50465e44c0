-- names.lua: names of tools and arguments in other styles, so that no tool is learnt by heart.

local json = require "moonlet.json"

local names = {}

-- words("getWeather_2") -> { "get", "weather", "2" }
function names.words(name)
  local text = name:gsub("(%l)(%u)", "%1 %2"):gsub("(%u)(%u%l)", "%1 %2")
  local list = {}
  for word in text:gmatch "%w+" do list[#list + 1] = word:lower() end
  return list
end

function names.capital(word) return (word:gsub("^%l", string.upper)) end

local function snake(list) return table.concat(list, "_") end

local function camel(list)
  local parts = {}
  for i, word in ipairs(list) do parts[i] = i == 1 and word or names.capital(word) end
  return table.concat(parts)
end

local function pascal(list)
  local parts = {}
  for i, word in ipairs(list) do parts[i] = names.capital(word) end
  return table.concat(parts)
end

local function dotted(list)
  return #list < 2 and list[1] or snake(list):gsub("_([^_]+)$", ".%1")
end

local of_tools = { snake, camel, pascal, dotted }
local of_arguments = { snake, snake, camel }

-- style(dice) -> a function of a tool that gives it under other names, and how: its new name, and
-- argument -> new name. Two arguments never get the same one.
function names.style(dice)
  local tool_style, argument_style = dice:pick(of_tools), dice:pick(of_arguments)
  local function rename(name, style)
    local list = names.words(name)
    return #list > 0 and style(list) or name
  end
  return function(tool)
    local properties, keys, required, renamed = {}, {}, {}, {}
    local parameters = tool.parameters or {}
    for i, name in ipairs(json.keys(parameters.properties or {})) do
      local new = rename(name, argument_style)
      if properties[new] then new = name end
      renamed[name], keys[i], properties[new] = new, new, parameters.properties[name]
    end
    for i, name in ipairs(parameters.required or {}) do required[i] = renamed[name] or name end
    return { name = rename(tool.name, tool_style), description = tool.description,
      parameters = { type = "object", properties = json.object(properties, keys),
        required = required } }, renamed
  end
end

return names
