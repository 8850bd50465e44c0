/* debug_memory.c: moonlet.debug.memory, an allocator under the state's engine that counts and can
** fail, for specs. Not part of the shipped module.
**
** watch() puts it in place. Blocks that were there before are malloc's, as all of its own are, so
** the change can happen at any time. */
#include <stdlib.h>

#include "core/base/engine.h"
#include "lua/border.h"

typedef struct watcher {
  long long count;              /* allocations since watch or fail_at */
  long long fail_at;            /* this one fails; 0: none */
  int from_then_on;             /* and all later ones */
  long long live_blocks, live_bytes;
} watcher;

static void *watched(void *data, void *ptr, size_t old_size, size_t new_size) {
  watcher *w = data;
  if (new_size == 0) {
    w->live_blocks -= ptr != NULL;
    w->live_bytes -= (long long)old_size;
    free(ptr);
    return NULL;
  }
  w->count++;
  if (w->fail_at > 0 && (w->count == w->fail_at || (w->from_then_on && w->count > w->fail_at)))
    return NULL;
  void *block = realloc(ptr, new_size);
  if (!block) return NULL;
  w->live_blocks += ptr == NULL;
  w->live_bytes += (long long)new_size - (long long)old_size;
  return block;
}

static watcher *watcher_of(lua_State *L) { return lua_touserdata(L, lua_upvalueindex(1)); }

/* fail_at(n [, from_then_on]): the n-th allocation from now fails; 0: none. */
static int fail_at(lua_State *L) {
  watcher *w = watcher_of(L);
  w->count = 0;
  w->fail_at = luaL_checkinteger(L, 1);
  w->from_then_on = lua_toboolean(L, 2);
  return 0;
}

static int count(lua_State *L) {
  lua_pushinteger(L, watcher_of(L)->count);
  return 1;
}

/* live() -> blocks, bytes */
static int live(lua_State *L) {
  lua_pushinteger(L, watcher_of(L)->live_blocks);
  lua_pushinteger(L, watcher_of(L)->live_bytes);
  return 2;
}

static const luaL_Reg functions[] = {
    {"fail_at", fail_at}, {"count", count}, {"live", live}, {NULL, NULL}};

MOON_API int luaopen_moonlet_debug_memory(lua_State *L);
MOON_API int luaopen_moonlet_debug_memory(lua_State *L) {
  moon_engine *engine = ml_engine(L);
  lua_newtable(L);
  watcher *w = lua_newuserdatauv(L, sizeof *w, 0);
  *w = (watcher){0};
  for (const luaL_Reg *f = functions; f->name; f++) {
    lua_pushvalue(L, -1);
    lua_pushcclosure(L, f->func, 1);
    lua_setfield(L, -3, f->name);
  }
  /* The engine outlives the table; the registry keeps the watcher as long as the state. */
  luaL_ref(L, LUA_REGISTRYINDEX);
  engine->alloc = (mn_alloc){watched, w};
  return 1;
}
