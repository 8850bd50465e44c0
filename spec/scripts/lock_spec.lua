-- Generation under a constraint: what comes out holds it, forced tokens are fed and not drawn, free
-- text may stand before.
require "spec.support"
local moonlet = require "moonlet"
local json = require "moonlet.json"
local schema = require "moonlet.schema"

local model = assert(moonlet.load())
local end_id = assert(model:token "<|end|>")

local CALL = [[{"type": "object", "properties": {
  "name": {"enum": ["play_music", "set_alarm"]},
  "arguments": {"type": "object", "properties": {
    "city": {"type": "string", "maxLength": 12}, "loud": {"type": "boolean"}},
    "required": ["city", "loud"], "additionalProperties": false}},
  "required": ["name", "arguments"], "additionalProperties": false}]]

local samplers = { {}, { temperature = 1.5, seed = 1 }, { temperature = 1, top_k = 2, seed = 2 },
  { temperature = 2, top_p = 0.8, seed = 3 }, { temperature = 2, min_p = 0.1, seed = 4 },
  { repetition_penalty = 1.4, dry_multiplier = 1 } }

local function with(base, more)
  local all = {}
  for name, value in pairs(base) do all[name] = value end
  for name, value in pairs(more) do all[name] = value end
  return all
end

local function collect(stream)
  local pieces = {}
  for piece in stream do pieces[#pieces + 1] = piece end
  return table.concat(pieces)
end

describe("generate under a constraint", function()
  it("writes what parses and validates, with every sampler, from text or a table", function()
    local as_table = json.decode(CALL)
    local valid = assert(schema.compile(as_table))
    for _, options in ipairs(samplers) do
      for _, given in ipairs { CALL, as_table } do
        local text, info = assert(model:generate("The", with(options, { schema = given })))
        assert.equal("complete", info.finish)
        assert.equal(text, info.locked)
        assert.is_true((valid(assert(json.decode(text)))))
        assert.truthy(info.forced > 0 and info.forced < info.generated_tokens)
        assert.equal(info.generated_tokens, #info.tokens)
        assert.equal(text, model:decode(info.tokens))
      end
    end
  end)

  it("takes a regex, choices, a grammar and a compiled constraint", function()
    local compiled = assert(model:constraint { regex = "(ab|cd){2,3}" })
    for seed = 1, 10 do
      local function write(options)
        options.temperature, options.seed = 2, seed
        local text, info = assert(model:generate("The", options))
        assert.truthy(info.finish == "complete" or info.finish == "eos")
        return text
      end
      assert.matches("^[a-c]+%d$", write { regex = "[a-c]{1,4}[0-9]" })
      assert.matches("^[acbd]+$", write { constraint = compiled })
      local chosen = write { choices = { "good", "bad", "bad news" } }
      assert.truthy(chosen == "good" or chosen == "bad" or chosen == "bad news")
      assert.matches("^a%d+z$", write { gbnf = 'root ::= "a" [0-9]{1,3} "z"' })
    end
  end)

  it("says `length` when the tokens end before the text may", function()
    local text, info = model:generate("The", { schema = CALL, max_tokens = 9 })
    assert.equal("length", info.finish)
    assert.equal(9, info.generated_tokens)
    assert.is_nil((json.decode(text)))
    text, info = model:generate("The", { regex = "[a-z]+", max_tokens = 3 })
    assert.equal("complete", info.finish)
    assert.matches("^[a-z]+$", text)
    text, info = model:generate("The", { schema = CALL, context = 12 })
    assert.equal("full", info.finish)
    assert.equal('{"name', text:sub(1, 6))
  end)

  it("ends by EOS and by stop tokens exactly where the text is complete", function()
    local bias = { [end_id] = 100 }
    local text, info = model:generate("The", { regex = "a{3,9}", stop_tokens = end_id,
      logit_bias = bias })
    assert.equal("stop", info.finish)
    assert.equal("aaa", text)
    text, info = model:generate("The", { regex = "a{3,9}", logit_bias = { [2] = 100 } })
    assert.equal("eos", info.finish)
    assert.equal("aaa", text)
    text, info = model:generate("The", { regex = "a{3,9}", logit_bias = { [2] = 100 },
      min_tokens = 20 })
    assert.equal("complete", info.finish)
    assert.equal("aaaaaaaaa", text)
  end)

  it("feeds what is forced in one go, and leaves the session as one by one would", function()
    local session = model:session()
    local feeds, begin = 0, session.begin
    local counted = setmetatable({}, { __index = function(_, name)
      local value = session[name]
      if type(value) ~= "function" then return value end
      return function(_, ...)
        if name == "begin" then feeds = feeds + 1 end
        return value(session, ...)
      end
    end, __len = function() return #session end })
    assert.truthy(begin)
    local text, info = model:generate("The", { session = counted, schema = CALL })
    assert.equal("complete", info.finish)
    assert.equal(info.generated_tokens - info.forced + 1, feeds)
    local all = model:encode "The"
    for _, id in ipairs(info.tokens) do all[#all + 1] = id end
    assert.same(all, session:tokens())
    local plain = model:session():feed(all)
    assert.same(plain:logits():totable(), session:logits():totable())
    assert.equal(text, model:decode(info.tokens))
  end)

  it("tells true logprobs, of the same tokens", function()
    local _, quick = model:generate("The", { schema = CALL })
    local _, info = model:generate("The", { schema = CALL, logprobs = 2 })
    assert.same(quick.tokens, info.tokens)
    assert.equal(quick.forced, info.forced)
    local ids = model:encode "The"
    local prompt = #ids
    for _, id in ipairs(info.tokens) do ids[#ids + 1] = id end
    local want = model:session():score(ids)
    for i, entry in ipairs(info.logprobs) do
      assert.equal(info.tokens[i], entry.id)
      assert.near(want[prompt + i], entry.logprob, 1e-9)
      assert.equal(2, #entry.top)
    end
  end)

  it("streams the same, in slices of time too, and with edited logits", function()
    local want = model:generate("The", { schema = CALL })
    assert.equal(want, collect(model:stream("The", { schema = CALL })))
    assert.equal(want, collect(model:stream("The", { schema = CALL, ms = 0.01 })))
    assert.equal(want, collect(model:session():stream("The", { schema = CALL })))
    local edited = model:generate("The", { choices = { "cat", "dog" }, logits = function(t)
      t[model:constraint { choices = { "dog" } }:matcher():forced()[1] + 1] = 1e5
    end })
    assert.equal("dog", edited)
  end)

  it("lets a chat answer with nothing else", function()
    local chat = assert(require "moonlet.chat".new(model, { expect = "assistant" }))
    local answer, info = chat:ask("Shall we go?", { choices = { "yes", "no" } })
    assert.truthy(answer == "yes" or answer == "no")
    assert.equal("complete", info.finish)
    answer = chat:ask("And then?", { regex = "[A-Z][a-z]{2,8}\\." })
    assert.matches("^%u%l+%.$", answer)
  end)

  it("compiles a constraint once, keeps sixteen, and lets the model go", function()
    local own = assert(moonlet.load())
    for i = 1, 40 do own:generate("x", { regex = "a{" .. i .. "}", max_tokens = 1 }) end
    local side = require "moonlet.host".side(own)
    assert.equal(16, #side.constraints)
    local kept, last = side.constraints[1], side.constraints.last
    for _, again in ipairs { { regex = "a{33}" }, { schema = { enum = { "a" } } },
      { schema = '{"enum":["a"]}' }, { choices = { "a", "b" } }, { choices = { "a", "b" } },
      { choices = { "a1:b" } } } do
      again.max_tokens = 1
      own:generate("x", again)
    end
    assert.equal(last + 3, side.constraints.last)
    assert.equal(kept, side.constraints[1])
    own:close()
    assert.is_nil(side.constraints)
    assert.has_error(function() kept:matcher() end)
  end)

  it("says what is wrong with the options, at the caller's line", function()
    local compiled = model:constraint { choices = { "a" } }
    for _, options in ipairs { { schema = CALL, regex = "a" }, { constraint = "x" },
      { constraint = compiled, choices = { "a" } }, { whitespace = "none" }, { ordered = true },
      { trigger = "x" }, { think = 3 }, { regex = "(" }, { regex = 5 }, { choices = {} },
      { schema = 5 }, { choices = { "a" }, trigger = {} , think = -1 },
      { choices = { "a" }, trigger = "" }, { choices = { "a" }, trigger = { 5 } } } do
      local ok, message = pcall(function() return (model:generate("x", options)) end)
      assert.is_false(ok, next(options))
      assert.matches("lock_spec.lua:%d+: ", message)
    end
    local text, message, code = model:generate("x", { schema = { type = "string",
      pattern = "(?=a)" } })
    assert.is_nil(text)
    assert.equal("support", code)
    assert.equal("string", type(message))
  end)
end)

describe("a trigger", function()
  -- The first words that the model writes freely, to be used as triggers.
  local free = model:generate("The cat", { max_tokens = 30 })

  it("locks behind any cut of the text, inside tokens too", function()
    for from = 2, #free - 4, 5 do
      local trigger = free:sub(from, from + 2)
      local where = select(2, free:find(trigger, 1, true))
      local text, info = assert(model:generate("The cat", { max_tokens = 60, trigger = trigger,
        regex = "[0-9]{3}" }))
      assert.equal("complete", info.finish)
      assert.equal(free:sub(1, where), text:sub(1, -4))
      assert.equal(text:sub(-3), info.locked)
      assert.matches("^%d%d%d$", info.locked)
    end
  end)

  it("keeps what its token has more, where the constraint allows it", function()
    local first = model:piece((model:session():feed "The cat":sample()))
    assert.truthy(#first >= 2)
    local rest = first:sub(2)
    local text, info = model:generate("The cat", { trigger = first:sub(1, 1),
      choices = { rest .. "!" } })
    assert.equal(first .. "!", text)
    assert.equal(rest .. "!", info.locked)
  end)

  it("may be a token, one of several texts, or never come", function()
    local options = { max_tokens = 40, trigger = end_id, choices = { "x" },
      logit_bias = { [end_id] = 100 } }
    local text, info = model:generate("The cat", options)
    assert.equal("<|end|>x", text)
    assert.equal("x", info.locked)
    assert.equal(end_id, info.tokens[1])
    local first = free:sub(3, 4)
    text = model:generate("The cat", { trigger = { "\1", free:sub(9, 11), first },
      choices = { "#" } })
    assert.equal(free:sub(1, select(2, free:find(first, 1, true))) .. "#", text)
    text, info = model:generate("The cat", { max_tokens = 30, trigger = "\1", choices = { "x" } })
    assert.equal(free, text)
    assert.equal("length", info.finish)
    assert.is_nil(info.locked)
  end)
end)

describe("thinking", function()
  it("ends after its tokens, with the trigger, and then locks", function()
    local free, told = model:generate("The cat", { max_tokens = 7 })
    local text, info = model:generate("The cat", { think = 7, trigger = " So: ",
      choices = { "yes", "no" } })
    assert.equal(free .. " So: " .. info.locked, text)
    assert.truthy(info.locked == "yes" or info.locked == "no")
    for i = 1, 7 do assert.equal(told.tokens[i], info.tokens[i]) end
    text, info = model:generate("The cat", { think = 7, trigger = end_id, choices = { "yes" } })
    assert.equal(free .. "<|end|>yes", text)
    assert.equal(end_id, info.tokens[8])
    text = model:generate("The cat", { think = 7, choices = { "yes" } })
    assert.equal(free .. "yes", text)
    assert.equal("yes", (model:generate("The cat", { think = 0, choices = { "yes" } })))
  end)

  it("ends where the model would end its text, or write the trigger itself", function()
    local text, info = model:generate("The cat", { think = 50, trigger = "=", choices = { "1" },
      logit_bias = { [2] = 100 } })
    assert.equal("=1", text)
    assert.equal("complete", info.finish)
    local free = model:generate("The cat", { max_tokens = 30 })
    text = model:generate("The cat", { think = 50, trigger = free:sub(5, 7), choices = { "1" } })
    assert.equal(free:sub(1, select(2, free:find(free:sub(5, 7), 1, true))) .. "1", text)
  end)
end)

describe("token healing", function()
  local WHOLE = 'call: {"name": "play_music", "arguments": {"city": "Paris", "loud": true}}'
  local whole = model:encode(WHOLE)

  -- Prompt and rest at every cut, and whether the cut is inside a token.
  local function each_cut(f)
    local ends, at = {}, 0
    for i = 2, #whole do
      at = at + #model:piece(whole[i])
      ends[at] = true
    end
    for cut = 2, #WHOLE - 1 do f(WHOLE:sub(1, cut), WHOLE:sub(cut + 1), not ends[cut]) end
  end

  it("writes the tokens of the whole text, wherever the prompt ends", function()
    each_cut(function(prompt, rest, inside)
      local session = model:session()
      local text, info = session:generate(prompt, { choices = { rest } })
      assert.equal(rest, text)
      assert.equal(rest, info.locked)
      assert.equal("complete", info.finish)
      assert.same(whole, session:tokens())
      assert.equal(#whole, info.prompt_tokens + info.generated_tokens)
      assert.equal(#info.tokens, info.generated_tokens)
      assert.equal(info.generated_tokens, info.forced)
      if inside then assert.equal(prompt:sub(-#info.healed), info.healed) end
      session = model:session()
      assert.equal(rest, (session:generate(prompt, { choices = { rest }, heal = false })))
      assert.equal(not inside, table.concat(session:tokens(), " ") == table.concat(whole, " "))
    end)
  end)

  it("does so streamed, in steps, with logprobs and with guesses", function()
    each_cut(function(prompt, rest)
      for _, more in ipairs { {}, { ms = 0.01 }, { logprobs = 1 }, { speculate = true },
        { speculate = 4 }, { echo = true }, { temperature = 1.5, seed = 3 } } do
        local session = model:session()
        more.choices = { rest, rest:sub(1, 3) .. "#" .. rest }
        local stream = session:stream(prompt, more)
        local text = collect(stream)
        local want = (more.echo and prompt or "") .. stream.info.locked
        assert.equal(want, text)
        assert.equal(prompt .. stream.info.locked, model:decode(session:tokens()))
        if more.logprobs then assert.equal(#stream.info.tokens, #stream.info.logprobs) end
      end
      local generation, said = model:stream(prompt, { choices = { rest } }), {}
      repeat
        local piece = generation:step { tokens = 1 }
        said[#said + 1] = piece
      until not piece
      assert.equal(rest, table.concat(said))
    end)
  end)

  it("changes nothing where the prompt ends with a whole token", function()
    for _, prompt in ipairs { "<|user|> play some jazz<|call|>", "The" } do
      for _, options in ipairs { { schema = CALL }, { choices = { "@", "#" } } } do
        options.special = true
        local text, info = model:generate(prompt, options)
        options.heal = false
        local same, plain = model:generate(prompt, options)
        assert.equal(same, text)
        info.seconds, plain.seconds = nil, nil
        assert.same(plain, info)
        assert.is_nil(info.healed)
      end
    end
    -- nor for ids, and where nothing is to be written
    local ids = model:encode 'call: {"na'
    local text, info = model:generate(ids, { choices = { 'me"' } })
    assert.equal('me"', text)
    assert.equal(#ids, info.prompt_tokens)
    assert.is_nil(info.healed)
    local session = model:session()
    session:generate('call: {"na', { choices = { 'me"' }, max_tokens = 0 })
    assert.same(ids, session:tokens())
  end)

  -- A word that the bias makes the model write, and a prompt that ends inside of it.
  local word = model:encode(" said", { bos = false })[1]
  local bias = { [word] = 50 }
  local prompt = "The cat sa"

  it("heals free text where it is asked to", function()
    local session = model:session()
    local text, info = session:generate(prompt, { heal = true, max_tokens = 3, logit_bias = bias })
    assert.equal("id said said", text)
    assert.equal(" sa", info.healed)
    assert.same({ word, word, word }, info.tokens)
    assert.is_nil(info.locked)
    local ids = model:encode "The cat said said said"
    assert.same(ids, session:tokens())
    assert.equal(text, collect(model:stream(prompt, { heal = true, max_tokens = 3,
      logit_bias = bias })))
    for _, heal in ipairs { false, nil } do
      text, info = model:generate(prompt, { heal = heal, max_tokens = 3, logit_bias = bias })
      assert.equal(" said said said", text)
      assert.is_nil(info.healed)
    end
  end)

  it("counts, stops and locks by what is new only", function()
    local function write(more)
      more.heal, more.logit_bias = true, more.logit_bias or bias
      return model:generate(prompt, more)
    end
    local text, info = write { max_tokens = 1 }
    assert.equal("id", text)
    assert.equal(1, info.generated_tokens)
    -- a stop string that only the prompt's end spells, one that begins behind it
    text = write { max_tokens = 2, stop = " saidx" }
    assert.equal("id said", text)
    text = write { max_tokens = 3, stop = "d s" }
    assert.equal("i", text)
    text = write { max_tokens = 3, stop = " said" }
    assert.equal("id", text)
    -- a token that says the prompt's end again is no stop token and none of the first tokens
    local ids = model:encode(prompt)
    local sa = ids[#ids]
    assert.equal(" sa", model:piece(sa))
    text, info = write { max_tokens = 4, min_tokens = 1, stop_tokens = sa,
      logit_bias = { [sa] = 50 } }
    assert.equal(#ids, info.prompt_tokens)
    assert.equal("stop", info.finish)
    assert.equal(1, info.generated_tokens)
    assert.not_equal("", text)
    -- a trigger and a thought begin behind the prompt
    text, info = write { trigger = "d", choices = { "1", "2" } }
    assert.equal("id" .. info.locked, text)
    assert.matches("^[12]$", info.locked)
    text, info = write { trigger = "i", choices = { "=" } }
    assert.equal("i=", text)
    assert.equal("=", info.locked)
    text, info = write { think = 1, choices = { "=" } }
    assert.equal("id=", text)
    assert.equal("=", info.locked)
    assert.equal("#=", (write { think = 0, trigger = "#", choices = { "=" } }))
    text, info = write { think = 0, trigger = end_id, choices = { "=" } }
    assert.equal("<|end|>=", text)
    assert.is_nil(info.healed)
  end)

  it("says so at the caller's line when `heal` is no boolean", function()
    local ok, message = pcall(function() return (model:generate("x", { heal = 1 })) end)
    assert.is_false(ok)
    assert.matches("lock_spec.lua:%d+: .*heal", message)
  end)
end)
