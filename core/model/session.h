/* session.h: a sequence of tokens, its K/V cache and the activations of the chunk in work.
**
** All memory is taken from one arena when the session opens. The cache has one slot per *run* of
** a block: with layer sharing a block runs twice and each run sees its own keys and values.
** Keys are kept transposed in blocks of MK_BLOCK positions, as mk_attend reads them.
**
** A feed is work in units of one block over one chunk, so that it can be cut by a clock or by a
** cancel: `slot` is the next unit of the present chunk. Until the last chunk is done `length`
** counts finished chunks only, and a failure takes it back to `start`. */
#ifndef MOON_MODEL_SESSION_H
#define MOON_MODEL_SESSION_H

#include <stdatomic.h>

#include "core/model/model.h"
#include "core/tensor/tensor.h"

enum {
  MN_TOKEN_TILE = 16,           /* tokens of one attention task */
  MN_SCORE_ROWS = 32            /* logit rows computed at once when scoring */
};

typedef enum mn_sink { MN_SINK_LAST, MN_SINK_ALL, MN_SINK_SCORE } mn_sink;

struct moon_session {
  moon_model *model;            /* retained */
  mn_arena arena;
  size_t context, chunk;        /* most tokens; most tokens of a chunk */
  size_t slots;                 /* L * runs */
  size_t length;                /* tokens in the cache */
  int32_t *tokens;              /* (context) */
  bool has_logits;
  moon_tensor *logits;          /* (V): of the last token */

  size_t start, end;            /* the feed in work brings length from start to end */
  size_t chunk_tokens;          /* of the chunk in work; 0: none */
  size_t slot;
  atomic_bool cancelled;

  mn_sink sink;                 /* what happens with the head's output */
  float *all;                   /* ALL: (end - start, V), the caller's */
  double *scores;               /* SCORE: (end - start), the caller's */

  float *kt;                    /* (slots, G, blocks, K, MK_BLOCK) */
  float *v;                     /* (slots, G, positions, K) */
  size_t blocks, positions;     /* context, in whole blocks; blocks * MK_BLOCK */

  float *x;                     /* (chunk, D): the residual stream */
  float *h;                     /* (chunk, D): normed */
  float *q, *mixed;             /* (chunk, H*K) */
  float *k_new, *v_new;         /* (chunk, G*K) */
  float *gate, *up;             /* (chunk, F) */
  float *cos, *sin;             /* (chunk, K/2) */
  float *linear;                /* mn_linear's scratch */
  float *attend;                /* per worker: (tile * group, positions) */
  float *few_logits;            /* (MN_SCORE_ROWS, V) */
  float *logit_copy;            /* (V): sampling's */
  int32_t *counts;              /* (V): sampling's, all 0 between calls */
  int32_t *order;               /* (V): sampling's candidates */
  int32_t *lengths;             /* (context): sampling's */
};


/* forward.c. begin: embeds the chunk's tokens. block: one unit. head: logits of `rows` of the
** chunk's tokens from row `first` on, into out (rows, V). */
void mn_forward_begin(moon_session *s);
void mn_forward_block(moon_session *s, size_t slot);
void mn_forward_head(moon_session *s, size_t first, size_t rows, float *out);
size_t mn_forward_attend_scratch(const moon_model *m, size_t positions);       /* floats, all */

/* sample.c. ln of the softmax of n logits at id, in double; NaN when a logit is NaN or all are
** -INFINITY. Logits of +INFINITY share the whole probability. */
double mn_log_probability(const float *logits, size_t n, int32_t id);

#endif
