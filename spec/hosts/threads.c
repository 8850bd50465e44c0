/* threads.c: one model for several threads; threads_spec.lua and `make tsan` run it.
**
**   threads share MODEL ROUNDS      eight threads, each with a lua_State and sessions of its own,
**                                   say what a single one says
**   threads cancel MODEL N TOKENS   feeds of so many tokens, cancelled by another thread N times at
**                                   random moments; prints how long each took to end
*/
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <lauxlib.h>
#include <lualib.h>

#include "lua/moonlet_lua.h"

enum { THREADS = 8, TEXT = 4096, MOST_TOKENS = 512 };

static const char script[] =
    "local model, rounds = ...\n"
    "local said = {}\n"
    "for round = 1, rounds do\n"
    "  for _, text in ipairs { 'turn off the lights', 'play some jazz', 'wake me at six' } do\n"
    "    local prompt = '<|user|> ' .. text .. '<|call|>'\n"
    "    local options = { special = true, stop = '<|end|>', max_tokens = 16, seed = round,\n"
    "      temperature = round % 2 }\n"
    "    local session = model:session { context = 64 }\n"
    "    said[#said + 1] = session:generate(prompt, options)\n"
    "    session:rewind(5)\n"
    "    for piece in session:fork():stream(' the', { max_tokens = 4, ms = 0.1 }) do\n"
    "      said[#said + 1] = piece\n"
    "    end\n"
    "  end\n"
    "  local matcher = model:constraint { choices = { 'red', 'green' } }:matcher()\n"
    "  said[#said + 1] = #matcher:allowed()\n"
    "end\n"
    "return table.concat(said)\n";

typedef struct speaker {
  moon_model *model;
  int rounds;
  char text[TEXT];
} speaker;

static void *speak(void *argument) {
  speaker *self = argument;
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  luaL_requiref(L, "moonlet", luaopen_moonlet, 0);
  if (luaL_loadstring(L, script) == LUA_OK) {
    moon_lua_push_model(L, self->model);
    lua_pushinteger(L, self->rounds);
    lua_pcall(L, 2, 1, 0);
  }
  snprintf(self->text, sizeof self->text, "%s", lua_tostring(L, -1));
  lua_close(L);
  return NULL;
}

static int share(moon_model *model, int rounds) {
  static speaker alone, crowd[THREADS];
  pthread_t threads[THREADS];
  alone = (speaker){.model = model, .rounds = rounds};
  speak(&alone);
  for (int i = 0; i < THREADS; i++) {
    crowd[i] = (speaker){.model = model, .rounds = rounds};
    if (pthread_create(&threads[i], NULL, speak, &crowd[i]) != 0) return 1;
  }
  int same = 0;
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    same += strcmp(crowd[i].text, alone.text) == 0;
  }
  printf("%d of %d threads say the same\n%s\n", same, THREADS, alone.text);
  return same == THREADS ? 0 : 1;
}

/* ---- cancels ---- */

typedef struct reader {
  moon_session *session;
  size_t tokens;
  atomic_int feeds;             /* begun */
  atomic_int ends;              /* ended by a cancel */
  atomic_bool stop;
  int wrong;                    /* ends with something else than a cancel, or tokens kept */
} reader;

static void *feed(void *argument) {
  reader *self = argument;
  int32_t ids[MOST_TOKENS];
  for (size_t i = 0; i < self->tokens; i++) ids[i] = (int32_t)(i * 7919 % 4000);
  while (!atomic_load(&self->stop)) {
    size_t kept;
    atomic_fetch_add(&self->feeds, 1);
    moon_status status = moon_session_feed(self->session, ids, self->tokens, NULL);
    moon_session_tokens(self->session, &kept);
    if (status == MOON_OK) moon_session_rewind(self->session, 0, NULL);
    else if (status != MOON_ECANCEL || kept != 0) self->wrong++;
    if (status == MOON_ECANCEL) atomic_fetch_add(&self->ends, 1);
  }
  return NULL;
}

static double now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

static void wait_us(long us) {
  nanosleep(&(struct timespec){.tv_nsec = us * 1000}, NULL);
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static int cancel(moon_model *model, int n, size_t tokens) {
  reader self = {.tokens = tokens < MOST_TOKENS ? tokens : MOST_TOKENS};
  double *times = calloc((size_t)n, sizeof *times);
  pthread_t thread;
  unsigned random = 1;
  const moon_session_options options = {.context = MOST_TOKENS, .cache = -1};
  if (!times || moon_session_open(model, &options, &self.session, NULL) != MOON_OK) return 1;
  if (pthread_create(&thread, NULL, feed, &self) != 0) return 1;
  for (int i = 0; i < n; i++) {
    random = random * 1103515245u + 12345u;
    wait_us(random >> 16 & 8191);
    int before = atomic_load(&self.ends);
    double began = now_ms();
    moon_session_cancel(self.session);
    while (atomic_load(&self.ends) == before) wait_us(20);
    times[i] = now_ms() - began;
  }
  atomic_store(&self.stop, true);
  pthread_join(thread, NULL);
  moon_status status = moon_session_feed(self.session, (int32_t[]){1, 4, 7}, 3, NULL);
  moon_session_close(self.session);
  qsort(times, (size_t)n, sizeof *times, ascending);
  printf("%d cancels, %d wrong; median %.2f ms, 99 %% within %.2f, longest %.2f\n", n, self.wrong,
         times[n / 2], times[n * 99 / 100], times[n - 1]);
  free(times);
  return self.wrong == 0 && status == MOON_OK ? 0 : 1;
}

int main(int argc, char **argv) {
  moon_error err;
  moon_engine *engine = NULL;
  moon_model *model = NULL;
  int code = 2;
  if (argc < 4) return fprintf(stderr, "usage: threads share|cancel MODEL N [TOKENS]\n"), 2;
  if (moon_engine_open(NULL, &engine, &err) != MOON_OK ||
      moon_model_open(engine, argv[2], NULL, &model, &err) != MOON_OK)
    fprintf(stderr, "threads: %s\n", err.message);
  else if (strcmp(argv[1], "share") == 0) code = share(model, atoi(argv[3]));
  else code = cancel(model, atoi(argv[3]), argc > 4 ? (size_t)atoi(argv[4]) : MOST_TOKENS);
  moon_model_close(model);
  moon_engine_close(engine);
  return code;
}
