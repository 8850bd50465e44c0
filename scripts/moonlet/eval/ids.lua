-- ids.lua: lists of token ids, as the evaluations cut and compare them.

local ids = {}

-- part(list, first, last) -> the entries from first to last.
function ids.part(list, first, last)
  local piece = {}
  for i = first, last do piece[#piece + 1] = list[i] end
  return piece
end

-- common(a, b) -> how many leading entries two lists share.
function ids.common(a, b)
  local n = 0
  while n < #a and a[n + 1] == b[n + 1] do n = n + 1 end
  return n
end

-- approach(session, held, list, n) -> true | nil, message, code: makes a session that holds `held`
-- hold the first n of `list`, by way of what they share, with the logits behind the last of them.
-- After a failure it holds nothing.
function ids.approach(session, held, list, n)
  local keep = math.min(ids.common(held, list), n)
  if keep < #held then
    keep = math.max(0, math.min(keep, n - 1))     -- a session that was rewound has no logits
    session:rewind(keep)
  end
  if keep == n then return true end
  local ok, message, code = session:feed(ids.part(list, keep + 1, n))
  if ok then return true end
  session:rewind(0)
  return nil, message, code
end

return ids
