-- A spoken sentence becomes an API call: moonlet examples/api_call.lua [SENTENCE...]
local moonlet = require "moonlet"
local chat = require "moonlet.chat"
local native = require "moonlet.native"

local model = assert(moonlet.load())            -- the bundled model, 7.9 million parameters
local home = assert(chat.new(model, { tools = [[
alarm_set(time, date?) - Set an alarm
GetWeather(city, date?) - Get the weather forecast
iot_hue_lightoff(house_place) - Turn off the lights
PlaySong(song_name, artist?) - Play the selected song on the device]] }))

local sentence = arg[1] and table.concat(arg, " ") or "turn off the lights in the kitchen"
print(sentence)
local text = assert(home:ask(sentence, { expect = "call" }))
for _, call in ipairs(assert(native.read(text))) do
  print(call.name, moonlet.json.encode(call.arguments))
end
