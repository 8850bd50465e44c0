/* tensor.c: the tensor as a Lua value: making, indexing, writing, telling.
**
** t[i] is a number for rank 1 and a view for higher ranks; t[i] = x fills what t[i] names. The
** fields shape, dtype and rank are read through the same __index. Positions count from 1,
** negative ones from the end; what lies outside throws. */
#include "lua/tensor.h"

#include <limits.h>
#include <math.h>
#include <string.h>

/* ---- shared with the other files of the tensor ---- */

void ml_try(lua_State *L, moon_status status, const moon_error *err) {
  if (status != MOON_OK) luaL_error(L, "%s", err->message);
}

moon_tensor *ml_check_tensor(lua_State *L, int arg) { return ml_check(L, arg, ML_TENSOR); }

void ml_fill_view(lua_State *L, ml_box *box, moon_tensor *t) { ml_box_fill(L, box, t, 0); }

ml_box *ml_result(lua_State *L, int n) {
  lua_settop(L, n);
  return ml_box_new(L, ML_TENSOR);
}

const moon_tensor *ml_push_alias(lua_State *L, int arg) {
  moon_tensor *alias;
  moon_error err;
  ml_box *box = ml_box_new(L, ML_TENSOR);
  const moon_tensor *t = ml_check_tensor(L, arg);
  ml_try(L, moon_tensor_expand(t, moon_tensor_rank(t), moon_tensor_shape(t), &alias, &err), &err);
  ml_fill_view(L, box, alias);
  return alias;
}

int ml_shown(lua_Integer i) { return i > INT_MAX ? INT_MAX : i < INT_MIN ? INT_MIN : (int)i; }

int ml_check_dim(lua_State *L, int arg, const moon_tensor *t) {
  lua_Integer dim = luaL_checkinteger(L, arg), rank = moon_tensor_rank(t);
  if (dim < -rank || dim == 0 || dim > rank)
    luaL_error(L, "%s has no dim %d (dims count from 1, or back from -1)", ml_push_header(L, t),
               ml_shown(dim));
  return (int)(dim > 0 ? dim - 1 : rank + dim);
}

size_t ml_check_index(lua_State *L, int arg, const moon_tensor *t, int dim) {
  lua_Integer i = luaL_checkinteger(L, arg), n = (lua_Integer)moon_tensor_shape(t)[dim];
  if (i < -n || i == 0 || i > n)
    luaL_error(L, "index %d is outside dim %d of %s (indices count from 1, or back from -1)",
               ml_shown(i), dim + 1, ml_push_header(L, t));
  return (size_t)(i > 0 ? i - 1 : n + i);
}

static size_t check_size(lua_State *L, int arg, bool infer) {
  if (lua_type(L, arg) != LUA_TNUMBER || lua_tonumber(L, arg) != floor(lua_tonumber(L, arg)))
    luaL_error(L, "a shape consists of whole numbers, not %s",
               lua_isnumber(L, arg) ? lua_tostring(L, arg) : luaL_typename(L, arg));
  double n = lua_tonumber(L, arg);
  if (infer && n == -1) return (size_t)-1;
  if (n < 0 || n > 0x1p40)
    luaL_error(L, "a dim has 0 to 2^40 elements, not %s", lua_tostring(L, arg));
  return (size_t)n;
}

int ml_check_shape(lua_State *L, int arg, int last, bool infer, size_t shape[MOON_MAX_RANK]) {
  bool table = lua_type(L, arg) == LUA_TTABLE;
  size_t rank = table ? lua_rawlen(L, arg) : last >= arg ? (size_t)(last - arg + 1) : 0;
  if (rank > MOON_MAX_RANK)
    luaL_error(L, "a tensor has at most %d dims, not %d", MOON_MAX_RANK, (int)rank);
  for (int i = 0; i < (int)rank; i++) {
    if (table) lua_rawgeti(L, arg, i + 1);
    else lua_pushvalue(L, arg + i);
    shape[i] = check_size(L, -1, infer);
    lua_pop(L, 1);
  }
  return (int)rank;
}

moon_dtype ml_check_dtype(lua_State *L, const char *name) {
  moon_dtype dtype = MOON_F32;
  if (!moon_dtype_find(name, &dtype))
    luaL_error(L, "no dtype '%s'; there are f32, bf16, f16, i32, i8", name);
  return dtype;
}

static bool is_whole(const moon_tensor *t) {
  return moon_tensor_dtype(t) == MOON_I32 || moon_tensor_dtype(t) == MOON_I8;
}

void ml_push_element(lua_State *L, const moon_tensor *t, const size_t *index) {
  double value;
  moon_error err;
  ml_try(L, moon_tensor_get(t, index, &value, &err), &err);
  if (is_whole(t)) lua_pushinteger(L, (lua_Integer)value);
  else lua_pushnumber(L, value);
}

