/* model.c: opening a model.
**
** What: config.json, then the checkpoint, then each tensor by its name, then the tokenizer.
** How: `take` fetches one tensor, checks its shape and dtype and converts it if asked to; the
** list of takes in read_layer and read_ends is the whole table of names. Invariants: after open
** every matrix has exactly the shape that forward.c relies on; matrices point into the mapped
** file unless converted or made by a recipe; nothing is made before its shape is known to be right;
** a failure at any point frees all that came before.
** Types: a matrix may be wanted as f32, bf16, f16, or in blocks of 8 or 4 bits. Blocks take 32
** columns, so a matrix whose n is no multiple of 32 then stays as it is stored. Blocks are not
** turned back into anything: what they lost is gone, and a file in floats would hide that.
** Head rule: share_embedding or tie_word_embeddings makes the head the embeddings, and a stored
** lm_head.weight is then ignored, as the official code does; without either, lm_head.weight is
** the head, and where it is missing the embeddings are. A shared matrix that is stored only as
** lm_head.weight serves as both: tensor de-duplication has produced such files.
*/
#include "core/model/model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/blocks.h"
#include "core/base/file.h"
#include "core/base/size.h"
#include "core/formats/adapter.h"
#include "core/model/interop.h"
#include "core/model/session.h"
#include "core/tensor/quant.h"
#include "core/tensor/tensor.h"

moon_load_options moon_load_defaults(void) {
  return (moon_load_options){.dtype = -1, .head_dtype = -1, .compute = MOON_F32,
                             .layer_sharing = -1};
}

typedef struct loader {
  moon_model *model;
  mn_adapter *adapter;          /* NULL: none */
  int dtype, head_dtype;        /* wanted for matrices, for embeddings and head; or -1 */
  bool rounds;                  /* bf16 matrices meet activations in bf16 */
  bool headers_only;            /* to plan: what would be made or converted has no bytes */
  moon_error *err;
} loader;

/* ---- one tensor ---- */

typedef struct shape_text { char text[100]; } shape_text;

static shape_text text_of(const size_t *shape, int rank) {
  shape_text t = {"("};
  for (int i = 0; i < rank && i < 4; i++) {
    size_t len = strlen(t.text);
    snprintf(t.text + len, sizeof t.text - len, i ? ", %zu" : "%zu", shape[i]);
  }
  strcat(t.text, ")");
  return t;
}

static moon_status find(loader *l, const char *name, int rank, const size_t *shape,
                        const mn_span **span) {
  const char *path = mn_checkpoint_path(l->model->checkpoint);
  const mn_span *s = *span = mn_checkpoint_find(l->model->checkpoint, name);
  moon_status status = mn_span_check(l->model->checkpoint, s, name, l->err);
  if (status != MOON_OK) return status;
  bool same = s->rank == rank;
  for (int i = 0; same && i < rank; i++) same = s->shape[i] == shape[i];
  if (!same)
    return mn_fail(l->err, MOON_EFORMAT, "%s: tensor '%s' has shape %s, config.json makes it %s",
                   path, name, text_of(s->shape, s->rank).text, text_of(shape, rank).text);
  if (s->dtype == MOON_F32 || s->dtype == MOON_BF16 || s->dtype == MOON_F16) return MOON_OK;
  if (rank == 2 && mn_is_quant(s->dtype)) return MOON_OK;
  return mn_fail(l->err, MOON_ESUPPORT, "%s: tensor '%s' is %s; wants f32, bf16 or f16", path,
                 name, moon_dtype_name(s->dtype));
}

static void *take_memory(loader *l, size_t bytes, moon_status *status) {
  void *memory = mn_arena_take(&l->model->arena, bytes);
  if (!memory) *status = mn_fail_memory(l->err, "model weights", bytes);
  return memory;
}

