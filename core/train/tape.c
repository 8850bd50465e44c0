/* tape.c: the tape itself: memory, the walk back, and parallel products. */
#include "core/train/tape.h"

#include <string.h>

#include "core/base/file.h"
#include "core/base/size.h"
#include "kernels/half.h"

/* ---- open, clear, close ---- */

moon_status mn_tape_open(mn_tape *tape, const moon_engine *engine, const mk_train *kernels,
                         size_t most_nodes, size_t bytes, moon_error *err) {
  *tape = (mn_tape){.engine = engine, .kernels = kernels, .most_nodes = most_nodes,
                    .size = bytes ? bytes : SIZE_MAX / 2};
  size_t node_bytes;
  if (!mn_size_mul(most_nodes, sizeof(mn_node), &node_bytes)) node_bytes = SIZE_MAX;
  tape->nodes = mn_new(&engine->alloc, node_bytes);
  if (!tape->nodes) return mn_fail_memory(err, "nodes of the tape", node_bytes);
  if (bytes == 0) return MOON_OK;
  size_t workers = (size_t)mn_pool_workers(engine->pool);
  tape->scratch = mn_new_zero(&engine->alloc, workers * MK_GEMM_SCRATCH * sizeof(real));
  tape->memory = mn_new(&engine->alloc, bytes);
  if (tape->memory) mn_prefer_huge_pages(tape->memory, bytes);
  if (tape->scratch && tape->memory) return MOON_OK;
  mn_tape_close(tape);
  return mn_fail_memory(err, "activations and gradients", bytes);
}

void mn_tape_close(mn_tape *tape) {
  if (!tape->engine) return;
  mn_free(&tape->engine->alloc, tape->nodes);
  mn_free(&tape->engine->alloc, tape->scratch);
  mn_free(&tape->engine->alloc, tape->memory);
  *tape = (mn_tape){0};
}

void mn_tape_clear(mn_tape *tape, bool forward_only) {
  tape->n_nodes = tape->n_spares = tape->used = 0;
  tape->forward_only = forward_only;
  tape->objective = 0;
  tape->status = MOON_OK;
}

size_t mn_tape_bytes(const mn_tape *tape) { return tape->most; }

void mn_tape_fail(mn_tape *tape, moon_status code, const char *sentence) {
  if (tape->status == MOON_OK) tape->status = mn_fail(&tape->err, code, "%s", sentence);
}

/* ---- memory ---- */

/* What a measuring tape gives out; nobody reads or writes through it. */
static real *nowhere(mn_tape *tape) { return (real *)(void *)tape->nodes; }

real *mn_tape_take(mn_tape *tape, size_t count) {
  size_t bytes;
  if (tape->status != MOON_OK) return NULL;
  bool fits = mn_size_mul(count, sizeof(real), &bytes) &&
              mn_size_align(bytes, MN_ALIGN, &bytes) &&
              mn_size_span(tape->used, bytes, tape->size);
  if (!fits) {
    mn_tape_fail(tape, MOON_EMEM, "the batch is larger than the tape was opened for");
    return NULL;
  }
  real *piece = mn_tape_measures(tape) ? nowhere(tape)
                                       : (real *)(void *)(tape->memory + tape->used);
  tape->used += bytes;
  if (tape->used > tape->most) tape->most = tape->used;
  return piece;
}

real *mn_tape_borrow(mn_tape *tape, size_t count) {
  for (size_t i = tape->n_spares; i-- > 0;) {
    if (tape->spares[i].count != count) continue;
    real *memory = tape->spares[i].memory;
    tape->spares[i] = tape->spares[--tape->n_spares];
    return memory;
  }
  return mn_tape_take(tape, count);
}

/* One that does not fit into the list is lost until the tape is cleared. */
void mn_tape_give_back(mn_tape *tape, real *memory, size_t count) {
  if (tape->n_spares < MN_SPARES) tape->spares[tape->n_spares++] = (mn_spare){memory, count};
}

/* ---- parameters in bf16 ---- */

typedef struct widening { const mn_node *node; real *to; } widening;

static void widen_rows(void *work, size_t first, size_t past, int worker) {
  (void)worker;
  const widening *w = work;
  const mn_node *node = w->node;
  for (size_t i = first * node->cols; i < past * node->cols; i++)
    w->to[i] = (real)mk_f32_of_bf16(node->narrow[i]);
}

const real *mn_tape_read(mn_tape *tape, const mn_node *node) {
  if (!node->narrow) return node->value;
  widening w = {node, mn_tape_borrow(tape, node->rows * node->cols)};
  mn_tape_rows(tape, node->rows, widen_rows, &w);
  return w.to;
}

void mn_tape_read_end(mn_tape *tape, const mn_node *node, const real *numbers) {
  if (node->narrow && numbers)
    mn_tape_give_back(tape, (real *)numbers, node->rows * node->cols);
}

/* ---- nodes ---- */

mn_node *mn_tape_node(mn_tape *tape, size_t rows, size_t cols, bool fresh, mn_back *back,
                      mn_node *a, mn_node *b, mn_node *c) {
  if (tape->status != MOON_OK) return NULL;
  if (tape->n_nodes == tape->most_nodes) {
    mn_tape_fail(tape, MOON_EMEM, "more operations than the tape was opened for");
    return NULL;
  }
  mn_node *node = &tape->nodes[tape->n_nodes];
  *node = (mn_node){.rows = rows, .cols = cols, .in = {a, b, c}, .back = back};
  for (int i = 0; i < 3; i++) node->wants |= node->in[i] && node->in[i]->wants;
  if (tape->forward_only) node->wants = false;
  size_t count;
  if (fresh && !mn_size_mul(rows, cols, &count)) count = SIZE_MAX;
  if (fresh && !(node->value = mn_tape_take(tape, count))) return NULL;
  tape->n_nodes++;
  return node;
}

