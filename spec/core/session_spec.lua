-- Sessions at the floor of core: memory, overflow, slices of work, cancel, fork, rewind.
package.cpath = (os.getenv "MOONLET_BUILD" or "build") .. "/spec/?.so;" .. package.cpath
local moonlet = require "moonlet"
local memory = require "moonlet.debug.memory"

local DIR = "spec/fixtures/tiny-gqa-bf16"
local PROMPT = { 5, 9, 3, 77, 200, 31, 8, 64, 100, 2, 1, 300, 17 }

local function bits(session)
  local list = {}
  for i, v in ipairs(session:logits():totable()) do list[i] = string.pack("f", v) end
  return table.concat(list)
end

local function released()
  collectgarbage()
  collectgarbage()
  return memory.live()
end

describe("session", function()
  local model

  before_each(function() model = assert(moonlet.load(DIR)) end)
  after_each(function() model:close() end)

  it("tells the counts when the context is full", function()
    local session = model:session { context = 16 }
    session:feed(PROMPT)
    local before = bits(session)
    local ok, message, code = session:feed { 1, 2, 3, 4 }
    assert.is_nil(ok)
    assert.equal("full", code)
    assert.matches("13 tokens are in, 4 more do not fit into 16", message, 1, true)
    assert.equal(13, #session)
    assert.is_true(before == bits(session))
    assert.is_truthy(session:feed { 1, 2, 3 })
    assert.equal(16, #session)
  end)

  it("gives the same logits in slices of work as in one go", function()
    local whole, sliced = model:session { chunk = 4 }, model:session { chunk = 4 }
    whole:feed(PROMPT)
    sliced:begin(PROMPT)
    local steps = 0
    repeat steps = steps + 1 until sliced:step()
    assert.equal(4 * (model.config.num_hidden_layers + 1), steps)
    assert.is_true(bits(whole) == bits(sliced))
  end)

  it("goes on with a feed in work after other calls were refused", function()
    local whole, sliced = model:session { chunk = 4 }, model:session { chunk = 4 }
    whole:feed(PROMPT)
    for _, call in ipairs { "evaluate", "score", "feed", "begin" } do
      sliced:rewind(0)
      sliced:evaluate { 1, 2, 3 }               -- what it filled is no longer there
      sliced:rewind(0)
      collectgarbage()
      sliced:begin(PROMPT)
      for _ = 1, 3 do sliced:step() end
      assert.error_matches(function() sliced[call](sliced, PROMPT) end,
        "a feed of 13 tokens is still in work")
      repeat local done = sliced:step() until done
      assert.is_true(bits(whole) == bits(sliced), call)
    end
  end)

  it("is as before after a cancel, and usable", function()
    local session, other = model:session { chunk = 4 }, model:session { chunk = 4 }
    session:feed { 1, 2, 3 }
    session:begin(PROMPT)
    for _ = 1, 9 do session:step() end
    session:cancel()
    local ok, message, code = session:step()
    assert.is_nil(ok)
    assert.equal("cancel", code)
    assert.matches("13 tokens", message, 1, true)
    assert.equal(3, #session)
    session:feed(PROMPT)
    other:feed { 1, 2, 3 }
    other:feed(PROMPT)
    assert.is_true(bits(session) == bits(other))
  end)

  it("forks into independent copies, and rewinds", function()
    local session = model:session { context = 64 }
    session:feed(PROMPT)
    local copy = assert(session:fork())
    assert.is_true(bits(session) == bits(copy))
    session:feed { 7, 8 }
    copy:feed { 9 }
    local straight = model:session { context = 64 }
    straight:feed(PROMPT)
    straight:feed { 9 }
    assert.is_true(bits(copy) == bits(straight))
    session:rewind(#PROMPT)
    assert.has_error(function() session:logits() end)
    session:feed { 9 }
    assert.is_true(bits(session) == bits(straight))
    assert.has_error(function() session:rewind(100) end)
  end)

  it("refuses ids outside the vocabulary and leaves the session alone", function()
    local session = model:session()
    for _, id in ipairs { -1, 512, 2 ^ 31, 1.5 } do
      assert.has_error(function() session:feed { 1, id } end)
    end
    assert.equal(0, #session)
    assert.has_error(function() session:sample() end)
  end)

  it("allocates nothing while decoding", function()
    local session = model:session()
    session:feed(PROMPT)
    session:feed(session:sample())
    memory.fail_at(0)
    for _ = 1, 100 do session:feed((session:sample())) end
    assert.equal(0, memory.count())
  end)
end)

describe("allocation failure", function()
  -- Runs `operation` with its first, second, ... allocation failing until it gets through.
  local function each_fails(operation)
    local before = released()
    for n = 1, 100000 do
      memory.fail_at(n)
      local ok, result, message, code = pcall(operation)
      memory.fail_at(0)
      assert.is_true(ok, tostring(result))
      local failed = result == nil
      if failed then
        assert.equal("mem", code, message)
        assert.matches("memory", message)
      end
      if type(result) == "userdata" then result:close() end
      result = nil      -- luacheck: ignore 311 (lets go of it before released counts)
      assert.equal(before, (released()), ("allocation %d leaks"):format(n))
      if not failed then return n end
    end
  end

  for _, name in ipairs { "tiny-gqa", "tiny-gqa-bf16", "tiny-gqa-sharded", "tiny-gqa-ptbin-f16" } do
    it("is an error when loading " .. name, function()
      local tries = each_fails(function() return moonlet.load("spec/fixtures/" .. name) end)
      assert.is_true(tries > 5, "only " .. tries)
    end)
  end
  it("is an error when converting and when reading a tokenizer", function()
    each_fails(function() return moonlet.load("spec/fixtures/tiny-gqa", { dtype = "bf16" }) end)
    each_fails(function() return moonlet.load("examples/models/pocket") end)
  end)
  it("loses nothing when there is no memory for no logits", function()
    local model = assert(moonlet.load(DIR))
    local session = model:session()
    session:feed(PROMPT)
    released()
    memory.fail_at(1)
    local logits = session:evaluate {}
    memory.fail_at(0)
    assert.equal(#PROMPT, #session, tostring(logits))
    model:close()
  end)

  it("is an error when a session opens, forks or evaluates", function()
    local model = assert(moonlet.load(DIR))
    local session = model:session()
    session:feed(PROMPT)
    assert.is_true(each_fails(function() return model:session() end) > 2)
    assert.is_true(each_fails(function() return session:fork() end) > 2)
    each_fails(function()
      session:rewind(0)
      return session:evaluate(PROMPT)
    end)
    assert.is_truthy(session:feed(PROMPT))
    model:close()
  end)
  it("is an error in generate, which then works", function()
    local model = assert(moonlet.load "examples/models/pocket")
    each_fails(function() return model:generate("wake me up", { max_tokens = 4 }) end)
    model:close()
  end)
end)
