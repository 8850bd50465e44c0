-- Tools: signatures, schemas, checked arguments, results, other people's shapes.
require "spec.support"
local moonlet = require "moonlet"
local json = moonlet.json
local tools = require "moonlet.tools"

local signature = "alarm_set(time, date?, repeat?: daily|weekly, count?: integer, days?: string[])"
  .. " - Set an alarm"

local function set() return tools.new { tools.tool(signature, function(a) return a.time end) } end

describe("tools", function()
  it("reads a signature as a JSON Schema, and writes it again", function()
    local name, parameters, description = tools.signature(signature)
    assert.equal("alarm_set", name)
    assert.equal("Set an alarm", description)
    assert.equal('{"type":"object","properties":{"time":{"type":"string"},"date":{"type":"string"},'
      .. '"repeat":{"type":"string","enum":["daily","weekly"]},"count":{"type":"integer"},'
      .. '"days":{"type":"array","items":{"type":"string"}}},"required":["time"],'
      .. '"additionalProperties":false}', json.encode(parameters))
    assert.equal(signature, set():lines())
    assert.equal("f(c?: one evil(w)|two, x_ evil_y?) - Says it", tools.new({ { name = "f",
      run = print, description = "Says\nit", parameters = { type = "object", properties = {
      ["x)\nevil(y"] = {}, c = { enum = { "one\nevil(w)", "two" } } } } } }):lines())
    assert.equal("f()", tools.new({ tools.tool("f()", print) }):lines())
  end)

  it("blames malformed declarations by name", function()
    for text, word in pairs { ["f"] = "signature", ["f(a b)"] = "parameter",
      ["f(a: text|)"] = "empty",
      ["f(a: intger)"] = "no type 'intger'", ["f(a, a)"] = "twice", ["f(a) what"] = "what" } do
      local ok, message = pcall(tools.tool, text, print)
      assert.equal(false, ok)
      assert.truthy(message:find(word, 1, true), message)
    end
    assert.equal(false, (pcall(tools.tool, "f()")))
    assert.equal(false, (pcall(tools.tool, "f()", print, { aprove = true })))
    assert.equal(false, (pcall(tools.tool, { name = "f", parameters = { type = "x" },
      run = print })))
    assert.equal(false, (pcall(tools.new, { tools.tool("f()", print), tools.tool("f()", print) })))
  end)

  it("checks calls, and puts right what is plainly meant", function()
    local s = set()
    local tool, arguments = s:check("alarm_set", { time = "7", count = "3" })
    assert.equal("7", tool.run(arguments))
    assert.equal(3, arguments.count)
    local none, message, code = s:check("alarm", {})
    assert.is_nil(none)
    assert.equal("unknown", code)
    assert.truthy(message:find("alarm_set", 1, true))
    none, message, code = s:check("alarm_set", { time = "7", ["repeat"] = "hourly" })
    assert.is_nil(none)
    assert.equal("arguments", code)
    assert.truthy(message:find('/repeat should be one of ["daily","weekly"]', 1, true))
    assert.equal("arguments", (select(3, s:check("alarm_set", { when = "7" }))))
    assert.equal("arguments", (select(3, s:check("alarm_set", nil))))
  end)

  it("cuts long results at a character and says so", function()
    assert.equal("abc", tools.truncated("abc", 3))
    local text = tools.truncated(("\u{e9}"):rep(1000), 101)
    assert.truthy(#text <= 101)
    assert.truthy(utf8.len(text))
    local kept, missing = text:match "^(.-)\n%[%.%.%. (%d+) bytes left out%]$"
    assert.equal(2000, #kept + tonumber(missing))
  end)

  it("turns whatever a tool gives into text", function()
    assert.equal("done", tools.text(nil))
    assert.equal("21", tools.text(21))
    assert.equal('{"a":[1]}', tools.text { a = { 1 } })
    assert.equal("x\u{FFFD}", tools.text "x\xFF")
    assert.equal("string", type(tools.text { print }))
  end)

  it("speaks OpenAI's and Anthropic's shapes, both ways", function()
    local s = set()
    local runs = { alarm_set = print }
    assert.equal(signature, tools.from(s:openai(), runs):lines())
    assert.equal(signature, tools.from(s:anthropic(), runs):lines())
    assert.equal("function", s:openai()[1].type)
    local call = { id = "1", name = "f", arguments = json.object({ a = 1 }), json = '{"a":1}',
      complete = true }
    assert.equal([[{"id":"1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]],
      json.encode(tools.to_openai(call)))
    assert.same(call, tools.call(tools.to_openai(call)))
    assert.same(call, tools.call(tools.to_anthropic(call)))
    assert.equal('{"role":"tool","tool_call_id":"1","content":"x"}',
      json.encode(tools.result_to_openai(call, "x")))
    assert.equal('{"type":"tool_result","tool_use_id":"1","content":"x","is_error":true}',
      json.encode(tools.result_to_anthropic(call, "x", true)))
  end)
end)
