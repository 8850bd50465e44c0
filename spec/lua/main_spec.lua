-- The program: as an interpreter, its verbs, its exit codes, its signals.
local support = require "spec.support"
local json = require "dkjson"
local run, shell = support.moonlet, support.shell

-- The reference's first calls without and with tools.
local bare, tooled
for _, case in ipairs(support.reference()) do
  if case.said and not case.tools then bare = bare or case end
  if case.tools then tooled = tooled or case end
end

-- Runs with arguments and checks the exit code.
local function ok(words, input)
  local out, code, err = run(words, input)
  assert.equal(0, code, err)
  return out, err
end

local function script(code) return support.write(os.tmpname(), code) end

describe("the interpreter", function()
  it("runs scripts with arg and ...", function()
    local path = script "io.write(arg[0], '|', ..., '|', arg[2], '|', #arg, '|', arg[-1])"
    assert.equal(path .. "|a|b c|2|" .. support.program, (ok { path, "a", "b c" }))
    assert.equal(path .. "|-n|3|2|--", (ok { "--", path, "-n", "3" }))
    os.remove(path)
  end)

  it("runs a shebang script", function()
    local path = script("#!" .. shell("realpath " .. support.program) .. "io.write('hi ', ...)")
    shell("chmod +x " .. path)
    assert.equal("hi you", (shell(path .. " you")))
    os.remove(path)
  end)

  it("reads a script from stdin", function()
    assert.equal("7", (ok({}, "io.write(3 + 4)")))
    assert.equal("7x", (ok({ "-", "x" }, "io.write(7, ...)")))
  end)

  it("takes -e, -l, -v, -W, -E and combinations", function()
    assert.equal("12", (ok { "-e", "io.write(1)", "-eio.write(2)" }))
    assert.equal("0.1.0", (ok { "-l", "moonlet", "-e", "io.write(moonlet.version)" }))
    assert.truthy((ok { "-v" }):match "^moonlet 0.1.0, Lua 5%.4")
    assert.truthy((ok { "--version" }):match "^moonlet 0.1.0")
    local _, err = ok { "-W", "-e", "warn 'careful'" }
    assert.truthy(err:find("careful", 1, true))
    local path = script "io.write(x, ...)"
    assert.equal("5y", (ok { "-e", "x = 5", path, "y" }))
    os.remove(path)
  end)

  it("respects LUA_INIT unless -E", function()
    local say = " -e " .. support.quote "io.write(tostring(x))"
    local set = "LUA_INIT=" .. support.quote "x = 'init'" .. " " .. support.program
    assert.equal("init", (shell(set .. say)))
    assert.equal("nil", (shell(set .. " -E" .. say)))
    local path = script "x = 'file'"
    assert.equal("file", (shell("LUA_INIT=@" .. path .. " " .. support.program .. say)))
    os.remove(path)
    local _, code = shell("LUA_INIT='error(1)' " .. support.program .. say)
    assert.equal(1, code)
  end)

  it("fails with 1 and a traceback, with 2 for usage", function()
    local out, code, err = run { "-e", "local function f() error 'boom' end f()" }
    assert.equal("", out)
    assert.equal(1, code)
    assert.truthy(err:find("boom", 1, true) and err:find("stack traceback", 1, true))
    for _, words in ipairs { { "-x" }, { "-e" }, { "-l" }, { "-vv" }, { "--nonsense" } } do
      out, code, err = run(words)
      assert.equal("", out)
      assert.equal(2, code)
      assert.truthy(err:find("usage", 1, true))
    end
    out, code, err = run { "no_such_file.lua" }
    assert.equal("", out)
    assert.equal(1, code)
    assert.truthy(err:find("no_such_file.lua", 1, true))
    assert.equal(1, (select(2, run { "-e", "error()" })))
    assert.equal(1, (select(2, run { "-e", "error {}" })))
    assert.equal(7, (select(2, run { "-e", "os.exit(7)" })))
  end)

  it("gives scripts the module, and no globals", function()
    assert.equal("nil table", (ok { "-e",
      "io.write(tostring(moonlet), ' ', type(require 'moonlet'))" }))
  end)
end)

describe("the REPL", function()
  it("prints expressions, continues lines, and survives errors", function()
    local out, err = ok({ "-i" }, table.concat({
      "x = 20", "x + 1, 'two'", "for i = 1, 2 do", "  io.write(i, ';')", "end", "error 'oops'",
      "nonsense here", "moonlet.version", "nil" }, "\n") .. "\n")
    assert.truthy(out:find("21\ttwo\n", 1, true))
    assert.truthy(out:find("1;2;", 1, true))
    assert.truthy(out:find("0.1.0\n", 1, true))
    assert.truthy(out:find("nil\n", 1, true))
    assert.truthy(err:find("oops", 1, true))
    assert.truthy(err:find("syntax error", 1, true))
  end)

  it("starts after a script with -i", function()
    local path = script "y = 41"
    assert.truthy((ok({ "-i", path }, "y + 1\n")):find("42\n", 1, true))
    os.remove(path)
  end)
end)

