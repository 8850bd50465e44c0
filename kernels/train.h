/* train.h: the loops of training, forward and backward, as contracts.
**
** What: one table of row functions over plain arrays of `real`. How: each loop is written once
**   (train_loops.h) and compiled once for each tier, with that tier's flags (train_base.c,
**   train_avx2.c, train_avx512.c); the compiler makes the vectors. `real` is float; specs compile
**   the same loops with MK_TRAIN_DOUBLE to hold them against finite differences.
** Invariant: a result depends on the arguments and the tier alone.
** Not here: threads.
*/
#ifndef MOON_KERNELS_TRAIN_H
#define MOON_KERNELS_TRAIN_H

#include "kernels/kernels.h"

#ifdef MK_TRAIN_DOUBLE
typedef double real;
#else
typedef float real;
#endif

typedef struct mk_adamw {       /* one step's numbers; see mk_train.adamw */
  real rate, decay, beta1, beta2, epsilon;
  real correct1, correct2;      /* 1 / (1 - beta^step) */
  real scale;                   /* of the gradients: clipping */
} mk_adamw;

typedef struct mk_drops {       /* which elements dropout takes; see mk_train.drop */
  uint32_t key[2], site, step, batch;
  uint32_t below;               /* draws below it, of 65536 */
  real keep;                    /* what is kept is multiplied by */
} mk_drops;

enum { MK_GEMM_SCRATCH = 150 * 1024 };  /* reals that one call of gemm works in */

/* c (m, n), rows ldc apart, := or += a (m, k) b (k, n); a and b have a row and a column stride.
** Each element's bits are the same wherever it lies in c. scratch: MK_GEMM_SCRATCH reals. */
typedef void mk_gemm(size_t m, size_t n, size_t k, const real *a, size_t a_row, size_t a_col,
                     const real *b, size_t b_row, size_t b_col, real *c, size_t ldc, bool add,
                     real *scratch);

typedef struct mk_train {
  mk_gemm *gemm;
  bool turns;                   /* gemm takes a b whose columns are rows in memory as it comes */
  /* y := x * w * r with r = 1/sqrt(mean(x^2) + e), which is returned. w NULL: all ones. */
  real (*rmsnorm)(real *y, const real *x, const real *w, size_t n, real e);
  /* From dy: dx := (or += with add) and dw +=, of the same n, r as the forward call gave it.
  ** w and dw may be NULL. */
  void (*rmsnorm_back)(real *dx, real *dw, const real *dy, const real *x, const real *w, real r,
                       size_t n, bool add);
  /* y := up * g/(1 + exp(-g)), g = gate. */
  void (*swiglu)(real *y, const real *gate, const real *up, size_t n);
  /* dgate and dup := (or += with add). */
  void (*swiglu_back)(real *dgate, real *dup, const real *dy, const real *gate, const real *up,
                      size_t n, bool add);
  /* x := softmax(scale * x); returns ln of the sum of exp(scale * x). n >= 1. */
  real (*softmax)(real *x, size_t n, real scale);
  /* x := exp(scale * x - lse): the same again, lse being known. */
  void (*softmax_again)(real *x, size_t n, real scale, real lse);
  /* d := scale * p * (d - delta). */
  void (*softmax_back)(real *d, const real *p, size_t n, real delta, real scale);
  /* Returns -ln softmax(x)[target]; x := weight * (softmax(x) - one at target). */
  double (*cross_entropy)(real *x, size_t n, size_t target, real weight);
  /* The same beside a teacher's logits z, T = temperature: with q = softmax(x / T) and
  ** p = softmax(z / T), returns (1 - share) * -ln softmax(x)[target] + share * T^2 * sum p ln p/q
  ** (Hinton et al. 2015, arXiv 1503.02531); x := weight * its derivative. z stays. */
  double (*distill)(real *x, const real *z, size_t n, size_t target, real weight, real share,
                    real temperature);
  /* Turns `heads` vectors of size hd by the angles; sign -1 turns them back. pairs: (2i, 2i+1)
  ** instead of (i, i + hd/2). */
  void (*rope)(real *x, size_t heads, size_t hd, const real *cs, const real *sn, real sign,
               bool pairs);
  /* Elements first to past of: to := from, dropped or multiplied, plus what `add` has (may be NULL;
  ** to may be from or add). Element i's draw is the i % 8-th 16 bits, low halves first, of the
  ** Philox block at the counter (i / 8, site, step, batch). */
  void (*drop)(real *to, const real *from, const real *add, size_t first, size_t past,
               const mk_drops *drops);
  real (*dot)(const real *a, const real *b, size_t n);
  void (*axpy)(real *y, real a, const real *x, size_t n);       /* y += a x */
  double (*square_sum)(const real *x, size_t n);
  /* AdamW (Loshchilov & Hutter 2019): m and v are the moments of scale * g;
  ** w -= rate * (m * correct1 / (sqrt(v * correct2) + epsilon) + decay * w); g := 0. */
  void (*adamw)(real *w, real *g, real *m, real *v, size_t n, const mk_adamw *step);
} mk_train;

extern const mk_train mk_train_base;    /* everywhere; the others only on x86-64 */
extern const mk_train mk_train_avx2, mk_train_avx512;

/* The best table that a CPU of tier `best` can run. */
const mk_train *mk_train_for(mk_tier best);

/* The same product with each number of a and b rounded to the nearest bf16 (subnormal ones may
** count as 0) and sums in f32; of each of a and b one stride is 1. */
mk_gemm *mk_gemm_bf16_for(mk_tier best);        /* NULL: no such instructions here */
extern mk_gemm *const mk_gemm_amx;              /* only on x86-64 */

#endif
