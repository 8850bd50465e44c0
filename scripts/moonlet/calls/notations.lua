-- notations.lua: how families of models write the values of arguments, as moonlet.calls.grammar
-- takes it: strings in quotes or between markers, the words for true, false and null.

local json = require "moonlet.json"
local quoted = require "moonlet.calls.grammar".quoted

local notations = {
  json = { ["true"] = "true", ["false"] = "false", null = "null" },
  python = { ["true"] = "True", ["false"] = "False", null = "None" },
}

-- Strings in quotes, which begin with `lead`; no string has the byte `never`.
function notations.in_quotes(words, space, lead, never)
  local function allowed(text) return not never or not text:find(never, 1, true) end
  local char = ([[[^"\\\x00-\x1f%s] | "\\" ["\\nrt] ]]):format(never or "")
  return {
    words = words, colon = quoted ":" .. space, comma = quoted "," .. space,
    char = char, open = '"' .. lead, close = '"',
    free_keys = ('%s (%s)* %s'):format(quoted '"', char, quoted '"'),
    text = function(value) return allowed(value) and json.encode(lead .. value) or nil end,
    key = function(name) return allowed(name) and json.encode(name) or nil end,
  }
end

local function plain_key(name) return name:find "^[%w_.$-]+$" and name or nil end

-- Strings without quotes up to a marker, or between two of them.
function notations.raw(stop, quote)
  local first, second = stop:sub(1, 1), stop:sub(2, 2)
  return {
    words = notations.json, colon = quoted ":", comma = quoted ",",
    -- where length counts, line breaks at a string's ends would not
    char = ("[^%s\\n]"):format(first),
    chars = ("([^%s] | %s+ [^%s%s])*"):format(first, quoted(first), first, second),
    open = quote, close = quote, only_strings = quote == "", key = plain_key,
    text = function(value)
      local good = not value:find(first, 1, true) and not value:find "^\n" and not value:find "\n$"
        and value ~= "null"
      return good and quote .. value .. quote or nil
    end,
  }
end

return notations
