/* gguf.c: the header of a GGUF file, read and checked; see gguf.h.
**
** How: a cursor walks the header; it takes nothing that is not there, and every count is held
** against the least bytes that so many entries need before a table of that size is made.
** Strings and arrays are walked once, so that what a value's table entry says is known to be
** there. Invariant: after mn_gguf_read each value's and tensor's bytes lie inside the file.
** Not here: what keys and tensors mean (gguf_spans.c, core/model/gguf_model.c). */
#include "core/formats/gguf.h"

#include <string.h>

#include "core/base/size.h"
#include "kernels/half.h"

enum { KEY_MAX = 65535, ALIGN_MAX = 1 << 16 };
enum { LEAST_VALUE = 8 + 4 + 1, LEAST_TENSOR = 8 + 4 + 4 + 8, LEAST_STRING = 8 };

static const mn_ggml types[] = {
  {MN_GGML_F32, "F32", 1, 4, true}, {MN_GGML_F16, "F16", 1, 2, true},
  {MN_GGML_BF16, "BF16", 1, 2, true}, {MN_GGML_Q8_0, "Q8_0", 32, 34, true},
  {MN_GGML_Q4_0, "Q4_0", 32, 18, true}, {3, "Q4_1", 32, 20, false}, {6, "Q5_0", 32, 22, false},
  {7, "Q5_1", 32, 24, false}, {10, "Q2_K", 256, 84, false},
  {11, "Q3_K", 256, 110, false}, {12, "Q4_K", 256, 144, false}, {13, "Q5_K", 256, 176, false},
  {14, "Q6_K", 256, 210, false}, {15, "Q8_K", 256, 292, false}, {16, "IQ2_XXS", 256, 66, false},
  {17, "IQ2_XS", 256, 74, false}, {18, "IQ3_XXS", 256, 98, false}, {19, "IQ1_S", 256, 50, false},
  {20, "IQ4_NL", 32, 18, false}, {21, "IQ3_S", 256, 110, false}, {22, "IQ2_S", 256, 82, false},
  {23, "IQ4_XS", 256, 136, false}, {24, "I8", 1, 1, false}, {25, "I16", 1, 2, false},
  {26, "I32", 1, 4, false}, {27, "I64", 1, 8, false}, {28, "F64", 1, 8, false},
  {29, "IQ1_M", 256, 56, false}, {34, "TQ1_0", 256, 54, false}, {35, "TQ2_0", 256, 66, false},
  {39, "MXFP4", 32, 17, false}, {40, "NVFP4", 64, 36, false}, {41, "Q1_0", 128, 18, false},
  {42, "Q2_0", 64, 18, false},
};

const mn_ggml *mn_ggml_find(uint32_t type) {
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (types[i].type == type) return &types[i];
  return NULL;
}

/* Bytes of one element of a value; 0 for strings, arrays and what is no type. */
static size_t width_of(uint32_t type) {
  static const uint8_t widths[] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
  return type < sizeof widths ? widths[type] : 0;
}

/* ---- the cursor ---- */

typedef struct cursor {
  const uint8_t *bytes;
  size_t at, size;
  moon_error *err;
} cursor;

static moon_status cut_short(const cursor *c, const char *what) {
  return mn_fail(c->err, MOON_EFORMAT, "is cut short, or lies: %s at byte %zu of %zu", what, c->at,
                 c->size);
}

static uint64_t number_at(const uint8_t *bytes, size_t width) {
  uint64_t value = 0;
  for (size_t i = width; i > 0; i--) value = value << 8 | bytes[i - 1];
  return value;
}

static bool take(cursor *c, size_t width, uint64_t *value) {
  if (!mn_size_span(c->at, width, c->size)) return false;
  *value = number_at(c->bytes + c->at, width);
  c->at += width;
  return true;
}

static bool take_u32(cursor *c, uint32_t *value) {
  uint64_t wide;
  if (!take(c, 4, &wide)) return false;
  *value = (uint32_t)wide;
  return true;
}

/* A number of entries of at least so many bytes each. */
static bool take_count(cursor *c, size_t least, size_t *count) {
  uint64_t n;
  if (!take(c, 8, &n) || n > (c->size - c->at) / least) return false;
  *count = (size_t)n;
  return true;
}

