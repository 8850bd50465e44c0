/* ops.h: the operations of the tape. Each computes at once and returns its node.
**
** Fused ones are what a transformer spends its time in; the plain ones of ops_plain.c combine
** to anything else. Sequences of different lengths lie one behind the other as rows (tokens):
** there is no padding. "in place" means that the node shares its input's memory, which the input
** then no longer holds: only a node whose own value nobody's gradient needs may be given
** (embed's, linear's, lowrank's, rope's results). */
#ifndef MOON_TRAIN_OPS_H
#define MOON_TRAIN_OPS_H

#include "core/train/tape.h"

typedef struct mn_batch {       /* borrowed by the tape until it is cleared */
  size_t tokens, sequences;
  const int32_t *ids;           /* (tokens) */
  const int32_t *targets;       /* (tokens): what follows each */
  const float *weights;         /* (tokens): of each target in the loss; 0 costs nothing */
  const int32_t *positions;     /* (tokens): from 0 in each sequence */
  const size_t *borders;        /* (sequences + 1): first token of each, then `tokens` */
  const real *cos, *sin;        /* (longest sequence, head size / 2) */
} mn_batch;

/* ---- fused ---- */

/* Rows of table (V, D). */
mn_node *mn_op_embed(mn_tape *tape, mn_node *table, const mn_batch *batch);
/* x (T, n) w (N, n)^T, plus residual (T, N) unless NULL. */
mn_node *mn_op_linear(mn_tape *tape, mn_node *x, mn_node *w, mn_node *residual);
/* y + scale * (x A^T) B^T on columns first .. first+N-1 of y, in place: LoRA (Hu et al. 2021,
** arXiv 2106.09685). A (r, n), B (N, r). */
mn_node *mn_op_lowrank(mn_tape *tape, mn_node *y, mn_node *x, mn_node *a, mn_node *b,
                       real scale, size_t first);
/* w (1, n). */
mn_node *mn_op_rmsnorm(mn_tape *tape, mn_node *x, mn_node *w, real eps);
/* The first `heads` heads of size hd of each row, in place. */
mn_node *mn_op_rope(mn_tape *tape, mn_node *x, size_t heads, size_t hd, bool pairs,
                    const mn_batch *batch);
/* Weightless RMS norm of the first `heads` heads of each row. */
mn_node *mn_op_head_norm(mn_tape *tape, mn_node *x, size_t heads, size_t hd, real eps);
/* qkv (T, (H + 2G) K): causal attention inside each sequence, query head h reading key/value
** head h / (H/G); (T, H K). Keeps one number per row and head; probabilities are recomputed. */
typedef struct mn_heads { size_t H, G, K; } mn_heads;
mn_node *mn_op_attention(mn_tape *tape, mn_node *qkv, mn_heads heads, const mn_batch *batch);
/* gate_up (T, 2F): silu(gate) * up. */
mn_node *mn_op_swiglu(mn_tape *tape, mn_node *gate_up);
/* Dropout (Srivastava et al. 2014): what one batch of one step drops. */
typedef struct mn_dropout {
  double rate;                  /* 0 <= rate < 1, rounded to 1/65536 */
  uint64_t seed;
  uint32_t step, batch;
} mn_dropout;
/* residual (may be NULL) + x, of which each element is 0 with probability rate and else divided by
** 1 - rate; in place of x. site: its number among the batch's operations of this kind. dropout is
** borrowed by the tape until it is cleared. */
mn_node *mn_op_dropout(mn_tape *tape, mn_node *x, mn_node *residual, const mn_dropout *dropout,
                       size_t site);
/* A model that has computed the same batch, to be imitated: mk_train.distill's numbers. */
typedef struct mn_teacher {
  const mn_node *x, *head;      /* (T, its D), (V, its D) */
  real share, temperature;
  size_t shift;                 /* token (t + shift) % T teaches token t */
} mn_teacher;
/* An objective: sum over tokens of weight * -ln softmax(x head^T)[target], times scale. The
** logits of a slice of tokens at a time are held, and those of weight 0 not computed. losses
** (may be NULL): -ln p of each token, 0 where the weight is. teacher (may be NULL): the loss is
** that of mk_train.distill. */
void mn_op_cross_entropy(mn_tape *tape, mn_node *x, mn_node *head, const mn_batch *batch,
                         const mn_teacher *teacher, double scale, double *losses);

/* ---- plain ---- */

typedef enum mn_binary_op { MN_OP_ADD, MN_OP_SUB, MN_OP_MUL, MN_OP_DIV } mn_binary_op;
typedef enum mn_unary_op {
  MN_OP_EXP, MN_OP_LOG, MN_OP_SQRT, MN_OP_TANH, MN_OP_SIGMOID, MN_OP_SILU
} mn_unary_op;

/* Same shapes, or b (1, cols) for every row of a. */
mn_node *mn_op_binary(mn_tape *tape, mn_binary_op op, mn_node *a, mn_node *b);
mn_node *mn_op_unary(mn_tape *tape, mn_unary_op op, mn_node *x);
mn_node *mn_op_scale(mn_tape *tape, mn_node *x, real factor);
mn_node *mn_op_matmul(mn_tape *tape, mn_node *a, mn_node *b);
mn_node *mn_op_softmax(mn_tape *tape, mn_node *x);      /* of each row */
mn_node *mn_op_sum(mn_tape *tape, mn_node *x);          /* of each row: (rows, 1) */
mn_node *mn_op_mean(mn_tape *tape, mn_node *x);
/* An objective: scale * sum over elements of weight * x; weights (rows, cols) or NULL: ones. */
void mn_op_objective(mn_tape *tape, mn_node *x, const real *weights, double scale);

#endif
