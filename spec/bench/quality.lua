-- make bench-quality: what rounding costs, on held-out text. For caches in 8 and 4 bits and each
-- way to hold the weights: how perplexity changes, the mean Kullback-Leibler divergence (KLD) of
-- next-token distributions from those of the stored weights, and how often both have the same most
-- likely token. Perplexity's change is noise below some tenths of a percent in 4 bits, where errors
-- may help by chance; the divergence is not.
--
-- Texts are cut into windows, each behind a BOS; the same tokens are scored in every row, so rows
-- may be compared far below the texts' own sampling error.
--
--   QUALITY_MODEL=DIR         the model (default: the bundled one)
--   QUALITY_TEXTS=a,b         of stories book wiki (default: all)
--   QUALITY_TOKENS=10000      of each text                QUALITY_WINDOW=512
--   LLAMA_QUANTIZE=path       a llama-quantize: its Q4_0 and IQ4_NL of the same weights, read back
--                             through f32 and scored here with exact activations
--   MOONLET_SHARED=../shared  where the texts are, and those of the training set to calibrate with
local build = os.getenv "MOONLET_BUILD" or "build"
package.cpath = build .. "/?.so;" .. package.cpath
package.path = "spec/bench/?.lua;" .. package.path
local moonlet = require "moonlet"
local json = require "moonlet.json"
local quantised = require "checkpoints".quantised

local SHARED = os.getenv "MOONLET_SHARED" or "../shared"
local MODEL = os.getenv "QUALITY_MODEL" or "examples/models/pocket"
local TOKENS = tonumber(os.getenv "QUALITY_TOKENS") or 10000
local WINDOW = tonumber(os.getenv "QUALITY_WINDOW") or 512
local ROOT = build .. "/quality"
local FILES = { stories = "text_tinystories_heldout", book = "text_book_heldout",
                wiki = "wikitext2_valid" }

