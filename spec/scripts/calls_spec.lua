-- Tool-call texts: the recorded cases of many model families, every way of cutting them, and
-- texts that mean harm.
local support = require "spec.support"
local moonlet = require "moonlet"
local calls = require "moonlet.calls"
local json = moonlet.json

-- Which family a recorded template belongs to, and whether its prompt opens the reasoning.
local TEMPLATES = {
  ["Qwen3.5"] = { "qwen_xml", true }, ["NVIDIA-Nemotron-3"] = { "qwen_xml", true },
  ["StepFun3.5"] = { "qwen_xml", true }, ["Qwen3-Coder"] = { "qwen_xml" },
  ["mistralai"] = { "mistral" }, ["Mistral"] = { "mistral" }, ["unsloth-mistral"] = { "mistral" },
  ["CohereForAI-c4ai-command-r7b"] = { "command_r7b" },
  ["Cohere2MoE"] = { "command_r7b", true },
  ["CohereForAI-c4ai-command-r-plus"] = { "command_r_plus" },
  ["google-gemma-2"] = { "content" }, ["google-gemma-4"] = { "gemma4" },
  ["Qwen-QwQ"] = { "hermes", true }, ["NousResearch"] = { "hermes" }, ["MiMo"] = { "hermes" },
  ["Reka"] = { "hermes", true }, ["ibm-granite"] = { "granite" },
  ["ByteDance-Seed"] = { "seed" }, ["deepseek-ai-DeepSeek-V3.1"] = { "deepseek_v31", true },
  ["deepseek-ai-DeepSeek-V3.2"] = { "deepseek_v32", true },
  ["deepseek-ai-DeepSeek-R1"] = { "deepseek_r1", true },
  ["llama-cpp-deepseek-r1"] = { "deepseek_r1", true },
  ["GLM-4.6"] = { "glm" }, ["GLM-4.7"] = { "glm", true },
  ["Kimi"] = { "kimi" }, ["moonshotai"] = { "kimi" }, ["LFM2"] = { "lfm2" },
  ["MiniMax"] = { "minimax", true }, ["NVIDIA-Nemotron-Nano"] = { "nemotron_v2" },
  ["meetkai-functionary-medium-v3.1"] = { "functionary" },
  ["meetkai-functionary-medium-v3.2"] = { "functionary_v32" },
  ["fireworks"] = { "functools" }, ["unsloth-Apriel"] = { "apriel" },
  ["meta-llama"] = { "llama3" }, ["openai-gpt-oss"] = { "harmony" }, ["GigaChat"] = { "gigachat" },
}

-- Cases whose recorded answer is not ours, each with its reason.
local REFUSED = {
  ["<think>\n\n</think>\n\n<tool_call>\n<function=special_function>\n<parameter=arg1>\n1\n"
    .. "</parameter>\n</function>\n</tool_call>"] =
    "a model that repeats the prompt's <think> has not thought \"<think>\"",
  ["REASONING</think>\nCONTENT"] = "a line break behind </think> is no reasoning",
  ["<|tool_call_start|>[python(code=\"def hello():\\n    print('hey')\")]<|tool_call_end|>"] =
    "\\n in a Python string is a line break",
}

