-- families.lua: how each family of models writes its tool calls: a table, so that the same rows
-- that are parsed by can be enforced by.
--
-- A row: opens = list of { marker, and what its shape wants: after = closing markers, longer ones
--   first, ... }; shape = its function in moonlet.calls.shapes; think = { open, close, prefill =
--   what the prompt ends with when it opens the reasoning itself, interrupt = true: a call ends
--   it, repeats = true: the model may open it once more }; noise = markers that say nothing;
--   keep_space = true: space before a call belongs to the content; start(parser, input) -> text,
--   open: what may stand at the very beginning; read = a reader of its own; lead = what a string
--   begins with and does not mean; writes = what moonlet.calls.constraint chooses where reading
--   leaves a choice: keys of an object, space inside of the markers, around = before the first and
--   behind the last call, between them, open and closes in place of the markers, name = { before
--   it, an expression behind it }.

local harmony = require "moonlet.calls.harmony"

local think = { open = "<think>", close = "</think>", prefill = "<think>\n" }
local families = {}

-- ---- one JSON object between markers ----

-- Hermes 2 and 3, Qwen 2.5, Qwen 3, SmolLM, MiMo, Reka.
families.hermes = {
  shape = "object", think = think, writes = { space = "\n" },
  opens = { { "<tool_call>", after = { "</tool_call>" } } },
}

-- GigaChat.
families.gigachat = {
  shape = "object",
  opens = { { "<|function_call|>" }, { "<|message_sep|>\n\nfunction call<|role_sep|>\n" } },
}

-- ---- lists of JSON objects ----

families.nemotron_v2 = {
  shape = "list", think = think, noise = { "<SPECIAL_12>" },
  opens = { { "<TOOLCALL>", after = { "</TOOLCALL>" } } },
}

families.apriel = {
  shape = "list", opens = { { "<tool_calls>", after = { "</tool_calls>" } } },
}

families.granite = {
  shape = "list", think = think,
  opens = { { "<|tool_call|>" }, { "<tool_call>", after = { "</tool_call>" } } },
}

families.phi4 = {
  shape = "list", opens = { { "<|tool_call|>", after = { "<|/tool_call|>" } } },
}

-- Firefunction v2: functools[{...}].
families.functools = { shape = "list", opens = { { "functools", check = function(buffer)
  local next_byte = buffer:match "^functools%s*(%S)"
  if not next_byte then return nil end
  return next_byte == "["
end } } }

-- Command R7B and its successors.
families.command_r7b = {
  shape = "list",
  think = { open = "<|START_THINKING|>", close = "<|END_THINKING|>",
    prefill = "<|START_THINKING|>" },
  opens = { { "<|START_ACTION|>", after = { "<|END_ACTION|>" } } },
  writes = { keys = { "tool_name", "parameters" } },
  noise = { "<|START_RESPONSE|>", "<|END_RESPONSE|>", "<|START_TEXT|>", "<|END_TEXT|>",
    "<|END_THINKING|>" },
}

families.command_r_plus = {
  shape = "list", noise = { "<|CHATBOT_TOKEN|>", "<|END_OF_TURN_TOKEN|>" },
  writes = { keys = { "tool_name", "parameters" } },
  opens = { { "Action:\n```json\n", after = { "```" } },
    { "Action: ```json\n", after = { "```" } } },
}

-- ---- a name, a marker, JSON ----

-- Mistral: the old list, and name[ARGS]{...} of Small 3, Devstral and Ministral.
families.mistral = {
  shape = "any", think = { open = "[THINK]", close = "[/THINK]" },
  opens = { { "[TOOL_CALLS]", name_ends = { "[CALL_ID]", "[ARGS]" }, id_begin = "[CALL_ID]",
    id_end = "[ARGS]" } },
}

families.functionary = {
  shape = "tagged",
  opens = { { "<function=", name_ends = { ">" }, after = { "</function>" } } },
}

