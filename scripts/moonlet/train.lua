-- train.lua: training a model: from scratch, or a loaded one further.
--
-- What: small parts to make a loop of, and one ready loop, run. A whole loop by hand:
--
--   local trainer = assert(train.new { num_hidden_layers = 2, hidden_size = 64, ... })
--   local corpus = assert(train.corpus("data.jsonl", { longest = 128 }))
--   local batches = train.batches(corpus, { tokens = 4096, seed = 1 })
--   local rate = train.schedule { rate = 1e-3, warmup = 20, steps = 200 }
--   for step = 1, 200 do
--     local rows, weight = batches:next()
--     local loss = assert(trainer:batch(corpus, rows, 1 / weight)) / weight
--     assert(trainer:step { rate = rate(step), decay = 0.1, clip = 1 })
--   end
--   assert(trainer:export "out")         -- a directory that moonlet.load opens
--
-- How: trainer:batch adds gradients, trainer:step uses them; scale = 1 / (weight of all targets
--   of the step) makes the loss a mean. The order of an epoch depends on (seed, epoch) alone, so
--   (epoch, position) is all that a resumed run needs besides the trainer's own checkpoint.
-- Failures of files, memory and numbers give nil, message, code.

local moonlet = require "moonlet"
local files = require "moonlet.files"
local host = require "moonlet.host"
local json = require "moonlet.json"
local settings = require "moonlet.train.settings"

local train = {}

-- ---- models and data ----

-- The text of a config.json: of a table with its names, or of a file or directory.
local function config_text(config)
  if type(config) == "string" then
    if not config:match "%.json$" then config = config .. "/config.json" end
    return files.read(config)
  end
  local full = { model_type = "mobilellm", architectures = { "MobileLLMForCausalLM" },
    share_embedding = true, rms_norm_eps = 1e-5, rope_theta = 10000, hidden_act = "silu" }
  for name, value in pairs(config) do full[name] = value end
  return json.encode(full)
end

-- new(config, options) -> trainer with random weights. config: a table with config.json's names,
-- or the path of such a file or of its directory. options: tokens, length, seed, threads, isa,
-- weights ("bf16": computed with in bf16, rounded from f32 after each step), compute ("bf16":
-- products of f32 numbers rounded to bf16, on a CPU with AMX), optimizer ("adamw" or "muon"),
-- dropout, r_drop, lora_rank, lora_alpha, lora_targets, lora_runs, teacher, teacher_share,
-- temperature.
function train.new(config, options)
  local text, message, code = config_text(config)
  if not text then return nil, message, code end
  return moonlet.new_trainer(text, options)
end

-- The config.json of a loaded model as it was loaded: the file's own text holds more, but not
-- whether the head turned out to be shared, or what load was told of layer sharing.
local function config_of(model)
  local c = model.config
  local text = files.read(model.path .. "/config.json")
  local stored = text and json.decode(text)
  if not stored then                            -- a GGUF file, which has none
    stored = { hidden_act = "silu" }
    for name, value in pairs(c) do stored[name] = value end
    stored.parameters, stored.rope_interleaved, stored.use_qk_norm = nil, nil, nil
  end
  stored.layer_sharing = c.layer_sharing or nil
  if c.share_embedding then
    stored[c.model_type == "mobilellm" and "share_embedding" or "tie_word_embeddings"] = true
  end
  return json.encode(stored)
end

-- from(model, options) -> trainer with the config and the weights of a loaded model, as train.new.
function train.from(model, options)
  local trainer, message, code = moonlet.new_trainer(config_of(model), options)
  if not trainer then return nil, message, code end
  local loaded = model:parameters()
  -- A shared matrix may be stored under the head's name.
  local embed = "model.embed_tokens.weight"
  loaded[embed] = loaded[embed] or loaded["lm_head.weight"]
  for _, name in ipairs(trainer:names()) do
    if not name:find "%.lora_[AB]%." then
      local ok
      ok, message, code = trainer:set(name, assert(loaded[name], name))
      if not ok then return nil, message, code end
    end
  end
  return trainer
end

