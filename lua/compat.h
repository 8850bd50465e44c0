/* compat.h: one source for Lua 5.4, 5.3, 5.1 and LuaJIT: what 5.4 has and older ones lack. */
#ifndef MOON_LUA_COMPAT_H
#define MOON_LUA_COMPAT_H

#include <math.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#if LUA_VERSION_NUM < 504
#define lua_newuserdatauv(L, size, n) lua_newuserdata(L, size)
#endif
#if LUA_VERSION_NUM < 502
#define lua_rawlen(L, i) lua_objlen(L, i)
#define luaL_setfuncs(L, l, n) luaL_register(L, NULL, l)        /* n is 0 everywhere */
#define lua_absindex(L, i) ((i) > 0 || (i) <= LUA_REGISTRYINDEX ? (i) : lua_gettop(L) + (i) + 1)
#endif
#if LUA_VERSION_NUM < 503       /* no whole subtype: a number that is whole counts as one */
#define lua_isinteger(L, i) \
  (lua_type(L, i) == LUA_TNUMBER && floor(lua_tonumber(L, i)) == lua_tonumber(L, i))
#endif

#endif
