/* sample.h: the samplers, by formula. z are logits, V of them; p = softmax of the z that are left.
**
** 0. mask           only allowed tokens are candidates; everything below is about those.
** 1. bias           z[id] += bias.
** 2. penalties      c = occurrences of the token among the last penalty_last_n tokens. Where c > 0:
**                   z = z > 0 ? z / r : z * r  (r = repetition_penalty; Keskar et al. 2019, arXiv
**                   1909.05858), then z -= c * frequency_penalty + presence_penalty (OpenAI).
** 3. DRY            for each token that followed an earlier occurrence of the present ending of the
**                   text: L = length of that occurrence, as far as it agrees with the ending and
**                   crosses no breaker; the longest counts. Where L >= allowed_length:
**                   z -= multiplier * base^min(L - allowed_length, 88.72/ln base). A token that is
**                   a breaker itself is not penalised.
** 4. top-k          keep the k largest z.
** 5. top-p          keep the shortest prefix, by descending z, whose p sum to at least top_p.
** 6. min-p          keep z with p >= min_p * max p.
** 7. temperature    draw from softmax(z / T). T = 0 takes the largest z at once, after step 3.
** Equal z are ordered by id, the lower first. Logits of +INFINITY share the whole probability.
** The draw is one uniform number u at (seed, length of the session): the first token, in the
** order of step 4 to 6, at which the cumulated probability exceeds u. */
#ifndef MOON_MODEL_SAMPLE_H
#define MOON_MODEL_SAMPLE_H

#include "core/base/error.h"

typedef struct mn_sampler {
  const moon_sample_options *options;
  const int32_t *history;       /* tokens so far */
  size_t n_history;
  size_t V;
  size_t listed;                /* > 0: so many ids in `order`, ascending, are the candidates, and
                                   z of others may hold anything; 0: all are */
  float *z;                     /* (V): bias and penalties change them in place */
  int32_t *counts;              /* (V): 0 before and after */
  int32_t *order;               /* (V): candidates, then scratch */
  int32_t *lengths;             /* (n_history) scratch */
} mn_sampler;

/* Chooses by the formulas above, with u for the draw. */
moon_status mn_sample(mn_sampler *s, double u, int32_t *id, moon_error *err);
moon_status mn_sample_check(const moon_sample_options *options, size_t V, moon_error *err);

#endif
