-- history.lua: what was typed before, in this and in earlier sessions.
--
-- What: history = require("moonlet.repl.history").open(path or nil); history.entries, oldest
--   first; history:add(text). Without a path nothing is kept on disk.
-- How: a line of the file is an entry, with "\n" and "\\" for a line break and a backslash. Each
--   add appends a line, so that sessions side by side lose nothing; open keeps the last 1,000
--   entries and writes the file anew when it holds twice as many.
-- Invariant: a file that cannot be read or written only means no history; nothing fails.

local quoted = require("moonlet.files").quoted

local MOST = 1000

local History = {}
History.__index = History

-- $XDG_STATE_HOME/moonlet/history (XDG Base Directory Specification); nil where there is no home.
local function place()
  local state, home = os.getenv "XDG_STATE_HOME", os.getenv "HOME"
  if state == "" then state = nil end
  if not state and (not home or home == "") then return nil end
  return (state or home .. "/.local/state") .. "/moonlet/history"
end

local function to_line(text) return (text:gsub("\\", "\\\\"):gsub("\n", "\\n")) end
local function from_line(line)
  return (line:gsub("\\(.)", function(c) return c == "n" and "\n" or c end))
end

local function write(path, mode, lines)
  local file = io.open(path, mode)
  if not file then return end
  file:write(table.concat(lines, "\n"), "\n")
  file:close()
end

local function open(path)
  local self = setmetatable({ entries = {}, path = path }, History)
  local file = path and io.open(path, "rb")
  if not file then return self end
  local lines = {}
  for line in file:lines() do lines[#lines + 1] = line end
  file:close()
  local kept = {}
  for i = math.max(1, #lines - MOST + 1), #lines do
    kept[#kept + 1] = lines[i]
    self.entries[#self.entries + 1] = from_line(lines[i])
  end
  if #lines > 2 * MOST then write(path, "wb", kept) end
  return self
end

-- Texts of spaces, those that begin with one, and repetitions are not kept.
function History:add(text)
  local entries = self.entries
  if text:match "^%s" or text == "" or text == entries[#entries] then return end
  entries[#entries + 1] = text
  if not self.path then return end
  if not self.made then
    local folder = self.path:match "^(.*)/" or "."
    if not io.open(self.path, "ab") then
      os.execute(("mkdir -p -m 700 %s 2>/dev/null"):format(quoted(folder)))
    end
    self.made = true
  end
  write(self.path, "ab", { to_line(text) })
end

return { open = open, place = place }
