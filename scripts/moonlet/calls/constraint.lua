-- constraint.lua: the grammar of the calls that a family of models writes: the rows of
-- moonlet.calls.families turned round.
--
-- What: constraint(family, tools, most) -> GBNF of one to `most` calls of these tools (name ->
--   JSON Schema) as one text that is nothing but calls; nil and what cannot be written.
-- Invariant: any text of it reads back, by the same row, as complete calls of declared tools whose
--   arguments are valid. It is written as the models of the family were taught, where that leaves
--   a choice.
-- Markers are text here: where a vocabulary has them as symbols they belong into the prompt.

local grammar = require "moonlet.calls.grammar"
local json = require "moonlet.json"
local notations = require "moonlet.calls.notations"
local values = require "moonlet.calls.values"

local quoted, refuse = grammar.quoted, grammar.refuse

local json_notation = notations.in_quotes(notations.json, ' " "?', "")

-- ---- calls of one tool ----

local function arguments_schema(schema)
  if next(schema) == nil then
    return json.object({ type = "object", additionalProperties = false })
  end
  return schema
end

local function json_arguments(g, schema)
  local wanted = arguments_schema(schema)
  local kind = wanted.type
  if kind ~= nil and kind ~= "object" then refuse "arguments that are no object" end
  if kind == nil and not wanted.properties then refuse "arguments without 'type'" end
  return g:value(wanted) or refuse "an argument that no value meets"
end

local function named(name, pattern)
  if #name > 128 or not name:find(pattern) then refuse(("the name '%s'"):format(name)) end
  return name
end

local usual_name = "^[%w_.:/-]+$"
local calls = {}

-- { "name": "f", "arguments": { ... } }
function calls.object(g, family, name, schema)
  local keys = family.writes and family.writes.keys or { "name", "arguments" }
  return ("%s %s %s"):format(
    quoted(('{"%s": %s, "%s": '):format(keys[1], json.encode(named(name, usual_name)), keys[2])),
    json_arguments(g, schema), quoted "}")
end
calls.list, calls.tag = calls.object, calls.object

