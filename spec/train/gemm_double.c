/* gemm_double.c: the product of matrices as its formula reads, for the build in double. */
#include "core/train/real.h"

void mn_gemm_real(size_t m, size_t n, size_t k, const real *a, size_t a_row, size_t a_col,
                  const real *b, size_t b_row, size_t b_col, real *c, size_t c_row, size_t c_col,
                  bool add) {
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) {
      real sum = add ? c[i * c_row + j * c_col] : 0;
      for (size_t l = 0; l < k; l++) sum += a[i * a_row + l * a_col] * b[l * b_row + j * b_col];
      c[i * c_row + j * c_col] = sum;
    }
}
