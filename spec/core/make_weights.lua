-- Weight files made byte by byte: safetensors, zip archives, pickles, torch files. Every part can
-- be bent, so that specs can say what a reader must refuse.
local make = {}

-- {{name=, dtype=, shape=, bytes=}, ...} to a safetensors file. header: another header text.
function make.safetensors(tensors, header)
  local entries, data, at = {}, {}, 0
  for i, t in ipairs(tensors) do
    entries[i] = ('"%s":{"dtype":"%s","shape":[%s],"data_offsets":[%d,%d]}'):format(
      t.name, t.dtype, table.concat(t.shape, ","), at, at + #t.bytes)
    data[i] = t.bytes
    at = at + #t.bytes
  end
  header = header or "{" .. table.concat(entries, ",") .. "}"
  return string.pack("<s8", header) .. table.concat(data)
end

-- {{name, bytes, method=, flags=, local_name=, ...}, ...} to a zip archive. options: zip64 (end
-- records and sizes in extra fields), streamed (sizes behind the data, as torch writes), align,
-- comment.
function make.zip(records, options)
  options = options or {}
  local out, at, central = {}, 0, {}
  local function put(s)
    out[#out + 1] = s
    at = at + #s
  end
  for _, r in ipairs(records) do
    local name, bytes = r[1], r[2]
    local flags = r.flags or (options.streamed and 0x0808 or 0x0800)
    local method, offset, size = r.method or 0, at, r.size or #bytes
    local local_size = options.streamed and 0 or r.local_size or #bytes
    local local_name = r.local_name or name
    local pad = options.align and -(at + 30 + #local_name + 4) % options.align or 0
    local extra = options.align and string.pack("<I2s2", 0x4246, ("Z"):rep(pad)) or ""
    put("PK\3\4" .. string.pack("<I2I2I2I2I2I4I4I4I2I2", 20, r.local_flags or flags, method, 0, 0,
                                0, local_size, local_size, #local_name, #extra))
    put(local_name .. extra .. bytes)
    if options.streamed then put("PK\7\8" .. string.pack("<I4I4I4", 0, #bytes, #bytes)) end
    local wide, size32, offset32 = "", size, r.offset or offset
    if options.zip64 then
      wide = string.pack("<I2I2I8I8I8", 1, 24, size, r.packed or size, r.offset or offset)
      size32, offset32 = 0xffffffff, 0xffffffff
    end
    central[#central + 1] = "PK\1\2" .. string.pack(
      "<I2I2I2I2I2I2I4I4I4I2I2I2I2I2I4I4", 20, 20, flags, method, 0, 0, 0,
      options.zip64 and 0xffffffff or r.packed or size, size32, #name, #wide, 0, 0, 0, 0, offset32)
      .. name .. wide
  end
  local directory, start = table.concat(central), at
  local n = options.count or #records
  put(directory)
  if options.zip64 then
    local end64 = at
    put("PK\6\6" .. string.pack("<I8I2I2I4I4I8I8I8I8", 44, 45, 45, 0, 0, n, n, #directory, start))
    put("PK\6\7" .. string.pack("<I4I8I4", 0, end64, 1))
  end
  local comment = options.comment or ""
  put("PK\5\6" .. string.pack("<I2I2I2I2I4I4s2", 0, 0, n, n, options.directory_size or #directory,
                              options.directory_offset or start, comment))
  return table.concat(out)
end

-- ---- pickles ----

-- A writer of pickle protocol 2 that memorises as torch's does.
local function pickler()
  local p = { out = { "\x80\2" }, memo = {}, n = 0 }
  function p.put(s) p.out[#p.out + 1] = s end
  function p.remember(key)
    p.put(p.n < 256 and "q" .. string.char(p.n) or "r" .. string.pack("<I4", p.n))
    if key then p.memo[key] = p.n end
    p.n = p.n + 1
  end
  function p.recall(key)
    local i = p.memo[key]
    if i then p.put(i < 256 and "h" .. string.char(i) or "j" .. string.pack("<I4", i)) end
    return i ~= nil
  end
  function p.text(s)
    if p.recall("t:" .. s) then return end
    p.put("X" .. string.pack("<s4", s))
    p.remember("t:" .. s)
  end
  function p.global(s)                  -- "module name"
    if p.recall("g:" .. s) then return end
    p.put("c" .. s:gsub(" ", "\n") .. "\n")
    p.remember("g:" .. s)
  end
  function p.integer(n)
    if n >= 0 and n < 256 then p.put("K" .. string.char(n))
    elseif n >= 0 and n < 65536 then p.put("M" .. string.pack("<I2", n))
    elseif n >= -2 ^ 31 and n < 2 ^ 31 then p.put("J" .. string.pack("<i4", n))
    else p.put("\x8a" .. string.pack("<s1", string.pack("<i8", n))) end
  end
  function p.sizes(list)
    if #list > 3 then p.put "(" end
    for _, n in ipairs(list) do p.integer(n) end
    p.put(({ [0] = ")", "\x85", "\x86", "\x87" })[#list] or "t")
    if #list > 0 then p.remember() end
  end
  function p.dict()
    p.global "collections OrderedDict"
    p.put ")R"
    p.remember()
  end
  return p
end

local function row_major(shape)
  local stride, step = {}, 1
  for i = #shape, 1, -1 do
    stride[i] = step
    step = step * math.max(shape[i], 1)
  end
  return stride
end

-- {{name=, class="HalfStorage", key="0", count=, offset=, shape=, stride=, parameter=}, ...} to
-- a data.pkl. options: metadata (as model.state_dict() hangs on), tail (opcodes before the end).
function make.pickle(tensors, options)
  options = options or {}
  local p = pickler()
  p.dict()
  p.put "("
  for _, t in ipairs(tensors) do
    p.text(t.name)
    if t.parameter then
      p.global "torch._utils _rebuild_parameter"
      p.put "("
    end
    p.global(t.rebuild or "torch._utils _rebuild_tensor_v2")
    p.put "(("
    p.text "storage"
    p.global(t.module or "torch " .. t.class)
    p.text(t.key)
    p.text "cpu"
    p.integer(t.count)
    p.put "t"
    p.remember()
    p.put "Q"
    p.integer(t.offset or 0)
    p.sizes(t.shape)
    p.sizes(t.stride or row_major(t.shape))
    p.put "\x89"
    p.dict()
    p.put "t"
    p.remember()
    p.put "R"
    p.remember()
    if t.parameter then
      p.put "\x88"
      p.dict()
      p.put "tR"
      p.remember()
    end
  end
  p.put "u"
  if options.metadata then
    p.put "}"
    p.remember()
    p.text "_metadata"
    p.dict()
    p.put "("
    for _, module in ipairs { "", "model" } do
      p.text(module)
      p.put "}"
      p.remember()
      p.text "version"
      p.integer(1)
      p.put "s"
    end
    p.put "usb"
  end
  p.put(options.tail or "")
  p.put "."
  return table.concat(p.out)
end

-- A torch file of the tensors; storages: {key = bytes}. options: as above, and records (more
-- records), byteorder, root, pickle (instead of the tensors').
function make.torch(tensors, storages, options)
  options = options or {}
  local root = options.root or "archive"
  local records = { { root .. "/data.pkl", options.pickle or make.pickle(tensors, options) } }
  if options.byteorder then records[2] = { root .. "/byteorder", options.byteorder } end
  local keys = {}
  for key in pairs(storages) do keys[#keys + 1] = key end
  table.sort(keys)
  for _, key in ipairs(keys) do
    records[#records + 1] = { root .. "/data/" .. key, storages[key] }
  end
  records[#records + 1] = { root .. "/version", "3\n" }
  for _, r in ipairs(options.records or {}) do records[#records + 1] = r end
  return make.zip(records, options)
end

return make
