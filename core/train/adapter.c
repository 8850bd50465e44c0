/* adapter.c: low-rank updates in PEFT's files, merged into a trainer's weights.
**
** What: adapter_config.json and adapter_model.safetensors as huggingface/peft writes them. For a
**   weight W (N, n) with A (r, n) and B (N, r):
**     LoRA    W' = W + alpha/r B A             (Hu et al. 2021, arXiv 2106.09685)
**     rsLoRA  W' = W + alpha/sqrt(r) B A       (Kalajdzievski 2023, arXiv 2312.03732)
**     DoRA    W'' = W' * m / |W'|, row by row  (Liu et al. 2024, arXiv 2402.09353)
** Invariant: everything is checked before the first weight changes; a setting that would change
**   the result and is not computed here is refused by name, and so is a tensor that nothing uses.
*/
#include <math.h>
#include <string.h>

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/formats/checkpoint.h"
#include "core/train/trainer.h"

typedef struct adapter {
  const char *name;             /* of the config file, for sentences */
  double alpha;
  bool rank_stable, magnitudes;
  mn_checkpoint *ck;
} adapter;

typedef struct merge {          /* one weight's update */
  const mn_slot *slot;
  const mn_span *a, *b, *m;     /* m NULL: no DoRA */
} merge;

/* ---- the config ---- */

static bool is_set(const mn_json *value) {
  if (!value || value->type == MN_JSON_NULL) return false;
  if (value->type == MN_JSON_BOOL) return value->boolean;
  if (value->type == MN_JSON_OBJECT || value->type == MN_JSON_ARRAY) return value->count > 0;
  if (value->type == MN_JSON_STRING) return strcmp(value->text, "none") != 0;
  return true;
}

static moon_status read_fields(const mn_json *root, adapter *ad, moon_error *err) {
  static const char *const refused[] = {"rank_pattern", "alpha_pattern", "fan_in_fan_out", "bias",
                                        "modules_to_save", "layer_replication"};
  if (root->type != MN_JSON_OBJECT)
    return mn_fail(err, MOON_EFORMAT, "%s: wants a JSON object", ad->name);
  const mn_json *type = mn_json_get(root, "peft_type"), *alpha = mn_json_get(root, "lora_alpha");
  if (!type || type->type != MN_JSON_STRING || strcmp(type->text, "LORA") != 0)
    return mn_fail(err, MOON_ESUPPORT, "%s: 'peft_type' is not LORA", ad->name);
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
    if (is_set(mn_json_get(root, refused[i])))
      return mn_fail(err, MOON_ESUPPORT, "%s: '%s' is used, which is not supported", ad->name,
                     refused[i]);
  bool number = alpha && (alpha->type == MN_JSON_INT || alpha->type == MN_JSON_NUMBER);
  if (!number) return mn_fail(err, MOON_EFORMAT, "%s: 'lora_alpha' is no number", ad->name);
  ad->alpha = alpha->number;
  ad->rank_stable = is_set(mn_json_get(root, "use_rslora"));
  ad->magnitudes = is_set(mn_json_get(root, "use_dora"));
  return MOON_OK;
}

static moon_status read_config(const mn_alloc *alloc, const char *path, adapter *ad,
                               moon_error *err) {
  char *json;
  size_t len;
  moon_status status = mn_file_read(alloc, path, (size_t)1 << 24, &json, &len, err);
  if (status != MOON_OK) return status;
  mn_arena arena;
  const mn_json *root;
  mn_arena_growing(&arena, *alloc, (size_t)1 << 28);
  ad->name = path;
  status = mn_json_parse(&arena, json, len, path, &root, err);
  if (status == MOON_OK) status = read_fields(root, ad, err);
  mn_arena_free(&arena);
  mn_free(alloc, json);
  return status;
}

/* ---- the tensors ---- */

static moon_status wrong(const adapter *ad, const char *name, const char *what, moon_error *err) {
  return mn_fail(err, MOON_EFORMAT, "%s: tensor '%s' %s", mn_checkpoint_path(ad->ck),
                 mn_show(name, strlen(name)).text, what);
}

static bool has_shape(const mn_span *s, size_t rows, size_t cols) {
  bool plain = s && !s->foreign && (s->dtype == MOON_F32 || s->dtype == MOON_BF16 ||
                                    s->dtype == MOON_F16);
  if (!plain) return false;
  return cols == 0 ? s->rank == 1 && s->shape[0] == rows
                   : s->rank == 2 && s->shape[0] == rows && s->shape[1] == cols;
}

