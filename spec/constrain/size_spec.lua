-- How large a constraint may be: what is ordinary compiles, what is not is refused in words, and
-- neither takes long nor crashes.
local support = require "spec.support"
local moonlet = require "moonlet"
local calls = require "moonlet.calls"
local grammar = require "moonlet.native.grammar"

local model = assert(moonlet.load(support.pocket))

local function refuses(options, words)
  local constraint, why = model:constraint(options)
  assert.is_nil(constraint)
  assert.truthy(why:find(words, 1, true), why)
end

local function accepts(options, text)
  local matcher = assert(model:constraint(options)):matcher()
  return matcher:accept(text) == true and matcher:is_complete()
end

local function wide_tools(n)
  local tools = {}
  for i = 1, n do
    local properties = {}
    for k = 1, 6 do properties["argument_" .. i .. "_" .. k] = { type = "string" } end
    tools[i] = { name = "tool_" .. i, description = "does something",
      parameters = { type = "object", properties = properties } }
  end
  return tools
end

describe("the size of a constraint", function()
  it("has no quantifier behind a quantifier, as ECMA-262 has it", function()
    for _, pattern in ipairs { "a{1}{1}", "a**", "a+?+", "a???", "(a){2}*" } do
      assert.has_error(function() model:constraint { regex = pattern } end, nil, pattern)
    end
    assert.has_error(function() model:constraint { regex = "a" .. ("{1}"):rep(200000) } end)
    refuses({ schema = { pattern = "a" .. ("{1}"):rep(200000) } }, "nothing to repeat")
    assert.is_true(accepts({ regex = "a+?b??(c{2})*d{x" }, "aabccd{x"))
  end)

  it("takes choices of any length", function()
    refuses({ regex = ("a|"):rep(150000) .. "b" }, "too large")
    assert.is_true(accepts({ regex = ("|"):rep(20000) .. "b" }, "b"))
    assert.is_true(accepts({ regex = ("a|"):rep(20000) .. "b" }, "a"))
  end)

  it("repeats nothing in no time", function()
    local from = os.clock()
    local nothing = "(?:(?:(?:){20000}){20000}){20000}"
    assert.is_true(accepts({ regex = nothing .. "x" }, "x"))
    nothing = "(?:(?:a{0}(?:){20000}){20000}" .. nothing .. "){20000}"
    assert.is_true(accepts({ regex = nothing .. "x" }, "x"))
    assert.is_true(accepts({ regex = "(?:b" .. ("()"):rep(200000) .. "){2000}" }, ("b"):rep(2000)))
    assert(os.clock() - from < 20, os.clock() - from)
  end)

  it("holds grammars of many rules", function()
    local options = calls.constraint("native", wide_tools(100))
    assert.is_true(accepts(options, "tool_100(argument_100_6=\" x\")"))
    local words = {}
    for i = 1, 2000 do words[i] = "word" .. i end
    local tools = { { name = "say", parameters = { type = "object",
      properties = { text = { type = "string" } } } } }
    local text = grammar.calls(tools, { spans = table.concat(words, " ") })
    assert.is_true(accepts({ gbnf = text }, 'say(text=" word7 word8 word9")'))
  end)

  it("tells a long chain of rules from left recursion", function()
    local chain = {}
    for i = 1, 5000 do chain[i] = ("r%d ::= r%d"):format(i, i + 1) end
    local head = "root ::= r1\n" .. table.concat(chain, "\n")
    assert.is_true(accepts({ gbnf = head .. '\nr5001 ::= "a"' }, "a"))
    assert.is_true(accepts({ gbnf = head .. '\nr5001 ::= "a" r1 | ""' }, "aaa"))
    local function recurs(text, rule)
      local ok, why = pcall(model.constraint, model, { gbnf = text })
      assert.is_false(ok)
      assert.truthy(tostring(why):find("'" .. rule .. "' is left-recursive", 1, true), why)
    end
    recurs(head .. "\nr5001 ::= r7", "r7")
    recurs('root ::= e e e a "x"\ne ::= n\nn ::= ""\na ::= "b" | n root', "root")
    recurs('root ::= "x" a\na ::= b? a "c" | "d"\nb ::= "b"', "a")
  end)
end)