describe("SIGINT", function()
  -- Starts the program, waits for its first output, interrupts it. A shell starts what runs in
  -- the background with SIGINT ignored; perl sets that right. Its stdin stays open, and silent.
  local function interrupted(words)
    local quoted = {}
    for i, word in ipairs(words) do quoted[i] = support.quote(word) end
    local first, silent = os.tmpname(), os.tmpname()
    local out, code, err = shell(([[rm %s; mkfifo %s
      perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' %s %s <>%s >%s & pid=$!
      while ! [ -s %s ]; do sleep 0.02; done
      kill -INT $pid; wait $pid]]):format(silent, silent, support.program,
      table.concat(quoted, " "), silent, first, first))
    os.remove(first)
    os.remove(silent)
    return code, err, out
  end

  it("ends a Lua loop with 130", function()
    local code, err = interrupted { "-e", "print(1) io.flush() while true do end" }
    assert.equal(130, code)
    assert.equal("moonlet: interrupted!\n", err)
  end)

  it("reaches a session that computes", function()
    local code, err = interrupted { "-e", [[
      local s = assert(require "moonlet".load("spec/fixtures/tiny-gqa")):session { context = 64 }
      local ids = {}
      for i = 1, 64 do ids[i] = i end
      print "on"
      io.flush()
      while true do
        s:rewind(0)
        local fed, _, code = s:feed(ids)
        if not fed then io.stderr:write(code, "\n") end
      end]] }
    assert.equal(130, code)
    assert.truthy(err:find "interrupted!\n$")
  end)

  it("may be caught by the script", function()
    local code = interrupted { "-e", [[print(1) io.flush()
      local ok, message = pcall(function() while true do end end)
      os.exit(message:find "interrupted!" and 5 or 6)]] }
    assert.equal(5, code)
  end)

  it("ends a script that waits for input with 130", function()
    local code, err = interrupted { "-e", "print(1) io.flush() io.read() print(io.read())" }
    assert.equal(130, code)
    assert.equal("moonlet: interrupted!\n", err)
  end)

  it("ends a verb with 130", function()
    local code = interrupted { "run", "--temperature", "1", "-n", "1000000", "--context", "1000000",
      "The" }
    assert.equal(130, code)
  end)
end)

