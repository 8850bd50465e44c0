-- One model for several threads and lua_States; the program is threads.c. `make tsan` runs it under
-- ThreadSanitizer.
local support = require "spec.support"

local function threads(...)
  return support.shell(table.concat({ support.build .. "/spec/threads", ... }, " "))
end

describe("one model", function()
  it("says the same to eight threads at once, each with its own lua_State", function()
    local out, code, err = threads("share", support.pocket, "4")
    assert.equal("", err)
    assert.equal(0, code, out)
    assert.matches("^8 of 8 threads say the same\n", out)
    assert.matches("iot_hue_lightoff(", out, 1, true)
  end)

  it("lets another thread end a feed at any moment", function()
    local out, code, err = threads("cancel", support.pocket, "300")
    assert.equal("", err)
    assert.equal(0, code, out)
    assert.matches("^300 cancels, 0 wrong;", out)
  end)
end)
