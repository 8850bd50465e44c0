/* train_gemm.h: products of matrices for training: one tile of C in registers, written once.
**
** What: c := or += a b for matrices of a few hundred rows and columns. Why not BLIS: at widths of
**   192 to 1024 a fourth of its time went into packing, and a product of attention (32 columns)
**   reached half of its own rate.
** How: TALL rows by WIDE columns of C stay in vector registers while k goes by. B is copied to
**   panels (k, WIDE), which stay in the first cache; A is read where it lies if its rows are
**   apart in a way that caches like, otherwise copied. The compiler makes the vectors' size fit.
** Invariant: each number of C is one sum over k, in order, in steps of DEEP: its bits do not
**   depend on how callers cut m and n.
*/
#include <string.h>

#include "kernels/train.h"

#if defined(__AVX512F__)
enum { VECTOR = 64, TALL = 12 };
#elif defined(__AVX__)
enum { VECTOR = 32, TALL = 6 };
#elif defined(__aarch64__)
enum { VECTOR = 16, TALL = 12 };
#else
enum { VECTOR = 16, TALL = 6 };
#endif

typedef real vec __attribute__((vector_size(VECTOR), aligned(sizeof(real)), may_alias));

enum {
  LANES = VECTOR / sizeof(real), WIDE = 2 * LANES, DEEP = 256,
  BLOCK = 480,                  /* rows of A at a time: with DEEP, half a megabyte */
  COPY_ROW = DEEP + 16          /* rows of a copy start in different sets of a cache */
};

_Static_assert(DEEP * WIDE + BLOCK * COPY_ROW + TALL * COPY_ROW <= MK_GEMM_SCRATCH, "scratch");

typedef struct gemm_rows {      /* of A, as tiles read them: element (i, p) at i * row + p * col */
  const real *at;
  size_t tile;                  /* from a tile to the next */
  size_t row, col;
} gemm_rows;

static inline __attribute__((always_inline)) void
tile(size_t k, const real *a, size_t row, size_t col, const real *b, real *c, size_t ldc,
     bool add) {
  vec left[TALL], right[TALL];
#pragma GCC unroll 12
  for (size_t i = 0; i < TALL; i++) {
    __builtin_prefetch(c + i * ldc, 1);
    left[i] = right[i] = (vec){0};
  }
  for (size_t p = 0; p < k; p++, a += col, b += WIDE) {
    vec b_left = *(const vec *)b, b_right = *(const vec *)(b + LANES);
#pragma GCC unroll 12
    for (size_t i = 0; i < TALL; i++) {
      left[i] += a[i * row] * b_left;
      right[i] += a[i * row] * b_right;
    }
  }
#pragma GCC unroll 12
  for (size_t i = 0; i < TALL; i++) {
    vec *y = (vec *)(c + i * ldc), *z = (vec *)(c + i * ldc + LANES);
    if (add) {
      left[i] += *y;
      right[i] += *z;
    }
    *y = left[i];
    *z = right[i];
  }
}

/* With the strides known, addresses cost nothing. */
static void tile_of(const gemm_rows *a, size_t i, size_t k, const real *b, real *c, size_t ldc,
                    bool add) {
  const real *at = a->at + i / TALL * a->tile;
  if (a->col == 1) tile(k, at, a->row, 1, b, c, ldc, add);
  else tile(k, at, 1, TALL, b, c, ldc, add);
}

/* A tile that reaches over the end of C: (rows, cols) of it are C's. */
static void edge_tile(const gemm_rows *a, size_t i, size_t k, const real *b, real *c, size_t ldc,
                      bool add, size_t rows, size_t cols) {
  real whole[TALL * WIDE];
  tile_of(a, i, k, b, whole, WIDE, false);
  for (size_t r = 0; r < rows; r++)
    for (size_t s = 0; s < cols; s++)
      c[r * ldc + s] = (add ? c[r * ldc + s] : 0) + whole[r * WIDE + s];
}

/* Rows after the m-th of a last tile hold what was there before: they do not reach C. */
static gemm_rows rows_of(size_t m, size_t k, const real *a, size_t a_row, size_t a_col,
                         real *copy) {
  enum { SAME_SETS = 256 };
  if (a_col == 1 && m % TALL == 0 && a_row % SAME_SETS != 0)
    return (gemm_rows){a, TALL * a_row, a_row, 1};
  if (a_col == 1) {
    for (size_t i = 0; i < m; i++) memcpy(copy + i * COPY_ROW, a + i * a_row, k * sizeof *a);
    return (gemm_rows){copy, TALL * COPY_ROW, COPY_ROW, 1};
  }
  for (size_t first = 0; first < m; first += TALL, copy += TALL * k) {
    size_t n = m - first < TALL ? m - first : TALL;
    const real *from = a + first * a_row;
    if (a_row == 1 && n == TALL)
      for (size_t p = 0; p < k; p++) memcpy(copy + p * TALL, from + p * a_col, TALL * sizeof *a);
    else
      for (size_t p = 0; p < k; p++)
        for (size_t i = 0; i < n; i++) copy[p * TALL + i] = from[i * a_row + p * a_col];
  }
  return (gemm_rows){copy - (m + TALL - 1) / TALL * TALL * k, TALL * k, 1, TALL};
}

/* WIDE columns of B, those after the n-th 0. */
static void panel_of(size_t k, size_t n, const real *b, size_t b_row, size_t b_col, real *to) {
  if (b_col == 1 && n == WIDE) {
    for (size_t p = 0; p < k; p++) memcpy(to + p * WIDE, b + p * b_row, WIDE * sizeof *b);
    return;
  }
  if (n < WIDE) memset(to, 0, k * WIDE * sizeof *to);
  for (size_t j = 0; j < n; j++)
    for (size_t p = 0; p < k; p++) to[p * WIDE + j] = b[p * b_row + j * b_col];
}

static void gemm(size_t m, size_t n, size_t k, const real *a, size_t a_row, size_t a_col,
                 const real *b, size_t b_row, size_t b_col, real *c, size_t ldc, bool add,
                 real *scratch) {
  real *panel = scratch, *copy = scratch + DEEP * WIDE;
  for (size_t p = 0; p < k; p += DEEP, add = true)
    for (size_t first = 0; first < m; first += BLOCK) {
      size_t deep = k - p < DEEP ? k - p : DEEP, block = m - first < BLOCK ? m - first : BLOCK;
      gemm_rows rows = rows_of(block, deep, a + first * a_row + p * a_col, a_row, a_col, copy);
      for (size_t j = 0; j < n; j += WIDE) {
        size_t cols = n - j < WIDE ? n - j : WIDE;
        panel_of(deep, cols, b + p * b_row + j * b_col, b_row, b_col, panel);
        for (size_t i = 0; i < block; i += TALL) {
          size_t tall = block - i < TALL ? block - i : TALL;
          real *to = c + (first + i) * ldc + j;
          if (tall == TALL && cols == WIDE) tile_of(&rows, i, deep, panel, to, ldc, add);
          else edge_tile(&rows, i, deep, panel, to, ldc, add, tall, cols);
        }
      }
    }
}
