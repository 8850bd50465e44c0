-- complete.lua: what a shell needs to complete moonlet's words, written from the verbs' tables.
--
-- What: complete.bash(), complete.zsh(), complete.fish() -> a script for that shell.
-- How: each command (a verb, or a verb and a form) has options, and its arguments are words,
--   files, folders or nothing in particular. The first word is a verb or a script.

local options = require "moonlet.cli.options"
local pages = require "moonlet.cli.pages"
local quoted = require("moonlet.files").quoted

local complete = {}

-- The commands: { name = "eval ppl", summary, options, arguments }.
local function commands()
  local list = {}
  for _, verb in ipairs(pages.verbs()) do
    for _, form in ipairs(verb.forms or { verb }) do
      list[#list + 1] = {
        name = verb.forms and verb.name .. " " .. form.name or verb.name,
        summary = form.summary, options = options.of(form), arguments = form.arguments,
      }
    end
  end
  return list
end

-- The verbs with forms.
local function groups()
  local list = {}
  for _, verb in ipairs(pages.verbs()) do
    if verb.forms then list[#list + 1] = verb end
  end
  return list
end

local function words(list) return table.concat(list, " ") end

-- ---- bash ----

-- How compgen finds values: { choices }, "file", "folder", or nothing.
local function compgen(what)
  if not what then return "COMPREPLY=()" end
  local from = type(what) == "table" and ('-W "%s"'):format(words(what))
    or what == "file" and "-f" or "-d"
  return ('COMPREPLY=($(compgen %s -- "$cur"))'):format(from)
end

local function bash_command(out, command)
  local flags, values = {}, {}
  for _, option in ipairs(command.options) do
    flags[#flags + 1] = "--" .. option[1]
    if option[3] ~= "flag" then
      local pattern = "--" .. option[1] .. (option[2] and "|-" .. option[2] or "")
      values[#values + 1] = ("        %s) %s; return ;;"):format(pattern,
        compgen(option.choices or option.of))
    end
  end
  out[#out + 1] = ("    '%s')\n      case $prev in\n%s\n      esac"):format(command.name,
    table.concat(values, "\n"))
  out[#out + 1] = ('      if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W "%s" -- "$cur"))')
    :format(words(flags))
  out[#out + 1] = ("      else %s; fi ;;"):format(compgen(command.arguments))
end

function complete.bash()
  local out = { [==[
# bash completion of moonlet
_moonlet() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}
  compopt -o filenames 2>/dev/null
  if [[ $cur == "=" ]]; then cur=
  elif [[ $prev == "=" ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
  if ((COMP_CWORD == 1)); then]==] }
  out[#out + 1] = ('    COMPREPLY=($(compgen -W "%s help" -f -- "$cur"))\n    return\n  fi')
    :format(words(pages.names(pages.verbs())))
  for _, verb in ipairs(groups()) do
    out[#out + 1] = ([==[
  if [[ $command == %s ]]; then
    if ((COMP_CWORD == 2)); then COMPREPLY=($(compgen -W "%s" -- "$cur")); return; fi
    command+=" ${COMP_WORDS[2]}"
  fi]==]):format(verb.name, words(pages.names(verb.forms)))
  end
  out[#out + 1] = "  case $command in"
  for _, command in ipairs(commands()) do bash_command(out, command) end
  out[#out + 1] = ('    help) COMPREPLY=($(compgen -W "%s" -- "$cur")) ;;')
    :format(words(pages.names(pages.verbs())))
  out[#out + 1] = [==[
    *) COMPREPLY=($(compgen -f -- "$cur")) ;;
  esac
}
complete -F _moonlet moonlet]==]
  return table.concat(out, "\n") .. "\n"
end

-- ---- zsh ----

local function zsh_text(text) return (text:gsub("[%[%]:\\]", "\\%0"):gsub("'", "'\\''")) end

local function zsh_values(what)
  if type(what) == "table" then return "(" .. words(what) .. ")" end
  return what == "file" and "_files" or what == "folder" and "_files -/" or " "
end

local function zsh_option(option)
  local help = "[" .. zsh_text(option[5]) .. "]"
  local value = option[3] ~= "flag"
    and (":%s:%s"):format(option[4], zsh_values(option.choices or option.of)) or ""
  local long = "--" .. option[1] .. (value ~= "" and "=" or "")
  local many = option[3] == "list" and "*" or ""
  if not option[2] then return ("'%s%s%s%s'"):format(many, long, help, value) end
  local short = "-" .. option[2]
  return ("'(%s --%s)'{%s%s,%s}'%s%s'"):format(short, option[1], short, value ~= "" and "+" or "",
    long, help, value)
end

-- A list for _describe: 'name:meaning'.
local function zsh_list(list)
  local out = {}
  for i, entry in ipairs(list) do
    out[i] = ("    '%s:%s'"):format(entry.name, zsh_text(entry.summary))
  end
  return table.concat(out, "\n")
end

function complete.zsh()
  local out = { "#compdef moonlet\n_moonlet() {\n  local -a verbs forms\n  verbs=(" }
  out[#out + 1] = zsh_list(pages.verbs())
  out[#out + 1] = [==[
  )
  if ((CURRENT == 2)); then
    _describe verb verbs
    _files
    return
  fi
  local command=$words[2] taken=1]==]
  for _, verb in ipairs(groups()) do
    out[#out + 1] = ("  if [[ $command == %s ]]; then\n    forms=("):format(verb.name)
    out[#out + 1] = zsh_list(verb.forms)
    out[#out + 1] = [==[
    )
    if ((CURRENT == 3)); then _describe form forms; return; fi
    command+=" $words[3]"
    taken=2
  fi]==]
  end
  out[#out + 1] = "  shift $taken words\n  ((CURRENT -= taken))\n  case $command in"
  for _, command in ipairs(commands()) do
    out[#out + 1] = ("    '%s') _arguments -s"):format(command.name)
    for _, option in ipairs(command.options) do
      out[#out] = out[#out] .. " \\"
      out[#out + 1] = "      " .. zsh_option(option)
    end
    out[#out] = out[#out] .. " \\"
    out[#out + 1] = ("      '*:argument:%s' ;;"):format(zsh_values(command.arguments))
  end
  out[#out + 1] = "    help) _describe verb verbs ;;\n    *) _files ;;\n  esac\n}\n_moonlet \"$@\""
  return table.concat(out, "\n") .. "\n"
end

-- ---- fish ----

local function fish_values(what)
  if type(what) == "table" then return " -x -a " .. quoted(words(what)) end
  if what == "folder" then return " -x -a '(__fish_complete_directories)'" end
  return what == "file" and " -r -F" or " -x"
end

-- When a command line is this command's.
local function fish_condition(name)
  local verb, form = name:match "^(%S+) ?(%S*)$"
  local seen = "__fish_seen_subcommand_from " .. verb
  return form == "" and seen or seen .. "; and __fish_seen_subcommand_from " .. form
end

function complete.fish()
  local out = { "# fish completion of moonlet" }
  local function line(condition, rest)
    out[#out + 1] = ("complete -c moonlet -n %s %s"):format(quoted(condition), rest)
  end
  for _, verb in ipairs(pages.verbs()) do
    line("__fish_use_subcommand", ("-a %s -d %s"):format(verb.name, quoted(verb.summary)))
  end
  for _, verb in ipairs(groups()) do
    local names = pages.names(verb.forms)
    for _, form in ipairs(verb.forms) do
      line(fish_condition(verb.name) .. "; and not __fish_seen_subcommand_from " .. words(names),
        ("-f -a %s -d %s"):format(form.name, quoted(form.summary)))
    end
  end
  for _, command in ipairs(commands()) do
    local condition = fish_condition(command.name)
    for _, option in ipairs(command.options) do
      line(condition, ("-l %s%s%s -d %s"):format(option[1], option[2] and " -s " .. option[2] or "",
        option[3] ~= "flag" and fish_values(option.choices or option.of) or "",
        quoted(option[5])))
    end
    local of = command.arguments
    if type(of) == "table" then line(condition, "-f -a " .. quoted(words(of)))
    elseif of == "folder" then line(condition, "-f -a '(__fish_complete_directories)'")
    elseif not of then line(condition, "-f") end
  end
  return table.concat(out, "\n") .. "\n"
end

return complete
