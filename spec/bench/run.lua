-- make bench: speed on random-weight checkpoints of the official shapes, beside what this machine
-- can do and, where they are given, beside other engines on the same weights.
--
-- "busy" is decoding beside a loop that keeps one core busy, held to decoding without it.
-- Otherwise decode is held to the streaming-read bandwidth (every weight is read once a token), prefill of
-- float weights to BLIS's rate for a 2048^3 product on the same threads, of quantised ones to the
-- peak of int8 dot products. Runs, probes and peers take turns, round by round; medians are
-- printed.
--
--   BENCH_MODELS=125M,350M   sizes (125M 350M 600M 1B)          BENCH_THREADS=1,2
--   BENCH_TYPES=f32,q4       of f32 bf16 q8 q4                  BENCH_ROUNDS=5
--   BENCH_CELLS=tg,pp512     of pp512 pp128 pp32 tg tg@1024 batch4 batch8 busy
--   BENCH_CACHE=q8           type of the K/V cache: f32, or as `model:session` takes it
--   BENCH_JSON=FILE          all figures, for programs
--   LLAMA_BENCH='COMMAND;COMMAND'   llama-bench binaries, each with options of its own
local build = os.getenv "MOONLET_BUILD" or "build"
package.cpath = build .. "/spec/?.so;" .. package.cpath
package.path = "spec/bench/?.lua;" .. package.path
local moonlet = require "moonlet"
local limits = require "moonlet.debug.limits"
local checkpoints = require "checkpoints"
local peers = require "peers"
local json = require "dkjson"

