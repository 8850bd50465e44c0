/* border.c: boxes, errors, option tables and the state's engine. */
#include "lua/border.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- boxes ---- */

ml_box *ml_box_new(lua_State *L, const char *type) {
  ml_box *box = lua_newuserdatauv(L, sizeof *box, 1);
  *box = (ml_box){.type = type};
  luaL_getmetatable(L, type);
  lua_setmetatable(L, -2);
  return box;
}

/* luaL_checkudata's own message would show "moonlet.tensor expected, got userdata" for a closed
** or foreign userdata; both deserve their own sentence. */
void *ml_check(lua_State *L, int arg, const char *type) {
  return ml_take(L, luaL_checkudata(L, arg, type));
}

const ml_box *ml_check_box(lua_State *L, int arg, const char *type) {
  const ml_box *box = luaL_checkudata(L, arg, type);
  ml_take(L, box);
  return box;
}

void *ml_take(lua_State *L, const ml_box *box) {
  if (!box->object) luaL_error(L, "%s is closed", box->type);
  return box->object;
}

void *ml_test(lua_State *L, int arg, const char *type) {
  ml_box *box = lua_touserdata(L, arg);
  if (!box || !lua_getmetatable(L, arg)) return NULL;
  luaL_getmetatable(L, type);
  int same = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return same ? box->object : NULL;
}

void ml_box_fill(lua_State *L, ml_box *box, void *object, size_t bytes) {
  box->object = object;
  box->bytes = bytes;
  int kilobytes = bytes > (size_t)1 << 40 ? 1 << 30 : (int)(bytes >> 10);
  if (kilobytes > 0) lua_gc(L, LUA_GCSTEP, kilobytes);
}

void ml_fill_tensor(lua_State *L, ml_box *box, moon_tensor *t) {
  ml_box_fill(L, box, t, moon_tensor_storage_bytes(t));
}

void ml_type(lua_State *L, const char *type, const luaL_Reg *methods, const luaL_Reg *meta,
             lua_CFunction close_fn) {
  luaL_newmetatable(L, type);
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  lua_pushcfunction(L, close_fn);
  lua_setfield(L, -2, "close");
  lua_setfield(L, -2, "__index");
  if (meta) luaL_setfuncs(L, meta, 0);
  lua_pushcfunction(L, close_fn);
  lua_setfield(L, -2, "__gc");
  lua_pushcfunction(L, close_fn);
  lua_setfield(L, -2, "__close");
  lua_pushstring(L, type);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}

void ml_push_text(lua_State *L, const char *text, size_t len) {
  char copy[512];
  if (len > sizeof copy) luaL_error(L, "moonlet: a name of more than 512 bytes");
  memcpy(copy, text, len);
  lua_pushlstring(L, copy, len);
}

int ml_fail(lua_State *L, const moon_error *err) {
  if (err->code == MOON_EARG) return luaL_error(L, "%s", err->message);
  lua_pushnil(L);
  lua_pushstring(L, err->message);
  lua_pushstring(L, moon_status_name(err->code));
  return 3;
}

/* ---- option tables ---- */

/* Pushes the field, or leaves nothing and returns 0 when there is none. */
static int push_field(lua_State *L, int t, const char *name) {
  if (lua_isnoneornil(L, t)) return 0;
  luaL_checktype(L, t, LUA_TTABLE);
  lua_getfield(L, t, name);
  if (!lua_isnil(L, -1)) return 1;
  lua_pop(L, 1);
  return 0;
}

static int wrong_type(lua_State *L, const char *name, const char *wanted) {
  return luaL_error(L, "option '%s' wants %s, got %s", name, wanted, luaL_typename(L, -1));
}

/* %g, which lua_pushfstring lacks, writes whole numbers as such. */
static int wrong_range(lua_State *L, const char *name, double least, double most, double got) {
  char range[100];
  snprintf(range, sizeof range, "%.10g to %.10g, got %.10g", least, most, got);
  return luaL_error(L, "option '%s' wants %s", name, range);
}

lua_Integer ml_opt_integer(lua_State *L, int t, const char *name, lua_Integer fallback,
                           lua_Integer least, lua_Integer most) {
  if (!push_field(L, t, name)) return fallback;
  double number = lua_tonumber(L, -1);
  if (lua_type(L, -1) != LUA_TNUMBER || number != floor(number))
    wrong_type(L, name, "a whole number");
  if (number < (double)least || number > (double)most)
    wrong_range(L, name, (double)least, (double)most, number);
  lua_Integer value = lua_tointeger(L, -1);
  lua_pop(L, 1);
  return value;
}

