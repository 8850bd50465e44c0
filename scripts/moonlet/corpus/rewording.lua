-- rewording.lua: the same request in other words, so that a few thousand sentences are not learnt
-- by heart instead of being understood.
--
-- What: rewording.reword(text, arguments, dice) -> text. Words that say an argument stay as they
--   are; around them words of the same meaning change places, polite words come and go, and now
--   and then a word is lost, doubled or swapped, as when people speak or speech is misheard.
-- Source: synonym replacement, random swap and deletion as in Wei and Zou 2019, "EDA".

local strange_word = require("moonlet.corpus.words").one

local rewording = {}

-- Words and phrases of one line may stand for each other in a request.
local alike = {
  "turn on|switch on|put on|power on", "turn off|switch off|shut off|power off",
  "show me|give me|list|display|let me see|pull up|bring up",
  "tell me|let me know|inform me|say", "what is|what's|whats|tell me",
  "what are|which are|tell me", "who is|who's|whos", "how is|how's|hows",
  "where is|where's|wheres", "when is|when's",
  "i want to|i would like to|i'd like to|i wanna|i need to|let me",
  "i need|i want|i would like|get me", "can you|could you|would you|will you|please",
  "do i have|have i got|are there|is there", "is there any|are there any|have you got any",
  "find|look for|search for|look up|get", "remove|delete|cancel|erase|get rid of|clear",
  "make|create|start|set up", "add|put|include|insert", "book|reserve|order", "buy|purchase|get",
  "play|start playing|put on|start", "stop|end|quit|halt", "set|make|put",
  "schedule|plan|set up|arrange", "remind me|give me a reminder|notify me|alert me",
  "wake me up|wake me|get me up", "increase|raise|turn up|boost",
  "decrease|lower|turn down|reduce", "louder|up", "quieter|down", "mute|silence",
  "change|switch|alter", "check|look at|see", "open|start", "send|write|shoot",
  "reply to|answer|respond to", "call|phone|ring", "read|read out|read me",
  "song|track|tune|music", "songs|tracks|tunes", "movie|film", "movies|films", "show|program",
  "email|mail|e mail", "emails|mails|messages", "message|text|note", "meeting|appointment",
  "event|appointment|entry", "events|appointments|entries", "list|lists", "alarm|wake up call",
  "lights|lamps|light", "light|lamp", "room|rooms", "picture|photo", "restaurant|place to eat",
  "restaurants|places to eat", "food|something to eat", "cab|taxi", "ticket|seat",
  "tickets|seats", "price|cost|value", "how much is|what does it cost for|what is the price of",
  "cheap|inexpensive", "weather|forecast|weather forecast", "temperature|how warm it is",
  "news|headlines", "latest|newest|recent", "current|present",
  "right now|now|at the moment|currently", "today|this day", "again|once more",
  "near me|nearby|around here|close to me|in my area", "big|large", "small|little",
  "good|nice|great", "best|top", "favorite|favourite", "about|regarding", "all|all of|every",
  "any|some", "the|my", "a|the|some", "my|our|the", "this|that", "hello|hi|hey",
  "thanks|thank you", "yes|yeah|yep", "no|nope", "okay|ok|alright", "kid|child",
  "house|home|apartment", "recipe|instructions", "cook|make|prepare", "vacuum|hoover",
  "clean|tidy up", "coffee|a cup of coffee", "joke|something funny", "definition|meaning",
  "mean|stand for", "explain|describe", "status|state", "information|info|details",
  "account|bank account", "money|cash", "card|bank card", "trip|journey|travel", "flight|plane",
  "hotel|place to stay", "want|need|would like", "like|love|enjoy", "quickly|fast",
  "tonight|this evening",
}

local before = { "please", "hey", "ok", "can you", "could you", "could you please", "would you",
  "i want you to", "i need you to", "hi", "now", "so", "well", "um", "alright", "hello",
  "i'd like you to", "can you please", "just", "hey please", "go ahead and", "then" }
