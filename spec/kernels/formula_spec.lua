-- Each kernel against its formula in Lua's doubles, written a second time and in another
-- language than kernels/scalar.c: for scalar, and for whatever else this CPU can run.

local build = os.getenv "MOONLET_BUILD" or "build"
package.cpath = build .. "/spec/?.so;" .. package.cpath
local K = require "moonlet.debug.kernels"

local EPS, FLT_MIN, BLOCK, SPAN = 2.0 ^ -23, 2.0 ^ -126, 16, 256

local function f32(x) return (string.unpack("f", string.pack("f", x))) end
local function bits(x) return (string.unpack("I4", string.pack("f", x))) end
local function f32_of_bits(b) return (string.unpack("f", string.pack("I4", b))) end
local function is_nan(x) return x ~= x end

local function numbers(n, scale)
  local x = {}
  for i = 1, n do x[i] = f32((math.random() * 2 - 1) * (scale or 1)) end
  return x
end

local function near(got, want, bound, what)
  if not (math.abs(got - want) <= bound) then
    error(("%s is %.9g, should be %.17g within %.3g"):format(what, got, want, bound), 2)
  end
end

-- Values of the 16-bit forms, by arithmetic.
local function value_bf16(h) return f32_of_bits(h << 16) end

local function value_f16(h)
  local sign = h & 0x8000 ~= 0 and -1.0 or 1.0
  local exponent, fraction = h >> 10 & 31, h & 1023
  if exponent == 31 then return fraction == 0 and sign * math.huge or 0 / 0 end
  if exponent == 0 then return sign * fraction * 2.0 ^ -24 end
  return sign * (1024 + fraction) * 2.0 ^ (exponent - 25)
end

local HEAD = { 6, 17, 29, 42, 57, 74, 96, 127 }
local function head_level(code) return code < 8 and -HEAD[8 - code] or HEAD[code - 7] end

