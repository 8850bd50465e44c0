-- Text to ids and back: against llama.cpp's and SentencePiece's own answers, the pocket model's
-- prompts, and properties that hold for any text; then hostile files and failing memory.
local build = os.getenv "MOONLET_BUILD" or "build"
package.cpath = build .. "/spec/?.so;" .. package.cpath
local debug_text = require "moonlet.debug.text"
local json = require "dkjson"
local make = require "spec.core.make_tokenizer"
local shared = os.getenv "MOONLET_SHARED" or "../shared"
local pocket_dir = "examples/models/pocket/"

local function read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local bytes = file:read "a"
  file:close()
  return bytes
end

local pocket_bytes = assert(read(pocket_dir .. "tokenizer.model"))
local pocket = assert(debug_text.parse(pocket_bytes))
local llama_bytes = read(shared .. "/tokenizers/llama-tokenizer/tokenizer.model")
local llama = llama_bytes and assert(debug_text.parse(llama_bytes))

local function with_llama(name, test)
  it(name, function()
    if not llama then
      print("\n  absent: " .. shared .. "/tokenizers; not checked: " .. name)
      return
    end
    test()
  end)
end

-- ---- random text ----

local function random_text(characters)
  local out = {}
  for i = 1, characters do
    local kind = math.random(8)
    local code
    if kind <= 3 then code = math.random(0x61, 0x7A)
    elseif kind == 4 then code = 0x20
    elseif kind == 5 then code = math.random(0, 0x7F)
    elseif kind == 6 then code = math.random(0x80, 0x7FF)
    elseif kind == 7 then code = math.random(0x800, 0xD7FF)
    else code = math.random(0x10000, 0x10FFFF) end
    -- a literal U+2581 is a space to SentencePiece: it cannot come back
    out[i] = utf8.char(code == 0x2581 and 0x2580 or code)
  end
  return table.concat(out)
end

local function pieces_of(tok, ids)
  local out = {}
  for i, id in ipairs(ids) do out[i] = tok:piece(id) end
  return table.concat(out)
end

