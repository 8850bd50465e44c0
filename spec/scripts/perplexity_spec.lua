-- Perplexity in windows, and how far two loadings differ, against answers computed another way.
local support = require "spec.support"
local moonlet = require "moonlet"
local perplexity = require "moonlet.eval.perplexity"

local model = assert(moonlet.load(support.pocket))
local function near(a, b, tolerance) return math.abs(a - b) <= tolerance end

teardown(function() model:close() end)

describe("perplexity", function()
  local text = support.read "README.md":sub(1, 1500)

  it("has windows that judge each token once", function()
    for n = 0, 40 do
      for context = 2, 9 do
        for stride = 1, context - 1 do
          local expected = 2
          for i, w in ipairs(perplexity.windows(n, context, stride)) do
            assert(w.first == (i - 1) * stride + 1 and w.judged == expected)
            assert(w.judged > w.first and w.last <= n and w.last - w.first < context)
            assert(i == 1 or w.judged - w.first >= context - stride)
            expected = w.last + 1
          end
          assert(expected == math.max(2, n + 1))
        end
      end
    end
  end)

  it("equals model:score where a text fits", function()
    local p = assert(perplexity.new(model, { context = 512 }))
    local score = assert(model:score("The cat sat on the mat."))
    assert(p:add "The cat sat on the mat.")
    local r = p:report()
    assert.truthy(near(r.nats, -score.sum, 1e-9) and near(r.perplexity, score.perplexity, 1e-9))
    assert.truthy(near(r.bits_per_byte, -score.sum / math.log(2) / 23, 1e-9))
    assert.same({ 1, #score.ids - 1, 23 }, { r.documents, r.tokens, r.bytes })
    p:close()
  end)

  it("reads long texts in windows", function()
    local ids = assert(model:encode(text, { bos = true }))
    local nats, session = 0, assert(model:session())
    for _, w in ipairs(perplexity.windows(#ids, 64, 24)) do
      session:rewind(0)
      local logprobs = assert(session:score { table.unpack(ids, w.first, w.last) })
      for i = w.judged, w.last do nats = nats - logprobs[i - w.first + 1] end
    end
    local p = assert(perplexity.new(model, { context = 64, stride = 24 }))
    assert(p:add(text))
    assert.truthy(near(p:report().nats, nats, 1e-6))
    session:close()
    p:close()
  end)

  it("compares two loadings", function()
    local rough = assert(moonlet.load(support.pocket, { dtype = "q4" }))
    local p = assert(perplexity.new(rough, { context = 128, stride = 100, against = model }))
    local alone = assert(perplexity.new(rough, { context = 128, stride = 100 }))
    local other = assert(perplexity.new(model, { context = 128, stride = 100 }))
    for _, one in ipairs { p, alone, other } do assert(one:add(text)) end
    local r, against = p:report(), p:report().against
    assert.truthy(near(r.perplexity, alone:report().perplexity, 1e-3))
    assert.truthy(near(against.perplexity, other:report().perplexity, 1e-3))
    assert.truthy(near(against.ratio, r.perplexity / against.perplexity, 1e-9))
    assert.truthy(against.kl_mean > 1e-5 and against.kl_mean < 0.1)
    assert.truthy(against.kl_mean <= against.kl_99 and against.kl_99 <= against.kl_max)
    assert.truthy(against.top1 > 0.8 and against.top1 < 1)
    local same = assert(perplexity.new(model, { against = model }))
    assert(same:add(text))
    assert.truthy(same:report().against.kl_max < 1e-5)
    assert.equal(1, same:report().against.top1)
    for _, one in ipairs { p, alone, other, same } do one:close() end
    rough:close()
  end)

  it("measures KL(against || model)", function()
    local rough = assert(moonlet.load(support.pocket, { dtype = "q4" }))
    local p = assert(perplexity.new(rough, { against = model }))
    assert(p:add "The cat")
    local ids, kl = model:encode("The cat", { bos = true }), 0
    local a, b = assert(rough:session()), assert(model:session())
    for at = 1, #ids - 1 do
      local q = assert(a:feed(ids[at])):logits():softmax():totable()
      local t = assert(b:feed(ids[at])):logits():softmax():totable()
      for i = 1, #t do
        if t[i] > 0 then kl = kl + t[i] * math.log(t[i] / q[i]) end
      end
    end
    assert.truthy(near(p:report().against.kl_mean, kl / (#ids - 1), 1e-5))
    for _, one in ipairs { p, a, b, rough } do one:close() end
  end)

  it("refuses what cannot be measured", function()
    assert.has_error(function() perplexity.new(model, { context = 8, stride = 8 }) end)
    local p = assert(perplexity.new(model, {}))
    assert.is_nil((p:report()))
    p:close()
  end)
end)
