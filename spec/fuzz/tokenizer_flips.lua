-- Every prefix of the pocket model's tokenizer.model and every byte of it changed in three ways:
-- an error or a working tokenizer. The suite runs a sample of this.
--
--   MOONLET_BUILD=build/asan lua5.4 spec/fuzz/tokenizer_flips.lua [first [last]]      byte numbers
package.cpath = (os.getenv "MOONLET_BUILD" or "build") .. "/spec/?.so;" .. package.cpath
local debug_text = require "moonlet.debug.text"

local file = assert(io.open("examples/models/pocket/tokenizer.model", "rb"))
local model = file:read "a"
file:close()
local text = "<s> It's 12 o'clock\n<|user|>ab  \xC3\xA9\xFF\xF0\x90\x8D\x88</s>"
local refused, worked = 0, 0

local function try(bytes)
  local tok, message, code = debug_text.parse(bytes)
  if not tok then
    assert(code == "format" or code == "support", message)
    refused = refused + 1
    return
  end
  for _, special in ipairs { false, true } do
    local ids = tok:encode(text, special)
    for _, id in ipairs(ids) do assert(id >= 0 and id < tok:count()) end
    tok:decode(ids)
  end
  tok:close()
  worked = worked + 1
end

for at = tonumber(arg[1]) or 1, tonumber(arg[2]) or #model do
  local before, after, byte = model:sub(1, at - 1), model:sub(at + 1), model:byte(at)
  try(before)
  for _, change in ipairs { 0xFF, 0x80, 1 << at % 7 } do
    try(before .. string.char(byte ~ change) .. after)
  end
end
print(("%d refused, %d work"):format(refused, worked))
