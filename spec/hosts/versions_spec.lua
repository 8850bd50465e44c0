-- One program, four Luas: embedding.lua checks itself in each, and says the same in all.
local support = require "spec.support"

local function embed(interpreter, folder)
  local scratch, remove = support.folder()
  local out, code, err = support.shell(("env -u LUA_PATH LUA_CPATH=%s %s %s %s"):format(
    support.quote(folder .. "/?.so"), interpreter, "spec/hosts/embedding.lua", scratch))
  remove()
  assert.equal("", err)
  assert.equal(0, code)
  return out
end

describe("the module", function()
  local others = {
    { "lua5.3", "lua53", "Lua 5.3" }, { "lua5.1", "lua51", "Lua 5.1" },
    { "luajit", "luajit", "LuaJIT 2" },
    { "luajit", "lua51", "LuaJIT 2" },          -- one ABI: what is built for 5.1 serves LuaJIT too
  }
  local expected

  setup(function() expected = embed("lua5.4", support.build) end)

  it("serves stock Lua 5.4", function()
    local parts = {}
    for name in expected:gmatch "%-%- (%a+)\n" do parts[#parts + 1] = name end
    assert.same({ "load", "generate", "stream", "sessions", "tensors", "json", "constraint",
      "errors", "scripts", "collector" }, parts)
  end)

  for _, other in ipairs(others) do
    local interpreter, build, version = other[1], other[2], other[3]
    it(("serves %s as built in %s"):format(version, build), function()
      local folder = support.build .. "/" .. build
      if not support.present(interpreter, folder .. "/moonlet.so") then return end
      local out = support.shell(interpreter .. " -v 2>&1")
      assert.equal(version, out:sub(1, #version))
      assert.equal(expected, embed(interpreter, folder))
    end)
  end

  it("is refused by a Lua that it was not built for", function()
    if not support.present "luajit" then return end
    local out, code = support.shell(("LUA_CPATH=%s luajit -e 'print(pcall(require, \"moonlet\"))'")
      :format(support.quote(support.build .. "/?.so")))
    assert.equal(0, code)
    assert.matches("^false\t.*undefined symbol", out)
  end)
end)
