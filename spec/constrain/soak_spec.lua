-- A few of the texts that `make soak` writes ten thousand of.
require "spec.support"
local soak = require "spec.constrain.soak"

describe("writing wildly under a schema", function()
  it("parses and validates, or says that it was cut off", function()
    local model, forget = soak.model()
    local count, wrong = soak.run(model, soak.schemas(100), 200)
    model:close()
    forget()
    assert.same({}, wrong)
    assert.equal(200, count.complete + count.length)
    assert.truthy(count.complete > 150)
  end)
end)
