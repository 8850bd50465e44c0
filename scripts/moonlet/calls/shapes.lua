-- shapes.lua: how the insides of tool calls read: one function for each shape of moonlet.calls.
--
-- What: shape(parser, open, out) stands behind the marker that opened a call and reads up to the
--   end of what it closes: true, or false and why it is no call. out.begin(name, id),
--   out.arguments(text), out.done(table, json) report on the way.
-- Invariant: a failure leaves the place in the text to the text alone, so that the reading is the
--   same however the text was cut.

local json = require "moonlet.json"
local native = require "moonlet.native"
local values = require "moonlet.calls.values"

local shapes = {}

local longest_name = 128

local function good_name(name)
  return name and #name <= longest_name and name:find "^[%w_.:/-]+$" ~= nil
end

-- Takes closing markers, with the space before and between them.
local function close(text, open)
  if not open.after then return true end
  text:skip_space()
  while text:accept_any(open.after) do text:skip_space() end
  return true
end

-- ---- JSON ----

-- The arguments of a call as a table, from JSON text: an object, null, or a string of JSON.
local function object(source)
  local value = source and json.decode(source)
  if type(value) == "string" then
    source = value
    value = json.decode(value)
  end
  if value == json.null then return json.object {}, "{}" end
  if type(value) ~= "table" or json.is_array(value) then return nil end
  return value, source
end

local function finish(out, source)
  local value, plain = object(source)
  if not value then return false, "a call's arguments are not an object" end
  out.done(value, plain)
  return true
end

-- Reads arguments where the text stands, as they come unless they are a string of JSON.
local function json_arguments(text, out)
  if text:peek() ~= '"' then return text:json(out.arguments) end
  local source, why = text:json()
  local plain = source and json.decode(source)
  if type(plain) == "string" then out.arguments(plain) end
  return source, why
end

local roles = {
  name = "name", tool_name = "name", arguments = "arguments", parameters = "arguments",
  id = "id", tool_call_id = "id",
}

-- One member of a call's object. state: name, id, source, begun.
local function member(text, out, state)
  if text:peek() ~= '"' then return false, "expected a key" end
  local key, why = text:json()
  if not key then return false, why end
  text:skip_space()
  if not text:accept ":" then return false, "expected ':'" end
  text:skip_space()
  local role = roles[json.decode(key)]
  if role and state[role] ~= nil then return false, "a member is there twice" end
  local source
  if role == "arguments" and state.begun then source, why = json_arguments(text, out)
  else source, why = text:json() end
  if not source then return false, why end
  if role == "arguments" then
    state.arguments = source
  elseif role then
    local value = json.decode(source)
    if role == "id" and type(value) == "number" then value = tostring(value) end
    state[role] = type(value) == "string" and value or nil
    if role == "id" and state.begun then out.id(state.id) end
  end
  if state.name and not state.begun and role == "name" then
    if not good_name(state.name) then return false, "not a tool's name" end
    state.begun = true
    out.begin(state.name, state.id)
    if state.arguments then
      local _, plain = object(state.arguments)
      out.arguments(plain or state.arguments)
    end
  end
  return true
end

-- One object with a name and arguments.
local function call_object(text, out)
  text:skip_space()
  if not text:accept "{" then return false, "expected '{'" end
  local state, first = {}, true
  while true do
    text:skip_space()
    if first and text:accept "}" then break end
    first = false
    local ok, why = member(text, out, state)
    if not ok then return false, why end
    text:skip_space()
    if text:accept "}" then break end
    if not text:accept "," then return false, "expected ',' or '}'" end
  end
  if not state.begun then return false, "an object without a tool's name" end
  if not state.arguments then out.arguments "{}" end
  return finish(out, state.arguments or "{}")
end

-- One object, or several with open.between.
function shapes.object(self, open, out)
  local text = self.input
  repeat
    local ok, why = call_object(text, out)
    if not ok then return false, why end
    text:skip_space()
  until not (open.between and text:accept(open.between))
  return close(text, open)
