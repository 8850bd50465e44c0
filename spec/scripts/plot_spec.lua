-- Pictures of tensors, and of what a model expected.
local support = require "spec.support"
local moonlet = require "moonlet"

-- SVG that an XML parser would take: every tag closed in turn, no stray & or <.
local function well_formed(svg)
  local open = {}
  assert.is_nil(svg:gsub("&%a+;", ""):find("&", 1, true))
  for close, name, rest in svg:gmatch "<(/?)([%a]+)([^<>]*)>" do
    if close == "/" then
      assert.equal(table.remove(open), name)
    elseif rest:sub(-1) ~= "/" then
      open[#open + 1] = name
    end
  end
  assert.same({}, open)
  return svg
end

describe("t:plot", function()
  it("averages a matrix into cells", function()
    local t = moonlet.tensor { { 0, 0, 4, 4 }, { 0, 0, 4, 4 }, { 2, 2, 1, 3 }, { 2, 2, 1, 3 } }
    local p = t:plot { rows = 2, columns = 2, colour = false, title = "means" }
    assert.same({ { 0, 4 }, { 2, 2 } }, p.cells)
    assert.equal("means: heat (4, 4), 0 to 4\n █\n▒▒", tostring(p))
    local whole = t:plot { colour = false }
    assert.same(t:totable(), whole.cells)
  end)

  it("writes the labels of its rows beside them, in colour too", function()
    local t = moonlet.tensor { { 0, 1 }, { 1, 0 } }
    local options = { labels = { "one", "two" }, colour = false }
    assert.equal("heat (2, 2), 0 to 1\n █  one\n█   two", tostring(t:plot(options)))
    options.colour = true
    local dark, bright = "\27[48;2;24;26;36m  ", "\27[48;2;250;228;120m  "
    assert.equal("heat (2, 2), 0 to 1\n" .. dark .. bright .. "\27[0m  one\n" .. bright .. dark
      .. "\27[0m  two", tostring(t:plot(options)))
    local many = {}
    for i = 1, 100 do many[i] = "row " .. i end
    local p = moonlet.zeros({ 100, 100 }):plot { labels = many, rows = 10, colour = true }
    assert.same({ "row 1", "row 11", "row 91" }, { p.labels[1], p.labels[2], p.labels[10] })
    assert.equal(72, select(2, tostring(p):match "\n([^\n]*)":gsub("48;2;", "")))
  end)

  it("gives both signs colours of their own, zero none", function()
    local p = moonlet.tensor { { -2, 0, 2 } }:plot()
    local zero = { p:rgb(0) }
    assert.is_true(({ p:rgb(-2) })[3] > ({ p:rgb(-2) })[1])
    assert.is_true(({ p:rgb(2) })[1] > ({ p:rgb(2) })[3])
    assert.same({ 24, 26, 36 }, zero)
    assert.same({ 128, 128, 128 }, { p:rgb(0 / 0) })
  end)

  it("counts values into bins", function()
    local p = moonlet.tensor { 0, 0, 0, 1, 2, 3, 3, 0 / 0, math.huge }:plot { kind = "histogram",
      columns = 4 }
    assert.same({ 3, 1, 1, 2 }, p.bars)
    assert.truthy(tostring(p):find("histogram (9), 0 to 3", 1, true))
    local line = moonlet.arange(1, 4):plot()
    assert.equal("line", line.kind)
    assert.same({ 1, 2, 3, 4 }, line.bars)
    assert.equal("histogram", moonlet.zeros { 2, 2, 2 }:plot().kind)
  end)

  it("writes SVG, and says where it cannot", function()
    for _, kind in ipairs { "heat", "histogram", "line" } do
      local p = moonlet.randn { 5, 7 }:plot { kind = kind, title = 'a < b & "c"',
        labels = { "x", "<y>" } }
      well_formed(p:svg())
    end
    local path = os.tmpname()
    local p = moonlet.ones({ 2, 2 }):plot()
    assert.equal(p, p:save(path))
    assert.equal(p:svg(), support.read(path))
    os.remove(path)
    local ok, message, code = p:save "/nowhere/x.svg"
    assert.is_nil(ok)
    assert.equal("io", code)
    assert.truthy(message:find "nowhere")
  end)

  it("refuses what it cannot draw, by name", function()
    assert.error_matches(function() moonlet.zeros({ 2 }):plot { kind = "heat" } end, "2 dims")
    assert.error_matches(function() moonlet.zeros({ 2 }):plot { kind = "pie" } end, "pie")
    assert.error_matches(function() moonlet.zeros({ 2 }):plot { colums = 2 } end, "columns")
    assert.error_matches(function() moonlet.zeros({ 0 }):plot() end, "empty")
  end)
end)

describe("model:explain", function()
  local model = assert(moonlet.load(support.pocket))
  local text = ("<|user|> play some jazz<|call|>"):rep(9)

  it("agrees with score, over several chunks", function()
    local e = assert(model:explain(text, { special = true, top = 4 }))
    local score = assert(model:score(text, { special = true }))
    assert.is_true(#e > 32)
    assert.is_nil(e[1].probability)
    for i = 2, #e do
      assert.equal(score.ids[i], e[i].id)
      assert.near(score.logprobs[i], math.log(e[i].probability), 1e-3)
      assert.near(-score.logprobs[i] / math.log(2), e[i].surprise, 2e-3)
      assert.equal(4, #e[i].top)
      assert.is_true(e[i].top[1].probability >= e[i].top[2].probability)
      if e[i].rank then assert.equal(e[i].id, e[i].top[e[i].rank].id) end
    end
  end)

  it("shows text and steps, and writes SVG", function()
    local e = assert(model:explain("a <b> & c\n"))
    local lines = select(2, tostring(e):gsub("\n", ""))
    assert.equal(#e, lines)
    local path = os.tmpname()
    assert(e:save(path))
    well_formed(support.read(path))
    os.remove(path)
  end)

  it("says what is wrong", function()
    assert.error_matches(function() model:explain(3) end, "text or a list")
    assert.error_matches(function() model:explain("x", { to = 3 }) end, "top")
    local e, _, code = model:explain(text, { special = true, context = 8 })
    assert.is_nil(e)
    assert.equal("full", code)
  end)
end)
