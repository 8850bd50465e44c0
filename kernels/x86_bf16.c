/* x86_bf16.c: the BF16 tier (avx512_bf16 on top of AVX-512): narrowing by one
** instruction.
**
** What: narrow_bf16. The dot-product instruction of this extension is of no use to the
**   contracts: it would round x to bf16 as well.
** How: vcvtneps2bf16 rounds as the contract says, except that it takes subnormal numbers
**   for 0. bf16 has the exponents of f32, so only subnormal inputs give subnormal
**   results; lanes with such inputs are rounded in integers instead.
** Invariant: the bits are those of mk_bf16_of_f32, for every input.
** Not here: widening, which is a shift in any tier.
*/
#include <immintrin.h>

#include "kernels/kernels.h"

enum { LANES = 16 };

/* Rounds numbers below FLT_MIN, each in the low half of its lane. */
static inline __m256i small_bf16_of(__m512i bits) {
  __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  __m512i up = _mm512_add_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7fff)), odd);
  return _mm512_cvtepi32_epi16(_mm512_srli_epi32(up, 16));
}

static inline __m256i bf16_of(__m512 x) {
  __m512i bits = _mm512_castps_si512(x);
  __mmask16 small = _mm512_testn_epi32_mask(bits, _mm512_set1_epi32(0x7f800000));
  __m256i h = (__m256i)_mm512_cvtneps_pbh(x);
  return small ? _mm256_mask_mov_epi16(h, small, small_bf16_of(bits)) : h;
}

static void narrow_bf16(mk_bf16 *y, const float *x, size_t n) {
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    _mm256_storeu_si256((__m256i_u *)(y + i), bf16_of(_mm512_loadu_ps(x + i)));
  __mmask16 rest = (__mmask16)((1u << (n - i)) - 1);
  _mm256_mask_storeu_epi16(y + i, rest, bf16_of(_mm512_maskz_loadu_ps(rest, x + i)));
}

const mk_table mk_bf16_tier = { .narrow_bf16 = narrow_bf16 };
