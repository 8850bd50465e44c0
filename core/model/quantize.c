/* quantize.c: a model to a directory with its matrices in 8 or 4 bits; see moonlet.h.
**
** How: the source is opened as any model, so that every shape is checked and what the head rule
** ignores is left out; its parameters become spans of the new file, and each step converts the one
** that the file wants next. Norms are written as f32, as they are used. Small files are copied, or
** printed from a source in GGUF, before the weights, which appear last and whole. Invariants:
** memory holds one converted matrix at a time, or, with a text, those of a block; source is only
** read; nothing is written before the type of every parameter is checked; a file of target is
** replaced by mn_writer or not at all. */
#include <string.h>

#include "core/base/blocks.h"
#include "core/base/file.h"
#include "core/formats/safetensors.h"
#include "core/model/calibrate.h"
#include "core/model/interop.h"
#include "core/model/model.h"
#include "core/tensor/quant.h"
#include "core/text/pieces.h"

enum { SMALL_FILE = 256 << 20 };        /* most bytes of a file that is copied as it is */

struct moon_quantizer {
  moon_engine *engine;          /* retained */
  moon_model *model;            /* the source, as stored */
  mn_span *spans;               /* one per parameter */
  mn_saver *saver;              /* NULL: the file is in place, or there was a failure */
  bool at_work;                 /* steps have been done */
  uint8_t *blocks;              /* room for the largest converted matrix */
  mn_calibration *calibration;  /* NULL: there is no text */
  uint8_t **rounded;            /* one per parameter: what calibration made of it, until it is
                                   written; or NULL */
};

static moon_status check_arguments(const char *source, const char *target, int dtype,
                                   int head_dtype, moon_error *err) {
  if (dtype != MOON_Q8 && dtype != MOON_Q4)
    return mn_fail(err, MOON_EARG, "the type to quantise to is q8 or q4");
  if (head_dtype != -1 && head_dtype != MOON_Q8 && head_dtype != MOON_Q4)
    return mn_fail(err, MOON_EARG, "the type to quantise the head to is q8 or q4");
  if (mn_file_same(source, target))
    return mn_fail(err, MOON_EARG, "%s: is the model to quantise; wants another directory", target);
  return MOON_OK;
}

/* ---- small files ---- */

/* Writes the bytes as a file of target, unless they are there already; other bytes are another
** model's. */
static moon_status place(const mn_alloc *alloc, const char *target, const char *name,
                         const void *bytes, size_t size, moon_error *err) {
  char *to = mn_path_join(alloc, target, name), *there = NULL;
  size_t there_size;
  moon_status status;
  if (!to) return mn_fail_memory(err, name, strlen(target));
  if (!mn_file_exists(to)) {
    status = mn_file_write(alloc, to, bytes, size, err);
  } else {
    status = mn_file_read(alloc, to, SMALL_FILE, &there, &there_size, err);
    if (status == MOON_OK && (there_size != size || memcmp(there, bytes, size) != 0))
      status = mn_fail(err, MOON_EARG, "%s: is another model's; wants a directory of its own", to);
  }
  mn_free(alloc, there);
  mn_free(alloc, to);
  return status;
}

/* What belongs to a model besides its weights: a directory's files as they are. config.json has
** to be there, the others need not. */
static moon_status copy_files(const mn_alloc *alloc, const char *source, const char *target,
                              moon_error *err) {
  static const char *const names[] = {"config.json", "tokenizer.model", "tokenizer_config.json",
                                      "generation_config.json"};
  moon_status status = MOON_OK;
  for (size_t i = 0; i < sizeof names / sizeof *names && status == MOON_OK; i++) {
    char *from = mn_path_join(alloc, source, names[i]), *bytes = NULL;
    size_t size;
    if (!from) return mn_fail_memory(err, names[i], strlen(source));
    if (i == 0 || mn_file_exists(from))
      status = mn_file_read(alloc, from, SMALL_FILE, &bytes, &size, err);
    if (bytes) status = place(alloc, target, names[i], bytes, size, err);
    mn_free(alloc, bytes);
    mn_free(alloc, from);
  }
  return status;
}

/* The same of a source that is one file, which has it in another form. */
static moon_status print_files(const moon_model *m, const char *target, moon_error *err) {
  const mn_alloc *alloc = &m->engine->alloc;
  mn_config_text config = mn_config_print(&m->config, m->embed.dtype);
  mn_arena scratch;
  uint8_t *bytes;
  size_t size;
  moon_status status = place(alloc, target, "config.json", config.text, strlen(config.text), err);
  if (status != MOON_OK || !m->tokenizer) return status;
  mn_arena_growing(&scratch, *alloc, SIZE_MAX);
  status = mn_tokenizer_print(m->tokenizer, &scratch, &bytes, &size, err);
  if (status == MOON_OK) status = place(alloc, target, "tokenizer.model", bytes, size, err);
  mn_arena_free(&scratch);
  return status;
}

