-- http.lua: HTTP for tools: only where it may go, only as long and as large as it may be.
--
-- What: http.new { allow = { "https://api.example.com", "http://127.0.0.1:8080" }, private = true }
--   -> client; client:request { url =, method =, headers =, body = } -> { status, headers, body,
--   url, truncated } | nil, message, code ("forbidden", "timeout", "io", "format", "support").
-- How: a URL is read strictly, its origin must be on the list, the name is resolved once, every
--   address must be public (unless private = true), and the connection goes to that very address.
--   A redirect is a new URL and goes through all of it again. luasocket carries the bytes, and
--   luasec those of https; or what options.transport gives.
-- Invariant: one deadline for all hops and tries; headers at most 64 KiB, the body at most `most`.
--   No message holds a header or a query. Only requests that change nothing are tried again.
-- Not here: cookies, proxies, compression, kept connections.

local address = require "moonlet.http.address"
local host = require "moonlet.host"

local Client = {}
Client.__index = Client

local header_bytes = 65536

-- ---- the usual transport ----

-- resolve(name) -> list of addresses | nil, message; connect(address, port, name or nil for plain
-- TCP, seconds) -> object with send, receive, settimeout, close | nil, message; sleep(seconds).
local function luasocket()
  local ok, socket = pcall(require, "socket")
  if not ok then return nil, "http: luasocket is not installed (Debian: lua-socket)", "support" end
  local transport = { sleep = socket.sleep }
  function transport.resolve(name)
    local list, message = socket.dns.getaddrinfo(name)
    if not list then return nil, message end
    local found = {}
    for i, entry in ipairs(list) do found[i] = entry.addr end
    return found
  end
  function transport.connect(to, port, name, seconds)
    local connection = to:find(":", 1, true) and socket.tcp6() or socket.tcp()
    connection:settimeout(seconds)
    local connected, message = connection:connect(to, port)
    if not connected then return nil, message end
    if not name then return connection end
    local has_tls, ssl = pcall(require, "ssl")
    if not has_tls then return nil, "luasec is not installed (Debian: lua-sec)" end
    local secure
    secure, message = ssl.wrap(connection, { mode = "client", protocol = "any", verify = "peer",
      options = { "all", "no_sslv2", "no_sslv3", "no_tlsv1" }, capath = "/etc/ssl/certs" })
    if not secure then return nil, message end
    if secure.sni then secure:sni(name) end
    secure:settimeout(seconds)
    local shaken
    shaken, message = secure:dohandshake()
    if not shaken then return nil, message end
    local certificate = secure:getpeercertificate()
    if not certificate or not address.certificate(certificate, name) then
      return nil, "the certificate is not for " .. name
    end
    return secure
  end
  return transport
end

-- Whether a luasec certificate names this host, by its alternative names.
function address.certificate(certificate, name)
  local extension = certificate:extensions()["2.5.29.17"]
  for _, known in ipairs(extension and extension.dNSName or {}) do
    known = known:lower()
    local suffix = known:match "^%*(%..+%..+)$"
    if known == name or (suffix and name:match "^[^.]+(%..+)$" == suffix) then return true end
  end
  return false
end

-- ---- one exchange ----

