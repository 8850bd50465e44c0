/* head.c: from a session's last hidden rows to logits, as late and as few as they are wanted.
**
** What: a feed leaves the normed row of its last token, and those of guesses computed along with
**   it. All V logits of a row are computed when something asks for them, those of some tokens alone
**   when a mask leaves only those.
** How: with guesses ahead the rows that are left go through the head together, since the weights
**   are then read once for all of them.
** Invariant: once a row is dense, everything is answered from s->logits, because the caller may
**   have edited it. */
#include <stdlib.h>
#include <string.h>

#include "core/model/session.h"

void mn_head_keep(moon_session *s, size_t t) {
  const moon_model *m = s->model;
  size_t D = (size_t)m->config.hidden_size;
  m->engine->kernels.rmsnorm(s->hidden + s->rows++ * D, s->batch.x + t * D, m->norm, D,
                             (float)m->config.rms_norm_eps);
}

static void compute(moon_session *s, size_t first, size_t rows, float *logits) {
  const moon_model *m = s->model;
  mn_linear(m->engine, &(mn_product){&m->head, logits}, 1,
            s->hidden + first * (size_t)m->config.hidden_size, rows, false, s->batch.linear);
}

void mn_head_dense(moon_session *s) {
  size_t V = (size_t)s->model->config.vocab_size;
  float *logits = moon_tensor_data(s->logits);
  if (s->dense) return;
  s->dense = true;
  if (s->rows == 1) {
    compute(s, 0, 1, logits);
    return;
  }
  if (s->row >= s->scored) {
    compute(s, s->row, s->rows - s->row, s->few_logits + s->row * V);
    s->scored = s->rows;
  }
  memcpy(logits, s->few_logits + s->row * V, V * sizeof *logits);
}

void mn_head_some(moon_session *s, const int32_t *ids, size_t n, float *z) {
  const moon_model *m = s->model;
  size_t V = (size_t)m->config.vocab_size;
  bool few = mn_linear_rows_work(&m->head, ids, n) < V / 2;
  if (!s->dense && few) {
    mn_linear_rows(m->engine, &m->head, ids, n,
                   s->hidden + s->row * (size_t)m->config.hidden_size, z, s->head_scratch);
    return;
  }
  mn_head_dense(s);
  const float *logits = moon_tensor_data(s->logits);
  for (size_t i = 0; i < n; i++) z[ids[i]] = logits[ids[i]];
}

static int by_value(const void *a, const void *b) {
  int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

moon_status moon_session_logits_of(moon_session *s, const int32_t *ids, size_t n, float *logits,
                                   moon_error *err) {
  size_t V = (size_t)s->model->config.vocab_size;
  if (!s->has_logits) return mn_fail(err, MOON_EARG, "no logits: feed a token first");
  if (n > V) return mn_fail(err, MOON_EARG, "logits of %zu tokens; there are %zu", n, V);
  for (size_t i = 0; i < n; i++)
    if (ids[i] < 0 || (size_t)ids[i] >= V)
      return mn_fail(err, MOON_EARG, "token id %d at %zu; the vocabulary has 0 to %zu",
                     (int)ids[i], i + 1, V - 1);
  if (n > 0) memcpy(s->order, ids, n * sizeof *ids);
  qsort(s->order, n, sizeof *s->order, by_value);
  mn_head_some(s, s->order, n, s->logit_copy);
  for (size_t i = 0; i < n; i++) logits[i] = s->logit_copy[ids[i]];
  return MOON_OK;
}