/* ---- weights ---- */

/* The span that a parameter becomes. *most: the largest matrix that is to be converted. */
static moon_status make_span(const moon_quantizer *q, const mn_parameter *p, int dtype,
                             mn_span *span, size_t *most, moon_error *err) {
  size_t n = p->rank == 2 ? p->shape[1] : 1;
  *span = (mn_span){.name = p->name, .bytes = p->bytes, .dtype = p->dtype, .rank = p->rank,
                    .shape = {p->shape[0], n}, .size = p->shape[0] * n * moon_dtype_size(p->dtype)};
  if (mn_is_quant(p->dtype))
    return mn_fail(err, MOON_ESUPPORT, "%s: tensor '%s' is stored as %s already; wants a model in "
                   "f32, bf16 or f16", mn_checkpoint_path(q->model->checkpoint), p->name,
                   moon_dtype_name(p->dtype));
  if (p->rank != 2 || !mn_quant_bytes((moon_dtype)dtype, p->shape[0], n, &span->size))
    return MOON_OK;
  span->dtype = (moon_dtype)dtype;
  span->bytes = NULL;
  if (span->size > *most) *most = span->size;
  return MOON_OK;
}

static moon_status make_spans(moon_quantizer *q, int dtype, int head_dtype, moon_error *err) {
  const mn_alloc *alloc = &q->engine->alloc;
  size_t n = q->model->n_parameters, most = 0;
  q->spans = mn_new(alloc, n * sizeof *q->spans);       /* n parameters are in memory already */
  if (!q->spans) return mn_fail_memory(err, "tensors", n * sizeof *q->spans);
  for (size_t i = 0; i < n; i++) {
    const mn_parameter *p = &q->model->parameters[i];
    int wanted = mn_is_end(p->name) ? mn_head_dtype(dtype, head_dtype) : dtype;
    moon_status status = make_span(q, p, wanted, &q->spans[i], &most, err);
    if (status != MOON_OK) return status;
  }
  q->blocks = mn_new(alloc, most);
  return q->blocks ? MOON_OK : mn_fail_memory(err, "a matrix in blocks", most);
}

static moon_status begin(moon_quantizer *q, const char *target, moon_error *err) {
  const mn_alloc *alloc = &q->engine->alloc;
  char *path = mn_path_join(alloc, target, "model.safetensors");
  if (!path) return mn_fail_memory(err, target, strlen(target));
  moon_status status =
      mn_saver_begin(alloc, path, q->spans, q->model->n_parameters, &q->saver, err);
  mn_free(alloc, path);
  return status;
}

moon_status moon_quantizer_open(moon_engine *engine, const char *source, const char *target,
                                int dtype, int head_dtype, moon_quantizer **quantizer,
                                moon_error *err) {
  *quantizer = NULL;
  moon_quantizer *q = mn_new_zero(&engine->alloc, sizeof *q);
  if (!q) return mn_fail_memory(err, "quantizer", sizeof *q);
  q->engine = mn_engine_retain(engine);
  moon_status status = check_arguments(source, target, dtype, head_dtype, err);
  if (status == MOON_OK) status = moon_model_open(engine, source, NULL, &q->model, err);
  if (status == MOON_OK) status = make_spans(q, dtype, head_dtype, err);
  if (status == MOON_OK) status = mn_directory_make(target, err);
  if (status == MOON_OK)
    status = mn_file_is_directory(source) ? copy_files(&engine->alloc, source, target, err)
                                          : print_files(q->model, target, err);
  if (status == MOON_OK) status = begin(q, target, err);
  if (status != MOON_OK) return moon_quantizer_close(q), status;
  *quantizer = q;
  return MOON_OK;
}

size_t moon_quantizer_count(const moon_quantizer *q) { return q->model->n_parameters; }

/* ---- with text ---- */

moon_model *moon_quantizer_source(const moon_quantizer *q) { return q->model; }

moon_status moon_quantizer_calibrate(moon_quantizer *q, const int32_t *ids, size_t n,
                                     moon_error *err) {
  size_t bytes = q->model->n_parameters * sizeof *q->rounded;
  moon_status status = MOON_OK;
  if (q->at_work)
    return mn_fail(err, MOON_EARG, "the quantizer is at work; text comes before its first step");
  if (!q->rounded) q->rounded = mn_new_zero(&q->engine->alloc, bytes);
  if (!q->rounded) return mn_fail_memory(err, "rounded matrices", bytes);
  if (!q->calibration) status = mn_calibration_open(q->model, &q->calibration, err);
  return status == MOON_OK ? mn_calibration_add(q->calibration, ids, n, err) : status;
}

