/* pool.c: a pool for operations of a few microseconds.
**
** A run is open while its tasks last. Helpers notice a new run by its number, enter, take tasks
** until none is left, and leave. Each worker first takes those of its own share, which are
** neighbours, so that it reads memory in one stream, and then what is left of the others' shares.
** The caller takes tasks as well, then closes the run and waits only for helpers that are inside:
** one that the system has put aside before it entered costs nothing. Idle helpers spin for some
** microseconds, since the next operation of a forward pass follows at once, and then sleep.
**
** A helper that is inside when the system gives its core to another program holds the run up for
** as long as that one is let run, some hundred operations' time, and again after each slice of its
** own. So one that this happened to works for less than a slice and then sleeps of its own accord,
** outside of runs: it gives the core away when nobody waits for it, and the caller works on alone.
** When nothing has happened for a while it works without a rest again.
**
** Order: `entered` is raised before `open` is read, and `open` is cleared before `entered` is
** awaited (both sequentially consistent), so no helper works on a closed run.
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

/* Nanoseconds. A slice of Linux is 1.4 ms or more. */
enum {
  LOOK = 2000000, LOST = 1000000, SOON = 20000000, MEMORY = 400000000, STRETCH = 700000,
  REST = 500000
};

typedef struct share {          /* tasks next .. end-1 are to be taken; a cache line of its own */
  atomic_size_t next;
  size_t end;
  char line[MN_ALIGN - sizeof(atomic_size_t) - sizeof(size_t)];
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
  mn_task *fn;                  /* the run: written before `open` is set */
  void *context;
  share *shares;                /* (workers) */
  atomic_uint run;              /* number of the run */
  atomic_bool open;
  atomic_int entered;
  atomic_bool stop;
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

static void take_tasks(mn_pool *pool, int worker) {
  for (int i = 0; i < pool->workers; i++) {
    share *s = &pool->shares[(worker + i) % pool->workers];
    for (;;) {
      size_t task = atomic_fetch_add_explicit(&s->next, 1, memory_order_relaxed);
      if (task >= s->end) break;
      pool->fn(pool->context, task, worker);
    }
  }
}

size_t mn_pool_share(const mn_pool *pool, size_t tasks, int worker, size_t *end) {
  size_t workers = (size_t)mn_pool_workers(pool), w = (size_t)worker;
  size_t each = tasks / workers, more = tasks % workers;
  size_t first = w * each + (w < more ? w : more);
  *end = first + each + (w < more);
  return first;
}

static void share_out(mn_pool *pool, size_t tasks) {
  for (int w = 0; w < pool->workers; w++) {
    size_t first = mn_pool_share(pool, tasks, w, &pool->shares[w].end);
    atomic_store_explicit(&pool->shares[w].next, first, memory_order_relaxed);
  }
}

/* Returns when there is a run other than `seen`, or the pool closes. */
static void await_run(mn_pool *pool, unsigned seen) {
  for (int spins = 0; spins < SPINS_BEFORE_SLEEP; spins++) {
    if (atomic_load(&pool->run) != seen || atomic_load(&pool->stop)) return;
    relax();
  }
  pthread_mutex_lock(&pool->lock);
  atomic_fetch_add(&pool->sleepers, 1);
  while (atomic_load(&pool->run) == seen && !atomic_load(&pool->stop))
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
  unsigned seen = 0;            /* the number before the first run */
  for (;;) {
    await_run(pool, seen);
    if (atomic_load(&pool->stop)) return NULL;
    seen = atomic_load(&pool->run);
    atomic_fetch_add(&pool->entered, 1);
    if (atomic_load(&pool->open)) take_tasks(pool, self->worker);
    atomic_fetch_sub(&pool->entered, 1);
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

static void close_run(mn_pool *pool) {
  atomic_store(&pool->open, false);
  for (int spins = 0; atomic_load(&pool->entered) != 0; spins++)
    if (spins < SPINS_BEFORE_YIELD) relax();
    else sched_yield();
}

void mn_pool_run(mn_pool *pool, size_t tasks, mn_task *fn, void *context) {
  bool alone = pool->workers == 1 || tasks <= 1;
  if (alone || atomic_flag_test_and_set_explicit(&pool->taken, memory_order_acquire)) {
    for (size_t task = 0; task < tasks; task++) fn(context, task, 0);
    return;
  }
  pool->fn = fn;
  pool->context = context;
  share_out(pool, tasks);
  atomic_store(&pool->open, true);
  atomic_fetch_add(&pool->run, 1);
  if (atomic_load(&pool->sleepers) > 0) wake_sleepers(pool);
  take_tasks(pool, 0);
  close_run(pool);
  atomic_flag_clear_explicit(&pool->taken, memory_order_release);
}

int mn_pool_cpus(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  int cpus = CPU_COUNT(&set);
  return cpus < 1 ? 1 : cpus > MOST_CPUS ? MOST_CPUS : cpus;
}