-- Reads from a connection until the deadline.
local function reader(connection, deadline)
  local buffer = ""
  local self = {}
  local function more()
    local left = deadline - host.clock()
    if left <= 0 then return nil, "timeout" end
    connection:settimeout(left)
    local data, message, partial = connection:receive(8192)
    data = data or partial
    if data and data ~= "" then
      buffer = buffer .. data
      return true
    end
    return nil, message or "closed"
  end
  function self.line(most)
    local from = 1
    while true do
      local at = buffer:find("\n", from, true)
      if at then
        local line = buffer:sub(1, at - 1)
        buffer = buffer:sub(at + 1)
        return (line:gsub("\r$", ""))
      end
      if #buffer > most then return nil, "a header that is too long" end
      from = #buffer + 1
      local ok, message = more()
      if not ok then return nil, message end
    end
  end
  -- Up to n bytes (nil: to the end) through put, which may say false.
  function self.body(n, put)
    local left = n or math.huge
    while left > 0 do
      if buffer == "" then
        local ok, message = more()
        if not ok then
          if message == "closed" and not n then return true end
          return nil, message
        end
      end
      local piece = buffer:sub(1, math.min(#buffer, left))
      buffer, left = buffer:sub(#piece + 1), left - #piece
      if put(piece) == false then return true end
    end
    return true
  end
  return self
end

local function read_headers(input)
  local headers, bytes = {}, 0
  while true do
    local line, message = input.line(header_bytes)
    if not line then return nil, message end
    if line == "" then return headers end
    bytes = bytes + #line
    if bytes > header_bytes then return nil, "headers of more than 64 KiB" end
    local name, value = line:match "^([%w-_]+):%s*(.-)%s*$"
    if name then headers[name:lower()] = value end
  end
end

-- The status and headers of an answer, behind those that only say that it will come (1xx).
local function read_head(input)
  while true do
    local line, message = input.line(header_bytes)
    if not line then return nil, message end
    local status = tonumber(line:match "^HTTP/1%.%d (%d%d%d)")
    if not status then return nil, "not an HTTP answer", "format" end
    local headers
    headers, message = read_headers(input)
    if not headers then return nil, message end
    if status < 100 or status > 199 or status == 101 then
      return { status = status, headers = headers }
    end
  end
end

local function read_body(input, headers, most)
  local pieces, length, truncated = {}, 0, false
  local function put(piece)
    local room = most - length
    if #piece > room then piece, truncated = piece:sub(1, room), true end
    pieces[#pieces + 1], length = piece, length + #piece
    return not truncated
  end
  local ok, message = true, nil
  if (headers["transfer-encoding"] or ""):lower():find "chunked" then
    while ok and not truncated do
      local line
      line, message = input.line(1024)
      local size = line and tonumber(line:match "^%x+" or "", 16)
      if not size then return nil, message or "a malformed chunk" end
      if size == 0 then break end
      ok, message = input.body(size, put)
      if ok and not truncated then ok, message = input.line(1024) end
    end
  else
    local n = headers["content-length"]
    if n and not n:find "^%d+$" then return nil, "a malformed Content-Length" end
    ok, message = input.body(tonumber(n), put)
  end
  if not ok then return nil, message end
  return table.concat(pieces), truncated
end

local function request_text(u, method, headers, body)
  local lines = { ("%s %s HTTP/1.1"):format(method, u.path),
    "Host: " .. address.origin(u):match "//(.*)$", "Connection: close" }
  for name, value in pairs(headers) do
    if type(name) ~= "string" or not name:find "^[%w-]+$" or tostring(value):find "[%c]" then
      host.blame "http: a header's name or value holds what it may not"
    end
    local low = name:lower()
    if low ~= "host" and low ~= "connection" and low ~= "content-length" then
      lines[#lines + 1] = name .. ": " .. tostring(value)
    end
  end
  if body then lines[#lines + 1] = "Content-Length: " .. #body end
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. (body or "")
end

local function failed(message)
  if message == "timeout" or message == "wantread" then
    return nil, "http: the time is up", "timeout"
  end
  return nil, "http: " .. tostring(message), "io"
end

-- ---- where it may go ----

-- Gives the address to connect to.
local function admit(self, text)
  local u, why = address.url(text)
  if not u then return nil, "http: refused: " .. why, "forbidden" end
  local origin = address.origin(u)
  if not self.allowed[origin] then
    return nil, "http: refused: " .. origin .. " is not on the list of allowed origins", "forbidden"
  end
  local list = { u.host }
  if not u.ipv4 and not u.ipv6 then
    local message
    list, message = self.transport.resolve(u.host)
    if not list or not list[1] then return failed(message or "no address for " .. u.host) end
  end
  for _, to in ipairs(list) do
    if not self.private and not address.public(to) then
      return nil, ("http: refused: %s leads to %s, which is not public"):format(u.host, to),
        "forbidden"
    end
  end
  return u, list[1]
end

local function exchange(self, u, to, method, headers, body, deadline)
  local left = deadline - host.clock()
  if left <= 0 then return failed "timeout" end
  local connection, message = self.transport.connect(to, u.port,
    u.scheme == "https" and u.host or nil, left)
  if not connection then return failed(message) end
  connection:settimeout(math.max(deadline - host.clock(), 0.001))
  local sent, why = connection:send(request_text(u, method, headers, body))
  local answer, code
  if sent then
    local input = reader(connection, deadline)
    local got
    got, why, code = read_head(input)
    if got then
      local status = got.status
      local empty = method == "HEAD" or status == 101 or status == 204 or status == 304
      if empty then got.body, got.truncated = "", false
      else
        local text, more = read_body(input, got.headers, self.most)
        got.body, got.truncated = text, more
        if not text then why = more end
      end
      if got.body then answer = got end
    end
  end
  connection:close()
  if answer then return answer end
  local none, sentence, kind = failed(why)
  return none, sentence, code or kind
end

local redirects = { [301] = true, [302] = true, [303] = true, [307] = true, [308] = true }
local secrets = { authorization = true, cookie = true, ["proxy-authorization"] = true,
  ["x-api-key"] = true }

-- One try: all hops.
local function hops(self, request, deadline)
  local method, body, headers = request.method, request.body, request.headers
  local url = request.url
  for _ = 0, self.redirects do
    local u, to, code = admit(self, url)
    if not u then return nil, to, code end
    local answer, message
    answer, message, code = exchange(self, u, to, method, headers, body, deadline)
    if not answer then return nil, message, code end
    local location = redirects[answer.status] and answer.headers.location
    if not location then
      answer.url = url
      return answer
    end
    local following = address.join(u, location)
    local v = address.url(following)
    if not v or address.origin(v) ~= address.origin(u) then
      local kept = {}
      for name, value in pairs(headers) do
        if not secrets[name:lower()] then kept[name] = value end
      end
      headers = kept
    end
    if answer.status == 303 or (answer.status < 303 and method == "POST") then
      method, body = "GET", nil
    end
    url = following
  end
  return nil, "http: too many redirects", "io"
end

-- ---- requests ----

local again = { [429] = true, [502] = true, [503] = true, [504] = true }
local harmless = { GET = true, HEAD = true, OPTIONS = true }

-- request { url =, method = "GET", headers =, body = } or a URL.
function Client:request(request)
  if type(request) == "string" then request = { url = request } end
  local method = (request.method or "GET"):upper()
  if not method:find "^%u+$" then host.blame "http: a method is a word" end
  local full = { url = request.url, method = method, headers = request.headers or {},
    body = request.body }
  local deadline, wait = host.clock() + self.timeout, self.wait
  for try = 1, self.tries do
    local answer, message, code = hops(self, full, deadline)
    local worth = harmless[method] and try < self.tries
      and (answer and again[answer.status] or code == "io")
    if not worth then return answer, message, code end
    local asked = answer and tonumber(answer.headers["retry-after"])
    local pause = math.min(math.max(asked or 0, wait), 60)
    if host.clock() + pause >= deadline then return answer, message, code end
    self.transport.sleep(pause * (1 + self.random() * 0.1))
    wait = wait * 2
  end
end

-- new(options) -> client | nil, message, code. options: allow = list of scheme://host[:port];
-- private = true: private and loopback addresses too; timeout = 10 s for all of a request; most =
-- 1 MiB of a body; redirects = 5; tries = 3 with wait = 0.5 s, doubled each time; transport,
-- random = for specs and other hosts.
local function new(options)
  local ok, unknown = pcall(host.known, options, "http", { "allow", "private", "timeout", "most",
    "redirects", "tries", "wait", "transport", "random" })
  if not ok then host.blame(unknown) end
  local transport, message, code = options.transport, nil, nil
  if not transport then transport, message, code = luasocket() end
  if not transport then return nil, message, code end
  local allowed = {}
  for _, entry in ipairs(options.allow or {}) do
    local u, why = address.url(entry)
    if not u then host.blame(("http: allow: %s: '%s'"):format(why, tostring(entry))) end
    allowed[address.origin(u)] = true
  end
  return setmetatable({ allowed = allowed, private = options.private == true,
    timeout = options.timeout or 10, most = options.most or 2 ^ 20,
    redirects = options.redirects or 5, tries = options.tries or 3, wait = options.wait or 0.5,
    transport = transport, random = options.random or math.random }, Client)
end

return { new = new, address = address }
