-- tokens: text to token ids and back.
local cli = require "moonlet.cli"
local json = require "moonlet.json"

local function decode(model, text, options)
  local ids = {}
  for word in text:gmatch("[^%s,%[%]]+") do
    local id = tonumber(word)
    if not id or id ~= math.floor(id) or id < 0 or id >= model.config.vocab_size then
      return 2, ("'%s' is no token id; ids go from 0 to %d"):format(word,
        model.config.vocab_size - 1)
    end
    ids[#ids + 1] = id
  end
  local decoded, message = model:decode(ids)
  if not decoded then return 1, message end
  print(options.json and json.encode { ids = json.array(ids), text = decoded } or decoded)
  return 0
end

local function main(options, arguments)
  local text, message = cli.text(arguments)
  if not text then return 2, message end
  local model
  model, message = cli.load(options)
  if not model then return 1, message end
  if options.decode then return decode(model, text, options) end
  local ids
  ids, message = model:encode(text, { bos = options.bos or false,
    special = options.special or false })
  if not ids then return 1, message end
  local pieces = {}
  for i, id in ipairs(ids) do pieces[i] = model:piece(id) end
  for i, id in ipairs(options.jsonl and ids or {}) do cli.emit { id = id, piece = pieces[i] } end
  if options.jsonl then return 0 end
  if options.json then
    print(json.encode { ids = json.array(ids), pieces = json.array(pieces) })
    return 0
  end
  for i, id in ipairs(ids) do
    print(("%d\t%s"):format(id, (("%q"):format(pieces[i]):gsub("\\\n", "\\n"))))
  end
  return 0
end

return {
  summary = "Prints the tokens of a text, an id and its piece per line.",
  usage = "[options] [TEXT... | -]",
  examples = {
    'moonlet tokens "The quick brown fox"',
    "moonlet tokens --special --json '<|user|>hello<|call|>'",
    "moonlet tokens --decode 415 2936",
  },
  options = { "model", { "decode", false, "flag", nil, "the other way: ids to text" },
    { "bos", false, "flag", nil, "begin with the model's BOS" }, "special", "json",
    "jsonl" },
  main = main,
}
