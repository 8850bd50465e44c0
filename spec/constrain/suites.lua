-- Runs the suites that come as data, and counts verdicts. A constraint is asked as a generator
-- would ask it: a mask before each token, then the token.
local support = require "spec.support"
local raw = require "spec.constrain.raw"

local suites = {}
local shared = os.getenv "MOONLET_SHARED" or "../shared"

-- "accept", "refuse", or "error" and why: a cap was met that only the text could show. times, if
-- given, gets the seconds of each mask.
function suites.judge(model, constraint, text, times, clock)
  local matcher = assert(constraint:matcher())
  local ids = assert(model:encode("\n" .. text, { bos = false }))
  local first = 1
  while model:piece(ids[first]):sub(-1) ~= "\n" do first = first + 1 end
  for i = first + 1, #ids do
    local start = times and clock()
    local mask, why = matcher:mask()
    if not mask then return "error", why end
    if times then times[#times + 1] = clock() - start end
    local id = ids[i]
    if mask:byte((id >> 3) + 1) >> (id & 7) & 1 == 0 then
      local ok = matcher:accept(id)
      assert(not ok, "the mask forbids what accept takes")
      matcher:close()
      return "refuse", i - first
    end
    assert(matcher:accept(id))
  end
  local complete = matcher:is_complete()
  matcher:close()
  return complete and "accept" or "refuse", #ids - first
end

-- JSON-Schema-Test-Suite: counts of passes, refusals to compile, false positives and negatives.
function suites.schema_tests(model, judge)
  local root = shared .. "/suites/JSON-Schema-Test-Suite/tests/draft2020-12"
  local list = io.popen("find " .. root .. " -name '*.json' | sort 2>/dev/null")
  local count = { tests = 0, pass = 0, refused = 0, wrong_accept = {}, wrong_refuse = {} }
  for path in list:lines() do
    for _, group in ipairs(raw.read(support.read(path))) do
      local constraint = model:constraint { schema = group.get.schema.text }
      for _, test in ipairs(group.get.tests) do
        count.tests = count.tests + 1
        local valid = test.get.valid.text == "true"
        local name = path:match "2020%-12/(.*)" .. ": " .. group.get.description.string .. ": " ..
          test.get.description.string
        if not constraint then
          count.refused = count.refused + 1
        else
          local accepted = judge(model, constraint, test.get.data.text) == "accept"
          if accepted == valid then count.pass = count.pass + 1
          elseif accepted then table.insert(count.wrong_accept, name)
          else table.insert(count.wrong_refuse, name) end
        end
      end
    end
  end
  list:close()
  return count.tests > 0 and count or nil
end

-- MaskBench, every step-th schema.
function suites.maskbench(model, step, clock, each)
  local file = io.popen("gzip -dc " .. shared .. "/suites/maskbench/maskbench.jsonl.gz 2>/dev/null")
  local count = { schemas = 0, passing = 0, refused = 0, valid = 0, invalid = 0,
    wrong_accept = {}, wrong_refuse = {}, masks = {}, compiles = {}, why = {} }
  local n = 0
  for line in file:lines() do
    n = n + 1
    if n % step == 0 then
      local entry = raw.read(line)
      count.schemas = count.schemas + 1
      local start = clock()
      local constraint, why = model:constraint { schema = entry.get.schema.text }
      count.compiles[#count.compiles + 1] = clock() - start
      if not constraint then
        count.refused = count.refused + 1
        why = why:gsub("line %d+: ", "")
        count.why[why] = (count.why[why] or 0) + 1
      else
        local good = true
        for _, test in ipairs(entry.get.tests) do
          local valid = test.get.valid.text == "true"
          local verdict, why_not =
            suites.judge(model, constraint, test.get.data.text, count.masks, clock)
          if verdict == "error" then
            good = false
            count.why[why_not] = (count.why[why_not] or 0) + 1
            count.refused = count.refused + 1
            break
          end
          count[valid and "valid" or "invalid"] = count[valid and "valid" or "invalid"] + 1
          if valid ~= (verdict == "accept") then
            good = false
            local list = valid and count.wrong_refuse or count.wrong_accept
            list[#list + 1] = entry.get.name.string
          end
        end
        if good then count.passing = count.passing + 1 end
        constraint:close()
      end
      if each then each(entry.get.name.string, count) end
    end
  end
  file:close()
  return count.schemas > 0 and count or nil
end

-- Texts of llama.cpp's schemas that its grammars reject and JSON Schema does not: integers of more
-- than 16 digits, a schema that says nothing taken for an object, items for an array, and members
-- that are not declared.
local valid_all_the_same = {
  ["min 2"] = { "12345678900000000" },
  ["empty schema (object)"] = { "[]", "null", '""', "true" },
  ["min+max items"] = { "1" },
  ["object properties"] = {
    '{ "number": 1600, "street_name": "Pennsylvania", "street_type":"Avenue", "direction":"NW"}' },
}

-- llama.cpp's cases: grammars, schemas, and grammars that must not build. What is not supported is
-- refused by name (references to tokens, uniqueItems) and counted so.
function suites.grammars(model)
  local text = support.read(shared .. "/suites/llama.cpp-grammar/grammar_integration.json")
  if not text then return nil end
  local count = { strings = 0, must_fail = 0, refused = {}, wrong_accept = {}, wrong_refuse = {} }
  for _, entry in ipairs(raw.read(text)) do
    local get = entry.get
    local name, is_schema = get.name and get.name.string or "", get.schema ~= nil
    local built, constraint, why = pcall(model.constraint, model, is_schema
      and { schema = get.schema.text, ordered = true }
      or { gbnf = get.grammar and get.grammar.string or "" })
    local except = {}
    for _, valid in ipairs(valid_all_the_same[name] or {}) do except[valid] = true end
    if get.kind.string:find "must_fail" then
      if not built then count.must_fail = count.must_fail + 1 end
    elseif not built or not constraint then
      local reason = tostring(built and why or constraint)
      local named = reason:find "uniqueItems" or reason:find "references to tokens"
      table.insert(named and count.refused or count.wrong_refuse, name .. ": " .. reason)
    else
      for list, wanted in pairs { pass = true, fail = false } do
        for _, case in ipairs(get[list]) do
          local matcher = constraint:matcher()
          local accepted = matcher:accept(case.string) and matcher:is_complete()
          count.strings = count.strings + 1
          if accepted ~= (wanted or except[case.string] or false) then
            table.insert(wanted and count.wrong_refuse or count.wrong_accept,
              name .. ": " .. case.string)
          end
        end
      end
    end
  end
  return count
end

return suites
