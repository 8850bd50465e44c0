-- values.lua: values inside of tool calls that are not JSON: Python's, Gemma's, and plain text
-- that a schema gives a type.

local json = require "moonlet.json"

local values = {}

local deepest = 64

-- ---- text with a schema ----

-- What a schema allows: a set of type names; nil when it does not say.
local function types(schema, set)
  if type(schema) ~= "table" then return nil end
  set = set or {}
  local kind = schema.type
  if type(kind) == "string" then set[kind] = true end
  if type(kind) == "table" then for _, k in ipairs(kind) do set[k] = true end end
  for _, value in ipairs(type(schema.enum) == "table" and schema.enum or {}) do
    set[type(value) == "string" and "string" or "other"] = true
  end
  for _, word in ipairs { "anyOf", "oneOf", "allOf" } do
    for _, sub in ipairs(type(schema[word]) == "table" and schema[word] or {}) do
      types(sub, set)
    end
  end
  return next(set) and set or nil
end

-- is_text(schema): whether typed keeps text as it is, and does not read it as JSON.
function values.is_text(schema)
  local allowed = types(schema)
  return allowed ~= nil and allowed.string == true
end

-- typed(text, schema, string): text of an untyped format as a value. A line break right inside
-- the markers belongs to them. string: "true" or "false" where the format itself says whether
-- the text is a string.
function values.typed(text, schema, string)
  text = text:gsub("^\n", "", 1):gsub("\n$", "", 1)
  if string == "true" then return text end
  local allowed = types(schema)
  if not string and allowed and allowed.string then
    if text == "null" and allowed.null then return json.null end
    return text
  end
  local value = json.decode(text)
  if value ~= nil then return value end
  local word = text:match "^%s*(%a+)%s*$"
  if word == "True" or word == "False" then return word == "True" end
  if word == "None" then return json.null end
  return text
end

-- ---- words and numbers ----

