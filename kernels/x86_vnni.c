/* x86_vnni.c: the VNNI tier (avx512_vnni and avx512_vbmi on top of AVX-512): products
** with weights in 8 and 4 bits, attention over keys and values in 8 and 4 bits.
**
** What: mk_matmul_q8, mk_matmul_q4, mk_attend_q8, mk_attend_q4 and
**   mk_hadamard.
** How: one vector holds 4 columns of a group's 16 rows; vpdpbusd adds its products with 4
**   activations, the same for all rows, to 16 whole sums. It wants one operand unsigned:
**   weights are kept plus 128, and a block's sums start from the activations' bias.
**   Few columns take q4 as it is stored, many open it once for all of them (int8.h).
**   A tile of G groups by C columns is one inline function with G and C constant at each
**   call, so that the sums live in registers.
** Invariant: whole sums are exact, so every tier has the same of a matrix product.
** Not here: quantising, which plain AVX-512 does as well.
*/
#include <string.h>

#include "kernels/attend4.h"
#include "kernels/x86_attend8.h"
#include "kernels/x86_q4.h"

/* 2 groups by 6 columns, or 1 by 12: 12 whole sums, 12 sums in f32, and 8 registers to work
** with. */
enum { HEIGHT = 2, WIDTH = 6, FEW = HEIGHT * WIDTH };

/* whole += bytes, unsigned, times factors, four by four. The instruction itself, for GCC 12
** copies `whole` before and after its intrinsic. */
INLINE __m512i add_bytes(__m512i whole, __m512i bytes, __m512i factors) {
  __asm__("vpdpbusd %2, %1, %0" : "+v"(whole) : "v"(bytes), "v"(factors));
  return whole;
}

INLINE __m512i four_of(const int8_t *q) {
  int32_t four;
  memcpy(&four, q, sizeof four);
  return _mm512_set1_epi32(four);
}

INLINE void tile(bool q4, bool ahead, size_t G, size_t C, const patch *p) {
  const size_t bytes = q4 ? MK_Q4_BYTES : MK_Q8_BYTES;
  const size_t n = p->n, blocks = n / MK_QBLOCK;
  const __m512i levels = plus_128(load_levels());
  const uint8_t *codes = p->codes, *scales = p->scales;
  const int8_t *q = p->q;
  __m512i whole[HEIGHT][FEW], books[HEIGHT], w[HEIGHT];
  __m512 sum[HEIGHT][FEW], scale[HEIGHT];
  UNROLL
  for (size_t c = 0; c < C; c++)
    UNROLL
    for (size_t g = 0; g < G; g++)
      sum[g][c] = p->first ? _mm512_setzero_ps()
                           : _mm512_loadu_ps(p->y + c * p->ldy + g * MK_QROWS);
  for (size_t b = 0; b < p->count; b++) {
    UNROLL
    for (size_t g = 0; g < G; g++) {
      __m256i halves = load_scales(scales + g * p->scale_step);
      books[g] = q4 ? books_of(halves) : _mm512_setzero_si512();
      scale[g] = _mm512_cvtph_ps(q4 ? without_book(halves) : halves);
      if (ahead) ask_for(p->ask + (b * G + g) * LINE, p->ask_step, bytes / LINE);
    }
    UNROLL
    for (size_t c = 0; c < C; c++)
      UNROLL
      for (size_t g = 0; g < G; g++)
        whole[g][c] = _mm512_set1_epi32(p->bias[c * blocks + b]);
    UNROLL
    for (size_t j = 0; j < 8; j++) {
      UNROLL
      for (size_t g = 0; g < G; g++)
        w[g] = weights(q4, codes + g * p->code_step, j, books[g], levels);
      UNROLL
      for (size_t c = 0; c < C; c++) {
        __m512i x = four_of(q + c * n + 4 * j);
        UNROLL
        for (size_t g = 0; g < G; g++)
          whole[g][c] = add_bytes(whole[g][c], w[g], x);
      }
    }
    UNROLL
    for (size_t c = 0; c < C; c++) {
      __m512 by = _mm512_set1_ps(p->scale[c * blocks + b]);
      UNROLL
      for (size_t g = 0; g < G; g++)
        sum[g][c] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(whole[g][c]),
                                    _mm512_mul_ps(scale[g], by), sum[g][c]);
    }
    codes += bytes;
    scales += SCALES;
    q += MK_QBLOCK;
  }
  UNROLL
  for (size_t c = 0; c < C; c++)
    UNROLL
    for (size_t g = 0; g < G; g++)
      _mm512_storeu_ps(p->y + c * p->ldy + g * MK_QROWS, sum[g][c]);
}

