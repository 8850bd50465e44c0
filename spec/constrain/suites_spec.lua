-- The suites that come as data: nothing invalid is accepted, and the counts do not fall.
local bench_model = require "spec.constrain.bench_model"
local suites = require "spec.constrain.suites"

describe("constraint suites", function()
  local model, forget = bench_model.open()
  lazy_teardown(function() if forget then forget() end end)

  local function with_suite(name, run, check)
    it(name, function()
      local count = model and run()
      if not count then return print("\n  absent: shared suites; not checked: " .. name) end
      assert.same({}, count.wrong_accept)
      check(count)
    end)
  end

  with_suite("JSON-Schema-Test-Suite draft2020-12",
    function() return suites.schema_tests(model, suites.judge) end,
    function(count)
      assert(count.pass >= 1660, count.pass)
      assert(#count.wrong_refuse <= 75, #count.wrong_refuse)
    end)

  with_suite("MaskBench, every 60th schema",
    function() return suites.maskbench(model, 60, os.clock) end,
    function(count)
      assert.same({}, count.wrong_refuse)
      assert(count.passing >= 0.95 * count.schemas, count.passing)
    end)

  with_suite("llama.cpp's grammars and schemas", function() return suites.grammars(model) end,
    function(count)
      assert.same({}, count.wrong_refuse)
      assert.equal(6, count.must_fail)
      assert.equal(3, #count.refused)
      assert(count.strings > 340, count.strings)
    end)
end)
