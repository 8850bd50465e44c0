-- What the machine can do, and in which state it is: a shared one may change within minutes, so
-- figures are to be compared only where probes before and after agree.
local limits = require "moonlet.debug.limits"

local state = {}

-- Mean GB/s of a few passes of reads.
local function bandwidth(reader)
  local sum, passes = 0, 4
  for _ = 1, passes do sum = sum + 1 / reader:run() end
  return passes / sum
end

-- One probe: GB/s over memory as large as the model, G multiply-adds/s x 2 of one thread (its
-- clock), ns of an empty run of the pool and of a word's way from one CPU to the other.
function state.probe(reader, threads)
  return { read = bandwidth(reader), f32 = limits.peak("f32", 1), barrier = limits.barrier(threads),
           handoff = limits.handoff() }
end

function state.text(probe)
  return ("read %.1f GB/s, f32 %.0f G/s, barrier %.0f ns, handoff %s"):format(probe.read,
    probe.f32 or 0, probe.barrier, probe.handoff and ("%.0f ns"):format(probe.handoff) or "-")
end

-- The largest ratio between two probes' speeds; 1 where nothing changed.
function state.drift(a, b)
  local most = 1
  for _, name in ipairs { "read", "f32" } do
    if a[name] and b[name] then
      most = math.max(most, a[name] / b[name], b[name] / a[name])
    end
  end
  return most
end

-- What the machine allows in a cell, in tokens a second, by a probe taken now: decoding reads
-- every weight once a step; a prompt takes 2 operations a weight, the head's aside.
function state.limit(model, reader, cell, quantised, threads)
  if cell:match "^pp" then
    local c = model.config
    local operations = 2 * (model:count() - c.vocab_size * c.hidden_size)
    local peak = quantised and limits.peak("int8", threads) or limits.gemm(2048, threads)
    return peak and peak * 1e9 / operations
  end
  local sessions = tonumber(cell:match "^batch(%d+)$") or 1
  return bandwidth(reader) * 1e9 / model.bytes * sessions
end

-- Lines that say the limits themselves.
function state.limits(threads)
  local peaks = { f32 = limits.peak("f32", threads), bf16 = limits.peak("bf16", threads),
                  int8 = limits.peak("int8", threads), blis = limits.gemm(2048, threads) }
  return peaks, ("%d thread%s: f32 %.0f, bf16 %.0f, int8 %.0f G operations/s; BLIS %.0f GFLOPS")
    :format(threads, threads > 1 and "s" or "", peaks.f32 or 0, peaks.bf16 or 0, peaks.int8 or 0,
    peaks.blis)
end

return state
