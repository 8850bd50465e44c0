/* script.h: the Lua scripts inside the library; lua/embed.lua writes the table. */
#ifndef MOON_LUA_SCRIPT_H
#define MOON_LUA_SCRIPT_H

#include <stddef.h>

#include "lua/compat.h"
#include "lua/moonlet_lua.h"

typedef struct ml_script {
  const char *name;             /* "moonlet.generate" */
  const char *chunk;            /* "@scripts/moonlet/generate.lua", for error messages */
  const char *source;
  size_t size;
} ml_script;

extern const ml_script ml_scripts[];    /* ends with a NULL name */

/* The body of luaopen_moonlet_<script>: `require "moonlet.chat"` may come before
** `require "moonlet"`, and Lua's all-in-one searcher then calls this. */
int ml_open_script(lua_State *L, const char *name);

#endif
