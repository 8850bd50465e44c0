-- embedding.lua: what a host relies on, in the Lua that 5.1, LuaJIT, 5.3 and 5.4 have in common:
--   lua5.1 spec/hosts/embedding.lua    (LUA_CPATH names the build; working directory: the project)
--
-- Each part checks itself and says what it found. versions_spec.lua runs this program with every
-- interpreter, and wants all of them to say the same. Scratch files go where arg[1] says.
local moonlet = require "moonlet"

local model = assert(moonlet.load())
local prompt = "<|user|> turn off the lights in the kitchen<|call|>"
local greedy = { special = true, stop = "<|end|>", max_tokens = 30 }
local scratch = assert(arg and arg[1], "usage: embedding.lua FOLDER")

-- Numbers look the same in every Lua: 3, not 3.0.
local function say(...)
  local words = { ... }
  for i, word in ipairs(words) do
    words[i] = type(word) == "number" and ("%.14g"):format(word) or word
  end
  print(table.concat(words, " "))
end

local function list(numbers, format)
  local words = {}
  for i, number in ipairs(numbers) do words[i] = (format or "%d"):format(number) end
  return table.concat(words, " ")
end

-- Lua 5.1 frees what a finalized object held in later cycles: one for each link of the chain.
local function live(weak)
  for _ = 1, 8 do collectgarbage() end
  local n = 0
  for _ in pairs(weak) do n = n + 1 end
  return n
end

