/* sentencepiece.c: reads a SentencePiece model (`tokenizer.model`, a ModelProto message).
**
** What: pieces with score and kind, the parts of trainer_spec and normalizer_spec that change
** what encoding does; the rest (training settings, self-test, denormalizer) is passed over. How:
** the file is copied into the arena, once, and pieces point into the copy; a first pass counts,
** a second fills. Invariants: every piece is 1 to MN_MAX_PIECE bytes of UTF-8 without NUL; there
** is exactly one unknown piece; with byte_fallback all 256 byte pieces are there, without it
** none; scores are numbers. Not here: unigram, word and char models, which are refused. */
#include "core/text/sentencepiece.h"

#include <math.h>
#include <string.h>

#include "core/base/size.h"
#include "core/text/protobuf.h"
#include "core/text/unicode.h"

/* Field numbers of sentencepiece_model.proto. */
enum { MODEL_PIECE = 1, MODEL_TRAINER = 2, MODEL_NORMALIZER = 3 };
enum { PIECE_TEXT = 1, PIECE_SCORE = 2, PIECE_TYPE = 3 };
enum {
  TRAINER_TYPE = 3, TRAINER_SUFFIX = 24, TRAINER_BYTE_FALLBACK = 35, TRAINER_UNKNOWN_SURFACE = 44,
  TRAINER_BOS_PIECE = 46, TRAINER_EOS_PIECE = 47
};
enum { NORMALIZER_TABLE = 2, NORMALIZER_PREFIX = 3, NORMALIZER_SQUEEZE = 4, NORMALIZER_ESCAPE = 5 };
enum { TYPE_UNIGRAM = 1, TYPE_BPE = 2 };

typedef struct span {
  const char *text;
  size_t len;
} span;

/* What the file says besides pieces; set to the defaults of the .proto before reading. */
typedef struct spec {
  int32_t model_type;
  span unknown_surface, bos, eos;
  const uint8_t *table;
  size_t table_size;
  bool has_normalizer;          /* it comes last: a file without it has been cut off */
} spec;

/* ---- specs ---- */

static moon_status read_span(const mn_proto *in, span *out, moon_error *err) {
  moon_status status = mn_proto_want(in, MN_WIRE_BYTES, err);
  if (status == MOON_OK) *out = (span){(const char *)in->bytes, in->size};
  return status;
}

static moon_status read_trainer(mn_tokenizer *tok, mn_proto in, spec *s, moon_error *err) {
  bool more;
  moon_status status;
  while ((status = mn_proto_next(&in, &more, err)) == MOON_OK && more) {
    switch (in.field) {
      case TRAINER_TYPE: status = mn_proto_int32(&in, &s->model_type, err); break;
      case TRAINER_SUFFIX: status = mn_proto_bool(&in, &tok->suffix, err); break;
      case TRAINER_BYTE_FALLBACK: status = mn_proto_bool(&in, &tok->byte_fallback, err); break;
      case TRAINER_UNKNOWN_SURFACE: status = read_span(&in, &s->unknown_surface, err); break;
      case TRAINER_BOS_PIECE: status = read_span(&in, &s->bos, err); break;
      case TRAINER_EOS_PIECE: status = read_span(&in, &s->eos, err); break;
      default: break;
    }
    if (status != MOON_OK) return status;
  }
  return status;
}

static moon_status read_normalizer(mn_tokenizer *tok, mn_proto in, spec *s, moon_error *err) {
  bool more;
  moon_status status;
  s->has_normalizer = true;
  while ((status = mn_proto_next(&in, &more, err)) == MOON_OK && more) {
    switch (in.field) {
      case NORMALIZER_TABLE:
        status = mn_proto_want(&in, MN_WIRE_BYTES, err);
        s->table = in.bytes;
        s->table_size = in.size;
        break;
      case NORMALIZER_PREFIX: status = mn_proto_bool(&in, &tok->dummy_prefix, err); break;
      case NORMALIZER_SQUEEZE: status = mn_proto_bool(&in, &tok->squeeze_spaces, err); break;
      case NORMALIZER_ESCAPE: status = mn_proto_bool(&in, &tok->escape_spaces, err); break;
      default: break;
    }
    if (status != MOON_OK) return status;
  }
  return status;
}

