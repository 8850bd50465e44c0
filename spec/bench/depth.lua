-- What depth costs decoding: ms a token at the start and behind 1,024 tokens, two sessions of one
-- model taking turns, after both have decoded for a while. The first tokens behind a prompt are
-- apart from that: memory that others use meanwhile has taken the weights out of shared caches.
--   lua5.4 spec/bench/depth.lua [size [types [threads [cache]]]]       125M q8,q4 1,2 q8
local build = os.getenv "MOONLET_BUILD" or "build"
package.cpath = build .. "/spec/?.so;" .. package.cpath
package.path = "spec/bench/?.lua;" .. package.path
local moonlet = require "moonlet"
local checkpoints = require "checkpoints"
local host = require "moonlet.host"

local DEPTH, COUNT, ROUNDS = 1024, 24, 15
local size, types, threads = arg[1] or "125M", arg[2] or "q8,q4", arg[3] or "1,2"

local function decode(session, at)
  session:rewind(at)
  local began = host.clock()
  for i = 1, COUNT do session:feed(1000 + i) end
  return (host.clock() - began) / COUNT * 1e3
end

local function median(values)
  table.sort(values)
  return values[#values // 2 + 1]
end

local function measure(dtype, count)
  local model = assert(moonlet.load(checkpoints.checkpoint(build .. "/bench", size, dtype),
    { threads = count }))
  local options = { context = DEPTH + COUNT, cache = arg[4] or "q8" }
  local shallow, deep = model:session(options), model:session(options)
  local ids = {}
  for i = 1, DEPTH do ids[i] = i * 7919 % 32000 end
  shallow:feed(1)
  deep:feed(ids)
  local first, a, b = decode(deep, DEPTH), {}, {}
  for round = 1, ROUNDS do
    a[round], b[round] = decode(shallow, 1), decode(deep, DEPTH)
  end
  local short, long = median(a), median(b)
  print(("%s %s, %d thread(s): %.2f ms a token, behind %d %.2f: %.1f %% fewer tokens/s;  "
    .. "of the %d right behind the prompt %.2f"):format(size, dtype, count, short, DEPTH, long,
    100 * (1 - short / long), COUNT, first))
  model:close()
end

for count in threads:gmatch "%d+" do
  for dtype in types:gmatch "%w+" do measure(dtype, tonumber(count)) end
end
