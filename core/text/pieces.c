/* pieces.c: vocabularies out of tokenizers and into the bytes of a tokenizer.model; see pieces.h.
**
** How: a ModelProto is written twice by the same code, first to count its bytes, then into a
** block of that size. Invariant: what is written says what the parser reads (sentencepiece.c)
** and no more: no training settings. */
#include "core/text/pieces.h"

#include <string.h>

#include "core/base/size.h"
#include "core/text/protobuf.h"
#include "core/text/sentencepiece.h"

mn_pieces mn_pieces_defaults(void) {
  return (mn_pieces){.bos = -1, .eos = -1, .dummy_prefix = true, .squeeze_spaces = true,
                     .escape_spaces = true, .unknown = " \xE2\x81\x87 ", .unknown_len = 5};
}

/* ---- out of a tokenizer ---- */

/* rank_of in sentencepiece.c, backwards. */
static float score_of(uint32_t rank) {
  uint32_t bits = rank >> 31 ? rank : ~rank & UINT32_C(0x7FFFFFFF);
  float score;
  memcpy(&score, &bits, sizeof score);
  return score;
}

static int32_t type_of(mn_piece_kind kind) {
  static const int32_t types[] = {MN_TYPE_NORMAL, MN_TYPE_UNKNOWN, MN_TYPE_CONTROL, MN_TYPE_USER,
                                  MN_TYPE_BYTE, MN_TYPE_UNUSED};
  return types[kind];
}

moon_status mn_pieces_of(const mn_tokenizer *tok, mn_arena *arena, mn_pieces *pieces,
                         moon_error *err) {
  size_t n = (size_t)tok->count, bytes;
  const mn_piece *unknown = &tok->pieces[tok->unknown];
  *pieces = (mn_pieces){.count = n, .bos = tok->bos, .eos = tok->eos,
                        .dummy_prefix = tok->dummy_prefix, .suffix = tok->suffix,
                        .squeeze_spaces = tok->squeeze_spaces,
                        .escape_spaces = tok->escape_spaces, .unknown = unknown->surface,
                        .unknown_len = unknown->surface_len};
  if (tok->trie) {                      /* the table begins with the trie's length */
    pieces->table = tok->trie - 4;
    pieces->table_size = 4 + tok->trie_units * 4 + tok->replacements_size;
  }
  if (!mn_size_mul(n, sizeof *pieces->items, &bytes)) bytes = SIZE_MAX;
  pieces->items = mn_arena_take(arena, bytes);
  if (!pieces->items) return mn_fail_memory(err, "pieces", bytes);
  for (size_t i = 0; i < n; i++) {
    const mn_piece *piece = &tok->pieces[i];
    pieces->items[i] = (mn_one_piece){piece->text, piece->len, score_of(piece->rank),
                                      type_of((mn_piece_kind)piece->kind)};
  }
  return MOON_OK;
}

/* ---- into a tokenizer.model ---- */

typedef struct out {
  uint8_t *at;                  /* NULL: only count */
  size_t len;
} out;

static void put_byte(out *o, uint8_t byte) {
  if (o->at) *o->at++ = byte;
  o->len++;
}

static void put_varint(out *o, uint64_t value) {
  for (; value > 0x7F; value >>= 7) put_byte(o, (uint8_t)(value | 0x80));
  put_byte(o, (uint8_t)value);
}

static void put_tag(out *o, unsigned field, mn_wire wire) { put_varint(o, field << 3 | wire); }

static void put_whole(out *o, unsigned field, uint64_t value) {
  put_tag(o, field, MN_WIRE_VARINT);
  put_varint(o, value);
}

static void put_bytes(out *o, unsigned field, const void *bytes, size_t n) {
  put_tag(o, field, MN_WIRE_BYTES);
  put_varint(o, n);
  if (o->at && n > 0) {
    memcpy(o->at, bytes, n);
    o->at += n;
  }
  o->len += n;
}

static void put_piece(out *o, const mn_one_piece *piece) {
  uint32_t bits;
  memcpy(&bits, &piece->score, sizeof bits);
  put_bytes(o, 1, piece->text, piece->len);
  put_tag(o, 2, MN_WIRE_I32);
  for (int i = 0; i < 4; i++) put_byte(o, (uint8_t)(bits >> 8 * i));
  if (piece->type != MN_TYPE_NORMAL) put_whole(o, 3, (uint64_t)(int64_t)piece->type);
}

static bool has_bytes(const mn_pieces *p) {
  for (size_t i = 0; i < p->count; i++)
    if (p->items[i].type == MN_TYPE_BYTE) return true;
  return false;
}

/* A symbol that TrainerSpec names; a name that no piece has stands for none. */
static void put_symbol(out *o, unsigned field, const mn_pieces *p, int32_t id) {
  bool there = id >= 0 && (size_t)id < p->count;
  put_bytes(o, field, there ? p->items[id].text : "", there ? p->items[id].len : 0);
}

static void put_trainer(out *o, const mn_pieces *p) {
  put_whole(o, 3, 2);                   /* model_type: BPE */
  put_whole(o, 4, p->count);            /* vocab_size */
  if (p->suffix) put_whole(o, 24, 1);
  if (has_bytes(p)) put_whole(o, 35, 1);
  put_bytes(o, 44, p->unknown, p->unknown_len);
  for (size_t i = 0; i < p->count; i++)
    if (p->items[i].type == MN_TYPE_UNKNOWN) put_bytes(o, 45, p->items[i].text, p->items[i].len);
  put_symbol(o, 46, p, p->bos);
  put_symbol(o, 47, p, p->eos);
}

static void put_normalizer(out *o, const mn_pieces *p) {
  if (p->table) put_bytes(o, 2, p->table, p->table_size);
  put_whole(o, 3, p->dummy_prefix);
  put_whole(o, 4, p->squeeze_spaces);
  put_whole(o, 5, p->escape_spaces);
}

typedef void put_message(out *o, const mn_pieces *p);

static void put_inside(out *o, unsigned field, put_message *message, const mn_pieces *p) {
  out count = {NULL, 0};
  message(&count, p);
  put_tag(o, field, MN_WIRE_BYTES);
  put_varint(o, count.len);
  message(o, p);
}

static void put_model(out *o, const mn_pieces *p) {
  for (size_t i = 0; i < p->count; i++) {
    out count = {NULL, 0};
    put_piece(&count, &p->items[i]);
    put_tag(o, 1, MN_WIRE_BYTES);
    put_varint(o, count.len);
    put_piece(o, &p->items[i]);
  }
  put_inside(o, 2, put_trainer, p);
  put_inside(o, 3, put_normalizer, p);
}

moon_status mn_pieces_write(const mn_pieces *pieces, mn_arena *arena, uint8_t **bytes,
                            size_t *size, moon_error *err) {
  out o = {NULL, 0};
  put_model(&o, pieces);
  *size = o.len;
  *bytes = mn_arena_take(arena, o.len);
  if (!*bytes) return mn_fail_memory(err, "tokenizer.model", o.len);
  o = (out){*bytes, 0};
  put_model(&o, pieces);
  return MOON_OK;
}

moon_status mn_tokenizer_print(const mn_tokenizer *tok, mn_arena *arena, uint8_t **bytes,
                               size_t *size, moon_error *err) {
  mn_pieces pieces;
  moon_status status = mn_pieces_of(tok, arena, &pieces, err);
  return status == MOON_OK ? mn_pieces_write(&pieces, arena, bytes, size, err) : status;
}
