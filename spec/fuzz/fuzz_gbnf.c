/* fuzz_gbnf.c: a grammar, a NUL, a text: parsing and deriving end. */
#include <string.h>

#include "core/constrain/grammar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
  size_t len = nul ? (size_t)(nul - data) : size;
  mn_alloc alloc = mn_alloc_default(NULL, NULL);
  mn_arena arena;
  mn_grammar grammar;
  moon_error err;
  mn_arena_growing(&arena, alloc, (size_t)64 << 20);
  if (mn_gbnf_parse(&arena, (const char *)data, len, &grammar, &err) == MOON_OK) {
    mn_derivation d;
    uint32_t state;
    if (mn_derivation_begin(&d, alloc, &grammar, &state, &err) == MOON_OK && nul)
      for (size_t i = len + 1; i < size && state; i++) {
        mn_derivation_complete(&d, state);
        state = mn_derivation_step(&d, state, data[i]);
      }
    mn_derivation_end(&d);
  }
  mn_arena_free(&arena);
  return 0;
}
