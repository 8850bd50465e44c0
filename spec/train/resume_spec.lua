-- The verb and the example: runs that are killed at random moments end as the unbroken one does.
local build = os.getenv "MOONLET_BUILD" or "build"
package.cpath = build .. "/?.so;" .. package.cpath
local moonlet = require "moonlet"
local host = require "moonlet.host"
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
      local began = host.clock()
      local code, text = shell(command .. settings(whole, case.steps, case.more))
      assert.equal(0, code, text)
      -- All together end well before the unbroken run's end, however fast the machine is.
      local took = host.clock() - began
      local file, kills, most = settings(broken, case.steps, case.more), 0, 0.6 * took / case.kills
      math.randomseed(11)
      for _ = 1, 3 * case.kills do
        if kills == case.kills then break end
        local killed = shell(("timeout -s KILL %.3f %s %s"):format(
          0.03 + math.random() * most, command, file))
        if killed ~= 137 then break end
        kills = kills + 1
      end
      assert.equal(0, (shell(command .. file)))
      assert.is_true(kills == case.kills, ("only %d kills, %.2f s"):format(kills, took))
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
      [", lora = {}"] = "'lora' wants a table with a rank, got another table",
      [", lora = { rank = 2, rnk = 3 }"] = "did you mean 'rank'",
      [", lora = { rank = 2, targets = 'q' }"] = "'targets' wants a list of names, got 'q'",
      [", lora = { rank = '2' }"] = "'rank' wants a whole number, 1 to 4096, got '2'",
      [", lora = true"] = "'lora' wants a table with a rank, got true",
      [", dtype = 'q4'"] = "'dtype' wants one of f32, bf16, f16, got 'q4'",
      [", save_every = 0"] = "'save_every' wants a whole number, at least 1, got 0",
      [", valid_every = 0.5"] = "'valid_every' wants a whole number, at least 1, got 0.5",
      [", accumulate = 0"] = "'accumulate' wants a whole number, at least 1, got 0",
      [", steps = -3"] = "'steps' wants a whole number, at least 1, got -3",
      [", warmup = '5'"] = "'warmup' wants a whole number, at least 0, got '5'",
      [", clip = 0/0"] = "'clip' wants a number from 0 up, got ",
      [", schedule = 'cosin'"] = "'schedule' wants one of cosine, linear, constant, got 'cosin'",
      [", data = {}"] = "'data' wants a path or a list of them, got another table",
      [", tokenizer = '/nope/x'"] = "/nope/x: cannot be opened",
    } do
      local code, text = shell(build .. "/moonlet train " .. settings(out, 3, more))
      assert.equal(1, code, text)
      assert.matches(sentence, text, 1, true)
      assert.not_matches("scripts/moonlet", text, 1, true)
      assert.is_nil(read(out .. "/model.safetensors"))
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

  it("keeps a checkpoint of another run", function()
    local out = temporary()
    local command = build .. "/moonlet train "
    assert.equal(0, (shell(command .. settings(out, 3))))
    local before = read(out .. "/training.safetensors")
    local other = temporary()
    write(other, '{"ids":[1,2]}\n')
    for more, sentence in pairs {
      [", seed = 4"] = "has seed 3 and 48 sequences of data, this one 4 and 48",
      [(", data = %q"):format(other)] = "has seed 3 and 48 sequences of data, this one 3 and 1",
      [", config = { num_hidden_layers = 1, hidden_size = 32, num_attention_heads = 4, "
        .. "num_key_value_heads = 2, intermediate_size = 64, vocab_size = 64, "
        .. "max_position_embeddings = 40 }"] = "is a checkpoint of another config",
    } do
      local code, text = shell(command .. settings(out, 9, more))
      assert.equal(1, code, text)
      assert.matches(sentence, text, 1, true)
      assert.is_true(before == read(out .. "/training.safetensors"))
    end
  end)

  it("has done nothing when it is done already, whatever targets weigh", function()
    local out, file = temporary(), temporary()
    write(file, '{"ids":[1,2,3]}\n{"ids":[1,2,4],"weights":[0,0,0]}\n')
    local command = build .. "/moonlet train "
    local last = settings(out, 6, (", tokens = 39, data = %q"):format(file))
    assert.equal(0, (shell(command .. last)))
    local before = read(out .. "/training.safetensors")
    local code, text = shell(command .. last)
    assert.equal(0, code, text)
    assert.matches("\t6 steps", text, 1, true)
    assert.is_true(before == read(out .. "/training.safetensors"))
    write(file, '{"ids":[1,2,4],"weights":[0,0,0]}\n')
    code, text = shell(command .. settings(temporary(), 6, (", data = %q"):format(file)))
    assert.equal(1, code)
    assert.matches("the data have no targets: all weights are 0", text, 1, true)
  end)

  -- --foreground: one interrupt, not two; the second ends at once.
  it("keeps its last step when it is interrupted", function()
    local out = temporary()
    local code, text = shell("timeout --foreground --preserve-status -s INT 1 " .. build
      .. "/moonlet train " .. settings(out, 1000000, ", save_every = 1000000"))
    assert.equal(130, code, text)
    assert.matches("interrupted!\n", text, 1, true)
    local trainer = assert(require "moonlet.train".new({ num_hidden_layers = 2, hidden_size = 32,
      num_attention_heads = 4, num_key_value_heads = 2, intermediate_size = 64, vocab_size = 64,
      max_position_embeddings = 40, layer_sharing = true }, { tokens = 128 }))
    assert.matches("^epoch=%d+ position=%d+ seed=3 sequences=48$", trainer:restore(out))
    local lines = 0
    for _ in io.lines(out .. "/train.jsonl") do lines = lines + 1 end
    assert.is_true(trainer.steps > 0 and math.abs(trainer.steps - lines) <= 1)
  end)

  it("encodes text for a new model with the vocabulary it is given", function()
    local out, file = temporary(), temporary()
    write(file, '{"text":"play some jazz"}\n')
    local code, text = shell(build .. "/moonlet train " .. settings(out, 3, ([[,
      tokenizer = "examples/models/pocket/tokenizer.model", data = %q,
      config = { num_hidden_layers = 1, hidden_size = 16, num_attention_heads = 2,
        num_key_value_heads = 1, intermediate_size = 16, vocab_size = 4096,
        max_position_embeddings = 40, bos_token_id = 1, eos_token_id = 2 }]]):format(file)))
    assert.equal(0, code, text)
    local model = assert(moonlet.load(out))
    assert.equal("play some jazz", model:decode(model:encode "play some jazz"))
    assert.is_nil(read(out .. ".vocabulary/config.json"))
    assert.is_true(read(out .. "/tokenizer.model")
      == read "examples/models/pocket/tokenizer.model")
  end)

  it("takes so many steps in all when told to, whatever the file says", function()
    local out, file = temporary(), temporary()
    write(file, ([[return { model = "spec/fixtures/tiny-gqa", data = %q, out = %q,
      tokens = 256, length = 64, epochs = 2 }]]):format(data, out))
    local code, text = shell(build .. "/moonlet train --steps 2 " .. file)
    assert.equal(0, code, text)
    assert.matches("\t2 steps", text, 1, true)
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
