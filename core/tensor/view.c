/* view.c: the same elements seen otherwise.
**
** What: view, transpose, narrow, select, expand, contiguous. How: each computes a first element,
**   a shape and strides, and adds one owner to the storage; no element moves (contiguous copies
**   where it must). Invariant: every element of a view is an element of the tensor that it was
**   taken from, so views of views stay inside the storage. Not here: reading and writing
**   (tensor.c).
*/
#include <stdio.h>
#include <string.h>

#include "core/base/size.h"
#include "core/tensor/tensor.h"

bool mn_expand_strides(const moon_tensor *t, int rank, const size_t *shape, size_t *stride) {
  int lead = rank - t->rank;
  if (lead < 0) return false;
  for (int i = 0; i < rank; i++) {
    size_t own = i < lead ? 1 : t->shape[i - lead];
    if (own != shape[i] && own != 1) return false;
    stride[i] = i < lead || own != shape[i] ? 0 : t->stride[i - lead];
  }
  return true;
}

bool mn_broadcast(int a_rank, const size_t *a, int b_rank, const size_t *b, int *rank,
                  size_t *shape) {
  *rank = a_rank > b_rank ? a_rank : b_rank;
  for (int i = 0; i < *rank; i++) {
    int ia = i - (*rank - a_rank), ib = i - (*rank - b_rank);
    size_t da = ia < 0 ? 1 : a[ia], db = ib < 0 ? 1 : b[ib];
    if (da != db && da != 1 && db != 1) return false;
    shape[i] = da == 1 ? db : da;
  }
  return true;
}

static moon_status check_dim(const moon_tensor *t, const char *what, int dim, moon_error *err) {
  if (dim >= 0 && dim < t->rank) return MOON_OK;
  return mn_fail(err, MOON_EARG, "%s: %s has no dim %d", what, mn_tensor_text(t).text, dim);
}

/* "(2, ?)": the shape as asked for. */
static mn_shape_text wish_text(int rank, const size_t *shape) {
  mn_shape_text out = {"("};
  size_t used = 1;
  for (int i = 0; i < rank; i++) {
    const char *comma = i ? ", " : "";
    char *end = out.text + used;
    size_t room = sizeof out.text - used;
    used += (size_t)(shape[i] == (size_t)-1 ? snprintf(end, room, "%s?", comma)
                                            : snprintf(end, room, "%s%zu", comma, shape[i]));
  }
  snprintf(out.text + used, sizeof out.text - used, ")");
  return out;
}

moon_status moon_tensor_view(const moon_tensor *t, int rank, const size_t *shape,
                             moon_tensor **out, moon_error *err) {
  size_t wanted[MOON_MAX_RANK], stride[MOON_MAX_RANK];
  *out = NULL;
  if (rank < 0 || rank > MOON_MAX_RANK)
    return mn_fail(err, MOON_EARG, "a tensor has 0 to %d dims, not %d", MOON_MAX_RANK, rank);
  if (!moon_tensor_is_contiguous(t))
    return mn_fail(err, MOON_EARG, "view: %s is not contiguous; take contiguous() first",
                   mn_tensor_text(t).text);
  int inferred = -1;
  size_t count = moon_tensor_count(t), known = 1;
  bool fits = true;
  for (int i = 0; i < rank; i++) {
    wanted[i] = shape[i];
    if (shape[i] != (size_t)-1) {
      fits = fits && mn_size_mul(known, shape[i], &known);
      continue;
    }
    if (inferred >= 0)
      return mn_fail(err, MOON_EARG, "view: only one dim of %s can be inferred",
                     wish_text(rank, shape).text);
    inferred = i;
  }
  if (fits && inferred >= 0) {
    fits = known != 0 && count % known == 0;
    if (fits) wanted[inferred] = count / known;
  } else {
    fits = fits && known == count;
  }
  if (!fits)
    return mn_fail(err, MOON_EARG, "view: the %zu elements of %s do not fill %s", count,
                   mn_tensor_text(t).text, wish_text(rank, shape).text);
  moon_status status = mn_check_shape(rank, wanted, &count, err);
  if (status != MOON_OK) return status;
  mn_plain_strides(rank, wanted, stride);
  return mn_tensor_alias(t, t->first, rank, wanted, stride, out, err);
}

