-- Several states beside each other, and states whose memory ends anywhere.
require "spec.support"
local state = require "moonlet.debug.state"

local tiny = [[
  local model = assert(moonlet.load("spec/fixtures/tiny-gqa", { threads = 1 }))
  local session = assert(model:session { context = 32 })
]]

describe("a second lua_State", function()
  it("has a module of its own, again and again", function()
    local moonlet = require "moonlet"
    local mine = moonlet.load "spec/fixtures/tiny-gqa"
    local want = tostring(mine:session():feed { 1, 2, 3 }:sample())
    for _ = 1, 5 do
      local result, message, _, left = state.run([[local moonlet = require "moonlet"]] .. tiny
        .. "return tostring(session:feed({ 1, 2, 3 }):sample())")
      assert.equal(want, result, message)
      assert.equal(0, left)
    end
    assert.equal(want, tostring(mine:session():feed { 1, 2, 3 }:sample()))
  end)

  it("closes with everything still open", function()
    local result, message, _, left = state.run([[local moonlet = require "moonlet"]] .. tiny .. [[
      kept = { session, session:fork(), model:stream({ 1 }), model:sampler {}, model:parameters() }
      kept[3]()
      session:begin { 1, 2, 3 }
      return "open"]])
    assert.equal("open", result, message)
    assert.equal(0, left)
  end)
end)

describe("memory that ends", function()
  -- Runs code with every number of allocations up to what it needs: an error or the result, and
  -- nothing left over.
  local function exhaust(code, step)
    local want, _, needed, left = state.run(code)
    assert.truthy(want)
    assert.equal(0, left)
    local failed = 0
    for n = 0, needed, step do
      local result, message
      result, message, _, left = state.run(code, n)
      assert.equal(0, left)
      if result then assert.equal(want, result)
      else
        failed = failed + 1
        assert.truthy(message:find("memory", 1, true), message)
      end
    end
    return failed
  end

  it("never crashes require", function()
    assert.truthy(exhaust([[return require "moonlet".version]], 37) > 10)
  end)

  it("never crashes the border, and leaks nothing", function()
    local prefix = [[local moonlet = require "moonlet"
      for _, name in ipairs { "tensor", "load", "info" } do assert(moonlet[name]) end ]]
    local _, _, base = state.run(prefix .. "return 'x'")
    local code = prefix .. tiny .. [[
      session:feed { 1, 2, 3 }
      local id = session:sample { temperature = 1, logit_bias = { [3] = 1 } }
      session:top(3)
      session:score { 5, 6 }
      session:evaluate { 5, 6 }
      local copy = session:fork()
      copy:rewind(2)
      model:parameters()
      local config, info = model.config, moonlet.info(model)
      return tostring(id) .. #session:tokens() .. config.vocab_size .. info.threads]]
    local want, message, needed, left = state.run(code)
    assert.truthy(want, message)
    assert.equal(0, left)
    local failed = 0
    for n = base - 5, needed do
      local result
      result, message, _, left = state.run(code, n)
      assert.equal(0, left)
      if result then assert.equal(want, result)
      else
        failed = failed + 1
        assert.truthy(message:find("memory", 1, true), message)
      end
    end
    assert.truthy(failed > 50)
  end)
end)
