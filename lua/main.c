/* main.c: the program `moonlet`: a Lua 5.4 interpreter that knows the module and its verbs.
**
** What: moonlet [options] [script [args]] as the stand-alone lua does it, the same options and
**   environment; moonlet VERB ... for the scripts in moonlet.cmd; without arguments the REPL.
** How: everything runs under one protected call. A verb is a word for which a script
**   moonlet.cmd.<word> is embedded. SIGINT cancels the session that computes and sets a hook
**   that throws "interrupted!"; a second one ends the process.
** Invariant: exit 0, 1 for an error, 2 for wrong usage, 130 after SIGINT.
** A signal handler has no arguments, so the state that it needs is the file's: `program`. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lua/model.h"
#include "lua/script.h"

enum { EXIT_USAGE = 2, EXIT_INTERRUPTED = 130 };

static struct {
  lua_State *L;
  ml_watch watch;
  volatile sig_atomic_t interrupted;
  bool prompts;                 /* SIGINT outside of a call is ignored: it was meant for one */
} program;

/* ---- calls and signals ---- */

static void throw_interrupted(lua_State *L, lua_Debug *ar) {
  (void)ar;
  lua_sethook(L, NULL, 0, 0);
  luaL_error(L, "interrupted!");
}

static void on_interrupt(int signal_number) {
  (void)signal_number;
  program.interrupted = 1;
  moon_session *session = atomic_load(&program.watch.running);
  if (session) moon_session_cancel(session);
  lua_sethook(program.L, throw_interrupted,
              LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
}

/* Without SA_RESTART a blocked read returns, so that Ctrl-C ends a script that waits for input;
** SA_RESETHAND gives the second SIGINT its usual effect. */
static void catch_interrupts(bool on) {
  struct sigaction action = {.sa_flags = on ? (int)SA_RESETHAND : 0};
  action.sa_handler = on ? on_interrupt : program.prompts ? SIG_IGN : SIG_DFL;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
}

/* The message of an error; with a traceback unless the user asked for the end himself. */
static int add_traceback(lua_State *L) {
  const char *message = lua_tostring(L, 1);
  if (!message) {
    if (luaL_callmeta(L, 1, "__tostring") && lua_type(L, -1) == LUA_TSTRING) return 1;
    message = lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
  }
  if (program.interrupted) lua_pushliteral(L, "interrupted!");
  else luaL_traceback(L, L, message, 1);
  return 1;
}

/* lua_pcall with traceback, interruptible. */
static int call(lua_State *L, int n_args, int n_results) {
  int base = lua_gettop(L) - n_args;
  lua_pushcfunction(L, add_traceback);
  lua_insert(L, base);
  program.interrupted = 0;
  catch_interrupts(true);
  int status = lua_pcall(L, n_args, n_results, base);
  catch_interrupts(false);
  lua_sethook(L, NULL, 0, 0);
  lua_remove(L, base);
  return status;
}

/* The same for the REPL: call(f, ...) -> true, results... or false, message. */
static int repl_call(lua_State *L) {
  luaL_checkany(L, 1);
  int status = call(L, lua_gettop(L) - 1, LUA_MULTRET);
  lua_pushboolean(L, status == LUA_OK);
  lua_insert(L, 1);
  return lua_gettop(L);
}

/* Writes the error on top, pops it, and gives the exit code. */
static int report(lua_State *L, int status) {
  if (status == LUA_OK) return EXIT_SUCCESS;
  const char *message = lua_tostring(L, -1);
  fflush(stdout);
  fprintf(stderr, "moonlet: %s\n", message ? message : "(error without a message)");
  lua_pop(L, 1);
  return program.interrupted ? EXIT_INTERRUPTED : EXIT_FAILURE;
}

/* ---- the command line ---- */

typedef struct request {
  int script;                   /* index in argv; argc when there is none */
  bool interactive, version, no_environment;
} request;

/* Reads the options before the script. Returns the index of one that is wrong, or 0. */
static int read_options(int argc, char **argv, request *r) {
  *r = (request){.script = argc};
  for (int i = 1; i < argc; i++) {
    const char *word = argv[i];
    if (word[0] != '-' || word[1] == '\0') return r->script = i, 0;
    if (strcmp(word, "--") == 0) return r->script = i + 1, 0;
    bool alone = word[2] == '\0';
    switch (word[1]) {
      case 'E': r->no_environment = true; break;
      case 'W': break;
      case 'i': r->interactive = r->version = true; break;
      case 'v': r->version = true; break;
      case 'e': case 'l':
        if (alone && (++i >= argc || argv[i][0] == '-')) return i - 1;
        continue;
      default: return i;
    }
    if (!alone) return i;
  }
  return 0;
}

/* Runs -e, -l and -W in their order. */
static int run_options(lua_State *L, char **argv, int n) {
  for (int i = 1; i < n; i++) {
    char option = argv[i][1];
    if (option == 'W') lua_warning(L, "@on", 0);
    if (option != 'e' && option != 'l') continue;
    const char *text = argv[i][2] ? argv[i] + 2 : argv[++i];
    int status;
    if (option == 'e') {
      status = luaL_loadbuffer(L, text, strlen(text), "=(command line)");
      if (status == LUA_OK) status = call(L, 0, 0);
    } else {
      lua_getglobal(L, "require");
      lua_pushstring(L, text);
      status = call(L, 1, 1);
      if (status == LUA_OK) lua_setglobal(L, text);
    }
    if (status != LUA_OK) return report(L, status);
  }
  return EXIT_SUCCESS;
}

static int run_init(lua_State *L) {
  const char *name = "=LUA_INIT_5_4";
  const char *text = getenv(name + 1);
  if (!text) text = getenv((name = "=LUA_INIT") + 1);
  if (!text) return EXIT_SUCCESS;
  int status = text[0] == '@' ? luaL_loadfile(L, text + 1)
                              : luaL_loadbuffer(L, text, strlen(text), name);
  if (status == LUA_OK) status = call(L, 0, 0);
  return report(L, status);
}

/* arg: the script at 0, what follows it from 1, what precedes it below 0. */
static void push_arg(lua_State *L, int argc, char **argv, int script) {
  if (script == argc) script = 0;
  lua_createtable(L, argc - script, script + 1);
  for (int i = 0; i < argc; i++) {
    lua_pushstring(L, argv[i]);
    lua_rawseti(L, -2, i - script);
  }
  lua_setglobal(L, "arg");
}

/* file NULL: standard input. */
static int run_file(lua_State *L, const char *file, int argc, char **argv, int script) {
  int status = luaL_loadfile(L, file);
  if (status == LUA_ERRFILE && errno == ENOENT) {
    lua_getglobal(L, "require");
    lua_pushliteral(L, "moonlet.cli");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "no_such_file");
    lua_pushstring(L, file);
    lua_call(L, 1, 1);
  }
  if (status != LUA_OK) return report(L, status);
  int n = argc > script ? argc - script - 1 : 0;
  luaL_checkstack(L, n + 3, "too many arguments to script");
  for (int i = 0; i < n; i++) lua_pushstring(L, argv[script + 1 + i]);
  return report(L, call(L, n, 0));
}

