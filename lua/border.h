/* border.h: what every userdata file of the border shares.
**
** What: boxes for core's objects, the way of errors, the collector's debt, the default engine.
** How: a box is born closed, with its metatable, and filled afterwards, so that a throw in
** between leaks nothing. Invariants: close and gc are the same idempotent function; a method
** never sees a closed object; C never calls back into Lua code.
** Rule of errors (ml_fail): the world fails with nil, message, code; the caller's mistake
** (MOON_EARG) throws. */
#ifndef MOON_LUA_BORDER_H
#define MOON_LUA_BORDER_H

#include "core/moonlet.h"
#include "lua/compat.h"

typedef struct ml_box {
  void *object;         /* NULL: closed */
  size_t bytes;         /* C memory that the collector cannot see */
} ml_box;

/* Pushes a closed box with the metatable `type` ("moonlet.tensor"). */
ml_box *ml_box_new(lua_State *L, const char *type);
/* The open object in argument arg; throws for another type or a closed object. */
void *ml_check(lua_State *L, int arg, const char *type);
/* The same, or NULL when arg is no such userdata. */
void *ml_test(lua_State *L, int arg, const char *type);
/* Fills the box and lets the collector run in proportion to the C memory taken. The box must be
** on the stack; the collector may run finalizers. */
void ml_box_fill(lua_State *L, ml_box *box, void *object, size_t bytes);

/* Creates metatable `type`: methods as __index, metamethods besides; close_fn serves as __gc,
** __close and the method close; __metatable hides it. Leaves nothing on the stack. */
void ml_type(lua_State *L, const char *type, const luaL_Reg *methods, const luaL_Reg *meta,
             lua_CFunction close_fn);

/* Returns nil, message, code name; throws the message for MOON_EARG. */
int ml_fail(lua_State *L, const moon_error *err);

/* Option tables. Each getter reads field `name` of the table at index t (which may be nil or
** none), gives fallback when the field is nil, and throws naming the field when its type or
** range is wrong. */
lua_Integer ml_opt_integer(lua_State *L, int t, const char *name, lua_Integer fallback,
                           lua_Integer least, lua_Integer most);
double ml_opt_number(lua_State *L, int t, const char *name, double fallback, double least,
                     double most);
const char *ml_opt_string(lua_State *L, int t, const char *name, const char *fallback);
int ml_opt_boolean(lua_State *L, int t, const char *name, int fallback);
/* Throws for a field that names (NULL at the end) does not list, naming the nearest that it
** does list. who begins the sentence: "session". */
void ml_opt_known(lua_State *L, int t, const char *who, const char *const *names);

/* The engine of this lua_State, opened at first use with every default; throws if it cannot be. */
moon_engine *ml_engine(lua_State *L);

/* Each userdata file adds its metatables, and its functions to the module table on top. */
void ml_open_tensor(lua_State *L);
void ml_open_model(lua_State *L);
void ml_open_session(lua_State *L);
void ml_open_adapter(lua_State *L);
void ml_open_trainer(lua_State *L);
void ml_open_constraint(lua_State *L);
void ml_open_batch(lua_State *L);
void ml_open_convert(lua_State *L);

/* Fills a box of type "moonlet.tensor"; its bytes are those of t's storage. */
void ml_fill_tensor(lua_State *L, ml_box *box, moon_tensor *t);

#endif
