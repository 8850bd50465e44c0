/* debug_quant.c: moonlet.debug.quant, the specs' window on blocks of 8 and 4 bits, the formats that
** ours are compared with, and one round of training code books.
**
** Arrays of numbers are strings of f32. Not part of the shipped module. */
#include <math.h>
#include <string.h>

#include "core/tensor/quant.h"
#include "core/tensor/quant_search.h"
#include "core/tensor/tensor.h"
#include "kernels/half.h"
#include "lua/border.h"

static moon_dtype check_dtype(lua_State *L, int arg) {
  moon_dtype dtype;
  if (!moon_dtype_find(luaL_checkstring(L, arg), &dtype)) luaL_error(L, "no such dtype");
  return dtype;
}

/* bytes(type, rows, n) -> size, or nil */
static int bytes_of(lua_State *L) {
  size_t bytes;
  if (mn_quant_bytes(check_dtype(L, 1), (size_t)luaL_checkinteger(L, 2),
                     (size_t)luaL_checkinteger(L, 3), &bytes))
    lua_pushinteger(L, (lua_Integer)bytes);
  else lua_pushnil(L);
  return 1;
}

/* The feedback of inputs (T, n), a string of f32, solved; its arrays are on the stack. */
static mn_feedback new_feedback(lua_State *L, int arg, const moon_engine *engine, size_t n) {
  size_t len;
  const char *inputs = luaL_checklstring(L, arg, &len);
  luaL_argcheck(L, n > 0 && len % (n * sizeof(float)) == 0, arg, "inputs of another width");
  float *x = lua_newuserdatauv(L, len + 1, 0);
  memcpy(x, inputs, len);
  mn_feedback f = {.n = n};
  f.factor = lua_newuserdatauv(L, n * n * sizeof(float), 0);
  f.importance = lua_newuserdatauv(L, n * sizeof(float), 0);
  f.scratch = lua_newuserdatauv(L, n * MK_QBLOCK * sizeof(float), 0);
  mn_feedback_clear(&f);
  mn_feedback_add(engine, &f, x, len / sizeof(float) / n);
  if (!mn_feedback_solve(engine, &f)) luaL_error(L, "inputs that are not finite");
  return f;
}

static moon_engine *new_engine(lua_State *L, int threads) {
  moon_engine_options options = moon_engine_defaults();
  moon_engine *engine;
  moon_error err;
  options.threads = threads;
  if (moon_engine_open(&options, &engine, &err) != MOON_OK) luaL_error(L, err.message);
  return engine;
}

/* feedback(inputs, n, threads) -> factor (n, n), importance (n) */
static int feedback(lua_State *L) {
  size_t n = (size_t)luaL_checkinteger(L, 2);
  moon_engine *engine = new_engine(L, (int)luaL_checkinteger(L, 3));
  mn_feedback f = new_feedback(L, 1, engine, n);
  moon_engine_close(engine);
  lua_pushlstring(L, (const char *)f.factor, n * n * sizeof(float));
  lua_pushlstring(L, (const char *)f.importance, n * sizeof(float));
  return 2;
}

/* quantize(numbers, type of the numbers, rows, n, type, threads, inputs) -> bytes | nil, message,
** code. Without inputs there is no feedback. */
static int quantize_matrix(lua_State *L) {
  size_t len, bytes = 0;
  mn_matrix w = {.bytes = luaL_checklstring(L, 1, &len), .dtype = check_dtype(L, 2),
                 .rows = (size_t)luaL_checkinteger(L, 3), .n = (size_t)luaL_checkinteger(L, 4)};
  moon_dtype to = check_dtype(L, 5);
  luaL_argcheck(L, len == w.rows * w.n * moon_dtype_size(w.dtype), 1, "bytes of another shape");
  luaL_argcheck(L, mn_quant_bytes(to, w.rows, w.n, &bytes), 4, "no such matrix");
  moon_error err;
  moon_engine *engine = new_engine(L, (int)luaL_optinteger(L, 6, 1));
  bool fed = !lua_isnoneornil(L, 7);
  uint8_t *out = lua_newuserdatauv(L, bytes, 0);
  mn_feedback f = {0};
  if (fed) f = new_feedback(L, 7, engine, w.n);
  moon_status status = mn_quantize_matrix(engine, &w, fed ? &f : NULL, to, out, &err);
  moon_engine_close(engine);
  if (status != MOON_OK) {
    lua_pushnil(L);
    lua_pushstring(L, err.message);
    lua_pushstring(L, moon_status_name(status));
    return 3;
  }
  lua_pushlstring(L, (const char *)out, bytes);
  return 1;
}

