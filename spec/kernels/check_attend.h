/* check_attend.h: checks of attention over keys and values in f32; part of check.c.
**
** What: mk_attend against the formula in double within its bound, NaN in what a query does not see,
**   and the same bits however tokens and heads are cut.
** Invariant: as in check.c.
** Not here: keys and values in 8 bits (check_attend8.h).
*/
#ifndef MOON_SPEC_KERNELS_CHECK_ATTEND_H
#define MOON_SPEC_KERNELS_CHECK_ATTEND_H

#include "spec/kernels/fence.h"

typedef struct problem {
  size_t tokens, group, hd, seen, ld;
  float scale;
  const float *q, *kt, *v;
} problem;

static size_t blocks_of(size_t n) { return (n + MK_BLOCK - 1) / MK_BLOCK; }

/* Runs tokens from..from + count - 1 and heads head..head + heads - 1 by themselves, with
** v ending where the contract says. Rows are as far apart in out as in q. */
static const float *call_attend(check *c, const problem *p, size_t from, size_t count,
                                size_t head, size_t heads, const mk_mass **seen_mass) {
  size_t seen = p->seen + from, n = in_span(seen + count - 1),
         skip = from * p->ld + head * p->hd;
  float *out = floats(c, 3, (count - 1) * p->ld + heads * p->hd);
  float *v = floats(c, 4, n * p->hd);
  mk_mass *mass = fresh(c, 5, count * heads * sizeof *mass);
  memcpy(v, p->v, n * p->hd * sizeof *v);
  at(c, "tokens=%zu group=%zu hd=%zu seen=%zu ld=%zu scale=%g", count, heads, p->hd, seen,
     p->ld, p->scale);
  c->k.attend(out, mass, p->q + skip, p->ld, count, heads, p->hd, p->kt, v, seen,
              p->scale, (mk_ahead){ next(c) % 3 * 1000, next(c) % 300 });
  intact(c, out);
  intact(c, mass);
  expect_nothing_between(c, out, count, heads * p->hd, p->ld);
  *seen_mass = mass;
  return out;
}

/* The same queries, cut in some way, must have the bits of the whole. */
static void cut_attend(check *c, const problem *p, const float *whole,
                       const mk_mass *whole_mass, size_t from, size_t count, size_t head,
                       size_t heads) {
  const mk_mass *mass;
  const float *out = call_attend(c, p, from, count, head, heads, &mass);
  expect_same_mass(c, mass, whole_mass + from * p->group + head, count, heads, p->group);
  expect_same_rows(c, out, whole + from * p->ld + head * p->hd, count, heads * p->hd, p->ld);
}

static double key(const problem *p, size_t position, size_t d) {
  return p->kt[(position / MK_BLOCK * p->hd + d) * MK_BLOCK + position % MK_BLOCK];
}

/* One query against the formula in double. */
static void expect_attend(check *c, const problem *p, size_t t, size_t g,
                          const float *out, const mk_mass *mass) {
  size_t n = in_span(p->seen + t);
  const float *q = p->q + t * p->ld + g * p->hd;
  double score[MK_SPAN], most = -INFINITY, size = 0, sum = 0, v_size = 0;
  for (size_t i = 0; i < n; i++) {
    double dot = 0;
    for (size_t d = 0; d < p->hd; d++) dot += q[d] * key(p, i, d);
    score[i] = dot * p->scale;
    most = score[i] > most ? score[i] : most;
    size = fabs(score[i]) > size ? fabs(score[i]) : size;
  }
  for (size_t i = 0; i < n; i++) sum += score[i] = exp(score[i] - most);
  for (size_t i = 0; i < n * p->hd; i++)
    v_size = fabsf(p->v[i]) > v_size ? fabsf(p->v[i]) : v_size;
  double bound = (double)(n + p->hd + 32) * EPS * (1 + size) * v_size;
  expect(c, t * p->group + g, (float)(log(mass->sum) + mass->most), log(sum) + most,
         (double)(n + p->hd + 33) * EPS * (1 + size));
  for (size_t d = 0; d < p->hd; d++) {
    double want = 0;
    for (size_t i = 0; i < n; i++) want += score[i] / sum * p->v[i * p->hd + d];
    expect(c, t * p->ld + g * p->hd + d, out[t * p->ld + g * p->hd + d], want, bound);
  }
}

