/* debug_state.c: moonlet.debug.state, fresh lua_States inside a spec, whose memory may end. Not
** part of the shipped module.
**
** run(code [, n]) opens a state with the standard libraries and moonlet in package.preload, and
** runs the code, whose first n allocations succeed and all later ones fail (n nil: none fails).
** Gives the code's result as a string, or nil and the error, then how many allocations the code
** made, and how many bytes of the state are left after closing it: 0 unless something leaks. */
#include <stdlib.h>

#include "lua/border.h"
#include "lua/script.h"

typedef struct budget {
  long long count, limit;       /* allocations so far, and those that succeed; -1: all */
  long long bytes;
} budget;

static void *spend(void *data, void *ptr, size_t old_size, size_t new_size) {
  budget *b = data;
  size_t held = ptr ? old_size : 0;
  if (new_size == 0) {
    b->bytes -= (long long)held;
    free(ptr);
    return NULL;
  }
  if (new_size > held && b->limit >= 0 && ++b->count > b->limit) return NULL;
  if (new_size > held && b->limit < 0) b->count++;
  void *block = realloc(ptr, new_size);
  if (block) b->bytes += (long long)new_size - (long long)held;
  return block;
}

static int prepare(lua_State *S) {
  luaL_openlibs(S);
  lua_getglobal(S, "package");
  lua_getfield(S, -1, "preload");
  lua_pushcfunction(S, luaopen_moonlet);
  lua_setfield(S, -2, "moonlet");
  return 0;
}

static int state_run(lua_State *L) {
  size_t len;
  const char *code = luaL_checklstring(L, 1, &len);
  budget b = {0, -1, 0};
  lua_State *S = lua_newstate(spend, &b);
  if (!S) return luaL_error(L, "no memory for a state");
  lua_pushcfunction(S, prepare);
  int status = lua_pcall(S, 0, 0, 0);
  if (status == 0) status = luaL_loadbuffer(S, code, len, "=code");
  b.count = 0;
  b.limit = (long long)luaL_optinteger(L, 2, -1);
  if (status == 0) status = lua_pcall(S, 0, 1, 0);
  b.limit = -1;
  const char *result = lua_tostring(S, -1);
  if (status != 0) lua_pushnil(L);
  lua_pushstring(L, result ? result : "");
  if (status == 0) lua_pushnil(L);
  lua_pushnumber(L, (lua_Number)b.count);
  lua_close(S);
  lua_pushnumber(L, (lua_Number)b.bytes);
  return 4;
}

MOON_API int luaopen_moonlet_debug_state(lua_State *L);
int luaopen_moonlet_debug_state(lua_State *L) {
  lua_newtable(L);
  lua_pushcfunction(L, state_run);
  lua_setfield(L, -2, "run");
  return 1;
}