/* The table: bytes of the trie (32 bits), the trie, the replacements. */
static moon_status place_table(mn_tokenizer *tok, const spec *s, const char *name,
                               moon_error *err) {
  if (s->table_size == 0) return MOON_OK;
  const uint8_t *b = s->table;
  size_t rest = s->table_size < 4 ? 0 : s->table_size - 4;
  size_t trie = s->table_size < 4 ? 0
              : b[0] | (size_t)b[1] << 8 | (size_t)b[2] << 16 | (size_t)b[3] << 24;
  if (trie == 0 || trie % 4 != 0 || trie > rest)
    return mn_fail(err, MOON_EFORMAT, "%s: wants a trie of whole units in the normaliser's %zu "
                   "bytes, finds one of %zu bytes", name, s->table_size, trie);
  tok->trie = b + 4;
  tok->trie_units = trie / 4;
  tok->replacements = (const char *)b + 4 + trie;
  tok->replacements_size = rest - trie;
  return mn_normalize_check(tok, name, err);
}

/* ---- pieces ---- */

/* Larger scores get smaller ranks; equal scores, -0 and 0 among them, equal ranks. */
static uint32_t rank_of(float score) {
  uint32_t bits;
  score += 0.0f;
  memcpy(&bits, &score, sizeof bits);
  return bits >> 31 ? bits : ~(bits | UINT32_C(0x80000000));
}

static moon_status kind_of(int32_t type, int32_t id, const char *name, uint8_t *kind,
                           moon_error *err) {
  static const uint8_t kinds[] = {MN_PIECE_NORMAL, MN_PIECE_UNKNOWN, MN_PIECE_CONTROL,
                                  MN_PIECE_USER, MN_PIECE_UNUSED, MN_PIECE_BYTE};
  if (type < 1 || type > 6)
    return mn_fail(err, MOON_EFORMAT, "%s: wants a type from 1 to 6 for piece %d, finds %d", name,
                   (int)id, (int)type);
  *kind = kinds[type - 1];
  return MOON_OK;
}

static moon_status read_piece(mn_tokenizer *tok, mn_proto in, int32_t id, moon_error *err) {
  mn_piece *piece = &tok->pieces[id];
  span text = {"", 0};
  float score = 0;
  int32_t type = 1;
  bool more;
  moon_status status;
  while ((status = mn_proto_next(&in, &more, err)) == MOON_OK && more) {
    switch (in.field) {
      case PIECE_TEXT: status = read_span(&in, &text, err); break;
      case PIECE_SCORE: status = mn_proto_float(&in, &score, err); break;
      case PIECE_TYPE: status = mn_proto_int32(&in, &type, err); break;
      default: break;
    }
    if (status != MOON_OK) return status;
  }
  if (status != MOON_OK) return status;
  if (text.len < 1 || text.len > MN_MAX_PIECE)
    return mn_fail(err, MOON_EFORMAT, "%s: wants 1 to %d bytes in piece %d, finds %zu", in.name,
                   MN_MAX_PIECE, (int)id, text.len);
  if (mn_utf8_valid(text.text, text.len) != text.len || memchr(text.text, '\0', text.len))
    return mn_fail(err, MOON_EFORMAT, "%s: wants UTF-8 without NUL in piece %d", in.name, (int)id);
  if (isnan(score))
    return mn_fail(err, MOON_EFORMAT, "%s: the score of piece %d is no number", in.name, (int)id);
  piece->text = text.text;
  piece->len = (uint16_t)text.len;
  piece->rank = rank_of(score);
  return kind_of(type, id, in.name, &piece->kind, err);
}

/* "<0x" two upper-case hexadecimal digits ">", or -1. */
static int byte_of(const mn_piece *piece) {
  int value = 0;
  if (piece->len != 6 || memcmp(piece->text, "<0x", 3) != 0 || piece->text[5] != '>') return -1;
  for (int i = 3; i < 5; i++) {
    char c = piece->text[i];
    if (c >= '0' && c <= '9') value = value * 16 + (c - '0');
    else if (c >= 'A' && c <= 'F') value = value * 16 + (c - 'A' + 10);
    else return -1;
  }
  return value;
}

