/* sentencepiece.h: the inside of a tokenizer, shared by the files that make it.
**
** sentencepiece.c reads the file into this, vocabulary.c finds pieces in it, normalize.c brings
** text into the form that pieces are spelled in, bpe.c cuts that into pieces, tokenizer.c is the
** interface. Everything here is written while the file is parsed and only read afterwards. */
#ifndef MOON_TEXT_SENTENCEPIECE_H
#define MOON_TEXT_SENTENCEPIECE_H

#include "core/base/arena.h"
#include "core/text/tokenizer.h"

/* Ids are int32 and tables are sized by the count; the largest vocabularies in use have 262,144
** pieces. The longest pieces in use are symbols of some tens of bytes; a cap keeps lengths in 16
** bits and bounds every comparison and every walk over a piece. A text that is longer than the
** cap is a mistake or an attack: it could never fit a context. */
enum {
  MN_MAX_PIECES = 1000000,
  MN_MAX_PIECE = 512,                   /* bytes */
  MN_MAX_TEXT = 256 << 20,              /* bytes */
  MN_MAX_NORMALIZED = 1 << 30           /* a space becomes the three bytes of U+2581 */
};

#define MN_SPACE "\xE2\x96\x81"         /* U+2581 stands for a space inside pieces */
#define MN_REPLACEMENT "\xEF\xBF\xBD"   /* U+FFFD stands for bytes that are no character */
enum { MN_MARK = 3 };                   /* bytes of either */

typedef struct mn_piece {
  const char *text;             /* as the file spells it */
  const char *surface;          /* the bytes it adds in the middle of a text */
  uint16_t len, surface_len;
  uint8_t kind;                 /* an mn_piece_kind */
  uint32_t rank;                /* of two merges the one with the smaller rank comes first */
} mn_piece;

typedef struct mn_slot {
  uint32_t hash;
  int32_t id;                   /* -1: empty */
} mn_slot;

struct mn_tokenizer {
  mn_alloc alloc;
  mn_arena arena;               /* holds everything below */
  mn_piece *pieces;             /* (count) */
  int32_t count;
  int32_t unknown, bos, eos;    /* bos and eos -1: none */
  bool byte_fallback, has_unused;
  int32_t bytes[256];           /* ids of the byte pieces, when byte_fallback */

  mn_slot *slots;               /* open addressing, at most half full */
  uint32_t mask;                /* slots - 1 */
  uint32_t *joins;              /* bits: can a piece hold this pair of neighbours? */
  const mn_piece **specials;    /* (n_specials) control and user-defined, sorted by bytes */
  size_t n_specials;

  bool dummy_prefix;            /* text begins (with suffix: ends) with a space of its own */
  bool suffix;
  bool squeeze_spaces;          /* spaces at the ends vanish, runs become one */
  bool escape_spaces;           /* a space becomes MN_SPACE */
  const uint8_t *trie;          /* (trie_units) 32-bit little-endian units; NULL: no table */
  size_t trie_units;
  const char *replacements;     /* what the trie's values point into; ends in NUL */
  size_t replacements_size;
};

/* ---- vocabulary.c ---- */

/* Builds slots, joins and specials from pieces. */
moon_status mn_vocabulary_build(mn_tokenizer *tok, const char *name, moon_error *err);
/* The id of a normal, unused or user-defined piece, or -1. */
int32_t mn_vocabulary_find(const mn_tokenizer *tok, const char *text, size_t len);
/* The id of an unknown, control or byte piece, or -1. */
int32_t mn_vocabulary_find_reserved(const mn_tokenizer *tok, const char *text, size_t len);
/* Bytes of the longest special piece at the start of text, its id in *id; 0 if there is none. */
size_t mn_vocabulary_special(const mn_tokenizer *tok, const char *text, size_t len, int32_t *id);
/* False when no piece that merges make holds code point a followed by b. */
bool mn_vocabulary_joins(const mn_tokenizer *tok, uint32_t a, uint32_t b);

/* ---- normalize.c ---- */

/* Is the table in the file sound? Called once trie and replacements are set. */
moon_status mn_normalize_check(const mn_tokenizer *tok, const char *name, moon_error *err);
/* Text as pieces spell it: valid UTF-8 in fresh memory, to be given to mn_free(&tok->alloc). */
moon_status mn_normalize(const mn_tokenizer *tok, const char *text, size_t len, bool special,
                         char **out, size_t *out_len, moon_error *err);

/* ---- bpe.c ---- */

/* Ids of normalized text: writes at most cap, sets *n to how many there are. */
moon_status mn_bpe_encode(const mn_tokenizer *tok, const char *text, size_t len, bool special,
                          int32_t *ids, size_t cap, size_t *n, moon_error *err);

#endif
