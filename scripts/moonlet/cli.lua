-- cli.lua: the verbs of the command line: one table of options, from which come parsing, --help
-- and "did you mean".
--
-- What: moonlet VERB [options] [arguments]. A verb is a script moonlet.cmd.<verb> that returns
--   { summary, usage, examples, options, main }; main(options, arguments) gives the exit code. A
--   verb of several forms has { summary, forms }, a list of such tables with names.
-- How: options lists names of `known` below, so that the same word means the same everywhere;
--   a verb's own option is such a table itself. In Lua a dash in a name is an underscore.
-- Exit codes: 0, 1 for a failure, 2 for wrong usage; main.c makes 130 of an interrupt.
-- stdout is data; stderr has messages, and progress only when it is a terminal.

local host = require "moonlet.host"

local cli = {}

-- ---- options ----

-- { name, letter, kind, value's name, help, least, most }; kind: flag, string, list (may be
-- repeated), number, whole.
local known = {
  { "model", "m", "string", "PATH",
    "a folder or a hub name; default $MOONLET_MODEL, else the bundled model" },
  { "max-tokens", "n", "whole", "N", "most tokens to generate", 0 },
  { "temperature", nil, "number", "T", "0, the default, takes the most likely token", 0 },
  { "top-k", nil, "whole", "K", "choose among the K likeliest", 0 },
  { "top-p", nil, "number", "P", "choose among the likeliest that make up P", 0, 1 },
  { "min-p", nil, "number", "P", "drop tokens less likely than P times the likeliest", 0, 1 },
  { "seed", nil, "whole", "N", "of the random draws; the same seed gives the same text" },
  { "stop", nil, "list", "TEXT", "end before this text; may be repeated" },
  { "special", nil, "flag", nil, "read markers such as <|user|> in the text as such" },
  { "threads", nil, "whole", "N", "threads that compute; default one per CPU", 0, 256 },
  { "isa", nil, "string", "TIER", "best CPU tier to use: scalar, avx2, avx512, bf16, neon" },
  { "dtype", nil, "string", "TYPE", "weights as f32, bf16, f16, q8 or q4; default as stored" },
  { "compute", nil, "string", "TYPE", "bf16: long prompts in bf16, where the CPU has AVX512-BF16" },
  { "context", nil, "whole", "N", "most tokens of a session; default the model's own", 1 },
  { "json", nil, "flag", nil, "print JSON" },
  { "quiet", "q", "flag", nil, "no progress on stderr" },
  { "help", "h", "flag", nil, "this text" },
}

local function by_name(name)
  for _, option in ipairs(known) do
    if option[1] == name then return option end
  end
  error("cli: no option " .. name)
end

