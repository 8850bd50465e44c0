-- records.lua: the records of a JSONL file and the texts of any file, plain, gzipped or from stdin.
--
-- What: records.open(path) -> a reader; reader:next() -> record, "path:line"; nil at the end; nil,
--   message when a line is no JSON object. reader:text() -> all that is left as one string.
--   records.read(path, limit) -> a list of { record, "path:line" }. records.tools(path) -> tools.
-- How: a file that begins with gzip's magic bytes is read through `gzip -dc`; "-" is stdin.
-- Invariant: empty lines are skipped, and counted.

local files = require "moonlet.files"
local json = require "moonlet.json"
local shape = require "moonlet.eval.shape"

local records = {}

local Reader = {}
Reader.__index = Reader

-- open(path) -> reader | nil, message.
function records.open(path)
  if path == "-" then
    return setmetatable({ name = "stdin", file = io.stdin, line = 0, keep = true }, Reader)
  end
  local file, message = io.open(path, "rb")
  if not file then return nil, message end
  local magic
  magic, message = file:read(2)
  if magic == nil and message then          -- a folder opens, and cannot be read
    file:close()
    return nil, path .. ": " .. message
  end
  if files.is_packed(magic) then
    file:close()
    file, message = io.popen(files.unpack(path), "r")
    if not file then return nil, message end
  else
    file:seek "set"
  end
  return setmetatable({ name = path, file = file, line = 0 }, Reader)
end

-- close() -> true | nil, message: gzip's failure, where Lua tells it (not in 5.1).
function Reader:close()
  if self.closed or self.keep then return true end
  self.closed = true
  if self.file:close() == nil then return nil, self.name .. ": gzip could not unpack it" end
  return true
end

function Reader:next()
  local line
  repeat
    line = self.file:read "*l"
    self.line = self.line + 1
  until not line or line:find "%S"
  if not line then
    local ok, message = self:close()
    return nil, not ok and message or nil
  end
  local where = ("%s:%d"):format(self.name, self.line)
  local record, message = json.decode(line)
  if message then return nil, where .. ": " .. message end
  if type(record) ~= "table" or record == json.null or json.is_array(record) then
    return nil, where .. ": a JSON object expected"
  end
  return record, where
end

function Reader:text()
  local text = self.file:read "*a"
  local ok, message = self:close()
  if not ok then return nil, message end
  return text
end

-- read(path, limit) -> { { record, "path:line" }, ... } | nil, message.
function records.read(path, limit)
  local reader, message = records.open(path)
  if not reader then return nil, message end
  local list = {}
  while #list < (limit or math.huge) do
    local record, where = reader:next()
    if not record then
      if where then return nil, where end
      break
    end
    list[#list + 1] = { record, where }
  end
  reader:close()
  if #list == 0 then return nil, reader.name .. ": no records" end
  return list
end

-- tools(path) -> the list in a JSON file of tools | nil, message.
function records.tools(path)
  local file, message = io.open(path, "rb")
  if not file then return nil, message end
  local tools
  tools, message = json.decode(file:read "*a")
  file:close()
  local missing = message or shape.tools(tools)
  if missing then return nil, ("%s: %s"):format(path, message or "wants " .. missing) end
  return tools
end

return records
