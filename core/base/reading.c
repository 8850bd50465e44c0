/* reading.c: see reading.h. Each task sums a piece, as a decode's task reads a panel of rows. */
#include "core/base/reading.h"

#include <string.h>

#include "core/base/clock.h"
#include "core/base/file.h"

enum {
  PIECE = 1 << 16,              /* bytes of a task: as a decode's panel of rows */
  AHEAD = 2048                  /* words: asking early for lines is what the kernels do too */
};

typedef struct pass {
  const uint64_t *words;
  uint64_t sums[256];           /* per worker */
} pass;

typedef uint64_t lane __attribute__((vector_size(64)));

/* Compiled for three CPUs, where the loader can choose among them; ThreadSanitizer is not there yet
** when the loader asks, and its build crashed at that. */
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
#define FOR_EACH_CPU __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FOR_EACH_CPU
#endif

FOR_EACH_CPU
static uint64_t sum_piece(const uint64_t *words, size_t n) {
  lane a = {0}, b = {0}, c = {0}, d = {0};
  for (size_t i = 0; i + 32 <= n; i += 32) {
    lane x[4];
    for (size_t line = 0; line < 32; line += 8) __builtin_prefetch(words + i + AHEAD + line, 0, 2);
    memcpy(x, words + i, sizeof x);
    a += x[0], b += x[1], c += x[2], d += x[3];
  }
  a += b + c + d;
  uint64_t sum = 0;
  for (int i = 0; i < 8; i++) sum += a[i];
  return sum;
}

static void read_piece(void *context, size_t task, int worker) {
  pass *p = context;
  p->sums[worker] += sum_piece(p->words + task * (PIECE / 8), PIECE / 8);
}

bool mn_reading_open(moon_engine *engine, size_t bytes, mn_reading *reading) {
  *reading = (mn_reading){.engine = engine, .bytes = bytes / PIECE * PIECE};
  reading->words = reading->bytes ? mn_new(&engine->alloc, reading->bytes) : NULL;
  if (!reading->words) return false;
  mn_prefer_huge_pages(reading->words, reading->bytes);
  memset(reading->words, 1, reading->bytes);
  return true;
}

double mn_reading_pass(mn_reading *reading) {
  pass p = {.words = reading->words};
  int64_t start = mn_clock(CLOCK_MONOTONIC);
  mn_pool_run(reading->engine->pool, reading->bytes / PIECE, read_piece, &p);
  double taken = (double)(mn_clock(CLOCK_MONOTONIC) - start) * 1e-9;
  for (size_t i = 0; i < sizeof p.sums / sizeof *p.sums; i++) reading->sum += p.sums[i];
  return (double)reading->bytes / taken;
}

void mn_reading_close(mn_reading *reading) {
  mn_free(&reading->engine->alloc, reading->words);
  reading->words = NULL;
}

double moon_engine_read_speed(moon_engine *engine, size_t bytes) {
  enum { PASSES = 3 };
  mn_reading reading;
  double best = 0;
  if (!mn_reading_open(engine, bytes, &reading)) return 0;
  for (int i = 0; i < PASSES; i++) {
    double speed = mn_reading_pass(&reading);
    if (speed > best) best = speed;
  }
  mn_reading_close(&reading);
  return best;
}
