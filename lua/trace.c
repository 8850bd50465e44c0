/* trace.c: the methods stage, peek and poke of sessions: a forward pass, stage by stage.
**
** How: small windows on core's calls; what one makes of them is scripts/moonlet/trace.lua. */
#include "lua/model.h"
#include "lua/tensor.h"

static const char session_type[] = "moonlet.session";

/* stage() -> name, layer (from 1), first position (from 1), tokens; false when nothing is left. */
static int session_stage(lua_State *L) {
  moon_session *session = ml_check(L, 1, session_type);
  moon_trace at;
  moon_error err;
  if (moon_session_trace(session, &at, &err) != MOON_OK) return ml_fail(L, &err);
  if (at.done) return lua_pushboolean(L, 0), 1;
  lua_pushstring(L, at.stage);
  lua_pushinteger(L, (lua_Integer)at.layer + 1);
  lua_pushinteger(L, (lua_Integer)at.first + 1);
  lua_pushinteger(L, (lua_Integer)at.tokens);
  return 4;
}

/* peek(name[, layer]) -> a copy as a tensor. */
static int session_peek(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, session_type);
  const char *name = luaL_checkstring(L, 2);
  lua_Integer layer = luaL_optinteger(L, 3, 1);
  luaL_argcheck(L, layer >= 1, 3, "layers count from 1");
  ml_box *box = ml_box_new(L, ML_TENSOR);
  moon_tensor *copy;
  moon_error err;
  if (moon_session_peek(ml_take(L, self), name, (size_t)layer - 1, &copy, &err) !=
      MOON_OK) return ml_fail(L, &err);
  ml_fill_tensor(L, box, copy);
  return 1;
}

/* poke(name, tensor) -> the session. */
static int session_poke(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, session_type);
  const char *name = luaL_checkstring(L, 2);
  moon_error err;
  if (moon_session_poke(ml_take(L, self), name, ml_check(L, 3, ML_TENSOR), &err) !=
      MOON_OK) return ml_fail(L, &err);
  lua_settop(L, 1);
  return 1;
}

void ml_open_trace(lua_State *L) {
  static const luaL_Reg methods[] = {
    {"stage", session_stage}, {"peek", session_peek}, {"poke", session_poke}, {NULL, NULL}
  };
  ml_methods(L, session_type);
  luaL_setfuncs(L, methods, 0);
  lua_pop(L, 1);
}