static bool take_text(cursor *c, const char **text, size_t *len) {
  if (!take_count(c, 1, len)) return false;
  *text = (const char *)c->bytes + c->at;
  c->at += *len;
  return true;
}

/* ---- values ---- */

static moon_status read_elements(cursor *c, mn_gguf_value *v) {
  const char *text;
  size_t width = width_of(v->type), start = c->at, len;
  v->bytes = c->bytes + start;
  if (v->type == MN_GGUF_STRING) {
    for (size_t i = 0; i < v->count; i++)
      if (!take_text(c, &text, &len)) return cut_short(c, "wants a string");
  } else {
    if (!mn_size_mul(v->count, width, &len) || !mn_size_span(c->at, len, c->size))
      return cut_short(c, "wants a value");
    for (size_t i = 0; v->type == MN_GGUF_BOOL && i < len; i++)
      if (c->bytes[c->at + i] > 1) return cut_short(c, "wants 0 or 1 for a truth value");
    c->at += len;
  }
  v->size = c->at - start;
  return MOON_OK;
}

static moon_status read_value(cursor *c, mn_gguf_value *v) {
  uint32_t type;
  if (!take_text(c, &v->key, &v->key_len)) return cut_short(c, "wants a key");
  if (v->key_len == 0 || v->key_len > KEY_MAX || memchr(v->key, '\0', v->key_len))
    return mn_fail(c->err, MOON_EFORMAT, "has a key of %zu bytes, or with a NUL in it; wants 1 to "
                   "%d", v->key_len, KEY_MAX);
  if (!take_u32(c, &type)) return cut_short(c, "wants the type of a value");
  v->array = type == MN_GGUF_ARRAY;
  v->count = 1;
  if (v->array) {
    if (!take_u32(c, &type)) return cut_short(c, "wants the type of an array");
    if (type == MN_GGUF_ARRAY)
      return mn_fail(c->err, MOON_ESUPPORT, "'%s' is an array of arrays, which is not supported",
                     mn_show(v->key, v->key_len).text);
  }
  size_t width = type == MN_GGUF_STRING ? LEAST_STRING : width_of(type);
  if (width == 0)
    return mn_fail(c->err, MOON_EFORMAT, "'%s' is of the unknown type %u",
                   mn_show(v->key, v->key_len).text, (unsigned)type);
  v->type = (mn_gguf_type)type;
  if (v->array && !take_count(c, width, &v->count))
    return cut_short(c, "wants a count of elements that fits the file");
  return read_elements(c, v);
}

/* Sorted names of n things; a name that is there twice is an error. */
static moon_status refuse_twice(mn_name *names, size_t n, const char *what, moon_error *err) {
  mn_names_sort(names, n);
  const mn_name *twice = mn_names_twice(names, n);
  if (!twice) return MOON_OK;
  return mn_fail(err, MOON_EFORMAT, "has the %s '%s' twice", what,
                 mn_show(twice->text, twice->len).text);
}

static void *take_table(mn_arena *arena, size_t n, size_t size, moon_status *status,
                        moon_error *err) {
  size_t bytes;
  void *table = mn_size_mul(n, size, &bytes) ? mn_arena_take(arena, bytes) : NULL;
  if (!table) *status = mn_fail_memory(err, "GGUF header", n);
  return table;
}

static moon_status read_values(mn_arena *arena, cursor *c, mn_gguf *file) {
  moon_status status = MOON_OK;
  size_t n = file->n_values;
  mn_gguf_value *values = take_table(arena, n, sizeof *values, &status, c->err);
  mn_name *keys = take_table(arena, n, sizeof *keys, &status, c->err);
  for (size_t i = 0; i < n && status == MOON_OK; i++) {
    status = read_value(c, &values[i]);
    if (status == MOON_OK) keys[i] = (mn_name){values[i].key, values[i].key_len, &values[i]};
  }
  if (status == MOON_OK) status = refuse_twice(keys, n, "key", c->err);
  if (status != MOON_OK) return status;
  file->values = values;
  file->keys = keys;
  return MOON_OK;
}

/* ---- tensors ---- */

