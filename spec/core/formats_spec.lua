-- Weight files that are as they should be: what is read, what is written, what a path means.
package.cpath = (os.getenv "MOONLET_BUILD" or "build") .. "/spec/?.so;" .. package.cpath
local formats = require "moonlet.debug.formats"
local make = require "spec.core.make_weights"

local fixtures = "spec/fixtures/"

local function contents(path)
  local f = assert(io.open(path, "rb"))
  local text = f:read "a"
  f:close()
  return text
end

local function write(path, text)
  local f = assert(io.open(path, "wb"))
  f:write(text)
  f:close()
end

local function by_name(list)
  local map = {}
  for _, t in ipairs(list) do
    assert.is_nil(map[t.name])
    map[t.name] = t
  end
  return map
end

local directory

local function fresh_directory()
  directory = os.tmpname()
  os.remove(directory)
  assert(os.execute("mkdir " .. directory))
end

local function remove_directory() assert(os.execute("rm -r " .. directory)) end

local function listing()
  local p = io.popen("ls -A " .. directory)
  local text = p:read "a"
  p:close()
  return text
end

-- ---- the reference vectors ----

local function llama_shapes(config)
  local D, K = config.hidden_size, config.head_dim
  local H, G, F = config.num_attention_heads, config.num_key_value_heads, config.intermediate_size
  K = K or D // H
  local shapes = { ["model.norm.weight"] = { D },
                   ["model.embed_tokens.weight"] = { config.vocab_size, D } }
  for i = 0, config.num_hidden_layers - 1 do
    local p = ("model.layers.%d."):format(i)
    shapes[p .. "self_attn.q_proj.weight"] = { H * K, D }
    shapes[p .. "self_attn.k_proj.weight"] = { G * K, D }
    shapes[p .. "self_attn.v_proj.weight"] = { G * K, D }
    shapes[p .. "self_attn.o_proj.weight"] = { D, H * K }
    shapes[p .. "mlp.gate_proj.weight"] = { F, D }
    shapes[p .. "mlp.up_proj.weight"] = { F, D }
    shapes[p .. "mlp.down_proj.weight"] = { D, F }
    shapes[p .. "input_layernorm.weight"] = { D }
    shapes[p .. "post_attention_layernorm.weight"] = { D }
  end
  return shapes
end

