-- GGUF: there and back without loss, real and hand-made files, hostile ones.
local support = require "spec.support"
local formats = require "moonlet.debug.formats"
local gguf = require "moonlet.debug.gguf"
local make = require "spec.core.make_gguf"
local moonlet = require "moonlet"

local fixtures = "spec/fixtures/"

-- f(folder), then the folder is removed.
local function with_folder(f)
  local folder, remove = support.folder()
  local ok, message = pcall(f, folder)
  remove()
  assert(ok, message)
end

local function convert(source, target, options)
  assert(moonlet.convert(source, target, options))
  return target
end

local function by_name(list)
  local named = {}
  for _, t in ipairs(list) do named[t.name] = t end
  return named
end

-- Matrices byte for byte; norms, which files keep in any type, as numbers.
local function check_same_tensors(a, b)
  local x = by_name(assert(formats.open(a, { bytes = true })))
  local y = by_name(assert(formats.open(b, { bytes = true })))
  local m, n = assert(moonlet.load(a)):parameters(), assert(moonlet.load(b)):parameters()
  local count = 0
  for name, t in pairs(n) do
    count = count + 1
    local u = assert(m[name], name)
    assert.same(t.shape, u.shape)
    if #t.shape == 2 then
      assert(x[name].dtype == y[name].dtype and x[name].bytes == y[name].bytes, name)
    else
      assert.same(t:totable(), u:totable())
    end
  end
  for name in pairs(m) do assert(n[name], name) end
  return count
end

