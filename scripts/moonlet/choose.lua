-- choose.lua: how likely texts are: score and choose, methods of models and sessions.

local host = require "moonlet.host"
local arguments = require "moonlet.arguments"
local try, typed = arguments.try, arguments.typed

-- score(text or ids, { special =, context = }) -> { ids, logprobs, sum, perplexity }. The first
-- token has nothing before it: its logprob is NaN and counts in neither figure.
local function score(model, text, options)
  options = options or {}
  try(host.known, options, "score", { "special", "context" })
  local session, message, code = model:session { context = options.context }
  if not session then return nil, message, code end
  local ids, logprobs
  ids, message, code = arguments.prompt(model, session, text, typed(options, "special", "boolean"))
  if not ids then return nil, message, code end
  if #ids == 0 then host.blame("score: there are no tokens to score") end
  logprobs, message, code = session:score(ids)
  session:close()
  if not logprobs then return nil, message, code end
  local sum = 0
  for i = 2, #logprobs do sum = sum + logprobs[i] end
  local n = #logprobs - 1
  return { ids = ids, logprobs = logprobs, sum = sum, perplexity = math.exp(-sum / n) }
end

local function joined(a, b)
  local whole = {}
  for _, id in ipairs(a) do whole[#whole + 1] = id end
  for _, id in ipairs(b) do whole[#whole + 1] = id end
  return whole
end

local function common_prefix(a, b)
  local n = 0
  while n < #a and a[n + 1] == b[n + 1] do n = n + 1 end
  return n
end

-- The whole sequence of each option, from the session's first token on, and how many leading
-- tokens all of them share. A text prompt is encoded together with each option, because a token
-- may span the border between them.
local function candidates(model, before, prompt, options, special)
  local text = type(prompt) == "string"
  local how = { bos = text and #before == 0, special = special }
  local ids, message, code = prompt or {}, nil, nil
  if text then ids, message, code = model:encode(prompt, how) end
  if not ids then return nil, message, code end
  local base, all = joined(before, ids), {}
  local shared = #base
  for i, option in ipairs(options) do
    if type(option) ~= "string" or option == "" then
      host.blame("choose: options are strings that are not empty, got " .. tostring(option))
    end
    ids, message, code = model:encode(text and prompt .. option or option, how)
    if not ids then return nil, message, code end
    all[i] = joined(text and before or base, ids)
    shared = math.min(shared, common_prefix(base, all[i]), #all[i] - 1)
  end
  return all, shared
end

-- ln p of each sequence's tokens after the shared ones. The shared tokens but the last are
-- computed once; the last again for each option, whose first token is judged by its logits.
local function judge(session, all, shared, normalize)
  local head, scores = {}, {}
  session:rewind(math.min(#session, shared - 1))
  for i = #session + 1, shared - 1 do head[#head + 1] = all[1][i] end
  if #head > 0 then
    local ok, message, code = session:feed(head)
    if not ok then return nil, message, code end
  end
  for i, whole in ipairs(all) do
    local tail, sum = {}, 0
    for j = shared, #whole do tail[#tail + 1] = whole[j] end
    session:rewind(shared - 1)
    local logprobs, message, code = session:score(tail)
    if not logprobs then return nil, message, code end
    for j = 2, #logprobs do sum = sum + logprobs[j] end
    scores[i] = normalize and sum / (#tail - 1) or sum
  end
  return scores
end

-- Softmax over the scores: the best option, and each option's probability.
local function decide(options, scores)
  local best, total, probabilities = 1, 0, {}
  for i, value in ipairs(scores) do
    if value > scores[best] then best = i end
  end
  for _, value in ipairs(scores) do total = total + math.exp(value - scores[best]) end
  for i, value in ipairs(scores) do
    probabilities[options[i]] = math.exp(value - scores[best]) / total
  end
  return options[best], probabilities
end

-- choose(prompt, options, { normalize =, special =, session =, context = }) -> the option that
-- continues the prompt best, { [option] = probability among the options }. normalize = true
-- compares means per token, so that long options are not at a disadvantage. The prompt is
-- computed once; a session that the caller gave comes back as it was.
local function choose(model, session, prompt, options, settings)
  settings = settings or {}
  try(host.known, settings, "choose", { "normalize", "special", "session", "context" })
  if type(options) ~= "table" or #options == 0 then
    host.blame("choose: a list of options expected")
  end
  if prompt ~= nil and type(prompt) ~= "string" and type(prompt) ~= "table" then
    host.blame("a prompt is a string or a list of token ids, got a " .. type(prompt))
  end
  local normalize = typed(settings, "normalize", "boolean")
  local special = typed(settings, "special", "boolean") or false
  local given = settings.session or session
  local message, code
  session = given
  if not session then
    session, message, code = model:session { context = settings.context }
    if not session then return nil, message, code end
  end
  local before = session:tokens()
  local all, shared, why = candidates(model, before, prompt, options, special)
  if not all then return nil, shared, why end
  if shared == 0 then host.blame("choose: the prompt is empty, and so is the session") end
  local scores, why_not, failed = judge(session, all, shared, normalize)
  if not given then
    session:close()
  elseif #before == 0 then
    session:rewind(0)
  else
    session:rewind(#before - 1)
    session:feed(before[#before])
  end
  if not scores then return nil, why_not, failed end
  return decide(options, scores)
end

return {
  model = {
    score = score,
    choose = function(model, ...) return choose(model, nil, ...) end,
  },
  session = {
    choose = function(session, ...) return choose(session.model, session, ...) end,
  },
}
