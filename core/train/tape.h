/* tape.h: reverse-mode differentiation: operations compute, and are remembered.
**
** What: a node is a matrix (rows, cols) of `real`, the operation that made it, and room for a
**   gradient. Operations (ops.h) put nodes on the tape in the order in which they compute;
**   mn_tape_backward walks back and lets each node give its gradient on to its inputs.
** How: values come from one block of memory, taken when the tape is opened; gradients of nodes
**   that the walk has left behind serve later ones. A tape that is opened to measure records
**   without computing, and tells how large the block must be.
** Objectives: what is minimised is the sum of all objectives on the tape, each with its scale;
**   the walk begins with their gradients. Gradients of parameters are added to what is there.
** Invariants: nothing is allocated between open and close. The first failure stays in status;
**   operations after it, and with NULL inputs, give NULL. Parallel work is cut by the shapes
**   alone, and never along a sum unless its parts are added in a fixed order: bits of values and
**   gradients do not depend on the number of threads.
** Not here: names, files, the optimiser (trainer.h); what a model is (graph.h).
*/
#ifndef MOON_TRAIN_TAPE_H
#define MOON_TRAIN_TAPE_H

#include "core/base/engine.h"
#include "core/base/error.h"
#include "core/train/real.h"

typedef struct mn_node mn_node;
typedef struct mn_tape mn_tape;

/* Adds node's gradient, times the derivative, to its inputs' gradients. */
typedef void mn_back(mn_tape *tape, mn_node *node);

struct mn_node {
  real *value, *grad;           /* (rows, cols); grad NULL: none has arrived */
  const mk_bf16 *narrow;        /* a parameter held in bf16, its value being NULL: mn_tape_read */
  size_t rows, cols;
  bool wants;                   /* a parameter is behind it */
  bool parameter;               /* value and grad are the owner's */
  mn_node *in[4];
  mn_back *back;
  const void *extra;            /* what else the operation needs, on the tape or the caller's */
  real *save;                   /* what forward keeps for backward */
  real number;
  size_t first, count;          /* an operation's own whole numbers */
};

typedef struct mn_spare {       /* a gradient's memory, to be used again */
  real *memory;
  size_t count;
} mn_spare;

enum { MN_SPARES = 64 };

struct mn_tape {
  const moon_engine *engine;    /* borrowed */
  const mk_train *kernels;
  real *scratch;                /* (workers, MK_GEMM_SCRATCH) */
  uint8_t *memory;              /* NULL: measuring */
  size_t size, used, most;
  mn_node *nodes;
  size_t n_nodes, most_nodes;
  mn_spare spares[MN_SPARES];
  size_t n_spares;
  bool forward_only;            /* evaluation: nobody wants gradients */
  double objective;             /* sum of the objectives' values times their scales */
  moon_status status;
  moon_error err;
};

/* bytes 0: a tape that measures. */
moon_status mn_tape_open(mn_tape *tape, const moon_engine *engine, const mk_train *kernels,
                         size_t most_nodes, size_t bytes, moon_error *err);
void mn_tape_close(mn_tape *tape);
/* Forgets all nodes. */
void mn_tape_clear(mn_tape *tape, bool forward_only);
/* Bytes that the recorded and walked-back tape took at most. */
size_t mn_tape_bytes(const mn_tape *tape);
void mn_tape_backward(mn_tape *tape);

/* ---- for operations ---- */

static inline bool mn_tape_measures(const mn_tape *tape) { return tape->memory == NULL; }
void mn_tape_fail(mn_tape *tape, moon_status code, const char *sentence);
/* NULL when there is no room: status then says so. Not set to 0. */
real *mn_tape_take(mn_tape *tape, size_t count);
/* Memory for the time of one operation; give it back before the next one takes any. */
real *mn_tape_borrow(mn_tape *tape, size_t count);
void mn_tape_give_back(mn_tape *tape, real *memory, size_t count);
/* The node's numbers as reals: its value, or what it holds in bf16 widened into borrowed memory.
** Give them back with read_end, in the same operation. NULL after a failure. */
const real *mn_tape_read(mn_tape *tape, const mn_node *node);
void mn_tape_read_end(mn_tape *tape, const mn_node *node, const real *numbers);
/* A new node of (rows, cols), with memory for its value if `fresh`; NULL after a failure or
** when one of the inputs is. */
mn_node *mn_tape_node(mn_tape *tape, size_t rows, size_t cols, bool fresh, mn_back *back,
                      mn_node *a, mn_node *b, mn_node *c);
/* The gradient of an input. *add: it holds something, to be added to; otherwise its memory is
** new and must be written whole. NULL: nobody wants it, or no room. */
real *mn_tape_grad(mn_tape *tape, mn_node *node, bool *add);
/* The node's gradient becomes, or is added to, that of an input of the same shape. */
void mn_tape_pass_grad(mn_tape *tape, mn_node *node, mn_node *input);

/* fn(work, first, past, worker) over tiles of rows, in parallel. */
typedef void mn_rows_fn(void *work, size_t first, size_t past, int worker);
enum { MN_ROW_TILE = 32 };
void mn_tape_rows(mn_tape *tape, size_t rows, mn_rows_fn *fn, void *work);
void mn_tape_tasks(mn_tape *tape, size_t tasks, mn_task *fn, void *work);

typedef struct mn_operand {
  const real *at;
  size_t row, col;              /* strides */
} mn_operand;

/* to (rows, cols) := from, in parallel, where from is not read row by row: a right operand that
** many panels want is better turned once. */
void mn_tape_turn(mn_tape *tape, size_t rows, size_t cols, mn_operand from, real *to);
/* Of one worker, for products inside a task. */
real *mn_tape_scratch(const mn_tape *tape, int worker);
/* c (m, n), rows ldc apart, := or += a (m, k) b (k, n), in parallel panels of rows or columns. */
void mn_tape_gemm(mn_tape *tape, size_t m, size_t n, size_t k, mn_operand a, mn_operand b,
                  real *c, size_t ldc, bool add);

#endif