/* The span as it is to be converted: what its recipe makes goes to memory of its own, *made, which
** the caller frees. */
static moon_status borrow(loader *l, const mn_span *stored, mn_span *span, void **made) {
  *span = *stored;
  *made = NULL;
  if (!stored->recipe) return MOON_OK;
  *made = mn_new(&l->model->engine->alloc, stored->size);
  if (!*made) return mn_fail_memory(l->err, stored->name, stored->size);
  stored->recipe->make(stored, *made);
  span->bytes = *made;
  return MOON_OK;
}

static void narrow(const moon_engine *engine, void *y, moon_dtype dtype, const float *x,
                   size_t n) {
  if (dtype == MOON_BF16) engine->kernels.narrow_bf16(y, x, n);
  if (dtype == MOON_F16) engine->kernels.narrow_f16(y, x, n);
}

static moon_status to_blocks(loader *l, const mn_span *span, moon_dtype dtype, const void **out) {
  mn_matrix stored = {.bytes = span->bytes, .dtype = span->dtype, .rows = span->shape[0],
                      .n = span->shape[1]};
  moon_status status = MOON_OK;
  size_t bytes;
  if (!mn_quant_bytes(dtype, stored.rows, stored.n, &bytes))
    return mn_fail_memory(l->err, span->name, SIZE_MAX);
  uint8_t *blocks = take_memory(l, bytes, &status);
  if (!blocks) return status;
  *out = blocks;
  status = mn_quantize_matrix(l->model->engine, &stored, NULL, dtype, blocks, l->err);
  return status == MOON_OK ? MOON_OK : mn_fail_in(l->err, status, span->name);
}

typedef struct conversion {
  const moon_engine *engine;
  const mn_span *span;
  moon_dtype dtype;
  uint8_t *bytes;
  float *wide;                  /* (workers, n) */
} conversion;

/* A row goes through f32, which holds both 16-bit types exactly. */
static void convert_row(void *context, size_t row, int worker) {
  const conversion *c = context;
  size_t n = c->span->shape[1], stored = moon_dtype_size(c->span->dtype);
  uint8_t *to = c->bytes + row * n * moon_dtype_size(c->dtype);
  const uint8_t *from = (const uint8_t *)c->span->bytes + row * n * stored;
  float *wide = c->dtype == MOON_F32 ? (float *)(void *)to : c->wide + (size_t)worker * n;
  mn_widen(c->engine, wide, from, c->span->dtype, n);
  narrow(c->engine, to, c->dtype, wide, n);
}

static moon_status convert(loader *l, const mn_span *span, moon_dtype dtype, const void **out) {
  const moon_engine *engine = l->model->engine;
  size_t rows = span->shape[0], n = span->shape[1];
  size_t wide = (size_t)mn_pool_workers(engine->pool) * n * sizeof(float);
  moon_status status = MOON_OK;
  conversion c = {.engine = engine, .span = span, .dtype = dtype};
  c.bytes = take_memory(l, rows * n * moon_dtype_size(dtype), &status);
  if (!c.bytes) return status;
  c.wide = mn_new(&engine->alloc, wide);
  if (!c.wide) return mn_fail_memory(l->err, "conversion", wide);
  mn_pool_run(engine->pool, rows, convert_row, &c);
  mn_free(&engine->alloc, c.wide);
  *out = c.bytes;
  return MOON_OK;
}

/* The matrix with its low-rank update, in memory of its own. */
static moon_status update(loader *l, const mn_span *span, const mn_low_rank *u, moon_dtype dtype,
                          const void **out) {
  const moon_engine *engine = l->model->engine;
  size_t rows = span->shape[0], n = span->shape[1];
  if (mn_is_quant(span->dtype))
    return mn_fail(l->err, MOON_ESUPPORT, "%s: tensor '%s' is stored as %s; an adapter wants the "
                   "model that it was made from", mn_checkpoint_path(l->model->checkpoint),
                   span->name, moon_dtype_name(span->dtype));
  mn_span merged = *span;
  float *wide = mn_new(&engine->alloc, (rows + 1) * n * sizeof *wide);  /* and a row to work in */
  if (!wide) return mn_fail_memory(l->err, span->name, rows * n * sizeof *wide);
  mn_widen(engine, wide, span->bytes, span->dtype, rows * n);
  mn_adapter_apply(l->adapter, u, wide, rows, n, wide + rows * n);
  merged.bytes = wide;
  merged.dtype = MOON_F32;
  moon_status status = (mn_is_quant(dtype) ? to_blocks : convert)(l, &merged, dtype, out);
  mn_free(&engine->alloc, wide);
  return status;
}

