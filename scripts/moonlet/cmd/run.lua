-- run: continues a text.
local beams = require "moonlet.beams"
local cli = require "moonlet.cli"
local json = require "moonlet.json"

local function main(options, arguments)
  local settings = cli.generation(options)
  local other = (settings.beams or 1) > 1 and beams.conflict(settings)
  if other then return 2, ("--beams and --%s do not go together"):format((other:gsub("_", "-"))) end
  local prompt, message = cli.text(arguments)
  if not prompt then return 2, message end
  local model
  model, message = cli.load(options)
  if not model then return 1, message end
  settings.echo = options.echo
  if options.json then
    local text, info = model:generate(prompt, settings)
    if not text then return 1, info end
    info.text, info.model = text, model.path
    info.tokens = json.array(info.tokens)
    print(json.encode(info))
    return 0
  end
  local stream
  stream, message = model:stream(prompt, settings)
  if not stream then return 1, message end
  repeat
    local piece
    piece, message = stream:next()
    if piece and options.jsonl then
      cli.emit_piece(piece)
    elseif piece then
      io.write(piece)
      io.flush()
    end
  until not piece
  if message then return 1, message end
  if options.jsonl then
    stream.info.type, stream.info.model = "end", model.path
    stream.info.tokens = json.array(stream.info.tokens)
    cli.emit(stream.info)
  else
    io.write "\n"
  end
  cli.progress(options, cli.timing(stream.info))
  return 0
end

return {
  summary = "Continues a text and prints what follows, as it comes.",
  usage = "[options] [TEXT... | -]",
  examples = {
    'moonlet run "Once upon a time" -n 40',
    "echo '<|user|>wake me at seven<|call|>' | moonlet run --special --stop '<|end|>'",
    "moonlet run --jsonl -n 40 'Dear diary'    a line of JSON for each piece of text",
    "moonlet run -m facebook/MobileLLM-125M --temperature 0.7 --seed 1 - < prompt.txt",
  },
  options = { "model", "max-tokens", "temperature", "top-k", "top-p", "min-p", "beams", "seed",
    "stop", "special", { "echo", false, "flag", nil, "print the prompt as well" }, "threads", "isa",
    "dtype", "compute", "context", "json", "jsonl", "quiet" },
  main = main,
}
