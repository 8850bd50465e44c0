-- Rounding with feedback: its factors against the sum that they come from, what it gains, and
-- models that are quantised for a text.
local support = require "spec.support"
local moonlet = require "moonlet"
local quant = require "moonlet.debug.quant"

local fixtures = "spec/fixtures/"

local floats = support.bits

-- Inputs (T, n) that are related: n columns made of a few.
local function related(T, n, rank, seed)
  local few = moonlet.randn({ T, rank }, { seed = seed })
  local ways = moonlet.randn({ rank, n }, { seed = seed + 1 })
  return few:matmul(ways) + moonlet.randn({ T, n }, { seed = seed + 2 }) * 0.3
end

local function tensor_of(text, ...) return moonlet.tensor(support.numbers(text)):view(...) end

describe("feedback", function()
  it("has factors that make up the sum again, damped", function()
    for _, n in ipairs { 1, 31, 32, 33, 64, 100, 200 } do
      local x = related(300, n, 7, n)
      local factor, importance = quant.feedback(floats(x), n, 2)
      local a, d = tensor_of(factor, n, n):totable(), tensor_of(importance, n):totable()
      local sum = x:transpose(1, 2):matmul(x):totable()
      local trace, mean = 0, 0
      for k = 1, n do
        trace = trace + sum[k][k]
        a[k][k] = 1
        mean = mean + d[k] / n
        assert.is_true(d[k] > 0)
      end
      assert.near(1, mean, 1e-5)
      for i = 1, n do
        for j = i + 1, n do sum[i][j] = sum[i][j] * 300 / (300 + n) end
        sum[i][i] = sum[i][i] + 0.01 * trace / n
      end
      -- R R^T = unit D unit^T, D being importance times one number, which the last pivot tells
      local pivots = sum[n][n] / d[n]
      local worst = 0
      for i = 1, n do
        for j = i, n do
          local made = 0
          for k = j, n do made = made + a[i][k] * a[j][k] * d[k] * pivots end
          worst = math.max(worst, math.abs(made - sum[i][j]))
        end
      end
      local bound = 1e-4 * trace / n * math.sqrt(n)
      assert(worst < bound, ("n=%d: %g, bound %g"):format(n, worst, bound))
    end
  end)

  it("is the same for any number of threads", function()
    local x = floats(related(200, 160, 9, 3))
    local factor, importance = quant.feedback(x, 160, 1)
    for threads = 2, 3 do
      local f, i = quant.feedback(x, 160, threads)
      assert.is_true(f == factor and i == importance)
    end
  end)

  it("survives inputs of which there are none, few, or one kind", function()
    local w = floats(moonlet.randn({ 5, 64 }, { seed = 4 }))
    local plain = quant.quantize(w, "f32", 5, 64, "q4", 1)
    local zeros, ones = floats(moonlet.zeros { 3, 64 }), moonlet.ones { 9, 64 }
    assert.is_true(plain == quant.quantize(w, "f32", 5, 64, "q4", 1, zeros))
    for _, x in ipairs { moonlet.randn({ 1, 64 }, { seed = 5 }), ones, ones * 1e-20,
                         ones * 1e15 } do
      local bytes = quant.quantize(w, "f32", 5, 64, "q4", 1, floats(x))
      for _, y in ipairs(support.numbers(quant.dequantize(bytes, "q4", 5, 64))) do
        assert.is_true(math.abs(y) < 10)
      end
    end
    local nan = floats(moonlet.ones { 1, 32 } * (0 / 0))
    assert.error_matches(function() quant.feedback(nan, 32, 1) end, "not finite")
  end)

  -- Mean square of what rounding adds to the products with such inputs.
  local function harm(kind, w, rows, n, x, fed)
    local bytes = quant.quantize(floats(w), "f32", rows, n, kind, 2, fed and floats(fed) or nil)
    local e = tensor_of(quant.dequantize(bytes, kind, rows, n), rows, n) - w
    local change = x:matmul(e:transpose(1, 2))
    return (change * change):mean():item()
  end

  for kind, bound in pairs { q4 = 0.35, q8 = 0.35 } do
    it(kind .. " changes products with related inputs less", function()
      local rows, n = 37, 192
      local w = moonlet.randn({ rows, n }, { seed = 6 })
      local ways = 12                           -- the same relations in what is seen and held out
      local all = related(1200, n, ways, 9)
      local seen, held = all:narrow(1, 1, 800):contiguous(), all:narrow(1, 801, 400):contiguous()
      local plain, fed = harm(kind, w, rows, n, held), harm(kind, w, rows, n, held, seen)
      assert(fed < bound * plain, ("%g against %g"):format(fed, plain))
    end)

    it(kind .. " loses nothing when inputs are not related", function()
      local rows, n = 16, 128
      local w = moonlet.randn({ rows, n }, { seed = 7 })
      local x = moonlet.randn({ 4000, n }, { seed = 8 })
      assert(harm(kind, w, rows, n, x, x) < 1.02 * harm(kind, w, rows, n, x))
    end)
  end
end)

