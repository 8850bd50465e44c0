/* trainer.c: the userdata "moonlet.trainer" and "moonlet.corpus": what scripts/moonlet/train.lua
** makes training loops of.
**
** What: a corpus gathers sequences; a trainer computes batches of them and takes steps. How: boxes
**   on moon_trainer and moon_corpus; sequences are numbered from 1 here, from 0 in core.
** Not here: schedules, order, logs, files' names (train.lua). */
#include <string.h>

#include "lua/model.h"
#include "lua/tensor.h"

static const char trainer_type[] = "moonlet.trainer", corpus_type[] = "moonlet.corpus";

/* ---- corpus ---- */

/* new_corpus(longest) -> corpus of sequences of at most so many ids. */
static int new_corpus(lua_State *L) {
  lua_Integer longest = luaL_checkinteger(L, 1);
  moon_corpus *corpus;
  moon_error err;
  ml_box *box = ml_box_new(L, corpus_type);
  moon_status status = moon_corpus_new(ml_engine(L), longest < 0 ? 0 : (size_t)longest, &corpus,
                                       &err);
  if (status != MOON_OK) return ml_fail(L, &err);
  ml_box_fill(L, box, corpus, 0);
  return 1;
}

static int corpus_close(lua_State *L) {
  ml_box *box = luaL_checkudata(L, 1, corpus_type);
  moon_corpus_free(box->object);
  box->object = NULL;
  return 0;
}

/* The corpus is on the stack's first place; the collector learns of what it took. */
static int corpus_done(lua_State *L, moon_corpus *corpus) {
  ml_box *box = lua_touserdata(L, 1);
  size_t bytes = moon_corpus_bytes(corpus);
  if (bytes > box->bytes) ml_box_fill(L, box, corpus, bytes);
  lua_settop(L, 1);
  return 1;
}

/* corpus:add(ids [, weights]) -> corpus */
static int corpus_add(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, corpus_type);
  int32_t one;
  size_t n;
  lua_settop(L, 3);
  const int32_t *ids = ml_ids(L, 2, &one, &n);
  float *weights = NULL;
  if (!lua_isnil(L, 3)) {
    luaL_checktype(L, 3, LUA_TTABLE);
    luaL_argcheck(L, lua_rawlen(L, 3) == n, 3, "as many weights as ids");
    weights = ml_buffer(L, n, sizeof *weights);
    for (size_t i = 0; i < n; i++) {
      lua_rawgeti(L, 3, (int)(i + 1));
      weights[i] = (float)luaL_checknumber(L, -1);
      lua_pop(L, 1);
    }
  }
  moon_corpus *corpus = ml_take(L, self);
  moon_error err;
  if (moon_corpus_add(corpus, ids, weights, n, &err) != MOON_OK) return ml_fail(L, &err);
  return corpus_done(L, corpus);
}

/* corpus:read(path [, model]) -> corpus | nil, message, code */
static int corpus_read(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, corpus_type);
  const char *path = luaL_checkstring(L, 2);
  moon_corpus *corpus = ml_take(L, self);
  const moon_model *model = lua_isnoneornil(L, 3) ? NULL : ml_check(L, 3, "moonlet.model");
  moon_error err;
  if (moon_corpus_read(corpus, path, model, &err) != MOON_OK) {
    if (err.code == MOON_EARG) err.code = MOON_EFORMAT; /* the file's fault, not the call's */
    return ml_fail(L, &err);
  }
  return corpus_done(L, corpus);
}

static size_t check_sequence(lua_State *L, const moon_corpus *corpus) {
  lua_Integer i = luaL_checkinteger(L, 2);
  bool there = i >= 1 && (size_t)i <= moon_corpus_count(corpus);
  luaL_argcheck(L, there, 2, "no such sequence");
  return (size_t)i - 1;
}

/* corpus:length(i) -> ids; corpus:weight(i) -> of its targets */
static int corpus_length(lua_State *L) {
  moon_corpus *corpus = ml_check(L, 1, corpus_type);
  lua_pushinteger(L, (lua_Integer)moon_corpus_length(corpus, check_sequence(L, corpus)));
  return 1;
}

static int corpus_weight(lua_State *L) {
  moon_corpus *corpus = ml_check(L, 1, corpus_type);
  lua_pushnumber(L, moon_corpus_weight(corpus, check_sequence(L, corpus)));
  return 1;
}

static int corpus_len(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)moon_corpus_count(ml_check(L, 1, corpus_type)));
  return 1;
}

/* ---- trainer ---- */

