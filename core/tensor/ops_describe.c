/* ops_describe.c: what the elements of a tensor are like: their statistics and a histogram.
**
** How: elements are loaded in chunks of double, which holds every dtype exactly; what is no
**   number is counted and taken out. A chunk's mean and squared distances from it are two passes
**   over memory that is still in the cache, joined with those so far by Chan's rule (Chan, Golub,
**   LeVeque 1983), so that a small spread on top of a large mean is not lost.
** Order: the answers do not depend on where an element stands, so dims are walked by their
**   strides, largest first: a transposed tensor is read along its memory like any other. Dims of
**   stride 0 repeat the same elements: these are read once and counted as often as they stand.
** Not here: reductions over one dim (ops_reduce.c).
*/
#include <float.h>
#include <math.h>

#include "core/tensor/dtype.h"
#include "core/tensor/tensor.h"

enum { LANES = 8 };             /* sums side by side, for vectors */

/* A tensor's distinct elements, each of which stands `times` times. */
typedef struct elements {
  const moon_tensor *t;
  int rank;
  size_t shape[MOON_MAX_RANK], stride[MOON_MAX_RANK];
  size_t times;
} elements;

static elements elements_of(const moon_tensor *t) {
  elements all = {.t = t, .times = 1};
  for (int i = 0; i < t->rank; i++) {
    if (t->stride[i] == 0) {
      all.times *= t->shape[i];
      continue;
    }
    int at = all.rank++;
    for (; at > 0 && all.stride[at - 1] < t->stride[i]; at--) {
      all.shape[at] = all.shape[at - 1];
      all.stride[at] = all.stride[at - 1];
    }
    all.shape[at] = t->shape[i];
    all.stride[at] = t->stride[i];
  }
  all.rank = mn_merge_dims(all.rank, all.shape, (size_t *const[]){all.stride}, 1);
  return all;
}

/* The next chunk of the present row as double, from `done` on; its length. */
static size_t load(const elements *all, const mn_rows *row, size_t done, double x[MN_CHUNK]) {
  const moon_tensor *t = all->t;
  size_t n = row->n - done < MN_CHUNK ? row->n - done : MN_CHUNK;
  size_t offset = row->offset + done * row->step;
  mn_doubles(t->storage->engine, x, t->first + offset * moon_dtype_size(t->dtype), t->dtype, n,
             row->step);
  return n;
}

/* ---- statistics ---- */

static double sum(const double *x, size_t n) {
  double lane[LANES] = {0}, total = 0;
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (int k = 0; k < LANES; k++) lane[k] += x[i + k];
  for (int k = 0; k < LANES; k++) total += lane[k];
  for (; i < n; i++) total += x[i];
  return total;
}

static double sum_squares(const double *x, size_t n, double mean) {
  double lane[LANES] = {0}, total = 0;
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (int k = 0; k < LANES; k++) lane[k] += (x[i + k] - mean) * (x[i + k] - mean);
  for (int k = 0; k < LANES; k++) total += lane[k];
  for (; i < n; i++) total += (x[i] - mean) * (x[i] - mean);
  return total;
}

static void widen_range(moon_statistics *s, const double *x, size_t n) {
  double least[LANES], most[LANES];
  size_t i = 0;
  for (int k = 0; k < LANES; k++) {
    least[k] = s->min;
    most[k] = s->max;
  }
  for (; i + LANES <= n; i += LANES)
    for (int k = 0; k < LANES; k++) {
      least[k] = x[i + k] < least[k] ? x[i + k] : least[k];
      most[k] = x[i + k] > most[k] ? x[i + k] : most[k];
    }
  for (; i < n; i++) {
    least[0] = fmin(least[0], x[i]);
    most[0] = fmax(most[0], x[i]);
  }
  for (int k = 0; k < LANES; k++) {
    s->min = fmin(s->min, least[k]);
    s->max = fmax(s->max, most[k]);
  }
}

/* Moves the finite ones of n to the front, counts the others; how many are finite. */
static size_t keep_finite(moon_statistics *s, double *x, size_t n) {
  size_t odd = 0, kept = 0;
  for (size_t i = 0; i < n; i++) odd += !(fabs(x[i]) <= DBL_MAX);
  if (odd == 0) return n;
  for (size_t i = 0; i < n; i++) {
    if (isnan(x[i])) s->nan++;
    else if (isinf(x[i])) s->inf++;
    else x[kept++] = x[i];
  }
  return kept;
}

/* Takes a chunk in; *squares: the squared distances from the mean so far. */
static void take(moon_statistics *s, double *squares, double *x, size_t n) {
  n = keep_finite(s, x, n);
  if (n == 0) return;
  double mean = sum(x, n) / (double)n, off = mean - s->mean;
  double before = (double)s->finite, after = before + (double)n;
  *squares += sum_squares(x, n, mean) + off * off * (before * (double)n / after);
  s->mean += off * ((double)n / after);
  s->finite += n;
  widen_range(s, x, n);
}

moon_statistics moon_tensor_statistics(const moon_tensor *t) {
  moon_statistics s = {.min = INFINITY, .max = -INFINITY};
  elements all = elements_of(t);
  double x[MN_CHUNK], squares = 0;
  for (mn_rows row = mn_rows_of(all.rank, all.shape, all.stride); !row.done; mn_rows_next(&row))
    for (size_t done = 0; done < row.n; done += MN_CHUNK)
      take(&s, &squares, x, load(&all, &row, done, x));
  s.std = sqrt(squares / (double)s.finite);
  s.finite *= all.times;
  s.nan *= all.times;
  s.inf *= all.times;
  if (s.finite == 0) s.min = s.max = s.mean = s.std = NAN;
  return s;
}

/* ---- histogram ---- */

moon_status moon_tensor_histogram(const moon_tensor *t, double least, double most, size_t bins,
                                  size_t *counts, moon_error *err) {
  if (bins == 0 || !(least <= most && isfinite(most - least)))
    return mn_fail(err, MOON_EARG, "histogram: wants a bin and a finite range, got %zu, %g to %g",
                   bins, least, most);
  elements all = elements_of(t);
  double x[MN_CHUNK], span = most > least ? most - least : 1;
  for (size_t i = 0; i < bins; i++) counts[i] = 0;
  for (mn_rows row = mn_rows_of(all.rank, all.shape, all.stride); !row.done; mn_rows_next(&row))
    for (size_t done = 0; done < row.n; done += MN_CHUNK) {
      size_t n = load(&all, &row, done, x);
      for (size_t i = 0; i < n; i++) {
        if (!(x[i] >= least && x[i] <= most)) continue;
        size_t bin = (size_t)((x[i] - least) / span * (double)bins);
        counts[bin < bins ? bin : bins - 1] += all.times;
      }
    }
  return MOON_OK;
}