local function layers_of(trainer)
  local count = 0
  for _, name in ipairs(trainer:names()) do
    count = math.max(count, (tonumber(name:match "layers%.(%d+)%.") or -1) + 1)
  end
  return count
end

-- grow(small, large): `large`, of the same config but more layers, becomes a model that computes
-- what `small` does: its further layers, spread evenly, are copies of the ones before them that
-- add nothing yet (Chen, Goodfellow and Shlens 2016, arXiv 1511.05641).
function train.grow(small, large)
  local few, many = layers_of(small), layers_of(large)
  if few > many then
    error(("grow: the second model has %d layers, the first has %d"):format(many, few), 2)
  end
  local of, fresh = {}, {}                      -- each layer's original, and whether it is added
  for i = 0, many - 1 do
    of[i] = math.floor((i + 0.5) * few / many)
    fresh[i] = i > 0 and of[i] == of[i - 1]
  end
  for _, name in ipairs(large:names()) do
    local layer = tonumber(name:match "layers%.(%d+)%.")
    local from = layer and name:gsub("layers%.%d+", "layers." .. of[layer], 1) or name
    local weight = small:get(from)
    local adds = name:find "o_proj" or name:find "down_proj"
    large:set(name, layer and fresh[layer] and adds and weight * 0 or weight)
  end
end

-- Reads a file of sequences, by way of gzip when it is packed.
local function read_sequences(corpus, path, model)
  local file, message = io.open(path, "rb")
  if not file then return nil, message, "io" end
  local packed = files.is_packed(file:read(2))
  file:close()
  if not packed then return corpus:read(path, model) end
  local plain = os.tmpname()
  local status = os.execute(files.unpack(path) .. " > " .. plain)
  local ok, why, code = nil, path .. ": gzip could not unpack it", "format"
  if status == true or status == 0 then ok, why, code = corpus:read(plain, model) end
  os.remove(plain)
  if ok then return ok end
  return nil, (why:gsub(plain, (path:gsub("%%", "%%%%")))), code
end

-- corpus(paths, {longest=2048, model=}) -> the sequences of one JSONL file, plain or gzipped, or
-- of a list of them.
function train.corpus(paths, options)
  options = options or {}
  host.known(options, "corpus", { "longest", "model" })
  local corpus = moonlet.new_corpus(options.longest or 2048)
  for _, path in ipairs(type(paths) == "table" and paths or { paths }) do
    local ok, message, code = read_sequences(corpus, path, options.model)
    if not ok then return nil, message, code end
  end
  if #corpus == 0 then return nil, "the data have no sequences", "format" end
  for i = 1, #corpus do
    if corpus:weight(i) > 0 then return corpus end
  end
  return nil, "the data have no targets: all weights are 0", "format"
end

-- ---- order ----

-- A permutation of 1..n that depends on (seed, epoch): Fisher and Yates' shuffle by Park and
-- Miller's generator, whose numbers are exact in doubles.
function train.order(n, seed, epoch)
  local list, state = {}, (seed * 7919 + epoch * 104729) % 2147483646 + 1
  for i = 1, n do list[i] = i end
  for i = n, 2, -1 do
    state = state * 48271 % 2147483647
    local k = math.floor(state / 2147483647 * i) + 1
    list[i], list[k] = list[k], list[i]
  end
  return list
end

local Batches = {}
Batches.__index = Batches

