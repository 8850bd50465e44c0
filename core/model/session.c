/* session.c: opening, feeding, forking and rewinding; the arithmetic is in forward.c. */
#include "core/model/session.h"

#include <math.h>
#include <string.h>

#include "core/base/clock.h"

enum {
  DEFAULT_CHUNK = 512,
  FIRST_TOKENS = 8,             /* of the first chunk under a clock, for a measure */
  OWN_PIECES = 8
};

moon_session_options moon_session_defaults(void) {
  return (moon_session_options){.cache = -1};
}

/* ---- memory ---- */

enum { MOST_PIECES = OWN_PIECES + MN_PARTS + MN_BATCH_PIECES };

/* The arrays of a session; how many. */
static size_t list_pieces(moon_session *s, mn_piece pieces[MOST_PIECES]) {
  const moon_config *c = &s->model->config;
  size_t V = (size_t)c->vocab_size, D = (size_t)c->hidden_size;
  size_t f = sizeof(float), id = sizeof(int32_t);
  const mn_piece own[OWN_PIECES] = {
      {&s->tokens, id, {s->context}}, {&s->lengths, id, {s->context}},
      {&s->few_logits, f, {MN_SCORE_ROWS, V}}, {&s->logit_copy, f, {V}},
      {&s->counts, id, {V}}, {&s->order, id, {V}},
      {&s->hidden, f, {MN_MOST_AHEAD + 1, D}}, {&s->head_scratch, f, {D}},
  };
  memcpy(pieces, own, sizeof own);
  int parts = s->cache.parts;
  for (int part = 0; part < parts; part++) {
    mn_piece *piece = &pieces[OWN_PIECES + part];
    *piece = (mn_piece){.where = &s->cache.part[part].bytes, .size = 1};
    mn_cache_dims(&s->cache, part, piece->dims);
  }
  mn_batch_pieces(&s->batch, pieces + OWN_PIECES + parts);
  return (size_t)(OWN_PIECES + parts + MN_BATCH_PIECES);
}

/* Everything but memory and ownership. */
static moon_status set_up(moon_session *s, moon_model *model, const moon_session_options *options,
                          moon_error *err) {
  moon_session_options o = options ? *options : moon_session_defaults();
  if (o.context > (size_t)1 << 24)
    return mn_fail(err, MOON_EARG, "context = %zu; wants at most %d", o.context, 1 << 24);
  if (o.cache == -1) o.cache = MOON_F32;
  if (!mn_cache_fits(&model->config, (moon_dtype)o.cache))
    return mn_fail(err, MOON_EARG,
                   "cache wants f32, bf16, or for heads of a multiple of 4 up to %d q8, "
                   "of a multiple of 32 also q4", MK_HEAD_Q8);
  s->model = model;
  s->context = o.context > 0 ? o.context : (size_t)model->config.max_position_embeddings;
  s->chunk = o.chunk > 0 ? o.chunk : DEFAULT_CHUNK;
  if (s->chunk > s->context) s->chunk = s->context;
  mn_cache_plan(&s->cache, &model->config, (moon_dtype)o.cache, s->context);
  s->batch = (mn_batch){.model = model, .most = s->chunk, .positions = s->cache.positions,
                        .widest = mn_cache_wide(&s->cache)};
  return MOON_OK;
}

moon_status mn_session_plan(moon_model *model, const moon_session_options *options, size_t *bytes,
                            moon_error *err) {
  moon_session s = {.model = model};
  mn_piece pieces[MOST_PIECES];
  moon_status status = set_up(&s, model, options, err);
  if (status != MOON_OK) return status;
  status = mn_pieces_bytes(pieces, list_pieces(&s, pieces), "session", bytes, err);
  *bytes += MN_ALIGN;           /* the arena's head; and the logits: */
  *bytes += (size_t)model->config.vocab_size * sizeof(float);
  return status;
}

