/* linear.h: y = x W^T, the operation that models consist of.
**
** Convention, here and nowhere else: row-major, x (T, n), W (rows, n) as checkpoints store it,
** y (T, rows); y[t][r] = sum over k of x[t][k] * W[r][k].
**
** Few tokens: the matvec kernels stream the stored weights once. Many tokens: BLIS, panel by
** panel of W's rows, a panel being widened to f32 into the worker's scratch if it is stored in
** 16 bits. Panels have a fixed height, whatever the number of threads, so results do not depend
** on it. */
#ifndef MOON_TENSOR_LINEAR_H
#define MOON_TENSOR_LINEAR_H

#include "core/base/engine.h"

typedef struct mn_matrix {      /* (rows, n) of stored weights, contiguous; borrows */
  const void *bytes;
  moon_dtype dtype;             /* F32, BF16 or F16 */
  size_t rows, n;
} mn_matrix;

/* Scratch that mn_linear needs for matrices up to n columns, in floats, for all workers. */
size_t mn_linear_scratch(const moon_engine *engine, size_t n);

/* y: T rows, ldy elements apart; x: (T, n), ldx apart. With y_add the product is added to y. */
void mn_linear(const moon_engine *engine, float *y, size_t ldy, const float *x, size_t ldx,
               size_t T, const mn_matrix *w, bool y_add, float *scratch);

#endif
