/* normalize.c: text as the pieces of a SentencePiece model spell it.
**
** What: replacements by the file's own table, spaces at the ends and in runs removed where the
** file wants it, the dummy prefix, U+2581 for spaces. How: the table (precompiled_charsmap) is a
** double-array trie whose keys are replaced, the longest first; it is where a file keeps what its
** normaliser's name (nmt_nfkc, nfkc_cf, one's own) stood for on the day of training, so the name
** is not looked at and the result is SentencePiece's own to the byte; an empty table is the
** identity. Invariants: the result is valid UTF-8, a byte that is no character has become U+FFFD;
** every index that the table names is checked. Not here: computing Unicode normal forms. */
#include <string.h>

#include "core/base/size.h"
#include "core/text/sentencepiece.h"
#include "core/text/unicode.h"

/* ---- the table ---- */

/* Three bytes are at most one character and NFKC's longest expansion has 33 bytes; the cap keeps
** a small text from becoming a huge one. */
enum { MOST_REPLACEMENT = 512 };

/* A unit: label in the low byte (bit 31: not a label but a value), bit 8: a value follows, bits
** 10 to 30: distance to the children, to be shifted by 8 more if bit 9 is set. */
static bool unit_at(const mn_tokenizer *tok, size_t i, uint32_t *unit) {
  if (i >= tok->trie_units) return false;
  const uint8_t *b = tok->trie + 4 * i;
  *unit = b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
  return true;
}

static uint32_t children_of(uint32_t unit) { return unit >> 10 << (unit >> 6 & 8); }

/* Bytes of the longest key at the start of text, 0 if there is none; its replacement. */
static size_t look_up(const mn_tokenizer *tok, const char *text, size_t len,
                      const char **replacement) {
  size_t found = 0, node;
  uint32_t unit;
  if (!unit_at(tok, 0, &unit)) return 0;
  node = children_of(unit);
  for (size_t i = 0; i < len && i < MN_MAX_PIECE; i++) {
    uint8_t byte = (uint8_t)text[i];
    node ^= byte;
    if (!unit_at(tok, node, &unit) || (unit & 0x800000FF) != byte) break;
    node ^= children_of(unit);
    if (!(unit >> 8 & 1)) continue;
    uint32_t value;
    if (!unit_at(tok, node, &value)) break;
    value &= 0x7FFFFFFF;
    if (value >= tok->replacements_size) break;
    *replacement = tok->replacements + value;
    found = i + 1;
  }
  return found;
}

/* Whether a value points into the middle of a character is seen when it is met, in chunk_at. */
moon_status mn_normalize_check(const mn_tokenizer *tok, const char *name, moon_error *err) {
  const char *s = tok->replacements;
  size_t size = tok->replacements_size, longest = 0, start = 0;
  if (!tok->trie) return MOON_OK;
  if (size == 0 || s[size - 1] != '\0' || mn_utf8_valid(s, size) != size)
    return mn_fail(err, MOON_EFORMAT, "%s: wants replacements of the normaliser in UTF-8 that end "
                   "in a NUL", name);
  for (size_t i = 0; i < size; i++) {
    if (s[i] != '\0') continue;
    if (i - start > longest) longest = i - start;
    start = i + 1;
  }
  if (longest > MOST_REPLACEMENT)
    return mn_fail(err, MOON_EFORMAT, "%s: wants replacements of at most %d bytes, finds %zu", name,
                   MOST_REPLACEMENT, longest);
  return MOON_OK;
}

/* ---- text ---- */

typedef struct buffer {
  const mn_alloc *alloc;
  char *bytes;
  size_t len, cap;
} buffer;

static moon_status grow(buffer *out, size_t len, moon_error *err) {
  size_t cap = out->cap + out->cap / 2;
  if (len > MN_MAX_NORMALIZED)
    return mn_fail(err, MOON_EARG, "the normalized text is longer than %d bytes",
                   MN_MAX_NORMALIZED);
  if (cap < len) cap = len;
  char *bytes = mn_resize(out->alloc, out->bytes, cap);
  if (!bytes) return mn_fail_memory(err, "text", cap);
  out->bytes = bytes;
  out->cap = cap;
  return MOON_OK;
}

