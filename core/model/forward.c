/* forward.c: the model, as the paper has it.
**
** MobileLLM (Liu et al. 2024, arXiv 2402.14905) is a Llama-like decoder, deep and thin:
**
**   x = embedding(tokens)
**   for each block, `runs` times in a row:
**     h = rmsnorm(x)            q, k, v = h Wq^T, h Wk^T, h Wv^T
**     q, k = rope(q, k)         cache k and v
**     x = x + attention(q, cache) Wo^T
**     h = rmsnorm(x)
**     x = x + swiglu(h Wgate^T, h Wup^T) Wdown^T
**   logits = rmsnorm(x) Whead^T
**
** Everything works on the tokens of one chunk, (T, ...) row-major. Work is split by output rows
** (mn_linear), by tokens, or by K/V head and token tile (attention), never along a sum.
*/
#include <math.h>
#include <string.h>

#include "core/base/pool.h"
#include "core/model/session.h"

typedef struct dims {
  size_t T, D, H, G, K, F, V;
} dims;

static dims dims_of(const moon_session *s) {
  const moon_config *c = &s->model->config;
  return (dims){.T = s->chunk_tokens,
                .D = (size_t)c->hidden_size,
                .H = (size_t)c->num_attention_heads,
                .G = (size_t)c->num_key_value_heads,
                .K = (size_t)c->head_dim,
                .F = (size_t)c->intermediate_size,
                .V = (size_t)c->vocab_size};
}

/* ---- work on each token by itself ---- */

typedef struct per_token {
  moon_session *s;
  dims n;
  const float *weight;
  size_t slot;
} per_token;

typedef void token_fn(const per_token *work, size_t t);

typedef struct token_run {
  const per_token *work;
  token_fn *fn;
} token_run;

static void token_tile(void *context, size_t tile, int worker) {
  (void)worker;
  const token_run *run = context;
  size_t first = tile * MN_TOKEN_TILE, past = first + MN_TOKEN_TILE;
  if (past > run->work->n.T) past = run->work->n.T;
  for (size_t t = first; t < past; t++) run->fn(run->work, t);
}

static void for_each_token(const per_token *work, token_fn *fn) {
  token_run run = {work, fn};
  size_t tiles = (work->n.T + MN_TOKEN_TILE - 1) / MN_TOKEN_TILE;
  mn_pool_run(work->s->model->engine->pool, tiles, token_tile, &run);
}

/* ---- the steps ---- */

static void embed_token(const per_token *w, size_t t) {
  const moon_session *s = w->s;
  const mn_matrix *e = &s->model->embed;
  size_t id = (size_t)s->tokens[s->length + t];
  const uint8_t *row = (const uint8_t *)e->bytes + id * e->n * moon_dtype_size(e->dtype);
  mn_widen(s->model->engine, s->x + t * w->n.D, row, e->dtype, w->n.D);

  size_t half = w->n.K / 2;
  for (size_t i = 0; i < half; i++) {
    double angle = (double)(s->length + t) * s->model->inv_freq[i];
    s->cos[t * half + i] = (float)cos(angle);
    s->sin[t * half + i] = (float)sin(angle);
  }
}

static void norm_token(const per_token *w, size_t t) {
  const moon_model *m = w->s->model;
  m->engine->kernels.rmsnorm(w->s->h + t * w->n.D, w->s->x + t * w->n.D, w->weight, w->n.D,
                             (float)m->config.rms_norm_eps);
}

static void rope_and_norm(const per_token *w, float *x, size_t heads, size_t t) {
  const moon_model *m = w->s->model;
  const mk_table *k = &m->engine->kernels;
  size_t half = w->n.K / 2;
  mk_rope_half *rope = m->config.rope_interleaved ? k->rope_pairs : k->rope_half;
  rope(x, heads, w->n.K, w->s->cos + t * half, w->s->sin + t * half);
  for (size_t i = 0; m->config.qk_norm && i < heads; i++)
    k->rmsnorm(x + i * w->n.K, x + i * w->n.K, NULL, w->n.K, (float)m->config.rms_norm_eps);
}

/* Keys of position p go to block p / MK_BLOCK, component by component. */
static void rope_and_cache_token(const per_token *w, size_t t) {
  moon_session *s = w->s;
  size_t K = w->n.K, G = w->n.G, p = s->length + t;
  rope_and_norm(w, s->q + t * w->n.H * K, w->n.H, t);
  rope_and_norm(w, s->k_new + t * G * K, G, t);
  for (size_t g = 0; g < G; g++) {
    const float *k = s->k_new + (t * G + g) * K;
    size_t head = w->slot * G + g;
    float *kt = s->kt + (head * s->blocks + p / MK_BLOCK) * K * MK_BLOCK + p % MK_BLOCK;
    for (size_t i = 0; i < K; i++) kt[i * MK_BLOCK] = k[i];
    memcpy(s->v + (head * s->positions + p) * K, s->v_new + (t * G + g) * K, K * sizeof(float));
  }
}

