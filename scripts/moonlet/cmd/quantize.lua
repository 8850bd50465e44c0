-- quantize: a model's folder with its matrices in 8 or 4 bits.
local files = require "moonlet.files"
local host = require "moonlet.host"
local hub = require "moonlet.hub"
local moonlet = require "moonlet"

local types = { "q8", "q4" }

-- One line on a terminal, written over at each step.
local function show(options, i, n, name)
  if options.quiet or not host.tty "stderr" then return end
  io.stderr:write(("\r%3d of %d  %-60s"):format(i, n, name), i == n and "\r\27[K" or "")
  io.stderr:flush()
end

-- Runs all steps: how many tensors became what, or nil, message.
local function run(quantizer, options)
  local counts, i = {}, 0
  while true do
    local name, dtype = quantizer:step()
    if name == false then return counts end
    if not name then return nil, dtype end
    i = i + 1
    counts[dtype] = (counts[dtype] or 0) + 1
    show(options, i, quantizer:count(), name)
  end
end

local function size(path)
  local file = io.open(path, "rb")
  local bytes = file and file:seek "end" or 0
  if file then file:close() end
  return bytes
end

-- What is to be read by the quantizer before its first step: true, or nil, message.
local function calibrate(quantizer, path)
  local text, message = files.read(path)
  if not text then return nil, message end
  if text == "" then return nil, path .. ": has no text to calibrate with" end
  return quantizer:calibrate(text)
end

local function main(options, arguments)
  if #arguments ~= 2 then return 2, "a model and a folder to make expected" end
  local type = options.type or "q4"
  local path, message = hub.resolve(arguments[1])
  if not path then return 1, message end
  local target, start = arguments[2], host.clock()
  local done, quantizer, why = pcall(moonlet.quantizer, path, target,
    { dtype = type, head_dtype = options.head, threads = options.threads })
  if not done or not quantizer then return 1, done and why or quantizer end
  local counts, ready = nil, true
  if options.calibrate then ready, message = calibrate(quantizer, options.calibrate) end
  if ready then counts, message = run(quantizer, options) end
  quantizer:close()
  if not counts then return 1, message end
  local kinds = {}
  for kind in pairs(counts) do kinds[#kinds + 1] = kind end
  table.sort(kinds)
  for i, kind in ipairs(kinds) do kinds[i] = ("%d tensors in %s"):format(counts[kind], kind) end
  print(("%s: %s, %.1f MB, %.1f s"):format(target, table.concat(kinds, ", "),
    size(target .. "/model.safetensors") / 1e6, host.clock() - start))
  return 0
end

return {
  summary = "Writes a model with its matrices in 8 or 4 bits: a folder that opens in no time.",
  usage = "[options] MODEL FOLDER",
  examples = {
    "moonlet quantize facebook/MobileLLM-125M mobilellm-q4",
    "moonlet quantize path/to/model model-q8 --type q8",
    "moonlet quantize path/to/model model-q4 --type q4 --head q4    smallest",
    "moonlet quantize path/to/model model-q4 --calibrate text.txt   nearest to the model",
    "moonlet run -m mobilellm-q4 \"Once upon a time\"",
  },
  options = {
    { "type", "t", "string", "TYPE", "8.5 or 4.5 bits a weight; default q4", choices = types },
    { "head", false, "string", "TYPE", "of the embeddings and head; default q8",
      choices = types },
    { "calibrate", false, "string", "FILE",
      "text like the model's own, 10 to 100 KB: q4 errs half as much" },
    "threads", "quiet",
  },
  arguments = "folder",
  main = main,
}
