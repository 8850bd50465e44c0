-- embed.lua: writes Lua scripts as one C file: lua5.4 lua/embed.lua scripts/moonlet/*.lua > out.c
--
-- Each file becomes an entry of ml_scripts (lua/script.h) and a function luaopen_<module>, which
-- Lua's all-in-one searcher finds. The module's name is the path from scripts/ on. Annotations,
-- lua/X.meta.lua, become the module moonlet.annotations.X, whose value is their text.

local function quote(line)
  local escaped = line:gsub('[\\"%c\128-\255?]', function(c)
    return ("\\%03o"):format(c:byte())
  end)
  return '  "' .. escaped .. '"'
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local source = assert(file:read("a"))
  file:close()
  assert(load(source, "@" .. path, "t"))
  return source
end

local out, entries, openers = {}, {}, {}
for i, path in ipairs(arg) do
  local source = read(path)
  local from = path:match("scripts/(.*)%.lua$")
  if not from then
    from = path:match("lua/(.*)%.meta%.lua$") or error(path .. " is not below scripts/")
    from, source = "moonlet/annotations/" .. from, "return [==[\n" .. source .. "]==]"
  end
  local name = from:gsub("/", ".")
  out[#out + 1] = ("static const char source_%d[] ="):format(i)
  for line in source:gmatch("[^\n]*\n?") do
    if line ~= "" then out[#out + 1] = quote(line) end
  end
  out[#out] = out[#out] .. ";\n"
  entries[i] = ('  {"%s", "@scripts/%s.lua", source_%d, sizeof source_%d - 1},')
    :format(name, from, i, i)
  local symbol = name:gsub("%.", "_")
  openers[i] = ('MOON_API int luaopen_%s(lua_State *L);\n'
    .. 'int luaopen_%s(lua_State *L) { return ml_open_script(L, "%s"); }')
    :format(symbol, symbol, name)
end

io.write("/* Written by lua/embed.lua. */\n#include \"lua/script.h\"\n\n",
  table.concat(out, "\n"), "\nconst ml_script ml_scripts[] = {\n",
  table.concat(entries, "\n"), "\n  {NULL, NULL, NULL, 0}\n};\n\n",
  table.concat(openers, "\n"), "\n")
