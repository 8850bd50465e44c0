/* engine.c: opening memory, kernels and threads together. */
#include "core/base/engine.h"

#include <string.h>

#include "core/base/error.h"
#include "core/base/gemm.h"

enum { MAX_THREADS = 256 };

moon_engine_options moon_engine_defaults(void) {
  return (moon_engine_options){.threads = -1};
}

#define LISTED(tier) " " #tier

/* The tier called `isa`; the best there is for NULL. */
static moon_status find_tier(const char *isa, mk_tier *tier, moon_error *err) {
  for (*tier = MK_TIER_COUNT - 1; isa && strcmp(isa, mk_tier_name(*tier)) != 0; --*tier)
    if (*tier == 0)
      return mn_fail(err, MOON_EARG, "no isa '%s'; wants one of" MK_TIERS(LISTED), isa);
  return MOON_OK;
}

/* NULL means the best tier; a tier that cannot run here is an error, never the next best. */
static moon_status choose_tier(const char *isa, mk_cpu *cpu, mk_tier *tier, moon_error *err) {
  moon_status status = find_tier(isa, tier, err);
  if (status != MOON_OK) return status;
  *cpu = mk_detect(*tier);
  if (isa && !cpu->tier[*tier])
    return mn_fail(err, MOON_ESUPPORT, "isa '%s' cannot run on this CPU", isa);
  while (!cpu->tier[*tier]) --*tier;    /* down to scalar, which always can */
  return MOON_OK;
}

moon_status moon_engine_open(const moon_engine_options *options, moon_engine **engine,
                             moon_error *err) {
  moon_engine_options o = options ? *options : moon_engine_defaults();
  *engine = NULL;
  if (o.threads < -1 || o.threads > MAX_THREADS)
    return mn_fail(err, MOON_EARG, "threads = %d; wants 0 to %d, or -1 for one per CPU",
                   o.threads, MAX_THREADS);
  mk_cpu cpu;
  mk_tier best;
  moon_status status = choose_tier(o.isa, &cpu, &best, err);
  if (status != MOON_OK) return status;

  mn_alloc alloc = mn_alloc_default(o.alloc, o.alloc_data);
  moon_engine *e = mn_new_zero(&alloc, sizeof *e);
  if (!e) return mn_fail_memory(err, "engine", sizeof *e);
  atomic_init(&e->owners, 1);
  e->alloc = alloc;
  e->best = best;
  mk_select(&e->kernels, cpu, e->serves);
  mn_gemm_prepare(best);
  int threads = o.threads >= 0 ? o.threads : mn_pool_cpus();
  status = mn_pool_open(&e->alloc, threads, &e->pool, err);
  if (status != MOON_OK) return mn_free(&alloc, e), status;
  *engine = e;
  return MOON_OK;
}

moon_engine *mn_engine_retain(moon_engine *engine) {
  atomic_fetch_add_explicit(&engine->owners, 1, memory_order_relaxed);
  return engine;
}

void moon_engine_close(moon_engine *engine) {
  if (!engine) return;
  if (atomic_fetch_sub_explicit(&engine->owners, 1, memory_order_acq_rel) != 1) return;
  mn_pool_close(engine->pool);
  mn_alloc alloc = engine->alloc;
  mn_free(&alloc, engine);
}

int moon_engine_threads(const moon_engine *engine) { return mn_pool_workers(engine->pool); }
const char *moon_engine_isa(const moon_engine *engine) { return mk_tier_name(engine->best); }

const char *moon_engine_blis(const moon_engine *engine) {
  (void)engine;                 /* BLIS chooses once for the whole process */
  return mn_gemm_arch();
}

bool moon_engine_kernel(const moon_engine *engine, size_t i, const char **name,
                        const char **tier) {
  if (i >= MK_KERNEL_COUNT) return false;
  *name = mk_kernel_name(i);
  *tier = mk_tier_name(engine->serves[i]);
  return true;
}
