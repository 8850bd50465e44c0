-- Schemas at random, and a model of random weights that writes under them as wildly as it likes:
-- whatever it writes must parse and satisfy the schema, or be flagged as cut off.
local support = require "spec.support"
local moonlet = require "moonlet"
local schema = require "moonlet.schema"

local soak = {}

-- A small generator of its own, so that the schemas are the same everywhere.
local function generator(seed)
  return function(n)            -- 1..n
    seed = (seed * 48271) % 2147483647
    return seed % n + 1
  end
end

local WORDS = { "name", "city", "when", "count", "items", "a b", "naïve", "x" }
local node

local function scalar(pick)
  local kind = pick(9)
  if kind == 1 then return { type = "boolean" } end
  if kind == 2 then return { type = "integer", minimum = -pick(20), maximum = pick(500) } end
  if kind == 3 then return { type = "number", exclusiveMinimum = 0, maximum = pick(9) } end
  if kind == 4 then return { type = "string", maxLength = pick(12) } end
  if kind == 5 then return { type = "string", minLength = 2, maxLength = 2 + pick(9) } end
  if kind == 6 then return { type = "string", pattern = "^[a-z]{" .. pick(3) .. ",8}$" } end
  if kind == 7 then return { type = "string", format = "date" } end
  if kind == 8 then return { enum = { "red", 17, true, moonlet.json.null, "dark red" } } end
  return { const = WORDS[pick(#WORDS)] }
end

local function object(pick, depth)
  local properties, required, used = {}, {}, {}
  for _ = 1, pick(4) do
    local name = WORDS[pick(#WORDS)]
    if not used[name] then
      used[name] = true
      properties[name] = node(pick, depth - 1)
      if pick(2) == 1 then required[#required + 1] = name end
    end
  end
  return { type = "object", properties = properties, required = moonlet.json.array(required),
    additionalProperties = false }
end

function node(pick, depth)
  local kind = depth > 0 and pick(6) or 6
  if kind <= 2 then return object(pick, depth) end
  if kind == 3 then
    return { type = "array", items = node(pick, depth - 1), minItems = pick(3) - 1, maxItems = 4 }
  end
  if kind == 4 then return { anyOf = { node(pick, depth - 1), scalar(pick) } } end
  if kind == 5 then
    return { type = "array", prefixItems = { scalar(pick), scalar(pick) }, items = false,
      minItems = pick(2) }
  end
  return scalar(pick)
end

function soak.schemas(n)
  local list = {}
  for i = 1, n do list[i] = object(generator(i * 7919), 3) end
  return list
end

-- A folder with a model of random weights and the bundled model's vocabulary.
function soak.model()
  local folder, forget = support.folder()
  local trainer = assert(moonlet.new_trainer([[{"model_type": "mobilellm", "vocab_size": 4096,
"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2,
"num_key_value_heads": 1, "head_dim": 16, "max_position_embeddings": 512, "rope_theta": 10000.0,
"rms_norm_eps": 1e-5, "share_embedding": true, "bos_token_id": 1, "eos_token_id": 2}]],
    { tokens = 8, length = 8 }))
  assert(trainer:export(folder))
  support.write(folder .. "/tokenizer.model", support.read(support.pocket .. "/tokenizer.model"))
  return assert(moonlet.load(folder)), forget
end

-- White space outside of strings, the longest run.
local function longest_space(text)
  local longest = 0
  for run in text:gsub('\\.', ""):gsub('"[^"]*"', '""'):gmatch "%s+" do
    longest = math.max(longest, #run)
  end
  return longest
end

-- n texts over the schemas. Gives counts, and what went wrong as a list of sentences.
function soak.run(model, schemas, n)
  local count, wrong, compiled = { complete = 0, length = 0, tokens = 0 }, {}, {}
  for i = 1, n do
    local at = (i - 1) % #schemas + 1
    local wild = i % 2 == 0
    local entry = compiled[at] or { check = assert(schema.compile(schemas[at])) }
    compiled[at] = entry
    local text, info = model:generate("The", { schema = schemas[at], temperature = 1.5, seed = i,
      max_tokens = 160, whitespace = wild and "indent" or nil, ordered = not wild })
    if not text then
      wrong[#wrong + 1] = ("schema %d: %s"):format(at, info)
    elseif info.finish == "length" then
      count.length = count.length + 1
    else
      local value, why = moonlet.json.decode(text, { strict = true })
      local ok
      if why == nil then ok, why = entry.check(value) end
      if not ok then wrong[#wrong + 1] = ("schema %d: %s: %s"):format(at, why, text) end
      count.complete = count.complete + 1
    end
    if text and longest_space(text) > 20 then
      wrong[#wrong + 1] = ("schema %d: white space: %q"):format(at, text)
    end
    count.tokens = count.tokens + (text and info.generated_tokens or 0)
  end
  return count, wrong
end

return soak
