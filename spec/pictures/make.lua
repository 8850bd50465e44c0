-- make pictures: the examples' pictures, each by the program that it shows.
--
--   examples/inside/*.svg   the prompt, typed in a pseudo-terminal, and what its plots save
--   examples/love/          a screenshot that LÖVE takes of its scene (xvfb-run lends it a screen)
--   examples/nvim/          the screen as Neovim reads it back
--   examples/lighttpd/, examples/two_states.svg   a terminal with the commands of their pages
--
-- With words, only the pictures of these names.
package.path = "./?.lua;" .. package.path
local support = require "spec.support"
local inside = require "spec.hosts.inside"
local pty = require "moonlet.debug.pty"
local socket = require "socket"
local terminal = require "spec.pictures.terminal"
local vt = require "spec.repl.screen"

local WAIT = 60000              -- ms until a program is given up

-- Reads a pseudo-terminal until what is shown ends in `text` (nil: until the program ends).
local function read_until(program, screen, text)
  for _ = 1, WAIT / 20 do
    local shown = screen:text():gsub("%s+$", "")
    if text and shown:sub(-#text) == text then return end
    local bytes = program:read(20)
    if not bytes then return end
    screen:put(bytes)
  end
  error(("waited for %q in:\n%s"):format(text or "the end", screen:text()))
end

-- Types lines at the prompt, one after the other.
local function prompt(lines, columns)
  local home, remove = support.folder()
  local program = pty.start { "env", "HOME=" .. home, "XDG_STATE_HOME=", "TERM=xterm",
    "NO_COLOR=", "MOONLET_MODEL=" .. support.pocket, support.program, columns = columns, rows = 60 }
  local screen = vt.new(columns)
  for i, line in ipairs(lines) do
    read_until(program, screen, i .. ">")
    program:write(line .. "\r")
  end
  read_until(program, screen, (#lines + 1) .. ">")
  program:write "\4"
  program:wait()
  program:close()
  remove()
  return screen
end

-- What shell commands show, each after a "$ " of its own.
local function shell(commands, columns)
  local lines = {}
  for _, command in ipairs(commands) do
    lines[#lines + 1] = "$ " .. command.shown
    local out = support.shell(command.run or command.shown)
    for line in out:gmatch "([^\n]*)\n" do lines[#lines + 1] = line end
  end
  return terminal.text(lines, columns)
end

local pictures = {}

function pictures.inside()
  local folder = "examples/inside/"
  local screen = prompt({
    "model = moonlet.load()",
    "model:parameters()['model.layers.0.self_attn.q_proj.weight']",
    "map, pieces = model:attention('<|user|> play some jazz<|call|>', "
      .. "{ layer = 3, head = 2, special = true })",
    "map:plot { labels = pieces }",
    "model:explain('<|user|> play some jazz<|call|>play_music(music_genre=\" jazz\")', "
      .. "{ special = true, top = 3 })",
    "?model:lens",
  }, 96)
  support.write(folder .. "prompt.svg", terminal.svg(screen, "moonlet"))
  local out, code, err = support.moonlet { folder .. "pictures.lua", folder }
  assert(code == 0, out .. err)
end

function pictures.two_states()
  local screen = shell({ { shown = "build/spec/two_states examples/models/pocket",
    run = support.build .. "/spec/two_states " .. support.pocket } }, 80)
  support.write("examples/two_states.svg", terminal.svg(screen, "two states, one model"))
end

function pictures.lighttpd()
  local port, scratch, remove = inside.free_port(), support.folder()
  os.execute(inside.with("", ("PORT=%d lighttpd -D -f %s >%s/log 2>&1 & echo $! >%s/pid"):format(
    port, "examples/lighttpd/lighttpd.conf", scratch, scratch)))
  for _ = 1, 600 do
    local client = socket.connect("127.0.0.1", port)
    if client then client:close() break end
    socket.sleep(0.05)
  end
  local commands = {}
  local sentences = { "turn+off+the+lights+in+the+kitchen", "wake+me+at+six", "what+is+love" }
  for i, said in ipairs(sentences) do
    commands[i] = { shown = "curl 'http://127.0.0.1:8642/?" .. said .. "'",
      run = ("curl -s 'http://127.0.0.1:%d/?%s'"):format(port, said) }
  end
  local screen = shell(commands, 80)
  os.execute("kill " .. support.read(scratch .. "/pid"))
  remove()
  support.write("examples/lighttpd/picture.svg", terminal.svg(screen, "lighttpd"))
end

function pictures.nvim()
  local scratch, remove = support.folder()
  support.write(scratch .. "/notes.txt", "I would like to\n\nturn off the lights in the kitchen\n"
    .. "play some jazz\nwake me at six\n")
  local words = { inside.with("/luajit", "HOME=" .. scratch), "nvim --headless -u NONE -i NONE -n",
    "-c 'luafile examples/nvim/moonlet.lua'" }
  for _, command in ipairs { "set columns=80 lines=10 number laststatus=2", "3,4Call", "1",
    "Continue 5", "lua vim.wait(50000, function() return not vim.g.moonlet_writing end)",
    "luafile spec/pictures/screen.lua", "qa!" } do
    words[#words + 1] = "-c " .. support.quote(command)
  end
  words[#words + 1] = scratch .. "/notes.txt"
  local _, code, err = support.shell("SCREEN=" .. scratch .. "/screen " .. table.concat(words, " "))
  assert(code == 0, err)
  local lines = {}
  for line in support.read(scratch .. "/screen"):gmatch "([^\n]*)\n" do lines[#lines + 1] = line end
  remove()
  support.write("examples/nvim/picture.svg", terminal.svg(terminal.text(lines, 80),
    ":3,4Call and :Continue in Neovim"))
end

function pictures.love()
  local scratch, remove = support.folder()
  local path = inside.root .. "/examples/love/picture.png"
  local _, code, err = support.shell(inside.with("/luajit", ("PICTURE=%s HOME=%s "
    .. "LIBGL_ALWAYS_SOFTWARE=1 xvfb-run -a -s '-screen 0 640x360x24' love examples/love"):format(
    path, scratch)))
  remove()
  assert(code == 0, err)
end

local names = #arg > 0 and arg or { "inside", "two_states", "lighttpd", "nvim", "love" }
for _, name in ipairs(names) do
  pictures[name]()
  print(name)
end
