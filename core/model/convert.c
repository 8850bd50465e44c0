/* convert.c: models between Hugging Face's directories and GGUF files; see moonlet.h.
**
** How: the source is opened, so that every shape is checked and a head that is shared is no
** parameter; then its parameters are written in the other form. Norms are written as f32, as
** they are used. Invariants: source is only read; memory holds one row besides what the open
** model takes; a file of target is replaced whole or not at all, and config.json, without
** which a directory is no model, comes last. */
#include "core/base/blocks.h"
#include "core/formats/safetensors.h"
#include "core/model/interop.h"
#include "core/model/model.h"
#include "core/tensor/quant.h"
#include "core/tensor/tensor.h"
#include "core/text/pieces.h"

/* What the whole is said to be made of. Every model has matrices. */
static const mn_parameter *first_matrix(const moon_model *m) {
  size_t i = 0;
  while (m->parameters[i].rank != 2) i++;
  return &m->parameters[i];
}

/* ---- to GGUF ---- */

typedef struct output {
  const moon_model *model;
  const mn_ggml *type;          /* wanted for matrices; NULL: as stored */
  mn_gguf_header header;
  mn_writer *writer;
  float *row;                   /* room for the longest row, widened */
  uint8_t *out;                 /* and as the file has it */
  moon_error *err;
} output;

/* Blocks of 8 and 4 bits are moonlet's own: f32 holds what they stand for. */
static uint32_t stored_type(moon_dtype dtype) {
  return dtype == MOON_BF16 ? MN_GGML_BF16 : dtype == MOON_F16 ? MN_GGML_F16 : MN_GGML_F32;
}

static const mn_ggml *type_of(const output *t, const mn_parameter *p) {
  const mn_ggml *stored = mn_ggml_find(stored_type(p->dtype));
  if (p->rank != 2 || !t->type) return stored;
  return p->shape[1] % t->type->block == 0 ? t->type : stored;
}

static bool is_layer(const char *name) { return strncmp(name, "model.layers.", 13) == 0; }

/* Rows of a head that llama.cpp wants dealt out; 0 where rows stay. */
static size_t dealt(const output *t, const mn_parameter *p) {
  bool qk = mn_ends_in(p->name, "q_proj.weight") || mn_ends_in(p->name, "k_proj.weight");
  return qk && !t->model->config.rope_interleaved ? (size_t)t->model->config.head_dim : 0;
}

static moon_status put_infos(output *t) {
  const moon_model *m = t->model;
  mn_gguf_name name;
  for (size_t i = 0; i < m->n_parameters; i++) {
    const mn_parameter *p = &m->parameters[i];
    int32_t runs = is_layer(p->name) ? mn_config_runs(&m->config) : 1;
    /* A shared matrix that is stored as the head alone. */
    bool only = m->config.tied && strcmp(p->name, "lm_head.weight") == 0;
    const char *ours = only ? "model.embed_tokens.weight" : p->name;
    for (int32_t run = 0; run < runs; run++) {
      if (!mn_gguf_name_out(ours, runs, run, &name))
        return mn_fail(t->err, MOON_ESUPPORT, "tensor '%s' has no name in GGUF", p->name);
      mn_gguf_put_tensor(&t->header, name.text, type_of(t, p), p->rank, p->shape);
    }
  }
  return MOON_OK;
}

static moon_status put_row(output *t, const mn_parameter *p, size_t r) {
  size_t n = p->shape[p->rank - 1], width = n * moon_dtype_size(p->dtype);
  const mn_ggml *type = type_of(t, p);
  const uint8_t *stored = (const uint8_t *)p->bytes + r * width;
  if (!mn_is_quant(p->dtype) && type->type == stored_type(p->dtype))
    return mn_writer_append(t->writer, stored, width, t->err);
  mn_matrix w = {.bytes = p->bytes, .dtype = p->dtype, .rows = p->shape[0], .n = n};
  if (mn_is_quant(p->dtype)) mn_dequantize_row(&w, r, t->row);
  else mn_widen(t->model->engine, t->row, stored, p->dtype, n);
  if (!mn_ggml_narrow(type, t->out, t->row, n))
    return mn_fail(t->err, MOON_EMATH, "tensor '%s': row %zu holds a NaN, an infinity or a weight "
                   "that %s cannot hold", p->name, r, type->name);
  return mn_writer_append(t->writer, t->out, n / type->block * type->bytes, t->err);
}

