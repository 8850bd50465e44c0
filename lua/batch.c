/* batch.c: the userdata "moonlet.batch": sessions of one model that decode together.
**
** The side table lists the sessions' userdata in order, which keeps them alive; core only borrows
** them, so each feed first looks that none has been closed. */
#include <limits.h>
#include <stdbool.h>

#include "lua/model.h"

static const char batch_type[] = "moonlet.batch";

static int batch_close(lua_State *L) {
  ml_box *box = luaL_checkudata(L, 1, batch_type);
  moon_batch_close(box->object);
  box->object = NULL;
  return 0;
}

/* model:batch{ session, ... } */
static int model_batch(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, "moonlet.model");
  luaL_checktype(L, 2, LUA_TTABLE);
  size_t n = lua_rawlen(L, 2);
  if (n > INT_MAX) return luaL_error(L, "batch: too many sessions");
  moon_session **sessions = ml_buffer(L, n, sizeof *sessions);
  ml_box *box = ml_box_new(L, batch_type);
  int batch_index = lua_gettop(L);
  ml_side(L, batch_index);
  const moon_model *model = ml_take(L, self);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, 2, (int)i + 1);
    sessions[i] = ml_test(L, -1, "moonlet.session");
    if (!sessions[i])
      return luaL_error(L, "batch: entry %d is no open session", (int)i + 1);
    if (moon_session_model(sessions[i]) != model)
      return luaL_error(L, "batch: session %d belongs to another model", (int)i + 1);
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_pop(L, 1);
  moon_batch *batch;
  moon_error err;
  if (moon_batch_open(sessions, n, &batch, &err) != MOON_OK) return ml_fail(L, &err);
  ml_box_fill(L, box, batch, 0);
  return 1;
}

/* batch:feed{ id | false, ... } */
static int batch_feed(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, batch_type);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  ml_side(L, 1);
  size_t n = lua_rawlen(L, -1), given = lua_rawlen(L, 2);
  if (given != n)
    return luaL_error(L, "batch of %d sessions, got %d ids", (int)n, (int)given);
  int32_t *ids = ml_buffer(L, n, sizeof *ids);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, 3, (int)i + 1);
    if (!ml_test(L, -1, "moonlet.session"))
      return luaL_error(L, "session %d of the batch is closed", (int)i + 1);
    lua_rawgeti(L, 2, (int)i + 1);
    lua_Number id = lua_tonumber(L, -1);
    bool number = lua_type(L, -1) == LUA_TNUMBER, out = lua_type(L, -1) == LUA_TBOOLEAN &&
                                                        !lua_toboolean(L, -1);
    if (!out && !(number && id >= 0 && id <= INT_MAX && id == (lua_Number)(int32_t)id))
      return luaL_error(L, "batch: entry %d wants a token id, or false to sit out", (int)i + 1);
    ids[i] = out ? -1 : (int32_t)id;
    lua_pop(L, 2);
  }
  moon_error err;
  if (moon_batch_feed(ml_take(L, self), ids, &err) != MOON_OK) return ml_fail(L, &err);
  lua_settop(L, 1);
  return 1;
}

static int batch_length(lua_State *L) {
  ml_check(L, 1, batch_type);
  ml_side(L, 1);
  lua_pushinteger(L, (lua_Integer)lua_rawlen(L, -1));
  return 1;
}

void ml_open_batch(lua_State *L) {
  static const luaL_Reg methods[] = {{"feed", batch_feed}, {NULL, NULL}};
  static const luaL_Reg meta[] = {{"__len", batch_length}, {NULL, NULL}};
  ml_type(L, batch_type, methods, meta, batch_close);
  ml_methods(L, "moonlet.model");
  lua_pushcfunction(L, model_batch);
  lua_setfield(L, -2, "batch");
  lua_pop(L, 1);
}
