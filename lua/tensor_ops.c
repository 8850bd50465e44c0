/* tensor_ops.c: arithmetic, reductions, products and views as methods of the tensor.
**
** Every result is born as an empty box on the stack and filled when core has made it; the operands
** are taken in between. A Lua number beside a tensor becomes a tensor of rank 0: i32 when both are
** whole, f32 otherwise. */
#include "lua/tensor.h"

#include <stdint.h>

/* ---- arithmetic ---- */

/* Makes a number in argument arg a tensor, in the other operand's spirit. */
static void make_operand(lua_State *L, int arg, int other_arg) {
  if (lua_type(L, arg) != LUA_TNUMBER) return;
  const moon_tensor *other = ml_check_tensor(L, other_arg);
  double value = lua_tonumber(L, arg);
  bool whole = lua_isinteger(L, arg) && value >= INT32_MIN && value <= INT32_MAX &&
               (moon_tensor_dtype(other) == MOON_I32 || moon_tensor_dtype(other) == MOON_I8);
  moon_tensor *t;
  moon_error err;
  ml_box *box = ml_box_new(L, ML_TENSOR);
  ml_try(L, moon_tensor_new(ml_engine(L), whole ? MOON_I32 : MOON_F32, 0, NULL, &t, &err), &err);
  ml_fill_view(L, box, t);
  ml_try(L, moon_tensor_fill(t, value, &err), &err);
  lua_replace(L, arg);
}

static int binary(lua_State *L, moon_binary op) {
  make_operand(L, 1, 2);
  make_operand(L, 2, 1);
  ml_box *box = ml_result(L, 2);
  moon_tensor *a = ml_check_tensor(L, 1), *b = ml_check_tensor(L, 2), *result;
  moon_error err;
  ml_try(L, moon_tensor_binary(op, a, b, &result, &err), &err);
  ml_fill_tensor(L, box, result);
  return 1;
}

static int unary(lua_State *L, moon_unary op) {
  ml_box *box = ml_result(L, 1);
  moon_tensor *t = ml_check_tensor(L, 1), *result;
  moon_error err;
  ml_try(L, moon_tensor_unary(op, t, &result, &err), &err);
  ml_fill_tensor(L, box, result);
  return 1;
}

static int op_add(lua_State *L) { return binary(L, MOON_ADD); }
static int op_sub(lua_State *L) { return binary(L, MOON_SUB); }
static int op_mul(lua_State *L) { return binary(L, MOON_MUL); }
static int op_div(lua_State *L) { return binary(L, MOON_DIV); }
static int op_pow(lua_State *L) { return binary(L, MOON_POW); }
static int op_minimum(lua_State *L) { return binary(L, MOON_MIN); }
static int op_maximum(lua_State *L) { return binary(L, MOON_MAX); }
static int op_neg(lua_State *L) { return unary(L, MOON_NEG); }
static int op_abs(lua_State *L) { return unary(L, MOON_ABS); }
static int op_exp(lua_State *L) { return unary(L, MOON_EXP); }
static int op_log(lua_State *L) { return unary(L, MOON_LOG); }
static int op_sqrt(lua_State *L) { return unary(L, MOON_SQRT); }
static int op_tanh(lua_State *L) { return unary(L, MOON_TANH); }
static int op_sigmoid(lua_State *L) { return unary(L, MOON_SIGMOID); }
static int op_silu(lua_State *L) { return unary(L, MOON_SILU); }

static int op_matmul(lua_State *L) {
  ml_box *box = ml_result(L, 2);
  moon_tensor *a = ml_check_tensor(L, 1), *b = ml_check_tensor(L, 2), *result;
  moon_error err;
  ml_try(L, moon_tensor_matmul(a, b, &result, &err), &err);
  ml_fill_tensor(L, box, result);
  return 1;
}

/* ---- reductions ---- */

enum { MOST_BINS = 1 << 20 };

/* sum(dim), mean(dim), max(dim): over one dim, which goes; without dim over all, to rank 0. */
static int reduce(lua_State *L, moon_reduction op) {
  ml_box *box = ml_result(L, 2);
  moon_tensor *t = ml_check_tensor(L, 1), *result;
  int dim = lua_isnil(L, 2) ? -1 : ml_check_dim(L, 2, t);
  moon_error err;
  ml_try(L, moon_tensor_reduce(op, t, dim, &result, &err), &err);
  ml_fill_tensor(L, box, result);
  return 1;
}

