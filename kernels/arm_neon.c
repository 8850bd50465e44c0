/* arm_neon.c: the NEON tier of AArch64, 4 lanes: every kernel but attention over
** 8 bits.
**
** What: the baseline of 64-bit ARM.
** How: every sum runs along lanes: lane l of an accumulator adds elements l, l + 4, ...
**   in order, the rest of a row enters padded with zeros, and vaddvq adds the lanes up.
**   Tiles of R rows by C columns are one inline function with R and C constant at each
**   call, small enough that the accumulators live in the 32 registers.
** Invariant: R and C say how much is computed together, never in what order one sum is
**   taken.
** Not here: reads or writes past an array's end; what is left of a vector is copied.
*/
#include <string.h>

#include "kernels/arm_int8.h"
#include "kernels/arm_neon.h"
#include "kernels/half.h"

INLINE float32x4_t widened(storage s, uint16x4_t h) {
  if (s == F16) return vcvt_f32_f16(vreinterpret_f16_u16(h));
  return vreinterpretq_f32_u32(vshll_n_u16(h, 16));
}

/* 4 stored numbers from the k-th on, widened. */
INLINE float32x4_t load(storage s, const void *w, size_t k) {
  if (s == F32) return vld1q_f32((const float *)w + k);
  return widened(s, vld1_u16((const uint16_t *)w + k));
}

/* n < 4 of them, and zeros. */
INLINE float32x4_t load_some(storage s, const void *w, size_t k, size_t n) {
  float f[LANES] = { 0 };
  uint16_t h[LANES] = { 0 };
  if (s == F32) {
    for (size_t i = 0; i < n; i++) f[i] = ((const float *)w)[k + i];
    return vld1q_f32(f);
  }
  for (size_t i = 0; i < n; i++) h[i] = ((const uint16_t *)w)[k + i];
  return widened(s, vld1_u16(h));
}

INLINE void store_some(float *y, float32x4_t a, size_t n) {
  float f[LANES];
  vst1q_f32(f, a);
  for (size_t i = 0; i < n; i++) y[i] = f[i];
}

/* ---- matrix times vectors ---- */

/* y for R rows (1 or 4) and C columns (at most 4). */
INLINE void tile(storage s, size_t R, size_t C, float *y, size_t ldy, const void *w,
                 size_t ldw, const float *x, size_t ldx, size_t n) {
  float32x4_t acc[4][4], a[4];
  UNROLL
  for (size_t c = 0; c < C; c++)
    UNROLL
    for (size_t r = 0; r < R; r++) acc[c][r] = vdupq_n_f32(0);
  size_t k = 0;
  for (; k + LANES <= n; k += LANES) {
    UNROLL
    for (size_t r = 0; r < R; r++) {
      a[r] = load(s, w, r * ldw + k);
      prefetch(s, w, r * ldw + k);
    }
    UNROLL
    for (size_t c = 0; c < C; c++) {
      float32x4_t b = vld1q_f32(x + c * ldx + k);
      UNROLL
      for (size_t r = 0; r < R; r++) acc[c][r] = vfmaq_f32(acc[c][r], a[r], b);
    }
  }
  if (k < n) {
    UNROLL
    for (size_t r = 0; r < R; r++) a[r] = load_some(s, w, r * ldw + k, n - k);
    UNROLL
    for (size_t c = 0; c < C; c++) {
      float32x4_t b = load_some(F32, x, c * ldx + k, n - k);
      UNROLL
      for (size_t r = 0; r < R; r++) acc[c][r] = vfmaq_f32(acc[c][r], a[r], b);
    }
  }
  UNROLL
  for (size_t c = 0; c < C; c++)
    UNROLL
    for (size_t r = 0; r < R; r++) y[c * ldy + r] = vaddvq_f32(acc[c][r]);
}

/* R rows and all columns. */
INLINE void band(storage s, size_t R, float *y, size_t ldy, const void *w, size_t ldw,
                 const float *x, size_t ldx, size_t n, size_t m) {
  size_t j = 0;
  for (; j + 4 <= m; j += 4) tile(s, R, 4, y + j * ldy, ldy, w, ldw, x + j * ldx, ldx, n);
  y += j * ldy;
  x += j * ldx;
  if (m - j == 3) tile(s, R, 3, y, ldy, w, ldw, x, ldx, n);
  if (m - j == 2) tile(s, R, 2, y, ldy, w, ldw, x, ldx, n);
  if (m - j == 1) tile(s, R, 1, y, ldy, w, ldw, x, ldx, n);
}

