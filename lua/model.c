/* model.c: the userdata "moonlet.model": a loaded model, its vocabulary and its parameters.
**
** What: load, the config as a table with Hugging Face's names, encode and decode, parameters.
** How: a box on moon_model. The config table is made once and kept in the side table, where the
**   sampler keeps its own things too.
** Invariant: nothing of C is held across a call that may throw: buffers are userdata. The model is
**   taken as border.h says.
** Not here: sessions, sampling options, generation (scripts/moonlet/generate.lua), finding the
**   bundled model or a hub model (scripts/moonlet/hub.lua). */
#include "lua/model.h"
#include "lua/moonlet_lua.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const char model_type[] = "moonlet.model";

/* ---- shared with the session and the sampler ---- */

void *ml_buffer(lua_State *L, size_t n, size_t size) {
  if (n > (size_t)PTRDIFF_MAX / 2 / size) luaL_error(L, "moonlet: too many elements");
  return lua_newuserdatauv(L, n ? n * size : 1, 0);
}

/* Whether number is one that an id could have; vocabularies are checked by core. */
static bool whole(lua_Number number, int32_t *id) {
  if (!(number >= INT32_MIN && number <= INT32_MAX)) return false;
  *id = (int32_t)number;
  return number == (lua_Number)*id;
}

/* The value on top, which is entry i of argument arg, as an id; pops it. */
static int32_t take_id(lua_State *L, int arg, size_t i) {
  int32_t id = 0;
  bool number = lua_type(L, -1) == LUA_TNUMBER;
  if (!number || !whole(lua_tonumber(L, -1), &id))
    luaL_error(L, "argument #%d: entry %d should be a token id, got %s", arg - 1, (int)i,
               number ? lua_tostring(L, -1) : luaL_typename(L, -1));
  lua_pop(L, 1);
  return id;
}

const int32_t *ml_ids(lua_State *L, int arg, int32_t *one, size_t *n) {
  if (lua_type(L, arg) == LUA_TNUMBER) {
    lua_pushvalue(L, arg);
    *one = take_id(L, arg, 1);
    *n = 1;
    return one;
  }
  luaL_checktype(L, arg, LUA_TTABLE);
  *n = lua_rawlen(L, arg);
  int32_t *ids = ml_buffer(L, *n, sizeof *ids);
  for (size_t i = 0; i < *n; i++) {
    lua_rawgeti(L, arg, (int)(i + 1));
    ids[i] = take_id(L, arg, i + 1);
  }
  return ids;
}

void ml_fill_ids(lua_State *L, const int32_t *ids, size_t n) {
  for (size_t i = 0; i < n; i++) {
    lua_pushinteger(L, ids[i]);
    lua_rawseti(L, -2, (int)(i + 1));
  }
}

void ml_push_ids(lua_State *L, const int32_t *ids, size_t n) {
  lua_createtable(L, n < INT_MAX ? (int)n : 0, 0);
  ml_fill_ids(L, ids, n);
}

const int32_t *ml_encode(lua_State *L, ml_model_of *take, const char *text, size_t len, int flags,
                         size_t *n, moon_error *err) {
  for (size_t cap = len + 8;; cap = *n) {
    int32_t *ids = ml_buffer(L, cap, sizeof *ids);
    if (moon_model_encode(take(L), text, len, flags, ids, cap, n, err) == MOON_OK && *n <= cap)
      return ids;
    lua_pop(L, 1);
    if (*n <= cap) return NULL;
  }
}

void ml_push_piece(lua_State *L, ml_model_of *take, int32_t id) {
  size_t len;
  const char *piece = moon_model_piece(take(L), id, &len);
  if (piece) ml_push_text(L, piece, len);
  else lua_pushnil(L);
}

void ml_side(lua_State *L, int index) {
  static const char key[] = "moonlet.side";
  index = lua_absindex(L, index);
  lua_getfield(L, LUA_REGISTRYINDEX, key);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "k");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, key);
  }
  lua_pushvalue(L, index);
  lua_rawget(L, -2);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, index);
    lua_pushvalue(L, -2);
    lua_rawset(L, -4);
  }
  lua_remove(L, -2);
}

void ml_properties(lua_State *L, const char *type, lua_CFunction read) {
  luaL_getmetatable(L, type);
  lua_getfield(L, -1, "__index");
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "methods");
  lua_pushcclosure(L, read, 1);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

void ml_methods(lua_State *L, const char *type) {
  luaL_getmetatable(L, type);
  lua_getfield(L, -1, "methods");
  lua_remove(L, -2);
}

