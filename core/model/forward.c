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
** Everything works on the rows of a batch, (T, ...) row-major. Work is split by output rows
** (mn_linear), by tokens, or as attend.c says; what one sum is never depends on it.
*/
#include <math.h>
#include <string.h>

#include "core/base/blocks.h"
#include "core/base/pool.h"
#include "core/model/adapt.h"
#include "core/tensor/quant.h"
#include "core/tensor/tensor.h"

typedef struct dims {
  size_t T, D, H, G, K, F, V;
} dims;

static dims dims_of(const mn_batch *b) {
  const moon_config *c = &b->model->config;
  return (dims){.T = b->T,
                .D = (size_t)c->hidden_size,
                .H = (size_t)c->num_attention_heads,
                .G = (size_t)c->num_key_value_heads,
                .K = (size_t)c->head_dim,
                .F = (size_t)c->intermediate_size,
                .V = (size_t)c->vocab_size};
}

/* ---- work on each token by itself ---- */

typedef struct per_token {
  mn_batch *b;
  dims n;
  const float *weight;
  size_t slot;
} per_token;

typedef void token_fn(const per_token *work, size_t t);

enum { TOKENS = 4 };            /* of a task: they shall outweigh handing it out */

typedef struct token_run {
  const per_token *work;
  token_fn *fn;
} token_run;

static void token_tile(void *context, size_t tile, int worker) {
  (void)worker;
  const token_run *run = context;
  size_t first = tile * TOKENS, past = first + TOKENS;
  if (past > run->work->n.T) past = run->work->n.T;
  for (size_t t = first; t < past; t++) run->fn(run->work, t);
}

static void for_each_token(const per_token *work, token_fn *fn) {
  token_run run = {work, fn};
  mn_pool_run(work->b->model->engine->pool, (work->n.T + TOKENS - 1) / TOKENS, token_tile, &run);
}

/* ---- the steps ---- */

static void embed_token(const per_token *w, size_t t) {
  const mn_batch *b = w->b;
  const mn_matrix *e = &b->model->embed;
  size_t id = (size_t)b->rows[t].token, D = w->n.D;
  const uint8_t *row = (const uint8_t *)e->bytes + id * D * moon_dtype_size(e->dtype);
  if (mn_is_quant(e->dtype)) mn_dequantize_row(e, id, b->x + t * D);
  else mn_widen(b->model->engine, b->x + t * D, row, e->dtype, D);

  size_t half = w->n.K / 2;
  for (size_t i = 0; i < half; i++) {
    double angle = (double)b->rows[t].position * b->model->inv_freq[i];
    b->cos[t * half + i] = (float)cos(angle);
    b->sin[t * half + i] = (float)sin(angle);
  }
}

static void norm_token(const per_token *w, size_t t) {
  const moon_model *m = w->b->model;
  m->engine->kernels.rmsnorm(w->b->h + t * w->n.D, w->b->x + t * w->n.D, w->weight, w->n.D,
                             (float)m->config.rms_norm_eps);
}

static void rope_and_norm(const per_token *w, float *x, size_t heads, size_t t) {
  const moon_model *m = w->b->model;
  const mk_table *k = &m->engine->kernels;
  size_t half = w->n.K / 2;
  mk_rope_half *rope = m->config.rope_interleaved ? k->rope_pairs : k->rope_half;
  rope(x, heads, w->n.K, w->b->cos + t * half, w->b->sin + t * half);
  for (size_t i = 0; m->config.qk_norm && i < heads; i++)
    k->rmsnorm(x + i * w->n.K, x + i * w->n.K, NULL, w->n.K, (float)m->config.rms_norm_eps);
}

static void rope_and_cache_token(const per_token *w, size_t t) {
  mn_batch *b = w->b;
  size_t K = w->n.K, G = w->n.G;
  const mn_row *row = &b->rows[t];
  bool last = t + 1 == w->n.T || (t + 1) % TOKENS == 0;         /* of the task */
  bool other = !last && row[1].cache != row->cache;     /* whose memory was not seen for long */
  for (size_t g = 0; other && g < G; g++)
    mn_cache_expect_put(row[1].cache, w->slot * G + g, row[1].position);
  rope_and_norm(w, b->q + t * w->n.H * K, w->n.H, t);
  rope_and_norm(w, b->k_new + t * G * K, G, t);
  for (size_t g = 0; g < G; g++)
    mn_cache_put(b->model->engine, row->cache, w->slot * G + g, row->position,
                 b->k_new + (t * G + g) * K, b->v_new + (t * G + g) * K);
}

