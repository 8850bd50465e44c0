/* scalar.c: the reference tier: each kernel as its formula reads, complete and portable.
**
** What: the truth that faster tiers are compared with, and what runs where none of them
**   can.
** How: one loop per sum, elements in order. Where a contract leaves no room for rounding
**   on the way (norms, exponentials) the way goes through double, and only the result is
**   rounded.
** Invariant: compiled with -ffp-contract=off, so every operation rounds as it is written.
** Not here: speed, beyond what the compiler finds by itself.
*/
#include "kernels/kernels.h"

#include <math.h>
#include <string.h>

#include "kernels/attend4.h"
#include "kernels/half.h"
#include "kernels/int8.h"

static void matvec_f32(float *y, size_t ldy, const float *w, size_t ldw, const float *x,
                       size_t ldx, size_t rows, size_t n, size_t m) {
  for (size_t j = 0; j < m; j++)
    for (size_t i = 0; i < rows; i++) {
      float sum = 0;
      for (size_t k = 0; k < n; k++) sum += w[i * ldw + k] * x[j * ldx + k];
      y[j * ldy + i] = sum;
    }
}

static void matvec_bf16(float *y, size_t ldy, const mk_bf16 *w, size_t ldw,
                        const float *x, size_t ldx, size_t rows, size_t n, size_t m) {
  for (size_t j = 0; j < m; j++)
    for (size_t i = 0; i < rows; i++) {
      float sum = 0;
      for (size_t k = 0; k < n; k++)
        sum += mk_f32_of_bf16(w[i * ldw + k]) * x[j * ldx + k];
      y[j * ldy + i] = sum;
    }
}

static void matvec_f16(float *y, size_t ldy, const mk_f16 *w, size_t ldw, const float *x,
                       size_t ldx, size_t rows, size_t n, size_t m) {
  for (size_t j = 0; j < m; j++)
    for (size_t i = 0; i < rows; i++) {
      float sum = 0;
      for (size_t k = 0; k < n; k++)
        sum += mk_f32_of_f16(w[i * ldw + k]) * x[j * ldx + k];
      y[j * ldy + i] = sum;
    }
}

static void matmul_bf16(float *y, size_t ldy, const mk_bf16 *w, size_t ldw,
                        const mk_bf16 *x, size_t ldx, size_t rows, size_t n, size_t m) {
  for (size_t j = 0; j < m; j++)
    for (size_t i = 0; i < rows; i++) {
      float sum = 0;
      for (size_t k = 0; k < n; k++)
        sum += mk_f32_of_bf16(w[i * ldw + k]) * mk_f32_of_bf16(x[j * ldx + k]);
      y[j * ldy + i] = sum;
    }
}

/* In double, squares of f32 neither overflow nor vanish. */
static void rmsnorm(float *y, const float *x, const float *w, size_t n, float e) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += (double)x[i] * x[i];
  double rms = sqrt(sum / (double)n + e);
  for (size_t i = 0; i < n; i++) y[i] = (float)((double)x[i] * (w ? w[i] : 1) / rms);
}

static void rope_half(float *x, size_t heads, size_t hd, const float *cs,
                      const float *sn) {
  size_t pairs = hd / 2;
  for (size_t h = 0; h < heads; h++, x += hd)
    for (size_t i = 0; i < pairs; i++) {
      float a = x[i], b = x[i + pairs];
      x[i] = a * cs[i] - b * sn[i];
      x[i + pairs] = b * cs[i] + a * sn[i];
    }
}

static void rope_pairs(float *x, size_t heads, size_t hd, const float *cs,
                       const float *sn) {
  size_t pairs = hd / 2;
  for (size_t h = 0; h < heads; h++, x += hd)
    for (size_t i = 0; i < pairs; i++) {
      float a = x[2 * i], b = x[2 * i + 1];
      x[2 * i] = a * cs[i] - b * sn[i];
      x[2 * i + 1] = b * cs[i] + a * sn[i];
    }
}

