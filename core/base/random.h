/* random.h: Philox4x32-10 (Salmon et al., SC 2011), a counter-based generator: the number at
** (seed, position) needs no state, so a draw does not depend on what was drawn before. */
#ifndef MOON_BASE_RANDOM_H
#define MOON_BASE_RANDOM_H

#include <stdint.h>

/* Four words of the block cipher; checked against the Random123 known answers. */
void mn_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);
/* Uniform in [0, 1) with 53 bits, at (seed, position). */
double mn_random_uniform(uint64_t seed, uint64_t position);
/* Normal(0, 1) by Box-Muller, at (seed, position). */
double mn_random_normal(uint64_t seed, uint64_t position);

#endif
