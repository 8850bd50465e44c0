-- schema.lua: JSON Schema 2020-12: whether a value is as a schema says.
--
-- What: schema.compile(document, { documents = { [uri] = document } }) -> validator | nil, message;
--   validator(value) -> true | nil, message, path: the first thing that is wrong and where.
--   schema.coerce(document, value) -> the value with what is plainly meant put right ("5" where an
--   integer is wanted).
-- How: the tree is walked with the value; what properties and items a schema has looked at comes
--   back, for unevaluatedProperties and unevaluatedItems. A reference is found in the documents
--   that compile indexed: by $id, $anchor, $dynamicAnchor, or JSON Pointer.
-- Invariant: nothing is fetched. A reference to a document that was not given, and a pattern that
--   moonlet.regex refuses, fail at compile time, by name. `format` and `content*` only describe.
-- Not here: parts of 2020-12 switched off by $vocabulary (refused by name), other drafts.

local json = require "moonlet.json"
local keywords = require "moonlet.schema.keywords"
local uri = require "moonlet.schema.uri"

-- ---- references ----

-- Keywords that hold a schema, a list of them, or a table of them.
local one = { "items", "contains", "additionalProperties", "propertyNames", "not", "if", "then",
  "else", "unevaluatedItems", "unevaluatedProperties", "contentSchema" }
local many = { "prefixItems", "allOf", "anyOf", "oneOf" }
local named = { "properties", "patternProperties", "dependentSchemas", "$defs", "definitions" }

local deepest = 200

-- Indexes the schemas below node. `base`: the resource's URI.
local function index(set, node, base, depth)
  if type(node) ~= "table" or node == json.null or depth > deepest or set.base[node] then return end
  if type(node["$id"]) == "string" then
    base = uri.resolve(base, node["$id"]):gsub("#$", "")
    set.resource[base] = node
  end
  set.base[node] = base
  for _, word in ipairs { "$anchor", "$dynamicAnchor" } do
    if type(node[word]) == "string" then set.anchor[base .. "#" .. node[word]] = node end
  end
  if type(node["$dynamicAnchor"]) == "string" then
    set.dynamic[base .. "#" .. node["$dynamicAnchor"]] = node
  end
  for _, word in ipairs(one) do index(set, node[word], base, depth + 1) end
  for _, group in ipairs { many, named } do
    for _, word in ipairs(group) do
      if type(node[word]) == "table" and node[word] ~= json.null then
        for _, sub in pairs(node[word]) do index(set, sub, base, depth + 1) end
      end
    end
  end
end

local function pointer(set, node, base, path)
  for step in path:gmatch "/([^/]*)" do
    step = uri.unescape(step):gsub("~1", "/"):gsub("~0", "~")
    if type(node) ~= "table" then return nil end
    if json.is_array(node) then node = step:find "^%d+$" and node[tonumber(step) + 1]
    else node = node[step] end
    if node == nil then return nil end
    if type(node) == "table" and type(node["$id"]) == "string" then
      base = uri.resolve(base, node["$id"])
    end
  end
  index(set, node, base, 0)
  return node
end

-- The schema that a reference names, seen from base; and its full URI.
local function find(set, reference, base)
  local full = uri.resolve(base, reference)
  local resource, fragment = full:match "^([^#]*)#?(.*)$"
  local root = set.resource[resource]
  if root == nil then return nil, full end
  if fragment == "" then return root, full end
  if fragment:sub(1, 1) == "/" then return pointer(set, root, resource, fragment), full end
  return set.anchor[resource .. "#" .. fragment], full
end

-- ---- compile ----

