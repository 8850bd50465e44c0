/* arm_dotprod.c: the DOTPROD tier (Armv8.2 dot products of bytes, on top of NEON).
**
** What: mk_matmul_q8 and mk_matmul_q4.
** How: sdot by element: 4 activations meet 4 rows of 4 weights in one instruction.
** Invariant: as in arm_int8.h.
** Not here: quantising, which NEON does as well.
*/
#include "kernels/arm_int8.h"

static void tile_q8(const patch *p, size_t groups, size_t columns) {
  (void)groups;
  tile_q8_by(dot_by_element, p, columns);
}

static void matmul_q8(float *y, size_t ldy, const uint8_t *w, size_t n, const mk_int8 *x,
                      size_t groups, size_t m) {
  product_stored(tile_q8, 1, WIDTH, MK_Q8_BYTES, y, ldy, w, n, x, groups, m);
}

static void matmul_q4(float *y, size_t ldy, const uint8_t *w, size_t n, const mk_int8 *x,
                      size_t groups, size_t m) {
  product_opened(open_q4, MK_Q4_BYTES, tile_q8, 1, WIDTH, y, ldy, w, n, x, groups, m);
}

const mk_table mk_dotprod = {
  .matmul_q8 = matmul_q8,
  .matmul_q4 = matmul_q4,
};
