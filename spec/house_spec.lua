-- The rules of the house, read from the sources: who may include whom, what no file may hold.
local lfs = require "lfs"

local function lines_of(path)
  local list = {}
  for line in io.lines(path) do list[#list + 1] = line end
  return list
end

local function files(dir, pattern, list)
  list = list or {}
  for name in lfs.dir(dir) do
    local path = dir .. "/" .. name
    if name ~= "." and name ~= ".." then
      if lfs.attributes(path, "mode") == "directory" then files(path, pattern, list)
      elseif name:match(pattern) then list[#list + 1] = path end
    end
  end
  table.sort(list)
  return list
end

local C = {}
for _, dir in ipairs { "kernels", "core", "lua" } do files(dir, "%.[ch]$", C) end
local LUA = {}
for _, dir in ipairs { "lua", "scripts", "examples" } do files(dir, "%.lua$", LUA) end

-- Floors from the ground up; a file may include its own floor and those its row names.
local FLOORS = {
  { "kernels/", { "kernels/" } },
  { "core/base/", { "core/base/", "kernels/" } },
  { "core/tensor/", { "core/tensor/", "core/base/", "kernels/", "core/formats/" } },
  { "core/formats/", { "core/formats/", "core/base/", "kernels/" } },
  { "core/text/", { "core/text/", "core/base/" } },
  { "core/model/", { "core/model/", "core/text/", "core/formats/", "core/tensor/", "core/base/",
                     "kernels/" } },
  { "lua/json.c", { "lua/", "core/base/" } },             -- JSON is no part of moonlet.h
  { "core/train/", { "core/train/", "core/model/config.h", "core/formats/", "core/tensor/",
                     "core/base/", "kernels/" } },
  { "core/constrain/", { "core/constrain/", "core/model/", "core/text/", "core/base/" } },
  { "lua/", { "lua/" } },
}
local PUBLIC = "core/moonlet.h"
local PARTS = { ["moonlet_constrain.h"] = true, ["moonlet_train.h"] = true }  -- beside it

-- System headers that one file alone may see.
local ALONE = {
  ["blis.h"] = "core/base/gemm.c", ["pthread.h"] = "core/base/pool.c",
  ["sys/mman.h"] = "core/base/file.c", ["utf8proc.h"] = "core/text/unicode.c",
}

local function starts(path, prefix) return path:sub(1, #prefix) == prefix end

local function allowed(path, included)
  if starts(path, "lua/debug") then return true end       -- the specs' windows
  if path == PUBLIC then return PARTS[included] end
  if included == PUBLIC then return not starts(path, "kernels/") end
  for _, floor in ipairs(FLOORS) do
    if starts(path, floor[1]) then
      for _, below in ipairs(floor[2]) do if starts(included, below) then return true end end
      return false
    end
  end
end

-- Code without comments and strings, so that prose may name what code may not use.
local function code_of(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  text = text:gsub('\\"', ""):gsub('"[^"\n]*"', '""'):gsub("//[^\n]*", "")
  return (text:gsub("/%*.-%*/", function(s) return (s:gsub("[^\n]", "")) end))
end

local function each(list, check)
  local wrong = {}
  for _, path in ipairs(list) do
    check(path, function(why) wrong[#wrong + 1] = path .. ": " .. why end)
  end
  assert.same({}, wrong)
end

describe("house", function()
  it("runs its specs on Lua 5.4", function() assert.equal("Lua 5.4", _VERSION) end)

  it("includes only downwards", function()
    each(C, function(path, wrong)
      for _, line in ipairs(lines_of(path)) do
        local own = line:match '^#include "(.-)"'
        if own and not allowed(path, own) then wrong("includes " .. own) end
        local system = line:match "^#include <(.-)>"
        if system and ALONE[system] and ALONE[system] ~= path then wrong("sees " .. system) end
      end
    end)
  end)

  it("keeps the word lua out of core and kernels", function()
    each(C, function(path, wrong)
      if starts(path, "lua/") then return end
      if code_of(path):lower():match "%f[%a]lua_%a" then wrong "names Lua" end
    end)
  end)

  it("lets scripts require public modules only", function()
    each(LUA, function(path, wrong)
      for _, line in ipairs(lines_of(path)) do
        if line:match "require[%s%(]*[\"']moonlet%.debug" then wrong "requires moonlet.debug" end
      end
    end)
  end)

  it("neither prints, aborts nor exits in core and kernels", function()
    local banned = { "printf", "puts", "abort", "exit", "assert", "signal", "perror" }
    each(C, function(path, wrong)
      if starts(path, "lua/") then return end
      local code = code_of(path)
      for _, name in ipairs(banned) do
        if code:match("%f[%w_]" .. name .. "%s*%(") then wrong("calls " .. name) end
      end
    end)
  end)

  it("has no file-level state", function()
    each(C, function(path, wrong)
      local depth = 0
      for line in (code_of(path) .. "\n"):gmatch "(.-)\n" do
        local variable = depth == 0 and line:match "^static%s+([^%(]*)[=;]"
        local harmless = line:match "%f[%w]const%f[%W]" or line:match "%f[%w]inline%f[%W]"
        local inside = depth > 0 and line:match "^%s+static%s"
        if (variable or inside) and not harmless then wrong("state: " .. line) end
        for brace in line:gmatch "[{}]" do depth = depth + (brace == "{" and 1 or -1) end
      end
    end)
  end)

  it("has every file of annotations in the manual", function()
    local listed, there = {}, {}
    for line in io.lines "scripts/moonlet/repl/manual.lua" do
      for name in (line:match "^local NAMES = (%b{})" or ""):gmatch '"(%w+)"' do
        listed[#listed + 1] = name
      end
    end
    for _, path in ipairs(files("lua", "%.meta%.lua$")) do
      there[#there + 1] = path:match "([^/]+)%.meta%.lua$"
    end
    table.sort(listed)
    assert.same(there, listed)
  end)

  it("has no unfinished or dead code", function()
    local all = {}
    for _, path in ipairs(C) do all[#all + 1] = path end
    for _, path in ipairs(LUA) do all[#all + 1] = path end
    files("spec", "_spec%.lua$", all)
    each(all, function(path, wrong)
      if path == "spec/house_spec.lua" then return end
      for n, line in ipairs(lines_of(path)) do
        for _, word in ipairs { "TODO", "FIXME", "XXX", "#if 0" } do
          if line:find(word, 1, true) then wrong(n .. " holds " .. word) end
        end
        local dead = path:match "%.[ch]$" and line:match "^%s*//.*;%s*$"
        if dead then wrong(n .. " is commented-out code") end
      end
    end)
  end)

  it("has files of one idea: 600 lines at most, of 100 characters", function()
    local all = {}
    for _, path in ipairs(C) do all[#all + 1] = path end
    for _, path in ipairs(LUA) do all[#all + 1] = path end
    each(all, function(path, wrong)
      local lines = lines_of(path)
      if #lines > 600 then wrong(#lines .. " lines") end
      for n, line in ipairs(lines) do
        local whole = line:find "^%-%-%-[@`]"               -- annotations, code in the manual
        if utf8.len(line) > 100 and not whole then wrong("line " .. n .. " is too long") end
      end
    end)
  end)

  it("opens each C file with a comment that says what it is", function()
    each(C, function(path, wrong)
      local first = lines_of(path)[1]
      if not first:match("^/%* " .. path:match "[^/]+$":gsub("%p", "%%%0") .. ": ") then
        wrong("begins with " .. first)
      end
    end)
  end)
end)
