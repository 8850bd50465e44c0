-- luacheck: globals love
function love.conf(t)
  t.window.title = "A character that talks without dropping frames"
  t.window.width, t.window.height = 640, 360
  if not os.getenv "HEADLESS" then return end           -- for tests: frames without a window
  for _, name in ipairs { "window", "graphics", "audio", "sound", "joystick" } do
    t.modules[name] = false
  end
end
