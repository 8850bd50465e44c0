/* debug_formats.c: moonlet.debug.formats, the specs' window on core/base/json, file and on
** core/formats.
**
** Functions give their result, or nil, message, code. Parsers get the bytes in a block of exactly
** their size, so that AddressSanitizer sees a read behind them. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/formats/checkpoint.h"
#include "core/formats/safetensors.h"
#include "core/formats/torchzip.h"
#include "lua/compat.h"

/* ---- an allocator that counts, and fails when it is told to ---- */

typedef struct meter {
  size_t calls, live;           /* allocations so far; bytes that are out */
  size_t fail_at;               /* the allocation that fails, from 1; 0: none */
  bool onwards;                 /* and all after it */
} meter;

static void *metered(void *data, void *ptr, size_t old_size, size_t new_size) {
  meter *m = data;
  if (new_size == 0) {
    m->live -= ptr ? old_size : 0;
    free(ptr);
    return NULL;
  }
  m->calls++;
  if (m->fail_at && (m->calls == m->fail_at || (m->onwards && m->calls > m->fail_at))) return NULL;
  void *block = realloc(ptr, new_size);
  if (block) m->live += new_size - (ptr ? old_size : 0);
  return block;
}

/* ---- results ---- */

static int push_failure(lua_State *L, moon_status status, const moon_error *err) {
  lua_pushnil(L);
  lua_pushstring(L, err->message);
  lua_pushstring(L, moon_status_name(status));
  return 3;
}

static void push_json(lua_State *L, const mn_json *node) {
  luaL_checkstack(L, 4, "JSON");
  switch (node->type) {
    case MN_JSON_NULL: lua_pushlightuserdata(L, NULL); return;
    case MN_JSON_BOOL: lua_pushboolean(L, node->boolean); return;
    case MN_JSON_INT: lua_pushinteger(L, node->integer); return;
    case MN_JSON_NUMBER: lua_pushnumber(L, node->number); return;
    case MN_JSON_STRING: lua_pushlstring(L, node->text, node->text_len); return;
    case MN_JSON_ARRAY: case MN_JSON_OBJECT: break;
  }
  lua_newtable(L);
  int i = 1;
  for (const mn_json *c = node->first; c; c = c->next) {
    if (node->type == MN_JSON_OBJECT) lua_pushlstring(L, c->key, c->key_len);
    else lua_pushinteger(L, i++);
    push_json(L, c);
    lua_rawset(L, -3);
  }
}

