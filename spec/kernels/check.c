/* check.c: every kernel of every tier that this CPU can run, against its contract.
**
** What: results against the formula in double within the bound of kernels.h; NaN and
**   infinity; the same bits however the work is cut; conversions over every 16-bit value.
**   One line for each tier and kernel: "ok avx2 add", or "FAIL avx2 add: ..." with the
**   parameters.
** How: arrays end at an unreadable page, and what lies before them is watched, so that a
**   neighbour's byte can be neither read nor written. Each check runs in a child process,
**   which leaves in shared memory what it was doing, should it die of a signal.
** Invariant: numbers come from a fixed seed; a failure repeats itself.
** Not here: speed, and anything of core.
*/
#include <sys/wait.h>

#include "kernels/half.h"
#include "spec/kernels/check_attend.h"
#include "spec/kernels/check_attend4.h"
#include "spec/kernels/check_attend8.h"
#include "spec/kernels/check_bf16.h"
#include "spec/kernels/check_gemm.h"
#include "spec/kernels/check_int8.h"
#include "spec/kernels/fence.h"

/* ---- matvec: three kernels in one check, by the width of what is stored ---- */

typedef enum stored { IN_F32, IN_BF16, IN_F16 } stored;

static size_t size_of(stored s) { return s == IN_F32 ? 4 : 2; }

static double value(stored s, const void *w, size_t i) {
  if (s == IN_F32) return ((const float *)w)[i];
  uint16_t h = ((const uint16_t *)w)[i];
  return s == IN_BF16 ? mk_f32_of_bf16(h) : mk_f32_of_f16(h);
}

static void put(stored s, void *w, size_t i, float x) {
  if (s == IN_F32) ((float *)w)[i] = x;
  if (s == IN_BF16) ((uint16_t *)w)[i] = mk_bf16_of_f32(x);
  if (s == IN_F16) ((uint16_t *)w)[i] = mk_f16_of_f32(x);
}

static void call_matvec(check *c, stored s, float *y, size_t ldy, const void *w,
                        size_t ldw, const float *x, size_t ldx, size_t rows, size_t n,
                        size_t m) {
  if (s == IN_F32) c->k.matvec_f32(y, ldy, w, ldw, x, ldx, rows, n, m);
  if (s == IN_BF16) c->k.matvec_bf16(y, ldy, w, ldw, x, ldx, rows, n, m);
  if (s == IN_F16) c->k.matvec_f16(y, ldy, w, ldw, x, ldx, rows, n, m);
}

enum { ROWS = 9, COLUMNS = 9 };

/* The last `rows` rows by the last m columns must have the bits of the whole. */
static void cut_matvec(check *c, stored s, const float *whole, size_t ldy, const void *w,
                       size_t ldw, const float *x, size_t ldx, size_t rows, size_t n,
                       size_t m) {
  const char *from = (const char *)w + (ROWS - rows) * ldw * size_of(s);
  float *y = floats(c, 3, m ? (m - 1) * ldy + rows : 0);
  at(c, "rows=%zu n=%zu m=%zu ldy=%zu ldw=%zu ldx=%zu", rows, n, m, ldy, ldw, ldx);
  call_matvec(c, s, y, ldy, from, ldw, x + (COLUMNS - m) * ldx, ldx, rows, n, m);
  for (size_t j = 0; j < m; j++) {
    for (size_t i = 0; i < rows; i++)
      expect_same(c, "cut", j * ldy + i, y + j * ldy + i,
                  whole + (COLUMNS - m + j) * ldy + ROWS - rows + i);
    if (j + 1 < m && !is_canary(y + j * ldy + rows, (ldy - rows) * sizeof *y))
      fail(c, "wrote between columns");
  }
  intact(c, y);
}

