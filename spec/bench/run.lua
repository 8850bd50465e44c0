-- make bench: speed as a ratio against what this machine can do, measured in the same run.
--
-- Decode is held to the streaming-read bandwidth (every weight is read once a token), prefill to
-- BLIS's rate for a 2048^3 product on the same threads. Model runs and probes alternate, each
-- run is held to the probes beside it, and the medians of speeds, limits and ratios are printed,
-- because such machines are noisy. BENCH_ROUNDS sets the number of rounds.
local build = os.getenv "MOONLET_BUILD" or "build"
package.cpath = build .. "/spec/?.so;" .. package.cpath
package.path = "spec/bench/?.lua;" .. package.path
local moonlet = require "moonlet"
local limits = require "moonlet.debug.limits"
local checkpoints = require "checkpoints"

local ROUNDS = tonumber(os.getenv "BENCH_ROUNDS") or 15
local DECODE_TOKENS, PREFILL_TOKENS = 8, 512

local function median(list)
  table.sort(list)
  return list[(#list + 1) // 2]
end

local function prompt(n)
  local ids = {}
  for i = 1, n do ids[i] = (i * 7919) % 32000 end
  return ids
end

-- One measurement: tokens a second.
local function decode(session)
  session:rewind(16)
  session:feed(100)
  local start = limits.now()
  for i = 1, DECODE_TOKENS do session:feed(200 + i) end
  return DECODE_TOKENS / (limits.now() - start)
end

local function prefill(session, ids)
  session:rewind(0)
  local start = limits.now()
  session:feed(ids)
  return #ids / (limits.now() - start)
end

-- `work` and `probe` in turn; medians of work, of probe and of work to the probes around it.
local function against(probe, work)
  local speed, limit, ratio = {}, {}, {}
  local before = probe()
  for i = 1, ROUNDS do
    local measured, after = work(), probe()
    speed[i], limit[i], ratio[i] = measured, after, 2 * measured / (before + after)
    before = after
  end
  return median(speed), median(limit), median(ratio)
end

local function row(...) print(("%-6s %-5s %7s  %-11s %9s %12s %8s"):format(...)) end

local function measure(size, dtype, threads)
  local model = assert(moonlet.load(checkpoints.checkpoint(build .. "/bench", size, dtype),
    { threads = threads }))
  local session = model:session { context = 1024 }
  session:feed(prompt(16))
  local bytes = model.bytes
  local reader = limits.reader(bytes, threads)
  local ids = prompt(PREFILL_TOKENS)
  local function read()
    local sum = 0
    for _ = 1, DECODE_TOKENS do sum = sum + 1 / reader:run() end
    return DECODE_TOKENS / sum
  end
  decode(session)
  read()
  local tokens, bandwidth, share = against(read, function() return decode(session) end)
  row(size, dtype, threads, "decode", ("%.1f t/s"):format(tokens),
    ("%.1f GB/s"):format(bandwidth), ("%.0f %%"):format(100 * share * bytes * 1e-9))

  -- Multiplications and additions of the matrices; the head only works on the last token.
  local c = model.config
  local flops = 2 * (model:count() - c.vocab_size * c.hidden_size)
  prefill(session, ids)
  local rate, peak
  rate, peak, share = against(function() return limits.gemm(2048, threads) end,
    function() return prefill(session, ids) end)
  row(size, dtype, threads, "prefill " .. PREFILL_TOKENS, ("%.0f t/s"):format(rate),
    ("%.0f GFLOPS"):format(peak), ("%.0f %%"):format(100 * share * flops * 1e-9))
  reader:close()
  session:close()
  model:close()
end

local info = moonlet.info()
print(("moonlet %s, %s kernels, BLIS %s"):format(info.version, info.isa, info.blis))
row("model", "type", "threads", "what", "speed", "limit", "reached")
for _, dtype in ipairs { "f32", "bf16" } do
  for threads = 1, 2 do measure("125M", dtype, threads) end
end
