-- inside.lua: what specs that drive other programs share.
local socket = require "socket"
local support = require "spec.support"

local inside = { root = support.shell "pwd":gsub("%s", "") }

-- The shell words that run a program with the module that was built for its Lua, "" or "/luajit";
-- command may begin with further settings of the environment.
function inside.with(lua, command)
  return ("env -u LUA_PATH LUA_CPATH=%s %s"):format(
    support.quote(inside.root .. "/" .. support.build .. lua .. "/?.so"), command)
end

-- Whether the program and the module for its Lua are here; what is not is said.
function inside.built(program, lua)
  if support.build:match "asan" then
    return print("skipped: " .. program .. " does not run under sanitizers")
  end
  return support.present(program, support.build .. lua .. "/moonlet.so")
end

function inside.free_port()
  local server = assert(socket.bind("127.0.0.1", 0))
  local _, port = server:getsockname()
  server:close()
  return port
end

return inside
