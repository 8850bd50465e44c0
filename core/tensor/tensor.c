/* tensor.c: storage and its elements.
**
** What: making, sharing and freeing tensors; one element, all elements, copies between dtypes.
** How: a tensor is a small struct that counts as one owner of its storage; whatever touches all
**   elements walks them as rows (mn_rows), merged to be as long as they can.
** Invariant: every shape that enters passes mn_check_shape, so that element counts, strides and
**   byte offsets cannot overflow from there on.
** Not here: other views on the same storage (view.c), arithmetic (ops.c, ops_*.c).
*/
#include "core/tensor/tensor.h"

#include <stdio.h>
#include <string.h>

#include "core/base/random.h"
#include "core/base/size.h"
#include "core/tensor/dtype.h"

/* ---- making and freeing ---- */

moon_status mn_check_shape(int rank, const size_t *shape, size_t *count, moon_error *err) {
  if (rank < 0 || rank > MOON_MAX_RANK)
    return mn_fail(err, MOON_EARG, "a tensor has 0 to %d dims, not %d", MOON_MAX_RANK, rank);
  size_t room = 1;              /* elements if every empty dim had one */
  *count = 1;
  for (int i = 0; i < rank; i++) {
    *count *= shape[i];
    if (!mn_size_mul(room, shape[i] ? shape[i] : 1, &room) || room > MN_MAX_ELEMENTS)
      return mn_fail(err, MOON_EARG, "a tensor of shape %s is too large: more than 2^40 elements",
                     mn_dims_text(rank, shape).text);
  }
  return MOON_OK;
}

static void storage_release(mn_storage *s) {
  if (atomic_fetch_sub_explicit(&s->owners, 1, memory_order_acq_rel) != 1) return;
  moon_engine *engine = s->engine;
  if (s->owner) s->release(s->owner);
  else mn_free(&engine->alloc, s->bytes);
  mn_free(&engine->alloc, s);
  moon_engine_close(engine);
}

/* The only place where tensors come from: one more owner of storage. */
static moon_status tensor_on(mn_storage *storage, moon_dtype dtype, uint8_t *first, int rank,
                             const size_t *shape, const size_t *stride, moon_tensor **t,
                             moon_error *err) {
  moon_tensor *made = mn_new(&storage->engine->alloc, sizeof *made);
  if (!made) return mn_fail_memory(err, "tensor", sizeof *made);
  *made = (moon_tensor){.storage = storage, .first = first, .dtype = dtype, .rank = rank};
  for (int i = 0; i < rank; i++) {
    made->shape[i] = shape[i];
    made->stride[i] = stride[i];
  }
  atomic_fetch_add_explicit(&storage->owners, 1, memory_order_relaxed);
  *t = made;
  return MOON_OK;
}

void mn_plain_strides(int rank, const size_t *shape, size_t *stride) {
  size_t step = 1;
  for (int i = rank; i-- > 0;) {
    stride[i] = step;
    step *= shape[i] ? shape[i] : 1;
  }
}

/* Blocks of weights have no elements that a view could step over. */
static moon_status fail_dtype(moon_dtype dtype, moon_error *err) {
  if (dtype == MOON_Q8 || dtype == MOON_Q4)
    return mn_fail(err, MOON_EARG, "%s is a type of a model's weights; a tensor cannot have it",
                   moon_dtype_name(dtype));
  return mn_fail(err, MOON_EARG, "no dtype %d", (int)dtype);
}

moon_status mn_tensor_wrap(moon_engine *engine, moon_dtype dtype, int rank, const size_t *shape,
                           void *bytes, bool read_only, void *owner, void (*release)(void *),
                           moon_tensor **t, moon_error *err) {
  size_t count, stride[MOON_MAX_RANK];
  *t = NULL;
  moon_status status = mn_check_shape(rank, shape, &count, err);
  if (status == MOON_OK && moon_dtype_size(dtype) == 0) status = fail_dtype(dtype, err);
  mn_storage *s = status == MOON_OK ? mn_new(&engine->alloc, sizeof *s) : NULL;
  if (!s) {
    if (owner) release(owner);
    else mn_free(&engine->alloc, bytes);
    return status == MOON_OK ? mn_fail_memory(err, "tensor", sizeof *s) : status;
  }
  *s = (mn_storage){.engine = mn_engine_retain(engine), .bytes = bytes, .read_only = read_only,
                    .size = count * moon_dtype_size(dtype), .owner = owner, .release = release};
  atomic_init(&s->owners, 1);
  mn_plain_strides(rank, shape, stride);
  status = tensor_on(s, dtype, bytes, rank, shape, stride, t, err);
  storage_release(s);           /* the tensor is the owner now, or nobody is */
  return status;
}

