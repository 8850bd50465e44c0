-- A sentence becomes a record of fixed shape: moonlet examples/extract_record.lua [SENTENCE...]
-- The record is asked for as a tool's arguments, as this model has learnt to write them. A grammar
-- is held token by token: all fields are there, text is a run of the sentence's words, the rest one
-- of its choices. Whether they are right is up to the model.
local moonlet = require "moonlet"
local grammar = require "moonlet.native.grammar"
local native = require "moonlet.native"
local json = moonlet.json

local model = assert(moonlet.load())
local sentence = arg[1] and table.concat(arg, " ") or "set my alarm for eight thirty"
local tool = { name = "alarm_set", parameters = { required = { "time", "volume", "repeat" },
  properties = json.object({
    time = { type = "string" },
    volume = { enum = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 } },
    ["repeat"] = { enum = { "once", "daily", "weekly" } },
  }, { "time", "volume", "repeat" }) } }

local text, info = assert(model:generate("<|user|> " .. sentence .. "<|call|>", { special = true,
  gbnf = grammar.calls({ tool }, { spans = sentence, complete = true, most = 1 }),
  stop_tokens = model:token "<|end|>", max_tokens = 80 }))
local record = assert(native.read(text))[1].arguments
print(sentence)
print(json.encode(record))
print(("%s at volume %d, %s (%d of %d tokens needed no choice)"):format(record.time,
  record.volume, record["repeat"], info.forced, info.generated_tokens))
