/* tensor_text.c: tensors from nested tables, to nested tables, and to text.
**
** How: the shape of a nested table is read along its first elements; then every table must have
**   the length that the shape says, and the sentence of a failure names the place. Tables are
**   read raw, so no metamethod runs in between.
** Text: "f32 (2, 3)" and, of two elements or more, their statistics; then the values, aligned, of
**   long dims the beginning and the end. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lua/tensor.h"

enum { SHOWN = 8, SLICES = 4, CELL = 32 };

/* ---- nested tables ---- */

/* Pushes "[2][1]". */
static const char *push_place(lua_State *L, const size_t *index, int depth) {
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  for (int i = 0; i < depth; i++) {
    char part[32];
    snprintf(part, sizeof part, "[%zu]", index[i] + 1);
    luaL_addstring(&text, part);
  }
  luaL_pushresult(&text);
  return lua_tostring(L, -1);
}

static int measure(lua_State *L, int arg, size_t shape[MOON_MAX_RANK]) {
  int rank = 0;
  lua_pushvalue(L, arg);
  while (lua_type(L, -1) == LUA_TTABLE) {
    if (rank == MOON_MAX_RANK)
      luaL_error(L, "tensor: tables nested deeper than %d dims", MOON_MAX_RANK);
    size_t n = lua_rawlen(L, -1);
    shape[rank++] = n;
    if (n == 0) break;
    lua_rawgeti(L, -1, 1);
    lua_remove(L, -2);
  }
  lua_pop(L, 1);
  return rank;
}

/* The value on top belongs at index[0..depth). */
static void read_number(lua_State *L, moon_tensor *t, const size_t *index, int depth) {
  const char *type = luaL_typename(L, -1);
  double value = lua_tonumber(L, -1);
  moon_error err;
  if (lua_type(L, -1) != LUA_TNUMBER)
    luaL_error(L, "tensor: element %s is a %s, expected a number", push_place(L, index, depth),
               type);
  if (moon_tensor_set(t, index, value, &err) != MOON_OK)
    luaL_error(L, "tensor: element %s: %s", push_place(L, index, depth), err.message);
}

static void read_level(lua_State *L, moon_tensor *t, size_t *index, int depth) {
  if (depth == moon_tensor_rank(t)) {
    read_number(L, t, index, depth);
    return;
  }
  size_t n = moon_tensor_shape(t)[depth], found = lua_rawlen(L, -1);
  const char *type = luaL_typename(L, -1);
  if (lua_type(L, -1) != LUA_TTABLE)
    luaL_error(L, "tensor: element %s is a %s, expected a table of %d",
               push_place(L, index, depth), type, (int)n);
  if (found != n)
    luaL_error(L, "tensor: %s has %d elements, expected %d", push_place(L, index, depth),
               (int)found, (int)n);
  for (size_t i = 0; i < n; i++) {
    index[depth] = i;
    lua_rawgeti(L, -1, (int)i + 1);
    read_level(L, t, index, depth + 1);
    lua_pop(L, 1);
  }
}

moon_tensor *ml_push_from_table(lua_State *L, int arg, moon_dtype dtype) {
  size_t shape[MOON_MAX_RANK], index[MOON_MAX_RANK] = {0};
  arg = lua_absindex(L, arg);
  luaL_checkstack(L, 2 * MOON_MAX_RANK, "nested tables");
  int type = lua_type(L, arg);
  if (type != LUA_TTABLE && type != LUA_TNUMBER)
    luaL_error(L, "tensor: expected a number or nested tables of numbers, got a %s",
               luaL_typename(L, arg));
  int rank = measure(L, arg, shape);
  moon_tensor *t;
  moon_error err;
  ml_box *box = ml_box_new(L, ML_TENSOR);
  ml_try(L, moon_tensor_new(ml_engine(L), dtype, rank, shape, &t, &err), &err);
  ml_fill_tensor(L, box, t);
  lua_pushvalue(L, arg);
  read_level(L, t, index, 0);
  lua_pop(L, 1);
  return t;
}

static void push_level(lua_State *L, const moon_tensor *t, size_t *index, int depth) {
  if (depth == moon_tensor_rank(t)) {
    ml_push_element(L, t, index);
    return;
  }
  size_t n = moon_tensor_shape(t)[depth];
  lua_createtable(L, n < 1 << 20 ? (int)n : 1 << 20, 0);
  for (size_t i = 0; i < n; i++) {
    index[depth] = i;
    push_level(L, t, index, depth + 1);
    lua_rawseti(L, -2, (int)i + 1);
  }
}

int ml_tensor_totable(lua_State *L) {
  size_t index[MOON_MAX_RANK] = {0};
  lua_settop(L, 1);
  luaL_checkstack(L, 2 * MOON_MAX_RANK, "nested tables");
  push_level(L, ml_push_alias(L, 1), index, 0);
  return 1;
}

/* ---- text ---- */

/* The shown part is walked three times: to choose a format, to measure, to write. */
typedef enum pass { SURVEY, MEASURE, WRITE } pass;

typedef struct picture {
  const moon_tensor *t;
  int rank;
  const size_t *shape;
  pass pass;
  double largest, smallest;     /* SURVEY: of the magnitudes, 0 left out of the smallest */
  bool whole;                   /* SURVEY: all finite values are */
  const char *format;
  int width;                    /* MEASURE: of the widest cell */
  luaL_Buffer *out;             /* WRITE */
} picture;

/* Which of n places are shown: all of them, or both ends with a gap (-1) between. */
static int visible(size_t n, int most, long long places[SHOWN]) {
  if (n <= (size_t)most) {
    for (size_t i = 0; i < n; i++) places[i] = (long long)i;
    return (int)n;
  }
  int head = most / 2;
  for (int i = 0; i < most; i++)
    places[i] = i < head ? i : i == head ? -1 : (long long)n - (most - i);
  return most;
}

