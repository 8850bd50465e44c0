/* x86_avx2_int8.c: the AVX2 tier's second table: weights in 8 and 4 bits.
**
** What: mk_quantize, mk_matmul_q8, mk_matmul_q4.
** How: half a vector of a block is 4 columns of 8 rows. vpmaddubsw multiplies unsigned
**   by signed and adds pairs in 16 bits, where byte times activation would saturate;
**   |weight| times the activation with the weight's sign does not: 2 * 128 * 127 < 2^15.
**   q4 blocks are opened, by four look-ups of which the row's book lets one through.
** Invariant: whole sums are exact, for a weight of -128 too, given activations within
**   -127 .. 127.
** Not here: the walk over a product (int8.h).
*/
#include <immintrin.h>
#include <string.h>

#include "kernels/int8.h"

/* 1 group by 2 columns: 4 whole sums, 4 sums in f32, and 8 registers to work with. */
enum { LANES = 8, HALVES = 2, WIDTH = 2 };

INLINE __m256i load_bytes(const void *at) {
  return _mm256_loadu_si256((const __m256i_u *)at);
}

/* 8 whole sums, the products of a weight's 4 columns added. size is |weight|. */
INLINE __m256i add_products(__m256i whole, __m256i size, __m256i weight, __m256i x) {
  __m256i pairs = _mm256_maddubs_epi16(size, _mm256_sign_epi8(x, weight));
  return _mm256_add_epi32(whole, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

INLINE __m256i four_of(const int8_t *q) {
  int32_t four;
  memcpy(&four, q, sizeof four);
  return _mm256_set1_epi32(four);
}

INLINE void tile(size_t C, const patch *p) {
  const size_t blocks = p->n / MK_QBLOCK;
  __m256i whole[HALVES][WIDTH], x[WIDTH];
  __m256 sum[HALVES][WIDTH];
  UNROLL
  for (size_t c = 0; c < C; c++)
    UNROLL
    for (size_t h = 0; h < HALVES; h++)
      sum[h][c] = p->first ? _mm256_setzero_ps()
                           : _mm256_loadu_ps(p->y + c * p->ldy + h * LANES);
  for (size_t b = 0; b < p->count; b++) {
    const uint8_t *codes = p->codes + b * MK_Q8_BYTES, *scales = p->scales + b * SCALES;
    const int8_t *q = p->q + b * MK_QBLOCK;
    UNROLL
    for (size_t c = 0; c < C; c++)
      UNROLL
      for (size_t h = 0; h < HALVES; h++) whole[h][c] = _mm256_setzero_si256();
    UNROLL
    for (size_t j = 0; j < 8; j++) {
      UNROLL
      for (size_t c = 0; c < C; c++) x[c] = four_of(q + c * p->n + 4 * j);
      UNROLL
      for (size_t h = 0; h < HALVES; h++) {
        __m256i byte = load_bytes(codes + 64 * j + 32 * h);
        __m256i weight = _mm256_xor_si256(byte, _mm256_set1_epi8(-128));
        __m256i size = _mm256_abs_epi8(weight);
        UNROLL
        for (size_t c = 0; c < C; c++)
          whole[h][c] = add_products(whole[h][c], size, weight, x[c]);
      }
    }
    UNROLL
    for (size_t h = 0; h < HALVES; h++) {
      __m256 scale = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i_u *)scales + h));
      UNROLL
      for (size_t c = 0; c < C; c++) {
        __m256 by = _mm256_mul_ps(scale, _mm256_set1_ps(p->scale[c * blocks + b]));
        sum[h][c] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(whole[h][c]), by, sum[h][c]);
      }
    }
  }
  UNROLL
  for (size_t c = 0; c < C; c++)
    UNROLL
    for (size_t h = 0; h < HALVES; h++)
      _mm256_storeu_ps(p->y + c * p->ldy + h * LANES, sum[h][c]);
}

static void tile_q8(const patch *p, size_t groups, size_t columns) {
  (void)groups;
  if (columns == 1) tile(1, p);
  else tile(WIDTH, p);
}

/* Levels + 128 of 32 codes, one in each byte. closed[k] has the sign bit set in the bytes
** of rows whose book is not k: vpshufb gives 0 there. */
INLINE __m256i levels_of(__m256i codes, const __m256i *closed, const __m256i *books) {
  __m256i level = _mm256_setzero_si256();
  UNROLL
  for (size_t k = 0; k < MK_QBOOKS; k++) {
    __m256i index = _mm256_or_si256(codes, closed[k]);
    level = _mm256_or_si256(level, _mm256_shuffle_epi8(books[k], index));
  }
  return _mm256_xor_si256(level, _mm256_set1_epi8(-128));
}