static void push_span(lua_State *L, const mn_span *span, bool with_bytes) {
  static const char *const names[] = {"F32", "BF16", "F16", "I32", "I8", "Q8", "Q4"};
  lua_newtable(L);
  lua_pushstring(L, span->name);
  lua_setfield(L, -2, "name");
  lua_pushstring(L, span->foreign ? span->foreign : names[span->dtype]);
  lua_setfield(L, -2, "dtype");
  lua_pushboolean(L, span->foreign != NULL);
  lua_setfield(L, -2, "foreign");
  lua_pushinteger(L, (lua_Integer)span->size);
  lua_setfield(L, -2, "size");
  size_t width = span->foreign ? 1 : mn_file_dtype_of(span->dtype)->bits / 8;
  lua_pushboolean(L, (uintptr_t)span->bytes % width == 0);
  lua_setfield(L, -2, "aligned");
  if (with_bytes && span->bytes) {
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

/* ---- json(text [, lax]) and json_get(text, key) ---- */

static int json(lua_State *L) {
  size_t len;
  const char *text = luaL_checklstring(L, 1, &len);
  bool lax = lua_toboolean(L, 2);
  const mn_json *root = NULL;
  moon_error err = {0};
  mn_arena arena;
  mn_arena_growing(&arena, mn_alloc_default(NULL, NULL), SIZE_MAX);
  char *copy = malloc(len ? len : 1);
  if (!copy) return luaL_error(L, "out of memory");
  memcpy(copy, text, len);
  moon_status status = lax ? mn_json_parse_lax(&arena, copy, len, "text", &root, &err)
                           : mn_json_parse(&arena, copy, len, "text", &root, &err);
  free(copy);
  if (status == MOON_OK) push_json(L, root);
  mn_arena_free(&arena);
  return status == MOON_OK ? 1 : push_failure(L, status, &err);
}

static int json_get(lua_State *L) {
  size_t len;
  const char *text = luaL_checklstring(L, 1, &len), *key = luaL_checkstring(L, 2);
  const mn_json *root = NULL;
  moon_error err = {0};
  mn_arena arena;
  mn_arena_growing(&arena, mn_alloc_default(NULL, NULL), SIZE_MAX);
  moon_status status = mn_json_parse(&arena, text, len, "text", &root, &err);
  const mn_json *found = status == MOON_OK ? mn_json_get(root, key) : NULL;
  if (found) push_json(L, found);
  else lua_pushnil(L);
  mn_arena_free(&arena);
  return 1;
}

/* ---- safetensors(bytes [, shift]), torchzip(...): list of tensors, bytes of the arena ---- */

typedef moon_status parser(mn_arena *arena, const uint8_t *bytes, size_t size, const char *name,
                           mn_span **spans, size_t *count, moon_error *err);

static int parse(lua_State *L, parser *fn) {
  size_t len, count;
  const char *text = luaL_checklstring(L, 1, &len);
  size_t shift = (size_t)luaL_optinteger(L, 2, 0);      /* moves the bytes off their alignment */
  mn_span *spans;
  moon_error err;
  mn_arena arena;
  mn_arena_growing(&arena, mn_alloc_default(NULL, NULL), SIZE_MAX);
  uint8_t *copy = malloc(len + shift > 0 ? len + shift : 1);
  if (!copy) return luaL_error(L, "out of memory");
  memcpy(copy + shift, text, len);
  moon_status status = fn(&arena, copy + shift, len, "file", &spans, &count, &err);
  if (status == MOON_OK) status = mn_spans_fill(spans, count, &arena, &err);
  if (status == MOON_OK) {
    lua_newtable(L);
    for (size_t i = 0; i < count; i++) {
      push_span(L, &spans[i], true);
      lua_rawseti(L, -2, (int)i + 1);
    }
    lua_pushinteger(L, (lua_Integer)arena.total);
  }
  mn_arena_free(&arena);
  free(copy);
  return status == MOON_OK ? 2 : push_failure(L, status, &err);
}

static int safetensors(lua_State *L) { return parse(L, mn_safetensors_parse); }
static int torchzip(lua_State *L) { return parse(L, mn_torchzip_parse); }

/* ---- open(path [, {fail_at=, onwards=, bytes=}]) ---- */

/* A list of tensors (or nil, message, code), with the allocations made as a fourth value and the
** bytes still out after closing as a fifth. */
static int open_path(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  meter m = {0};
  bool with_bytes = false;
  if (lua_istable(L, 2)) {
    lua_getfield(L, 2, "fail_at");
    lua_getfield(L, 2, "onwards");
    lua_getfield(L, 2, "bytes");
    m.fail_at = (size_t)lua_tointeger(L, -3);
    m.onwards = lua_toboolean(L, -2);
    with_bytes = lua_toboolean(L, -1);
  }
  moon_engine_options options = moon_engine_defaults();
  options.threads = 1;
  options.alloc = metered;
  options.alloc_data = &m;
  moon_engine *engine;
  mn_checkpoint *ck = NULL;
  moon_error err = {0};
  moon_status status = moon_engine_open(&options, &engine, &err);
  if (status == MOON_OK) {
    status = mn_checkpoint_open(engine, path, &ck, &err);
    moon_engine_close(engine);
  }
  if (status == MOON_OK) status = mn_checkpoint_fill(ck, &err);
  if (status == MOON_OK) {
    lua_newtable(L);
    for (size_t i = 0; i < mn_checkpoint_count(ck); i++) {
      push_span(L, mn_checkpoint_at(ck, i), with_bytes);
      lua_rawseti(L, -2, (int)i + 1);
    }
    lua_pushstring(L, mn_checkpoint_path(ck));
    lua_pushnil(L);
  } else {
    push_failure(L, status, &err);
  }
  mn_checkpoint_close(ck);
  lua_pushinteger(L, (lua_Integer)m.calls);
  lua_pushinteger(L, (lua_Integer)m.live);
  return 5;
}

/* find(path, name): the tensor, as mn_span_check lets it through. */
static int find(lua_State *L) {
  const char *path = luaL_checkstring(L, 1), *name = luaL_checkstring(L, 2);
  moon_engine_options options = moon_engine_defaults();
  options.threads = 1;
  moon_engine *engine;
  mn_checkpoint *ck = NULL;
  moon_error err = {0};
  moon_status status = moon_engine_open(&options, &engine, &err);
  if (status != MOON_OK) return push_failure(L, status, &err);
  status = mn_checkpoint_open(engine, path, &ck, &err);
  moon_engine_close(engine);
  if (status == MOON_OK) status = mn_checkpoint_fill(ck, &err);
  if (status == MOON_OK) {
    const mn_span *span = mn_checkpoint_find(ck, name);
    status = mn_span_check(ck, span, name, &err);
    if (status == MOON_OK) push_span(L, span, true);
  }
  mn_checkpoint_close(ck);
  return status == MOON_OK ? 1 : push_failure(L, status, &err);
}

/* merged(path, adapter's folder): the weights and mapped of a plan with it, in bytes. */
static int merged(lua_State *L) {
  moon_load_options options = moon_load_defaults();
  moon_engine *engine;
  moon_plan plan;
  moon_error err;
  const char *path = luaL_checkstring(L, 1);
  options.adapter = luaL_checkstring(L, 2);
  moon_status status = moon_engine_open(NULL, &engine, &err);
  if (status != MOON_OK) return push_failure(L, status, &err);
  status = moon_model_plan(engine, path, &options, NULL, &plan, &err);
  moon_engine_close(engine);
  if (status != MOON_OK) return push_failure(L, status, &err);
  lua_pushinteger(L, (lua_Integer)plan.weights);
  lua_pushinteger(L, (lua_Integer)plan.mapped);
  return 2;
}

/* ---- save(path, {{name=, dtype=, shape=, bytes=}, ...} [, {fail_at=, file_limit=}]) ---- */

static const char *get_string(lua_State *L, int t, const char *field, size_t *len) {
  lua_getfield(L, t, field);
  const char *text = luaL_checklstring(L, -1, len);
  lua_pop(L, 1);                /* the table keeps it */
  return text;
}

static moon_dtype get_dtype(lua_State *L, int t) {
  const mn_file_dtype *dtype = NULL;
  size_t len;
  const char *name = get_string(L, t, "dtype", &len);
  dtype = mn_file_dtype_find(name, len);
  if (strcmp(name, "Q8") == 0) return MOON_Q8;
  if (strcmp(name, "Q4") == 0) return MOON_Q4;
  if (!dtype || dtype->foreign) luaL_error(L, "dtype %s cannot be saved", name);
  return dtype->dtype;
}

/* Spans in a userdata on top of the stack; they borrow from the table at index 2. */
static mn_span *get_spans(lua_State *L, size_t *n) {
  *n = lua_rawlen(L, 2);
  mn_span *spans = lua_newuserdatauv(L, (*n + 1) * sizeof *spans, 0);
  for (size_t i = 0; i < *n; i++) {
    size_t name_len;
    lua_rawgeti(L, 2, (int)i + 1);
    int t = lua_gettop(L);
    spans[i] = (mn_span){.dtype = get_dtype(L, t)};
    spans[i].name = get_string(L, t, "name", &name_len);
    spans[i].bytes = get_string(L, t, "bytes", &spans[i].size);
    lua_getfield(L, t, "shape");
    spans[i].rank = (int)lua_rawlen(L, -1);
    for (int k = 0; k < spans[i].rank && k < MOON_MAX_RANK; k++) {
      lua_rawgeti(L, t + 1, k + 1);
      spans[i].shape[k] = (size_t)lua_tointeger(L, -1);
      lua_pop(L, 1);
    }
    lua_pop(L, 2);
  }
  return spans;
}

static int save(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  size_t n;
  meter m = {0};
  if (lua_istable(L, 3)) {
    lua_getfield(L, 3, "fail_at");
    m.fail_at = (size_t)lua_tointeger(L, -1);
  }
  mn_span *spans = get_spans(L, &n);
  mn_alloc alloc = mn_alloc_default(metered, &m);
  moon_error err = {0};
  moon_status status = mn_safetensors_save(&alloc, path, spans, n, &err);
  lua_settop(L, 0);
  if (status == MOON_OK) {
    lua_pushboolean(L, true);
    lua_pushnil(L);
    lua_pushnil(L);
  } else {
    push_failure(L, status, &err);
  }
  lua_pushinteger(L, (lua_Integer)m.calls);
  lua_pushinteger(L, (lua_Integer)m.live);
  return 5;
}

/* save_limited(path, tensors, bytes): saves in a child process whose files may not grow over
** `bytes`, as on a full disk. The status's name; "gone" if the child died. */
static int save_limited(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  rlim_t most = (rlim_t)luaL_checkinteger(L, 3);
  size_t n;
  mn_span *spans = get_spans(L, &n);
  pid_t child = fork();
  if (child == 0) {
    struct rlimit limit = {most, most};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    mn_alloc alloc = mn_alloc_default(NULL, NULL);
    _exit((int)mn_safetensors_save(&alloc, path, spans, n, NULL));
  }
  int result = 0;
  bool ended = child > 0 && waitpid(child, &result, 0) == child && WIFEXITED(result);
  lua_pushstring(L, ended ? moon_status_name((moon_status)WEXITSTATUS(result)) : "gone");
  return 1;
}

/* write(path, text, pieces [, "commit" | "discard" | "kill"]): text in pieces of so many bytes;
** "kill" ends a child process with SIGKILL after the last piece. */
static int write_file(lua_State *L) {
  size_t len;
  const char *path = luaL_checkstring(L, 1), *text = luaL_checklstring(L, 2, &len);
  size_t piece = (size_t)luaL_checkinteger(L, 3);
  const char *end = luaL_optstring(L, 4, "commit");
  bool kills = strcmp(end, "kill") == 0;
  pid_t child = kills ? fork() : 0;
  if (child != 0) {
    int result = 0;
    waitpid(child, &result, 0);
    lua_pushboolean(L, WIFSIGNALED(result));
    return 1;
  }
  mn_alloc alloc = mn_alloc_default(NULL, NULL);
  mn_writer *writer;
  moon_error err;
  moon_status status = mn_writer_open(&alloc, path, &writer, &err);
  for (size_t at = 0; at < len && status == MOON_OK; at += piece)
    status = mn_writer_append(writer, text + at, len - at < piece ? len - at : piece, &err);
  if (kills) kill(getpid(), SIGKILL);
  if (status == MOON_OK && strcmp(end, "commit") == 0) status = mn_writer_commit(writer, &err);
  else mn_writer_discard(writer);
  lua_pushboolean(L, true);
  return status == MOON_OK ? 1 : push_failure(L, status, &err);
}

/* ---- map(path), read(path, limit) ---- */

static int map(lua_State *L) {
  mn_map m;
  moon_error err;
  moon_status status = mn_map_open(luaL_checkstring(L, 1), &m, &err);
  if (status != MOON_OK) return push_failure(L, status, &err);
  lua_pushlstring(L, (const char *)m.bytes, m.size);
  mn_map_close(&m);
  mn_map_close(&m);
  return 1;
}

static int read_file(lua_State *L) {
  mn_alloc alloc = mn_alloc_default(NULL, NULL);
  char *bytes;
  size_t size;
  moon_error err;
  moon_status status = mn_file_read(&alloc, luaL_checkstring(L, 1),
                                    (size_t)luaL_checkinteger(L, 2), &bytes, &size, &err);
  if (status != MOON_OK) return push_failure(L, status, &err);
  lua_pushlstring(L, bytes, size);
  lua_pushboolean(L, bytes[size] == '\0');
  mn_free(&alloc, bytes);
  return 2;
}

/* ---- the module ---- */

MOON_API int luaopen_moonlet_debug_formats(lua_State *L);

int luaopen_moonlet_debug_formats(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"json", json}, {"json_get", json_get}, {"safetensors", safetensors},
    {"torchzip", torchzip}, {"open", open_path}, {"find", find}, {"merged", merged}, {"save", save},
    {"save_limited", save_limited}, {"write", write_file}, {"map", map}, {"read", read_file},
    {NULL, NULL},
  };
  luaL_newlib(L, functions);
  return 1;
}
