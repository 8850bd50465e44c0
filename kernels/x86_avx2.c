/* x86_avx2.c: the AVX2 tier (avx2, fma, f16c): every kernel in floating point, 8 lanes.
**
** What: the tier of most x86 machines of today.
** How: every sum runs along lanes: lane l of an accumulator adds elements l, l + 8, ...
**   in order (bf16: in another, as fixed), the rest of a row enters by one masked step,
**   and fold4 adds the lanes up.
**   Tiles of R rows by C columns are one inline function with R and C constant at each
**   call, small enough that the accumulators live in the 16 registers.
** Invariant: R and C say how much is computed together, never in what order one sum is
**   taken.
** Not here: reads or writes past an array's end; what is left of a vector is masked or
**   copied.
*/
#include <string.h>

#include "kernels/half.h"
#include "kernels/x86_avx2.h"

INLINE __m256 widened(storage s, __m128i h) {
  if (s == F16) return _mm256_cvtph_ps(h);
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(h), 16));
}

/* 8 stored numbers from the k-th on, widened. */
INLINE __m256 load(storage s, const void *w, size_t k) {
  const char *at = (const char *)w + k * storage_size(s);
  if (s == F32) return _mm256_loadu_ps((const float *)(const void *)at);
  return widened(s, _mm_loadu_si128((const __m128i_u *)at));
}

/* n < 8 of them, and zeros. */
INLINE __m256 load_some(storage s, const void *w, size_t k, size_t n) {
  const char *at = (const char *)w + k * storage_size(s);
  if (s == F32) return _mm256_maskload_ps((const float *)(const void *)at, first(n));
  uint16_t h[LANES] = { 0 };
  memcpy(h, at, n * sizeof *h);
  return widened(s, _mm_loadu_si128((const __m128i_u *)h));
}

/* ---- matrix times vectors ---- */

/* The 16-element steps of a tile of bf16: two interleavings with zeros widen 16 weights
** in as many instructions as a conversion takes for 8; x is loaded in the same order.
** Returns where it stopped. */
INLINE size_t tile_bf16(size_t R, size_t C, __m256 acc[4][4], const mk_bf16 *w,
                        size_t ldw, const float *x, size_t ldx, size_t n) {
  __m256i zero = _mm256_setzero_si256();
  __m256 low[4], high[4];
  size_t k = 0;
  for (; k + 2 * LANES <= n; k += 2 * LANES) {
    UNROLL
    for (size_t r = 0; r < R; r++) {
      __m256i h = _mm256_loadu_si256((const __m256i_u *)(w + r * ldw + k));
      low[r] = _mm256_castsi256_ps(_mm256_unpacklo_epi16(zero, h));     /* 0-3, 8-11 */
      high[r] = _mm256_castsi256_ps(_mm256_unpackhi_epi16(zero, h));    /* 4-7, 12-15 */
      prefetch(BF16, w, r * ldw + k);
    }
    UNROLL
    for (size_t c = 0; c < C; c++) {
      const float *at = x + c * ldx + k;
      __m256 x_low = _mm256_loadu2_m128(at + 8, at);
      __m256 x_high = _mm256_loadu2_m128(at + 12, at + 4);
      UNROLL
      for (size_t r = 0; r < R; r++) {
        acc[c][r] = _mm256_fmadd_ps(low[r], x_low, acc[c][r]);
        acc[c][r] = _mm256_fmadd_ps(high[r], x_high, acc[c][r]);
      }
    }
  }
  return k;
}

