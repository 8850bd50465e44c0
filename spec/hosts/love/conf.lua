-- A game without a window.
-- luacheck: globals love
function love.conf(t)
  for _, name in ipairs { "window", "graphics", "audio", "sound", "joystick", "touch", "video" } do
    t.modules[name] = false
  end
end
