/* x86_attend8.h: what VNNI and AMX share for attention over keys and values in 8
** and 4 bits.
**
** What: queries as whole numbers of 8 bits and weights as such of 16, the stations `fix`
**   and `weigh` of attend8.h; scores and results from whole sums.
** How: a weight is two unsigned bytes, whole = 256*high + low, so that it can be the
**   unsigned operand of an instruction whose signed one are values. Weights take the
**   place of the query. Codes of 4 bits are looked up as they are read.
** Not here: the products (x86_vnni.c, x86_amx.c).
*/
#ifndef MOON_KERNELS_X86_ATTEND8_H
#define MOON_KERNELS_X86_ATTEND8_H

#include "kernels/attend8.h"
#include "kernels/x86_avx512.h"

enum {
  LOW = MK_HEAD_Q8,             /* weights' low bytes lie so far behind their high ones */
  DEPTH = 64,                   /* positions or components whose bytes fill a vector */
  TALL = 4,                     /* rows that VNNI multiplies at once, and both weigh */
};

/* Whole vectors of n numbers; what is left takes a mask. */
INLINE size_t whole_of(size_t n) { return n / LANES * LANES; }

/* Four times the same, for vpermb looks at the 6 lowest bits of a byte. */
INLINE __m512i head_levels(void) {
  return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i_u *)mk_head_levels));
}

/* Vector j of keys or values: in q4 a half of what is stored, looked up in `levels`. */
INLINE __m512i bytes_of(bool q4, const int8_t *at, size_t j, __mmask16 some,
                        __m512i levels) {
  if (!q4) return _mm512_maskz_loadu_epi32(some, at + 64 * j);
  __m512i pairs = _mm512_loadu_si512(at + 64 * (j / 2));
  if (j % 2) pairs = _mm512_srli_epi16(pairs, 4);
  return _mm512_permutexvar_epi8(pairs, levels);
}

static void open_line(int8_t *to, const uint8_t *codes) {
  for (size_t j = 0; j < 2; j++)
    _mm512_storeu_si512(to + 64 * j, bytes_of(true, (const int8_t *)codes, j, 0xffff,
                                              head_levels()));
}

/* 64 numbers of 16 bits become 64 high bytes and 64 low ones. */
INLINE void put_whole(int8_t *bytes, const __m512i w[4]) {
  const __m512i high_and_low = _mm512_set_epi64(
      0x7c7874706c686460, 0x5c5854504c484440, 0x3c3834302c282420, 0x1c1814100c080400,
      0x7d7975716d696561, 0x5d5955514d494541, 0x3d3935312d292521, 0x1d1915110d090501);
  __m512i a = _mm512_permutex2var_epi8(w[0], high_and_low, w[1]);
  __m512i b = _mm512_permutex2var_epi8(w[2], high_and_low, w[3]);
  _mm512_storeu_si512(bytes, _mm512_shuffle_i64x2(a, b, 0x44));
  _mm512_storeu_si512(bytes + LOW, _mm512_shuffle_i64x2(a, b, 0xee));
}

/* 16 components from i on, zeros past the end. */
INLINE __m512 load_query(const float *q, size_t hd, size_t i) {
  return i < hd ? load_some(q + i, hd - i) : _mm512_setzero_ps();
}

static float fix_query(int8_t *whole, const float *q, size_t hd) {
  __m512i most = _mm512_setzero_si512();
  float by;
  for (size_t i = 0; i < hd; i += LANES)
    most = _mm512_max_epu32(most, magnitude(load_query(q, hd, i)));
  float step = fixed_step(_mm512_reduce_max_epu32(most), QUERY_LEVELS, &by);
  const __m512 inverse = _mm512_set1_ps(by);
  for (size_t i = 0; i < hd; i += LANES) {
    __m512i wide = nearest(_mm512_mul_ps(load_query(q, hd, i), inverse));
    _mm_storeu_si128((__m128i_u *)(whole + i), _mm512_cvtepi32_epi8(wide));
  }
  return step;
}

/* Row r's scores for 16 positions from i on. by: the scales of the keys. */
INLINE void put_scores(rows8 *p, size_t r, size_t i, __m512i whole, __m512 by) {
  __m512 score = _mm512_mul_ps(_mm512_cvtepi32_ps(whole), _mm512_set1_ps(p->factor[r]));
  _mm512_storeu_ps(p->x[r] + i, _mm512_mul_ps(score, by));
}

