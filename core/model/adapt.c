/* adapt.c: a PEFT folder opened for the sessions of a model, and its part in the forward pass. */
#include "core/model/adapt.h"

#include <stdio.h>
#include <string.h>

#include "core/base/blocks.h"
#include "core/base/size.h"
#include "core/formats/adapter.h"
#include "core/model/session.h"

/* ---- reading ---- */

enum { PARAMETERS = 9 };        /* of a block, in the model's list */

/* The matrix of a place in the model's list of parameters, which ends in the blocks' and a norm. */
static const mn_parameter *parameter_at(const moon_model *m, size_t layer, mn_place place) {
  static const size_t in_block[MN_PLACES] = {1, 2, 3, 4, 6, 7, 8};
  size_t blocks = (size_t)m->config.num_hidden_layers * PARAMETERS;
  return &m->parameters[m->n_parameters - 1 - blocks + layer * PARAMETERS + in_block[place]];
}

typedef struct reading {
  moon_adapter *adapter;
  mn_adapter *file;
  const char *path;
  moon_error *err;
} reading;

static moon_status keep(const reading *r, const mn_parameter *p, const mn_low_rank *found,
                        mn_delta *delta) {
  const moon_engine *engine = r->adapter->model->engine;
  size_t rank = found->a->shape[0], rows = p->shape[0], n = p->shape[1];
  if (found->m)
    return mn_fail(r->err, MOON_ESUPPORT, "%s: DoRA gives rows new lengths, which wants merged "
                   "weights: load the model with this adapter", r->path);
  if (rank > MN_MOST_RANK)
    return mn_fail(r->err, MOON_ESUPPORT, "%s: '%s' has an update of rank %zu; a session's adapter "
                   "has at most %d: load the model with it", r->path, p->name, rank, MN_MOST_RANK);
  float *a = mn_arena_take(&r->adapter->arena, rank * n * sizeof *a);
  float *b = mn_arena_take(&r->adapter->arena, rows * rank * sizeof *b);
  if (!a || !b) return mn_fail_memory(r->err, "adapter", (rows + n) * rank * sizeof *a);
  mn_widen(engine, a, found->a->bytes, found->a->dtype, rank * n);
  mn_widen(engine, b, found->b->bytes, found->b->dtype, rows * rank);
  for (size_t i = 0; i < rows * rank; i++) b[i] = (float)(found->scale * (double)b[i]);
  *delta = (mn_delta){a, b, rank};
  if (rank > r->adapter->rank) r->adapter->rank = rank;
  return MOON_OK;
}

/* Of a run of a block: named for that run (".runs.R" behind the block's number), or for all. */
static moon_status read_update(const reading *r, size_t layer, size_t run, mn_place place,
                               mn_delta *delta) {
  const mn_parameter *p = parameter_at(r->adapter->model, layer, place);
  char block[64], name[192];
  int len = snprintf(block, sizeof block, "model.layers.%zu", layer);
  snprintf(name, sizeof name, "%s.runs.%zu%s", block, run, p->name + len);
  mn_low_rank found;
  moon_status status = mn_adapter_find(r->file, name, p->shape[0], p->shape[1], &found, r->err);
  if (status == MOON_OK && !found.a)
    status = mn_adapter_find(r->file, p->name, p->shape[0], p->shape[1], &found, r->err);
  return status == MOON_OK && found.a ? keep(r, p, &found, delta) : status;
}

static moon_status check_head(const reading *r) {
  const moon_config *c = &r->adapter->model->config;
  mn_low_rank found;
  moon_status status = mn_adapter_find(r->file, "lm_head.weight", (size_t)c->vocab_size,
                                       (size_t)c->hidden_size, &found, r->err);
  if (status != MOON_OK || !found.a) return status;
  return mn_fail(r->err, MOON_ESUPPORT, "%s: updates lm_head; a session's adapter changes the "
                 "blocks' matrices alone: load the model with it", r->path);
}

