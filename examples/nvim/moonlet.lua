-- Commands for Neovim, in process, no server:
--
--   :Continue          the model goes on writing after the cursor's line, while you go on editing;
--                      :ContinueStop ends it and keeps what is there; g:moonlet_writing tells
--   :'<,'>Call         each selected sentence becomes an API call
--
--   make luajit && LUA_CPATH='build/luajit/?.so' nvim -c 'luafile examples/nvim/moonlet.lua' FILE
-- luacheck: globals vim
local moonlet = require "moonlet"

local BUDGET = 8                -- ms of work for each turn of the editor's loop
local model, writing

local function loaded()
  model = model or assert(moonlet.load(vim.g.moonlet_model))
  return model
end

-- Text goes in where a mark stands, which the editor moves along with edits elsewhere.
local space = vim.api.nvim_create_namespace "moonlet"

local function insert(buffer, mark, text)
  local at = vim.api.nvim_buf_get_extmark_by_id(buffer, space, mark, {})
  vim.api.nvim_buf_set_text(buffer, at[1], at[2], at[1], at[2], vim.split(text, "\n"))
end

local function stop()
  if writing then writing:cancel() end
  writing, vim.g.moonlet_writing = nil, false
end

local function continue(options)
  stop()
  local buffer, row = vim.api.nvim_get_current_buf(), vim.api.nvim_win_get_cursor(0)[1]
  local lines = vim.api.nvim_buf_get_lines(buffer, math.max(0, row - 20), row, true)
  local mark = vim.api.nvim_buf_set_extmark(buffer, space, row - 1, #lines[#lines], {})
  local max_tokens = tonumber(options.args) or 40
  local mine = assert(loaded():stream(table.concat(lines, "\n"), { max_tokens = max_tokens }))
  writing, vim.g.moonlet_writing = mine, true
  local function turn()
    if writing ~= mine then return end
    local text = mine:step { ms = BUDGET }
    if not text then return stop() end
    if text ~= "" then insert(buffer, mark, text) end
    vim.defer_fn(turn, 1)
  end
  turn()
end

local function call(options)
  local lines = vim.api.nvim_buf_get_lines(0, options.line1 - 1, options.line2, true)
  for i, said in ipairs(lines) do
    local prompt = "<|user|>" .. said .. "<|call|>"
    local text = assert(loaded():generate(prompt, { special = true, stop = "<|end|>" }))
    lines[i] = vim.split(text, "\n")[1]
  end
  vim.api.nvim_buf_set_lines(0, options.line1 - 1, options.line2, true, lines)
end

vim.api.nvim_create_user_command("Continue", continue, { nargs = "?" })
vim.api.nvim_create_user_command("ContinueStop", stop, {})
vim.api.nvim_create_user_command("Call", call, { range = true })