/* y for R rows (1, 2 or 4) and C columns, R*C <= 8. */
INLINE void tile(storage s, size_t R, size_t C, float *y, size_t ldy, const void *w,
                 size_t ldw, const float *x, size_t ldx, size_t n) {
  __m256 acc[4][4], a[4];
  UNROLL
  for (size_t c = 0; c < C; c++)
    UNROLL
    for (size_t r = 0; r < R; r++) acc[c][r] = _mm256_setzero_ps();
  size_t k = s == BF16 ? tile_bf16(R, C, acc, w, ldw, x, ldx, n) : 0;
  for (; k + LANES <= n; k += LANES) {
    UNROLL
    for (size_t r = 0; r < R; r++) {
      a[r] = load(s, w, r * ldw + k);
      prefetch(s, w, r * ldw + k);
    }
    UNROLL
    for (size_t c = 0; c < C; c++) {
      __m256 b = _mm256_loadu_ps(x + c * ldx + k);
      UNROLL
      for (size_t r = 0; r < R; r++) acc[c][r] = _mm256_fmadd_ps(a[r], b, acc[c][r]);
    }
  }
  if (k < n) {
    UNROLL
    for (size_t r = 0; r < R; r++) a[r] = load_some(s, w, r * ldw + k, n - k);
    UNROLL
    for (size_t c = 0; c < C; c++) {
      __m256 b = _mm256_maskload_ps(x + c * ldx + k, first(n - k));
      UNROLL
      for (size_t r = 0; r < R; r++) acc[c][r] = _mm256_fmadd_ps(a[r], b, acc[c][r]);
    }
  }
  UNROLL
  for (size_t c = 0; c < C; c++) {
    __m256 *sums = acc[c];
    float *at = y + c * ldy;
    if (R == 4) _mm_storeu_ps(at, fold4(sums[0], sums[1], sums[2], sums[3]));
    if (R == 2) _mm_storel_pi((__m64 *)at, fold4(sums[0], sums[1], sums[0], sums[1]));
    if (R == 1) _mm_store_ss(at, fold4(sums[0], sums[0], sums[0], sums[0]));
  }
}

/* R rows (1 or 2) and all columns. */
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
  if (m == 1)
    for (; i + 4 <= rows; i += 4)
      tile(s, 4, 1, y + i, ldy, at + i * row_size, ldw, x, ldx, n);
  for (; i + 2 <= rows; i += 2)
    band(s, 2, y + i, ldy, at + i * row_size, ldw, x, ldx, n, m);
  if (i < rows) band(s, 1, y + i, ldy, at + i * row_size, ldw, x, ldx, n, m);
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

/* x becomes scale*x; the result is the greatest. A NaN that the comparison loses comes
** back through its own exponential. */
static __m256 scale_max(float *x, size_t n, float scale) {
  __m256 none = _mm256_set1_ps(-INFINITY), max = none, by = _mm256_set1_ps(scale);
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    __m256 a = _mm256_mul_ps(_mm256_loadu_ps(x + i), by);
    _mm256_storeu_ps(x + i, a);
    max = _mm256_max_ps(max, a);
  }
  __m256i rest = first(n - i);
  __m256 a = _mm256_mul_ps(_mm256_maskload_ps(x + i, rest), by);
  _mm256_maskstore_ps(x + i, rest, a);
  max = _mm256_max_ps(max, _mm256_blendv_ps(none, a, _mm256_castsi256_ps(rest)));
  return max_in_all(max);
}

/* x becomes exp(scale*x - most). */
static mk_mass weigh(float *x, size_t n, float scale) {
  __m256 max = scale_max(x, n, scale), sum = _mm256_setzero_ps();
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    __m256 p = weight_below(_mm256_loadu_ps(x + i), max);
    sum = _mm256_add_ps(sum, p);
    _mm256_storeu_ps(x + i, p);
  }
  __m256i rest = first(n - i);
  __m256 p = weight_below(_mm256_maskload_ps(x + i, rest), max);
  _mm256_maskstore_ps(x + i, rest, p);
  sum = _mm256_add_ps(sum, _mm256_and_ps(p, _mm256_castsi256_ps(rest)));
  return (mk_mass){ _mm256_cvtss_f32(max), sum_of(sum) };
}

