-- Training data: random numbers, records, examples made of records, examples made up, mixtures.
local support = require "spec.support"
local moonlet = require "moonlet"
local copying = require "moonlet.corpus.copying"
local dates = require "moonlet.corpus.dates"
local examples = require "moonlet.corpus.examples"
local generate = require "moonlet.corpus.generate"
local json = moonlet.json
local mixture = require "moonlet.corpus.mixture"
local native = require "moonlet.native"
local random = require "moonlet.corpus.random"
local records = require "moonlet.corpus.records"
local rewording = require "moonlet.corpus.rewording"
local values = require "moonlet.corpus.values"

local function parsed(text) return assert(json.decode(text)) end

local alarm = [[{"name":"alarm_set","description":"Set an alarm","parameters":{"type":"object",
  "properties":{"time":{"type":"string"},"date":{"type":"string"}},"required":[]}}]]
local light = [[{"name":"light_off","description":"Turn a light off","parameters":{"type":"object",
  "properties":{"room":{"type":"string"}},"required":["room"]}}]]
local tools = ("[%s,%s]"):format(alarm, light)

local wake = [[{"tools":TOOLS,"messages":[{"role":"user","content":"wake me at six on monday"},
  {"role":"assistant","tool_calls":[{"name":"alarm_set","arguments":
  {"date":"monday","time":"six"}}]}]}]]
wake = wake:gsub("TOOLS", function() return tools end):gsub("\n", " ")

local made = [[{"name":"getBoat","description":"Retrieve a specific boat","parameters":{
  "type":"object","properties":{"harbour_name":{"type":"string","description":
  "The harbour (e.g., Kiel, Cork)"},"max_length":{"type":"integer"},
  "sailDate":{"type":"string"},"covered":{"type":"boolean"},
  "rig":{"type":"string","enum":["SLOOP","GAFF_RIG"]},"tags":{"type":"array",
  "items":{"type":"string"}}},"required":["harbour_name","max_length"]},
  "responses":{"price":{"type":"float","description":"The price"}}}]]

local folder, remove = support.folder()
teardown(function() remove() end)

local function write(name, text)
  return support.write(folder .. "/" .. name, text)
end

