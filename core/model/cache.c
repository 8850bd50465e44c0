/* cache.c: where a key or value lies; see cache.h. */
#include "core/model/cache.h"

#include <math.h>
#include <string.h>

#include "core/base/file.h"
#include "kernels/half.h"

void mn_cache_plan(mn_cache *c, const moon_config *config, moon_dtype dtype, size_t context) {
  size_t slots = (size_t)config->num_hidden_layers * (size_t)mn_config_runs(config);
  bool scaled = dtype == MOON_Q8 || dtype == MOON_Q4;
  size_t bits = dtype == MOON_F32 ? 32 : dtype == MOON_BF16 ? 16 : dtype == MOON_Q8 ? 8 : 4;
  c->dtype = dtype;
  c->parts = scaled ? MN_PARTS : MN_VALUES + 1;
  c->positions = (context + MK_BLOCK - 1) / MK_BLOCK * MK_BLOCK;
  c->heads = slots * (size_t)config->num_key_value_heads;
  c->K = (size_t)config->head_dim;
  size_t width = c->K * bits / 8;
  c->part[MN_KEYS] = (mn_part){NULL, width, true};
  c->part[MN_VALUES] = (mn_part){NULL, width, scaled};
  size_t scale = dtype == MOON_Q4 ? sizeof(mk_bf16) : sizeof(float);
  c->part[MN_KEY_SCALES] = c->part[MN_VALUE_SCALES] = (mn_part){NULL, scale, false};
}

void mn_cache_dims(const mn_cache *c, int part, size_t dims[3]) {
  dims[0] = c->heads, dims[1] = c->positions, dims[2] = c->part[part].width;
}

/* All parts at once, which lie one after the other: a large page may hold the end of one and the
** beginning of the next. */
void mn_cache_expect_all(const mn_cache *c) {
  const mn_part *last = &c->part[c->parts - 1];
  uint8_t *first = c->part[MN_KEYS].bytes;
  size_t before = (size_t)(last->bytes - first);
  mn_prefer_huge_pages(first, before + c->heads * c->positions * last->width);
}

uint8_t *mn_cache_span(const mn_cache *c, int part, size_t head, size_t n, size_t *bytes) {
  const mn_part *p = &c->part[part];
  size_t used = p->blockwise ? (n + MK_BLOCK - 1) / MK_BLOCK * MK_BLOCK : n;
  *bytes = used * p->width;
  return p->bytes + head * c->positions * p->width;
}

void mn_cache_copy(const mn_cache *to, const mn_cache *from, size_t n) {
  size_t bytes;
  for (int part = 0; part < from->parts; part++)
    for (size_t head = 0; head < from->heads; head++) {
      uint8_t *y = mn_cache_span(to, part, head, n, &bytes);
      memcpy(y, mn_cache_span(from, part, head, n, &bytes), bytes);
    }
}

static void *head_of(const mn_cache *c, int part, size_t head) {
  return c->part[part].bytes + head * c->positions * c->part[part].width;
}

/* A key goes into its block component by component. */
static void put_f32(const mn_cache *c, size_t head, size_t position, const float *k,
                    const float *v) {
  size_t block = position / MK_BLOCK * MK_BLOCK;
  float *kt = (float *)head_of(c, MN_KEYS, head) + block * c->K + position % MK_BLOCK;
  for (size_t i = 0; i < c->K; i++) kt[i * MK_BLOCK] = k[i];
  memcpy((float *)head_of(c, MN_VALUES, head) + position * c->K, v, c->K * sizeof *v);
}

static void put_bf16(const moon_engine *engine, const mn_cache *c, size_t head, size_t position,
                     const float *k, const float *v) {
  size_t block = position / MK_BLOCK * MK_BLOCK;
  mk_bf16 *kt = (mk_bf16 *)head_of(c, MN_KEYS, head) + block * c->K + position % MK_BLOCK;
  for (size_t i = 0; i < c->K; i++) kt[i * MK_BLOCK] = mk_bf16_of_f32(k[i]);
  engine->kernels.narrow_bf16((mk_bf16 *)head_of(c, MN_VALUES, head) + position * c->K, v, c->K);
}