/* The parameter that a matrix of the model is. */
static size_t index_of(const moon_quantizer *q, const mn_matrix *w) {
  size_t i = 0;
  while (q->model->parameters[i].bytes != w->bytes) i++;
  return i;
}

static moon_status round_matrix(moon_quantizer *q, const mn_matrix *w, mn_input input,
                                moon_error *err) {
  size_t i = index_of(q, w);
  const mn_span *span = &q->spans[i];
  if (span->bytes) return MOON_OK;      /* its rows fill no blocks */
  q->rounded[i] = mn_new(&q->engine->alloc, span->size);
  if (!q->rounded[i]) return mn_fail_memory(err, span->name, span->size);
  moon_status status =
      mn_quantize_matrix(q->engine, w, mn_calibration_feedback(q->calibration, input), span->dtype,
                         q->rounded[i], err);
  return status == MOON_OK ? MOON_OK : mn_fail_in(err, status, span->name);
}

static moon_status round_next_block(moon_quantizer *q, moon_error *err) {
  size_t layer;
  moon_status status = mn_calibration_next(q->calibration, &layer, err);
  if (status != MOON_OK) return status;
  const mn_layer *y = &q->model->layers[layer];
  const struct { const mn_matrix *w; mn_input input; } all[] = {
      {&y->q, MN_INTO_QKV}, {&y->k, MN_INTO_QKV}, {&y->v, MN_INTO_QKV}, {&y->o, MN_INTO_O},
      {&y->gate, MN_INTO_GATE_UP}, {&y->up, MN_INTO_GATE_UP}, {&y->down, MN_INTO_DOWN}};
  for (size_t i = 0; i < sizeof all / sizeof *all && status == MOON_OK; i++)
    status = round_matrix(q, all[i].w, all[i].input, err);
  return status;
}

/* A block is rounded when the file wants the first of its matrices; the others wait for their turn.
** (Those whose size is odd, see safetensors_save.c, until all blocks are through.) */
static moon_status put_rounded(moon_quantizer *q, size_t i, moon_error *err) {
  moon_status status = MOON_OK;
  while (!q->rounded[i] && status == MOON_OK) status = round_next_block(q, err);
  if (status == MOON_OK) status = mn_saver_put(q->saver, q->rounded[i], err);
  mn_free(&q->engine->alloc, q->rounded[i]);
  q->rounded[i] = NULL;
  return status;
}

/* ---- steps ---- */

static moon_status put(moon_quantizer *q, size_t i, moon_error *err) {
  const mn_parameter *p = &q->model->parameters[i];
  const mn_span *span = &q->spans[i];
  if (span->bytes) return mn_saver_put(q->saver, span->bytes, err);
  if (q->calibration && !mn_is_end(p->name)) return put_rounded(q, i, err);
  mn_matrix w = {.bytes = p->bytes, .dtype = p->dtype, .rows = p->shape[0], .n = p->shape[1]};
  moon_status status = mn_quantize_matrix(q->engine, &w, NULL, span->dtype, q->blocks, err);
  if (status != MOON_OK) return mn_fail_in(err, status, p->name);
  return mn_saver_put(q->saver, q->blocks, err);
}

moon_status moon_quantizer_step(moon_quantizer *q, const char **name, moon_dtype *dtype,
                                moon_error *err) {
  *name = NULL;
  q->at_work = true;
  if (!q->saver) return MOON_OK;
  size_t i = mn_saver_next(q->saver), n = q->model->n_parameters;
  moon_status status = put(q, i, err);
  if (status == MOON_OK && mn_saver_next(q->saver) == n) {
    status = mn_saver_end(q->saver, err);
    q->saver = NULL;
  }
  if (status != MOON_OK) {
    mn_saver_discard(q->saver);
    q->saver = NULL;
    return status;
  }
  *name = q->spans[i].name;
  *dtype = q->spans[i].dtype;
  return MOON_OK;
}

void moon_quantizer_close(moon_quantizer *q) {
  if (!q) return;
  moon_engine *engine = q->engine;
  mn_saver_discard(q->saver);
  for (size_t i = 0; q->rounded && i < q->model->n_parameters; i++)
    mn_free(&engine->alloc, q->rounded[i]);
  mn_free(&engine->alloc, q->rounded);
  mn_calibration_close(q->calibration);
  mn_free(&engine->alloc, q->blocks);
  mn_free(&engine->alloc, q->spans);
  moon_model_close(q->model);
  mn_free(&engine->alloc, q);
  moon_engine_close(engine);
}
