-- Real programs with Lua inside, each driven headless: what is asked through them is answered as
-- the reference answers it.
local http = require "socket.http"
local inside = require "spec.hosts.inside"
local socket = require "socket"
local support = require "spec.support"
local url = require "socket.url"

local case = support.reference()[2]
local built, root = inside.built, inside.root

local function with(lua, command)
  return inside.with(lua, "SAID=" .. support.quote(case.said) .. " " .. command)
end

-- Posts the sentence, which the address has as well, as soon as the server listens.
local function ask(port)
  local address = ("http://127.0.0.1:%d/?%s"):format(port, url.escape(case.said))
  for _ = 1, 600 do
    local body, code = http.request(address, case.said)
    if body then return body, code end
    socket.sleep(0.05)
  end
end

-- Runs a server from a configuration, in which {port} and {folder} are replaced, asks it twice and
-- ends it.
local function serve(lua, command, configuration)
  local scratch, remove = support.folder()
  local port = inside.free_port()
  local words = { port = tostring(port), folder = root .. "/spec/hosts" }
  local path = support.write(scratch .. "/configuration", (configuration:gsub("{(%a+)}", words)))
  os.execute(("%s %s >%s/log 2>&1 & echo $! >%s/pid"):format(with(lua, command), path, scratch,
    scratch))
  local first, code = ask(port)
  local second = first and ask(port)
  os.execute("kill " .. support.read(scratch .. "/pid"))
  local log = support.read(scratch .. "/log")
  remove()
  assert.equal(case.greedy_text, first, log)
  assert.equal(case.greedy_text, second, log)
  assert.equal(200, code)
end

describe("inside", function()
  it("clingo, a solver, with Lua 5.4", function()
    if not built("clingo", "") then return end
    local out = support.shell(with("", ("clingo --outf=1 --const said=%s spec/hosts/clingo.lp")
      :format(support.quote('"' .. case.said .. '"'))))
    local answer = out:match 'answer%("(.*)"%)'
    assert.equal(case.greedy_text, answer and answer:gsub('\\"', '"'), out)
  end)

  it("lighttpd, a web server, with Lua 5.4", function()
    if not built("lighttpd", "") then return end
    serve("", "lighttpd -D -f", [[
      server.document-root = "{folder}"
      server.bind = "127.0.0.1"
      server.port = {port}
      server.modules = ("mod_magnet")
      magnet.attract-raw-url-to = ("{folder}/magnet.lua")
    ]])
  end)

  it("mle, an editor, with Lua 5.4", function()
    if not built("mle", "") then return end
    local out, code, err = support.shell(with("", "mle -N -H 1 -x spec/hosts/mle.lua "
      .. "-K keys,,1 -k cmd_call,f5, -n keys -M 'go f5' -p go"), case.said .. "\n")
    assert.equal(0, code, err)
    assert.equal(case.greedy_text .. "\n" .. case.said .. "\n", out)
  end)

  it("HAProxy, a proxy, with Lua 5.3", function()
    if not built("haproxy", "/lua53") then return end
    serve("/lua53", "haproxy -db -f", [[
global
  lua-load {folder}/haproxy.lua
defaults
  mode http
  timeout client 60s
  timeout connect 60s
  timeout server 60s
frontend talk
  bind 127.0.0.1:{port}
  http-request use-service lua.call
]])
  end)

  it("Neovim, an editor, with LuaJIT", function()
    if not built("nvim", "/luajit") then return end
    local scratch, remove = support.folder()
    local path = support.write(scratch .. "/text", case.said .. "\n")
    local _, code, err = support.shell(with("/luajit", ("HOME=%s nvim --headless -u NONE -i NONE "
      .. "-n -c 'luafile spec/hosts/nvim.lua' -c 'wq' %s"):format(scratch, path)))
    local text = support.read(path)
    remove()
    assert.equal(0, code, err)
    assert.equal(case.said .. "\n" .. case.greedy_text .. "\n", text, err)
  end)

  it("LÖVE, a game engine, with LuaJIT, frame by frame", function()
    if not built("love", "/luajit") then return end
    local scratch, remove = support.folder()
    local out, code, err = support.shell(with("/luajit",
      ("HOME=%s SDL_VIDEODRIVER=dummy timeout 60 love spec/hosts/love"):format(scratch)))
    remove()
    assert.equal(0, code, err)
    local version, frames, text = out:match "(%d+)\t(%d+)\t([^\n]*)\n$"
    assert.equal("11", version, out .. err)
    assert.equal(case.greedy_text, text)
    assert.is_true(tonumber(frames) >= #case.greedy, "only " .. frames .. " frames")
  end)
end)
