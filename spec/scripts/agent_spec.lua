-- Agents: the loop and each of its guards, approval, time, cancelling, saving, replay, and text
-- that wants to be a marker.
require "spec.support"
local moonlet = require "moonlet"
local agent = require "moonlet.agent"
local chat = require "moonlet.chat"
local json = moonlet.json
local tools = require "moonlet.tools"

-- A model that says these things in turn. { text, kind = } or text.
local function says(list)
  local trace = {}
  for i, said in ipairs(list) do
    if type(said) == "string" then said = { said } end
    trace[i] = { type = "model", text = said[1], finish = said.finish or "eos", kind = said.kind }
  end
  return agent.replay(trace, { strict = false })
end

-- Tools that count their runs.
local function counting()
  local ran = {}
  local function count(name, give)
    return function(a)
      ran[#ran + 1] = name .. (a.x and " " .. a.x or "")
      return give and give(a) or name .. " ok"
    end
  end
  return { tools.tool("f(x?)", count "f"), tools.tool("g(x?: integer)", count "g"),
    tools.tool("long()", count("long", function() return ("x"):rep(5000) end)) }, ran
end

local function new(list, options)
  local set, ran = counting()
  options = options or {}
  options.tools = options.tools or set
  return assert(agent.new(says(list), options)), ran
end

local function last_result(run)
  for i = #run.messages, 1, -1 do
    if run.messages[i].role == "result" then return run.messages[i].text end
  end
end

describe("agent", function()
  it("runs calls until there is an answer", function()
    local a, ran = new { 'f(x="1")', "[f(x='2'), g(x='3')]", "It is done." }
    local run = a:run "go"
    assert.equal("done", run.status)
    assert.equal("It is done.", run.text)
    assert.same({ "f 1", "f 2", "g 3" }, ran)
    assert.same({ { role = "user", text = "go" }, { role = "call", text = 'f(x="1")' },
      { role = "result", text = "f ok" }, { role = "call", text = "[f(x='2'), g(x='3')]" },
      { role = "result", text = "f: f ok\ng: g ok" },
      { role = "assistant", text = "It is done." } }, run.messages)
    assert.equal("again", new({ "one", "again" }):run("a"):continue("b").text)
  end)

  it("takes nothing for a call that the model did not mean as one", function()
    local a, ran = new { { 'f(x="1")', kind = "assistant" } }
    local run = a:run "go"
    assert.same({ "done", 'f(x="1")' }, { run.status, run.text })
    run = new({ "nope() is no tool" }):run "go"
    assert.same({ "done", "nope() is no tool" }, { run.status, run.text })
    assert.same({}, ran)
  end)

  it("stops after its steps, eight if not told", function()
    local list = {}
    for i = 1, 20 do list[i] = ('f(x="%d")'):format(i) end
    local a, ran = new(list)
    assert.equal("steps", a:run("go").status)
    assert.equal(8, #ran)
    a, ran = new(list, { steps = 3 })
    assert.equal("steps", a:run("go").status)
    assert.equal(3, #ran)
  end)

  it("tells the model of unknown tools and wrong arguments, three times in a row", function()
    local a, ran = new { { "nope()", kind = "call" }, 'g(x="y")', 'f(x="1")', 'f(z="1")', "sorry" }
    local run = a:run "go"
    assert.equal("done", run.status)
    assert.same({ "f 1" }, ran)
    assert.truthy(run.messages[3].text:find("there is no tool 'nope'; there are: f, g", 1, true))
    assert.truthy(run.messages[5].text:find("/x should be an integer", 1, true))
    a, ran = new { { "a()", kind = "call" }, { "b()", kind = "call" }, { "c(", kind = "call" },
      'f(x="1")' }
    run = a:run "go"
    assert.equal("bad_calls", run.status)
    assert.same({}, ran)
    assert.equal("bad_calls", new({ 'g(x="y")' }, { bad = 1 }):run("go").status)
    run = new({ { "no call", kind = "call" }, "never" }, { bad = 1 }):run "go"
    assert.same({ "bad_calls", 1 }, { run.status, run.state.step })
  end)

  it("runs the same call once, and stops at the fourth", function()
    local a, ran = new { 'f(x="1")', "f(x='1')", 'f(x="1")', 'f(x="1")', "never" }
    local run = a:run "go"
    assert.equal("loop", run.status)
    assert.same({ "f 1" }, ran)
    assert.truthy(run.messages[5].text:find("already called", 1, true))
    a, ran = new { 'f(x="1")', 'f(x="1")', 'f(x="2")', "done" }
    assert.equal("done", a:run("go").status)
    assert.same({ "f 1", "f 2" }, ran)
  end)

  it("asks before a tool that wants it, and takes all but yes for no", function()
    local function try(approve, wants)
      local ran = 0
      local a = agent.new(says { "f(x='1')", "ok" }, { approve = approve,
        tools = { tools.tool("f(x)", function() ran = ran + 1 end, { approve = wants }) } })
      return a:run "go", ran
    end
    local asked
    local run, ran = try(function(call) asked = call.name .. call.arguments.x return true end, true)
    assert.same({ "f1", 1, "done" }, { asked, ran, run.status })
    for _, answer in ipairs { false, "yes", 1, {} } do
      run, ran = try(function() return answer, "no" end, true)
      assert.same({ 0, "refused: no", "done" }, { ran, last_result(run), run.status })
    end
    run, ran = try(function() error "down" end, true)
    assert.same({ 0, "refused: the approval failed" }, { ran, last_result(run) })
    run, ran = try(function() return true end, function() error "down" end)
    assert.same({ 1, "done" }, { ran, run.status })
    run, ran = try(function() return false, "no" end, function() error "down" end)
    assert.same({ 0, "refused: no" }, { ran, last_result(run) })
    assert.equal(0, (select(2, try(function() return false end,
      function(args) return args.x == "1" end))))
    assert.equal(1, (select(2, try(function() return false end,
      function(args) return args.x ~= "1" end))))
    run, ran = try(function(call) call.arguments.x = {} return true end, true)
    assert.same({ 1, "done" }, { ran, run.status })     -- the hook's copy is not what runs
    run, ran = try(nil, true)
    assert.same({ 0, "waiting", "f" }, { ran, run.status, run.waiting.name })
  end)

  -- A run whose call pay(n=5) becomes another while it is approved, and how often it ran.
  local function changed_to(n)
    local ran = 0
    local run
    local a = agent.new(says { "pay(n=5)", "ok" }, {
      approve = function()
        run.state.pending[1].arguments.n = n
        return true
      end,
      tools = { tools.tool("pay(n: integer)", function() ran = ran + 1 end, { approve = true }) } })
    run = a:start "go"
    run:go()
    return run, ran
  end

  it("checks arguments again behind an approval", function()
    local run, ran = changed_to "all"
    assert.equal(0, ran)
    assert.truthy(last_result(run):find("/n should be an integer", 1, true))
  end)

  it("decides on the arguments that the tool gets, and counts by them", function()
    local ran, asked, shown = {}, {}, nil
    local function forced(a)
      asked[#asked + 1] = a.force
      local wants = a.force == true
      a.force = false
      return wants
    end
    local list = { tools.tool("rm(force?: boolean)", function(a) ran[#ran + 1] = a.force end,
      { approve = forced }) }
    local function answer(call)
      shown = call
      return false
    end
    local run = agent.new(says { 'rm(force="true")', "ok" }, { tools = list, approve = answer })
      :run "go"
    assert.same({ "done", {}, { true } }, { run.status, ran, asked })
    assert.same({ true, '{"force":true}' }, { shown.arguments.force, shown.json })
    assert.equal('{"force":true}', run.trace[3].json)
    run = agent.new(says { 'rm(force="true")', "ok" }, { tools = list }):run "go"
    assert.same({ "waiting", true }, { run.status, run.waiting.arguments.force })
    local later = assert(agent.new(says { "ok" }, { tools = list }):resume(run:save()))
    assert.same({ "waiting", true }, { later.status, later.waiting.arguments.force })
    later.waiting.arguments.force = false         -- a copy: what was approved is what runs
    assert.equal("done", later:approve():go().status)
    assert.same({ true }, ran)
    local paid = 0
    run = agent.new(says { "pay(n=5)", 'pay(n="5")', "pay(n=5.0)", "ok" }, { tools = {
      tools.tool("pay(n: integer)", function(a) paid = paid + a.n end) } }):run "go"
    assert.same({ "done", 5 }, { run.status, paid })
    assert.truthy(last_result(run):find("already called", 1, true))
  end)

  it("runs no call that changed behind its approval", function()
    local run, ran = changed_to(500)
    assert.same({ "done", 0 }, { run.status, ran })
    assert.truthy(last_result(run):find("not those that were approved", 1, true))
  end)

  it("goes on where the tool of a call that waits is gone", function()
    local run = agent.new(says { "pay(n=5)", "ok" }, { tools = {
      tools.tool("pay(n)", print, { approve = true }) } }):run "go"
    local later = assert(agent.new(says { "fine" }, { tools = {
      tools.tool("f()", print) } }):resume(run:save()))
    assert.same({ "done", "fine" }, { later:go().status, later.text })
    assert.truthy(last_result(later):find("there is no tool 'pay'", 1, true))
  end)

  it("waits for a decision, in another process if need be", function()
    local ran = 0
    local list = { tools.tool("pay(n: integer)", function(a) ran = ran + a.n return "paid" end,
      { approve = true }) }
    local run = agent.new(says { "pay(n=5)", "ok" }, { tools = list }):run "go"
    assert.equal("waiting", run.status)
    local saved = run:save()
    assert.equal("ok", run:approve():go().text)
    assert.equal(5, ran)
    local elsewhere = assert(agent.new(says { "fine" }, { tools = list }):resume(saved))
    assert.same({ "waiting", "pay" }, { elsewhere.status, elsewhere.waiting.name })
    assert.equal("waiting", elsewhere:go().status)
    assert.equal("fine", elsewhere:refuse("too much"):go().text)
    assert.same({ 5, "refused: too much" }, { ran, last_result(elsewhere) })
    assert.equal(false, (pcall(elsewhere.approve, elsewhere)))
    local forged = assert(agent.new(says { "fine" }, { tools = list }):resume(
      (saved:gsub('"arguments":{"n":5}', '"arguments":{"n":500}'))))
    forged:approve():go()         -- what was shown is what runs
    assert.equal(10, ran)
    ran = 5
    local approved = assert(agent.new(says { "fine" }, { tools = list }):resume(saved))
    approved:approve()          -- a decision that was not used is not saved
    local again = assert(agent.new(says { "fine" }, { tools = list }):resume(approved:save()))
    again:go()
    assert.equal(5, ran)
  end)

  it("asks for each call anew", function()
    local ran = 0
    local run = agent.new(says { "[pay(n=1), pay(n=2)]", "ok" }, { tools = {
      tools.tool("pay(n: integer)", function(a) ran = ran + a.n end, { approve = true }) } })
      :run "go"
    assert.same({ "waiting", 2 }, { run:approve():go().status, run.waiting.arguments.n })
    assert.equal(1, ran)
    assert.equal("done", run:refuse():go().status)
    assert.equal(1, ran)
  end)

  it("saves and resumes in the middle, and refuses what is no state", function()
    local a = new { "f(x='1')", "g(x=2)", "done" }
    local run = a:start "go"
    run:step()
    run:step()
    local b, ran = new { "g(x=2)", "f(x='1')", "done" }
    local rest = assert(b:resume(run:save())):go()
    assert.same({ "done", "done" }, { rest.status, rest.text })
    assert.same({ "g 2" }, ran)         -- the call before the pause counts as made
    for _, text in ipairs { "", "[]", "{}", '{"version":1}', (run:save():gsub('"role"', '"rule"')),
      (run:save():gsub('"version":1', '"version":2')),
      (run:save():gsub('"step":1', '"step":"1"')),
      (run:save():gsub('"results":%[%]', '"results":[{}]')),
      (run:save():gsub('"role":"user"', '"role":"clown"')),
      (run:save():gsub('"trace":%[', '"trace":[5,')),
      '{"version":1,"step":1,"bad":0,"seen":{},"messages":[],"trace":[],"pending":[],"results":[],'
        .. '"status":"running"}' } do
      local none, message, code = b:resume(text)
      assert.is_nil(none)
      assert.same({ "string", "format" }, { type(message), code })
    end
  end)

  it("stops tools that take too long, and tools that fail", function()
    local list = {
      tools.tool("spin()", function() while true do end end, { timeout = 0.1 }),
      tools.tool("deaf()", function()
        while true do pcall(function() while true do end end) end
      end),
      tools.tool("wait()", function() while true do coroutine.yield() end end),
      tools.tool("throw()", function() error "boom" end),
      tools.tool("fail()", function() return nil, "no network" end),
      tools.tool("yields()", function() coroutine.yield() return "back" end),
    }
    local results = {}
    local a = agent.new(says { "[spin(), deaf(), wait(), throw(), fail(), yields()]", "ok" },
      { tools = list, timeout = 0.1 })
    local run = a:run "go"
    for line in last_result(run):gmatch "[^\n]+" do results[#results + 1] = line end
    assert.equal("done", run.status)
    for i, name in ipairs { "spin", "deaf", "wait" } do
      assert.equal(("%s: error: %s took longer than 0.1 s"):format(name, name), results[i])
    end
    assert.truthy(results[4]:find("throw failed: .*boom"))
    assert.equal("fail: error: fail failed: no network", results[5])
    assert.equal("yields: back", results[6])
  end)

  it("stops a tool that yields also where Lua has no hooks", function()
    local run
    local list = { tools.tool("wait()", function() while true do coroutine.yield() end end),
      tools.tool("halt()", function() run:cancel() while true do coroutine.yield() end end) }
    local sethook = debug.sethook
    rawset(debug, "sethook", nil)
    finally(function() rawset(debug, "sethook", sethook) end)
    run = agent.new(says { "wait()", "ok" }, { tools = list, timeout = 0.05 }):run "go"
    assert.same({ "done", "timeout" }, { run.status, run.trace[4].code })
    run = agent.new(says { "halt()", "ok" }, { tools = list, timeout = 1000 }):start "go"
    assert.same({ "cancelled", "cancel" }, { run:go().status, run.trace[4].code })
  end)

  it("cuts long results", function()
    local a = new({ "long()", "ok" }, { most = 100 })
    local text = last_result(a:run "go")
    assert.truthy(#text <= 100 and text:find("bytes left out", 1, true))
  end)

  it("asks the tools' own checks before and after", function()
    local ran = 0
    local function try(before, after)
      local tool = tools.tool("f()", function() ran = ran + 1 return "secret" end,
        { before = before, after = after })
      return last_result(agent.new(says { "f()", "ok" }, { tools = { tool } }):run "go")
    end
    assert.equal("error: not now", try(function() return nil, "not now" end))
    assert.equal(0, ran)
    assert.equal("error: held", try(nil, function(text) return text ~= "secret" or nil, "held" end))
    assert.truthy(try(function() error "x" end):find "^error")
    assert.equal("secret", try(function() return true end, function() return true end))
  end)

  it("cancels and keeps what was done", function()
    local run
    local a = agent.new(says { "f()", "stop()", "never" }, { tools = {
      tools.tool("f()", function() return "kept" end),
      tools.tool("stop()", function() run:cancel() while true do end end),
    } })
    run = a:start "go"
    run:go()
    assert.equal("cancelled", run.status)
    assert.equal("kept", run.messages[3].text)
    assert.equal("model", run.trace[2].type)
    assert.equal("cancelled", run:step())
    local b = new { "one two", "three" }
    local pieces = {}
    run = b:start("go", { on_piece = function(piece) pieces[#pieces + 1] = piece run:cancel() end })
    assert.same({ "cancelled", "one two" }, { run:go().status, run.text })
    assert.equal("one two", table.concat(pieces))
  end)

  it("cancels before, between and inside of calls, and in the middle of an answer", function()
    local asked, ran = 0, {}
    local run
    local endless = { generate = function(_, _, options)
      asked = asked + 1
      for n = 1, 100 do if options.on_piece "x" == false then return ("x"):rep(n), {} end end
      error "nobody said stop"
    end }
    run = agent.new(endless):start "go"
    run:cancel()
    assert.same({ "cancelled", 0 }, { run:go().status, asked })
    run = agent.new(endless):start("go", { on_piece = function() run:cancel() end })
    assert.same({ "cancelled", "x" }, { run:go().status, run.text })
    local list = {
      tools.tool("halt()", function() run:cancel() ran[#ran + 1] = "halt" return "halted" end),
      tools.tool("spin()", function() run:cancel() while true do end end),
      tools.tool("f()", function() ran[#ran + 1] = "f" end),
      tools.tool("pay()", print, { approve = true }),
    }
    run = agent.new(says { "[halt(), f()]", "never" }, { tools = list }):start "go"
    assert.equal("cancelled", run:go().status)
    assert.same({ "halt" }, ran)
    assert.same({ "result", "halted" }, { run.trace[4].type, run.trace[4].text })
    run = agent.new(says { "spin()", "never" }, { tools = list }):start "go"
    assert.equal("cancelled", run:go().status)
    assert.equal("cancel", run.trace[4].code)
    run = agent.new(says { "pay()", "never" }, { tools = list }):run "go"
    run:cancel()
    assert.equal("cancelled", run.status)
  end)

  it("does not retry an answer that was cut off inside a call", function()
    local a, ran = new { { 'f(x="1', finish = "length", kind = "call" }, "never" }
    local run = a:run "go"
    assert.equal("length", run.status)
    assert.same({}, ran)
    assert.equal("error", new({}):run("go").status)
  end)

  it("writes a trace that stands in for the model", function()
    local a = new { "f(x='1')", "g(x=2)", "done" }
    local run = a:run "go"
    local trace = assert(agent.read_trace(run:jsonl()))
    assert.equal(#run.trace, #trace)
    local set, ran = counting()
    local again = agent.new(agent.replay(trace), { tools = set }):run "go"
    assert.equal(json.encode(run.messages), json.encode(again.messages))
    assert.same({ "f 1", "g 2" }, ran)
    local other = agent.new(agent.replay(trace), { tools = set }):run "come"
    assert.equal("error", other.status)
    assert.truthy(other.message:find("answer 1 was to user", 1, true))
    assert.is_nil((agent.read_trace "{"))
    local told = {}
    local b = new({ "f(x='1')", "done" }, { on_event = function(e) told[#told + 1] = e end })
    assert.same(b:run("go").trace, json.array(told))
    local kinds = {}
    for i, event in ipairs(run.trace) do kinds[i] = event.type end
    assert.same({ "user", "model", "call", "result", "model", "call", "result", "model", "end" },
      kinds)
  end)
end)

describe("agent with the bundled model", function()
  local model = assert(moonlet.load())
  local home = { tools.tool("alarm_set(time, date?) - Set an alarm", function(a) return a.time end),
    tools.tool("iot_hue_lightoff(house_place) - Turn off the lights", function() return "off" end) }

  it("calls a tool, and its trace replays to the same end", function()
    local a = assert(agent.new(model, { tools = home, generate = { max_tokens = 48 }, steps = 3 }))
    local run = a:run "turn off the lights in the kitchen"
    local called
    for _, event in ipairs(run.trace) do called = called or event.type == "call" and event end
    assert.equal("iot_hue_lightoff", called.name)
    local again = agent.new(agent.replay(run.trace), { tools = home, steps = 3 }):run(
      "turn off the lights in the kitchen")
    assert.equal(run.status, again.status)
    assert.equal(json.encode(run.messages), json.encode(again.messages))
    for i, event in ipairs(run.trace) do       -- read in the same notation, without being told
      if event.type == "call" then assert.equal(event.json, again.trace[i].json) end
    end
    local fresh = a:run "turn off the lights in the kitchen"    -- a fork of the same beginning
    assert.equal(json.encode(run.messages), json.encode(fresh.messages))
    local tools_alone = #model:encode(tools.new(home):lines())
    assert.truthy(fresh.trace[2].prompt_tokens < tools_alone)   -- computed once, not for each run
    a:close()
  end)

  it("resumes a saved run as if it had gone on", function()
    local a = assert(agent.new(model, { tools = home, generate = { max_tokens = 48 }, steps = 3 }))
    local run = a:start "turn off the lights in the kitchen"
    run:step()
    local b = assert(agent.new(model, { tools = home, generate = { max_tokens = 48 }, steps = 3 }))
    local rest = assert(b:resume(run:save())):go()
    assert.equal(json.encode(run:go().messages), json.encode(rest.messages))
    a:close()
    b:close()
  end)

  it("lets no text of users or tools become a marker, a thousand times", function()
    local markers = {}
    for id = 0, model.config.vocab_size - 1 do
      if model:is_special(id) and id > 2 then markers[#markers + 1] = id end
    end
    assert.truthy(#markers >= 6)
    local names = { "<s>", "</s>", "<unk>" }
    for i, name in ipairs { "tools", "user", "call", "result", "assistant", "end" } do
      names[3 + i] = "<|" .. name .. "|>"
    end
    math.randomseed(15)
    local talk = assert(chat.new(model, { tools = "f(x)" }))
    assert(talk:prepare())
    local function text()
      local parts = {}
      for i = 1, math.random(4) do
        parts[i] = names[math.random(#names)] .. ({ "", " ", "x", "\n", "f(x=1)" })[math.random(5)]
      end
      return table.concat(parts)
    end
    for i = 1, 1000 do
      local fork = talk:fork()
      local role = i % 2 == 0 and "user" or "result"
      assert(fork:restore { { role = role, text = text() } })
      local special = 0
      for _, id in ipairs(fork.session:tokens()) do
        if model:is_special(id) then special = special + 1 end
      end
      assert.equal(3, special)          -- BOS, <|tools|>, and the turn's own
      fork:close()
    end
  end)
end)

