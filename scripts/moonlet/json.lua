-- json.lua: JSON (RFC 8259) as Lua values and back.
--
-- decode(text) keeps what JSON says: 64-bit integers (where Lua has them), null as json.null, the
--   order of an object's keys, and whether an empty table was [] or {}. The last two live in
--   metatables, so that encode(decode(text)) says the same again.
-- encode(value): a table with entries 1..n or marked by json.array is an array, any other table
--   an object with string keys: those that decode saw in their order, the others sorted. NaN,
--   infinities, cycles and other kinds of values throw. Bytes that are not UTF-8 become U+FFFD.
-- partial(text), reader(): a text that is still growing: its value so far and what is open.

local host = require "moonlet.host"
local scanner = require "moonlet.jsonscan"
local text = require "moonlet.jsontext"

local json = { null = text.null, decode = text.decode }
local array = text.array_mark
local deepest = 128

-- array(t): marks t, so that it is written as [] even when empty.
function json.array(t) return setmetatable(t, array) end

-- object(t, keys): marks t as an object; keys is its order, a list of names.
function json.object(t, keys) return setmetatable(t, { __keys = keys or {} }) end

-- The marks of a table: its list of keys, or nil.
local function key_list(t)
  local mark = getmetatable(t)
  return type(mark) == "table" and rawget(mark, "__keys") or nil
end

-- is_array(t): by its mark, or by having entries.
function json.is_array(t)
  local mark = getmetatable(t)
  if mark == array then return true end
  return type(t) == "table" and t ~= json.null and not key_list(t) and #t > 0
end

-- is_object(t): any table that is neither such an array nor null.
function json.is_object(t)
  return type(t) == "table" and t ~= json.null and not json.is_array(t)
end

-- keys(t) -> names of an object in the order in which encode writes them.
function json.keys(t, sorted)
  local list, seen, rest = {}, {}, {}
  for _, key in ipairs(not sorted and key_list(t) or {}) do
    if t[key] ~= nil and not seen[key] then
      list[#list + 1], seen[key] = key, true
    end
  end
  for key in pairs(t) do
    if type(key) ~= "string" then
      host.blame("json: an object's keys are strings, got a " .. type(key))
    end
    if not seen[key] then rest[#rest + 1] = key end
  end
  table.sort(rest)
  for _, key in ipairs(rest) do list[#list + 1] = key end
  return list
end

-- ---- writing ----

local short = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function quote(s)
  return '"' .. host.text(s):gsub('[%c"\\\127]', function(c)
    return short[c] or ("\\u%04x"):format(c:byte())
  end) .. '"'
end

local function number(value)
  if value ~= value or value == math.huge or value == -math.huge then
    host.blame("json: JSON has no number for " .. tostring(value))
  end
  if math.type and math.type(value) == "integer" then return ("%d"):format(value) end
  if value == math.floor(value) and math.abs(value) < 2 ^ 53 then
    return ("%.0f"):format(value)
  end
  local out
  for digits = 15, 17 do        -- the shortest that reads back as the same number
    out = ("%." .. digits .. "g"):format(value)
    if tonumber(out) == value then break end
  end
  return (out:gsub(",", "."))
end

local write

-- The items, on lines of their own when there is an indent.
local function enclose(w, open, items, close)
  if #items == 0 then return open .. close end
  if not w.indent then return open .. table.concat(items, ",") .. close end
  local inner, outer = "\n" .. w.indent:rep(w.depth), "\n" .. w.indent:rep(w.depth - 1)
  return open .. inner .. table.concat(items, "," .. inner) .. outer .. close
end

local function write_object(w, value)
  local out = {}
  local colon = w.indent and ": " or ":"
  for i, key in ipairs(json.keys(value, w.sort)) do
    out[i] = quote(key) .. colon .. write(w, value[key])
  end
  return enclose(w, "{", out, "}")
end

local function write_array(w, value)
  local out, entries = {}, 0
  for _ in pairs(value) do entries = entries + 1 end
  if entries ~= #value then host.blame "json: a table is an array or an object, not both" end
  for i = 1, #value do out[i] = write(w, value[i]) end
  return enclose(w, "[", out, "]")
end

local function write_table(w, value)
  if w.open[value] then host.blame "json: a table contains itself" end
  if w.depth == deepest then host.blame("json: nested more than " .. deepest .. " deep") end
  w.open[value], w.depth = true, w.depth + 1
  local out = (json.is_array(value) and write_array or write_object)(w, value)
  w.open[value], w.depth = nil, w.depth - 1
  return out
end

function write(w, value)
  local kind = type(value)
  if value == nil or value == json.null then return "null" end
  if kind == "boolean" then return tostring(value) end
  if kind == "number" then return number(value) end
  if kind == "string" then return quote(value) end
  if kind == "table" then return write_table(w, value) end
  return host.blame("json: cannot write a " .. kind)
end

-- encode(value, { indent = spaces or text, sort = true: every object by name }) -> text
function json.encode(value, options)
  options = options or {}
  local ok, unknown = pcall(host.known, options, "json.encode", { "indent", "sort" })
  if not ok then host.blame(unknown) end
  local indent = options.indent
  if type(indent) == "number" then indent = (" "):rep(indent) end
  return write({ indent = indent, sort = options.sort, open = {}, depth = 0 }, value)
end

-- ---- growing texts ----

local Reader = {}
Reader.__index = Reader

-- reader(): push(piece) as the text grows, value() whenever its value so far is wanted.
function json.reader() return setmetatable({ scan = scanner.new(), pieces = {} }, Reader) end

-- push(piece) -> true | nil, message, "format" once the text cannot become JSON any more.
function Reader:push(piece)
  self.pieces[#self.pieces + 1] = piece
  if self.failure then return nil, self.failure, "format" end
  local _, failure = self.scan:push(piece)
  if self.scan.done and not failure then
    local rest = self.scan.rest
    if rest:find "[^ \t\r\n]" then failure = "json: text after the value's end" end
  end
  self.failure = failure
  if failure then return nil, failure, "format" end
  return true
end

-- value() -> the value so far, what is open from the outside in ("object", "array", "key",
-- "string", "number", "word"; {}: it is complete). The value is nil while there is none. nil,
-- message, "format" when the text is no JSON.
function Reader:value()
  if self.failure then return nil, self.failure, "format" end
  local whole = table.concat(self.pieces)
  local closed = self.scan:closed(whole)
  if closed == "" then return nil, self.scan:open() end
  local value, message, code = json.decode(closed, { bytes = 2 ^ 31 - 1 })
  if value == nil then return nil, message, code end
  return value, self.scan:open()
end

-- partial(text) -> as reader():value()
function json.partial(s)
  local reader = json.reader()
  reader:push(s)
  return reader:value()
end

return json
