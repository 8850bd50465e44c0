-- native.lua: the text format of moonlet's own models: tools, turns and calls as they are read and
-- written by a model.
--
--   <|tools|>today: 2019-03-01 Friday
--   GetWeather(city,days?:integer,unit?: celsius| fahrenheit) - Get the weather<|user|> is it warm
--   in Lisbon<|call|>GetWeather(city=" Lisbon")<|end|><|result|> 24 degrees<|assistant|> It is warm
--   there.<|end|>
--
-- What: block(tools, context) and turns(messages) write; read(text) reads calls; encode(model,
--   turns) gives ids.
-- How: a word has the same tokens wherever it stands, so that a model can copy it: what people and
--   tools say follows its marker with a space, a string begins with a space inside of its quotes,
--   a choice in a signature has a space before it, and names never have one.
-- Invariant: markers are ids; text from outside is encoded as ordinary text and cannot forge one. A
--   tool has one line, whatever its schema's names and choices hold.

local host = require "moonlet.host"
local json = require "moonlet.json"

local native = {}

native.markers = { "tools", "user", "call", "result", "assistant", "end" }

-- ---- tools ----

-- Longest description in bytes: its first sentence, cut at a word.
local longest_description = 80

-- brief(text) -> one line of a description.
function native.brief(text)
  text = text:gsub("%s+", " "):gsub("^ ", ""):gsub(" $", "")
  text = text:match "^(.-[%w%)])%. " or text:match "^(.*[%w%)])%.$" or text
  if #text <= longest_description then return text end
  text = host.whole(text:sub(1, longest_description + 1))
  return (text:match "^(.+) " or text)
end

-- A name or type without what would end a signature or its line; those of the tools that are shown
-- may be a stranger's.
local function plain(name)
  return (name:gsub("^%s+", ""):gsub("%s+$", ""):gsub("[%c(),]+", "_"))
end

local parameters_text

-- What stands behind a parameter's name: nothing, a type, choices, or members in braces.
local function kind(sub)
  if type(sub) ~= "table" then return "" end
  if type(sub.enum) == "table" and #sub.enum > 0 then
    local choices = {}
    for i, choice in ipairs(sub.enum) do choices[i] = " " .. tostring(choice):gsub("%c+", " ") end
    return ":" .. table.concat(choices, "|")
  end
  if sub.type == "object" and type(sub.properties) == "table" and next(sub.properties) then
    return ":{" .. parameters_text(sub) .. "}"
  end
  if sub.type == "array" then
    local item = type(sub.items) == "table" and type(sub.items.type) == "string" and sub.items.type
    return item and ":" .. plain(item) .. "[]" or ":array"
  end
  return type(sub.type) == "string" and sub.type ~= "string" and ":" .. plain(sub.type) or ""
end

-- The members of an object's schema: name, name? or name:kind, without spaces between.
function parameters_text(schema)
  local parts, required = {}, {}
  for _, name in ipairs(schema.required or {}) do required[name] = true end
  for i, name in ipairs(json.keys(schema.properties or {})) do
    parts[i] = plain(name) .. (required[name] and "" or "?") .. kind(schema.properties[name])
  end
  return table.concat(parts, ",")
end

-- line(tool) -> its line in the block. tool: { name, description, parameters = JSON Schema }.
function native.line(tool)
  local text = ("%s(%s)"):format(plain(tool.name), parameters_text(tool.parameters or {}))
  local described = tool.description and native.brief(tool.description) or ""
  return described ~= "" and text .. " - " .. described or text
end

local weekdays = { "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday" }

-- weekday("2019-03-01") -> "Friday", by Zeller's congruence; nil when it is no date.
function native.weekday(date)
  local y, m, d = date:match "^(%d%d%d%d)%-(%d%d)%-(%d%d)$"
  if not y then return nil end
  y, m, d = tonumber(y), tonumber(m), tonumber(d)
  if m < 3 then y, m = y - 1, m + 12 end
  local c = math.floor(y / 100)
  y = y % 100
  return weekdays[(d + math.floor(13 * (m + 1) / 5) + y + math.floor(y / 4) + math.floor(c / 4)
    + 5 * c) % 7 + 1]
end