moon_status moon_session_open(moon_model *model, const moon_session_options *options,
                              moon_session **session, moon_error *err) {
  const mn_alloc *alloc = &model->engine->alloc;
  moon_session *s = mn_new_zero(alloc, sizeof *s);
  *session = NULL;
  if (!s) return mn_fail_memory(err, "session", sizeof *s);
  if (options && options->adapter && options->adapter->model != model)
    return mn_free(alloc, s), mn_fail(err, MOON_EARG, "the adapter belongs to another model");
  moon_status status = set_up(s, model, options, err);
  if (status != MOON_OK) return mn_free(alloc, s), status;
  moon_model_retain(model);
  s->adapter = mn_adapter_retain(options ? options->adapter : NULL);
  mn_piece pieces[MOST_PIECES];
  const size_t V = (size_t)model->config.vocab_size;
  status = mn_lay_out(&s->arena, alloc, pieces, list_pieces(s, pieces), "session", err);
  if (status == MOON_OK) memset(s->counts, 0, V * sizeof *s->counts);
  if (status == MOON_OK)
    status = moon_tensor_new(model->engine, MOON_F32, 1, &V, &s->logits, err);
  if (status != MOON_OK) return moon_session_close(s), status;
  *session = s;
  return MOON_OK;
}

void moon_session_close(moon_session *s) {
  if (!s) return;
  moon_model *model = s->model;
  moon_tensor_free(s->logits);
  mn_arena_free(&s->arena);
  moon_adapter_close(s->adapter);
  mn_free(&model->engine->alloc, s);
  moon_model_close(model);
}

moon_model *moon_session_model(const moon_session *s) { return s->model; }
size_t moon_session_context(const moon_session *s) { return s->context; }

size_t moon_session_bytes(const moon_session *s) {
  return s->arena.total + moon_tensor_storage_bytes(s->logits);
}

const int32_t *moon_session_tokens(const moon_session *s, size_t *n) {
  *n = s->length;
  return s->tokens;
}

static float *logits_of(const moon_session *s) { return moon_tensor_data(s->logits); }

static bool working(const moon_session *s) { return s->end > s->length; }

moon_status moon_session_adapt(moon_session *s, moon_adapter *adapter, moon_error *err) {
  if (adapter && adapter->model != s->model)
    return mn_fail(err, MOON_EARG, "the adapter belongs to another model");
  if (working(s)) return mn_fail(err, MOON_EARG, "a feed is in work: its adapter cannot change");
  if (s->length > 0)
    return mn_fail(err, MOON_EARG, "the session holds %zu tokens, computed without it: rewind to 0 "
                   "before the adapter changes", s->length);
  mn_adapter_retain(adapter);
  moon_adapter_close(s->adapter);
  s->adapter = adapter;
  return MOON_OK;
}

/* ---- feeding ---- */

void mn_session_forget(moon_session *s) {
  s->has_logits = s->dense = false;
  s->row = s->rows = s->scored = 0;
}

/* Back to where the feed began. Cache rows past `length` are dead and will be written again. */
static void abandon(moon_session *s) {
  s->length = s->end = s->start;
  s->batch.T = 0;
  s->stage = 0;
  mn_session_forget(s);
}

moon_status mn_session_check_ids(const moon_session *s, const int32_t *ids, size_t n,
                                 moon_error *err) {
  for (size_t i = 0; i < n; i++)
    if (ids[i] < 0 || ids[i] >= s->model->config.vocab_size)
      return mn_fail(err, MOON_EARG, "token id %d at %zu; the vocabulary has 0 to %d",
                     (int)ids[i], i + 1, (int)s->model->config.vocab_size - 1);
  return MOON_OK;
}

moon_status mn_session_check_feed(const moon_session *s, const int32_t *ids, size_t n,
                                  moon_error *err) {
  if (working(s))
    return mn_fail(err, MOON_EARG, "a feed of %zu tokens is still in work", s->end - s->start);
  if (n > s->context - s->length)
    return mn_fail(err, MOON_EFULL, "context full: %zu tokens are in, %zu more do not fit into %zu",
                   s->length, n, s->context);
  return mn_session_check_ids(s, ids, n, err);
}

void mn_session_append(moon_session *s, int32_t id, const float *logits) {
  s->tokens[s->length++] = id;
  s->start = s->end = s->length;
  memcpy(logits_of(s), logits, (size_t)s->model->config.vocab_size * sizeof *logits);
  mn_session_forget(s);
  s->has_logits = s->dense = true;
}

static moon_status check_cancel(moon_session *s, moon_error *err) {
  if (!atomic_exchange(&s->cancelled, false)) return MOON_OK;
  size_t fed = s->end - s->start;
  abandon(s);
  return mn_fail(err, MOON_ECANCEL, "cancelled while computing %zu tokens", fed);
}