local function options_of(verb)
  local list = {}
  for i, option in ipairs(verb.options) do
    list[i] = type(option) == "string" and by_name(option) or option
  end
  list[#list + 1] = by_name "help"
  return list
end

-- The sentence for a name that is not in the list.
local function unknown(name, who, list)
  local _, message = pcall(host.known, { [name] = true }, who, list)
  return message
end

local function find(list, word)
  local name = word:match("^%-%-([^=]+)")
  for _, option in ipairs(list) do
    if name and option[1] == name or not name and option[2] == word:sub(2, 2) then
      return option
    end
  end
end

-- The value of an option from its text; nil and what is wrong.
local function value_of(option, text)
  local kind = option[3]
  if kind == "string" or kind == "list" then return text end
  local number = tonumber(text)
  local whole = number and number == math.floor(number)
  if not number or number ~= number or kind == "whole" and not whole then
    return nil, ("--%s wants a %s, got '%s'"):format(option[1],
      kind == "whole" and "whole number" or "number", text)
  end
  if option[6] and number < option[6] or option[7] and number > option[7] then
    return nil, ("--%s wants %s, got %s"):format(option[1],
      option[7] and option[6] .. " to " .. option[7] or "at least " .. option[6], text)
  end
  return whole and math.floor(number) or number
end

local function store(options, option, value)
  local field = option[1]:gsub("%-", "_")
  if option[3] ~= "list" then
    options[field] = value
  else
    options[field] = options[field] or {}
    table.insert(options[field], value)
  end
end

-- parse(verb, name, words) -> options, arguments | nil, message.
function cli.parse(verb, name, words)
  local list, options, arguments = options_of(verb), {}, {}
  local names = {}
  for i, option in ipairs(list) do names[i] = option[1] end
  local i = 1
  while i <= #words do
    local word = words[i]
    if word == "--" then
      for j = i + 1, #words do arguments[#arguments + 1] = words[j] end
      break
    elseif word == "-" or word:sub(1, 1) ~= "-" or word:match("^%-%.?%d") then
      arguments[#arguments + 1] = word
    else
      local option = find(list, word)
      if not option then
        local long = word:match("^%-%-([^=]+)")
        if long then return nil, (unknown(long, name, names):gsub("^.-: ", "", 1)) end
        return nil, ("no option '%s'"):format(word)
      end
      local text
      if word:sub(1, 2) == "--" then text = word:match("=(.*)$")
      elseif #word > 2 then text = word:sub(3) end
      if option[3] == "flag" then
        if text then return nil, ("--%s takes no value"):format(option[1]) end
        store(options, option, true)
      else
        if not text then
          i = i + 1
          text = words[i]
        end
        if not text then return nil, ("--%s wants a value"):format(option[1]) end
        local value, message = value_of(option, text)
        if value == nil then return nil, message end
        store(options, option, value)
      end
    end
    i = i + 1
  end
  return options, arguments
end

-- help(verb, name) -> text, which begins with examples.
function cli.help(verb, name)
  local out = { "examples:" }
  for _, example in ipairs(verb.examples) do out[#out + 1] = "  " .. example end
  out[#out + 1] = ("\nusage: moonlet %s %s\n%s\n\noptions:"):format(name, verb.usage, verb.summary)
  for _, option in ipairs(options_of(verb)) do
    local left = (option[2] and "-" .. option[2] .. ", " or "    ") .. "--" .. option[1]
      .. (option[4] and " " .. option[4] or "")
    out[#out + 1] = ("  %-24s %s"):format(left, option[5])
  end
  return table.concat(out, "\n") .. "\n"
end

-- ---- what verbs share ----

-- Some field of options as the options of one function.
local function pick(options, names)
  local picked = {}
  for _, name in ipairs(names) do picked[name] = options[name] end
  return picked
end

-- The model that the options ask for: model | nil, message.
function cli.load(options)
  local moonlet = require "moonlet"
  local ok, model, message = pcall(moonlet.load, options.model,
    pick(options, { "threads", "isa", "dtype", "compute" }))
  if not ok then return nil, model end
  return model, message
end

-- The options of generate among those of the command line.
function cli.generation(options)
  return pick(options, { "max_tokens", "temperature", "top_k", "top_p", "min_p", "seed", "stop",
    "special", "context" })
end

-- The text of the arguments; "-", or none with a pipe on stdin, reads stdin without its last line
-- break. nil, message when there is no text.
function cli.text(arguments)
  local words = {}
  for i, word in ipairs(arguments) do words[i] = word end
  if #words == 0 then
    if host.tty "stdin" then
      return nil, "no text: give it as an argument, or pipe it into stdin"
    end
    words[1] = "-"
  end
  for i, word in ipairs(words) do
    if word == "-" then words[i] = io.read("*a"):gsub("\r?\n$", "") end
  end
  return table.concat(words, " ")
end

-- Writes to stderr when a person is there to read it.
function cli.progress(options, text)
  if not options.quiet and host.tty "stderr" then io.stderr:write(text, "\n") end
end

-- What a generation took, for progress.
function cli.timing(info)
  local seconds = info.seconds
  local function rate(n, s) return s > 0 and n / s or 0 end
  return ("%d prompt tokens in %.2f s (%.0f/s), %d generated in %.2f s (%.0f/s), finish: %s")
    :format(info.prompt_tokens, seconds.prefill, rate(info.prompt_tokens, seconds.prefill),
      info.generated_tokens, seconds.decode, rate(info.generated_tokens, seconds.decode),
      info.finish)
end

local function say(name, message)
  io.stderr:write("moonlet ", name, ": ", tostring(message), "\n")
end

function cli.fail(name, message)
  say(name, message)
  return 1
end

function cli.usage(name, message)
  say(name, message)
  io.stderr:write("moonlet ", name, " --help shows how\n")
  return 2
end

-- ---- verbs ----

local function form_names(verb)
  local names = {}
  for i, form in ipairs(verb.forms) do names[i] = form.name end
  return names
end

-- The form that the first word names: form, its full name; nil when there is none such.
local function find_form(verb, name, word)
  for _, form in ipairs(verb.forms) do
    if form.name == word then return form, name .. " " .. word end
  end
end

-- What a verb of several forms says to --help: the first example and the meaning of each.
local function forms_help(verb, name)
  local out = { "examples:" }
  for _, form in ipairs(verb.forms) do out[#out + 1] = "  " .. form.examples[1] end
  out[#out + 1] = ("\nusage: moonlet %s %s [...]\n%s\n"):format(name,
    table.concat(form_names(verb), "|"), verb.summary)
  for _, form in ipairs(verb.forms) do
    out[#out + 1] = ("  %-10s %s"):format(form.name, form.summary)
  end
  out[#out + 1] = ("\nmoonlet %s FORM --help tells more."):format(name)
  return table.concat(out, "\n") .. "\n"
end

-- The names of all verbs: whatever scripts are embedded as moonlet.cmd.*.
function cli.verbs()
  local verbs = {}
  for name in pairs(package.preload) do
    verbs[#verbs + 1] = name:match("^moonlet%.cmd%.(.*)$")
  end
  table.sort(verbs)
  return verbs
end

local function overview()
  local out = { [==[
examples:
  moonlet                              the interactive prompt
  moonlet script.lua a b               run a Lua script, which may require "moonlet"
  moonlet -e 'print(1)' -l NAME -i     as the stand-alone lua
  moonlet run "Once upon a time"       a verb

usage: moonlet [options] [script [args]]   or   moonlet VERB [...]

verbs:]==] }
  for _, name in ipairs(cli.verbs()) do
    out[#out + 1] = ("  %-10s %s"):format(name, require("moonlet.cmd." .. name).summary)
  end
  out[#out + 1] = "\nmoonlet VERB --help tells more. A verb shadows a script of the same name: "
    .. "./run is the file."
  return table.concat(out, "\n") .. "\n"
end

-- The message for a script that is not there, which may be a verb misspelt.
function cli.no_such_file(name)
  local message = ("cannot open '%s': no such file"):format(name)
  if not name:match("^%l+$") then return message end
  local near = unknown(name, "moonlet", cli.verbs()):match("did you mean '(.-)'")
  return ("%s, and no such verb; did you mean 'moonlet %s'?"):format(message, near)
end

-- main(verb, ...) -> exit code.
function cli.main(name, ...)
  local words = { ... }
  if name == "--help" or name == "-h" or (name == "help" and not words[1]) then
    io.write(overview())
    return 0
  end
  if name == "help" then
    name = table.remove(words, 1)
    words[#words + 1] = "--help"
  end
  if not package.preload["moonlet.cmd." .. name] then
    return cli.usage("help", (unknown(name, "help", cli.verbs()):gsub("^.-: no option", "no verb")))
  end
  local verb = require("moonlet.cmd." .. name)
  if verb.forms then
    local form, full = find_form(verb, name, words[1])
    if form then
      verb, name = form, full
      table.remove(words, 1)
    elseif words[1] == "--help" or words[1] == "-h" then
      io.write(forms_help(verb, name))
      return 0
    elseif words[1] then
      return cli.usage(name, (unknown(words[1], name, form_names(verb)):gsub("^.-: no option",
        "no form")))
    else
      return cli.usage(name, "wants one of " .. table.concat(form_names(verb), ", "))
    end
  end
  local options, arguments = cli.parse(verb, name, words)
  if not options then return cli.usage(name, arguments) end
  if options.help then
    io.write(cli.help(verb, name))
    return 0
  end
  local code, message = verb.main(options, arguments)
  if code == 2 then return cli.usage(name, message) end
  if message then return cli.fail(name, message) end
  return code
end

return cli
