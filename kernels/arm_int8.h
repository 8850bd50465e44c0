/* arm_int8.h: products with weights in 8 and 4 bits for the ARM tiers.
**
** What: mk_matmul_q8 and mk_matmul_q4, given the dot product of 4 bytes by 4.
** How: a quarter of a vector of a block is 4 columns of 4 rows. Weights less 128 are
**   signed, so a byte's top bit is turned. q4 blocks are opened: a code and its book are
**   an index of 6 bits into the four registers of levels.
** Invariant: whole sums are exact: a tier's dot product neither saturates nor rounds.
** Not here: the walk over a product (int8.h).
*/
#ifndef MOON_KERNELS_ARM_INT8_H
#define MOON_KERNELS_ARM_INT8_H

#include <arm_neon.h>

#include "kernels/int8.h"

/* sums[i] + the sum over k < 4 of w[4i + k] * x[4j + k], j < 4. */
typedef int32x4_t dot_fn(int32x4_t sums, int8x16_t w, int8x16_t x, size_t j);

#ifdef __ARM_FEATURE_DOTPROD
/* The lane of the instruction is a literal; j is constant wherever this is called. */
INLINE int32x4_t dot_by_element(int32x4_t sums, int8x16_t w, int8x16_t x, size_t j) {
  switch (j) {
    case 0: return vdotq_laneq_s32(sums, w, x, 0);
    case 1: return vdotq_laneq_s32(sums, w, x, 1);
    case 2: return vdotq_laneq_s32(sums, w, x, 2);
    default: return vdotq_laneq_s32(sums, w, x, 3);
  }
}
#endif

/* 1 group by 2 columns: 8 whole sums, 8 sums in f32, and 16 registers to work with. */
enum { QUARTERS = 4, WIDTH = 2 };

/* A patch's sums: of each column its four quarters. */
INLINE void load_sums(const patch *p, size_t C, float32x4_t sum[][QUARTERS]) {
  UNROLL
  for (size_t c = 0; c < C; c++)
    UNROLL
    for (size_t i = 0; i < QUARTERS; i++)
      sum[c][i] = p->first ? vdupq_n_f32(0) : vld1q_f32(p->y + c * p->ldy + 4 * i);
}

INLINE void store_sums(const patch *p, size_t C, float32x4_t sum[][QUARTERS]) {
  UNROLL
  for (size_t c = 0; c < C; c++)
    UNROLL
    for (size_t i = 0; i < QUARTERS; i++) vst1q_f32(p->y + c * p->ldy + 4 * i, sum[c][i]);
}

/* Of quarter i's rows, from a block's scales. */
INLINE float32x4_t scale_of(const uint8_t *scales, size_t i) {
  return vcvt_f32_f16(vreinterpret_f16_u8(vld1_u8(scales + 8 * i)));
}

/* The contract's one rounding of a block. */
INLINE float32x4_t add_scaled(float32x4_t sum, int32x4_t whole, float32x4_t scale, float x) {
  return vfmaq_f32(sum, vcvtq_f32_s32(whole), vmulq_n_f32(scale, x));
}

INLINE void tile_by(dot_fn *dot, size_t C, const patch *p) {
  const size_t blocks = p->n / MK_QBLOCK;
  int32x4_t whole[QUARTERS][WIDTH];
  float32x4_t sum[WIDTH][QUARTERS];
  int8x16_t x[WIDTH];
  load_sums(p, C, sum);
  for (size_t b = 0; b < p->count; b++) {
    const uint8_t *codes = p->codes + b * MK_Q8_BYTES, *scales = p->scales + b * SCALES;
    UNROLL
    for (size_t c = 0; c < C; c++)
      UNROLL
      for (size_t i = 0; i < QUARTERS; i++) whole[i][c] = vdupq_n_s32(0);
    UNROLL
    for (size_t j = 0; j < 8; j++) {
      if (j % 4 == 0) {
        UNROLL
        for (size_t c = 0; c < C; c++)
          x[c] = vld1q_s8(p->q + c * p->n + b * MK_QBLOCK + 4 * j);
      }
      UNROLL
      for (size_t i = 0; i < QUARTERS; i++) {
        uint8x16_t bytes = vld1q_u8(codes + 64 * j + 16 * i);
        int8x16_t w = vreinterpretq_s8_u8(veorq_u8(bytes, vdupq_n_u8(128)));
        UNROLL
        for (size_t c = 0; c < C; c++) whole[i][c] = dot(whole[i][c], w, x[c], j % 4);
      }
    }
    UNROLL
    for (size_t i = 0; i < QUARTERS; i++) {
      float32x4_t scale = scale_of(scales, i);
      UNROLL
      for (size_t c = 0; c < C; c++)
        sum[c][i] = add_scaled(sum[c][i], whole[i][c], scale, p->scale[c * blocks + b]);
    }
  }
  store_sums(p, C, sum);
}

/* books: bits 4 and 5 of each byte. */
INLINE uint8x16_t levels_of(uint8x16_t codes, uint8x16_t books, uint8x16x4_t levels) {
  return veorq_u8(vqtbl4q_u8(levels, vorrq_u8(codes, books)), vdupq_n_u8(128));
}

static void open_q4(uint8_t *codes, uint8_t *scales, const uint8_t *q4_codes,
                    const uint8_t *q4_scales, size_t count) {
  const uint8x16_t low = vdupq_n_u8(15);
  uint8x16x4_t levels;
  for (size_t k = 0; k < MK_QBOOKS; k++)
    levels.val[k] = vreinterpretq_u8_s8(vld1q_s8(mk_q4_levels[k]));
  for (size_t b = 0; b < count; b++, q4_codes += MK_Q4_BYTES, codes += MK_Q8_BYTES) {
    for (size_t i = 0; i < QUARTERS; i++) {
      size_t at = b * SCALES + 8 * i;
      uint16x4_t half = vreinterpret_u16_u8(vld1_u8(q4_scales + at));
      uint16x4_t book = vand_u16(half, vdup_n_u16(MK_QBOOKS - 1));
      uint32x4_t spread = vmulq_n_u32(vmovl_u16(book), 0x10101010);
      vst1_u8(scales + at, vreinterpret_u8_u16(veor_u16(half, book)));
      for (size_t j = 0; j < 4; j++) {
        uint8x16_t pairs = vld1q_u8(q4_codes + 64 * j + 16 * i);
        uint8x16_t books = vreinterpretq_u8_u32(spread);
        uint8_t *to = codes + 128 * j + 16 * i;
        vst1q_u8(to, levels_of(vandq_u8(pairs, low), books, levels));
        vst1q_u8(to + 64, levels_of(vshrq_n_u8(pairs, 4), books, levels));
      }
    }
  }
}

INLINE void tile_q8_by(dot_fn *dot, const patch *p, size_t columns) {
  if (columns == 1) tile_by(dot, 1, p);
  else tile_by(dot, WIDTH, p);
}

#endif
