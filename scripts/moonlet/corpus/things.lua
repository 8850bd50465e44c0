-- things.lua: kinds of things that everyday tools are told.
--
-- What: things.draw(kind, dice, context) -> said, value; things.schema(kind) -> its JSON Schema.
-- How: names of people, places and goods are put together of words that are common and of
--   syllables that are not (words.lua), so that the next one is not known either.

local dates = require "moonlet.corpus.dates"
local json = require "moonlet.json"
local names = require "moonlet.corpus.names"
local places = require "moonlet.corpus.places"
local spoken = require "moonlet.corpus.spoken"
local words = require "moonlet.corpus.words"

local things = {}

local list = words.list

local known = {
  first_name = list [[Anna, Ben, Carla, David, Emily, Frank, Grace, Henry, Iris, Jack, Karan,
    Laura, Max, Nina, Oscar, Paula, Ravi, Sofia, Tom, Uma, Victor, Wendy, Yusuf, Zoe, Maria,
    Ahmed, Julian, Priya, Kenji, Olga, Pedro, Ingrid, Jeff, Charlie, Mei, Fatima, Lukas, Chloe,
    Samuel, Diego]],
  surname = list [[Smith, Brown, Garcia, Miller, Khan, Silva, Rossi, Tanaka, Novak, Larsen, Cohen,
    Murphy, Baker, Turner, Lopez, Schmidt, Dubois, Ivanov, Singh, Wang, Kim, Andersson, Walker,
    Hill, Carter, Reyes, Haddad, Okafor, Fischer, Moreau]],
  food = list [[pizza, burger, pasta, fried rice, chicken wings, french fries, salad, tomato soup,
    steak, sushi, tacos, noodles, curry, pancakes, cheese sandwich, ice cream, apple pie, hot dog,
    dumplings, veggie wrap, fish and chips, lasagna, kebab, ramen, garlic bread, oatmeal,
    scrambled eggs, banana]],
  drink = list [[coffee, latte, cappuccino, espresso, green tea, chai tea, hot chocolate,
    lemonade, orange juice, iced coffee, mocha, smoothie, cola, milkshake, sparkling water]],
  device = list [[fan, heater, tv, radio, lamp, coffee machine, dishwasher, washing machine, air
    purifier, humidifier, speaker, oven, garage door, ceiling light, router, printer, kettle]],
  product = list [[headphones, laptop bag, phone case, rain jacket, running shoes, desk lamp,
    t-shirt, water bottle, backpack, office chair, keyboard, wool socks, garden hose, yoga mat,
    sunglasses]],
  room = list [[kitchen, bedroom, living room, bathroom, hallway, office, garage, dining room,
    basement, nursery, guest room, attic]],
  venue = list [[restaurants, coffee shops, gas stations, pharmacies, supermarkets, parks, hotels,
    gyms, bookstores, banks, hospitals, charging stations, bakeries, playgrounds, museums]],
  chore = list [[ironing, cleaning, window cleaning, gardening, plumbing, painting, laundry,
    moving, babysitting, dog walking, cooking]],
  activity = list [[running, swimming, cycling, yoga, rowing, walking, boxing, dancing, tennis,
    weights, hiking, stretching]],
  measure = list [[kilometers, miles, meters, feet, inches, pounds, kilograms, grams, ounces,
    liters, gallons, cups, celsius, fahrenheit, hours, minutes, acres, yards]],
  deed = list [[buy, call, pay, fix, clean, pick up, return, check, wash, book, water, visit,
    order, submit, send, read, finish, feed, renew, pack]],
  object = list [[the report, milk, the dentist, the rent, my bike, the kitchen, the kids, the
    library book, the oven, the car, a table for two, the plants, grandma, new shoes, the monthly
    summary, the cat, my passport, the gym bag, the invoice, the tickets]],
  opening = list [[what is, where is, who wrote, tell me about, describe, I forgot, please bring,
    thanks for, see you at, we are late for, I will send, did you get, the meeting about, here is,
    do you like]],
}

local word, some_words = words.one, words.some
local simple = { country = function(dice) return dice:pick(places.countries) end,
  state = function(dice) return dice:pick(places.states) end,
  city = places.city, place = places.place }
for kind, of in pairs(known) do
  simple[kind] = function(dice) return dice:pick(of) end
end

local capital = names.capital

local function titled(text) return (text:gsub("%a[%w']*", capital)) end

function simple.word(dice) return word(dice) end

function simple.title(dice)
  local text = some_words(dice, 1, 4)
  if dice:chance(0.3) then
    text = dice:pick { "the ", "a ", "my ", "all my ", "no " } .. text
  elseif dice:chance(0.3) then
    text = text .. dice:pick { " of ", " and ", " in the ", " without " } .. word(dice)
  end
  return dice:chance(0.75) and titled(text) or text
