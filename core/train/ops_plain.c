/* ops_plain.c: the plain operations of the tape: arithmetic, functions, products, rows' sums.
**
** They are few and general; what costs time in a transformer has fused operations of its own. */
#include <math.h>
#include <string.h>

#include "core/train/ops.h"

typedef struct work {
  const mn_tape *tape;
  mn_node *y;
  real *grad;                   /* of the input that is being served */
  bool add;
} work;

/* ---- a op b ---- */

static real apply(mn_binary_op op, real a, real b) {
  switch (op) {
    case MN_OP_ADD: return a + b;
    case MN_OP_SUB: return a - b;
    case MN_OP_MUL: return a * b;
    default: return a / b;
  }
}

static real slope_a(mn_binary_op op, real b) {
  return op == MN_OP_MUL ? b : op == MN_OP_DIV ? 1 / b : 1;
}

static real slope_b(mn_binary_op op, real a, real b) {
  switch (op) {
    case MN_OP_ADD: return 1;
    case MN_OP_SUB: return -1;
    case MN_OP_MUL: return a;
    default: return -a / (b * b);
  }
}

static const real *row_of(const mn_node *node, size_t row) {
  return node->value + (node->rows == 1 ? 0 : row) * node->cols;
}

static void binary_rows(void *context, size_t first, size_t past, int worker) {
  (void)worker;
  const mn_node *y = ((work *)context)->y;
  for (size_t t = first; t < past; t++) {
    const real *a = row_of(y->in[0], t), *b = row_of(y->in[1], t);
    for (size_t i = 0; i < y->cols; i++)
      y->value[t * y->cols + i] = apply((mn_binary_op)y->count, a[i], b[i]);
  }
}

static void binary_back_a(void *context, size_t first, size_t past, int worker) {
  (void)worker;
  const work *w = context;
  const mn_node *y = w->y;
  for (size_t t = first; t < past; t++) {
    const real *b = row_of(y->in[1], t), *dy = y->grad + t * y->cols;
    real *da = w->grad + t * y->cols;
    for (size_t i = 0; i < y->cols; i++)
      da[i] = (w->add ? da[i] : 0) + dy[i] * slope_a((mn_binary_op)y->count, b[i]);
  }
}

/* b may be one row for all, so columns are the tasks: each sums over rows in order. */
static void binary_back_b(void *context, size_t i, int worker) {
  (void)worker;
  const work *w = context;
  const mn_node *y = w->y, *b = y->in[1];
  for (size_t t = 0; t < y->rows; t++) {
    real *db = w->grad + (b->rows == 1 ? 0 : t) * y->cols + i;
    bool fresh = !w->add && (t == 0 || b->rows > 1);
    *db = (fresh ? 0 : *db) + y->grad[t * y->cols + i] *
          slope_b((mn_binary_op)y->count, row_of(y->in[0], t)[i], row_of(b, t)[i]);
  }
}

static void binary_back(mn_tape *tape, mn_node *y) {
  work w = {.tape = tape, .y = y};
  w.grad = mn_tape_grad(tape, y->in[0], &w.add);
  if (w.grad) mn_tape_rows(tape, y->rows, binary_back_a, &w);
  w.grad = mn_tape_grad(tape, y->in[1], &w.add);
  if (w.grad) mn_tape_tasks(tape, y->cols, binary_back_b, &w);
}

mn_node *mn_op_binary(mn_tape *tape, mn_binary_op op, mn_node *a, mn_node *b) {
  if (!a || !b) return NULL;
  if (a->cols != b->cols || (b->rows != 1 && b->rows != a->rows)) {
    mn_tape_fail(tape, MOON_EARG, "the operands' shapes differ, and the second is no single row");
    return NULL;
  }
  mn_node *y = mn_tape_node(tape, a->rows, a->cols, true, binary_back, a, b, NULL);
  if (!y) return NULL;
  y->count = (size_t)op;
  work w = {.tape = tape, .y = y};
  mn_tape_rows(tape, y->rows, binary_rows, &w);
  return y;
}