static moon_status put_data(output *t) {
  const moon_model *m = t->model;
  moon_status status = MOON_OK;
  for (size_t i = 0; i < m->n_parameters; i++) {
    const mn_parameter *p = &m->parameters[i];
    const mn_ggml *type = type_of(t, p);
    size_t rows = p->rank == 2 ? p->shape[0] : 1, K = dealt(t, p);
    size_t bytes = rows * (p->shape[p->rank - 1] / type->block * type->bytes);
    int32_t runs = is_layer(p->name) ? mn_config_runs(&m->config) : 1;
    for (int32_t run = 0; run < runs; run++) {
      for (size_t r = 0; r < rows && status == MOON_OK; r++)
        status = put_row(t, p, K ? mn_gguf_row_back(r, K) : r);
      if (status == MOON_OK) status = mn_gguf_pad(t->writer, bytes, t->err);
      if (status != MOON_OK) return status;
    }
  }
  return status;
}

static moon_status take_rows(output *t) {
  size_t longest = 0;
  for (size_t i = 0; i < t->model->n_parameters; i++) {
    const mn_parameter *p = &t->model->parameters[i];
    if (p->shape[p->rank - 1] > longest) longest = p->shape[p->rank - 1];
  }
  t->row = mn_new(t->header.alloc, longest * sizeof *t->row);   /* config.c caps the dims */
  t->out = mn_new(t->header.alloc, longest * sizeof *t->row);
  if (t->row && t->out) return MOON_OK;
  return mn_fail_memory(t->err, "a row to convert", longest * sizeof *t->row);
}

static moon_status write_gguf(const moon_model *m, const char *path, const mn_ggml *type,
                              moon_error *err) {
  const mn_alloc *alloc = &m->engine->alloc;
  output t = {.model = m, .type = type, .header = {.alloc = alloc}, .err = err};
  const mn_ggml *most = type_of(&t, first_matrix(m));
  moon_status status = take_rows(&t);
  if (status == MOON_OK)
    status = mn_gguf_describe(&t.header, &m->config, m->tokenizer, most, err);
  if (status == MOON_OK) status = put_infos(&t);
  if (status == MOON_OK) status = mn_gguf_begin(&t.header, path, &t.writer, err);
  if (status == MOON_OK) status = put_data(&t);
  if (status == MOON_OK) {
    status = mn_writer_commit(t.writer, err);
    t.writer = NULL;
  }
  mn_writer_discard(t.writer);
  mn_free(alloc, t.out);
  mn_free(alloc, t.row);
  mn_gguf_header_free(&t.header);
  return status;
}

/* ---- to a directory ---- */

static moon_status write_weights(const moon_model *m, const char *path, moon_error *err) {
  const mn_alloc *alloc = &m->engine->alloc;
  size_t n = m->n_parameters;
  mn_span *spans = mn_new_zero(alloc, n * sizeof *spans);       /* n parameters are in memory */
  if (!spans) return mn_fail_memory(err, path, n * sizeof *spans);
  for (size_t i = 0; i < n; i++) {
    const mn_parameter *p = &m->parameters[i];
    size_t columns = p->rank == 2 ? p->shape[1] : 1;
    spans[i] = (mn_span){.name = p->name, .bytes = p->bytes, .dtype = p->dtype, .rank = p->rank,
                         .shape = {p->shape[0], columns},
                         .size = p->shape[0] * columns * moon_dtype_size(p->dtype)};
  }
  moon_status status = mn_safetensors_save(alloc, path, spans, n, err);
  mn_free(alloc, spans);
  return status;
}

