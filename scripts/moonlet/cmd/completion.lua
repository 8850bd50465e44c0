-- completion: what a shell needs to complete moonlet's words.
local complete = require "moonlet.cli.complete"

local shells = { "bash", "zsh", "fish" }

local function main(_, arguments)
  local write = #arguments == 1 and complete[arguments[1]]
  if not write then return 2, "wants one of " .. table.concat(shells, ", ") end
  io.write(write())
  return 0
end

return {
  summary = "Prints a completion script for a shell; make install puts them in their places.",
  usage = "bash|zsh|fish",
  examples = {
    'eval "$(moonlet completion bash)"    in ~/.bashrc',
    "moonlet completion zsh > ~/.zfunc/_moonlet",
    "moonlet completion fish > ~/.config/fish/completions/moonlet.fish",
  },
  options = {}, arguments = shells, main = main,
}