/* Goes on over guesses that were right; how many of ids need no work. */
static size_t take_guessed(moon_session *s, const int32_t *ids, size_t n) {
  size_t guessed = s->rows > 0 ? s->rows - s->row - 1 : 0, same = 0;
  while (same < n && same < guessed && s->tokens[s->length + same] == ids[same]) same++;
  s->length += same;
  s->row += same;
  s->dense = s->dense && same == 0;
  return same;
}

/* Guesses that may go along with `left` tokens: as many as the head has rows and the context has
** room for. They join the last token's chunk, which stays so short that no token in it comes out
** otherwise than alone. */
static size_t room_ahead(const moon_session *s, size_t left) {
  size_t room = s->context - s->end, alone = s->model->alone, last = left % s->chunk;
  size_t most = s->chunk - 1, beside = last < alone ? alone - last : 0;
  if (most > MN_MOST_AHEAD) most = MN_MOST_AHEAD;
  if (most > room) most = room;
  return most < beside ? most : beside;
}

moon_status moon_session_begin(moon_session *s, const int32_t *ids, size_t n,
                               const moon_feed_options *options, moon_error *err) {
  moon_feed_options o = options ? *options : (moon_feed_options){0};
  moon_status status = mn_session_check_feed(s, ids, n, err);
  if (status == MOON_OK) status = mn_session_check_ids(s, o.guesses, o.n_guesses, err);
  if (status != MOON_OK || n == 0) return status;
  s->start = s->length;
  s->lazy = o.lazy;
  s->ahead = 0;
  size_t known = take_guessed(s, ids, n), left = n - known;
  s->end = s->length + left;
  bool half_full = 2 * s->start <= s->context && s->context < 2 * s->end;
  if (half_full) mn_cache_expect_all(&s->cache);        /* a short talk does not want its size */
  if (left == 0) {
    status = check_cancel(s, err);
    if (status == MOON_OK && !o.lazy) mn_head_dense(s);
    return status;
  }
  size_t most = room_ahead(s, left);
  s->ahead = o.n_guesses < most ? o.n_guesses : most;
  memcpy(s->tokens + s->length, ids + known, left * sizeof *ids);
  if (s->ahead > 0) memcpy(s->tokens + s->end, o.guesses, s->ahead * sizeof *ids);
  s->end += s->ahead;
  mn_session_forget(s);
  s->batch.T = 0;
  s->sink = MN_SINK_LAST;
  return MOON_OK;
}

/* begin, for sinks that want every token computed: guesses that came true are computed again. A
** call that is refused leaves a feed in work, and what it fills, as they were. */
static moon_status begin_all(moon_session *s, const int32_t *ids, size_t n, mn_sink sink,
                             moon_error *err) {
  moon_status status = mn_session_check_feed(s, ids, n, err);
  if (status != MOON_OK) return status;
  if (s->rows > 0) s->rows = s->row + 1;
  status = moon_session_begin(s, ids, n, NULL, err);
  if (status == MOON_OK) s->sink = sink;
  return status;
}

static void score_chunk(moon_session *s) {
  const mk_table *k = &s->model->engine->kernels;
  size_t V = (size_t)s->model->config.vocab_size;
  for (size_t t = 0; t < s->batch.T; t += MN_SCORE_ROWS) {
    size_t rows = s->batch.T - t;
    if (rows > MN_SCORE_ROWS) rows = MN_SCORE_ROWS;
    mn_forward_head(&s->batch, t, rows, s->few_logits);
    for (size_t i = 0; i < rows; i++) {
      size_t next = s->length + t + i + 1;      /* the token that row i predicts */
      if (next < s->end)
        s->scores[next - s->start] =
            mn_log_probability(k, s->few_logits + i * V, V, s->tokens[next]);
    }
  }
}

/* The chunk's tokens are in the cache; what the head is wanted for depends on the sink. */
static void finish_chunk(moon_session *s) {
  size_t V = (size_t)s->model->config.vocab_size, last = s->end - s->ahead - 1;
  if (s->sink == MN_SINK_ALL)
    mn_forward_head(&s->batch, 0, s->batch.T, s->all + (s->length - s->start) * V);
  if (s->sink == MN_SINK_SCORE) score_chunk(s);
  for (size_t t = 0; t < s->batch.T; t++)
    if (s->length + t >= last) mn_head_keep(s, t);
  s->length += s->batch.T;
  s->batch.T = 0;
  if (s->length < s->end) return;
  s->length = s->end = last + 1;
  s->has_logits = true;
  if (!s->lazy) mn_head_dense(s);
}

