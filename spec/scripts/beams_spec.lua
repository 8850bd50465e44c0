-- Beam search, against all texts that there are and against greedy decoding.
require "spec.support"
local moonlet = require "moonlet"
local beams = require "moonlet.beams"

local model = assert(moonlet.load())
local function fed(text, context)
  return assert(model:session { context = context or 96 }:feed(model:encode(text)))
end

local function eos(id) return model:is_eos(id) end

-- ln p of ids after the session's tokens, each token of the whole vocabulary.
local function score(session, ids)
  local copy, sum = session:fork(), 0
  for _, id in ipairs(ids) do
    sum = sum + copy:logprob(id)
    copy:feed(id)
  end
  copy:close()
  return sum
end

-- The likeliest of all texts that a matcher lets end, by trying them all: ids, ln p with the end's.
local function best_of_all(session, matcher, ids, sum, best)
  local only_ends = true
  for _, id in ipairs(matcher:allowed()) do only_ends = only_ends and eos(id) end
  for _, id in ipairs(matcher:allowed()) do
    local p = sum + (eos(id) and only_ends and 0 or session:logprob(id))
    if eos(id) then
      if not best[2] or p > best[2] then best[1], best[2] = { table.unpack(ids) }, p end
    else
      local next_session, next_matcher = session:fork():feed(id), matcher:copy()
      assert(next_matcher:accept(id))
      ids[#ids + 1] = id
      best_of_all(next_session, next_matcher, ids, p, best)
      ids[#ids] = nil
      next_session:close()
    end
  end
  return best[1], best[2]
end

describe("beam search", function()
  it("finds the likeliest of all texts when it is wide enough", function()
    for _, case in ipairs { { "Once upon a", "[ab]{1,3}" }, { "The cat", " (sat|ran)( on)?" },
      { "turn on the", " (light|lamp|radio)s?" } } do
      local constraint, session = assert(model:constraint { regex = case[2] }), fed(case[1])
      local want, p = best_of_all(session, constraint:matcher(), {}, 0, {})
      local ids, logprob, ending = beams.search(session, { width = 60, most = 20,
        matcher = constraint:matcher(), is_end = eos, ends = {} })
      assert.same(want, ids)
      assert.truthy(math.abs(p - logprob) < 1e-4, case[2])
      assert.truthy(eos(ending))
    end
  end)

  it("counts each token by all of the vocabulary, and leaves the session as it was", function()
    local session = fed "Once upon a time"
    local before = session:tokens()
    local ids, logprob, ending = beams.search(session, { width = 4, most = 12, is_end = eos,
      ends = {} })
    assert.equal(12, #ids)
    assert.is_nil(ending)
    assert.truthy(math.abs(score(session, ids) - logprob) < 1e-4)
    assert.same(before, session:tokens())
  end)

  it("is greedy with one text", function()
    local session = fed "the weather in"
    local ids = beams.search(session, { width = 1, most = 16, is_end = eos, ends = {} })
    local _, info = model:generate("the weather in", { max_tokens = 16 })
    assert.same(info.tokens, ids)
  end)

  it("goes on only where the text fits", function()
    local constraint, session = assert(model:constraint { regex = " (light|lamp|radio)s?" }),
      fed "turn on the"
    local function search(fits)
      return beams.search(session, { width = 6, most = 20, matcher = constraint:matcher(),
        is_end = eos, ends = {}, fits = fits })
    end
    local free = model:decode(search())
    local asked = 0
    local ids, _, ending = search(function(text)
      asked = asked + 1
      return not free:find(text, 1, true) or #text < 3
    end)
    assert.truthy(asked > 5)
    local other = model:decode(ids)
    assert.truthy(eos(ending))
    assert.truthy(other ~= free and other:find "^ ?%l+$", other)
    ids, _, ending = search(function() return false end)
    assert.same({}, ids)
    assert.is_nil(ending)
  end)

  it("weighs as many texts that end as there are beams, the likeliest", function()
    local constraint, session = assert(model:constraint { regex = " (light|lamp|radio)s?" }),
      fed "turn on the"
    local function search(width, weigh)
      return beams.search(session, { width = width, most = 20, matcher = constraint:matcher(),
        is_end = eos, ends = {}, weigh = weigh })
    end
    local function text(...) return model:decode((search(...))) end
    local logprob, first = {}, nil
    local ids, p, ending = search(20, function(said)
      logprob[said] = 0
      first = first or said
      return 0
    end)
    local count = 0
    for said in pairs(logprob) do
      count = count + 1
      logprob[said] = select(2, search(20, function(other) return other == said and 100 or 0 end))
      assert.equal(said, text(20, function(other) return other == said and 100 or nil end))
      assert.truthy(logprob[said] <= p)
    end
    assert.equal(6, count)                        -- in several ways to cut them into tokens
    assert.equal(first, model:decode(ids))        -- the likeliest, as without weights
    assert.same(search(20), ids)
    assert.truthy(eos(ending))
    for said, own in pairs(logprob) do            -- what counts is the sum
      local gap = logprob[first] - own
      if said ~= first then
        for _, more in ipairs { -0.01, 0.01 } do
          assert.equal(more > 0 and said or first, text(20, function(other)
            return other == said and gap + more or other == first and 0 or -100
          end))
        end
      end
    end
    local asked = 0
    local function cannot_tell() asked = asked + 1 end
    assert.equal(first, text(20, cannot_tell))
    asked = 0
    search(2, cannot_tell)
    assert.equal(2, asked)
  end)

  it("stops where the context ends", function()
    local session = fed("Once upon a time", 10)
    local ids = beams.search(session, { width = 3, most = 50, is_end = eos, ends = {} })
    assert.equal(10 - #session, #ids)
  end)
end)

describe("generate with beams", function()
  it("gives the text that the search finds, whole, streamed and in the session", function()
    for _, options in ipairs { {}, { regex = " [a-z]{2,9}( [a-z]{2,9})?" },
      { choices = { " yes", " no", " perhaps not" } } } do
      options.max_tokens, options.beams = 14, 5
      options.session = model:session { context = 64 }
      local text, info = assert(model:generate("will it rain", options))
      assert.equal(text, model:decode(info.tokens))
      local held = options.session:tokens()
      assert.equal(text, model:decode({ table.unpack(held, #held - #info.tokens + 1) }))
      options.session = nil
      local pieces = {}
      for piece in model:stream("will it rain", options) do pieces[#pieces + 1] = piece end
      assert.equal(text, table.concat(pieces))
      if options.choices then assert.equal("complete", info.finish) end
    end
  end)

  it("ends with stop tokens, which are no part of the text", function()
    local prompt = "<|tools|>set home<|user|> wake me at six<|call|>"
    local ending = model:token "<|end|>"
    local text, info = assert(model:generate(prompt, { special = true, beams = 4,
      stop_tokens = ending, max_tokens = 60 }))
    assert.equal("stop", info.finish)
    assert.equal(ending, info.stop)
    assert.truthy(text:find "^alarm_set%(", text)
  end)

  it("refuses what chooses tokens otherwise", function()
    for name, value in pairs { temperature = 1, top_k = 3, logprobs = 2, speculate = true,
      trigger = "x", ms = 4, logits = function() end } do
      local ok, message = pcall(model.generate, model, "a", { beams = 2, [name] = value })
      assert.is_false(ok)
      assert.truthy(message:find("beams and " .. name .. " do not go together", 1, true), message)
    end
    for _, name in ipairs { "fits", "weigh" } do
      local ok, message = pcall(model.generate, model, "a", { [name] = print })
      assert.is_false(ok)
      assert.truthy(message:find(name .. " wants beams", 1, true), message)
    end
    local function search(fits)
      return assert(model:generate("Once upon a", { beams = 3, max_tokens = 12, fits = fits }))
    end
    local letter = search(nil):match "%l"
    local text = search(function(said) return not said:find(letter, 1, true) end)
    assert.is_nil(text:find(letter, 1, true))
    local said = {}
    text = assert(model:generate("turn on the", { choices = { " light", " lamp" }, beams = 9,
      weigh = function(one) said[one] = true return one == " lamp" and 100 or 0 end }))
    assert.equal(" lamp", text)
    assert.truthy(said[" light"] and said[" lamp"])
    assert.truthy(model:generate("a", { beams = 1, temperature = 1, max_tokens = 2 }))
    assert.truthy(model:generate("a", { beams = 2, temperature = 0, max_tokens = 2 }))
  end)
end)
