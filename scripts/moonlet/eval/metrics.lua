-- metrics.lua: how near predicted calls come to the reference's.
--
-- What: metrics.new() -> m; m:add(record, prediction) counts one record; m:report() -> percent,
--   rounded to two places. record.messages holds the references; prediction.tool_calls a single
--   one's calls, or prediction.turns[index of the message, from 0] those of several. Over reference
--   turns: name (the right functions), structure (and the right argument names), exact (and the
--   right values), soft (share of right arguments, 0 when a name is wrong), rouge1 and rougeL (of
--   the calls' JSON), arg_f1 (micro, over arguments), ast (BFCL's rule, where possible_answers
--   are). no_call: records without references that were left without calls. reply_*: of texts,
--   where prediction.replies[index] has one. too_long: records with a prompt that had no room in
--   the context (prediction.too_long); what it would have answered counts as wrong.
-- How: a value is compared by a key that is equal where BFCL's normalisation is: punctuation and
--   case do not count, 5 equals "5". Lists of calls are compared as multisets.
-- Invariant: the same figures as a straightforward Python program with the same definitions gives.

local host = require "moonlet.host"
local json = require "moonlet.json"

local metrics = {}

-- ---- values ----

-- A number as Python writes it: whole ones without a point, others as short as they can be read
-- back from.
local function number_text(value)
  if math.type and math.type(value) == "integer" then return ("%d"):format(value) end
  if value == math.floor(value) and math.abs(value) < math.huge then
    return ("%.0f"):format(value == 0 and 0 or value)     -- not "-0"
  end
  for digits = 15, 17 do
    local text = ("%." .. digits .. "g"):format(value)
    if tonumber(text) == value then return text end
  end
end

local function item_key(text) return #text .. ":" .. text end

-- A string that is equal for values that count as equal. Objects are lists of pairs, by name.
local value_key
local function list_key(parts)
  for i, part in ipairs(parts) do parts[i] = item_key(part) end
  return "(" .. table.concat(parts) .. ")"
end

function value_key(value)
  if type(value) == "boolean" then return tostring(value) end
  if type(value) == "number" then return number_text(value) end
  if value == json.null then return "none" end
  if type(value) == "string" then
    return host.lower((value:gsub("[ ,./%-_*^()'\"]", "")))
  end
  local parts = {}
  if json.is_array(value) then
    for i, item in ipairs(value) do parts[i] = value_key(item) end
    return list_key(parts)
  end
  for i, name in ipairs(json.keys(value, true)) do
    parts[i] = list_key { name, value_key(value[name]) }
  end
  return list_key(parts)
end
metrics.value_key = value_key

-- ---- words ----

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t",
  ["\b"] = "\\b", ["\f"] = "\\f" }

local function escaped(text)
  return (text:gsub('[%c"\\]', function(c)
    return escapes[c] or c ~= "\127" and ("\\u%04x"):format(c:byte()) or c
  end))
end

-- A float keeps its point where Lua has both kinds of numbers.
local function literal(value)
  local text = number_text(value)
  local float = math.type and math.type(value) == "float"
  if not float or not text:match "^%-?%d+$" then return text end
  if math.abs(value) < 1e16 then return text .. ".0" end
  for digits = 1, 17 do
    text = ("%." .. digits - 1 .. "e"):format(value)
    if tonumber(text) == value then return text end
  end
end

