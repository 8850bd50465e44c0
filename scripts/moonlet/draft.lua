-- draft.lua: draft_then_constrain, a method of models and sessions: first a draft in free text,
-- then an answer that a constraint holds and that has the draft before it.
--
-- How: two generations in one session: prompt and draft, then `between` and the answer. What a
--   format would keep a model from writing it may write in the draft; the answer is what is given.
-- Invariant: what is wrong with the answer's options or its constraint is told before the draft.
-- Not here: free text in front of a constraint in one generation, as part of its text: trigger and
--   think of lock.lua.

local arguments = require "moonlet.arguments"
local host = require "moonlet.host"
local lock = require "moonlet.lock"
local try, typed = arguments.try, arguments.typed

local MOST = 64                 -- tokens of a draft, where nothing else is said

local function copy(options)
  local all = {}
  for name, value in pairs(options) do all[name] = value end
  return all
end

-- names: those of generate's options.
local function check(options, names)
  local known = { "draft", "between" }
  for _, name in ipairs(names) do known[#known + 1] = name end
  try(host.known, options, "draft_then_constrain", known)
  local draft = copy(typed(options, "draft", "table") or {})
  for _, name in ipairs { "session", "context", "special" } do
    if draft[name] ~= nil then
      host.blame(("option '%s' goes beside 'draft', not into it"):format(name))
    end
  end
  try(host.known, draft, "draft", names)
  return draft
end

-- draft_then_constrain(prompt, options) -> the answer, info | nil, message, code. options: those of
-- generate, for the answer; draft = those for the draft; between = text.
local function draft_then_constrain(model, session, prompt, options, names)
  options = options or {}
  local draft, answer = check(options, names), copy(options)
  draft.max_tokens, draft.special = draft.max_tokens or MOST, options.special
  answer.draft, answer.between, answer.session, answer.context = nil, nil, nil, nil
  local between = typed(options, "between", "string") or "\n"
  local held, message, code = lock.new(model, answer)
  if held == nil then return nil, message, code end
  if not (held and held.constraint) then
    host.blame "draft_then_constrain: the answer wants a constraint: schema, regex, choices ..."
  end
  session = options.session or session
  local own = not session
  if own then
    session, message, code = model:session { context = options.context }
    if not session then return nil, message, code end
  end
  local text, info
  text, info, code = try(session.generate, session, prompt, draft)
  if text then
    local told = info
    told.text = text
    text, info, code = try(session.generate, session, between, answer)
    if text then info.draft = told end
  end
  if own then session:close() end
  return text, info, code
end

-- methods(names): of models and of sessions.
return function(names)
  return function(model, prompt, options)
    return draft_then_constrain(model, nil, prompt, options, names)
  end, function(session, prompt, options)
    return draft_then_constrain(session.model, session, prompt, options, names)
  end
end
