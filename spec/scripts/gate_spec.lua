-- The gate between pieces and reader: no stop text leaks, no character is split, and the result
-- does not depend on how the text was cut.
require "spec.support"
require "moonlet"
local gate = require "moonlet.gate"

-- Where the text should end: before the stop string that ends first.
local function expected(text, stops)
  for last = 1, #text do
    local best
    for _, stop in ipairs(stops) do
      local from = last - #stop + 1
      local here = from >= 1 and text:sub(from, last) == stop
      if here and (not best or from < best) then best = from end
    end
    if best then return text:sub(1, best - 1) end
  end
  return text
end

local function pass(pieces, stops)
  local g, out = gate.new(stops), {}
  for _, piece in ipairs(pieces) do
    local text, stop = g:push(piece)
    out[#out + 1] = text
    if stop then return out, stop end
  end
  out[#out + 1] = g:flush()
  return out
end

local function cut(text, random)
  local pieces = {}
  local i = 1
  while i <= #text do
    local n = random(1, 4)
    pieces[#pieces + 1] = text:sub(i, i + n - 1)
    i = i + n
  end
  return pieces
end

describe("the gate", function()
  it("gives the same text for 1,000 random cuts of random texts", function()
    math.randomseed(5)
    local letters = { "a", "b", "ab", "c", "\n", "é", "\u{1F315}", "<|e", "nd|>" }
    local stopped = 0
    for _ = 1, 1000 do
      local words = {}
      for i = 1, math.random(0, 30) do words[i] = letters[math.random(#letters)] end
      local text = table.concat(words)
      local stops = {}
      for i = 1, math.random(0, 3) do
        stops[i] = ({ "ab", "abc", "bca", "<|end|>", "é\n", "\u{1F315}a", "c" })[math.random(7)]
      end
      local want = expected(text, stops)
      local pieces, stop = pass(cut(text, math.random), stops)
      assert.equal(want, table.concat(pieces))
      assert.equal(want ~= text, stop ~= nil)
      if stop then stopped = stopped + 1 end
      for _, piece in ipairs(pieces) do assert.truthy(utf8.len(piece)) end
    end
    assert.truthy(stopped > 200 and stopped < 900)
  end)

  it("holds back only what may still become a stop string or a character", function()
    local g = gate.new { "<|end|>" }
    assert.equal("price ", g:push "price <|")
    assert.equal("<| or", g:push " or")
    assert.equal(" ", g:push " \xC3")
    assert.equal("\u{e9}", g:push "\xA9")
    assert.equal("", g:push "<|end")
    local text, stop = g:push "|>more"
    assert.equal("", text)
    assert.equal("<|end|>", stop)
  end)

  it("shows what can never be a character as U+FFFD", function()
    local whole = table.concat(pass({ "a\xFF", "b\xC3", "c\xED\xA0\x80", "\xF0\x9F\x8C" }, {}))
    assert.truthy(utf8.len(whole))
    assert.equal("a\u{FFFD}b\u{FFFD}c\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}", whole)
  end)
end)
