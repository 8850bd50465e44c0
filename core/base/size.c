/* size.c: the product of a shape, checked. */
#include "core/base/size.h"

bool mn_size_product(const size_t *dims, int n, size_t *out) {
  size_t product = 1;
  for (int i = 0; i < n; i++)
    if (dims[i] == 0) return *out = 0, true;
  for (int i = 0; i < n; i++)
    if (!mn_size_mul(product, dims[i], &product)) return false;
  *out = product;
  return true;
}
