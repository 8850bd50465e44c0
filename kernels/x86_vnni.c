/* x86_vnni.c: the VNNI tier (avx512_vnni and avx512_vbmi on top of AVX-512): products
** with weights in 8 and 4 bits.
**
** What: mk_matmul_q8 and mk_matmul_q4.
** How: one vector holds 4 columns of a group's 16 rows; vpdpbusd adds its products with 4
**   activations, the same for all rows, to 16 whole sums. It wants one operand unsigned:
**   weights are kept plus 128, and a block's sums start from the activations' bias. A q4
**   code and its book together are an index of 6 bits into one register of levels + 128.
**   Few columns take q4 as it is stored, many open it once for all of them (int8.h).
**   A tile of G groups by C columns is one inline function with G and C constant at each
**   call, so that the sums live in registers.
** Invariant: whole sums are exact, so every tier has the same.
** Not here: quantising, which plain AVX-512 does as well.
*/
#include <immintrin.h>
#include <string.h>

#include "kernels/int8.h"

/* 2 groups by 6 columns: 12 whole sums, 12 sums in f32, and 8 registers to work with. */
enum { HEIGHT = 2, WIDTH = 6, FEW = 2 * WIDTH };

INLINE __m512i load_levels(void) {
  return _mm512_xor_si512(_mm512_loadu_si512(mk_q4_levels), _mm512_set1_epi8(-128));
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

/* Vector j < 8 of a block, unsigned. vpermb looks at the 6 lowest bits of an index: the
** four of the code, by the mask, and the book's. */
INLINE __m512i weights(bool q4, const uint8_t *codes, size_t j, __m512i books,
                       __m512i levels) {
  if (!q4) return _mm512_loadu_si512(codes + 64 * j);
  __m512i pairs = _mm512_loadu_si512(codes + 64 * (j / 2));
  if (j % 2) pairs = _mm512_srli_epi16(pairs, 4);
  __m512i index = _mm512_ternarylogic_epi32(pairs, books, _mm512_set1_epi8(15), 0xe4);
  return _mm512_permutexvar_epi8(index, levels);
}

INLINE __m512i four_of(const int8_t *q) {
  int32_t four;
  memcpy(&four, q, sizeof four);
  return _mm512_set1_epi32(four);
}

INLINE __m256i load_scales(const uint8_t *at) {
  return _mm256_loadu_si256((const __m256i_u *)at);
}

/* The addresses are never read. */
INLINE void ask_for(const uint8_t *codes, size_t bytes) {
  UNROLL
  for (size_t i = 0; i < bytes; i += 64)
    __builtin_prefetch((const void *)((uintptr_t)codes + i + AHEAD), 0, 2);
}

INLINE void tile(bool q4, bool ahead, size_t G, size_t C, const patch *p) {
  const size_t bytes = q4 ? MK_Q4_BYTES : MK_Q8_BYTES;
  const size_t n = p->n, blocks = n / MK_QBLOCK;
  const __m512i levels = load_levels();
  const uint8_t *codes = p->codes, *scales = p->scales;
  const int8_t *q = p->q;
  __m512i whole[HEIGHT][WIDTH], books[HEIGHT], w[HEIGHT];
  __m512 sum[HEIGHT][WIDTH], scale[HEIGHT];
  UNROLL
  for (size_t c = 0; c < C; c++)
    UNROLL
    for (size_t g = 0; g < G; g++)
      sum[g][c] = p->first ? _mm512_setzero_ps()
                           : _mm512_loadu_ps(p->y + c * p->ldy + g * MK_QROWS);
  for (size_t b = 0; b < p->count; b++) {
    UNROLL
    for (size_t g = 0; g < G; g++) {
      __m256i halves = load_scales(scales + g * p->scale_step);
      books[g] = q4 ? books_of(halves) : _mm512_setzero_si512();
      scale[g] = _mm512_cvtph_ps(q4 ? without_book(halves) : halves);
      if (ahead) ask_for(codes + g * p->code_step, bytes);
    }
    UNROLL
    for (size_t c = 0; c < C; c++)
      UNROLL
      for (size_t g = 0; g < G; g++)
        whole[g][c] = _mm512_set1_epi32(p->bias[c * blocks + b]);
    UNROLL
    for (size_t j = 0; j < 8; j++) {
      UNROLL
      for (size_t g = 0; g < G; g++)
        w[g] = weights(q4, codes + g * p->code_step, j, books[g], levels);
      UNROLL
      for (size_t c = 0; c < C; c++) {
        __m512i x = four_of(q + c * n + 4 * j);
        UNROLL
        for (size_t g = 0; g < G; g++)
          whole[g][c] = _mm512_dpbusd_epi32(whole[g][c], w[g], x);
      }
    }
    UNROLL
    for (size_t c = 0; c < C; c++) {
      __m512 by = _mm512_set1_ps(p->scale[c * blocks + b]);
      UNROLL
      for (size_t g = 0; g < G; g++)
        sum[g][c] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(whole[g][c]),
                                    _mm512_mul_ps(scale[g], by), sum[g][c]);
    }
    codes += bytes;
    scales += SCALES;
    q += MK_QBLOCK;
  }
  UNROLL
  for (size_t c = 0; c < C; c++)
    UNROLL
    for (size_t g = 0; g < G; g++)
      _mm512_storeu_ps(p->y + c * p->ldy + g * MK_QROWS, sum[g][c]);
}

