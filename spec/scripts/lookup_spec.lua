-- Guesses from what the text already said: the same tokens, fewer passes.
require "spec.support"
local moonlet = require "moonlet"
local lookup = require "moonlet.lookup"
local support = require "spec.support"

local model = assert(moonlet.load())

local function generate(prompt, options, speculate)
  options.speculate = speculate
  local text, info = assert(model:generate(prompt, options))
  return text, info
end

describe("speculation", function()
  it("changes no token, greedy or drawn, on many prompts", function()
    local cases = support.reference()
    local guessed, accepted = 0, 0
    for i = 1, 200 do
      local prompt = cases[(i - 1) % #cases + 1].prompt
      if i > #cases then prompt = "Again " .. i .. ", again " .. i .. ", again" end
      local options = { max_tokens = 24 }
      if i % 4 == 3 then options.temperature, options.seed = 0.8, i end
      local _, plain = generate(prompt, options, false)
      for _, speculate in ipairs { true, 8 } do
        local _, info = generate(prompt, options, speculate)
        assert.same(plain.tokens, info.tokens)
        assert.equal(plain.finish, info.finish)
        guessed, accepted = guessed + info.guesses.guessed, accepted + info.guesses.accepted
      end
      assert.is_nil(plain.guesses)
    end
    assert.truthy(accepted > 200 and guessed > accepted)
  end)

  it("changes nothing else: logprobs, edits, constraints, penalties, streams in slices", function()
    local prompt = "one two three, one two three, one two"
    for _, options in ipairs { { logprobs = 2 }, { repetition_penalty = 1.3, dry_multiplier = 1 },
      { schema = { type = "array", items = { enum = { "one", "two" } }, minItems = 8,
        maxItems = 12 } }, { logits = function(t) t[300] = t[300] + 3 end },
      { regex = "( one two three,){4,9}" } } do
      options.max_tokens = 40
      local want, plain = generate(prompt, options, false)
      local text, info = generate(prompt, options, 8)
      assert.equal(want, text)
      assert.same(plain.tokens, info.tokens)
      assert.same(plain.logprobs, info.logprobs)
      local pieces = {}
      options.ms = 0.05
      for piece in model:stream(prompt, options) do pieces[#pieces + 1] = piece end
      assert.equal(want, table.concat(pieces))
      options.ms = nil
    end
  end)

  it("leaves the same session", function()
    local a, b = model:session(), model:session()
    a:generate("a b c a b c a b", { max_tokens = 20 })
    b:generate("a b c a b c a b", { max_tokens = 20, speculate = true })
    assert.same(a:tokens(), b:tokens())
    assert.same(a:logits():totable(), b:logits():totable())
  end)

  it("refuses what is neither a number nor a boolean", function()
    assert.has_error(function() model:generate("x", { speculate = "yes" }) end)
    assert.has_error(function() model:generate("x", { speculate = -1 }) end)
  end)
end)

describe("lookup", function()
  local clock = 0

  -- Each token took so long.
  local function fed(guesser, ids, seconds)
    for _, id in ipairs(ids) do
      clock = clock + (seconds or 1)
      guesser:push(id, clock)
    end
    return guesser
  end

  local function rising(n)
    local ids = {}
    for i = 1, n do ids[i] = i end
    return ids
  end

  it("guesses what followed the same three tokens last", function()
    assert.is_nil(fed(lookup.new(8, true), { 1, 2, 3 }):guess(clock))
    assert.is_nil(fed(lookup.new(8, true), { 1, 2, 3, 4, 5 }):guess(clock))
    assert.same({ 4, 5 }, fed(lookup.new(8, false), { 1, 2, 3, 4, 5, 1, 2, 3 }):guess(clock))
    local twice = fed(lookup.new(2, false), { 1, 2, 3, 4, 1, 2, 3, 9, 1, 2, 3 })
    assert.same({ 9, 1 }, twice:guess(clock))
    assert.same({ 4 }, fed(lookup.new(1, true), { 1, 2, 3, 4, 5, 1, 2, 3 }):guess(clock))
  end)

  it("guesses twice as much when all was right and that was cheap", function()
    local guesser = fed(fed(lookup.new(8, false), rising(60)), { 1, 2, 3 })
    assert.same({ 4, 5 }, guesser:guess(clock))
    assert.is_nil(fed(guesser, { 4, 5 }, 0.7):guess(clock))
    assert.same({ 7, 8, 9, 10 }, fed(guesser, { 6 }, 0):guess(clock))
    fed(guesser, { 7, 8, 9, 10 }, 0.4):guess(clock)
    assert.equal(8, #fed(guesser, { 11 }, 0):guess(clock))
    fed(guesser, { 12, 13, 14, 40 }, 0.4)
    assert.is_nil(guesser:guess(clock))
    assert.same({ 43, 44, 45 }, fed(guesser, { 41, 42 }):guess(clock))
    assert.same({ guessed = 17, accepted = 9 }, guesser.info)
  end)

  it("waits, longer each time, when guesses cost more than they save", function()
    local waits = {}
    local guesser = fed(lookup.new(8, false), rising(2000))
    local id = 0
    for round = 1, 4 do
      local waited = 0
      repeat
        id = id + 1
        fed(guesser, { id })
        waited = waited + 1
      until guesser:guess(clock) or waited > 99
      waits[round] = waited
      id = id + 300               -- what was guessed does not come
      fed(guesser, { id }, 1.5)
    end
    assert.same({ 3, 8, 16, 32 }, waits)
    local always = fed(fed(lookup.new(8, true), rising(60)), { 1, 2, 3 })
    assert.is_truthy(always:guess(clock))
    assert.is_truthy(fed(always, { 30, 31, 32 }, 9):guess(clock))
  end)
end)
