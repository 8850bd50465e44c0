-- Keys, the text being typed, what completes and what is shown, each without a terminal.
local support = require "spec.support"
local moonlet = require "moonlet"
local complete = require("moonlet.repl.complete").complete
local editor = require "moonlet.repl.editor"
local history = require "moonlet.repl.history"
local keys = require "moonlet.repl.keys"
local manual = require "moonlet.repl.manual"
local screen = require "moonlet.repl.screen"
local show = require "moonlet.repl.show"
local vt = require "spec.repl.screen"

describe("keys", function()
  local function named(bytes)
    local list = {}
    local decoder = keys.new()
    local events = decoder:push(bytes)
    for _, event in ipairs(decoder:flush()) do events[#events + 1] = event end
    for i, e in ipairs(events) do
      list[i] = e.text or e.key and "<" .. e.key .. ">" or "[" .. e.paste .. "]"
    end
    return table.concat(list, " ")
  end

  it("reads text, control keys and xterm's sequences", function()
    assert.equal("a ä 漢 <enter> <tab> <ctrl-a> <backspace>", named "aä漢\r\t\1\127")
    assert.equal("<up> <down> <right> <left> <home> <end>",
      named "\27[A\27[B\27[C\27OD\27[H\27[4~")
    assert.equal("<ctrl-right> <alt-left> <shift-tab> <delete>",
      named "\27[1;5C\27[1;3D\27[Z\27[3~")
    assert.equal("<alt-b> <alt-enter> <esc>", named "\27b\27\r\27")
  end)

  it("takes a paste whole, with its line breaks", function()
    assert.equal("x [for i = 1\n\tdo\n] y", named "x\27[200~for i = 1\r\tdo\r\n\7\27[201~y")
  end)

  it("gives the same events however the bytes are split", function()
    local bytes = "aä\27[1;5C\27[200~p\r\n\27[x\27[201~漢\27\27[A\1\r"
    local whole = named(bytes)
    for cut = 1, #bytes - 1 do
      local decoder, list = keys.new(), {}
      for _, part in ipairs { bytes:sub(1, cut), bytes:sub(cut + 1) } do
        for _, e in ipairs(decoder:push(part)) do
          list[#list + 1] = e.text or e.key and "<" .. e.key .. ">" or "[" .. e.paste .. "]"
        end
      end
      assert.equal(whole, table.concat(list, " "))
    end
  end)
end)

-- An editor after these bytes; "|" marks the cursor.
local function typed(bytes, options)
  local e = editor.new(options or {})
  local what
  for _, event in ipairs(keys.new():push(bytes)) do what = e:press(event) or what end
  return e.text:sub(1, e.cursor) .. "|" .. e.text:sub(e.cursor + 1), what, e
end

describe("the editor", function()
  it("moves, kills, yanks and undoes", function()
    assert.equal("hel|lo", (typed "hello\27[D\27[D"))
    assert.equal("|one two", (typed "one two\1"))
    assert.equal("one |two", (typed "one two\27b"))
    assert.equal("one |", (typed "one two\23"))
    assert.equal("one two|", (typed "one two\23\25"))
    assert.equal("|two", (typed "one two\1\27d\27[3~"))
    assert.equal("ab|", (typed "abä\127"))
    assert.equal("a|ä", (typed "aä\27[D"))
    assert.equal("one|", (typed "one\23\31"))
    assert.equal("x|", (typed "ab\21x"))
  end)

  it("edits several lines as one text", function()
    local block = "\27[200~for i = 1, 2 do\n  print(i)\nend\27[201~"
    assert.equal("for i = 1, 2 do\n  p|rint(i)\nend", (typed(block .. "\27[A")))
    assert.equal("for i = 1, 2 do\n  print(i)\n|end", (typed(block .. "\1")))
    assert.equal("fo|r i = 1, 2 do\n  print(i)\nend", (typed(block .. "\1\27[C\27[C\27[A\27[A")))
    assert.equal("a\n|b", (typed "ab\27[D\27\r"))
  end)

  it("submits what is whole and breaks what is not", function()
    local ready = function(text) return not text:find "do" or text:find "end" end
    local text, what = typed("1\r", { ready = ready })
    assert.same({ "1|", "submit" }, { text, what })
    text, what = typed("do\r", { ready = ready })
    assert.same({ "do\n|" }, { text, what })
    assert.equal("submit", select(2, typed("do\rend\r", { ready = ready })))
  end)

  it("recalls whole blocks, and keeps the draft", function()
    local h = { entries = { "first", "for\nend" } }
    assert.equal("for\nend|", (typed("\27[A", { history = h })))
    assert.equal("first|", (typed("\16\16", { history = h })))
    assert.equal("dra|", (typed("dra\16\16\14\14", { history = h })))
  end)

  it("searches backwards as one types", function()
    local h = { entries = { "print(1)", "x = 2", "print(3)" } }
    assert.equal("|print(3)", (typed("\18pri", { history = h })))
    assert.equal("|print(1)", (typed("\18pri\18", { history = h })))
    assert.equal("print(1)|", (typed("\18pri\18\5", { history = h })))
    assert.equal("old|", (typed("old\18pri\7", { history = h })))
    assert.equal("submit", select(2, typed("\18x =\r", { history = h })))
  end)

  it("completes what candidates share, and lists them", function()
    local options = { complete = function() return 1, { "alpha", "alphabet" } end }
    local text, _, e = typed("(al\t", options)
    assert.equal("(alpha|", text)
    assert.is_nil(e.note)
    text, _, e = typed("(al\t\t", options)
    assert.equal("(alpha|", text)
    assert.equal("alpha  alphabet", e.note)
    assert.equal("  |", (typed("\t", options)))
  end)

  it("says what the host shall do", function()
    assert.equal("interrupt", select(2, typed "ab\3"))
    assert.equal("end", select(2, typed "\4"))
    assert.equal("|b", (typed "ab\1\4"))
    assert.equal("clear", select(2, typed "\12"))
    assert.equal("stop", select(2, typed "\26"))
  end)

  it("stays sane under 10,000 random key sequences", function()
    local seed = 7
    local function random(n)
      seed = seed * 48271 % 2147483647
      return seed % n + 1
    end
    local bytes = { "a", "ä", "漢", " ", "(", "\r", "\27\r", "\t", "\127", "\27[3~", "\27[A",
      "\27[B", "\27[C", "\27[D", "\1", "\5", "\11", "\21", "\23", "\25", "\31", "\18", "\7", "\27",
      "\27b", "\27f", "\27d", "\16", "\14", "\27[200~x\ny\27[201~", "\255", "\27[1;9Z", "\4" }
    local e = editor.new { history = { entries = { "one", "ä\n漢", "for x do\nend" } },
      complete = function(head) return #head, { "ä", "ö" } end,
      ready = function(text) return #text % 3 == 0 end }
    local decoder = keys.new()
    for _ = 1, 10000 do
      for _ = 1, random(8) do
        for _, event in ipairs(decoder:push(bytes[random(#bytes)])) do
          if e:press(event) == "submit" then e:reset() end
        end
      end
      assert.is_true(e.cursor >= 0 and e.cursor <= #e.text)
      assert.is_nil(e.text:sub(e.cursor + 1):find "^[\128-\191]")
      assert.truthy(utf8.len(e.text), e.text)
    end
  end)
end)

describe("the screen", function()
  it("shows lines that wrap, and the cursor where it belongs", function()
    local s, t = screen.new(), vt.new(10)
    t:put(s:draw({ "> 12345678", "> ab" }, 1, 10, 10))
    assert.equal("> 12345678\n\n> ab", t:text())
    assert.same({ 2, 1 }, { t.row, t.column })
    t:put(s:draw({ "> 漢漢漢漢漢", "> ab" }, 2, 3, 10))
    assert.equal("> 漢漢漢漢\n漢\n> ab", t:text())
    assert.same({ 3, 4 }, { t.row, t.column })
    t:put(s:draw({ "> x" }, 1, 3, 10) .. s:leave() .. "out")
    assert.equal("> x\nout\n", t:text())
  end)
end)

describe("completion", function()
  local env = { print = print, string = string, table = table, alpha = { beta = { gamma = 1 },
    bear = function() end }, moonlet = moonlet, text = "x" }
  env.t = env.moonlet.tensor { 1, 2 }
  env.model = assert(env.moonlet.load(support.pocket))

  local function of(head)
    local from, list = complete(head, env, { "chat", "set" })
    return head:sub(1, from), table.concat(list, " ")
  end

  it("knows globals, keywords, fields and methods", function()
    assert.same({ "", "alpha and" }, { of "a" })
    assert.same({ "x = alpha.", "bear beta" }, { of "x = alpha.be" })
    assert.same({ "alpha.beta.", "gamma" }, { of "alpha.beta." })
    assert.same({ "alpha:", "bear" }, { of "alpha:be" })
    assert.same({ "f(text:", "gmatch gsub" }, { of "f(text:g" })
    assert.same({ "t:", "transpose" }, { of "t:tra" })
    assert.same({ "print(model:", "generate" }, { of "print(model:gen" })
    assert.same({ "model.", "config" }, { of "model.conf" })
    assert.same({ "moonlet.", "load load_tensors" }, { of "moonlet.loa" })
  end)

  it("knows the options of the call around the cursor", function()
    assert.same({ "model:generate('x', { ", "temperature = " }, { of "model:generate('x', { temp" })
    assert.same({ "moonlet.load('p', { threads = 2, ", "dtype = " },
      { of "moonlet.load('p', { threads = 2, dt" })
    assert.same({ "model:encode(f(1), { ", "special = " }, { of "model:encode(f(1), { spec" })
  end)

  it("knows files in strings, and commands", function()
    assert.same({ "moonlet.load '", "examples/models/" }, { of "moonlet.load 'examples/mod" })
    assert.same({ ":load ", "README.md" }, { of ":load READ" })
    assert.same({ ":", "chat" }, { of ":c" })
  end)

  it("marks folders, empty ones too, and hides what begins with a dot", function()
    local folder, remove = support.folder()
    os.execute("mkdir " .. folder .. "/empty " .. folder .. "/.hidden")
    support.write(folder .. "/file", "")
    local text = "'" .. folder .. "/"
    assert.same({ text:sub(1, 1), folder .. "/empty/ " .. folder .. "/file" }, { of(text) })
    assert.same({ "'", folder .. "/.hidden/" }, { of(text .. ".h") })
    assert.same({ "'", "" }, { of(text .. "none/") })
    remove()
  end)

  it("never throws at a prefix of a real line", function()
    local lines, seed = {}, 5
    for _, path in ipairs { "README.md", "scripts/moonlet/repl.lua", "examples/api_call.lua" } do
      for line in io.lines(path) do lines[#lines + 1] = line end
    end
    for _ = 1, 5000 do
      seed = seed * 48271 % 2147483647
      local line = lines[seed % #lines + 1]
      local text = line:sub(1, seed % (#line + 1))
      local from, list = complete(text, env, {})
      assert.is_true(from >= 0 and from <= #text and #list <= 500)
    end
  end)

  it("runs nothing of the user's, and never throws", function()
    env.trap = setmetatable({}, { __index = function() error "touched" end })
    env.loop = {}
    setmetatable(env.loop, { __index = env.loop })
    assert.same({ "trap.", "" }, { of "trap.x" })
    assert.same({ "loop.", "" }, { of "loop." })
    local seed = 3
    local parts = { "model", ":", ".", "gen", "{", "}", "(", ")", "'", '"', "\\", "\n", "--", " ",
      "t", "trap", "23", "..", "ä", "\255", ",", "=", "moonlet", "load", ":set", "?" }
    for _ = 1, 5000 do
      local head = {}
      for i = 1, seed % 9 + 1 do
        seed = seed * 48271 % 2147483647
        head[i] = parts[seed % #parts + 1]
      end
      seed = seed * 48271 % 2147483647
      local text = table.concat(head)
      local from, list = complete(text, env, {})
      assert.is_true(from >= 0 and from <= #text)
      for _, candidate in ipairs(list) do
        assert.equal(text:sub(from + 1), candidate:sub(1, #text - from))
      end
    end
  end)
end)

describe("the manual", function()
  it("knows every function of the annotations, with the names of its options", function()
    local entry = manual.find("moonlet.load")[1]
    assert.truthy(entry.signature:find("moonlet.load(path?, options?) -> moonlet.model?", 1, true))
    assert.truthy(entry.text:find "Nothing is ever downloaded")
    assert.truthy(manual.options(entry).dtype)
    assert.truthy(manual.options(manual.find("model:generate")[1]).temperature)
    assert.truthy(manual.options(manual.find("model:encode")[1]).bos)
    assert.equal("method", manual.members("moonlet.session").feed)
    assert.equal("field", manual.members("moonlet.session").context)
  end)
end)

describe("display", function()
  it("prints tables as constructors, cut where they are long or deep", function()
    assert.equal('{ 1, 2, [true] = 3, a = "x" }', show({ 1, 2, a = "x", [true] = 3 }, 80))
    assert.equal("{ { { { { ... } } } } }", show({ { { { { { 1 } } } } } }, 80))
    local long = {}
    for i = 1, 100 do long[i] = i end
    assert.truthy(show(long, 80):find "%.%.%. 60 more")
    local me = {}
    me.me = me
    assert.equal("{ me = { (itself) } }", show(me, 80))
    assert.equal("x\ny", show("x\ny", 80))
    assert.equal('{ "x\\ny" }', show({ "x\ny" }, 80))
  end)
end)

describe("history", function()
  it("keeps blocks over sessions", function()
    local folder, remove = support.folder()
    local h = history.open(folder .. "/state/moonlet/history")
    for _, text in ipairs { "1", "for\nend", "a\\n", "a\\n", " hidden", "" } do h:add(text) end
    assert.same({ "1", "for\nend", "a\\n" }, h.entries)
    assert.same(h.entries, history.open(folder .. "/state/moonlet/history").entries)
    for i = 1, 2100 do h:add("x" .. i) end
    local again = history.open(folder .. "/state/moonlet/history").entries
    assert.equal(1000, #again)
    assert.equal("x2100", again[1000])
    remove()
    assert.same({ "1" }, (function()
      local lost = history.open "/proc/nowhere/history"
      lost:add "1"
      return lost.entries
    end)())
  end)
end)
