/* vocabulary.c: from bytes to pieces.
**
** What: a hash table from spelling to id, the special pieces in order, and a filter that tells
** which neighbours can stand in one piece. How: open addressing with linear probing, half full
** at most; the filter is a bitmap over hashed pairs of code points. Invariants: two pieces of
** one class (mergeable or reserved) never share a spelling; no search looks at more than
** MOST_PROBES slots, whatever the file's author chose as pieces; the filter may say yes for a
** pair that is in no piece, never no for one that is. */
#include <stdlib.h>
#include <string.h>

#include "core/base/size.h"
#include "core/text/sentencepiece.h"
#include "core/text/unicode.h"

/* A half-full table of a million random keys has runs of about 60 slots; a longer run than this
** was made on purpose. */
enum { MOST_PROBES = 512 };
enum { JOIN_BITS = 18 };        /* 32 KiB: stays in the first-level cache */

static bool is_reserved(int kind) {
  return kind == MN_PIECE_UNKNOWN || kind == MN_PIECE_CONTROL || kind == MN_PIECE_BYTE;
}

static bool is_special(int kind) { return kind == MN_PIECE_CONTROL || kind == MN_PIECE_USER; }

/* ---- spelling to id ---- */

static uint64_t mix(uint64_t h, uint64_t word) {
  h = (h ^ word) * UINT64_C(0x9E3779B97F4A7C15);
  return h ^ h >> 29;
}

static uint32_t hash_text(const char *text, size_t len, bool reserved) {
  uint64_t h = mix(len, reserved), word;
  size_t left = len;
  for (; left > 8; left -= 8, text += 8) {
    memcpy(&word, text, 8);
    h = mix(h, word);
  }
  word = 0;
  for (size_t i = 0; i < left; i++) word = word << 8 | (uint8_t)text[i];
  return (uint32_t)(mix(h, word) >> 32);
}

/* The slot that holds the spelling, or the empty one where it belongs; NULL: too long a run. */
static mn_slot *probe(const mn_tokenizer *tok, const char *text, size_t len, bool reserved,
                      uint32_t hash) {
  for (uint32_t i = 0; i < MOST_PROBES; i++) {
    mn_slot *slot = &tok->slots[(hash + i) & tok->mask];
    if (slot->id < 0) return slot;
    const mn_piece *piece = &tok->pieces[slot->id];
    if (slot->hash == hash && piece->len == len && is_reserved(piece->kind) == reserved &&
        memcmp(piece->text, text, len) == 0)
      return slot;
  }
  return NULL;
}

static int32_t find(const mn_tokenizer *tok, const char *text, size_t len, bool reserved) {
  if (len > MN_MAX_PIECE) return -1;
  mn_slot *slot = probe(tok, text, len, reserved, hash_text(text, len, reserved));
  return slot ? slot->id : -1;
}

int32_t mn_vocabulary_find(const mn_tokenizer *tok, const char *text, size_t len) {
  return find(tok, text, len, false);
}

int32_t mn_vocabulary_find_reserved(const mn_tokenizer *tok, const char *text, size_t len) {
  return find(tok, text, len, true);
}

static moon_status build_slots(mn_tokenizer *tok, const char *name, moon_error *err) {
  size_t size = 16, bytes;
  while (size < 2 * (size_t)tok->count) size *= 2;
  if (!mn_size_mul(size, sizeof *tok->slots, &bytes)) bytes = SIZE_MAX;
  tok->slots = mn_arena_take(&tok->arena, bytes);
  if (!tok->slots) return mn_fail_memory(err, "vocabulary", bytes);
  tok->mask = (uint32_t)(size - 1);
  for (size_t i = 0; i < size; i++) tok->slots[i].id = -1;
  for (int32_t id = 0; id < tok->count; id++) {
    const mn_piece *piece = &tok->pieces[id];
    bool reserved = is_reserved(piece->kind);
    uint32_t hash = hash_text(piece->text, piece->len, reserved);
    mn_slot *slot = probe(tok, piece->text, piece->len, reserved, hash);
    if (!slot)
      return mn_fail(err, MOON_EFORMAT, "%s: more than %d pieces hash alike near piece %d", name,
                     MOST_PROBES, (int)id);
    if (slot->id >= 0)
      return mn_fail(err, MOON_EFORMAT, "%s: pieces %d and %d are both '%.*s'", name,
                     (int)slot->id, (int)id, (int)piece->len, piece->text);
    *slot = (mn_slot){hash, id};
  }
  return MOON_OK;
}

