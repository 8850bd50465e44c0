/* x86_q4.h: opening 4-bit weights with VBMI, for the tiers that multiply bytes.
**
** What: the 8 vectors of a block from its codes and books; blocks of q4 as blocks of q8.
** How: a code and its book together are an index of 6 bits into one register of levels.
** Invariant: asking for memory ahead never reads it.
*/
#ifndef MOON_KERNELS_X86_Q4_H
#define MOON_KERNELS_X86_Q4_H

#include "kernels/int8.h"
#include "kernels/x86_avx512.h"

INLINE __m512i load_levels(void) { return _mm512_loadu_si512(mk_q4_levels); }

/* Signed bytes to unsigned ones, and back. */
INLINE __m512i plus_128(__m512i bytes) {
  return _mm512_xor_si512(bytes, _mm512_set1_epi8(-128));
}

/* In bits 4 and 5 of each byte the book of its row, from a block's f16 scales; the other
** bits may be anything. */
INLINE __m512i books_of(__m256i scales) {
  const __m512i low_bytes = _mm512_set_epi32(
      0x1e1e1e1e, 0x1c1c1c1c, 0x1a1a1a1a, 0x18181818, 0x16161616, 0x14141414, 0x12121212,
      0x10101010, 0x0e0e0e0e, 0x0c0c0c0c, 0x0a0a0a0a, 0x08080808, 0x06060606, 0x04040404,
      0x02020202, 0x00000000);
  __m512i bytes = _mm512_permutexvar_epi8(low_bytes, _mm512_castsi256_si512(scales));
  return _mm512_slli_epi16(bytes, 4);
}

INLINE __m256i without_book(__m256i scales) {
  return _mm256_andnot_si256(_mm256_set1_epi16(MK_QBOOKS - 1), scales);
}

/* Vector j < 8 of a block: as it is stored in q8, in q4 from `levels`. vpermb looks at the 6
** lowest bits of an index: the four of the code, by the mask, and the book's. */
INLINE __m512i weights(bool q4, const uint8_t *codes, size_t j, __m512i books,
                       __m512i levels) {
  if (!q4) return _mm512_loadu_si512(codes + 64 * j);
  __m512i pairs = _mm512_loadu_si512(codes + 64 * (j / 2));
  if (j % 2) pairs = _mm512_srli_epi16(pairs, 4);
  __m512i index = _mm512_ternarylogic_epi32(pairs, books, _mm512_set1_epi8(15), 0xe4);
  return _mm512_permutexvar_epi8(index, levels);
}

INLINE __m256i load_scales(const uint8_t *at) {
  return _mm256_loadu_si256((const __m256i_u *)at);
}

/* Lines `step` bytes apart. The addresses are never read. */
INLINE void ask_for(uintptr_t at, size_t step, size_t lines) {
  UNROLL
  for (size_t i = 0; i < lines; i++) __builtin_prefetch((const void *)(at + i * step), 0, 2);
}

/* Rewrites q4 blocks as q8, their bytes from `levels`. */
INLINE void open_levels(__m512i levels, uint8_t *codes, uint8_t *scales,
                        const uint8_t *q4_codes, const uint8_t *q4_scales, size_t count) {
  for (size_t b = 0; b < count; b++) {
    __m256i halves = load_scales(q4_scales + b * SCALES);
    __m512i books = books_of(halves);
    ask_for((uintptr_t)q4_codes + b * MK_Q4_BYTES + AHEAD, LINE, MK_Q4_BYTES / LINE);
    UNROLL
    for (size_t j = 0; j < 8; j++)
      _mm512_store_si512(codes + b * MK_Q8_BYTES + 64 * j,
                         weights(true, q4_codes + b * MK_Q4_BYTES, j, books, levels));
    _mm256_store_si256((__m256i *)(scales + b * SCALES), without_book(halves));
  }
}

#endif
