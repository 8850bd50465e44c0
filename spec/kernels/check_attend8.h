/* check_attend8.h: checks of attention over keys and values in 8 bits; part of check.c.
**
** What: mk_quantize_head bit by bit; mk_attend_q8 against the formula in double within
**   its bound, NaN among what a query sees and garbage among what it does not, and the same
**   bits however tokens and heads are cut. Cut to four rows AMX's become VNNI's: the same
**   bits there say that these two tiers have them.
** How: the formula is written after the layout in kernels.h.
** Invariant: as in check.c.
** Not here: who fills the cache.
*/
#ifndef MOON_SPEC_KERNELS_CHECK_ATTEND8_H
#define MOON_SPEC_KERNELS_CHECK_ATTEND8_H

#include "spec/kernels/fence.h"

static bool same_bits(float a, float b) { return memcmp(&a, &b, sizeof a) == 0; }

static void quantize_head_of(check *c, const float *x, size_t hd) {
  int8_t *q = fresh(c, 1, hd);
  float scale = c->k.quantize_head(q, x, hd), most = 0;
  bool finite = true;
  intact(c, q);
  for (size_t i = 0; i < hd; i++) {
    finite = finite && isfinite(x[i]);
    most = fmaxf(most, fabsf(x[i]));
  }
  bool zero = !finite || isinf(127 / most);
  if (!finite ? !isnan(scale) : !same_bits(scale, zero ? 0 : most / 127))
    fail(c, "scale is %a of the greatest %a", scale, most);
  for (size_t i = 0; i < hd; i++) {
    float want = zero ? 0 : nearbyintf(x[i] * (127 / most));
    if (q[i] != want) fail(c, "q of %a is %d, should be %g", x[i], q[i], want);
  }
}

static void check_quantize_head(check *c) {
  for (size_t hd = 0; hd <= 132; hd += 4) {
    for (data kind = 0; kind < KINDS; kind++) {
      at(c, "%s hd=%zu", kind_names[kind], hd);
      quantize_head_of(c, fill(c, floats(c, 0, hd), hd, kind), hd);
    }
    for (size_t s = 0; s < SPECIALS; s++)
      for (size_t hit = 0; hit < hd; hit++) {
        float *x = floats(c, 0, hd);
        for (size_t i = 0; i < hd; i++) x[i] = i == hit ? special_heads[s] : 0;
        at(c, "hd=%zu with %a at %zu", hd, special_heads[s], hit);
        quantize_head_of(c, x, hd);
      }
  }
  for (int a = 1; a < 250; a++) {               /* halves between whole numbers */
    float *x = floats(c, 0, 64);
    for (size_t i = 0; i < 64; i++) x[i] = (float)((int)(next(c) % 254) - 127) + 0.5f;
    x[a % 64] = -127;
    at(c, "ties, the greatest at %d", a % 64);
    quantize_head_of(c, x, 64);
  }
}

/* ---- attention ---- */

typedef struct cache8 {
  size_t tokens, group, hd, seen, n, ld;
  float scale;
  const float *q;
  int8_t *keys, *values;                /* the last blocks filled up with garbage */
  float *key_scale, *value_scale;       /* (n) */
} cache8;

static size_t key_at(const cache8 *p, size_t position, size_t d) {
  return ((position / 16 * (p->hd / 4) + d / 4) * 16 + position % 16) * 4 + d % 4;
}

static size_t value_at(const cache8 *p, size_t position, size_t d) {
  return (position / 4 * p->hd + d) * 4 + position % 4;
}

static const float *call_attend_q8(check *c, const cache8 *p, size_t from, size_t count,
                                   size_t head, size_t heads, const mk_mass **seen_mass) {
  size_t seen = p->seen + from, n = in_span(seen + count - 1),
         skip = from * p->ld + head * p->hd;
  size_t keys = (n + 15) / 16 * 16 * p->hd, values = (n + 3) / 4 * 4 * p->hd;
  float *out = floats(c, 5, (count - 1) * p->ld + heads * p->hd);
  mk_mass *mass = fresh(c, 6, count * heads * sizeof *mass);
  float *scales = floats(c, 4, n);
  const int8_t *k = memcpy(fresh(c, 2, keys), p->keys, keys);
  const int8_t *v = memcpy(fresh(c, 3, values), p->values, values);
  memcpy(scales, p->value_scale, n * sizeof *scales);
  at(c, "%s tokens=%zu group=%zu hd=%zu seen=%zu ld=%zu scale=%g", c->kind, count, heads,
     p->hd, seen, p->ld, p->scale);
  float *key_scales = floats(c, 1, n);
  memcpy(key_scales, p->key_scale, n * sizeof *key_scales);
  c->k.attend_q8(out, mass, p->q + skip, p->ld, count, heads, p->hd, k, key_scales, v,
                 scales, seen, p->scale, (mk_ahead){ next(c) % 3 * 1000, next(c) % 300 });
  intact(c, out);
  intact(c, mass);
  expect_nothing_between(c, out, count, heads * p->hd, p->ld);
  *seen_mass = mass;
  return out;
}

