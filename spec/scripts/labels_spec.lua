-- What a model says of requests that have no call for its functions, and what is kept of it; and
-- requests as they sound.
local support = require "spec.support"
local moonlet = require "moonlet"
local json = moonlet.json
local labels = require "moonlet.corpus.labels"
local spoken = require "moonlet.corpus.spoken"
local random = require "moonlet.corpus.random"
local tool = support.tool

local tools = { tool("weather_query", "place_name", "date"), tool("alarm_set", "time", "date"),
  tool("play_music", "artist_name", "song_name") }

describe("labels", function()
  local folder, remove
  setup(function() folder, remove = support.folder() end)
  teardown(function() remove() end)

  local function requests()
    local list = {}
    for i, city in ipairs { "london", "paris", "rome", "oslo", "lima", "cairo" } do
      list[i] = { text = "what is the weather like in " .. city .. " tomorrow", kind = "sky" }
    end
    list[7] = { text = "wake me up at seven am tomorrow", kind = "sky" }
    list[8] = { text = "wake me up at nine am on friday", kind = "few" }
    list[9] = { text = "hm the other one of those then", kind = "few" }
    return list
  end

  local function made(options)
    local model <close> = assert(moonlet.load(support.pocket))
    options.set, options.tools = "home", tools
    local found = {}
    for _, record in ipairs(assert(labels.make(model, requests(), options))) do
      found[record.messages[1].content] = record.messages[2].tool_calls[1]
    end
    return found
  end

  it("are the model's calls of requests that it is sure of", function()
    local found = made { sure = 0.5, agree = 0 }
    local call = found["what is the weather like in oslo tomorrow"]
    assert.equal("weather_query", call.name)
    assert.same({ place_name = "oslo", date = "tomorrow" }, call.arguments)
    assert.equal("alarm_set", found["wake me up at seven am tomorrow"].name)
    assert.is_nil(found["hm the other one of those then"])
    local all = made { sure = 0, agree = 0 }
    assert.is_not_nil(all["hm the other one of those then"])
    assert.same({}, made { sure = 1.01, agree = 0 })
  end)

  it("agree with others of their kind, where it has so many", function()
    local found = made { sure = 0.5, agree = 0.3 }
    assert.is_not_nil(found["what is the weather like in oslo tomorrow"])
    assert.is_nil(found["wake me up at seven am tomorrow"])      -- one of seven
    assert.is_not_nil(found["wake me up at nine am on friday"])  -- one of two: no kind
  end)

  it("are at most so many of a function", function()
    local counts = {}
    for _, call in pairs(made { sure = 0.5, agree = 0, most = function(name)
      return name == "weather_query" and 2 or 0
    end }) do
      counts[call.name] = (counts[call.name] or 0) + 1
    end
    assert.same({ weather_query = 2 }, counts)
  end)

  it("are for what people ask first, each text once, without those that are known", function()
    local function line(...)
      local messages = {}
      for i, text in ipairs { ... } do
        messages[i] = { role = i % 2 == 1 and "user" or "assistant", content = text }
      end
      return messages
    end
    local call = { role = "assistant", tool_calls = { { name = "f", arguments = {} } } }
    local first = { line("Play it at 5 PM!"), line("Hello there, you", "Hi.", "And now?"),
      line(("long "):rep(30)), line "one" }
    first[1][2] = call
    local function write(name, list)
      local lines = {}
      for i, messages in ipairs(list) do lines[i] = json.encode { messages = messages } end
      support.write(folder .. "/" .. name, table.concat(lines, "\n") .. "\n")
    end
    write("a.jsonl", first)
    write("b.jsonl", { line "hello there you", line "known to all" })
    write("c.jsonl", { line "Known to all." })
    local found = assert(labels.requests(folder, { "a.jsonl", "b.jsonl" },
      { form = spoken.form, but = "c.jsonl" }))
    assert.same({ { text = "play it at five pm", kind = "a.jsonl f" },
      { text = "hello there you", kind = "a.jsonl " } }, found)
    local nothing, message = labels.requests(folder, { "absent.jsonl" }, {})
    assert.is_nil(nothing)
    assert.truthy(message:find("absent.jsonl", 1, true))
  end)
end)

describe("what is spoken", function()
  it("has numbers, times and days in words, and no marks", function()
    for written, said in pairs {
      ["Wake me at 7:30 AM!"] = "wake me at seven thirty am",
      ["It's the 22nd of May, 2019"] = "it's the twenty second of may two thousand and nineteen",
      ["50% of 1,250 in 1999?"] = "fifty percent of twelve fifty in nineteen ninety nine",
      ["at 5pm, or 05:05 p.m."] = "at five pm or five oh five pm",
      ["$20 for 100 or 742"] = "twenty dollars for one hundred or seven hundred and forty two",
      ["caf\195\169 no. 123456, 10:00"] = "caf\195\169 no 123456 ten",
      ["  0 and 30th "] = "zero and thirtieth",
    } do
      assert.equal(said, spoken.form(written))
    end
  end)

  it("is drawn in lower case and words alone", function()
    local dice = random.new(4)
    for _, kind in ipairs { "date", "time", "event" } do
      local seen, count = {}, 0
      for _ = 1, 400 do
        local text = spoken[kind](dice)
        assert.truthy(text:find "^[%l' ]+$", text)
        assert.equal(text, spoken.form(text))
        if not seen[text] then seen[text], count = true, count + 1 end
      end
      assert.truthy(count > 120, kind .. count)
    end
  end)
end)
