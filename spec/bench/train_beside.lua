-- Training speed beside PyTorch: the same shape and batches, turn by turn, medians; the ratio is
-- what counts. PyTorch gets BLIS with the kernels that moonlet chooses for BLIS, when Debian's
-- libblis4-openmp is there; without PyTorch only moonlet is measured. Where the CPU has AMX,
-- moonlet takes another turn with products in bf16.
--   lua5.4 spec/bench/train_beside.lua [threads [rounds]]
package.cpath = (os.getenv "MOONLET_BUILD" or "build") .. "/spec/?.so;" .. package.cpath
local moonlet = require "moonlet"
local train = require "moonlet.train"
local host = require "moonlet.host"

local threads, rounds = tonumber(arg[1] or 2), tonumber(arg[2] or 3)
local SEQUENCES, LENGTH, STEPS = 32, 128, 4
local BLIS = "/usr/lib/x86_64-linux-gnu/blis-openmp/libblas.so.3"
local KERNELS = { skx = 0, haswell = 3 }        -- BLIS's numbers of its kernel sets

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

-- -> tokens/s of each step, or nothing where this CPU cannot compute so
local function ours(compute)
  local trainer, message, code = train.new({ num_hidden_layers = 12, hidden_size = 192,
    num_attention_heads = 6, num_key_value_heads = 2, head_dim = 32, intermediate_size = 512,
    vocab_size = 4096, max_position_embeddings = LENGTH + 1 },
    { tokens = SEQUENCES * LENGTH, threads = threads, seed = 1, compute = compute })
  if not trainer and code == "support" then return {} end
  assert(trainer, message)
  local corpus, rows = moonlet.new_corpus(LENGTH + 1), {}
  math.randomseed(1)
  for row = 1, SEQUENCES do
    local ids = {}
    for k = 1, LENGTH + 1 do ids[k] = math.random(0, 4095) end
    corpus:add(ids)
    rows[row] = row
  end
  local rates = {}
  for step = 1, STEPS do
    local began = host.clock()
    assert(trainer:batch(corpus, rows, 1 / (SEQUENCES * LENGTH)))
    assert(trainer:step())
    rates[step] = SEQUENCES * LENGTH / (host.clock() - began)
  end
  trainer:close()
  return rates
end

local function theirs()
  local kernels = KERNELS[moonlet.info().blis]
  local preload = exists(BLIS) and ("LD_PRELOAD=%s %s BLIS_NUM_THREADS=%d"):format(BLIS,
    kernels and "BLIS_ARCH_TYPE=" .. kernels or "", threads) or ""
  local pipe = io.popen(("%s %s spec/bench/train_torch.py %d %d %d %d 2>/dev/null"):format(preload,
    os.getenv "PYTHON" or "/usr/bin/python3", threads, SEQUENCES, LENGTH, STEPS))
  local rates = {}
  for line in pipe:lines() do rates[#rates + 1] = tonumber(line) end
  pipe:close()
  return rates
end

-- The first step of a run touches its memory for the first time.
local function add(all, rates)
  for step = 2, #rates do all[#all + 1] = rates[step] end
end

local function median(values)
  table.sort(values)
  return values[math.floor((#values + 1) / 2)]
end

local mine, rounded, other = {}, {}, {}
for _ = 1, rounds do
  add(mine, ours "f32")
  add(rounded, ours "bf16")
  add(other, theirs())
end
print(("training, 12 layers of 192, %d targets a step, %d threads"):format(SEQUENCES * LENGTH,
  threads))
print(("moonlet   %6.0f tokens/s"):format(median(mine)))
if #rounded > 0 then
  print(("  in bf16 %6.0f tokens/s, %.2f times that"):format(median(rounded),
    median(rounded) / median(mine)))
end
if #other > 0 then
  print(("PyTorch   %6.0f tokens/s%s"):format(median(other), exists(BLIS) and " (BLIS)" or ""))
  print(("ratio     %6.2f"):format(median(mine) / median(other)))
else
  print "PyTorch: python3-torch is not here"
end
