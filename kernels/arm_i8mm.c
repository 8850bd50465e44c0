/* arm_i8mm.c: the I8MM tier (Armv8.6 products of matrices of bytes, on top of DOTPROD).
**
** What: mk_matmul_q8 and mk_matmul_q4.
** How: usmmla multiplies 2 rows by 2 columns over 8 bytes each, twice what a dot product
**   does. Two quarters of a block, zipped, are 8 columns of 2 rows twice over; weights
**   are unsigned there, as they are kept, so a block's sums start from the activations'
**   bias. One column alone is DOTPROD's.
** Invariant: as in arm_int8.h.
** Not here: quantising, which NEON does as well.
*/
#include "kernels/arm_int8.h"

/* 1 group by 4 columns, two pairs of them. */
enum { PAIRS = 2, BROAD = 2 * PAIRS };

/* Columns 2k and 2k + 1 of C; the last one twice where there is no other. */
typedef struct pair {
  size_t a, b;
} pair;

INLINE pair pair_of(size_t k, size_t C) { return (pair){ 2 * k, least(2 * k + 1, C - 1) }; }

/* The block's biases as sums of 2 rows by 2 columns. */
INLINE int32x4_t bias_of(const patch *p, pair of, size_t b) {
  const size_t blocks = p->n / MK_QBLOCK;
  int32x4_t sums = vdupq_n_s32(p->bias[of.a * blocks + b]);
  sums = vsetq_lane_s32(p->bias[of.b * blocks + b], sums, 1);
  return vsetq_lane_s32(p->bias[of.b * blocks + b], sums, 3);
}

/* Of rows 4i .. 4i + 3 of column c of a pair, from the sums of rows 4i, 4i + 1 and of the
** two behind them. */
INLINE int32x4_t column_of(int32x4_t low, int32x4_t high, size_t c) {
  return c % 2 == 0 ? vuzp1q_s32(low, high) : vuzp2q_s32(low, high);
}

INLINE void tile_of(const patch *p, size_t C) {
  const size_t blocks = p->n / MK_QBLOCK, P = (C + 1) / 2;
  int32x4_t whole[2 * QUARTERS][PAIRS];
  float32x4_t sum[BROAD][QUARTERS];
  load_sums(p, C, sum);
  for (size_t b = 0; b < p->count; b++) {
    const uint8_t *codes = p->codes + b * MK_Q8_BYTES, *scales = p->scales + b * SCALES;
    const int8_t *q = p->q + b * MK_QBLOCK;
    UNROLL
    for (size_t k = 0; k < P; k++)
      UNROLL
      for (size_t i = 0; i < 2 * QUARTERS; i++) whole[i][k] = bias_of(p, pair_of(k, C), b);
    UNROLL
    for (size_t j = 0; j < MK_QBLOCK; j += 8) {
      int8x16_t x[PAIRS];
      UNROLL
      for (size_t k = 0; k < P; k++) {
        pair of = pair_of(k, C);
        x[k] = vcombine_s8(vld1_s8(q + of.a * p->n + j), vld1_s8(q + of.b * p->n + j));
      }
      UNROLL
      for (size_t i = 0; i < QUARTERS; i++) {
        uint32x4_t four = vreinterpretq_u32_u8(vld1q_u8(codes + 16 * j + 16 * i));
        uint32x4_t next = vreinterpretq_u32_u8(vld1q_u8(codes + 16 * j + 16 * i + 64));
        uint8x16_t low = vreinterpretq_u8_u32(vzip1q_u32(four, next));
        uint8x16_t high = vreinterpretq_u8_u32(vzip2q_u32(four, next));
        UNROLL
        for (size_t k = 0; k < P; k++) {
          whole[2 * i][k] = vusmmlaq_s32(whole[2 * i][k], low, x[k]);
          whole[2 * i + 1][k] = vusmmlaq_s32(whole[2 * i + 1][k], high, x[k]);
        }
      }
    }
    UNROLL
    for (size_t i = 0; i < QUARTERS; i++) {
      float32x4_t scale = scale_of(scales, i);
      UNROLL
      for (size_t c = 0; c < C; c++) {
        int32x4_t sums = column_of(whole[2 * i][c / 2], whole[2 * i + 1][c / 2], c);
        sum[c][i] = add_scaled(sum[c][i], sums, scale, p->scale[c * blocks + b]);
      }
    }
  }
  store_sums(p, C, sum);
}

static void tile_q8(const patch *p, size_t groups, size_t columns) {
  (void)groups;
  switch (columns) {
    case 1: tile_by(dot_by_element, 1, p); break;
    case 2: tile_of(p, 2); break;
    case 3: tile_of(p, 3); break;
    default: tile_of(p, BROAD);
  }
}

static void matmul_q8(float *y, size_t ldy, const uint8_t *w, size_t n, const mk_int8 *x,
                      size_t groups, size_t m) {
  product_stored(tile_q8, 1, BROAD, MK_Q8_BYTES, y, ldy, w, n, x, groups, m);
}

static void matmul_q4(float *y, size_t ldy, const uint8_t *w, size_t n, const mk_int8 *x,
                      size_t groups, size_t m) {
  product_opened(open_q4, MK_Q4_BYTES, tile_q8, 1, BROAD, y, ldy, w, n, x, groups, m);
}

const mk_table mk_i8mm = {
  .matmul_q8 = matmul_q8,
  .matmul_q4 = matmul_q4,
};
