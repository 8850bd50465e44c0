/* x86_avx2_int8.c: the AVX2 tier's second table: weights in 8 and 4 bits, attention over
** keys and values in 8 and 4 bits.
**
** What: mk_quantize, mk_matmul_q8, mk_matmul_q4, mk_quantize_head, mk_attend_q8,
**   mk_attend_q4, mk_quantize_head_q4, mk_hadamard.
** How: half a vector of a block is 4 columns of 8 rows. vpmaddubsw multiplies unsigned
**   by signed and adds pairs in 16 bits, where byte times activation would saturate;
**   |weight| times the activation with the weight's sign does not: 2 * 128 * 127 < 2^15.
**   q4 blocks are opened, by four look-ups of which the row's book lets one through.
** Invariant: whole sums are exact, for a weight of -128 too, given activations within
**   -127 .. 127.
** Not here: the walk over a product (int8.h).
*/
#include <string.h>

#include "kernels/attend4.h"
#include "kernels/int8.h"
#include "kernels/x86_avx2.h"

/* 1 group by 2 columns: 4 whole sums, 4 sums in f32, and 8 registers to work with. */
enum { HALVES = 2, WIDTH = 2 };

INLINE __m256i load_bytes(const void *at) {
  return _mm256_loadu_si256((const __m256i_u *)at);
}

/* 8 whole sums, the products of a weight's 4 columns added. size is |weight|. */
INLINE __m256i add_products(__m256i whole, __m256i size, __m256i weight, __m256i x) {
  __m256i pairs = _mm256_maddubs_epi16(size, _mm256_sign_epi8(x, weight));
  return _mm256_add_epi32(whole, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

INLINE __m256i four_of(const int8_t *q) {
  int32_t four;
  memcpy(&four, q, sizeof four);
  return _mm256_set1_epi32(four);
}

INLINE void tile(size_t C, const patch *p) {
  const size_t blocks = p->n / MK_QBLOCK;
  __m256i whole[HALVES][WIDTH], x[WIDTH];
  __m256 sum[HALVES][WIDTH];
  UNROLL
  for (size_t c = 0; c < C; c++)
    UNROLL
    for (size_t h = 0; h < HALVES; h++)
      sum[h][c] = p->first ? _mm256_setzero_ps()
                           : _mm256_loadu_ps(p->y + c * p->ldy + h * LANES);
  for (size_t b = 0; b < p->count; b++) {
    const uint8_t *codes = p->codes + b * MK_Q8_BYTES, *scales = p->scales + b * SCALES;
    const int8_t *q = p->q + b * MK_QBLOCK;
    UNROLL
    for (size_t c = 0; c < C; c++)
      UNROLL
      for (size_t h = 0; h < HALVES; h++) whole[h][c] = _mm256_setzero_si256();
    UNROLL
    for (size_t j = 0; j < 8; j++) {
      UNROLL
      for (size_t c = 0; c < C; c++) x[c] = four_of(q + c * p->n + 4 * j);
      UNROLL
      for (size_t h = 0; h < HALVES; h++) {
        __m256i byte = load_bytes(codes + 64 * j + 32 * h);
        __m256i weight = _mm256_xor_si256(byte, _mm256_set1_epi8(-128));
        __m256i size = _mm256_abs_epi8(weight);
        UNROLL
        for (size_t c = 0; c < C; c++)
          whole[h][c] = add_products(whole[h][c], size, weight, x[c]);
      }
    }
    UNROLL
    for (size_t h = 0; h < HALVES; h++) {
      __m256 scale = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i_u *)scales + h));
      UNROLL
      for (size_t c = 0; c < C; c++) {
        __m256 by = _mm256_mul_ps(scale, _mm256_set1_ps(p->scale[c * blocks + b]));
        sum[h][c] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(whole[h][c]), by, sum[h][c]);
      }
    }
  }
  UNROLL
  for (size_t c = 0; c < C; c++)
    UNROLL
    for (size_t h = 0; h < HALVES; h++)
      _mm256_storeu_ps(p->y + c * p->ldy + h * LANES, sum[h][c]);
}

