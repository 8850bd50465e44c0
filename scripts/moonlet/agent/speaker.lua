-- speaker.lua: who speaks for an agent: a model, or a recorded trace that stands in for one.
--
-- A speaker has generate(self, messages, options) -> text, info | nil, message, code. messages is
-- the whole conversation, { role = "user" | "result" | "call" | "assistant", text }, the last one
-- to be answered; options.on_piece(piece) may say false to stop. info.kind is "call" or
-- "assistant" where the model's format tells them apart, info.finish is generate's.

local chat = require "moonlet.chat"
local host = require "moonlet.host"

local speaker = {}

-- ---- a model ----

local Model = {}
Model.__index = Model

-- How many of the messages the conversation already holds; nil when it holds others.
local function known(talk, messages)
  for i, turn in ipairs(talk.messages) do
    local message = messages[i]
    if not message or message.role ~= turn.role or message.text ~= turn.text then return nil end
  end
  return #talk.messages
end

-- The conversation that these messages continue: the one at hand, or a fork of the prepared one.
function Model:conversation(messages)
  local have = self.talk and known(self.talk, messages)
  local message, code
  if not have then
    if self.talk then self.talk:close() end
    self.talk, message, code = self.base:fork()
    if not self.talk then return nil, message, code end
    have = 0
  end
  local missing = {}
  for i = have + 1, #messages - 1 do missing[#missing + 1] = messages[i] end
  if #missing == 0 then return self.talk end
  return self.talk:restore(missing)
end

function Model:generate(messages, options)
  local talk, message, code = self:conversation(messages)
  if not talk then return nil, message, code end
  local settings, on_piece = {}, nil
  for name, value in pairs(options or {}) do
    if name == "on_piece" then on_piece = value else settings[name] = value end
  end
  local last = messages[#messages]
  local ask = last.role == "result" and talk.stream_result or talk.stream
  local turn
  turn, message, code = ask(talk, last.text, settings)
  if not turn then return nil, message, code end
  local pieces = {}
  repeat
    local piece
    piece, message, code = turn.next()
    pieces[#pieces + 1] = piece
    if piece and on_piece and on_piece(piece) == false then turn.cancel() end
  until not piece
  if message then return nil, message, code end
  return table.concat(pieces), turn.info
end

function Model:close()
  if self.talk then self.talk:close() end
  self.base:close()
end

-- model(model, options) -> speaker | nil, message, code. options are moonlet.chat's; the tools are
-- computed once, each conversation forks from there.
function speaker.model(model, options)
  local base, message, code = chat.new(model, options)
  if not base then return nil, message, code end
  local ok
  ok, message, code = base:prepare()
  if not ok then
    base:close()
    return nil, message, code
  end
  return setmetatable({ base = base, family = base.format.family }, Model)
end

-- ---- a trace ----

local Replay = {}
Replay.__index = Replay

function Replay:generate(messages, options)
  local n = self.at + 1
  local turn, last = self.turns[n], messages[#messages]
  if not turn then return nil, ("replay: the trace has %d answers, one more was asked for")
    :format(#self.turns), "format" end
  if self.strict and (turn.asked_role ~= last.role or turn.asked ~= last.text) then
    return nil, ("replay: answer %d was to %s %q, not to %s %q"):format(n,
      tostring(turn.asked_role), tostring(turn.asked), last.role, last.text), "format"
  end
  self.at = n
  local info = { kind = turn.kind, finish = turn.finish, tokens = {},
    generated_tokens = turn.tokens or 0 }
  if options and options.on_piece and turn.text ~= "" and options.on_piece(turn.text) == false then
    info.finish = "cancel"
  end
  return turn.text, info
end

function Replay:close() return self end

-- replay(trace, { strict = false: answer whatever is asked }) -> speaker that gives a trace's
-- answers in their order, in the notation that they were written in. trace: a run's list of events.
function speaker.replay(trace, options)
  if type(trace) ~= "table" then host.blame "replay: a trace is a list of events" end
  local turns = {}
  for _, event in ipairs(trace) do
    if event.type == "model" then turns[#turns + 1] = event end
  end
  return setmetatable({ turns = turns, at = 0, family = turns[1] and turns[1].family,
    strict = not options or options.strict ~= false }, Replay)
end

return speaker
