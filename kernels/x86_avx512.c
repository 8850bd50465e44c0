/* x86_avx512.c: the AVX-512 tier (f, bw, dq, vl on top of AVX2, FMA and F16C).
**
** What: the kernels where 16 lanes, 32 registers or masks help; the rest is left to AVX2.
** How: every sum runs along lanes: lane l of an accumulator adds elements l, l + 16, ...
**   in order, the rest of a row enters by one masked step, and fold4 adds the lanes up.
**   Tiles of R rows by C columns are one inline function with R and C constant at each
**   call, so the accumulators live in registers.
** Invariant: R and C say how much is computed together, never in what order one sum is
**   taken.
** Not here: rope, add and narrowing, which AVX2 does as well.
*/
#include <string.h>

#include "kernels/int8.h"
#include "kernels/x86_avx512.h"

INLINE __m512 of_bf16(__m256i h) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(h), 16));
}

/* 16 stored numbers from the k-th on, widened. */
INLINE __m512 load(storage s, const void *w, size_t k) {
  const char *at = (const char *)w + k * storage_size(s);
  if (s == F32) return _mm512_loadu_ps(at);
  __m256i h = _mm256_loadu_si256((const __m256i_u *)at);
  return s == BF16 ? of_bf16(h) : _mm512_cvtph_ps(h);
}

/* The same where mask is set, 0 and unread elsewhere. */
INLINE __m512 load_masked(storage s, __mmask16 mask, const void *w, size_t k) {
  const char *at = (const char *)w + k * storage_size(s);
  if (s == F32) return _mm512_maskz_loadu_ps(mask, at);
  __m256i h = _mm256_maskz_loadu_epi16(mask, at);
  return s == BF16 ? of_bf16(h) : _mm512_cvtph_ps(h);
}

/* ---- matrix times vectors ---- */

INLINE __m128 halves(__m512 a) {
  __m256 b = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
  return _mm_add_ps(_mm256_castps256_ps128(b), _mm256_extractf128_ps(b, 1));
}

/* The four sums of lanes, each added up in the same way. */
INLINE __m128 fold4(__m512 a, __m512 b, __m512 c, __m512 d) {
  return _mm_hadd_ps(_mm_hadd_ps(halves(a), halves(b)),
                     _mm_hadd_ps(halves(c), halves(d)));
}

/* y for R rows (1 or 4) and C columns (at most 4). next: a row that will be wanted soon and is
** asked for on the way; NULL: the rows themselves stream by. */
INLINE void tile(storage s, size_t R, size_t C, const char *next, float *y, size_t ldy,
                 const void *w, size_t ldw, const float *x, size_t ldx, size_t n) {
  __m512 acc[4][4], a[4];
  UNROLL
  for (size_t c = 0; c < C; c++)
    UNROLL
    for (size_t r = 0; r < R; r++) acc[c][r] = _mm512_setzero_ps();
  size_t k = 0;
  for (; k + LANES <= n; k += LANES) {
    UNROLL
    for (size_t r = 0; r < R; r++) {
      a[r] = load(s, w, r * ldw + k);
      if (!next) prefetch(s, w, r * ldw + k);
    }
    if (next && (s == F32 || k % 32 == 0))
      __builtin_prefetch(next + k * storage_size(s), 0, 2);
    UNROLL
    for (size_t c = 0; c < C; c++) {
      __m512 b = _mm512_loadu_ps(x + c * ldx + k);
      UNROLL
      for (size_t r = 0; r < R; r++) acc[c][r] = _mm512_fmadd_ps(a[r], b, acc[c][r]);
    }
  }
  if (k < n) {
    __mmask16 rest = first(n - k);
    UNROLL
    for (size_t r = 0; r < R; r++) a[r] = load_masked(s, rest, w, r * ldw + k);
    UNROLL
    for (size_t c = 0; c < C; c++) {
      __m512 b = _mm512_maskz_loadu_ps(rest, x + c * ldx + k);
      UNROLL
      for (size_t r = 0; r < R; r++) acc[c][r] = _mm512_fmadd_ps(a[r], b, acc[c][r]);
    }
  }
  UNROLL
  for (size_t c = 0; c < C; c++)
    if (R == 4)
      _mm_storeu_ps(y + c * ldy, fold4(acc[c][0], acc[c][1], acc[c][2], acc[c][3]));
    else
      _mm_store_ss(y + c * ldy, fold4(acc[c][0], acc[c][0], acc[c][0], acc[c][0]));
}

