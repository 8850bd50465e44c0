/* sample.c: from logits to one token; every formula is in sample.h.
**
** How: the logits are copied, changed in place by bias and penalties, and the candidates put in
** a heap by (z descending, id ascending), from which only as many are taken as top-k, top-p and
** min-p keep. Without those the order is by id and nothing is sorted. Invariant: `counts` is all
** zero between calls, so that no call pays for the whole vocabulary. */
#include "core/model/sample.h"

#include <math.h>
#include <string.h>

#include "core/base/random.h"
#include "core/model/session.h"

moon_sample_options moon_sample_defaults(void) {
  return (moon_sample_options){.penalty_last_n = 64, .repetition_penalty = 1, .dry_base = 1.75f,
                               .dry_allowed_length = 2, .top_p = 1};
}

static moon_status check_number(const char *name, float value, float least, float most,
                                moon_error *err) {
  if (value >= least && value <= most) return MOON_OK;
  return mn_fail(err, MOON_EARG, "%s = %g; wants %g to %g", name, (double)value, (double)least,
                 (double)most);
}

moon_status mn_sample_check(const moon_sample_options *o, size_t V, moon_error *err) {
  moon_status s;
  const float most = 1e6f;
  if ((s = check_number("temperature", o->temperature, 0, most, err))) return s;
  if ((s = check_number("top_p", o->top_p, 0, 1, err))) return s;
  if ((s = check_number("min_p", o->min_p, 0, 1, err))) return s;
  if ((s = check_number("repetition_penalty", o->repetition_penalty, 1e-6f, most, err))) return s;
  if ((s = check_number("frequency_penalty", o->frequency_penalty, -most, most, err))) return s;
  if ((s = check_number("presence_penalty", o->presence_penalty, -most, most, err))) return s;
  if ((s = check_number("dry_multiplier", o->dry_multiplier, 0, most, err))) return s;
  if ((s = check_number("dry_base", o->dry_base, 1, most, err))) return s;
  for (size_t i = 0; i < o->n_bias; i++)
    if (o->bias[i].id < 0 || (size_t)o->bias[i].id >= V || isnan(o->bias[i].bias))
      return mn_fail(err, MOON_EARG, "bias %g for token %d; wants a number and an id below %zu",
                     (double)o->bias[i].bias, (int)o->bias[i].id, V);
  for (size_t i = 0; i < o->n_dry_breakers; i++)
    if (o->dry_breakers[i] < 0 || (size_t)o->dry_breakers[i] >= V)
      return mn_fail(err, MOON_EARG, "dry breaker %d; wants an id below %zu",
                     (int)o->dry_breakers[i], V);
  return MOON_OK;
}

/* ---- bias, penalties, DRY ---- */

static void add_bias(mn_sampler *s) {
  for (size_t i = 0; i < s->options->n_bias; i++)
    s->z[s->options->bias[i].id] += s->options->bias[i].bias;
}

static bool penalises(const moon_sample_options *o) {
  return o->repetition_penalty != 1 || o->frequency_penalty != 0 || o->presence_penalty != 0;
}

static void penalise_repetition(mn_sampler *s) {
  const moon_sample_options *o = s->options;
  size_t n = s->n_history < o->penalty_last_n ? s->n_history : o->penalty_last_n;
  if (!penalises(o)) return;
  const int32_t *last = s->history + s->n_history - n;
  for (size_t i = 0; i < n; i++) s->counts[last[i]]++;
  for (size_t i = 0; i < n; i++) {
    int32_t count = s->counts[last[i]];
    if (count == 0) continue;                   /* done at its first occurrence */
    s->counts[last[i]] = 0;
    float *z = &s->z[last[i]];
    *z = *z > 0 ? *z / o->repetition_penalty : *z * o->repetition_penalty;
    *z -= (float)count * o->frequency_penalty + o->presence_penalty;
  }
}