/* In another type, with an update, or both. */
static moon_status change(loader *l, const mn_span *stored, const mn_low_rank *u, moon_dtype dtype,
                          const void **out) {
  mn_span span;
  void *made;
  moon_status status = borrow(l, stored, &span, &made);
  if (status == MOON_OK)
    status = u->a ? update(l, &span, u, dtype, out)
                  : (mn_is_quant(dtype) ? to_blocks : convert)(l, &span, dtype, out);
  mn_free(&l->model->engine->alloc, made);
  return status;
}

static void list_parameter(loader *l, const char *name, const void *bytes, moon_dtype dtype,
                           int rank, const size_t *shape, bool mapped) {
  mn_parameter *p = &l->model->parameters[l->model->n_parameters++];
  *p = (mn_parameter){.name = name, .bytes = bytes, .dtype = dtype, .rank = rank,
                      .mapped = mapped};
  memcpy(p->shape, shape, (size_t)rank * sizeof *shape);
}

bool mn_is_end(const char *name) {
  return strcmp(name, "lm_head.weight") == 0 || strcmp(name, "model.embed_tokens.weight") == 0;
}

/* The type that a stored matrix is to have. */
static moon_status choose(loader *l, const mn_span *span, moon_dtype *dtype) {
  int wanted = l->dtype;
  bool implied = false;         /* nobody has asked for this type of this matrix */
  if (mn_is_end(span->name)) {
    wanted = mn_head_dtype(l->dtype, l->head_dtype);
    implied = l->head_dtype < 0 && mn_is_quant((moon_dtype)l->dtype);
  }
  *dtype = span->dtype;
  if (wanted < 0 || wanted == (int)span->dtype) return MOON_OK;
  if (mn_is_quant(span->dtype) && implied) return MOON_OK;
  if (mn_is_quant(span->dtype))
    return mn_fail(l->err, MOON_ESUPPORT, "%s: tensor '%s' is stored as %s and cannot become %s; "
                   "load the model without dtype, or the one that it was made from",
                   mn_checkpoint_path(l->model->checkpoint), span->name,
                   moon_dtype_name(span->dtype), moon_dtype_name((moon_dtype)wanted));
  if (!mn_is_quant((moon_dtype)wanted) || span->shape[1] % MK_QBLOCK == 0)
    *dtype = (moon_dtype)wanted;
  return MOON_OK;
}

/* A matrix (rows, n), as stored or converted. */
static moon_status take(loader *l, const char *name, size_t rows, size_t n, mn_matrix *w) {
  const size_t shape[2] = {rows, n};
  const mn_span *span;
  moon_status status = find(l, name, 2, shape, &span);
  if (status != MOON_OK) return status;
  moon_dtype dtype;
  status = choose(l, span, &dtype);
  if (status != MOON_OK) return status;
  *w = (mn_matrix){.dtype = dtype, .rows = rows, .n = n,
                   .rounds = l->rounds && dtype == MOON_BF16};
  mn_low_rank low_rank = {0};
  if (l->adapter) status = mn_adapter_find(l->adapter, name, rows, n, &low_rank, l->err);
  if (status != MOON_OK) return status;
  bool kept = dtype == span->dtype && !low_rank.a;
  if (!l->headers_only)
    status = kept ? mn_span_bytes(span, &l->model->arena, &w->bytes, l->err)
                  : change(l, span, &low_rank, dtype, &w->bytes);
  if (status == MOON_OK)
    list_parameter(l, span->name, w->bytes, dtype, 2, shape, kept && !span->recipe);
  return status;
}

