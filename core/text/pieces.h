/* pieces.h: a SentencePiece vocabulary as plain arrays, to be carried from one file to another.
**
** A tokenizer gives them, and so does a GGUF file; mn_pieces_write makes a tokenizer.model of
** them, which the parser of such files then checks. So there is one set of checks, whatever
** the source. */
#ifndef MOON_TEXT_PIECES_H
#define MOON_TEXT_PIECES_H

#include "core/base/arena.h"
#include "core/text/tokenizer.h"

enum {                          /* as sentencepiece_model.proto and GGUF number them */
  MN_TYPE_NORMAL = 1, MN_TYPE_UNKNOWN, MN_TYPE_CONTROL, MN_TYPE_USER, MN_TYPE_UNUSED, MN_TYPE_BYTE
};

typedef struct mn_one_piece {
  const char *text;             /* as files spell it; no NUL behind it */
  size_t len;
  float score;
  int32_t type;
} mn_one_piece;

typedef struct mn_pieces {
  mn_one_piece *items;          /* (count), in the order of their ids */
  size_t count;
  int32_t bos, eos;             /* -1: none */
  bool dummy_prefix, squeeze_spaces, escape_spaces, suffix;
  const char *unknown;          /* what an unknown piece adds to a text */
  size_t unknown_len;
  const uint8_t *table;         /* the normaliser's; NULL: none */
  size_t table_size;
} mn_pieces;

/* What SentencePiece takes where a file is silent. */
mn_pieces mn_pieces_defaults(void);
/* A tokenizer's own; items live in the arena, the rest in tok. Scores are those of its file. */
moon_status mn_pieces_of(const mn_tokenizer *tok, mn_arena *arena, mn_pieces *pieces,
                         moon_error *err);
/* The bytes of a tokenizer.model, in the arena. */
moon_status mn_pieces_write(const mn_pieces *pieces, mn_arena *arena, uint8_t **bytes,
                            size_t *size, moon_error *err);
/* Both: a tokenizer's own tokenizer.model. */
moon_status mn_tokenizer_print(const mn_tokenizer *tok, mn_arena *arena, uint8_t **bytes,
                               size_t *size, moon_error *err);

#endif
