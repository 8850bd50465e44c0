/* q4_levels.c: the code books of 4 bits; see kernels.h.
**
** Each row is a set of sixteen levels; a block of 32 weights uses the one that fits it best, with
** a scale of either sign, so that each book serves its mirror image as well. The books are what
** spec/train_q4_levels.lua 8000 120 prints: trained on normal, Laplace, Student and real weights.
** Files in q4 mean exactly these numbers: to change one is to change MN_BLOCKS_VERSION
** (core/formats/safetensors.h) as well. */
#include "kernels/kernels.h"

const int8_t mk_q4_levels[MK_QBOOKS][16] = {
    {-127, -104, -83, -65, -49, -34, -21, -9, 4, 16, 29, 43, 59, 76, 97, 122},
    {-127, -87, -68, -53, -40, -28, -18, -8, 2, 12, 23, 36, 51, 68, 87, 111},
    {-104, -80, -59, -43, -31, -21, -11, -3, 5, 13, 22, 32, 43, 56, 72, 127},
    {-127, -93, -61, -46, -35, -24, -15, -7, -1, 5, 12, 20, 29, 40, 54, 120},
};

/* Trained on normal numbers, 64 a scale, which is what turned keys and values look like. Saved
** sessions with a cache in q4 mean these. */
const int8_t mk_head_levels[16] = {MK_HEAD_LEVELS};
