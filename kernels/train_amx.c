/* train_amx.c: products for training with operands rounded to bf16, by AMX.
**
** What: c := or += a b, sums in f32, in tiles of 16 x 16 sums in a unit of their own: a hundred
**   times the rate at which the memory behind the second cache can bring operands, so what counts
**   is how often those are read, and that they are read as they lie.
** How: a piece is 16 rows (of A) or columns (of B) by 32 steps of k, 1 KB. A's pieces hold a row's
**   32 numbers next to each other, B's hold 16 pairs of k, each of 16 columns: what TDPBF16PS
**   takes. A source whose numbers lie the other way is turned in registers. BLOCK rows of A and as
**   many columns of B, DEEP of k, are packed at a time and stay in the second cache.
** Invariant: each number of C is a sum whose order depends on k alone. Tiles are configured while
**   a product runs and released after it, so that a thread elsewhere saves none when it is
**   switched.
*/
#include <string.h>
#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "kernels/train.h"
#include "kernels/x86_avx512.h"

enum {
  SIDE = 16, STEP = 32,         /* of a piece */
  TILE = 2 * SIDE,              /* rows and columns of C at a time */
  DEEP = 256, BLOCK = 480,      /* 240 KB each of A and of B */
  PIECES = DEEP / STEP * (BLOCK / SIDE)
};

typedef struct piece { uint16_t at[SIDE][STEP]; } piece;

_Static_assert(2 * PIECES * sizeof(piece) + 64 <= MK_GEMM_SCRATCH * sizeof(float), "scratch");

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
  size_t pieces = (deep + STEP - 1) / STEP;
  if (step == 1) {
    for (size_t i = 0; i < count; i += SIDE)
      for (size_t p = 0; p < pieces; p++)
        pack_at(to + i / SIDE * pieces + p, x + i * apart + p * STEP, apart, 1, count - i,
                deep - p * STEP, pairs);
    return;
  }
  for (size_t p = 0; p < pieces; p++)
    for (size_t i = 0; i < count; i += SIDE)
      pack_at(to + i / SIDE * pieces + p, x + i + p * STEP * step, 1, step, count - i,
              deep - p * STEP, pairs);
}

typedef struct tile_config {
  uint8_t palette, start_row, reserved[14];
  uint16_t bytes[16];           /* of a row */
  uint8_t rows[16];
} tile_config;

static void tile_begin(void) {
  tile_config config = {.palette = 1};
  for (size_t i = 0; i < 8; i++) {
    config.bytes[i] = sizeof(piece) / SIDE;
    config.rows[i] = SIDE;
  }
  _tile_loadconfig(&config);
}

static void tile_end(void) { _tile_release(); }

static void tile(size_t pieces, const piece *a, const piece *b, float *c, size_t ldc, bool add) {
  enum { ROW = sizeof(piece) / SIDE };
  size_t step = ldc * sizeof *c;
  float *below = c + SIDE * ldc;
  for (size_t r = 0; r < TILE; r++) {
    __builtin_prefetch(c + r * ldc, 1);
    __builtin_prefetch(c + r * ldc + SIDE, 1);
  }
  if (add) {
    _tile_loadd(0, c, step);
    _tile_loadd(1, c + SIDE, step);
    _tile_loadd(2, below, step);
    _tile_loadd(3, below + SIDE, step);
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  for (size_t p = 0; p < pieces; p++) {
    _tile_loadd(4, a + p, ROW);
    _tile_loadd(6, b + p, ROW);
    _tile_dpbf16ps(0, 4, 6);
    _tile_loadd(7, b + pieces + p, ROW);
    _tile_dpbf16ps(1, 4, 7);
    _tile_loadd(5, a + pieces + p, ROW);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_stored(0, c, step);
  _tile_stored(1, c + SIDE, step);
  _tile_stored(2, below, step);
  _tile_stored(3, below + SIDE, step);
}

/* A tile that reaches over the end of C: (rows, cols) of it are C's. */
static void edge_tile(size_t pieces, const piece *a, const piece *b, float *c, size_t ldc,
                      bool add, size_t rows, size_t cols) {
  float whole[TILE * TILE] = {0};
  for (size_t r = 0; add && r < rows; r++)
    memcpy(whole + r * TILE, c + r * ldc, cols * sizeof *c);
  tile(pieces, a, b, whole, TILE, add);
  for (size_t r = 0; r < rows; r++)
    memcpy(c + r * ldc, whole + r * TILE, cols * sizeof *c);
}

/* c (m, n) := or += packed rows by packed columns. */
static void multiply(size_t m, size_t n, size_t pieces, const piece *rows, const piece *cols,
                     float *c, size_t ldc, bool add) {
  for (size_t i = 0; i < m; i += TILE)
    for (size_t j = 0; j < n; j += TILE) {
      const piece *a = rows + i / SIDE * pieces, *b = cols + j / SIDE * pieces;
      float *to = c + i * ldc + j;
      if (m - i >= TILE && n - j >= TILE) tile(pieces, a, b, to, ldc, add);
      else edge_tile(pieces, a, b, to, ldc, add, least(TILE, m - i), least(TILE, n - j));
    }
}

static void gemm(size_t m, size_t n, size_t k, const float *a, size_t a_row, size_t a_col,
                 const float *b, size_t b_row, size_t b_col, float *c, size_t ldc, bool add,
                 float *scratch) {
  piece *rows = (piece *)(((uintptr_t)scratch + 63) / 64 * 64), *cols = rows + PIECES;
  tile_begin();
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
  tile_end();
}

/* Linux gives a process room for tiles when it asks, and asking again is free. From then on a stack
** for signals wants some 11 KB, so that nobody is asked for who does not multiply. */
mk_gemm *mk_gemm_amx(void) {
#ifdef __linux__
  enum { REQUEST = 0x1023, TILE_DATA = 18 };    /* ARCH_REQ_XCOMP_PERM, XFEATURE_XTILE_DATA */
  return syscall(SYS_arch_prctl, REQUEST, TILE_DATA) == 0 ? gemm : NULL;
#else
  return NULL;
#endif
}
