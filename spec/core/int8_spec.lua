-- Weights in 8 and 4 bits in the forward pass: a token's logits do not depend on its company.
package.cpath = (os.getenv "MOONLET_BUILD" or "build") .. "/spec/?.so;" .. package.cpath
local moonlet = require "moonlet"

local DIR = "examples/models/pocket"

local function bits(session)
  local list = {}
  for i, v in ipairs(session:logits():totable()) do list[i] = string.pack("f", v) end
  return table.concat(list)
end

local function prompt(n)
  local ids = {}
  for i = 1, n do ids[i] = (i * 2654435761) % 4096 end
  return ids
end

local function feed_in_chunks(session, ids, chunk)
  for first = 1, #ids, chunk do
    session:feed({ table.unpack(ids, first, math.min(first + chunk - 1, #ids)) })
  end
end

local function tiers()
  local list = {}
  for _, isa in ipairs { "scalar", "avx2", "avx512", "vnni", "bf16", "amx" } do
    if moonlet.load("spec/fixtures/tiny-gqa", { isa = isa, threads = 0 }) then
      list[#list + 1] = isa
    end
  end
  return list
end

local function quantised(dtype)
  local dir = os.tmpname()
  os.remove(dir)
  local quantizer = assert(moonlet.quantizer(DIR, dir, { dtype = dtype }))
  repeat
    local name, message = quantizer:step()
    assert(name ~= nil, message)
  until name == false
  quantizer:close()
  return dir
end

describe("quantised inference", function()
  for _, dtype in ipairs { "q8", "q4" } do
    it(dtype .. " is bit-equal for any threads, chunks, batch, fork and session", function()
      local ids, dir = prompt(150), quantised(dtype)
      for _, isa in ipairs(tiers()) do
        local seen
        for threads = 1, 3 do
          local model = assert(moonlet.load(dir, { threads = threads, isa = isa }))
          for _, chunk in ipairs { 1, 7, 64, 150 } do
            if isa ~= "scalar" or chunk == 64 then      -- scalar is slow; its order is the others'
              local session = model:session { context = 192 }
              feed_in_chunks(session, ids, chunk)
              local b = bits(session)
              seen = seen or b
              assert.is_true(seen == b, ("%s, %d threads, chunk %d"):format(isa, threads, chunk))
            end
          end
        end
        local model = assert(moonlet.load(dir, { isa = isa }))
        local sessions = {}
        sessions[1] = model:session { context = 192 }:feed({ table.unpack(ids, 1, 149) })
        for i = 2, 8 do sessions[i] = sessions[1]:fork() end
        model:batch(sessions):feed { ids[150], 5, ids[150], 6, 7, ids[150], 8, ids[150] }
        for _, i in ipairs { 1, 3, 6, 8 } do
          assert.is_true(seen == bits(sessions[i]), isa .. ": batch of 8, session " .. i)
        end
      end
      os.execute("rm -r " .. dir)
    end)

    it(dtype .. " follows the stored weights", function()
      local exact, model = assert(moonlet.load(DIR)), assert(moonlet.load(DIR, { dtype = dtype }))
      local file = assert(io.open("README.md", "rb"))
      local ids = { table.unpack(exact:encode(file:read "a"), 1, 300) }
      file:close()
      local a, b = exact:session():evaluate(ids), model:session():evaluate(ids)
      local off, p = a - b, a:softmax(2)
      local difference = math.sqrt((off * off):mean():item())   -- of all, not of the worst one
      local spread = (a:max() + (-a):max()):item()
      local diverges = (p * (p:log() - b:softmax(2):log())):sum(2):mean():item()
      assert.is_true(difference > 0)
      assert.is_true(difference < (dtype == "q8" and 0.004 or 0.02) * spread,
        ("differs by %g of %g"):format(difference, spread))
      assert.is_true(diverges < (dtype == "q8" and 0.002 or 0.04), ("KLD %g"):format(diverges))
    end)
  end
end)