static unsigned check_targets(lua_State *L, int t, unsigned fallback) {
  static const char *const names[] = {"q", "k", "v", "o", "gate", "up", "down"};
  lua_getfield(L, t, "lora_targets");
  if (lua_isnil(L, -1)) return lua_pop(L, 1), fallback;
  luaL_checktype(L, -1, LUA_TTABLE);
  unsigned targets = 0;
  for (size_t i = 1; i <= lua_rawlen(L, -1); i++, lua_pop(L, 1)) {
    lua_rawgeti(L, -1, (int)i);
    const char *name = lua_tostring(L, -1);
    unsigned bit = 0;
    for (unsigned k = 0; name && k < sizeof names / sizeof *names; k++)
      if (strcmp(name, names[k]) == 0) bit = 1u << k;
    if (!bit)
      luaL_error(L, "trainer: lora_targets are of q, k, v, o, gate, up, down; got '%s'",
                 name ? name : luaL_typename(L, -1));
    targets |= bit;
  }
  lua_pop(L, 1);
  return targets;
}

/* new_trainer(json, options) -> trainer | nil, message, code. json: the text of a config.json. */
static int new_trainer(lua_State *L) {
  static const char *const names[] = {"tokens", "length", "seed", "weights", "compute",
                                      "optimizer", "dropout", "r_drop", "lora_rank", "lora_alpha",
                                      "lora_targets", "lora_runs", "teacher", "teacher_share",
                                      "temperature", "threads", "isa", NULL};
  static const char *const weight_types[] = {"f32", "bf16", NULL};
  static const char *const optimizers[] = {"adamw", "muon", NULL};      /* as MOON_ADAMW counts */
  size_t len;
  const char *json = luaL_checklstring(L, 1, &len);
  lua_settop(L, 2);
  if (lua_isnil(L, 2)) {
    lua_newtable(L);
    lua_replace(L, 2);
  }
  ml_opt_known(L, 2, "trainer", names);
  moon_trainer_options o = moon_trainer_defaults();
  o.tokens = (size_t)ml_opt_integer(L, 2, "tokens", (lua_Integer)o.tokens, 1, 1 << 24);
  o.length = (size_t)ml_opt_integer(L, 2, "length", 0, 0, 1 << 24);
  o.seed = (uint64_t)ml_opt_integer(L, 2, "seed", 0, 0, (lua_Integer)1 << 53);
  int weights = ml_opt_weights(L, 2, "trainer", "weights", weight_types);
  if (weights >= 0) o.weights = weights;
  int compute = ml_opt_weights(L, 2, "trainer", "compute", weight_types);
  if (compute >= 0) o.compute = compute;
  int optimizer = ml_opt_choice(L, 2, "trainer", "optimizer", optimizers);
  if (optimizer >= 0) o.optimizer = optimizer;
  o.dropout = ml_opt_number(L, 2, "dropout", 0, 0, 0.9);
  o.r_drop = ml_opt_number(L, 2, "r_drop", 0, 0, 1);
  o.lora_rank = (int32_t)ml_opt_integer(L, 2, "lora_rank", 0, 0, 4096);
  o.lora_alpha = ml_opt_number(L, 2, "lora_alpha", o.lora_alpha, 0, 1e6);
  o.lora_targets = check_targets(L, 2, o.lora_targets);
  o.lora_runs = ml_opt_boolean(L, 2, "lora_runs", 0);
  o.teacher_share = ml_opt_number(L, 2, "teacher_share", o.teacher_share, 0, 1);
  o.temperature = ml_opt_number(L, 2, "temperature", o.temperature, 0.01, 100);
  lua_getfield(L, 2, "teacher");        /* taken last */
  int teacher = lua_gettop(L);
  moon_engine_options wish = moon_engine_defaults();
  wish.threads = (int)ml_opt_integer(L, 2, "threads", -1, -1, 256);
  wish.isa = ml_opt_string(L, 2, "isa", NULL);
  bool own = wish.isa || wish.threads != -1;
  moon_error err;
  moon_trainer *trainer;
  moon_engine *engine = own ? NULL : ml_engine(L);
  ml_box *box = ml_box_new(L, trainer_type);
  if (!lua_isnil(L, teacher)) o.teacher = ml_check(L, teacher, trainer_type);
  if (own && moon_engine_open(&wish, &engine, &err) != MOON_OK) return ml_fail(L, &err);
  moon_status status = moon_trainer_new(engine, json, len, &o, &trainer, &err);
  if (own) moon_engine_close(engine);
  if (status != MOON_OK) return ml_fail(L, &err);
  ml_box_fill(L, box, trainer, moon_trainer_bytes(trainer));
  return 1;
}

static int trainer_close(lua_State *L) {
  ml_box *box = luaL_checkudata(L, 1, trainer_type);
  moon_trainer_close(box->object);
  box->object = NULL;
  return 0;
}