-- Some ids for models that have no vocabulary beside them.
local IDS = {}
for i = 1, 1500 do IDS[i] = i * i * 7 % 90 + 3 end

local TEXT = [[
The old man had lived by the sea all his life. Every morning he went down to his boat, looked
at the sky, and said nothing. "Will it rain today?" asked the girl who sold bread. "It will,"
said he, "but not before noon, and by then I shall be home again." In the harbour the fishermen
were already mending their nets, and the first of the gulls came in from the cliffs. ]]

describe("quantizer:calibrate", function()
  local folder, remove
  before_each(function() folder, remove = support.folder() end)
  after_each(function() remove() end)

  local function quantize(source, target, options, ...)
    local q = assert(moonlet.quantizer(source, target, options))
    for _, text in ipairs { ... } do assert(q:calibrate(text)) end
    local names = {}
    for _ = 1, q:count() do names[#names + 1] = assert(q:step()) end
    assert.is_false(q:step())
    q:close()
    return names
  end

  -- Mean divergence of next-token distributions from the stored model's.
  local function divergence(stored, model, ids)
    local p = stored:session():evaluate(ids):softmax(2):maximum(1e-30)
    local q = model:session():evaluate(ids):softmax(2):maximum(1e-30)
    return (p * (p:log() - q:log())):sum():item() / #ids
  end

  it("leaves the model nearer to what it was, on text that it has not seen", function()
    local stored = assert(moonlet.load())
    quantize(support.pocket, folder .. "/plain", { dtype = "q4" })
    local names = quantize(support.pocket, folder .. "/fed", { dtype = "q4" }, TEXT)
    assert.equal("model.embed_tokens.weight", names[1])
    local plain = assert(moonlet.load(folder .. "/plain"))
    local fed = assert(moonlet.load(folder .. "/fed"))
    assert.same(plain.dtypes, fed.dtypes)
    local held = "Once there was a boy who did not like to sleep. When night came he sat by the "
      .. "window and counted the lights of the town, one after the other, until his mother found "
      .. "him there. She did not scold him. She took a blanket and counted with him."
    local ids = stored:encode(held)
    local before, after = divergence(stored, plain, ids), divergence(stored, fed, ids)
    assert(after < 0.85 * before, ("%g, plain %g"):format(after, before))
    assert.is_true(floats(plain:parameters()["model.embed_tokens.weight"])
      == floats(fed:parameters()["model.embed_tokens.weight"]))
  end)

  it("writes the same bytes with any number of threads, and however the text comes", function()
    local first
    for threads = 1, 3 do
      local target = folder .. "/" .. threads
      quantize(fixtures .. "tiny-gqa", target, { dtype = "q4", threads = threads }, IDS)
      local bytes = support.read(target .. "/model.safetensors")
      first = first or bytes
      assert.is_true(bytes == first)
    end
    local function written(target, ...)
      quantize(fixtures .. "tiny-gqa", folder .. target, { dtype = "q4" }, ...)
      return support.read(folder .. target .. "/model.safetensors")
    end
    local plain = written "/plain"
    assert.is_false(first == plain)
    assert.is_true(written("/nothing", {}) == plain)
    local windows = {}                  -- as the quantizer cuts what does not begin with BOS
    for at = 1, #IDS, 512 do
      windows[#windows + 1] = table.move(IDS, at, math.min(at + 511, #IDS), 1, {})
    end
    assert.is_true(written("/windows", table.unpack(windows)) == first)
    local bos = moonlet.config(fixtures .. "tiny-gqa").bos_token_id
    local headed = table.move(IDS, 1, #IDS, 2, { bos })
    for i, at in ipairs { 1, 512, 1023 } do
      windows[i] = table.move(IDS, at, math.min(at + 510, #IDS), 2, { bos })
    end
    assert.is_true(written("/headed", headed) == written("/windows", table.unpack(windows)))
  end)

  it("takes every form of model", function()
    for _, name in ipairs { "tiny-gqa-sharded", "tiny-gqa-ptbin-f16", "tiny-untied", "tiny-odd",
                            "tiny-ls" } do
      for _, dtype in ipairs { "q8", "q4" } do
        local target = ("%s/%s-%s"):format(folder, name, dtype)
        quantize(fixtures .. name, target, { dtype = dtype }, IDS)
        local stored, made = assert(moonlet.load(fixtures .. name)), assert(moonlet.load(target))
        local plain = assert(moonlet.load(fixtures .. name, { dtype = dtype }))
        assert.same(plain.dtypes, made.dtypes)
        local ids = table.move(IDS, 1, 60, 1, {})
        local before, after = divergence(stored, plain, ids), divergence(stored, made, ids)
        assert(after < 1.1 * before, ("%s in %s: %g, plain %g"):format(name, dtype, after, before))
      end
    end
    local file = folder .. "/m.gguf"
    assert(moonlet.convert(support.pocket, file, { type = "f32" }))
    quantize(file, folder .. "/from-gguf", { dtype = "q4" }, TEXT)
    quantize(support.pocket, folder .. "/from-folder", { dtype = "q4" }, TEXT)
    local a, b = assert(moonlet.load(folder .. "/from-gguf")):parameters(),
                 assert(moonlet.load(folder .. "/from-folder")):parameters()
    for name, t in pairs(b) do assert.is_true(floats(a[name]) == floats(t), name) end
  end)

  it("says what it cannot do", function()
    local q = assert(moonlet.quantizer(fixtures .. "tiny-gqa", folder .. "/m"))
    assert.error_matches(function() q:calibrate { 1, 2, 90000 } end, "token id 90000 at 3")
    assert.error_matches(function() q:calibrate() end, "")
    local none, message, code = q:calibrate(TEXT)
    assert.is_nil(none)
    assert.equal("support", code)
    assert.matches("has no tokenizer.model beside it", message)
    assert(q:calibrate(IDS))
    assert(q:step())
    assert.error_matches(function() q:calibrate(IDS) end, "text comes before its first step")
    q:close()
    assert.error_matches(function() q:calibrate(IDS) end, "closed")
  end)

  it("names a block whose activations are not finite", function()
    local path = folder .. "/m"
    support.changed_model(fixtures .. "tiny-gqa", path, "model.layers.1.input_layernorm.weight",
      function(norm) norm:set(4, 1 / 0) end)
    local q = assert(moonlet.quantizer(path, folder .. "/n"))
    assert(q:calibrate(IDS))
    local result, message, code
    repeat result, message, code = q:step() until not result
    assert.is_nil(result)
    assert.equal("math", code)
    assert.matches("block 2 of the model gives numbers that are not finite", message)
    q:close()
    assert.is_nil(support.read(folder .. "/n/model.safetensors"))
  end)

  it("is an option of the verb", function()
    local function verb(...)
      local out, code, err = support.moonlet { "quantize", support.pocket, ... }
      return code, out .. err
    end
    local text = folder .. "/text"
    support.write(text, TEXT)
    local code, said = verb(folder .. "/m", "--calibrate", text)
    assert.equal(0, code, said)
    quantize(support.pocket, folder .. "/n", { dtype = "q4" }, TEXT)
    assert.is_true(support.read(folder .. "/m/model.safetensors")
      == support.read(folder .. "/n/model.safetensors"))
    code, said = verb(folder .. "/o", "--calibrate", folder .. "/absent")
    assert.equal(1, code)
    assert.matches("absent: No such file", said)
    support.write(text, "")
    code, said = verb(folder .. "/o", "--calibrate", text)
    assert.equal(1, code)
    assert.matches("has no text to calibrate with", said)
    assert.is_nil(support.read(folder .. "/o/model.safetensors"))
  end)
end)
