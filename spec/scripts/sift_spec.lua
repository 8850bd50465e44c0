-- Which records of a set stay, by how likely a model finds their calls.
local support = require "spec.support"
local moonlet = require "moonlet"
local sift = require "moonlet.corpus.sift"

local function record(said, name, arguments)
  local answer = name and { role = "assistant", tool_calls = { { name = name,
    arguments = arguments or {} } } } or { role = "assistant", content = "I cannot do that." }
  return { messages = { { role = "user", content = said }, answer } }
end

describe("sifting", function()
  local model
  setup(function() model = assert(moonlet.load(support.pocket)) end)
  teardown(function() model:close() end)

  local likely = record("turn off the kitchen lights", "iot_hue_lightoff",
    { house_place = "kitchen" })
  local unlikely = record("turn off the kitchen lights", "audio_volume_up")
  local wrong = record("turn off the kitchen lights", "iot_hue_lightoff", { house_place = "off" })

  it("keeps likely calls, and what has none, in their order", function()
    local silent = record "turn off the kitchen lights"
    local kept = assert(sift.records(model, { unlikely, silent, wrong, likely },
      { set = "home", least = -2 }))
    assert.same({ silent, likely }, kept)
  end)

  it("keeps as many as it is told to", function()
    local all = { unlikely, wrong, likely }
    assert.same(all, (sift.records(model, all, { set = "home", least = -math.huge })))
    assert.same({}, (sift.records(model, all, { set = "home", least = 0 })))
  end)

  it("leaves out what the context has no room for", function()
    local long = record(("lights "):rep(2000), "iot_hue_lightoff")
    assert.same({ likely }, (sift.records(model, { long, likely }, { set = "home", least = -2 })))
  end)
end)