/* ---- making ---- */

static moon_dtype option_dtype(lua_State *L, int options, const char *who, bool seed) {
  static const char *const names[] = {"dtype", NULL}, *const seeded[] = {"dtype", "seed", NULL};
  ml_opt_known(L, options, who, seed ? seeded : names);
  return ml_check_dtype(L, ml_opt_string(L, options, "dtype", "f32"));
}

static moon_tensor *push_new(lua_State *L, moon_dtype dtype, int rank, const size_t *shape) {
  moon_tensor *t;
  moon_error err;
  ml_box *box = ml_box_new(L, ML_TENSOR);
  ml_try(L, moon_tensor_new(ml_engine(L), dtype, rank, shape, &t, &err), &err);
  ml_fill_tensor(L, box, t);
  return t;
}

/* tensor(value, options): a number or nested tables of numbers. */
static int make_tensor(lua_State *L) {
  luaL_checkany(L, 1);
  ml_push_from_table(L, 1, option_dtype(L, 2, "tensor", false));
  return 1;
}

static int make_filled(lua_State *L, const char *who, double value, int options) {
  size_t shape[MOON_MAX_RANK];
  luaL_checkany(L, 1);
  moon_dtype dtype = option_dtype(L, options, who, false);
  int rank = ml_check_shape(L, 1, 1, false, shape);
  moon_tensor *t = push_new(L, dtype, rank, shape);
  moon_error err;
  if (value != 0) ml_try(L, moon_tensor_fill(t, value, &err), &err);
  return 1;
}

/* zeros(shape, options), ones(shape, options), full(shape, value, options): shape is a table, or
** a number for rank 1. */
static int make_zeros(lua_State *L) { return make_filled(L, "zeros", 0, 2); }
static int make_ones(lua_State *L) { return make_filled(L, "ones", 1, 2); }
static int make_full(lua_State *L) {
  return make_filled(L, "full", luaL_checknumber(L, 2), 3);
}

/* arange(first, last, step, options): first, first + step, ... up to last, which is included, as
** in a Lua for loop; step 1 if not given. */
static int make_arange(lua_State *L) {
  double first = luaL_checknumber(L, 1), last = luaL_checknumber(L, 2);
  double step = luaL_optnumber(L, 3, 1);
  moon_dtype dtype = option_dtype(L, 4, "arange", false);
  if (step == 0) luaL_error(L, "arange: step is 0");
  double steps = floor((last - first) / step);
  if (!(steps < 0x1p40)) luaL_error(L, "arange: more than 2^40 elements, or not a number");
  size_t n = steps < 0 ? 0 : (size_t)steps + 1;
  moon_tensor *t = push_new(L, dtype, 1, &n);
  moon_error err;
  for (size_t i = 0; i < n; i++)
    ml_try(L, moon_tensor_set(t, &i, first + (double)i * step, &err), &err);
  return 1;
}

/* randn(shape, options): normal numbers, mean 0, variance 1; the same for the same seed, which
** is 0 if not given. */
static int make_randn(lua_State *L) {
  size_t shape[MOON_MAX_RANK];
  luaL_checkany(L, 1);
  moon_dtype dtype = option_dtype(L, 2, "randn", true);
  lua_Integer seed = ml_opt_integer(L, 2, "seed", 0, 0, (lua_Integer)1 << 53);
  int rank = ml_check_shape(L, 1, 1, false, shape);
  moon_tensor *t = push_new(L, dtype, rank, shape);
  moon_error err;
  ml_try(L, moon_tensor_fill_normal(t, (uint64_t)seed, &err), &err);
  return 1;
}

/* ---- reading ---- */

/* get(i, j, ...): one index per dim. Fills index from the arguments 2... */
static void check_full_index(lua_State *L, const moon_tensor *t, int given, size_t *index) {
  int rank = moon_tensor_rank(t);
  if (given != rank)
    luaL_error(L, "%s wants %d indices, got %d", ml_push_header(L, t), rank, given);
  for (int i = 0; i < rank; i++) index[i] = ml_check_index(L, i + 2, t, i);
}

static int tensor_get(lua_State *L) {
  moon_tensor *t = ml_check_tensor(L, 1);
  size_t index[MOON_MAX_RANK];
  check_full_index(L, t, lua_gettop(L) - 1, index);
  ml_push_element(L, t, index);
  return 1;
}

static int tensor_item(lua_State *L) {
  moon_tensor *t = ml_check_tensor(L, 1);
  size_t index[MOON_MAX_RANK] = {0};
  if (moon_tensor_count(t) != 1)
    luaL_error(L, "item: wants one element, not those of %s", ml_push_header(L, t));
  ml_push_element(L, t, index);
  return 1;
}