double ml_opt_number(lua_State *L, int t, const char *name, double fallback, double least,
                     double most) {
  if (!push_field(L, t, name)) return fallback;
  if (lua_type(L, -1) != LUA_TNUMBER) wrong_type(L, name, "a number");
  double value = lua_tonumber(L, -1);
  if (!(value >= least && value <= most))
    wrong_range(L, name, least, most, value);
  lua_pop(L, 1);
  return value;
}

const char *ml_opt_string(lua_State *L, int t, const char *name, const char *fallback) {
  if (!push_field(L, t, name)) return fallback;
  if (lua_type(L, -1) != LUA_TSTRING) wrong_type(L, name, "a string");
  return lua_tostring(L, -1);
}

int ml_opt_choice(lua_State *L, int t, const char *who, const char *name,
                  const char *const *choices) {
  const char *given = ml_opt_string(L, t, name, NULL);
  if (!given) return -1;
  for (int i = 0; choices[i]; i++)
    if (strcmp(given, choices[i]) == 0) {
      lua_pop(L, 1);
      return i;
    }
  luaL_Buffer list;
  luaL_buffinit(L, &list);
  for (size_t i = 0; choices[i]; i++) {
    if (i > 0) luaL_addstring(&list, choices[i + 1] ? ", " : " or ");
    luaL_addstring(&list, choices[i]);
  }
  luaL_pushresult(&list);
  return luaL_error(L, "%s: option '%s' wants %s, got \"%s\"", who, name, lua_tostring(L, -1),
                    given);
}

int ml_opt_boolean(lua_State *L, int t, const char *name, int fallback) {
  if (!push_field(L, t, name)) return fallback;
  if (lua_type(L, -1) != LUA_TBOOLEAN) wrong_type(L, name, "true or false");
  int value = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return value;
}

enum { LONGEST_NAME = 40 };

/* Levenshtein distance of two short names. */
static int distance(const char *a, const char *b) {
  int row[LONGEST_NAME + 1];
  int lb = (int)strlen(b);
  if (lb > LONGEST_NAME || strlen(a) > LONGEST_NAME) return LONGEST_NAME;
  for (int j = 0; j <= lb; j++) row[j] = j;
  for (int i = 1; a[i - 1]; i++) {
    int diagonal = row[0];
    row[0] = i;
    for (int j = 1; j <= lb; j++) {
      int change = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      int shift = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
      row[j] = change < shift ? change : shift;
    }
  }
  return row[lb];
}

static const char *nearest(const char *name, const char *const *names) {
  const char *best = names[0];
  for (; *names; names++)
    if (distance(name, *names) < distance(name, best)) best = *names;
  return best;
}

static int listed(const char *name, const char *const *names) {
  for (; *names; names++)
    if (strcmp(name, *names) == 0) return 1;
  return 0;
}

void ml_opt_known(lua_State *L, int t, const char *who, const char *const *names) {
  if (lua_isnoneornil(L, t)) return;
  luaL_checktype(L, t, LUA_TTABLE);
  t = lua_absindex(L, t);
  for (lua_pushnil(L); lua_next(L, t); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING)
      luaL_error(L, "%s: option names are strings, got a %s", who, luaL_typename(L, -2));
    const char *name = lua_tostring(L, -2);
    if (!listed(name, names))
      luaL_error(L, "%s: no option '%s'; did you mean '%s'?", who, name, nearest(name, names));
  }
}

/* ---- the engine of this lua_State ---- */

static const char engine_type[] = "moonlet.engine";

static int close_engine(lua_State *L) {
  ml_box *box = luaL_checkudata(L, 1, engine_type);
  moon_engine_close(box->object);
  box->object = NULL;
  return 0;
}

moon_engine *ml_engine(lua_State *L) {
  static const luaL_Reg none[] = {{NULL, NULL}};
  static const char key[] = "moonlet.engine.default";
  lua_getfield(L, LUA_REGISTRYINDEX, key);
  ml_box *box = lua_touserdata(L, -1);
  lua_pop(L, 1);
  if (box && !box->object) luaL_error(L, "moonlet: this lua_State is closing");
  if (box) return box->object;

  ml_type(L, engine_type, none, NULL, close_engine);
  box = ml_box_new(L, engine_type);
  moon_engine *engine;
  moon_error err;
  if (moon_engine_open(NULL, &engine, &err) != MOON_OK) luaL_error(L, "%s", err.message);
  box->object = engine;
  lua_setfield(L, LUA_REGISTRYINDEX, key);
  return engine;
}
