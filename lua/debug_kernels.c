/* debug_kernels.c: moonlet.debug.kernels, the specs' window on kernels/.
**
** What: detection and selection as plain tables; every kernel of every tier on
**   Lua tables of numbers. 16-bit forms are integers 0 .. 65535.
** How: kernel functions take the tier's name first and refuse a tier that this CPU cannot
**   run or that lacks the kernel. Arrays live in userdata, so an error anywhere leaks
**   nothing.
** Invariant: a table's length is the array's length; every other size is checked against
**   it.
** Not here: the library's own use of kernels (core/base/engine.h).
*/
#include <math.h>
#include <string.h>

#include "core/moonlet.h"
#include "kernels/kernels.h"
#include "lua/compat.h"

MOON_API int luaopen_moonlet_debug_kernels(lua_State *L);

/* ---- arrays ---- */

static float *new_floats(lua_State *L, size_t n) {
  return lua_newuserdatauv(L, (n + 1) * sizeof(float), 0);
}

static uint16_t *new_halves(lua_State *L, size_t n) {
  return lua_newuserdatauv(L, (n + 1) * sizeof(uint16_t), 0);
}

static size_t length(lua_State *L, int arg) {
  luaL_checktype(L, arg, LUA_TTABLE);
  return lua_rawlen(L, arg);
}

/* Copies the table at arg into memory that stays on the stack. */
static float *floats(lua_State *L, int arg, size_t n) {
  luaL_argcheck(L, length(L, arg) == n, arg, "table has another length than it should");
  float *x = new_floats(L, n);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, arg, (lua_Integer)i + 1);
    x[i] = (float)luaL_checknumber(L, -1);
    lua_pop(L, 1);
  }
  return x;
}

static uint16_t *halves(lua_State *L, int arg, size_t n) {
  luaL_argcheck(L, length(L, arg) == n, arg, "table has another length than it should");
  uint16_t *x = new_halves(L, n);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, arg, (lua_Integer)i + 1);
    x[i] = (uint16_t)luaL_checkinteger(L, -1);
    lua_pop(L, 1);
  }
  return x;
}

