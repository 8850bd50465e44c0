/* half.h: one number at a time between f32 and the two 16-bit forms.
**
** The truth that the widen/narrow kernels are tested against; inline because scalar kernels and
** tensor element access both need it.
*/
#ifndef MOON_KERNELS_HALF_H
#define MOON_KERNELS_HALF_H

#include <stdint.h>
#include <string.h>

static inline uint32_t mk_bits_of_f32(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline float mk_f32_of_bits(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static inline float mk_f32_of_bf16(uint16_t h) {
  return mk_f32_of_bits((uint32_t)h << 16);
}

/* Round to nearest, ties to even; a NaN keeps its sign and becomes quiet. */
static inline uint16_t mk_bf16_of_f32(float x) {
  uint32_t bits = mk_bits_of_f32(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return (uint16_t)(bits >> 16 | 0x40u);
  return (uint16_t)((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

static inline float mk_f32_of_f16(uint16_t h) {
  uint32_t sign = (uint32_t)(h & 0x8000u) << 16;
  uint32_t exponent = h >> 10 & 31u, fraction = h & 1023u;
  if (exponent == 31) return mk_f32_of_bits(sign | 0x7f800000u | fraction << 13);
  if (exponent != 0) return mk_f32_of_bits(sign | (exponent + 112) << 23 | fraction << 13);
  float magnitude = (float)fraction * 0x1p-24f;          /* subnormal: exact in f32 */
  return mk_f32_of_bits(sign | mk_bits_of_f32(magnitude));
}

/* Adding 0.5 * ulp16 in f32 lets the hardware round: the sum's low bits are the half's. */
static inline uint16_t mk_f16_of_f32(float x) {
  uint32_t bits = mk_bits_of_f32(x), sign = bits >> 16 & 0x8000u;
  bits &= 0x7fffffffu;
  if (bits > 0x7f800000u) return (uint16_t)(sign | 0x7e00u | (bits >> 13 & 0x3ffu));
  if (bits >= 0x477ff000u) return (uint16_t)(sign | 0x7c00u);    /* rounds to 65536 or above */
  if (bits < 0x38800000u) {                                      /* below 2^-14: subnormal */
    uint32_t units = mk_bits_of_f32(mk_f32_of_bits(bits) + 0.5f) - mk_bits_of_f32(0.5f);
    return (uint16_t)(sign | units);
  }
  uint32_t odd = bits >> 13 & 1u;
  return (uint16_t)(sign | ((bits - 0x38000000u + 0xfffu + odd) >> 13));
}

#endif