end

function simple.person(dice)
  local first = dice:chance(0.7) and dice:pick(known.first_name) or capital(word(dice))
  local last = dice:chance(0.5) and dice:pick(known.surname) or capital(word(dice))
  if dice:chance(0.1) then
    return ("%s %s. %s"):format(first, last:sub(1, 1), capital(word(dice)))
  end
  if dice:chance(0.15) then return last end
  return first .. " " .. last
end

function simple.address(dice)
  if dice:chance(0.3) then return simple.city(dice) end
  local street = ("%d%s %s %s"):format(dice:whole(1, 2500), dice:pick { "", "", "", "B" },
    capital(word(dice)), dice:pick { "Street", "St", "Road", "Avenue", "Ave", "Lane" })
  return dice:chance(0.3) and street or street .. ", " .. simple.place(dice)
    .. dice:pick { "", "", ", USA" }
end

function simple.shop(dice)
  local kinds = { "", "", "'s", " & Sons", " Cafe", " Grill", " Air", " Express", " Market" }
  return capital(word(dice)) .. dice:pick(kinds)
end

local function one_task(dice)
  local object = dice:chance(0.85) and dice:pick(known.object) or some_words(dice, 1, 3)
  return dice:pick(known.deed) .. " " .. object
end

function simple.task(dice)
  local text = one_task(dice)
  return dice:chance(0.2) and text .. " and " .. one_task(dice) or text
end

function simple.sentence(dice)
  local text = dice:pick(known.opening) .. " " .. some_words(dice, 1, 5)
  if dice:chance(0.3) then text = text .. ", " .. simple.task(dice) end
  return capital(text) .. dice:pick { "", ".", "?", "!" }
end

function simple.phrase(dice)
  local which = dice:whole(1, 4)
  if which == 1 then return simple.sentence(dice) end
  if which == 2 then return simple.task(dice) end
  local parts = { some_words(dice, 2, 5) }
  if dice:chance(0.5) then parts[2] = some_words(dice, 1, 4) end
  return table.concat(parts, dice:pick { ", ", " and ", ": ", " but no " })
end

local function code(dice, length, digits)
  local text = {}
  for i = 1, length do
    text[i] = dice:chance(digits) and tostring(dice:whole(0, 9)) or string.char(dice:whole(65, 90))
  end
  return table.concat(text)
end

function simple.id(dice)
  local text = dice:pick { code(dice, dice:whole(3, 8), 0.7), code(dice, 2, 0) .. code(dice, 4, 1),
    word(dice) .. "-" .. code(dice, 3, 1), word(dice) .. code(dice, 3, 1),
    word(dice) .. "_" .. word(dice), "my-" .. word(dice) .. "-id" }
  return dice:chance(0.2) and text:lower() or text
end

function simple.serial(dice)
  local parts = {}
  for i = 1, dice:whole(1, 3) do parts[i] = code(dice, dice:whole(3, 5), 0.5) end
  return table.concat(parts, "-")
end

function simple.slug(dice)
  local a, b = word(dice), word(dice)
  return dice:pick { a .. "-" .. b, a .. "_" .. b, a, capital(a) .. capital(b),
    a .. "-" .. dice:whole(1, 99), a .. "-" .. b .. "-" .. word(dice),
    a:upper() .. dice:pick { "", "_" .. b:upper() } }
end

function simple.repo(dice)
  local owner = capital(word(dice)) .. dice:pick { "", capital(word(dice)) }
  return owner .. "/" .. simple.slug(dice)
end

function simple.version(dice)
  return dice:pick { "v", "", "" } .. dice:whole(0, 9) .. "." .. dice:whole(0, 20)
    .. dice:pick { "", "." .. dice:whole(0, 9) }
end

function simple.symbol(dice) return code(dice, dice:whole(2, 4), 0) end

function simple.file(dice)
  local name = dice:pick { "", "", "my_", "new-" } .. word(dice)
  return name .. dice:pick { "", "_" .. dice:whole(1, 20) }
    .. dice:pick { ".png", ".jpg", ".txt", ".pdf", ".csv", ".mp3", ".docx", ".py", ".zip" }
end

function simple.path(dice)
  local root = dice:pick { "/home/", "/etc/", "./", "C:\\", "~/" }
  return root .. word(dice) .. dice:pick { "/", "-" } .. simple.file(dice)
end

function simple.host(dice)
  if dice:chance(0.3) then
    return ("%d.%d.%d.%d"):format(dice:whole(1, 250), dice:whole(0, 250), dice:whole(0, 250),
      dice:whole(1, 250))
  end
  local ending = dice:pick { ".com", ".org", ".io", ".net" }
  return dice:pick { "", "api.", "www." } .. word(dice) .. ending
end

