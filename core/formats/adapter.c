/* adapter.c: PEFT's files: the config's settings, the tensors of a weight, and their product. */
#include "core/formats/adapter.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/arena.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/names.h"

struct mn_adapter {
  moon_engine *engine;          /* borrowed */
  const char *name;             /* of the config file, for sentences; while it is read */
  double alpha;
  bool rank_stable, magnitudes;
  mn_checkpoint *ck;
  bool *used;                   /* (tensors of ck) */
};

/* ---- the config ---- */

static bool is_set(const mn_json *value) {
  if (!value || value->type == MN_JSON_NULL) return false;
  if (value->type == MN_JSON_BOOL) return value->boolean;
  if (value->type == MN_JSON_OBJECT || value->type == MN_JSON_ARRAY) return value->count > 0;
  if (value->type == MN_JSON_STRING) return strcmp(value->text, "none") != 0;
  return true;
}

/* Ways to begin training that take from the weights what they give to A and B: PEFT does so again
** when it opens such an adapter, unless it was saved as plain LoRA. */
static bool changes_weights(const mn_json *init) {
  static const char *const ways[] = {"pissa", "olora", "corda", "loftq", "lora_ga"};
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
    if (init && init->type == MN_JSON_STRING && strncmp(init->text, ways[i], strlen(ways[i])) == 0)
      return true;
  return false;
}

static moon_status read_fields(const mn_json *root, mn_adapter *ad, moon_error *err) {
  static const char *const refused[] = {"rank_pattern", "alpha_pattern", "fan_in_fan_out", "bias",
                                        "modules_to_save", "layer_replication", "use_qalora",
                                        "alora_invocation_tokens", "arrow_config"};
  if (root->type != MN_JSON_OBJECT)
    return mn_fail(err, MOON_EFORMAT, "%s: wants a JSON object", ad->name);
  const mn_json *type = mn_json_get(root, "peft_type"), *alpha = mn_json_get(root, "lora_alpha");
  if (!type || type->type != MN_JSON_STRING || strcmp(type->text, "LORA") != 0)
    return mn_fail(err, MOON_ESUPPORT, "%s: 'peft_type' is not LORA", ad->name);
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
    if (is_set(mn_json_get(root, refused[i])))
      return mn_fail(err, MOON_ESUPPORT, "%s: '%s' is used, which is not supported", ad->name,
                     refused[i]);
  if (changes_weights(mn_json_get(root, "init_lora_weights")))
    return mn_fail(err, MOON_ESUPPORT, "%s: 'init_lora_weights' is one that changes the model's "
                   "own weights, which is not supported", ad->name);
  bool number = alpha && (alpha->type == MN_JSON_INT || alpha->type == MN_JSON_NUMBER);
  if (!number) return mn_fail(err, MOON_EFORMAT, "%s: 'lora_alpha' is no number", ad->name);
  ad->alpha = alpha->number;
  ad->rank_stable = is_set(mn_json_get(root, "use_rslora"));
  ad->magnitudes = is_set(mn_json_get(root, "use_dora"));
  return MOON_OK;
}

