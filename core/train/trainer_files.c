/* trainer_files.c: checkpoints, and the model's directory that other tools read.
**
** A checkpoint is one safetensors file, training.safetensors: weights under their names (in f32 but
** for those that are frozen in bf16, so that what was rounded is made anew), moments as
** "adamw.first.NAME" and "adamw.second.NAME" or "muon.momentum.NAME", "step" (i32: 16-bit quarters
** of the number, lowest first), "config" (i8: what the numbers mean), "notes" (i8). It is written
** beside its place and renamed, so that a crash leaves the one before. Loading checks everything
** first and then changes the trainer: a checkpoint of another model, which the next save would
** replace, is refused.
*/
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/file.h"
#include "core/base/size.h"
#include "core/formats/checkpoint.h"
#include "core/formats/safetensors.h"
#include "core/model/config.h"
#include "core/train/trainer.h"
#include "kernels/half.h"

/* ---- checkpoints ---- */

enum { QUARTERS = 4, BESIDE = 3 };      /* step, config and notes are beside the slots */

static mn_span span_of(const mn_slot *slot, const char *name, const void *values,
                       moon_dtype dtype) {
  mn_span s = {.name = name, .bytes = values, .dtype = dtype, .rank = slot->rank,
               .size = slot->rows * slot->cols * moon_dtype_size(dtype)};
  const size_t shape[2] = {slot->rows, slot->cols};
  for (int i = 0; i < s.rank; i++) s.shape[i] = shape[2 - s.rank + i];
  return s;
}

static const char *prefixed(mn_arena *arena, const char *prefix, const char *name) {
  char text[256];
  int len = snprintf(text, sizeof text, "%s%s", prefix, name);
  return mn_arena_text(arena, text, (size_t)len);
}

static mn_span numbers(const char *name, moon_dtype dtype, const void *bytes, size_t n) {
  return (mn_span){.name = name, .bytes = bytes, .dtype = dtype, .rank = 1, .shape = {n},
                   .size = n * moon_dtype_size(dtype)};
}

/* The spans of everything; those of one slot are w, then its moments if it learns. */
static moon_status list_spans(const moon_trainer *t, mn_arena *arena, mn_span **spans, size_t *n,
                              moon_error *err) {
  size_t bytes = (3 * t->n_slots + BESIDE) * sizeof **spans;
  *n = 0;
  *spans = mn_arena_take(arena, bytes);
  if (!*spans) return mn_fail_memory(err, "list of tensors", bytes);
  for (size_t i = 0; i < t->n_slots; i++) {
    const mn_slot *s = &t->slots[i];
    const char *first = prefixed(arena, s->muon ? "muon.momentum." : "adamw.first.", s->name);
    const char *second = prefixed(arena, "adamw.second.", s->name);
    if (!first || !second) return mn_fail_memory(err, "names of tensors", bytes);
    (*spans)[(*n)++] = s->value ? span_of(s, s->name, s->value, MOON_F32)
                                : span_of(s, s->name, s->narrow, MOON_BF16);
    if (!s->learns) continue;
    (*spans)[(*n)++] = span_of(s, first, t->first + s->state, MOON_F32);
    if (s->second) (*spans)[(*n)++] = span_of(s, second, s->second, MOON_F32);
  }
  return MOON_OK;
}

/* What the same numbers in the same shapes would otherwise mean something else by. */
static const char *meaning(const moon_trainer *t, mn_arena *arena) {
  mn_config_text config = mn_config_print(&t->config, MOON_F32);
  char text[sizeof config.text + 64];
  double alpha = t->options.lora_rank > 0 ? t->options.lora_alpha : 0;
  int len = snprintf(text, sizeof text, "%sqk_norm %d\nlora_alpha %.17g\noptimizer %d\n",
                     config.text, t->config.qk_norm, alpha, t->options.optimizer);
  return mn_arena_text(arena, text, (size_t)len);
}

static moon_status save_spans(const mn_alloc *alloc, const char *directory, const char *name,
                              const mn_span *spans, size_t n, moon_error *err) {
  char *path = mn_path_join(alloc, directory, name);
  if (!path) return mn_fail_memory(err, "path", strlen(directory));
  moon_status status = mn_safetensors_save(alloc, path, spans, n, err);
  mn_free(alloc, path);
  return status;
}

static const char checkpoint_name[] = "training.safetensors";