static moon_status read_shape(cursor *c, mn_gguf_tensor *t) {
  uint32_t rank, type;
  uint64_t dim;
  size_t elements = 1;
  if (!take_u32(c, &rank)) return cut_short(c, "wants a number of dims");
  if (rank < 1 || rank > MN_GGUF_DIMS)
    return mn_fail(c->err, MOON_EFORMAT, "tensor '%s' has %u dims; wants 1 to %d",
                   mn_show(t->name, strlen(t->name)).text, (unsigned)rank, MN_GGUF_DIMS);
  t->rank = (int)rank;
  for (int i = t->rank; i > 0; i--) {
    if (!take(c, 8, &dim)) return cut_short(c, "wants a dim");
    if (dim > INT64_MAX || !mn_size_mul(elements, (size_t)dim, &elements) || elements > INT64_MAX)
      return mn_fail(c->err, MOON_EFORMAT, "tensor '%s' has more weights than can be counted",
                     mn_show(t->name, strlen(t->name)).text);
    t->shape[i - 1] = (size_t)dim;
  }
  if (!take_u32(c, &type)) return cut_short(c, "wants the type of a tensor");
  t->type = mn_ggml_find(type);
  if (!t->type)
    return mn_fail(c->err, MOON_ESUPPORT, "tensor '%s' is of the unknown type %u",
                   mn_show(t->name, strlen(t->name)).text, (unsigned)type);
  if (t->shape[t->rank - 1] % t->type->block != 0)
    return mn_fail(c->err, MOON_EFORMAT, "tensor '%s' has rows of %zu weights, %s wants a multiple "
                   "of %zu", mn_show(t->name, strlen(t->name)).text, t->shape[t->rank - 1],
                   t->type->name, t->type->block);
  if (!mn_size_mul(elements / t->type->block, t->type->bytes, &t->size))
    return mn_fail(c->err, MOON_EFORMAT, "tensor '%s' has more bytes than can be counted",
                   mn_show(t->name, strlen(t->name)).text);
  return MOON_OK;
}

static moon_status read_tensor(mn_arena *arena, cursor *c, mn_gguf_tensor *t) {
  const char *text;
  size_t len;
  uint64_t offset;
  if (!take_text(c, &text, &len)) return cut_short(c, "wants a tensor's name");
  if (len == 0 || !mn_span_name_ok(text, len))
    return mn_fail(c->err, MOON_EFORMAT, "tensor '%s' has no name, one over %d bytes or with a NUL "
                   "in it", mn_show(text, len).text, MN_NAME_MAX);
  t->name = mn_arena_text(arena, text, len);
  if (!t->name) return mn_fail_memory(c->err, "a tensor's name", len);
  moon_status status = read_shape(c, t);
  if (status != MOON_OK) return status;
  if (!take(c, 8, &offset)) return cut_short(c, "wants a tensor's offset");
  if (offset > SIZE_MAX) return cut_short(c, "wants an offset in the file");
  t->offset = (size_t)offset;
  return MOON_OK;
}

static bool before(const void *a, const void *b) {
  const mn_gguf_tensor *x = *(const mn_gguf_tensor *const *)a;
  const mn_gguf_tensor *y = *(const mn_gguf_tensor *const *)b;
  return x->offset != y->offset ? x->offset < y->offset : x->size < y->size;
}

/* Tensors in the order of their data: each begins where the last one's padding ended. Padding
** behind the very last may be missing. */
static moon_status check_cover(const mn_gguf_tensor **order, size_t n, size_t align, size_t data,
                               moon_error *err) {
  size_t at = 0, end = 0;
  mn_sort(order, n, sizeof *order, before);
  for (size_t i = 0; i < n; i++) {
    const mn_gguf_tensor *t = order[i];
    mn_shown name = mn_show(t->name, strlen(t->name));
    if (t->offset != at)
      return mn_fail(err, MOON_EFORMAT, "tensor '%s' begins at %zu of the data, where %zu %s",
                     name.text, t->offset, at,
                     t->offset > at ? "leaves no hole" : "avoids an overlap");
    if (!mn_size_span(at, t->size, data))
      return mn_fail(err, MOON_EFORMAT, "tensor '%s' wants %zu bytes at %zu of the data, %zu are "
                     "there", name.text, t->size, at, data);
    end = at + t->size;
    if (!mn_size_align(end, align, &at)) return mn_fail(err, MOON_EFORMAT, "is too large");
  }
  if (data > at)
    return mn_fail(err, MOON_EFORMAT, "tensors cover %zu bytes of data, the file has %zu", at,
                   data);
  return MOON_OK;
}

