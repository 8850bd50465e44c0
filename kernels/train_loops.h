/* train_loops.h: the loops of train.h, once; each tier's file includes it and exports the table.
**
** `omp simd` lets the compiler reorder a sum into vector lanes; nothing else may be reordered.
** exp is a polynomial that vectorises (Cephes' expf, relative error below 2e-7 between the ends
** where it is cut off, +-87); in double it is libm's.
*/
#include <math.h>
#include <string.h>

#include "kernels/philox.h"
#include "kernels/train_gemm.h"

#ifdef MK_TRAIN_DOUBLE
static inline real exp_of(real x) { return exp(x); }
static inline real sqrt_of(real x) { return sqrt(x); }
#else
static inline float exp_of(float x) {
  const float magic = 12582912.0f;      /* 1.5 * 2^23: adding it rounds to a whole number */
  x = x < -87.0f ? -87.0f : x;
  x = x > 87.0f ? 87.0f : x;
  float shifted = x * 1.44269504f + magic, n = shifted - magic;
  float r = x - n * 0.693359375f + n * 2.12194440e-4f;
  float y = 1.9875691500e-4f;
  y = y * r + 1.3981999507e-3f;
  y = y * r + 8.3334519073e-3f;
  y = y * r + 4.1665795894e-2f;
  y = y * r + 1.6666665459e-1f;
  y = y * r + 5.0000001201e-1f;
  y = y * r * r + r + 1.0f;
  uint32_t bits;                        /* 2^n, from the low bits of `shifted` */
  memcpy(&bits, &shifted, sizeof bits);
  bits = (bits + 127) << 23;
  float power;
  memcpy(&power, &bits, sizeof power);
  return y * power;
}
static inline float sqrt_of(float x) { return sqrtf(x); }
#endif

static real dot(const real *a, const real *b, size_t n) {
  real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

static void axpy(real *restrict y, real a, const real *restrict x, size_t n) {
  for (size_t i = 0; i < n; i++) y[i] += a * x[i];
}

static double square_sum(const real *x, size_t n) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < n; i++) sum += (double)x[i] * (double)x[i];
  return sum;
}

static real rmsnorm(real *y, const real *x, const real *w, size_t n, real e) {
  real r = 1 / sqrt_of(dot(x, x, n) / (real)n + e);
  if (w)
    for (size_t i = 0; i < n; i++) y[i] = x[i] * r * w[i];
  else
    for (size_t i = 0; i < n; i++) y[i] = x[i] * r;
  return r;
}

/* With u = w dy: dx = r u - x r^3 / n * sum(u x), dw = dy x r. */
static void rmsnorm_back(real *restrict dx, real *restrict dw, const real *dy, const real *x,
                         const real *w, real r, size_t n, bool add) {
  real sum = 0;
  if (w) {
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++) sum += dy[i] * w[i] * x[i];
  } else {
    sum = dot(dy, x, n);
  }
  real c = sum * r * r * r / (real)n;
  if (!add) memset(dx, 0, n * sizeof *dx);
  if (w)
    for (size_t i = 0; i < n; i++) dx[i] += r * w[i] * dy[i] - c * x[i];
  else
    for (size_t i = 0; i < n; i++) dx[i] += r * dy[i] - c * x[i];
  if (dw)
    for (size_t i = 0; i < n; i++) dw[i] += dy[i] * x[i] * r;
}

static void swiglu(real *restrict y, const real *gate, const real *up, size_t n) {
  for (size_t i = 0; i < n; i++) y[i] = up[i] * gate[i] / (1 + exp_of(-gate[i]));
}

/* d silu(g)/dg = s (1 + g (1 - s)), s = sigmoid(g). */
static void swiglu_back(real *restrict dgate, real *restrict dup, const real *dy,
                        const real *gate, const real *up, size_t n, bool add) {
  if (!add) {
    memset(dgate, 0, n * sizeof *dgate);
    memset(dup, 0, n * sizeof *dup);
  }
  for (size_t i = 0; i < n; i++) {
    real g = gate[i], s = 1 / (1 + exp_of(-g));
    dgate[i] += dy[i] * up[i] * s * (1 + g * (1 - s));
    dup[i] += dy[i] * g * s;
  }
}

