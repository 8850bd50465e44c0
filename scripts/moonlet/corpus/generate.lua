-- generate.lua: requests, calls, questions and replies made up over tools' schemas.
--
-- What: generate.over(tools) -> a function of a random that gives one example: a request that
--   one of some listed tools fits, and the call; or no tool fits, and a refusal; or a required
--   argument is missing, and a question; or a call's result, and a sentence; or a result that is a
--   sentence itself, told as it is.
-- How: a tool's description is what somebody wants ("Retrieve ..."), its arguments are said by
--   their names; or a tool and a request are of everyday life (everyday.lua). Names are restyled at
--   random, so that no tool is learnt by heart; values are made up, so that they are copied.

local choices = require "moonlet.corpus.choices"
local everyday = require "moonlet.corpus.everyday"
local examples = require "moonlet.corpus.examples"
local json = require "moonlet.json"
local names = require "moonlet.corpus.names"
local native = require "moonlet.native"
local values = require "moonlet.corpus.values"

local generate = {}

-- Arguments that are not of a kind of their own become choices now and then, of words that nobody
-- has seen there, and a set of everyday choices is put beside them: so choices are read, too.
local function with_choices(tool, dice)
  local properties, keys = {}, json.keys(tool.parameters.properties or {})
  for _, name in ipairs(keys) do
    local schema = tool.parameters.properties[name]
    local free = schema.type == "string" and not schema.enum and not name:lower():find "date"
      and not name:lower():find "time"
    if free and dice:chance(0.1) then
      schema = { type = "string", enum = values.choices(dice), description = schema.description }
    end
    properties[name] = schema
  end
  local set = dice:chance(0.25) and choices.any(dice)
  local name = set and dice:pick(set.names)
  if set and not properties[name] then
    properties[name], keys[#keys + 1] = choices.schema(set, dice), name
    properties[name].set = set
  end
  tool.parameters.properties = json.object(properties, keys)
end

-- The same tool under other names, without its description now and then.
local function restyled(tool, dice)
  local other = names.style(dice)(tool)
  with_choices(other, dice)
  other.wish, other.responses = tool.description, tool.responses
  if dice:chance(0.1) then other.description = nil end
  return other
end

-- ---- requests ----

local openings = { "", "", "", "", "Please ", "Can you ", "Could you ", "I want to ",
  "I need to ", "I'd like to ", "Help me ", "Hi, ", "Hey, please " }

-- What the tool is for, as a request.
local function wish(tool, dice)
  local text = tool.wish and native.brief(tool.wish) or table.concat(names.words(tool.name), " ")
  local opening = dice:pick(openings)
  text = text:gsub("^Retrieve ", dice:pick { "retrieve ", "get ", "find ", "show me ", "give me " })
    :gsub("^Get ", dice:pick { "get ", "find ", "show me ", "tell me " })
    :gsub(" a specific ", " a "):gsub(" the specified ", " the ")
  text = text:gsub("^%u%l", string.lower)
  if opening == "" and dice:chance(0.7) then text = names.capital(text) end
  if dice:chance(0.1) then text = text:lower() end
  return opening .. text
end

local places = { city = true, location = true, place = true, area = true, destination = true,
  country = true, region = true }

-- How one argument is said.
local function clause(words, said, dice, kind)
  local name, last = table.concat(words, " "), words[#words]
  local _, spaces = said:gsub(" ", " ")
  if dice:chance(spaces > 3 and 0.6 or 0.12) then
    said = dice:pick { "'" .. said .. "'", '"' .. said .. '"' }
  end
  if places[last] and dice:chance(0.7) then
    return dice:pick { "in ", "in ", "near ", "for " } .. said
  end
  if last == "date" and dice:chance(0.6) then return dice:pick { "on ", "for " } .. said end
  if last == "time" and dice:chance(0.6) then return "at " .. said end
  if (last == "name" or last == "title") and dice:chance(0.5) then
    return dice:pick { "called ", "named " } .. said
  end
  if kind == "enum" and dice:chance(0.4) then return dice:pick { "in ", "as ", "with " } .. said end
  if dice:chance(0.15) then return dice:pick { "for ", "with ", "using " } .. said end
  return dice:pick { "with " .. name .. " " .. said, "for " .. name .. " " .. said,
    "where the " .. name .. " is " .. said, name .. ": " .. said, name .. " " .. said,
    "the " .. name .. " is " .. said, "using " .. said .. " as the " .. name,
    "and " .. name .. " " .. said }
end

-- The clause and the value of one argument; nil when it cannot be said.
local function argument(name, schema, dice, context)
  local words = names.words(name)
  if #words == 0 then return nil end
  if schema.set then
    local said, value = choices.say(schema.set, schema.enum, dice)
    return choices.framed(schema.set, said, dice), value
  end
  if schema.type == "boolean" then
    local value = dice:chance(0.6)
    local text = table.concat(words, " "):gsub("^is ", ""):gsub("^include ", "")
    local form = value and dice:pick { "with %s", "and with %s", "including %s", "turn on %s",
      "%s on", "with %s enabled" } or dice:pick { "without %s", "but no %s", "without any %s",
      "turn off %s", "%s off", "with %s disabled" }
    return form:format(text), value
  end
  local said, value = values.draw(name, schema, dice, context)
  if not said then return nil end
  return clause(words, said, dice, schema.enum and "enum"), value
end

-- A request for a tool: text, arguments, and a required argument that is not said, or nil.
local function request(tool, dice, context, leave_out)
  local required, said, arguments, order = {}, {}, {}, {}
  for _, name in ipairs(tool.parameters.required or {}) do required[name] = true end
  local candidates, missing = {}, nil
  local all = json.keys(tool.parameters.properties or {})
  for _, name in ipairs(all) do
    if required[name] then candidates[#candidates + 1] = name end
  end
  if leave_out and #candidates > 0 then missing = dice:pick(candidates) end
  for _, name in ipairs(all) do
    if name ~= missing and (required[name] or dice:chance(0.35)) then
      local text, value = argument(name, tool.parameters.properties[name], dice, context)
      if text then
        said[#said + 1] = text
        arguments[name], order[#order + 1] = value, name
      elseif required[name] then
        return nil
      end
    end
  end
  dice:shuffle(said)
  local parts = { wish(tool, dice) }
  local joint = dice:pick { " ", " ", ", " }
  for _, text in ipairs(said) do parts[#parts + 1] = text end
  local text = table.concat(parts, joint) .. dice:pick { "", ".", ".", "?" }
  if dice:chance(0.2) and #said > 0 then
    local first = table.remove(parts, 2)
    text = names.capital(first) .. ", " .. table.concat(parts, joint) .. dice:pick { "", "." }
  end
  return text, json.object(arguments, order), missing
end

-- ---- answers ----

local function spoken(value)
  if type(value) ~= "table" then return tostring(value) end
  local list = {}
  for i, item in ipairs(value) do list[i] = tostring(item) end
  return table.concat(list, ", ")
end

-- A tool's result and the sentence that says it.
local function outcome(tool, dice)
  local keys, result, parts = {}, {}, {}
  local all = json.keys(tool.responses or {})
  if #all == 0 then
    return { status = "done" }, dice:pick { "Done.", "It is done.", "All done." }
  end
  for _, name in ipairs(dice:some(all, dice:whole(1, 2))) do
    local kind = ({ int = "integer", float = "number", str = "string" })[tool.responses[name].type]
    local _, value = values.draw(name, { type = kind or "string",
      description = tool.responses[name].description }, dice, {})
    keys[#keys + 1], result[name] = name, value
    local words = table.concat(names.words(name), " ")
    parts[#parts + 1] = ("the %s is %s"):format(words, spoken(value))
  end
  return json.object(result, keys), names.capital(table.concat(parts, " and ")) .. "."
end

-- A result that is a sentence, or says what went wrong, and what is made of it.
local function hearsay(chatter, dice)
  local sentence = dice:pick(chatter)
  local text = dice:chance(0.7) and sentence:gsub("%.$", "") or sentence
  if dice:chance(0.2) then
    local regret = dice:pick { "That did not work: ", "Sorry, that failed: " }
    return "error: " .. text, regret .. sentence
  end
  return dice:chance(0.4) and text:gsub("^%u%l", string.lower) or text, sentence
end

local function question(name, dice)
  local words = table.concat(names.words(name), " ")
  return dice:pick { "What is the %s?", "Which %s?", "What %s would you like?",
    "Please tell me the %s." }:format(words)
end

-- ---- examples ----

local function day(dice)
  return ("%04d-%02d-%02d"):format(dice:whole(2010, 2030), dice:whole(1, 12), dice:whole(1, 28))
end

-- Messages about one tool; kind: call, ask, result or told.
local function conversation(tool, dice, context, kind)
  local text, arguments, missing = request(tool, dice, context, kind == "ask")
  if not text then return nil end
  local user, call = { role = "user", content = text }, { name = tool.name, arguments = arguments }
  local called = { role = "assistant", tool_calls = { call } }
  if missing then
    local list = { user, { role = "assistant", content = question(missing, dice) } }
    local said, value = values.draw(missing, tool.parameters.properties[missing], dice, context)
    if said and dice:chance(0.6) then
      local all, keys = {}, {}
      for _, name in ipairs(json.keys(tool.parameters.properties)) do
        if name == missing then all[name] = value else all[name] = arguments[name] end
        if all[name] ~= nil then keys[#keys + 1] = name end
      end
      list[3] = { role = "user", content = said }
      call.arguments = json.object(all, keys)
      list[4] = called
    end
    return list
  end
  if kind ~= "result" then return { user, called } end
  local result, reply = outcome(tool, dice)
  return { user, called, { role = "tool", content = json.encode(result):gsub('":"', '": "') },
    { role = "assistant", content = reply } }
end

-- A tool of everyday life under a name of some style, and a request with its call.
local function daily(dice, context, kind)
  local tool, text, arguments = everyday.draw(dice, context, kind)
  local other, renamed = names.style(dice)(tool)
  local all, keys = {}, {}
  for i, name in ipairs(json.keys(arguments)) do
    keys[i] = renamed[name]
    all[keys[i]] = arguments[name]
  end
  if dice:chance(0.1) then other.description = nil end
  local call = { name = other.name, arguments = json.object(all, keys) }
  return other, { { role = "user", content = text }, { role = "assistant", tool_calls = { call } } }
end

-- What is told after a call.
local function add_hearsay(messages, chatter, dice)
  local result, reply = hearsay(chatter, dice)
  messages[#messages + 1] = { role = "tool", content = result }
  messages[#messages + 1] = { role = "assistant", content = reply }
end

-- Something else that is said before or after a request.
local function beside(text, chatter, dice)
  local other = dice:pick(chatter)
  if not other:find "[.!?]$" then other = other .. "." end
  if dice:chance(0.7) then return other .. " " .. names.capital(text) end
  return text:gsub("[.?]?$", ". ", 1) .. other
end

-- Up to `most` tools to be listed together; a share of them of everyday life.
local function listing(tools, dice, how)
  local list = {}
  for i, tool in ipairs(dice:some(tools, dice:whole(1, how.most) + 1)) do
    local daily_tool = dice:chance((how.everyday or 0) / 2)
    list[i] = daily_tool and names.style(dice)(everyday.tool(dice)) or restyled(tool, dice)
  end
  return list
end

-- The tools that are not the last one under another name, and that one.
local function without_twins(list)
  local function plain(tool) return table.concat(names.words(tool.name), " ") end
  local kept, last = {}, list[#list]
  for _, tool in ipairs(list) do
    if tool == last or plain(tool) ~= plain(last) then kept[#kept + 1] = tool end
  end
  return kept
end

-- over(tools, {most=, kinds={call=, ask=, result=, told=, decline=}, everyday=, about=, chatter=})
-- -> function(dice) -> example. everyday: the share of requests to tools of everyday life among
-- those that are called, told or declined, 0; about: the kind of thing that these say ("date"),
-- nil: any; chatter: sentences that have nothing to do with it, and what is told; nil: none.
function generate.over(tools, how)
  local kinds = {}
  for kind, n in pairs(how.kinds) do
    for _ = 1, n do kinds[#kinds + 1] = kind end
  end
  table.sort(kinds)
  return function(dice)
    while true do
      local kind, context = dice:pick(kinds), {}
      if dice:chance(0.2) then context.today = day(dice) end
      local list = listing(tools, dice, how)
      local messages
      -- the last one drawn is wanted, and not there when the request is to be declined
      if kind ~= "ask" and kind ~= "result" and dice:chance(how.everyday or 0) then
        list[#list], messages = daily(dice, context, how.about)
      else
        messages = conversation(list[#list], dice, context, kind)
      end
      list = without_twins(list)
      if messages then
        if kind == "told" then add_hearsay(messages, how.chatter, dice) end
        if how.chatter and dice:chance(0.15) then
          messages[1].content = beside(messages[1].content, how.chatter, dice)
        end
        if kind == "decline" then
          messages[2] = examples.decline(dice)
          list[#list] = nil
        elseif #list > 1 then
          table.remove(list, 1)
        end
        if #list > 0 then
          return { block = native.block(dice:shuffle(list), context),
            turns = examples.weigh(native.turns(messages)) }
        end
      end
    end
  end
end

return generate