real *mn_tape_grad(mn_tape *tape, mn_node *node, bool *add) {
  *add = node->grad != NULL;
  if (!node->wants) return NULL;
  if (!node->grad) node->grad = mn_tape_borrow(tape, node->rows * node->cols);
  return node->grad;
}

typedef struct addition {
  const mn_tape *tape;
  real *y;
  const real *x;
  size_t cols;
} addition;

static void add_rows(void *work, size_t first, size_t past, int worker) {
  (void)worker;
  const addition *a = work;
  a->tape->kernels->axpy(a->y + first * a->cols, 1, a->x + first * a->cols,
                         (past - first) * a->cols);
}

void mn_tape_pass_grad(mn_tape *tape, mn_node *node, mn_node *input) {
  if (!input->wants) return;
  if (!input->grad) {
    input->grad = node->grad;
    node->grad = NULL;
    return;
  }
  addition a = {tape, input->grad, node->grad, node->cols};
  mn_tape_rows(tape, node->rows, add_rows, &a);
}

void mn_tape_backward(mn_tape *tape) {
  for (size_t i = tape->n_nodes; i-- > 0 && tape->status == MOON_OK;) {
    mn_node *node = &tape->nodes[i];
    if (!node->wants || !node->grad) continue;
    node->back(tape, node);
    if (node->grad) mn_tape_give_back(tape, node->grad, node->rows * node->cols);
    node->grad = NULL;
  }
}

/* ---- parallel work ---- */

typedef struct tiles {
  mn_rows_fn *fn;
  void *work;
  size_t rows;
} tiles;

static void tile_task(void *context, size_t task, int worker) {
  const tiles *t = context;
  size_t first = task * MN_ROW_TILE, past = first + MN_ROW_TILE;
  t->fn(t->work, first, past < t->rows ? past : t->rows, worker);
}

void mn_tape_rows(mn_tape *tape, size_t rows, mn_rows_fn *fn, void *work) {
  tiles t = {fn, work, rows};
  mn_tape_tasks(tape, (rows + MN_ROW_TILE - 1) / MN_ROW_TILE, tile_task, &t);
}

void mn_tape_tasks(mn_tape *tape, size_t tasks, mn_task *fn, void *work) {
  if (tape->status == MOON_OK && !mn_tape_measures(tape))
    mn_pool_run(tape->engine->pool, tasks, fn, work);
}

real *mn_tape_scratch(const mn_tape *tape, int worker) {
  return tape->scratch + (size_t)worker * MK_GEMM_SCRATCH;
}

typedef struct product {
  const mn_tape *tape;
  size_t m, n, k, panel;
  mn_operand a, b;
  real *c;
  size_t ldc;
  bool add;
} product;

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

static void panel_task(void *context, size_t task, int worker) {
  const product *p = context;
  size_t m = p->m, n = p->n, first = task * p->panel;
  const real *a = p->a.at, *b = p->b.at;
  real *c = p->c;
  if (m >= n) {
    m = smaller(p->panel, m - first);
    a += first * p->a.row;
    c += first * p->ldc;
  } else {
    n = smaller(p->panel, n - first);
    b += first * p->b.col;
    c += first;
  }
  p->tape->kernels->gemm(m, n, p->k, a, p->a.row, p->a.col, b, p->b.row, p->b.col, c, p->ldc,
                         p->add, mn_tape_scratch(p->tape, worker));
}

/* Panels as large as leaves each worker one: the other operand is packed anew for every panel. */
static size_t panel_for(size_t longer, size_t unit, size_t workers) {
  enum { LARGEST = 480 };
  size_t panel = (longer + workers - 1) / workers;
  panel = (panel + unit - 1) / unit * unit;
  return smaller(panel, LARGEST);
}

typedef struct turning { mn_operand from; real *to; size_t cols; } turning;

static void turn_rows(void *context, size_t first, size_t past, int worker) {
  (void)worker;
  const turning *t = context;
  for (size_t j = 0; j < t->cols; j++)
    for (size_t i = first; i < past; i++)
      t->to[i * t->cols + j] = t->from.at[i * t->from.row + j * t->from.col];
}

void mn_tape_turn(mn_tape *tape, size_t rows, size_t cols, mn_operand from, real *to) {
  turning t = {from, to, cols};
  mn_tape_rows(tape, rows, turn_rows, &t);
}

void mn_tape_gemm(mn_tape *tape, size_t m, size_t n, size_t k, mn_operand a, mn_operand b,
                  real *c, size_t ldc, bool add) {
  enum { TILE_ROWS = 96, TILE_COLS = 32 };      /* whole tiles of every tier */
  if (m == 0 || n == 0 || k == 0) return;
  size_t longer = m >= n ? m : n, workers = (size_t)mn_pool_workers(tape->engine->pool);
  size_t panel = panel_for(longer, m >= n ? TILE_ROWS : TILE_COLS, workers);
  product p = {tape, m, n, k, panel, a, b, c, ldc, add};
  real *turned = NULL;
  if (m > panel && b.col != 1 && !tape->kernels->turns) {
    turned = mn_tape_borrow(tape, k * n);
    if (!turned) return;
    mn_tape_turn(tape, k, n, b, turned);
    p.b = (mn_operand){turned, n, 1};
  }
  mn_tape_tasks(tape, (longer + panel - 1) / panel, panel_task, &p);
  if (turned) mn_tape_give_back(tape, turned, k * n);
}
