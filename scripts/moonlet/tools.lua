-- tools.lua: tools that a model may call: what they are named, what they take, how they run.
--
-- What: tools.new { tool, ... } -> a set. A tool is declared by a signature and a function,
--     tools.tool("alarm_set(time, date?, repeat: daily|weekly, count?: integer) - Set an alarm", f)
--   or by a table { name, description, parameters = JSON Schema, run = f }. The set writes itself
--   as prompt lines, as OpenAI's and as Anthropic's lists, checks calls, and runs them.
-- How: a signature becomes a JSON Schema; arguments are coerced, then judged (moonlet.schema).
-- Invariant: f(arguments, context) only ever sees arguments that fit; what it gives back becomes
--   text of a bounded length.

local host = require "moonlet.host"
local json = require "moonlet.json"
local schema = require "moonlet.schema"

local tools = {}

-- ---- signatures ----

local types = { string = "string", text = "string", integer = "integer", int = "integer",
  number = "number", boolean = "boolean", bool = "boolean", array = "array", list = "array",
  object = "object", table = "object" }

local function type_schema(text, where)
  local item = text:match "^(.-)%[%]$"
  if item then
    return json.object({ type = "array", items = type_schema(item, where) }, { "type", "items" })
  end
  if types[text] then return json.object({ type = types[text] }, { "type" }) end
  local choices = {}
  for choice in (text .. "|"):gmatch "%s*(.-)%s*|" do
    if choice == "" then host.blame(("tools: an empty choice in '%s'"):format(where)) end
    choices[#choices + 1] = choice
  end
  if #choices == 1 then
    host.blame(("tools: no type '%s' (string, integer, number, boolean, array, object, type[], "
      .. "or choices a|b) in '%s'"):format(text, where))
  end
  return json.object({ type = "string", enum = json.array(choices) }, { "type", "enum" })
end

local function parameters_schema(text, where)
  local properties, names, required = {}, {}, json.array {}
  for part in (text:find "%S" and text .. "," or ""):gmatch "(.-)," do
    local name, optional, kind = part:match "^%s*([%a_][%w_]*)(%??)%s*:?%s*(.-)%s*$"
    if not name or (kind ~= "" and not part:find(":", 1, true)) then
      host.blame(("tools: a parameter is name, name? or name: type; got '%s' in '%s'")
        :format(part, where))
    end
    if properties[name] then
      host.blame(("tools: parameter '%s' is there twice in '%s'"):format(name, where))
    end
    properties[name] = type_schema(kind == "" and "string" or kind, where)
    names[#names + 1] = name
    if optional == "" then required[#required + 1] = name end
  end
  return json.object({
    type = "object", properties = json.object(properties, names), required = required,
    additionalProperties = false,
  }, { "type", "properties", "required", "additionalProperties" })
end

-- signature(text) -> name, JSON Schema, description or nil.
function tools.signature(text)
  local name, inside, rest = text:match "^%s*([%w_.-]+)%s*(%b())%s*(.-)%s*$"
  if not name or #name > 64 then
    host.blame(("tools: a signature is name(parameters) - description; got '%s'"):format(text))
  end
  local description = rest:match "^%-+%s*(.+)$"
  if rest ~= "" and not description then
    host.blame(("tools: what is '%s' behind the parameters of '%s'?"):format(rest, name))
  end
  return name, parameters_schema(inside:sub(2, -2), text), description
end

-- Text on one line; a schema and its description may be a stranger's, and hold a line of their own.
local function flat(text) return (text:gsub("%c+", " ")) end

-- The signature of a tool that a schema declares, as far as it can say it.
local function line(tool)
  local parts, required = {}, {}
  local parameters = tool.parameters
  for _, name in ipairs(parameters.required or {}) do required[name] = true end
  for i, name in ipairs(json.keys(parameters.properties or {})) do
    local sub = parameters.properties[name]
    local kind = type(sub) == "table" and sub.type
    local choices = {}
    for _, choice in ipairs(type(sub) == "table" and sub.enum or {}) do
      choices[#choices + 1] = flat(tostring(choice))
    end
    local what = #choices > 0 and table.concat(choices, "|")
      or type(kind) == "string" and kind ~= "string" and kind or nil
    if what == "array" and type(sub.items) == "table" and type(sub.items.type) == "string" then
      what = sub.items.type .. "[]"
    end
    parts[i] = flat(name):gsub("[(),]", "_") .. (required[name] and "" or "?")
      .. (what and ": " .. what or "")
  end
  local text = ("%s(%s)"):format(tool.name, table.concat(parts, ", "))
  return tool.description and text .. " - " .. flat(tool.description) or text
end

-- ---- tools ----

local fields = { "name", "description", "parameters", "run", "approve", "timeout", "most",
  "coerce", "before", "after" }

-- tool(signature or name or table, f, { approve = true: ask before each run, timeout = seconds,
-- most = bytes of its result, before = f(arguments) and after = f(text): nil, message stops it }).
function tools.tool(what, run, options)
  local tool = {}
  for key, value in pairs(options or {}) do tool[key] = value end
  if type(what) == "string" then
    tool.name, tool.parameters, tool.description = tools.signature(what)
    tool.run = run
  elseif type(what) == "table" then
    for key, value in pairs(what) do tool[key] = value end
    tool.run = tool.run or run
  else
    host.blame("tools: a tool is a signature or a table, got a " .. type(what))
  end
  local ok, unknown = pcall(host.known, tool, "tool", fields)
  if not ok then host.blame(unknown) end
  if type(tool.name) ~= "string" or not tool.name:find "^[%w_.-]+$" or #tool.name > 64 then
    host.blame("tools: a tool's name is up to 64 of A-Z a-z 0-9 _ . -")
  end
  if type(tool.run) ~= "function" then
    host.blame(("tools: tool '%s' has no function"):format(tool.name))
  end
  tool.parameters = tool.parameters or json.object({ type = "object" })
  local validator, message = schema.compile(tool.parameters)
  if not validator then host.blame(("tools: tool '%s': %s"):format(tool.name, message)) end
  tool.validator = validator
  return tool
end

-- ---- sets ----

local Set = {}
Set.__index = Set

-- new(list) -> set. A list's entries are tools, or tables that tools.tool reads.
function tools.new(list)
  local self = setmetatable({ list = {}, by_name = {} }, Set)
  for _, tool in ipairs(list or {}) do self:add(tool) end
  return self
end

function Set:add(tool, run, options)
  if type(tool) ~= "table" or not tool.validator then tool = tools.tool(tool, run, options) end
  if self.by_name[tool.name] then
    host.blame(("tools: there are two tools '%s'"):format(tool.name))
  end
  self.list[#self.list + 1], self.by_name[tool.name] = tool, tool
  return self
end

-- lines() -> one signature a line.
function Set:lines()
  local lines = {}
  for i, tool in ipairs(self.list) do lines[i] = line(tool) end
  return table.concat(lines, "\n")
end

-- schemas() -> { name = parameters }, for moonlet.calls.
function Set:schemas()
  local all = {}
  for _, tool in ipairs(self.list) do all[tool.name] = tool.parameters end
  return all
end

local function names(set)
  local list = {}
  for i, tool in ipairs(set.list) do list[i] = tool.name end
  return table.concat(list, ", ")
end

-- check(name, arguments) -> tool, arguments to run it with | nil, message, "unknown" or
-- "arguments".
function Set:check(name, arguments)
  local tool = self.by_name[name]
  if not tool then
    return nil, ("there is no tool '%s'; there are: %s"):format(tostring(name), names(self)),
      "unknown"
  end
  if type(arguments) ~= "table" then
    return nil, ("%s: the arguments are no object"):format(name), "arguments"
  end
  if tool.coerce ~= false then arguments = schema.coerce(tool.parameters, arguments) end
  local ok, message = tool.validator(arguments)
  if not ok then return nil, ("%s: %s"):format(name, message), "arguments" end
  return tool, arguments
end

-- truncated(text, most) -> text of at most `most` bytes, cut at a character, with a marker that
-- says how much is missing.
function tools.truncated(text, most)
  if #text <= most then return text end
  local marker = ("\n[... %d bytes left out]"):format(#text)
  local kept = host.whole(text:sub(1, math.max(0, most - #marker)))
  return kept .. ("\n[... %d bytes left out]"):format(#text - #kept)
end

-- text(value) -> what a tool gave back, as text: JSON for a table.
function tools.text(value)
  if type(value) == "string" then return host.text(value) end
  if value == nil then return "done" end
  if type(value) ~= "table" or value == json.null then return tostring(value) end
  local ok, text = pcall(json.encode, value)
  return ok and text or tostring(text)
end

-- ---- other people's shapes ----

-- openai() -> the list for `tools` of chat completions; anthropic() -> for messages.
function Set:openai()
  local list = json.array {}
  for i, tool in ipairs(self.list) do
    list[i] = json.object({ type = "function", ["function"] = json.object({
      name = tool.name, description = tool.description, parameters = tool.parameters,
    }, { "name", "description", "parameters" }) }, { "type", "function" })
  end
  return list
end

function Set:anthropic()
  local list = json.array {}
  for i, tool in ipairs(self.list) do
    list[i] = json.object({ name = tool.name, description = tool.description,
      input_schema = tool.parameters }, { "name", "description", "input_schema" })
  end
  return list
end

-- from(list, runs) -> set, from either shape; runs = { name = f }.
function tools.from(list, runs)
  local set = tools.new()
  for _, entry in ipairs(list) do
    local inner = type(entry["function"]) == "table" and entry["function"] or entry
    set:add { name = inner.name, description = inner.description,
      parameters = inner.parameters or inner.input_schema, run = runs[inner.name] }
  end
  return set
end

-- A call of moonlet.calls as theirs, and back; a result as theirs.
function tools.to_openai(call)
  return json.object({ id = call.id, type = "function", ["function"] = json.object({
    name = call.name, arguments = call.json or json.encode(call.arguments),
  }, { "name", "arguments" }) }, { "id", "type", "function" })
end

function tools.to_anthropic(call)
  return json.object({ type = "tool_use", id = call.id, name = call.name,
    input = call.arguments }, { "type", "id", "name", "input" })
end

-- call(theirs) -> { id, name, arguments, json, complete } | nil, message, code.
function tools.call(theirs)
  local inner = theirs["function"]
  if type(inner) ~= "table" then
    return { id = theirs.id, name = theirs.name, arguments = theirs.input,
      json = json.encode(theirs.input), complete = true }
  end
  local arguments, message, code = json.decode(inner.arguments)
  if arguments == nil then return nil, message, code end
  return { id = theirs.id, name = inner.name, arguments = arguments, json = inner.arguments,
    complete = true }
end

function tools.result_to_openai(call, text)
  return json.object({ role = "tool", tool_call_id = call.id, content = text },
    { "role", "tool_call_id", "content" })
end

function tools.result_to_anthropic(call, text, is_error)
  return json.object({ type = "tool_result", tool_use_id = call.id, content = text,
    is_error = is_error or nil }, { "type", "tool_use_id", "content", "is_error" })
end

return tools
