-- The examples run, with the bundled model, and do what they say.
local support = require "spec.support"

local function run(name, ...)
  local out, code, err = support.moonlet { "examples/" .. name .. ".lua", ... }
  assert.equal(0, code, err)
  return out
end

describe("examples", function()
  it("voice_assistant turns off the lights", function()
    local out = run "voice_assistant"
    assert.truthy(out:find('call\t{"house_place":"kitchen"}', 1, true), out)
    assert.truthy(out:find("kitchen lights\toff", 1, true))
  end)

  it("game_character answers with one of its actions", function()
    local out = run "game_character"
    local said = out:match "She wanted to ([%a ]+)%.\n$"
    local known = { ["run away"] = 1, ["say hello"] = 1, ["open the door"] = 1,
      ["eat the apple"] = 1 }
    assert.truthy(known[said], out)
    local sum = 0
    for percent in out:gmatch "([%d.]+) %%" do sum = sum + tonumber(percent) end
    assert.truthy(math.abs(sum - 100) < 0.5)
  end)

  it("extract_record gives a record of its shape", function()
    local out = run("extract_record", "wake me up at six")
    local text = assert(out:match "\n({[^\n]*})\n", out)
    local record = assert(require "dkjson".decode(text))
    assert.equal("string", type(record.time))
    assert.equal(math.floor(record.volume), record.volume)
    assert.truthy(record.volume >= 0 and record.volume <= 10)
    assert.truthy(({ once = 1, daily = 1, weekly = 1 })[record["repeat"]])
  end)

  it("extract_record finds the time in the sentence that its page shows", function()
    assert.truthy(run("extract_record"):find('{"time":"eight thirty",', 1, true))
    local page = support.read "examples/README.md"
    assert.truthy(page:find("`build/moonlet examples/extract_record.lua`", 1, true))
  end)

  it("choose_intent chooses one of its intents", function()
    local out = run "choose_intent"
    assert.truthy(out:find("in the kitchen %-> iot_hue_lightoff\n$"), out)
    local sum = 0
    for percent in out:gmatch "([%d.]+) %%" do sum = sum + tonumber(percent) end
    assert.truthy(math.abs(sum - 100) < 0.5)
  end)

  it("http_agent calls a real API, or says why not", function()
    local out = run "http_agent"
    if out:find "^skipped" then return pending(out) end
    assert.truthy(out:find('result\t{"city":".-","forecast":"rain"}'), out)
  end)
end)
