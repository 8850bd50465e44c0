/* session.c: the userdata "moonlet.session": a sequence of tokens and its cache.
**
** What: feed, sample, score, fork, rewind: one step each, so that generation is a Lua loop that
**   can stream, stop, yield and be cancelled (scripts/moonlet/generate.lua).
** How: a box on moon_session. The Lua model is kept in the side table: `s.model`; core keeps the
**   model's memory by itself.
** Invariant: the watch names a session only while that session computes, so the interpreter's
**   signal handler never reaches a closed one. The session is taken as border.h says. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lua/model.h"

static const char session_type[] = "moonlet.session";

static ml_watch *watch_of(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, ML_WATCH);
  ml_watch *watch = lua_touserdata(L, -1);
  lua_pop(L, 1);
  return watch;
}

static void watch_set(ml_watch *watch, moon_session *session) {
  if (watch) atomic_store(&watch->running, session);
}

static moon_model *core_model(lua_State *L) {
  return moon_session_model(ml_check(L, 1, session_type));
}

/* Pushes the model of the session at index 1. */
static void push_model(lua_State *L) {
  ml_side(L, 1);
  lua_getfield(L, -1, "model");
  lua_remove(L, -2);
}

/* Fills the box on top with a session whose model is at model_index. */
static void adopt(lua_State *L, ml_box *box, moon_session *session, int model_index) {
  ml_box_fill(L, box, session, moon_session_bytes(session));
  ml_side(L, -1);
  lua_pushvalue(L, model_index);
  lua_setfield(L, -2, "model");
  lua_pop(L, 1);
}

moon_session_options ml_session_options(lua_State *L, int arg) {
  moon_session_options options = moon_session_defaults();
  options.context = (size_t)ml_opt_integer(L, arg, "context", 0, 1, INT_MAX);
  options.chunk = (size_t)ml_opt_integer(L, arg, "chunk", 0, 1, INT_MAX);
  const char *cache = ml_opt_string(L, arg, "cache", NULL);
  moon_dtype dtype;
  if (cache && !moon_dtype_find(cache, &dtype)) luaL_error(L, "session: no cache type '%s'", cache);
  if (cache) options.cache = (int)dtype;
  return options;
}

/* Pushes the option adapter, maybe nil: the caller takes it together with the model. */
static moon_session_options session_options(lua_State *L, int arg) {
  static const char *const names[] = {"context", "chunk", "cache", "adapter", NULL};
  ml_opt_known(L, arg, "session", names);
  moon_session_options options = ml_session_options(L, arg);
  if (lua_isnoneornil(L, arg)) lua_pushnil(L);
  else lua_getfield(L, arg, "adapter");
  return options;
}

static moon_adapter *take_adapter(lua_State *L, int index) {
  return lua_isnil(L, index) ? NULL : ml_check(L, index, "moonlet.adapter");
}

static int model_session(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, "moonlet.model");
  lua_settop(L, 2);
  moon_session_options options = session_options(L, 2);
  int adapter = lua_gettop(L);
  ml_box *box = ml_box_new(L, session_type);
  moon_session *session;
  moon_error err;
  options.adapter = take_adapter(L, adapter);
  if (moon_session_open(ml_take(L, self), &options, &session, &err) != MOON_OK)
    return ml_fail(L, &err);
  adopt(L, box, session, 1);
  return 1;
}

/* model:restore(path, options) */
static int model_restore(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, "moonlet.model");
  const char *path = luaL_checkstring(L, 2);
  lua_settop(L, 3);
  moon_session_options options = session_options(L, 3);
  int adapter = lua_gettop(L);
  ml_box *box = ml_box_new(L, session_type);
  moon_session *session;
  moon_error err;
  options.adapter = take_adapter(L, adapter);
  if (moon_session_restore(ml_take(L, self), path, &options, &session, &err) != MOON_OK)
    return ml_fail(L, &err);
  adopt(L, box, session, 1);
  return 1;
}

static int session_save(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, session_type);
  const char *path = luaL_checkstring(L, 2);
  moon_error err;
  if (moon_session_save(ml_take(L, self), path, &err) != MOON_OK) return ml_fail(L, &err);
  lua_settop(L, 1);
  return 1;
}

static int session_close(lua_State *L) {
  ml_box *box = luaL_checkudata(L, 1, session_type);
  moon_session_close(box->object);
  box->object = NULL;
  return 0;
}

/* ---- computing ---- */

/* Ids in argument 2: a table, one id, or text, which gets BOS when the session is empty. NULL:
** text that could not be encoded, with err filled. */
static const int32_t *argument_ids(lua_State *L, int32_t *one, size_t *n, moon_error *err) {
  if (lua_type(L, 2) != LUA_TSTRING) return ml_ids(L, 2, one, n);
  size_t len, present;
  const char *text = lua_tolstring(L, 2, &len);
  moon_session_tokens(ml_check(L, 1, session_type), &present);
  return ml_encode(L, core_model, text, len, present ? 0 : MOON_ENCODE_BOS, n, err);
}

