-- make bench: what step { ms = 4 } really takes, call by call, on the official 125M shape in q4:
-- prompts of 200 tokens and 40 tokens of answer, one after the other, for so many steps.
--
--   FRAME_STEPS=2000   FRAME_MS=4   FRAME_THREADS=0,2   FRAME_MODEL=125M   FRAME_TYPE=q4
local build = os.getenv "MOONLET_BUILD" or "build"
package.cpath = build .. "/spec/?.so;" .. package.cpath
package.path = "spec/bench/?.lua;" .. package.path
local moonlet = require "moonlet"
local limits = require "moonlet.debug.limits"
local checkpoint = require "checkpoints".checkpoint

local STEPS = tonumber(os.getenv "FRAME_STEPS") or 2000
local MS = tonumber(os.getenv "FRAME_MS") or 4
local MODEL, TYPE = os.getenv "FRAME_MODEL" or "125M", os.getenv "FRAME_TYPE" or "q4"

local function prompt(n)
  local ids = {}
  for i = 1, n do ids[i] = (i * 7919) % 32000 end
  return ids
end

local function measure(threads)
  local path = checkpoint(build .. "/bench", MODEL, TYPE)
  local model = assert(moonlet.load(path, { threads = threads }))
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
  table.sort(times)
  local function at(part) return times[math.max(1, math.ceil(#times * part))] end
  print(("%s %s, %d threads, step { ms = %g }, %d calls: median %.2f ms, 99 %% within %.2f, "
    .. "99.9 %% within %.2f, longest %.2f; %d tokens"):format(MODEL, TYPE, threads, MS, #times,
    at(0.5), at(0.99), at(0.999), at(1), tokens))
end

for threads in (os.getenv "FRAME_THREADS" or "0,2"):gmatch "%d+" do measure(tonumber(threads)) end
