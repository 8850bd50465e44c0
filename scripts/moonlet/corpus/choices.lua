-- choices.lua: what arguments choose from in everyday tools, and how people say it.
--
-- What: choices.of(name) -> the set that an argument of that name chooses from, or nil;
--   choices.any(dice) -> a set; choices.schema(set, dice) -> a schema with some of its choices;
--   choices.say(set, offered, dice) -> what is said for one of those, and its value.
-- How: a set is a line, which goes on where the next one is indented: names of arguments; frames
--   around what is said; choices, each with phrases. Some of a set are offered, in one of three
--   cases and in random order: what is right is found by reading the list, not by knowing the set.

local names = require "moonlet.corpus.names"
local words = require "moonlet.corpus.words"

local choices = {}

local text = [[
unit units temperature_unit temp_unit scale | in %s, in %s please, give it in %s | celsius:
  celsius, degrees celsius, C; fahrenheit: fahrenheit, degrees fahrenheit, F; kelvin: kelvin
unit length_unit distance_unit units | in %s, measured in %s | km: km, kilometers; mi: miles; m:
  meters; ft: feet
unit weight_unit portion_unit | in %s | grams: grams, g; ounces: ounces, oz; kilograms:
  kilograms, kilos, kg; pounds: pounds, lbs
system units measure | in %s units, using %s | metric: metric; imperial: imperial
action type operation task_type | to %s it | add: add, put, create; delete: delete, remove,
  erase, get rid of; complete: complete, finish, mark as done; update: change, update, edit
command action operation | %s it | start: start, begin, launch; stop: stop, end, halt; pause:
  pause, hold; resume: resume, continue, go on with; restart: restart, reboot
state power switch | turn it %s, switch it %s | on: on; off: off
order sort_order direction sort | in %s order, sorted %s, %s | asc: ascending, from lowest to
  highest, smallest first; desc: descending, from highest to lowest, largest first
sort_by order_by sort_key | sorted by %s, ordered by %s, by %s | price: price, cost; date: date;
  rating: rating, stars; name: name, title; distance: distance; relevance: relevance
level intensity strength speed fan_speed wind power_level | at %s, on %s, with %s strength |
  low: low, weak, gentle; medium: medium, normal, mid, middle; high: high, strong, maximum
priority urgency importance severity | with %s priority, it is %s, priority %s | low: low, not
  urgent; normal: normal; high: high, important; urgent: urgent, critical
size cup_size portion | %s, in size %s, a %s one | small: small; medium: medium; large: large,
  big; extra_large: extra large
quality resolution video_quality stream_quality | in %s quality, %s quality | low: low;
  standard: standard, normal; high: high, good; ultra: ultra, best
mode job_mode operation_mode | in %s mode, %s mode, set to %s | cool: cool, cooling; heat: heat,
  heating, warm; dry: dry, dehumidify; fan: fan, fan only; auto: auto, automatic; eco: eco,
  energy saving
mode profile sound_mode | in %s mode, with %s mode | silent: silent, quiet, mute; vibrate:
  vibrate; loud: loud; night: night, sleep
mode travel_mode transport vehicle | by %s, %s | driving: car, driving; walking: foot, walking;
  cycling: bike, bicycle, cycling; transit: public transport, bus, train
class cabin cabin_class travel_class seat_class | in %s, %s, flying %s | economy: economy,
  coach; premium_economy: premium economy; business: business class, business; first: first
  class
type ride_type car_type | a %s ride, %s, with %s | standard: standard, regular, normal; comfort:
  comfort; pool: shared, pool; premium: premium, luxury; van: van, minivan
meal meal_name meal_type | for %s, as my %s, as %s | breakfast: breakfast; lunch: lunch; dinner:
  dinner, supper; snack: snack, a snack
language lang target_language to_language | in %s, into %s, to %s | en: English; fr: French; de:
  German; es: Spanish; it: Italian; pt: Portuguese; ja: Japanese; ru: Russian; ko: Korean; zh:
  Chinese
source_language from_language from_lang | from %s | en: English; fr: French; de: German; es:
  Spanish; it: Italian; nl: Dutch; pl: Polish; tr: Turkish
language voice_language locale | in %s | english: English; french: French; german: German;
  spanish: Spanish; italian: Italian; hindi: Hindi; arabic: Arabic
gender voice voice_gender | with a %s voice, %s | female: female, woman's, woman; male: male,
  man's, man; neutral: neutral
format output_format file_format file_type | as %s, in %s format, as a %s file | pdf: pdf; csv:
  csv, comma separated; json: json; xml: xml; txt: plain text, text; docx: word
format audio_format image_format | as %s, in %s | mp3: mp3; wav: wav; flac: flac; png: png; jpg:
  jpeg, jpg; gif: gif
currency currency_code to_currency base_currency | in %s, to %s, into %s | USD: dollars, US
  dollars, usd; EUR: euros, euro, eur; GBP: pounds, British pounds, gbp; JPY: yen, Japanese yen;
  INR: rupees; CHF: Swiss francs; CAD: Canadian dollars
status filter state | that are %s, which are %s, %s ones, only %s | open: open; closed: closed;
  pending: pending, waiting; active: active; inactive: inactive; completed: completed, done,
  finished; cancelled: cancelled
status delivery_status order_status | that are %s, %s | shipped: shipped, sent; delivered:
  delivered; processing: being processed, processing; returned: returned, sent back
period range time_range window interval | for the last %s, over the past %s, of this %s | hour:
  hour; day: day, 24 hours; week: week, seven days; month: month, thirty days; year: year
frequency repeat recurrence | %s, repeated %s | once: once, just once; daily: daily, every day;
  weekly: weekly, every week; monthly: monthly, every month; yearly: yearly, every year
day weekday day_of_week | on %s | monday: Monday; tuesday: Tuesday; wednesday: Wednesday;
  thursday: Thursday; friday: Friday; saturday: Saturday; sunday: Sunday
direction turn side | to the %s, %s | left: left; right: right; up: up, upwards; down: down,
  downwards; forward: forward, ahead; back: back, backwards
color colour light_color theme_color | in %s, %s, to %s | red: red; green: green; blue: blue;
  white: white; yellow: yellow; purple: purple; orange: orange; black: black
theme appearance display | in %s, with the %s theme | light: light, bright; dark: dark, night;
  system: system, default
genre movie_genre kind category | in the %s genre, %s, something %s | action: action; comedy:
  comedy, funny; drama: drama; horror: horror, scary; fantasy: fantasy; documentary:
  documentary; romance: romance, romantic; mystery: mystery
genre music_genre style | %s music, of the %s genre, some %s | rock: rock; pop: pop; jazz: jazz;
  classical: classical; hip_hop: hip hop; country: country; electronic: electronic; metal: metal
cuisine food_type kitchen | %s food, with %s cuisine, serving %s | italian: Italian; chinese:
  Chinese; indian: Indian; mexican: Mexican; thai: Thai; japanese: Japanese; greek: Greek;
  french: French; vegan: vegan
topic section category news_type | about %s, on %s, in %s | sports: sports; politics: politics;
  business: business; technology: technology, tech; health: health; science: science; world: the
  world, world news
relationship relation contact_type | my %s, as my %s | friend: friend; wife: wife; husband:
  husband; mother: mother, mom; father: father, dad; boss: boss; colleague: colleague, coworker;
  brother: brother; sister: sister
payment payment_method method pay_with | paid by %s, with %s, using %s | credit_card: credit
  card; cash: cash; paypal: PayPal; bank_transfer: bank transfer; gift_card: gift card
delivery shipping shipping_method speed | with %s shipping, %s delivery | standard: standard,
  regular; express: express, fast; overnight: overnight, next day; pickup: pickup, store pickup
room_type room bed_type | a %s room, %s, with %s | single: single; double: double; suite: suite;
  twin: twin; family: family
visibility privacy access | and make it %s, %s, as %s | public: public, visible to all; private:
  private, only for me; friends: for friends, friends only; team: for the team
audience age_group rating | for %s, suited to %s | kids: kids, children; teens: teens,
  teenagers; adults: adults, grown-ups; seniors: seniors
environment env stage target | in %s, on %s, to %s | dev: dev, development; staging: staging;
  production: production, prod, live; test: test
log_level severity | at %s level, %s messages | debug: debug; info: info; warning: warning,
  warnings; error: error, errors; fatal: fatal
shape chart_type chart plot | as a %s, as a %s chart | bar: bar; line: line; pie: pie; scatter:
  scatter
sport game league_sport | in %s, %s, playing %s | football: football; basketball: basketball;
  tennis: tennis; baseball: baseball; hockey: hockey; cricket: cricket
material fabric surface | made of %s, in %s | cotton: cotton; wool: wool; leather: leather;
  wood: wood, wooden; glass: glass; steel: steel
milk topping extra | with %s, and %s | oat: oat milk; whole: whole milk; soy: soy milk; almond:
  almond milk; none: no milk, black
doneness cooking how_cooked | %s, cooked %s | rare: rare; medium: medium; well_done: well done
season time_of_year | in %s, during %s | spring: spring; summer: summer; autumn: autumn, fall;
  winter: winter
time_of_day part_of_day when | in the %s, this %s | morning: morning; noon: noon; afternoon:
  afternoon; evening: evening; night: night
answer response reply rsvp | %s, my answer is %s | yes: yes, accept; no: no, decline; maybe:
  maybe, not sure]]

