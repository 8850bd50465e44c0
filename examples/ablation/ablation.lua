-- The paper's choices at toy scale: models of equal size that differ in one of them, trained on the
-- same stories in the same order, compared by their loss on stories they have not seen.
--   moonlet examples/ablation/ablation.lua TRAIN.jsonl HELDOUT.jsonl [options]
--     --tokens N    targets that each run learns from; 600000
--     --seeds N     runs of each model; 3
--     --rates R,R   highest learning rates that seed 1 tries; each model goes on with the better of
--                   its own; 3e-3,6e-3
--     --threads N   default one per CPU
--     --log FILE    results so far: a run that is in it is not done again
--     --report      no runs: the tables of what the log has
--     --smoke       1000 tokens and 2 seeds, unless said otherwise: does it run?
-- The files hold lines of {"text": "..."}, and may be .gz. The vocabulary is the bundled model's.
local moonlet = require "moonlet"
local train = require "moonlet.train"
local json = require "moonlet.json"

-- Sizes are chosen so that all have as many parameters as the first; heads are 32 wide.
local MODELS = {
  { name = "base", layers = 6, width = 96, heads = 3, groups = 1, hidden = 256 },
  { name = "shallow and wide", layers = 2, width = 160, heads = 5, groups = 1, hidden = 214 },
  { name = "untied", layers = 2, width = 96, heads = 3, groups = 1, hidden = 256, untied = true },
  { name = "MHA", layers = 6, width = 96, heads = 3, groups = 3, hidden = 213 },
  { name = "layer sharing", layers = 6, width = 96, heads = 3, groups = 1, hidden = 256,
    sharing = true },
}
local SAME_SIZE = 0.005         -- of the first's parameters may another have more or fewer

-- What each comparison asks: has the first of the two the lower loss, as the paper says?
local QUESTIONS = {
  { "deep and thin / shallow and wide", "base", "shallow and wide" },
  { "shared embeddings, more layers / untied", "base", "untied" },
  { "GQA, wider FFN / MHA", "base", "MHA" },
  { "layer sharing / none", "layer sharing", "base" },
}

local LENGTH, BATCH, WARMUP = 256, 1024, 40

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

-- One run -> its held-out loss, parameters, seconds. The rate falls on a line to a tenth.
local function run(model, data, seed, highest, options)
  local trainer = new_trainer(model, data.vocabulary, seed, options.threads)
  local batches = train.batches(data.train, { tokens = BATCH, seed = seed })
  local seen, step, began = 0, 0, os.time()
  while seen < options.tokens do
    local rows, weight, count = batches:next()
    local rate = highest * math.min((step + 1) / WARMUP, 1 - 0.9 * seen / options.tokens)
    step, seen = step + 1, seen + count
    assert(trainer:batch(data.train, rows, 1 / weight))
    assert(trainer:step { rate = rate })
  end
  local result = { model = model.name, seed = seed, tokens = options.tokens, rate = highest,
    loss = assert(train.mean(trainer, data.heldout, BATCH)), parameters = trainer.learning,
    seconds = os.time() - began }
  trainer:close()
  return result
end

-- ---- what the losses say ----

-- 97.5 % quantiles of Student's t for 1, 2, ... degrees of freedom
local STUDENT = { 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262 }

