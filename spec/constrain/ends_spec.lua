-- A text that a constraint let begin can be ended: wherever a walk over the masks stands, a token
-- may follow, and what ends satisfies the schema. What nothing can satisfy is refused at once.
local support = require "spec.support"
local moonlet = require "moonlet"
local schema = require "moonlet.schema"

local model = assert(moonlet.load(support.pocket))

-- Tokens that lead to an end rather than on.
local closing = {}
for id = 0, model.config.vocab_size - 1 do
  closing[id] = model:is_eos(id) or (model:piece(id) or ""):find '["%]},]' ~= nil
end

-- A text by chance among what the masks allow, half of the time among what closes something; nil
-- when it grew too long.
local function walk(constraint, text)
  local matcher, out = constraint:matcher(), {}
  for _ = 1, 60 do
    local ids, ends = matcher:allowed(), {}
    assert(#ids > 0, text .. ": nothing may follow " .. table.concat(out))
    for _, id in ipairs(ids) do
      if closing[id] then ends[#ends + 1] = id end
    end
    if #ends > 0 and math.random(2) == 1 then ids = ends end
    local id = ids[math.random(#ids)]
    assert(matcher:accept(id))
    if model:is_eos(id) then return table.concat(out) end
    out[#out + 1] = model:piece(id)
  end
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
      local value = walk(constraint, text)
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
    ends('{"type":"object","propertyNames":{"enum":["a","bb",3],"minLength":2},"minProperties":1,' ..
      '"additionalProperties":{"enum":[1]}}', { '{"bb":1}' }, { '{"a', "{}" })
    ends('{"type":"object","propertyNames":{"const":"a b"},"required":["a b"],' ..
      '"properties":{"a b":{"enum":[1]},"c":{}}}', { '{"a b":1}' }, { '{"c', "{}" })
    ends('{"type":"object","anyOf":[{"propertyNames":{"enum":["aa"]}},{"propertyNames":' ..
      '{"pattern":"^b{1,3}$"}}],"additionalProperties":{"enum":[1]},"maxProperties":2}',
      { '{"aa":1}', '{"b":1,"bb":1}' }, { '{"ab', '{"aa":1,"b', '{"b":1,"a' })
    ends('{"type":"object","patternProperties":{"^a":{"enum":[1]}},"additionalProperties":false,' ..
      '"propertyNames":{"maxLength":3},"minProperties":1,"maxProperties":2}', { '{"abc":1}' },
      { '{"abcd', '{"b' })
    ends('{"type":"object","patternProperties":{"^(a|b)$":{"enum":[1]},"^c?$":{"enum":[2]}},' ..
      '"additionalProperties":false,"minProperties":1}', { '{"":2,"b":1,"c":2,"a":1}' },
      { '{"a":2', '{"a":1,"a', '{"d', '{"cc', '{"":2,"a":1,"b":1,"c":2,' })
  end)
end)
