/* linear.c: cutting products into tasks for the pool; see linear.h. */
#include "core/tensor/linear.h"

#include "core/base/blocks.h"
#include "core/base/pool.h"
#include "core/base/gemm.h"
#include "core/tensor/linear_int8.h"

enum {
  FEW_TOKENS = 96,      /* up to here the matvec kernels are faster than BLIS; of AVX-512, always */
  FEW_ROUNDED = 24,     /* and up to here than turning bf16 weights for products with bf16 */
  MATVEC_ROWS = 32,     /* a task of some microseconds for every MobileLLM size */
  MOST_TOKENS = 256,    /* in one call of a matvec kernel; with GEMM_ROWS they fit the scratch */
  MATVEC_FLOATS = 1 << 17, /* of many tokens, as of their panel: both stay in 1 MiB of L2 */
  GEMM_TILE = 32,       /* panels are whole register tiles of BLIS's AVX-512 kernel */
  GEMM_ROWS = 384,      /* most rows of a panel, */
  GEMM_FLOATS = 1 << 19 /* and most of its elements: widened, it stays within 2 MiB of L2 */
};

typedef struct job {
  const moon_engine *engine;
  const mn_product *products;
  size_t n_products;
  const float *x;
  mk_bf16 *rounded;             /* (T, n): x for matrices that round; NULL without one */
  size_t T;
  bool add;
  float *scratch;               /* workers * scratch_each */
  size_t scratch_each;
  size_t panel[MN_PRODUCTS];    /* rows of a panel, per product */
} job;

static size_t scratch_each(size_t n) {
  return GEMM_FLOATS + 2 * GEMM_TILE * n + FEW_TOKENS * MATVEC_ROWS;
}

/* The matvec kernels of AVX-512 reach nine tenths of the multipliers' rate with many tokens, where
** BLIS turns and copies both operands first. */
static bool always_matvec(const moon_engine *engine) {
  return mk_tier_avx512(engine->best);
}

size_t mn_linear_alone(const moon_engine *engine, const mn_matrix *w) {
  if (mn_is_quant(w->dtype)) return SIZE_MAX;
  if (w->rounds) return FEW_ROUNDED;
  return always_matvec(engine) ? SIZE_MAX : FEW_TOKENS;
}

size_t mn_linear_scratch(const moon_engine *engine, size_t n, size_t T) {
  size_t floats = (size_t)mn_pool_workers(engine->pool) * scratch_each(n) + T * ((n + 1) / 2);
  size_t int8 = mn_linear_int8_scratch(engine, n, T);
  return floats > int8 ? floats : int8;
}

static size_t panels(const job *j, size_t p) {
  return (j->products[p].w->rows + j->panel[p] - 1) / j->panel[p];
}

/* Equal panels, an even number of them, keep two workers equally busy. */
static size_t many_panel(size_t rows, size_t n, size_t floats) {
  size_t most = floats / n;
  if (most > GEMM_ROWS) most = GEMM_ROWS;
  if (most < GEMM_TILE) most = GEMM_TILE;
  size_t count = (rows + most - 1) / most;
  if (count > 1) count += count & 1;
  size_t panel = (rows + count - 1) / count;
  return (panel + GEMM_TILE - 1) / GEMM_TILE * GEMM_TILE;
}

void mn_matvec(const mk_table *k, float *y, size_t ldy, const mn_matrix *w, size_t first,
               size_t rows, const float *x, size_t T) {
  size_t n = w->n, at = first * n;
  switch (w->dtype) {
    case MOON_BF16:
      k->matvec_bf16(y, ldy, (const mk_bf16 *)w->bytes + at, n, x, n, rows, n, T);
      break;
    case MOON_F16:
      k->matvec_f16(y, ldy, (const mk_f16 *)w->bytes + at, n, x, n, rows, n, T);
      break;
    default:
      k->matvec_f32(y, ldy, (const float *)w->bytes + at, n, x, n, rows, n, T);
  }
}

/* Rows of a panel as f32: as they are stored, or widened into scratch. */
static const float *wide_panel(const mk_table *k, const mn_matrix *w, size_t first, size_t rows,
                               float *scratch) {
  size_t at = first * w->n, count = rows * w->n;
  if (w->dtype == MOON_F32) return (const float *)w->bytes + at;
  if (w->dtype == MOON_BF16) k->widen_bf16(scratch, (const mk_bf16 *)w->bytes + at, count);
  if (w->dtype == MOON_F16) k->widen_f16(scratch, (const mk_f16 *)w->bytes + at, count);
  return scratch;
}