describe("verbs", function()
  it("are listed, and each explains itself beginning with examples", function()
    local overview = ok { "--help" }
    assert.equal(overview, (ok { "help" }))
    for _, verb in ipairs { "run", "chat", "tokens", "score", "info", "doctor" } do
      assert.truthy(overview:find("\n  " .. verb .. " ", 1, true))
      local help = ok { verb, "--help" }
      assert.equal("examples:\n  moonlet ", help:sub(1, 20))
      assert.equal(help, (ok { "help", verb }))
      assert.equal(help, (ok { verb, "-h" }))
    end
    assert.truthy(overview:find("shadows", 1, true))
  end)

  it("refuse what they do not know with 2 and the nearest name", function()
    local wrong = {
      { { "run", "--max-tokns", "3" }, "'max-tokens'" }, { { "run", "-z", "x" }, "'-z'" },
      { { "run", "-n" }, "wants a value" }, { { "run", "-n", "x", "y" }, "whole number" },
      { { "run", "-n", "1.5", "y" }, "whole number" },
      { { "run", "--top-p", "2", "y" }, "0 to 1" },
      { { "run", "--temperature", "-1", "y" }, "0 to 1000000" },
      { { "run", "--threads=-3", "y" }, "0 to 256" }, { { "chat", "--min-p", "nan" }, "number" },
      { { "run", "--json=1", "y" }, "no value" },
      { { "tokens", "--decode", "x" }, "'x'" }, { { "tokens", "--decode", "99999" }, "99999" },
      { { "info", "a", "b" }, "one path" }, { { "doctor", "x" }, "'x'" },
      { { "help", "rnu" }, "'run'" },
    }
    for _, case in ipairs(wrong) do
      local out, code, err = run(case[1])
      assert.equal("", out)
      assert.equal(2, code, err)
      assert.truthy(err:find(case[2], 1, true), err)
    end
    local _, code, err = run { "rnu" }
    assert.equal(1, code)
    assert.truthy(err:find("moonlet run", 1, true))
    _, code, err = run { "run", "-m", "no/such", "x" }
    assert.equal(1, code)
    assert.truthy(err:find("nothing is downloaded", 1, true))
    local foreign = require("moonlet").info().isa == "neon" and "avx2" or "neon"
    _, code, err = run { "run", "--isa", foreign, "x" }
    assert.equal(1, code)
    assert.truthy(err:find(foreign, 1, true) and not err:find("traceback", 1, true))
  end)

  it("run: continues text from arguments, stdin and both", function()
    local text, err = ok { "run", "-n", "8", "The cat" }
    assert.equal("", err)
    assert.truthy(#text > 5)
    assert.equal(text, (ok({ "run", "-n8" }, "The cat\n")))
    assert.equal(text, (ok({ "run", "--max-tokens=8", "The", "-" }, "cat")))
    assert.equal("The cat" .. text, (ok { "run", "--echo", "-n", "8", "--", "The cat" }))
    local report = assert(json.decode((ok { "run", "-n", "8", "--json", "The cat" })))
    assert.equal(text, report.text .. "\n")
    assert.equal("length", report.finish)
    assert.equal(8, #report.tokens)
    local called = ok { "run", "--special", "--stop", "<|end|>", bare.text }
    assert.equal(bare.greedy_text .. "\n", called)
  end)

  it("run: samples by seed", function()
    local words = { "run", "-n", "12", "--temperature", "1.5", "--top-k", "50", "--top-p", "0.9",
      "--min-p", "0.01", "--seed", "3", "The" }
    local text = ok(words)
    assert.equal(text, (ok(words)))
    words[#words - 1] = "4"
    assert.not_equal(text, (ok(words)))
  end)

  it("chat: answers line by line", function()
    local two = "turn off the lights in the kitchen\nwake me up at seven tomorrow\n"
    local out = ok({ "chat" }, two)
    local lines = {}
    for line in out:gmatch "[^\n]+" do lines[#lines + 1] = line end
    assert.equal(2, #lines)
    local n = 0
    for line in (ok({ "chat", "--json" }, two)):gmatch "[^\n]+" do
      n = n + 1
      assert.equal(lines[n], assert(json.decode(line)).text)
    end
    assert.equal(2, n)
    local tools = script(tooled.tools .. "\n")
    assert.equal(tooled.greedy_text .. "\n", (ok({ "chat", "--tools", tools }, tooled.said)))
    os.remove(tools)
    assert.equal(1, (select(2, run { "chat", "--tools", "no/such/file" })))
    assert.equal(2, (select(2, run { "chat", "--system", "x" })))
  end)

  it("tokens: to ids and back", function()
    local report = assert(json.decode((ok { "tokens", "--json", "The cat" })))
    assert.equal("The cat", table.concat(report.pieces))
    local n = 0
    for line in (ok { "tokens", "The cat" }):gmatch "[^\n]+" do
      n = n + 1
      assert.equal(report.ids[n], tonumber(line:match "^(%d+)\t"))
    end
    assert.equal(#report.ids, n)
    assert.equal("The cat\n", (ok { "tokens", "--decode", table.concat(report.ids, " ") }))
    assert.equal(1, assert(json.decode((ok { "tokens", "--bos", "--json", "x" }))).ids[1])
    assert.equal("a\\nb", (ok({ "tokens" }, "a\nb")):gsub("%d+\t", ""):gsub('[\n"]', ""))
  end)

  it("score: adds up", function()
    local report = assert(json.decode((ok { "score", "--json", "The cat sat" })))
    local sum = 0
    for i = 2, #report.ids do sum = sum + report.logprobs[i] end
    assert.truthy(math.abs(sum - report.sum) < 1e-9)
    assert.truthy((ok { "score", "The cat sat" }):find(("sum %.4f"):format(sum), 1, true))
  end)

  it("info: needs no weights", function()
    assert.truthy((ok { "info" }):find("parameters +7871424"))
    local path = "spec/fixtures/tiny-gqa/config.json"
    local report = assert(json.decode((ok { "info", "--json", path })))
    assert.equal(path, report.path)
    assert.truthy(report.parameters > 0)
    local bad = script "{"
    local out, code, err = run { "info", bad }
    os.remove(bad)
    assert.equal("", out)
    assert.equal(1, code)
    assert.truthy(#err > 20)
  end)

  it("doctor: measures and checks", function()
    local report = assert(json.decode((ok { "doctor", "--json" })))
    assert.equal(true, report.model.ok)
    assert.truthy(report.matmul_gflops > 0)
    assert.truthy(report.model.tokens_per_second > 0)
    local out = ok { "doctor" }
    for name in pairs(report.kernels) do assert.truthy(out:find(name, 1, true)) end
    out = run { "doctor", "-m", "spec/lua" }
    assert.equal(1, (select(2, run { "doctor", "-m", "spec/lua" })))
    assert.truthy(out:find("config.json", 1, true))
  end)
end)

describe("examples", function()
  it("api_call.lua turns a sentence into a call", function()
    local call = 'iot_hue_lightoff\t{"house_place":"kitchen"}\n'
    assert.equal("turn off the lights in the kitchen\n" .. call, (ok { "examples/api_call.lua" }))
    assert.truthy((ok { "examples/api_call.lua", "play", "some", "jazz" })
      :match "^play some jazz\n[%w_]+\t%b{}\n$")
  end)

  it("embed.c continues a prompt as the module does", function()
    local embed = support.build .. "/spec/embed"
    if not support.read(embed) then return print("main: " .. embed .. " is absent, not tried") end
    local out, code = shell(embed .. " examples/models/pocket 'The cat'")
    assert.equal(0, code)
    assert.equal((ok { "run", "-n", "64", "The cat" }), out)
    assert.equal(2, (select(2, shell(embed))))
    local _, failed, err = shell(embed .. " no/such/model x")
    assert.equal(1, failed)
    assert.truthy(err:find("no/such/model", 1, true))
  end)
end)