INLINE void matvec(storage s, float *y, size_t ldy, const void *w, size_t ldw,
                   const float *x, size_t ldx, size_t rows, size_t n, size_t m) {
  const char *at = w;
  size_t i = 0, row_size = ldw * storage_size(s);
  for (; i + 4 <= rows; i += 4)
    band(s, 4, y + i, ldy, at + i * row_size, ldw, x, ldx, n, m);
  for (; i < rows; i++) band(s, 1, y + i, ldy, at + i * row_size, ldw, x, ldx, n, m);
}

static void matvec_f32(float *y, size_t ldy, const float *w, size_t ldw, const float *x,
                       size_t ldx, size_t rows, size_t n, size_t m) {
  matvec(F32, y, ldy, w, ldw, x, ldx, rows, n, m);
}

static void matvec_bf16(float *y, size_t ldy, const mk_bf16 *w, size_t ldw,
                        const float *x, size_t ldx, size_t rows, size_t n, size_t m) {
  matvec(BF16, y, ldy, w, ldw, x, ldx, rows, n, m);
}

static void matvec_f16(float *y, size_t ldy, const mk_f16 *w, size_t ldw, const float *x,
                       size_t ldx, size_t rows, size_t n, size_t m) {
  matvec(F16, y, ldy, w, ldw, x, ldx, rows, n, m);
}

/* ---- exponentials ---- */

/* x becomes scale*x; the result is the greatest, or NaN. */
static float scale_max(float *x, size_t n, float scale) {
  float32x4_t most = vdupq_n_f32(-INFINITY);
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    float32x4_t a = vmulq_n_f32(vld1q_f32(x + i), scale);
    vst1q_f32(x + i, a);
    most = vmaxq_f32(most, a);
  }
  float max = vmaxvq_f32(most);
  for (; i < n; i++) {
    x[i] *= scale;
    max = x[i] > max ? x[i] : max;
  }
  return max;
}

/* x becomes exp(scale*x - most). */
static mk_mass weigh(float *x, size_t n, float scale) {
  float most = scale_max(x, n, scale);
  float32x4_t max = vdupq_n_f32(most), sum = vdupq_n_f32(0);
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    float32x4_t p = weight_below(vld1q_f32(x + i), max);
    sum = vaddq_f32(sum, p);
    vst1q_f32(x + i, p);
  }
  store_some(x + i, weight_below(load_some(F32, x, i, n - i), max), n - i);
  return (mk_mass){ most, vaddvq_f32(vaddq_f32(sum, load_some(F32, x, i, n - i))) };
}

static void divide(float *x, size_t n, float by) {
  float32x4_t b = vdupq_n_f32(by);
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) vst1q_f32(x + i, vdivq_f32(vld1q_f32(x + i), b));
  for (; i < n; i++) x[i] /= by;
}

static void softmax(float *x, size_t n) { divide(x, n, weigh(x, n, 1).sum); }

/* Up to 8 vectors of weights are added in f32 before the sum goes on in double: 4 eps at
** most from adding. */
static double log_sum_exp(const float *x, size_t n) {
  enum { PART = 8 * LANES };
  float32x4_t most = vdupq_n_f32(-INFINITY);
  float64x2_t sum = vdupq_n_f64(0);
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) most = vmaxq_f32(most, vld1q_f32(x + i));
  float max = vmaxvq_f32(most);
  for (; i < n; i++) max = x[i] > max ? x[i] : max;
  if (isinf(max)) return log_of_extremes(x, n);
  most = vdupq_n_f32(max);
  for (i = 0; i < n; i += PART) {
    float32x4_t part = vdupq_n_f32(0);
    size_t end = least(n, i + PART), k = i;
    for (; k + LANES <= end; k += LANES)
      part = vaddq_f32(part, weight_below(vld1q_f32(x + k), most));
    if (k < end) {
      float rest[LANES] = { 0 };
      store_some(rest, weight_below(load_some(F32, x, k, end - k), most), end - k);
      part = vaddq_f32(part, vld1q_f32(rest));
    }
    sum = vaddq_f64(sum, vcvt_f64_f32(vget_low_f32(part)));
    sum = vaddq_f64(sum, vcvt_high_f64_f32(part));
  }
  return log(vaddvq_f64(sum)) + max;
}