/* Four components of a key lie together, four positions of a value's component. */
static void put_q8(const moon_engine *engine, const mn_cache *c, size_t head, size_t position,
                   const float *k, const float *v) {
  int8_t q[MK_HEAD_Q8];
  float *key_scale = head_of(c, MN_KEY_SCALES, head), *scale = head_of(c, MN_VALUE_SCALES, head);
  int8_t *keys = (int8_t *)head_of(c, MN_KEYS, head) + position / MK_BLOCK * MK_BLOCK * c->K;
  int8_t *values = (int8_t *)head_of(c, MN_VALUES, head) + position / 4 * 4 * c->K;
  key_scale[position] = engine->kernels.quantize_head(q, k, c->K);
  for (size_t i = 0; i < c->K; i += 4)
    memcpy(keys + (i / 4 * MK_BLOCK + position % MK_BLOCK) * 4, q + i, 4);
  scale[position] = engine->kernels.quantize_head(q, v, c->K);
  for (size_t i = 0; i < c->K; i++) values[i * 4 + position % 4] = q[i];
}

/* The codes of a turned vector; returns its scale. */
static mk_bf16 turned_codes(const moon_engine *engine, uint8_t *code, const float *x, size_t K) {
  float turned[MK_HEAD_Q8];
  memcpy(turned, x, K * sizeof *x);
  engine->kernels.hadamard(turned, 1, K);
  return mk_bf16_of_f32(engine->kernels.quantize_head_q4(code, turned, K));
}

/* As in 8 bits, the bytes of one line of 128 being pairs in one of 64: components of a key that are
** 4 apart, of a value 16. So a byte belongs to one position. */
static void put_q4(const moon_engine *engine, const mn_cache *c, size_t head, size_t position,
                   const float *k, const float *v) {
  uint8_t code[MK_HEAD_Q8];
  mk_bf16 *key_scale = head_of(c, MN_KEY_SCALES, head), *scale = head_of(c, MN_VALUE_SCALES, head);
  uint8_t *keys = (uint8_t *)head_of(c, MN_KEYS, head) + position / MK_BLOCK * MK_BLOCK * c->K / 2;
  uint8_t *values = (uint8_t *)head_of(c, MN_VALUES, head) + position / 4 * 4 * c->K / 2;
  key_scale[position] = turned_codes(engine, code, k, c->K);
  for (size_t d = 0; d < c->K; d += 8)
    for (size_t i = 0; i < 4; i++)
      keys[d * 8 + position % MK_BLOCK * 4 + i] = (uint8_t)(code[d + i] | code[d + 4 + i] << 4);
  scale[position] = turned_codes(engine, code, v, c->K);
  for (size_t d = 0; d < c->K; d += 32)
    for (size_t i = 0; i < 16; i++)
      values[d * 2 + i * 4 + position % 4] = (uint8_t)(code[d + i] | code[d + 16 + i] << 4);
}

/* Positions whose bytes of a part lie mixed in the same lines. */
static size_t mixed(const mn_cache *c, int part) {
  if (part == MN_KEYS) return MK_BLOCK;
  return c->part[part].blockwise ? 4 : 1;
}

void mn_cache_expect_put(const mn_cache *c, size_t head, size_t position) {
  for (int part = 0; part < c->parts; part++) {
    size_t among = mixed(c, part), bytes = among * c->part[part].width;
    const uint8_t *first = (uint8_t *)head_of(c, part, head) + position / among * bytes;
    for (size_t i = 0; i < bytes; i += MN_ALIGN) __builtin_prefetch(first + i, 1);
  }
}

void mn_cache_put(const moon_engine *engine, const mn_cache *c, size_t head, size_t position,
                  const float *k, const float *v) {
  if (c->dtype == MOON_Q8) put_q8(engine, c, head, position, k, v);
  else if (c->dtype == MOON_Q4) put_q4(engine, c, head, position, k, v);
  else if (c->dtype == MOON_BF16) put_bf16(engine, c, head, position, k, v);
  else put_f32(c, head, position, k, v);
}

float mn_cache_scale(const mn_cache *c, int part, size_t head, size_t position) {
  const void *scales = head_of(c, part, head);
  if (c->dtype == MOON_Q4) return mk_f32_of_bf16(((const mk_bf16 *)scales)[position]);
  return ((const float *)scales)[position];
}

