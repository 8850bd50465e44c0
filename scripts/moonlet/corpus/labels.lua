-- labels.lua: calls that a model itself makes of requests that have none for its functions; what
-- it is sure of is more to learn from (self-training).
--
-- What: labels.requests(directory, files, options) -> the first thing somebody asks in each record;
--   labels.make(model, requests, options) -> records | nil, message, code.
-- How: the model hears a request plainly, and what learns from the label hears it reworded: so
--   the label says more than the learner knows (the "noisy student" of Xie et al. 2020, arXiv
--   1911.04252). Requests of one kind, that is with the same call in the data they are from, want
--   much the same function: a label that few of its kind have is no good.

local json = require "moonlet.json"
local predict = require "moonlet.eval.predict"
local random = require "moonlet.corpus.random"
local records = require "moonlet.corpus.records"

local labels = {}

-- What a record's people ask first, and the function that is called first.
local function asked(record)
  local text, name
  for _, message in ipairs(record.messages) do
    if message.role == "user" then text = text or message.content end
    local call = message.tool_calls and message.tool_calls[1]
    name = name or call and call.name
  end
  return text, name
end

-- use(text as it is to be heard, function) for each record of a file in which somebody asks.
local function each_heard(path, options, use)
  local list, message, code = records.read(path, options)
  if not list then return nil, message, code end
  for _, record in ipairs(list) do
    local text, name = asked(record)
    if text then use((options.form or tostring)(text), name) end
  end
  return true
end

-- requests(directory, files, { form = f(text) -> the text as it is to be heard, longest = 90
-- bytes, but = file whose requests are left out, most = records of each file }) -> list of
-- { text, kind } | nil, message, code. files: names below the directory. Each text once.
function labels.requests(directory, files, options)
  local seen, found = {}, {}
  if options.but then
    local ok, message, code = each_heard(directory .. "/" .. options.but, options, function(text)
      seen[text] = true
    end)
    if not ok then return nil, message, code end
  end
  for _, file in ipairs(files) do
    local ok, message, code = each_heard(directory .. "/" .. file, options, function(text, name)
      if not seen[text] and #text <= (options.longest or 90) and text:find "%w%s+%w" then
        seen[text] = true
        found[#found + 1] = { text = text, kind = file .. " " .. (name or "") }
      end
    end)
    if not ok then return nil, message, code end
  end
  return found
end

local at_once = 2000

-- The model's call of each request, and how likely it is to itself: { name, arguments }, p.
local function calls_of(model, requests, options)
  local calls, sure = {}, {}
  for first = 1, #requests, at_once do
    local list = {}
    for i = first, math.min(first + at_once - 1, #requests) do
      list[#list + 1] = { { id = i, messages = { { role = "user",
        content = requests[i].text } } }, "request " .. i }
    end
    local tasks, message, code = predict.tasks(model, list, { block = "set " .. options.set,
      tools = options.tools, constrain = true, spans = true })
    if not tasks then return nil, message, code end
    local predictions
    predictions, message, code = predict.run(model, tasks, list, { bias = math.huge })
    if not predictions then return nil, message, code end
    for _, p in ipairs(predictions) do
      calls[p.id], sure[p.id] = p.tool_calls and p.tool_calls[1], math.exp(p.logprob or -math.huge)
    end
  end
  return calls, sure
end

-- kind -> { function -> the share of the kind's requests that are labelled with it }; kinds of
-- few requests are left out.
local function shares_of(requests, calls)
  local counts, all = {}, {}
  for i, request in ipairs(requests) do
    local kind = request.kind
    if calls[i] then
      counts[kind], all[kind] = counts[kind] or {}, (all[kind] or 0) + 1
      counts[kind][calls[i].name] = (counts[kind][calls[i].name] or 0) + 1
    end
  end
  for kind, functions in pairs(counts) do
    if all[kind] < 5 then counts[kind] = nil end
    for name, count in pairs(functions) do functions[name] = count / all[kind] end
  end
  return counts
end

-- make(model, requests, { set =, tools = its functions, sure = 0.5: the least probability of a
-- call that is kept, agree = 0.3: the least share of its kind that has the same function, most =
-- f(name) -> at most so many of a function }) -> records of one request and its call, in random
-- order | nil, message, code. A kind of fewer than five requests is no argument against a label.
function labels.make(model, requests, options)
  local calls, sure, code = calls_of(model, requests, options)
  if not calls then return nil, sure, code end
  local shares, taken, kept = shares_of(requests, calls), {}, {}
  local order, dice = {}, random.new(1)
  for i = 1, #requests do order[i] = i end
  for _, i in ipairs(dice:shuffle(order)) do
    local call, of_kind = calls[i], shares[requests[i].kind]
    local name = call and call.name
    if call and sure[i] >= (options.sure or 0.5)
      and (not of_kind or of_kind[name] >= (options.agree or 0.3))
      and (taken[name] or 0) < (options.most and options.most(name) or math.huge) then
      taken[name] = (taken[name] or 0) + 1
      kept[#kept + 1] = { messages = json.array { { role = "user", content = requests[i].text },
        { role = "assistant", tool_calls = json.array { call } } } }
    end
  end
  return kept
end

return labels
