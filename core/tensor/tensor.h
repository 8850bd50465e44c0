/* tensor.h: the strided view that moon_tensor is, for the files of core.
**
** A tensor is (storage, first element, shape, strides). Storage is counted, so views keep it
** alive; its memory is its own, or a span of something larger whose owner it releases at the end
** (a mapped checkpoint, a session's arena). Strides count elements and are never negative; an
** expanded dim has stride 0. Tensors of rank 0 have one element. */
#ifndef MOON_TENSOR_H
#define MOON_TENSOR_H

#include <stdatomic.h>

#include "core/base/engine.h"
#include "core/base/error.h"

/* Most elements of a tensor, a dim of 0 counted as 1: byte offsets of any element of any view
** then fit into size_t and ptrdiff_t with room to spare. */
#define MN_MAX_ELEMENTS ((size_t)1 << 40)

typedef struct mn_storage {
  atomic_size_t owners;
  moon_engine *engine;          /* retained */
  void *bytes;
  size_t size;
  bool read_only;               /* writes are refused with MOON_EARG */
  void *owner;                  /* not NULL: bytes belong to it, release(owner) at the end; */
  void (*release)(void *owner); /*   NULL: bytes are freed with the engine's allocator */
} mn_storage;

struct moon_tensor {
  mn_storage *storage;          /* counted */
  uint8_t *first;               /* element at index 0, 0, ... */
  moon_dtype dtype;
  int rank;
  size_t shape[MOON_MAX_RANK];
  size_t stride[MOON_MAX_RANK]; /* elements */
};

/* A contiguous tensor over memory that release(owner) lets go of. On failure release is called
** as well: the owner is handed over in any case. bytes must be aligned to the dtype. */
moon_status mn_tensor_wrap(moon_engine *engine, moon_dtype dtype, int rank, const size_t *shape,
                           void *bytes, bool read_only, void *owner, void (*release)(void *),
                           moon_tensor **t, moon_error *err);
/* moon_tensor_new without the zeros: for results that are written whole. */
moon_status mn_tensor_blank(moon_engine *engine, moon_dtype dtype, int rank, const size_t *shape,
                            moon_tensor **t, moon_error *err);
/* Another view of t's storage, all fields given. */
moon_status mn_tensor_alias(const moon_tensor *t, uint8_t *first, int rank, const size_t *shape,
                            const size_t *stride, moon_tensor **out, moon_error *err);
/* "f32 (2, 3)" for error sentences. */
typedef struct mn_shape_text { char text[200]; } mn_shape_text;
mn_shape_text mn_tensor_text(const moon_tensor *t);
mn_shape_text mn_dims_text(int rank, const size_t *shape);      /* "(2, 3)" */
/* Rank and size limits of any shape that enters; *count: its elements. */
moon_status mn_check_shape(int rank, const size_t *shape, size_t *count, moon_error *err);
void mn_plain_strides(int rank, const size_t *shape, size_t *stride);   /* row-major */
bool mn_same_shape(const moon_tensor *a, const moon_tensor *b);
/* Strides that repeat t to a larger shape: aligned at the last dim, dims of 1 and missing ones
** get stride 0. False when the shapes do not fit. */
bool mn_expand_strides(const moon_tensor *t, int rank, const size_t *shape, size_t *stride);
/* The shape that a and b broadcast to, NumPy's rule; false when they do not. */
bool mn_broadcast(int a_rank, const size_t *a, int b_rank, const size_t *b, int *rank,
                  size_t *shape);
/* n contiguous elements of any float or integer dtype, at any alignment of that dtype, as f32. */
void mn_widen(const moon_engine *engine, float *y, const void *x, moon_dtype dtype, size_t n);
/* The same walk in fewer, longer rows: drops dims of 1 and joins neighbours that lie one behind
** the other in each of n_strides operands. Changes shape and strides, returns the new rank. */
int mn_merge_dims(int rank, size_t *shape, size_t *const *strides, int n_strides);
/* Steps over all elements of a shape in row-major order: offset (in elements) of each innermost
** row. Rank 0 counts as one row of one element. */
typedef struct mn_rows {
  int rank; const size_t *shape; const size_t *stride;
  size_t index[MOON_MAX_RANK];
  size_t offset;                /* of the present row's first element */
  size_t n, step;               /* elements of a row, distance of neighbours */
  bool done;
} mn_rows;
mn_rows mn_rows_of(int rank, const size_t *shape, const size_t *stride);
void mn_rows_next(mn_rows *rows);

#endif
