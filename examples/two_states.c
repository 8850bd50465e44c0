/* two_states.c: a C program with two lua_States, as an engine with one for each script has them,
** and one model for both: two_states MODEL
**
** C owns the model and counts its memory; each state has a character that thinks 2 ms a frame. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <lauxlib.h>
#include <lualib.h>

#include "lua/moonlet_lua.h"

static const char character[] =
    "local model, said = ...\n"
    "local prompt = '<|user|> ' .. said .. '<|call|>'\n"
    "local answer = model:stream(prompt, { special = true, stop = '<|end|>', max_tokens = 40 })\n"
    "return function() return answer:step { ms = 2 } end\n";

/* Any thread of the engine may allocate. */
static void *counting_alloc(void *data, void *ptr, size_t old_size, size_t new_size) {
  atomic_size_t *held = data;
  if (new_size == 0) {
    atomic_fetch_sub(held, ptr ? old_size : 0);
    free(ptr);
    return NULL;
  }
  void *block = realloc(ptr, new_size);
  if (block) atomic_fetch_add(held, new_size - (ptr ? old_size : 0));
  return block;
}

/* A state whose index 1 is a function that thinks for a frame; NULL, with the reason printed, when
** there cannot be one. */
static lua_State *new_character(moon_model *model, const char *said) {
  lua_State *L = luaL_newstate();
  if (!L) return NULL;
  luaL_openlibs(L);
  luaL_requiref(L, "moonlet", luaopen_moonlet, 0);
  lua_settop(L, 0);
  if (luaL_loadstring(L, character) == LUA_OK) {
    moon_lua_push_model(L, model);
    lua_pushstring(L, said);
    if (lua_pcall(L, 2, 1, 0) == LUA_OK) return L;
  }
  fprintf(stderr, "two_states: %s\n", lua_tostring(L, -1));
  lua_close(L);
  return NULL;
}

/* One frame; false when the character has nothing more to say. */
static int think(lua_State *L, const char *name) {
  lua_pushvalue(L, 1);
  if (lua_pcall(L, 0, 1, 0) != LUA_OK) fprintf(stderr, "%s: %s\n", name, lua_tostring(L, -1));
  const char *text = lua_tostring(L, -1);
  if (text && *text) printf("%s: %s\n", name, text);
  lua_pop(L, 1);
  return text != NULL;
}

int main(int argc, char **argv) {
  if (argc != 2) return fprintf(stderr, "usage: two_states MODEL\n"), 2;
  atomic_size_t held = 0;
  moon_error err;
  moon_engine *engine = NULL;
  moon_model *model = NULL;
  moon_engine_options options = moon_engine_defaults();
  options.threads = 0;          /* no threads: the frame's own does all the work */
  options.alloc = counting_alloc;
  options.alloc_data = &held;
  if (moon_engine_open(&options, &engine, &err) != MOON_OK ||
      moon_model_open(engine, argv[1], NULL, &model, &err) != MOON_OK) {
    fprintf(stderr, "two_states: %s\n", err.message);
    moon_engine_close(engine);
    return 1;
  }
  lua_State *guard = new_character(model, "turn off the lights in the kitchen");
  lua_State *cook = new_character(model, "how are you today");
  int frames = 0, speaking = guard && cook;
  for (; speaking; frames++) speaking = think(guard, "guard") | think(cook, "cook");
  printf("%d frames, %zu bytes held\n", frames, atomic_load(&held));
  if (guard) lua_close(guard);
  if (cook) lua_close(cook);
  moon_model_close(model);
  moon_engine_close(engine);
  printf("%zu bytes left\n", atomic_load(&held));
  return guard && cook ? 0 : 1;
}
