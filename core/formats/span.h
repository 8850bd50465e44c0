/* span.h: what the weight formats share: dtypes by their names in files, and spans' sizes. */
#ifndef MOON_FORMATS_SPAN_H
#define MOON_FORMATS_SPAN_H

#include "core/base/arena.h"
#include "core/base/names.h"
#include "core/formats/checkpoint.h"

enum { MN_NAME_MAX = 512 };     /* bytes of a tensor's name */

typedef struct mn_file_dtype {
  const char *name;             /* as safetensors spells it: "BF16" */
  size_t bits;                  /* of one element */
  bool foreign;                 /* moonlet does not compute with it: dtype means nothing */
  moon_dtype dtype;
} mn_file_dtype;

/* NULL when safetensors knows no such dtype. */
const mn_file_dtype *mn_file_dtype_find(const char *name, size_t len);
/* The dtype that stores it in files: Q8 and Q4 are U8 there. */
const mn_file_dtype *mn_file_dtype_of(moon_dtype dtype);

/* Elements and bytes of a shape; false when they do not fit, whatever zero dims there are, or
** when the bytes are no whole number. */
bool mn_span_measure(const mn_file_dtype *dtype, int rank, const size_t *shape, size_t *count,
                     size_t *bytes);
/* Names: at most MN_NAME_MAX bytes, no NUL. */
bool mn_span_name_ok(const char *name, size_t len);

/* Sets span->dtype and ->foreign, and ->bytes to `bytes` or (foreign) NULL. */
void mn_span_place(mn_span *span, const mn_file_dtype *dtype, const void *bytes);
/* The recipe, which lives as long as the span, is to make its bytes. *budget bounds what all of a
** file's recipes make, because a small file may name one storage many times. */
moon_status mn_span_defer(mn_span *span, const mn_recipe *recipe, size_t *budget, moon_error *err);
/* Bytes that their dtype misaligns get a recipe, in the arena, that copies them. */
moon_status mn_span_align(mn_span *span, mn_arena *arena, size_t *budget, moon_error *err);
/* Makes in the arena what spans with a recipe have no bytes of yet. */
moon_status mn_spans_fill(mn_span *spans, size_t n, mn_arena *arena, moon_error *err);

#endif
