-- grammar.lua: a JSON Schema as rules of a grammar, in the notation that a family writes values in.
--
-- What: grammar.new(notation) -> g; g:value(schema, root) -> an expression whose texts are values
--   of that schema; g:rule(name, body) -> its name; g:text(root) -> the whole GBNF.
-- How: rules go from the schema down. Objects have the members that are declared, in their order;
--   white space is at most one space behind a comma or colon. A reference is followed a bounded
--   number of times, so that no text is deeper than its reader allows.
-- Invariant: never wider than the schema. Keywords that cannot be held are refused by name; what a
--   bound cuts off (long numbers, deep nesting, members that are not declared) is only narrower.
-- A notation: char = one character of a string, chars = any number of them (default char*), open =
--   and close = text around a string, text(string) -> the whole of it, nil where it cannot be
--   written; words = { ["true"] =, ["false"] =, null = }; colon, comma = between the members of an
--   object; key(name) -> text, or nil; free_keys = an expression of any key, where keys may be
--   others than those declared; only_strings = true: there are no other values.

local json = require "moonlet.json"

local Grammar = {}
Grammar.__index = Grammar

local deepest_reference, deepest_any, longest = 12, 3, 2000
local refusal = {}

local function refuse(what) error(setmetatable({ what = what }, refusal), 0) end

-- quoted(text) -> a literal.
local escapes = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ['"'] = '\\"', ["\\"] = "\\\\" }
local function quoted(text)
  return '"' .. tostring(text):gsub('[%c"\\]', function(c)
    return escapes[c] or ("\\x%02x"):format(c:byte())
  end) .. '"'
end

local function choice(list)
  if #list == 1 then return list[1] end
  return "(" .. table.concat(list, " | ") .. ")"
end

-- ---- keywords ----

local annotations = { title = 1, description = 1, default = 1, examples = 1, ["$comment"] = 1,
  deprecated = 1, readOnly = 1, writeOnly = 1, format = 1, ["$schema"] = 1, ["$id"] = 1,
  ["$defs"] = 1, definitions = 1, contentEncoding = 1, contentMediaType = 1 }

-- What is held of each type; false: said of it, and not held.
local by_type = {
  string = { minLength = 1, maxLength = 1 },
  number = { minimum = 1, maximum = 1, exclusiveMinimum = false, exclusiveMaximum = false },
  integer = { minimum = 1, maximum = 1, exclusiveMinimum = 1, exclusiveMaximum = 1 },
  array = { items = 1, minItems = 1, maxItems = 1 },
  object = { properties = 1, required = 1, additionalProperties = 1 },
  boolean = {}, null = {},
}
local typed = { type = 1 }
local all_types = { "object", "array", "string", "number", "boolean", "null" }
-- what a schema without `type` is about, told by its keywords
local told_by = { properties = "object", required = "object", additionalProperties = "object",
  items = "array", minItems = "array", maxItems = "array", minLength = "string",
  maxLength = "string", minimum = "number", maximum = "number" }

-- Refuses every keyword that is neither an annotation nor in one of the sets, or false in one.
local function only(schema, sets)
  for word in pairs(schema) do
    local known = annotations[word]
    for _, set in ipairs(sets) do
      if known == nil or set[word] == false then known = set[word] end
    end
    if not known then refuse("'" .. tostring(word) .. "'") end
  end
end

local function types_of(schema)
  local kind = schema.type
  if type(kind) == "string" then return { kind } end
  if type(kind) == "table" then return kind end
  for _, word in ipairs(json.keys(schema)) do
    if told_by[word] then return { told_by[word] } end
  end
  return all_types
end

-- ---- numbers ----