local parts = {}
local function part(name, body) parts[#parts + 1] = { name = name, body = body } end

part("load", function()
  say(tostring(model), model.config.model_type, list(model.config.eos_token_id))
  local missing, message, code = moonlet.load "spec/no/such/model"
  assert(missing == nil)
  say(message, code)
  say(type(moonlet.info().kernels.attend), moonlet.version)
end)

part("generate", function()
  local text, info = model:generate(prompt, greedy)
  say(text, info.finish, info.generated_tokens, info.prompt_tokens)
  local drawn = { special = true, stop = "<|end|>", max_tokens = 30, temperature = 1.2, top_p = 0.9,
    seed = 7, dry_multiplier = 0.8, dry_breakers = { "\n", "," }, repetition_penalty = 1.1 }
  say(model:generate(prompt, drawn), (model:generate(prompt, drawn)))
  local best, chances = model:choose("<|user|> play some jazz<|call|>", { "play", "alarm" },
    { special = true })
  say(best, ("%.6f"):format(chances[best]))
  local score = model:score "turn off the lights"
  say(list(score.ids), ("%.6f"):format(score.sum))
end)

part("stream", function()
  local pieces = {}
  for piece in model:stream(prompt, greedy) do pieces[#pieces + 1] = piece end
  say(table.concat(pieces, "|"))
  local talk = coroutine.wrap(function()
    for piece in model:stream(prompt, greedy) do coroutine.yield(piece) end
  end)
  for i = 1, #pieces do assert(talk() == pieces[i]) end
  local generation = model:stream(prompt, greedy)
  local first = generation()
  generation:cancel()
  assert(generation() == nil and generation.info.finish == "cancel" and first == pieces[1])
  local slices, text = 0, {}
  local sliced = model:stream(prompt, { special = true, stop = "<|end|>", ms = 0.01 })
  for piece in sliced do slices, text[#text + 1] = slices + 1, piece end
  assert(slices > #pieces and table.concat(text) == table.concat(pieces))
  local edited = 0
  model:generate(prompt, { special = true, max_tokens = 3, logits = function(logits, session)
    assert(#logits == model.config.vocab_size and #session > 0)
    edited = edited + 1
  end })
  say(edited)
end)

part("sessions", function()
  local session = model:session { context = 128 }
  session:feed(model:encode(prompt, { special = true }))
  local fork = session:fork()
  local path = scratch .. "/session"
  assert(session:save(path))
  local restored = assert(model:restore(path, { context = 128 }))
  local answers = {}
  for i, each in ipairs { session, fork, restored } do
    answers[i] = each:generate(nil, { stop = "<|end|>" })
    assert(answers[i] == answers[1])
  end
  say(answers[1], #session, session.context)
  session:rewind(11)
  assert(session:begin { 5, 6, 7 })
  local steps = 0
  repeat steps = steps + 1 until session:step {}
  session:rewind(11):feed { 5, 6, 7 }
  say(steps, #session, session:top(1)[1].id, tostring(session:sample() == session:top(1)[1].id))
  local ok, message, code = session:feed(session:tokens())
  while ok do ok, message, code = session:feed(session:tokens()) end
  say(message, code)
  local batch = model:batch { fork, restored }
  batch:feed { 5, 6 }
  say(fork:top(1)[1].id, restored:top(1)[1].id)
end)

part("tensors", function()
  local t = moonlet.tensor { { 1, 2, 3 }, { 4, 5, 6 } }
  local u = t:matmul(t:transpose(1, 2)):softmax(2) + 1
  say(#t, list(t.shape), t[2][3], list(u:totable()[1], "%.5f"), t:sum():item())
  local whole = moonlet.tensor({ 1, 2, 3 }):to "i32"
  say((whole * 3).dtype, (whole * 1.5).dtype, list((whole * 3):totable()))
  say(moonlet.randn({ 2 }, { seed = 3 }).dtype, list(moonlet.arange(1, 4):totable()))
  local path = scratch .. "/tensors.safetensors"
  assert(moonlet.save_tensors(path, { t = t }))
  say(moonlet.load_tensors(path).t:sum():item(), (tostring(t):gsub("%s+", " ")))
end)

part("json", function()
  local json = moonlet.json
  local value = json.decode '{"b":[1,2.5,null,true],"a":{},"\\u00e9":"\\ud83c\\udf19"}'
  say(json.encode(value), tostring(value.b[3] == json.null))
  local _, message = json.decode '{"a":[1,2'
  say(message)
end)

part("constraint", function()
  local constraint = assert(model:constraint { schema = {
    type = "object", required = { "room" }, additionalProperties = false,
    properties = { room = { enum = { "kitchen", "hall" } } },
  }, whitespace = "none" })
  local matcher = constraint:matcher()
  local session, ids = model:session { context = 64 }, {}
  session:feed(prompt)
  while not matcher:is_complete() do
    local allowed, best, logits = matcher:allowed(), nil, session:logits():totable()
    for _, id in ipairs(allowed) do
      if not best or logits[id + 1] > logits[best + 1] then best = id end
    end
    assert(matcher:accept(best))
    ids[#ids + 1] = best
    session:feed(best)
  end
  say(model:decode(ids))
  local refused, message, code = model:constraint { schema = '{"type":"unheard"}' }
  assert(refused == nil)
  say(message, code)
end)

part("errors", function()
  local function thrown(...)
    local ok, message = pcall(...)
    assert(not ok)
    return (message:gsub("^(.-):%d+: ", function(place)
      return place:match "embedding.lua$" and "HERE: " or nil
    end))
  end
  say(thrown(function() model:generate("x", { max_token = 1 }) end))
  say(thrown(function() model:session { contxt = 1 } end))
  say(thrown(function() return moonlet.tensor { 1, 2 } + moonlet.tensor { 1, 2, 3 } end))
  local closed = model:session { context = 8 }
  closed:close()
  closed:close()
  say(thrown(function() closed:feed { 1 } end), tostring(closed))
  assert(not pcall(model.encode, 1, "x"))
  assert(not pcall(model.encode, closed, "x"))
  assert(getmetatable(model) == "moonlet.model")
end)

part("scripts", function()
  local names = { "agent", "calls", "chat", "gate", "generate", "http", "hub", "json", "mcp",
    "regex", "schema", "tools", "train" }
  for _, name in ipairs(names) do assert(type(require("moonlet." .. name)) == "table", name) end
  local tools, calls = require "moonlet.tools", require "moonlet.calls"
  local set = tools.new():add("light_off(room, after?: integer) - Turn it off", print)
  local tool, arguments = set:check("light_off", { room = "hall", after = "3" })
  say(set:lines(), tool.name, arguments.room, arguments.after)
  local _, message, code = set:check("light_off", {})
  say(message, code)
  local read = calls.parse("hermes", 'Yes.<tool_call>{"name": "light_off", "arguments": '
    .. '{"room": "hall"}}</tool_call>', { tools = set.list })
  say(read.content, read.calls[1].name, moonlet.json.encode(read.calls[1].arguments))
end)

part("collector", function()
  local weak = setmetatable({}, { __mode = "v" })
  for i = 1, 300 do weak[i] = moonlet.zeros { 1024, 1024 } end   -- 4 MiB each
  local held = 0
  for _ in pairs(weak) do held = held + 1 end
  assert(held < 100, held .. " of 300 dropped tensors are still held")
  assert(live(weak) == 0)
  -- A function, because LuaJIT's collector sees locals of a block that has ended.
  local function drop()
    local other = assert(moonlet.load(nil, { threads = 0 }))
    local session = other:session { context = 32 }
    local matcher = other:constraint { choices = { "a", "b" } }:matcher()
    other:generate("a", { max_tokens = 2, dry_multiplier = 1, dry_breakers = { "x" } })
    session:generate("a", { max_tokens = 2 })
    weak.model, weak.session, weak.matcher = other, session, matcher
    weak.logits = session:logits()
  end
  drop()
  assert(live(weak) == 0, "a cycle keeps objects alive")
end)

for _, each in ipairs(parts) do
  say("--", each.name)
  each.body()
end
