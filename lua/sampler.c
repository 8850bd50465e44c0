/* sampler.c: the userdata "moonlet.sampler": a table of sampling options, read once.
**
** What: every option of moon_sample_options by its C name, logit_bias as {[id] = bias}, and
**   dry_breakers as strings: a token whose piece contains one of them is a breaker.
** How: one block of Lua memory: the options, then the biases, then the breakers' ids, so there
**   is nothing to free. The breakers of a list of strings are found once per model and kept in
**   its side table as a string of ids.
** Invariant: a sampler's ids were checked against the vocabulary of the model that made it; the
**   vocabulary's size is kept so that another model's session can refuse it. */
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lua/model.h"

static const char sampler_type[] = "moonlet.sampler";
enum { MOST_BREAKERS = 64 };

typedef struct ml_sampling {
  moon_sample_options options;
  int32_t vocabulary;
  moon_bias bias[];             /* then the breakers' ids */
} ml_sampling;

static const char *const option_names[] = {
  "temperature", "top_k", "top_p", "min_p", "repetition_penalty", "frequency_penalty",
  "presence_penalty", "penalty_last_n", "dry_multiplier", "dry_base", "dry_allowed_length",
  "dry_last_n", "dry_breakers", "logit_bias", "seed", NULL
};

/* Marks the tokens whose piece contains text. */
static void mark(const moon_model *model, int32_t vocabulary, const char *text, size_t len,
                 char *marked) {
  for (int32_t id = 0; id < vocabulary; id++) {
    size_t size;
    const char *piece = moon_model_piece(model, id, &size);
    if (piece && memmem(piece, size, text, len)) marked[id] = 1;
  }
}

/* Pushes one string that names the list of strings at index list: the key of the cache. Each has
** its length before it, so that no two lists share a name. */
static void push_breakers_key(lua_State *L, int list) {
  size_t n = lua_rawlen(L, list);
  if (n > MOST_BREAKERS) luaL_error(L, "option 'dry_breakers' wants at most %d strings",
                                    MOST_BREAKERS);
  luaL_checkstack(L, 2 * MOST_BREAKERS + 1, "dry_breakers");
  lua_pushliteral(L, "dry");
  for (size_t i = 1; i <= n; i++) {
    lua_rawgeti(L, list, (int)i);
    if (lua_type(L, -1) != LUA_TSTRING || lua_rawlen(L, -1) == 0)
      luaL_error(L, "option 'dry_breakers' wants strings that are not empty; entry %d is %s",
                 (int)i, lua_type(L, -1) == LUA_TSTRING ? "" : luaL_typename(L, -1));
    lua_pushfstring(L, " %d:", (int)lua_rawlen(L, -1));
    lua_insert(L, -2);
  }
  lua_concat(L, (int)(2 * n + 1));
}

static void push_default_breakers(lua_State *L) {
  static const char *const texts[] = {"\n", ":", "\"", "*"};
  lua_createtable(L, 4, 0);
  for (int i = 0; i < 4; i++) {
    lua_pushstring(L, texts[i]);
    lua_rawseti(L, -2, i + 1);
  }
}

/* Pushes the ids of the option table's breakers as a string of int32. */
static void push_breakers(lua_State *L, ml_model_of *take, int model_index, int32_t vocabulary,
                          int t) {
  lua_getfield(L, t, "dry_breakers");
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    push_default_breakers(L);
  } else if (!lua_istable(L, -1)) {
    luaL_error(L, "option 'dry_breakers' wants a list of strings, got %s", luaL_typename(L, -1));
  }
  int list = lua_gettop(L);
  ml_side(L, model_index);
  push_breakers_key(L, list);
  lua_pushvalue(L, -1);
  lua_rawget(L, -3);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    char *marked = ml_buffer(L, (size_t)vocabulary, 1);
    memset(marked, 0, (size_t)vocabulary);
    for (size_t i = 1, n = lua_rawlen(L, list); i <= n; i++) {
      size_t len;
      lua_rawgeti(L, list, (int)i);
      if (lua_type(L, -1) != LUA_TSTRING)
        luaL_error(L, "option 'dry_breakers' has changed meanwhile");
      const char *text = lua_tolstring(L, -1, &len);
      mark(take(L), vocabulary, text, len, marked);
      lua_pop(L, 1);
    }
    int32_t *ids = ml_buffer(L, (size_t)vocabulary, sizeof *ids);
    size_t n = 0;
    for (int32_t id = 0; id < vocabulary; id++)
      if (marked[id]) ids[n++] = id;
    lua_pushlstring(L, (const char *)ids, n * sizeof *ids);
    lua_replace(L, -3);
    lua_pop(L, 1);              /* side, key, string */
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -2);
    lua_rawset(L, -5);
  }
  lua_replace(L, list);
  lua_settop(L, list);
}

/* How many entries logit_bias, on top of the stack, has. */
static size_t count_bias(lua_State *L) {
  size_t n = 0;
  if (lua_isnil(L, -1)) return 0;
  if (!lua_istable(L, -1))
    luaL_error(L, "option 'logit_bias' wants a table {[id] = bias}, got %s",
               luaL_typename(L, -1));
  for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) n++;
  return n;
}