/* What only the last token sees is NaN: others keep their bits, the last is NaN. */
static void attend_poisoned(check *c, const problem *p, const float *whole,
                            float *poison) {
  size_t last = p->tokens - 1;
  float kept = *poison;
  *poison = NAN;
  const mk_mass *mass;
  const float *out = call_attend(c, p, 0, p->tokens, 0, p->group, &mass);
  for (size_t t = 0; t < last; t++)
    for (size_t i = 0; i < p->group * p->hd; i++)
      expect_same(c, "token that does not see NaN", t * p->ld + i, out + t * p->ld + i,
                  whole + t * p->ld + i);
  if (!isnan(out[last * p->ld]))
    fail(c, "the last token sees NaN and is %g", out[last * p->ld]);
  *poison = kept;
}

static void attend_of(check *c, size_t tokens, size_t group, size_t hd, size_t seen,
                      data kind, float scale) {
  size_t n = in_span(seen + tokens - 1), ld = group * hd + kind * 3, rest = n % MK_BLOCK;
  size_t q_count = (tokens - 1) * ld + group * hd,
         kt_count = blocks_of(n) * hd * MK_BLOCK;
  float *q = fill(c, floats(c, 0, q_count), q_count, kind);
  float *kt = fill(c, floats(c, 1, kt_count), kt_count, kind), *v = floats(c, 2, n * hd);
  float *whole = floats(c, 6, q_count);
  problem p = { tokens, group, hd, seen, ld, scale, q, kt, v };
  fill(c, v, n * hd, kind);
  for (size_t i = 0; i < q_count; i++)
    if (i % ld >= group * hd) q[i] = NAN;
  for (size_t i = kt_count - hd * MK_BLOCK; rest && i < kt_count; i++)
    if (i % MK_BLOCK >= rest) kt[i] = i % 3 ? NAN : i % 2 ? INFINITY : -FLT_MAX;
  const mk_mass *seen_mass;
  mk_mass *mass = fresh(c, 7, tokens * group * sizeof *mass);
  memcpy(whole, call_attend(c, &p, 0, tokens, 0, group, &seen_mass),
         q_count * sizeof *whole);
  memcpy(mass, seen_mass, tokens * group * sizeof *mass);
  for (size_t t = 0; t < tokens; t++)
    for (size_t g = 0; g < group; g++)
      expect_attend(c, &p, t, g, whole, mass + t * group + g);
  for (size_t t = 0; t < tokens; t++) {
    cut_attend(c, &p, whole, mass, t, 1, 0, group);
    cut_attend(c, &p, whole, mass, t, tokens - t, t % group, 1);
    cut_attend(c, &p, whole, mass, t / 2, tokens - t, group / 2, group - group / 2);
  }
  if (seen + tokens - 1 > n) return;            /* the last token does not see more */
  attend_poisoned(c, &p, whole, v + (n - 1) * hd);
  attend_poisoned(c, &p, whole,
                  kt + (n - 1) / MK_BLOCK * hd * MK_BLOCK + (n - 1) % MK_BLOCK);
}

static void check_attend(check *c) {
  static const size_t sizes[] = { 2,  6,  8,  10, 16, 18, 30, 32,
                                  34, 48, 50, 64, 66, 80, 98, 128 };
  static const size_t groups[] = { 1, 3, 5, 9 },
                      seens[] = { 1, 2, 8, 15, 16, 17, 31, 50, 101 };
  size_t count = 0;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    for (size_t j = 0; j < sizeof seens / sizeof *seens; j++, count++)
      attend_of(c, 1 + count % 11, groups[(count + i) % 4], sizes[i], seens[j],
                (data)(count / 2 % KINDS), count % 7 ? 1 / sqrtf((float)sizes[i]) : -3);
  attend_of(c, 16, 3, 64, 241, RANDOM, 8);
  attend_of(c, 16, 3, 64, 250, RANDOM, 8);
  attend_of(c, 1, 3, 64, 256, RANDOM, 0.125f);
  attend_of(c, 3, 5, 32, 2000, RANDOM, 40);
}

#endif
