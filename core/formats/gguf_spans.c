/* gguf_spans.c: a GGUF file's tensors as every other checkpoint has them; see gguf.h.
**
** How: numbers stay where they are in the file. A recipe widens blocks to f32 and puts the rows of
** q and k back in Hugging Face's order: tensors do not overlap, so that all recipes together make
** at most 7.2 times the file (f32 for the 4.5 bits of Q4_0).
** Invariant: names are changed for the architecture "llama" alone, whose order of rows is
** known. Not here: the config and the vocabulary (core/model/gguf_model.c). */
#include <string.h>

#include "core/base/size.h"
#include "core/formats/gguf.h"
#include "kernels/half.h"

bool mn_gguf_is_path(const char *path) {
  size_t len = strlen(path);
  return len >= 5 && strcmp(path + len - 5, ".gguf") == 0 && !mn_file_is_directory(path);
}

/* ---- names ---- */

typedef struct pair { const char *gguf, *ours; } pair;

static const pair ends[] = {
  {"token_embd.weight", "model.embed_tokens.weight"},
  {"output_norm.weight", "model.norm.weight"},
  {"output.weight", "lm_head.weight"},
};
static const pair parts[] = {
  {"attn_norm.weight", "input_layernorm.weight"}, {"attn_q.weight", "self_attn.q_proj.weight"},
  {"attn_k.weight", "self_attn.k_proj.weight"}, {"attn_v.weight", "self_attn.v_proj.weight"},
  {"attn_output.weight", "self_attn.o_proj.weight"},
  {"ffn_norm.weight", "post_attention_layernorm.weight"},
  {"ffn_gate.weight", "mlp.gate_proj.weight"}, {"ffn_up.weight", "mlp.up_proj.weight"},
  {"ffn_down.weight", "mlp.down_proj.weight"},
};
enum { ENDS = sizeof ends / sizeof *ends, PARTS = sizeof parts / sizeof *parts };
static const char blk[] = "blk.", layers[] = "model.layers.";

/* The number and the '.' behind it: one to four digits, no zero before others; or NULL. */
static const char *layer_of(const char *text, int32_t *layer) {
  int digits = 0;
  *layer = 0;
  for (; digits < 5 && text[digits] >= '0' && text[digits] <= '9'; digits++)
    *layer = *layer * 10 + (text[digits] - '0');
  bool plain = digits == 1 || (digits > 1 && digits < 5 && text[0] != '0');
  return plain && text[digits] == '.' ? text + digits + 1 : NULL;
}

bool mn_gguf_name_in(const char *gguf, char *to) {
  int32_t layer;
  for (int i = 0; i < ENDS; i++)
    if (strcmp(ends[i].gguf, gguf) == 0) return strcpy(to, ends[i].ours), true;
  if (strncmp(gguf, blk, strlen(blk)) != 0) return false;
  const char *number = gguf + strlen(blk), *part = layer_of(number, &layer);
  for (int i = 0; part && i < PARTS; i++) {
    if (strcmp(parts[i].gguf, part) != 0) continue;
    strcpy(to, layers);
    strncat(to, number, (size_t)(part - number));
    strcat(to, parts[i].ours);
    return true;
  }
  return false;
}

/* The parts are short, and so is what stands before them. */
bool mn_gguf_name_out(const char *name, int32_t runs, int32_t run, mn_gguf_name *to) {
  int32_t layer;
  for (int i = 0; i < ENDS; i++)
    if (strcmp(ends[i].ours, name) == 0) return strcpy(to->text, ends[i].gguf), true;
  if (strncmp(name, layers, strlen(layers)) != 0) return false;
  const char *part = layer_of(name + strlen(layers), &layer);
  for (int i = 0; part && i < PARTS; i++) {
    if (strcmp(parts[i].ours, part) != 0) continue;
    char digits[12], *at = digits + sizeof digits - 1;
    *at = '\0';
    layer = layer * runs + run;
    do *--at = (char)('0' + layer % 10); while ((layer /= 10) > 0);
    strcpy(to->text, blk);
    strcat(to->text, at);
    strcat(to->text, ".");
    strcat(to->text, parts[i].gguf);
    return true;
  }
  return false;
}

/* ---- rows ---- */

