-- A tokenizer.model of a few pieces, made byte by byte.
local make = {}

local function varint(n)
  local out = ""
  repeat
    local byte = n & 127
    n = n >> 7
    out = out .. string.char(n ~= 0 and byte | 128 or byte)
  until n == 0
  return out
end

-- Fields of the file's format: a number, bytes, a 32-bit float.
function make.number(id, n) return varint(id << 3) .. varint(n) end
function make.bytes(id, s) return varint(id << 3 | 2) .. varint(#s) .. s end
function make.float(id, x) return varint(id << 3 | 5) .. ("<f"):pack(x) end

local types = { unknown = 2, control = 3, user = 4, unused = 5, byte = 6 }

-- pieces: {text, score, type}; the unknown piece is id 0. Without `normalizer` there is no dummy
-- prefix and no space is removed.
function make.model(pieces, trainer, normalizer)
  local number, bytes, float = make.number, make.bytes, make.float
  local out = { bytes(1, bytes(1, "<unk>") .. float(2, 0) .. number(3, 2)) }
  for i, p in ipairs(pieces) do
    out[i + 1] = bytes(1, bytes(1, p[1]) .. float(2, p[2] or 0)
                          .. (p[3] and number(3, types[p[3]] or p[3]) or ""))
  end
  out[#out + 1] = bytes(2, trainer or number(3, 2))
  out[#out + 1] = bytes(3, normalizer or number(3, 0) .. number(4, 0))
  return table.concat(out)
end

return make
