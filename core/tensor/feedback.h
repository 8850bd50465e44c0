/* feedback.h: rounding that keeps a matrix's products with the inputs that it meets.
**
** Rounding a row w to q, e = w - q, changes its product with an input x by e.x; over many inputs
** the mean square of that is e H e^T, where H (n, n) is the mean of x^T x. With H = R R^T, R upper
** triangular, it is the sum over columns k of
**
**   importance_k * (e_k + sum over j < k of e_j * factor_jk)^2,
**   importance_k = R_kk^2,  factor_jk = R_jk / R_kk,
**
** so that each weight in turn may make up for the errors of those before it: it is rounded from
** w_k plus that inner sum. (GPTQ, Frantar et al. 2022, arXiv 2210.17323, in the form of Chee et al.
** 2023, arXiv 2307.13304, which needs no inverse.) */
#ifndef MOON_TENSOR_FEEDBACK_H
#define MOON_TENSOR_FEEDBACK_H

#include "core/base/engine.h"

typedef struct mn_feedback {
  size_t n, count;              /* width and number of the inputs */
  float *factor;                /* (n, n): above the diagonal; until mn_feedback_solve the sum of
                                   x^T x, of which only that much is kept */
  float *importance;            /* (n), their mean is 1 */
  float *scratch;               /* (n, MK_QBLOCK) */
} mn_feedback;

void mn_feedback_clear(mn_feedback *f);
/* factor += x^T x of inputs x (T, n). Shared among the engine's threads. */
void mn_feedback_add(const moon_engine *engine, mn_feedback *f, const float *x, size_t T);
/* From that sum to factor and importance. What is off the diagonal counts by count / (count + n),
** for few inputs are related by chance, and a hundredth of the diagonal's mean is added to it, so
** that there is a solution. False when the inputs were not finite. */
bool mn_feedback_solve(const moon_engine *engine, mn_feedback *f);

#endif
