/* moonlet_lua.h: for C hosts that have a lua_State, too: a model that C has opened, given to Lua.
**
** Several states, each on a thread of its own, can be given the same model: its weights are there
** once (spec/hosts/threads.c does that with eight). */
#ifndef MOONLET_LUA_H
#define MOONLET_LUA_H

#include <lua.h>

#include "core/moonlet.h"

/* The module, for luaL_requiref(L, "moonlet", luaopen_moonlet, 0). */
MOON_API int luaopen_moonlet(lua_State *L);
/* Pushes the model as moonlet.load gives it, one more owner of it; the caller's stays the caller's.
** The module must have been opened in L. Throws when memory ends. */
MOON_API void moon_lua_push_model(lua_State *L, moon_model *model);
/* The model at that index, borrowed until Lua code runs, which may close it: moon_model_retain
** keeps it. NULL when there is none or it is closed. */
MOON_API moon_model *moon_lua_to_model(lua_State *L, int index);

#endif
