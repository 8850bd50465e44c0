-- make bench: speed on random-weight checkpoints of the official shapes, beside what this machine
-- can do and, where they are given, beside other engines on the same weights.
--
-- Decode is held to the streaming-read bandwidth (every weight is read once a token), prefill of
-- float weights to BLIS's rate for a 2048^3 product on the same threads, of quantised ones to the
-- peak of int8 dot products; decode beside a loop that keeps one core busy ("busy"), to decode
-- without it. Ours, probes and peers take turns, round by round; medians are
-- printed. The state of the machine is probed before and after each group of cells; where the two
-- differ by more than a tenth, the group says so and is better run again.
--
--   BENCH_MODELS=125M,350M   sizes (125M 350M 600M 1B)          BENCH_THREADS=1,2
--   BENCH_TYPES=f32,q4       of f32 bf16 q8 q4                  BENCH_ROUNDS=5
--   BENCH_CELLS=tg,pp512     of pp512 pp128 pp32 tg tg@1024 batch1 batch4 batch8 busy
--                            first
--   BENCH_CACHE=q8           type of the K/V cache: f32, or as `model:session` takes it
--   BENCH_JSON=FILE          all figures, for programs
--   LLAMA_BENCH='COMMAND;COMMAND'   llama-bench binaries, each with options of its own; see
--                                   spec/bench/peers.lua
-- Less than a minute, once the checkpoints are there:
--   BENCH_TYPES=q4 BENCH_THREADS=2 BENCH_CELLS=tg,pp128 BENCH_ROUNDS=2 make bench
local build = os.getenv "MOONLET_BUILD" or "build"
package.cpath = build .. "/spec/?.so;" .. package.cpath
package.path = "spec/bench/?.lua;" .. package.path
local moonlet = require "moonlet"
local limits = require "moonlet.debug.limits"
local checkpoints = require "checkpoints"
local ours = require "ours"
local peers = require "peers"
local state = require "state"
local json = require "dkjson"

local DRIFT = 1.1