static void survey(picture *p, double value) {
  double size = fabs(value);
  if (!isfinite(value)) return;
  if (value != floor(value)) p->whole = false;
  if (size > p->largest) p->largest = size;
  if (size > 0 && size < p->smallest) p->smallest = size;
}

static void choose_format(picture *p) {
  if (p->whole && p->largest < 1e9) p->format = "%.0f";
  else if (p->largest < 1e5 && p->smallest >= 1e-3) p->format = "%.4f";
  else p->format = "%.4e";
}

static void write_text(picture *p, const char *text) {
  if (p->pass == WRITE) luaL_addstring(p->out, text);
}

static void cell(picture *p, const size_t *index) {
  char text[CELL], padded[2 * CELL];
  double value = 0;
  moon_tensor_get(p->t, index, &value, NULL);
  if (p->pass == SURVEY) {
    survey(p, value);
    return;
  }
  if (isnan(value)) strcpy(text, "nan");
  else if (isinf(value)) strcpy(text, value < 0 ? "-inf" : "inf");
  else snprintf(text, CELL, p->format, value);
  int width = (int)strlen(text);
  if (p->pass == MEASURE && width > p->width) p->width = width;
  snprintf(padded, sizeof padded, " %*s", p->width, text);
  write_text(p, padded);
}

/* The matrix, row or number whose leading index is set. */
static void matrix(picture *p, size_t *index) {
  long long rows[SHOWN] = {0}, cols[SHOWN] = {0};
  int n_rows = p->rank > 1 ? visible(p->shape[p->rank - 2], SHOWN, rows) : 1;
  int n_cols = p->rank > 0 ? visible(p->shape[p->rank - 1], SHOWN, cols) : 1;
  for (int i = 0; i < n_rows; i++) {
    write_text(p, "\n");
    if (rows[i] < 0) {
      write_text(p, " ...");
      continue;
    }
    if (p->rank > 1) index[p->rank - 2] = (size_t)rows[i];
    for (int k = 0; k < n_cols; k++) {
      if (p->rank > 0) index[p->rank - 1] = (size_t)cols[k];
      if (cols[k] < 0) write_text(p, " ...");
      else cell(p, index);
    }
  }
}

/* Every matrix that is shown, under its leading index. */
static void walk(picture *p, pass now) {
  size_t index[MOON_MAX_RANK] = {0}, matrices = 1;
  long long places[SHOWN];
  p->pass = now;
  for (int i = 0; i < p->rank - 2; i++) matrices *= p->shape[i];
  int n = visible(matrices, SLICES, places);
  for (int i = 0; i < n; i++) {
    if (places[i] < 0) {
      write_text(p, "\n...");
      continue;
    }
    size_t rest = (size_t)places[i];
    for (int k = p->rank - 2; k-- > 0; rest /= p->shape[k]) index[k] = rest % p->shape[k];
    for (int k = 0; k < p->rank - 2; k++) {
      char part[32];
      snprintf(part, sizeof part, "%s%zu", k ? ", " : "\n[", index[k] + 1);
      write_text(p, part);
    }
    if (p->rank > 2) write_text(p, "]");
    matrix(p, index);
  }
}

static void add_header(luaL_Buffer *out, const moon_tensor *t) {
  int rank = moon_tensor_rank(t);
  luaL_addstring(out, moon_dtype_name(moon_tensor_dtype(t)));
  for (int i = 0; i < rank; i++) {
    char part[32];
    snprintf(part, sizeof part, "%s%zu", i ? ", " : " (", moon_tensor_shape(t)[i]);
    luaL_addstring(out, part);
  }
  luaL_addstring(out, rank ? ")" : " ()");
}

/* ": min -2, max 3.5, mean 0.25, std 1.2, 1 nan" */
static void add_statistics(luaL_Buffer *out, const moon_tensor *t) {
  const moon_statistics s = moon_tensor_statistics(t);
  const char *separator = ": ";
  char part[128];
  if (s.finite) {
    snprintf(part, sizeof part, "%smin %.4g, max %.4g, mean %.4g, std %.4g", separator, s.min,
             s.max, s.mean, s.std);
    luaL_addstring(out, part);
    separator = ", ";
  }
  if (s.nan) {
    snprintf(part, sizeof part, "%s%zu nan", separator, s.nan);
    luaL_addstring(out, part);
    separator = ", ";
  }
  if (s.inf) {
    snprintf(part, sizeof part, "%s%zu inf", separator, s.inf);
    luaL_addstring(out, part);
  }
}

const char *ml_push_header(lua_State *L, const moon_tensor *t) {
  luaL_Buffer out;
  luaL_buffinit(L, &out);
  add_header(&out, t);
  luaL_pushresult(&out);
  return lua_tostring(L, -1);
}

int ml_tensor_tostring(lua_State *L) {
  const ml_box *box = luaL_checkudata(L, 1, ML_TENSOR);
  if (!box->object) {
    lua_pushliteral(L, "moonlet.tensor (closed)");
    return 1;
  }
  const moon_tensor *t = ml_push_alias(L, 1);
  picture p = {.t = t, .rank = moon_tensor_rank(t), .shape = moon_tensor_shape(t),
               .smallest = INFINITY, .whole = true};
  luaL_Buffer out;
  luaL_buffinit(L, &out);
  add_header(&out, t);
  if (moon_tensor_count(t) > 1) add_statistics(&out, t);
  p.out = &out;
  if (moon_tensor_count(t) > 0) {
    walk(&p, SURVEY);
    choose_format(&p);
    walk(&p, MEASURE);
    walk(&p, WRITE);
  }
  luaL_pushresult(&out);
  return 1;
}
