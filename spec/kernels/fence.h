/* fence.h: what a check stands on: fenced memory, fixed random numbers, failing with
** parameters.
**
** What: arrays that end at an unreadable page and begin after watched bytes; the kinds of
**   data; comparing one number.
** How: static functions for one program; a check carries its state with it.
** Invariant: fail does not return.
** Not here: any kernel's formula.
*/
#ifndef MOON_SPEC_KERNELS_FENCE_H
#define MOON_SPEC_KERNELS_FENCE_H

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernels/kernels.h"
#include "kernels/train.h"

enum {
  SLOTS = 9,
  SLOT_SIZE = 1 << 20,
  MARGIN = 64,
  CANARY = 0xa5,
  MAX_SMALL = 3 * 16 + 2
};

static const double EPS = FLT_EPSILON, SUBNORMAL = 0x1p-149;

typedef struct check {
  mk_table k;
  mk_gemm *gemm;                /* of training, and whether it rounds to bf16 */
  bool rounds;
  const char *tier, *kernel;
  const char *kind;             /* of data, where a check has kinds of its own */
  char *where;                  /* the call under way, in memory shared with the parent */
  char *end[SLOTS];             /* of a slot: the first byte that cannot be touched */
  uint64_t random;
} check;

static void at(check *c, const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(c->where, 256, format, args);
  va_end(args);
}

static void fail(check *c, const char *format, ...) {
  va_list args;
  va_start(args, format);
  printf("FAIL %s %s: %s: ", c->tier, c->kernel, c->where);
  vprintf(format, args);
  printf("\n");
  fflush(stdout);
  _exit(1);
}

static void map_slots(check *c) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  for (size_t i = 0; i < SLOTS; i++) {
    char *map = mmap(NULL, SLOT_SIZE + page, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED || mprotect(map + SLOT_SIZE, page, PROT_NONE) != 0) {
      perror("check: memory");
      exit(2);
    }
    c->end[i] = map + SLOT_SIZE;
  }
}

/* An array at the end of a slot, all its bytes and those before it being canaries. */
static void *fresh(check *c, size_t slot, size_t bytes) {
  if (bytes + MARGIN > SLOT_SIZE) fail(c, "the check itself wants a larger slot");
  memset(c->end[slot] - bytes - MARGIN, CANARY, bytes + MARGIN);
  return c->end[slot] - bytes;
}

static float *floats(check *c, size_t slot, size_t n) {
  return fresh(c, slot, n * sizeof(float));
}

static bool is_canary(const void *p, size_t bytes) {
  for (size_t i = 0; i < bytes; i++)
    if (((const unsigned char *)p)[i] != CANARY) return false;
  return true;
}

static void intact(check *c, const void *array) {
  if (!is_canary((const char *)array - MARGIN, MARGIN))
    fail(c, "wrote before its output");
}

/* Steele's splitmix64. */
static uint64_t next(check *c) {
  uint64_t z = c->random += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

static float uniform(check *c) { return (float)(next(c) >> 40) * 0x1p-23f - 1; }

typedef enum data { RANDOM, TINY, HUGE_, ALTERNATING, KINDS } data;

static const char *const kind_names[] = { "random", "tiny", "huge", "alternating" };

/* tiny and huge: so that products of two neither vanish nor overflow. */
static float number(check *c, data kind, size_t i) {
  float u = uniform(c);
  if (kind == TINY) return u * 1e-18f;
  if (kind == HUGE_) return u * 1e17f;
  if (kind == ALTERNATING) return (i % 2 ? -1 : 1) * (1 + u * 0x1p-10f);
  return u;
}

static float *fill(check *c, float *x, size_t n, data kind) {
  for (size_t i = 0; i < n; i++) x[i] = number(c, kind, i);
  return x;
}

/* Lengths from 0 to three vectors and 2, then some long ones; 0 again ends the walk. */
static size_t longer(size_t n) {
  static const size_t big[] = { 64, 100, 576, 1000, 4099 };
  if (n < MAX_SMALL) return n + 1;
  for (size_t i = 0; i < sizeof big / sizeof *big; i++)
    if (big[i] > n) return big[i];
  return 0;
}

static void expect(check *c, size_t i, float got, double want, double bound) {
  if (isnan(want) && isnan(got)) return;
  if (got == want || (isfinite(want) && fabs(got - want) <= bound)) return;
  fail(c, "element %zu is %.9g, should be %.17g within %.3g", i, got, want, bound);
}

static void expect_same(check *c, const char *what, size_t i, const float *a,
                        const float *b) {
  if (memcmp(a, b, sizeof *a) != 0)
    fail(c, "%s, element %zu: %a, in one piece %a", what, i, *a, *b);
}

/* What attention's queries saw, of some heads of each token: whole has `group` a token. */
static void expect_same_mass(check *c, const mk_mass *mass, const mk_mass *whole,
                             size_t tokens, size_t heads, size_t group) {
  for (size_t i = 0; i < tokens * heads; i++) {
    const mk_mass *same = whole + i / heads * group + i % heads;
    expect_same(c, "cut, most", i, &mass[i].most, &same->most);
    expect_same(c, "cut, sum", i, &mass[i].sum, &same->sum);
  }
}

/* Rows of `width` floats, ld apart, are all that was written of their array. */
static void expect_nothing_between(check *c, const float *out, size_t rows, size_t width,
                                   size_t ld) {
  for (size_t t = 0; t + 1 < rows; t++)
    if (!is_canary(out + t * ld + width, (ld - width) * sizeof *out))
      fail(c, "wrote between tokens");
}

/* Rows computed by themselves have the bits that they had in the whole. */
static void expect_same_rows(check *c, const float *out, const float *whole, size_t rows,
                             size_t width, size_t ld) {
  for (size_t t = 0; t < rows; t++)
    for (size_t i = 0; i < width; i++)
      expect_same(c, "cut", t * ld + i, out + t * ld + i, whole + t * ld + i);
}

/* Numbers whose vector has a scale of NaN, of 0, or of about the least or greatest. */
enum { SPECIALS = 8 };
static const float special_heads[SPECIALS] = { NAN, INFINITY, -INFINITY, 0x1p-149f, 0x1p-122f,
                                               0x1.fc0002p-122f, 0x1p-121f, -FLT_MAX };

/* Of n positions those that attention takes. */
static size_t in_span(size_t n) { return n < MK_SPAN ? n : MK_SPAN; }

static void expect_all_nan(check *c, const float *x, size_t n) {
  for (size_t i = 0; i < n; i++) expect(c, i, x[i], NAN, 0);
}

#endif
