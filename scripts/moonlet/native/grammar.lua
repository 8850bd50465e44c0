-- grammar.lua: what calls of some tools may look like in the native format, as a GBNF grammar for
-- model:constraint and generate's option gbnf.
--
-- What: grammar.calls(tools, {spans = text, loose, complete, lists, most}) -> text. spans: strings
--   are runs of words of this text, for tools whose arguments are what people said.
-- How: arguments come in the schema's order, each once; loose: in any order, for sets learnt by
--   heart. A required one may be missing, because a request may not say it, unless complete.
--   Runs of words are one rule a word, each followed by the next.
-- Invariant: every text that fits is read by native.read as calls of these tools.

local host = require "moonlet.host"
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
figures ::= [0-9]{1,7} | [0-9]{4} "-" [0-9]{2} "-" [0-9]{2} | [0-9]{2} ":" [0-9]{2}
boolean ::= "true" | "false"
key ::= "\"" char+ "\":"
any ::= string | number | boolean | "null" | list | object
list ::= "[" (any ("," any)*)? "]"
object ::= "{" (key any ("," key any)*)? "}"
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

-- Rules of the runs of words of a text: span, from any word to any later one; with `figures` also
-- dates, times and whole numbers, which are written in digits whatever was said.
local function spans(text, rules, figures)
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
  if figures then starts[#starts + 1] = "figures" end
  rules[#rules + 1] = 'span ::= "\\" " (' .. table.concat(starts, " | ") .. ') "\\""'
  return "span"
end

-- ---- values ----

-- Builds the rules of one grammar: options, rules (a list of lines), strings (a string's rule).
local Builder = {}
Builder.__index = Builder

local function quoted(name) return json.encode(name) .. ":" end

-- Adds a rule; gives its name.
function Builder:rule(text)
  self.count = self.count + 1
  local name = "r" .. self.count
  self.rules[#self.rules + 1] = name .. " ::= " .. text
  return name
end

-- Members in the schema's order. Rule i: what may come from member i on; first: nothing before it.
function Builder:in_order(schema, opening)
  local names, required = json.keys(schema.properties or {}), {}
  local wanted = self.options.complete and schema.required or {}
  for _, name in ipairs(wanted) do required[name] = true end
  -- of the members behind: a rule that begins with one, and whether they may all be missing
  local after, optional
  for i = #names, 1, -1 do
    local member = literal(opening(names[i])) .. " " .. self:kind(schema.properties[names[i]])
    if after then
      member = member .. (' ("," %s)%s'):format(after, optional and "?" or "")
    end
    if after and not required[names[i]] then member = member .. " | " .. after end
    after = self:rule(member)
    optional = (optional == nil or optional) and not required[names[i]]
  end
  return after and (optional and "(" .. after .. ")?" or after) or ""
end

-- Members in any order.
function Builder:in_any_order(schema, opening)
  local choices = {}
  for i, name in ipairs(json.keys(schema.properties or {})) do
    choices[i] = literal(opening(name)) .. " " .. self:kind(schema.properties[name])
  end
  if #choices == 0 then return "" end
  local one = self:rule(table.concat(choices, " | "))
  return ('(%s ("," %s){0,%d})?'):format(one, one, #choices - 1)
end

function Builder:members(schema, opening)
  if self.options.loose then return self:in_any_order(schema, opening) end
  return self:in_order(schema, opening)
end

-- What a value of a schema may be.
function Builder:kind(schema)
  if type(schema) ~= "table" then return "any" end
  if type(schema.enum) == "table" and #schema.enum > 0 then
    local choices = {}
    for i, choice in ipairs(schema.enum) do
      choices[i] = literal(json.encode(type(choice) == "string" and " " .. choice or choice))
    end
    return "(" .. table.concat(choices, " | ") .. ")"
  end
  local of = schema.type
  if of == "string" then return self.strings end
  if of == "integer" or of == "number" or of == "boolean" then return of end
  if of == "array" then
    local item = self:kind(schema.items or { type = "string" })
    return ('"[" (%s ("," %s)*)? "]"'):format(item, item)
  end
  if of == "object" and type(schema.properties) == "table" and next(schema.properties) then
    return ('"{" %s "}"'):format(self:members(schema, quoted))
  end
  return "any"
end

local known = { "spans", "lists", "loose", "complete", "most" }

-- calls(tools, options) -> grammar. lists: where a string is wanted, a list of strings will do;
-- most: calls at once, 4.
function grammar.calls(tools, options)
  options = options or {}
  host.known(options, "grammar", known)
  local rules, names = {}, {}
  local strings = options.spans and spans(options.spans, rules, not options.loose) or "string"
  if options.lists then
    rules[#rules + 1] = ('texts ::= %s | "[" %s ("," %s)+ "]"'):format(strings, strings, strings)
    strings = "texts"
  end
  local builder = setmetatable({ options = options, rules = rules, strings = strings, count = 0 },
    Builder)
  local function equals(name) return name .. "=" end
  for i, tool in ipairs(tools) do
    names[i] = builder:rule(('%s %s ")"'):format(literal(tool.name .. "("),
      builder:members(tool.parameters or {}, equals)))
  end
  return ('root ::= call ("\\n" call){0,%d}\ncall ::= %s\n'):format((options.most or 4) - 1,
    table.concat(names, " | ")) .. table.concat(rules, "\n") .. "\n" .. common
end

return grammar
