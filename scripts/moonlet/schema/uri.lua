-- uri.lua: references against a base (RFC 3986, section 5), as far as schemas need it.

local function split(s)
  local rest, fragment = s:match "^([^#]*)#(.*)$"
  rest = rest or s
  local scheme, after = rest:match "^([%a][%w+.-]*):(.*)$"
  rest = after or rest
  local authority, path = rest:match "^//([^/?]*)(.*)$"
  path = path or rest
  local query
  path, query = path:match "^([^?]*)(%??.*)$"
  return { scheme = scheme, authority = authority, path = path, query = query, fragment = fragment }
end

local function join(u)
  return (u.scheme and u.scheme .. ":" or "") .. (u.authority and "//" .. u.authority or "")
    .. u.path .. u.query .. (u.fragment and "#" .. u.fragment or "")
end

local function without_dots(path)
  local out = {}
  for segment, slash in path:gmatch "([^/]*)(/?)" do
    if segment == ".." then
      if #out > 1 then out[#out] = nil end
      if slash == "" then out[#out + 1] = "" end
    elseif segment ~= "." then
      if not (segment == "" and slash == "") then out[#out + 1] = segment end
    end
    if slash == "" then break end
  end
  return table.concat(out, "/") .. (path:find "/$" and path ~= "/" and "/" or "")
end

local function resolve(base, reference)
  local r = split(reference)
  if r.scheme then return reference end
  local b = split(base)
  if not r.authority then
    r.authority = b.authority
    if r.path == "" then
      r.path = b.path
      if r.query == "" then r.query = b.query end
    elseif r.path:sub(1, 1) ~= "/" and (b.authority or b.path:find "/" or not b.scheme) then
      r.path = without_dots((b.path:match "^(.*/)" or "/") .. r.path)
    end
  end
  r.scheme = b.scheme
  return join(r)
end

local function unescape(s)
  return (s:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

return { resolve = resolve, unescape = unescape }
