/* arm_dotprod.c: the DOTPROD tier (Armv8.2 dot products of bytes, on top of NEON).
**
** What: mk_matmul_q8 and mk_matmul_q4.
** How: sdot by element: 4 activations meet 4 rows of 4 weights in one instruction.
** Invariant: as in arm_int8.h.
** Not here: quantising, which NEON does as well.
*/
#include "kernels/arm_int8.h"

/* The lane of the instruction is a literal; j is constant wherever this is called. */
INLINE int32x4_t dot(int32x4_t sums, int8x16_t w, int8x16_t x, size_t j) {
  switch (j) {
    case 0: return vdotq_laneq_s32(sums, w, x, 0);
    case 1: return vdotq_laneq_s32(sums, w, x, 1);
    case 2: return vdotq_laneq_s32(sums, w, x, 2);
    default: return vdotq_laneq_s32(sums, w, x, 3);
  }
}

static void tile_q8(const patch *p, size_t groups, size_t columns) {
  (void)groups;
  tile_q8_by(dot, p, columns);
}

static void matmul_q8(float *y, size_t ldy, const uint8_t *w, size_t n, const mk_int8 *x,
                      size_t groups, size_t m) {
  product_stored(tile_q8, 1, WIDTH, MK_Q8_BYTES, y, ldy, w, n, x, groups, m);
}

static void matmul_q4(float *y, size_t ldy, const uint8_t *w, size_t n, const mk_int8 *x,
                      size_t groups, size_t m) {
  product_opened(open_q4, tile_q8, 1, WIDTH, y, ldy, w, n, x, groups, m);
}

const mk_table mk_dotprod = {
  .matmul_q8 = matmul_q8,
  .matmul_q4 = matmul_q4,
};
