-- examples.lua: turns records (shared/data's shape) into training examples of the native format.
--
-- An example: { block = text or nil, turns = native.turns' list, each with weight = how much its
--   text counts as a target }. How much of a record is shown is drawn anew for each example, so
--   that several passes over the same records differ.
-- Invariant: what a tool list says is never a target; calls and replies count 1 each, what people
--   say a little, so that the model learns their language.

local json = require "moonlet.json"
local marked = require "moonlet.native.marked"
local names = require "moonlet.corpus.names"
local native = require "moonlet.native"
local rewording = require "moonlet.corpus.rewording"
local spoken = require "moonlet.corpus.spoken"

local examples = {}

local user_weight, result_weight = 0.2, 0

local weights = { user = user_weight, result = result_weight, call = 1, assistant = 1 }

function examples.weigh(turns)
  for _, turn in ipairs(turns) do turn.weight = weights[turn.marker] end
  return turns
end

-- ---- declining ----

local declines = { "I have no tool for that.", "None of my tools can do that.",
  "Sorry, I cannot help with that.", "Sorry, that is not something I can do here." }

function examples.decline(random) return { role = "assistant", content = random:pick(declines) } end

-- ---- values for values ----

-- Each entry of two lists once.
local function union(one, other)
  local all, seen = {}, {}
  for _, list in ipairs { one, other } do
    for _, value in ipairs(list) do
      if not seen[value] then all[#all + 1], seen[value] = value, true end
    end
  end
  return all
end

-- values(records, also) -> for each argument's name the values that it has had, as often as it had
-- them; those of a name in also = { name = values } once each, with these.
function examples.values(list, also)
  local found = {}
  for _, record in ipairs(list) do
    for _, m in ipairs(record.messages) do
      for _, call in ipairs(m.tool_calls or {}) do
        for name, value in pairs(call.arguments) do
          if type(value) == "string" then
            found[name] = found[name] or {}
            table.insert(found[name], value)
          end
        end
      end
    end
  end
  for name, more in pairs(also or {}) do found[name] = union(found[name] or {}, more) end
  for _, values in pairs(found) do table.sort(values) end
  return found
end

-- Where `value` stands as words of its own in text, if it does so once: first, last.
local function only_place(text, value)
  local first, last = text:find(value, 1, true)
  if not first or text:find(value, last + 1, true) then return nil end
  local before, after = text:sub(first - 1, first - 1), text:sub(last + 1, last + 1)
  if before:find "^[%w']" and first > 1 or after:find "^[%w]" then return nil end
  return first, last
end

-- The same request with another value for one or two of its arguments.
local function swapped(text, call, values, random)
  local list = {}
  for _, name in ipairs(json.keys(call.arguments)) do
    if values[name] and type(call.arguments[name]) == "string" then list[#list + 1] = name end
  end
  local arguments, count = {}, random:whole(1, 2)
  for name, value in pairs(call.arguments) do arguments[name] = value end
  for _, name in ipairs(random:some(list, count)) do
    local first, last = only_place(text, arguments[name])
    if first then
      local other = random:pick(values[name])
      text = text:sub(1, first - 1) .. other .. text:sub(last + 1)
      arguments[name] = other
    end
  end
  return text, { name = call.name,
    arguments = json.object(arguments, json.keys(call.arguments)) }
end

-- ---- sets that are learnt by heart ----

-- The request of one call, sometimes in other words.
local function reworded(user, answer, random, often)
  if not often or not random:chance(often) then return user end
  local call = answer.tool_calls and answer.tool_calls[1]
  return { role = "user",
    content = rewording.reword(user.content, call and call.arguments, random) }
end

-- closed(record, random, {set=, values=, bare=, swap=, reword=}): one request, one call, the set's
-- name instead of a list. bare: how often not even that; swap: how often a value is another;
-- reword: how often the request is said in other words.
function examples.closed(record, random, how)
  local messages = record.messages
  local user, answer = messages[1], messages[2]
  local block = not random:chance(how.bare or 0) and "set " .. how.set or nil
  if answer.tool_calls and how.values and random:chance(how.swap) then
    local text, call = swapped(user.content, answer.tool_calls[1], how.values, random)
    user, answer = { role = "user", content = text }, { role = "assistant", tool_calls = { call } }
  elseif not answer.tool_calls then
    answer = examples.decline(random)
  end
  user = reworded(user, answer, random, how.reword)
  return { block = block, turns = examples.weigh(native.turns { user, answer }) }
end

-- marked(record, random, closed's): the same with the words of the call marked in the request; as
-- closed where they cannot be.
function examples.marked(record, random, how)
  local example = examples.closed(record, random, how)
  local user, call = example.turns[1], example.turns[2]
  local calls = call.marker == "call" and native.read(call.text)
  local form = calls and #calls == 1 and marked.text(native.meant(user.text), calls[1])
  if form then example.block, call.text = marked.block(how.set), form end
  return example
end

-- remark(record, random, {call=, set=, bare=, reword=}): a sentence of running text as it sounds,
-- which the set has a function for, without arguments.
function examples.remark(record, random, how)
  return examples.closed({ messages = { { role = "user", content = spoken.form(record.text) },
    { role = "assistant", tool_calls = { { name = how.call, arguments = {} } } } } }, random, how)
end

-- foreign(record, random, {set=}): a request of other data, that the set has nothing for.
function examples.foreign(record, random, how)
  for _, m in ipairs(record.messages) do
    if m.role == "user" then
      return { block = "set " .. how.set,
        turns = examples.weigh(native.turns { m, examples.decline(random) }) }
    end
  end
end

-- ---- sets that are listed ----

local function called(messages)
  local found = {}
  for _, m in ipairs(messages) do
    for _, call in ipairs(m.tool_calls or {}) do found[call.name] = true end
  end
  return found
end

-- A tool as it is shown: sometimes without its description.
local function shown(tool, random, plain)
  if not random:chance(plain) then return tool end
  return { name = tool.name, parameters = tool.parameters }
end

-- The tools of the calls and some others, at most `most`, in random order.
local function listing(tools, wanted, random, most, plain)
  local list, others = {}, {}
  for _, tool in ipairs(tools) do
    local to = wanted[tool.name] and list or others
    to[#to + 1] = tool
  end
  local room = random:whole(math.max(1, math.min(#list, most)), most) - #list
  for _, tool in ipairs(random:some(others, room)) do list[#list + 1] = tool end
  random:shuffle(list)
  for i, tool in ipairs(list) do list[i] = shown(tool, random, plain) end
  return list
end

-- A call with its arguments in the order of the tool's schema.
local function ordered(call, tools)
  for _, tool in ipairs(tools) do
    if tool.name == call.name then
      local keys, rest = {}, {}
      for _, name in ipairs(json.keys(tool.parameters.properties or {})) do
        if call.arguments[name] ~= nil then keys[#keys + 1] = name end
      end
      for _, name in ipairs(json.keys(call.arguments)) do rest[#rest + 1] = name end
      local arguments = {}
      for name, value in pairs(call.arguments) do arguments[name] = value end
      for _, name in ipairs(rest) do keys[#keys + 1] = name end
      return { name = call.name, arguments = json.object(arguments, keys) }
    end
  end
  return call
end

-- Messages from `first` to `last` with calls in order and results cut to their first bytes.
local function window(messages, first, last, tools)
  local list = {}
  for i = first, last do
    local m = messages[i]
    if m.tool_calls then
      local calls = {}
      for k, call in ipairs(m.tool_calls) do calls[k] = ordered(call, tools) end
      m = { role = "assistant", tool_calls = calls }
    elseif m.role == "tool" then
      local text = type(m.content) == "string" and m.content or json.encode(m.content)
      m = { role = "tool", content = examples.result(text) }
    end
    if m.role ~= "system" then list[#list + 1] = m end
  end
  return list
end

local longest_result = 160

-- result(text) -> a tool's result short enough to be learnt from: of a list the first entry,
-- of an object the members that fit.
function examples.result(text)
  local value = json.decode(text)
  if type(value) == "table" and value ~= json.null then
    if json.is_array(value) and type(value[1]) == "table" then value = value[1] end
    if json.is_array(value) or value == json.null then return text:sub(1, longest_result) end
    local keys, size = {}, 0
    for _, key in ipairs(json.keys(value)) do
      size = size + #key + #json.encode(value[key]) + 4
      if size > longest_result then break end
      keys[#keys + 1] = key
    end
    local kept = {}
    for _, key in ipairs(keys) do kept[key] = value[key] end
    text = json.encode(json.object(kept, keys)):gsub('":"', '": "')
  end
  return #text <= longest_result and text or text:sub(1, longest_result):match "^(.*) " or ""
end

-- Tools and the calls of messages under other names.
local function renamed(tools, messages, random)
  local style, other, maps = names.style(random), {}, {}
  for i, tool in ipairs(tools) do
    other[i], maps[tool.name] = style(tool)
    maps[tool.name] = { name = other[i].name, arguments = maps[tool.name] }
  end
  local list = {}
  for i, m in ipairs(messages) do
    list[i] = m
    if m.tool_calls then
      local calls = {}
      for k, call in ipairs(m.tool_calls) do
        local map, arguments, keys = maps[call.name], {}, {}
        for n, name in ipairs(json.keys(call.arguments)) do
          keys[n] = map and map.arguments[name] or name
          arguments[keys[n]] = call.arguments[name]
        end
        calls[k] = { name = map and map.name or call.name,
          arguments = json.object(arguments, keys) }
      end
      list[i] = { role = "assistant", tool_calls = calls }
    end
  end
  return other, list
end

-- listed(record, random, {most=, plain=, decline=, rename=, turns=, reword=}): a window that ends
-- with an answer, with the tools listed. plain: how often a tool has no description; decline: how
-- often the right tools of a single request are not there; rename: how often all names are of
-- another style; reword: how often a single request with one call is said in other words.
function examples.listed(record, random, how)
  local messages, ends = record.messages, {}
  for i, m in ipairs(messages) do
    if m.role == "assistant" and i > 1 then ends[#ends + 1] = i end
  end
  local last = random:pick(ends)
  -- calls are what matters: a reply is drawn again once
  if not messages[last].tool_calls then last = random:pick(ends) end
  local first = math.max(1, last - (how.turns or 1))
  while first > 1 and messages[first].role ~= "user" do first = first - 1 end
  local part = window(messages, first, last, record.tools)
  local wanted = called(part)
  local tools = record.tools
  if #part == 2 and part[2].tool_calls and random:chance(how.decline or 0) then
    local others = {}
    for _, tool in ipairs(tools) do
      if not wanted[tool.name] then others[#others + 1] = tool end
    end
    if #others > 0 then
      tools, wanted = others, {}
      part[2] = examples.decline(random)
    end
  end
  if #part == 2 and not (part[2].tool_calls and part[2].tool_calls[2]) then
    part[1] = reworded(part[1], part[2], random, how.reword)
  end
  local list = listing(tools, wanted, random, how.most, how.plain)
  if random:chance(how.rename or 0) then list, part = renamed(list, part, random) end
  return { block = native.block(list, record.context),
    turns = examples.weigh(native.turns(part)) }
end

-- ---- talk and text ----

-- talk(record, random, {turns=}): some turns of a conversation without tools.
function examples.talk(record, random, how)
  local messages = record.messages
  local last = random:whole(2, #messages)
  local first = math.max(1, last - (how.turns or 3))
  return { turns = examples.weigh(native.turns(window(messages, first, last, {}))) }
end

-- text(record, random, {bytes=}): a piece of running text; all of it counts.
function examples.text(record, random, how)
  local text, size = record.text, how.bytes or 600
  local first = #text > size and random:whole(1, #text - size) or 1
  if first > 1 then first = text:find("%s", first) or first end
  local piece = text:sub(first, first + size):gsub("%s+", " ")
  return { plain = piece:match "^(.*) " or piece }
end

-- A function of a text that gives its ids with some words cut in two, so that a name is known by
-- any of its parts: `often` is the share of words that are cut, each everywhere in the same place.
-- Source: as in Provilkov et al. 2020, "BPE-dropout", by whole words.
local function cutting(model, random, often)
  local parts = {}
  return function(text)
    local ids, from = {}, 1
    local function put(last)
      for _, id in ipairs(model:encode(text:sub(from, last), { bos = false })) do
        ids[#ids + 1] = id
      end
      from = last + 1
    end
    for first, word in text:gmatch "()(%a%a%a+)" do
      parts[word] = parts[word] or random:chance(often) and random:whole(1, #word - 1) or 0
      if parts[word] > 0 then put(first + parts[word] - 1) end
    end
    put(#text)
    return ids
  end
end

-- encode(model, example, {random=, cut=}) -> ids, weights. cut: the share of words that are cut in
-- two, 0; running text is not cut.
function examples.encode(model, example, how)
  if example.plain then
    local ids = model:encode(example.plain, { bos = true })
    local list = {}
    for i = 1, #ids do list[i] = 1 end
    return ids, list
  end
  local cut = how and how.cut or 0
  local ids, starts = native.encode(model, example.block, example.turns,
    cut > 0 and cutting(model, how.random, cut) or nil)
  local list = {}
  for i = 1, #ids do list[i] = 0 end
  for i, turn in ipairs(example.turns) do
    local past = starts[i + 1] or #ids + 1
    for k = starts[i] + 1, past - 1 do list[k] = turn.weight end
    -- whether to call or to reply is learnt; that a user or a tool speaks is not
    if turn.ends then list[starts[i]] = 1 end
  end
  return ids, list
end

-- text_of(example) -> its texts without markers, for the training of a vocabulary.
function examples.text_of(example)
  if example.plain then return { example.plain } end
  local list = { example.block }
  for _, turn in ipairs(example.turns) do list[#list + 1] = turn.text end
  return list
end

return examples
