/* debug_text.c: moonlet.debug.text, the specs' window on core/text.
**
**   memory()  an allocator that counts; memory:fail(n [, once]): from now on the n-th allocation
**             and, unless once, all later ones fail (0: none); memory:calls(), memory:live()
**   parse(bytes [, memory])  a tokenizer, or nil, message, code
**   tokenizer:encode(text [, special])  :decode(ids)  :piece(id)  :find(piece)  :kind(id)
**   :count()  :bos()  :eos()  :length(text [, special])
**   utf8_whole(text) */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/text/tokenizer.h"
#include "lua/border.h"

/* ---- an allocator that fails ---- */

typedef struct memory {
  size_t calls, fail_at, live;
  bool once;
} memory;

static const char memory_type[] = "moonlet.debug.memory";

static void *count_alloc(void *data, void *ptr, size_t old_size, size_t new_size) {
  memory *m = data;
  (void)old_size;
  if (new_size == 0) {
    if (ptr) m->live--;
    free(ptr);
    return NULL;
  }
  m->calls++;
  if (m->fail_at > 0 && (m->once ? m->calls == m->fail_at : m->calls >= m->fail_at)) return NULL;
  void *block = realloc(ptr, new_size);
  if (block && !ptr) m->live++;
  return block;
}

static int memory_new(lua_State *L) {
  memory *m = lua_newuserdatauv(L, sizeof *m, 0);
  *m = (memory){0};
  luaL_getmetatable(L, memory_type);
  lua_setmetatable(L, -2);
  return 1;
}

static int memory_fail(lua_State *L) {
  memory *m = luaL_checkudata(L, 1, memory_type);
  m->calls = 0;
  m->fail_at = (size_t)luaL_checkinteger(L, 2);
  m->once = lua_toboolean(L, 3);
  return 0;
}

static int memory_calls(lua_State *L) {
  memory *m = luaL_checkudata(L, 1, memory_type);
  lua_pushinteger(L, (lua_Integer)m->calls);
  return 1;
}

static int memory_live(lua_State *L) {
  memory *m = luaL_checkudata(L, 1, memory_type);
  lua_pushinteger(L, (lua_Integer)m->live);
  return 1;
}

/* ---- tokenizer ---- */

static const char tokenizer_type[] = "moonlet.debug.tokenizer";

static mn_tokenizer *check(lua_State *L) { return ml_check(L, 1, tokenizer_type); }

static int tokenizer_parse(lua_State *L) {
  size_t size;
  const char *bytes = luaL_checklstring(L, 1, &size);
  memory *m = lua_isnoneornil(L, 2) ? NULL : luaL_checkudata(L, 2, memory_type);
  mn_alloc alloc = mn_alloc_default(m ? count_alloc : NULL, m);
  mn_tokenizer *tok;
  moon_error err;
  ml_box *box = ml_box_new(L, tokenizer_type);
  if (m) {                              /* the allocator outlives what it allocated */
    lua_pushvalue(L, 2);
    lua_setiuservalue(L, -2, 1);
  }
  moon_status status =
      mn_tokenizer_parse(&alloc, (const uint8_t *)bytes, size, "tokenizer.model", &tok, &err);
  if (status != MOON_OK) return ml_fail(L, &err);
  ml_box_fill(L, box, tok, 0);
  return 1;
}

static int tokenizer_close(lua_State *L) {
  ml_box *box = luaL_checkudata(L, 1, tokenizer_type);
  mn_tokenizer_close(box->object);
  box->object = NULL;
  return 0;
}

