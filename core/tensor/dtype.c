/* dtype.c: names of element types, and runs of elements between stored and plain form.
**
** How: contiguous halves go through the engine's widen/narrow kernels, strided ones through the
** inline conversions that those kernels are tested against; the results are the same bits. */
#include "core/tensor/dtype.h"

#include <math.h>
#include <string.h>

#include "core/tensor/tensor.h"
#include "kernels/half.h"

static const char *const names[] = {"f32", "bf16", "f16", "i32", "i8", "q8", "q4"};
static const size_t sizes[] = {4, 2, 2, 4, 1, 0, 0};
enum { DTYPES = sizeof sizes / sizeof *sizes };

const char *moon_dtype_name(moon_dtype dtype) {
  return (size_t)dtype < DTYPES ? names[dtype] : "unknown";
}

size_t moon_dtype_size(moon_dtype dtype) { return (size_t)dtype < DTYPES ? sizes[dtype] : 0; }

bool moon_dtype_find(const char *name, moon_dtype *dtype) {
  for (size_t i = 0; i < DTYPES; i++) {
    if (strcmp(name, names[i]) != 0) continue;
    *dtype = (moon_dtype)i;
    return true;
  }
  return false;
}

/* ---- loading ---- */

static void widen_strided(float *y, const uint16_t *x, moon_dtype dtype, size_t n, size_t step) {
  if (dtype == MOON_BF16) {
    for (size_t i = 0; i < n; i++) y[i] = mk_f32_of_bf16(x[i * step]);
  } else {
    for (size_t i = 0; i < n; i++) y[i] = mk_f32_of_f16(x[i * step]);
  }
}

static void load_floats(const moon_engine *engine, float *y, const void *x, moon_dtype dtype,
                        size_t n, size_t step) {
  const float *f = x;
  const int32_t *w = x;
  const int8_t *b = x;
  switch (dtype) {
    case MOON_F32:
      for (size_t i = 0; i < n; i++) y[i] = f[i * step];
      break;
    case MOON_BF16:
      if (step == 1) engine->kernels.widen_bf16(y, x, n);
      else widen_strided(y, x, dtype, n, step);
      break;
    case MOON_F16:
      if (step == 1) engine->kernels.widen_f16(y, x, n);
      else widen_strided(y, x, dtype, n, step);
      break;
    case MOON_I32:
      for (size_t i = 0; i < n; i++) y[i] = (float)w[i * step];
      break;
    case MOON_I8:
      for (size_t i = 0; i < n; i++) y[i] = b[i * step];
      break;
    case MOON_Q8: case MOON_Q4:
      break;                    /* no elements to step over: mn_dequantize_row */
  }
}

const float *mn_floats(const moon_engine *engine, float *buffer, const void *x, moon_dtype dtype,
                       size_t n, size_t step) {
  if (dtype == MOON_F32 && step == 1) return x;
  load_floats(engine, buffer, x, dtype, n, step);
  return buffer;
}

void mn_widen(const moon_engine *engine, float *y, const void *x, moon_dtype dtype, size_t n) {
  if (dtype == MOON_F32) memcpy(y, x, n * sizeof *y);
  else load_floats(engine, y, x, dtype, n, 1);
}

const int32_t *mn_wholes(int32_t *buffer, const void *x, moon_dtype dtype, size_t n, size_t step) {
  const int32_t *w = x;
  const int8_t *b = x;
  if (dtype == MOON_I32 && step == 1) return x;
  if (dtype == MOON_I32) {
    for (size_t i = 0; i < n; i++) buffer[i] = w[i * step];
  } else {
    for (size_t i = 0; i < n; i++) buffer[i] = b[i * step];
  }
  return buffer;
}

void mn_doubles(const moon_engine *engine, double *y, const void *x, moon_dtype dtype, size_t n,
                size_t step) {
  if (dtype == MOON_I32) {
    const int32_t *w = x;
    for (size_t i = 0; i < n; i++) y[i] = w[i * step];
    return;
  }
  float buffer[MN_CHUNK];
  for (size_t done = 0; done < n; done += MN_CHUNK) {
    size_t part = n - done < MN_CHUNK ? n - done : MN_CHUNK;
    const uint8_t *from = (const uint8_t *)x + done * step * moon_dtype_size(dtype);
    const float *f = mn_floats(engine, buffer, from, dtype, part, step);
    for (size_t i = 0; i < part; i++) y[done + i] = f[i];
  }
}

/* ---- storing ---- */

void mn_store_floats(const moon_engine *engine, void *y, moon_dtype dtype, size_t step,
                     const float *x, size_t n) {
  float *f = y;
  uint16_t *h = y;
  switch (dtype) {
    case MOON_F32:
      for (size_t i = 0; i < n; i++) f[i * step] = x[i];
      break;
    case MOON_BF16:
      if (step == 1) { engine->kernels.narrow_bf16(h, x, n); break; }
      for (size_t i = 0; i < n; i++) h[i * step] = mk_bf16_of_f32(x[i]);
      break;
    case MOON_F16:
      if (step == 1) { engine->kernels.narrow_f16(h, x, n); break; }
      for (size_t i = 0; i < n; i++) h[i * step] = mk_f16_of_f32(x[i]);
      break;
    case MOON_I32: case MOON_I8: case MOON_Q8: case MOON_Q4:
      break;                    /* not float dtypes */
  }
}

/* f32 with the last bit set when something was cut off ("round to odd"): rounding this to 16
** bits gives what rounding the double once would give. */
static float sticky_f32(double x) {
  float f = (float)x;
  if ((double)f == x || isnan(x) || isinf(f)) return f;
  uint32_t bits = mk_bits_of_f32(f);
  if (fabs((double)f) > fabs(x)) bits -= 1;
  return mk_f32_of_bits(bits | 1u);
}

static void store_one(void *y, moon_dtype dtype, double x) {
  switch (dtype) {
    case MOON_F32: *(float *)y = (float)x; break;
    case MOON_BF16: *(uint16_t *)y = mk_bf16_of_f32(sticky_f32(x)); break;
    case MOON_F16: *(uint16_t *)y = mk_f16_of_f32(sticky_f32(x)); break;
    case MOON_I32: *(int32_t *)y = (int32_t)x; break;
    case MOON_I8: *(int8_t *)y = (int8_t)x; break;
    case MOON_Q8: case MOON_Q4: break;          /* never a tensor's */
  }
}

moon_status mn_store_doubles(void *y, moon_dtype dtype, size_t step, const double *x, size_t n,
                             moon_error *err) {
  double least = dtype == MOON_I8 ? INT8_MIN : INT32_MIN;
  double most = dtype == MOON_I8 ? INT8_MAX : INT32_MAX;
  size_t size = moon_dtype_size(dtype);
  for (size_t i = 0; i < n; i++) {
    if (mn_is_whole(dtype) && !(x[i] >= least && x[i] <= most && x[i] == floor(x[i])))
      return mn_fail(err, MOON_EARG, "%s holds whole numbers from %.0f to %.0f, not %g",
                     moon_dtype_name(dtype), least, most, x[i]);
    store_one((uint8_t *)y + i * step * size, dtype, x[i]);
  }
  return MOON_OK;
}
