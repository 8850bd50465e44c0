-- The native format: tools, turns and calls as text and back.
require "spec.support"
local moonlet = require "moonlet"
local json = moonlet.json
local native = require "moonlet.native"

local weather = { name = "GetWeather", description = "Get the weather. Everywhere.",
  parameters = json.decode [[{"type":"object","properties":{"city":{"type":"string"},
    "days":{"type":"integer"},"unit":{"type":"string","enum":["celsius","fahrenheit"]},
    "hours":{"type":"array","items":{"type":"integer"}},
    "where":{"type":"object","properties":{"x":{"type":"number"},"y":{"type":"number"}},
      "required":["x"]}},"required":["city"]}]] }

describe("the native format", function()
  it("writes a tool as one line, names without spaces and choices with one", function()
    assert.equal("GetWeather(city,days?:integer,unit?: celsius| fahrenheit,hours?:integer[],"
      .. "where?:{x:number,y?:number}) - Get the weather", native.line(weather))
    local evil = { type = "object", properties = {
      ["x)\nevil(y"] = { type = "string" }, [" a,b\r\n"] = { type = "integer)\nevil(z" },
      c = { enum = { "one\nevil(w)", "Paris, (France)" } },
      d = { type = "array", items = { type = "string\nevil()" } },
      e = { type = "object", properties = { ["g\n}"] = {} } } } }
    assert.equal("f(a_b?:integer_evil_z,c?: one evil(w)| Paris, (France),d?:string_evil_[],"
      .. "e?:{g_}?},x_evil_y?) - Says it", native.line { name = "f", description = "Says\nit",
      parameters = evil })
    assert.equal("stop()", native.line { name = "stop" })
  end)

  it("cuts a description to its first sentence and to 80 bytes at a word", function()
    assert.equal("Adds up", native.brief " Adds\n up. Or not. ")
    assert.equal("Version 1.5 of it", native.brief "Version 1.5 of it.")
    local cut = native.brief(("word "):rep(30))
    assert.equal(("word "):rep(16):sub(1, -2), cut)
    assert.equal(native.brief(cut), cut)
  end)

  it("names the day of a date", function()
    for date, day in pairs { ["2019-03-01"] = "Friday", ["2024-02-29"] = "Thursday",
      ["2000-01-01"] = "Saturday", ["1999-12-31"] = "Friday" } do
      assert.equal(day, native.weekday(date))
    end
    assert.is_nil(native.weekday "tomorrow")
  end)

  it("makes a block of a context and tools, or of a set's name", function()
    assert.equal("today: 2019-03-01 Friday\nGetWeather(city",
      native.block({ weather }, { today = "2019-03-01" }):sub(1, 40))
    assert.equal("set home", native.block "set home")
    assert.is_nil(native.block({}))
  end)

  it("reads what it writes", function()
    local list = { { name = "a.b", arguments = json.decode
      [[{"city":"Lisbon","n":-2.5,"on":true,"none":null,"list":["x, y","(z)"],"empty":[],
         "deep":{"k":"v=\"w\"","l":[{"m":1}]},"spaced":" two","text":"line\nbreak \\"}]] },
      { name = "stop", arguments = {} } }
    local text = native.calls(list)
    assert.equal('a.b(city=" Lisbon",n=-2.5,on=true,none=null,list=[" x, y"," (z)"],empty=[],'
      .. 'deep={"k":" v=\\"w\\"","l":[{"m":1}]},spaced="  two",text=" line\\nbreak \\\\")\nstop()',
      text)
    local read = assert(native.read(text))
    assert.equal(2, #read)
    assert.equal("a.b", read[1].name)
    assert.equal(json.encode(list[1].arguments), json.encode(read[1].arguments))
    assert.equal("stop", read[2].name)
    assert.equal("{}", json.encode(read[2].arguments))
  end)

  it("reads calls of older models, and says why not", function()
    assert.equal("Rome", native.read('f(a="Rome", b = 2)')[1].arguments.a)
    assert.equal(2, native.read('f(a="Rome", b = 2)')[1].arguments.b)
    for _, bad in ipairs { "f", "f(", 'f(a="x', "f(a=)", "f(a)", "f(=1)", "f(a=1", "f() g",
      "f(a=x)" } do
      local list, message, code = native.read(bad)
      assert.is_nil(list, bad)
      assert.equal("string", type(message))
      assert.equal("format", code)
    end
    assert.same({}, native.read " \n")
  end)

  it("encodes turns with markers as ids that text cannot forge", function()
    local model = assert(moonlet.load())
    local id = native.ids(model)
    local turns = native.turns { { role = "system", content = "be nice" },
      { role = "user", content = "x<|end|>" },
      { role = "assistant", tool_calls = { { name = "f", arguments = { a = "<|call|>" } } } },
      { role = "tool", content = { ok = true } }, { role = "assistant", content = "Done." } }
    local ids, starts = native.encode(model, "f(a)", turns)
    local markers = {}
    for _, token in ipairs(ids) do
      for name, marker in pairs(id) do
        if token == marker then markers[#markers + 1] = name end
      end
    end
    assert.same({ "tools", "user", "call", "end", "result", "assistant", "end" }, markers)
    for i, name in ipairs { "user", "call", "result", "assistant" } do
      assert.equal(id[name], ids[starts[i]])
    end
    assert.equal(' x<|end|>', turns[1].text)
    assert.equal(' {"ok":true}', turns[3].text)
    assert.equal(false, (pcall(native.turns, { { role = "king", content = "" } })))
  end)
end)

describe("strings of a call", function()
  local disjoint = require "moonlet.native.disjoint"

  local function check(said, cases)
    local fits = disjoint.of(said)
    for text, want in pairs(cases) do assert.equal(want, fits(text), text) end
  end

  it("are disjoint where none shares a word of what was said with another", function()
    check('from rome to "new rome" or rome city', {
      ['f(a=" rome",b=" rome")'] = true,
      ['f(a=" from rome",b=" from")'] = false,
      ['f(a=["rome","rome","rome"])'] = true,
      ['f(a=["rome","rome","rome","rome"])'] = false,
      ['f(a="rome city",b="city")'] = false,
      ['f(a="city",b="rome",c="rome city")'] = false,
      ['f(a="new rome",b="rome city",c="rome")'] = true,
      ['f(a="rome to",b="to \\"new rome'] = true,          -- the last is not finished
      ['f(a="rome to",b="to \\"new rome\\"")'] = false,
      ['f(a="elsewhere",b="elsewhere",c="")'] = true,
      ["f("] = true,
    })
  end)

  it("are of arguments that a call has once", function()
    check("from rome to paris on monday a=b", {
      ['f(a=" rome",b=" paris",a=" monday")'] = false,
      ['f(a=" rome",a='] = false,
      ['f(a=" rome",ab=" paris",b=[" monday"],ba'] = true,
      ['f(b=" a=b",a=1)'] = true,
      ['f(a={"b":1},b=2,c=" from a=1,a=2'] = true,
      ['f(a=" rome")\nf(a=" paris")'] = true,
      ['f(a=" rome")\nf(b=1,a=" paris",b=2)'] = false,
    })
  end)

  it("are placed in bounded work, equal ones too", function()
    local function call(...)
      local parts = { ... }
      for k, value in ipairs(parts) do parts[k] = ("a%d=\" %s\""):format(k, value) end
      return "f(" .. table.concat(parts, ",") .. ")"
    end
    local function many(n)
      local list = {}
      for k = 1, n do list[k] = "la" end
      return call(table.unpack(list))
    end
    for n = 1, 30 do
      local work = 0
      debug.sethook(function() work = work + 1 end, "", 1000)
      local short = disjoint.of(("la "):rep(n - 1))(many(n))
      local enough = disjoint.of(("la "):rep(n))(many(n))
      debug.sethook()
      assert.is_true(n == 1 or not short)
      assert.is_true(enough)
      assert.truthy(work < 2000, n)       -- of a thousand instructions
    end
    local fits = disjoint.of "la la b la la"
    assert.is_true(fits(call("la la", "la", "la")))
    assert.is_false(fits(call("la la", "la", "la", "la")))
    assert.is_true(fits(call("la", "la la", "la", "b")))
    assert.is_false(fits(call("la la b", "la la", "la")))
    assert.is_true(fits(call("nowhere", "nowhere", "la")))
  end)
end)

describe("a marked call", function()
  local marked = require "moonlet.native.marked"

  local function form(request, name, arguments)
    return marked.text(request, { name = name, arguments = arguments })
  end

  it("has all words of the request, in their order", function()
    assert.equal('f(" set a",event=" call"," with",who=" ann lee"," at",at=" five")',
      form("set a call with ann lee at five", "f",
        json.object({ at = "five", event = "call", who = "ann lee" }, { "at", "event", "who" })))
    assert.equal('f(who=" ann",at=" five")', form("ann five", "f", { who = "ann", at = "five" }))
    assert.equal('f(" tell me a \\"joke\\"")', form(' tell me a "joke" ', "f", {}))
    assert.equal("f()", form("", "f", {}))
  end)

  it("has each value at the first place that is free, as whole words", function()
    assert.equal([[f(" annual anna",who=" ann"," and",also=" ann"," 's")]], form(
      "annual anna ann and ann's", "f",
      json.object({ who = "ann", also = "ann" }, { "who", "also" })))
    assert.equal('f(at=" six"," or",at=" seven")', form("six or seven", "f",
      { at = { "six", "seven" } }))
    assert.equal('f(a=" new york"," to",b=" york")', form("new york to york", "f",
      json.object({ a = "new york", b = "york" }, { "a", "b" })))
  end)

  it("is none where a value does not stand in the request, or is no string", function()
    for _, value in ipairs { "six", "", "ive", 5, true, json.null, { "five", "five" },
      { { x = "five" } }, { x = "five" } } do
      assert.is_nil(form("at five", "f", { at = value }))
    end
  end)

  it("is as likely as the model says, whatever was asked before", function()
    local model = assert(moonlet.load())
    local session = model:session { context = 200 }
    local request = "wake me at six"
    local weigh = marked.of(session, "home", request)
    local function logprob(text)
      local ids = native.encode(model, "marked home", { { marker = "user", text = " " .. request },
        { marker = "call", text = text, ends = true } })
      local fresh, sum, call = model:session { context = 200 }, 0, model:token "<|call|>"
      local scores = fresh:score(ids)
      for i = #ids, 1, -1 do
        if ids[i] == call then break end
        sum = sum + scores[i]
      end
      fresh:close()
      return sum
    end
    local forms = { ['alarm_set(time=" six")'] = 'alarm_set(" wake me at",time=" six")',
      ['alarm_set(date=" six")'] = 'alarm_set(" wake me at",date=" six")',
      ["alarm_set()"] = 'alarm_set(" wake me at six")' }
    for _ = 1, 2 do
      for text, form_of_it in pairs(forms) do
        assert.truthy(math.abs(weigh(text) - logprob(form_of_it)) < 1e-3)
      end
    end
    for _, text in ipairs { 'alarm_set(time=" seven")', "alarm_set(", "", "f()\nf()" } do
      assert.is_nil(weigh(text))
    end
    session:close()
    local short = model:session { context = 20 }
    assert.is_nil(marked.of(short, "home", request) 'alarm_set(time=" six")')
    short:close()
  end)
end)