/* A NaN that the comparison loses comes back through its own exponential. */
static float max_of(const float *x, size_t n) {
  float max = -INFINITY;
  for (size_t i = 0; i < n; i++) max = x[i] > max ? x[i] : max;
  return max;
}

static void softmax(float *x, size_t n) {
  double max = max_of(x, n), sum = 0;
  for (size_t i = 0; i < n; i++) sum += exp(x[i] - max);
  for (size_t i = 0; i < n; i++) x[i] = (float)(exp(x[i] - max) / sum);
}

static void swiglu(float *y, const float *gate, const float *up, size_t n) {
  for (size_t i = 0; i < n; i++) {
    double g = gate[i];
    y[i] = (float)(up[i] * (g / (1 + exp(-g))));
  }
}

static void add(float *y, const float *x, size_t n) {
  for (size_t i = 0; i < n; i++) y[i] += x[i];
}

/* One query of one head over the positions it sees. */
static mk_mass attend_one(float *out, const float *q, size_t hd, const float *kt,
                          const float *v, size_t visible, float scale) {
  float p[MK_SPAN];
  for (size_t i = 0; i < visible; i++) {
    const float *k = kt + i / MK_BLOCK * hd * MK_BLOCK + i % MK_BLOCK;
    float sum = 0;
    for (size_t d = 0; d < hd; d++) sum += q[d] * k[d * MK_BLOCK];
    p[i] = scale * sum;
  }
  double most = max_of(p, visible), sum = 0;
  for (size_t i = 0; i < visible; i++) sum += exp(p[i] - most);
  softmax(p, visible);
  for (size_t d = 0; d < hd; d++) out[d] = 0;
  for (size_t i = 0; i < visible; i++)
    for (size_t d = 0; d < hd; d++) out[d] += p[i] * v[i * hd + d];
  return (mk_mass){ (float)most, (float)sum };
}

static void attend(float *out, mk_mass *mass, const float *q, size_t ld, size_t tokens,
                   size_t group, size_t hd, const float *kt, const float *v, size_t seen,
                   float scale, mk_ahead next) {
  (void)next;
  for (size_t t = 0; t < tokens; t++)
    for (size_t g = 0; g < group; g++)
      mass[t * group + g] = attend_one(out + t * ld + g * hd, q + t * ld + g * hd, hd, kt,
                                       v, least(seen + t, MK_SPAN), scale);
}

static void widen_bf16(float *y, const mk_bf16 *x, size_t n) {
  for (size_t i = 0; i < n; i++) y[i] = mk_f32_of_bf16(x[i]);
}

static void widen_f16(float *y, const mk_f16 *x, size_t n) {
  for (size_t i = 0; i < n; i++) y[i] = mk_f32_of_f16(x[i]);
}

static void narrow_bf16(mk_bf16 *y, const float *x, size_t n) {
  for (size_t i = 0; i < n; i++) y[i] = mk_bf16_of_f32(x[i]);
}

static void narrow_f16(mk_f16 *y, const float *x, size_t n) {
  for (size_t i = 0; i < n; i++) y[i] = mk_f16_of_f32(x[i]);
}

/* ---- weights in 8 and 4 bits ---- */

static void quantize_block(int8_t *q, float *scale, int32_t *bias, const float *x) {
  uint32_t most = 0;            /* |x| orders as its bits do, infinity and NaN on top */
  int32_t sum = 0;
  float inverse;
  for (size_t i = 0; i < MK_QBLOCK; i++) {
    uint32_t bits = mk_bits_of_f32(x[i]) & 0x7fffffffu;
    most = bits > most ? bits : most;
  }
  bool usable = block_scale(most, scale, &inverse);
  for (size_t i = 0; i < MK_QBLOCK; i++) {
    q[i] = usable ? (int8_t)rintf(x[i] * inverse) : 0;
    sum += q[i];
  }
  *bias = -128 * sum;
}