static int return_floats(lua_State *L, const float *x, size_t n) {
  lua_createtable(L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    lua_pushnumber(L, x[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

static int return_halves(lua_State *L, const uint16_t *x, size_t n) {
  lua_createtable(L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    lua_pushinteger(L, x[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

static size_t size(lua_State *L, int arg) {
  lua_Integer n = luaL_checkinteger(L, arg);
  luaL_argcheck(L, n >= 0 && n <= 1 << 20, arg, "size must be between 0 and 2^20");
  return (size_t)n;
}

/* ---- tiers ---- */

static mk_tier check_tier(lua_State *L, int arg) {
  const char *name = luaL_checkstring(L, arg);
  for (mk_tier t = 0; t < MK_TIER_COUNT; t++)
    if (strcmp(mk_tier_name(t), name) == 0) return t;
  return (mk_tier)luaL_error(L, "no tier is called '%s'", name);
}

static mk_cpu check_cpu(lua_State *L, int arg) {
  mk_cpu cpu = { { false } };
  luaL_checktype(L, arg, LUA_TTABLE);
  for (mk_tier t = 0; t < MK_TIER_COUNT; t++) {
    lua_getfield(L, arg, mk_tier_name(t));
    cpu.tier[t] = lua_toboolean(L, -1);
    lua_pop(L, 1);
  }
  return cpu;
}

static int return_cpu(lua_State *L, mk_cpu cpu) {
  lua_newtable(L);
  for (mk_tier t = 0; t < MK_TIER_COUNT; t++) {
    lua_pushboolean(L, cpu.tier[t]);
    lua_setfield(L, -2, mk_tier_name(t));
  }
  return 1;
}

/* The table of scalar and the tier in argument 1; throws if that lacks the kernel. */
static mk_table check_table(lua_State *L, const char *kernel) {
  mk_tier tier = check_tier(L, 1), serves[MK_KERNEL_COUNT];
  mk_cpu only = { .tier[MK_TIER_scalar] = true };
  mk_table table;
  if (!mk_detect(tier).tier[tier])
    luaL_error(L, "tier '%s' cannot run on this CPU", mk_tier_name(tier));
  only.tier[tier] = true;
  mk_select(&table, only, serves);
  for (size_t i = 0; i < MK_KERNEL_COUNT; i++)
    if (strcmp(mk_kernel_name(i), kernel) == 0 && serves[i] != tier)
      luaL_error(L, "tier '%s' has no kernel '%s'", mk_tier_name(tier), kernel);
  return table;
}

static int tiers(lua_State *L) {
  lua_newtable(L);
  for (mk_tier t = 0; t < MK_TIER_COUNT; t++) {
    lua_pushstring(L, mk_tier_name(t));
    lua_rawseti(L, -2, (lua_Integer)t + 1);
  }
  return 1;
}

static int kernels(lua_State *L) {
  lua_newtable(L);
  for (size_t i = 0; i < MK_KERNEL_COUNT; i++) {
    lua_pushstring(L, mk_kernel_name(i));
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/* detect([best]) */
static int detect(lua_State *L) {
  bool lid = !lua_isnoneornil(L, 1);
  return return_cpu(L, mk_detect(lid ? check_tier(L, 1) : MK_TIER_COUNT - 1));
}

/* Kernel name -> name of the tier that serves it. */
static int select(lua_State *L) {
  mk_table table;
  mk_tier serves[MK_KERNEL_COUNT];
  mk_select(&table, check_cpu(L, 1), serves);
  lua_newtable(L);
  for (size_t i = 0; i < MK_KERNEL_COUNT; i++) {
    lua_pushstring(L, mk_tier_name(serves[i]));
    lua_setfield(L, -2, mk_kernel_name(i));
  }
  return 1;
}

/* ---- kernels ---- */

/* (tier, w, x, rows, n, m) -> y, column by column */
static int matvec_f32(lua_State *L) {
  mk_table k = check_table(L, "matvec_f32");
  size_t rows = size(L, 4), n = size(L, 5), m = size(L, 6);
  float *w = floats(L, 2, rows * n), *x = floats(L, 3, m * n),
        *y = new_floats(L, m * rows);
  k.matvec_f32(y, rows, w, n, x, n, rows, n, m);
  return return_floats(L, y, m * rows);
}

static int matvec_bf16(lua_State *L) {
  mk_table k = check_table(L, "matvec_bf16");
  size_t rows = size(L, 4), n = size(L, 5), m = size(L, 6);
  mk_bf16 *w = halves(L, 2, rows * n);
  float *x = floats(L, 3, m * n), *y = new_floats(L, m * rows);
  k.matvec_bf16(y, rows, w, n, x, n, rows, n, m);
  return return_floats(L, y, m * rows);
}

static int matvec_f16(lua_State *L) {
  mk_table k = check_table(L, "matvec_f16");
  size_t rows = size(L, 4), n = size(L, 5), m = size(L, 6);
  mk_f16 *w = halves(L, 2, rows * n);
  float *x = floats(L, 3, m * n), *y = new_floats(L, m * rows);
  k.matvec_f16(y, rows, w, n, x, n, rows, n, m);
  return return_floats(L, y, m * rows);
}

/* (tier, w, x, rows, n, m) -> y, w and x 16-bit forms */
static int matmul_bf16(lua_State *L) {
  mk_table k = check_table(L, "matmul_bf16");
  size_t rows = size(L, 4), n = size(L, 5), m = size(L, 6);
  mk_bf16 *w = halves(L, 2, rows * n), *x = halves(L, 3, m * n);
  float *y = new_floats(L, m * rows);
  k.matmul_bf16(y, rows, w, n, x, n, rows, n, m);
  return return_floats(L, y, m * rows);
}

/* (tier, x, w or nil, e) -> y */
static int rmsnorm(lua_State *L) {
  mk_table k = check_table(L, "rmsnorm");
  size_t n = length(L, 2);
  float *x = floats(L, 2, n), *w = lua_isnil(L, 3) ? NULL : floats(L, 3, n);
  float *y = new_floats(L, n);
  k.rmsnorm(y, x, w, n, (float)luaL_checknumber(L, 4));
  return return_floats(L, y, n);
}

/* (tier, x, hd, cos, sin) -> x turned */
static int rope(lua_State *L, mk_rope_half *turn) {
  size_t n = length(L, 2), hd = size(L, 3);
  luaL_argcheck(L, hd > 0 && hd % 2 == 0 && n % hd == 0, 3, "does not divide x in pairs");
  float *x = floats(L, 2, n), *cs = floats(L, 4, hd / 2), *sn = floats(L, 5, hd / 2);
  turn(x, n / hd, hd, cs, sn);
  return return_floats(L, x, n);
}

static int rope_half(lua_State *L) {
  return rope(L, check_table(L, "rope_half").rope_half);
}
static int rope_pairs(lua_State *L) {
  return rope(L, check_table(L, "rope_pairs").rope_pairs);
}

/* (tier, x) -> softmax of x */
static int softmax(lua_State *L) {
  mk_table k = check_table(L, "softmax");
  size_t n = length(L, 2);
  float *x = floats(L, 2, n);
  k.softmax(x, n);
  return return_floats(L, x, n);
}

/* (tier, gate, up) -> y */
static int swiglu(lua_State *L) {
  mk_table k = check_table(L, "swiglu");
  size_t n = length(L, 2);
  float *gate = floats(L, 2, n), *up = floats(L, 3, n), *y = new_floats(L, n);
  k.swiglu(y, gate, up, n);
  return return_floats(L, y, n);
}

/* (tier, y, x) -> y + x */
static int add(lua_State *L) {
  mk_table k = check_table(L, "add");
  size_t n = length(L, 2);
  float *y = floats(L, 2, n), *x = floats(L, 3, n);
  k.add(y, x, n);
  return return_floats(L, y, n);
}

/* out, and of each row ln of what it saw */
static int return_attention(lua_State *L, const float *out, const mk_mass *mass, size_t rows,
                            size_t hd) {
  return_floats(L, out, rows * hd);
  lua_createtable(L, (int)rows, 0);
  for (size_t i = 0; i < rows; i++) {
    lua_pushnumber(L, log(mass[i].sum) + mass[i].most);
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 2;
}

/* (tier, q, kt, v, tokens, group, hd, seen, scale) -> out, logs, with ld = group*hd */
static int attend(lua_State *L) {
  mk_table k = check_table(L, "attend");
  size_t tokens = size(L, 5), group = size(L, 6), hd = size(L, 7), seen = size(L, 8);
  luaL_argcheck(L, tokens > 0, 5, "at least one token");
  luaL_argcheck(L, seen > 0, 8, "the first token sees at least itself");
  size_t n = seen + tokens - 1 < MK_SPAN ? seen + tokens - 1 : MK_SPAN;
  size_t blocks = (n + MK_BLOCK - 1) / MK_BLOCK, rows = tokens * group;
  float *q = floats(L, 2, rows * hd), *kt = floats(L, 3, blocks * hd * MK_BLOCK);
  float *v = floats(L, 4, n * hd), *out = new_floats(L, rows * hd);
  mk_mass *mass = lua_newuserdatauv(L, rows * sizeof *mass, 0);
  k.attend(out, mass, q, group * hd, tokens, group, hd, kt, v, seen,
           (float)luaL_checknumber(L, 9), (mk_ahead){0, 0});
  return return_attention(L, out, mass, rows, hd);
}

/* (tier, x) -> q, a string of signed bytes; scale */
static int quantize_head(lua_State *L) {
  mk_table k = check_table(L, "quantize_head");
  size_t hd = length(L, 2);
  luaL_argcheck(L, hd % 4 == 0, 2, "wants a multiple of 4 numbers");
  float *x = floats(L, 2, hd);
  int8_t *q = lua_newuserdatauv(L, hd + 1, 0);
  float scale = k.quantize_head(q, x, hd);
  lua_pushlstring(L, (const char *)q, hd);
  lua_pushnumber(L, scale);
  return 2;
}

/* The string at arg, which must have so many bytes. */
static const char *bytes(lua_State *L, int arg, size_t n) {
  size_t given;
  const char *s = luaL_checklstring(L, arg, &given);
  luaL_argcheck(L, given == n, arg, "string has another length than it should");
  return s;
}

/* (tier, q, keys, key_scale, values, value_scale, tokens, group, hd, seen, scale) -> out, logs,
** with ld = group*hd; keys and values: strings of bytes, whole blocks; q4: scales in bf16. */
static int attend_rounded(lua_State *L, mk_table k, bool q4) {
  size_t tokens = size(L, 7), group = size(L, 8), hd = size(L, 9), seen = size(L, 10);
  luaL_argcheck(L, tokens > 0, 7, "at least one token");
  luaL_argcheck(L, hd % (q4 ? 32 : 4) == 0 && hd <= MK_HEAD_Q8, 9,
                q4 ? "a multiple of 32 up to 512" : "a multiple of 4 up to 512");
  luaL_argcheck(L, seen > 0, 10, "the first token sees at least itself");
  size_t n = seen + tokens - 1 < MK_SPAN ? seen + tokens - 1 : MK_SPAN, rows = tokens * group;
  size_t whole = (n + MK_BLOCK - 1) / MK_BLOCK * MK_BLOCK, width = q4 ? hd / 2 : hd;
  float *q = floats(L, 2, rows * hd);
  const void *keys = bytes(L, 3, whole * width);
  const void *key_scale = q4 ? (void *)halves(L, 4, n) : floats(L, 4, n);
  const void *values = bytes(L, 5, (n + 3) / 4 * 4 * width);
  const void *value_scale = q4 ? (void *)halves(L, 6, n) : floats(L, 6, n);
  float scale = (float)luaL_checknumber(L, 11);
  float *out = new_floats(L, rows * hd);
  mk_mass *mass = lua_newuserdatauv(L, rows * sizeof *mass, 0);
  int8_t *opened = lua_newuserdatauv(L, 2 * MK_SPAN * hd, 0);
  if (q4)
    k.attend_q4(out, mass, q, group * hd, tokens, group, hd, keys, key_scale, values,
                value_scale, seen, scale, (mk_ahead){0, 0}, opened);
  else
    k.attend_q8(out, mass, q, group * hd, tokens, group, hd, keys, key_scale, values,
                value_scale, seen, scale, (mk_ahead){0, 0});
  return return_attention(L, out, mass, rows, hd);
}

static int attend_q8(lua_State *L) {
  return attend_rounded(L, check_table(L, "attend_q8"), false);
}
static int attend_q4(lua_State *L) {
  return attend_rounded(L, check_table(L, "attend_q4"), true);
}

/* (tier, x) -> codes, a string of them; scale */
static int quantize_head_q4(lua_State *L) {
  mk_table k = check_table(L, "quantize_head_q4");
  size_t hd = length(L, 2);
  luaL_argcheck(L, hd % 32 == 0 && hd <= MK_HEAD_Q8, 2, "wants a multiple of 32 numbers up to 512");
  float *x = floats(L, 2, hd);
  uint8_t *code = lua_newuserdatauv(L, hd + 1, 0);
  float scale = k.quantize_head_q4(code, x, hd);
  lua_pushlstring(L, (const char *)code, hd);
  lua_pushnumber(L, scale);
  return 2;
}

/* (tier, x, heads) -> x */
static int hadamard(lua_State *L) {
  mk_table k = check_table(L, "hadamard");
  size_t n = length(L, 2), heads = size(L, 3);
  luaL_argcheck(L, heads > 0 && n % (32 * heads) == 0, 3, "wants heads of whole 32 numbers");
  float *x = floats(L, 2, n);
  k.hadamard(x, heads, n / heads);
  return return_floats(L, x, n);
}

/* (tier, 16-bit integers) -> numbers, and back */
static int widen_bf16(lua_State *L) {
  mk_table k = check_table(L, "widen_bf16");
  size_t n = length(L, 2);
  mk_bf16 *x = halves(L, 2, n);
  float *y = new_floats(L, n);
  k.widen_bf16(y, x, n);
  return return_floats(L, y, n);
}

static int widen_f16(lua_State *L) {
  mk_table k = check_table(L, "widen_f16");
  size_t n = length(L, 2);
  mk_f16 *x = halves(L, 2, n);
  float *y = new_floats(L, n);
  k.widen_f16(y, x, n);
  return return_floats(L, y, n);
}

static int narrow_bf16(lua_State *L) {
  mk_table k = check_table(L, "narrow_bf16");
  size_t n = length(L, 2);
  float *x = floats(L, 2, n);
  mk_bf16 *y = new_halves(L, n);
  k.narrow_bf16(y, x, n);
  return return_halves(L, y, n);
}

static int narrow_f16(lua_State *L) {
  mk_table k = check_table(L, "narrow_f16");
  size_t n = length(L, 2);
  float *x = floats(L, 2, n);
  mk_f16 *y = new_halves(L, n);
  k.narrow_f16(y, x, n);
  return return_halves(L, y, n);
}

/* The four code books: four tables of 16 levels. */
static int levels(lua_State *L) {
  lua_createtable(L, MK_QBOOKS, 0);
  for (size_t book = 0; book < MK_QBOOKS; book++) {
    lua_createtable(L, 16, 0);
    for (size_t code = 0; code < 16; code++) {
      lua_pushinteger(L, mk_q4_levels[book][code]);
      lua_rawseti(L, -2, (lua_Integer)code + 1);
    }
    lua_rawseti(L, -2, (lua_Integer)book + 1);
  }
  return 1;
}

/* (tier, x) -> q, a string of signed bytes; scale; bias */
static int quantize(lua_State *L) {
  mk_table k = check_table(L, "quantize");
  size_t n = length(L, 2), blocks = n / MK_QBLOCK;
  luaL_argcheck(L, n % MK_QBLOCK == 0, 2, "wants whole blocks of 32");
  float *x = floats(L, 2, n), *scale = new_floats(L, blocks);
  int8_t *q = lua_newuserdatauv(L, n + 1, 0);
  int32_t *bias = lua_newuserdatauv(L, (blocks + 1) * sizeof *bias, 0);
  k.quantize(q, scale, bias, x, n);
  lua_pushlstring(L, (const char *)q, n);
  return_floats(L, scale, blocks);
  lua_createtable(L, (int)blocks, 0);
  for (size_t b = 0; b < blocks; b++) {
    lua_pushinteger(L, bias[b]);
    lua_rawseti(L, -2, (lua_Integer)b + 1);
  }
  return 3;
}

/* (tier, w, x, n, groups, m) -> y, column by column; w: bytes of the groups; x: numbers,
** quantised by scalar. */
static int matmul(lua_State *L, mk_matmul_q8 *product, size_t bytes) {
  size_t n = size(L, 4), groups = size(L, 5), m = size(L, 6), blocks = n / MK_QBLOCK;
  size_t given, rows = groups * MK_QROWS;
  const char *w = luaL_checklstring(L, 2, &given);
  luaL_argcheck(L, n % MK_QBLOCK == 0, 4, "wants whole blocks of 32");
  luaL_argcheck(L, given == groups * blocks * (bytes + 32), 2, "has another size");
  float *x = floats(L, 3, m * n), *scale = new_floats(L, m * blocks);
  float *y = new_floats(L, m * rows);
  int8_t *q = lua_newuserdatauv(L, m * n + 1, 0);
  int32_t *bias = lua_newuserdatauv(L, (m * blocks + 1) * sizeof *bias, 0);
  mk_scalar.quantize(q, scale, bias, x, m * n);
  mk_int8 columns = { q, scale, bias };
  product(y, rows, (const uint8_t *)w, n, &columns, groups, m);
  return return_floats(L, y, m * rows);
}

static int matmul_q8(lua_State *L) {
  return matmul(L, check_table(L, "matmul_q8").matmul_q8, MK_Q8_BYTES);
}
static int matmul_q4(lua_State *L) {
  return matmul(L, check_table(L, "matmul_q4").matmul_q4, MK_Q4_BYTES);
}

/* (tier, x) -> number */
static int log_sum_exp(lua_State *L) {
  mk_table k = check_table(L, "log_sum_exp");
  size_t n = length(L, 2);
  lua_pushnumber(L, k.log_sum_exp(floats(L, 2, n), n));
  return 1;
}

static const luaL_Reg functions[] = {
  { "tiers", tiers },
  { "kernels", kernels },
  { "detect", detect },
  { "select", select },
  { "levels", levels },
#define KERNEL(name) { #name, name },
  MK_KERNELS(KERNEL)
#undef KERNEL
  { NULL, NULL },
};

int luaopen_moonlet_debug_kernels(lua_State *L) {
  luaL_newlib(L, functions);
  return 1;
}
