-- repl.lua: a small read-eval-print loop: an expression is printed, an unfinished line continues.
--
-- main(call): call(f, ...) runs f so that Ctrl-C stops it and gives true, results... or false and
-- a message; at the prompt Ctrl-C ends the program. `moonlet` is a global here.

local repl = {}

local compile = loadstring or load

-- The chunk of a text: as an expression if it is one, else as statements. nil, message when it is
-- neither; message ends in <eof> when it only lacks its end.
function repl.compile(text)
  local chunk = compile("return " .. text, "=stdin")
  if chunk then return chunk end
  return compile(text, "=stdin")
end

-- Reads one whole chunk: function, or nil and a message, or nothing at the end of input.
local function read(input, output)
  output:write("> ")
  output:flush()
  local text = input:read("*l")
  if not text then return nil end
  while true do
    local chunk, message = repl.compile(text)
    if chunk or not message:find("<eof>", 1, true) then return true, chunk, message end
    output:write(">> ")
    output:flush()
    local more = input:read("*l")
    if not more then return true, nil, message end
    text = text .. "\n" .. more
  end
end

local function show(output, ok, ...)
  if not ok then
    io.stderr:write(tostring((...)), "\n")
    return
  end
  local n = select("#", ...)
  if n == 0 then return end
  local texts = {}
  for i = 1, n do texts[i] = tostring((select(i, ...))) end
  output:write(table.concat(texts, "\t"), "\n")
end

function repl.main(call, input, output)
  input, output = input or io.stdin, output or io.stdout
  rawset(_G, "moonlet", require "moonlet")
  while true do
    local more, chunk, message = read(input, output)
    if not more then break end
    if chunk then show(output, call(chunk))
    else io.stderr:write(message, "\n") end
  end
  output:write("\n")
end

return repl
