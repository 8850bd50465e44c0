-- predict.lua: what a model calls and says where a record's assistant did: many records at once.
--
-- What: predict.tasks(model, list, options) -> tasks, from records.read's list; predict.run(model,
--   tasks, options, report) -> one prediction a record, as metrics.lua takes them.
-- How: a task is the prompt before one assistant message. Tasks are sorted by their ids: a session,
--   the trunk, walks from one prompt to the next and computes only what is new. A fork of it goes
--   into one of `width` lanes, which decode together. The model chooses between call and answer by
--   the logits of their markers; without a call there is nothing to decode.
-- Invariant: a prediction does not depend on the order of the records or on what else is in the
--   lanes, beyond rounding.

local grammar = require "moonlet.native.grammar"
local beams = require "moonlet.beams"
local disjoint = require "moonlet.native.disjoint"
local ids = require "moonlet.eval.ids"
local json = require "moonlet.json"
local marked = require "moonlet.native.marked"
local native = require "moonlet.native"
local shape = require "moonlet.eval.shape"

local predict = {}

-- ---- tasks ----

-- The messages to foresee: those with calls; in a record without any, the first answer, or what
-- comes after the last message. With replies also the answers in words.
local function targets(record, replies)
  local list, first, calls = {}, nil, false
  for i, message in ipairs(record.messages) do
    if message.role == "assistant" then first = first or i end
    if message.tool_calls then
      list[#list + 1], calls = { at = i, kind = "call" }, true
    elseif replies and message.role == "assistant" then
      list[#list + 1] = { at = i, kind = "reply" }
    end
  end
  if not calls then
    table.insert(list, 1, { at = first or #record.messages + 1, kind = "call" })
  end
  return list, calls
end

-- Ids as a string that sorts and compares as they do.
local function sort_key(list)
  local parts = {}
  for i, id in ipairs(list) do
    parts[i] = string.char(math.floor(id / 65536), math.floor(id / 256) % 256, id % 256)
  end
  return table.concat(parts)
end

-- What the people of these messages have said.
local function said(messages)
  local parts = {}
  for _, m in ipairs(messages) do
    if m.role == "user" then parts[#parts + 1] = m.content end
  end
  return table.concat(parts, "\n")
end

-- The grammar of a task's calls; a set shown by its name has its arguments in any order. heard:
-- what was said.
local function rules(record, heard, options)
  local tools = options.tools or record.tools
  if not (options.constrain and tools) then return nil end
  return grammar.calls(tools, { spans = options.spans and heard or nil,
    loose = options.block ~= nil, lists = options.block ~= nil, complete = options.complete,
    most = options.block and 1 or nil })
end

-- tasks(model, list, { block = text: shown in place of the record's tools, replies = true,
-- constrain = true: calls keep to a grammar of the record's tools or of tools = a list, with
-- spans = true: strings are runs of the user's words, complete = true: with all required
-- arguments, disjoint = true: no argument comes twice, no strings share a word of the user's,
-- marked = the set that the block names: of the calls that a search finds the one that is best
-- together with its marked form (native/marked.lua) }) -> tasks | nil, message. list: { { record,
-- where }, ... }.
function predict.tasks(model, list, options)
  if not native.ids(model) then
    return nil, "this model's vocabulary lacks <|call|> and moonlet's other markers"
  end
  local tasks = {}
  for number, entry in ipairs(list) do
    local record, where = entry[1], entry[2]
    local missing = shape.record(record)
    if options.constrain and not options.tools and type(record.tools) == "string" then
      missing = missing or "tools to be a list, where calls keep to them"
    end
    if missing then return nil, where .. ": wants " .. missing end
    local block = native.block(options.block or record.tools, record.context)
    for _, target in ipairs(targets(record, options.replies)) do
      local before = {}
      for i = 1, target.at - 1 do before[i] = record.messages[i] end
      local prompt = native.encode(model, block, native.turns(before))
      local heard, is_call = said(before), target.kind == "call"
      tasks[#tasks + 1] = { record = number, turn = target.at - 1, kind = target.kind,
        prompt = prompt, key = sort_key(prompt), where = where,
        grammar = is_call and rules(record, heard, options) or nil,
        fits = is_call and options.disjoint and disjoint.of(heard) or nil,
        set = is_call and options.marked or nil, said = heard }
    end
  end
  return tasks
end

-- ---- decoding ----

local Run = {}
Run.__index = Run

local function finish(self, task)
  task.done = true
  self.finished = self.finished + 1
  if self.report then self.report(self.finished, self.total) end
end

-- The constraint of a grammar: compiled once for tasks that follow each other with the same one.
local function constraint(self, text)
  if self.grammar ~= text then
    local compiled, message, code = self.model:constraint { gbnf = text }
    if not compiled then return nil, message, code end
    self.grammar, self.constraint = text, compiled
  end
  return self.constraint
end

-- Decides what a task's answer begins with: a lane that decodes it, or nil, true when the model
-- makes no call, or has no room for the prompt and a marker.
local function open_lane(self, task)
  local list = task.prompt
  task.too_long = #list >= self.trunk.context
  if task.too_long then return nil, true end
  local ok, message, code = ids.approach(self.trunk, self.held, list, #list)
  self.held = ok and list or {}
  if not ok then return nil, task.where .. ": " .. message, code end
  local logits = self.trunk:logits()
  task.lean = logits:get(self.id.call + 1) - logits:get(self.id.assistant + 1)
  if task.kind == "call" and task.lean + self.bias < 0 then return nil, true end
  local session
  session, message, code = self.trunk:fork()
  if not session then return nil, message, code end
  ok, message, code = session:feed(self.id[task.kind == "call" and "call" or "assistant"])
  if not ok then return nil, task.where .. ": " .. message, code end
  task.logprob = 0
  local held
  if task.grammar then
    held, message, code = constraint(self, task.grammar)
    if not held then return nil, task.where .. ": " .. message, code end
  end
  return { task = task, session = session, tokens = {}, matcher = held and held:matcher() }
end

-- The next token of a lane; false when its text is complete. <|end|> may come where the grammar,
-- if there is one, lets the text end.
local function pick(self, lane)
  local matcher, ending = lane.matcher, self.id["end"]
  local id, message, code = lane.session:draw(self.sampler, matcher,
    matcher and matcher:is_complete() and ending or nil)
  if not id then return nil, message, code end
  lane.task.logprob = lane.task.logprob + lane.session:logprob(id)
  if id == ending or self.model:is_eos(id) then return false end
  lane.tokens[#lane.tokens + 1] = id
  if #lane.tokens >= self.max_tokens or #lane.session >= self.trunk.context then return false end
  if matcher then matcher:accept(id) end
  return id
end

local function close_lane(self, lane)
  lane.session:close()
  local pieces = {}
  for i, id in ipairs(lane.tokens) do pieces[i] = self.model:piece(id) end
  lane.task.text = table.concat(pieces)
  finish(self, lane.task)
end

-- What weighs the calls of a task by their marked forms, which are about twice as long.
local function weigher(self, task)
  if not self.reader then
    local most = self.model.config.max_position_embeddings
    local context = math.min(2 * self.trunk.context, most)
    local reader, message, code = self.model:session { context = context }
    if not reader then return nil, message, code end
    self.reader = reader
  end
  return marked.of(self.reader, task.set, task.said)
end

-- A lane's whole answer by beam search; where none fits, without that wish.
local function search(self, lane)
  local ending = self.id["end"]
  local options = { width = self.beams, most = self.max_tokens, matcher = lane.matcher,
    ends = { ending }, fits = lane.task.fits,
    is_end = function(id) return id == ending or self.model:is_eos(id) end }
  local tokens, message, code
  if lane.task.set then
    options.weigh, message, code = weigher(self, lane.task)
    if not options.weigh then return nil, message, code end
  end
  tokens, message, code = beams.search(lane.session, options)
  if tokens and options.fits and not code then
    options.fits = nil
    tokens, message, code = beams.search(lane.session, options)
  end
  if not tokens then return nil, message, code end
  lane.tokens, lane.task.logprob = tokens, message
  close_lane(self, lane)
  return true
end

-- Fills the lanes that are free from the tasks that wait.
local function fill(self)
  while #self.lanes < self.width and self.waiting[self.next] do
    local task = self.waiting[self.next]
    self.next = self.next + 1
    local lane, message, code = open_lane(self, task)
    if lane and (self.beams > 1 or task.fits or task.set) then
      lane, message, code = search(self, lane)
      if not lane then return nil, message, code end
    elseif lane then
      self.lanes[#self.lanes + 1] = lane
      self.batch = nil
    elseif message == true then
      finish(self, task)
    else
      return nil, message, code
    end
  end
  return true
end

-- One token for every lane.
local function advance(self)
  local lanes, tokens = {}, {}
  for _, lane in ipairs(self.lanes) do
    local id, message, code = pick(self, lane)
    if id == nil then return nil, message, code end
    if id then
      lanes[#lanes + 1], tokens[#tokens + 1] = lane, id
    else
      close_lane(self, lane)
      self.batch = nil
    end
  end
  self.lanes = lanes
  if #lanes == 0 then return true end
  if not self.batch then
    local sessions = {}
    for i, lane in ipairs(lanes) do sessions[i] = lane.session end
    local message, code
    self.batch, message, code = self.model:batch(sessions)
    if not self.batch then return nil, message, code end
  end
  return self.batch:feed(tokens)
end

local function longest(tasks)
  local most = 0
  for _, task in ipairs(tasks) do most = math.max(most, #task.prompt) end
  return most
end

-- The prediction of each record from its tasks.
local function collect(tasks, list)
  local predictions = {}
  for i, entry in ipairs(list) do
    local _, calls = targets(entry[1], false)
    predictions[i] = json.object({ id = entry[1].id }, { "id", "lean", "logprob", "tool_calls",
      "turns", "replies", "unread", "too_long" })
    if calls then predictions[i].turns = {} end
  end
  for _, task in ipairs(tasks) do
    local p = predictions[task.record]
    if task.too_long then
      p.too_long = math.max(p.too_long or 0, #task.prompt)
    elseif task.kind == "reply" then
      p.replies = p.replies or {}
      p.replies[tostring(task.turn)] = task.text:gsub("^ ", "")
    else
      local calls = task.text and native.read(task.text) or {}
      for _, call in ipairs(calls) do json.object(call, { "name", "arguments" }) end
      if task.text and #calls == 0 then p.unread = task.text end
      p.lean, p.logprob = task.lean, task.logprob
      if p.turns then p.turns[tostring(task.turn)] = json.array(calls)
      else p.tool_calls = json.array(calls) end
    end
  end
  return predictions
end

-- run(model, tasks, list, { max_tokens, width, bias, context, beams }, report) -> predictions in
-- the order of the list, and the context that they had | nil, message, code. bias: nats in favour
-- of a call; beams: texts that a search follows at once (beams.lua), 1; report(done, total) is
-- called after each task. A prompt that the context has no room for is left out: too_long in its
-- record's prediction is its number of tokens. A prediction's lean is how many nats its last call's
-- marker was ahead of an answer's, logprob ln p of that call's text and end, of all tokens at each
-- place: how often a call of such a probability is right, a model that is calibrated tells.
function predict.run(model, tasks, list, options, report)
  local max_tokens = options.max_tokens or 256
  local context = math.min(longest(tasks) + max_tokens + 1, model.config.max_position_embeddings)
  local trunk, message, code = model:session { context = options.context or context }
  if not trunk then return nil, message, code end
  local waiting = {}
  for i, task in ipairs(tasks) do waiting[i] = task end
  table.sort(waiting, function(a, b) return a.key < b.key end)
  local self = setmetatable({
    model = model, trunk = trunk, held = {}, id = native.ids(model), sampler = model:sampler {},
    max_tokens = max_tokens, width = options.width or 32, bias = options.bias or 0,
    beams = options.beams or 1,
    waiting = waiting, next = 1, lanes = {}, finished = 0, total = #tasks, report = report,
  }, Run)
  repeat
    local ok
    ok, message, code = fill(self)
    if ok then ok, message, code = advance(self) end
    if not ok then return nil, message, code end
  until #self.lanes == 0 and not self.waiting[self.next]
  context = trunk.context
  trunk:close()
  if self.reader then self.reader:close() end
  return collect(tasks, list), context
end

return predict