INLINE void tile_by_columns(bool q4, bool ahead, size_t G, const patch *p,
                            size_t columns) {
  switch (columns) {
    case 1: tile(q4, ahead, G, 1, p); break;
    case 2: tile(q4, ahead, G, 2, p); break;
    case 3: tile(q4, ahead, G, 3, p); break;
    case 4: tile(q4, ahead, G, 4, p); break;
    case 5: tile(q4, ahead, G, 5, p); break;
    default: tile(q4, ahead, G, WIDTH, p);
  }
}

INLINE void tile_of(bool q4, bool ahead, const patch *p, size_t groups, size_t columns) {
  if (groups == 1) tile_by_columns(q4, ahead, 1, p, columns);
  else tile_by_columns(q4, ahead, HEIGHT, p, columns);
}

/* Asking costs instructions: only the first columns do it, which read from memory. */
static void tile_q8(const patch *p, size_t groups, size_t columns) {
  if (p->ask) tile_of(false, true, p, groups, columns);
  else tile_of(false, false, p, groups, columns);
}

static void tile_q4(const patch *p, size_t groups, size_t columns) {
  switch (columns) {
    case 7: tile(true, true, 1, 7, p); break;
    case 8: tile(true, true, 1, 8, p); break;
    case 9: tile(true, true, 1, 9, p); break;
    case 10: tile(true, true, 1, 10, p); break;
    case 11: tile(true, true, 1, 11, p); break;
    case 12: tile(true, true, 1, FEW, p); break;
    default: tile_of(true, true, p, groups, columns);
  }
}

static void open_q4(uint8_t *codes, uint8_t *scales, const uint8_t *q4_codes,
                    const uint8_t *q4_scales, size_t count) {
  open_levels(plus_128(load_levels()), codes, scales, q4_codes, q4_scales, count);
}

static void matmul_q8(float *y, size_t ldy, const uint8_t *w, size_t n, const mk_int8 *x,
                      size_t groups, size_t m) {
  product_stored(tile_q8, HEIGHT, WIDTH, MK_Q8_BYTES, y, ldy, w, n, x, groups, m);
}

static void matmul_q4(float *y, size_t ldy, const uint8_t *w, size_t n, const mk_int8 *x,
                      size_t groups, size_t m) {
  if (m <= WIDTH)
    product_stored(tile_q4, HEIGHT, WIDTH, MK_Q4_BYTES, y, ldy, w, n, x, groups, m);
  else if (m <= FEW)                    /* so that a code is looked up once */
    product_stored(tile_q4, 1, FEW, MK_Q4_BYTES, y, ldy, w, n, x, groups, m);
  else
    product_opened(open_q4, MK_Q4_BYTES, tile_q8, HEIGHT, WIDTH, y, ldy, w, n, x, groups, m);
}

/* ---- attention over 8 and 4 bits ---- */

enum { MANY = 4 };                      /* blocks of positions at once */

/* Keys count plus 128, to be the unsigned operand; this is what products are too high by. */
INLINE int32_t surplus(const int8_t *q, size_t hd) {
  __m512i sum = _mm512_setzero_si512();
  for (size_t d = 0; d < hd; d += LANES) {
    __m128i some = _mm_maskz_loadu_epi8(first(least(LANES, hd - d)), q + d);
    sum = add_bytes(sum, _mm512_set1_epi8(1), _mm512_zextsi128_si512(some));
  }
  return 128 * _mm512_reduce_add_epi32(sum);
}

