-- show.lua: values as the REPL prints them.
--
-- What: show(value, columns) -> text. Strings and other plain values as tostring has them; tables
--   as a constructor, in one line where it fits, cut where it is deep or long; what has a
--   __tostring (tensors, models, sessions) as that says, its first line where it is in a table.
-- Invariant: at most MOST entries and DEPTH levels of a table are read, in the order 1..n and then
--   sorted names, so that a table of any size prints at once and twice the same.

local DEPTH, MOST = 4, 40

local function key_text(key)
  if type(key) == "string" and key:match "^[%a_][%w_]*$" then return key end
  return "[" .. (type(key) == "string" and ("%q"):format(key) or tostring(key)) .. "]"
end

local function leaf(value)
  if type(value) ~= "string" then return tostring(value):match "^[^\n]*" end
  local text = #value > 200 and value:sub(1, 200) .. "..." or value
  return (("%q"):format(text):gsub("\\\n", "\\n"):gsub("\r", "\\r"):gsub("%z", "\\0"))
end

local function by_kind(a, b)
  local ta, tb = type(a), type(b)
  if ta ~= tb then return ta < tb end
  if ta == "string" or ta == "number" then return a < b end
  return tostring(a) < tostring(b)
end

-- The entries of a table as a list of texts; the last says how many more there are.
local function entries(t, render)
  local list, n, keys = {}, 0, {}
  for i = 1, MOST do
    local value = rawget(t, i)
    if value == nil then break end
    n = i
    list[i] = render(value)
  end
  local more = 0
  for key in next, t do
    local listed = type(key) == "number" and key >= 1 and key <= n and key == math.floor(key)
    if not listed then
      if #keys < 20 * MOST then keys[#keys + 1] = key else more = more + 1 end
    end
  end
  table.sort(keys, by_kind)
  for i, key in ipairs(keys) do
    if #list >= MOST then
      more = more + #keys - i + 1
      break
    end
    list[#list + 1] = key_text(key) .. " = " .. render(rawget(t, key))
  end
  if more > 0 then list[#list + 1] = ("... %d more"):format(more) end
  return list
end

local function show(value, columns)
  local path = {}
  local function render(v, depth, indent)
    if type(v) ~= "table" then return leaf(v) end
    local meta = debug.getmetatable(v)
    if type(meta) == "table" and rawget(meta, "__tostring") then return leaf(v) end
    if path[v] then return "{ (itself) }" end
    if next(v) == nil then return "{}" end
    if depth == DEPTH then return "{ ... }" end
    path[v] = true
    local list = entries(v, function(inner) return render(inner, depth + 1, indent .. "  ") end)
    path[v] = nil
    local line = "{ " .. table.concat(list, ", ") .. " }"
    if #line + #indent <= columns and not line:find("\n", 1, true) then return line end
    return "{\n" .. indent .. "  " .. table.concat(list, ",\n" .. indent .. "  ") .. "\n"
      .. indent .. "}"
  end
  if type(value) ~= "table" then return tostring(value) end
  local meta = debug.getmetatable(value)
  if type(meta) == "table" and rawget(meta, "__tostring") then return tostring(value) end
  return render(value, 0, "")
end

return show
