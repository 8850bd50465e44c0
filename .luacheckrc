std = "lua54"
max_line_length = 100
files["spec"].std = "lua54+busted"
files["scripts"].std = "lua51+lua52+lua53+lua54"       -- the common subset is what specs run
exclude_files = { "lua/moonlet.meta.lua" }