/* Z-function of the last n tokens read backwards: out[j] = how many tokens, counted back from j
** tokens before the end, agree with those counted back from the end. O(n). */
static void backward_agreement(const int32_t *end, size_t n, int32_t *out) {
  size_t left = 0, right = 0;                   /* the window known to agree */
  for (size_t j = 1; j < n; j++) {
    size_t same = 0;
    if (j < right) {
      same = (size_t)out[j - left];
      if (same > right - j) same = right - j;
    }
    while (j + same < n && end[-1 - (ptrdiff_t)same] == end[-1 - (ptrdiff_t)(j + same)]) same++;
    if (j + same > right) left = j, right = j + same;
    out[j] = (int32_t)same;
  }
}

static void penalise_dry(mn_sampler *s) {
  const moon_sample_options *o = s->options;
  if (o->dry_multiplier == 0) return;
  size_t n = s->n_history;
  if (o->dry_last_n > 0 && n > o->dry_last_n) n = o->dry_last_n;
  const int32_t *end = s->history + s->n_history;
  enum { BREAKER = -1 };
  for (size_t i = 0; i < o->n_dry_breakers; i++) s->counts[o->dry_breakers[i]] = BREAKER;
  size_t reach = 0;                             /* tokens since the last breaker */
  while (reach < n && s->counts[end[-1 - (ptrdiff_t)reach]] != BREAKER) reach++;

  backward_agreement(end, n, s->lengths);
  for (size_t j = 1; j < n; j++) {              /* end[-j] followed the occurrence */
    int32_t length = s->lengths[j], *longest = &s->counts[end[-(ptrdiff_t)j]];
    if ((size_t)length > reach) length = (int32_t)reach;
    if (*longest != BREAKER && length > *longest) *longest = length;
  }
  double most = o->dry_base > 1 ? 88.72 / log((double)o->dry_base) : 0;
  for (size_t j = 1; j < n; j++) {
    int32_t id = end[-(ptrdiff_t)j], length = s->counts[id];
    if (length == BREAKER) continue;
    s->counts[id] = 0;
    if (length == 0 || (size_t)length < o->dry_allowed_length) continue;
    double over = (double)((size_t)length - o->dry_allowed_length);
    s->z[id] -= (float)((double)o->dry_multiplier *
                        pow((double)o->dry_base, over < most ? over : most));
  }
  for (size_t i = 0; i < o->n_dry_breakers; i++) s->counts[o->dry_breakers[i]] = 0;
}

/* ---- truncation and draw ---- */

static bool before(const float *z, int32_t a, int32_t b) {
  if (z[a] != z[b]) return z[a] > z[b];
  return a < b;
}

static void sift(const float *z, int32_t *heap, size_t n, size_t i) {
  for (;;) {
    size_t child = 2 * i + 1;
    if (child >= n) return;
    if (child + 1 < n && before(z, heap[child + 1], heap[child])) child++;
    if (!before(z, heap[child], heap[i])) return;
    int32_t id = heap[i];
    heap[i] = heap[child];
    heap[child] = id;
    i = child;
  }
}

/* Moves the best of heap[0..n) to heap[n - 1]; the rest stays a heap. */
static int32_t pop(const float *z, int32_t *heap, size_t n) {
  int32_t best = heap[0];
  heap[0] = heap[n - 1];
  heap[n - 1] = best;
  sift(z, heap, n - 1, 0);
  return best;
}

/* Weight of logit z under softmax with temperature, up to a common factor. */
static double weight(float z, float max, double temperature) {
  if (z == max) return 1;                       /* infinities too */
  return exp(((double)z - (double)max) / temperature);
}

