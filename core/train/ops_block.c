/* ops_block.c: what a block consists of, apart from attention: embedding, linear maps, low-rank
** updates, norms, rotary embedding, SwiGLU.
**
** Sums over tokens (a norm's weight, the embedding's rows) are taken in an order of their own:
** slabs of tokens in turn, added in turn; each row of the table by one task, in token order.
*/
#include <string.h>

#include "core/train/ops.h"
#include "kernels/half.h"

/* What row functions of this file get. */
typedef struct row_work {
  const mn_tape *tape;
  mn_node *node;
  real *grad;                   /* the input's */
  bool add;
  real *partial;                /* (slabs, cols): sums of a slab of tokens */
} row_work;

/* ---- embedding ---- */

static void embed_rows(void *work, size_t first, size_t past, int worker) {
  (void)worker;
  const mn_node *y = ((row_work *)work)->node, *table = y->in[0];
  const int32_t *ids = y->extra;
  for (size_t t = first; t < past; t++) {
    real *to = y->value + t * y->cols;
    size_t at = (size_t)ids[t] * y->cols;
    if (table->narrow)
      for (size_t i = 0; i < y->cols; i++) to[i] = (real)mk_f32_of_bf16(table->narrow[at + i]);
    else memcpy(to, table->value + at, y->cols * sizeof *to);
  }
}

enum { EMBED_TASKS = 16 };

static void embed_back_task(void *work, size_t task, int worker) {
  (void)worker;
  const row_work *w = work;
  const mn_node *y = w->node;
  const int32_t *ids = y->extra;
  for (size_t t = 0; t < y->rows; t++)
    if ((size_t)ids[t] % EMBED_TASKS == task)
      w->tape->kernels->axpy(w->grad + (size_t)ids[t] * y->cols, 1, y->grad + t * y->cols,
                             y->cols);
}

static void embed_back(mn_tape *tape, mn_node *y) {
  bool add;
  row_work work = {.tape = tape, .node = y};
  work.grad = mn_tape_grad(tape, y->in[0], &add);
  if (!work.grad) return;
  if (!add && !mn_tape_measures(tape))
    memset(work.grad, 0, y->in[0]->rows * y->cols * sizeof(real));
  mn_tape_tasks(tape, EMBED_TASKS, embed_back_task, &work);
}

mn_node *mn_op_embed(mn_tape *tape, mn_node *table, const mn_batch *batch) {
  if (!table) return NULL;
  mn_node *y = mn_tape_node(tape, batch->tokens, table->cols, true, embed_back, table, NULL, NULL);
  if (!y) return NULL;
  y->extra = batch->ids;
  row_work work = {.tape = tape, .node = y};
  mn_tape_rows(tape, y->rows, embed_rows, &work);
  return y;
}

/* ---- linear ---- */

static mn_operand plain(const real *at, size_t cols) { return (mn_operand){at, cols, 1}; }
static mn_operand turned(const real *at, size_t cols) { return (mn_operand){at, 1, cols}; }

/* y (T, N) = x W^T + r: dx = dy W, dW = dy^T x, dr = dy. */
static void linear_back(mn_tape *tape, mn_node *y) {
  mn_node *x = y->in[0], *w = y->in[1], *residual = y->in[2];
  size_t T = y->rows, N = y->cols, n = x->cols;
  bool add;
  real *dx = mn_tape_grad(tape, x, &add);
  if (dx) {
    const real *weights = mn_tape_read(tape, w);
    mn_tape_gemm(tape, T, n, N, plain(y->grad, N), plain(weights, n), dx, n, add);
    mn_tape_read_end(tape, w, weights);
  }
  real *dw = mn_tape_grad(tape, w, &add);
  if (dw) mn_tape_gemm(tape, N, n, T, turned(y->grad, N), plain(x->value, n), dw, n, add);
  if (residual) mn_tape_pass_grad(tape, y, residual);
}

static void copy_rows(void *work, size_t first, size_t past, int worker) {
  (void)worker;
  const mn_node *y = ((row_work *)work)->node;
  memcpy(y->value + first * y->cols, y->in[2]->value + first * y->cols,
         (past - first) * y->cols * sizeof(real));
}