local function write(out, value)
  if type(value) == "string" then out[#out + 1] = escaped(value)
  elseif type(value) == "number" then out[#out + 1] = literal(value)
  elseif type(value) == "boolean" or value == json.null then
    out[#out + 1] = value == json.null and "null" or tostring(value)
  elseif json.is_array(value) then
    for _, item in ipairs(value) do write(out, item) end
  else
    for _, name in ipairs(json.keys(value)) do
      out[#out + 1] = escaped(name)
      write(out, value[name])
    end
  end
end

local function words(text)
  local list = {}
  for word in host.words(host.lower(text)):gmatch "%S+" do list[#list + 1] = word end
  return list
end

-- The words of a list of calls as JSON, in the order of their members.
local function call_words(calls)
  local out = {}
  write(out, calls)
  return words(table.concat(out, " "))
end

-- ---- multisets ----

local function count(list)
  local bag = {}
  for _, key in ipairs(list) do bag[key] = (bag[key] or 0) + 1 end
  return bag
end

-- How many two lists have in common.
local function common(a, b)
  local bag, n = count(a), 0
  for _, key in ipairs(b) do
    if (bag[key] or 0) > 0 then
      bag[key], n = bag[key] - 1, n + 1
    end
  end
  return n
end

local function same(a, b) return #a == #b and common(a, b) == #a end

-- rouge(a, b) -> F1 of single words, F1 of the longest common subsequence.
function metrics.rouge(a, b)
  if #a == 0 or #b == 0 then
    local both = #a == #b and 1 or 0
    return both, both
  end
  local before = {}
  for j = 0, #b do before[j] = 0 end
  for _, word in ipairs(a) do
    local now = { [0] = 0 }
    for j, other in ipairs(b) do
      now[j] = word == other and before[j - 1] + 1 or math.max(before[j], now[j - 1])
    end
    before = now
  end
  return 2 * common(a, b) / (#a + #b), 2 * before[#b] / (#a + #b)
end

-- ---- BFCL's rule ----

-- Is "" among the values, which says that the argument may be left out?
local function optional(allowed)
  if type(allowed) == "string" then return true end
  for _, value in ipairs(type(allowed) == "table" and allowed or {}) do
    if value == "" then return true end
  end
  return false
end

local allowed_value

-- May an object stand for one whose members are lists of allowed values?
local function allowed_object(value, members)
  for name, allowed in pairs(members) do
    if value[name] == nil then
      if not optional(allowed) then return false end
    elseif not allowed_value(value[name], allowed) then
      return false
    end
  end
  for name in pairs(value) do
    if members[name] == nil then return false end
  end
  return true
end

local function allowed_objects(values, objects)
  if #values ~= #objects then return false end
  for i, value in ipairs(values) do
    if not allowed_value(value, { objects[i] }) then return false end
  end
  return true
end

local function list_of_objects(value)
  if not json.is_array(value) or #value == 0 then return false end
  for _, item in ipairs(value) do
    if not json.is_object(item) then return false end
  end
  return true
end

function allowed_value(value, allowed)
  for _, other in ipairs(type(allowed) == "table" and allowed or {}) do
    local fits
    if json.is_object(other) and json.is_object(value) then
      fits = allowed_object(value, other)
    elseif list_of_objects(other) and json.is_array(value) then
      fits = allowed_objects(value, other)
    else
      fits = value_key(value) == value_key(other) and not (other == "" and value ~= "")
    end
    if fits then return true end
  end
  return false
end

local function allowed_call(call, answer)
  local name, members = next(answer)
  if call.name ~= name and call.name ~= name:gsub("%.", "_") then return false end
  return allowed_object(call.arguments, members)
end

-- Does each call find an answer of its own?
local function ast_match(calls, answers)
  if #calls ~= #answers then return false end
  local used = {}
  for _, call in ipairs(calls) do
    local found
    for i, answer in ipairs(answers) do
      if not used[i] and allowed_call(call, answer) then
        found = i
        break
      end
    end
    if not found then return false end
    used[found] = true
  end
  return true
end

-- ---- counting ----

local Metrics = {}
Metrics.__index = Metrics

function metrics.new()
  return setmetatable({ n = 0, records = 0, too_long = 0, sums = {}, right = 0, predicted = 0,
    wanted = 0 }, Metrics)
end

local function credit(self, name, amount)
  self.sums[name] = (self.sums[name] or 0) + (amount == true and 1 or amount or 0)
end

-- What a list of calls is compared by.
local function views(calls)
  local names, structures, wholes, arguments = {}, {}, {}, {}
  for i, call in ipairs(calls) do
    local order, full = json.keys(call.arguments, true), { call.name }
    for _, name in ipairs(order) do
      local key = list_key { name, value_key(call.arguments[name]) }
      full[#full + 1] = key
      arguments[#arguments + 1] = list_key { call.name, key }
    end
    table.insert(order, 1, call.name)
    names[i], structures[i], wholes[i] = call.name, list_key(order), list_key(full)
  end
  return { names = names, structures = structures, wholes = wholes, arguments = arguments }
end

-- The calls of a prediction that have a name; nil when they or one of them are malformed.
local function tidy(calls)
  local list = {}
  if calls ~= nil and type(calls) ~= "table" then return nil end
  for _, call in ipairs(calls or {}) do
    if type(call) == "table" and call.name ~= nil then
      local arguments = call.arguments
      if not arguments or arguments == json.null then arguments = {} end
      if type(call.name) ~= "string" or type(arguments) ~= "table" or #arguments > 0 then
        return nil
      end
      local copy = {}
      for name, value in pairs(call) do copy[name] = value end
      copy.arguments = arguments
      list[#list + 1] = json.object(copy, json.keys(call))
    end
  end
  return list
end

local function score(self, calls, gold, answers)
  local p, g = views(calls), views(gold)
  local right = common(p.arguments, g.arguments)
  local either = #p.arguments + #g.arguments - right
  local named = same(p.names, g.names)
  self.n = self.n + 1
  credit(self, "name", named)
  credit(self, "structure", same(p.structures, g.structures))
  credit(self, "exact", same(p.wholes, g.wholes))
  credit(self, "soft", named and (either > 0 and right / either or 1))
  local one, longest = metrics.rouge(call_words(calls), call_words(gold))
  credit(self, "rouge1", one)
  credit(self, "rougeL", longest)
  self.right, self.predicted = self.right + right, self.predicted + #p.arguments
  self.wanted = self.wanted + #g.arguments
  if answers then
    credit(self, "ast", ast_match(calls, answers))
    credit(self, "ast_n", 1)
  end
end

local function score_replies(self, record, prediction)
  for index, reply in pairs(prediction.replies or {}) do
    local message = record.messages[tonumber(index) + 1]
    if message and type(message.content) == "string" then
      local one, longest = metrics.rouge(words(reply), words(message.content))
      credit(self, "reply_rouge1", one)
      credit(self, "reply_rougeL", longest)
      credit(self, "replies", 1)
    end
  end
end

local bad_call = "tool_calls wants a list, and a call a name and an object of arguments"

-- What is malformed in a prediction, but for its calls.
local function malformed(prediction)
  for _, name in ipairs { "turns", "replies" } do
    local value = prediction[name]
    if value ~= nil and type(value) ~= "table" then return name .. " wants to be an object" end
  end
  for _, reply in pairs(prediction.replies or {}) do
    if type(reply) ~= "string" then return "a reply wants to be a string" end
  end
end

-- add(record, prediction) -> true | nil, message. record: one that moonlet.eval.shape has nothing
-- to say of. prediction: nil counts as one without calls.
function Metrics:add(record, prediction)
  prediction = prediction or {}
  local why = malformed(prediction)
  if why then return nil, why end
  local gold, index = {}, {}
  for i, message in ipairs(record.messages) do
    if message.tool_calls then
      gold[#gold + 1], index[#index + 1] = message.tool_calls, tostring(i - 1)
    end
  end
  if prediction.too_long then self.too_long = self.too_long + 1 end
  score_replies(self, record, prediction)
  local by_turn = #gold > 1 or prediction.turns
  for i, reference in ipairs(gold) do
    local calls = prediction.tool_calls
    if by_turn then calls = (prediction.turns or {})[index[i]] end
    calls = tidy(calls)
    if not calls then return nil, bad_call end
    score(self, calls, reference, record.possible_answers)
  end
  if #gold == 0 then
    local calls = prediction.tool_calls
    if calls ~= nil and type(calls) ~= "table" then return nil, bad_call end
    local none = not calls or #calls == 0
    credit(self, "no_call", none and not prediction.too_long)
    self.records = self.records + 1
  end
  return true
end

local function percent(sum, n) return tonumber(("%.2f"):format(100 * (sum or 0) / n)) end

-- report() -> { name =, ..., reference_calls =, records_without_call = }, names in their order.
function Metrics:report()
  local out, order = {}, {}
  local function put(name, value)
    out[name], order[#order + 1] = value, name
  end
  local sums = self.sums
  if self.n > 0 then
    for _, name in ipairs { "name", "structure", "exact", "soft", "rouge1", "rougeL" } do
      put(name, percent(sums[name], self.n))
    end
    put("arg_f1", percent(2 * self.right, math.max(1, self.predicted + self.wanted)))
  end
  if sums.ast_n then put("ast", percent(sums.ast, sums.ast_n)) end
  if self.records > 0 then put("no_call", percent(sums.no_call, self.records)) end
  if sums.replies then
    put("reply_rouge1", percent(sums.reply_rouge1, sums.replies))
    put("reply_rougeL", percent(sums.reply_rougeL, sums.replies))
    put("replies", sums.replies)
  end
  put("reference_calls", self.n)
  put("records_without_call", self.records)
  if self.too_long > 0 then put("too_long", self.too_long) end
  return json.object(out, order)
end

return metrics
