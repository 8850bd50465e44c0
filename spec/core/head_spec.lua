-- Logits as late and as few as they are wanted: lazy feeds, some rows of the head, masks, guesses.
package.cpath = (os.getenv "MOONLET_BUILD" or "build") .. "/spec/?.so;" .. package.cpath
local moonlet = require "moonlet"
local memory = require "moonlet.debug.memory"

local PROMPT = { 5, 9, 3, 77, 200, 31, 8, 64, 100, 2, 1, 300, 17 }
local TYPES = { "f32", "bf16", "f16", "q8", "q4" }
local pocket = "examples/models/pocket"

local function bits(list)
  local packed = {}
  for i, v in ipairs(list) do packed[i] = string.pack("f", v) end
  return table.concat(packed)
end

local function dense(session) return session:logits():totable() end

-- Some ids of a vocabulary: every n-th, from one on.
local function every(n, from, vocabulary)
  local ids = {}
  for id = from, vocabulary - 1, n do ids[#ids + 1] = id end
  return ids
end

local function picked(logits, ids)
  local list = {}
  for i, id in ipairs(ids) do list[i] = logits[id + 1] end
  return list
end

describe("the head", function()
  it("gives the same bits for some tokens as for all, in every type", function()
    for _, dtype in ipairs(TYPES) do
      local model = assert(moonlet.load(pocket, { dtype = dtype, head_dtype = dtype }))
      local V = model.config.vocab_size
      local all = model:session():feed(PROMPT)
      local want = dense(all)
      local lazy = model:session():feed(PROMPT, { lazy = true })
      for _, ids in ipairs { { 0 }, { V - 1 }, { 77, 78, 79 }, { 900, 4, 17, 900 },
        every(97, 3, V), every(16, 5, V), every(1, 0, V) } do
        assert.is_true(bits(picked(want, ids)) == bits(lazy:logits_of(ids)), dtype)
      end
      assert.is_true(bits(want) == bits(dense(lazy)), dtype)
      model:close()
    end
  end)

  it("answers from the array that a caller edited", function()
    local model = assert(moonlet.load(pocket))
    local session = model:session():feed(PROMPT, { lazy = true })
    session:logits()[77 + 1] = 1234
    assert.same({ 1234 }, session:logits_of(77))
    assert.same({ 1234 }, session:fork():logits_of(77))
    assert.equal(77, (session:draw()))
  end)

  it("is there whoever asks first after a lazy feed", function()
    local model = assert(moonlet.load(pocket))
    local eager = model:session():feed(PROMPT)
    local function lazy() return model:session():feed(PROMPT, { lazy = true }) end
    local want = dense(eager)
    assert.is_true(bits(want) == bits(dense(lazy():fork())))
    assert.same(eager:top(5), lazy():top(5))
    assert.equal(eager:logprob(9), lazy():logprob(9))
    assert.same({ eager:sample() }, { lazy():sample() })
    assert.same({ eager:sample { temperature = 2, seed = 4 } },
      { lazy():sample { temperature = 2, seed = 4 } })
    assert.same({ eager:fork():score { 4, 5 } }, { lazy():score { 4, 5 } })
    local path = os.tmpname()
    assert(lazy():save(path))
    assert.is_true(bits(want) == bits(dense(assert(model:restore(path)))))
    os.remove(path)
  end)

  it("refuses what is no token, and an empty session", function()
    local model = assert(moonlet.load(pocket))
    local session = model:session()
    assert.has_error(function() session:logits_of { 1 } end)
    assert.has_error(function() session:logprob(1) end)
    session:feed(PROMPT)
    for _, wrong in ipairs { -1, 4096, { 1, 4096 }, "x", {} } do
      assert.has_error(function() session:logprob(wrong) end)
    end
    assert.has_error(function() session:logits_of { 4096 } end)
    assert.has_error(function() session:feed(1, { lazy = 1 }) end)
    assert.has_error(function() session:feed(1, { guess = {} }) end)
    assert.has_error(function() session:feed(1, { guesses = 5 }) end)
    assert.has_error(function() session:feed(1, { guesses = { 4096 } }) end)
  end)
end)

describe("sampling under a mask", function()
  local model = assert(moonlet.load(pocket))
  local samplers = { {}, { temperature = 1 }, { temperature = 2, top_k = 3 },
    { temperature = 2, top_p = 0.7 }, { temperature = 1.5, min_p = 0.2 },
    { temperature = 1, repetition_penalty = 1.5, frequency_penalty = 0.5, dry_multiplier = 1 } }

  -- What biases of -infinity on all other tokens give: the same by another way.
  local function banned(options, allowed)
    local copy, bias = {}, {}
    for name, value in pairs(options) do copy[name] = value end
    for id = 0, model.config.vocab_size - 1 do bias[id] = -math.huge end
    for _, id in ipairs(allowed) do bias[id] = nil end
    copy.logit_bias = bias
    return copy
  end

  it("draws as if every other token were banned, few or many, lazy or not", function()
    local few = model:constraint { choices = { "cat", "dog", "do", "mouse" } }:matcher()
    local many = model:constraint { regex = "[a-z ]*" }:matcher()
    local eager = model:session():feed(PROMPT)
    local lazy = model:session():feed(PROMPT, { lazy = true })
    local fork = lazy:fork()
    for _, matcher in ipairs { few, many } do
      local allowed = matcher:allowed()
      for _, options in ipairs(samplers) do
        for seed = 1, 20 do
          options.seed = seed
          local want = eager:draw(banned(options, allowed))
          assert.equal(want, (lazy:draw(options, matcher)))
          assert.equal(want, (fork:sample(options, matcher)))
          assert.equal(want, (eager:draw(options, matcher)))
        end
        options.seed = nil
      end
    end
  end)

  it("tells ln p by all logits, and takes ids beside the mask", function()
    local matcher = model:constraint { choices = { "cat" } }:matcher()
    local session = model:session():feed(PROMPT, { lazy = true })
    local id, logprob = session:sample({}, matcher)
    assert.equal(session:logprob(id), logprob)
    assert.truthy(logprob < 0)
    local best = session:top(1)[1].id
    assert.equal(best, (session:draw({}, matcher, { best })))
    assert.has_error(function() session:draw({}, matcher, { 4096 }) end)
  end)

  it("refuses another model's matcher, and says when nothing is left", function()
    local tiny = assert(moonlet.load "spec/fixtures/tiny-gqa")
    local session = tiny:session():feed { 1, 2 }
    local matcher = model:constraint { choices = { "cat" } }:matcher()
    assert.has_error(function() session:draw({}, matcher) end)
    session = model:session():feed(PROMPT)
    local bias = {}
    for _, id in ipairs(matcher:allowed()) do bias[id] = -math.huge end
    local id, message, code = session:draw({ logit_bias = bias }, matcher)
    assert.is_nil(id)
    assert.equal("math", code)
    assert.equal("every token is banned", message)
  end)
end)

describe("guesses", function()
  it("change no bit, whether right, half right or wrong", function()
    for _, dtype in ipairs(TYPES) do
      local model = assert(moonlet.load(pocket, { dtype = dtype }))
      local plain = model:session()
      for cut = 0, 5 do
        for _, chunk in ipairs { 512, 3, 1 } do
          for _, lazy in ipairs { true, false } do
            plain:rewind(0)
            plain:feed(PROMPT)
            local session = model:session { chunk = chunk }
            local guesses = { 40, 41, 42, 43, 44 }
            if cut < 5 then guesses[cut + 1] = 500 end
            session:feed(PROMPT, { lazy = lazy, guesses = guesses })
            assert.equal(#PROMPT, #session)
            assert.same(PROMPT, session:tokens())
            for id = 40, 46 do
              assert.is_true(bits(dense(plain)) == bits(dense(session)), dtype)
              plain:feed(id)
              session:feed(id, { lazy = lazy })
              assert.equal(#plain, #session)
            end
            assert.is_true(bits(dense(plain)) == bits(dense(session)), dtype)
          end
        end
      end
      model:close()
    end
  end)

  it("that are right cost nothing any more", function()
    local model = assert(moonlet.load(pocket))
    local session = model:session()
    session:feed(PROMPT, { guesses = { 40, 41 } })
    session:begin { 40, 41 }
    assert.is_true(session:step())
    session:begin(42)
    assert.is_false(session:step())
  end)

  it("are forgotten by whatever else happens to the session", function()
    local model = assert(moonlet.load(pocket))
    local plain = model:session()
    local function guessed()
      return model:session():feed(PROMPT, { lazy = true, guesses = { 40, 41 } })
    end
    local function check(session)
      plain:rewind(0)
      plain:feed(session:tokens())
      assert.is_true(bits(dense(plain)) == bits(dense(session)))
    end
    local a = guessed()
    a:rewind(5)
    check(a:feed { 40 })
    local b = guessed():fork()
    check(b:feed { 40, 41 })
    local c = guessed()
    assert.equal(2, #c:score { 40, 41 })
    check(c)
    local d = guessed()
    assert.same({ 2, model.config.vocab_size }, d:evaluate({ 40, 41 }).shape)
    check(d)
    local e, f = guessed(), guessed()
    model:batch { e, f }:feed { 7, 40 }
    check(e)
    check(f:feed(41))
  end)

  it("do not overfill the context, and a cancel ends a guessed feed too", function()
    local model = assert(moonlet.load(pocket))
    local session = model:session { context = #PROMPT + 1 }
    session:feed(PROMPT, { guesses = { 40, 41, 42 } })
    assert.is_truthy(session:feed(40))
    local ok, _, code = session:feed(41)
    assert.is_nil(ok)
    assert.equal("full", code)
    session = model:session():feed(PROMPT, { guesses = { 40 } })
    session:cancel()
    ok, _, code = session:feed(40)
    assert.is_nil(ok)
    assert.equal("cancel", code)
    assert.equal(#PROMPT, #session)
    assert.is_truthy(session:feed(40))
  end)

  it("allocate nothing", function()
    local model = assert(moonlet.load(pocket))
    local session = model:session():feed(PROMPT)
    local matcher = model:constraint { choices = { "cat", "dog" } }:matcher()
    session:draw({}, matcher)
    memory.fail_at(0)
    for _ = 1, 20 do
      session:feed(session:draw(), { lazy = true, guesses = { 9, 9, 9 } })
      session:draw({}, matcher)
    end
    assert.equal(0, memory.count())
  end)
end)
