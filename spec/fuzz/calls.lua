-- calls.lua: random and mutated tool-call texts against moonlet.calls.
--
-- run(n, seed, seeds, seconds, progress): n texts, or as many as fit in that time; each is read
-- whole and in random pieces by a random family. Throws when a text throws, takes a second, or
-- reads differently in pieces. progress(done) is told now and then. As a program:
-- lua5.4 spec/fuzz/calls.lua SECONDS [TEXTS [SEED]]: whichever limit comes first.
package.cpath = (os.getenv "MOONLET_BUILD" or "build") .. "/?.so;" .. package.cpath
local json = require "moonlet".json
local calls = require "moonlet.calls"

local tools = { f = { properties = { a = { type = "integer" }, b = { type = "string" } } },
  get_time = {}, special_function = { properties = { arg1 = { type = "integer" } } } }

local names, words = {}, {
  "f", "get_time", "special_function", "all\n", "{", "}", "[", "]", "(", ")", ":", ",", '"', "'",
  "\\", "\\u", "\\ud83d", "=", "\n", " ", "\n\n", "```", "null", "true", "None", "1", "-2.5e3",
  "9e999", "\0",
  "\xff", "\xc3\xa9", "a", "b", "arg1", '{"name": "f", "arguments": {"a": 1}}',
  '{"name":"f","parameters":{"b":"x"}}', 'f(a=1, b="x")', '[f(a=1)]', '{"a": 1}', "call:f{a:1}",
  "functools[", ">>>", "to=functions.f", "to=python", "json", "final", "analysis", "commentary",
  "<|channel|>", "<|message|>", "<|start|>", "<|end|>", "<|constrain|>", "assistant",
  "functions.f:0", "function", "\n```json\n",
}

-- Every marker that a family knows is a word.
local function collect(t, seen)
  if seen[t] then return end
  seen[t] = true
  for _, value in pairs(t) do
    if type(value) == "string" and value:find "[%p]" then words[#words + 1] = value
    elseif type(value) == "table" then collect(value, seen) end
  end
end
for name in pairs(calls.families) do names[#names + 1] = name end
table.sort(names)
local seen = {}
for _, name in ipairs(names) do collect(calls.families[name], seen) end
table.sort(words)

local function invent()
  local out = {}
  for i = 1, math.random(12) do out[i] = words[math.random(#words)] end
  return table.concat(out)
end

local function mutate(text)
  for _ = 1, math.random(4) do
    local i, n = math.random(#text + 1), math.random(0, 6)
    local put = math.random(3) == 1 and "" or words[math.random(#words)]
    text = text:sub(1, i - 1) .. put .. text:sub(i + n)
  end
  return text
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for key, value in pairs(a) do
    if not same(value, b[key]) then return false end
  end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  return true
end

local function in_pieces(family, text, options)
  local parser, at, said = calls.parser(family, options), 1, {}
  local function keep(events)
    for _, e in ipairs(events) do if e.type == "content" then said[#said + 1] = e.text end end
  end
  while at <= #text do
    local n = math.random(9)
    keep(parser:feed(text:sub(at, at + n - 1)))
    at = at + n
  end
  local last, result = parser:finish()
  keep(last)
  assert(table.concat(said) == result.content, "the events' content differs")
  return result
end

local function run(n, seed, seeds, seconds, progress)
  math.randomseed(seed)
  local done, began = 0, os.clock()
  while done < n and not (seconds and os.clock() - began > seconds) do
    local text = seeds and #seeds > 0 and math.random(2) == 1 and mutate(seeds[math.random(#seeds)])
      or invent()
    local family = names[math.random(#names)]
    local options = { tools = math.random(2) == 1 and tools or nil,
      thinking = math.random(3) == 1 or nil, inline_reasoning = math.random(3) == 1 or nil }
    local started = os.clock()
    local ok, one = pcall(calls.parse, family, text, options)
    local ok_too, other = pcall(in_pieces, family, text, options)
    if not ok or not ok_too or not same(one, other) or os.clock() - started > 1 then
      error(("%s %s %q\n%s\n%s"):format(family, json.encode { options.thinking or false,
        options.inline_reasoning or false, options.tools ~= nil }, text,
        ok and json.encode(one) or one, ok_too and json.encode(other) or other), 0)
    end
    done = done + 1
    if progress and done % 100000 == 0 then progress(done) end
  end
  return done
end

local function seeds()
  local path = (os.getenv "MOONLET_SHARED" or "../shared")
    .. "/suites/tool-call-parsing/cases.json"
  local file, list = io.open(path, "rb"), {}
  if not file then return list end
  for i, case in ipairs((json.decode(file:read "a"))) do list[i] = case.input end
  file:close()
  return list
end

if arg and arg[0] and arg[0]:find "spec/fuzz/calls.lua$" then
  local seconds, n = tonumber(arg[1]) or 60, tonumber(arg[2]) or math.huge
  local seed, began = tonumber(arg[3]) or os.time(), os.clock()
  local done = run(n, seed, seeds(), seconds, function(so_far)
    io.stderr:write(("calls: seed %d, %d texts so far\n"):format(seed, so_far))
  end)
  print(("calls: seed %d, %d texts read whole and in pieces, %.0f a second, none threw"):format(
    seed, done, done / (os.clock() - began)))
end

return { run = run, seeds = seeds }
