-- Which of these does the sentence ask for? The model only compares; it writes nothing.
-- moonlet examples/choose_intent.lua [SENTENCE...]
local moonlet = require "moonlet"

local model = assert(moonlet.load())
local intents = { "alarm_set(", "GetWeather(", "PlaySong(", "iot_hue_lightoff(" }
local sentence = arg[1] and table.concat(arg, " ") or "turn off the lights in the kitchen"

local best, probabilities = model:choose("<|user|> " .. sentence .. "<|call|>", intents,
  { special = true, normalize = true })
for _, intent in ipairs(intents) do
  print(("%5.1f %%  %s"):format(100 * probabilities[intent], intent:sub(1, -2)))
end
print(sentence .. " -> " .. best:sub(1, -2))
