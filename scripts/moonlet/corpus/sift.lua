-- sift.lua: of a set's records those whose calls a model that has learnt them finds likely; what it
-- could not learn in all that time is mostly marked wrong, and makes up much of the loss.
--
-- What: sift.records(model, list, { set =, least = }) -> the records that stay | nil,
--   message, code.
-- Source: as in Northcutt et al. 2021, "Confident Learning" (arXiv 1911.00068), by the probability
--   of the whole call.

local native = require "moonlet.native"

local sift = {}

-- ln p of a record's call, of all tokens from its marker on, and its end.
local function logprob(model, session, record, set)
  local turns = native.turns { record.messages[1], record.messages[2] }
  local ids, starts = native.encode(model, "set " .. set, turns)
  if #ids > session.context then return -math.huge end
  session:rewind(0)
  local scores, message, code = session:score(ids)
  if not scores then return nil, message, code end
  local sum = 0
  for i = starts[2], #ids do sum = sum + scores[i] end
  return sum
end

-- records(model, list, { set = whose functions they call, least = ln p }) -> those of at least that
-- probability, and those without a call, in their order; a longer one than the model's context is
-- none of them.
function sift.records(model, list, options)
  local session, message, code = model:session()
  if not session then return nil, message, code end
  local kept = {}
  for _, record in ipairs(list) do
    local p = math.huge
    if record.messages[2].tool_calls then
      p, message, code = logprob(model, session, record, options.set)
    end
    if not p then break end
    if p >= options.least then kept[#kept + 1] = record end
  end
  session:close()
  if message then return nil, message, code end
  return kept
end

return sift
