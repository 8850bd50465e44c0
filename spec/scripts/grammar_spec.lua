-- The native format as a grammar: what it lets through, what it does not.
require "spec.support"
local moonlet = require "moonlet"
local json = moonlet.json
local grammar = require "moonlet.native.grammar"
local native = require "moonlet.native"

local model = assert(moonlet.load())
local tools = json.decode [=[[
  {"name":"book.table","parameters":{"type":"object","properties":{"place":{"type":"string"},
    "people":{"type":"integer"},"kind":{"type":"string","enum":["in \"side\"","out"]},
    "quiet":{"type":"boolean"},"tags":{"type":"array","items":{"type":"string"}},
    "at":{"type":"object","properties":{"x":{"type":"number"}}},"rest":{"type":"object"}}}},
  {"name":"stop"}]]=]

local function fits(text, options)
  local constraint = assert(model:constraint { gbnf = grammar.calls(tools, options) })
  local matcher = constraint:matcher()
  return matcher:accept(text) and matcher:is_complete() or false
end

describe("a grammar of calls", function()
  it("lets through what the format writes", function()
    for _, list in ipairs { { { name = "stop", arguments = {} } },
      { { name = "book.table", arguments = json.object({ place = "a \"b\" \\ c",
        people = -3, quiet = true, kind = "in \"side\"", tags = json.array { "x", "y" },
        at = { x = 1.5 }, rest = { deep = json.array { 1, "z", json.null } } },
        { "place", "people", "kind", "quiet", "tags", "at", "rest" }) },
        { name = "stop", arguments = {} } },
    } do
      local text = native.calls(list)
      assert.truthy(fits(text), text)
      assert.equal(text, native.calls(assert(native.read(text))))
    end
  end)

  it("holds back other tools, arguments, types, choices and numbers of calls", function()
    for _, text in ipairs { "go()", "stop(x=1)", 'book.table(people=" 3")', "book.table(quiet=1)",
      'book.table(kind=" none")', 'book.table(place="x")', 'book.table(at={"y":1})',
      "book.table(people=007)", "stop()\nstop()\nstop()", "stop", "" } do
      assert.equal(false, fits(text, { most = 2 }), text)
    end
  end)

  it("wants arguments once and in the schema's order, unless loose", function()
    local swapped = 'book.table(people=2,place=" x")'
    assert.equal(false, fits(swapped))
    assert.truthy(fits(swapped, { loose = true }))
    assert.truthy(fits('book.table(place=" x",people=2)'))
    assert.equal(false, fits 'book.table(people=2,people=2)')
    assert.equal(false, fits 'book.table(people=2,)')
    assert.equal(false, (pcall(grammar.calls, tools, { lose = true })))
  end)

  it("wants required arguments when asked for complete calls", function()
    local list = json.decode [=[[{"name":"f","parameters":{"type":"object","properties":{
      "a":{"type":"integer"},"b":{"type":"integer"},"c":{"type":"integer"},
      "d":{"type":"integer"}},"required":["b","c"]}}]]=]
    local constraint = assert(model:constraint { gbnf = grammar.calls(list, { complete = true }) })
    for text, good in pairs { ["f(b=1,c=2)"] = true, ["f(a=0,b=1,c=2,d=3)"] = true,
      ["f(b=1,c=2,d=3)"] = true, ["f()"] = false, ["f(b=1)"] = false, ["f(a=0,c=2)"] = false,
      ["f(c=2,d=3)"] = false } do
      local matcher = constraint:matcher()
      assert.equal(good, matcher:accept(text) and matcher:is_complete() or false, text)
    end
  end)

  it("keeps strings to runs of words of a text when asked", function()
    local options = { spans = 'eat at Dan\'s "Blue Door", now', lists = true }
    for _, value in ipairs { "eat", "Dan's", "Dan's \\\"Blue Door", "Blue Door\\\", now", "now" } do
      assert.truthy(fits(('book.table(place=" %s")'):format(value), options), value)
    end
    for _, value in ipairs { "ea", "Door Blue", "eat  at", "at eat", "" } do
      assert.equal(false, fits(('book.table(place=" %s")'):format(value), options), value)
    end
    assert.truthy(fits('book.table(place=[" eat"," now"])', options))
    for value, good in pairs { ["2024-02-29"] = true, ["17:45"] = true, ["3"] = true,
      ["24-2"] = false } do
      assert.equal(good, fits(('book.table(place=" %s")'):format(value), options), value)
    end
    options.loose = true
    assert.equal(false, fits('book.table(place=" 3")', options))
    assert.truthy(fits("stop()", { spans = "" }))
  end)

  it("keeps numbers to those of a text, in figures or in words, and lists to what it can fill",
    function()
      local sums = json.decode [=[[{"name":"sum","parameters":{"type":"object","properties":{
        "all":{"type":"array","items":{"type":"number"}},"times":{"type":"integer"},
        "by":{"type":"number"},"tags":{"type":"array","items":{"type":"string"}}}}}]]=]
      local function takes(call, said)
        local gbnf = grammar.calls(sums, { spans = said })
        local matcher = assert(model:constraint { gbnf = gbnf }):matcher()
        return matcher:accept(call) and matcher:is_complete() or false
      end
      local said = "add 1,250, -3.50 and .5 of A12 Twenty times, 4x or on 2023-04-05."
      for call, good in pairs { ["sum(all=[1250,-3.5])"] = true, ["sum(times=20)"] = true,
        ["sum(all=[0.5,0.5],times=4)"] = true, ["sum(times=2023)"] = true,
        ["sum(times=5)"] = true, ["sum(times=12)"] = false, ["sum(times=-3.5)"] = false,
        ["sum(by=3.5)"] = false, ["sum(by=7)"] = false, ["sum(times=2020)"] = false,
        ["sum(all=[4,4,4,4,4,4,4,4,4,4,4])"] = false, ["sum(tags=[\" add\"])"] = true,
        ["sum(tags=[" .. ("\" add\","):rep(30) .. "\" add\"])"] = false } do
        assert.equal(good, takes(call, said), call)
      end
      assert.truthy(takes("sum(times=77)", "in an hour"))
      assert.truthy(takes("sum(times=6,by=5.5)", "in 5.5 hours"))
    end)
end)
