-- chat.lua: a conversation: turns go in, answers or calls come out.
--
-- What: chat = require("moonlet.chat").new(model, { tools =, system =, context =, ... });
--   chat:ask(text) -> answer, info; chat:result(text) hands a tool's result back; chat:stream is
--   ask as an iterator. info.kind is "call" or "assistant". Every other option of new and of ask
--   is one of generate's.
-- How: one session holds the conversation, so that each turn computes only what is new. Two
--   formats: "native", of models whose vocabulary has <|user|>, and "plain", a transcript with
--   names, for models that only continue text.
-- Invariant: a conversation consists of whole turns: one that cannot begin leaves it as it was, one
--   that fails on its way is closed. Text from outside is encoded as ordinary text; markers are put
--   as ids. No user can forge one. In the plain format line breaks of a user's text are indented
--   for the same reason.
-- Calls of a moonlet.tools set are written under its constraint: they name a tool that is there and
--   have arguments that fit.
-- Not here: reading and running calls.

local calls = require "moonlet.calls"
local generate = require "moonlet.generate"
local host = require "moonlet.host"
local native = require "moonlet.native"
local tools = require "moonlet.tools"

local Chat = {}
Chat.__index = Chat

-- ---- tool lines ----

-- One parameter as a signature has it: "name" or { "name", optional =, type =, choices = {...} }.
local function parameter(p)
  if type(p) == "string" then return p end
  local text = p[1] or p.name
  if type(text) ~= "string" then host.blame("chat: a tool's parameter has no name") end
  if p.optional then text = text .. "?" end
  if p.choices then return text .. ": " .. table.concat(p.choices, "|") end
  if p.type then return text .. ": " .. p.type end
  return text
end

-- A signature as the native format writes it; other text as it is, such as a learnt set's name.
local function from_signature(text)
  local ok, name, parameters, description = pcall(tools.signature, text)
  if not ok then return text end
  return native.line { name = name, parameters = parameters, description = description }
end

-- One tool: its signature, or { name =, description =, parameters = a JSON Schema or a list }.
local function line(tool)
  if type(tool) == "string" then return from_signature(tool) end
  if type(tool) ~= "table" or type(tool.name) ~= "string" then
    host.blame("chat: a tool is a line of text or a table with a name")
  end
  local parameters = tool.parameters or {}
  if parameters.type or parameters.properties then return native.line(tool) end
  local parts = {}
  for i, p in ipairs(parameters) do parts[i] = parameter(p) end
  local text = ("%s(%s)"):format(tool.name, table.concat(parts, ", "))
  return from_signature(tool.description and text .. " - " .. tool.description or text)
end

-- Whether these are a set of moonlet.tools.
local function is_set(list) return type(list) == "table" and type(list.schemas) == "function" end

local function tool_text(list)
  if list == nil then return nil end
  if is_set(list) then list = list.list end
  if type(list) == "string" then return (list:gsub("[^\n]+", from_signature)) end
  if type(list) ~= "table" then
    host.blame("chat: tools are text or a list, got " .. type(list))
  end
  local lines = {}
  for i, tool in ipairs(list) do lines[i] = line(tool) end
  return table.concat(lines, "\n")
end

-- ---- formats ----

-- A format gives ids: of the beginning, of a turn; what may follow; and how an answer ends. family:
-- how calls are written, for moonlet.calls.

-- moonlet.native's: what people, tools and the model say has a space before it, calls have none.
local function marked_format(model, options)
  local id = native.ids(model)
  if not id then return nil end
  if options.system then
    host.blame("chat: this model's prompt format has no place for a system text")
  end
  local function marked(marker, text)
    local ids = model:encode(text, { bos = false })
    table.insert(ids, 1, id[marker])
    return ids
  end
  return {
    name = "native",
    family = "native",
    kinds = { "call", "assistant" },
    first = function(block) return block and marked("tools", block) or {} end,
    turn = function(role, text) return marked(role, " " .. text) end,
    said = function(kind, text) return kind == "call" and text or " " .. text end,
    opening = function(kind) return { id[kind] } end,
    closing = { id["end"] },
    limits = { stop_tokens = { id["end"] } },
  }
end

local function plain(model, options)
  if options.tools then
    host.blame("chat: this model has no prompt format for tools (no <|tools|> in its vocabulary)")
  end
  local names = { user = "User", result = "Result", assistant = "Assistant" }
  local function encode(text) return model:encode(text, { bos = false }) end
  return {
    name = "plain",
    kinds = { "assistant" },
    first = function() return encode((options.system or "A conversation.") .. "\n") end,
    turn = function(role, text)
      return encode(("%s: %s\n"):format(names[role], (text:gsub("\n", "\n  "))))
    end,
    said = function(_, text) return text end,
    opening = function() return encode("Assistant:") end,
    closing = encode "\n",
    limits = { stop = { "\nUser:", "\nResult:", "\nAssistant:" } },
  }