/* Some tokens at a time, which pass over the panel while they are in the cache; widening it once
** pays where they are many. */
static void matvec_panel(const job *j, const mn_product *p, size_t first, size_t rows,
                         float *scratch) {
  const mk_table *k = &j->engine->kernels;
  size_t n = p->w->n, ldy = p->w->rows, most = MATVEC_FLOATS / n / 4 * 4, row = first;
  mn_matrix w = *p->w;
  float *sums = scratch;
  if (j->T > FEW_TOKENS) {
    w = (mn_matrix){.bytes = wide_panel(k, p->w, first, rows, scratch), .rows = rows, .n = n,
                    .dtype = MOON_F32};
    row = 0;
    sums += rows * n;
  }
  if (most < FEW_TOKENS) most = FEW_TOKENS;
  if (most > MOST_TOKENS) most = MOST_TOKENS;
  for (size_t t = 0, some; t < j->T; t += some) {
    some = j->T - t < most ? j->T - t : most;
    float *y = p->y + t * ldy + first;
    mn_matvec(k, j->add ? sums : y, j->add ? rows : ldy, &w, row, rows, j->x + t * n, some);
    for (size_t i = 0; j->add && i < some; i++) k->add(y + i * ldy, sums + i * rows, rows);
  }
}

static void gemm_panel_run(const job *j, const mn_product *p, size_t first, size_t rows,
                           float *scratch) {
  size_t n = p->w->n;
  const float *w = wide_panel(&j->engine->kernels, p->w, first, rows, scratch);
  mn_gemm(j->T, rows, n, j->x, n, 1, w, 1, n, p->y + first, p->w->rows, 1, j->add);
}

/* The kernel writes all of its results, so that those to be added take the worker's scratch. */
static void rounded_panel_run(const job *j, const mn_product *p, size_t first, size_t rows,
                              float *scratch) {
  const mk_table *k = &j->engine->kernels;
  size_t n = p->w->n, ldy = p->w->rows, most = j->add ? GEMM_FLOATS / rows : j->T;
  const mk_bf16 *w = (const mk_bf16 *)p->w->bytes + first * n;
  for (size_t t = 0, some; t < j->T; t += some) {
    some = j->T - t < most ? j->T - t : most;
    float *y = p->y + t * ldy + first;
    k->matmul_bf16(j->add ? scratch : y, j->add ? rows : ldy, w, n, j->rounded + t * n, n, rows,
                   n, some);
    for (size_t i = 0; j->add && i < some; i++) k->add(y + i * ldy, scratch + i * rows, rows);
  }
}

static void round_token(void *context, size_t t, int worker) {
  (void)worker;
  const job *j = context;
  size_t n = j->products[0].w->n;
  j->engine->kernels.narrow_bf16(j->rounded + t * n, j->x + t * n, n);
}

/* Few tokens wait for the weights, which the matvec kernels read once. */
static bool takes_matvec(const job *j, const mn_product *p) {
  return j->T <= mn_linear_alone(j->engine, p->w);
}

static void task(void *context, size_t index, int worker) {
  const job *j = context;
  size_t p = 0;
  while (index >= panels(j, p)) index -= panels(j, p++);
  const mn_product *product = &j->products[p];
  size_t first = index * j->panel[p], rows = product->w->rows - first;
  if (rows > j->panel[p]) rows = j->panel[p];
  float *scratch = j->scratch + (size_t)worker * j->scratch_each;
  if (takes_matvec(j, product)) matvec_panel(j, product, first, rows, scratch);
  else if (product->w->rounds) rounded_panel_run(j, product, first, rows, scratch);
  else gemm_panel_run(j, product, first, rows, scratch);
}

static void linear_float(const moon_engine *engine, const mn_product *products, size_t n_products,
                         const float *x, size_t T, bool add, float *scratch) {
  job j = {.engine = engine, .products = products, .n_products = n_products, .x = x, .T = T,
           .add = add, .scratch = scratch, .scratch_each = scratch_each(products[0].w->n)};
  size_t tasks = 0;
  for (size_t p = 0; p < n_products; p++) {
    const mn_matrix *w = products[p].w;
    bool by_matvec = takes_matvec(&j, &products[p]);
    j.panel[p] = T <= FEW_TOKENS && by_matvec ? MATVEC_ROWS
                 : many_panel(w->rows, w->n, by_matvec ? MATVEC_FLOATS : GEMM_FLOATS);
    if (w->rounds && !by_matvec)
      j.rounded = (mk_bf16 *)(void *)(scratch + (size_t)mn_pool_workers(engine->pool) *
                                      j.scratch_each);
    tasks += panels(&j, p);
  }
  if (j.rounded) mn_pool_run(engine->pool, T, round_token, &j);
  mn_pool_run(engine->pool, tasks, task, &j);
}

/* Products of one kind go together; a file may mix the kinds. */
void mn_linear(const moon_engine *engine, const mn_product *products, size_t n_products,
               const float *x, size_t T, bool add, float *scratch) {
  for (size_t first = 0, past; first < n_products; first = past) {
    bool quantised = mn_is_quant(products[first].w->dtype);
    for (past = first + 1; past < n_products; past++)
      if (mn_is_quant(products[past].w->dtype) != quantised) break;
    (quantised ? mn_linear_int8 : linear_float)(engine, products + first, past - first, x, T, add,
                                                scratch);
  }
}