/* dequantize(bytes, type, rows, n) -> numbers */
static int dequantize(lua_State *L) {
  size_t len, bytes;
  mn_matrix w = {.bytes = luaL_checklstring(L, 1, &len), .dtype = check_dtype(L, 2),
                 .rows = (size_t)luaL_checkinteger(L, 3), .n = (size_t)luaL_checkinteger(L, 4)};
  luaL_argcheck(L, mn_quant_bytes(w.dtype, w.rows, w.n, &bytes) && bytes == len, 1, "wrong size");
  float *y = lua_newuserdatauv(L, w.rows * w.n * sizeof *y, 0);
  for (size_t r = 0; r < w.rows; r++) mn_dequantize_row(&w, r, y + r * w.n);
  lua_pushlstring(L, (const char *)y, w.rows * w.n * sizeof *y);
  return 1;
}

/* widen(bytes, type) -> numbers */
static int widen(lua_State *L) {
  size_t len;
  const char *bytes = luaL_checklstring(L, 1, &len);
  moon_dtype dtype = check_dtype(L, 2);
  luaL_argcheck(L, moon_dtype_size(dtype) > 0, 2, "a type of single numbers expected");
  size_t n = len / moon_dtype_size(dtype);
  float *y = lua_newuserdatauv(L, n * sizeof *y + 1, 0);
  mn_widen(ml_engine(L), y, bytes, dtype, n);
  lua_pushlstring(L, (const char *)y, n * sizeof *y);
  return 1;
}

/* distance(x, y) -> sqrt(sum (x - y)^2 / sum x^2) */
static int distance(lua_State *L) {
  size_t len, other;
  const char *x = luaL_checklstring(L, 1, &len), *y = luaL_checklstring(L, 2, &other);
  luaL_argcheck(L, len == other, 2, "another length");
  double apart = 0, norm = 0;
  for (size_t i = 0; i + sizeof(float) <= len; i += sizeof(float)) {
    float a, b;
    memcpy(&a, x + i, sizeof a);
    memcpy(&b, y + i, sizeof b);
    apart += ((double)a - b) * ((double)a - b);
    norm += (double)a * a;
  }
  lua_pushnumber(L, sqrt(apart / norm));
  return 1;
}

/* ---- others' formats of 4.5 and 8.5 bits: codes and an f16 scale for 32 weights ---- */

static float as_f16(float x) { return mk_f32_of_f16(mk_f16_of_f32(x)); }

static float signed_max(const float *x) {
  float most = 0;
  for (int i = 0; i < MK_QBLOCK; i++) most = fabsf(x[i]) > fabsf(most) ? x[i] : most;
  return most;
}

/* Q4_0: levels -8 .. 7; the largest weight is -8. */
static void rival_q4_0(float *x) {
  float d = signed_max(x) / -8, inverse = d != 0 ? 1 / d : 0;
  for (int i = 0; i < MK_QBLOCK; i++) {
    float q = floorf(x[i] * inverse + 8.5f);
    x[i] = as_f16(d) * ((q < 0 ? 0 : q > 15 ? 15 : q) - 8);
  }
}

static float nearest(const float *levels, float x) {
  int best = 0;
  for (int k = 1; k < 16; k++)
    if (fabsf(x - levels[k]) < fabsf(x - levels[best])) best = k;
  return levels[best];
}

/* IQ4_NL: one book of 16 uneven levels, the scale searched: 15 around the one that puts the largest
** weight on the first level, each refitted by least squares. */
static void rival_iq4_nl(float *x) {
  static const float levels[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                   1, 13, 25, 38, 53, 69, 89, 113};
  float most = signed_max(x), scale = 0, gain = 0;
  for (int t = -7; t <= 7 && most != 0; t++) {
    float inverse = (levels[0] + (float)t) / most, xl = 0, ll = 0;
    for (int i = 0; i < MK_QBLOCK; i++) {
      float level = nearest(levels, x[i] * inverse);
      xl += x[i] * level;
      ll += level * level;
    }
    if (ll > 0 && xl * xl / ll > gain) {
      gain = xl * xl / ll;
      scale = as_f16(xl / ll);
    }
  }
  for (int i = 0; i < MK_QBLOCK; i++)
    x[i] = scale != 0 ? scale * nearest(levels, x[i] / scale) : 0;
}

