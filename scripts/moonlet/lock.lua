-- lock.lua: what a generation must write: a constraint, maybe behind free text.
--
-- What: of a generation's options schema, regex, choices, gbnf, constraint, whitespace, ordered,
--   formats, trigger, think and heal. new gives a lock, or nil where they ask for none.
-- How: `matcher` is what holds now, nil while text is free. What must stand before the constraint
--   (a trigger that is put, the part of a token that ends it, a prompt's end that is healed) is
--   the matcher's lead: tokens may reach from it into the constraint. `lead` counts its bytes.
-- Invariant: a token goes in when it is chosen, before it is fed. `text` is what was written
--   behind the lead once `locked`; the constraint holds it byte by byte.

local arguments = require "moonlet.arguments"
local host = require "moonlet.host"
local json = require "moonlet.json"
local try, count = arguments.try, arguments.count

local kinds = { "schema", "regex", "choices", "gbnf" }
local details = { "whitespace", "ordered", "formats" }

-- ---- compiled once ----

local KEPT = 16                 -- compiled constraints that a model keeps, masks and all
local ANYTHING = "[^]*"         -- what holds free text whose beginning is healed

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

-- ---- from free to locked ----

-- The constraint holds from now on, behind this text. true; nil, message, code.
function Lock:put(lead)
  local matcher, message, code = try(self.constraint.matcher, self.constraint, lead)
  if not matcher then return nil, message, code end
  self.matcher, self.locked, self.lead = matcher, true, #lead
  return true
end

-- Ends the free text, with the trigger if there is one.
function Lock:close()
  if self.trigger_id then
    self.put_id = true
    return true
  end
  return self:put(self.triggers[1] or "")
end

-- Has free text used up what `think` gives it?
function Lock:has_thought() return not self.matcher and self.think and self.free >= self.think end

-- May free text be ended by close instead of by EOS?
function Lock:is_thinking() return not self.locked and self.think ~= nil end

-- Whether nothing can come any more: true or false; nil, message, code.
function Lock:ended()
  if not self:is_complete() then return false end
  local mask, set, code = self.matcher:mask()
  if not mask then return nil, set, code end
  return set <= #self.model.config.eos_token_id
end

-- Whether the text may end here.
function Lock:is_complete() return self.matcher ~= nil and self.matcher:is_complete() end

-- ---- tokens ----

-- Takes back the last of a prompt's ids where a token may reach over its end, and leads with their
-- text: how many ids stay; nil, message, code.
function Lock:heal(ids)
  local matcher = self.matcher
  if self.put_id then return #ids end
  if not matcher then
    local anything, message, code = compiled(self.model, { regex = ANYTHING })
    if anything then matcher, message, code = anything:matcher() end
    if not matcher then return nil, message, code end
  end
  local kept, message, code = matcher:heal(ids)
  if not kept then return nil, message, code end
  for i = kept + 1, #ids do self.lead = self.lead + #self.model:piece(ids[i]) end
  if kept < #ids then self.matcher = matcher end
  return kept
end

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

-- A token of free text; piece: its bytes, without those that end a lead.
function Lock:accept_free(id, piece, lead)
  self.free = self.free + 1
  local upto = self:triggered(id, piece)
  if not upto then return true end
  local ok, message, code = self:put("")
  if not ok then return nil, message, code end
  local rest = piece:sub(#upto + 1)
  if self.matcher:accept(rest) then
    self.text = rest
    return true
  end
  ok, message, code = self:put(lead .. upto)
  return ok and false, message, code
end

-- A token was chosen. true: it stands; false: it does not, what must come in its place is locked;
-- nil, message, code.
function Lock:accept(id, piece)
  if not self.matcher then return self:accept_free(id, piece, "") end
  local ok, message, code = self.matcher:accept(id)
  if not ok then return nil, message, code end
  local rest = piece:sub(self.lead + 1)
  self.lead = math.max(self.lead - #piece, 0)
  if self.locked then
    self.text = self.text .. rest
    return true
  end
  if self.lead > 0 then return true end
  self.matcher = nil            -- a healed end of free text is written again
  return rest == "" or self:accept_free(id, rest, piece:sub(1, #piece - #rest))
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
    if not options.heal then return false end
  end
  local self = setmetatable({
    model = model, constraint = constraint, locked = false, lead = 0, free = 0, tail = "",
    text = "", think = think, trigger_id = type(trigger) == "number" and trigger or nil,
    triggers = {}, longest = 0,
  }, Lock)
  if trigger ~= nil and not self.trigger_id then
    self.triggers = arguments.list(options, "trigger", "string")
  end
  for _, text in ipairs(self.triggers) do self.longest = math.max(self.longest, #text) end
  if constraint and (think == 0 or trigger == nil and not think) then
    local ok
    ok, message, code = self:close()
    if not ok then return nil, message, code end
  end
  return self
end

local names = { "constraint", "trigger", "think", "heal" }
for _, list in ipairs { kinds, details } do
  for _, name in ipairs(list) do names[#names + 1] = name end
end

return { new = new, options = names }
