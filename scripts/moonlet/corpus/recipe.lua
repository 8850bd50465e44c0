-- recipe.lua: from a directory of data to a model: vocabulary, shards of examples, training.
--
-- What: recipe.run(r, out, options) -> out | nil, message, code. r: config (config.json's
--   names), directory (of the data), vocabulary (sources, bytes), stages (name -> sources of
--   moonlet.corpus.mixture), plan (a list of { stage, shards, rate, last rate, dropout = none,
--   r_drop = none }), shard (ids in one), longest (ids of an example), batch (targets that go
--   through at once: with r_drop half as many, twice), warmup (steps), optimizer and compute
--   (as train.new's), seed (of the first weights and of all that is drawn but the vocabulary's
--   texts, 1), and, if it shall end several times, ends (a list of { copies =, plan =, start =
--   0, layers = none }): each copy goes on from where the run stands, and the run goes on from
--   the mean of their weights (Wortsman et al. 2022, arXiv 2203.05482), in which where it
--   stood counts `start` times; layers: the model grows to so many before (train.grow). In place
--   of copies and plan an ending may have ways, a list of such lists: each goes on from there by
--   endings of its own, which do not grow, and what counts is the mean of where they end. No
--   shard is gone through twice. sift = NAME in an ending: before it, of the records of
--   r.sifted[NAME] (file, and the options of moonlet.corpus.sift) those stay that the model as
--   it stands finds likely; they are what a source with own = "sifted/NAME.jsonl" reads.
-- How: each part leaves a file in out and is left out when the file is there: tokenizer.model;
--   sifted/NAME.jsonl; shards/STAGE.N.jsonl, all of a stage when the first is wanted;
--   training.safetensors after every shard, whose notes say how many are done. So a run that was
--   stopped goes on.
-- The vocabulary is SentencePiece's BPE, made by its own program, spm_train.

local corpus_records = require "moonlet.corpus.records"
local files = require "moonlet.files"
local host = require "moonlet.host"
local json = require "moonlet.json"
local mixture = require "moonlet.corpus.mixture"
local moonlet = require "moonlet"
local native = require "moonlet.native"
local sift = require "moonlet.corpus.sift"
local train = require "moonlet.train"

local recipe = {}

local exists, quoted, whole = files.exists, files.quoted, files.whole

-- Runs a command of the system.
local function run(command)
  local ok, _, code = os.execute(command)
  if ok == true or ok == 0 then return true end
  return nil, ("failed with %s: %s"):format(tostring(code or ok), command), "io"
end

-- ---- vocabulary ----

-- Digits and marks are pieces of their own, letters never share a piece with them, a space belongs
-- to the word behind it and none is added: so a word is cut alike wherever it stands.
local trainer_options = "--model_type=bpe --byte_fallback=true --split_digits=true "
  .. "--normalization_rule_name=identity --add_dummy_prefix=false "
  .. "--remove_extra_whitespaces=false --character_coverage=0.9999 --max_sentence_length=20000 "
  .. "--input_sentence_size=300000 --shuffle_input_sentence=false --num_threads=2 "
  .. "--minloglevel=2"

local function make_vocabulary(r, out, options)
  local path = out .. "/tokenizer.model"
  if exists(path) then return true end
  local lines = out .. "/vocabulary.txt"
  local source = mixture.new(r.directory, r.vocabulary.sources, options)
  local ok, message, code = whole(lines, function(file)
    return source:lines(1, r.vocabulary.bytes, function(line) file:write(line) end)
  end)
  if not ok then return nil, message, code end
  local markers = {}
  for i, name in ipairs(native.markers) do markers[i] = "<|" .. name .. "|>" end
  -- The file keeps the names of what it was made of: so they are without a directory.
  ok, message, code = run(("cd %s && spm_train %s --input=vocabulary.txt --model_prefix=vocabulary "
    .. "--vocab_size=%d --user_defined_symbols=%s"):format(quoted(out), trainer_options,
    r.config.vocab_size, quoted(table.concat(markers, ","))))
  if not ok then return nil, message, code end
  os.remove(lines)
  os.remove(out .. "/vocabulary.vocab")
  if not os.rename(out .. "/vocabulary.model", path) then
    return nil, path .. ": cannot be written", "io"
  end
  return true
