---@meta
-- What constraints and matchers offer, for editors; the rest is in moonlet.meta.lua.

---@class moonlet.constraint_options one of schema, regex, choices and gbnf
---@field schema? string|table|boolean JSON Schema, as JSON text or as a table
---@field regex? string the whole text matches it (ECMA-262 without look-around, \\b, \\p)
---@field choices? string[]
---@field gbnf? string llama.cpp's grammar notation
---@field whitespace? "none"|"line"|"indent" in JSON: default "indent", bounded
---@field ordered? boolean members only in the schema's order: more is forced; default false
---@field formats? boolean `format` is an assertion; default true

---@class moonlet.constraint
local constraint = {}

---A matcher at the beginning of a text.
---@param lead? string text that must come before what the constraint wants; tokens may reach from the one into the other
---@return moonlet.matcher? matcher
---@return string? message
---@return string? code
function constraint:matcher(lead) end

function constraint:close() end

---@class moonlet.matcher where a text stands in a constraint
local matcher = {}

---@return moonlet.matcher
function matcher:copy() end

---Which tokens may come: little-endian 32-bit words, and how many bits are set. End-of-sequence
---tokens are among them exactly when the text is complete.
---@return string? mask
---@return integer|string|nil count or message
function matcher:mask() end

---@return integer[]? ids that may come
function matcher:allowed() end

---A token's id, or bytes. When refused the matcher is as it was.
---@param what integer|string
---@return boolean? accepted
---@return string? why
function matcher:accept(what) end

---Tokens that must come, cut as the tokenizer cuts them; none that what follows could cut
---otherwise.
---@return integer[]? ids
function matcher:forced() end

---Token healing: takes back the last of a prompt's ids, as far as what follows could cut their text
---otherwise, and wants that text first. Control and user-defined symbols stay.
---@param ids moonlet.ids
---@return integer? kept how many of the ids are to be fed
---@return string? message
---@return string? code
function matcher:heal(ids) end

---@return boolean
function matcher:is_complete() end

function matcher:close() end
