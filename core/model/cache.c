/* cache.c: where a key or value lies; see cache.h. */
#include "core/model/cache.h"

#include <math.h>
#include <string.h>

enum { KEYS, VALUES };

void mn_cache_plan(mn_cache *c, const moon_config *config, size_t context) {
  size_t slots = (size_t)config->num_hidden_layers * (size_t)mn_config_runs(config);
  c->positions = (context + MK_BLOCK - 1) / MK_BLOCK * MK_BLOCK;
  c->heads = slots * (size_t)config->num_key_value_heads;
  c->K = (size_t)config->head_dim;
  c->part[KEYS] = (mn_part){NULL, c->K * sizeof(float), true};
  c->part[VALUES] = (mn_part){NULL, c->K * sizeof(float), false};
}

void mn_cache_dims(const mn_cache *c, int part, size_t dims[3]) {
  dims[0] = c->heads, dims[1] = c->positions, dims[2] = c->part[part].width;
}

uint8_t *mn_cache_span(const mn_cache *c, int part, size_t head, size_t n, size_t *bytes) {
  const mn_part *p = &c->part[part];
  size_t used = p->blockwise ? (n + MK_BLOCK - 1) / MK_BLOCK * MK_BLOCK : n;
  *bytes = used * p->width;
  return p->bytes + head * c->positions * p->width;
}

void mn_cache_copy(const mn_cache *to, const mn_cache *from, size_t n) {
  size_t bytes;
  for (int part = 0; part < MN_PARTS; part++)
    for (size_t head = 0; head < from->heads; head++) {
      uint8_t *y = mn_cache_span(to, part, head, n, &bytes);
      memcpy(y, mn_cache_span(from, part, head, n, &bytes), bytes);
    }
}

static float *floats_of(const mn_cache *c, int part, size_t head) {
  return (float *)(void *)(c->part[part].bytes + head * c->positions * c->part[part].width);
}

/* A key goes into its block component by component. */
void mn_cache_put(const mn_cache *c, size_t head, size_t position, const float *k,
                  const float *v) {
  size_t block = position / MK_BLOCK * MK_BLOCK;
  float *kt = floats_of(c, KEYS, head) + block * c->K + position % MK_BLOCK;
  for (size_t i = 0; i < c->K; i++) kt[i * MK_BLOCK] = k[i];
  memcpy(floats_of(c, VALUES, head) + position * c->K, v, c->K * sizeof *v);
}

void mn_cache_attend(const moon_engine *engine, const mn_cache *c, size_t head, float *out,
                     const float *q, size_t ld, size_t tokens, size_t group, size_t position,
                     float *scratch) {
  engine->kernels.attend(out, q, ld, tokens, group, c->K, floats_of(c, KEYS, head),
                         floats_of(c, VALUES, head), position + 1, 1.0f / sqrtf((float)c->K),
                         scratch);
}
