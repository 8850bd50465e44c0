-- doctor: what moonlet finds on this machine, how fast it is, and whether the model works.
local host = require "moonlet.host"
local hub = require "moonlet.hub"
local json = require "moonlet.json"
local moonlet = require "moonlet"

-- More than caches hold, less than small machines have.
local read_bytes = 128 * 2 ^ 20

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
  report.parameters, report.bytes = model:count(), model.bytes
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

local function terminal()
  local term, no_color = os.getenv "TERM", os.getenv "NO_COLOR" or ""
  local stdout = host.tty "stdout"
  return { term = term or "", stdin = host.tty "stdin", stdout = stdout,
    stderr = host.tty "stderr", colour = stdout and no_color == "" and term ~= "dumb" }
end

local function examine(options)
  local report = moonlet.info()
  report.matmul_gflops = gflops(1024)
  report.read_gb_per_second = host.read_speed(read_bytes) / 1e9
  report.library = host.places[1]
  report.hub_cache = hub.root()
  report.terminal = terminal()
  local path, message = hub.resolve(options.model)
  report.model = path and check_model(path) or { ok = false, message = message }
  return report
end

-- The tiers that serve kernels, each with its kernels.
local function by_tier(kernels)
  local tiers, names = {}, {}
  for kernel, tier in pairs(kernels) do
    if not tiers[tier] then
      tiers[tier], names[#names + 1] = {}, tier
    end
    table.insert(tiers[tier], kernel)
  end
  table.sort(names)
  for _, name in ipairs(names) do table.sort(tiers[name]) end
  return names, tiers
end

local function print_report(report)
  local function row(name, value) print(("%-18s %s"):format(name, tostring(value))) end
  row("moonlet", report.version)
  row("lua", report.lua)
  row("library", report.library)
  row("threads", report.threads)
  row("cpu tier", report.isa)
  local names, tiers = by_tier(report.kernels)
  for _, name in ipairs(names) do row("  " .. name, table.concat(tiers[name], " ")) end
  row("blis kernels", report.blis)
  row("matmul 1024^3", ("%.1f GFLOPS"):format(report.matmul_gflops))
  row("memory", ("%.1f GB/s read"):format(report.read_gb_per_second))
  local t = report.terminal
  local function yes(flag) return flag and "yes" or "no" end
  row("terminal", ("TERM=%s, stdin %s, stdout %s, stderr %s, colour %s"):format(t.term,
    yes(t.stdin), yes(t.stdout), yes(t.stderr), yes(t.colour)))
  row("hub cache", report.hub_cache)
  local model = report.model
  row("model", model.path or "none")
  if model.ok then
    row("  parameters", ("%.0f, %.1f MB"):format(model.parameters, model.bytes / 1e6))
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
  summary = "Shows versions, the CPU tier of each kernel, measured speeds, and checks the model.",
  usage = "[options]",
  examples = { "moonlet doctor", "moonlet doctor --json", "moonlet doctor -m path/to/model" },
  options = { "model", "json" },
  main = main,
}
