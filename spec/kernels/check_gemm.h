/* check_gemm.h: the products of training against their contract.
**
** What: sums in double within the bound, of what was given or of that rounded to bf16; a NaN in its
**   own row; whatever way the operands lie, and added to what is there or not; the same bits for
**   a part of C.
** How: sizes under, at and over those of a tile, of a block of rows or columns, and of one of k.
*/
#ifndef MOON_SPEC_KERNELS_CHECK_GEMM_H
#define MOON_SPEC_KERNELS_CHECK_GEMM_H

#include "kernels/half.h"
#include "spec/kernels/fence.h"

typedef struct gemm_case {
  size_t m, n, k, ldc;
  bool a_turned, b_turned, add;
  const float *a, *b;
} gemm_case;

/* C from row i and column j on, over `old`. */
static float *gemm_from(check *c, const gemm_case *g, size_t slot, const float *old, size_t i,
                        size_t j) {
  size_t m = g->m - i, n = g->n - j;
  size_t a_row = g->a_turned ? 1 : g->k, a_col = g->a_turned ? g->m : 1;
  size_t b_row = g->b_turned ? 1 : g->n, b_col = g->b_turned ? g->k : 1;
  float *y = floats(c, slot, (m - 1) * g->ldc + n);
  for (size_t r = 0; r < m; r++)
    for (size_t s = 0; g->add && s < n; s++)
      y[r * g->ldc + s] = old[(i + r) * g->n + j + s];
  at(c, "m=%zu n=%zu k=%zu turned=%d,%d add=%d from %zu,%zu", g->m, g->n, g->k, g->a_turned,
     g->b_turned, g->add, i, j);
  c->gemm(m, n, g->k, g->a + i * a_row, a_row, a_col, g->b + j * b_col, b_row, b_col, y, g->ldc,
          g->add, floats(c, 0, MK_GEMM_SCRATCH));
  intact(c, y);
  expect_nothing_between(c, y, m, n, g->ldc);
  return y;
}

/* As the product sees it. */
static double seen(const check *c, float x) {
  return c->rounds && !isnan(x) ? mk_f32_of_bf16(mk_bf16_of_f32(x)) : x;
}

static void expect_gemm(check *c, const gemm_case *g, const float *y, const float *old) {
  for (size_t i = 0; i < g->m; i++)
    for (size_t j = 0; j < g->n; j++) {
      double sum = g->add ? old[i * g->n + j] : 0, size = fabs(sum);
      for (size_t p = 0; p < g->k; p++) {
        double product = seen(c, g->a[g->a_turned ? p * g->m + i : i * g->k + p]) *
                         seen(c, g->b[g->b_turned ? j * g->k + p : p * g->n + j]);
        sum += product;
        size += fabs(product);
      }
      expect(c, i * g->n + j, y[i * g->ldc + j], sum,
             ((double)g->k + 1) * (EPS * size + FLT_MIN));
    }
}

static void gemm_of(check *c, gemm_case g, float special) {
  float *a = floats(c, 1, g.m * g.k), *b = floats(c, 2, g.k * g.n), *old = floats(c, 3, g.m * g.n);
  g.a = fill(c, a, g.m * g.k, RANDOM);
  g.b = fill(c, b, g.k * g.n, RANDOM);
  fill(c, old, g.m * g.n, RANDOM);
  a[g.m * g.k / 2] += special;
  float *whole = gemm_from(c, &g, 4, old, 0, 0);
  expect_gemm(c, &g, whole, old);
  size_t i = g.m / 3, j = g.n / 2;
  float *part = gemm_from(c, &g, 5, old, i, j);
  for (size_t r = 0; isfinite(special) && r < g.m - i; r++)
    for (size_t s = 0; s < g.n - j; s++)
      expect_same(c, "part", r * g.ldc + s, part + r * g.ldc + s,
                  whole + (i + r) * g.ldc + j + s);
}

static void check_gemm(check *c) {
  static const size_t sizes[][3] = {{1, 1, 1}, {5, 33, 7}, {16, 16, 32}, {32, 32, 64}, {37, 65, 100},
                                    {64, 96, 256}, {45, 40, 530}, {500, 40, 40}, {40, 500, 40}};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    for (int way = 0; way < 8; way++) {
      gemm_case g = {.m = sizes[i][0], .n = sizes[i][1], .k = sizes[i][2], .a_turned = way & 1,
                     .b_turned = way >> 1 & 1, .add = way >> 2 & 1};
      g.ldc = g.n + (size_t)way % 3;
      gemm_of(c, g, 0);
      gemm_of(c, g, NAN);
    }
}

#endif
