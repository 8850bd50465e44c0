-- The JSON writer against an independent reader.
require "spec.support"
require "moonlet"
local json = require "moonlet.json"
local dkjson = require "dkjson"

describe("json.encode", function()
  it("writes what another reader reads back", function()
    local value = { text = 'a"b\\c\n\r\t\0\1\127\u{e9}\u{1F315}', n = -12, x = 0.1, y = 1e300,
      yes = true, list = { 1, "two", { three = 3 } }, no = false, big = 2 ^ 53, tiny = 5e-324 }
    assert.same(value, dkjson.decode(json.encode(value)))
  end)

  it("writes edge cases", function()
    assert.equal("[]", json.encode(json.array {}))
    assert.equal("{}", json.encode {})
    assert.equal("[null,1]", json.encode { json.null, 1 })
    assert.equal("null", json.encode(nil))
    assert.equal("[null,null,null]", json.encode { 0 / 0, math.huge, -math.huge })
    assert.equal("0.1", json.encode(0.1))
    assert.equal("3", json.encode(3.0))
    assert.equal('"a\u{FFFD}b\u{FFFD}"', json.encode "a\xFFb\xC3")
    assert.equal('{"a":1,"b":2}', json.encode { b = 2, a = 1 })
  end)

  it("keeps every double", function()
    math.randomseed(3)
    for _ = 1, 1000 do
      local x = string.unpack("d", string.pack("j", math.random(0)))
      if x == x and math.abs(x) < math.huge then
        assert.equal(x, tonumber(json.encode(x)))
      end
    end
  end)

  it("refuses what JSON has not", function()
    local cycle = {}
    cycle[1] = cycle
    for _, wrong in ipairs { print, cycle, { [2.5] = 1 }, { 1, x = 2 }, { print },
      { [true] = 1 } } do
      assert.equal(false, (pcall(json.encode, wrong)))
    end
  end)
end)
