/* arena.c: blocks in a list, the newest one in use. */
#include "core/base/arena.h"

#include <string.h>

#include "core/base/size.h"

struct mn_arena_block {
  struct mn_arena_block *next;
  size_t size;                  /* payload bytes, which begin MN_ALIGN after the block */
};

enum { FIRST_BLOCK = 4096, MOST_BLOCK = 1 << 20 };

void mn_arena_growing(mn_arena *arena, mn_alloc alloc, size_t limit) {
  *arena = (mn_arena){.alloc = alloc, .limit = limit};
}

static bool push_block(mn_arena *arena, size_t payload) {
  size_t bytes, total;
  if (!mn_size_add(payload, MN_ALIGN, &bytes)) return false;
  if (!mn_size_add(arena->total, bytes, &total) || total > arena->limit) return false;
  struct mn_arena_block *block = mn_new(&arena->alloc, bytes);
  if (!block) return false;
  *block = (struct mn_arena_block){arena->head, payload};
  arena->head = block;
  arena->used = 0;
  arena->total = total;
  return true;
}

bool mn_arena_fixed(mn_arena *arena, mn_alloc alloc, size_t bytes) {
  mn_arena_growing(arena, alloc, SIZE_MAX);
  if (!push_block(arena, bytes)) return false;
  arena->fixed = true;
  return true;
}

void *mn_arena_take(mn_arena *arena, size_t bytes) {
  size_t aligned;
  if (!mn_size_align(bytes, arena->fixed ? MN_ALIGN : 16, &aligned)) return NULL;
  if (!arena->head || !mn_size_span(arena->used, aligned, arena->head->size)) {
    if (arena->fixed) return NULL;
    size_t block = arena->head ? arena->head->size * 2 : FIRST_BLOCK;
    if (block > MOST_BLOCK) block = MOST_BLOCK;
    if (block < aligned) block = aligned;
    if (!push_block(arena, block)) return NULL;
  }
  uint8_t *piece = (uint8_t *)arena->head + MN_ALIGN + arena->used;
  arena->used += aligned;
  return piece;
}

char *mn_arena_text(mn_arena *arena, const char *text, size_t len) {
  size_t bytes;
  if (!mn_size_add(len, 1, &bytes)) return NULL;
  char *copy = mn_arena_take(arena, bytes);
  if (!copy) return NULL;
  memcpy(copy, text, len);
  copy[len] = '\0';
  return copy;
}

void mn_arena_free(mn_arena *arena) {
  for (struct mn_arena_block *block = arena->head; block;) {
    struct mn_arena_block *next = block->next;
    mn_free(&arena->alloc, block);
    block = next;
  }
  arena->head = NULL;
  arena->used = arena->total = 0;
}