static void matvec_of(check *c, stored s, size_t n, data kind) {
  size_t gap = kind % 2 * 3, ldw = n + gap, ldx = n + 2 * gap, ldy = ROWS + gap;
  size_t w_count = (ROWS - 1) * ldw + n, x_count = (COLUMNS - 1) * ldx + n;
  void *w = fresh(c, 0, w_count * size_of(s));
  float *x = floats(c, 1, x_count), *y = floats(c, 2, (COLUMNS - 1) * ldy + ROWS);
  for (size_t i = 0; i < w_count; i++)
    put(s, w, i, i % (ldw + !ldw) < n ? number(c, kind, i) : NAN);
  for (size_t i = 0; i < x_count; i++)
    x[i] = i % (ldx + !ldx) < n ? number(c, kind, i) : NAN;
  if (kind == HUGE_ && s == IN_F16)
    for (size_t i = 0; i < w_count; i++)
      if (i % ldw < n) put(s, w, i, uniform(c) * 65000);
  at(c, "%s rows=%d n=%zu m=%d", kind_names[kind], ROWS, n, COLUMNS);
  call_matvec(c, s, y, ldy, w, ldw, x, ldx, ROWS, n, COLUMNS);
  intact(c, y);
  for (size_t j = 0; j < COLUMNS; j++)
    for (size_t i = 0; i < ROWS; i++) {
      double sum = 0, size = 0;
      for (size_t k = 0; k < n; k++) {
        double p = value(s, w, i * ldw + k) * x[j * ldx + k];
        sum += p;
        size += fabs(p);
      }
      expect(c, j * ldy + i, y[j * ldy + i], sum, (double)n * (EPS * size + SUBNORMAL));
    }
  for (size_t rows = 0; rows <= ROWS; rows++)
    for (size_t m = 0; m <= COLUMNS; m += n > MAX_SMALL ? 4 : 1)
      cut_matvec(c, s, y, ldy, w, ldw, x, ldx, rows, n, m);
}

/* One NaN or infinity among the weights reaches its own row and no other. */
static void matvec_special(check *c, stored s, size_t n, float special) {
  char *w = fresh(c, 0, ROWS * n * size_of(s));
  float *x = fill(c, floats(c, 1, n), n, RANDOM), *y = floats(c, 2, ROWS);
  for (size_t hit = 0; hit < n; hit++) {
    for (size_t i = 0; i < ROWS * n; i++) put(s, w, i, i == 2 * n + hit ? special : 1);
    at(c, "n=%zu with %g at (2, %zu)", n, special, hit);
    call_matvec(c, s, y, ROWS, w, n, x, n, ROWS, n, 1);
    for (size_t i = 0; i < ROWS; i++)
      if (i != 2) expect_same(c, "row without it", i, y + i, y + (i == 0));
    expect(c, 2, y[2], special * x[hit], 0);
  }
}

static void check_matvec(check *c, stored s) {
  size_t n = 0;
  do {
    for (data kind = 0; kind < KINDS; kind++) matvec_of(c, s, n, kind);
  } while ((n = longer(n)) != 0);
  for (n = 1; n <= MAX_SMALL; n += 7) {
    matvec_special(c, s, n, NAN);
    matvec_special(c, s, n, INFINITY);
  }
}

static void check_matvec_f32(check *c) { check_matvec(c, IN_F32); }
static void check_matvec_bf16(check *c) { check_matvec(c, IN_BF16); }
static void check_matvec_f16(check *c) { check_matvec(c, IN_F16); }

/* ---- norm, rotation, sum ---- */

static void rmsnorm_of(check *c, size_t n, float scale, bool weighted, bool aliased,
                       float e) {
  float *x = fill(c, floats(c, 0, n), n, RANDOM),
        *w = fill(c, floats(c, 1, n), n, RANDOM);
  float *kept = floats(c, 2, n), *y = aliased ? x : floats(c, 3, n),
        *again = floats(c, 4, n + 1);
  for (size_t i = 0; i < n; i++) again[i] = kept[i] = x[i] *= scale;
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += (double)x[i] * x[i];
  double rms = sqrt(sum / (double)n + e);
  at(c, "n=%zu scale=%g e=%g w=%d y=x: %d", n, scale, e, weighted, aliased);
  c->k.rmsnorm(y, x, weighted ? w : NULL, n, e);
  c->k.rmsnorm(again, again, weighted ? w : NULL, n, e);
  for (size_t i = 0; i < n; i++) {
    double want = (double)kept[i] * (weighted ? w[i] : 1) / rms;
    expect(c, i, y[i], want, ((double)n / 2 + 4) * EPS * fabs(want) + SUBNORMAL);
    expect_same(c, "at another address", i, again + i, y + i);
  }
  intact(c, y);
  if (!is_canary(again + n, sizeof *again)) fail(c, "wrote past its output");
}