static int tensor_count(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)moon_tensor_count(ml_check_tensor(L, 1)));
  return 1;
}

static int tensor_is_contiguous(lua_State *L) {
  lua_pushboolean(L, moon_tensor_is_contiguous(ml_check_tensor(L, 1)));
  return 1;
}

static int tensor_len(lua_State *L) {
  moon_tensor *t = ml_check_tensor(L, 1);
  if (moon_tensor_rank(t) == 0) luaL_error(L, "a tensor of rank 0 has no length; take item()");
  lua_pushinteger(L, (lua_Integer)moon_tensor_shape(t)[0]);
  return 1;
}

/* Pushes entry i of the tensor in argument 1, of a rank above 0. */
static int push_selected(lua_State *L, size_t i) {
  moon_tensor *view;
  moon_error err;
  ml_box *box = ml_box_new(L, ML_TENSOR);
  ml_try(L, moon_tensor_select(ml_check_tensor(L, 1), 0, i, &view, &err), &err);
  ml_fill_view(L, box, view);
  return 1;
}

static int push_field(lua_State *L, const moon_tensor *t, const char *name) {
  int rank = moon_tensor_rank(t);
  if (strcmp(name, "dtype") == 0) {
    lua_pushstring(L, moon_dtype_name(moon_tensor_dtype(t)));
  } else if (strcmp(name, "rank") == 0) {
    lua_pushinteger(L, rank);
  } else if (strcmp(name, "shape") == 0) {
    size_t shape[MOON_MAX_RANK];
    memcpy(shape, moon_tensor_shape(t), (size_t)rank * sizeof *shape);
    lua_createtable(L, rank, 0);
    for (int i = 0; i < rank; i++) {
      lua_pushinteger(L, (lua_Integer)shape[i]);
      lua_rawseti(L, -2, i + 1);
    }
  } else {
    lua_pushnil(L);
  }
  return 1;
}

/* Upvalue 1: the methods. */
static int tensor_index(lua_State *L) {
  if (lua_type(L, 2) == LUA_TNUMBER) {
    moon_tensor *t = ml_check_tensor(L, 1);
    if (moon_tensor_rank(t) == 0) luaL_error(L, "a tensor of rank 0 has no index; take item()");
    size_t i = ml_check_index(L, 2, t, 0);
    if (moon_tensor_rank(t) > 1) return push_selected(L, i);
    ml_push_element(L, t, &i);
    return 1;
  }
  lua_pushvalue(L, 2);
  lua_rawget(L, lua_upvalueindex(1));
  if (!lua_isnil(L, -1) || lua_type(L, 2) != LUA_TSTRING) return 1;
  return push_field(L, ml_check_tensor(L, 1), lua_tostring(L, 2));
}

/* equals(u, tolerance): same shape, and no element differs by more than tolerance (0 if not
** given), whatever the dtypes. A NaN equals nothing, infinities equal themselves. */
static int tensor_equals(lua_State *L) {
  moon_tensor *t = ml_check_tensor(L, 1), *u = ml_check_tensor(L, 2);
  double tolerance = luaL_optnumber(L, 3, 0);
  int rank = moon_tensor_rank(t);
  const size_t *shape = moon_tensor_shape(t);
  size_t index[MOON_MAX_RANK] = {0};
  bool equal = rank == moon_tensor_rank(u);
  for (int i = 0; equal && i < rank; i++) equal = shape[i] == moon_tensor_shape(u)[i];
  size_t left = equal ? moon_tensor_count(t) : 0;
  for (; equal && left > 0; left--) {
    double a, b;
    moon_tensor_get(t, index, &a, NULL);
    moon_tensor_get(u, index, &b, NULL);
    equal = a == b || fabs(a - b) <= tolerance;
    for (int i = rank; i-- > 0 && ++index[i] == shape[i];) index[i] = 0;
  }
  lua_pushboolean(L, equal);
  return 1;
}

/* ---- writing ---- */

/* The tensor at index `to` := the value in argument arg: a number, a tensor or a table that repeats
** to its shape. */
static void assign(lua_State *L, int to, int arg) {
  moon_error err;
  moon_tensor *t = ml_check_tensor(L, to), *view;
  if (lua_type(L, arg) == LUA_TNUMBER) {
    ml_try(L, moon_tensor_fill(t, lua_tonumber(L, arg), &err), &err);
    return;
  }
  if (lua_type(L, arg) == LUA_TTABLE) {
    ml_push_from_table(L, arg, moon_tensor_dtype(t));
    arg = lua_gettop(L);
  }
  ml_box *box = ml_box_new(L, ML_TENSOR);
  const moon_tensor *source = ml_check_tensor(L, arg);
  t = ml_check_tensor(L, to);
  ml_try(L, moon_tensor_expand(source, moon_tensor_rank(t), moon_tensor_shape(t), &view, &err),
         &err);
  ml_fill_view(L, box, view);
  ml_try(L, moon_tensor_copy(t, view, &err), &err);
}

