/* blocks.h: sizes of matrices in 8 and 4 bits, whose layout kernels/kernels.h describes.
**
** Both the weight formats and the tensors need them; every size goes through size.h, because
** rows and n may come from a file. */
#ifndef MOON_BASE_BLOCKS_H
#define MOON_BASE_BLOCKS_H

#include "core/base/size.h"
#include "core/moonlet.h"
#include "kernels/kernels.h"

static inline bool mn_is_quant(moon_dtype dtype) { return dtype == MOON_Q8 || dtype == MOON_Q4; }

/* Bytes of one group of MK_QROWS rows of n columns: codes, then scales. n is a multiple of
** MK_QBLOCK, and the matrix has passed mn_quant_bytes. */
static inline size_t mn_quant_group(moon_dtype dtype, size_t n) {
  size_t codes = dtype == MOON_Q8 ? MK_Q8_BYTES : MK_Q4_BYTES;
  return n / MK_QBLOCK * (codes + MK_QROWS * sizeof(mk_f16));
}

/* Bytes of a matrix (rows, n); false when there is none of that shape (no rows, or n no positive
** multiple of MK_QBLOCK) or its bytes cannot be counted. */
static inline bool mn_quant_bytes(moon_dtype dtype, size_t rows, size_t n, size_t *bytes) {
  size_t elements, groups;
  if (!mn_is_quant(dtype) || rows == 0 || n == 0 || n % MK_QBLOCK != 0) return false;
  if (!mn_size_align(rows, MK_QROWS, &groups)) return false;
  /* An element takes at most 17/16 of a byte: twice the elements bounds everything below. */
  if (!mn_size_mul(groups, n, &elements) || !mn_size_mul(elements, 2, &elements)) return false;
  *bytes = groups / MK_QROWS * mn_quant_group(dtype, n);
  return true;
}

#endif