/* The numbers of sequences in argument 3, pushed as a buffer. */
static const size_t *check_sequences(lua_State *L, size_t *n) {
  luaL_checktype(L, 3, LUA_TTABLE);
  *n = lua_rawlen(L, 3);
  size_t *list = ml_buffer(L, *n, sizeof *list);
  for (size_t i = 0; i < *n; i++) {
    lua_rawgeti(L, 3, (int)(i + 1));
    lua_Integer number = luaL_checkinteger(L, -1);
    luaL_argcheck(L, number >= 1, 3, "sequences count from 1");
    list[i] = (size_t)number - 1;
    lua_pop(L, 1);
  }
  return list;
}

static int compute(lua_State *L, double scale, bool gradient) {
  const ml_box *self = ml_check_box(L, 1, trainer_type);
  size_t n;
  const size_t *sequences = check_sequences(L, &n);
  moon_trainer *trainer = ml_take(L, self);
  const moon_corpus *corpus = ml_check(L, 2, corpus_type);
  double loss;
  moon_error err;
  if (moon_trainer_batch(trainer, corpus, sequences, n, scale, gradient, &loss, &err) != MOON_OK)
    return ml_fail(L, &err);
  lua_pushnumber(L, loss);
  return 1;
}

/* trainer:batch(corpus, sequences, scale) -> sum of weight * -ln p | nil, message, code. Adds
** the gradient times scale to what step uses. */
static int trainer_batch(lua_State *L) { return compute(L, luaL_checknumber(L, 4), true); }
/* trainer:evaluate(corpus, sequences) -> the same sum, without gradients. */
static int trainer_evaluate(lua_State *L) { return compute(L, 1, false); }

/* trainer:step{rate=, beta1=, beta2=, epsilon=, decay=, clip=, momentum=} -> norm | nil, message,
** code */
static int trainer_step(lua_State *L) {
  static const char *const names[] = {"rate", "beta1", "beta2", "epsilon", "decay", "clip",
                                      "momentum", NULL};
  const ml_box *self = ml_check_box(L, 1, trainer_type);
  moon_step_options o = moon_step_defaults();
  ml_opt_known(L, 2, "step", names);
  o.rate = ml_opt_number(L, 2, "rate", o.rate, 0, 1e6);
  o.beta1 = ml_opt_number(L, 2, "beta1", o.beta1, 0, 1);
  o.beta2 = ml_opt_number(L, 2, "beta2", o.beta2, 0, 1);
  o.epsilon = ml_opt_number(L, 2, "epsilon", o.epsilon, 0, 1);
  o.decay = ml_opt_number(L, 2, "decay", o.decay, 0, 1e6);
  o.clip = ml_opt_number(L, 2, "clip", o.clip, 0, 1e30);
  o.momentum = ml_opt_number(L, 2, "momentum", o.momentum, 0, 1);
  double norm;
  moon_error err;
  if (moon_trainer_step(ml_take(L, self), &o, &norm, &err) != MOON_OK)
    return ml_fail(L, &err);
  lua_pushnumber(L, norm);
  return 1;
}

static int push_new_tensor(lua_State *L, ml_box *box, moon_status status, moon_tensor *t,
                           const moon_error *err) {
  if (status != MOON_OK) return ml_fail(L, err);
  ml_fill_tensor(L, box, t);
  return 1;
}

/* trainer:logits(ids) -> tensor (n, V) */
static int trainer_logits(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, trainer_type);
  int32_t one;
  size_t n;
  const int32_t *ids = ml_ids(L, 2, &one, &n);
  moon_tensor *t = NULL;
  moon_error err;
  ml_box *box = ml_box_new(L, ML_TENSOR);
  moon_trainer *trainer = ml_take(L, self);
  moon_status status = moon_trainer_logits(trainer, ids, n, &t, &err);
  return push_new_tensor(L, box, status, t, &err);
}

/* trainer:get(name) -> a copy of a weight; trainer:set(name, tensor) -> trainer */
static int trainer_get(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, trainer_type);
  const char *name = luaL_checkstring(L, 2);
  moon_tensor *t = NULL;
  moon_error err;
  ml_box *box = ml_box_new(L, ML_TENSOR);
  moon_trainer *trainer = ml_take(L, self);
  moon_status status = moon_trainer_get(trainer, name, &t, &err);
  return push_new_tensor(L, box, status, t, &err);
}

static int trainer_set(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, trainer_type);
  const char *name = luaL_checkstring(L, 2);
  moon_trainer *trainer = ml_take(L, self);
  moon_error err;
  if (moon_trainer_set(trainer, name, ml_check_tensor(L, 3), &err) != MOON_OK)
    return ml_fail(L, &err);
  lua_settop(L, 1);
  return 1;
}

/* trainer:names() -> the weights' names, in their order. */
static int trainer_names(lua_State *L) {
  lua_settop(L, 1);
  lua_newtable(L);
  const char *name;
  for (size_t i = 0; (name = moon_trainer_name(ml_check(L, 1, trainer_type), i)); i++) {
    ml_push_text(L, name, strlen(name));
    lua_rawseti(L, -2, (int)(i + 1));
  }
  return 1;
}

