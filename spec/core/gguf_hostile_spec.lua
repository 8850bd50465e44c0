-- GGUF files from enemies, and memory that ends: a sentence or a whole file, never a crash, a leak
-- or a read outside the file (`make asan` watches the last).
local support = require "spec.support"
local formats = require "moonlet.debug.formats"
local gguf = require "moonlet.debug.gguf"
local make = require "spec.core.make_gguf"
local moonlet = require "moonlet"

-- f(folder), then the folder is removed.
local function with_folder(f)
  local folder, remove = support.folder()
  local ok, message = pcall(f, folder)
  remove()
  assert(ok, message)
end

local function refused(what, result, message, code)
  assert(result == nil and type(message) == "string", what)
  assert(code == "format" or code == "support", what .. ": " .. tostring(code))
  assert(message:match "^file: ." and not message:find "file: file:", what .. ": " .. message)
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
  local function token(name, fields) return value("tokenizer.ggml." .. name, fields) end
  local function llama(name, fields) return value("llama." .. name, fields) end
  local function weight(name, fields)
    return function(_, tensors) make.bend(tensors, name .. ".weight", fields) end
  end
  local function more(v) return function(values) values[#values + 1] = v end end
  local EPSILON = "attention.layer_norm_rms_epsilon"
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
    { "no dims", weight("output_norm", { dims = {} }), "0 dims" },
    { "five dims", weight("output_norm", { dims = { 32, 1, 1, 1, 1 } }), "5 dims" },
    { "2^31 dims", weight("output_norm", { n_dims = 0x80000000 }), "dims" },
    { "an unknown type of tensor", weight("output_norm", { type = 4 }), "unknown type 4" },
    { "a type of tensor of 2^32 - 1", weight("output_norm", { type = 0xffffffff }), "type" },
    { "rows that are no whole blocks", weight("output_norm", { type = 8, dims = { 31 } }),
      "multiple of 32" },
    { "a dim below 0", weight("output_norm", { dims = { -1 } }), "counted" },
    { "dims whose product wraps", weight("token_embd", { dims = { 1 << 33, 1 << 33 } }),
      "counted" },
    { "dims that wrap to the right size", weight("output_norm",
      { dims = { 32, 1 << 32, 1 << 32 } }), "counted" },
    { "bytes that wrap", weight("token_embd", { dims = { 1 << 62, 1 } }), "counted" },
    { "a tensor larger than the file", weight("blk.0.ffn_down", { dims = { 32, 33 } }) },
    { "data behind the file", weight("blk.0.ffn_down", { offset = 1 << 40 }), "hole" },
    { "an offset that wraps", weight("blk.0.ffn_down", { offset = -32 }), "hole" },
    { "an offset off the alignment", weight("blk.0.ffn_down", { offset = 33 }) },
    { "two tensors over one range", weight("output_norm", { offset = 0 }), "overlap" },
    { "all tensors over one range", function(_, tensors)
      for _, t in ipairs(tensors) do t.offset = 0 end
    end, "overlap" },
    { "a hole", weight("token_embd", { offset = 32 }) },
    { "bytes behind the data", function() return { tail = ("x"):rep(32) } end, "cover" },
    { "one byte behind the data", function() return { tail = "x" } end, "cover" },
    { "a key twice", more { "llama.block_count", "u32", 1 }, "twice" },
    { "an empty key", more { "", "u32", 1 }, "key of 0" },
    { "a key with a NUL", more { "a\0b", "u32", 1 }, "NUL" },
    { "a key over 64 KiB", more { ("k"):rep(65536), "u32", 1 }, "65536" },
    { "a tensor twice", function(_, t) t[3].name = t[2].name end, "twice" },
    { "two names for one tensor", function(_, t) t[3].name = "model.norm.weight" end,
      "two tensors" },
    { "a tensor without a name", function(_, t) t[3].name = "" end, "no name" },
    { "a name with a NUL", function(_, t) t[3].name = "a\0b" end, "NUL" },
    { "a name of 513 bytes", function(_, t) t[3].name = ("n"):rep(513) end, "512" },
    { "a value of an unknown type", more { "x", raw = string.pack("<I4I4", 13, 0) }, "type 13" },
    { "a value of type 2^32 - 1", more { "x", raw = string.pack("<i4", -1) }, "type 4294967295" },
    { "an array of arrays", more { "x", raw = array("array", 1, array("u8", 0)) },
      "array of arrays" },
    { "an array of an unknown type", more { "x", raw = array(13, 0) }, "type 13" },
    { "a truth value of 2", more { "x", "bool", 2 }, "0 or 1" },
    { "heads that are no number", llama("attention.head_count", { [2] = "string", [3] = "2" }),
      "whole number" },
    { "no heads", llama("attention.head_count", { [3] = 0 }), "whole number" },
    { "heads for each layer", llama("attention.head_count", { [2] = "[u32]", [3] = { 2 } }),
      "whole number" },
    { "heads below 0", llama("attention.head_count", { [2] = "i32", [3] = -2 }), "whole number" },
    { "heads that do not divide the rows", llama("attention.head_count", { [3] = 5 }), "heads" },
    { "heads of odd size", llama("attention.head_count", { [3] = 32 }), "pairs" },
  }
  for _, n in ipairs(huge) do
    local hex = (" of %x"):format(n)
    for _, of in ipairs { "u8", "f32", "string", "f64", "bool" } do
      header[#header + 1] = { of .. "s, a count" .. hex, more { "x", raw = array(of, n, "abcd") } }
    end
    header[#header + 1] = { "a string" .. hex,
                            more { "x", raw = string.pack("<I4I8", 8, n) .. "abcd" } }
    header[#header + 1] = { "values" .. hex, function() return { n_values = n } end, "values" }
    header[#header + 1] = { "tensors" .. hex, function() return { n_tensors = n } end, "tensors" }
  end
  for _, n in ipairs { 0, 3, 33, 1 << 17, 0x80000000, 0xffffffff } do
    header[#header + 1] = { "an alignment of " .. n, more { "general.alignment", "u32", n },
      "alignment" }
  end
  header[#header + 1] = { "an alignment in u64", more { "general.alignment", "u64", 32 },
    "alignment" }
  header[#header + 1] = { "an alignment in text", more { "general.alignment", "string", "32" },
    "alignment" }

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
    { "no block_count", llama("block_count", { [1] = "x" }), "no 'llama.block_count'" },
    { "2^31 blocks", llama("block_count", { [3] = 1 << 31 }), "block_count" },
    { "more blocks than tensors", llama("block_count", { [3] = 2 }), "11 tensors" },
    { "1025 blocks", llama("block_count", { [3] = 1025 }) },
    { "no blocks", llama("block_count", { [3] = 0 }) },
    { "blocks in text", llama("block_count", { [2] = "string", [3] = "1" }), "whole number" },
    { "an epsilon of NaN", llama(EPSILON, { [3] = 0 / 0 }), "positive" },
    { "an epsilon of 0", llama(EPSILON, { [3] = 0 }), "positive" },
    { "no epsilon", llama(EPSILON, { [1] = "x" }), "missing" },
    { "an infinite base", llama("rope.freq_base", { [3] = math.huge }), "positive" },
    { "scaled RoPE", more { "llama.rope.scaling.type", "string", "yarn" }, "scaled RoPE" },
    { "scaled RoPE by factors", function(_, t) t[2].name = "rope_freqs.weight" end, "rope_freqs" },
    { "experts", more { "llama.expert_count", "u32", 8 }, "experts" },
    { "keys of another size", more { "llama.attention.value_length", "u32", 8 },
      "different sizes" },
    { "an unknown key", more { "llama.logit_scale", "f32", 2 }, "llama.logit_scale" },
    { "a bias", function(_, t) t[2].name = "blk.0.attn_q.bias" end, "attn_q.bias" },
    { "a block in words", function(_, t) t[2].name = "blk.x.attn_q.weight" end, "blk.x" },
    { "a block 536870912", function(_, t) t[2].name = "blk.536870912.attn_q.weight" end,
      "no place" },
    { "a block past the last", function(_, t) t[10].name = "blk.1.ffn_up.weight" end, "no place" },
    { "another size of vocabulary", more { "llama.vocab_size", "u32", 6 }, "llama.vocab_size" },
    { "a block 00", function(_, t) t[2].name = "blk.00.attn_norm.weight" end, "no place" },
    { "a BOS that is no piece", token("bos_token_id", { [3] = 5 }), "bos_token_id" },
    { "a BOS below 0", token("bos_token_id", { [2] = "i32", [3] = -1 }), "bos_token_id" },
    { "ends of another type", more { "moonlet.eos_token_ids", "[u8]", { 2 } }, "i32" },
    { "an end below 0", more { "moonlet.eos_token_ids", "[i32]", { -7 } }, "below 0" },
    { "nine ends", more { "moonlet.eos_token_ids", "[i32]", { 1, 2, 3, 4, 1, 1, 1, 1, 1 } },
      "more than" },
    { "an odd head", llama("attention.head_count_kv", { [3] = 16 }) },
  }
  for _, case in ipairs(config) do
    it(case[1], function()
      local message = refused(case[1], gguf.config(bent(case[2])))
      if case[3] then assert(message:find(case[3], 1, true), message) end
    end)
  end

  local pieces = {
    { "scores of u8", token("scores", { [2] = "[u8]", [3] = { 0, 0, 0, 1, 2 } }), "f32" },
    { "scores of f64", token("scores", { [2] = "[f64]" }), "f32" },
    { "one score", token("scores", { [2] = "f32", [3] = 1 }), "f32" },
    { "too few scores", token("scores", { [3] = { 1, 2, 3, 4 } }), "5" },
    { "too many scores", token("scores", { [3] = { 1, 2, 3, 4, 5, 6 } }), "5" },
    { "no scores", token("scores", { [1] = "x" }), "scores" },
    { "a score of NaN", token("scores", { [3] = { 0, 0, 0, 0 / 0, 1 } }), "no number" },
    { "types of u32", token("token_type", { [2] = "[u32]" }), "i32" },
    { "types of one byte", token("token_type", { [2] = "[i8]" }), "i32" },
    { "too few types", token("token_type", { [3] = { 2, 3 } }), "5" },
    { "a type of 0", token("token_type", { [3] = { 2, 3, 3, 0, 1 } }), "1 to 6" },
    { "a type below 0", token("token_type", { [3] = { 2, 3, 3, -1, 1 } }), "1 to 6" },
    { "a type of 2^30", token("token_type", { [3] = { 2, 3, 3, 1 << 30, 1 } }), "1 to 6" },
    { "tokens that are numbers", token("tokens", { [2] = "[u8]", [3] = { 1, 2, 3, 4, 5 } }),
      "string" },
    { "one token", token("tokens", { [2] = "string", [3] = "a" }), "string" },
    { "no tokens at all", token("tokens", { [3] = {} }) },
    { "an empty token", token("tokens", { [3] = { "u", "s", "/", "", "b" } }), "1 to 512" },
    { "a token of 513 bytes", token("tokens", { [3] = { "u", "s", "/", ("a"):rep(513), "b" } }),
      "1 to 512" },
    { "a token that is no UTF-8", token("tokens", { [3] = { "u", "s", "/", "\xC3", "b" } }),
      "UTF-8" },
    { "a byte token <0x-1>", function(v)
      make.bend(v, "tokenizer.ggml.tokens", { [3] = { "u", "s", "/", "<0x-1>", "b" } })
      make.bend(v, "tokenizer.ggml.token_type", { [3] = { 2, 3, 3, 6, 1 } })
    end, "<0x00>" },
    { "one byte token of 256", function(v)
      make.bend(v, "tokenizer.ggml.tokens", { [3] = { "u", "s", "/", "<0x41>", "b" } })
      make.bend(v, "tokenizer.ggml.token_type", { [3] = { 2, 3, 3, 6, 1 } })
    end, "byte piece" },
    { "two unknown tokens", token("token_type", { [3] = { 2, 2, 3, 1, 1 } }), "unknown" },
    { "a vocabulary of another kind", token("model", { [3] = "gpt2" }), "gpt2" },
    { "a kind that is no text", token("model", { [2] = "u32", [3] = 1 }), "string" },
    { "a kind that only begins like one", token("model", { [3] = "llama\0x" }), "kind" },
    { "a prefix that is no truth value", token("add_space_prefix", { [2] = "u8" }), "true" },
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
      local path = support.write(folder .. "/m.gguf", bent(weight("blk.0.ffn_up",
        { dims = { 64, 16 } })))
      local ok, message, code = moonlet.convert(path, folder .. "/back")
      assert.is_nil(ok)
      assert.equal("format", code)
      assert.matches("up_proj.weight' has shape (16, 64), the metadata make it (32, 32)",
                     message, 1, true)
      assert.is_false(moonlet.config(folder .. "/back") ~= nil)
    end)
  end)
end)

describe("hostile GGUF: bent by one", function()
  local values, tensors = make.small()
  tensors[#tensors + 1] = { name = "output.weight", dims = { 32, 5 }, type = 8,
                            bytes = ("ab"):rep(85) }
  local small = make.file(values, tensors)
  local header = #small
  for _, t in ipairs(tensors) do header = header - (#t.bytes + 31) // 32 * 32 end

  it("strings that grow after they were checked stay within what was checked", function()
    local file = make.file(make.small())
    local whole = gguf.pieces(file)
    local function grown(piece, length)
      local at = assert(file:find(string.pack("<s8", piece), 1, true))
      local field = string.pack("<i8", length)
      return gguf.pieces(file, file:sub(1, at - 1) .. field .. file:sub(at + #field))
    end
    for _, length in ipairs { 2, 6, 100, 4096, 1 << 20, 1 << 40, -1 } do
      assert.same(whole, grown("b", length))    -- the array's last
      refused("a first string that grows", grown("<unk>", length + 5))
    end
  end)

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
        local bent = string.char(small:byte(at) ~ flip)
        local bytes = small:sub(1, at - 1) .. bent .. small:sub(at + 1)
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