/* Finds the unknown piece and the byte pieces. */
static moon_status index_kinds(mn_tokenizer *tok, const char *name, moon_error *err) {
  tok->unknown = -1;
  for (int i = 0; i < 256; i++) tok->bytes[i] = -1;
  for (int32_t id = 0; id < tok->count; id++) {
    const mn_piece *piece = &tok->pieces[id];
    if (piece->kind == MN_PIECE_UNUSED) tok->has_unused = true;
    if (piece->kind == MN_PIECE_UNKNOWN) {
      if (tok->unknown >= 0)
        return mn_fail(err, MOON_EFORMAT, "%s: wants one unknown piece, finds %d and %d", name,
                       (int)tok->unknown, (int)id);
      tok->unknown = id;
    }
    if (piece->kind != MN_PIECE_BYTE) continue;
    int byte = byte_of(piece);
    if (byte < 0 || !tok->byte_fallback)
      return mn_fail(err, MOON_EFORMAT, "%s: wants %s, finds byte piece %d '%.*s'", name,
                     byte < 0 ? "'<0x00>' to '<0xFF>'" : "no bytes without byte_fallback",
                     (int)id, (int)piece->len, piece->text);
    tok->bytes[byte] = id;
  }
  if (tok->unknown < 0)
    return mn_fail(err, MOON_EFORMAT, "%s: wants an unknown piece, finds none", name);
  for (int i = 0; i < 256 && tok->byte_fallback; i++)
    if (tok->bytes[i] < 0)
      return mn_fail(err, MOON_EFORMAT, "%s: wants byte piece <0x%02X>, finds none", name, i);
  return MOON_OK;
}

/* What each piece adds in the middle of a text, all in one block. */
static moon_status make_surfaces(mn_tokenizer *tok, span unknown, moon_error *err) {
  size_t bytes = unknown.len;
  for (int32_t id = 0; id < tok->count; id++)
    if (!mn_size_add(bytes, tok->pieces[id].len, &bytes)) bytes = SIZE_MAX;
  char *out = mn_arena_take(&tok->arena, bytes);
  if (!out) return mn_fail_memory(err, "pieces", bytes);
  for (int32_t id = 0; id < tok->count; id++) {
    mn_piece *piece = &tok->pieces[id];
    const char *from = piece->text, *end = from + piece->len;
    piece->surface = out;
    if (piece->kind == MN_PIECE_BYTE) {
      *out++ = (char)byte_of(piece);
    } else if (piece->kind == MN_PIECE_UNKNOWN) {
      memcpy(out, unknown.text, unknown.len);
      out += unknown.len;
    } else if (piece->kind != MN_PIECE_CONTROL) {
      while (from < end) {
        bool space = end - from >= MN_MARK && memcmp(from, MN_SPACE, MN_MARK) == 0;
        *out++ = space ? ' ' : *from;
        from += space ? MN_MARK : 1;
      }
    }
    piece->surface_len = (uint16_t)(out - piece->surface);
  }
  return MOON_OK;
}

/* ---- the file ---- */

static moon_status count_pieces(mn_tokenizer *tok, mn_proto in, moon_error *err) {
  size_t n = 0, bytes;
  bool more;
  moon_status status;
  while ((status = mn_proto_next(&in, &more, err)) == MOON_OK && more) n += in.field == MODEL_PIECE;
  if (status != MOON_OK) return status;
  if (n < 1 || n > MN_MAX_PIECES)
    return mn_fail(err, MOON_EFORMAT, "%s: wants 1 to %d pieces, finds %zu", in.name,
                   MN_MAX_PIECES, n);
  if (!mn_size_mul(n, sizeof *tok->pieces, &bytes)) bytes = SIZE_MAX;
  tok->pieces = mn_arena_take(&tok->arena, bytes);
  if (!tok->pieces) return mn_fail_memory(err, "pieces", bytes);
  memset(tok->pieces, 0, bytes);
  tok->count = (int32_t)n;
  return MOON_OK;
}

