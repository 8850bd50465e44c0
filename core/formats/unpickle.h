/* unpickle.h: the pickle of a torch state dict, read by a machine that can build nothing else.
**
** What: data.pkl, protocol 2, to a list of tensors: names, shapes, and views on numbered
** storages. How: the stack machine of pickle with 26 opcodes and STOP and a closed list of globals
** (GLOBALS in unpickle.c); a global is an enum here, never code, and whatever else a pickle asks
** for is refused by name. Invariants: no recursion; values, tensors, items of dicts, stack, memo
** and marks are capped, so that what they all take stays below some 300 MB. Not here: the storages'
** bytes, whether views fit them. */
#ifndef MOON_FORMATS_UNPICKLE_H
#define MOON_FORMATS_UNPICKLE_H

#include "core/formats/span.h"

typedef struct mn_pickled {
  const char *name, *storage;   /* the tensor's name; its storage's record in the archive */
  size_t name_len, storage_len; /* both inside the pickle's bytes, no NUL behind */
  const mn_file_dtype *dtype;
  size_t storage_count;         /* elements of the storage */
  size_t offset;                /* in elements, as the strides */
  int rank;
  size_t shape[MOON_MAX_RANK], stride[MOON_MAX_RANK];
} mn_pickled;

/* In the order of the dict; they live in the arena and borrow bytes. */
moon_status mn_unpickle(mn_arena *arena, const uint8_t *bytes, size_t size, mn_pickled **tensors,
                        size_t *count, moon_error *err);

#endif
