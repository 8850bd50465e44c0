/* linear_rows.c: some rows of a product, each by the kernel that mn_linear uses for one token, so
** that the bits are the same. Rows of a quantised matrix come by groups; a group is computed once
** for all of its rows that are asked for. */
#include "core/base/blocks.h"
#include "core/base/pool.h"
#include "core/tensor/linear.h"

enum { TASK_ROWS = 64 };

typedef struct job {
  const moon_engine *engine;
  const mn_matrix *w;
  const int32_t *rows;
  size_t count;
  const float *x;
  mk_int8 quantised;            /* x, of Q8 and Q4 */
  float *y;
} job;

static void float_rows(const job *j, size_t first, size_t past) {
  for (size_t i = first; i < past; i++) {
    size_t row = (size_t)j->rows[i];
    mn_matvec(&j->engine->kernels, j->y + row, 1, j->w, row, 1, j->x, 1);
  }
}

static void quantised_rows(const job *j, size_t first, size_t past) {
  const mk_table *k = &j->engine->kernels;
  const mn_matrix *w = j->w;
  size_t group = SIZE_MAX;
  float tile[MK_QROWS] = {0};
  for (size_t i = first; i < past; i++) {
    size_t row = (size_t)j->rows[i];
    if (row / MK_QROWS != group) {
      group = row / MK_QROWS;
      const uint8_t *bytes = (const uint8_t *)w->bytes + group * mn_quant_group(w->dtype, w->n);
      (w->dtype == MOON_Q8 ? k->matmul_q8 : k->matmul_q4)(tile, MK_QROWS, bytes, w->n,
                                                          &j->quantised, 1, 1);
    }
    j->y[row] = tile[row % MK_QROWS];
  }
}

static void task(void *context, size_t index, int worker) {
  (void)worker;
  const job *j = context;
  size_t first = index * TASK_ROWS, past = first + TASK_ROWS;
  if (past > j->count) past = j->count;
  (mn_is_quant(j->w->dtype) ? quantised_rows : float_rows)(j, first, past);
}

void mn_linear_rows(const moon_engine *engine, const mn_matrix *w, const int32_t *rows,
                    size_t count, const float *x, float *y, float *scratch) {
  job j = {.engine = engine, .w = w, .rows = rows, .count = count, .x = x, .y = y};
  if (mn_is_quant(w->dtype)) {
    size_t blocks = w->n / MK_QBLOCK;
    int32_t *bias = (int32_t *)(void *)(scratch + blocks);
    int8_t *q = (int8_t *)(bias + blocks);
    engine->kernels.quantize(q, scratch, bias, x, w->n);
    j.quantised = (mk_int8){q, scratch, bias};
  }
  mn_pool_run(engine->pool, (count + TASK_ROWS - 1) / TASK_ROWS, task, &j);
}

size_t mn_linear_rows_work(const mn_matrix *w, const int32_t *rows, size_t count) {
  if (!mn_is_quant(w->dtype)) return count;
  size_t groups = 0;
  for (size_t i = 0; i < count; i++)
    groups += i == 0 || rows[i] / MK_QROWS != rows[i - 1] / MK_QROWS;
  return groups * MK_QROWS;
}
