-- The examples that live in other programs run there, headless.
local http = require "socket.http"
local inside = require "spec.hosts.inside"
local socket = require "socket"
local support = require "spec.support"

local built, with = inside.built, inside.with

describe("the example for", function()
  it("C gives one model to two lua_States, and gets all memory back", function()
    local out, code, err = support.shell(support.build .. "/spec/two_states " .. support.pocket)
    assert.equal("", err)
    assert.equal(0, code)
    local guard = {}
    for text in out:gmatch "guard: (.-)\n" do guard[#guard + 1] = text end
    assert.equal(support.reference()[2].greedy_text, table.concat(guard))
    assert.matches("cook: ", out, 1, true)
    assert.matches("\n%d+ frames, %d+ bytes held\n0 bytes left\n$", out)
  end)

  it("LÖVE answers over several frames", function()
    if not built("love", "/luajit") then return end
    local scratch, remove = support.folder()
    local out, code, err = support.shell(with("/luajit",
      ("HEADLESS=1 HOME=%s SDL_VIDEODRIVER=dummy timeout 60 love examples/love"):format(scratch)))
    remove()
    assert.equal(0, code, err)
    local frames, answer = out:match "^(%d+) frames: (.*)\n$"
    assert.equal(support.reference()[2].greedy_text, answer, out .. err)
    assert.is_true(tonumber(frames) > 1)
  end)

  it("Neovim writes calls for a selection, and continues a text while the editor runs", function()
    if not built("nvim", "/luajit") then return end
    local scratch, remove = support.folder()
    local function edit(text, commands)
      local path = support.write(scratch .. "/text", text)
      local words = { with("/luajit", "HOME=" .. scratch), "timeout 60 nvim --headless -u NONE",
        "-i NONE -n -c 'luafile examples/nvim/moonlet.lua'" }
      for _, command in ipairs(commands) do
        words[#words + 1] = "-c " .. support.quote(command)
      end
      words[#words + 1] = path
      local _, code, err = support.shell(table.concat(words, " "))
      assert.equal(0, code, err)
      return support.read(path), err
    end
    local case = support.reference()[2]
    local text, err = edit(case.said .. "\nkept\n", { "1Call", "wq" })
    assert.equal(case.greedy_text .. "\nkept\n", text, err)
    -- What is typed above the mark while the model writes does not disturb it.
    text, err = edit("The cat\nlast\n", { "Continue 12", "1put! ='above'",
      "lua assert(vim.wait(50000, function() return not vim.g.moonlet_writing end))", "wq" })
    local model = require "moonlet".load()
    local continued = model:generate("The cat", { max_tokens = 12 })
    assert.equal("above\nThe cat" .. continued .. "\nlast\n", text, err)
    remove()
  end)

  it("lighttpd turns a sentence into a checked JSON call", function()
    if not built("lighttpd", "") then return end
    local port = inside.free_port()
    local scratch, remove = support.folder()
    os.execute(with("", ("PORT=%d lighttpd -D -f %s >%s/log 2>&1 & echo $! >%s/pid"):format(port,
      "examples/lighttpd/lighttpd.conf", scratch, scratch)))
    local address, body, code = ("http://127.0.0.1:%d/?"):format(port), nil, nil
    for _ = 1, 600 do
      body, code = http.request(address .. "turn+off+the+lights%20in+the+kitchen")
      if body then break end
      socket.sleep(0.05)
    end
    os.execute("kill " .. support.read(scratch .. "/pid"))
    local log = support.read(scratch .. "/log")
    remove()
    assert.equal(200, code, log)
    assert.equal('{"name":"iot_hue_lightoff","arguments":{"house_place":"kitchen"}}\n', body)
  end)
end)
