/* reading.h: how fast this machine's memory is read: the limit of decoding. */
#ifndef MOON_BASE_READING_H
#define MOON_BASE_READING_H

#include "core/base/engine.h"

typedef struct mn_reading {
  moon_engine *engine;          /* borrowed */
  uint64_t *words;
  size_t bytes;                 /* a multiple of a task's piece */
  uint64_t sum;                 /* of all that was read, so that nothing is optimised away */
} mn_reading;

/* Takes and touches the memory; false when there is none. Pair with close. */
bool mn_reading_open(moon_engine *engine, size_t bytes, mn_reading *reading);
/* Bytes a second of one pass over all of it, on the engine's threads. */
double mn_reading_pass(mn_reading *reading);
void mn_reading_close(mn_reading *reading);

#endif
