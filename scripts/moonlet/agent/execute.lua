-- execute.lua: runs one tool with a limit of time.
--
-- How: the tool runs in a coroutine of its own whose hook looks at the clock every thousand
--   instructions; a tool that yields is looked at whenever it does, and goes on at once.
-- Limits: a single long call of a C function (a blocking read, a pattern that explodes) is not
--   interrupted; such tools want limits of their own, as moonlet.http has. LuaJIT runs no hooks in
--   compiled code. A tool that catches every error is stopped outside of its pcall.

local host = require "moonlet.host"

local stopped = {}

-- execute(tool, arguments, context, seconds, cancelled) -> true, value | false, message, code:
-- "timeout", "cancel" or "tool".
return function(tool, arguments, context, seconds, cancelled)
  local deadline = host.clock() + seconds
  local why
  local thread = coroutine.create(tool.run)
  local function look()
    if not why then
      if cancelled() then why = "cancel"
      elseif host.clock() > deadline then why = "timeout" end
      -- from now on at every instruction, so that the error also strikes between two pcalls
      if why then debug.sethook(thread, look, "", 1) end
    end
    if why then error(stopped, 0) end
  end
  if debug and debug.sethook then debug.sethook(thread, look, "", 1000) end
  local ok, value, message = coroutine.resume(thread, arguments, context)
  while ok and not why and coroutine.status(thread) == "suspended" do
    if cancelled() then why = "cancel"
    elseif host.clock() > deadline then why = "timeout" end
    if not why then ok, value, message = coroutine.resume(thread) end
  end
  if why == "timeout" then
    return false, ("%s took longer than %g s"):format(tool.name, seconds), why
  end
  if why == "cancel" then return false, tool.name .. " was cancelled", why end
  if not ok then return false, ("%s failed: %s"):format(tool.name, tostring(value)), "tool" end
  if value == nil and message ~= nil then
    return false, ("%s failed: %s"):format(tool.name, tostring(message)), "tool"
  end
  return true, value
end