static void open_q4(uint8_t *codes, uint8_t *scales, const uint8_t *q4_codes,
                    const uint8_t *q4_scales, size_t count) {
  const __m256i low = _mm256_set1_epi8(15);
  __m256i books[MK_QBOOKS], closed[HALVES][MK_QBOOKS];
  for (size_t k = 0; k < MK_QBOOKS; k++)
    books[k] = _mm256_broadcastsi128_si256(
        _mm_loadu_si128((const __m128i_u *)mk_q4_levels[k]));
  for (size_t b = 0; b < count; b++, q4_codes += MK_Q4_BYTES, codes += MK_Q8_BYTES) {
    __m256i halves = load_bytes(q4_scales + b * SCALES);
    __m256i book = _mm256_and_si256(halves, _mm256_set1_epi16(MK_QBOOKS - 1));
    _mm256_storeu_si256((__m256i_u *)(scales + b * SCALES),
                        _mm256_xor_si256(halves, book));
    for (size_t k = 0; k < MK_QBOOKS; k++) {
      __m256i open = _mm256_cmpeq_epi16(book, _mm256_set1_epi16((short)k));
      closed[0][k] = _mm256_cvtepi16_epi32(_mm256_castsi256_si128(open));
      closed[1][k] = _mm256_cvtepi16_epi32(_mm256_extracti128_si256(open, 1));
      for (size_t h = 0; h < HALVES; h++)
        closed[h][k] = _mm256_andnot_si256(closed[h][k], _mm256_set1_epi8(-128));
    }
    for (size_t j = 0; j < 4; j++)
      for (size_t h = 0; h < HALVES; h++) {
        __m256i pairs = load_bytes(q4_codes + 64 * j + 32 * h);
        __m256i high = _mm256_and_si256(_mm256_srli_epi16(pairs, 4), low);
        uint8_t *to = codes + 128 * j + 32 * h;
        pairs = _mm256_and_si256(pairs, low);
        _mm256_storeu_si256((__m256i_u *)to, levels_of(pairs, closed[h], books));
        _mm256_storeu_si256((__m256i_u *)(to + 64), levels_of(high, closed[h], books));
      }
  }
}

static void matmul_q8(float *y, size_t ldy, const uint8_t *w, size_t n, const mk_int8 *x,
                      size_t groups, size_t m) {
  product_stored(tile_q8, 1, WIDTH, MK_Q8_BYTES, y, ldy, w, n, x, groups, m);
}

static void matmul_q4(float *y, size_t ldy, const uint8_t *w, size_t n, const mk_int8 *x,
                      size_t groups, size_t m) {
  product_opened(open_q4, tile_q8, 1, WIDTH, y, ldy, w, n, x, groups, m);
}

/* ---- quantising ---- */

INLINE uint32_t greatest(__m256i a) {
  __m128i b = _mm_max_epu32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
  b = _mm_max_epu32(b, _mm_shuffle_epi32(b, 0x4e));
  return (uint32_t)_mm_cvtsi128_si32(_mm_max_epu32(b, _mm_shuffle_epi32(b, 0xb1)));
}

/* v[0] .. v[3], each within a byte, in order. */
INLINE __m256i narrowed(const __m256i *v) {
  __m256i bytes = _mm256_packs_epi16(_mm256_packs_epi32(v[0], v[1]),
                                     _mm256_packs_epi32(v[2], v[3]));
  return _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

INLINE int32_t sum_of(__m256i a) {
  __m128i b = _mm_add_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
  b = _mm_add_epi32(b, _mm_shuffle_epi32(b, 0x4e));
  return _mm_cvtsi128_si32(_mm_add_epi32(b, _mm_shuffle_epi32(b, 0xb1)));
}

static void quantize_block(int8_t *q, float *scale, int32_t *bias, const float *x) {
  __m256i v[4], most = _mm256_setzero_si256(), sum = most;
  float inverse;
  for (size_t i = 0; i < 4; i++) {
    v[i] = load_bytes(x + LANES * i);
    most = _mm256_max_epu32(most, _mm256_and_si256(v[i], _mm256_set1_epi32(0x7fffffff)));
  }
  bool usable = block_scale(greatest(most), scale, &inverse);
  for (size_t i = 0; i < 4; i++) {
    __m256 by = _mm256_mul_ps(_mm256_castsi256_ps(v[i]), _mm256_set1_ps(inverse));
    by = _mm256_round_ps(by, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    v[i] = usable ? _mm256_cvtps_epi32(by) : _mm256_setzero_si256();
    sum = _mm256_add_epi32(sum, v[i]);
  }
  _mm256_storeu_si256((__m256i_u *)q, narrowed(v));
  *bias = -128 * sum_of(sum);
}

static void quantize(int8_t *q, float *scale, int32_t *bias, const float *x, size_t n) {
  for (size_t b = 0; b < n / MK_QBLOCK; b++)
    quantize_block(q + b * MK_QBLOCK, scale + b, bias + b, x + b * MK_QBLOCK);
}

const mk_table mk_avx2_int8 = {
  .quantize = quantize,
  .matmul_q8 = matmul_q8,
  .matmul_q4 = matmul_q4,
};
