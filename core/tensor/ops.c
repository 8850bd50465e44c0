/* ops.c: arithmetic element by element.
**
** What: binary operations with broadcasting, unary operations. How: the operands' strides are
**   laid over the result's shape (stride 0 where they repeat) and walked as rows; a row goes
**   through in chunks that are loaded as f32 (or int32), computed, and stored contiguously.
** Invariant: results are fresh and contiguous; element i depends on its operands alone. Whole
**   numbers (i32, i8) with whole numbers give i32, wrapping, for add, sub, mul, min, max, neg
**   and abs; everything else computes in f32 and gives f32. NaN in, NaN out, min and max too.
** Not here: sums (ops_reduce.c), rows (ops_rows.c), products of matrices (matmul.c).
*/
#include <math.h>
#include <string.h>

#include "core/tensor/dtype.h"
#include "core/tensor/tensor.h"

/* ---- the formulas ---- */

static void binary_f32(moon_binary op, float *restrict y, const float *restrict a,
                       const float *restrict b, size_t n) {
  switch (op) {
    case MOON_ADD: for (size_t i = 0; i < n; i++) y[i] = a[i] + b[i]; break;
    case MOON_SUB: for (size_t i = 0; i < n; i++) y[i] = a[i] - b[i]; break;
    case MOON_MUL: for (size_t i = 0; i < n; i++) y[i] = a[i] * b[i]; break;
    case MOON_DIV: for (size_t i = 0; i < n; i++) y[i] = a[i] / b[i]; break;
    case MOON_POW: for (size_t i = 0; i < n; i++) y[i] = powf(a[i], b[i]); break;
    case MOON_MIN:              /* a when it is smaller or a NaN, b otherwise */
      for (size_t i = 0; i < n; i++) y[i] = a[i] < b[i] || a[i] != a[i] ? a[i] : b[i];
      break;
    case MOON_MAX:
      for (size_t i = 0; i < n; i++) y[i] = a[i] > b[i] || a[i] != a[i] ? a[i] : b[i];
      break;
  }
}

/* Unsigned arithmetic wraps where int32_t would be undefined. */
static void binary_i32(moon_binary op, int32_t *restrict y, const int32_t *restrict a,
                       const int32_t *restrict b, size_t n) {
  switch (op) {
    case MOON_ADD:
      for (size_t i = 0; i < n; i++) y[i] = (int32_t)((uint32_t)a[i] + (uint32_t)b[i]);
      break;
    case MOON_SUB:
      for (size_t i = 0; i < n; i++) y[i] = (int32_t)((uint32_t)a[i] - (uint32_t)b[i]);
      break;
    case MOON_MUL:
      for (size_t i = 0; i < n; i++) y[i] = (int32_t)((uint32_t)a[i] * (uint32_t)b[i]);
      break;
    case MOON_MIN: for (size_t i = 0; i < n; i++) y[i] = a[i] < b[i] ? a[i] : b[i]; break;
    case MOON_MAX: for (size_t i = 0; i < n; i++) y[i] = a[i] > b[i] ? a[i] : b[i]; break;
    case MOON_DIV: case MOON_POW: break;        /* computed in f32 */
  }
}

static void unary_f32(moon_unary op, float *restrict y, const float *restrict x, size_t n) {
  switch (op) {
    case MOON_NEG: for (size_t i = 0; i < n; i++) y[i] = -x[i]; break;
    case MOON_ABS: for (size_t i = 0; i < n; i++) y[i] = fabsf(x[i]); break;
    case MOON_EXP: for (size_t i = 0; i < n; i++) y[i] = expf(x[i]); break;
    case MOON_LOG: for (size_t i = 0; i < n; i++) y[i] = logf(x[i]); break;
    case MOON_SQRT: for (size_t i = 0; i < n; i++) y[i] = sqrtf(x[i]); break;
    case MOON_TANH: for (size_t i = 0; i < n; i++) y[i] = tanhf(x[i]); break;
    case MOON_SIGMOID: for (size_t i = 0; i < n; i++) y[i] = 1 / (1 + expf(-x[i])); break;
    case MOON_SILU: for (size_t i = 0; i < n; i++) y[i] = x[i] / (1 + expf(-x[i])); break;
  }
}

static void unary_i32(moon_unary op, int32_t *y, const int32_t *x, size_t n) {
  for (size_t i = 0; i < n; i++) {
    bool turn = op == MOON_NEG || x[i] < 0;     /* NEG or ABS */
    y[i] = turn ? (int32_t)(0u - (uint32_t)x[i]) : x[i];
  }
}

/* ---- the walk ---- */

/* An operand's elements from `offset` on, for a row of the result. */
static const uint8_t *at(const moon_tensor *t, size_t offset) {
  return t->first + offset * moon_dtype_size(t->dtype);
}

