/* ops_loss.c: objectives: cross-entropy over the head, and weighted sums.
**
** Cross-entropy is the end of the tape, so its gradient is known as soon as its value is: both
** are computed in one visit to each slice of logits, which then is forgotten. Tokens of weight 0
** (a prompt that is not to be learnt) are left out of the products.
*/
#include <string.h>

#include "core/train/ops.h"

typedef struct lesson {         /* the teacher's side of a slice */
  const mn_teacher *teacher;    /* NULL: there is none */
  real *packed;                 /* (n, its D) */
  real *logits;                 /* (n, V) */
  real *turned;                 /* (its D, V): its head */
} lesson;

typedef struct slice {
  mn_tape *tape;
  const mn_node *x, *head;
  const real *rows;             /* (V, D): head's */
  lesson lesson;
  const mn_batch *batch;
  real scale;
  int32_t *counted;             /* (tokens): those of weight other than 0 */
  size_t first, n;              /* of counted */
  real *packed, *dpacked;       /* (n, D) */
  real *logits;                 /* (n, V) */
  real *turned;                 /* (D, V): the head */
  real *dx;                     /* (tokens, D), or NULL */
  double *losses;               /* (tokens) */
} slice;

/* Rows of a slice: about a million logits. */
static size_t slice_rows(size_t V) {
  size_t rows = ((size_t)1 << 20) / V;
  return rows < 64 ? 64 : rows > 512 ? 512 : rows;
}

/* The row of x for the i-th token of the slice, or one so many tokens behind it. */
static void pack_row(const slice *s, const mn_node *x, size_t shift, real *packed, size_t i) {
  size_t t = ((size_t)s->counted[s->first + i] + shift) % s->batch->tokens;
  memcpy(packed + i * x->cols, x->value + t * x->cols, x->cols * sizeof(real));
}

static void pack_rows(void *work, size_t first, size_t past, int worker) {
  (void)worker;
  const slice *s = work;
  const mn_teacher *teacher = s->lesson.teacher;
  for (size_t i = first; i < past; i++) {
    pack_row(s, s->x, 0, s->packed, i);
    if (teacher) pack_row(s, teacher->x, teacher->shift, s->lesson.packed, i);
  }
}

static void loss_rows(void *work, size_t first, size_t past, int worker) {
  (void)worker;
  const slice *s = work;
  const mk_train *kernels = s->tape->kernels;
  const mn_teacher *teacher = s->lesson.teacher;
  size_t V = s->head->rows;
  for (size_t i = first; i < past; i++) {
    size_t t = (size_t)s->counted[s->first + i], target = (size_t)s->batch->targets[t];
    real *logits = s->logits + i * V, weight = s->scale * s->batch->weights[t];
    s->losses[t] = !teacher ? kernels->cross_entropy(logits, V, target, weight)
                            : kernels->distill(logits, s->lesson.logits + i * V, V, target, weight,
                                               teacher->share, teacher->temperature);
  }
}

static void unpack_rows(void *work, size_t first, size_t past, int worker) {
  (void)worker;
  const slice *s = work;
  size_t D = s->x->cols;
  for (size_t i = first; i < past; i++)
    s->tape->kernels->axpy(s->dx + (size_t)s->counted[s->first + i] * D, 1,
                           s->dpacked + i * D, D);
}

static void compute_slice(slice *s, real *dhead) {
  mn_tape *tape = s->tape;
  size_t D = s->x->cols, V = s->head->rows;
  mn_operand packed = {s->packed, D, 1}, head = {s->rows, D, 1};
  mn_tape_rows(tape, s->n, pack_rows, s);
  mn_tape_gemm(tape, s->n, V, D, packed, (mn_operand){s->turned, V, 1}, s->logits, V, false);
  if (s->lesson.teacher) {
    size_t wide = s->lesson.teacher->x->cols;
    mn_tape_gemm(tape, s->n, V, wide, (mn_operand){s->lesson.packed, wide, 1},
                 (mn_operand){s->lesson.turned, V, 1}, s->lesson.logits, V, false);
  }
  mn_tape_rows(tape, s->n, loss_rows, s);
  if (s->dx) {
    mn_tape_gemm(tape, s->n, D, V, (mn_operand){s->logits, V, 1}, head, s->dpacked, D, false);
    mn_tape_rows(tape, s->n, unpack_rows, s);
  }
  if (dhead)
    mn_tape_gemm(tape, V, D, s->n, (mn_operand){s->logits, 1, V}, packed, dhead, D, true);
}