static void tile_q8(const patch *p, size_t groups, size_t columns) {
  (void)groups;
  if (columns == 1) tile(1, p);
  else tile(WIDTH, p);
}

/* Levels + 128 of 32 codes, one in each byte. closed[k] has the sign bit set in the bytes
** of rows whose book is not k: vpshufb gives 0 there. */
INLINE __m256i levels_of(__m256i codes, const __m256i *closed, const __m256i *books) {
  __m256i level = _mm256_setzero_si256();
  UNROLL
  for (size_t k = 0; k < MK_QBOOKS; k++) {
    __m256i index = _mm256_or_si256(codes, closed[k]);
    level = _mm256_or_si256(level, _mm256_shuffle_epi8(books[k], index));
  }
  return _mm256_xor_si256(level, _mm256_set1_epi8(-128));
}

static void open_q4(uint8_t *codes, uint8_t *scales, const uint8_t *q4_codes,
                    const uint8_t *q4_scales, size_t count) {
  const __m256i low = _mm256_set1_epi8(15);
  __m256i books[MK_QBOOKS], closed[HALVES][MK_QBOOKS];
  for (size_t k = 0; k < MK_QBOOKS; k++)
    books[k] = _mm256_broadcastsi128_si256(
        _mm_loadu_si128((const __m128i_u *)mk_q4_levels[k]));
  for (size_t b = 0; b < count; b++, q4_codes += MK_Q4_BYTES, codes += MK_Q8_BYTES) {
    __m256i halves = load_bytes(q4_scales + b * SCALES);
    __m256i book = _mm256_and_si256(halves, _mm256_set1_epi16(MK_QBOOKS - 1));
    _mm256_storeu_si256((__m256i_u *)(scales + b * SCALES),
                        _mm256_xor_si256(halves, book));
    for (size_t k = 0; k < MK_QBOOKS; k++) {
      __m256i open = _mm256_cmpeq_epi16(book, _mm256_set1_epi16((short)k));
      closed[0][k] = _mm256_cvtepi16_epi32(_mm256_castsi256_si128(open));
      closed[1][k] = _mm256_cvtepi16_epi32(_mm256_extracti128_si256(open, 1));
      for (size_t h = 0; h < HALVES; h++)
        closed[h][k] = _mm256_andnot_si256(closed[h][k], _mm256_set1_epi8(-128));
    }
    for (size_t j = 0; j < 4; j++)
      for (size_t h = 0; h < HALVES; h++) {
        __m256i pairs = load_bytes(q4_codes + 64 * j + 32 * h);
        __m256i high = _mm256_and_si256(_mm256_srli_epi16(pairs, 4), low);
        uint8_t *to = codes + 128 * j + 32 * h;
        pairs = _mm256_and_si256(pairs, low);
        _mm256_storeu_si256((__m256i_u *)to, levels_of(pairs, closed[h], books));
        _mm256_storeu_si256((__m256i_u *)(to + 64), levels_of(high, closed[h], books));
      }
  }
}

static void matmul_q8(float *y, size_t ldy, const uint8_t *w, size_t n, const mk_int8 *x,
                      size_t groups, size_t m) {
  product_stored(tile_q8, 1, WIDTH, MK_Q8_BYTES, y, ldy, w, n, x, groups, m);
}

static void matmul_q4(float *y, size_t ldy, const uint8_t *w, size_t n, const mk_int8 *x,
                      size_t groups, size_t m) {
  product_opened(open_q4, MK_Q4_BYTES, tile_q8, 1, WIDTH, y, ldy, w, n, x, groups, m);
}

/* ---- quantising ---- */

INLINE uint32_t greatest(__m256i a) {
  __m128i b = _mm_max_epu32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
  b = _mm_max_epu32(b, _mm_shuffle_epi32(b, 0x4e));
  return (uint32_t)_mm_cvtsi128_si32(_mm_max_epu32(b, _mm_shuffle_epi32(b, 0xb1)));
}

