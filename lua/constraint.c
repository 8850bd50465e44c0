/* constraint.c: the userdata "moonlet.constraint" and "moonlet.matcher".
**
** What: model:constraint{schema=|regex=|choices=|gbnf=}, constraint:matcher(), and what a matcher
**   tells: mask (a string of bits), allowed, forced, complete; heal for a prompt's last tokens.
** How: boxes on core's objects; a schema may be JSON text or a table that moonlet.json writes.
** Invariant: a refused token is false and a message, not a throw: it is the model's mistake. */
#include <string.h>

#include "lua/model.h"

static const char constraint_type[] = "moonlet.constraint", matcher_type[] = "moonlet.matcher";

/* ---- constraints ---- */

static moon_model *own_model(lua_State *L) { return ml_check(L, 1, "moonlet.model"); }

static moon_space space_option(lua_State *L, int t) {
  static const char *const names[] = {"none", "line", "indent"};
  const char *name = ml_opt_string(L, t, "whitespace", "indent");
  for (int i = 0; i < 3; i++)
    if (strcmp(name, names[i]) == 0) return (moon_space)i;
  luaL_error(L, "constraint: option 'whitespace' wants \"none\", \"line\" or \"indent\"");
  return MOON_SPACE_INDENT;
}

/* Field `name` of the table at 2 as text on the stack. */
static const char *text_field(lua_State *L, const char *name, size_t *len) {
  lua_getfield(L, 2, name);
  if (lua_type(L, -1) != LUA_TSTRING)
    luaL_error(L, "constraint: '%s' wants a string, got %s", name, luaL_typename(L, -1));
  return lua_tolstring(L, -1, len);
}

/* The schema as JSON text; a table or boolean goes through moonlet.json. */
static const char *schema_text(lua_State *L, size_t *len) {
  lua_getfield(L, 2, "schema");
  int type = lua_type(L, -1);
  if (type == LUA_TTABLE || type == LUA_TBOOLEAN) {
    lua_getglobal(L, "require");
    lua_pushliteral(L, "moonlet.json");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "encode");
    lua_pushvalue(L, -3);
    lua_call(L, 1, 1);
  }
  if (lua_type(L, -1) != LUA_TSTRING)
    luaL_error(L, "constraint: 'schema' wants JSON text or a table, got %s",
               luaL_typename(L, -1));
  return lua_tolstring(L, -1, len);
}

static moon_status make_choices(lua_State *L, moon_constraint **c, moon_error *err) {
  lua_getfield(L, 2, "choices");
  int list = lua_gettop(L);
  luaL_checktype(L, list, LUA_TTABLE);
  size_t n = lua_rawlen(L, list);
  const char **texts = ml_buffer(L, n, sizeof *texts);
  size_t *lens = ml_buffer(L, n, sizeof *lens);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, list, (int)(i + 1));
    if (lua_type(L, -1) != LUA_TSTRING)
      luaL_error(L, "constraint: choice %d wants a string, got %s", (int)(i + 1),
                 luaL_typename(L, -1));
    texts[i] = lua_tolstring(L, -1, &lens[i]);
    lua_pop(L, 1);              /* the list keeps it alive */
  }
  return moon_constraint_choices(own_model(L), texts, lens, n, c, err);
}

static moon_status make_schema(lua_State *L, moon_constraint **c, moon_error *err) {
  moon_constraint_options options = moon_constraint_defaults();
  size_t len;
  options.whitespace = space_option(L, 2);
  options.ordered = ml_opt_boolean(L, 2, "ordered", 0);
  options.formats = ml_opt_boolean(L, 2, "formats", 1);
  const char *text = schema_text(L, &len);
  return moon_constraint_schema(own_model(L), text, len, &options, c, err);
}

static int model_constraint(lua_State *L) {
  static const char *const names[] = {"schema", "regex", "choices", "gbnf", "whitespace",
                                      "ordered", "formats", NULL};
  own_model(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  ml_opt_known(L, 2, "constraint", names);
  int which = -1, given = 0;
  for (int i = 0; i < 4; i++) {
    lua_getfield(L, 2, names[i]);
    if (!lua_isnil(L, -1)) which = i, given++;
    lua_pop(L, 1);
  }
  if (given != 1) luaL_error(L, "constraint: wants one of schema, regex, choices and gbnf");
  ml_box *box = ml_box_new(L, constraint_type);
  int index = lua_gettop(L);
  moon_constraint *c = NULL;
  moon_error err;
  moon_status status;
  size_t len;
  const char *text;
  switch (which) {
    case 0: status = make_schema(L, &c, &err); break;
    case 1:
      text = text_field(L, "regex", &len);
      status = moon_constraint_regex(own_model(L), text, len, &c, &err);
      break;
    case 2: status = make_choices(L, &c, &err); break;
    default:
      text = text_field(L, "gbnf", &len);
      status = moon_constraint_gbnf(own_model(L), text, len, &c, &err);
  }
  if (status != MOON_OK) return ml_fail(L, &err);
  lua_settop(L, index);
  ml_box_fill(L, box, c, 1 << 16);
  return 1;
}

static int constraint_close(lua_State *L) {
  ml_box *box = luaL_checkudata(L, 1, constraint_type);
  moon_constraint_free(box->object);
  box->object = NULL;
  return 0;
}

/* ---- matchers ---- */

/* matcher(lead or nil) */
static int constraint_matcher(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, constraint_type);
  size_t len;
  lua_settop(L, 2);
  const char *lead = luaL_optlstring(L, 2, "", &len);
  ml_box *box = ml_box_new(L, matcher_type);
  moon_matcher *m;
  moon_error err;
  if (moon_matcher_new(ml_take(L, self), &m, &err) != MOON_OK)
    return ml_fail(L, &err);
  ml_box_fill(L, box, m, 1 << 16);
  if (moon_matcher_lead(m, lead, len, &err) != MOON_OK) return ml_fail(L, &err);
  return 1;
}

