-- records.lua: all records of a JSON Lines file, plain or gzipped, to learn from.
--
-- How: tools that many records share are kept once. Failures give nil, "FILE:LINE: why", code.

local json = require "moonlet.json"
local reading = require "moonlet.eval.records"

local records = {}

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
  local reader, message = reading.open(path)
  if not reader then return nil, message, "io" end
  local most = options and options.most or math.huge
  local list, seen = {}, {}
  while #list < most do
    local record, where = reader:next()
    if not record then
      if where then return nil, where, "format" end
      break
    end
    if record.tools then share(record.tools, seen) end
    list[#list + 1] = record
  end
  reader:close()
  if #list == 0 then return nil, path .. ": no records", "format" end
  return list
end

return records
