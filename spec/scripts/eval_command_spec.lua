-- The verb moonlet eval around its measures.
local support = require "spec.support"
local json = require "moonlet.json"
local records = require "moonlet.eval.records"

local folder, remove_folder = support.folder()
local function file(name, text) return support.write(folder .. "/" .. name, text) end

local function jsonl(name, list) return file(name, support.jsonl(list)) end

teardown(remove_folder)

describe("moonlet eval", function()
  local run = support.moonlet
  local function ok(words, input)
    local out, code, err = run(words, input)
    assert.equal(0, code, err)
    return out, err
  end
  local data = { messages = { { role = "user", content = "play some jazz" }, { role = "assistant",
    tool_calls = { { name = "play_music", arguments = { song_name = "jazz" } } } } }, id = "j",
    tools = { { name = "play_music", parameters = { type = "object",
      properties = { song_name = {} } } } } }

  it("has help for each form that begins with examples", function()
    assert.truthy((ok { "eval", "--help" }):find "^examples:\n  moonlet eval ")
    for _, form in ipairs { "ppl", "choice", "calls" } do
      local help = ok { "eval", form, "--help" }
      assert.truthy(help:find("^examples:\n  moonlet eval " .. form))
      assert.equal(help, (ok { "help", "eval", form }))
    end
  end)

  it("refuses wrong usage with 2 and the rest with 1", function()
    for _, case in ipairs { { {}, "ppl, choice, calls" }, { { "pp" }, "'ppl'" },
      { { "ppl" }, "files" }, { { "choice" }, "one" }, { { "calls", "a", "b" }, "one" },
      { { "calls", "a", "--marked" }, "--block 'set NAME'" },
      { { "calls", "a", "--marked", "--block", "home" }, "--block 'set NAME'" },
      { { "ppl", "--strid", "3", "x" }, "'stride'" },
      { { "ppl", "README.md", "--context", "8", "--stride", "9" }, "stride 9" } } do
      local out, code, err = run { "eval", table.unpack(case[1]) }
      assert.equal("", out)
      assert.equal(2, code, err)
      assert.truthy(err:find(case[2], 1, true), err)
    end
    local bad = file("bad.jsonl", '{"text":"fine"}\n{"x":1}\n')
    for _, words in ipairs { { "ppl", bad }, { "choice", bad }, { "calls", bad },
      { "ppl", "no/such" }, { "choice", "no/such" }, { "calls", "no/such" },
      { "ppl", "README.md", "-m", "no/such" } } do
      local out, code, err = run { "eval", words[1], words[2], words[3], words[4] }
      assert.equal("", out)
      assert.equal(1, code, err)
      assert.truthy(err:find(words[2] == bad and "bad.jsonl:" or "no/such", 1, true), err)
    end
  end)

  it("ppl: text, JSONL and stdin agree", function()
    local text = "The cat sat on the mat.\n\nOnce upon a time."
    local a = assert(json.decode((ok { "eval", "ppl", file("t.txt", text), "--json" })))
    local lines = jsonl("t.jsonl", { { text = text } })
    local b = assert(json.decode((ok { "eval", "ppl", lines, "--json" })))
    assert.same(a, b)
    assert.same(a, assert(json.decode((ok({ "eval", "ppl", "-", "--json" }, text)))))
    assert.truthy((ok { "eval", "ppl", file("t.txt", text) }):find(("perplexity%%s+%.4f\n")
      :format(a.perplexity)))
    local out = ok { "eval", "ppl", "--dtype", "q4", "--against", "f32", file("t.txt", text) }
    assert.truthy(out:find "against f32\n" and out:find "kl_mean%s+0%.%d+\n" and out:find "top1")
  end)

  it("choice: counts", function()
    local path = jsonl("c.jsonl", { { good = "The cat sat.", bad = "Sat cat zq the." },
      { query = "The cat", choices = { "sat", "zqx" }, gold = 0 } })
    local r = assert(json.decode((ok { "eval", "choice", path, "--json" })))
    assert.same({ 2, 1, 0.5 }, { r.items, r.accuracy, r.chance })
    local short = ok { "eval", "choice", path, "--json", "--limit", "1" }
    assert.equal(1, assert(json.decode(short)).items)
  end)

  it("calls: a record that is too long is wrong, and the run goes on", function()
    local long = { id = "l", tools = {}, messages = { { role = "user",
      content = ("word "):rep(3000) } } }
    local silent = { id = "s", tools = {}, messages = { { role = "user", content = "hm" } } }
    local path, out = jsonl("long.jsonl", { data, long, silent }), folder .. "/long-pred.jsonl"
    local printed, err = ok { "eval", "calls", path, "-o", out, "--json", "--bias", "-1000" }
    assert.matches("long%.jsonl:2: a prompt of %d+ tokens has no room in a context of %d+: ", err)
    local figures = assert(json.decode(printed))
    assert.equal(1, figures.too_long)
    assert.equal(2, figures.records_without_call)
    assert.equal(50, figures.no_call)
    assert.equal(1, figures.reference_calls)
    assert.equal(printed, (ok { "eval", "calls", path, "--pred", out, "--json", "-m", "no/such" }))
    assert.truthy((ok { "eval", "calls", path, "--pred", out }):find "too_long%s+1\n")
  end)

  it("calls: tells the file and line of what is malformed", function()
    local none = '{"id":1,"messages":[{"role":"assistant","tool_calls":null}]}\n'
    local path = file("null.jsonl", json.encode(data) .. "\n" .. none)
    local out, code, why = run { "eval", "calls", path, "--pred", jsonl("p.jsonl", { data }) }
    assert.same({ "", 1 }, { out, code })
    assert.truthy(why:find("null.jsonl:2: wants tool_calls to be a list", 1, true), why)
    out, code, why = run { "eval", "calls", jsonl("one.jsonl", { data }), "--pred",
      file("bad-pred.jsonl", '\n{"id":"j","tool_calls":5}\n') }
    assert.same({ "", 1 }, { out, code })
    assert.truthy(why:find("bad-pred.jsonl:2: tool_calls wants a list", 1, true), why)
  end)

  it("calls: writes predictions, and scores them again without a model", function()
    local path, out = jsonl("k.jsonl", { data }), folder .. "/pred.jsonl"
    local printed, err = ok { "eval", "calls", path, "-o", out, "--json", "-n", "24", "--bias",
      "1000" }
    assert.equal("", err)
    assert.equal(1, assert(json.decode(printed)).reference_calls)
    local written = assert(records.read(out))[1][1]
    assert.equal("j", written.id)
    assert.equal(printed, (ok { "eval", "calls", path, "--pred", out, "--json", "-m", "no/such" }))
    assert.truthy((ok { "eval", "calls", path, "--pred", out }):find "exact%s+%d+")
    local full, code, why = run { "eval", "calls", path, "-o", "/dev/full", "--json", "-n", "24",
      "--bias", "1000" }
    assert.same({ printed, 1 }, { full, code })     -- figures that are there are shown
    assert.truthy(why:find("/dev/full", 1, true))
  end)

  it("calls: opens what it will write before it predicts, and keeps an old file so long", function()
    local long = { id = "l", tools = {}, messages = { { role = "user",
      content = ("word "):rep(3000) } } }
    local path = jsonl("first.jsonl", { long })
    local _, code, why = run { "eval", "calls", path, "-o", folder .. "/none/x" }
    assert.equal(1, code)
    assert.truthy(why:find("none/x", 1, true))
    assert.is_nil(why:find("no room", 1, true))       -- which is told behind the predictions
    local old = file("old.jsonl", ("old\n"):rep(100))
    assert.equal(1, (select(2, run { "eval", "calls", path, "-o", old, "--context", "9999999" })))
    assert.equal(("old\n"):rep(100), support.read(old))
    ok { "eval", "calls", path, "-o", old }
    assert.equal(1, #assert(records.read(old)))
    _, code, why = run { "eval", "calls", path, "-o", old, "--pred", old }
    assert.equal(2, code)
    assert.truthy(why:find("--pred", 1, true))
  end)
end)