describe("GGUF: there and back", function()
  local cases = { { support.pocket, 110 }, { fixtures .. "tiny-gqa" }, { fixtures .. "tiny-gqa-bf16" },
                  { fixtures .. "tiny-gqa-f16" }, { fixtures .. "tiny-odd" },
                  { fixtures .. "tiny-untied" }, { fixtures .. "tiny-gqa-ptbin-bf16" },
                  { fixtures .. "tiny-gqa-sharded" } }
  for _, case in ipairs(cases) do
    it(case[1] .. ": equal tensors and config", function()
      with_folder(function(folder)
        local back = convert(convert(case[1], folder .. "/m.gguf"), folder .. "/back")
        local count = check_same_tensors(case[1], back)
        assert(count == (case[2] or count) and count > 10)
        assert.same(moonlet.config(case[1]), moonlet.config(back))
        assert.same(moonlet.config(case[1]), moonlet.config(folder .. "/m.gguf"))
      end)
    end)
  end

  it("the vocabulary comes back piece by piece, and encodes alike", function()
    with_folder(function(folder)
      local file = folder .. "/m.gguf"
      local back = convert(convert(support.pocket, file), folder .. "/back")
      local old = assert(gguf.model_pieces(support.read(support.pocket .. "/tokenizer.model")))
      assert.equal(4096, #old)
      assert.same(old, gguf.pieces(support.read(file)))
      assert.same(old, gguf.model_pieces(support.read(back .. "/tokenizer.model")))
      local a, b = assert(moonlet.load(support.pocket)), assert(moonlet.load(back))
      for _, text in ipairs { "Hello world", "  two  spaces é 日本 😀", "", "<|user|>\n\t½ \0 x" } do
        assert.same(a:encode(text), b:encode(text))
        assert.same(a:encode(text, { special = true }), b:encode(text, { special = true }))
        assert.equal(a:decode(a:encode(text)), b:decode(b:encode(text)))
      end
    end)
  end)

  it("shared layers become twice the blocks, and the same logits", function()
    with_folder(function(folder)
      local source = fixtures .. "tiny-ls"
      local back = convert(convert(source, folder .. "/m.gguf"), folder .. "/back")
      local a, b = assert(moonlet.load(source)), assert(moonlet.load(back))
      assert.is_true(a.config.layer_sharing)
      assert.is_false(b.config.layer_sharing)
      assert.equal(2 * a.config.num_hidden_layers, b.config.num_hidden_layers)
      local s, t = a:session { context = 16 }, b:session { context = 16 }
      s:feed { 1, 5, 9, 20, 3 }
      t:feed { 1, 5, 9, 20, 3 }
      assert.same(s:logits():totable(), t:logits():totable())
    end)
  end)

  it("a head that is stored alone becomes the embeddings", function()
    with_folder(function(folder)
      local file = convert(fixtures .. "tiny-gqa-headonly", folder .. "/m.gguf")
      local names = by_name(gguf.tensors(support.read(file)))
      assert(names["model.embed_tokens.weight"] and not names["lm_head.weight"])
      convert(file, folder .. "/back")
      local a, b = moonlet.load(fixtures .. "tiny-gqa-headonly"), moonlet.load(folder .. "/back")
      local s, t = a:session { context = 16 }, b:session { context = 16 }
      s:feed { 1, 5, 9 }
      t:feed { 1, 5, 9 }
      assert.same(s:logits():totable(), t:logits():totable())
    end)
  end)

  it("types are those that were asked for, on both ways", function()
    with_folder(function(folder)
      local kinds = { f32 = "f32", f16 = "f16", bf16 = "bf16", q8_0 = "f32", q4_0 = "f32" }
      for type, read in pairs(kinds) do
        local file = convert(fixtures .. "tiny-gqa", folder .. "/" .. type .. ".gguf", { type = type })
        local t = by_name(gguf.tensors(support.read(file)))
        assert.equal(read, t["model.layers.0.mlp.up_proj.weight"].dtype)
        assert.equal("f32", t["model.norm.weight"].dtype)
      end
      local back = convert(folder .. "/f32.gguf", folder .. "/back", { type = "bf16" })
      local straight = by_name(formats.open(fixtures .. "tiny-gqa-bf16", { bytes = true }))
      for name, t in pairs(by_name(formats.open(back, { bytes = true }))) do
        if #t.shape == 2 then assert.equal("BF16", t.dtype) end
        if #t.shape == 2 then assert(t.bytes == straight[name].bytes, name) end
      end
    end)
  end)

  -- d is what the format's reference chooses: the largest weight over 127, or the largest by size
  -- over -8, whose codes -8 to 7 lose up to one step at the far end. Rounding d to f16 comes on top.
  for type, step in pairs { q8_0 = { 1 / 127, 0.5 + 127 / 2048 }, q4_0 = { 1 / 8, 1 + 8 / 2048 } } do
    it(type .. " stays within its step", function()
      with_folder(function(folder)
        local file = convert(support.pocket, folder .. "/m.gguf", { type = type })
        local source = moonlet.load_tensors(support.pocket .. "/model.safetensors")
        local lossy = moonlet.load_tensors(file)
        local name = "model.layers.3.self_attn.q_proj.weight"
        local a, b = source[name]:to("f32"):view(-1, 32), lossy[name]:view(-1, 32)
        local most, off = (a * a):max(2):totable(), a - b
        off = (off * off):max(2):totable()
        local worst = 0
        for i = 1, #most do
          worst = math.max(worst, math.sqrt(off[i]) / (math.sqrt(most[i]) * step[1]))
        end
        assert(worst <= step[2], worst)
        assert(worst > step[2] * 0.5, worst)
      end)
    end)
  end

  it("refuses by name what GGUF cannot say", function()
    with_folder(function(folder)
      local ok, message, code = moonlet.convert(fixtures .. "tiny-r1", folder .. "/m.gguf")
      assert.is_nil(ok)
      assert.equal("support", code)
      assert.matches("use_qk_norm", message, 1, true)
      assert.is_nil(support.read(folder .. "/m.gguf"))
    end)
  end)

  it("refuses targets that are taken, types that are none, and two folders", function()
    with_folder(function(folder)
      local file = convert(fixtures .. "tiny-gqa", folder .. "/m.gguf")
      convert(file, folder .. "/back")
      local before = support.read(folder .. "/back/model.safetensors")
      assert.has_error(function() moonlet.convert(file, folder .. "/back") end)
      assert.has_error(function() moonlet.convert(file, file) end)
      assert.has_error(function() moonlet.convert(file, folder .. "/x", { type = "q8_0" }) end)
      assert.has_error(function() moonlet.convert(file, folder .. "/x", { type = "q5" }) end)
      assert.has_error(function() moonlet.convert(file, folder .. "/x", { typ = "f32" }) end)
      assert.has_error(function() moonlet.convert(folder .. "/back", folder .. "/x") end)
      assert.equal(before, support.read(folder .. "/back/model.safetensors"))
      assert.is_false(formats.open(folder .. "/x") ~= nil)
    end)
  end)
end)

describe("GGUF: hand-made files", function()
  it("names are Hugging Face's, shapes turned", function()
    local values, tensors = make.small()
    local list = by_name(assert(gguf.tensors(make.file(values, tensors))))
    assert.same({ 5, 32 }, list["model.embed_tokens.weight"].shape)
    assert.same({ 16, 32 }, list["model.layers.0.self_attn.k_proj.weight"].shape)
    assert.same({ 32 }, list["model.layers.0.post_attention_layernorm.weight"].shape)
    assert(list["model.norm.weight"] and list["model.layers.0.self_attn.o_proj.weight"])
  end)

  it("rows of q and k are put back, for every head; those of v stay", function()
    local values, tensors = make.small()
    local function row(i) return (i - 1) // 32 end
    make.bend(tensors, "blk.0.attn_q.weight", { bytes = make.floats(32 * 32, row) })
    make.bend(tensors, "blk.0.attn_k.weight", { bytes = make.floats(32 * 16, row) })
    make.bend(tensors, "blk.0.attn_v.weight", { bytes = make.floats(32 * 16, row) })
    local list = by_name(assert(gguf.tensors(make.file(values, tensors))))
    local function rows(name)
      local bytes, out = list["model.layers.0.self_attn." .. name .. "_proj.weight"].bytes, {}
      for r = 1, #bytes // 128 do out[r] = math.tointeger((string.unpack("<f", bytes, 128 * r - 127))) end
      return out
    end
    -- The converter of llama.cpp: reshape(heads, 2, K/2).swapaxes(1, 2).
    local function expected(heads, K)
      local out = {}
      for h = 0, heads - 1 do
        for j = 0, 1 do
          for i = 0, K // 2 - 1 do out[h * K + j * K // 2 + i + 1] = h * K + 2 * i + j end
        end
      end
      return out
    end
    assert.same(expected(2, 16), rows "q")
    assert.same(expected(1, 16), rows "k")
    for i, r in ipairs(rows "v") do assert.equal(i - 1, r) end
  end)

  it("another architecture keeps its names and rows", function()
    local values, tensors = make.small()
    make.bend(values, "general.architecture", { [3] = "other" })
    local file = make.file(values, tensors)
    local list = by_name(assert(gguf.tensors(file)))
    assert.equal(tensors[4].bytes, list["blk.0.attn_q.weight"].bytes)
    local _, message, code = gguf.config(file)
    assert.equal("support", code)
    assert.matches("architecture", message)
  end)

  it("blocks stand for what the format says", function()
    local values, tensors = make.small()
    local q8, q4, x8, x4 = { "\0\xB8" }, { "\0\x40" }, {}, {}         -- scales -0.5 and 2
    for i = 0, 31 do
      q8[i + 2] = string.pack("<b", i * 8 - 128)
      x8[i + 1] = string.pack("<f", (i * 8 - 128) * -0.5)
    end
    for i = 0, 15 do
      q4[i + 2] = string.char(i | (15 - i) << 4)
      x4[i + 1], x4[i + 17] = string.pack("<f", (i - 8) * 2), string.pack("<f", (15 - i - 8) * 2)
    end
    tensors[#tensors + 1] = { name = "eight", dims = { 32 }, type = 8, bytes = table.concat(q8) }
    tensors[#tensors + 1] = { name = "four", dims = { 32, 1 }, type = 2, bytes = table.concat(q4) }
    local list = by_name(assert(gguf.tensors(make.file(values, tensors))))
    assert.equal(table.concat(x8), list.eight.bytes)
    assert.equal(table.concat(x4), list.four.bytes)
    assert.same({ 1, 32 }, list.four.shape)
  end)

  it("types that are not read are listed, and refused when they are wanted", function()
    with_folder(function(folder)
      local values, tensors = make.small()
      make.bend(tensors, "blk.0.ffn_up.weight", { dims = { 256, 4 }, type = 12, bytes = ("x"):rep(576) })
      local path = support.write(folder .. "/m.gguf", make.file(values, tensors))
      local list = by_name(assert(gguf.tensors(support.read(path))))
      assert.equal("Q4_K", list["model.layers.0.mlp.up_proj.weight"].dtype)
      local ok, message, code = moonlet.convert(path, folder .. "/back")
      assert.is_nil(ok)
      assert.equal("support", code)
      assert.matches("Q4_K", message)
    end)
  end)

  it("small files with misaligned data are read alike", function()
    local values, tensors = make.small()
    values[#values + 1] = { "general.alignment", "u32", 1 }
    local plain = gguf.tensors(make.file(make.small()))
    for shift = 0, 3 do
      assert.same(plain, gguf.tensors(make.file(values, tensors, { align = 1 }), shift))
    end
  end)

  it("version 2 is read as version 3; no vocabulary is false", function()
    local values, tensors = make.small()
    assert(gguf.config(make.file(values, tensors, { version = 2 })))
    make.bend(values, "tokenizer.ggml.model", { [3] = "none" })
    assert.is_false(gguf.pieces(make.file(values, tensors)))
  end)

  it("rows without a piece are padding, and vanish", function()
    local values, tensors = make.small()
    make.bend(values, "tokenizer.ggml.tokens", { [3] = { "<unk>", "<s>", "b", "[PAD3]", "[PAD4]" } })
    make.bend(values, "tokenizer.ggml.token_type", { [3] = { 2, 3, 1, 5, 5 } })
    assert.equal(3, #gguf.pieces(make.file(values, tensors)))
    make.bend(values, "tokenizer.ggml.token_type", { [3] = { 2, 3, 1, 1, 5 } })
    assert.equal(4, #gguf.pieces(make.file(values, tensors)))
  end)
end)

describe("GGUF: a real vocabulary", function()
  local folder = support.shared .. "/tokenizers/"
  -- Copies that were taken for text have U+FFFD in the place of most numbers.
  local function read(name, f)
    local bytes = support.read(folder .. name)
    local broken = bytes and bytes:find("epsilon\6\0\0\0\xEF\xBF\xBD", 1, true)
    if bytes and not broken then return f(bytes) end
    print((broken and "damaged" or "absent") .. ", not compared: " .. folder .. name)
    if broken then assert.is_nil(gguf.pieces(bytes)) end
  end

  it("is that of the tokenizer.model it was made from", function()
    read("llama-spm-tests/ggml-vocab-llama-spm.gguf", function(bytes)
      local model = assert(gguf.model_pieces(support.read(folder .. "llama-tokenizer/tokenizer.model")))
      local ours = assert(gguf.pieces(bytes))
      assert.equal(32000, #ours)
      assert.same({ model.bos, model.eos }, { ours.bos, ours.eos })
      for id, piece in ipairs(model) do assert.same(piece, ours[id]) end
      assert.same({}, gguf.tensors(bytes))
      local config, message = gguf.config(bytes)
      assert.is_nil(config)
      assert.matches("token_embd.weight", message)
    end)
  end)

  it("a tokenizer.model survives being written again", function()
    read("llama-tokenizer/tokenizer.model", function(bytes)
      assert.same(gguf.model_pieces(bytes), gguf.model_pieces(bytes, true))
    end)
  end)

  it("of byte-level BPE is refused by name", function()
    read("llama-spm-tests/ggml-vocab-gpt-2.gguf", function(bytes)
      local pieces, message, code = gguf.pieces(bytes)
      assert.is_nil(pieces)
      assert.equal("support", code)
      assert.matches("gpt2", message)
    end)
  end)
end)

-- ---- files from enemies ----

local function refused(what, result, message, code)
  assert(result == nil and type(message) == "string", what)
  assert(code == "format" or code == "support", what .. ": " .. tostring(code))
  assert(message:match "^file: .", what .. ": " .. message)
  return message
end

-- The three readers of one file; each has to refuse, or give the same as the untouched file.
local readers = { "tensors", "config", "pieces" }

describe("hostile GGUF: the known shapes", function()
  local function bent(change)
    local values, tensors = make.small()
    local options = change(values, tensors) or {}
    return make.file(values, tensors, options)
  end
  local function array(of, count, bytes)
    return string.pack("<I4I4I8", 9, make.numbers[of] or of, count) .. (bytes or "")
  end
  local function value(key, fields)
    return function(values) make.bend(values, key, fields) end
  end
  local function more(v) return function(values) values[#values + 1] = v end end
  local function tensor(name, fields)
    return function(_, tensors) make.bend(tensors, name, fields) end
  end
  local huge = { 1 << 31, 1 << 32, 1 << 61, (1 << 62) + 1, math.maxinteger, -1 }

  local header = {
    { "no magic", function() return { magic = "GGUX" } end, "begin with GGUF" },
    { "version 1", function() return { version = 1 } end, "version 1" },
    { "version 4", function() return { version = 4 } end, "version 4" },
    { "big-endian", function() return { version = 3 << 24 } end, "big%-endian" },
    { "more values than are there", function() return { n_values = 17 } end },
    { "fewer values than are there", function() return { n_values = 15 } end },
    { "more tensors than are there", function() return { n_tensors = 12 } end },
    { "fewer tensors than are there", function() return { n_tensors = 10 } end },
    { "no dims", tensor("output_norm.weight", { dims = {} }), "0 dims" },
    { "five dims", tensor("output_norm.weight", { dims = { 32, 1, 1, 1, 1 } }), "5 dims" },
    { "2^31 dims", tensor("output_norm.weight", { n_dims = 0x80000000 }), "dims" },
    { "an unknown type of tensor", tensor("output_norm.weight", { type = 4 }), "unknown type 4" },
    { "a type of tensor of 2^32 - 1", tensor("output_norm.weight", { type = 0xffffffff }), "type" },
    { "rows that are no whole blocks", tensor("output_norm.weight", { type = 8, dims = { 31 } }),
      "multiple of 32" },
    { "a dim below 0", tensor("output_norm.weight", { dims = { -1 } }), "counted" },
    { "dims whose product wraps", tensor("token_embd.weight", { dims = { 1 << 33, 1 << 33 } }),
      "counted" },
    { "dims that wrap to the right size", tensor("output_norm.weight",
      { dims = { 32, 1 << 32, 1 << 32 } }), "counted" },
    { "bytes that wrap", tensor("token_embd.weight", { dims = { 1 << 62, 1 } }), "counted" },
    { "a tensor larger than the file", tensor("blk.0.ffn_down.weight", { dims = { 32, 33 } }) },
    { "data behind the file", tensor("blk.0.ffn_down.weight", { offset = 1 << 40 }), "hole" },
    { "an offset that wraps", tensor("blk.0.ffn_down.weight", { offset = -32 }), "hole" },
    { "an offset off the alignment", tensor("blk.0.ffn_down.weight", { offset = 33 }) },
    { "two tensors over one range", tensor("output_norm.weight", { offset = 0 }), "overlap" },
    { "all tensors over one range", function(_, tensors)
      for _, t in ipairs(tensors) do t.offset = 0 end
    end, "overlap" },
    { "a hole", tensor("token_embd.weight", { offset = 32 }) },
    { "bytes behind the data", function() return { tail = ("x"):rep(32) } end, "cover" },
    { "one byte behind the data", function() return { tail = "x" } end, "cover" },
    { "a key twice", more { "llama.block_count", "u32", 1 }, "twice" },
    { "an empty key", more { "", "u32", 1 }, "key of 0" },
    { "a key with a NUL", more { "a\0b", "u32", 1 }, "NUL" },
    { "a key over 64 KiB", more { ("k"):rep(65536), "u32", 1 }, "65536" },
    { "a tensor twice", function(_, t) t[3].name = t[2].name end, "twice" },
    { "two names for one tensor", function(_, t) t[3].name = "model.norm.weight" end, "two tensors" },
    { "a tensor without a name", function(_, t) t[3].name = "" end, "no name" },
    { "a name with a NUL", function(_, t) t[3].name = "a\0b" end, "NUL" },
    { "a name of 513 bytes", function(_, t) t[3].name = ("n"):rep(513) end, "512" },
    { "a value of an unknown type", more { "x", raw = string.pack("<I4I4", 13, 0) }, "type 13" },
    { "a value of type 2^32 - 1", more { "x", raw = string.pack("<i4", -1) }, "type 4294967295" },
    { "an array of arrays", more { "x", raw = array("array", 1, array("u8", 0)) }, "array of arrays" },
    { "an array of an unknown type", more { "x", raw = array(13, 0) }, "type 13" },
    { "a truth value of 2", more { "x", "bool", 2 }, "0 or 1" },
    { "heads that are no number", value("llama.attention.head_count", { [2] = "string", [3] = "2" }),
      "whole number" },
    { "no heads", value("llama.attention.head_count", { [3] = 0 }), "whole number" },
    { "a number of heads for each layer", value("llama.attention.head_count", { [2] = "[u32]", [3] = { 2 } }),
      "whole number" },
    { "heads below 0", value("llama.attention.head_count", { [2] = "i32", [3] = -2 }), "whole number" },
    { "heads that do not divide the rows", value("llama.attention.head_count", { [3] = 5 }), "heads" },
    { "heads of odd size", value("llama.attention.head_count", { [3] = 32 }), "pairs" },
  }
  for _, n in ipairs(huge) do
    local hex = (" of %x"):format(n)
    for _, of in ipairs { "u8", "f32", "string", "f64", "bool" } do
      header[#header + 1] = { of .. "s, a count" .. hex, more { "x", raw = array(of, n, "abcd") } }
    end
    header[#header + 1] = { "a string" .. hex, more { "x", raw = string.pack("<I4I8", 8, n) .. "abcd" } }
    header[#header + 1] = { "values" .. hex, function() return { n_values = n } end, "values" }
    header[#header + 1] = { "tensors" .. hex, function() return { n_tensors = n } end, "tensors" }
  end
  for _, n in ipairs { 0, 3, 33, 1 << 17, 0x80000000, 0xffffffff } do
    header[#header + 1] = { "an alignment of " .. n, more { "general.alignment", "u32", n }, "alignment" }
  end
  header[#header + 1] = { "an alignment in u64", more { "general.alignment", "u64", 32 }, "alignment" }
  header[#header + 1] = { "an alignment in text", more { "general.alignment", "string", "32" }, "alignment" }

  for _, case in ipairs(header) do
    it(case[1], function()
      local bytes, start = bent(case[2]), os.clock()
      local message = refused(case[1], gguf.tensors(bytes))
      if case[3] then assert.matches(case[3], message) end
      assert(os.clock() - start < 0.1)
    end)
  end

  local config = {
    { "no architecture", value("general.architecture", { [1] = "x" }), "architecture" },
    { "no block_count", value("llama.block_count", { [1] = "x" }), "no 'llama.block_count'" },
    { "2^31 blocks", value("llama.block_count", { [3] = 1 << 31 }), "block_count" },
    { "more blocks than tensors", value("llama.block_count", { [3] = 2 }), "11 tensors" },
    { "1025 blocks", value("llama.block_count", { [3] = 1025 }) },
    { "no blocks", value("llama.block_count", { [3] = 0 }) },
    { "blocks in text", value("llama.block_count", { [2] = "string", [3] = "1" }), "whole number" },
    { "an epsilon of NaN", value("llama.attention.layer_norm_rms_epsilon", { [3] = 0 / 0 }), "positive" },
    { "an epsilon of 0", value("llama.attention.layer_norm_rms_epsilon", { [3] = 0 }), "positive" },
    { "no epsilon", value("llama.attention.layer_norm_rms_epsilon", { [1] = "x" }), "missing" },
    { "an infinite base", value("llama.rope.freq_base", { [3] = math.huge }), "positive" },
    { "scaled RoPE", more { "llama.rope.scaling.type", "string", "yarn" }, "scaled RoPE" },
    { "scaled RoPE by factors", function(_, t) t[2].name = "rope_freqs.weight" end, "rope_freqs" },
    { "experts", more { "llama.expert_count", "u32", 8 }, "experts" },
    { "keys of another size", more { "llama.attention.value_length", "u32", 8 }, "different sizes" },
    { "an unknown key", more { "llama.logit_scale", "f32", 2 }, "llama.logit_scale" },
    { "a bias", function(_, t) t[2].name = "blk.0.attn_q.bias" end, "attn_q.bias" },
    { "a block in words", function(_, t) t[2].name = "blk.x.attn_q.weight" end, "blk.x" },
    { "a block 536870912", function(_, t) t[2].name = "blk.536870912.attn_q.weight" end, "no place" },
    { "a block 00", function(_, t) t[2].name = "blk.00.attn_norm.weight" end, "no place" },
    { "a BOS that is no piece", value("tokenizer.ggml.bos_token_id", { [3] = 5 }), "bos_token_id" },
    { "a BOS below 0", value("tokenizer.ggml.bos_token_id", { [2] = "i32", [3] = -1 }), "bos_token_id" },
    { "ends of another type", more { "moonlet.eos_token_ids", "[u8]", { 2 } }, "i32" },
    { "an end below 0", more { "moonlet.eos_token_ids", "[i32]", { -7 } }, "below 0" },
    { "nine ends", more { "moonlet.eos_token_ids", "[i32]", { 1, 2, 3, 4, 1, 1, 1, 1, 1 } }, "more than" },
    { "an odd head", value("llama.attention.head_count_kv", { [3] = 16 }) },
  }
  for _, case in ipairs(config) do
    it(case[1], function()
      local message = refused(case[1], gguf.config(bent(case[2])))
      if case[3] then assert(message:find(case[3], 1, true), message) end
    end)
  end

  local pieces = {
    { "scores of u8", value("tokenizer.ggml.scores", { [2] = "[u8]", [3] = { 0, 0, 0, 1, 2 } }), "f32" },
    { "scores of f64", value("tokenizer.ggml.scores", { [2] = "[f64]" }), "f32" },
    { "one score", value("tokenizer.ggml.scores", { [2] = "f32", [3] = 1 }), "f32" },
    { "too few scores", value("tokenizer.ggml.scores", { [3] = { 1, 2, 3, 4 } }), "5" },
    { "too many scores", value("tokenizer.ggml.scores", { [3] = { 1, 2, 3, 4, 5, 6 } }), "5" },
    { "no scores", value("tokenizer.ggml.scores", { [1] = "x" }), "scores" },
    { "a score of NaN", value("tokenizer.ggml.scores", { [3] = { 0, 0, 0, 0 / 0, 1 } }), "no number" },
    { "types of u32", value("tokenizer.ggml.token_type", { [2] = "[u32]" }), "i32" },
    { "types of one byte", value("tokenizer.ggml.token_type", { [2] = "[i8]" }), "i32" },
    { "too few types", value("tokenizer.ggml.token_type", { [3] = { 2, 3 } }), "5" },
    { "a type of 0", value("tokenizer.ggml.token_type", { [3] = { 2, 3, 3, 0, 1 } }), "1 to 6" },
    { "a type below 0", value("tokenizer.ggml.token_type", { [3] = { 2, 3, 3, -1, 1 } }), "1 to 6" },
    { "a type of 2^30", value("tokenizer.ggml.token_type", { [3] = { 2, 3, 3, 1 << 30, 1 } }), "1 to 6" },
    { "tokens that are numbers", value("tokenizer.ggml.tokens", { [2] = "[u8]", [3] = { 1, 2, 3, 4, 5 } }),
      "string" },
    { "one token", value("tokenizer.ggml.tokens", { [2] = "string", [3] = "a" }), "string" },
    { "no tokens at all", value("tokenizer.ggml.tokens", { [3] = {} }) },
    { "an empty token", value("tokenizer.ggml.tokens", { [3] = { "u", "s", "/", "", "b" } }), "1 to 512" },
    { "a token of 513 bytes", value("tokenizer.ggml.tokens", { [3] = { "u", "s", "/", ("a"):rep(513), "b" } }),
      "1 to 512" },
    { "a token that is no UTF-8", value("tokenizer.ggml.tokens", { [3] = { "u", "s", "/", "\xC3", "b" } }),
      "UTF-8" },
    { "a byte token <0x-1>", function(v)
      make.bend(v, "tokenizer.ggml.tokens", { [3] = { "u", "s", "/", "<0x-1>", "b" } })
      make.bend(v, "tokenizer.ggml.token_type", { [3] = { 2, 3, 3, 6, 1 } })
    end, "<0x00>" },
    { "one byte token of 256", function(v)
      make.bend(v, "tokenizer.ggml.tokens", { [3] = { "u", "s", "/", "<0x41>", "b" } })
      make.bend(v, "tokenizer.ggml.token_type", { [3] = { 2, 3, 3, 6, 1 } })
    end, "byte piece" },
    { "two unknown tokens", value("tokenizer.ggml.token_type", { [3] = { 2, 2, 3, 1, 1 } }), "unknown" },
    { "a vocabulary of another kind", value("tokenizer.ggml.model", { [3] = "gpt2" }), "gpt2" },
    { "a kind that is no text", value("tokenizer.ggml.model", { [2] = "u32", [3] = 1 }), "string" },
    { "a kind that only begins like one", value("tokenizer.ggml.model", { [3] = "llama\0x" }), "kind" },
    { "a prefix that is no truth value", value("tokenizer.ggml.add_space_prefix", { [2] = "u8" }), "true" },
    { "a table of f32", more { "tokenizer.ggml.precompiled_charsmap", "[f32]", { 1 } }, "bytes" },
    { "a table whose trie is longer than it", more { "tokenizer.ggml.precompiled_charsmap", "[u8]",
      { 255, 255, 255, 255, 0, 0, 0, 0 } }, "trie" },
  }
  for _, case in ipairs(pieces) do
    it(case[1], function()
      local message = refused(case[1], gguf.pieces(bent(case[2])))
      if case[3] then assert(message:find(case[3], 1, true), message) end
    end)
  end

  it("the small file itself is whole", function()
    local bytes = bent(function() end)
    assert.equal(11, #assert(gguf.tensors(bytes)))
    assert.matches('"num_hidden_layers": 1,', gguf.config(bytes), 1, true)
    local list = assert(gguf.pieces(bytes))
    assert.same({ 5, 1, 2 }, { #list, list.bos, list.eos })
  end)

  it("wrong shapes are refused before a folder is made", function()
    with_folder(function(folder)
      local path = support.write(folder .. "/m.gguf", bent(tensor("blk.0.ffn_up.weight",
        { dims = { 64, 16 } })))
      local ok, message, code = moonlet.convert(path, folder .. "/back")
      assert.is_nil(ok)
      assert.equal("format", code)
      assert.matches("mlp.up_proj.weight' has shape (16, 64), the metadata make it (32, 32)", message, 1,
                     true)
      assert.is_false(moonlet.config(folder .. "/back") ~= nil)
    end)
  end)
end)

describe("hostile GGUF: bent by one", function()
  local values, tensors = make.small()
  tensors[#tensors + 1] = { name = "output.weight", dims = { 32, 5 }, type = 8, bytes = ("ab"):rep(85) }
  local small = make.file(values, tensors)
  local header = #small
  for _, t in ipairs(tensors) do header = header - (#t.bytes + 31) // 32 * 32 end

  it("every prefix is refused, or lacks padding alone", function()
    local whole = assert(gguf.tensors(small))
    for n = 0, #small - 1 do
      if n <= header + 64 or n % 97 == 0 or n > #small - 64 then
        local list, message, code = gguf.tensors(small:sub(1, n))
        if list then
          assert.same(whole, list)
          assert(#small - n <= 31)
        else
          refused("prefix of " .. n, list, message, code)
        end
      end
    end
    assert(header > 900 and header < 3000)
  end)

  it("a flipped byte gives an error or something whole, in all three readers", function()
    local seen = { 0, 0 }
    for at = 1, header do
      for _, flip in ipairs { 0x01, 0x80, 0xff } do
        local bytes = small:sub(1, at - 1) .. string.char(small:byte(at) ~ flip) .. small:sub(at + 1)
        for _, name in ipairs(readers) do
          local result, message, code = gguf[name](bytes)
          seen[result == nil and 1 or 2] = seen[result == nil and 1 or 2] + 1
          if result == nil then refused(name .. " at " .. at, result, message, code) end
          if name == "tensors" then
            for _, t in ipairs(result or {}) do
              local n = 4
              for _, d in ipairs(t.shape) do n = n * d end
              assert(t.foreign or #t.bytes == n or #t.bytes == n / 2)
            end
          end
        end
      end
    end
    assert(seen[1] > 1000 and seen[2] > 1000)
  end)

  it("memory that ends at any allocation is an error, and nothing is lost", function()
    with_folder(function(folder)
      local path = support.write(folder .. "/m.gguf", small)
      local _, _, _, calls = formats.open(path)
      for at = 1, calls do
        for _, onwards in ipairs { false, true } do
          local list, _, code, _, live = formats.open(path, { fail_at = at, onwards = onwards })
          assert.is_nil(list)
          assert.equal("mem", code)
          assert.equal(0, live)
        end
      end
      assert(calls >= 4)
    end)
  end)
end)