static moon_status read_model(mn_tokenizer *tok, mn_proto in, spec *s, moon_error *err) {
  int32_t id = 0;
  bool more;
  moon_status status;
  while ((status = mn_proto_next(&in, &more, err)) == MOON_OK && more) {
    if (in.field < MODEL_PIECE || in.field > MODEL_NORMALIZER) continue;
    status = mn_proto_want(&in, MN_WIRE_BYTES, err);
    if (status != MOON_OK) return status;
    mn_proto inside = mn_proto_inside(&in);
    if (in.field == MODEL_PIECE) status = read_piece(tok, inside, id++, err);
    else if (in.field == MODEL_TRAINER) status = read_trainer(tok, inside, s, err);
    else status = read_normalizer(tok, inside, s, err);
    if (status != MOON_OK) return status;
  }
  return status;
}

static moon_status check_spec(const spec *s, const char *name, moon_error *err) {
  static const char *const types[] = {"unigram", "bpe", "word", "char"};
  if (s->model_type < 1 || s->model_type > 4)
    return mn_fail(err, MOON_EFORMAT, "%s: wants a model_type from 1 to 4, finds %d", name,
                   (int)s->model_type);
  if (s->model_type != TYPE_BPE)
    return mn_fail(err, MOON_ESUPPORT, "%s: wants a bpe model, finds a %s model", name,
                   types[s->model_type - 1]);
  if (!s->has_normalizer)
    return mn_fail(err, MOON_EFORMAT, "%s: wants a normalizer_spec, finds none", name);
  span u = s->unknown_surface;
  if (u.len > MN_MAX_PIECE || mn_utf8_valid(u.text, u.len) != u.len)
    return mn_fail(err, MOON_EFORMAT, "%s: wants at most %d bytes of UTF-8 as unk_surface", name,
                   MN_MAX_PIECE);
  return MOON_OK;
}

static int32_t find_control(const mn_tokenizer *tok, span piece) {
  int32_t id = mn_vocabulary_find_reserved(tok, piece.text, piece.len);
  return id >= 0 && tok->pieces[id].kind == MN_PIECE_CONTROL ? id : -1;
}

static moon_status parse(mn_tokenizer *tok, const uint8_t *bytes, size_t size, const char *name,
                         moon_error *err) {
  spec s = {.model_type = TYPE_UNIGRAM, .unknown_surface = {" \xE2\x81\x87 ", 5},
            .bos = {"<s>", 3}, .eos = {"</s>", 4}};
  tok->dummy_prefix = tok->squeeze_spaces = tok->escape_spaces = true;
  uint8_t *copy = mn_arena_take(&tok->arena, size);
  if (!copy) return mn_fail_memory(err, name, size);
  if (size > 0) memcpy(copy, bytes, size);
  mn_proto in = mn_proto_open(copy, size, name);

  moon_status status = count_pieces(tok, in, err);
  if (status == MOON_OK) status = read_model(tok, in, &s, err);
  if (status == MOON_OK) status = check_spec(&s, name, err);
  if (status == MOON_OK) status = place_table(tok, &s, name, err);
  if (status == MOON_OK) status = index_kinds(tok, name, err);
  if (status == MOON_OK) status = make_surfaces(tok, s.unknown_surface, err);
  if (status == MOON_OK) status = mn_vocabulary_build(tok, name, err);
  if (status != MOON_OK) return status;
  tok->bos = find_control(tok, s.bos);
  tok->eos = find_control(tok, s.eos);
  return MOON_OK;
}

moon_status mn_tokenizer_parse(const mn_alloc *alloc, const uint8_t *bytes, size_t size,
                               const char *name, mn_tokenizer **out, moon_error *err) {
  *out = NULL;
  mn_tokenizer *tok = mn_new_zero(alloc, sizeof *tok);
  if (!tok) return mn_fail_memory(err, "tokenizer", sizeof *tok);
  tok->alloc = *alloc;
  mn_arena_growing(&tok->arena, *alloc, SIZE_MAX);
  moon_status status = parse(tok, bytes, size, name, err);
  if (status == MOON_OK) *out = tok;
  else mn_tokenizer_close(tok);
  return status;
}

void mn_tokenizer_close(mn_tokenizer *tok) {
  if (!tok) return;
  mn_alloc alloc = tok->alloc;
  mn_arena_free(&tok->arena);
  mn_free(&alloc, tok);
}
