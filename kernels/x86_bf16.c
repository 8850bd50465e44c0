/* x86_bf16.c: the BF16 tier (avx512_bf16 on top of AVX-512): narrowing by one
** instruction, and products of bf16 with bf16.
**
** What: narrow_bf16; matmul_bf16. The other contracts cannot use this extension's dot
**   product: it would round x to bf16 as well.
** How: vcvtneps2bf16 rounds as the contract says, except that it takes subnormal numbers
**   for 0. bf16 has the exponents of f32, so only subnormal inputs give subnormal
**   results; lanes with such inputs are rounded in integers instead. A product turns a
**   part of 32 rows so that lane r of a vector holds row r's pair of columns; every
**   column of x then meets it pair by pair, and its sums wait in y for the next part.
** Invariant: narrow_bf16 gives the bits of mk_bf16_of_f32, for every input. A sum of a
**   product runs over its pairs in order.
** Not here: widening, which is a shift in any tier. spec/kernels/emulate_bf16.h stands in
**   for both instructions where the CPU lacks them, for the checks.
*/
#include "kernels/x86_avx512.h"

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
  __mmask16 rest = first(n - i);
  _mm256_mask_storeu_epi16(y + i, rest, bf16_of(_mm512_maskz_loadu_ps(rest, x + i)));
}

/* ---- products ---- */

enum {
  HEIGHT = 2,                   /* vectors of rows in a tile: */
  WIDTH = 12,                   /* 24 sums, 2 vectors of weights, 1 of x */
  PAIRS = 128                   /* columns of a part, two by two: 16 KB of turned weights */
};

typedef struct part {
  __m512i pair[PAIRS][HEIGHT];  /* lane r: row r's two columns */
} part;

/* Turns `columns` columns, at most 2 * PAIRS, of up to 16 rows into vector h of each pair; rows and
** columns that are not there become 0. */
INLINE void turn_rows(part *t, size_t h, const mk_bf16 *w, size_t ldw, size_t rows,
                      size_t columns) {
  for (size_t k = 0; k < columns; k += 2 * LANES) {
    size_t left = least(2 * LANES, columns - k);
    __mmask32 some = (__mmask32)(0xffffffffu >> (2 * LANES - left));
    __m512i v[16];
    UNROLL
    for (size_t r = 0; r < 16; r++)
      v[r] = r < rows ? _mm512_maskz_loadu_epi16(some, w + r * ldw + k)
                      : _mm512_setzero_si512();
    turn(v);
    UNROLL
    for (size_t i = 0; i < 16; i++) t->pair[k / 2 + i][h] = v[i];
  }
}

/* x's pair of columns, or its last one and 0, in every lane. */
INLINE __m512bh pair_of(const mk_bf16 *x, bool both) {
  uint32_t bits = x[0];
  if (both) memcpy(&bits, x, sizeof bits);
  return (__m512bh)_mm512_set1_epi32((int)bits);
}

INLINE void add_pair(__m512 sum[HEIGHT][WIDTH], size_t C, const part *t, size_t pair,
                     const mk_bf16 *x, size_t ldx, bool both) {
  UNROLL
  for (size_t c = 0; c < C; c++) {
    __m512bh b = pair_of(x + c * ldx + 2 * pair, both);
    UNROLL
    for (size_t h = 0; h < HEIGHT; h++)
      sum[h][c] = _mm512_dpbf16_ps(sum[h][c], (__m512bh)t->pair[pair][h], b);
  }
}

/* C columns of x over one part; the sums start at 0 or go on from y. */
INLINE void tile(size_t C, float *y, size_t ldy, const part *t, const mk_bf16 *x, size_t ldx,
                 size_t rows, size_t columns, bool begin) {
  __m512 sum[HEIGHT][WIDTH];
  __mmask16 mask[HEIGHT] = { first(least(LANES, rows)),
                             first(rows > LANES ? rows - LANES : 0) };
  UNROLL
  for (size_t c = 0; c < C; c++)
    UNROLL
    for (size_t h = 0; h < HEIGHT; h++)
      sum[h][c] = begin ? _mm512_setzero_ps()
                        : _mm512_maskz_loadu_ps(mask[h], y + c * ldy + h * LANES);
  for (size_t pair = 0; pair < columns / 2; pair++) add_pair(sum, C, t, pair, x, ldx, true);
  if (columns % 2) add_pair(sum, C, t, columns / 2, x, ldx, false);
  UNROLL
  for (size_t c = 0; c < C; c++)
    UNROLL
    for (size_t h = 0; h < HEIGHT; h++)
      _mm512_mask_storeu_ps(y + c * ldy + h * LANES, mask[h], sum[h][c]);
}

INLINE void part_of(float *y, size_t ldy, const part *t, const mk_bf16 *x, size_t ldx,
                    size_t rows, size_t columns, size_t m, bool begin) {
  size_t j = 0;
  for (; j + WIDTH <= m; j += WIDTH)
    tile(WIDTH, y + j * ldy, ldy, t, x + j * ldx, ldx, rows, columns, begin);
  for (; j + 4 <= m; j += 4)
    tile(4, y + j * ldy, ldy, t, x + j * ldx, ldx, rows, columns, begin);
  for (; j < m; j++)
    tile(1, y + j * ldy, ldy, t, x + j * ldx, ldx, rows, columns, begin);
}

static void matmul_bf16(float *y, size_t ldy, const mk_bf16 *w, size_t ldw,
                        const mk_bf16 *x, size_t ldx, size_t rows, size_t n, size_t m) {
  part t;
  for (size_t i = 0; i < rows; i += HEIGHT * LANES) {
    size_t tall = least(HEIGHT * LANES, rows - i), k = 0;
    do {                        /* once at least: n = 0 gives zeros */
      size_t columns = least(2 * PAIRS, n - k);
      for (size_t h = 0; h < HEIGHT; h++) {
        size_t at = i + h * LANES, there = at < rows ? least(LANES, rows - at) : 0;
        turn_rows(&t, h, w + (there ? at * ldw + k : 0), ldw, there, columns);
      }
      part_of(y + i, ldy, &t, x + k, ldx, tall, columns, m, k == 0);
      k += columns;
    } while (k < n);
  }
}

const mk_table mk_bf16_tier = {
  .narrow_bf16 = narrow_bf16,
  .matmul_bf16 = matmul_bf16,
};
