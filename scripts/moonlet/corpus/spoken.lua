-- spoken.lua: what somebody says aloud, in lower case and words only.
--
-- What: spoken.form(text) -> a written request as it sounds; spoken.date, monthday, time, clock,
--   event, occasion, deed (dice) -> one of many; spoken.number, ordinal, days.

local words = require "moonlet.corpus.words"

local spoken = {}

local list = words.list

local ones = list [[one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve,
  thirteen, fourteen, fifteen, sixteen, seventeen, eighteen, nineteen]]
local tens = list "ten, twenty, thirty, forty, fifty, sixty, seventy, eighty, ninety"
local ordinals = list [[first, second, third, fourth, fifth, sixth, seventh, eighth, ninth, tenth,
  eleventh, twelfth, thirteenth, fourteenth, fifteenth, sixteenth, seventeenth, eighteenth,
  nineteenth]]
local months = list [[january, february, march, april, may, june, july, august, september, october,
  november, december]]
spoken.days = list "monday, tuesday, wednesday, thursday, friday, saturday, sunday"

-- number(742) -> "seven hundred and forty two"; of 0 to 9999.
function spoken.number(n)
  if n == 0 then return "zero" end
  if n < 20 then return ones[n] end
  if n < 100 then
    return tens[math.floor(n / 10)] .. (n % 10 > 0 and " " .. ones[n % 10] or "")
  end
  if n > 1000 and n < 2000 and n % 100 > 9 then      -- as years are said
    return spoken.number(math.floor(n / 100)) .. " " .. spoken.number(n % 100)
  end
  local unit = n < 1000 and 100 or 1000
  local text = spoken.number(math.floor(n / unit)) .. (unit == 100 and " hundred" or " thousand")
  local rest = n % unit
  if rest == 0 then return text end
  return text .. (rest < 100 and " and " or " ") .. spoken.number(rest)
end

-- ordinal(22) -> "twenty second"; of 1 to 99.
function spoken.ordinal(n)
  if n < 20 then return ordinals[n] end
  local ten = tens[math.floor(n / 10)]
  if n % 10 == 0 then return (ten:gsub("y$", "ieth")) end
  return ten .. " " .. ordinals[n % 10]
end

local function minutes(text)
  if text == "00" then return "" end
  return (text:sub(1, 1) == "0" and " oh " or " ") .. spoken.number(tonumber(text))
end

-- form("Wake me at 7:30 AM!") -> "wake me at seven thirty am"
function spoken.form(text)
  text = text:lower():gsub("\226\128\153", "'")
  text = text:gsub("%f[%d](%d%d?)[snrt][tdh]%f[%A]", function(n)
    return tonumber(n) > 0 and spoken.ordinal(tonumber(n)) or n
  end)
  text = text:gsub("%f[%d](%d%d?):(%d%d)", function(hour, rest)
    return spoken.number(tonumber(hour)) .. minutes(rest)
  end)
  text = text:gsub("(%d) ?([ap])%.?m%f[%A]%.?", "%1 %2m"):gsub("(%a) ([ap])%.m%.?", "%1 %2m")
  text = text:gsub("(%d),(%d%d%d)", "%1%2"):gsub("%$(%d+)", "%1 dollars"):gsub("%%", " percent")
  text = text:gsub("%d+", function(n)
    return #n < 5 and spoken.number(tonumber(n)) or n
  end)
  text = text:gsub("[%c%p]", function(mark) return mark == "'" and "'" or " " end)
  return (text:gsub("%s+", " "):match "^ ?(.-) ?$")
end

-- monthday(dice) -> "march the fourth", "twelfth of may"
function spoken.monthday(dice)
  local month, n = dice:pick(months), dice:whole(1, 28)
  local day = spoken.ordinal(n)
  local said = dice:pick { month .. " " .. day, month .. " " .. spoken.number(n),
    day .. " of " .. month, day .. " " .. month, month .. " the " .. day }
  if not dice:chance(0.08) then return said end
  local year = spoken.number(dice:whole(15, 29))
  return said .. dice:pick { " twenty ", " two thousand ", " two thousand and " } .. year
end

-- date(dice) -> "tuesday", "next week", "march the fourth"
function spoken.date(dice)
  local which = dice:whole(1, 10)
  if which <= 4 then return spoken.monthday(dice) end
  if which <= 7 then return dice:pick(spoken.days) end
  if which == 8 then return spoken.ordinal(dice:whole(1, 31)) end
  local some = spoken.number(dice:whole(2, 12))
  return dice:pick { "today", "tomorrow", "yesterday", "the day after tomorrow", "this week",
    "next week", "last week", "this weekend", "next weekend", "this month", "next month",
    "last month", "this year", dice:pick(months), "next " .. dice:pick(months),
    "weekend", "next " .. some .. " days", "past " .. some .. " days", "last " .. some .. " weeks" }