static void start_chunk(moon_session *s, size_t most) {
  size_t left = s->end - s->length;
  s->batch.T = left < most ? left : most;
  s->slot = 0;
  for (size_t t = 0; t < s->batch.T; t++)
    s->batch.rows[t] = (mn_row){&s->cache, s->length + t, s->tokens[s->length + t], s->adapter};
  mn_forward_begin(&s->batch);
}

static void work_stage(moon_session *s) {
  mn_forward_stage(&s->batch, s->slot, s->stage++);
  if (s->stage < MN_STAGES) return;
  s->stage = 0;
  s->slot++;
}

/* A stage of a block over the chunk, or the chunk's end. */
static void work_briefly(moon_session *s) {
  if (s->batch.T == 0) start_chunk(s, s->chunk);
  if (s->slot == mn_slots(&s->model->config)) finish_chunk(s);
  else work_stage(s);
}

/* One unit: a block over the chunk (what is left of it), or the chunk's end. */
static void work_once(moon_session *s) {
  do work_briefly(s);
  while (s->stage > 0);
}

static double milliseconds(void) {
  return (double)mn_clock(CLOCK_MONOTONIC) * 1e-6;
}

static bool at_head(const moon_session *s) {
  return s->batch.T > 0 && s->slot == mn_slots(&s->model->config);
}

/* Tokens of a chunk whose blocks should take ms / 4 each. */
static size_t chunk_within(const moon_session *s, double ms) {
  size_t most = s->model->alone;
  if (most > s->chunk) most = s->chunk;
  double tokens = s->token_ms > 0 ? ms / 4 / s->token_ms : FIRST_TOKENS;
  return tokens >= (double)most ? most : tokens < 1 ? 1 : (size_t)tokens;
}

/* A mean that forgets: one late unit, on a busy machine, weighs little. */
static void learn(double *mean, double ms) { *mean += (ms - *mean) / (*mean > 0 ? 4 : 1); }

/* What the next unit should cost. */
static double expected(const moon_session *s) {
  return at_head(s) ? s->head_ms : s->token_ms * (double)(s->batch.T > 0 ? s->batch.T : 1);
}

static moon_status work_within(moon_session *s, double ms, moon_error *err) {
  double now = milliseconds(), deadline = now + ms;
  do {
    moon_status status = check_cancel(s, err);
    if (status != MOON_OK) return status;
    if (s->batch.T == 0) start_chunk(s, chunk_within(s, ms));
    size_t T = s->batch.T;
    bool head = at_head(s);
    double before = now;
    work_once(s);
    now = milliseconds();
    if (head) learn(&s->head_ms, now - before);
    else learn(&s->token_ms, (now - before) / (double)T);
  } while (working(s) && now + expected(s) < deadline);
  return MOON_OK;
}

/* A block over a long chunk may take a frame's time: a cancel need not wait for its end. */
static moon_status work_to_end(moon_session *s, moon_error *err) {
  while (working(s)) {
    moon_status status = check_cancel(s, err);
    if (status != MOON_OK) return status;
    work_briefly(s);
  }
  return MOON_OK;
}

moon_status moon_session_step(moon_session *s, double ms, bool *done, moon_error *err) {
  *done = !working(s);
  if (*done) return MOON_OK;
  moon_status status;
  if (ms == INFINITY) status = work_to_end(s, err);
  else if (ms > 0) status = work_within(s, ms, err);
  else if ((status = check_cancel(s, err)) == MOON_OK) work_once(s);
  *done = !working(s);
  return status;
}

moon_status moon_session_trace(moon_session *s, moon_trace *at, moon_error *err) {
  static const char *const names[MN_STAGES] = {
    "attention_norm", "qkv", "rope", "attention", "attention_out",
    "mlp_norm", "gate_up", "swiglu", "mlp_out",
  };
  *at = (moon_trace){.done = !working(s), .stage = ""};
  if (at->done) return MOON_OK;
  moon_status status = check_cancel(s, err);
  if (status != MOON_OK) return status;
  bool begins = s->batch.T == 0;
  if (begins) start_chunk(s, s->chunk);
  *at = (moon_trace){"embedding", s->slot, s->length, s->batch.T, false};
  if (begins) return MOON_OK;
  if (s->slot < mn_slots(&s->model->config)) {
    at->stage = names[s->stage];
    work_stage(s);
  } else {
    at->stage = "head";
    finish_chunk(s);
  }
  return MOON_OK;
}