static bool has_numbers(const moon_trainer *t, const mn_slot *s) {
  size_t n = s->rows * s->cols;
  if (s->value) return isfinite(t->tape.kernels->square_sum(s->value, n));
  for (size_t i = 0; i < n; i++)
    if (!isfinite(mk_f32_of_bf16(s->narrow[i]))) return false;
  return true;
}

/* A checkpoint that could not be trained on must not take the place of one that can. */
static moon_status check_values(const moon_trainer *t, moon_error *err) {
  for (size_t i = 0; i < t->n_slots; i++) {
    const mn_slot *s = &t->slots[i];
    if (!has_numbers(t, s))
      return mn_fail(err, MOON_EMATH, "weight '%s' after %llu steps is no number", s->name,
                     (unsigned long long)t->steps);
  }
  return MOON_OK;
}

moon_status moon_trainer_save(const moon_trainer *t, const char *directory, const void *notes,
                              size_t n_notes, moon_error *err) {
  moon_status ready = check_values(t, err);
  if (ready == MOON_OK) ready = mn_directory_make(directory, err);
  if (ready != MOON_OK) return ready;
  mn_arena arena;
  mn_arena_growing(&arena, t->engine->alloc, SIZE_MAX);
  mn_span *spans;
  size_t n;
  int32_t step[QUARTERS];
  for (int i = 0; i < QUARTERS; i++) step[i] = (int32_t)(t->steps >> (16 * i) & 0xffff);
  moon_status status = list_spans(t, &arena, &spans, &n, err);
  const char *means = meaning(t, &arena);
  if (status == MOON_OK && !means) status = mn_fail_memory(err, "config", sizeof(mn_config_text));
  if (status == MOON_OK) {
    spans[n++] = numbers("step", MOON_I32, step, QUARTERS);
    spans[n++] = numbers("config", MOON_I8, means, strlen(means));
    spans[n++] = numbers("notes", MOON_I8, notes, n_notes);
    status = save_spans(&t->engine->alloc, directory, checkpoint_name, spans, n, err);
  }
  mn_arena_free(&arena);
  return status;
}

static moon_status check_span(const mn_checkpoint *ck, const mn_span *wanted, moon_error *err) {
  const mn_span *s = mn_checkpoint_find(ck, wanted->name);
  moon_status status = mn_span_check(ck, s, wanted->name, err);
  if (status != MOON_OK) return status;
  bool same = s->rank == wanted->rank && s->dtype == wanted->dtype;
  for (int i = 0; same && i < s->rank; i++) same = s->shape[i] == wanted->shape[i];
  if (same) return MOON_OK;
  return mn_fail(err, MOON_EFORMAT, "%s: tensor '%s' is not of the shape and type that the "
                 "config makes it", mn_checkpoint_path(ck), wanted->name);
}

/* Is it of this model, with nothing more in it? */
static moon_status check_meaning(const moon_trainer *t, const mn_checkpoint *ck, size_t n,
                                 mn_arena *arena, moon_error *err) {
  const char *means = meaning(t, arena);
  if (!means) return mn_fail_memory(err, "config", sizeof(mn_config_text));
  mn_span config = numbers("config", MOON_I8, means, strlen(means));
  const mn_span *stored = mn_checkpoint_find(ck, "config");
  moon_status status = mn_span_check(ck, stored, "config", err);
  if (status != MOON_OK) return status;
  bool same = stored->dtype == config.dtype && stored->size == config.size &&
              memcmp(stored->bytes, config.bytes, config.size) == 0;
  if (same && mn_checkpoint_count(ck) == n + BESIDE) return MOON_OK;
  return mn_fail(err, MOON_EFORMAT,
                 "%s: is a checkpoint of another config, of another optimizer or of other "
                 "low-rank updates", mn_checkpoint_path(ck));
}

