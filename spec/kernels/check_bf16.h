/* check_bf16.h: the product of bf16 with bf16 against its contract.
**
** What: sums in double within the bound; NaN and infinity in their own row; subnormal
**   weights; the same bits for any cut of rows and columns.
** How: 37 rows and 17 columns: tiles of every width, whole vectors of rows and a rest.
** Not here: the emulated instructions (emulate_bf16.h), on which the same check runs.
*/
#ifndef MOON_SPEC_KERNELS_CHECK_BF16_H
#define MOON_SPEC_KERNELS_CHECK_BF16_H

#include "kernels/half.h"
#include "spec/kernels/fence.h"

/* The last `rows` rows by the last m columns of the product of bf16 with bf16. */
static void cut_bf16(check *c, const float *whole, const mk_bf16 *w, size_t ldw,
                        const mk_bf16 *x, size_t ldx, size_t high, size_t wide,
                        size_t rows, size_t n, size_t m) {
  size_t ldy = rows + 2;
  float *y = floats(c, 3, m ? (m - 1) * ldy + rows : 0);
  at(c, "rows=%zu n=%zu m=%zu", rows, n, m);
  c->k.matmul_bf16(y, ldy, w + (high - rows) * ldw, ldw, x + (wide - m) * ldx, ldx, rows,
                   n, m);
  for (size_t j = 0; j < m; j++) {
    for (size_t i = 0; i < rows; i++)
      expect_same(c, "cut", j * ldy + i, y + j * ldy + i,
                  whole + (wide - m + j) * high + high - rows + i);
    if (j + 1 < m && !is_canary(y + j * ldy + rows, 2 * sizeof *y))
      fail(c, "wrote between columns");
  }
  intact(c, y);
}

static void bf16_product_of(check *c, size_t n, data kind, float special) {
  enum { HIGH = 37, WIDE = 17 };
  size_t gap = kind % 2 * 3, ldw = n + gap, ldx = n + 2 * gap;
  size_t w_count = (HIGH - 1) * ldw + n, x_count = (WIDE - 1) * ldx + n;
  mk_bf16 *w = fresh(c, 0, w_count * 2), *x = fresh(c, 1, x_count * 2);
  float *y = floats(c, 2, HIGH * WIDE);
  for (size_t i = 0; i < w_count; i++) w[i] = mk_bf16_of_f32(number(c, kind, i));
  for (size_t i = 0; i < x_count; i++) x[i] = mk_bf16_of_f32(number(c, kind, i));
  if (special != 0 && n > 0) {
    w[20 * ldw + n / 2] = mk_bf16_of_f32(special);
    w[3 * ldw] = mk_bf16_of_f32(0x1p-130f);
  }
  at(c, "%s n=%zu special=%g", kind_names[kind], n, special);
  c->k.matmul_bf16(y, HIGH, w, ldw, x, ldx, HIGH, n, WIDE);
  intact(c, y);
  for (size_t j = 0; j < WIDE; j++)
    for (size_t i = 0; i < HIGH; i++) {
      double sum = 0, size = 0;
      for (size_t k = 0; k < n; k++) {
        double p = (double)mk_f32_of_bf16(w[i * ldw + k]) * mk_f32_of_bf16(x[j * ldx + k]);
        sum += p;
        size += fabs(p);
      }
      expect(c, j * HIGH + i, y[j * HIGH + i], sum, (double)n * (EPS * size + FLT_MIN));
    }
  if (special == 0)
    for (size_t rows = 0; rows <= HIGH; rows += 5)
      for (size_t m = 0; m <= WIDE; m += 5)
        cut_bf16(c, y, w, ldw, x, ldx, HIGH, WIDE, rows, n, m);
}

static void check_matmul_bf16(check *c) {
  size_t n = 0;
  do {
    for (data kind = 0; kind < KINDS; kind++) bf16_product_of(c, n, kind, 0);
    bf16_product_of(c, n, RANDOM, NAN);
    bf16_product_of(c, n, RANDOM, INFINITY);
  } while ((n = longer(n)) != 0);
}

#endif
