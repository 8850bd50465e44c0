-- The conventions of the command line, held for every verb, and what is written from their tables:
-- help, man page, completions.
local support = require "spec.support"
require "moonlet"
local json = require "moonlet.json"
local pages = require "moonlet.cli.pages"
local syntax = require "moonlet.cli.options"
local pty = require "moonlet.debug.pty"
local run, shell = support.moonlet, support.shell

local function ok(words, input)
  local out, code, err = run(words, input)
  assert.equal(0, code, err)
  return out, err
end

-- Each verb and form with its words: { words = { "eval", "ppl" }, table }.
local commands = {}
for _, verb in ipairs(pages.verbs()) do
  for _, form in ipairs(verb.forms or { verb }) do
    commands[#commands + 1] = { verb = form,
      words = verb.forms and { verb.name, form.name } or { verb.name } }
  end
end

local function with(words, ...)
  local all = { table.unpack(words) }
  for _, word in ipairs { ... } do all[#all + 1] = word end
  return all
end

local function tool(name)
  local found = shell("command -v " .. name) ~= ""
  if not found then print("cli: " .. name .. " is absent, not tried") end
  return found
end

describe("every verb", function()
  it("has a table that says all there is to say", function()
    local letters = {}
    for _, command in ipairs(commands) do
      local verb, name = command.verb, table.concat(command.words, " ")
      assert.equal("function", type(verb.main), name)
      assert.truthy(verb.summary:find "^%u.*%.$", name)
      assert.truthy(#verb.examples >= 1, name)
      for _, example in ipairs(verb.examples) do
        assert.truthy(example:find("moonlet", 1, true) or example:find "^cat", name)
      end
      local seen = {}
      for _, option in ipairs(syntax.of(verb)) do
        local where = name .. " --" .. option[1]
        assert.truthy(option[1]:find "^[a-z][a-z-]*$", where)
        for _, word in ipairs { option[1], option[2] or nil } do
          assert.is_nil(seen[word], where)
          seen[word] = true
        end
        -- The same letter means the same option in every verb, but for -t and -o, which are names.
        if option[2] then
          letters[option[2]] = letters[option[2]] or option[1]
          assert.equal(letters[option[2]], option[1], where)
        end
        assert.equal(option[3] ~= "flag", option[4] ~= nil, where)
        assert.truthy(#option[5] > 4, where)
      end
    end
  end)

  it("answers --help, -h and help with examples first, whatever else is there", function()
    for _, command in ipairs(commands) do
      local help = ok(with(command.words, "--help"))
      assert.truthy(help:find "^examples:\n  ", help)
      assert.truthy(help:find("\nusage: moonlet " .. table.concat(command.words, " "), 1, true))
      assert.equal(help, (ok(with(command.words, "-h", "more"))))
      assert.equal(help, (ok { "help", table.unpack(command.words) }))
      for _, option in ipairs(syntax.of(command.verb)) do
        assert.truthy(help:find("--" .. option[1], 1, true))
      end
      for line in help:gmatch "[^\n]+" do assert(#line <= 100, line) end
    end
  end)

  it("refuses an option misspelt with 2 and the nearest name, and prints nothing", function()
    for _, command in ipairs(commands) do
      local options = syntax.of(command.verb)
      for _, option in ipairs { options[1], options[#options] } do
        local word = "--" .. option[1]:gsub("(.)(.)$", "%2%1")
        if word ~= "--" .. option[1] then
          local out, code, err = run(with(command.words, word))
          assert.equal("", out)
          assert.equal(2, code, err)
          assert.truthy(err:find("did you mean '", 1, true), err)
          assert.truthy(err:find("--help shows how", 1, true))
          assert.truthy(err:find("^moonlet " .. table.concat(command.words, " ") .. ": "), err)
        end
      end
    end
  end)

  it("refuses values that an option cannot have", function()
    for _, case in ipairs {
      { { "run", "--dtype", "q5", "x" }, "did you mean 'q8'" },
      { { "run", "--isa", "sse9", "x" }, "avx2" },
      { { "convert", "a", "b.gguf", "--type", "f64" }, "did you mean 'f32'" },
      { { "quantize", "a", "b", "--type=q3" }, "q8, q4" }, { { "completion", "csh" }, "bash" },
      { { "completion" }, "bash" },
      { { "run", "--seed", "99999999999999999999", "x" }, "--seed wants -9007199254740992 to" },
      { { "run", "--context", "99999999999", "x" }, "--context wants 1 to 16777216" },
      { { "run", "--context", "0", "x" }, "--context wants 1 to 16777216" },
      { { "run", "--temperature", "1e9", "x" }, "--temperature wants 0 to 1000000" },
      { { "run", "--temperature", "nan", "x" }, "--temperature wants a number" },
      { { "run", "-n", "1e400", "x" }, "--max-tokens wants a whole number" },
      { { "run", "-n", "1e300", "x" }, "--max-tokens wants 0 to 2147483647" },
      { { "run", "--top-k", "99999999999", "x" }, "--top-k wants 0 to 2147483647" },
      { { "eval", "ppl", "--limit", "1e17", "x" }, "--limit wants at most 9007199254740992" },
      { { "eval", "ppl", "--limit", "0", "x" }, "--limit wants at least 1" },
      { { "eval", "calls", "--bias", "-1e400", "x" }, "--bias wants a number" },
    } do
      local out, code, err = run(case[1])
      assert.equal("", out)
      assert.equal(2, code, err)
      assert.truthy(err:find(case[2], 1, true), err)
    end
  end)

  it("takes the bounds of its values", function()
    for _, words in ipairs { { "--seed", "9007199254740992" }, { "--seed", "-9007199254740992" },
      { "--temperature", "1000000" }, { "--top-k", "2147483647" }, { "--context", "4096" } } do
      local out, code, err = run { "run", "Once", "-n", "1", words[1], words[2] }
      assert.equal(0, code, err)
      assert.truthy(#out > 0)
    end
  end)

  it("is offered when misspelt", function()
    for word, verb in pairs { rnu = "run", chatt = "chat", evla = "eval", docotr = "doctor" } do
      local _, code, err = run { "help", word }
      assert.equal(2, code)
      assert.truthy(err:find("did you mean '" .. verb .. "'", 1, true), err)
      assert.truthy(select(3, run { word }):find("moonlet " .. verb, 1, true))
    end
  end)

  it("prints JSON that reads back, where --json is there", function()
    local words = { run = { "-n", "2", "x" }, tokens = { "x" }, score = { "a cat" }, info = {},
      doctor = {}, ["eval ppl"] = { "README.md" }, train = false, ["eval choice"] = false,
      ["eval calls"] = false, chat = { } }
    for _, command in ipairs(commands) do
      local name, has = table.concat(command.words, " "), false
      for _, option in ipairs(syntax.of(command.verb)) do has = has or option[1] == "json" end
      assert.equal(has, words[name] ~= nil, name)
      if words[name] then
        local out = ok(with(command.words, "--json", table.unpack(words[name])), "hello")
        assert.equal(1, select(2, out:gsub("\n", "")), name)
        assert.equal("table", type(json.decode(out)), name)
      end
    end
  end)
end)

describe("--jsonl", function()
  local function lines(words, input)
    local list = {}
    for line in (ok(words, input)):gmatch "[^\n]+" do
      list[#list + 1] = assert(json.decode(line))
    end
    return list
  end

  it("run and chat: pieces as they come, then an end", function()
    local plain = ok { "run", "-n", "8", "The cat" }
    local events, text = lines { "run", "-n", "8", "--jsonl", "The cat" }, ""
    for i = 1, #events - 1 do
      assert.equal("text", events[i].type)
      text = text .. events[i].text
    end
    assert.equal(plain, text .. "\n")
    assert.same({ "end", "length", 8 }, { events[#events].type, events[#events].finish,
      #events[#events].tokens })
    local ends = 0
    for _, event in ipairs(lines({ "chat", "--jsonl", "-n", "4" }, "hello\nagain\n")) do
      if event.type == "end" then ends = ends + 1 end
    end
    assert.equal(2, ends)
  end)

  it("tokens and score: a line a token", function()
    local tokens = lines { "tokens", "--jsonl", "The cat" }
    local whole = assert(json.decode((ok { "tokens", "--json", "The cat" })))
    for i, token in ipairs(tokens) do
      assert.same({ id = whole.ids[i], piece = whole.pieces[i] }, token)
    end
    assert.equal(#whole.ids, #tokens)
    local scores, sum = lines { "score", "--jsonl", "The cat" }, 0
    for i = 2, #scores do sum = sum + scores[i].logprob end
    assert.equal(json.null, scores[1].logprob)
    assert.truthy(math.abs(sum - json.decode((ok { "score", "--json", "The cat" })).sum) < 1e-6)
  end)
end)

describe("streams", function()
  it("keep data on stdout and progress off a pipe", function()
    local out, err = ok { "run", "-n", "4", "The cat" }
    assert.equal("", err)
    assert.truthy(#out > 1)
  end)

  -- All that the program writes to a terminal, which is its stdin, stdout and stderr.
  local function on_terminal(words, variable)
    local p = pty.start { "/usr/bin/env", "TERM=xterm", "NO_COLOR=", variable or "NO_COLOR=",
      support.program, table.unpack(words) }
    local pieces, quiet = {}, 0
    while quiet < 100 do
      local bytes = p:read(100)
      if not bytes then break end
      quiet = bytes == "" and quiet + 1 or 0
      pieces[#pieces + 1] = bytes
    end
    return table.concat(pieces), p:wait()
  end

  it("show progress on a terminal, unless --quiet", function()
    local seen, code = on_terminal { "run", "-n", "4", "The cat" }
    assert.equal(0, code)
    assert.truthy(seen:find("generated in", 1, true), seen)
    seen = on_terminal { "run", "-q", "-n", "4", "The cat" }
    assert.is_nil(seen:find("generated in", 1, true))
  end)

  it("have colours only where they are wanted", function()
    for variable, colour in pairs { ["NO_COLOR="] = "yes", ["NO_COLOR=1"] = "no",
                                    ["TERM=dumb"] = "no" } do
      local seen = on_terminal({ "doctor" }, variable)
      assert.truthy(seen:find("colour " .. colour, 1, true), variable)
    end
  end)

  it("say what to do when text is wanted and a person is there", function()
    local seen, code = on_terminal { "tokens" }
    assert.equal(2, code)
    assert.truthy(seen:find("pipe it into stdin", 1, true))
  end)

  it("end quietly when nobody reads on", function()
    local out, code, err = shell(support.program .. " tokens --jsonl 'a b c d' | head -n 1")
    assert.equal(0, code)
    assert.equal("", err)
    assert.truthy(json.decode(out))
  end)
end)

describe("moonlet run", function()
  it("searches with beams, and says what does not go with them", function()
    local text = ok { "run", "--beams", "3", "-n", "6", "--quiet", "Once upon a time" }
    assert.truthy(#text > 1)
    assert.equal(text, (ok { "run", "--beams", "3", "-n", "6", "--quiet", "--temperature", "0",
      "Once upon a time" }))
    local out, code, err = run { "run", "--beams", "3", "--top-k", "5", "Once" }
    assert.equal("", out)
    assert.equal(2, code)
    assert.truthy(err:find("--beams and --top-k do not go together", 1, true), err)
    assert.is_nil(err:find("traceback", 1, true))
  end)
end)

describe("the man page", function()
  local page = pages.man()

  it("has every verb, option, example and exit code", function()
    local plain = page:gsub("\\%-", "-"):gsub("\\e", "\\"):gsub("\\f%u", ""):gsub("\\&", "")
    for _, command in ipairs(commands) do
      assert.truthy(plain:find("\n.SS " .. table.concat(command.words, " ") .. "\n", 1, true))
      for _, option in ipairs(syntax.of(command.verb)) do
        assert.truthy(plain:find("--" .. option[1], 1, true))
        assert.truthy(plain:find(option[5], 1, true), option[5])
      end
      for _, example in ipairs(command.verb.examples) do
        assert.truthy(plain:find(example, 1, true), example)
      end
    end
    for _, code in ipairs { "0", "1", "2", "130" } do
      assert.truthy(plain:find(".TP\n" .. code .. "\n", 1, true))
    end
    for _, name in ipairs { "MOONLET_MODEL", "NO_COLOR", "HF_HOME" } do
      assert.truthy(plain:find(name, 1, true))
    end
  end)

  it("says what the interpreter takes as the interpreter does", function()
    local _, _, usage = run { "--nonsense" }
    for _, option in ipairs(pages.interpreter) do
      assert.truthy(usage:find("\n? *" .. option[1]:gsub("%-", "%%-")), option[1])
    end
  end)

  it("is clean roff", function()
    if not tool "mandoc" then return end
    local path = support.write(os.tmpname(), page)
    local out, code = shell("mandoc -T lint -W error " .. path)
    os.remove(path)
    assert.equal("", out)
    assert.equal(0, code)
  end)

  it("begins no line with a control character by accident", function()
    for line in page:gmatch "[^\n]+" do
      assert(not line:find "^[.']" or line:find "^%.%a%a", line)
    end
  end)
end)

describe("completion", function()
  local function script(name)
    local path = os.tmpname()
    support.write(path, (ok { "completion", name }))
    return path
  end

  -- What bash offers for the last of the words.
  local function bash(path, ...)
    local quoted = {}
    for i, word in ipairs { ... } do quoted[i] = support.quote(word) end
    local out, code, err = shell(("bash -c 'source %s; COMP_WORDS=(\"$@\"); "
      .. "COMP_CWORD=$(($#-1)); _moonlet; echo \"${COMPREPLY[@]}\"' x moonlet %s"):format(path,
      table.concat(quoted, " ")))
    assert.equal("", err)
    assert.equal(0, code)
    return out:gsub("\n", "")
  end

  it("bash: verbs, forms, options, values and files", function()
    if not tool "bash" then return end
    local path = script "bash"
    assert.equal("run", (bash(path, "ru")))
    assert.equal("--dtype", (bash(path, "run", "--dt")))
    assert.equal("q8 q4", (bash(path, "run", "--dtype", "q")))
    assert.equal("f32 f16", (bash(path, "run", "--dtype", "=", "f")))
    assert.equal("q8_0 q4_0", (bash(path, "convert", "-t", "q")))
    assert.equal("ppl choice calls", (bash(path, "eval", "")))
    assert.equal("--stride", (bash(path, "eval", "ppl", "--st")))
    assert.equal("README.md", (bash(path, "train", "READ")))
    assert.equal("README.md", (bash(path, "READ")))
    assert.equal("", (bash(path, "run", "-n", "")))
    assert.equal("bash zsh fish", (bash(path, "completion", "")))
    for _, command in ipairs(commands) do
      local offered = " " .. bash(path, table.unpack(with(command.words, "--"))) .. " "
      for _, option in ipairs(syntax.of(command.verb)) do
        assert.truthy(offered:find(" --" .. option[1] .. " ", 1, true))
      end
    end
    os.remove(path)
  end)

  it("fish: the same", function()
    if not tool "fish" then return end
    local path = script "fish"
    local function fish(line)
      local out, code, err = shell(("fish --no-config -c 'source %s; complete -C %s'"):format(path,
        '"' .. line .. '"'))
      assert.equal("", err)
      assert.equal(0, code)
      return "\n" .. out
    end
    assert.truthy(fish "moonlet ru":find "\nrun\t")
    assert.truthy(fish "moonlet run --dt":find "\n%-%-dtype\t")
    assert.truthy(fish "moonlet run --dtype ":find "\nq4\t")
    assert.truthy(fish "moonlet eval ":find "\nchoice\t")
    assert.truthy(fish "moonlet eval ppl --st":find "\n%-%-stride\t")
    assert.is_nil((fish "moonlet eval calls --st":find "stride"))
    os.remove(path)
  end)

  it("zsh: the same", function()
    if not tool "zsh" then return end
    local path = script "zsh"
    local function zsh(words, n)
      local out, code, err = shell(("zsh -f -c '_arguments() { print -rl -- \"$@\" }; "
        .. "_describe() { print -rl -- ${(P)2} }; _files() { print FILES }; "
        .. "words=(moonlet %s); CURRENT=%d; source %s'"):format(words, n, path))
      assert.equal("", err)
      assert.equal(0, code)
      return "\n" .. out
    end
    assert.truthy(zsh("ru", 2):find "\nrun:Continues.*\nFILES\n")
    assert.truthy(zsh("run --dt", 3):find("\n--dtype=[", 1, true))
    assert.truthy(zsh("run --dt", 3):find("\n(-n --max-tokens)-n+[", 1, true))
    assert.truthy(zsh("run --dt", 3):find(":TYPE:(f32 bf16 f16 q8 q4)\n", 1, true))
    assert.truthy(zsh("eval ", 3):find "\nchoice:")
    assert.truthy(zsh("eval ppl --st", 4):find("\n--stride=[", 1, true))
    assert.is_nil((zsh("eval calls --st", 4):find "stride"))
    os.remove(path)
  end)
end)

describe("doctor", function()
  it("measures memory and says what the terminal can do", function()
    local report = assert(json.decode((ok { "doctor", "--json" })))
    assert.truthy(report.read_gb_per_second > 0.1)
    assert.truthy(report.matmul_gflops > 0)
    assert.truthy(#report.blis > 0)
    assert.same({ stdout = false, stderr = false, colour = false, stdin = false,
      term = os.getenv "TERM" or "" }, report.terminal)
    assert.truthy(report.model.bytes > 0)
    local out = ok { "doctor" }
    for _, name in ipairs { "GB/s read", "GFLOPS", "TERM=", "library", "hub cache", "tokens/s" } do
      assert.truthy(out:find(name, 1, true), name)
    end
  end)
end)

describe("make install", function()
  it("puts pages where shells and man look", function()
    local folder, remove = support.folder()
    local out, code, err = shell(("make --no-print-directory install BUILD=%s DESTDIR=%s "
      .. "PREFIX=/usr"):format(support.build, folder))
    assert.equal(0, code, out .. err)
    for path, text in pairs {
      ["man/man1/moonlet.1"] = pages.man(),
      ["bash-completion/completions/moonlet"] = ok { "completion", "bash" },
      ["zsh/site-functions/_moonlet"] = ok { "completion", "zsh" },
      ["fish/vendor_completions.d/moonlet.fish"] = ok { "completion", "fish" },
    } do
      assert.equal(text, support.read(folder .. "/usr/share/" .. path), path)
    end
    remove()
  end)
end)
