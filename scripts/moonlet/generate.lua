-- generate.lua: from a prompt to text: generate and stream.
--
-- What: the methods of models and sessions that loop over session:feed and session:draw. All
--   of it is Lua above those two, so that a stream may be left, yielded from or cancelled anywhere.
-- How: a generation is a callable object: each call gives the next piece of text, nil at the
--   end. What happened is in its field `info`, which grows as it goes:
--     tokens            ids that were generated (an ending EOS or stop token is not among them)
--     finish            "stop", "length", "eos", "complete" (a constraint's text can only end),
--                       "cancel" or "full"; nil while it runs
--     stop              the stop string or stop token that ended it
--     prompt_tokens, generated_tokens
--     seconds           { prefill =, decode = }
--     logprobs          with option logprobs = n: { id =, piece =, logprob =, top = {...} } each
--     forced            how many of the tokens a constraint left no choice about
--     guesses           with speculate: { guessed =, accepted = } tokens of lookup.lua
--     locked            the text under a constraint; nil: a trigger never came
--     healed            the prompt's end, where its tokens were chosen anew; nil: nowhere
-- step { ms = 4 } and step { tokens = 1 } do a bounded piece of the work, for a frame of a game or
-- a turn of an event loop; cancel() gives the text and info so far.
-- Default is greedy (temperature 0): the same prompt gives the same text.
-- A session given by the caller holds the prompt and all generated tokens afterwards; after a
-- cancel it may lack the last ones.
-- A constraint (lock.lua) masks what is drawn. What it forces is not drawn but fed, together with
-- the token before; feeds leave the output head undone, so that only the rows that a mask leaves
-- are computed. With beams (beams.lua) the whole text is searched for at once and then taken token
-- by token. Where a prompt's last token may be half of one (heal) its text is held as a lead:
-- the tokens that only say it again are the prompt's and count nowhere else.

local arguments = require "moonlet.arguments"
local beams = require "moonlet.beams"
local choose = require "moonlet.choose"
local draft = require "moonlet.draft"
local gate = require "moonlet.gate"
local host = require "moonlet.host"
local lock = require "moonlet.lock"
local lookup = require "moonlet.lookup"
local try, count, list, typed = arguments.try, arguments.count, arguments.list, arguments.typed

local sampling = arguments.sampling
local names = {
  "max_tokens", "min_tokens", "stop", "stop_tokens", "session", "context", "special", "logits",
  "logprobs", "echo", "ms", "speculate", "beams", "fits", "weigh",
}
for _, more in ipairs { sampling, lock.options } do
  for _, name in ipairs(more) do names[#names + 1] = name end
end

-- ---- options ----

-- What guesses tokens, or nil: speculate is true, the most at once (a number), or false. A number
-- makes it guess always, true where guesses turn out right.
local function guesser(options)
  local wanted = options.speculate
  if not wanted then return nil end
  if wanted == true then return lookup.new(lookup.most, false) end
  return lookup.new(math.min(count(options, "speculate"), lookup.most), true)
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

-- How many texts are followed at once, or nil for one.
local function width(options)
  local n = options.beams and count(options, "beams")
  if not n or n <= 1 then
    for _, name in ipairs { "fits", "weigh" } do
      if options[name] then
        host.blame(("generate: %s wants beams, at least 2"):format(name))
      end
    end
    return nil
  end
  local other = beams.conflict(options)
  if other then host.blame(("generate: beams and %s do not go together"):format(other)) end
  return n
end

-- ---- a generation ----

local Generation = {}
Generation.__index = Generation

-- Takes the prompt's last tokens back where a longer one may begin; how many stay. The first token
-- of all stays: logits follow something. nil, message, code.
function Generation:heal(ids)
  local first, rest, lead = #self.session == 0 and 1 or 0, {}, {}
  for i = first + 1, #ids do rest[i - first] = ids[i] end
  local kept, message, code = try(self.lock.heal, self.lock, rest)
  if not kept then return nil, message, code end
  for i = kept + 1, #rest do lead[i - kept] = self.model:piece(rest[i]) end
  self.lead = table.concat(lead)
  return first + kept
end

-- begin(model, session or nil, prompt, options) -> generation | nil, message, code.
local function begin(model, session, prompt, options)
  options = options or {}
  try(host.known, options, "generate", names)
  session = options.session or session
  local ends, stop_tokens = list(options, "stop_tokens", "number"), {}
  for _, id in ipairs(ends) do stop_tokens[id] = true end
  local self = setmetatable({
    model = model,
    max_tokens = count(options, "max_tokens", 256),
    min_tokens = count(options, "min_tokens", 0),
    stop_tokens = stop_tokens, ends = ends,
    gate = gate.new(list(options, "stop", "string")),
    edit = typed(options, "logits", "function"),
    top = options.logprobs and count(options, "logprobs"),
    ms = typed(options, "ms", "number"),
    lookup = guesser(options),
    beams = width(options), fits = typed(options, "fits", "function"),
    weigh = typed(options, "weigh", "function"),
    said = {},                  -- every piece so far
    lead = "",                  -- the prompt's end that tokens must say again
  }, Generation)
  self.sampler, self.early = samplers(model, options, self.min_tokens, stop_tokens)
  local special, echo = typed(options, "special", "boolean"), typed(options, "echo", "boolean")
  local message, code
  self.lock, message, code = lock.new(model, options)
  if self.lock == nil then return nil, message, code end
  if not session then
    session, message, code = model:session { context = options.context }
    if not session then return nil, message, code end
    self.own = true
  end
  self.session = session
  local ids
  ids, message, code = arguments.prompt(model, session, prompt, special)
  if not ids then return nil, message, code end
  if #ids == 0 and #session == 0 then
    host.blame("generate: the prompt is empty, and so is the session")
  end
  local heal = typed(options, "heal", "boolean")
  if heal == nil then heal = type(prompt) == "string" and self.lock and self.lock.locked end
  local kept = #ids
  if heal and self.max_tokens > 0 and #ids <= session.context - #session then
    kept, message, code = self:heal(ids)
    if not kept then return nil, message, code end
  end
  self.waiting, self.prefill = {}, true
  for i = 1, kept do self.waiting[i] = ids[i] end
  if self.lookup then
    for _, known in ipairs { session:tokens(), self.waiting } do
      for _, id in ipairs(known) do self.lookup:push(id) end
    end
  end
  if echo then self.echo = type(prompt) == "string" and prompt or model:decode(ids) end
  self.info = {
    tokens = {}, prompt_tokens = kept, generated_tokens = 0,
    healed = self.lead ~= "" and self.lead or nil,
    seconds = { prefill = 0, decode = 0 }, logprobs = self.top and {} or nil,
    forced = self.lock and 0 or nil, guesses = self.lookup and self.lookup.info,
  }
  return self
end

-- Computes what waits, until self.deadline if there is one. true: done; false: the time is up, or
-- what is left of it is too little for the next unit of work (the deadline is then now); nil,
-- message, code: it failed.
function Generation:compute()
  if #self.waiting == 0 then return true end
  local session, done, message, code = self.session, true, nil, nil
  local started = host.clock()
  if not self.begun then
    self.begun, message, code = session:begin(self.waiting, { lazy = self.lock ~= false,
      guesses = self.lookup and not self.prefill and self.lookup:guess(self.info.seconds.decode)
        or nil })
  end
  if self.begun then
    local ms = self.deadline and math.max((self.deadline - started) * 1000, 0.001) or math.huge
    done, message, code = session:step { ms = ms }
  end
  local phase = self.prefill and "prefill" or "decode"
  self.info.seconds[phase] = self.info.seconds[phase] + host.clock() - started
  if done == false then
    self.deadline = self.deadline and math.min(self.deadline, host.clock())
    return false
  end
  self.waiting, self.begun = {}, nil
  if message then return nil, message, code end
  self.prefill = false
  return true
end

-- Ends the generation; gives what the gate still held. A session of the caller's gets the last
-- tokens, if need be in later steps.
function Generation:finish(reason, stop)
  local info = self.info
  info.finish, info.stop = reason, stop
  if self.lock and self.lock.locked then info.locked = self.lock.text end
  self.finished = true
  if self.own then self.session:close()
  elseif reason ~= "cancel" and reason ~= "full" then self.finished = self:compute() ~= false
  elseif self.begun then        -- takes the half computed tokens back out of the session
    self.session:cancel()
    self.session:step()
  end
  return self.gate:flush()
end

-- Takes a token into the text, to be fed; gives the text that is ready, "" while none is.
function Generation:take(id, piece, logprob, top)
  local info, lead = self.info, self.lead
  self.waiting[#self.waiting + 1] = id
  if self.lookup then self.lookup:push(id, info.seconds.decode) end
  self.lead = lead:sub(#piece + 1)
  if lead ~= "" and #piece <= #lead then
    info.prompt_tokens = info.prompt_tokens + 1
    return ""
  end
  local n = info.generated_tokens + 1
  info.generated_tokens, info.tokens[n] = n, id
  if self.top then info.logprobs[n] = { id = id, piece = piece, logprob = logprob, top = top } end
  local text, stop = self.gate:push(piece:sub(#lead + 1))
  if stop then return text .. self:finish("stop", stop) end
  if n < self.max_tokens then return text end
  local complete = self.lock and self.lock:is_complete()
  return text .. self:finish(complete and "complete" or "length")
end

-- The n likeliest tokens, where they are asked for.
function Generation:likeliest()
  return self.top and self.top > 0 and self.session:top(self.top) or nil
end

-- The next token of the text that beam search found; after its last one what ends it.
function Generation:planned()
  if not self.plan then
    local left = self.max_tokens - self.info.generated_tokens
    local ids, message, ending = beams.search(self.session, { width = self.beams, most = left,
      matcher = self.lock and self.lock.matcher or nil, ends = self.ends, fits = self.fits,
      weigh = self.weigh,
      is_end = function(id) return self.stop_tokens[id] or self.model:is_eos(id) end })
    if not ids then return nil, message, ending end
    ids[#ids + 1] = ending
    self.plan, self.at = ids, 0
  end
  self.at = self.at + 1
  return self.plan[self.at]
end

-- Draws the next token: id, its ln p (nil where nobody wants it) and the likeliest ones; false
-- where the callback has cancelled; nil, message, code when it cannot.
function Generation:draw()
  if self.beams then return self:planned() end
  local session, matcher, also = self.session, self.lock and self.lock.matcher or nil, nil
  if matcher and self.lock:is_complete() then also = self.ends end
  local started = host.clock()
  local top = self:likeliest()
  if self.edit then
    self.edit(session:logits(), session)
    if self.finished then return false end
  end
  local early = self.info.generated_tokens < self.min_tokens and self.lead == ""
  local sampler = early and self.early or self.sampler
  local id, logprob, code
  if self.top then id, logprob, code = session:sample(sampler, matcher, also)
  else
    id, logprob, code = session:draw(sampler, matcher, also)
  end
  self.info.seconds.decode = self.info.seconds.decode + host.clock() - started
  if not id then return nil, logprob, code end
  return id, logprob, top
end

-- Takes what the constraint forces; gives its text. With logprobs only one token, since the logits
-- before each are wanted. Ends the generation where nothing can come any more.
function Generation:force()
  local text, held = "", self.lock
  while held and not self.info.finish and self.max_tokens > 0 do
    if held:has_thought() then
      local ok, message, code = held:close()
      if not ok then return nil, message, code end
    end
    local ended, message, code = held:ended()
    if ended == nil then return nil, message, code end
    if ended then return text .. self:finish("complete") end
    if self.plan then break end
    local ids
    ids, message, code = held:forced()
    if not ids then return nil, message, code end
    local room = self.session.context - #self.session - #self.waiting
    if #ids == 0 or room <= 0 or (self.top and #self.waiting > 0) then break end
    for i = 1, math.min(#ids, room, self.top and 1 or #ids) do
      local id = ids[i]
      local piece = self.model:piece(id) or ""
      local ok
      ok, message, code = held:accept(id, piece)
      if not ok then return nil, message, code end
      local n = self.info.generated_tokens
      text = text .. self:take(id, piece, self.top and self.session:logprob(id), self:likeliest())
      self.info.forced = self.info.forced + self.info.generated_tokens - n
      if self.info.finish then break end
    end
  end
  return text
end

-- Chooses the next token; gives its text. nil, message, code when it cannot.
function Generation:pick()
  local id, logprob, top = self:draw()
  if id == false then return "" end
  if not id then return nil, logprob, top end
  local held = self.lock
  local eos = self.model:is_eos(id)
  if eos and held and held:is_thinking() then
    local ok, message, code = held:close()
    return ok and "", message, code
  end
  if eos then return self:finish("eos") end
  if self.stop_tokens[id] and self.lead == "" then return self:finish("stop", id) end
  local piece = self.model:piece(id) or ""
  if held then
    local ok, message, code = held:accept(id, piece)
    if ok == nil then return nil, message, code end
    if not ok then return "" end
  end
  return self:take(id, piece, logprob, top)
end

-- One turn: "" or a piece of text; nil, message, code when it fails.
function Generation:turn()
  if self.echo then
    local echo = self.echo
    self.echo = nil
    return echo
  end
  if self.info.finish then
    self.finished = self:compute() ~= false
    return ""
  end
  if not self.begun then
    local text, message, code = self:force()
    if not text or text ~= "" or self.info.finish then return text, message, code end
  end
  local prefill = self.prefill
  local done, message, code = self:compute()
  if done == false then return "" end
  if not done and code == "cancel" then return self:finish("cancel") end
  if not done and code == "full" and not prefill then return self:finish("full") end
  if not done then return nil, message, code end
  if self.max_tokens == 0 then return self:finish("length") end
  if self.top then
    local text
    text, message, code = self:force()
    if not text or #self.waiting > 0 or self.info.finish then return text, message, code end
  end
  return self:pick()
end

-- A program's front may watch every generation: observer(generation, piece); piece is nil at the
-- end. One at a time, per lua_State.
local observer

local function observe(f)
  observer = f
end

-- Takes turns until enough(piece) or the deadline, ms from now; the pieces' text. nil at the end;
-- nil, message, code when it fails.
function Generation:work(ms, enough)
  if self.finished then return nil end
  self.deadline = ms and host.clock() + ms / 1000
  local text = ""
  repeat
    local piece, message, code = self:turn()
    if not piece then
      if self.own then self.session:close() end
      self.finished = true
      return nil, message, code
    end
    text = text .. piece
    self.said[#self.said + 1] = piece
  until self.finished or enough(piece) or ms and host.clock() >= self.deadline
  return text
end

local function is_text(piece) return piece ~= "" end

-- The next piece of text that is not empty (with option ms: "" when that time is up); nil at the
-- end; nil, message, code when it fails.
function Generation:next()
  local piece, message, code = self:work(self.ms, is_text)
  if piece == "" and self.finished then piece = nil end
  if observer then observer(self, piece) end
  return piece, message, code
end

-- step { ms =, tokens = } -> the text that this step gave, which may be "", until so much time has
-- passed or so many tokens are chosen (with neither: one token); nil once there is no more; nil,
-- message, code when it fails. Time is kept to a layer of the model: session:step says how.
function Generation:step(limits)
  limits = limits or {}
  try(host.known, limits, "step", { "ms", "tokens" })
  local ms, info = typed(limits, "ms", "number"), self.info
  local last = info.generated_tokens + count(limits, "tokens", ms and math.huge or 1)
  local piece, message, code = self:work(ms, function() return info.generated_tokens >= last end)
  if observer then observer(self, piece) end
  return piece, message, code
end

-- As an iterator: a failure throws, since a loop could not tell it from the end.
function Generation:__call()
  local piece, message = self:next()
  if message then error(message, 2) end
  return piece
end

-- Stops here: the text and info so far. Also done when a 5.4 loop is left.
function Generation:cancel()
  if not self.finished then
    self.deadline = nil
    if self.info.finish then self:compute()
    else self.said[#self.said + 1] = self:finish "cancel" end
    self.finished = true
  end
  return table.concat(self.said), self.info
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

-- ---- methods ----

local of_model, of_session = draft(names)

return {
  options = names,
  observe = observe,
  model = {
    generate = function(model, ...) return generate(model, nil, ...) end,
    stream = function(model, ...) return stream(model, nil, ...) end,
    draft_then_constrain = of_model,
    choose = choose.model.choose,
    score = choose.model.score,
  },
  session = {
    generate = function(session, ...) return generate(session.model, session, ...) end,
    stream = function(session, ...) return stream(session.model, session, ...) end,
    draft_then_constrain = of_session,
    choose = choose.session.choose,
  },
}
