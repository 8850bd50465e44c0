/* pool.c: a pool for operations of a few microseconds.
**
** A run is its shares of tasks, one for each worker. Tasks of a share are neighbours, so that a
** worker reads memory in one stream; it takes half of what is left of its own share at a time, down
** to one task, and then what is left of the others' shares, one by one. A helper sees a new run by
** its own share, which is one cache line and says all it needs. The caller takes tasks as well and
** then waits for those that helpers have taken: a helper that the system has put aside before it
** took any costs nothing. Idle helpers spin for some microseconds, since the next operation of a
** forward pass follows at once, and then sleep.
**
** A helper that holds tasks when the system gives its core to another program holds the run up for
** as long as that one is let run, some hundred operations' time, and again after each slice of its
** own. So one that this happened to works for less than a slice and then sleeps of its own accord,
** outside of runs: it gives the core away when nobody waits for it, and the caller works on alone.
** When nothing has happened for a while it works without a rest again.
**
** Order: a share's fn and context are written before its `left`, and read by whoever has taken
** tasks of it. These belong to the run that is under way then, whatever run the helper was woken
** for; until it has told of them in `done` that run does not end, and no other begins.
*/
#include "core/base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/resource.h>

#include "core/base/clock.h"

enum { MOST_CPUS = 16, SPINS_BEFORE_SLEEP = 2000, SPINS_BEFORE_YIELD = 200 };
enum { MOST_TASKS = INT32_MAX };        /* of a run that is shared out */

/* Nanoseconds. A slice of Linux is 1.4 ms or more. */
enum {
  LOOK = 2000000, LOST = 1000000, SOON = 20000000, MEMORY = 400000000, STRETCH = 700000,
  REST = 500000
};

typedef struct share {          /* a cache line of its own */
  _Alignas(MN_ALIGN) _Atomic uint64_t left;     /* tasks: the next, and above behind the last */
  mn_task *fn;
  void *context;
} share;

typedef struct helper {
  mn_pool *pool;
  pthread_t thread;
  int worker;
  int64_t looked, spent;        /* when it last looked how it fares; its processor time then */
  long switches, sleeps;        /* and how often it had been put aside, had gone to sleep */
  int64_t lost, disturbed;      /* when it last found that it had lost time; again, soon after */
  int64_t began;                /* this stretch of work */
} helper;

struct mn_pool {
  mn_alloc alloc;
  int workers;
  atomic_flag taken;            /* a run is being prepared or done by some thread */
  share *shares;                /* (workers) */
  _Alignas(MN_ALIGN) atomic_size_t done;        /* tasks of the run that helpers have done */
  _Alignas(MN_ALIGN) atomic_bool stop;          /* which helpers look at all the time */
  atomic_int sleepers;          /* raised and lowered under lock */
  pthread_mutex_t lock;
  pthread_cond_t wake;
  helper helpers[];
};

static void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static bool is_empty(uint64_t left) { return (uint32_t)left >= left >> 32; }

/* Takes tasks *first .. *past-1 of a share; false when none is left. To look before is cheaper than
** to take in vain, and keeps the next one from growing past 32 bits. */
static bool take(share *s, bool half, size_t *first, size_t *past) {
  uint64_t left = atomic_load_explicit(&s->left, memory_order_relaxed);
  if (is_empty(left)) return false;
  uint32_t some = half ? ((uint32_t)(left >> 32) - (uint32_t)left + 1) / 2 : 1;
  left = atomic_fetch_add_explicit(&s->left, some, memory_order_acquire);
  if (is_empty(left)) return false;
  *first = (uint32_t)left;
  *past = left >> 32;
  if (*past > *first + some) *past = *first + some;
  return true;
}

/* Returns how many this worker has done. */
static size_t work(mn_pool *pool, int worker) {
  size_t done = 0, first, past;
  for (int i = 0; i < pool->workers; i++) {
    share *s = &pool->shares[(worker + i) % pool->workers];
    while (take(s, i == 0, &first, &past)) {
      for (size_t task = first; task < past; task++) s->fn(s->context, task, worker);
      done += past - first;
    }
  }
  return done;
}

size_t mn_pool_share(const mn_pool *pool, size_t tasks, int worker, size_t *end) {
  size_t workers = (size_t)mn_pool_workers(pool), w = (size_t)worker;
  size_t each = tasks / workers, more = tasks % workers;
  size_t first = w * each + (w < more ? w : more);
  *end = first + each + (w < more);
  return first;
}

static void share_out(mn_pool *pool, size_t tasks, mn_task *fn, void *context) {
  for (int w = pool->workers; w-- > 0;) {
    share *s = &pool->shares[w];
    size_t end, first = mn_pool_share(pool, tasks, w, &end);
    s->fn = fn;
    s->context = context;
    atomic_store_explicit(&s->left, (uint64_t)end << 32 | first, memory_order_release);
  }
}

/* Returns when there are tasks in the helper's share, or the pool closes. */
static void await_tasks(mn_pool *pool, int worker) {
  share *s = &pool->shares[worker];
  for (int spins = 0; spins < SPINS_BEFORE_SLEEP; spins++) {
    if (!is_empty(atomic_load(&s->left)) || atomic_load(&pool->stop)) return;
    relax();
  }
  pthread_mutex_lock(&pool->lock);
  atomic_fetch_add(&pool->sleepers, 1);
  while (is_empty(atomic_load(&s->left)) && !atomic_load(&pool->stop))
    pthread_cond_wait(&pool->wake, &pool->lock);
  atomic_fetch_sub(&pool->sleepers, 1);
  pthread_mutex_unlock(&pool->lock);
}

