-- Every page's programs run as they stand and print what their comments say: the Lua of a page is
-- one program, block after block; each C block is a program of its own.
local lfs = require "lfs"
local support = require "spec.support"

-- The pages of the tree, those of builds aside.
local function pages(folder, list)
  for name in lfs.dir(folder) do
    local path = folder == "." and name or folder .. "/" .. name
    local hidden = name:sub(1, 1) == "." or path == "build"
    if not hidden and lfs.attributes(path, "mode") == "directory" then pages(path, list)
    elseif name:match "%.md$" then list[#list + 1] = path end
  end
  table.sort(list)
  return list
end

local KINDS = { lua = true, c = true, sh = true, [""] = true }

-- The fenced blocks of a page: { kind, text }.
local function blocks(path)
  local list, block = {}, nil
  for line in io.lines(path) do
    local fence = line:match "^%s*```(.*)$"
    if fence and block then list[#list + 1], block = block, nil
    elseif fence then block = { kind = fence, lines = {} }
    elseif block then block.lines[#block.lines + 1] = line end
  end
  assert(not block, path .. ": a block has no end")
  for _, each in ipairs(list) do each.text = table.concat(each.lines, "\n") .. "\n" end
  return list
end

local function words(text) return (text:gsub("%s+", " ")) end

-- What a program's comments promise comes out, in that order; how much that was.
local function keeps(program, output)
  local at, n, shown = 1, 0, words(output)
  for promise in program:gmatch "%-%-> ?([^\n]*)" do
    local part = words(promise):gsub("%s*%*/.*$", ""):match "^(.-)[ .]*$"
    local from, to = shown:find(part, at, true)
    assert.is_truthy(from, ("'%s' is not, or too early, in:\n%s"):format(part, output))
    at, n = to + 1, n + 1
  end
  return n
end

local function run_lua(program)
  local path = support.write(os.tmpname(), program)
  local out, code, err = support.moonlet { path }
  os.remove(path)
  assert.equal(0, code, out .. err)
  return out
end

local function run_c(program)
  local path = os.tmpname()
  support.write(path .. ".c", program)
  local libraries = support.read(support.build .. "/moonlet.pc"):match "Libs.private: ([^\n]*)"
  local sanitize = support.build:match "asan" and "-fsanitize=address,undefined" or ""
  local out, code, err = support.shell(("%s -std=c11 -Wall -Wextra -Werror %s -Icore -o %s %s.c "
    .. "%s/libmoonlet.a %s && %s"):format(os.getenv "CC" or "cc", sanitize, path, path,
    support.build, libraries, path))
  os.remove(path)
  os.remove(path .. ".c")
  assert.equal(0, code, out .. err)
  return out
end

local found = pages(".", {})

describe("the pages", function()
  it("are those that the tree has, and speak in blocks of known kinds", function()
    local all = table.concat(found, "\n")
    for _, path in ipairs { "README.md", "examples/README.md", "examples/pages/sessions.md",
      "examples/pages/constraints.md", "examples/pages/tools.md", "examples/pages/training.md" } do
      assert.truthy(all:find(path, 1, true), path)
    end
    for _, path in ipairs(found) do
      for _, block in ipairs(blocks(path)) do
        assert.truthy(KINDS[block.kind], path .. ": ```" .. block.kind)
      end
    end
  end)

  it("link to files that there are", function()
    for _, path in ipairs(found) do
      local folder = path:match "^.*/" or ""
      for target in support.read(path):gmatch "%]%(([^%)#]+)" do
        if not target:find "://" then
          assert.truthy(lfs.attributes(folder .. target), path .. " links to " .. target)
        end
      end
    end
  end)

  it("show pictures that are whole, and small", function()
    local n = 0
    for _, path in ipairs(found) do
      local folder = path:match "^.*/" or ""
      for target in support.read(path):gmatch "!%b[]%(([^%)]+)%)" do
        local picture = support.read(folder .. target)
        n = n + 1
        assert.is_true(#picture < 60000, target)
        if target:match "%.svg$" then assert.matches("^<svg .*</svg>\n$", picture)
        else assert.equal("\137PNG\r\n", picture:sub(1, 6)) end
      end
    end
    assert.is_true(n >= 8)
  end)

  it("are short", function()
    for _, path in ipairs(found) do
      local _, lines = support.read(path):gsub("\n", "")
      assert.is_true(lines < (path == "README.md" and 250 or 140), path .. ": " .. lines)
    end
  end)

  for _, path in ipairs(found) do
    local lua, c = {}, {}
    for _, block in ipairs(blocks(path)) do
      if block.kind == "lua" then lua[#lua + 1] = block.text
      elseif block.kind == "c" then c[#c + 1] = block.text end
    end
    if #lua > 0 then
      it(("run: the Lua of %s"):format(path), function()
        local program = table.concat(lua)
        assert.is_true(keeps(program, run_lua(program)) > 0)
      end)
    end
    for i, program in ipairs(c) do
      it(("run: C program %d of %s"):format(i, path), function()
        assert.is_true(keeps(program, run_c(program)) > 0)
      end)
    end
  end
end)
