-- The userdata moonlet.session: the sequence, its logits, forks and rewinds, misuse, collection.
local support = require "spec.support"
local moonlet = require "moonlet"

local model = assert(moonlet.load())
local ids = model:encode "turn off the lights in the kitchen"

local function same(a, b)
  a, b = a:totable(), b:totable()
  for i = 1, math.max(#a, #b) do
    if a[i] ~= b[i] then return false end
  end
  return true
end

describe("a session", function()
  it("holds a sequence", function()
    local s = model:session { context = 64 }
    assert.equal(0, #s)
    assert.equal(64, s.context)
    assert.equal(model, s.model)
    assert.equal(s, s:feed(ids))
    assert.equal(#ids, #s)
    assert.same(ids, s:tokens())
    s:feed(ids[1])
    assert.equal(#ids + 1, #s)
    assert.truthy(tostring(s):find((#ids + 1) .. " of 64", 1, true))
    assert.equal(nil, s.no_such_field)
  end)

  it("takes text, with BOS at the beginning only", function()
    local s = model:session()
    s:feed "turn off the lights in the kitchen"
    assert.same(ids, s:tokens())
    local n = #s
    s:feed " now"
    assert.not_equal(1, s:tokens()[n + 1])
  end)

  it("is full with a sentence, and as before", function()
    local s = model:session { context = 8 }
    s:feed { 1, 2, 3 }
    local none, message, code = s:feed { 1, 2, 3, 4, 5, 6 }
    assert.equal(nil, none)
    assert.equal("full", code)
    assert.equal("string", type(message))
    assert.equal(3, #s)
    assert.truthy(s:feed { 1, 2, 3, 4, 5 })
  end)

  it("refuses ids outside the vocabulary", function()
    local s = model:session()
    for _, wrong in ipairs { 4096, -1, { 1, 4096 }, { -5 }, 1.5, { 1, 2.5 }, { "1" } } do
      assert.equal(false, (pcall(s.feed, s, wrong)))
    end
    assert.equal(0, #s)
  end)

  it("gives logits that the caller may edit", function()
    local s = model:session():feed(ids)
    local logits = s:logits()
    assert.same({ 4096 }, logits.shape)
    logits[100] = 1000                  -- token 99
    assert.equal(99, (s:sample()))
    assert.equal(99, s:top(1)[1].id)
  end)

  it("samples, tops and scores consistently", function()
    local s = model:session():feed(ids)
    local id, logprob = s:sample()
    local top = s:top(5)
    assert.equal(5, #top)
    assert.equal(id, top[1].id)
    assert.equal(model:piece(id), top[1].piece)
    assert.truthy(math.abs(logprob - top[1].logprob) < 1e-6)
    for i = 2, 5 do assert.truthy(top[i].logprob <= top[i - 1].logprob) end
    local again = model:session():feed(ids):score { id }
    assert.truthy(math.abs(again[1] - logprob) < 1e-5)
    local total = 0
    for _, entry in ipairs(s:top(1e6)) do total = total + math.exp(entry.logprob) end
    assert.truthy(math.abs(total - 1) < 1e-5)
  end)

  it("tops what a matcher allows, by the whole vocabulary's ln p", function()
    local s = model:session():feed(ids)
    local matcher = assert(model:constraint { choices = { "yes", "no" } }):matcher()
    local allowed, ending = {}, model.config.eos_token_id[1]
    for _, id in ipairs(matcher:allowed()) do allowed[id] = true end
    local top = s:top(1e6, matcher)
    assert.truthy(#top >= 2 and #top == #matcher:allowed())
    for i, entry in ipairs(top) do
      assert.truthy(allowed[entry.id])
      assert.truthy(math.abs(entry.logprob - s:logprob(entry.id)) < 1e-6)
      assert.truthy(i == 1 or entry.logprob <= top[i - 1].logprob)
    end
    assert.equal(top[1].id, (s:draw(nil, matcher)))
    assert.equal(#top + 1, #s:top(1e6, matcher, { ending }))
    assert.equal(2, #s:top(2, matcher))
  end)

  it("evaluates every position as feeding one by one does", function()
    local all = model:session():evaluate(ids)
    assert.same({ #ids, 4096 }, all.shape)
    local s = model:session()
    for i, id in ipairs(ids) do
      s:feed(id)
      assert.truthy(same(all[i], s:logits()), "row " .. i)
    end
  end)

  it("works in slices to the same logits", function()
    local whole = model:session():feed(ids)
    local s = model:session { chunk = 4 }
    s:begin(ids)
    local n = 0
    repeat
      local done = s:step()
      n = n + 1
    until done
    assert.truthy(n >= 12)
    assert.truthy(same(whole:logits(), s:logits()))
  end)

  it("forks and rewinds", function()
    local s = model:session():feed(ids)
    local t = s:fork()
    assert.equal(model, t.model)
    t:feed(9)
    assert.equal(#ids, #s)
    assert.equal(#ids + 1, #t)
    s:feed(9)
    assert.truthy(same(s:logits(), t:logits()))
    t:rewind(#ids - 1)
    assert.equal(false, (pcall(t.logits, t)))
    t:feed(ids[#ids]):feed(9)
    assert.truthy(same(s:logits(), t:logits()))
    assert.equal(false, (pcall(t.rewind, t, 1000)))
    assert.equal(false, (pcall(t.rewind, t, -1)))
  end)

  it("can be cancelled and used again", function()
    local s = model:session():feed(ids)
    s:cancel()
    local none, message, code = s:feed(9)
    assert.equal(nil, none)
    assert.equal("cancel", code)
    assert.equal("string", type(message))
    assert.equal(#ids, #s)
    assert.truthy(s:feed(9))
  end)

  it("closes, keeps its model alive, and refuses after", function()
    local s
    do
      local other = assert(moonlet.load "spec/fixtures/tiny-gqa")
      s = other:session()
    end
    collectgarbage()
    collectgarbage()
    assert.truthy(s:feed { 1, 2, 3 })
    assert.equal(3, #s)
    assert.truthy(s.model:count() > 0)
    s:close()
    s:close()
    assert.equal("moonlet.session (closed)", tostring(s))
    for _, name in ipairs { "feed", "sample", "top", "tokens", "fork", "rewind", "cancel",
      "step" } do
      assert.equal(false, (pcall(s[name], s, 1)))
    end
    assert.equal(false, (pcall(function() return #s end)))
    assert.equal(false, (pcall(function() return s.context end)))
  end)

  it("does not pile up when dropped", function()
    local tiny = assert(moonlet.load "spec/fixtures/tiny-gqa")
    local alive = setmetatable({}, { __mode = "k" })
    for _ = 1, 300 do
      local s = tiny:session { context = 256 }
      alive[s] = true
    end
    collectgarbage()
    collectgarbage()
    local n = 0
    for _ in pairs(alive) do n = n + 1 end
    assert.truthy(n <= 1)
  end)

  it("throws, and never crashes, for any argument", function()
    local tiny = assert(moonlet.load "spec/fixtures/tiny-gqa")
    local names = { "feed", "evaluate", "logits", "sample", "score", "top", "begin", "step",
      "tokens", "fork", "rewind", "cancel", "generate", "stream", "choose" }
    for _, name in ipairs(names) do
      for _, value in ipairs(support.anything()) do
        local s = tiny:session { context = 16 }
        pcall(s[name], value)
        pcall(s[name], s, value)
        pcall(s[name], s, { 1 }, value)
        pcall(s[name], s, 1, { [value == value and value or 1] = value })
      end
    end
    for _, option in ipairs { { context = 0 }, { context = -1 }, { context = 1.5 }, { chunk = 0 },
      { contxt = 5 }, { context = "x" } } do
      assert.equal(false, (pcall(model.session, model, option)))
    end
  end)
end)
