-- A character of a game must answer with one of its actions: the likeliest wins, none can be
-- invented. moonlet examples/game_character.lua [WHAT HAPPENS...]
local moonlet = require "moonlet"

local model = assert(moonlet.load())
local actions = { "run away", "say hello", "open the door", "eat the apple" }
local scene = arg[1] and table.concat(arg, " ")
  or "A big scary dog came into the garden. Lily was afraid."

local best, probabilities = model:choose(scene .. " She wanted to ", actions, { normalize = true })
for _, action in ipairs(actions) do
  print(("%5.1f %%  %s"):format(100 * probabilities[action], action))
end
print("She wanted to " .. best .. ".")
