-- values.lua: what people say for an argument, and what is meant by it.
--
-- What: values.draw(name, schema, dice, context) -> said, value | nil. said: the words in a
--   request; value: the argument. Both are new each time: names of syllables, numbers, dates.
-- How: a schema's own examples ("e.g., Aspen, Whistler") come first; made-up names teach that an
--   argument is copied, whatever it is. A date of a known year is written as 2019-03-14, a time
--   of day as 17:45; a number said in words in digits.

local json = require "moonlet.json"
local names = require "moonlet.corpus.names"

local values = {}

-- ---- words ----

local syllables = {}
for word in ([[ba be bo bri ca ce cla cor da de do dra el en fa fe fi ga gar ge gra ha hel ho in
  ja jo ka ke kri la le lin lo lu ma mar me mi mon na ne ni no or pa pe per po qui ra re ri ro sa
  san se si sta ta te ter ti to tra u va ve vi wa we win xa yo za ze zo]]):gmatch "%a+" do
  syllables[#syllables + 1] = word
end
local endings = { "", "n", "s", "r", "t", "l", "ck", "ster", "ton", "ville", "son", "nd", "m" }

local plain = {}
for word in ([[apple river blue night morning coffee garden music paper summer winter dog house
  mountain city red green ocean project report meeting party dinner lunch birthday family friend
  team office school market bank train station hotel beach island king queen star moon sun light
  storm rain snow fire stone glass gold silver chicken rice bread cheese pasta salad soup pizza
  burger cake chocolate milk juice tea football tennis chess guitar piano jazz rock dance movie
  story history science math travel camera phone laptop charger table chair lamp door window
  shirt shoes jacket hat book magazine letter ticket passport doctor dentist lawyer teacher
  engine wheel road bridge tower castle forest lake desert valley farm horse bird cat fish tiger
  happy quiet old new big small fast slow warm cold dark bright sweet fresh wild lost last first
  weekly monthly daily annual global local central north south east west]]):gmatch "%a+" do
  plain[#plain + 1] = word
end

local capital = names.capital

local function made_up(dice)
  local word = ""
  for _ = 1, dice:whole(1, 3) do word = word .. dice:pick(syllables) end
  return word .. dice:pick(endings)
end

local function words(dice, least, most)
  local list = {}
  for i = 1, dice:whole(least, most) do
    list[i] = dice:chance(0.3) and made_up(dice) or dice:pick(plain)
  end
  return table.concat(list, " ")
end

-- word(dice) -> a common word or a name that nobody has.
function values.word(dice) return dice:chance(0.4) and made_up(dice) or dice:pick(plain) end

local function title(dice)
  local text = words(dice, 1, 3)
  return dice:chance(0.7) and text:gsub("%a+", capital) or text
end

-- A title as one of files, projects and settings: "blue-river", "blue_river", "BlueRiver", "a/b".
local function slug(dice)
  local a, b = values.word(dice), values.word(dice)
  return dice:pick { a .. "-" .. b, a .. "_" .. b, capital(a) .. capital(b),
    a .. "/" .. b .. "-" .. values.word(dice), a:upper(), a:upper() .. "_" .. b:upper(),
    ("v%d.%d"):format(dice:whole(0, 9), dice:whole(0, 20)) }
end

-- What somebody has to say, of some length.
local function phrase(dice)
  local parts = { words(dice, 3, 7) }
  if dice:chance(0.3) then parts[1] = parts[1] .. " at " .. dice:whole(1, 12) .. " pm" end
  if dice:chance(0.3) then parts[2] = words(dice, 2, 5) end
  local text = table.concat(parts, dice:pick { ", ", " and ", ": " })
  return dice:chance(0.5) and capital(text) or text
end

local lands = {}
for word in ([[Italy France Japan Brazil Kenya Canada Peru Norway India Egypt Spain Chile Ghana Cuba
  Texas Ohio Nevada Oregon Utah Maine Iowa TX CA NY WA FL UK USA]]):gmatch "%a+" do
  lands[#lands + 1] = word
end

-- town(dice) -> a name of a town that is not there.
function values.town(dice)
  local name = capital(made_up(dice))
  return dice:chance(0.25) and name .. " " .. capital(dice:pick(plain)) or name
end

-- A place, or where it is, or a house in it.
local function place(dice, of_house)
  local name = values.town(dice)
  if dice:chance(0.5) then name = name .. ", " .. dice:pick(lands) end
  if not of_house then return name end
  return ("%d %s %s, %s"):format(dice:whole(1, 400), capital(dice:pick(plain)),
    dice:pick { "Street", "Road", "Avenue", "Lane" }, name)
end

local function identifier(dice)
  local text = {}
  for i = 1, dice:whole(3, 7) do
    text[i] = dice:chance(0.6) and tostring(dice:whole(0, 9)) or string.char(dice:whole(65, 90))
  end
  local id = table.concat(text)
  if dice:chance(0.3) then id = id:lower() end
  if dice:chance(0.3) then id = dice:pick(plain) .. "-" .. id end
  return id
end

local function address(dice)
  return made_up(dice) .. "@" .. made_up(dice) .. dice:pick { ".com", ".org", ".net" }
end

local function path(dice)
  return dice:pick { "/home/", "/data/", "https://", "" } .. dice:pick(plain) .. "/"
    .. made_up(dice) .. dice:pick { ".txt", ".csv", ".png", ".pdf", "" }
end

-- ---- numbers ----

local counted = { "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
  "eleven", "twelve" }

-- few(dice) -> said, value: a number in a word.
function values.few(dice)
  local n = dice:whole(1, #counted)
  return counted[n], n
end

-- whole(dice) -> said, value
function values.whole(dice)
  if dice:chance(0.3) then return values.few(dice) end
  local n = dice:whole(0, dice:pick { 9, 30, 100, 1000, 20000, 900000 })
  if n >= 1000 and dice:chance(0.3) then
    return ("%d,%03d"):format(math.floor(n / 1000), n % 1000), n
  end
  return tostring(n), n
end

local function number(dice)
  if dice:chance(0.5) then return values.whole(dice) end
  local text = ("%d.%d"):format(dice:whole(0, 200), dice:whole(1, 9))
  if dice:chance(0.3) then
    text = ("%s%d.%04d"):format(dice:pick { "", "-" }, dice:whole(0, 180), dice:whole(1, 9999))
  end
  return text, tonumber(text)
end

-- ---- dates and times ----

local months = { "January", "February", "March", "April", "May", "June", "July", "August",
  "September", "October", "November", "December" }
local lengths = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local function ordinal(day)
  local teen = day % 100 > 10 and day % 100 < 14
  return day .. (not teen and ({ "st", "nd", "rd" })[day % 10] or "th")
end

local function iso(year, month, day) return ("%04d-%02d-%02d"):format(year, month, day) end

local function tomorrow(today)
  local y, m, d = today:match "(%d+)-(%d+)-(%d+)"
  y, m, d = tonumber(y), tonumber(m), tonumber(d) + 1
  if d > lengths[m] then m, d = m + 1, 1 end
  if m > 12 then y, m = y + 1, 1 end
  return iso(y, m, d)
end

-- date(dice, today) -> said, value
function values.date(dice, today)
  local month = dice:whole(1, 12)
  local day = dice:whole(1, lengths[month])
  local name = months[month]
  if today and dice:chance(0.6) then
    if dice:chance(0.2) then return "today", today end
    if dice:chance(0.25) then return "tomorrow", tomorrow(today) end
    local said = dice:pick { name .. " " .. ordinal(day), "the " .. ordinal(day) .. " of " .. name,
      name .. " " .. day }
    return said, iso(today:sub(1, 4), month, day)
  end
  local year = dice:whole(1990, 2030)
  local value = iso(year, month, day)
  return dice:pick { name .. " " .. ordinal(day) .. " " .. year, day .. " " .. name .. " " .. year,
    name .. " " .. day .. ", " .. year, value, ("%02d/%02d/%04d"):format(month, day, year) }, value
end

-- time(dice) -> said, value
function values.time(dice)
  local hour, minute = dice:whole(1, 12), dice:pick { 0, 0, 15, 30, 45, dice:whole(0, 59) }
  local late = dice:chance(0.6)
  local value = ("%02d:%02d"):format(hour % 12 + (late and 12 or 0), minute)
  if dice:chance(0.15) then return value, value end
  local half = dice:pick(late and { "pm", " pm", " PM" } or { "am", " am", " AM" })
  return (minute == 0 and dice:chance(0.6) and tostring(hour) or ("%d:%02d"):format(hour, minute))
    .. half, value
end

-- ---- arguments ----

-- examples("The city (e.g., New York, Paris)") -> { "New York", "Paris" }
function values.examples(description)
  local list = {}
  local inside = (description or ""):match "%(e%.g%.?,? *([^()]+)%)"
  for item in ((inside or "") .. ","):gmatch "%s*(.-)%s*," do
    item = item:gsub("^or ", ""):gsub("^['\"](.*)['\"]$", "%1"):gsub("^e?t?c%.?$", "")
    if #item > 1 and #item < 30 and not item:find "[:'\"]" then list[#list + 1] = item end
  end
  return list
end

-- What the name of an argument tells about its values: the first that fits.
local places = { "city", "location", "place", "area", "destination", "origin", "country", "region" }
local texts = { "message", "text", "content", "note", "comment", "description", "query",
  "question", "reason" }
local kinds = {
  { { "mail" }, address },
  { { "id$", "code", "number" }, function(dice)
    return dice:chance(0.3) and slug(dice) or identifier(dice)
  end },
  { { "url", "path", "file", "link" }, path },
  { texts, function(dice)
    return dice:chance(0.4) and phrase(dice) or capital(words(dice, 2, 7))
  end },
  { { "address" }, function(dice) return place(dice, true) end },
  { places, function(dice)
    return dice:chance(0.7) and place(dice, dice:chance(0.15)) or title(dice)
  end },
  { { "version", "branch", "repo", "project", "tag", "key", "mode", "format", "model" }, slug },
}

local function by_name(low, dice)
  for _, kind in ipairs(kinds) do
    for _, pattern in ipairs(kind[1]) do
      if low:find(pattern) then return kind[2](dice) end
    end
  end
  local other = dice:whole(1, 20)
  if other <= 2 then return identifier(dice) end
  if other == 3 then return slug(dice) end
  if other == 4 then return phrase(dice) end
  return title(dice)
end

-- choices(dice) -> what an argument may be, some words of one style.
function values.choices(dice)
  local style = dice:pick { string.lower, string.lower, string.upper, capital }
  local two, list, seen = dice:chance(0.3), {}, {}
  for _ = 1, dice:whole(2, 5) do
    local word = dice:pick(plain)
    if two then word = word .. "_" .. dice:pick(plain) end
    if not seen[word] then list[#list + 1], seen[word] = style(word), true end
  end
  return list
end

local function string_value(name, schema, dice, context)
  local low, own = name:lower(), values.examples(schema.description)
  if low:find "date" or low:find "_day$" then return values.date(dice, context.today) end
  if low:find "time$" and not low:find "zone" then return values.time(dice) end
  if #own > 0 and dice:chance(0.5) then
    local value = dice:pick(own)
    return value, value
  end
  local value = by_name(low, dice)
  return value, value
end

-- A choice as someone might say it.
local function choice(list, dice)
  local value = dice:pick(list)
  if type(value) ~= "string" then return tostring(value), value end
  local said = value:gsub("_", " ")
  if dice:chance(0.5) then said = said:lower() end
  return said, value
end

local function list_value(name, schema, dice, context)
  local said, list = {}, json.array {}
  local item = type(schema.items) == "table" and schema.items or { type = "string" }
  for i = 1, dice:whole(1, 3) do
    said[i], list[i] = values.draw(name, item, dice, context)
    if said[i] == nil then return nil end
  end
  local last = table.remove(said)
  return #said > 0 and table.concat(said, ", ") .. " and " .. last or last, list
end

-- draw(name, schema, dice, {today=}) -> said, value; nil for kinds that nobody says.
function values.draw(name, schema, dice, context)
  if type(schema.enum) == "table" and #schema.enum > 0 then return choice(schema.enum, dice) end
  local kind = schema.type
  if kind == "integer" then return values.whole(dice) end
  if kind == "number" or kind == "float" then return number(dice) end
  if kind == "array" then return list_value(name, schema, dice, context) end
  if kind == "string" or kind == nil then return string_value(name, schema, dice, context) end
  return nil
end

return values