describe("checkpoint: the reference models", function()
  local dtypes = { ["tiny-gqa"] = "F32", ["tiny-gqa-bf16"] = "BF16", ["tiny-gqa-f16"] = "F16",
                   ["tiny-gqa-ptbin-bf16"] = "BF16", ["tiny-gqa-ptbin-f16"] = "F16",
                   ["tiny-gqa-headonly"] = "F16", ["tiny-gqa-sharded"] = "F32",
                   ["tiny-ls"] = "F32", ["tiny-odd"] = "F32", ["tiny-untied"] = "F32" }

  for name, dtype in pairs(dtypes) do
    it(name .. " has a llama's tensors in their shapes", function()
      local config = assert(formats.json(contents(fixtures .. name .. "/config.json")))
      local tensors = by_name(assert(formats.open(fixtures .. name)))
      local shapes = llama_shapes(config)
      local head = tensors["lm_head.weight"]
      if head then
        assert.same({ config.vocab_size, config.hidden_size }, head.shape)
        tensors["lm_head.weight"] = nil
        if name == "tiny-gqa-headonly" then shapes["model.embed_tokens.weight"] = nil end
      end
      for tensor, shape in pairs(shapes) do
        assert(tensors[tensor], tensor)
        assert.same(shape, tensors[tensor].shape, tensor)
        assert.equal(dtype, tensors[tensor].dtype)
        assert.is_true(tensors[tensor].aligned)
        assert.is_false(tensors[tensor].foreign)
        tensors[tensor] = nil
      end
      assert.is_nil(next(tensors))
    end)
  end

  it("tiny-r1 opens under its own names", function()
    local tensors = by_name(assert(formats.open(fixtures .. "tiny-r1")))
    assert(tensors["model.layers.0.feed_forward.gate_proj.weight"])
  end)

  it("all other reference directories open too", function()
    local shared = (os.getenv "MOONLET_SHARED" or "../shared") .. "/vectors/"
    local p = io.popen("ls -d '" .. shared .. "'tiny-* 2>/dev/null")
    local seen = 0
    for path in p:lines() do
      local file = io.open(path .. "/adapter_model.safetensors") and "/adapter_model.safetensors"
      local list, message = formats.open(path .. (file or ""))
      assert(list, message)
      assert(#list > 0)
      seen = seen + 1
    end
    p:close()
    if seen == 0 then print("formats_spec: no reference vectors at " .. shared) end
  end)

  it("the same weights come out of one file, of shards and of torch's", function()
    local pairs_of = { { "tiny-gqa", "tiny-gqa-sharded" }, { "tiny-gqa-f16", "tiny-gqa-ptbin-f16" },
                       { "tiny-gqa-bf16", "tiny-gqa-ptbin-bf16" } }
    for _, pair in ipairs(pairs_of) do
      local a = by_name(assert(formats.open(fixtures .. pair[1], { bytes = true })))
      local b = by_name(assert(formats.open(fixtures .. pair[2], { bytes = true })))
      for name, t in pairs(a) do
        assert.same(t.shape, b[name].shape, name)
        assert(t.bytes == b[name].bytes, name .. " differs")
        assert(#t.bytes == t.size and t.size > 0)
      end
    end
  end)

  it("known numbers are found at known places", function()
    local probe = { { "tiny-gqa", "model.norm.weight" },
                    { "tiny-gqa", "model.layers.1.mlp.up_proj.weight" } }
    for _, p in ipairs(probe) do
      local file = contents(fixtures .. p[1] .. "/model.safetensors")
      local n = string.unpack("<I8", file)
      local header = formats.json(file:sub(9, 8 + n))
      local range = header[p[2]].data_offsets
      local t = assert(formats.find(fixtures .. p[1], p[2]))
      assert.equal(file:sub(9 + n + range[1], 8 + n + range[2]), t.bytes)
    end
  end)
end)

-- ---- what a path means ----

describe("checkpoint: paths", function()
  local one = make.safetensors { { name = "one", dtype = "I8", shape = { 1 }, bytes = "\1" } }
  local two = make.safetensors { { name = "two", dtype = "I8", shape = { 1 }, bytes = "\2" } }
  local torch = make.torch({ { name = "torch", class = "CharStorage", key = "0", count = 1,
                               shape = { 1 } } }, { ["0"] = "\3" })
  before_each(fresh_directory)
  after_each(remove_directory)

  local function first() return assert(formats.open(directory))[1].name end

  it("takes the first of the four names", function()
    write(directory .. "/pytorch_model.bin.index.json",
          '{"weight_map": {"torch": "part.bin"}}')
    write(directory .. "/part.bin", torch)
    assert.equal("torch", first())
    write(directory .. "/pytorch_model.bin", torch)
    assert.equal("torch", first())
    write(directory .. "/model.safetensors.index.json",
          '{"weight_map": {"two": "part-2.safetensors"}}')
    write(directory .. "/part-2.safetensors", two)
    assert.equal("two", first())
    write(directory .. "/model.safetensors", one)
    assert.equal("one", first())
    local _, path = formats.open(directory .. "/")
    assert.equal(directory .. "/model.safetensors", path)
  end)

  it("opens files by their own name", function()
    write(directory .. "/x.safetensors", one)
    write(directory .. "/y.bin", torch)
    assert.equal("one", formats.open(directory .. "/x.safetensors")[1].name)
    assert.equal("torch", formats.open(directory .. "/y.bin")[1].name)
  end)

  it("says what it looked for, and what else is wrong", function()
    local function says(path, pattern, code)
      local list, message, name = formats.open(path)
      assert.is_nil(list)
      assert.matches(pattern, message)
      assert.equal(code, name)
    end
    says(directory, "holds no weights; looked for model.safetensors, model.safetensors.index.json, "
         .. "pytorch_model.bin and pytorch_model.bin.index.json$", "io")
    says(directory .. "/none.safetensors", "cannot be opened %(No such file", "io")
    says("/dev/zero", "is a device or pipe, not a file", "io")
    write(directory .. "/old.bin", "\x80\2\x8a\10l\xfc\x9cF\xf9 j\xa8P\x19.")
    says(directory .. "/old.bin", "form of before 1.6", "support")
    write(directory .. "/lfs.safetensors",
          "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    says(directory .. "/lfs.safetensors", "git%-lfs pointer", "format")
    write(directory .. "/model.safetensors", "")
    says(directory, "is no safetensors file: too short", "format")
    assert(os.execute("mkfifo " .. directory .. "/pipe.safetensors"))
    says(directory .. "/pipe.safetensors", "is a device or pipe", "io")
  end)

  it("joins shards by their index, and tells what is missing", function()
    local index = directory .. "/model.safetensors.index.json"
    write(directory .. "/a.safetensors", make.safetensors {
      { name = "x", dtype = "I8", shape = { 1 }, bytes = "x" },
      { name = "both", dtype = "I8", shape = { 1 }, bytes = "a" } })
    write(directory .. "/b.safetensors", make.safetensors {
      { name = "both", dtype = "I8", shape = { 1 }, bytes = "b" },
      { name = "extra", dtype = "I8", shape = { 1 }, bytes = "e" } })
    write(index, '{"weight_map": {"both": "b.safetensors", "x": "a.safetensors"}}')
    local tensors = by_name(assert(formats.open(directory, { bytes = true })))
    assert.equal("b", tensors.both.bytes)
    assert.equal("x", tensors.x.bytes)
    assert.is_nil(tensors.extra)

    local function says(text, pattern)
      write(index, text)
      local list, message = formats.open(directory)
      assert.is_nil(list)
      assert.matches(pattern, message)
    end
    says('{"weight_map": {"gone": "b.safetensors"}}', "'gone' is to be found in b.safetensors, but")
    local shard = directory .. "/c.safetensors"
    says('{"weight_map": {"x": "c.safetensors"}}', "^" .. shard .. ": cannot be opened")
    write(shard, "")
    says('{"weight_map": {"x": "c.safetensors"}}', "^" .. shard .. ": is no safetensors file")
    says('{"weight_map": {"both": "b.safetensors", "both\\u0000": "b.safetensors"}}',
         "is no tensor's name")
    for _, name in ipairs { "../a.safetensors", "/etc/passwd", "..", ".", "", "sub/a.safetensors",
                            "a\\\\b", "a.safetensors\\u0000", ".hidden" } do
      says(('{"weight_map": {"x": "%s"}}'):format(name), "no plain file name")
    end
    says('{"weight_map": {"x": 1}}', "no plain file name")
    says('{"weight_map": {}}', "wants a weight_map")
    says('{}', "wants a weight_map")
    says('[1', "index.json: line 1, column 3")
    local members = {}
    for i = 1, 4097 do members[i] = ('"%d":"f%d"'):format(i, i) end
    says('{"weight_map":{' .. table.concat(members, ",") .. "}}", "names 4097 files, at most 4096")
  end)
end)

-- ---- safetensors ----

describe("safetensors", function()
  it("lists tensors of dtypes without arithmetic, and refuses to give them", function()
    fresh_directory()
    write(directory .. "/model.safetensors", make.safetensors {
      { name = "d", dtype = "F64", shape = { 2 }, bytes = ("d"):rep(16) },
      { name = "b", dtype = "BOOL", shape = { 3 }, bytes = "\0\1\1" },
      { name = "f4", dtype = "F4", shape = { 4 }, bytes = "44" },
      { name = "i", dtype = "I8", shape = { 2 }, bytes = "ii" } })
    local list = assert(formats.open(directory))
    local seen = {}
    for i, t in ipairs(list) do seen[i] = t.name .. t.dtype .. t.size .. tostring(t.foreign) end
    assert.same({ "dF6416true", "bBOOL3true", "f4F42true", "iI82false" }, seen)
    assert.equal("ii", formats.find(directory, "i").bytes)
    local _, message, code = formats.find(directory, "d")
    assert.matches("tensor 'd' is of dtype F64, which moonlet does not compute with", message)
    assert.equal("support", code)
    _, message, code = formats.find(directory, "nothing")
    assert.matches("has no tensor 'nothing'", message)
    assert.equal("format", code)
    remove_directory()
  end)

  it("copies what its file misaligns, and nothing else", function()
    local floats = string.pack("<ffff", 1, 2, 3, 4)
    local odd = { { name = "pad", dtype = "I8", shape = { 1 }, bytes = "p" },
                  { name = "x", dtype = "F32", shape = { 4 }, bytes = floats } }
    for shift = 0, 7 do
      local list = assert(formats.safetensors(make.safetensors(odd), shift))
      assert.equal(floats, list[2].bytes)
      assert.is_true(list[2].aligned)
    end
    local big = ("\0"):rep(1 << 20)
    local header = '{"x":{"dtype":"F32","shape":[262144],"data_offsets":[0,1048576]}}'
    header = header .. (" "):rep(-#header % 8)
    local x = { { name = "x", dtype = "F32", shape = { 262144 }, bytes = big } }
    local _, taken = formats.safetensors(make.safetensors(x, header))
    assert(taken < 10000)
    _, taken = formats.safetensors(make.safetensors(x, header), 1)
    assert(taken > 1 << 20)
  end)

  it("takes names of 512 bytes and ranks of 8, and no more", function()
    local function file(name, shape)
      return make.safetensors { { name = name, dtype = "I8", shape = shape, bytes = "x" } }
    end
    assert(formats.safetensors(file(("n"):rep(512), {})))
    assert.matches("over 512", select(2, formats.safetensors(file(("n"):rep(513), {}))))
    assert(formats.safetensors(file("n", { 1, 1, 1, 1, 1, 1, 1, 1 })))
    local nine = { 1, 1, 1, 1, 1, 1, 1, 1, 1 }
    assert.matches("more than 8", select(2, formats.safetensors(file("n", nine))))
  end)

  it("opens 16 GiB without reading them", function()
    fresh_directory()
    local path, n = directory .. "/model.safetensors", 1 << 34
    local header = ('{"x":{"dtype":"F32","shape":[%d],"data_offsets":[0,%d]}}'):format(n // 4, n)
    header = header .. (" "):rep(-#header % 8)
    local f = assert(io.open(path, "wb"))
    f:write(string.pack("<s8", header))
    assert(f:seek("cur", n - 1))
    f:write "\0"
    f:close()
    local start = os.clock()
    local list = assert(formats.open(directory))
    assert.equal(n, list[1].size)
    assert(os.clock() - start < 0.05)
    remove_directory()
  end)
end)

describe("safetensors: writing", function()
  before_each(fresh_directory)
  after_each(remove_directory)

  local tensors = {
    { name = "i8", dtype = "I8", shape = { 3 }, bytes = "abc" },
    { name = "quote\" \\ é \1", dtype = "BF16", shape = { 1, 3 }, bytes = "123456" },
    { name = "scalar", dtype = "F32", shape = {}, bytes = "abcd" },
    { name = "none", dtype = "F16", shape = { 0, 7 }, bytes = "" },
    { name = "i32", dtype = "I32", shape = { 2, 1, 2 }, bytes = ("i"):rep(16) },
    { name = "large", dtype = "F32", shape = { 300, 100 }, bytes = ("abcdefgh"):rep(15000) },
  }

  it("reads back as it was, aligned, header padded", function()
    local path = directory .. "/out.safetensors"
    assert(formats.save(path, tensors))
    local text = contents(path)
    local n = string.unpack("<I8", text)
    assert.equal(0, n % 8)
    local read = by_name(assert(formats.open(path, { bytes = true })))
    local header = formats.json(text:sub(9, 8 + n))
    for _, t in ipairs(tensors) do
      local r = read[t.name]
      assert.equal(t.dtype, r.dtype)
      assert.same(t.shape, r.shape)
      assert.equal(t.bytes, r.bytes)
      local width = ({ I8 = 1, BF16 = 2, F16 = 2, F32 = 4, I32 = 4 })[t.dtype]
      assert.equal(0, header[t.name].data_offsets[1] % width)
    end
    assert.equal(#tensors, #formats.open(path))
    assert.equal("out.safetensors\n", listing())
    assert(formats.save(path, {}))
    assert.equal(0, #formats.open(path))
  end)

  it("refuses what could not be read, before it touches a file", function()
    local function refuses(list, pattern)
      local ok, message, code = formats.save(directory .. "/out.safetensors", list)
      assert.is_nil(ok)
      assert.equal("arg", code)
      assert.matches(pattern, message)
      assert.equal("", listing())
    end
    local function one(name, shape, bytes)
      return { name = name, dtype = "I8", shape = shape, bytes = bytes }
    end
    refuses({ one("a", { 1 }, "a"), one("a", { 1 }, "b") }, '"a" is there twice')
    refuses({ one("a", { 2 }, "a") }, "no whole array")
    refuses({ one("a", { 1, 1, 1, 1, 1, 1, 1, 1, 1 }, "a") }, "no whole array")
    refuses({ one(("a"):rep(513), { 1 }, "a") }, "over 512")
    refuses({ one("\xff", { 1 }, "a") }, "not UTF%-8")
    refuses({ one("__metadata__", { 1 }, "a") }, "__metadata__")
  end)

  it("leaves the old file when the disk is full or the place is wrong", function()
    local path = directory .. "/out.safetensors"
    assert(formats.save(path, { tensors[1] }))
    local old = contents(path)
    for _, most in ipairs { 0, 1, 100, 65536, 100000, 120000 } do
      assert.equal("io", formats.save_limited(path, tensors, most))
      assert.equal(old, contents(path))
      assert.equal("out.safetensors\n", listing())
    end
    assert.equal("ok", formats.save_limited(path, tensors, 200000))
    assert.not_equal(old, contents(path))
    assert.equal("io", select(3, formats.save(directory .. "/no/out", tensors)))
    assert.equal("io", select(3, formats.save(directory, tensors)))
  end)

  it("leaves the old file when the process is killed", function()
    local path = directory .. "/file"
    write(path, "old")
    for _, pieces in ipairs { 1, 1000, 70000 } do
      assert.is_true(formats.write(path, ("new"):rep(50000), pieces, "kill"))
      assert.equal("old", contents(path))
    end
    assert(formats.write(path, "new", 1))
    assert.equal("new", contents(path))
  end)

  it("an allocation that fails loses nothing and leaks nothing", function()
    local path = directory .. "/out.safetensors"
    assert(formats.save(path, { tensors[1] }))
    local old = contents(path)
    local _, _, _, calls, live = formats.save(path, tensors)
    assert.equal(0, live)
    assert(calls > 3)
    assert(formats.save(path, { tensors[1] }))
    for i = 1, calls do
      local ok, message, code, _, left = formats.save(path, tensors, { fail_at = i })
      assert.is_nil(ok)
      assert.equal("mem", code)
      assert.matches("out of memory", message)
      assert.equal(0, left)
      assert.equal(old, contents(path))
    end
    assert.equal("out.safetensors\n", listing())
  end)
end)

describe("files", function()
  before_each(fresh_directory)
  after_each(remove_directory)

  it("are mapped and read whole", function()
    local path = directory .. "/f"
    for _, text in ipairs { "", "x", ("0123456789"):rep(10000) } do
      write(path, text)
      assert.equal(text, formats.map(path))
      local read, ends_in_nul = formats.read(path, #text)
      assert.equal(text, read)
      assert.is_true(ends_in_nul)
    end
    assert.matches("at most 10 are expected", select(2, formats.read(path, 10)))
    assert.matches("is a directory", select(2, formats.map(directory)))
    assert.matches("is a directory", select(2, formats.read(directory, 10)))
  end)

  it("are written in pieces of any size, and discarded without a trace", function()
    local path, text = directory .. "/f", ("0123456789abcdef"):rep(10000)
    for _, piece in ipairs { 1000, 65535, 65536, 65537, 200000 } do
      assert(formats.write(path, text, piece))
      assert(text == contents(path))
    end
    os.remove(path)
    assert(formats.write(path, text, 1000, "discard"))
    assert.equal("", listing())
  end)

  local function shell(command)
    local pipe = assert(io.popen(("cd %s && %s"):format(directory, command)))
    local out = pipe:read "a"
    pipe:close()
    return out
  end

  it("keep their permissions when they are replaced", function()
    local path = directory .. "/f"
    for _, mode in ipairs { "600", "640", "444", "755" } do
      write(path, "old")
      shell("chmod " .. mode .. " f")
      assert(formats.write(path, "new", 1))
      assert.equal("new", contents(path))
      assert.equal(mode .. "\n", shell "stat -c %a f")
      os.remove(path)
    end
    assert(formats.write(path, "new", 1))
    assert.equal(shell "touch g; stat -c %a g", shell "stat -c %a f")
    shell "chmod 600 f"
    formats.write(path, "secret", 1, "kill")
    assert.equal("600\n", shell "stat -c %a f.*.tmp")
  end)

  it("are replaced where a symbolic link leads to", function()
    shell "mkdir a b; echo old > a/f; chmod 600 a/f; ln -s ../a/f b/link; ln -s link b/second"
    assert(formats.write(directory .. "/b/second", "new", 1))
    assert.equal("new", contents(directory .. "/a/f"))
    assert.equal("link\n../a/f\n600\n", shell "readlink b/second b/link; stat -c %a a/f")
    assert.equal("f\nlink\nsecond\n", shell "ls a b | grep -v : | grep .")
    shell "ln -s a c"                           -- to a folder
    local ok, message = formats.write(directory .. "/c", "new", 1)
    assert.is_nil(ok)
    assert.matches("is a directory", message, 1, true)
    shell "ln -s nowhere d"                     -- to nothing
    assert(formats.write(directory .. "/d", "new", 1))
    assert.equal("new", contents(directory .. "/d"))
  end)
end)

-- ---- torch ----

describe("torch files", function()
  local half = function(n) return ("ab"):rep(n) end

  it("are read in every form of zip that torch writes", function()
    local list = { { name = "w", class = "HalfStorage", key = "0", count = 6, shape = { 2, 3 } },
                   { name = "b", class = "FloatStorage", key = "1", count = 2, shape = { 2 } } }
    local storages = { ["0"] = half(6), ["1"] = "12345678" }
    for _, options in ipairs { {}, { zip64 = true }, { streamed = true }, { align = 64 },
                               { zip64 = true, streamed = true, align = 64, metadata = true,
                                 byteorder = "little", root = "pytorch_model" },
                               { comment = "PK\5\6 not the end" } } do
      local tensors = by_name(assert(formats.torchzip(make.torch(list, storages, options))))
      assert.equal(half(6), tensors.w.bytes)
      assert.same({ 2, 3 }, tensors.w.shape)
      assert.equal("F16", tensors.w.dtype)
      assert.equal("12345678", tensors.b.bytes)
      assert.is_true(tensors.b.aligned)
    end
  end)

  it("know every storage class", function()
    local classes = { Float = "F32", BFloat16 = "BF16", Half = "F16", Int = "I32", Char = "I8",
                      Double = "F64", Long = "I64", Short = "I16", Byte = "U8", Bool = "BOOL" }
    local width = { F32 = 4, BF16 = 2, F16 = 2, I32 = 4, I8 = 1, F64 = 8, I64 = 8, I16 = 2, U8 = 1,
                    BOOL = 1 }
    for class, dtype in pairs(classes) do
      local t = { name = "t", class = class .. "Storage", key = "0", count = 3, shape = { 3 } }
      local bytes = ("x"):rep(3 * width[dtype])
      local read = assert(formats.torchzip(make.torch({ t }, { ["0"] = bytes })))[1]
      assert.equal(dtype, read.dtype)
      assert.equal(width[dtype] * 3, read.size)
      assert.equal(not ("F32 BF16 F16 I32 I8"):find(dtype), read.foreign)
      assert.equal(not read.foreign and bytes or nil, read.bytes)
    end
  end)

  it("give views, parameters, scalars and empty tensors", function()
    local s = "abcdefgh"
    local function char(t)
      t.class, t.key, t.count, t.name = "CharStorage", "0", 8, t.name or "t"
      return assert(formats.torchzip(make.torch({ t }, { ["0"] = s })))[1]
    end
    assert.equal("cdef", char({ offset = 2, shape = { 2, 2 } }).bytes)
    assert.equal("h", char({ offset = 7, shape = {} }).bytes)
    assert.equal("", char({ offset = 8, shape = { 0, 3 } }).bytes)
    assert.equal("abcdefgh", char({ shape = { 8 }, parameter = true }).bytes)
    assert.equal("abcd", char({ shape = { 1, 4 }, stride = { 99, 1 } }).bytes)
    assert.equal("abcd", char({ shape = { 4, 1 }, stride = { 1, 77 } }).bytes)
  end)

  it("copy transposed, stepped and repeated tensors into rows", function()
    local s = "abcdefghijkl"
    local function char(shape, stride, offset)
      local t = { name = "t", class = "CharStorage", key = "0", count = 12, shape = shape,
                  stride = stride, offset = offset }
      return assert(formats.torchzip(make.torch({ t }, { ["0"] = s })))[1].bytes
    end
    assert.equal("aeibfjcgkdhl", char({ 4, 3 }, { 1, 4 }))
    assert.equal("bdfh", char({ 4 }, { 2 }, 1))
    assert.equal("aaabbb", char({ 2, 3 }, { 1, 0 }))
    assert.equal("aeibfjcgkdhl", char({ 2, 2, 3 }, { 2, 1, 4 }))
    local t = { name = "t", class = "IntStorage", key = "0", count = 4, shape = { 2, 2 },
                stride = { 1, 2 } }
    local numbers = string.pack("<i4i4i4i4", 1, 2, 3, 4)
    assert.equal(string.pack("<i4i4i4i4", 1, 3, 2, 4),
                 formats.torchzip(make.torch({ t }, { ["0"] = numbers }))[1].bytes)
  end)

  it("share storages, and sit at any alignment", function()
    local list = {}
    for i = 0, 3 do
      list[i + 1] = { name = "t" .. i, class = "FloatStorage", key = "0", count = 4, offset = i,
                      shape = { 4 - i } }
    end
    local bytes = string.pack("<ffff", 1, 2, 3, 4)
    for shift = 0, 7 do
      local tensors = assert(formats.torchzip(make.torch(list, { ["0"] = bytes }), shift))
      for i = 0, 3 do
        assert.equal(bytes:sub(4 * i + 1), tensors[i + 1].bytes)
        assert.is_true(tensors[i + 1].aligned)
      end
    end
  end)

  it("may hold more tensors than a short memo number counts", function()
    local list, storages = {}, {}
    for i = 1, 1000 do
      list[i] = { name = "t" .. i, class = "CharStorage", key = tostring(i), count = 1,
                  shape = { 1 } }
      storages[tostring(i)] = string.char(i % 256)
    end
    local tensors = assert(formats.torchzip(make.torch(list, storages)))
    for i = 1, 1000 do assert.equal(string.char(i % 256), tensors[i].bytes) end
  end)
end)
