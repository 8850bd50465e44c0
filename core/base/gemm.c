/* gemm.c: BLIS behind one function, and the choice of its kernels.
**
** What: mn_gemm_prepare makes BLIS pick the kernel set that fits our tier; mn_gemm multiplies.
** How: BLIS 0.9 reads BLIS_ARCH_TYPE once, at its first use, with atoi: the variable holds the
**   *number* of an arch_t, and a name would silently mean 0, which is skx. A value that names a
**   kernel set of this BLIS is the user's wish and stays; anything else would make BLIS abort
**   the host and is overridden. The variable is as before when mn_gemm_prepare returns.
** Invariant: BLIS aborts on bad arguments, so callers hand over checked sizes and strides.
** Not here: splitting over threads (matmul.c, linear.c). Two limits that BLIS sets: setenv and
**   getenv share one table, so a host must not change its environment in one thread while it
**   opens an engine in another; and BLIS takes its packing buffers (a few MiB, kept) from malloc
**   itself, aborting when there is none.
*/
#include "core/base/gemm.h"

#include <blis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char variable[] = "BLIS_ARCH_TYPE";

/* The kernel sets that this BLIS was built with. */
static bool built_in(long arch) {
  switch (arch) {
#ifdef BLIS_CONFIG_SKX
    case BLIS_ARCH_SKX:
#endif
#ifdef BLIS_CONFIG_KNL
    case BLIS_ARCH_KNL:
#endif
#ifdef BLIS_CONFIG_HASWELL
    case BLIS_ARCH_HASWELL:
#endif
#ifdef BLIS_CONFIG_SANDYBRIDGE
    case BLIS_ARCH_SANDYBRIDGE:
#endif
#ifdef BLIS_CONFIG_PENRYN
    case BLIS_ARCH_PENRYN:
#endif
#ifdef BLIS_CONFIG_ZEN3
    case BLIS_ARCH_ZEN3:
#endif
#ifdef BLIS_CONFIG_ZEN2
    case BLIS_ARCH_ZEN2:
#endif
#ifdef BLIS_CONFIG_ZEN
    case BLIS_ARCH_ZEN:
#endif
#ifdef BLIS_CONFIG_EXCAVATOR
    case BLIS_ARCH_EXCAVATOR:
#endif
#ifdef BLIS_CONFIG_STEAMROLLER
    case BLIS_ARCH_STEAMROLLER:
#endif
#ifdef BLIS_CONFIG_PILEDRIVER
    case BLIS_ARCH_PILEDRIVER:
#endif
#ifdef BLIS_CONFIG_BULLDOZER
    case BLIS_ARCH_BULLDOZER:
#endif
#ifdef BLIS_CONFIG_ARMSVE
    case BLIS_ARCH_ARMSVE:
#endif
#ifdef BLIS_CONFIG_A64FX
    case BLIS_ARCH_A64FX:
#endif
#ifdef BLIS_CONFIG_FIRESTORM
    case BLIS_ARCH_FIRESTORM:
#endif
#ifdef BLIS_CONFIG_THUNDERX2
    case BLIS_ARCH_THUNDERX2:
#endif
#ifdef BLIS_CONFIG_CORTEXA57
    case BLIS_ARCH_CORTEXA57:
#endif
#ifdef BLIS_CONFIG_CORTEXA53
    case BLIS_ARCH_CORTEXA53:
#endif
#ifdef BLIS_CONFIG_GENERIC
    case BLIS_ARCH_GENERIC:
#endif
      return true;
    default: return false;
  }
}

static bool names_kernel_set(const char *text) {
  char *end;
  long arch = strtol(text, &end, 10);
  return end != text && *end == '\0' && built_in(arch);
}

/* -1: BLIS knows better. Its haswell kernels (AVX2, FMA) are also what its zen family uses. */
static int arch_for(mk_tier best) {
  int arch = -1;
  if (mk_tier_avx512(best)) arch = BLIS_ARCH_SKX;
  if (best == MK_TIER_avx2) arch = BLIS_ARCH_HASWELL;
  return built_in(arch) ? arch : -1;
}

void mn_gemm_prepare(mk_tier best) {
  const char *wish = getenv(variable);
  int arch = arch_for(best);
  if (wish && names_kernel_set(wish)) {
    bli_init();
    return;
  }
  char *before = wish ? strdup(wish) : NULL;
  if (wish) unsetenv(variable);
  if (arch >= 0) {
    char number[16];
    snprintf(number, sizeof number, "%d", arch);
    setenv(variable, number, 1);
  }
  bli_init();
  unsetenv(variable);
  if (before) setenv(variable, before, 1);
  free(before);
}

const char *mn_gemm_arch(void) {
  bli_init();           /* asked before it is ready, BLIS aborts */
  return bli_arch_string(bli_arch_query_id());
}

void mn_gemm(size_t m, size_t n, size_t k, const float *a, size_t a_row, size_t a_col,
             const float *b, size_t b_row, size_t b_col, float *c, size_t c_row, size_t c_col,
             bool add) {
  float one = 1, beta = add ? 1 : 0;
  bli_sgemm(BLIS_NO_TRANSPOSE, BLIS_NO_TRANSPOSE, (dim_t)m, (dim_t)n, (dim_t)k, &one,
            (float *)a, (inc_t)a_row, (inc_t)a_col, (float *)b, (inc_t)b_row, (inc_t)b_col,
            &beta, c, (inc_t)c_row, (inc_t)c_col);
}