static moon_status read_tensors(mn_arena *arena, cursor *c, mn_gguf *file) {
  moon_status status = MOON_OK;
  size_t n = file->n_tensors, data = 0;
  uint64_t align = MN_GGUF_ALIGN;
  const mn_gguf_value *value = mn_gguf_find(file, "general.alignment");
  if (value) align = value->type == MN_GGUF_U32 && !value->array ? number_at(value->bytes, 4) : 0;
  if (align == 0 || align > ALIGN_MAX || (align & (align - 1)) != 0)
    return mn_fail(c->err, MOON_EFORMAT, "'general.alignment' wants a u32, a power of two up to %d",
                   ALIGN_MAX);
  mn_gguf_tensor *tensors = take_table(arena, n, sizeof *tensors, &status, c->err);
  const mn_gguf_tensor **order = take_table(arena, n, sizeof *order, &status, c->err);
  mn_name *names = take_table(arena, n, sizeof *names, &status, c->err);
  for (size_t i = 0; i < n && status == MOON_OK; i++) {
    order[i] = &tensors[i];
    status = read_tensor(arena, c, &tensors[i]);
    if (status == MOON_OK) names[i] = (mn_name){tensors[i].name, strlen(tensors[i].name), NULL};
  }
  if (status == MOON_OK) status = refuse_twice(names, n, "tensor", c->err);
  if (status != MOON_OK) return status;
  if (!mn_size_align(c->at, (size_t)align, &data)) return cut_short(c, "wants data");
  if (n > 0 && data > c->size) return cut_short(c, "wants data");
  if (data > c->size) data = c->size;
  file->tensors = tensors;
  file->data = c->bytes + data;
  return check_cover(order, n, (size_t)align, c->size - data, c->err);
}

/* ---- the file ---- */

static moon_status read_all(mn_arena *arena, cursor *c, mn_gguf *file) {
  uint32_t version;
  if (c->size < 4 || memcmp(c->bytes, "GGUF", 4) != 0)
    return mn_fail(c->err, MOON_EFORMAT, "is no GGUF file: it does not begin with GGUF");
  c->at = 4;
  if (!take_u32(c, &version)) return cut_short(c, "wants a version");
  if (version != 0 && version << 16 == 0)
    return mn_fail(c->err, MOON_ESUPPORT, "is a big-endian GGUF file, which is not supported");
  if (version != 2 && version != 3)
    return mn_fail(c->err, MOON_ESUPPORT, "is of GGUF version %u; 2 and 3 are supported",
                   (unsigned)version);
  if (!take_count(c, LEAST_TENSOR, &file->n_tensors))
    return cut_short(c, "wants a count of tensors that fits the file");
  if (!take_count(c, LEAST_VALUE, &file->n_values))
    return cut_short(c, "wants a count of values that fits the file");
  moon_status status = read_values(arena, c, file);
  return status == MOON_OK ? read_tensors(arena, c, file) : status;
}

moon_status mn_gguf_read(mn_arena *arena, const uint8_t *bytes, size_t size, const char *name,
                         mn_gguf *file, moon_error *err) {
  cursor c = {.bytes = bytes, .size = size, .err = err};
  *file = (mn_gguf){.name = name};
  moon_status status = read_all(arena, &c, file);
  return status == MOON_OK ? MOON_OK : mn_fail_in(err, status, name);
}

/* ---- values by key ---- */

const mn_gguf_value *mn_gguf_find(const mn_gguf *file, const char *key) {
  const mn_name *found = mn_names_find(file->keys, file->n_values, key, strlen(key));
  return found ? found->of : NULL;
}

static moon_status wrong(const mn_gguf *file, const char *key, const char *wanted,
                         moon_error *err) {
  return mn_fail(err, MOON_EFORMAT, "%s: '%s' wants %s", file->name, key, wanted);
}

/* Whole numbers of any width; false for others, and for those over INT64_MAX. */
static bool whole_of(const mn_gguf_value *v, int64_t *out) {
  size_t width = width_of(v->type);
  bool is_signed = v->type == MN_GGUF_I8 || v->type == MN_GGUF_I16 || v->type == MN_GGUF_I32 ||
                   v->type == MN_GGUF_I64;
  bool is_unsigned = v->type == MN_GGUF_U8 || v->type == MN_GGUF_U16 || v->type == MN_GGUF_U32 ||
                     v->type == MN_GGUF_U64;
  if (v->array || (!is_signed && !is_unsigned)) return false;
  uint64_t bits = number_at(v->bytes, width), sign = (uint64_t)1 << (8 * width - 1);
  if (is_unsigned && bits > INT64_MAX) return false;
  *out = is_signed ? (int64_t)((bits ^ sign) - sign) : (int64_t)bits;
  return true;
}