static uint16_t half_at(const uint8_t *bytes) {
  uint16_t half;
  memcpy(&half, bytes, sizeof half);
  return half;
}

static void widen_block(uint32_t type, float *y, const uint8_t *block) {
  float scale = mk_f32_of_f16(half_at(block));
  const uint8_t *codes = block + sizeof(uint16_t);
  for (int i = 0; i < MN_GGML_BLOCK && type == MN_GGML_Q8_0; i++)
    y[i] = (float)(int8_t)codes[i] * scale;
  for (int i = 0; i < MN_GGML_BLOCK / 2 && type == MN_GGML_Q4_0; i++) {
    y[i] = (float)((codes[i] & 15) - 8) * scale;
    y[i + MN_GGML_BLOCK / 2] = (float)((codes[i] >> 4) - 8) * scale;
  }
}

void mn_ggml_widen(const mn_ggml *type, float *y, const uint8_t *row, size_t n) {
  switch (type->type) {
    case MN_GGML_F32: memcpy(y, row, n * sizeof *y); break;
    case MN_GGML_F16:
      for (size_t i = 0; i < n; i++) y[i] = mk_f32_of_f16(half_at(row + 2 * i));
      break;
    case MN_GGML_BF16:
      for (size_t i = 0; i < n; i++) y[i] = mk_f32_of_bf16(half_at(row + 2 * i));
      break;
    default:
      for (size_t i = 0; i < n; i += MN_GGML_BLOCK, row += type->bytes)
        widen_block(type->type, y + i, row);
  }
}

/* ---- spans ---- */

typedef struct maker {
  mn_arena *arena;
  const mn_gguf *file;
  bool llama;
  int64_t heads, kv_heads;      /* 0: the file does not tell */
  moon_error *err;
} maker;

static moon_dtype dtype_of(const mn_ggml *type) {
  return type->type == MN_GGML_F16 ? MOON_F16 : type->type == MN_GGML_BF16 ? MOON_BF16 : MOON_F32;
}

static moon_status set_name(maker *m, const char *name, mn_span *span) {
  char ours[MN_NAME_MAX + 1];
  span->name = name;
  if (!m->llama || !mn_gguf_name_in(name, ours)) return MOON_OK;
  span->name = mn_arena_text(m->arena, ours, strlen(ours));
  return span->name ? MOON_OK : mn_fail_memory(m->err, "a tensor's name", strlen(ours));
}

/* Rows of a head where the file has dealt them out, else 0. */
static moon_status head_rows(maker *m, const mn_span *span, size_t *K) {
  size_t len = strlen(span->name);
  *K = 0;
  if (!m->llama || len < 13) return MOON_OK;
  const char *end = span->name + len - 13;
  bool q = strcmp(end, "q_proj.weight") == 0, k = strcmp(end, "k_proj.weight") == 0;
  if (!q && !k) return MOON_OK;
  size_t heads = (size_t)(q ? m->heads : m->kv_heads);
  if (heads == 0 || span->rank != 2 || span->shape[0] % heads != 0 ||
      span->shape[0] / heads % 2 != 0)
    return mn_fail(m->err, MOON_EFORMAT, "tensor '%s' has %zu rows, which are no pairs in each of "
                   "%zu heads", mn_show(span->name, len).text, span->shape[0], heads);
  *K = span->shape[0] / heads;
  return MOON_OK;
}

typedef struct rows {
  mn_recipe recipe;
  const mn_ggml *type;
  size_t K;                     /* rows of a head that the file has dealt out; 0: none are */
} rows;

/* Widened, in Hugging Face's order of rows, or both. */
static void make_rows(const mn_span *span, uint8_t *to) {
  const rows *how = (const rows *)span->recipe;
  const mn_ggml *type = how->type;
  size_t n = span->shape[span->rank - 1], row = n / type->block * type->bytes;
  size_t width = n * moon_dtype_size(span->dtype);
  for (size_t r = 0, at = 0; at < span->size; r++, at += width) {
    const uint8_t *from = span->recipe->from + (how->K ? mn_gguf_row(r, how->K) : r) * row;
    if (type->block > 1) mn_ggml_widen(type, (float *)(void *)(to + at), from, n);
    else memcpy(to + at, from, row);
  }
}