mn_node *mn_op_linear(mn_tape *tape, mn_node *x, mn_node *w, mn_node *residual) {
  if (!x || !w) return NULL;
  mn_node *y = mn_tape_node(tape, x->rows, w->rows, true, linear_back, x, w, residual);
  if (!y) return NULL;
  row_work work = {.tape = tape, .node = y};
  if (residual) mn_tape_rows(tape, y->rows, copy_rows, &work);
  const real *weights = mn_tape_read(tape, w);
  mn_tape_gemm(tape, y->rows, y->cols, x->cols, plain(x->value, x->cols),
               turned(weights, x->cols), y->value, y->cols, residual != NULL);
  mn_tape_read_end(tape, w, weights);
  return y;
}

/* ---- low-rank update ---- */

static void scale_rows(void *work, size_t first, size_t past, int worker) {
  (void)worker;
  const row_work *w = work;
  size_t cols = w->node->count;
  for (size_t i = first * cols; i < past * cols; i++) w->partial[i] *= w->node->number;
}

/* dh = dy B, dB = dy^T h, dA = scale * dh^T x, dx = scale * dh A. */
static void lowrank_back(mn_tape *tape, mn_node *y) {
  mn_node *x = y->in[1], *a = y->in[2], *b = y->in[3];
  size_t T = y->rows, N = b->rows, r = a->rows, n = x->cols;
  bool add;
  const real *dy = y->grad + y->first;
  real *db = mn_tape_grad(tape, b, &add);
  if (db)
    mn_tape_gemm(tape, N, r, T, turned(dy, y->cols), plain(y->save, r), db, r, add);
  row_work work = {.tape = tape, .node = y, .partial = y->save};    /* h becomes dh */
  mn_tape_gemm(tape, T, r, N, plain(dy, y->cols), plain(b->value, r), y->save, r, false);
  mn_tape_rows(tape, T, scale_rows, &work);
  real *da = mn_tape_grad(tape, a, &add);
  if (da) mn_tape_gemm(tape, r, n, T, turned(y->save, r), plain(x->value, n), da, n, add);
  real *dx = mn_tape_grad(tape, x, &add);
  if (dx) mn_tape_gemm(tape, T, n, r, plain(y->save, r), plain(a->value, n), dx, n, add);
  mn_tape_pass_grad(tape, y, y->in[0]);
}

mn_node *mn_op_lowrank(mn_tape *tape, mn_node *base, mn_node *x, mn_node *a, mn_node *b,
                       real scale, size_t first) {
  if (!base || !x || !a || !b) return NULL;
  mn_node *y = mn_tape_node(tape, base->rows, base->cols, false, lowrank_back, base, x, a);
  real *h = mn_tape_take(tape, x->rows * a->rows);      /* scale * x A^T */
  if (!y || !h) return NULL;
  y->in[3] = b;
  y->wants |= b->wants && !tape->forward_only;
  y->value = base->value;
  y->first = first;
  y->count = a->rows;
  y->number = scale;
  y->save = h;
  row_work work = {.tape = tape, .node = y, .partial = h};
  size_t T = x->rows, n = x->cols, r = a->rows;
  mn_tape_gemm(tape, T, r, n, plain(x->value, n), turned(a->value, n), h, r, false);
  mn_tape_rows(tape, T, scale_rows, &work);
  mn_tape_gemm(tape, T, b->rows, r, plain(h, r), turned(b->value, r), y->value + first, y->cols,
               true);
  return y;
}

/* ---- RMSNorm ---- */

enum { SLAB = 128 };

static size_t slabs_of(size_t rows) { return (rows + SLAB - 1) / SLAB; }

static void rmsnorm_rows(void *work, size_t first, size_t past, int worker) {
  (void)worker;
  const row_work *w = work;
  const mn_node *y = w->node, *x = y->in[0];
  for (size_t t = first; t < past; t++)
    y->save[t] = w->tape->kernels->rmsnorm(y->value + t * y->cols, x->value + t * y->cols,
                                           y->in[1]->value, y->cols, y->number);
}

