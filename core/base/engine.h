/* engine.h: what every computation needs: memory, kernels, threads. Immutable once open, shared
** by counted owners (the host, models, tensors' storage). */
#ifndef MOON_BASE_ENGINE_H
#define MOON_BASE_ENGINE_H

#include <stdatomic.h>

#include "core/base/alloc.h"
#include "core/base/pool.h"
#include "kernels/kernels.h"

struct moon_engine {
  atomic_size_t owners;
  mn_alloc alloc;
  mk_table kernels;
  mk_tier serves[MK_KERNEL_COUNT];
  mk_tier best;
  mn_pool *pool;
};

moon_engine *mn_engine_retain(moon_engine *engine);     /* pair with moon_engine_close */

#endif