/* Begins a feed by the arguments: ids, and { lazy =, guesses = } or nothing. Takes the session. */
static moon_status begin(lua_State *L, moon_session **session, moon_error *err) {
  static const char *const names[] = {"lazy", "guesses", NULL};
  const ml_box *self = ml_check_box(L, 1, session_type);
  moon_feed_options options = {0};
  int32_t one;
  size_t n;
  if (lua_type(L, 3) == LUA_TNUMBER) lua_settop(L, 2);  /* ln p, of feed(session:sample()) */
  ml_opt_known(L, 3, "feed", names);
  options.lazy = ml_opt_boolean(L, 3, "lazy", 0);
  if (!lua_isnoneornil(L, 3)) {
    lua_settop(L, 3);
    lua_getfield(L, 3, "guesses");
    if (!lua_isnil(L, 4)) {
      luaL_argcheck(L, lua_istable(L, 4), 3, "option 'guesses' wants a list of token ids");
      options.guesses = ml_ids(L, 4, &one, &options.n_guesses);
    }
  }
  const int32_t *ids = argument_ids(L, &one, &n, err);
  *session = ml_take(L, self);
  return ids ? moon_session_begin(*session, ids, n, &options, err) : err->code;
}

static int session_feed(lua_State *L) {
  moon_session *session;
  moon_error err;
  bool done;
  moon_status status = begin(L, &session, &err);
  ml_watch *watch = watch_of(L);
  watch_set(watch, session);
  if (status == MOON_OK) status = moon_session_step(session, INFINITY, &done, &err);
  watch_set(watch, NULL);
  if (status != MOON_OK) return ml_fail(L, &err);
  lua_settop(L, 1);
  return 1;
}

static int session_evaluate(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, session_type);
  int32_t one;
  size_t n;
  moon_error err;
  const int32_t *ids = argument_ids(L, &one, &n, &err);
  if (!ids) return ml_fail(L, &err);
  ml_box *box = ml_box_new(L, "moonlet.tensor");
  moon_tensor *logits;
  moon_session *session = ml_take(L, self);
  ml_watch *watch = watch_of(L);
  watch_set(watch, session);
  moon_status status = moon_session_evaluate(session, ids, n, &logits, &err);
  watch_set(watch, NULL);
  if (status != MOON_OK) return ml_fail(L, &err);
  ml_fill_tensor(L, box, logits);
  return 1;
}

static int session_score(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, session_type);
  int32_t one;
  size_t n;
  moon_error err;
  const int32_t *ids = argument_ids(L, &one, &n, &err);
  if (!ids) return ml_fail(L, &err);
  double *logprobs = ml_buffer(L, n, sizeof *logprobs);
  moon_session *session = ml_take(L, self);
  ml_watch *watch = watch_of(L);
  watch_set(watch, session);
  moon_status status = moon_session_score(session, ids, n, logprobs, &err);
  watch_set(watch, NULL);
  if (status != MOON_OK) return ml_fail(L, &err);
  lua_createtable(L, n < INT_MAX ? (int)n : 0, 0);
  for (size_t i = 0; i < n; i++) {
    lua_pushnumber(L, logprobs[i]);
    lua_rawseti(L, -2, (int)(i + 1));
  }
  return 1;
}

static int session_begin(lua_State *L) {
  moon_session *session;
  moon_error err;
  if (begin(L, &session, &err) != MOON_OK) return ml_fail(L, &err);
  lua_settop(L, 1);
  return 1;
}

static int session_step(lua_State *L) {
  static const char *const names[] = {"ms", NULL};
  const ml_box *self = ml_check_box(L, 1, session_type);
  ml_opt_known(L, 2, "step", names);
  double ms = ml_opt_number(L, 2, "ms", 0, 0, HUGE_VAL);
  moon_session *session = ml_take(L, self);
  bool done;
  moon_error err;
  ml_watch *watch = watch_of(L);
  watch_set(watch, session);
  moon_status status = moon_session_step(session, ms, &done, &err);
  watch_set(watch, NULL);
  if (status != MOON_OK) return ml_fail(L, &err);
  lua_pushboolean(L, done);
  return 1;
}

/* ---- logits ---- */

static int session_logits(lua_State *L) {
  lua_settop(L, 1);
  ml_box *box = ml_box_new(L, "moonlet.tensor");
  moon_tensor *logits;
  moon_error err;
  if (moon_session_logits(ml_check(L, 1, session_type), &logits, &err) != MOON_OK)
    return ml_fail(L, &err);
  box->object = logits;         /* the session's own array: no debt of its own */
  return 1;
}