-- Functionary 3.2: the name, a line break, JSON; ">>>" between; "all" for text.
local function named_line(buffer)
  local at = buffer:match "^[%w_.-]+()" or 1
  if at > 128 then return false end
  local rest = buffer:sub(at)
  if at == 1 or rest == "" then
    if buffer == "" then return nil end
    if at > 1 then return nil end
    return false
  end
  if rest:sub(1, 1) ~= "\n" then return false end
  local brace = rest:match "^%s*([^%s])"
  if not brace then return nil end
  return brace == "{"
end

local line_call = { ">>>", name_ends = { "\n" }, check = function(buffer)
  if #buffer < 4 then return nil end
  return named_line(buffer:sub(4))
end }

families.functionary_v32 = {
  shape = "tagged", noise = { ">>>all\n" }, opens = { line_call },
  writes = { open = "", between = ">>>" },
  start = function(_, text)
    if text:accept "all\n" then return nil end
    if text:look(named_line) then return "", line_call end
  end,
}

-- DeepSeek R1 and V3, and V3.1.
local function deepseek(name_ends, skip)
  return { "<｜tool▁call▁begin｜>", name_ends = name_ends, skip = skip,
    after = { "```", "<｜tool▁call▁end｜>", "<｜tool▁calls▁end｜>" } }
end
local function deepseek_writes(closes)
  return { around = { "<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>" }, closes = closes }
end
local deepseek_noise = { "<｜tool▁calls▁begin｜>", "<｜tool▁call▁end｜>", "<｜tool▁calls▁end｜>" }
families.deepseek_r1 = {
  shape = "tagged", think = think, noise = deepseek_noise,
  opens = { deepseek({ "\n```json\n" }, { "function<｜tool▁sep｜>" }) },
  writes = deepseek_writes "\n```<｜tool▁call▁end｜>",
}
families.deepseek_v31 = {
  shape = "tagged", think = { open = "<think>", close = "</think>", prefill = "<think>" },
  noise = deepseek_noise, opens = { deepseek { "<｜tool▁sep｜>" } },
  writes = deepseek_writes "<｜tool▁call▁end｜>",
}

-- Kimi K2: the id is functions.name:index.
local function kimi(marker)
  return { marker, name_ends = { "<|tool_call_argument_begin|>" },
    after = { "<|tool_call_end|>", "<|tool_calls_section_end|>" },
    name = function(id)
      return id:match "^functions%.(.-):%d+$" or id:match "^(.-):%d+$" or id, id
    end }
end
families.kimi = {
  shape = "tagged", think = { open = "<think>", close = "</think>", interrupt = true },
  noise = { "<|tool_calls_section_begin|>", "<|tool_calls_section_end|>", "<|tool_call_end|>" },
  writes = { name = { "functions.", '":" [0-9]{1,2}' }, between = "",
    around = { "<|tool_calls_section_begin|>", "<|tool_calls_section_end|>" } },
  opens = { kimi "<|tool_call_begin|>",
    kimi "<|tool_calls_section_begin|><|tool_call_begin|>" },
}

-- ---- arguments one by one ----

local function xml(open, close, dialect)
  return {
    { open, xml = dialect, after = { close } },
    { dialect.call[1], xml = dialect, inside = true, after = { close } },
  }
end
local function_tags = { call = { "<function=", ">" },
  parameter = { "<parameter=", ">", "</parameter>" }, close = "</function>", wrap = "\n" }
local invoke_tags = { call = { '<invoke name="', '">' },
  parameter = { '<parameter name="', '">', "</parameter>" }, close = "</invoke>" }
local dsml_tags = { call = { '<｜DSML｜invoke name="', '">' },
  parameter = { '<｜DSML｜parameter name="', ">", "</｜DSML｜parameter>" },
  attribute = '^(.-)" string="(%a+)"$', close = "</｜DSML｜invoke>" }

