-- lookup.lua: guesses of what comes next, from what the text already said (prompt lookup).
--
-- What: lookup.new(most, always) follows a sequence of tokens; guess() gives up to `most` tokens
--   that followed the last occurrence of the present ending, or nil. Guesses are computed along
--   with a feed and change no result (see session:feed), so what they cost is only time.
-- How: a table from each three tokens in a row to where they last ended. A guess grows twofold
--   when all of the last was right, and falls to what was right when not.
-- Invariant: unless `always`, it backs off: each wrong guess in a row doubles the tokens for which
--   none is made, so that a text that repeats nothing pays next to nothing.

local N = 3                     -- tokens that must agree
local MOST_WAIT = 256

local Lookup = {}
Lookup.__index = Lookup

local function key(tokens, last)
  return tokens[last - 2] .. "," .. tokens[last - 1] .. "," .. tokens[last]
end

-- Appends a token that stands; counts whether it had been guessed.
function Lookup:push(id)
  local tokens = self.tokens
  local n = #tokens + 1
  tokens[n] = id
  if self.open then
    if self.open[self.right + 1] == id then
      self.right = self.right + 1
      if self.right == #self.open then self:settle(true) end
    else
      self:settle(false)
    end
  end
  self.wait = math.max(self.wait - 1, 0)
  if n > N then self.ends[key(tokens, n - 1)] = n - 1 end
end

-- The guess in work turned out: all right, or wrong after self.right tokens.
function Lookup:settle(all)
  self.info.accepted = self.info.accepted + self.right
  if all then
    self.length, self.failures = math.min(2 * self.length, self.most), 0
    self.computed = true
  else
    self.length = math.max(self.right, 1)
    self.failures = self.right > 1 and 0 or self.failures + 1
    if self.failures > 0 and not self.always then
      self.wait = math.min(2 ^ (self.failures + 1), MOST_WAIT)
    end
  end
  self.open = nil
end

-- Tokens that may come next, nil where there is no guess.
function Lookup:guess()
  local tokens = self.tokens
  local n = #tokens
  if self.computed then         -- the token to be fed was guessed: there is no pass to join
    self.computed = nil
    return nil
  end
  if self.open or self.wait > 0 or n < N then return nil end
  local last = self.ends[key(tokens, n)]
  if not last then return nil end
  local guess = {}
  for i = 1, math.min(self.length, n - last) do guess[i] = tokens[last + i] end
  self.open, self.right = guess, 0
  self.info.guessed = self.info.guessed + #guess
  return guess
end

local function new(most, always)
  return setmetatable({
    most = most, always = always, tokens = {}, ends = {}, length = math.min(4, most), failures = 0,
    wait = 0, right = 0, info = { guessed = 0, accepted = 0 },
  }, Lookup)
end

return { new = new, most = 16 }