moon_status mn_gguf_whole(const mn_gguf *file, const char *key, int64_t least, int64_t most,
                          int64_t *out, moon_error *err) {
  const mn_gguf_value *v = mn_gguf_find(file, key);
  int64_t value;
  if (!v) return MOON_OK;
  if (!whole_of(v, &value) || value < least || value > most)
    return mn_fail(err, MOON_EFORMAT, "%s: '%s' wants a whole number from %lld to %lld", file->name,
                   key, (long long)least, (long long)most);
  *out = value;
  return MOON_OK;
}

moon_status mn_gguf_number(const mn_gguf *file, const char *key, double *out, moon_error *err) {
  const mn_gguf_value *v = mn_gguf_find(file, key);
  int64_t whole;
  if (!v) return MOON_OK;
  if (!v->array && v->type == MN_GGUF_F32) {
    *out = mk_f32_of_bits((uint32_t)number_at(v->bytes, 4));
  } else if (!v->array && v->type == MN_GGUF_F64) {
    memcpy(out, v->bytes, sizeof *out);
  } else {
    if (!whole_of(v, &whole)) return wrong(file, key, "a number", err);
    *out = (double)whole;
  }
  return MOON_OK;
}

moon_status mn_gguf_flag(const mn_gguf *file, const char *key, bool *out, moon_error *err) {
  const mn_gguf_value *v = mn_gguf_find(file, key);
  if (!v) return MOON_OK;
  if (v->array || v->type != MN_GGUF_BOOL) return wrong(file, key, "true or false", err);
  *out = *v->bytes != 0;
  return MOON_OK;
}

moon_status mn_gguf_text(const mn_gguf *file, const char *key, const char **text, size_t *len,
                         moon_error *err) {
  const mn_gguf_value *v = mn_gguf_find(file, key);
  size_t at = 0;
  if (!v) return MOON_OK;
  if (v->array || v->type != MN_GGUF_STRING) return wrong(file, key, "a string", err);
  mn_gguf_next(v, &at, text, len);
  return MOON_OK;
}

moon_status mn_gguf_array(const mn_gguf *file, const char *key, mn_gguf_type type, size_t count,
                          const mn_gguf_value **out, moon_error *err) {
  static const char *const names[] = {"u8", "i8", "u16", "i16", "u32", "i32", "f32", "bool",
                                      "string", "array", "u64", "i64", "f64"};
  const mn_gguf_value *v = *out = mn_gguf_find(file, key);
  if (!v) return MOON_OK;
  if (v->array && v->type == type && (count == SIZE_MAX || v->count == count)) return MOON_OK;
  *out = NULL;
  if (count == SIZE_MAX)
    return mn_fail(err, MOON_EFORMAT, "%s: '%s' wants an array of %s, is %s %s", file->name, key,
                   names[type], v->array ? "one of" : "a single", names[v->type]);
  return mn_fail(err, MOON_EFORMAT, "%s: '%s' wants an array of %zu %s, is %s %zu %s", file->name,
                 key, count, names[type], v->array ? "one of" : "no array but", v->count,
                 names[v->type]);
}

void mn_gguf_next(const mn_gguf_value *array, size_t *at, const char **text, size_t *len) {
  size_t left = array->size - *at, room = left < LEAST_STRING ? 0 : left - LEAST_STRING;
  uint64_t wanted = left < LEAST_STRING ? 0 : number_at(array->bytes + *at, LEAST_STRING);
  *len = wanted < room ? (size_t)wanted : room;
  *text = (const char *)array->bytes + *at + (left - room);
  *at += left - room + *len;
}

bool mn_gguf_is(const mn_gguf *file, const char *key, const char *text) {
  const char *found = NULL;
  size_t len = 0;
  return mn_gguf_text(file, key, &found, &len, NULL) == MOON_OK && found &&
         len == strlen(text) && memcmp(found, text, len) == 0;
}