-- Qwen3-Coder, Qwen 3.5, Nemotron 3, StepFun.
families.qwen_xml = {
  shape = "xml", keep_space = true,
  think = { open = "<think>", close = "</think>", prefill = "<think>\n", repeats = true },
  opens = xml("<tool_call>", "</tool_call>", function_tags),
}
families.seed = {
  shape = "xml", think = { open = "<seed:think>", close = "</seed:think>" },
  opens = xml("<seed:tool_call>", "</seed:tool_call>", function_tags),
}
families.minimax = {
  shape = "xml", think = think,
  opens = xml("<minimax:tool_call>", "</minimax:tool_call>", invoke_tags),
}
families.deepseek_v32 = {
  shape = "xml", think = { open = "<think>", close = "</think>", prefill = "<think>" },
  opens = xml("<｜DSML｜function_calls>", "</｜DSML｜function_calls>", dsml_tags),
}
families.glm = {
  shape = "pairs", think = { open = "<think>", close = "</think>", prefill = "<think>" },
  opens = { { "<tool_call>", after = { "</tool_call>" }, key = { "<arg_key>", "</arg_key>" },
    value = { "<arg_value>", "</arg_value>" } } },
}

-- Gemma 4 and FunctionGemma.
families.gemma4 = {
  shape = "braces", think = { open = "<|channel>thought\n", close = "<channel|>" },
  noise = { "<channel|>", "<|channel>" },
  opens = { { "<|tool_call>", quote = '<|"|>', after = { "<tool_call|>" } } },
}
families.functiongemma = {
  shape = "braces",
  opens = { { "<start_function_call>", quote = "<escape>", after = { "<end_function_call>" } } },
}

-- ---- Python ----

-- Whether a bracket, or the text's beginning, opens a call of a tool that is known.
local function opens_call(buffer, known)
  local space = buffer:match "^%[?%s*()"
  if space > 64 then return false end
  if space > #buffer then return nil end
  local name, at = buffer:match("^([%a_][%w_.]*)()", space)
  if not name or #name > 128 then return false end
  local after = buffer:match("^%s*(%S)", at)
  if not after then
    if #buffer - at > 64 then return false end
    return nil
  end
  return after == "(" and (known == nil or known[name] ~= nil)
end

local function bare_start(parser, text)
  if text:starts "[" then return nil end
  local known = not parser.any_name and parser.known or nil
  if text:look(opens_call, known) then return "", { bare = true } end
end

local bracket = { "[", inside = true, check = opens_call }

-- The MobileLLM paper's calls: name(key="value"), alone or in a list.
families.python = {
  shape = "python", opens = { bracket }, start = bare_start, writes = { between = "; " },
}

-- moonlet's own models (moonlet.native): one call a line, strings begin with a space.
families.native = {
  shape = "python", lead = " ", opens = {}, writes = { between = "\n" },
  start = function(parser, text)
    local opening = bare_start(parser, text)
    return opening, { bare = true, lines = true }
  end,
}

families.lfm2 = {
  shape = "python", think = { open = "<think>", close = "</think>" },
  writes = { around = { "<|tool_call_start|>[", "]<|tool_call_end|>" } },
  opens = { { "<|tool_call_start|>", after = { "<|tool_call_end|>" } }, bracket },
}

families.llama4 = {
  shape = "python", noise = { "<|eom|>" }, writes = { around = { "[", "]" } },
  opens = { bracket, { "<|python_start|>", after = { "<|python_end|>" } } },
}

-- Llama 3.1 to 3.3: the whole message is an object; built-in tools behind a tag.
local object_start = { shape = "object", between = ";" }
families.llama3 = {
  shape = "tag", noise = { "<|eom_id|>" },
  opens = { { "<|python_tag|>", bare = true, between = ";" } },
  writes = { keys = { "name", "parameters" }, between = "; " },
  start = function(_, text)
    local brace = text:look(function(buffer)
      local c = buffer:match "^%s*(%S)"
      if not c then return nil end
      return c == "{"
    end)
    if brace then return "", object_start end
  end,
}

-- ---- and one of its own ----

families.harmony = { read = harmony.read, opens = {}, writes = { between = "<|start|>assistant" },
  think = { open = "<|channel|>analysis<|message|>", close = "<|end|>" } }

-- Families whose calls look alike under another name.
families.qwen = families.hermes
families.pythonic = families.python
families.content = { shape = "object" }

for name, family in pairs(families) do family.name = family.name or name end

return families
