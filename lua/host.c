/* host.c: the small module moonlet.host: what the scripts need of the machine and of core, and
** stock Lua lacks.
**
** What: a monotonic clock, how fast memory is read, whether a stream is a terminal, the names in a
**   folder, where this library lies, whole UTF-8 characters and words, the check of option tables,
**   whom to blame, and the embedded scripts as text.
** Not here: anything that writes to the outside. */
#include <dirent.h>
#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lua/model.h"
#include "lua/script.h"

static int host_clock(lua_State *L) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  lua_pushnumber(L, (double)now.tv_sec + (double)now.tv_nsec * 1e-9);
  return 1;
}

/* read_speed(bytes) -> bytes a second that this state's threads read; 0 without memory. */
static int host_read_speed(lua_State *L) {
  lua_Number bytes = luaL_checknumber(L, 1);
  luaL_argcheck(L, bytes >= 0 && bytes <= 1e12, 1, "a number of bytes expected");
  lua_pushnumber(L, moon_engine_read_speed(ml_engine(L), (size_t)bytes));
  return 1;
}

static int host_tty(lua_State *L) {
  static const char *const names[] = {"stdin", "stdout", "stderr", NULL};
  lua_pushboolean(L, isatty(luaL_checkoption(L, 1, NULL, names)));
  return 1;
}

/* A folder being read: a userdata, so that a throw while names are pushed closes it. */
static const char folder_type[] = "moonlet.folder";

static int folder_close(lua_State *L) {
  DIR **folder = luaL_checkudata(L, 1, folder_type);
  if (*folder) closedir(*folder);
  *folder = NULL;
  return 0;
}

/* is_folder(path) -> whether there is a folder. */
static int host_is_folder(lua_State *L) {
  struct stat about;
  lua_pushboolean(L, stat(luaL_checkstring(L, 1), &about) == 0 && S_ISDIR(about.st_mode));
  return 1;
}

/* list(path, prefix = "") -> the names in a folder that begin so, sorted by nobody; {} when it
** cannot be read. */
static int host_list(lua_State *L) {
  size_t len;
  const char *path = luaL_checkstring(L, 1), *prefix = luaL_optlstring(L, 2, "", &len);
  DIR **folder = lua_newuserdatauv(L, sizeof *folder, 0);
  *folder = NULL;
  if (luaL_newmetatable(L, folder_type)) {
    lua_pushcfunction(L, folder_close);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  lua_newtable(L);
  *folder = opendir(path);
  if (!*folder) return 1;
  int n = 0;
  for (struct dirent *entry; (entry = readdir(*folder));) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    if (strncmp(entry->d_name, prefix, len) != 0) continue;
    lua_pushstring(L, entry->d_name);
    lua_rawseti(L, -2, ++n);
  }
  closedir(*folder);
  *folder = NULL;
  return 1;
}

/* Bytes of the well-formed UTF-8 character at s (Unicode 15, table 3-7), or 0. */
static size_t character(const unsigned char *s, size_t n) {
  unsigned char c = s[0];
  if (c < 0x80) return 1;
  size_t len = c >= 0xC2 && c <= 0xDF ? 2 : c >= 0xE0 && c <= 0xEF ? 3
               : c >= 0xF0 && c <= 0xF4 ? 4 : 0;
  if (len == 0 || len > n) return 0;
  unsigned char least = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
  unsigned char most = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
  if (s[1] < least || s[1] > most) return 0;
  for (size_t i = 2; i < len; i++)
    if ((s[i] & 0xC0) != 0x80) return 0;
  return len;
}

/* Pushes the bytes with U+FFFD in place of each that belongs to no character. */
static void push_text(lua_State *L, const char *bytes, size_t len) {
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (size_t i = 0, n; i < len; i += n ? n : 1) {
    n = character((const unsigned char *)bytes + i, len - i);
    if (n) luaL_addlstring(&b, bytes + i, n);
    else luaL_addlstring(&b, "\xEF\xBF\xBD", 3);
  }
  luaL_pushresult(&b);
}

/* whole(bytes) -> the text that is ready to show, the bytes that may yet become a character. */
static int host_whole(lua_State *L) {
  size_t len;
  const char *bytes = luaL_checklstring(L, 1, &len);
  size_t n = moon_utf8_whole(bytes, len);
  push_text(L, bytes, n);
  lua_pushlstring(L, bytes + n, len - n);
  return 2;
}

