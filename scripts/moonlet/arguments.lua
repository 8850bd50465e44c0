-- arguments.lua: prompts and option tables, checked: what is wrong is blamed on the user's code.

local host = require "moonlet.host"

local arguments = {}

-- Names of the options that a sampler takes.
arguments.sampling = {
  "temperature", "top_k", "top_p", "min_p", "repetition_penalty", "frequency_penalty",
  "presence_penalty", "penalty_last_n", "dry_multiplier", "dry_base", "dry_allowed_length",
  "dry_last_n", "dry_breakers", "logit_bias", "seed",
}

function arguments.wrong(name, wanted, got)
  host.blame(("option '%s' wants %s, got %s"):format(name, wanted, tostring(got)))
end

-- f(...) with up to three results, whose caller's mistake is blamed on the user's code.
function arguments.try(f, ...)
  local ok, result, message, code = pcall(f, ...)
  if not ok then host.blame(tostring(result)) end
  return result, message, code
end

function arguments.count(given, name, default)
  local value = given[name]
  if value == nil then return default end
  if type(value) ~= "number" or value < 0 or value ~= math.floor(value) then
    arguments.wrong(name, "a whole number, at least 0", value)
  end
  return value
end

-- A value, or a list of them, of one type, as a list.
function arguments.list(given, name, kind)
  local value = given[name]
  if value == nil then return {} end
  if type(value) == kind then value = { value } end
  if type(value) ~= "table" then
    arguments.wrong(name, "a " .. kind .. " or a list of them", value)
  end
  for _, entry in ipairs(value) do
    if type(entry) ~= kind or entry == "" then
      arguments.wrong(name, kind .. "s, none empty", entry)
    end
  end
  return value
end

function arguments.typed(given, name, kind)
  local value = given[name]
  if value ~= nil and type(value) ~= kind then arguments.wrong(name, "a " .. kind, value) end
  return value
end

-- Ids of a prompt: text, ids, or nothing when the session already holds something.
function arguments.prompt(model, session, prompt, special)
  if type(prompt) == "table" then return prompt end
  if prompt == nil then return {} end
  if type(prompt) ~= "string" then
    host.blame("a prompt is a string or a list of token ids, got a " .. type(prompt))
  end
  return model:encode(prompt, { bos = #session == 0, special = special or false })
end

return arguments