static void divide(float *x, size_t n, float by) {
  __m256 b = _mm256_set1_ps(by);
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    _mm256_storeu_ps(x + i, _mm256_div_ps(_mm256_loadu_ps(x + i), b));
  __m256i rest = first(n - i);
  _mm256_maskstore_ps(x + i, rest, _mm256_div_ps(_mm256_maskload_ps(x + i, rest), b));
}

static void softmax(float *x, size_t n) { divide(x, n, weigh(x, n, 1).sum); }

/* Up to 8 vectors of weights are added in f32 before the sum goes on in double: 4 eps at
** most from adding. */
static double log_sum_exp(const float *x, size_t n) {
  enum { PART = 8 * LANES };
  __m256 none = _mm256_set1_ps(-INFINITY), most = none;
  __m256d sum = _mm256_setzero_pd();
  size_t whole = n - n % LANES, i = 0;
  __m256i rest = first(n - whole);
  for (; i < whole; i += LANES) most = _mm256_max_ps(most, _mm256_loadu_ps(x + i));
  most = _mm256_max_ps(most, _mm256_blendv_ps(none, _mm256_maskload_ps(x + i, rest),
                                              _mm256_castsi256_ps(rest)));
  most = max_in_all(most);
  float max = _mm256_cvtss_f32(most);
  if (isinf(max)) return log_of_extremes(x, n);
  for (i = 0; i < n; i += PART) {
    __m256 part = _mm256_setzero_ps();
    size_t end = least(n, i + PART), k = i;
    for (; k + LANES <= end; k += LANES)
      part = _mm256_add_ps(part, weight_below(_mm256_loadu_ps(x + k), most));
    if (k < end) {
      rest = first(end - k);
      __m256 p = weight_below(_mm256_maskload_ps(x + k, rest), most);
      part = _mm256_add_ps(part, _mm256_and_ps(p, _mm256_castsi256_ps(rest)));
    }
    sum = _mm256_add_pd(sum, _mm256_cvtps_pd(_mm256_castps256_ps128(part)));
    sum = _mm256_add_pd(sum, _mm256_cvtps_pd(_mm256_extractf128_ps(part, 1)));
  }
  __m128d two = _mm_add_pd(_mm256_castpd256_pd128(sum), _mm256_extractf128_pd(sum, 1));
  return log(_mm_cvtsd_f64(_mm_hadd_pd(two, two))) + max;
}

/* g/(1 + exp(-g)) with both sides of the fraction scaled by 2^-8: exp(-g) may then exceed
** FLT_MAX, as it does where the quotient is still a normal number. */
INLINE __m256 gated(__m256 g, __m256 up) {
  __m256 tiny = _mm256_set1_ps(0x1p-8f), zero = _mm256_setzero_ps();
  __m256 e = exp_plus(_mm256_sub_ps(zero, g), zero, -8);
  __m256 q = _mm256_div_ps(_mm256_mul_ps(g, tiny), _mm256_add_ps(tiny, e));
  return _mm256_mul_ps(up, q);
}

static void swiglu(float *y, const float *gate, const float *up, size_t n) {
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    _mm256_storeu_ps(y + i, gated(_mm256_loadu_ps(gate + i), _mm256_loadu_ps(up + i)));
  __m256i rest = first(n - i);
  _mm256_maskstore_ps(y + i, rest,
                      gated(_mm256_maskload_ps(gate + i, rest),
                            _mm256_maskload_ps(up + i, rest)));
}

/* ---- norm, rotation, sum ---- */

