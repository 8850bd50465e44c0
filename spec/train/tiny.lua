-- tiny.lua: a config and a corpus that specs of training share.
local moonlet = require "moonlet"

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

return tiny
