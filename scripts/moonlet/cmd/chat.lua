-- chat: a conversation, one line of stdin per turn.
local chat = require "moonlet.chat"
local cli = require "moonlet.cli"
local host = require "moonlet.host"

-- One turn: prints the answer as it comes, as text or as events, or as one JSON object.
local function turn(conversation, text, options)
  if options.json then
    local answer, info = conversation:ask(text)
    if not answer then return nil, info end
    cli.emit { kind = info.kind, text = answer, finish = info.finish,
      prompt_tokens = info.prompt_tokens, generated_tokens = info.generated_tokens }
    return true
  end
  local stream, message = conversation:stream(text)
  if not stream then return nil, message end
  repeat
    local piece
    piece, message = stream.next()
    if piece and options.jsonl then
      cli.emit_piece(piece)
    elseif piece then
      io.write(piece)
      io.flush()
    end
  until not piece
  if message then return nil, message end
  if options.jsonl then
    cli.emit { type = "end", kind = stream.info.kind, finish = stream.info.finish }
  else
    io.write "\n"
    io.flush()
  end
  return true
end

local function read_file(path)
  local file, message = io.open(path, "rb")
  if not file then return nil, message end
  local text = file:read("*a")
  file:close()
  return (text:gsub("%s+$", ""))
end

local function main(options, arguments)
  if #arguments > 0 then return 2, "unexpected argument '" .. arguments[1] .. "'" end
  local settings = cli.generation(options)
  local message
  settings.special = nil
  settings.system = options.system
  if options.tools then
    settings.tools, message = read_file(options.tools)
    if not settings.tools then return 1, message end
  end
  local model
  model, message = cli.load(options)
  if not model then return 1, message end
  local ok, conversation
  ok, conversation, message = pcall(chat.new, model, settings)
  if not ok then return 2, conversation end
  if not conversation then return 1, message end
  local asks = host.tty "stdin" and not options.quiet
  if asks then cli.progress(options, tostring(model) .. "; an empty line or Ctrl-D ends") end
  while true do
    if asks then io.stderr:write("> ") end
    local line = io.read("*l")
    if not line or asks and line == "" then break end
    ok, message = turn(conversation, line, options)
    if not ok then return 1, message end
  end
  return 0
end

return {
  summary = "Holds a conversation: each line of stdin is a turn, each answer goes to stdout.",
  usage = "[options]",
  examples = {
    "moonlet chat",
    "moonlet chat --tools tools.txt",
    "echo 'turn off the kitchen lights' | moonlet chat --json",
  },
  options = { "model", { "tools", false, "string", "FILE", "what the model may call, a line each",
      of = "file" },
    { "system", false, "string", "TEXT", "what a plain conversation begins with" }, "max-tokens",
    "temperature", "top-k", "top-p", "min-p", "seed", "threads", "isa", "dtype", "compute",
    "context", "json", "jsonl", "quiet" },
  main = main,
}
