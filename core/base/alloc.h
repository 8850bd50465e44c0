/* alloc.h: where memory comes from.
**
** An mn_alloc is a lua_Alloc-like function with its data. Blocks are aligned to MN_ALIGN and
** carry their size, so that mn_free needs no more than the pointer. */
#ifndef MOON_BASE_ALLOC_H
#define MOON_BASE_ALLOC_H

#include "core/moonlet.h"

enum { MN_ALIGN = 64 };

typedef struct mn_alloc {
  moon_alloc_fn fn;
  void *data;
} mn_alloc;

/* fn NULL: malloc. */
mn_alloc mn_alloc_default(moon_alloc_fn fn, void *data);

/* NULL when memory ends. mn_new's bytes are not set, mn_new_zero's are 0. bytes may be 0. */
void *mn_new(const mn_alloc *alloc, size_t bytes);
void *mn_new_zero(const mn_alloc *alloc, size_t bytes);

/* Keeps the first min(old, new) bytes. On NULL the old block is still there. block may be NULL. */
void *mn_resize(const mn_alloc *alloc, void *block, size_t bytes);
void mn_free(const mn_alloc *alloc, void *block);       /* block may be NULL */

#endif