/* A norm's weight (n), always as f32: it is small and read in every token. */
static moon_status take_norm(loader *l, const char *name, const float **w) {
  size_t n = (size_t)l->model->config.hidden_size;
  const mn_span *span;
  moon_status status = find(l, name, 1, &n, &span);
  if (status != MOON_OK) return status;
  float *wide = l->headers_only ? NULL : take_memory(l, n * sizeof *wide, &status);
  if (wide) {
    mn_span own;
    void *made;
    status = borrow(l, span, &own, &made);
    if (status == MOON_OK) mn_widen(l->model->engine, wide, own.bytes, own.dtype, n);
    mn_free(&l->model->engine->alloc, made);
  }
  if (status != MOON_OK) return status;
  *w = wide;
  list_parameter(l, span->name, wide, MOON_F32, 1, &n, false);
  return MOON_OK;
}

/* ---- all tensors ---- */

static moon_status take_in_layer(loader *l, int32_t layer, const char *part, size_t rows,
                                 size_t n, mn_matrix *w) {
  char name[96];
  snprintf(name, sizeof name, "model.layers.%d.%s.weight", (int)layer, part);
  return take(l, name, rows, n, w);
}

static moon_status read_layer(loader *l, int32_t i) {
  const moon_config *c = &l->model->config;
  mn_layer *y = &l->model->layers[i];
  size_t D = (size_t)c->hidden_size, F = (size_t)c->intermediate_size;
  size_t Q = (size_t)c->num_attention_heads * (size_t)c->head_dim;
  size_t KV = (size_t)c->num_key_value_heads * (size_t)c->head_dim;
  bool llama4 = strcmp(c->model_type, "llama4_text") == 0;
  const char *mlp[] = {llama4 ? "feed_forward.gate_proj" : "mlp.gate_proj",
                       llama4 ? "feed_forward.up_proj" : "mlp.up_proj",
                       llama4 ? "feed_forward.down_proj" : "mlp.down_proj"};
  char name[96];
  moon_status s;
  snprintf(name, sizeof name, "model.layers.%d.input_layernorm.weight", (int)i);
  if ((s = take_norm(l, name, &y->attention_norm)) != MOON_OK) return s;
  if ((s = take_in_layer(l, i, "self_attn.q_proj", Q, D, &y->q)) != MOON_OK) return s;
  if ((s = take_in_layer(l, i, "self_attn.k_proj", KV, D, &y->k)) != MOON_OK) return s;
  if ((s = take_in_layer(l, i, "self_attn.v_proj", KV, D, &y->v)) != MOON_OK) return s;
  if ((s = take_in_layer(l, i, "self_attn.o_proj", D, Q, &y->o)) != MOON_OK) return s;
  snprintf(name, sizeof name, "model.layers.%d.post_attention_layernorm.weight", (int)i);
  if ((s = take_norm(l, name, &y->mlp_norm)) != MOON_OK) return s;
  if ((s = take_in_layer(l, i, mlp[0], F, D, &y->gate)) != MOON_OK) return s;
  if ((s = take_in_layer(l, i, mlp[1], F, D, &y->up)) != MOON_OK) return s;
  return take_in_layer(l, i, mlp[2], D, F, &y->down);
}

/* Embeddings and head, by the head rule. */
static moon_status read_ends(loader *l) {
  moon_model *m = l->model;
  size_t V = (size_t)m->config.vocab_size, D = (size_t)m->config.hidden_size;
  bool has_embed = mn_checkpoint_find(m->checkpoint, "model.embed_tokens.weight") != NULL;
  bool has_head = mn_checkpoint_find(m->checkpoint, "lm_head.weight") != NULL;
  if (!has_head) m->config.tied = true;
  const char *shared = m->config.tied && !has_embed && has_head ? "lm_head.weight"
                                                                : "model.embed_tokens.weight";
  moon_status status = take(l, shared, V, D, &m->embed);
  if (status != MOON_OK) return status;
  m->head = m->embed;
  return m->config.tied ? MOON_OK : take(l, "lm_head.weight", V, D, &m->head);
}

