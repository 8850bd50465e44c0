-- cli.lua: the verbs of the command line, and what they share.
--
-- What: moonlet VERB [options] [arguments]. A verb is a script moonlet.cmd.<verb> that returns
--   { summary, usage, examples, options, arguments, main }; main(options, arguments) gives the exit
--   code, 2 with what is wrong with the usage, or another with a message. arguments, for
--   completion: "file", "folder" or a list of words. A verb of several forms returns { summary,
--   forms }, a list of such tables with names.
-- How: moonlet.cli.options parses; moonlet.cli.pages and moonlet.cli.complete write help, man page
--   and completions from the same tables.
-- Exit codes: 0, 1 for a failure, 2 for wrong usage; main.c makes 130 of an interrupt.
-- stdout is data; stderr has messages, and progress only when it is a terminal.

local host = require "moonlet.host"
local json = require "moonlet.json"
local pages = require "moonlet.cli.pages"
local syntax = require "moonlet.cli.options"

local cli = {}

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
  return pick(options, { "max_tokens", "temperature", "top_k", "top_p", "min_p", "beams", "seed",
    "stop", "special", "context" })
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

-- emit(value): a line of JSON, now.
function cli.emit(value)
  print(json.encode(value))
  io.stdout:flush()
end

-- emit_piece(text): the event of a text that grows.
function cli.emit_piece(text)
  cli.emit(json.object({ type = "text", text = text }, { "type", "text" }))
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

-- The message for a script that is not there, which may be a verb misspelt.
function cli.no_such_file(name)
  local message = ("cannot open '%s': no such file"):format(name)
  if not name:match("^%l+$") then return message end
  local near = syntax.unknown(name, "moonlet", pages.names(pages.verbs()))
    :match "did you mean '(.-)'"
  return ("%s, and no such verb; did you mean 'moonlet %s'?"):format(message, near)
end

-- Says what is wrong with the word that should name a verb or a form.
local function no_such(word, who, kind, list)
  local message = syntax.unknown(word, who, pages.names(list))
  return cli.usage(who, (message:gsub("^.-: no option", "no " .. kind)))
end

-- main(verb, ...) -> exit code.
function cli.main(name, ...)
  local words = { ... }
  if name == "--help" or name == "-h" or (name == "help" and not words[1]) then
    io.write(pages.overview())
    return 0
  end
  if name == "help" then
    name = table.remove(words, 1)
    words[#words + 1] = "--help"
  end
  if not package.preload["moonlet.cmd." .. name] then
    return no_such(name, "help", "verb", pages.verbs())
  end
  local verb = require("moonlet.cmd." .. name)
  if verb.forms and words[1] and words[1] ~= "--help" and words[1] ~= "-h" then
    local form
    for _, entry in ipairs(verb.forms) do
      if entry.name == words[1] then form = entry end
    end
    if not form then return no_such(words[1], name, "form", verb.forms) end
    verb, name = form, name .. " " .. table.remove(words, 1)
  elseif verb.forms and not words[1] then
    return cli.usage(name, "wants one of " .. table.concat(pages.names(verb.forms), ", "))
  end
  local values, arguments = { help = true }, nil
  if not verb.forms then values, arguments = syntax.parse(verb, words) end
  if not values then return cli.usage(name, arguments) end
  if values.help then
    io.write(pages.help(verb, name))
    return 0
  end
  local code, message = verb.main(values, arguments)
  if code == 2 then return cli.usage(name, message) end
  if message then return cli.fail(name, message) end
  return code
end

return cli