moon_status moon_tensor_transpose(const moon_tensor *t, int a, int b, moon_tensor **out,
                                  moon_error *err) {
  *out = NULL;
  moon_status status = check_dim(t, "transpose", a, err);
  if (status == MOON_OK) status = check_dim(t, "transpose", b, err);
  if (status != MOON_OK) return status;
  size_t shape[MOON_MAX_RANK], stride[MOON_MAX_RANK];
  for (int i = 0; i < t->rank; i++) {
    int from = i == a ? b : i == b ? a : i;
    shape[i] = t->shape[from];
    stride[i] = t->stride[from];
  }
  return mn_tensor_alias(t, t->first, t->rank, shape, stride, out, err);
}

moon_status moon_tensor_narrow(const moon_tensor *t, int dim, size_t first, size_t n,
                               moon_tensor **out, moon_error *err) {
  *out = NULL;
  moon_status status = check_dim(t, "narrow", dim, err);
  if (status != MOON_OK) return status;
  if (!mn_size_span(first, n, t->shape[dim]))
    return mn_fail(err, MOON_EARG, "narrow: %zu from %zu is outside the %zu of dim %d of %s", n,
                   first, t->shape[dim], dim, mn_tensor_text(t).text);
  size_t shape[MOON_MAX_RANK];
  memcpy(shape, t->shape, sizeof shape);
  shape[dim] = n;
  /* An empty view begins where t does: behind the last element there may be nothing. */
  size_t offset = n == 0 || moon_tensor_count(t) == 0 ? 0 : first * t->stride[dim];
  return mn_tensor_alias(t, t->first + offset * moon_dtype_size(t->dtype), t->rank, shape,
                         t->stride, out, err);
}

moon_status moon_tensor_select(const moon_tensor *t, int dim, size_t index, moon_tensor **out,
                               moon_error *err) {
  *out = NULL;
  moon_status status = check_dim(t, "select", dim, err);
  if (status != MOON_OK) return status;
  if (index >= t->shape[dim])
    return mn_fail(err, MOON_EARG, "select: index %zu is outside the %zu of dim %d of %s", index,
                   t->shape[dim], dim, mn_tensor_text(t).text);
  size_t shape[MOON_MAX_RANK], stride[MOON_MAX_RANK];
  for (int i = 0, k = 0; i < t->rank; i++) {
    if (i == dim) continue;
    shape[k] = t->shape[i];
    stride[k++] = t->stride[i];
  }
  size_t offset = moon_tensor_count(t) == 0 ? 0 : index * t->stride[dim];
  return mn_tensor_alias(t, t->first + offset * moon_dtype_size(t->dtype), t->rank - 1, shape,
                         stride, out, err);
}

moon_status moon_tensor_expand(const moon_tensor *t, int rank, const size_t *shape,
                               moon_tensor **out, moon_error *err) {
  size_t stride[MOON_MAX_RANK], count;
  *out = NULL;
  moon_status status = mn_check_shape(rank, shape, &count, err);
  if (status != MOON_OK) return status;
  if (!mn_expand_strides(t, rank, shape, stride))
    return mn_fail(err, MOON_EARG, "expand: %s cannot repeat to %s", mn_tensor_text(t).text,
                   mn_dims_text(rank, shape).text);
  return mn_tensor_alias(t, t->first, rank, shape, stride, out, err);
}

moon_status moon_tensor_contiguous(const moon_tensor *t, moon_tensor **out, moon_error *err) {
  if (!moon_tensor_is_contiguous(t)) return moon_tensor_to(t, t->dtype, out, err);
  return mn_tensor_alias(t, t->first, t->rank, t->shape, t->stride, out, err);
}