local sets, by_name = {}, {}
for line in words.lines(text) do
  local heads, frames, items = line:match "^(.-) | (.-) | (.*)$"
  local set = { names = {}, frames = {}, values = {}, phrases = {} }
  for name in heads:gmatch "%S+" do
    set.names[#set.names + 1] = name
    by_name[name] = by_name[name] or set
  end
  for frame in (frames .. ", "):gmatch "(.-), " do set.frames[#set.frames + 1] = frame end
  for value, phrases in (items .. ";"):gmatch "%s*([%w_]+): (.-);" do
    local said = {}
    for phrase in (phrases .. ", "):gmatch "(.-), " do said[#said + 1] = phrase end
    set.values[#set.values + 1], set.phrases[value:lower()] = value, said
  end
  sets[#sets + 1] = set
end

function choices.of(name) return by_name[name] end

function choices.any(dice) return dice:pick(sets) end

local cases = { string.lower, string.lower, string.upper, names.capital }

-- schema(set, dice) -> a schema of some of its choices
function choices.schema(set, dice)
  local case, list = dice:pick(cases), {}
  for i, value in ipairs(dice:some(set.values, dice:whole(2, 6))) do list[i] = case(value) end
  return { type = "string", enum = list }
end

-- say(set, offered, dice) -> said, value: of one of the choices that a schema offers
function choices.say(set, offered, dice)
  local value = dice:pick(offered)
  if dice:chance(0.3) then return (value:gsub("_", " ")), value end
  return dice:pick(set.phrases[value:lower()]), value
end

-- framed(set, said, dice) -> what is said as part of a request: "in Fahrenheit"
function choices.framed(set, said, dice)
  local frame = dice:pick(set.frames)
  return (frame:gsub("%%s", function() return said end))
end

return choices