/* Q8_0: the largest weight is 127. */
static void rival_q8_0(float *x) {
  float d = fabsf(signed_max(x)) / 127, inverse = d != 0 ? 1 / d : 0;
  for (int i = 0; i < MK_QBLOCK; i++) x[i] = as_f16(d) * roundf(x[i] * inverse);
}

/* rival(name, numbers) -> what the format keeps of them */
static int rival(lua_State *L) {
  static const char *const names[] = {"q4_0", "iq4_nl", "q8_0", NULL};
  static void (*const formats[])(float *) = {rival_q4_0, rival_iq4_nl, rival_q8_0};
  int which = luaL_checkoption(L, 1, NULL, names);
  size_t len;
  const char *numbers = luaL_checklstring(L, 2, &len);
  luaL_argcheck(L, len % (MK_QBLOCK * sizeof(float)) == 0, 2, "whole blocks of 32 expected");
  float *x = lua_newuserdatauv(L, len + 1, 0);
  memcpy(x, numbers, len);
  for (size_t i = 0; i < len / sizeof *x; i += MK_QBLOCK)
    formats[which](x + i);
  lua_pushlstring(L, (const char *)x, len);
  return 1;
}

/* ---- training code books ---- */

/* round(numbers, levels {{16} x 4}) -> squared error, {{16} x 4}: the levels that would have
** served the same assignment best: sum of scale * x / sum of scale^2 over a level's weights. */
static int train_round(lua_State *L) {
  size_t len;
  const char *numbers = luaL_checklstring(L, 1, &len);
  float levels[MK_QBOOKS][16], x[MK_QBLOCK], alike[MK_QBLOCK];
  double up[MK_QBOOKS][16] = {{0}}, down[MK_QBOOKS][16] = {{0}}, error = 0;
  mn_books books;
  for (int b = 0; b < MK_QBOOKS; b++) {
    lua_rawgeti(L, 2, b + 1);
    for (int k = 0; k < 16; k++) {
      lua_rawgeti(L, -1, k + 1);
      levels[b][k] = (float)luaL_checknumber(L, -1);
      lua_pop(L, 1);
    }
    lua_pop(L, 1);
  }
  mn_books_set(&books, (const float (*)[16])levels);
  for (int i = 0; i < MK_QBLOCK; i++) alike[i] = 1;
  for (size_t at = 0; at + sizeof x <= len; at += sizeof x) {
    uint8_t codes[MK_QBLOCK];
    memcpy(x, numbers + at, sizeof x);
    mn_fit fit = mn_search_q4(&books, x, alike);
    mn_codes_q4(&books, fit, x, MK_QBLOCK, codes);
    for (int i = 0; i < MK_QBLOCK; i++) {
      double e = x[i] - (double)fit.scale * levels[fit.book][codes[i]];
      error += e * e;
      up[fit.book][codes[i]] += (double)fit.scale * x[i];
      down[fit.book][codes[i]] += (double)fit.scale * fit.scale;
    }
  }
  lua_pushnumber(L, error);
  lua_newtable(L);
  for (int b = 0; b < MK_QBOOKS; b++) {
    lua_newtable(L);
    for (int k = 0; k < 16; k++) {
      lua_pushnumber(L, down[b][k] > 0 ? up[b][k] / down[b][k] : levels[b][k]);
      lua_rawseti(L, -2, k + 1);
    }
    lua_rawseti(L, -2, b + 1);
  }
  return 2;
}

/* levels() -> the code books {{16} x 4} */
static int levels(lua_State *L) {
  lua_newtable(L);
  for (int b = 0; b < MK_QBOOKS; b++) {
    lua_newtable(L);
    for (int k = 0; k < 16; k++) {
      lua_pushinteger(L, mk_q4_levels[b][k]);
      lua_rawseti(L, -2, k + 1);
    }
    lua_rawseti(L, -2, b + 1);
  }
  return 1;
}

MOON_API int luaopen_moonlet_debug_quant(lua_State *L);
MOON_API int luaopen_moonlet_debug_quant(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"bytes", bytes_of}, {"feedback", feedback}, {"quantize", quantize_matrix},
    {"dequantize", dequantize},
    {"widen", widen}, {"distance", distance}, {"rival", rival}, {"round", train_round},
    {"levels", levels}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