-- The first texts of a packed file of records, nil where it is absent.
local function texts_of(path, most)
  local there = io.open(path, "rb")
  if not there then return nil end
  there:close()
  local pipe, texts = assert(io.popen(("gzip -dc '%s' 2>/dev/null"):format(path))), {}
  for line in pipe:lines() do
    texts[#texts + 1] = json.decode(line).text
    if #texts == most then break end
  end
  pipe:close()
  return texts
end

local function windows_of(model, name)
  local texts = texts_of(("%s/data/eval/%s.jsonl.gz"):format(SHARED, FILES[name]))
  if not texts then return nil end
  local windows, total = {}, 0
  for _, text in ipairs(texts) do
    local ids = model:encode(text)
    for first = 2, #ids - 1, WINDOW - 1 do      -- a window of one token says nothing
      if total >= TOKENS then break end
      local window = { ids[1] }
      table.move(ids, first, math.min(first + WINDOW - 2, #ids), 2, window)
      windows[#windows + 1] = window
      total = total + #window - 1
    end
  end
  return windows, total
end

local function perplexity(model, windows, total)
  local session, sum = model:session { context = WINDOW }, 0
  for _, window in ipairs(windows) do
    session:rewind(0)
    local logprobs = session:score(window)
    for i = 2, #window do sum = sum + logprobs[i] end
  end
  session:close()
  return math.exp(-sum / total)
end

-- Mean divergence of the distributions q from p, sessions fed with the same windows, and how often
-- both have the same most likely token.
local function divergence(p, q, windows)
  local sum, agreed, count, floor = 0, 0, 0, 1e-30      -- 0 * log 0 is 0
  for _, window in ipairs(windows) do
    local a, b = p:rewind(0):evaluate(window), q:rewind(0):evaluate(window)
    local top_a, top_b = a:argmax(2):totable(), b:argmax(2):totable()
    for i = 1, #window do if top_a[i] == top_b[i] then agreed = agreed + 1 end end
    local pa, pb = a:softmax(2):maximum(floor), b:softmax(2):maximum(floor)
    sum = sum + (pa * (pa:log() - pb:log())):sum():item()
    count = count + #window
    for _, t in ipairs { a, b, pa, pb } do t:close() end
  end
  p:close()
  q:close()
  return sum / count, agreed / count
end

-- llama-quantize's weights of that type, as f32.
local function of_llama(quantize, type, options)
  local stored, small = ROOT .. "/stored.gguf", ("%s/%s.gguf"):format(ROOT, type)
  local wide = small:gsub("%.gguf$", "-f32.gguf")
  assert(moonlet.convert(MODEL, stored, { type = "f32" }))
  local function run(arguments)
    local command = ("'%s' %s >/dev/null 2>&1"):format(quantize, arguments)
    assert(os.execute(command), command)
  end
  run(("--pure %s '%s' '%s' %s"):format(options, stored, small, type))
  run(("--allow-requantize '%s' '%s' F32"):format(small, wide))
  return assert(moonlet.load(wide))
end

-- Beginnings of books and stories of the training set, to calibrate with; nothing without it.
local function training_texts()
  local beginnings = {}
  for _, name in ipairs { "books_pd_life70", "openstax_college_success", "tinystories" } do
    local path = ("%s/data/train/text/%s.jsonl.gz"):format(SHARED, name)
    for _, text in ipairs(texts_of(path, 20) or {}) do
      beginnings[#beginnings + 1] = text:sub(1, 1500)
    end
  end
  return beginnings
end

os.execute(("mkdir -p '%s'"):format(ROOT))
local rows = {
  { "q8", function() return assert(moonlet.load(MODEL, { dtype = "q8" })) end },
  { "q4, head q8", function() return assert(moonlet.load(MODEL, { dtype = "q4" })) end },
  { "q4, head q4", function()
    return assert(moonlet.load(MODEL, { dtype = "q4", head_dtype = "q4" }))
  end },
}
local seen = training_texts()
for _, type in ipairs(#seen > 0 and { "q8", "q4" } or {}) do
  rows[#rows + 1] = { type .. ", calibrated", function()
    return assert(moonlet.load(quantised(MODEL, ROOT .. "/calibrated-" .. type, type, seen)))
  end }
end
local quantize = os.getenv "LLAMA_QUANTIZE"
for _, type in ipairs(quantize and { "Q4_0", "IQ4_NL" } or {}) do
  rows[#rows + 1] = { type .. ", head Q8_0", function()
    return of_llama(quantize, type, "--token-embedding-type q8_0 --output-tensor-type q8_0")
  end }
  rows[#rows + 1] = { type .. " alone", function() return of_llama(quantize, type, "") end }
end

local texts = {}
local stored = assert(moonlet.load(MODEL))
for name in (os.getenv "QUALITY_TEXTS" or "stories,book,wiki"):gmatch "[^,]+" do
  local windows, total = windows_of(stored, name)
  if windows then texts[#texts + 1] = { name = name, windows = windows, total = total }
  else print(name .. ": absent: " .. SHARED) end
end

local function exact_session() return stored:session { context = WINDOW } end

for _, text in ipairs(texts) do
  text.base = perplexity(stored, text.windows, text.total)
  print(("%s, %d tokens: perplexity %.4f as stored"):format(text.name, text.total, text.base))
  for _, cache in ipairs { "q8", "q4" } do
    local kld, agreement = divergence(exact_session(),
      stored:session { context = WINDOW, cache = cache }, text.windows)
    print(("  %-18s KLD %.6f  same most likely token %.2f %%"):format("cache in " .. cache, kld,
      100 * agreement))
  end
end
print "weights, and for each text: perplexity's change, KLD, same most likely token"
for _, row in ipairs(rows) do
  local model = row[2]()
  local line = { ("  %-18s"):format(row[1]) }
  for _, text in ipairs(texts) do
    local found = perplexity(model, text.windows, text.total)
    local kld, agreement = divergence(exact_session(), model:session { context = WINDOW },
      text.windows)
    line[#line + 1] = ("%s %+.3f %%  %.5f  %.1f %%"):format(text.name,
      100 * (found / text.base - 1), kld, 100 * agreement)
  end
  print(table.concat(line, "   "))
  io.flush()
  model:close()
end
