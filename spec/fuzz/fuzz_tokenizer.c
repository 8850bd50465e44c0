/* fuzz_tokenizer.c: a libFuzzer target for tokenizer.model files and for text.
**
**   clang -g -O1 -fsanitize=fuzzer,address,undefined -I. -D_GNU_SOURCE \
**     spec/fuzz/fuzz_tokenizer.c $(ls core/text/?*.c) core/base/{alloc,arena,error,size}.c -o fuzz
**   mkdir -p corpus && printf 'e\0\0\0' > corpus/e && printf 'taab <|x|> \303\251' > corpus/t
**   (printf m; cat examples/models/pocket/tokenizer.model) > corpus/m
**   ./fuzz -max_len=70000 corpus
**
** The first byte chooses. 'm': the rest is a file. 'e': the rest is edits, three bytes each, of a
** small sound file made here: where (16 bits) and what. Such files then encode a text that holds
** a bit of everything, and the input's own end. Anything else: the rest is text for the small
** file unedited, which must come back whole if it was valid UTF-8. */
#include <stdlib.h>
#include <string.h>

#include "core/text/tokenizer.h"
#include "core/text/unicode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A wrong answer must stop the run as a crash does. */
static void must(bool truth) {
  if (!truth) __builtin_trap();
}

/* Encodes and decodes; true when the text came back. */
static bool round_trip(const mn_tokenizer *tok, const char *text, size_t len, bool special) {
  size_t n, again, text_len;
  if (mn_tokenizer_encode(tok, text, len, special, NULL, 0, &n, NULL) != MOON_OK) return false;
  int32_t *ids = calloc(n + 1, sizeof *ids);
  must(ids != NULL);
  must(mn_tokenizer_encode(tok, text, len, special, ids, n, &again, NULL) == MOON_OK);
  must(again == n);
  for (size_t i = 0; i < n; i++) {
    mn_piece_kind kind = mn_tokenizer_kind(tok, ids[i]);
    must(ids[i] >= 0 && ids[i] < mn_tokenizer_count(tok));
    must(special || (kind != MN_PIECE_CONTROL && kind != MN_PIECE_USER));
  }
  must(mn_tokenizer_decode(tok, ids, n, NULL, 0, &text_len, NULL) == MOON_OK);
  char *back = calloc(text_len + 1, 1);
  must(back != NULL);
  must(mn_tokenizer_decode(tok, ids, n, back, text_len, &again, NULL) == MOON_OK);
  must(again == text_len && moon_utf8_whole(back, text_len) <= text_len);
  bool same = text_len == len && memcmp(back, text, len) == 0;
  free(back);
  free(ids);
  return same;
}

static void as_model(const uint8_t *data, size_t size) {
  static const char text[] = "<s> It's 12 o'clock\n<|user|>ab  \xC3\xA9\xFF\xF0\x90\x8D\x88</s>";
  mn_alloc alloc = mn_alloc_default(NULL, NULL);
  mn_tokenizer *tok;
  size_t tail = size < 64 ? size : 64, len;
  if (mn_tokenizer_parse(&alloc, data, size, "input", &tok, NULL) != MOON_OK) return;
  for (int special = 0; special < 2; special++) {
    round_trip(tok, text, sizeof text, special);
    round_trip(tok, (const char *)data + size - tail, tail, special);
  }
  for (int32_t id = -1; id <= mn_tokenizer_count(tok); id++) {
    const char *piece = mn_tokenizer_piece(tok, id, &len);
    must((piece != NULL) == (id >= 0 && id < mn_tokenizer_count(tok)));
  }
  mn_tokenizer_close(tok);
}

/* ---- a small file: bytes, letters, two merges, a symbol ---- */

typedef struct file {
  uint8_t bytes[8192];
  size_t size;
} file;

static void add(file *f, const void *bytes, size_t n) {
  must(n <= sizeof f->bytes - f->size);
  memcpy(f->bytes + f->size, bytes, n);
  f->size += n;
}

static void add_piece(file *f, const char *text, uint8_t score, uint8_t type) {
  uint8_t len = (uint8_t)strlen(text);
  uint8_t head[] = {0x0A, (uint8_t)(len + 9), 0x0A, len};
  uint8_t tail[] = {0x15, 0, 0, score, 0x40, 0x18, type};       /* a float of 2 and more */
  add(f, head, sizeof head);
  add(f, text, len);
  add(f, tail, sizeof tail);
}

static void make_small(file *f) {
  static const char mark_ab[] = "\xE2\x96\x81\x61\x62";
  static const char digits[] = "0123456789ABCDEF";
  static const uint8_t specs[] = {0x12, 5, 0x18, 2, 0x98, 2, 1, 0x1A, 4, 0x18, 0, 0x20, 0};
  f->size = 0;
  add_piece(f, "<unk>", 0, 2);
  add_piece(f, "<|x|>", 0, 4);
  for (int i = 0; i < 256; i++) {
    char piece[] = {'<', '0', 'x', digits[i >> 4], digits[i & 15], '>', '\0'};
    add_piece(f, piece, 0, 6);
  }
  static const char *const pieces[] = {"a", "b", "x", "|", "<", "\xE2\x96\x81", "ab", "aab",
                                       "\xE2\x96\x81\xE2\x96\x81", "<|", mark_ab};
  for (uint8_t i = 0; i < sizeof pieces / sizeof *pieces; i++) add_piece(f, pieces[i], i, 1);
  add(f, specs, sizeof specs);
}

static void as_edits(const uint8_t *data, size_t size) {
  file f;
  make_small(&f);
  for (size_t i = 0; i + 3 <= size; i += 3)
    f.bytes[(data[i] | (size_t)data[i + 1] << 8) % f.size] = data[i + 2];
  as_model(f.bytes, f.size);
}

static void as_text(const uint8_t *data, size_t size) {
  file f;
  make_small(&f);
  mn_alloc alloc = mn_alloc_default(NULL, NULL);
  mn_tokenizer *tok;
  must(mn_tokenizer_parse(&alloc, f.bytes, f.size, "small", &tok, NULL) == MOON_OK);
  const char *text = (const char *)data;
  bool valid = mn_utf8_valid(text, size) == size && !memmem(text, size, "\xE2\x96\x81", 3);
  for (int special = 0; special < 2; special++)
    must(round_trip(tok, text, size, special) == valid || !valid);
  mn_tokenizer_close(tok);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  if (data[0] == 'm') as_model(data + 1, size - 1);
  else if (data[0] == 'e') as_edits(data + 1, size - 1);
  else as_text(data + 1, size - 1);
  return 0;
}