static size_t least_alone(const moon_model *m) {
  size_t least = mn_linear_alone(m->engine, &m->head);
  for (int32_t i = 0; i < m->config.num_hidden_layers; i++) {
    const mn_layer *y = &m->layers[i];
    const mn_matrix *all[] = {&y->q, &y->k, &y->v, &y->o, &y->gate, &y->up, &y->down};
    for (size_t p = 0; p < sizeof all / sizeof *all; p++) {
      size_t alone = mn_linear_alone(m->engine, all[p]);
      if (alone < least) least = alone;
    }
  }
  return least;
}

static moon_status read_weights(loader *l) {
  moon_model *m = l->model;
  size_t L = (size_t)m->config.num_hidden_layers, half = (size_t)m->config.head_dim / 2;
  moon_status status = MOON_OK;
  m->layers = take_memory(l, L * sizeof *m->layers, &status);
  if (!m->layers) return status;
  m->parameters = take_memory(l, (L * 9 + 3) * sizeof *m->parameters, &status);
  if (!m->parameters) return status;
  double *inv_freq = take_memory(l, half * sizeof *inv_freq, &status);
  if (!inv_freq) return status;
  for (size_t i = 0; i < half; i++)
    inv_freq[i] = pow(m->config.rope_theta, -2.0 * (double)i / m->config.head_dim);
  m->inv_freq = inv_freq;

  if ((status = read_ends(l)) != MOON_OK) return status;
  for (int32_t i = 0; i < m->config.num_hidden_layers; i++)
    if ((status = read_layer(l, i)) != MOON_OK) return status;
  m->alone = least_alone(m);
  status = take_norm(l, "model.norm.weight", &m->norm);
  return status == MOON_OK && l->adapter ? mn_adapter_check(l->adapter, l->err) : status;
}

/* A directory without tokenizer.model is a model that only knows ids. */
static moon_status read_tokenizer(loader *l, const char *path) {
  moon_model *m = l->model;
  const mn_alloc *alloc = &m->engine->alloc;
  moon_status status = MOON_OK;
  mn_map map = {NULL, 0};
  if (mn_gguf_is_path(path))
    return mn_gguf_tokenizer(alloc, path, m->config.vocab_size, &m->tokenizer, l->err);
  char *file = mn_path_join(alloc, path, "tokenizer.model");
  if (!file) return mn_fail_memory(l->err, "path", strlen(path));
  if (!mn_file_exists(file)) goto done;
  status = mn_map_open(file, &map, l->err);
  if (status != MOON_OK) goto done;
  status = mn_tokenizer_parse(alloc, map.bytes, map.size, file, &m->tokenizer, l->err);
  if (status != MOON_OK) goto done;
  if (mn_tokenizer_count(m->tokenizer) > m->config.vocab_size)
    status = mn_fail(l->err, MOON_EFORMAT, "%s: has %d pieces, config.json allows %d", file,
                     (int)mn_tokenizer_count(m->tokenizer), (int)m->config.vocab_size);
done:
  mn_map_close(&map);
  mn_free(alloc, file);
  return status;
}

static bool is_weight_type(int dtype) {
  return dtype == -1 || dtype == MOON_F32 || dtype == MOON_BF16 || dtype == MOON_F16 ||
         dtype == MOON_Q8 || dtype == MOON_Q4;
}

static moon_status check_options(const moon_engine *engine, const moon_load_options *o,
                                 moon_error *err) {
  if (!is_weight_type(o->dtype) || !is_weight_type(o->head_dtype))
    return mn_fail(err, MOON_EARG, "dtype and head_dtype want f32, bf16, f16, q8 or q4");
  if (o->compute != MOON_F32 && o->compute != MOON_BF16)
    return mn_fail(err, MOON_EARG, "compute wants f32 or bf16");
  bool reference = engine->kernels.matmul_bf16 == mk_scalar.matmul_bf16;
  if (o->compute == MOON_BF16 && reference && engine->best != MK_TIER_scalar)
    return mn_fail(err, MOON_ESUPPORT, "compute = bf16 wants a CPU with AVX512-BF16 (isa bf16); "
                   "this engine's isa is %s: leave compute out", mk_tier_name(engine->best));
  if (o->layer_sharing < -1 || o->layer_sharing > 1)
    return mn_fail(err, MOON_EARG, "layer_sharing wants 1, 0 or -1");
  return MOON_OK;
}

