/* ops_dropout.c: dropout, on what is added to the residual stream.
**
** What is dropped is a function of (seed, step, batch, site, element) alone: the walk back draws
** the same again instead of keeping it, threads may take any rows, and a run that goes on from a
** checkpoint goes on as it would have.
*/
#include "core/train/ops.h"

/* By a key that no first weight is drawn by. */
static mk_drops drops_of(const mn_node *y) {
  const mn_dropout *by = y->extra;
  mk_drops d = {.key = {(uint32_t)by->seed, (uint32_t)(by->seed >> 32) ^ 0x64726f70u},
                .site = (uint32_t)y->count, .step = by->step, .batch = by->batch,
                .below = (uint32_t)(by->rate * 65536 + 0.5)};
  d.keep = (real)(65536.0 / (65536.0 - d.below));
  return d;
}

typedef struct dropping {
  const mk_train *kernels;
  mk_drops drops;
  mn_node *node;
  real *grad;                   /* of what is dropped */
  bool add;
} dropping;

static void forward_rows(void *work, size_t first, size_t past, int worker) {
  (void)worker;
  const dropping *w = work;
  const mn_node *y = w->node, *residual = y->in[1];
  w->kernels->drop(y->value, y->value, residual ? residual->value : NULL, first * y->cols,
                   past * y->cols, &w->drops);
}

static void back_rows(void *work, size_t first, size_t past, int worker) {
  (void)worker;
  const dropping *w = work;
  const mn_node *y = w->node;
  w->kernels->drop(w->grad, y->grad, w->add ? w->grad : NULL, first * y->cols, past * y->cols,
                   &w->drops);
}

static void dropout_back(mn_tape *tape, mn_node *y) {
  dropping w = {.kernels = tape->kernels, .drops = drops_of(y), .node = y};
  w.grad = mn_tape_grad(tape, y->in[0], &w.add);
  if (w.grad) mn_tape_rows(tape, y->rows, back_rows, &w);
  if (y->in[1]) mn_tape_pass_grad(tape, y, y->in[1]);
}

mn_node *mn_op_dropout(mn_tape *tape, mn_node *x, mn_node *residual, const mn_dropout *dropout,
                       size_t site) {
  if (!x) return NULL;
  mn_node *y = mn_tape_node(tape, x->rows, x->cols, false, dropout_back, x, residual, NULL);
  if (!y) return NULL;
  y->value = x->value;
  y->extra = dropout;
  y->count = site;
  dropping w = {.kernels = tape->kernels, .drops = drops_of(y), .node = y};
  mn_tape_rows(tape, y->rows, forward_rows, &w);
  return y;
}