moon_status mn_tensor_blank(moon_engine *engine, moon_dtype dtype, int rank, const size_t *shape,
                            moon_tensor **t, moon_error *err) {
  size_t count;
  *t = NULL;
  moon_status status = mn_check_shape(rank, shape, &count, err);
  if (status != MOON_OK) return status;
  if (moon_dtype_size(dtype) == 0) return fail_dtype(dtype, err);
  size_t bytes = count * moon_dtype_size(dtype);
  void *block = mn_new(&engine->alloc, bytes);
  if (!block) return mn_fail_memory(err, "tensor", bytes);
  return mn_tensor_wrap(engine, dtype, rank, shape, block, false, NULL, NULL, t, err);
}

moon_status moon_tensor_new(moon_engine *engine, moon_dtype dtype, int rank, const size_t *shape,
                            moon_tensor **t, moon_error *err) {
  moon_status status = mn_tensor_blank(engine, dtype, rank, shape, t, err);
  if (status == MOON_OK) memset((*t)->first, 0, (*t)->storage->size);
  return status;
}

moon_status mn_tensor_alias(const moon_tensor *t, uint8_t *first, int rank, const size_t *shape,
                            const size_t *stride, moon_tensor **out, moon_error *err) {
  *out = NULL;
  return tensor_on(t->storage, t->dtype, first, rank, shape, stride, out, err);
}

void moon_tensor_free(moon_tensor *t) {
  if (!t) return;
  mn_storage *s = t->storage;
  mn_free(&s->engine->alloc, t);
  storage_release(s);
}

/* ---- what a tensor says about itself ---- */

int moon_tensor_rank(const moon_tensor *t) { return t->rank; }
const size_t *moon_tensor_shape(const moon_tensor *t) { return t->shape; }
moon_dtype moon_tensor_dtype(const moon_tensor *t) { return t->dtype; }
size_t moon_tensor_storage_bytes(const moon_tensor *t) { return t->storage->size; }

size_t moon_tensor_count(const moon_tensor *t) {
  size_t count = 1;
  for (int i = 0; i < t->rank; i++) count *= t->shape[i];
  return count;
}

bool moon_tensor_is_contiguous(const moon_tensor *t) {
  size_t step = 1;
  bool plain = true;
  for (int i = t->rank; i-- > 0;) {
    if (t->shape[i] == 0) return true;
    if (t->shape[i] != 1 && t->stride[i] != step) plain = false;
    step *= t->shape[i];
  }
  return plain;
}

void *moon_tensor_data(const moon_tensor *t) {
  return moon_tensor_is_contiguous(t) ? t->first : NULL;
}

mn_shape_text mn_dims_text(int rank, const size_t *shape) {
  mn_shape_text out = {"("};
  size_t used = 1;
  for (int i = 0; i < rank && i < MOON_MAX_RANK; i++)
    used += (size_t)snprintf(out.text + used, sizeof out.text - used, i ? ", %zu" : "%zu",
                             shape[i]);
  snprintf(out.text + used, sizeof out.text - used, ")");
  return out;
}

mn_shape_text mn_tensor_text(const moon_tensor *t) {
  mn_shape_text out, dims = mn_dims_text(t->rank, t->shape);
  snprintf(out.text, sizeof out.text, "%s %.190s", moon_dtype_name(t->dtype), dims.text);
  return out;
}

bool mn_same_shape(const moon_tensor *a, const moon_tensor *b) {
  if (a->rank != b->rank) return false;
  for (int i = 0; i < a->rank; i++)
    if (a->shape[i] != b->shape[i]) return false;
  return true;
}

/* ---- walking ---- */

int mn_merge_dims(int rank, size_t *shape, size_t *const *strides, int n_strides) {
  int last = -1;                /* the dim that the next one may join */
  for (int i = 0; i < rank; i++) {
    if (shape[i] == 1) continue;
    bool joins = last >= 0;
    for (int k = 0; joins && k < n_strides; k++)
      joins = strides[k][last] == strides[k][i] * shape[i];
    size_t before = joins ? shape[last] : 1;
    if (!joins) last++;
    shape[last] = before * shape[i];
    for (int k = 0; k < n_strides; k++) strides[k][last] = strides[k][i];
  }
  return last + 1;
}