describe("SentencePiece BPE", function()
  math.randomseed(7)

  with_llama("gives llama.cpp's ids on its 47 texts", function()
    local base = shared .. "/tokenizers/llama-spm-tests/ggml-vocab-llama-spm.gguf"
    local texts, expected = {}, {}
    local input = assert(read(base .. ".inp"))
    local separator = "\n__ggml_vocab_test__\n"
    local from = 1
    while true do
      local first, last = input:find(separator, from, true)
      texts[#texts + 1] = input:sub(from, (first or #input + 1) - 1)
      if not first then break end
      from = last + 1
    end
    -- both files end in a separator: the last text is the empty one
    for line in (assert(read(base .. ".out")) .. "\n"):gmatch "([^\n]*)\n" do
      local ids = {}
      for id in line:gmatch "%d+" do ids[#ids + 1] = math.tointeger(tonumber(id)) end
      expected[#expected + 1] = ids
    end
    local checked = 0
    for i, ids in ipairs(expected) do
      assert.are.same(ids, llama:encode(texts[i]), "text " .. i)
      checked = checked + 1
    end
    assert.are.equal(47, checked)
  end)

  with_llama("gives SentencePiece's ids and text on 103 more", function()
    local checked = 0
    local path = shared .. "/tokenizers/llama-spm-tests/extra-spm.jsonl"
    for line in assert(read(path)):gmatch "[^\n]+" do
      local case = assert(json.decode(line))
      assert.are.same(setmetatable(case.ids_no_bos, nil), llama:encode(case.text), line)
      assert.are.equal(case.decoded, llama:decode(case.ids_no_bos), line)
      checked = checked + 1
    end
    assert.are.equal(103, checked)
  end)

  it("gives the pocket model's prompts", function()
    local expected = assert(json.decode(read(pocket_dir .. "expected.json")))
    assert.is_true(#expected.cases >= 3)
    for _, case in ipairs(expected.cases) do
      local ids = pocket:encode(case.text, true)
      table.insert(ids, 1, pocket:bos())
      assert.are.same(setmetatable(case.prompt, nil), ids, case.text)
      for symbol, words in case.text:gmatch "(<|%a+|>)([^<]*)" do
        local own, start = pocket:encode(words), nil
        for i, id in ipairs(ids) do
          if id == pocket:find(symbol) then start = i end
        end
        assert.are.same(own, table.move(ids, start + 1, start + #own, 1, {}), case.text)
      end
    end
  end)

  it("knows pieces by spelling and kind", function()
    assert.are.equal(4096, pocket:count())
    assert.are.equal(1, pocket:bos())
    assert.are.equal(2, pocket:eos())
    assert.are.equal(8, pocket:find "<|end|>")
    assert.are.equal(9 + 0x41, pocket:find "<0x41>")
    assert.are.equal(-1, pocket:find "no such piece")
    assert.are.equal(-1, pocket:find(("x"):rep(100000)))
    assert.are.equal("unknown", pocket:kind(0))
    assert.are.equal("control", pocket:kind(1))
    assert.are.equal("user", pocket:kind(8))
    assert.are.equal("byte", pocket:kind(9))
    assert.are.equal("normal", pocket:kind(4000))
    assert.are.equal("unknown", pocket:kind(4096))
    assert.is_nil(pocket:piece(-1))
    assert.is_nil(pocket:piece(4096))
    assert.are.equal("", pocket:piece(1))
    assert.are.equal("<|end|>", pocket:piece(8))
    assert.are.equal("\xE2", pocket:piece(9 + 0xE2))
    assert.has_error(function() pocket:decode { 5, 4096 } end,
                     "token 1 is 4096, the vocabulary has 0 to 4095")
  end)

  it("brings every text back", function()
    for _ = 1, 2000 do
      local text = random_text(math.random(0, 40))
      assert.are.equal(text, pocket:decode(pocket:encode(text)))
      assert.are.equal(text, pieces_of(pocket, pocket:encode(text)))
      if llama then
        local ids = llama:encode(text)
        assert.are.equal(text, llama:decode(ids))
        assert.are.equal((text == "" and "" or " ") .. text, pieces_of(llama, ids))
      end
    end
  end)

  it("turns bytes that are no character into U+FFFD", function()
    local function roundtrip(s) return pocket:decode(pocket:encode(s)) end
    assert.are.equal("a\u{FFFD}b", roundtrip "a\xFFb")
    assert.are.equal("\u{FFFD}\u{FFFD}", roundtrip "\xE2\x96")
    assert.are.equal("\u{FFFD}\u{FFFD}\u{FFFD}", roundtrip "\xED\xA0\x80")
    assert.are.equal("\u{FFFD}\u{FFFD}x", roundtrip "\xC0\x80x")
    assert.are.equal("\0", roundtrip "\0")
    local function byte(b) return pocket:find(("<0x%02X>"):format(b)) end
    assert.are.equal("\u{FFFD}a\u{FFFD}\u{FFFD}é",
                     pocket:decode { byte(0xE2), byte(0x61), byte(0xE2), byte(0x82), byte(0xC3),
                                     byte(0xA9) })
    assert.are.equal("\u{FFFD}", pocket:decode { byte(0xC3), 1 })
    assert.are.equal("\u{FFFD}\u{FFFD}", pocket:decode { byte(0xC3), 1, byte(0xA9) })
  end)

  with_llama("takes the dummy prefix off once", function()
    assert.are.equal("  a", llama:decode { 29871, 29871, 263 })
    assert.are.equal("  a", llama:decode { 29871, 1, 29871, 263 })
    assert.are.equal(" a", llama:decode { 1, 29871, 263 })
    assert.are.equal(" ⁇ ", llama:decode { 0 })
    assert.are.equal("", llama:decode { 1, 2 })
    assert.are.equal("▁ a", llama:decode { 3 + 0xE2, 3 + 0x96, 3 + 0x81, 263 })
    assert.are.same({}, llama:encode "")
  end)

  it("makes special symbols of text only when asked", function()
    local special = {}
    for id = 0, pocket:count() - 1 do
      local kind = pocket:kind(id)
      if kind == "control" or kind == "user" then special[id] = true end
    end
    local spellings = { "<s>", "</s>", "<unk>", "<0x41>" }
    for id in pairs(special) do
      if pocket:kind(id) == "user" then spellings[#spellings + 1] = pocket:piece(id) end
    end
    assert.are.equal(10, #spellings)
    for _ = 1, 1000 do
      local parts = {}
      for i = 1, #spellings do
        parts[#parts + 1] = random_text(math.random(0, 6))
        parts[#parts + 1] = spellings[i]
        if math.random(3) == 1 then parts[#parts + 1] = spellings[i]:sub(1, -2) end
      end
      local text = table.concat(parts)
      local ids = pocket:encode(text)
      for _, id in ipairs(ids) do assert.is_nil(special[id], text) end
      assert.are.equal(text, pocket:decode(ids))
      local found = 0
      for _, id in ipairs(pocket:encode(text, true)) do found = found + (special[id] and 1 or 0) end
      assert.is_true(found >= 8, text)
    end
    assert.are.same({ 1, 4, 2 }, pocket:encode("<s><|user|></s>", true))
  end)

  with_llama("adds the dummy prefix at the start of a text only", function()
    local function spell(text)
      local out = {}
      for i, id in ipairs(llama:encode(text, true)) do out[i] = llama:piece(id) end
      return out
    end
    assert.are.same({ " ", "", "hello" }, spell "<s>hello")
    assert.are.same({ 29871, 1, 12199 }, llama:encode("<s>hello", true))
    assert.are.same({ " a", "", "b" }, spell "a</s>b")
  end)

  it("encodes words of a million characters", function()
    local word = ("a"):rep(1 << 20)
    local ids = assert(pocket:encode(word))
    assert.are.equal(word, pieces_of(pocket, ids))
    local spaces = (" "):rep(1 << 18)
    assert.are.equal(spaces, pocket:decode(pocket:encode(spaces)))
    if llama then assert.are.equal(word, llama:decode(llama:encode(word))) end
  end)

  it("refuses texts of more than 256 MiB", function()
    local text = ("x"):rep((256 << 20) + 1)
    assert.has_error(function() pocket:length(text) end,
                     "wants a text of at most 268435456 bytes, got 268435457")
    text = nil
    collectgarbage()
  end)

  it("is SentencePiece's, on random text, with models of every kind", function()
    if not os.execute("/usr/bin/python3 -c 'import sentencepiece' 2>/dev/null") then
      print "\n  absent: python3-sentencepiece; encoding not compared with it"
      return
    end
    local dir = os.tmpname()
    os.remove(dir)
    assert(os.execute("mkdir " .. dir))
    finally(function() os.execute("rm -r " .. dir) end)
    -- Prints, for each text, ids (user-defined symbols are always matched there) and their text.
    local file = assert(io.open(dir .. "/compare.py", "w"))
    file:write [[
import sys, sentencepiece
dir = sys.argv[1]
kinds = {
  'nmt_nfkc': dict(byte_fallback=True,
                   user_defined_symbols=['<|u|>', '<|u', 'and', '\u2581of', 'x  y']),
  'nmt_nfkc_cf': dict(), 'nfkc': dict(remove_extra_whitespaces=False, byte_fallback=True),
  'identity': dict(treat_whitespace_as_suffix=True, byte_fallback=True) }
for name, more in kinds.items():
    sentencepiece.SentencePieceTrainer.train(
        input='core/moonlet.h', model_type='bpe', vocab_size=700, num_threads=1, minloglevel=2,
        model_prefix=dir + '/' + name, normalization_rule_name=name, **more)
paths = [dir + '/' + name + '.model' for name in kinds] + sys.argv[2:]
texts = [bytes.fromhex(line).decode() for line in open(dir + '/texts')]
for path in paths:
    model = sentencepiece.SentencePieceProcessor(model_file=path)
    out = open(dir + '/out' + str(paths.index(path)), 'w')
    for text in texts:
        ids = model.encode(text)
        print(*ids, file=out)
        print(model.decode(ids).encode().hex(), file=out)
]]
    file:close()

    local function hex(text)
      return (text:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
    end
    local words = { "the", "and", "<|u|>", "<|u", " of", "▁of", "x  y", "  ", "\t", "ﬁ", "Ａ",
                    "①", "e\u{301}", "\u{200B}", "가", "moon_session", "\u{FEFF}", "ſ", "\u{FFFD}" }
    local texts = {}
    file = assert(io.open(dir .. "/texts", "w"))
    for i = 1, 1000 do
      local parts = {}
      for k = 1, math.random(0, 8) do
        parts[k] = math.random(3) == 1 and random_text(math.random(4)) or words[math.random(#words)]
      end
      texts[i] = table.concat(parts)
      file:write(hex(texts[i]), "\n")
    end
    file:close()

    local paths = { pocket_dir .. "tokenizer.model" }
    if llama then paths[2] = shared .. "/tokenizers/llama-tokenizer/tokenizer.model" end
    local command = { "/usr/bin/python3", dir .. "/compare.py", dir }
    for _, path in ipairs(paths) do command[#command + 1] = "'" .. path .. "'" end
    assert(os.execute(table.concat(command, " ")))
    local all = { dir .. "/nmt_nfkc.model", dir .. "/nmt_nfkc_cf.model", dir .. "/nfkc.model",
                  dir .. "/identity.model", table.unpack(paths) }
    for k, path in ipairs(all) do
      local tok = assert(debug_text.parse(read(path)))
      local out = assert(io.open(dir .. "/out" .. k - 1))
      for _, text in ipairs(texts) do
        local ids, decoded = out:read "l", out:read "l"
        -- SentencePiece knows no text that spells <s>: with special such text would be a symbol
        assert.is_nil(text:find("<s>", 1, true))
        local own = tok:encode(text, true)
        assert.are.equal(ids, table.concat(own, " "), path .. ": " .. text)
        assert.are.equal(decoded, hex(tok:decode(own)), path .. ": " .. text)
      end
      out:close()
    end
  end)
end)

-- ---- models made here, a few pieces each ----

local number, bytes, model = make.number, make.bytes, make.model

describe("small models", function()
  it("merge the best score first, the leftmost among equals", function()
    local tok = assert(debug_text.parse(model { { "a" }, { "b" }, { "c" }, { "ab", -1 },
                                                { "bc", -1 }, { "abc", -2 }, { "cb", 0 } }))
    assert.are.same({ 6 }, tok:encode "abc")            -- ab, then abc
    assert.are.same({ 4, 7 }, tok:encode "abcb")        -- cb first
    assert.are.same({ 4, 4 }, tok:encode "abab")
  end)

  it("make one unknown id of a row of unknown characters", function()
    local tok = assert(debug_text.parse(model { { "a" }, { "x", 0, "user" } }))
    assert.are.same({ 1, 0, 1, 0 }, tok:encode "aéöaz")
    assert.are.same({ 0, 2, 0 }, tok:encode("zxz", true))
    assert.are.same({ 0 }, tok:encode "zxz")            -- a user-defined character, not asked for
    assert.are.equal("a ⁇ ", tok:decode { 1, 0 })
  end)

  it("take the longest special piece", function()
    local tok = assert(debug_text.parse(model { { "a" }, { "<x", 0, "user" }, { "<x>>", 0, "user" },
                                                { "<x>", 0, "control" }, { "<", 0 }, { "x" } }))
    assert.are.same({ 2, 1, 4, 1, 3, 1, 5 }, tok:encode("<xa<x>a<x>>a<", true))
    assert.are.same({ 5, 6 }, tok:encode "<x")
    assert.are.equal("<x", tok:decode { 2, 4 })
  end)

  it("take unused pieces apart again", function()
    local tok = assert(debug_text.parse(model { { "a" }, { "b" }, { "c" }, { "ab", -1 },
                                                { "abc", -2, "unused" } }))
    assert.are.same({ 4, 3 }, tok:encode "abc")
    assert.are.same({ 4, 3, 4, 3, 1 }, tok:encode "abcabca")
  end)

  it("squeeze spaces where the file says so", function()
    local pieces = { { "a" }, { "▁" }, { "▁a", -1 } }
    local tok = assert(debug_text.parse(model(pieces, nil, "")))        -- the defaults: both
    assert.are.same({ 3, 3 }, tok:encode "  a   a ")
    assert.are.same({}, tok:encode "   ")
    assert.are.equal("a a", tok:decode { 2, 2, 3, 3 })
    local suffix = assert(debug_text.parse(model(pieces, number(3, 2) .. number(24, 1), "")))
    assert.are.same({ 1, 3, 2 }, suffix:encode " a a")
    local plain = assert(debug_text.parse(model({ { "a" }, { " " } }, nil,
                                                number(3, 1) .. number(4, 0) .. number(5, 0))))
    assert.are.same({ 2, 1, 2 }, plain:encode "a ")
  end)

  it("keep several symbols with one spelling apart, or refuse them", function()
    local tok = assert(debug_text.parse(model { { "<s>" }, { "<s>", 0, "control" } }))
    assert.are.equal(2, tok:find "<s>")
    assert.are.equal(2, tok:bos())
    assert.are.same({ 2 }, tok:encode("<s>", true))
    local _, message, code = debug_text.parse(model { { "a" }, { "b" }, { "a" } })
    assert.are.equal("format", code)
    assert.are.equal("tokenizer.model: pieces 1 and 3 are both 'a'", message)
  end)

  it("refuse what they are not", function()
    local bpe = number(3, 2)
    local function refused(bytes_, wanted, name)
      local tok, message, code = debug_text.parse(bytes_)
      assert.is_nil(tok)
      assert.are.equal(name or "format", code)
      assert.is_truthy(message:find(wanted, 1, true), message)
    end
    refused(model({ { "a" } }, ""), "wants a bpe model, finds a unigram model", "support")
    refused(model({ { "a" } }, number(3, 3)), "finds a word model", "support")
    refused(model({ { "a" } }, number(3, 4)), "finds a char model", "support")
    refused(model({ { "a" } }, number(3, 5)), "wants a model_type from 1 to 4, finds 5")
    refused(model { { "" } }, "wants 1 to 512 bytes in piece 1, finds 0")
    refused(model { { ("x"):rep(513) } }, "wants 1 to 512 bytes in piece 1, finds 513")
    assert.is_truthy(debug_text.parse(model { { ("x"):rep(512) } }))
    refused(model { { "a\0b" } }, "without NUL in piece 1")
    refused(model { { "\xC3" } }, "wants UTF-8")
    refused(model { { "a", 0 / 0 } }, "the score of piece 1 is no number")
    refused(model { { "a", 0, 7 } }, "wants a type from 1 to 6 for piece 1, finds 7")
    refused(model { { "a", 0, "unknown" } }, "wants one unknown piece, finds 0 and 1")
    refused(model { { "<0x41>", 0, "byte" } }, "no bytes without byte_fallback")
    refused(model({ { "<0x4a>", 0, "byte" } }, bpe .. number(35, 1)), "'<0x00>' to '<0xFF>'")
    refused(model({ { "<0x-1>", 0, "byte" } }, bpe .. number(35, 1)), "'<0x00>' to '<0xFF>'")
    refused(model({ { "<0x00>", 0, "byte" } }, bpe .. number(35, 1)), "wants byte piece <0x01>")
    refused(bytes(1, bytes(1, "a")) .. bytes(2, bpe), "wants a normalizer_spec")
    refused(bytes(1, bytes(1, "a")) .. bytes(2, bpe) .. bytes(3, ""), "wants an unknown piece")
    refused("", "wants 1 to 1000000 pieces, finds 0")
    refused(("\x0A\x00"):rep(1000001), "wants 1 to 1000000 pieces, finds 1000001")
    refused("\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", "a length that fits the message")
    refused("\x0B", "a wire type of 0, 1, 2 or 5")
    refused("\x00\x00", "a field number")
    refused("\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02", "a varint")
    refused(model({ { "a" } }, bpe, bytes(2, "\x04")), "normaliser's 1 bytes")
    refused(model({ { "a" } }, bpe, bytes(2, "\x08\0\0\0\0\0\0\0")), "normaliser's 8 bytes")
    refused(model({ { "a" } }, bpe, bytes(2, "\x04\0\0\0\0\0\0\0")), "end in a NUL")
    refused(model({ { "a" } }, bpe, bytes(2, "\x04\0\0\0\0\0\0\0" .. ("x"):rep(513) .. "\0")),
            "at most 512 bytes, finds 513")
  end)
end)

describe("pieces chosen to collide", function()
  -- The vocabulary's hash of a short piece, whose slot among 2048 is its low 11 bits.
  local function slot(text)
    local function mix(h, word)
      h = (h ~ word) * 0x9E3779B97F4A7C15
      return h ~ h >> 29
    end
    return mix(mix(#text, 0), (">I4"):unpack(text)) >> 32 & 2047
  end

  it("are refused instead of searched through", function()
    local crowd, spread, n = {}, {}, 0
    while #crowd < 640 do
      local text = ("%04x"):format(n)
      if slot(text) < 64 then crowd[#crowd + 1] = { text } end
      if #spread < 640 then spread[#spread + 1] = { text } end
      n = n + 1
    end
    local _, message, code = debug_text.parse(model(crowd))
    assert.are.equal("format", code)
    assert.is_truthy(message:find "more than 512 pieces hash alike")
    assert.is_truthy(debug_text.parse(model(spread)))
  end)
end)

describe("a normaliser's table", function()
  -- A double-array trie with the one rule "a" -> replacement: unit 0 leads to 0x100 ^ "a".
  local function table_of(value, replacements)
    local units = {}
    for i = 0, 0x2FF do units[i] = 0 end
    units[0] = 0x100 << 10
    units[0x100 ~ 0x61] = 0x61 | 1 << 8 | (0x200 ~ (0x100 ~ 0x61)) << 10
    units[0x200] = 1 << 31 | value
    local out = {}
    for i = 0, 0x2FF do out[#out + 1] = ("<I4"):pack(units[i]) end
    local trie = table.concat(out)
    return ("<I4"):pack(#trie) .. trie .. replacements
  end
  local pieces = { { "a" }, { "b" }, { "é" } }
  local function tokenizer(value, replacements)
    return assert(debug_text.parse(model(pieces, nil, bytes(2, table_of(value, replacements))
                                                      .. number(3, 0) .. number(4, 0))))
  end

  it("replaces the longest key", function()
    assert.are.same({ 2, 2, 2 }, tokenizer(0, "b\0"):encode "aba")
    assert.are.same({ 2 }, tokenizer(0, "\0"):encode "aba")
    assert.are.same({ 3, 2 }, tokenizer(2, "b\0é\0"):encode "ab")
  end)

  it("is what counts, not the normaliser's name", function()
    local rules = bytes(1, "nmt_nfkc") .. number(3, 0) .. number(4, 0)
    local tok = assert(debug_text.parse(model({ { "Ａ" } }, nil, rules)))
    assert.are.same({ 1 }, tok:encode "Ａ")
  end)

  it("is not followed outside its bounds", function()
    assert.are.same({ 1 }, tokenizer(100, "b\0"):encode "a")
    assert.are.same({ 1 }, tokenizer(1, "é\0"):encode "a")      -- the middle of a character
    local whole = table_of(0, "b\0")
    for at = 5, #whole, 7 do
      local broken = whole:sub(1, at - 1) .. "\xFF" .. whole:sub(at + 1)
      local tok = debug_text.parse(model(pieces, nil, bytes(2, broken)))
      if tok then tok:encode "aba\0\xFFzz" end
    end
  end)
end)

describe("hostile files", function()
  local probe = "<s> It's 12 o'clock\n<|user|>ab  é\xFF\u{10348}</s><unk><0x41>"

  local function survive(changed)
    local tok, message, code = debug_text.parse(changed)
    if not tok then
      assert.is_true(code == "format" or code == "support", message)
      assert.is_truthy(message:find "^tokenizer.model: ")
      return false
    end
    for _, special in ipairs { false, true } do
      for _, id in ipairs(tok:encode(probe, special)) do
        assert.is_true(id >= 0 and id < tok:count())
      end
    end
    tok:decode(tok:encode(probe, true))
    tok:close()
    return true
  end

  it("are refused or work, cut off anywhere", function()
    local size = #pocket_bytes
    for len = 0, size - 1 do
      -- every length at both ends, where framing and specs are; a prime step between
      if len < 2048 or len >= size - 2048 or len % 61 == 0 then
        assert.is_false(survive(pocket_bytes:sub(1, len)))
      end
    end
  end)

  it("are refused or work, one byte changed", function()
    local size, worked = #pocket_bytes, 0
    for at = 1, size do
      if at <= 2048 or at > size - 2048 or at % 61 == 0 then
        local byte = pocket_bytes:byte(at)
        local changed = byte ~ (at % 3 == 0 and 0xFF or 1 << at % 8)
        local file = pocket_bytes:sub(1, at - 1) .. string.char(changed) .. pocket_bytes:sub(at + 1)
        if survive(file) then worked = worked + 1 end
      end
    end
    assert.is_true(worked > 0)
  end)
end)

-- Runs attempt with the n-th allocation failing, for n = 1, 2, ... until it succeeds: first that
-- one alone, then all from it on. attempt returns what it made, or nil, message, code.
local function fail_everywhere(memory, least, attempt)
  for _, once in ipairs { true, false } do
    local live, failures = memory:live(), 0
    for n = 1, 1000 do
      memory:fail(n, once)
      local made, message, code = attempt()
      memory:fail(0)
      if made then break end
      assert.are.equal("mem", code)
      assert.is_truthy(message:find "out of memory")
      assert.are.equal(live, memory:live())
      failures = n
    end
    assert.is_true(failures >= least and failures < 1000)
  end
end

describe("failing memory", function()
  it("makes parse fail with a sentence, and leaks nothing", function()
    local memory = debug_text.memory()
    fail_everywhere(memory, 4, function()
      local tok, message, code = debug_text.parse(pocket_bytes, memory)
      if tok then tok:close() end
      return tok, message, code
    end)
    assert.are.equal(0, memory:live())
  end)

  it("makes encode fail with a sentence, and leaves the tokenizer working", function()
    local text = "\xFF <|user|>" .. ("a word, "):rep(50) .. ("x"):rep(2000)
    for _, file in ipairs { pocket_bytes, (model { { "a" }, { "x", 0, "unused" }, { "xx" } }) } do
      local memory = debug_text.memory()
      local tok = assert(debug_text.parse(file, memory))
      local expected, live = tok:encode(text, true), memory:live()
      fail_everywhere(memory, 3, function()
        local ids, message, code = tok:encode(text, true)
        if ids then assert.are.same(expected, ids) end
        return ids, message, code
      end)
      assert.are.equal(live, memory:live())
      tok:close()
      assert.are.equal(0, memory:live())
    end
  end)
end)
