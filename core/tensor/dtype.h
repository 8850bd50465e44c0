/* dtype.h: runs of elements between their stored form and plain f32 or double arrays.
**
** A run is n elements, `step` elements apart (0: one element, n times). Among floats the
** arithmetic is f32, and f32 loses nothing of bf16 and f16; whole numbers travel as double,
** which loses nothing of i32. Loading is exact (f32 of an i32 excepted: nearest); storing rounds
** to nearest, ties to even, and refuses numbers that an integer dtype cannot hold. */
#ifndef MOON_TENSOR_DTYPE_H
#define MOON_TENSOR_DTYPE_H

#include "core/base/engine.h"
#include "core/base/error.h"

enum { MN_CHUNK = 512 };                /* elements that the callers' buffers on the stack hold */

static inline bool mn_is_whole(moon_dtype dtype) { return dtype == MOON_I32 || dtype == MOON_I8; }

/* The run as f32: in place when it already is one, otherwise in buffer (n floats). */
const float *mn_floats(const moon_engine *engine, float *buffer, const void *x, moon_dtype dtype,
                       size_t n, size_t step);
/* The run as int32; whole dtypes only. */
const int32_t *mn_wholes(int32_t *buffer, const void *x, moon_dtype dtype, size_t n, size_t step);
/* The run as double, exactly. */
void mn_doubles(const moon_engine *engine, double *y, const void *x, moon_dtype dtype, size_t n,
                size_t step);

/* Stores x as a float dtype. */
void mn_store_floats(const moon_engine *engine, void *y, moon_dtype dtype, size_t step,
                     const float *x, size_t n);
/* Stores x as any dtype, rounded once. MOON_EARG names the first number that does not fit; what
** comes before it is stored. */
moon_status mn_store_doubles(void *y, moon_dtype dtype, size_t step, const double *x, size_t n,
                             moon_error *err);

#endif
