-- pages.lua: what the program says about itself: --help of a verb and of all, and the man page.
--
-- What: pages.verbs() -> the list of verbs { name, ... }; pages.help(verb, name), pages.overview()
--   and pages.man() -> text.
-- How: all of it is made from the verbs' own tables. A verb is a script moonlet.cmd.<verb> that
--   returns { summary, usage, examples, options, more, main }, or { summary, forms }, a list of
--   such tables with a name each; more = { title, rows = { { left, right }, ... } } may be absent.

local moonlet_version = require("moonlet").version
local options = require "moonlet.cli.options"

local pages = {}

-- verbs() -> { { name, ... of its table }, ... }, by name: whatever scripts are embedded as
-- moonlet.cmd.*.
function pages.verbs()
  local names, list = {}, {}
  for name in pairs(package.preload) do names[#names + 1] = name:match "^moonlet%.cmd%.(.*)$" end
  table.sort(names)
  for i, name in ipairs(names) do
    list[i] = setmetatable({ name = name }, { __index = require("moonlet.cmd." .. name) })
  end
  return list
end

-- names(list) -> the names of verbs or forms.
function pages.names(list)
  local names = {}
  for i, entry in ipairs(list) do names[i] = entry.name end
  return names
end

-- What the interpreter itself takes, as stock lua does.
pages.interpreter = {
  { "-e STAT", "run the string STAT" }, { "-l NAME", "require NAME into a global NAME" },
  { "-i", "the prompt after the script" }, { "-v", "show the version" },
  { "-E", "ignore the environment" }, { "-W", "turn warnings on" },
  { "--", "end of the options" }, { "-", "run stdin as a script" },
}

local environment = {
  { "MOONLET_MODEL", "the model to use where none is named: a folder or a hub name" },
  { "HF_HUB_CACHE, HF_HOME, XDG_CACHE_HOME", "where hub names are looked for" },
  { "NO_COLOR", "when not empty: no colours" },
  { "TERM", '"dumb": no line editing' },
  { "LUA_INIT, LUA_PATH, LUA_CPATH", "as for lua" },
}

local codes = {
  { "0", "done" }, { "1", "it failed; stderr says why" }, { "2", "wrong usage" },
  { "130", "interrupted; a second interrupt ends at once" },
}

-- One option as the left of a line: "-m, --model PATH".
local function left_of(option)
  return (option[2] and "-" .. option[2] .. ", " or "") .. "--" .. option[1]
    .. (option[4] and " " .. option[4] or "")
end

-- What an option means, with the values that it may have.
local function meaning(option)
  if not option.choices then return option[5] end
  return option[5] .. " (" .. table.concat(option.choices, ", ") .. ")"
end

-- ---- help ----

-- Two columns; what is too long goes on in the second one.
local function column(left, right, width)
  local room, lines, line = 96 - width, {}, ""
  for word in right:gmatch "%S+" do
    if line ~= "" and #line + 1 + #word > room then
      lines[#lines + 1], line = line, word
    else
      line = line == "" and word or line .. " " .. word
    end
  end
  lines[#lines + 1] = line
  return ("  %-" .. width .. "s %s"):format(left,
    table.concat(lines, "\n" .. (" "):rep(width + 3)))
end

-- help(verb, name) -> text, which begins with examples.
function pages.help(verb, name)
  local out = { "examples:" }
  for _, entry in ipairs(verb.forms or { verb }) do
    for i, example in ipairs(entry.examples) do
      if i == 1 or not verb.forms then out[#out + 1] = "  " .. example end
    end
  end
  local usage = verb.forms and table.concat(pages.names(verb.forms), "|") .. " [...]" or verb.usage
  out[#out + 1] = ("\nusage: moonlet %s %s\n%s\n"):format(name, usage, verb.summary)
  if verb.forms then
    for _, form in ipairs(verb.forms) do out[#out + 1] = column(form.name, form.summary, 10) end
    out[#out + 1] = ("\nmoonlet %s FORM --help tells more."):format(name)
  else
    out[#out + 1] = "options:"
    for _, option in ipairs(options.of(verb)) do
      local left = (option[2] and "" or "    ") .. left_of(option)
      out[#out + 1] = column(left, meaning(option), 24)
    end
  end
  if verb.more then
    out[#out + 1] = "\n" .. verb.more.title .. ":"
    for _, row in ipairs(verb.more.rows) do out[#out + 1] = column(row[1], row[2], 24) end
  end
  return table.concat(out, "\n") .. "\n"
end

function pages.overview()
  local out = { [==[
examples:
  moonlet                              the interactive prompt
  moonlet script.lua a b               run a Lua script, which may require "moonlet"
  moonlet -e 'print(1)' -l NAME -i     as the stand-alone lua
  moonlet run "Once upon a time"       a verb

usage: moonlet [options] [script [args]]   or   moonlet VERB [...]

verbs:]==] }
  for _, verb in ipairs(pages.verbs()) do
    out[#out + 1] = column(verb.name, verb.summary, 10)
  end
  out[#out + 1] = "\noptions:"
  for _, option in ipairs(pages.interpreter) do
    out[#out + 1] = column(option[1], option[2], 10)
  end
  out[#out + 1] = "\nmoonlet VERB --help tells more. A verb shadows a script of the same name: "
    .. "./run is the file."
  return table.concat(out, "\n") .. "\n"
end

-- ---- the man page ----

-- Text as roff takes it for text.
local function roff(text)
  text = text:gsub("\\", "\\e"):gsub("%-", "\\-")
  return (("\n" .. text):gsub("\n([.'])", "\n\\&%1"):sub(2))
end

local function tagged(out, list)
  for _, entry in ipairs(list) do
    out[#out + 1] = ".TP\n\\fB" .. roff(entry[1]) .. "\\fR\n" .. roff(entry[2])
  end
end

local function section(out, title) out[#out + 1] = ".SH " .. title end

-- One verb or form: usage, meaning, options, examples.
local function man_verb(out, verb, name)
  if verb.forms then
    out[#out + 1] = ".SS " .. name .. "\n" .. roff(verb.summary)
    for _, form in ipairs(verb.forms) do man_verb(out, form, name .. " " .. form.name) end
    return
  end
  out[#out + 1] = (".SS %s\n\\fBmoonlet %s\\fR %s\n.PP\n%s"):format(name, name, roff(verb.usage),
    roff(verb.summary))
  for _, option in ipairs(options.of(verb)) do
    tagged(out, { { left_of(option), meaning(option) } })
  end
  if verb.more then
    out[#out + 1] = ".PP\n" .. roff(verb.more.title) .. ":"
    tagged(out, verb.more.rows)
  end
  out[#out + 1] = ".PP\n.nf"
  for _, example in ipairs(verb.examples) do out[#out + 1] = roff("    " .. example) end
  out[#out + 1] = ".fi"
end

-- man() -> the page moonlet(1).
function pages.man()
  local out = { ('.TH MOONLET 1 "" "moonlet %s"'):format(moonlet_version) }
  section(out, "NAME")
  out[#out + 1] = "moonlet \\- language models on a CPU, from Lua"
  section(out, "SYNOPSIS")
  out[#out + 1] = "\\fBmoonlet\\fR [options] [script [args]]\n.br\n\\fBmoonlet\\fR VERB [...]"
  section(out, "DESCRIPTION")
  out[#out + 1] = roff("moonlet runs MobileLLM-family language models. Without a verb it is the "
    .. 'Lua 5.4 interpreter with the module "moonlet" built in; without arguments, a prompt. A '
    .. "verb shadows a script of the same name: ./run is the file. What is printed on stdout "
    .. 'is data; progress goes to stderr, and only to a terminal. An argument "-" is stdin.')
  section(out, "OPTIONS")
  tagged(out, pages.interpreter)
  section(out, "VERBS")
  for _, verb in ipairs(pages.verbs()) do man_verb(out, verb, verb.name) end
  section(out, "EXIT STATUS")
  tagged(out, codes)
  section(out, "ENVIRONMENT")
  tagged(out, environment)
  section(out, "SEE ALSO")
  out[#out + 1] = ".BR lua (1)"
  return table.concat(out, "\n") .. "\n"
end

return pages
