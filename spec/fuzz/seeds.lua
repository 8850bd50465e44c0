-- Writes the fuzzers' first inputs and dictionaries: lua5.4 spec/fuzz/seeds.lua DIRECTORY
-- leaves DIRECTORY/fuzz_json/1, DIRECTORY/fuzz_json.dict and so on.
local make = require "spec.core.make_weights"
local directory = assert(arg[1], "wants a directory")

local function write(path, text)
  local f = assert(io.open(path, "wb"))
  f:write(text)
  f:close()
end

local function seeds(target, inputs, words)
  assert(os.execute("mkdir -p '" .. directory .. "/" .. target .. "'"))
  for i, text in ipairs(inputs) do write(("%s/%s/%d"):format(directory, target, i), text) end
  local lines = {}
  for i, word in ipairs(words) do
    lines[i] = '"' .. word:gsub(".", function(c) return ("\\x%02x"):format(c:byte()) end) .. '"'
  end
  write(("%s/%s.dict"):format(directory, target), table.concat(lines, "\n") .. "\n")
end

seeds("fuzz_json", {
  '{"a\\u00e9": [1, -2.5e3, true, false, null, "\\ud83d\\ude00"], "b": {"é": {}}}',
  "[9223372036854775807, -9223372036854775808, 0.1, 1e308, -0]",
  '{"1":1,"2":2,"3":3,"4":4,"5":5,"6":6,"7":7,"8":8,"9":9,"10":10}',
}, { "true", "false", "null", '""', "\\u", "\\ud83d\\ude00", "1e308", "-0", "{}", "[]", '":' })

local tensors = {
  { name = "w", dtype = "F32", shape = { 2, 2 }, bytes = ("x"):rep(16) },
  { name = "b", dtype = "BF16", shape = { 3 }, bytes = "123456" },
  { name = "i", dtype = "I8", shape = {}, bytes = "7" },
  { name = "f", dtype = "F4", shape = { 2 }, bytes = "4" },
}
seeds("fuzz_safetensors", {
  make.safetensors(tensors), make.safetensors({}), make.safetensors({ tensors[1] }),
  make.safetensors({ tensors[1] }, '{"__metadata__":{"a":"b"},"w":{"dtype":"F32","shape":[2,2],'
                                   .. '"data_offsets":[0,16]}}   '),
}, { '"dtype":"', '"shape":[', '"data_offsets":[', '"__metadata__":{', "F64", "BOOL", "F8_E4M3",
     "18446744073709551615", "9223372036854775807", "4294967296", "[0,0]" })

local function half(t)
  t.class, t.key, t.count = t.class or "HalfStorage", "0", t.count or 32
  return t
end
local views = {
  half { name = "w", shape = { 4, 8 } }, half { name = "t", shape = { 8, 4 }, stride = { 1, 8 } },
  half { name = "o", shape = { 3 }, offset = 7, parameter = true },
  half { name = "i", shape = {}, class = "IntStorage", count = 16 },
}
local storages = { ["0"] = ("ab"):rep(32) }
seeds("fuzz_torchzip", {
  make.torch(views, storages), make.torch({}, {}),
  make.torch(views, storages, { zip64 = true, streamed = true, align = 64, metadata = true,
                                byteorder = "little", comment = "comment" }),
  make.pickle(views), make.pickle(views, { metadata = true }), make.pickle {},
}, { "PK\1\2", "PK\3\4", "PK\5\6", "PK\6\6", "PK\6\7", "PK\7\8", "\1\0\24\0", "\xff\xff\xff\xff",
     "data.pkl", "byteorder", "ccollections\nOrderedDict\n", "ctorch\nFloatStorage\n",
     "ctorch\nHalfStorage\n", "ctorch._utils\n_rebuild_tensor_v2\n",
     "ctorch._utils\n_rebuild_parameter\n", "\x8a\8", "X\1\0\0\0", "tQ", "tR", ")R" })

local gguf = require "spec.core.make_gguf"
local function small(bend)
  local values, weights = gguf.small()
  return gguf.file(values, weights, bend and bend(values, weights))
end
seeds("fuzz_gguf", {
  small(), gguf.file({}, {}),
  gguf.file({ { "general.alignment", "u32", 1 } },
            { { name = "w", dims = { 3, 2 }, type = 30, bytes = ("x"):rep(12) } }, { align = 1 }),
  small(function(_, weights)
    weights[#weights + 1] = { name = "output.weight", dims = { 32, 5 }, type = 8,
                              bytes = ("x"):rep(170) }
  end),
  small(function(values, weights)
    values[1][3] = "other"
    weights[#weights + 1] = { name = "q", dims = { 64, 2 }, type = 2, bytes = ("x"):rep(72) }
  end),
}, { "GGUF", "\8\0\0\0", "\9\0\0\0\6\0\0\0", "general.alignment", "llama.expert_count",
     "llama.rope.scaling.type", "moonlet.eos_token_ids", "tokenizer.ggml.precompiled_charsmap",
     "output.weight", "blk.0.attn_q.weight", "\xff\xff\xff\xff\xff\xff\xff\xff",
     "\0\0\0\x80\0\0\0\0", "\0\0\0\0\1\0\0\0", "\x1e\0\0\0" })
