/* x86_amx.c: the AMX tier (amx_tile, amx_int8 and amx_bf16 on top of VNNI and BF16): products
** for many columns, attention over 8 and 4 bits for many rows.
**
** What: mk_matmul_q8, mk_matmul_q4, mk_matmul_bf16, mk_attend_q8, mk_attend_q4.
** How: a block of 16 rows and 32 columns in 8 bits, its bytes made signed, is what TDPBSSD
**   takes: one instruction has the whole sums of 16 rows and 16 columns of x, which vectors
**   scale and add up while the next block's are made. Columns that make no 16 go to VNNI,
**   whose bits are the same. bf16 rows are turned (x86_amx.h); x is read where it lies.
** Invariant: whole sums are exact, so every tier has the same of a quantised product, and
**   attention VNNI's bits.
*/
#include "kernels/x86_amx.h"
#include "kernels/attend4.h"
#include "kernels/x86_attend8.h"
#include "kernels/x86_q4.h"

/* ---- 8 and 4 bits ---- */

enum { HEIGHT = 2 };            /* groups that pass over x together */

/* Tile 0: sums; 1: x, columns by 32 bytes; 2: weights, 4 bytes each of 16 rows. */
INLINE tile_config block_tiles(void) {
  tile_config config = whole_tiles();
  config.bytes[1] = MK_QBLOCK;
  config.rows[2] = MK_QBLOCK / 4;
  return config;
}

INLINE void block_sums(int32_t whole[SIDE][LANES], const int8_t *q, size_t n,
                       const uint8_t *codes) {
  _tile_zero(0);
  _tile_loadd(1, q, n);
  _tile_loadd(2, codes, LINE);
  _tile_dpbssd(0, 1, 2);
  _tile_stored(0, whole, LINE);
}

INLINE void add_block(__m512 sum[SIDE], int32_t whole[SIDE][LANES], const uint8_t *scales,
                      const float *scale, size_t blocks) {
  __m512 rows = _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i_u *)scales));
  UNROLL
  for (size_t c = 0; c < SIDE; c++)
    sum[c] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(_mm512_load_si512(whole[c])),
                             _mm512_mul_ps(rows, _mm512_set1_ps(scale[c * blocks])), sum[c]);
}

/* One group by 16 columns. A block's whole sums are asked for two blocks before they are
** added, for they come through memory. stored: bytes of a block of the next chunk. */
INLINE void group_tile(size_t stored, const patch *p, size_t group) {
  enum { EARLY = 2, BUFFERS = 4 };
  _Alignas(LINE) int32_t whole[BUFFERS][SIDE][LANES];
  const uint8_t *codes = p->codes + group * p->code_step;
  const uint8_t *scales = p->scales + group * p->scale_step;
  float *y = p->y + group * MK_QROWS;
  size_t blocks = p->n / MK_QBLOCK;
  __m512 sum[SIDE];
  UNROLL
  for (size_t c = 0; c < SIDE; c++)
    sum[c] = p->first ? _mm512_setzero_ps() : _mm512_loadu_ps(y + c * p->ldy);
  for (size_t b = 0; b < p->count + EARLY; b++) {
    if (p->next[group] && b < p->count)
      ask_for(p->next[group] + b * stored, LINE, stored / LINE);
    if (b < p->count)
      block_sums(whole[b % BUFFERS], p->q + b * MK_QBLOCK, p->n, codes + b * MK_Q8_BYTES);
    if (b >= EARLY)
      add_block(sum, whole[(b - EARLY) % BUFFERS], scales + (b - EARLY) * SCALES,
                p->scale + b - EARLY, blocks);
  }
  UNROLL
  for (size_t c = 0; c < SIDE; c++) _mm512_storeu_ps(y + c * p->ldy, sum[c]);
}

static void tile_q8(const patch *p, size_t groups, size_t columns) {
  (void)columns;                /* 16 */
  for (size_t g = 0; g < groups; g++) group_tile(MK_Q8_BYTES, p, g);
}

