local mixture = require "moonlet.corpus.mixture"
local directory = os.getenv "MOONLET_SHARED" or "../shared"
directory = directory .. "/data/train"

local function source(file, make, share, how, swaps)
  return { file = file, make = make, share = share, how = how or {}, swaps = swaps }
end
local function home(share, bare)
  return source("api/nlu_home.jsonl.gz", "closed", share, { set = "home", bare = bare or 0.2, swap = 0.5 }, true)
end
local recipe = {}
recipe.config = { vocab_size = 4096, hidden_size = 192, intermediate_size = 512, num_hidden_layers = 12,
  num_attention_heads = 6, num_key_value_heads = 2, head_dim = 32, max_position_embeddings = 1024,
  rope_scaling = nil, bos_token_id = 1, eos_token_id = 2 }
recipe.first = {
  source("text/tinystories.jsonl.gz", "text", 8, {bytes=500}),
  source("text/tatoeba.jsonl.gz", "text", 4),
  source("dialogue/topical_chat_valid.jsonl.gz", "talk", 6, {turns=2}),
  source("dialogue/chatterbot_english.jsonl.gz", "talk", 1, {turns=1}),
  home(12),
  source("api/snips.jsonl.gz", "closed", 14, { set = "snips", swap = 0.4 }, true),
  source("api/snips.jsonl.gz", "listed", 6, { most = 3, plain = 0.2 }),
  source("api/clinc150.jsonl.gz", "closed", 8, { set = "clinc" }),
  source("api/clinc150.jsonl.gz", "listed", 4, { most = 5, plain = 0.9, decline=0.15 }),
  source("api/banking77.jsonl.gz", "closed", 4, { set = "banking" }),
  source("api/metatool.jsonl.gz", "listed", 6, { most = 4, plain = 0.1, decline=0.1 }),
  source("api/sgd_singleturn.jsonl.gz", "listed", 18, { most = 4, plain = 0.1, decline=0.04 }),
  source("api/sgd_multiturn.jsonl.gz", "listed", 6, { most = 3, plain = 0.2, turns = 3 }),
  source("api/home_assistant.jsonl.gz", "listed", 1, { most = 4, plain = 0.2 }),
  source("api/restaurants8k.jsonl.gz", "listed", 2, { most = 1, plain = 0.3 }),
  source("api/star.jsonl.gz", "listed", 2, { most = 3, plain = 0.3, turns = 3 }),
  source("api/sealtools_dev.jsonl.gz", "listed", 2, { most = 3, plain = 0.1 }),
}
local made = nil
local function generated(dice)
  if not made then
    local tools = assert(require "moonlet.corpus.records".read(directory .. "/tools/sealtools_tools.jsonl.gz"))
    made = require "moonlet.corpus.generate".over(tools, { most = 3, kinds = { call = 15, ask = 1, result = 2, decline = 2 } })
  end
  return made(dice)
end
table.insert(recipe.first, { generate = generated, share = 16 })
recipe.calls = {
  source("text/tinystories.jsonl.gz", "text", 2, {bytes=400}),
  source("dialogue/topical_chat_valid.jsonl.gz", "talk", 2, {turns=2}),
  source("dialogue/chatterbot_english.jsonl.gz", "talk", 0.5, {turns=1}),
  home(20, 0.15),
  source("api/snips.jsonl.gz", "closed", 13, { set = "snips", swap = 0.4 }, true),
  source("api/snips.jsonl.gz", "listed", 3, { most = 3, plain = 0.2 }),
  source("api/clinc150.jsonl.gz", "closed", 9, { set = "clinc" }),
  source("api/clinc150.jsonl.gz", "listed", 2, { most = 5, plain = 0.9, decline=0.15 }),
  source("api/banking77.jsonl.gz", "closed", 2, { set = "banking" }),
  source("api/metatool.jsonl.gz", "listed", 3, { most = 4, plain = 0.1, decline=0.15 }),
  source("api/sgd_singleturn.jsonl.gz", "listed", 30, { most = 4, plain = 0.1, decline=0.03 }),
  source("api/sgd_multiturn.jsonl.gz", "listed", 7, { most = 3, plain = 0.2, turns = 3 }),
  source("api/home_assistant.jsonl.gz", "listed", 1, { most = 4, plain = 0.2 }),
  source("api/restaurants8k.jsonl.gz", "listed", 1.5, { most = 1, plain = 0.3 }),
  source("api/star.jsonl.gz", "listed", 1, { most = 3, plain = 0.3, turns = 3 }),
  source("api/taskmaster4.jsonl.gz", "listed", 1, { most = 3, plain = 0.3, turns = 3 }),
  source("api/droidcall_early.jsonl.gz", "listed", 2, { most = 2, plain = 0.1 }),
  source("api/sealtools_dev.jsonl.gz", "listed", 2, { most = 3, plain = 0.1 }),
  { generate = generated, share = 16 },
}
local copying = require "moonlet.corpus.copying"
recipe.copy = { { generate = copying.echo, share = 12 }, { generate = copying.labels, share = 25 } }
for _, s in ipairs(recipe.calls) do recipe.copy[#recipe.copy + 1] = { file = s.file, make = s.make, generate = s.generate, how = s.how, swaps = s.swaps, share = s.share * (s.file and s.file:find "text" and 0 or 0.55) } end
table.insert(recipe.calls, { generate = copying.labels, share = 5 })
recipe.directory = directory
return recipe