void ml_push_config(lua_State *L, moon_config c) {
  const struct { const char *name; int32_t value; } integers[] = {
    {"num_hidden_layers", c.num_hidden_layers}, {"hidden_size", c.hidden_size},
    {"num_attention_heads", c.num_attention_heads},
    {"num_key_value_heads", c.num_key_value_heads}, {"head_dim", c.head_dim},
    {"intermediate_size", c.intermediate_size}, {"vocab_size", c.vocab_size},
    {"max_position_embeddings", c.max_position_embeddings},
  };
  const struct { const char *name; bool value; } booleans[] = {
    {"share_embedding", c.tied}, {"layer_sharing", c.layer_sharing},
    {"rope_interleaved", c.rope_interleaved}, {"use_qk_norm", c.qk_norm},
  };
  lua_newtable(L);
  lua_pushstring(L, c.model_type);
  lua_setfield(L, -2, "model_type");
  for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
    lua_pushinteger(L, integers[i].value);
    lua_setfield(L, -2, integers[i].name);
  }
  for (size_t i = 0; i < sizeof booleans / sizeof *booleans; i++) {
    lua_pushboolean(L, booleans[i].value);
    lua_setfield(L, -2, booleans[i].name);
  }
  lua_pushnumber(L, c.rope_theta);
  lua_setfield(L, -2, "rope_theta");
  lua_pushnumber(L, c.rms_norm_eps);
  lua_setfield(L, -2, "rms_norm_eps");
  if (c.bos_token_id >= 0) {
    lua_pushinteger(L, c.bos_token_id);
    lua_setfield(L, -2, "bos_token_id");
  }
  ml_push_ids(L, c.eos_token_id, (size_t)c.n_eos);
  lua_setfield(L, -2, "eos_token_id");
  lua_pushinteger(L, (lua_Integer)moon_config_count(&c));
  lua_setfield(L, -2, "parameters");
}

/* ---- load ---- */

int ml_opt_weights(lua_State *L, int t, const char *who, const char *field,
                   const char *const *types) {
  int which = ml_opt_choice(L, t, who, field, types);
  moon_dtype dtype;
  return which >= 0 && moon_dtype_find(types[which], &dtype) ? (int)dtype : -1;
}

static moon_load_options load_options(lua_State *L, const char *who) {
  static const char *const types[] = {"f32", "bf16", "f16", "q8", "q4", NULL};
  static const char *const computes[] = {"f32", "bf16", NULL};
  moon_load_options options = moon_load_defaults();
  options.dtype = ml_opt_weights(L, 2, who, "dtype", types);
  options.head_dtype = ml_opt_weights(L, 2, who, "head_dtype", types);
  int compute = ml_opt_weights(L, 2, who, "compute", computes);
  if (compute >= 0) options.compute = compute;
  options.layer_sharing = ml_opt_boolean(L, 2, "layer_sharing", -1);
  return options;
}

/* What the options wish for in an engine; whether it is another than the state's. */
static bool wish_engine(lua_State *L, moon_engine_options *wish) {
  *wish = moon_engine_defaults();
  wish->threads = (int)ml_opt_integer(L, 2, "threads", -1, -1, 1024);
  wish->isa = ml_opt_string(L, 2, "isa", NULL);
  return wish->isa || wish->threads != -1;
}

/* The wished engine, own: a new one and the caller's to close. NULL: it cannot be. */
static moon_engine *wished_engine(lua_State *L, const moon_engine_options *wish, bool own,
                                  moon_error *err) {
  if (!own) return ml_engine(L);
  moon_engine *engine;
  return moon_engine_open(wish, &engine, err) == MOON_OK ? engine : NULL;
}

/* load(path, {dtype=, head_dtype=, compute=, threads=, isa=, layer_sharing=, adapter=}). A wish for
** threads or a tier opens an engine of the model's own; it lives as long as the model does. */
static int model_load(lua_State *L) {
  static const char *const names[] = {"dtype", "head_dtype", "compute", "threads", "isa",
                                      "layer_sharing", "adapter", NULL};
  const char *path = luaL_checkstring(L, 1);
  ml_opt_known(L, 2, "load", names);
  moon_load_options options = load_options(L, "load");
  options.adapter = ml_opt_string(L, 2, "adapter", NULL);
  moon_engine_options wish;
  bool own = wish_engine(L, &wish);
  ml_box *box = ml_box_new(L, model_type);
  moon_error err;
  moon_engine *engine = wished_engine(L, &wish, own, &err);
  if (!engine) return ml_fail(L, &err);
  moon_model *model;
  moon_status status = moon_model_open(engine, path, &options, &model, &err);
  if (own) moon_engine_close(engine);
  if (status != MOON_OK) return ml_fail(L, &err);
  ml_box_fill(L, box, model, moon_model_bytes(model));
  ml_side(L, -1);
  lua_pushvalue(L, 1);
  lua_setfield(L, -2, "path");
  lua_pop(L, 1);
  return 1;
}

