-- mixture.lua: sources of examples, and shards of token sequences drawn from them.
--
-- What: mixture.new(directory, sources, options) -> m; m:each, m:encoded and m:lines draw from
--   it. A source has a share of the examples' ids.
-- How: each source is a bag that is emptied before it is filled again, so that all its records
--   are seen equally often, or as often as the source says. Records are read when they are first
--   wanted.

local examples = require "moonlet.corpus.examples"
local random = require "moonlet.corpus.random"
local records = require "moonlet.corpus.records"

local mixture = {}

local Mixture = {}
Mixture.__index = Mixture

-- new(directory, sources, {most=, out=}) -> mixture; most: records of one source. A source:
-- { file, own or generate, make, how, share }: its file below the directory, or in its place its
-- own below `out`, the function of examples that makes use of a record, its options, and its share
-- of all ids; keep(record) may leave records out; swaps: values are exchanged for others of the
-- file, and of also() -> { name = values }; often(record): how often it is in a filling of the bag,
-- 1; a part is its chance to be there. generate(random) gives an example. sources.cut: the share of
-- words that are cut in two (examples.encode).
function mixture.new(directory, sources, options)
  return setmetatable({ directory = directory, sources = sources, options = options or {},
    files = {}, lists = {}, hows = {}, bags = {} }, Mixture)
end

-- The records of a source: of its file, which is read once unless only a few are wanted of those
-- that it keeps.
local function read(self, source)
  local path = source.own and self.options.out .. "/" .. source.own
    or self.directory .. "/" .. source.file
  local most = self.options.most
  if source.keep and most then return records.read(path, { most = most, keep = source.keep }) end
  local list, message, code = self.files[path]
  if not list then
    list, message, code = records.read(path, { most = most })
    if not list then return nil, message, code end
    self.files[path] = list
  end
  local kept = list
  if source.keep then
    kept = {}
    for _, record in ipairs(list) do
      if source.keep(record) then kept[#kept + 1] = record end
    end
  end
  if #kept == 0 then return nil, path .. ": no record is kept", "format" end
  return kept
end

-- The records of a source, and how examples are made of them. What is worked out stays with this
-- mixture, never with the source: tables of other mixtures may share its parts, and what they have
-- drawn before must not tell here.
local function load(self, source)
  local list, message, code = self.lists[source]
  if not list then
    list, message, code = read(self, source)
    if not list then return nil, message, code end
    local how = {}
    for name, value in pairs(source.how or {}) do how[name] = value end
    if source.swaps then how.values = examples.values(list, source.also and source.also()) end
    self.lists[source], self.hows[source] = list, how
  end
  return list, self.hows[source]
end

-- The places of records in a list, in random order, each as often as it is wanted; at least one.
local function filling(list, often, dice)
  local order = {}
  repeat
    for i, record in ipairs(list) do
      local times = often and often(record) or 1
      local whole = math.floor(times)
      if times > whole and dice:chance(times - whole) then whole = whole + 1 end
      for _ = 1, whole do order[#order + 1] = i end
    end
  until #order > 0
  return dice:shuffle(order)
end

local function draw(self, source, dice)
  if source.generate then return source.generate(dice) end
  local list, how, code = load(self, source)
  if not list then return nil, how, code end
  local bag = self.bags[source]
  if not bag or bag.at > #bag.order then
    bag = { order = filling(list, source.often, dice), at = 1 }
    self.bags[source] = bag
  end
  local record = list[bag.order[bag.at]]
  bag.at = bag.at + 1
  return examples[source.make](record, dice, how)
end

-- each(seed, tokens, use): draws until so many are there; every source gets its share.
-- use(example, random) -> its size.
function Mixture:each(seed, tokens, use)
  local dice = random.new(seed)
  local total, spent = 0, {}
  for i, source in ipairs(self.sources) do
    total, spent[i] = total + source.share, 0
  end
  local all = 0
  while all < tokens do
    local best, behind = 1, math.huge
    for i, source in ipairs(self.sources) do
      local at = spent[i] / source.share
      if source.share > 0 and at < behind then best, behind = i, at end
    end
    local example, message, code = draw(self, self.sources[best], dice)
    if not example then return nil, message, code end
    local size = use(example, dice)
    spent[best], all = spent[best] + math.max(size, 1), all + size
  end
  return true
end

-- encoded(model, seed, tokens, longest, use): the same as token sequences of at most `longest` ids:
-- use(ids, weights).
function Mixture:encoded(model, seed, tokens, longest, use)
  return self:each(seed, tokens, function(example, dice)
    local ids, weights = examples.encode(model, example, { random = dice, cut = self.sources.cut })
    if #ids > longest or #ids < 3 then return 0 end
    use(ids, weights)
    return #ids
  end)
end

-- lines(seed, bytes, write) -> true | nil, message, code: texts for the training of a vocabulary,
-- one a line.
function Mixture:lines(seed, bytes, write)
  return self:each(seed, bytes, function(example)
    local size = 0
    for _, text in ipairs(examples.text_of(example)) do
      for line in text:gmatch "[^\n]+" do
        write(line .. "\n")
        size = size + #line
      end
    end
    return size
  end)
end

return mixture