static moon_status read_updates(const reading *r) {
  const moon_config *c = &r->adapter->model->config;
  size_t runs = (size_t)mn_config_runs(c), bytes = mn_slots(c) * MN_PLACES * sizeof(mn_delta);
  mn_delta *deltas = r->adapter->deltas = mn_arena_take(&r->adapter->arena, bytes);
  if (!deltas) return mn_fail_memory(r->err, "adapter", bytes);
  memset(deltas, 0, bytes);
  moon_status status = MOON_OK;
  for (size_t slot = 0; slot < mn_slots(c); slot++)
    for (mn_place place = 0; status == MOON_OK && place < MN_PLACES; place++)
      status = read_update(r, slot / runs, slot % runs, place, &deltas[slot * MN_PLACES + place]);
  if (status == MOON_OK) status = check_head(r);
  return status == MOON_OK ? mn_adapter_check(r->file, r->err) : status;
}

moon_status moon_adapter_open(moon_model *model, const char *directory, moon_adapter **adapter,
                              moon_error *err) {
  moon_adapter *a = mn_new_zero(&model->engine->alloc, sizeof *a);
  *adapter = NULL;
  if (!a) return mn_fail_memory(err, "adapter", sizeof *a);
  atomic_init(&a->owners, 1);
  a->model = moon_model_retain(model);
  mn_arena_growing(&a->arena, model->engine->alloc, SIZE_MAX);
  reading r = {.adapter = a, .path = directory, .err = err};
  moon_status status = mn_adapter_open(model->engine, directory, &r.file, err);
  if (status == MOON_OK) status = read_updates(&r);
  mn_adapter_close(r.file);
  if (status != MOON_OK) return moon_adapter_close(a), status;
  *adapter = a;
  return MOON_OK;
}

moon_adapter *mn_adapter_retain(moon_adapter *a) {
  if (a) atomic_fetch_add_explicit(&a->owners, 1, memory_order_relaxed);
  return a;
}

void moon_adapter_close(moon_adapter *a) {
  if (!a || atomic_fetch_sub_explicit(&a->owners, 1, memory_order_acq_rel) != 1) return;
  moon_model *model = a->model;
  mn_arena_free(&a->arena);
  mn_free(&model->engine->alloc, a);
  moon_model_close(model);
}

moon_model *moon_adapter_model(const moon_adapter *a) { return a->model; }
size_t moon_adapter_rank(const moon_adapter *a) { return a->rank; }
size_t moon_adapter_bytes(const moon_adapter *a) { return a->arena.total; }

/* ---- computing ---- */

typedef struct adapting {
  const mn_batch *b;
  size_t slot, n_products;
  mn_place first;
  const mn_product *products;
  const float *x;
} adapting;

/* y of a tile's rows += B (A x), some rows of B at a time. */
static void add_update(const mk_table *k, const mn_delta *u, const mn_matrix *w, const float *x,
                       float *y, size_t tokens) {
  enum { ROWS = 64 };
  float low[MN_TOKEN_TILE * MN_MOST_RANK], sums[MN_TOKEN_TILE * ROWS];
  k->matvec_f32(low, u->rank, u->a, w->n, x, w->n, u->rank, w->n, tokens);
  for (size_t row = 0; row < w->rows; row += ROWS) {
    size_t rows = w->rows - row < ROWS ? w->rows - row : ROWS;
    k->matvec_f32(sums, ROWS, u->b + row * u->rank, u->rank, low, u->rank, rows, u->rank, tokens);
    for (size_t t = 0; t < tokens; t++) k->add(y + t * w->rows + row, sums + t * ROWS, rows);
  }
}

static void adapt_tile(void *context, size_t index, int worker) {
  (void)worker;
  const adapting *work = context;
  const mn_tile *tile = &work->b->tiles[index];
  const moon_adapter *adapter = work->b->rows[tile->first].adapter;
  for (size_t i = 0; adapter && i < work->n_products; i++) {
    const mn_delta *u = &adapter->deltas[work->slot * MN_PLACES + work->first + i];
    const mn_product *p = &work->products[i];
    if (u->a)
      add_update(&work->b->model->engine->kernels, u, p->w, work->x + tile->first * p->w->n,
                 p->y + tile->first * p->w->rows, tile->tokens);
  }
}

void mn_adapt(mn_batch *b, size_t slot, mn_place first, const mn_product *products,
              size_t n_products, const float *x) {
  bool any = false;
  for (size_t i = 0; i < b->n_tiles; i++) any = any || b->rows[b->tiles[i].first].adapter;
  if (!any) return;
  adapting work = {b, slot, n_products, first, products, x};
  mn_pool_run(b->model->engine->pool, b->n_tiles, adapt_tile, &work);
}