-- Walks every schema once: references must lead somewhere, patterns must be readable.
local function check(set, node, done, depth)
  if type(node) ~= "table" or node == json.null or done[node] then return true end
  if depth > deepest then return nil, "schema: nested too deeply" end
  done[node] = true
  for _, word in ipairs { "$ref", "$dynamicRef" } do
    if type(node[word]) == "string" then
      local target, full = find(set, node[word], set.base[node] or "")
      if target == nil then return nil, ("schema: no document for %s '%s'"):format(word, full) end
      if not keywords.is_schema(target) then
        return nil, ("schema: %s '%s' leads to no schema"):format(word, full)
      end
      local ok, message = check(set, target, done, depth + 1)
      if not ok then return nil, message end
    end
  end
  local ok, message = keywords.prepare(set, node)
  if not ok then return nil, message end
  local below = {}
  for _, word in ipairs(one) do below[#below + 1] = node[word] end
  for _, group in ipairs { many, named } do
    for _, word in ipairs(group) do
      if type(node[word]) == "table" and node[word] ~= json.null then
        for _, sub in pairs(node[word]) do below[#below + 1] = sub end
      end
    end
  end
  for _, sub in ipairs(below) do
    ok, message = check(set, sub, done, depth + 1)
    if not ok then return nil, message end
  end
  return true
end

local function compile(document, options)
  local set = { base = {}, resource = {}, anchor = {}, dynamic = {}, pattern = {}, find = find }
  for name, other in pairs(options and options.documents or {}) do
    set.resource[name] = other
    index(set, other, name, 0)
  end
  if type(document) ~= "boolean" and (type(document) ~= "table" or json.is_array(document)) then
    return nil, "schema: a schema is an object, true or false"
  end
  local base = type(document) == "table" and document["$id"] and "" or "moonlet:schema"
  if type(document) == "table" then
    set.resource[base] = document
    index(set, document, base, 0)
  end
  local dialect = type(document) == "table" and set.resource[document["$schema"] or ""]
  local vocabulary = type(dialect) == "table" and dialect ~= document and dialect["$vocabulary"]
  if type(vocabulary) == "table"
    and not vocabulary["https://json-schema.org/draft/2020-12/vocab/validation"] then
    return nil, "schema: '$schema' names a dialect that does not validate"
  end
  local ok, message = check(set, document, {}, 0)
  if not ok then return nil, message end
  return function(value)
    local run = { set = set, scope = {}, depth = 0 }
    local failure = keywords.evaluate(run, document, value, {}, {})
    if not failure then return true end
    return nil, failure.message, failure.path
  end
end

-- validate(document, value) -> true | nil, message, path
local function validate(document, value, options)
  local validator, message = compile(document, options)
  if not validator then return nil, message end
  return validator(value)
end

-- ---- coercion ----

local coerce

-- A set of the types that a schema asks for; nil when it does not say.
local function wanted(schema)
  local kind = schema.type
  if type(kind) == "string" then return { [kind] = true } end
  if type(kind) ~= "table" then return nil end
  local set = {}
  for _, k in ipairs(kind) do set[k] = true end
  return set
end

local function scalar(schema, value)
  local types = wanted(schema)
  if not types then return value end
  if type(value) == "string" and not types.string then
    local plain = value:match "^%s*(.-)%s*$"
    local read = json.decode(plain:lower() == plain and plain or plain:lower())
    if type(read) == "number" and (types.number or types.integer) then return read end
    if type(read) == "boolean" and types.boolean then return read end
    if read == json.null and types.null then return read end
    read = json.decode(plain)
    if type(read) == "table" and read ~= json.null then
      local array = json.is_array(read)
      if array and types.array or not array and types.object then return coerce(schema, read) end
    end
  elseif type(value) == "number" and types.string and not types.number and not types.integer then
    return json.encode(value)
  elseif type(value) == "boolean" and types.string and not types.boolean then
    return tostring(value)
  end
  if types.integer and not types.number and type(value) == "number" and math.tointeger then
    return math.tointeger(value) or value
  end
  return value
end

-- coerce(schema, value) -> value: a copy where something had to change. A member that is null
-- where null is not allowed and the member is not required is left out, as models write it so.
function coerce(schema, value)
  if type(schema) ~= "table" or schema == json.null then return value end
  if type(value) ~= "table" or value == json.null then return scalar(schema, value) end
  local copy = setmetatable({}, getmetatable(value))
  if json.is_array(value) then
    for i, item in ipairs(value) do copy[i] = coerce(schema.items, item) end
    return copy
  end
  local required = {}
  for _, name in ipairs(type(schema.required) == "table" and schema.required or {}) do
    required[name] = true
  end
  local properties = type(schema.properties) == "table" and schema.properties or {}
  for name, member in pairs(value) do
    local sub = properties[name]
    local types = type(sub) == "table" and wanted(sub)
    local drop = member == json.null and types and not types.null and not required[name]
    if not drop then copy[name] = coerce(sub, member) end
  end
  return copy
end

return { compile = compile, validate = validate, coerce = coerce }
