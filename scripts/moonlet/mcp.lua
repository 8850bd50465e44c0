-- mcp.lua: a client of the Model Context Protocol over lines that the host carries.
--
-- What: mcp.connect(transport, { name =, version = }) -> client | nil, message, code;
--   client:tools() -> a list for moonlet.tools; client:call(name, arguments) -> text, result.
--   transport: send(line) -> true | nil, message; receive(seconds) -> line | nil, message;
--   close().
-- How: one JSON-RPC message a line. First server/discover of 2026-07-28, which keeps no session
--   and has its version in every request; when that is answered by any error or not at all, the
--   old initialize. Requests of the server are answered with "no such method", but for ping.
-- Invariant: what a server says is data: its tools' schemas are compiled before they are used, its
--   text never becomes a marker. Lines, pages and strays are bounded.

local host = require "moonlet.host"
local json = require "moonlet.json"

local Client = {}
Client.__index = Client

local modern, old = "2026-07-28", "2025-11-25"
local olds = { [old] = true, ["2025-06-18"] = true, ["2025-03-26"] = true, ["2024-11-05"] = true }
local meta = "io.modelcontextprotocol/"
local most_strays, most_pages, line_bytes = 1000, 100, 16 * 2 ^ 20

local function send(self, message)
  message.jsonrpc = "2.0"
  return self.transport.send(json.encode(message))
end

-- A message of the server that answers nothing of ours.
local function stray(self, message)
  if type(message.method) ~= "string" or message.id == nil or self.version == modern then return end
  if message.method == "ping" then send(self, { id = message.id, result = json.object {} })
  else send(self, { id = message.id, error = { code = -32601, message = "no such method" } }) end
end

-- The answer to request `id` before the deadline.
local function await(self, id, deadline)
  for _ = 1, most_strays do
    local left = deadline - host.clock()
    if left <= 0 then return nil, "mcp: the time is up", "timeout" end
    local line, why = self.transport.receive(left)
    if not line then
      return nil, "mcp: " .. tostring(why or "closed"), why == "timeout" and "timeout" or "io"
    end
    local message = #line <= line_bytes and json.decode(line, { bytes = line_bytes }) or nil
    if type(message) == "table" and message ~= json.null then
      if message.id == id and message.method == nil then return message end
      stray(self, message)
    end
  end
  return nil, "mcp: too many messages that answer nothing", "format"
end

local function request(self, method, params, seconds)
  self.id = self.id + 1
  params = params or json.object {}
  if self.version == modern then
    params._meta = {
      [meta .. "protocolVersion"] = modern, [meta .. "clientCapabilities"] = json.object {},
      [meta .. "clientInfo"] = self.info,
    }
  end
  local ok, why = send(self, { id = self.id, method = method, params = params })
  if not ok then return nil, "mcp: " .. tostring(why), "io" end
  local answer, message, code = await(self, self.id, host.clock() + (seconds or self.timeout))
  if not answer then
    if code == "timeout" and self.version ~= modern and self.version then
      send(self, { method = "notifications/cancelled", params = { requestId = self.id } })
    end
    return nil, message, code
  end
  if type(answer.error) == "table" and answer.error ~= json.null then
    return nil, ("mcp: %s: %s"):format(method, tostring(answer.error.message)), "format"
  end
  if type(answer.result) ~= "table" or answer.result == json.null then
    return nil, ("mcp: %s: an answer without a result"):format(method), "format"
  end
  return answer.result
end

local function handshake(self)
  self.version = modern
  local result, message, code = request(self, "server/discover", nil, self.probe)
  if result then
    for _, version in ipairs(type(result.supportedVersions) == "table" and result.supportedVersions
      or {}) do
      if version == modern then
        self.server = result
        return true
      end
    end
  elseif code == "io" then
    return nil, message, code
  end
  self.version = nil
  result, message, code = request(self, "initialize", { protocolVersion = old,
    capabilities = json.object {}, clientInfo = self.info })
  if not result then return nil, message, code end
  if not olds[result.protocolVersion] then
    return nil, "mcp: the server wants protocol " .. tostring(result.protocolVersion), "support"
  end
  self.version, self.server = result.protocolVersion, result
  return send(self, { method = "notifications/initialized" })
end

-- connect(transport, { name = "moonlet", version =, timeout = 30, probe = 5 seconds }).
local function connect(transport, options)
  options = options or {}
  local self = setmetatable({ transport = transport, id = 0, timeout = options.timeout or 30,
    probe = options.probe or 5,
    info = { name = options.name or "moonlet", version = options.version or "0" } }, Client)
  local ok, message, code = handshake(self)
  if not ok then
    self:close()
    return nil, message, code
  end
  return self
end

-- list() -> the server's tools as it describes them.
function Client:list()
  local all, cursor = {}, nil
  for _ = 1, most_pages do
    local result, message, code = request(self, "tools/list",
      json.object { cursor = cursor })
    if not result then return nil, message, code end
    for _, tool in ipairs(type(result.tools) == "table" and result.tools or {}) do
      if type(tool) == "table" and type(tool.name) == "string" then all[#all + 1] = tool end
    end
    cursor = result.nextCursor
    if type(cursor) ~= "string" then return all end
  end
  return nil, "mcp: more than " .. most_pages .. " pages of tools", "format"
end

-- call(name, arguments) -> text, result | nil, message, code. What the tool calls an error is one.
function Client:call(name, arguments)
  local result, message, code = request(self, "tools/call",
    { name = name, arguments = arguments or json.object {} })
  if not result then return nil, message, code end
  if result.resultType ~= nil and result.resultType ~= "complete" then
    return nil, "mcp: the tool wants " .. tostring(result.resultType), "support"
  end
  local parts = {}
  for _, block in ipairs(type(result.content) == "table" and result.content or {}) do
    if type(block) == "table" then
      parts[#parts + 1] = type(block.text) == "string" and block.text
        or "[" .. tostring(block.type) .. "]"
    end
  end
  if #parts == 0 and result.structuredContent ~= nil then
    parts[1] = json.encode(result.structuredContent)
  end
  local text = table.concat(parts, "\n")
  if result.isError == true then return nil, text, "tool" end
  return text, result
end

-- tools(options) -> list of tables for moonlet.tools.new; every tool wants approval unless options
-- say approve = false. nil, message, code when the server gives none.
function Client:tools(options)
  local list, message, code = self:list()
  if not list then return nil, message, code end
  for i, tool in ipairs(list) do
    list[i] = {
      name = tool.name, parameters = tool.inputSchema,
      description = type(tool.description) == "string" and tool.description or nil,
      approve = not options or options.approve ~= false,
      run = function(arguments) return self:call(tool.name, arguments) end,
    }
  end
  return list
end

function Client:close()
  if self.transport.close then self.transport.close() end
end

return { connect = connect }
