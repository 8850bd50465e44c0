-- The hub cache as it lies on disk: refs, revisions, single snapshots, and what is missing.
local support = require "spec.support"
local moonlet = require "moonlet"

-- Runs Lua in the program with a cache of its own; the cache is a folder that `fill` fills.
local function with_cache(fill, code, env)
  local cache, remove = support.folder()
  fill(cache)
  local clean = "env -u HF_HOME -u HF_HUB_CACHE -u MOONLET_MODEL %s %s -e %s"
  local out, status, err = support.shell(clean:format((env or "HF_HUB_CACHE=%s")
    :format(support.quote(cache)), support.program, support.quote(code)))
  remove()
  return out, status, err
end

local function repository(cache, name, snapshots, refs)
  local folder = cache .. "/models--" .. name:gsub("/", "--")
  os.execute("mkdir -p " .. folder .. "/refs " .. folder .. "/snapshots")
  for _, commit in ipairs(snapshots) do
    os.execute(("cp -r spec/fixtures/tiny-gqa %s/snapshots/%s"):format(folder, commit))
  end
  for ref, commit in pairs(refs or {}) do support.write(folder .. "/refs/" .. ref, commit) end
  return folder
end

local report = [[local m, message = require "moonlet".load(%q)
  io.write(m and m.path:match "[^/]+$" or message)]]

describe("a hub id", function()
  it("follows refs/main, a revision, or a single snapshot", function()
    local function fill(cache)
      repository(cache, "org/two", { "aaa", "bbb" }, { main = "bbb\n", v1 = "aaa" })
      repository(cache, "org/one", { "ccc" })
    end
    assert.equal("bbb", (with_cache(fill, report:format "org/two")))
    assert.equal("aaa", (with_cache(fill, report:format "org/two@v1")))
    assert.equal("aaa", (with_cache(fill, report:format "org/two@aaa")))
    assert.equal("ccc", (with_cache(fill, report:format "org/one")))
  end)

  it("looks where HF_HOME and XDG_CACHE_HOME say", function()
    for env, below in pairs { ["HF_HOME=%s"] = "/hub", ["XDG_CACHE_HOME=%s"] = "/huggingface/hub",
      ["HOME=%s"] = "/.cache/huggingface/hub" } do
      if env == "HOME=%s" then env = "-u XDG_CACHE_HOME HOME=%s" end
      assert.equal("ccc", (with_cache(function(cache)
        os.execute("mkdir -p " .. cache .. below)
        repository(cache .. below, "org/one", { "ccc" })
      end, report:format "org/one", env)), env)
    end
  end)

  it("says what it looked for, and that nothing is downloaded", function()
    local out = with_cache(function() end, report:format "org/none")
    assert.truthy(out:find("models--org--none", 1, true))
    assert.truthy(out:find("nothing is downloaded", 1, true))
    out = with_cache(function(cache) repository(cache, "org/two", { "aaa", "bbb" }) end,
      report:format "org/two")
    assert.truthy(out:find("refs/main", 1, true))
    out = with_cache(function(cache) repository(cache, "org/two", { "aaa" }, { main = "gone" }) end,
      report:format "org/two")
    assert.truthy(out:find("config.json", 1, true))
    out = with_cache(function(cache) repository(cache, "org/two", { "aaa" }, { main = "aaa" }) end,
      report:format "org/two@v9")
    assert.truthy(out:find("v9", 1, true))
  end)

  it("is never a way out of the cache", function()
    for _, id in ipairs { "../..", "org/..", "org/../../x", "/org/x", "org/x/../y", "org//x" } do
      local none, message = moonlet.load(id .. "/no")
      assert.equal(nil, none)
      assert.equal("string", type(message))
    end
  end)
end)

describe("the bundled model", function()
  it("is found from any folder", function()
    local program = assert(support.shell("realpath " .. support.program)):gsub("\n", "")
    local out, code = support.shell(("cd / && env -u MOONLET_MODEL %s -e %s"):format(program,
      support.quote 'io.write(require"moonlet".load():count())'))
    assert.equal("7871424", out)
    assert.equal(0, code)
  end)

  it("is found where make install puts it", function()
    local prefix, remove = support.folder()
    support.shell(("mkdir -p %s/bin %s/lib/lua/5.4 %s/share/moonlet/models; cp %s %s/bin; "
      .. "cp %s/moonlet.so %s/lib/lua/5.4; cp -r %s %s/share/moonlet/models"):format(prefix, prefix,
      prefix, support.program, prefix, support.build, prefix, support.pocket, prefix))
    local code = support.quote 'io.write(require"moonlet".load().path)'
    local want = prefix .. "/share/moonlet/models/pocket"
    assert.equal(want, (support.shell(("cd / && %s/bin/moonlet -e %s"):format(prefix, code))))
    assert.equal(want, (support.shell(("cd / && LUA_CPATH=%s/lib/lua/5.4/?.so lua5.4 -e %s")
      :format(prefix, code))))
    support.shell("rm -r " .. prefix .. "/share")
    local out, status, err = support.shell(("cd / && %s/bin/moonlet run hello"):format(prefix))
    remove()
    assert.equal("", out)
    assert.equal(1, status)
    assert.truthy(err:find(want, 1, true))
    assert.truthy(err:find("MOONLET_MODEL", 1, true))
  end)
end)