static void rmsnorm_back_slab(void *work, size_t slab, int worker) {
  (void)worker;
  const row_work *w = work;
  const mn_node *y = w->node, *x = y->in[0];
  size_t past = (slab + 1) * SLAB < y->rows ? (slab + 1) * SLAB : y->rows;
  real *dw = w->partial ? w->partial + slab * y->cols : NULL;
  if (dw) memset(dw, 0, y->cols * sizeof *dw);
  for (size_t t = slab * SLAB; t < past; t++)
    w->tape->kernels->rmsnorm_back(w->grad + t * y->cols, dw, y->grad + t * y->cols,
                                   x->value + t * y->cols, y->in[1]->value, y->save[t], y->cols,
                                   w->add);
}

static void rmsnorm_back(mn_tape *tape, mn_node *y) {
  mn_node *x = y->in[0], *weight = y->in[1];
  size_t slabs = slabs_of(y->rows);
  bool add;
  row_work work = {.tape = tape, .node = y};
  work.grad = mn_tape_grad(tape, x, &work.add);
  real *dw = mn_tape_grad(tape, weight, &add);
  if (!work.grad) {                     /* only the weight learns: what dx would be goes away */
    work.grad = mn_tape_take(tape, y->rows * y->cols);
    work.add = false;
    if (!work.grad) return;
  }
  if (dw) work.partial = y->save + y->rows;
  mn_tape_tasks(tape, slabs, rmsnorm_back_slab, &work);
  if (!dw || mn_tape_measures(tape)) return;
  if (!add) memset(dw, 0, y->cols * sizeof *dw);
  for (size_t s = 0; s < slabs; s++)
    tape->kernels->axpy(dw, 1, work.partial + s * y->cols, y->cols);
}

mn_node *mn_op_rmsnorm(mn_tape *tape, mn_node *x, mn_node *w, real eps) {
  if (!x || !w) return NULL;
  mn_node *y = mn_tape_node(tape, x->rows, x->cols, true, rmsnorm_back, x, w, NULL);
  real *save = mn_tape_take(tape, x->rows + slabs_of(x->rows) * x->cols);
  if (!y || !save) return NULL;
  y->save = save;
  y->number = eps;
  row_work work = {.tape = tape, .node = y};
  mn_tape_rows(tape, y->rows, rmsnorm_rows, &work);
  return y;
}

/* The heads after the first `first` of a row are values, which stay as they are. */
static void head_norm_rows(void *work, size_t first, size_t past, int worker) {
  (void)worker;
  const row_work *w = work;
  const mn_node *y = w->node;
  size_t heads = y->first, hd = y->count, normed = heads * hd;
  for (size_t t = first; t < past; t++) {
    real *to = y->value + t * y->cols;
    const real *from = y->in[0]->value + t * y->cols;
    for (size_t h = 0; h < heads; h++)
      y->save[t * heads + h] = w->tape->kernels->rmsnorm(to + h * hd, from + h * hd, NULL, hd,
                                                         y->number);
    memcpy(to + normed, from + normed, (y->cols - normed) * sizeof *to);
  }
}

static void head_norm_back_rows(void *work, size_t first, size_t past, int worker) {
  (void)worker;
  const row_work *w = work;
  const mn_node *y = w->node;
  size_t heads = y->first, hd = y->count, normed = heads * hd;
  for (size_t t = first; t < past; t++) {
    const real *dy = y->grad + t * y->cols, *x = y->in[0]->value + t * y->cols;
    real *dx = w->grad + t * y->cols;
    for (size_t h = 0; h < heads; h++)
      w->tape->kernels->rmsnorm_back(dx + h * hd, NULL, dy + h * hd, x + h * hd, NULL,
                                     y->save[t * heads + h], hd, w->add);
    if (!w->add) memset(dx + normed, 0, (y->cols - normed) * sizeof *dx);
    w->tape->kernels->axpy(dx + normed, 1, dy + normed, y->cols - normed);
  }
}

static void head_norm_back(mn_tape *tape, mn_node *y) {
  row_work work = {.tape = tape, .node = y};
  work.grad = mn_tape_grad(tape, y->in[0], &work.add);
  if (work.grad) mn_tape_rows(tape, y->rows, head_norm_back_rows, &work);
}

