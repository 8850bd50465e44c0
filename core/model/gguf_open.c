/* gguf_open.c: a GGUF file as a model to be written elsewhere; see interop.h.
**
** How: config, checkpoint and tokenizer are opened, each tensor is held against the shape that
** the config makes it, and those that are wanted in another type are converted in the model's
** arena. Invariant: the parameters are exactly those that moon_model_open would list; norms
** are f32. Does not: lay out layers, so that no session may be opened on such a model. */
#include "core/base/size.h"
#include "core/model/interop.h"
#include "core/tensor/tensor.h"

typedef struct opener {
  moon_model *model;
  const mn_ggml *type;          /* wanted for matrices; NULL: as stored */
  moon_error *err;
} opener;

/* The shape that a parameter has by its name; returns the rank. */
static int shape_of(const moon_config *c, const char *name, size_t shape[2]) {
  size_t D = (size_t)c->hidden_size, F = (size_t)c->intermediate_size, K = (size_t)c->head_dim;
  size_t Q = (size_t)c->num_attention_heads * K, KV = (size_t)c->num_key_value_heads * K;
  const struct { const char *suffix; size_t rows, n; } table[] = {
    {"embed_tokens.weight", (size_t)c->vocab_size, D}, {"lm_head.weight", (size_t)c->vocab_size, D},
    {"q_proj.weight", Q, D}, {"k_proj.weight", KV, D}, {"v_proj.weight", KV, D},
    {"o_proj.weight", D, Q}, {"gate_proj.weight", F, D}, {"up_proj.weight", F, D},
    {"down_proj.weight", D, F}};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    if (!mn_ends_in(name, table[i].suffix)) continue;
    shape[0] = table[i].rows;
    shape[1] = table[i].n;
    return 2;
  }
  shape[0] = D;                 /* a norm */
  shape[1] = 1;
  return 1;
}

/* The span's numbers as another type, in the arena. */
static moon_status convert(opener *o, const mn_span *span, const uint8_t *from,
                           const mn_ggml *type, const void **out) {
  moon_model *m = o->model;
  size_t n = span->shape[span->rank - 1], rows = span->rank == 2 ? span->shape[0] : 1, bytes;
  if (!mn_size_mul(rows, n, &bytes) || !mn_size_mul(bytes, type->bytes, &bytes)) bytes = SIZE_MAX;
  uint8_t *copy = mn_arena_take(&m->arena, bytes);
  float *row = mn_new(&m->engine->alloc, n * sizeof *row);      /* config.c caps the dims */
  moon_status status = MOON_OK;
  if (!copy || !row) status = mn_fail_memory(o->err, span->name, bytes);
  for (size_t r = 0; r < rows && status == MOON_OK; r++) {
    mn_widen(m->engine, row, from + r * n * moon_dtype_size(span->dtype), span->dtype, n);
    if (!mn_ggml_narrow(type, copy + r * n * type->bytes, row, n))
      status = mn_fail(o->err, MOON_EMATH, "tensor '%s': row %zu holds a NaN, an infinity or a "
                       "weight that %s cannot hold", span->name, r, type->name);
  }
  mn_free(&m->engine->alloc, row);
  *out = copy;
  return status;
}

static moon_dtype dtype_of(const mn_ggml *type) {
  return type->type == MN_GGML_F16 ? MOON_F16 : type->type == MN_GGML_BF16 ? MOON_BF16 : MOON_F32;
}

static moon_status take(opener *o, const mn_span *span) {
  moon_model *m = o->model;
  mn_parameter *p = &m->parameters[m->n_parameters];
  size_t shape[2];
  moon_status status = mn_span_check(m->checkpoint, span, span->name, o->err);
  if (status != MOON_OK) return status;
  int rank = shape_of(&m->config, span->name, shape);
  if (span->rank != rank || span->shape[0] != shape[0] ||
      (rank == 2 && span->shape[1] != shape[1]))
    return mn_fail(o->err, MOON_EFORMAT, "%s: tensor '%s' has shape %s, the metadata make it %s",
                   mn_checkpoint_path(m->checkpoint), span->name,
                   mn_dims_text(span->rank, span->shape).text, mn_dims_text(rank, shape).text);
  const mn_ggml *type = rank == 1 ? mn_ggml_find(MN_GGML_F32) : o->type;
  *p = (mn_parameter){.name = span->name, .dtype = span->dtype, .rank = rank,
                      .shape = {shape[0], shape[1]}};
  m->n_parameters++;
  status = mn_span_bytes(span, &m->arena, &p->bytes, o->err);
  if (status != MOON_OK || !type || dtype_of(type) == span->dtype) return status;
  p->dtype = dtype_of(type);
  status = convert(o, span, p->bytes, type, &p->bytes);
  return status == MOON_OK ? status
                           : mn_fail_in(o->err, status, mn_checkpoint_path(m->checkpoint));
}

static moon_status take_all(opener *o) {
  moon_model *m = o->model;
  size_t n = mn_checkpoint_count(m->checkpoint), bytes;
  if (!mn_size_mul(n, sizeof *m->parameters, &bytes)) bytes = SIZE_MAX;
  m->parameters = mn_arena_take(&m->arena, bytes);
  if (!m->parameters) return mn_fail_memory(o->err, "parameters", bytes);
  for (size_t i = 0; i < n; i++) {
    moon_status status = take(o, mn_checkpoint_at(m->checkpoint, i));
    if (status != MOON_OK) return status;
  }
  return MOON_OK;
}

moon_status mn_gguf_open(moon_engine *engine, const char *path, const mn_ggml *type,
                         moon_model **model, moon_error *err) {
  *model = NULL;
  moon_model *m = mn_new_zero(&engine->alloc, sizeof *m);
  if (!m) return mn_fail_memory(err, path, sizeof *m);
  atomic_init(&m->owners, 1);
  m->engine = mn_engine_retain(engine);
  mn_arena_growing(&m->arena, engine->alloc, SIZE_MAX);
  opener o = {.model = m, .type = type, .err = err};
  moon_status status = mn_gguf_config(&engine->alloc, path, &m->config, err);
  if (status == MOON_OK)
    status = mn_gguf_tokenizer(&engine->alloc, path, m->config.vocab_size, &m->tokenizer, err);
  if (status == MOON_OK) status = mn_checkpoint_open(engine, path, &m->checkpoint, err);
  if (status == MOON_OK) status = take_all(&o);
  if (status != MOON_OK) return moon_model_close(m), status;
  *model = m;
  return MOON_OK;
}
