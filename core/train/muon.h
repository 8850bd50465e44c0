/* muon.h: the step of Muon for one matrix; see muon.c. */
#ifndef MOON_TRAIN_MUON_H
#define MOON_TRAIN_MUON_H

#include "kernels/train.h"

typedef struct mn_muon {        /* one step's numbers */
  float rate, decay, momentum;
  float scale;                  /* of the gradients: clipping */
} mn_muon;

/* Floats that a step of a (rows, cols) matrix works in. */
size_t mn_muon_room(size_t rows, size_t cols);
/* w, grad and momentum: (rows, cols); grad := 0. room: mn_muon_room floats; scratch:
** MK_GEMM_SCRATCH. */
void mn_muon_step(const mk_train *kernels, const mn_muon *step, size_t rows, size_t cols,
                  float *w, float *grad, float *momentum, float *room, float *scratch);

#endif