/* ---- verbs and the REPL ---- */

static bool is_verb(const char *word) {
  static const char prefix[] = "moonlet.cmd.";
  for (const ml_script *script = ml_scripts; script->name; script++)
    if (strncmp(script->name, prefix, sizeof prefix - 1) == 0 &&
        strcmp(script->name + sizeof prefix - 1, word) == 0) return true;
  return strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* require(script).main(...): the script's own exit code. */
static int run_main(lua_State *L, const char *script, int n_args) {
  lua_getglobal(L, "require");
  lua_pushstring(L, script);
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "main");
  lua_replace(L, -2);
  lua_insert(L, -1 - n_args);
  int status = call(L, n_args, 1);
  if (status != LUA_OK) return report(L, status);
  int code = (int)lua_tointeger(L, -1);
  lua_pop(L, 1);
  return code;
}

static int run_verb(lua_State *L, int argc, char **argv) {
  luaL_checkstack(L, argc + 4, "too many arguments");
  for (int i = 1; i < argc; i++) lua_pushstring(L, argv[i]);
  return run_main(L, "moonlet.cli", argc - 1);
}

/* The REPL waits at its prompt without our signal handler and calls each line with it. On a
** terminal Ctrl-C is a key at the prompt; one just before or after a call is ignored. */
static int run_repl(lua_State *L) {
  program.prompts = isatty(STDIN_FILENO);
  catch_interrupts(false);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "moonlet.repl");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "main");
  lua_pushcfunction(L, repl_call);
  lua_call(L, 1, 0);
  return EXIT_SUCCESS;
}

