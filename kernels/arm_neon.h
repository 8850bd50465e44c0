/* arm_neon.h: what files of the NEON tier share: the exponential.
**
** What: exp to 2 eps, and of a difference that is exact.
** How: inline functions.
** Invariant: a lane's result depends on that lane alone.
** Not here: loops over arrays.
*/
#ifndef MOON_KERNELS_ARM_NEON_H
#define MOON_KERNELS_ARM_NEON_H

#include <arm_neon.h>
#include <math.h>

#include "kernels/tile.h"

enum { LANES = 4 };

/* exp(x + rest) * 2^shift with relative error below 2 eps, |rest| far below 1; x below
** -104 is taken for -104 and x above 104 for 104, NaN stays NaN. Results above FLT_MAX
** are infinite, below FLT_MIN 0 or rounded. Taylor's series to degree 7: on |r| <=
** ln(2)/2 the remainder is below eps/20. */
INLINE float32x4_t exp_plus(float32x4_t x, float32x4_t rest, int shift) {
  x = vmaxq_f32(vdupq_n_f32(-104), vminq_f32(vdupq_n_f32(104), x));
  float32x4_t e = vrndnq_f32(vmulq_n_f32(x, (float)M_LOG2E));
  float32x4_t r = vfmsq_f32(x, e, vdupq_n_f32(0x1.62e4p-1f));           /* exact */
  r = vfmsq_f32(r, e, vdupq_n_f32((float)(M_LN2 - 0x1.62e4p-1)));
  r = vaddq_f32(r, rest);
  float32x4_t p = vdupq_n_f32(1.f / 5040);
  p = vfmaq_f32(vdupq_n_f32(1.f / 720), p, r);
  p = vfmaq_f32(vdupq_n_f32(1.f / 120), p, r);
  p = vfmaq_f32(vdupq_n_f32(1.f / 24), p, r);
  p = vfmaq_f32(vdupq_n_f32(1.f / 6), p, r);
  p = vfmaq_f32(vdupq_n_f32(1.f / 2), p, r);
  p = vfmaq_f32(vdupq_n_f32(1), p, r);
  p = vfmaq_f32(vdupq_n_f32(1), p, r);
  /* The power of two by its exponent field: 0 stands for 0, 255 for infinity. */
  int32x4_t field = vaddq_s32(vcvtq_s32_f32(e), vdupq_n_s32(127 + shift));
  field = vmaxq_s32(vminq_s32(field, vdupq_n_s32(255)), vdupq_n_s32(0));
  return vmulq_f32(p, vreinterpretq_f32_s32(vshlq_n_s32(field, 23)));
}

/* exp(x - max), 0 where that is below FLT_MIN. The difference can be off by 32 eps where
** it is large; what it lost (Knuth's two-sum) goes into the exponential. */
INLINE float32x4_t weight_below(float32x4_t x, float32x4_t max) {
  float32x4_t d = vsubq_f32(x, max), b = vsubq_f32(d, x);
  float32x4_t lost = vsubq_f32(vsubq_f32(x, vsubq_f32(d, b)), vaddq_f32(max, b));
  uint32x4_t zero = vcltq_f32(d, vdupq_n_f32(-87.3366f));
  return vbslq_f32(zero, vdupq_n_f32(0), exp_plus(d, lost, 0));
}

#endif