/* The best candidates in order, at the end of `order`, backwards; returns how many. */
static size_t keep_best(mn_sampler *s, size_t n, float max) {
  const moon_sample_options *o = s->options;
  size_t most = o->top_k > 0 && o->top_k < n ? o->top_k : n, kept = 0;
  for (size_t i = n / 2; i-- > 0;) sift(s->z, s->order, n, i);
  for (; kept < most; kept++)
    if (s->z[pop(s->z, s->order, n - kept)] == -INFINITY) break;
  const int32_t *best = s->order + n - 1;       /* best[-i]: the i-th */

  if (o->top_p < 1) {
    double total = 0, sum = 0;
    for (size_t i = 0; i < kept; i++) total += weight(s->z[best[-(ptrdiff_t)i]], max, 1);
    size_t prefix = 0;
    while (prefix < kept && (prefix == 0 || sum < (double)o->top_p * total))
      sum += weight(s->z[best[-(ptrdiff_t)prefix++]], max, 1);
    kept = prefix;
  }
  while (kept > 1 && weight(s->z[best[-(ptrdiff_t)(kept - 1)]], max, 1) < (double)o->min_p) kept--;
  return kept;
}

static int32_t draw(const mn_sampler *s, const int32_t *first, ptrdiff_t step, size_t n,
                    float max, double u) {
  double temperature = (double)s->options->temperature, total = 0, sum = 0;
  for (size_t i = 0; i < n; i++)
    total += weight(s->z[first[(ptrdiff_t)i * step]], max, temperature);
  int32_t last = first[0];
  for (size_t i = 0; i < n; i++) {
    int32_t id = first[(ptrdiff_t)i * step];
    double w = weight(s->z[id], max, temperature);
    if (w == 0) continue;
    last = id;
    sum += w;
    if (sum > u * total) break;
  }
  return last;                                  /* rounding may leave sum just below total */
}

moon_status mn_sample(mn_sampler *s, double u, int32_t *id, moon_error *err) {
  const moon_sample_options *o = s->options;
  add_bias(s);
  penalise_repetition(s);
  penalise_dry(s);
  size_t n = s->listed > 0 ? s->listed : s->V;
  int32_t best = s->listed > 0 ? s->order[0] : 0;
  for (size_t i = 0; i < n; i++) {
    int32_t at = s->listed > 0 ? s->order[i] : (int32_t)i;
    if (isnan(s->z[at])) return mn_fail(err, MOON_EMATH, "the logit of token %d is NaN", (int)at);
    if (s->z[at] > s->z[best]) best = at;
  }
  float max = s->z[best];
  if (max == -INFINITY) return mn_fail(err, MOON_EMATH, "every token is banned");
  *id = best;
  if (o->temperature == 0) return MOON_OK;

  for (size_t i = 0; i < n && s->listed == 0; i++) s->order[i] = (int32_t)i;
  bool truncated = (o->top_k > 0 && o->top_k < n) || o->top_p < 1 || o->min_p > 0;
  if (!truncated) *id = draw(s, s->order, 1, n, max, u);
  else *id = draw(s, s->order + n - 1, -1, keep_best(s, n, max), max, u);
  return MOON_OK;
}

/* ---- sessions ---- */

double mn_log_probability(const mk_table *k, const float *logits, size_t n, int32_t id) {
  double all = k->log_sum_exp(logits, n);
  if (all != INFINITY) return (double)logits[id] - all;         /* NaN stays NaN */
  size_t infinite = 0;
  for (size_t i = 0; i < n; i++) infinite += logits[i] == INFINITY;
  return logits[id] == INFINITY ? -log((double)infinite) : -INFINITY;
}

/* Ids whose bit is set, ascending, into ids; how many. */
static size_t list_allowed(const uint32_t *bits, size_t V, int32_t *ids) {
  size_t n = 0;
  for (size_t word = 0; word < (V + 31) / 32; word++)
    for (uint32_t left = bits[word]; left != 0; left &= left - 1) {
      size_t id = 32 * word + (size_t)__builtin_ctz(left);
      if (id < V) ids[n++] = (int32_t)id;
    }
  return n;
}