/* In double, squares of f32 neither overflow nor vanish; 4 lanes. */
static void rmsnorm(float *y, const float *x, const float *w, size_t n, float e) {
  __m256d sum = _mm256_setzero_pd(), one = _mm256_set1_pd(1);
  __m128i rest = _mm256_castsi256_si128(first(n % 4));
  size_t whole = n - n % 4, i = 0;
  for (; i < whole; i += 4) {
    __m256d a = _mm256_cvtps_pd(_mm_loadu_ps(x + i));
    sum = _mm256_fmadd_pd(a, a, sum);
  }
  __m256d tail = _mm256_cvtps_pd(_mm_maskload_ps(x + i, rest));
  sum = _mm256_fmadd_pd(tail, tail, sum);
  __m128d two = _mm_add_pd(_mm256_castpd256_pd128(sum), _mm256_extractf128_pd(sum, 1));
  double mean = _mm_cvtsd_f64(_mm_hadd_pd(two, two)) / (double)n;
  __m256d by = _mm256_set1_pd(1 / sqrt(mean + e));
  for (i = 0; i < whole; i += 4) {
    __m256d a = _mm256_cvtps_pd(_mm_loadu_ps(x + i));
    __m256d b = w ? _mm256_cvtps_pd(_mm_loadu_ps(w + i)) : one;
    _mm_storeu_ps(y + i, _mm256_cvtpd_ps(_mm256_mul_pd(_mm256_mul_pd(a, b), by)));
  }
  __m256d b = w ? _mm256_cvtps_pd(_mm_maskload_ps(w + i, rest)) : one;
  _mm_maskstore_ps(y + i, rest,
                   _mm256_cvtpd_ps(_mm256_mul_pd(_mm256_mul_pd(tail, b), by)));
}

static void rope_half(float *x, size_t heads, size_t hd, const float *cs,
                      const float *sn) {
  size_t pairs = hd / 2;
  for (size_t h = 0; h < heads; h++, x += hd)
    for (size_t i = 0; i < pairs; i += LANES) {
      __m256i some = first(least(LANES, pairs - i));
      __m256 a = _mm256_maskload_ps(x + i, some);
      __m256 b = _mm256_maskload_ps(x + i + pairs, some);
      __m256 c = _mm256_maskload_ps(cs + i, some), s = _mm256_maskload_ps(sn + i, some);
      _mm256_maskstore_ps(x + i, some, _mm256_fmsub_ps(a, c, _mm256_mul_ps(b, s)));
      _mm256_maskstore_ps(x + i + pairs, some,
                          _mm256_fmadd_ps(b, c, _mm256_mul_ps(a, s)));
    }
}

static void rope_pairs(float *x, size_t heads, size_t hd, const float *cs,
                       const float *sn) {
  __m256i twice = _mm256_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3);
  for (size_t h = 0; h < heads; h++, x += hd)
    for (size_t i = 0; i < hd; i += LANES) {
      size_t n = least(LANES, hd - i);
      __m128i half = _mm256_castsi256_si128(first(n / 2));
      __m256 c = _mm256_castps128_ps256(_mm_maskload_ps(cs + i / 2, half));
      __m256 s = _mm256_castps128_ps256(_mm_maskload_ps(sn + i / 2, half));
      __m256 ab = _mm256_maskload_ps(x + i, first(n)), ba = _mm256_permute_ps(ab, 0xb1);
      __m256 turned = _mm256_mul_ps(ba, _mm256_permutevar8x32_ps(s, twice));
      ab = _mm256_fmaddsub_ps(ab, _mm256_permutevar8x32_ps(c, twice), turned);
      _mm256_maskstore_ps(x + i, first(n), ab);
    }
}

static void add(float *y, const float *x, size_t n) {
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    _mm256_storeu_ps(y + i,
                     _mm256_add_ps(_mm256_loadu_ps(y + i), _mm256_loadu_ps(x + i)));
  for (; i < n; i++) y[i] += x[i];
}

/* ---- attention ---- */

