/* module.c: luaopen_moonlet: the module table, and the Lua scripts that travel inside it.
**
** What: `require "moonlet"` gives one table; nothing else changes but package.preload, which
**   learns the embedded scripts (moonlet.generate, moonlet.chat, ...), moonlet.host,
**   moonlet.jsontext and moonlet.terminal.
** How: lua/embed.lua turns scripts/moonlet into one const table (lua/script.h). The module loads
**   moonlet.hub, which wraps load, and moonlet.generate, moonlet.plot, moonlet.explain and
**   moonlet.trace, whose functions become methods of models, sessions and tensors.
** Invariant: no globals, no liblua linked, nothing shared between lua_States. A name that
**   package.preload already has is left alone. */
#include "lua/script.h"

#include <string.h>

#include "lua/model.h"

/* ---- functions ---- */

/* The engine of the model in argument 1, or without one the state's. Its words are constants. */
static const moon_engine *argument_engine(lua_State *L) {
  return lua_isnil(L, 1) ? ml_engine(L) : moon_model_engine(ml_check(L, 1, "moonlet.model"));
}

/* info([model]) -> what computes: version, isa, kernels {name = tier}, blis, threads, lua. */
static int module_info(lua_State *L) {
  lua_settop(L, 1);
  lua_newtable(L);
  lua_pushstring(L, moon_version());
  lua_setfield(L, -2, "version");
  lua_pushstring(L, moon_engine_isa(argument_engine(L)));
  lua_setfield(L, -2, "isa");
  lua_pushstring(L, moon_engine_blis(argument_engine(L)));
  lua_setfield(L, -2, "blis");
  lua_pushinteger(L, moon_engine_threads(argument_engine(L)));
  lua_setfield(L, -2, "threads");
  lua_getglobal(L, "_VERSION");
  lua_setfield(L, -2, "lua");
  lua_newtable(L);
  const char *name, *tier;
  for (size_t i = 0; moon_engine_kernel(argument_engine(L), i, &name, &tier); i++) {
    lua_pushstring(L, tier);
    lua_setfield(L, -2, name);
  }
  lua_setfield(L, -2, "kernels");
  return 1;
}

/* config(path) -> what a config.json says, with .parameters, without opening any weights. */
static int module_config(lua_State *L) {
  moon_config config;
  moon_error err;
  if (moon_config_read(luaL_checkstring(L, 1), &config, &err) != MOON_OK)
    return ml_fail(L, &err);
  ml_push_config(L, config);
  return 1;
}

/* ---- scripts ---- */

/* The function that package.preload holds for a script; upvalue 1 is the script. */
static int load_script(lua_State *L) {
  const ml_script *script = lua_touserdata(L, lua_upvalueindex(1));
  if (luaL_loadbuffer(L, script->source, script->size, script->chunk) != 0) return lua_error(L);
  lua_pushstring(L, script->name);
  lua_call(L, 1, 1);
  return 1;
}

/* Puts the function on top into package.preload, which is at index preload, unless the name is
** taken there; pops it. */
static void offer(lua_State *L, int preload, const char *name) {
  lua_getfield(L, preload, name);
  int taken = !lua_isnil(L, -1);
  lua_pop(L, 1);
  if (taken) lua_pop(L, 1);
  else lua_setfield(L, preload, name);
}

static void offer_scripts(lua_State *L) {
  lua_getglobal(L, "package");
  if (lua_istable(L, -1)) lua_getfield(L, -1, "preload");
  else lua_pushnil(L);
  if (!lua_istable(L, -1)) luaL_error(L, "moonlet needs Lua's package library");
  int preload = lua_gettop(L);
  lua_pushcfunction(L, ml_host);
  offer(L, preload, "moonlet.host");
  lua_pushcfunction(L, ml_json);
  offer(L, preload, "moonlet.jsontext");
  lua_pushcfunction(L, ml_terminal);
  offer(L, preload, "moonlet.terminal");
  for (const ml_script *script = ml_scripts; script->name; script++) {
    lua_pushlightuserdata(L, (void *)(size_t)script);
    lua_pushcclosure(L, load_script, 1);
    offer(L, preload, script->name);
  }
  lua_pop(L, 2);
}

static void push_required(lua_State *L, const char *name) {
  lua_getglobal(L, "require");
  lua_pushstring(L, name);
  lua_call(L, 1, 1);
}

/* Copies field `noun` of a script's module, a table of functions, into the methods of `type`. */
static void install(lua_State *L, const char *script, const char *noun, const char *type) {
  push_required(L, script);
  lua_getfield(L, -1, noun);
  ml_methods(L, type);
  for (lua_pushnil(L); lua_next(L, -3);) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, -4);
  }
  lua_pop(L, 3);
}

/* Wraps a function of the module's table, below the script moonlet.hub on top, so that it takes
** what load takes for a path. */
static void find_paths(lua_State *L, const char *name) {
  lua_getfield(L, -1, "loader");
  lua_getfield(L, -3, name);
  lua_call(L, 1, 1);
  lua_setfield(L, -3, name);
}

int luaopen_moonlet(lua_State *L) {
#if LUA_VERSION_NUM >= 502
  luaL_checkversion(L);
#endif
  lua_newtable(L);
  ml_open_tensor(L);
  ml_open_model(L);
  ml_open_session(L);
  ml_open_adapter(L);
  ml_open_trace(L);
  ml_open_trainer(L);
  ml_open_constraint(L);
  ml_open_batch(L);
  ml_open_convert(L);
  lua_pushcfunction(L, module_info);
  lua_setfield(L, -2, "info");
  lua_pushcfunction(L, module_config);
  lua_setfield(L, -2, "config");
  lua_pushstring(L, moon_version());
  lua_setfield(L, -2, "version");
  offer_scripts(L);
  install(L, "moonlet.generate", "model", "moonlet.model");
  install(L, "moonlet.generate", "session", "moonlet.session");
  install(L, "moonlet.plot", "tensor", "moonlet.tensor");
  install(L, "moonlet.explain", "model", "moonlet.model");
  install(L, "moonlet.trace", "model", "moonlet.model");
  install(L, "moonlet.trace", "session", "moonlet.session");
  push_required(L, "moonlet.json");
  lua_setfield(L, -2, "json");
  push_required(L, "moonlet.hub");
  find_paths(L, "load");
  find_paths(L, "plan");
  lua_pop(L, 1);
  return 1;
}

int ml_open_script(lua_State *L, const char *name) {
  push_required(L, "moonlet");
  lua_pop(L, 1);
  for (const ml_script *script = ml_scripts; script->name; script++) {
    if (strcmp(script->name, name) != 0) continue;
    lua_pushlightuserdata(L, (void *)(size_t)script);
    lua_pushcclosure(L, load_script, 1);
    lua_call(L, 0, 1);
    return 1;
  }
  return luaL_error(L, "moonlet has no script '%s'", name);
}
