/* x86_avx2.h: what files of the AVX2 tier share: masks, the exponential, folding.
**
** What: the first lanes of a vector; exp to 2 eps, and of a difference that is exact; the
**   sum and the greatest of a vector's lanes.
** How: inline functions, compiled with the flags of the file that includes them.
** Invariant: a lane's exponential depends on that lane alone; lanes are added in one
**   order.
** Not here: loops over arrays.
*/
#ifndef MOON_KERNELS_X86_AVX2_H
#define MOON_KERNELS_X86_AVX2_H

#include <immintrin.h>
#include <math.h>

#include "kernels/tile.h"

enum { LANES = 8 };

/* The first n lanes, n <= 8. */
INLINE __m256i first(size_t n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n),
                            _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

INLINE __m128 halves(__m256 a) {
  return _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
}

/* The four sums of lanes, each added up in the same way. */
INLINE __m128 fold4(__m256 a, __m256 b, __m256 c, __m256 d) {
  return _mm_hadd_ps(_mm_hadd_ps(halves(a), halves(b)),
                     _mm_hadd_ps(halves(c), halves(d)));
}

/* exp(x + rest) * 2^shift with relative error below 2 eps, |rest| far below 1; x below
** -104 is taken for -104 and x above 104 for 104, NaN stays NaN. Results above FLT_MAX
** are infinite, below FLT_MIN 0 or rounded. Taylor's series to degree 7: on |r| <=
** ln(2)/2 the remainder is below eps/20. */
INLINE __m256 exp_plus(__m256 x, __m256 rest, int shift) {
  x = _mm256_max_ps(_mm256_set1_ps(-104), _mm256_min_ps(_mm256_set1_ps(104), x));
  __m256 e = _mm256_round_ps(_mm256_mul_ps(x, _mm256_set1_ps((float)M_LOG2E)),
                             _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  __m256 r = _mm256_fnmadd_ps(e, _mm256_set1_ps(0x1.62e4p-1f), x);      /* exact */
  r = _mm256_fnmadd_ps(e, _mm256_set1_ps((float)(M_LN2 - 0x1.62e4p-1)), r);
  r = _mm256_add_ps(r, rest);
  __m256 p = _mm256_set1_ps(1.f / 5040);
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.f / 720));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.f / 120));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.f / 24));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.f / 6));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.f / 2));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1));
  /* The power of two by its exponent field: 0 stands for 0, 255 for infinity. */
  __m256i field = _mm256_add_epi32(_mm256_cvtps_epi32(e), _mm256_set1_epi32(127 + shift));
  field = _mm256_max_epi32(_mm256_min_epi32(field, _mm256_set1_epi32(255)),
                           _mm256_setzero_si256());
  return _mm256_mul_ps(p, _mm256_castsi256_ps(_mm256_slli_epi32(field, 23)));
}

/* exp(x - max), 0 where that is below FLT_MIN. The difference can be off by 32 eps where
** it is large; what it lost (Knuth's two-sum) goes into the exponential. */
INLINE __m256 weight_below(__m256 x, __m256 max) {
  __m256 d = _mm256_sub_ps(x, max), b = _mm256_sub_ps(d, x);
  __m256 lost =
      _mm256_sub_ps(_mm256_sub_ps(x, _mm256_sub_ps(d, b)), _mm256_add_ps(max, b));
  __m256 zero = _mm256_cmp_ps(d, _mm256_set1_ps(-87.3366f), _CMP_LT_OQ);
  return _mm256_andnot_ps(zero, exp_plus(d, lost, 0));
}

INLINE float sum_of(__m256 a) { return _mm_cvtss_f32(fold4(a, a, a, a)); }

INLINE __m256 max_in_all(__m256 a) {
  __m128 b = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
  b = _mm_max_ps(b, _mm_movehl_ps(b, b));
  return _mm256_broadcastss_ps(_mm_max_ss(b, _mm_movehdup_ps(b)));
}

#endif
