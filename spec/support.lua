-- support.lua: what the specs of the Lua face share: the module under test, the program, files.
local support = {}

support.build = os.getenv "MOONLET_BUILD" or "build"
support.shared = os.getenv "MOONLET_SHARED" or "../shared"
support.program = support.build .. "/moonlet"
support.pocket = "examples/models/pocket"
package.cpath = support.build .. "/spec/?.so;" .. package.cpath

function support.read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read "a"
  file:close()
  return text
end

function support.write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

function support.quote(word) return "'" .. word:gsub("'", "'\\''") .. "'" end

-- Runs a shell command with stdin from `input`: stdout, exit code, stderr.
function support.shell(command, input)
  local i, o, e = os.tmpname(), os.tmpname(), os.tmpname()
  support.write(i, input or "")
  local _, how, code = os.execute(("{ %s\n} <%s >%s 2>%s"):format(command, i, o, e))
  local out, err = support.read(o), support.read(e)
  for _, path in ipairs { i, o, e } do os.remove(path) end
  return out, how == "signal" and 128 + code or code, err
end

-- Runs the program with these words.
function support.moonlet(words, input)
  local quoted = { support.program }
  for i, word in ipairs(words) do quoted[i + 1] = support.quote(word) end
  return support.shell(table.concat(quoted, " "), input)
end

-- Whether a program that a spec drives, and the file that it loads (may be nil), are here. Where
-- they are not, the run says so; in continuous integration (CI=true) their absence is a failure.
function support.present(program, file)
  local found = support.shell("command -v " .. support.quote(program)) ~= ""
  local missing = not found and program or file and not support.read(file) and file
  if not missing then return true end
  assert(os.getenv "CI" ~= "true", missing .. " is missing: CI drives every host")
  print(("skipped: no %s here"):format(missing))
  return false
end

-- A path at which nothing is yet.
function support.temporary()
  local path = os.tmpname()
  os.remove(path)
  return path
end

-- A new folder, removed by the function that comes with it.
function support.folder()
  local path = support.temporary()
  assert(os.execute("mkdir -p " .. support.quote(path)))
  return path, function() os.execute("rm -r " .. support.quote(path)) end
end

-- Copies a model's folder, with one of its tensors changed by change(tensor).
function support.changed_model(source, target, name, change)
  local moonlet = require "moonlet"
  assert(os.execute(("cp -r %s %s"):format(support.quote(source), support.quote(target))))
  local tensors = {}
  for key, one in pairs(assert(moonlet.load_tensors(source))) do tensors[key] = one:clone() end
  change(tensors[name])
  assert(moonlet.save_tensors(target .. "/model.safetensors", tensors))
end

-- The bundled model's reference answers: a list of { prompt, greedy, greedy_text, and, for those
-- that are calls, tools (or nil) and said }.
function support.reference()
  local text = support.read(support.pocket .. "/expected.json")
  local cases = assert(require "dkjson".decode(text)).cases
  for _, case in ipairs(cases) do
    case.tools, case.said = case.text:match "^<|tools|>(.-)<|user|> (.-)<|call|>$"
    case.said = case.said or case.text:match "^<|user|> (.-)<|call|>$"
  end
  return cases
end

-- A value of every type, to be thrown at every argument.
function support.anything()
  local moonlet = require "moonlet"
  return { false, true, 0, -1, 1.5, 0 / 0, math.huge, 2 ^ 62, math.mininteger, "", "x", "\0\255",
    {}, { 1 }, { "x" }, { -1 }, { 1e9 }, { {} }, { x = 1 }, print, coroutine.create(print),
    io.stdout, moonlet.tensor { 1, 2 } }
end

-- A tool whose arguments, none of them required, are strings.
function support.tool(name, ...)
  local json, properties = require "moonlet.json", {}
  for _, argument in ipairs { ... } do properties[argument] = { type = "string" } end
  return { name = name, description = "", parameters = json.object {
    type = "object", properties = json.object(properties), required = json.array {} } }
end

-- A list of numbers as f32 in a string, and back.
function support.floats(list)
  local out = {}
  for i = 1, #list, 64 do
    local last = math.min(i + 63, #list)
    out[#out + 1] = string.pack("<" .. ("f"):rep(last - i + 1), table.unpack(list, i, last))
  end
  return table.concat(out)
end

function support.numbers(text)
  local out = {}
  for i = 1, #text, 4 do out[#out + 1] = string.unpack("<f", text, i) end
  return out
end

-- A tensor's elements as f32 in a string.
function support.bits(tensor)
  return support.floats(tensor:contiguous():view(-1):totable())
end

-- Records as JSON Lines; an entry that is a string is a line as it stands.
function support.jsonl(list)
  local json, lines = require "moonlet.json", {}
  for i, record in ipairs(list) do
    lines[i] = type(record) == "string" and record or json.encode(record)
  end
  return table.concat(lines, "\n") .. "\n"
end

return support
