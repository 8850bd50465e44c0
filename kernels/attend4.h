/* attend4.h: what all tiers share for keys and values in 4 bits.
**
** What: a vector's codes and scale; the turn before and after; attention over keys and
**   values that are opened to 8 bits first.
** How: whole loops in the vectors of GCC and clang, which each tier compiles for what it
**   has. The codes are found by two of Lloyd's steps in whole numbers, so that all tiers
**   have the same: each takes the nearest levels, then the scale of least squares.
** Invariant: an opened line is 128 bytes of mk_attend_q8's keys or values, in their order.
** Not here: attention itself (attend8.h).
*/
#ifndef MOON_KERNELS_ATTEND4_H
#define MOON_KERNELS_ATTEND4_H

#include <string.h>

#include "kernels/attend8.h"
#include "kernels/int8.h"

enum {
  WIDE = 16,                    /* lanes of floats; heads are whole pairs of such vectors */
  PAIR = 32,
  LEAST = 8,                    /* of the codes of levels above 0 */
  GAPS = 7,                     /* between these levels */
};
typedef float floats __attribute__((vector_size(4 * WIDE), aligned(4), may_alias));
typedef int8_t head_bytes __attribute__((vector_size(PAIR), aligned(4), may_alias));
typedef int16_t head_words __attribute__((vector_size(PAIR), aligned(4), may_alias));
typedef int32_t head_sums __attribute__((vector_size(PAIR), aligned(4), may_alias));

/* There is no way to pass vectors wider than the CPU's; here all is inlined. */
#pragma GCC diagnostic ignored "-Wpsabi"

/* ---- the codes of a vector ---- */

/* The factor to begin with: two steps from here leave the error of three from 1 (of heads
** of 32, 64, 128 normal numbers 0.61, 0.72, 0.81 instead of 0.82 % of their square). */
static const float START = 0.97f;

static const int8_t head_level[] = { MK_HEAD_LEVELS };

/* Where the nearest level of |x| changes, times `by`: up to the first it is the least. */
typedef struct borders {
  int8_t at[GAPS];
} borders;

INLINE borders borders_at(float by) {
  borders b;
  UNROLL
  for (size_t i = 0; i < GAPS; i++) {
    float middle = (float)(head_level[LEAST + i] + head_level[LEAST + i + 1]) / 2 * by;
    b.at[i] = (int8_t)(middle < 127 ? middle : 127);
  }
  return b;
}

INLINE head_bytes load_head(const int8_t *x) {
  head_bytes v;
  memcpy(&v, x, sizeof v);
  return v;
}

INLINE head_bytes magnitude_of(head_bytes x) {
  head_bytes negative = x < 0;
  return (x ^ negative) - negative;
}

/* Of the nearest levels. */
typedef struct choice {
  head_bytes magnitude, code;
} choice;

/* A level below 0, which 0 takes too, has the code of the one above, all four bits turned. */
INLINE choice choose(head_bytes x, head_bytes magnitude, const borders *b) {
  choice n = { (head_bytes){ 0 } + head_level[LEAST], (head_bytes){ 0 } + LEAST };
  UNROLL
  for (size_t i = 0; i < GAPS; i++) {
    head_bytes past = magnitude > b->at[i];
    n.magnitude += past & (int8_t)(head_level[LEAST + i + 1] - head_level[LEAST + i]);
    n.code -= past;
  }
  n.code ^= (x <= 0) & 15;
  return n;
}

/* Of 16 bytes, the first or the last. */
INLINE head_words words_of(head_bytes v, size_t half) {
  typedef int8_t half_bytes __attribute__((vector_size(PAIR / 2)));
  half_bytes some;
  memcpy(&some, (const int8_t *)&v + half * sizeof some, sizeof some);
  return __builtin_convertvector(some, head_words);
}

INLINE int32_t sum_of_lanes(head_sums v) {
  v += __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3);
  v += __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5);
  return v[0] + v[1];
}

/* 16 products, none below 0 or above 127 * 127, in pairs. */
INLINE head_sums sum_products(head_sums to, head_words a, head_words b) {
  head_sums both = (head_sums)(a * b);
  return to + (both & 0xffff) + (both >> 16);
}

/* One of Lloyd's steps: the codes of the levels nearest to x, unless code is NULL, and
** what these levels have to be multiplied by: the factor of least squares. */
INLINE float lloyd_step(uint8_t *code, const int8_t *x, size_t hd, borders b) {
  head_sums along = { 0 }, size = { 0 };
  for (size_t i = 0; i < hd; i += PAIR) {
    head_bytes v = load_head(x + i), magnitude = magnitude_of(v);
    choice n = choose(v, magnitude, &b);
    if (code) memcpy(code + i, &n.code, PAIR);
    UNROLL
    for (size_t half = 0; half < 2; half++) {
      head_words level = words_of(n.magnitude, half);
      along = sum_products(along, level, words_of(magnitude, half));
      size = sum_products(size, level, level);
    }
  }
  return (float)sum_of_lanes(along) / (float)sum_of_lanes(size);
}

