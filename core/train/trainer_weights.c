/* trainer_weights.c: one weight of a trainer, by its name: found, read, written.
**
** Invariant: what a matrix holds in bf16 is what it holds in f32, rounded. */
#include <string.h>

#include "core/base/names.h"
#include "core/tensor/tensor.h"
#include "core/train/trainer.h"
#include "kernels/half.h"

void mn_slot_round(const moon_trainer *t, const mn_slot *slot, size_t first, size_t n) {
  if (slot->narrow && slot->value)
    t->engine->kernels.narrow_bf16(slot->narrow + first, slot->value + first, n);
}

void mn_slot_read(const mn_slot *slot, float *out) {
  size_t n = slot->rows * slot->cols;
  if (slot->value) memcpy(out, slot->value, n * sizeof *out);
  else for (size_t i = 0; i < n; i++) out[i] = mk_f32_of_bf16(slot->narrow[i]);
}

void mn_slot_write(const mn_slot *slot, const float *in) {
  size_t n = slot->rows * slot->cols;
  if (slot->value) memcpy(slot->value, in, n * sizeof *in);
  for (size_t i = 0; slot->narrow && i < n; i++) slot->narrow[i] = mk_bf16_of_f32(in[i]);
}

const mn_slot *mn_trainer_slot(const moon_trainer *t, const char *name) {
  for (size_t i = 0; i < t->n_slots; i++)
    if (strcmp(t->slots[i].name, name) == 0) return &t->slots[i];
  return NULL;
}

static moon_status find(const moon_trainer *t, const char *name, const mn_slot **slot,
                        moon_error *err) {
  *slot = mn_trainer_slot(t, name);
  if (*slot) return MOON_OK;
  return mn_fail(err, MOON_EARG, "the model has no weight '%s'", mn_show(name, strlen(name)).text);
}

/* The weight as a tensor of its stored rank over fresh memory. */
static moon_status make_tensor(const moon_trainer *t, const mn_slot *slot, moon_tensor **out,
                               moon_error *err) {
  const size_t shape[2] = {slot->rows, slot->cols};
  return moon_tensor_new(t->engine, MOON_F32, slot->rank, shape + 2 - slot->rank, out, err);
}

moon_status moon_trainer_set(moon_trainer *trainer, const char *name, const moon_tensor *t,
                             moon_error *err) {
  const mn_slot *slot;
  moon_tensor *copy = NULL;
  moon_status status = find(trainer, name, &slot, err);
  if (status == MOON_OK) status = make_tensor(trainer, slot, &copy, err);
  if (status == MOON_OK) status = moon_tensor_copy(copy, t, err);
  if (status == MOON_OK)
    mn_slot_write(slot, moon_tensor_data(copy));
  moon_tensor_free(copy);
  return status;
}

moon_status moon_trainer_get(const moon_trainer *trainer, const char *name, moon_tensor **t,
                             moon_error *err) {
  const mn_slot *slot;
  *t = NULL;
  moon_status status = find(trainer, name, &slot, err);
  if (status == MOON_OK) status = make_tensor(trainer, slot, t, err);
  if (status == MOON_OK) mn_slot_read(slot, moon_tensor_data(*t));
  return status;
}
