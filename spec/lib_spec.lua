-- The C library as a host sees it: what is installed, what it exports and what it needs.
local build = os.getenv "MOONLET_BUILD" or "build"
local sanitized = build:match "asan"

local function run(command)
  local pipe = assert(io.popen(command .. " 2>&1"))
  local text = pipe:read "a"
  return text, (pipe:close())
end

local function symbols(flags, file)
  local list = {}
  for line in run(("nm -D %s %s/%s"):format(flags, build, file)):gmatch "[^\n]+" do
    list[#list + 1] = line:match "%S+$":gsub("@.*", "")
  end
  return list
end

describe("library", function()
  it("exports moon_ functions and nothing else", function()
    local n = 0
    for _, name in ipairs(symbols("--defined-only", "libmoonlet.so")) do
      n = n + 1
      assert.matches("^moon_", name)
    end
    assert.is_true(n > 50)
  end)

  it("exports luaopen_ functions alone from the module", function()
    for _, name in ipairs(symbols("--defined-only", "moonlet.so")) do
      assert.is_truthy(name:match "^luaopen_moonlet" or name:match "^moon_", name)
      assert.is_nil(name:match "debug", name)
    end
  end)

  it("imports nothing that prints, aborts, exits or handles signals", function()
    if sanitized then return print "lib_spec: sanitizers import what a release does not" end
    local banned = { "abort", "exit", "_exit", "printf", "fprintf", "vprintf", "puts", "putchar",
      "__assert_fail", "signal", "sigaction", "raise", "perror", "__printf_chk",
      "__fprintf_chk" }
    for _, file in ipairs { "libmoonlet.so", "moonlet.so" } do
      local imported = {}
      for _, name in ipairs(symbols("--undefined-only", file)) do imported[name] = true end
      assert.is_true(imported.malloc or imported.realloc)   -- the list is one of imports
      for _, name in ipairs(banned) do assert.is_nil(imported[name], file .. ": " .. name) end
    end
  end)

  it("has one version: in words, in numbers, and in the name that programs link to", function()
    local header = assert(io.open "core/moonlet.h"):read "a"
    local version = header:match '#define MOON_VERSION "(.-)"'
    local numbers = {}
    for _, part in ipairs { "MAJOR", "MINOR", "PATCH" } do
      numbers[#numbers + 1] = header:match("#define MOON_VERSION_" .. part .. " (%d+)")
    end
    assert.equal(version, table.concat(numbers, "."))
    local abi = numbers[1] == "0" and "0." .. numbers[2] or numbers[1]
    assert.matches("soname: [libmoonlet.so." .. abi .. "]", run("readelf -d " .. build
      .. "/libmoonlet.so"), 1, true)
    assert.matches("Version: " .. version .. "\n", run("cat " .. build .. "/moonlet.pc"), 1, true)
  end)

  it("installs, and the header's program builds and runs against it", function()
    if sanitized then return print "lib_spec: installed once, not under sanitizers" end
    local root = run "mktemp -d":gsub("%s", "")
    local text, ok = run(("make --no-print-directory install BUILD=%s PREFIX=/opt DESTDIR=%s")
      :format(build, root))
    assert.is_true(ok, text)
    local flags = run(("PKG_CONFIG_PATH=%s/opt/lib/pkgconfig pkg-config --cflags --libs moonlet")
      :format(root))
    text, ok = run(("cc -std=c11 -Wall -Werror examples/embed.c %s -o %s/embed")
      :format(flags:gsub("%s+", " "), root))
    assert.is_true(ok, text)
    text, ok = run(("LD_LIBRARY_PATH=%s/opt/lib %s/embed examples/models/pocket hello")
      :format(root, root))
    assert.is_true(ok, text)
    text, ok = run(("cd / && %s/opt/bin/moonlet -e 'print(moonlet or require \"moonlet\".load())'")
      :format(root))
    assert.is_true(ok, text)
    assert.matches("7871424 parameters", text)
    text, ok = run(("cd / && LUA_CPATH='%s/opt/lib/lua/5.4/?.so' lua5.4 -e "
      .. "'print(require \"moonlet\".load())'"):format(root))
    assert.is_true(ok, text)
    assert.matches("7871424 parameters", text)
    run("rm -r " .. root)
  end)
end)
