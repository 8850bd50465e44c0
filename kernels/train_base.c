/* train_base.c: the loops of training for any CPU of this architecture, and the choice of table. */
#include "kernels/train_loops.h"

const mk_train mk_train_base = MK_TRAIN_TABLE;

const mk_train *mk_train_for(mk_tier best) {
#if defined(__x86_64__) && !defined(MK_TRAIN_DOUBLE)
  if (mk_tier_avx512(best)) return &mk_train_avx512;
  if (best == MK_TIER_avx2) return &mk_train_avx2;
#endif
  (void)best;
  return &mk_train_base;
}

mk_gemm *mk_gemm_bf16_for(mk_tier best) {
#if defined(__x86_64__) && !defined(MK_TRAIN_DOUBLE)
  if (best == MK_TIER_amx) return mk_gemm_amx;
#endif
  (void)best;
  return NULL;
}