end

-- A list of objects.
function shapes.list(self, open, out)
  local text = self.input
  text:skip_space()
  if not text:accept "[" then return false, "expected '['" end
  text:skip_space()
  if text:accept "]" then return false, "an empty list of calls" end
  repeat
    local ok, why = call_object(text, out)
    if not ok then return false, why end
    text:skip_space()
  until not text:accept ","
  if not text:accept "]" then return false, "expected ',' or ']'" end
  return close(text, open)
end

-- ---- a name, a marker, JSON ----

-- open.name_ends: markers behind the name. open.id_end: the one that ends an id which follows
-- the marker open.id_begin. open.name(text) -> name, id, where the name is wrapped.
function shapes.tagged(self, open, out)
  local text = self.input
  if open.skip then text:skip_space(); text:accept_any(open.skip) end
  local name, marker = text:before(open.name_ends, longest_name)
  if not name then return false, "a name without an end" end
  local id
  name = name:match "^%s*(.-)%s*$"
  if open.name then name, id = open.name(name) end
  if not good_name(name) then return false, "not a tool's name" end
  if marker == open.id_begin then
    id = text:before({ open.id_end }, longest_name)
    if not id then return false, "an id without an end" end
  end
  out.begin(name, id)
  text:skip_space()
  if text:peek() ~= "{" and text:peek() ~= '"' then return false, "expected '{'" end
  local source, why = json_arguments(text, out)
  if not source then return false, why end
  local ok
  ok, why = finish(out, source)
  if not ok then return false, why end
  return close(text, open)
end

-- A list, an object, or a tagged call.
function shapes.any(self, open, out)
  self.input:skip_space()
  local c = self.input:peek()
  local shape = c == "[" and "list" or c == "{" and "object" or "tagged"
  return shapes[shape](self, open, out)
end

-- ---- arguments one by one ----

-- Collects arguments and reports each as JSON.
local function collector(out)
  local args, keys, n = {}, {}, 0
  local self = {}
  function self.key(name)
    if args[name] ~= nil then return false end
    n = n + 1
    keys[n] = name
    out.arguments((n == 1 and "{" or ",") .. json.encode(name) .. ":")
    return true
  end
  function self.value(value)
    args[keys[n]] = value
    out.arguments(json.encode(value))
  end
  function self.done()
    out.arguments(n == 0 and "{}" or "}")
    local value = json.object(args, keys)
    out.done(value, json.encode(value))
  end
  return self
end

local function schema_of(self, tool, name)
  local schema = self.known and self.known[tool]
  local properties = type(schema) == "table" and schema.properties
  return type(properties) == "table" and properties[name] or nil
end

-- <function=name><parameter=key>value</parameter></function>, in the dialect open.xml: call =
-- { prefix, suffix }, parameter = { prefix, suffix, end }, close.
local function xml_call(self, xml, out)
  local text = self.input
  local name = text:before({ xml.call[2] }, longest_name)
  if not good_name(name) then return false, "not a tool's name" end
  out.begin(name)
  local args = collector(out)
  while true do
    text:skip_space()
    if text:accept(xml.close) then break end
    if not text:accept(xml.parameter[1]) then return false, "expected a parameter" end
    local key, how = text:before({ xml.parameter[2] }, 2 * longest_name)
    if not key then return false, "a parameter without a name" end
    if xml.attribute then key, how = key:match(xml.attribute) end
    if not key or key == "" or not args.key(key) then return false, "a parameter's name" end
    local value = text:before { xml.parameter[3] }
    if not value then return false, "a parameter without an end" end
    args.value(values.typed(value, schema_of(self, name, key), xml.attribute and how))
  end
  args.done()
  return true
end

