/* pool.h: threads that share one operation's rows. The only file that sees pthread.
**
** What: mn_pool_run(pool, n, fn, context) calls fn(context, task, worker) once for each task
** 0..n-1, on the caller and on the pool's threads, and returns when all are done. How: tasks are
** shared out evenly and taken some at a time, by others too once their own are done; helpers spin
** shortly, then sleep. Invariants: a task never depends on which worker runs it, so results do not
** depend on the number of threads; worker is < mn_pool_workers(pool), and each is used by one
** thread at a time (for scratch memory). When another thread is using the pool, the caller does
** all tasks itself, as worker 0. */
#ifndef MOON_BASE_POOL_H
#define MOON_BASE_POOL_H

#include "core/base/alloc.h"
#include "core/base/error.h"

typedef struct mn_pool mn_pool;
typedef void mn_task(void *context, size_t task, int worker);

/* threads counts the caller: <= 1 starts none. */
moon_status mn_pool_open(const mn_alloc *alloc, int threads, mn_pool **pool, moon_error *err);
void mn_pool_close(mn_pool *pool);              /* waits for its threads to end; accepts NULL */
int mn_pool_workers(const mn_pool *pool);       /* >= 1 */
/* A worker's share of so many tasks, which it takes in order: the first; *end: behind the last. */
size_t mn_pool_share(const mn_pool *pool, size_t tasks, int worker, size_t *end);
void mn_pool_run(mn_pool *pool, size_t tasks, mn_task *fn, void *context);
/* CPUs this process may run on, at most 16. */
int mn_pool_cpus(void);

#endif
