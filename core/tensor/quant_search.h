/* quant_search.h: one block of MK_QBLOCK weights to codes and a scale of the least squared error.
**
** Books are given as floats, so that the program that trains them (spec/train_q4_levels.lua) uses
** the very search that quantising does. */
#ifndef MOON_TENSOR_QUANT_SEARCH_H
#define MOON_TENSOR_QUANT_SEARCH_H

#include "kernels/kernels.h"

typedef struct mn_books {
  float level[MK_QBOOKS][16];   /* ascending, within -127 .. 127 */
  float edge[MK_QBOOKS][16];    /* [k]: halfway between levels k-1 and k; [0] is not used */
} mn_books;

typedef struct mn_fit {         /* of a block: weights are about level[book][code] * scale */
  int book;
  float scale;                  /* of either sign; 0: all weights are (about) 0 */
} mn_fit;

/* The largest |weight| that f16 scales can hold, with room for the search. */
#define MN_QUANT_MAX 4e6f

void mn_books_set(mn_books *books, const float (*levels)[16]);
void mn_books_default(mn_books *books);         /* mk_q4_levels */

/* The best book, and the scale before it is rounded. x: MK_QBLOCK finite floats, w: how much the
** squared error of each counts, > 0. */
mn_fit mn_search_q4(const mn_books *books, const float *x, const float *w);
/* The f16 of kernels.h that serves such a block best. |x| is at most MN_QUANT_MAX. */
mk_f16 mn_scale_q4(const mn_books *books, const float *x, const float *w);
mk_f16 mn_scale_q8(const float *x, const float *w);
mn_fit mn_fit_q4(mk_f16 half);
/* The codes of n weights (q4: 0 .. 15, q8: 1 .. 255), each by itself. */
void mn_codes_q4(const mn_books *books, mn_fit fit, const float *x, size_t n, uint8_t *codes);
void mn_codes_q8(float scale, const float *x, size_t n, uint8_t *codes);

#endif