/* Encodes without room, with half of it and with all; the three must agree. */
static int tokenizer_encode(lua_State *L) {
  const mn_tokenizer *tok = check(L);
  size_t len, n, again;
  const char *text = luaL_checklstring(L, 2, &len);
  bool special = lua_toboolean(L, 3);
  moon_error err;
  if (mn_tokenizer_encode(tok, text, len, special, NULL, 0, &n, &err) != MOON_OK)
    return ml_fail(L, &err);
  size_t some = n / 2;
  int32_t *half = lua_newuserdatauv(L, some * sizeof *half, 0);
  int32_t *ids = lua_newuserdatauv(L, n * sizeof *ids, 0);
  if (mn_tokenizer_encode(tok, text, len, special, half, some, &again, &err) != MOON_OK)
    return ml_fail(L, &err);
  if (again != n) return luaL_error(L, "%d ids, then %d", (int)n, (int)again);
  if (mn_tokenizer_encode(tok, text, len, special, ids, n, &again, &err) != MOON_OK)
    return ml_fail(L, &err);
  if (again != n || memcmp(half, ids, some * sizeof *ids) != 0)
    return luaL_error(L, "the ids depend on the room for them");
  lua_createtable(L, n < INT_MAX ? (int)n : INT_MAX, 0);
  for (size_t i = 0; i < n; i++) {
    lua_pushinteger(L, ids[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/* How many ids there are: one pass, nothing made in Lua. */
static int tokenizer_length(lua_State *L) {
  const mn_tokenizer *tok = check(L);
  size_t len, n;
  const char *text = luaL_checklstring(L, 2, &len);
  moon_error err;
  if (mn_tokenizer_encode(tok, text, len, lua_toboolean(L, 3), NULL, 0, &n, &err) != MOON_OK)
    return ml_fail(L, &err);
  lua_pushinteger(L, (lua_Integer)n);
  return 1;
}

static int tokenizer_decode(lua_State *L) {
  const mn_tokenizer *tok = check(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  size_t n = lua_rawlen(L, 2), len, again;
  moon_error err;
  int32_t *ids = lua_newuserdatauv(L, n * sizeof *ids, 0);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, 2, (lua_Integer)i + 1);
    ids[i] = (int32_t)luaL_checkinteger(L, -1);
    lua_pop(L, 1);
  }
  if (mn_tokenizer_decode(tok, ids, n, NULL, 0, &len, &err) != MOON_OK) return ml_fail(L, &err);
  size_t some = len / 2;
  char *half = lua_newuserdatauv(L, some, 0), *text = lua_newuserdatauv(L, len, 0);
  if (mn_tokenizer_decode(tok, ids, n, half, some, &again, &err) != MOON_OK ||
      mn_tokenizer_decode(tok, ids, n, text, len, &again, &err) != MOON_OK)
    return ml_fail(L, &err);
  if (again != len || memcmp(half, text, some) != 0)
    return luaL_error(L, "the text depends on the room for it");
  lua_pushlstring(L, text, len);
  return 1;
}

static int tokenizer_piece(lua_State *L) {
  size_t len;
  const char *piece = mn_tokenizer_piece(check(L), (int32_t)luaL_checkinteger(L, 2), &len);
  if (piece) lua_pushlstring(L, piece, len);
  else lua_pushnil(L);
  return 1;
}

static int tokenizer_find(lua_State *L) {
  size_t len;
  const char *piece = luaL_checklstring(L, 2, &len);
  lua_pushinteger(L, mn_tokenizer_find(check(L), piece, len));
  return 1;
}

static int tokenizer_kind(lua_State *L) {
  static const char *const names[] = {"normal", "unknown", "control", "user", "byte", "unused"};
  lua_pushstring(L, names[mn_tokenizer_kind(check(L), (int32_t)luaL_checkinteger(L, 2))]);
  return 1;
}

static int tokenizer_count(lua_State *L) {
  lua_pushinteger(L, mn_tokenizer_count(check(L)));
  return 1;
}

static int tokenizer_bos(lua_State *L) {
  lua_pushinteger(L, mn_tokenizer_bos(check(L)));
  return 1;
}

static int tokenizer_eos(lua_State *L) {
  lua_pushinteger(L, mn_tokenizer_eos(check(L)));
  return 1;
}

static int utf8_whole(lua_State *L) {
  size_t len;
  const char *bytes = luaL_checklstring(L, 1, &len);
  lua_pushinteger(L, (lua_Integer)moon_utf8_whole(bytes, len));
  return 1;
}

static const luaL_Reg memory_methods[] = {
  {"fail", memory_fail}, {"calls", memory_calls}, {"live", memory_live}, {NULL, NULL}
};

static const luaL_Reg tokenizer_methods[] = {
  {"encode", tokenizer_encode}, {"length", tokenizer_length}, {"decode", tokenizer_decode},
  {"piece", tokenizer_piece}, {"find", tokenizer_find}, {"kind", tokenizer_kind},
  {"count", tokenizer_count}, {"bos", tokenizer_bos}, {"eos", tokenizer_eos}, {NULL, NULL}
};

static const luaL_Reg functions[] = {
  {"memory", memory_new}, {"parse", tokenizer_parse}, {"utf8_whole", utf8_whole}, {NULL, NULL}
};

MOON_API int luaopen_moonlet_debug_text(lua_State *L);
int luaopen_moonlet_debug_text(lua_State *L) {
  ml_type(L, tokenizer_type, tokenizer_methods, NULL, tokenizer_close);
  luaL_newmetatable(L, memory_type);
  lua_newtable(L);
  luaL_setfuncs(L, memory_methods, 0);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
