-- The paper's choices at toy scale: models of equal size that differ in one of them, trained on the
-- same stories in the same order, compared by their loss on stories they have not seen.
--   moonlet examples/ablation/ablation.lua TRAIN.jsonl HELDOUT.jsonl [options]
--     --tokens N    targets that each run learns from; 500000
--     --seeds N     runs of each model; 3
--     --threads N   default one per CPU
--     --log FILE    results so far: a run that is in it is not done again
-- The files hold lines of {"text": "..."}, and may be .gz. The vocabulary is the bundled model's.
local moonlet = require "moonlet"
local train = require "moonlet.train"
local json = require "moonlet.json"

-- Sizes are chosen so that all have as many parameters as the first; heads are 32 wide.
local MODELS = {
  { name = "base", layers = 6, width = 96, heads = 3, groups = 1, hidden = 256 },
  { name = "wide and shallow", layers = 2, width = 160, heads = 5, groups = 1, hidden = 216 },
  { name = "untied", layers = 2, width = 96, heads = 3, groups = 1, hidden = 256, untied = true },
  { name = "MHA", layers = 6, width = 96, heads = 3, groups = 3, hidden = 213 },
  { name = "layer sharing", layers = 6, width = 96, heads = 3, groups = 1, hidden = 256,
    sharing = true },
}

-- What each comparison asks, and what the paper answers: which of the two has the lower loss.
local QUESTIONS = {
  { "deep and thin / wide and shallow", "base", "wide and shallow" },
  { "shared embeddings, deeper / untied", "base", "untied" },
  { "GQA, wider FFN / MHA", "base", "MHA" },
  { "layer sharing / none", "layer sharing", "base" },
}

local LENGTH, BATCH, RATE, WARMUP = 256, 2048, 4e-3, 20

local function plain(path)
  if not path:match "%.gz$" then return path end
  local copy = os.tmpname()
  assert(os.execute(("gzip -dc '%s' > '%s'"):format(path, copy)), path .. ": gzip failed")
  return copy
end

local function corpus(path, vocabulary)
  local file = plain(path)
  local read = assert(train.corpus(file, { longest = LENGTH, model = vocabulary }))
  if file ~= path then os.remove(file) end
  return read
end

local function new_trainer(model, vocabulary, seed, threads)
  return assert(train.new({ num_hidden_layers = model.layers, hidden_size = model.width,
    num_attention_heads = model.heads, num_key_value_heads = model.groups, head_dim = 32,
    intermediate_size = model.hidden, vocab_size = vocabulary.config.vocab_size,
    max_position_embeddings = LENGTH, share_embedding = not model.untied,
    layer_sharing = model.sharing or false },
    { tokens = BATCH, length = LENGTH, seed = seed, threads = threads }))
end

-- One run -> its held-out loss, parameters, targets per second
local function run(model, data, seed, options)
  local trainer = new_trainer(model, data.vocabulary, seed, options.threads)
  local batches = train.batches(data.train, { tokens = BATCH, seed = seed })
  local seen, step, began = 0, 0, os.time()
  while seen < options.tokens do
    local rows, weight, count = batches:next()
    step, seen = step + 1, seen + count
    local rate = RATE * math.min(step / WARMUP, 0.1 + 0.9 * (1 - seen / options.tokens))
    assert(trainer:batch(data.train, rows, 1 / weight))
    assert(trainer:step { rate = math.max(rate, 0) })
  end
  local result = { model = model.name, seed = seed, loss = assert(train.mean(trainer, data.heldout,
    BATCH)), parameters = trainer.learning, tokens = seen, seconds = os.time() - began }
  trainer:close()
  return result
end

local function mean_and_deviation(values)
  local sum, squares = 0, 0
  for _, value in ipairs(values) do sum = sum + value end
  local mean = sum / #values
  for _, value in ipairs(values) do squares = squares + (value - mean) ^ 2 end
  return mean, math.sqrt(squares / math.max(#values - 1, 1))
end

local function print_tables(results, seeds)
  local losses = {}
  print "| model | layers x width, ffn | kv heads | parameters | held-out loss |"
  print "|---|---|---|---|---|"
  for _, model in ipairs(MODELS) do
    local of_seed, list, parameters = {}, {}, nil
    for seed = 1, seeds do
      local result = results[model.name .. " " .. seed]
      of_seed[seed], list[seed], parameters = result.loss, result.loss, result.parameters
    end
    losses[model.name] = of_seed
    print(("| %s | %d x %d, %d | %d | %d | %.3f ± %.3f |"):format(model.name, model.layers,
      model.width, model.hidden, model.groups, parameters, mean_and_deviation(list)))
  end
  print "\n| question | difference, seed by seed | as in the paper |\n|---|---|---|"
  for _, question in ipairs(QUESTIONS) do
    local texts, lower, higher = {}, 0, 0
    for seed = 1, seeds do
      local d = losses[question[2]][seed] - losses[question[3]][seed]
      texts[seed] = ("%+.3f"):format(d)
      if d < 0 then lower = lower + 1 elseif d > 0 then higher = higher + 1 end
    end
    local verdict = lower == seeds and "yes" or higher == seeds and "no" or "within noise"
    print(("| %s | %s | %s |"):format(question[1], table.concat(texts, " "), verdict))
  end
end

local function read_arguments(list)
  local options, files, i = { tokens = 500000, seeds = 3 }, {}, 1
  while list[i] do
    local name = list[i]:match "^%-%-(%l+)$"
    if name == "log" then
      options.log, i = list[i + 1], i + 1
    elseif name then
      options[name], i = assert(tonumber(list[i + 1]), list[i] .. " wants a number"), i + 1
    else
      files[#files + 1] = list[i]
    end
    i = i + 1
  end
  assert(#files == 2, "wants a file to train on and a file that is held out")
  return options, files
end

local options, files = read_arguments(arg)
local vocabulary = assert(moonlet.load())
local data = { vocabulary = vocabulary, train = corpus(files[1], vocabulary),
  heldout = corpus(files[2], vocabulary) }
local results, log = {}, nil
if options.log then
  log = assert(io.open(options.log, "a+"))
  log:setvbuf "line"
  for line in log:lines() do
    local result = assert(json.decode(line))
    results[result.model .. " " .. result.seed] = result
  end
end
for seed = 1, options.seeds do
  for _, model in ipairs(MODELS) do
    local key = model.name .. " " .. seed
    if not results[key] then
      results[key] = run(model, data, seed, options)
      if log then log:write(json.encode(results[key]), "\n") end
      io.stderr:write(("%-16s seed %d  loss %.4f  %d parameters  %d s\n"):format(model.name, seed,
        results[key].loss, results[key].parameters, results[key].seconds))
    end
  end
end
print_tables(results, options.seeds)
