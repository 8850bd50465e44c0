/* feedback.c: the sum of x^T x, and its factor R; see feedback.h.
**
** How: R is found from the last columns to the first, MK_QBLOCK of them at a time: the block on the
** diagonal by itself, the one above it from that, and then their part is taken from all that is
** left. Nearly all work is the last step, a matrix product.
** Invariant: any finite sum gives finite factors: a pivot that rounding or too few inputs leave too
** small is raised, which trusts its column less. */
#include "core/tensor/feedback.h"

#include <math.h>
#include <string.h>

#include "core/base/gemm.h"
#include "core/base/pool.h"

enum { BLOCK = MK_QBLOCK, PANEL = 64 };
static const float damping = 0.01f;

/* ---- sums ---- */

typedef struct sum {
  const mn_feedback *f;
  const float *x;
  size_t T;
} sum;

/* Rows of the sum, from the diagonal's block on. */
static void add_panel(void *context, size_t panel, int worker) {
  (void)worker;
  const sum *s = context;
  size_t n = s->f->n, first = panel * PANEL, rows = n - first < PANEL ? n - first : PANEL;
  mn_gemm(rows, n - first, s->T, s->x + first, 1, n, s->x + first, n, 1,
          s->f->factor + first * n + first, n, 1, true);
}

void mn_feedback_clear(mn_feedback *f) {
  f->count = 0;
  memset(f->factor, 0, f->n * f->n * sizeof *f->factor);
}

void mn_feedback_add(const moon_engine *engine, mn_feedback *f, const float *x, size_t T) {
  sum s = {f, x, T};
  f->count += T;
  mn_pool_run(engine->pool, (f->n + PANEL - 1) / PANEL, add_panel, &s);
}

/* ---- factors ---- */

/* Columns first .. past-1 of R, whose block of the sum has been rid of what lies behind: R_kk, then
** the column above it. */
static void factor_diagonal(float *r, size_t n, size_t first, size_t past, float least) {
  for (size_t k = past; k-- > first;) {
    for (size_t i = first; i <= k; i++) {
      float rest = r[i * n + k];
      for (size_t j = k + 1; j < past; j++) rest -= r[i * n + j] * r[k * n + j];
      r[i * n + k] = rest;
    }
    float pivot = sqrtf(r[k * n + k] > least ? r[k * n + k] : least);
    r[k * n + k] = pivot;
    for (size_t i = first; i < k; i++) r[i * n + k] /= pivot;
  }
}

/* The rows above the diagonal block: X R_block^T = what is there. */
static void solve_above(float *r, size_t n, size_t first, size_t past) {
  for (size_t i = 0; i < first; i++)
    for (size_t k = past; k-- > first;) {
      float rest = r[i * n + k];
      for (size_t j = k + 1; j < past; j++) rest -= r[i * n + j] * r[k * n + j];
      r[i * n + k] = rest / r[k * n + k];
    }
}

typedef struct update {
  float *r;
  size_t n, first, width;
  float *negative;              /* (first, BLOCK): what solve_above found, negated */
} update;

static void update_panel(void *context, size_t panel, int worker) {
  (void)worker;
  const update *u = context;
  size_t n = u->n, top = panel * PANEL, rows = u->first - top < PANEL ? u->first - top : PANEL;
  for (size_t i = top; i < top + rows; i++)
    for (size_t k = 0; k < u->width; k++)
      u->negative[i * BLOCK + k] = -u->r[i * n + u->first + k];
  mn_gemm(rows, u->first - top, u->width, u->negative + top * BLOCK, BLOCK, 1,
          u->r + top * n + u->first, 1, n, u->r + top * n + top, n, 1, true);
}

bool mn_feedback_solve(const moon_engine *engine, mn_feedback *f) {
  size_t n = f->n;
  float *r = f->factor, mean = 0x1p-100f;       /* without inputs all columns are alike */
  for (size_t k = 0; k < n; k++) mean += r[k * n + k] / (float)n;
  if (!isfinite(mean)) return false;
  float trust = (float)f->count / (float)(f->count + n);
  for (size_t k = 0; k < n; k++) {
    r[k * n + k] += damping * mean;
    for (size_t j = k + 1; j < n; j++) r[k * n + j] *= trust;
  }
  for (size_t past = n; past > 0;) {
    size_t width = (past - 1) % BLOCK + 1, first = past - width;
    factor_diagonal(r, n, first, past, damping * mean);
    solve_above(r, n, first, past);
    update u = {r, n, first, width, f->scratch};
    mn_pool_run(engine->pool, (first + PANEL - 1) / PANEL, update_panel, &u);
    past = first;
  }
  float total = 0;
  for (size_t k = 0; k < n; k++) total += r[k * n + k] * r[k * n + k] / (float)n;
  for (size_t k = 0; k < n; k++) {
    float pivot = r[k * n + k];
    f->importance[k] = pivot * pivot / total;
    for (size_t j = 0; j < k; j++) r[j * n + k] /= pivot;
  }
  return true;
}
