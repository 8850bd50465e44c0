/* random.c: Philox4x32-10; constants as in Salmon et al., "Parallel random numbers: as easy as
** 1, 2, 3", SC 2011. */
#include "core/base/random.h"

#include <math.h>

void mn_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
  uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
  uint32_t k0 = key[0], k1 = key[1];
  for (int round = 0; round < 10; round++) {
    uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
    c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
    c1 = (uint32_t)p1;
    c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c3 = (uint32_t)p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

static void at(uint64_t seed, uint64_t position, uint32_t words[4]) {
  const uint32_t counter[4] = {(uint32_t)position, (uint32_t)(position >> 32), 0, 0};
  const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
  mn_philox(counter, key, words);
}

static double uniform53(uint32_t high, uint32_t low) {
  return (double)(((uint64_t)high << 32 | low) >> 11) * 0x1p-53;
}

double mn_random_uniform(uint64_t seed, uint64_t position) {
  uint32_t w[4];
  at(seed, position, w);
  return uniform53(w[0], w[1]);
}

double mn_random_normal(uint64_t seed, uint64_t position) {
  uint32_t w[4];
  at(seed, position, w);
  double radius = sqrt(-2 * log(1 - uniform53(w[0], w[1])));     /* 1 - u is never 0 */
  return radius * cos(6.283185307179586 * uniform53(w[2], w[3]));
}
