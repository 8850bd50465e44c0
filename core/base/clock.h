/* clock.h: the system's clocks as whole nanoseconds. */
#ifndef MOON_BASE_CLOCK_H
#define MOON_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* CLOCK_MONOTONIC: since some moment; CLOCK_THREAD_CPUTIME_ID: what this thread has computed. */
static inline int64_t mn_clock(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

#endif