/* What the span, whose name ends in .lora_A.weight, belongs to. text holds names in turn. */
static moon_status find_merge(const moon_trainer *t, const adapter *ad, const mn_span *a,
                              merge *out, moon_error *err) {
  static const char prefix[] = "base_model.model.", end[] = ".lora_A.weight";
  char text[256];
  size_t len = strlen(a->name), head = sizeof prefix - 1, tail = sizeof end - 1;
  if (len <= head + tail || len + 16 > sizeof text || strncmp(a->name, prefix, head) != 0)
    return wrong(ad, a->name, "is no update of a weight", err);
  size_t middle = len - head - tail;
  memcpy(text, a->name + head, middle);
  strcpy(text + middle, ".weight");
  *out = (merge){.slot = mn_trainer_slot(t, text), .a = a};
  if (!out->slot || out->slot->rank != 2 || out->slot >= t->slots + t->n_base)
    return wrong(ad, a->name, "updates a weight that the model lacks", err);
  memcpy(text, a->name, len - tail);
  strcpy(text + len - tail, ".lora_B.weight");
  out->b = mn_checkpoint_find(ad->ck, text);
  size_t rank = a->rank == 2 ? a->shape[0] : 0;
  if (rank == 0 || !has_shape(a, rank, out->slot->cols))
    return wrong(ad, a->name, "is not of its weight's shape", err);
  if (!has_shape(out->b, out->slot->rows, rank))
    return wrong(ad, text, "is missing, or not of its weight's shape", err);
  if (!ad->magnitudes) return MOON_OK;
  strcpy(text + len - tail, ".lora_magnitude_vector");
  out->m = mn_checkpoint_find(ad->ck, text);
  if (!has_shape(out->m, out->slot->rows, 0))
    return wrong(ad, text, "is missing, or not of its weight's shape", err);
  return MOON_OK;
}

static bool ends_in_a(const char *name) {
  static const char end[] = ".lora_A.weight";
  size_t len = strlen(name), tail = sizeof end - 1;
  return len > tail && strcmp(name + len - tail, end) == 0;
}

static void widen(const moon_trainer *t, float *to, const mn_span *s, size_t first, size_t n) {
  const uint8_t *from = (const uint8_t *)s->bytes + first * moon_dtype_size(s->dtype);
  if (s->dtype == MOON_BF16) t->engine->kernels.widen_bf16(to, (const void *)from, n);
  else if (s->dtype == MOON_F16) t->engine->kernels.widen_f16(to, (const void *)from, n);
  else memcpy(to, from, n * sizeof *to);
}

/* row: room for a row of A. */
static void apply(moon_trainer *t, const adapter *ad, const merge *u, float *row) {
  size_t n = u->slot->cols, rank = u->a->shape[0];
  double scale = ad->alpha / (ad->rank_stable ? sqrt((double)rank) : (double)rank);
  for (size_t i = 0; i < u->slot->rows; i++) {
    float *w = t->value + u->slot->offset + i * n, factor;
    for (size_t k = 0; k < rank; k++) {
      widen(t, &factor, u->b, i * rank + k, 1);
      widen(t, row, u->a, k * n, n);
      t->tape.kernels->axpy(w, (float)(scale * (double)factor), row, n);
    }
    if (!u->m) continue;
    widen(t, &factor, u->m, i, 1);
    double size = sqrt(t->tape.kernels->square_sum(w, n));
    for (size_t k = 0; size > 0 && k < n; k++) w[k] = (float)((double)w[k] * factor / size);
  }
}

static moon_status merge_all(moon_trainer *t, const adapter *ad, moon_error *err) {
  size_t count = mn_checkpoint_count(ad->ck), used = 0, n = 0;
  const mn_alloc *alloc = &t->engine->alloc;
  merge *list = mn_new(alloc, count * sizeof *list);
  float *row = mn_new(alloc, ((size_t)1 << 20) * sizeof *row);  /* as wide as a config allows */
  moon_status status = MOON_OK;
  if (!list || !row) status = mn_fail_memory(err, "list of updates", count * sizeof *list);
  for (size_t i = 0; status == MOON_OK && i < count; i++) {
    const mn_span *s = mn_checkpoint_at(ad->ck, i);
    if (!ends_in_a(s->name)) continue;
    status = find_merge(t, ad, s, &list[n], err);
    used += list[n++].m ? 3 : 2;
  }
  if (status == MOON_OK && used != count)
    status = mn_fail(err, MOON_ESUPPORT, "%s: has %zu tensors, of which %zu belong to low-rank "
                     "updates", mn_checkpoint_path(ad->ck), count, used);
  for (size_t i = 0; status == MOON_OK && i < n; i++) apply(t, ad, &list[i], row);
  mn_free(alloc, row);
  mn_free(alloc, list);
  return status;
}

moon_status moon_trainer_merge(moon_trainer *t, const char *directory, moon_error *err) {
  const mn_alloc *alloc = &t->engine->alloc;
  adapter ad = {0};
  char *config = mn_path_join(alloc, directory, "adapter_config.json");
  char *weights = mn_path_join(alloc, directory, "adapter_model.safetensors");
  moon_status status = MOON_OK;
  if (!config || !weights) status = mn_fail_memory(err, "path", strlen(directory));
  if (status == MOON_OK) status = read_config(alloc, config, &ad, err);
  if (status == MOON_OK) status = mn_checkpoint_open(t->engine, weights, &ad.ck, err);
  if (status == MOON_OK) status = merge_all(t, &ad, err);
  mn_checkpoint_close(ad.ck);
  mn_free(alloc, config);
  mn_free(alloc, weights);
  return status;
}
