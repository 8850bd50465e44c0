-- The pictures of README.md beside this file: moonlet examples/inside/pictures.lua [FOLDER/]
local moonlet = require "moonlet"

local folder = arg[1] or ""
local said = '<|user|> play some jazz<|call|>play_music(music_genre=" jazz")'
local model = assert(moonlet.load())

local map, pieces = model:attention(said, { layer = 9, head = 3, special = true })
assert(map:plot({ labels = pieces, title = "who looks at whom" }):save(folder .. "attention.svg"))

assert(model:explain(said, { special = true }):save(folder .. "surprise.svg"))

local weights = model:parameters()["model.layers.0.self_attn.q_proj.weight"]
assert(weights:plot({ kind = "histogram", title = "queries of the first layer" })
  :save(folder .. "weights.svg"))
