/* tokenizer.h: text to token ids and back, whatever file the vocabulary came from.
**
** Today one kind: SentencePiece BPE (`tokenizer.model`). Immutable once open. */
#ifndef MOON_TEXT_TOKENIZER_H
#define MOON_TEXT_TOKENIZER_H

#include "core/base/alloc.h"
#include "core/base/error.h"

typedef struct mn_tokenizer mn_tokenizer;

typedef enum mn_piece_kind {
  MN_PIECE_NORMAL, MN_PIECE_UNKNOWN, MN_PIECE_CONTROL, MN_PIECE_USER, MN_PIECE_BYTE,
  MN_PIECE_UNUSED
} mn_piece_kind;

/* From the bytes of a tokenizer.model. name begins error sentences. */
moon_status mn_tokenizer_parse(const mn_alloc *alloc, const uint8_t *bytes, size_t size,
                               const char *name, mn_tokenizer **tok, moon_error *err);
void mn_tokenizer_close(mn_tokenizer *tok);             /* accepts NULL */
int32_t mn_tokenizer_count(const mn_tokenizer *tok);    /* pieces */
/* Ids that the file itself names; -1 where it names none. */
int32_t mn_tokenizer_bos(const mn_tokenizer *tok);
int32_t mn_tokenizer_eos(const mn_tokenizer *tok);
mn_piece_kind mn_tokenizer_kind(const mn_tokenizer *tok, int32_t id);
/* As moon_model_encode, _decode, _piece, _token; no BOS is added here. special: text that spells
** a control or user-defined symbol becomes it. */
moon_status mn_tokenizer_encode(const mn_tokenizer *tok, const char *text, size_t len,
                                bool special, int32_t *ids, size_t cap, size_t *n,
                                moon_error *err);
moon_status mn_tokenizer_decode(const mn_tokenizer *tok, const int32_t *ids, size_t n, char *text,
                                size_t cap, size_t *len, moon_error *err);
const char *mn_tokenizer_piece(const mn_tokenizer *tok, int32_t id, size_t *len);
int32_t mn_tokenizer_find(const mn_tokenizer *tok, const char *piece, size_t len);

#endif