moon_status moon_session_feed(moon_session *s, const int32_t *ids, size_t n, moon_error *err) {
  moon_status status = moon_session_begin(s, ids, n, NULL, err);
  return status == MOON_OK ? work_to_end(s, err) : status;
}

moon_status moon_session_evaluate(moon_session *s, const int32_t *ids, size_t n,
                                  moon_tensor **logits, moon_error *err) {
  const size_t shape[2] = {n, (size_t)s->model->config.vocab_size};
  *logits = NULL;
  moon_tensor *t;
  moon_status status = mn_session_check_feed(s, ids, n, err);
  if (status != MOON_OK) return status;
  status = moon_tensor_new(s->model->engine, MOON_F32, 2, shape, &t, err);
  if (status != MOON_OK) return status;
  s->all = moon_tensor_data(t);
  status = begin_all(s, ids, n, MN_SINK_ALL, err);
  if (status == MOON_OK) status = work_to_end(s, err);
  if (status != MOON_OK) return moon_tensor_free(t), status;
  *logits = t;
  return MOON_OK;
}

moon_status moon_session_score(moon_session *s, const int32_t *ids, size_t n, double *logprobs,
                               moon_error *err) {
  size_t V = (size_t)s->model->config.vocab_size;
  bool predicted = s->has_logits && n > 0 && ids[0] >= 0 && (size_t)ids[0] < V;
  if (predicted) mn_head_dense(s);
  const mk_table *kernels = &s->model->engine->kernels;
  double first = predicted ? mn_log_probability(kernels, logits_of(s), V, ids[0]) : NAN;
  moon_status status = begin_all(s, ids, n, MN_SINK_SCORE, err);
  if (status != MOON_OK || n == 0) return status;
  s->scores = logprobs;
  logprobs[0] = first;
  return work_to_end(s, err);
}

moon_status moon_session_logits(moon_session *s, moon_tensor **logits, moon_error *err) {
  *logits = NULL;
  if (!s->has_logits) return mn_fail(err, MOON_EARG, "no logits: feed a token first");
  mn_head_dense(s);
  return mn_tensor_alias(s->logits, s->logits->first, 1, s->logits->shape, s->logits->stride,
                         logits, err);
}

void moon_session_cancel(moon_session *s) { atomic_store(&s->cancelled, true); }

/* ---- fork and rewind ---- */

moon_status moon_session_fork(const moon_session *s, moon_session **copy, moon_error *err) {
  *copy = NULL;
  if (working(s)) return mn_fail(err, MOON_EARG, "cannot fork while a feed is in work");
  moon_session *y;
  const moon_session_options same = {.context = s->context, .chunk = s->chunk,
                                     .cache = s->cache.dtype, .adapter = s->adapter};
  moon_status status = moon_session_open(s->model, &same, &y, err);
  if (status != MOON_OK) return status;
  mn_cache_copy(&y->cache, &s->cache, s->length);
  memcpy(y->tokens, s->tokens, s->length * sizeof *s->tokens);
  y->length = y->start = y->end = s->length;
  size_t V = (size_t)s->model->config.vocab_size, D = (size_t)s->model->config.hidden_size;
  y->has_logits = s->has_logits;
  y->dense = s->dense;
  if (s->dense) memcpy(logits_of(y), logits_of(s), V * sizeof(float));
  y->rows = s->rows > 0;
  if (s->rows > 0) memcpy(y->hidden, s->hidden + s->row * D, D * sizeof(float));
  *copy = y;
  return MOON_OK;
}

moon_status moon_session_rewind(moon_session *s, size_t n, moon_error *err) {
  if (working(s)) abandon(s);
  if (n > s->length)
    return mn_fail(err, MOON_EARG, "cannot rewind to %zu: the session has %zu tokens", n,
                   s->length);
  if (n < s->length) mn_session_forget(s);
  s->length = s->start = s->end = n;
  return MOON_OK;
}
