/* intern.c: a hash table whose old arrays stay in the arena when it grows (twice the memory at
** most, and nothing to free one by one). */
#include "core/constrain/intern.h"

#include <string.h>

#include "core/base/size.h"

enum { MOST_ENTRIES = 1 << 24 };

uint64_t mn_hash_bytes(const void *bytes, size_t len) {
  const uint8_t *p = bytes;
  uint64_t h = len * UINT64_C(0x9E3779B97F4A7C15), word;
  for (; len >= 8; len -= 8, p += 8) {
    memcpy(&word, p, 8);
    h = (h ^ word) * UINT64_C(0xD6E8FEB86659FD93);
    h ^= h >> 32;
  }
  word = 0;
  if (len > 0) memcpy(&word, p, len);
  h = (h ^ word) * UINT64_C(0xD6E8FEB86659FD93);
  return h ^ h >> 29;
}

void mn_intern_begin(mn_intern *table, mn_arena *arena) {
  *table = (mn_intern){.arena = arena};
}

static bool grow(mn_intern *table) {
  uint32_t room = table->room ? table->room * 2 : 16, slots = room * 2;
  if (room > MOST_ENTRIES) return false;
  mn_interned *entries = mn_arena_take(table->arena, room * sizeof *entries);
  uint32_t *index = mn_arena_take(table->arena, slots * sizeof *index);
  if (!entries || !index) return false;
  if (table->count > 0) memcpy(entries, table->entries, table->count * sizeof *entries);
  memset(index, 0, slots * sizeof *index);
  for (uint32_t id = 0; id < table->count; id++) {
    uint32_t at = (uint32_t)entries[id].hash & (slots - 1);
    while (index[at]) at = (at + 1) & (slots - 1);
    index[at] = id + 1;
  }
  table->entries = entries;
  table->slots = index;
  table->room = room;
  table->slot_count = slots;
  return true;
}

uint32_t mn_intern_put(mn_intern *table, const void *bytes, uint32_t len) {
  if (table->count == table->room && !grow(table)) return MN_NO_ID;
  uint64_t hash = mn_hash_bytes(bytes, len);
  uint32_t at = (uint32_t)hash & (table->slot_count - 1);
  for (; table->slots[at]; at = (at + 1) & (table->slot_count - 1)) {
    const mn_interned *e = &table->entries[table->slots[at] - 1];
    if (e->hash == hash && e->len == len && memcmp(e->bytes, bytes, len) == 0)
      return table->slots[at] - 1;
  }
  void *copy = mn_arena_take(table->arena, len ? len : 1);
  if (!copy) return MN_NO_ID;
  if (len > 0) memcpy(copy, bytes, len);
  uint32_t id = table->count++;
  table->entries[id] = (mn_interned){hash, copy, len, 0};
  table->slots[at] = id + 1;
  return id;
}