/* R rows and all columns. While many columns pass over 4 rows, the 4 that follow are brought from
** memory, a row with each tile: multiplying would otherwise wait for every new one. */
INLINE void band(storage s, size_t R, float *y, size_t ldy, const void *w, size_t ldw,
                 const float *x, size_t ldx, size_t n, size_t m) {
  const uintptr_t row = ldw * storage_size(s), following = (uintptr_t)w + 4 * row;
  size_t j = 0;
  if (R == 4 && m >= 4 * 4)
    for (; j + 4 <= m; j += 4)
      tile(s, R, 4, (const char *)(following + j / 4 % 4 * row), y + j * ldy, ldy, w, ldw,
           x + j * ldx, ldx, n);
  for (; j + 4 <= m; j += 4)
    tile(s, R, 4, NULL, y + j * ldy, ldy, w, ldw, x + j * ldx, ldx, n);
  y += j * ldy;
  x += j * ldx;
  if (m - j == 3) tile(s, R, 3, NULL, y, ldy, w, ldw, x, ldx, n);
  if (m - j == 2) tile(s, R, 2, NULL, y, ldy, w, ldw, x, ldx, n);
  if (m - j == 1) tile(s, R, 1, NULL, y, ldy, w, ldw, x, ldx, n);
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

INLINE float sum_of(__m512 a) { return _mm_cvtss_f32(fold4(a, a, a, a)); }

/* x becomes scale*x; the result is the greatest. A NaN that the comparison loses comes
** back through its own exponential. */
static __m512 scale_max(float *x, size_t n, float scale) {
  __m512 max = _mm512_set1_ps(-INFINITY), by = _mm512_set1_ps(scale);
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    __m512 a = _mm512_mul_ps(_mm512_loadu_ps(x + i), by);
    _mm512_storeu_ps(x + i, a);
    max = _mm512_max_ps(max, a);
  }
  __mmask16 rest = first(n - i);
  __m512 a = _mm512_mul_ps(_mm512_maskz_loadu_ps(rest, x + i), by);
  _mm512_mask_storeu_ps(x + i, rest, a);
  max = _mm512_mask_max_ps(max, rest, max, a);
  return _mm512_set1_ps(_mm512_reduce_max_ps(max));
}

/* x becomes exp(scale*x - most). */
static mk_mass weigh(float *x, size_t n, float scale) {
  __m512 max = scale_max(x, n, scale), sum = _mm512_setzero_ps();
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    __m512 p = weight_below(_mm512_loadu_ps(x + i), max);
    sum = _mm512_add_ps(sum, p);
    _mm512_storeu_ps(x + i, p);
  }
  __mmask16 rest = first(n - i);
  __m512 p = weight_below(_mm512_maskz_loadu_ps(rest, x + i), max);
  _mm512_mask_storeu_ps(x + i, rest, p);
  sum = _mm512_mask_add_ps(sum, rest, sum, p);
  return (mk_mass){ _mm512_cvtss_f32(max), sum_of(sum) };
}

static void divide(float *x, size_t n, float by) {
  __m512 b = _mm512_set1_ps(by);
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    _mm512_storeu_ps(x + i, _mm512_div_ps(_mm512_loadu_ps(x + i), b));
  __mmask16 rest = first(n - i);
  _mm512_mask_storeu_ps(x + i, rest,
                        _mm512_div_ps(_mm512_maskz_loadu_ps(rest, x + i), b));
}

static void softmax(float *x, size_t n) { divide(x, n, weigh(x, n, 1).sum); }

/* g/(1 + exp(-g)) with both sides of the fraction scaled by 2^-8: exp(-g) may then exceed
** FLT_MAX, as it does where the quotient is still a normal number. */
INLINE __m512 gated(__m512 g, __m512 up) {
  __m512 tiny = _mm512_set1_ps(0x1p-8f), zero = _mm512_setzero_ps();
  __m512 minus = _mm512_min_ps(_mm512_set1_ps(104), _mm512_sub_ps(zero, g));
  __m512 e = exp_plus(_mm512_max_ps(_mm512_set1_ps(-104), minus), zero, -8);
  __m512 q = _mm512_div_ps(_mm512_mul_ps(g, tiny), _mm512_add_ps(tiny, e));
  return _mm512_mul_ps(up, q);
}

static void swiglu(float *y, const float *gate, const float *up, size_t n) {
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    _mm512_storeu_ps(y + i, gated(_mm512_loadu_ps(gate + i), _mm512_loadu_ps(up + i)));
  __mmask16 rest = first(n - i);
  _mm512_mask_storeu_ps(y + i, rest,
                        gated(_mm512_maskz_loadu_ps(rest, gate + i),
                              _mm512_maskz_loadu_ps(rest, up + i)));
}

