/* fuzz_schema.c: a schema, a NUL, a text: compiling and reading end, and what is accepted is
** JSON. */
#include <stdlib.h>
#include <string.h>

#include "core/constrain/machine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok) {
  if (!ok) abort();
}

static void read_text(mn_run *run, mn_cursor at, const uint8_t *text, size_t len) {
  for (size_t i = 0; i < len; i++)
    if (!mn_run_step(run, &at, text[i], &at)) return;
  if (!mn_run_complete(run, &at)) return;
  const mn_json *root;
  mn_arena arena;
  mn_arena_growing(&arena, mn_alloc_default(NULL, NULL), (size_t)64 << 20);
  check(mn_json_parse_lax(&arena, (const char *)text, len, "text", &root, NULL) == MOON_OK ||
        memchr(text, 'e', len) || memchr(text, 'E', len));      /* 1e999 overflows a double */
  mn_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
  size_t len = nul ? (size_t)(nul - data) : size;
  mn_alloc alloc = mn_alloc_default(NULL, NULL);
  moon_constraint_options options = {MOON_SPACE_INDENT, false, true};
  mn_arena arena;
  mn_schema schema;
  moon_error err;
  mn_arena_growing(&arena, alloc, (size_t)64 << 20);
  if (mn_schema_compile(&arena, (const char *)data, len, &options, &schema, &err) == MOON_OK) {
    mn_run run;
    mn_cursor start;
    if (mn_run_begin(&run, alloc, &schema, MOON_SPACE_INDENT, &start, &err) == MOON_OK && nul)
      read_text(&run, start, nul + 1, size - len - 1);
    mn_run_end(&run);
  }
  mn_arena_free(&arena);
  return 0;
}
