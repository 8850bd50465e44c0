-- Lua code that closes what a method works on, from a finalizer or from __index: the method then
-- says that it is closed, or had finished; never does it use what is gone (under `make asan` that
-- would end the run).
--
-- How: the collector is told to run at every occasion, a whole cycle at a time, and garbage with a
-- finalizer lies ready that at the n-th of them closes an object.
local support = require "spec.support"
local moonlet = require "moonlet"

local model = assert(moonlet.load())
local config = support.read "spec/fixtures/tiny-gqa/config.json"
local LAST = 8          -- occasions: more than most methods have
local NUMBER = 7654321.5        -- for a text: the string that it becomes is new

-- Calls f while the collector runs wherever it may. -> as pcall
local function pressed(f, ...)
  local pause, mul = collectgarbage("setpause", 0), collectgarbage("setstepmul", 1000)
  collectgarbage("incremental", 0, 0, 40)
  collectgarbage "restart"
  local ok, value, message = pcall(f, ...)
  collectgarbage "stop"
  collectgarbage("setpause", pause)
  collectgarbage("incremental", 0, mul, 13)
  collectgarbage "restart"
  return ok, value, message
end

-- Garbage that acts when the collector runs for the n-th time.
local function act_at(n, act)
  setmetatable({}, { __gc = function()
    if n > 1 then act_at(n - 1, act) else act() end
  end })
end

-- Calls f while the n-th run of the collector closes the victim. -> as pcall
local function closing(n, victim, f, ...)
  collectgarbage()
  collectgarbage "stop"
  act_at(n, function() victim:close() end)
  return pressed(f, ...)
end

local function refused(ok, message)
  assert.equal(false, ok)
  message = tostring(message)
  assert.truthy(message:find "is closed" or message:find "no open session" or
    message:find "expected an open tensor", message)
end

-- make() gives a victim, a function and its arguments.
local function swept(make)
  for n = 1, LAST do
    local ok, message = closing(n, make())
    if not ok then refused(ok, message) end
  end
end

-- The same for a call whose first occasion comes before core is called, so that it is refused.
local function check(make)
  refused(closing(1, make()))
  swept(make)
end

local function a_session() return assert(model:session { context = 32 }):feed { 1, 2, 3 } end
local function a_model() return assert(moonlet.load()) end
local function a_matcher() return model:constraint { choices = { "yes", "no" } }:matcher() end
local function a_trainer(options)
  return assert(moonlet.new_trainer(config, options or { tokens = 32, length = 16 }))
end
local function a_tensor() return moonlet.arange(1, 6):view(2, 3) end

-- What makes a call of the method of what `make` gives, with these arguments, that closes it.
local function calls(make, name, ...)
  local arguments, n = { ... }, select("#", ...)
  return function()
    local object = make()
    return object, object[name], object, table.unpack(arguments, 1, n)
  end
end

local function method(...) check(calls(...)) end