-- a name, a marker, JSON
function calls.tagged(g, family, name, schema)
  local open, writes = family.opens[1], family.writes or {}
  local around = writes.name or { "", '""' }
  named(name, usual_name)
  return ("%s %s %s %s %s"):format(
    quoted((writes.open or open[1]) .. (open.skip and open.skip[1] or "") .. around[1] .. name),
    around[2], quoted(open.name_ends[#open.name_ends]), json_arguments(g, schema),
    quoted(writes.closes or open.after and open.after[1] or ""))
end
calls.any = calls.tagged

function calls.harmony(g, _, name, schema)
  return ("%s %s %s"):format(
    quoted(("<|channel|>commentary to=functions.%s <|constrain|>json<|message|>"):format(
      named(name, "^[%w_.-]+$"))), json_arguments(g, schema), quoted "<|call|>")
end

-- A value of an untyped format: a string as it is, all else as JSON.
local function untyped(g, sub, at)
  if values.is_text(sub) then return g.bare:expression(sub, at), true end
  return g:expression(sub, at), false
end

function calls.xml(g, family, name, schema)
  local xml = family.opens[1].xml
  local wrap = xml.wrap or ""
  local list = g:parameters(arguments_schema(schema), function(key, sub, at)
    local value, text = untyped(g, sub, at)
    if not value then return nil end
    local kind = xml.attribute and ('" string="%s"'):format(tostring(text)) or ""
    return ("%s %s %s"):format(
      quoted(xml.parameter[1] .. named(key, "^[%w_.$-]+$") .. kind .. xml.parameter[2] .. wrap),
      value, quoted(wrap .. xml.parameter[3] .. "\n"))
  end)
  return ("%s %s %s"):format(quoted(xml.call[1] .. named(name, usual_name) .. xml.call[2] .. "\n"),
    g:members(list, '""'), quoted(xml.close))
end

function calls.pairs(g, family, name, schema)
  local open = family.opens[1]
  local list = g:parameters(arguments_schema(schema), function(key, sub, at)
    local value = untyped(g, sub, at)
    return value and ("%s %s %s"):format(quoted(open.key[1] .. named(key, "^[%w_.$-]+$")
      .. open.key[2] .. "\n" .. open.value[1]), value, quoted(open.value[2] .. "\n"))
  end)
  return ("%s %s"):format(quoted(open[1] .. named(name, usual_name) .. "\n"),
    g:members(list, '""') .. " " .. quoted(open.after[1]))
end

function calls.braces(g, family, name, schema)
  local open = family.opens[1]
  local list = g:parameters(arguments_schema(schema), function(key, sub, at)
    local value = g:expression(sub, at)
    return value and quoted(named(key, "^[%w_.$-]+$") .. ":") .. " " .. value
  end)
  return ("%s %s %s"):format(quoted(open[1] .. "call:" .. named(name, usual_name) .. "{"),
    g:members(list, quoted ","), quoted("}" .. open.after[1]))
end

function calls.python(g, _, name, schema)
  if name:find "%.call$" then refuse(("the name '%s'"):format(name)) end
  local list = g:parameters(arguments_schema(schema), function(key, sub, at)
    local value = g:expression(sub, at)
    return value and quoted(named(key, "^[%a_][%w_]*$") .. "=") .. " " .. value
  end)
  return ("%s %s %s"):format(quoted(named(name, "^[%a_][%w_.]*$") .. "("),
    g:members(list, g.notation.comma), quoted ")")
end

-- ---- families ----

-- What stands before, between and behind the calls of a text.
local function frame(family)
  local writes, open = family.writes or {}, family.opens[1] or {}
  local space, closing = writes.space or "", open.after and open.after[1] or ""
  local around = writes.around or { "", "" }
  if family.shape == "list" then
    return open[1] .. space .. "[", writes.between or ", ", "]" .. space .. closing
  elseif family.shape == "xml" then
    return open[1] .. "\n", "\n", "\n" .. closing
  elseif family.shape == "python" then
    return around[1], writes.between or ", ", around[2]
  end
  return around[1], writes.between or "\n", around[2]
end

local function notation_of(family)
  local open = family.opens[1] or {}
  if family.shape == "python" then
    if family.lead then return notations.in_quotes(notations.json, "", family.lead) end
    return notations.in_quotes(notations.python, ' " "?', "")
  elseif family.shape == "braces" then
    return notations.raw(open.quote, open.quote)
  elseif family.shape == "xml" or family.shape == "pairs" then
    return notations.in_quotes(notations.json, ' " "?', "", "<")
  end
  return json_notation
end

return function(family, tools, most)
  return grammar.try(function()
    local shape = family.read and "harmony" or family.shape
    if not family.read and not family.opens then refuse "calls, of which this family has none" end
    local g = grammar.new(notation_of(family))
    if shape == "xml" or shape == "pairs" then g.bare = grammar.new(notations.raw("</", ""), g) end
    local names, list = {}, {}
    for name in pairs(tools) do names[#names + 1] = name end
    table.sort(names)
    if #names == 0 then refuse "calls without any tool" end
    for i, name in ipairs(names) do
      local text = calls[shape](g, family, name, tools[name])
      if shape == "object" then
        local open, space = family.opens[1], family.writes and family.writes.space or ""
        local closing = open.after and space .. open.after[1] or ""
        text = ("%s %s %s"):format(quoted(open[1] .. space), text, quoted(closing))
      end
      list[i] = g:rule("call", text)
    end
    local call = g:rule("one", table.concat(list, " | "))
    local before, between, behind = frame(family)
    local more = most > 1 and ("(%s %s){0,%d}"):format(quoted(between), call, most - 1) or '""'
    return g:text(("%s %s %s %s"):format(quoted(before), call, more, quoted(behind)))
  end)
end