static void quantize(int8_t *q, float *scale, int32_t *bias, const float *x, size_t n) {
  for (size_t b = 0; b < n / MK_QBLOCK; b++)
    quantize_block(q + b * MK_QBLOCK, scale + b, bias + b, x + b * MK_QBLOCK);
}

/* The sum of block b of row r, over the columns of one q. */
typedef int32_t block_fn(const uint8_t *codes, unsigned book, size_t r, const int8_t *q);

static int32_t block_q8(const uint8_t *codes, unsigned book, size_t r, const int8_t *q) {
  int32_t sum = 0;
  (void)book;
  for (size_t k = 0; k < MK_QBLOCK; k++)
    sum += (codes[k / 4 * 64 + 4 * r + k % 4] - 128) * q[k];
  return sum;
}

static int32_t block_q4(const uint8_t *codes, unsigned book, size_t r, const int8_t *q) {
  int32_t sum = 0;
  for (size_t k = 0; k < MK_QBLOCK; k++) {
    unsigned pair = codes[k / 8 * 64 + 4 * r + k % 4];
    sum += mk_q4_levels[book][k % 8 < 4 ? pair & 15 : pair >> 4] * q[k];
  }
  return sum;
}

/* Row r of the group at w times column j; `bytes`: of one block's codes; the bits of
** `books` belong to the book. */
static float row(block_fn *block, size_t bytes, uint16_t books, const uint8_t *w,
                 size_t n, const mk_int8 *x, size_t r, size_t j) {
  const size_t blocks = n / MK_QBLOCK;
  const uint8_t *scales = w + blocks * bytes;
  float acc = 0;
  for (size_t b = 0; b < blocks; b++) {
    const uint8_t *at = scales + 2 * (b * MK_QROWS + r);
    uint16_t half = (uint16_t)(at[0] | at[1] << 8);
    float scale = mk_f32_of_f16((uint16_t)(half & ~books)) * x->scale[j * blocks + b];
    int32_t sum = block(w + b * bytes, half & books, r, x->q + j * n + b * MK_QBLOCK);
    acc = fmaf((float)sum, scale, acc);
  }
  return acc;
}

static void matmul(block_fn *block, size_t bytes, uint16_t books, float *y, size_t ldy,
                   const uint8_t *w, size_t n, const mk_int8 *x, size_t groups,
                   size_t m) {
  size_t size = n / MK_QBLOCK * (bytes + SCALES);
  for (size_t j = 0; j < m; j++)
    for (size_t i = 0; i < groups * MK_QROWS; i++) {
      const uint8_t *group = w + i / MK_QROWS * size;
      y[j * ldy + i] = row(block, bytes, books, group, n, x, i % MK_QROWS, j);
    }
}

static void matmul_q8(float *y, size_t ldy, const uint8_t *w, size_t n, const mk_int8 *x,
                      size_t groups, size_t m) {
  matmul(block_q8, MK_Q8_BYTES, 0, y, ldy, w, n, x, groups, m);
}

static void matmul_q4(float *y, size_t ldy, const uint8_t *w, size_t n, const mk_int8 *x,
                      size_t groups, size_t m) {
  matmul(block_q4, MK_Q4_BYTES, MK_QBOOKS - 1, y, ldy, w, n, x, groups, m);
}

static double log_sum_exp(const float *x, size_t n) {
  double max = max_of(x, n), sum = 0;
  if (isinf(max)) return log_of_extremes(x, n);
  for (size_t i = 0; i < n; i++) sum += exp(x[i] - max);
  return log(sum) + max;
}

/* ---- attention over 8 bits ---- */

static uint32_t magnitude(float x) { return mk_bits_of_f32(x) & 0x7fffffffu; }

/* |x| orders as its bits do, infinity and NaN on top. */
static uint32_t greatest(const float *x, size_t n) {
  uint32_t most = 0;
  for (size_t i = 0; i < n; i++) most = magnitude(x[i]) > most ? magnitude(x[i]) : most;
  return most;
}

