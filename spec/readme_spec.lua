-- The README's programs run as they stand and print what their comments say.
local build = os.getenv "MOONLET_BUILD" or "build"

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  return text
end

local function output_of(program)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(program)
  file:close()
  local pipe = assert(io.popen(("%s/moonlet %s 2>&1"):format(build, path)))
  local text = pipe:read "a"
  local ok = pipe:close()
  os.remove(path)
  return text, ok
end

local function words(text) return (text:gsub("%s+", " ")) end

describe("README", function()
  local readme = read "README.md"

  -- Runs a program, looks for what its comments say it prints; how much that was.
  local function shown(program)
    local text, ok = output_of(program)
    assert.is_true(ok, text)
    local n = 0
    for expected in program:gmatch "%-%->([^\n]*)" do
      local part = words(expected):match "^ (.-)[ .]*$"
      assert.is_truthy(words(text):find(part, 1, true), part .. " is not in " .. text)
      n = n + 1
    end
    return n
  end

  it("shows a program that runs and prints what it says", function()
    assert.is_true(shown(assert(readme:match "```lua\n(.-)```")) >= 3)
  end)

  it("shows an agent with two tools in at most twenty lines", function()
    local agent
    for program in readme:gmatch "```lua\n(.-)```" do
      if program:find("agent.new", 1, true) then agent = program end
    end
    assert.is_true(select(2, agent:gsub("\n", "")) <= 20)
    assert.equal(2, select(2, agent:gsub("tools%.tool%(", "")))
    assert.equal(1, shown(agent))
  end)

  it("names the folders that there are", function()
    for folder in readme:match("## Where things are\n\n```\n(.-)```"):gmatch "\n?(%a+)/ " do
      assert.is_truthy(io.open(folder), folder)
    end
  end)
end)
