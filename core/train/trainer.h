/* trainer.h: a model in training: weights, gradients, moments, and the tape, for the files of
** this floor.
**
** All weights lie in one array, in the order of the slots; matrices that graph.h takes as one
** (q, k, v; gate, up) are neighbours. Those that learn have the same order in three more arrays:
** gradients, first and second moments. Only float: not part of the build in double. */
#ifndef MOON_TRAIN_TRAINER_H
#define MOON_TRAIN_TRAINER_H

#include <stdatomic.h>

#include "core/base/arena.h"
#include "core/train/corpus.h"
#include "core/train/graph.h"

typedef struct mn_slot {        /* one named weight */
  const char *name;
  size_t offset;                /* in value */
  size_t state;                 /* in grad, first, second; unused when frozen */
  size_t rows, cols;            /* a norm: (1, n) */
  int rank;                     /* 1 or 2, as stored */
  bool learns, decays;
} mn_slot;

struct moon_trainer {
  atomic_size_t owners;         /* who opened it, and whom it teaches */
  moon_engine *engine;          /* retained */
  char *json;
  size_t json_len;
  moon_config config;
  moon_trainer_options options;
  mn_arena arena;               /* names, slots, blocks, tables */
  mn_slot *slots;
  size_t n_slots, n_base;       /* the first n_base are the model's; the others low-rank updates */
  size_t n_value, n_state;
  float *value, *grad, *first, *second;
  double *norms;                /* squared, of each piece of the gradients */
  uint64_t steps;
  mn_graph graph;
  mn_node *updates;             /* nodes of the slots after n_base */
  mn_tape tape;
  mn_batch batch;               /* what its arrays hold */
  int32_t *ids, *targets, *positions;   /* (tokens) */
  float *weights;               /* (tokens) */
  size_t *borders;              /* (tokens + 1) */
  double *losses;               /* (tokens) */
  float *cos, *sin;             /* (length, K / 2) */
};

enum { MN_PIECE = 16384 };      /* numbers that one task of the optimiser changes */

/* NULL when there is none. */
const mn_slot *mn_trainer_slot(const moon_trainer *trainer, const char *name);
/* Values of a base weight with its low-rank update added, (rows, cols) into out. */
void mn_trainer_merged(const moon_trainer *trainer, const mn_slot *slot, float *out);

#endif
