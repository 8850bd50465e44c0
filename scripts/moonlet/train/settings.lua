-- settings.lua: what a training run can be told: names, kinds, limits, defaults, meanings.
--
-- What: settings.check(given) -> a copy with the defaults; throws for what is unknown, missing or
--   of the wrong kind, before anything is opened. settings.rows() -> { { name, meaning }, ... },
--   which help and manual print.
-- Invariant: what passes here is accepted by trainer and step, but for what depends on the model:
--   whether a sequence of `length` fits into `tokens`, whether a teacher has the same vocabulary.

local arguments = require "moonlet.arguments"
local host = require "moonlet.host"

local settings = {}

local function whole(least, most)
  return ("a whole number, %s"):format(most and ("%d to %d"):format(least, most)
    or "at least " .. least), function(value)
    return type(value) == "number" and value == math.floor(value) and value >= least
      and value <= (most or 2 ^ 53)
  end
end

local function number(least, most)
  return ("a number from %g %s"):format(least, most and "to " .. ("%g"):format(most) or "up"),
    function(value)
      return type(value) == "number" and value >= least and value <= (most or 1e30)
    end
end

-- A number from 0 to below 1.
local function fraction()
  return "a number from 0 to below 1", function(value)
    return type(value) == "number" and value >= 0 and value < 1
  end
end

local function one_of(...)
  local words = { ... }
  return "one of " .. table.concat(words, ", "), function(value)
    for _, word in ipairs(words) do
      if value == word then return true end
    end
    return false
  end
end

local function flag()
  return "true or false", function(value) return type(value) == "boolean" end
end

local function text()
  return "a text that is not empty", function(value)
    return type(value) == "string" and value ~= ""
  end
end

local function is_list(value)
  if type(value) ~= "table" then return false end
  for _, one in ipairs(value) do
    if type(one) ~= "string" or one == "" then return false end
  end
  return #value > 0
end

local function paths()
  return "a path or a list of them", function(value)
    return type(value) == "string" and value ~= "" or is_list(value)
  end
end

local function text_or(kind, what)
  return "a path or " .. what, function(value)
    return type(value) == "string" and value ~= "" or type(value) == kind
  end
end

-- name, meaning, default or nil, what it wants, function that tells whether a value is that.
local function setting(name, meaning, default, wanted, fits)
  return { name = name, meaning = meaning, default = default, wanted = wanted, fits = fits }
end

local lora = {
  setting("rank", "of the updates", nil, whole(1, 4096)),
  setting("alpha", "updates are scaled by alpha / rank", 16, number(0, 1e6)),
  setting("targets", "which matrices have them", nil, "a list of names", is_list),
  setting("runs", "updates of their own for each run of a shared block", false, flag()),
}

