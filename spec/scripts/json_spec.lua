-- JSON as Lua values: the writer against an independent reader, the reader against
-- JSONTestSuite, growing texts against whole ones.
local support = require "spec.support"
local lfs = require "lfs"
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
    assert.equal("9223372036854775807", json.encode(math.maxinteger))
    assert.equal("-9223372036854775808", json.encode(math.mininteger))
    assert.equal("-0", json.encode(-0.0))
    assert.equal('{"b":1,"a":2}', json.encode(json.object({ a = 2, b = 1 }, { "b" })))
    assert.equal('{"a":2,"b":1}',
      json.encode(json.object({ a = 2, b = 1 }, { "b" }), { sort = true }))
    assert.equal('{\n  "a": [\n    1,\n    {}\n  ],\n  "b": []\n}',
      json.encode({ a = { 1, {} }, b = json.array {} }, { indent = 2 }))
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
    local deep = {}
    for _ = 1, 128 do deep = { deep } end
    for _, wrong in ipairs { print, cycle, deep, 0 / 0, math.huge, -math.huge, { x = 0 / 0 },
      { [2.5] = 1 }, { 1, x = 2 }, { print },
      { [true] = 1 } } do
      assert.equal(false, (pcall(json.encode, wrong)))
    end
  end)
end)

describe("json.decode", function()
  it("gives JSONTestSuite's verdict on each of its texts", function()
    local folder = support.shared .. "/suites/JSONTestSuite/"
    if not lfs.attributes(folder) then return pending(folder .. " is absent") end
    local right, wrong, texts = 0, {}, 0
    for _, part in ipairs { "test_parsing", "test_transform" } do
      for name in lfs.dir(folder .. part) do
        if name:match "%.json$" then
          texts = texts + 1
          local text = support.read(folder .. part .. "/" .. name)
          local value, message, code = json.decode(text)
          local reader = json.reader()
          for i = 1, #text, 7 do reader:push(text:sub(i, i + 6)) end
          local so_far, open = reader:value()
          local kind = part == "test_parsing" and name:sub(1, 2)
          local good
          if kind == "y_" then
            good = value ~= nil and so_far ~= nil and type(open) == "table"
              and json.encode(so_far) == json.encode(value)
          elseif kind == "n_" then
            good = value == nil and message:match "line %d+, column %d+" and code == "format"
          end
          if good then right = right + 1
          elseif kind == "y_" or kind == "n_" then wrong[#wrong + 1] = name end
          if value ~= nil then
            local again = json.encode(value)
            assert.equal(again, json.encode((json.decode(again))))
          end
        end
      end
    end
    assert.same({}, wrong)
    assert.equal(283, right)
    assert.equal(340, texts)
  end)

  it("keeps integers, null, order, and the kind of empty tables", function()
    local text = '{"z":[],"a":{},"n":null,"big":9223372036854775807,'
      .. '"m":-9223372036854775808,"l":[1,null]}'
    local value = assert(json.decode(text))
    assert.equal(math.maxinteger, value.big)
    assert.equal("integer", math.type(value.m))
    assert.equal(json.null, value.n)
    assert.equal("null", tostring(value.n))
    assert.equal(text, json.encode(value))
    assert.equal("float", math.type((json.decode "9223372036854775808")))
    assert.equal("float", math.type((json.decode "1.0")))
    assert.equal(false, (json.decode "false"))
    value.new, value.z = 1, nil
    assert.equal('{"a":{},"n":null,"big":9223372036854775807,'
      .. '"m":-9223372036854775808,"l":[1,null],"new":1}',
      json.encode(value))
    assert.equal(false, (pcall(function() json.null.x = 1 end)))
  end)

  it("caps depth and size, and refuses twins when told to", function()
    local function nested(n) return ("["):rep(n) .. ("]"):rep(n) end
    assert.truthy(json.decode(nested(128)))
    local value, message = json.decode(nested(129))
    assert.is_nil(value)
    assert.truthy(message:find "deep")
    assert.truthy(json.decode(nested(3), { depth = 3 }))
    value, message = json.decode('{"a":[[1]]}', { depth = 2 })
    assert.is_nil(value)
    assert.truthy(message:find("byte 7", 1, true))
    assert.truthy(json.decode("[1]", { bytes = 3 }))
    assert.is_nil((json.decode("[1] ", { bytes = 3 })))
    assert.equal(2, json.decode('{"a":1,"a":2}').a)
    assert.equal('{"a":2,"b":0}', json.encode((json.decode '{"a":1,"b":0,"a":2}')))
    assert.is_nil((json.decode('{"a":1,"a":2}', { strict = true })))
    assert.equal(false, (pcall(json.decode, "1", { dept = 1 })))
    assert.equal(false, (pcall(json.decode, nil)))
    assert.truthy(select(2, json.decode("[", { name = "tools.json" })):find("^tools.json: line 1"))
  end)
end)

describe("json.partial", function()
  local text = '{"name": "f\\u00e9\\ud83d\\ude00\u{e9}", "arguments": '
    .. '{"x": [1, -2.5e+3, true, null],'
    .. ' "y": "a\\"b"}}'

  it("gives the value so far and what is open", function()
    local function at(s, expected, open)
      local value, now = json.partial(s)
      assert.equal(expected, value ~= nil and json.encode(value) or "")
      assert.same(open, now)
    end
    at("", "", {})
    at(" {", "{}", { "object" })
    at('{"na', "{}", { "object", "key" })
    at('{"a":"x\\', '{"a":"x"}', { "object", "string" })
    at('{"a":"x\\ud83d\\ude', '{"a":"x"}', { "object", "string" })
    at('{"a":"x\xC3', '{"a":"x"}', { "object", "string" })
    at('[1, 2e', "[1,2]", { "array", "number" })
    at('[-', "[]", { "array", "number" })
    at('[tr', "[]", { "array", "word" })
    at('{"a":{"b":[]', '{"a":{"b":[]}}', { "object", "object" })
    at("[1] ", "[1]", {})
  end)

  it("never takes anything back, and ends at the whole value", function()
    for i = 0, #text do assert.equal("table", type(select(2, json.partial(text:sub(1, i))))) end
    assert.equal(json.encode((json.decode(text))), json.encode((json.partial(text))))
  end)

  it("names what cannot become JSON", function()
    for _, wrong in ipairs { "x", "[1 2", "{1", '{"a" 1', "[1]]", "trx", "[1,]", ("["):rep(129) } do
      local value, message, code = json.partial(wrong)
      assert.is_nil(value)
      assert.equal("string", type(message))
      assert.equal("format", code)
    end
  end)

  it("reads the same however the text was cut", function()
    for i = 0, #text do
      local reader = json.reader()
      reader:push(text:sub(1, i))
      reader:push(text:sub(i + 1))
      assert.equal(json.encode((json.decode(text))), json.encode((reader:value())))
    end
  end)
end)
