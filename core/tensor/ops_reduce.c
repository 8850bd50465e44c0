/* ops_reduce.c: many elements to one: sum, mean, maximum and its place.
**
** How: runs are loaded as double, which holds every dtype exactly, and folded in index order
**   into one accumulator per result. When the reduced dim is the fastest in memory, or all dims
**   are reduced, a result is folded to its end before the next; otherwise a block of
**   neighbouring results is folded together, so that memory is read along its rows. Both ways
**   take the same numbers in the same order, so they give the same bits.
** Invariant: sums are rounded to f32 once. A NaN is the maximum, the first of equals has the
**   place. The maximum of whole numbers is i32, everything else f32; places are i32 from 0.
** Not here: maxima of more than one place (ops_rows.c, topk).
*/
#include <math.h>
#include <string.h>

#include "core/tensor/dtype.h"
#include "core/tensor/tensor.h"

enum { BLOCK = 64 };            /* results that are folded together */

typedef struct accumulator {
  double value;                 /* the sum, or the maximum so far */
  size_t place;                 /* of the maximum */
} accumulator;

typedef struct reduction {
  moon_reduction op;
  const moon_tensor *t;
  size_t n;                     /* elements per result */
  uint8_t *y;                   /* the next result */
} reduction;

static bool is_sum(moon_reduction op) { return op == MOON_SUM || op == MOON_MEAN; }

static accumulator fresh(moon_reduction op) {
  return (accumulator){.value = is_sum(op) ? 0 : -INFINITY};
}

/* x, element number i, becomes the maximum when it is larger, or the first NaN. */
static inline void take_maximum(accumulator *acc, double x, size_t i) {
  if (x > acc->value || (isnan(x) && !isnan(acc->value))) *acc = (accumulator){x, i};
}

/* n elements, numbered from `from`, into one accumulator. */
static void fold(moon_reduction op, accumulator *acc, const double *x, size_t n, size_t from) {
  if (is_sum(op)) {
    for (size_t i = 0; i < n; i++) acc->value += x[i];
  } else {
    for (size_t i = 0; i < n; i++) take_maximum(acc, x[i], from + i);
  }
}

/* Element number i of each of n neighbouring results. */
static void fold_across(moon_reduction op, accumulator *acc, const double *x, size_t n, size_t i) {
  if (is_sum(op)) {
    for (size_t k = 0; k < n; k++) acc[k].value += x[k];
  } else {
    for (size_t k = 0; k < n; k++) take_maximum(&acc[k], x[k], i);
  }
}

/* Results of 4 bytes, f32 or i32. */
static void store(reduction *r, const accumulator *acc, size_t results) {
  for (size_t i = 0; i < results; i++, r->y += 4) {
    float *f = (void *)r->y;
    int32_t *w = (void *)r->y;
    if (r->op == MOON_MEAN) *f = (float)(acc[i].value / (double)r->n);
    else if (r->op == MOON_ARGMAX) *w = (int32_t)acc[i].place;
    else if (r->op == MOON_MAXIMUM && mn_is_whole(r->t->dtype)) *w = (int32_t)acc[i].value;
    else *f = (float)acc[i].value;
  }
}

static void load(const reduction *r, double *x, size_t offset, size_t n, size_t step) {
  const moon_tensor *t = r->t;
  mn_doubles(t->storage->engine, x, t->first + offset * moon_dtype_size(t->dtype), t->dtype, n,
             step);
}

/* One result from all elements of a shape that begins at offset. */
static void reduce_along(reduction *r, size_t offset, int rank, const size_t *shape,
                         const size_t *stride) {
  double x[MN_CHUNK];
  accumulator acc = fresh(r->op);
  size_t seen = 0;
  for (mn_rows row = mn_rows_of(rank, shape, stride); !row.done; mn_rows_next(&row)) {
    for (size_t done = 0; done < row.n; done += MN_CHUNK) {
      size_t n = row.n - done < MN_CHUNK ? row.n - done : MN_CHUNK;
      load(r, x, offset + row.offset + done * row.step, n, row.step);
      fold(r->op, &acc, x, n, seen);
      seen += n;
    }
  }
  store(r, &acc, 1);
}

/* The results of one row, whose elements lie row.step apart; the reduced ones lie `step` apart. */
static void reduce_across(reduction *r, mn_rows row, size_t step) {
  double x[BLOCK];
  accumulator acc[BLOCK];
  for (size_t done = 0; done < row.n; done += BLOCK) {
    size_t n = row.n - done < BLOCK ? row.n - done : BLOCK;
    for (size_t k = 0; k < n; k++) acc[k] = fresh(r->op);
    for (size_t i = 0; i < r->n; i++) {
      load(r, x, row.offset + done * row.step + i * step, n, row.step);
      fold_across(r->op, acc, x, n, i);
    }
    store(r, acc, n);
  }
}

static moon_status check(moon_reduction op, const moon_tensor *t, int dim, size_t n,
                         moon_error *err) {
  static const char *const names[] = {"sum", "mean", "max", "argmax"};
  if ((unsigned)op > MOON_ARGMAX) return mn_fail(err, MOON_EARG, "no reduction %d", (int)op);
  if (dim < -1 || dim >= t->rank)
    return mn_fail(err, MOON_EARG, "%s: %s has no dim %d", names[op], mn_tensor_text(t).text, dim);
  if (n == 0 && !is_sum(op))
    return mn_fail(err, MOON_EARG, "%s: nothing to choose from in %s", names[op],
                   mn_tensor_text(t).text);
  if (op == MOON_ARGMAX && n > INT32_MAX)
    return mn_fail(err, MOON_ESUPPORT, "argmax: %s has places beyond i32", mn_tensor_text(t).text);
  return MOON_OK;
}

moon_status moon_tensor_reduce(moon_reduction op, const moon_tensor *t, int dim,
                               moon_tensor **out, moon_error *err) {
  bool all = dim == -1;
  size_t n = all ? moon_tensor_count(t) : dim >= 0 && dim < t->rank ? t->shape[dim] : 0;
  *out = NULL;
  moon_status status = check(op, t, dim, n, err);
  if (status != MOON_OK) return status;
  size_t shape[MOON_MAX_RANK], stride[MOON_MAX_RANK];   /* of the dims that stay */
  int rank = 0;
  for (int i = 0; i < t->rank && !all; i++) {
    if (i == dim) continue;
    shape[rank] = t->shape[i];
    stride[rank++] = t->stride[i];
  }
  bool whole = op == MOON_ARGMAX || (op == MOON_MAXIMUM && mn_is_whole(t->dtype));
  status = mn_tensor_blank(t->storage->engine, whole ? MOON_I32 : MOON_F32, rank, shape, out, err);
  if (status != MOON_OK) return status;

  reduction r = {.op = op, .t = t, .n = n, .y = (*out)->first};
  if (all) {
    reduce_along(&r, 0, t->rank, t->shape, t->stride);
    return MOON_OK;
  }
  const size_t *reduced = &t->shape[dim], *step = &t->stride[dim];
  for (mn_rows row = mn_rows_of(rank, shape, stride); !row.done; mn_rows_next(&row)) {
    if (row.n > 1 && row.step < *step) {
      reduce_across(&r, row, *step);
      continue;
    }
    for (size_t i = 0; i < row.n; i++)
      reduce_along(&r, row.offset + i * row.step, 1, reduced, step);
  }
  return MOON_OK;
}
