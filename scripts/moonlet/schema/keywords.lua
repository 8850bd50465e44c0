-- keywords.lua: what each keyword of JSON Schema 2020-12 demands.
--
-- evaluate(run, schema, value, path, seen) -> nil, or { message, path }. seen.properties[name] and
-- seen.items[i] tell what was looked at with success; a keyword that fails leaves them as they
-- were in the end, as its schema's whole result is dropped.
-- run: set (what moonlet.schema indexed), scope (the resources entered, for $dynamicRef), depth.
-- Invariant: where a judgement had to be given up, of a pattern or of a circle, the whole value
--   fails: run.gave_up is that failure, and no keyword around it can turn it into an acceptance.

local json = require "moonlet.json"
local regex = require "moonlet.regex"

local keywords = {}
local deepest = 400

-- ---- values ----

local function type_of(value)
  local kind = type(value)
  if value == json.null or value == nil then return "null" end
  if kind == "table" then
    if json.is_array(value) then return "array" end
    if next(value) == nil and getmetatable(value) == nil then return "either" end
    return "object"
  end
  return kind
end

local function is_object(value)
  local kind = type_of(value)
  return kind == "object" or kind == "either"
end

local function is_array(value)
  local kind = type_of(value)
  return kind == "array" or kind == "either"
end

local function is_integer(value)
  return type(value) == "number" and value == math.floor(value) and math.abs(value) < math.huge
end

local function equal(a, b)
  if a == b then return true end
  if type(a) ~= "table" or type(b) ~= "table" or a == json.null or b == json.null then
    return false
  end
  if is_array(a) ~= is_array(b) then return false end
  for key, value in pairs(a) do
    if not equal(value, b[key]) then return false end
  end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  return true
end

local function length(text) return #text:gsub("[\128-\191]", "") end

-- ---- failures ----

local function shown(value)
  local text = json.encode(value)
  return #text > 60 and text:sub(1, 57) .. "..." or text
end

-- A failure with the place in its sentence.
local function wrong(path, message)
  local place = table.concat(path)
  return { path = place, message = (place == "" and "the value" or place) .. " " .. message }
end

