/* debug_limits.c: moonlet.debug.limits, what this machine can do at most, for `make bench`.
**
** peak(kind, threads) -> G operations/s of independent "f32" (fused multiply-add), "bf16" or "int8"
**   (dot product) instructions on full registers; nil where the CPU has none such.
** reader(bytes, threads) -> object; reader:run() -> GB/s of one pass of reads over its memory.
** gemm(n, threads) -> GFLOPS of one n x n x n product by BLIS, cut into column slices.
** barrier(threads) -> ns of a run of the pool whose tasks do nothing.
** handoff() -> ns for a word to pass from one CPU to another; nil where two did not run at once.
** One pass a call, so that a script can take passes and model runs in turn. */
#include <string.h>
#include <time.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "core/base/engine.h"
#include "core/base/gemm.h"
#include "core/base/reading.h"
#include "lua/border.h"

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static moon_engine *open_engine(lua_State *L, int threads) {
  moon_engine_options o = moon_engine_defaults();
  moon_engine *engine;
  moon_error err;
  o.threads = threads;
  if (moon_engine_open(&o, &engine, &err) != MOON_OK) luaL_error(L, "%s", err.message);
  return engine;
}

/* ---- reading ---- */

static int reader_run(lua_State *L) {
  mn_reading *r = luaL_checkudata(L, 1, "moonlet.debug.reader");
  lua_pushnumber(L, mn_reading_pass(r) * 1e-9);
  lua_pushboolean(L, r->sum != 0);
  return 2;
}

static int reader_close(lua_State *L) {
  mn_reading *r = luaL_checkudata(L, 1, "moonlet.debug.reader");
  if (r->words) mn_reading_close(r);
  moon_engine_close(r->engine);
  *r = (mn_reading){0};
  return 0;
}

static int open_reader(lua_State *L) {
  size_t bytes = (size_t)luaL_checkinteger(L, 1);
  int threads = (int)luaL_checkinteger(L, 2);
  mn_reading *r = lua_newuserdatauv(L, sizeof *r, 0);
  *r = (mn_reading){0};
  luaL_getmetatable(L, "moonlet.debug.reader");
  lua_setmetatable(L, -2);
  if (!mn_reading_open(open_engine(L, threads), bytes, r))
    return luaL_error(L, "no memory for %d bytes", (int)bytes);
  return 1;
}

/* ---- threads ---- */

enum { EMPTY_RUNS = 2000, HANDOFFS = 4000 };

static void do_nothing(void *context, size_t task, int worker) {
  (void)context, (void)task, (void)worker;
}

static int barrier(lua_State *L) {
  moon_engine *engine = open_engine(L, (int)luaL_checkinteger(L, 1));
  size_t workers = (size_t)mn_pool_workers(engine->pool);
  mn_pool_run(engine->pool, workers, do_nothing, NULL);         /* wakes them */
  double start = seconds();
  for (int i = 0; i < EMPTY_RUNS; i++) mn_pool_run(engine->pool, workers, do_nothing, NULL);
  double taken = seconds() - start;
  moon_engine_close(engine);
  lua_pushnumber(L, taken / EMPTY_RUNS * 1e9);
  return 1;
}

typedef struct ball {
  _Alignas(64) atomic_uint throws;
  _Alignas(64) double deadline; /* passed when one thread got both tasks */
} ball;

/* Task 0 makes the even throws, task 1 the odd ones. */
static void throw_ball(void *context, size_t task, int worker) {
  (void)worker;
  ball *b = context;
  for (unsigned mine = (unsigned)task; mine < HANDOFFS; mine += 2) {
    for (unsigned spins = 1; atomic_load(&b->throws) != mine; spins++)
      if (spins % 4096 == 0 && seconds() > b->deadline) return;
    atomic_store(&b->throws, mine + 1);
  }
}

static int handoff(lua_State *L) {
  moon_engine *engine = open_engine(L, 2);
  ball b = {.deadline = seconds() + 0.05};
  mn_pool_run(engine->pool, 2, do_nothing, NULL);
  double start = seconds();
  mn_pool_run(engine->pool, 2, throw_ball, &b);
  double taken = seconds() - start;
  moon_engine_close(engine);
  if (atomic_load(&b.throws) < HANDOFFS) return 0;
  lua_pushnumber(L, taken / HANDOFFS * 1e9);
  return 1;
}

/* ---- multiplying ---- */

typedef struct product {
  size_t n, slices;
  const float *a, *b;
  float *c;
} product;

static void multiply_slice(void *context, size_t task, int worker) {
  (void)worker;
  const product *p = context;
  size_t n = p->n, first = task * n / p->slices, columns = (task + 1) * n / p->slices - first;
  mn_gemm(n, columns, n, p->a, n, 1, p->b + first, n, 1, p->c + first, n, 1, false);
}

