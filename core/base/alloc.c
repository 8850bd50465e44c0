/* alloc.c: aligned blocks over a lua_Alloc-like function.
**
** Layout: the host's block holds, somewhere in its first MN_ALIGN + sizeof(header) bytes, a
** header right before the aligned payload; the header remembers where the host's block began
** and how long it is, which is what the host's function wants back. */
#include "core/base/alloc.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/size.h"

typedef struct header {
  void *raw;            /* what the host's function returned */
  size_t raw_size;
  size_t size;          /* payload bytes */
} header;

enum { OVERHEAD = MN_ALIGN + sizeof(header) };

static void *use_malloc(void *data, void *ptr, size_t old_size, size_t new_size) {
  (void)data;
  (void)old_size;
  if (new_size == 0) return free(ptr), NULL;
  return realloc(ptr, new_size);
}

mn_alloc mn_alloc_default(moon_alloc_fn fn, void *data) {
  return fn ? (mn_alloc){fn, data} : (mn_alloc){use_malloc, NULL};
}

static header *header_of(void *block) { return (header *)block - 1; }

void *mn_new(const mn_alloc *alloc, size_t bytes) {
  size_t raw_size;
  if (!mn_size_add(bytes, OVERHEAD, &raw_size)) return NULL;
  void *raw = alloc->fn(alloc->data, NULL, 0, raw_size);
  if (!raw) return NULL;
  uintptr_t payload = ((uintptr_t)raw + OVERHEAD) & ~(uintptr_t)(MN_ALIGN - 1);
  void *block = (void *)payload;
  *header_of(block) = (header){raw, raw_size, bytes};
  return block;
}

void *mn_new_zero(const mn_alloc *alloc, size_t bytes) {
  void *block = mn_new(alloc, bytes);
  if (block) memset(block, 0, bytes);
  return block;
}

/* Not the host's resize: that could move the payload off its alignment. */
void *mn_resize(const mn_alloc *alloc, void *block, size_t bytes) {
  if (!block) return mn_new(alloc, bytes);
  void *fresh = mn_new(alloc, bytes);
  if (!fresh) return NULL;
  size_t old = header_of(block)->size;
  memcpy(fresh, block, old < bytes ? old : bytes);
  mn_free(alloc, block);
  return fresh;
}

void mn_free(const mn_alloc *alloc, void *block) {
  if (!block) return;
  header h = *header_of(block);
  alloc->fn(alloc->data, h.raw, h.raw_size, 0);
}
