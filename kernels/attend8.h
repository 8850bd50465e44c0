/* attend8.h: what all tiers share for attention over keys and values in 8 bits.
**
** What: the walk of mk_attend_q8 over its rows, a row being one query of one head; the
**   step of a fixed-point number.
** How: a tile of rows passes four stations. `fix` turns queries into whole numbers;
**   `score` multiplies them by keys; `weigh` makes a row's scores weights, whole numbers
**   too; `mix` multiplies those by values. All the way they ask for what the next call
**   will want, a little at a time, for a core has only so many requests to memory under
**   way.
** Invariant: a row's weights past the positions it sees are 0, and whole sums are exact,
**   so that a row's result does not depend on its tile.
** Not here: anything that knows the width of a vector.
*/
#ifndef MOON_KERNELS_ATTEND8_H
#define MOON_KERNELS_ATTEND8_H

#include "kernels/half.h"
#include "kernels/tile.h"

/* What is still to be asked for; the addresses are never read. */
typedef struct wish {
  uintptr_t at, end;
} wish;

typedef struct rows8 {
  const int8_t *keys, *values;          /* as in kernels.h */
  const float *key_scale, *value_scale;
  size_t hd, n, count;                  /* n: positions that exist; count: of rows */
  size_t width;                         /* bytes of a position's key, or value */
  wish next_keys, next_values;          /* of the next call */
  size_t visible[QUERIES];              /* positions that a row sees; ascending */
  int8_t *whole[QUERIES];               /* whole query, then weights; rows are adjacent */
  float *x[QUERIES];                    /* scores; weights */
  float *out[QUERIES];                  /* (hd) */
  float factor[QUERIES];                /* score: whole score * factor * key_scale */
  float step[QUERIES];                  /* weight: whole weight * step / sum */
  mk_mass mass[QUERIES];
} rows8;

enum { QUERY_LEVELS = 127 };            /* of a query's whole numbers, to either side */

/* Whole numbers of q (hd) into `whole`; returns the step. */
typedef float fix_fn(int8_t *whole, const float *q, size_t hd);
/* Scores of all rows for the positions that the last one sees. */
typedef void score_fn(rows8 *p);
/* Scores become whole weights, up to the last block that the last row sees. */
typedef void weigh8_fn(rows8 *p);
/* The rows' results. */
typedef void mix_fn(rows8 *p);

/* The step of whole numbers up to `levels` for data whose greatest |x| has these bits;
** x * inverse is the number to round. Data so small that 2^-127 is the step lose digits.
** With NaN or infinity among the data the step is NaN and all whole numbers are 0. */
INLINE float fixed_step(uint32_t bits, float levels, float *inverse) {
  float most = mk_f32_of_bits(bits);
  *inverse = 0;
  if (bits >= 0x7f800000u) return NAN;
  *inverse = levels / most;
  if (*inverse <= 0x1p127f) return most / levels;
  *inverse = 0x1p127f;
  return 0x1p-127f;
}

/* Asks for n lines more, in the order of addresses, as the CPU's own prefetching wants it. */
INLINE void ask(wish *w, size_t n) {
  UNROLL
  for (size_t i = 0; i < n; i++) {
    if (w->at >= w->end) return;
    __builtin_prefetch((const void *)w->at, 0, 2);
    w->at += LINE;
  }
}

INLINE void ask_all(wish *w) {
  while (w->at < w->end) ask(w, 1);
}

INLINE wish wish_for(const void *first, size_t width, mk_ahead next) {
  uintptr_t at = (uintptr_t)first + next.first * width;
  return (wish){ at, at + next.count * width };
}

INLINE void attend_q8_by(fix_fn *fix, score_fn *score, weigh8_fn *weigh, mix_fn *mix,
                         size_t height, rows8 p, float *out, mk_mass *mass,
                         const float *q, size_t ld, size_t tokens, size_t group,
                         size_t seen, float scale, mk_ahead next) {
  _Alignas(64) int8_t whole[QUERIES][2 * MK_HEAD_Q8];
  _Alignas(64) float scratch[QUERIES][MK_SPAN];
  p.n = least(seen + tokens - 1, MK_SPAN);
  p.next_keys = wish_for(p.keys, p.width, next);
  p.next_values = wish_for(p.values, p.width, next);
  for (size_t row = 0; row < tokens * group; row += height) {
    p.count = least(height, tokens * group - row);
    for (size_t r = 0; r < p.count; r++) {
      size_t t = (row + r) / group, at = t * ld + (row + r) % group * p.hd;
      p.visible[r] = least(seen + t, MK_SPAN);
      p.whole[r] = whole[r];
      p.x[r] = scratch[r];
      p.out[r] = out + at;
      p.factor[r] = fix(whole[r], q + at, p.hd) * scale;
    }
    score(&p);
    weigh(&p);
    mix(&p);
    ask_all(&p.next_keys);
    ask_all(&p.next_values);
    for (size_t r = 0; r < p.count; r++) mass[row + r] = p.mass[r];
  }
}

/* rows(p, R) of a tile that has R rows, at most 4 or 6; rows unrolls its loops by R, which
** has to be a constant. Macros: clang inlines nothing that is called through a pointer. */
#define ROWS_UP_TO_4(rows, p)                                                            \
  ((p)->count == 1   ? rows(p, 1)                                                        \
   : (p)->count == 2 ? rows(p, 2)                                                        \
   : (p)->count == 3 ? rows(p, 3)                                                        \
                     : rows(p, 4))
#define ROWS_UP_TO_6(rows, p)                                                            \
  ((p)->count == 6   ? rows(p, 6)                                                        \
   : (p)->count == 5 ? rows(p, 5)                                                        \
                     : ROWS_UP_TO_4(rows, p))

/* Positions up to the end of the last block that the tile sees. */
INLINE size_t covered(const rows8 *p) {
  return (p->visible[p->count - 1] + MK_BLOCK - 1) / MK_BLOCK * MK_BLOCK;
}

#endif