mn_rows mn_rows_of(int rank, const size_t *shape, const size_t *stride) {
  mn_rows rows = {.rank = rank, .shape = shape, .stride = stride, .n = 1, .step = 1};
  if (rank > 0) {
    rows.n = shape[rank - 1];
    rows.step = stride[rank - 1];
  }
  for (int i = 0; i < rank; i++)
    if (shape[i] == 0) rows.done = true;
  return rows;
}

void mn_rows_next(mn_rows *rows) {
  for (int i = rows->rank - 1; i-- > 0;) {
    rows->offset += rows->stride[i];
    if (++rows->index[i] < rows->shape[i]) return;
    rows->offset -= rows->stride[i] * rows->shape[i];
    rows->index[i] = 0;
  }
  rows->done = true;
}

/* ---- elements ---- */

static moon_status check_writable(const moon_tensor *t, moon_error *err) {
  if (!t->storage->read_only) return MOON_OK;
  return mn_fail(err, MOON_EARG, "%s is read-only, part of a file or a model; write to a clone",
                 mn_tensor_text(t).text);
}

/* NULL, and the sentence, when index is outside. */
static uint8_t *element_at(const moon_tensor *t, const size_t *index, moon_error *err) {
  size_t offset = 0;
  for (int i = 0; i < t->rank; i++) {
    if (index[i] >= t->shape[i]) {
      mn_fail(err, MOON_EARG, "index %zu of dim %d is outside %s", index[i], i,
              mn_tensor_text(t).text);
      return NULL;
    }
    offset += index[i] * t->stride[i];
  }
  return t->first + offset * moon_dtype_size(t->dtype);
}

moon_status moon_tensor_get(const moon_tensor *t, const size_t *index, double *value,
                            moon_error *err) {
  const uint8_t *element = element_at(t, index, err);
  *value = 0;
  if (!element) return MOON_EARG;
  mn_doubles(t->storage->engine, value, element, t->dtype, 1, 1);
  return MOON_OK;
}

moon_status moon_tensor_set(moon_tensor *t, const size_t *index, double value, moon_error *err) {
  moon_status status = check_writable(t, err);
  if (status != MOON_OK) return status;
  uint8_t *element = element_at(t, index, err);
  if (!element) return MOON_EARG;
  return mn_store_doubles(element, t->dtype, 1, &value, 1, err);
}

/* n elements of `size` bytes, `y_step` and `x_step` elements apart (x_step 0: one, repeated). */
static void move_run(uint8_t *y, size_t y_step, const uint8_t *x, size_t x_step, size_t n,
                     size_t size) {
  if (y_step == 1 && x_step == 1) {
    memcpy(y, x, n * size);
  } else if (size == 4) {
    uint32_t *to = (void *)y;
    const uint32_t *from = (const void *)x;
    for (size_t i = 0; i < n; i++) to[i * y_step] = from[i * x_step];
  } else if (size == 2) {
    uint16_t *to = (void *)y;
    const uint16_t *from = (const void *)x;
    for (size_t i = 0; i < n; i++) to[i * y_step] = from[i * x_step];
  } else {
    for (size_t i = 0; i < n; i++) y[i * y_step] = x[i * x_step];
  }
}

moon_status moon_tensor_fill(moon_tensor *t, double value, moon_error *err) {
  uint32_t element = 0;         /* as wide and as aligned as any dtype */
  moon_status status = check_writable(t, err);
  if (status == MOON_OK) status = mn_store_doubles(&element, t->dtype, 1, &value, 1, err);
  if (status != MOON_OK) return status;
  size_t size = moon_dtype_size(t->dtype), shape[MOON_MAX_RANK], stride[MOON_MAX_RANK];
  memcpy(shape, t->shape, sizeof shape);
  memcpy(stride, t->stride, sizeof stride);
  int rank = mn_merge_dims(t->rank, shape, (size_t *[]){stride}, 1);
  for (mn_rows r = mn_rows_of(rank, shape, stride); !r.done; mn_rows_next(&r))
    move_run(t->first + r.offset * size, r.step, (uint8_t *)&element, 0, r.n, size);
  return MOON_OK;
}

moon_status moon_tensor_fill_normal(moon_tensor *t, uint64_t seed, moon_error *err) {
  moon_status status = check_writable(t, err);
  if (status != MOON_OK) return status;
  if (mn_is_whole(t->dtype))
    return mn_fail(err, MOON_EARG, "normal random numbers want a float dtype, not %s",
                   moon_dtype_name(t->dtype));
  size_t size = moon_dtype_size(t->dtype);
  uint64_t position = 0;
  for (mn_rows r = mn_rows_of(t->rank, t->shape, t->stride); !r.done; mn_rows_next(&r)) {
    for (size_t i = 0; i < r.n; i++) {
      double x = mn_random_normal(seed, position++);
      mn_store_doubles(t->first + (r.offset + i * r.step) * size, t->dtype, 1, &x, 1, NULL);
    }
  }
  return MOON_OK;
}

