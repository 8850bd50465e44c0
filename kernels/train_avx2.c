/* train_avx2.c: the loops of training, compiled with the flags of this tier. */
#include "kernels/train_loops.h"

const mk_train mk_train_avx2 = MK_TRAIN_TABLE;
