-- The constraint of each family of tool calls: what it admits reads back as valid calls of
-- declared tools, whatever is drawn; what it cannot hold is refused by name.
local support = require "spec.support"
local moonlet = require "moonlet"
local calls = require "moonlet.calls"
local schema = require "moonlet.schema"
local walk = require "spec.constrain.walk"
local json = moonlet.json

local model = assert(moonlet.load(support.pocket))

local function read(text) return assert(json.decode(text)) end

local TOOLS = {
  set_alarm = read [[{"type":"object","properties":{"time":{"type":"string","maxLength":6},
    "day":{"enum":["today","to \"morrow\""]},"volume":{"type":"integer","minimum":-7,"maximum":120},
    "repeat":{"type":["boolean","null"]},"level":{"type":"number","minimum":0.5,"maximum":12}},
    "required":["time","volume"],"additionalProperties":false}]],
  note = read [[{"type":"object","properties":{"tags":{"type":"array","items":{"type":"string",
    "minLength":1,"maxLength":4},"minItems":1,"maxItems":2},"place":{"type":"object","properties":
    {"x":{"type":"integer"},"city":{"type":"string","maxLength":3}},"required":["city"]},
    "any":{}, "either":{"anyOf":[{"type":"integer","exclusiveMaximum":0},{"const":"none"}]}},
    "required":["place"]}]],
  tree = read [[{"type":"object","properties":{"t":{"$ref":"#/$defs/t"}},"$defs":{"t":
    {"type":"object","properties":{"l":{"$ref":"#/$defs/t"},"v":{"type":"integer","minimum":100,
    "maximum":4096}},"required":["v"]}}}]],
  stop = {},
}