function shapes.xml(self, open, out)
  local text, xml = self.input, open.xml
  local inside = open.inside
  repeat
    text:skip_space()
    if not inside and not text:accept(xml.call[1]) then return false, "expected a call" end
    inside = false
    local ok, why = xml_call(self, xml, out)
    if not ok then return false, why end
    text:skip_space()
  until not text:starts(xml.call[1])
  return close(text, open)
end

-- name<arg_key>k</arg_key><arg_value>v</arg_value></tool_call>
function shapes.pairs(self, open, out)
  local text = self.input
  local pieces = {}
  local marker = text:until_any({ open.key[1], open.after[1] },
    function(s) pieces[#pieces + 1] = s end)
  local name = table.concat(pieces):match "^%s*(.-)%s*$"
  if not marker or not good_name(name) then return false, "not a tool's name" end
  out.begin(name)
  local args = collector(out)
  while true do
    text:skip_space()
    if text:accept(open.after[1]) then break end
    if not text:accept(open.key[1]) then return false, "expected a key" end
    local key = text:before({ open.key[2] }, longest_name)
    text:skip_space()
    if not key or not text:accept(open.value[1]) then return false, "expected a value" end
    if not args.key(key) then return false, "a key is there twice" end
    local value = text:before { open.value[2] }
    if not value then return false, "a value without an end" end
    args.value(values.typed(value, schema_of(self, name, key)))
  end
  args.done()
  return true
end

-- call:name{key:value,...}, strings between open.quote.
function shapes.braces(self, open, out)
  local text = self.input
  text:skip_space()
  if not text:accept "call:" then return false, "expected call:" end
  local name = text:before({ "{" }, longest_name)
  if not good_name(name) then return false, "not a tool's name" end
  out.begin(name)
  local args = collector(out)
  local ok, why = values.braces(text, open.quote, args)
  if not ok then return false, why end
  args.done()
  return close(text, open)
end

-- ---- Python ----

-- Names of positional arguments: the order in which the tool declares them.
local function positional(self, tool)
  local schema = self.known and self.known[tool]
  local properties = type(schema) == "table" and schema.properties
  return type(properties) == "table" and json.keys(properties) or {}
end

local function python_call(self, out)
  local text = self.input
  text:skip_space()
  local name = values.identifier(text)
  if not name or #name > longest_name then return false, "not a tool's name" end
  text:skip_space()
  if not text:accept "(" then return false, "expected '('" end
  name = name:gsub("%.call$", "")
  out.begin(name)
  local args, order, n = collector(out), nil, 0
  text:skip_space()
  while not text:accept ")" do
    n = n + 1
    local key = values.keyword(text)
    if not key then
      order = order or positional(self, name)
      key = order[n]
      if not key then return false, "a positional argument without a name" end
    end
    if not args.key(key) then return false, "an argument is there twice" end
    local value, why = values.python(text, 1)
    if value == nil then return false, why end
    args.value(self.family.lead and native.meant(value) or value)
    text:skip_space()
    if not text:starts ")" and not text:accept "," then return false, "expected ',' or ')'" end
    text:skip_space()
  end
  args.done()
  return true
end

-- [f(a=1), g()]; open.bare: without the brackets; open.inside: behind the bracket; open.lines:
-- nothing but white space between calls.
function shapes.python(self, open, out)
  local text = self.input
  text:skip_space()
  local bracket = open.inside or (text:accept "[")
  if not bracket and not open.bare then return false, "expected '['" end
  repeat
    local ok, why = python_call(self, out)
    if not ok then return false, why end
    text:skip_space()
    local more
    if open.lines then more = text:peek() ~= nil
    else more = text:accept(bracket and "," or ";") end
  until not more
  if bracket and not text:accept "]" then return false, "expected ',' or ']'" end
  return close(text, open)
end

-- Behind Llama's python tag: Python or JSON.
function shapes.tag(self, open, out)
  self.input:skip_space()
  local shape = self.input:peek() == "{" and "object" or "python"
  return shapes[shape](self, open, out)
end

return shapes
