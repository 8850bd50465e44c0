/* save.c: a session as a file, and back.
**
** The file is a safetensors file, so that its reader's checks hold here too:
**   identity          I32 (7): version, number of tokens, fingerprint of the weights (2 words),
**                     checksum of all that follows (2 words), type of the cache (a moon_dtype)
**   tokens            I32 (n)
**   logits            F32 (V), where the session has them
**   cache.PART.HEAD   I8 (bytes): what that head of the cache has in use
** A file of another model, another version, another shape or with a wrong checksum is refused.
** Token ids are checked, and that the scales of a cache in 8 or 4 bits are finite and not negative,
** as mk_attend_q8 wants them; other numbers only enter arithmetic and may be anything. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/file.h"
#include "core/formats/safetensors.h"
#include "core/model/session.h"

enum { VERSION = 1, IDENTITY_WORDS = 7, NAME = 48, MOST_HEADER = 1 << 26 };

/* ---- hashes ---- */

/* Words are mixed by multiplying with an odd constant and folding the high half down (as in
** SplitMix64, Steele et al. 2014); not against forgery, only against mistakes. */
static uint64_t mix(uint64_t hash, uint64_t word) {
  hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
  return hash ^ hash >> 32;
}

static uint64_t mix_bytes(uint64_t hash, const void *bytes, size_t n) {
  const uint8_t *at = bytes;
  for (; n >= 8; n -= 8, at += 8) {
    uint64_t word;
    memcpy(&word, at, 8);
    hash = mix(hash, word);
  }
  uint64_t tail = n;
  for (size_t i = 0; i < n; i++) tail = tail << 8 | at[i];
  return mix(hash, tail);
}

enum { SAMPLE = 256 };          /* bytes of a parameter: to read all costs more than it tells */

static uint64_t mix_sample(uint64_t hash, const void *bytes, size_t n) {
  return mix_bytes(hash, bytes, n < SAMPLE ? n : SAMPLE);
}

static uint64_t mix_adapter(uint64_t hash, const moon_adapter *adapter) {
  size_t n = mn_slots(&adapter->model->config) * MN_PLACES;
  for (size_t i = 0; i < n; i++) {
    const mn_delta *u = &adapter->deltas[i];
    hash = mix(hash, u->rank);
    if (u->rank == 0) continue;
    hash = mix_sample(hash, u->a, u->rank * sizeof *u->a);      /* at least so many are there */
    hash = mix_sample(hash, u->b, u->rank * sizeof *u->b);
  }
  return hash;
}

/* Of the config and a sample of every parameter, and those of an adapter if there is one. */
static uint64_t fingerprint(const moon_model *m, const moon_adapter *adapter) {
  const moon_config *c = &m->config;
  const int32_t numbers[] = {c->num_hidden_layers, c->hidden_size, c->num_attention_heads,
                             c->num_key_value_heads, c->head_dim, c->intermediate_size,
                             c->vocab_size, c->layer_sharing, c->rope_interleaved, c->qk_norm};
  const double reals[] = {c->rope_theta, c->rms_norm_eps};
  uint64_t hash = mix_bytes(VERSION, numbers, sizeof numbers);
  hash = mix_bytes(hash, reals, sizeof reals);
  for (size_t i = 0; i < m->n_parameters; i++) {
    const mn_parameter *p = &m->parameters[i];
    size_t least = p->shape[0] * (p->rank > 1 ? p->shape[1] : 1) / 2;   /* bytes, in any type */
    hash = mix(hash, (uint64_t)p->dtype);
    hash = mix_sample(hash, p->bytes, least);
  }
  return adapter ? mix_adapter(hash, adapter) : hash;
}

/* ---- the list of tensors ---- */

typedef struct listing {
  mn_arena arena;               /* names and spans */
  mn_span *spans;
  size_t n;
  int32_t identity[IDENTITY_WORDS];
} listing;

static bool add(listing *l, moon_dtype dtype, size_t count, const void *bytes, size_t size,
                const char *name) {
  size_t len = strlen(name);
  char *copy = mn_arena_text(&l->arena, name, len);
  if (!copy) return false;
  l->spans[l->n++] = (mn_span){.name = copy, .bytes = bytes, .dtype = dtype, .rank = 1,
                               .shape = {count}, .size = size};
  return true;
}

