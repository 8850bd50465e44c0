/* random.c: numbers by Philox4x32-10. */
#include "core/base/random.h"

#include <math.h>

#include "kernels/philox.h"

void mn_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
  uint32_t k[2] = {key[0], key[1]};
  for (int i = 0; i < 4; i++) out[i] = counter[i];
  for (int round = 0; round < MK_PHILOX_ROUNDS; round++, mk_philox_step(k))
    mk_philox_round(&out[0], &out[1], &out[2], &out[3], k);
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