static void tile_q4(const patch *p, size_t groups, size_t columns) {
  (void)columns;
  for (size_t g = 0; g < groups; g++) group_tile(MK_Q4_BYTES, p, g);
}

/* Signed bytes. */
static void open_q8(uint8_t *codes, uint8_t *scales, const uint8_t *stored_codes,
                    const uint8_t *stored_scales, size_t count) {
  for (size_t i = 0; i < count * MK_Q8_BYTES; i += LINE)
    _mm512_store_si512(codes + i, plus_128(_mm512_loadu_si512(stored_codes + i)));
  memcpy(scales, stored_scales, count * SCALES);
}

static void open_q4(uint8_t *codes, uint8_t *scales, const uint8_t *stored_codes,
                    const uint8_t *stored_scales, size_t count) {
  open_levels(load_levels(), codes, scales, stored_codes, stored_scales, count);
}

/* Whole sixteens of columns; the others by VNNI. */
INLINE void matmul(open_fn *open, tile_fn *tile, size_t bytes, mk_matmul_q8 *vnni, float *y,
                   size_t ldy, const uint8_t *w, size_t n, const mk_int8 *x, size_t groups,
                   size_t m) {
  size_t tiled = m / SIDE * SIDE, blocks = n / MK_QBLOCK;
  if (tiled) {
    tile_config config = block_tiles();
    load_config(&config);
    product_opened(open, bytes, tile, HEIGHT, SIDE, y, ldy, w, n, x, groups, tiled);
    _tile_release();
  }
  if (m > tiled) {
    mk_int8 rest = { x->q + tiled * n, x->scale + tiled * blocks, x->bias + tiled * blocks };
    vnni(y + tiled * ldy, ldy, w, n, &rest, groups, m - tiled);
  }
}

static void matmul_q8(float *y, size_t ldy, const uint8_t *w, size_t n, const mk_int8 *x,
                      size_t groups, size_t m) {
  matmul(open_q8, tile_q8, MK_Q8_BYTES, mk_vnni.matmul_q8, y, ldy, w, n, x, groups, m);
}

static void matmul_q4(float *y, size_t ldy, const uint8_t *w, size_t n, const mk_int8 *x,
                      size_t groups, size_t m) {
  matmul(open_q4, tile_q4, MK_Q4_BYTES, mk_vnni.matmul_q4, y, ldy, w, n, x, groups, m);
}

/* ---- bf16 ---- */

enum {
  DEEP = 512, PIECES = DEEP / STEP,     /* of n at a time: 32 KB of turned weights */
};

/* Up to 32 rows of `deep` <= DEEP numbers, as two rows of pieces; the rest is 0. turned: for B. */
INLINE void pack(piece *to, const mk_bf16 *x, size_t ldx, size_t rows, size_t deep,
                 bool turned) {
  for (size_t i = 0; i < TILE; i += SIDE)
    for (size_t k = 0; k < deep; k += STEP, to++) {
      __mmask32 some = (__mmask32)(0xffffffffu >> (STEP - least(STEP, deep - k)));
      __m512i v[SIDE];
      UNROLL
      for (size_t r = 0; r < SIDE; r++)
        v[r] = i + r < rows ? _mm512_maskz_loadu_epi16(some, x + (i + r) * ldx + k)
                            : _mm512_setzero_si512();
      if (turned) turn(v);
      UNROLL
      for (size_t r = 0; r < SIDE; r++) _mm512_store_si512(to->at[r], v[r]);
    }
}

