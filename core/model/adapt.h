/* adapt.h: low-rank updates that a session adds to its model's products.
**
** y = W x + B (A x), B holding the scale: the weights stay as they are, in whatever type, and are
** shared by sessions of other adapters or none. What is added to a row depends on the row and its
** session's adapter alone: sums are matvec_f32's, over tiles of the batch. */
#ifndef MOON_MODEL_ADAPT_H
#define MOON_MODEL_ADAPT_H

#include <stdatomic.h>

#include "core/model/batch.h"

typedef enum mn_place {         /* matrices of a block, in the order of forward.c */
  MN_AT_Q, MN_AT_K, MN_AT_V, MN_AT_O, MN_AT_GATE, MN_AT_UP, MN_AT_DOWN, MN_PLACES
} mn_place;

enum { MN_MOST_RANK = 256 };

typedef struct mn_delta {      /* a NULL: none */
  const float *a;               /* (rank, n) */
  const float *b;               /* (rows, rank), times the scale */
  size_t rank;
} mn_delta;

struct moon_adapter {
  atomic_size_t owners;
  moon_model *model;            /* retained */
  mn_arena arena;
  mn_delta *deltas;             /* (slots, MN_PLACES) */
  size_t rank;                  /* the largest */
};

moon_adapter *mn_adapter_retain(moon_adapter *adapter);         /* accepts NULL */
/* Adds to the results of products at consecutive places, of one x, what the adapters of the
** batch's rows make of x. */
void mn_adapt(mn_batch *batch, size_t slot, mn_place first, const mn_product *products,
              size_t n_products, const float *x);

#endif