static bool add_cache(listing *l, const moon_session *s) {
  char name[NAME];
  for (int part = 0; part < s->cache.parts; part++)
    for (size_t head = 0; head < s->cache.heads; head++) {
      size_t bytes;
      const uint8_t *used = mn_cache_span(&s->cache, part, head, s->length, &bytes);
      snprintf(name, sizeof name, "cache.%d.%zu", part, head);
      if (!add(l, MOON_I8, bytes, used, bytes, name)) return false;
    }
  return true;
}

/* All tensors of the session, in the order of the checksum. */
static moon_status list_session(listing *l, const moon_session *s, moon_error *err) {
  size_t V = (size_t)s->model->config.vocab_size, most = 3 + MN_PARTS * s->cache.heads;
  mn_arena_growing(&l->arena, s->model->engine->alloc, MOST_HEADER);
  l->n = 0;
  l->spans = mn_arena_take(&l->arena, most * sizeof *l->spans);
  bool room = l->spans != NULL;
  room = room && add(l, MOON_I32, IDENTITY_WORDS, l->identity, sizeof l->identity, "identity");
  room = room && add(l, MOON_I32, s->length, s->tokens, s->length * sizeof *s->tokens, "tokens");
  if (s->has_logits)
    room = room && add(l, MOON_F32, V, moon_tensor_data(s->logits), V * sizeof(float), "logits");
  room = room && add_cache(l, s);
  return room ? MOON_OK : mn_fail_memory(err, "list of a session's tensors", most);
}

/* model: its fingerprint. */
static void identify(listing *l, const moon_session *s, uint64_t model) {
  uint64_t sum = s->length;
  for (size_t i = 1; i < l->n; i++) sum = mix_bytes(sum, l->spans[i].bytes, l->spans[i].size);
  const int32_t words[IDENTITY_WORDS] = {VERSION, (int32_t)s->length,
                                         (int32_t)(model & UINT32_MAX), (int32_t)(model >> 32),
                                         (int32_t)(sum & UINT32_MAX), (int32_t)(sum >> 32),
                                         (int32_t)s->cache.dtype};
  memcpy(l->identity, words, sizeof words);
}

/* Positions past the last token that share its block are written with it: what a text that was
** rewound, or the allocator, left there shall be in no file. The chunk's memory is free between
** feeds. */
static void clear_dead(moon_session *s) {
  float *zeros = s->batch.k_new;
  memset(zeros, 0, s->cache.K * sizeof *zeros);
  for (size_t head = 0; head < s->cache.heads; head++)
    for (size_t i = s->length; i % MK_BLOCK != 0; i++)
      mn_cache_put(s->model->engine, &s->cache, head, i, zeros, zeros);
}

moon_status moon_session_save(moon_session *s, const char *path, moon_error *err) {
  if (s->end > s->length) return mn_fail(err, MOON_EARG, "cannot save while a feed is in work");
  if (s->has_logits) mn_head_dense(s);
  clear_dead(s);
  listing l;
  moon_status status = list_session(&l, s, err);
  if (status == MOON_OK) {
    identify(&l, s, fingerprint(s->model, s->adapter));
    status = mn_safetensors_save(&s->model->engine->alloc, path, l.spans, l.n, err);
  }
  mn_arena_free(&l.arena);
  return status;
}

/* ---- reading ---- */

typedef struct source {
  const char *path;
  uint64_t model;               /* fingerprint of the model that wants it */
  mn_map map;
  mn_arena arena;
  mn_span *spans;
  size_t count;
} source;

static const mn_span *find(const source *f, const char *name) {
  for (size_t i = 0; i < f->count; i++)
    if (strcmp(f->spans[i].name, name) == 0) return &f->spans[i];
  return NULL;
}

/* The span for a listed tensor: same type, same size. */
static moon_status fetch(const source *f, const mn_span *wanted, const mn_span **found,
                         moon_error *err) {
  const mn_span *span = *found = find(f, wanted->name);
  if (span && !span->foreign && span->dtype == wanted->dtype && span->size == wanted->size)
    return MOON_OK;
  return mn_fail(err, MOON_EFORMAT, "%s: '%s' is missing or has another size than a session of "
                 "this model makes it", f->path, wanted->name);
}

static moon_status read_identity(const source *f, int32_t identity[IDENTITY_WORDS],
                                 moon_error *err) {
  const mn_span want = {.name = "identity", .dtype = MOON_I32,
                        .size = IDENTITY_WORDS * sizeof *identity};
  const mn_span *span;
  moon_status status = fetch(f, &want, &span, err);
  if (status != MOON_OK) return status;
  memcpy(identity, span->bytes, want.size);
  if (identity[0] != VERSION)
    return mn_fail(err, MOON_ESUPPORT, "%s: a session of version %d; this moonlet reads %d",
                   f->path, (int)identity[0], VERSION);
  if ((uint32_t)identity[2] != (uint32_t)f->model || (uint32_t)identity[3] != f->model >> 32)
    return mn_fail(err, MOON_EFORMAT, "%s: the session of another model or adapter", f->path);
  return MOON_OK;
}

