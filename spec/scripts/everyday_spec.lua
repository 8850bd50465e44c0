-- Requests of everyday life: tools, what is said to them, and choices.
require "spec.support"
local moonlet = require "moonlet"
local choices = require "moonlet.corpus.choices"
local everyday = require "moonlet.corpus.everyday"
local generate = require "moonlet.corpus.generate"
local json = moonlet.json
local native = require "moonlet.native"
local random = require "moonlet.corpus.random"
local schema = require "moonlet.schema"
local things = require "moonlet.corpus.things"

local draws = 3000

-- Calls use(tool, said, arguments) for many requests.
local function each(use, context)
  local dice = random.new(1)
  for _ = 1, draws do use(everyday.draw(dice, context or {})) end
end

-- Calls use(name, schema, value) for each argument, members of objects in their place.
local function each_argument(parameters, arguments, use)
  for _, name in ipairs(json.keys(arguments)) do
    local of, value = parameters.properties[name], arguments[name]
    if of.type == "object" then each_argument(of, value, use) else use(name, of, value) end
  end
end

-- the call has these in a form of its own
local reworded = { date = true, time = true, check_in = true, start_date = true, new_date = true,
  new_time = true, due = true, after = true, end_date = true }

describe("everyday requests", function()
  it("are calls that their tool's schema takes, with everything that is required", function()
    local seen, names = {}, 0
    each(function(tool, said, arguments)
      local validator = assert(schema.compile(tool.parameters))
      assert.truthy(validator(arguments), said .. " " .. json.encode(arguments))
      assert.falsy(said:find "[{}|]" or said:find "%[[^%d-]", said)
      if not seen[tool.name] then seen[tool.name], names = true, names + 1 end
    end)
    assert.equal(everyday.count, names)
    assert.truthy(names >= 80)
  end)

  it("say every text and number that the call has, as the call has it", function()
    local texts, numbers = 0, 0
    each(function(tool, said, arguments)
      each_argument(tool.parameters, arguments, function(name, of, value)
        for _, item in ipairs(type(value) == "table" and value or { value }) do
          if type(item) == "string" and not of.enum and not reworded[name] then
            texts = texts + 1
            assert.truthy(said:lower():find(item:lower(), 1, true), item .. " in " .. said)
            if said:find "%u" and item:find "%u" then
              local capital = said:find("^" .. item:sub(1, 1):upper())
              assert.truthy(said:find(item, 2, true) or capital, said)
            end
          elseif type(item) == "number" then
            numbers = numbers + 1
            local written = ("%.14g"):format(item)
            local word = item <= 12 and not said:find(written, 1, true)
            assert.truthy(word or said:find(written, 1, true), written .. " in " .. said)
          end
        end
      end)
    end)
    assert.truthy(texts > draws and numbers > draws / 5)
  end)

  it("choose of what is offered, and of each place in the list", function()
    local places, kinds = {}, { boolean = 0, array = 0, object = 0, number = 0, integer = 0 }
    each(function(tool, _, arguments)
      for _, name in ipairs(json.keys(arguments)) do
        local kind = tool.parameters.properties[name].type
        if kinds[kind] then kinds[kind] = kinds[kind] + 1 end
      end
      each_argument(tool.parameters, arguments, function(_, of, value)
        for i, choice in ipairs(of.enum or {}) do
          if choice == value then places[i] = (places[i] or 0) + 1 end
        end
      end)
    end)
    for i = 1, 6 do assert.truthy((places[i] or 0) > 5, i) end
    for kind, count in pairs(kinds) do assert.truthy(count > 20, kind) end
  end)

  it("depend on the dice alone", function()
    local a, b = random.new(3), random.new(3)
    for _ = 1, 50 do
      local tool, said, arguments = everyday.draw(a, {})
      local same_tool, same, same_arguments = everyday.draw(b, {})
      assert.equal(said, same)
      assert.equal(json.encode(tool), json.encode(same_tool))
      assert.equal(json.encode(arguments), json.encode(same_arguments))
    end
  end)

  it("stand among made-up ones, their tool listed once, or not at all when declined", function()
    local parameters = { type = "object", properties = { field = { type = "string" } } }
    local tools = { { name = "countSheep", description = "Count sheep", parameters = parameters },
      { name = "mowLawn", description = "Mow the lawn", parameters = parameters } }
    local called = generate.over(tools, { most = 3, kinds = { call = 1 }, everyday = 1 })
    local declined = generate.over(tools, { most = 3, kinds = { decline = 1 }, everyday = 1 })
    local dice = random.new(4)
    for _ = 1, 300 do
      local example = called(dice)
      local call = assert(native.read(example.turns[2].text))[1]
      local line = "\n" .. call.name:gsub("%p", "%%%0") .. "%("
      local _, times = ("\n" .. example.block):gsub(line, "")
      assert.equal(1, times, example.block)
      assert.equal("assistant", declined(dice).turns[2].marker)
    end
  end)
end)

describe("choices", function()
  it("are said in words that lead back to them alone", function()
    local dice, seen = random.new(2), {}
    for _ = 1, draws do
      local set = choices.any(dice)
      local offered = choices.schema(set, dice).enum
      local said, value = choices.say(set, offered, dice)
      local listed = false
      for _, choice in ipairs(offered) do listed = listed or choice == value end
      assert.is_true(listed)
      assert.truthy(choices.framed(set, said, dice):find(said, 1, true))
      local key = table.concat(set.names, " ") .. "/" .. said:lower()
      assert.truthy(seen[key] == nil or seen[key] == value:lower(), key)
      seen[key] = value:lower()
    end
  end)
end)

describe("things", function()
  it("have values of their schema's kind", function()
    local dice = random.new(5)
    for _, kind in ipairs { "count", "percent", "price", "coordinate", "decimal", "numbers",
      "whole_list", "foods", "people", "person", "address", "url", "command", "serial" } do
      assert.truthy(things.is(kind))
      local validator = assert(schema.compile(things.schema(kind)))
      for _ = 1, 50 do
        local said, value = things.draw(kind, dice, {})
        assert.truthy(#said > 0 and validator(value), kind)
      end
    end
  end)
end)