static float quantize_head(int8_t *q, const float *x, size_t hd) {
  float scale, inverse;
  bool usable = block_scale(greatest(x, hd), &scale, &inverse);
  for (size_t i = 0; i < hd; i++) q[i] = usable ? (int8_t)rintf(x[i] * inverse) : 0;
  return scale;
}

/* 16-bit whole numbers of x, which `whole` may be: what is read is ahead of what is
** written. By memcpy, for memory here holds floats and whole numbers in turn. */
static float fix(void *whole, const float *x, size_t n, float levels) {
  float inverse, step = fixed_step(greatest(x, n), levels, &inverse);
  for (size_t i = 0; i < n; i++) {
    int32_t wide = inverse > 0 ? (int32_t)rintf(x[i] * inverse) : 0;
    uint16_t narrow = (uint16_t)wide;
    memcpy((char *)whole + i * sizeof narrow, &narrow, sizeof narrow);
  }
  return step;
}

static float fix_query(int8_t *whole, const float *q, size_t hd) {
  return fix(whole, q, hd, QUERY_LEVELS);
}

static void score_q8(rows8 *p) {
  for (size_t i = 0; i < p->visible[0]; i++) {
    const int8_t *keys = p->keys + i / MK_BLOCK * p->hd * MK_BLOCK + i % MK_BLOCK * 4;
    int32_t sum = 0;
    for (size_t d = 0; d < p->hd; d++) {
      int16_t q;
      memcpy(&q, p->whole[0] + d * sizeof q, sizeof q);
      sum += q * keys[d / 4 * MK_BLOCK * 4 + d % 4];
    }
    p->x[0][i] = (float)sum * p->factor[0] * p->key_scale[i];
  }
}

static void weigh_q8(rows8 *p) {
  float *x = p->x[0];
  double max = max_of(x, p->visible[0]), sum = 0;
  for (size_t i = 0; i < p->visible[0]; i++) {
    float weight = (float)exp(x[i] - max);
    sum += weight;
    x[i] = weight * p->value_scale[i];
  }
  p->mass[0] = (mk_mass){ (float)max, (float)sum };
  p->step[0] = fix(x, x, p->visible[0], 65535);
}

static void mix_q8(rows8 *p) {
  for (size_t d = 0; d < p->hd; d++) {
    int32_t sum = 0;                    /* 65535 * 128 * MK_SPAN is 2^31 - 2^15 */
    for (size_t i = 0; i < p->visible[0]; i++) {
      uint16_t weight;
      memcpy(&weight, (const char *)p->x[0] + i * sizeof weight, sizeof weight);
      sum += weight * p->values[(i / 4 * p->hd + d) * 4 + i % 4];
    }
    p->out[0][d] = (float)sum * (p->step[0] / p->mass[0].sum);
  }
}

static void attend_q8(float *out, mk_mass *mass, const float *q, size_t ld, size_t tokens,
                      size_t group, size_t hd, const int8_t *keys, const float *key_scale,
                      const int8_t *values, const float *value_scale, size_t seen,
                      float scale, mk_ahead next) {
  rows8 p = { .keys = keys, .values = values, .key_scale = key_scale,
              .value_scale = value_scale, .hd = hd, .width = hd };
  attend_q8_by(fix_query, score_q8, weigh_q8, mix_q8, 1, p, out, mass, q, ld, tokens, group,
               seen, scale, next);
}

static void open_line(int8_t *to, const uint8_t *codes) {
  for (size_t i = 0; i < LINE; i++) {
    to[i] = mk_head_levels[codes[i] & 15];
    to[LINE + i] = mk_head_levels[codes[i] >> 4];
  }
}

KERNELS_Q4

#define ENTRY(name) .name = name,
const mk_table mk_scalar = { MK_KERNELS(ENTRY) };
