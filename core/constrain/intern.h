/* intern.h: equal byte strings get equal numbers.
**
** What: a table from bytes to ids 0, 1, 2, ... and back. How: open addressing over a growing
** list of entries in an arena. Invariants: an id's bytes never move while the arena lives and are
** aligned to 16; two ids never have equal bytes. Not here: removal. */
#ifndef MOON_CONSTRAIN_INTERN_H
#define MOON_CONSTRAIN_INTERN_H

#include "core/base/arena.h"

enum { MN_NO_ID = 0xFFFFFFFF };

typedef struct mn_interned {
  uint64_t hash;
  const void *bytes;
  uint32_t len;
  uint32_t tag;                 /* the owner's, 0 at first */
} mn_interned;

typedef struct mn_intern {
  mn_arena *arena;
  mn_interned *entries;         /* (count) */
  uint32_t *slots;              /* (slot_count) id + 1; 0: empty */
  uint32_t count, room, slot_count;
} mn_intern;

void mn_intern_begin(mn_intern *table, mn_arena *arena);
/* The id of these bytes, new if need be; MN_NO_ID when memory ends. */
uint32_t mn_intern_put(mn_intern *table, const void *bytes, uint32_t len);
uint64_t mn_hash_bytes(const void *bytes, size_t len);

static inline const void *mn_intern_get(const mn_intern *table, uint32_t id) {
  return table->entries[id].bytes;
}

#endif
