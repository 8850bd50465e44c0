-- Words as they are said: numbers, times and days, and what is drawn of them.
local random = require "moonlet.corpus.random"
local spoken = require "moonlet.corpus.spoken"

describe("what is spoken", function()
  it("has numbers, times and days in words, and no marks", function()
    for written, said in pairs {
      ["Wake me at 7:30 AM!"] = "wake me at seven thirty am",
      ["It's the 22nd of May, 2019"] = "it's the twenty second of may two thousand and nineteen",
      ["50% of 1,250 in 1999?"] = "fifty percent of twelve fifty in nineteen ninety nine",
      ["at 5pm, or 05:05 p.m."] = "at five pm or five oh five pm",
      ["$20 for 100 or 742"] = "twenty dollars for one hundred or seven hundred and forty two",
      ["caf\195\169 no. 123456, 10:00"] = "caf\195\169 no 123456 ten",
      ["  0 and 30th "] = "zero and thirtieth",
    } do
      assert.equal(said, spoken.form(written))
    end
  end)

  it("is drawn in lower case and words alone", function()
    local dice = random.new(4)
    for _, kind in ipairs { "date", "time", "event" } do
      local seen, count = {}, 0
      for _ = 1, 400 do
        local text = spoken[kind](dice)
        assert.truthy(text:find "^[%l' ]+$", text)
        assert.equal(text, spoken.form(text))
        if not seen[text] then seen[text], count = true, count + 1 end
      end
      assert.truthy(count > 120, kind .. count)
    end
  end)
end)
