-- convert: models from and to GGUF, the format of llama.cpp.
local cli = require "moonlet.cli"
local host = require "moonlet.host"
local hub = require "moonlet.hub"
local moonlet = require "moonlet"

local function is_gguf(path) return path:match "%.gguf$" ~= nil end

local function main(options, arguments)
  if #arguments ~= 2 then return 2, "a model and what to make of it expected" end
  local source, target = arguments[1], arguments[2]
  if not is_gguf(source) and not is_gguf(target) then
    return 2, "one of the two has to end in .gguf"
  end
  local message
  if not is_gguf(source) then
    source, message = hub.resolve(source)
    if not source then return 1, message end
  end
  local config = moonlet.config(source)
  if config and config.layer_sharing then
    cli.progress(options, "layer sharing: each block is written twice")
  end
  local start = host.clock()
  local done, converted, why = pcall(moonlet.convert, source, target, { type = options.type })
  if not done or not converted then return 1, done and why or converted end
  cli.progress(options, ("%.1f s"):format(host.clock() - start))
  print(target)
  return 0
end

return {
  summary = "Turns a model's folder into a GGUF file, for llama.cpp, or such a file into a folder.",
  usage = "[options] MODEL FILE.gguf  |  FILE.gguf FOLDER",
  examples = {
    "moonlet convert facebook/MobileLLM-125M mobilellm.gguf",
    "moonlet convert path/to/model model-q4.gguf --type q4_0",
    "moonlet convert model.gguf folder --type bf16",
  },
  options = {
    { "type", "t", "string", "TYPE",
      "of the matrices, the last two in GGUF only; default as stored",
      choices = { "f32", "f16", "bf16", "q8_0", "q4_0" } },
    "quiet",
  },
  arguments = "file",
  main = main,
}