/* plan(path, options of load and of a session) -> {weights=, mapped=, session=, total=}, bytes. */
static int model_plan(lua_State *L) {
  static const char *const names[] = {"dtype", "head_dtype", "compute", "threads", "isa",
                                      "layer_sharing", "context", "chunk", "cache", NULL};
  const char *path = luaL_checkstring(L, 1);
  ml_opt_known(L, 2, "plan", names);
  moon_load_options options = load_options(L, "plan");
  moon_session_options session = ml_session_options(L, 2);
  moon_engine_options wish;
  bool own = wish_engine(L, &wish);
  moon_error err;
  moon_engine *engine = wished_engine(L, &wish, own, &err);
  if (!engine) return ml_fail(L, &err);
  moon_plan plan;
  moon_status status = moon_model_plan(engine, path, &options, &session, &plan, &err);
  if (own) moon_engine_close(engine);
  if (status != MOON_OK) return ml_fail(L, &err);
  lua_createtable(L, 0, 4);
  lua_pushinteger(L, (lua_Integer)plan.weights);
  lua_setfield(L, -2, "weights");
  lua_pushinteger(L, (lua_Integer)plan.mapped);
  lua_setfield(L, -2, "mapped");
  lua_pushinteger(L, (lua_Integer)plan.session);
  lua_setfield(L, -2, "session");
  lua_pushinteger(L, (lua_Integer)(plan.weights + plan.session));
  lua_setfield(L, -2, "total");
  return 1;
}

/* Closes the constraints that moonlet.lock keeps with the model: they keep its memory. */
static void close_constraints(lua_State *L) {
  ml_side(L, 1);
  lua_getfield(L, -1, "constraints");
  for (size_t i = 1, n = lua_istable(L, -1) ? lua_rawlen(L, -1) : 0; i <= n; i++) {
    lua_rawgeti(L, -1, (int)i);
    ml_box *box = luaL_checkudata(L, -1, "moonlet.constraint");
    moon_constraint_free(box->object);
    box->object = NULL;
    lua_pop(L, 1);
  }
  lua_pushnil(L);
  lua_setfield(L, -3, "constraints");
}

static int model_close(lua_State *L) {
  ml_box *box = luaL_checkudata(L, 1, model_type);
  if (box->object) close_constraints(L);
  moon_model_close(box->object);
  box->object = NULL;
  return 0;
}

void moon_lua_push_model(lua_State *L, moon_model *model) {
  ml_box *box = ml_box_new(L, model_type);
  ml_box_fill(L, box, moon_model_retain(model), 0);     /* the weights are the host's memory */
}

moon_model *moon_lua_to_model(lua_State *L, int index) { return ml_test(L, index, model_type); }

/* ---- what it is ---- */

static moon_model *own_model(lua_State *L) { return ml_check(L, 1, model_type); }

static int model_count(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)moon_model_count(ml_check(L, 1, model_type)));
  return 1;
}

static int model_parameters(lua_State *L) {
  size_t n = moon_model_parameters(own_model(L));
  lua_settop(L, 1);
  lua_newtable(L);
  for (size_t i = 0; i < n; i++) {
    ml_box *box = ml_box_new(L, "moonlet.tensor");
    const char *name;
    moon_tensor *t;
    moon_error err;
    const moon_model *model = own_model(L);
    if (moon_model_parameter(model, i, &name, &t, &err) != MOON_OK) return ml_fail(L, &err);
    moon_dtype dtype = moon_model_parameter_dtype(model, i);
    box->object = t;            /* a view on the model's weights has no debt of its own */
    ml_push_text(L, name, strlen(name));
    lua_insert(L, -2);
    if (dtype == MOON_Q8 || dtype == MOON_Q4) ml_fill_tensor(L, box, t);
    lua_rawset(L, -3);
  }
  return 1;
}

/* What each parameter is stored in: {["model.norm.weight"] = "f32", ...}. */
static void push_dtypes(lua_State *L) {
  size_t n = moon_model_parameters(own_model(L));
  lua_newtable(L);
  for (size_t i = 0; i < n; i++) {
    const moon_model *model = own_model(L);
    const char *name = moon_model_parameter_name(model, i);
    moon_dtype dtype = moon_model_parameter_dtype(model, i);
    ml_push_text(L, name, strlen(name));
    lua_pushstring(L, moon_dtype_name(dtype));
    lua_rawset(L, -3);
  }
}

