/* arena.h: memory that is taken piece by piece and given back at once.
**
** Used in two ways: a growing arena holds what a parser builds; a fixed one (mn_arena_fixed)
** holds a session's cache and activations, sized before anything is taken, so that decoding
** allocates nothing. */
#ifndef MOON_BASE_ARENA_H
#define MOON_BASE_ARENA_H

#include "core/base/alloc.h"

typedef struct mn_arena {
  mn_alloc alloc;
  struct mn_arena_block *head;  /* newest first */
  size_t used;                  /* of head */
  size_t limit;                 /* most bytes in all; further takes give NULL */
  size_t total;
  bool fixed;
} mn_arena;

/* Grows by blocks up to limit bytes in all (SIZE_MAX: no limit). Allocates nothing yet. */
void mn_arena_growing(mn_arena *arena, mn_alloc alloc, size_t limit);
/* One block of `bytes`, now; false when memory ends. Later takes never allocate. */
bool mn_arena_fixed(mn_arena *arena, mn_alloc alloc, size_t bytes);
/* `bytes` bytes aligned to MN_ALIGN when fixed, to 16 when growing; NULL when there is no room.
** Not set to 0. */
void *mn_arena_take(mn_arena *arena, size_t bytes);
/* A copy of len bytes with a NUL behind. */
char *mn_arena_text(mn_arena *arena, const char *text, size_t len);
void mn_arena_free(mn_arena *arena);    /* leaves an empty arena; idempotent */

#endif