static moon_status open_model(moon_engine *engine, const char *path,
                              const moon_load_options *options, bool headers_only,
                              moon_model **model, moon_error *err) {
  moon_load_options o = options ? *options : moon_load_defaults();
  *model = NULL;
  moon_status status = check_options(engine, &o, err);
  if (status != MOON_OK) return status;
  if (!mn_file_exists(path)) return mn_fail(err, MOON_EIO, "%s: no such directory", path);
  if (!mn_file_is_directory(path) && !mn_gguf_is_path(path))
    return mn_fail(err, MOON_EARG, "%s: wants a model's directory or a .gguf file", path);

  moon_model *m = mn_new_zero(&engine->alloc, sizeof *m);
  if (!m) return mn_fail_memory(err, "model", sizeof *m);
  atomic_init(&m->owners, 1);
  m->engine = mn_engine_retain(engine);
  mn_arena_growing(&m->arena, engine->alloc, SIZE_MAX);
  loader l = {.model = m, .dtype = o.dtype, .head_dtype = o.head_dtype,
              .rounds = o.compute == MOON_BF16, .headers_only = headers_only, .err = err};
  status = mn_config_read(&engine->alloc, path, &m->config, err);
  if (status == MOON_OK && o.layer_sharing >= 0) m->config.layer_sharing = o.layer_sharing == 1;
  if (status == MOON_OK) status = mn_checkpoint_open(engine, path, &m->checkpoint, err);
  if (status == MOON_OK && o.adapter)
    status = mn_adapter_open(engine, o.adapter, &l.adapter, err);
  if (status == MOON_OK && !headers_only) mn_checkpoint_expect(m->checkpoint);
  if (status == MOON_OK) status = read_weights(&l);
  mn_adapter_close(l.adapter);
  if (status == MOON_OK && !headers_only) status = read_tokenizer(&l, path);
  if (status != MOON_OK) return moon_model_close(m), status;
  *model = m;
  return MOON_OK;
}

moon_status moon_model_open(moon_engine *engine, const char *path,
                            const moon_load_options *options, moon_model **model,
                            moon_error *err) {
  return open_model(engine, path, options, false, model, err);
}

moon_status moon_model_plan(moon_engine *engine, const char *path,
                            const moon_load_options *options,
                            const moon_session_options *session, moon_plan *plan,
                            moon_error *err) {
  moon_model *m;
  *plan = (moon_plan){0};
  moon_status status = open_model(engine, path, options, true, &m, err);
  if (status != MOON_OK) return status;
  size_t bytes;
  status = mn_session_plan(m, session, &bytes, err);
  if (status == MOON_OK) {
    plan->session = bytes;
    plan->weights = moon_model_bytes(m);
    plan->mapped = mn_model_mapped(m);
  }
  moon_model_close(m);
  return status;
}

moon_model *moon_model_retain(moon_model *m) {
  atomic_fetch_add_explicit(&m->owners, 1, memory_order_relaxed);
  return m;
}

void moon_model_close(moon_model *m) {
  if (!m) return;
  if (atomic_fetch_sub_explicit(&m->owners, 1, memory_order_acq_rel) != 1) return;
  mn_companion *companion = atomic_load(&m->companion);
  if (companion) companion->release(companion->object);
  mn_free(&m->engine->alloc, companion);
  mn_tokenizer_close(m->tokenizer);
  mn_checkpoint_close(m->checkpoint);
  mn_arena_free(&m->arena);
  moon_engine *engine = m->engine;
  mn_free(&engine->alloc, m);
  moon_engine_close(engine);
}