/* g/(1 + exp(-g)) with both sides of the fraction scaled by 2^-8: exp(-g) may then exceed
** FLT_MAX, as it does where the quotient is still a normal number. */
INLINE float32x4_t gated(float32x4_t g, float32x4_t up) {
  float32x4_t tiny = vdupq_n_f32(0x1p-8f);
  float32x4_t e = exp_plus(vnegq_f32(g), vdupq_n_f32(0), -8);
  return vmulq_f32(up, vdivq_f32(vmulq_f32(g, tiny), vaddq_f32(tiny, e)));
}

static void swiglu(float *y, const float *gate, const float *up, size_t n) {
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    vst1q_f32(y + i, gated(vld1q_f32(gate + i), vld1q_f32(up + i)));
  store_some(y + i, gated(load_some(F32, gate, i, n - i), load_some(F32, up, i, n - i)),
             n - i);
}

/* ---- norm, rotation, sum ---- */

/* In double, squares of f32 neither overflow nor vanish; 2 lanes, twice. */
static void rmsnorm(float *y, const float *x, const float *w, size_t n, float e) {
  float64x2_t low = vdupq_n_f64(0), high = low;
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    float32x4_t a = vld1q_f32(x + i);
    float64x2_t b = vcvt_f64_f32(vget_low_f32(a)), c = vcvt_high_f64_f32(a);
    low = vfmaq_f64(low, b, b);
    high = vfmaq_f64(high, c, c);
  }
  double sum = vaddvq_f64(vaddq_f64(low, high));
  for (; i < n; i++) sum += (double)x[i] * x[i];
  double by = 1 / sqrt(sum / (double)n + e);
  for (i = 0; i + LANES <= n; i += LANES) {
    float32x4_t a = vld1q_f32(x + i), b = w ? vld1q_f32(w + i) : vdupq_n_f32(1);
    low = vmulq_f64(vcvt_f64_f32(vget_low_f32(a)), vcvt_f64_f32(vget_low_f32(b)));
    high = vmulq_f64(vcvt_high_f64_f32(a), vcvt_high_f64_f32(b));
    vst1q_f32(y + i, vcvt_high_f32_f64(vcvt_f32_f64(vmulq_n_f64(low, by)),
                                       vmulq_n_f64(high, by)));
  }
  for (; i < n; i++) y[i] = (float)((double)x[i] * (w ? w[i] : 1) * by);
}

/* x[i], x[j] and their turn by one angle. */
INLINE void turn(float *x, size_t i, size_t j, float c, float s) {
  float a = x[i], b = x[j];
  x[i] = fmaf(a, c, -(b * s));
  x[j] = fmaf(b, c, a * s);
}

static void rope_half(float *x, size_t heads, size_t hd, const float *cs,
                      const float *sn) {
  size_t pairs = hd / 2;
  for (size_t h = 0; h < heads; h++, x += hd) {
    size_t i = 0;
    for (; i + LANES <= pairs; i += LANES) {
      float32x4_t a = vld1q_f32(x + i), b = vld1q_f32(x + i + pairs);
      float32x4_t c = vld1q_f32(cs + i), s = vld1q_f32(sn + i);
      vst1q_f32(x + i, vfmsq_f32(vmulq_f32(a, c), b, s));
      vst1q_f32(x + i + pairs, vfmaq_f32(vmulq_f32(b, c), a, s));
    }
    for (; i < pairs; i++) turn(x, i, i + pairs, cs[i], sn[i]);
  }
}

static void rope_pairs(float *x, size_t heads, size_t hd, const float *cs,
                       const float *sn) {
  size_t pairs = hd / 2;
  for (size_t h = 0; h < heads; h++, x += hd) {
    size_t i = 0;
    for (; i + LANES <= pairs; i += LANES) {
      float32x4x2_t ab = vld2q_f32(x + 2 * i), turned;
      float32x4_t c = vld1q_f32(cs + i), s = vld1q_f32(sn + i);
      turned.val[0] = vfmsq_f32(vmulq_f32(ab.val[0], c), ab.val[1], s);
      turned.val[1] = vfmaq_f32(vmulq_f32(ab.val[1], c), ab.val[0], s);
      vst2q_f32(x + 2 * i, turned);
    }
    for (; i < pairs; i++) turn(x, 2 * i, 2 * i + 1, cs[i], sn[i]);
  }
}

