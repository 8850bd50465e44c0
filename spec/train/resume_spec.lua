-- The verb and the example: runs that are killed at random moments end as the unbroken one does.
local build = os.getenv "MOONLET_BUILD" or "build"
package.cpath = build .. "/?.so;" .. package.cpath
local moonlet = require "moonlet"
local support = require "spec.support"
local temporary, read, write = support.temporary, support.read, support.write

local function shell(command)
  local pipe = io.popen(command .. " 2>&1; echo \"exit $?\"")
  local text = pipe:read "a"
  pipe:close()
  return tonumber(text:match "exit (%d+)%s*$"), text
end

local data = temporary()
local SETTINGS = [[return {
  config = { num_hidden_layers = 2, hidden_size = 32, num_attention_heads = 4,
    num_key_value_heads = 2, intermediate_size = 64, vocab_size = 64,
    max_position_embeddings = 40, layer_sharing = true },
  data = %q, out = %q, tokens = 128, accumulate = 2, steps = %d, seed = 3, rate = 2e-3,
  warmup = 10, save_every = 3, threads = 2, length = 40 %s
}]]

local function settings(out, steps, more)
  local path = temporary()
  write(path, SETTINGS:format(data, out, steps, more or ""))
  return path
end

describe("moonlet train", function()
  setup(function()
    local lines, state = {}, 7
    for i = 1, 40 do
      local ids = {}
      for k = 1, 8 + i % 50 do
        state = state * 48271 % 2147483647
        ids[k] = state % 64
      end
      lines[i] = ('{"ids":[%s]}\n'):format(table.concat(ids, ","))
    end
    write(data, table.concat(lines))
  end)
  teardown(function() os.remove(data) end)

  for _, case in ipairs {
    { kills = 20, steps = 480, more = "", title = "20 random moments" },
    { kills = 5, steps = 200, more = ", weights = 'bf16'", title = "5, with weights in bf16" },
    { kills = 5, steps = 200, more = ", dropout = 0.2", title = "5, with dropout" },
  } do
    it("killed at " .. case.title .. " and resumed, ends with the same bits", function()
      local whole, broken = temporary(), temporary()
      local command = build .. "/moonlet train "
      local began = os.time()
      local code, text = shell(command .. settings(whole, case.steps, case.more))
      assert.equal(0, code, text)
      local file, kills, most = settings(broken, case.steps, case.more), 0, 0.02
      math.randomseed(11)
      for _ = 1, 3 * case.kills do
        if kills == case.kills then break end
        local killed = shell(("timeout -s KILL %.3f %s %s"):format(
          0.03 + math.random() * most, command, file))
        if killed ~= 137 then break end
        kills = kills + 1
        if kills % 4 == 0 then most = most * 1.5 end
      end
      assert.equal(0, (shell(command .. file)))
      assert.is_true(kills == case.kills, ("only %d kills, %d s"):format(kills, os.time() - began))
      for _, name in ipairs { "model.safetensors", "training.safetensors", "config.json" } do
        assert.is_true(read(whole .. "/" .. name) == read(broken .. "/" .. name), name)
      end
      local steps = {}
      for line in io.lines(broken .. "/train.jsonl") do
        steps[#steps + 1] = tonumber(line:match '"step":(%d+)')
      end
      assert.equal(case.steps, #steps)
      for i, step in ipairs(steps) do assert.equal(i, step) end
      assert.is_truthy(moonlet.load(whole))
    end)
  end

  it("trains a loaded model further, by epochs, and reports held-out loss", function()
    local out, file = temporary(), temporary()
    write(file, ([[return { model = "spec/fixtures/tiny-gqa", data = %q, valid = %q, out = %q,
      tokens = 256, length = 64, epochs = 2, rate = 1e-3, schedule = "linear", dtype = "bf16" }]])
      :format(data, data, out))
    local code, text = shell(build .. "/moonlet train --json --plot " .. file)
    assert.equal(0, code, text)
    assert.matches('"valid":%d', text)
    assert.matches(": loss of %d+ steps", text)
    assert.matches("^<svg", read(out .. "/train.svg"))
    local model = assert(moonlet.load(out))
    assert.equal("bf16", model:parameters()["model.embed_tokens.weight"].dtype)
    local first = tonumber(read(out .. "/train.jsonl"):match '"loss":([%d.]+)')
    local valid = tonumber(text:match '"valid":([%d.]+)')
    assert.is_true(valid < first)
  end)

  it("says what is wrong with settings and data", function()
    local out = temporary()
    for more, sentence in pairs {
      [", rat = 1"] = "did you mean 'rate'", [", model = 'x'"] = "either 'config' or 'model'",
      [", epochs = 1"] = "either 'steps' or 'epochs'",
    } do
      local code, text = shell(build .. "/moonlet train " .. settings(out, 3, more))
      assert.equal(1, code, text)
      assert.matches(sentence, text, 1, true)
    end
    local code, text = shell(build .. "/moonlet train")
    assert.equal(2, code)
    assert.matches("wants one file", text, 1, true)
    local broken = temporary()
    write(broken, '{"ids":[1,2]}\n{"ids":[1,2}\n')
    local file = temporary()
    write(file, SETTINGS:format(broken, out, 3, ""))
    code, text = shell(build .. "/moonlet train " .. file)
    assert.equal(1, code)
    assert.matches(broken .. ":2", text, 1, true)
  end)

  it("keeps the last checkpoint when the disk cannot be written", function()
    local code, text = shell(build .. "/moonlet train " .. settings("/proc/nowhere", 3))
    assert.equal(1, code)
    assert.matches("/proc/nowhere: cannot be made a directory", text, 1, true)
  end)

  -- The limit on a file's size stands for the end of the disk: writing fails half-way.
  it("keeps the last checkpoint when the disk is full, and goes on when there is room", function()
    local whole, broken = temporary(), temporary()
    local command = build .. "/moonlet train "
    local more = ", schedule = 'constant', constant = 1"      -- the rate does not see the end
    assert.equal(0, (shell(command .. settings(whole, 9, more))))
    assert.equal(0, (shell(command .. settings(broken, 6, more))))
    local before = read(broken .. "/training.safetensors")
    local file = settings(broken, 9, more)
    local code, text = shell("trap '' XFSZ; ulimit -f 40; " .. command .. file)
    assert.equal(1, code, text)
    assert.matches("training.safetensors", text, 1, true)
    assert.is_true(before == read(broken .. "/training.safetensors"))
    assert.equal(0, (shell(command .. file)))
    assert.is_true(read(whole .. "/model.safetensors") == read(broken .. "/model.safetensors"))
  end)

  it("stops at gradients that are no numbers, and keeps the last good checkpoint", function()
    local out = temporary()
    local command = build .. "/moonlet train "
    local code, text = shell(command .. settings(out, 60, ", decay = 1e6"))
    assert.equal(1, code, text)
    assert.matches("moonlet train: the gradients after %d+ steps are no numbers\n", text)
    local trainer = assert(require "moonlet.train".new({ num_hidden_layers = 2, hidden_size = 32,
      num_attention_heads = 4, num_key_value_heads = 2, intermediate_size = 64, vocab_size = 64,
      max_position_embeddings = 40, layer_sharing = true }, { tokens = 128 }))
    assert.is_truthy(trainer:restore(out))
    for _, name in ipairs(trainer:names()) do
      for _, x in ipairs(trainer:get(name):view(-1):totable()) do
        assert.is_true(x == x and math.abs(x) < math.huge)
      end
    end
  end)
end)

describe("examples/train_tiny.lua", function()
  it("learns sentences by heart in seconds", function()
    local code, text = shell(build .. "/moonlet examples/train_tiny.lua " .. temporary())
    assert.equal(0, code, text)
    assert.matches("lua means moon in portuguese", text, 1, true)
  end)
end)
