/* trace.c: what a feed in work holds, by name: copied out and overwritten.
**
** How: a name is an array of the batch with its dims. Copies both ways, so that no tensor points
**   into a session's arena.
** Not here: the stages themselves (session.c, forward.c). */
#include <string.h>

#include "core/model/session.h"

typedef struct place {
  float *data;
  size_t rank, shape[3];
} place;

static bool find(const moon_session *s, const char *name, place *p) {
  const moon_config *c = &s->model->config;
  const mn_batch *b = &s->batch;
  size_t T = b->T, D = (size_t)c->hidden_size, F = (size_t)c->intermediate_size,
         H = (size_t)c->num_attention_heads, G = (size_t)c->num_key_value_heads,
         K = (size_t)c->head_dim;
  const struct { const char *name; place place; } places[] = {
    {"x", {b->x, 2, {T, D}}}, {"h", {b->h, 2, {T, D}}}, {"q", {b->q, 3, {T, H, K}}},
    {"attention", {b->mixed, 3, {T, H, K}}}, {"k", {b->k_new, 3, {T, G, K}}},
    {"v", {b->v_new, 3, {T, G, K}}}, {"gate", {b->gate, 2, {T, F}}}, {"up", {b->up, 2, {T, F}}},
  };
  for (size_t i = 0; i < sizeof places / sizeof *places; i++)
    if (strcmp(name, places[i].name) == 0) return *p = places[i].place, true;
  return false;
}

static moon_status check_working(const moon_session *s, moon_error *err) {
  if (s->batch.T > 0) return MOON_OK;
  return mn_fail(err, MOON_EARG, "no feed is in work: begin one, then trace");
}

static moon_status unknown(const char *name, moon_error *err) {
  return mn_fail(err, MOON_EARG,
                 "no '%s' in a feed; there are x h q k v attention gate up keys values", name);
}

/* (G, positions, K) of one layer, as far as it is filled: with the chunk in work once its keys are
** turned and stored. */
static moon_status peek_cache(const moon_session *s, int part, size_t layer, moon_tensor **copy,
                              moon_error *err) {
  const mn_cache *c = &s->cache;
  bool stored = layer < s->slot || (layer == s->slot && s->stage > MN_ROPE);
  size_t G = (size_t)s->model->config.num_key_value_heads;
  size_t n = s->length + (stored ? s->batch.T : 0);
  const size_t shape[3] = {G, n, c->K};
  if (layer >= c->heads / G)
    return mn_fail(err, MOON_EARG, "no layer %zu: the cache has %zu", layer + 1, c->heads / G);
  moon_status status = moon_tensor_new(s->model->engine, MOON_F32, 3, shape, copy, err);
  if (status != MOON_OK) return status;
  float *out = moon_tensor_data(*copy);
  for (size_t g = 0; g < G; g++)
    for (size_t i = 0; i < n; i++)
      mn_cache_get(s->model->engine, c, part, layer * G + g, i, out + (g * n + i) * c->K);
  return MOON_OK;
}

moon_status moon_session_peek(const moon_session *s, const char *name, size_t layer,
                              moon_tensor **copy, moon_error *err) {
  place p;
  *copy = NULL;
  moon_status status = check_working(s, err);
  if (status != MOON_OK) return status;
  if (strcmp(name, "keys") == 0) return peek_cache(s, MN_KEYS, layer, copy, err);
  if (strcmp(name, "values") == 0) return peek_cache(s, MN_VALUES, layer, copy, err);
  if (!find(s, name, &p)) return unknown(name, err);
  status = moon_tensor_new(s->model->engine, MOON_F32, (int)p.rank, p.shape, copy, err);
  if (status != MOON_OK) return status;
  size_t n = 1;
  for (size_t i = 0; i < p.rank; i++) n *= p.shape[i];
  memcpy(moon_tensor_data(*copy), p.data, n * sizeof *p.data);
  return MOON_OK;
}

moon_status moon_session_poke(moon_session *s, const char *name, const moon_tensor *values,
                              moon_error *err) {
  place p;
  moon_status status = check_working(s, err);
  if (status != MOON_OK) return status;
  if (!find(s, name, &p)) return unknown(name, err);
  bool same = values->dtype == MOON_F32 && (size_t)values->rank == p.rank &&
              moon_tensor_is_contiguous(values);
  size_t n = 1;
  for (size_t i = 0; same && i < p.rank; i++) same = values->shape[i] == p.shape[i];
  for (size_t i = 0; i < p.rank; i++) n *= p.shape[i];
  if (!same)
    return mn_fail(err, MOON_EARG, "'%s' wants a contiguous f32 tensor of %zu numbers, %zu a token",
                   name, n, n / s->batch.T);
  memcpy(p.data, moon_tensor_data((moon_tensor *)values), n * sizeof *p.data);
  return MOON_OK;
}