static void add(float *y, const float *x, size_t n) {
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    vst1q_f32(y + i, vaddq_f32(vld1q_f32(y + i), vld1q_f32(x + i)));
  for (; i < n; i++) y[i] += x[i];
}

/* ---- attention ---- */

/* R rows and V vectors from column i on. */
INLINE void multiply_tile(const product *p, size_t R, size_t V, size_t i, size_t from,
                          size_t to) {
  float32x4_t acc[QUERIES][8], lanes[8];
  const float *b = p->b + i / MK_BLOCK * p->step + i % MK_BLOCK;
  UNROLL
  for (size_t r = 0; r < R; r++)
    UNROLL
    for (size_t v = 0; v < V; v++)
      acc[r][v] = from ? vld1q_f32(p->c[r] + i + v * LANES) : vdupq_n_f32(0);
  for (size_t k = from; k < to; k++) {
    UNROLL
    for (size_t v = 0; v < V; v++) {
      const float *at = b + v / 4 * p->step + v % 4 * LANES + k * p->ldb;
      lanes[v] = vld1q_f32(at);
      if (v % 4 == 0) ask_for_next(p, at);
    }
    UNROLL
    for (size_t r = 0; r < R; r++)
      UNROLL
    for (size_t v = 0; v < V; v++)
      acc[r][v] = vfmaq_n_f32(acc[r][v], lanes[v], p->a[r][k]);
  }
  UNROLL
  for (size_t r = 0; r < R; r++)
    UNROLL
    for (size_t v = 0; v < V; v++) vst1q_f32(p->c[r] + i + v * LANES, acc[r][v]);
}

/* One row and one column, where no vector is left. */
static void multiply_one(const product *p, size_t r, size_t i, size_t from, size_t to) {
  const float *b = p->b + i / MK_BLOCK * p->step + i % MK_BLOCK;
  float sum = from ? p->c[r][i] : 0;
  for (size_t k = from; k < to; k++) sum = fmaf(p->a[r][k], b[k * p->ldb], sum);
  p->c[r][i] = sum;
}

/* Few rows take more vectors at a time, so that there are additions to overlap. */
INLINE void multiply_rows(const product *p, size_t R, size_t from, size_t to) {
  size_t i = 0;
  if (R <= 2)
    for (; i + 8 * LANES <= p->width; i += 8 * LANES) multiply_tile(p, R, 8, i, from, to);
  for (; i + 4 * LANES <= p->width; i += 4 * LANES) multiply_tile(p, R, 4, i, from, to);
  for (; i + LANES <= p->width; i += LANES) multiply_tile(p, R, 1, i, from, to);
  for (; i < p->width; i++)
    for (size_t r = 0; r < R; r++) multiply_one(p, r, i, from, to);
}

enum { HEIGHT = 6 }; /* 6 rows by 4 vectors and 4 lanes: 28 registers */

static void multiply(const product *p, size_t rows, size_t from, size_t to) {
  switch (rows) {
    case 1: multiply_rows(p, 1, from, to); break;
    case 2: multiply_rows(p, 2, from, to); break;
    case 3: multiply_rows(p, 3, from, to); break;
    case 4: multiply_rows(p, 4, from, to); break;
    case 5: multiply_rows(p, 5, from, to); break;
    default: multiply_rows(p, HEIGHT, from, to);
  }
}

static void attend(float *out, mk_mass *mass, const float *q, size_t ld, size_t tokens,
                   size_t group, size_t hd, const float *kt, const float *v, size_t seen,
                   float scale, mk_ahead next) {
  attend_by(multiply, weigh, divide, HEIGHT, out, mass, q, ld, tokens, group, hd, kt, v,
            seen, scale, next);
}

/* ---- conversions ---- */

INLINE void widen(storage s, float *y, const void *x, size_t n) {
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) vst1q_f32(y + i, load(s, x, i));
  store_some(y + i, load_some(s, x, i, n - i), n - i);
}

static void widen_bf16(float *y, const mk_bf16 *x, size_t n) { widen(BF16, y, x, n); }
static void widen_f16(float *y, const mk_f16 *x, size_t n) { widen(F16, y, x, n); }

