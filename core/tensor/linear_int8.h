/* linear_int8.h: y = x W^T with weights in 8 or 4 bits and activations in int8.
**
** x is quantised once per call, block by block; block products are whole numbers and their float
** sums have one order (kernels.h), so the bits of a token's result do not depend on how many
** tokens, threads or rows are computed together. */
#ifndef MOON_TENSOR_LINEAR_INT8_H
#define MOON_TENSOR_LINEAR_INT8_H

#include "core/tensor/linear.h"

/* Floats of scratch for T tokens of n columns. */
size_t mn_linear_int8_scratch(const moon_engine *engine, size_t n, size_t T);
/* As mn_linear, all matrices being Q8 or Q4. */
void mn_linear_int8(const moon_engine *engine, const mn_product *products, size_t n_products,
                    const float *x, size_t T, bool add, float *scratch);

#endif