/* Core's positions, on top of the stack, become Lua's: from 1. */
static void count_from_one(lua_State *L) {
  moon_tensor *positions = ml_check_tensor(L, -1), *one, *result;       /* the stack's own */
  moon_error err;
  ml_box *one_box = ml_box_new(L, ML_TENSOR);
  ml_try(L, moon_tensor_new(ml_engine(L), MOON_I32, 0, NULL, &one, &err), &err);
  ml_fill_view(L, one_box, one);
  ml_try(L, moon_tensor_fill(one, 1, &err), &err);
  ml_box *box = ml_box_new(L, ML_TENSOR);
  ml_try(L, moon_tensor_binary(MOON_ADD, positions, one, &result, &err), &err);
  ml_fill_tensor(L, box, result);
  lua_replace(L, -3);
  lua_pop(L, 1);
}

static int op_sum(lua_State *L) { return reduce(L, MOON_SUM); }
static int op_mean(lua_State *L) { return reduce(L, MOON_MEAN); }
static int op_max(lua_State *L) { return reduce(L, MOON_MAXIMUM); }
static int op_argmax(lua_State *L) {
  reduce(L, MOON_ARGMAX);
  count_from_one(L);
  return 1;
}

/* A count as an integer field; a number beyond lua_Integer cannot be one of elements. */
static void set_count(lua_State *L, const char *name, size_t n) {
  lua_pushinteger(L, (lua_Integer)n);
  lua_setfield(L, -2, name);
}

static void set_number(lua_State *L, const char *name, double x) {
  lua_pushnumber(L, (lua_Number)x);
  lua_setfield(L, -2, name);
}

/* statistics(): { finite, nan, inf, min, max, mean, std }, the last four where any are finite. */
static int op_statistics(lua_State *L) {
  const moon_statistics s = moon_tensor_statistics(ml_check_tensor(L, 1));
  lua_createtable(L, 0, 7);
  set_count(L, "finite", s.finite);
  set_count(L, "nan", s.nan);
  set_count(L, "inf", s.inf);
  if (s.finite == 0) return 1;
  set_number(L, "min", s.min);
  set_number(L, "max", s.max);
  set_number(L, "mean", s.mean);
  set_number(L, "std", s.std);
  return 1;
}

/* histogram(bins): how many elements lie in each of so many equal parts of their range, the range's
** ends; NaN and infinities are in none. */
static int op_histogram(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, ML_TENSOR);
  lua_Integer bins = luaL_checkinteger(L, 2);
  if (bins < 1 || bins > MOST_BINS)
    luaL_error(L, "histogram: %d bins, expected 1 to %d", ml_shown(bins), MOST_BINS);
  size_t *counts = lua_newuserdatauv(L, (size_t)bins * sizeof *counts, 0);
  const moon_tensor *t = ml_take(L, self);
  const moon_statistics s = moon_tensor_statistics(t);
  double least = s.finite ? s.min : 0, most = s.finite ? s.max : 0;
  moon_error err;
  ml_try(L, moon_tensor_histogram(t, least, most, (size_t)bins, counts, &err), &err);
  lua_createtable(L, (int)bins, 0);
  for (lua_Integer i = 0; i < bins; i++) {
    lua_pushinteger(L, (lua_Integer)counts[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_pushnumber(L, (lua_Number)least);
  lua_pushnumber(L, (lua_Number)most);
  return 3;
}

/* softmax(dim): along the last dim if not given. */
static int op_softmax(lua_State *L) {
  ml_box *box = ml_result(L, 2);
  moon_tensor *t = ml_check_tensor(L, 1), *result;
  int dim = lua_isnil(L, 2) ? moon_tensor_rank(t) - 1 : ml_check_dim(L, 2, t);
  moon_error err;
  ml_try(L, moon_tensor_softmax(t, dim, &result, &err), &err);
  ml_fill_tensor(L, box, result);
  return 1;
}

/* topk(k): values, positions of the k largest along the last dim, best first. */
static int op_topk(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, ML_TENSOR);
  lua_Integer k = luaL_checkinteger(L, 2);
  if (k < 0) luaL_error(L, "topk: k is %d, expected 0 or more", ml_shown(k));
  moon_error err;
  ml_box *values_box = ml_result(L, 2), *positions_box = ml_box_new(L, ML_TENSOR);
  moon_tensor *t = ml_take(L, self), *values, *positions;
  ml_try(L, moon_tensor_topk(t, (size_t)k, &values, &positions, &err), &err);
  values_box->object = values;          /* both are owned before the collector may run */
  positions_box->object = positions;
  ml_fill_tensor(L, values_box, values);
  ml_fill_tensor(L, positions_box, positions);
  count_from_one(L);
  return 2;
}

const luaL_Reg ml_tensor_ops[] = {
  {"minimum", op_minimum}, {"maximum", op_maximum}, {"abs", op_abs}, {"exp", op_exp},
  {"log", op_log}, {"sqrt", op_sqrt}, {"tanh", op_tanh}, {"sigmoid", op_sigmoid},
  {"silu", op_silu}, {"matmul", op_matmul}, {"sum", op_sum}, {"mean", op_mean}, {"max", op_max},
  {"argmax", op_argmax}, {"softmax", op_softmax}, {"topk", op_topk},
  {"statistics", op_statistics}, {"histogram", op_histogram}, {NULL, NULL},
};

const luaL_Reg ml_tensor_arithmetic[] = {
  {"__add", op_add}, {"__sub", op_sub}, {"__mul", op_mul}, {"__div", op_div}, {"__pow", op_pow},
  {"__unm", op_neg}, {NULL, NULL},
};

/* ---- views ---- */

/* view(...), expand(...): sizes as arguments or as one table; in a view one may be -1. */
static int view_view(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, ML_TENSOR);
  size_t shape[MOON_MAX_RANK];
  int rank = ml_check_shape(L, 2, lua_gettop(L), true, shape);
  ml_box *box = ml_result(L, 1);
  moon_tensor *view;
  moon_error err;
  ml_try(L, moon_tensor_view(ml_take(L, self), rank, shape, &view, &err), &err);
  ml_fill_view(L, box, view);
  return 1;
}