static void check_rmsnorm(check *c) {
  static const float scales[] = { 1, 1e-30f, 1e30f, 1e-42f };
  size_t n = 0;
  do {
    for (size_t i = 0; i < 4; i++) {
      rmsnorm_of(c, n, scales[i], i % 2, n % 2, 1e-5f);
      rmsnorm_of(c, n, scales[i], i % 2 == 0, n % 2 == 0, scales[i] == 1 ? 1 : 0);
    }
  } while ((n = longer(n)) != 0);
  for (n = 1; n <= MAX_SMALL; n++) {
    float *x = fill(c, floats(c, 0, n), n, RANDOM);
    x[n / 2] = NAN;
    at(c, "n=%zu with NaN", n);
    c->k.rmsnorm(x, x, NULL, n, 1e-5f);
    expect_all_nan(c, x, n);
  }
}

static void rope_of(check *c, mk_rope_half *rope, bool half, size_t pairs, data kind) {
  enum { HEADS = 3 };
  size_t hd = 2 * pairs, n = HEADS * hd;
  float *x = fill(c, floats(c, 0, n), n, kind), *kept = floats(c, 1, n);
  float *cs = floats(c, 2, pairs), *sn = floats(c, 3, pairs), *alone = floats(c, 4, hd);
  for (size_t i = 0; i < pairs; i++) {
    double angle = 3.1415926535 * uniform(c);
    cs[i] = (float)cos(angle);
    sn[i] = (float)sin(angle);
  }
  memcpy(kept, x, n * sizeof *x);
  memcpy(alone, x + n - hd, hd * sizeof *x);
  at(c, "%s hd=%zu", kind_names[kind], hd);
  rope(x, HEADS, hd, cs, sn);
  rope(alone, 1, hd, cs, sn);
  for (size_t h = 0; h < HEADS; h++)
    for (size_t i = 0; i < pairs; i++) {
      size_t ia = h * hd + (half ? i : 2 * i), ib = half ? ia + pairs : ia + 1;
      double ac = (double)kept[ia] * cs[i], as = (double)kept[ia] * sn[i];
      double bc = (double)kept[ib] * cs[i], bs = (double)kept[ib] * sn[i];
      expect(c, ia, x[ia], ac - bs, 2 * EPS * (fabs(ac) + fabs(bs)) + 2 * SUBNORMAL);
      expect(c, ib, x[ib], bc + as, 2 * EPS * (fabs(bc) + fabs(as)) + 2 * SUBNORMAL);
    }
  for (size_t i = 0; i < hd; i++)
    expect_same(c, "head alone", i, alone + i, x + n - hd + i);
  intact(c, x);
}

static void check_rope_half(check *c) {
  for (size_t pairs = 0; pairs <= MAX_SMALL; pairs++)
    for (data kind = 0; kind < KINDS; kind++)
      rope_of(c, c->k.rope_half, true, pairs, kind);
}

static void check_rope_pairs(check *c) {
  for (size_t pairs = 0; pairs <= MAX_SMALL; pairs++)
    for (data kind = 0; kind < KINDS; kind++)
      rope_of(c, c->k.rope_pairs, false, pairs, kind);
}

static void check_add(check *c) {
  size_t n = 0;
  do {
    for (data kind = 0; kind < KINDS; kind++) {
      float *y = fill(c, floats(c, 0, n), n, kind),
            *x = fill(c, floats(c, 1, n), n, kind);
      float *want = floats(c, 2, n);
      if (n > 2) y[n - 1] = NAN, x[n - 2] = INFINITY, y[0] = 0x1p-140f;
      for (size_t i = 0; i < n; i++) want[i] = y[i] + x[i];
      at(c, "%s n=%zu", kind_names[kind], n);
      c->k.add(y, x, n);
      for (size_t i = 0; i < n; i++) expect(c, i, y[i], want[i], 0);
      intact(c, y);
    }
  } while ((n = longer(n)) != 0);
}

/* ---- exponentials ---- */

