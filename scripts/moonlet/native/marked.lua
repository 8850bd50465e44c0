-- marked.lua: a call that repeats the whole request, in which the words of arguments are marked:
--
--   <|tools|>marked home<|user|> set a call with ann at five<|call|>calendar_set(" set a",
--   event_name=" call"," with",person=" ann"," at",time=" five")<|end|>      (in one line)
--
-- A model that has learnt a set's calls this way, too, has to say of every word what it is, where a
-- plain call may pass over it. So it knows two ways to read a request, and what both find likely is
-- right more often than what either does.
--
-- What: text(request, call) writes such a call; of(session, set, request) weighs plain ones, for
--   beams.search and generate's option weigh.
-- How: a value stands at the first place of the request, as whole words, where none before it does.
-- Source: Paolini et al. 2021, "Structured Prediction as Translation" (arXiv 2101.05779).

local json = require "moonlet.json"
local native = require "moonlet.native"

local marked = {}

-- block(set) -> what stands behind <|tools|>.
function marked.block(set) return "marked " .. set end

-- The first place of `value` in text as words of its own that is not taken: first, last.
local function free_place(text, value, taken)
  local first, last = text:find(value, 1, true)
  while first do
    local whole = not text:find("^%w", last + 1) and not text:sub(first - 1, first - 1):find "%S"
    for i = first, last do whole = whole and not taken[i] end
    if whole then return first, last end
    first, last = text:find(value, first + 1, true)
  end
end

-- Where the values of a call stand in text, in the order of places: { name, first, last }; nil when
-- one of them does not.
local function places(text, call)
  local list, taken = {}, {}
  for _, name in ipairs(json.keys(call.arguments)) do
    local values = call.arguments[name]
    for _, value in ipairs(json.is_array(values) and values or { values }) do
      if type(value) ~= "string" or value == "" then return nil end
      local first, last = free_place(text, value, taken)
      if not first then return nil end
      for i = first, last do taken[i] = true end
      list[#list + 1] = { name = name, first = first, last = last }
    end
  end
  table.sort(list, function(a, b) return a.first < b.first end)
  return list
end

-- text(request, call) -> the call with all of the request's words, or nil when a value is not a
-- string, or list of strings, that stands in the request.
function marked.text(request, call)
  local list = places(request, call)
  if not list then return nil end
  local parts, at = {}, 1
  local function words(last)
    local between = request:sub(at, last):match "^%s*(.-)%s*$"
    if between ~= "" then parts[#parts + 1] = native.value(between) end
  end
  for _, place in ipairs(list) do
    words(place.first - 1)
    local value = request:sub(place.first, place.last)
    parts[#parts + 1] = place.name .. "=" .. native.value(value)
    at = place.last + 1
  end
  words(#request)
  return ("%s(%s)"):format(call.name, table.concat(parts, ","))
end

-- of(session, set, request) -> f(text) -> ln p of the marked form of the one call that text is, or
-- nil when it has none or does not fit into the context. The session is the caller's, and is
-- rewound each time.
function marked.of(session, set, request)
  local model = session.model
  local id = native.ids(model)
  local prompt = native.encode(model, marked.block(set),
    native.turns { { role = "user", content = request } })
  local held = 0                -- tokens of the prompt that the session has
  return function(text)
    local calls = native.read(text)
    local form = calls and #calls == 1 and marked.text(request, calls[1])
    if not form then return nil end
    -- the marker's own ln p does not count; it is there for the logits behind it
    local ids = { id.call }
    for _, token in ipairs(model:encode(form, { bos = false })) do ids[#ids + 1] = token end
    ids[#ids + 1] = id["end"]
    if #prompt + #ids > session.context then return nil end
    session:rewind(held)
    if held == 0 and not session:feed(prompt) then return nil end
    held = #prompt
    local scores = session:score(ids)
    if not scores then return nil end
    local sum = 0
    for i = 2, #ids do sum = sum + scores[i] end
    return sum
  end
end

return marked
