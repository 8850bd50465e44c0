/* span.c: the dtypes of weight files, and spans' sizes and recipes. */
#include "core/formats/span.h"

#include <string.h>

#include "core/base/blocks.h"
#include "core/base/size.h"

#define FOREIGN true, MOON_I8
static const mn_file_dtype dtypes[] = {
  {"F32", 32, false, MOON_F32}, {"BF16", 16, false, MOON_BF16}, {"F16", 16, false, MOON_F16},
  {"I32", 32, false, MOON_I32}, {"I8", 8, false, MOON_I8},
  {"F64", 64, FOREIGN}, {"I64", 64, FOREIGN}, {"U64", 64, FOREIGN}, {"C64", 64, FOREIGN},
  {"U32", 32, FOREIGN}, {"I16", 16, FOREIGN}, {"U16", 16, FOREIGN}, {"U8", 8, FOREIGN},
  {"BOOL", 8, FOREIGN}, {"F8_E4M3", 8, FOREIGN}, {"F8_E5M2", 8, FOREIGN},
  {"F8_E8M0", 8, FOREIGN}, {"F8_E4M3FNUZ", 8, FOREIGN}, {"F8_E5M2FNUZ", 8, FOREIGN},
  {"F6_E2M3", 6, FOREIGN}, {"F6_E3M2", 6, FOREIGN}, {"F4", 4, FOREIGN},
};
enum { DTYPES = sizeof dtypes / sizeof *dtypes };

const mn_file_dtype *mn_file_dtype_find(const char *name, size_t len) {
  for (int i = 0; i < DTYPES; i++)
    if (strlen(dtypes[i].name) == len && memcmp(dtypes[i].name, name, len) == 0)
      return &dtypes[i];
  return NULL;
}

const mn_file_dtype *mn_file_dtype_of(moon_dtype dtype) {
  if (mn_is_quant(dtype)) return mn_file_dtype_find("U8", 2);
  for (int i = 0; i < DTYPES; i++)
    if (!dtypes[i].foreign && dtypes[i].dtype == dtype) return &dtypes[i];
  return NULL;
}

/* In order, without a short cut for zero dims: a shape that overflows on the way to its zero is
** nothing that any writer makes. */
bool mn_span_measure(const mn_file_dtype *dtype, int rank, const size_t *shape, size_t *count,
                     size_t *bytes) {
  size_t n = 1, bits;
  for (int i = 0; i < rank; i++)
    if (!mn_size_mul(n, shape[i], &n)) return false;
  if (!mn_size_mul(n, dtype->bits, &bits) || bits % 8 != 0) return false;
  *count = n;
  *bytes = bits / 8;
  return true;
}

bool mn_span_name_ok(const char *name, size_t len) {
  return len <= MN_NAME_MAX && !memchr(name, '\0', len);
}

void mn_span_place(mn_span *span, const mn_file_dtype *dtype, const void *bytes) {
  span->dtype = dtype->dtype;
  span->foreign = dtype->foreign ? dtype->name : NULL;
  span->bytes = dtype->foreign ? NULL : bytes;
}

moon_status mn_span_defer(mn_span *span, const mn_recipe *recipe, size_t *budget,
                          moon_error *err) {
  if (span->size > *budget)
    return mn_fail(err, MOON_ESUPPORT, "tensor '%s' and others before it need copies that are "
                   "larger than the file (its tensors overlap)",
                   mn_show(span->name, strlen(span->name)).text);
  *budget -= span->size;
  span->recipe = recipe;
  span->bytes = NULL;
  return MOON_OK;
}

static void copy_plainly(const mn_span *span, uint8_t *to) {
  memcpy(to, span->recipe->from, span->size);
}

moon_status mn_span_align(mn_span *span, mn_arena *arena, size_t *budget, moon_error *err) {
  if (span->foreign) return MOON_OK;
  size_t width = mn_file_dtype_of(span->dtype)->bits / 8;
  if ((uintptr_t)span->bytes % width == 0) return MOON_OK;
  mn_recipe *recipe = mn_arena_take(arena, sizeof *recipe);
  if (!recipe) return mn_fail_memory(err, "a misaligned tensor", sizeof *recipe);
  *recipe = (mn_recipe){copy_plainly, span->bytes};
  return mn_span_defer(span, recipe, budget, err);
}

moon_status mn_span_bytes(const mn_span *span, mn_arena *arena, const void **bytes,
                          moon_error *err) {
  *bytes = span->bytes;
  if (!span->recipe || span->bytes) return MOON_OK;
  uint8_t *made = mn_arena_take(arena, span->size);
  if (!made) return mn_fail_memory(err, span->name, span->size);
  span->recipe->make(span, made);
  *bytes = made;
  return MOON_OK;
}

moon_status mn_spans_fill(mn_span *spans, size_t n, mn_arena *arena, moon_error *err) {
  moon_status status = MOON_OK;
  for (size_t i = 0; i < n && status == MOON_OK; i++)
    status = mn_span_bytes(&spans[i], arena, &spans[i].bytes, err);
  return status;
}
