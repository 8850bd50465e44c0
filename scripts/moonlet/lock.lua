-- lock.lua: what a generation must write: a constraint, maybe behind free text.
--
-- What: of a generation's options schema, regex, choices, gbnf, constraint, whitespace, ordered,
--   formats, trigger and think. new gives a lock, or nil where they ask for none.
-- How: `matcher` is what holds now, nil while text is free; `stages` are the constraints that
--   come after it. What must stand before the constraint (a trigger that is put, the part of a
--   token that ends it) is a stage of its own, of one choice.
-- Invariant: a token goes in when it is chosen, before it is fed. `text` is what was written
--   under the last stage; that constraint holds it byte by byte.

local arguments = require "moonlet.arguments"
local host = require "moonlet.host"
local json = require "moonlet.json"
local try, count = arguments.try, arguments.count

local kinds = { "schema", "regex", "choices", "gbnf" }
local details = { "whitespace", "ordered", "formats" }

-- ---- compiled once ----

local KEPT = 16                 -- compiled constraints that a model keeps, masks and all

-- Everything that the options say, as one text; nil where a value is of no type that fits.
local function key_of(wanted)
  local parts = {}
  for _, name in ipairs(kinds) do
    local value = wanted[name]
    if type(value) == "table" and name == "schema" then value = json.encode(value) end
    if type(value) == "table" then
      local texts = {}
      for i, text in ipairs(value) do
        if type(text) ~= "string" then return nil end
        texts[i] = #text .. ":" .. text
      end
      value = table.concat(texts)
    end
    if value ~= nil and type(value) ~= "string" then return nil end
    if value then parts[#parts + 1] = name .. " " .. value end
  end
  for _, name in ipairs(details) do parts[#parts + 1] = tostring(wanted[name]) end
  return table.concat(parts, " ")
end

-- model:constraint(wanted), or the one that was compiled before from the same. The oldest goes when
-- there are too many; the model's close frees them all.
local function compiled(model, wanted)
  local key = key_of(wanted)
  local side = host.side(model)
  local kept = side.constraints or { keys = {}, last = 0 }
  side.constraints = kept
  for i, known in ipairs(kept.keys) do
    if known == key then return kept[i] end
  end
  local constraint, message, code = try(model.constraint, model, wanted)
  if constraint and key then
    kept.last = kept.last % KEPT + 1
    kept[kept.last], kept.keys[kept.last] = constraint, key
  end
  return constraint, message, code
end

local Lock = {}
Lock.__index = Lock

-- ---- stages ----

-- Goes on to the next stage. true; nil, message, code.
function Lock:advance()
  local matcher, message, code = table.remove(self.stages, 1):matcher()
  self.matcher = matcher
  return matcher and true, message, code
end

-- The same, behind this text.
function Lock:put(text)
  local stage, message, code = compiled(self.model, { choices = { text } })
  if not stage then return nil, message, code end
  table.insert(self.stages, 1, stage)
  return self:advance()
end

-- Ends the free text, with the trigger if there is one.
function Lock:close()
  if self.trigger_id then
    self.put_id = true
    return true
  end
  if self.triggers[1] then return self:put(self.triggers[1]) end
  return self:advance()
end

function Lock:is_free() return self.matcher == nil end

-- Has free text used up what `think` gives it?
function Lock:has_thought() return self:is_free() and self.think and self.free >= self.think end

-- Whether nothing can come any more: true or false; nil, message, code.
function Lock:ended()
  while self.matcher and self.matcher:is_complete() do
    local mask, set, code = self.matcher:mask()
    if not mask then return nil, set, code end
    if set > #self.model.config.eos_token_id then return false end
    if #self.stages == 0 then return true end
    local ok, message
    ok, message, code = self:advance()
    if not ok then return nil, message, code end
  end
  return false
end

-- Whether the text may end here.
function Lock:is_complete()
  return self.matcher ~= nil and #self.stages == 0 and self.matcher:is_complete()
end

-- ---- tokens ----

-- Ids that must come now.
function Lock:forced()
  if self.matcher then return self.matcher:forced() end
  return { self.put_id and self.trigger_id or nil }
end

-- The piece's bytes up to the end of a trigger; nil where none ends in it.
function Lock:triggered(id, piece)
  if id == self.trigger_id then return piece end
  local seen = self.tail .. piece
  local first
  for _, trigger in ipairs(self.triggers) do
    local _, last = seen:find(trigger, 1, true)
    if last and (not first or last < first) then first = last end
  end
  if first then return piece:sub(1, math.max(first - #self.tail, 0)) end
  self.tail = seen:sub(-self.longest)
  return nil
end

-- A token was chosen. true: it stands; false: it does not, what must come in its place is locked;
-- nil, message, code.
function Lock:accept(id, piece)
  if self.matcher then
    local ok, message, code = self.matcher:accept(id)
    if ok and #self.stages == 0 then self.text = self.text .. piece end
    return ok or nil, message, code
  end
  self.free = self.free + 1
  local upto = self:triggered(id, piece)
  if not upto then return true end
  local matcher, message, code = self.stages[1]:matcher()
  if not matcher then return nil, message, code end
  local rest = piece:sub(#upto + 1)
  if matcher:accept(rest) then
    table.remove(self.stages, 1)
    self.matcher, self.text = matcher, rest
    return true
  end
  local ok
  ok, message, code = self:put(upto)
  return ok and false, message, code
end

-- ---- options ----

-- The constraint that the options ask for, or false; nil, message, code.
local function compile(model, options)
  local wanted, given = {}, options.constraint ~= nil and 1 or 0
  for _, name in ipairs(kinds) do
    wanted[name] = options[name]
    if options[name] ~= nil then given = given + 1 end
  end
  if given > 1 then
    host.blame("generate: one of schema, regex, choices, gbnf and constraint, not several")
  end
  for _, name in ipairs(details) do
    if options[name] ~= nil and options.schema == nil then
      host.blame(("option '%s' goes with 'schema'"):format(name))
    end
    wanted[name] = options[name]
  end
  if given == 0 then return false end
  if options.constraint ~= nil then
    if type(options.constraint) ~= "userdata" or not options.constraint.matcher then
      arguments.wrong("constraint", "what model:constraint gives", options.constraint)
    end
    return options.constraint
  end
  if options.schema ~= nil then
    if wanted.whitespace == nil then wanted.whitespace = "line" end
    if wanted.ordered == nil then wanted.ordered = true end
  end
  return compiled(model, wanted)
end

-- new(model, options) -> lock | false (none is asked for) | nil, message, code.
local function new(model, options)
  local constraint, message, code = compile(model, options)
  if constraint == nil then return nil, message, code end
  local trigger, think = options.trigger, count(options, "think")
  if not constraint then
    if trigger ~= nil or think then
      host.blame("options 'trigger' and 'think' go with a constraint")
    end
    return false
  end
  local self = setmetatable({
    model = model, stages = { constraint }, free = 0, tail = "", text = "", think = think,
    trigger_id = type(trigger) == "number" and trigger or nil, triggers = {}, longest = 0,
  }, Lock)
  if trigger ~= nil and not self.trigger_id then
    self.triggers = arguments.list(options, "trigger", "string")
  end
  for _, text in ipairs(self.triggers) do self.longest = math.max(self.longest, #text) end
  if trigger == nil and not think then
    local ok
    ok, message, code = self:advance()
    if not ok then return nil, message, code end
  end
  return self
end

local names = { "constraint", "trigger", "think" }
for _, list in ipairs { kinds, details } do
  for _, name in ipairs(list) do names[#names + 1] = name end
end

return { new = new, options = names }