function simple.url(dice)
  local at = "/" .. word(dice)
  local path = dice:pick { "", at, "/api/v" .. dice:whole(1, 3) .. at,
    at .. "/" .. simple.slug(dice), at .. ".json", at .. "?id=" .. dice:whole(1, 999) }
  return dice:pick { "https://", "https://", "http://" } .. simple.host(dice) .. path
end

function simple.email(dice)
  local who = dice:pick { dice:pick(known.first_name):lower(), word(dice),
    dice:pick(known.first_name):lower() .. "." .. dice:pick(known.surname):lower() }
  return who .. "@" .. word(dice) .. dice:pick { ".com", ".org", ".net", ".ai", ".co.uk" }
end

function simple.command(dice)
  local tool, letter = word(dice), word(dice):sub(1, 1)
  local text = dice:pick { tool, tool .. " " .. word(dice),
    tool .. " /" .. letter .. " " .. simple.file(dice),
    tool .. " -" .. letter .. " " .. dice:whole(0, 99),
    tool .. " --" .. word(dice) .. " " .. simple.slug(dice), "start " .. simple.url(dice) }
  if dice:chance(0.15) then text = text .. " && " .. word(dice) .. " " .. simple.file(dice) end
  return text
end

-- ---- kinds whose value is not the text ----

local typed = {}

function typed.date(dice, context) return dates.date(dice, context.today) end
function typed.time(dice) return dates.time(dice) end

-- A small number in a word.
local function in_a_word(dice)
  local n = dice:whole(1, 12)
  return spoken.number(n), n
end

local function digits(n) return tostring(n), n end

-- Any whole number; one of thousands may have a comma.
function typed.whole(dice)
  if dice:chance(0.3) then return in_a_word(dice) end
  local n = dice:whole(0, dice:pick { 9, 30, 100, 1000, 20000, 900000 })
  if n >= 1000 and dice:chance(0.3) then
    return ("%d,%03d"):format(math.floor(n / 1000), n % 1000), n
  end
  return digits(n)
end

function typed.count(dice)
  if dice:chance(0.3) then return in_a_word(dice) end
  return digits(dice:whole(1, dice:pick { 10, 10, 30, 60, 100, 600 }))
end

function typed.percent(dice) return digits(dice:whole(1, 20) * 5) end
function typed.year(dice) return digits(dice:whole(1950, 2026)) end
function typed.number_id(dice) return digits(dice:whole(1, dice:pick { 99, 9999, 999999 })) end

local function written(form, ...)
  local text = form:format(...)
  return text, tonumber(text)
end

function typed.decimal(dice)
  if dice:chance(0.4) then return digits(dice:whole(1, 500)) end
  return written("%d.%d", dice:whole(0, 99), dice:whole(0, 9))
end

function typed.price(dice)
  if dice:chance(0.5) then return digits(dice:whole(1, 2000)) end
  return written("%d.%02d", dice:whole(1, 300), dice:whole(0, 99))
end

function typed.coordinate(dice)
  return written(dice:pick { "%s%d.%04d", "%s%d.%02d" }, dice:pick { "", "", "-" },
    dice:whole(1, 99), dice:whole(10, 99))
end

-- Any number.
function typed.number(dice)
  local kind = dice:pick { "whole", "whole", "decimal", "coordinate" }
  return typed[kind](dice)
end

-- ---- lists ----

local items = { numbers = "decimal", whole_list = "number_id", counts = "few", foods = "food",
  words = "word", people = "person", rooms = "room" }
local bracketed = { numbers = true, whole_list = true }

function typed.few(dice) return digits(dice:whole(1, 12)) end

local function several(kind, dice, context)
  local said, value = {}, json.array {}
  for i = 1, dice:whole(1, bracketed[kind] and 6 or 3) do
    said[i], value[i] = things.draw(items[kind], dice, context)
  end
  if bracketed[kind] and dice:chance(0.4) then
    return "[" .. table.concat(said, ", ") .. "]", value
  end
  local last = table.remove(said)
  return #said > 0 and table.concat(said, ", ") .. " and " .. last or last, value
end

-- ---- what others ask for ----

local integers = { count = true, percent = true, year = true, number_id = true, few = true,
  whole = true }
local numbers = { decimal = true, price = true, coordinate = true, number = true }

function things.schema(kind)
  if items[kind] then return { type = "array", items = things.schema(items[kind]) } end
  if integers[kind] then return { type = "integer" } end
  if numbers[kind] then return { type = "number" } end
  return { type = kind == "flag" and "boolean" or "string" }
end

function things.is(kind) return simple[kind] or typed[kind] or items[kind] end

-- draw(kind, dice, {today=}) -> said, value
function things.draw(kind, dice, context)
  if items[kind] then return several(kind, dice, context) end
  if typed[kind] then return typed[kind](dice, context) end
  local said = simple[kind](dice)
  return said, said
end

return things
