/* real.h: the number that training computes in: float, or double in the build that specs hold
** against finite differences. Files of this floor that see only `real` are compiled twice. */
#ifndef MOON_TRAIN_REAL_H
#define MOON_TRAIN_REAL_H

#include "core/base/gemm.h"
#include "kernels/train.h"

#ifdef MK_TRAIN_DOUBLE
/* mn_gemm in double, as its formula reads; only the specs have it. */
void mn_gemm_real(size_t m, size_t n, size_t k, const real *a, size_t a_row, size_t a_col,
                  const real *b, size_t b_row, size_t b_col, real *c, size_t c_row, size_t c_col,
                  bool add);
#else
#define mn_gemm_real mn_gemm
#endif

#endif
