-- options.lua: the options of the command line: one table, from which come parsing, help, the man
-- page and completion.
--
-- What: options.of(verb) -> the list of a verb's options; options.parse(verb, words) -> options,
--   arguments, or nil and what is wrong. In Lua a dash in a name is an underscore.
-- How: a verb lists names of `known` below, so that the same word means the same everywhere; an
--   option of its own is such a table itself:
--     { name, letter or false, kind, value's name, help, least, most, choices =, of = }
--   kind: "flag", "string", "list" (may be repeated), "number" (finite), "whole" (to 2^53 where
--   most does not say); choices: the only values there are; of: "file" or "folder", for completion.

local host = require "moonlet.host"

local options = {}

local types = { "f32", "bf16", "f16", "q8", "q4" }

-- Up to here every whole number is one in double precision too.
local exact = 9007199254740992

-- Bounds are those of the functions that take the values, whose refusal would be a throw.
local known = {
  { "model", "m", "string", "PATH",
    "a folder or a hub name; default $MOONLET_MODEL, else the bundled model", of = "folder" },
  { "max-tokens", "n", "whole", "N", "most tokens to generate", 0, 2147483647 },
  { "temperature", false, "number", "T", "0, the default, takes the most likely token", 0,
    1000000 },
  { "top-k", false, "whole", "K", "choose among the K likeliest", 0, 2147483647 },
  { "top-p", false, "number", "P", "choose among the likeliest that make up P", 0, 1 },
  { "min-p", false, "number", "P", "drop tokens less likely than P times the likeliest", 0, 1 },
  { "beams", false, "whole", "N", "beam search over N texts; default 1: greedy", 1, 64 },
  { "seed", false, "whole", "N", "of the random draws; the same seed gives the same text",
    -exact, exact },
  { "stop", false, "list", "TEXT", "end before this text; may be repeated" },
  { "special", false, "flag", nil, "read markers such as <|user|> in the text as such" },
  { "threads", false, "whole", "N", "threads that compute; default one per CPU", 0, 256 },
  { "isa", false, "string", "TIER", "best CPU tier to use; one that this CPU lacks is an error",
    choices = { "scalar", "avx2", "avx512", "vnni", "bf16", "amx", "neon", "dotprod", "i8mm" } },
  { "dtype", false, "string", "TYPE", "type of the weights; default as stored", choices = types },
  { "compute", false, "string", "TYPE",
    "bf16: long prompts in bf16, where the CPU has AVX512-BF16 or AMX",
    choices = { "f32", "bf16" } },
  { "context", false, "whole", "N", "most tokens of a session; default the model's own", 1,
    16777216 },
  { "json", false, "flag", nil, "print JSON" },
  { "jsonl", false, "flag", nil, "print JSON, a line for each thing as it comes" },
  { "quiet", "q", "flag", nil, "no progress on stderr" },
  { "help", "h", "flag", nil, "this text" },
}
options.types = types

local function by_name(name)
  for _, option in ipairs(known) do
    if option[1] == name then return option end
  end
  error("options: no option " .. name)
end

-- of(verb) -> its options as tables, --help the last.
function options.of(verb)
  local list = {}
  for i, option in ipairs(verb.options) do
    list[i] = type(option) == "string" and by_name(option) or option
  end
  list[#list + 1] = by_name "help"
  return list
end

-- unknown(word, who, list) -> the sentence for a word that is not in the list, with the nearest.
function options.unknown(word, who, list)
  local _, message = pcall(host.known, { [word] = true }, who, list)
  return message
end

local function nearest(word, list)
  return options.unknown(word, "cli", list):match "; did you mean '.-'%?" or ""
end

local function find(list, word)
  local name = word:match "^%-%-([^=]+)"
  for _, option in ipairs(list) do
    if name and option[1] == name or not name and option[2] == word:sub(2, 2) then
      return option
    end
  end
end

-- The sentence for an option that the verb lacks.
local function no_option(list, word)
  local names = {}
  for i, option in ipairs(list) do names[i] = option[1] end
  local name = word:match "^%-%-?([^=]+)" or word
  return ("no option '%s'%s"):format(word:match "^[^=]+", nearest(name, names))
end

local function one_of(list, word)
  for _, choice in ipairs(list) do
    if choice == word then return true end
  end
  return false
end

-- The value of an option from its text; nil and what is wrong.
local function value_of(option, text)
  local kind = option[3]
  if option.choices and not one_of(option.choices, text) then
    return nil, ("--%s: no '%s'; there are %s%s"):format(option[1], text,
      table.concat(option.choices, ", "), nearest(text, option.choices))
  end
  if kind == "string" or kind == "list" then return text end
  local number = tonumber(text)
  local whole = number and number == math.floor(number)
  local finite = number and number == number and math.abs(number) ~= math.huge
  if not finite or kind == "whole" and not whole then
    return nil, ("--%s wants a %s, got '%s'"):format(option[1],
      kind == "whole" and "whole number" or "number", text)
  end
  local least, most = option[6], option[7] or kind == "whole" and exact or nil
  if least and number < least or most and number > most then
    return nil, ("--%s wants %s, got %s"):format(option[1], option[7] and least .. " to " .. most
      or number > (least or 0) and "at most " .. most or "at least " .. least, text)
  end
  return whole and math.floor(number) or number
end

local function store(values, option, value)
  local field = option[1]:gsub("%-", "_")
  if option[3] ~= "list" then
    values[field] = value
  else
    values[field] = values[field] or {}
    table.insert(values[field], value)
  end
end

-- Is this word an argument? "-" is stdin, and numbers may be negative.
local function is_argument(word)
  return word == "-" or word:sub(1, 1) ~= "-" or word:match "^%-%.?%d" ~= nil
end

-- parse(verb, words) -> options, arguments | nil, message.
function options.parse(verb, words)
  local list, values, arguments = options.of(verb), {}, {}
  local i = 1
  while i <= #words do
    local word = words[i]
    if word == "--" then
      for j = i + 1, #words do arguments[#arguments + 1] = words[j] end
      break
    elseif is_argument(word) then
      arguments[#arguments + 1] = word
    else
      local option = find(list, word)
      if not option then return nil, no_option(list, word) end
      local text
      if word:sub(1, 2) == "--" then text = word:match "=(.*)$"
      elseif #word > 2 then text = word:sub(3) end
      if option[3] == "flag" then
        if text then return nil, ("--%s takes no value"):format(option[1]) end
        store(values, option, true)
      else
        if not text then
          i = i + 1
          text = words[i]
        end
        if not text then return nil, ("--%s wants a value"):format(option[1]) end
        local value, message = value_of(option, text)
        if value == nil then return nil, message end
        store(values, option, value)
      end
    end
    i = i + 1
  end
  return values, arguments
end

return options
