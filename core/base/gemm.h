/* gemm.h: BLIS behind one function. gemm.c is the only file that sees blis.h. */
#ifndef MOON_BASE_GEMM_H
#define MOON_BASE_GEMM_H

#include <stdbool.h>
#include <stddef.h>

#include "kernels/kernels.h"

/* Lets BLIS choose its kernels by our tier, before its first use in this process: Debian's
** BLIS 0.9 takes newer CPUs for unknown and falls to its generic kernels, 4 to 5 times slower.
** A BLIS_ARCH_TYPE that the user has set is respected. */
void mn_gemm_prepare(mk_tier best);
const char *mn_gemm_arch(void);         /* name of BLIS's kernel set: "skx", "haswell", ... */

/* c(m, n) := a(m, k) b(k, n), or c + a b with add. Each operand has a row and a column stride in
** elements. Serial; may be called from several threads at once. beta = 0 never reads c. */
void mn_gemm(size_t m, size_t n, size_t k, const float *a, size_t a_row, size_t a_col,
             const float *b, size_t b_row, size_t b_col, float *c, size_t c_row, size_t c_col,
             bool add);

#endif
