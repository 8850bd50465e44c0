-- The userdata moonlet.model: loading, text, parameters, options, and every misuse.
local support = require "spec.support"
local moonlet = require "moonlet"

local model = assert(moonlet.load())

local function fails(text, f, ...)
  local ok, message = pcall(f, ...)
  assert.equal(false, ok)
  assert.truthy(tostring(message):find(text, 1, true), tostring(message) .. " lacks " .. text)
end

describe("load", function()
  it("takes options and refuses others by name", function()
    fails("no option 'dtpe'; did you mean 'dtype'?", moonlet.load, nil, { dtpe = "f32" })
    fails("'dtype'", moonlet.load, nil, { dtype = "f64" })
    fails("'dtype'", moonlet.load, nil, { dtype = 32 })
    fails("'threads'", moonlet.load, nil, { threads = 1.5 })
    fails("'threads'", moonlet.load, nil, { threads = -2 })
    fails("'layer_sharing'", moonlet.load, nil, { layer_sharing = 1 })
    fails("no isa 'sse9'", moonlet.load, nil, { isa = "sse9" })
    fails("path", moonlet.load, {})
  end)

  it("gives the same logits in every dtype that holds the weights", function()
    local ids = { 1, 4, 4043, 582 }
    local want = assert(model:session()):feed(ids):logits():totable()
    for _, dtype in ipairs { "f32", "bf16" } do
      local other = assert(moonlet.load(nil, { dtype = dtype }))
      local got = other:session():feed(ids):logits():totable()
      for i = 1, #want do assert.truthy(math.abs(want[i] - got[i]) < 1e-3) end
    end
  end)

  it("tells what is wrong with a path", function()
    for _, path in ipairs { "no/such", "/no/such/place", "x", "", "../..", "a/b/c" } do
      local none, message, code = moonlet.load(path)
      assert.equal(nil, none)
      assert.equal("string", type(message))
      assert.equal("string", type(code))
    end
    local none, message = moonlet.load "spec/lua"
    assert.equal(nil, none)
    assert.truthy(message:find("config.json", 1, true))
  end)

  it("gives a model and nothing else", function()
    assert.equal(1, select("#", moonlet.load "spec/fixtures/tiny-gqa"))
  end)

  it("obeys MOONLET_MODEL", function()
    local out = support.shell(("MOONLET_MODEL=spec/fixtures/tiny-gqa %s -e %s"):format(
      support.program, support.quote 'io.write(require"moonlet".load().path)'))
    assert.equal("spec/fixtures/tiny-gqa", out)
  end)
end)

describe("a model", function()
  it("tells what it is", function()
    assert.equal(7871424, model:count())
    assert.equal(7871424, model.config.parameters)
    assert.equal(192, model.config.hidden_size)
    assert.equal(model.config, model.config)
    assert.truthy(tostring(model):find("7871424", 1, true))
    assert.truthy(model.path:find("pocket", 1, true))
    assert.equal(nil, model.no_such_field)
    assert.equal(nil, model[1])
  end)

  it("gives its parameters as tensors that outlive it", function()
    local other = assert(moonlet.load "spec/fixtures/tiny-gqa")
    local parameters, n = other:parameters(), 0
    local count = other:count()
    other:close()
    for name, t in pairs(parameters) do
      local size = 1
      for _, dim in ipairs(t.shape) do size = size * dim end
      n = n + size
      assert.truthy(name:match "^[%w_.]+$")
    end
    collectgarbage()
    assert.equal(count, n)
    local row = parameters["model.embed_tokens.weight"][1]
    assert.equal("number", type(row[1]))
  end)

  it("encodes and decodes", function()
    local ids = model:encode "wake me up"
    assert.equal(1, ids[1])
    assert.equal("wake me up", model:decode(ids))
    assert.same({ table.unpack(ids, 2) }, model:encode("wake me up", { bos = false }))
    assert.equal("", model:decode {})
    for _, text in ipairs { "", "\0", "caf\u{e9} \u{1F315}", ("x"):rep(5000), "a\nb\tc  d" } do
      assert.equal(text, model:decode(model:encode(text)))
    end
    assert.equal(model:piece(ids[2]), model:decode(ids[2]))
  end)

  it("reads markers only when told so", function()
    local user = assert(model:token "<|user|>")
    assert.same({ user }, model:encode("<|user|>", { bos = false, special = true }))
    for _, id in ipairs(model:encode "a<|user|>b<|end|></s><s>") do
      if id ~= 1 then assert.equal(false, model:is_special(id)) end
    end
    assert.equal("a<|user|>b", model:decode(model:encode "a<|user|>b"))
  end)

  it("knows single tokens", function()
    assert.equal(nil, model:token "no such token")
    assert.equal(nil, model:piece(4096))
    assert.equal(nil, model:piece(-1))
    assert.equal(nil, model:piece(0.5))
    assert.equal(nil, model:piece(2 ^ 40))
    assert.equal(true, model:is_eos(2))
    assert.equal(false, model:is_eos(3))
    assert.equal(true, model:is_special(assert(model:token "<|end|>")))
  end)

  it("fails where there is no tokenizer", function()
    local bare = assert(moonlet.load "spec/fixtures/tiny-gqa")
    local none, message, code = bare:encode "x"
    assert.equal(nil, none)
    assert.equal("string", type(message))
    assert.equal("string", type(code))
    assert.equal(nil, bare:piece(1))
    assert.equal(nil, bare:token "x")
  end)

  it("closes once, twice, and in a scope, and refuses after", function()
    local other = assert(moonlet.load "spec/fixtures/tiny-gqa")
    local session = other:session()
    other:close()
    other:close()
    assert.equal("moonlet.model (closed)", tostring(other))
    for _, name in ipairs { "count", "parameters", "session", "generate", "stream", "score",
      "encode", "decode", "sampler" } do
      fails("closed", other[name], other, name ~= "session" and "x" or nil)
    end
    fails("closed", function() return other.config end)
    assert.truthy(session:feed { 1, 2 })        -- core keeps the weights
    assert.equal("number", type((session:sample { temperature = 1 })))
    do
      local scoped <close> = assert(moonlet.load "spec/fixtures/tiny-gqa")
      other = scoped
    end
    fails("closed", other.count, other)
  end)

  it("throws, and never crashes, for any argument", function()
    local methods = { "count", "parameters", "encode", "decode", "piece", "token", "is_eos",
      "is_special", "sampler", "session", "close", "generate", "stream", "score", "choose" }
    local tiny = assert(moonlet.load "spec/fixtures/tiny-gqa")
    for _, name in ipairs(methods) do
      for _, value in ipairs(support.anything()) do
        pcall(tiny[name], value)
        if name ~= "close" then
          pcall(tiny[name], tiny, value)
          pcall(tiny[name], tiny, { 1 }, value)
          pcall(tiny[name], tiny, value, { context = value, temperature = value })
        end
      end
    end
    fails("did you mean 'bos'", model.encode, model, "x", { bis = true })
    fails("entry 2", model.decode, model, { 1, "x" })
    fails("5000", model.decode, model, { 5000 })
    assert.equal("moonlet.model", getmetatable(model))
  end)
end)

