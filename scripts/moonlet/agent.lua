-- agent.lua: a model that calls tools until it has an answer.
--
-- What: agent.new(model, { tools =, ... }); a:run(text) -> a run that is over or waits. run.status:
--     "done"       run.text is the answer
--     "waiting"    run.waiting is a call that a person must decide: run:approve() or
--                  run:refuse(why), then run:go()
--     "cancelled"  run:cancel() was called; what was done stays in messages and trace
--     "steps"      more than `steps` answers; "bad_calls": `bad` calls in a row that nobody could
--                  run; "loop": the same call again and again; "length": an answer was cut off in
--                  the middle of a call; "error": run.message, run.code
-- How: each answer of the model is read by moonlet.calls, each call checked by moonlet.tools, run,
--   and its result given back. The state is plain data: run:save() is JSON, agent:resume(json)
--   goes on from there, in another process if need be. run.trace lists all that happened; as a
--   replay (agent.replay) it stands in for the model.
-- Invariant: no tool runs unchecked, none that wants approval without a clear yes, none twice with
--   the same arguments in one run. What a hook or a person decides on, and what counts as the same,
--   are the arguments that the tool gets, after coercion. Calls are read from the model's answers
--   alone. A failing hook is a no.
-- `model`: a model, or any table with generate(self, messages, options), see
--   moonlet.agent.speaker.

local calls = require "moonlet.calls"
local execute = require "moonlet.agent.execute"
local host = require "moonlet.host"
local json = require "moonlet.json"
local speaker = require "moonlet.agent.speaker"
local tools = require "moonlet.tools"

local Agent, Run = {}, {}
Agent.__index, Run.__index = Agent, Run

local option_names = { "tools", "steps", "bad", "identical", "approve", "family", "timeout",
  "most", "generate", "chat", "context", "on_event" }

local function limit(options, name, fallback)
  local value = options[name]
  if value == nil then return fallback end
  if type(value) ~= "number" or not (value > 0) then
    host.blame(("agent: option '%s' wants a number above 0"):format(name))
  end
  return value
end

-- new(model, options) -> agent | nil, message, code. options: tools (a moonlet.tools set or a list
-- for one); steps = 8 answers; bad = 3 calls in a row that cannot run; identical = 4 times the
-- same call; approve = f(call, tool) -> true, or false and why, or nil: decide later; family = how
-- calls are written (moonlet.calls), default what the model's format says; timeout = 10 s and most
-- = 2000 bytes of a tool's result; generate = options of every generation; chat = options of the
-- conversation; context = what tools get as their second argument; on_event = f(event), told of
-- each event of the trace. A model writes calls under the tools' constraint: chat = { constrain =
-- false } lets it write them as it likes, which a schema that cannot be held asks for.
local function new(model, options)
  options = options or {}
  local ok, unknown = pcall(host.known, options, "agent", option_names)
  if not ok then host.blame(unknown) end
  local set = options.tools or {}
  if type(set.check) ~= "function" then set = tools.new(set) end
  local self = setmetatable({
    tools = set, steps = limit(options, "steps", 8), bad = limit(options, "bad", 3),
    identical = limit(options, "identical", 4), approve = options.approve,
    family = options.family, timeout = limit(options, "timeout", 10),
    most = limit(options, "most", 2000), generate = options.generate or {},
    context = options.context, on_event = options.on_event,
  }, Agent)
  if type(model) == "table" and type(model.generate) == "function" then
    self.speaker = model
    self.family = self.family or model.family or "python"
    return self
  end
  local settings = {}
  for name, value in pairs(options.chat or {}) do settings[name] = value end
  if #set.list > 0 and settings.tools == nil then settings.tools = set end
  local message, code
  self.speaker, message, code = speaker.model(model, settings)
  if not self.speaker then return nil, message, code end
  self.family = self.family or self.speaker.family or "python"
  return self
end

-- ---- the run's records ----

