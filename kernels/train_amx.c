/* train_amx.c: products for training with operands rounded to bf16, by AMX.
**
** What: c := or += a b, sums in f32. Their time is that of reading a and b from behind the second
**   cache, so what counts is how often they are read, and that they are read as they lie.
** How: a and b become pieces (x86_amx.h); a source whose numbers lie the other way is turned in
**   registers. BLOCK rows of A and as many columns of B, DEEP of k, are packed at a time and stay
**   in the second cache.
** Invariant: each number of C is a sum whose order depends on k alone.
*/
#include "kernels/train.h"
#include "kernels/x86_amx.h"

enum {
  DEEP = 256, BLOCK = 480,      /* 240 KB each of A and of B */
  PIECES = DEEP / STEP * (BLOCK / SIDE)
};

_Static_assert(2 * PIECES * sizeof(piece) + LINE <= MK_GEMM_SCRATCH * sizeof(float), "scratch");

/* Numbers next to each other, of step p and of step p + 1, as pairs. */
INLINE __m512i pairs_of(__m512 low, __m512 high) {
  const __m512i weave = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24,
                                         8, 23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  return _mm512_permutexvar_epi16(weave, (__m512i)_mm512_cvtne2ps_pbh(high, low));
}

/* 16 rows or columns, `apart` from each other, of 32 steps of k, `step` apart; one of both is 1.
** Those past `side` and `deep` are 0. pairs: as B's. */
INLINE void pack_piece(piece *to, const float *x, size_t apart, size_t step, size_t side,
                       size_t deep, bool pairs) {
  __m512i v[SIDE];
  if (step == 1) {
    __mmask16 low = first(least(LANES, deep)), high = first(deep > LANES ? deep - LANES : 0);
    UNROLL
    for (size_t r = 0; r < SIDE; r++) {
      const float *at = x + r * apart;
      v[r] = r < side ? (__m512i)_mm512_cvtne2ps_pbh(_mm512_maskz_loadu_ps(high, at + LANES),
                                                     _mm512_maskz_loadu_ps(low, at))
                      : _mm512_setzero_si512();
    }
  } else {
    __mmask16 some = first(side);
    UNROLL
    for (size_t q = 0; q < SIDE; q++) {
      const float *at = x + 2 * q * step;
      v[q] = pairs_of(_mm512_maskz_loadu_ps(2 * q < deep ? some : 0, at),
                      _mm512_maskz_loadu_ps(2 * q + 1 < deep ? some : 0, at + step));
    }
  }
  if ((step == 1) == pairs) turn(v);
  UNROLL
  for (size_t r = 0; r < SIDE; r++) _mm512_store_si512(to->at[r], v[r]);
}

INLINE void pack_at(piece *to, const float *x, size_t apart, size_t step, size_t side, size_t deep,
                    bool pairs) {
  if (side < SIDE || deep < STEP)
    pack_piece(to, x, apart, step, least(SIDE, side), least(STEP, deep), pairs);
  else if (step == 1) pack_piece(to, x, apart, 1, SIDE, STEP, pairs);
  else pack_piece(to, x, 1, step, SIDE, STEP, pairs);
}

/* `count` rows or columns by `deep` of k, piece after piece along k; read as they lie. */
INLINE void pack(piece *to, const float *x, size_t apart, size_t step, size_t count, size_t deep,
                 bool pairs) {
  size_t row = (deep + STEP - 1) / STEP;
  if (step == 1) {
    for (size_t i = 0; i < count; i += SIDE)
      for (size_t p = 0; p < row; p++)
        pack_at(to + i / SIDE * row + p, x + i * apart + p * STEP, apart, 1, count - i,
                deep - p * STEP, pairs);
    return;
  }
  for (size_t p = 0; p < row; p++)
    for (size_t i = 0; i < count; i += SIDE)
      pack_at(to + i / SIDE * row + p, x + i + p * STEP * step, 1, step, count - i,
              deep - p * STEP, pairs);
}

/* c (m, n) := or += packed rows by packed columns. */
static void multiply(size_t m, size_t n, size_t count, const piece *rows, const piece *cols,
                     float *c, size_t ldc, bool add) {
  for (size_t i = 0; i < m; i += TILE)
    for (size_t j = 0; j < n; j += TILE) {
      pieces a = packed(rows + i / SIDE * count, count);
      pieces b = packed(cols + j / SIDE * count, count);
      float *to = c + i * ldc + j;
      if (m - i >= TILE && n - j >= TILE) tile_product(count, a, b, to, ldc, add);
      else edge_product(count, a, b, to, ldc, add, least(TILE, m - i), least(TILE, n - j));
    }
}

static void gemm(size_t m, size_t n, size_t k, const float *a, size_t a_row, size_t a_col,
                 const float *b, size_t b_row, size_t b_col, float *c, size_t ldc, bool add,
                 float *scratch) {
  piece *rows = (piece *)(((uintptr_t)scratch + LINE - 1) / LINE * LINE), *cols = rows + PIECES;
  tile_config config = whole_tiles();
  load_config(&config);
  for (size_t p = 0; p < k; p += DEEP, add = true)
    for (size_t i = 0; i < m; i += BLOCK) {
      size_t deep = least(DEEP, k - p), tall = least(BLOCK, m - i);
      pack(rows, a + i * a_row + p * a_col, a_row, a_col, tall, deep, false);
      for (size_t j = 0; j < n; j += BLOCK) {
        size_t wide = least(BLOCK, n - j);
        pack(cols, b + p * b_row + j * b_col, b_col, b_row, wide, deep, true);
        multiply(tall, wide, (deep + STEP - 1) / STEP, rows, cols, c + i * ldc + j, ldc, add);
      }
    }
  _tile_release();
}

mk_gemm *const mk_gemm_amx = gemm;