/* What stands for byte n of a head's keys or values in 8 bits. */
static int8_t byte_at(const mn_cache *c, const void *of, size_t n) {
  if (c->dtype == MOON_Q8) return ((const int8_t *)of)[n];
  uint8_t pair = ((const uint8_t *)of)[n / 128 * 64 + n % 64];
  return mk_head_levels[n % 128 < 64 ? pair & 15 : pair >> 4];
}

/* Where put_f32, put_bf16, put_q8 and put_q4 leave the components. */
void mn_cache_get(const moon_engine *engine, const mn_cache *c, int part, size_t head,
                  size_t position, float *out) {
  size_t block = position / MK_BLOCK * MK_BLOCK, in = position % MK_BLOCK;
  const void *of = head_of(c, part, head);
  bool keys = part == MN_KEYS;
  if (c->parts == MN_PARTS) {
    float scale = mn_cache_scale(c, keys ? MN_KEY_SCALES : MN_VALUE_SCALES, head, position);
    for (size_t i = 0; i < c->K; i++) {
      size_t n = keys ? block * c->K + (i / 4 * MK_BLOCK + in) * 4 + i % 4
                      : position / 4 * 4 * c->K + i * 4 + position % 4;
      out[i] = scale * (float)byte_at(c, of, n);
    }
    if (mn_cache_turned(c)) engine->kernels.hadamard(out, 1, c->K);
  } else {
    size_t first = keys ? block * c->K + in : position * c->K, step = keys ? MK_BLOCK : 1;
    for (size_t i = 0; i < c->K; i++)
      out[i] = c->dtype == MOON_BF16 ? mk_f32_of_bf16(((const mk_bf16 *)of)[first + i * step])
                                     : ((const float *)of)[first + i * step];
  }
}

/* Positions of a span are whole blocks, so it begins where as many whole positions end. */
static void *span_of(const mn_cache *c, int part, size_t head, size_t first) {
  return (uint8_t *)head_of(c, part, head) + first * c->part[part].width;
}

/* Widening is exact, so this is f32's attention over rounded numbers; half as much is read from
** memory, and a span in f32 stays in the core's own cache. */
static void attend_wide(const mk_table *k, float *wide, float *out, mk_mass *mass, const float *q,
                        size_t ld, size_t tokens, size_t group, size_t K, const mk_bf16 *keys,
                        const mk_bf16 *values, size_t seen, float scale) {
  size_t n = seen + tokens - 1 < MK_SPAN ? seen + tokens - 1 : MK_SPAN;
  float *kt = wide, *v = wide + MK_SPAN * K;
  k->widen_bf16(kt, keys, (n + MK_BLOCK - 1) / MK_BLOCK * MK_BLOCK * K);
  k->widen_bf16(v, values, n * K);
  k->attend(out, mass, q, ld, tokens, group, K, kt, v, seen, scale, (mk_ahead){0, 0});
}

void mn_cache_attend(const moon_engine *engine, const mn_cache *c, size_t head, size_t span,
                     float *out, mk_mass *mass, const float *q, size_t ld, size_t tokens,
                     size_t group, size_t position, mk_ahead next, float *wide) {
  const mk_table *k = &engine->kernels;
  size_t first = span * MK_SPAN, seen = position + 1 - first;
  next.first -= first;
  const void *keys = span_of(c, MN_KEYS, head, first), *values = span_of(c, MN_VALUES, head, first);
  float scale = 1.0f / sqrtf((float)c->K);
  if (c->dtype == MOON_Q8)
    k->attend_q8(out, mass, q, ld, tokens, group, c->K, keys,
                 span_of(c, MN_KEY_SCALES, head, first), values,
                 span_of(c, MN_VALUE_SCALES, head, first), seen, scale, next);
  else if (c->dtype == MOON_Q4)
    k->attend_q4(out, mass, q, ld, tokens, group, c->K, keys,
                 span_of(c, MN_KEY_SCALES, head, first), values,
                 span_of(c, MN_VALUE_SCALES, head, first), seen, scale, next, (int8_t *)wide);
  else if (c->dtype == MOON_BF16)
    attend_wide(k, wide, out, mass, q, ld, tokens, group, c->K, keys, values, seen, scale);
  else
    k->attend(out, mass, q, ld, tokens, group, c->K, keys, values, seen, scale, next);
}
