-- The edge of a text that will go on: which tokens of it are settled, and which are taken back.
-- What is right is said by the tokenizer alone: the ids of the whole text.
local support = require "spec.support"
local moonlet = require "moonlet"
local bench_model = require "spec.constrain.bench_model"
local make = require "spec.core.make_tokenizer"

local TEXTS = {
  'The weather {"name": "get_weather", "arguments": {"city": "New York", "days": 12}}\n\n  and so',
  "Naïve café: “quotes” 你好世界 and    runs of      spaces\n\n\n\tTabs ======== ---- 1234567890 😀😀.",
  "function(a, b) return a+b end <tool_call>{\"na\": [1,2]}</tool_call> http://example.com/index",
}

-- Merges that reach far: a border moves when a character three places on is another.
local function chained()
  local pieces = { { "<s>", 0, "control" }, { "</s>", 0, "control" } }
  for byte in ("abcyz \n"):gmatch "." do pieces[#pieces + 1] = { byte, -9 } end
  for i, merged in ipairs { "bc", "ab", "ya", "zy", " a", " ab", "aa", "aaaa" } do
    pieces[#pieces + 1] = { merged, -i }
  end
  pieces[#pieces + 1] = { "<go>", 0, "user" }
  -- spaces stay spaces, in the middle of pieces too, as byte-level vocabularies have it
  local normalizer = make.number(3, 0) .. make.number(4, 0) .. make.number(5, 0)
  return bench_model.with(make.model(pieces, nil, normalizer), #pieces + 1)
end

local pocket = assert(moonlet.load(support.pocket))

local function joined(ids, n, more)
  local all = table.move(ids, 1, n, 1, {})
  return table.concat(table.move(more, 1, #more, n + 1, all), " ")
end

-- Every cut of every text between two characters: f(prompt's ids, rest of the text, ids of all).
local function each_cut(model, texts, f)
  for _, text in ipairs(texts) do
    local whole = model:encode(text)
    for at in utf8.codes(text) do
      if at > 1 then f(model:encode(text:sub(1, at - 1)), text:sub(at), whole) end
    end
  end
end

local function each_model(name, test)
  it(name .. " (bundled vocabulary)", function() test(pocket, TEXTS) end)
  it(name .. " (LLaMA's)", function()
    local llama, forget = bench_model.open()
    if not llama then
      print("\n  absent: " .. support.shared .. "/tokenizers; not checked: " .. name)
      return
    end
    test(llama, TEXTS)
    forget()
  end)
  it(name .. " (merges that reach far)", function()
    local model, forget = chained()
    test(model, { "yabc yab zyabc  a ab\n\nzzyyaabbcc", "zyab", "zyabcab abc" })
    forget()
  end)
end

describe("a healed prompt", function()
  each_model("goes on as the whole text is cut", function(model, texts)
    local unhealed = 0
    each_cut(model, texts, function(ids, rest, whole)
      local constraint = assert(model:constraint { choices = { rest } })
      local matcher = constraint:matcher()
      local kept = matcher:heal(ids)
      assert.equal(table.concat(whole, " "), joined(ids, kept, matcher:forced()))
      if joined(ids, #ids, constraint:matcher():forced()) ~= table.concat(whole, " ") then
        unhealed = unhealed + 1
      end
    end)
    assert.truthy(unhealed > 0)
  end)

  each_model("keeps only what every going on keeps", function(model, texts)
    local anything = assert(model:constraint { regex = "[^]*" })
    each_cut(model, texts, function(ids, _, whole)
      local kept = anything:matcher():heal(ids)
      assert.equal(joined(whole, kept, {}), joined(ids, kept, {}))
    end)
  end)

  each_model("is kept whole where no token reaches over its end", function(model, texts)
    local kept_whole = 0
    each_cut(model, texts, function(ids)
      -- the end of a text: nothing follows but a character that no vocabulary here joins
      local matcher = assert(model:constraint { choices = { "\n\u{2603}" } }):matcher()
      local kept = matcher:heal(ids)
      if kept == #ids then kept_whole = kept_whole + 1 end
    end)
    assert.truthy(kept_whole > #texts * 10, kept_whole)
  end)

  it("keeps symbols, and takes back no more than the text behind them", function()
    local anything = assert(pocket:constraint { regex = "[^]*" })
    for _, prompt in ipairs { "<|user|> play<|call|>", "<|call|>" } do
      local ids = pocket:encode(prompt, { special = true })
      assert.equal(#ids, anything:matcher():heal(ids))
    end
    local ids = pocket:encode("<|user|> hi<|call|>pl", { special = true })
    local matcher = anything:matcher()
    local kept = matcher:heal(ids)
    assert.equal(pocket:token "<|call|>", ids[kept])
    assert.is_true(matcher:accept "pl")
    assert.equal(0, anything:matcher():heal {})
    local model, forget = chained()
    assert.equal(1, model:constraint { regex = "[^]*" }:matcher():heal(model:encode("<go>",
      { bos = false, special = true })))
    forget()
  end)

  it("ends a long run somewhere, and its text can be said again", function()
    local model, forget = chained()
    local ids = model:encode(("a"):rep(9001))
    local matcher = assert(model:constraint { regex = "a*" }):matcher()
    local kept = matcher:heal(ids)
    assert.truthy(kept > 1 and kept < #ids)
    for i = kept + 1, #ids do
      assert.is_false(matcher:is_complete())
      assert.is_true(matcher:accept(ids[i]))
    end
    assert.is_true(matcher:is_complete())
    forget()
  end)
end)

describe("a lead", function()
  it("comes first, and its tokens may reach into the constraint", function()
    local constraint = assert(pocket:constraint { regex = "(day|night)s?" })
    local matcher = constraint:matcher "good to"
    assert.is_false(matcher:is_complete())
    assert.is_false((matcher:accept "day"))
    assert.is_true(matcher:accept "good")
    local copy = matcher:copy()
    assert.is_true(copy:accept " today")
    assert.is_true(copy:is_complete())
    assert.is_true(matcher:accept " tod")
    assert.is_false((matcher:accept "x"))
    assert.is_true(matcher:accept "ay")
    assert.is_true(matcher:is_complete())
    assert.is_true(matcher:accept "s")
  end)

  it("makes masks that say what bytes say, by every kind of constraint", function()
    for _, options in ipairs { { regex = "[a-z ]{2,9}" }, { choices = { "me", "mes", "x" } },
      { schema = '{"type":"string","maxLength":5}' },
      { gbnf = 'root ::= "m" [a-z]+ | "(" root ")"' } } do
      local constraint = assert(pocket:constraint(options))
      for _, lead in ipairs { "n", " na", "the na", ' {"na', "\u{20AC}", "(" } do
        local matcher = constraint:matcher(lead)
        local allowed = {}
        for _, id in ipairs(matcher:allowed()) do allowed[id] = true end
        for id = 0, pocket.config.vocab_size - 1 do
          local piece = pocket:piece(id)
          local expected = piece ~= nil and piece ~= "" and not pocket:is_special(id) and
            id ~= pocket:token "<unk>" and not pocket:is_eos(id) and
            matcher:copy():accept(piece)
          assert.equal(expected, allowed[id] or false, lead .. "|" .. piece)
        end
      end
    end
  end)

  it("must be said before the end, and nothing is healed behind it", function()
    local matcher = assert(pocket:constraint { choices = { "a" } }):matcher "("
    assert.is_false((matcher:accept(2)))
    assert.is_true(matcher:accept "(a")
    assert.is_true(matcher:accept(2))
    local kept = matcher:heal(pocket:encode "The")
    assert.equal(#pocket:encode "The", kept)
    assert.same({}, matcher:forced())
  end)
end)

describe("forced text", function()
  each_model("is only what every going on cuts so", function(model, texts)
    local checked = 0
    for _, text in ipairs(texts) do
      local whole, line_break = model:encode("\n" .. text), 1
      while model:piece(whole[line_break]) ~= "\n" do line_break = line_break + 1 end
      for at in utf8.codes(text) do
        local begin = text:sub(1, at - 1):gsub("%p", "\\%0")
        local ids = assert(model:constraint { regex = begin .. "[^]*" }):matcher():forced()
        for i, id in ipairs(ids) do assert.equal(whole[line_break + i], id) end
        checked = checked + #ids
      end
    end
    assert.truthy(checked > 0)
  end)
end)
