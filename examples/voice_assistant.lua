-- A voice assistant with several tools: moonlet examples/voice_assistant.lua [SENTENCE...]
local moonlet = require "moonlet"
local agent = require "moonlet.agent"
local tools = require "moonlet.tools"

local lights = { kitchen = "on", bedroom = "on" }
local home = assert(agent.new(assert(moonlet.load()), {
  steps = 2,
  generate = { max_tokens = 48 },
  tools = {
    tools.tool("alarm_set(time, date?) - Set an alarm", function(a)
      return "alarm at " .. a.time
    end),
    tools.tool("iot_hue_lightoff(house_place) - Turn off the lights", function(a)
      lights[a.house_place] = "off"
      return "the lights in the " .. a.house_place .. " are off"
    end),
    tools.tool("GetWeather(city, date?) - Get the weather forecast", function() return "sunny" end),
  },
}))

local run = home:run(arg[1] and table.concat(arg, " ") or "turn off the lights in the kitchen")
for _, event in ipairs(run.trace) do
  print(event.type, event.text or event.json or event.message or event.status)
end
print("kitchen lights", lights.kitchen)