static void swiglu_token(const per_token *w, size_t t) {
  moon_session *s = w->s;
  float *gate = s->gate + t * w->n.F;
  s->model->engine->kernels.swiglu(gate, gate, s->up + t * w->n.F, w->n.F);
}

/* ---- attention ---- */

typedef struct attention {
  moon_session *s;
  dims n;
  size_t slot;
  size_t heads_per_task;        /* the whole group, or one where tasks would be too few */
  size_t scratch_each;
} attention;

static size_t attend_scratch_each(const moon_config *c, size_t positions) {
  size_t group = (size_t)(c->num_attention_heads / c->num_key_value_heads);
  return MN_TOKEN_TILE * group * positions;
}

size_t mn_forward_attend_scratch(const moon_model *m, size_t positions) {
  return (size_t)mn_pool_workers(m->engine->pool) * attend_scratch_each(&m->config, positions);
}

static void attend_task(void *context, size_t task, int worker) {
  const attention *a = context;
  moon_session *s = a->s;
  size_t K = a->n.K, H = a->n.H, group = H / a->n.G, heads = H / a->heads_per_task;
  size_t first = task / heads * MN_TOKEN_TILE, tokens = a->n.T - first;
  if (tokens > MN_TOKEN_TILE) tokens = MN_TOKEN_TILE;
  size_t h = task % heads * a->heads_per_task, g = a->slot * a->n.G + h / group;
  s->model->engine->kernels.attend(
      s->mixed + (first * H + h) * K, s->q + (first * H + h) * K, H * K, tokens,
      a->heads_per_task, K, s->kt + g * s->blocks * K * MK_BLOCK, s->v + g * s->positions * K,
      s->length + first + 1, 1.0f / sqrtf((float)K),
      s->attend + (size_t)worker * a->scratch_each);
}

static void attend(moon_session *s, const dims *n, size_t slot) {
  mn_pool *pool = s->model->engine->pool;
  size_t tiles = (n->T + MN_TOKEN_TILE - 1) / MN_TOKEN_TILE;
  size_t wanted = 2 * (size_t)mn_pool_workers(pool);
  bool whole_groups = mn_pool_workers(pool) == 1 || tiles * n->G >= wanted;
  attention a = {.s = s, .n = *n, .slot = slot, .heads_per_task = whole_groups ? n->H / n->G : 1,
                 .scratch_each = attend_scratch_each(&s->model->config, s->positions)};
  mn_pool_run(pool, tiles * (n->H / a.heads_per_task), attend_task, &a);
}

/* ---- the forward pass ---- */

void mn_forward_begin(moon_session *s) {
  per_token work = {.s = s, .n = dims_of(s)};
  for_each_token(&work, embed_token);
}

void mn_forward_block(moon_session *s, size_t slot) {
  const moon_engine *e = s->model->engine;
  const mn_layer *l = &s->model->layers[slot / (size_t)mn_config_runs(&s->model->config)];
  dims n = dims_of(s);
  per_token work = {.s = s, .n = n, .slot = slot};

  work.weight = l->attention_norm;
  for_each_token(&work, norm_token);
  const mn_product qkv[] = {{&l->q, s->q}, {&l->k, s->k_new}, {&l->v, s->v_new}};
  mn_linear(e, qkv, 3, s->h, n.T, false, s->linear);
  for_each_token(&work, rope_and_cache_token);
  attend(s, &n, slot);
  mn_linear(e, &(mn_product){&l->o, s->x}, 1, s->mixed, n.T, true, s->linear);

  work.weight = l->mlp_norm;
  for_each_token(&work, norm_token);
  const mn_product gate_up[] = {{&l->gate, s->gate}, {&l->up, s->up}};
  mn_linear(e, gate_up, 2, s->h, n.T, false, s->linear);
  for_each_token(&work, swiglu_token);
  mn_linear(e, &(mn_product){&l->down, s->x}, 1, s->gate, n.T, true, s->linear);
}

void mn_forward_head(moon_session *s, size_t first, size_t rows, float *out) {
  dims n = dims_of(s);
  per_token work = {.s = s, .n = n, .weight = s->model->norm};
  for (size_t t = first; t < first + rows; t++) norm_token(&work, t);
  mn_linear(s->model->engine, &(mn_product){&s->model->head, out}, 1, s->h + first * n.D, rows,
            false, s->linear);
}
