-- The module: what require gives, alone and in several states, and what it leaves alone.
local support = require "spec.support"
local moonlet = require "moonlet"

-- Stock lua5.4 with nothing but the built module on its path.
local function lua(code)
  return support.shell(("env -u LUA_PATH LUA_CPATH=%s lua5.4 -e %s"):format(
    support.quote(support.build .. "/?.so"), support.quote(code)))
end

describe("require", function()
  it("finds everything by LUA_CPATH alone and sets no globals", function()
    local out, code, err = lua [[
      local before = {}
      for name in pairs(_G) do before[name] = true end
      local m = require "moonlet"
      for name in pairs(_G) do assert(before[name], name) end
      assert(type(require "moonlet.chat".new) == "function")
      local model = assert(m.load())
      io.write(m.version, " ", model:count())]]
    assert.equal("", err)
    assert.equal("0.1.0 7871424", out)
    assert.equal(0, code)
  end)

  it("finds a script before the module", function()
    local out, _, err = lua 'print(require "moonlet.chat".new, require "moonlet".load)'
    assert.equal("", err)
    assert.truthy(out:match "^function: .*\tfunction: ")
  end)

  it("leaves what package.preload already has", function()
    local out = lua [[package.preload["moonlet.json"] = function() return "mine" end
      require "moonlet"; io.write((require "moonlet.json"))]]
    assert.equal("mine", out)
  end)

  it("does not link liblua", function()
    local out = support.shell("readelf -d " .. support.build .. "/moonlet.so")
    assert.truthy(out:find("blis", 1, true))
    assert.falsy(out:lower():find("liblua", 1, true))
  end)

  it("lets scripts stay in the common subset", function()
    local list = support.shell "find scripts -name '*.lua'"
    local n = 0
    for path in list:gmatch "[^\n]+" do
      n = n + 1
      local code = support.read(path):gsub("%-%-[^\n]*", ""):gsub('"[^"\n]*"', '""')
      assert.falsy(code:find "//" or code:find "<close>" or code:find "goto " or
        code:find "utf8%.", path)
    end
    assert.truthy(n >= 10)
  end)
end)

describe("moonlet.info", function()
  it("names the tier of each kernel", function()
    local info = moonlet.info()
    assert.equal("0.1.0", info.version)
    assert.equal("Lua 5.4", info.lua)
    assert.equal("string", type(info.isa))
    assert.equal("string", type(info.blis))
    assert.truthy(info.threads >= 1)
    local n = 0
    for name, tier in pairs(info.kernels) do
      n = n + 1
      assert.equal("string", type(name))
      assert.truthy(tier:match "^%l[%l%d]+$")
    end
    assert.truthy(n >= 10)
  end)

  it("tells the engine of a model", function()
    local model = assert(moonlet.load(nil, { threads = 1, isa = "scalar" }))
    local info = moonlet.info(model)
    assert.equal(1, info.threads)
    assert.equal("scalar", info.isa)
    for _, tier in pairs(info.kernels) do assert.equal("scalar", tier) end
  end)
end)

describe("moonlet.config", function()
  -- The published configuration of the 125M model and its published number of parameters.
  local official = [[{"model_type": "mobilellm", "vocab_size": 32000, "hidden_size": 576,
    "intermediate_size": 1536, "num_hidden_layers": 30, "num_attention_heads": 9,
    "num_key_value_heads": 3, "max_position_embeddings": 2048, "rope_theta": 10000.0,
    "rms_norm_eps": 1e-05, "share_embedding": true, "layer_sharing": false,
    "bos_token_id": 1, "eos_token_id": 2, "hidden_act": "silu"}]]

  it("counts parameters without weights", function()
    local path = support.write(os.tmpname(), official)
    local config = assert(moonlet.config(path))
    os.remove(path)
    assert.equal(124635456, config.parameters)
    assert.equal(64, config.head_dim)
    assert.equal(30, config.num_hidden_layers)
    assert.same({ 2 }, config.eos_token_id)
    assert.equal(true, config.share_embedding)
  end)

  it("reads a folder, and fails with a sentence", function()
    assert.equal(7871424, moonlet.config(support.pocket).parameters)
    local none, message, code = moonlet.config "no/such/folder"
    assert.equal(nil, none)
    assert.equal("io", code)
    assert.truthy(message:find("no/such/folder", 1, true))
    assert.has_error(function() moonlet.config {} end)
  end)
end)

-- Low-rank updates that change nothing yet, as PEFT writes them.
local function an_adapter(model, folder)
  local options = { length = 8, tokens = 8, lora_rank = 1 }
  local trainer = assert(require "moonlet.train".from(model, options))
  assert(trainer:export_lora(folder))
  return folder
end

describe("moonlet.meta.lua", function()
  it("names exactly the functions that exist", function()
    local objects = { moonlet = moonlet, tensor = moonlet.tensor { 1 }, json = moonlet.json }
    objects.picture = objects.tensor:plot()
    objects.model = assert(moonlet.load())
    objects.session = assert(objects.model:session())
    objects.generation = objects.model:stream "x"
    objects.batch = objects.model:batch { objects.session }
    local folder, remove = support.folder()
    objects.quantizer = assert(moonlet.quantizer(support.pocket, folder))
    objects.constraint = objects.model:constraint { choices = { "yes", "no" } }
    objects.matcher = objects.constraint:matcher()
    objects.corpus = moonlet.new_corpus(64)
    objects.adapter = assert(objects.model:adapter(an_adapter(objects.model, folder)))
    objects.trainer = assert(moonlet.new_trainer(support.read "spec/fixtures/tiny-gqa/config.json"))
    local text, named = "", {}
    for _, file in ipairs { "moonlet", "session", "tensor", "train", "constraint" } do
      text = text .. support.read(("lua/%s.meta.lua"):format(file))
    end
    for object, name in text:gmatch "\nfunction ([%w_]+)[.:]([%w_]+)" do
      assert.equal("function", type(objects[object][name]), object .. "." .. name)
      named[object .. "." .. name] = true
    end
    objects.quantizer:close()
    remove()
    for name, value in pairs(moonlet) do
      if type(value) == "function" then assert.truthy(named["moonlet." .. name], name) end
    end
    for object, type_name in pairs { model = "model", session = "session", tensor = "tensor" } do
      local index = debug.getregistry()["moonlet." .. type_name].__index
      local _, methods = debug.getupvalue(index, 1)
      for name in pairs(methods) do assert.truthy(named[object .. "." .. name], name) end
    end
  end)
end)