static int matcher_copy(lua_State *L) {
  lua_settop(L, 1);
  ml_box *box = ml_box_new(L, matcher_type);
  moon_matcher *m;
  moon_error err;
  if (moon_matcher_copy(ml_check(L, 1, matcher_type), &m, &err) != MOON_OK)
    return ml_fail(L, &err);
  ml_box_fill(L, box, m, 1 << 16);
  return 1;
}

static int matcher_close(lua_State *L) {
  ml_box *box = luaL_checkudata(L, 1, matcher_type);
  moon_matcher_free(box->object);
  box->object = NULL;
  return 0;
}

static uint32_t *push_mask(lua_State *L, size_t *n, moon_error *err) {
  const ml_box *self = ml_check_box(L, 1, matcher_type);
  const moon_model *model = moon_matcher_model(ml_take(L, self));
  *n = (size_t)moon_model_config(model)->vocab_size;
  uint32_t *bits = ml_buffer(L, (*n + 31) / 32, sizeof *bits);
  moon_matcher *m = ml_take(L, self);
  return moon_matcher_mask(m, bits, err) == MOON_OK ? bits : NULL;
}

/* mask() -> a string of little-endian 32-bit words, and how many bits are set. */
static int matcher_mask(lua_State *L) {
  size_t n, set = 0;
  moon_error err;
  const uint32_t *bits = push_mask(L, &n, &err);
  if (!bits) return ml_fail(L, &err);
  for (size_t i = 0; i < (n + 31) / 32; i++) set += (size_t)__builtin_popcount(bits[i]);
  lua_pushlstring(L, (const char *)bits, (n + 31) / 32 * sizeof *bits);
  lua_pushinteger(L, (lua_Integer)set);
  return 2;
}

/* allowed() -> the ids that may come. */
static int matcher_allowed(lua_State *L) {
  size_t n;
  moon_error err;
  const uint32_t *bits = push_mask(L, &n, &err);
  if (!bits) return ml_fail(L, &err);
  lua_newtable(L);
  int at = 0;
  for (size_t id = 0; id < n; id++) {
    if (!(bits[id >> 5] >> (id & 31) & 1)) continue;
    lua_pushinteger(L, (lua_Integer)id);
    lua_rawseti(L, -2, ++at);
  }
  return 1;
}

/* accept(id) or accept(text): true, or false and why. */
static int matcher_accept(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, matcher_type);
  moon_error err;
  moon_status status;
  if (lua_type(L, 2) == LUA_TNUMBER) {
    int32_t one;
    size_t n;
    const int32_t *id = ml_ids(L, 2, &one, &n);
    status = moon_matcher_accept(ml_take(L, self), *id, &err);
  } else {
    size_t len;
    const char *text = luaL_checklstring(L, 2, &len);
    status = moon_matcher_accept_bytes(ml_take(L, self), text, len, &err);
  }
  if (status != MOON_OK && status != MOON_EARG) return ml_fail(L, &err);
  lua_pushboolean(L, status == MOON_OK);
  if (status == MOON_OK) return 1;
  lua_pushstring(L, err.message);
  return 2;
}

static int matcher_forced(lua_State *L) {
  enum { MOST = 256 };
  moon_matcher *m = ml_check(L, 1, matcher_type);
  int32_t ids[MOST];
  size_t n;
  moon_error err;
  if (moon_matcher_forced(m, ids, MOST, &n, &err) != MOON_OK) return ml_fail(L, &err);
  ml_push_ids(L, ids, n);
  return 1;
}

/* heal(ids) -> how many of them stay. */
static int matcher_heal(lua_State *L) {
  const ml_box *self = ml_check_box(L, 1, matcher_type);
  int32_t one;
  size_t n, kept;
  const int32_t *ids = ml_ids(L, 2, &one, &n);
  moon_error err;
  if (moon_matcher_heal(ml_take(L, self), ids, n, &kept, &err) != MOON_OK)
    return ml_fail(L, &err);
  lua_pushinteger(L, (lua_Integer)kept);
  return 1;
}

static int matcher_is_complete(lua_State *L) {
  lua_pushboolean(L, moon_matcher_is_complete(ml_check(L, 1, matcher_type)));
  return 1;
}

void ml_open_constraint(lua_State *L) {
  static const luaL_Reg constraint_methods[] = {{"matcher", constraint_matcher}, {NULL, NULL}};
  static const luaL_Reg matcher_methods[] = {
    {"copy", matcher_copy}, {"mask", matcher_mask}, {"allowed", matcher_allowed},
    {"accept", matcher_accept}, {"forced", matcher_forced}, {"heal", matcher_heal},
    {"is_complete", matcher_is_complete}, {NULL, NULL}
  };
  ml_type(L, constraint_type, constraint_methods, NULL, constraint_close);
  ml_type(L, matcher_type, matcher_methods, NULL, matcher_close);
  ml_methods(L, "moonlet.model");
  lua_pushcfunction(L, model_constraint);
  lua_setfield(L, -2, "constraint");
  lua_pop(L, 1);
}
