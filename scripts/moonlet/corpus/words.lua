-- words.lua: words for requests that are made up: common ones, and names that nobody has, so that
-- an argument is copied, whatever it is.

local words = {}

-- list("a, b,\n c") -> { "a", "b", "c" }
function words.list(text)
  local all = {}
  for item in text:gsub("\n *", " "):gmatch "[^,]+" do all[#all + 1] = item:match "^ *(.-) *$" end
  return all
end

-- lines(text) -> each line, which goes on where the next one is indented.
function words.lines(text) return text:gsub("\n +", " "):gmatch "[^\n]+" end

-- ways("a | b") -> { "a", "b" }
function words.ways(line)
  local all = {}
  for way in (line .. " | "):gmatch "(.-) | " do all[#all + 1] = way end
  return all
end

local syllables = {}
for syllable in ([[ba be bo bri ca ce cla cor da de do dra el en fa fe fi ga gar ge gra ha hel ho in
  ja jo ka ke kri la le lin lo lu ma mar me mi mon na ne ni no or pa pe per po qui ra re ri ro sa
  san se si sta ta te ter ti to tra u va ve vi wa we win xa yo za ze zo]]):gmatch "%a+" do
  syllables[#syllables + 1] = syllable
end
local endings = { "", "n", "s", "r", "t", "l", "ck", "ster", "ton", "ville", "son", "nd", "m" }

-- Common words.
words.plain = {}
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
  words.plain[#words.plain + 1] = word
end

-- name(dice) -> a name of syllables.
function words.name(dice)
  local name = ""
  for _ = 1, dice:whole(1, 3) do name = name .. dice:pick(syllables) end
  return name .. dice:pick(endings)
end

-- one(dice) -> a common word or a name.
function words.one(dice) return dice:chance(0.4) and words.name(dice) or dice:pick(words.plain) end

-- some(dice, least, most) -> so many of them in a row.
function words.some(dice, least, most)
  local list = {}
  for i = 1, dice:whole(least, most) do list[i] = words.one(dice) end
  return table.concat(list, " ")
end

return words
