-- Makes the bundled model again, from the data of MOONLET_SHARED (default ../shared):
--   moonlet examples/models/pocket.lua [directory]          hours; goes on where it was stopped
--   moonlet examples/models/pocket.lua --smoke [directory]  the same way in half a minute, for show
-- With --seed=N before the directory another model of the same kind; with --compute=bf16 in less
-- than half the time on a CPU with AMX, and with other bits: the bundled one is of --seed=2 so.
local copying = require "moonlet.corpus.copying"
local examples = require "moonlet.corpus.examples"
local famous = require "moonlet.corpus.famous"
local generate = require "moonlet.corpus.generate"
local home = require "moonlet.corpus.home"
local places = require "moonlet.corpus.places"
local random = require "moonlet.corpus.random"
local recipe = require "moonlet.corpus.recipe"
local records = require "moonlet.corpus.records"
local spoken = require "moonlet.corpus.spoken"
local things = require "moonlet.corpus.things"

local data = (os.getenv "MOONLET_SHARED" or "../shared") .. "/data/train"

-- ---- sources: shares are of token ids ----

local function running(name, share, bytes)
  return { file = "text/" .. name, make = "text", share = share, how = { bytes = bytes } }
end

local function talk(name, share, turns)
  return { file = "dialogue/" .. name, make = "talk", share = share, how = { turns = turns } }
end

-- More values for arguments than a set of requests has: drawn, of lists, and borrowed from others.
local function several(count, draw)
  local list, dice = {}, random.new(1)
  for i = 1, count do list[i] = draw(dice) end
  return list
end

