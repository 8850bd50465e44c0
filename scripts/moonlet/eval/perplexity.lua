-- perplexity.lua: how well a model foresees texts, and how far it strays from another one.
--
-- What: perplexity.new(model, { context, stride, against = model }) -> p; p:add(text) counts one
--   text; p:report() -> figures.
-- How: a text longer than `context` tokens is read in windows, each `stride` tokens after the one
--   before; a token is judged once, by the first window that reaches it, so with at least
--   context - stride tokens before it. A text begins with the model's BOS, where it has one; the
--   very first token is not judged. With `against`, the two distributions of each judged token are
--   compared: KL(against || model), so that against is the one taken for true.
-- Invariant: one token of text is judged exactly once, whatever context and stride.

local host = require "moonlet.host"
local ids = require "moonlet.eval.ids"

local perplexity = {}

-- Rows of logits held at once.
local slice = 64

local Perplexity = {}
Perplexity.__index = Perplexity

-- new(model, options) -> p | nil, message. context: 1024, or the model's own when that is less;
-- stride: half of it.
function perplexity.new(model, options)
  local most = model.config.max_position_embeddings
  local context = options.context or math.min(1024, most)
  local stride = options.stride or math.max(1, math.floor(context / 2))
  if context < 2 or stride >= context then
    host.blame(("perplexity: context %d wants to be at least 2 and more than stride %d")
      :format(context, stride))
  end
  local self = setmetatable({
    model = model, against = options.against, context = context, stride = stride,
    documents = 0, tokens = 0, bytes = 0, nats = 0, against_nats = 0, kl = {}, agreed = 0,
  }, Perplexity)
  local message, code
  self.session, message, code = model:session { context = context }
  if not self.session then return nil, message, code end
  if self.against then
    self.other, message, code = self.against:session { context = context }
    if not self.other then return nil, message, code end
  end
  return self
end

-- windows(n, context, stride) -> a list of { first, last, judged }: tokens first..last are read,
-- judged..last are judged.
function perplexity.windows(n, context, stride)
  local list, first, judged = {}, 1, 2
  while judged <= n do
    local last = math.min(first + context - 1, n)
    list[#list + 1] = { first = first, last = last, judged = judged }
    judged, first = last + 1, first + stride
  end
  return list
end

local function judge(self, list, window)
  self.session:rewind(0)
  local logprobs, message, code = self.session:score(ids.part(list, window.first, window.last))
  if not logprobs then return nil, message, code end
  for i = window.judged, window.last do
    self.nats = self.nats - logprobs[i - window.first + 1]
  end
  return true
end

-- ln of the sum of exp of each row: (n, V) -> (n, 1).
local function log_sums(logits)
  local n = logits.shape[1]
  local top = logits:max(2):view(n, 1)
  return (logits - top):exp():sum(2):view(n, 1):log() + top
end

-- Counts the logits of one slice; row i says what token `first` + i is.
local function compare_rows(self, list, logits, others, first, judged)
  local n = logits.shape[1]
  local ours, theirs = logits - log_sums(logits), others - log_sums(others)
  local kl = (theirs:exp() * (theirs - ours)):sum(2)
  local best, other_best = logits:argmax(2), others:argmax(2)
  for row = 1, n do
    local at = first + row
    if at >= judged and list[at] then
      self.nats = self.nats - ours:get(row, list[at] + 1)
      self.against_nats = self.against_nats - theirs:get(row, list[at] + 1)
      self.kl[#self.kl + 1] = math.max(0, kl:get(row))
      if best:get(row) == other_best:get(row) then self.agreed = self.agreed + 1 end
    end
  end
end

local function compare(self, list, window)
  self.session:rewind(0)
  self.other:rewind(0)
  for first = window.first, window.last - 1, slice do
    local piece = ids.part(list, first, math.min(first + slice - 1, window.last - 1))
    local logits, message, code = self.session:evaluate(piece)
    if not logits then return nil, message, code end
    local others
    others, message, code = self.other:evaluate(piece)
    if not others then return nil, message, code end
    compare_rows(self, list, logits, others, first, window.judged)
    logits:close()
    others:close()
  end
  return true
end

-- add(text) -> true | nil, message, code.
function Perplexity:add(text)
  local list, message, code = self.model:encode(text, { bos = true })
  if not list then return nil, message, code end
  local others = self.against and (self.against:encode(text, { bos = true }) or {})
  if others and (#others ~= #list or ids.common(list, others) < #list) then
    return nil, "the two models cut this text into different tokens: they cannot be compared"
  end
  for _, window in ipairs(perplexity.windows(#list, self.context, self.stride)) do
    local ok
    ok, message, code = (self.against and compare or judge)(self, list, window)
    if not ok then return nil, message, code end
  end
  self.documents = self.documents + 1
  self.tokens = self.tokens + math.max(0, #list - 1)
  self.bytes = self.bytes + #text
  return true
end

-- report() -> { documents, tokens, bytes, nats, perplexity, bits_per_byte, context, stride }, and
-- with `against`: { perplexity, kl_mean, kl_99 = what 99 % stay within, kl_max, top1 = share of
-- tokens with the same likeliest one, ratio = of the perplexities }; nil, message without tokens.
function Perplexity:report()
  if self.tokens == 0 then return nil, "there are no tokens to judge" end
  local report = {
    documents = self.documents, tokens = self.tokens, bytes = self.bytes, nats = self.nats,
    perplexity = math.exp(self.nats / self.tokens),
    bits_per_byte = self.nats / math.log(2) / self.bytes,
    context = self.context, stride = self.stride,
  }
  if self.against then
    local kl, sum = self.kl, 0
    table.sort(kl)
    for _, value in ipairs(kl) do sum = sum + value end
    report.against = {
      perplexity = math.exp(self.against_nats / self.tokens),
      ratio = math.exp((self.nats - self.against_nats) / self.tokens),
      kl_mean = sum / #kl, kl_99 = kl[math.ceil(0.99 * #kl)], kl_max = kl[#kl],
      top1 = self.agreed / #kl,
    }
  end
  return report
end

function Perplexity:close()
  self.session:close()
  if self.other then self.other:close() end
end

return perplexity
