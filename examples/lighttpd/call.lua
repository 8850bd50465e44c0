-- The endpoint of lighttpd.conf, run by mod_magnet for each request: what stands behind the
-- question mark becomes {"name": ..., "arguments": {...}}, checked against the tools, or an error.
-- luacheck: globals lighty
local moonlet = require "moonlet"
local native = require "moonlet.native"
local tools = require "moonlet.tools"

local function nothing() end
local known = tools.new {
  tools.tool("alarm_set(time, date?) - Set an alarm", nothing),
  tools.tool("iot_hue_lightoff(house_place) - Turn off the lights", nothing),
  tools.tool("PlaySong(song_name, artist?) - Play the selected song on the device", nothing),
}

-- The model stays for the next request, where Lua keeps modules.
local name = "examples.lighttpd.model"
local model = package.loaded[name] or assert(moonlet.load())
package.loaded[name] = model

local function answer(sentence)
  local markers = native.ids(model)
  local prompt = native.encode(model, native.block(known.list),
    native.turns { { role = "user", content = sentence } })
  prompt[#prompt + 1] = markers.call
  local options = { stop_tokens = { markers["end"] }, max_tokens = 60 }
  local text, message = model:generate(prompt, options)
  if not text then return { error = message } end
  local call = (native.read(text) or {})[1]
  if not call then return { error = "no call was made" } end
  local tool, arguments = known:check(call.name, call.arguments)
  if not tool then return { error = arguments } end
  return moonlet.json.object({ name = call.name, arguments = arguments }, { "name", "arguments" })
end

local query = lighty.r.req_attr["uri.query"] or ""
local sentence = query:gsub("%+", " "):gsub("%%(%x%x)", function(byte)
  return string.char(tonumber(byte, 16))
end)
local result = answer(sentence)
lighty.r.resp_header["Content-Type"] = "application/json"
lighty.r.resp_body.set(moonlet.json.encode(result) .. "\n")
return result.error and 422 or 200
