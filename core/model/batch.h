/* batch.h: tokens that go through the model together, and where their keys and values live.
**
** A row is one token at one position of one cache. A session's chunk is rows of one cache at
** consecutive positions; several sessions decoding at once are rows of different caches. The
** arithmetic of forward.c knows rows only, so both are the same code, and a row's result does
** not depend on its company, as long as that is no more than the model's `alone`. */
#ifndef MOON_MODEL_BATCH_H
#define MOON_MODEL_BATCH_H

#include "core/model/cache.h"
#include "core/model/model.h"

typedef struct mn_row {
  const mn_cache *cache;
  size_t position;
  int32_t token;
  const struct moon_adapter *adapter;   /* of the cache's session, or NULL: see adapt.h */
} mn_row;

typedef struct mn_tile {        /* rows of one cache at consecutive positions */
  size_t first, tokens;
} mn_tile;

enum { MN_TOKEN_TILE = 16 };    /* most tokens of a tile: one attention task */

typedef struct mn_batch {
  moon_model *model;            /* borrowed */
  size_t most;                  /* rows that there is room for */
  size_t positions;             /* of the longest cache */
  size_t widest;                /* the greatest mn_cache_wide of the caches */
  size_t T;                     /* rows in work */
  mn_row *rows;                 /* (most) */
  mn_tile *tiles;               /* (most) */
  size_t n_tiles;
  float *x;                     /* (T, D): the residual stream */
  float *h;                     /* (T, D): normed */
  float *q, *mixed;             /* (T, H*K) */
  float *k_new, *v_new;         /* (T, G*K) */
  float *gate, *up;             /* (T, F) */
  float *cos, *sin;             /* (T, K/2) */
  float *linear;                /* mn_linear's scratch */
  size_t parts;                 /* attention's: one a worker, and one a span */
  float *part;                  /* (parts, tile, H*K): attention over one span */
  mk_mass *mass;                /* (2*parts, tile, H) */
  float *wide;                  /* (workers, widest) */
} mn_batch;

/* An array of an arena that is laid out before it is allocated. A list of pieces is walked
** twice: what is needed, then who gets it. */
typedef struct mn_piece {
  void *where;                  /* address of the pointer to fill */
  size_t size;                  /* of an element */
  size_t dims[5];               /* 0 ends the list */
} mn_piece;

enum { MN_BATCH_PIECES = 16 };

/* The pieces of batch, whose model, most, positions and widest are set, appended at `pieces`. */
void mn_batch_pieces(mn_batch *batch, mn_piece pieces[MN_BATCH_PIECES]);
/* What mn_lay_out takes for all n pieces. */
moon_status mn_pieces_bytes(const mn_piece *pieces, size_t n, const char *what, size_t *total,
                            moon_error *err);
/* One fixed arena for all n pieces. */
moon_status mn_lay_out(mn_arena *arena, const mn_alloc *alloc, const mn_piece *pieces, size_t n,
                       const char *what, moon_error *err);

/* The stages of a block, in their order; what each writes is said in forward.c. */
typedef enum mn_stage {
  MN_ATTENTION_NORM, MN_QKV, MN_ROPE, MN_ATTENTION, MN_ATTENTION_OUT,
  MN_MLP_NORM, MN_GATE_UP, MN_SWIGLU, MN_MLP_OUT, MN_STAGES
} mn_stage;

/* forward.c. begin: rows are set; embeds them and forms tiles. stage: one of one run of a block;
** block: all of them. head: logits of `rows` rows from row `first` on, into out (rows, V). */
void mn_forward_begin(mn_batch *batch);
void mn_forward_stage(mn_batch *batch, size_t slot, mn_stage stage);
void mn_forward_block(mn_batch *batch, size_t slot);
void mn_forward_head(mn_batch *batch, size_t first, size_t rows, float *out);

/* attend.c. mixed = attention of q over the caches, which hold the rows' own keys and values. */
void mn_attend(mn_batch *batch, size_t slot);

/* Slots of a cache: blocks times runs. */
static inline size_t mn_slots(const moon_config *config) {
  return (size_t)config->num_hidden_layers * (size_t)mn_config_runs(config);
}

#endif
