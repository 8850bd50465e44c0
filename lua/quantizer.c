/* quantizer.c: the userdata "moonlet.quantizer": a model's copy in 8 or 4 bits, being written.
**
** What: quantizer(source, target, options), calibrate() and step(); core/model/quantize.c does the
** work.
** How: a box on moon_quantizer. A step is one tensor, so that Lua shows progress and may stop.
** Invariant: closing or collecting it before the last step leaves target's weights as they were.
** Not here: what a hub name means (scripts/moonlet/hub.lua), the terminal (cmd/quantize.lua). */
#include <string.h>

#include "lua/model.h"

static const char quantizer_type[] = "moonlet.quantizer";

/* quantizer(source, target, {dtype=, head_dtype=, threads=, isa=}); dtype is "q4" unless given. */
static int open_quantizer(lua_State *L) {
  static const char *const names[] = {"dtype", "head_dtype", "threads", "isa", NULL};
  static const char *const types[] = {"q8", "q4", NULL};
  const char *source = luaL_checkstring(L, 1), *target = luaL_checkstring(L, 2);
  ml_opt_known(L, 3, "quantizer", names);
  int dtype = ml_opt_weights(L, 3, "quantizer", "dtype", types);
  int head_dtype = ml_opt_weights(L, 3, "quantizer", "head_dtype", types);
  moon_engine_options wish = moon_engine_defaults();
  wish.threads = (int)ml_opt_integer(L, 3, "threads", -1, -1, 1024);
  wish.isa = ml_opt_string(L, 3, "isa", NULL);
  bool own = wish.isa || wish.threads != -1;

  moon_error err;
  moon_engine *engine = own ? NULL : ml_engine(L);
  ml_box *box = ml_box_new(L, quantizer_type);
  if (own && moon_engine_open(&wish, &engine, &err) != MOON_OK) return ml_fail(L, &err);
  moon_quantizer *quantizer;
  moon_status status = moon_quantizer_open(engine, source, target, dtype < 0 ? MOON_Q4 : dtype,
                                           head_dtype, &quantizer, &err);
  if (own) moon_engine_close(engine);
  if (status != MOON_OK) return ml_fail(L, &err);
  box->object = quantizer;      /* one matrix: nothing that the collector should hurry for */
  return 1;
}

/* step() -> name, type of the tensor that was written; false when all are; nil, message, code. */
static int quantizer_step(lua_State *L) {
  moon_quantizer *quantizer = ml_check(L, 1, quantizer_type);
  const char *name;
  moon_dtype dtype;
  moon_error err;
  if (moon_quantizer_step(quantizer, &name, &dtype, &err) != MOON_OK) return ml_fail(L, &err);
  if (!name) {
    lua_pushboolean(L, 0);
    return 1;
  }
  ml_push_text(L, name, strlen(name));
  lua_pushstring(L, moon_dtype_name(dtype));
  return 2;
}

static moon_model *source_of(lua_State *L) {
  return moon_quantizer_source(ml_check(L, 1, quantizer_type));
}

/* calibrate(text or ids) -> true | nil, message, code */
static int quantizer_calibrate(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, quantizer_type);
  size_t n, len;
  int32_t one;
  moon_error err;
  const char *text = lua_type(L, 2) == LUA_TSTRING ? lua_tolstring(L, 2, &len) : NULL;
  const int32_t *ids = text ? ml_encode(L, source_of, text, len, MOON_ENCODE_BOS, &n, &err)
                            : ml_ids(L, 2, &one, &n);
  moon_quantizer *quantizer = ml_take(L, self);
  if (!ids || moon_quantizer_calibrate(quantizer, ids, n, &err) != MOON_OK)
    return ml_fail(L, &err);
  lua_pushboolean(L, 1);
  return 1;
}

static int quantizer_count(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)moon_quantizer_count(ml_check(L, 1, quantizer_type)));
  return 1;
}

static int quantizer_close(lua_State *L) {
  ml_box *box = luaL_checkudata(L, 1, quantizer_type);
  moon_quantizer_close(box->object);
  box->object = NULL;
  return 0;
}

void ml_open_quantizer(lua_State *L) {
  static const luaL_Reg methods[] = {
    {"step", quantizer_step}, {"count", quantizer_count},
    {"calibrate", quantizer_calibrate}, {NULL, NULL}};
  ml_type(L, quantizer_type, methods, NULL, quantizer_close);
  lua_pushcfunction(L, open_quantizer);
  lua_setfield(L, -2, "quantizer");
}
