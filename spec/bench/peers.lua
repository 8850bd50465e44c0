-- llama-bench binaries on the same weights, for `make bench`.
--
-- A command is a llama-bench with options of its own ("…/llama-bench -rtr 1"); its name in the
-- table is "peer1", "peer2", ... in the order given. The weights come from `moonlet convert`.
local json = require "dkjson"

local FORMATS = { f32 = "f32", bf16 = "bf16", q8 = "q8_0", q4 = "q4_0" }

local function exists(path)
  local file = io.open(path, "rb")
  return file ~= nil and file:close()
end

local function output_of(command)
  local pipe = assert(io.popen(command .. " 2>/dev/null"))
  local text = pipe:read "a"
  pipe:close()
  return text
end

-- The weights of that size in a GGUF file, made from the bf16 checkpoint (f32 from its own).
local function gguf(root, size, dtype)
  local path = ("%s/%s-%s.gguf"):format(root, size, FORMATS[dtype])
  if exists(path) then return path end
  local from = ("%s/%s-%s"):format(root, size, dtype == "f32" and "f32" or "bf16")
  local build = os.getenv "MOONLET_BUILD" or "build"
  os.execute(("%s/moonlet convert '%s' '%s' --type %s"):format(build, from, path, FORMATS[dtype]))
  assert(exists(path), "moonlet convert did not write " .. path)
  return path
end

local function open(commands, root, size, dtype, threads)
  local peers = { names = {}, commands = {}, threads = threads }
  for command in commands:gmatch "[^;]+" do
    local name = "peer" .. #peers.names + 1
    peers.names[#peers.names + 1] = name
    peers.commands[name] = command
  end
  if #peers.names > 0 then peers.model = gguf(root, size, dtype) end
  return peers
end

local function has(cells, cell)
  for _, c in ipairs(cells) do if c == cell then return true end end
end

-- Runs each peer once; gives name, cell, tokens a second one after the other.
local function run(peers, cells)
  local found = {}
  for _, name in ipairs(peers.names) do
    local prompts, base = {}, ("%s -m '%s' -t %d -r 1 -o json"):format(peers.commands[name],
      peers.model, peers.threads)
    for _, cell in ipairs(cells) do prompts[#prompts + 1] = cell:match "^pp(%d+)$" end
    local lengths = #prompts > 0 and table.concat(prompts, ",") or "0"
    local calls = { base .. (" -p %s -n %d"):format(lengths, has(cells, "tg") and 32 or 0) }
    if has(cells, "tg@1024") then calls[2] = base .. " -p 0 -n 0 -gp 1024,16" end
    if calls[2] and not peers.commands[name]:match "ik" then
      calls[2] = base .. " -p 0 -n 16 -d 1024"
    end
    for i, call in ipairs(calls) do
      for _, row in ipairs(json.decode(output_of(call)) or {}) do
        local cell = row.n_prompt > 0 and "pp" .. row.n_prompt or i == 2 and "tg@1024" or "tg"
        if i == 2 and row.n_gen > 0 then cell = "tg@1024" end
        if has(cells, cell) then found[#found + 1] = { name, cell, row.avg_ts } end
      end
    end
  end
  local i = 0
  return function()
    i = i + 1
    if found[i] then return table.unpack(found[i]) end
  end
end

return { open = open, run = run }
