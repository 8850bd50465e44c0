-- records.lua: reads JSON Lines, plain or gzipped, into records.
--
-- How: gzip -dc does the unpacking. Tools that many records share are kept once. Failures give
--   nil, "FILE:LINE: why", code.

local json = require "moonlet.json"

local records = {}

local function quoted(path) return "'" .. path:gsub("'", "'\\''") .. "'" end

local function open(path)
  local file, message = io.open(path, "rb")
  if not file then return nil, message, "io" end
  if not path:match "%.gz$" then return file end
  file:close()
  file, message = io.popen("gzip -dc " .. quoted(path), "r")
  if not file then return nil, message, "io" end
  return file
end

-- One table for all tools of the same text.
local function share(tools, seen)
  for i, tool in ipairs(tools) do
    local text = json.encode(tool)
    seen[text] = seen[text] or tool
    tools[i] = seen[text]
  end
end

-- read(path, {most=}) -> list of records | nil, message, code
function records.read(path, options)
  local most = options and options.most or math.huge
  local file, message, code = open(path)
  if not file then return nil, message, code end
  local list, seen, line = {}, {}, 0
  for text in file:lines() do
    line = line + 1
    if line > most then break end
    local record, why = json.decode(text)
    if type(record) ~= "table" then
      file:close()
      return nil, ("%s:%d: %s"):format(path, line, why or "no JSON object"), "format"
    end
    if record.tools then share(record.tools, seen) end
    list[line] = record
  end
  file:close()
  if line == 0 then return nil, path .. ": no records", "format" end
  return list
end

return records