/* Error of the sum: 2 eps from the exponentials, 4 from adding up to 8 of them in f32
** before the sum goes on in double. A difference d = x - max is off by |d|*eps/2, and |d|
** averaged with the weights exp(d) is less than ln(n): below 10 eps up to n = 2^28. */
static double log_sum_exp(const float *x, size_t n) {
  enum { PART = 8 * LANES };
  __m512 most = _mm512_set1_ps(-INFINITY), zero = _mm512_setzero_ps();
  __m512d sum = _mm512_setzero_pd();
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) most = _mm512_max_ps(most, _mm512_loadu_ps(x + i));
  __mmask16 rest = first(n - i);
  most = _mm512_mask_max_ps(most, rest, most, _mm512_maskz_loadu_ps(rest, x + i));
  float max = _mm512_reduce_max_ps(most);
  if (isinf(max)) return log_of_extremes(x, n);
  most = _mm512_set1_ps(max);
  for (i = 0; i < n; i += PART) {
    __m512 part = _mm512_setzero_ps();
    size_t end = least(n, i + PART), k = i;
    for (; k + LANES <= end; k += LANES) {
      __m512 d = _mm512_sub_ps(_mm512_loadu_ps(x + k), most);
      part = _mm512_add_ps(part, exp_below(d, zero));
    }
    if (k < end) {
      rest = first(end - k);
      __m512 d = _mm512_sub_ps(_mm512_maskz_loadu_ps(rest, x + k), most);
      part = _mm512_mask_add_ps(part, rest, part, exp_below(d, zero));
    }
    sum = _mm512_add_pd(sum, _mm512_cvtps_pd(_mm512_castps512_ps256(part)));
    sum = _mm512_add_pd(sum, _mm512_cvtps_pd(_mm512_extractf32x8_ps(part, 1)));
  }
  return log(_mm512_reduce_add_pd(sum)) + max;
}

/* ---- norm ---- */

/* In double, squares of f32 neither overflow nor vanish; 8 lanes. */
static void rmsnorm(float *y, const float *x, const float *w, size_t n, float e) {
  __m512d sum = _mm512_setzero_pd(), one = _mm512_set1_pd(1);
  size_t whole = n - n % 8, i = 0;
  __mmask8 rest = (__mmask8)first(n - whole);
  for (; i < whole; i += 8) {
    __m512d a = _mm512_cvtps_pd(_mm256_loadu_ps(x + i));
    sum = _mm512_fmadd_pd(a, a, sum);
  }
  __m512d tail = _mm512_cvtps_pd(_mm256_maskz_loadu_ps(rest, x + i));
  sum = _mm512_fmadd_pd(tail, tail, sum);
  double mean = _mm512_reduce_add_pd(sum) / (double)n;
  __m512d by = _mm512_set1_pd(1 / sqrt(mean + e));
  for (i = 0; i < whole; i += 8) {
    __m512d a = _mm512_cvtps_pd(_mm256_loadu_ps(x + i));
    __m512d b = w ? _mm512_cvtps_pd(_mm256_loadu_ps(w + i)) : one;
    _mm256_storeu_ps(y + i, _mm512_cvtpd_ps(_mm512_mul_pd(_mm512_mul_pd(a, b), by)));
  }
  __m512d b = w ? _mm512_cvtps_pd(_mm256_maskz_loadu_ps(rest, w + i)) : one;
  _mm256_mask_storeu_ps(y + i, rest,
                        _mm512_cvtpd_ps(_mm512_mul_pd(_mm512_mul_pd(tail, b), by)));
}

/* ---- attention ---- */

/* R rows and V vectors from column i on; mask: which lanes exist. c counts as 0 for from
** 0. */
INLINE void multiply_tile(const product *p, size_t R, size_t V, size_t i, __mmask16 mask,
                          size_t from, size_t to) {
  __m512 acc[QUERIES][4], lanes[4];
  const float *b = p->b + i / LANES * p->step;
  UNROLL
  for (size_t r = 0; r < R; r++)
    UNROLL
    for (size_t v = 0; v < V; v++)
      acc[r][v] = from ? _mm512_maskz_loadu_ps(mask, p->c[r] + i + v * LANES)
                       : _mm512_setzero_ps();
  for (size_t k = from; k < to; k++) {
    UNROLL
    for (size_t v = 0; v < V; v++) {
      lanes[v] = _mm512_maskz_loadu_ps(mask, b + v * p->step + k * p->ldb);
      ask_for_next(p, b + v * p->step + k * p->ldb);
    }
    UNROLL
    for (size_t r = 0; r < R; r++) {
      __m512 a = _mm512_set1_ps(p->a[r][k]);
      UNROLL
      for (size_t v = 0; v < V; v++) acc[r][v] = _mm512_fmadd_ps(a, lanes[v], acc[r][v]);
    }
  }
  UNROLL
  for (size_t r = 0; r < R; r++)
    UNROLL
    for (size_t v = 0; v < V; v++)
      _mm512_mask_storeu_ps(p->c[r] + i + v * LANES, mask, acc[r][v]);
}

