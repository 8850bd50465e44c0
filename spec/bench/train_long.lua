-- Whether a token of training costs the same late as early: speed and memory, part by part, of one
-- run over fresh random data, in the shape of train_beside.lua. The fastest tenth of the steps is
-- what other work on the machine disturbs least. RSS is the whole process; what the corpus takes of
-- it is said apart. "tiny": a shape that gets through a hundred million tokens in minutes, where
-- what is not arithmetic would show first.
--   lua5.4 spec/bench/train_long.lua [tokens [parts [threads [tiny]]]]
package.cpath = (os.getenv "MOONLET_BUILD" or "build") .. "/spec/?.so;" .. package.cpath
local moonlet = require "moonlet"
local train = require "moonlet.train"
local host = require "moonlet.host"

local tokens, parts = tonumber(arg[1] or 1e6), tonumber(arg[2] or 5)
local threads = tonumber(arg[3] or 2)
local LENGTH, BATCH = 128, 4096
local VOCABULARY = arg[4] == "tiny" and 256 or 4096

local function resident()
  for line in io.lines "/proc/self/status" do
    local kib = line:match "^VmRSS:%s+(%d+) kB"
    if kib then return tonumber(kib) / 1024 end
  end
end

local function random_corpus(count)
  local corpus, ids = moonlet.new_corpus(LENGTH + 1), {}
  math.randomseed(1)
  for _ = 1, count do
    for k = 1, LENGTH + 1 do ids[k] = math.random(0, VOCABULARY - 1) end
    corpus:add(ids)
  end
  return corpus
end

local function median_of_fastest(rates)
  table.sort(rates)
  return rates[#rates - math.floor(#rates / 20)]
end

local before = resident()
local corpus = random_corpus(math.ceil(tokens / LENGTH))
collectgarbage()
print(("corpus of %d targets: %.0f MiB"):format(#corpus * LENGTH, resident() - before))
local shape = { num_hidden_layers = 12, hidden_size = 192, num_attention_heads = 6,
  num_key_value_heads = 2, head_dim = 32, intermediate_size = 512, vocab_size = 4096,
  max_position_embeddings = LENGTH + 1 }
if arg[4] == "tiny" then
  shape.num_hidden_layers, shape.hidden_size, shape.num_attention_heads = 2, 32, 2
  shape.num_key_value_heads, shape.head_dim, shape.intermediate_size = 1, 16, 64
  shape.vocab_size = VOCABULARY
end
local trainer = assert(train.new(shape, { tokens = BATCH, threads = threads, seed = 1 }))
print(("%d weights, %d thread(s), batches of %d targets; trainer.bytes %.0f MiB"):format(
  trainer.learning, threads, BATCH, trainer.bytes / 2 ^ 20))
print "| targets | tokens/s | per CPU second | fastest tenth | resident MiB |"
print "|---|---|---|---|---|"
local batches, seen = train.batches(corpus, { tokens = BATCH, seed = 1 }), 0
for part = 1, parts do
  local clock, cpu, first, rates = host.clock(), os.clock(), seen, {}
  while seen < tokens * part / parts do
    local began = host.clock()
    local rows, weight, count = batches:next()
    assert(trainer:batch(corpus, rows, 1 / weight))
    assert(trainer:step())
    seen = seen + count
    rates[#rates + 1] = count / (host.clock() - began)
  end
  print(("| %d | %.0f | %.0f | %.0f | %.1f |"):format(seen,
    (seen - first) / (host.clock() - clock), (seen - first) / (os.clock() - cpu),
    median_of_fastest(rates), resident()))
  io.stdout:flush()
end
