-- files.lua: what the scripts do with files besides reading their lines.
--
-- What: files.exists(path), also of a folder; files.read(path) -> text; files.whole(path, write): a
--   file that is there whole or not at all; files.quoted(text): for the shell; files.is_packed(
--   first two bytes) and files.unpack(path): gzip's files, and the command that writes what one
--   holds to its stdout.
-- Failures give nil, message, code.

local files = {}

-- On POSIX a folder can be opened for reading too.
function files.exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

function files.read(path)
  local file, message = io.open(path, "rb")
  if not file then return nil, message, "io" end
  local text = file:read "*a"
  file:close()
  if not text then return nil, path .. ": cannot be read", "io" end
  return text
end

-- Writes a file by write(file), which gives true or nil, message, code; under its name only when
-- it is whole.
function files.whole(path, write)
  local part = path .. ".part"
  local file, message = io.open(part, "wb")
  if not file then return nil, message, "io" end
  local ok, why, code = write(file)
  local closed = file:close()
  if ok and closed and os.rename(part, path) then return true end
  os.remove(part)
  if not ok then return nil, why or path .. ": cannot be written", code or "io" end
  return nil, path .. ": cannot be written", "io"
end

function files.quoted(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

function files.is_packed(bytes) return bytes == "\31\139" end

function files.unpack(path) return "gzip -dc 2>/dev/null < " .. files.quoted(path) end

return files