static moon_status read_config(const mn_alloc *alloc, const char *path, mn_adapter *ad,
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

static moon_status wrong(const mn_adapter *ad, const char *name, const char *what,
                         moon_error *err) {
  return mn_fail(err, MOON_EFORMAT, "%s: tensor '%s' %s", mn_checkpoint_path(ad->ck),
                 mn_show(name, strlen(name)).text, what);
}

/* cols 0: a vector. */
static bool has_shape(const mn_span *s, size_t rows, size_t cols) {
  bool plain = s && !s->foreign && (s->dtype == MOON_F32 || s->dtype == MOON_BF16 ||
                                    s->dtype == MOON_F16);
  if (!plain) return false;
  return cols == 0 ? s->rank == 1 && s->shape[0] == rows
                   : s->rank == 2 && s->shape[0] == rows && s->shape[1] == cols;
}

typedef struct tensor_name { char text[256]; } tensor_name;

/* PEFT's name of a tensor of the weight, ".weight" cut off; empty when it is too long. */
static tensor_name name_of(const char *weight, const char *end) {
  tensor_name name;
  int stem = (int)strlen(weight) - (int)strlen(".weight");
  int len = snprintf(name.text, sizeof name.text, "base_model.model.%.*s%s", stem, weight, end);
  if (len < 0 || (size_t)len >= sizeof name.text) name.text[0] = '\0';
  return name;
}

static const mn_span *take(mn_adapter *ad, const char *name) {
  const mn_span *span = mn_checkpoint_find(ad->ck, name);
  for (size_t i = 0; span && i < mn_checkpoint_count(ad->ck); i++)
    if (mn_checkpoint_at(ad->ck, i) == span) ad->used[i] = true;
  return span;
}

moon_status mn_adapter_find(mn_adapter *ad, const char *weight, size_t rows, size_t n,
                            mn_low_rank *update, moon_error *err) {
  static const char missing[] = "is missing, or not of its weight's shape";
  tensor_name a = name_of(weight, ".lora_A.weight"), b = name_of(weight, ".lora_B.weight");
  tensor_name m = name_of(weight, ".lora_magnitude_vector");
  *update = (mn_low_rank){.a = take(ad, a.text)};
  if (!update->a) return MOON_OK;
  size_t rank = update->a->rank == 2 ? update->a->shape[0] : 0;
  if (rank == 0 || !has_shape(update->a, rank, n))
    return wrong(ad, a.text, "is not of its weight's shape", err);
  update->b = take(ad, b.text);
  if (!has_shape(update->b, rows, rank)) return wrong(ad, b.text, missing, err);
  update->scale = ad->alpha / (ad->rank_stable ? sqrt((double)rank) : (double)rank);
  if (!ad->magnitudes) return MOON_OK;
  update->m = take(ad, m.text);
  return has_shape(update->m, rows, 0) ? MOON_OK : wrong(ad, m.text, missing, err);
}

moon_status mn_adapter_check(const mn_adapter *ad, moon_error *err) {
  for (size_t i = 0; i < mn_checkpoint_count(ad->ck); i++)
    if (!ad->used[i])
      return wrong(ad, mn_checkpoint_at(ad->ck, i)->name, "updates no weight that the model has",
                   err);
  return MOON_OK;
}

static void widen(const mn_adapter *ad, float *to, const mn_span *s, size_t first, size_t n) {
  const uint8_t *from = (const uint8_t *)s->bytes + first * moon_dtype_size(s->dtype);
  if (s->dtype == MOON_BF16) ad->engine->kernels.widen_bf16(to, (const void *)from, n);
  else if (s->dtype == MOON_F16) ad->engine->kernels.widen_f16(to, (const void *)from, n);
  else memcpy(to, from, n * sizeof *to);
}

void mn_adapter_apply(const mn_adapter *ad, const mn_low_rank *u, float *w, size_t rows, size_t n,
                      float *row) {
  size_t rank = u->a->shape[0];
  for (size_t i = 0; i < rows; i++, w += n) {
    float factor;
    for (size_t r = 0; r < rank; r++) {
      widen(ad, &factor, u->b, i * rank + r, 1);
      widen(ad, row, u->a, r * n, n);
      float share = (float)(u->scale * (double)factor);
      for (size_t k = 0; k < n; k++) w[k] += share * row[k];
    }
    if (!u->m) continue;
    widen(ad, &factor, u->m, i, 1);
    double squares = 0;
    for (size_t k = 0; k < n; k++) squares += (double)w[k] * (double)w[k];
    double size = sqrt(squares);
    for (size_t k = 0; size > 0 && k < n; k++) w[k] = (float)((double)w[k] * (double)factor / size);
  }
}

/* ---- open, close ---- */

moon_status mn_adapter_open(moon_engine *engine, const char *directory, mn_adapter **adapter,
                            moon_error *err) {
  const mn_alloc *alloc = &engine->alloc;
  mn_adapter *ad = *adapter = mn_new_zero(alloc, sizeof *ad);
  if (!ad) return mn_fail_memory(err, "adapter", sizeof *ad);
  ad->engine = engine;
  char *config = mn_path_join(alloc, directory, "adapter_config.json");
  char *weights = mn_path_join(alloc, directory, "adapter_model.safetensors");
  moon_status status = MOON_OK;
  if (!config || !weights) status = mn_fail_memory(err, "path", strlen(directory));
  if (status == MOON_OK) status = read_config(alloc, config, ad, err);
  if (status == MOON_OK) status = mn_checkpoint_open(engine, weights, &ad->ck, err);
  if (status == MOON_OK) status = mn_checkpoint_fill(ad->ck, err);
  mn_free(alloc, config);
  mn_free(alloc, weights);
  if (status == MOON_OK) {
    size_t bytes = mn_checkpoint_count(ad->ck) * sizeof *ad->used + 1;
    ad->used = mn_new_zero(alloc, bytes);
    if (!ad->used) status = mn_fail_memory(err, "adapter", bytes);
  }
  if (status == MOON_OK) return MOON_OK;
  mn_adapter_close(ad);
  *adapter = NULL;
  return status;
}

void mn_adapter_close(mn_adapter *ad) {
  if (!ad) return;
  const mn_alloc alloc = ad->engine->alloc;
  mn_checkpoint_close(ad->ck);
  mn_free(&alloc, ad->used);
  mn_free(&alloc, ad);
}