/* Methods first: close must be found on a closed model too. */
static int model_read(lua_State *L) {
  lua_settop(L, 2);
  lua_pushvalue(L, 2);
  lua_gettable(L, lua_upvalueindex(1));
  if (!lua_isnil(L, -1)) return 1;
  own_model(L);
  const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
  if (strcmp(name, "config") == 0) {
    ml_side(L, 1);
    lua_getfield(L, -1, "config");
    if (!lua_isnil(L, -1)) return 1;
    ml_push_config(L, *moon_model_config(own_model(L)));
    lua_pushvalue(L, -1);
    lua_setfield(L, -4, "config");
  } else if (strcmp(name, "path") == 0) {
    ml_side(L, 1);
    lua_getfield(L, -1, "path");
  } else if (strcmp(name, "bytes") == 0) {
    lua_pushinteger(L, (lua_Integer)moon_model_bytes(own_model(L)));
  } else if (strcmp(name, "dtypes") == 0) {
    push_dtypes(L);
  }
  return 1;
}

static int model_tostring(lua_State *L) {
  ml_box *box = luaL_checkudata(L, 1, model_type);
  if (!box->object) {
    lua_pushliteral(L, "moonlet.model (closed)");
    return 1;
  }
  const moon_config *c = moon_model_config(box->object);
  char text[160];
  snprintf(text, sizeof text, "moonlet.model (%s, %d layers, width %d, %llu parameters)",
           c->model_type, (int)c->num_hidden_layers, (int)c->hidden_size,
           (unsigned long long)moon_model_count(box->object));
  lua_pushstring(L, text);
  return 1;
}

/* ---- text ---- */

static int model_encode(lua_State *L) {
  static const char *const names[] = {"bos", "special", NULL};
  own_model(L);
  size_t len, n;
  const char *text = luaL_checklstring(L, 2, &len);
  ml_opt_known(L, 3, "encode", names);
  int flags = (ml_opt_boolean(L, 3, "bos", 1) ? MOON_ENCODE_BOS : 0) |
              (ml_opt_boolean(L, 3, "special", 0) ? MOON_ENCODE_SPECIAL : 0);
  moon_error err;
  const int32_t *ids = ml_encode(L, own_model, text, len, flags, &n, &err);
  if (!ids) return ml_fail(L, &err);
  ml_push_ids(L, ids, n);
  return 1;
}

static int model_decode(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, model_type);
  int32_t one;
  size_t n, len;
  const int32_t *ids = ml_ids(L, 2, &one, &n);
  moon_error err;
  for (size_t cap = 8 * n + 16;; cap = len) {
    char *text = ml_buffer(L, cap, 1);
    if (moon_model_decode(ml_take(L, self), ids, n, text, cap, &len, &err) != MOON_OK)
      return ml_fail(L, &err);
    if (len <= cap) {
      lua_pushlstring(L, text, len);
      return 1;
    }
  }
}

/* The id of argument 2; -1, which no vocabulary has, for a number that is no int32. */
static int32_t check_id(lua_State *L) {
  int32_t id;
  return whole(luaL_checknumber(L, 2), &id) ? id : -1;
}

static int model_piece(lua_State *L) {
  ml_push_piece(L, own_model, check_id(L));
  return 1;
}

static int model_token(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, model_type);
  size_t len;
  const char *piece = luaL_checklstring(L, 2, &len);
  int32_t id = moon_model_token(ml_take(L, self), piece, len);
  if (id < 0) lua_pushnil(L);
  else lua_pushinteger(L, id);
  return 1;
}

static int model_is_eos(lua_State *L) {
  lua_pushboolean(L, moon_model_is_eos(own_model(L), check_id(L)));
  return 1;
}

static int model_is_special(lua_State *L) {
  lua_pushboolean(L, moon_model_is_special(own_model(L), check_id(L)));
  return 1;
}

static int model_sampler(lua_State *L) {
  own_model(L);
  lua_settop(L, 2);
  if (lua_isnil(L, 2)) {
    lua_newtable(L);
    lua_replace(L, 2);
  }
  if (lua_istable(L, 2)) ml_push_sampler(L, own_model, 1, 2);
  else ml_sampler(L, own_model(L), 2);
  return 1;
}

void ml_open_model(lua_State *L) {
  static const luaL_Reg methods[] = {
    {"count", model_count}, {"parameters", model_parameters}, {"encode", model_encode},
    {"decode", model_decode}, {"piece", model_piece}, {"token", model_token},
    {"is_eos", model_is_eos}, {"is_special", model_is_special}, {"sampler", model_sampler},
    {NULL, NULL}
  };
  static const luaL_Reg meta[] = {{"__tostring", model_tostring}, {NULL, NULL}};
  ml_type(L, model_type, methods, meta, model_close);
  ml_properties(L, model_type, model_read);
  ml_open_sampler(L);
  ml_open_quantizer(L);
  lua_pushcfunction(L, model_load);
  lua_setfield(L, -2, "load");
  lua_pushcfunction(L, model_plan);
  lua_setfield(L, -2, "plan");
}
