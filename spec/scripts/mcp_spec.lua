-- The MCP client against servers of both kinds, and its messages against the published schemas.
local support = require "spec.support"
local moonlet = require "moonlet"
local json = moonlet.json
local mcp = require "moonlet.mcp"
local schema = require "moonlet.schema"
local tools = require "moonlet.tools"

-- A server: handlers = { method = function(params) return result end }; log keeps what it got.
local function server(handlers, before)
  local log, queue = {}, {}
  for _, line in ipairs(before or {}) do queue[#queue + 1] = line end
  return {
    send = function(line)
      assert(not line:find "\n")
      local message = assert(json.decode(line))
      log[#log + 1] = message
      if message.id == nil or message.method == nil then return true end
      local handler = handlers[message.method]
      local reply = { jsonrpc = "2.0", id = message.id }
      if handler then reply.result = handler(message.params)
      else reply.error = { code = -32601, message = "unknown" } end
      queue[#queue + 1] = json.encode(reply)
      return true
    end,
    receive = function()
      local line = table.remove(queue, 1)
      return line, not line and "timeout" or nil
    end,
    close = function() log.closed = true end,
  }, log
end

local weather = { name = "weather", description = "Weather", inputSchema = json.decode
  '{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}' }
local function work(pages)
  return {
    ["tools/list"] = function(params)
      if pages and not params.cursor then return { tools = json.array {}, nextCursor = "2" } end
      return { tools = { weather } }
    end,
    ["tools/call"] = function(params)
      if params.arguments.city == "none" then
        return { content = { { type = "text", text = "no such city" } }, isError = true }
      end
      return { content = { { type = "text", text = "sunny in " .. params.arguments.city } } }
    end,
  }
end

local function servers()
  local now, old = work(), work(true)
  now["server/discover"] = function()
    return { resultType = "complete", supportedVersions = { "2026-07-28" },
      capabilities = json.object {}, serverInfo = { name = "s", version = "1" } }
  end
  old.initialize = function(params)
    return { protocolVersion = params.protocolVersion, capabilities = json.object {},
      serverInfo = { name = "s", version = "1" } }
  end
  return now, old
end

describe("mcp", function()
  it("speaks to new servers and to old ones", function()
    local now, old = servers()
    for version, handlers in pairs { ["2026-07-28"] = now, ["2025-11-25"] = old } do
      local transport, log = server(handlers)
      local client = assert(mcp.connect(transport))
      assert.equal(version, client.version)
      local set = tools.new(assert(client:tools()))
      assert.equal("weather(city) - Weather", set:lines())
      assert.equal(true, set.by_name.weather.approve)
      assert.equal("sunny in Oslo", (client:call("weather", { city = "Oslo" })))
      local none, message, code = client:call("weather", { city = "none" })
      assert.same({ nil, "no such city", "tool" }, { none, message, code })
      local modern = version == "2026-07-28"
      local last = log[#log].params._meta
      assert.equal(modern, last ~= nil)
      if modern then assert.equal(version, last["io.modelcontextprotocol/protocolVersion"]) end
      client:close()
      assert.equal(true, log.closed)
    end
  end)

  it("answers an old server's requests, and lets strays pass", function()
    local _, old = servers()
    local transport, log = server(old, { "not json", "[]", "7" })
    local client = assert(mcp.connect(transport))
    local receive, given = transport.receive, false
    transport.receive = function()
      if given then return receive() end
      given = true
      return '{"jsonrpc":"2.0","id":"a","method":"ping"}'
    end
    assert.truthy(client:list())
    given = false
    transport.receive = function()
      if given then return receive() end
      given = true
      return '{"jsonrpc":"2.0","id":"b","method":"sampling/createMessage"}'
    end
    assert.truthy(client:list())
    local answer = {}
    for _, message in ipairs(log) do
      if message.id ~= nil then answer[message.id] = message end
      if message.method then answer[message.method] = message end
    end
    assert.same({}, answer.a.result)
    assert.equal(-32601, answer.b.error.code)
    assert.is_table(answer["notifications/initialized"])
    assert.is_nil(answer["notifications/cancelled"])
    transport.receive = function() return nil, "timeout" end
    assert.equal("timeout", (select(3, client:list())))
    assert.equal("notifications/cancelled", log[#log].method)
  end)

  it("fails with a sentence", function()
    local client, message, code = mcp.connect((server {}))
    assert.is_nil(client)
    assert.same({ "string", "format" }, { type(message), code })
    local now = servers()
    now["tools/list"] = function() return { tools = json.array {}, nextCursor = "again" } end
    assert.truthy(select(2, mcp.connect((server(now))):list()):find "pages")
    now["tools/call"] = function() return { resultType = "input_required" } end
    assert.equal("support", (select(3, mcp.connect((server(now))):call("weather", {}))))
    local odd = { initialize = function() return { protocolVersion = "1999-01-01" } end }
    local transport, log = server(odd)
    client, message, code = mcp.connect(transport)
    assert.same({ nil, "support", true }, { client, code, log.closed })
    assert.truthy(message:find "1999")
    transport, log = server(odd)
    transport.receive = function() return nil, "closed" end
    assert.equal("io", (select(3, mcp.connect(transport))))
    assert.equal(1, #log)                -- nobody is there to try the old way with
    transport = server(odd, { "{}", "{}" })
    client, message, code = mcp.connect(transport, { probe = 0, timeout = 0 })
    assert.same({ nil, "mcp: the time is up", "timeout" }, { client, message, code })
  end)

  it("writes messages that the published schemas know", function()
    local function read(version)
      return support.read(support.shared .. "/suites/mcp/schema/" .. version .. "/schema.json")
    end
    local now, old = servers()
    for version, handlers in pairs { ["2026-07-28"] = now, ["2025-11-25"] = old } do
      local text = read(version)
      if not text then return pending "suites/mcp is absent" end
      local document = assert(json.decode(text))
      local names = { ["server/discover"] = "DiscoverRequest", ["tools/list"] = "ListToolsRequest",
        ["tools/call"] = "CallToolRequest", initialize = "InitializeRequest",
        ["notifications/initialized"] = "InitializedNotification" }
      local transport, log = server(handlers)
      local client = assert(mcp.connect(transport))
      client:list()
      client:call("weather", { city = "Oslo" })
      for _, message in ipairs(log) do
        local name = names[message.method]
        if document["$defs"][name] then
          document["$ref"] = "#/$defs/" .. name
          local ok, why = schema.validate(document, message)
          assert.equal(true, ok, tostring(why) .. " in " .. json.encode(message))
        end
      end
    end
  end)
end)