-- Takes the longest run of bytes of a class.
local function run(text, class, most)
  local pieces, n = {}, 0
  while n <= most do
    local c = text:peek()
    if not c then break end
    local s = text.buffer:match("^" .. class .. "+")
    if not s then break end
    s = s:sub(1, most + 1 - n)
    pieces[#pieces + 1] = text:take(#s)
    n = n + #s
  end
  return table.concat(pieces)
end

function values.identifier(text)
  local c = text:peek()
  if not c or not c:find "[%a_]" then return nil end
  return run(text, "[%w_.]", 128)
end

local words = { ["true"] = true, ["True"] = true, ["false"] = false, ["False"] = false,
  null = json.null, None = json.null }

local function scalar(text)
  local word = run(text, "[%w_.+-]", 400)
  if words[word] ~= nil then return words[word] end
  local digits = word:gsub("^%+", ""):gsub("^(%-?)%.", "%10."):gsub("%.$", ".0")
  local value = digits:find "^-?%d+[%d.eE+-]*$" and json.decode(digits)
  if type(value) == "number" then return value end
  return nil, "not a value: " .. word
end

-- ---- Python ----

local escapes = { n = "\n", t = "\t", r = "\r", ["\\"] = "\\", ["'"] = "'", ['"'] = '"',
  b = "\b", f = "\f", a = "\a", v = "\v", ["0"] = "\0", ["\n"] = "" }
local widths = { x = 2, u = 4, U = 8 }

local function utf8(code)
  if code < 0x80 then return string.char(code) end
  local bytes, first = {}, 0x40
  while code >= first do
    table.insert(bytes, 1, string.char(0x80 + code % 64))
    code = math.floor(code / 64)
    first = #bytes == 1 and 0x20 or first / 2
  end
  local lead = ({ 0xC0, 0xE0, 0xF0 })[#bytes]
  return string.char(lead + code) .. table.concat(bytes)
end

-- Behind a backslash; gives what the escape stands for.
local function escape(text)
  local c = text:peek()
  if not c then return nil end
  text:take(1)
  if escapes[c] then return escapes[c] end
  local width = widths[c]
  if not width then return "\\" .. c end
  local hex = ""
  while #hex < width do
    local digit = text:peek()
    if not digit or not digit:find "%x" then return "\\" .. c .. hex end
    hex = hex .. text:take(1)
  end
  local code = tonumber(hex, 16)
  if code >= 0xD800 and code < 0xE000 or code > 0x10FFFF then return "\239\191\189" end
  return utf8(code)
end

local function python_string(text)
  local quote = text:peek()
  if text:starts(quote:rep(3)) then quote = quote:rep(3) end
  text:take(#quote)
  local pieces = {}
  while true do
    local marker = text:until_any({ quote, "\\" }, function(s) pieces[#pieces + 1] = s end)
    if not marker then return nil, "a string without an end" end
    text:take(#marker)
    if marker == quote then return table.concat(pieces) end
    pieces[#pieces + 1] = escape(text)
  end
end

local function python_list(text, depth)
  local list, closing = json.array {}, text:take(1) == "[" and "]" or ")"
  text:skip_space()
  while not text:accept(closing) do
    local value, why = values.python(text, depth + 1)
    if value == nil then return nil, why end
    list[#list + 1] = value
    text:skip_space()
    if not text:starts(closing) and not text:accept "," then return nil, "expected ','" end
    text:skip_space()
  end
  return list
end

local function python_dict(text, depth)
  text:take(1)
  local dict, keys = {}, {}
  text:skip_space()
  while not text:accept "}" do
    local key, value, why
    key, why = values.python(text, depth + 1)
    if key == nil then return nil, why end
    if type(key) == "table" then return nil, "a table as a key" end
    key = tostring(key)
    text:skip_space()
    if not text:accept ":" then return nil, "expected ':'" end
    value, why = values.python(text, depth + 1)
    if value == nil then return nil, why end
    if dict[key] == nil then keys[#keys + 1] = key end
    dict[key] = value
    text:skip_space()
    if not text:starts "}" and not text:accept "," then return nil, "expected ','" end
    text:skip_space()
  end
  return json.object(dict, keys)
end

-- A Python literal -> value | nil, why.
function values.python(text, depth)
  if depth > deepest then return nil, "nested too deeply" end
  text:skip_space()
  local c = text:peek()
  if c == '"' or c == "'" then return python_string(text) end
  if c == "[" or c == "(" then return python_list(text, depth) end
  if c == "{" then return python_dict(text, depth) end
  return scalar(text)
end

-- Takes `name =` if the text goes on with it.
function values.keyword(text)
  local found = text:look(function(buffer)
    local name, rest = buffer:match "^([%a_][%w_]*)%s*()"
    if not name then
      if buffer == "" then return nil end
      return false
    end
    if #name > 128 then return false end
    if rest > #buffer then return nil end
    return buffer:sub(rest, rest) == "="
  end)
  if not found then return nil end
  local name = run(text, "[%w_]", 128)
  text:skip_space()
  text:take(1)
  return name
end

-- ---- Gemma ----

local brace_value

-- Members up to the closing brace, into args: key(name), value(value).
function values.braces(text, quote, args, depth)
  depth = depth or 1
  text:skip_space()
  while not text:accept "}" do
    local key
    if text:accept(quote) then key = text:before({ quote }, 256)
    else key = run(text, "[%w_.$-]", 256) end
    if not key or key == "" or not args.key(key) then return nil, "expected a key" end
    text:skip_space()
    if not text:accept ":" then return nil, "expected ':'" end
    local value, why = brace_value(text, quote, depth + 1)
    if value == nil then return nil, why end
    args.value(value)
    text:skip_space()
    if not text:starts "}" and not text:accept "," then return nil, "expected ',' or '}'" end
    text:skip_space()
  end
  return true
end

function brace_value(text, quote, depth)
  if depth > deepest then return nil, "nested too deeply" end
  text:skip_space()
  if text:accept(quote) then return (text:before { quote }) end
  if text:accept "{" then
    local keys, value, current = {}, {}, nil
    local ok, why = values.braces(text, quote, {
      key = function(name)
        current = name
        keys[#keys + 1] = name
        return value[name] == nil
      end,
      value = function(v) value[current] = v end,
    }, depth)
    if not ok then return nil, why end
    return json.object(value, keys)
  end
  if not text:accept "[" then return scalar(text) end
  local list = json.array {}
  text:skip_space()
  while not text:accept "]" do
    local value, why = brace_value(text, quote, depth + 1)
    if value == nil then return nil, why end
    list[#list + 1] = value
    text:skip_space()
    if not text:starts "]" and not text:accept "," then return nil, "expected ',' or ']'" end
    text:skip_space()
  end
  return list
end

return values