/* ---- copies ---- */

/* A run from one dtype to another, through f32 among floats and through double where a whole
** dtype takes part. */
static moon_status convert_run(const moon_engine *engine, uint8_t *y, moon_dtype y_dtype,
                               size_t y_step, const uint8_t *x, moon_dtype x_dtype, size_t x_step,
                               size_t n, moon_error *err) {
  float floats[MN_CHUNK];
  double doubles[MN_CHUNK];
  size_t y_size = moon_dtype_size(y_dtype), x_size = moon_dtype_size(x_dtype);
  bool whole = mn_is_whole(y_dtype) || mn_is_whole(x_dtype);
  for (size_t done = 0; done < n; done += MN_CHUNK) {
    size_t part = n - done < MN_CHUNK ? n - done : MN_CHUNK;
    uint8_t *to = y + done * y_step * y_size;
    const uint8_t *from = x + done * x_step * x_size;
    if (whole) {
      mn_doubles(engine, doubles, from, x_dtype, part, x_step);
      moon_status status = mn_store_doubles(to, y_dtype, y_step, doubles, part, err);
      if (status != MOON_OK) return status;
    } else {
      const float *f = mn_floats(engine, floats, from, x_dtype, part, x_step);
      mn_store_floats(engine, to, y_dtype, y_step, f, part);
    }
  }
  return MOON_OK;
}

/* dst := src for tensors of one shape that do not overlap. */
static moon_status copy_apart(moon_tensor *dst, const moon_tensor *src, moon_error *err) {
  size_t shape[MOON_MAX_RANK], to[MOON_MAX_RANK], from[MOON_MAX_RANK];
  memcpy(shape, dst->shape, sizeof shape);
  memcpy(to, dst->stride, sizeof to);
  memcpy(from, src->stride, sizeof from);
  int rank = mn_merge_dims(dst->rank, shape, (size_t *[]){to, from}, 2);
  size_t to_size = moon_dtype_size(dst->dtype), from_size = moon_dtype_size(src->dtype);
  mn_rows y = mn_rows_of(rank, shape, to), x = mn_rows_of(rank, shape, from);
  for (; !y.done; mn_rows_next(&y), mn_rows_next(&x)) {
    uint8_t *yp = dst->first + y.offset * to_size;
    const uint8_t *xp = src->first + x.offset * from_size;
    if (dst->dtype == src->dtype) {
      move_run(yp, y.step, xp, x.step, y.n, to_size);
      continue;
    }
    moon_status status = convert_run(dst->storage->engine, yp, dst->dtype, y.step, xp, src->dtype,
                                     x.step, y.n, err);
    if (status != MOON_OK) return status;
  }
  return MOON_OK;
}

moon_status moon_tensor_to(const moon_tensor *t, moon_dtype dtype, moon_tensor **out,
                           moon_error *err) {
  moon_status status =
      mn_tensor_blank(t->storage->engine, dtype, t->rank, t->shape, out, err);
  if (status == MOON_OK) status = copy_apart(*out, t, err);
  if (status == MOON_OK) return MOON_OK;
  moon_tensor_free(*out);
  *out = NULL;
  return status;
}

moon_status moon_tensor_copy(moon_tensor *dst, const moon_tensor *src, moon_error *err) {
  moon_status status = check_writable(dst, err);
  if (status != MOON_OK) return status;
  if (!mn_same_shape(dst, src))
    return mn_fail(err, MOON_EARG, "copy: %s cannot take %s: the shapes differ",
                   mn_tensor_text(dst).text, mn_tensor_text(src).text);
  for (int i = 0; i < dst->rank; i++)
    if (dst->stride[i] == 0 && dst->shape[i] > 1)
      return mn_fail(err, MOON_EARG, "copy: %s is expanded along dim %d, its elements coincide",
                     mn_tensor_text(dst).text, i);
  if (dst->storage->bytes != src->storage->bytes) return copy_apart(dst, src, err);

  moon_tensor *apart;           /* views of one storage may overlap */
  status = moon_tensor_to(src, src->dtype, &apart, err);
  if (status != MOON_OK) return status;
  status = copy_apart(dst, apart, err);
  moon_tensor_free(apart);
  return status;
}
