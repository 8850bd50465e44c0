/* ops_dropout.c: dropout, on what is added to the residual stream.
**
** What is dropped is a function of (seed, step, batch, site, element) alone: the walk back draws
** the same again instead of keeping it, threads may take any rows, and a run that goes on from a
** checkpoint goes on as it would have.
*/
#include "core/base/random.h"
#include "core/train/ops.h"

enum { DRAWS = 8 };             /* elements that one cipher block serves, 16 bits each */

typedef struct drops {
  mn_dropout by;
  uint32_t site;
  uint32_t below;               /* draws below it drop */
  real keep;                    /* what is kept is multiplied by */
} drops;

static drops drops_of(const mn_node *y) {
  drops d = {.by = *(const mn_dropout *)y->extra, .site = (uint32_t)y->count};
  d.below = (uint32_t)(d.by.rate * 65536 + 0.5);
  d.keep = (real)(65536.0 / (65536.0 - d.below));
  return d;
}

/* The draws of the elements from DRAWS * block on; by a key that no first weight is drawn by. */
static void draw(const drops *d, size_t block, uint32_t out[DRAWS]) {
  const uint32_t counter[4] = {(uint32_t)block, d->site, d->by.step, d->by.batch};
  const uint32_t key[2] = {(uint32_t)d->by.seed, (uint32_t)(d->by.seed >> 32) ^ 0x64726f70u};
  uint32_t words[4];
  mn_philox(counter, key, words);
  for (int i = 0; i < 4; i++) {
    out[2 * i] = words[i] & 0xffff;
    out[2 * i + 1] = words[i] >> 16;
  }
}

/* to[i] := from[i] dropped or scaled, plus what `add` has (may be NULL, or `to`). */
static void drop(const drops *d, real *to, const real *from, const real *add, size_t first,
                 size_t past) {
  uint32_t draws[DRAWS];
  for (size_t i = first; i < past; i++) {
    if (i == first || i % DRAWS == 0) draw(d, i / DRAWS, draws);
    real kept = draws[i % DRAWS] < d->below ? 0 : from[i] * d->keep;
    to[i] = add ? add[i] + kept : kept;
  }
}

typedef struct dropping {
  drops drops;
  mn_node *node;
  real *grad;                   /* of what is dropped */
  bool add;
} dropping;

static void forward_rows(void *work, size_t first, size_t past, int worker) {
  (void)worker;
  const dropping *w = work;
  const mn_node *y = w->node, *residual = y->in[1];
  drop(&w->drops, y->value, y->value, residual ? residual->value : NULL, first * y->cols,
       past * y->cols);
}

static void back_rows(void *work, size_t first, size_t past, int worker) {
  (void)worker;
  const dropping *w = work;
  const mn_node *y = w->node;
  drop(&w->drops, w->grad, y->grad, w->add ? w->grad : NULL, first * y->cols, past * y->cols);
}

static void dropout_back(mn_tape *tape, mn_node *y) {
  dropping w = {.drops = drops_of(y), .node = y};
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
  dropping w = {.drops = drops_of(y), .node = y};
  mn_tape_rows(tape, y->rows, forward_rows, &w);
  return y;
}