INLINE float head_codes(mk_quantize_head *quantize, uint8_t *code, const float *x,
                        size_t hd) {
  int8_t whole[MK_HEAD_Q8];
  float scale = quantize(whole, x, hd);
  if (!(scale > 0)) {
    memset(code, 0, hd);
    return scale;
  }
  float factor = lloyd_step(NULL, whole, hd, borders_at(START));
  return scale * lloyd_step(code, whole, hd, borders_at(factor));
}

/* ---- the turn ---- */

#define SWAPPED(x, h)                                                                    \
  __builtin_shufflevector(x, x, 0 ^ (h), 1 ^ (h), 2 ^ (h), 3 ^ (h), 4 ^ (h), 5 ^ (h),    \
                          6 ^ (h), 7 ^ (h), 8 ^ (h), 9 ^ (h), 10 ^ (h), 11 ^ (h),        \
                          12 ^ (h), 13 ^ (h), 14 ^ (h), 15 ^ (h))

/* Sums and differences of lanes; a product with 1 or -1 is exact. */
INLINE floats turn_lanes(floats x) {
  const floats one = { 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1 };
  const floats two = { 1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1 };
  const floats four = { 1, 1, 1, 1, -1, -1, -1, -1, 1, 1, 1, 1, -1, -1, -1, -1 };
  const floats eight = { 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1, -1 };
  x = SWAPPED(x, 1) + x * one;
  x = SWAPPED(x, 2) + x * two;
  x = SWAPPED(x, 4) + x * four;
  return SWAPPED(x, 8) + x * eight;
}

INLINE void turn_block(floats *v, size_t count, float by) {
  for (size_t i = 0; i < count; i++) v[i] = turn_lanes(v[i]) * by;
  for (size_t h = 1; h < count; h *= 2)
    for (size_t i = 0; i < count; i += 2 * h)
      for (size_t j = i; j < i + h; j++) {
        floats a = v[j], b = v[j + h];
        v[j] = a + b;
        v[j + h] = a - b;
      }
}

INLINE void turn_heads(float *x, size_t heads, size_t hd) {
  const size_t n = hd & -hd;
  const float by = 1 / sqrtf((float)n);
  for (size_t i = 0; i < heads * hd; i += n) turn_block((floats *)(x + i), n / WIDE, by);
}

/* ---- attention over opened keys and values ---- */

/* 64 bytes of codes to the 128 bytes that they mean. */
typedef void open_line_fn(int8_t *to, const uint8_t *codes);

INLINE void open_lines(open_line_fn *open, int8_t *to, const uint8_t *codes, size_t n,
                       wish next) {
  for (size_t i = 0; i < n; i += LINE) {
    ask(&next, 1);
    open(to + 2 * i, codes + i);
  }
  ask_all(&next);
}

INLINE void open_scales(float *to, const mk_bf16 *scale, size_t n, mk_ahead next) {
  wish w = wish_for(scale, sizeof *scale, next);
  ask_all(&w);
  for (size_t i = 0; i < n; i++) to[i] = mk_f32_of_bf16(scale[i]);
}

INLINE void attend_opened(mk_attend_q8 *attend, open_line_fn *open, float *out,
                          mk_mass *mass, const float *q, size_t ld, size_t tokens,
                          size_t group, size_t hd, const uint8_t *keys,
                          const mk_bf16 *key_scale, const uint8_t *values,
                          const mk_bf16 *value_scale, size_t seen, float scale,
                          mk_ahead next, int8_t *opened) {
  int8_t *opened_values = opened + MK_SPAN * hd;
  size_t n = least(seen + tokens - 1, MK_SPAN);
  float by_key[MK_SPAN], by_value[MK_SPAN];
  open_scales(by_key, key_scale, n, next);
  open_scales(by_value, value_scale, n, next);
  open_lines(open, opened, keys, (n + MK_BLOCK - 1) / MK_BLOCK * MK_BLOCK * hd / 2,
             wish_for(keys, hd / 2, next));
  open_lines(open, opened_values, values, (n + 3) / 4 * 4 * hd / 2,
             wish_for(values, hd / 2, next));
  attend(out, mass, q, ld, tokens, group, hd, opened, by_key, opened_values,
         by_value, seen, scale, (mk_ahead){ 0, 0 });
}

/* The kernels of a tier that opens all codes, by its own quantize_head, attend_q8 and
** open_line. */
#define KERNELS_Q4                                                                       \
  static float quantize_head_q4(uint8_t *code, const float *x, size_t hd) {              \
    return head_codes(quantize_head, code, x, hd);                                       \
  }                                                                                      \
  static void hadamard(float *x, size_t heads, size_t hd) { turn_heads(x, heads, hd); }  \
  static void attend_q4(float *out, mk_mass *mass, const float *q, size_t ld,            \
                        size_t tokens, size_t group, size_t hd, const uint8_t *keys,     \
                        const mk_bf16 *key_scale, const uint8_t *values,                 \
                        const mk_bf16 *value_scale, size_t seen, float scale,            \
                        mk_ahead next, int8_t *opened) {                                 \
    attend_opened(attend_q8, open_line, out, mass, q, ld, tokens, group, hd, keys,       \
                  key_scale, values, value_scale, seen, scale, next, opened);            \
  }

#endif
