-- shape.lua: what a record that calls are predicted and scored for must look like.
--
-- What: shape.record(record) -> nil, or what it wants: an id; messages, of which an assistant's may
--   have tool_calls, a list of { name, arguments = an object }; and where they are there tools, a
--   list of { name, description, parameters } or text (null, {}: none), context = { today }, and
--   possible_answers, a list of { [name] = arguments }. shape.tools(list) judges tools alone.
-- Invariant: what passes is encoded, predicted and scored without a throw.

local json = require "moonlet.json"

local shape = {}

-- Also of plain Lua tables, where an empty one is either.
local function is_list(value)
  return type(value) == "table" and value ~= json.null and (json.is_array(value)
    or next(value) == nil and getmetatable(value) == nil)
end

local function absent_or(kind, value) return value == nil or type(value) == kind end

-- What a list wants to be: a list, or what `wrong` says of its first wrong entry.
local function wrong_list(name, list, wrong)
  if not is_list(list) then return name .. " to be a list" end
  for _, entry in ipairs(list) do
    local missing = wrong(entry)
    if missing then return missing end
  end
end

-- ---- tools ----

-- Of a schema, in the parts that a model is shown.
local function wrong_schema(schema)
  if type(schema) ~= "table" then return nil end
  if not absent_or("table", schema.required) then return "'required' to be a list" end
  local properties = schema.properties
  if properties == nil then return wrong_schema(schema.items) end
  if type(properties) ~= "table" or #properties > 0 then return "'properties' to be an object" end
  for _, sub in pairs(properties) do
    local missing = wrong_schema(sub)
    if missing then return missing end
  end
end

local function wrong_tool(tool)
  if not json.is_object(tool) or type(tool.name) ~= "string" then return "a name in each tool" end
  local missing = wrong_schema(tool.parameters)
  if not absent_or("string", tool.description) then missing = "'description' to be a string" end
  if not absent_or("table", tool.parameters) then missing = "'parameters' to be an object" end
  return missing and ("of the tool '%s' %s"):format(tool.name, missing)
end

function shape.tools(list) return wrong_list("tools", list, wrong_tool) end

-- ---- messages ----

local roles = { system = true, user = true, tool = true, assistant = true }

local function wrong_call(call)
  if not json.is_object(call) or type(call.name) ~= "string" then return "a name in each call" end
  if not json.is_object(call.arguments) then
    return ("arguments, an object, in each call; '%s' has none"):format(call.name)
  end
end

local function wrong_message(message)
  if type(message) ~= "table" or type(message.role) ~= "string" then
    return "a role in each message"
  end
  if not roles[message.role] then
    return ("a role of system, user, tool or assistant, got '%s'"):format(message.role)
  end
  if message.tool_calls == nil then
    return type(message.content) ~= "string" and "content or tool_calls in each message" or nil
  end
  if message.role ~= "assistant" then return "tool_calls in an assistant's messages alone" end
  return wrong_list("tool_calls", message.tool_calls, wrong_call)
end

-- ---- records ----

-- One of BFCL's: { name = { argument = list of values } }.
local function wrong_answer(answer)
  local name, members
  if json.is_object(answer) then name, members = next(answer) end
  if not json.is_object(members) or next(answer, name) ~= nil then
    return "one name and its arguments in each of possible_answers"
  end
end

function shape.record(record)
  if record.id == nil then return "id" end
  local tools, context, answers = record.tools, record.context, record.possible_answers
  local missing = wrong_list("messages", record.messages, wrong_message)
  local some = not absent_or("string", tools) and not (type(tools) == "table" and not next(tools))
  if not missing and some then missing = shape.tools(tools) end
  if missing then return missing end
  if not absent_or("table", context) then return "context to be an object" end
  if context and not absent_or("string", context.today) then return "today to be a string" end
  return answers ~= nil and wrong_list("possible_answers", answers, wrong_answer) or nil
end

return shape
