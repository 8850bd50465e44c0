/* tile.h: what the SIMD tiers share: the way around their tiles, not their arithmetic.
**
** What: how 16-bit and 32-bit storage is named, the walk of attention over its queries,
**   where the parts of a quantised group lie.
** How: inline functions, so that each tier compiles its own copy with its own
**   instructions.
** Invariant: the order in which a query's sums are taken does not depend on its
**   neighbours.
** Not here: anything that knows the width of a vector.
*/
#ifndef MOON_KERNELS_TILE_H
#define MOON_KERNELS_TILE_H

#include <math.h>

#include "kernels/kernels.h"

#define INLINE static inline __attribute__((always_inline))

/* Above a loop with a constant count, whose variables shall be registers. */
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

typedef enum storage { F32, BF16, F16 } storage;

enum {
  LINE = 64,                            /* bytes that memory gives at once */
  AHEAD = 16384,                        /* bytes */
};

INLINE size_t storage_size(storage s) {
  return s == F32 ? sizeof(float) : sizeof(mk_bf16);
}
INLINE size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* Once per cache line while a row of weights streams by, k being a multiple of the
** vector. The CPU's own prefetchers bring f32 rows at 93 % of the plain-read bandwidth,
** 16-bit rows at 3/4 of it only, for they end twice as soon; asking early for rows to come
** brings these to 95 % and those to 97 %. The address is never read. */
INLINE void prefetch(storage s, const void *w, size_t k) {
  if (k * storage_size(s) % LINE == 0)
    __builtin_prefetch((const void *)((uintptr_t)w + k * storage_size(s) + AHEAD), 0, 2);
}

enum { QUERIES = 8 };                   /* at most so many rows in a tile */

/* Rows times a matrix: c[r][i] += sum over k of a[r][k] * b(k, i), i < width, where b(k,
** i) is b[i/16*step + k*ldb + i%16]. Both halves of attention are this: scores (k runs
** over components, i over positions) and the mixing of values (k over positions, i over
** components). */
typedef struct product {
  float *c[QUERIES];
  const float *a[QUERIES];
  const float *b;
  size_t ldb, step, width;
  size_t ahead;                         /* as far from b is what will be wanted; or 0 */
} product;

/* The address is never read. */
INLINE void ask_for_next(const product *p, const float *at) {
  if (p->ahead) __builtin_prefetch((const void *)((uintptr_t)at + p->ahead), 0, 2);
}

/* The sum over from <= k < to for the first `rows` rows; from 0: c counts as 0. */
typedef void multiply_fn(const product *p, size_t rows, size_t from, size_t to);
/* x becomes exp(scale*x - most), most the greatest of scale*x. */
typedef mk_mass weigh_fn(float *x, size_t n, float scale);
typedef void divide_fn(float *x, size_t n, float by);

/* Rows are queries in the order (token, head). A tile of them runs over the positions
** that its first row sees; each later row then adds the few that only it sees, so no
** weight ever meets a value that its query may not see. */
INLINE void attend_tile(multiply_fn *multiply, weigh_fn *weigh, divide_fn *divide,
                        product *scores, product *mix, mk_mass *mass, size_t rows,
                        size_t hd, const size_t *visible, float scale) {
  scores->width = (visible[rows - 1] + MK_BLOCK - 1) / MK_BLOCK * MK_BLOCK;
  multiply(scores, rows, 0, hd);
  for (size_t r = 0; r < rows; r++) mass[r] = weigh(scores->c[r], visible[r], scale);
  multiply(mix, rows, 0, visible[0]);
  for (size_t r = 0; r < rows; r++) {
    product one = *mix;
    one.ahead = 0;
    one.c[0] = mix->c[r];
    one.a[0] = mix->a[r];
    if (visible[r] > visible[0]) multiply(&one, 1, visible[0], visible[r]);
    divide(mix->c[r], hd, mass[r].sum);
  }
}

/* mk_attend by tiles of `height` queries. */
INLINE void attend_by(multiply_fn *multiply, weigh_fn *weigh, divide_fn *divide,
                      size_t height, float *out, mk_mass *mass, const float *q,
                      size_t ld, size_t tokens, size_t group, size_t hd, const float *kt,
                      const float *v, size_t seen, float scale, mk_ahead next) {
  _Alignas(64) float scratch[QUERIES][MK_SPAN];
  for (size_t row = 0; row < tokens * group; row += height) {
    size_t rows = least(height, tokens * group - row), visible[QUERIES] = { 0 };
    product scores = { .b = kt, .ldb = MK_BLOCK, .step = hd * MK_BLOCK };
    product mix = { .b = v, .ldb = hd, .step = MK_BLOCK, .width = hd };
    scores.ahead = mix.ahead = row == 0 && next.count ? next.first * hd * sizeof *v : 0;
    for (size_t r = 0; r < rows; r++) {
      size_t t = (row + r) / group, at = t * ld + (row + r) % group * hd;
      visible[r] = least(seen + t, MK_SPAN);
      scores.a[r] = q + at;
      mix.a[r] = scores.c[r] = scratch[r];
      mix.c[r] = out + at;
    }
    attend_tile(multiply, weigh, divide, &scores, &mix, mass + row, rows, hd, visible,
                scale);
  }
}

/* log_sum_exp where the greatest x is infinite: no exponential is needed to decide. */
INLINE double log_of_extremes(const float *x, size_t n) {
  double most = NAN;
  for (size_t i = 0; i < n; i++) {
    if (isnan(x[i])) return NAN;
    if (x[i] == INFINITY) most = INFINITY;
  }
  return most;
}

#endif
