/* philox.h: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011),
** the cipher of core/base/random.h.
**
** Inline, a round at a time: one number wants all rounds of one counter, dropout each round of
** many counters side by side. */
#ifndef MOON_KERNELS_PHILOX_H
#define MOON_KERNELS_PHILOX_H

#include <stdint.h>

enum { MK_PHILOX_ROUNDS = 10 };

static inline void mk_philox_round(uint32_t *c0, uint32_t *c1, uint32_t *c2, uint32_t *c3,
                                   const uint32_t key[2]) {
  uint64_t p0 = (uint64_t)0xD2511F53u * *c0, p1 = (uint64_t)0xCD9E8D57u * *c2;
  *c0 = (uint32_t)(p1 >> 32) ^ *c1 ^ key[0];
  *c1 = (uint32_t)p1;
  *c2 = (uint32_t)(p0 >> 32) ^ *c3 ^ key[1];
  *c3 = (uint32_t)p0;
}

/* The key of the next round. */
static inline void mk_philox_step(uint32_t key[2]) {
  key[0] += 0x9E3779B9u;
  key[1] += 0xBB67AE85u;
}

#endif
