-- In Neovim: writes what its screen shows to the file that SCREEN names, row by row.
-- luacheck: globals vim
vim.cmd "redraw!"
local file = assert(io.open(os.getenv "SCREEN", "wb"))
for row = 1, vim.o.lines do
  local cells = {}
  for column = 1, vim.o.columns do cells[column] = vim.fn.screenstring(row, column) end
  file:write((table.concat(cells):gsub("%s+$", "")), "\n")
end
file:close()