/* Few rows take more vectors at a time, so that there are additions to overlap. */
INLINE void multiply_rows(const product *p, size_t R, size_t from, size_t to) {
  size_t i = 0;
  if (R <= 4)
    for (; i + 4 * LANES <= p->width; i += 4 * LANES)
      multiply_tile(p, R, 4, i, 0xffff, from, to);
  for (; i + 2 * LANES <= p->width; i += 2 * LANES)
    multiply_tile(p, R, 2, i, 0xffff, from, to);
  for (; i < p->width; i += LANES)
    multiply_tile(p, R, 1, i, first(least(LANES, p->width - i)), from, to);
}

static void multiply(const product *p, size_t rows, size_t from, size_t to) {
  switch (rows) {
    case 1: multiply_rows(p, 1, from, to); break;
    case 2: multiply_rows(p, 2, from, to); break;
    case 3: multiply_rows(p, 3, from, to); break;
    case 4: multiply_rows(p, 4, from, to); break;
    case 5: multiply_rows(p, 5, from, to); break;
    case 6: multiply_rows(p, 6, from, to); break;
    case 7: multiply_rows(p, 7, from, to); break;
    default: multiply_rows(p, QUERIES, from, to);
  }
}

static void attend(float *out, mk_mass *mass, const float *q, size_t ld, size_t tokens,
                   size_t group, size_t hd, const float *kt, const float *v, size_t seen,
                   float scale, mk_ahead next) {
  attend_by(multiply, weigh, divide, QUERIES, out, mass, q, ld, tokens, group, hd, kt, v,
            seen, scale, next);
}

/* ---- conversions ---- */

INLINE void widen(storage s, float *y, const void *x, size_t n) {
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) _mm512_storeu_ps(y + i, load(s, x, i));
  __mmask16 rest = first(n - i);
  _mm512_mask_storeu_ps(y + i, rest, load_masked(s, rest, x, i));
}

static void widen_bf16(float *y, const mk_bf16 *x, size_t n) { widen(BF16, y, x, n); }
static void widen_f16(float *y, const mk_f16 *x, size_t n) { widen(F16, y, x, n); }

/* ---- quantising ---- */

static void quantize(int8_t *q, float *scale, int32_t *bias, const float *x, size_t n) {
  for (size_t i = 0; i < n; i += MK_QBLOCK, q += MK_QBLOCK) {
    __m512 a = _mm512_loadu_ps(x + i), b = _mm512_loadu_ps(x + i + LANES);
    uint32_t bits =
        _mm512_reduce_max_epu32(_mm512_max_epu32(magnitude(a), magnitude(b)));
    float inverse;
    if (block_scale(bits, scale + i / MK_QBLOCK, &inverse)) {
      __m512 by = _mm512_set1_ps(inverse);
      __m512i qa = nearest(_mm512_mul_ps(a, by)), qb = nearest(_mm512_mul_ps(b, by));
      _mm_storeu_si128((__m128i_u *)q, _mm512_cvtepi32_epi8(qa));
      _mm_storeu_si128((__m128i_u *)(q + LANES), _mm512_cvtepi32_epi8(qb));
      bias[i / MK_QBLOCK] = -128 * _mm512_reduce_add_epi32(_mm512_add_epi32(qa, qb));
    } else {
      _mm256_storeu_si256((__m256i_u *)q, _mm256_setzero_si256());
      bias[i / MK_QBLOCK] = 0;
    }
  }
}

static float quantize_head(int8_t *q, const float *x, size_t hd) {
  __m512i most = _mm512_setzero_si512();
  float scale, inverse;
  for (size_t i = 0; i < hd; i += LANES) {
    __m512 a = _mm512_maskz_loadu_ps(first(least(LANES, hd - i)), x + i);
    most = _mm512_max_epu32(most, magnitude(a));
  }
  if (!block_scale(_mm512_reduce_max_epu32(most), &scale, &inverse)) {
    memset(q, 0, hd);
    return scale;
  }
  for (size_t i = 0; i < hd; i += LANES) {
    __mmask16 some = first(least(LANES, hd - i));
    __m512 a = _mm512_maskz_loadu_ps(some, x + i);
    __m512i whole = nearest(_mm512_mul_ps(a, _mm512_set1_ps(inverse)));
    _mm512_mask_cvtepi32_storeu_epi8(q + i, some, whole);
  }
  return scale;
}

const mk_table mk_avx512 = {
  .matvec_f32 = matvec_f32,
  .matvec_bf16 = matvec_bf16,
  .matvec_f16 = matvec_f16,
  .rmsnorm = rmsnorm,
  .softmax = softmax,
  .swiglu = swiglu,
  .attend = attend,
  .widen_bf16 = widen_bf16,
  .widen_f16 = widen_f16,
  .quantize = quantize,
  .log_sum_exp = log_sum_exp,
  .quantize_head = quantize_head,
};
