-- GGUF files made byte by byte, so that every part can be bent.
local make = {}

local numbers = { u8 = 0, i8 = 1, u16 = 2, i16 = 3, u32 = 4, i32 = 5, f32 = 6, bool = 7,
                  string = 8, array = 9, u64 = 10, i64 = 11, f64 = 12 }
local packs = { u8 = "<B", i8 = "<b", u16 = "<I2", i16 = "<i2", u32 = "<I4", i32 = "<i4",
                f32 = "<f", bool = "<B", string = "<s8", u64 = "<I8", i64 = "<i8", f64 = "<d" }
make.numbers = numbers

-- A value: { key, type, what }, type "[f32]" for an array; or { key, raw = bytes from
-- the type on }.
function make.value(v)
  local key = string.pack("<s8", v[1])
  if v.raw then return key .. v.raw end
  local of = v[2]:match "^%[(.*)%]$"
  if not of then
    return key .. string.pack("<I4", numbers[v[2]]) .. string.pack(packs[v[2]], v[3])
  end
  local out = { key, string.pack("<I4I4I8", numbers.array, numbers[of], v.count or #v[3]) }
  for _, x in ipairs(v[3]) do out[#out + 1] = string.pack(packs[of], x) end
  return table.concat(out)
end

-- A tensor: { name=, dims= (fastest first), type= (a number), bytes=, offset=, n_dims= }. options:
-- version, magic, n_values, n_tensors, align, tail (bytes behind the data).
function make.file(values, tensors, options)
  options = options or {}
  local align = options.align or 32
  local function pad(text) return text .. ("\0"):rep(-#text % align) end
  local infos, data = {}, ""
  for i, t in ipairs(tensors) do
    local dims = {}
    for k, d in ipairs(t.dims) do dims[k] = string.pack("<I8", d) end
    infos[i] = string.pack("<s8I4", t.name, t.n_dims or #t.dims) .. table.concat(dims)
      .. string.pack("<I4I8", t.type, t.offset or #data)
    data = pad(data .. t.bytes)
  end
  local parts = { (options.magic or "GGUF") .. string.pack("<I4I8I8", options.version or 3,
    options.n_tensors or #tensors, options.n_values or #values) }
  for _, v in ipairs(values) do parts[#parts + 1] = make.value(v) end
  local header = pad(table.concat(parts) .. table.concat(infos))
  return header .. data .. (options.tail or "")
end

local function floats(n, f)
  local out = {}
  for i = 1, n do out[i] = string.pack("<f", f and f(i) or (i * 37 % 19 - 9) / 16) end
  return table.concat(out)
end
make.floats = floats

-- The values and tensors of a small llama: V = 5, D = 32, H = 2, G = 1, K = 16, F = 32, L = 1.
function make.small()
  local pieces = { "<unk>", "<s>", "</s>", "\xE2\x96\x81a", "b" }
  local values = {
    { "general.architecture", "string", "llama" },
    { "llama.context_length", "u32", 64 }, { "llama.embedding_length", "u32", 32 },
    { "llama.block_count", "u32", 1 }, { "llama.feed_forward_length", "u32", 32 },
    { "llama.attention.head_count", "u32", 2 }, { "llama.attention.head_count_kv", "u32", 1 },
    { "llama.rope.freq_base", "f32", 10000 },
    { "llama.attention.layer_norm_rms_epsilon", "f32", 1e-5 },
    { "tokenizer.ggml.model", "string", "llama" },
    { "tokenizer.ggml.tokens", "[string]", pieces },
    { "tokenizer.ggml.scores", "[f32]", { 0, 0, 0, -1, -2 } },
    { "tokenizer.ggml.token_type", "[i32]", { 2, 3, 3, 1, 1 } },
    { "tokenizer.ggml.bos_token_id", "u32", 1 }, { "tokenizer.ggml.eos_token_id", "u32", 2 },
    { "tokenizer.ggml.add_space_prefix", "bool", 1 },
  }
  local function matrix(name, n, rows)
    return { name = name .. ".weight", dims = { n, rows }, type = 0, bytes = floats(n * rows) }
  end
  local function norm(name)
    return { name = name .. ".weight", dims = { 32 }, type = 0, bytes = floats(32) }
  end
  local tensors = {
    matrix("token_embd", 32, 5), norm "output_norm", norm "blk.0.attn_norm",
    matrix("blk.0.attn_q", 32, 32), matrix("blk.0.attn_k", 32, 16), matrix("blk.0.attn_v", 32, 16),
    matrix("blk.0.attn_output", 32, 32), norm "blk.0.ffn_norm", matrix("blk.0.ffn_gate", 32, 32),
    matrix("blk.0.ffn_up", 32, 32), matrix("blk.0.ffn_down", 32, 32),
  }
  return values, tensors
end

-- Puts fields of another over the value or tensor of that name.
function make.bend(list, name, fields)
  for _, entry in ipairs(list) do
    if entry[1] == name or entry.name == name then
      for k, v in pairs(fields) do entry[k] = v end
      return list
    end
  end
  error("no " .. name)
end

return make
