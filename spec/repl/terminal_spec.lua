-- The REPL in a pseudo-terminal, key by key.
local support = require "spec.support"
local pty = require "moonlet.debug.pty"
local vt = require "spec.repl.screen"
local host = require "moonlet.host"

local LONGEST_WAIT = 60         -- seconds until a spec gives up; nothing is measured

-- A REPL with a home of its own.
local Session = {}
Session.__index = Session

local function start(options)
  options = options or {}
  local home, remove = support.folder()
  local words = { "env", "HOME=" .. (options.home or home), "XDG_STATE_HOME=", "TERM=xterm",
    "MOONLET_MODEL=" .. support.pocket }
  for _, word in ipairs(options.env or {}) do words[#words + 1] = word end
  words[#words + 1] = support.program
  for _, word in ipairs(options.words or {}) do words[#words + 1] = word end
  words.columns, words.rows = options.columns or 80, 24
  local self = setmetatable({ pty = pty.start(words), screen = vt.new(words.columns),
    home = home, remove = remove, seen = "" }, Session)
  self:expect(options.prompt or "1> ")
  return self
end

function Session:read(ms)
  local bytes = self.pty:read(ms)
  if not bytes then return nil end
  self.seen = self.seen .. bytes
  self.screen:put(bytes)
  return bytes
end

-- Reads until is_done() or nothing more can come; false when neither happens.
function Session:wait(is_done)
  local last = host.clock() + LONGEST_WAIT
  repeat
    if is_done() then return true end
    if not self:read(20) then return is_done() end
  until host.clock() > last
  return false
end

-- Reads until what is shown ends in `text` (blanks do not count).
function Session:expect(text)
  text = text:gsub("%s+$", "")
  local come = self:wait(function()
    return self.screen:text():gsub("%s+$", ""):sub(-#text) == text
  end)
  if not come then error(("waited for %q in:\n%s"):format(text, self.screen:text()), 2) end
  return self
end

-- Reads until `text` is shown anywhere; a line that wrapped counts as whole.
function Session:await(text)
  local come = self:wait(function()
    local shown = self.screen:text()
    return (shown .. shown:gsub("\n", "")):find(text, 1, true)
  end)
  if not come then error(("waited for %q in:\n%s"):format(text, self.screen:text()), 2) end
  return self
end

-- Reads until so many more bytes have come.
function Session:grow(n)
  local goal = #self.seen + n
  assert.is_true(self:wait(function() return #self.seen >= goal end))
  return self
end

-- Reads what comes until nothing has for ms milliseconds.
function Session:drain(ms)
  local last = host.clock() + LONGEST_WAIT
  repeat
    local bytes = self:read(ms)
  until not bytes or bytes == "" or host.clock() > last
  return self
end

-- Types; what comes meanwhile is read, since a program that cannot write does not read either.
function Session:type(bytes)
  assert.is_true(self:wait(function()
    bytes = bytes:sub(self.pty:write(bytes) + 1)
    return bytes == ""
  end))
  return self
end

-- Ctrl-D, and what the program leaves: its exit code.
function Session:leave()
  self:expect("> "):type "\4"
  self:wait(function() return false end)
  local code = self.pty:wait()
  self.pty:close()
  self.remove()
  return code
end

-- After `keys` and Enter the next prompt comes with `shown` above it.
local function shows(session, keys, shown, prompt)
  session:type(keys .. "\r"):expect(prompt)
  assert.truthy(session.screen:text():find(shown, 1, true), session.screen:text())
end

describe("the REPL on a terminal", function()
  it("prints values, keeps them in _ and _1, and mutes", function()
    local s = start()
    shows(s, "20 + 22", "\n42\n", "2> ")
    shows(s, "_ + _1", "\n84\n", "3> ")
    shows(s, "'mu' .. 'te';", "> 'mu' .. 'te';\n4> ", "4> ")
    shows(s, "_", "\nmute\n", "5> ")
    shows(s, "{ 1, { a = 'b' } }", '\n{ 1, { a = "b" } }\n', "6> ")
    shows(s, "nil, false", "nil", "7> ")
    assert.equal(0, s:leave())
  end)

  it("continues a block, recalls and edits it as one", function()
    local s = start()
    s:type "for i = 1, 2 do\rio.write(i, ';')\rend\r":await "1;2;"
    s:expect "2> "
    s:type "\27[A":expect "end "
    assert.truthy(s.screen:text():find("2> for i = 1, 2 do\n > io.write(i, ';')\n > end", 1, true))
    s:type "\27[A\27[A\5\27[D\27[D\27[D\1274\r":await "1;2;3;4;"
    assert.equal(0, s:leave())
  end)

  it("takes a paste whole", function()
    local s = start()
    s:type "\27[200~x = 1\nfor i = 1, 3 do\n\tx = x * 2\nend\27[201~":expect "end "
    s:type "\r":expect "2> "
    shows(s, "x", "\n8\n", "3> ")
    assert.equal(0, s:leave())
  end)

  it("keeps history over sessions, and searches it", function()
    local s = start()
    s:type "first = 'one'\r":expect "2> "
    s:type "'sec' .. 'ond'\r":expect "3> "
    local home = s.home
    s.remove = function() end
    assert.equal(0, s:leave())
    s = start { home = home }
    s:type "\18fir":await "search 'fir'"
    s:type "\r":expect "2> "
    shows(s, "first", "\none\n", "3> ")
    assert.equal(0, s:leave())
    support.shell("rm -r " .. home)
  end)

  it("completes through userdata, options and files", function()
    local s = start()
    s:type "t = moonlet.tensor { 1, 2 }\r":expect "2> "
    s:type "t:transp\t":expect "t:transpose "
    s:type "\21moonlet.load('x', { thre\t":expect "threads = "
    s:type "\21io.open 'examples/mod\t":expect "'examples/models/ "
    s:type "\21t:to\t":await "topk  totable"
    s:type "\3":expect "2> "
    assert.equal(0, s:leave())
  end)

  it("helps from the annotations, and shows source", function()
    local s = start()
    s:type "?moonlet.load\r":await "Nothing is ever downloaded"
    s:type "?model:generate\r":await "model:generate(prompt, options?)"
    s:type "model = moonlet.load()\r??model:generate\r":await "generate(model, nil, ...)"
    s:type ":help\r":await ":chat"
    s:type ":nonsense\r":await "did you mean"
    assert.equal(0, s:leave())
  end)

  it("shows a generation as it comes, its speed, and keeps what Ctrl-C leaves", function()
    local s = start()
    s:type "model = moonlet.load()\r":expect "2> "
    s:type "model:generate('<|user|>play jazz<|call|>', { special = true, max_tokens = 4 })\r"
    s:await "generated at"
    s:expect "3> "
    s:type "model:generate('once', { max_tokens = 99999, min_tokens = 99999, context = 99999 })\r"
    s:grow(500):type "\3":await "interrupted!"
    s:await "_ is the text so far"
    s:expect "4> "
    shows(s, "type(_), #_ > 0", "string", "5> ")
    s:type "io.write('endless\\n') while true do end\r":await "\nendless"
    s:type "\3":await "endless\n^Cinterrupted!"
    shows(s, "1 + 1", "\n2\n", "7> ")
    assert.equal(0, s:leave())
  end)

  it("chats, with options", function()
    local s = start()
    s:type ":set max_tokens 5\r":expect "2> "
    s:type ":set max_token 5\r":await "did you mean"
    s:type ":chat\r":expect "you> "
    s:type "play some jazz\r":await "generated at"
    s:expect "you> "
    s:type ":chat\r":expect "6> "
    shows(s, "type(_)", "string", "7> ")
    assert.equal(0, s:leave())
  end)

  it("saves, loads, runs and times", function()
    local s = start()
    s:type "y = 5\r":expect "2> "
    s:type(":save " .. s.home .. "/s.lua\r"):await "1 inputs in"
    assert.equal("y = 5\n", support.read(s.home .. "/s.lua"))
    support.write(s.home .. "/r.lua", "z = (z or 0) + 1\nio.write('got ', ..., '\\n')\n")
    s:type(":run " .. s.home .. "/r.lua word\r"):await "got word"
    s:type "z\r":await "nil"
    s:type(":load " .. s.home .. "/s.lua\r"):expect "6> "
    s:type ":time y * 2\r":await " ms"
    s:type "!echo from the shell\r":await "from the shell\n"
    assert.equal(0, s:leave())
  end)

  it("wraps long lines and shows wide characters", function()
    local s = start { columns = 20 }
    s:type "s = '漢字漢字漢字漢字漢字漢字'":await "漢字'"
    s:type "\1\27[C\27[C\27[C\27[C\27[C\27[3~x\r":expect "2> "
    shows(s, "s", "x字漢字漢字", "3> ")
    assert.equal(0, s:leave())
  end)

  it("leaves the terminal as it was, whatever was typed", function()
    local s = start()
    local echo, lines = s.pty:attributes()
    assert.same({ false, false }, { echo, lines })
    local seed = 11
    local bytes = { "a", "ä", "(", "\r", "\27\r", "\t", "\127", "\27[3~", "\27[A", "\27[B", "\27[C",
      "\27[D", "\1", "\5", "\11", "\21", "\23", "\25", "\31", "\18", "\7", "\27", "\27b", "\3", "'",
      "\27[200~x\ny\27[201~", "\255", "\27[1;9Z", "1", "+" }
    for _ = 1, 100 do
      local keys = {}
      for i = 1, 100 do
        seed = seed * 48271 % 2147483647
        keys[i] = bytes[seed % #bytes + 1]
      end
      s:type(table.concat(keys)):drain(5)
    end
    -- What is typed while a line is evaluated is the terminal's, which drops what is too much and
    -- clears all of it at Ctrl-C: so this is typed until an answer comes.
    assert.is_true(s:wait(function()
      s:type("\27[201~\7\3"):drain(100):type("'al' .. 'ive'\r"):drain(100)
      return s.screen:text():find("\nalive\n", 1, true)
    end), s.screen:text())
    s:drain(500)
    assert.equal(0, s:leave())
  end)

  it("is quiet in a pipe, asks on a dumb terminal, and obeys NO_COLOR", function()
    local out = support.moonlet({ "-i" }, "1 + 1\nfor i = 1, 2 do\nio.write(i)\nend\n")
    assert.equal("2\n12", out:gsub("^moonlet.-\n", ""))
    local s = start { env = { "TERM=dumb" } }
    s:type "1 + 1\r":await "\n2\n"
    assert.is_nil(s.seen:find("\27", 1, true))
    assert.equal(0, s:leave())
    s = start { env = { "NO_COLOR=1" } }
    s:type "1 + 1\r":expect "2> "
    assert.is_nil(s.seen:find "\27%[[%d;]*m")
    assert.equal(0, s:leave())
  end)

  it("polls without waiting, in a host of its own", function()
    local out = {}
    local repl = require("moonlet.repl").new { env = {}, history = false,
      write = function(...) for _, piece in ipairs { ... } do out[#out + 1] = piece end end,
      input = { lines = { "x = 3", "x * 2" },
        read = function(self) return table.remove(self.lines, 1) end } }
    while repl:poll(0) do end
    assert.equal("6\n", table.concat(out))
  end)
end)