/* text(bytes) -> the bytes as valid UTF-8. */
static int host_text(lua_State *L) {
  size_t len;
  const char *bytes = luaL_checklstring(L, 1, &len);
  push_text(L, bytes, len);
  return 1;
}

/* Pushes what a function makes of a text; room for `grow` bytes per byte. */
static int push_mapped(lua_State *L, size_t (*map)(const char *, size_t, char *), size_t grow) {
  size_t len;
  const char *bytes = luaL_checklstring(L, 1, &len);
  char *out = ml_buffer(L, len, grow);
  lua_pushlstring(L, out, map(bytes, len, out));
  return 1;
}

/* lower(text) -> the text in lower case. */
static int host_lower(lua_State *L) { return push_mapped(L, moon_utf8_lower, 2); }

/* words(text) -> the text with a space for each character that no word has. */
static int host_words(lua_State *L) { return push_mapped(L, moon_utf8_words, 1); }

/* known(options, who, names): throws for an option that the list of names lacks. */
static int host_known(lua_State *L) {
  enum { MOST = 64 };
  const char *names[MOST + 1];
  const char *who = luaL_checkstring(L, 2);
  luaL_checktype(L, 3, LUA_TTABLE);
  size_t n = lua_rawlen(L, 3);
  luaL_argcheck(L, n >= 1 && n <= MOST, 3, "1 to 64 names expected");
  luaL_checkstack(L, MOST, "names");
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, 3, (int)(i + 1));
    names[i] = luaL_checkstring(L, -1);
  }
  names[n] = NULL;
  ml_opt_known(L, 1, who, names);
  return 0;
}

/* side(model) -> a table that lives as long as the model. */
static int host_side(lua_State *L) {
  luaL_checkudata(L, 1, "moonlet.model");
  ml_side(L, 1);
  return 1;
}

/* blame(message): throws it with the place in the user's code: the innermost function that is
** Lua and not one of these scripts. */
static int host_blame(lua_State *L) {
  lua_Debug frame;
  luaL_checkstring(L, 1);
  for (int level = 1; lua_getstack(L, level, &frame); level++) {
    lua_getinfo(L, "Sl", &frame);
    bool ours = strncmp(frame.source, "@scripts/moonlet/", 17) == 0;
    if (ours || frame.currentline < 0) continue;
    lua_pushfstring(L, "%s:%d: %s", frame.short_src, frame.currentline, lua_tostring(L, 1));
    lua_replace(L, 1);
    break;
  }
  lua_settop(L, 1);
  return lua_error(L);
}

/* script(chunk) -> the text of the embedded script with this chunk name ("@scripts/...") or module
** name; nil when there is none. */
static int host_script(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  for (const ml_script *script = ml_scripts; script->name; script++) {
    if (strcmp(script->chunk, name) != 0 && strcmp(script->name, name) != 0) continue;
    lua_pushlstring(L, script->source, script->size);
    return 1;
  }
  return 0;
}

/* Pushes the folder of a file, links resolved, and returns 1; 0 when there is no such file. */
static int push_folder(lua_State *L, const char *path) {
  char full[PATH_MAX];
  if (!path || !realpath(path, full)) return 0;
  char *slash = strrchr(full, '/');
  if (!slash) return 0;
  lua_pushlstring(L, full, (size_t)(slash - full));
  return 1;
}

int ml_host(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"clock", host_clock}, {"read_speed", host_read_speed}, {"tty", host_tty},
    {"list", host_list}, {"is_folder", host_is_folder}, {"whole", host_whole},
    {"text", host_text}, {"lower", host_lower}, {"words", host_words}, {"known", host_known},
    {"blame", host_blame}, {"side", host_side}, {"script", host_script}, {NULL, NULL}
  };
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  /* places: the folders of the shared library and of the executable, resolved now because a
  ** relative path means something else after the host changes its working directory. */
  Dl_info info;
  int n = 0;
  lua_newtable(L);
  if (dladdr((void *)(size_t)&ml_host, &info) && push_folder(L, info.dli_fname))
    lua_rawseti(L, -2, ++n);
  if (push_folder(L, "/proc/self/exe")) lua_rawseti(L, -2, ++n);
  lua_setfield(L, -2, "places");
  return 1;
}
