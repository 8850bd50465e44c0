/* emulate_bf16.h: the two AVX512-BF16 instructions that kernels/x86_bf16.c uses, on plain
** AVX-512, so that the kernels themselves run in checks on CPUs without the extension.
**
** What: Intel's definition. Both take subnormal numbers for 0 and leave none behind; the
**   dot product adds the odd pair's product to the sum, then the even one's, each by one
**   fused multiply-add to nearest even; narrowing rounds to nearest even, NaN made quiet.
** How: included before anything else by the compiler's -include; the macros then replace
**   the intrinsics' names, and the table's, so that the result links beside the real one.
*/
#ifndef MOON_SPEC_KERNELS_EMULATE_BF16_H
#define MOON_SPEC_KERNELS_EMULATE_BF16_H

#include <immintrin.h>

/* Subnormal numbers become zeros of their sign. */
static inline __m512 emulate_flush(__m512 x) {
  __m512i bits = _mm512_castps_si512(x);
  __mmask16 small = _mm512_testn_epi32_mask(bits, _mm512_set1_epi32(0x7f800000));
  __m512i zero = _mm512_and_si512(bits, _mm512_set1_epi32((int)0x80000000u));
  return _mm512_castsi512_ps(_mm512_mask_mov_epi32(bits, small, zero));
}

static inline __m512 emulate_upper(__m512i pairs) {
  __m512i upper = _mm512_and_si512(pairs, _mm512_set1_epi32((int)0xffff0000u));
  return emulate_flush(_mm512_castsi512_ps(upper));
}

static inline __m512 emulate_dpbf16(__m512 sum, __m512bh a, __m512bh b) {
  __m512i pa = (__m512i)a, pb = (__m512i)b;
  __m512 odd = _mm512_fmadd_ps(emulate_upper(pa), emulate_upper(pb), emulate_flush(sum));
  __m512 even_a = emulate_upper(_mm512_slli_epi32(pa, 16));
  __m512 even_b = emulate_upper(_mm512_slli_epi32(pb, 16));
  return emulate_flush(_mm512_fmadd_ps(even_a, even_b, emulate_flush(odd)));
}

static inline __m256bh emulate_cvtneps(__m512 x) {
  __m512i bits = _mm512_castps_si512(emulate_flush(x)), one = _mm512_set1_epi32(1);
  __mmask16 nan = _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q);
  __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), one);
  __m512i up = _mm512_add_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7fff)), odd);
  __m512i quiet = _mm512_or_si512(bits, _mm512_set1_epi32(0x400000));
  up = _mm512_mask_mov_epi32(up, nan, quiet);
  return (__m256bh)_mm512_cvtepi32_epi16(_mm512_srli_epi32(up, 16));
}

#define _mm512_dpbf16_ps emulate_dpbf16
#define _mm512_cvtneps_pbh emulate_cvtneps
#define mk_bf16_tier mk_bf16_emulated

#endif