local function mean_and_deviation(values)
  local sum, squares = 0, 0
  for _, value in ipairs(values) do sum = sum + value end
  local mean = sum / #values
  for _, value in ipairs(values) do squares = squares + (value - mean) ^ 2 end
  return mean, math.sqrt(squares / math.max(#values - 1, 1))
end

-- "yes" and "no" want a mean whose interval of 95 % has one sign.
local function verdict(differences)
  local mean, deviation = mean_and_deviation(differences)
  local n = #differences
  local t = STUDENT[math.min(n - 1, #STUDENT)]
  if not t or math.abs(mean) <= t * deviation / math.sqrt(n) then return "not decided" end
  return mean < 0 and "yes" or "no"
end

local function print_models(results)
  print "| model | layers x width, ffn | kv heads | parameters | rate | seeds | held-out loss |"
  print "|---|---|---|---|---|---|---|"
  for _, model in ipairs(MODELS) do
    local of_seed, losses = results[model.name], {}
    for seed, result in ipairs(of_seed) do losses[seed] = result.loss end
    local mean, deviation = mean_and_deviation(losses)
    print(("| %s | %d x %d, %d | %d of %d | %d | %g | %d | %.3f%s |"):format(model.name,
      model.layers, model.width, model.hidden, model.groups, model.heads, of_seed[1].parameters,
      of_seed[1].rate, #losses, mean, #losses > 1 and (" ± %.3f"):format(deviation) or ""))
  end
end

local function print_questions(results)
  print "| question | difference, seed by seed | mean | as in the paper |\n|---|---|---|---|"
  for _, question in ipairs(QUESTIONS) do
    local one, other, differences, texts = results[question[2]], results[question[3]], {}, {}
    for seed = 1, math.min(#one, #other) do
      differences[seed] = one[seed].loss - other[seed].loss
      texts[seed] = ("%+.3f"):format(differences[seed])
    end
    local mean, deviation = mean_and_deviation(differences)
    print(("| %s | %s | %+.3f%s | %s |"):format(question[1], table.concat(texts, " "), mean,
      #texts > 1 and (" ± %.3f"):format(deviation) or "", verdict(differences)))
  end
end

-- ---- arguments and the log ----

local NUMBERS = { tokens = true, seeds = true, threads = true }
local WANTS = { log = "a file", rates = "numbers with commas between them" }

local function read_rates(text)
  local rates = {}
  for word in (text or ""):gmatch "[^,]+" do rates[#rates + 1] = tonumber(word) end
  return rates[1] and rates
end

local function read_arguments(list)
  local options, files, i = {}, {}, 1
  while list[i] do
    local name, value = list[i]:match "^%-%-(%l+)$", list[i + 1]
    if name == "smoke" or name == "report" then
      options[name] = true
    elseif NUMBERS[name] or WANTS[name] then
      i = i + 1
      if name == "rates" then value = read_rates(value) end
      if NUMBERS[name] then value = tonumber(value) end
      options[name] = assert(value, ("--%s wants %s"):format(name, WANTS[name] or "a number"))
    else
      assert(list[i]:sub(1, 1) ~= "-", list[i] .. ": no such option")
      files[#files + 1] = list[i]
    end
    i = i + 1
  end
  assert(#files == 2, "wants a file to train on and a file that is held out")
  options.tokens = options.tokens or options.smoke and 1000 or 600000
  options.seeds = options.seeds or options.smoke and 2 or 3
  options.rates = options.rates or { 3e-3, 6e-3 }
  return options, files
end

local function key(model, seed, rate) return ("%s %d %g"):format(model, seed, rate) end

-- Results by key; those of other lengths stay in the log and count for nothing.
local function open_log(options)
  local done = {}
  if not options.log then return done end
  local log = assert(io.open(options.log, "a+"))
  log:setvbuf "line"
  for line in log:lines() do
    local result = assert(json.decode(line))
    if result.tokens == options.tokens then
      done[key(result.model, result.seed, result.rate)] = result
    end
  end
  return done, log
end

local options, files = read_arguments(arg)
local done, log = open_log(options)
local vocabulary = assert(moonlet.load())
local data = { vocabulary = vocabulary, train = corpus(files[1], vocabulary),
  heldout = corpus(files[2], vocabulary) }

-- The result of one run, from the log if it is there; nil for a report on a log without it.
local function result_of(model, seed, rate)
  local name = key(model.name, seed, rate)
  if done[name] or options.report then return done[name] end
  local result = run(model, data, seed, rate, options)
  done[name] = result
  if log then log:write(json.encode(result), "\n") end
  io.stderr:write(("%-16s seed %d  rate %g  loss %.4f  %d parameters  %d s\n"):format(model.name,
    seed, rate, result.loss, result.parameters, result.seconds))
  return result
end

local results = {}
for _, model in ipairs(MODELS) do
  for _, rate in ipairs(options.rates) do
    local result, best = result_of(model, 1, rate), results[model.name]
    local better = result and (not best or result.loss < best[1].loss)
    if better then results[model.name] = { result } end
  end
  assert(results[model.name], "the log has no run of " .. model.name)
  local size = results[model.name][1].parameters / results[MODELS[1].name][1].parameters
  assert(math.abs(size - 1) <= SAME_SIZE, model.name .. " is not of the first model's size")
end
for seed = 2, options.seeds do
  for _, model in ipairs(MODELS) do
    local of_seed = results[model.name]
    of_seed[seed] = result_of(model, seed, of_seed[1].rate)
  end
end
print_models(results)
print ""
print_questions(results)