/* R rows and V vectors from column i on; some: which lanes exist. */
INLINE void multiply_tile(const product *p, size_t R, size_t V, size_t i, __m256i some,
                          size_t from, size_t to) {
  __m256 acc[QUERIES][4], lanes[4];
  const float *b = p->b + i / MK_BLOCK * p->step + i % MK_BLOCK;
  UNROLL
  for (size_t r = 0; r < R; r++)
    UNROLL
    for (size_t v = 0; v < V; v++)
      acc[r][v] = from ? _mm256_maskload_ps(p->c[r] + i + v * LANES, some)
                       : _mm256_setzero_ps();
  for (size_t k = from; k < to; k++) {
    UNROLL
    for (size_t v = 0; v < V; v++) {
      const float *at = b + v / 2 * p->step + v % 2 * LANES + k * p->ldb;
      lanes[v] = V == 1 ? _mm256_maskload_ps(at, some) : _mm256_loadu_ps(at);
      if (v % 2 == 0) ask_for_next(p, at);
    }
    UNROLL
    for (size_t r = 0; r < R; r++) {
      __m256 a = _mm256_broadcast_ss(p->a[r] + k);
      UNROLL
      for (size_t v = 0; v < V; v++) acc[r][v] = _mm256_fmadd_ps(a, lanes[v], acc[r][v]);
    }
  }
  UNROLL
  for (size_t r = 0; r < R; r++)
    UNROLL
    for (size_t v = 0; v < V; v++)
      _mm256_maskstore_ps(p->c[r] + i + v * LANES, some, acc[r][v]);
}

/* Few rows take more vectors at a time, so that there are additions to overlap. */
INLINE void multiply_rows(const product *p, size_t R, size_t from, size_t to) {
  size_t i = 0;
  if (R <= 2)
    for (; i + 4 * LANES <= p->width; i += 4 * LANES)
      multiply_tile(p, R, 4, i, first(LANES), from, to);
  for (; i + 2 * LANES <= p->width; i += 2 * LANES)
    multiply_tile(p, R, 2, i, first(LANES), from, to);
  for (; i < p->width; i += LANES)
    multiply_tile(p, R, 1, i, first(least(LANES, p->width - i)), from, to);
}

enum { HEIGHT = 6 };                    /* 6 rows by 2 vectors fill the registers */

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
  for (; i + LANES <= n; i += LANES) _mm256_storeu_ps(y + i, load(s, x, i));
  if (i < n) _mm256_maskstore_ps(y + i, first(n - i), load_some(s, x, i, n - i));
}

static void widen_bf16(float *y, const mk_bf16 *x, size_t n) { widen(BF16, y, x, n); }
static void widen_f16(float *y, const mk_f16 *x, size_t n) { widen(F16, y, x, n); }

/* mk_bf16_of_f32 of 8 numbers, each in the low half of its lane. */
INLINE __m256i bf16_of(__m256 x) {
  __m256i bits = _mm256_castps_si256(x), upper = _mm256_srli_epi32(bits, 16);
  __m256i odd = _mm256_and_si256(upper, _mm256_set1_epi32(1));
  __m256i up = _mm256_add_epi32(_mm256_add_epi32(bits, _mm256_set1_epi32(0x7fff)), odd);
  __m256i quiet = _mm256_or_si256(upper, _mm256_set1_epi32(0x40));
  __m256i nan = _mm256_castps_si256(_mm256_cmp_ps(x, x, _CMP_UNORD_Q));
  return _mm256_blendv_epi8(_mm256_srli_epi32(up, 16), quiet, nan);
}

static void narrow_bf16(mk_bf16 *y, const float *x, size_t n) {
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    __m256i wide = bf16_of(_mm256_loadu_ps(x + i));
    __m128i low = _mm256_castsi256_si128(wide), high = _mm256_extracti128_si256(wide, 1);
    _mm_storeu_si128((__m128i_u *)(y + i), _mm_packus_epi32(low, high));
  }
  for (; i < n; i++) y[i] = mk_bf16_of_f32(x[i]);
}

static void narrow_f16(mk_f16 *y, const float *x, size_t n) {
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    _mm_storeu_si128((__m128i_u *)(y + i),
                     _mm256_cvtps_ph(_mm256_loadu_ps(x + i), _MM_FROUND_TO_NEAREST_INT));
  for (; i < n; i++) y[i] = mk_f16_of_f32(x[i]);
}

/* What is missing is in x86_avx2_int8.c. */
const mk_table mk_avx2 = {
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
  .log_sum_exp = log_sum_exp,
};
