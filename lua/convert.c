/* convert.c: the function convert of the module: models from and to GGUF files.
**
** What: convert(source, target, {type=}) as moon_convert says it. Not here: what a hub name means
** (scripts/moonlet/hub.lua), the terminal (cmd/convert.lua). */
#include "lua/border.h"

/* true, or nil, message, code. */
static int convert(lua_State *L) {
  static const char *const names[] = {"type", NULL};
  const char *source = luaL_checkstring(L, 1), *target = luaL_checkstring(L, 2);
  ml_opt_known(L, 3, "convert", names);
  const char *type = ml_opt_string(L, 3, "type", NULL);
  moon_error err;
  if (moon_convert(ml_engine(L), source, target, type, &err) != MOON_OK) return ml_fail(L, &err);
  lua_pushboolean(L, 1);
  return 1;
}

void ml_open_convert(lua_State *L) {
  lua_pushcfunction(L, convert);
  lua_setfield(L, -2, "convert");
}