static moon_status check_tokens(const source *f, const moon_session *s, moon_error *err) {
  for (size_t i = 0; i < s->length; i++)
    if (s->tokens[i] < 0 || s->tokens[i] >= s->model->config.vocab_size)
      return mn_fail(err, MOON_EFORMAT, "%s: token %zu is outside the vocabulary", f->path, i);
  return MOON_OK;
}

static moon_status check_scales(const source *f, const moon_session *s, moon_error *err) {
  for (int part = MN_KEY_SCALES; part < s->cache.parts; part++)
    for (size_t head = 0; head < s->cache.heads; head++)
      for (size_t i = 0; i < s->length; i++) {
        float scale = mn_cache_scale(&s->cache, part, head, i);
        if (!(scale >= 0 && isfinite(scale)))
          return mn_fail(err, MOON_EFORMAT, "%s: 'cache.%d.%zu' holds %g; a scale is finite and "
                         "not negative", f->path, part, head, (double)scale);
      }
  return MOON_OK;
}

/* Copies tokens, logits and cache into s, whose length is set and which is empty otherwise. */
static moon_status fill(const source *f, moon_session *s, const int32_t stored[IDENTITY_WORDS],
                        moon_error *err) {
  listing l;
  moon_status status = list_session(&l, s, err);
  for (size_t i = 1; status == MOON_OK && i < l.n; i++) {
    const mn_span *span;
    status = fetch(f, &l.spans[i], &span, err);
    if (status == MOON_OK) memcpy((void *)l.spans[i].bytes, span->bytes, span->size);
  }
  if (status == MOON_OK) {
    identify(&l, s, f->model);
    if (memcmp(l.identity, stored, sizeof l.identity) != 0)
      status = mn_fail(err, MOON_EFORMAT, "%s: the checksum does not fit the contents", f->path);
  }
  if (status == MOON_OK) status = check_tokens(f, s, err);
  if (status == MOON_OK) status = check_scales(f, s, err);
  mn_arena_free(&l.arena);
  return status;
}

static moon_status read_session(const source *f, moon_model *m, moon_session_options o,
                                moon_session **session, moon_error *err) {
  int32_t identity[IDENTITY_WORDS];
  moon_status status = read_identity(f, identity, err);
  if (status != MOON_OK) return status;
  moon_session *s;
  bool fits = mn_cache_fits(&m->config, (moon_dtype)identity[6]);
  if (!fits || (o.cache >= 0 && o.cache != identity[6]))
    return mn_fail(err, MOON_EFORMAT, "%s: the session's cache is of another type", f->path);
  o.cache = identity[6];
  status = moon_session_open(m, &o, &s, err);
  if (status != MOON_OK) return status;
  if (identity[1] < 0 || (size_t)identity[1] > s->context) {
    status = mn_fail(err, MOON_EFULL, "%s: %d tokens do not fit a context of %zu", f->path,
                     (int)identity[1], s->context);
    return moon_session_close(s), status;
  }
  s->length = s->start = s->end = (size_t)identity[1];
  s->has_logits = s->dense = find(f, "logits") != NULL;
  status = fill(f, s, identity, err);
  if (status != MOON_OK) return moon_session_close(s), status;
  *session = s;
  return MOON_OK;
}

moon_status moon_session_restore(moon_model *model, const char *path,
                                 const moon_session_options *options, moon_session **session,
                                 moon_error *err) {
  *session = NULL;
  moon_session_options o = options ? *options : moon_session_defaults();
  source f = {.path = path, .model = fingerprint(model, o.adapter)};
  moon_status status = mn_map_open(path, &f.map, err);
  if (status != MOON_OK) return status;
  mn_arena_growing(&f.arena, model->engine->alloc, MOST_HEADER);
  status = mn_safetensors_parse(&f.arena, f.map.bytes, f.map.size, path, &f.spans, &f.count, err);
  if (status == MOON_OK) status = mn_spans_fill(f.spans, f.count, &f.arena, err);
  if (status == MOON_OK)
    status = read_session(&f, model, o, session, err);
  mn_arena_free(&f.arena);
  mn_map_close(&f.map);
  return status;
}