static int done(lua_State *L, moon_status status, const moon_error *err) {
  if (status != MOON_OK) return ml_fail(L, err);
  lua_settop(L, 1);
  return 1;
}

/* trainer:save(directory [, notes]) -> trainer | nil, message, code */
static int trainer_save(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, trainer_type);
  size_t len = 0;
  const char *path = luaL_checkstring(L, 2), *notes = luaL_optlstring(L, 3, "", &len);
  moon_trainer *trainer = ml_take(L, self);
  moon_error err;
  return done(L, moon_trainer_save(trainer, path, notes, len, &err), &err);
}

/* trainer:restore(directory) -> notes | nil, message, code. Their size is known when all is loaded:
** notes beyond the first buffer are loaded with everything again. */
static int trainer_restore(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, trainer_type);
  const char *path = luaL_checkstring(L, 2);
  size_t n;
  moon_error err;
  for (size_t cap = 1 << 16;; cap = n) {
    char *notes = ml_buffer(L, cap, 1);
    if (moon_trainer_load(ml_take(L, self), path, notes, cap, &n, &err) != MOON_OK)
      return ml_fail(L, &err);
    if (n <= cap) {
      lua_pushlstring(L, notes, n);
      return 1;
    }
    lua_pop(L, 1);
  }
}

/* trainer:export(directory [, {dtype=}]), trainer:export_lora(directory) -> trainer */
static int trainer_export(lua_State *L) {
  static const char *const names[] = {"dtype", NULL};
  const ml_box *self = ml_check_box(L, 1, trainer_type);
  const char *directory = luaL_checkstring(L, 2);
  ml_opt_known(L, 3, "export", names);
  moon_dtype dtype = ml_check_dtype(L, ml_opt_string(L, 3, "dtype", "f32"));
  moon_trainer *trainer = ml_take(L, self);
  moon_error err;
  return done(L, moon_trainer_export(trainer, directory, dtype, &err), &err);
}

static int trainer_export_lora(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, trainer_type);
  const char *directory = luaL_checkstring(L, 2);
  moon_trainer *trainer = ml_take(L, self);
  moon_error err;
  return done(L, moon_trainer_export_lora(trainer, directory, &err), &err);
}

/* trainer:merge(directory of a PEFT adapter) -> trainer */
static int trainer_merge(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, trainer_type);
  const char *directory = luaL_checkstring(L, 2);
  moon_trainer *trainer = ml_take(L, self);
  moon_error err;
  return done(L, moon_trainer_merge(trainer, directory, &err), &err);
}

/* Methods first: close must be found on a closed trainer too. */
static int trainer_read(lua_State *L) {
  lua_settop(L, 2);
  lua_pushvalue(L, 2);
  lua_gettable(L, lua_upvalueindex(1));
  if (!lua_isnil(L, -1)) return 1;
  const moon_trainer *trainer = ml_check(L, 1, trainer_type);
  const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
  if (strcmp(name, "steps") == 0) lua_pushinteger(L, (lua_Integer)moon_trainer_steps(trainer));
  else if (strcmp(name, "learning") == 0)
    lua_pushinteger(L, (lua_Integer)moon_trainer_learning(trainer));
  else if (strcmp(name, "bytes") == 0)
    lua_pushinteger(L, (lua_Integer)moon_trainer_bytes(trainer));
  else if (strcmp(name, "config") == 0) ml_push_config(L, *moon_trainer_config(trainer));
  else lua_pushnil(L);
  return 1;
}

void ml_open_trainer(lua_State *L) {
  static const luaL_Reg corpus[] = {
    {"add", corpus_add}, {"read", corpus_read}, {"length", corpus_length},
    {"weight", corpus_weight}, {NULL, NULL}
  };
  static const luaL_Reg corpus_meta[] = {{"__len", corpus_len}, {NULL, NULL}};
  static const luaL_Reg trainer[] = {
    {"batch", trainer_batch}, {"evaluate", trainer_evaluate}, {"step", trainer_step},
    {"logits", trainer_logits}, {"get", trainer_get}, {"set", trainer_set},
    {"names", trainer_names}, {"save", trainer_save}, {"restore", trainer_restore},
    {"export", trainer_export}, {"export_lora", trainer_export_lora},
    {"merge", trainer_merge}, {NULL, NULL}
  };
  ml_type(L, corpus_type, corpus, corpus_meta, corpus_close);
  ml_type(L, trainer_type, trainer, NULL, trainer_close);
  ml_properties(L, trainer_type, trainer_read);
  lua_pushcfunction(L, new_corpus);
  lua_setfield(L, -2, "new_corpus");
  lua_pushcfunction(L, new_trainer);
  lua_setfield(L, -2, "new_trainer");
}