/* ---- which neighbours can stand in one piece ---- */

static uint32_t join_bit(uint32_t a, uint32_t b) {
  return (uint32_t)(((uint64_t)a << 32 | b) * UINT64_C(0x9E3779B97F4A7C15) >> (64 - JOIN_BITS));
}

bool mn_vocabulary_joins(const mn_tokenizer *tok, uint32_t a, uint32_t b) {
  uint32_t bit = join_bit(a, b);
  return tok->joins[bit >> 5] >> (bit & 31) & 1;
}

static moon_status build_joins(mn_tokenizer *tok, moon_error *err) {
  size_t bytes = ((size_t)1 << JOIN_BITS) / 8;
  tok->joins = mn_arena_take(&tok->arena, bytes);
  if (!tok->joins) return mn_fail_memory(err, "vocabulary", bytes);
  memset(tok->joins, 0, bytes);
  for (int32_t id = 0; id < tok->count; id++) {
    const mn_piece *piece = &tok->pieces[id];
    if (piece->kind != MN_PIECE_NORMAL && piece->kind != MN_PIECE_UNUSED) continue;
    uint32_t before = 0, code = 0;
    for (size_t at = 0; at < piece->len; before = code) {
      size_t first = at;
      at += mn_utf8_decode(piece->text + at, piece->len - at, &code);
      if (first == 0) continue;
      uint32_t bit = join_bit(before, code);
      tok->joins[bit >> 5] |= UINT32_C(1) << (bit & 31);
    }
  }
  return MOON_OK;
}

/* ---- special pieces ---- */

/* By bytes; of a reserved and a user-defined piece with one spelling the reserved one last. */
static int order_specials(const void *a, const void *b) {
  const mn_piece *x = *(const mn_piece *const *)a, *y = *(const mn_piece *const *)b;
  int order = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);
  if (order != 0) return order;
  if (x->len != y->len) return x->len < y->len ? -1 : 1;
  return is_reserved(x->kind) - is_reserved(y->kind);
}

static moon_status build_specials(mn_tokenizer *tok, moon_error *err) {
  size_t n = 0, bytes;
  for (int32_t id = 0; id < tok->count; id++) n += is_special(tok->pieces[id].kind);
  if (!mn_size_mul(n, sizeof *tok->specials, &bytes)) bytes = SIZE_MAX;
  tok->specials = mn_arena_take(&tok->arena, bytes);
  if (!tok->specials) return mn_fail_memory(err, "vocabulary", bytes);
  for (int32_t id = 0; id < tok->count; id++)
    if (is_special(tok->pieces[id].kind)) tok->specials[tok->n_specials++] = &tok->pieces[id];
  qsort(tok->specials, n, sizeof *tok->specials, order_specials);
  return MOON_OK;
}

/* The first special in [low, high) whose byte at depth is at least `least`; those that end before
** depth come first of all. */
static size_t first_at_least(const mn_tokenizer *tok, size_t low, size_t high, size_t depth,
                             unsigned least) {
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    const mn_piece *piece = tok->specials[middle];
    if (piece->len <= depth || (uint8_t)piece->text[depth] < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/* [low, high) are the specials that share text's first `depth` bytes. */
size_t mn_vocabulary_special(const mn_tokenizer *tok, const char *text, size_t len, int32_t *id) {
  size_t low = 0, high = tok->n_specials, found = 0;
  for (size_t depth = 0; depth < len && low < high; depth++) {
    uint8_t byte = (uint8_t)text[depth];
    low = first_at_least(tok, low, high, depth, byte);
    high = first_at_least(tok, low, high, depth, byte + 1u);
    for (size_t i = low; i < high && tok->specials[i]->len == depth + 1; i++) {
      found = depth + 1;
      *id = (int32_t)(tok->specials[i] - tok->pieces);
    }
  }
  return found;
}

moon_status mn_vocabulary_build(mn_tokenizer *tok, const char *name, moon_error *err) {
  moon_status status = build_slots(tok, name, err);
  if (status == MOON_OK) status = build_joins(tok, err);
  if (status == MOON_OK) status = build_specials(tok, err);
  return status;
}
