-- JSON Schema 2020-12 against its own test suite.
local support = require "spec.support"
local moonlet = require "moonlet"
local json = moonlet.json
local lfs = require "lfs"
local schema = require "moonlet.schema"
local regex = require "moonlet.regex"

local folder = support.shared .. "/suites/JSON-Schema-Test-Suite/"

-- Groups that are refused when they are compiled, and why.
local REFUSED = {
  ["https://json%-schema%.org/draft/2020%-12/schema"] = "the meta-schema is not given",
  ["https://json%-schema%.org/draft/2019%-09/schema"] = "another draft",
  ["Unicode properties"] = "\\p{...}",
  ["dialect that does not validate"] = "$vocabulary without validation",
}

local function remotes()
  local found = {}
  local function walk(path, url)
    for name in lfs.dir(path) do
      local below = path .. "/" .. name
      if name:match "%.json$" then
        found[url .. name] = (json.decode(support.read(below)))
      elseif name ~= "." and name ~= ".." and lfs.attributes(below, "mode") == "directory" then
        walk(below, url .. name .. "/")
      end
    end
  end
  walk(folder .. "remotes/draft2020-12", "http://localhost:1234/draft2020-12/")
  return found
end

describe("schema", function()
  it("gives the suite's verdict on every required test, or refuses the schema by name", function()
    if not lfs.attributes(folder) then return pending(folder .. " is absent") end
    local right, refused, wrong = 0, {}, {}
    local documents = remotes()
    for name in lfs.dir(folder .. "tests/draft2020-12") do
      local groups = name:match "%.json$"
        and assert(json.decode(support.read(folder .. "tests/draft2020-12/" .. name)))
      for _, group in ipairs(groups or {}) do
        local validator, message = schema.compile(group.schema, { documents = documents })
        local why
        for pattern in pairs(REFUSED) do why = why or (message and message:find(pattern)) end
        for _, test in ipairs(group.tests) do
          if validator then
            local verdict = validator(test.data)
            if (verdict == true) == test.valid then right = right + 1
            else
              wrong[#wrong + 1] = table.concat({ name, group.description, test.description }, ": ")
            end
          elseif why then
            refused[#refused + 1] = name .. ": " .. group.description
          else
            wrong[#wrong + 1] = name .. ": " .. group.description .. ": " .. message
          end
        end
      end
    end
    table.sort(wrong)
    assert.same({}, wrong)
    assert.equal(1299, right + #refused)
    assert.equal(12, #refused, table.concat(refused, "\n"))
  end)

  it("says what is wrong and where", function()
    local document = json.decode [[{"type":"object","required":["a"],"additionalProperties":false,
      "properties":{"a":{"type":"array","items":{"type":"integer","minimum":1}},
      "u":{"enum":["c","f"]}}}]]
    local function says(value, path, ...)
      local ok, message, where = schema.validate(document, value)
      assert.is_nil(ok)
      assert.equal(path, where)
      for _, part in ipairs { ... } do assert.truthy(message:find(part, 1, true), message) end
    end
    says({ a = { 1, 0 } }, "/a/1", "/a/1 should be at least 1, got 0")
    says({ a = { "x" } }, "/a/0", 'should be an integer, got "x"')
    says({ u = "c" }, "", "lacks 'a'")
    says({ a = {}, b = 1 }, "", "has 'b', which is not known")
    says({ a = {}, u = "k" }, "/u", 'should be one of ["c","f"], got "k"')
    says("x", "", "should be an object")
    assert.equal(true, (schema.validate(document, { a = {} })))
  end)

  it("refuses malformed schemas and circles", function()
    for _, text in ipairs { '{"type":"text"}', '{"type":1}', '{"pattern":"("}', '{"minimum":"1"}',
      '{"$ref":"#/$defs/none"}', '{"$ref":"http://example.com/x"}', "[]", '{"multipleOf":0}' } do
      local validator, message = schema.compile((json.decode(text)))
      assert.is_nil(validator, text)
      assert.equal("string", type(message))
    end
    local list = { '{"$ref":"#/minimum","minimum":5}', '{"dependentRequired":{"x":5}}',
      '{"dependentRequired":{"x":"y"}}', '{"dependentRequired":{"x":[5]}}', '{"required":[{}]}',
      '{"properties":[true]}', '{"patternProperties":[true]}', '{"allOf":{"a":true}}',
      '{"type":["string",null]}' }
    for _, wrong in ipairs { "5", '"x"', "null" } do
      for _, word in ipairs { "properties", "patternProperties", "dependentSchemas" } do
        list[#list + 1] = ('{"%s":{"x":%s}}'):format(word, wrong)
      end
      for _, word in ipairs { "allOf", "anyOf", "oneOf", "prefixItems" } do
        list[#list + 1] = ('{"%s":[%s]}'):format(word, wrong)
      end
      for _, word in ipairs { "items", "contains", "additionalProperties", "propertyNames", "not",
        "if", "then", "else", "unevaluatedItems", "unevaluatedProperties" } do
        list[#list + 1] = ('{"%s":%s}'):format(word, wrong)
      end
    end
    for _, text in ipairs(list) do            -- also where it lies deeper
      for _, whole in ipairs { text, ('{"properties":{"x":{"items":%s}}}'):format(text) } do
        local validator, message = schema.compile((json.decode(whole)))
        assert.is_nil(validator, whole)
        assert.equal("string", type(message))
      end
    end
    local ok, message = schema.validate((json.decode '{"$ref":"#"}'), 1)
    assert.is_nil(ok)
    assert.truthy(message:find "circular")
  end)

  it("accepts nothing where it had to give up, whatever stands around", function()
    local hard = '"^(?:(a+)+x|a*y)$"'
    local value = ("a"):rep(30) .. "y"
    local function verdict(text, v)
      return schema.validate((json.decode((text:gsub("HARD", function() return hard end)))), v)
    end
    assert.equal(true, verdict('{"pattern":HARD}', "aay"))
    assert.is_nil((verdict('{"not":{"pattern":HARD}}', "aay")))
    for _, text in ipairs { '{"pattern":HARD}', '{"not":{"pattern":HARD}}',
      '{"not":{"not":{"pattern":HARD}}}', '{"if":{"pattern":HARD},"then":false}',
      '{"oneOf":[{"pattern":HARD},true]}' } do
      local ok, message = verdict(text, value)
      assert.is_nil(ok, text)
      assert.truthy(message:find("too many steps", 1, true), message)
    end
    for _, text in ipairs { '{"patternProperties":{HARD:false}}',
      '{"patternProperties":{HARD:true},"additionalProperties":true}',
      '{"not":{"propertyNames":{"pattern":HARD}}}' } do
      local ok, message = verdict(text, { [value] = 1 })
      assert.is_nil(ok, text)
      assert.truthy(message:find("too many steps", 1, true), message)
    end
    assert.is_nil((verdict('{"not":{"contains":{"pattern":HARD}}}', { value })))
    local ok, message = verdict('{"not":{"$ref":"#"}}', 1)
    assert.is_nil(ok)
    assert.truthy(message:find "circular")
  end)

  it("puts right what is plainly meant", function()
    local document = json.decode [[{"properties":{"n":{"type":"integer"},"b":{"type":"boolean"},
      "s":{"type":"string"},"l":{"type":"array","items":{"type":"number"}},"o":{"type":"string"}}}]]
    local value = json.decode '{"n":" 5 ","b":"True","s":12,"l":"[1, 2]","o":null,"x":"5"}'
    assert.equal('{"n":5,"b":true,"s":"12","l":[1,2],"x":"5"}',
      json.encode(schema.coerce(document, value)))
    assert.equal("integer", math.type(schema.coerce(document, { n = 3.0 }).n))
    assert.equal("five", schema.coerce(document, { n = "five" }).n)
    assert.equal("5", schema.coerce({ type = "string" }, "5"))
  end)
end)

describe("regex", function()
  local function all(pattern, yes, no)
    local matcher = assert(regex.compile(pattern))
    for _, text in ipairs(yes) do assert.equal(true, matcher(text), pattern .. " " .. text) end
    for _, text in ipairs(no) do assert.equal(false, matcher(text), pattern .. " " .. text) end
  end

  it("matches as ECMA-262 does", function()
    all("^a*$", { "", "aaa" }, { "ab" })
    all("a|b+c", { "xa", "bbc" }, { "bb" })
    all("^(ab){2,3}$", { "abab", "ababab" }, { "ab", "abababab" })
    all("^[^a-c\\d]+$", { "xyz" }, { "xa", "x1", "" })
    all("^\\w+@\\w+\\.(com|org)$", { "a@b.org" }, { "a@b.net" })
    all("^(?=.*\\d)(?!.*x).{3}$", { "a1b" }, { "abc", "x1b", "a1bc" })
    all("\\bcat\\b", { "a cat sat" }, { "concat" })
    all("^.$", { "\u{e9}", "\u{1F315}" }, { "ab", "\n" })
    all("^\\u00e9\\x41\\cA$", { "\u{e9}A\1" }, { "e" })
    all("^(a?)*b$", { "b", "aab" }, { "a" })
    all("^(?:a|ab)(?:c|bcd)$", { "abcd", "ac" }, { "abd" })
    all("x{,2}", { "x{,2}" }, { "xx" })
    all("^[\\w-.]+$", { "a-.b" }, { "a+" })
    all("^[+-\\d]+$", { "+-5" }, { ",", "a" })
    all("^[\\d-z]+$", { "1-z" }, { "a" })
    all("^\\ud83d\\ude00$", { "\u{1F600}" }, { "" })
    all("^\\ud83d\\u0041$", {}, { "\u{1F441}", "\u{1F800}", "A" })
  end)

  it("refuses what it does not know, by name", function()
    for pattern, word in pairs { ["(a)\\1"] = "back%-references", ["(?<=a)b"] = "lookbehind",
      ["\\p{L}"] = "Unicode", ["\\a"] = "escape", ["("] = "%)", ["[z-a]"] = "order",
      ["*"] = "repeat", ["a{3,2}"] = "order", ["(?i)a"] = "flags", ["a)"] = "too many",
      ["a{99999}"] = "repetitions", ["a{1}{1}"] = "repeat", ["a+?+"] = "repeat",
      [("("):rep(200)] = "deeply" } do
      local matcher, message = regex.compile(pattern)
      assert.is_nil(matcher)
      assert.truthy(message:find(word), message)
    end
  end)

  it("gives up on patterns that explode", function()
    local matcher = assert(regex.compile "^(a|a)*$")
    local found, message = matcher(("a"):rep(40) .. "b")
    assert.is_nil(found)
    assert.truthy(message:find "steps")
    found, message = assert(regex.compile "^(ab|c)*$")(("ab"):rep(100000))
    assert.truthy(found == true or message)
  end)
end)
