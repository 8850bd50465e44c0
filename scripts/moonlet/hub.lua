-- hub.lua: what load's first argument means: a path, a Hugging Face id, or nothing.
--
-- What: finds a folder with a model. Nothing is downloaded, nothing is written.
-- How: an existing path is itself. "org/name", with "@revision" if wanted, is looked for in the
--   local hub cache (huggingface.co/docs/hub/local-cache): models--org--name/refs/main names the
--   commit whose files are in snapshots/<commit>; a single snapshot does without refs. nil is
--   MOONLET_MODEL, or else the bundled model, looked for around the library and the program.

local exists = require("moonlet.files").exists
local host = require "moonlet.host"

local hub = {}

local function first_line(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local line = file:read("*l")
  file:close()
  return line and line:match("^%s*(.-)%s*$")
end

local function env(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

-- The root of the hub's cache.
function hub.root()
  local home = env "HF_HOME"
  return env "HF_HUB_CACHE" or home and home .. "/hub"
    or (env "XDG_CACHE_HOME" or (env "HOME" or "") .. "/.cache") .. "/huggingface/hub"
end

-- The commit that a revision (a branch, a tag, a commit) names, or nil and a reason.
local function commit_of(folder, revision)
  local commit = first_line(folder .. "/refs/" .. (revision or "main"))
  if commit then return commit end
  if revision and exists(folder .. "/snapshots/" .. revision) then return revision end
  local snapshots = host.list(folder .. "/snapshots")
  if not revision and #snapshots == 1 then return snapshots[1] end
  if revision then return nil, ("it has no revision '%s'"):format(revision) end
  return nil, ("it has no refs/main and %d snapshots"):format(#snapshots)
end

-- find("org/name@revision") -> folder | nil, message.
function hub.find(id)
  local name, revision = id:match("^([^@]+)@?(.*)$")
  if revision == "" then revision = nil end
  if not name or not name:match("^[%w._-]+/[%w._-]+$") or (id .. "/"):find("%.%./") then
    return nil, ("'%s' is neither a path that exists nor a name like org/name"):format(id)
  end
  local folder = hub.root() .. "/models--" .. name:gsub("/", "--")
  if not exists(folder) then
    return nil, ("no path '%s', and the hub cache has no %s; nothing is downloaded: "
      .. "`hf download %s` fetches it"):format(id, folder, name)
  end
  local commit, why = commit_of(folder, revision)
  local snapshot = commit and folder .. "/snapshots/" .. commit
  if not snapshot then return nil, ("%s: %s"):format(folder, why) end
  if not exists(snapshot .. "/config.json") then
    return nil, ("%s has no config.json; nothing is downloaded: `hf download %s` completes it")
      :format(snapshot, name)
  end
  return snapshot
end

-- bundled() -> folder | nil, message. Looks beside the library's and the program's folder and up
-- to three folders above: the source tree, and what make install puts below a prefix.
function hub.bundled()
  local looked = {}
  for _, place in ipairs(host.places) do
    local above = place
    for _ = 1, 3 do
      above = above:match("^(.*)/[^/]*$") or ""
      for _, below in ipairs { "/examples/models/pocket", "/share/moonlet/models/pocket" } do
        if exists(above .. below .. "/config.json") then return above .. below end
        looked[#looked + 1] = above .. below
      end
    end
  end
  return nil, "the bundled model was not found; looked for " .. table.concat(looked, ", ")
    .. "; MOONLET_MODEL can name another"
end

-- resolve(path, id or nil) -> path | nil, message.
function hub.resolve(path)
  if path == nil then path = env "MOONLET_MODEL" end
  if path == nil then return hub.bundled() end
  if type(path) ~= "string" then
    host.blame("load: a path or a hub id expected, got a " .. type(path))
  end
  if exists(path) then return path end
  return hub.find(path)
end

-- loader(open) -> the functions moonlet.load and moonlet.plan: open with its path resolved.
function hub.loader(open)
  return function(path, options)
    local found, message = hub.resolve(path)
    if not found then return nil, message, "io" end
    local ok, model, why, code = pcall(open, found, options)
    if not ok then host.blame(tostring(model)) end
    if not model then return nil, why, code end
    return model
  end
end

return hub
