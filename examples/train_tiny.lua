-- Teaches a model of two layers a few sentences by heart, from scratch, in seconds.
--   moonlet examples/train_tiny.lua [directory]
local moonlet = require "moonlet"
local train = require "moonlet.train"

local sentences = {
  "the moon is small and bright", "a tide follows the moon", "lua means moon in portuguese",
}
local out = arg and arg[1] or os.tmpname() .. ".model"

-- letters are the tokens here: byte b is id b, and 0 begins and ends a sentence
local trainer = assert(train.new({ num_hidden_layers = 2, hidden_size = 64,
  num_attention_heads = 4, num_key_value_heads = 2, intermediate_size = 128, vocab_size = 128,
  max_position_embeddings = 64, bos_token_id = 0, eos_token_id = 0 }, { tokens = 256, seed = 1 }))
local corpus = moonlet.new_corpus(64)
for _, text in ipairs(sentences) do
  local ids = { 0, text:byte(1, -1) }
  ids[#ids + 1] = 0
  corpus:add(ids)
end

local batches = train.batches(corpus, { tokens = 256 })
local rate = train.schedule { rate = 3e-3, warmup = 10, steps = 150, floor = 0 }
local loss
for step = 1, 150 do
  local rows, weight = batches:next()
  loss = assert(trainer:batch(corpus, rows, 1 / weight)) / weight
  assert(trainer:step { rate = rate(step), decay = 0.01 })
  if step % 50 == 0 then print(("step %d  loss %.4f"):format(step, loss)) end
end

assert(trainer:export(out))
local session = assert(moonlet.load(out)):session()
session:feed { 0, ("lua"):byte(1, -1) }
local text = "lua"
for _ = 1, 60 do
  local id = session:sample()
  if id == 0 then break end
  text = text .. string.char(id)
  session:feed(id)
end
print(text)
