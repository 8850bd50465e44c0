-- keys.lua: the bytes of a terminal as keys.
--
-- What: decoder = keys.new(); decoder:push(bytes) -> list of events; decoder:flush() -> the events
--   of bytes that began a sequence which did not go on (a lone Esc).
-- An event is { text = "a" } (a whole character), { key = "left" } or { paste = "text" }. Keys:
--   "enter" "tab" "esc" "backspace" "delete" "left" "right" "up" "down" "home" "end" "pageup"
--   "pagedown", with "ctrl-", "alt-" or "shift-" before them, and "ctrl-a" .. "ctrl-z".
-- Sequences: ECMA-48 CSI and SS3 as xterm sends them, bracketed paste (CSI 200~ ... CSI 201~).
-- Invariant: any bytes, split anywhere, give the same events; what is unknown gives none.

local keys = {}

local Decoder = {}
Decoder.__index = Decoder

function keys.new() return setmetatable({ rest = "" }, Decoder) end

local by_letter = { A = "up", B = "down", C = "right", D = "left", H = "home", F = "end" }
local by_number = { ["1"] = "home", ["3"] = "delete", ["4"] = "end", ["5"] = "pageup",
  ["6"] = "pagedown", ["7"] = "home", ["8"] = "end" }
local by_byte = { [8] = "backspace", [9] = "tab", [10] = "enter", [13] = "enter", [27] = "esc",
  [127] = "backspace" }

-- xterm's modifier number is 1 plus 1 for shift, 2 for alt, 4 for control.
local function modified(name, number)
  local bits = (tonumber(number) or 1) - 1
  if bits < 0 or bits > 7 then return nil end
  if bits % 2 == 1 then name = "shift-" .. name end
  if math.floor(bits / 2) % 2 == 1 then name = "alt-" .. name end
  if bits >= 4 then name = "ctrl-" .. name end
  return name
end

-- The event of one CSI or SS3 sequence; nil for one that means nothing here.
local function sequence(parameters, final)
  local number, modifier = parameters:match "^(%d*);?(%d*)$"
  if not number then return nil end
  if final == "Z" then return { key = "shift-tab" } end
  local name = final == "~" and by_number[number] or by_letter[final]
  name = name and modified(name, modifier ~= "" and modifier or nil)
  return name and { key = name }
end

-- Bytes that a character which begins with this byte has; 1 for one that begins none.
local function wanted(byte)
  if byte >= 0xF0 and byte <= 0xF4 then return 4 end
  if byte >= 0xE0 then return byte < 0xF0 and 3 or 1 end
  return byte >= 0xC2 and 2 or 1
end

local PASTE_END = "\27[201~"
local LONGEST = 32              -- bytes of a control sequence; a longer one is dropped

-- Takes one event off the front of bytes: event or false, bytes taken; nil when more must come.
local function take(bytes)
  local byte = bytes:byte()
  if byte == 27 then
    if #bytes == 1 then return nil end
    local kind = bytes:sub(2, 2)
    if kind == "[" or kind == "O" then
      local parameters, final = bytes:match("^([%d;<=>?]*)([^%d;<=>?])", 3)
      if not final then return (#bytes > LONGEST and false or nil), #bytes end
      return sequence(parameters, final) or false, 2 + #parameters + 1
    end
    local event, n = take(bytes:sub(2))
    if event == nil then return nil end
    if event and event.key then event = { key = "alt-" .. event.key }
    elseif event and event.text then event = { key = "alt-" .. event.text } end
    return event, 1 + n
  end
  if by_byte[byte] then return { key = by_byte[byte] }, 1 end
  if byte < 32 then
    local letter = byte == 31 and "_" or byte == 0 and "space" or string.char(byte + 96)
    return { key = "ctrl-" .. letter }, 1
  end
  local n = wanted(byte)
  if n > #bytes then
    if not bytes:find("^[\128-\191]*$", 2) then return false, 1 end
    return nil
  end
  local text = bytes:sub(1, n)
  if byte >= 128 and (n == 1 or not text:find("^[\128-\191]+$", 2)) then return false, 1 end
  return { text = text }, n
end

-- A paste is text: line ends become "\n", other control characters but tabs go.
local function pasted(bytes)
  return (bytes:gsub("\r\n?", "\n"):gsub("[%z\1-\8\11-\31\127]", ""))
end

function Decoder:push(bytes)
  local events = {}
  bytes = self.rest .. bytes
  while bytes ~= "" do
    if self.paste then
      local last, after = bytes:find(PASTE_END, 1, true)
      if not last then break end
      events[#events + 1] = { paste = pasted(bytes:sub(1, last - 1)) }
      bytes, self.paste = bytes:sub(after + 1), nil
    elseif bytes:sub(1, 6) == "\27[200~" then
      bytes, self.paste = bytes:sub(7), true
    else
      local event, n = take(bytes)
      if event == nil then break end
      if event then events[#events + 1] = event end
      bytes = bytes:sub(n + 1)
    end
  end
  self.rest = bytes
  return events
end

-- Whether bytes wait that flush would decide on.
function Decoder:waits() return self.rest ~= "" and not self.paste end

function Decoder:flush()
  if not self:waits() then return {} end
  local lone = self.rest:sub(1, 1) == "\27"
  local after = lone and self.rest:sub(2) or ""
  self.rest = ""
  if not lone then return {} end
  local events = after:find "^[%[O]" and {} or self:push(after)
  table.insert(events, 1, { key = "esc" })
  return events
end

return keys
