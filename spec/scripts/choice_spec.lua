-- What moonlet eval choice measures, against answers computed another way.
local support = require "spec.support"
local moonlet = require "moonlet"
local choice = require "moonlet.eval.choice"
local json = require "moonlet.json"

local model = assert(moonlet.load(support.pocket))
local function near(a, b, tolerance) return math.abs(a - b) <= tolerance end

teardown(function() model:close() end)

describe("choice", function()
  -- ln p of the tokens of `text` behind the first that it does not share with `before`.
  local function sum_behind(before, text)
    local score, head = assert(model:score(text)), model:encode(before, { bos = true })
    local sum, apart = 0, false
    for i = 2, #score.ids do
      apart = apart or head[i] ~= score.ids[i]
      if apart then sum = sum + score.logprobs[i] end
    end
    return sum
  end
  local function one(record)
    local c = assert(choice.new(model, {}))
    assert(c:add(record))
    local r = c:report()
    c:close()
    return r.accuracy, r.accuracy_normalized, r
  end
  local function best(list)
    local at = 1
    for i, value in ipairs(list) do if value > list[at] then at = i end end
    return at - 1
  end

  it("prefers the likelier continuation, whole and per byte", function()
    local disagree = 0
    for _, case in ipairs {
      { "The cat sat on", "the mat", "a", "quantum chromodynamics" },
      { "Once upon a time", "there was a little girl who lived in a small village near a forest",
        "no", "the" },
      { "play some jazz.\n", "I will", "music music music", "zzz" },
    } do
      local query, choices, sums, means = case[1], { case[2], case[3], case[4] }, {}, {}
      for i, text in ipairs(choices) do
        local whole = query .. (query:find "%s$" and "" or " ") .. text
        sums[i] = sum_behind(query, whole)
        means[i] = sums[i] / (#whole - #query)
      end
      if best(sums) ~= best(means) then disagree = disagree + 1 end
      for gold = 0, 2 do
        local plain, normalized = one { query = query, choices = choices, gold = gold }
        assert.equal(best(sums) == gold and 1 or 0, plain)
        assert.equal(best(means) == gold and 1 or 0, normalized)
      end
    end
    assert.truthy(disagree > 0)
  end)

  it("judges the same continuation after several contexts, and pairs of sentences", function()
    local contexts, sums = { "The cat and the dog, so the dog", "Seven" }, {}
    for i, context in ipairs(contexts) do sums[i] = sum_behind(context, context .. " ran home.") end
    assert.equal(1, (one { context_options = contexts, continuation = "ran home.",
      gold = best(sums) }))
    local good, bad = "The cats sit here.", "Here cats the sits."
    local likelier = model:score(good).sum > model:score(bad).sum
    assert.equal(likelier and 1 or 0, (one { good = good, bad = bad }))
    assert.equal(likelier and 0 or 1, (one { good = bad, bad = good }))
  end)

  it("asks whether a continuation is foreseen", function()
    local context = "Once upon a"
    local text = assert(model:generate(context, { max_tokens = 3 }))
    local accuracy, _, r = one { context = context, continuation = text:gsub("^ ", "") }
    assert.equal(1, accuracy)
    local sum = sum_behind(context, context .. text)
    assert.truthy(near(math.log(r.perplexity), -sum, 1e-4))
    assert.equal(0, (one { context = context, continuation = "zebra" }))
  end)

  it("foresees a continuation again, also where all of it is held", function()
    local record = { context = "Once upon a", continuation = "time there was" }
    local _, _, alone = one(record)
    local same = { query = "Once upon a", choices = { "time there was", "zqx" }, gold = 0 }
    local c = assert(choice.new(model, {}))
    for _, r in ipairs { record, record, same, record,
      { context = "Once upon", continuation = "a" } } do assert(c:add(r)) end
    assert.equal(5, c:report().items)
    c:close()
    c = assert(choice.new(model, {}))
    for _ = 1, 3 do assert(c:add(record)) end
    assert.truthy(near(c:report().perplexity, alone.perplexity, 1e-4))
    c:close()
  end)

  it("takes choices and continuations each by themselves", function()
    local text = assert(model:generate("Once upon a", { max_tokens = 3 })):gsub("^ ", "")
    local foreseen = { context = "Once upon a", continuation = text }
    local _, _, alone = one(foreseen)
    local c = assert(choice.new(model, {}))
    assert(c:add(foreseen))
    assert(c:add { query = "The cat", choices = { "sat", "zqxj zqxj" }, gold = 0 })
    local r = c:report()
    assert.same({ 2, 1, 1, 0.5 }, { r.items, r.accuracy, r.accuracy_normalized, r.chance })
    assert.truthy(near(r.perplexity, alone.perplexity, 1e-6))
    assert.same({ "items", "cut", "accuracy", "accuracy_normalized", "chance", "perplexity" },
      json.keys(r))
    c:close()
  end)

  it("gives the same figures whatever came before", function()
    local list = {}
    for i = 1, 12 do
      list[i] = { query = "Number " .. i % 3, choices = { "is odd", "is even", "goes home" },
        gold = 0 }
    end
    local c, right = assert(choice.new(model, {})), 0
    for _, record in ipairs(list) do
      assert(c:add(record))
      right = right + one(record)
    end
    assert.equal(right, c:report().accuracy * 12)
    assert.truthy(near(c:report().chance, 1 / 3, 1e-12))
    c:close()
  end)

  it("leaves out what comes first where a candidate has no room", function()
    local query = ("long "):rep(30) .. "and the dog ran to the"
    local c = assert(choice.new(model, { context = 16 }))
    assert(c:add { query = query, choices = { "house", "zqx" }, gold = 0 })
    local whole = model:encode(query .. " zqx", { bos = true })
    local kept = table.move(whole, #whole - 14, #whole, 2, { whole[1] })
    assert.same(kept, c.held)
    assert(c:add { query = "The", choices = { "cat", "zqx" }, gold = 0 })
    local report = c:report()
    assert.same({ 2, 1 }, { report.items, report.cut })
    c:close()
    c = assert(choice.new(model, { context = 16 }))
    assert(c:add { context = query, continuation = "house" })
    assert.equal(1, c:report().cut)
    c:close()
  end)

  it("says what a record lacks, and goes on after one that is too long", function()
    local c = assert(choice.new(model, { context = 8 }))
    for _, record in ipairs { {}, { query = "x" }, { query = "x", choices = {}, gold = 0 },
      { query = "x", choices = { "a" }, gold = 1 },
      { query = "x", choices = { "a", 2 }, gold = 0 } } do
      local ok, why = c:add(record)
      assert.is_nil(ok)
      assert.equal("string", type(why))
    end
    local ok, _, code = c:add { good = ("long "):rep(20), bad = "x" }
    assert.is_nil(ok)
    assert.equal("full", code)
    assert(c:add { good = "a b", bad = "b a" })
    c:close()
  end)
end)
