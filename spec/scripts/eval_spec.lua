-- What moonlet eval measures, against answers computed another way.
local support = require "spec.support"
local moonlet = require "moonlet"
local json = require "moonlet.json"
local disjoint = require "moonlet.native.disjoint"
local marked = require "moonlet.native.marked"
local metrics = require "moonlet.eval.metrics"
local native = require "moonlet.native"
local predict = require "moonlet.eval.predict"
local records = require "moonlet.eval.records"

local model = assert(moonlet.load(support.pocket))
local folder, remove_folder = support.folder()
local function file(name, text) return support.write(folder .. "/" .. name, text) end
local function near(a, b, tolerance) return math.abs(a - b) <= tolerance end

local function jsonl(name, list) return file(name, support.jsonl(list)) end

teardown(function()
  model:close()
  remove_folder()
end)

describe("records", function()
  it("are read plain and gzipped, with their lines", function()
    local plain = file("it's.jsonl", '{"a":1}\n\n  \n{"a":[2]}')
    assert(os.execute("gzip -kf " .. support.quote(plain)))
    for _, path in ipairs { plain, plain .. ".gz" } do
      local list = assert(records.read(path))
      assert.equal(2, #list)
      assert.same({ 1, 2 }, { list[1][1].a, list[2][1].a[1] })
      assert.equal(path .. ":4", list[2][2])
      assert.equal(1, #records.read(path, 1))
    end
  end)

  it("say file and line of what is wrong", function()
    local wrong = {
      [file("a.jsonl", '{"a":1}\n{"a":\n')] = "a.jsonl:2: ", [file("b.jsonl", "\n[1]\n")] =
      "b.jsonl:2: a JSON object", [file("c.jsonl", "\n")] = "c.jsonl: no records",
      [file("d.jsonl", "null")] = "d.jsonl:1: a JSON object",
      [folder] = folder .. ": ", [folder .. "/none"] = "none",
      [file("e.gz", "\31\139 broken")] = "e.gz: gzip could not",
    }
    for path, message in pairs(wrong) do
      local list, why = records.read(path)
      assert.is_nil(list)
      assert.truthy(why:find(message, 1, true), why)
    end
  end)
end)

describe("metrics", function()
  local function report(list)
    local m = metrics.new()
    for _, pair in ipairs(list) do assert(m:add(pair[1], pair[2])) end
    return m:report()
  end
  local function asks(...) return { messages = { { role = "user", content = "x" },
    { role = "assistant", tool_calls = { ... } } } } end
  local function calling(name, arguments)
    return { tool_calls = { { name = name, arguments = arguments } } }
  end
  local alarm = { name = "alarm", arguments = { at = "7 a.m.", count = 2 } }

  it("count what is right", function()
    local r = report {
      { asks(alarm), calling("alarm", { at = "7AM", count = "2" }) },
      { asks(alarm), calling("alarm", { at = "8", count = 2 }) },
      { asks(alarm), calling("alarm", { at = "7am" }) },
      { asks(alarm), calling "lamp" },
      { asks(alarm) },
    }
    assert.same({ 60, 40, 20 }, { r.name, r.structure, r.exact })
    assert.equal(tonumber(("%.2f"):format(100 * (1 + 1 / 3 + 1 / 2) / 5)), r.soft)
    assert.equal(tonumber(("%.2f"):format(100 * 2 * 4 / (5 + 10))), r.arg_f1)
    assert.equal(5, r.reference_calls)
  end)

  it("take minus zero for zero", function()
    local function ask(n) return { name = "f", arguments = { n = n } } end
    local r = report { { asks(ask(0)), calling("f", { n = -0.0 }) },
      { asks(ask(-0.0)), calling("f", { n = "0" }) } }
    assert.equal(100, r.exact)
  end)

  it("compare calls as multisets", function()
    local lamp = { name = "lamp", arguments = {} }
    local r = report { { asks(alarm, lamp), { tool_calls = { lamp, alarm } } },
      { asks(lamp, lamp), { tool_calls = { lamp } } } }
    assert.same({ 50, 50, 50 }, { r.name, r.exact, r.soft })
  end)

  it("reward silence where no call is due", function()
    local plain = { messages = { { role = "user", content = "hello" } } }
    local r = report { { plain, { tool_calls = {} } }, { plain }, { plain, calling "alarm" } }
    assert.same({ 66.67, 3, 0 }, { r.no_call, r.records_without_call, r.reference_calls })
    assert.is_nil(r.name)
  end)

  it("score words by ROUGE", function()
    local one, longest = metrics.rouge({ "the", "cat", "sat" }, { "sat", "the", "cat", "the" })
    assert.truthy(near(one, 6 / 7, 1e-12) and near(longest, 4 / 7, 1e-12))
    local talk = { messages = { { role = "user", content = "hi" },
      { role = "assistant", content = "Hello, you!" } } }
    local r = report { { talk, { replies = { ["1"] = "hello YOU there" } } } }
    assert.equal(80, r.reply_rouge1)
  end)

  it("refuse malformed predictions", function()
    for _, call in ipairs { { name = 7 }, { name = "x", arguments = "y" },
                            { name = "x", arguments = { 1 } } } do
      local ok, why = metrics.new():add(asks(alarm), { tool_calls = { call } })
      assert.is_nil(ok)
      assert.truthy(why:find("call", 1, true))
    end
    local plain = { messages = { { role = "user", content = "hello" } } }
    for _, record in ipairs { plain, asks(alarm), asks(alarm, alarm) } do
      for _, p in ipairs { { tool_calls = 5, turns = record.messages[2] and { ["1"] = 5 } },
        { turns = 5 }, { replies = "x" }, { replies = { ["1"] = 5 } } } do
        local ok, why = metrics.new():add(record, p)
        assert.is_nil(ok)
        assert.equal("string", type(why))
      end
    end
    assert.equal(100, report({ { plain, { tool_calls = json.null } } }).no_call)
  end)

  -- The same records and predictions through the Python program that defines the figures.
  local scorer = support.shared .. "/data/score.py"
  local function compare(list, predictions)
    local truth, guesses = jsonl("truth.jsonl", list), jsonl("guesses.jsonl", predictions)
    assert(os.execute("gzip -kf " .. support.quote(truth)))
    local m, read = metrics.new(), records.read(guesses)
    for i, entry in ipairs(records.read(truth)) do assert(m:add(entry[1], read[i][1])) end
    local out, code, err = support.shell(("python3 %s %s.gz %s"):format(scorer, truth, guesses))
    assert.equal(0, code, err)
    assert.same(assert(json.decode(out)), m:report())
  end
  local able = support.read(scorer) and select(2, support.shell "python3 --version") == 0
  if not able then print("eval: python3 or " .. scorer .. " is absent, figures not compared") end

  -- Values, words and names that are near to each other, from a generator of its own.
  local function maker(seed)
    local state = seed
    local function draw(n)
      state = (state * 1103515245 + 12345) % 2147483648
      return math.floor(state / 65536) % n + 1
    end
    local words = { "New York", "new-york", "5", "5.0", "Straße", "STRASSE", "Đà Nẵng",
      "नमस्ते दुनिया", "東京 タワー", "7 a.m.", "7AM", "", "true", "none",
      "tab\tnew\nline \"q\" \\", "İstanbul", "x_y",
      "½ ² Ⅷ", "🙂 ok", "\1\127" }
    local value
    local function simple()
      local kind = draw(8)
      if kind == 1 then return draw(3) - 2 end
      if kind == 2 then return ({ 5.0, 2.5, 0.1, 1e-7, 1e16, 1e22, -3.25, 123456.789 })[draw(8)] end
      if kind == 3 then return draw(2) == 1 end
      if kind == 4 then return json.null end
      return words[draw(#words)]
    end
    function value(depth)
      local kind = draw(depth > 0 and 8 or 6)
      if kind < 7 then return simple() end
      local list = {}
      if kind == 7 then
        for i = 1, draw(4) - 1 do list[i] = value(depth - 1) end
        return json.array(list)
      end
      for _ = 1, draw(4) - 1 do
        list["kéy " .. draw(4)] = value(depth - 1)
      end
      return json.object(list)
    end
    local function call()
      local arguments = {}
      for _ = 1, draw(4) - 1 do arguments["a" .. draw(4)] = value(2) end
      return { name = ({ "set.alarm", "set_alarm", "lamp" })[draw(3)],
        arguments = json.object(arguments) }
    end
    local function calls(most)
      local list = {}
      for i = 1, draw(most) do list[i] = call() end
      return list
    end
    return draw, value, call, calls
  end

  it("equal score.py's on made up calls", function()
    if not able then return end
    local draw, value, _, calls = maker(7)
    local list, guesses = {}, {}
    -- A copy with a change here and there.
    local function blur(references)
      local copy = {}
      for i, reference in ipairs(references) do
        local arguments = {}
        for key, v in pairs(reference.arguments) do
          arguments[key] = v
          if draw(4) == 1 then arguments[key] = value(2) end
        end
        if draw(5) == 1 then arguments.extra = value(1) end
        copy[i] = { name = draw(6) == 1 and "lamp" or reference.name,
          arguments = json.object(arguments) }
      end
      if draw(6) == 1 then copy[#copy + 1] = copy[1] end
      return json.array(copy)
    end
    for i = 1, 600 do
      local record = { id = "r" .. i, messages = { { role = "user", content = "x" } } }
      local guess = { id = record.id }
      local kind = draw(6)
      if kind == 1 then
        guess.tool_calls = draw(2) == 1 and json.array {} or calls(2)
      elseif kind == 2 then
        guess.turns = {}
        for turn = 1, 2 do
          local references = calls(2)
          table.insert(record.messages, { role = "assistant", tool_calls = references })
          if draw(4) > 1 then guess.turns[tostring(turn)] = blur(references) end
        end
      else
        local references = calls(3)
        record.messages[2] = { role = "assistant", tool_calls = references }
        guess.tool_calls = blur(references)
        if kind < 5 then
          record.possible_answers = {}
          for j, reference in ipairs(references) do
            local allowed = {}
            for key, v in pairs(reference.arguments) do
              allowed[key] = json.array { type(v) == "table" and "x" or v, value(0) }
              if draw(4) == 1 then table.insert(allowed[key], "") end
            end
            record.possible_answers[j] = { [reference.name] = json.object(allowed) }
          end
        end
        if draw(20) == 1 then guess = { id = "nobody" } end
      end
      list[i], guesses[i] = record, guess
    end
    compare(list, guesses)
  end)

  it("equal score.py's where answers are objects", function()
    if not able then return end
    local text = '{"id":"a","messages":[{"role":"user","content":"x"},{"role":"assistant",'
      .. '"tool_calls":[{"name":"f.g","arguments":{"o":{"k":1,"m":"x"},"l":[{"k":"A"}]}}]}],'
      .. '"possible_answers":[{"f.g":{"o":[{"k":[1,2],"m":["X",""]}],"l":[[{"k":["a"]}]],'
      .. '"z":[""]}}]}'
    local calls = {
      '{"name":"f_g","arguments":{"o":{"k":2},"l":[{"k":"a"}]}}',
      '{"name":"f.g","arguments":{"o":{"k":"1","m":"x!"},"l":[{"k":"a"}]}}',
      '{"name":"f.g","arguments":{"o":{"k":1,"n":1},"l":[{"k":"a"}]}}',
      '{"name":"f.g","arguments":{"o":{"k":1},"l":[{"k":"a"},{"k":"a"}]}}',
      '{"name":"f.g","arguments":{"o":{"k":1},"l":[],"z":""}}',
      '{"name":"f.g","arguments":{"o":{"k":1.0},"l":[5.0,1e16,1E22,1.5e300,1e-7,0.30,-0.0]}}',
    }
    for _, call in ipairs(calls) do
      compare({ text }, { '{"id":"a","tool_calls":[' .. call .. "]}" })
    end
    local zero = '"tool_calls":[{"name":"f","arguments":{"n":%s}}]}'
    compare({ '{"id":"a","messages":[{"role":"assistant",' .. zero:format "0" .. "]}" },
      { '{"id":"a",' .. zero:format "-0.0" })
  end)
end)

describe("predict", function()
  local tool = support.tool
  local said = { "play some jazz", "wake me at seven", "turn off the lights", "what is the weather",
    "hello there", "order a pizza", "remind me to call mom", "stop" }
  local list = {}
  for i, text in ipairs(said) do
    list[i] = { { id = "p" .. i, tools = { tool("play_music", "song_name"),
      tool("alarm_set", "time"), i % 2 == 0 and tool("lights_off", "room") or nil }, messages = {
      { role = "user", content = text },
      { role = "assistant", tool_calls = { { name = "play_music", arguments = {} } } } } },
      "f:" .. i }
  end
  table.insert(list, { { id = "turns", tools = {}, messages = {
    { role = "user", content = "hello" }, { role = "assistant", content = "Hi." },
    { role = "user", content = "play jazz" },
    { role = "assistant", tool_calls = {
      { name = "play_music", arguments = { song_name = "jazz" } } } },
    { role = "tool", content = "done" }, { role = "assistant", content = "It plays." } } }, "f:9" })
  table.insert(list, { { id = "none", tools = {}, messages = {
    { role = "user", content = "hm" } } }, "f:10" })

  local function run(options, set)
    local tasks = assert(predict.tasks(model, set or list, options))
    return assert(predict.run(model, tasks, set or list, options)), tasks
  end

  it("gives what a generation alone gives", function()
    local predictions = run { max_tokens = 24, bias = 1000, width = 4 }
    for i = 1, #said do
      local record = list[i][1]
      local ids = native.encode(model, native.block(record.tools),
        native.turns { record.messages[1] })
      ids[#ids + 1] = model:token "<|call|>"
      local text = assert(model:generate(ids, { max_tokens = 24,
        stop_tokens = { model:token "<|end|>" } }))
      local p = predictions[i]
      assert.equal(record.id, p.id)
      assert.same(native.read(text) or {}, p.turns["1"])
      if #p.turns["1"] == 0 then assert.equal(text, p.unread) end
    end
  end)

  it("says how likely a call is to the model, ln p of its text and end", function()
    local predictions, tasks = run { max_tokens = 24, bias = 1000, width = 4 }
    local call, ending = model:token "<|call|>", model:token "<|end|>"
    for i = 1, #said do
      local ids = {}
      for k, id in ipairs(tasks[i].prompt) do ids[k] = id end
      ids[#ids + 1] = call
      local _, info = assert(model:generate(ids, { max_tokens = 24, logprobs = 1,
        stop_tokens = { ending } }))
      local sum = 0
      for _, entry in ipairs(info.logprobs) do sum = sum + entry.logprob end
      if info.reason == "length" then
        assert.truthy(near(sum, predictions[i].logprob, 1e-3))
      else
        assert.truthy(predictions[i].logprob < sum + 1e-3)
      end
    end
    assert.is_nil(run({ bias = -1000 })[1].logprob)
  end)

  it("does not depend on width and order", function()
    local wide = run { max_tokens = 16, replies = true }
    local narrow = run { max_tokens = 16, replies = true, width = 1 }
    local backwards = {}
    for i, entry in ipairs(list) do backwards[#list + 1 - i] = entry end
    local turned = run({ max_tokens = 16, width = 3, replies = true }, backwards)
    for i, p in ipairs(wide) do
      for _, other in ipairs { p, narrow[i], turned[#list + 1 - i] } do
        other.lean, other.logprob = nil, nil
      end
      assert.same(p, narrow[i])
      assert.same(p, turned[#list + 1 - i])
    end
  end)

  it("searches with beams, one of which is greedy decoding", function()
    local options = { constrain = true, bias = 1000, beams = 1 }
    local greedy = run(options)
    options.beams = nil
    assert.same(run(options), greedy)
    options.beams = 4
    local found, tasks = run(options)
    local call, ending = model:token "<|call|>", model:token "<|end|>"
    for i = 1, #said do
      local prompt = {}
      for k, id in ipairs(tasks[i].prompt) do prompt[k] = id end
      prompt[#prompt + 1] = call
      local text = assert(model:generate(prompt, { gbnf = tasks[i].grammar, beams = 4,
        stop_tokens = ending, max_tokens = 256 }))
      assert.same(native.read(text), found[i].turns["1"])
    end
  end)

  it("uses no word of a request twice when asked", function()
    local tools = { tool("ring", "who", "where") }
    tools[1].parameters.required = json.array { "who", "where" }
    local requests = {}
    for i, text in ipairs { "call anna lee", "ring the office now", "phone home" } do
      requests[i] = { { id = i, tools = tools, messages = { { role = "user", content = text } } },
        "f:" .. i }
    end
    local options = { bias = 1000, max_tokens = 60, constrain = true, spans = true,
      complete = true, disjoint = true, beams = 20 }
    local function shared()
      local count = 0
      for i, p in ipairs(run(options, requests)) do
        local fits = disjoint.of(requests[i][1].messages[1].content)
        local given = p.tool_calls[1].arguments
        count = count + (fits(json.encode { given.who, given.where }) and 0 or 1)
      end
      return count
    end
    assert.equal(0, shared())
    options.disjoint = nil
    assert.equal(3, shared())
  end)

  it("weighs calls by their marked forms when asked", function()
    local reader = assert(model:session { context = 512 })
    local options = { constrain = true, spans = true, bias = 1000, beams = 5, block = "set home",
      marked = "home", tools = list[1][1].tools }
    local found, tasks = run(options)
    local call, ending = model:token "<|call|>", model:token "<|end|>"
    local weighed = 0
    for i, text in ipairs(said) do
      local prompt = { table.unpack(tasks[i].prompt) }
      prompt[#prompt + 1] = call
      local weigh = marked.of(reader, "home", text)
      local best = assert(model:generate(prompt, { gbnf = tasks[i].grammar, beams = 5,
        stop_tokens = ending, max_tokens = 256, weigh = function(one)
          local weight = weigh(one)
          weighed = weighed + (weight and 1 or 0)
          return weight
        end }))
      assert.same(native.read(best), found[i].turns["1"])
    end
    assert.truthy(weighed > #said)
    reader:close()
    options.marked = nil
    assert.same(#list, #run(options))
  end)

  it("keeps calls to a grammar when asked", function()
    local tools = { tool("ring", "when", "who"), tool("hush") }
    tools[1].parameters.required = json.array { "who" }
    local options = { bias = 1000, max_tokens = 60, constrain = true, tools = tools, spans = true,
      complete = true }
    for i, p in ipairs(run(options)) do
      for _, calls in pairs(p.turns or { p.tool_calls }) do
        assert.truthy(#calls > 0, p.unread)
        for _, call in ipairs(calls) do
          assert.truthy(call.name == "hush" or call.name == "ring" and call.arguments.who)
          for _, value in pairs(call.arguments) do
            local heard = said[i] or "hello\nplay jazz\nhm"
            assert.truthy(heard:find(value, 1, true) or value:find "^[%d:-]+$", value)
          end
        end
      end
    end
  end)

  it("lets the model decline, by a bias", function()
    local never, always = run { bias = -1000 }, run { bias = 1000, max_tokens = 4 }
    for i, p in ipairs(never) do
      for _, calls in pairs(p.turns or { p.tool_calls }) do assert.same({}, calls) end
      assert.is_nil(p.unread)
      assert.truthy(near(p.lean, always[i].lean, 1e-3))
    end
    assert.is_not_nil(never[#list].tool_calls)
    assert.is_nil(never[#list].turns)
  end)

  it("continues before each call, and each reply when asked to", function()
    local predictions, tasks = run { max_tokens = 4, replies = true }
    local turns = predictions[#said + 1]
    assert.is_not_nil(turns.turns["3"])
    assert.equal("string", type(turns.replies["1"]))
    assert.equal("string", type(turns.replies["5"]))
    assert.is_nil(run { max_tokens = 4 }[#said + 1].replies)
    local shown = model:decode(tasks[#tasks].prompt)
    assert.truthy(shown:find("hm", 1, true))
  end)

  it("goes on after a prompt that has no room, and stops a call where room ends", function()
    local long = { { id = "long", tools = {}, messages = { { role = "user",
      content = ("word "):rep(400) } } }, "f:0" }
    local set = { list[1], long, list[2] }
    local tasks = assert(predict.tasks(model, set, { bias = 1000 }))
    local context = 0
    for _, task in ipairs(tasks) do
      if task.record ~= 2 then context = math.max(context, #task.prompt) end
    end
    local predictions, used = predict.run(model, tasks, set, { bias = 1000, max_tokens = 99,
      context = context + 3 })
    assert.equal(context + 3, used)
    assert.equal(#tasks[2].prompt, predictions[2].too_long)
    assert.is_nil(predictions[2].lean)
    assert.is_nil(predictions[2].tool_calls)
    for _, i in ipairs { 1, 3 } do
      assert.is_nil(predictions[i].too_long)
      assert.equal("number", type(predictions[i].lean))
      assert.is_not_nil(predictions[i].turns["1"])
    end
    -- the marker and two tokens fit: no call can be whole
    local n = #tasks[1].prompt > #tasks[3].prompt and 1 or 3
    assert.truthy(predictions[n].unread)
    for _, fits in ipairs { context, context + 1 } do
      tasks = assert(predict.tasks(model, set, { bias = 1000 }))
      predictions = assert(predict.run(model, tasks, set, { bias = 1000, context = fits }))
      assert.equal(fits == context and #tasks[n].prompt or nil, predictions[n].too_long)
    end
  end)

  it("says which record is wrong, and in what", function()
    local good = '{"id":1,"messages":[{"role":"user","content":"x"},{"role":"assistant",'
      .. '"tool_calls":[{"name":"f","arguments":{"a":"x"}}]}],'
      .. '"possible_answers":[{"f":{"a":["x"]}}],'
      .. '"tools":[{"name":"f","parameters":{"properties":{"a":{}},"required":["a"]}}],'
      .. '"context":{"today":"2019-03-01"}}'
    local function judged(text)
      return predict.tasks(model, { { assert(json.decode(text)), "file:7" } },
        { constrain = true })
    end
    assert(judged(good))
    local calls, user = '[{"name":"f","arguments":{"a":"x"}}]', '"user","content":"x"'
    for i, change in ipairs {
      { '"id":1,', "", "id" }, { good, '{"id":1}', "messages" },
      { good, '{"id":1,"messages":"x"}', "messages" }, { good, '{"id":1,"messages":{"a":1}}',
        "messages" }, { good, '{"id":1,"messages":[3]}', "role" },
      { user, '"user"', "content" }, { user, '"user","content":5', "content" },
      { user, '"clown","content":"x"', "clown" },
      { user, '"user","content":"x","tool_calls":[]', "assistant" },
      { calls, "null", "tool_calls" }, { calls, '"f"', "tool_calls" },
      { calls, '{"name":"f"}', "tool_calls" }, { calls, '["f"]', "name" },
      { calls, '[{"arguments":{}}]', "name" }, { calls, '[{"name":5,"arguments":{}}]', "name" },
      { calls, '[{"name":"f"}]', "arguments" }, { calls, '[{"name":"f","arguments":null}]',
        "arguments" }, { calls, '[{"name":"f","arguments":"{}"}]', "arguments" },
      { calls, '[{"name":"f","arguments":[]}]', "arguments" },
      { '[{"f":{"a":["x"]}}]', "null", "possible_answers" },
      { '[{"f":{"a":["x"]}}]', '["f"]', "possible_answers" },
      { '[{"f":{"a":["x"]}}]', '[{"f":"x"}]', "possible_answers" },
      { '[{"f":{"a":["x"]}}]', '[{}]', "possible_answers" },
      { '[{"f":{"a":["x"]}}]', '[{"f":{},"g":{}}]', "possible_answers" },
      { '"tools":[{"name":"f"', '"tools":[{"nam":"f"', "name in each tool" },
      { '"tools":[{', '"tools":["x",{', "name in each tool" },
      { '"tools":[{"name":"f"', '"tools":[{"name":"f","description":5', "description" },
      { '{"properties":{"a":{}},"required":["a"]}', "5", "parameters" },
      { '{"properties":{"a":{}},"required":["a"]}', '{"required":"a"}', "required" },
      { '{"properties":{"a":{}}', '{"properties":["a"]', "properties" },
      { '{"a":{}}', '{"a":{"type":"object","properties":5}}', "properties" },
      { '[{"name":"f","parameters":{"properties":{"a":{}},"required":["a"]}}]', "5", "tools" },
      { '[{"name":"f","parameters":{"properties":{"a":{}},"required":["a"]}}]', '"f"', "tools" },
      { '{"today":"2019-03-01"}', "5", "context" }, { '"2019-03-01"', "5", "today" },
    } do
      local from, to = good:find(change[1], 1, true)
      local tasks, why = judged(good:sub(1, from - 1) .. change[2] .. good:sub(to + 1))
      assert.is_nil(tasks, i)
      assert.truthy(why:find("file:7: wants", 1, true) and why:find(change[3], 1, true), why)
    end
    assert(judged((good:gsub('"tools":.*', '"tools":null}'))))
    assert.is_nil((records.tools(file("tools.json", '[{"nam":"f"}]'))))
    local other = assert(moonlet.load "spec/fixtures/tiny-gqa")
    assert.is_nil((predict.tasks(other, list, {})))
    other:close()
  end)
end)
