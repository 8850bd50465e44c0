/* debug_gguf.c: moonlet.debug.gguf, the specs' window on GGUF files and on vocabularies.
**
** Bytes are read in a block of exactly their size, so that AddressSanitizer sees a read behind
** them. */
#include <stdlib.h>
#include <string.h>

#include "core/model/interop.h"
#include "core/text/pieces.h"
#include "lua/compat.h"

static int push_failure(lua_State *L, moon_status status, const moon_error *err) {
  lua_pushnil(L);
  lua_pushstring(L, err->message);
  lua_pushstring(L, moon_status_name(status));
  return 3;
}

static void set_whole(lua_State *L, const char *key, lua_Integer value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, key);
}

static void set_flag(lua_State *L, const char *key, bool value) {
  lua_pushboolean(L, value);
  lua_setfield(L, -2, key);
}

static void push_span(lua_State *L, const mn_span *span) {
  lua_newtable(L);
  lua_pushstring(L, span->name);
  lua_setfield(L, -2, "name");
  lua_pushstring(L, span->foreign ? span->foreign : moon_dtype_name(span->dtype));
  lua_setfield(L, -2, "dtype");
  set_flag(L, "foreign", span->foreign != NULL);
  if (!span->foreign) {
    lua_pushlstring(L, span->bytes, span->size);
    lua_setfield(L, -2, "bytes");
  }
  lua_newtable(L);
  for (int i = 0; i < span->rank; i++) {
    lua_pushinteger(L, (lua_Integer)span->shape[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, "shape");
}

/* {{text=, score=, type=}, ..., bos=, eos=, and the flags}. */
static void push_pieces(lua_State *L, const mn_tokenizer *tok) {
  mn_arena arena;
  mn_pieces p;
  mn_arena_growing(&arena, mn_alloc_default(NULL, NULL), SIZE_MAX);
  if (mn_pieces_of(tok, &arena, &p, NULL) != MOON_OK) luaL_error(L, "out of memory");
  lua_newtable(L);
  for (size_t i = 0; i < p.count; i++) {
    lua_newtable(L);
    lua_pushlstring(L, p.items[i].text, p.items[i].len);
    lua_setfield(L, -2, "text");
    lua_pushnumber(L, (lua_Number)p.items[i].score);
    lua_setfield(L, -2, "score");
    set_whole(L, "type", p.items[i].type);
    lua_rawseti(L, -2, (int)i + 1);
  }
  set_whole(L, "bos", p.bos);
  set_whole(L, "eos", p.eos);
  set_flag(L, "dummy_prefix", p.dummy_prefix);
  set_flag(L, "squeeze_spaces", p.squeeze_spaces);
  lua_pushlstring(L, p.unknown, p.unknown_len);
  lua_setfield(L, -2, "unknown");
  lua_pushlstring(L, p.table ? (const char *)p.table : "", p.table_size);
  lua_setfield(L, -2, "table");
  mn_arena_free(&arena);
}

/* tensors(bytes [, shift]) -> list | nil, message, code. */
static int tensors(lua_State *L) {
  size_t len, count;
  const char *text = luaL_checklstring(L, 1, &len);
  size_t shift = (size_t)luaL_optinteger(L, 2, 0);
  mn_span *spans;
  moon_error err;
  mn_arena arena;
  mn_arena_growing(&arena, mn_alloc_default(NULL, NULL), SIZE_MAX);
  uint8_t *copy = malloc(len + shift > 0 ? len + shift : 1);
  if (!copy) return luaL_error(L, "out of memory");
  memcpy(copy + shift, text, len);
  moon_status status = mn_gguf_parse(&arena, copy + shift, len, "file", &spans, &count, &err);
  if (status == MOON_OK) status = mn_spans_fill(spans, count, &arena, &err);
  if (status == MOON_OK) {
    lua_newtable(L);
    for (size_t i = 0; i < count; i++) {
      push_span(L, &spans[i]);
      lua_rawseti(L, -2, (int)i + 1);
    }
  }
  mn_arena_free(&arena);
  free(copy);
  return status == MOON_OK ? 1 : push_failure(L, status, &err);
}

/* config(bytes) -> the config.json that it stands for; pieces(bytes [, rewritten]) -> the
** vocabulary, false when there is none; rewritten: what the bytes are once the header has been
** checked, as of a mapped file that somebody writes to. Both | nil, message, code. */
static int inside(lua_State *L, bool want_config) {
  size_t len, new_len = 0;
  const char *text = luaL_checklstring(L, 1, &len);
  const char *rewritten = lua_isnoneornil(L, 2) ? text : luaL_checklstring(L, 2, &new_len);
  luaL_argcheck(L, rewritten == text || new_len == len, 2, "wants as many bytes");
  const mn_alloc alloc = mn_alloc_default(NULL, NULL);
  mn_gguf file;
  mn_arena arena;
  moon_config config;
  mn_tokenizer *tok = NULL;
  moon_error err;
  mn_arena_growing(&arena, alloc, SIZE_MAX);
  uint8_t *copy = malloc(len ? len : 1);
  if (!copy) return luaL_error(L, "out of memory");
  memcpy(copy, text, len);
  moon_status status = mn_gguf_read(&arena, copy, len, "file", &file, &err);
  memcpy(copy, rewritten, len);
  if (status == MOON_OK && want_config) status = mn_gguf_config_of(&alloc, &file, &config, &err);
  if (status == MOON_OK && !want_config)
    status = mn_gguf_tokenizer_of(&alloc, &arena, &file, INT32_MAX, &tok, &err);
  mn_arena_free(&arena);
  free(copy);
  if (status != MOON_OK) return push_failure(L, status, &err);
  if (want_config) lua_pushstring(L, mn_config_print(&config, MOON_F32).text);
  else if (tok) push_pieces(L, tok);
  else lua_pushboolean(L, 0);
  mn_tokenizer_close(tok);
  return 1;
}

static int config(lua_State *L) { return inside(L, true); }
static int pieces(lua_State *L) { return inside(L, false); }

/* model_pieces(bytes of a tokenizer.model [, rewritten]): its vocabulary; rewritten: after a trip
** through mn_pieces_write. */
static int model_pieces(lua_State *L) {
  size_t len, size;
  const char *text = luaL_checklstring(L, 1, &len);
  const mn_alloc alloc = mn_alloc_default(NULL, NULL);
  mn_tokenizer *tok = NULL, *again = NULL;
  mn_arena arena;
  mn_pieces p;
  uint8_t *bytes;
  moon_error err;
  mn_arena_growing(&arena, alloc, SIZE_MAX);
  moon_status status =
      mn_tokenizer_parse(&alloc, (const uint8_t *)text, len, "file", &tok, &err);
  if (status == MOON_OK) status = mn_pieces_of(tok, &arena, &p, &err);
  if (status == MOON_OK) status = mn_pieces_write(&p, &arena, &bytes, &size, &err);
  if (status == MOON_OK) status = mn_tokenizer_parse(&alloc, bytes, size, "again", &again, &err);
  mn_arena_free(&arena);
  if (status == MOON_OK) push_pieces(L, lua_toboolean(L, 2) ? again : tok);
  mn_tokenizer_close(tok);
  mn_tokenizer_close(again);
  return status == MOON_OK ? 1 : push_failure(L, status, &err);
}

MOON_API int luaopen_moonlet_debug_gguf(lua_State *L);

int luaopen_moonlet_debug_gguf(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"tensors", tensors}, {"config", config}, {"pieces", pieces},
    {"model_pieces", model_pieces}, {NULL, NULL},
  };
  luaL_newlib(L, functions);
  return 1;
}
