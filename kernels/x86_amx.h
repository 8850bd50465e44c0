/* x86_amx.h: what files of the AMX tier share: tiles, and the product of bf16 by them.
**
** What: tiles of 16 x 16 sums in f32, in a unit of their own that multiplies more than ten
**   times as fast as vectors do: what counts is what its operands cost.
** How: a piece is 16 rows (of A) or columns (of B) by 32 steps of k, 1 KB. A's pieces hold a
**   row's 32 numbers next to each other, B's hold 16 pairs of k, each of 16 columns: what
**   TDPBF16PS takes.
** Invariant: each number of C is a sum whose order depends on k alone. Tiles are configured
**   while a product runs and released after it, so that a thread elsewhere saves none when
**   it is switched. The operating system lets this process use them (mk_detect).
** Not here: packing (train_amx.c, x86_amx.c).
*/
#ifndef MOON_KERNELS_X86_AMX_H
#define MOON_KERNELS_X86_AMX_H

#include <string.h>

#include "kernels/x86_avx512.h"

enum {
  SIDE = 16, STEP = 32,         /* of a piece */
  TILE = 2 * SIDE               /* rows and columns of C at a time */
};

typedef struct piece {
  _Alignas(LINE) uint16_t at[SIDE][STEP];
} piece;

typedef struct tile_config {
  uint8_t palette, start_row, reserved[14];
  uint16_t bytes[16];           /* of a row */
  uint8_t rows[16];
} tile_config;

/* Eight tiles of 16 rows of 64 bytes. */
INLINE tile_config whole_tiles(void) {
  tile_config config = { .palette = 1 };
  for (size_t i = 0; i < 8; i++) {
    config.bytes[i] = LINE;
    config.rows[i] = SIDE;
  }
  return config;
}

/* GCC's intrinsic says that it reads 8 bytes of the configuration, so that what is written to the
** other 56 might be left out (GCC 12 does that to llama.cpp, which then faults). */
INLINE void load_config(const tile_config *config) {
  __asm__ volatile("" : : "m"(*config));
  _tile_loadconfig(config);
}

/* Two by many pieces of an operand: those of a row of them lie `step` bytes apart, the
** second row of pieces `below` after the first, the rows of a piece `row` apart. */
typedef struct pieces {
  const void *at;
  size_t row, step, below;
} pieces;

/* `count` pieces next to each other, then as many of the second row. */
INLINE pieces packed(const piece *at, size_t count) {
  return (pieces){ at, LINE, sizeof *at, count * sizeof *at };
}

INLINE const void *after(const void *at, size_t bytes) { return (const char *)at + bytes; }

/* c (32, 32), rows ldc apart, := or += `count` pieces of A by as many of B. */
INLINE void tile_product(size_t count, pieces a, pieces b, float *c, size_t ldc, bool add) {
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
  for (; count > 0; count--) {
    _tile_loadd(4, a.at, a.row);
    _tile_loadd(6, b.at, b.row);
    _tile_dpbf16ps(0, 4, 6);
    _tile_loadd(7, after(b.at, b.below), b.row);
    _tile_dpbf16ps(1, 4, 7);
    _tile_loadd(5, after(a.at, a.below), a.row);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
    a.at = after(a.at, a.step);
    b.at = after(b.at, b.step);
  }
  _tile_stored(0, c, step);
  _tile_stored(1, c + SIDE, step);
  _tile_stored(2, below, step);
  _tile_stored(3, below + SIDE, step);
}

/* A tile that reaches over the end of C: (rows, cols) of it are C's. */
static void edge_product(size_t count, pieces a, pieces b, float *c, size_t ldc, bool add,
                         size_t rows, size_t cols) {
  float whole[TILE * TILE] = { 0 };
  for (size_t r = 0; add && r < rows; r++)
    memcpy(whole + r * TILE, c + r * ldc, cols * sizeof *c);
  tile_product(count, a, b, whole, TILE, add);
  for (size_t r = 0; r < rows; r++)
    memcpy(c + r * ldc, whole + r * TILE, cols * sizeof *c);
}

#endif
