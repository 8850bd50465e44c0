/* ops_attention.c: causal grouped-query attention inside each sequence, forward and back.
**
** What: out = softmax(scale * Q K^T, causal) V for each (sequence, key/value head), its query
**   heads being stacked into one matrix so that the products are not too small. How: query rows
**   go in tiles of TILE tokens against all keys up to the tile's end, as FlashAttention-2 does
**   (Dao 2023, arXiv 2307.08691): forward keeps ln of each row's sum, backward computes the
**   probabilities P again, and with D = rowsum(dO * O)
**     dV = P^T dO,  dS = scale * P * (dO V^T - D),  dQ = dS K,  dK = dS^T Q.
** Invariant: one task owns the K and V columns of its head and sequence, and goes through the
**   tiles in order: sums do not depend on the number of threads.
*/
#include <math.h>
#include <string.h>

#include "core/train/ops.h"

enum { TILE = 64 };

typedef struct attention {
  const mn_tape *tape;
  const mn_node *y;
  const mn_batch *batch;
  mn_heads n;
  real scale;
  real *dqkv;                   /* gradient of the input; NULL: forward */
  real *scratch;
  size_t scratch_each;          /* reals of one worker */
  size_t longest;               /* sequence */
} attention;

typedef struct tile {           /* the query heads of one group, TILE tokens of one sequence */
  size_t first, tokens;         /* first token in the batch */
  size_t seen;                  /* tokens of the sequence before the tile */
  size_t keys;                  /* seen + tokens */
  size_t head, group;           /* first query head, number of them */
  const real *k, *v;            /* of the sequence's first token; a row of qkv apart */
  real *q, *o, *d;              /* (group * tokens, K) each: stacked by heads */
  real *p, *s;                  /* (group * tokens, keys) */
  real *scratch;                /* of products */
} tile;

static size_t row_size(const mn_heads *n) { return (n->H + 2 * n->G) * n->K; }

static size_t scratch_for(const mn_heads *n, size_t longest) {
  size_t rows = n->H / n->G * TILE;
  return rows * (3 * n->K + 2 * longest) + 5 * 16;
}

/* Rows of `heads` adjacent heads to one matrix stacked by heads. */
static void stack(real *to, const real *from, size_t ld, const tile *t, size_t K) {
  for (size_t h = 0; h < t->group; h++)
    for (size_t i = 0; i < t->tokens; i++)
      memcpy(to + (h * t->tokens + i) * K, from + (t->first + i) * ld + (t->head + h) * K,
             K * sizeof *to);
}

static void unstack(real *to, size_t ld, const real *from, const tile *t, size_t K) {
  for (size_t h = 0; h < t->group; h++)
    for (size_t i = 0; i < t->tokens; i++)
      memcpy(to + (t->first + i) * ld + (t->head + h) * K, from + (h * t->tokens + i) * K,
             K * sizeof *to);
}

static void unstack_add(const attention *a, const real *from, const tile *t) {
  size_t K = a->n.K, ld = row_size(&a->n);
  for (size_t h = 0; h < t->group; h++)
    for (size_t i = 0; i < t->tokens; i++)
      a->tape->kernels->axpy(a->dqkv + (t->first + i) * ld + (t->head + h) * K, 1,
                             from + (h * t->tokens + i) * K, K);
}

static void scores(const attention *a, const tile *t) {
  size_t ld = row_size(&a->n), K = a->n.K, rows = t->group * t->tokens;
  stack(t->q, a->y->in[0]->value, ld, t, K);
  a->tape->kernels->gemm(rows, t->keys, K, t->q, K, 1, t->k, 1, ld, t->p, t->keys, false,
                         t->scratch);
}

/* Row r of the tile sees the keys up to its own token; the others get probability 0. */
static size_t visible(const tile *t, size_t r) { return t->seen + r % t->tokens + 1; }

static real *lse_of(const attention *a, const tile *t, size_t r) {
  return a->y->save + (t->first + r % t->tokens) * a->n.H + t->head + r / t->tokens;
}

static void clear(real *row, size_t from, size_t past) {
  memset(row + from, 0, (past - from) * sizeof *row);
}

static void forward_tile(const attention *a, const tile *t) {
  const mk_train *kernels = a->tape->kernels;
  size_t ld = row_size(&a->n), K = a->n.K, rows = t->group * t->tokens;
  scores(a, t);
  for (size_t r = 0; r < rows; r++) {
    real *p = t->p + r * t->keys;
    *lse_of(a, t, r) = kernels->softmax(p, visible(t, r), a->scale);
    clear(p, visible(t, r), t->keys);
  }
  kernels->gemm(rows, K, t->keys, t->p, t->keys, 1, t->v, ld, 1, t->o, K, false,
                t->scratch);
  unstack(a->y->value, a->n.H * K, t->o, t, K);
}