describe("random", function()
  it("depends on the seed alone", function()
    local a, b, c = random.new(3), random.new(3), random.new(4)
    local same = true
    for _ = 1, 50 do
      local x = a:whole(1, 1000)
      assert.equal(x, b:whole(1, 1000))
      same = same and x == c:whole(1, 1000)
    end
    assert.equal(false, same)
    local dice, seen = random.new(1), {}
    for _ = 1, 300 do seen[dice:whole(2, 4)] = true end
    assert.same({ [2] = true, [3] = true, [4] = true }, seen)
    local list = dice:shuffle { 1, 2, 3, 4, 5 }
    table.sort(list)
    assert.same({ 1, 2, 3, 4, 5 }, list)
    assert.equal(2, #dice:some({ 1, 2, 3 }, 2))
  end)
end)

describe("records", function()
  it("reads JSON Lines, shares tools, and names the bad line", function()
    local path = write("a.jsonl", wake .. "\n" .. wake .. "\n")
    local list = assert(records.read(path))
    assert.equal(2, #list)
    assert.equal(list[1].tools[1], list[2].tools[1])
    assert.equal(1, #assert(records.read(path, { most = 1 })))
    local asked = 0
    local function second()
      asked = asked + 1
      return asked == 2
    end
    assert.equal(1, #assert(records.read(path, { most = 1, keep = second })))
    assert.equal(2, asked)
    local none, why = records.read(path, { keep = function() end })
    assert.is_nil(none)
    assert.equal(path .. ": no record is kept", why)
    local function other(text, by)
      local at, past = wake:find(text, 1, true)
      return wake:sub(1, at - 1) .. by .. wake:sub(past + 1)
    end
    path = write("others.jsonl", table.concat({ wake,
      other('"time":{"type":"string"},"date":{"type":"string"}',
        '"date":{"type":"string"},"time":{"type":"string"}'),
      other('{"time":', '{"at":{"type":"string"},"time":'), other("an alarm", "no alarm"),
      other('"required":[]', '"required":{}') }, "\n"))
    local seen = {}
    for _, record in ipairs(assert(records.read(path))) do
      assert.is_nil(seen[record.tools[1]])
      seen[record.tools[1]] = true
      assert.equal(list[1].tools[2].name, record.tools[2].name)
    end
    path = write("b.jsonl", wake .. "\n{oops\n")
    local nothing, message, code = records.read(path)
    assert.is_nil(nothing)
    assert.truthy(message:find(path .. ":2: ", 1, true))
    assert.equal("format", code)
    nothing, message, code = records.read(path .. ".absent")
    assert.is_nil(nothing)
    assert.truthy(message:find("absent", 1, true))
    assert.equal("io", code)
    assert.is_nil(records.read(write("c.jsonl", "")))
  end)
end)

describe("examples", function()
  local record = parsed(wake)

  it("show a set by its name and swap values in request and call alike", function()
    local plain = examples.closed(record, random.new(1), { set = "home" })
    assert.equal("set home", plain.block)
    assert.equal(" wake me at six on monday", plain.turns[1].text)
    assert.equal('alarm_set(date=" monday",time=" six")', plain.turns[2].text)
    local dice, changed = random.new(2), 0
    for _ = 1, 30 do
      local example = examples.closed(record, dice,
        { set = "home", bare = 0.5, swap = 1, values = { time = { "noon" }, date = { "friday" } } })
      local call = assert(native.read(example.turns[2].text))[1]
      for _, value in pairs(call.arguments) do
        assert.truthy(example.turns[1].text:find(" " .. value, 1, true))
        if value == "noon" or value == "friday" then changed = changed + 1 end
      end
    end
    assert.truthy(changed >= 30)
  end)

  it("mark the words of a call in the request, unless they do not stand there", function()
    local plain = examples.marked(record, random.new(1), { set = "home" })
    assert.equal("marked home", plain.block)
    assert.equal(" wake me at six on monday", plain.turns[1].text)
    assert.equal('alarm_set(" wake me at",time=" six"," on",date=" monday")', plain.turns[2].text)
    assert.equal(1, plain.turns[2].weight)
    local dice = random.new(2)
    for _ = 1, 60 do
      local example = examples.marked(record, dice, { set = "home", bare = 0.5, swap = 1,
        reword = 0.9, values = { time = { "noon" }, date = { "friday" } } })
      local words = {}
      for word in example.turns[2].text:gmatch '" (.-)"' do words[#words + 1] = word end
      assert.equal(example.turns[1].text, " " .. table.concat(words, " "))
      assert.equal("marked home", example.block)
    end
    local other = parsed(wake:gsub('"six"', '"seven"'))
    assert.same(examples.closed(other, random.new(1), { set = "home" }),
      examples.marked(other, random.new(1), { set = "home" }))
    local silent = parsed(wake:gsub('"tool_calls":%b[]', '"content":"no"'))
    assert.equal("assistant", examples.marked(silent, random.new(1), { set = "home" })
      .turns[2].marker)
  end)

  it("swap in values that the records do not have", function()
    local found = examples.values({ record, record }, { time = { "noon", "six" } })
    assert.same({ date = { "monday", "monday" }, time = { "noon", "six" } }, found)
  end)

  it("list the called tool among others, arguments in the schema's order", function()
    local dice, declined = random.new(3), 0
    for _ = 1, 60 do
      local example = examples.listed(record, dice, { most = 2, plain = 0, decline = 0.3 })
      if example.turns[2].marker == "assistant" then
        declined = declined + 1
        assert.is_nil(example.block:find("alarm_set", 1, true))
      else
        assert.truthy(example.block:find("alarm_set(time?,date?) - Set an alarm", 1, true))
        assert.equal('alarm_set(time=" six",date=" monday")', example.turns[2].text)
      end
    end
    assert.truthy(declined > 5 and declined < 40)
  end)

  it("rename tools and arguments in list and calls alike", function()
    local dice, seen = random.new(4), {}
    for _ = 1, 40 do
      local example = examples.listed(record, dice, { most = 2, plain = 1, rename = 1 })
      local call = assert(native.read(example.turns[2].text))[1]
      assert.truthy(example.block:find(call.name .. "(time?,date?)", 1, true))
      assert.same({ "time", "date" }, json.keys(call.arguments))
      seen[call.name] = true
    end
    assert.same({ alarm_set = true, alarmSet = true, AlarmSet = true, ["alarm.set"] = true }, seen)
  end)

  it("make a sentence of running text, as it sounds, a remark that calls one function", function()
    local example = examples.remark({ text = "I'm hungry. It's 5 PM!" }, random.new(1),
      { set = "home", call = "general_quirky" })
    assert.equal("set home", example.block)
    assert.equal(" i'm hungry it's five pm", example.turns[1].text)
    assert.equal("general_quirky()", example.turns[2].text)
  end)

  it("decline what a set has nothing for", function()
    local example = examples.foreign(record, random.new(1), { set = "clinc" })
    assert.equal("set clinc", example.block)
    assert.equal("assistant", example.turns[2].marker)
  end)

  it("cut a result to its first entry and to what fits", function()
    assert.equal('{"a": "x","n":1}', examples.result '[{"a":"x","n":1},{"a":"y"}]')
    local long = examples.result(json.encode { a = ("x "):rep(20), b = ("y "):rep(200) })
    assert.truthy(#long <= 160 and parsed(long).a and not parsed(long).b)
    assert.equal("plain text", examples.result "plain text")
  end)

  it("count calls and replies, people a little, and tool lists not at all", function()
    local model = assert(moonlet.load())
    local example = examples.listed(record, random.new(1), { most = 2, plain = 0 })
    local ids, weights = examples.encode(model, example)
    assert.equal(#ids, #weights)
    local id, at = native.ids(model), "tools"
    for i, token in ipairs(ids) do
      if token == id.user then at = "user" elseif token == id.call then at = "call" end
      local want = at == "tools" and 0 or token == id.user and 0 or at == "user" and 0.2 or 1
      assert.equal(want, weights[i])
    end
    assert.equal("call", at)
  end)

  it("cut words in two, a word everywhere in the same place, and say the same", function()
    local model = assert(moonlet.load())
    local example = examples.closed(parsed(wake:gsub("monday", "wednesday")), random.new(1),
      { set = "home" })
    local whole, more = examples.encode(model, example), 0
    for seed = 1, 20 do
      local ids, weights = examples.encode(model, example,
        { random = random.new(seed), cut = 0.5 })
      assert.equal(#ids, #weights)
      assert.equal(model:decode(whole), model:decode(ids))
      local row, places = {}, {}
      for i, id in ipairs(ids) do row[i] = model:piece(id) end
      for place in table.concat(row, "|"):gmatch "w[ednsay|]+y" do
        if place:gsub("|", "") == "wednesday" then places[#places + 1] = place end
      end
      assert.equal(2, #places)
      assert.equal(places[1], places[2])
      if #ids > #whole then more = more + 1 end
    end
    assert.truthy(more > 10)
    assert.same(whole, (examples.encode(model, example, { random = random.new(1), cut = 0 })))
  end)
end)

describe("made-up examples", function()
  local list = { parsed(made), parsed(light) }

  it("say every argument that the call has, and list the called tool", function()
    local make = generate.over(list, { most = 2, kinds = { call = 1 } })
    local dice, full = random.new(5), 0
    for _ = 1, 200 do
      local example = make(dice)
      local call = assert(native.read(example.turns[2].text))[1]
      assert.truthy(example.block:find(call.name .. "(", 1, true))
      for name, value in pairs(call.arguments) do
        assert.truthy(example.block:find(name, 1, true))
        if name:lower():find "harbour" then
          local said, text = value:gsub("_", " "):lower(), example.turns[1].text:gsub("_", " ")
          assert.truthy(text:lower():find(said, 1, true), said .. " in " .. text)
        end
        full = full + 1
      end
    end
    assert.truthy(full > 300)
  end)

  it("decline when no tool fits, ask for what is missing, and say results", function()
    local dice = random.new(6)
    local decline = generate.over(list, { most = 1, kinds = { decline = 1 } })
    local ask = generate.over(list, { most = 1, kinds = { ask = 1 } })
    local result = generate.over(list, { most = 1, kinds = { result = 1 } })
    for _ = 1, 40 do
      assert.equal("assistant", decline(dice).turns[2].marker)
      local turns = ask(dice).turns
      assert.equal("assistant", turns[2].marker)
      assert.truthy(turns[2].text:find "[?.]$")
      assert.truthy(not turns[3] or turns[4].marker == "call")
      turns = result(dice).turns
      assert.equal("result", turns[3].marker)
      assert.equal("assistant", turns[4].marker)
    end
  end)

  it("tell a result that is a sentence as it is, or that it went wrong", function()
    local chatter = { "The door is open.", "It rained all day.", "Tom sleeps." }
    local make = generate.over(list, { most = 1, kinds = { told = 1 }, everyday = 0.5,
      chatter = chatter })
    local dice, failed = random.new(8), 0
    for _ = 1, 80 do
      local turns = make(dice).turns
      assert.same({ "call", "result", "assistant" },
        { turns[2].marker, turns[3].marker, turns[4].marker })
      local result, said = turns[3].text:lower():gsub("^%s*error: ", "")
      local heard, told = result:gsub("%.?%s*$", ""), turns[4].text
      assert.truthy(told:lower():find(heard, 1, true), told)
      assert.equal(said == 1, told:find "That did not work: " ~= nil
        or told:find "Sorry, that failed: " ~= nil)
      failed = failed + said
    end
    assert.truthy(failed > 5 and failed < 40, failed)
  end)

  it("decline only what the listed tools do not offer", function()
    local decline = generate.over(list, { most = 2, kinds = { decline = 1 } })
    local dice = random.new(8)
    for _ = 1, 60 do
      local example = decline(dice)
      local wanted = example.turns[1].text:lower():find "boat" and "boat(" or "off("
      assert.is_nil(example.block:lower():find(wanted, 1, true))
    end
  end)

  it("make choices of free arguments now and then, and call with one of those listed", function()
    local make = generate.over(list, { most = 1, kinds = { call = 1 } })
    local dice, seen = random.new(9), 0
    for _ = 1, 300 do
      local example = make(dice)
      local call = assert(native.read(example.turns[2].text))[1]
      for name, choices in example.block:gmatch "([%w_]+)%??:([^,()]+|[^,()]+)" do
        local value = call.arguments[name]
        if value then
          seen = seen + 1
          assert.truthy(("|%s|"):format(choices:gsub("%s", "")):find("|" .. value .. "|", 1, true),
            value .. " of " .. choices)
        end
      end
    end
    assert.truthy(seen > 20, seen)
  end)

  it("say something else beside a request, which its call does not hear of", function()
    local make = generate.over(list,
      { most = 1, kinds = { call = 1 }, chatter = { "Zebras sleep" } })
    local dice, beside = random.new(10), 0
    for _ = 1, 200 do
      local turns = make(dice).turns
      if turns[1].text:find("Zebras sleep.", 1, true) then beside = beside + 1 end
      assert.is_nil(turns[2].text:find "Zebra")
    end
    assert.truthy(beside > 10 and beside < 60, beside)
  end)

  it("say numbers with a comma as they are, and places with where they are", function()
    local dice, commas, lands = random.new(11), 0, 0
    for _ = 1, 400 do
      local said, value = values.draw("count", { type = "integer" }, dice, {})
      if said:find(",", 1, true) then
        commas = commas + 1
        assert.equal((said:gsub(",", "")), tostring(value))
      end
      said, value = values.draw("city", { type = "string" }, dice, {})
      assert.equal(said, value)
      if said:find(", ", 1, true) then lands = lands + 1 end
    end
    assert.truthy(commas > 5 and lands > 100)
  end)

  it("say a date in each request when they are about dates", function()
    local make = generate.over(list,
      { most = 1, kinds = { call = 1 }, everyday = 1, about = "date" })
    local dice = random.new(12)
    for _ = 1, 200 do
      local example = make(dice)
      assert.truthy(example.turns[2].text:find '=" %d%d%d%d%-%d%d%-%d%d"', example.turns[2].text)
    end
  end)
end)

describe("dates", function()
  local numbers = { jan = 1, feb = 2, mar = 3, apr = 4, may = 5, jun = 6, jul = 7, aug = 8, sep = 9,
    oct = 10, nov = 11, dec = 12 }

  it("are written as ISO 8601 of the day, month and year that are said", function()
    local dice, words = random.new(7), 0
    for _ = 1, 500 do
      local said, value = dates.date(dice)
      assert.truthy(native.weekday(value), said)
      local year, month, day = value:match "^(%d+)-(%d+)-(%d+)$"
      assert.truthy(said:find(year, 1, true), said)
      for word in said:lower():gsub("%a+day", ""):gmatch "%a%a%a+" do
        if numbers[word:sub(1, 3)] then
          words = words + 1
          assert.equal(numbers[word:sub(1, 3)], tonumber(month), said)
          assert.truthy((" " .. said):find("[^%d]" .. tonumber(day) .. "[^%d]"), said)
        end
      end
      local weekday = said:match "%u%l+day"
      if weekday then assert.equal(native.weekday(value), weekday) end
    end
    assert.truthy(words > 300)
  end)

  it("follow from the day that is today", function()
    assert.equal("2024-03-01", dates.after("2024-02-27", 3))
    assert.equal("2023-03-02", dates.after("2023-02-27", 3))
    assert.equal("2025-01-01", dates.after("2024-12-31", 1))
    local dice, seen = random.new(8), {}
    for _ = 1, 1000 do
      local said, value = dates.date(dice, "2024-12-30")
      seen[said] = value
      local weekday = said:match "%u%l+day$"
      if weekday then assert.equal(weekday, native.weekday(value)) end
    end
    assert.equal("2024-12-30", seen.today)
    assert.equal("2024-12-31", seen.tomorrow)
    assert.equal("2025-01-01", seen["the day after tomorrow"])
    assert.equal("2025-01-03", seen["next Friday"])
  end)
end)

describe("copying", function()
  it("asks for nothing but what is said", function()
    local dice = random.new(9)
    for _, make in ipairs { copying.echo, copying.labels } do
      for _ = 1, 50 do
        local turns = make(dice).turns
        for _, value in pairs(assert(native.read(turns[2].text))[1].arguments) do
          assert.truthy(turns[1].text:find(value, 1, true))
        end
      end
    end
  end)
end)

describe("a mixture", function()
  it("gives each source its share, the same for the same seed", function()
    write("r.jsonl", wake .. "\n")
    write("t.jsonl", '{"text":"the moon is small and bright tonight over the sea"}\n')
    local sources = { { file = "r.jsonl", make = "closed", share = 3, how = { set = "home" } },
      { file = "t.jsonl", make = "text", share = 1 } }
    local model = assert(moonlet.load())
    local function draw()
      local calls, texts = 0, 0
      assert(mixture.new(folder, sources):encoded(model, 1, 4000, 100, function(ids, weights)
        local all = true
        for i = 2, #ids do all = all and weights[i] == 1 end
        if all then texts = texts + #ids else calls = calls + #ids end
      end))
      return calls, texts
    end
    local calls, texts = draw()
    assert.truthy(calls + texts >= 4000 and calls > 2.5 * texts and calls < 3.5 * texts)
    assert.same({ calls, texts }, { draw() })
    local nothing, message = mixture.new(folder .. "/absent", sources):encoded(model, 1, 10, 100)
    assert.is_nil(nothing)
    assert.truthy(message:find("absent", 1, true))
  end)

  it("exchanges values for others that its source brings, and reads what a run wrote itself",
    function()
      write("own.jsonl", wake .. "\n")
      local asked = 0
      local sources = { { own = "own.jsonl", make = "closed", share = 1, swaps = true,
        how = { set = "home", swap = 1 }, also = function()
          asked = asked + 1
          return { time = { "noon" } }
        end } }
      local said = {}
      assert(mixture.new("nowhere", sources, { out = folder }):each(2, 60, function(example)
        local call = native.read(example.turns[2].text)[1]
        said[call.arguments.time] = true
        assert.truthy(example.turns[1].text:find(call.arguments.time, 1, true))
        return 1
      end))
      assert.equal(1, asked)
      assert.is_true(said.noon)
    end)

  it("does not tell what another mixture of the same parts has drawn", function()
    write("one.jsonl", wake .. "\n")
    write("two.jsonl", wake .. "\n" .. wake:gsub("six", "nine") .. "\n")
    local function said(file, how)
      local all = {}
      local sources = { { file = file, make = "closed", share = 1, swaps = true, how = how } }
      assert(mixture.new(folder, sources):each(2, 30, function(example)
        all[#all + 1] = example.turns[2].text
        return 1
      end))
      return all
    end
    local alone = said("two.jsonl", { set = "home", swap = 1 })
    local shared = { set = "home", swap = 1 }
    said("one.jsonl", shared)
    assert.same(alone, said("two.jsonl", shared))
  end)

  it("draws a record as often as its source says", function()
    write("o.jsonl", wake .. "\n" .. wake:gsub("alarm_set", "light_off") .. "\n")
    local function often(record)
      return record.messages[2].tool_calls[1].name == "alarm_set" and 3 or 0.25
    end
    local sources = { { file = "o.jsonl", make = "closed", share = 1, how = { set = "home" },
      often = often } }
    local count = { alarm_set = 0, light_off = 0 }
    assert(mixture.new(folder, sources):each(1, 3250, function(example)
      local name = example.turns[2].text:match "^[%a_]+"
      count[name] = count[name] + 1
      return 1
    end))
    assert.equal(3250, count.alarm_set + count.light_off)
    assert.truthy(count.light_off > 200 and count.light_off < 300, count.light_off)
    sources[1].often = function() return 0.01 end
    assert(mixture.new(folder, sources):each(1, 10, function() return 1 end))
  end)
end)

describe("rewording", function()
  local said = "can you turn on the lights in the Big Room at ten thirty please"
  local arguments = { room = "big room", times = { "ten thirty" } }

  it("says the same in other words, with every argument as it was", function()
    local dice, seen, others = random.new(9), {}, 0
    for _ = 1, 300 do
      local text = rewording.reword(said, arguments, dice)
      assert.truthy(text:find("Big Room", 1, true), text)
      assert.truthy(text:find("ten thirty", 1, true), text)
      assert.is_nil(text:find "  ", text)
      if not seen[text] then seen[text], others = true, others + 1 end
      if text:find "switch on" then seen.synonym = true end
    end
    assert.is_true(others > 200, others)
    assert.is_true(seen.synonym)
  end)

  it("depends on the dice alone, and leaves the record alone", function()
    local record = parsed(wake)
    local function draw(seed)
      local dice, list = random.new(seed), {}
      for i = 1, 20 do
        local example = examples.closed(record, dice, { set = "home", reword = 0.5 })
        list[i] = example.turns[1].text
      end
      return list
    end
    assert.same(draw(3), draw(3))
    assert.equal("wake me at six on monday", record.messages[1].content)
    local same = 0
    for _, text in ipairs(draw(3)) do
      if text:match "^%s*(.*)$" == record.messages[1].content then same = same + 1 end
    end
    assert.is_true(same > 3 and same < 18, same)
  end)

  it("keeps a request of nothing but arguments, and an empty one", function()
    local dice = random.new(1)
    for _ = 1, 50 do
      local text = rewording.reword("play jazz", { a = "play jazz" }, dice)
      assert.truthy(text:find("play jazz", 1, true))
      rewording.reword("", nil, dice)
    end
  end)
end)
