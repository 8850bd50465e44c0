-- Moonlet's own figures for `make bench`: one cell at a time, and whole processes.
--
-- Cells: pp512 pp128 pp32 (tokens a second of a prompt of that length), tg and tg@1024 (of decoding
-- one sequence, at the start and behind 1024 tokens), batch1 batch4 batch8 (of that many sequences
-- together, behind prompts of 128), busy (tg beside a loop that keeps one core busy).
local moonlet = require "moonlet"
local limits = require "moonlet.debug.limits"

local DEPTH, TOKENS, DEEP_TOKENS, BATCH_PROMPT = 1024, 32, 16, 128

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

local function batched(it, n)
  local sessions = {}
  for i = 1, n do
    sessions[i] = it.model:session { context = 256, chunk = 128, cache = it.cache }
    sessions[i]:feed(prompt(BATCH_PROMPT))
  end
  local batch = it.model:batch(sessions)
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

local ours = { DEPTH = DEPTH, TOKENS = TOKENS, DEEP_TOKENS = DEEP_TOKENS,
               BATCH_PROMPT = BATCH_PROMPT }

function ours.open(dir, threads, cache)
  local model = assert(moonlet.load(dir, { threads = threads }))
  return { model = model, cache = cache,
           session = model:session { context = DEPTH + 64, cache = cache } }
end

-- Tokens a second in that cell, measured once.
function ours.run(it, cell)
  local prefill, sessions = cell:match "^pp(%d+)$", cell:match "^batch(%d+)$"
  if prefill then
    it.session:rewind(0)
    local ids = prompt(tonumber(prefill))
    return rate(#ids, function() it.session:feed(ids) end)
  elseif sessions then return batched(it, tonumber(sessions))
  elseif cell == "busy" then
    if #it.session < 16 then it.session:feed(prompt(16)) end
    return beside_a_loop(function() return decode(it.session, 16, 2 * TOKENS) end)
  end
  local depth, count = 16, TOKENS
  if cell == "tg@1024" then depth, count = DEPTH, DEEP_TOKENS
  elseif cell ~= "tg" then error("no cell " .. cell) end
  if #it.session < depth then it.session:rewind(0):feed(prompt(depth)) end
  return decode(it.session, depth, count)
end

function ours.close(it)
  it.session:close()
  it.model:close()
end

-- A process from its start to the first token of a 5-token prompt: ms, and KB of its peak memory,
-- of the weight files and of the session.
function ours.first_token(program, dir, threads)
  local script = ([[local m = assert(require "moonlet".load(%q, { threads = %d }))
    local s = m:session { context = 64 }
    s:feed { 1, 2, 3, 4, 5 }
    local id = s:sample()
    local status = io.open "/proc/self/status":read "a"
    print(id, status:match "VmHWM:%%s*(%%d+)", m.bytes // 1024, s.bytes // 1024)]]):format(dir,
    threads)
  local start = limits.now()
  local pipe = assert(io.popen(("%s -e '%s'"):format(program, script:gsub("'", "'\\''"))))
  local line = pipe:read "a"
  pipe:close()
  local ms = (limits.now() - start) * 1e3
  local peak, weights, session = line:match "%d+%s+(%d+)%s+(%d+)%s+(%d+)"
  return ms, tonumber(peak), tonumber(weights), tonumber(session)
end

return ours
