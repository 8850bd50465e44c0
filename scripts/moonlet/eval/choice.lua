-- choice.lua: does a model find the right continuation likelier than the wrong ones?
--
-- What: choice.new(model, { context, delimiter }) -> c; c:add(record) counts one; c:report().
--   A record is one of
--     query, choices, gold             which choice continues the query? gold counts from 0
--     context_options, continuation, gold    after which context is the continuation likelier?
--     good, bad                        which of two sentences is likelier as a whole?
--     context, continuation            is each token of the continuation the likeliest one?
-- How: a candidate is a text and where in it judging begins. It is encoded as a whole, since a
--   token may span the border; tokens from the border on are summed. `delimiter`, default a space,
--   stands between query and continuation unless the query ends in white space. Of a candidate
--   that has no room in the context, what comes first is left out (as EleutherAI's harness does).
-- Invariant: accuracy takes the greatest sum of ln p, accuracy_normalized the greatest sum per byte
--   judged; of equals, the first.

local ids = require "moonlet.eval.ids"
local json = require "moonlet.json"

local choice = {}

local Choice = {}
Choice.__index = Choice

-- new(model, options) -> c | nil, message. context: most tokens of an item, the model's own if nil.
function choice.new(model, options)
  local session, message, code = model:session { context = options.context }
  if not session then return nil, message, code end
  return setmetatable({ model = model, session = session, held = {},
    delimiter = options.delimiter or " ", n = 0, right = 0, normalized = 0, chance = 0,
    nats = 0, continuations = 0, cut = 0 }, Choice)
end

-- ---- records ----

local function strings(list)
  if type(list) ~= "table" or #list == 0 then return false end
  for _, text in ipairs(list) do
    if type(text) ~= "string" then return false end
  end
  return true
end

local function join(self, before, after)
  if before == "" or before:find "%s$" then return before .. after end
  return before .. self.delimiter .. after
end

-- The candidates of a record, and which is right: a list of { before, text }, from 1.
local function candidates(self, r)
  local list = {}
  local function put(before, text) list[#list + 1] = { before = before, text = text } end
  if type(r.good) == "string" and type(r.bad) == "string" then
    put("", r.good)
    put("", r.bad)
    return list, 1
  elseif type(r.context) == "string" and type(r.continuation) == "string" then
    put(r.context, join(self, r.context, r.continuation))
    return list, 1
  elseif strings(r.choices) and type(r.query) == "string" then
    for _, text in ipairs(r.choices) do put(r.query, join(self, r.query, text)) end
  elseif strings(r.context_options) and type(r.continuation) == "string" then
    for _, text in ipairs(r.context_options) do put(text, join(self, text, r.continuation)) end
  else
    return nil, "wants query and choices, context_options and continuation, good and bad, or "
      .. "context and continuation"
  end
  local gold = r.gold
  if type(gold) ~= "number" or not list[gold + 1] then
    return nil, ("gold wants to be 0 to %d"):format(#list - 1)
  end
  return list, gold + 1
end

-- ---- judging ----

-- The first token and the last ones, as many as there is room for; what is judged is among them.
local function fitting(self, list, from)
  local surplus = #list - self.session.context
  if surplus <= 0 then return list, from end
  if from - surplus < 2 then
    return nil, ("%d tokens to judge have no room in a context of %d"):format(#list - from + 1,
      self.session.context), "full"
  end
  self.is_cut = true
  local kept = { list[1] }
  table.move(list, surplus + 2, #list, 2, kept)
  return kept, from - surplus
end

-- Tokens of a candidate, and the first that is judged: the one after the border, and never the
-- very first.
local function encode(self, candidate)
  local list, message, code = self.model:encode(candidate.text, { bos = true })
  if not list then return nil, message, code end
  if #list < 2 then return nil, "a text without tokens to judge" end
  local before
  before, message, code = self.model:encode(candidate.before, { bos = true })
  if not before then return nil, message, code end
  return fitting(self, list, math.max(2, math.min(ids.common(list, before) + 1, #list)))
end

-- Brings the session to just before token n + 1, by way of what it holds already.
local function approach(self, list, n)
  local ok, message, code = ids.approach(self.session, self.held, list, n)
  self.held = ok and ids.part(list, 1, n) or {}
  return ok, message, code
end

-- The sum of ln p from the border on, and how many bytes were judged.
local function judge(self, candidate)
  local list, from, code = encode(self, candidate)
  if not list then return nil, from, code end
  local ok, message, failed = approach(self, list, from - 2)
  if not ok then return nil, message, failed end
  local logprobs
  logprobs, message, failed = self.session:score(ids.part(list, from - 1, #list))
  if not logprobs then return nil, message, failed end
  self.held = list
  local sum = 0
  for i = 2, #logprobs do sum = sum + logprobs[i] end
  return sum, math.max(1, #candidate.text - #candidate.before)
end

-- The sum of ln p from the border on, and whether each token is the likeliest.
local function foresee(self, candidate)
  local list, from, code = encode(self, candidate)
  if not list then return nil, from, code end
  local sum, all = 0, true
  for at = from, #list do
    local ok, message, failed = approach(self, list, at - 1)
    if not ok then return nil, message, failed end
    local best, logits = self.session:top(1)[1], self.session:logits()
    all = all and best.id == list[at]
    sum = sum + best.logprob + logits:get(list[at] + 1) - logits:get(best.id + 1)
  end
  return sum, all
end

local function best_of(list)
  local best = 1
  for i, value in ipairs(list) do
    if value > list[best] then best = i end
  end
  return best
end

-- What one record says about the model.
local function count(self, list, gold)
  if #list == 1 then
    local sum, all, code = foresee(self, list[1])
    if not sum then return nil, all, code end
    self.right = self.right + (all and 1 or 0)
    self.nats, self.continuations = self.nats - sum, self.continuations + 1
    return true
  end
  local sums, means = {}, {}
  for i, candidate in ipairs(list) do
    local sum, bytes, code = judge(self, candidate)
    if not sum then return nil, bytes, code end
    sums[i], means[i] = sum, sum / bytes
  end
  self.right = self.right + (best_of(sums) == gold and 1 or 0)
  self.normalized = self.normalized + (best_of(means) == gold and 1 or 0)
  self.chance = self.chance + 1 / #list
  return true
end

-- add(record) -> true | nil, message, code.
function Choice:add(record)
  local list, gold = candidates(self, record)
  if not list then return nil, gold end
  self.is_cut = false
  local ok, message, code = count(self, list, gold)
  if not ok then return nil, message, code end
  self.n = self.n + 1
  self.cut = self.cut + (self.is_cut and 1 or 0)
  return true
end

-- report() -> { items, cut, accuracy, accuracy_normalized, chance, perplexity }. accuracy: of all,
-- accuracy_normalized and chance: of the items with choices, all in shares of 1; perplexity: of the
-- continuations, each as a whole. cut: items of which something was left out.
function Choice:report()
  local n, out = self.n, { "items", "cut", "accuracy" }
  local report = { items = n, cut = self.cut, accuracy = self.right / n }
  local function put(name, value)
    report[name], out[#out + 1] = value, name
  end
  local choices = n - self.continuations
  if choices > 0 then
    put("accuracy_normalized", self.normalized / choices)
    put("chance", self.chance / choices)
  end
  if self.continuations > 0 then
    put("perplexity", math.exp(self.nats / self.continuations))
  end
  return json.object(report, out)
end

function Choice:close() self.session:close() end

return choice
