-- lookup.lua: guesses of what comes next, from what the text already said (prompt lookup).
--
-- What: lookup.new(most, always) follows a sequence of tokens; guess() gives up to `most` tokens
--   that followed the last occurrence of the present ending, or nil. Guesses are computed along
--   with a feed and change no result (see session:feed), so what they cost is only time.
-- How: a table from each three tokens in a row to where they last ended. Whether guesses pay is
--   measured: what a token cost with the last guess, against what one costs without. One that paid
--   lets the next be twice as long if all of it was right, and as long as what was right if not.
-- Invariant: unless `always`, it backs off: each guess in a row that did not pay doubles the tokens
--   for which none is made, so that a text that repeats nothing pays next to nothing.

local N = 3                     -- tokens that must agree
local FIRST_WAIT, MOST_WAIT = 8, 256
local MARGIN = 0.9              -- of the cost without: what a guess must do better than

local Lookup = {}
Lookup.__index = Lookup

local function key(tokens, last)
  return tokens[last - 2] .. "," .. tokens[last - 1] .. "," .. tokens[last]
end

-- Appends a token that stands; seconds: of work up to here, nil where nobody counts them.
function Lookup:push(id, seconds)
  local tokens = self.tokens
  local n = #tokens + 1
  tokens[n] = id
  if n > N then self.ends[key(tokens, n - 1)] = n - 1 end
  self.wait = math.max(self.wait - 1, 0)
  if self.open then
    local right = self.open[self.right + 1] == id
    if right then self.right = self.right + 1 end
    if not right or self.right == #self.open then self:settle(right, seconds or 0) end
  elseif seconds and self.seconds and not self.computed then
    local spent = seconds - self.seconds
    self.plain = self.plain and 0.9 * self.plain + 0.1 * spent or spent
  end
  self.seconds = seconds
end

-- The guess in work turned out: all of it right, or not. Besides what was right it gave one token.
function Lookup:settle(all, seconds)
  local cost = (seconds - self.began) / (self.right + 1)
  self.info.accepted = self.info.accepted + self.right
  self.computed = all
  self.length = all and math.min(2 * self.length, self.most) or math.max(self.right, 1)
  if self.always or (self.plain and cost < MARGIN * self.plain) then
    self.failures = 0
  else
    self.wait = math.min(FIRST_WAIT * 2 ^ self.failures, MOST_WAIT)
    self.failures = self.failures + 1
  end
  self.open = nil
end

-- Tokens that may come next, nil where there is no guess; seconds as of push.
function Lookup:guess(seconds)
  local tokens = self.tokens
  local n = #tokens
  if self.computed then         -- the token to be fed was guessed: there is no pass to join
    self.computed = false
    return nil
  end
  if self.open or self.wait > 0 or n < N or not (self.plain or self.always) then return nil end
  local last = self.ends[key(tokens, n)]
  if not last then return nil end
  local guess = {}
  for i = 1, math.min(self.length, n - last) do guess[i] = tokens[last + i] end
  self.open, self.right, self.began = guess, 0, seconds or 0
  self.info.guessed = self.info.guessed + #guess
  return guess
end

local function new(most, always)
  return setmetatable({
    most = most, always = always, tokens = {}, ends = {}, length = math.min(2, most), failures = 0,
    wait = 0, right = 0, computed = false, info = { guessed = 0, accepted = 0 },
  }, Lookup)
end

return { new = new, most = 16 }