static int tensor_newindex(lua_State *L) {
  moon_tensor *t = ml_check_tensor(L, 1);
  moon_error err;
  if (lua_type(L, 2) != LUA_TNUMBER)
    luaL_error(L, "only the elements of a tensor can be set, not %s",
               lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2));
  if (moon_tensor_rank(t) == 0) luaL_error(L, "a tensor of rank 0 has no index; use fill");
  size_t i = ml_check_index(L, 2, t, 0);
  if (moon_tensor_rank(t) == 1 && lua_type(L, 3) == LUA_TNUMBER) {
    ml_try(L, moon_tensor_set(t, &i, lua_tonumber(L, 3), &err), &err);
    return 0;
  }
  push_selected(L, i);
  assign(L, lua_gettop(L), 3);
  return 0;
}

static int tensor_set(lua_State *L) {
  moon_tensor *t = ml_check_tensor(L, 1);
  size_t index[MOON_MAX_RANK];
  moon_error err;
  int top = lua_gettop(L);
  if (top < 2) luaL_error(L, "set: the value is missing");
  check_full_index(L, t, top - 2, index);
  ml_try(L, moon_tensor_set(t, index, luaL_checknumber(L, top), &err), &err);
  lua_settop(L, 1);
  return 1;
}

static int tensor_fill(lua_State *L) {
  moon_error err;
  ml_try(L, moon_tensor_fill(ml_check_tensor(L, 1), luaL_checknumber(L, 2), &err), &err);
  lua_settop(L, 1);
  return 1;
}

/* copy(u): u is a tensor, or a table, that repeats to t's shape; gives t. */
static int tensor_copy(lua_State *L) {
  luaL_checkany(L, 2);
  assign(L, 1, 2);
  lua_settop(L, 1);
  return 1;
}

/* to(dtype): a copy; clone(): a copy in the same dtype. */
static int push_converted(lua_State *L, moon_dtype dtype) {
  ml_box *box = ml_result(L, 1);
  moon_tensor *copy;
  moon_error err;
  ml_try(L, moon_tensor_to(ml_check_tensor(L, 1), dtype, &copy, &err), &err);
  ml_fill_tensor(L, box, copy);
  return 1;
}

static int tensor_to(lua_State *L) {
  ml_check_tensor(L, 1);
  return push_converted(L, ml_check_dtype(L, luaL_checkstring(L, 2)));
}

static int tensor_clone(lua_State *L) {
  return push_converted(L, moon_tensor_dtype(ml_check_tensor(L, 1)));
}

static int tensor_close(lua_State *L) {
  ml_box *box = luaL_checkudata(L, 1, ML_TENSOR);
  moon_tensor_free(box->object);
  box->object = NULL;
  return 0;
}

/* ---- table of contents ---- */

static const luaL_Reg methods[] = {
  {"get", tensor_get}, {"set", tensor_set}, {"fill", tensor_fill}, {"copy", tensor_copy},
  {"item", tensor_item}, {"totable", ml_tensor_totable}, {"count", tensor_count},
  {"is_contiguous", tensor_is_contiguous}, {"to", tensor_to}, {"clone", tensor_clone},
  {"equals", tensor_equals}, {NULL, NULL},
};
static const luaL_Reg meta[] = {
  {"__newindex", tensor_newindex}, {"__len", tensor_len}, {"__tostring", ml_tensor_tostring},
  {NULL, NULL},
};
static const luaL_Reg functions[] = {
  {"tensor", make_tensor}, {"zeros", make_zeros}, {"ones", make_ones}, {"full", make_full},
  {"arange", make_arange}, {"randn", make_randn}, {NULL, NULL},
};

void ml_open_tensor(lua_State *L) {
  luaL_setfuncs(L, functions, 0);
  luaL_setfuncs(L, ml_tensor_files, 0);
  ml_type(L, ML_TENSOR, methods, meta, tensor_close);
  luaL_getmetatable(L, ML_TENSOR);
  luaL_setfuncs(L, ml_tensor_arithmetic, 0);
  lua_getfield(L, -1, "__index");
  luaL_setfuncs(L, ml_tensor_ops, 0);
  luaL_setfuncs(L, ml_tensor_views, 0);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "methods");
  lua_pushcclosure(L, tensor_index, 1);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