static void softmax_of(check *c, size_t n, float spread, float shift,
                       size_t minus_infinities) {
  float *x = floats(c, 0, n), *kept = floats(c, 1, n), *again = floats(c, 2, n + 1);
  for (size_t i = 0; i < n; i++) x[i] = shift + spread * uniform(c);
  for (size_t i = 0; i < minus_infinities; i++) x[next(c) % n] = -INFINITY;
  memcpy(kept, x, n * sizeof *x);
  memcpy(again, x, n * sizeof *x);
  double max = -INFINITY, sum = 0;
  for (size_t i = 0; i < n; i++) max = x[i] > max ? x[i] : max;
  for (size_t i = 0; i < n; i++) sum += exp(x[i] - max);
  at(c, "n=%zu spread=%g shift=%g, %zu times -inf", n, spread, shift, minus_infinities);
  c->k.softmax(x, n);
  c->k.softmax(again, n);
  for (size_t i = 0; i < n; i++) {
    double want = exp(kept[i] - max) / sum;
    double bound = want >= FLT_MIN ? ((double)n + 16) * EPS * want : FLT_MIN;
    expect(c, i, x[i], want, bound);
    if (x[i] < 0 || (kept[i] == -INFINITY && x[i] > 0))
      fail(c, "element %zu is %g, should not be", i, x[i]);
    expect_same(c, "at another address", i, again + i, x + i);
  }
  intact(c, x);
}

static void softmax_nan(check *c, size_t n, size_t hit, float special, float others) {
  float *x = floats(c, 0, n);
  for (size_t i = 0; i < n; i++) x[i] = i == hit ? special : others;
  at(c, "n=%zu, %g at %zu among %g", n, special, hit, others);
  c->k.softmax(x, n);
  expect_all_nan(c, x, n);
}

static void check_softmax(check *c) {
  static const float spreads[] = { 0, 1, 30, 60, 1e4f, 1e38f },
                     shifts[] = { 0, 1000, -3e4f };
  size_t n = 0;
  do {
    for (size_t i = 0; i < 6; i++)
      for (size_t j = 0; j < 3; j++) {
        softmax_of(c, n, spreads[i], shifts[j], 0);
        if (n > 8) softmax_of(c, n, spreads[i], shifts[j], n / 8);
      }
  } while ((n = longer(n)) != 0);
  for (size_t i = 0; i < 2000; i++) softmax_of(c, 2, 44, 0, 0);
  softmax_of(c, 32000, 20, 0, 31000);
  for (n = 1; n <= MAX_SMALL; n++)
    for (size_t hit = 0; hit < n; hit++) {
      softmax_nan(c, n, hit, NAN, 1);
      softmax_nan(c, n, hit, INFINITY, 1);
      softmax_nan(c, n, hit, NAN, -INFINITY);
      softmax_nan(c, n, hit, -INFINITY, -INFINITY);
    }
}

static void swiglu_of(check *c, size_t n, const float *g, float up_scale, int alias) {
  float *gate = floats(c, 0, n), *up = floats(c, 1, n), *y = floats(c, 2, n);
  float *kept = floats(c, 3, n);
  memcpy(gate, g, n * sizeof *g);
  for (size_t i = 0; i < n; i++) kept[i] = up[i] = up_scale * uniform(c);
  if (alias) y = alias == 1 ? gate : up;
  c->k.swiglu(y, gate, up, n);
  intact(c, y);
  for (size_t i = 0; i < n; i++) {
    double want = kept[i] * (g[i] / (1 + exp(-(double)g[i])));
    at(c, "n=%zu gate=%.9g up=%.9g", n, g[i], kept[i]);
    expect(c, i, y[i], want, 16 * EPS * fabs(want) + FLT_MIN * fabs(kept[i]) + SUBNORMAL);
  }
}

static void check_swiglu(check *c) {
  static const float scales[] = { 1, 1e-18f, 1e17f };
  static const float special[] = { NAN,    INFINITY, -INFINITY, 1e30f,
                                   -1e30f, 0,        -0.f,      1e-40f };
  enum { GRID = 3001 };
  float *g = floats(c, 4, GRID);
  at(c, "specials");
  for (size_t n = 1; n <= 8; n++) swiglu_of(c, n, special + 8 - n, 1, 0);
  for (size_t i = 0; i < GRID; i++) g[i] = (float)(-120 + 240. / (GRID - 1) * (double)i);
  for (size_t i = 0; i < 3; i++) {
    swiglu_of(c, GRID, g, scales[i], 0);
    for (size_t n = 0; n <= MAX_SMALL; n++)
      swiglu_of(c, n, g + next(c) % (GRID - MAX_SMALL), scales[i], (int)(n % 3));
  }
}

