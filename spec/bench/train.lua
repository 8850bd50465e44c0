-- Training speed: 12 layers, 192 wide, batches of about 4096 tokens in sequences of 65 to 129
-- ids; tokens per second of the wall clock and per second of CPU time.
--   lua5.4 spec/bench/train.lua [threads [tokens [optimizer]]]
package.cpath = (os.getenv "MOONLET_BUILD" or "build") .. "/?.so;" .. package.cpath
local moonlet = require "moonlet"
local train = require "moonlet.train"
local host = require "moonlet.host"

local threads, tokens, optimizer = tonumber(arg[1] or 2), tonumber(arg[2] or 4096), arg[3]
local trainer = assert(train.new({ num_hidden_layers = 12, hidden_size = 192,
  num_attention_heads = 6, num_key_value_heads = 2, head_dim = 32, intermediate_size = 512,
  vocab_size = 4096, max_position_embeddings = 129 },
  { tokens = tokens, length = 129, threads = threads, seed = 1, optimizer = optimizer }))
local corpus = moonlet.new_corpus(129)
math.randomseed(1)
local rows, total = {}, 0
while true do
  local ids = {}
  for k = 1, math.random(65, 129) do ids[k] = math.random(0, 4095) end
  if total + #ids - 1 > tokens then break end
  corpus:add(ids)
  rows[#rows + 1] = #rows + 1
  total = total + #ids - 1
end

print(("%d weights, %.0f MiB, %d threads"):format(trainer.learning, trainer.bytes / 2 ^ 20,
  threads))
for step = 1, 5 do
  local wall, cpu = host.clock(), os.clock()
  local loss = assert(trainer:batch(corpus, rows, 1 / total)) / total
  assert(trainer:step())
  print(("step %d  loss %.4f  %.0f tokens/s  %.0f tokens per CPU second"):format(step, loss,
    total / (host.clock() - wall), total / (os.clock() - cpu)))
end
