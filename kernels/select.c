/* select.c: which tiers this process may use, and the table that follows.
**
** What: detection, the lid, the staircase, the names.
** How: __builtin_cpu_supports looks at CPUID and at what the operating system saves
**   (XGETBV); on ARM the kernel's hwcap says both.
** Invariant: mk_select is pure; nothing is cached.
** Not here: what happens when a caller forces a tier that is absent (core/base/engine.c).
*/
#include "kernels/kernels.h"

#if defined(__x86_64__)
#include <cpuid.h>
#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>
#endif
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

enum { TABLES = 2 };                    /* of one tier, at most: a file has 600 lines */

/* The tiers that are built for this architecture, and what they need. */
#if defined(__x86_64__)

static const mk_table *const tables[MK_TIER_COUNT][TABLES] = {
  [MK_TIER_scalar] = { &mk_scalar },
  [MK_TIER_avx2] = { &mk_avx2, &mk_avx2_int8 },
  [MK_TIER_avx512] = { &mk_avx512 },
  [MK_TIER_vnni] = { &mk_vnni },
  [MK_TIER_bf16] = { &mk_bf16_tier },
  [MK_TIER_amx] = { &mk_amx },
};

/* By CPUID, because clang's builtin does not know the name; its registers are those of
** AVX. */
static bool has_f16c(void) {
  unsigned a, b, c, d;
  return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_F16C);
}

/* Linux saves tiles, 8 KB a thread, for a process that has asked for it; asking again is free. */
static bool may_use_amx(void) {
#ifdef __linux__
  enum { REQUEST = 0x1023, TILE_DATA = 18 };    /* ARCH_REQ_XCOMP_PERM, XFEATURE_XTILE_DATA */
  enum { AMX = 1 << 22 | 1 << 24 | 1 << 25 };   /* bf16, tile, int8: of EDX in leaf 7 */
  unsigned a, b, c, d;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & AMX) == AMX &&
         syscall(SYS_arch_prctl, REQUEST, TILE_DATA) == 0;
#else
  return false;
#endif
}

static void detect(bool tier[MK_TIER_COUNT], mk_tier best) {
  __builtin_cpu_init();
  tier[MK_TIER_avx2] =
      __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && has_f16c();
  tier[MK_TIER_avx512] = tier[MK_TIER_avx2] && __builtin_cpu_supports("avx512f") &&
                         __builtin_cpu_supports("avx512bw") &&
                         __builtin_cpu_supports("avx512dq") &&
                         __builtin_cpu_supports("avx512vl");
  tier[MK_TIER_vnni] = tier[MK_TIER_avx512] && __builtin_cpu_supports("avx512vnni") &&
                       __builtin_cpu_supports("avx512vbmi");
  tier[MK_TIER_bf16] = tier[MK_TIER_avx512] && __builtin_cpu_supports("avx512bf16");
  tier[MK_TIER_amx] = tier[MK_TIER_vnni] && tier[MK_TIER_bf16] &&
                      best >= MK_TIER_amx && may_use_amx();
}

#elif defined(__aarch64__) && defined(__linux__)

static const mk_table *const tables[MK_TIER_COUNT][TABLES] = {
  [MK_TIER_scalar] = { &mk_scalar },
  [MK_TIER_neon] = { &mk_neon, &mk_neon_attend8 },
  [MK_TIER_dotprod] = { &mk_dotprod },
  [MK_TIER_i8mm] = { &mk_i8mm },
};

static void detect(bool tier[MK_TIER_COUNT], mk_tier best) {
  (void)best;
  unsigned long has = getauxval(AT_HWCAP);
  tier[MK_TIER_neon] = (has & HWCAP_ASIMD) != 0;
  tier[MK_TIER_dotprod] = tier[MK_TIER_neon] && (has & HWCAP_ASIMDDP) != 0;
  tier[MK_TIER_i8mm] = tier[MK_TIER_dotprod] && (getauxval(AT_HWCAP2) & HWCAP2_I8MM) != 0;
}

#else

static const mk_table *const tables[MK_TIER_COUNT][TABLES] = {
  [MK_TIER_scalar] = { &mk_scalar },
};

static void detect(bool tier[MK_TIER_COUNT], mk_tier best) { (void)tier, (void)best; }

#endif

mk_cpu mk_detect(mk_tier best) {
  mk_cpu cpu = { .tier[MK_TIER_scalar] = true };
  detect(cpu.tier, best);
  for (size_t t = (size_t)best + 1; t < MK_TIER_COUNT; t++) cpu.tier[t] = false;
  return cpu;
}

/* Lays what `tier` has over *table. */
static void overlay(mk_table *table, const mk_table *better, mk_tier tier,
                    mk_tier *serves) {
  size_t i = 0;
#define LAY(name)                                   \
  if (better->name) {                               \
    table->name = better->name;                     \
    if (serves) serves[i] = tier;                   \
  }                                                 \
  i++;
  MK_KERNELS(LAY)
#undef LAY
}

void mk_select(mk_table *table, mk_cpu cpu, mk_tier serves[MK_KERNEL_COUNT]) {
  overlay(table, &mk_scalar, MK_TIER_scalar, serves);
  for (size_t t = MK_TIER_scalar + 1; t < MK_TIER_COUNT; t++)
    for (size_t i = 0; i < TABLES; i++)
      if (cpu.tier[t] && tables[t][i]) overlay(table, tables[t][i], (mk_tier)t, serves);
}

const char *mk_tier_name(mk_tier tier) {
#define NAME(name) #name,
  static const char *const names[] = { MK_TIERS(NAME) };
  return names[tier];
}

const char *mk_kernel_name(size_t i) {
  static const char *const names[] = { MK_KERNELS(NAME) };
#undef NAME
  return names[i];
}
