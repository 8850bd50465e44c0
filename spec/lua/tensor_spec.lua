-- The tensor as Lua sees it: making, indexing, text, errors, memory.
local BUILD = os.getenv "MOONLET_BUILD" or "build"
package.cpath = BUILD .. "/spec/?.so;" .. package.cpath
local m = require "moonlet.debug.tensor"

local function fails(text, fn, ...)
  local ok, message = pcall(fn, ...)
  assert.is_false(ok)
  assert.is_truthy(tostring(message):find(text, 1, true),
                   ("expected '%s' in '%s'"):format(text, message))
end

describe("lua: tensors", function()
  describe("are made", function()
    it("from nested tables", function()
      local t = m.tensor { { 1, 2, 3 }, { 4, 5, 6 } }
      assert.same({ 2, 3 }, t.shape)
      assert.equal("f32", t.dtype)
      assert.equal(2, t.rank)
      assert.equal(2, #t)
      assert.same({ { 1, 2, 3 }, { 4, 5, 6 } }, t:totable())
      assert.same({}, m.tensor(7).shape)
      assert.equal(7, m.tensor(7):item())
      assert.same({ 0 }, m.tensor({}).shape)
      assert.same({ 2, 0 }, m.tensor({ {}, {} }).shape)
      assert.same({ {}, {} }, m.tensor({ {}, {} }):totable())
      local eight = m.tensor { { { { { { { { 5 } } } } } } } }
      assert.equal(8, eight.rank)
      assert.equal("i8", m.tensor({ 1 }, { dtype = "i8" }).dtype)
    end)

    it("with integers for whole dtypes and floats for the others", function()
      assert.equal("integer", math.type(m.tensor({ 1 }, { dtype = "i32" })[1]))
      assert.equal("integer", math.type(m.tensor({ 1 }, { dtype = "i8" }):get(1)))
      assert.equal("integer", math.type(m.tensor({ 1 }, { dtype = "i8" }):totable()[1]))
      assert.equal("float", math.type(m.tensor({ 1 })[1]))
    end)

    it("not from ragged or foreign values, and the sentence names the place", function()
      fails("tensor: [2] has 1 elements, expected 2", m.tensor, { { 1, 2 }, { 3 } })
      fails("tensor: [1][2] has 2 elements, expected 1", m.tensor, { { { 1 }, { 2, 3 } } })
      fails("tensor: element [2] is a number, expected a table of 2", m.tensor, { { 1, 2 }, 3 })
      fails("tensor: element [2] is a table, expected a number", m.tensor, { 1, { 2 } })
      fails("tensor: element [1][2] is a string, expected a number", m.tensor, { { 1, "2" } })
      fails("tensor: expected a number or nested tables of numbers, got a string", m.tensor, "1")
      fails("tensor: element [2]: i8 holds whole numbers from -128 to 127, not 300", m.tensor,
            { 1, 300 }, { dtype = "i8" })
      fails("tables nested deeper than 8 dims", m.tensor, { { { { { { { { { 1 } } } } } } } } })
      local knot = {}
      knot[1] = knot
      fails("tables nested deeper than 8 dims", m.tensor, knot)
      fails("no dtype 'f64'; there are f32, bf16, f16, i32, i8", m.tensor, { 1 }, { dtype = "f64" })
      fails("no option 'dtyp'; did you mean 'dtype'?", m.tensor, { 1 }, { dtyp = "f32" })
    end)

    it("filled, counted and drawn", function()
      assert.same({ { 0, 0 } }, m.zeros({ 1, 2 }):totable())
      assert.same({ 0, 0 }, m.zeros(2):totable())
      assert.same({ 1, 1 }, m.ones({ 2 }, { dtype = "i8" }):totable())
      assert.same({ 2.5 }, m.full({ 1 }, 2.5):totable())
      assert.same({ 1, 2, 3 }, m.arange(1, 3):totable())
      assert.same({ 5, 3, 1 }, m.arange(5, 1, -2):totable())
      assert.same({ 5, 3 }, m.arange(5, 2, -2, { dtype = "i32" }):totable())
      assert.same({}, m.arange(1, 0):totable())
      assert.is_true(m.randn { 3, 2 }:equals(m.randn({ 3, 2 }, { seed = 0 })))
      fails("step is 0", m.arange, 1, 2, 0)
      fails("more than 2^40", m.arange, 1, math.huge)
      fails("more than 2^40", m.arange, 1, 0 / 0)
      fails("a shape consists of whole numbers, not 1.5", m.zeros, { 1.5 })
      fails("a shape consists of whole numbers, not string", m.zeros, { "x" })
      fails("a dim has 0 to 2^40 elements, not -1", m.zeros, { -1 })
      fails("at most 8 dims, not 9", m.zeros, { 1, 1, 1, 1, 1, 1, 1, 1, 1 })
      fails("want a float dtype, not i8", m.randn, { 2 }, { dtype = "i8" })
    end)
  end)

  describe("are indexed", function()
    local t
    before_each(function() t = m.tensor { { 1, 2, 3 }, { 4, 5, 6 } } end)

    it("from 1, and back from -1", function()
      assert.equal(6, t[2][3])
      assert.equal(6, t[-1][-1])
      assert.equal(4, t:get(2, 1))
      assert.equal(4, t:get(-1, -3))
      assert.same({ 2, 5 }, t:select(2, 2):totable())
      assert.same({ 3, 6 }, t:select(-1, -1):totable())
      assert.same({ { 2, 3 }, { 5, 6 } }, t:narrow(2, 2, 2):totable())
      assert.same({ { 2, 3 }, { 5, 6 } }, t:narrow(-1, -2, 2):totable())
      assert.same({ { 1, 4 }, { 2, 5 }, { 3, 6 } }, t:t():totable())
      assert.is_nil(t.no_such_field)
    end)

    it("never outside", function()
      for _, i in ipairs { 0, 3, -3, math.maxinteger, math.mininteger } do
        assert.has_error(function() return t[i] end)
        assert.has_error(function() t[i] = 1 end)
        assert.has_error(function() return t:get(1, i == 3 and 4 or i == -3 and -4 or i) end)
        assert.has_error(function() return t:select(1, i) end)
        assert.has_error(function() return t:narrow(1, i, 1) end)
      end
      fails("index 3 is outside dim 1 of f32 (2, 3)", function() return t[3] end)
      fails("f32 (2, 3) wants 2 indices, got 1", t.get, t, 1)
      fails("f32 (2, 3) has no dim 3", t.sum, t, 3)
      fails("f32 (2, 3) has no dim 0", t.sum, t, 0)
      fails("narrow: 2 from position 3 on is outside dim 2 of f32 (2, 3)", t.narrow, t, 2, 3, 2)
      fails("narrow: 2147483647 from position 1 on", t.narrow, t, 1, 1, math.maxinteger)
      assert.has_error(function() t:narrow(1, math.mininteger, math.mininteger) end)
      fails("a tensor of rank 0 has no index", function() return m.tensor(1)[1] end)
    end)

    it("as views that share their elements", function()
      t[1][2] = 9
      t:t()[3][1] = 8
      assert.same({ { 1, 9, 8 }, { 4, 5, 6 } }, t:totable())
      t[1] = 0
      t[2] = { 7, 7, 7 }
      assert.same({ { 0, 0, 0 }, { 7, 7, 7 } }, t:totable())
      t[1] = t[2]
      t[2] = m.tensor { 3 }                     -- repeats
      assert.same({ { 7, 7, 7 }, { 3, 3, 3 } }, t:totable())
      assert.equal(t, t:set(1, -1, 1))
      t:narrow(1, 2, 1):fill(2)
      assert.same({ { 7, 7, 1 }, { 2, 2, 2 } }, t:totable())
      t:copy { { 1 }, { 2 } }
      assert.same({ { 1, 1, 1 }, { 2, 2, 2 } }, t:totable())
      fails("expand: f32 (2) cannot repeat to (3)", function() t[1] = { 1, 2 } end)
      fails("only the elements of a tensor can be set, not name", function() t.name = 1 end)
    end)

    it("after what they were taken from is gone", function()
      local view = m.arange(1, 6):view(2, 3):t()[2]
      collectgarbage()
      collectgarbage()
      assert.same({ 2, 5 }, view:totable())
    end)
  end)

  it("compute with numbers on either side", function()
    local t = m.tensor { 1, 2, 4 }
    assert.same({ 3, 4, 6 }, (t + 2):totable())
    assert.same({ 1, 0, -2 }, (2 - t):totable())
    assert.same({ 2, 1, 0.5 }, (2 / t):totable())
    assert.same({ 1, 4, 16 }, (t ^ 2):totable())
    assert.same({ 2, 4, 16 }, (2 ^ t):totable())
    assert.same({ -1, -2, -4 }, (-t):totable())
    assert.same({ 1, 2, 2 }, t:minimum(2):totable())
    assert.same({ 2, 2, 4 }, t:maximum(2):totable())
    assert.equal(7, t:sum():item())
    assert.equal(3, t:argmax():item())
    local values, positions = t:topk(2)
    assert.same({ { 4, 2 }, { 3, 2 } }, { values:totable(), positions:totable() })
  end)

  it("compare with a tolerance", function()
    local t = m.tensor { 1, 2, math.huge }
    assert.is_true(t:equals(t:to "f16"))
    assert.is_false(t:equals(m.tensor { 1, 2.25, math.huge }))
    assert.is_true(t:equals(m.tensor { 1, 2.25, math.huge }, 0.25))
    assert.is_false(t:equals(m.tensor { { 1, 2, math.huge } }))
    assert.is_false(m.tensor(0 / 0):equals(m.tensor(0 / 0), 1))
    assert.is_false(t:equals(m.zeros(0)))
    assert.is_true(m.zeros(0):equals(m.zeros(0)))
  end)

  it("say what is wrong, with shapes", function()
    local a = m.zeros { 2, 3 }
    fails("matmul: f32 (2, 3) by f32 (2, 3): inner sizes 3 and 2 differ", a.matmul, a, a)
    fails("matmul: f32 (4, 2, 3) by bf16 (5, 3, 1): leading dims do not broadcast", a.matmul,
          m.zeros { 4, 2, 3 }, m.zeros({ 5, 3, 1 }, { dtype = "bf16" }))
    fails("matmul: f32 () by f32 (2, 3): both want a dim", a.matmul, m.tensor(1), a)
    fails("add: f32 (2, 3) and f32 (2) do not broadcast to one shape", function()
      return a + m.zeros(2)
    end)
    fails("view: the 6 elements of f32 (2, 3) do not fill (4, ?)", a.view, a, 4, -1)
    fails("view: only one dim of (?, ?) can be inferred", a.view, a, -1, -1)
    fails("view: f32 (3, 2) is not contiguous; take contiguous() first", a.view, a:t(), 6)
    fails("view: the 0 elements of f32 (0) do not fill (0, ?)", a.view, m.zeros(0), 0, -1)
    fails("t: wants a tensor of rank 2, not f32 (3)", a.t, a[1])
    fails("item: wants one element, not those of f32 (2, 3)", a.item, a)
    fails("max: nothing to choose from in f32 (0)", a.max, m.zeros(0))
    fails("no dtype 'f64'", a.to, a, "f64")
  end)

  it("show their corner, aligned", function()
    local function tostring(t)          -- without the statistics: statistics_spec.lua has those
      return (_G.tostring(t):gsub("^([^:\n]*):[^\n]*", "%1"))
    end
    assert.equal("f32 ()\n 1.5000", tostring(m.tensor(1.5)))
    assert.equal("i32 (3)\n   1 -20   3", tostring(m.tensor({ 1, -20, 3 }, { dtype = "i32" })))
    assert.equal("f32 (2, 3)\n  1  2  3\n 10 20 30",
                 tostring(m.tensor { { 1, 2, 3 }, { 10, 20, 30 } }))
    assert.equal("f32 (4)\n 0.5000    nan    inf   -inf",
                 tostring(m.tensor { 0.5, 0 / 0, math.huge, -math.huge }))
    assert.equal("f32 (2)\n 1.0000e-06 1.0000e+00", tostring(m.tensor { 1e-6, 1 }))
    assert.equal("f32 (0, 3)", tostring(m.zeros { 0, 3 }))
    assert.equal("f32 (2, 1, 2)\n[1]\n 1 2\n[2]\n 3 4",
                 tostring(m.tensor { { { 1, 2 } }, { { 3, 4 } } }))
    assert.equal("f32 (100)\n   1   2   3   4 ...  98  99 100", tostring(m.arange(1, 100)))
    local big = tostring(m.zeros { 5, 6, 70, 80 })
    assert.is_truthy(big:find("\n...\n[5, 6]\n", 1, true))
    assert.equal(3 * (1 + 8) + 1, select(2, big:gsub("\n", "")))
  end)

  it("can be closed early, and refuse afterwards", function()
    local t = m.zeros { 2, 2 }
    local view = t[1]
    t:close()
    t:close()
    assert.equal("moonlet.tensor (closed)", tostring(t))
    fails("closed", function() return t:sum() end)
    fails("closed", function() return t[1] end)
    fails("closed", function() return view + t end)
    fails("closed", function() return t.shape end)
    assert.equal(0, view:sum():item())
    do
      local scoped <close> = m.zeros(3)
      view = scoped
    end
    assert.equal("moonlet.tensor (closed)", tostring(view))
  end)

  it("survive every method with wrong arguments", function()
    local names = { "get", "set", "fill", "copy", "item", "totable", "count", "is_contiguous", "to",
      "clone", "equals", "minimum", "maximum", "abs", "exp", "log", "sqrt", "tanh", "sigmoid",
      "silu", "matmul", "sum", "mean", "max", "argmax", "softmax", "topk", "view", "expand",
      "transpose", "t", "narrow", "select", "contiguous",
      "statistics", "histogram", "close" }
    local makers = { "tensor", "zeros", "ones", "full", "arange", "randn", "load_tensors" }
    local closed = m.zeros(1)
    closed:close()
    local odd = { false, 0, -1, 2 ^ 53, math.huge, 0 / 0, math.mininteger, "x", {}, { {} }, { -1 },
      { 1, "x" }, print, coroutine.create(print), io.stdout, closed, m.zeros { 0, 3 }, m.tensor(1),
      m.randn { 3, 3 }, { dtype = 3 }, { seed = -1 }, { 2 ^ 40, 2 ^ 40 } }
    local calls = 0
    local function call(fn, ...)
      local ok, message = pcall(fn, ...)
      calls = calls + 1
      if not ok then assert.is_string(message) end
    end
    local method = m.zeros(1)
    for _, name in ipairs(names) do
      local fn = method[name]
      assert.is_function(fn, name)
      call(fn)
      for _, x in ipairs(odd) do
        if name ~= "close" then call(fn, x) end
        for _, y in ipairs { false, 3, "x", {}, x } do
          if name ~= "close" then call(fn, m.randn { 2, 3 }, x, y) call(fn, m.tensor(1), x, y) end
        end
      end
    end
    for _, name in ipairs(makers) do
      call(m[name])
      for _, x in ipairs(odd) do
        call(m[name], x)
        for _, y in ipairs(odd) do call(m[name], x, y) end
      end
    end
    for _, x in ipairs(odd) do
      for _, t in ipairs { m.randn { 2, 3 }, m.tensor(1), closed } do
        call(function() return t + x end)
        call(function() return x ^ t end)
        call(function() return t[x] end)
        call(function() t[x] = x end)
        call(function() t[1] = x end)
      end
    end
    assert.is_true(calls > 5000)
  end)

  it("let the collector feel their memory: 300 dropped tensors of 4 MiB stay under 64 MB",
     function()
    local script = os.tmpname()
    local file = assert(io.open(script, "w"))
    file:write(([[
      package.cpath = %q .. package.cpath
      local m = require "moonlet.debug.tensor"
      for i = 1, 300 do local t = m.ones { 1024, 1024 }; local u = t[1] end
      local peak = io.open "/proc/self/status":read "a":match "VmHWM:%%s*(%%d+)"
      print(peak)
    ]]):format(BUILD .. "/spec/?.so;"))
    file:close()
    local pipe = assert(io.popen("lua5.4 " .. script))
    local kilobytes = tonumber(pipe:read "a")
    pipe:close()
    os.remove(script)
    -- AddressSanitizer holds freed memory back and so measures itself
    if BUILD:find "asan" then return end
    assert.is_true(kilobytes < 64 * 1024, tostring(kilobytes) .. " kB")
  end)
end)
