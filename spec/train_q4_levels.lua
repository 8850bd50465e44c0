-- The code books of kernels/q4_levels.c, trained:
--   MOONLET_BUILD=build lua5.4 spec/train_q4_levels.lua [blocks of each source] [rounds]
--
-- Four sources of equal weight and unit variance: normal, Laplace and Student (5 degrees of
-- freedom) numbers, which is what weights of trained matrices look like from light to heavy tails,
-- and blocks of the bundled model. A round lets each block choose book and scale by the very search
-- that quantising does, and then moves each level to where its weights were (Lloyd's method).
-- Several beginnings are tried; the best, rounded to whole numbers, is printed as C. All numbers
-- come from fixed seeds: the same program prints the same books.
local floats = require "spec.support".floats
local moonlet = require "moonlet"
local quant = require "moonlet.debug.quant"

local BLOCKS, ROUNDS = tonumber(arg[1]) or 6000, tonumber(arg[2]) or 80
local BLOCK = 32

-- ---- sources ----

-- A list of numbers with variance 1, as f32.
local function unit(t)
  local scale = 1 / math.sqrt((t * t):mean():item())
  return floats((t * scale):totable())
end

local function normal(seed) return moonlet.randn(BLOCKS * BLOCK, { seed = seed }) end

-- Products of normal numbers have these distributions.
local function laplace(seed)
  return normal(seed) * normal(seed + 1) + normal(seed + 2) * normal(seed + 3)
end

local function student(seed)
  local sum = 0
  for i = 1, 5 do
    local x = normal(seed + i)
    sum = x * x + sum
  end
  return normal(seed) / (sum * 0.2):sqrt()
end

-- Blocks of the bundled model's matrices, evenly spaced among all.
local function pocket(seed)
  local tensors, names, all = assert(moonlet.load_tensors "examples/models/pocket"), {}, {}
  for name, t in pairs(tensors) do
    if #t.shape == 2 then names[#names + 1] = name end
  end
  table.sort(names)
  local total = 0
  for _, name in ipairs(names) do
    total = total + tensors[name].shape[1] * tensors[name].shape[2] // BLOCK
  end
  local step, at = total / BLOCKS, (seed % 7) / 7
  local picked = 0
  for _, name in ipairs(names) do
    local t = tensors[name]:to "f32"
    local n = t.shape[1] * t.shape[2] // BLOCK
    t = t:view(n, BLOCK)
    while at < n and picked < BLOCKS do
      for _, x in ipairs(t[math.floor(at) + 1]:totable()) do all[#all + 1] = x end
      picked = picked + 1
      at = at + step
    end
    at = at - n
  end
  return moonlet.tensor(all)
end

local function sources(seed)
  return { { "normal", unit(normal(seed)) }, { "Laplace", unit(laplace(seed + 10)) },
           { "Student", unit(student(seed + 20)) }, { "pocket", unit(pocket(seed)) } }
end

-- ---- training ----

-- The outermost level of a book is 127 or -127; the scale takes up the rest.
local function normalise(books, whole)
  for _, book in ipairs(books) do
    table.sort(book)
    local most = math.max(math.abs(book[1]), math.abs(book[16]))
    for k = 1, 16 do
      book[k] = book[k] * 127 / most
      if whole then book[k] = math.floor(book[k] + 0.5) end
    end
  end
  return books
end

-- Three books that are ever denser around 0, and one that is not symmetric.
local function beginning(seed)
  math.randomseed(seed)
  local books = {}
  for b = 1, 4 do
    books[b] = {}
    for k = 1, 16 do
      local x = (k - 8.5) / 7.5
      local level = 127 * x * (1 - 0.2 * b + 0.2 * b * math.abs(x))
      books[b][k] = level - (b == 4 and 9 or 0) + 4 * (math.random() - 0.5)
    end
  end
  return normalise(books)
end

local function train(data, seed)
  local books = beginning(seed)
  for _ = 1, ROUNDS do books = normalise((select(2, quant.round(data, books)))) end
  normalise(books, true)
  local error = quant.round(data, books)
  io.stderr:write(("beginning %d: %.5f\n"):format(seed, math.sqrt(error / (#data // 4))))
  return books, error
end

local parts = {}
for i, source in ipairs(sources(1)) do parts[i] = source[2] end
local best, least
for seed = 1, 4 do
  local books, error = train(table.concat(parts), seed)
  if not least or error < least then best, least = books, error end
end
for _, book in ipairs(best) do print("    {" .. table.concat(book, ", ") .. "},") end

for _, source in ipairs(sources(1000)) do
  local error = quant.round(source[2], best)
  print(("-- %-8s fresh numbers: relative error %.4f"):format(source[1],
    math.sqrt(error / (#source[2] // 4))))
end
