/* linear.h: y = x W^T, the operation that models consist of.
**
** Convention, here and nowhere else: row-major, x (T, n), W (rows, n) as checkpoints store it,
** y (T, rows); y[t][r] = sum over k of x[t][k] * W[r][k].
**
** Few tokens: the matvec kernels stream the stored weights once; those of AVX-512 take many tokens
** as well. Else many tokens go to BLIS, panel by panel of W's rows, a panel being widened to f32 in
** the worker's scratch if it is stored in 16 bits; or, where the matrix says so, to the kernel that
** multiplies bf16 with bf16. Panels depend on the shapes alone, not on the number of threads, so
** neither do results. */
#ifndef MOON_TENSOR_LINEAR_H
#define MOON_TENSOR_LINEAR_H

#include "core/base/engine.h"

typedef struct mn_matrix {      /* (rows, n) of stored weights, contiguous; borrows */
  const void *bytes;
  moon_dtype dtype;             /* F32, BF16, F16; Q8, Q4: groups as in kernels.h */
  size_t rows, n;
  bool rounds;                  /* BF16 alone: many tokens are rounded to bf16 before it */
} mn_matrix;

typedef struct mn_product {
  const mn_matrix *w;
  float *y;                     /* (T, rows) */
} mn_product;

/* Floats of scratch that mn_linear needs for matrices of up to n columns and up to T tokens. */
size_t mn_linear_scratch(const moon_engine *engine, size_t n, size_t T);

/* Computes up to MN_PRODUCTS products with one x (T, n) in one run of the pool. All matrices
** have x's n columns. With add the products are added to what y holds. */
enum { MN_PRODUCTS = 3 };
void mn_linear(const moon_engine *engine, const mn_product *products, size_t n_products,
               const float *x, size_t T, bool add, float *scratch);

/* y[t * ldy + r] for r < rows, t < T: rows of W from `first` on, as floats of any stored type, by
** the kernel for few tokens. A sum's bits do not depend on how rows and tokens are cut. */
void mn_matvec(const mk_table *kernels, float *y, size_t ldy, const mn_matrix *w, size_t first,
               size_t rows, const float *x, size_t T);

/* Up to so many tokens a token's products are the same bits in any company: the matvec kernels'. Of
** matrices in blocks, and on AVX-512 of all that do not round, that is true of any number. */
size_t mn_linear_alone(const moon_engine *engine, const mn_matrix *w);

/* linear_rows.c. y[r] = sum over k of x[k] * W[r][k] for `count` rows r, ascending, and one token;
** other elements of y stay. The same bits as mn_linear gives with T = 1. scratch: n floats. */
void mn_linear_rows(const moon_engine *engine, const mn_matrix *w, const int32_t *rows,
                    size_t count, const float *x, float *y, float *scratch);
/* How many rows that computes. */
size_t mn_linear_rows_work(const mn_matrix *w, const int32_t *rows, size_t count);

#endif
