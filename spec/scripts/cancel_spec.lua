-- A few of the cancels that `make soak-cancel` does ten thousand of; those of a model's own stream.
require "spec.support"
local cancels = require "spec.scripts.cancels"
local moonlet = require "moonlet"

describe("a cancelled generation", function()
  local model = moonlet.load()

  it("keeps a beginning of the text, and leaves a session that writes the same", function()
    local count, wrong = cancels.run(model, 250, 1)
    assert.same({}, wrong)
    assert.is_true(count.cancel > 120, "only " .. count.cancel .. " were still running")
    for _, way in ipairs { "between steps", "in a loop's body", "in the logits callback",
      "by the session's own cancel", "from another coroutine" } do
      assert.is_true(count[way] > 25, way)
    end
  end)

  it("may be one of a model, cancelled in its own callback", function()
    local whole = model:generate("The cat", { max_tokens = 8 })
    for at = 1, 8 do
      local n, generation = 0, nil
      generation = model:stream("The cat", { max_tokens = 8, logits = function()
        n = n + 1
        if n == at then generation:cancel() end
      end })
      local said = generation:step { tokens = 8 }
      local text, info = generation:cancel()
      assert.equal(at - 1, info.generated_tokens)
      assert.equal(text, said)
      assert.equal(text, whole:sub(1, #text))
      assert.equal("cancel", info.finish)
    end
  end)
end)
