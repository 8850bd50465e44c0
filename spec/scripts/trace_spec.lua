-- The inside of a forward pass: what is read is what was computed, what is written is used.
local support = require "spec.support"
local moonlet = require "moonlet"
local trace = require "moonlet.trace"

local model = assert(moonlet.load(support.pocket))
local text = "<|user|>set an alarm for seven<|call|>"
local ids = model:encode(text, { special = true })

local function fed(options)
  local s = model:session(options)
  s:feed(ids)
  return s
end

describe("session:trace", function()
  it("computes what feed computes, bit for bit, in any chunks", function()
    local plain = fed():logits():totable()
    for _, chunk in ipairs { 3, 64 } do
      local s = model:session { chunk = chunk }
      local kept = s:trace(ids, { names = { "residual", "q" } })
      assert.same(plain, s:logits():totable())
      assert.same({ #ids, model.config.hidden_size }, kept.residual[12].shape)
      assert.same({ #ids, 6, 32 }, kept.q[1].shape)
    end
  end)

  it("names every intermediate, with its shape", function()
    local c, T = model.config, #ids
    local D, F, H, G, K = c.hidden_size, c.intermediate_size, c.num_attention_heads,
      c.num_key_value_heads, c.head_dim
    local shapes = { embedding = { T, D }, attention_norm = { T, D }, q = { T, H, K },
      k = { T, G, K }, v = { T, G, K }, q_rope = { T, H, K }, k_rope = { T, G, K },
      attention_map = { H, T, T }, attention = { T, H, K }, attention_out = { T, D },
      mlp_norm = { T, D }, gate = { T, F }, up = { T, F }, swiglu = { T, F }, residual = { T, D } }
    local kept = model:session():trace(ids, { names = "all", layers = { 2 } })
    for _, name in ipairs(trace.names) do
      assert.same(shapes[name], kept[name][name == "embedding" and 0 or 2].shape, name)
      assert.is_nil(kept[name][1])
      shapes[name] = nil
    end
    assert.same({}, shapes)
  end)

  it("gives intermediates that follow from each other", function()
    local s = model:session()
    local kept = s:trace(ids, { names = "all", layers = { 5 } })
    local function of(name) return kept[name][5] end
    local w = model:parameters()
    local function weight(name)
      return w["model.layers.4." .. name .. ".weight"]:to("f32"):t():contiguous()
    end
    assert.is_true(of "gate":equals(of "mlp_norm":matmul(weight "mlp.gate_proj"), 1e-3))
    assert.is_true(of "swiglu":equals(of "gate":silu() * of "up", 1e-4))
    local out = of "attention_out" + of "swiglu":matmul(weight "mlp.down_proj")
    assert.is_true(of "residual":equals(out, 1e-3))
    local q = of "attention_norm":matmul(weight "self_attn.q_proj")
    assert.is_true(of "q":contiguous():view(#ids, 192):equals(q, 1e-3))
    for h = 1, 6 do                     -- attention = map * values, by the group's head
      local values = of "v":select(2, math.floor((h - 1) / 3) + 1):contiguous()
      local mixed = of "attention_map":select(1, h):contiguous():matmul(values)
      assert.is_true(of "attention":select(2, h):contiguous():equals(mixed, 1e-4))
    end
  end)

  it("lets each intermediate be overwritten", function()
    local plain = fed():logits():totable()
    for _, name in ipairs(trace.names) do
      local s, seen = model:session(), 0
      s:trace(ids, { edit = function(at, layer, t)
        if at ~= name or layer > 1 then return nil end
        seen = seen + 1
        return t
      end })
      assert.equal((name == "attention_map" or name == "k_rope") and 0 or 1, seen, name)
      assert.same(plain, s:logits():totable())
      if seen > 0 then
        s = model:session()
        s:trace(ids, { edit = function(at, layer, t)
          return at == name and layer <= 1 and t * 0.5 or nil
        end })
        assert.not_same(plain, s:logits():totable())
      end
    end
  end)

  it("reads keys and values out of exact and rounded caches", function()
    local exact, small = {}, {}
    for _, case in ipairs { { "f32", exact }, { "q8", small } } do
      local s = model:session { cache = case[1] }
      s:begin(ids)
      repeat local stage, layer = s:stage() until stage == "rope" and layer == 7
      case[2].keys, case[2].values, case[2].k = s:peek("keys", 7), s:peek("values", 7), s:peek "k"
    end
    assert.is_true(exact.keys:transpose(1, 2):contiguous():equals(exact.k, 0))
    assert.is_true(small.keys:transpose(1, 2):contiguous():equals(small.k, 0.1))
    assert.is_false(small.keys:transpose(1, 2):contiguous():equals(small.k, 0))
    assert.is_true(small.values:equals(exact.values, 0.2))
  end)

  it("reads no keys that are not there yet", function()
    for _, cache in ipairs { "f32", "q8", "q4" } do
      local s = model:session { cache = cache }
      s:feed(ids)
      s:rewind(2)
      s:begin(ids)
      repeat
        local stage, layer = s:stage()
        local there = stage ~= "embedding" and (layer > 7 or layer == 7 and stage ~= "qkv"
          and stage ~= "attention_norm")
        assert.equal(there and #ids + 2 or 2, s:peek("keys", 7).shape[2], stage)
      until stage == "swiglu" and layer == 8
    end
  end)

  it("may be left in the middle of a block", function()
    local plain = fed():logits():totable()
    local s = model:session()
    s:begin(ids)
    for _ = 1, 13 do s:stage() end
    while not s:step {} do end
    assert.same(plain, s:logits():totable())
    s = model:session()
    s:begin(ids)
    for _ = 1, 13 do s:stage() end
    s:rewind(0)
    s:feed(ids)
    assert.same(plain, s:logits():totable())
  end)

  it("says what is wrong, and leaves the session as it was", function()
    local s = model:session()
    assert.error_matches(function() s:trace(ids, { names = { "residul" } }) end, "residual")
    assert.error_matches(function() s:trace(ids, { name = {} }) end, "names")
    assert.error_matches(function() s:peek "x" end, "no feed is in work")
    s:begin(ids)
    s:stage()
    assert.error_matches(function() s:peek "y" end, "keys values")
    assert.error_matches(function() s:peek("keys", 19) end, "no layer 19")
    assert.error_matches(function() s:poke("x", moonlet.zeros { 2, 2 }) end, "192 a token")
    s:rewind(0)
    assert.error_matches(function()
      s:trace(ids, { edit = function() error "mine" end })
    end, "mine")
    assert.equal(0, #s)
    assert.same(fed():logits():totable(), s:feed(ids):logits():totable())
  end)
end)

describe("model:attention", function()
  it("gives rows of weights that see no future, and labels", function()
    local map, pieces = model:attention(text, { layer = 3, head = 2, special = true })
    assert.same({ #ids, #ids }, map.shape)
    assert.equal(#ids, #pieces)
    for t = 1, #ids do
      assert.near(1, map[t]:sum():item(), 1e-5)
      if t < #ids then assert.equal(0, map[t]:narrow(1, t + 1, #ids - t):max():item()) end
    end
    local mean = model:attention(text, { layer = 3, head = "mean", special = true })
    assert.near(1, mean[4]:sum():item(), 1e-5)
    assert.error_matches(function() model:attention(text, { head = 7 }) end, "1 to 6")
    assert.error_matches(function() model:attention(text, { layer = 19 }) end, "no layer 19")
  end)
end)

describe("model:lens", function()
  it("ends in what the model says", function()
    local lens = model:lens(text, { special = true })
    assert.equal(18, #lens)
    local best = fed():top(1)[1]
    assert.equal(best.id, lens[18][#ids].id)
    assert.near(best.logprob, math.log(lens[18][#ids].probability), 1e-3)
    assert.equal(19, select(2, (tostring(lens) .. "\n"):gsub("\n", "")))
  end)
end)
