-- The cost of a call, and what guesses gain: on the bundled model and on a random-weight
-- checkpoint of the official 125M shape with the LLaMA vocabulary. Runs take turns; medians are
-- printed.
--
-- call: a tool call under its schema, against as many tokens written freely after the same prompt.
-- copy, prose: a text that stands in the prompt, and one that does not, written with and without
-- speculate = true. The models here do not copy by themselves, so an edit of the logits makes them
-- write the given tokens; every pass is computed in full.
--   BENCH_ROUNDS=7   BENCH_THREADS=1   BENCH_TYPES=bf16,q4 (of the 125M shape)
local build = os.getenv "MOONLET_BUILD" or "build"
package.cpath = build .. "/spec/?.so;" .. package.cpath
package.path = "./?.lua;spec/bench/?.lua;" .. package.path
local moonlet = require "moonlet"
local limits = require "moonlet.debug.limits"
local checkpoints = require "checkpoints"
local support = require "spec.support"

local ROUNDS = tonumber(os.getenv "BENCH_ROUNDS") or 7
local THREADS = tonumber(os.getenv "BENCH_THREADS") or 1
local CALL = [[{"type": "object", "properties": {
  "name": {"const": "get_weather"},
  "arguments": {"type": "object", "properties": {
    "city": {"enum": ["Paris", "Berlin", "Reykjavik", "Buenos Aires"]},
    "unit": {"enum": ["celsius", "fahrenheit"]},
    "days": {"type": "integer", "minimum": 1, "maximum": 14}},
    "required": ["city", "unit", "days"], "additionalProperties": false}},
  "required": ["name", "arguments"], "additionalProperties": false}]]

local function median(values)
  table.sort(values)
  return values[(#values + 1) // 2]
end

local function seconds(fn)
  local start = limits.now()
  fn()
  return limits.now() - start
end

-- Medians of what the functions take, each after the other in every round.
local function medians(functions)
  local times = {}
  for i = 1, #functions do
    functions[i]()
    times[i] = {}
  end
  for round = 1, ROUNDS do
    for i, fn in ipairs(functions) do times[i][round] = seconds(fn) end
  end
  for i = 1, #functions do times[i] = median(times[i]) end
  return table.unpack(times)
end

-- Both go on from the same session, so that the prompt is not part of what is measured.
local function call(model)
  local prompt = "The weather in Paris for three days, please."
  local session = model:session { context = 512 }:feed(prompt)
  local length = #session
  local function run(options)
    session:rewind(length - 1)
    session:feed(model:encode(prompt)[length])
    return select(2, assert(session:generate(nil, options)))
  end
  local info = run { schema = CALL }
  assert(info.finish == "complete")
  local n, bans = info.generated_tokens, { [model.config.eos_token_id[1]] = -math.huge }
  local held, free = medians {
    function() run { schema = CALL } end,
    function() run { max_tokens = n, logit_bias = bans } end,
  }
  session:close()
  return held / free, n, info.forced
end

-- The time that `wanted` takes behind `prompt`, with guesses by that without.
local function speculation(model, prompt, wanted)
  local session = model:session { context = 2048 }:feed(prompt)
  local function run(speculate)
    session:rewind(#prompt - 1)
    session:feed(prompt[#prompt])
    local at = #prompt
    local _, info = session:generate(nil, { max_tokens = #wanted, speculate = speculate,
      logits = function(t, s) t[wanted[#s - at + 1] + 1] = 1e6 end })
    for i, id in ipairs(wanted) do assert(info.tokens[i] == id) end
  end
  local plain, guessed = medians { function() run(false) end, function() run(true) end }
  session:close()
  return plain / guessed
end

local function slice(ids, first, n)
  local part = {}
  for i = 1, n do part[i] = assert(ids[first + i - 1]) end
  return part
end

local function report(name, model)
  local ratio, tokens, forced = call(model)
  local prose = model:encode(assert(support.read "README.md"))
  local text = slice(prose, 1, 200)
  local copy = speculation(model, text, slice(text, 20, 150))
  local fresh = speculation(model, text, slice(prose, 400, 150))
  print(("%-14s call %.2f of free (%d tokens, %d forced; bar 0.60)   copy %.2fx (bar 1.30)   "
    .. "prose %.2fx (bar 0.97)"):format(name, ratio, tokens, forced, copy, fresh))
  model:close()
end

report("pocket", assert(moonlet.load(support.pocket, { threads = THREADS })))
local vocabulary = support.read(support.shared .. "/tokenizers/llama-tokenizer/tokenizer.model")
if not vocabulary then return print "calls: absent: shared tokenizers" end
for dtype in (os.getenv "BENCH_TYPES" or "bf16,q4"):gmatch "[^,]+" do
  local folder = checkpoints.checkpoint(build .. "/bench", "125M", dtype)
  support.write(folder .. "/tokenizer.model", vocabulary)
  report("125M " .. dtype, assert(moonlet.load(folder, { threads = THREADS })))
end