static moon_status append(buffer *out, const char *bytes, size_t n, moon_error *err) {
  size_t len;
  moon_status status = MOON_OK;
  if (!mn_size_add(out->len, n, &len)) len = SIZE_MAX;
  if (len > out->cap) status = grow(out, len, err);
  if (status != MOON_OK) return status;
  memcpy(out->bytes + out->len, bytes, n);
  out->len = len;
  return MOON_OK;
}

/* A stretch of the text and what it becomes. */
typedef struct chunk {
  const char *bytes;
  size_t len;
  size_t consumed;
} chunk;

static chunk chunk_at(const mn_tokenizer *tok, const char *text, size_t len, bool special) {
  size_t n;
  int32_t id;
  const char *replacement;
  if (special && (n = mn_vocabulary_special(tok, text, len, &id)) > 0)
    return (chunk){text, n, n};
  if (tok->trie && (n = look_up(tok, text, len, &replacement)) > 0) {
    size_t bytes = strlen(replacement);
    if (mn_utf8_valid(replacement, bytes) == bytes) return (chunk){replacement, bytes, n};
  }
  n = mn_utf8_decode(text, len, NULL);
  if (n == 0) return (chunk){MN_REPLACEMENT, MN_MARK, 1};
  return (chunk){text, n, n};
}

static moon_status append_escaped(const mn_tokenizer *tok, buffer *out, const char *bytes,
                                  size_t n, moon_error *err) {
  moon_status status = MOON_OK;
  if (!tok->escape_spaces) return append(out, bytes, n, err);
  for (const char *end = bytes + n; bytes < end && status == MOON_OK;) {
    const char *space = memchr(bytes, ' ', (size_t)(end - bytes));
    status = append(out, bytes, (size_t)((space ? space : end) - bytes), err);
    if (space && status == MOON_OK) status = append(out, MN_SPACE, MN_MARK, err);
    bytes = space ? space + 1 : end;
  }
  return status;
}

/* All of text, in chunks. A chunk loses its leading spaces after a space. */
static moon_status convert(const mn_tokenizer *tok, const char *text, size_t len, bool special,
                           buffer *out, moon_error *err) {
  bool after_space = tok->squeeze_spaces;
  for (size_t at = 0; at < len;) {
    chunk c = chunk_at(tok, text + at, len - at, special);
    at += c.consumed;
    while (after_space && c.len > 0 && *c.bytes == ' ') c.bytes++, c.len--;
    if (c.len == 0) continue;
    moon_status status = append_escaped(tok, out, c.bytes, c.len, err);
    if (status != MOON_OK) return status;
    after_space = tok->squeeze_spaces && c.bytes[c.len - 1] == ' ';
  }
  return MOON_OK;
}

static void drop_trailing(buffer *out, const char *space, size_t size) {
  while (out->len >= size && memcmp(out->bytes + out->len - size, space, size) == 0)
    out->len -= size;
}

moon_status mn_normalize(const mn_tokenizer *tok, const char *text, size_t len, bool special,
                         char **bytes, size_t *n, moon_error *err) {
  const char *space = tok->escape_spaces ? MN_SPACE : " ";
  size_t space_size = strlen(space);
  buffer out = {.alloc = &tok->alloc};
  moon_status status;
  *bytes = NULL;
  *n = 0;
  while (tok->squeeze_spaces && len > 0) {
    chunk c = chunk_at(tok, text, len, special);
    if (c.len != 1 || *c.bytes != ' ') break;
    text += c.consumed;
    len -= c.consumed;
  }
  status = grow(&out, len + len / 4 + MN_MARK, err);
  if (status == MOON_OK && len > 0 && tok->dummy_prefix && !tok->suffix)
    status = append(&out, space, space_size, err);
  if (status == MOON_OK) status = convert(tok, text, len, special, &out, err);
  if (status == MOON_OK && tok->squeeze_spaces) drop_trailing(&out, space, space_size);
  if (status == MOON_OK && len > 0 && tok->dummy_prefix && tok->suffix)
    status = append(&out, space, space_size, err);
  if (status != MOON_OK) {
    mn_free(&tok->alloc, out.bytes);
    return status;
  }
  *bytes = out.bytes;
  *n = out.len;
  return MOON_OK;
}
