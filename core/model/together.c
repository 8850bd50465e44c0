/* together.c: several sessions decoding at once, so that the weights are read once for all.
**
** A moon_batch borrows its sessions and has rows of its own; each feed is one row per session
** that takes part. The sessions' caches are written in place, so they can be fed alone again at
** any time. */
#include <string.h>

#include "core/model/session.h"

struct moon_batch {
  mn_arena arena;
  mn_batch batch;
  size_t n;
  moon_session **sessions;      /* (n), the caller's */
  moon_session **taking_part;   /* (n): of the present feed, row by row */
  float *logits;                /* (n, V) */
};

static moon_status check_sessions(moon_session *const *sessions, size_t n, moon_error *err) {
  if (n == 0) return mn_fail(err, MOON_EARG, "a batch wants at least one session");
  for (size_t i = 0; i < n; i++) {
    if (sessions[i]->model != sessions[0]->model)
      return mn_fail(err, MOON_EARG, "session %zu of the batch belongs to another model", i + 1);
    for (size_t j = 0; j < i; j++)
      if (sessions[j] == sessions[i])
        return mn_fail(err, MOON_EARG, "sessions %zu and %zu of the batch are the same", j + 1,
                       i + 1);
  }
  return MOON_OK;
}

moon_status moon_batch_open(moon_session *const *sessions, size_t n, moon_batch **batch,
                            moon_error *err) {
  *batch = NULL;
  moon_status status = check_sessions(sessions, n, err);
  if (status != MOON_OK) return status;
  moon_model *model = sessions[0]->model;
  const mn_alloc *alloc = &model->engine->alloc;
  moon_batch *b = mn_new_zero(alloc, sizeof *b);
  if (!b) return mn_fail_memory(err, "batch", sizeof *b);
  b->n = n;
  b->batch = (mn_batch){.model = moon_model_retain(model), .most = n};
  for (size_t i = 0; i < n; i++) {
    const mn_cache *cache = &sessions[i]->cache;
    if (cache->positions > b->batch.positions) b->batch.positions = cache->positions;
    if (mn_cache_wide(cache) > b->batch.widest) b->batch.widest = mn_cache_wide(cache);
  }
  enum { OWN = 3 };
  mn_piece pieces[OWN + MN_BATCH_PIECES] = {
      {&b->sessions, sizeof *b->sessions, {n}}, {&b->taking_part, sizeof *b->sessions, {n}},
      {&b->logits, sizeof(float), {n, (size_t)model->config.vocab_size}}};
  mn_batch_pieces(&b->batch, pieces + OWN);
  status = mn_lay_out(&b->arena, alloc, pieces, OWN + MN_BATCH_PIECES, "batch", err);
  if (status != MOON_OK) return moon_batch_close(b), status;
  memcpy(b->sessions, sessions, n * sizeof *sessions);
  *batch = b;
  return MOON_OK;
}

void moon_batch_close(moon_batch *b) {
  if (!b) return;
  moon_model *model = b->batch.model;
  mn_arena_free(&b->arena);
  mn_free(&model->engine->alloc, b);
  moon_model_close(model);
}

/* Row by row the sessions whose id is not -1. Nothing is changed before all are found fit. */
static moon_status set_rows(moon_batch *b, const int32_t *ids, moon_error *err) {
  mn_batch *rows = &b->batch;
  rows->T = 0;
  for (size_t i = 0; i < b->n; i++) {
    moon_session *s = b->sessions[i];
    if (ids[i] == -1) continue;
    moon_status status = mn_session_check_feed(s, &ids[i], 1, err);
    if (status != MOON_OK) return status;
    b->taking_part[rows->T] = s;
    rows->rows[rows->T++] = (mn_row){&s->cache, s->length, ids[i], s->adapter};
  }
  return MOON_OK;
}

static moon_status check_cancels(moon_batch *b, moon_error *err) {
  for (size_t t = 0; t < b->batch.T; t++)
    if (atomic_exchange(&b->taking_part[t]->cancelled, false))
      return mn_fail(err, MOON_ECANCEL, "cancelled while computing a batch of %zu tokens",
                     b->batch.T);
  return MOON_OK;
}

moon_status moon_batch_feed(moon_batch *b, const int32_t *ids, moon_error *err) {
  mn_batch *rows = &b->batch;
  moon_status status = set_rows(b, ids, err);
  if (status != MOON_OK || rows->T == 0) return status;
  size_t slots = mn_slots(&rows->model->config), V = (size_t)rows->model->config.vocab_size;
  for (size_t t = 0; t < rows->T; t++) mn_session_forget(b->taking_part[t]);
  mn_forward_begin(rows);
  for (size_t slot = 0; slot < slots; slot++) {
    if ((status = check_cancels(b, err)) != MOON_OK) return status;
    mn_forward_block(rows, slot);
  }
  mn_forward_head(rows, 0, rows->T, b->logits);
  for (size_t t = 0; t < rows->T; t++)
    mn_session_append(b->taking_part[t], rows->rows[t].token, b->logits + t * V);
  return MOON_OK;
}
