-- manual.lua: what the annotations (lua/*.meta.lua) say, for help and completion.
--
-- What: manual.find(name) -> list of entries { name, signature, text, example, class, params,
--   returns }; name is "model:generate", "moonlet.load", "generate" or a class, "moonlet.session".
--   manual.members(class) -> { name = "method" | "field" }; manual.options(entry) -> the names
--   that the entry's option tables have.
-- How: the files are LuaCATS and read line by line: `---` lines gather until a `function` or a
--   class takes them. A line of text in backquotes is the entry's example.
-- Invariant: the annotations are the only source; nothing here repeats them.

local manual = {}

local NAMES = { "moonlet", "session", "tensor", "constraint", "train" }

local function new_doc() return { text = {}, params = {}, returns = {} } end

local function add_tag(doc, tag, rest)
  if tag == "param" then
    local name, kind = rest:match "^(%S+)%s+(.*)$"
    doc.params[#doc.params + 1] = { name = name, type = kind }
  elseif tag == "return" then
    doc.returns[#doc.returns + 1] = rest
  end
end

-- "f(a, b?)" with the marks of optional parameters.
local function signature(name, names, doc)
  local marked = {}
  for word in names:gmatch "[%w_%.]+" do
    local mark = word
    for _, p in ipairs(doc.params) do
      if p.name == word .. "?" then mark = p.name end
    end
    marked[#marked + 1] = mark
  end
  local returns = {}
  for _, text in ipairs(doc.returns) do
    returns[#returns + 1] = text:match "^%b{}" or text:match "^%S+"
  end
  return ("%s(%s)%s"):format(name, table.concat(marked, ", "),
    #returns > 0 and " -> " .. table.concat(returns, ", ") or "")
end

local function take_line(self, line)
  local doc = self.doc
  local tag, rest = line:match "^%-%-%-@(%w+)%s*(.*)$"
  if tag == "class" then
    local name, parent, text = rest:match "^([%w_%.]+):?%s*([%w_%.]*)%s*(.*)$"
    if not rest:match "^[%w_%.]+:" then text, parent = rest:match "^[%w_%.]+%s*(.*)$", "" end
    self.class = { name = name, parent = parent ~= "" and parent or nil, fields = {}, order = {},
      text = text }
    self.classes[name] = self.class
  elseif tag == "field" and self.class then
    local name, kind = rest:match "^([%w_]+)%??%s+(.*)$"
    if name then
      self.class.fields[name] = kind
      self.class.order[#self.class.order + 1] = name
    end
  elseif tag then
    add_tag(doc, tag, rest)
  elseif line:match "^%-%-%-" then
    local text = line:match "^%-%-%-%s?(.*)$"
    local example = text:match "^`(.*)`$"
    if example then doc.example = example else doc.text[#doc.text + 1] = text end
  elseif line:match "^local [%w_]+ = {}" then
    self.variables[line:match "^local ([%w_]+)"] = self.class and self.class.name
    self.doc, self.class = new_doc(), nil
  elseif line:match "^function " then
    local owner, mark, name, names = line:match "^function ([%w_]+)([%.:])([%w_]+)(%b())"
    local class = owner and self.variables[owner]
    if class then
      local whole = owner .. mark .. name
      self.entries[#self.entries + 1] = { name = whole, last = name, class = class,
        method = mark == ":", signature = signature(whole, names, doc), example = doc.example,
        text = table.concat(doc.text, " "), params = doc.params, returns = doc.returns }
    end
    self.doc = new_doc()
  elseif line == "" then
    self.doc = new_doc()
  end
end

-- The annotations, read once.
local function book()
  if manual.book then return manual.book end
  local self = { entries = {}, classes = {}, variables = {}, doc = new_doc() }
  for _, name in ipairs(NAMES) do
    for line in (require("moonlet.annotations." .. name) .. "\n"):gmatch "([^\n]*)\n" do
      take_line(self, line)
    end
  end
  manual.book = self
  return self
end

local function class_entry(class)
  local fields = {}
  for _, name in ipairs(class.order) do
    fields[#fields + 1] = ("  %s: %s"):format(name, class.fields[name])
  end
  return { name = class.name, last = class.name, class = class.name, params = {}, returns = {},
    signature = class.name, text = class.text, fields = fields }
end

function manual.find(name)
  local found, b = {}, book()
  local owner, last = name:match "^(.-)[%.:]?([%w_]+)$"
  if not last then return found end
  for _, entry in ipairs(b.entries) do
    local fits = owner == "" or entry.class == owner or entry.class == "moonlet." .. owner
      or entry.name:match "^[%w_]+" == owner
    if entry.last == last and fits then found[#found + 1] = entry end
  end
  local class = b.classes[name] or b.classes["moonlet." .. name]
  if class and #found == 0 then found[1] = class_entry(class) end
  return found
end

local function fields_of(class, into)
  local b = book()
  local known = b.classes[class]
  if not known then return into end
  if known.parent then fields_of(known.parent, into) end
  for name in pairs(known.fields) do into[name] = "field" end
  return into
end

function manual.members(class)
  local members = fields_of(class, {})
  for _, entry in ipairs(book().entries) do
    if entry.class == class then members[entry.last] = entry.method and "method" or "field" end
  end
  return members
end

function manual.options(entry)
  local names = {}
  for _, p in ipairs(entry.params) do
    for class in p.type:gmatch "moonlet%.[%w_]+" do
      if class:find("options", 1, true) then fields_of(class, names) end
    end
    for name in (p.type:match "%b{}" or ""):gmatch "([%a_][%w_]*)%??:" do names[name] = "field" end
  end
  return names
end

return manual
