/* size.h: checked arithmetic on sizes. Every size or offset that a file, a script or a network
** had a say in is computed here; the same overflow has been "fixed" five times elsewhere. */
#ifndef MOON_BASE_SIZE_H
#define MOON_BASE_SIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* *out = a op b; false (and *out untouched) when it does not fit. */
static inline bool mn_size_add(size_t a, size_t b, size_t *out) {
  if (a > SIZE_MAX - b) return false;
  *out = a + b;
  return true;
}

static inline bool mn_size_mul(size_t a, size_t b, size_t *out) {
  if (b != 0 && a > SIZE_MAX / b) return false;
  *out = a * b;
  return true;
}

/* a rounded up to a multiple of unit (a power of two). */
static inline bool mn_size_align(size_t a, size_t unit, size_t *out) {
  if (!mn_size_add(a, unit - 1, &a)) return false;
  *out = a & ~(unit - 1);
  return true;
}

/* Product of n dims; 1 for n = 0. A zero dim gives 0 whatever the others are. */
bool mn_size_product(const size_t *dims, int n, size_t *out);

/* Do `bytes` bytes at `offset` lie inside `size` bytes? */
static inline bool mn_size_span(size_t offset, size_t bytes, size_t size) {
  return offset <= size && bytes <= size - offset;
}

#endif
