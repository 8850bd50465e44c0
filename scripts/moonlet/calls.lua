-- calls.lua: reads what a model wrote: its text, its reasoning and its tool calls.
--
-- What: calls.parser(family, options); parser:feed(piece) -> a list of events; parser:finish() ->
--   the last events and the result { content, reasoning, calls, errors }. calls.parse(family,
--   text, options) does it at once. A family is a name or an entry of calls.families.
--   calls.constraint(family, tools) gives the grammar of the same calls.
-- How: a coroutine reads the text as if it were all there and is put aside when it is not; it
--   looks ahead only to what it must know (moonlet.calls.input). The table of families says which
--   markers open what (moonlet.calls.families); shapes read the insides (moonlet.calls.shapes).
-- Invariant: the result is the same however the text was cut, and no text throws. What only looks
--   like a call stays content and is named in errors; a call whose end is missing has complete =
--   false. Work is linear in the text, but for the length of a marker.
-- Not here: whether a call's name exists and its arguments fit (moonlet.tools).

local families = require "moonlet.calls.families"
local host = require "moonlet.host"
local input = require "moonlet.calls.input"
local shapes = require "moonlet.calls.shapes"
local write = require "moonlet.calls.constraint"

local Parser = {}
Parser.__index = Parser

-- ---- what comes out ----