/* y (m, rows) := or += x (m, deep) times the packed rows. Whole tiles of x are read where they
** lie. */
static void part_of(float *y, size_t ldy, pieces w, const mk_bf16 *x, size_t ldx, size_t rows,
                    size_t deep, size_t m, bool add) {
  piece copy[2 * PIECES];
  size_t count = (deep + STEP - 1) / STEP;
  for (size_t j = 0; j < m; j += TILE) {
    size_t columns = least(TILE, m - j);
    pieces a = { x + j * ldx, ldx * sizeof *x, LINE, SIDE * ldx * sizeof *x };
    if (columns < TILE || deep % STEP != 0) {
      pack(copy, x + j * ldx, ldx, columns, deep, false);
      a = packed(copy, count);
    }
    if (columns == TILE && rows == TILE) tile_product(count, a, w, y + j * ldy, ldy, add);
    else edge_product(count, a, w, y + j * ldy, ldy, add, columns, rows);
  }
}

/* Part by part of n, so that those of x stay in the second cache while all rows pass. */
static void matmul_bf16(float *y, size_t ldy, const mk_bf16 *w, size_t ldw,
                        const mk_bf16 *x, size_t ldx, size_t rows, size_t n, size_t m) {
  tile_config config = whole_tiles();
  size_t parts = (n + DEEP - 1) / DEEP + !n;    /* n = 0 gives zeros */
  size_t each = ((n + parts - 1) / parts + STEP - 1) / STEP * STEP;
  piece turned[2 * PIECES];
  load_config(&config);
  for (size_t part = 0; part < parts; part++)
    for (size_t i = 0; i < rows; i += TILE) {
      size_t k = part * each, deep = least(each, n - k), tall = least(TILE, rows - i);
      pack(turned, w + i * ldw + k, ldw, tall, deep, true);
      part_of(y + i, ldy, packed(turned, (deep + STEP - 1) / STEP), x + k, ldx, tall, deep, m,
              part > 0);
    }
  _tile_release();
}

/* ---- attention over 8 and 4 bits ----
**
** A is the bytes of whole numbers, two rows of it for each of the tile's (x86_attend8.h).
** A query fills the first of them; what stands in the other gives sums that nobody reads,
** for tiles of one shape are configured once a call.
** 16 positions of keys by 64 components lie in memory as B wants them, and so do 64
** positions of values by 16 components. An instruction takes as long for one row as for
** 16: the more rows, the better. Few rows are VNNI's, and not for that alone: a token's
** read keys and values that come from memory while they are multiplied, which holds tiles
** up more than vectors. */

enum { MOST = SIDE / 2 };               /* rows of the tile */

/* Tile 0: sums; 1, 2: A and B; 3, 4: of the components past whole 64s; 5, 6: of the
** positions past whole 64s, with no more of B than there is. */
INLINE tile_config attend_tiles(size_t rows, size_t hd, size_t n) {
  const size_t deep[] = { DEPTH, hd % DEPTH, (n % DEPTH + 3) / 4 * 4 };
  tile_config config = { .palette = 1 };
  config.bytes[0] = LINE;
  config.rows[0] = (uint8_t)(2 * rows);
  for (size_t i = 0; i < 3; i++)
    if (deep[i] > 0) {
      config.bytes[2 * i + 1] = (uint16_t)deep[i];
      config.rows[2 * i + 1] = config.rows[0];
      config.bytes[2 * i + 2] = LINE;
      config.rows[2 * i + 2] = (uint8_t)(deep[i] / 4);
    }
  return config;
}

static void score(rows8 *p) {
  _Alignas(LINE) int32_t sums[SIDE][LANES];
  const size_t end = covered(p), seen = p->visible[p->count - 1];
  const int8_t *rows = p->whole[0], *keys = p->keys;
  wish next = p->next_keys;
  for (size_t i = 0; i < end; i += MK_BLOCK, keys += p->hd * MK_BLOCK) {
    size_t d = 0;
    _tile_zero(0);
    for (; d + DEPTH <= p->hd; d += DEPTH) {
      ask(&next, SIDE);
      _tile_loadd(1, rows + d, LOW);
      _tile_loadd(2, keys + d * MK_BLOCK, LINE);
      _tile_dpbssd(0, 1, 2);
    }
    if (d < p->hd) {
      _tile_loadd(3, rows + d, LOW);
      _tile_loadd(4, keys + d * MK_BLOCK, LINE);
      _tile_dpbssd(0, 3, 4);
    }
    _tile_stored(0, sums, LINE);
    __m512 by = load_some(p->key_scale + i, seen - i);
    for (size_t r = 0; r < p->count; r++)
      put_scores(p, r, i, _mm512_load_si512(sums[2 * r]), by);
  }
  p->next_keys = next;
}