/* Whether other programs had this helper's core for long since the last look; a look that finds
** that it slept itself tells nothing. */
static bool lost_time(helper *self, int64_t t) {
  struct rusage u = {0};
#ifdef RUSAGE_THREAD
  getrusage(RUSAGE_THREAD, &u);
#endif
  int64_t spent = mn_clock(CLOCK_THREAD_CPUTIME_ID);  /* u's is as of the last tick */
  bool lost = (t - self->looked) - (spent - self->spent) > LOST &&
              u.ru_nivcsw > self->switches && u.ru_nvcsw == self->sleeps;
  self->looked = t;
  self->spent = spent;
  self->switches = u.ru_nivcsw;
  self->sleeps = u.ru_nvcsw;
  return lost;
}

/* Between two runs. To lose a slice once is usual, as when the system first has it on the caller's
** core; to lose the next one, too, is not. */
static void rest_if_disturbed(helper *self) {
  int64_t t = mn_clock(CLOCK_MONOTONIC);
  if (t - self->looked > LOOK && lost_time(self, t)) {
    if (t - self->lost < SOON) self->disturbed = t;
    self->lost = t;
  }
  if (t - self->disturbed > MEMORY) self->began = t;
  if (t - self->began < STRETCH) return;
  nanosleep(&(struct timespec){.tv_nsec = REST}, NULL);
  self->began = mn_clock(CLOCK_MONOTONIC);
}

static void *help(void *argument) {
  helper *self = argument;
  mn_pool *pool = self->pool;
  for (;;) {
    await_tasks(pool, self->worker);
    if (atomic_load(&pool->stop)) return NULL;
    size_t done = work(pool, self->worker);
    if (done > 0) atomic_fetch_add_explicit(&pool->done, done, memory_order_release);
    rest_if_disturbed(self);
  }
}

static void wake_sleepers(mn_pool *pool) {
  pthread_mutex_lock(&pool->lock);
  pthread_cond_broadcast(&pool->wake);
  pthread_mutex_unlock(&pool->lock);
}

static void stop_helpers(mn_pool *pool, int started) {
  atomic_store(&pool->stop, true);
  wake_sleepers(pool);
  for (int i = 0; i < started; i++) pthread_join(pool->helpers[i].thread, NULL);
}

/* Helpers block all signals: those are the host's business, on the host's threads. */
static int start_helpers(mn_pool *pool) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int started = 0;
  for (; started < pool->workers - 1; started++) {
    helper *h = &pool->helpers[started];
    *h = (helper){.pool = pool, .worker = started + 1, .lost = -SOON, .disturbed = -MEMORY};
    if (pthread_create(&h->thread, NULL, help, h) != 0) break;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return started;
}

moon_status mn_pool_open(const mn_alloc *alloc, int threads, mn_pool **out, moon_error *err) {
  *out = NULL;
  int workers = threads < 1 ? 1 : threads;
  size_t bytes = sizeof(mn_pool) + (size_t)(workers - 1) * sizeof(helper);
  mn_pool *pool = mn_new_zero(alloc, bytes);
  if (!pool) return mn_fail_memory(err, "thread pool", bytes);
  pool->alloc = *alloc;
  pool->workers = workers;
  pool->shares = mn_new_zero(alloc, (size_t)workers * sizeof *pool->shares);
  if (!pool->shares) {
    mn_free(alloc, pool);
    return mn_fail_memory(err, "thread pool", (size_t)workers * sizeof(share));
  }
  atomic_flag_clear(&pool->taken);
  pthread_mutex_init(&pool->lock, NULL);
  pthread_cond_init(&pool->wake, NULL);
  int started = start_helpers(pool);
  if (started < workers - 1) {
    stop_helpers(pool, started);
    mn_free(alloc, pool->shares);
    mn_free(alloc, pool);
    return mn_fail(err, MOON_EMEM, "could start only %d of %d threads", started, workers - 1);
  }
  *out = pool;
  return MOON_OK;
}

void mn_pool_close(mn_pool *pool) {
  if (!pool) return;
  stop_helpers(pool, pool->workers - 1);
  pthread_cond_destroy(&pool->wake);
  pthread_mutex_destroy(&pool->lock);
  mn_alloc alloc = pool->alloc;
  mn_free(&alloc, pool->shares);
  mn_free(&alloc, pool);
}

int mn_pool_workers(const mn_pool *pool) { return pool->workers; }

static void await_helpers(mn_pool *pool, size_t tasks) {
  for (int spins = 0; atomic_load_explicit(&pool->done, memory_order_acquire) < tasks; spins++)
    if (spins < SPINS_BEFORE_YIELD) relax();
    else sched_yield();
}

void mn_pool_run(mn_pool *pool, size_t tasks, mn_task *fn, void *context) {
  bool alone = pool->workers == 1 || tasks <= 1 || tasks > MOST_TASKS;
  if (alone || atomic_flag_test_and_set_explicit(&pool->taken, memory_order_acquire)) {
    for (size_t task = 0; task < tasks; task++) fn(context, task, 0);
    return;
  }
  atomic_store_explicit(&pool->done, 0, memory_order_relaxed);
  share_out(pool, tasks, fn, context);
  atomic_thread_fence(memory_order_seq_cst);    /* either we see a sleeper, or it our tasks */
  if (atomic_load(&pool->sleepers) > 0) wake_sleepers(pool);
  await_helpers(pool, tasks - work(pool, 0));
  atomic_flag_clear_explicit(&pool->taken, memory_order_release);
}

int mn_pool_cpus(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  int cpus = CPU_COUNT(&set);
  return cpus < 1 ? 1 : cpus > MOST_CPUS ? MOST_CPUS : cpus;
}
