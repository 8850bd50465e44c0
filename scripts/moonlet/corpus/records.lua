-- records.lua: all records of a JSON Lines file, plain or gzipped, to learn from.
--
-- How: tools that many records share are kept once. Failures give nil, "FILE:LINE: why", code.

local json = require "moonlet.json"
local reading = require "moonlet.eval.records"

local records = {}

-- Whether two values say the same, members in the same order.
local function same(one, other)
  if type(one) ~= "table" or type(other) ~= "table" or one == other then return one == other end
  if json.is_array(one) ~= json.is_array(other) or #one ~= #other then return false end
  if json.is_array(one) then
    for i = 1, #one do
      if not same(one[i], other[i]) then return false end
    end
    return true
  end
  local names, others = json.keys(one), json.keys(other)
  for i = 1, math.max(#names, #others) do
    local name = names[i]
    if name ~= others[i] or not same(one[name], other[name]) then return false end
  end
  return true
end

-- One table for all tools that say the same. known: name -> those that were seen.
local function share(tools, known)
  for i, tool in ipairs(tools) do
    local list = known[tool.name] or {}
    local at = 1
    while list[at] and not same(list[at], tool) do at = at + 1 end
    list[at] = list[at] or tool
    known[tool.name], tools[i] = list, list[at]
  end
end

-- read(path, {most=, keep=}) -> list of records, those that keep(record) wants (default all) until
-- there are most | nil, message, code
function records.read(path, options)
  local reader, message = reading.open(path)
  if not reader then return nil, message, "io" end
  local most, keep = options and options.most or math.huge, options and options.keep
  local list, known = {}, {}
  while #list < most do
    local record, where = reader:next()
    if not record then
      if where then return nil, where, "format" end
      break
    end
    if not keep or keep(record) then
      if record.tools then share(record.tools, known) end
      list[#list + 1] = record
    end
  end
  reader:close()
  if #list == 0 then
    return nil, path .. (keep and ": no record is kept" or ": no records"), "format"
  end
  return list
end

return records