/* Where the logits of the candidates are: those that cost least to have. */
static float *candidate_logits(moon_session *s, size_t listed, bool all, bool changes) {
  size_t V = (size_t)s->model->config.vocab_size;
  float *logits = moon_tensor_data(s->logits), *copy = s->logit_copy;
  if (listed == 1 && !all) copy[s->order[0]] = 0;       /* the only one, whatever its logit */
  else if (listed > 0 && !all) mn_head_some(s, s->order, listed, copy);
  else {
    mn_head_dense(s);
    if (!changes) return logits;
    memcpy(copy, logits, V * sizeof *copy);
  }
  return copy;
}

moon_status moon_session_sample(moon_session *s, const moon_sample_options *options, int32_t *id,
                                double *logprob, moon_error *err) {
  moon_sample_options o = options ? *options : moon_sample_defaults();
  size_t V = (size_t)s->model->config.vocab_size;
  *id = 0;
  if (logprob) *logprob = 0;
  if (!s->has_logits) return mn_fail(err, MOON_EARG, "no logits: feed a token first");
  moon_status status = mn_sample_check(&o, V, err);
  if (status != MOON_OK) return status;
  size_t listed = o.allowed ? list_allowed(o.allowed, V, s->order) : 0;
  if (o.allowed && listed == 0) return mn_fail(err, MOON_EMATH, "the mask allows no token");
  bool changes = o.n_bias > 0 || penalises(&o) || o.dry_multiplier != 0;
  mn_sampler sampler = {.options = &o, .history = s->tokens, .n_history = s->length, .V = V,
                        .listed = listed, .counts = s->counts, .order = s->order,
                        .lengths = s->lengths};
  sampler.z = candidate_logits(s, listed, logprob != NULL, changes);
  double u = o.temperature == 0 ? 0 : mn_random_uniform(o.seed, s->length);
  status = mn_sample(&sampler, u, id, err);
  if (status == MOON_OK && logprob) status = moon_session_logprob(s, *id, logprob, err);
  return status;
}

moon_status moon_session_logprob(moon_session *s, int32_t id, double *logprob, moon_error *err) {
  size_t V = (size_t)s->model->config.vocab_size;
  *logprob = 0;
  if (!s->has_logits) return mn_fail(err, MOON_EARG, "no logits: feed a token first");
  if (id < 0 || (size_t)id >= V)
    return mn_fail(err, MOON_EARG, "token id %d; the vocabulary has 0 to %zu", (int)id, V - 1);
  mn_head_dense(s);
  *logprob = mn_log_probability(&s->model->engine->kernels, moon_tensor_data(s->logits), V, id);
  return MOON_OK;
}

moon_status moon_session_top(moon_session *s, const uint32_t *allowed, size_t *n, int32_t *ids,
                             double *logprobs, moon_error *err) {
  size_t V = (size_t)s->model->config.vocab_size, C = 0;
  if (!s->has_logits) return mn_fail(err, MOON_EARG, "no logits: feed a token first");
  if (*n > V) return mn_fail(err, MOON_EARG, "top %zu of %zu tokens", *n, V);
  mn_head_dense(s);
  const float *z = moon_tensor_data(s->logits);
  const mk_table *k = &s->model->engine->kernels;
  if (isnan(k->log_sum_exp(z, V)))
    return mn_fail(err, MOON_EMATH, "a logit is NaN, or all are -infinity");
  for (size_t i = 0; i < V; i++)
    if (!allowed || (allowed[i >> 5] >> (i & 31) & 1) != 0) s->order[C++] = (int32_t)i;
  for (size_t i = C / 2; i-- > 0;) sift(z, s->order, C, i);
  if (*n > C) *n = C;
  for (size_t i = 0; i < *n; i++) ids[i] = pop(z, s->order, C - i);
  if (*n == 0) return MOON_OK;
  double best = mn_log_probability(k, z, V, ids[0]);
  for (size_t i = 0; i < *n; i++) {
    float zi = z[ids[i]];
    logprobs[i] = zi == z[ids[0]] ? best : best + ((double)zi - (double)z[ids[0]]);
  }
  return MOON_OK;
}
