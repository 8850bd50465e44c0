-- A web server (lighttpd's mod_magnet) that answers the sentence behind the question mark: Lua 5.4.
-- The script is kept, and runs once for each request; so does the model.
-- luacheck: globals lighty
local moonlet = require "moonlet"

local models = package.loaded
models["spec.model"] = models["spec.model"] or assert(moonlet.load())
local said = lighty.r.req_attr["uri.query"]:gsub("%%(%x%x)", function(byte)
  return string.char(tonumber(byte, 16))
end)
local prompt = "<|user|>" .. said .. "<|call|>"
local text = assert(models["spec.model"]:generate(prompt, { special = true, stop = "<|end|>" }))
lighty.r.resp_body.set(text)
return 200
