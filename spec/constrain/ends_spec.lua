-- A text that a constraint let begin can be ended: wherever a walk over the masks stands, a token
-- may follow, and what ends satisfies the schema. What nothing can satisfy is refused at once.
local support = require "spec.support"
local moonlet = require "moonlet"
local schema = require "moonlet.schema"
local walk = require "spec.constrain.walk"

local model = assert(moonlet.load(support.pocket))

-- Tokens that lead to an end rather than on.
local closing = {}
for id = 0, model.config.vocab_size - 1 do
  closing[id] = model:is_eos(id) or (model:piece(id) or ""):find '["%]},]' ~= nil
end

-- Any token that is allowed, half of the time one that closes something.
local function choose(ids)
  local ends = {}
  for _, id in ipairs(ids) do
    if closing[id] then ends[#ends + 1] = id end
  end
  if #ends > 0 and math.random(2) == 1 then ids = ends end
  return ids[math.random(#ids)]
end

local function accepts(text, value, ordered)
  local matcher = assert(model:constraint { schema = text, ordered = ordered }):matcher()
  return matcher:accept(value) == true and matcher:is_complete()
end

-- yes: texts that fit; no: beginnings that must be refused, because nothing could end them.
local function ends(text, yes, no)
  local check = assert(schema.compile(moonlet.json.decode(text)))
  for _, value in ipairs(yes or {}) do
    assert.is_true(accepts(text, value), text .. " refuses " .. value)
  end
  for _, ordered in ipairs { false, true } do
    local constraint = assert(model:constraint { schema = text, ordered = ordered })
    for _, beginning in ipairs(no or {}) do
      assert.is_nil(constraint:matcher():accept(beginning) or nil, text .. " lets " .. beginning)
    end
    local complete = 0
    for _ = 1, 30 do
      local value = walk(model, constraint, 60, choose, text)
      if value then
        complete = complete + 1
        assert(check(moonlet.json.decode(value)), text .. ": " .. value)
      end
    end
    assert(complete >= 15, ("%s: %d of 30 ended"):format(text, complete))
  end
end

describe("a constrained text", function()
  math.randomseed(5)

  it("has keys that propertyNames lets end", function()
    ends('{"type":"object","propertyNames":{"enum":["aa","bb"]},"additionalProperties":' ..
      '{"enum":[1]},"minProperties":1}', { '{"bb":1}', '{"aa":1,"bb":1}' },
      { '{"z', '{"aaa', '{"aa":1,"a', '{"aa":1,"bb":1,', "{}" })
    ends('{"type":"object","propertyNames":{"pattern":"^(foo|bar[0-9])$"},"minProperties":1,' ..
      '"additionalProperties":{"enum":[1]},"maxProperties":2}', { '{"foo":1,"bar7":1}' },
      { '{"z', '{"fooo', '{"bar"' })
    ends('{"type":"object","propertyNames":{"maxLength":3},"minProperties":1,' ..
      '"additionalProperties":{"enum":[1]},"maxProperties":2}', { '{"abc":1}', '{"":1}' },
      { '{"abcd', '{"\\u00e9\\u00e9\\u00e9\\u00e9' })
    ends('{"type":"object","propertyNames":{"pattern":"^[a-z]+$","minLength":2,"maxLength":3},' ..
      '"additionalProperties":{"enum":[1]},"minProperties":1,"maxProperties":2}', { '{"abc":1}' },
      { '{"abcd', '{"a"', "{}", '{"A' })
    ends('{"type":"object","propertyNames":{"enum":["a","bb",3],"minLength":2},' ..
      '"minProperties":1,"additionalProperties":{"enum":[1]}}', { '{"bb":1}' }, { '{"a', "{}" })
    ends('{"type":"object","propertyNames":{"const":"a b"},"required":["a b"],' ..
      '"properties":{"a b":{"enum":[1]},"c":{}}}', { '{"a b":1}' }, { '{"c', "{}" })
    ends('{"type":"object","anyOf":[{"propertyNames":{"enum":["aa"]}},{"propertyNames":' ..
      '{"pattern":"^b{1,3}$"}}],"additionalProperties":{"enum":[1]},"maxProperties":2}',
      { '{"aa":1}', '{"b":1,"bb":1}' }, { '{"ab', '{"aa":1,"b', '{"b":1,"a' })
    ends('{"type":"object","patternProperties":{"^a":{"enum":[1]}},"additionalProperties":false,' ..
      '"propertyNames":{"maxLength":3},"minProperties":1,"maxProperties":2}', { '{"abc":1}' },
      { '{"abcd', '{"b' })
    ends('{"type":"object","patternProperties":{"b$":{"enum":[1]}},"additionalProperties":false,' ..
      '"propertyNames":{"maxLength":2},"minProperties":1,"maxProperties":1}', { '{"xb":1}' },
      { '{"xx', '{"xy' })
    ends('{"type":"object","patternProperties":{"^(a|b)$":{"enum":[1]},"^c?$":{"enum":[2]}},' ..
      '"additionalProperties":false,"minProperties":2}', { '{"":2,"b":1,"c":2,"a":1}' },
      { '{"a":2', '{"a":1,"a', '{"d', '{"cc', '{"":2,"a":1,"b":1,"c":2,' })
  end)

  it("has strings that fulfil all rules at once", function()
    ends('{"enum":["a","bbb"],"minLength":2}', { '"bbb"' }, { '"a' })
    ends('{"enum":["ab","ac"],"pattern":"c$"}', { '"ac"' }, { '"ab' })
    ends('{"type":"string","pattern":"^(foo|barbaz)$","minLength":4}', { '"barbaz"' }, { '"f' })
    ends('{"type":"string","pattern":"^(foo|barbaz)$","minLength":2,"maxLength":5}', { '"foo"' },
      { '"b' })
    ends('{"$defs":{"s":{"enum":["ab","abc","xyz"]}},"$ref":"#/$defs/s","allOf":[' ..
      '{"minLength":3},{"pattern":"^a"}]}', { '"abc"' }, { '"x' })
    ends('{"anyOf":[{"type":"string","pattern":"^a{2}$|^b$","minLength":2},{"enum":[1]}]}',
      { '"aa"', "1" }, { '"b' })
    ends('{"type":"string","minLength":4,"anyOf":[{"pattern":"^foo$"},{"pattern":"^barbaz$"}]}',
      { '"barbaz"' }, { '"f' })
    ends('{"enum":["aa","ab","ba"],"not":{"pattern":"^a"}}', { '"ba"' }, { '"a' })
    ends('{"oneOf":[{"enum":["a","b"]},{"enum":["b","c"]}]}', { '"a"', '"c"' }, { '"b' })
    ends('{"enum":["\u{e9}a","\u{e8}b"],"anyOf":[{"maxLength":1},{"pattern":"b$"}]}',
      { '"\u{e8}b"' }, { '"\u{e9}', '"\\u00e9' })
  end)

  it("has numbers that fulfil all rules at once", function()
    ends('{"enum":[15,105],"minimum":100}', { "105" }, { "15" })
    ends('{"allOf":[{"enum":[15,105,3]},{"minimum":100}]}', { "105" }, { "15", "3" })
    ends('{"type":"integer","minimum":0,"maximum":9,"not":{"const":7}}', { "6" }, { "7" })
    ends('{"allOf":[{"multipleOf":6},{"multipleOf":4}],"type":"integer","minimum":13,' ..
      '"maximum":30}', { "24" }, { "3", "18" })
    ends('{"anyOf":[{"enum":[15,25]},{"enum":[35]}],"minimum":20}', { "25", "35" }, { "1" })
  end)

  it("has as many members as it must", function()
    local three = '"properties":{"aa":{"enum":[1]},"bb":{"enum":[1]},"cc":{"enum":[1]}}'
    ends('{"type":"object",' .. three .. ',"minProperties":2,"additionalProperties":false}',
      { '{"aa":1,"cc":1}', '{"cc":1,"aa":1}' }, { "{}" })
    ends('{"type":"object",' .. three .. ',"dependentRequired":{"bb":["aa"]},' ..
      '"additionalProperties":false}', { '{"cc":1,"bb":1,"aa":1}', '{"cc":1}' }, { '{"bb":1}' })
    ends('{"type":"object",' .. three .. ',"dependentRequired":{"aa":["bb"],"bb":["cc","dd"]},' ..
      '"additionalProperties":false}', { '{"cc":1}', "{}" }, { '{"a', '{"b' })
    ends('{"type":"object",' .. three .. ',"dependentRequired":{"aa":["bb","cc"]},' ..
      '"maxProperties":2,"additionalProperties":false}', { '{"cc":1,"bb":1}' }, { '{"a' })
    ends('{"type":"object","allOf":[{' .. three .. ',"additionalProperties":false},' ..
      '{"minProperties":2,"properties":{"bb":false}}]}', { '{"aa":1,"cc":1}' }, { '{"b', "{}" })
    assert.is_false(accepts('{"type":"object",' .. three .. ',"minProperties":2,' ..
      '"additionalProperties":false}', '{"cc":1', true))
  end)

  it("has as many matches of contains as it must", function()
    local items = '"items":{"enum":[7,8,"a","b"]}'
    ends('{"type":"array","contains":{"const":7},"maxItems":2,' .. items .. "}",
      { "[8,7]", '["a",7]', "[7,7.0]" }, { '["a","b', "[8,8", "[]" })
    ends('{"type":"array","contains":{"const":"a"},"maxContains":1,"minItems":3,"maxItems":4,' ..
      items .. "}", { '["a","b",7]', '["b","b","a"]' }, { '["a","a', '["b","b","b","b' })
    ends('{"type":"array","contains":{"const":7},"maxContains":1,"minItems":3,"maxItems":4,' ..
      items .. "}", { '[7,"b",8]', "[8,8,8,7]" }, { "[7,7", "[8,8,8,8" })
    ends('{"type":"array","items":{"type":["integer","string"]},"contains":{"type":"integer",' ..
      '"maximum":5},"maxItems":2}', { '["x",3]', "[7,3]" }, { '["x","', "[7,7", "[]" })
    ends('{"type":"array","contains":{"enum":["a",8]},"minContains":2,"maxItems":3,' ..
      items .. "}", { '["a",8]', '[7,8,"a"]' }, { '["b","b', "[7,7" })
  end)

  it("may have strings that a rule forbids which need not hold", function()
    ends('{"type":"array","contains":{"const":"a"},"maxItems":3,"items":{"type":"string",' ..
      '"maxLength":3}}', { '["b","a"]', '["\u{e9}xy","a"]' }, { '["bbbb', '["b","b","b"' })
    ends('{"type":"array","contains":{"maxLength":2},"maxItems":2,"items":{"type":"string"}}',
      { '["bbbb","aa"]' }, { '["bbb","bbb' })
    ends('{"type":"object","anyOf":[{"properties":{"x":{"enum":["a"]}}},{"required":["y"]}],' ..
      '"properties":{"x":{"type":"string","maxLength":4},"y":{"enum":[1]}},' ..
      '"additionalProperties":false}', { '{"x":"a"}', '{"x":"b","y":1}' }, { '{"x":"b"}' })
  end)

  local function refuses(text, words, code)
    local none, why, what = model:constraint { schema = text }
    assert.is_nil(none, text)
    assert.truthy(why:find(words, 1, true), text .. ": " .. why)
    assert.equal(code, what, text)
  end

  it("is refused at once where nothing can satisfy the schema", function()
    for _, text in ipairs {
      '{"type":"integer","multipleOf":7,"minimum":8,"maximum":13}',
      '{"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1e-20}',
      '{"type":"number","minimum":3,"maximum":2}', '{"enum":[1,"a"],"minimum":2,"maxLength":0}',
      '{"type":"string","minLength":3,"maxLength":2}', '{"type":"string","pattern":"a^b"}',
      '{"type":"string","pattern":"^a$","minLength":2}', '{"enum":["a"],"pattern":"b"}',
      '{"allOf":[{"minLength":3},{"maxLength":2}],"type":"string"}',
      '{"allOf":[{"minimum":3},{"maximum":2}],"type":"number"}', '{"allOf":[{"type":"null"},' ..
      '{"type":"string"}]}', '{"type":"null","anyOf":[{"type":"number"},{"type":"string"}]}',
      '{"type":"object","required":["a"],"additionalProperties":false}',
      '{"type":"object","required":["a"],"properties":{"a":{"enum":[1],"minimum":2}}}',
      '{"type":"object","required":["a"],"properties":{"a":{"$ref":"#/$defs/n"}},' ..
      '"$defs":{"n":{"type":"array","items":false,"minItems":1}}}',
      '{"type":"object","minProperties":2,"properties":{"a":{}},"additionalProperties":false}',
      '{"type":"object","minProperties":3,"maxProperties":2}',
      '{"type":"object","required":["abc"],"propertyNames":{"maxLength":2}}',
      '{"type":"object","minProperties":1,"propertyNames":{"pattern":"^a$","minLength":2}}',
      '{"type":"array","items":{"type":"string"},"contains":{"type":"boolean"}}',
      '{"type":"object","maxProperties":1,"required":["a"],"dependentRequired":{"a":["b"]}}',
      '{"not":{}}', '{"type":"string","minLength":2,"oneOf":[{"maxLength":1},{"minLength":9,' ..
      '"maxLength":8}]}', '{"type":"integer","minimum":1,"maximum":1,"not":{"const":1}}',
      '{"type":"array","minItems":3,"maxItems":2}', '{"type":"array","contains":false}',
      '{"type":"array","contains":{"const":1},"maxItems":0}',
      '{"type":"array","prefixItems":[{},false],"minItems":2}',
    } do
      refuses(text, "nothing can satisfy it", "format")
    end
    assert.is_true(accepts('{"type":"number","exclusiveMaximum":1e-20}', "0"))
    assert.is_true(accepts('{"type":"integer","maximum":-9999}', "-10000"))
    assert.is_true(accepts('{"type":["array","null"],"minItems":3,"maxItems":2}', "null"))
    assert.is_true(accepts('{"type":"array","prefixItems":[{},false],"minItems":1}', "[0]"))
  end)

  it("is refused by name where its numbers cannot be written", function()
    refuses('{"type":"number","minimum":1e30}', "'minimum' leaves only numbers beyond", "support")
    refuses('{"type":"number","exclusiveMaximum":-4e19}', "'exclusiveMaximum'", "support")
    refuses('{"enum":[1e30]}', "lists a number", "support")
    refuses('{"const":0.00000000000000000001}', "lists a number", "support")
    assert.is_true(accepts('{"type":"number","maximum":1.7e308,"minimum":-1e30}', "5"))
  end)
end)
