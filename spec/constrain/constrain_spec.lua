-- Constraints: what they accept byte by byte, masks against bytes, forced text, refusals by name.
local support = require "spec.support"
local moonlet = require "moonlet"
local walk = require "spec.constrain.walk"
local json = require "dkjson"

local model = assert(moonlet.load(support.pocket))

local unknown = model:token "<unk>"

local function accepts(constraint, text)
  local matcher = assert(constraint:matcher())
  return matcher:accept(text) == true and matcher:is_complete()
end

local function check(options, yes, no)
  local constraint = assert(model:constraint(options))
  for _, text in ipairs(yes) do assert(accepts(constraint, text), "refused: " .. text) end
  for _, text in ipairs(no) do assert(not accepts(constraint, text), "accepted: " .. text) end
end

local function refuses(options, words)
  local constraint, why = model:constraint(options)
  assert.is_nil(constraint)
  assert.truthy(why:find(words, 1, true), why)
end

-- Each token of the vocabulary is in the mask exactly if its bytes are accepted.
local function mask_is_exact(matcher)
  local mask = matcher:mask()
  for id = 0, model.config.vocab_size - 1 do
    local allowed = mask:byte((id >> 3) + 1) >> (id & 7) & 1 == 1
    local expected
    if model:is_eos(id) then expected = matcher:is_complete()
    else
      local piece = model:piece(id)
      expected = id ~= unknown and piece ~= nil and piece ~= "" and
        not model:is_special(id) and
        matcher:copy():accept(piece)
    end
    assert.equal(expected, allowed, ("token %d, '%s'"):format(id, model:piece(id) or ""))
  end
end

