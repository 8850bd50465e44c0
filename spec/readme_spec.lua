-- What the README promises beside its programs, which pages_spec.lua runs: how short things are.
local lfs = require "lfs"
local support = require "spec.support"

-- The first block of Lua that holds a text.
local function block_with(text)
  for program in support.read "README.md":gmatch "```lua\n(.-)```" do
    if program:find(text, 1, true) then return program end
  end
end

local function lines(program) return select(2, program:gsub("\n", "")) end

describe("README", function()
  it("shows an agent with two tools in at most twenty lines", function()
    local agent = block_with "agent.new"
    assert.is_true(lines(agent) <= 20)
    assert.equal(2, select(2, agent:gsub("tools%.tool%(", "")))
  end)

  it("takes at most four lines from the prompt's start to an attention map", function()
    local program = block_with "model:attention"
    assert.is_true(lines(program) <= 4)
    local out, code, err = support.moonlet({ "-i" }, program)
    assert.equal("", err)
    assert.equal(0, code)
    local caption, map = out:match "(heat %b(), [%g ]-)\n(.*)$"
    local height, width = caption:match "heat %((%d+), (%d+)%), 0 to 1$"
    assert.equal(height, width)
    local rows = select(2, map:gsub("\n", ""))
    assert.equal(tonumber(height), rows)
    for _, piece in ipairs { "<|user|>", "jazz", "<|call|>" } do
      assert.truthy(map:find(piece, 1, true), piece)
    end
    for _, shade in ipairs { "░", "█" } do assert.truthy(map:find(shade, 1, true), map) end
  end)

  it("names the folders that there are", function()
    local list = support.read "README.md":match "## Where things are\n\n```\n(.-)```"
    for folder in ("\n" .. list):gmatch "\n(%a+)/ " do
      assert.equal("directory", lfs.attributes(folder, "mode"), folder)
    end
  end)
end)
