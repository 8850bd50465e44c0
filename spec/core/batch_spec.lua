-- Sessions that decode together give what they give alone.
package.cpath = (os.getenv "MOONLET_BUILD" or "build") .. "/spec/?.so;" .. package.cpath
local moonlet = require "moonlet"
local memory = require "moonlet.debug.memory"

local PROMPTS = { { 5, 9, 3 }, { 77, 200, 31, 8, 64 }, { 100 }, { 2, 1, 300, 17, 9, 9, 4, 50 } }

local function bits(session)
  local list = {}
  for i, v in ipairs(session:logits():totable()) do list[i] = string.pack("f", v) end
  return table.concat(list)
end

describe("batch", function()
  for _, name in ipairs { "tiny-gqa-bf16", "tiny-ls", "tiny-odd" } do
    it("gives bit-equal logits to feeding alone: " .. name, function()
      for threads = 1, 3 do
        local model = assert(moonlet.load("spec/fixtures/" .. name, { threads = threads }))
        local together, alone = {}, {}
        for i, prompt in ipairs(PROMPTS) do
          together[i] = model:session { context = 40 + i }:feed(prompt)
          alone[i] = together[i]:fork()
        end
        local batch = assert(model:batch(together))
        assert.equal(4, #batch)
        for step = 1, 20 do
          local ids = {}
          for i, session in ipairs(together) do ids[i] = (session:sample()) end
          if step == 5 then ids[2] = false end
          batch:feed(ids)
          for i, session in ipairs(alone) do
            if ids[i] then session:feed(ids[i]) end
            local what = ("session %d, step %d"):format(i, step)
            assert.is_true(bits(session) == bits(together[i]), what)
            assert.equal(#session, #together[i])
          end
        end
      end
    end)
  end

  it("feeds none when one is full, closed, cancelled or given a wrong id", function()
    local model = assert(moonlet.load "spec/fixtures/tiny-gqa")
    local a, b = model:session { context = 4 }, model:session { context = 16 }
    local batch = model:batch { a, b }
    for _ = 1, 4 do batch:feed { 1, 2 } end
    local before = bits(b)
    local ok, message, code = batch:feed { 1, 2 }
    assert.is_nil(ok)
    assert.equal("full", code)
    assert.matches("do not fit into 4", message, 1, true)
    assert.is_true(before == bits(b))
    assert.equal(4, #b)
    assert.has_error(function() batch:feed { false, 512 } end)
    assert.has_error(function() batch:feed { 1 } end)
    assert.has_error(function() batch:feed { 1, "x" } end)
    assert.is_truthy(batch:feed { false, 3 })
    b:cancel()
    ok, message, code = batch:feed { false, 3 }
    assert.is_nil(ok)
    assert.equal("cancel", code, message)
    assert.equal(5, #b)
    a:close()
    assert.has_error(function() batch:feed { false, 3 } end)
    batch:close()
    assert.is_truthy(b:feed { 3 })
    assert.has_error(function() batch:feed { 1, 2 } end)
  end)

  it("refuses the same session twice, none, and another model's", function()
    local model = assert(moonlet.load "spec/fixtures/tiny-gqa")
    local other = assert(moonlet.load "spec/fixtures/tiny-gqa")
    local s = model:session()
    assert.has_error(function() model:batch { s, s } end)
    assert.has_error(function() model:batch {} end)
    assert.has_error(function() model:batch { s, other:session() } end)
    assert.has_error(function() model:batch { 1 } end)
  end)

  it("allocates nothing while decoding", function()
    local model = assert(moonlet.load "spec/fixtures/tiny-gqa")
    local sessions = { model:session(), model:session() }
    local batch = model:batch(sessions)
    batch:feed { 1, 2 }
    memory.fail_at(0)
    for i = 1, 50 do batch:feed { i, i + 1 } end
    assert.equal(0, memory.count())
  end)
end)
