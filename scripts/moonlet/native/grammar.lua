-- grammar.lua: what calls of some tools may look like in the native format, as a GBNF grammar for
-- model:constraint and generate's option gbnf.
--
-- What: grammar.calls(tools, {spans = text, loose, complete, lists, most}) -> text. spans: strings
--   are runs of words of this text, for tools whose arguments are what people said.
-- How: by the writer of moonlet.calls.grammar, from as much of each schema as the model is shown of
--   it (native.line): names, types and choices. Arguments come in the schema's order, each once;
--   loose: in any order, for sets learnt by heart. A required one may be missing, because a request
--   may not say it, unless complete. Runs of words are one rule a word, each followed by the next.
-- Invariant: every text that fits is read by native.read as calls of these tools.

local host = require "moonlet.host"
local json = require "moonlet.json"
local notations = require "moonlet.calls.notations"
local writer = require "moonlet.calls.grammar"
local quoted = writer.quoted

local grammar = {}

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

local function inner(text) return quoted(json.encode(text):sub(2, -2)) end

local figures = [=[[0-9]{1,7} | [0-9]{4} "-" [0-9]{2} "-" [0-9]{2} | [0-9]{2} ":" [0-9]{2}]=]

-- The runs of words of a text, from any word to any later one; nil when it has none. digits: also
-- dates, times and whole numbers, which are written in digits whatever was said.
local function spans(g, text, digits)
  local list, starts, following = pieces(text), {}, nil
  for i = #list, 1, -1 do
    local piece = list[i]
    following = g:rule("span", inner(piece.text)
      .. (following and (" (%s %s)?"):format(inner(list[i + 1].space), following) or ""))
    if i == 1 or piece.space ~= "" or piece.text:find "^[%w\128-\255]" then
      starts[#starts + 1] = following
    end
  end
  if #starts == 0 then return nil end
  if digits then starts[#starts + 1] = g:rule("figures", figures) end
  return table.concat(starts, " | ")
end

-- ---- schemas ----

local plain = { string = true, integer = true, number = true, boolean = true }

-- A schema's choices that a call can name; nil where there are none.
local function choices(schema)
  local list = {}
  for _, value in ipairs(type(schema.enum) == "table" and schema.enum or {}) do
    if type(value) ~= "table" or value == json.null then list[#list + 1] = value end
  end
  return #list > 0 and list or nil
end

-- What a model is shown of a schema, as a schema.
local function shown(schema, options)
  if type(schema) ~= "table" then return true end
  local list, of = choices(schema), schema.type
  if list then return { enum = list } end
  if of == "string" and options.lists then
    return { anyOf = { { type = "string" },
      { type = "array", items = { type = "string" }, minItems = 2 } } }
  elseif plain[of] then
    return { type = of }
  elseif of == "array" then
    return { type = of, items = shown(schema.items or { type = "string" }, options) }
  elseif of ~= "object" or type(schema.properties) ~= "table" or not next(schema.properties) then
    return true
  end
  local names, members, required = json.keys(schema.properties), {}, {}
  for _, name in ipairs(names) do members[name] = shown(schema.properties[name], options) end
  for _, name in ipairs(options.complete and schema.required or {}) do
    if members[name] ~= nil then required[#required + 1] = name end
  end
  return { type = of, properties = json.object(members, names), required = required,
    additionalProperties = false }
end

-- ---- calls ----

-- Members in any order, none of them needed.
local function in_any_order(g, list)
  local names = {}
  for i, member in ipairs(list) do names[i] = member[1] end
  if #names == 0 then return '""' end
  local one = g:rule("one", table.concat(names, " | "))
  return ('(%s ("," %s){0,%d})?'):format(one, one, #names - 1)
end

local known = { "spans", "lists", "loose", "complete", "most" }

-- calls(tools, options) -> grammar. lists: where a string is wanted, a list of strings will do;
-- most: calls at once, 4.
function grammar.calls(tools, options)
  options = options or {}
  host.known(options, "grammar", known)
  local notation = notations.in_quotes(notations.json, "", " ")
  local g, list = writer.new(notation), {}
  notation.chars = options.spans and spans(g, options.spans, not options.loose)
  for i, tool in ipairs(tools) do
    local wanted = tool.parameters or {}
    local schema = shown({ type = "object", properties = wanted.properties,
      required = wanted.required }, options)
    if schema == true then schema = { additionalProperties = false } end
    local members = g:parameters(schema, function(name, sub, at)
      return quoted(name .. "=") .. " " .. g:expression(sub, at)
    end)
    list[i] = g:rule("call", ('%s %s ")"'):format(quoted(tool.name .. "("),
      options.loose and in_any_order(g, members) or g:members(members, quoted ",")))
  end
  local call = g:rule("calls", table.concat(list, " | "))
  return g:text(('%s ("\\n" %s){0,%d}'):format(call, call, (options.most or 4) - 1))
end

return grammar