static moon_status write_tokenizer(const moon_model *m, const char *path, moon_error *err) {
  mn_arena scratch;
  uint8_t *bytes;
  size_t size;
  mn_arena_growing(&scratch, m->engine->alloc, SIZE_MAX);
  moon_status status = mn_tokenizer_print(m->tokenizer, &scratch, &bytes, &size, err);
  if (status == MOON_OK) status = mn_file_write(&m->engine->alloc, path, bytes, size, err);
  mn_arena_free(&scratch);
  return status;
}

static moon_status write_directory(const moon_model *m, const char *directory, moon_error *err) {
  const mn_alloc *alloc = &m->engine->alloc;
  mn_config_text json = mn_config_print(&m->config, first_matrix(m)->dtype);
  char *config = mn_path_join(alloc, directory, "config.json");
  char *weights = mn_path_join(alloc, directory, "model.safetensors");
  char *pieces = mn_path_join(alloc, directory, "tokenizer.model");
  moon_status status = MOON_OK;
  if (!config || !weights || !pieces)
    status = mn_fail_memory(err, directory, strlen(directory));
  else if (mn_file_exists(config) || mn_file_exists(weights))
    status = mn_fail(err, MOON_EARG, "%s: has a model in it; wants a directory of its own",
                     directory);
  if (status == MOON_OK) status = mn_directory_make(directory, err);
  if (status == MOON_OK) status = write_weights(m, weights, err);
  if (status == MOON_OK && m->tokenizer) status = write_tokenizer(m, pieces, err);
  if (status == MOON_OK) status = mn_file_write(alloc, config, json.text, strlen(json.text), err);
  mn_free(alloc, pieces);
  mn_free(alloc, weights);
  mn_free(alloc, config);
  return status;
}

/* ---- either way ---- */

/* The type by its name in small letters; *type is NULL for none. */
static moon_status find_type(const char *name, const mn_ggml **type, moon_error *err) {
  static const struct { const char *name; uint32_t type; } names[] = {
    {"f32", MN_GGML_F32}, {"f16", MN_GGML_F16}, {"bf16", MN_GGML_BF16}, {"q8_0", MN_GGML_Q8_0},
    {"q4_0", MN_GGML_Q4_0}};
  *type = NULL;
  if (!name) return MOON_OK;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(names[i].name, name) == 0) *type = mn_ggml_find(names[i].type);
  if (*type) return MOON_OK;
  return mn_fail(err, MOON_EARG, "no type '%s'; there are f32, f16, bf16, q8_0 and q4_0",
                 mn_show(name, strlen(name)).text);
}

static moon_status check_ends(const char *source, const char *target, const mn_ggml *type,
                              moon_error *err) {
  bool to_gguf = mn_gguf_is_path(target);
  if (!to_gguf && !mn_gguf_is_path(source))
    return mn_fail(err, MOON_EARG, "wants a GGUF file as source or as target: neither %s nor %s "
                   "is a file that ends in .gguf", source, target);
  if (mn_file_same(source, target))
    return mn_fail(err, MOON_EARG, "%s: is the model to convert; wants another path", target);
  if (!to_gguf && type && type->block > 1)
    return mn_fail(err, MOON_EARG, "%s: a directory holds f32, f16 or bf16; %s is a type of GGUF "
                   "files", target, type->name);
  return MOON_OK;
}

moon_status moon_convert(moon_engine *engine, const char *source, const char *target,
                         const char *type_name, moon_error *err) {
  moon_model *m = NULL;
  const mn_ggml *type;
  moon_status status = find_type(type_name, &type, err);
  if (status == MOON_OK) status = check_ends(source, target, type, err);
  if (status != MOON_OK) return status;
  bool to_gguf = mn_gguf_is_path(target);
  if (mn_gguf_is_path(source))
    status = mn_gguf_open(engine, source, to_gguf ? NULL : type, &m, err);
  else
    status = moon_model_open(engine, source, NULL, &m, err);
  if (status == MOON_OK)
    status = to_gguf ? write_gguf(m, target, type, err) : write_directory(m, target, err);
  moon_model_close(m);
  return status;
}
