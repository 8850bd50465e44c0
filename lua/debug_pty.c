/* debug_pty.c: moonlet.debug.pty: a program on a pseudo-terminal, for specs that type keys.
**
** start{"prog", "arg", ...; columns =, rows =} -> pty; pty:write(bytes) -> how many it has room
** for, so that who types can read meanwhile; pty:read(ms) -> bytes that came within ms
** milliseconds, "" for none, nil at the end; pty:attributes() -> whether the terminal echoes and
** waits for whole lines; pty:signal(number); pty:wait() -> exit code or 128 + signal. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "lua/border.h"

typedef struct pty {
  int fd;
  pid_t child;
} pty;

static const char pty_type[] = "moonlet.debug.pty";

static pty *check(lua_State *L) { return luaL_checkudata(L, 1, pty_type); }

static int field_integer(lua_State *L, const char *name, int fallback) {
  lua_getfield(L, 1, name);
  int value = (int)luaL_optinteger(L, -1, fallback);
  lua_pop(L, 1);
  return value;
}

static int start(lua_State *L) {
  enum { MOST = 32 };
  char *words[MOST + 1] = {NULL};
  luaL_checktype(L, 1, LUA_TTABLE);
  size_t n = lua_rawlen(L, 1);
  luaL_argcheck(L, n >= 1 && n <= MOST, 1, "1 to 32 words expected");
  luaL_checkstack(L, MOST, "words");
  struct winsize size = {.ws_col = (unsigned short)field_integer(L, "columns", 80),
                         .ws_row = (unsigned short)field_integer(L, "rows", 24)};
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, 1, (int)(i + 1));
    words[i] = (char *)(size_t)luaL_checkstring(L, -1);
  }
  pty *p = lua_newuserdatauv(L, sizeof *p, 0);
  *p = (pty){-1, 0};
  luaL_getmetatable(L, pty_type);
  lua_setmetatable(L, -2);
  p->child = forkpty(&p->fd, NULL, NULL, &size);
  if (p->child == 0) {
    execvp(words[0], words);
    _exit(127);
  }
  if (p->child < 0) return luaL_error(L, "no pseudo-terminal");
  fcntl(p->fd, F_SETFL, O_NONBLOCK);
  return 1;
}

static int pty_write(lua_State *L) {
  pty *p = check(L);
  size_t len;
  const char *bytes = luaL_checklstring(L, 2, &len);
  ssize_t n = write(p->fd, bytes, len);
  if (n < 0 && errno != EINTR && errno != EAGAIN) {
    return luaL_error(L, "the pseudo-terminal is gone");
  }
  lua_pushinteger(L, n > 0 ? (lua_Integer)n : 0);
  return 1;
}

static int pty_read(lua_State *L) {
  pty *p = check(L);
  struct pollfd ready = {.fd = p->fd, .events = POLLIN};
  char bytes[8192];
  if (poll(&ready, 1, (int)luaL_checkinteger(L, 2)) <= 0) return lua_pushliteral(L, ""), 1;
  ssize_t n = read(p->fd, bytes, sizeof bytes);
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) return lua_pushliteral(L, ""), 1;
  if (n <= 0) return lua_pushnil(L), 1;
  lua_pushlstring(L, bytes, (size_t)n);
  return 1;
}

static int pty_attributes(lua_State *L) {
  struct termios found;
  if (tcgetattr(check(L)->fd, &found) != 0) return 0;
  lua_pushboolean(L, (found.c_lflag & ECHO) != 0);
  lua_pushboolean(L, (found.c_lflag & ICANON) != 0);
  return 2;
}

static int pty_signal(lua_State *L) {
  kill(check(L)->child, (int)luaL_checkinteger(L, 2));
  return 0;
}

static int pty_wait(lua_State *L) {
  pty *p = check(L);
  int status = 0;
  if (p->child <= 0 || waitpid(p->child, &status, 0) < 0) return 0;
  p->child = 0;
  lua_pushinteger(L, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  return 1;
}

static int pty_close(lua_State *L) {
  pty *p = check(L);
  if (p->fd >= 0) close(p->fd);
  if (p->child > 0) {
    kill(p->child, SIGKILL);
    waitpid(p->child, NULL, 0);
  }
  *p = (pty){-1, 0};
  return 0;
}

MOON_API int luaopen_moonlet_debug_pty(lua_State *L);
int luaopen_moonlet_debug_pty(lua_State *L) {
  static const luaL_Reg methods[] = {
    {"write", pty_write}, {"read", pty_read}, {"attributes", pty_attributes},
    {"signal", pty_signal}, {"wait", pty_wait}, {NULL, NULL}
  };
  ml_type(L, pty_type, methods, NULL, pty_close);
  lua_newtable(L);
  lua_pushcfunction(L, start);
  lua_setfield(L, -2, "start");
  return 1;
}