mn_node *mn_op_head_norm(mn_tape *tape, mn_node *x, size_t heads, size_t hd, real eps) {
  if (!x) return NULL;
  mn_node *y = mn_tape_node(tape, x->rows, x->cols, true, head_norm_back, x, NULL, NULL);
  real *save = mn_tape_take(tape, x->rows * heads);
  if (!y || !save) return NULL;
  y->save = save;
  y->number = eps;
  y->first = heads;
  y->count = hd;
  row_work work = {.tape = tape, .node = y};
  mn_tape_rows(tape, y->rows, head_norm_rows, &work);
  return y;
}

/* ---- rotary embedding ---- */

typedef struct rotation {
  const mn_tape *tape;
  real *x;
  const mn_batch *batch;
  size_t cols, heads, hd;
  real sign;
  bool pairs;
} rotation;

static void rope_rows(void *work, size_t first, size_t past, int worker) {
  (void)worker;
  const rotation *r = work;
  for (size_t t = first; t < past; t++) {
    size_t at = (size_t)r->batch->positions[t] * (r->hd / 2);
    r->tape->kernels->rope(r->x + t * r->cols, r->heads, r->hd, r->batch->cos + at,
                           r->batch->sin + at, r->sign, r->pairs);
  }
}

/* Turns the node's own gradient back, which then is the input's. */
static void rope_back(mn_tape *tape, mn_node *y) {
  rotation r = {tape, y->grad, y->extra, y->cols, y->first, y->count, -1, y->number > 0};
  mn_tape_rows(tape, y->rows, rope_rows, &r);
  mn_tape_pass_grad(tape, y, y->in[0]);
}

mn_node *mn_op_rope(mn_tape *tape, mn_node *x, size_t heads, size_t hd, bool pairs,
                    const mn_batch *batch) {
  if (!x) return NULL;
  mn_node *y = mn_tape_node(tape, x->rows, x->cols, false, rope_back, x, NULL, NULL);
  if (!y) return NULL;
  y->value = x->value;
  y->extra = batch;
  y->first = heads;
  y->count = hd;
  y->number = pairs ? 1 : 0;
  rotation r = {tape, y->value, batch, y->cols, heads, hd, 1, pairs};
  mn_tape_rows(tape, y->rows, rope_rows, &r);
  return y;
}

/* ---- SwiGLU ---- */

static void swiglu_rows(void *work, size_t first, size_t past, int worker) {
  (void)worker;
  const row_work *w = work;
  const mn_node *y = w->node;
  for (size_t t = first; t < past; t++) {
    const real *gate = y->in[0]->value + t * 2 * y->cols;
    w->tape->kernels->swiglu(y->value + t * y->cols, gate, gate + y->cols, y->cols);
  }
}

static void swiglu_back_rows(void *work, size_t first, size_t past, int worker) {
  (void)worker;
  const row_work *w = work;
  const mn_node *y = w->node;
  size_t F = y->cols;
  for (size_t t = first; t < past; t++) {
    const real *gate = y->in[0]->value + t * 2 * F;
    real *dgate = w->grad + t * 2 * F;
    w->tape->kernels->swiglu_back(dgate, dgate + F, y->grad + t * F, gate, gate + F, F,
                                  w->add);
  }
}

static void swiglu_back(mn_tape *tape, mn_node *y) {
  mn_node *x = y->in[0];
  row_work work = {.tape = tape, .node = y};
  work.grad = mn_tape_grad(tape, x, &work.add);
  if (!work.grad) return;
  mn_tape_rows(tape, y->rows, swiglu_back_rows, &work);
}

mn_node *mn_op_swiglu(mn_tape *tape, mn_node *gate_up) {
  if (!gate_up) return NULL;
  mn_node *y = mn_tape_node(tape, gate_up->rows, gate_up->cols / 2, true, swiglu_back, gate_up,
                            NULL, NULL);
  if (!y) return NULL;
  row_work work = {.tape = tape, .node = y};
  mn_tape_rows(tape, y->rows, swiglu_rows, &work);
  return y;
}
