-- doctor: what moonlet finds on this machine, and whether the bundled model works.
local host = require "moonlet.host"
local hub = require "moonlet.hub"
local json = require "moonlet.json"
local moonlet = require "moonlet"

-- Billions of multiplications and additions per second in a product of two n x n matrices: the
-- best of a few runs.
local function gflops(n)
  local a, b = moonlet.randn({ n, n }, { seed = 1 }), moonlet.randn({ n, n }, { seed = 2 })
  local best = math.huge
  for _ = 1, 4 do
    local started = host.clock()
    a:matmul(b)
    best = math.min(best, host.clock() - started)
  end
  return 2 * n ^ 3 / best / 1e9
end

-- Loads the model and generates a little: a report with ok, and why not.
local function check_model(path)
  local report = { path = path, ok = false }
  local model, message = moonlet.load(path)
  if not model then
    report.message = message
    return report
  end
  report.parameters = model:count()
  local text, info = model:generate("The", { max_tokens = 32, min_tokens = 32 })
  model:close()
  if not text then
    report.message = info
    return report
  end
  report.ok = true
  report.tokens_per_second = info.generated_tokens / info.seconds.decode
  return report
end

local function examine(options)
  local report = moonlet.info()
  report.matmul_gflops = gflops(1024)
  report.hub_cache = hub.root()
  local path, message = hub.resolve(options.model)
  report.model = path and check_model(path) or { ok = false, message = message }
  return report
end

local function print_report(report)
  local function row(name, value) print(("%-18s %s"):format(name, tostring(value))) end
  row("moonlet", report.version)
  row("lua", report.lua)
  row("threads", report.threads)
  row("cpu tier", report.isa)
  local kernels = {}
  for name in pairs(report.kernels) do kernels[#kernels + 1] = name end
  table.sort(kernels)
  for _, name in ipairs(kernels) do row("  " .. name, report.kernels[name]) end
  row("blis kernels", report.blis)
  row("matmul 1024^3", ("%.1f GFLOPS"):format(report.matmul_gflops))
  row("hub cache", report.hub_cache)
  local model = report.model
  row("model", model.path or "none")
  if model.ok then
    row("  parameters", ("%.0f"):format(model.parameters))
    row("  speed", ("%.0f tokens/s"):format(model.tokens_per_second))
  end
  row("  check", model.ok and "ok" or model.message)
end

local function main(options, arguments)
  if #arguments > 0 then return 2, "unexpected argument '" .. arguments[1] .. "'" end
  local report = examine(options)
  if options.json then print(json.encode(report))
  else print_report(report) end
  return report.model.ok and 0 or 1
end

return {
  summary = "Shows versions, the CPU tier of each kernel, a measured speed, and checks the model.",
  usage = "[options]",
  examples = { "moonlet doctor", "moonlet doctor --json", "moonlet doctor -m path/to/model" },
  options = { "model", "json" },
  main = main,
}