end

-- ---- a conversation ----

local own = { tools = true, today = true, system = true, context = true, format = true,
  expect = true, constrain = true }
local names = {}
for name in pairs(own) do names[#names + 1] = name end
for _, name in ipairs(generate.options) do
  if name ~= "session" and name ~= "context" then names[#names + 1] = name end
end

-- The constraint of calls: false where there is none; nil, message, code where it cannot be held.
local function call_constraint(model, format, options)
  local most = options.constrain
  if most == nil or most == true then most = 1 end
  if not most or not is_set(options.tools) or #options.tools.list == 0 then return false end
  local wanted, message, code = calls.constraint(format.family, options.tools:schemas(),
    { most = most })
  if wanted then return model:constraint(wanted) end
  return nil, message .. " (constrain = false lets the model write calls as it likes)", code
end

-- new(model, options) -> chat | nil, message, code. options.format: "native" or "plain"; nil
-- takes the native one where the vocabulary has it. options.expect: "call" or "assistant", when
-- the model shall not choose between them. options.tools: a set of moonlet.tools, whose calls are
-- constrained; or lines, or a list of them or of tables, which are only read. options.constrain:
-- how many calls an answer may hold, default 1; false lets the model write them as it likes.
-- options.today: a date as 2019-03-01, for requests such as "tomorrow".
local function new(model, options)
  options = options or {}
  local ok, unknown = pcall(host.known, options, "chat", names)
  if not ok then host.blame(unknown) end
  local format = options.format ~= "plain" and marked_format(model, options) or nil
  if options.format == "native" and not format then
    host.blame("chat: this model's vocabulary lacks the markers of the native format")
  end
  if options.format ~= nil and options.format ~= "native" and options.format ~= "plain" then
    host.blame("chat: option 'format' wants \"native\" or \"plain\"")
  end
  format = format or plain(model, options)
  local constraint, message, code = call_constraint(model, format, options)
  if constraint == nil then return nil, message, code end
  local session
  session, message, code = model:session { context = options.context }
  if not session then return nil, message, code end
  local defaults = {}
  for name, value in pairs(options) do
    if not own[name] then defaults[name] = value end
  end
  local self = setmetatable({
    model = model, session = session, format = format, constraint = constraint,
    tools = native.block(tool_text(options.tools), { today = options.today }),
    defaults = defaults, expect = options.expect,
    messages = {},
  }, Chat)
  return self
end

-- Feeds ids, or leaves the session as it was.
local function feed(session, ids)
  if #ids == 0 then return true end
  local before = #session
  local ok, message, code = session:feed(ids)
  if ok then return true end
  session:rewind(before)
  return nil, message, code
end

-- Which of the kinds the model itself would rather begin with.
local function likelier(self)
  local kinds = self.format.kinds
  local best, logits = kinds[1], nil
  for i = 2, #kinds do
    logits = logits or self.session:logits()
    local id, other = self.format.opening(best)[1], self.format.opening(kinds[i])[1]
    if logits[other + 1] > logits[id + 1] then best = kinds[i] end
  end
  return best
end

-- What stands before the first turn: ids; {} once it is there.
local function beginning(self)
  if #self.session > 0 then return {} end
  local ids = self.model:encode("", { bos = true })
  for _, id in ipairs(self.format.first(self.tools)) do ids[#ids + 1] = id end
  return ids
end

-- Puts a turn and what opens the answer; gives the answer's kind and how many tokens that took.
local function put(self, role, text, expect)
  if type(text) ~= "string" then
    host.blame("chat: text expected, got a " .. type(text))
  end
  local session, format = self.session, self.format
  local before, ids = #session, beginning(self)
  for _, id in ipairs(format.turn(role, text)) do ids[#ids + 1] = id end
  local ok, message, code = feed(session, ids)
  local kind
  if ok then
    kind = expect or self.expect or likelier(self)
    ok, message, code = feed(session, format.opening(kind))
  end
  if not ok then
    session:rewind(before)
    return nil, message, code
  end
  self.messages[#self.messages + 1] = { role = role, text = text }
  return kind, #session - before
end

local function check_kind(self, kind)
  if kind == nil then return end
  for _, known in ipairs(self.format.kinds) do
    if kind == known then return end
  end
  host.blame(("chat: this format has no '%s' to expect"):format(tostring(kind)))
end

-- The options of one generation: the chat's, then the call's, then how the format ends a turn.
local function merged(self, kind, options)
  local all = {}
  for name, value in pairs(self.defaults) do all[name] = value end
  for name, value in pairs(options or {}) do
    if name ~= "expect" then all[name] = value end
  end
  for name, ends in pairs(self.format.limits) do
    local list = type(all[name]) == "table" and all[name] or { all[name] }
    local both = {}
    for _, value in ipairs(list) do both[#both + 1] = value end
    for _, value in ipairs(ends) do both[#both + 1] = value end
    all[name] = both
  end
  if kind == "call" and self.constraint then all.constraint = self.constraint end
  return all
end

-- The iterator of an answer. It closes the turn in the session when the answer ends.
local function answer(self, role, text, options)
  local expect = options and options.expect
  check_kind(self, expect or self.expect)
  local started, before = host.clock(), #self.session
  local kind, message, code = put(self, role, text, expect)
  if not kind then return nil, message, code end
  local prompt_tokens, prefill = message, host.clock() - started
  local fine, stream
  fine, stream, message, code = pcall(self.session.stream, self.session, nil,
    merged(self, kind, options))
  if not (fine and stream) then
    self.session:rewind(before)
    table.remove(self.messages)
    if not fine then error(stream, 0) end
    return nil, message, code
  end
  stream.info.kind, stream.info.prompt_tokens = kind, prompt_tokens
  stream.info.seconds.prefill = prefill
  local pieces = {}
  local turn = { info = stream.info }
  local function close()
    if turn.done then return end
    turn.done = true
    stream:cancel()
    local said = table.concat(pieces)
    self.messages[#self.messages + 1] = { role = kind, text = said }
    feed(self.session, self.format.closing)
  end
  function turn.next()
    local ok, piece, failure, failure_code = pcall(stream.next, stream)
    if not ok then
      close()
      error(piece, 0)
    end
    if piece and kind == "assistant" and #pieces == 0 then piece = piece:gsub("^ ", "") end
    if piece then pieces[#pieces + 1] = piece
    else close() end
    return piece, failure, failure_code
  end
  turn.cancel, turn.close = close, close
  return setmetatable(turn, {
    __close = close,
    __call = function()
      local piece, failure = turn.next()
      if failure then error(failure, 2) end
      return piece
    end,
  })
end

local function whole(turn, message, code)
  if not turn then return nil, message, code end
  local pieces = {}
  repeat
    local piece
    piece, message, code = turn.next()
    pieces[#pieces + 1] = piece
  until not piece
  if message then return nil, message, code end
  return table.concat(pieces), turn.info
end

-- ask(text, options) -> answer, info | nil, message, code. info is generate's, with kind.
function Chat:ask(text, options) return whole(answer(self, "user", text, options)) end

-- stream(text, options): ask as an iterator with field info; leaving a 5.4 loop closes the turn.
function Chat:stream(text, options)
  local turn, message, code = answer(self, "user", text, options)
  if not turn then return nil, message, code end
  return turn, nil, nil, turn
end

-- stream_result(text, options): result as an iterator.
function Chat:stream_result(text, options)
  local turn, message, code = answer(self, "result", text, options)
  if not turn then return nil, message, code end
  return turn, nil, nil, turn
end

-- result(text, options): what the called tool said; the model goes on.
function Chat:result(text, options) return whole(answer(self, "result", text, options)) end

-- prepare() -> chat | nil, message, code: computes what stands before the first turn, so that
-- forks share it.
function Chat:prepare()
  local ok, message, code = feed(self.session, beginning(self))
  if not ok then return nil, message, code end
  return self
end

-- fork() -> a conversation that goes its own way from here.
function Chat:fork()
  local session, message, code = self.session:fork()
  if not session then return nil, message, code end
  local copy = {}
  for name, value in pairs(self) do copy[name] = value end
  copy.session, copy.messages = session, {}
  for i, turn in ipairs(self.messages) do copy.messages[i] = turn end
  return setmetatable(copy, Chat)
end

-- restore(messages) -> chat | nil, message, code: puts turns as chat.messages lists them after
-- those that are there. Answers are encoded as text: their tokens may differ from those that the
-- model once chose.
function Chat:restore(messages)
  local format, ids = self.format, beginning(self)
  local function add(list) for _, id in ipairs(list) do ids[#ids + 1] = id end end
  for _, turn in ipairs(messages) do
    if turn.role == "user" or turn.role == "result" then
      add(format.turn(turn.role, turn.text))
    else
      check_kind(self, turn.role)
      add(format.opening(turn.role))
      add(self.model:encode(format.said(turn.role, turn.text), { bos = false }))
      add(format.closing)
    end
  end
  local ok, message, code = feed(self.session, ids)
  if not ok then return nil, message, code end
  for _, turn in ipairs(messages) do
    self.messages[#self.messages + 1] = { role = turn.role, text = turn.text }
  end
  return self
end

-- prompt() -> all of the conversation as the model sees it.
function Chat:prompt() return self.model:decode(self.session:tokens()) end

-- reset(): a new conversation with the same tools.
function Chat:reset()
  self.session:rewind(0)
  self.messages = {}
  return self
end

function Chat:close() self.session:close() end

return { new = new, tool_line = line }
