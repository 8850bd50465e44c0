-- A session as a file: it comes back bit for bit, or not at all.
package.cpath = (os.getenv "MOONLET_BUILD" or "build") .. "/spec/?.so;" .. package.cpath
local moonlet = require "moonlet"
local memory = require "moonlet.debug.memory"

local DIR, POCKET = "spec/fixtures/tiny-gqa-bf16", "examples/models/pocket"
local PROMPT = { 5, 9, 3, 77, 200, 31, 8, 64, 100, 2, 1, 300, 17, 4, 5, 6, 7, 8 }

local function bits(session)
  local list = {}
  for i, v in ipairs(session:logits():totable()) do list[i] = string.pack("f", v) end
  return table.concat(list)
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local bytes = file:read "a"
  file:close()
  return bytes
end

local function write(path, bytes)
  local file = assert(io.open(path, "wb"))
  file:write(bytes)
  file:close()
end

describe("saved session", function()
  local path, model
  before_each(function()
    path = os.tmpname()
    model = assert(moonlet.load(DIR))
  end)
  after_each(function() os.remove(path) end)

  local function saved()
    local session = model:session { context = 64 }:feed(PROMPT)
    assert(session:save(path))
    return session
  end

  it("goes on as if nothing had happened, in another process's model", function()
    for _, dir in ipairs { DIR, "spec/fixtures/tiny-ls", "spec/fixtures/tiny-odd" } do
      model = assert(moonlet.load(dir))
      local session = saved()
      local again = assert(assert(moonlet.load(dir)):restore(path, { context = 40 }))
      assert.same(session:tokens(), again:tokens())
      assert.is_true(bits(session) == bits(again))
      for id = 1, 20 do
        session:feed(id)
        again:feed(id)
      end
      assert.is_true(bits(session) == bits(again))
    end
  end)

  it("holds nothing of a text that was rewound", function()
    local other = path .. ".other"
    for _, cache in ipairs { "f32", "bf16", "q8", "q4" } do
      model = assert(moonlet.load(cache == "q4" and POCKET or DIR))     -- whose heads are longer
      local plain, rewound = model:session { cache = cache }, model:session { cache = cache }
      plain:feed { 7, 8, 9 }
      rewound:feed { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18 }
      rewound:rewind(0)
      rewound:feed { 7, 8, 9 }
      assert(plain:save(path))
      assert(rewound:save(other))
      assert.is_true(read(path) == read(other), cache)
      rewound:feed { 4 }
      plain:feed { 4 }
      assert.is_true(bits(plain) == bits(rewound))
    end
    os.remove(other)
  end)

  it("keeps whether there are logits, and may be empty", function()
    local session = saved()
    session:rewind(7)
    assert(session:save(path))
    local again = assert(model:restore(path))
    assert.equal(7, #again)
    assert.has_error(function() again:logits() end)
    assert(model:session():save(path))
    assert.equal(0, #assert(model:restore(path)))
  end)

  it("is refused by another model, layer sharing or dtype included", function()
    saved()
    for _, other in ipairs {
      assert(moonlet.load "spec/fixtures/tiny-gqa-f16"),
      assert(moonlet.load(DIR, { layer_sharing = true })),
      assert(moonlet.load "spec/fixtures/tiny-untied"),
    } do
      local none, message, code = other:restore(path)
      assert.is_nil(none)
      assert.equal("format", code)
      assert.matches("another model", message, 1, true)
    end
    local none, message, code = model:restore(path, { context = 17 })
    assert.is_nil(none)
    assert.equal("full", code)
    assert.matches("18 tokens do not fit a context of 17", message, 1, true)
  end)

  it("is refused when cut or changed anywhere", function()
    saved()
    local bytes = read(path)
    local step = math.max(1, #bytes // 400)
    for at = 0, #bytes - 1, step do
      write(path, bytes:sub(1, at))
      local none, message = model:restore(path)
      assert.is_nil(none)
      assert.is_string(message)
    end
    local header = string.unpack("<I8", bytes)
    for at = 1, #bytes, 1 do
      if at <= header + 60 or at % step == 0 then
        local changed = string.char(bytes:byte(at) ~ (1 << (at % 8)))
        write(path, bytes:sub(1, at - 1) .. changed .. bytes:sub(at + 1))
        local session, message = model:restore(path)
        if session then     -- a changed space in the padding of the header, say
          assert.same(PROMPT, session:tokens())
        else
          assert.is_string(message)
        end
      end
    end
  end)

  -- What save.c computes over all tensors but the first, here over changed bytes.
  local function checksum(bytes)
    local length = string.unpack("<I8", bytes)
    local header = assert(moonlet.json.decode(bytes:sub(9, 8 + length)))
    local function tensor(name)
      local from, past = header[name].data_offsets[1], header[name].data_offsets[2]
      return bytes:sub(9 + length + from, 8 + length + past)
    end
    local function mix(hash, word)
      hash = (hash ~ word) * 0x9E3779B97F4A7C15
      return hash ~ (hash >> 32)
    end
    local identity = tensor "identity"
    local sum = string.unpack("<i4", identity, 5)
    local names = {}
    for name in pairs(header) do
      if name:match "^cache" then names[#names + 1] = name end
    end
    table.sort(names, function(a, b)
      local p, h = a:match "(%d+)%.(%d+)"
      local q, i = b:match "(%d+)%.(%d+)"
      return p == q and tonumber(h) < tonumber(i) or tonumber(p) < tonumber(q)
    end)
    for _, name in ipairs { "tokens", "logits", table.unpack(names) } do
      local data = tensor(name)
      local whole = #data // 8 * 8
      for at = 1, whole, 8 do sum = mix(sum, (string.unpack("<i8", data, at))) end
      local tail = #data - whole
      for at = whole + 1, #data do tail = tail << 8 | data:byte(at) end
      sum = mix(sum, tail)
    end
    return string.pack("<i8", sum), 8 + length + header.identity.data_offsets[1] + 16, header
  end

  it("is refused with scales that no cache in 8 bits holds, however right its checksum", function()
    local session = model:session { context = 64, cache = "q8" }:feed(PROMPT)
    assert(session:save(path))
    local bytes = read(path)
    local sum, sum_at, header = checksum(bytes)
    assert.equal(bytes:sub(sum_at + 1, sum_at + 8), sum)
    local data = 8 + string.unpack("<I8", bytes)
    for _, name in ipairs { "cache.2.0", "cache.3.1" } do
      for _, scale in ipairs { 0.5, 0, -0.5, 0 / 0, math.huge } do
        local at = data + header[name].data_offsets[2] - 4
        local forged = bytes:sub(1, at) .. string.pack("<f", scale) .. bytes:sub(at + 5)
        forged = forged:sub(1, sum_at) .. checksum(forged) .. forged:sub(sum_at + 9)
        write(path, forged)
        local again, message, code = model:restore(path)
        if scale >= 0 and scale < math.huge then assert(again, message)
        else
          assert.is_nil(again)
          assert.equal("format", code)
          assert.matches(name .. "' holds", message, 1, true)
        end
      end
    end
  end)

  it("fails whole when memory ends, and leaks nothing", function()
    local session = saved()
    for _, operation in ipairs { function() return model:restore(path) end,
                                 function() return session:save(path) end } do
      collectgarbage() collectgarbage()
      local before = memory.live()
      for n = 1, 1000 do
        memory.fail_at(n)
        local result, _, code = operation()
        memory.fail_at(0)
        if result and result ~= session then result:close() end
        if result then break end
        assert.equal("mem", code)
        collectgarbage() collectgarbage()
        assert.equal(before, (memory.live()))
      end
    end
    assert.is_truthy(model:restore(path))
  end)

  it("says why it cannot be written or read", function()
    local session = saved()
    local none, message, code = session:save "/no/such/folder/file"
    assert.is_nil(none)
    assert.equal("io", code)
    assert.matches("/no/such/folder", message, 1, true)
    none, message, code = model:restore "/no/such/file"
    assert.is_nil(none)
    assert.equal("io", code, message)
  end)
end)