/* Scores of R rows for B blocks of positions from `at` on. */
INLINE void score_tile(bool q4, rows8 *p, wish *next, const int32_t *more, size_t R,
                       size_t B, size_t at) {
  const size_t step = q4 ? 8 : 4, size = p->width * MK_BLOCK, seen = p->visible[R - 1];
  const int8_t *keys = p->keys + at * p->width;
  const __m512i levels = plus_128(head_levels());
  __m512i whole[TALL][MANY], k[MANY];
  UNROLL
  for (size_t r = 0; r < R; r++)
    UNROLL
    for (size_t b = 0; b < B; b++) whole[r][b] = _mm512_set1_epi32(-more[r]);
  for (size_t d = 0; d < p->hd; d += step, keys += 64) {
    ask(next, B);
    UNROLL
    for (size_t i = 0; i < step; i += 4) {
      UNROLL
      for (size_t b = 0; b < B; b++) {
        k[b] = bytes_of(q4, keys + b * size, i / 4, 0xffff, levels);
        if (!q4) k[b] = plus_128(k[b]);
      }
      UNROLL
      for (size_t r = 0; r < R; r++) {
        __m512i q = four_of(p->whole[r] + d + i);
        UNROLL
        for (size_t b = 0; b < B; b++) whole[r][b] = add_bytes(whole[r][b], k[b], q);
      }
    }
  }
  UNROLL
  for (size_t b = 0; b < B; b++) {
    size_t i = at + b * MK_BLOCK;
    __m512 by = load_some(p->key_scale + i, seen - i);
    UNROLL
    for (size_t r = 0; r < R; r++) put_scores(p, r, i, whole[r][b], by);
  }
}

INLINE void score_rows(bool q4, rows8 *p, size_t R) {
  size_t at = 0, end = covered(p);
  int32_t more[TALL];
  wish next = p->next_keys;
  UNROLL
  for (size_t r = 0; r < R; r++) more[r] = surplus(p->whole[r], p->hd);
  for (; at + MANY * MK_BLOCK <= end; at += MANY * MK_BLOCK)
    score_tile(q4, p, &next, more, R, MANY, at);
  for (; at < end; at += MK_BLOCK) score_tile(q4, p, &next, more, R, 1, at);
  p->next_keys = next;
}

INLINE void score_rows_q8(rows8 *p, size_t R) { score_rows(false, p, R); }
INLINE void score_rows_q4(rows8 *p, size_t R) { score_rows(true, p, R); }
static void score_q8(rows8 *p) { ROWS_UP_TO_4(score_rows_q8, p); }
static void score_q4(rows8 *p) { ROWS_UP_TO_4(score_rows_q4, p); }

/* The whole sums of a tile: 256 * high + low. */
typedef struct mixing {
  __m512i high[TALL][4], low[TALL][4];
} mixing;

/* Four positions from i on are added to R rows and V vectors from component d on; some:
** which lanes exist. */
INLINE void mix_four(bool q4, const rows8 *p, mixing *m, size_t R, size_t V, size_t d,
                     __mmask16 some, size_t i) {
  const int8_t *values = p->values + i * p->width + (q4 ? d * 2 : d * 4);
  const __m512i levels = head_levels();
  __m512i v[4];
  UNROLL
  for (size_t j = 0; j < V; j++) v[j] = bytes_of(q4, values, j, some, levels);
  UNROLL
  for (size_t r = 0; r < R; r++) {
    const int8_t *weights = p->whole[r] + i;
    __m512i w_high = four_of(weights), w_low = four_of(weights + LOW);
    UNROLL
    for (size_t j = 0; j < V; j++) {
      m->high[r][j] = add_bytes(m->high[r][j], w_high, v[j]);
      m->low[r][j] = add_bytes(m->low[r][j], w_low, v[j]);
    }
  }
}