local list = {
  setting("config", "a new model: a table with config.json's names, or the path of such a file or "
    .. "of its folder; this or model", nil, text_or("table", "a table")),
  setting("model", "a model to be trained further: its path, hub name, or itself", nil,
    text_or("userdata", "a model")),
  setting("data", 'JSON lines of {"ids": [...], "weights": [...]} or {"text": "..."}: a path or a '
    .. "list of them", nil, paths()),
  setting("out", "the folder for checkpoints, train.jsonl and the model", nil, text()),
  setting("valid", "held-out data, as data", nil, paths()),
  setting("steps", "how many in all; this or epochs", nil, whole(1)),
  setting("epochs", "how often all data are gone through", nil, whole(1)),
  setting("tokens", "most targets computed at once", 4096, whole(1, 2 ^ 24)),
  setting("accumulate", "batches a step", 1, whole(1)),
  setting("length", "longest sequence in ids; default what the config allows", nil,
    whole(2, 2 ^ 24)),
  setting("rate", "the learning rate after warm-up", 1e-3, number(0, 1e6)),
  setting("schedule", '"cosine" falls to floor * rate, "linear" does on a line, "constant" does '
    .. "so after the share `constant` of all steps", "cosine",
    one_of("cosine", "linear", "constant")),
  setting("warmup", "steps in which the rate rises from 0", 0, whole(0)),
  setting("floor", "share of the rate that is left at the end", 0.1, number(0, 1)),
  setting("constant", "share of the steps with a constant rate", 0.8, number(0, 1)),
  setting("optimizer", '"muon" moves the matrices of the blocks by Muon, the rest by AdamW',
    "adamw", one_of("adamw", "muon")),
  setting("decay", "weight decay; norms have none", 0.1, number(0, 1e6)),
  setting("beta1", "of AdamW", 0.9, fraction()),
  setting("beta2", "of AdamW", 0.95, fraction()),
  setting("momentum", "of Muon", 0.95, fraction()),
  setting("clip", "largest norm of all gradients together; 0: no limit", 1, number(0)),
  setting("dropout", "share of what is added to the residual stream that is left out", 0,
    number(0, 0.9)),
  setting("r_drop", "with dropout: share of the loss that is how far two passes of a batch are "
    .. "apart", 0, number(0, 1)),
  setting("lora", "low-rank updates learn in place of the weights: a table of rank; alpha, 16; "
    .. "targets, of q, k, v, o, gate, up, down, default q and v; runs: of their own for each run "
    .. "of a shared block", nil, "a table with a rank", function(value)
      return type(value) == "table" and value.rank ~= nil
    end),
  setting("teacher", "a model of the same vocabulary to imitate: its path, or itself", nil,
    text_or("userdata", "a model")),
  setting("teacher_share", "of the teacher in the loss", 0.5, number(0, 1)),
  setting("temperature", "that softens teacher and student", 1, number(0.01, 100)),
  setting("tokenizer", "the path of a tokenizer.model, for a new model; a loaded one has its own",
    nil, text()),
  setting("seed", "of the first weights, of dropout and of the order of the data", 0,
    whole(0, 2 ^ 53)),
  setting("weights", 'what matrices are computed with: "bf16" are rounded from f32 after each '
    .. "step", "f32", one_of("f32", "bf16")),
  setting("compute", 'what products are computed with: "bf16", of f32 numbers rounded to it, twice '
    .. "as fast on a CPU with AMX and an error elsewhere", "f32", one_of("f32", "bf16")),
  setting("dtype", "of the model that is written", "f32", one_of("f32", "bf16", "f16")),
  setting("save_every", "steps from one checkpoint to the next", 100, whole(1)),
  setting("valid_every", "steps from one measure of valid to the next; default only at the end",
    nil, whole(1)),
  setting("threads", "default as the engine's", nil, whole(-1, 256)),
  setting("isa", "the highest tier of kernels", nil, text()),
}

local function shown(value)
  if type(value) == "string" then return "'" .. value .. "'" end
  return type(value) == "table" and "another table" or tostring(value)
end

local function check(given, settings_of, who)
  local names, copy = {}, {}
  for i, s in ipairs(settings_of) do names[i] = s.name end
  arguments.try(host.known, given, who, names)
  for _, s in ipairs(settings_of) do
    local value = given[s.name]
    if value ~= nil and not s.fits(value) then
      host.blame(("%s: '%s' wants %s, got %s"):format(who, s.name, s.wanted, shown(value)))
    end
    if value == nil then value = s.default end
    copy[s.name] = value
  end
  return copy
end

function settings.check(given)
  local s = check(given, list, "train")
  if s.lora then s.lora = check(s.lora, lora, "lora") end
  for _, name in ipairs { "data", "out" } do
    if not s[name] then host.blame(("train: wants '%s'"):format(name)) end
  end
  for _, pair in ipairs { { "config", "model" }, { "steps", "epochs" } } do
    if (s[pair[1]] == nil) == (s[pair[2]] == nil) then
      host.blame(("train: wants either '%s' or '%s'"):format(pair[1], pair[2]))
    end
  end
  return s
end

function settings.rows()
  local rows = {}
  for i, s in ipairs(list) do
    local default = s.default ~= nil and "; default " .. tostring(s.default) or ""
    rows[i] = { s.name, s.meaning .. default }
  end
  return rows
end

return settings
