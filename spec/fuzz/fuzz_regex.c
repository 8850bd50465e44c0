/* fuzz_regex.c: an expression, a NUL, a text: both modes compile or refuse, and a whole match is
** found by the search too. */
#include <stdlib.h>
#include <string.h>

#include "core/constrain/automaton.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
  size_t len = nul ? (size_t)(nul - data) : size;
  const char *pattern = (const char *)data, *text = nul ? (const char *)nul + 1 : "";
  size_t text_len = nul ? size - len - 1 : 0;
  mn_arena arena;
  const mn_dfa *whole, *search;
  mn_arena_growing(&arena, mn_alloc_default(NULL, NULL), (size_t)64 << 20);
  if (mn_regex_compile(&arena, pattern, len, MN_REGEX_WHOLE, &whole, NULL) == MOON_OK &&
      mn_regex_compile(&arena, pattern, len, MN_REGEX_SEARCH, &search, NULL) == MOON_OK) {
    uint32_t a = mn_dfa_run(whole, whole->first, text, text_len);
    uint32_t b = mn_dfa_run(search, search->first, text, text_len);
    if ((whole->flags[a] & MN_ACCEPTS) && !(search->flags[b] & MN_ACCEPTS)) abort();
  }
  mn_arena_free(&arena);
  return 0;
}
