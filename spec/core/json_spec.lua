-- The JSON reader: RFC 8259 by the JSONTestSuite, and what it promises besides.
package.cpath = (os.getenv "MOONLET_BUILD" or "build") .. "/spec/?.so;" .. package.cpath
local formats = require "moonlet.debug.formats"

local shared = os.getenv "MOONLET_SHARED" or "../shared"
local suite = shared .. "/suites/JSONTestSuite/test_parsing"

local function contents(path)
  local f = assert(io.open(path, "rb"))
  local text = f:read "a"
  f:close()
  return text
end

local function names_in(dir)
  local list = {}
  local p = io.popen("ls '" .. dir .. "' 2>/dev/null")
  for name in p:lines() do list[#list + 1] = name end
  p:close()
  return list
end

describe("json: JSONTestSuite", function()
  local names = names_in(suite)
  if #names == 0 then
    print("json_spec: JSONTestSuite is absent at " .. suite .. "; its cases do not run")
    return
  end

  it("has the suite's 318 files", function() assert.equal(318, #names) end)

  it("accepts every y_ file to the letter, and those without duplicate keys strictly", function()
    local seen = 0
    for _, name in ipairs(names) do
      if name:match "^y_" then
        local text = contents(suite .. "/" .. name)
        local value, message = formats.json(text, true)
        assert(value ~= nil, name .. ": " .. tostring(message))
        local strict = formats.json(text)
        assert.equal(not name:match "duplicated_key", strict ~= nil, name)
        seen = seen + 1
      end
    end
    assert.equal(95, seen)
  end)

  it("rejects every n_ file in both modes, with a sentence", function()
    local seen = 0
    for _, name in ipairs(names) do
      if name:match "^n_" then
        for _, lax in ipairs { false, true } do
          local value, message, code = formats.json(contents(suite .. "/" .. name), lax)
          assert(value == nil, name .. " was accepted")
          assert.equal("format", code, name)
          assert.matches("^text: line %d+, column %d+: ", message)
        end
        seen = seen + 1
      end
    end
    assert.equal(188, seen)
  end)

  it("gives a value or a sentence for every i_ file", function()
    for _, name in ipairs(names) do
      if name:match "^i_" then
        local value, message = formats.json(contents(suite .. "/" .. name))
        assert(value ~= nil or message:match "^text: line", name)
      end
    end
  end)
end)

describe("json: values", function()
  local function value(text) return assert(formats.json("[" .. text .. "]"))[1] end

  it("keeps int64 exactly and the rest as the nearest double", function()
    for _, text in ipairs { "0", "1", "-1", "9007199254740993", "9223372036854775807",
                            "-9223372036854775808" } do
      assert.equal("integer", math.type(value(text)), text)
      assert.equal(text, ("%d"):format(value(text)))
    end
    for _, text in ipairs { "9223372036854775808", "-9223372036854775809", "1.0", "1e2", "0.1",
                            "-0", "-0.0", "1e-400", "5e-324", "2.2250738585072011e-308",
                            "1.7976931348623157e308", "123456789012345678901234567890.5e-10",
                            "0.000000000000000000000000000000000000001e40" } do
      assert.equal("float", math.type(value(text)), text)
      assert.equal(tonumber(text), value(text), text)
    end
    assert.equal(-math.huge, 1 / value "-0")
  end)

  it("agrees with Lua's own reader on random doubles", function()
    math.randomseed(7)
    for _ = 1, 2000 do
      local bits = math.random(0)
      local number = string.unpack("d", string.pack("j", bits))
      if number == number and math.abs(number) ~= math.huge then
        for _, form in ipairs { "%.17g", "%.3f", "%.25e" } do
          local text = form:format(number)
          assert.equal(tonumber(text), value(text) + 0.0, text)
        end
      end
    end
  end)

  it("does not ask the locale for its decimal point", function()
    local old = os.setlocale()
    local other = os.setlocale "de_DE.UTF-8" or os.setlocale "fr_FR.UTF-8"
    local number = value "1.5"
    os.setlocale(old)
    assert.equal(1.5, number)
    if not other then print "json_spec: no locale with a decimal comma here; read in C alone" end
  end)

  it("reads numbers of any length, and refuses those past the doubles", function()
    assert.equal(1e300, value("1" .. ("0"):rep(300) .. "." .. ("0"):rep(5000)))
    assert.equal(1.0, value("0." .. ("0"):rep(9999) .. "1e10000"))
    assert.equal(0.0, value("0e999999999999999999999999"))
    assert.equal(0.0, value("1e-999999999999999999999999"))
    assert.is_nil(formats.json "1e309")
    assert.is_nil(formats.json "-1e999999999999999999999999")
  end)

  it("unescapes strings", function()
    assert.equal("\"\\/\b\f\n\r\t", value [["\"\\\/\b\f\n\r\t"]])
    assert.equal("a\0b", value [["a\u0000b"]])
    assert.equal("é€😀", value [["\u00e9\u20AC\uD83D\ude00"]])
    assert.equal("é€😀", value '"é€😀"')
  end)

  it("refuses halves of surrogate pairs, control characters and bad UTF-8", function()
    for _, text in ipairs { [["\ud800"]], [["\udc00"]], [["\ud800\u0041"]], [["\ud800x"]],
                            [["\ud83d\ud83d"]], [["\u00g0"]], [["\u12]], [["\x"]], '"\1"',
                            '"\xff"', '"\xc0\x80"', '"\xc3"', '"\xed\xa0\x80"', '"\xe0\x80\x80"',
                            '"\xf4\x90\x80\x80"', '"\xf0\x8f\xbf\xbf"', '"\x80"', '"\\' } do
      assert.is_nil(formats.json(text), text)
    end
  end)
end)

describe("json: limits", function()
  it("takes a depth of 128 and no more, however deep", function()
    assert(formats.json(("["):rep(128) .. ("]"):rep(128)))
    for _, n in ipairs { 129, 1000, 1000000 } do
      local _, message = formats.json(("["):rep(n) .. ("]"):rep(n))
      assert.matches("nested too deeply", message)
    end
    assert(formats.json('{"a":' .. ("["):rep(127) .. ("]"):rep(127) .. "}"))
  end)

  it("refuses duplicate keys, few or many, also when spelt differently", function()
    local _, message = formats.json '{"a": 1,\n "b": 2, "\\u0061": 3}'
    assert.matches('^text: line %d, column %d+: key "a" is there twice$', message)
    local members = {}
    for i = 1, 500 do members[i] = ('"key%d": %d'):format(i, i) end
    assert(formats.json("{" .. table.concat(members, ",") .. "}"))
    members[501] = '"key250": 0'
    assert.matches("key250", select(2, formats.json("{" .. table.concat(members, ",") .. "}")))
    assert(formats.json '{"a": {"a": [{"a": 1}, {"a": 2}]}}')
  end)

  it("finds members of small and large objects", function()
    local members = {}
    for i = 1, 300 do
      members[i] = ('"key%d": %d'):format(i, i)
      local text = "{" .. table.concat(members, ",") .. "}"
      assert.equal(i, formats.json_get(text, "key" .. i))
      assert.equal(1, formats.json_get(text, "key1"))
      assert.is_nil(formats.json_get(text, "key" .. i + 1))
    end
    assert.is_nil(formats.json_get("[1]", "a"))
  end)

  it("stays quick on a hundred thousand members of one length", function()
    local members = {}
    for i = 1, 100000 do members[i] = ('"%06d":0'):format((i * 7919) % 1000003) end
    local text = "{" .. table.concat(members, ",") .. "}"
    local start = os.clock()
    assert(formats.json(text))
    assert(os.clock() - start < 1)
  end)

  it("tells line and column of what it expected and what it found", function()
    local function says(text, sentence) assert.equal(sentence, select(2, formats.json(text))) end
    says("", "text: line 1, column 1: expected a value, found the end")
    says('{"a": 1,\n  é}', "text: line 2, column 3: expected a string, found byte 0xc3")
    says('{"é": tru}', "text: line 1, column 7: expected a value, found 't'")
    says("[1 2]", "text: line 1, column 4: expected ',' or ']', found '2'")
    says("[1,]", "text: line 1, column 4: expected a value, found ']'")
    says("01", "text: line 1, column 2: expected the end, found '1'")
    says("-", "text: line 1, column 2: expected a digit, found the end")
    says('{"a" 1}', "text: line 1, column 6: expected ':', found '1'")
    says('"a', "text: line 1, column 1: this string does not end")
  end)

  it("gives an error or a value for every prefix and every flipped byte", function()
    local text = '{"a\\u00e9": [1, -2.5e3, true, false, null, "\\ud83d\\ude00"], "b": {"é": {}}}'
    for n = 0, #text - 1 do assert.is_nil(formats.json(text:sub(1, n))) end
    for i = 1, #text do
      for byte = 0, 255 do
        local bent = text:sub(1, i - 1) .. string.char(byte) .. text:sub(i + 1)
        local value, message = formats.json(bent)
        assert(value ~= nil or message:match "^text: line %d, column %d+: ", bent)
      end
    end
  end)
end)
