/* debug_sample.c: moonlet.debug.sample, the sampler on any logits, for specs.
**
** sample(logits, history, options, u) -> id | nil, message, code. Options by the C names;
** dry_breakers a list of ids, bias a list of {id, bias}. uniform(seed, position) and
** philox(counter, key) show the generator. */
#include "core/base/random.h"
#include "core/model/sample.h"
#include "lua/border.h"

/* Lua memory, so that a throw leaks nothing. Pushes one userdata. */
static void *take(lua_State *L, size_t n, size_t size) {
  return lua_newuserdatauv(L, n * size + 1, 0);
}

static int32_t *ids_of(lua_State *L, int table, size_t *n) {
  *n = lua_istable(L, table) ? lua_rawlen(L, table) : 0;
  int32_t *ids = take(L, *n, sizeof *ids);
  for (size_t i = 0; i < *n; i++) {
    lua_rawgeti(L, table, (int)i + 1);
    ids[i] = (int32_t)lua_tointeger(L, -1);
    lua_pop(L, 1);
  }
  return ids;
}

static moon_bias *bias_of(lua_State *L, int table, size_t *n) {
  *n = lua_istable(L, table) ? lua_rawlen(L, table) : 0;
  moon_bias *bias = take(L, *n, sizeof *bias);
  for (size_t i = 0; i < *n; i++) {
    lua_rawgeti(L, table, (int)i + 1);
    lua_rawgeti(L, -1, 1);
    lua_rawgeti(L, -2, 2);
    bias[i] = (moon_bias){(int32_t)lua_tointeger(L, -2), (float)lua_tonumber(L, -1)};
    lua_pop(L, 3);
  }
  return bias;
}

static float option(lua_State *L, const char *name, float fallback) {
  lua_getfield(L, 3, name);
  float value = lua_isnil(L, -1) ? fallback : (float)lua_tonumber(L, -1);
  lua_pop(L, 1);
  return value;
}

static int sample(lua_State *L) {
  moon_sample_options o = moon_sample_defaults();
  size_t V = lua_rawlen(L, 1), n_history;
  luaL_checktype(L, 3, LUA_TTABLE);
  o.penalty_last_n = (size_t)option(L, "penalty_last_n", 64);
  o.repetition_penalty = option(L, "repetition_penalty", 1);
  o.frequency_penalty = option(L, "frequency_penalty", 0);
  o.presence_penalty = option(L, "presence_penalty", 0);
  o.dry_multiplier = option(L, "dry_multiplier", 0);
  o.dry_base = option(L, "dry_base", o.dry_base);
  o.dry_allowed_length = (size_t)option(L, "dry_allowed_length", 2);
  o.dry_last_n = (size_t)option(L, "dry_last_n", 0);
  o.top_k = (size_t)option(L, "top_k", 0);
  o.top_p = option(L, "top_p", 1);
  o.min_p = option(L, "min_p", 0);
  o.temperature = option(L, "temperature", 0);
  lua_getfield(L, 3, "dry_breakers");
  o.dry_breakers = ids_of(L, lua_gettop(L), &o.n_dry_breakers);
  lua_getfield(L, 3, "bias");
  o.bias = bias_of(L, lua_gettop(L), &o.n_bias);

  mn_sampler s = {.options = &o, .V = V};
  s.history = ids_of(L, 2, &n_history);
  s.n_history = n_history;
  s.z = take(L, V, sizeof *s.z);
  s.counts = take(L, V, sizeof *s.counts);
  s.order = take(L, V, sizeof *s.order);
  s.lengths = take(L, n_history, sizeof *s.lengths);
  for (size_t i = 0; i < V; i++) {
    lua_rawgeti(L, 1, (int)i + 1);
    s.z[i] = (float)lua_tonumber(L, -1);
    lua_pop(L, 1);
    s.counts[i] = 0;
  }
  moon_error err;
  int32_t id;
  if (mn_sample_check(&o, V, &err) != MOON_OK || mn_sample(&s, luaL_checknumber(L, 4), &id, &err))
    return ml_fail(L, &err);
  for (size_t i = 0; i < V; i++)
    if (s.counts[i] != 0) return luaL_error(L, "counts[%d] is left at %d", (int)i, s.counts[i]);
  lua_pushinteger(L, id);
  return 1;
}

static int uniform(lua_State *L) {
  lua_pushnumber(L, mn_random_uniform((uint64_t)luaL_checkinteger(L, 1),
                                      (uint64_t)luaL_checkinteger(L, 2)));
  return 1;
}

static int philox(lua_State *L) {
  uint32_t words[6], out[4];
  for (int i = 0; i < 6; i++) {
    lua_rawgeti(L, i < 4 ? 1 : 2, i < 4 ? i + 1 : i - 3);
    words[i] = (uint32_t)lua_tointeger(L, -1);
    lua_pop(L, 1);
  }
  mn_philox(words, words + 4, out);
  for (int i = 0; i < 4; i++) lua_pushinteger(L, out[i]);
  return 4;
}

MOON_API int luaopen_moonlet_debug_sample(lua_State *L);
MOON_API int luaopen_moonlet_debug_sample(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"sample", sample}, {"uniform", uniform}, {"philox", philox}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
