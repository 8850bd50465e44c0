/* terminal.c: the small module moonlet.terminal: what a line editor needs of a terminal.
**
** What: open() -> a terminal on stdin and stdout, or nil where they are none; terminal:raw(on),
**   :read(ms), :size(), :stop(); width(text) in columns.
** How: raw mode hands over each key as it is typed, Ctrl-C too; output is left as it is, so "\n"
**   still begins a line. The settings found by open are put back by raw(false), close and __gc.
** Invariant: a closed terminal is in the mode in which it was found.
** Not here: what the keys mean (scripts/moonlet/repl/keys.lua). */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "lua/model.h"

typedef struct terminal {
  struct termios found;
  bool is_open, is_raw;
} terminal;

static const char terminal_type[] = "moonlet.terminal";

static terminal *check(lua_State *L) {
  terminal *t = luaL_checkudata(L, 1, terminal_type);
  if (!t->is_open) luaL_error(L, "moonlet.terminal is closed");
  return t;
}

static void cook(terminal *t) {
  if (t->is_raw) tcsetattr(STDIN_FILENO, TCSADRAIN, &t->found);
  t->is_raw = false;
}

static int terminal_close(lua_State *L) {
  terminal *t = luaL_checkudata(L, 1, terminal_type);
  cook(t);
  t->is_open = false;
  return 0;
}

/* raw(on) -> whether it could be done. */
static int terminal_raw(lua_State *L) {
  terminal *t = check(L);
  if (!lua_toboolean(L, 2)) {
    cook(t);
    return lua_pushboolean(L, 1), 1;
  }
  struct termios raw = t->found;
  raw.c_iflag &= (tcflag_t)~(BRKINT | ICRNL | INPCK | ISTRIP | IXON);
  raw.c_lflag &= (tcflag_t)~(ECHO | ICANON | IEXTEN | ISIG);
  raw.c_cc[VMIN] = 0;
  raw.c_cc[VTIME] = 0;
  t->is_raw = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
  lua_pushboolean(L, t->is_raw);
  return 1;
}

/* read([ms]) -> the bytes that have been typed; "" when ms milliseconds brought none or a signal
** came; nil when there will be no more. Without ms it waits. What poll has seen may be gone when
** it is read (a Ctrl-C in cooked mode flushes it): so read, in raw mode, never waits, and it is
** poll's hang-up that tells the end. */
static int terminal_read(lua_State *L) {
  terminal *t = check(L);
  int ms = lua_isnoneornil(L, 2) ? -1 : (int)luaL_checkinteger(L, 2);
  struct pollfd ready = {.fd = STDIN_FILENO, .events = POLLIN};
  int n = poll(&ready, 1, ms);
  if (n == 0 || (n < 0 && errno == EINTR)) return lua_pushliteral(L, ""), 1;
  char bytes[4096];
  ssize_t got = n < 0 ? -1 : read(STDIN_FILENO, bytes, sizeof bytes);
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return lua_pushliteral(L, ""), 1;
  if (got == 0 && t->is_raw && !(ready.revents & (POLLHUP | POLLERR))) {
    return lua_pushliteral(L, ""), 1;
  }
  if (got <= 0) return lua_pushnil(L), 1;
  lua_pushlstring(L, bytes, (size_t)got);
  return 1;
}

/* size() -> columns, rows; 80, 24 where the terminal does not say. */
static int terminal_size(lua_State *L) {
  check(L);
  struct winsize size = {0};
  bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  lua_pushinteger(L, known ? size.ws_col : 80);
  lua_pushinteger(L, known && size.ws_row > 0 ? size.ws_row : 24);
  return 2;
}

/* stop(): gives the terminal back to the shell, as Ctrl-Z does, until it is continued. */
static int terminal_stop(lua_State *L) {
  terminal *t = check(L);
  bool was_raw = t->is_raw;
  cook(t);
  kill(0, SIGTSTP);
  lua_settop(L, 1);
  lua_pushboolean(L, was_raw);
  return terminal_raw(L);
}

static int terminal_open(lua_State *L) {
  terminal *t = lua_newuserdatauv(L, sizeof *t, 0);
  *t = (terminal){.is_open = false};
  luaL_getmetatable(L, terminal_type);
  lua_setmetatable(L, -2);
  if (!isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &t->found) != 0) return 0;
  t->is_open = true;
  return 1;
}

/* width(text) -> the columns that it takes; what is no UTF-8 counts as U+FFFD. */
static int terminal_width(lua_State *L) {
  size_t len;
  const char *text = luaL_checklstring(L, 1, &len);
  lua_pushinteger(L, (lua_Integer)moon_utf8_width(text, len));
  return 1;
}

int ml_terminal(lua_State *L) {
  static const luaL_Reg methods[] = {
    {"raw", terminal_raw}, {"read", terminal_read}, {"size", terminal_size},
    {"stop", terminal_stop}, {NULL, NULL}
  };
  static const luaL_Reg functions[] = {
    {"open", terminal_open}, {"width", terminal_width}, {NULL, NULL}
  };
  ml_type(L, terminal_type, methods, NULL, terminal_close);
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
