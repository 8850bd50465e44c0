/* tensor_files.c: tables of named tensors to and from files. What can go wrong outside the
** program gives nil, message, code; a wrong argument throws. */
#include "lua/tensor.h"

#include <stdlib.h>
#include <string.h>

static const char list_type[] = "moonlet.tensors";

typedef struct entry {
  const char *name;             /* a key of the caller's table, which keeps it alive */
  moon_tensor *t;
} entry;

static int by_name(const void *a, const void *b) {
  return strcmp(((const entry *)a)->name, ((const entry *)b)->name);
}

/* Takes the table's n entries, sorted by name. */
static void take_entries(lua_State *L, int table, entry *entries, size_t n) {
  size_t i = 0;
  for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1), i++) {
    if (lua_type(L, -2) != LUA_TSTRING)
      luaL_error(L, "save_tensors: names are strings, got a %s", luaL_typename(L, -2));
    size_t len;
    const char *name = lua_tolstring(L, -2, &len);
    if (strlen(name) != len) luaL_error(L, "save_tensors: the name '%s' contains a NUL", name);
    moon_tensor *t = ml_test(L, -1, ML_TENSOR);
    if (!t)
      luaL_error(L, "save_tensors: '%s' is a %s, expected an open tensor", name,
                 luaL_typename(L, -1));
    if (i < n) entries[i] = (entry){name, t};
  }
  if (i != n) luaL_error(L, "save_tensors: a finalizer has changed the table meanwhile");
  qsort(entries, n, sizeof *entries, by_name);
}

/* save_tensors(path, {name = tensor}): true, or nil, message, code. */
static int save_tensors(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  size_t n = 0;
  for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1)) n++;
  entry *entries = lua_newuserdatauv(L, (n + 1) * sizeof *entries, 0);
  const char **names = lua_newuserdatauv(L, (n + 1) * sizeof *names, 0);
  moon_tensor **tensors = lua_newuserdatauv(L, (n + 1) * sizeof *tensors, 0);
  take_entries(L, 2, entries, n);
  for (size_t i = 0; i < n; i++) {
    names[i] = entries[i].name;
    tensors[i] = entries[i].t;
  }
  moon_error err;
  if (moon_tensors_save(path, names, tensors, n, &err) != MOON_OK) return ml_fail(L, &err);
  lua_pushboolean(L, 1);
  return 1;
}

static int close_list(lua_State *L) {
  ml_box *box = luaL_checkudata(L, 1, list_type);
  moon_tensors_close(box->object);
  box->object = NULL;
  return 0;
}

/* load_tensors(path): a table from names to read-only tensors on the mapped file (a safetensors
** file, a pytorch_model.bin, or a directory with either), or nil, message, code. */
static int load_tensors(lua_State *L) {
  static const luaL_Reg none[] = {{NULL, NULL}};
  const char *path = luaL_checkstring(L, 1);
  moon_tensors *list;
  moon_error err;
  ml_type(L, list_type, none, NULL, close_list);
  ml_box *list_box = ml_box_new(L, list_type);
  if (moon_tensors_open(ml_engine(L), path, &list, &err) != MOON_OK) return ml_fail(L, &err);
  ml_box_fill(L, list_box, list, 0);
  size_t n = moon_tensors_count(list);
  lua_createtable(L, 0, n < 1 << 20 ? (int)n : 1 << 20);
  for (size_t i = 0; i < n; i++) {
    moon_tensor *t;
    lua_pushstring(L, moon_tensors_name(list, i));
    ml_box *box = ml_box_new(L, ML_TENSOR);
    if (moon_tensors_get(list, i, &t, &err) != MOON_OK) return ml_fail(L, &err);
    ml_fill_view(L, box, t);            /* pages of a file: not the collector's burden */
    lua_rawset(L, -3);
  }
  moon_tensors_close(list);
  list_box->object = NULL;
  return 1;
}

const luaL_Reg ml_tensor_files[] = {
  {"save_tensors", save_tensors}, {"load_tensors", load_tensors}, {NULL, NULL},
};
