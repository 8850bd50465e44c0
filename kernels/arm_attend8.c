/* arm_attend8.c: the NEON tier's second table: attention over keys and values in 8
** and 4 bits.
**
** What: mk_attend_q8, mk_quantize_head, mk_attend_q4, mk_quantize_head_q4, mk_hadamard.
** How: bytes are widened to 16 bits and multiplied by whole numbers of 16 bits, queries
**   within -127 .. 127 and weights within 0 .. 32767, into sums of 32 bits: four
**   positions by four components at a time, for keys as for values.
** Invariant: as in attend8.h.
** Not here: the walk over rows (attend8.h).
*/
#include <string.h>

#include "kernels/arm_neon.h"
#include "kernels/attend4.h"
#include "kernels/int8.h"

enum {
  TALL = 4,                     /* rows; 4 sums each */
};

INLINE uint32x4_t magnitude(float32x4_t x) {
  return vreinterpretq_u32_f32(vabsq_f32(x));
}

/* n numbers, at most 4 of them, and zeros. */
INLINE float32x4_t load_floats(const float *x, size_t n) {
  if (n >= LANES) return vld1q_f32(x);
  float some[LANES] = { 0 };
  for (size_t i = 0; i < n; i++) some[i] = x[i];
  return vld1q_f32(some);
}

/* All ones in the first n lanes. */
INLINE uint32x4_t first(size_t n) {
  static const uint32_t lane[LANES] = { 0, 1, 2, 3 };
  return vcltq_u32(vld1q_u32(lane), vdupq_n_u32((uint32_t)least(LANES, n)));
}

/* x * by as 4 whole numbers, into the 8 bytes at `to`. */
INLINE void put_whole(int8_t *to, float32x4_t x, float by) {
  int16x4_t four = vqmovn_s32(vcvtnq_s32_f32(vmulq_n_f32(x, by)));
  memcpy(to, &four, sizeof four);
}

/* Four whole numbers from the i-th on, twice. */
INLINE int16x8_t four_whole(const void *whole, size_t i) {
  int64_t four;
  memcpy(&four, (const char *)whole + 2 * i, sizeof four);
  return vreinterpretq_s16_s64(vdupq_n_s64(four));
}

/* sum[i] += the products of bytes 4i .. 4i + 3 with four whole numbers. */
INLINE void add_products(int32x4_t sum[4], int16x8_t low, int16x8_t high,
                         int16x8_t whole) {
  sum[0] = vmlal_s16(sum[0], vget_low_s16(low), vget_low_s16(whole));
  sum[1] = vmlal_high_s16(sum[1], low, whole);
  sum[2] = vmlal_s16(sum[2], vget_low_s16(high), vget_low_s16(whole));
  sum[3] = vmlal_high_s16(sum[3], high, whole);
}

/* The bits of the greatest |x|. */
INLINE uint32_t greatest(const float *x, size_t hd) {
  uint32x4_t most = vdupq_n_u32(0);
  for (size_t i = 0; i < hd; i += LANES)
    most = vmaxq_u32(most, magnitude(vld1q_f32(x + i)));
  return vmaxvq_u32(most);
}

static float quantize_head(int8_t *q, const float *x, size_t hd) {
  float scale, inverse;
  bool usable = block_scale(greatest(x, hd), &scale, &inverse);
  for (size_t i = 0; i < hd; i += LANES) {
    int32x4_t wide = vcvtnq_s32_f32(vmulq_n_f32(vld1q_f32(x + i), inverse));
    int16x4_t four = vqmovn_s32(usable ? wide : vdupq_n_s32(0));
    int8x8_t bytes = vqmovn_s16(vcombine_s16(four, four));
    memcpy(q + i, &bytes, 4);
  }
  return scale;
}

static float fix_query(int8_t *whole, const float *q, size_t hd) {
  float inverse, step = fixed_step(greatest(q, hd), QUERY_LEVELS, &inverse);
  for (size_t i = 0; i < hd; i += LANES)
    put_whole(whole + 2 * i, vld1q_f32(q + i), inverse);
  return step;
}

/* Scores of R rows for 4 positions from `at` on. */
INLINE void score_tile(rows8 *p, size_t R, size_t at) {
  const int8_t *keys = p->keys + at / MK_BLOCK * MK_BLOCK * p->hd + at % MK_BLOCK * 4;
  float32x4_t by = load_floats(p->key_scale + at, p->visible[R - 1] - at);
  int32x4_t sum[TALL][4];
  UNROLL
  for (size_t r = 0; r < R; r++)
    UNROLL
    for (size_t i = 0; i < 4; i++) sum[r][i] = vdupq_n_s32(0);
  for (size_t d = 0; d < p->hd; d += 4) {
    int8x16_t k = vld1q_s8(keys + d * MK_BLOCK);
    int16x8_t low = vmovl_s8(vget_low_s8(k)), high = vmovl_high_s8(k);
    if (at % MK_BLOCK == 0) ask(&p->next_keys, 1);
    UNROLL
    for (size_t r = 0; r < R; r++)
      add_products(sum[r], low, high, four_whole(p->whole[r], d));
  }
  UNROLL
  for (size_t r = 0; r < R; r++) {
    int32x4_t whole =
        vpaddq_s32(vpaddq_s32(sum[r][0], sum[r][1]), vpaddq_s32(sum[r][2], sum[r][3]));
    float32x4_t score = vmulq_n_f32(vcvtq_f32_s32(whole), p->factor[r]);
    vst1q_f32(p->x[r] + at, vmulq_f32(score, by));
  }
}