INLINE void tile_by_columns(bool q4, bool ahead, size_t G, const patch *p,
                            size_t columns) {
  switch (columns) {
    case 1: tile(q4, ahead, G, 1, p); break;
    case 2: tile(q4, ahead, G, 2, p); break;
    case 3: tile(q4, ahead, G, 3, p); break;
    case 4: tile(q4, ahead, G, 4, p); break;
    case 5: tile(q4, ahead, G, 5, p); break;
    default: tile(q4, ahead, G, WIDTH, p);
  }
}

INLINE void tile_of(bool q4, bool ahead, const patch *p, size_t groups, size_t columns) {
  if (groups == 1) tile_by_columns(q4, ahead, 1, p, columns);
  else tile_by_columns(q4, ahead, HEIGHT, p, columns);
}

/* Asking costs instructions: only the first columns do it, which read from memory. */
static void tile_q8(const patch *p, size_t groups, size_t columns) {
  if (p->ahead) tile_of(false, true, p, groups, columns);
  else tile_of(false, false, p, groups, columns);
}

static void tile_q4(const patch *p, size_t groups, size_t columns) {
  tile_of(true, true, p, groups, columns);
}

static void open_q4(uint8_t *codes, uint8_t *scales, const uint8_t *q4_codes,
                    const uint8_t *q4_scales, size_t count) {
  const __m512i levels = load_levels();
  for (size_t b = 0; b < count; b++) {
    __m256i halves = load_scales(q4_scales + b * SCALES);
    __m512i books = books_of(halves);
    ask_for(q4_codes + b * MK_Q4_BYTES, MK_Q4_BYTES);
    UNROLL
    for (size_t j = 0; j < 8; j++)
      _mm512_store_si512(codes + b * MK_Q8_BYTES + 64 * j,
                         weights(true, q4_codes + b * MK_Q4_BYTES, j, books, levels));
    _mm256_store_si256((__m256i *)(scales + b * SCALES), without_book(halves));
  }
}

static void matmul_q8(float *y, size_t ldy, const uint8_t *w, size_t n, const mk_int8 *x,
                      size_t groups, size_t m) {
  product_stored(tile_q8, HEIGHT, WIDTH, MK_Q8_BYTES, y, ldy, w, n, x, groups, m);
}

static void matmul_q4(float *y, size_t ldy, const uint8_t *w, size_t n, const mk_int8 *x,
                      size_t groups, size_t m) {
  if (m <= FEW)
    product_stored(tile_q4, HEIGHT, WIDTH, MK_Q4_BYTES, y, ldy, w, n, x, groups, m);
  else
    product_opened(open_q4, tile_q8, HEIGHT, WIDTH, y, ldy, w, n, x, groups, m);
}

const mk_table mk_vnni = {
  .matmul_q8 = matmul_q8,
  .matmul_q4 = matmul_q4,
};
