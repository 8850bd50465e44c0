-- JSON as text: a reader that keeps each value's own spelling, so that "1.0", "\u0041" and the
-- order of members reach the constraint as a suite's file has them.
local raw = {}

local read

local function skip(text, at) return text:find("[^ \t\r\n]", at) or #text + 1 end

local function string_end(text, at)
  at = at + 1
  while true do
    local stop = assert(text:find('["\\]', at))
    if text:byte(stop) == 34 then return stop end
    at = stop + 2
  end
end

local escapes = { n = "\n", t = "\t", r = "\r", b = "\b", f = "\f" }

local function plain(text)
  if not text:find("\\", 1, true) then return text end
  text = text:gsub("\\u([dD][89abAB]%x%x)\\u([dD][c-fC-F]%x%x)", function(high, low)
    high, low = tonumber(high, 16), tonumber(low, 16)
    return utf8.char(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
  end)
  text = text:gsub("\\u(%x%x%x%x)", function(hex)
    local code = tonumber(hex, 16)
    return code == 92 and "\\\\" or utf8.char(code)
  end)
  return (text:gsub("\\(.)", function(c) return escapes[c] or c end))
end

local function read_list(text, at, node)
  local parts = {}
  at = skip(text, at + 1)
  while text:byte(at) ~= 93 do
    local child
    child, at = read(text, at)
    node[#node + 1] = child
    parts[#parts + 1] = child.text
    at = skip(text, at)
    if text:byte(at) == 44 then at = skip(text, at + 1) end
  end
  node.text = "[" .. table.concat(parts, ",") .. "]"
  return node, at + 1
end

local function read_object(text, at, node)
  local parts = {}
  node.get = {}
  at = skip(text, at + 1)
  while text:byte(at) ~= 125 do
    local stop = string_end(text, at)
    local key = text:sub(at, stop)
    at = skip(text, stop + 1)
    local child, after = read(text, skip(text, at + 1))
    at = after
    node.get[plain(key:sub(2, -2))] = child
    parts[#parts + 1] = key .. ":" .. child.text
    at = skip(text, at)
    if text:byte(at) == 44 then at = skip(text, at + 1) end
  end
  node.text = "{" .. table.concat(parts, ",") .. "}"
  return node, at + 1
end

function read(text, at)
  local first = text:byte(at)
  if first == 123 then return read_object(text, at, {}) end
  if first == 91 then return read_list(text, at, {}) end
  if first == 34 then
    local stop = string_end(text, at)
    local own = text:sub(at, stop)
    return { text = own, string = plain(own:sub(2, -2)) }, stop + 1
  end
  local stop = text:find("[,%]} \t\r\n]", at) or #text + 1
  return { text = text:sub(at, stop - 1) }, stop
end

-- A tree of { text = compact text, [1..] = items, get = members by name, string = its bytes }.
function raw.read(text) return (read(text, skip(text, 1))) end

return raw
