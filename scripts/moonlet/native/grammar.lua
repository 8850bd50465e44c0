-- grammar.lua: what calls of some tools may look like in the native format, as a GBNF grammar for
-- model:constraint and generate's option gbnf.
--
-- What: grammar.calls(tools, {spans = text, loose, complete, lists, most}) -> text. spans: strings
--   are runs of words of this text, and numbers are of its numbers if it has any, for tools whose
--   arguments are what people said.
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

-- ---- numbers ----

local words = { zero = 0, half = 0.5, twice = 2, dozen = 12, thirty = 30, forty = 40, fifty = 50,
  sixty = 60, seventy = 70, eighty = 80, ninety = 90, hundred = 100 }
for i, word in ipairs { "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
  "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
  "nineteen", "twenty" } do
  words[word] = i
end

-- The numbers of a text, in its order, each once: 1,250 and -3.50, .5, the 4 of 4x, both of 54,3,
-- and not the 12 of A12.
local function numbers_of(text)
  local list, seen = {}, {}
  local function add(number)
    if number and not seen[number] then seen[number], list[#list + 1] = true, number end
  end
  for before, sign, row, word in (" " .. text):gmatch "([^%w.]?)(%-?)(%.?[%d.,]*)(%a*)" do
    row = row:gsub(",(%d%d%d)%f[%D]", "%1")
    for figure in (before ~= "" and row or ""):gmatch "[^,]+" do
      figure = figure:gsub("%.$", "")
      add(tonumber(figure) and tonumber(sign .. figure))
    end
    add(words[word:lower()])
  end
  return list
end

-- The numbers that an argument of each type may have; none: any.
local function said_in(text)
  local said = { number = text and numbers_of(text) or {}, integer = {} }
  for _, number in ipairs(said.number) do
    if number % 1 == 0 then said.integer[#said.integer + 1] = number end
  end
  return said
end

-- ---- schemas ----

local plain = { string = true, integer = true, number = true, boolean = true }

local numbers = { integer = true, number = true }

-- A list of runs of words is not longer.
local longest_list = 12

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
  elseif numbers[of] and #options.said[of] > 0 then
    return { enum = options.said[of] }
  elseif plain[of] then
    return { type = of }
  elseif of == "array" then
    local items = shown(schema.items or { type = "string" }, options)
    local said = options.said[items ~= true and schema.items and schema.items.type]
    local most = said and #said > 0 and #said or longest_list
    return { type = of, items = items, maxItems = options.spans and most or nil }
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
  local of_schemas = { lists = options.lists, complete = options.complete, spans = options.spans,
    said = said_in(options.spans) }
  for i, tool in ipairs(tools) do
    local wanted = tool.parameters or {}
    local schema = shown({ type = "object", properties = wanted.properties,
      required = wanted.required }, of_schemas)
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