static void binary_row(moon_binary op, bool whole, void *y, const moon_tensor *a, mn_rows ra,
                       const moon_tensor *b, mn_rows rb) {
  const moon_engine *engine = a->storage->engine;
  union { float f[MN_CHUNK]; int32_t w[MN_CHUNK]; } left, right;
  for (size_t done = 0; done < ra.n; done += MN_CHUNK) {
    size_t n = ra.n - done < MN_CHUNK ? ra.n - done : MN_CHUNK;
    const uint8_t *pa = at(a, ra.offset + done * ra.step);
    const uint8_t *pb = at(b, rb.offset + done * rb.step);
    if (whole)
      binary_i32(op, (int32_t *)y + done, mn_wholes(left.w, pa, a->dtype, n, ra.step),
                 mn_wholes(right.w, pb, b->dtype, n, rb.step), n);
    else
      binary_f32(op, (float *)y + done, mn_floats(engine, left.f, pa, a->dtype, n, ra.step),
                 mn_floats(engine, right.f, pb, b->dtype, n, rb.step), n);
  }
}

static const char *binary_name(moon_binary op) {
  static const char *const names[] = {"add", "sub", "mul", "div", "pow", "minimum", "maximum"};
  return names[op];
}

moon_status moon_tensor_binary(moon_binary op, const moon_tensor *a, const moon_tensor *b,
                               moon_tensor **out, moon_error *err) {
  size_t shape[MOON_MAX_RANK], sy[MOON_MAX_RANK], sa[MOON_MAX_RANK], sb[MOON_MAX_RANK];
  int rank;
  *out = NULL;
  if ((unsigned)op > MOON_MAX) return mn_fail(err, MOON_EARG, "no binary operation %d", (int)op);
  if (!mn_broadcast(a->rank, a->shape, b->rank, b->shape, &rank, shape))
    return mn_fail(err, MOON_EARG, "%s: %s and %s do not broadcast to one shape",
                   binary_name(op), mn_tensor_text(a).text, mn_tensor_text(b).text);
  bool whole = mn_is_whole(a->dtype) && mn_is_whole(b->dtype) && op != MOON_DIV && op != MOON_POW;
  moon_status status = mn_tensor_blank(a->storage->engine, whole ? MOON_I32 : MOON_F32, rank,
                                       shape, out, err);
  if (status != MOON_OK) return status;
  mn_expand_strides(a, rank, shape, sa);
  mn_expand_strides(b, rank, shape, sb);
  mn_plain_strides(rank, shape, sy);
  rank = mn_merge_dims(rank, shape, (size_t *[]){sy, sa, sb}, 3);
  uint8_t *y = (*out)->first;
  mn_rows ra = mn_rows_of(rank, shape, sa), rb = mn_rows_of(rank, shape, sb);
  for (; !ra.done; mn_rows_next(&ra), mn_rows_next(&rb)) {
    binary_row(op, whole, y, a, ra, b, rb);
    y += ra.n * 4;              /* f32 and i32 alike */
  }
  return MOON_OK;
}

static void unary_row(moon_unary op, bool whole, void *y, const moon_tensor *t, mn_rows r) {
  union { float f[MN_CHUNK]; int32_t w[MN_CHUNK]; } x;
  for (size_t done = 0; done < r.n; done += MN_CHUNK) {
    size_t n = r.n - done < MN_CHUNK ? r.n - done : MN_CHUNK;
    const uint8_t *p = at(t, r.offset + done * r.step);
    if (whole)
      unary_i32(op, (int32_t *)y + done, mn_wholes(x.w, p, t->dtype, n, r.step), n);
    else
      unary_f32(op, (float *)y + done,
                mn_floats(t->storage->engine, x.f, p, t->dtype, n, r.step), n);
  }
}

moon_status moon_tensor_unary(moon_unary op, const moon_tensor *t, moon_tensor **out,
                              moon_error *err) {
  size_t shape[MOON_MAX_RANK], sy[MOON_MAX_RANK], st[MOON_MAX_RANK];
  *out = NULL;
  if ((unsigned)op > MOON_SILU) return mn_fail(err, MOON_EARG, "no unary operation %d", (int)op);
  bool whole = mn_is_whole(t->dtype) && (op == MOON_NEG || op == MOON_ABS);
  moon_status status = mn_tensor_blank(t->storage->engine, whole ? MOON_I32 : MOON_F32, t->rank,
                                       t->shape, out, err);
  if (status != MOON_OK) return status;
  memcpy(shape, t->shape, sizeof shape);
  memcpy(st, t->stride, sizeof st);
  mn_plain_strides(t->rank, shape, sy);
  int rank = mn_merge_dims(t->rank, shape, (size_t *[]){sy, st}, 2);
  uint8_t *y = (*out)->first;
  for (mn_rows r = mn_rows_of(rank, shape, st); !r.done; mn_rows_next(&r)) {
    unary_row(op, whole, y, t, r);
    y += r.n * 4;
  }
  return MOON_OK;
}