local function family_of(template)
  local name, found, length = template:match "([^/]+)%.jinja$", nil, 0
  for prefix, entry in pairs(TEMPLATES) do
    if name:sub(1, #prefix) == prefix and #prefix > length then found, length = entry, #prefix end
  end
  return assert(found, name)
end

local function options_of(case)
  local entry = family_of(case.template)
  local family = calls.families[entry[1]]
  local inline = case.reasoning_format == 0 and family.think ~= nil
  return entry[1], { tools = #case.tools > 0 and case.tools or nil,
    thinking = entry[2] and case.enable_thinking or nil, inline_reasoning = inline or nil }
end

local function canonical(text)
  local value = json.decode(text)
  if value == nil then return (text:gsub("%s", "")) end
  return json.encode(value, { sort = true })
end

local function summary(content, reasoning, list, complete)
  local out = { content = content, reasoning = reasoning, calls = {} }
  for i, call in ipairs(list) do
    local arguments = call.json or call.arguments
    out.calls[i] = { call.name, complete and canonical(arguments) or arguments:gsub("%s", ""),
      call.id or "" }
  end
  return out
end

local function run(family, pieces, options)
  local parser = calls.parser(family, options)
  local all = {}
  local function keep(events) for _, e in ipairs(events) do all[#all + 1] = e end end
  for _, piece in ipairs(pieces) do keep(parser:feed(piece)) end
  local last, result = parser:finish()
  keep(last)
  return result, all
end

local function same_text(result) return json.encode(result, { sort = true }) end

local function load_cases()
  local text = support.read(support.shared .. "/suites/tool-call-parsing/cases.json")
  return text and assert(json.decode(text))
end

local function cut(text, random)
  local pieces, at = {}, 1
  while at <= #text do
    local n = random(12)
    pieces[#pieces + 1] = text:sub(at, at + n - 1)
    at = at + n
  end
  return pieces
end

describe("calls", function()
  local cases = load_cases()

  it("reads the recorded cases of every family", function()
    if not cases then return pending "suites/tool-call-parsing is absent" end
    local wrong, refused, right = {}, 0, 0
    for i, case in ipairs(cases) do
      local family, options = options_of(case)
      local result = calls.parse(family, case.input, options)
      local expect = case.expect
      local reasoning = expect.reasoning_content
      local complete = not case.is_partial
      local want = summary(expect.content, reasoning ~= "" and reasoning or nil,
        expect.tool_calls, complete)
      local got = summary(result.content, result.reasoning, result.calls, complete)
      local equal = json.encode(want, { sort = true }) == json.encode(got, { sort = true })
      if equal then right = right + 1
      elseif REFUSED[case.input] then refused = refused + 1
      else
        wrong[#wrong + 1] = { i - 1, case.template, case.input, want = want, got = got,
          errors = result.errors }
      end
    end
    assert.same({}, wrong)
    assert.equal(3, refused)
    assert.equal(173 - 3, right)
  end)

  it("reads them the same in every two pieces and in a hundred random cuts", function()
    if not cases then return pending "suites/tool-call-parsing is absent" end
    math.randomseed(20260902)
    for _, case in ipairs(cases) do
      local family, options = options_of(case)
      local whole = same_text(calls.parse(family, case.input, options))
      for i = 1, #case.input - 1 do
        local result = run(family, { case.input:sub(1, i), case.input:sub(i + 1) }, options)
        assert.equal(whole, same_text(result))
      end
      for _ = 1, 100 do
        assert.equal(whole, same_text((run(family, cut(case.input, math.random), options))))
      end
    end
  end)

  it("reads families that the record lacks", function()
    local function check(family, text, name, arguments, content)
      local result = calls.parse(family, text)
      assert.equal(content or "", result.content)
      assert.equal(1, #result.calls, text)
      assert.equal(name, result.calls[1].name)
      assert.equal(arguments, result.calls[1].json)
      assert.same(json.decode(arguments), result.calls[1].arguments)
    end
    check("python", 'alarm_set(time="7 am", days=["mon", \'tue\'], on=True, n=-2, x=None)',
      "alarm_set", '{"time":"7 am","days":["mon","tue"],"on":true,"n":-2,"x":null}')
    check("python", "f(s='it\\'s\\u00e9\\n', d={'k': (1, 2.5)})", "f",
      '{"s":"it\'s\u{e9}\\n","d":{"k":[1,2.5]}}')
    check("llama4", "<|python_start|>[f(a=1)]<|python_end|>", "f", '{"a":1}')
    check("llama3", '{"name": "f", "parameters": {"a": 1}}', "f", '{"a": 1}')
    check("llama3", '<|python_tag|>brave_search.call(query="x")<|eom_id|>', "brave_search",
      '{"query":"x"}')
    check("phi4", '<|tool_call|>[{"name":"f","arguments":{}}]<|/tool_call|>', "f", "{}")
    check("functools", ' functools[{"name": "f", "arguments": {"a": 1}}]', "f", '{"a": 1}')
    check("native", 'f(a=" x y",b=[" z"],c={"k":"  v"},n=2)', "f",
      '{"a":"x y","b":["z"],"c":{"k":" v"},"n":2}')
    local two = calls.parse("native", 'f(a=" x")\ng()').calls
    assert.same({ "f", "g", "x" }, { two[1].name, two[2].name, two[1].arguments.a })
    check("functiongemma", "<start_function_call>call:f{city:<escape>Tokyo<escape>,n:2}"
      .. "<end_function_call>", "f", '{"city":"Tokyo","n":2}')
    check("hermes", 'Well. <tool_call>{"name":"f","arguments":"{\\"a\\":1}"}</tool_call>', "f",
      '{"a":1}', "Well.")
    check("hermes", '<tool_call>{"arguments":{"a":1},"name":"f"}', "f", '{"a":1}')
  end)

  it("maps positional arguments by the tool's own order", function()
    local tools = { f = (json.decode '{"properties":{"z":{},"a":{}}}') }
    assert.equal('{"z":1,"a":"x"}',
      calls.parse("python", 'f(1, "x")', { tools = tools }).calls[1].json)
    assert.same({}, calls.parse("python", 'f(1, "x")').calls)
  end)

  it("gives text, calls and their arguments as they come", function()
    local events = select(2, run("hermes", { "I see. <tool", '_call>{"name": "f", "argu',
      'ments": {"a": [1', ', 2]}}</tool', "_call> ok" }))
    local said = {}
    for i, e in ipairs(events) do said[i] = e.type .. ":" .. (e.text or e.name or e.call.name) end
    assert.same({ "content:I see.", "call_begin:f", 'arguments:{"a": [1', "arguments:, 2]}",
      "call:f", "content:ok" }, said)
  end)

  it("keeps what only looks like a call, and says why", function()
    for _, text in ipairs { '<tool_call>{"name": 1', "<tool_call>nothing</tool_call>",
      '<tool_call>{"name":"f","arguments":[1]}</tool_call>', "<tool_call>",
      '<tool_call>{"name":"f g","arguments":{}}</tool_call>',
      '<tool_call>{"arguments":{}}</tool_call>', '<tool_call>{"name":"f","name":"g"}' } do
      local result = calls.parse("hermes", text)
      assert.same({}, result.calls)
      assert.equal(text, result.content)
      assert.equal(1, #result.errors)
      assert.equal("string", type(result.errors[1].message))
    end
    local prose = "an array a[i], f(x) and [see (1)] are prose"
    assert.equal(prose, calls.parse("lfm2", prose, { tools = { g = {} } }).content)
    local object = '{"answer": 42}'
    assert.equal(object, calls.parse("llama3", object).content)
  end)

  it("marks a call whose end is missing", function()
    local result = calls.parse("hermes", '<tool_call>{"name":"f","arguments":{"a": 1, "b')
    assert.equal(false, result.calls[1].complete)
    assert.equal('{"a": 1, "b', result.calls[1].json)
    assert.is_nil(result.calls[1].arguments)
  end)

  it("refuses unknown families and options by name", function()
    local ok, message = pcall(calls.parse, "hermess", "x")
    assert.equal(false, ok)
    assert.truthy(message:find("harmony", 1, true))
    assert.equal(false, (pcall(calls.parse, "hermes", "x", { tool = {} })))
  end)

  it("holds little of a long text at once, and the more only to look further", function()
    -- the bytes that are copied when something is taken, a text
    local function copied(family, text)
      local parser, bytes, longest = calls.parser(family), 0, 0
      local take = parser.input.take
      function parser.input:take(n)
        bytes, longest = bytes + #self.buffer, math.max(longest, #self.buffer)
        return take(self, n)
      end
      parser:feed(text)
      local _, result = parser:finish()
      return bytes, longest, result
    end
    for _, unit in ipairs { "<tool_call>x", "<tool_call>{}", "<tool_call>{",
      '<tool_call>{"name":"f","arguments":{"a":[1,"b"]}}</tool_call>' } do
      local half = copied("hermes", unit:rep(2000))
      local whole, longest = copied("hermes", unit:rep(4000))
      assert.truthy(whole <= 2.1 * half, unit)
      assert.truthy(longest <= 4096, unit)
    end
    local spaces = "functools" .. (" "):rep(100000) .. "[]"
    local _, longest, result = copied("functools", spaces)
    assert.truthy(longest >= 100000)
    assert.same(calls.parse("functools", spaces), result)
    local text = ("\u{20ac}"):rep(2000)
    for _, event in ipairs(calls.parser("hermes"):feed(text)) do
      assert.truthy(utf8.len(event.text))
    end
  end)

  it("takes linear time", function()
    local began = os.clock()
    for name in pairs(calls.families) do
      for _, part in ipairs { "<", " ", "[", "{", '"', "<tool_call>", "\\", '{"a":', "f(" } do
        calls.parse(name, part:rep(math.floor(20000 / #part)))
      end
    end
    assert.truthy(os.clock() - began < 20)
  end)

  it("reads twenty thousand texts that mean harm, whole and in pieces alike", function()
    local fuzz = require "spec.fuzz.calls"
    assert.equal(20000, fuzz.run(20000, 20260902, fuzz.seeds()))
  end)
end)