local names = { "olly", "siri", "alexa", "google", "computer", "assistant", "jarvis" }
local behind = { "please", "for me", "now", "thanks", "thank you", "will you", "right away",
  "if you can", "would you", "ok", "okay" }

-- first word -> list of { words of the phrase, the phrases of its line }
local phrases = {}
for _, line in ipairs(alike) do
  local list = {}
  for phrase in line:gmatch "[^|]+" do list[#list + 1] = phrase end
  for _, phrase in ipairs(list) do
    local words = {}
    for word in phrase:gmatch "%S+" do words[#words + 1] = word end
    phrases[words[1]] = phrases[words[1]] or {}
    table.insert(phrases[words[1]], { words = words, others = list })
  end
end
for _, list in pairs(phrases) do       -- the longest phrase first
  table.sort(list, function(a, b)
    if #a.words ~= #b.words then return #a.words > #b.words end
    return table.concat(a.others) < table.concat(b.others)
  end)
end

-- Bytes of text that say an argument.
local function said(text, arguments)
  local taken = {}
  local function mark(value)
    if type(value) == "table" then
      for _, item in pairs(value) do mark(item) end
    elseif type(value) == "string" or type(value) == "number" then
      local lower, wanted, from = text:lower(), tostring(value):lower(), 1
      while wanted ~= "" do
        local first, last = lower:find(wanted, from, true)
        if not first then break end
        for i = first, last do taken[i] = true end
        from = last + 1
      end
    end
  end
  for _, value in pairs(arguments or {}) do mark(value) end
  return taken
end

-- text -> list of { word, fixed = whether it says an argument }
local function split(text, arguments)
  local taken, list = said(text, arguments), {}
  for first, word, last in text:gmatch "()(%S+)()" do
    local fixed = false
    for i = first, last - 1 do fixed = fixed or taken[i] end
    list[#list + 1] = { word = word, fixed = fixed }
  end
  return list
end

local function phrase_at(list, at)
  for _, entry in ipairs(phrases[list[at].word:lower()] or {}) do
    local whole = true
    for i, word in ipairs(entry.words) do
      local here = list[at + i - 1]
      whole = whole and here and not here.fixed and here.word:lower() == word
    end
    if whole then return entry end
  end
end

local synonym, lost, swapped, strange = 0.3, 0.06, 0.02, 0.02

local function with_synonyms(list, dice)
  local new, at = {}, 1
  while at <= #list do
    local entry = not list[at].fixed and dice:chance(synonym) and phrase_at(list, at)
    if entry then
      for word in dice:pick(entry.others):gmatch "%S+" do new[#new + 1] = { word = word } end
      at = at + #entry.words
    else
      new[#new + 1], at = list[at], at + 1
    end
  end
  return new
end

local function with_slips(list, dice)
  local new, free = {}, 0
  for _, item in ipairs(list) do if not item.fixed then free = free + 1 end end
  for i, item in ipairs(list) do
    if item.fixed then new[#new + 1] = item
    elseif free > 2 and dice:chance(lost) then free = free - 1
    elseif free > 2 and dice:chance(strange) then new[#new + 1] = { word = strange_word(dice) }
    elseif list[i + 1] and not list[i + 1].fixed and dice:chance(swapped) then
      list[i + 1], item = item, list[i + 1]
      new[#new + 1] = item
    else new[#new + 1] = item end
  end
  return new
end

-- reword(text, arguments, dice) -> the request in other words; every value of arguments that
-- stands in text still stands there.
function rewording.reword(text, arguments, dice)
  local list = with_slips(with_synonyms(split(text, arguments), dice), dice)
  local words = {}
  if dice:chance(0.12) then words[#words + 1] = dice:pick(names) end
  if dice:chance(0.2) then words[#words + 1] = dice:pick(before) end
  for _, item in ipairs(list) do words[#words + 1] = item.word end
  if dice:chance(0.12) then words[#words + 1] = dice:pick(behind) end
  return table.concat(words, " ")
end

return rewording