static void cut_attend_q8(check *c, const cache8 *p, const float *whole,
                          const mk_mass *whole_mass, size_t from, size_t count,
                          size_t head, size_t heads) {
  const mk_mass *mass;
  const float *out = call_attend_q8(c, p, from, count, head, heads, &mass);
  expect_same_mass(c, mass, whole_mass + from * p->group + head, count, heads, p->group);
  expect_same_rows(c, out, whole + from * p->ld + head * p->hd, count, heads * p->hd, p->ld);
}

static double larger(double a, double b) { return a > b ? a : b; }

/* One query against the formula in double. */
static void expect_attend_q8(check *c, const cache8 *p, size_t t, size_t g, double *score,
                             const float *whole, const mk_mass *mass) {
  size_t n = in_span(p->seen + t), at = t * p->ld + g * p->hd;
  double most = -INFINITY, off = 0, sum = 0, weight = 0, v = 0, q = 0;
  for (size_t d = 0; d < p->hd; d++) q = larger(q, fabs(p->q[at + d]));
  for (size_t i = 0; i < n; i++) {
    double dot = 0, size = 0, by = (double)p->scale * p->key_scale[i];
    for (size_t d = 0; d < p->hd; d++) {
      dot += p->q[at + d] * (double)p->keys[key_at(p, i, d)];
      size += abs(p->keys[key_at(p, i, d)]);
    }
    score[i] = dot * by;
    most = larger(most, score[i]);
    off = larger(off, q / 253 * size * fabs(by) + 4 * EPS * fabs(score[i]));
  }
  for (size_t i = 0; i < n; i++) sum += score[i] = exp(score[i] - most);
  expect(c, t * p->group + g, (float)(log(mass->sum) + mass->most), log(sum) + most,
         off + (double)(n + 32) * EPS + EPS * fabs(log(sum) + most));
  for (size_t i = 0; i < n; i++) {
    weight = larger(weight, (score[i] /= sum) * p->value_scale[i]);
    v = larger(v, 128.0 * p->value_scale[i]);
  }
  double bound = (fmin(2, expm1(2 * off)) + (double)(n + 32) * EPS) * v +
                 (double)n * 128 * (0x1p-15 * weight * exp(fmin(2 * off, 99)) + 0x1p-127);
  for (size_t d = 0; d < p->hd; d++) {
    double want = 0;
    for (size_t i = 0; i < n; i++)
      want += score[i] * p->value_scale[i] * p->values[value_at(p, i, d)];
    expect(c, at + d, whole[at + d], want, bound);
  }
}

/* What only the last token sees has such a scale: others keep their bits. */
static void poisoned_scale(check *c, const cache8 *p, const float *whole, float *scale,
                           float poison) {
  size_t last = p->tokens - 1;
  float kept = *scale;
  *scale = poison;
  const mk_mass *mass;
  const float *out = call_attend_q8(c, p, 0, p->tokens, 0, p->group, &mass);
  for (size_t t = 0; t < last; t++)
    for (size_t i = 0; i < p->group * p->hd; i++)
      expect_same(c, "token that does not see NaN", t * p->ld + i, out + t * p->ld + i,
                  whole + t * p->ld + i);
  expect_all_nan(c, out + last * p->ld, p->group * p->hd);
  *scale = kept;
}

/* One in the query of the last head reaches its row and no other. */
static void poisoned_query(check *c, const cache8 *p, const float *whole, float *q,
                           float poison) {
  size_t hit = (p->tokens - 1) * p->ld + (p->group - 1) * p->hd;
  float kept = q[hit];
  q[hit] = poison;
  const mk_mass *mass;
  const float *out = call_attend_q8(c, p, 0, p->tokens, 0, p->group, &mass);
  for (size_t i = 0; i < hit; i++)
    if (i % p->ld < p->group * p->hd)
      expect_same(c, "row without NaN", i, out + i, whole + i);
  expect_all_nan(c, out + hit, p->hd);
  q[hit] = kept;
}

/* Vectors by way of scalar's mk_quantize_head, or any bytes. */
static void fill_cache(check *c, const cache8 *p, data kind, bool any) {
  float x[512];
  int8_t q[512];
  memset(p->keys, 0x80 | (int)next(c), (p->n + 15) / 16 * 16 * p->hd);
  memset(p->values, 0x80 | (int)next(c), (p->n + 3) / 4 * 4 * p->hd);
  for (size_t i = 0; i < 2 * p->n; i++) {
    float *scale = i % 2 ? p->key_scale : p->value_scale;
    scale[i / 2] = mk_scalar.quantize_head(q, fill(c, x, p->hd, kind), p->hd);
    for (size_t d = 0; d < p->hd; d++) {
      int8_t byte = any ? (int8_t)(d % 4 == 0 || next(c) % 3 ? -128 : 127) : q[d];
      if (i % 2) p->keys[key_at(p, i / 2, d)] = byte;
      else p->values[value_at(p, i / 2, d)] = byte;
    }
  }
}

