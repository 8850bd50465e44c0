/* x86_avx512.h: what files of the AVX-512 tiers share: masks, roundings, turning and the
** exponential.
**
** What: the first lanes of a vector; whole numbers; rows to columns; exp to 2 eps, and of a
**   difference that is exact.
** How: inline functions, compiled with the flags of the file that includes them.
** Invariant: a lane's result depends on that lane alone.
** Not here: sums.
*/
#ifndef MOON_KERNELS_X86_AVX512_H
#define MOON_KERNELS_X86_AVX512_H

#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "kernels/tile.h"

enum { LANES = 16 };

/* The first n lanes, n <= 16. */
INLINE __mmask16 first(size_t n) { return (__mmask16)((1u << n) - 1); }

/* n numbers, at most 16 of them, and zeros. */
INLINE __m512 load_some(const float *x, size_t n) {
  return _mm512_maskz_loadu_ps(first(least(LANES, n)), x);
}

/* |x| by its bits, which order as it does, infinity and NaN on top. */
INLINE __m512i magnitude(__m512 x) {
  return _mm512_and_si512(_mm512_castps_si512(x), _mm512_set1_epi32(0x7fffffff));
}

INLINE __m512i nearest(__m512 x) {
  return _mm512_cvt_roundps_epi32(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

/* 16 x 16 lanes, rows to columns: pairs of lanes, fours, then quarters of vectors. */
INLINE void turn(__m512i v[16]) {
  __m512i a[16];
  UNROLL
  for (size_t i = 0; i < 16; i += 2) {
    a[i] = _mm512_unpacklo_epi32(v[i], v[i + 1]);
    a[i + 1] = _mm512_unpackhi_epi32(v[i], v[i + 1]);
  }
  UNROLL
  for (size_t i = 0; i < 16; i += 4) {
    v[i] = _mm512_unpacklo_epi64(a[i], a[i + 2]);
    v[i + 1] = _mm512_unpackhi_epi64(a[i], a[i + 2]);
    v[i + 2] = _mm512_unpacklo_epi64(a[i + 1], a[i + 3]);
    v[i + 3] = _mm512_unpackhi_epi64(a[i + 1], a[i + 3]);
  }
  UNROLL
  for (size_t i = 0; i < 4; i++) {
    __m512i low = _mm512_shuffle_i32x4(v[i], v[i + 4], 0x88);
    __m512i high = _mm512_shuffle_i32x4(v[i], v[i + 4], 0xdd);
    __m512i low_8 = _mm512_shuffle_i32x4(v[i + 8], v[i + 12], 0x88);
    __m512i high_8 = _mm512_shuffle_i32x4(v[i + 8], v[i + 12], 0xdd);
    a[i] = _mm512_shuffle_i32x4(low, low_8, 0x88);
    a[i + 4] = _mm512_shuffle_i32x4(high, high_8, 0x88);
    a[i + 8] = _mm512_shuffle_i32x4(low, low_8, 0xdd);
    a[i + 12] = _mm512_shuffle_i32x4(high, high_8, 0xdd);
  }
  memcpy(v, a, sizeof a);
}

/* Taylor's series of exp(r) to degree 5, and p * r^6. */
INLINE __m512 exp_series(__m512 r, __m512 p) {
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.f / 120));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.f / 24));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.f / 6));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.f / 2));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1));
  return _mm512_fmadd_ps(p, r, _mm512_set1_ps(1));
}

/* exp(x + rest) * 2^shift with relative error below 2 eps, |rest| far below 1 and |x|
** below 128; NaN stays NaN. Taylor's series to degree 7: on |r| <= ln(2)/2 the remainder
** is below eps/20. */
INLINE __m512 exp_plus(__m512 x, __m512 rest, float shift) {
  __m512 e = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps((float)M_LOG2E)),
                                  _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  __m512 r = _mm512_fnmadd_ps(e, _mm512_set1_ps(0x1.62e4p-1f), x);      /* exact */
  r = _mm512_fnmadd_ps(e, _mm512_set1_ps((float)(M_LN2 - 0x1.62e4p-1)), r);
  r = _mm512_add_ps(r, rest);
  __m512 p = _mm512_set1_ps(1.f / 5040);
  p = exp_series(r, _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.f / 720)));
  return _mm512_scalef_ps(p, shift == 0 ? e : _mm512_add_ps(e, _mm512_set1_ps(shift)));
}

/* exp(d + rest) for d <= 0, of which -infinity is one; 0 where that is below FLT_MIN. */
INLINE __m512 exp_below(__m512 d, __m512 rest) {
  __mmask16 zero = _mm512_cmp_ps_mask(d, _mm512_set1_ps(-87.3366f), _CMP_LT_OQ);
  return _mm512_mask_mov_ps(exp_plus(d, rest, 0), zero, _mm512_setzero_ps());
}

/* exp(d) for d <= 0 with relative error below (8 + |d|)*eps, but never less than e^-87; NaN
** stays NaN. Taylor's series to degree 6: the remainder is below 2 eps. */
INLINE __m512 exp_near(__m512 d) {
  const __m512 to_whole = _mm512_set1_ps(0x1.8p23f);
  d = _mm512_max_ps(_mm512_set1_ps(-87), d);
  __m512 e = _mm512_fmadd_ps(d, _mm512_set1_ps((float)M_LOG2E), to_whole);
  e = _mm512_sub_ps(e, to_whole);
  __m512 r = _mm512_fnmadd_ps(e, _mm512_set1_ps((float)M_LN2), d);
  return _mm512_scalef_ps(exp_series(r, _mm512_set1_ps(1.f / 720)), e);
}

/* exp(x - max). The difference can be off by 32 eps where it is large; what it lost
** (Knuth's two-sum) goes into the exponential. */
INLINE __m512 weight_below(__m512 x, __m512 max) {
  __m512 d = _mm512_sub_ps(x, max), b = _mm512_sub_ps(d, x);
  __m512 lost =
      _mm512_sub_ps(_mm512_sub_ps(x, _mm512_sub_ps(d, b)), _mm512_add_ps(max, b));
  return exp_below(d, lost);
}

#endif
