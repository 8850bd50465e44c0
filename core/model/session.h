/* session.h: a sequence of tokens, its K/V cache and the chunk in work.
**
** All memory is taken from one arena when the session opens.
**
** A feed is work in units of one block over one chunk, so that it can be cut by a clock or by a
** cancel: `slot` is the next unit of the present chunk. Until the last chunk is done `length`
** counts finished chunks only, and a failure takes it back to `start`.
**
** Under a clock a chunk is as long as lets a block take a quarter of the time, by what blocks have
** cost so far, and no longer than the model's `alone`: up to there, how a feed is cut does not
** change its results. */
#ifndef MOON_MODEL_SESSION_H
#define MOON_MODEL_SESSION_H

#include <stdatomic.h>

#include "core/model/adapt.h"
#include "core/tensor/tensor.h"

enum { MN_SCORE_ROWS = 32 };    /* logit rows computed at once when scoring */

enum { MN_MOST_AHEAD = 16 };    /* guesses computed along with a feed */

typedef enum mn_sink { MN_SINK_LAST, MN_SINK_ALL, MN_SINK_SCORE } mn_sink;

struct moon_session {
  moon_model *model;            /* retained */
  moon_adapter *adapter;        /* retained, or NULL: all of the cache is computed with it */
  mn_arena arena;
  size_t context, chunk;        /* most tokens; most tokens of a chunk */
  size_t length;                /* tokens in the cache */
  int32_t *tokens;              /* (context) */
  bool has_logits;              /* they can be had: see head.c */
  moon_tensor *logits;          /* (V): of the last token, once `dense` */

  /* The normed rows that a feed leaves for the output head: that of the last token, then those of
  ** guesses, whose tokens and cache rows wait past `length` to be fed. */
  float *hidden;                /* (MN_MOST_AHEAD + 1, D) */
  size_t row, rows;             /* the last token's; all. 0, 0: none is kept */
  size_t scored;                /* so many rows of few_logits are those of hidden */
  bool dense;                   /* logits is filled; the caller may have edited it */

  size_t start, end;            /* the feed in work brings length from start to end, */
  size_t ahead;                 /* of which so many at the end are guesses; then back before them */
  bool lazy;                    /* and leaves the head undone */
  mn_cache cache;
  mn_batch batch;               /* the chunk in work: T = 0 when there is none */
  size_t slot;
  mn_stage stage;               /* of that slot; other than the first only while one traces */
  double token_ms, head_ms;     /* costs under a clock: of a block for each token; of the head */
  atomic_bool cancelled;

  mn_sink sink;                 /* what happens with the head's output */
  float *all;                   /* ALL: (end - start, V), the caller's */
  double *scores;               /* SCORE: (end - start), the caller's */

  float *few_logits;            /* (MN_SCORE_ROWS, V) */
  float *logit_copy;            /* (V): sampling's, and those of some tokens */
  float *head_scratch;          /* (D) */
  int32_t *counts;              /* (V): sampling's, all 0 between calls */
  int32_t *order;               /* (V): sampling's candidates */
  int32_t *lengths;             /* (context): sampling's */
};


/* session.c. What moon_session_bytes of such a session would say. */
moon_status mn_session_plan(moon_model *model, const moon_session_options *options, size_t *bytes,
                            moon_error *err);
/* Are they of the model's vocabulary? */
moon_status mn_session_check_ids(const moon_session *s, const int32_t *ids, size_t n,
                                 moon_error *err);
/* May these tokens be fed now? Then, for together.c: the token has been computed into
** the cache, with these logits (V). */
moon_status mn_session_check_feed(const moon_session *s, const int32_t *ids, size_t n,
                                  moon_error *err);
void mn_session_append(moon_session *s, int32_t id, const float *logits);
/* No logits, and nothing that they could be computed from. */
void mn_session_forget(moon_session *s);

/* head.c. Keeps row t of the batch for the head. */
void mn_head_keep(moon_session *s, size_t t);
/* Fills s->logits, which can be had. */
void mn_head_dense(moon_session *s);
/* z[id] := logit, for n of the V ids, ascending; the same bits as mn_head_dense, and less work when
** they are few. */
void mn_head_some(moon_session *s, const int32_t *ids, size_t n, float *z);

/* sample.c. ln of the softmax of n logits at id, in double; NaN when a logit is NaN or all are
** -INFINITY. Logits of +INFINITY share the whole probability. */
double mn_log_probability(const mk_table *kernels, const float *logits, size_t n, int32_t id);

#endif