-- The sequences of an epoch in their order, without those that have no targets to learn: so a
-- batch always has some, and a step is taken for each.
local function shuffled(self)
  local list = {}
  for _, row in ipairs(train.order(#self.corpus, self.seed, self.epoch)) do
    if self.corpus:weight(row) > 0 then list[#list + 1] = row end
  end
  return list
end

-- batches(corpus, {tokens=4096, seed=0, epoch=0, position=0}) -> an endless source of batches of
-- at most so many targets; a batch does not reach over the end of an epoch.
function train.batches(corpus, options)
  options = options or {}
  host.known(options, "batches", { "tokens", "seed", "epoch", "position" })
  local self = setmetatable({ corpus = corpus, tokens = options.tokens or 4096,
    seed = options.seed or 0, epoch = options.epoch or 0, position = options.position or 0 },
    Batches)
  self.list = shuffled(self)
  return self
end

-- next() -> numbers of sequences, the weight of their targets, how many targets.
function Batches:next()
  if self.position >= #self.list then
    self.epoch, self.position = self.epoch + 1, 0
    self.list = shuffled(self)
  end
  local rows, weight, count = {}, 0, 0
  while self.position < #self.list do
    local row = self.list[self.position + 1]
    local n = self.corpus:length(row) - 1
    if count + n > self.tokens and count > 0 then break end
    rows[#rows + 1] = row
    weight = weight + self.corpus:weight(row)
    count = count + n
    self.position = self.position + 1
  end
  return rows, weight, count
end

-- count(corpus, epochs, options) -> batches in so many epochs.
function train.count(corpus, epochs, options)
  local source, n = train.batches(corpus, options), 0
  while true do
    source:next()
    if source.epoch >= epochs then return n end
    n = n + 1
  end
end

-- ---- schedules ----

-- schedule{rate=, warmup=, steps=, kind="cosine", floor=0.1, constant=0.8} -> a function from
-- step (from 1) to the learning rate. After a linear warm-up: "cosine" falls to floor * rate,
-- "linear" falls there on a line, "constant" does so after the share `constant` of all steps.
function train.schedule(options)
  host.known(options, "schedule", { "rate", "warmup", "steps", "kind", "floor", "constant" })
  local rate, warmup, steps = options.rate, options.warmup or 0, options.steps
  local floor = options.floor == nil and 0.1 or options.floor
  local kind = options.kind or "cosine"
  local hold = options.constant == nil and 0.8 or options.constant
  if kind ~= "cosine" and kind ~= "linear" and kind ~= "constant" then
    error(("schedule: kind is cosine, linear or constant, got '%s'"):format(tostring(kind)), 2)
  end
  return function(step)
    if step <= warmup then return rate * step / warmup end
    local from = kind == "constant" and math.max(warmup, hold * steps) or warmup
    local done = math.min(math.max((step - from) / math.max(steps - from, 1), 0), 1)
    local share = kind == "cosine" and (1 + math.cos(math.pi * done)) / 2 or 1 - done
    return rate * (floor + (1 - floor) * share)
  end
end

-- ---- the loop ----

-- mean(trainer, corpus, tokens) -> -ln p per target, weighted | nil, message, code
function train.mean(trainer, corpus, tokens)
  local source, loss, weight = train.batches(corpus, { tokens = tokens }), 0, 0
  repeat
    local rows, w = source:next()
    local sum, message, code = trainer:evaluate(corpus, rows)
    if not sum then return nil, message, code end
    loss, weight = loss + sum, weight + w
  until source.position >= #source.list
  return loss / weight
end

-- What a checkpoint says besides the trainer's own: where in which data the run stands.
local function write_notes(source)
  return ("epoch=%d position=%d seed=%d sequences=%d"):format(source.epoch, source.position,
    source.seed, #source.corpus)
end

-- -> epoch, position | nil, message, code
local function read_notes(notes, s, corpus)
  local epoch, position, seed, sequences =
    notes:match "^epoch=(%d+) position=(%d+) seed=(%d+) sequences=(%d+)$"
  if not epoch then return nil, s.out .. ": the checkpoint's notes are not train's", "format" end
  if tonumber(seed) ~= s.seed or tonumber(sequences) ~= #corpus then
    return nil, ("%s: the run that stands there has seed %s and %s sequences of data, this one "
      .. "%d and %d: give another folder, or the same data"):format(s.out, seed, sequences, s.seed,
      #corpus), "format"
  end
  return tonumber(epoch), tonumber(position)
end

-- Lines of a log up to a step, for a run that goes on from there.
local function cut_log(path, step)
  local file = io.open(path, "r")
  if not file then return true end
  local kept = {}
  for line in file:lines() do
    local n = tonumber(line:match '"step":(%d+)')
    if n and n <= step then kept[#kept + 1] = line .. "\n" end
  end
  file:close()
  return files.whole(path, function(fresh) return fresh:write(table.concat(kept)) and true end)
end

local function copy_file(from, to)
  local text, message, code = files.read(from)
  if not text then return nil, message, code end
  return files.whole(to, function(file) return file:write(text) and true end)
end

local function load(model)
  if type(model) == "string" then return moonlet.load(model) end
  return model
end

-- A trainer that is only asked: it takes whatever batches the student takes.
local function open_teacher(s)
  local model, message, code = load(s.teacher)
  if not model then return nil, message, code end
  return train.from(model, { tokens = s.tokens, length = s.length, threads = s.threads,
    isa = s.isa, weights = s.weights, compute = s.compute })
end

local function open_trainer(s)
  local lora = s.lora or {}
  local options = { tokens = s.tokens, length = s.length, seed = s.seed, threads = s.threads,
    isa = s.isa, weights = s.weights, compute = s.compute, optimizer = s.optimizer,
    dropout = s.dropout, r_drop = s.r_drop,
    lora_rank = lora.rank, lora_alpha = lora.alpha, lora_targets = lora.targets,
    lora_runs = lora.runs, teacher_share = s.teacher_share, temperature = s.temperature }
  if s.teacher then
    local message, code
    options.teacher, message, code = open_teacher(s)
    if not options.teacher then return nil, message, code end
  end
  if s.config then return train.new(s.config, options) end
  return train.from(s.model, options)
end

-- One step: gradients of `accumulate` batches, then the optimizer. What a checkpoint after it notes
-- is in stands before it is taken. -> loss, norm, targets | nil, message, code
local function take_step(trainer, source, s, rate, stands)
  local parts, weight, count, loss = {}, 0, 0, 0
  for i = 1, s.accumulate do
    local rows, w, n = source:next()
    parts[i] = rows
    weight, count = weight + w, count + n
  end
  for _, rows in ipairs(parts) do
    local sum, message, code = trainer:batch(source.corpus, rows, 1 / weight)
    if not sum then return nil, message, code end
    loss = loss + sum
  end
  local taken = trainer.steps
  stands[taken - 1], stands[taken + 1] = nil, write_notes(source)
  local norm, message, code = trainer:step { rate = rate, beta1 = s.beta1, beta2 = s.beta2,
    decay = s.decay, clip = s.clip, momentum = s.momentum }
  if not norm then return nil, message, code end
  return loss / weight, norm, count
end

-- A model that knows nothing but a vocabulary, to encode text for a new one; its files are gone
-- once it is loaded.
local function speller(s, config)
  local folder = s.out .. ".vocabulary"
  local trainer, message, code = train.new({ vocab_size = config.vocab_size, hidden_size = 2,
    num_hidden_layers = 1, num_attention_heads = 1, intermediate_size = 1,
    max_position_embeddings = 2, bos_token_id = config.bos_token_id,
    eos_token_id = config.eos_token_id }, { tokens = 1, threads = 1 })
  if not trainer then return nil, message, code end
  local ok, model
  ok, message, code = trainer:export(folder)
  trainer:close()
  if ok then ok, message, code = copy_file(s.tokenizer, folder .. "/tokenizer.model") end
  if ok then model, message, code = moonlet.load(folder, { threads = 1 }) end
  for _, name in ipairs { "/config.json", "/model.safetensors", "/tokenizer.model", "" } do
    os.remove(folder .. name)
  end
  return model, message, code
end

-- Data and held-out data. -> corpus, corpus or nil | nil, message, code
local function read_data(s, config)
  local model, message, code = s.model
  if s.tokenizer and not model then
    model, message, code = speller(s, config)
    if not model then return nil, message, code end
  end
  local longest, corpora = s.length or config.max_position_embeddings, {}
  for i, paths in ipairs { s.data, s.valid } do
    corpora[i], message, code = train.corpus(paths, { longest = longest, model = model })
    if not corpora[i] then return nil, message, code end
  end
  return corpora[1], corpora[2]
end

-- The trainer's checkpoint in s.out, if there is one. -> epoch, position | nil, message, code
local function restore(trainer, s, corpus)
  if not files.exists(s.out .. "/training.safetensors") then return 0, 0 end
  local notes, message, code = trainer:restore(s.out)
  if not notes then return nil, message, code end
  return read_notes(notes, s, corpus)
end

-- The last files of a run: the model, the adapter, the vocabulary.
local function finish(trainer, s)
  local ok, message, code = true
  if s.lora then ok, message, code = trainer:export_lora(s.out .. "/adapter") end
  if ok and not (s.lora and s.lora.runs) then
    ok, message, code = trainer:export(s.out, { dtype = s.dtype })
  end
  local from = s.tokenizer or s.model and s.model.path .. "/tokenizer.model"
  if ok and from and (s.tokenizer or files.exists(from)) then
    ok, message, code = copy_file(from, s.out .. "/tokenizer.model")
  end
  return ok, message, code
end

-- Steps up to s.steps, each of which report(seen) gets; checkpoints on the way. stands: what a
-- checkpoint now would note, as [steps taken] = notes. -> true | nil, message, code
local function follow(trainer, source, valid, s, stands, report)
  local rate = train.schedule { rate = s.rate, warmup = s.warmup, steps = s.steps,
    kind = s.schedule, floor = s.floor, constant = s.constant }
  for step = trainer.steps + 1, s.steps do
    local began = host.clock()
    local loss, norm, count = take_step(trainer, source, s, rate(step), stands)
    if not loss then return nil, norm, count end
    local seen = { step = step, steps = s.steps, loss = loss, rate = rate(step), norm = norm,
      epoch = source.epoch, tokens_per_second = count / (host.clock() - began) }
    local ok, message, code
    if valid and (step == s.steps or s.valid_every and step % s.valid_every == 0) then
      seen.valid, message, code = train.mean(trainer, valid, s.tokens)
      if not seen.valid then return nil, message, code end
    end
    ok, message, code = report(seen)
    if not ok then return nil, message, code end
    if step % s.save_every == 0 or step == s.steps then
      ok, message, code = trainer:save(s.out, stands[step])
      if not ok then return nil, message, code end
    end
  end
  return true
end

-- run(settings, on_step) -> trainer | nil, message, code. settings: moonlet.train.settings has
-- them all. A run that finds a checkpoint in out goes on from there; one that is interrupted, or
-- whose on_step throws, leaves a checkpoint of its last whole step. on_step gets a table: step,
-- steps, loss, rate, norm, tokens_per_second, epoch, valid.
function train.run(given, on_step)
  local s = settings.check(given)
  local trainer, corpus, valid, message, code
  if s.model then
    s.model, message, code = load(s.model)
    if not s.model then return nil, message, code end
  end
  if s.tokenizer and not files.exists(s.tokenizer) then
    return nil, s.tokenizer .. ": cannot be opened", "io"
  end
  trainer, message, code = open_trainer(s)
  if not trainer then return nil, message, code end
  corpus, valid, code = read_data(s, trainer.config)
  if not corpus then return nil, valid, code end
  local epoch, position
  epoch, position, code = restore(trainer, s, corpus)
  if not epoch then return nil, position, code end
  s.steps = s.steps or math.ceil(train.count(corpus, s.epochs,
    { tokens = s.tokens, seed = s.seed }) / s.accumulate)
  local source = train.batches(corpus, { tokens = s.tokens, seed = s.seed, epoch = epoch,
    position = position })
  local stands = { [trainer.steps] = write_notes(source) }
  local ok, log_path, log = true, s.out .. "/train.jsonl"
  if trainer.steps == 0 then ok, message, code = trainer:save(s.out, stands[0]) end
  if ok then ok, message, code = cut_log(log_path, trainer.steps) end
  if not ok then return nil, message, code end
  log, message = io.open(log_path, "a")
  if not log then return nil, message, "io" end
  log:setvbuf "line"
  local began = trainer.steps
  local whole
  whole, ok, message, code = pcall(follow, trainer, source, valid, s, stands, function(seen)
    local written, why = log:write(json.encode(seen), "\n")
    if not written then return nil, log_path .. ": " .. why, "io" end
    if on_step then on_step(seen) end
    return true
  end)
  log:close()
  if not whole then
    if trainer.steps > began then trainer:save(s.out, stands[trainer.steps]) end
    error(ok, 0)
  end
  if ok then ok, message, code = finish(trainer, s) end
  if not ok then return nil, message, code end
  return trainer
end

return train