/* v[0] .. v[3], each within a byte, in order. */
INLINE __m256i narrowed(const __m256i *v) {
  __m256i bytes = _mm256_packs_epi16(_mm256_packs_epi32(v[0], v[1]),
                                     _mm256_packs_epi32(v[2], v[3]));
  return _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

INLINE int32_t whole_sum_of(__m256i a) {
  __m128i b = _mm_add_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
  b = _mm_add_epi32(b, _mm_shuffle_epi32(b, 0x4e));
  return _mm_cvtsi128_si32(_mm_add_epi32(b, _mm_shuffle_epi32(b, 0xb1)));
}

INLINE __m256i magnitude(__m256 x) {
  return _mm256_and_si256(_mm256_castps_si256(x), _mm256_set1_epi32(0x7fffffff));
}

/* x * by, rounded to whole numbers within a byte, or zeros; returns their sums by lane. */
INLINE __m256i put_block(int8_t *q, const float *x, float by, bool usable) {
  __m256i v[4], sum = _mm256_setzero_si256();
  for (size_t i = 0; i < 4; i++) {
    __m256 some = _mm256_mul_ps(_mm256_loadu_ps(x + LANES * i), _mm256_set1_ps(by));
    some = _mm256_round_ps(some, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    v[i] = usable ? _mm256_cvtps_epi32(some) : _mm256_setzero_si256();
    sum = _mm256_add_epi32(sum, v[i]);
  }
  _mm256_storeu_si256((__m256i_u *)q, narrowed(v));
  return sum;
}

static void quantize_block(int8_t *q, float *scale, int32_t *bias, const float *x) {
  __m256i most = _mm256_setzero_si256();
  float inverse;
  for (size_t i = 0; i < 4; i++)
    most = _mm256_max_epu32(most, magnitude(_mm256_loadu_ps(x + LANES * i)));
  bool usable = block_scale(greatest(most), scale, &inverse);
  *bias = -128 * whole_sum_of(put_block(q, x, inverse, usable));
}

static void quantize(int8_t *q, float *scale, int32_t *bias, const float *x, size_t n) {
  for (size_t b = 0; b < n / MK_QBLOCK; b++)
    quantize_block(q + b * MK_QBLOCK, scale + b, bias + b, x + b * MK_QBLOCK);
}

INLINE __m256 load_floats(const float *x, size_t n) {
  return _mm256_maskload_ps(x, first(least(LANES, n)));
}

INLINE uint32_t greatest_of(const float *x, size_t n) {
  __m256i most = _mm256_setzero_si256();
  for (size_t i = 0; i < n; i += LANES)
    most = _mm256_max_epu32(most, magnitude(load_floats(x + i, n - i)));
  return greatest(most);
}

/* x * by, rounded to whole numbers of 16 bits; zeros from n on. */
INLINE __m128i whole_numbers(const float *x, size_t n, float by) {
  __m256i whole =
      _mm256_cvtps_epi32(_mm256_mul_ps(load_floats(x, n), _mm256_set1_ps(by)));
  return _mm_packs_epi32(_mm256_castsi256_si128(whole),
                         _mm256_extracti128_si256(whole, 1));
}

static float quantize_head(int8_t *q, const float *x, size_t hd) {
  float scale, inverse;
  bool usable = block_scale(greatest_of(x, hd), &scale, &inverse);
  size_t i = 0;
  for (; i + MK_QBLOCK <= hd; i += MK_QBLOCK)
    (void)put_block(q + i, x + i, inverse, usable);
  for (; i < hd; i += LANES) {
    int8_t eight[LANES] = { 0 };
    __m128i whole = whole_numbers(x + i, hd - i, inverse);
    if (usable) _mm_storeu_si64(eight, _mm_packs_epi16(whole, whole));
    memcpy(q + i, eight, least(LANES, hd - i));
  }
  return scale;
}

/* ---- attention over 8 and 4 bits ----
**
** Bytes are widened to 16 bits, where vpmaddwd multiplies them by whole numbers of 16
** bits, queries and weights, and adds pairs. Weights are within 0 .. 32767. */

enum {
  TALL = 6,                     /* rows by 2 vectors of sums fill the registers */
};

INLINE __m256i sixteen_of(const int8_t *at) {
  return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i_u *)at));
}

