-- Generations cancelled at random places, in every way that there is; shared by cancel_spec.lua,
-- which does a few hundred, and cancels_main.lua (make soak-cancel), which does ten thousand.
--
-- run(model, n, seed) -> counts by way and by finish, a list of what was wrong (a sentence each).
-- After each cancel: the text begins as the whole one does, and with what the steps gave; the
-- session holds a beginning of the prompt and the tokens; and it then writes on to the same text
-- as a session that nobody ever cancelled, or starts over and writes all of it.
local cancels = {}

local LONG = "<|user|> wake me at six and then turn off the lights in the kitchen please, and "
  .. "after that play some jazz in the living room until seven, but not too loud, and set the "
  .. "heating to twenty degrees before I am up so that it is warm when I come down the stairs"
  .. "<|call|>"

-- whole: the next tokens hang on more than the session's tokens (a matcher, a stop string that is
-- half there), so that to write on means to start over.
local cases = {
  { name = "greedy", prompt = LONG, options = { max_tokens = 24, special = true } },
  { name = "sampled", prompt = "<|user|> how are you<|call|>", options = { max_tokens = 24,
    special = true, temperature = 0.9, top_k = 50, seed = 7 } },
  { name = "stop", prompt = "<|user|> play some jazz<|call|>", options = { max_tokens = 24,
    special = true, stop = { "<|end|>" } }, whole = true },
  { name = "schema", prompt = "<|user|> wake me at six<|call|>", options = { max_tokens = 40,
    special = true, schema = [[{"type":"object","properties":{"time":{"type":"string",
      "maxLength":12},"kind":{"enum":["once","daily"]}},"required":["time","kind"],
      "additionalProperties":false}]] }, whole = true },
  { name = "guessed", prompt = LONG, options = { max_tokens = 24, special = true, speculate = 4 } },
  { name = "echo", prompt = "<|user|> play some jazz<|call|>", options = { max_tokens = 12,
    special = true, echo = true }, whole = true },
}

-- Uniform in 0 .. n - 1.
local function generator(seed)
  return function(n)
    seed = seed * 48271 % 2147483647
    return seed % n
  end
end

local function steps(random, session, prompt, options)
  local generation, said = session:stream(prompt, options), {}
  for _ = 1, random(50) do
    local in_time = random(2) == 0
    local limits = in_time and { ms = 0.001 + random(8) * 0.05 } or { tokens = 1 + random(3) }
    local piece = generation:step(limits)
    if not piece then break end
    said[#said + 1] = piece
  end
  return generation, table.concat(said), generation:cancel()
end

-- The ways: each gives the generation, what had come before the cancel, the text and the info.
local ways = {
  { name = "between steps", cancel = steps },
  { name = "in a loop's body", cancel = function(random, session, prompt, options)
    local generation, said, left = session:stream(prompt, options), {}, random(20)
    local text, info
    for piece in generation do
      said[#said + 1], left = piece, left - 1
      if left < 0 then text, info = generation:cancel() end
    end
    if not text then text, info = generation:cancel() end
    return generation, table.concat(said), text, info
  end },
  { name = "in the logits callback", cancel = function(random, session, prompt, options)
    local left, edited, generation, text, info = random(20), {}, nil, nil, nil
    for name, value in pairs(options) do edited[name] = value end
    edited.logits = function()
      left = left - 1
      if left < 0 then text, info = generation:cancel() end
    end
    generation = session:stream(prompt, edited)
    local said = {}
    for piece in function() return generation:step { tokens = 3 } end do said[#said + 1] = piece end
    if not text then text, info = generation:cancel() end
    return generation, table.concat(said), text, info
  end },
  { name = "by the session's own cancel", cancel = function(random, session, prompt, options)
    local generation, said, left = session:stream(prompt, options), {}, 1 + random(30)
    for piece in function() return generation:step { ms = 0.05 + random(4) * 0.1 } end do
      said[#said + 1], left = piece, left - 1
      if left == 0 then session:cancel() end
    end
    local text, info = generation:cancel()
    if left <= 0 and info.finish ~= "cancel" then       -- perhaps too late: then the next feed's
      local held = #session
      local fed, _, code = session:feed(0)
      if fed then session:rewind(held) else assert(code == "cancel", code) end
    end
    return generation, table.concat(said), text, info
  end },
  { name = "from another coroutine", cancel = function(random, session, prompt, options)
    local said, left, generation = {}, random(30), nil
    local speaker = coroutine.wrap(function()
      generation = session:stream(prompt, options)
      for piece in generation do coroutine.yield(piece) end
    end)
    for piece in speaker do
      said[#said + 1], left = piece, left - 1
      if left < 0 then break end
    end
    return generation, table.concat(said), generation:cancel()
  end },
}

local function begins(text, whole) return whole:sub(1, #text) == text end

-- What a case says when nobody cancels it.
local function reference(model, case)
  local ids = model:encode(case.prompt, { bos = true, special = true })
  local text, info = model:generate(case.prompt, case.options)
  return { ids = ids, text = text, tokens = info.tokens, stop = info.stop or "" }
end

-- What is wrong with a cancelled generation, or nil.
local function judge(right, session, generation, said, text, info)
  local whole, prompt = right.text .. right.stop, right.ids
  if not begins(text, whole) then return ("said %q instead of %q"):format(text, whole) end
  if not begins(said, text) then return ("gave %q, then %q"):format(said, text) end
  if generation:step() ~= nil then return "went on" end
  if generation:cancel() ~= text then return "gave another text at the second cancel" end
  local held = session:tokens()
  if #held > #prompt + #info.tokens then return "holds tokens that were never said" end
  for i, id in ipairs(held) do
    if id ~= (prompt[i] or info.tokens[i - #prompt]) then return "holds another token at " .. i end
  end
  for i, id in ipairs(info.tokens) do
    if id ~= right.tokens[i] then return "took another token at " .. i end
  end
end

-- The whole text once more, from where the session stands or from the start.
local function again(case, right, session, from_start)
  local options = {}
  for name, value in pairs(case.options) do options[name] = value end
  if from_start or case.whole then
    session:rewind(0)
    return (session:generate(case.prompt, options))
  end
  local held, rest, said = #session, {}, {}
  for i = held + 1, #right.ids do rest[#rest + 1] = right.ids[i] end
  for i = 1, held - #right.ids do said[i] = session.model:piece(right.tokens[i]) end
  options.max_tokens = options.max_tokens - #said
  if #rest == 0 then            -- a session without logits gets its last token again
    rest = { session:tokens()[held] }
    session:rewind(held - 1)
  end
  return table.concat(said) .. session:generate(rest, options)
end

function cancels.run(model, n, seed)
  local random, rights, wrong, count = generator(seed), {}, {}, {}
  for i, case in ipairs(cases) do rights[i] = reference(model, case) end
  local session = model:session { context = 256 }
  for i = 1, n do
    local which, way = random(#cases) + 1, ways[random(#ways) + 1]
    local case, right = cases[which], rights[which]
    session:rewind(0)
    local generation, said, text, info = way.cancel(random, session, case.prompt, case.options)
    local why = judge(right, session, generation, said, text, info)
    local whole = not why and again(case, right, session, random(2) == 0)
    if whole and whole ~= right.text then
      why = ("then wrote %q instead of %q"):format(whole, right.text)
    end
    if why then wrong[#wrong + 1] = ("%d: %s, %s: %s"):format(i, case.name, way.name, why) end
    for _, name in ipairs { way.name, info.finish } do count[name] = (count[name] or 0) + 1 end
  end
  session:close()
  return count, wrong
end

return cancels
