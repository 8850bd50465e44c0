/* files.c: named tensors from and to weight files.
**
** How: a list is an open checkpoint; each tensor taken from it is a read-only view on the mapped
**   file and one more owner of the checkpoint, so that the list may be closed before them.
**   Saving hands contiguous spans to the writer of the safetensors format.
** Not here: what the files look like, and the checks of what they claim (core/formats).
*/
#include "core/base/blocks.h"
#include "core/base/size.h"
#include "core/formats/checkpoint.h"
#include "core/formats/safetensors.h"
#include "core/tensor/tensor.h"

struct moon_tensors {
  moon_engine *engine;          /* retained */
  mn_checkpoint *checkpoint;
};

moon_status moon_tensors_open(moon_engine *engine, const char *path, moon_tensors **list,
                              moon_error *err) {
  *list = NULL;
  moon_tensors *made = mn_new(&engine->alloc, sizeof *made);
  if (!made) return mn_fail_memory(err, "list of tensors", sizeof *made);
  *made = (moon_tensors){0};
  moon_status status = mn_checkpoint_open(engine, path, &made->checkpoint, err);
  if (status == MOON_OK) status = mn_checkpoint_fill(made->checkpoint, err);
  if (status != MOON_OK) {
    mn_checkpoint_close(made->checkpoint);
    mn_free(&engine->alloc, made);
    return status;
  }
  made->engine = mn_engine_retain(engine);
  *list = made;
  return MOON_OK;
}

void moon_tensors_close(moon_tensors *list) {
  if (!list) return;
  moon_engine *engine = list->engine;
  mn_checkpoint_close(list->checkpoint);
  mn_free(&engine->alloc, list);
  moon_engine_close(engine);
}

size_t moon_tensors_count(const moon_tensors *list) {
  return mn_checkpoint_count(list->checkpoint);
}

const char *moon_tensors_name(const moon_tensors *list, size_t i) {
  return i < moon_tensors_count(list) ? mn_checkpoint_at(list->checkpoint, i)->name : NULL;
}

static void release_checkpoint(void *checkpoint) { mn_checkpoint_close(checkpoint); }

moon_status moon_tensors_get(const moon_tensors *list, size_t i, moon_tensor **t,
                             moon_error *err) {
  *t = NULL;
  if (i >= moon_tensors_count(list))
    return mn_fail(err, MOON_EARG, "%s has %zu tensors, no number %zu (counted from 0)",
                   mn_checkpoint_path(list->checkpoint), moon_tensors_count(list), i);
  const mn_span *span = mn_checkpoint_at(list->checkpoint, i);
  moon_status status = mn_span_check(list->checkpoint, span, span->name, err);
  if (status != MOON_OK) return status;
  if (mn_is_quant(span->dtype))
    return mn_fail(err, MOON_ESUPPORT, "%s: '%s' is of type %s, which tensors cannot have; a model "
                   "loads it, and gives it as f32 among its parameters",
                   mn_checkpoint_path(list->checkpoint), span->name, moon_dtype_name(span->dtype));
  status = mn_tensor_wrap(list->engine, span->dtype, span->rank, span->shape,
                                      (void *)span->bytes, true,
                                      mn_checkpoint_retain(list->checkpoint), release_checkpoint,
                                      t, err);
  return status == MOON_OK ? status : mn_fail_in(err, status, span->name);
}

moon_status moon_tensors_save(const char *path, const char *const *names,
                              moon_tensor *const *tensors, size_t n, moon_error *err) {
  mn_alloc alloc = n ? tensors[0]->storage->engine->alloc : mn_alloc_default(NULL, NULL);
  size_t span_bytes, plain_bytes;
  if (!mn_size_mul(n, sizeof(mn_span), &span_bytes)) span_bytes = SIZE_MAX;
  if (!mn_size_mul(n, sizeof(moon_tensor *), &plain_bytes)) plain_bytes = SIZE_MAX;
  mn_span *spans = mn_new_zero(&alloc, span_bytes);
  moon_tensor **plain = mn_new_zero(&alloc, plain_bytes);       /* contiguous, NULL until made */
  moon_status status = MOON_OK;
  if (!spans || !plain) status = mn_fail_memory(err, "spans to save", span_bytes);
  for (size_t i = 0; i < n && status == MOON_OK; i++) {
    status = moon_tensor_contiguous(tensors[i], &plain[i], err);
    if (status != MOON_OK) break;
    const moon_tensor *t = plain[i];
    spans[i] = (mn_span){.name = names[i], .bytes = t->first, .dtype = t->dtype, .rank = t->rank,
                         .size = moon_tensor_count(t) * moon_dtype_size(t->dtype)};
    for (int k = 0; k < t->rank; k++) spans[i].shape[k] = t->shape[k];
  }
  if (status == MOON_OK) status = mn_safetensors_save(&alloc, path, spans, n, err);
  for (size_t i = 0; plain && i < n; i++) moon_tensor_free(plain[i]);
  mn_free(&alloc, plain);
  mn_free(&alloc, spans);
  return status;
}
