-- The memory that is told before loading is the memory that is then taken.
local support = require "spec.support"
local moonlet = require "moonlet"

local function with(options, extra)
  local all = {}
  for _, list in ipairs { options, extra } do
    for name, value in pairs(list) do all[name] = value end
  end
  return all
end

describe("plan", function()
  local models = { support.pocket, "spec/fixtures/tiny-ls", "spec/fixtures/tiny-untied",
    "spec/fixtures/tiny-gqa-sharded", "spec/fixtures/tiny-gqa-ptbin-bf16", "spec/fixtures/tiny-r1" }
  local loads = { {}, { dtype = "f32" }, { dtype = "bf16", threads = 0 }, { dtype = "q8" },
    { dtype = "q4" }, { dtype = "q4", head_dtype = "f16", threads = 3 } }
  local sessions = { {}, { context = 100 }, { context = 600, chunk = 16 }, { cache = "q8" },
    { cache = "bf16", chunk = 5 } }

  it("tells what model and session will say of themselves", function()
    for _, path in ipairs(models) do
      for _, load in ipairs(loads) do
        local model = assert(moonlet.load(path, load))
        for _, options in ipairs(sessions) do
          local session = model:session(options)
          assert.same({ weights = model.bytes, session = session.bytes,
            total = model.bytes + session.bytes },
            (function(plan) plan.mapped = nil return plan end)(
              assert(moonlet.plan(path, with(load, options)))))
          session:close()
        end
        model:close()
      end
    end
  end)

  it("tells how much stays in the file", function()
    local stored = moonlet.plan(support.pocket)
    local converted = moonlet.plan(support.pocket, { dtype = "q4" })
    local norms = stored.weights - stored.mapped        -- f32 whatever they are stored as
    assert.equal(37 * 192 * 4, norms)
    assert.equal(0, converted.mapped)
    assert.is_true(converted.weights < stored.weights)
  end)

  it("finds models as load does, and fails as load does", function()
    assert.same(moonlet.plan(support.pocket), moonlet.plan())
    local plan, message, code = moonlet.plan "spec/no/such/model"
    assert.same({ nil, "io" }, { plan, code })
    assert.equal(select(2, moonlet.load "spec/no/such/model"), message)
    assert.has_error(function() moonlet.plan(nil, { contxt = 1 }) end)
    assert.has_error(function() moonlet.plan(nil, { cache = "q4" }) end)
  end)
end)
