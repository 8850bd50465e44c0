-- A game (LÖVE) whose love.update gives the model one token of every frame: LuaJIT.
-- luacheck: globals love
local model = assert(require("moonlet").load(nil, { threads = 0 }))
local prompt = "<|user|>" .. os.getenv "SAID" .. "<|call|>"
local generation = model:stream(prompt, { special = true, stop = "<|end|>" })
local frames, said = 0, {}

function love.update()
  frames = frames + 1
  local text = generation:step { tokens = 1 }
  said[#said + 1] = text
  if text then return end
  print(love.getVersion(), frames, table.concat(said))
  love.event.quit()
end