/* Copies at most n entries of the table on top, each checked; returns how many there were: a
** finalizer may have changed the table since it was counted. */
static size_t copy_bias(lua_State *L, int32_t vocabulary, moon_bias *bias, size_t n) {
  size_t used = 0;
  if (lua_isnil(L, -1)) return 0;
  for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
    lua_Number id = lua_type(L, -2) == LUA_TNUMBER ? lua_tonumber(L, -2) : -1;
    if (!(id >= 0 && id < vocabulary && id == (lua_Number)(int32_t)id))
      luaL_error(L, "option 'logit_bias': keys are token ids, 0 to %d", (int)vocabulary - 1);
    lua_Number value = lua_tonumber(L, -1);
    if (lua_type(L, -1) != LUA_TNUMBER || value != value)
      luaL_error(L, "option 'logit_bias': the bias of %d is not a number", (int)id);
    if (used < n) bias[used++] = (moon_bias){(int32_t)id, (float)value};
  }
  return used;
}

static void read_numbers(lua_State *L, int t, moon_sample_options *o) {
  const double big = 1e6;
  o->temperature = (float)ml_opt_number(L, t, "temperature", o->temperature, 0, big);
  o->top_p = (float)ml_opt_number(L, t, "top_p", o->top_p, 0, 1);
  o->min_p = (float)ml_opt_number(L, t, "min_p", o->min_p, 0, 1);
  o->repetition_penalty =
      (float)ml_opt_number(L, t, "repetition_penalty", o->repetition_penalty, 1e-6, 1e6);
  o->frequency_penalty =
      (float)ml_opt_number(L, t, "frequency_penalty", o->frequency_penalty, -big, big);
  o->presence_penalty =
      (float)ml_opt_number(L, t, "presence_penalty", o->presence_penalty, -big, big);
  o->dry_multiplier = (float)ml_opt_number(L, t, "dry_multiplier", o->dry_multiplier, 0, big);
  o->dry_base = (float)ml_opt_number(L, t, "dry_base", o->dry_base, 1, 1e6);
  o->top_k = (size_t)ml_opt_integer(L, t, "top_k", (lua_Integer)o->top_k, 0, INT_MAX);
  o->penalty_last_n = (size_t)ml_opt_integer(L, t, "penalty_last_n",
                                             (lua_Integer)o->penalty_last_n, 0, INT_MAX);
  o->dry_allowed_length = (size_t)ml_opt_integer(
      L, t, "dry_allowed_length", (lua_Integer)o->dry_allowed_length, 0, INT_MAX);
  o->dry_last_n = (size_t)ml_opt_integer(L, t, "dry_last_n", (lua_Integer)o->dry_last_n, 0,
                                         INT_MAX);
  o->seed = (uint64_t)ml_opt_integer(L, t, "seed", 0, -((lua_Integer)1 << 53),
                                     (lua_Integer)1 << 53);
}

void ml_push_sampler(lua_State *L, ml_model_of *take, int model_index, int t) {
  int32_t vocabulary = moon_model_config(take(L))->vocab_size;
  moon_sample_options o = moon_sample_defaults();
  ml_opt_known(L, t, "sampling", option_names);
  read_numbers(L, t, &o);
  int top = lua_gettop(L);
  if (o.dry_multiplier > 0) push_breakers(L, take, model_index, vocabulary, t);
  else lua_pushliteral(L, "");
  lua_getfield(L, t, "logit_bias");
  size_t n = count_bias(L);
  size_t bytes = lua_rawlen(L, top + 1);
  ml_sampling *s = lua_newuserdatauv(L, sizeof *s + n * sizeof *s->bias + bytes, 0);
  lua_insert(L, top + 1);
  o.n_bias = copy_bias(L, vocabulary, s->bias, n);
  int32_t *breakers = (int32_t *)(void *)(s->bias + o.n_bias);
  memcpy(breakers, lua_tostring(L, top + 2), bytes);
  o.bias = s->bias;
  o.dry_breakers = breakers;
  o.n_dry_breakers = bytes / sizeof *breakers;
  s->options = o;
  s->vocabulary = vocabulary;
  lua_settop(L, top + 1);
  luaL_getmetatable(L, sampler_type);
  lua_setmetatable(L, -2);
}

const moon_sample_options *ml_sampler(lua_State *L, const moon_model *model, int arg) {
  if (lua_isnoneornil(L, arg)) return NULL;
  const ml_sampling *s = luaL_checkudata(L, arg, sampler_type);
  int32_t vocabulary = moon_model_config(model)->vocab_size;
  if (s->vocabulary != vocabulary)
    luaL_error(L, "this sampler was made for a vocabulary of %d tokens, the model has %d",
               (int)s->vocabulary, (int)vocabulary);
  return &s->options;
}

static int sampler_tostring(lua_State *L) {
  const ml_sampling *s = luaL_checkudata(L, 1, sampler_type);
  char text[120];
  snprintf(text, sizeof text, "moonlet.sampler (temperature %g, top_k %zu, top_p %g, min_p %g)",
           (double)s->options.temperature, s->options.top_k, (double)s->options.top_p,
           (double)s->options.min_p);
  lua_pushstring(L, text);
  return 1;
}

static int sampler_close(lua_State *L) {
  luaL_checkudata(L, 1, sampler_type);
  return 0;
}

void ml_open_sampler(lua_State *L) {
  static const luaL_Reg methods[] = {{NULL, NULL}};
  static const luaL_Reg meta[] = {{"__tostring", sampler_tostring}, {NULL, NULL}};
  ml_type(L, sampler_type, methods, meta, sampler_close);
}