-- Whole numbers from low to high (strings of as many digits), digit by digit.
local function same_length(low, high)
  local a, b, rest = tonumber(low:sub(1, 1)), tonumber(high:sub(1, 1)), #low - 1
  local zeros, nines = ("0"):rep(rest), ("9"):rep(rest)
  local from_zeros, to_nines = low:sub(2) == zeros, high:sub(2) == nines
  if a == b and not (from_zeros and to_nines) then
    return quoted(a) .. " " .. same_length(low:sub(2), high:sub(2))
  end
  local parts, first, last = {}, a, b
  if not from_zeros then
    parts[1], first = quoted(a) .. " " .. same_length(low:sub(2), nines), a + 1
  end
  if not to_nines then last = b - 1 end
  if first <= last then
    local more = rest > 0 and (" [0-9]{%d}"):format(rest) or ""
    parts[#parts + 1] = ("[%d-%d]%s"):format(first, last, more)
  end
  if not to_nines then parts[#parts + 1] = quoted(b) .. " " .. same_length(zeros, high:sub(2)) end
  return choice(parts)
end

local most_digits = 15
local function digits(n) return ("%.0f"):format(n) end

-- Whole numbers from low (at least 0) to high; nil when there is none.
local function naturals(low, high)
  high = math.min(high, 10 ^ most_digits - 1)
  if low > high then return nil end
  local parts = {}
  for length = #digits(low), #digits(high) do
    local first = math.max(low, length == 1 and 0 or 10 ^ (length - 1))
    local last = math.min(high, 10 ^ length - 1)
    parts[#parts + 1] = same_length(digits(first), digits(last))
  end
  return choice(parts)
end

-- Numbers from low to high. fraction: with digits behind a point where they fit between two whole
-- numbers.
local function numbers(low, high, fraction)
  local parts = {}
  local function side(sign, from, to)
    from = math.max(from, sign == "" and 0 or 1)
    local whole = naturals(math.ceil(from), math.floor(to))
    if whole then parts[#parts + 1] = sign .. whole end
    local tenths = fraction and naturals(math.ceil(from), math.floor(to) - 1)
    if tenths then parts[#parts + 1] = sign .. tenths .. ' "." [0-9]{1,15}' end
  end
  side("", low, high)
  side('"-" ', -high, -low)
  if #parts == 0 then refuse "a range of numbers without any" end
  return choice(parts)
end

local kinds = {}

function kinds.integer(_, schema)
  local low, high = schema.minimum or -math.huge, schema.maximum or math.huge
  if schema.exclusiveMinimum then
    low = math.max(low, math.floor(schema.exclusiveMinimum) + 1)
  end
  if schema.exclusiveMaximum then
    high = math.min(high, math.ceil(schema.exclusiveMaximum) - 1)
  end
  return numbers(low, high, false)
end

function kinds.number(g, schema)
  if schema.minimum or schema.maximum then
    return numbers(schema.minimum or -math.huge, schema.maximum or math.huge, true)
  end
  return g:rule("number",
    '"-"? ("0" | [1-9] [0-9]{0,14}) ("." [0-9]{1,15})? ([eE] [-+]? [0-9]{1,2})?')
end

function kinds.boolean(g)
  local words = g.notation.words
  return choice { quoted(words["true"]), quoted(words["false"]) }
end

function kinds.null(g) return quoted(g.notation.words.null) end

-- ---- strings ----

-- How often, as a repetition; for lists and strings.
local function times(least, most, what)
  least = least or 0
  if least % 1 ~= 0 or most and most % 1 ~= 0 then refuse(what .. " of no whole number") end
  if least > longest then refuse(what .. " above " .. longest) end
  if not most then return least == 0 and "*" or ("{%d,}"):format(least) end
  if most < least then refuse("a " .. what .. " that nothing meets") end
  return ("{%d,%d}"):format(least, math.min(most, longest))
end

function kinds.string(g, schema)
  local n = g.notation
  local char = g:rule("char", n.char)
  local chars = n.chars and g:rule("chars", n.chars)
  if not chars or schema.minLength or schema.maxLength then
    chars = char .. times(schema.minLength, schema.maxLength, "minLength")
  end
  return ("%s %s %s"):format(quoted(n.open), chars, quoted(n.close))
end

-- A value as it is written: one text; nil where it cannot be.
local function written(g, value)
  local n = g.notation
  if type(value) == "string" then return n.text(value) end
  if n.only_strings then return nil end
  if value == json.null then return n.words.null end
  if type(value) == "boolean" then return n.words[tostring(value)] end
  if type(value) == "number" then return json.encode(value) end
  refuse "'enum' of objects or lists"
end

local function fits(value, schema)
  if schema.type == nil then return true end
  for _, kind in ipairs(types_of(schema)) do
    local integer = type(value) == "number" and value == math.floor(value)
    if kind == type(value) or (kind == "null" and value == json.null)
      or (kind == "integer" and integer) then return true end
  end
  return false
end

local function values(g, schema, list)
  only(schema, { { enum = 1, const = 1 }, typed })
  local parts = {}
  for _, value in ipairs(list) do
    local both = schema.const == nil or value == schema.const
    local text = both and fits(value, schema) and written(g, value)
    if text then parts[#parts + 1] = quoted(text) end
  end
  return #parts > 0 and choice(parts) or nil
end

-- ---- lists and objects ----

function kinds.array(g, schema, at)
  local n = g.notation
  local item = g:expression(schema.items == nil or schema.items, at)
  local least, most = schema.minItems or 0, schema.maxItems
  if most and most < least then refuse "a minItems that nothing meets" end
  if most == 0 or (not item and least == 0) then return '"[" "]"' end
  if not item then return nil end
  item = g:rule("item", item)
  local list = ("%s (%s %s)%s"):format(item, n.comma, item,
    times(math.max(least, 1) - 1, most and most - 1, "minItems"))
  return ('"[" %s "]"'):format(least == 0 and "(" .. list .. ")?" or list)
end

-- members(list) -> an expression of the members { text, required } in their order, separated.
function Grammar:members(list, comma)
  local tail = '""'
  local first
  for i = #list, 1, -1 do
    local text, required = list[i][1], list[i][2]
    local start = text .. " " .. tail
    if required then first = start
    else first = first and ("(%s | %s)"):format(start, first) or ("(%s)?"):format(start) end
    first = self:rule("members", first)
    local more = comma .. " " .. text
    tail = self:rule("more", (required and more or "(" .. more .. ")?") .. " " .. tail)
  end
  return first or '""'
end

-- declared(schema, at, write) -> the members of an object's schema for Grammar:members;
-- write(name, schema, at) -> an expression, nil where no value can be.
function Grammar:declared(schema, at, write)
  local required, list, seen = {}, {}, {}
  for _, name in ipairs(schema.required or {}) do required[name] = true end
  local properties = schema.properties or {}
  local function add(name, sub)
    seen[name] = true
    local text = write(name, sub, at)
    if text then list[#list + 1] = { self:rule("member", text), required[name] }
    elseif required[name] then list = nil end
    return list
  end
  for _, name in ipairs(json.keys(properties)) do
    if not add(name, properties[name]) then return nil end
  end
  for _, name in ipairs(schema.required or {}) do
    if not seen[name] then
      local sub = schema.additionalProperties
      if sub == false or not add(name, sub == nil or sub) then return nil end
    end
  end
  return list
end

-- parameters(schema, write): declared, for formats that write arguments one by one.
function Grammar:parameters(schema, write)
  only(schema, { by_type.object, typed })
  if schema.type ~= nil and schema.type ~= "object" then refuse "arguments that are no object" end
  return self:declared(schema, { root = schema, references = 0, any = 0 }, write)
    or refuse "an argument that no value meets"
end

function kinds.object(g, schema, at)
  local n = g.notation
  local more = schema.additionalProperties
  if not next(schema.properties or {}) and not next(schema.required or {}) and more ~= false
    and n.free_keys then
    local value = g:expression(more == nil or more, at)
    if not value then return '"{" "}"' end
    local member = g:rule("member", ("%s %s %s"):format(n.free_keys, n.colon, value))
    return ('"{" (%s (%s %s)*)? "}"'):format(member, n.comma, member)
  end
  local list = g:declared(schema, at, function(name, sub)
    local value = g:expression(sub, at)
    if not value then return nil end
    local key = n.key(name) or refuse(("the name '%s'"):format(name))
    return ("%s %s %s"):format(quoted(key), n.colon, value)
  end)
  return list and ('"{" %s "}"'):format(g:members(list, n.comma))
end

-- ---- schemas ----

-- The schema that a JSON Pointer names.
local function resolve(root, pointer)
  local node, path = root, pointer:match "^#(.*)$"
  if not path or not (path == "" or path:sub(1, 1) == "/") then refuse("'$ref' to " .. pointer) end
  for step in path:gmatch "/([^/]*)" do
    step = step:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
      :gsub("~1", "/"):gsub("~0", "~")
    local index = json.is_array(node) and tonumber(step)
    node = type(node) == "table" and node[index and index + 1 or step] or nil
    if node == nil then refuse("'$ref' to " .. pointer) end
  end
  return node
end

-- Whether no value can be of both: told by their types alone.
local function disjoint(a, b)
  for _, s in ipairs { a, b } do
    if type(s) ~= "table" or s.type == nil then return false end
  end
  for _, x in ipairs(types_of(a)) do
    for _, y in ipairs(types_of(b)) do
      local numeric = (x == "number" or x == "integer") and (y == "number" or y == "integer")
      if x == y or numeric then return false end
    end
  end
  return true
end

local function alternatives(g, schema, at)
  local word = schema.anyOf and "anyOf" or "oneOf"
  if schema.type then refuse("'" .. word .. "' beside 'type'") end
  only(schema, { { [word] = 1 } })
  local parts, list = {}, schema[word]
  for i, sub in ipairs(list) do
    for j = 1, word == "oneOf" and i - 1 or 0 do
      if not disjoint(sub, list[j]) then refuse "'oneOf' of what may overlap" end
    end
    parts[#parts + 1] = g:expression(sub, at)
  end
  return #parts > 0 and choice(parts) or nil
end

local function anything(g, at)
  if at.any >= deepest_any then return nil end
  local below = { root = at.root, references = at.references, any = at.any + 1 }
  local parts = {}
  for _, kind in ipairs(all_types) do
    local skip = g.notation.only_strings and kind ~= "string"
    parts[#parts + 1] = not skip and kinds[kind](g, {}, below) or nil
  end
  return g:rule("any", table.concat(parts, " | "))
end

-- What a reference leads to; the same at the same depth is written once.
local function reference(g, path, at)
  if at.references >= deepest_reference then return nil end
  local key = table.concat({ path, at.references, at.any }, " ")
  local known = g.known[at.root] or {}
  g.known[at.root] = known
  if known[key] == nil then
    local text = g:expression(resolve(at.root, path),
      { root = at.root, references = at.references + 1, any = at.any })
    known[key] = text and g:rule("ref", text) or false
  end
  return known[key] or nil
end

-- expression(schema, at) -> GBNF; nil where no value can be, as behind a reference too deep. at:
-- root = the document, references and any = how deep.
function Grammar:expression(schema, at)
  if schema == true or (type(schema) == "table" and next(schema) == nil) then
    return anything(self, at)
  end
  if schema == false then return nil end
  if schema.enum or schema.const ~= nil then
    return values(self, schema, schema.enum or { schema.const })
  end
  if schema["$ref"] then
    if schema.type then refuse "'$ref' beside 'type'" end
    only(schema, { { ["$ref"] = 1 } })
    return reference(self, schema["$ref"], at)
  end
  if schema.anyOf or schema.oneOf then return alternatives(self, schema, at) end
  local parts, sets = {}, { typed }
  for _, kind in ipairs(types_of(schema)) do sets[#sets + 1] = by_type[kind] end
  only(schema, sets)
  for _, kind in ipairs(types_of(schema)) do
    local skip = self.notation.only_strings and kind ~= "string"
    if not kinds[kind] then refuse("the type '" .. tostring(kind) .. "'") end
    parts[#parts + 1] = not skip and kinds[kind](self, schema, at) or nil
  end
  return #parts > 0 and choice(parts) or nil
end

-- value(schema, root): `root` is the document that references are about.
function Grammar:value(schema, root)
  return self:expression(schema, { root = root or schema, references = 0, any = 0 })
end

-- rule(name, body) -> the name of a rule with that body: one that is there, or a new one.
function Grammar:rule(name, body)
  local known = self.names[body]
  if known then return known end
  local n, unique = 1, name
  while self.rules[unique] do n, unique = n + 1, name .. "-" .. n end
  self.rules[unique], self.names[body] = body, unique
  return unique
end

-- text(root) -> the grammar.
function Grammar:text(root)
  local lines, names = { "root ::= " .. root .. "\n" }, {}
  for name in pairs(self.rules) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    lines[#lines + 1] = ("%s ::= %s\n"):format(name, self.rules[name])
  end
  return table.concat(lines)
end

-- new(notation, beside): a writer; beside = another one that it shares its rules with.
local function new(notation, beside)
  return setmetatable({ notation = notation, known = {}, rules = beside and beside.rules or {},
    names = beside and beside.names or {} }, Grammar)
end

-- try(f, ...) -> what f gives, or nil and the keyword it refused.
local function try(f, ...)
  local ok, result = pcall(f, ...)
  if ok then return result end
  if getmetatable(result) == refusal then return nil, result.what end
  error(result, 0)
end

return { new = new, quoted = quoted, try = try, refuse = refuse }
