/* train_avx512.c: the loops of training, compiled with the flags of this tier. */
#include "kernels/train_loops.h"

const mk_train mk_train_avx512 = MK_TRAIN_TABLE;
