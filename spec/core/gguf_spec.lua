-- GGUF: there and back without loss, real and hand-made files. Hostile ones: gguf_hostile_spec.lua.
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
  local sources = { support.pocket }
  for _, name in ipairs { "gqa", "gqa-bf16", "gqa-f16", "odd", "untied", "gqa-ptbin-bf16",
                          "gqa-sharded" } do
    sources[#sources + 1] = fixtures .. "tiny-" .. name
  end
  for _, source in ipairs(sources) do
    it(source .. ": equal tensors and config", function()
      with_folder(function(folder)
        local back = convert(convert(source, folder .. "/m.gguf"), folder .. "/back")
        local layers = moonlet.config(source).num_hidden_layers
        local ends = moonlet.config(source).share_embedding and 2 or 3
        assert.equal(9 * layers + ends, check_same_tensors(source, back))
        assert.same(moonlet.config(source), moonlet.config(back))
        assert.same(moonlet.config(source), moonlet.config(folder .. "/m.gguf"))
      end)
    end)
  end

  it("a folder is a folder, whatever its name ends in", function()
    with_folder(function(folder)
      local named = folder .. "/pocket.gguf"
      assert(os.execute(("cp -r %s %s"):format(support.pocket, named)))
      local model = assert(moonlet.load(named))
      assert.same(assert(moonlet.load(support.pocket)):encode "hello", model:encode "hello")
      assert.same(moonlet.config(support.pocket), moonlet.config(named))
      assert.same(moonlet.plan(support.pocket), moonlet.plan(named))
      local file = convert(named, folder .. "/m.gguf")
      assert(os.execute(("mkdir %s/back.gguf"):format(folder)))
      local back = convert(file, folder .. "/back.gguf")
      check_same_tensors(named, back)
      assert.has_error(function() moonlet.convert(named, back) end)     -- neither is a file
    end)
  end)

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
        local file = convert(fixtures .. "tiny-gqa", folder .. "/" .. type .. ".gguf",
                             { type = type })
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
  -- over -8, whose codes -8 to 7 lose up to one step at the far end. Rounding d to
  -- f16 comes on top.
  local steps = { q8_0 = { 1 / 127, 0.5 + 127 / 2048 }, q4_0 = { 1 / 8, 1 + 8 / 2048 } }
  for type, step in pairs(steps) do
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

  for _, type in ipairs { "q8", "q4" } do
    it("blocks of " .. type .. " come out as the numbers that they stand for", function()
      with_folder(function(folder)
        local quantizer = assert(moonlet.quantizer(fixtures .. "tiny-gqa", folder .. "/q",
                                                   { dtype = type }))
        repeat local name = quantizer:step() until not name
        local file = convert(folder .. "/q", folder .. "/m.gguf")
        local numbers, n = moonlet.load_tensors(file), 0
        for name, t in pairs(assert(moonlet.load(folder .. "/q")):parameters()) do
          n = n + 1
          assert.same(t:totable(), numbers[name]:totable())
        end
        assert(n > 10)
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

describe("moonlet convert", function()
  it("writes a file and a folder, and says what is wrong", function()
    with_folder(function(folder)
      local file, back = folder .. "/m.gguf", folder .. "/back"
      local out, code = support.moonlet { "convert", support.pocket, file, "--type", "f16" }
      assert.same({ file .. "\n", 0 }, { out, code })
      out, code = support.moonlet { "convert", file, back }
      assert.same({ back .. "\n", 0 }, { out, code })
      out = support.moonlet { "run", "-m", back, "--special",
                              "<|user|> turn off the lights in the kitchen<|call|>" }
      assert.matches('iot_hue_lightoff(house_place=" kitchen")', out, 1, true)
      local wrong = { { 2, "a", "b" }, { 2, "a.gguf" }, { 2, file, back, "--type", "q5" },
                      { 1, file, back }, { 1, folder .. "/none.gguf", folder .. "/x" } }
      for _, words in ipairs(wrong) do
        local expected = table.remove(words, 1)
        local said, status, message = support.moonlet { "convert", table.unpack(words) }
        assert.same({ "", expected }, { said, status })
        assert.matches("^moonlet convert: .", message)
      end
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
      for r = 1, #bytes // 128 do
        out[r] = math.tointeger((string.unpack("<f", bytes, 128 * r - 127)))
      end
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
      x4[i + 1] = string.pack("<f", (i - 8) * 2)
      x4[i + 17] = string.pack("<f", (15 - i - 8) * 2)
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
      make.bend(tensors, "blk.0.ffn_up.weight",
                { dims = { 256, 4 }, type = 12, bytes = ("x"):rep(576) })
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
    make.bend(values, "tokenizer.ggml.tokens",
              { [3] = { "<unk>", "<s>", "b", "[PAD3]", "[PAD4]" } })
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
      local model = support.read(folder .. "llama-tokenizer/tokenizer.model")
      model = assert(gguf.model_pieces(model))
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