local function check_matvec(call, tier, value)
  for _, n in ipairs { 0, 1, 2, 7, 16, 33, 65 } do
    local rows, m, stored, w = 5, 3, {}, {}
    for i = 1, rows * n do
      local h = math.random(0, 1) << 15 | math.random(0x3800, 0x3fff)
      w[i] = value and value(h) or f32(math.random() * 2 - 1)
      stored[i] = value and h or w[i]
    end
    local x = numbers(m * n)
    local y = call(tier, stored, x, rows, n, m)
    assert.equal(rows * m, #y)
    for j = 0, m - 1 do
      for i = 0, rows - 1 do
        local sum, size = 0, 0
        for k = 1, n do
          local p = w[i * n + k] * x[j * n + k]
          sum, size = sum + p, size + math.abs(p)
        end
        near(y[j * rows + i + 1], sum, n * EPS * size, "y(" .. i .. ", " .. j .. ") of n = " .. n)
      end
    end
  end
end

local function check_rope(call, tier, first, second)
  local hd, heads = 18, 2
  local x, cs, sn = numbers(hd * heads), {}, {}
  for i = 1, hd / 2 do cs[i], sn[i] = f32(math.cos(i)), f32(math.sin(i)) end
  local y = call(tier, x, hd, cs, sn)
  for h = 0, heads - 1 do
    for i = 0, hd / 2 - 1 do
      local at, bt = h * hd + first(i, hd) + 1, h * hd + second(i, hd) + 1
      local a, b, c, s = x[at], x[bt], cs[i + 1], sn[i + 1]
      near(y[at], a * c - b * s, 2 * EPS * (math.abs(a * c) + math.abs(b * s)), "a" .. i)
      near(y[bt], b * c + a * s, 2 * EPS * (math.abs(b * c) + math.abs(a * s)), "b" .. i)
    end
  end
end

-- and ln of the sum of exponentials
local function softmax(x)
  local max, sum, p = -math.huge, 0, {}
  for i = 1, #x do max = math.max(max, x[i]) end
  for i = 1, #x do
    p[i] = math.exp(x[i] - max)
    sum = sum + p[i]
  end
  for i = 1, #x do p[i] = p[i] / sum end
  return p, math.log(sum) + max
end

local function check_attend(tier, tokens, group, hd, seen)
  local n, scale = math.min(seen + tokens - 1, SPAN), f32(1 / math.sqrt(hd))
  local blocks = (n + BLOCK - 1) // BLOCK
  local q, v, kt = numbers(tokens * group * hd, 3), numbers(n * hd), numbers(blocks * hd * BLOCK)
  local function key(p, d) return ((p // BLOCK) * hd + d) * BLOCK + p % BLOCK + 1 end
  for p = n, blocks * BLOCK - 1 do
    for d = 0, hd - 1 do kt[key(p, d)] = 0 / 0 end
  end
  local out, logs = K.attend(tier, q, kt, v, tokens, group, hd, seen, scale)
  for row = 0, tokens * group - 1 do
    local visible, scores, size = math.min(seen + row // group, SPAN), {}, 0
    for p = 0, visible - 1 do
      local sum = 0
      for d = 0, hd - 1 do sum = sum + q[row * hd + d + 1] * kt[key(p, d)] end
      scores[p + 1] = scale * sum
      size = math.max(size, math.abs(scale * sum))
    end
    local weights, log = softmax(scores)
    local bound = (n + hd + 32) * EPS * (1 + size)
    for d = 0, hd - 1 do
      local want = 0
      for p = 0, visible - 1 do want = want + weights[p + 1] * v[p * hd + d + 1] end
      near(out[row * hd + d + 1], want, bound, "row " .. row)
    end
    near(logs[row + 1], log, bound, "mass of row " .. row)
  end
end

-- Keys and values go through quantize_head, so the window's bytes are what it says they are.
local function check_attend_q8(tier, tokens, group, hd, seen)
  local n, scale = math.min(seen + tokens - 1, SPAN), f32(1 / math.sqrt(hd))
  local q, key, value = numbers(tokens * group * hd, 3), {}, {}
  local keys, values, key_scale, value_scale = {}, {}, {}, {}
  for i = 1, (n + BLOCK - 1) // BLOCK * BLOCK * hd do keys[i] = "\x81" end
  for i = 1, (n + 3) // 4 * 4 * hd do values[i] = "\x7f" end
  for p = 0, n - 1 do
    local k, v
    k, key_scale[p + 1] = K.quantize_head("scalar", numbers(hd))
    v, value_scale[p + 1] = K.quantize_head("scalar", numbers(hd))
    key[p], value[p] = { k:byte(1, -1) }, { v:byte(1, -1) }
    for d = 0, hd - 1 do
      keys[((p // 16 * (hd // 4) + d // 4) * 16 + p % 16) * 4 + d % 4 + 1] = k:sub(d + 1, d + 1)
      values[(p // 4 * hd + d) * 4 + p % 4 + 1] = v:sub(d + 1, d + 1)
    end
  end
  local function signed(byte) return byte < 128 and byte or byte - 256 end
  local out, logs = K.attend_q8(tier, q, table.concat(keys), key_scale, table.concat(values),
    value_scale, tokens, group, hd, seen, scale)
  for row = 0, tokens * group - 1 do
    local visible, scores, off = math.min(seen + row // group, SPAN), {}, 0
    local most, heaviest, q_most = 0, 0, 0
    for d = 1, hd do q_most = math.max(q_most, math.abs(q[row * hd + d])) end
    for p = 0, visible - 1 do
      local sum, size, by = 0, 0, scale * key_scale[p + 1]
      for d = 1, hd do
        sum = sum + q[row * hd + d] * signed(key[p][d])
        size = size + math.abs(signed(key[p][d]))
      end
      scores[p + 1] = sum * by
      off = math.max(off, q_most / 253 * size * by + 4 * EPS * math.abs(sum * by))
    end
    local weights, log = softmax(scores)
    near(logs[row + 1], log, off + (n + 32) * EPS, "mass of row " .. row)
    for p = 1, visible do
      most = math.max(most, value_scale[p])
      heaviest = math.max(heaviest, weights[p] * value_scale[p])
    end
    local grown = math.exp(2 * off)
    local bound = (grown - 1 + (n + 32) * EPS) * 128 * most + 128 * n * 2.0 ^ -15 * heaviest * grown
    for d = 1, hd do
      local want = 0
      for p = 1, visible do
        want = want + weights[p] * value_scale[p] * signed(value[p - 1][d])
      end
      near(out[row * hd + d], want, bound, "row " .. row)
    end
  end
end

-- A 16-bit form is right when no other is nearer, and it is the even one of two as near.
local function check_narrow(call, tier, value, infinity)
  local x = {}
  for _ = 1, 3000 do x[#x + 1] = math.random() * 2.0 ^ math.random(-30, 20) end
  for h = 0, infinity - 1, 37 do
    local next_one = h + 1 == infinity and 2 * value(h) - value(h - 1) or value(h + 1)
    x[#x + 1] = value(h)
    x[#x + 1] = (value(h) + next_one) / 2
  end
  for i = 1, #x do x[i] = f32(x[i]) end
  local y = call(tier, x)
  local function distance(i, h)
    if h < 0 or h > infinity then return math.huge end
    local at = h == infinity and 2 * value(h - 1) - value(h - 2) or value(h)
    return math.abs(x[i] - at)
  end
  for i = 1, #x do
    local h = y[i]
    local here, below, above = distance(i, h), distance(i, h - 1), distance(i, h + 1)
    if h == infinity then here = math.min(here, below) end
    assert.is_true(here <= below and here <= above)
    if h % 2 == 1 then assert.is_true(here < below and here < above) end
  end
  assert.same({ 0, 0x8000, infinity, infinity | 0x8000 },
    call(tier, { 0.0, -0.0, math.huge, -math.huge }))
  assert.is_true(is_nan(value(call(tier, { 0 / 0 })[1])))
end

local function check_widen(call, tier, value)
  local h = {}
  for i = 0, 65535 do h[i + 1] = i end
  local x = call(tier, h)
  for i = 0, 65535 do
    local want = value(i)
    if is_nan(want) then
      assert.is_true(is_nan(x[i + 1]))
    elseif bits(want) ~= bits(x[i + 1]) then
      error(("0x%04x gives %a, should be %a"):format(i, x[i + 1], want))
    end
  end
end

-- A group of 16 rows: whole numbers w[r][k] that stand for weights, scales[r][b], and the
-- bytes of both by the layout in kernels.h.
local function group_q8(blocks)
  local w, scales, codes, halves = {}, {}, {}, {}
  for b = 0, blocks - 1 do
    for at = 0, 511 do
      local r, k = at // 4 % 16, b * 32 + at // 64 * 4 + at % 4
      local byte = math.random(0, 255)
      w[r] = w[r] or {}
      w[r][k], codes[#codes + 1] = byte - 128, string.char(byte)
    end
    for r = 0, 15 do
      local half = math.random(0x0800, 0x2bff)
      scales[r] = scales[r] or {}
      scales[r][b], halves[#halves + 1] = value_f16(half), string.pack("<I2", half)
    end
  end
  return w, scales, table.concat(codes) .. table.concat(halves)
end

local function group_q4(blocks)
  local books = K.levels()
  local w, scales, codes, halves = {}, {}, {}, {}
  for b = 0, blocks - 1 do
    local book = {}
    for r = 0, 15 do
      local half = math.random(0x0800, 0x2bff)
      book[r], scales[r], w[r] = books[half % 4 + 1], scales[r] or {}, w[r] or {}
      scales[r][b], halves[#halves + 1] = value_f16(half & ~3), string.pack("<I2", half)
    end
    for at = 0, 255 do
      local r, k = at // 4 % 16, b * 32 + at // 64 * 8 + at % 4
      local low, high = math.random(0, 15), math.random(0, 15)
      w[r][k], w[r][k + 4] = book[r][low + 1], book[r][high + 1]
      codes[#codes + 1] = string.char(low | high << 4)
    end
  end
  return w, scales, table.concat(codes) .. table.concat(halves)
end

-- What codes mean, in the order of attend_q8's bytes.
local function opened(codes)
  local wide = {}
  for line in codes:gmatch(("."):rep(64)) do
    for shift = 0, 4, 4 do
      for i = 1, 64 do
        wide[#wide + 1] = string.pack("b", head_level(line:byte(i) >> shift & 15))
      end
    end
  end
  return table.concat(wide)
end

local function check_attend_q4(tier, tokens, group, hd, seen)
  local n, scale = math.min(seen + tokens - 1, SPAN), f32(1 / math.sqrt(hd))
  local function codes(count)
    local bytes = {}
    for i = 1, count // 2 do bytes[i] = string.char(math.random(0, 255)) end
    return table.concat(bytes)
  end
  local keys, values = codes((n + BLOCK - 1) // BLOCK * BLOCK * hd), codes((n + 3) // 4 * 4 * hd)
  local q, key_scale, value_scale = numbers(tokens * group * hd, 3), {}, {}
  for p = 1, n do key_scale[p], value_scale[p] = 0x3c00 - p, 0x3f80 - p end
  local function both(kernel, k, by_key, v, by_value)
    return kernel(tier, q, k, by_key, v, by_value, tokens, group, hd, seen, scale)
  end
  local function widened(scales)
    local wide = {}
    for p = 1, n do wide[p] = value_bf16(scales[p]) end
    return wide
  end
  local out, logs = both(K.attend_q4, keys, key_scale, values, value_scale)
  local want, want_logs = both(K.attend_q8, opened(keys), widened(key_scale), opened(values),
    widened(value_scale))
  assert.same(want, out)
  assert.same(want_logs, logs)
end

-- Activations of scale 1: whole numbers, of which one in each block is 127 or -127.
local function check_matmul(call, tier, group)
  for _, case in ipairs { { 1, 1, 1 }, { 2, 3, 2 }, { 3, 2, 14 }, { 26, 1, 3 } } do
    local blocks, groups, m = table.unpack(case)
    local n, x, parts, bytes = blocks * 32, {}, {}, {}
    for i = 1, n * m do x[i] = i % 32 == 7 and 127 or math.random(-127, 127) end
    for g = 1, groups do
      local w, scales, text = group(blocks)
      parts[g], bytes[g] = { w, scales }, text
    end
    local y = call(tier, table.concat(bytes), x, n, groups, m)
    assert.equal(groups * 16 * m, #y)
    for at = 0, #y - 1 do
      local j, row = at // (groups * 16), at % (groups * 16)
      local w, scales = table.unpack(parts[row // 16 + 1])
      local sum, magnitude = 0, 0
      for b = 0, blocks - 1 do
        local whole = 0
        for k = b * 32, b * 32 + 31 do whole = whole + w[row % 16][k] * x[j * n + k + 1] end
        sum = sum + whole * scales[row % 16][b]
        magnitude = magnitude + math.abs(whole * scales[row % 16][b])
      end
      near(y[at + 1], sum, blocks * EPS * magnitude, "row " .. row .. " of column " .. j)
    end
  end
end

local checks = {
  matvec_f32 = function(tier) check_matvec(K.matvec_f32, tier) end,
  matvec_bf16 = function(tier) check_matvec(K.matvec_bf16, tier, value_bf16) end,
  matvec_f16 = function(tier) check_matvec(K.matvec_f16, tier, value_f16) end,

  matmul_bf16 = function(tier)
    local function normal() return math.random(0, 1) << 15 | math.random(0x3800, 0x3fff) end
    for _, n in ipairs { 0, 1, 2, 7, 33, 300 } do
      local rows, m, w, x = 5, 3, {}, {}
      for i = 1, rows * n do w[i] = normal() end
      for i = 1, m * n do x[i] = normal() end
      local y = K.matmul_bf16(tier, w, x, rows, n, m)
      for j = 0, m - 1 do
        for i = 0, rows - 1 do
          local sum, size = 0, 0
          for k = 1, n do
            local p = value_bf16(w[i * n + k]) * value_bf16(x[j * n + k])
            sum, size = sum + p, size + math.abs(p)
          end
          near(y[j * rows + i + 1], sum, n * (EPS * size + FLT_MIN), "n = " .. n)
        end
      end
    end
  end,

  rmsnorm = function(tier)
    for _, n in ipairs { 1, 5, 16, 50 } do
      local x, w, sum = numbers(n, 4), numbers(n), 0
      for i = 1, n do sum = sum + x[i] * x[i] end
      local e = f32(1e-5)
      local rms = math.sqrt(sum / n + e)
      local weighted, plain = K.rmsnorm(tier, x, w, e), K.rmsnorm(tier, x, nil, e)
      for i = 1, n do
        local want, bound = x[i] / rms, (n / 2 + 4) * EPS * math.abs(x[i] / rms)
        near(plain[i], want, bound, "element " .. i)
        near(weighted[i], want * w[i], bound * math.abs(w[i]), "weighted element " .. i)
      end
    end
  end,

  rope_half = function(tier)
    check_rope(K.rope_half, tier, function(i) return i end, function(i, hd) return i + hd // 2 end)
  end,
  rope_pairs = function(tier)
    check_rope(K.rope_pairs, tier, function(i) return 2 * i end, function(i) return 2 * i + 1 end)
  end,

  softmax = function(tier)
    for _, n in ipairs { 1, 2, 17, 50, 300 } do
      local x = numbers(n, 40)
      if n > 2 then x[3] = -math.huge end
      local got, want = K.softmax(tier, x), softmax(x)
      for i = 1, n do
        near(got[i], want[i], math.max((n + 16) * EPS * want[i], FLT_MIN), "element " .. i)
      end
      if n > 2 then assert.equal(0, got[3]) end
    end
    assert.same({}, K.softmax(tier, {}))
    for _, x in ipairs { { 1, 0 / 0, 2 }, { math.huge, 1 }, { -math.huge, -math.huge } } do
      for _, p in ipairs(K.softmax(tier, x)) do assert.is_true(is_nan(p)) end
    end
  end,

  swiglu = function(tier)
    local gate, up = {}, {}
    for i = 1, 500 do gate[i], up[i] = f32(-100 + i * 0.4), f32(math.random() * 2 - 1) end
    local y = K.swiglu(tier, gate, up)
    for i = 1, #y do
      local want = up[i] * gate[i] / (1 + math.exp(-gate[i]))
      near(y[i], want, 16 * EPS * math.abs(want) + FLT_MIN * math.abs(up[i]), "g = " .. gate[i])
    end
  end,

  add = function(tier)
    local y, x = numbers(50), numbers(50, 1e-3)
    local sum = K.add(tier, y, x)
    for i = 1, 50 do assert.equal(f32(y[i] + x[i]), sum[i]) end
  end,

  attend = function(tier)
    check_attend(tier, 1, 3, 64, 40)
    check_attend(tier, 5, 3, 32, 14)
    check_attend(tier, 11, 1, 6, 1)
    check_attend(tier, 2, 5, 18, 31)
    check_attend(tier, 4, 2, 8, 254)
  end,

  quantize_head = function(tier)
    local x = numbers(68, 5)
    local q, scale = K.quantize_head(tier, x)
    local most = 0
    for i = 1, 68 do most = math.max(most, math.abs(x[i])) end
    near(scale, most / 127, EPS * most / 127, "scale")
    for i = 1, 68 do
      near(string.unpack("b", q, i), x[i] * 127 / most, 0.5 + 127 * EPS, "q " .. i)
    end
    x[40] = 0 / 0
    q, scale = K.quantize_head(tier, x)
    assert.is_true(is_nan(scale))
    assert.equal(("\0"):rep(68), q)
  end,
  attend_q8 = function(tier)
    check_attend_q8(tier, 1, 3, 64, 40)
    check_attend_q8(tier, 5, 3, 32, 14)
    check_attend_q8(tier, 11, 1, 4, 1)
    check_attend_q8(tier, 2, 5, 20, 31)
    check_attend_q8(tier, 4, 2, 8, 254)
  end,

  attend_q4 = function(tier)
    for _, case in ipairs { { 1, 3, 64, 40 }, { 5, 3, 32, 14 }, { 2, 1, 96, 250 } } do
      check_attend_q4(tier, table.unpack(case))
    end
  end,
  quantize_head_q4 = function(tier)
    local x = numbers(64, 5)
    local codes, scale = K.quantize_head_q4(tier, x)
    local most, off, size = 0, 0, 0
    for i = 1, 64 do
      most = math.max(most, math.abs(x[i]))
      off, size = off + (x[i] - scale * head_level(codes:byte(i))) ^ 2, size + x[i] ^ 2
    end
    assert.is_true(off < 0.01 * size, "error " .. off / size)
    near(scale, most / 127, 0.3 * most / 127, "scale")
    x[40] = 0 / 0
    assert.is_true(is_nan(select(2, K.quantize_head_q4(tier, x))))
  end,
  hadamard = function(tier)
    local x = numbers(2 * 96)                           -- blocks of 32
    local y = K.hadamard(tier, x, 2)
    for first = 0, 2 * 96 - 32, 32 do
      for i = 0, 31 do
        local sum = 0
        for j = 0, 31 do
          local shared, sign = i & j, 1
          while shared > 0 do shared, sign = shared & (shared - 1), -sign end
          sum = sum + sign * x[first + j + 1]
        end
        near(y[first + i + 1], sum / math.sqrt(32), 8 * EPS * math.sqrt(32), "y " .. first + i)
      end
    end
  end,

  widen_bf16 = function(tier) check_widen(K.widen_bf16, tier, value_bf16) end,
  widen_f16 = function(tier) check_widen(K.widen_f16, tier, value_f16) end,
  narrow_bf16 = function(tier) check_narrow(K.narrow_bf16, tier, value_bf16, 0x7f80) end,
  narrow_f16 = function(tier) check_narrow(K.narrow_f16, tier, value_f16, 0x7c00) end,

  quantize = function(tier)
    local x = numbers(96, 5)
    for i = 33, 64 do x[i] = 0 end
    local q, scale, bias = K.quantize(tier, x)
    for b = 0, 2 do
      local most, sum = 0, 0
      for i = b * 32 + 1, b * 32 + 32 do most = math.max(most, math.abs(x[i])) end
      near(scale[b + 1], most / 127, EPS * most / 127, "scale " .. b)
      for i = b * 32 + 1, b * 32 + 32 do
        local whole = string.unpack("b", q, i)
        sum = sum + whole
        near(whole, most == 0 and 0 or x[i] * 127 / most, 0.5 + 127 * EPS, "q " .. i)
      end
      assert.equal(-128 * sum, bias[b + 1])
    end
    x[40] = 0 / 0
    q, scale, bias = K.quantize(tier, x)
    assert.is_true(is_nan(scale[2]))
    assert.equal(("\0"):rep(32), q:sub(33, 64))
    assert.equal(0, bias[2])
  end,
  matmul_q8 = function(tier) check_matmul(K.matmul_q8, tier, group_q8) end,
  matmul_q4 = function(tier) check_matmul(K.matmul_q4, tier, group_q4) end,

  log_sum_exp = function(tier)
    for _, n in ipairs { 1, 2, 17, 300 } do
      local x, sum = numbers(n, 40), 0
      for i = 1, n do sum = sum + math.exp(x[i]) end
      near(K.log_sum_exp(tier, x), math.log(sum), 17 * EPS, "n = " .. n)
    end
    assert.is_true(is_nan(K.log_sum_exp(tier, { 1, 0 / 0, math.huge })))
    assert.is_true(is_nan(K.log_sum_exp(tier, { -math.huge })))
    assert.is_true(is_nan(K.log_sum_exp(tier, {})))
    assert.equal(math.huge, K.log_sum_exp(tier, { 1, math.huge }))
  end,
}

describe("the formula in doubles", function()
  math.randomseed(2024)
  local cpu = K.detect()
  for _, tier in ipairs(K.tiers()) do
    local serves = K.select { scalar = true, [tier] = true }
    for _, kernel in ipairs(K.kernels()) do
      if cpu[tier] and serves[kernel] == tier then
        it("is kept by " .. tier .. " " .. kernel, function() checks[kernel](tier) end)
      end
    end
  end
end)
