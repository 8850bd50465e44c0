-- train: trains a model as a Lua file says.
local host = require "moonlet.host"
local json = require "moonlet.json"
local rows = require("moonlet.train.settings").rows()

-- The table that the file returns; it sees Lua's own libraries and nothing of ours.
local function read_settings(path)
  local chunk, message = loadfile(path)
  if not chunk then return nil, message end
  local ok, settings = pcall(chunk)
  if not ok then return nil, tostring(settings) end
  if type(settings) ~= "table" then
    return nil, ("%s: wants to return a table, returned a %s"):format(path, type(settings))
  end
  return settings
end

local function left(seconds)
  if seconds < 100 then return ("%.0f s"):format(seconds) end
  if seconds < 6000 then return ("%.0f min"):format(seconds / 60) end
  return ("%.1f h"):format(seconds / 3600)
end

-- One line that writes over itself, for a person.
local function progress()
  local first, began
  return function(seen)
    if not first then first, began = seen.step, host.clock() end
    local each = (host.clock() - began) / math.max(seen.step - first, 1)
    io.stderr:write(("\rstep %d/%d  loss %.4f%s  rate %.2e  %.0f tokens/s  %s left \27[K"):format(
      seen.step, seen.steps, seen.loss, seen.valid and ("  valid %.4f"):format(seen.valid) or "",
      seen.rate, seen.tokens_per_second, left(each * (seen.steps - seen.step))))
    if seen.step == seen.steps then io.stderr:write "\n" end
  end
end

-- The curve of all steps so far: on the terminal, and beside the log as train.svg.
local function draw(out)
  local losses = {}
  for line in io.lines(out .. "/train.jsonl") do losses[#losses + 1] = json.decode(line).loss end
  local picture = require "moonlet".tensor(losses):plot { kind = "line",
    title = ("%s: loss of %d steps"):format(out, #losses) }
  io.stderr:write(tostring(picture), "\n")
  return picture:save(out .. "/train.svg")
end

local function main(options, arguments)
  if #arguments ~= 1 then return 2, "wants one file of settings" end
  local settings, message = read_settings(arguments[1])
  if not settings then return 1, message end
  for _, name in ipairs { "threads", "isa", "out", "steps" } do
    if options[name] ~= nil then settings[name] = options[name] end
  end
  if options.steps then settings.epochs = nil end
  local report = not options.quiet and host.tty "stderr" and progress() or nil
  local last
  local ok, trainer, why = pcall(require("moonlet.train").run, settings, function(seen)
    last = seen
    if report then report(seen) end
  end)
  if not ok and tostring(trainer):find "interrupted!$" then error(trainer, 0) end
  if not ok then return 1, trainer end
  if not trainer then return 1, why end
  if options.plot then
    ok, why = draw(settings.out)
    if not ok then return 1, why end
  end
  local result = { out = settings.out, steps = trainer.steps, loss = last and last.loss,
    valid = last and last.valid }
  if options.json then
    print(json.encode(result))
  else
    print(("%s\t%d steps%s%s"):format(result.out, result.steps,
      result.loss and ("\tloss %.4f"):format(result.loss) or "",
      result.valid and ("\tvalid %.4f"):format(result.valid) or ""))
  end
  return 0
end

return {
  summary = "Trains a model, new or loaded, as a Lua file says; goes on where it was stopped.",
  usage = "[options] SETTINGS.lua",
  examples = {
    "moonlet train settings.lua",
    "cat settings.lua    return { model = 'base', data = 'd.jsonl', out = 'out', steps = 500 }",
    "moonlet train --out second --steps 500 settings.lua",
    "moonlet train --plot settings.lua    once it is done: draws the curve, writes OUT/train.svg",
  },
  options = { { "out", false, "string", "DIR", "write here instead of where the file says",
      of = "folder" },
    { "steps", false, "whole", "N", "take so many steps in all", 1 },
    { "plot", false, "flag", nil, "draw the losses at the end, and write them to OUT/train.svg" },
    "threads", "isa", "json",
    "quiet" },
  more = { title = "settings", rows = rows },
  arguments = "file", main = main,
}