describe("constraint", function()
  math.randomseed(11)

  it("holds regular expressions", function()
    check({ regex = "(ab|c)+[^x-z]?d{2,3}" }, { "abdd", "cabcddd", "c\u{20AC}dd" },
      { "", "abd", "abdddd0", "axdd" })
    check({ regex = "^a$|^b" }, { "a", "b" }, { "ab", "" })
    check({ regex = "\\u00e9.\\x41" }, { "\u{e9}\u{1F600}A" }, { "\u{e9}\nA", "\xE9xA" })
    check({ regex = "^[\\w-\\.]+@([\\w-]+\\.)+[\\w-]{2,4}$" }, { "a.b@c.de", "a-b@c.d-e" },
      { "a+b@c.de", "@c.de" })
    check({ regex = "[\\d-z]+[+-\\d]" }, { "z+", "1-5", "--" }, { "a+", "1z", "z," })
    check({ regex = "x|\\ud83d\\ude00" }, { "\u{1F600}", "x" }, {})
    check({ regex = "x|\\ud83d\\u0041" }, { "x" }, { "\u{1F441}", "\u{1F800}", "A" })
    check({ regex = "x|\\ud83d\\u{41}" }, { "x" }, { "\u{1F441}", "A" })
    refuses({ regex = "(?=a)b" }, "look-around")
    refuses({ regex = "(a)\\1" }, "back-references")
    refuses({ regex = "(a|b)*a(a|b){20}" }, "too large")
    assert.has_error(function() model:constraint { regex = "(a" } end)
  end)

  it("holds choices", function()
    check({ choices = { "attack", "flee", "fle" } }, { "attack", "flee", "fle" },
      { "", "att", "fleet" })
    assert.has_error(function() model:constraint { choices = {} } end)
  end)

  it("holds grammars", function()
    check({ gbnf = 'root ::= "(" root ")" | [a-c]{2,3} # nested\n' },
      { "ab", "((abc))" }, { "a", "(ab", "abcd", "(ab))" })
    check({ gbnf = 'root ::= item ("," item)*\nitem ::= [^,\\x00-\\x1f]+ | ""' },
      { "", "a,b", ",,", "\u{20AC}" }, { "a\n" })
    assert.has_error(function() model:constraint { gbnf = 'root ::= root "a" | "b"' } end)
    assert.has_error(function() model:constraint { gbnf = "root ::= other" } end)
    refuses({ gbnf = "root ::= <[10]>" }, "tokens")
  end)

  it("holds JSON Schema", function()
    check({ schema = [[{"type":"object","properties":{"a":{"type":"integer","minimum":-5,
      "maximum":12},"b":{"enum":["x","yy",null]}},"required":["a"],
      "additionalProperties":false}]] },
      { '{"a":-5}', '{"a":12,"b":"yy"}', '{"b":null, "a": 0}', '{\n  "a": 7.0\n}' },
      { "{}", '{"a":13}', '{"a":1.5}', '{"a":1,"a":2}', '{"a":1,"c":2}', '{"a":1,}', '{"a":-6}',
        '{"a":1,  "b":null}', '{"a":1}\n' })
    check({ schema = [[{"$ref":"#/$defs/t","$defs":{"t":{"type":"array","items":
      {"$ref":"#/$defs/t"},"maxItems":2}}}]] }, { "[]", "[[],[[]]]" }, { "[[],[],[]]", "[1]" })
    check({ schema = [[{"oneOf":[{"type":"number","multipleOf":3},
      {"type":"number","multipleOf":0.5}]}]] }, { "9.5", "0.5", "4" },
      { "3", "6.0", "0.25", "9" })
    check({ schema = [[{"not":{"type":["string","object"]}}]] }, { "1", "[]", "null" },
      { '""', "{}" })
    check({ schema = [[{"if":{"properties":{"k":{"const":1}},"required":["k"]},
      "then":{"required":["x"]},"else":{"required":["y"]}}]] },
      { '{"k":1,"x":0}', '{"y":0,"k":2}' }, { '{"k":1,"y":0}', '{"x":0}' })
    check({ schema = [[{"type":"string","minLength":2,"maxLength":3,"pattern":"^\\S*$"}]] },
      { '"ab"', '"\u{1F600}\\ud83d\\ude00"', '"\\u00e9\\"b"' },
      { '"a"', '"abcd"', '"a b"', '"a\\u0020b"', '"\\ud83d"' })
    check({ schema = [[{"propertyNames":{"maxLength":2},"patternProperties":
      {"^i":{"type":"integer"}},"additionalProperties":{"type":"string"}}]] },
      { '{"i":1,"s":"x"}', "{}" }, { '{"i":"x"}', '{"s":1}', '{"abc":""}', '{"s":"","s":""}' })
    check({ schema = '{"type":"number","maximum":0}' }, { "0", "-1.5" }, { "0.1", "1" })
    check({ schema = '{"type":"integer","exclusiveMaximum":0}' }, { "-1" }, { "0", "1" })
    check({ schema = [[{"contains":{"const":7},"maxContains":1,"type":"array"}]] },
      { "[7]", "[1,7,2]" }, { "[]", "[1]", "[7,7]" })
    check({ schema = { type = "object", minProperties = 1, maxProperties = 2 } },
      { '{"a":1}', '{"a":1,"b":2}' }, { "{}", '{"a":1,"b":2,"c":3}', "[]" })
  end)

  it("keeps the schema's order where it is asked to", function()
    check({ ordered = true, whitespace = "none", schema = [[{"type":"object","properties":{
      "z":{"type":"null"},"a":{"type":"null"},"m":{"type":"null"}},"required":["z","m"],
      "additionalProperties":false}]] },
      { '{"z":null,"m":null}', '{"z":null,"a":null,"m":null}' },
      { '{"m":null,"z":null}', '{"a":null,"z":null,"m":null}', '{"z":null, "m":null}' })
  end)

  it("refuses by name what it cannot hold", function()
    refuses({ schema = '{"uniqueItems":true}' }, "uniqueItems")
    refuses({ schema = '{"$ref":"https://example.com/x"}' }, "another document")
    refuses({ schema = '{"$dynamicRef":"#x"}' }, "$dynamicRef")
    refuses({ schema = '{"allOf":[{}],"unevaluatedProperties":false}' }, "unevaluatedProperties")
    refuses({ schema = '{"pattern":"(?!a)"}' }, "look-around")
    refuses({ schema = '{"format":"regex"}' }, "format")
    refuses({ schema = '{"$ref":"#"}' }, "leads back")
    refuses({ schema = "false" }, "nothing can satisfy")
    refuses({ schema = '{"type":' }, "line 1")
    assert.has_error(function() model:constraint { schema = "{}", regex = "a" } end)
  end)

  it("makes masks that say what bytes say", function()
    local constraint = assert(model:constraint { schema = [[{"type":"object","properties":
      {"name":{"type":"string","maxLength":5},"n":{"type":"number","exclusiveMinimum":2},
      "any":{}, "d":{"type":"string","format":"date"}},"required":["name"]}]] })
    local matcher, at = constraint:matcher(), 0
    for byte in ('{"free":[1,"a"],"name":"ab\\n", "n":2.5,"d":"2024-02-29"}'):gmatch "." do
      at = at + 1
      if at % 4 == 0 then mask_is_exact(matcher) end
      assert(matcher:accept(byte))
    end
    mask_is_exact(matcher)
  end)

  it("forces only text that must come, cut as the tokenizer cuts it", function()
    local constraint = assert(model:constraint { whitespace = "none", schema = [[{"type":"object",
      "properties":{"temperature":{"type":"integer"}},"required":["temperature"],
      "additionalProperties":false}]] })
    local matcher, text = constraint:matcher(), {}
    for i, id in ipairs(matcher:forced()) do
      text[i] = model:piece(id)
      assert.is_true(matcher:accept(id))
    end
    text = table.concat(text)
    assert.equal(text, ('{"temperature":'):sub(1, #text))
    assert(#text > 6, text)
    assert(matcher:accept(('{"temperature":5}'):sub(#text + 1)))
    assert.is_true(matcher:is_complete())
    local eos = matcher:allowed()
    assert.equal(1, #eos)
    assert.is_true(model:is_eos(eos[1]))
  end)

  it("lets no digit of an escape lead to where nothing can follow", function()
    local constraint = model:constraint { schema = { type = "object", additionalProperties = false,
      required = { "na\u{ef}", "\u{1F315}" }, properties = { ["na\u{ef}"] = { const = "\u{e9}" },
        ["\u{1F315}"] = { const = "\u{2192}" } } } }
    local function goes(text) return (constraint:matcher():accept(text)) == true end
    for _, text in ipairs { '{"na\\u00ef":"\\u00E9"', '{"\\uD83c\\udf15":"\\u2192"' } do
      for last = 1, #text do assert.is_true(goes(text:sub(1, last)), text:sub(1, last)) end
    end
    for _, text in ipairs { '{"na\\u1', '{"na\\u01', '{"na\\u00f', '{"na\\u00e0', '{"na\\ud',
      '{"\\u2', '{"\\ud82', '{"\\ud83d', '{"\\ud83c\\ude', '{"\\ud83c\\udf14',
      '{"na\u{ef}":"\\u01', '{"na\u{ef}":"\\ud' } do
      assert.is_false(goes(text), text)
    end
  end)

  it("leaves a matcher as it was when a token is refused, and copies apart", function()
    local matcher = assert(model:constraint { choices = { "ab", "ac" } }):matcher()
    assert(matcher:accept "a")
    local copy = matcher:copy()
    assert.is_false((matcher:accept "x"))
    assert(matcher:accept "b")
    assert(copy:accept "c")
    assert.is_true(matcher:is_complete() and copy:is_complete())
  end)

  it("gives JSON that parses, whatever is drawn", function()
    local constraint = assert(model:constraint { schema = [[{"type":"object","properties":{
      "s":{"type":"string","maxLength":8},"l":{"type":"array","items":{"type":"integer",
      "minimum":0,"maximum":99},"maxItems":3},"b":{"type":"boolean"}},"required":["s","b"],
      "additionalProperties":false}]] })
    local ended = 0
    for _ = 1, 40 do
      local text = walk(model, constraint, 200)
      if text then
        local value = assert(json.decode(text), text)
        assert.is_string(value.s)
        assert.is_boolean(value.b)
        assert.is_nil(text:find((" "):rep(21), 1, true))
        ended = ended + 1
      end
    end
    assert(ended > 20, ended)
  end)

  it("ends deep nesting and wide grammars with a refusal, not a crash", function()
    local any = assert(model:constraint { schema = "true" })
    assert.is_false(accepts(any, ("["):rep(100000)))
    refuses({ gbnf = "root ::= " .. ("("):rep(60000) }, "nested too deeply")
    refuses({ regex = ("("):rep(60000) }, "nested too deeply")
    refuses({ schema = ('{"items":'):rep(60000) }, "line 1")
  end)

  it("throws for any wrong argument and never crashes", function()
    local constraint = assert(model:constraint { choices = { "a" } })
    local matcher = constraint:matcher()
    for _, value in ipairs(support.anything()) do
      pcall(model.constraint, model, value)
      pcall(matcher.accept, matcher, value)
      for _, name in ipairs { "schema", "regex", "choices", "gbnf", "whitespace", "ordered" } do
        pcall(model.constraint, model, { schema = "{}", [name] = value })
        pcall(model.constraint, model, { [name] = value })
      end
    end
    matcher:close()
    assert.has_error(function() matcher:mask() end)
  end)
end)
