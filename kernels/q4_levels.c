/* q4_levels.c: the four code books of q4; see kernels.h.
**
** Each row is a set of sixteen levels; a block of 32 weights uses the one that fits it best. */
#include "kernels/kernels.h"

const int8_t mk_q4_levels[MK_QBOOKS][16] = {
    {-127, -110, -93, -76, -59, -42, -25, -8, 8, 25, 42, 59, 76, 93, 110, 127},
    {-127, -107, -88, -69, -51, -34, -18, -5, 5, 18, 34, 51, 69, 88, 107, 127},
    {-127, -103, -81, -61, -42, -26, -12, -3, 3, 12, 26, 42, 61, 81, 103, 127},
    {-127, -107, -89, -71, -53, -37, -22, -9, 0, 9, 22, 37, 53, 71, 89, 107},
};