-- block(tools, context) -> what stands behind <|tools|>, or nil when there is nothing. tools: a
-- list of tools, or text: lines, or the name of a set that the model has learnt ("set home").
-- context.today: a date as 2019-03-01.
function native.block(tools, context)
  local lines = {}
  local today = context and context.today
  if today then
    local day = native.weekday(today)
    lines[1] = "today: " .. today .. (day and " " .. day or "")
  end
  if type(tools) == "string" then
    lines[#lines + 1] = tools
  else
    for _, tool in ipairs(tools or {}) do lines[#lines + 1] = native.line(tool) end
  end
  return #lines > 0 and table.concat(lines, "\n") or nil
end

-- ---- calls ----

-- value(v) -> an argument's value as calls have it: JSON, but strings begin with a space.
function native.value(value)
  if type(value) == "string" then return json.encode(" " .. value) end
  if type(value) ~= "table" or value == json.null then return json.encode(value) end
  local parts = {}
  if json.is_array(value) then
    for i, item in ipairs(value) do parts[i] = native.value(item) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  for i, key in ipairs(json.keys(value)) do
    parts[i] = json.encode(key) .. ":" .. native.value(value[key])
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

-- call({ name, arguments }) -> its line, arguments in their order.
function native.call(call)
  local parts = {}
  for i, name in ipairs(json.keys(call.arguments or {})) do
    parts[i] = name .. "=" .. native.value(call.arguments[name])
  end
  return ("%s(%s)"):format(call.name, table.concat(parts, ","))
end

-- calls(list) -> one line a call.
function native.calls(list)
  local lines = {}
  for i, call in ipairs(list) do lines[i] = native.call(call) end
  return table.concat(lines, "\n")
end

-- meant(value): strings without their first space, also those inside of lists and objects.
function native.meant(value)
  if type(value) == "string" then return (value:gsub("^ ", "")) end
  if type(value) ~= "table" or value == json.null then return value end
  for key, item in pairs(value) do value[key] = native.meant(item) end
  return value
end

-- Where a value that begins at `at` ends: the position of the "," or ")" behind it, or nil.
local function value_end(text, at)
  local depth = 0
  while true do
    local c = text:sub(at, at)
    if c == "" then return nil end
    if c == '"' then
      repeat
        at = text:find('["\\]', at + 1)
        if not at then return nil end
        local escaped = text:sub(at, at) == "\\"
        if escaped then at = at + 1 end
      until not escaped
    elseif depth == 0 and (c == "," or c == ")") then
      return at
    elseif c == "[" or c == "{" or c == "(" then
      depth = depth + 1
    elseif c == "]" or c == "}" or c == ")" then
      depth = depth - 1
    end
    at = at + 1
  end
end

-- One call at `at` -> call, position behind it | nil, why.
local function read_call(text, at)
  local name, open = text:match("^%s*([^%s()]+)%(()", at)
  if not name then return nil, "wants NAME(" end
  local arguments, order = {}, {}
  at = text:match("^%s*()", open)
  while text:sub(at, at) ~= ")" do
    local key, first = text:match("^%s*([^%s=()\",]+)%s*=()", at)
    if not key then return nil, ("%s: wants an argument's name and ="):format(name) end
    local past = value_end(text, first)
    if not past then return nil, ("%s: '%s' does not end"):format(name, key) end
    local value, message = json.decode(text:sub(first, past - 1))
    if value == nil then return nil, ("%s: '%s': %s"):format(name, key, message) end
    if arguments[key] == nil then order[#order + 1] = key end
    arguments[key] = native.meant(value)
    at = past
    if text:sub(at, at) == "," then at = at + 1 end
  end
  return { name = name, arguments = json.object(arguments, order) }, at + 1
end

-- read(text) -> list of { name, arguments } | nil, message, "format". text: what stands between
-- <|call|> and <|end|>.
function native.read(text)
  local list, at = {}, 1
  while text:find("%S", at) do
    local call, past = read_call(text, at)
    if not call then return nil, past, "format" end
    list[#list + 1], at = call, past
  end
  return list
end

-- ---- turns ----

local function result_text(content)
  return type(content) == "string" and content or json.encode(content)
end

-- turns(messages) -> list of { marker, text, ends = true where <|end|> follows }. messages: role
-- user, tool or assistant; content, or tool_calls: a list of { name, arguments }. The format has
-- no place for a system's messages: they are left out.
function native.turns(messages)
  local turns = {}
  for _, m in ipairs(messages) do
    if m.role == "user" then
      turns[#turns + 1] = { marker = "user", text = " " .. m.content }
    elseif m.role == "tool" then
      turns[#turns + 1] = { marker = "result", text = " " .. result_text(m.content) }
    elseif m.role == "assistant" and m.tool_calls then
      turns[#turns + 1] = { marker = "call", text = native.calls(m.tool_calls), ends = true }
    elseif m.role == "assistant" then
      turns[#turns + 1] = { marker = "assistant", text = " " .. m.content, ends = true }
    elseif m.role ~= "system" then
      host.blame(("native: a message's role is user, assistant or tool, got '%s'")
        :format(tostring(m.role)))
    end
  end
  return turns
end

-- ids(model) -> marker name -> id; nil when the vocabulary lacks one.
function native.ids(model)
  local id = {}
  for _, name in ipairs(native.markers) do
    id[name] = model:token("<|" .. name .. "|>")
    if not id[name] then return nil end
  end
  return id
end

-- encode(model, block, turns, encode) -> ids from <s> on, and for each turn the position of its
-- marker. encode(text) -> ids, where they are not those of the model's tokenizer.
function native.encode(model, block, turns, encode)
  local id, ids = native.ids(model), model:encode("", { bos = true })
  local starts = {}
  encode = encode or function(text) return model:encode(text, { bos = false }) end
  local function put(marker, text)
    ids[#ids + 1] = id[marker]
    for _, token in ipairs(encode(text)) do ids[#ids + 1] = token end
  end
  if block then put("tools", block) end
  for i, turn in ipairs(turns) do
    starts[i] = #ids + 1
    put(turn.marker, turn.text)
    if turn.ends then ids[#ids + 1] = id["end"] end
  end
  return ids, starts
end

return native