static void swiglu_token(const per_token *w, size_t t) {
  mn_batch *b = w->b;
  float *gate = b->gate + t * w->n.F;
  b->model->engine->kernels.swiglu(gate, gate, b->up + t * w->n.F, w->n.F);
}

/* Tiles are as long as rows stay in one cache at consecutive positions. */
static void form_tiles(mn_batch *b) {
  b->n_tiles = 0;
  for (size_t t = 0; t < b->T; t++) {
    mn_tile *last = b->n_tiles > 0 ? &b->tiles[b->n_tiles - 1] : NULL;
    bool follows = last && last->tokens < MN_TOKEN_TILE &&
                   b->rows[t].cache == b->rows[t - 1].cache &&
                   b->rows[t].position == b->rows[t - 1].position + 1;
    if (follows) last->tokens++;
    else b->tiles[b->n_tiles++] = (mn_tile){t, 1};
  }
}

/* y = x W^T for n matrices of a block, the first of which stands at `place`; with the rows'
** adapters, and added to y for `add`. */
static void project(mn_batch *b, size_t slot, mn_place place, const mn_product *products, size_t n,
                    const float *x, bool add) {
  mn_linear(b->model->engine, products, n, x, b->T, add, b->linear);
  mn_adapt(b, slot, place, products, n, x);
}

/* ---- the forward pass ---- */

void mn_forward_begin(mn_batch *b) {
  per_token work = {.b = b, .n = dims_of(b)};
  form_tiles(b);
  for_each_token(&work, embed_token);
}

void mn_forward_stage(mn_batch *b, size_t slot, mn_stage stage) {
  const mn_layer *l = &b->model->layers[slot / (size_t)mn_config_runs(&b->model->config)];
  dims n = dims_of(b);
  per_token work = {.b = b, .n = n, .slot = slot};
  const mn_product qkv[] = {{&l->q, b->q}, {&l->k, b->k_new}, {&l->v, b->v_new}};
  const mn_product gate_up[] = {{&l->gate, b->gate}, {&l->up, b->up}};
  const mn_product o = {&l->o, b->x}, down = {&l->down, b->x};

  switch (stage) {
    case MN_ATTENTION_NORM:
      work.weight = l->attention_norm;
      for_each_token(&work, norm_token);
      break;
    case MN_QKV: project(b, slot, MN_AT_Q, qkv, 3, b->h, false); break;
    case MN_ROPE: for_each_token(&work, rope_and_cache_token); break;
    case MN_ATTENTION: mn_attend(b, slot); break;
    case MN_ATTENTION_OUT: project(b, slot, MN_AT_O, &o, 1, b->mixed, true); break;
    case MN_MLP_NORM:
      work.weight = l->mlp_norm;
      for_each_token(&work, norm_token);
      break;
    case MN_GATE_UP: project(b, slot, MN_AT_GATE, gate_up, 2, b->h, false); break;
    case MN_SWIGLU: for_each_token(&work, swiglu_token); break;
    case MN_MLP_OUT: project(b, slot, MN_AT_DOWN, &down, 1, b->gate, true); break;
    case MN_STAGES: break;
  }
}

void mn_forward_block(mn_batch *b, size_t slot) {
  for (mn_stage stage = 0; stage < MN_STAGES; stage++) mn_forward_stage(b, slot, stage);
}

void mn_forward_head(mn_batch *b, size_t first, size_t rows, float *out) {
  per_token work = {.b = b, .n = dims_of(b), .weight = b->model->norm};
  for (size_t t = first; t < first + rows; t++) norm_token(&work, t);
  mn_linear(b->model->engine, &(mn_product){&b->model->head, out}, 1, b->h + first * work.n.D,
            rows, false, b->linear);
}
