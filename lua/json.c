/* json.c: the small module moonlet.jsontext: JSON text to Lua values.
**
** What: decode(text, options) and the values that only JSON has: null, and the marks that tell an
**   array from an object and keep the order of keys. scripts/moonlet/json.lua is its face.
** How: core/base/json reads the text into a tree; the tree becomes tables. A table's metatable is
**   its mark: one for all arrays, one of its own, { __keys = names in order }, for each object.
** Invariants: the tree lies in a userdata's arena, so that a throw between leaks nothing; integers
**   of 64 bits stay integers where Lua has them; as deep as core's cap, no deeper. */
#include <stdint.h>
#include <string.h>

#include "core/base/json.h"
#include "lua/model.h"

enum { MAX_BYTES = 16 << 20 };

static const char tree_type[] = "moonlet.jsontree";

/* Upvalues of decode. */
enum { ARRAY_MARK = 1, NULL_VALUE = 2 };

static int tree_free(lua_State *L) {
  mn_arena_free(luaL_checkudata(L, 1, tree_type));
  return 0;
}

static mn_arena *push_tree(lua_State *L) {
  mn_arena *arena = lua_newuserdatauv(L, sizeof *arena, 0);
  mn_arena_growing(arena, mn_alloc_default(NULL, NULL), SIZE_MAX);
  if (luaL_newmetatable(L, tree_type)) {
    lua_pushcfunction(L, tree_free);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  return arena;
}

/* ---- from tree to tables ---- */

typedef struct walk {
  lua_State *L;
  int deepest;                  /* tables within tables that the caller allows */
  const mn_json *beyond;        /* the first that lay deeper */
} walk;

static void push_value(walk *w, const mn_json *value, int depth);

static int some(size_t count) { return count < 1 << 20 ? (int)count : 1 << 20; }

static void push_array(walk *w, const mn_json *array, int depth) {
  lua_createtable(w->L, some(array->count), 0);
  lua_Integer i = 0;
  for (const mn_json *item = array->first; item && !w->beyond; item = item->next) {
    push_value(w, item, depth);
    lua_rawseti(w->L, -2, ++i);
  }
  lua_pushvalue(w->L, lua_upvalueindex(ARRAY_MARK));
  lua_setmetatable(w->L, -2);
}

/* Of a key that is there twice, the last value stands at the first one's place. */
static void push_object(walk *w, const mn_json *object, int depth) {
  lua_State *L = w->L;
  lua_createtable(L, 0, some(object->count));
  lua_createtable(L, some(object->count), 0);
  lua_Integer n = 0;
  for (const mn_json *member = object->first; member && !w->beyond; member = member->next) {
    lua_pushlstring(L, member->key, member->key_len);
    lua_pushvalue(L, -1);
    lua_rawget(L, -4);
    bool again = !lua_isnil(L, -1);
    lua_pop(L, 1);
    if (!again) {
      lua_pushvalue(L, -1);
      lua_rawseti(L, -3, ++n);
    }
    push_value(w, member, depth);
    lua_rawset(L, -4);
  }
  lua_createtable(L, 0, 1);
  lua_insert(L, -2);
  lua_setfield(L, -2, "__keys");
  lua_setmetatable(L, -2);
}

static void push_table(walk *w, const mn_json *value, int depth) {
  luaL_checkstack(w->L, 8, "json");
  if (depth > w->deepest) {
    w->beyond = value;
    lua_newtable(w->L);
  } else if (value->type == MN_JSON_ARRAY) {
    push_array(w, value, depth);
  } else {
    push_object(w, value, depth);
  }
}

static void push_value(walk *w, const mn_json *value, int depth) {
  lua_State *L = w->L;
  switch (value->type) {
    case MN_JSON_NULL: lua_pushvalue(L, lua_upvalueindex(NULL_VALUE)); break;
    case MN_JSON_BOOL: lua_pushboolean(L, value->boolean); break;
    case MN_JSON_INT: {
      lua_Integer integer = (lua_Integer)value->integer;
      if (integer == value->integer) lua_pushinteger(L, integer);
      else lua_pushnumber(L, value->number);
      break;
    }
    case MN_JSON_NUMBER: lua_pushnumber(L, value->number); break;
    case MN_JSON_STRING: lua_pushlstring(L, value->text, value->text_len); break;
    case MN_JSON_ARRAY: case MN_JSON_OBJECT: push_table(w, value, depth + 1); break;
  }
}

/* ---- the module ---- */

static int refuse(lua_State *L, const char *name, const char *problem, size_t number) {
  lua_pushnil(L);
  lua_pushfstring(L, "%s: %s %d", name, problem, (int)number);
  lua_pushliteral(L, "format");
  return 3;
}

/* decode(text, { depth = 128, bytes = 16 MiB, strict = false, name = "json" }) -> value
** | nil, message, code. strict refuses a key that is there twice. */
static int decode(lua_State *L) {
  static const char *const names[] = {"depth", "bytes", "strict", "name", NULL};
  size_t len;
  luaL_checktype(L, 1, LUA_TSTRING);
  const char *text = lua_tolstring(L, 1, &len);
  lua_settop(L, 2);
  ml_opt_known(L, 2, "json.decode", names);
  const char *name = ml_opt_string(L, 2, "name", "json");
  lua_Integer bytes = ml_opt_integer(L, 2, "bytes", MAX_BYTES, 0, INT32_MAX);
  walk w = {.L = L};
  w.deepest = (int)ml_opt_integer(L, 2, "depth", MN_JSON_DEPTH, 0, MN_JSON_DEPTH);
  bool strict = ml_opt_boolean(L, 2, "strict", 0);
  if (len > (size_t)bytes) return refuse(L, name, "the text has more bytes than", (size_t)bytes);
  mn_arena *arena = push_tree(L);
  const mn_json *root;
  moon_error err;
  moon_status status = strict ? mn_json_parse(arena, text, len, name, &root, &err)
                              : mn_json_parse_lax(arena, text, len, name, &root, &err);
  if (status == MOON_OK) push_value(&w, root, 0);
  size_t beyond = w.beyond ? w.beyond->position + 1 : 0;
  mn_arena_free(arena);
  if (status != MOON_OK) return ml_fail(L, &err);
  if (beyond) return refuse(L, name, "nested more deeply than allowed at byte", beyond);
  return 1;
}

static int null_text(lua_State *L) {
  lua_pushliteral(L, "null");
  return 1;
}

static int null_change(lua_State *L) {
  return luaL_error(L, "json.null cannot be changed");
}

static void push_null(lua_State *L) {
  lua_newtable(L);
  lua_createtable(L, 0, 3);
  lua_pushcfunction(L, null_text);
  lua_setfield(L, -2, "__tostring");
  lua_pushcfunction(L, null_change);
  lua_setfield(L, -2, "__newindex");
  lua_pushliteral(L, "json.null");
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
}

int ml_json(lua_State *L) {
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "moonlet.jsonarray");
  lua_setfield(L, -2, "__name");
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "array_mark");
  push_null(L);
  lua_pushvalue(L, -1);
  lua_setfield(L, -4, "null");
  lua_pushcclosure(L, decode, 2);
  lua_setfield(L, -2, "decode");
  return 1;
}
