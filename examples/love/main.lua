-- A scene for LÖVE 11: a lamp swings, and its keeper answers what you type, a few milliseconds a
-- frame, so that the lamp never stutters.
--
--   make luajit && LUA_CPATH='build/luajit/?.so' love examples/love [WHAT YOU SAY]
--   HEADLESS=1: no window; says one thing, prints the answer and how many frames it took, and ends
--   PICTURE=file.png: says one thing, takes a picture of itself with the answer, and ends
-- luacheck: globals love
local moonlet = require "moonlet"

local BUDGET = 4                -- ms of a frame for thinking; at 60 frames a second each has 16
local HISTORY = 40              -- frames whose thinking is drawn below
local model, answer, answering, frames, clock
local spent = {}                -- ms of thinking in each of the last frames
local typed, said = "", "turn off the lights in the kitchen"

local function listen(text)
  if answering then answering:cancel() end
  local prompt = "<|user|>" .. text .. "<|call|>"
  said, answer, typed = text, "", ""
  answering = assert(model:stream(prompt, { special = true, stop = "<|end|>", max_tokens = 60 }))
end

function love.load(words)
  -- threads = 0: all of the work is done here, in love.update; no thread fights the renderer.
  model = assert(moonlet.load(nil, { threads = 0 }))
  frames, clock = 0, 0
  listen(words[1] and table.concat(words, " ") or said)
end

function love.update(seconds)
  frames, clock = frames + 1, clock + seconds
  local started = love.timer.getTime()
  local text = answering and answering:step { ms = BUDGET }
  table.insert(spent, (love.timer.getTime() - started) * 1000)
  if #spent > HISTORY then table.remove(spent, 1) end
  if not answering then return end
  if text then
    answer = answer .. text
    return
  end
  answering = nil
  if love.graphics then return end
  print(("%d frames: %s"):format(frames, answer))
  love.event.quit()
end

-- How long each frame thought, under the line that it may reach.
local function draw_frames(g)
  local left, floor, wide, scale = 40, 348, 10, 5
  g.setColor(0.35, 0.7, 0.45)
  for i, ms in ipairs(spent) do
    g.rectangle("fill", left + wide * (i - 1), floor - scale * ms, wide - 2, scale * ms + 1)
  end
  g.setColor(0.5, 0.5, 0.55)
  g.line(left, floor - scale * BUDGET, left + wide * HISTORY, floor - scale * BUDGET)
  g.print(BUDGET .. " ms", left + wide * HISTORY + 8, floor - scale * BUDGET - 8)
end

local function take_picture(data)
  local file = assert(io.open(os.getenv "PICTURE", "wb"))
  file:write(data:encode("png"):getString())
  file:close()
  love.event.quit()
end

function love.draw()
  local g = love.graphics
  local x, y = 320 + 120 * math.sin(2 * clock), 120 + 30 * math.cos(4 * clock)
  g.clear(0.07, 0.08, 0.13)
  g.setColor(0.35, 0.36, 0.42)
  g.line(320, 0, x, y)
  g.setColor(1, 0.85, 0.45)
  g.circle("fill", x, y, 18)
  g.setColor(0.6, 0.75, 1)
  g.printf("You: " .. said, 40, 220, 560)
  g.setColor(1, 1, 1)
  g.printf("Keeper: " .. answer .. (answering and " ..." or ""), 40, 250, 560)
  g.setColor(0.5, 0.5, 0.55)
  g.printf("> " .. typed, 40, 300, 560)
  draw_frames(g)
  if os.getenv "PICTURE" and not answering and frames == HISTORY then
    g.captureScreenshot(take_picture)
  end
end

function love.textinput(text) typed = typed .. text end

function love.keypressed(key)
  if key == "return" and typed ~= "" then listen(typed) end
  if key == "backspace" then typed = typed:sub(1, -2) end
  if key == "escape" then love.event.quit() end
end