static moon_status read_all(moon_trainer *t, const mn_checkpoint *ck, mn_arena *arena,
                            void *notes, size_t cap, size_t *n_notes, moon_error *err) {
  mn_span *spans;
  size_t n;
  moon_status status = list_spans(t, arena, &spans, &n, err);
  mn_span step = numbers("step", MOON_I32, NULL, QUARTERS);
  if (status == MOON_OK) status = check_meaning(t, ck, n, arena, err);
  for (size_t i = 0; status == MOON_OK && i < n; i++) status = check_span(ck, &spans[i], err);
  if (status == MOON_OK) status = check_span(ck, &step, err);
  const mn_span *stored = mn_checkpoint_find(ck, "notes");
  if (status == MOON_OK) status = mn_span_check(ck, stored, "notes", err);
  if (status != MOON_OK) return status;
  for (size_t i = 0; i < n; i++)        /* spans point into the trainer's own arrays */
    memcpy((void *)spans[i].bytes, mn_checkpoint_find(ck, spans[i].name)->bytes, spans[i].size);
  for (size_t i = 0; i < t->n_slots; i++)
    mn_slot_round(t, &t->slots[i], 0, t->slots[i].rows * t->slots[i].cols);
  const int32_t *quarters = mn_checkpoint_find(ck, "step")->bytes;
  t->steps = 0;
  t->gathered = 0;
  for (int i = 0; i < QUARTERS; i++) t->steps |= (uint64_t)(quarters[i] & 0xffff) << (16 * i);
  *n_notes = stored->size;
  size_t copied = stored->size < cap ? stored->size : cap;
  if (copied > 0) memcpy(notes, stored->bytes, copied);
  memset(t->grad, 0, t->n_state * sizeof *t->grad);
  return MOON_OK;
}

moon_status moon_trainer_load(moon_trainer *t, const char *directory, void *notes, size_t cap,
                              size_t *n, moon_error *err) {
  mn_checkpoint *ck;
  mn_arena arena;
  *n = 0;
  char *path = mn_path_join(&t->engine->alloc, directory, checkpoint_name);
  if (!path) return mn_fail_memory(err, "path", strlen(directory));
  moon_status status = mn_checkpoint_open(t->engine, path, &ck, err);
  mn_free(&t->engine->alloc, path);
  if (status != MOON_OK) return status;
  mn_arena_growing(&arena, t->engine->alloc, SIZE_MAX);
  status = mn_checkpoint_fill(ck, err);
  if (status == MOON_OK) status = read_all(t, ck, &arena, notes, cap, n, err);
  mn_arena_free(&arena);
  mn_checkpoint_close(ck);
  return status;
}

/* ---- export ---- */

static moon_status write_text(const mn_alloc *alloc, const char *directory, const char *name,
                              const char *text, size_t len, moon_error *err) {
  char *path = mn_path_join(alloc, directory, name);
  if (!path) return mn_fail_memory(err, "path", strlen(directory));
  moon_status status = mn_file_write(alloc, path, text, len, err);
  mn_free(alloc, path);
  return status;
}

/* The update of a slot: its A, which is followed by its B; NULL if it has none. */
static const mn_slot *update_of(const moon_trainer *t, const mn_slot *slot) {
  char name[192];
  int len = (int)strlen(slot->name) - (int)strlen(".weight");
  snprintf(name, sizeof name, "base_model.model.%.*s.lora_A.weight", len, slot->name);
  return mn_trainer_slot(t, name);
}

void mn_trainer_merged(const moon_trainer *t, const mn_slot *slot, float *out) {
  mn_slot_read(slot, out);
  const mn_slot *a = t->n_slots > t->n_base ? update_of(t, slot) : NULL;
  if (!a) return;
  const mn_slot *b = a + 1;
  for (size_t i = 0; i < slot->rows; i++)
    for (size_t k = 0; k < a->rows; k++)
      t->tape.kernels->axpy(out + i * slot->cols,
                            t->graph.update_scale * b->value[i * a->rows + k],
                            a->value + k * slot->cols, slot->cols);
}

static void *store(const moon_trainer *t, const mn_slot *slot, moon_dtype dtype, float *wide,
                   mn_arena *arena) {
  size_t n = slot->rows * slot->cols;
  mn_trainer_merged(t, slot, wide);
  void *stored = mn_arena_take(arena, n * moon_dtype_size(dtype));
  if (!stored) return NULL;
  if (dtype == MOON_BF16) t->engine->kernels.narrow_bf16(stored, wide, n);
  else if (dtype == MOON_F16) t->engine->kernels.narrow_f16(stored, wide, n);
  else memcpy(stored, wide, n * sizeof *wide);
  return stored;
}

static size_t largest_slot(const moon_trainer *t) {
  size_t most = 0;
  for (size_t i = 0; i < t->n_slots; i++)
    if (t->slots[i].rows * t->slots[i].cols > most) most = t->slots[i].rows * t->slots[i].cols;
  return most;
}