describe("a sampler", function()
  it("is read once and works like the table", function()
    local session = model:session():feed(model:encode "The")
    local options = { temperature = 0.9, top_k = 20, top_p = 0.9, min_p = 0.01, seed = 7,
      repetition_penalty = 1.1, logit_bias = { [5] = -math.huge, [300] = 2.5 } }
    local sampler = model:sampler(options)
    local id, logprob = session:sample(options)
    assert.same({ id, logprob }, { session:sample(sampler) })
    assert.truthy(logprob < 0)
    assert.truthy(tostring(sampler):find("top_k 20", 1, true))
  end)

  it("refuses wrong options, naming them", function()
    local wrong = { { temperature = -1 }, { temperature = "x" }, { top_k = 1.5 }, { top_p = 2 },
      { min_p = 0 / 0 }, { repetition_penalty = 0 }, { dry_base = 0 }, { seed = "x" },
      { logit_bias = 1 }, { logit_bias = { [-1] = 1 } }, { logit_bias = { [4096] = 1 } },
      { logit_bias = { x = 1 } }, { logit_bias = { [1] = "x" } }, { logit_bias = { [1] = 0 / 0 } },
      { logit_bias = { [1.5] = 1 } } }
    for _, options in ipairs(wrong) do fails(next(options), model.sampler, model, options) end
    for _, list in ipairs { 1, { 1 }, { "" }, { {} } } do
      fails("dry_breakers", model.sampler, model, { dry_multiplier = 1, dry_breakers = list })
    end
    fails("did you mean 'temperature'", model.sampler, model, { temprature = 1 })
  end)

  it("bans by bias and forces by it", function()
    local session = model:session():feed(model:encode "The")
    assert.equal(77, (session:sample { logit_bias = { [77] = 1000 } }))
    local all = {}
    for id = 0, 4095 do all[id] = -math.huge end
    all[99] = 0
    assert.equal(99, (session:sample { logit_bias = all }))
    all[99] = -math.huge
    local none, _, code = session:sample { logit_bias = all }
    assert.equal(nil, none)
    assert.equal("math", code)
  end)

  it("refuses another vocabulary", function()
    local tiny = assert(moonlet.load "spec/fixtures/tiny-gqa")
    local session = tiny:session():feed(1)
    fails("vocabulary", session.sample, session, model:sampler { temperature = 1 })
  end)

  it("breaks DRY at tokens that contain a breaker", function()
    -- A repetition across a line break is penalised only when the line break is no breaker.
    local session = model:session():feed "one two\nthree one two\n"
    local plain = session:top(1)[1].id
    local dry = { dry_multiplier = 1e6, dry_allowed_length = 1 }
    assert.equal(plain, (session:sample(dry)))
    dry.dry_breakers = { "\u{1F315}" }
    assert.not_equal(model:encode("three", { bos = false })[1], (session:sample(dry)))
  end)
end)
