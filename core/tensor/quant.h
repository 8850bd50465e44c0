/* quant.h: float matrices to 8 and 4 bits, and single rows back.
**
** The bytes are laid out as kernels/kernels.h says ("weights in 8 and 4 bits"); sizes are in
** core/base/blocks.h. What a row becomes depends on that row alone. */
#ifndef MOON_TENSOR_QUANT_H
#define MOON_TENSOR_QUANT_H

#include "core/base/blocks.h"
#include "core/base/engine.h"
#include "core/base/error.h"
#include "core/tensor/feedback.h"
#include "core/tensor/linear.h"

/* bytes := w, a matrix of F32, BF16 or F16, as `to`; mn_quant_bytes(to, w->rows, w->n) of them.
** Weights are rounded to change least, or, with feedback, their products with its inputs are. The
** groups of rows are shared among the engine's threads. MOON_EMATH for a NaN, an infinity or a
** weight beyond MN_QUANT_MAX. */
moon_status mn_quantize_matrix(const moon_engine *engine, const mn_matrix *w,
                               const mn_feedback *feedback, moon_dtype to, uint8_t *bytes,
                               moon_error *err);

/* y (n) := row of w, a matrix of Q8 or Q4, exactly: level times scale, rounded to f32. */
void mn_dequantize_row(const mn_matrix *w, size_t row, float *y);

#endif