/* ---- f(x) ---- */

static real sigmoid(real x) { return (real)(1 / (1 + exp(-(double)x))); }

static real value_of(mn_unary_op op, real x) {
  switch (op) {
    case MN_OP_EXP: return (real)exp((double)x);
    case MN_OP_LOG: return (real)log((double)x);
    case MN_OP_SQRT: return (real)sqrt((double)x);
    case MN_OP_TANH: return (real)tanh((double)x);
    case MN_OP_SIGMOID: return sigmoid(x);
    default: return x * sigmoid(x);
  }
}

static real slope_of(mn_unary_op op, real x, real y) {
  real s = sigmoid(x);
  switch (op) {
    case MN_OP_EXP: return y;
    case MN_OP_LOG: return 1 / x;
    case MN_OP_SQRT: return (real)0.5 / y;
    case MN_OP_TANH: return 1 - y * y;
    case MN_OP_SIGMOID: return y * (1 - y);
    default: return s * (1 + x * (1 - s));
  }
}

static void unary_rows(void *context, size_t first, size_t past, int worker) {
  (void)worker;
  const mn_node *y = ((work *)context)->y;
  for (size_t i = first * y->cols; i < past * y->cols; i++)
    y->value[i] = value_of((mn_unary_op)y->count, y->in[0]->value[i]);
}

static void unary_back_rows(void *context, size_t first, size_t past, int worker) {
  (void)worker;
  const work *w = context;
  const mn_node *y = w->y;
  for (size_t i = first * y->cols; i < past * y->cols; i++)
    w->grad[i] = (w->add ? w->grad[i] : 0) +
                 y->grad[i] * slope_of((mn_unary_op)y->count, y->in[0]->value[i], y->value[i]);
}

static void rows_back(mn_tape *tape, mn_node *y, mn_rows_fn *fn) {
  work w = {.tape = tape, .y = y};
  w.grad = mn_tape_grad(tape, y->in[0], &w.add);
  if (w.grad) mn_tape_rows(tape, y->in[0]->rows, fn, &w);
}

static mn_node *rows_forward(mn_tape *tape, mn_node *x, size_t cols, mn_back *back,
                             mn_rows_fn *fn, size_t count, real number) {
  if (!x) return NULL;
  mn_node *y = mn_tape_node(tape, x->rows, cols, true, back, x, NULL, NULL);
  if (!y) return NULL;
  y->count = count;
  y->number = number;
  work w = {.tape = tape, .y = y};
  mn_tape_rows(tape, y->rows, fn, &w);
  return y;
}

static void unary_back(mn_tape *tape, mn_node *y) { rows_back(tape, y, unary_back_rows); }

mn_node *mn_op_unary(mn_tape *tape, mn_unary_op op, mn_node *x) {
  return rows_forward(tape, x, x ? x->cols : 0, unary_back, unary_rows, (size_t)op, 0);
}

/* ---- scale, sums of rows ---- */

static void scale_rows(void *context, size_t first, size_t past, int worker) {
  (void)worker;
  const mn_node *y = ((work *)context)->y;
  for (size_t i = first * y->cols; i < past * y->cols; i++)
    y->value[i] = y->number * y->in[0]->value[i];
}

static void scale_back_rows(void *context, size_t first, size_t past, int worker) {
  (void)worker;
  const work *w = context;
  const mn_node *y = w->y;
  for (size_t i = first * y->cols; i < past * y->cols; i++)
    w->grad[i] = (w->add ? w->grad[i] : 0) + y->number * y->grad[i];
}

static void scale_back(mn_tape *tape, mn_node *y) { rows_back(tape, y, scale_back_rows); }

mn_node *mn_op_scale(mn_tape *tape, mn_node *x, real factor) {
  return rows_forward(tape, x, x ? x->cols : 0, scale_back, scale_rows, 0, factor);
}

