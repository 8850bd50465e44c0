/* model.h: what model.c, sampler.c, session.c and module.c share beyond border.h.
**
** Ids are lists of token ids as Lua tables; a side table is a Lua table that lives as long as
** its userdata; a property is read through __index before the methods are. */
#ifndef MOON_LUA_MODEL_H
#define MOON_LUA_MODEL_H

#include <stdatomic.h>

#include "lua/border.h"

/* The session that computes now, for an interpreter that wants to cancel it from its signal
** handler: the interpreter keeps the watch and puts its address into the registry as light
** userdata under ML_WATCH; session.c fills and clears it around every computation. */
typedef struct ml_watch { _Atomic(moon_session *) running; } ml_watch;
#define ML_WATCH "moonlet.watch"

/* Token ids in argument arg: a table of them, or one. A table's copy is pushed as a userdata
** that owns it; one id goes to *one and pushes nothing. Throws for anything else. */
const int32_t *ml_ids(lua_State *L, int arg, int32_t *one, size_t *n);
void ml_push_ids(lua_State *L, const int32_t *ids, size_t n);
/* Into the table on top, which has nothing yet. Runs no Lua code. */
void ml_fill_ids(lua_State *L, const int32_t *ids, size_t n);
/* Pushes a buffer of n elements that the collector owns. Throws when that is too large. */
void *ml_buffer(lua_State *L, size_t n, size_t size);

/* Takes the model behind argument 1, a model or what was made of one: for functions that need it
** between things that may run Lua code, and so take it anew each time. */
typedef moon_model *ml_model_of(lua_State *L);

/* Pushes the ids of `text` as an owned buffer and returns it; on failure pushes nothing,
** returns NULL and fills err. */
const int32_t *ml_encode(lua_State *L, ml_model_of *take, const char *text, size_t len, int flags,
                         size_t *n, moon_error *err);
/* Pushes the piece of a token, nil when there is no such. */
void ml_push_piece(lua_State *L, ml_model_of *take, int32_t id);

/* Pushes the side table of the userdata at index. */
void ml_side(lua_State *L, int index);

/* Gives metatable `type` a function that answers unknown fields: it finds its methods as
** upvalue 1. The methods stay reachable for ml_methods. */
void ml_properties(lua_State *L, const char *type, lua_CFunction read);
/* Pushes the methods of `type`. */
void ml_methods(lua_State *L, const char *type);

/* Pushes the "moonlet.sampler" of the option table in argument arg. model_index is the model's
** userdata, maybe closed, for its side table. */
void ml_push_sampler(lua_State *L, ml_model_of *take, int model_index, int arg);
/* The options of the sampler in argument arg, which may be nil (gives NULL); throws for anything
** else, and for one of another vocabulary. Runs no Lua code. */
const moon_sample_options *ml_sampler(lua_State *L, const moon_model *model, int arg);
void ml_open_sampler(lua_State *L);

/* Field `field` of the option table at t, a name among types (NULL at the end), as a moon_dtype; -1
** when it is nil. who begins the sentence of the error. */
int ml_opt_weights(lua_State *L, int t, const char *who, const char *field,
                   const char *const *types);
/* context, chunk and cache of the option table at arg, which may be nil. */
moon_session_options ml_session_options(lua_State *L, int arg);
/* The function quantizer, into the module table on top. */
void ml_open_quantizer(lua_State *L);

/* HF names; also what moonlet.config gives. By value: the model may be closed meanwhile. */
void ml_push_config(lua_State *L, moon_config config);

/* moonlet.host: what the scripts need of the machine and stock Lua lacks. */
int ml_host(lua_State *L);
/* moonlet.jsontext: JSON text to Lua values, under scripts/moonlet/json.lua. */
int ml_json(lua_State *L);
/* stage, peek and poke, into the methods of sessions. */
void ml_open_trace(lua_State *L);
/* moonlet.terminal, for line editors. */
int ml_terminal(lua_State *L);

#endif
