-- The recipe of the bundled model: a tiny one from data to a model that loads, in parts; and the
-- shipped one on the first records of each file, where the shared data are.
local support = require "spec.support"
local moonlet = require "moonlet"
local json = moonlet.json
local native = require "moonlet.native"
local recipe = require "moonlet.corpus.recipe"
local records = require "moonlet.corpus.records"
local sift = require "moonlet.corpus.sift"

local has_trainer = os.execute "command -v spm_train >/dev/null"

local colours = { "red", "blue", "green", "black", "white", "brown" }
local things = { "lamp", "door", "chair", "fan", "radio", "window" }

-- Requests for two tools of a house.
local function data(folder)
  local tools = json.decode [=[[{"name":"turn_on","parameters":{"type":"object","properties":{
    "thing":{"type":"string"}}}},{"name":"open_up","parameters":{"type":"object","properties":{
    "thing":{"type":"string"}}}}]]=]
  local lines = {}
  for _, colour in ipairs(colours) do
    for _, thing in ipairs(things) do
      for verb, tool in pairs { ["turn on"] = "turn_on", ["open"] = "open_up" } do
        local what = colour .. " " .. thing
        lines[#lines + 1] = json.encode { tools = tools, messages = {
          { role = "user", content = verb .. " the " .. what },
          { role = "assistant", tool_calls = { { name = tool, arguments = { thing = what } } } } } }
      end
    end
  end
  table.sort(lines)
  support.write(folder .. "/house.jsonl", table.concat(lines, "\n") .. "\n")
end

local function tiny(folder)
  local sources = { { file = "house.jsonl", make = "closed", share = 1, how = { set = "house" } } }
  return { directory = folder, stages = { only = sources },
    config = { vocab_size = 360, hidden_size = 32, intermediate_size = 64, num_hidden_layers = 2,
      num_attention_heads = 2, num_key_value_heads = 1, max_position_embeddings = 128,
      bos_token_id = 1, eos_token_id = 2 },
    vocabulary = { sources = sources, bytes = 20000 }, shard = 12000, longest = 100, batch = 512,
    warmup = 5, plan = { { "only", 3, 1e-2, 2e-3 } } }
end

