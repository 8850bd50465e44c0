-- make bench: how long the prompt's completion takes, for prefixes of real lines, of random parts,
-- and of paths, among them one into a folder of 10,000 names.
--
--   COMPLETIONS=10000
local build = os.getenv "MOONLET_BUILD" or "build"
package.cpath = build .. "/?.so;" .. package.cpath
local moonlet = require "moonlet"
local complete = require("moonlet.repl.complete").complete
local clock = require("moonlet.host").clock

local N = tonumber(os.getenv "COMPLETIONS") or 10000
local PARTS = { "model", ":", ".", "gen", "{", "}", "(", ")", "'", '"', "\\", "\n", "--", " ", "t",
  "23", "..", "ä", "\255", ",", "=", "moonlet", "load", ":set", "?", "/usr/", "share/", "/proc/" }

local crowd = os.tmpname()
os.remove(crowd)
os.execute(("mkdir -p '%s' && cd '%s' && seq 10000 | xargs touch"):format(crowd, crowd))

local lines = {}
for _, path in ipairs { "README.md", "scripts/moonlet/repl.lua", "scripts/moonlet/generate.lua" } do
  for line in io.lines(path) do lines[#lines + 1] = line end
end
for _, path in ipairs { crowd .. "/", "/usr/lib/", "/usr/share/", "/proc/", "~/", "./" } do
  for _ = 1, 50 do lines[#lines + 1] = "moonlet.load '" .. path end
end

local seed = 1
local function random(n)
  seed = seed * 48271 % 2147483647
  return seed % n + 1
end

local function prefix()
  if random(3) > 1 then
    local line = lines[random(#lines)]
    return line:sub(1, random(4) == 1 and #line or random(#line + 1) - 1)
  end
  local parts = {}
  for i = 1, random(9) do parts[i] = PARTS[random(#PARTS)] end
  return table.concat(parts)
end

local env = { moonlet = moonlet, model = assert(moonlet.load()) }
for name, value in pairs(_G) do env[name] = value end
env.t = moonlet.tensor { 1, 2 }
local began = clock()
complete("model:", env, {})             -- reads the annotations
local first, times = (clock() - began) * 1000, {}
for i = 1, N do
  local text = prefix()
  local started = clock()
  complete(text, env, {})
  times[i] = { (clock() - started) * 1000, text }
end
os.execute(("rm -r '%s'"):format(crowd))
table.sort(times, function(a, b) return a[1] < b[1] end)
local function at(part) return times[math.max(1, math.ceil(N * part))] end
print(("completion of %d random prefixes: median %.2f ms, 99 %% within %.2f, longest %.2f (%q), "
  .. "the very first %.2f"):format(N, at(0.5)[1], at(0.99)[1], at(1)[1], at(1)[2], first))