/* logits_of(ids) -> a list of numbers. */
static int session_logits_of(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, session_type);
  int32_t one;
  size_t n;
  moon_error err;
  const int32_t *ids = ml_ids(L, 2, &one, &n);
  float *logits = ml_buffer(L, n, sizeof *logits);
  if (moon_session_logits_of(ml_take(L, self), ids, n, logits, &err) != MOON_OK)
    return ml_fail(L, &err);
  lua_createtable(L, n < INT_MAX ? (int)n : 0, 0);
  for (size_t i = 0; i < n; i++) {
    lua_pushnumber(L, (lua_Number)logits[i]);
    lua_rawseti(L, -2, (int)(i + 1));
  }
  return 1;
}

static int session_logprob(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, session_type);
  int32_t one;
  size_t n;
  double logprob;
  moon_error err;
  const int32_t *ids = ml_ids(L, 2, &one, &n);
  luaL_argcheck(L, n == 1, 2, "one token id expected");
  if (moon_session_logprob(ml_take(L, self), *ids, &logprob, &err) != MOON_OK)
    return ml_fail(L, &err);
  lua_pushnumber(L, logprob);
  return 1;
}

/* Takes the session of a sample, draw or top, and the mask of the matcher in argument 3, or NULL
** without one, with the ids of argument 4 set. */
static moon_status masked(lua_State *L, const ml_box *self, moon_session **session,
                          const uint32_t **mask, moon_error *err) {
  uint32_t *bits = NULL;
  size_t V = 0, n = 0;
  int32_t one = 0;
  const int32_t *also = &one;
  if (!lua_isnoneornil(L, 3)) {
    const moon_model *model = moon_session_model(ml_take(L, self));
    V = (size_t)moon_model_config(model)->vocab_size;
    if (!lua_isnoneornil(L, 4)) also = ml_ids(L, 4, &one, &n);
    bits = ml_buffer(L, (V + 31) / 32, sizeof *bits);
  }
  *session = ml_take(L, self);
  *mask = bits;
  if (!bits) return MOON_OK;
  moon_matcher *matcher = ml_check(L, 3, "moonlet.matcher");
  if (moon_matcher_model(matcher) != moon_session_model(*session))
    luaL_argerror(L, 3, "a matcher of another model");
  moon_status status = moon_matcher_mask(matcher, bits, err);
  for (size_t i = 0; i < n; i++) {
    luaL_argcheck(L, also[i] >= 0 && (size_t)also[i] < V, 4, "ids of the vocabulary expected");
    bits[also[i] >> 5] |= UINT32_C(1) << (also[i] & 31);
  }
  return status;
}

/* sample and draw: (options, matcher, also); logprob NULL where it is not wanted. */
static moon_status choose(lua_State *L, int32_t *id, double *logprob, moon_error *err) {
  const ml_box *self = ml_check_box(L, 1, session_type);
  moon_session *session;
  const uint32_t *mask;
  lua_settop(L, 4);
  if (lua_istable(L, 2)) {
    push_model(L);
    ml_push_sampler(L, core_model, 5, 2);
    lua_replace(L, 2);
  }
  moon_status status = masked(L, self, &session, &mask, err);
  if (status != MOON_OK) return status;
  const moon_sample_options *given = ml_sampler(L, moon_session_model(session), 2);
  moon_sample_options options = given ? *given : moon_sample_defaults();
  options.allowed = mask;
  return moon_session_sample(session, &options, id, logprob, err);
}

static int session_sample(lua_State *L) {
  int32_t id;
  double logprob;
  moon_error err;
  if (choose(L, &id, &logprob, &err) != MOON_OK) return ml_fail(L, &err);
  lua_pushinteger(L, id);
  lua_pushnumber(L, logprob);
  return 2;
}

static int session_draw(lua_State *L) {
  int32_t id;
  moon_error err;
  if (choose(L, &id, NULL, &err) != MOON_OK) return ml_fail(L, &err);
  lua_pushinteger(L, id);
  return 1;
}

/* session:top(n, matcher, also) -> list of { id, piece, logprob } */
static int session_top(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, session_type);
  moon_session *session;
  lua_settop(L, 4);
  lua_Number wanted = luaL_optnumber(L, 2, 10);
  luaL_argcheck(L, wanted >= 1, 2, "at least 1 expected");
  int32_t vocabulary = moon_model_config(core_model(L))->vocab_size;
  size_t n = wanted < vocabulary ? (size_t)wanted : (size_t)vocabulary;
  int32_t *ids = ml_buffer(L, n, sizeof *ids);
  double *logprobs = ml_buffer(L, n, sizeof *logprobs);
  const uint32_t *allowed;
  moon_error err;
  if (masked(L, self, &session, &allowed, &err) != MOON_OK ||
      moon_session_top(session, allowed, &n, ids, logprobs, &err) != MOON_OK)
    return ml_fail(L, &err);
  lua_createtable(L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    lua_createtable(L, 0, 3);
    lua_pushinteger(L, ids[i]);
    lua_setfield(L, -2, "id");
    lua_pushnumber(L, logprobs[i]);
    lua_setfield(L, -2, "logprob");
    ml_push_piece(L, core_model, ids[i]);
    lua_setfield(L, -2, "piece");
    lua_rawseti(L, -2, (int)(i + 1));
  }
  return 1;
}

