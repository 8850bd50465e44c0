/* int8.h: what all tiers share for weights in 8 and 4 bits.
**
** What: the scale of a block of activations; the walk over a product, which cuts it into
**   patches: a few groups of rows by some blocks by a few columns.
** How: a product is taken as it is stored, or opened: a chunk of blocks is rewritten
**   as q8 blocks on the stack, all columns pass over it, and their sums wait in y for the
**   next chunk, which the first columns may ask for.
** Invariant: a sum runs over its blocks in order, whatever the patches are; with the
**   contract's one rounding per block this fixes its bits.
** Not here: anything that knows the width of a vector.
*/
#ifndef MOON_KERNELS_INT8_H
#define MOON_KERNELS_INT8_H

#include "kernels/half.h"
#include "kernels/tile.h"

enum {
  CHUNK = 24,                           /* blocks; two groups of so many fit in 32 KB */
  SCALES = MK_QROWS * sizeof(mk_f16),   /* bytes, of one block */
  WINDOW = 20480,                       /* bytes, at least */
};

/* The scale of a block whose greatest |x| has these bits, and what to multiply x by;
** false if its q are zeros: infinity or NaN is there, or 127/a is infinite. */
INLINE bool block_scale(uint32_t bits, float *scale, float *inverse) {
  float a = mk_f32_of_bits(bits);
  *inverse = 127 / a;
  *scale = a / 127;
  if (bits < 0x7f800000u && *inverse < INFINITY) return true;
  *scale = bits < 0x7f800000u ? 0 : NAN;
  return false;
}

typedef struct patch {
  float *y;                     /* of the first row and column */
  size_t ldy;
  bool first;                   /* no sums wait in y */
  uintptr_t ask;                /* a line to be asked for with the first block, and the next
                                   one with each further block; 0: none */
  size_t ask_step;              /* as many more as a block has lines, so many bytes apart */
  const uint8_t *codes, *scales;                /* of the first group's first block */
  uintptr_t next[2];            /* opened: where each group's next codes are stored, for a tile
                                   to ask for; 0: one has */
  size_t code_step, scale_step;                 /* bytes to the next group's */
  const int8_t *q;              /* the first block of the first column, the next n away */
  const float *scale;           /* the same, the next n/32 away */
  const int32_t *bias;
  size_t n, count;              /* blocks in this patch */
} patch;

/* Adds up p->count blocks of `groups` groups and `columns` columns into p->y. */
typedef void tile_fn(const patch *p, size_t groups, size_t columns);

/* Rewrites blocks as q8, with whatever bytes the tile wants; a scale is rid of its book. */
typedef void open_fn(uint8_t *codes, uint8_t *scales, const uint8_t *stored_codes,
                     const uint8_t *stored_scales, size_t count);

/* All m columns from block `from` on, at most `width` at a time, tiles about as wide. */
INLINE void all_columns(tile_fn *tile, size_t width, patch p, const mk_int8 *x,
                        size_t from, size_t groups, size_t m) {
  size_t blocks = p.n / MK_QBLOCK;
  p.first = from == 0;
  p.q = x->q + from * MK_QBLOCK;
  p.scale = x->scale + from;
  p.bias = x->bias + from;
  for (size_t left = m, columns; left > 0; left -= columns) {
    size_t tiles = (left + width - 1) / width;
    columns = (left + tiles - 1) / tiles;
    tile(&p, groups, columns);
    p.ask = 0;
    p.next[0] = p.next[1] = 0;
    p.y += columns * p.ldy;
    p.q += columns * p.n;
    p.scale += columns * blocks;
    p.bias += columns * blocks;
  }
}

/* As stored; `bytes`: of one block's codes. Memory gives more in several streams than in one.
** So tiles are taken some at a time, a window of them, and the next window is cut into as
** many streams as a block has lines: each block asks for one line of each. (Scales, a ninth or
** less of it, are left to the CPU's own prefetching.) Windows are found by address, for a call
** may be any part of a matrix. */
INLINE void product_stored(tile_fn *tile, size_t height, size_t width, size_t bytes,
                           float *y, size_t ldy, const uint8_t *w, size_t n,
                           const mk_int8 *x, size_t groups, size_t m) {
  size_t blocks = n / MK_QBLOCK, size = blocks * (bytes + SCALES), rows;
  size_t each = height * size + !size, window = (WINDOW + each - 1) / each;
  size_t done = (uintptr_t)w / each % window;
  patch p = { .ldy = ldy, .n = n, .code_step = size, .scale_step = size };
  for (size_t g = 0; g < groups; g += rows, done = done + 1 < window ? done + 1 : 0) {
    rows = least(height, groups - g);
    p.y = y + g * MK_QROWS;
    p.codes = w + g * size;
    p.scales = p.codes + blocks * bytes;
    p.ask = (uintptr_t)p.codes + (window - done) * each + done * height * blocks * LINE;
    p.ask_step = window * each / (bytes / LINE);
    p.count = blocks;
    all_columns(tile, width, p, x, 0, rows, m);
  }
}

/* Opened; `bytes`: of one block's codes as stored; height at most 2. */
INLINE void product_opened(open_fn *open, size_t bytes, tile_fn *tile, size_t height,
                           size_t width, float *y, size_t ldy, const uint8_t *w, size_t n,
                           const mk_int8 *x, size_t groups, size_t m) {
  _Alignas(64) uint8_t codes[2][CHUNK * MK_Q8_BYTES], scales[2][CHUNK * SCALES];
  size_t blocks = n / MK_QBLOCK, size = blocks * (bytes + SCALES), rows;
  patch p = { .ldy = ldy, .n = n, .codes = codes[0], .scales = scales[0],
              .code_step = sizeof codes[0], .scale_step = sizeof scales[0] };
  for (size_t g = 0; g < groups; g += rows) {
    size_t parts = blocks ? (blocks + CHUNK - 1) / CHUNK : 1;
    rows = least(height, groups - g);
    p.y = y + g * MK_QROWS;
    for (size_t from = 0; parts > 0; from += p.count, parts--) {
      p.count = (blocks - from + parts - 1) / parts;
      for (size_t r = 0; r < rows; r++) {
        const uint8_t *at = w + (g + r) * size;
        open(codes[r], scales[r], at + from * bytes, at + blocks * bytes + from * SCALES,
             p.count);
        p.next[r] =
            (uintptr_t)(parts > 1 ? at + (from + p.count) * bytes : at + height * size);
      }
      all_columns(tile, width, p, x, from, rows, m);
    }
  }
}

#endif
