/* trainer.h: a model in training: weights, gradients, moments, and the tape, for the files of
** this floor.
**
** Weights lie in one array, in the order of the slots; matrices that graph.h takes as one
** (q, k, v; gate, up) are neighbours. Those that learn have the same order in two more arrays:
** gradients and first moments. Those that AdamW moves have a second moment, too. Only float: not
** part of the build in double.
**
** With weights in bf16 the model's matrices have a second array, which the tape reads: it holds
** the first's numbers rounded to the nearest (ties to even), always. Matrices that are frozen then
** are in the second array alone. Norms and low-rank updates are few, and stay in f32. */
#ifndef MOON_TRAIN_TRAINER_H
#define MOON_TRAIN_TRAINER_H

#include <stdatomic.h>

#include "core/base/arena.h"
#include "core/train/corpus.h"
#include "core/train/graph.h"

typedef struct mn_slot {        /* one named weight */
  const char *name;
  size_t offset;                /* among all weights */
  float *value;                 /* NULL: frozen and narrow */
  mk_bf16 *narrow;              /* NULL: the tape reads value */
  size_t state;                 /* in grad and first; unused when frozen */
  float *second;                /* NULL: frozen, or moved by Muon */
  size_t rows, cols;            /* a norm: (1, n) */
  int rank;                     /* 1 or 2, as stored */
  bool learns, decays, muon;
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
  size_t n_all, n_value, n_narrow, n_state, n_second;
  float *value, *grad, *first, *second;
  mk_bf16 *narrow;
  double *norms;                /* squared, of each piece of the gradients */
  float *muon_room;             /* (workers, muon_each) */
  size_t muon_each;
  uint64_t steps;
  mn_dropout dropout;           /* rate 0: none */
  uint32_t gathered;            /* batches in the gradients, counted where they drop */
  mn_graph graph;
  mn_node *updates;             /* nodes of the slots after n_base */
  mk_train kernels;
  mn_tape tape;
  mn_batch batch;               /* what its arrays hold */
  int32_t *ids, *targets, *positions;   /* (tokens) */
  float *weights;               /* (tokens) */
  size_t *borders;              /* (tokens + 1) */
  double *losses;               /* (tokens) */
  float *cos, *sin;             /* (length, K / 2) */
};

enum { MN_PIECE = 16384 };      /* numbers that one task of the optimiser changes */

/* Tokens that go through at once. */
static inline size_t mn_trainer_room(const moon_trainer *t) {
  return t->options.r_drop > 0 ? 2 * t->options.tokens : t->options.tokens;
}

/* trainer_weights.c. NULL when there is none. */
const mn_slot *mn_trainer_slot(const moon_trainer *trainer, const char *name);
/* All numbers of a weight, from where it is held and to there. */
void mn_slot_read(const mn_slot *slot, float *out);
void mn_slot_write(const mn_slot *slot, const float *in);
/* After n numbers from `first` on have changed in value. */
void mn_slot_round(const moon_trainer *trainer, const mn_slot *slot, size_t first, size_t n);
/* trainer_files.c. A base weight's values with its low-rank update added, (rows, cols), to out. */
void mn_trainer_merged(const moon_trainer *trainer, const mn_slot *slot, float *out);

#endif
