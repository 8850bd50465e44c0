-- info: what a config.json says, without opening any weights.
local hub = require "moonlet.hub"
local json = require "moonlet.json"
local moonlet = require "moonlet"

local function main(options, arguments)
  if #arguments > 1 then return 2, "one path expected, got " .. #arguments end
  local path, message = hub.resolve(arguments[1] or options.model)
  if not path then return 1, message end
  local config
  config, message = moonlet.config(path)
  if not config then return 1, message end
  json.array(config.eos_token_id)
  if options.json then
    config.path = path
    print(json.encode(config))
    return 0
  end
  local names = {}
  for name in pairs(config) do names[#names + 1] = name end
  table.sort(names)
  print(("%-24s %s"):format("path", path))
  for _, name in ipairs(names) do
    local value = config[name]
    if type(value) == "table" then value = table.concat(value, " ") end
    print(("%-24s %s"):format(name, tostring(value)))
  end
  return 0
end

return {
  summary = "Prints a model's config and its exact number of parameters; weights are not needed.",
  usage = "[options] [CONFIG.json | FOLDER | ORG/NAME]",
  examples = {
    "moonlet info",
    "moonlet info path/to/config.json",
    "moonlet info facebook/MobileLLM-125M --json",
  },
  options = { "model", "json" },
  arguments = "file", main = main,
}
