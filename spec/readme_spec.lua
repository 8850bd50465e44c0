-- The README's first program runs as it stands and prints what its comments say.
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

  it("shows a program that runs and prints what it says", function()
    local program = assert(readme:match "```lua\n(.-)```")
    local text, ok = output_of(program)
    assert.is_true(ok, text)
    local shown = 0
    for expected in program:gmatch "%-%->([^\n]*)" do
      local part = words(expected):match "^ (.-)[ .]*$"
      assert.is_truthy(words(text):find(part, 1, true), part .. " is not in " .. text)
      shown = shown + 1
    end
    assert.is_true(shown >= 3)
  end)

  it("names the folders that there are", function()
    for folder in readme:match("## Where things are\n\n```\n(.-)```"):gmatch "\n?(%a+)/ " do
      assert.is_truthy(io.open(folder), folder)
    end
  end)
end)