/* ---- conversions ---- */

/* The magnitude of a 16-bit form without its sign, by arithmetic; what stands for
** infinity is taken for the next power of two, as rounding does. */
static double magnitude(stored s, unsigned m) {
  int fraction_bits = s == IN_BF16 ? 7 : 10, bias = s == IN_BF16 ? 127 : 15;
  int exponent = (int)(m >> fraction_bits),
      fraction = (int)(m & ((1u << fraction_bits) - 1));
  if (exponent > 0) fraction += 1 << fraction_bits;
  return ldexp(fraction, (exponent > 0 ? exponent : 1) - bias - fraction_bits);
}

static unsigned infinity_of(stored s) { return s == IN_BF16 ? 0x7f80 : 0x7c00; }

static void expect_wide(check *c, stored s, uint16_t h, float got) {
  unsigned m = h & 0x7fff;
  double want = m > infinity_of(s)    ? NAN
                : m == infinity_of(s) ? INFINITY
                                      : magnitude(s, m);
  if (isnan(want) ? !isnan(got) : fabs(got) != want || !signbit(got) != !(h & 0x8000))
    fail(c, "of 0x%04x gives %a", h, got);
}

static void check_widen(check *c, stored s) {
  enum { ALL = 65536 };
  uint16_t *h = fresh(c, 0, ALL * sizeof *h);
  float *x = floats(c, 1, ALL);
  for (size_t i = 0; i < ALL; i++) h[i] = (uint16_t)i;
  for (size_t n = ALL; n-- > 0; n = n > MAX_SMALL ? MAX_SMALL + 1 : n) {
    size_t count = n == ALL - 1 ? ALL : n;
    const uint16_t *from = h + ALL - count;
    x = floats(c, 1, count);
    at(c, "n=%zu", count);
    s == IN_BF16 ? c->k.widen_bf16(x, from, count) : c->k.widen_f16(x, from, count);
    intact(c, x);
    for (size_t i = 0; i < count; i++) expect_wide(c, s, from[i], x[i]);
  }
}

static void check_widen_bf16(check *c) { check_widen(c, IN_BF16); }
static void check_widen_f16(check *c) { check_widen(c, IN_F16); }

/* No neighbour of h may be nearer to x, nor as near if h is odd. */
static void expect_narrow(check *c, stored s, float x, uint16_t h) {
  unsigned m = h & 0x7fff, infinity = infinity_of(s);
  bool good = signbit(x) ? h & 0x8000 : !(h & 0x8000);
  if (isnan(x)) {
    good = good && m > infinity && (m & (s == IN_BF16 ? 0x40 : 0x200));
  } else {
    double a = fmin(fabs(x), 0x1p128), off = fabs(a - magnitude(s, m));
    double below = m > 0 ? fabs(a - magnitude(s, m - 1)) : INFINITY;
    double above = m < infinity ? fabs(a - magnitude(s, m + 1)) : INFINITY;
    if (m == infinity && a > magnitude(s, m)) off = 0;
    good = good && m <= infinity && off <= fmin(below, above);
    if (m % 2 == 1 && (off == below || off == above)) good = false;
  }
  if (!good) fail(c, "of %a gives 0x%04x", x, h);
}

static void narrow_and_expect(check *c, stored s, const float *x, size_t n) {
  uint16_t *h = fresh(c, 3, n * sizeof *h);
  at(c, "n=%zu", n);
  s == IN_BF16 ? c->k.narrow_bf16(h, x, n) : c->k.narrow_f16(h, x, n);
  intact(c, h);
  for (size_t i = 0; i < n; i++) expect_narrow(c, s, x[i], h[i]);
}

