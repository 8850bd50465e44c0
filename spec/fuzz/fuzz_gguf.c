/* fuzz_gguf.c: any bytes as a GGUF file: its tensors, its config, its vocabulary. What opens as a
** config is printed and read again, and must stay what it is. */
#include "core/model/interop.h"
#include "spec/fuzz/check_spans.h"

static void check_config(const mn_alloc *alloc, const mn_gguf *file) {
  moon_config config, again;
  moon_error err;
  moon_status status = mn_gguf_config_of(alloc, file, &config, &err);
  if (status == MOON_EMEM) return;
  if (status != MOON_OK && (err.code != status || !*err.message)) abort();
  if (status != MOON_OK) return;
  mn_config_text json = mn_config_print(&config, MOON_F32);
  if (mn_config_parse(alloc, json.text, strlen(json.text), "again", &again, &err) != MOON_OK ||
      memcmp(&config, &again, sizeof config) != 0) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const mn_alloc alloc = mn_alloc_default(NULL, NULL);
  mn_gguf file;
  mn_arena arena;
  mn_tokenizer *tok;
  moon_error err;
  parse_and_check(mn_gguf_parse, data, size);
  mn_arena_growing(&arena, alloc, (size_t)256 << 20);
  if (mn_gguf_read(&arena, data, size, "file", &file, &err) == MOON_OK) {
    check_config(&alloc, &file);
    moon_status status = mn_gguf_tokenizer_of(&alloc, &arena, &file, INT32_MAX, &tok, &err);
    if (status != MOON_OK && (tok || err.code != status || !*err.message)) abort();
    mn_tokenizer_close(tok);
  }
  mn_arena_free(&arena);
  return 0;
}