INLINE void score_rows(rows8 *p, size_t R) {
  for (size_t at = 0; at < p->visible[R - 1]; at += LANES) score_tile(p, R, at);
}

static void score(rows8 *p) { ROWS_UP_TO_4(score_rows, p); }

/* x becomes exp(x - most) * value_scale; the result is the bits of the greatest product. */
INLINE uint32_t weigh_floats(float *x, const float *value_scale, size_t n,
                             mk_mass *mass) {
  float32x4_t none = vdupq_n_f32(-INFINITY), max = none, total = vdupq_n_f32(0);
  uint32x4_t most = vdupq_n_u32(0);
  for (size_t i = 0; i < n; i += LANES)
    max = vmaxq_f32(max, vbslq_f32(first(n - i), vld1q_f32(x + i), none));
  max = vdupq_n_f32(vmaxvq_f32(max));
  for (size_t i = 0; i < n; i += LANES) {
    float32x4_t p = weight_below(vld1q_f32(x + i), max);
    p = vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_f32(p), first(n - i)));
    total = vaddq_f32(total, p);
    p = vmulq_f32(p, load_floats(value_scale + i, n - i));
    most = vmaxq_u32(most, magnitude(p));
    vst1q_f32(x + i, p);
  }
  *mass = (mk_mass){ vgetq_lane_f32(max, 0), vaddvq_f32(total) };
  return vmaxvq_u32(most);
}

/* Whole weights take the first half of the floats' place. */
INLINE void weigh_row(rows8 *p, size_t r) {
  const size_t n = p->visible[r], end = covered(p);
  float *x = p->x[r], inverse;
  p->step[r] = fixed_step(weigh_floats(x, p->value_scale, n, &p->mass[r]), 32767,
                          &inverse);
  for (size_t i = 0; i < end; i += LANES)
    put_whole((int8_t *)x + 2 * i, load_floats(x + i, n > i ? n - i : 0), inverse);
}

static void weigh(rows8 *p) {
  for (size_t r = 0; r < p->count; r++) weigh_row(p, r);
}

/* R rows and 4 components from d on. */
INLINE void mix_tile(rows8 *p, size_t R, size_t d) {
  int32x4_t sum[TALL][4];
  UNROLL
  for (size_t r = 0; r < R; r++)
    UNROLL
    for (size_t i = 0; i < 4; i++) sum[r][i] = vdupq_n_s32(0);
  for (size_t i = 0; i < p->visible[R - 1]; i += 4) {
    const int8_t *values = p->values + i * p->hd + d * 4;
    int8x16_t v = vld1q_s8(values);
    int16x8_t low = vmovl_s8(vget_low_s8(v)), high = vmovl_high_s8(v);
    if (d % 16 == 0) ask(&p->next_values, 1);
    UNROLL
    for (size_t r = 0; r < R; r++)
      add_products(sum[r], low, high, four_whole(p->x[r], i));
  }
  UNROLL
  for (size_t r = 0; r < R; r++) {
    float32x4_t a = vpaddq_f32(vcvtq_f32_s32(sum[r][0]), vcvtq_f32_s32(sum[r][1]));
    float32x4_t b = vpaddq_f32(vcvtq_f32_s32(sum[r][2]), vcvtq_f32_s32(sum[r][3]));
    vst1q_f32(p->out[r] + d, vpaddq_f32(a, b));
  }
}

INLINE void mix_rows(rows8 *p, size_t R) {
  for (size_t d = 0; d < p->hd; d += 4) mix_tile(p, R, d);
  for (size_t r = 0; r < R; r++) {
    const float by = p->step[r] / p->mass[r].sum;
    for (size_t d = 0; d < p->hd; d++) p->out[r][d] *= by;
  }
}

static void mix(rows8 *p) { ROWS_UP_TO_4(mix_rows, p); }

static void attend_q8(float *out, mk_mass *mass, const float *q, size_t ld, size_t tokens,
                      size_t group, size_t hd, const int8_t *keys, const float *key_scale,
                      const int8_t *values, const float *value_scale, size_t seen,
                      float scale, mk_ahead next) {
  rows8 p = { .keys = keys, .values = values, .key_scale = key_scale,
              .value_scale = value_scale, .hd = hd, .width = hd };
  attend_q8_by(fix_query, score, weigh, mix, TALL, p, out, mass, q, ld, tokens, group,
               seen, scale, next);
}

static void open_line(int8_t *to, const uint8_t *codes) {
  const int8x16_t levels = vld1q_s8(mk_head_levels);
  for (size_t i = 0; i < LINE; i += 16) {
    uint8x16_t pairs = vld1q_u8(codes + i);
    vst1q_s8(to + i, vqtbl1q_s8(levels, vandq_u8(pairs, vdupq_n_u8(15))));
    vst1q_s8(to + LINE + i, vqtbl1q_s8(levels, vshrq_n_u8(pairs, 4)));
  }
}

KERNELS_Q4

const mk_table mk_neon_attend8 = {
  .attend_q8 = attend_q8,
  .quantize_head = quantize_head,
  .attend_q4 = attend_q4,
  .quantize_head_q4 = quantize_head_q4,
  .hadamard = hadamard,
};