/* Four whole numbers, again and again. */
INLINE __m256i four_whole(const void *whole, size_t i) {
  int64_t four;
  memcpy(&four, (const char *)whole + 2 * i, sizeof four);
  return _mm256_set1_epi64x(four);
}

INLINE __m256i add_pairs(__m256i sum, __m256i bytes, __m256i whole) {
  return _mm256_add_epi32(sum, _mm256_madd_epi16(bytes, whole));
}

static float fix_query(int8_t *whole, const float *q, size_t hd) {
  float inverse, step = fixed_step(greatest_of(q, hd), QUERY_LEVELS, &inverse);
  for (size_t i = 0; i < hd; i += LANES) {
    __m128i eight = whole_numbers(q + i, hd - i, inverse);
    if (hd - i >= LANES) _mm_storeu_si128((__m128i_u *)(whole + 2 * i), eight);
    else _mm_storeu_si64(whole + 2 * i, eight);
  }
  return step;
}

/* Scores of R rows for 8 positions from `at` on. */
INLINE void score_tile(rows8 *p, size_t R, size_t at) {
  const int8_t *keys = p->keys + at / MK_BLOCK * MK_BLOCK * p->hd + at % MK_BLOCK * 4;
  __m256 by = load_floats(p->key_scale + at, p->visible[R - 1] - at);
  __m256i sum[TALL][2];
  UNROLL
  for (size_t r = 0; r < R; r++) sum[r][0] = sum[r][1] = _mm256_setzero_si256();
  for (size_t d = 0; d < p->hd; d += 4) {
    __m256i low = sixteen_of(keys + d * MK_BLOCK);
    __m256i high = sixteen_of(keys + d * MK_BLOCK + 16);
    if (at % MK_BLOCK == 0) ask(&p->next_keys, 1);
    UNROLL
    for (size_t r = 0; r < R; r++) {
      __m256i q = four_whole(p->whole[r], d);
      sum[r][0] = add_pairs(sum[r][0], low, q);
      sum[r][1] = add_pairs(sum[r][1], high, q);
    }
  }
  UNROLL
  for (size_t r = 0; r < R; r++) {
    __m256i whole = _mm256_hadd_epi32(sum[r][0], sum[r][1]);
    whole = _mm256_permute4x64_epi64(whole, 0xd8);
    __m256 score = _mm256_mul_ps(_mm256_cvtepi32_ps(whole), _mm256_set1_ps(p->factor[r]));
    _mm256_storeu_ps(p->x[r] + at, _mm256_mul_ps(score, by));
  }
}

INLINE void score_rows(rows8 *p, size_t R) {
  for (size_t at = 0; at < p->visible[R - 1]; at += LANES) score_tile(p, R, at);
}

static void score(rows8 *p) { ROWS_UP_TO_6(score_rows, p); }

/* x becomes exp(x - most) * value_scale; the result is the bits of the greatest product. */
INLINE uint32_t weigh_floats(float *x, const float *value_scale, size_t n,
                             mk_mass *mass) {
  __m256 none = _mm256_set1_ps(-INFINITY), max = none, total = _mm256_setzero_ps();
  __m256i most = _mm256_setzero_si256();
  for (size_t i = 0; i < n; i += LANES) {
    __m256 some = _mm256_castsi256_ps(first(least(LANES, n - i)));
    max = _mm256_max_ps(max, _mm256_blendv_ps(none, _mm256_loadu_ps(x + i), some));
  }
  max = max_in_all(max);
  for (size_t i = 0; i < n; i += LANES) {
    __m256 some = _mm256_castsi256_ps(first(least(LANES, n - i)));
    __m256 p = _mm256_and_ps(some, weight_below(_mm256_loadu_ps(x + i), max));
    total = _mm256_add_ps(total, p);
    p = _mm256_mul_ps(p, load_floats(value_scale + i, n - i));
    most = _mm256_max_epu32(most, magnitude(p));
    _mm256_storeu_ps(x + i, p);
  }
  *mass = (mk_mass){ _mm256_cvtss_f32(max), sum_of(total) };
  return greatest(most);
}

