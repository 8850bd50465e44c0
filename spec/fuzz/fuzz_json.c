/* fuzz_json.c: whatever the text is, the tree keeps json.h's promises. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok) {
  if (!ok) abort();
}

static void check_node(const mn_json *node, size_t len, bool strict) {
  size_t count = 0;
  check(node->position < len && isfinite(node->number));
  if (node->type == MN_JSON_STRING) check(node->text[node->text_len] == '\0');
  if (node->type == MN_JSON_INT) check((double)node->integer == node->number);
  for (const mn_json *c = node->first; c; c = c->next, count++) {
    check_node(c, len, strict);
    if (node->type != MN_JSON_OBJECT) continue;
    check(c->key[c->key_len] == '\0');
    if (!strict || strlen(c->key) != c->key_len) continue;
    check(mn_json_get(node, c->key) == c);
  }
  check(count == node->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const mn_json *root;
  moon_error err;
  mn_arena arena;
  mn_arena_growing(&arena, mn_alloc_default(NULL, NULL), (size_t)256 << 20);
  moon_status strict = mn_json_parse(&arena, (const char *)data, size, "text", &root, &err);
  if (strict == MOON_OK) check_node(root, size, true);
  else check(!root && err.code == strict && strlen(err.message) > 0);
  moon_status lax = mn_json_parse_lax(&arena, (const char *)data, size, "text", &root, &err);
  if (lax == MOON_OK) check_node(root, size, false);
  check(strict != MOON_OK || lax == MOON_OK);
  mn_arena_free(&arena);
  return 0;
}
