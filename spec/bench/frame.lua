-- make bench: what step { ms = 4 } really takes, call by call, on the official 125M shape in q4:
-- prompts of 200 tokens and 40 tokens of answer, one after the other, for so many steps. Then what
-- it takes until a cancel is effective: cancel() after random steps of random size, and a cancel by
-- another thread in the middle of a feed that has no clock (spec/hosts/threads.c).
--
--   FRAME_STEPS=2000   FRAME_CANCELS=10000   FRAME_MS=4   FRAME_THREADS=0,2   FRAME_MODEL=125M
--   FRAME_TYPE=q4
local build = os.getenv "MOONLET_BUILD" or "build"
package.cpath = build .. "/spec/?.so;" .. package.cpath
package.path = "spec/bench/?.lua;" .. package.path
local moonlet = require "moonlet"
local limits = require "moonlet.debug.limits"
local checkpoint = require "checkpoints".checkpoint

local STEPS = tonumber(os.getenv "FRAME_STEPS") or 2000
local CANCELS = tonumber(os.getenv "FRAME_CANCELS") or 10000
local MS = tonumber(os.getenv "FRAME_MS") or 4
local MODEL, TYPE = os.getenv "FRAME_MODEL" or "125M", os.getenv "FRAME_TYPE" or "q4"

local function prompt(n)
  local ids = {}
  for i = 1, n do ids[i] = (i * 7919) % 32000 end
  return ids
end

-- Sorts the times; the one that a part of them is within.
local function sorted(times)
  table.sort(times)
  return function(part) return times[math.max(1, math.ceil(#times * part))] end
end

local function measure_steps(model, threads)
  local session = model:session { context = 512 }
  local times, tokens, generation = {}, 0, nil
  while #times < STEPS do
    if not generation then
      session:rewind(0)
      generation = session:stream(prompt(200), { max_tokens = 40, min_tokens = 40 })
    end
    local started = limits.now()
    local text = generation:step { ms = MS }
    times[#times + 1] = (limits.now() - started) * 1000
    if not text then
      tokens = tokens + 240
      generation = nil
    end
  end
  session:close()
  local at = sorted(times)
  print(("%s %s, %d threads, step { ms = %g }, %d calls: median %.2f ms, 99 %% within %.2f, "
    .. "99.9 %% within %.2f, longest %.2f; %d tokens"):format(MODEL, TYPE, threads, MS, #times,
    at(0.5), at(0.99), at(0.999), at(1), tokens))
end

-- Within the session's room, so that each generation still runs when it is cancelled.
local function measure_cancels(model, threads)
  local session, seed, times = model:session { context = 512 }, 1, {}
  local function random(n)
    seed = seed * 48271 % 2147483647
    return seed % n
  end
  for i = 1, CANCELS do
    session:rewind(0)
    local generation = session:stream(prompt(1 + random(200)), { max_tokens = 99, min_tokens = 99 })
    for _ = 1, random(4) do
      local tokens = random(8) == 0
      assert(generation:step(tokens and { tokens = 1 } or { ms = 0.01 + random(40) * 0.05 }))
    end
    local started = limits.now()
    local _, info = generation:cancel()
    times[i] = (limits.now() - started) * 1000
    assert(info.finish == "cancel")
  end
  assert(session:rewind(0):generate(prompt(3), { max_tokens = 2, min_tokens = 2 }))
  session:close()
  local at = sorted(times)
  print(("%s %s, %d threads, cancel(), %d calls: median %.3f ms, 99 %% within %.3f, longest %.2f")
    :format(MODEL, TYPE, threads, CANCELS, at(0.5), at(0.99), at(1)))
end

local path = checkpoint(build .. "/bench", MODEL, TYPE)
for threads in (os.getenv "FRAME_THREADS" or "0,2"):gmatch "%d+" do
  local model = assert(moonlet.load(path, { threads = tonumber(threads) }))
  measure_steps(model, tonumber(threads))
  measure_cancels(model, tonumber(threads))
end
io.write(("%s %s, cancel by another thread: "):format(MODEL, TYPE))
io.flush()
os.execute(("%s/spec/threads cancel '%s' %d"):format(build, path, CANCELS // 10))