local function in_lower_case(...)
  local list = {}
  for _, some in ipairs { ... } do
    for _, value in ipairs(some) do list[#list + 1] = value:lower() end
  end
  return list
end

local function of_file(name) return assert(records.read(data .. "/api/" .. name)) end

-- borrowed(records, of one function alone) -> the values that each argument has, each once.
local function borrowed(all, called)
  local list = {}
  for _, record in ipairs(all) do
    local call = called and record.messages[2].tool_calls[1]
    if not call or call.name == called then list[#list + 1] = record end
  end
  local found = examples.values(list)
  for name, values in pairs(found) do
    local once = {}
    for _, value in ipairs(values) do
      if #value > 1 and value ~= once[#once] then once[#once + 1] = value end
    end
    found[name] = once
  end
  return found
end

-- The values for swaps in a set; read when they are first wanted.
local function more_values()
  local requests = of_file "snips.jsonl.gz"
  local snips, books = borrowed(requests), borrowed(requests, "RateBook")
  local sgd = borrowed(of_file "sgd_singleturn.jsonl.gz")
  local guests = borrowed(of_file "restaurants8k.jsonl.gz")
  local function guest(dice)
    local name = dice:pick(guests.first_name)
    return dice:chance(0.3) and name .. " " .. dice:pick(guests.last_name) or name
  end
  local function food(dice) return things.draw("food", dice) end
  local function shop(dice) return things.draw("shop", dice) end
  local function station(dice) return (home.value("station", dice)) end
  return {
    snips = { city = several(2500, places.town), state = places.states, country = places.countries,
      artist = sgd.artist, track = snips.entity_name, album = sgd.album,
      restaurant_name = sgd.restaurant_name, served_dish = several(60, food),
      cuisine = sgd.cuisine, poi = sgd.theater_name, entity_name = snips.track },
    home = { place_name = in_lower_case(places.cities, places.countries, places.states,
        famous.wonders),
      artist_name = in_lower_case(snips.artist, sgd.artist, famous.artists),
      song_name = in_lower_case(snips.track, snips.entity_name, sgd.song_name, famous.songs),
      playlist_name = in_lower_case(snips.playlist), music_album = in_lower_case(snips.album),
      movie_name = in_lower_case(snips.movie_name, sgd.movie_name, famous.films),
      audiobook_name = in_lower_case(books.object_name, famous.books),
      audiobook_author = in_lower_case(several(100, guest), famous.authors),
      music_genre = in_lower_case(snips.genre, famous.genres),
      food_type = in_lower_case(snips.served_dish, snips.cuisine, several(60, food),
        famous.dishes, famous.cuisines),
      drink_type = in_lower_case(several(40, function(dice) return things.draw("drink", dice) end)),
      business_name = in_lower_case(snips.restaurant_name, sgd.restaurant_name,
        several(100, shop), famous.companies, famous.kitchens),
      business_type = in_lower_case(snips.restaurant_type,
        several(40, function(dice) return things.draw("venue", dice) end), famous.shops),
      person = in_lower_case(several(300, guest), famous.people), date = several(250, spoken.date),
      time = several(250, spoken.time), event_name = several(400, spoken.event),
      weather_descriptor = in_lower_case(snips.condition_description),
      game_name = famous.games, podcast_name = famous.podcasts, radio_name = several(200, station),
      currency_name = famous.currencies, definition_word = famous.words,
      news_topic = famous.topics, list_name = famous.lists, color_type = famous.colors,
      house_place = famous.rooms, relation = famous.relations, personal_info = famous.facts },
  }
end

local also
local function also_of(set)
  return function()
    also = also or more_values()
    return also[set]
  end
end

-- How often people ask a voice assistant for each function: the records of SLURP's training part
-- (Bastianelli et al. 2020, arXiv 2011.13205). Here each function has about as many.
local asked = {}
for name, count in ([[calendar_set 810 play_music 639 weather_query 573 calendar_query 566
  general_quirky 555 qa_factoid 544 news_query 503 email_query 418 email_sendemail 354
  datetime_query 350 calendar_remove 312 play_radio 283 social_post 283 qa_definition 267
  transport_query 227 cooking_recipe 207 lists_query 198 play_podcasts 193 recommendation_events 190
  alarm_set 182 lists_createoradd 177 recommendation_locations 173 lists_remove 164 music_query 156
  iot_hue_lightoff 153 qa_stock 152 play_audiobook 150 qa_currency 142 takeaway_order 135
  alarm_query 130 email_querycontact 127 transport_ticket 127 iot_hue_lightchange 125 iot_coffee 124
  takeaway_query 122 transport_traffic 117 music_likeness 113 play_game 112 audio_volume_up 110
  audio_volume_mute 110 social_query 108 transport_taxi 100 iot_cleaning 93 qa_maths 78
  alarm_remove 78 iot_hue_lightdim 76 iot_hue_lightup 76 general_joke 72 recommendation_movies 70
  email_addcontact 54 datetime_convert 52 iot_wemo_off 52 audio_volume_down 52 music_settings 51
  iot_wemo_on 48 general_greet 25 iot_hue_lighton 22 audio_volume_other 18 music_dislikeness 14
  cooking_query 4]]):gmatch "([%l_]+) (%d+)" do
  asked[name] = tonumber(count)
end

local function as_asked(record)
  return (asked[record.messages[2].tool_calls[1].name] or 25) / 130
end

local often = { home = as_asked }

-- Requests for these functions, made up; make: as a source's, closed.
local function at_home(share, make)
  local draw = home.drawer(asked)
  return { share = share, generate = function(dice)
    local said, name, arguments = draw(dice)
    return examples[make or "closed"]({ messages = { { role = "user", content = said },
      { role = "assistant", tool_calls = { { name = name, arguments = arguments } } } } }, dice,
      { set = "home", bare = 0.1, reword = 0.6 })
  end }
end

-- A set learnt by heart; swap: how often a value is exchanged for another; reword: how often the
-- request is said in other words.
local function closed(name, share, set, swap, bare, reword)
  return { file = "api/" .. name, make = "closed", share = share, swaps = swap > 0,
    also = also_of(set), often = often[set],
    how = { set = set, swap = swap, bare = bare, reword = reword } }
end

-- Tools listed, at most `most`; decline: how often the right one is not there; rename: how often
-- all names are of another style; reword: how often a request is said in other words.
local function listed(name, share, most, decline, plain, turns, rename, reword)
  return { file = "api/" .. name, make = "listed", share = share,
    how = { most = most, decline = decline, plain = plain, turns = turns, rename = rename,
      reword = reword } }
end

-- Short sentences, to be said beside made-up requests.
local function sentences()
  local list = {}
  for i, record in ipairs(assert(records.read(data .. "/text/tatoeba.jsonl.gz"))) do
    if i % 20 == 0 and #record.text < 60 then list[#list + 1] = record.text end
  end
  return list
end

-- Requests made up over the same tools, the same sentences beside them; read when first wanted.
local tools, chatter
local function made_up(how)
  local draw
  return function(dice)
    if not draw then
      tools = tools or assert(records.read(data .. "/tools/sealtools_tools.jsonl.gz"))
      chatter = chatter or sentences()
      how.most, how.chatter = 3, chatter
      draw = generate.over(tools, how)
    end
    return draw(dice)
  end
end

local mixed = made_up { kinds = { call = 15, ask = 1, result = 2, decline = 4 }, everyday = 0.5 }
local with_dates = made_up { kinds = { call = 1 }, everyday = 1, about = "date" }

local talked = made_up { kinds = { call = 11, ask = 2, result = 3, told = 3, decline = 4 },
  everyday = 0.5 }

local function made(share) return { generate = mixed, share = share } end
local function talked_over(share) return { generate = talked, share = share } end
local function dated(share) return { generate = with_dates, share = share } end

-- Words that a function of the home set may be asked for by, names of people, places and times.
local asked_by = {}
for word in ([[today tomorrow yesterday monday tuesday wednesday thursday friday saturday sunday
  week weekend month year tonight morning afternoon evening night hour hours minute minutes day days
  o'clock noon mother father sister brother wife husband son daughter parents uncle aunt friend
  friends boss mom dad music song songs play weather rain raining snow snowing hot cold warm email
  mail message call light lights alarm remind news list joke game movie food coffee book read time
  date birthday party meeting ticket train taxi bus volume turn open stop start quiet home house
  room kitchen school city town country park store shop restaurant hospital station airport hotel
  church street boston paris france japan china english french german japanese chinese america
  american tom mary john]]):gmatch "%S+" do
  asked_by[word] = true
end

-- A sentence in which nobody asks for anything.
local function is_remark(record)
  local text = record.text
  if #text > 60 or text:find "[^%a%s%.%?!,']" then return false end
  if text:sub(2):gsub("%f[%a]I%f[%A]", ""):find "%u" then return false end
  for word in text:lower():gmatch "[%a']+" do
    if asked_by[word] then return false end
  end
  return true
end

local remarks = { file = "text/tatoeba.jsonl.gz", make = "remark", share = 0.6, keep = is_remark,
  how = { set = "home", call = "general_quirky", bare = 0.1, reword = 0.4 } }

-- The same source with other fields.
local function with(source, changes)
  local copy = {}
  for name, value in pairs(source) do copy[name] = value end
  for name, value in pairs(changes) do copy[name] = value end
  return copy
end

local stages = {}

-- Language, and what calls look like.
stages.first = {
  running("tinystories.jsonl.gz", 8, 500), running("tatoeba.jsonl.gz", 4, 600),
  talk("topical_chat_valid.jsonl.gz", 6, 2), talk("chatterbot_english.jsonl.gz", 1, 1),
  closed("nlu_home.jsonl.gz", 12, "home", 0.5, 0.2), closed("snips.jsonl.gz", 14, "snips", 0.4),
  closed("clinc150.jsonl.gz", 8, "clinc", 0), closed("banking77.jsonl.gz", 4, "banking", 0),
  listed("snips.jsonl.gz", 6, 3, 0, 0.2), listed("clinc150.jsonl.gz", 4, 5, 0.15, 0.9),
  listed("metatool.jsonl.gz", 6, 4, 0.1, 0.1), listed("sgd_singleturn.jsonl.gz", 18, 4, 0.04, 0.1),
  listed("sgd_multiturn.jsonl.gz", 6, 3, 0, 0.2, 3),
  listed("home_assistant.jsonl.gz", 1, 4, 0, 0.2), listed("restaurants8k.jsonl.gz", 2, 1, 0, 0.3),
  listed("star.jsonl.gz", 2, 3, 0, 0.3, 3), listed("sealtools_dev.jsonl.gz", 2, 3, 0, 0.1),
  made(16),
}

-- Mostly calls.
stages.calls = {
  running("tinystories.jsonl.gz", 2, 400),
  talk("topical_chat_valid.jsonl.gz", 2, 2), talk("chatterbot_english.jsonl.gz", 0.5, 1),
  closed("nlu_home.jsonl.gz", 20, "home", 0.5, 0.15), closed("snips.jsonl.gz", 13, "snips", 0.4),
  closed("clinc150.jsonl.gz", 9, "clinc", 0), closed("banking77.jsonl.gz", 2, "banking", 0),
  listed("snips.jsonl.gz", 3, 3, 0, 0.2), listed("clinc150.jsonl.gz", 2, 5, 0.15, 0.9),
  listed("metatool.jsonl.gz", 3, 4, 0.15, 0.1), listed("sgd_singleturn.jsonl.gz", 30, 4, 0.03, 0.1),
  listed("sgd_multiturn.jsonl.gz", 7, 3, 0, 0.2, 3),
  listed("home_assistant.jsonl.gz", 1, 4, 0, 0.2), listed("restaurants8k.jsonl.gz", 1.5, 1, 0, 0.3),
  listed("star.jsonl.gz", 1, 3, 0, 0.3, 3), listed("taskmaster4.jsonl.gz", 1, 3, 0, 0.3, 3),
  listed("droidcall_early.jsonl.gz", 2, 2, 0, 0.1), listed("sealtools_dev.jsonl.gz", 2, 3, 0, 0.1),
  made(16),
}

-- Requests that no function of CLINC's set is for.
local function foreign(file, share, keep)
  return { file = file, make = "foreign", share = share, how = { set = "clinc" }, keep = keep }
end

-- Requests said loosely, so that few sentences teach many; sets learnt by heart are listed, too,
-- and names change, so that lists are read.
stages.loose = {
  running("tatoeba.jsonl.gz", 2, 400),
  talk("topical_chat_valid.jsonl.gz", 1.5, 2), talk("chatterbot_english.jsonl.gz", 0.5, 1),
  closed("nlu_home.jsonl.gz", 28.6, "home", 0.5, 0.1, 0.75), at_home(20),
  closed("snips.jsonl.gz", 12, "snips", 0.5, 0, 0.6),
  closed("clinc150.jsonl.gz", 14, "clinc", 0, 0, 0.7),
  closed("banking77.jsonl.gz", 0.5, "banking", 0, 0, 0.5),
  foreign("api/metatool.jsonl.gz", 1),
  listed("nlu_home.jsonl.gz", 4, 4, 0.1, 0.1, 1, 0.4, 0.6),
  listed("snips.jsonl.gz", 2, 3, 0.05, 0.2, 1, 0.5, 0.5),
  listed("clinc150.jsonl.gz", 1, 5, 0.15, 0.9), listed("metatool.jsonl.gz", 1.5, 4, 0.15, 0.1),
  listed("sgd_singleturn.jsonl.gz", 18.85, 5, 0.02, 0.1, 1, 0.25, 0.25),
  listed("sgd_multiturn.jsonl.gz", 2.5, 3, 0, 0.2, 3, 0.25),
  listed("home_assistant.jsonl.gz", 1, 4, 0, 0.2), listed("restaurants8k.jsonl.gz", 1, 1, 0, 0.3),
  listed("star.jsonl.gz", 0.5, 3, 0, 0.3, 3), listed("taskmaster4.jsonl.gz", 0.5, 3, 0, 0.3, 3),
  listed("droidcall_early.jsonl.gz", 1, 2, 0, 0.1), listed("sealtools_dev.jsonl.gz", 1, 3, 0, 0.1),
  made(18), dated(2), { generate = copying.labels, share = 1.5 }, remarks, cut = 0.06,
}

-- The same with more that is copied, told and talked over.
stages.wide = {
  running("tatoeba.jsonl.gz", 2, 400), running("books_pd_life70.jsonl.gz", 1.5, 700),
  talk("topical_chat_valid.jsonl.gz", 2.5, 2), talk("chatterbot_english.jsonl.gz", 0.5, 1),
  closed("nlu_home.jsonl.gz", 26, "home", 0.5, 0.1, 0.75), at_home(16),
  closed("snips.jsonl.gz", 16, "snips", 0.5, 0, 0.6),
  closed("clinc150.jsonl.gz", 13, "clinc", 0, 0, 0.7),
  closed("banking77.jsonl.gz", 0.5, "banking", 0, 0, 0.5),
  foreign("api/metatool.jsonl.gz", 1),
  listed("nlu_home.jsonl.gz", 5, 4, 0.1, 0.1, 1, 0.4, 0.6),
  listed("snips.jsonl.gz", 3, 3, 0.05, 0.2, 1, 0.5, 0.5),
  listed("clinc150.jsonl.gz", 1, 5, 0.15, 0.9), listed("metatool.jsonl.gz", 1.5, 4, 0.15, 0.1),
  listed("sgd_singleturn.jsonl.gz", 22, 5, 0.02, 0.1, 1, 0.25, 0.25),
  listed("sgd_multiturn.jsonl.gz", 6, 3, 0, 0.2, 3, 0.25),
  listed("home_assistant.jsonl.gz", 1, 4, 0, 0.2), listed("restaurants8k.jsonl.gz", 1, 1, 0, 0.3),
  listed("star.jsonl.gz", 1, 3, 0, 0.3, 3), listed("taskmaster4.jsonl.gz", 1, 3, 0, 0.3, 3),
  listed("droidcall_early.jsonl.gz", 1, 2, 0, 0.1),
  listed("sealtools_dev.jsonl.gz", 1.5, 3, 0, 0.1),
  talked_over(22), dated(2), { generate = copying.labels, share = 3 },
  { generate = copying.echo, share = 2 }, remarks, cut = 0.06,
}

-- At the end also what CLINC's intents do not cover, of other sets and of plain questions.
local outside = { qa_factoid = true, news_query = true, qa_stock = true, social_post = true,
  social_query = true, recommendation_movies = true, recommendation_events = true,
  email_query = true, email_sendemail = true, email_querycontact = true }
local function is_outside(record) return outside[record.messages[2].tool_calls[1].name] end
local function is_declined(record) return not record.messages[2].tool_calls end
local function is_short(record) return #record.messages[1].content < 120 end

local function declined(share)
  return { file = "api/clinc150.jsonl.gz", make = "closed", share = share,
    how = { set = "clinc", reword = 0.9 }, keep = is_declined }
end

-- Of the home set's records those that the model could learn, nearly all of them.
local function sifted(source) return with(source, { own = "sifted/home.jsonl" }) end

-- All of a request's words in its call, so that each is decided on.
local function marked(source) return with(source, { make = "marked" }) end

-- Shares of the home set and of requests made up for it, both with their words marked, then both
-- plain; of Snips, of SGD, and of what CLINC declines.
local function everything(marked_learnt, marked_made, learnt, made_at_home, snips, sgd, refused)
  return {
    running("tatoeba.jsonl.gz", 1, 400), running("tinystories.jsonl.gz", 1.5, 700),
    running("books_pd_life70.jsonl.gz", 1.5, 700), talk("topical_chat_valid.jsonl.gz", 1.5, 2),
    sifted(closed("nlu_home.jsonl.gz", learnt, "home", 0.5, 0.1, 0.7)), at_home(made_at_home),
    closed("snips.jsonl.gz", snips, "snips", 0.5, 0, 0.5),
    closed("clinc150.jsonl.gz", 13, "clinc", 0, 0, 0.6),
    declined(refused),
    foreign("api/metatool.jsonl.gz", 1, is_short),
    foreign("api/nlu_home.jsonl.gz", 0.8, is_outside),
    foreign("dialogue/dolly_hhrlhf_small.jsonl.gz", 0.8, is_short),
    foreign("api/sealtools_dev.jsonl.gz", 0.5, is_short),
    sifted(listed("nlu_home.jsonl.gz", 4, 4, 0.1, 0.1, 1, 0.4, 0.5)),
    listed("snips.jsonl.gz", 1.5, 3, 0.05, 0.2, 1, 0.5, 0.5),
    listed("metatool.jsonl.gz", 1.5, 4, 0.15, 0.1),
    listed("sgd_singleturn.jsonl.gz", sgd, 5, 0.02, 0.1, 1, 0.25, 0.25),
    listed("sgd_multiturn.jsonl.gz", 3, 3, 0, 0.2, 3, 0.25),
    listed("home_assistant.jsonl.gz", 1, 4, 0, 0.2),
    listed("restaurants8k.jsonl.gz", 0.5, 1, 0, 0.3),
    listed("droidcall_early.jsonl.gz", 1, 2, 0, 0.1),
    listed("sealtools_dev.jsonl.gz", 1, 3, 0, 0.1),
    talked_over(20), dated(2), { generate = copying.labels, share = 1.5 }, remarks,
    marked(sifted(closed("nlu_home.jsonl.gz", marked_learnt, "home", 0.5, 0, 0.7))),
    marked(closed("snips.jsonl.gz", 5, "snips", 0.5, 0, 0.5)), at_home(marked_made, "marked"),
  }
end

-- The same stage for two ways, the second with more that is marked.
local function on_two_ways(first, second, ...)
  stages[first], stages[second] = everything(24, 8, ...), everything(28, 10, ...)
end

on_two_ways("firm", "sure", 31.2, 18, 16, 18.2, 0.6)
on_two_ways("settle", "steady", 44.2, 14, 20, 18.2, 0.9)
on_two_ways("last", "calm", 45.5, 10, 20, 18.2, 2)
stages.firm.cut, stages.sure.cut = 0.03, 0.03

-- Much to read: a third is running text and talk.
stages.read = {
  running("books_pd_life70.jsonl.gz", 14, 900), running("tinystories.jsonl.gz", 6, 900),
  running("tatoeba.jsonl.gz", 3, 600), running("openstax_college_success.jsonl.gz", 1, 900),
  talk("topical_chat_valid.jsonl.gz", 8, 4), talk("dolly_hhrlhf_small.jsonl.gz", 4, 2),
  talk("gsm8k_train.jsonl.gz", 4, 2), talk("chatterbot_english.jsonl.gz", 0.5, 1),
  closed("nlu_home.jsonl.gz", 12, "home", 0.5, 0.1, 0.8), at_home(8),
  closed("snips.jsonl.gz", 8, "snips", 0.5, 0, 0.6),
  closed("clinc150.jsonl.gz", 9, "clinc", 0, 0, 0.7),
  closed("banking77.jsonl.gz", 2, "banking", 0, 0, 0.5),
  listed("nlu_home.jsonl.gz", 2, 4, 0.1, 0.1, 1, 0.4, 0.6),
  listed("metatool.jsonl.gz", 4, 4, 0.15, 0.1),
  listed("sgd_singleturn.jsonl.gz", 8, 5, 0.02, 0.1, 1, 0.25, 0.25),
  listed("sgd_multiturn.jsonl.gz", 4, 3, 0, 0.2, 3, 0.25),
  listed("star.jsonl.gz", 1, 3, 0, 0.3, 3), listed("restaurants8k.jsonl.gz", 0.5, 1, 0, 0.3),
  listed("taskmaster4.jsonl.gz", 0.5, 3, 0, 0.3, 3), made(6), cut = 0.06,
}

-- Copying, in between.
stages.copy = { { generate = copying.echo, share = 12 }, { generate = copying.labels, share = 25 } }
for _, source in ipairs(stages.calls) do
  if source.make ~= "text" then
    table.insert(stages.copy, with(source, { share = source.share * 0.55 }))
  end
end

-- ---- the model and the plan ----

-- So many shards of the first stage; then twice the others, for the mean.
local function way(first, shards, second, third)
  return {
    { copies = 1, plan = { { first, shards, 4e-4, 1e-4, dropout = 0.1 } } },
    { copies = 2, plan = { { second, 4, 3e-4, 1e-5 } } },
    { copies = 2, start = 1, plan = { { third, 2, 3e-4, 1e-5, dropout = 0.1, r_drop = 0.5 } } },
  }
end

local pocket = {
  directory = data,
  config = { vocab_size = 4096, hidden_size = 192, intermediate_size = 512, num_hidden_layers = 12,
    num_attention_heads = 6, num_key_value_heads = 2, head_dim = 32,
    max_position_embeddings = 1024, bos_token_id = 1, eos_token_id = 2 },
  vocabulary = { sources = stages.first, bytes = 12e6 },
  sifted = { home = { file = "api/nlu_home.jsonl.gz", set = "home", least = -2 } },
  stages = stages, shard = 400000, longest = 384, batch = 2048, warmup = 200,
  optimizer = "muon",
  -- stage, shards, the rate at its beginning and at its end
  plan = { { "first", 6, 1.5e-3, 1.5e-3 }, { "copy", 2, 1.5e-3, 1.5e-3 },
    { "calls", 4, 1.5e-3, 1.5e-3 }, { "loose", 10, 1.5e-3, 1.4e-3, dropout = 0.05 } },
  -- deeper; then, without what is mostly marked wrong, on two ways, for the mean of both
  ends = {
    { copies = 1, layers = 18, plan = { { "read", 6, 1.3e-3, 1.2e-3, dropout = 0.05 },
      { "loose", 20, 1.2e-3, 5e-4, dropout = 0.1 },
      { "loose", 14, 8e-4, 4e-4, dropout = 0.1 },
      { "wide", 40, 1e-3, 4e-4, dropout = 0.1 } } },
    { sift = "home", ways = { way("firm", 12, "settle", "last"),
      way("sure", 20, "steady", "calm") } },
  },
}

local smoke, out, options = false, "build/pocket", {}
for _, word in ipairs(arg) do
  local seed, compute = word:match "^%-%-seed=(%d+)$", word:match "^%-%-compute=(%w+)$"
  if word == "--smoke" then smoke = true
  elseif seed then pocket.seed = tonumber(seed)
  elseif compute then pocket.compute = compute
  else
    assert(word:sub(1, 1) ~= "-", "options are --smoke, --seed=N and --compute=TYPE")
    out = word
  end
end
if smoke then
  options.most = 200
  pocket.config.hidden_size, pocket.config.intermediate_size = 64, 128
  pocket.config.num_hidden_layers, pocket.config.vocab_size = 3, 1024
  pocket.config.num_attention_heads, pocket.config.num_key_value_heads = 2, 1
  pocket.vocabulary.bytes, pocket.shard, pocket.warmup = 3e5, 20000, 5
  pocket.plan = { { "first", 1, 3e-3, 3e-3 }, { "copy", 1, 3e-3, 3e-3 },
    { "loose", 2, 3e-3, 1e-3, dropout = 0.1 } }
  pocket.ends = { { copies = 1, layers = 4, plan = { { "read", 1, 1e-3, 1e-4 } } },
    { copies = 2, start = 1, sift = "home",
      plan = { { "last", 1, 1e-3, 1e-4, dropout = 0.1, r_drop = 0.5 } } } }
  pocket.sifted.home.least = -math.huge
end

assert(recipe.run(pocket, out, options, function(seen)
  print(("%s  step %d  loss %.3f  %.0f tokens/s"):format(seen.path, seen.steps, seen.loss,
    seen.tokens_per_second))
end))
print(out)