describe("an object that is closed under a call's hands", function()
  it("is a session that computes", function()
    for _, name in ipairs { "feed", "begin", "evaluate", "score" } do
      method(a_session, name, { 1, 2 })
      method(a_session, name, "ab")
    end
    method(a_session, "feed", 1, { guesses = { 1, 2 } })
    method(a_session, "logits_of", { 1, 2 })
    method(a_session, "logits")
    method(a_session, "tokens")
    method(a_session, "fork")
    local function a_stage()
      local session = a_session():begin { 4 }
      session:stage()
      return session
    end
    method(a_stage, "peek", "x")
    refused(closing(1, calls(a_stage, "peek", NUMBER)()))
    refused(closing(1, calls(a_stage, "poke", NUMBER, moonlet.tensor { 1 })()))
  end)

  it("is a session that chooses", function()
    local matcher = a_matcher()
    for _, name in ipairs { "sample", "draw" } do
      method(a_session, name, { temperature = 1 })
      method(a_session, name, { dry_multiplier = 1, dry_breakers = { "a", "b" } })
      method(a_session, name, nil, matcher)
      method(a_session, name, model:sampler(), matcher, { 5 })
    end
    method(a_session, "top", 3)
    method(a_session, "top", 3, matcher)
    check(function()
      local victim, session = a_matcher(), a_session()
      return victim, session.sample, session, nil, victim
    end)
  end)

  it("is a model", function()
    method(a_model, "session", { context = 8 })
    method(a_model, "restore", "no/such", { context = 8 })
    method(a_model, "encode", "ab")
    method(a_model, "decode", { 5, 6 })
    method(a_model, "token", NUMBER)
    method(a_model, "parameters")
    method(a_model, "sampler", { dry_multiplier = 1 })
    method(a_model, "adapter", "no/such")
    method(a_model, "constraint", { choices = { "a", "b" } })
    method(a_model, "constraint", { regex = "a" })
    method(a_model, "constraint", { gbnf = 'root ::= "a"' })
    method(a_model, "constraint", { schema = { type = "boolean" } })
    check(function()
      local victim = a_model()
      return victim, victim.batch, victim, { victim:session() }
    end)
    check(function()
      local victim = a_model()
      return victim, function() return victim.dtypes end
    end)
    swept(function()
      local victim = a_model()
      return victim, function() return victim.config end
    end)
    check(function()
      local victim = assert(moonlet.load(nil, { threads = 1 }))
      return victim, moonlet.info, victim
    end)
  end)

  it("is an adapter, a constraint, a matcher", function()
    local folder, remove = support.folder()
    local trainer = require "moonlet.train".from(model, { length = 8, tokens = 8, lora_rank = 1 })
    assert(trainer:export_lora(folder))
    check(function()
      local victim = assert(model:adapter(folder))
      return victim, model.session, model, { adapter = victim }
    end)
    remove()
    method(function() return model:constraint { choices = { "yes", "no" } } end, "matcher")
    for _, name in ipairs { "copy", "mask", "allowed" } do method(a_matcher, name) end
    method(a_matcher, "heal", { 5 })
  end)

  it("is a batch, or a session of one", function()
    local function a_batch() return model:batch { a_session(), a_session() } end
    method(a_batch, "feed", { 1, 2 })
    check(function()
      local victim = a_session()
      local batch = model:batch { a_session(), victim }
      return victim, batch.feed, batch, { 1, 2 }
    end)
    check(function()
      local victim = a_session()
      return victim, model.batch, model, { victim }
    end)
  end)

  it("is a trainer or its corpus", function()
    local folder, remove = support.folder()
    local function a_corpus() return moonlet.new_corpus(16) end
    local full = a_corpus():add { 1, 2, 3, 4 }
    method(a_corpus, "add", { 1, 2, 3 }, { 0, 1, 1 })
    method(a_corpus, "read", NUMBER)
    for _, name in ipairs { "batch", "evaluate" } do
      method(a_trainer, name, full, { 1 }, 1)
      check(function()
        local victim, trainer = a_corpus():add { 1, 2, 3, 4 }, a_trainer()
        return victim, trainer[name], trainer, victim, { 1 }, 1
      end)
    end
    method(a_trainer, "logits", { 1, 2, 3 })
    method(a_trainer, "get", "model.norm.weight")
    refused(closing(1, calls(a_trainer, "set", NUMBER, moonlet.zeros(2))()))
    method(a_trainer, "names")
    method(a_trainer, "restore", folder)
    method(a_trainer, "merge", NUMBER)
    swept(function()
      local victim = a_trainer()
      return victim, function() return victim.config end
    end)
    check(function()
      local victim = a_trainer()
      return victim, a_trainer, { tokens = 32, length = 16, teacher = victim }
    end)
    remove()
  end)

  it("is a tensor", function()
    local row = moonlet.tensor { 1, 2, 3 }
    for _, name in ipairs { "exp", "sum", "mean", "max", "argmax", "softmax", "t", "clone",
      "contiguous", "totable" } do method(a_tensor, name) end
    method(a_tensor, "sum", 1)
    method(a_tensor, "matmul", row)
    method(a_tensor, "minimum", row)
    method(a_tensor, "minimum", 2)
    method(a_tensor, "topk", 2)
    method(a_tensor, "histogram", 4)
    method(a_tensor, "to", "bf16")
    method(a_tensor, "copy", { { 1, 2, 3 }, { 4, 5, 6 } })
    method(a_tensor, "copy", row)
    method(a_tensor, "view", 3, 2)
    method(a_tensor, "expand", 2, 2, 3)
    method(a_tensor, "transpose", 1, 2)
    method(a_tensor, "narrow", 1, 1, 1)
    method(a_tensor, "select", 1, 1)
    for _, f in ipairs {
      function(t) return t + 1 end, function(t) return 1 + t end, function(t) return t + t end,
      function(t) return -t end, function(t) return t[1] end,
      function(t) t[1] = 5 end, function(t) t[1] = row end,
    } do
      check(function()
        local victim = a_tensor()
        return victim, f, victim
      end)
    end
    swept(function()
      local victim = a_tensor()
      return victim, function() return victim.shape end
    end)
    check(function()
      local victim, t = a_tensor(), a_tensor()
      return victim, t.copy, t, victim
    end)
    local path = support.temporary()
    check(function()
      local victim = a_tensor()
      return victim, moonlet.save_tensors, path, { a = victim }
    end)
    os.remove(path)
  end)

  it("is a tensor whose text is being made: all of it, or the sentence", function()
    local large = moonlet.arange(1, 4096):view(4, 8, 8, 16) * 1e-7
    local want = tostring(large)
    assert.truthy(#want > 2000)
    for n = 1, LAST do
      local victim = large:clone()
      local ok, text = closing(n, victim, tostring, victim)
      if ok then assert.equal(want, text) else refused(ok, text) end
    end
  end)

  it("is closed by an option table", function()
    local function closes(victim)
      return setmetatable({}, { __index = function(_, name)
        victim:close()
        if name == "dry_multiplier" then return 1 end
      end })
    end
    for _, name in ipairs { "session", "sampler" } do
      local victim = a_model()
      refused(pcall(victim[name], victim, closes(victim)))
    end
    for _, name in ipairs { "sample", "draw", "step" } do
      local victim = a_session()
      refused(pcall(victim[name], victim, closes(victim)))
    end
    local victim = a_session()
    refused(pcall(victim.feed, victim, 1, closes(victim)))
    local trainer = a_trainer()
    refused(pcall(trainer.step, trainer, closes(trainer)))
  end)
end)

describe("what a call reads", function()
  it("is a text that nothing else keeps", function()
    local options = setmetatable({}, { __index = function(_, name)
      if name == "isa" then return ("no tier "):rep(9) .. name end
    end })
    local folder, remove = support.folder()
    local ok, message = pressed(moonlet.quantizer, support.pocket, folder, options)
    remove()
    assert.equal(false, ok)
    assert.truthy(message:find(("no tier "):rep(9) .. "isa", 1, true), message)
  end)

  it("is a table of tensors that grows meanwhile", function()
    local path = support.temporary()
    for n = 1, LAST do
      local tensors = { a = moonlet.zeros(2) }
      collectgarbage()
      collectgarbage "stop"
      act_at(n, function()
        for i = 1, 1000 do tensors["t" .. i] = tensors.a end
      end)
      local ok, message = pressed(moonlet.save_tensors, path, tensors)
      assert.truthy(ok or message:find("changed", 1, true), message)
    end
    os.remove(path)
  end)

  it("is a batch's own arguments, whatever comes behind them", function()
    local batch = model:batch { a_session(), a_session() }
    assert.equal(batch, batch:feed({ 1, 2 }, {}, {}))
  end)
end)
