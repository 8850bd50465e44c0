-- What is safe to print: whole characters at the start of bytes that come in pieces.
local build = os.getenv "MOONLET_BUILD" or "build"
package.cpath = build .. "/spec/?.so;" .. package.cpath
local debug_text = require "moonlet.debug.text"
local file = assert(io.open("examples/models/pocket/tokenizer.model", "rb"))
local pocket = assert(debug_text.parse(file:read "a"))
file:close()

describe("moon_utf8_whole", function()
  it("keeps back what may still become a character", function()
    local text = "aé€\u{10348}\u{7FF}\u{800}\u{FFFF}\u{10FFFF}z"
    local starts = {}
    for at in utf8.codes(text) do starts[at - 1] = true end
    starts[#text] = true
    for len = 0, #text do
      local whole = len
      while not starts[whole] do whole = whole - 1 end
      assert.are.equal(whole, debug_text.utf8_whole(text:sub(1, len)), "first " .. len)
    end
  end)

  it("lets pass what never can", function()
    for _, s in ipairs { "\x80", "\xBF\xBF", "a\xC0", "a\xC1\x80", "\xE0\x9F", "\xED\xA0",
                         "\xF0\x8F", "\xF4\x90", "\xF5", "\xFF\xFE", "\xE2a", "\xF0\x90a",
                         "\xF0\x90\x80\x41",
                         "\x80\x80\x80\x80" } do
      assert.are.equal(#s, debug_text.utf8_whole(s))
    end
    for s, whole in pairs { ["a\xC2"] = 1, ["\xE0"] = 0, ["\xE0\xA0"] = 0, ["\xED\x9F"] = 0,
                            ["\xF0\x90\x80"] = 0, ["\xF4\x8F"] = 0, ["\xFFx\xE2\x96"] = 2,
                            ["\x80\xC3"] = 1, ["\xE2\xE2\x96"] = 1 } do
      assert.are.equal(whole, debug_text.utf8_whole(s))
    end
  end)

  it("makes a stream of pieces whole", function()
    math.randomseed(11)
    for _ = 1, 300 do
      local codes = {}
      for i = 1, 30 do
        codes[i] = math.random(4) > 1 and math.random(0x20, 0x7F) or math.random(0x10000, 0x10FFFF)
      end
      local text = utf8.char(table.unpack(codes))
      local out, held = "", ""
      for _, id in ipairs(pocket:encode(text)) do
        held = held .. pocket:piece(id)
        local whole = debug_text.utf8_whole(held)
        assert.is_truthy(utf8.len(held:sub(1, whole)))
        out, held = out .. held:sub(1, whole), held:sub(whole + 1)
      end
      assert.are.equal(text, out .. held)
    end
  end)
end)

describe("moon_utf8_lower and moon_utf8_words", function()
  require "moonlet"
  local host = require "moonlet.host"

  it("know letters beyond ASCII", function()
    assert.equal("straße éß жук i\u{307}x \u{2C65}", host.lower "STRAßE Éß ЖУК \u{130}X \u{23A}")
    assert.equal("a_b  c  7½  đi 東京 नमस त ", host.words "a_b, c: 7½ “đi”東京。नमस्ते")
    assert.equal("", host.lower "")
    assert.equal("", host.words "")
  end)

  it("keep to their room, whatever the bytes", function()
    for code = 0, 0x1FFFF do
      if code < 0xD800 or code > 0xDFFF then
        local text = utf8.char(code)
        assert(#host.lower(text) <= 2 * #text and #host.words(text) <= #text)
      end
    end
    assert.equal("\xFFa\xE2", host.lower "\xFFA\xE2")
    assert.equal(" A  ", host.words "\xFFA\xE2\x82")
  end)
end)
