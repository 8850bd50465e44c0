-- Named tensors to files and back.
package.cpath = (os.getenv "MOONLET_BUILD" or "build") .. "/spec/?.so;" .. package.cpath
local m = require "moonlet.debug.tensor"

describe("lua: files of tensors", function()
  local path
  before_each(function() path = os.tmpname() .. ".safetensors" end)
  after_each(function() os.remove(path) os.remove((path:gsub("%.safetensors$", ""))) end)

  it("keep every dtype, shape and bit", function()
    local saved = { scalar = m.tensor(2.5), empty = m.zeros { 0, 3 }, ["naïve name"] = m.ones(3) }
    for i, dtype in ipairs { "f32", "bf16", "f16" } do
      saved[dtype] = m.randn({ 5, i, 7 }, { seed = i, dtype = dtype })
    end
    saved.i32 = m.tensor({ -2 ^ 31, 0, 2 ^ 31 - 1 }, { dtype = "i32" })
    saved.i8 = m.tensor({ -128, 0, 127 }, { dtype = "i8" })
    saved.view = saved.f32:transpose(1, 3):narrow(1, 2, 3)
    assert.is_true(m.save_tensors(path, saved))
    local loaded = assert(m.load_tensors(path))
    for name, t in pairs(saved) do
      assert.equal(t.dtype, loaded[name].dtype)
      assert.same(t.shape, loaded[name].shape)
      assert.is_true(t:equals(loaded[name]), name)
      loaded[name] = nil
    end
    assert.is_nil(next(loaded))
  end)

  it("are refused by name where they hold a type that moonlet does not have", function()
    local header = '{"d":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}}'
    local file = assert(io.open(path, "wb"))
    file:write(string.pack("<I8", #header), header, string.pack("<dd", 1, 2))
    file:close()
    local loaded, message, code = m.load_tensors(path)
    assert.is_nil(loaded)
    assert.matches("'d' is of dtype F64", message, 1, true)
    assert.equal("support", code)
  end)

  it("give read-only tensors that outlive the table", function()
    assert.is_true(m.save_tensors(path, { a = m.arange(1, 6):view(2, 3) }))
    local row = assert(m.load_tensors(path)).a[2]
    collectgarbage()
    collectgarbage()
    assert.same({ 4, 5, 6 }, row:totable())
    for _, write in ipairs { function() row[1] = 0 end, function() row:fill(0) end,
                             function() row:copy { 1, 2, 3 } end } do
      assert.has_error(write,
        "f32 (3) is read-only, part of a file or a model; write to a clone")
    end
    assert.same({ 0, 0, 0 }, row:clone():fill(0):totable())
  end)

  it("are the same bytes for the same tensors", function()
    local tensors = {}
    for i = 1, 40 do tensors["layer." .. i] = m.full({ 2 }, i) end
    assert.is_true(m.save_tensors(path, tensors))
    local bytes = io.open(path, "rb"):read "a"
    local again = {}
    for i = 40, 1, -1 do again["layer." .. i] = m.full({ 2 }, i) end
    assert.is_true(m.save_tensors(path, again))
    assert.is_true(bytes == io.open(path, "rb"):read "a")
    assert.is_true(m.save_tensors(path, {}))
    assert.same({}, m.load_tensors(path))
  end)

  it("fail with nil, message, code for the world's mistakes and throw for the caller's", function()
    local found, message, code = m.load_tensors "/no/such/file.safetensors"
    assert.is_nil(found)
    assert.is_truthy(message:find("/no/such/file.safetensors", 1, true))
    assert.equal("io", code)
    found, message, code = m.save_tensors("/no/such/directory/file", { a = m.ones(1) })
    assert.is_nil(found)
    assert.is_string(message)
    assert.equal("io", code)
    local file = assert(io.open(path, "wb"))
    file:write "not a weight file"
    file:close()
    found, message, code = m.load_tensors(path)
    assert.is_nil(found)
    assert.is_string(message)
    assert.equal("format", code)
    assert.has_error(function() m.save_tensors(path, { m.ones(1) }) end,
                     "save_tensors: names are strings, got a number")
    assert.has_error(function() m.save_tensors(path, { a = 1 }) end,
                     "save_tensors: 'a' is a number, expected an open tensor")
    assert.has_error(function() m.save_tensors(path, { ["a\0b"] = m.ones(1) }) end,
                     "save_tensors: the name 'a' contains a NUL")
  end)
end)