static moon_status defer_rows(maker *m, const mn_gguf_tensor *t, size_t K, mn_span *span,
                              size_t *budget) {
  size_t blocks = t->size / t->type->bytes;
  if (!mn_size_mul(blocks * t->type->block, moon_dtype_size(span->dtype), &span->size))
    return mn_fail_memory(m->err, t->name, SIZE_MAX);
  rows *how = mn_arena_take(m->arena, sizeof *how);
  if (!how) return mn_fail_memory(m->err, t->name, sizeof *how);
  *how = (rows){{make_rows, m->file->data + t->offset}, t->type, K};
  return mn_span_defer(span, &how->recipe, budget, m->err);
}

static moon_status make_span(maker *m, const mn_gguf_tensor *t, mn_span *span, size_t *budget) {
  size_t K = 0;
  *span = (mn_span){.rank = t->rank, .size = t->size, .dtype = dtype_of(t->type)};
  memcpy(span->shape, t->shape, sizeof t->shape);
  moon_status status = set_name(m, t->name, span);
  if (status != MOON_OK) return status;
  if (!t->type->ours) {
    span->foreign = t->type->name;
    return MOON_OK;
  }
  status = head_rows(m, span, &K);
  if (status != MOON_OK) return status;
  if (t->type->block > 1 || K > 0) return defer_rows(m, t, K, span, budget);
  span->bytes = m->file->data + t->offset;
  return mn_span_align(span, m->arena, budget, m->err);
}

/* Two names of the file may be one in Hugging Face's. */
static moon_status refuse_same(mn_arena *scratch, const mn_span *spans, size_t n,
                               moon_error *err) {
  mn_name *names = mn_arena_take(scratch, n * sizeof *names);   /* n spans are in memory */
  if (!names) return mn_fail_memory(err, "names", n);
  for (size_t i = 0; i < n; i++)
    names[i] = (mn_name){spans[i].name, strlen(spans[i].name), NULL};
  mn_names_sort(names, n);
  const mn_name *twice = mn_names_twice(names, n);
  if (!twice) return MOON_OK;
  return mn_fail(err, MOON_EFORMAT, "has two tensors that are '%s'",
                 mn_show(twice->text, twice->len).text);
}

static moon_status make_spans(maker *m, mn_span **spans) {
  const mn_gguf *file = m->file;
  size_t bytes, budget = SIZE_MAX;      /* tensors do not overlap */
  moon_status status = mn_gguf_whole(file, "llama.attention.head_count", 1, INT32_MAX, &m->heads,
                                     m->err);
  m->kv_heads = m->heads;
  if (status == MOON_OK)
    status = mn_gguf_whole(file, "llama.attention.head_count_kv", 1, INT32_MAX, &m->kv_heads,
                           m->err);
  if (status != MOON_OK) return status;
  if (!mn_size_mul(file->n_tensors, sizeof **spans, &bytes))
    return mn_fail_memory(m->err, file->name, SIZE_MAX);
  mn_span *all = mn_arena_take(m->arena, bytes);
  if (!all) return mn_fail_memory(m->err, file->name, bytes);
  for (size_t i = 0; i < file->n_tensors && status == MOON_OK; i++) {
    status = make_span(m, &file->tensors[i], &all[i], &budget);
    if (status != MOON_OK) return mn_fail_in(m->err, status, file->name);
  }
  status = refuse_same(m->arena, all, file->n_tensors, m->err);
  if (status != MOON_OK) return mn_fail_in(m->err, status, file->name);
  *spans = all;
  return MOON_OK;
}

moon_status mn_gguf_parse(mn_arena *arena, const uint8_t *bytes, size_t size, const char *name,
                          mn_span **spans, size_t *count, moon_error *err) {
  mn_gguf file;
  *spans = NULL;
  *count = 0;
  moon_status status = mn_gguf_read(arena, bytes, size, name, &file, err);
  if (status != MOON_OK) return status;
  maker m = {.arena = arena, .file = &file, .err = err,
             .llama = mn_gguf_is(&file, "general.architecture", "llama")};
  status = make_spans(&m, spans);
  if (status == MOON_OK) *count = file.n_tensors;
  return status;
}
