-- address.lua: URLs and addresses, strictly: what is not written plainly is refused.

local address = {}

-- ---- URLs ----

-- url(text) -> { scheme, host, port, path, ipv4 = true, ipv6 = true } | nil, message.
function address.url(text)
  if type(text) ~= "string" or text == "" or #text > 8192 then return nil, "not a URL" end
  if text:find "[%c%s\\\127-\255]" then return nil, "a URL with spaces, controls or backslashes" end
  local scheme, authority, path = text:match "^([%a]+)://([^/?#]*)([^#]*)"
  if not scheme then return nil, "a URL is http://host/path or https://host/path" end
  scheme = scheme:lower()
  if scheme ~= "http" and scheme ~= "https" then return nil, "scheme " .. scheme end
  if authority:find "[@%%]" then return nil, "a URL with a user or escapes in its host" end
  local host, port = authority:match "^(%[[%x:.]+%])(.*)$"
  local ipv6 = host ~= nil
  if ipv6 then
    host = host:sub(2, -2):lower()
    if not address.ipv6(host) then return nil, "not an IPv6 address" end
  else
    host, port = authority:match "^([%w.-]+)(.*)$"
    if not host then return nil, "a URL without a plain host" end
    host = host:lower()
  end
  if port ~= "" then
    port = tonumber(port:match "^:([1-9]%d*)$")
    if not port or port > 65535 then return nil, "not a port" end
  end
  local ipv4
  if not ipv6 then
    if #host > 253 or host:find "%.%." or host:find "^[.-]" or host:find "[.-]$" then
      return nil, "not a host name"
    end
    local last = host:match "([^.]+)$"
    if last:find "^%d+$" or last:find "^0x" then
      ipv4 = true
      if not address.ipv4(host) then return nil, "a number that is no plain IPv4 address" end
    end
  end
  if path:sub(1, 1) ~= "/" then path = "/" .. path end
  return { scheme = scheme, host = host, path = path, ipv4 = ipv4, ipv6 = ipv6,
    port = port ~= "" and port or scheme == "https" and 443 or 80 }
end

-- "scheme://host:port": what an allow-list compares.
function address.origin(u)
  return ("%s://%s:%d"):format(u.scheme, u.ipv6 and "[" .. u.host .. "]" or u.host, u.port)
end

-- join(base, location) -> the URL that a redirect names.
function address.join(base, location)
  if location:find "^%a[%w+.-]*:" then return location end
  local origin = address.origin(base)
  if location:find "^//" then return base.scheme .. ":" .. location end
  if location:find "^/" then return origin .. location end
  return origin .. base.path:match "^[^?]*/" .. location
end

-- ---- addresses ----

-- ipv4(text) -> four numbers in a list; nil for all but plain a.b.c.d.
function address.ipv4(text)
  local parts = { text:match "^(%d+)%.(%d+)%.(%d+)%.(%d+)$" }
  if #parts ~= 4 then return nil end
  for i, part in ipairs(parts) do
    local plain = #part <= 3 and (#part == 1 or part:sub(1, 1) ~= "0")
    if not plain or tonumber(part) > 255 then return nil end
    parts[i] = tonumber(part)
  end
  return parts
end

-- ipv6(text) -> eight numbers in a list, or nil.
function address.ipv6(text)
  local head, v4 = text:match "^(.*:)(%d+%.%d+%.%d+%.%d+)$"
  if v4 then
    local p = address.ipv4(v4)
    if not p then return nil end
    text = ("%s%x:%x"):format(head, p[1] * 256 + p[2], p[3] * 256 + p[4])
  end
  local function groups(s)
    local list = {}
    if s == "" then return list end
    for g in (s .. ":"):gmatch "([^:]*):" do
      if not g:find "^%x%x?%x?%x?$" then return nil end
      list[#list + 1] = tonumber(g, 16)
    end
    return list
  end
  local left, right = text:match "^(.-)::(.*)$"
  if left then
    local a, b = groups(left), groups(right)
    if not a or not b or #a + #b > 7 then return nil end
    while #a + #b < 8 do a[#a + 1] = 0 end
    for _, g in ipairs(b) do a[#a + 1] = g end
    return a
  end
  local all = groups(text)
  return all and #all == 8 and all or nil
end

local function within(p, a, b, bits)
  local rest = bits - 8
  if rest <= 0 then
    local size = 2 ^ (8 - bits)
    return math.floor(p[1] / size) == math.floor(a / size)
  end
  local size = 2 ^ (8 - rest)
  return p[1] == a and math.floor(p[2] / size) == math.floor(b / size)
end

local reserved = { { 0, 0, 8 }, { 10, 0, 8 }, { 100, 64, 10 }, { 127, 0, 8 }, { 169, 254, 16 },
  { 172, 16, 12 }, { 192, 168, 16 }, { 198, 18, 15 }, { 224, 0, 4 }, { 240, 0, 4 } }
local reserved_24 = { ["192.0.0"] = true, ["192.0.2"] = true, ["192.88.99"] = true,
  ["198.51.100"] = true, ["203.0.113"] = true }

local function public_v4(p)
  for _, r in ipairs(reserved) do
    if within(p, r[1], r[2], r[3]) then return false end
  end
  return not reserved_24[("%d.%d.%d"):format(p[1], p[2], p[3])]
end

local function v4_in(high, low)
  return { math.floor(high / 256), high % 256, math.floor(low / 256), low % 256 }
end

-- Global unicast only; an IPv4 address inside counts as what it is.
local function public_v6(g)
  local zeros = true
  for i = 1, 5 do zeros = zeros and g[i] == 0 end
  if zeros and g[6] == 0xFFFF then return public_v4(v4_in(g[7], g[8])) end
  if g[1] == 0x64 and g[2] == 0xFF9B then return public_v4(v4_in(g[7], g[8])) end
  if g[1] == 0x2002 then return public_v4(v4_in(g[2], g[3])) end
  if g[1] == 0x2001 and (g[2] < 0x200 or g[2] == 0xDB8) then return false end
  return g[1] >= 0x2000 and g[1] < 0x4000
end

-- public(text) -> whether an address that a resolver gave belongs to the open network.
function address.public(text)
  local v4 = address.ipv4(text)
  if v4 then return public_v4(v4) end
  local v6 = address.ipv6(text:lower())
  return v6 ~= nil and public_v6(v6)
end

return address
