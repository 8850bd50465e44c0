-- The memory that is told before loading is the memory that is then taken.
local support = require "spec.support"
local formats = require "moonlet.debug.formats"
local make = require "spec.core.make_gguf"
local moonlet = require "moonlet"

local folder, remove
setup(function() folder, remove = support.folder() end)
teardown(function() remove() end)

-- What a program of its own prints; grown() in it: MB that it has needed more since the last call.
local function run(script)
  local out, code, err = support.moonlet { "-e", [[
    local moonlet, before = require "moonlet", 0
    local function grown()
      local file = assert(io.open "/proc/self/status")
      local most = file:read "a":match "VmHWM:%s*(%d+)" / 1024
      file:close()
      local more = most - before
      before = most
      return more
    end
    grown()
  ]] .. script }
  assert.equal(0, code, err)
  return out
end

local function with(options, extra)
  local all = {}
  for _, list in ipairs { options, extra } do
    for name, value in pairs(list) do all[name] = value end
  end
  return all
end

describe("plan", function()
  local models = { support.pocket, "spec/fixtures/tiny-ls", "spec/fixtures/tiny-untied",
    "spec/fixtures/tiny-gqa-sharded", "spec/fixtures/tiny-gqa-ptbin-bf16", "spec/fixtures/tiny-r1" }
  local loads = { {}, { dtype = "f32" }, { dtype = "bf16", threads = 0 }, { dtype = "q8" },
    { dtype = "q4" }, { dtype = "q4", head_dtype = "f16", threads = 3 } }
  local sessions = { {}, { context = 100 }, { context = 600, chunk = 16 }, { cache = "q8" },
    { cache = "bf16", chunk = 5 } }

  it("tells what model and session will say of themselves", function()
    for _, path in ipairs(models) do
      for _, load in ipairs(loads) do
        local model = assert(moonlet.load(path, load))
        for _, options in ipairs(sessions) do
          local session = model:session(options)
          assert.same({ weights = model.bytes, session = session.bytes,
            total = model.bytes + session.bytes },
            (function(plan) plan.mapped = nil return plan end)(
              assert(moonlet.plan(path, with(load, options)))))
          session:close()
        end
        model:close()
      end
    end
  end)

  it("counts on weights that load maps at once, where memory has the file", function()
    local out = run [[
      assert(io.open("examples/models/pocket/model.safetensors", "rb")):read "a"
      local model = assert(moonlet.load())
      local size, mapped, ours = 0, 0, false
      for line in io.lines "/proc/self/smaps" do
        if line:match "^%x+%-%x+ " then ours = line:match "pocket/model%.safetensors$" end
        if ours then size = size + (line:match "^Size:%s*(%d+)" or 0) end
        if ours then mapped = mapped + (line:match "^Rss:%s*(%d+)" or 0) end
      end
      print(size, mapped)
    ]]
    local size, mapped = out:match "(%d+)%s+(%d+)"
    assert.is_true(tonumber(size) > 10000)
    assert.equal(size, mapped)
  end)

  -- KB of a model's weights that its process has in huge pages after a token.
  local function in_huge_pages(path)
    return tonumber(run(([[
      local model = assert(moonlet.load(%q))
      model:session():feed(1)
      local huge, ours = 0, false
      for line in io.lines "/proc/self/smaps" do
        if line:match "^%%x+%%-%%x+ " then ours = line:match "model%%.safetensors$" end
        if ours then huge = huge + (line:match "^FilePmdMapped:%%s*(%%d+)" or 0) end
      end
      print(huge)
    ]]):format(path)))
  end

  it("has weights in huge pages, where the file system can", function()
    local function shell(command) assert.is_true(os.execute(command:gsub("DIR", folder))) end
    shell("mkdir DIR/large DIR/cold && cp " .. support.pocket .. "/*.json " .. support.pocket
      .. "/*.model DIR/large && cp DIR/large/* DIR/cold")
    shell("dd bs=2M status=none of=DIR/large/model.safetensors if=" .. support.pocket
      .. "/model.safetensors")
    if in_huge_pages(folder .. "/large") == 0 then
      pending "the file system of temporary files keeps no huge pages"
      return
    end
    assert.equal(0, select(2, support.moonlet { "quantize", support.pocket, folder .. "/written" }))
    assert.is_true(in_huge_pages(folder .. "/written") > 0)
    shell("dd bs=4k status=none of=DIR/cold/model.safetensors if=" .. support.pocket
      .. "/model.safetensors && sync DIR/cold/model.safetensors")
    shell "dd iflag=nocache count=0 status=none if=DIR/cold/model.safetensors"
    assert.is_true(in_huge_pages(folder .. "/cold") > 0)
  end)

  it("tells of a cache in 4 bits what the session will", function()
    local model = assert(moonlet.load(support.pocket))
    local options = { context = 600, cache = "q4" }
    assert.equal(model:session(options).bytes, moonlet.plan(support.pocket, options).session)
  end)

  it("tells how much stays in the file", function()
    local stored = moonlet.plan(support.pocket)
    local converted = moonlet.plan(support.pocket, { dtype = "q4" })
    local norms = stored.weights - stored.mapped        -- f32 whatever they are stored as
    assert.equal(37 * 192 * 4, norms)
    assert.equal(0, converted.mapped)
    assert.is_true(converted.weights < stored.weights)
  end)

  describe("of a GGUF file", function()
    local q8, bf16
    setup(function()
      q8, bf16 = folder .. "/q8.gguf", folder .. "/bf16.gguf"
      assert(moonlet.convert(support.pocket, q8, { type = "q8_0" }))
      assert(moonlet.convert(support.pocket, bf16, { type = "bf16" }))
    end)

    it("tells what is made anew of what stays in the file", function()
      assert.equal(0, assert(moonlet.plan(q8)).mapped)
      local plan = assert(moonlet.plan(bf16))
      local model = assert(moonlet.load(bf16))
      assert.equal(model.bytes, plan.weights)
      local mapped = 0                          -- all but norms, and the rows of q and k
      for name, tensor in pairs(model:parameters()) do
        local stays = #tensor.shape == 2 and not name:find "[qk]_proj"
        if stays then mapped = mapped + 2 * tensor.shape[1] * tensor.shape[2] end
      end
      assert.equal(mapped, plan.mapped)
      assert.is_true(mapped > 0)
    end)

    it("reads no weight", function()
      local more = tonumber(run(("assert(moonlet.plan %q) print(grown())"):format(q8)))
      assert(more < 8, more)                    -- in f32 they are 31 MB
    end)

    it("is loaded without a second copy of what is converted", function()
      -- AddressSanitizer holds freed memory back and so measures itself
      if (os.getenv "MOONLET_BUILD" or ""):find "asan" then return end
      local more = tonumber(run(([[
        local model = assert(moonlet.load(%q, { dtype = "q4", threads = 1 }))
        print(grown())]]):format(q8)))
      assert(more < 24, more)                   -- the file's 8 MB, 5 MB of blocks, one matrix
    end)

    it("is refused for its shapes before memory is taken for them", function()
      local values, tensors = make.small()
      local rows = 1 << 20                      -- 36 MB in the file, 134 MB in f32
      make.bend(tensors, "blk.0.ffn_up.weight",
        { type = 8, dims = { 32, rows }, bytes = ("\0"):rep(34 * rows) })
      local path = support.write(folder .. "/huge.gguf", make.file(values, tensors))
      for _, verb in ipairs { "load(%q)", "plan(%q)", "convert(%q, os.tmpname() .. '.x')" } do
        local out = run((([[
          local made, message, code = moonlet.]] .. verb .. [[
          assert(not made and code == "format", message)
          print(message, grown())]]):format(path)))
        local message, more = out:match "^(.*)\t(.-)\n$"
        assert.matches("up_proj.weight' has shape", message, 1, true)
        assert(tonumber(more) < 64, more)
      end
    end)
  end)

  it("counts what an adapter is merged into as made anew", function()
    local dir = support.shared .. "/vectors/tiny-gqa-lora"
    if not support.read(dir .. "/adapter_config.json") then
      print("plan: no adapter at " .. dir)
      return
    end
    local gqa, mapped = "spec/fixtures/tiny-gqa", 0
    local updates, model = assert(moonlet.load_tensors(dir .. "/adapter_model.safetensors")),
      assert(moonlet.load(gqa))
    for name, tensor in pairs(model:parameters()) do
      local update = "base_model.model." .. name:gsub("weight$", "lora_A.weight")
      if #tensor.shape == 2 and not updates[update] then
        mapped = mapped + 4 * tensor.shape[1] * tensor.shape[2]
      end
    end
    local weights, stays = assert(formats.merged(gqa, dir))
    assert.same({ model.bytes, mapped }, { weights, stays })
    assert.is_true(mapped < moonlet.plan(gqa).mapped and mapped > 0)
  end)

  it("finds models as load does, and fails as load does", function()
    assert.same(moonlet.plan(support.pocket), moonlet.plan())
    local plan, message, code = moonlet.plan "spec/no/such/model"
    assert.same({ nil, "io" }, { plan, code })
    assert.equal(select(2, moonlet.load "spec/no/such/model"), message)
    assert.has_error(function() moonlet.plan(nil, { contxt = 1 }) end)
    assert.has_error(function() moonlet.plan(nil, { cache = "f16" }) end)
  end)
end)
