/* graph.h: the model of core/model/forward.c, recorded on a tape.
**
** Weights are parameter nodes; matrices that share an input are one matrix (q over k over v, gate
** over up), because one large product is faster than three small ones. A block that runs twice
** (layer sharing) is recorded twice on the same nodes, so its gradients add up. */
#ifndef MOON_TRAIN_GRAPH_H
#define MOON_TRAIN_GRAPH_H

#include "core/train/ops.h"

enum mn_target {                /* what a low-rank update may be put on */
  MN_Q, MN_K, MN_V, MN_O, MN_GATE, MN_UP, MN_DOWN, MN_TARGETS
};

typedef struct mn_update {      /* a NULL: none */
  mn_node *a, *b;               /* (r, n), (N, r) */
} mn_update;

typedef struct mn_block {
  mn_node attention_norm;       /* (1, D) */
  mn_node qkv;                  /* ((H + 2G) K, D) */
  mn_node o;                    /* (D, H K) */
  mn_node mlp_norm;             /* (1, D) */
  mn_node gate_up;              /* (2F, D) */
  mn_node down;                 /* (D, F) */
} mn_block;

typedef struct mn_graph {
  const moon_config *config;
  mn_node embed;                /* (V, D) */
  mn_node head;                 /* (V, D); unused where the embeddings are the head */
  mn_node norm;                 /* (1, D) */
  mn_block *blocks;             /* (L) */
  mn_update *updates;           /* (evaluations of blocks, MN_TARGETS), or NULL */
  real update_scale;
} mn_graph;

/* Times blocks are evaluated: L, or 2 L. */
size_t mn_graph_evaluations(const moon_config *config);
size_t mn_graph_nodes(const moon_config *config);       /* most nodes of one recording */
/* The final, normed hidden states (T, D). dropout (NULL: none) is on the embeddings and on what
** each attention and MLP adds to the residual stream. */
mn_node *mn_graph_hidden(mn_tape *tape, mn_graph *graph, const mn_batch *batch,
                         const mn_dropout *dropout);
mn_node *mn_graph_head(mn_graph *graph);

#endif
