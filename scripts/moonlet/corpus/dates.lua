-- dates.lua: dates and times as people say them, and as a call has them: ISO 8601 for a date of a
-- known year (2019-03-14), 17:45 for a time of day.

local native = require "moonlet.native"

local dates = {}

local months = { "January", "February", "March", "April", "May", "June", "July", "August",
  "September", "October", "November", "December" }
local lengths = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }
local ahead = { tomorrow = 1, ["the day after tomorrow"] = 2, ["a week from today"] = 7 }

local function length(year, month)
  local leap = year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
  return month == 2 and leap and 29 or lengths[month]
end

local function ordinal(day)
  local teen = day % 100 > 10 and day % 100 < 14
  return day .. (not teen and ({ "st", "nd", "rd" })[day % 10] or "th")
end

local function iso(year, month, day) return ("%04d-%02d-%02d"):format(year, month, day) end

-- after("2019-02-27", 3) -> "2019-03-02"
function dates.after(date, days)
  local y, m, d = date:match "^(%d+)-(%d+)-(%d+)$"
  y, m, d = tonumber(y), tonumber(m), tonumber(d) + days
  while d > length(y, m) do
    d, m = d - length(y, m), m + 1
    if m > 12 then y, m = y + 1, 1 end
  end
  return iso(y, m, d)
end

-- A month's name as it may be written.
local function month_name(month, dice)
  local name = months[month]
  if dice:chance(0.2) then name = name:sub(1, 3) .. dice:pick { "", "." } end
  return dice:chance(0.15) and name:lower() or name
end

-- A day of a month, as of a year that is known or said after it.
local function day_said(month, day, dice)
  local name = month_name(month, dice)
  return dice:pick { name .. " " .. ordinal(day), name .. " " .. day, ordinal(day) .. " " .. name,
    day .. " " .. name, "the " .. ordinal(day) .. " of " .. name,
    ordinal(day) .. " of " .. name }
end

-- What follows from a day that is known: today, tomorrow, a day of the week.
local function relative(today, dice)
  if dice:chance(0.3) then return "today", today end
  if dice:chance(0.5) then
    local said = dice:pick { "tomorrow", "tomorrow", "the day after tomorrow", "a week from today" }
    return said, dates.after(today, ahead[said])
  end
  local date = dates.after(today, dice:whole(1, 7))
  return dice:pick { "", "", "this ", "next ", "the upcoming ", "this coming " }
    .. native.weekday(date), date
end

-- date(dice, today) -> said, value. today: nil, or a date that the model is shown.
function dates.date(dice, today)
  if today and dice:chance(0.3) then return relative(today, dice) end
  local month = dice:whole(1, 12)
  if today and dice:chance(0.4) then
    local year = tonumber(today:sub(1, 4))
    local day = dice:whole(1, length(year, month))
    return day_said(month, day, dice), iso(year, month, day)
  end
  local year = dice:whole(1990, 2032)
  local day = dice:whole(1, length(year, month))
  local value = iso(year, month, day)
  if dice:chance(0.2) then
    return dice:pick { value, ("%02d/%02d/%04d"):format(month, day, year) }, value
  end
  local said = day_said(month, day, dice) .. dice:pick { " ", " ", ", " } .. year
  if dice:chance(0.08) then said = native.weekday(value) .. dice:pick { " ", ", " } .. said end
  return said, value
end

-- time(dice) -> said, value
function dates.time(dice)
  local hour, minute = dice:whole(1, 12), dice:pick { 0, 0, 15, 30, 45, dice:whole(0, 59) }
  local late = dice:chance(0.6)
  local value = ("%02d:%02d"):format(hour % 12 + (late and 12 or 0), minute)
  if dice:chance(0.15) then return value, value end
  local half = dice:pick(late and { "pm", " pm", " PM" } or { "am", " am", " AM" })
  return (minute == 0 and dice:chance(0.6) and tostring(hour) or ("%d:%02d"):format(hour, minute))
    .. half, value
end

return dates