/* 16 components from d on. */
INLINE void mix_tile(rows8 *p, wish *next, size_t d) {
  _Alignas(LINE) int32_t sums[SIDE][LANES];
  const size_t seen = p->visible[p->count - 1], step = 4 * p->hd;
  const int8_t *rows = p->whole[0], *values = p->values + 4 * d;
  size_t i = 0;
  _tile_zero(0);
  for (; i < seen && i + DEPTH <= p->n; i += DEPTH) {
    ask(next, SIDE);
    _tile_loadd(1, rows + i, LOW);
    _tile_loadd(2, values + i * p->hd, step);
    _tile_dpbusd(0, 1, 2);
  }
  if (i < seen) {
    _tile_loadd(5, rows + i, LOW);
    _tile_loadd(6, values + i * p->hd, step);
    _tile_dpbusd(0, 5, 6);
  }
  _tile_stored(0, sums, LINE);
  for (size_t r = 0; r < p->count; r++)
    put_results(p, r, d, 0xffff, _mm512_load_si512(sums[2 * r]),
                _mm512_load_si512(sums[2 * r + 1]));
}

/* The last tile is whole too: it computes some components a second time. */
static void mix(rows8 *p) {
  wish next = p->next_values;
  for (size_t d = 0; d < p->hd; d += LANES) mix_tile(p, &next, least(d, p->hd - LANES));
  p->next_values = next;
}

static void attend_q8(float *out, mk_mass *mass, const float *q, size_t ld, size_t tokens,
                      size_t group, size_t hd, const int8_t *keys, const float *key_scale,
                      const int8_t *values, const float *value_scale, size_t seen,
                      float scale, mk_ahead next) {
  size_t rows = tokens * group;
  if (rows <= TALL || hd < LANES) {
    mk_vnni.attend_q8(out, mass, q, ld, tokens, group, hd, keys, key_scale, values,
                      value_scale, seen, scale, next);
    return;
  }
  rows8 p = { .keys = keys, .values = values, .key_scale = key_scale,
              .value_scale = value_scale, .hd = hd, .width = hd };
  size_t tiles = (rows + MOST - 1) / MOST, height = (rows + tiles - 1) / tiles;
  tile_config config = attend_tiles(height, hd, least(seen + tokens - 1, MK_SPAN));
  load_config(&config);
  attend_q8_by(fix_query, score, weigh, mix, height, p, out, mass, q, ld, tokens, group,
               seen, scale, next);
  _tile_release();
}

static void attend_q4(float *out, mk_mass *mass, const float *q, size_t ld, size_t tokens,
                      size_t group, size_t hd, const uint8_t *keys, const mk_bf16 *key_scale,
                      const uint8_t *values, const mk_bf16 *value_scale, size_t seen,
                      float scale, mk_ahead next, int8_t *opened) {
  if (tokens * group <= TALL)
    mk_vnni.attend_q4(out, mass, q, ld, tokens, group, hd, keys, key_scale, values,
                      value_scale, seen, scale, next, opened);
  else
    attend_opened(attend_q8, open_line, out, mass, q, ld, tokens, group, hd, keys,
                  key_scale, values, value_scale, seen, scale, next, opened);
}

const mk_table mk_amx = {
  .matmul_q8 = matmul_q8,
  .matmul_q4 = matmul_q4,
  .matmul_bf16 = matmul_bf16,
  .attend_q8 = attend_q8,
  .attend_q4 = attend_q4,
};
