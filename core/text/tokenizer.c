/* tokenizer.c: the interface of a tokenizer, over the parts that sentencepiece.h names.
**
** encode is normalize and merge. decode puts surfaces together, with what SentencePiece does
** besides: the space that the dummy prefix brought is taken off again, and byte pieces that make
** no character become U+FFFD, one for each. */
#include "core/text/tokenizer.h"

#include <string.h>

#include "core/base/size.h"
#include "core/text/sentencepiece.h"
#include "core/text/unicode.h"

int32_t mn_tokenizer_count(const mn_tokenizer *tok) { return tok->count; }
int32_t mn_tokenizer_bos(const mn_tokenizer *tok) { return tok->bos; }
int32_t mn_tokenizer_eos(const mn_tokenizer *tok) { return tok->eos; }

static const mn_piece *piece_of(const mn_tokenizer *tok, int32_t id) {
  return id >= 0 && id < tok->count ? &tok->pieces[id] : NULL;
}

/* An id outside the vocabulary is unknown. */
mn_piece_kind mn_tokenizer_kind(const mn_tokenizer *tok, int32_t id) {
  const mn_piece *piece = piece_of(tok, id);
  return piece ? (mn_piece_kind)piece->kind : MN_PIECE_UNKNOWN;
}

const char *mn_tokenizer_piece(const mn_tokenizer *tok, int32_t id, size_t *len) {
  const mn_piece *piece = piece_of(tok, id);
  *len = piece ? piece->surface_len : 0;
  return piece ? piece->surface : NULL;
}

int32_t mn_tokenizer_find(const mn_tokenizer *tok, const char *piece, size_t len) {
  int32_t id = mn_vocabulary_find_reserved(tok, piece, len);
  return id >= 0 ? id : mn_vocabulary_find(tok, piece, len);
}

moon_status mn_tokenizer_encode(const mn_tokenizer *tok, const char *text, size_t len,
                                bool special, int32_t *ids, size_t cap, size_t *n,
                                moon_error *err) {
  char *normal;
  size_t normal_len;
  *n = 0;
  if (len > MN_MAX_TEXT)
    return mn_fail(err, MOON_EARG, "wants a text of at most %d bytes, got %zu", MN_MAX_TEXT, len);
  moon_status status = mn_normalize(tok, text, len, special, &normal, &normal_len, err);
  if (status != MOON_OK) return status;
  status = mn_bpe_encode(tok, normal, normal_len, special, ids, cap, n, err);
  mn_free(&tok->alloc, normal);
  return status;
}

/* ---- decode ---- */

typedef struct writer {
  char *text;
  size_t cap, len;              /* len counts what did not fit, too */
} writer;

static void put(writer *out, const char *bytes, size_t n) {
  if (out->len < out->cap) {
    size_t fits = out->cap - out->len;
    memcpy(out->text + out->len, bytes, n < fits ? n : fits);
  }
  out->len += n;
}

/* The byte pieces at the start of ids as one character; how many ids that were. */
static size_t put_bytes(const mn_tokenizer *tok, const int32_t *ids, size_t n, writer *out) {
  char bytes[4];
  size_t len = 0;
  for (; len < 4 && len < n; len++) {
    const mn_piece *piece = piece_of(tok, ids[len]);
    if (!piece || piece->kind != MN_PIECE_BYTE) break;
    bytes[len] = *piece->surface;
  }
  len = mn_utf8_decode(bytes, len, NULL);
  if (len > 0) put(out, bytes, len);
  else put(out, MN_REPLACEMENT, MN_MARK);
  return len > 0 ? len : 1;
}

/* The leading space goes once where the dummy prefix brought it, and again and again until there
** is text where the normaliser removes leading spaces. */
moon_status mn_tokenizer_decode(const mn_tokenizer *tok, const int32_t *ids, size_t n, char *text,
                                size_t cap, size_t *len, moon_error *err) {
  writer out = {text, cap, 0};
  bool at_start = tok->dummy_prefix || tok->squeeze_spaces;
  *len = 0;
  for (size_t i = 0; i < n;) {
    const mn_piece *piece = piece_of(tok, ids[i]);
    if (!piece)
      return mn_fail(err, MOON_EARG, "token %zu is %d, the vocabulary has 0 to %d", i, (int)ids[i],
                     (int)tok->count - 1);
    if (piece->kind == MN_PIECE_BYTE) {
      i += put_bytes(tok, ids + i, n - i, &out);
      continue;
    }
    bool marked = piece->len >= MN_MARK && memcmp(piece->text, MN_SPACE, MN_MARK) == 0;
    bool drop = marked && at_start && out.len == 0 && piece->kind != MN_PIECE_UNKNOWN &&
                piece->kind != MN_PIECE_CONTROL;
    put(&out, piece->surface + drop, (size_t)piece->surface_len - drop);
    if (drop && !tok->squeeze_spaces) at_start = false;
    i++;
  }
  *len = out.len;
  return MOON_OK;
}
