-- harmony.lua: the channels of gpt-oss: <|start|>assistant to=functions.f<|channel|>commentary
-- <|constrain|>json<|message|>{...}<|call|>.
--
-- A message is a header and a body. The header's recipient makes it a call; otherwise its channel
-- says whether the body is reasoning (analysis) or content. A body for another recipient than a
-- function of ours is dropped, as the prompt's owner is to run it.

local json = require "moonlet.json"

local ends = { "<|end|>", "<|return|>", "<|call|>", "<|start|>" }

-- The JSON body of a call.
local function call(self, name, out)
  local text = self.input
  if not name:find "^[%w_.-]+$" or #name > 128 then return false, "not a tool's name" end
  out.begin(name)
  text:skip_space()
  if text:peek() ~= "{" then return false, "expected '{'" end
  local source, why = text:json(out.arguments)
  local value = source and json.decode(source)
  if type(value) ~= "table" or json.is_array(value) then return false, why or "not an object" end
  out.done(value, source)
  text:skip_space()
  return true
end

local function drop() end

local function body(self, put, settle, sink, header, raw)
  local text = self.input
  local recipient = header:match "to=([^%s<]+)"
  local name = recipient and recipient:match "^functions%.(.+)$"
  if name then
    local record, out = text:record(), sink(self)
    local ok, why = call(self, name, out)
    local said = text:recorded(record)
    if not ok and not (text.ended and text:empty() and out.open()) then
      out.undo()
      self.errors[#self.errors + 1] = { text = said, message = why }
      put(self, "content", said)
    end
    text:until_any(ends, drop)
    text:accept_any { "<|end|>", "<|return|>", "<|call|>" }
    return
  end
  local channel
  for found in header:gmatch "<|channel|>%s*(%a+)" do channel = found end
  local analysis = channel == "analysis"
  local kind = analysis and not self.inline_reasoning and "reasoning" or "content"
  local foreign = recipient and recipient ~= "assistant"
  if analysis and self.inline_reasoning then put(self, kind, raw) end
  local marker = text:until_any(ends, foreign and drop or function(s) put(self, kind, s) end)
  if kind == "reasoning" then settle(self, kind, false, true) end
  if marker and marker ~= "<|start|>" then
    text:take(#marker)
    if analysis and self.inline_reasoning then put(self, kind, marker) end
  end
end

local function read(self, put, settle, sink)
  local text = self.input
  self.reasoning.fresh = true
  local header = text:starts "<|channel|>" or text:starts " to=" or text:starts "<|start|>"
  while text:peek() do
    if header then
      text:accept "<|start|>"
      local from, marker = text:before { "<|message|>" }
      if not from then break end        -- a header that does not end says nothing
      from = from:gsub("^assistant", "")
      body(self, put, settle, sink, from, from .. marker)
    else
      local marker = text:until_any({ "<|start|>", "<|channel|>", "<|end|>", "<|return|>" },
        function(s) put(self, "content", s) end)
      if marker == "<|end|>" or marker == "<|return|>" then text:take(#marker) end
    end
    header = text:starts "<|start|>" or text:starts "<|channel|>"
  end
  settle(self, "content", true, false)
end

return { read = read }