/* Every representable number, the middle to the next one, and the neighbours of that
** middle. */
static void check_narrow(check *c, stored s) {
  enum { BATCH = 1 << 15 };
  float *x = floats(c, 0, BATCH * 4);
  for (unsigned sign = 0; sign < 2; sign++) {
    for (unsigned m = 0; m < BATCH; m++) {
      uint16_t h = (uint16_t)(m | sign << 15);
      double middle = (magnitude(s, m) + magnitude(s, m + 1)) / 2;
      uint32_t bits = mk_bits_of_f32((float)(sign ? -middle : middle));
      x[4 * m] = s == IN_BF16 ? mk_f32_of_bf16(h) : mk_f32_of_f16(h);
      for (unsigned i = 0; i < 3; i++) x[4 * m + 1 + i] = mk_f32_of_bits(bits - 1 + i);
    }
    narrow_and_expect(c, s, x, BATCH * 4);
  }
  for (size_t batch = 0; batch < 31; batch++) {
    for (size_t i = 0; i < BATCH; i++) x[i] = mk_f32_of_bits((uint32_t)next(c));
    narrow_and_expect(c, s, x, BATCH);
  }
  for (size_t i = 0; i < BATCH; i++)            /* subnormal, one number in two */
    x[i] = mk_f32_of_bits((uint32_t)next(c) & (i % 2 ? 0x807fffffu : 0xffffffffu));
  narrow_and_expect(c, s, x, BATCH);
  for (size_t n = 0; n <= MAX_SMALL; n++) narrow_and_expect(c, s, x + 4 * BATCH - n, n);
}

static void check_narrow_bf16(check *c) { check_narrow(c, IN_BF16); }
static void check_narrow_f16(check *c) { check_narrow(c, IN_F16); }

/* ---- every tier, every kernel ---- */

typedef void check_fn(check *c);

/* One kernel of one tier, in a child; true if it kept its contract. */
static bool run(check c, const char *kernel, check_fn *fn) {
  int status = 0;
  c.kernel = kernel;
  c.where[0] = 0;
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    fn(&c);
    _exit(0);
  }
  if (child < 0 || waitpid(child, &status, 0) != child) {
    perror("check: child");
    exit(2);
  }
  if (WIFSIGNALED(status))
    printf("FAIL %s %s: %s: died of signal %d\n", c.tier, c.kernel, c.where,
           WTERMSIG(status));
  if (status == 0) printf("ok %s %s\n", c.tier, c.kernel);
  return status == 0;
}

static bool run_kernel(check c, size_t i) {
#define CHECK(name) check_##name,
  static check_fn *const checks[] = { MK_KERNELS(CHECK) };
#undef CHECK
  return run(c, mk_kernel_name(i), checks[i]);
}

/* The product of training that this tier is the first to have. */
static bool run_gemm(check c, mk_tier tier) {
  c.gemm = mk_train_for(tier)->gemm;
  bool good = (tier > 0 && c.gemm == mk_train_for(tier - 1)->gemm) ||
              run(c, "gemm", check_gemm);
  c.gemm = mk_gemm_bf16_for(tier);
  c.rounds = true;
  return (!c.gemm || run(c, "gemm_bf16", check_gemm)) && good;
}

/* The BF16 tier's kernels on emulated instructions, wherever plain AVX-512 is there. */
static bool run_emulated(check *c, mk_cpu cpu) {
  bool good = true;
#if defined(__x86_64__)
  extern const mk_table mk_bf16_emulated;
  size_t i = 0;
  c->tier = "bf16-emulated";
  c->k = mk_scalar;
#define RUN(name)                                             \
  if (cpu.tier[MK_TIER_avx512] && mk_bf16_emulated.name) {    \
    c->k.name = mk_bf16_emulated.name;                        \
    if (!run_kernel(*c, i)) good = false;                     \
  }                                                           \
  i++;
  MK_KERNELS(RUN)
#undef RUN
#else
  (void)c, (void)cpu;
#endif
  return good;
}

int main(void) {
  mk_cpu cpu = mk_detect(MK_TIER_COUNT - 1);
  check c = { .random = 2024 };
  bool good = true;
  c.where = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (c.where == MAP_FAILED) return 2;
  map_slots(&c);
  for (mk_tier tier = 0; tier < MK_TIER_COUNT; tier++) {
    mk_cpu only = { .tier[MK_TIER_scalar] = true };
    mk_tier serves[MK_KERNEL_COUNT];
    c.tier = mk_tier_name(tier);
    if (!cpu.tier[tier]) {
      printf("absent %s\n", c.tier);
      continue;
    }
    only.tier[tier] = true;
    mk_select(&c.k, only, serves);
    for (size_t i = 0; i < MK_KERNEL_COUNT; i++)
      if (serves[i] == tier && !run_kernel(c, i)) good = false;
    if (!run_gemm(c, tier)) good = false;
  }
  if (!run_emulated(&c, cpu)) good = false;
  return good ? 0 : 1;
}
