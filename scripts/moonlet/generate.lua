-- generate.lua: from a prompt to text: generate, stream, score and choose.
--
-- What: the methods of models and sessions that loop over session:feed and session:sample. All
--   of it is Lua above those two, so that a stream may be left, yielded from or cancelled anywhere.
-- How: a generation is a callable object: each call gives the next piece of text, nil at the
--   end. What happened is in its field `info`, which grows as it goes:
--     tokens            ids that were generated (an ending EOS or stop token is not among them)
--     finish            "stop", "length", "eos", "cancel" or "full"; nil while it runs
--     stop              the stop string or stop token that ended it
--     prompt_tokens, generated_tokens
--     seconds           { prefill =, decode = }
--     logprobs          with option logprobs = n: { id =, piece =, logprob =, top = {...} } each
-- Default is greedy (temperature 0): the same prompt gives the same text.
-- A session given by the caller holds the prompt and all generated tokens afterwards; after a
-- cancel it may lack the last one.

local host = require "moonlet.host"
local gate = require "moonlet.gate"

local sampling = {
  "temperature", "top_k", "top_p", "min_p", "repetition_penalty", "frequency_penalty",
  "presence_penalty", "penalty_last_n", "dry_multiplier", "dry_base", "dry_allowed_length",
  "dry_last_n", "dry_breakers", "logit_bias", "seed",
}
local names = {
  "max_tokens", "min_tokens", "stop", "stop_tokens", "session", "context", "special", "logits",
  "logprobs", "echo", "ms",
}
for _, name in ipairs(sampling) do names[#names + 1] = name end

-- ---- options ----

local function wrong(name, wanted, got)
  host.blame(("option '%s' wants %s, got %s"):format(name, wanted, tostring(got)))
end

-- f(...), whose caller's mistake is blamed on the user's code and not on this file.
local function try(f, ...)
  local ok, result = pcall(f, ...)
  if not ok then host.blame(tostring(result)) end
  return result
end

local function count(options, name, default)
  local value = options[name]
  if value == nil then return default end
  if type(value) ~= "number" or value < 0 or value ~= math.floor(value) then
    wrong(name, "a whole number, at least 0", value)
  end
  return value
end

-- A value, or a list of them, of one type, as a list.
local function list(options, name, kind)
  local value = options[name]
  if value == nil then return {} end
  if type(value) == kind then value = { value } end
  if type(value) ~= "table" then wrong(name, "a " .. kind .. " or a list of them", value) end
  for _, entry in ipairs(value) do
    if type(entry) ~= kind or entry == "" then wrong(name, kind .. "s, none empty", entry) end
  end
  return value
end

local function typed(options, name, kind)
  local value = options[name]
  if value ~= nil and type(value) ~= kind then wrong(name, "a " .. kind, value) end
  return value
end

-- The samplers: the usual one, and one without any end for the first min_tokens tokens.
local function samplers(model, options, min_tokens, stop_tokens)
  local chosen = {}
  for _, name in ipairs(sampling) do chosen[name] = options[name] end
  local usual = try(model.sampler, model, chosen)
  if min_tokens == 0 then return usual, usual end
  local bias = {}
  for id, value in pairs(options.logit_bias or {}) do bias[id] = value end
  for _, id in ipairs(model.config.eos_token_id) do bias[id] = -math.huge end
  for id in pairs(stop_tokens) do bias[id] = -math.huge end
  chosen.logit_bias = bias
  return usual, try(model.sampler, model, chosen)
end

-- Ids of a prompt: text, ids, or nothing when the session already holds something.
local function prompt_ids(model, session, prompt, special)
  if type(prompt) == "table" then return prompt end
  if prompt == nil then return {} end
  if type(prompt) ~= "string" then
    host.blame("a prompt is a string or a list of token ids, got a " .. type(prompt))
  end
  return model:encode(prompt, { bos = #session == 0, special = special or false })
end

-- ---- a generation ----

local Generation = {}
Generation.__index = Generation

-- begin(model, session or nil, prompt, options) -> generation | nil, message, code.
local function begin(model, session, prompt, options)
  options = options or {}
  try(host.known, options, "generate", names)
  session = options.session or session
  local stop_tokens = {}
  for _, id in ipairs(list(options, "stop_tokens", "number")) do stop_tokens[id] = true end
  local self = setmetatable({
    model = model,
    max_tokens = count(options, "max_tokens", 256),
    min_tokens = count(options, "min_tokens", 0),
    stop_tokens = stop_tokens,
    gate = gate.new(list(options, "stop", "string")),
    edit = typed(options, "logits", "function"),
    top = options.logprobs and count(options, "logprobs"),
    ms = typed(options, "ms", "number"),
  }, Generation)
  self.sampler, self.early = samplers(model, options, self.min_tokens, stop_tokens)
  local special, echo = typed(options, "special", "boolean"), typed(options, "echo", "boolean")
  local message, code
  if not session then
    session, message, code = model:session { context = options.context }
    if not session then return nil, message, code end
    self.own = true
  end
  self.session = session
  local ids
  ids, message, code = prompt_ids(model, session, prompt, special)
  if not ids then return nil, message, code end
  if #ids == 0 and #session == 0 then
    host.blame("generate: the prompt is empty, and so is the session")
  end
  self.waiting = #ids > 0 and ids or nil
  self.prefill = true
  if echo then self.echo = type(prompt) == "string" and prompt or model:decode(ids) end
  self.info = {
    tokens = {}, prompt_tokens = #ids, generated_tokens = 0,
    seconds = { prefill = 0, decode = 0 }, logprobs = self.top and {} or nil,
  }
  return self
end

-- Computes what waits. true: done; false: the time is up; nil, message, code: it failed.
function Generation:compute(ms)
  if not self.waiting then return true end
  local session, done, message, code = self.session, true, nil, nil
  local started = host.clock()
  if ms then
    if not self.begun then self.begun, message, code = session:begin(self.waiting) end
    if self.begun then done, message, code = session:step { ms = ms } end
  elseif self.begun then
    repeat done, message, code = session:step { ms = 1000 } until done ~= false
  else
    done, message, code = session:feed(self.waiting)
  end
  local phase = self.prefill and "prefill" or "decode"
  self.info.seconds[phase] = self.info.seconds[phase] + host.clock() - started
  if done == false then return false end
  self.waiting, self.begun = nil, nil
  if message then return nil, message, code end
  self.prefill = false
  return true
end

-- Ends the generation; gives what the gate still held.
function Generation:finish(reason, stop)
  local info = self.info
  info.finish, info.stop = reason, stop
  self.finished = true
  if self.own then self.session:close()
  elseif reason ~= "cancel" and reason ~= "full" then self:compute()
  elseif self.begun then        -- takes the half computed tokens back out of the session
    self.session:cancel()
    self.session:step()
  end
  return self.gate:flush()
end

-- Chooses the next token; gives its text. nil, message, code when it cannot.
function Generation:pick()
  local session, info = self.session, self.info
  local started = host.clock()
  local top = self.top and self.top > 0 and session:top(self.top) or nil
  if self.edit then self.edit(session:logits(), session) end
  local early = info.generated_tokens < self.min_tokens
  local id, logprob, code = session:sample(early and self.early or self.sampler)
  info.seconds.decode = info.seconds.decode + host.clock() - started
  if not id then return nil, logprob, code end
  if self.model:is_eos(id) then return self:finish("eos") end
  if self.stop_tokens[id] then return self:finish("stop", id) end
  local n = info.generated_tokens + 1
  local piece = self.model:piece(id) or ""
  info.generated_tokens, info.tokens[n] = n, id
  if self.top then info.logprobs[n] = { id = id, piece = piece, logprob = logprob, top = top } end
  self.waiting = id
  local text, stop = self.gate:push(piece)
  if stop then return text .. self:finish("stop", stop) end
  if n >= self.max_tokens then return text .. self:finish("length") end
  return text
end

-- One step: "" or a piece of text; nil, message, code when it fails.
function Generation:step()
  if self.echo then
    local echo = self.echo
    self.echo = nil
    return echo
  end
  local prefill = self.prefill
  local done, message, code = self:compute(self.ms)
  if done == false then return "" end
  if not done and code == "cancel" then return self:finish("cancel") end
  if not done and code == "full" and not prefill then return self:finish("full") end
  if not done then return nil, message, code end
  self.prefill = false
  if self.max_tokens == 0 then return self:finish("length") end
  return self:pick()
end

-- A program's front may watch every generation: observer(generation, piece); piece is nil at the
-- end. One at a time, per lua_State.
local observer

local function observe(f)
  observer = f
end

-- The next piece of text that is not empty (with option ms: "" when that time is up); nil at the
-- end; nil, message, code when it fails.
function Generation:next()
  local piece, message, code = self:advance()
  if observer then observer(self, piece) end
  return piece, message, code
end

function Generation:advance()
  local started = self.ms and host.clock()
  while not self.finished do
    local piece, message, code = self:step()
    if not piece then
      if self.own then self.session:close() end
      self.finished = true
      return nil, message, code
    end
    if piece ~= "" then return piece end
    if started and not self.finished and (host.clock() - started) * 1000 >= self.ms then
      return ""
    end
  end
  return nil
end

-- As an iterator: a failure throws, since a loop could not tell it from the end.
function Generation:__call()
  local piece, message = self:next()
  if message then error(message, 2) end
  return piece
end

-- Stops here; what was generated so far stays in info. Also done when a 5.4 loop is left.
function Generation:cancel()
  if not self.finished then self:finish("cancel") end
end
Generation.__close = Generation.cancel
Generation.close = Generation.cancel

-- generate(prompt, options) -> text, info | nil, message, code.
local function generate(model, session, prompt, options)
  local self, message, code = begin(model, session, prompt, options)
  if not self then return nil, message, code end
  local pieces = {}
  repeat
    local piece
    piece, message, code = self:next()
    pieces[#pieces + 1] = piece
  until not piece
  if message then return nil, message, code end
  return table.concat(pieces), self.info
end

-- stream(prompt, options) -> generation, for `for piece in model:stream(prompt) do`; with the
-- nil, nil and generation that let a 5.4 loop close it. nil, message, code when it cannot begin.
local function stream(model, session, prompt, options)
  local self, message, code = begin(model, session, prompt, options)
  if not self then return nil, message, code end
  return self, nil, nil, self
end

-- ---- scores ----

-- score(text or ids, { special =, context = }) -> { ids, logprobs, sum, perplexity }. The first
-- token has nothing before it: its logprob is NaN and counts in neither figure.
local function score(model, text, options)
  options = options or {}
  try(host.known, options, "score", { "special", "context" })
  local session, message, code = model:session { context = options.context }
  if not session then return nil, message, code end
  local ids, logprobs
  ids, message, code = prompt_ids(model, session, text, typed(options, "special", "boolean"))
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

-- ---- methods ----

return {
  options = names,
  observe = observe,
  model = {
    generate = function(model, ...) return generate(model, nil, ...) end,
    stream = function(model, ...) return stream(model, nil, ...) end,
    choose = function(model, ...) return choose(model, nil, ...) end,
    score = score,
  },
  session = {
    generate = function(session, ...) return generate(session.model, session, ...) end,
    stream = function(session, ...) return stream(session.model, session, ...) end,
    choose = function(session, ...) return choose(session.model, session, ...) end,
  },
}