static int gemm(lua_State *L) {
  size_t n = (size_t)luaL_checkinteger(L, 1);
  moon_engine *engine = open_engine(L, (int)luaL_checkinteger(L, 2));
  float *memory = mn_new(&engine->alloc, 3 * n * n * sizeof *memory);
  double taken = -1;
  if (memory) {
    for (size_t i = 0; i < 3 * n * n; i++) memory[i] = (float)(i % 7) - 3;
    product p = {n, (size_t)mn_pool_workers(engine->pool), memory, memory + n * n,
                 memory + 2 * n * n};
    double start = seconds();
    mn_pool_run(engine->pool, p.slices, multiply_slice, &p);
    taken = seconds() - start;
  }
  mn_free(&engine->alloc, memory);
  moon_engine_close(engine);
  lua_pushnumber(L, 2 * (double)n * (double)n * (double)n / taken * 1e-9);
  return 1;
}

/* ---- peaks ---- */

enum { CHAINS = 24, ROUNDS = 20000, PEAK_TASKS = 64 };

typedef struct peak_kind {
  const char *name;
  const char *feature;          /* as __builtin_cpu_supports spells it */
  double operations;            /* of one instruction */
  float (*run)(void);
} peak_kind;

#if defined(__x86_64__)
/* Chains of dependent instructions, enough of them to fill the pipelines. */
#define PEAK(name, isa, type, zero, one, op)                 \
  __attribute__((target(isa))) static float name(void) {     \
    type a[CHAINS], x = one;                                 \
    for (int i = 0; i < CHAINS; i++) a[i] = zero;            \
    for (int r = 0; r < ROUNDS; r++) {                       \
      _Pragma("GCC unroll 24")                               \
      for (int i = 0; i < CHAINS; i++) a[i] = op;            \
      __asm__ volatile("" : "+v"(x));                        \
    }                                                        \
    for (int i = 1; i < CHAINS; i++) a[0] = a[0] + a[i];     \
    float sum;                                               \
    memcpy(&sum, &a[0], sizeof sum);                         \
    return sum;                                              \
  }

PEAK(peak_f32, "avx512f", __m512, _mm512_setzero_ps(), _mm512_set1_ps(1),
     _mm512_fmadd_ps(x, x, a[i]))
PEAK(peak_f32_avx2, "avx2,fma", __m256, _mm256_setzero_ps(), _mm256_set1_ps(1),
     _mm256_fmadd_ps(x, x, a[i]))
PEAK(peak_int8, "avx512f,avx512vnni", __m512i, _mm512_setzero_si512(), _mm512_set1_epi32(1),
     _mm512_dpbusd_epi32(a[i], x, x))
PEAK(peak_bf16, "avx512f,avx512bf16", __m512, _mm512_setzero_ps(), _mm512_set1_ps(1),
     _mm512_dpbf16_ps(a[i], (__m512bh)x, (__m512bh)x))

static const peak_kind peaks[] = {{"f32", "avx512f", 32, peak_f32},
                                  {"f32", "avx2", 16, peak_f32_avx2},
                                  {"bf16", "avx512bf16", 64, peak_bf16},
                                  {"int8", "avx512vnni", 128, peak_int8}};

static bool can_run(const char *feature) {
  if (strcmp(feature, "avx512f") == 0) return __builtin_cpu_supports("avx512f");
  if (strcmp(feature, "avx2") == 0) return __builtin_cpu_supports("avx2");
  if (strcmp(feature, "avx512bf16") == 0) return __builtin_cpu_supports("avx512bf16");
  return __builtin_cpu_supports("avx512vnni");
}
#else
static float none(void) { return 0; }
static const peak_kind peaks[] = {{"none", "none", 0, none}};
static bool can_run(const char *feature) { return feature == NULL; }
#endif

typedef struct peak_pass { const peak_kind *kind; float sums[256]; } peak_pass;

static void peak_task(void *context, size_t task, int worker) {
  (void)task;
  peak_pass *p = context;
  p->sums[worker] += p->kind->run();
}

static int peak(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  for (size_t i = 0; i < sizeof peaks / sizeof *peaks; i++) {
    if (strcmp(peaks[i].name, name) != 0 || !can_run(peaks[i].feature)) continue;
    moon_engine *engine = open_engine(L, (int)luaL_checkinteger(L, 2));
    peak_pass run = {.kind = &peaks[i]};
    double start = seconds();
    mn_pool_run(engine->pool, PEAK_TASKS, peak_task, &run);
    double taken = seconds() - start;
    moon_engine_close(engine);
    lua_pushnumber(L, peaks[i].operations * CHAINS * ROUNDS * PEAK_TASKS / taken * 1e-9);
    return 1;
  }
  return 0;
}

static int now(lua_State *L) {
  lua_pushnumber(L, seconds());
  return 1;
}

MOON_API int luaopen_moonlet_debug_limits(lua_State *L);
MOON_API int luaopen_moonlet_debug_limits(lua_State *L) {
  static const luaL_Reg methods[] = {{"run", reader_run}, {NULL, NULL}};
  static const luaL_Reg functions[] = {
      {"reader", open_reader}, {"gemm", gemm}, {"peak", peak}, {"now", now},
      {"barrier", barrier}, {"handoff", handoff}, {NULL, NULL}};
  ml_type(L, "moonlet.debug.reader", methods, NULL, reader_close);
  luaL_newlib(L, functions);
  return 1;
}
