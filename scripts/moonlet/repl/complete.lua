-- complete.lua: what the word before the cursor may become.
--
-- What: complete(head, env) -> from, candidates: the candidates, sorted, each a text to stand in
--   place of head's bytes after `from`. In code: keywords, globals, fields and methods, also of
--   userdata, and the option names of the call around the cursor. In a string: file names and the
--   ids of models in the hub's cache. After ":" at the beginning: the REPL's commands.
-- Invariant: no side effect: tables are read raw, no metamethod of the user's runs; nothing
--   throws; at most MOST candidates.

local host = require "moonlet.host"
local hub = require "moonlet.hub"
local manual = require "moonlet.repl.manual"

local MOST = 500

local keywords = {}
for word in ("and break do else elseif end false for function goto if in local nil not or repeat "
  .. "return then true until while"):gmatch "%a+" do keywords[#keywords + 1] = word end

-- ---- strings ----

-- Where the string that head ends in begins (bytes before its first character); nil in code.
local function open_string(head)
  local at, quote, from = 1, nil, nil
  while at <= #head do
    local c = head:sub(at, at)
    if quote then
      if c == "\\" then at = at + 1
      elseif c == quote or c == "\n" then quote = nil end
    elseif c == '"' or c == "'" then
      quote, from = c, at
    elseif head:find("^%-%-", at) then
      at = head:find("\n", at, true) or #head
    end
    at = at + 1
  end
  return quote and from or nil
end

local function path_names(typed, add)
  local folder, part = typed:match "^(.*/)(.-)$"
  if not folder then folder, part = "", typed end
  local real = folder:gsub("^~/", (os.getenv "HOME" or "~") .. "/")
  for i, name in ipairs(host.list(real == "" and "." or real, part)) do
    if i > 2 * MOST then break end
    local hidden = name:sub(1, 1) == "." and part == ""
    if not hidden then add(folder .. name .. (host.is_folder(real .. name) and "/" or "")) end
  end
end

local function model_names(typed, add)
  for _, name in ipairs(host.list(hub.root(), "models--")) do
    local org, id = name:match "^models%-%-(.-)%-%-(.*)$"
    local full = org and org .. "/" .. id
    if full and full:sub(1, #typed) == typed then add(full) end
  end
end

-- ---- values ----

-- The class of a value whose type is ours, or nil.
local function class_of(value)
  if type(value) ~= "userdata" then return nil end
  local meta = debug.getmetatable(value)
  local name = type(meta) == "table" and rawget(meta, "__name")
  if type(name) == "string" and next(manual.members(name)) then return name end
  local tag = type(meta) == "table" and rawget(meta, "__metatable")
  return type(tag) == "string" and next(manual.members(tag)) and tag or nil
end

-- The table that a value's names are looked up in, without running anything; nil if there is none.
local function index_of(value)
  local meta = debug.getmetatable(value)
  local index = type(meta) == "table" and rawget(meta, "__index")
  return type(index) == "table" and index or nil
end

local function field(object, name) return object[name] end

-- A field of a value, without running anything but the library's own __index; nil if not there.
local function field_of(value, name)
  if class_of(value) then
    local ok, inner = pcall(field, value, name)
    return ok and inner or nil
  end
  local inner = type(value) == "table" and rawget(value, name) or nil
  local index = inner == nil and index_of(value)
  return index and rawget(index, name) or inner
end

-- The value of "a.b.c" or "a.b:c" in env; nil when some part is not there.
local function resolve(chain, env)
  local value = env
  for name in chain:gmatch "[%a_][%w_]*" do
    value = field_of(value, name)
    if value == nil then return nil end
  end
  return value
end

-- Calls add(name, whether it is a function) for each name that value has.
local function names_of(value, add)
  local seen = 0
  local source = type(value) == "table" and value or nil
  for _ = 1, 10 do                      -- a chain of __index tables, which may be a circle
    if source then
      for name, inner in next, source do
        seen = seen + 1
        if seen > 20 * MOST then return end
        local is_name = type(name) == "string" and name:match "^[%a_][%w_]*$"
        if is_name then add(name, type(inner) == "function") end
      end
    end
    source = index_of(source or value)
    if not source then break end
  end
  local class = class_of(value)
  if class then
    for name, kind in pairs(manual.members(class)) do add(name, kind == "method") end
  end
end

-- ---- options ----

-- The call around the cursor when it is in a table that is an argument: "model:generate", else nil.
local function call_around(head)
  local depth, at = 0, #head
  while at > 0 do
    local c = head:sub(at, at)
    if c == "}" or c == ")" then depth = depth + 1
    elseif c == "{" or c == "(" then
      if depth == 0 then break end
      depth = depth - 1
    end
    at = at - 1
  end
  if at == 0 or head:sub(at, at) ~= "{" or not head:match("[{,]%s*[%w_]*$") then return nil end
  local before = head:sub(1, at - 1)
  local name = before:match "([%a_][%w_%.:]*)%s*$"
  if name then return name end
  depth = 0
  for i = #before, 1, -1 do
    local c = before:sub(i, i)
    if c == ")" or c == "}" then depth = depth + 1
    elseif c == "(" or c == "{" then
      if depth == 0 then return c == "(" and before:sub(1, i - 1):match "([%a_][%w_%.:]*)%s*$" end
      depth = depth - 1
    end
  end
end

local function option_names(head, env, add)
  local call = call_around(head)
  if not call then return end
  local owner, name = call:match "^(.-)[%.:]([%w_]+)$"
  local class = owner and (class_of(resolve(owner, env)) or owner)
  local found = manual.find(class and class .. "." .. name or call)
  if #found == 0 then found = manual.find(name or call) end
  for _, entry in ipairs(found) do
    for option in pairs(manual.options(entry)) do add(option .. " = ") end
  end
end

-- ---- the whole ----

local function complete(head, env, commands)
  local candidates, seen = {}, {}
  local from, typed
  local function add(text)
    if text:sub(1, #typed) == typed and not seen[text] and #candidates < MOST then
      seen[text] = true
      candidates[#candidates + 1] = text
    end
  end
  local string_from = open_string(head)
  local command = head:match "^:(%a*)$"
  if command then
    from, typed = 1, command
    for _, name in ipairs(commands or {}) do add(name) end
  elseif string_from or head:match "^:%a+%s+%S*$" then
    from = string_from or #head - #head:match "%S*$"
    typed = head:sub(from + 1)
    path_names(typed, add)
    model_names(typed, add)
  else
    local chain, mark, word = head:match "([%a_][%w_%.]*)([%.:])([%w_]*)$"
    if not chain or head:find("%.%.[%w_]*$") then word = head:match "[%w_]*$" end
    from, typed = #head - #word, word
    if word:match "^%d" then return from, candidates end
    if chain and not head:find("%.%.[%w_]*$") then
      local value = resolve(chain, env)
      if value ~= nil then
        names_of(value, function(name, callable)
          if mark == "." or callable then add(name) end
        end)
      end
    else
      option_names(head, env, add)
      for _, name in ipairs(keywords) do add(name) end
      names_of(env, function(name) add(name) end)
    end
  end
  table.sort(candidates)
  return from, candidates
end

return { complete = complete, resolve = resolve, class_of = class_of }