end

-- ---- shards ----

-- What a trainer holds, as a model in a directory; the trainer is closed.
local function loaded(trainer, directory, out, options)
  local ok, message, code = trainer:export(directory, { dtype = "bf16" })
  trainer:close()
  if ok then
    ok, message, code = run(("cp %s %s"):format(quoted(out .. "/tokenizer.model"),
      quoted(directory)))
  end
  if not ok then return nil, message, code end
  return moonlet.load(directory, { threads = options.threads })
end

-- A model without knowledge, for its vocabulary.
local function speller(r, out, options)
  local trainer, message, code = train.new(r.config, { tokens = 64, length = 64 })
  if not trainer then return nil, message, code end
  return loaded(trainer, out .. "/start", out, options)
end

local function numbers(list) return table.concat(list, ",") end

-- A number that the run draws by: another one for another recipe.seed.
local function seed_of(r, number) return ((r.seed or 1) - 1) * 1e6 + number end

local function shard_path(out, name, k) return ("%s/shards/%s.%d.jsonl"):format(out, name, k) end

-- The shards of a stage, as many as the whole recipe takes.
local function make_shards(r, out, options, name)
  local count = r.shards_wanted[name]
  if exists(shard_path(out, name, count)) then return true end
  local source = mixture.new(r.directory, r.stages[name], { most = options.most, out = out })
  for k = 1, count do
    local ok, message, code = whole(shard_path(out, name, k), function(file)
      local seed = seed_of(r, k * 7 + #name)
      return source:encoded(r.speller, seed, r.shard, r.longest, function(ids, weights)
        file:write('{"ids":[', numbers(ids), '],"weights":[', numbers(weights), "]}\n")
      end)
    end)
    if not ok then return nil, message, code end
  end
  return true
end

-- How many shards of each stage the whole recipe takes.
local function shards_wanted(r)
  local counts = {}
  local function add(plan, copies)
    for _, part in ipairs(plan) do
      counts[part[1]] = (counts[part[1]] or 0) + part[2] * copies
    end
  end
  local function add_all(ends)
    for _, ending in ipairs(ends) do
      for _, way in ipairs(ending.ways or {}) do add_all(way) end
      if ending.plan then add(ending.plan, ending.copies) end
    end
  end
  add(r.plan, 1)
  add_all(r.ends or {})
  return counts
end

-- ---- training ----

-- Targets of a batch.
local function targets_of(r, part)
  return part.r_drop and math.floor(r.batch / 2) or r.batch
end

-- One pass over a shard, in batches of so many targets; the rate goes from `first` to `last` on a
-- line.
local function pass(trainer, path, r, targets, k, first, last, report)
  local corpus, message, code = train.corpus(path, { longest = r.longest + 1 })
  if not corpus then return nil, message, code end
  local batches = train.batches(corpus, { tokens = targets, seed = seed_of(r, k) })
  local loss, weight, began, tokens = 0, 0, host.clock(), 0
  while batches.position < #batches.list do
    local rows, w, n = batches:next()
    local rate = first + (last - first) * batches.position / #batches.list
    rate = rate * math.min(1, (trainer.steps + 1) / math.max(1, r.warmup))
    local sum, norm
    sum, message, code = trainer:batch(corpus, rows, 1 / w)
    if not sum then return nil, message, code end
    norm, message, code = trainer:step { rate = rate, decay = 0.1, clip = 1 }
    if not norm then return nil, message, code end
    loss, weight, tokens = loss + sum, weight + w, tokens + n
  end
  corpus:close()
  report { path = path, steps = trainer.steps, loss = loss / weight,
    tokens_per_second = tokens / (host.clock() - began) }
  return true
end

-- A trainer for a part of a plan that goes on where the run in `directory` was stopped.
-- -> trainer, shards done | nil, message, code
local function open(r, directory, options, part)
  part = part or {}
  local trainer, message, code = train.new(r.config, { tokens = targets_of(r, part),
    length = r.longest + 1, seed = r.seed or 1, threads = options.threads, optimizer = r.optimizer,
    compute = r.compute, dropout = part.dropout, r_drop = part.r_drop })
  if not trainer then return nil, message, code end
  if not exists(directory .. "/training.safetensors") then return trainer, 0 end
  local notes
  notes, message, code = trainer:restore(directory)
  if not notes then return nil, message, code end
  return trainer, tonumber(notes) or 0
end

-- Trains by a plan in `directory`, `before` shards having been gone through before it, and
-- taken[stage] of each stage, which it counts on. -> shards gone through | nil, message, code
local function follow(r, out, options, report, plan, directory, before, taken)
  local at = before
  for _, part in ipairs(plan) do
    local name, shards, first, last = part[1], part[2], part[3], part[4]
    local ok, message, code = make_shards(r, out, options, name)
    if not ok then return nil, message, code end
    local function rate(k) return first + (last - first) * k / shards end
    local trainer, done
    trainer, done, code = open(r, directory, options, part)
    if not trainer then return nil, done, code end
    for k = 1, shards do
      at, taken[name] = at + 1, (taken[name] or 0) + 1
      if at > done then
        local path = shard_path(out, name, taken[name])
        ok, message, code = pass(trainer, path, r, targets_of(r, part), taken[name], rate(k - 1),
          rate(k), report)
        if ok then ok, message, code = trainer:save(directory, tostring(at)) end
        if not ok then return nil, message, code end
      end
    end
    trainer:close()
  end
  return at
end

-- A trainer with the mean of the weights in some directories; moments are those of the first.
local function mean(r, directories, options)
  local trainers = {}
  for i, directory in ipairs(directories) do
    local message, code
    trainers[i], message, code = open(r, directory, options)
    if not trainers[i] then return nil, message, code end
  end
  local first = trainers[1]
  for _, name in ipairs(first:names()) do
    local sum = first:get(name)
    for i = 2, #trainers do sum = sum + trainers[i]:get(name) end
    first:set(name, sum * (1 / #trainers))
  end
  return first
end

local function copy_checkpoint(from, to)
  if exists(to .. "/training.safetensors") then return true end
  local part = quoted(to .. "/part")
  return run(("mkdir -p %s && cp %s %s && mv %s %s"):format(quoted(to),
    quoted(from .. "/training.safetensors"), part, part, quoted(to .. "/training.safetensors")))
end

-- The recipe after its model in `from` has grown to so many layers, and where that model is.
-- -> recipe, directory | nil, message, code
local function grown(r, options, from, to, layers)
  local config = {}
  for name, value in pairs(r.config) do config[name] = value end
  config.num_hidden_layers = layers
  local larger = setmetatable({ config = config }, { __index = r })
  if exists(to .. "/training.safetensors") then return larger, to end
  local small, message, code = open(r, from, options)
  if not small then return nil, message, code end
  local large, ok
  large, message, code = open(larger, to, options)
  if not large then return nil, message, code end
  train.grow(small, large)
  ok, message, code = large:save(to, "0")
  if not ok then return nil, message, code end
  return larger, to
end

-- ---- what the model finds likely ----

-- The records of r.sifted[name] that the model as it stands in `from` finds likely, as a file.
local function keep_likely(r, out, options, name, from)
  local path, how = ("%s/sifted/%s.jsonl"):format(out, name), r.sifted[name]
  if exists(path) then return true end
  local list, message, code = corpus_records.read(r.directory .. "/" .. how.file,
    { most = options.most })
  if not list then return nil, message, code end
  local trainer, model
  trainer, message, code = open(r, from, options)
  if not trainer then return nil, message, code end
  model, message, code = loaded(trainer, out .. "/standing", out, options)
  if not model then return nil, message, code end
  list, message, code = sift.records(model, list, { set = how.set, least = how.least })
  model:close()
  if not list then return nil, message, code end
  return whole(path, function(file)
    for _, record in ipairs(list) do file:write(json.encode(record), "\n") end
    return true
  end)
end

-- ---- the whole run ----

-- A run and what it has come to: { r = its recipe, out, options, report, from = the directory where
-- it stands, at = shards gone through, taken[stage] = of each }.
local follow_ends

-- The copies of an ending, from where the run stands: their directories and the shards that they
-- have gone through. -> directories, shards | nil, message, code
local function follow_copies(state, ending, name)
  local directories, at = {}, nil
  for copy = 1, ending.copies do
    local directory = ("%s/%s.%d"):format(state.out, name, copy)
    local ok, message, code = copy_checkpoint(state.from, directory)
    if not ok then return nil, message, code end
    at, message, code = follow(state.r, state.out, state.options, state.report, ending.plan,
      directory, state.at, state.taken)
    if not at then return nil, message, code end
    directories[copy] = directory
  end
  return directories, at
end

-- The same for its ways, each a run of its own.
local function follow_ways(state, ending, name)
  local directories, at = {}, nil
  for i, ends in ipairs(ending.ways) do
    local way = setmetatable({}, { __index = state })
    local ok, message, code = follow_ends(way, ends, ("%s.way%d"):format(name, i))
    if not ok then return nil, message, code end
    directories[i], at = way.from, way.at
  end
  return directories, at
end

-- One ending: its copies or ways, and their mean, where the run then stands. -> true | nil,
-- message, code
local function finish(state, ending, name)
  local go = ending.ways and follow_ways or follow_copies
  local directories, at, code = go(state, ending, name)
  if not directories then return nil, at, code end
  local to = state.out .. "/" .. name
  if not exists(to .. "/training.safetensors") then
    for _ = 1, ending.start or 0 do directories[#directories + 1] = state.from end
    local trainer, ok, message
    trainer, message, code = mean(state.r, directories, state.options)
    if not trainer then return nil, message, code end
    ok, message, code = trainer:save(to, tostring(at))
    if not ok then return nil, message, code end
  end
  state.from, state.at = to, at
  return true
end

-- The endings of a list one after the other. -> true | nil, message, code
function follow_ends(state, ends, prefix)
  for i, ending in ipairs(ends) do
    local name, ok, message, code = prefix .. "." .. i, true, nil, nil
    if ending.layers then
      local to = ("%s/%s.grown"):format(state.out, name)
      local larger, directory
      larger, directory, code = grown(state.r, state.options, state.from, to, ending.layers)
      if not larger then return nil, directory, code end
      state.r, state.from = larger, directory
    end
    if ending.sift then
      ok, message, code = keep_likely(state.r, state.out, state.options, ending.sift, state.from)
    end
    if ok then ok, message, code = finish(state, ending, name) end
    if not ok then return nil, message, code end
  end
  return true
end

local function learn(r, out, options, report)
  local state = { r = r, out = out, options = options, report = report, from = out, taken = {} }
  local ok, message, code
  state.at, message, code = follow(r, out, options, report, r.plan, out, 0, state.taken)
  if not state.at then return nil, message, code end
  ok, message, code = follow_ends(state, r.ends or {}, "end")
  if not ok then return nil, message, code end
  return open(state.r, state.from, options)
end

-- run(r, out, {most = records of each file, threads}, report) -> out | nil, message, code.
-- report gets a table after each shard: path, steps, loss, tokens_per_second.
function recipe.run(r, out, options, report)
  options = options or {}
  host.known(options, "recipe", { "most", "threads" })
  local ok, message, code = run(("mkdir -p %s %s %s"):format(quoted(out .. "/shards"),
    quoted(out .. "/sifted"), quoted(out .. "/standing")))
  if ok then ok, message, code = make_vocabulary(r, out, options) end
  if ok then ok, message, code = speller(r, out, options) end
  if ok then
    r = setmetatable({ speller = ok, shards_wanted = shards_wanted(r) }, { __index = r })
    ok, message, code = learn(r, out, options, report or function() end)
  end
  if ok then ok, message, code = ok:export(out, { dtype = "bf16" }) end
  if not ok then return nil, message, code end
  return out
end

return recipe
