-- Generation: greedy answers against the float64 reference, streams, ends, sessions, choices.
local support = require "spec.support"
local moonlet = require "moonlet"

local model = assert(moonlet.load())
local reference = support.reference()
local end_id = assert(model:token "<|end|>")

local function collect(stream)
  local pieces = {}
  for piece in stream do pieces[#pieces + 1] = piece end
  return table.concat(pieces), pieces
end

describe("generate", function()
  it("is greedy by default and answers as the reference does", function()
    assert.truthy(#reference > 0)
    for _, case in ipairs(reference) do
      assert.same(case.prompt, model:encode(case.text, { special = true }))
      local text, info = model:generate(case.text, { special = true, stop_tokens = { end_id },
        max_tokens = 40 })
      local want = {}
      for _, id in ipairs(case.greedy) do
        if id ~= end_id and not model:is_eos(id) then want[#want + 1] = id end
      end
      assert.same(want, info.tokens)
      assert.equal(case.greedy_text, text)
      assert.equal(#case.prompt, info.prompt_tokens)
      assert.equal(#want, info.generated_tokens)
      local ended = case.greedy[#case.greedy] == end_id
      assert.equal(ended and "stop" or "length", info.finish)
      assert.equal(ended and end_id or nil, info.stop)
    end
  end)

  it("takes ids, echoes, and counts seconds", function()
    local case = reference[1]
    local text = model:generate(case.prompt, { stop = "<|end|>" })
    assert.equal(case.greedy_text, text)
    local echoed, info = model:generate("The", { max_tokens = 3, echo = true })
    assert.equal("The", echoed:sub(1, 3))
    assert.truthy(info.seconds.prefill > 0 and info.seconds.decode > 0)
    assert.equal("length", info.finish)
    assert.equal(3, info.generated_tokens)
    assert.equal(0, select(2, model:generate("The", { max_tokens = 0 })).generated_tokens)
  end)

  it("gives the same text for the same seed, whatever the threads", function()
    local options = { max_tokens = 24, temperature = 1.2, top_p = 0.95, seed = 11 }
    local text = model:generate("The", options)
    assert.equal(text, (model:generate("The", options)))
    for threads = 1, 3 do
      local other = assert(moonlet.load(nil, { threads = threads }))
      assert.equal(text, (other:generate("The", options)))
    end
    options.seed = 12
    assert.not_equal(text, (model:generate("The", options)))
  end)

  it("stops before a stop string anywhere in the text", function()
    local whole = model:generate("The cat", { max_tokens = 30 })
    assert.truthy(#whole > 20)
    for from = 1, #whole - 4, 3 do
      local stop = whole:sub(from, from + 3)
      local text, info = model:generate("The cat", { max_tokens = 30, stop = { "\1", stop } })
      assert.equal(whole:sub(1, whole:find(stop, 1, true) - 1), text)
      assert.equal("stop", info.finish)
      assert.equal(stop, info.stop)
    end
  end)

  it("bans every end until min_tokens", function()
    local prompt = reference[2].prompt
    local _, info = model:generate(prompt, { stop_tokens = { end_id }, min_tokens = 40,
      max_tokens = 60 })
    assert.truthy(info.generated_tokens >= 40)
    for i = 1, 40 do
      assert.truthy(info.tokens[i] ~= end_id and not model:is_eos(info.tokens[i]))
    end
  end)

  it("lets a function edit the logits", function()
    local calls = 0
    local _, info = model:generate("The", { max_tokens = 5, logits = function(t, session)
      calls = calls + 1
      assert.equal(3 - 1 + calls - 1, #session)
      t[77 + 1] = 1e4
    end })
    assert.equal(5, calls)
    assert.same({ 77, 77, 77, 77, 77 }, info.tokens)
  end)

  it("tells logprobs of the logits as the model gave them", function()
    local _, info = model:generate("The", { max_tokens = 4, logprobs = 3, temperature = 2, seed = 1,
      logits = function(t) t:fill(0) end })
    assert.equal(4, #info.logprobs)
    for i, entry in ipairs(info.logprobs) do
      assert.equal(info.tokens[i], entry.id)
      assert.equal(model:piece(entry.id), entry.piece)
      assert.equal(3, #entry.top)
      assert.truthy(entry.top[1].logprob > math.log(1 / 4096) + 1)
    end
    local _, plain = model:generate("The", { max_tokens = 4, logprobs = 1 })
    for _, entry in ipairs(plain.logprobs) do
      assert.equal(entry.id, entry.top[1].id)
      assert.truthy(math.abs(entry.logprob - entry.top[1].logprob) < 1e-6)
    end
  end)

  it("continues a session, which holds every token afterwards", function()
    local whole, all = model:generate("The cat", { max_tokens = 20 })
    local session = model:session()
    local first, a = session:generate("The cat", { max_tokens = 8 })
    assert.equal(a.prompt_tokens + 8, #session)
    local second, b = model:generate(nil, { max_tokens = 12, session = session })
    assert.equal(whole, first .. second)
    assert.equal(0, b.prompt_tokens)
    local expected = model:encode "The cat"
    for _, id in ipairs(all.tokens) do expected[#expected + 1] = id end
    assert.same(expected, session:tokens())
  end)

  it("ends when the context is full, and says when the prompt does not fit", function()
    local text, info = model:generate("The cat", { context = 10 })
    assert.equal("full", info.finish)
    assert.truthy(#text > 0)
    local none, message, code = model:generate(("x "):rep(100), { context = 10 })
    assert.equal(nil, none)
    assert.equal("full", code)
    assert.equal("string", type(message))
  end)

  it("ends by a cancel with what there is", function()
    local session = model:session()
    local n = 0
    local text, info = session:generate("The", { logits = function()
      n = n + 1
      if n == 6 then session:cancel() end
    end })
    assert.equal("cancel", info.finish)
    assert.truthy(#text > 0)
    assert.equal(6, info.generated_tokens)
  end)

  it("refuses wrong options and prompts", function()
    for _, options in ipairs { { max_tokens = -1 }, { max_tokens = "x" }, { stop = 1 },
      { stop = "" }, { stop = { "" } }, { stop = { 1 } }, { stop_tokens = "x" }, { logits = 1 },
      { special = 1 }, { echo = 1 }, { min_tokens = 0.5 }, { max_token = 1 }, { session = 1 },
      { logprobs = -1 }, { temperature = "hot" }, { top_p = 7 } } do
      assert.equal(false, (pcall(model.generate, model, "x", options)), next(options))
    end
    local ok, message = pcall(model.generate, model, "x", { max_token = 1 })
    assert.equal(false, ok)
    assert.truthy(message:find("did you mean 'max_tokens'", 1, true))
    for _, options in ipairs { { max_token = 1 }, { temperature = "hot" }, { stop = 1 } } do
      ok, message = pcall(function() return (model:generate("x", options)) end)
      assert.equal(false, ok)
      assert.truthy(message:find("generate_spec.lua:%d+: "), message)
    end
    for _, prompt in ipairs { 1, true, {}, print } do
      assert.equal(false, (pcall(model.generate, model, prompt)))
    end
    assert.equal(false, (pcall(model.generate, model)))
  end)
end)

describe("stream", function()
  it("gives generate's text in whole characters", function()
    for seed = 1, 8 do
      local options = { max_tokens = 30, temperature = 3, seed = seed }
      local text, pieces = collect(model:stream("\u{1F315}", options))
      assert.equal((model:generate("\u{1F315}", options)), text)
      for _, piece in ipairs(pieces) do assert.truthy(utf8.len(piece)) end
    end
  end)

  it("has info while it runs and after", function()
    local stream = model:stream("The cat", { max_tokens = 6 })
    assert.equal(nil, stream.info.finish)
    local seen = 0
    for _ in stream do
      assert.truthy(stream.info.generated_tokens > seen)
      seen = stream.info.generated_tokens
    end
    assert.equal("length", stream.info.finish)
    assert.equal(nil, stream())
  end)

  it("may be yielded from and driven by coroutines", function()
    local want = model:generate("The cat", { max_tokens = 12 })
    local function reader()
      return coroutine.wrap(function()
        for piece in model:stream("The cat", { max_tokens = 12 }) do coroutine.yield(piece) end
      end)
    end
    local a, b = reader(), reader()
    local texts = { "", "" }
    for _ = 1, 40 do
      texts[1] = texts[1] .. (a and a() or "")
      texts[2] = texts[2] .. (b and b() or "")
      if texts[1] == want then a = nil end
      if texts[2] == want then b = nil end
    end
    assert.same({ want, want }, texts)
  end)

  it("is closed when a loop is left", function()
    local stream
    for _ in (function()
      local results = table.pack(model:stream("The cat", { max_tokens = 50 }))
      stream = results[1]
      return table.unpack(results, 1, 4)
    end)() do
      if stream.info.generated_tokens >= 2 then break end
    end
    assert.equal("cancel", stream.info.finish)
    assert.equal("moonlet.session (closed)", tostring(stream.session))
  end)

  it("comes back in time with option ms, to the same text", function()
    local want = model:generate("The cat", { max_tokens = 6 })
    local stream = model:stream("The cat", { max_tokens = 6, ms = 0.01 })
    local text, empty = "", 0
    for piece in stream do
      text = text .. piece
      if piece == "" then empty = empty + 1 end
    end
    assert.equal(want, text)
    assert.truthy(empty > 6)
  end)

  it("may be left in the middle of a slice, and the session used again", function()
    local session = model:session()
    local stream = session:stream("The cat sat on the mat", { ms = 0.001 })
    assert.equal("", stream())
    stream:cancel()
    assert.equal("cancel", stream.info.finish)
    assert.equal(0, #session)
    assert.equal((model:generate("The cat", { max_tokens = 5 })),
      (session:generate("The cat", { max_tokens = 5 })))
  end)

  it("works in steps of so much time or so many tokens", function()
    local options = { special = true, stop_tokens = { end_id }, max_tokens = 40 }
    local case = reference[1]
    for _, limits in ipairs { { tokens = 1 }, {}, { tokens = 3 }, { ms = 0.01 }, { ms = 1e4 },
      { ms = 0.05, tokens = 2 } } do
      local session = model:session()
      local generation = session:stream(case.text, options)
      local pieces, before = {}, 0
      for piece in function() return generation:step(limits) end do
        pieces[#pieces + 1] = piece
        local n = generation.info.generated_tokens
        local most = limits.tokens or not limits.ms and 1 or math.huge
        assert.is_true(n <= before + most)
        before = n
      end
      assert.equal(case.greedy_text, table.concat(pieces))
      assert.equal("stop", generation.info.finish)
      assert.equal(#case.prompt + before, #session)
      if limits.ms == 1e4 then assert.equal(1, #pieces) end
      if limits.ms == 0.01 then assert.is_true(#pieces > before) end
      assert.is_nil(generation:step(limits))
    end
    local generation = model:stream("The", {})
    assert.has_error(function() generation:step { m = 4 } end)
    assert.has_error(function() generation:step { ms = "4" } end)
    assert.has_error(function() generation:step { tokens = -1 } end)
  end)

  it("ends a step when what is left of its time is too little for the next unit of work", function()
    local session, asked = model:session(), 0
    local generation = session:stream("The cat", { max_tokens = 4 })
    generation.session = setmetatable({
      step = function() asked = asked + 1 return false end,
    }, { __index = function(_, name)
      return function(_, ...) return session[name](session, ...) end
    end })
    assert.equal("", generation:step { ms = 1000 })
    assert.equal(1, asked)
  end)

  it("throws from the loop what generate would return", function()
    local stream = model:stream(("x "):rep(100), { context = 10 })
    assert.equal(false, (pcall(stream)))
    assert.equal(nil, stream())
  end)
end)

describe("score", function()
  it("adds up token by token", function()
    local text = "turn off the lights"
    local result = model:score(text)
    assert.same(model:encode(text), result.ids)
    local session, sum = model:session():feed(result.ids[1]), 0
    for i = 2, #result.ids do
      local one = session:score { result.ids[i] }[1]
      assert.truthy(math.abs(one - result.logprobs[i]) < 1e-5)
      sum = sum + one
    end
    assert.truthy(result.logprobs[1] ~= result.logprobs[1])
    assert.truthy(math.abs(sum - result.sum) < 1e-4)
    assert.truthy(math.abs(result.perplexity - math.exp(-sum / (#result.ids - 1))) < 1e-3)
    assert.same(result.sum, model:score(result.ids).sum)
    assert.equal(false, (pcall(model.score, model, {})))
    assert.equal(false, (pcall(model.score, model, "x", { specal = true })))
  end)
end)

describe("choose", function()
  local options = { " cat", " dog sat", " the" }

  it("agrees with scoring each continuation", function()
    local best, probabilities = model:choose("I saw", options)
    local sums, total, most = {}, 0, nil
    for _, option in ipairs(options) do
      sums[option] = model:score("I saw" .. option).sum
      total = total + math.exp(sums[option])
      if not most or sums[option] > sums[most] then most = option end
    end
    assert.equal(most, best)
    local all = 0
    for _, option in ipairs(options) do
      all = all + probabilities[option]
      assert.truthy(math.abs(probabilities[option] - math.exp(sums[option]) / total) < 1e-4)
    end
    assert.truthy(math.abs(all - 1) < 1e-9)
  end)

  it("can compare means per token", function()
    local _, probabilities = model:choose("I saw", options, { normalize = true })
    local base = model:score("I saw")
    local means, total = {}, 0
    for _, option in ipairs(options) do
      local full = model:score("I saw" .. option)
      means[option] = (full.sum - base.sum) / (#full.ids - #base.ids)
      total = total + math.exp(means[option])
    end
    for _, option in ipairs(options) do
      assert.truthy(math.abs(probabilities[option] - math.exp(means[option]) / total) < 1e-4)
    end
  end)

  it("leaves a session as it was", function()
    local session = model:session():feed "I saw"
    local before, logits = session:tokens(), session:logits():totable()
    local best, probabilities = session:choose(nil, options)
    local alone, same = model:choose(model:encode "I saw", options)
    assert.equal(alone, best)
    for _, option in ipairs(options) do
      assert.truthy(math.abs(probabilities[option] - same[option]) < 1e-6)
    end
    assert.same(before, session:tokens())
    assert.same(logits, session:logits():totable())
  end)

  it("refuses what it cannot compare", function()
    for _, wrong in ipairs { {}, { 1 }, { "" }, "x", { {} } } do
      assert.equal(false, (pcall(model.choose, model, "x", wrong)))
    end
    assert.equal(false, (pcall(model.choose, model, "x")))
    assert.equal(false, (pcall(model.choose, model, 5, { "a" })))
    assert.equal(false, (pcall(model.choose, model, "x", { "a" }, { normalise = true })))
    local none, _, code = model:choose(("x "):rep(100), { "a", "b" }, { context = 10 })
    assert.equal(nil, none)
    assert.equal("full", code)
  end)
end)