static moon_status write_model(const moon_trainer *t, const char *directory, moon_dtype dtype,
                               mn_arena *arena, moon_error *err) {
  size_t bytes = t->n_base * sizeof(mn_span), wide_bytes = largest_slot(t) * sizeof(float);
  mn_span *spans = mn_arena_take(arena, bytes);
  float *wide = mn_arena_take(arena, wide_bytes);
  if (!spans || !wide) return mn_fail_memory(err, "model to write", wide_bytes);
  for (size_t i = 0; i < t->n_base; i++) {
    const mn_slot *slot = &t->slots[i];
    const void *stored = store(t, slot, dtype, wide, arena);
    if (!stored) return mn_fail_memory(err, "model to write", wide_bytes);
    spans[i] = span_of(slot, slot->name, stored, dtype);
  }
  return save_spans(&t->engine->alloc, directory, "model.safetensors", spans, t->n_base, err);
}

moon_status moon_trainer_export(const moon_trainer *t, const char *directory, moon_dtype dtype,
                                moon_error *err) {
  if (dtype != MOON_F32 && dtype != MOON_BF16 && dtype != MOON_F16)
    return mn_fail(err, MOON_EARG, "dtype wants f32, bf16 or f16");
  if (t->options.lora_rank > 0 && t->options.lora_runs)
    return mn_fail(err, MOON_ESUPPORT, "updates of single runs cannot be merged into a matrix that "
                   "both runs share");
  moon_status status = mn_directory_make(directory, err);
  if (status != MOON_OK) return status;
  mn_arena arena;
  mn_arena_growing(&arena, t->engine->alloc, SIZE_MAX);
  status = write_model(t, directory, dtype, &arena, err);
  mn_arena_free(&arena);
  if (status != MOON_OK) return status;
  return write_text(&t->engine->alloc, directory, "config.json", t->json, t->json_len, err);
}

/* {"peft_type": "LORA", ...} with the keys that PEFT's reader needs. */
static size_t adapter_config(const moon_trainer *t, char *text, size_t cap) {
  static const char *const names[MN_TARGETS] = {"q_proj", "k_proj", "v_proj", "o_proj",
                                                "gate_proj", "up_proj", "down_proj"};
  const moon_trainer_options *o = &t->options;
  int n = snprintf(text, cap,
                   "{\"peft_type\": \"LORA\", \"task_type\": \"CAUSAL_LM\", \"r\": %d, "
                   "\"lora_alpha\": %.9g, \"lora_dropout\": 0.0, \"bias\": \"none\", "
                   "\"fan_in_fan_out\": false, \"inference_mode\": true, \"use_rslora\": false, "
                   "\"use_dora\": false, \"base_model_name_or_path\": null, "
                   "\"target_modules\": [", (int)o->lora_rank, o->lora_alpha);
  const char *comma = "";
  for (int i = 0; i < MN_TARGETS; i++) {
    if (!(o->lora_targets >> i & 1)) continue;
    n += snprintf(text + n, cap - (size_t)n, "%s\"%s\"", comma, names[i]);
    comma = ", ";
  }
  n += snprintf(text + n, cap - (size_t)n, "]}\n");
  return (size_t)n;
}

moon_status moon_trainer_export_lora(const moon_trainer *t, const char *directory,
                                     moon_error *err) {
  const mn_alloc *alloc = &t->engine->alloc;
  size_t n = t->n_slots - t->n_base;
  if (n == 0) return mn_fail(err, MOON_EARG, "the trainer has no low-rank updates");
  moon_status status = mn_directory_make(directory, err);
  if (status != MOON_OK) return status;
  mn_span *spans = mn_new(alloc, n * sizeof *spans);
  if (!spans) return mn_fail_memory(err, "list of updates", n * sizeof *spans);
  for (size_t i = 0; i < n; i++) {
    const mn_slot *slot = &t->slots[t->n_base + i];
    spans[i] = span_of(slot, slot->name, slot->value, MOON_F32);
  }
  status = save_spans(alloc, directory, "adapter_model.safetensors", spans, n, err);
  mn_free(alloc, spans);
  char text[1024];
  if (status == MOON_OK)
    status = write_text(alloc, directory, "adapter_config.json", text,
                        adapter_config(t, text, sizeof text), err);
  return status;
}