static void back_tile(const attention *a, const tile *t) {
  const mk_train *kernels = a->tape->kernels;
  size_t ld = row_size(&a->n), K = a->n.K, rows = t->group * t->tokens;
  real *dk = a->dqkv + (t->k - a->y->in[0]->value), *dv = dk + a->n.G * K;
  scores(a, t);
  stack(t->o, a->y->value, a->n.H * K, t, K);
  stack(t->d, a->y->grad, a->n.H * K, t, K);
  kernels->gemm(rows, t->keys, K, t->d, K, 1, t->v, 1, ld, t->s, t->keys, false,
                t->scratch);
  for (size_t r = 0; r < rows; r++) {
    real *p = t->p + r * t->keys, *s = t->s + r * t->keys;
    real delta = kernels->dot(t->d + r * K, t->o + r * K, K);
    kernels->softmax_again(p, visible(t, r), a->scale, *lse_of(a, t, r));
    kernels->softmax_back(s, p, visible(t, r), delta, a->scale);
    clear(p, visible(t, r), t->keys);
    clear(s, visible(t, r), t->keys);
  }
  kernels->gemm(t->keys, K, rows, t->p, 1, t->keys, t->d, K, 1, dv, ld, true, t->scratch);
  kernels->gemm(t->keys, K, rows, t->s, 1, t->keys, t->q, K, 1, dk, ld, true, t->scratch);
  kernels->gemm(rows, K, t->keys, t->s, t->keys, 1, t->k, ld, 1, t->o, K, false,
                t->scratch);
  unstack_add(a, t->o, t);
}

static real *aligned(real *p) {
  return (real *)(((uintptr_t)p + MN_ALIGN - 1) & ~(uintptr_t)(MN_ALIGN - 1));
}

/* One sequence and key/value head. */
static void attend_task(void *work, size_t task, int worker) {
  const attention *a = work;
  size_t K = a->n.K, group = a->n.H / a->n.G, g = task % a->n.G, ld = row_size(&a->n);
  size_t begin = a->batch->borders[task / a->n.G], past = a->batch->borders[task / a->n.G + 1];
  real *scratch = a->scratch + (size_t)worker * a->scratch_each;
  const real *base = a->y->in[0]->value + begin * ld + a->n.H * K + g * K;
  tile t = {.head = g * group, .group = group, .k = base, .v = base + a->n.G * K,
            .scratch = mn_tape_scratch(a->tape, worker)};
  t.q = aligned(scratch);
  t.o = aligned(t.q + group * TILE * K);
  t.d = aligned(t.o + group * TILE * K);
  t.p = aligned(t.d + group * TILE * K);
  t.s = aligned(t.p + group * TILE * a->longest);
  for (t.first = begin; t.first < past; t.first += TILE) {
    t.seen = t.first - begin;
    t.tokens = past - t.first < TILE ? past - t.first : TILE;
    t.keys = t.seen + t.tokens;
    if (a->dqkv) back_tile(a, &t);
    else forward_tile(a, &t);
  }
}

static void clear_rows(void *work, size_t first, size_t past, int worker) {
  (void)worker;
  const attention *a = work;
  size_t ld = row_size(&a->n);
  memset(a->dqkv + first * ld, 0, (past - first) * ld * sizeof(real));
}

static size_t longest_of(const mn_batch *batch) {
  size_t longest = 0;
  for (size_t s = 0; s < batch->sequences; s++) {
    size_t tokens = batch->borders[s + 1] - batch->borders[s];
    if (tokens > longest) longest = tokens;
  }
  return longest;
}

static void run(mn_tape *tape, attention *a) {
  a->tape = tape;
  a->scale = (real)(1 / sqrt((double)a->n.K));
  a->longest = longest_of(a->batch);
  a->scratch_each = scratch_for(&a->n, a->longest);
  size_t scratch = (size_t)mn_pool_workers(tape->engine->pool) * a->scratch_each;
  a->scratch = mn_tape_borrow(tape, scratch);
  if (!a->scratch) return;
  mn_tape_tasks(tape, a->batch->sequences * a->n.G, attend_task, a);
  mn_tape_give_back(tape, a->scratch, scratch);
}

static void attention_back(mn_tape *tape, mn_node *y) {
  size_t K = y->count, H = y->cols / K;
  bool add;
  attention a = {.y = y, .batch = y->extra, .n = {H, y->first, K}};
  a.dqkv = mn_tape_grad(tape, y->in[0], &add);
  if (!a.dqkv) return;
  if (!add) mn_tape_rows(tape, y->rows, clear_rows, &a);
  run(tape, &a);
}

mn_node *mn_op_attention(mn_tape *tape, mn_node *qkv, mn_heads n, const mn_batch *batch) {
  if (!qkv) return NULL;
  mn_node *y = mn_tape_node(tape, qkv->rows, n.H * n.K, true, attention_back, qkv, NULL, NULL);
  if (!y) return NULL;
  y->first = n.G;
  y->count = n.K;
  y->extra = batch;
  y->save = mn_tape_take(tape, y->rows * n.H);
  if (!y->save) return NULL;
  attention a = {.y = y, .batch = batch, .n = n};
  run(tape, &a);
  return y;
}
