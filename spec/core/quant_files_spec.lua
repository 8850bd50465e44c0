-- Models in 8 and 4 bits: types at load, the files of `moonlet quantize`, what enemies make of such
-- files, memory that ends, and a process that is killed.
local support = require "spec.support"
local moonlet = require "moonlet"
local quant = require "moonlet.debug.quant"
local formats = require "moonlet.debug.formats"

local fixtures = "spec/fixtures/"
local bits = support.bits
local folder, remove

local function with_folder()
  before_each(function() folder, remove = support.folder() end)
  after_each(function() remove() end)
end

local function refused(list, message, code)
  return list == nil and type(message) == "string" and (code == "format" or code == "support")
end

local function quantize(source, target, options)
  local q = assert(moonlet.quantizer(source, target, options))
  for _ = 1, q:count() do assert(q:step()) end
  assert.is_false(q:step())
  q:close()
end

-- A small file: two matrices in blocks, one in floats.
local a = quant.quantize(bits(moonlet.randn({ 5, 32 }, { seed = 1 })), "f32", 5, 32, "q4")
local b = quant.quantize(bits(moonlet.randn({ 17, 64 }, { seed = 2 })), "f32", 17, 64, "q8")
local tensors = {
  { name = "a\"\\", dtype = "Q4", shape = { 5, 32 }, bytes = a },
  { name = "norm", dtype = "F32", shape = { 3 }, bytes = ("n"):rep(12) },
  { name = "b", dtype = "Q8", shape = { 17, 64 }, bytes = b },
}

