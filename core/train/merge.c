/* merge.c: low-rank updates of PEFT's files, merged into a trainer's weights.
**
** Invariant: everything is checked before the first weight changes. */
#include "core/formats/adapter.h"
#include "core/train/trainer.h"

static bool can_be_updated(const mn_slot *slot) { return slot->rank == 2; }

/* Numbers of the largest weight, and of a row to work in. */
static size_t room(const moon_trainer *t) {
  size_t most = 0, row = 0;
  for (size_t i = 0; i < t->n_base; i++) {
    size_t n = t->slots[i].rows * t->slots[i].cols;
    if (n > most) most = n;
    if (t->slots[i].cols > row) row = t->slots[i].cols;
  }
  return most + row;
}

moon_status moon_trainer_merge(moon_trainer *t, const char *directory, moon_error *err) {
  const mn_alloc *alloc = &t->engine->alloc;
  mn_adapter *adapter;
  moon_status status = mn_adapter_open(t->engine, directory, &adapter, err);
  if (status != MOON_OK) return status;
  size_t bytes = t->n_base * sizeof(mn_low_rank), wide_bytes = room(t) * sizeof(float);
  mn_low_rank *updates = mn_new_zero(alloc, bytes);
  float *wide = mn_new(alloc, wide_bytes);
  if (!updates || !wide) status = mn_fail_memory(err, "list of updates", bytes + wide_bytes);
  for (size_t i = 0; status == MOON_OK && i < t->n_base; i++)
    if (can_be_updated(&t->slots[i]))
      status = mn_adapter_find(adapter, t->slots[i].name, t->slots[i].rows, t->slots[i].cols,
                               &updates[i], err);
  if (status == MOON_OK) status = mn_adapter_check(adapter, err);
  for (size_t i = 0; status == MOON_OK && i < t->n_base; i++) {
    const mn_slot *slot = &t->slots[i];
    if (!updates[i].a) continue;
    mn_slot_read(slot, wide);
    mn_adapter_apply(adapter, &updates[i], wide, slot->rows, slot->cols,
                     wide + slot->rows * slot->cols);
    mn_slot_write(slot, wide);
  }
  mn_free(alloc, wide);
  mn_free(alloc, updates);
  mn_adapter_close(adapter);
  return status;
}