end

-- clock(dice) -> "half past seven", "ten forty five pm"
function spoken.clock(dice)
  local hour = ones[dice:whole(1, 12)]
  local half = dice:pick { " am", " pm", " pm", " am", "", "", " o'clock", " in the evening" }
  local which = dice:whole(1, 10)
  if which <= 6 then return hour .. half end
  if which <= 8 then
    if half == " o'clock" then half = "" end
    return hour .. " " .. dice:pick { "thirty", "fifteen", "forty five", "oh five", "twenty",
      spoken.number(dice:whole(10, 59)) } .. half
  end
  if which == 9 then
    return dice:pick { "half past ", "quarter past ", "quarter to ", "a quarter to ", "ten to ",
      "five past ", "twenty past " } .. hour
  end
  return dice:pick { "noon", "midnight", "twelve noon" }
end

-- time(dice) -> the same, or "before ten am", "twenty minutes"
function spoken.time(dice)
  if dice:chance(0.8) then return spoken.clock(dice) end
  local hour, half = ones[dice:whole(1, 12)], dice:pick { " am", " pm", "" }
  local some, unit = spoken.number(dice:whole(2, 50)), dice:pick { " minutes", " hours" }
  return dice:pick { some .. unit, "an hour", "one hour", "half an hour",
    "before " .. hour .. half, "after " .. hour .. half, hour .. " to " .. ones[dice:whole(1, 12)]
    .. half, "the next " .. some .. unit, "the last " .. some .. unit }
end

local subjects = list [[budget, board, staff, team, sales, marketing, planning, project, school,
  church, family, class, company, office, monthly, weekly, annual, business, tax, design, strategy,
  book club, pta, charity, client, kickoff, soccer, baseball, dinner, lunch, breakfast, gym, yoga,
  piano, swimming, dance, karate, golf, tennis, movie, birthday, graduation, retirement, holiday,
  engagement, wedding]]
local occasions = list [[meeting, meetings, party, event, conference, call, class, lesson, practice,
  game, session, review, trip, reunion, celebration, ceremony, tournament, night, rehearsal,
  training, presentation, workshop, date, appointment, deadline]]
local visits = list [[doctor, doctor's, dentist, dental, hair, vet, hospital, bank, salon, therapy,
  physio, eye, job, lawyer, car service]]
local others = list [[concert, festival, flight, job interview, haircut, oil change, check up,
  exam, final exam, baby shower, brunch, barbecue, picnic, sleepover, football match, garage sale,
  blood test, interview, parade, play date, camping trip, road trip, christmas, halloween,
  thanksgiving dinner, new year's eve party, father's day, easter, laundry, homework, medicine,
  workout, vacation, conference call, webinar, opera, ballet, art exhibition, trade fair]]
local deeds = list [[buy, pick up, call, pay, clean, wash, feed, fix, renew, order, return, water,
  book, submit, send, walk, take out, get, finish, prepare, change, check, mow, drop off, charge,
  pack, move, sell, download, cancel]]
local objects = list [[milk, the kids, the rent, the bills, the car, the dog, my passport, flowers,
  the trash, the lawn, my medicine, groceries, the dry cleaning, my report, the plants, the cat,
  a gift, the electricity bill, the cake, my phone, diapers, tickets, the laundry, eggs, the oven,
  my suitcase, the fridge, stamps, the library books, dog food, insurance, the subscription]]

-- occasion(dice) -> what a calendar has: "budget meeting", "dentist appointment"
function spoken.occasion(dice)
  local which = dice:whole(1, 8)
  if which <= 3 then return dice:pick(subjects) .. " " .. dice:pick(occasions) end
  if which <= 5 then return dice:pick(occasions) end
  if which == 6 then return dice:pick(visits) .. dice:pick { " appointment", " visit" } end
  return dice:pick(others)
end

-- deed(dice) -> what is to be done: "pick up the dry cleaning"
function spoken.deed(dice) return dice:pick(deeds) .. " " .. dice:pick(objects) end

-- event(dice) -> one of both
function spoken.event(dice)
  return dice:chance(0.3) and spoken.deed(dice) or spoken.occasion(dice)
end

return spoken