local function event(self, kind, fields)
  fields.type = kind
  self.events[#self.events + 1] = fields
end

-- Text of a kind ("content" or "reasoning"). Space at its end waits for what follows it; space at
-- its beginning is dropped after a call, after reasoning, and in reasoning.
local function put(self, kind, text)
  if text == "" then return end
  local flow = self[kind]
  if flow.fresh then
    text = text:gsub("^%s+", "")
    if text == "" then return end
    flow.fresh = false
  end
  local body = text:match "^.*%S" or ""
  local space = text:sub(#body + 1)
  if body == "" then
    flow.space[#flow.space + 1] = space
    return
  end
  local waited = table.concat(flow.space)
  flow.space = { space }
  flow.out[#flow.out + 1] = waited .. body
  event(self, kind, { text = waited .. body })
end

-- Lets go of the space that waits: keep it or not; what follows begins afresh.
local function settle(self, kind, keep, fresh)
  local flow = self[kind]
  local waited = table.concat(flow.space)
  flow.space, flow.fresh = {}, fresh
  if keep and waited ~= "" then
    flow.out[#flow.out + 1] = waited
    event(self, kind, { text = waited })
  end
end

-- ---- what goes in ----

-- Reasoning up to its closing marker. `opener`: the text that opened it.
local function reason(self, opener)
  local think = self.family.think
  local inline = self.inline_reasoning
  local stops = { think.close }
  for _, marker in ipairs(think.interrupt and self.call_markers or {}) do
    stops[#stops + 1] = marker
  end
  local kind = inline and "content" or "reasoning"
  if inline then put(self, kind, opener)
  else self.reasoning.fresh = true end
  local marker = self.input:until_any(stops, function(text) put(self, kind, text) end)
  if not inline then settle(self, kind, false, true) end
  if marker == think.close then
    self.input:take(#marker)
    if inline then put(self, kind, marker) end
  end
  self.content.fresh = not inline
end

-- What a shape reports while it reads a call.
local function sink(self)
  local current
  local out = {}
  local content = self.content
  function out.begin(name, id)
    current = { index = #self.calls + 1, name = name, id = id, complete = false, pieces = {} }
    self.calls[current.index] = current
    current.before = { space = content.space, fresh = content.fresh }
    if self.family.keep_space then settle(self, "content", true, true) end
    content.space, content.fresh = {}, true
    event(self, "call_begin", { index = current.index, name = name, id = id })
  end
  function out.arguments(text)
    current.pieces[#current.pieces + 1] = text
    event(self, "arguments", { index = current.index, text = text })
  end
  function out.id(id) if current then current.id = id end end
  -- The call's whole arguments, as a table and as JSON.
  function out.done(value, text)
    current.arguments, current.json, current.complete = value, text, true
    event(self, "call", { index = current.index, call = current })
    current = nil
  end
  -- Takes an unfinished call back.
  function out.undo()
    if not current then return end
    self.calls[current.index] = nil
    if not self.family.keep_space then
      content.space, content.fresh = current.before.space, current.before.fresh
    end
    event(self, "call_failed", { index = current.index })
    current = nil
  end
  function out.open() return current ~= nil end
  return out
end

-- At an opening marker (or, for nil, at the text's beginning): reads the calls behind it. What
-- turns out to be no call becomes content again.
local function read_calls(self, shape, opening, open)
  local raw = self.input:record()
  local out = sink(self)
  self.input:take(#opening)
  local ok, why = shapes[shape](self, open, out)
  local text = self.input:recorded(raw)
  if ok then
    settle(self, "content", false, true)
    return
  end
  if self.input.ended and self.input:empty() and out.open() then return end
  out.undo()
  self.errors[#self.errors + 1] = { text = text, message = why or "not a call" }
  put(self, "content", text)
end

local function run(self)
  local family, text = self.family, self.input
  if self.thinking then
    -- a model that opens its reasoning again only repeats the prompt
    if family.think.repeats and not self.inline_reasoning then
      text:skip_space()
      if text:starts(family.think.open) then text:take(#family.think.open) end
    end
    reason(self, family.think.prefill or family.think.open)
  end
  if family.start then
    local opening, open = family.start(self, text)
    if opening then read_calls(self, open.shape or family.shape, opening, open) end
  end
  while true do
    local marker = text:until_any(self.markers, function(s) put(self, "content", s) end)
    if not marker then break end
    local open = self.opens[marker]
    if family.think and marker == family.think.open then
      settle(self, "content", self.inline_reasoning, not self.inline_reasoning)
      reason(self, text:take(#marker))
    elseif not open then
      text:take(#marker)        -- a marker that says nothing
    elseif open.check and not text:look(open.check, not self.any_name and self.known or nil) then
      put(self, "content", text:take(#marker))
    else
      read_calls(self, open.shape or family.shape, marker, open)
    end
  end
  settle(self, "content", true, false)
end

-- ---- the parser ----

-- Name -> parameters of the tools: from { name = schema }, or from a list of OpenAI's shapes or of
-- moonlet.tools.
local function schemas(tools)
  if tools == nil then return nil end
  local known = {}
  for key, tool in pairs(tools) do
    if type(key) == "string" then known[key] = tool
    else
      local f = tool["function"]
      if type(f) ~= "table" then f = tool end
      known[f.name] = f.parameters or f.input_schema or {}
    end
  end
  return known
end

local function family_of(family)
  local entry = type(family) == "table" and family or families[family]
  if entry then return entry end
  local names = {}
  for name in pairs(families) do names[#names + 1] = name end
  table.sort(names)
  return host.blame(("calls: no family '%s'; there are %s"):format(tostring(family),
    table.concat(names, ", ")))
end

-- What each marker opens, the markers to look for, and those that open calls; once a family.
local known_markers = setmetatable({}, { __mode = "k" })
local function entry_markers(entry, inline)
  local both = known_markers[entry] or {}
  known_markers[entry] = both
  local all = both[inline]
  if not all then
    all = { opens = {}, markers = {}, calls = {} }
    both[inline] = all
    for _, open in ipairs(entry.opens or {}) do
      all.opens[open[1]] = open
      all.calls[#all.calls + 1] = open[1]
      all.markers[#all.markers + 1] = open[1]
    end
    if entry.think then all.markers[#all.markers + 1] = entry.think.open end
    for _, marker in ipairs(entry.noise or {}) do
      if not (inline and entry.think and marker == entry.think.close) then
        all.markers[#all.markers + 1] = marker
      end
    end
  end
  return all.opens, all.markers, all.calls
end

local function flow() return { out = {}, space = {}, fresh = false } end

-- parser(family, { tools =, thinking = true: the prompt ended inside of reasoning,
-- inline_reasoning = true: reasoning stays in the content, with its markers; any_name = true: where
-- a format has no markers, names that tools lacks are calls too }).
local function parser(family, options)
  options = options or {}
  local ok, unknown = pcall(host.known, options, "calls", { "tools", "thinking",
    "inline_reasoning", "any_name" })
  if not ok then host.blame(unknown) end
  local entry = family_of(family)
  local self = setmetatable({
    family = entry, input = input.new(), known = schemas(options.tools),
    thinking = options.thinking and entry.think ~= nil,
    any_name = options.any_name,
    inline_reasoning = options.inline_reasoning or false,
    events = {}, calls = {}, errors = {}, content = flow(), reasoning = flow(),
  }, Parser)
  self.opens, self.markers, self.call_markers = entry_markers(entry, self.inline_reasoning)
  self.thread = coroutine.create(entry.read and function() entry.read(self, put, settle, sink) end
    or function() run(self) end)
  return self
end

local function go_on(self)
  self.events = {}
  if coroutine.status(self.thread) ~= "dead" then
    local ok, failure = coroutine.resume(self.thread)
    if not ok then error(failure, 0) end
  end
  return self.events
end

-- feed(piece) -> events: { type = "content" | "reasoning", text }, { type = "call_begin", index,
-- name, id }, { type = "arguments", index, text }, { type = "call", index, call }, { type =
-- "call_failed", index }.
function Parser:feed(piece)
  if self.result then host.blame "calls: this text is finished" end
  self.input:push(piece)
  return go_on(self)
end

-- finish() -> events, result. result.calls: { name, id, arguments (a table), json (its text),
-- complete }; an unfinished one has json as far as it came, and no arguments.
function Parser:finish()
  if self.result then return {}, self.result end
  self.input.ended = true
  local events = go_on(self)
  for _, call in ipairs(self.calls) do
    if not call.complete then call.json = table.concat(call.pieces) end
    call.pieces, call.index, call.before = nil, nil, nil
  end
  local reasoning = table.concat(self.reasoning.out)
  self.result = {
    content = table.concat(self.content.out), calls = self.calls, errors = self.errors,
    reasoning = reasoning ~= "" and reasoning or nil,
  }
  return events, self.result
end

-- parse(family, text, options) -> result
local function parse(family, text, options)
  local self = parser(family, options)
  self:feed(text)
  return select(2, self:finish())
end

-- constraint(family, tools, { most = 1 }) -> options for model:constraint that hold one to `most`
-- calls of these tools, as the family writes them and parse reads them. nil, message, "support":
-- a keyword of a schema, a name, or the family cannot be held; never wider than the schemas. A
-- text of it is nothing but calls: reasoning and content end before it begins.
local function constraint(family, tools, options)
  options = options or {}
  local ok, unknown = pcall(host.known, options, "calls.constraint", { "most" })
  if not ok then host.blame(unknown) end
  local most = options.most or 1
  if type(most) ~= "number" or most < 1 or most > 100 or most ~= math.floor(most) then
    host.blame "calls.constraint: option 'most' wants a whole number from 1 to 100"
  end
  local known = schemas(tools)
  if not known then host.blame "calls.constraint: wants tools" end
  local entry = family_of(family)
  local text, why = write(entry, known, most)
  if text then return { gbnf = text } end
  return nil, ("calls: the constraint of family '%s' cannot hold %s"):format(
    tostring(entry.name), why), "support"
end

return { parser = parser, parse = parse, constraint = constraint, families = families }