/* Whole weights take the first half of the floats' place. */
INLINE void weigh_row(rows8 *p, size_t r) {
  const size_t n = p->visible[r], end = covered(p);
  float *x = p->x[r], inverse;
  p->step[r] = fixed_step(weigh_floats(x, p->value_scale, n, &p->mass[r]), 32767,
                          &inverse);
  for (size_t i = 0; i < end; i += LANES) {
    __m128i eight = whole_numbers(x + i, n > i ? n - i : 0, inverse);
    _mm_storeu_si128((__m128i_u *)((char *)x + 2 * i), eight);
  }
}

static void weigh(rows8 *p) {
  for (size_t r = 0; r < p->count; r++) weigh_row(p, r);
}

/* R rows and 4*V components (V: 1 or 2) from d on. */
INLINE void mix_tile(rows8 *p, size_t R, size_t V, size_t d) {
  __m256i sum[TALL][2], v[2] = { _mm256_setzero_si256(), _mm256_setzero_si256() };
  UNROLL
  for (size_t r = 0; r < R; r++) sum[r][0] = sum[r][1] = v[0];
  for (size_t i = 0; i < p->visible[R - 1]; i += 4) {
    const int8_t *values = p->values + i * p->hd + d * 4;
    if (d % 16 == 0) ask(&p->next_values, 1);
    v[0] = sixteen_of(values);
    if (V == 2) v[1] = sixteen_of(values + 16);
    UNROLL
    for (size_t r = 0; r < R; r++) {
      __m256i weights = four_whole(p->x[r], i);
      sum[r][0] = add_pairs(sum[r][0], v[0], weights);
      if (V == 2) sum[r][1] = add_pairs(sum[r][1], v[1], weights);
    }
  }
  __m256i some = first(4 * V);
  UNROLL
  for (size_t r = 0; r < R; r++) {
    __m256 both = _mm256_hadd_ps(_mm256_cvtepi32_ps(sum[r][0]),
                                 _mm256_cvtepi32_ps(sum[r][1]));
    both = _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(both), 0xd8));
    _mm256_maskstore_ps(p->out[r] + d, some, both);
  }
}

INLINE void mix_rows(rows8 *p, size_t R) {
  size_t d = 0;
  for (; d + 8 <= p->hd; d += 8) mix_tile(p, R, 2, d);
  if (d < p->hd) mix_tile(p, R, 1, d);
  for (size_t r = 0; r < R; r++) {
    const float by = p->step[r] / p->mass[r].sum;
    for (d = 0; d < p->hd; d++) p->out[r][d] *= by;
  }
}

static void mix(rows8 *p) { ROWS_UP_TO_6(mix_rows, p); }

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
  const __m128i once = _mm_loadu_si128((const __m128i_u *)mk_head_levels);
  const __m256i levels = _mm256_broadcastsi128_si256(once), low = _mm256_set1_epi8(15);
  for (size_t i = 0; i < LINE; i += 32) {
    __m256i pairs = load_bytes(codes + i), high = _mm256_srli_epi16(pairs, 4);
    _mm256_storeu_si256((__m256i_u *)(to + i),
                        _mm256_shuffle_epi8(levels, _mm256_and_si256(pairs, low)));
    _mm256_storeu_si256((__m256i_u *)(to + LINE + i),
                        _mm256_shuffle_epi8(levels, _mm256_and_si256(high, low)));
  }
}

KERNELS_Q4

const mk_table mk_avx2_int8 = {
  .quantize = quantize,
  .matmul_q8 = matmul_q8,
  .matmul_q4 = matmul_q4,
  .quantize_head = quantize_head,
  .attend_q8 = attend_q8,
  .attend_q4 = attend_q4,
  .quantize_head_q4 = quantize_head_q4,
  .hadamard = hadamard,
};
