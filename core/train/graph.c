/* graph.c: the forward pass of forward.c, as operations of the tape. */
#include "core/train/graph.h"

#include "core/model/config.h"

size_t mn_graph_evaluations(const moon_config *c) {
  return (size_t)c->num_hidden_layers * (size_t)mn_config_runs(c);
}

size_t mn_graph_nodes(const moon_config *c) {
  enum { PER_BLOCK = 12 + MN_TARGETS, ENDS = 3 };
  return mn_graph_evaluations(c) * PER_BLOCK + ENDS;
}

mn_node *mn_graph_head(mn_graph *graph) {
  return graph->config->tied ? &graph->embed : &graph->head;
}

typedef struct place {          /* where in the model the recording is */
  mn_tape *tape;
  const mn_graph *graph;
  const mn_dropout *dropout;
  size_t evaluation;
} place;

/* y with the target's update, if it has one, on the columns from `first` on. */
static mn_node *updated(const place *p, enum mn_target target, mn_node *y, mn_node *x,
                        size_t first) {
  if (!p->graph->updates) return y;
  const mn_update *u = &p->graph->updates[p->evaluation * MN_TARGETS + target];
  if (!u->a) return y;
  return mn_op_lowrank(p->tape, y, x, u->a, u->b, p->graph->update_scale, first);
}

/* x + h w^T: what a part of a block adds to the residual stream. */
static mn_node *added(const place *p, enum mn_target target, mn_node *x, mn_node *h, mn_node *w) {
  bool drops = p->dropout != NULL;
  mn_node *y = updated(p, target, mn_op_linear(p->tape, h, w, drops ? NULL : x), h, 0);
  size_t site = 1 + 2 * p->evaluation + (target == MN_DOWN);    /* 0: the embeddings */
  return drops ? mn_op_dropout(p->tape, y, x, p->dropout, site) : y;
}

static mn_node *attention(const place *p, mn_block *block, mn_node *x, const mn_batch *batch) {
  const moon_config *c = p->graph->config;
  mn_heads n = {(size_t)c->num_attention_heads, (size_t)c->num_key_value_heads,
                (size_t)c->head_dim};
  real eps = (real)c->rms_norm_eps;
  mn_node *h = mn_op_rmsnorm(p->tape, x, &block->attention_norm, eps);
  mn_node *qkv = mn_op_linear(p->tape, h, &block->qkv, NULL);
  qkv = updated(p, MN_Q, qkv, h, 0);
  qkv = updated(p, MN_K, qkv, h, n.H * n.K);
  qkv = updated(p, MN_V, qkv, h, (n.H + n.G) * n.K);
  qkv = mn_op_rope(p->tape, qkv, n.H + n.G, n.K, c->rope_interleaved, batch);
  if (c->qk_norm) qkv = mn_op_head_norm(p->tape, qkv, n.H + n.G, n.K, eps);
  mn_node *mixed = mn_op_attention(p->tape, qkv, n, batch);
  return added(p, MN_O, x, mixed, &block->o);
}

static mn_node *mlp(const place *p, mn_block *block, mn_node *x) {
  const moon_config *c = p->graph->config;
  mn_node *h = mn_op_rmsnorm(p->tape, x, &block->mlp_norm, (real)c->rms_norm_eps);
  mn_node *gate_up = mn_op_linear(p->tape, h, &block->gate_up, NULL);
  gate_up = updated(p, MN_GATE, gate_up, h, 0);
  gate_up = updated(p, MN_UP, gate_up, h, (size_t)c->intermediate_size);
  mn_node *act = mn_op_swiglu(p->tape, gate_up);
  return added(p, MN_DOWN, x, act, &block->down);
}

mn_node *mn_graph_hidden(mn_tape *tape, mn_graph *graph, const mn_batch *batch,
                         const mn_dropout *dropout) {
  const moon_config *c = graph->config;
  size_t runs = (size_t)mn_config_runs(c), evaluations = mn_graph_evaluations(c);
  place p = {tape, graph, dropout, 0};
  mn_node *x = mn_op_embed(tape, &graph->embed, batch);
  if (dropout) x = mn_op_dropout(tape, x, NULL, dropout, 0);
  for (; p.evaluation < evaluations; p.evaluation++) {
    mn_block *block = &graph->blocks[p.evaluation / runs];
    x = attention(&p, block, x, batch);
    x = mlp(&p, block, x);
  }
  return mn_op_rmsnorm(tape, x, &graph->norm, (real)c->rms_norm_eps);
}