static void sum_rows(void *context, size_t first, size_t past, int worker) {
  (void)worker;
  const mn_node *y = ((work *)context)->y, *x = y->in[0];
  for (size_t t = first; t < past; t++) {
    double sum = 0;
    for (size_t i = 0; i < x->cols; i++) sum += (double)x->value[t * x->cols + i];
    y->value[t] = y->number * (real)sum;
  }
}

static void sum_back_rows(void *context, size_t first, size_t past, int worker) {
  (void)worker;
  const work *w = context;
  const mn_node *y = w->y;
  size_t cols = y->in[0]->cols;
  for (size_t t = first; t < past; t++)
    for (size_t i = t * cols; i < (t + 1) * cols; i++)
      w->grad[i] = (w->add ? w->grad[i] : 0) + y->number * y->grad[t];
}

static void sum_back(mn_tape *tape, mn_node *y) { rows_back(tape, y, sum_back_rows); }

mn_node *mn_op_sum(mn_tape *tape, mn_node *x) {
  return rows_forward(tape, x, 1, sum_back, sum_rows, 0, 1);
}

mn_node *mn_op_mean(mn_tape *tape, mn_node *x) {
  return rows_forward(tape, x, 1, sum_back, sum_rows, 0, x ? 1 / (real)x->cols : 0);
}

/* ---- softmax ---- */

static void softmax_rows(void *context, size_t first, size_t past, int worker) {
  (void)worker;
  const work *w = context;
  const mn_node *y = w->y;
  for (size_t t = first; t < past; t++) {
    memcpy(y->value + t * y->cols, y->in[0]->value + t * y->cols, y->cols * sizeof(real));
    w->tape->kernels->softmax(y->value + t * y->cols, y->cols, 1);
  }
}

static void softmax_back_rows(void *context, size_t first, size_t past, int worker) {
  (void)worker;
  const work *w = context;
  const mn_node *y = w->y;
  for (size_t t = first; t < past; t++) {
    const real *dy = y->grad + t * y->cols, *p = y->value + t * y->cols;
    real *dx = w->grad + t * y->cols, delta = w->tape->kernels->dot(dy, p, y->cols);
    for (size_t i = 0; i < y->cols; i++)
      dx[i] = (w->add ? dx[i] : 0) + p[i] * (dy[i] - delta);
  }
}

static void softmax_back(mn_tape *tape, mn_node *y) { rows_back(tape, y, softmax_back_rows); }

mn_node *mn_op_softmax(mn_tape *tape, mn_node *x) {
  return rows_forward(tape, x, x ? x->cols : 0, softmax_back, softmax_rows, 0, 0);
}

/* ---- a b ---- */

static void matmul_back(mn_tape *tape, mn_node *y) {
  mn_node *a = y->in[0], *b = y->in[1];
  size_t M = y->rows, N = y->cols, K = a->cols;
  bool add;
  mn_operand dy = {y->grad, N, 1};
  real *da = mn_tape_grad(tape, a, &add);
  if (da) mn_tape_gemm(tape, M, K, N, dy, (mn_operand){b->value, 1, N}, da, K, add);
  real *db = mn_tape_grad(tape, b, &add);
  if (db) mn_tape_gemm(tape, K, N, M, (mn_operand){a->value, 1, K}, dy, db, N, add);
}

mn_node *mn_op_matmul(mn_tape *tape, mn_node *a, mn_node *b) {
  if (!a || !b) return NULL;
  if (a->cols != b->rows) {
    mn_tape_fail(tape, MOON_EARG, "matmul: the inner sizes differ");
    return NULL;
  }
  mn_node *y = mn_tape_node(tape, a->rows, b->cols, true, matmul_back, a, b, NULL);
  if (!y) return NULL;
  mn_tape_gemm(tape, y->rows, y->cols, a->cols, (mn_operand){a->value, a->cols, 1},
               (mn_operand){b->value, b->cols, 1}, y->value, y->cols, false);
  return y;
}