/* ---- the sequence ---- */

/* session:adapt(adapter or nil) -> session */
static int session_adapt(lua_State *L) {
  moon_session *session = ml_check(L, 1, session_type);
  luaL_checkany(L, 2);
  moon_error err;
  if (moon_session_adapt(session, take_adapter(L, 2), &err) != MOON_OK) return ml_fail(L, &err);
  lua_settop(L, 1);
  return 1;
}

static int session_tokens(lua_State *L) {
  size_t n;
  moon_session_tokens(ml_check(L, 1, session_type), &n);
  lua_createtable(L, n < INT_MAX ? (int)n : 0, 0);
  const int32_t *ids = moon_session_tokens(ml_check(L, 1, session_type), &n);
  ml_fill_ids(L, ids, n);
  return 1;
}

static int session_length(lua_State *L) {
  size_t n;
  moon_session_tokens(ml_check(L, 1, session_type), &n);
  lua_pushinteger(L, (lua_Integer)n);
  return 1;
}

static int session_fork(lua_State *L) {
  lua_settop(L, 1);
  push_model(L);
  ml_box *box = ml_box_new(L, session_type);
  moon_session *copy;
  moon_error err;
  if (moon_session_fork(ml_check(L, 1, session_type), &copy, &err) != MOON_OK)
    return ml_fail(L, &err);
  adopt(L, box, copy, 2);
  return 1;
}

static int session_rewind(lua_State *L) {
  moon_session *session = ml_check(L, 1, session_type);
  lua_Number n = luaL_checknumber(L, 2);
  luaL_argcheck(L, n >= 0 && n <= INT_MAX && n == (lua_Number)(int)n, 2,
                "a number of tokens expected");
  moon_error err;
  if (moon_session_rewind(session, (size_t)n, &err) != MOON_OK) return ml_fail(L, &err);
  lua_settop(L, 1);
  return 1;
}

static int session_cancel(lua_State *L) {
  moon_session_cancel(ml_check(L, 1, session_type));
  return 0;
}

/* Methods first: close must be found on a closed session too. */
static int session_read(lua_State *L) {
  lua_settop(L, 2);
  lua_pushvalue(L, 2);
  lua_gettable(L, lua_upvalueindex(1));
  if (!lua_isnil(L, -1)) return 1;
  moon_session *session = ml_check(L, 1, session_type);
  const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
  if (strcmp(name, "context") == 0) {
    lua_pushinteger(L, (lua_Integer)moon_session_context(session));
  } else if (strcmp(name, "bytes") == 0) {
    lua_pushinteger(L, (lua_Integer)moon_session_bytes(session));
  } else if (strcmp(name, "model") == 0) {
    push_model(L);
  }
  return 1;
}

static int session_tostring(lua_State *L) {
  ml_box *box = luaL_checkudata(L, 1, session_type);
  if (!box->object) {
    lua_pushliteral(L, "moonlet.session (closed)");
    return 1;
  }
  size_t n;
  char text[80];
  moon_session_tokens(box->object, &n);
  snprintf(text, sizeof text, "moonlet.session (%zu of %zu tokens)", n,
           moon_session_context(box->object));
  lua_pushstring(L, text);
  return 1;
}

void ml_open_session(lua_State *L) {
  static const luaL_Reg methods[] = {
    {"feed", session_feed}, {"evaluate", session_evaluate}, {"score", session_score},
    {"begin", session_begin}, {"step", session_step}, {"logits", session_logits},
    {"sample", session_sample}, {"draw", session_draw}, {"top", session_top},
    {"logits_of", session_logits_of}, {"logprob", session_logprob}, {"tokens", session_tokens},
    {"fork", session_fork}, {"rewind", session_rewind}, {"cancel", session_cancel},
    {"save", session_save}, {"adapt", session_adapt},
    {NULL, NULL}
  };
  static const luaL_Reg meta[] = {
    {"__tostring", session_tostring}, {"__len", session_length}, {NULL, NULL}
  };
  ml_type(L, session_type, methods, meta, session_close);
  ml_properties(L, session_type, session_read);
  ml_methods(L, "moonlet.model");
  lua_pushcfunction(L, model_session);
  lua_setfield(L, -2, "session");
  lua_pushcfunction(L, model_restore);
  lua_setfield(L, -2, "restore");
  lua_pop(L, 1);
}
