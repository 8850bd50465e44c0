/* linear_int8.c: quantising the activations, then tasks of some groups of rows; see the header.
**
** A task that adds to y, or that holds the group that is filled up past the last row, goes
** through the worker's own tile of results; the others write y directly. */
#include "core/tensor/linear_int8.h"

#include "core/base/blocks.h"
#include "core/base/pool.h"

enum {
  GROUPS = 2,                   /* of rows in a task: about a microsecond at decode, so that even
                                   matrices of 576 rows keep two workers equally busy */
  COLUMNS = 64,                 /* tokens in a tile of results */
  TILE = GROUPS * MK_QROWS * COLUMNS,
  TOKENS = 4                    /* quantised in a task */
};

typedef struct job {
  const moon_engine *engine;
  const mn_product *products;
  size_t n_products;
  size_t n, T;
  bool add;
  const float *x;
  int8_t *q;                    /* (T, n) */
  float *scale;                 /* (T, n/32) */
  int32_t *bias;                /* (T, n/32) */
  float *tiles;                 /* (workers, TILE) */
} job;

size_t mn_linear_int8_scratch(const moon_engine *engine, size_t n, size_t T) {
  size_t blocks = n / MK_QBLOCK + 1;
  return (size_t)mn_pool_workers(engine->pool) * TILE + T * (n / sizeof(float) + 1 + 2 * blocks);
}

static void quantize_tokens(void *context, size_t task, int worker) {
  (void)worker;
  const job *j = context;
  size_t first = task * TOKENS, past = first + TOKENS, blocks = j->n / MK_QBLOCK;
  if (past > j->T) past = j->T;
  for (size_t t = first; t < past; t++)
    j->engine->kernels.quantize(j->q + t * j->n, j->scale + t * blocks, j->bias + t * blocks,
                                j->x + t * j->n, j->n);
}

static size_t groups_of(const mn_matrix *w) { return (w->rows + MK_QROWS - 1) / MK_QROWS; }
static size_t tasks_of(const mn_matrix *w) { return (groups_of(w) + GROUPS - 1) / GROUPS; }

static void multiply(const job *j, const mn_matrix *w, size_t group, size_t groups, size_t first,
                     size_t columns, float *y, size_t ldy) {
  const mk_table *k = &j->engine->kernels;
  size_t blocks = j->n / MK_QBLOCK;
  const uint8_t *bytes = (const uint8_t *)w->bytes + group * mn_quant_group(w->dtype, j->n);
  const mk_int8 x = {j->q + first * j->n, j->scale + first * blocks, j->bias + first * blocks};
  if (w->dtype == MOON_Q8) k->matmul_q8(y, ldy, bytes, j->n, &x, groups, columns);
  else k->matmul_q4(y, ldy, bytes, j->n, &x, groups, columns);
}

static void rows_task(void *context, size_t index, int worker) {
  const job *j = context;
  size_t p = 0;
  while (index >= tasks_of(j->products[p].w)) index -= tasks_of(j->products[p++].w);
  const mn_matrix *w = j->products[p].w;
  float *y = j->products[p].y + index * GROUPS * MK_QROWS;
  size_t group = index * GROUPS, groups = groups_of(w) - group;
  if (groups > GROUPS) groups = GROUPS;
  size_t rows = w->rows - group * MK_QROWS;
  if (rows > groups * MK_QROWS) rows = groups * MK_QROWS;
  if (!j->add && rows == groups * MK_QROWS) {
    multiply(j, w, group, groups, 0, j->T, y, w->rows);
    return;
  }
  float *tile = j->tiles + (size_t)worker * TILE;
  size_t ld = groups * MK_QROWS;
  for (size_t first = 0; first < j->T; first += COLUMNS) {
    size_t columns = j->T - first < COLUMNS ? j->T - first : COLUMNS;
    multiply(j, w, group, groups, first, columns, tile, ld);
    for (size_t t = 0; t < columns; t++) {
      float *row = y + (first + t) * w->rows;
      const float *result = tile + t * ld;
      for (size_t r = 0; r < rows; r++) row[r] = j->add ? row[r] + result[r] : result[r];
    }
  }
}

void mn_linear_int8(const moon_engine *engine, const mn_product *products, size_t n_products,
                    const float *x, size_t T, bool add, float *scratch) {
  size_t n = products[0].w->n, blocks = n / MK_QBLOCK;
  job j = {.engine = engine, .products = products, .n_products = n_products, .n = n, .T = T,
           .add = add, .x = x, .tiles = scratch};
  j.scale = scratch + (size_t)mn_pool_workers(engine->pool) * TILE;
  j.bias = (int32_t *)(void *)(j.scale + T * blocks);
  j.q = (int8_t *)(j.bias + T * blocks);
  mn_pool_run(engine->pool, (T + TOKENS - 1) / TOKENS, quantize_tokens, &j);
  size_t tasks = 0;
  for (size_t p = 0; p < n_products; p++) tasks += tasks_of(products[p].w);
  mn_pool_run(engine->pool, tasks, rows_task, &j);
}