/* In lanes, because no compiler may reorder a maximum that could meet a NaN. NaNs are passed
** over: the sum of exponentials shows them. */
static real largest(const real *x, size_t n) {
  enum { MAXIMA = 16 };
  real lane[MAXIMA];
  size_t i = 0;
  for (int k = 0; k < MAXIMA; k++) lane[k] = x[0];
  for (; i + MAXIMA <= n; i += MAXIMA)
    for (size_t k = 0; k < MAXIMA; k++) lane[k] = x[i + k] > lane[k] ? x[i + k] : lane[k];
  real most = lane[0];
  for (int k = 1; k < MAXIMA; k++) most = lane[k] > most ? lane[k] : most;
  for (; i < n; i++) most = x[i] > most ? x[i] : most;
  return most;
}

/* x := exp(scale * x - base); returns the sum. */
static real exps(real *x, size_t n, real scale, real base) {
  real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < n; i++) {
    x[i] = exp_of(scale * x[i] - base);
    sum += x[i];
  }
  return sum;
}

static void scale_by(real *x, size_t n, real a) {
  for (size_t i = 0; i < n; i++) x[i] *= a;
}

static real softmax(real *x, size_t n, real scale) {
  real most = scale * largest(x, n);
  real sum = exps(x, n, scale, most);
  scale_by(x, n, 1 / sum);
  return most + (real)log((double)sum);
}

static void softmax_again(real *x, size_t n, real scale, real lse) {
  for (size_t i = 0; i < n; i++) x[i] = exp_of(scale * x[i] - lse);
}

static void softmax_back(real *restrict d, const real *restrict p, size_t n, real delta,
                         real scale) {
  for (size_t i = 0; i < n; i++) d[i] = scale * p[i] * (d[i] - delta);
}

static double cross_entropy(real *x, size_t n, size_t target, real weight) {
  real most = largest(x, n);
  double own = (double)x[target] - (double)most;
  real sum = exps(x, n, 1, most);
  scale_by(x, n, weight / sum);
  x[target] -= weight;
  return log((double)sum) - own;
}

static real exp_sum(const real *x, size_t n, real scale, real base) {
  real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < n; i++) sum += exp_of(scale * x[i] - base);
  return sum;
}

/* ln of the sum of exp(scale * x). */
static real log_sum(const real *x, size_t n, real scale) {
  real most = scale * largest(x, n);
  return most + (real)log((double)exp_sum(x, n, scale, most));
}

static double distill(real *restrict x, const real *restrict z, size_t n, size_t target,
                      real weight, real share, real temperature) {
  real cool = 1 / temperature, hard = weight * (1 - share), soft = weight * share * temperature;
  real whole = log_sum(x, n, 1), mine = log_sum(x, n, cool), theirs = log_sum(z, n, cool);
  double own = (double)whole - (double)x[target];
  real apart = 0;
#pragma omp simd reduction(+ : apart)
  for (size_t i = 0; i < n; i++) {
    real a = cool * x[i] - mine, b = cool * z[i] - theirs, p = exp_of(b);
    apart += p * (b - a);
    x[i] = hard * exp_of(x[i] - whole) + soft * (exp_of(a) - p);
  }
  x[target] -= hard;
  return (double)(1 - share) * own +
         (double)(share * temperature * temperature) * (double)apart;
}

static void turn_halves(real *x, size_t half, const real *cs, const real *sn, real sign) {
  for (size_t i = 0; i < half; i++) {
    real a = x[i], b = x[i + half], s = sign * sn[i];
    x[i] = a * cs[i] - b * s;
    x[i + half] = b * cs[i] + a * s;
  }
}