/* Losses are summed in the tokens' order. */
static size_t count_tokens(const slice *s) {
  size_t n = 0;
  for (size_t t = 0; t < s->batch->tokens; t++) {
    s->losses[t] = 0;
    if (s->batch->weights[t] != 0) s->counted[n++] = (int32_t)t;
  }
  return n;
}

static void zero_grad(real *grad, const mn_node *node, bool add, const mn_tape *tape) {
  if (grad && !add && !mn_tape_measures(tape))
    memset(grad, 0, node->rows * node->cols * sizeof *grad);
}

/* most: rows of a slice. */
static void take_lesson(mn_tape *tape, lesson *l, size_t most, size_t V) {
  if (!l->teacher) return;
  size_t wide = l->teacher->x->cols;
  l->packed = mn_tape_take(tape, most * wide);
  l->logits = mn_tape_take(tape, most * V);
  l->turned = mn_tape_take(tape, wide * V);
  const real *rows = mn_tape_read(tape, l->teacher->head);
  if (l->turned) mn_tape_turn(tape, wide, V, (mn_operand){rows, 1, wide}, l->turned);
  mn_tape_read_end(tape, l->teacher->head, rows);
}

void mn_op_cross_entropy(mn_tape *tape, mn_node *x, mn_node *head, const mn_batch *batch,
                         const mn_teacher *teacher, double scale, double *losses) {
  if (!x || !head) return;
  size_t D = x->cols, V = head->rows, T = batch->tokens, most = slice_rows(V);
  bool add_x, add_head;
  slice s = {.tape = tape, .x = x, .head = head, .batch = batch, .scale = (real)scale,
             .losses = losses, .lesson = {.teacher = teacher}};
  bool learns = !tape->forward_only;
  s.counted = (int32_t *)(void *)mn_tape_take(tape, T);
  if (!losses) s.losses = (double *)(void *)mn_tape_take(tape, T * sizeof(double) / sizeof(real));
  s.packed = mn_tape_take(tape, 2 * most * D);
  s.logits = mn_tape_take(tape, most * V);
  s.turned = mn_tape_take(tape, D * V);
  take_lesson(tape, &s.lesson, most, V);
  s.dx = learns ? mn_tape_grad(tape, x, &add_x) : NULL;
  real *dhead = learns ? mn_tape_grad(tape, head, &add_head) : NULL;
  s.rows = mn_tape_read(tape, head);
  if (tape->status != MOON_OK || mn_tape_measures(tape))
    return mn_tape_read_end(tape, head, s.rows);
  s.dpacked = s.packed + most * D;
  if (s.dx) zero_grad(s.dx, x, add_x, tape);
  if (dhead) zero_grad(dhead, head, add_head, tape);
  mn_tape_turn(tape, D, V, (mn_operand){s.rows, 1, D}, s.turned);
  size_t counted = count_tokens(&s);
  for (s.first = 0; s.first < counted; s.first += most) {
    s.n = counted - s.first < most ? counted - s.first : most;
    compute_slice(&s, dhead);
  }
  mn_tape_read_end(tape, head, s.rows);
  double sum = 0;
  for (size_t t = 0; t < T; t++) sum += batch->weights[t] * s.losses[t];
  tape->objective += scale * sum;
}

void mn_op_objective(mn_tape *tape, mn_node *x, const real *weights, double scale) {
  if (!x) return;
  bool add;
  size_t n = x->rows * x->cols;
  real *dx = tape->forward_only ? NULL : mn_tape_grad(tape, x, &add);
  if (tape->status != MOON_OK || mn_tape_measures(tape)) return;
  if (dx) zero_grad(dx, x, add, tape);
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    double weight = weights ? (double)weights[i] : 1;
    sum += weight * (double)x->value[i];
    if (dx) dx[i] += (real)(scale * weight);
  }
  tape->objective += scale * sum;
}
