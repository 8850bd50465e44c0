-- A proxy (HAProxy) with a service that answers a posted sentence: Lua 5.3.
-- luacheck: globals core
local model = assert(require("moonlet").load())

core.register_service("call", "http", function(applet)
  local prompt = "<|user|>" .. applet:receive() .. "<|call|>"
  local text = assert(model:generate(prompt, { special = true, stop = "<|end|>" }))
  applet:set_status(200)
  applet:add_header("content-length", #text)
  applet:start_response()
  applet:send(text)
end)
