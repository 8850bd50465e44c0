-- An editor (Neovim) that puts a call under the line at the cursor: LuaJIT.
-- luacheck: globals vim
local model = assert(require("moonlet").load())
local prompt = "<|user|>" .. vim.api.nvim_get_current_line() .. "<|call|>"
local text = assert(model:generate(prompt, { special = true, stop = "<|end|>" }))
vim.api.nvim_buf_set_lines(0, -1, -1, true, { text })