describe("blocks in a file", function()
  with_folder()

  it("come back as they were, aligned, and are U8 arrays for other readers", function()
    local path = folder .. "/x.safetensors"
    assert(formats.save(path, tensors))
    local seen = {}
    for _, t in ipairs(assert(formats.open(path, { bytes = true }))) do seen[t.name] = t end
    for _, t in ipairs(tensors) do
      assert.same({ t.dtype, t.shape, t.bytes == seen[t.name].bytes },
        { seen[t.name].dtype, seen[t.name].shape, true })
    end
    local text = support.read(path)
    local length = string.unpack("<I8", text)
    assert.equal(0, (8 + length) % 64)
    local header = assert(formats.json(text:sub(9, 8 + length)))
    assert.same({ moonlet = "1", ["moonlet:a\"\\"] = "q4 5 32", ["moonlet:b"] = "q8 17 64" },
      header.__metadata__)
    assert.equal("U8", header.b.dtype)
    assert.same({ #b }, header.b.shape)
    assert.equal(0, header.b.data_offsets[1] % 64)
    assert.equal(0, header["a\"\\"].data_offsets[1] % 32)
    assert.equal(0, header.norm.data_offsets[1] % 4)
  end)

  it("refuse to be tensors", function()
    local path = folder .. "/x.safetensors"
    assert(formats.save(path, tensors))
    local none, message, code = moonlet.load_tensors(path)
    assert.is_nil(none)
    assert.equal("support", code)
    assert.matches("is of type q[48], which tensors cannot have", message)
    for _, kind in ipairs { "q8", "q4" } do
      local function says(f, ...)
        local ok, why = pcall(f, ...)
        assert.is_false(ok)
        assert.matches(kind .. " is a type of a model's weights; a tensor cannot have it", why)
      end
      says(moonlet.zeros, { 2, 32 }, { dtype = kind })
      says(moonlet.tensor, { 1, 2 }, { dtype = kind })
      says(moonlet.randn, { 32 }, { dtype = kind })
      says(function() return moonlet.ones({ 32 }):to(kind) end)
    end
  end)

  it("are written whole or not at all", function()
    local path = folder .. "/x.safetensors"
    for _, wrong in ipairs { { dtype = "Q4", shape = { 5, 33 } },
                             { dtype = "Q8", shape = { 5, 32 } },
                             { dtype = "Q4", shape = { 160 } }, { dtype = "Q4", shape = { 0, 32 } },
                             { dtype = "Q4", shape = { 5, 1, 32 } } } do
      wrong.name, wrong.bytes = "w", a
      local ok, message, code = formats.save(path, { wrong })
      assert.is_nil(ok)
      assert.equal("arg", code)
      assert.matches("'w' is no whole array", message)
      assert.is_nil(support.read(path))
    end
    for n = 1, 100 do
      local ok, _, _, _, live = formats.save(path, tensors, { fail_at = n })
      assert.equal(0, live)
      if ok then return end
      assert.is_nil(support.read(path))
    end
    error "a hundred allocations"
  end)
end)

describe("blocks in a hostile file", function()
  -- A U8 tensor x of `size` bytes (and others), with this metadata.
  local function file(metadata, size, others)
    local header = ('{"__metadata__":{%s},"x":{"dtype":"U8","shape":[%d],"data_offsets":[0,%d]}%s}')
      :format(metadata, size, size, others or "")
    return string.pack("<s8", header) .. ("x"):rep(size)
  end
  local function try(metadata, size, others)
    return formats.safetensors(file(metadata, size or 288, others))
  end

  it("says what is true, or is refused", function()
    local list = assert(try '"moonlet":"1","moonlet:x":"q4 16 32"')
    assert.same({ "Q4", 16, 32, false }, { list[1].dtype, list[1].shape[1], list[1].shape[2],
      list[1].foreign })
    assert.equal("Q8", assert(try('"moonlet:x":"q8 1 32","moonlet":"1"', 544))[1].dtype)
    assert.equal("U8", assert(try '"moonlet":"1"')[1].dtype)
    assert.equal("U8", assert(try '"moonlet":"7","format":"pt"')[1].dtype)
    for _, note in ipairs { "", "q4", "q4 ", "q4 16", "q4 16 ", "q4 16 32 ", " q4 16 32",
                            "q4  16 32", "q4 16 32 1", "q4 016 32", "q4 16 +32", "q4 -16 -32",
                            "q4 16.0 32", "Q4 16 32", "q5 16 32", "q8 16 32", "f32 16 32",
                            "q4 16 64", "q4 17 32", "q4 32 16", "q4 0 32", "q4 16 0", "q4 512 1",
                            "q4 16 31", "q4 16 33", "q4 16 32\\u0000", "q4\\u000016 32",
                            "q4 18446744073709551616 32", "q4 16 18446744073709551648",
                            "q4 18446744073709551632 32", "q4 9223372036854775808 32",
                            "q4 576460752303423504 32" } do
      assert.is_true(refused(try('"moonlet":"1","moonlet:x":"' .. note .. '"')), note)
    end
    for _, size in ipairs { 0, 1, 287, 289, 544, 576 } do
      assert.is_true(refused(try('"moonlet":"1","moonlet:x":"q4 16 32"', size)), size)
    end
    assert(try '"moonlet":"1","moonlet:x":"q4 1 32"')     -- a group is the same for 1 to 16 rows
  end)

  it("may not tell of tensors that are not there, not U8, or of another version", function()
    local good = '"moonlet:x":"q4 16 32"'
    local version = '"moonlet":"1",'
    for _, metadata in ipairs { version .. '"moonlet:y":"q4 16 32"',
                                version .. good .. ',"moonlet:":""',
                                version .. good .. ',"moonlet:x\\u0000":"q4 16 32"',
                                version .. good .. ',"moonlet:__metadata__":"q4 16 32"',
                                good, '"moonlet":"",' .. good, '"moonlet":"01",' .. good } do
      assert.is_true(refused(try(metadata)), metadata)
    end
    local _, message, code = try('"moonlet":"2",' .. good)
    assert.equal("support", code)
    assert.matches("version '2'; version '1' is known", message)
    local function typed(dtype, shape)
      return formats.safetensors(string.pack("<s8", ('{"__metadata__":{"moonlet":"1",%s},'
        .. '"x":{"dtype":"%s","shape":%s,"data_offsets":[0,288]}}'):format(good, dtype, shape))
        .. ("x"):rep(288))
    end
    assert(typed("U8", "[288]"))
    for _, t in ipairs { { "I8", "[288]" }, { "U8", "[16,18]" }, { "U8", "[1,288]" },
                         { "BOOL", "[288]" }, { "F32", "[72]" }, { "U16", "[144]" },
                         { "U8", "[288,1]" } } do
      assert.is_true(refused(typed(t[1], t[2])), t[1] .. t[2])
    end
  end)

  local small
  setup(function()
    local path = os.tmpname()
    assert(formats.save(path, { tensors[1], tensors[2] }))
    small = support.read(path)
    os.remove(path)
  end)

  it("every prefix is refused", function()
    for n = 0, #small - 1 do assert.is_true(refused(formats.safetensors(small:sub(1, n))), n) end
    assert.is_true(refused(formats.safetensors(small .. "\0")))
  end)

  it("a flipped byte of the header gives an error, or whole matrices", function()
    for i = 1, 8 + string.unpack("<I8", small) do
      for value = 0, 255 do
        local bent = small:sub(1, i - 1) .. string.char(value) .. small:sub(i + 1)
        local list, message, code = formats.safetensors(bent)
        assert(list or refused(list, message, code))
        for _, t in ipairs(list or {}) do
          if t.dtype == "Q4" or t.dtype == "Q8" then
            assert.equal(quant.bytes(t.dtype:lower(), t.shape[1], t.shape[2]), #t.bytes)
          end
        end
      end
    end
  end)

  it("many lines take time in proportion", function()
    local lines, others = { '"moonlet":"1"' }, {}
    for i = 1, 20000 do
      lines[#lines + 1] = ('"moonlet:t%d":"q4 1 32"'):format(i)
      others[i] = (',"t%d":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}'):format(i)
    end
    local text, start = file(table.concat(lines, ","), 0, table.concat(others)), os.clock()
    assert.is_true(refused(formats.safetensors(text)))
    assert(os.clock() - start < 1)
    for i = 1, 20000 do lines[i + 1] = ('"moonlet:u%d":"q4 1 32"'):format(i) end
    text = file(table.concat(lines, ","), 0, table.concat(others))
    start = os.clock()
    assert.is_true(refused(formats.safetensors(text)))
    assert(os.clock() - start < 1)
  end)
end)

describe("models in 8 and 4 bits", function()
  with_folder()

  it("take the types that were asked for", function()
    local model = assert(moonlet.load(nil, { dtype = "q4" }))
    local kinds = {}
    for name, kind in pairs(model.dtypes) do
      assert.equal(name:match "norm" and "f32" or name:match "embed" and "q8" or "q4", kind, name)
      kinds[kind] = (kinds[kind] or 0) + 1
    end
    assert.same({ f32 = 37, q8 = 1, q4 = 126 }, kinds)
    assert.equal(7871424, model:count())
    local embed, rest = 4096 * 192, 7871424 - 4096 * 192 - 37 * 192
    assert.equal(embed * 17 // 16 + rest * 9 // 16 + 37 * 192 * 4, model.bytes)
    local function embed_type(options)
      return assert(moonlet.load(nil, options)).dtypes["model.embed_tokens.weight"]
    end
    assert.equal("q8", embed_type { dtype = "q8" })
    assert.equal("q4", embed_type { dtype = "q4", head_dtype = "q4" })
    assert.equal("bf16", embed_type { dtype = "q4", head_dtype = "bf16" })
    assert.equal("q8", embed_type { head_dtype = "q8" })
    assert.has_error(function() moonlet.load(nil, { dtype = "q5" }) end)
    assert.has_error(function() moonlet.load(nil, { head_dtype = "i8" }) end)
  end)

  it("leave alone what does not come in blocks of 32", function()
    for _, kind in ipairs { "q8", "q4" } do
      local model = assert(moonlet.load(fixtures .. "tiny-odd",
        { dtype = kind, head_dtype = kind }))
      for name, type in pairs(model.dtypes) do
        local stays = name:match "norm" or name:match "down_proj"       -- 257 columns
        assert.equal(stays and "f32" or kind, type, name)
      end
    end
  end)

  it("have parameters: the numbers that the blocks stand for", function()
    local stored = assert(moonlet.load()):parameters()
    for kind, rival in pairs { q8 = "q8_0", q4 = "iq4_nl" } do
      local model = assert(moonlet.load(nil, { dtype = kind, head_dtype = kind }))
      for name, t in pairs(model:parameters()) do
        assert.equal("f32", t.dtype)
        if #t.shape == 2 and name:match "layers%.[06]%." then
          local x, back = bits(stored[name]:to "f32"), bits(t)
          local bytes = quant.quantize(x, "f32", t.shape[1], t.shape[2], kind)
          assert.is_true(back == quant.dequantize(bytes, kind, t.shape[1], t.shape[2]))
          local mine, theirs = quant.distance(x, back), quant.distance(x, quant.rival(rival, x))
          assert(mine < theirs, ("%s %s %.5f %.5f"):format(name, kind, mine, theirs))
        end
      end
    end
  end)

  it("are quantised into a folder that opens as it is", function()
    for _, kind in ipairs { "q8", "q4" } do
      local target = folder .. "/" .. kind
      quantize(support.pocket, target, { dtype = kind })
      for _, name in ipairs { "config.json", "tokenizer.model", "tokenizer_config.json" } do
        local source = support.pocket .. "/" .. name
        assert.equal(support.read(source), support.read(target .. "/" .. name))
      end
      assert.equal("", (support.shell("ls " .. target .. " | grep tmp")))
      local start = os.clock()
      local model = assert(moonlet.load(target))
      local opening = os.clock() - start
      local other = assert(moonlet.load(nil, { dtype = kind }))
      assert(opening < 0.05, opening)           -- the vocabulary's time; nothing is converted
      assert.same(other.dtypes, model.dtypes)
      assert.equal(other.bytes, model.bytes)
      local mine, theirs = model:parameters(), other:parameters()
      for _, name in ipairs { "model.embed_tokens.weight", "model.layers.11.mlp.down_proj.weight",
                              "model.layers.0.self_attn.k_proj.weight", "model.norm.weight" } do
        assert.is_true(bits(mine[name]) == bits(theirs[name]), name)
      end
      assert.same(model:encode "hello", other:encode "hello")
      model:close()
      assert.equal(kind, assert(moonlet.load(target, { dtype = kind }))
        .dtypes["model.layers.0.mlp.up_proj.weight"])
    end
  end)

  it("are quantised from a GGUF file, into a folder that has all of the model", function()
    local file, target = folder .. "/m.gguf", folder .. "/q"
    assert(moonlet.convert(support.pocket, file))
    quantize(file, target, { dtype = "q8" })
    quantize(file, target, { dtype = "q8" })    -- its own files are no other model's
    local made, direct = assert(moonlet.load(target)), assert(moonlet.load(nil, { dtype = "q8" }))
    assert.same(moonlet.config(file), moonlet.config(target))
    assert.same(direct.dtypes, made.dtypes)
    local mine, theirs = made:parameters(), direct:parameters()
    for name, tensor in pairs(theirs) do assert.is_true(bits(mine[name]) == bits(tensor), name) end
    local prompt = "<|user|> play some jazz<|call|>"
    assert.equal((direct:generate(prompt, { special = true })),
      (made:generate(prompt, { special = true })))
    local ok, message = pcall(moonlet.quantizer, fixtures .. "tiny-gqa", target)
    assert.is_false(ok)
    assert.matches("config.json: is another model's", message)
  end)

  it("do not become another type once they are in blocks", function()
    quantize(fixtures .. "tiny-gqa", folder .. "/m", { dtype = "q4", head_dtype = "q8" })
    for _, options in ipairs { { dtype = "bf16" }, { dtype = "q8" }, { head_dtype = "q4" },
                               { dtype = "f32", head_dtype = "q8" } } do
      local none, message, code = moonlet.load(folder .. "/m", options)
      assert.is_nil(none)
      assert.equal("support", code)
      assert.matches("is stored as q[48] and cannot become %w+; load the model without", message)
    end
    assert(moonlet.load(folder .. "/m", { dtype = "q4" }))
    assert(moonlet.load(folder .. "/m", { head_dtype = "q8" }))
    local none, message, code = moonlet.quantizer(folder .. "/m", folder .. "/n", { dtype = "q8" })
    assert.is_nil(none)
    assert.equal("support", code)
    assert.matches("^.*/m/model.safetensors: tensor '.*' is stored as q[48] already", message)
    assert.is_nil(support.read(folder .. "/n/config.json"))
    assert.equal("m\n", (support.shell("ls " .. folder)))      -- no folder is left behind
  end)

  it("come from every form of checkpoint, by the head rule", function()
    for _, name in ipairs { "tiny-gqa-headonly", "tiny-gqa-sharded", "tiny-gqa-ptbin-f16",
                            "tiny-untied", "tiny-odd", "tiny-ls" } do
      local target = folder .. "/" .. name
      quantize(fixtures .. name, target, { dtype = "q4" })
      local made = assert(moonlet.load(target))
      assert.same(assert(moonlet.load(fixtures .. name, { dtype = "q4" })).dtypes, made.dtypes)
      assert.equal(assert(moonlet.load(fixtures .. name)):count(), made:count())
    end
  end)

  it("a weight that cannot be told is named", function()
    local path = folder .. "/m"
    support.changed_model(fixtures .. "tiny-gqa", path, "model.layers.1.mlp.up_proj.weight",
      function(up) up:set(4, 7, 0 / 0) end)
    local none, message, code = moonlet.load(path, { dtype = "q4" })
    assert.is_nil(none)
    assert.equal("math", code)
    assert.matches("^model.layers.1.mlp.up_proj.weight: row 3 holds a NaN", message)
    local q = assert(moonlet.quantizer(path, folder .. "/n"))
    local result
    repeat result, message, code = q:step() until not result
    assert.matches("^model.layers.1.mlp.up_proj.weight: row 3 holds a NaN", message)
    assert.is_nil(result)
    assert.equal("math", code)
    assert.is_false(q:step())
    q:close()
    assert.is_nil(support.read(folder .. "/n/model.safetensors"))
    assert.equal("", (support.shell("ls " .. folder .. "/n | grep tmp")))
  end)
end)

describe("quantizer", function()
  with_folder()
  local tiny = fixtures .. "tiny-gqa"

  it("keeps its hands off the source and other models", function()
    local source = folder .. "/m"
    assert(os.execute(("cp -r %s %s && ln -s m %s/link"):format(tiny, source, folder)))
    for _, target in ipairs { source, source .. "/", folder .. "/./m", folder .. "/link" } do
      local ok, message = pcall(moonlet.quantizer, source, target)
      assert.is_false(ok)
      assert.matches("is the model to quantise; wants another directory", message)
    end
    local ok, message = pcall(moonlet.quantizer, fixtures .. "tiny-odd", source)
    assert.is_false(ok)
    assert.matches("config.json: is another model's", message)
    assert.is_true(support.read(tiny .. "/model.safetensors")
      == support.read(source .. "/model.safetensors"))
    for _, target in ipairs { folder .. "/no/where", source .. "/config.json" } do
      local none, why, code = moonlet.quantizer(tiny, target)
      assert.is_nil(none)
      assert.equal("io", code)
      assert.matches("cannot be made a directory", why)
    end
    assert.has_error(function() moonlet.quantizer(tiny, folder .. "/x", { dtype = "f32" }) end)
    assert.has_error(function() moonlet.quantizer(tiny, folder .. "/x", { type = "q4" }) end)
  end)

  it("changes nothing before its last step, and may begin again", function()
    local target = folder .. "/m"
    quantize(tiny, target, { dtype = "q8" })
    local old = support.read(target .. "/model.safetensors")
    local q = assert(moonlet.quantizer(tiny, target, { dtype = "q4" }))
    for _ = 1, q:count() - 1 do assert(q:step()) end
    assert.is_true(old == support.read(target .. "/model.safetensors"))
    q:close()
    q:close()
    assert.is_false(pcall(q.step, q))
    assert.is_true(old == support.read(target .. "/model.safetensors"))
    assert.equal("", (support.shell("ls " .. target .. " | grep tmp")))
    quantize(tiny, target, { dtype = "q4" })
    assert(#support.read(target .. "/model.safetensors") < #old)
  end)

  it("killed at any step, leaves the old file or the new one", function()
    local target = folder .. "/m"
    quantize(tiny, target, { dtype = "q8" })
    local old = support.read(target .. "/model.safetensors")
    quantize(tiny, folder .. "/n", { dtype = "q4" })
    local new = support.read(folder .. "/n/model.safetensors")
    local count = 0
    for _ in pairs(assert(moonlet.load(tiny)).dtypes) do count = count + 1 end
    for _, steps in ipairs { 0, 1, count // 2, count - 1, count } do
      local script = ([[local q = assert(require "moonlet".quantizer(%q, %q))
        for _ = 1, %d do assert(q:step()) end
        os.execute "kill -9 $PPID"]]):format(tiny, target, steps)
      local _, code = support.moonlet { "-e", script }
      assert.equal(137, code)
      local there = support.read(target .. "/model.safetensors")
      assert.is_true(there == (steps == count and new or old))
      assert(moonlet.load(target))
    end
  end)

  it("is a verb", function()
    local target = folder .. "/m"
    local function verb(...)
      local out, code, err = support.moonlet { "quantize", ... }
      return code, out .. err
    end
    local code, text = verb(tiny, target, "--type", "q8")
    assert.equal(0, code, text)
    assert.matches("13 tensors in f32, 25 tensors in q8, %d.%d MB", text)
    assert.equal("q8", assert(moonlet.load(target)).dtypes["model.embed_tokens.weight"])
    assert.equal(0, (verb(tiny, target, "--type", "q4", "--head", "q4")))
    assert.equal("q4", assert(moonlet.load(target)).dtypes["model.embed_tokens.weight"])
    code, text = verb(tiny, target, "--type", "q3")
    assert.equal(2, code)
    assert.matches("no 'q3'; there are q8, q4", text)
    assert.equal(2, (verb(tiny)))
    code, text = verb(tiny, tiny)
    assert.equal(1, code)
    assert.matches("wants another directory", text)
  end)
end)

-- Last, because the allocator stays in place.
describe("quantising when memory ends", function()
  with_folder()

  it("loses nothing, at any allocation", function()
    local memory = require "moonlet.debug.memory"
    local tiny = fixtures .. "tiny-gqa"
    local function load() return moonlet.load(tiny, { dtype = "q4" }) end
    local function write(ids)
      local q, message, code = moonlet.quantizer(tiny, folder .. "/m", { dtype = "q4" })
      if q and ids then
        local ready
        ready, message, code = q:calibrate(ids)
        if not ready then
          q:close()
          return nil, message, code
        end
      end
      while q do
        local name
        name, message, code = q:step()
        if name == false then return q end
        if not name then
          q:close()
          return nil, message, code
        end
      end
      return nil, message, code
    end
    local ids = { 1, 5, 9, 13 }
    local function calibrated() return write(ids) end
    for _, work in ipairs { load, write, calibrated } do
      work():close()
      collectgarbage()
      local before = memory.live()
      for n = 1, 1000 do
        memory.fail_at(n)
        local made, message, code = work()
        memory.fail_at(0)
        if made then
          made:close()
          assert(n > 10)
          break
        end
        assert.equal("mem", code, message)
        collectgarbage()
        assert.equal(before, (memory.live()), ("allocation %d leaks"):format(n))
      end
    end
    assert(moonlet.load(folder .. "/m"))
  end)
end)
