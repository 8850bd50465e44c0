std = "lua54"
max_line_length = 100
files["spec"].std = "lua54+busted"
files["scripts"].std = "lua51+lua52+lua53+lua54"       -- the common subset is what specs run
ignore = { "581" }             -- not (x <= y) is also true for NaN, and meant so
exclude_files = { "lua/*.meta.lua" }