static void narrow_bf16(mk_bf16 *y, const float *x, size_t n) {
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    float32x4_t a = vld1q_f32(x + i);
    uint32x4_t bits = vreinterpretq_u32_f32(a), odd = vandq_u32(vshrq_n_u32(bits, 16),
                                                                vdupq_n_u32(1));
    uint32x4_t up = vaddq_u32(vaddq_u32(bits, vdupq_n_u32(0x7fff)), odd);
    uint32x4_t quiet = vorrq_u32(bits, vdupq_n_u32(0x400000));
    vst1_u16(y + i, vshrn_n_u32(vbslq_u32(vceqq_f32(a, a), up, quiet), 16));
  }
  for (; i < n; i++) y[i] = mk_bf16_of_f32(x[i]);
}

static void narrow_f16(mk_f16 *y, const float *x, size_t n) {
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    vst1_u16(y + i, vreinterpret_u16_f16(vcvt_f16_f32(vld1q_f32(x + i))));
  for (; i < n; i++) y[i] = mk_f16_of_f32(x[i]);
}

/* ---- weights in 8 and 4 bits ---- */

/* |x| orders as its bits do, infinity and NaN on top. */
static void quantize_block(int8_t *q, float *scale, int32_t *bias, const float *x) {
  int32x4_t v[8], sum = vdupq_n_s32(0);
  uint32x4_t most = vdupq_n_u32(0);
  float inverse;
  for (size_t i = 0; i < 8; i++)
    most = vmaxq_u32(most, vreinterpretq_u32_f32(vabsq_f32(vld1q_f32(x + LANES * i))));
  bool usable = block_scale(vmaxvq_u32(most), scale, &inverse);
  for (size_t i = 0; i < 8; i++) {
    float32x4_t by = vmulq_n_f32(vld1q_f32(x + LANES * i), inverse);
    v[i] = usable ? vcvtnq_s32_f32(by) : vdupq_n_s32(0);
    sum = vaddq_s32(sum, v[i]);
  }
  for (size_t i = 0; i < 8; i += 2) {
    int16x8_t narrow = vcombine_s16(vmovn_s32(v[i]), vmovn_s32(v[i + 1]));
    vst1_s8(q + LANES * i, vmovn_s16(narrow));
  }
  *bias = -128 * vaddvq_s32(sum);
}

static void quantize(int8_t *q, float *scale, int32_t *bias, const float *x, size_t n) {
  for (size_t b = 0; b < n / MK_QBLOCK; b++)
    quantize_block(q + b * MK_QBLOCK, scale + b, bias + b, x + b * MK_QBLOCK);
}

/* Products of bytes by bytes fit 16 bits, sums of two of them 32. */
INLINE int32x4_t dot(int32x4_t sums, int8x16_t w, int8x16_t x, size_t j) {
  int8x16_t four = vreinterpretq_s8_s32(vdupq_n_s32(vreinterpretq_s32_s8(x)[j]));
  int32x4_t low = vpaddlq_s16(vmull_s8(vget_low_s8(w), vget_low_s8(four)));
  int32x4_t high = vpaddlq_s16(vmull_high_s8(w, four));
  return vaddq_s32(sums, vpaddq_s32(low, high));
}

static void tile_q8(const patch *p, size_t groups, size_t columns) {
  (void)groups;
  tile_q8_by(dot, p, columns);
}

static void matmul_q8(float *y, size_t ldy, const uint8_t *w, size_t n, const mk_int8 *x,
                      size_t groups, size_t m) {
  product_stored(tile_q8, 1, WIDTH, MK_Q8_BYTES, y, ldy, w, n, x, groups, m);
}

static void matmul_q4(float *y, size_t ldy, const uint8_t *w, size_t n, const mk_int8 *x,
                      size_t groups, size_t m) {
  product_opened(open_q4, MK_Q4_BYTES, tile_q8, 1, WIDTH, y, ldy, w, n, x, groups, m);
}

/* What is missing is in arm_attend8.c. */
const mk_table mk_neon = {
  .matvec_f32 = matvec_f32,
  .matvec_bf16 = matvec_bf16,
  .matvec_f16 = matvec_f16,
  .rmsnorm = rmsnorm,
  .rope_half = rope_half,
  .rope_pairs = rope_pairs,
  .softmax = softmax,
  .swiglu = swiglu,
  .add = add,
  .attend = attend,
  .widen_bf16 = widen_bf16,
  .widen_f16 = widen_f16,
  .narrow_bf16 = narrow_bf16,
  .narrow_f16 = narrow_f16,
  .quantize = quantize,
  .matmul_q8 = matmul_q8,
  .matmul_q4 = matmul_q4,
  .log_sum_exp = log_sum_exp,
};
