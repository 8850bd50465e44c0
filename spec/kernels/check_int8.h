/* check_int8.h: checks of what serves weights in 8 and 4 bits; part of check.c.
**
** What: quantize and the two products bit by bit against their formulas, log_sum_exp
**   within its bound.
** How: the formulas are written once more, after the layout in kernels.h, without regard
**   for speed. All tiers must have the formula's bits, so all have the same.
** Invariant: as in check.c.
** Not here: choosing scales and codes for weights.
*/
#ifndef MOON_SPEC_KERNELS_CHECK_INT8_H
#define MOON_SPEC_KERNELS_CHECK_INT8_H

#include "kernels/half.h"
#include "spec/kernels/fence.h"

static bool same_or_nan(float a, float b) {
  return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

/* ---- activations ---- */

static void expect_quantized(check *c, const float *x, const int8_t *q, float scale,
                             int32_t bias) {
  float a = 0;
  bool finite = true;
  int32_t sum = 0;
  for (size_t i = 0; i < MK_QBLOCK; i++) {
    finite = finite && isfinite(x[i]);
    a = fmaxf(a, fabsf(x[i]));
  }
  bool zero = !finite || isinf(127 / a);
  float want = !finite ? NAN : zero ? 0 : a / 127;
  if (!same_or_nan(scale, want)) fail(c, "scale is %a, should be %a", scale, want);
  for (size_t i = 0; i < MK_QBLOCK; i++) {
    float whole = zero ? 0 : nearbyintf(x[i] * (127 / a));
    sum += (int)whole;
    if (q[i] != whole) fail(c, "q of %a is %d, should be %g", x[i], q[i], whole);
  }
  if (bias != -128 * sum) fail(c, "bias is %d, should be %d", bias, -128 * sum);
}

static void quantize_and_expect(check *c, const float *x, size_t n) {
  size_t blocks = n / MK_QBLOCK;
  int8_t *q = fresh(c, 1, n);
  float *scale = floats(c, 2, blocks);
  int32_t *bias = fresh(c, 3, blocks * sizeof *bias);
  c->k.quantize(q, scale, bias, x, n);
  intact(c, q);
  intact(c, scale);
  intact(c, bias);
  for (size_t b = 0; b < blocks; b++)
    expect_quantized(c, x + b * MK_QBLOCK, q + b * MK_QBLOCK, scale[b], bias[b]);
}

static void check_quantize(check *c) {
  static const float specials[] = { NAN, INFINITY, -INFINITY, 0x1p-149f, 0x1p-122f,
                                    0x1.fcp-122f, 0x1.fc0002p-122f, 0x1p-121f, -FLT_MAX };
  for (size_t blocks = 0; blocks < 20; blocks++)
    for (data kind = 0; kind < KINDS; kind++) {
      size_t n = blocks * MK_QBLOCK;
      at(c, "%s n=%zu", kind_names[kind], n);
      quantize_and_expect(c, fill(c, floats(c, 0, n), n, kind), n);
    }
  for (size_t s = 0; s < sizeof specials / sizeof *specials; s++)
    for (size_t hit = 0; hit < MK_QBLOCK; hit++) {
      float *x = floats(c, 0, 3 * MK_QBLOCK);
      fill(c, x, 3 * MK_QBLOCK, RANDOM);
      for (size_t i = 0; i < MK_QBLOCK; i++) x[MK_QBLOCK + i] = 0;
      x[MK_QBLOCK + hit] = specials[s];
      x[hit] = hit % 2 ? 2 : specials[s];
      at(c, "%a at %zu", specials[s], hit);
      quantize_and_expect(c, x, 3 * MK_QBLOCK);
    }
  for (int a = 1; a < 250; a++) {               /* halves between whole numbers */
    float *x = floats(c, 0, MK_QBLOCK);
    for (size_t i = 0; i < MK_QBLOCK; i++)
      x[i] = (float)((int)(next(c) % 254) - 127) + 0.5f;
    x[a % MK_QBLOCK] = -127;
    at(c, "ties, the greatest at %d", a % MK_QBLOCK);
    quantize_and_expect(c, x, MK_QBLOCK);
  }
}

/* ---- products ---- */

enum { GROUPS = 5, TOKENS = 20, BIG_N = 8192 };

typedef enum matter {
  ORDINARY, EXTREME, HUGE_SCALES, STRANGE_SCALES, EMPTY, MATTERS
} matter;

static const char *const matter_names[] = { "ordinary", "extreme", "huge scales",
                                            "strange scales", "empty" };

typedef struct quantized {
  bool q4;
  size_t n, blocks, groups, m, size;    /* size: of a group in bytes */
  uint8_t *w;
  int8_t *q;
  float *scale;
  int32_t *bias;
} quantized;

static uint16_t weight_scale(check *c, matter kind) {
  uint16_t sign = (uint16_t)(next(c) & 0x8000);
  if (kind == STRANGE_SCALES && next(c) % 8 == 0) return (uint16_t)next(c);
  if (kind == EMPTY) return (uint16_t)(next(c) % 4);
  if (kind == HUGE_SCALES || kind == EXTREME)
    return sign | (uint16_t)(0x7bf0 + next(c) % 16);
  return sign | (uint16_t)(0x0c00 + next(c) % 0x1800);
}

static float activation_scale(check *c, matter kind) {
  static const float strange[] = { NAN, INFINITY, 0, 0x1p-149f, FLT_MAX, 0x1p-126f };
  if (kind == STRANGE_SCALES && next(c) % 8 == 0) return strange[next(c) % 6];
  if (kind == HUGE_SCALES) return 1e25f * (1.5f + uniform(c));
  return 0.01f * (1.5f + uniform(c));
}

static quantized make_quantized(check *c, bool q4, size_t n, size_t groups, size_t m,
                                matter kind) {
  size_t blocks = n / MK_QBLOCK, codes = blocks * (q4 ? MK_Q4_BYTES : MK_Q8_BYTES);
  quantized p = { q4, n, blocks, groups, m, codes + blocks * 32, NULL, NULL, NULL, NULL };
  p.w = fresh(c, 0, groups * p.size);
  p.q = fresh(c, 1, m * n);
  p.scale = floats(c, 2, m * blocks);
  p.bias = fresh(c, 3, m * blocks * sizeof *p.bias);
  for (size_t i = 0; i < groups * p.size; i++)
    p.w[i] = (uint8_t)(kind == EXTREME ? next(c) % 2 * 255 : next(c));
  for (size_t g = 0; g < groups; g++)
    for (size_t i = 0; i < blocks * MK_QROWS; i++) {
      uint16_t half = weight_scale(c, kind);
      memcpy(p.w + g * p.size + codes + 2 * i, &half, sizeof half);
    }
  for (size_t b = 0; b < m * blocks; b++) {
    int32_t sum = 0;
    for (size_t k = b * MK_QBLOCK; k < (b + 1) * MK_QBLOCK; k++) {
      p.q[k] = (int8_t)((int)(next(c) % 255) - 127);
      if (kind == EXTREME) p.q[k] = next(c) % 2 ? 127 : -127;
      if (kind == EMPTY) p.q[k] = 0;
      sum += p.q[k];
    }
    p.scale[b] = activation_scale(c, kind);
    p.bias[b] = -128 * sum;
  }
  return p;
}

/* The whole number that stands for the weight of a group's row r in column k of block b;
** and of the same the scale. */
static int whole_weight(const quantized *p, size_t g, size_t r, size_t b, size_t k,
                        float *scale) {
  const uint8_t *w = p->w + g * p->size;
  const uint8_t *codes = w + b * (p->q4 ? MK_Q4_BYTES : MK_Q8_BYTES);
  uint16_t half;
  memcpy(&half, w + p->size - (p->blocks - b) * 32 + 2 * r, sizeof half);
  *scale = mk_f32_of_f16(p->q4 ? half & 0xfffc : half);
  if (!p->q4) return codes[k / 4 * 64 + r * 4 + k % 4] - 128;
  uint8_t two = codes[k / 8 * 64 + r * 4 + k % 4];
  return mk_q4_levels[half & 3][k % 8 < 4 ? two % 16 : two / 16];
}

static float product_of(const quantized *p, size_t g, size_t r, size_t j) {
  float acc = 0, scale = 0;
  for (size_t b = 0; b < p->blocks; b++) {
    long sum = 0;
    for (size_t k = 0; k < MK_QBLOCK; k++)
      sum += whole_weight(p, g, r, b, k, &scale) * p->q[j * p->n + b * MK_QBLOCK + k];
    acc = fmaf((float)sum, scale * p->scale[j * p->blocks + b], acc);
  }
  return acc;
}

static void call_product(check *c, const quantized *p, float *y, size_t ldy, size_t group,
                         size_t groups, size_t column, size_t m) {
  mk_int8 x = { p->q + column * p->n, p->scale + column * p->blocks,
                p->bias + column * p->blocks };
  const uint8_t *w = p->w + group * p->size;
  if (p->q4) c->k.matmul_q4(y, ldy, w, p->n, &x, groups, m);
  else c->k.matmul_q8(y, ldy, w, p->n, &x, groups, m);
}

/* The last groups by the last m columns must have the bits of the whole. */
static void cut_product(check *c, const quantized *p, const float *whole, size_t groups,
                        size_t m) {
  size_t rows = groups * MK_QROWS, ldy = rows + 3, all = p->groups * MK_QROWS;
  float *y = floats(c, 5, m ? (m - 1) * ldy + rows : 0);
  at(c, "%s n=%zu, the last %zu groups and %zu columns", c->kind, p->n, groups, m);
  call_product(c, p, y, ldy, p->groups - groups, groups, p->m - m, m);
  for (size_t j = 0; j < m; j++) {
    for (size_t i = 0; i < rows; i++)
      if (!same_or_nan(y[j * ldy + i], whole[(p->m - m + j) * all + all - rows + i]))
        fail(c, "(%zu, %zu) differs from the whole", i, j);
    if (j + 1 < m && !is_canary(y + j * ldy + rows, 3 * sizeof *y))
      fail(c, "wrote between columns");
  }
  intact(c, y);
}

static void product_case(check *c, bool q4, size_t n, size_t groups, size_t m,
                         matter kind) {
  quantized p = make_quantized(c, q4, n, groups, m, kind);
  size_t rows = groups * MK_QROWS;
  float *y = floats(c, 4, rows * m);
  c->kind = matter_names[kind];
  at(c, "%s n=%zu groups=%zu m=%zu", c->kind, n, groups, m);
  call_product(c, &p, y, rows, 0, groups, 0, m);
  intact(c, y);
  for (size_t j = 0; j < m; j++)
    for (size_t i = 0; i < rows; i++) {
      float want = product_of(&p, i / MK_QROWS, i % MK_QROWS, j);
      if (!same_or_nan(y[j * rows + i], want))
        fail(c, "(%zu, %zu) is %a, should be %a", i, j, y[j * rows + i], want);
    }
  for (size_t g = 0; g <= groups; g++)
    for (size_t k = 0; k <= m; k += n > 256 ? 6 : 1) cut_product(c, &p, y, g, k);
}

static void check_product(check *c, bool q4) {
  static const size_t long_blocks[] = { 18, 23, 24, 25, 48, 49, 73 };
  for (size_t n = 0; n <= 6 * MK_QBLOCK; n += MK_QBLOCK)
    for (matter kind = 0; kind < MATTERS; kind++)
      product_case(c, q4, n, GROUPS, TOKENS, kind);
  for (size_t i = 0; i < sizeof long_blocks / sizeof *long_blocks; i++)
    product_case(c, q4, long_blocks[i] * MK_QBLOCK, 3, 14, (matter)(i % MATTERS));
  product_case(c, q4, BIG_N, 2, 14, ORDINARY);
}

static void check_matmul_q8(check *c) { check_product(c, false); }
static void check_matmul_q4(check *c) { check_product(c, true); }

/* ---- log_sum_exp ---- */

static void log_sum_exp_of(check *c, size_t n, float spread, float shift) {
  float *x = floats(c, 0, n);
  long double max = -INFINITY, sum = 0;
  for (size_t i = 0; i < n; i++) {
    x[i] = next(c) % 9 == 0 ? -INFINITY : shift + spread * uniform(c);
    max = x[i] > max ? x[i] : max;
  }
  for (size_t i = 0; i < n; i++) sum += expl(x[i] - max);
  double want = isinf(max) ? NAN : (double)(logl(sum) + max), got;
  at(c, "n=%zu spread=%g shift=%g", n, spread, shift);
  got = c->k.log_sum_exp(x, n);
  if (isnan(want) ? !isnan(got) : !(fabs(got - want) <= 16 * EPS + 0x1p-50 * fabs(want)))
    fail(c, "is %.17g, should be %.17g", got, want);
}

static void log_sum_exp_special(check *c, size_t n, size_t hit, float special,
                                float others, double want) {
  float *x = floats(c, 0, n);
  for (size_t i = 0; i < n; i++) x[i] = i == hit ? special : others;
  at(c, "n=%zu, %g at %zu among %g", n, special, hit, others);
  double got = c->k.log_sum_exp(x, n);
  if (isnan(want) ? !isnan(got) : got != want) fail(c, "is %g, should be %g", got, want);
}

static void check_log_sum_exp(check *c) {
  static const float spreads[] = { 0, 1, 30, 60, 1e4f, 1e38f },
                     shifts[] = { 0, 1000, -3e4f };
  size_t n = 0;
  do {
    for (size_t i = 0; i < 6; i++)
      for (size_t j = 0; j < 3; j++) log_sum_exp_of(c, n, spreads[i], shifts[j]);
  } while ((n = longer(n)) != 0);
  for (size_t i = 0; i < 6; i++) log_sum_exp_of(c, 200001, spreads[i], 0);
  for (n = 1; n <= MAX_SMALL; n++)
    for (size_t hit = 0; hit < n; hit++) {
      log_sum_exp_special(c, n, hit, NAN, 1, NAN);
      log_sum_exp_special(c, n, hit, NAN, INFINITY, NAN);
      log_sum_exp_special(c, n, hit, NAN, -INFINITY, NAN);
      log_sum_exp_special(c, n, hit, INFINITY, 1, INFINITY);
      log_sum_exp_special(c, n, hit, INFINITY, -INFINITY, INFINITY);
      log_sum_exp_special(c, n, hit, -INFINITY, -INFINITY, NAN);
      log_sum_exp_special(c, n, hit, 3, -INFINITY, 3);
    }
}

#endif