local function list(name, default)
  local items = {}
  for item in (os.getenv(name) or default):gmatch "[^,]+" do items[#items + 1] = item end
  return items
end

local ROUNDS = tonumber(os.getenv "BENCH_ROUNDS") or 5
local CELLS = list("BENCH_CELLS", "pp512,pp128,pp32,tg,tg@1024,batch4,batch8,busy")
local CACHE = os.getenv "BENCH_CACHE" or "f32"
local DEPTH, TOKENS, DEEP_TOKENS = 1024, 32, 16

local function median(values)
  table.sort(values)
  return values[(#values + 1) // 2]
end

local function prompt(n)
  local ids = {}
  for i = 1, n do ids[i] = (i * 7919) % 32000 end
  return ids
end

-- Tokens a second of `count` tokens computed by fn.
local function rate(count, fn)
  local start = limits.now()
  fn()
  return count / (limits.now() - start)
end

local function decode(session, depth, count)
  session:rewind(depth)
  session:feed(100)
  return rate(count, function()
    for i = 1, count do session:feed(200 + i) end
  end)
end

-- The loop ends by itself, should nobody be left to end it.
local function beside_a_loop(fn)
  local pipe = assert(io.popen "timeout 60 taskset -c 1 sh -c 'while :; do :; done' >&2 & echo $!")
  local pid = pipe:read "l"
  pipe:close()
  local speed = fn()
  os.execute("kill " .. pid)
  return speed
end

local function batched(model, n)
  local sessions = {}
  for i = 1, n do
    sessions[i] = model:session { context = 256, chunk = 128, cache = CACHE }:feed(prompt(128))
  end
  local batch = model:batch(sessions)
  local ids = {}
  local speed = rate(n * TOKENS, function()
    for i = 1, TOKENS do
      for s = 1, n do ids[s] = 300 + i * n + s end
      batch:feed(ids)
    end
  end)
  batch:close()
  for i = 1, n do sessions[i]:close() end
  return speed
end

-- One figure of ours.
local function ours(model, session, cell)
  local prefill, sessions = cell:match "^pp(%d+)$", cell:match "^batch(%d+)$"
  if prefill then
    session:rewind(0)
    local ids = prompt(tonumber(prefill))
    return rate(#ids, function() session:feed(ids) end)
  elseif sessions then return batched(model, tonumber(sessions))
  elseif cell == "tg" then return decode(session, 16, TOKENS)
  elseif cell == "tg@1024" then return decode(session, DEPTH, DEEP_TOKENS)
  elseif cell == "busy" then
    return beside_a_loop(function() return decode(session, 16, 2 * TOKENS) end)
  end
  error("no cell " .. cell)
end

-- What the machine allows in a cell, in tokens a second, by a probe taken now.
local function limit(model, session, reader, cell, quantised, threads)
  if cell == "busy" then return decode(session, 16, TOKENS) end
  if cell:match "^pp" then
    local c = model.config
    local flops = 2 * (model:count() - c.vocab_size * c.hidden_size)
    local peak = quantised and limits.peak("int8", threads) or limits.gemm(2048, threads)
    return peak and peak * 1e9 / flops
  end
  local sessions = tonumber(cell:match "^batch(%d+)$") or 1
  local sum = 0
  for _ = 1, 4 do sum = sum + 1 / reader:run() end
  return 4 / sum * 1e9 / model.bytes * sessions
end

local results = {}

local function report(size, dtype, threads, cell, figures, names)
  local mine, bound = median(figures.ours), median(figures.limit)
  local line = { ("%-5s %-5s %d  %-8s %8.1f t/s  %8.1f  %4.0f %%"):format(size, dtype, threads,
    cell, mine, bound, 100 * mine / bound) }
  local row = { model = size, type = dtype, threads = threads, cell = cell,
                tokens_per_second = mine, limit = bound, peers = {} }
  for _, name in ipairs(names) do
    if figures[name] and #figures[name] > 0 then
      local theirs = median(figures[name])
      row.peers[name] = theirs
      line[#line + 1] = ("%8.1f (%.2fx)"):format(theirs, mine / theirs)
    end
  end
  results[#results + 1] = row
  print(table.concat(line, "  "))
  io.flush()
end

local function measure(size, dtype, threads)
  local dir = checkpoints.checkpoint(build .. "/bench", size, dtype)
  local model = assert(moonlet.load(dir, { threads = threads }))
  local session = model:session { context = DEPTH + 64, cache = CACHE }
  session:feed(prompt(DEPTH))
  local reader = limits.reader(model.bytes, threads)
  local others = peers.open(os.getenv "LLAMA_BENCH" or "", build .. "/bench", size, dtype, threads)
  local figures = {}
  for _, cell in ipairs(CELLS) do figures[cell] = { ours = {}, limit = {} } end
  for round = 0, ROUNDS do                      -- round 0 warms up
    for i = #CELLS, 1, -1 do                    -- the deep ones first: they need the tokens
      local cell = CELLS[i]
      if cell == "tg@1024" and #session < DEPTH then session:rewind(0):feed(prompt(DEPTH)) end
      local bound = limit(model, session, reader, cell, dtype:match "^q" ~= nil, threads)
      local speed = ours(model, session, cell)
      if round > 0 then
        table.insert(figures[cell].ours, speed)
        table.insert(figures[cell].limit, bound)
      end
    end
    for name, cell, speed in peers.run(others, CELLS) do
      figures[cell][name] = figures[cell][name] or {}
      if round > 0 then table.insert(figures[cell][name], speed) end
    end
  end
  for _, cell in ipairs(CELLS) do
    report(size, dtype, threads, cell, figures[cell], others.names)
  end
  reader:close()
  session:close()
  model:close()
end

-- Whole processes, from start to the first token of a 5-token prompt, and their peak memory.
local function first_token(size, dtype)
  local dir = checkpoints.checkpoint(build .. "/bench", size, dtype)
  local program = ([[local m = assert(require "moonlet".load(%q))
    local s = m:session { context = 64 }
    s:feed { 1, 2, 3, 4, 5 }
    local id = s:sample()
    local status = io.open "/proc/self/status":read "a"
    print(id, status:match "VmHWM:%%s*(%%d+)", m.bytes // 1024, s.bytes // 1024)]]):format(dir)
  local times, line = {}, nil
  for i = 1, 7 do
    local start = limits.now()
    local pipe = assert(io.popen(("%s/moonlet -e '%s'"):format(build, program:gsub("'", "'\\''"))))
    line = pipe:read "a"
    pipe:close()
    times[i] = (limits.now() - start) * 1e3
  end
  local peak, weights, cache = line:match "%d+%s+(%d+)%s+(%d+)%s+(%d+)"
  print(("%-5s %-5s first token %.1f ms, peak %.1f MB (weights %.1f, session at most %.1f)")
    :format(size, dtype, median(times), peak / 1024, weights / 1024, cache / 1024))
  results[#results + 1] = { model = size, type = dtype, cell = "first token", ms = median(times),
                            peak_kb = tonumber(peak), weights_kb = tonumber(weights) }
end

local info = moonlet.info()
print(("moonlet %s, %s kernels, BLIS %s"):format(info.version, info.isa, info.blis))
for threads = 1, 2 do
  local function peak(kind) return limits.peak(kind, threads) or 0 end
  print(("%d thread%s: f32 %.0f, bf16 %.0f, int8 %.0f G operations/s; BLIS %.0f GFLOPS")
    :format(threads, threads > 1 and "s" or "", peak "f32", peak "bf16", peak "int8",
    limits.gemm(2048, threads)))
end
print "model type threads cell  tokens/s     limit  reached   peers (ours is so many times faster)"
for _, size in ipairs(list("BENCH_MODELS", "125M")) do
  for _, dtype in ipairs(list("BENCH_TYPES", "f32,bf16,q8,q4")) do
    for _, threads in ipairs(list("BENCH_THREADS", "1,2")) do
      measure(size, dtype, tonumber(threads))
    end
    first_token(size, dtype)
  end
end
local path = os.getenv "BENCH_JSON"
if path then
  local file = assert(io.open(path, "wb"))
  file:write(json.encode({ info = info, results = results }, { indent = true }), "\n")
  file:close()
end
