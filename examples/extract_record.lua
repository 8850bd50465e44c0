-- A sentence becomes a record of fixed shape: moonlet examples/extract_record.lua [SENTENCE...]
-- The schema is held token by token, so the text always parses and its fields have their types;
-- whether they are right is up to the model.
local moonlet = require "moonlet"

local model = assert(moonlet.load())
local sentence = arg[1] and table.concat(arg, " ") or "set my alarm for eight thirty"
local schema = {
  type = "object", additionalProperties = false, required = { "time", "volume", "repeat" },
  properties = moonlet.json.object({
    time = { type = "string", minLength = 1, maxLength = 24 },
    volume = { type = "integer", minimum = 0, maximum = 10 },
    ["repeat"] = { enum = { "once", "daily", "weekly" } },
  }, { "time", "volume", "repeat" }),
}

local text, info = assert(model:generate("<|user|> " .. sentence .. "<|call|>alarm_set", {
  special = true, schema = schema, stop = "<|end|>", max_tokens = 80 }))
local record = assert(moonlet.json.decode(text))
print(sentence)
print(text)
print(("%s at volume %d, %s (%d of %d tokens needed no choice)"):format(record.time,
  record.volume, record["repeat"], info.forced, info.generated_tokens))
