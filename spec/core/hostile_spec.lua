-- Weight files from enemies, and memory that ends: an error or a whole load, never a crash, a
-- leak or a read outside the file (`make asan` watches the last).
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

local function product(shape)
  local n = 1
  for _, dim in ipairs(shape) do n = n * dim end
  return n
end

local bits = { F32 = 32, BF16 = 16, F16 = 16, I32 = 32, I8 = 8, F64 = 64, I64 = 64, U64 = 64,
               C64 = 64, U32 = 32, I16 = 16, U16 = 16, U8 = 8, BOOL = 8, F8_E4M3 = 8, F8_E5M2 = 8 }

-- What every load that succeeds owes: sizes that agree with shapes, bytes that are there.
local function check_whole(list, what)
  for _, t in ipairs(list) do
    assert(#t.name <= 512, what)
    assert(t.size * 8 == product(t.shape) * bits[t.dtype], what)
    assert(t.foreign or #t.bytes == t.size, what)
    assert(t.aligned, what)
  end
end

local function refused(list, message, code)
  return list == nil and type(message) == "string" and (code == "format" or code == "support")
end

-- ---- safetensors ----

describe("hostile safetensors: the suite", function()
  local manifest = assert(formats.json(contents(fixtures .. "safetensors-hostile/manifest.json")))

  it("has 52 files", function() assert.equal(52, #manifest) end)

  for _, case in ipairs(manifest) do
    it(case.file .. ": " .. case.expect .. " (" .. case.why .. ")", function()
      local bytes = contents(fixtures .. "safetensors-hostile/" .. case.file)
      local start = os.clock()
      local list, message, code = formats.safetensors(bytes)
      assert(os.clock() - start < 1)
      if case.expect == "accept" then assert(list, message) end
      if case.expect == "reject" then assert.is_true(refused(list, message, code), message) end
      if list then check_whole(list, case.file) else assert.matches("^file: ", message) end
    end)
  end
end)

local small = make.safetensors {
  { name = "alpha", dtype = "F32", shape = { 2, 3 }, bytes = ("abcd"):rep(6) },
  { name = "beta.weight", dtype = "BF16", shape = { 4 }, bytes = "01234567" },
  { name = "gamma", dtype = "I8", shape = { 3, 1 }, bytes = "xyz" },
}

describe("hostile safetensors: bent by one", function()
  it("every prefix of a small file is refused", function()
    for n = 0, #small - 1 do
      assert.is_true(refused(formats.safetensors(small:sub(1, n))), "prefix of " .. n)
    end
    assert(formats.safetensors(small))
    assert.is_true(refused(formats.safetensors(small .. "\0")))
  end)

  it("a flipped byte of the header gives an error, or the same bytes in whole tensors", function()
    local function data_of(list)
      local all = {}
      for i, t in ipairs(list) do all[i] = t.bytes or "" end
      return table.concat(all)
    end
    local header_end = 8 + string.unpack("<I8", small)
    local data = small:sub(header_end + 1)
    local loads = 0
    for i = 1, header_end do
      local old = small:byte(i)
      for value = 0, 255 do
        if value ~= old then
          local bent = small:sub(1, i - 1) .. string.char(value) .. small:sub(i + 1)
          local list, message, code = formats.safetensors(bent)
          if list then
            check_whole(list, i .. " to " .. value)
            local foreign = false
            for _, t in ipairs(list) do foreign = foreign or t.foreign end
            assert(foreign or data_of(list) == data)
            loads = loads + 1
          else
            assert(refused(list, message, code))
          end
        end
      end
    end
    assert(loads > 100)         -- letters of names may change
  end)

  it("sizes around every border are refused", function()
    local function header(shape, from, to, dtype)
      return ('{"x":{"dtype":"%s","shape":[%s],"data_offsets":[%s,%s]}}'):format(dtype or "F32",
                                                                                shape, from, to)
    end
    local data = { { name = "x", dtype = "F32", shape = { 4 }, bytes = ("x"):rep(16) } }
    local function try(h) return formats.safetensors(make.safetensors(data, h)) end
    assert(try(header("4", 0, 16)))
    for _, n in ipairs { "3", "5", "-4", "4.0", "4e0", "\"4\"", "null", "[4]", "4294967300",
                         "4611686018427387908", "9223372036854775807", "18446744073709551615",
                         "18446744073709551620", "2305843009213693956" } do
      assert.is_true(refused(try(header(n, 0, 16))), n)
    end
    for _, range in ipairs { { 0, 15 }, { 0, 17 }, { 1, 17 }, { 16, 0 }, { -16, 0 }, { 0, -1 },
                             { 0, "9223372036854775807" }, { "9223372036854775807", 16 },
                             { "18446744073709551600", 0 }, { 0, "16.0" } } do
      assert.is_true(refused(try(header("4", range[1], range[2]))))
    end
    for _, shape in ipairs { "4294967296,4294967296", "65536,65536,65536,65536,4",
                             "4611686018427387904,4", "9223372036854775807,2,0" } do
      assert.is_true(refused(try(header(shape, 0, 16))), shape)
    end
    for _, dtype in ipairs { "F33", "f32", "", "F32\\u0000", "F4" } do
      assert.is_true(refused(try(header("4", 0, 16, dtype))), dtype)
    end
  end)

  it("metadata is an object of strings", function()
    local function try(metadata)
      return formats.safetensors(string.pack("<s8", '{"__metadata__":' .. metadata .. "}"))
    end
    assert.same({}, (assert(try '{}')))
    assert.same({}, (assert(try '{"a":"b"}')))
    for _, m in ipairs { "1", "[]", "null", '"a"', '{"a":1}', '{"a":{}}', '{"a":"b","a":"b"}' } do
      assert.is_true(refused(try(m)), m)
    end
  end)

  it("a header of 100,000,001 bytes is refused before it is read", function()
    local list, message = formats.safetensors(string.pack("<I8", 100000001) .. "{}")
    assert.is_nil(list)
    assert.matches("over 100000000", message)
  end)

  it("a header that only costs memory is refused", function()
    local list, _, code = formats.safetensors(string.pack("<s8", '{"a":[' .. ("0,"):rep(1 << 20) ..
                                                                 "0]}"))
    assert.is_nil(list)
    assert.equal("mem", code)
  end)
end)

-- ---- torch ----

local tensors = {
  { name = "w", class = "HalfStorage", key = "0", count = 6, shape = { 2, 3 } },
  { name = "w_t", class = "HalfStorage", key = "0", count = 6, shape = { 3, 2 },
    stride = { 1, 3 } },
  { name = "b", class = "FloatStorage", key = "1", count = 2, shape = { 2 }, parameter = true },
}
local storages = { ["0"] = ("ab"):rep(6), ["1"] = "12345678" }

describe("hostile torch files: bent by one", function()
  local forms = { {}, { zip64 = true, streamed = true, align = 64, metadata = true,
                        byteorder = "little" } }

  it("every prefix of a small file is refused", function()
    for _, form in ipairs(forms) do
      local file = make.torch(tensors, storages, form)
      check_whole(assert(formats.torchzip(file)), "unbent")
      for n = 0, #file - 1 do
        assert.is_true(refused(formats.torchzip(file:sub(1, n))), "prefix of " .. n)
      end
    end
  end)

  it("every flipped bit, and bytes of all values, give an error or whole tensors", function()
    for k, form in ipairs(forms) do
      local file = make.torch(tensors, storages, form)
      for i = 1, #file do
        local old = file:byte(i)
        local step = k == 1 and 1 or 17
        for flip = 1, 255, step do
          local bent = file:sub(1, i - 1) .. string.char(old ~ flip) .. file:sub(i + 1)
          local list, message, code = formats.torchzip(bent)
          if list then check_whole(list, i .. " flipped by " .. flip)
          else assert(refused(list, message, code), message) end
        end
      end
    end
  end)

  it("a real file cut anywhere in its pickle, headers or directory is refused", function()
    local file = contents(fixtures .. "tiny-gqa-ptbin-f16/pytorch_model.bin")
    local directory = file:find("PK\1\2", 1, true)
    for n = 0, 5000, 7 do assert.is_true(refused(formats.torchzip(file:sub(1, n)))) end
    for n = 5000, directory, 9973 do assert.is_true(refused(formats.torchzip(file:sub(1, n)))) end
    for n = directory, #file - 1, 3 do assert.is_true(refused(formats.torchzip(file:sub(1, n)))) end
  end)
end)

describe("hostile torch files: pickles", function()
  local function try(pickle) return formats.torchzip(make.torch({}, {}, { pickle = pickle })) end
  local function says(pickle, pattern, code)
    local list, message, name = try(pickle)
    assert.is_nil(list)
    assert.matches(pattern, message)
    assert.equal(code or "format", name)
  end
  local dict = "\x80\2ccollections\nOrderedDict\n)R"

  it("an empty dict is a file without tensors", function()
    assert.same({}, (assert(try(dict .. "."))))
    assert.same({}, (assert(try "\x80\2}.")))
  end)

  it("globals outside the list are refused by name", function()
    for _, g in ipairs { "os system", "builtins eval", "builtins exec", "posix system",
                         "subprocess Popen", "torch load", "torch.hub load", "nt system",
                         "torch._utils _rebuild_tensor", "torch storage", "collections deque",
                         "torch.FloatStorage __reduce__", "__builtin__ getattr", " " } do
      local module, name = g:match "^(%S*) (%S*)$"
      says("\x80\2c" .. module .. "\n" .. name .. "\n(X\3\0\0\0ls tR.",
           "the global '" .. (module .. "." .. name):gsub("%p", "%%%0") .. "' is none", "format")
    end
    says("\x80\2cos\nsys\27[2Jtem\n.", "os%.sys%?%[2Jtem")
  end)

  it("opcodes that build, call or load anything else are refused", function()
    local known = {}
    for c in ("(t)}NJKMXqrhjcQRsub.\x80\x85\x86\x87\x88\x89\x8a"):gmatch "." do known[c] = true end
    for byte = 0, 255 do
      if not known[string.char(byte)] then
        says(dict .. string.char(byte) .. ("\0"):rep(16) .. ".",
             ("byte 29: opcode 0x%02x is none that weights need"):format(byte))
      end
    end
  end)

  it("a pickle that no pickler makes is refused at its place", function()
    says("", "byte 0: the pickle ends too early")
    says("\x80\2", "byte 2: the pickle ends")
    says("\x80\2}", "the pickle ends")
    says("\x80\4}.", "protocol 4", "support")
    says("\x80\2.", "no dict of tensors")
    says("\x80\2}}.", "no dict of tensors")
    says("\x80\2(}.", "no dict of tensors")
    says("\x80\2N.", "no dict of tensors")
    says("\x80\2t.", "a tuple without a mark")
    says("\x80\2\x85.", "too little for this tuple")
    says("\x80\2(\x87.", "too little for this tuple")
    says("\x80\2N(\x85.", "too little for this tuple")
    says("\x80\2q\0.", "nothing on the stack")
    says("\x80\2h\0.", "a memo number")
    says("\x80\2}r\1\0\0\0.", "do not count up")
    says("\x80\2}r\xff\xff\xff\xff.", "do not count up")
    says("\x80\2}j\xff\xff\xff\xff.", "a memo number")
    says("\x80\2R.", "a call of what cannot be called")
    says("\x80\2))R.", "a call of what cannot be called")
    says("\x80\2ctorch\nHalfStorage\n)R.", "a call of what cannot be called")
    says("\x80\2ccollections\nOrderedDict\n(K\1tR.", "made from arguments")
    says("\x80\2Q.", "storage id")
    says("\x80\2NQ.", "storage id")
    says("\x80\2(NNNNNtQ.", "storage id")
    says("\x80\2u.", "items without a mark")
    says("\x80\2(u.", "items without a dict")
    says("\x80\2}(Nu.", "items without a dict")
    says("\x80\2)(NNu.", "items without a dict")
    says("\x80\2}Ns.", "items? without a dict")
    says("\x80\2)NNs.", "an item without a dict")
    says("\x80\2}b.", "a state on what is no dict")
    says("\x80\2})b.", "a state on what is no dict")
    says("\x80\2X\xff\xff\xff\xffabc.", "the pickle ends")
    says("\x80\2X\xff\xff\xff\x7f", "the pickle ends")
    says("\x80\2\x8a\9" .. ("\0"):rep(9) .. ".", "more than 64 bits")
    says("\x80\2ctorch", "the pickle ends")
    says("\x80\2ctorch\nHalf", "the pickle ends")
    says("\x80\2}NNs.", "a tensor's name is no text")
    says("\x80\2}X\1\0\0\0aNs.", "'a' is no tensor", "support")
    says("\x80\2}X\1\0\0\0a}s.", "'a' is no tensor", "support")
    says("\x80\2}X\3\0\0\0a\0bNs.", "has a NUL")
  end)

  it("memory that a pickle asks for is bounded", function()
    says("\x80\2" .. ("N"):rep(1 << 20) .. "N.", "the stack is too high")
    says("\x80\2" .. ("("):rep(2000), "nested too deeply")
    says("\x80\2}" .. ("q\0"):rep(10) .. ("NN\x86"):rep(700000), "too many values")
    says(("N"):rep((16 << 20) + 1), "at most 16777216 are expected")
  end)

  -- Few bytes ask for many: what is remembered once goes into a dict, or is made, again and again.
  it("memory that a remembered value asks for is bounded", function()
    local function text(s) return "X" .. string.pack("<s4", s) end
    local id = "(" .. text "storage" .. "ctorch\nCharStorage\n" .. text "0" .. text "cpu" .. "K\1t"
    local arguments = "(" .. id .. "QK\0))\x89Nt"
    local tensor = "ctorch._utils\n_rebuild_tensor_v2\n" .. arguments .. "R"
    local function items(n)
      return "\x80\2}" .. text "a" .. "q\0" .. tensor .. "q\1s"
        .. ("(" .. ("h\0h\1"):rep(1024) .. "u"):rep(n // 1024) .. ("h\0h\1s"):rep(n % 1024) .. "."
    end
    says(items((1 << 18) - 1), "'a' is there twice")
    says(items(1 << 18), "too many items")
    says("\x80\2" .. id .. "q\0" .. ("Qh\0"):rep((1 << 18) - 2), "the pickle ends")
    says("\x80\2" .. id .. "q\0" .. ("Qh\0"):rep((1 << 18) + 1), "too many tensors")
    says("\x80\2ctorch._utils\n_rebuild_tensor_v2\nq\0" .. arguments .. "q\1"
      .. ("h\0h\1R"):rep((1 << 18) - 1) .. ".", "no dict of tensors")
    says("\x80\2ctorch._utils\n_rebuild_tensor_v2\nq\0" .. arguments .. "q\1"
      .. ("h\0h\1R"):rep(1 << 18) .. ".", "too many tensors")
  end)

  it("a dict that holds itself is no tensor", function()
    says("\x80\2}q\0X\1\0\0\0ah\0s.", "'a' is no tensor", "support")
  end)
end)

describe("hostile torch files: tensors", function()
  local function try(t, bytes, options)
    local one = { name = "t", class = "FloatStorage", key = "0", count = 4, shape = { 4 } }
    for k, v in pairs(t) do one[k] = v end
    return formats.torchzip(make.torch({ one }, { ["0"] = bytes or ("x"):rep(16) }, options))
  end
  local function says(pattern, code, ...)
    local list, message, name = try(...)
    assert.is_nil(list)
    assert.matches(pattern, message)
    assert.equal(code, name)
  end

  it("stay inside their storage", function()
    assert(try {})
    local big = math.maxinteger
    for _, t in ipairs { { offset = 1 }, { shape = { 5 } }, { shape = { 2, 3 } }, { offset = 4 },
                         { stride = { 2 } }, { shape = { 2, 2 }, stride = { 3, 1 } },
                         { offset = big }, { stride = { big } },
                         { shape = { 2 }, stride = { big } },
                         { offset = 5, shape = { 0 } }, { offset = big, shape = {} },
                         { shape = { 2, 2 }, stride = { big, big } } } do
      says("tensor 't' reaches out of its storage", "format", t)
    end
    for _, t in ipairs { { shape = { big } }, { shape = { 1 << 31, 1 << 31 } },
                         { shape = { 1 << 40, 1 << 40, 0 } }, { shape = { 1 << 62 } } } do
      says("cannot be counted", "format", t)
    end
    for _, t in ipairs { { offset = -1 }, { shape = { -4 } }, { stride = { -1 } },
                         { shape = { 1, 1, 1, 1, 1, 1, 1, 1, 1 } },
                         { shape = { 4 }, stride = { 1, 1 } } } do
      says("offset, shape or strides are not up to 8 sizes", "format", t)
    end
    says("a strange storage id", "format", { count = -4 })
  end)

  it("have storages of the size that the pickle says", function()
    for _, bytes in ipairs { "", ("x"):rep(15), ("x"):rep(17), ("x"):rep(8) } do
      says("record is of another size", "format", {}, bytes)
    end
    says("another size", "format", { count = 1 << 62 })
    says("a record that the file lacks", "format", { key = "1" })
    says("a record that the file lacks", "format", { key = "../data.pkl" })
    says("a record that the file lacks", "format", { key = ("k"):rep(1000) })
  end)

  it("of other makers are refused", function()
    says("torch.sparse", "format", { module = "torch.sparse COO" })
    says("_rebuild_sparse_tensor", "format", { rebuild = "torch._utils _rebuild_sparse_tensor" })
    says("not little%-endian", "support", {}, nil, { byteorder = "big" })
    says("has two data.pkl", "format", {}, nil, { records = { { "other/data.pkl", "" } } })
    says("two records named", "format", {}, nil, { records = { { "archive/version", "" } } })
    local twice = { { name = "t", class = "CharStorage", key = "0", count = 1, shape = { 1 } } }
    twice[2] = twice[1]
    local _, message = formats.torchzip(make.torch(twice, { ["0"] = "x" }))
    assert.matches("tensor 't' is there twice", message)
  end)

  it("cannot make copies larger than the file", function()
    local list = {}
    for i = 1, 1000 do
      list[i] = { name = "t" .. i, class = "CharStorage", key = "0", count = 65536,
                  shape = { 256, 256 }, stride = { 1, 256 } }
    end
    local start = os.clock()
    local read, message, code = formats.torchzip(make.torch(list, { ["0"] = ("x"):rep(65536) }))
    assert(os.clock() - start < 1)
    assert.is_nil(read)
    assert.equal("support", code)
    assert.matches("larger than the file", message)
    says("larger than the file", "support", { shape = { 1 << 40 }, stride = { 0 } })
  end)
end)

describe("hostile torch files: archives", function()
  local pickle = make.pickle {}
  local function try(records, options) return formats.torchzip(make.zip(records, options)) end
  local function says(pattern, records, options)
    local list, message, code = try(records, options)
    assert.is_true(refused(list, message, code))
    assert.matches(pattern, message)
  end

  it("say what they are not", function()
    assert(try { { "a/data.pkl", pickle } })
    says("no data.pkl", {})
    says("no data.pkl", { { "data.pkl", pickle } })
    says("no data.pkl", { { "a/b/data.pkl", pickle } })
    says("compressed or encrypted", { { "a/data.pkl", pickle, method = 8 } })
    says("compressed or encrypted", { { "a/data.pkl", pickle, flags = 0x0801 } })
    says("disagrees with the directory", { { "a/data.pkl", pickle, local_name = "b/data.pkl" } })
    says("disagrees with the directory", { { "a/data.pkl", pickle, local_name = "a/data.pk" } })
    says("disagrees with the directory", { { "a/data.pkl", pickle, local_flags = 0 } })
    says("disagrees with the directory", { { "a/data.pkl", pickle, local_size = 1 } })
    says("too long", { { ("a"):rep(600) .. "/data.pkl", pickle } })
    assert.matches("does not begin as a zip", select(2, formats.torchzip("PK")))
    assert.matches("does not begin as a zip", select(2, formats.torchzip("#!/bin/sh")))
    assert.matches("before 1.6", select(2, formats.torchzip("\x80\2}.")))
  end)

  it("keep their records inside", function()
    for _, zip64 in ipairs { false, true } do
      local huge = zip64 and math.maxinteger or 0xfffffffe
      for _, bend in ipairs { { offset = 1 }, { offset = huge }, { offset = 60 }, { size = huge },
                              { packed = 1 }, { size = 1000, local_size = 1000 } } do
        bend[1], bend[2] = "a/data.pkl", pickle
        says(".", { bend }, { zip64 = zip64 })
      end
      for _, options in ipairs { { count = 2 }, { count = 0 }, { directory_size = 1 },
                                 { directory_size = 0xfffffffe }, { directory_offset = 0xfffffffe },
                                 { directory_offset = 1 }, { directory_size = 45 } } do
        options.zip64 = zip64
        says(".", { { "a/data.pkl", pickle } }, options)
      end
    end
    says("damaged", { { "a/data.pkl", pickle, size = 0xffffffff } })
  end)

  it("with many records open in time", function()
    local records = { { "a/data.pkl", pickle } }
    for i = 2, 20000 do records[i] = { ("a/data/%d"):format(i), "" } end
    local file = make.zip(records, { zip64 = true })
    local start = os.clock()
    assert(formats.torchzip(file))
    assert(os.clock() - start < 1)
  end)
end)

-- ---- memory that ends ----

describe("memory that ends", function()
  local paths = { "tiny-gqa-f16", "tiny-gqa-ptbin-f16", "tiny-gqa-sharded" }

  for _, name in ipairs(paths) do
    it("at any allocation of opening " .. name .. " is an error without a leak", function()
      local list, _, _, calls, live = formats.open(fixtures .. name)
      assert(list)
      assert.equal(0, live)
      assert(calls > 5)
      for _, onwards in ipairs { false, true } do
        for i = 1, calls do
          local got, message, code, _, left = formats.open(fixtures .. name,
                                                           { fail_at = i, onwards = onwards })
          assert(got == nil, "allocation " .. i .. " was not missed")
          assert.equal("mem", code)
          assert.matches("out of memory", message)
          assert.equal(0, left)
        end
      end
    end)
  end

  it("files that are refused leak nothing either", function()
    local manifest = formats.json(contents(fixtures .. "safetensors-hostile/manifest.json"))
    for _, case in ipairs(manifest) do
      local _, _, _, _, live = formats.open(fixtures .. "safetensors-hostile/" .. case.file)
      assert.equal(0, live, case.file)
    end
  end)
end)
