-- score: how likely a model finds a text.
local cli = require "moonlet.cli"
local json = require "moonlet.json"

local function main(options, arguments)
  local text, message = cli.text(arguments)
  if not text then return 2, message end
  local model
  model, message = cli.load(options)
  if not model then return 1, message end
  local result
  result, message = model:score(text, { special = options.special, context = options.context })
  if not result then return 1, message end
  if options.jsonl then
    for i, id in ipairs(result.ids) do
      local logprob = result.logprobs[i]
      cli.emit { id = id, piece = model:piece(id) or "",
        logprob = logprob == logprob and logprob or json.null }
    end
    return 0
  end
  if options.json then
    json.array(result.ids)
    json.array(result.logprobs)
    for i, logprob in ipairs(result.logprobs) do      -- the first token has none
      if logprob ~= logprob then result.logprobs[i] = json.null end
    end
    print(json.encode(result))
    return 0
  end
  for i, id in ipairs(result.ids) do
    local logprob = result.logprobs[i]
    print(("%s\t%d\t%s"):format(logprob == logprob and ("%.4f"):format(logprob) or "-", id,
      (("%q"):format(model:piece(id) or ""):gsub("\\\n", "\\n"))))
  end
  print(("sum %.4f\nperplexity %.4f"):format(result.sum, result.perplexity))
  return 0
end

return {
  summary = "Prints ln p of each token of a text given those before it, their sum, and the "
    .. "perplexity.",
  usage = "[options] [TEXT... | -]",
  examples = {
    'moonlet score "The cat sat on the mat."',
    "moonlet score --json - < chapter.txt",
  },
  options = { "model", "special", "threads", "isa", "dtype", "compute", "context", "json", "jsonl",
    "quiet" },
  main = main,
}
