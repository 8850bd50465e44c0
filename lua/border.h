/* border.h: what every userdata file of the border shares.
**
** What: boxes for core's objects, the way of errors, the collector's debt, the default engine.
** How: a box is born closed, with its metatable, and filled afterwards, so that a throw in
** between leaks nothing. Invariants: close and gc are the same idempotent function; a method
** never sees a closed object; core never calls back into Lua code.
** Objects are taken last. Lua code may close any object at any time that it runs, and it runs
** unseen: a finalizer where a value is made that the collector counts (a string, a table, a
** userdata, ml_buffer, ml_ids, a number that becomes a string in luaL_checkstring, ml_box_fill,
** ml_engine at its first use), __index where a field of a caller's table is read (lua_getfield,
** ml_opt_*). So what ml_check gave is good until the next of these. A method reads its arguments
** and makes its buffers and the box of its result, then takes its objects and calls core; what it
** pushes afterwards is its own copy, or is taken anew. Between taking and core's return it uses at
** most what makes nothing: ml_check, numbers, booleans, raw access to tables that are there. An
** object whose box only this call's stack has needs none of that: nothing else can close it.
** Rule of errors (ml_fail): the world fails with nil, message, code; the caller's mistake
** (MOON_EARG) throws. */
#ifndef MOON_LUA_BORDER_H
#define MOON_LUA_BORDER_H

#include "core/moonlet.h"
#include "lua/compat.h"

typedef struct ml_box {
  const char *type;     /* "moonlet.tensor" */
  void *object;         /* NULL: closed */
  size_t bytes;         /* C memory that the collector cannot see */
} ml_box;

/* Pushes a closed box with the metatable `type`, a constant. */
ml_box *ml_box_new(lua_State *L, const char *type);
/* The open object in argument arg; throws for another type or a closed object. */
void *ml_check(lua_State *L, int arg, const char *type);
/* The same in two steps, for a method that reads other arguments: it begins with the one, so that
** the sentence about a wrong or closed object comes first, and takes the object with the other. */
const ml_box *ml_check_box(lua_State *L, int arg, const char *type);
void *ml_take(lua_State *L, const ml_box *box);
/* The same, or NULL when arg is no such userdata. */
void *ml_test(lua_State *L, int arg, const char *type);
/* Fills the box and lets the collector run in proportion to the C memory taken. The box must be
** on the stack; the collector may run finalizers. */
void ml_box_fill(lua_State *L, ml_box *box, void *object, size_t bytes);

/* Creates metatable `type`: methods as __index, metamethods besides; close_fn serves as __gc,
** __close and the method close; __metatable hides it. Leaves nothing on the stack. */
void ml_type(lua_State *L, const char *type, const luaL_Reg *methods, const luaL_Reg *meta,
             lua_CFunction close_fn);

/* Pushes a text that belongs to an object, a piece or a name: at most 512 bytes. It is copied
** before the collector may run; lua_pushlstring of Lua 5.1 and LuaJIT lets it run first. */
void ml_push_text(lua_State *L, const char *text, size_t len);

/* Returns nil, message, code name; throws the message for MOON_EARG. */
int ml_fail(lua_State *L, const moon_error *err);

/* Option tables. Each getter reads field `name` of the table at index t (which may be nil or
** none), gives fallback when the field is nil, and throws naming the field when its type or
** range is wrong. A string that is found stays on the stack, which keeps it alive. */
lua_Integer ml_opt_integer(lua_State *L, int t, const char *name, lua_Integer fallback,
                           lua_Integer least, lua_Integer most);
double ml_opt_number(lua_State *L, int t, const char *name, double fallback, double least,
                     double most);
const char *ml_opt_string(lua_State *L, int t, const char *name, const char *fallback);
int ml_opt_boolean(lua_State *L, int t, const char *name, int fallback);
/* Which of the choices (NULL at the end) the string is; -1 when it is nil. who begins the sentence
** of the error. */
int ml_opt_choice(lua_State *L, int t, const char *who, const char *name,
                  const char *const *choices);
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