local function deeper(path, step)
  local copy = {}
  for i, s in ipairs(path) do copy[i] = s end
  copy[#copy + 1] = step
  return copy
end

local function into(seen, other)
  for _, part in ipairs { "properties", "items" } do
    for key in pairs(other[part] or {}) do
      seen[part] = seen[part] or {}
      seen[part][key] = true
    end
  end
end

local function mark(seen, part, key)
  seen[part] = seen[part] or {}
  seen[part][key] = true
end

local evaluate

-- Whether the schema accepts the same value; what it looked at goes into seen.
local function accepts(run, schema, value, path, seen)
  local own = {}
  local failure = evaluate(run, schema, value, path, own)
  if not failure then into(seen, own) end
  return failure
end

-- A value below: what is looked at there is another table's business.
local function below(run, schema, value, path, step)
  return evaluate(run, schema, value, deeper(path, step), {})
end

-- ---- keywords, in the order in which they run ----

local rules = {}
local function rule(word, check) rules[#rules + 1] = { word, check } end

rule("$ref", function(run, reference, value, path, seen, schema)
  local target = run.set.find(run.set, reference, run.set.base[schema] or "")
  return accepts(run, target, value, path, seen)
end)

rule("$dynamicRef", function(run, reference, value, path, seen, schema)
  local set = run.set
  local target, full = set.find(set, reference, set.base[schema] or "")
  local resource, name = full:match "^([^#]*)#(.*)$"
  if name and set.dynamic[resource .. "#" .. name] == target and target ~= nil then
    for _, outer in ipairs(run.scope) do
      local found = set.dynamic[outer .. "#" .. name]
      if found ~= nil then target = found break end
    end
  end
  return accepts(run, target, value, path, seen)
end)

rule("type", function(_, wanted, value, path)
  local kind = type_of(value)
  for _, name in ipairs(type(wanted) == "table" and wanted or { wanted }) do
    if name == kind or (name == "integer" and is_integer(value))
      or (kind == "either" and (name == "object" or name == "array")) then return nil end
  end
  local names = type(wanted) == "table" and table.concat(wanted, " or ") or tostring(wanted)
  return wrong(path, ("should be %s %s, got %s"):format(
    names:find "^[aeiou]" and "an" or "a", names, shown(value)))
end)

rule("enum", function(_, list, value, path)
  for _, allowed in ipairs(list) do
    if equal(allowed, value) then return nil end
  end
  return wrong(path, ("should be one of %s, got %s"):format(json.encode(list), shown(value)))
end)

rule("const", function(_, constant, value, path)
  if equal(constant, value) then return nil end
  return wrong(path, ("should be %s, got %s"):format(shown(constant), shown(value)))
end)

local function numeric(word, good, sentence)
  rule(word, function(_, limit, value, path)
    if type(value) ~= "number" or good(value, limit) then return nil end
    return wrong(path, sentence:format(tostring(limit)) .. ", got " .. tostring(value))
  end)
end
numeric("minimum", function(x, m) return x >= m end, "should be at least %s")
numeric("maximum", function(x, m) return x <= m end, "should be at most %s")
numeric("exclusiveMinimum", function(x, m) return x > m end, "should be more than %s")
numeric("exclusiveMaximum", function(x, m) return x < m end, "should be less than %s")
numeric("multipleOf", function(x, m)
  if is_integer(x) and is_integer(m) then return math.fmod(x, m) == 0 end
  local q = x / m
  if math.abs(q) == math.huge then return math.fmod(x, m) == 0 end
  return math.abs(q - math.floor(q + 0.5)) <= 1e-9
end, "should be a multiple of %s")

local function sized(word, applies, size, good, sentence)
  rule(word, function(_, limit, value, path)
    if not applies(value) then return nil end
    local n = size(value)
    if good(n, limit) then return nil end
    return wrong(path, sentence:format(tostring(limit), n))
  end)
end
local function at_least(n, limit) return n >= limit end
local function at_most(n, limit) return n <= limit end
local function is_text(value) return type(value) == "string" end
local function count(value)
  local n = 0
  for _ in pairs(value) do n = n + 1 end
  return n
end
sized("minLength", is_text, length, at_least, "should have at least %s characters, has %d")
sized("maxLength", is_text, length, at_most, "should have at most %s characters, has %d")
sized("minItems", is_array, count, at_least, "should have at least %s items, has %d")
sized("maxItems", is_array, count, at_most, "should have at most %s items, has %d")
sized("minProperties", is_object, count, at_least, "should have at least %s members, has %d")
sized("maxProperties", is_object, count, at_most, "should have at most %s members, has %d")

-- Whether a pattern is found; false, with run.gave_up, when that takes too many steps.
local function matches(run, pattern, text, path)
  if run.gave_up then return false end
  local found, why = run.set.pattern[pattern](text)
  if why then run.gave_up = wrong(path, why) end
  return found
end

rule("pattern", function(run, pattern, value, path)
  if type(value) ~= "string" then return nil end
  if matches(run, pattern, value, path) then return nil end
  return wrong(path, ("should match %s, got %s"):format(pattern, shown(value)))
end)

rule("uniqueItems", function(_, wanted, value, path)
  if not wanted or not is_array(value) then return nil end
  local scalars = {}
  for i, item in ipairs(value) do
    if type(item) ~= "table" then
      if scalars[item] then return wrong(path, "should have no item twice") end
      scalars[item] = true
    else
      for j = 1, i - 1 do
        if equal(item, value[j]) then return wrong(path, "should have no item twice") end
      end
    end
  end
end)

rule("required", function(_, list, value, path)
  if not is_object(value) then return nil end
  for _, name in ipairs(list) do
    if value[name] == nil then return wrong(path, ("lacks '%s'"):format(name)) end
  end
end)

rule("dependentRequired", function(_, lists, value, path)
  if not is_object(value) then return nil end
  for _, name in ipairs(json.keys(lists)) do
    for _, other in ipairs(value[name] ~= nil and lists[name] or {}) do
      if value[other] == nil then
        return wrong(path, ("has '%s' but lacks '%s'"):format(name, other))
      end
    end
  end
end)

rule("properties", function(run, schemas, value, path, seen)
  if not is_object(value) then return nil end
  for _, name in ipairs(json.keys(schemas)) do
    if value[name] ~= nil then
      local failure = below(run, schemas[name], value[name], path, "/" .. name)
      if failure then return failure end
      mark(seen, "properties", name)
    end
  end
end)

rule("patternProperties", function(run, schemas, value, path, seen)
  if not is_object(value) then return nil end
  for _, pattern in ipairs(json.keys(schemas)) do
    for _, name in ipairs(json.keys(value)) do
      if matches(run, pattern, name, path) then
        local failure = below(run, schemas[pattern], value[name], path, "/" .. name)
        if failure then return failure end
        mark(seen, "properties", name)
      end
    end
  end
end)

rule("additionalProperties", function(run, sub, value, path, seen, schema)
  if not is_object(value) then return nil end
  for _, name in ipairs(json.keys(value)) do
    local known = schema.properties and schema.properties[name] ~= nil
    for pattern in pairs(schema.patternProperties or {}) do
      known = known or matches(run, pattern, name, path)
    end
    if not known then
      if sub == false then
        return wrong(path, ("has '%s', which is not known"):format(name))
      end
      local failure = below(run, sub, value[name], path, "/" .. name)
      if failure then return failure end
      mark(seen, "properties", name)
    end
  end
end)

rule("propertyNames", function(run, sub, value, path)
  if not is_object(value) then return nil end
  for _, name in ipairs(json.keys(value)) do
    local failure = below(run, sub, name, path, "/" .. name)
    if failure then return failure end
  end
end)

rule("dependentSchemas", function(run, schemas, value, path, seen)
  if not is_object(value) then return nil end
  for _, name in ipairs(json.keys(schemas)) do
    local failure = value[name] ~= nil and accepts(run, schemas[name], value, path, seen)
    if failure then return failure end
  end
end)

rule("prefixItems", function(run, list, value, path, seen)
  if not is_array(value) then return nil end
  for i, sub in ipairs(list) do
    if value[i] == nil then break end
    local failure = below(run, sub, value[i], path, "/" .. i - 1)
    if failure then return failure end
    mark(seen, "items", i)
  end
end)

rule("items", function(run, sub, value, path, seen, schema)
  if not is_array(value) then return nil end
  for i = #(schema.prefixItems or {}) + 1, #value do
    local failure = below(run, sub, value[i], path, "/" .. i - 1)
    if failure then return failure end
    mark(seen, "items", i)
  end
end)

rule("contains", function(run, sub, value, path, seen, schema)
  if not is_array(value) then return nil end
  local n = 0
  for i, item in ipairs(value) do
    if not below(run, sub, item, path, "/" .. i - 1) then
      n = n + 1
      mark(seen, "items", i)
    end
  end
  if n < (schema.minContains or 1) then
    return wrong(path, ("should contain at least %s fitting items, has %d"):format(
      tostring(schema.minContains or 1), n))
  end
  if schema.maxContains and n > schema.maxContains then
    return wrong(path, ("should contain at most %s fitting items, has %d"):format(
      tostring(schema.maxContains), n))
  end
end)

rule("allOf", function(run, list, value, path, seen)
  for _, sub in ipairs(list) do
    local failure = accepts(run, sub, value, path, seen)
    if failure then return failure end
  end
end)

rule("anyOf", function(run, list, value, path, seen)
  local first, any
  for _, sub in ipairs(list) do
    local failure = accepts(run, sub, value, path, seen)
    any = any or not failure
    first = first or failure
  end
  if not any then
    return first or wrong(path, "fits none of the alternatives")
  end
end)

rule("oneOf", function(run, list, value, path, seen)
  local fitting, first, own = 0, nil, {}
  for _, sub in ipairs(list) do
    local failure = accepts(run, sub, value, path, own)
    if not failure then fitting = fitting + 1 end
    first = first or failure
  end
  if fitting == 0 then return first or wrong(path, "fits none of the alternatives") end
  if fitting > 1 then return wrong(path, "fits more than one of the alternatives") end
  into(seen, own)
end)

rule("not", function(run, sub, value, path)
  if not accepts(run, sub, value, path, {}) then
    return wrong(path, "is what it should not be")
  end
end)

rule("if", function(run, sub, value, path, seen, schema)
  local branch = "then"
  if accepts(run, sub, value, path, seen) then branch = "else" end
  if schema[branch] ~= nil then return accepts(run, schema[branch], value, path, seen) end
end)

rule("unevaluatedItems", function(run, sub, value, path, seen)
  if not is_array(value) then return nil end
  for i, item in ipairs(value) do
    if not (seen.items and seen.items[i]) then
      if sub == false then return wrong(path, "has items that are not known") end
      local failure = below(run, sub, item, path, "/" .. i - 1)
      if failure then return failure end
      mark(seen, "items", i)
    end
  end
end)

rule("unevaluatedProperties", function(run, sub, value, path, seen)
  if not is_object(value) then return nil end
  for _, name in ipairs(json.keys(value)) do
    if not (seen.properties and seen.properties[name]) then
      if sub == false then
        return wrong(path, ("has '%s', which is not known"):format(name))
      end
      local failure = below(run, sub, value[name], path, "/" .. name)
      if failure then return failure end
      mark(seen, "properties", name)
    end
  end
end)

function evaluate(run, schema, value, path, seen)
  if run.gave_up then return run.gave_up end
  if schema == true then return nil end
  if schema == false then return wrong(path, "is not allowed") end
  if run.depth > deepest then
    run.gave_up = wrong(path, "is too deep, or the schema is circular")
    return run.gave_up
  end
  local base = run.set.base[schema]
  run.depth = run.depth + 1
  run.scope[#run.scope + 1] = base or ""
  local failure
  for _, entry in ipairs(rules) do
    local demand = schema[entry[1]]
    if demand ~= nil then failure = entry[2](run, demand, value, path, seen, schema) end
    if failure then break end
  end
  run.scope[#run.scope] = nil
  run.depth = run.depth - 1
  return run.gave_up or failure
end

-- ---- before anything is judged ----

local function is(kind)
  return function(value) return type(value) == kind end
end

-- A list and an object may both be an empty Lua table.
local function list_of(good)
  return function(value)
    if type(value) ~= "table" or value == json.null then return false end
    if #value == 0 and next(value) ~= nil then return false end
    for _, item in ipairs(value) do
      if not good(item) then return false end
    end
    return true
  end
end

local function object_of(good)
  return function(value)
    if type(value) ~= "table" or value == json.null or #value > 0 then return false end
    for _, member in pairs(value) do
      if not good(member) then return false end
    end
    return true
  end
end

-- is_schema(value): may it stand where a schema is wanted?
function keywords.is_schema(value)
  return type(value) == "boolean" or type(value) == "table" and value ~= json.null
end

local is_schema, anything = keywords.is_schema, function() return true end
local names = list_of(is "string")

-- What evaluate may be given: it indexes and compares without looking again.
local shapes = { type = function(value) return type(value) == "string" or names(value) end,
  enum = list_of(anything), required = names, dependentRequired = object_of(names),
  pattern = is "string", ["$ref"] = is "string", ["$dynamicRef"] = is "string",
  uniqueItems = is "boolean" }
for _, word in ipairs { "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
  "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
  "minContains", "maxContains" } do
  shapes[word] = is "number"
end
for _, word in ipairs { "items", "contains", "additionalProperties", "propertyNames", "not", "if",
  "then", "else", "unevaluatedItems", "unevaluatedProperties" } do
  shapes[word] = is_schema
end
for _, word in ipairs { "allOf", "anyOf", "oneOf", "prefixItems" } do
  shapes[word] = list_of(is_schema)
end
for _, word in ipairs { "properties", "patternProperties", "dependentSchemas" } do
  shapes[word] = object_of(is_schema)
end

local types = { null = true, boolean = true, object = true, array = true, number = true,
  string = true, integer = true }

-- prepare(set, schema) -> true | nil, message: whether the keywords are well formed; patterns are
-- compiled into set.pattern.
function keywords.prepare(set, schema)
  for word, fits in pairs(shapes) do
    if schema[word] ~= nil and not fits(schema[word]) then
      return nil, ("schema: '%s' is malformed"):format(word)
    end
  end
  local wanted = schema.type
  for _, name in ipairs(type(wanted) == "table" and wanted or { wanted }) do
    if not types[name] then return nil, "schema: there is no type " .. shown(name) end
  end
  if schema.multipleOf and schema.multipleOf <= 0 then
    return nil, "schema: 'multipleOf' wants a number above 0"
  end
  local patterns = { schema.pattern }
  for pattern in pairs(schema.patternProperties or {}) do patterns[#patterns + 1] = pattern end
  for _, pattern in ipairs(patterns) do
    if not set.pattern[pattern] then
      local matcher, message = regex.compile(pattern)
      if not matcher then return nil, "schema: " .. message end
      set.pattern[pattern] = matcher
    end
  end
  return true
end

keywords.evaluate = function(...) return evaluate(...) end
keywords.equal = equal

return keywords
