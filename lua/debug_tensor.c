/* debug_tensor.c: what specs of tensors need and Lua's face does not show.
**
** moonlet.debug.tensor is the tensor part of the module, and besides:
**   failing(n)      a fixed sequence of core operations whose n-th allocation fails
**   matmul_bits(a, b, threads)          the product by an engine of its own, as a string
**   gemm_arch()     name of BLIS's kernel set
*/
#include <stdlib.h>

#include "core/tensor/tensor.h"
#include "lua/border.h"

MOON_API int luaopen_moonlet_debug_tensor(lua_State *L);

/* ---- each allocation fails once ---- */

typedef struct ledger {
  long until;                   /* allocations before the one that fails; < 0: none fails */
  long live;                    /* blocks that are not freed yet */
} ledger;

static void *counted(void *data, void *ptr, size_t old_size, size_t new_size) {
  ledger *l = data;
  (void)old_size;
  if (new_size == 0) {
    if (ptr) l->live--;
    free(ptr);
    return NULL;
  }
  if (l->until == 0) return NULL;
  if (l->until > 0) l->until--;
  void *block = realloc(ptr, new_size);
  if (block && !ptr) l->live++;
  return block;
}

/* Makes views and copies of halves, arithmetic, rows and products of a (4, 3) tensor; frees all
** that was made, and the wrapped memory's owner is told once in any case. */
static void tell(void *owner) { ++*(int *)owner; }

static moon_status sequence(moon_engine *engine, moon_error *err) {
  enum { N = 12 };
  static const size_t shape[] = {4, 3};
  float numbers[12] = {0};
  moon_tensor *t[N] = {NULL}, *wrapped = NULL;
  int told = 0;
  moon_status s = moon_tensor_new(engine, MOON_BF16, 2, shape, &t[0], err);
  if (s == MOON_OK) s = moon_tensor_fill_normal(t[0], 7, err);
  if (s == MOON_OK) s = moon_tensor_transpose(t[0], 0, 1, &t[1], err);
  if (s == MOON_OK) s = moon_tensor_matmul(t[0], t[1], &t[2], err);
  if (s == MOON_OK) s = moon_tensor_contiguous(t[1], &t[3], err);
  if (s == MOON_OK) s = moon_tensor_binary(MOON_ADD, t[3], t[1], &t[4], err);
  if (s == MOON_OK) s = moon_tensor_unary(MOON_EXP, t[4], &t[5], err);
  if (s == MOON_OK) s = moon_tensor_softmax(t[5], 0, &t[6], err);
  if (s == MOON_OK) s = moon_tensor_topk(t[6], 2, &t[7], &t[8], err);
  if (s == MOON_OK) s = moon_tensor_reduce(MOON_SUM, t[6], 1, &t[9], err);
  if (s == MOON_OK) s = moon_tensor_copy(t[3], t[1], err);
  if (s == MOON_OK) s = moon_tensor_to(t[2], MOON_F16, &t[10], err);
  if (s == MOON_OK) {
    s = mn_tensor_wrap(engine, MOON_F32, 2, shape, numbers, true, &told, tell, &wrapped, err);
    moon_tensor_free(wrapped);
    if (told != 1) s = MOON_EFORMAT;
  }
  for (int i = 0; i < N; i++) moon_tensor_free(t[i]);
  return s;
}

/* failing(n): status name, message, blocks that are left. n < 0: nothing fails. */
static int failing(lua_State *L) {
  ledger l = {.until = -1};
  moon_engine_options options = moon_engine_defaults();
  options.threads = 2;
  options.alloc = counted;
  options.alloc_data = &l;
  moon_engine *engine;
  moon_error err = {0};
  long n = (long)luaL_checkinteger(L, 1);
  if (moon_engine_open(&options, &engine, &err) != MOON_OK) return luaL_error(L, err.message);
  l.until = n;
  moon_status status = sequence(engine, &err);
  moon_engine_close(engine);
  lua_pushstring(L, moon_status_name(status));
  lua_pushstring(L, err.message);
  lua_pushinteger(L, l.live);
  return 3;
}

/* ---- products by other engines ---- */

/* The same numbers on another engine; NULL when it cannot be had. */
static moon_tensor *moved(const moon_tensor *t, moon_engine *engine) {
  moon_tensor *copy;
  if (moon_tensor_new(engine, t->dtype, t->rank, t->shape, &copy, NULL) != MOON_OK) return NULL;
  moon_tensor_copy(copy, t, NULL);
  return copy;
}

static int matmul_bits(lua_State *L) {
  moon_tensor *a = ml_check(L, 1, "moonlet.tensor"), *b = ml_check(L, 2, "moonlet.tensor");
  moon_engine_options options = moon_engine_defaults();
  options.threads = (int)luaL_checkinteger(L, 3);
  moon_engine *engine;
  moon_error err;
  if (moon_engine_open(&options, &engine, &err) != MOON_OK) return luaL_error(L, err.message);
  moon_tensor *x = moved(a, engine), *y = moved(b, engine), *c = NULL;
  if (x && y && moon_tensor_matmul(x, y, &c, &err) == MOON_OK)
    lua_pushlstring(L, (const char *)c->first, c->storage->size);
  else
    lua_pushnil(L);
  moon_tensor_free(x);
  moon_tensor_free(y);
  moon_tensor_free(c);
  moon_engine_close(engine);
  return 1;
}

static int gemm_arch(lua_State *L) {
  lua_pushstring(L, moon_engine_blis(ml_engine(L)));
  return 1;
}

int luaopen_moonlet_debug_tensor(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"failing", failing}, {"matmul_bits", matmul_bits}, {"gemm_arch", gemm_arch}, {NULL, NULL},
  };
  luaL_newlib(L, functions);
  ml_open_tensor(L);
  return 1;
}