/* exp(x - most) * value_scale for row r's 16 positions from i on, of which `some` are
** seen; zeros for the others. */
INLINE void weigh_part(rows8 *p, size_t r, size_t i, __mmask16 some, __m512 max,
                       __m512 *total, __m512i *most) {
  __m512 below = _mm512_sub_ps(_mm512_loadu_ps(p->x[r] + i), max);
  __m512 a = _mm512_maskz_mov_ps(some, exp_near(below));
  *total = _mm512_add_ps(*total, a);
  a = _mm512_mul_ps(a, _mm512_maskz_loadu_ps(some, p->value_scale + i));
  *most = _mm512_max_epu32(*most, magnitude(a));
  _mm512_storeu_ps(p->x[r] + i, a);
}

/* 64 weights. */
INLINE void put_weights(int8_t *bytes, const float *x, __m512 inverse) {
  __m512i w[4];
  UNROLL
  for (size_t j = 0; j < 4; j++)
    w[j] = nearest(_mm512_mul_ps(_mm512_loadu_ps(x + j * LANES), inverse));
  put_whole(bytes, w);
}

/* R rows from `from` on, all in one loop, for a row's steps wait for each other.
** Meanwhile memory shall not idle: a quarter of the next values is asked for here. */
INLINE void weigh_rows(rows8 *p, size_t from, size_t R) {
  const size_t end = covered(p), whole = whole_of(p->visible[from]);
  __m512 max[TALL], total[TALL], inverse[TALL];
  __m512i most[TALL];
  wish next = p->next_values;
  UNROLL
  for (size_t r = 0; r < R; r++) {
    const size_t n = whole_of(p->visible[from + r]);
    const __mmask16 rest = first(p->visible[from + r] - n);
    const float *x = p->x[from + r];
    max[r] = _mm512_set1_ps(-INFINITY);
    for (size_t i = 0; i < n; i += LANES)
      max[r] = _mm512_max_ps(max[r], _mm512_loadu_ps(x + i));
    if (rest)
      max[r] = _mm512_mask_max_ps(max[r], rest, max[r], _mm512_loadu_ps(x + n));
  }
  UNROLL
  for (size_t r = 0; r < R; r++) {
    max[r] = _mm512_set1_ps(_mm512_reduce_max_ps(max[r]));
    total[r] = _mm512_setzero_ps();
    most[r] = _mm512_setzero_si512();
  }
  for (size_t i = 0; i < whole; i += LANES) {
    for (size_t d = 0; d < p->width; d += LANES) ask(&next, 1);
    UNROLL
    for (size_t r = 0; r < R; r++)
      weigh_part(p, from + r, i, 0xffff, max[r], &total[r], &most[r]);
  }
  for (size_t i = whole; i < end; i += LANES)
    UNROLL
    for (size_t r = 0; r < R; r++) {
      size_t n = p->visible[from + r];
      __mmask16 some = first(n > i ? least(n - i, LANES) : 0);
      weigh_part(p, from + r, i, some, max[r], &total[r], &most[r]);
    }
  UNROLL
  for (size_t r = 0; r < R; r++) {
    float by;
    for (size_t i = end; i % DEPTH != 0; i += LANES)
      _mm512_storeu_ps(p->x[from + r] + i, _mm512_setzero_ps());
    p->step[from + r] = fixed_step(_mm512_reduce_max_epu32(most[r]), 65535, &by);
    p->mass[from + r] =
        (mk_mass){ _mm512_cvtss_f32(max[r]), _mm512_reduce_add_ps(total[r]) };
    inverse[r] = _mm512_set1_ps(by);
  }
  for (size_t i = 0; i < end; i += DEPTH)
    UNROLL
    for (size_t r = 0; r < R; r++)
      put_weights(p->whole[from + r] + i, p->x[from + r] + i, inverse[r]);
  p->next_values = next;
}

static void weigh(rows8 *p) {
  for (size_t from = 0; from < p->count; from += TALL)
    switch (p->count - from) {
      case 1: weigh_rows(p, from, 1); break;
      case 2: weigh_rows(p, from, 2); break;
      case 3: weigh_rows(p, from, 3); break;
      default: weigh_rows(p, from, TALL);
    }
}

/* Row r's results for components from d on, of which `some` exist. */
INLINE void put_results(rows8 *p, size_t r, size_t d, __mmask16 some, __m512i high,
                        __m512i low) {
  __m512 sum = _mm512_fmadd_ps(_mm512_cvtepi32_ps(high), _mm512_set1_ps(256),
                               _mm512_cvtepi32_ps(low));
  sum = _mm512_mul_ps(sum, _mm512_set1_ps(p->step[r] / p->mass[r].sum));
  _mm512_mask_storeu_ps(p->out[r] + d, some, sum);
}

#endif
