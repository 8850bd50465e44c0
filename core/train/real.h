/* real.h: the number that training computes in: float, or double in the build that specs hold
** against finite differences. Files of this floor that see only `real` are compiled twice. */
#ifndef MOON_TRAIN_REAL_H
#define MOON_TRAIN_REAL_H

#include "kernels/train.h"

#endif
