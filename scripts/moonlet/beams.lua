-- beams.lua: beam search: of several texts that are followed at once the one that is likeliest as
-- a whole, where greedy decoding takes the likeliest token each time.
--
-- What: beams.search(session, options) -> ids, logprob | nil, message, code.
-- How: the sessions of the live texts are forks of the given one and decode as a batch. A text's
--   score is the sum of its tokens' ln p, without a norm for its length; under a constraint these
--   are the model's own, of all tokens, so that texts are compared by p(text | it fits).
-- With weigh the best `width` texts that end are found, and of these the one that is best by both:
--   a product of two experts (Hinton 2002).
-- Source: Lowerre 1976; stops when no live text can overtake the last of those that are wanted,
--   since a sum of ln p only falls.
-- Invariant: the given session is left as it was.

local arguments = require "moonlet.arguments"

local beams = {}

-- conflict(options) -> the name of an option of a generation that does not go with a search, since
-- it would choose tokens otherwise or give a part of a text; or nil.
function beams.conflict(options)
  for _, others in ipairs { arguments.sampling, { "logits", "logprobs", "speculate", "trigger",
      "think", "min_tokens", "ms" } } do
    for _, name in ipairs(others) do
      if options[name] and options[name] ~= 0 then return name end
    end
  end
end

-- How many texts that end are wanted.
local function endings(options) return options.weigh and options.width or 1 end

-- What may follow a live text, best first: { id, piece, logprob } of all tokens that are allowed.
local function expand(live, options)
  local ends = (not live.matcher or live.matcher:is_complete()) and options.ends or nil
  return live.session:top(options.width + #options.ends + 1, live.matcher, ends)
end

-- Whether a text ends with each of the tokens that may come: then its end costs nothing.
local function only_ends(list, is_end)
  for _, entry in ipairs(list) do
    if not is_end(entry.id) then return false end
  end
  return true
end

-- Puts an ending among the best `most`, best first; of equal ones the first stays.
local function note(ended, new, most)
  local at = #ended + 1
  while at > 1 and new.logprob > ended[at - 1].logprob do at = at - 1 end
  table.insert(ended, at, new)
  ended[most + 1] = nil
end

-- The live texts each with one token more, best first; those that end here go to `ended`.
local function candidates(lives, ended, options)
  local list = {}
  for _, live in ipairs(lives) do
    local found, message, code = expand(live, options)
    if not found then return nil, message, code end
    local free = only_ends(found, options.is_end)
    for _, entry in ipairs(found) do
      local logprob = live.logprob + (free and 0 or entry.logprob)
      if not options.is_end(entry.id) then
        local text = options.fits and live.text .. entry.piece
        if not text or options.fits(text) then
          list[#list + 1] = { from = live, id = entry.id, text = text, logprob = logprob,
            at = #list }
        end
      else
        note(ended, { ids = live.ids, ending = entry.id, logprob = logprob }, endings(options))
      end
    end
  end
  table.sort(list, function(a, b)
    if a.logprob ~= b.logprob then return a.logprob > b.logprob end
    return a.at < b.at
  end)
  return list
end

-- Closes texts, but those that their last successor has taken over.
local function close(lives)
  for _, live in ipairs(lives) do
    if live.successors ~= 0 then
      live.session:close()
      if live.matcher then live.matcher:close() end
    end
  end
end

-- A candidate as a live text of its own; the last of a text's successors takes its session and
-- matcher over.
local function grow(candidate)
  local from = candidate.from
  local new = { session = from.session, matcher = from.matcher, logprob = candidate.logprob,
    text = candidate.text, ids = {} }
  from.successors = from.successors - 1
  if from.successors > 0 then
    local message, code
    new.session, message, code = from.session:fork()
    if not new.session then return nil, message, code end
    new.matcher = from.matcher and from.matcher:copy()
  end
  for i, id in ipairs(from.ids) do new.ids[i] = id end
  new.ids[#new.ids + 1] = candidate.id
  if new.matcher then new.matcher:accept(candidate.id) end
  return new
end

-- The next generation of live texts, fed; the one before is closed or taken over, come what may.
local function advance(model, lives, list, width)
  for _, live in ipairs(lives) do live.successors = nil end
  local count = math.min(width, #list)
  for i = 1, count do list[i].from.successors = (list[i].from.successors or 0) + 1 end
  local new, sessions, ids = {}, {}, {}
  for i = 1, count do
    local live, message, code = grow(list[i])
    if not live then
      close(new)
      close(lives)
      return nil, message, code
    end
    new[i], sessions[i], ids[i] = live, live.session, list[i].id
  end
  close(lives)
  local batch, message, code = model:batch(sessions)
  local ok = batch
  if batch then ok, message, code = batch:feed(ids) end
  if not ok then
    close(new)
    return nil, message, code
  end
  return new
end

-- The ending that is best by its ln p and by what it weighs.
local function best_of(ended, model, options)
  if not options.weigh then return ended[1] end
  local best, most = ended[1], -math.huge
  for _, one in ipairs(ended) do
    local pieces = {}
    for i, id in ipairs(one.ids) do pieces[i] = model:piece(id) end
    local weight = options.weigh(table.concat(pieces))
    if weight and one.logprob + weight > most then best, most = one, one.logprob + weight end
  end
  return best
end

-- search(session, { width = live texts, most = tokens, matcher = or nil, is_end = f(id): whether
-- it ends a text, ends = ids that may do so where the matcher's text is complete, fits = f(text) ->
-- whether a text may go on from there, or nil, weigh = f(text) -> nats in favour of a text that has
-- ended, nil where it cannot tell, or nil }) -> ids, ln p with the ending's, the id that ends the
-- text; nil: it is cut off, at `most` tokens, at the context's end, or where nothing fits. Texts
-- that cannot be weighed are chosen only where none can. session: has logits; matcher: stands where
-- its text goes on.
function beams.search(session, options)
  local most = math.min(options.most, session.context - #session)
  local first, message, code = session:fork()
  if not first then return nil, message, code end
  local lives = { { session = first, ids = {}, logprob = 0, text = "",
    matcher = options.matcher and options.matcher:copy() } }
  local ended = {}
  for length = 1, most + 1 do
    local list
    list, message, code = candidates(lives, ended, options)
    if not list then
      close(lives)
      return nil, message, code
    end
    local last = ended[endings(options)]
    local overtaken = last and (not list[1] or last.logprob >= list[1].logprob)
    if overtaken or length > most or not list[1] then break end
    lives, message, code = advance(session.model, lives, list, options.width)
    if not lives then return nil, message, code end
  end
  close(lives)
  local found = best_of(ended, session.model, options) or lives[1]
  return found.ids, found.logprob, found.ending
end

return beams
