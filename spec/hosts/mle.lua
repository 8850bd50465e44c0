-- An editor (mle) with a command that writes a call before the text: Lua 5.4.
-- luacheck: globals mle
local model = assert(require("moonlet").load())

mle.editor_register_cmd("cmd_call", function(context)
  local said = mle.buffer_get(context.buffer).ret_data:gsub("%s+$", "")
  local prompt = "<|user|>" .. said .. "<|call|>"
  local text = assert(model:generate(prompt, { special = true, stop = "<|end|>" }))
  mle.mark_insert_before(context.mark, text .. "\n", #text + 1)
end)