local function note(self, kind, fields)
  fields.type, fields.step = kind, self.state.step
  local trace = self.state.trace
  trace[#trace + 1] = fields
  if self.agent.on_event then self.agent.on_event(fields) end
end

local function say(self, role, text)
  local messages = self.state.messages
  messages[#messages + 1] = json.object({ role = role, text = text }, { "role", "text" })
end

local function finish(self, status, fields)
  self.status = status
  for name, value in pairs(fields or {}) do self[name] = value end
  note(self, "end", { status = status, text = self.text, message = self.message })
end

local function key_of(call, arguments)
  return call.name .. " " .. json.encode(arguments, { sort = true })
end

-- ---- one call ----

-- A call as it is decided on and told: a copy with the arguments that the tool would get.
local function checked(call, arguments)
  local text = json.encode(arguments)
  return { name = call.name, id = call.id, json = text, arguments = (json.decode(text)) }
end

-- A call that could not run: the model is told, and may try again, but not for ever.
local function reject(self, call, message)
  self.state.bad = self.state.bad + 1
  note(self, "rejected", { name = call.name, json = call.json, message = message })
  return "error: " .. message
end

-- true: run it; false and a text for the model: do not; nil: decide later.
local function approved(self, call, tool, arguments)
  local wants = tool.approve
  if type(wants) == "function" then
    local ok, answer = pcall(wants, checked(call, arguments).arguments)
    wants = not ok or answer ~= false
  end
  if not wants then return true end
  if self.decision then
    local decision = self.decision
    self.decision = nil
    return decision.yes, decision.why
  end
  if not self.agent.approve then return nil end
  local ok, answer, why = pcall(self.agent.approve, checked(call, arguments), tool)
  if not ok then return false, "the approval failed" end
  if answer == nil and why == nil then return nil end
  return answer == true, why
end

-- Runs a call that was checked and approved: the text for the model.
local function perform(self, call, tool, arguments)
  local ok, value, code
  if tool.before then
    local fine, allowed, why = pcall(tool.before, arguments)
    if not fine or not allowed then
      return reject(self, call, tostring(not fine and allowed or why or "not allowed"))
    end
  end
  local began = host.clock()
  ok, value, code = execute(tool, arguments, self.agent.context,
    tool.timeout or self.agent.timeout, function() return self.cancelled end)
  local text = ok and tools.text(value) or "error: " .. value
  if ok and tool.after then
    local fine, allowed, why = pcall(tool.after, text)
    if not fine or not allowed then
      text = "error: " .. tostring(why or "the result was held back")
    end
  end
  text = tools.truncated(text, tool.most or self.agent.most)
  note(self, "result", { name = call.name, text = text, code = code,
    ms = math.floor((host.clock() - began) * 1000) })
  self.state.bad = 0
  return text
end

-- Handles one call: its result's text; nil when the run waits or is over.
local function handle(self, call)
  if not call.complete or type(call.arguments) ~= "table" then
    return reject(self, call, ("the call of %s is malformed"):format(tostring(call.name)))
  end
  local tool, arguments = self.agent.tools:check(call.name, call.arguments)
  if not tool then return reject(self, call, arguments) end
  local key, told = key_of(call, arguments), checked(call, arguments)
  local seen = self.state.seen[key] or { count = 0 }
  if seen.count + 1 >= self.agent.identical then
    finish(self, "loop", { message = ("%s was called %d times with the same arguments"):format(
      call.name, seen.count + 1) })
    return nil
  end
  if seen.count > 0 then
    seen.count = seen.count + 1
    note(self, "repeated", { name = call.name, json = told.json })
    return "already called with these arguments; the result was: " .. seen.text
  end
  local yes, why = approved(self, call, tool, arguments)
  if yes == nil then
    self.waiting = told
    self.status = "waiting"
    note(self, "waiting", { name = call.name, json = told.json })
    return nil
  end
  note(self, "call", { name = call.name, json = told.json, approved = yes })
  local text
  if yes then
    tool, arguments = self.agent.tools:check(call.name, call.arguments)
    if not tool then return reject(self, call, arguments) end
    if key_of(call, arguments) ~= key then
      return reject(self, call, "the arguments are not those that were approved")
    end
    text = perform(self, call, tool, arguments)
  else
    text = "refused: " .. tostring(why or "the user said no")
    note(self, "result", { name = call.name, text = text, code = "refused" })
  end
  self.state.seen[key] = { count = 1, text = text }
  return text
end

-- Handles the calls that are pending; gives the model their results together.
local function handle_pending(self)
  local state = self.state
  while #state.pending > 0 do
    if self.cancelled then return finish(self, "cancelled") end
    local call = state.pending[1]
    local text = handle(self, call)
    if not text then return end
    table.remove(state.pending, 1)
    state.results[#state.results + 1] = state.several and call.name .. ": " .. text or text
    if state.bad >= self.agent.bad then
      return finish(self, "bad_calls", { message = text })
    end
  end
  say(self, "result", table.concat(state.results, "\n"))
  state.results = json.array {}
end

-- ---- one answer ----

-- Reads an answer: calls to run, or the final text.
local function take_answer(self, text, info)
  local state = self.state
  local kind = info.kind
  local read = { calls = {}, errors = {}, content = text }
  if kind ~= "assistant" then
    read = calls.parse(self.agent.family, text,
      { tools = self.agent.tools:schemas(), any_name = kind == "call" })
  end
  say(self, kind or (#read.calls > 0 and "call" or "assistant"), text)
  if info.finish == "cancel" or self.cancelled then
    return finish(self, "cancelled", { text = text })
  end
  local last = read.calls[#read.calls]
  local broken = #read.calls == 0 and (#read.errors > 0 or kind == "call")
  if (info.finish == "length" or info.finish == "full") and (broken or last and not last.complete)
  then
    return finish(self, "length", { message = "the answer was cut off in the middle of a call" })
  end
  if #read.calls == 0 and not broken then
    return finish(self, "done", { text = read.content })
  end
  state.several = #read.calls > 1
  state.pending = json.array(read.calls)
  if broken then
    local why = read.errors[1] and read.errors[1].message or "not a call of a known tool"
    state.results[1] = reject(self, { name = "?", json = text }, why)
    if state.bad >= self.agent.bad then finish(self, "bad_calls", { message = why }) end
  end
end

local function ask(self)
  local state = self.state
  if state.step >= self.agent.steps then
    return finish(self, "steps", { message = ("no answer after %d steps"):format(state.step) })
  end
  state.step = state.step + 1
  local options = {}
  for name, value in pairs(self.agent.generate) do options[name] = value end
  function options.on_piece(piece)
    if self.on_piece then self.on_piece(piece) end
    return not self.cancelled
  end
  local last = state.messages[#state.messages]
  local text, info, code = self.agent.speaker:generate(state.messages, options)
  if not text then
    if code == "cancel" then return finish(self, "cancelled") end
    return finish(self, "error", { message = info, code = code })
  end
  note(self, "model", { text = text, kind = info.kind, finish = info.finish,
    tokens = info.generated_tokens, prompt_tokens = info.prompt_tokens, asked = last.text,
    asked_role = last.role, family = self.agent.family })
  return take_answer(self, text, info)
end

-- ---- a run ----

local function start(self, state)
  return setmetatable({ agent = self, state = state, status = "running",
    messages = state.messages, trace = state.trace }, Run)
end

-- start(text, { on_piece = f(piece) }) -> a run that has not begun: run:step() or run:go().
function Agent:start(text, options)
  if type(text) ~= "string" then
    host.blame("agent: text expected, got a " .. type(text))
  end
  local run = start(self, { version = 1, step = 0, bad = 0, seen = json.object {},
    messages = json.array {}, trace = json.array {}, pending = json.array {},
    results = json.array {} })
  run.on_piece = options and options.on_piece
  say(run, "user", text)
  note(run, "user", { text = text })
  return run
end

-- run(text, options) -> the run, over or waiting.
function Agent:run(text, options) return self:start(text, options):go() end

-- step() -> status: one answer, or the calls of the last one.
function Run:step()
  if self.status ~= "running" then return self.status end
  if self.cancelled then finish(self, "cancelled")
  elseif #self.state.pending > 0 or #self.state.results > 0 then handle_pending(self)
  else ask(self) end
  return self.status
end

-- go() -> the run, when it is over or waits.
function Run:go()
  while self:step() == "running" do end
  return self
end

-- continue(text): the next turn of a conversation whose last answer is there.
function Run:continue(text)
  if self.status ~= "done" then
    host.blame(("agent: a run that is '%s' takes no new text"):format(self.status))
  end
  self.status, self.text, self.state.step, self.state.bad = "running", nil, 0, 0
  self.state.seen = json.object {}
  say(self, "user", text)
  note(self, "user", { text = text })
  return self:go()
end

-- cancel(): at the next piece of text, or thousand instructions of a tool. Also from a tool, from
-- on_piece and from on_event.
function Run:cancel()
  self.cancelled = true
  if self.status == "waiting" then finish(self, "cancelled") end
end

local function decide(self, yes, why)
  if self.status ~= "waiting" then
    host.blame(("agent: a run that is '%s' waits for no decision"):format(self.status))
  end
  self.decision, self.waiting, self.status = { yes = yes, why = why }, nil, "running"
  return self
end
function Run:approve() return decide(self, true) end
function Run:refuse(why) return decide(self, false, why) end

-- save() -> JSON of all that resume needs. A decision that was not used yet is not part of it.
function Run:save()
  local state = {}
  for name, value in pairs(self.state) do state[name] = value end
  state.status, state.text, state.message = self.status, self.text, self.message
  return json.encode(state)
end

-- jsonl() -> the trace, one event a line.
function Run:jsonl()
  local lines = {}
  for i, event in ipairs(self.trace) do lines[i] = json.encode(event) .. "\n" end
  return table.concat(lines)
end

local shapes = { step = "number", bad = "number", seen = "table", messages = "table",
  trace = "table", pending = "table", results = "table", status = "string" }

local roles = { user = true, result = true, call = true, assistant = true }

-- resume(text of save) -> run | nil, message, code. A run that waited waits again.
function Agent:resume(text)
  local state, message, code = json.decode(text, { name = "agent state" })
  if state == nil then return nil, message, code end
  if type(state) ~= "table" or state.version ~= 1 then
    return nil, "agent state: not a state of version 1", "format"
  end
  for name, kind in pairs(shapes) do
    if type(state[name]) ~= kind then
      return nil, ("agent state: '%s' is no %s"):format(name, kind), "format"
    end
  end
  for _, turn in ipairs(state.messages) do
    if type(turn) ~= "table" or not roles[turn.role] or type(turn.text) ~= "string" then
      return nil, "agent state: a message lacks its role or text", "format"
    end
  end
  if #state.messages == 0 then return nil, "agent state: no messages", "format" end
  for _, result in ipairs(state.results) do
    if type(result) ~= "string" then
      return nil, "agent state: a result is no text", "format"
    end
  end
  for _, event in ipairs(state.trace) do
    if type(event) ~= "table" then return nil, "agent state: 'trace' is malformed", "format" end
  end
  for _, call in ipairs(state.pending) do
    if type(call) ~= "table" or type(call.name) ~= "string" or type(call.json) ~= "string" then
      return nil, "agent state: a pending call lacks its name or arguments", "format"
    end
    call.arguments = json.decode(call.json)     -- the text is what counts
  end
  for _, seen in pairs(state.seen) do
    if type(seen) ~= "table" or type(seen.count) ~= "number" or type(seen.text) ~= "string" then
      return nil, "agent state: 'seen' is malformed", "format"
    end
  end
  local run = start(self, state)
  run.status, run.text, run.message = state.status, state.text, state.message
  state.status, state.text, state.message = nil, nil, nil
  if run.status == "waiting" then
    local call = state.pending[1]
    local tool, arguments = nil, nil
    if call then tool, arguments = self.tools:check(call.name, call.arguments) end
    if tool then run.waiting = checked(call, arguments) else run.status = "running" end
  end
  return run
end

-- Reads what jsonl wrote -> trace | nil, message, code.
local function read_trace(text)
  local trace = {}
  for line in text:gmatch "[^\n]+" do
    local event, message, code = json.decode(line, { name = "trace line " .. #trace + 1 })
    if event == nil then return nil, message, code end
    trace[#trace + 1] = event
  end
  return trace
end

function Agent:close()
  if self.speaker.close then self.speaker:close() end
end

return { new = new, replay = speaker.replay, read_trace = read_trace }
