/* tensor.h: what the files of the tensor's Lua face share.
**
** A method makes the box of its result, then takes its tensors (border.h says why). Here dims,
** indices and positions turn from Lua's counting (from 1; negative: from the end) into C's.
** Failures of tensor operations throw, a lack of memory too, as everywhere in Lua; only files fail
** with nil, message, code. */
#ifndef MOON_LUA_TENSOR_H
#define MOON_LUA_TENSOR_H

#include "lua/border.h"

#define ML_TENSOR "moonlet.tensor"

extern const luaL_Reg ml_tensor_ops[];          /* methods: arithmetic, reductions, products */
extern const luaL_Reg ml_tensor_views[];        /* methods: views */
extern const luaL_Reg ml_tensor_arithmetic[];   /* metamethods */
extern const luaL_Reg ml_tensor_files[];        /* functions of the module */

/* Throws err's sentence unless status is MOON_OK. */
void ml_try(lua_State *L, moon_status status, const moon_error *err);
moon_tensor *ml_check_tensor(lua_State *L, int arg);
/* Makes the arguments n and pushes the box of the result behind them. */
ml_box *ml_result(lua_State *L, int n);
/* Pushes a view of the tensor in argument arg that nothing else can close. */
const moon_tensor *ml_push_alias(lua_State *L, int arg);
/* Fills a box with a view: the memory is another tensor's, the collector owes nothing for it. */
void ml_fill_view(lua_State *L, ml_box *box, moon_tensor *t);

/* The dim in argument arg; throws when t has none. */
int ml_check_dim(lua_State *L, int arg, const moon_tensor *t);
/* The index in argument arg, into dim (from 0) of t. */
size_t ml_check_index(lua_State *L, int arg, const moon_tensor *t, int dim);
/* A shape: a table in argument arg, or all arguments from arg to the last. With infer a -1 is
** allowed and becomes (size_t)-1. Returns the rank. */
int ml_check_shape(lua_State *L, int arg, int last, bool infer, size_t shape[MOON_MAX_RANK]);
moon_dtype ml_check_dtype(lua_State *L, const char *name);
/* An element as a Lua number: an integer for i32 and i8. */
void ml_push_element(lua_State *L, const moon_tensor *t, const size_t *index);

/* Pushes a new tensor with the numbers of the nested table (or number) in argument arg. */
moon_tensor *ml_push_from_table(lua_State *L, int arg, moon_dtype dtype);
/* i as a %d of lua_pushfstring shows it: what is beyond int is cut to int's ends. */
int ml_shown(lua_Integer i);
/* Pushes "f32 (2, 3)", for error sentences. */
const char *ml_push_header(lua_State *L, const moon_tensor *t);
int ml_tensor_totable(lua_State *L);
int ml_tensor_tostring(lua_State *L);

#endif
