-- tiny.lua: a config, a corpus, a trainer and what it learns from, that specs of training share.
local moonlet = require "moonlet"
local train = require "moonlet.train"

local tiny = { ROWS = { 1, 2, 3, 4 }, TARGETS = 76 }    -- all of the corpus in one batch

-- A model of two layers; later tables overrule.
function tiny.config(...)
  local c = { num_hidden_layers = 2, hidden_size = 32, num_attention_heads = 4,
    num_key_value_heads = 2, intermediate_size = 48, vocab_size = 64, max_position_embeddings = 48 }
  for _, more in ipairs { ... } do
    for name, value in pairs(more) do c[name] = value end
  end
  return c
end

function tiny.corpus()
  local made = moonlet.new_corpus(48)
  for i = 1, 4 do
    local ids = {}
    for k = 1, 20 do ids[k] = (i * 17 + k * k * 5) % 64 end
    made:add(ids)
  end
  return made
end

-- One for that corpus.
function tiny.trainer(options)
  options.tokens, options.length, options.seed = 128, 48, options.seed or 1
  return assert(train.new(tiny.config(), options))
end

-- Steps over all of the corpus. -> loss of a target in the last
function tiny.learn(trainer, corpus, steps, rate)
  local loss
  for _ = 1, steps do
    loss = assert(trainer:batch(corpus, tiny.ROWS, 1 / tiny.TARGETS)) / tiny.TARGETS
    assert(trainer:step { rate = rate, decay = 0 })
  end
  return loss
end

-- to, with the weights of `from`.
function tiny.copy(from, to)
  for _, name in ipairs(from:names()) do to:set(name, from:get(name)) end
  return to
end

-- A file of short sequences, for train.run.
function tiny.file()
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  for i = 1, 8 do file:write(('{"ids":[1,%d,%d,%d,7]}\n'):format(i, i * 3, i * 5 % 64)) end
  file:close()
  return path
end

return tiny
