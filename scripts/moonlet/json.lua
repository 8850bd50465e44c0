-- json.lua: a small strict JSON writer (RFC 8259).
--
-- A table with entries 1..n is an array, json.array(t) marks an empty one, any other table an
-- object with string keys, written in sorted order. NaN and infinities become null, bytes that
-- are not UTF-8 become U+FFFD. A cycle or another kind of value throws.

local host = require "moonlet.host"

local json = {}
local array = {}

function json.array(t) return setmetatable(t, array) end

json.null = setmetatable({}, { __tostring = function() return "null" end })

local short = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function quote(text)
  return '"' .. host.text(text):gsub('[%c"\\\127]', function(c)
    return short[c] or ("\\u%04x"):format(c:byte())
  end) .. '"'
end

local function number(value)
  if value ~= value or value == math.huge or value == -math.huge then return "null" end
  if value == math.floor(value) and math.abs(value) < 2 ^ 53 then
    return ("%.0f"):format(value)
  end
  local text
  for digits = 15, 17 do        -- the shortest that reads back as the same number
    text = ("%." .. digits .. "g"):format(value)
    if tonumber(text) == value then break end
  end
  return (text:gsub(",", "."))
end

local write

local function write_object(value, open)
  local keys, out = {}, {}
  for key in pairs(value) do
    if type(key) ~= "string" then
      error("json: an object's keys are strings, got a " .. type(key), 0)
    end
    keys[#keys + 1] = key
  end
  table.sort(keys)
  for i, key in ipairs(keys) do out[i] = quote(key) .. ":" .. write(value[key], open) end
  return "{" .. table.concat(out, ",") .. "}"
end

local function write_array(value, open)
  local out, entries = {}, 0
  for _ in pairs(value) do entries = entries + 1 end
  if entries ~= #value then error("json: a table is an array or an object, not both", 0) end
  for i = 1, #value do out[i] = write(value[i], open) end
  return "[" .. table.concat(out, ",") .. "]"
end

local function write_table(value, open)
  if open[value] then error("json: a table contains itself", 0) end
  open[value] = true
  local is_array = getmetatable(value) == array or #value > 0
  local text = (is_array and write_array or write_object)(value, open)
  open[value] = nil
  return text
end

function write(value, open)
  local kind = type(value)
  if value == nil or value == json.null then return "null" end
  if kind == "boolean" then return tostring(value) end
  if kind == "number" then return number(value) end
  if kind == "string" then return quote(value) end
  if kind == "table" then return write_table(value, open) end
  error("json: cannot write a " .. kind, 0)
end

-- encode(value) -> text
function json.encode(value) return write(value, {}) end

return json