static void attend_q8_of(check *c, size_t tokens, size_t group, size_t hd, size_t seen,
                         data kind, float scale, bool any) {
  size_t n = in_span(seen + tokens - 1), ld = group * hd + kind * 3;
  size_t q_count = (tokens - 1) * ld + group * hd;
  float *q = fill(c, floats(c, 0, q_count), q_count, kind);
  float *whole = floats(c, 7, q_count);
  cache8 p = { tokens, group, hd, seen, n, ld, scale, q, NULL, NULL, NULL, NULL };
  double *score = malloc(n * sizeof *score);
  p.keys = malloc((n + 16) * hd);
  p.values = malloc((n + 4) * hd);
  p.key_scale = malloc(n * sizeof(float));
  p.value_scale = malloc(n * sizeof(float));
  c->kind = any ? "any bytes" : kind_names[kind];
  at(c, "%s n=%zu", c->kind, n);
  if (!score || !p.keys || !p.values || !p.key_scale || !p.value_scale)
    fail(c, "no memory");
  fill_cache(c, &p, kind, any);
  for (size_t i = 0; i < q_count; i++)
    if (i % ld >= group * hd) q[i] = NAN;
  const mk_mass *seen_mass;
  mk_mass *mass = fresh(c, 8, tokens * group * sizeof *mass);
  memcpy(whole, call_attend_q8(c, &p, 0, tokens, 0, group, &seen_mass),
         q_count * sizeof *whole);
  memcpy(mass, seen_mass, tokens * group * sizeof *mass);
  for (size_t t = 0; t < tokens; t++)
    for (size_t g = 0; g < group; g++)
      expect_attend_q8(c, &p, t, g, score, whole, mass + t * group + g);
  for (size_t t = 0; t < tokens; t++) {
    cut_attend_q8(c, &p, whole, mass, t, 1, 0, group);
    cut_attend_q8(c, &p, whole, mass, t, tokens - t, t % group, 1);
    cut_attend_q8(c, &p, whole, mass, t / 2, tokens - t, group / 2, group - group / 2);
  }
  if (seen + tokens - 1 == n) {                 /* the last token sees more than others */
    poisoned_scale(c, &p, whole, p.key_scale + n - 1, NAN);
    poisoned_scale(c, &p, whole, p.value_scale + n - 1, NAN);
    poisoned_scale(c, &p, whole, p.value_scale + n - 1, INFINITY);
  }
  poisoned_query(c, &p, whole, q, NAN);
  poisoned_query(c, &p, whole, q, -INFINITY);
  free(score);
  free(p.keys);
  free(p.values);
  free(p.key_scale);
  free(p.value_scale);
}

static void check_attend_q8(check *c) {
  static const size_t sizes[] = { 4,  8,  12, 16, 20, 32,  36,
                                  48, 64, 68, 80, 96, 124, 128 };
  static const size_t groups[] = { 1, 3, 5, 9 },
                      seens[] = { 1, 2, 4, 8, 15, 16, 17, 31, 33, 50, 101, 187 };
  size_t count = 0;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    for (size_t j = 0; j < sizeof seens / sizeof *seens; j++, count++)
      attend_q8_of(c, 1 + count % 11, groups[(count + i) % 4], sizes[i], seens[j],
                   (data)(count / 2 % KINDS), count % 7 ? 1 / sqrtf((float)sizes[i]) : -3,
                   count % 9 == 8);
  attend_q8_of(c, 16, 3, 64, 241, RANDOM, 0.125f, false);
  attend_q8_of(c, 16, 3, 64, 250, RANDOM, 0.125f, false);
  attend_q8_of(c, 1, 3, 64, 256, RANDOM, 0.125f, false);
  attend_q8_of(c, 3, 5, 32, 2000, RANDOM, 40, false);
  attend_q8_of(c, 5, 3, 80, 58, RANDOM, 0.125f, false); /* the last four not whole */
  attend_q8_of(c, 2, 1, 4, 255, ALTERNATING, 0, true);  /* the greatest sums of equal weights */
  attend_q8_of(c, 2, 3, 16, 255, ALTERNATING, 0, true);
  attend_q8_of(c, 2, 1, 512, 20, ALTERNATING, 0x1p-20f, true);
  attend_q8_of(c, 2, 3, 512, 20, ALTERNATING, 0x1p-20f, true);
}

#endif