local function list(name, default)
  local items = {}
  for item in (os.getenv(name) or default):gmatch "[^,]+" do items[#items + 1] = item end
  return items
end

local ROUNDS = tonumber(os.getenv "BENCH_ROUNDS") or 5
local CACHE = os.getenv "BENCH_CACHE" or "f32"
local CELLS, FIRST = {}, false
local ALL = "pp512,pp128,pp32,tg,tg@1024,batch1,batch4,batch8,busy,first"
for _, cell in ipairs(list("BENCH_CELLS", ALL)) do
  if cell == "first" then FIRST = true else CELLS[#CELLS + 1] = cell end
end

local function median(values)
  table.sort(values)
  return values[(#values + 1) // 2]
end

local function say(format, ...)
  print(format:format(...))
  io.flush()
end

local results, groups = {}, {}

-- The peers' medians of a cell, for the table and for the row of results. For times, less is more.
local function compare(row, mine, figures, others, times)
  local texts = {}
  row.peers = {}
  for _, peer in ipairs(others) do
    local values = figures[peer.name]
    if values and #values > 0 then
      local theirs = median(values)
      row.peers[peer.name] = theirs
      local better = times and theirs / mine or mine / theirs
      texts[#texts + 1] = ("  %8.1f (%.2fx)"):format(theirs, better)
    else texts[#texts + 1] = "         -       " end
  end
  results[#results + 1] = row
  return table.concat(texts)
end

local function report(size, dtype, threads, cell, figures, others)
  local mine, bound = median(figures.ours), median(figures.limit)
  local row = { model = size, type = dtype, threads = threads, cell = cell,
                tokens_per_second = mine, limit = bound }
  say("%-5s %-5s %d  %-8s %8.1f t/s  %8.1f  %4.0f %%%s", size, dtype, threads, cell, mine, bound,
    100 * mine / bound, compare(row, mine, figures, others))
end

-- One turn of everybody. keep: the figures count.
local function round(it, reader, others, figures, quantised, threads, keep)
  local function note(cell, name, speed)
    figures[cell][name] = figures[cell][name] or {}
    if keep then table.insert(figures[cell][name], speed) end
  end
  for i = #CELLS, 1, -1 do                      -- the deep one before the prompts that replace it
    local cell = CELLS[i]
    note(cell, "limit", cell == "busy" and ours.run(it, "tg")
      or state.limit(it.model, reader, cell, quantised, threads))
    note(cell, "ours", ours.run(it, cell))
  end
  for _, peer in ipairs(others) do
    peers.run(peer, CELLS, function(cell, speed)
      if figures[cell] then note(cell, peer.name, speed) end
    end)
  end
end

local function measure(size, dtype, threads, others)
  local it = ours.open(checkpoints.checkpoint(build .. "/bench", size, dtype), threads, CACHE)
  local reader = limits.reader(it.model.bytes, threads)
  local figures = {}
  for _, cell in ipairs(CELLS) do figures[cell] = {} end
  round(it, reader, {}, figures, dtype:match "^q" ~= nil, threads, false)       -- warms up
  local before = state.probe(reader, threads)
  for _ = 1, ROUNDS do
    round(it, reader, others, figures, dtype:match "^q" ~= nil, threads, true)
  end
  local after = state.probe(reader, threads)
  for _, cell in ipairs(CELLS) do report(size, dtype, threads, cell, figures[cell], others) end
  local drift = state.drift(before, after)
  groups[#groups + 1] = { model = size, type = dtype, threads = threads, before = before,
                          after = after, drift = drift }
  say("  before: %s", state.text(before))
  say("  after:  %s%s", state.text(after), drift > DRIFT and "  STATE CHANGED" or "")
  reader:close()
  ours.close(it)
end

local function first_token(size, dtype, threads, others)
  local dir = checkpoints.checkpoint(build .. "/bench", size, dtype)
  local figures, peak, weights, session = { ours = {} }, nil, nil, nil
  for _ = 1, ROUNDS + 2 do
    local ms
    ms, peak, weights, session = ours.first_token(build .. "/moonlet", dir, threads)
    table.insert(figures.ours, ms)
    for _, peer in ipairs(others) do
      figures[peer.name] = figures[peer.name] or {}
      table.insert(figures[peer.name], peers.first_token(peer))
    end
  end
  local mine = median(figures.ours)
  local row = { model = size, type = dtype, threads = threads, cell = "first", ms = mine,
                peak_kb = peak, weights_kb = weights, session_kb = session }
  say("%-5s %-5s %d  first    %8.1f ms   peak %.1f MB (weights %.1f, session %.1f)%s", size, dtype,
    threads, mine, peak / 1024, weights / 1024, session / 1024,
    compare(row, mine, figures, others, true))
end

local info = moonlet.info()
local machine = {}
say("moonlet %s, %s kernels, BLIS %s", info.version, info.isa, info.blis)
for threads = 1, 2 do
  local text
  machine[threads], text = state.limits(threads)
  say("%s", text)
end
say "model type threads cell  tokens/s     limit  reached   peers (ours is so many times better)"
for _, size in ipairs(list("BENCH_MODELS", "125M")) do
  for _, dtype in ipairs(list("BENCH_TYPES", "f32,bf16,q8,q4")) do
    for _, threads in ipairs(list("BENCH_THREADS", "1,2")) do
      threads = math.tointeger(threads)
      checkpoints.checkpoint(build .. "/bench", size, dtype:match "^q" and "bf16" or dtype)
      local others = peers.open(os.getenv "LLAMA_BENCH" or "", build .. "/bench", size, dtype,
        threads)
      if #CELLS > 0 then measure(size, dtype, threads, others) end
      if FIRST then first_token(size, dtype, threads, others) end
    end
  end
end
local path = os.getenv "BENCH_JSON"
if path then
  local file = assert(io.open(path, "wb"))
  file:write(json.encode({ info = info, machine = machine, groups = groups, results = results },
    { indent = true }), "\n")
  file:close()
end
