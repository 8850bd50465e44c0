/* ops_rows.c: operations on whole rows: softmax and the k largest.
**
** How: softmax brings its dim to the end, copies to contiguous f32 and lets the engine's kernel
**   run over each row in place. topk keeps the best k of a row in a heap whose root is the worst
**   of them, O(n log k), and takes it apart from the worst to the best.
** Invariant: the order of topk is total: a NaN before every number, the larger before the
**   smaller, the lower index before the higher. So results do not depend on how they are found.
*/
#include <math.h>

#include "core/base/size.h"
#include "core/tensor/dtype.h"
#include "core/tensor/tensor.h"

/* ---- softmax ---- */

static void softmax_rows(moon_tensor *t, size_t n) {
  float *x = (void *)t->first;
  size_t rows = n ? moon_tensor_count(t) / n : 0;
  for (size_t i = 0; i < rows; i++) t->storage->engine->kernels.softmax(x + i * n, n);
}

moon_status moon_tensor_softmax(const moon_tensor *t, int dim, moon_tensor **out,
                                moon_error *err) {
  moon_tensor *turned = NULL, *rows = NULL, *back = NULL;
  *out = NULL;
  if (dim < 0 || dim >= t->rank)
    return mn_fail(err, MOON_EARG, "softmax: %s has no dim %d", mn_tensor_text(t).text, dim);
  int last = t->rank - 1;
  moon_status status = moon_tensor_transpose(t, dim, last, &turned, err);
  if (status == MOON_OK) status = moon_tensor_to(turned, MOON_F32, &rows, err);
  if (status == MOON_OK) {
    softmax_rows(rows, t->shape[dim]);
    status = moon_tensor_transpose(rows, dim, last, &back, err);
  }
  if (status == MOON_OK) status = moon_tensor_contiguous(back, out, err);
  moon_tensor_free(back);
  moon_tensor_free(rows);
  moon_tensor_free(turned);
  return status;
}

/* ---- topk ---- */

typedef struct candidate {
  double value;
  int32_t index;
} candidate;

/* Does a come before b? */
static bool better(candidate a, candidate b) {
  bool a_nan = isnan(a.value), b_nan = isnan(b.value);
  if (a_nan != b_nan) return a_nan;
  if (!a_nan && a.value != b.value) return a.value > b.value;
  return a.index < b.index;
}

/* Puts c where heap[i] was, in a heap of n whose children are better than their parent. */
static void sift(candidate *heap, size_t n, size_t i, candidate c) {
  for (size_t child; (child = 2 * i + 1) < n; i = child) {
    if (child + 1 < n && better(heap[child], heap[child + 1])) child++;
    if (better(heap[child], c)) break;
    heap[i] = heap[child];
  }
  heap[i] = c;
}

/* The next n elements of a row, numbered from `from`; *have of heap's k places are taken. */
static void offer(candidate *heap, size_t k, size_t *have, const double *x, size_t n,
                  size_t from) {
  for (size_t i = 0; i < n; i++) {
    candidate c = {x[i], (int32_t)(from + i)};
    if (*have < k) {
      heap[(*have)++] = c;
      if (*have == k)
        for (size_t j = k / 2; j-- > 0;) sift(heap, k, j, heap[j]);
    } else if (better(c, heap[0])) {
      sift(heap, k, 0, c);
    }
  }
}

static void topk_row(const moon_tensor *t, mn_rows row, size_t k, candidate *heap, void *values,
                     int32_t *indices) {
  double x[MN_CHUNK];
  size_t have = 0, size = moon_dtype_size(t->dtype);
  for (size_t done = 0; done < row.n; done += MN_CHUNK) {
    size_t n = row.n - done < MN_CHUNK ? row.n - done : MN_CHUNK;
    const uint8_t *from = t->first + (row.offset + done * row.step) * size;
    mn_doubles(t->storage->engine, x, from, t->dtype, n, row.step);
    offer(heap, k, &have, x, n, done);
  }
  for (size_t i = k; i-- > 0;) {                /* the root is the worst that is left */
    if (mn_is_whole(t->dtype)) ((int32_t *)values)[i] = (int32_t)heap[0].value;
    else ((float *)values)[i] = (float)heap[0].value;
    indices[i] = heap[0].index;
    sift(heap, i, 0, heap[i]);
  }
}

moon_status moon_tensor_topk(const moon_tensor *t, size_t k, moon_tensor **values,
                             moon_tensor **indices, moon_error *err) {
  size_t shape[MOON_MAX_RANK], bytes;
  moon_engine *engine = t->storage->engine;
  candidate *heap = NULL;
  *values = *indices = NULL;
  if (t->rank == 0) return mn_fail(err, MOON_EARG, "topk: %s has no dim", mn_tensor_text(t).text);
  size_t n = t->shape[t->rank - 1];
  if (k > n)
    return mn_fail(err, MOON_EARG, "topk: %zu of %zu, the last dim of %s", k, n,
                   mn_tensor_text(t).text);
  if (n > INT32_MAX)
    return mn_fail(err, MOON_ESUPPORT, "topk: %s has places beyond i32", mn_tensor_text(t).text);
  for (int i = 0; i < t->rank; i++) shape[i] = t->shape[i];
  shape[t->rank - 1] = k;
  moon_dtype dtype = mn_is_whole(t->dtype) ? MOON_I32 : MOON_F32;
  moon_status status = mn_tensor_blank(engine, dtype, t->rank, shape, values, err);
  if (status == MOON_OK)
    status = mn_tensor_blank(engine, MOON_I32, t->rank, shape, indices, err);
  if (status != MOON_OK) goto done;
  if (!mn_size_mul(k, sizeof *heap, &bytes)) bytes = SIZE_MAX;
  heap = mn_new(&engine->alloc, bytes);
  if (!heap) {
    status = mn_fail_memory(err, "topk", bytes);
    goto done;
  }
  uint8_t *v = (*values)->first;                /* f32 and i32 alike */
  int32_t *at = (void *)(*indices)->first;
  mn_rows row = mn_rows_of(t->rank, t->shape, t->stride);
  for (; k > 0 && !row.done; mn_rows_next(&row), v += 4 * k, at += k)
    topk_row(t, row, k, heap, v, at);
done:
  mn_free(&engine->alloc, heap);
  if (status != MOON_OK) {
    moon_tensor_free(*values);
    moon_tensor_free(*indices);
    *values = *indices = NULL;
  }
  return status;
}
