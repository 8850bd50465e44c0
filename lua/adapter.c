/* adapter.c: the userdata "moonlet.adapter": low-rank updates that a model's sessions choose among.
**
** How: a box on moon_adapter; core keeps it for the sessions that use it. session:adapt is in
**   session.c. */
#include <stdio.h>
#include <string.h>

#include "lua/model.h"

static const char adapter_type[] = "moonlet.adapter";

/* model:adapter(path) -> adapter | nil, message, code */
static int model_adapter(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, "moonlet.model");
  const char *path = luaL_checkstring(L, 2);
  ml_box *box = ml_box_new(L, adapter_type);
  moon_adapter *adapter;
  moon_error err;
  if (moon_adapter_open(ml_take(L, self), path, &adapter, &err) != MOON_OK)
    return ml_fail(L, &err);
  ml_box_fill(L, box, adapter, moon_adapter_bytes(adapter));
  return 1;
}

static int adapter_close(lua_State *L) {
  ml_box *box = luaL_checkudata(L, 1, adapter_type);
  moon_adapter_close(box->object);
  box->object = NULL;
  return 0;
}

/* Methods first: close must be found on a closed adapter too. */
static int adapter_read(lua_State *L) {
  lua_settop(L, 2);
  lua_pushvalue(L, 2);
  lua_gettable(L, lua_upvalueindex(1));
  if (!lua_isnil(L, -1)) return 1;
  const moon_adapter *adapter = ml_check(L, 1, adapter_type);
  const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
  if (strcmp(name, "rank") == 0) lua_pushinteger(L, (lua_Integer)moon_adapter_rank(adapter));
  else if (strcmp(name, "bytes") == 0) lua_pushinteger(L, (lua_Integer)moon_adapter_bytes(adapter));
  else lua_pushnil(L);
  return 1;
}

static int adapter_tostring(lua_State *L) {
  ml_box *box = luaL_checkudata(L, 1, adapter_type);
  char text[64];
  if (box->object)
    snprintf(text, sizeof text, "moonlet.adapter (rank %zu)", moon_adapter_rank(box->object));
  lua_pushstring(L, box->object ? text : "moonlet.adapter (closed)");
  return 1;
}

void ml_open_adapter(lua_State *L) {
  static const luaL_Reg methods[] = {{NULL, NULL}};
  static const luaL_Reg meta[] = {{"__tostring", adapter_tostring}, {NULL, NULL}};
  ml_type(L, adapter_type, methods, meta, adapter_close);
  ml_properties(L, adapter_type, adapter_read);
  ml_methods(L, "moonlet.model");
  lua_pushcfunction(L, model_adapter);
  lua_setfield(L, -2, "adapter");
  lua_pop(L, 1);
}
