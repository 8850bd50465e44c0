-- Other engines on the same weights, for `make bench`: llama-bench binaries, and what stands in
-- the same folder: llama-batched-bench for sequences together.
--
-- A command is a llama-bench with options of its own ("…/llama-bench -rtr 1"); "FILETYPE:" before
-- it makes q4 that type instead of q4_0, with the llama-quantize of the same folder
-- ("iq4_nl:…/llama-bench"). The weights come from `moonlet convert`.
local json = require "dkjson"
local ours = require "ours"
local limits = require "moonlet.debug.limits"

local FORMATS = { f32 = "f32", bf16 = "bf16", q8 = "q8_0", q4 = "q4_0" }

local function exists(path)
  local file = io.open(path, "rb")
  return file ~= nil and file:close()
end

local function output_of(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "a"
  pipe:close()
  return text
end

-- The weights of that size in a GGUF file, made from the bf16 checkpoint (f32 from its own).
local function gguf(root, size, dtype, format, quantize)
  local path = ("%s/%s-%s.gguf"):format(root, size, format)
  if exists(path) then return path end
  local build = os.getenv "MOONLET_BUILD" or "build"
  local command
  if format == FORMATS[dtype] then
    local from = ("%s/%s-%s"):format(root, size, dtype == "f32" and "f32" or "bf16")
    command = ("%s/moonlet convert '%s' '%s' --type %s"):format(build, from, path, format)
  else
    command = ("'%s' --pure '%s' '%s' %s >/dev/null 2>&1"):format(quantize,
      gguf(root, size, "bf16", "bf16"), path, format)
  end
  os.execute(command)
  assert(exists(path), "nothing was written by " .. command)
  return path
end

-- The binaries of one peer: nil where there is none.
local function beside(program, name)
  local path = (program:match "^(.*/)" or "") .. name
  return exists(path) and path or nil
end

-- llama-bench's options for llama-batched-bench: until 2025 its -fa took no value.
local function batched_options(program, options)
  local help = output_of(program .. " --help 2>&1")
  return help:match "%-fa,[^\n]*%[on|off" and options or (options:gsub("%-fa 1", "-fa"))
end

local peers = {}

-- commands: separated by semicolons. The peers' names in the table are peer1, peer2, ...
function peers.open(commands, root, size, dtype, threads)
  local list = {}
  for text in commands:gmatch "[^;]+" do
    local format, command = text:match "^%s*([%w_]+):(.+)$"
    command = command or text
    local program, options = command:match "^%s*(%S+)(.*)$"
    local peer = { name = "peer" .. #list + 1, program = program, options = options }
    if not (format and dtype ~= "q4") then      -- such a peer is there for its 4 bits only
      peer.model = gguf(root, size, dtype, format or FORMATS[dtype],
        beside(program, "llama-quantize"))
      peer.threads = threads
      peer.batched = beside(program, "llama-batched-bench")
      peer.batched_options = peer.batched and batched_options(peer.batched, options)
      local help = output_of(program .. " --help 2>&1")
      peer.depths = help:find("--n-depth", 1, true) ~= nil
      peer.cold = help:find("--no-warmup", 1, true) and "--no-warmup" or "-w 0"
    end
    list[#list + 1] = peer
  end
  return list
end

local function bench(peer, arguments, note)
  local text = output_of(("%s%s -m '%s' -t %d -r 1 -o json %s 2>/dev/null"):format(peer.program,
    peer.options, peer.model, peer.threads, arguments))
  for _, row in ipairs(json.decode(text) or {}) do note(row) end
end

-- Sequences together: rows of a table, of which the third column is their number and the eighth
-- the tokens a second of all of them.
local function batch(peer, counts, note)
  local text = output_of(("%s%s -m '%s' -t %d -c 4096 -npp %d -ntg %d -npl %s 2>&1"):format(
    peer.batched, peer.batched_options, peer.model, peer.threads,
    ours.BATCH_PROMPT, ours.TOKENS, table.concat(counts, ",")))
  for line in text:gmatch "[^\n]+" do
    local columns = {}
    for column in line:gmatch "[^|]+" do columns[#columns + 1] = tonumber(column) end
    if #columns == 10 then note("batch" .. math.tointeger(columns[3]), columns[8]) end
  end
end

-- Runs a peer once; calls note(cell, tokens a second) for each of the cells that it knows.
function peers.run(peer, cells, note)
  if not peer.model then return end
  local wanted, prompts, counts = {}, {}, {}
  for _, cell in ipairs(cells) do
    wanted[cell] = true
    prompts[#prompts + 1] = cell:match "^pp(%d+)$"
    counts[#counts + 1] = cell:match "^batch(%d+)$"
  end
  if #prompts > 0 or wanted.tg then
    local lengths = #prompts > 0 and table.concat(prompts, ",") or "0"
    bench(peer, ("-p %s -n %d"):format(lengths, wanted.tg and ours.TOKENS or 0), function(row)
      note(row.n_prompt > 0 and "pp" .. row.n_prompt or "tg", row.avg_ts)
    end)
  end
  if wanted["tg@1024"] then
    local deep = peer.depths and ("-p 0 -n %d -d %d"):format(ours.DEEP_TOKENS, ours.DEPTH)
      or ("-p 0 -n 0 -gp %d,%d"):format(ours.DEPTH, ours.DEEP_TOKENS)
    bench(peer, deep, function(row)
      if row.n_gen > 0 then note("tg@1024", row.avg_ts) end
    end)
  end
  if peer.batched and #counts > 0 then batch(peer, counts, note) end
end

-- ms of a whole process that opens the model and computes a 5-token prompt, without warming up.
function peers.first_token(peer)
  if not peer.model then return nil end
  local start = limits.now()
  bench(peer, "-p 5 -n 0 " .. peer.cold, function() end)
  return (limits.now() - start) * 1e3
end

return peers