INLINE void mix_tile(bool q4, rows8 *p, wish *next, size_t R, size_t V, size_t d,
                     __mmask16 some) {
  const size_t end = p->visible[R - 1];
  mixing m;
  UNROLL
  for (size_t r = 0; r < R; r++)
    UNROLL
    for (size_t j = 0; j < V; j++) m.high[r][j] = m.low[r][j] = _mm512_setzero_si512();
  for (size_t at = 0; at < whole_of(end); at += LANES)
    UNROLL
    for (size_t i = 0; i < LANES; i += 4) {
      if (!q4 || i % 8 == 0)
        ask(next, V - V / 4);           /* a quarter of them weigh has asked for */
      mix_four(q4, p, &m, R, V, d, some, at + i);
    }
  for (size_t i = whole_of(end); i < end; i += 4) mix_four(q4, p, &m, R, V, d, some, i);
  UNROLL
  for (size_t r = 0; r < R; r++)
    UNROLL
    for (size_t j = 0; j < V; j++)
      put_results(p, r, d + j * LANES, some, m.high[r][j], m.low[r][j]);
}

INLINE void mix_rows(bool q4, rows8 *p, size_t R) {
  size_t d = 0;
  wish next = p->next_values;
  if (R <= 3)
    for (; d + 4 * LANES <= p->hd; d += 4 * LANES)
      mix_tile(q4, p, &next, R, 4, d, 0xffff);
  for (; d + 2 * LANES <= p->hd; d += 2 * LANES) mix_tile(q4, p, &next, R, 2, d, 0xffff);
  for (; d < p->hd; d += LANES)         /* not in q4, whose heads are multiples of 32 */
    mix_tile(false, p, &next, R, 1, d, first(least(LANES, p->hd - d)));
  p->next_values = next;
}

INLINE void mix_rows_q8(rows8 *p, size_t R) { mix_rows(false, p, R); }
INLINE void mix_rows_q4(rows8 *p, size_t R) { mix_rows(true, p, R); }
static void mix_q8(rows8 *p) { ROWS_UP_TO_4(mix_rows_q8, p); }
static void mix_q4(rows8 *p) { ROWS_UP_TO_4(mix_rows_q4, p); }

static void attend_q8(float *out, mk_mass *mass, const float *q, size_t ld, size_t tokens,
                      size_t group, size_t hd, const int8_t *keys, const float *key_scale,
                      const int8_t *values, const float *value_scale, size_t seen,
                      float scale, mk_ahead next) {
  rows8 p = { .keys = keys, .values = values, .key_scale = key_scale,
              .value_scale = value_scale, .hd = hd, .width = hd };
  attend_q8_by(fix_query, score_q8, weigh, mix_q8, TALL, p, out, mass, q, ld, tokens,
               group, seen, scale, next);
}

static void hadamard(float *x, size_t heads, size_t hd) { turn_heads(x, heads, hd); }

/* Many rows are worth opening for. */
static void attend_q4(float *out, mk_mass *mass, const float *q, size_t ld, size_t tokens,
                      size_t group, size_t hd, const uint8_t *keys, const mk_bf16 *key_scale,
                      const uint8_t *values, const mk_bf16 *value_scale, size_t seen,
                      float scale, mk_ahead next, int8_t *opened) {
  if (tokens * group > TALL) {
    attend_opened(attend_q8, open_line, out, mass, q, ld, tokens, group, hd, keys,
                  key_scale, values, value_scale, seen, scale, next, opened);
    return;
  }
  float by_key[MK_SPAN], by_value[MK_SPAN];
  size_t n = least(seen + tokens - 1, MK_SPAN);
  open_scales(by_key, key_scale, n, next);
  open_scales(by_value, value_scale, n, next);
  rows8 p = { .keys = (const int8_t *)keys, .values = (const int8_t *)values,
              .key_scale = by_key, .value_scale = by_value, .hd = hd, .width = hd / 2 };
  attend_q8_by(fix_query, score_q4, weigh, mix_q4, TALL, p, out, mass, q, ld, tokens,
               group, seen, scale, next);
}

const mk_table mk_vnni = {
  .matmul_q8 = matmul_q8,
  .matmul_q4 = matmul_q4,
  .attend_q8 = attend_q8,
  .attend_q4 = attend_q4,
  .hadamard = hadamard,
};
