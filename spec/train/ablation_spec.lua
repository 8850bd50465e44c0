-- The ablations' example: that it runs, that its models are of one size, that it goes on.
local support = require "spec.support"
local json = require "dkjson"

local WORDS = { "the", "moon", "and", "a", "small", "dog", "went", "to", "see", "big", "red",
  "ball", "said", "mother", "happy", "garden" }

-- Lines of {"text": ...}: sentences that depend on the seed alone.
local function stories(count, seed)
  local lines, state = {}, seed
  for i = 1, count do
    local words = {}
    for k = 1, 60 do
      state = state * 48271 % 2147483647
      words[k] = WORDS[state % #WORDS + 1]
    end
    lines[i] = ('{"text":"%s"}\n'):format(table.concat(words, " "))
  end
  return table.concat(lines)
end

local function lines_of(text)
  local list = {}
  for line in text:gmatch "[^\n]+" do list[#list + 1] = line end
  return list
end

describe("examples/ablation", function()
  local folder, remove = support.folder()
  local log = folder .. "/results.jsonl"
  local function run(...)
    return support.moonlet { "examples/ablation/ablation.lua", folder .. "/train.jsonl.gz",
      folder .. "/heldout.jsonl", "--smoke", "--log", log, "--threads", "2", ... }
  end
  setup(function()
    support.write(folder .. "/train.jsonl", stories(60, 5))
    assert(os.execute("gzip " .. folder .. "/train.jsonl"))
    support.write(folder .. "/heldout.jsonl", stories(3, 6))
  end)
  teardown(remove)

  it("compares models of one size, and goes on where it was stopped", function()
    local out, code, err = run()
    assert.equal(0, code, err)
    local results = lines_of(support.read(log))
    assert.equal(15, #results)      -- 5 models, seed 1 with two rates
    local first = json.decode(results[1]).parameters
    for _, line in ipairs(results) do
      local result = json.decode(line)
      assert.near(1, result.parameters / first, 0.005)
      assert.is_true(result.loss > 5 and result.loss < 9, line)
    end
    assert.matches("| base | 6 x 96, 256 | 1 of 3 | " .. first
      .. " | 0%.00[36] | 2 | %d%.%d%d%d ± %d%.%d%d%d |", out)
    assert.matches("| layer sharing / none | [+-]%d%.%d%d%d [+-]%d%.%d%d%d |", out)
    local again, said
    again, code, said = run()
    assert.equal(0, code)
    assert.equal(out, again)
    assert.equal("", said)
    results[1], results[#results] = results[#results], nil
    support.write(log, table.concat(results, "\n", 1, 12) .. "\n")
    again, code, said = run "--report"
    assert.equal(0, code, said)
    assert.equal("", said)
    assert.matches("| MHA | 6 x 96, 213 | 3 of 3 | %d+ | 0%.00[36] | 1 | %d%.%d%d%d |", again)
    again, code, err = run()
    assert.equal(0, code, err)
    assert.equal(out, again)
    assert.equal(3, #lines_of(err))
  end)

  it("says what it wants", function()
    for sentence, words in pairs { ["no such option"] = { "--tokns", "3" },
      ["--tokens wants a number"] = { "--tokens", "x" }, ["--rates wants"] = { "--rates" },
      ["wants a file to train on"] = { "one more" } } do
      local _, code, err = run(table.unpack(words))
      assert.equal(1, code)
      assert.matches(sentence, err, 1, true)
    end
  end)
end)
