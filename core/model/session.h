/* session.h: a sequence of tokens, its K/V cache and the chunk in work.
**
** All memory is taken from one arena when the session opens.
**
** A feed is work in units of one block over one chunk, so that it can be cut by a clock or by a
** cancel: `slot` is the next unit of the present chunk. Until the last chunk is done `length`
** counts finished chunks only, and a failure takes it back to `start`. */
#ifndef MOON_MODEL_SESSION_H
#define MOON_MODEL_SESSION_H

#include <stdatomic.h>

#include "core/model/batch.h"
#include "core/tensor/tensor.h"

enum { MN_SCORE_ROWS = 32 };    /* logit rows computed at once when scoring */

typedef enum mn_sink { MN_SINK_LAST, MN_SINK_ALL, MN_SINK_SCORE } mn_sink;

struct moon_session {
  moon_model *model;            /* retained */
  mn_arena arena;
  size_t context, chunk;        /* most tokens; most tokens of a chunk */
  size_t length;                /* tokens in the cache */
  int32_t *tokens;              /* (context) */
  bool has_logits;
  moon_tensor *logits;          /* (V): of the last token */

  size_t start, end;            /* the feed in work brings length from start to end */
  mn_cache cache;
  mn_batch batch;               /* the chunk in work: T = 0 when there is none */
  size_t slot;
  mn_stage stage;               /* of that slot; other than the first only while one traces */
  atomic_bool cancelled;

  mn_sink sink;                 /* what happens with the head's output */
  float *all;                   /* ALL: (end - start, V), the caller's */
  double *scores;               /* SCORE: (end - start), the caller's */

  float *few_logits;            /* (MN_SCORE_ROWS, V) */
  float *logit_copy;            /* (V): sampling's */
  int32_t *counts;              /* (V): sampling's, all 0 between calls */
  int32_t *order;               /* (V): sampling's candidates */
  int32_t *lengths;             /* (context): sampling's */
};


/* session.c. May these tokens be fed now? Then, for together.c: the token has been computed into
** the cache, with these logits (V). */
moon_status mn_session_check_feed(const moon_session *s, const int32_t *ids, size_t n,
                                  moon_error *err);
void mn_session_append(moon_session *s, int32_t id, const float *logits);

/* sample.c. ln of the softmax of n logits at id, in double; NaN when a logit is NaN or all are
** -INFINITY. Logits of +INFINITY share the whole probability. */
double mn_log_probability(const mk_table *kernels, const float *logits, size_t n, int32_t id);

#endif