static int view_expand(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, ML_TENSOR);
  size_t shape[MOON_MAX_RANK];
  int rank = ml_check_shape(L, 2, lua_gettop(L), false, shape);
  ml_box *box = ml_result(L, 1);
  moon_tensor *view;
  moon_error err;
  ml_try(L, moon_tensor_expand(ml_take(L, self), rank, shape, &view, &err), &err);
  ml_fill_view(L, box, view);
  return 1;
}

static int fill_transposed(lua_State *L, ml_box *box, const moon_tensor *t, int a, int b) {
  moon_tensor *view;
  moon_error err;
  ml_try(L, moon_tensor_transpose(t, a, b, &view, &err), &err);
  ml_fill_view(L, box, view);
  return 1;
}

static int view_transpose(lua_State *L) {
  ml_box *box = ml_result(L, 3);
  moon_tensor *t = ml_check_tensor(L, 1);
  return fill_transposed(L, box, t, ml_check_dim(L, 2, t), ml_check_dim(L, 3, t));
}

static int view_t(lua_State *L) {
  ml_box *box = ml_result(L, 1);
  moon_tensor *t = ml_check_tensor(L, 1);
  if (moon_tensor_rank(t) != 2)
    luaL_error(L, "t: wants a tensor of rank 2, not %s; see transpose", ml_push_header(L, t));
  return fill_transposed(L, box, t, 0, 1);
}

/* narrow(dim, first, n): n positions of dim from first on. */
static int view_narrow(lua_State *L) {
  ml_box *box = ml_result(L, 4);
  moon_tensor *t = ml_check_tensor(L, 1), *view;
  int dim = ml_check_dim(L, 2, t);
  lua_Integer size = (lua_Integer)moon_tensor_shape(t)[dim];
  lua_Integer first = luaL_checkinteger(L, 3), n = luaL_checkinteger(L, 4);
  lua_Integer from = first < 0 ? size + first : first - 1;
  if (first == 0 || from < 0 || n < 0 || n > size || from > size - n)
    luaL_error(L, "narrow: %d from position %d on is outside dim %d of %s", ml_shown(n),
               ml_shown(first), dim + 1, ml_push_header(L, t));
  moon_error err;
  ml_try(L, moon_tensor_narrow(t, dim, (size_t)from, (size_t)n, &view, &err), &err);
  ml_fill_view(L, box, view);
  return 1;
}

static int view_select(lua_State *L) {
  ml_box *box = ml_result(L, 3);
  moon_tensor *t = ml_check_tensor(L, 1), *view;
  int dim = ml_check_dim(L, 2, t);
  size_t index = ml_check_index(L, 3, t, dim);
  moon_error err;
  ml_try(L, moon_tensor_select(t, dim, index, &view, &err), &err);
  ml_fill_view(L, box, view);
  return 1;
}

/* contiguous(): a view if t already is, otherwise a copy. */
static int view_contiguous(lua_State *L) {
  ml_box *box = ml_result(L, 1);
  moon_tensor *t = ml_check_tensor(L, 1), *result;
  bool already = moon_tensor_is_contiguous(t);
  moon_error err;
  ml_try(L, moon_tensor_contiguous(t, &result, &err), &err);
  if (already) ml_fill_view(L, box, result);
  else ml_fill_tensor(L, box, result);
  return 1;
}

const luaL_Reg ml_tensor_views[] = {
  {"view", view_view}, {"expand", view_expand}, {"transpose", view_transpose}, {"t", view_t},
  {"narrow", view_narrow}, {"select", view_select}, {"contiguous", view_contiguous},
  {NULL, NULL},
};
