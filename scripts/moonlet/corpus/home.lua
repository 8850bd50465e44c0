-- home.lua: requests to a voice assistant at home, made up: one of the functions of the home set,
-- in one of the ways people ask for it, with values that are drawn or famous.
--
-- What: home.drawer(often) -> draw; draw(dice) -> text, function's name, arguments. often[name]:
--   how often a function is asked for; those that are not made up here do not matter.
--   home.value(kind, dice) -> a value.
-- How: a function is a line of home_plans.lua, home_media.lua, home_talk.lua or home_errands.lua;
--   a line goes on where the next one is indented:
--   name | request | request
--   In a request {argument:kind} stands for a value, which the argument gets ({argument:kind's} for
--   one that owns something), {argument=words} for the words themselves, {:kind} for something that
--   no argument takes; a part in [ ] is left out at times, one of (one/another) is said. A kind is
--   a list of famous.lua, of `lists`, or a drawer. An argument with two values gets their list.
-- Invariant: arguments are marked as in nlu_home, whose functions these are: without what goes
--   before them (my, the, next, in, at), a day and its morning apart.

local famous = require "moonlet.corpus.famous"
local home_errands = require "moonlet.corpus.home_errands"
local home_media = require "moonlet.corpus.home_media"
local home_plans = require "moonlet.corpus.home_plans"
local home_talk = require "moonlet.corpus.home_talk"
local json = require "moonlet.json"
local places = require "moonlet.corpus.places"
local spoken = require "moonlet.corpus.spoken"
local things = require "moonlet.corpus.things"
local words = require "moonlet.corpus.words"

local home = {}

-- ---- kinds ----

local list = words.list

local lists = {
  near = list "today, tomorrow, today, tomorrow, this week, this weekend, next week, next month",
  soon = list [[today, tomorrow, tomorrow, monday, tuesday, wednesday, thursday, friday, saturday,
    sunday]],
  ago = list "today, today, yesterday, this week, last week, last month, this month",
  weekday = spoken.days,
  part = list "morning, afternoon, evening, night",
  meal = list "breakfast, lunch, dinner, brunch, supper",
  frequency = list [[every day, every week, every month, every year, every monday, every friday,
    every sunday, every morning, every two weeks, each week, each day, daily, weekly, monthly,
    yearly, once a week, twice a day, every other day, every weekday, every hour, annually]],
  often = list "daily, weekly, monthly, yearly, recurring, repeating, annual, hourly",
  span = list [[day, week, month, weekend, rest of the day, rest of the week, rest of the month,
    coming week, upcoming week, following week, whole week, whole day, next few days,
    next few hours]],
  role = list [[the ceo, the team, the boss, the manager, the staff, the board, the clients,
    the director, the teacher, the doctor, the plumber, the sales team,
    the head of the department]],
  papers_end = list [[times, tribune, post, herald, news, chronicle, journal, globe, gazette,
    star, observer, daily, today, mail, standard, press, examiner, sun]],
  meets = list [[meetings, appointments, meetings, events, birthdays, parties, calls, classes,
    interviews, deadlines, dates, games, trips, conferences, doctor appointments]],
  falls = list "rain, snow, hail, rain, storm, thunder, freeze, rain hard, drizzle",
  fallen = list [[rain, snow, hail, fog, wind, sunshine, thunderstorms, showers, frost, ice,
    storms]],
  storms = list [[tornado, hurricane, flood, storm, thunderstorm, winter storm, severe weather,
    wind]],
  feels = list [[cold, hot, warm, sunny, cloudy, windy, humid, rainy, foggy, nice, raining,
    snowing, chilly, freezing, stormy, clear, icy, cool, dry, muggy, sunny and warm,
    below freezing]],
  wear = list [[umbrella, umbrella, jacket, coat, sweater, hat, scarf, raincoat, rain coat,
    sunglasses, sunscreen, gloves, boots, snow boots, shorts, heavy coat, light jacket, hoodie]],
  wars = list [[second world war, first world war, civil war, vietnam war, cold war,
    french revolution, gold rush, great depression]],
  beasts = list [[cats, dogs, elephants, bears, sharks, penguins, horses, bees, whales, lions,
    tigers, snakes, frogs, ducks, chickens, monkeys, pandas, cows, spiders, owls]],
  prizes = list [[super bowl, world cup, world series, oscar for best picture, nobel peace prize,
    election, stanley cup, masters, game last night, tour de france]],
  papers = list [[report, budget, minutes, slides, photos, invoice, contract, agenda, schedule,
    draft, file, spreadsheet, resume, directions]],
  feast = list [[christmas, easter, thanksgiving, halloween, new year's eve, valentine's day,
    mother's day, father's day, labor day, memorial day, independence day, st patrick's day,
    ramadan, diwali, hanukkah, good friday, ash wednesday, chinese new year, summer solstice,
    black friday]],
  alarm = list "wake up, morning, workout, school, work, medicine, weekend, nap",
  purpose = list [[groceries, things to buy, places to visit, movies to watch, books to read,
    chores, party supplies, gifts, people to invite, things to pack, my expenses, songs, ideas,
    restaurants]],
  episode = list [[next episode, previous episode, last episode, latest episode, newest episode,
    first episode, most recent episode, next podcast, episode two, episode ten]],
  go_on = list [[resume, continue, start, restart, pause, stop, play, begin, resume playing,
    continue playing, continue reading, rewind, skip, replay, start over]],
  playing = list "repeat, shuffle, loop, replay, pause, skip, resume, restart, rewind, stop",
  ride = list "train, train, train, train, bus, flight, subway, ferry, train, trains",
  rides = list "trains, buses, flights, trains",
  car = list "taxi, taxi, cab, cab, car, ride",
  agency = list "uber, uber, lyft, ola, uber, yellow cab",
  stop = list [[train station, bus stop, airport, subway station, gas station, parking lot,
    bus station]],
  film = list [[action, comedy, romantic, horror, drama, science fiction, sci fi, animated,
    thriller, romantic comedy, war, western, documentary, kids, superhero, mystery, christmas,
    bollywood]],
  delivery = list [[delivery, takeaway, takeout, take out, take away, pickup, pick up, carryout,
    carry out, takeaway, delivery]],
  cook = list [[cook, bake, grill, fry, boil, roast, steam, broil, barbecue, reheat, defrost,
    marinate]],
  lamp = list [[lamp, bedside lamp, desk lamp, floor lamp, ceiling light, night light,
    porch light, reading lamp, christmas lights, main light, hallway light, table lamp,
    string lights, all lights]],
  plug = list [[smart plug, smart socket, wemo plug socket, wemo socket, wemo, plug, socket, tv,
    television, fan, heater, radio, air conditioner, computer, oven, lamp, smart plug socket,
    outlet, kettle, printer]],
  brewer = list [[coffee machine, coffee maker, coffee pot, espresso machine, coffee machine,
    coffee maker]],
  brew = list [[latte, cappuccino, espresso, black, strong, mocha, americano, decaf, hot,
    macchiato, iced, double espresso, flat white, large]],
  speech = list [[spanish, french, german, italian, chinese, japanese, russian, arabic, hindi,
    portuguese, korean, latin]],
  pet = list "dog, puppy, cat, kitten, hamster, fish, parrot, rabbit, horse",
  subject = list [[space, history, fashion, art, celebrities, technology, poetry, philosophy,
    geography, cars, sports, movies, cats, love, weekend, night time, nothing special,
    random facts, wikipedia, physics, jokes aside, old times, life hacks, the universe]],
  waters = list [[pacific ocean, atlantic ocean, indian ocean, black sea, dead sea, red sea,
    mediterranean sea, nile river, amazon river, mississippi river, lake superior, lake michigan,
    great salt lake, niagara falls, english channel, hudson river, danube, thames]],
  race = list [[election, presidential election, super bowl, world cup, primaries, world series,
    golden globes, grammys, senate race, football game, playoffs, debate, golf tournament,
    grand prix, boxing match, referendum]],
  rank = list "top rated, most played, most popular, top ten, top forty, highest rated",
  decade = list [[fifties, sixties, seventies, eighties, nineties, two thousands, last year,
    this year, early nineties, late eighties]],
  sorts = list [[comedy, true crime, history, new, news, technology, sports, science, unplayed,
    downloaded, most popular, top rated, educational, business, music, political]],
  airs = list [[news station, local news station, sports talk show, jazz station, local station,
    morning show, talk show, country station, classical station, college radio station,
    oldies station, rock channel, baseball game, traffic report]],
  folder = list "inbox, inbox, spam, drafts, sent, trash, junk",
  eats = list "uber eats, grubhub, doordash, just eat, deliveroo, postmates, seamless, foodpanda",
  sound = list "speakers, speaker, tv, television, stereo, radio, headphones, phone, computer",
  robot = list [[vacuum cleaner, robot vacuum cleaner, robot vacuum, roomba, vacuum,
    robot cleaner, hoover, cleaner, cleaning robot]],
}

local kinds = { place = places.place, event = spoken.occasion, monthday = spoken.monthday,
  clock = spoken.clock }
for _, some in ipairs { famous, lists } do
  for name, all in pairs(some) do kinds[name] = function(dice) return dice:pick(all) end end
end

local function first_name(dice) return (things.draw("first_name", dice)) end
local function full_name(dice) return first_name(dice) .. " " .. things.draw("surname", dice) end

function kinds.name(dice)
  local which = dice:whole(1, 10)
  if which <= 6 then return first_name(dice) end
  if which == 7 then return words.name(dice) end
  if which == 8 then
    return dice:pick { "mr ", "mrs ", "ms ", "doctor " } .. things.draw("surname", dice)
  end
  return full_name(dice)
end

-- What is to be done, without a date.
function kinds.deed(dice)
  local which = dice:whole(1, 10)
  if which <= 5 then return spoken.deed(dice) end
  if which == 6 then return "call " .. kinds.name(dice) end
  if which == 7 then return "call my " .. dice:pick(famous.relations) end
  if which == 8 then return "buy " .. dice:pick(famous.groceries) end
  if which == 9 then
    return "pick up " .. kinds.name(dice) .. " from the " .. dice:pick(famous.shops)
  end
  return (things.draw("task", dice))
end

local function ordinal(dice) return spoken.ordinal(dice:whole(1, 31)) end

-- A day that on, for or next can stand before.
function kinds.day(dice)
  local which = dice:whole(1, 8)
  if which <= 4 then return dice:pick(lists.weekday) end
  if which <= 7 then return spoken.monthday(dice) end
  return ordinal(dice)
end

-- A day, and the word that is said before it.
function kinds.when(dice)
  local which = dice:whole(1, 10)
  if which <= 6 then return dice:pick(lists.near), dice:pick { "", "", "", "for " } end
  if which <= 8 then
    return dice:pick(lists.weekday), dice:pick { "on ", "on ", "for ", "this ", "next ", "coming " }
  end
  if which == 9 then return spoken.monthday(dice), dice:pick { "on ", "for " } end
  return ordinal(dice), "on the "
end

kinds["while"] = function(dice)
  local n = dice:whole(1, 60)
  if n == 1 then return "an hour" end
  if n <= 12 then return spoken.number(n) .. " hours" end
  return spoken.number(dice:pick { 5, 10, 15, 20, 30, 45, n }) .. " minutes"
end

-- Often famous, so that these are known, and as often like them, so that their kind is.
local function known(name, draw)
  return function(dice) return dice:chance(0.6) and dice:pick(famous[name]) or draw(dice) end
end

kinds.artist = known("artists", function(dice)
  if dice:chance(0.5) then return full_name(dice) end
  return dice:pick { "", "the " } .. words.some(dice, 1, 2) .. dice:pick { "", "", "s", " band" }
end)

kinds.paper = known("press", function(dice)
  return dice:pick(places.cities) .. " " .. dice:pick(lists.papers_end)
end)

kinds.company = known("companies", function(dice)
  return words.some(dice, 1, 2)
    .. dice:pick { "", "", " company", " services", " airlines", " bank" }
end)

kinds.kitchen = known("kitchens", function(dice)
  return dice:pick { words.one(dice), first_name(dice) .. "'s", words.some(dice, 2, 2) }
    .. dice:pick { "", " grill", " cafe", " diner", " kitchen", " house" }
end)

kinds.express = known("trains", function(dice)
  return dice:pick(places.cities) .. dice:pick { " express", " limited", " rail", " line" }
end)

function kinds.level(dice)
  local percent = spoken.number(dice:whole(1, 20) * 5)
  return dice:pick { "to " .. percent .. " percent", "to " .. percent, "by " .. percent, "to max",
    "to maximum", "by " .. percent .. " percent", "to half", "to low", "to high" }
end

function kinds.playlist(dice)
  local mood = dice:chance(0.6) and dice:pick(famous.moods) or dice:pick(famous.genres)
  return (dice:chance(0.2) and words.one(dice) or mood) .. " playlist"
end

function kinds.station(dice)
  local n = spoken.number(dice:whole(87, 107))
  local which = dice:whole(1, 10)
  if which <= 3 then
    return n .. " point " .. spoken.number(dice:whole(1, 9)) .. dice:pick { "", "", " fm", " f m" }
  end
  if which == 4 then return dice:pick { "fm ", "channel ", "kiss ", "hot ", "radio " } .. n end
  if which == 5 then return "b. b. c. radio " .. spoken.number(dice:whole(1, 6)) end
  if which == 6 then return dice:pick(famous.press) end
  if which == 7 then
    return dice:pick(famous.genres) .. dice:pick { " radio", " fm", " station" }
  end
  if which == 8 then return "radio " .. words.name(dice) end
  if which == 9 then return dice:pick { "k ", "w " } .. dice:pick { "q e d", "r o w", "s l x" } end
  return dice:pick(places.cities):lower() .. dice:pick { " radio", " public radio", " fm" }
end

function kinds.address(dice)
  local user = dice:chance(0.5) and first_name(dice) or words.name(dice)
  local host = dice:pick { "gmail", "yahoo", "hotmail", "aol", "outlook", words.name(dice) }
  return user .. dice:pick { "@", "@", " at " } .. host
    .. dice:pick { " dot com", " dot com", " dot org" }
end

function kinds.amount(dice)
  local percent = spoken.number(dice:whole(1, 20) * 5)
  return dice:pick { "to " .. percent .. " percent", "by " .. percent .. " percent",
    "to " .. percent, "a bit", "a little", "a little bit", "to half", "to maximum", "to the max",
    "slightly", "to level " .. spoken.number(dice:whole(1, 10)), "by " .. percent }
end

-- Where one goes.
function kinds.spot(dice)
  local which = dice:whole(1, 6)
  if which == 1 then return dice:pick(famous.shops) end
  if which == 2 then return dice:pick { "home", "work", "airport", "downtown", "office" } end
  if which == 3 then
    return words.name(dice) .. dice:pick { " street", " avenue", " road", " park" }
  end
  return places.place(dice)
end

function kinds.land(dice)
  return dice:pick(dice:chance(0.6) and places.countries or places.cities)
end

function kinds.far(dice)
  return dice:chance(0.3) and dice:pick(famous.wonders) or kinds.land(dice)
end

function kinds.works(dice)
  return dice:pick(famous[dice:pick { "books", "films", "songs" }])
end

function kinds.few(dice)
  return spoken.number(dice:chance(0.6) and dice:whole(1, 20) or dice:whole(1, 999))
end

-- value(kind, dice) -> a value, in lower case, and nil or the word that is said before it.
function home.value(kind, dice)
  local value, before = kinds[kind](dice)
  return (value:lower():gsub(",", "")), before
end

-- ---- reading ----

local functions = {}            -- { name, requests }
for _, text in ipairs { home_plans, home_media, home_talk, home_errands } do
  for line in words.lines(text) do
    for kind in line:gmatch "{[%l_]*:([%l_]+)" do
      if not kinds[kind] then error("no such kind: " .. kind .. " in " .. line) end
    end
    local requests = words.ways(line)
    functions[#functions + 1] = { name = table.remove(requests, 1), requests = requests }
  end
end

-- ---- drawing ----

-- The ways that a bracket offers, which "/" divides outside of brackets in it; a space at its
-- beginning or end is there for all of them.
local function ways_of(inner)
  local ways, depth, first = {}, 0, 2
  for i = 2, #inner do
    local c = inner:sub(i, i)
    if c:find "[%[(]" then depth = depth + 1 end
    if c == "/" and depth == 0 or i == #inner then
      ways[#ways + 1] = inner:sub(first, i - 1)
      first = i + 1
    end
    if c:find "[%])]" then depth = depth - 1 end
  end
  return ways, inner:match "^.( ?)", inner:match "( ?).$"
end

-- A request with its brackets decided.
local function expanded(request, dice)
  local at = request:find "[%[(]"
  if not at then return request end
  local inner = request:match(request:sub(at, at) == "[" and "%b[]" or "%b()", at)
  local way = ""
  if inner:sub(1, 1) == "(" or dice:chance(0.4) then
    local ways, before, behind = ways_of(inner)
    way = before .. dice:pick(ways) .. behind
  end
  return request:sub(1, at - 1) .. expanded(way .. request:sub(at + #inner), dice)
end

-- One more value of an argument.
local function add(arguments, keys, name, value)
  local held = arguments[name]
  if held == nil then
    keys[#keys + 1], arguments[name] = name, value
  elseif type(held) == "table" then
    table.insert(held, value)
  else
    arguments[name] = json.array { held, value }
  end
end

-- Whether a word is said with a vowel first.
local function begins_open(word)
  if word:find "^hour" or word:find "^hon[eo]" then return true end
  return word:find "^[aeiou]" and not word:find "^on[ce]" and not word:find "^uni[^n]"
    and not word:find "^us[aeiu]" and not word:find "^eu"
end

-- The text with a or an as the word behind it wants.
local function agreed(text)
  return (text:gsub("%f[%w]an?( %f[%a])(%a+)", function(space, word)
    return (begins_open(word) and "an" or "a") .. space .. word
  end))
end

-- drawer(often) -> draw
function home.drawer(often)
  local turns = {}
  for _, one in ipairs(functions) do
    for _ = 1, math.max(1, math.floor((often[one.name] or 25) / 25)) do turns[#turns + 1] = one end
  end
  return function(dice)
    local one, arguments, keys = dice:pick(turns), {}, {}
    local said = expanded(dice:pick(one.requests), dice):gsub("{([%l_]*)([:=])([^}]+)}",
      function(argument, by, kind)
        local owner, value, before = kind:match "^(.*)'s$", kind, nil
        if by == ":" then
          value, before = home.value(owner or kind, dice)
          value = agreed(owner and value .. "'s" or value)
        end
        if argument ~= "" then add(arguments, keys, argument, value) end
        return (before or "") .. value
      end)
    said = agreed(said:gsub("%s+", " ")):match "^ ?(.-) ?$"
    return said, one.name, json.object(arguments, keys)
  end
end

return home
