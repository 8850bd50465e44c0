-- eval: how good a model is, by three kinds of measures.
local cli = require "moonlet.cli"
local host = require "moonlet.host"
local json = require "moonlet.json"
local records = require "moonlet.eval.records"
local syntax = require "moonlet.cli.options"

-- A line that writes over itself while a person watches; the function that comes first takes how
-- far things are, the second wipes it.
local function progress(options)
  if options.quiet or not host.tty "stderr" then return function() end, function() end end
  local started, shown = host.clock(), 0
  return function(done, total)
    local now = host.clock()
    if now - shown < 0.1 then return end
    shown = now
    io.stderr:write(("\r%d%s  %.0f/s\27[K"):format(done, total and " of " .. total or "",
      done / (now - started)))
  end, function() io.stderr:write "\r\27[K" end
end

-- A report as JSON or a line a figure, those of `places` with so many decimals.
local function show(options, report, order, places)
  if options.json then return print(json.encode(report)) end
  for _, name in ipairs(order) do
    local value = report[name]
    if value ~= nil then
      local whole = type(value) == "number" and value == math.floor(value)
      print(("%-22s %s"):format(name, type(value) ~= "number" and tostring(value)
        or (whole and "%.0f" or "%." .. places .. "f"):format(value)))
    end
  end
end

-- ---- ppl ----

-- The model to compare with: the same one in another type, or another one.
local function load_against(options)
  if not options.against then return nil end
  local other = { model = options.against, threads = options.threads, isa = options.isa }
  local types = " " .. table.concat(syntax.types, " ") .. " "
  if types:find(" " .. options.against .. " ", 1, true) then
    other.model, other.dtype = options.model, options.against
  end
  return cli.load(other)
end

-- Counts the texts of one file: a JSONL record each, or all of it.
local function add_file(measure, path, options, report)
  local reader, message = records.open(path)
  if not reader then return nil, message end
  if not (path:find "%.jsonl$" or path:find "%.jsonl%.gz$" or options.records) then
    local text
    text, message = reader:text()
    if not text then return nil, message end
    local ok
    ok, message = measure:add(text)
    if not ok then return nil, path .. ": " .. message end
    return true
  end
  for _ = 1, options.limit or math.huge do
    local record, where = reader:next()
    if not record then return where == nil or nil, where end
    if type(record.text) ~= "string" then return nil, where .. ': wants "text"' end
    local ok
    ok, message = measure:add(record.text)
    if not ok then return nil, where .. ": " .. message end
    report(measure.documents)
  end
  return true
end

local function ppl(options, arguments)
  if #arguments == 0 then return 2, "wants files of text or JSONL" end
  local model, message = cli.load(options)
  if not model then return 1, message end
  local against
  against, message = load_against(options)
  if message then return 1, message end
  local fine, measure, why = pcall(require("moonlet.eval.perplexity").new, model,
    { context = options.context, stride = options.stride, against = against })
  if not fine then return 2, measure end
  if not measure then return 1, why end
  local report, wipe = progress(options)
  for _, path in ipairs(arguments) do
    local ok
    ok, message = add_file(measure, path, options, report)
    if not ok then
      wipe()
      return 1, message
    end
  end
  wipe()
  local figures
  figures, message = measure:report()
  if not figures then return 1, message end
  show(options, figures, { "documents", "tokens", "bytes", "perplexity", "bits_per_byte" }, 4)
  if figures.against and not options.json then
    print("against " .. options.against)
    show(options, figures.against, { "perplexity", "ratio", "kl_mean", "kl_99", "kl_max", "top1" },
      6)
  end
  return 0
end

-- ---- choice ----