static void say_version(void) {
  printf("moonlet %s, %s\n", moon_version(), LUA_RELEASE);
  fflush(stdout);
}

static int usage(const char *wrong) {
  fprintf(stderr,
          "moonlet: unrecognized or incomplete option '%s'\n"
          "usage: moonlet [options] [script [args]]   or   moonlet VERB [...]\n"
          "  -e STAT  run string STAT      -l NAME  require NAME into global NAME\n"
          "  -i       REPL after script    -v       show version\n"
          "  -E       ignore environment   -W       turn warnings on\n"
          "  --       stop options         -        run stdin as a script\n"
          "moonlet --help lists the verbs.\n",
          wrong);
  return EXIT_USAGE;
}

static int run(lua_State *L, int argc, char **argv) {
  if (argc > 1 && is_verb(argv[1])) return run_verb(L, argc, argv);
  if (argc > 1 && strcmp(argv[1], "--version") == 0) return say_version(), EXIT_SUCCESS;
  request r;
  int wrong = read_options(argc, argv, &r);
  if (wrong) return usage(argv[wrong]);
  if (r.version) say_version();
  push_arg(L, argc, argv, r.script);
  int code = r.no_environment ? EXIT_SUCCESS : run_init(L);
  if (code == EXIT_SUCCESS) code = run_options(L, argv, r.script);
  if (code != EXIT_SUCCESS) return code;
  bool has_script = r.script < argc;
  bool did_something = has_script || r.version;
  for (int i = 1; i < r.script; i++)
    if (argv[i][1] == 'e' || argv[i][1] == 'l') did_something = true;
  if (has_script) {
    bool from_stdin = strcmp(argv[r.script], "-") == 0 &&
                      strcmp(argv[r.script - 1], "--") != 0;
    code = run_file(L, from_stdin ? NULL : argv[r.script], argc, argv, r.script);
    if (code != EXIT_SUCCESS) return code;
  }
  if (r.interactive) return run_repl(L);
  if (did_something) return EXIT_SUCCESS;
  if (!isatty(STDIN_FILENO)) return run_file(L, NULL, argc, argv, argc);
  say_version();
  return run_repl(L);
}

/* Everything that may throw, under one protected call: argc, argv -> exit code. */
static int protected_main(lua_State *L) {
  int argc = (int)lua_tointeger(L, 1);
  char **argv = lua_touserdata(L, 2);
  luaL_checkversion(L);
  for (int i = 1; i < argc && argv[i][0] == '-'; i++)
    if (strcmp(argv[i], "-E") == 0) {
      lua_pushboolean(L, 1);
      lua_setfield(L, LUA_REGISTRYINDEX, "LUA_NOENV");
    }
  luaL_openlibs(L);
  lua_pushlightuserdata(L, &program.watch);
  lua_setfield(L, LUA_REGISTRYINDEX, ML_WATCH);
  luaL_requiref(L, "moonlet", luaopen_moonlet, 0);
  lua_settop(L, 0);
  lua_pushinteger(L, run(L, argc, argv));
  return 1;
}

int main(int argc, char **argv) {
  lua_State *L = luaL_newstate();
  if (!L) {
    fputs("moonlet: out of memory\n", stderr);
    return EXIT_FAILURE;
  }
  program.L = L;
  lua_pushcfunction(L, protected_main);
  lua_pushinteger(L, argc);
  lua_pushlightuserdata(L, argv);
  int status = lua_pcall(L, 2, 1, 0);
  int code = status == LUA_OK ? (int)lua_tointeger(L, -1) : report(L, status);
  lua_close(L);
  return code;
}