-- Any token that is allowed; behind the sixtieth those that lead to an end.
local function choose(ids, n)
  local id = ids[math.random(#ids)]
  for _, other in ipairs(n > 60 and ids or {}) do
    if model:is_eos(other) or model:piece(other):find '^["%]})<|]' then id = other end
  end
  return id
end

local function judged(family, text, options)
  local result = calls.parse(family, text, options)
  local shown = family .. ": " .. text
  assert.equal("", result.content, shown)
  assert.same({}, result.errors, shown)
  for _, call in ipairs(result.calls) do
    assert.is_true(call.complete, shown)
    assert.is_table(TOOLS[call.name], shown)
    local ok, why = schema.validate(TOOLS[call.name], call.arguments)
    assert.is_true(ok, shown .. " " .. tostring(why))
  end
  return result.calls
end

local function accepts(constraint, text)
  local matcher = constraint:matcher()
  return matcher:accept(text) == true and matcher:is_complete()
end

describe("calls.constraint", function()
  math.randomseed(4)

  -- In one order with one seed, so that what is drawn is the same in each run. A tree of calls may
  -- grow for ever: texts that do not end are drawn again.
  it("admits only what every family reads back as valid calls", function()
    local families = {}
    for name in pairs(calls.families) do
      if name ~= "content" then families[#families + 1] = name end
    end
    table.sort(families)
    assert(#families >= 30, #families)
    for _, name in ipairs(families) do
      math.randomseed(4)
      local constraint = assert(model:constraint(assert(calls.constraint(name, TOOLS,
        { most = 2 }))))
      local ended, drawn = 0, 0
      while ended < 4 do
        drawn = drawn + 1
        assert(drawn <= 16, name .. ": texts do not end")
        local text = walk(model, constraint, 240, choose)
        if text then
          ended = ended + 1
          local list = judged(name, text, { tools = TOOLS })
          assert(#list == 1 or #list == 2, name .. ": " .. text)
        end
      end
    end
  end)

  it("writes what a family's models write", function()
    local tools = { f = read [[{"type":"object","properties":{"s":{"type":"string"},
      "n":{"type":"integer"}},"required":["s"]}]] }
    for name, text in pairs {
      hermes = '<tool_call>\n{"name": "f", "arguments": {"s": "a b", "n": 2}}\n</tool_call>',
      llama3 = '{"name": "f", "parameters": {"s": "a b", "n": 2}}',
      mistral = '[TOOL_CALLS]f[ARGS]{"s": "a b", "n": 2}',
      functionary = '<function=f>{"s": "a b", "n": 2}</function>',
      functools = 'functools[{"name": "f", "arguments": {"s": "a b", "n": 2}}]',
      qwen_xml = "<tool_call>\n<function=f>\n<parameter=s>\na b\n</parameter>\n<parameter=n>\n2\n"
        .. "</parameter>\n</function>\n</tool_call>",
      glm = "<tool_call>f\n<arg_key>s</arg_key>\n<arg_value>a b</arg_value>\n<arg_key>n</arg_key>\n"
        .. "<arg_value>2</arg_value>\n</tool_call>",
      gemma4 = '<|tool_call>call:f{s:<|"|>a b<|"|>,n:2}<tool_call|>',
      lfm2 = '<|tool_call_start|>[f(s="a b", n=2)]<|tool_call_end|>',
      python = 'f(s="a b", n=2)', native = 'f(s=" a b",n=2)',
      kimi = '<|tool_calls_section_begin|><|tool_call_begin|>functions.f:0'
        .. '<|tool_call_argument_begin|>{"s": "a b", "n": 2}<|tool_call_end|>'
        .. "<|tool_calls_section_end|>",
      harmony = "<|channel|>commentary to=functions.f <|constrain|>json<|message|>"
        .. '{"s": "a b", "n": 2}<|call|>',
      command_r7b = '<|START_ACTION|>[{"tool_name": "f", "parameters": {"s": "a b", "n": 2}}]'
        .. "<|END_ACTION|>",
    } do
      local constraint = assert(model:constraint(assert(calls.constraint(name, tools))))
      assert(accepts(constraint, text), name .. ": " .. text)
      assert.equal('{"n":2,"s":"a b"}', json.encode(
        calls.parse(name, text, { tools = tools }).calls[1].arguments, { sort = true }))
      assert(not accepts(constraint, (text:gsub("2", '"2"'))), name)
      assert(not accepts(constraint, (text:gsub("f", "g"))), name)
      assert(not accepts(constraint, text .. text), name)
    end
  end)

  it("holds each limit of a schema", function()
    local function hold(text, yes, no)
      local tools = { f = { type = "object", required = { "x" }, properties = { x = read(text) } } }
      local constraint = assert(model:constraint(assert(calls.constraint("python", tools))))
      local function try(value) return accepts(constraint, "f(x=" .. value .. ")") end
      for _, value in ipairs(yes) do assert(try(value), value) end
      for _, value in ipairs(no) do assert(not try(value), value) end
    end
    for _, range in ipairs { { -12, 12 }, { 7, 7 }, { 0, 99 }, { 98, 1203 }, { -305, -98 } } do
      local low, high = range[1], range[2]
      local yes, no = {}, { "-0", "0" .. high, "+" .. high, "" }
      for n = low - 25, high + 25 do
        local list = n >= low and n <= high and yes or no
        list[#list + 1] = tostring(n)
      end
      hold(('{"type":"integer","minimum":%d,"maximum":%d}'):format(low, high), yes, no)
    end
    hold('{"type":"integer","exclusiveMinimum":2.5}', { "3", "12345" }, { "2", "-3", "3.5" })
    hold('{"type":"number","minimum":0.5,"maximum":12}', { "1", "12", "1.5", "11.99" },
      { "0.4", "0", "12.1", "13", "-1", "1e2" })
    hold('{"type":"number"}', { "-1.5e3", "0" }, { "01", ".5", "True" })
    hold('{"type":["integer","string"],"exclusiveMinimum":5,"maxLength":1}', { "6", '"a"' },
      { "5", "1", '"ab"', "5.5" })
    hold('{"type":"integer","enum":[1,"1",2.5]}', { "1" }, { '"1"', "2.5" })
    hold('{"type":["boolean","null"]}', { "True", "None" }, { "true", "1" })
    hold('{"enum":["a",1,null,"a b"]}', { '"a"', "1", "None", '"a b"' }, { '"b"', "2" })
    hold('{"type":"string","minLength":1,"maxLength":2}', { '"a"', '"\\n\u{e9}"' },
      { '""', '"abc"', '"\\x41"' })
    hold('{"type":"array","items":{"type":"boolean"},"minItems":1,"maxItems":2}',
      { "[True]", "[True, False]" }, { "[]", "[True,True,True]", "[1]", "[True,]" })
    hold('{"oneOf":[{"type":"string"},{"type":"array","items":{"const":1}}]}',
      { '"x"', "[1,1]", "[]" }, { "1", "[2]" })
  end)

  it("refuses by name what it cannot hold", function()
    local function refuses(words, text, family, tool)
      local tools = { [tool or "f"] = { type = "object", properties = { x = read(text) } } }
      local options, message, code = calls.constraint(family or "hermes", tools)
      assert.is_nil(options)
      assert.equal("support", code)
      assert.truthy(message:find(words, 1, true), message)
    end
    refuses("'pattern'", '{"type":"string","pattern":"^a"}')
    refuses("'not'", '{"not":{}}')
    refuses("'multipleOf'", '{"type":"integer","multipleOf":2}')
    refuses("'oneOf' of what may overlap", '{"oneOf":[{"type":"integer"},{"type":"number"}]}')
    refuses("'$ref' to http://x", '{"$ref":"http://x"}')
    refuses("a range", '{"type":"integer","minimum":3,"maximum":2}')
    refuses("a minItems that nothing meets", '{"type":"array","minItems":1,"maxItems":0}')
    refuses("a minItems that nothing meets", '{"type":"array","minItems":2,"maxItems":1}')
    refuses("no whole number", '{"type":"array","minItems":1.5}')
    refuses("no whole number", '{"type":"string","maxLength":1.5}')
    refuses("'$ref' beside 'type'", '{"$ref":"#","type":"integer"}')
    refuses("'exclusiveMinimum'", '{"type":"number","exclusiveMinimum":5}')
    refuses("'exclusiveMinimum'", '{"type":["integer","number"],"exclusiveMinimum":5}')
    refuses("'exclusiveMaximum'", '{"type":["number","integer"],"exclusiveMaximum":5}')
    refuses("'type'", '{"type":["string"],"anyOf":[true]}')
    refuses("the name 'a b'", "{}", "hermes", "a b")
    refuses("the name 'a-b'", "{}", "python", "a-b")
    local _, message = calls.constraint("content", { f = {} })
    assert.truthy(message:find("none", 1, true), message)
    for _, wrong in ipairs { 0, 1.5, "2", 101 } do
      assert.is_false((pcall(calls.constraint, "hermes", { f = {} }, { most = wrong })))
    end
    assert.is_false((pcall(calls.constraint, "hermes", { f = {} }, { mots = 2 })))
    assert.is_false((pcall(calls.constraint, "hermes")))
  end)
end)