local function choice(options, arguments)
  if #arguments ~= 1 then return 2, "wants one JSONL file" end
  local list, message = records.read(arguments[1], options.limit)
  if not list then return 1, message end
  local model
  model, message = cli.load(options)
  if not model then return 1, message end
  local measure
  measure, message = require("moonlet.eval.choice").new(model,
    { context = options.context, delimiter = options.delimiter })
  if not measure then return 1, message end
  local report, wipe = progress(options)
  for i, entry in ipairs(list) do
    local ok
    ok, message = measure:add(entry[1])
    if not ok then
      wipe()
      return 1, entry[2] .. ": " .. message
    end
    report(i, #list)
  end
  wipe()
  local figures = measure:report()
  show(options, figures, json.keys(figures), 4)
  return 0
end

-- ---- calls ----

-- Predictions of an earlier run, by id.
local function read_predictions(path)
  local list, message = records.read(path)
  if not list then return nil, message end
  local by_id = {}
  for _, entry in ipairs(list) do
    if entry[1].id == nil then return nil, entry[2] .. ": wants id" end
    by_id[entry[1].id] = entry
  end
  return by_id
end

-- Writes the predictions over what the file had.
local function write_predictions(path, predictions)
  local lines = {}
  for i, prediction in ipairs(predictions) do lines[i] = json.encode(prediction) .. "\n" end
  local file, message = io.open(path, "wb")
  if not file then return nil, message end
  local ok
  ok, message = file:write(table.concat(lines))
  local closed, why = file:close()
  if ok and closed then return true end
  return nil, path .. ": " .. (message or why)
end

-- The set that --block names, or nil.
local function set_of(options) return options.block and options.block:match "^set (.+)$" end

-- A prediction a record, from the model. Before the first of them is made --out is opened, so that
-- no run is in vain; it keeps what it has until there is something to write.
local function make_predictions(options, list)
  local predict = require "moonlet.eval.predict"
  local model, message = cli.load(options)
  if not model then return nil, message end
  local tasks
  local settings = { block = options.block, replies = options.replies, spans = options.spans,
    complete = options.complete, disjoint = options.disjoint,
    marked = options.marked and set_of(options) }
  settings.constrain = options.constrain or options.spans or options.complete
    or options.tools ~= nil
  if options.tools then
    settings.tools, message = records.tools(options.tools)
    if not settings.tools then return nil, message end
  end
  tasks, message = predict.tasks(model, list, settings)
  if not tasks then return nil, message end
  local out
  if options.out then
    out, message = io.open(options.out, "ab")
    if not out then return nil, message end
  end
  local report, wipe = progress(options)
  local predictions, context
  predictions, context = predict.run(model, tasks, list, { max_tokens = options.max_tokens,
    width = options.width, bias = options.bias, beams = options.beams,
    context = options.context }, report)
  wipe()
  if not predictions then return nil, context end
  for i, prediction in ipairs(predictions) do
    if prediction.too_long then
      io.stderr:write(list[i][2], (": a prompt of %d tokens has no room in a context of %d: "
        .. "counted as wrong\n"):format(prediction.too_long, context))
    end
  end
  if not out then return predictions end
  local ok
  ok, message = write_predictions(options.out, predictions)
  out:close()       -- not before: a pipe's reader would see its end
  return predictions, not ok and message or nil
end

local function calls(options, arguments)
  if #arguments ~= 1 then return 2, "wants one JSONL file" end
  if options.out and options.pred then
    return 2, "--out writes predictions that the model makes, --pred reads them: give one of both"
  end
  if options.marked and not set_of(options) then
    return 2, "--marked wants --block 'set NAME', a set whose marked calls the model has learnt"
  end
  local list, message = records.read(arguments[1], options.limit)
  if not list then return 1, message end
  for _, entry in ipairs(list) do
    local missing = require("moonlet.eval.shape").record(entry[1])
    if missing then return 1, entry[2] .. ": wants " .. missing end
  end
  local started, predictions, by_id, unwritten = host.clock(), nil, nil, nil
  if options.pred then
    by_id, message = read_predictions(options.pred)
    if not by_id then return 1, message end
  else
    predictions, unwritten = make_predictions(options, list)
    if not predictions then return 1, unwritten end
    cli.progress(options, ("%d records in %.1f s"):format(#list, host.clock() - started))
  end
  local measure = require("moonlet.eval.metrics").new()
  for i, entry in ipairs(list) do
    local known = by_id and by_id[entry[1].id]
    local ok
    ok, message = measure:add(entry[1], predictions and predictions[i] or known and known[1])
    if not ok then return 1, (known or entry)[2] .. ": " .. message end
  end
  local figures = measure:report()
  show(options, figures, json.keys(figures), 2)
  return unwritten and 1 or 0, unwritten
end

local limit = { "limit", false, "whole", "N", "only the first N records", 1 }

return {
  summary = "Measures a model: perplexity of texts, choices among continuations, tool calls.",
  forms = {
    { name = "ppl", main = ppl,
      summary = "Perplexity of texts, per token and in bits per byte; of two loadings, how far "
        .. "they differ.",
      usage = "[options] FILE...",
      examples = {
        "moonlet eval ppl chapter.txt",
        "moonlet eval ppl valid.jsonl.gz --context 512 --json",
        "moonlet eval ppl chapter.txt --dtype q4 --against f32    what quantisation costs",
      },
      options = { "model",
        { "stride", false, "whole", "N", "tokens from one window to the next; default half", 1 },
        { "against", false, "string", "TYPE|PATH",
          "compare with this type of the same weights (f32, bf16, f16, q8, q4), or another model",
          of = "folder" },
        { "records", false, "flag", nil, 'the files are JSONL with "text", whatever their names' },
        limit, "context", "threads", "isa", "dtype", "json", "quiet" }, arguments = "file" },
    { name = "choice", main = choice,
      summary = "Accuracy of a model's choices: query/choices/gold, good/bad, or the last word.",
      usage = "[options] FILE.jsonl",
      examples = {
        "moonlet eval choice arc_easy.jsonl.gz",
        "moonlet eval choice blimp.jsonl.gz --limit 500 --json",
        "moonlet eval choice questions.jsonl --delimiter ' Answer: '",
      },
      options = { "model", limit,
        { "delimiter", false, "string", "TEXT", "between query and choice; default a space" },
        "context", "threads", "isa", "dtype", "json", "quiet" }, arguments = "file" },
    { name = "calls", main = calls,
      summary = "Predicts the calls of each record and scores them against the record's own.",
      usage = "[options] FILE.jsonl",
      examples = {
        "moonlet eval calls commands.jsonl",
        "moonlet eval calls commands.jsonl.gz --limit 200 --out predictions.jsonl --json",
        "moonlet eval calls commands.jsonl --pred predictions.jsonl    only score",
      },
      options = { "model", limit,
        { "block", false, "string", "TEXT",
          "show the model this in place of each record's tools, such as a set it has learnt" },
        { "constrain", false, "flag", nil, "calls keep to the tools' names, types and choices" },
        { "tools", false, "string", "FILE", "keep calls to these tools instead of each record's",
          of = "file" },
        { "spans", false, "flag", nil, "strings are runs of the user's words, numbers theirs" },
        { "disjoint", false, "flag", nil,
          "no two strings of a call share a word of the user's, no argument comes twice; "
            .. "searches, see --beams" },
        { "marked", false, "flag", nil, "of as many calls as there are beams the one that is "
            .. "likeliest in two ways: plain, and with its words marked in the request; wants "
            .. "--block 'set NAME'" },
        { "complete", false, "flag", nil, "calls have all their required arguments" },
        { "bias", false, "number", "NATS", "in favour of making a call; 1000: always; default 0" },
        { "replies", false, "flag", nil, "also predict and score the assistant's own words" },
        { "out", "o", "string", "FILE", "write the predictions, a line of JSON a record;"
          .. " logprob: ln of how likely its last call was to the model", of = "file" },
        { "pred", false, "string", "FILE", "score these predictions; no model is needed",
          of = "file" },
        { "width", false, "whole", "N", "records that are decoded together; default 32", 1, 256 },
        "beams", "max-tokens", "context", "threads", "isa", "dtype", "json", "quiet" },
      arguments = "file" },
  },
}