describe("a recipe", function()
  if not has_trainer then
    pending "spm_train is absent: apt-get install sentencepiece"
    return
  end

  it("goes from data to a model that calls, and on from where it was stopped", function()
    local folder, remove = support.folder()
    data(folder)
    local out, seen = folder .. "/out", {}
    local r = tiny(folder)
    local function stop(report)
      seen[#seen + 1] = report
      if #seen == 2 then error "stopped" end
    end
    assert.equal(false, (pcall(recipe.run, r, out, {}, stop)))
    assert.equal(2, #seen)
    assert.truthy(seen[2].loss < seen[1].loss)
    assert(recipe.run(r, out, {}, function(report) seen[#seen + 1] = report end))
    assert.equal(4, #seen)                       -- the second shard again, and the third
    assert.equal(seen[2].loss, seen[3].loss)
    assert.truthy(seen[4].loss < 1)
    assert.is_nil(support.read(out .. "/tokenizer.model"):find(folder, 1, true))
    local model = assert(moonlet.load(out))
    local ids = native.encode(model, "set house",
      native.turns { { role = "user", content = "turn on the blue fan" } })
    ids[#ids + 1] = native.ids(model).call
    local session = model:session()
    session:feed(ids)
    local text, ending = "", native.ids(model)["end"]
    for piece in session:stream(nil, { max_tokens = 20, stop_tokens = { ending } }) do
      text = text .. piece
    end
    assert.equal("turn_on", assert(native.read(text))[1].name)
    remove()
  end)

  it("grows before an ending that says so, from where it stood, and on from there when stopped",
    function()
      local folder, remove = support.folder()
      data(folder)
      local r, out, seen = tiny(folder), folder .. "/out", {}
      r.plan = { { "only", 2, 1e-2, 5e-3 } }
      r.ends = { { copies = 2, layers = 3,
        plan = { { "only", 1, 5e-3, 2e-3, dropout = 0.1, r_drop = 0.2 } } } }
      local function stop(report)
        seen[#seen + 1] = report
        if #seen == 3 then error "stopped" end
      end
      assert.equal(false, (pcall(recipe.run, r, out, {}, stop)))
      assert(recipe.run(r, out, {}, function(report) seen[#seen + 1] = report end))
      assert.equal(5, #seen)                     -- the first copy's shard again, and the second's
      assert.equal(seen[3].loss, seen[4].loss)
      assert.truthy(seen[3].loss < seen[2].loss)
      assert.equal(2, r.config.num_hidden_layers)
      assert.equal(3, assert(moonlet.load(out)).config.num_hidden_layers)
      remove()
    end)

  it("leaves records out that the model finds unlikely, before an ending that says so", function()
    local folder, remove = support.folder()
    data(folder)
    local out, seen, r = folder .. "/out", {}, tiny(folder)
    r.stages.kept = { { own = "sifted/sure.jsonl", make = "closed", share = 1,
      how = { set = "house" } } }
    r.sifted = { sure = { file = "house.jsonl", set = "house", least = -4.8 } }
    r.ends = { { copies = 1, sift = "sure", plan = { { "kept", 1, 2e-3, 1e-3 } } } }
    assert(recipe.run(r, out, {}, function(report) seen[#seen + 1] = report end))
    assert.equal(4, #seen)
    local model = assert(moonlet.load(out .. "/standing"))
    local all = assert(records.read(folder .. "/house.jsonl"))
    local wanted = assert(sift.records(model, all, { set = "house", least = -4.8 }))
    local kept = assert(records.read(out .. "/sifted/sure.jsonl"))
    assert.is_true(#kept > 5 and #kept < #all, #kept)
    assert.same(wanted, kept)
    local said = {}
    for _, record in ipairs(kept) do said[" " .. record.messages[1].content] = true end
    for line in support.read(out .. "/shards/kept.1.jsonl"):gmatch "[^\n]+" do
      local text = model:decode(json.decode(line).ids)
      assert.truthy(said[text:match "<|user|>(.-)<|call|>"], text)
    end
    -- what is there is not sifted again
    support.write(out .. "/sifted/sure.jsonl", "")
    assert(recipe.run(r, out, {}, function() error "trained again" end))
    assert.equal("", support.read(out .. "/sifted/sure.jsonl"))
    remove()
  end)

  it("moves weights by the optimizer that it says", function()
    local folder, remove = support.folder()
    data(folder)
    local r = tiny(folder)
    r.optimizer = "muon"
    assert(recipe.run(r, folder .. "/out", {}))
    local stored = support.read(folder .. "/out/training.safetensors")
    assert.truthy(stored:find("muon.momentum.model.layers.0.mlp.up_proj.weight", 1, true))
    remove()
  end)

  it("is another run with another seed, over the same vocabulary", function()
    local folder, remove = support.folder()
    data(folder)
    local function run(seed)
      local r, out = tiny(folder), folder .. "/out"       -- tokenizer.model says where it was made
      r.seed, r.plan = seed, { { "only", 2, 1e-2, 2e-3 } }
      assert(recipe.run(r, out, {}))
      local found = {}
      for _, name in ipairs { "tokenizer.model", "start/model.safetensors", "shards/only.1.jsonl",
        "shards/only.2.jsonl", "model.safetensors" } do
        found[name] = support.read(out .. "/" .. name)
      end
      assert(os.execute("rm -r " .. support.quote(out)))
      return found
    end
    local plain, same, other = run(), run(1), run(2)
    for name, bytes in pairs(plain) do
      assert.is_true(bytes == same[name], name)
      local stays = name == "tokenizer.model" or name == "start/model.safetensors"
      assert.equal(stays, bytes == other[name], name)
    end
    remove()
  end)

  it("drops in the parts that say so, which go on from the one before", function()
    local folder, remove = support.folder()
    data(folder)
    local function run(out, dropout)
      local r, seen = tiny(folder), {}
      r.plan = { { "only", 1, 1e-2, 1e-2 }, { "only", 1, 1e-2, 2e-3, dropout = dropout } }
      assert(recipe.run(r, folder .. out, {}, function(report) seen[#seen + 1] = report end))
      return seen
    end
    local plain, dropping = run "/plain", run("/dropping", 0.3)
    assert.equal(plain[1].loss, dropping[1].loss)
    assert.equal(2 * plain[1].steps, dropping[2].steps)
    assert.truthy(plain[2].loss < dropping[2].loss and dropping[2].loss < dropping[1].loss)
    remove()
  end)

  it("ends several times from one point, and has the mean of the ends", function()
    local folder, remove = support.folder()
    data(folder)
    local r, seen, out = tiny(folder), {}, folder .. "/out"
    r.plan = { { "only", 1, 1e-2, 1e-2 } }
    r.ends = { { copies = 2, plan = { { "only", 2, 1e-2, 2e-3 } } } }
    assert(recipe.run(r, out, {}, function(report) seen[#seen + 1] = report end))
    assert.equal(5, #seen)
    assert.equal(seen[2].steps, seen[4].steps)           -- both follow the first shard
    assert.is_true(seen[2].loss ~= seen[4].loss)         -- with others of their own
    local name, ends = "model.layers.0.mlp.gate_proj.weight", {}
    for copy = 1, 2 do
      local path = ("%s/end.1.%d/training.safetensors"):format(out, copy)
      ends[copy] = assert(moonlet.load_tensors(path))[name]:to "f32"
    end
    local want = ((ends[1] + ends[2]) * 0.5):to("bf16"):totable()
    local model = assert(moonlet.load(out))
    assert.same(want, model:parameters()[name]:totable())
    -- and with where they set out from
    r.ends[1].start = 2
    assert(os.execute("rm -r " .. support.quote(out .. "/end.1")))
    assert(recipe.run(r, out, {}, function() error "trained again" end))
    local before = assert(moonlet.load_tensors(out .. "/training.safetensors"))[name]:to "f32"
    want = ((ends[1] + ends[2] + before + before) * 0.25):to("bf16"):totable()
    assert.same(want, assert(moonlet.load(out)):parameters()[name]:totable())
    -- all is there: nothing is trained again
    assert(recipe.run(r, out, {}, function() error "trained again" end))
    remove()
  end)

  it("ends on several ways, each with endings of its own, and has the mean of these", function()
    local folder, remove = support.folder()
    data(folder)
    local r, seen, out = tiny(folder), {}, folder .. "/out"
    r.stages.same, r.stages.more = r.stages.only, r.stages.only
    r.plan = { { "only", 1, 1e-2, 1e-2 } }
    local function ending(stage, copies, start)
      return { copies = copies, start = start, plan = { { stage, 1, 1e-2, 2e-3 } } }
    end
    r.ends = { { layers = 3, ways = { { ending("only", 1), ending("same", 2, 1) },
      { ending("more", 1) } } }, ending("only", 1) }
    local function run(stop)
      return recipe.run(r, out, {}, function(report)
        seen[#seen + 1] = report
        if #seen == stop then error "stopped" end
      end)
    end
    assert.is_false((pcall(run, 3)))
    assert(run())
    local shards = {}
    for i, report in ipairs(seen) do shards[i] = report.path:match "([^/]+)%.jsonl$" end
    assert.same({ "only.1", "only.2", "same.1", "same.1", "same.2", "more.1", "only.3" }, shards)
    assert.equal(seen[2].steps, seen[6].steps)           -- both ways from one point
    local name = "model.layers.2.mlp.gate_proj.weight"
    local function at(directory)
      local path = ("%s/%s/training.safetensors"):format(out, directory)
      return assert(moonlet.load_tensors(path))[name]:to "f32"
    end
    local function mean_is(directory, list)
      local sum = at(list[1])
      for i = 2, #list do sum = sum + at(list[i]) end
      assert.same((sum * (1 / #list)):totable(), at(directory):totable())
    end
    mean_is("end.1.way1.2", { "end.1.way1.2.1", "end.1.way1.2.2", "end.1.way1.1" })
    mean_is("end.1", { "end.1.way1.2", "end.1.way2.1" })
    assert.is_true(at("end.1.way1.2"):totable()[1][1] ~= at("end.1.way2.1"):totable()[1][1])
    assert(recipe.run(r, out, {}, function() error "trained again" end))
    remove()
  end)

  it("says which file is missing, and leaves no half of a vocabulary", function()
    local folder, remove = support.folder()
    local nothing, message, code = recipe.run(tiny(folder), folder .. "/out")
    assert.is_nil(nothing)
    assert.truthy(message:find("house.jsonl", 1, true))
    assert.equal("io", code)
    assert.is_nil(support.read(folder .. "/out/tokenizer.model"))
    remove()
  end)

  it("of the bundled model runs in small", function()
    if not support.read(support.shared .. "/data/train/api/clinc_all_tools.json") then
      pending "the shared training data are absent"
      return
    end
    local folder, remove = support.folder()
    local out, code, err = support.moonlet { "examples/models/pocket.lua", "--smoke",
      folder .. "/pocket" }
    assert.equal(0, code, err)
    local first, last
    for loss in out:gmatch "loss (%S+)" do
      first, last = first or tonumber(loss), tonumber(loss)
    end
    assert.truthy(last < first - 0.5, out)
    assert.equal(1024, assert(moonlet.load(folder .. "/pocket")).config.vocab_size)
    remove()
  end)
end)
