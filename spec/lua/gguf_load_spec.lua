-- A GGUF file opens as a model and computes what the folder it came from does.
package.cpath = (os.getenv "MOONLET_BUILD" or "build") .. "/spec/?.so;" .. package.cpath
local moonlet = require "moonlet"

describe("a model in a GGUF file", function()
  it("gives the folder's tokens and logits", function()
    local path = os.tmpname()
    os.remove(path)
    path = path .. ".gguf"
    assert(moonlet.convert("examples/models/pocket", path, { type = "bf16" }))
    local folder, file = assert(moonlet.load()), assert(moonlet.load(path))
    local prompt = "<|user|>wake me up at seven<|call|>"
    local ids = folder:encode(prompt, { special = true })
    assert.same(ids, file:encode(prompt, { special = true }))
    local a, b = folder:session():evaluate(ids), file:session():evaluate(ids)
    assert.is_true(a:equals(b, 2e-4))
    assert.equal(folder:generate(prompt, { special = true, max_tokens = 20 }),
      (file:generate(prompt, { special = true, max_tokens = 20 })))
    os.remove(path)
  end)
end)
