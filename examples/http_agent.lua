-- An agent that calls a real HTTP API, which this example serves itself on the loopback:
-- moonlet examples/http_agent.lua. Wants luasocket (Debian: lua-socket).
local has_socket, socket = pcall(require, "socket")
if not has_socket then
  print "skipped: luasocket is not installed (Debian: lua-socket)"
  return
end
local moonlet = require "moonlet"
local agent = require "moonlet.agent"
local http = require "moonlet.http"
local tools = require "moonlet.tools"

-- The API: one answer to GET /weather?city=..., given whenever the client waits for it.
local server = assert(socket.bind("127.0.0.1", 0))
local port = select(2, server:getsockname())
local function serve()
  local peer = server:accept()
  local line = peer:receive "*l"
  repeat local header = peer:receive "*l" until not header or header == ""
  local body = moonlet.json.encode { city = line:match "city=([%w+]*)", forecast = "rain" }
  peer:send(("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"):format(#body, body))
  peer:close()
end

-- Both ends live in one program: the server answers when the request is on its way.
local function connect(to, at)
  local connection = socket.tcp()
  assert(connection:connect(to, at))
  return {
    send = function(_, text)
      local sent, message = connection:send(text)
      if sent then serve() end
      return sent, message
    end,
    receive = function(_, n) return connection:receive(n) end,
    settimeout = function(_, seconds) connection:settimeout(seconds) end,
    close = function() connection:close() end,
  }
end
local client = assert(http.new { allow = { "http://127.0.0.1:" .. port }, private = true,
  transport = { connect = connect, resolve = error, sleep = socket.sleep } })

local weather = assert(agent.new(assert(moonlet.load()), {
  steps = 2,
  generate = { max_tokens = 48 },
  tools = { tools.tool("GetWeather(city, date?) - Get the weather forecast", function(a)
    local city = a.city:gsub("[^%w]", "+")
    local url = ("http://127.0.0.1:%d/weather?city=%s"):format(port, city)
    local answer, message = client:request(url)
    return answer and answer.body, message
  end) },
}))
local run = weather:run "what is the weather like in Lisbon"
for _, event in ipairs(run.trace) do
  print(event.type, event.text or event.json or event.message or event.status)
end
