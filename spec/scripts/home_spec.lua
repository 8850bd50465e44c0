-- Requests made up for a voice assistant at home: they say what their arguments say.
local support = require "spec.support"
local home = require "moonlet.corpus.home"
local json = require("moonlet").json
local random = require "moonlet.corpus.random"

local function each(seed, count, use)
  local draw, dice = home.drawer {}, random.new(seed)
  for _ = 1, count do use(draw(dice)) end
end

-- The values of an argument.
local function values_of(argument)
  return type(argument) == "table" and argument or { argument }
end

describe("requests made up for the home", function()
  it("say each argument in words of its own, and nothing in brackets", function()
    each(1, 5000, function(said, _, arguments)
      assert.truthy(said:find "^%l" or said:find "^[%l%d@]", said)
      assert.falsy(said:find "[%[%](){}|/%u]", said)
      assert.falsy(said:find "  " or said:find "^ " or said:find " $", said)
      for _, name in ipairs(json.keys(arguments)) do
        for _, value in ipairs(values_of(arguments[name])) do
          local first, last = (" " .. said .. " "):find(" " .. value .. " ", 1, true)
          assert.truthy(first and last, said .. ": " .. value)
        end
      end
    end)
  end)

  it("leave my, the, next and in out of a day, a time and an event", function()
    local outside = { date = { "on", "next", "this" }, time = { "at", "in" },
      event_name = { "my", "the", "a" } }
    each(2, 5000, function(said, _, arguments)
      for name, words in pairs(outside) do
        for _, value in ipairs(values_of(arguments[name])) do
          for _, word in ipairs(words) do
            local rest = value:match("^" .. word .. " (.*)$")
            assert.falsy(rest and (name ~= "date" or rest:find "day$"), said .. ": " .. value)
          end
        end
      end
    end)
  end)

  it("say an before a vowel and a before others", function()
    each(6, 20000, function(said)
      for article, word in (" " .. said):gmatch " (an?) (%a+)" do
        if word:find "^[bcdfgjklmnpqrstvwxyz]%a" then assert.equal("a", article, said) end
        if word:find "^[ai]%a" or word == "hour" then assert.equal("an", article, said) end
        if word:find "^one" or word:find "^univ" then assert.equal("a", article, said) end
      end
    end)
  end)

  it("give an argument that is said twice both of its values", function()
    local lists = 0
    each(3, 2000, function(_, _, arguments)
      for _, name in ipairs(json.keys(arguments)) do
        if type(arguments[name]) == "table" then
          lists = lists + 1
          assert.equal(2, #arguments[name])
        end
      end
    end)
    assert.is_true(lists > 20)
  end)

  it("are the same for the same seed, and come as often as they are asked for", function()
    local function counts(often)
      local draw, dice, found, texts = home.drawer(often), random.new(4), {}, {}
      for i = 1, 4000 do
        local said, name = draw(dice)
        texts[i], found[name] = said, (found[name] or 0) + 1
      end
      return found, table.concat(texts, "\n")
    end
    local even, one = counts {}
    local _, same = counts {}
    assert.equal(one, same)
    local often = counts { weather_query = 500 }
    assert.is_true(often.weather_query > 8 * even.weather_query)
    for name, count in pairs(even) do assert.is_true(count > 20, name .. " is rare") end
  end)

  it("call functions of the set, and with arguments that these have", function()
    local file = io.open(support.shared .. "/data/train/api/slurp_all_tools.json")
    if not file then
      pending "the shared data are absent"
      return
    end
    local tools = {}
    for _, tool in ipairs(json.decode(file:read "*a")) do
      tools[tool.name] = tool.parameters.properties
    end
    file:close()
    each(5, 5000, function(said, name, arguments)
      assert.truthy(tools[name], name)
      for _, argument in ipairs(json.keys(arguments)) do
        assert.truthy(tools[name][argument], name .. " has no " .. argument .. ": " .. said)
      end
    end)
  end)
end)
