-- grammar.lua: what calls of some tools may look like in the native format, as a GBNF grammar for
-- model:constraint and generate's option gbnf.
--
-- What: grammar.calls(tools, {spans = text, most = 4}) -> text. spans: strings are runs of words of
--   this text, for tools whose arguments are what people said.
-- How: arguments come in any order, as data have them; a required one may be missing, because a
--   request may not say it. Runs of words are one rule a word, each followed by the next.
-- Invariant: every text that fits is read by native.read as calls of these tools.

local json = require "moonlet.json"

local grammar = {}

-- A literal of the notation.
local function literal(text)
  return '"' .. text:gsub('[\\"]', "\\%0"):gsub("\n", "\\n"):gsub("\r", "\\r"):gsub("\t", "\\t")
    .. '"'
end

local common = [[
string ::= "\" " char* "\""
char ::= [^"\\\x00-\x1F] | "\\" ["\\/bfnrt]
integer ::= "-"? [0-9] [0-9]{0,15}
number ::= integer ("." [0-9]{1,9})?
boolean ::= "true" | "false"
key ::= "\"" char+ "\":"
any ::= string | number | boolean | "null" | "[" (any ("," any)*)? "]" | "{" (key any ("," key any)*)? "}"
]]

-- ---- runs of words ----

-- Pieces of a text: words and single marks; each with the space before it.
local function pieces(text)
  local list, at = {}, 1
  while true do
    local space, word, past = text:match("^(%s*)([%w\128-\255]+)()", at)
    if not word then space, word, past = text:match("^(%s*)(%S)()", at) end
    if not word then return list end
    list[#list + 1] = { space = space, text = word }
    at = past
  end
end

local function inner(text) return json.encode(text):sub(2, -2) end

-- Rules of the runs of words of a text: span, from any word to any later one.
local function spans(text, rules)
  local list, starts = pieces(text), {}
  for i, piece in ipairs(list) do
    local following = list[i + 1]
    local more = following and (" (%s s%d)?"):format(literal(inner(following.space)), i + 1) or ""
    rules[#rules + 1] = ("s%d ::= %s%s"):format(i, literal(inner(piece.text)), more)
    if i == 1 or piece.space ~= "" or piece.text:find "^[%w\128-\255]" then
      starts[#starts + 1] = "s" .. i
    end
  end
  if #starts == 0 then return "string" end
  rules[#rules + 1] = 'span ::= "\\" " (' .. table.concat(starts, " | ") .. ') "\\""'
  return "span"
end

-- ---- values ----

local kind

-- The members of an object's schema in any order; empty is allowed.
local function members(schema, opening, strings)
  local choices = {}
  for i, name in ipairs(json.keys(schema.properties or {})) do
    choices[i] = literal(opening(name)) .. " " .. kind(schema.properties[name], strings)
  end
  if #choices == 0 then return "" end
  local one = "(" .. table.concat(choices, " | ") .. ")"
  return ('(%s ("," %s){0,%d})?'):format(one, one, #choices - 1)
end

local function quoted(name) return json.encode(name) .. ":" end

-- What a value of a schema may be.
function kind(schema, strings)
  if type(schema) ~= "table" then return "any" end
  if type(schema.enum) == "table" and #schema.enum > 0 then
    local choices = {}
    for i, choice in ipairs(schema.enum) do
      choices[i] = literal(json.encode(type(choice) == "string" and " " .. choice or choice))
    end
    return "(" .. table.concat(choices, " | ") .. ")"
  end
  local of = schema.type
  if of == "string" or of == nil and strings ~= "string" then return strings end
  if of == "integer" or of == "number" or of == "boolean" then return of end
  if of == "array" then
    local item = kind(schema.items or { type = "string" }, strings)
    return ('"[" (%s ("," %s)*)? "]"'):format(item, item)
  end
  if of == "object" and type(schema.properties) == "table" and next(schema.properties) then
    return ('"{" %s "}"'):format(members(schema, quoted, strings))
  end
  return "any"
end

-- calls(tools, {spans=, lists=, most=}) -> grammar. lists: where a string is wanted, a list of
-- strings will do.
function grammar.calls(tools, options)
  options = options or {}
  local rules, names = {}, {}
  local strings = options.spans and spans(options.spans, rules) or "string"
  if options.lists then
    rules[#rules + 1] = ('texts ::= %s | "[" %s ("," %s)+ "]"'):format(strings, strings, strings)
    strings = "texts"
  end
  local function equals(name) return name .. "=" end
  for i, tool in ipairs(tools) do
    names[i] = "t" .. i
    rules[#rules + 1] = ('t%d ::= %s %s ")"'):format(i, literal(tool.name .. "("),
      members(tool.parameters or {}, equals, strings))
  end
  local root = ('root ::= call ("\\n" call){0,%d}\ncall ::= %s\n'):format((options.most or 4) - 1,
    table.concat(names, " | "))
  return root .. table.concat(rules, "\n") .. "\n" .. common
end

return grammar