static void turn_pairs(real *x, size_t half, const real *cs, const real *sn, real sign) {
  for (size_t i = 0; i < half; i++) {
    real a = x[2 * i], b = x[2 * i + 1], s = sign * sn[i];
    x[2 * i] = a * cs[i] - b * s;
    x[2 * i + 1] = b * cs[i] + a * s;
  }
}

static void rope(real *x, size_t heads, size_t hd, const real *cs, const real *sn, real sign,
                 bool pairs) {
  for (size_t h = 0; h < heads; h++)
    if (pairs) turn_pairs(x + h * hd, hd / 2, cs, sn, sign);
    else turn_halves(x + h * hd, hd / 2, cs, sn, sign);
}

enum { DRAWS = 8, COUNTERS = 16, STRIP = DRAWS * COUNTERS };   /* draws of a counter; at once */

/* The draws of STRIP elements from `first`, a multiple of STRIP, on. */
static void draw_strip(uint16_t draws[STRIP], size_t first, const mk_drops *drops) {
  uint32_t c[4][COUNTERS], key[2] = {drops->key[0], drops->key[1]};
  for (uint32_t b = 0; b < COUNTERS; b++) {
    c[0][b] = (uint32_t)(first / DRAWS) + b;
    c[1][b] = drops->site;
    c[2][b] = drops->step;
    c[3][b] = drops->batch;
  }
  for (int round = 0; round < MK_PHILOX_ROUNDS; round++, mk_philox_step(key))
    for (int b = 0; b < COUNTERS; b++)
      mk_philox_round(&c[0][b], &c[1][b], &c[2][b], &c[3][b], key);
  for (int b = 0; b < COUNTERS; b++)
    for (int w = 0; w < 4; w++) {
      draws[DRAWS * b + 2 * w] = (uint16_t)c[w][b];
      draws[DRAWS * b + 2 * w + 1] = (uint16_t)(c[w][b] >> 16);
    }
}

static void drop(real *to, const real *from, const real *add, size_t first, size_t past,
                 const mk_drops *drops) {
  uint16_t draws[STRIP];
  const uint32_t below = drops->below;
  const real keep = drops->keep;
  for (size_t i = first, end; i < past; i = end) {
    size_t strip = i / STRIP * STRIP;
    end = strip + STRIP < past ? strip + STRIP : past;
    draw_strip(draws, strip, drops);
    if (add) {
#pragma omp simd
      for (size_t k = i; k < end; k++)
        to[k] = add[k] + (draws[k - strip] < below ? 0 : from[k] * keep);
    } else {
#pragma omp simd
      for (size_t k = i; k < end; k++)
        to[k] = draws[k - strip] < below ? 0 : from[k] * keep;
    }
  }
}

static void adamw(real *restrict w, real *restrict g, real *restrict m, real *restrict v,
                  size_t n, const mk_adamw *step) {
  const mk_adamw s = *step;
  for (size_t i = 0; i < n; i++) {
    real d = g[i] * s.scale;
    m[i] = s.beta1 * m[i] + (1 - s.beta1) * d;
    v[i] = s.beta2 * v[i] + (1 - s.beta2) * d * d;
    real u = m[i] * s.correct1 / (sqrt_of(v[i] * s.correct2) + s.epsilon);
    w[i] -= s.rate * (u + s.decay * w[i]);
    g[i] = 0;
  }
}

#define MK_TRAIN_TABLE { \
  .gemm = gemm, \
  .rmsnorm = rmsnorm, .rmsnorm_back = rmsnorm_back, .swiglu = swiglu, \
  .swiglu_back = swiglu_back, .softmax = softmax, .softmax_again = softmax_again, \
  .softmax_back = softmax_back, .cross_entropy = cross_entropy, .distill = distill, \
  .rope = rope, .drop = drop, .dot = dot, .axpy = axpy, .square_sum = square_sum, .adamw = adamw }
