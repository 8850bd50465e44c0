/* bpe.c: byte-pair encoding, as SentencePiece does it (Sennrich et al. 2016; a priority queue
** makes it n log n).
**
** What: normalized text to ids. How: the text is cut into runs where no piece could reach across,
** so that queues stay short; in a run every character is a symbol, and as long as two neighbours
** together spell a piece, the pair of the best score, leftmost among equals, becomes one symbol.
** What stays unknown is spelled in byte pieces, or is the unknown id, once for a row of them.
** Invariants: cutting changes nothing, since a piece across the cut would hold a pair that
** mn_vocabulary_joins denies; a queue entry is stale exactly when its two symbols no longer have
** the length of its piece. Special pieces are matched only on request and never merge; a merge
** never makes one, nor does text that spells a byte piece or the unknown one. */
#include <string.h>

#include "core/base/size.h"
#include "core/text/sentencepiece.h"
#include "core/text/unicode.h"

typedef struct symbol {
  uint32_t at;                  /* first byte in the text */
  uint16_t len;                 /* 0: merged into the one on its left */
  bool frozen;                  /* a special piece */
  int32_t id;                   /* -1: none, or not looked up yet */
  int32_t prev, next;           /* -1: none */
} symbol;

typedef struct merge {
  uint64_t order;               /* the piece's rank, then the left symbol */
  int32_t right;
  int32_t id;                   /* the piece that the two would make */
} merge;

typedef struct encoder {
  const mn_tokenizer *tok;
  const char *text;
  symbol *symbols;              /* of the present run */
  size_t n_symbols, symbols_cap;
  merge *queue;                 /* a binary heap, the smallest order first */
  size_t n_queue, queue_cap;
  uint16_t *splits;             /* (count) where an unused piece was joined last; 0: nowhere */
  bool after_unknown;
  int32_t *ids;
  size_t cap, n;
} encoder;

/* Room for one more of `size` bytes in an array. */
static moon_status room(const mn_alloc *alloc, void **array, size_t n, size_t *cap, size_t size,
                        moon_error *err) {
  size_t more, bytes;
  if (n < *cap) return MOON_OK;
  if (!mn_size_add(*cap, *cap / 2 + 64, &more) || !mn_size_mul(more, size, &bytes))
    return mn_fail_memory(err, "symbols", SIZE_MAX);
  void *grown = mn_resize(alloc, *array, bytes);
  if (!grown) return mn_fail_memory(err, "symbols", bytes);
  *array = grown;
  *cap = more;
  return MOON_OK;
}

/* ---- the queue ---- */

static moon_status push(encoder *e, merge m, moon_error *err) {
  void *array = e->queue;
  moon_status status = room(&e->tok->alloc, &array, e->n_queue, &e->queue_cap, sizeof m, err);
  if (status != MOON_OK) return status;
  e->queue = array;
  size_t i = e->n_queue++;
  for (; i > 0 && e->queue[(i - 1) / 2].order > m.order; i = (i - 1) / 2)
    e->queue[i] = e->queue[(i - 1) / 2];
  e->queue[i] = m;
  return MOON_OK;
}

static merge pop(encoder *e) {
  merge top = e->queue[0], last = e->queue[--e->n_queue];
  size_t i = 0, child;
  while ((child = 2 * i + 1) < e->n_queue) {
    if (child + 1 < e->n_queue && e->queue[child + 1].order < e->queue[child].order) child++;
    if (last.order <= e->queue[child].order) break;
    e->queue[i] = e->queue[child];
    i = child;
  }
  e->queue[i] = last;
  return top;
}

/* ---- merging a run ---- */

static moon_status offer(encoder *e, int32_t left, int32_t right, moon_error *err) {
  if (left < 0 || right < 0) return MOON_OK;
  const symbol *a = &e->symbols[left], *b = &e->symbols[right];
  if (a->frozen || b->frozen) return MOON_OK;
  int32_t id = mn_vocabulary_find(e->tok, e->text + a->at, (size_t)a->len + b->len);
  if (id < 0) return MOON_OK;
  const mn_piece *piece = &e->tok->pieces[id];
  if (piece->kind == MN_PIECE_USER) return MOON_OK;
  if (piece->kind == MN_PIECE_UNUSED) e->splits[id] = a->len;
  return push(e, (merge){(uint64_t)piece->rank << 32 | (uint32_t)left, right, id}, err);
}

static moon_status merge_run(encoder *e, moon_error *err) {
  moon_status status = MOON_OK;
  e->n_queue = 0;
  for (size_t i = 1; i < e->n_symbols && status == MOON_OK; i++)
    status = offer(e, (int32_t)i - 1, (int32_t)i, err);
  while (e->n_queue > 0 && status == MOON_OK) {
    merge top = pop(e);
    int32_t left = (int32_t)(uint32_t)top.order;
    symbol *a = &e->symbols[left], *b = &e->symbols[top.right];
    size_t len = e->tok->pieces[top.id].len;
    if (a->len == 0 || b->len == 0 || (size_t)a->len + b->len != len) continue;
    a->len = (uint16_t)len;
    a->id = top.id;
    a->next = b->next;
    b->len = 0;
    if (a->next >= 0) e->symbols[a->next].prev = left;
    status = offer(e, a->prev, left, err);
    if (status == MOON_OK) status = offer(e, left, a->next, err);
  }
  return status;
}

/* ---- ids ---- */

static void emit(encoder *e, int32_t id) {
  if (e->n < e->cap) e->ids[e->n] = id;
  e->n++;
}

static void emit_unknown(encoder *e, const char *text, size_t len) {
  if (e->tok->byte_fallback)
    for (size_t i = 0; i < len; i++) emit(e, e->tok->bytes[(uint8_t)text[i]]);
  else if (!e->after_unknown)
    emit(e, e->tok->unknown);
  e->after_unknown = true;
}

/* An unused piece gives way to the two that it was made of, and so on; at most as deep as it has
** characters. */
static void emit_piece(encoder *e, const char *text, size_t len, int32_t id) {
  if (id < 0) id = mn_vocabulary_find(e->tok, text, len);
  int kind = id < 0 ? MN_PIECE_UNKNOWN : e->tok->pieces[id].kind;
  if (kind == MN_PIECE_UNKNOWN || kind == MN_PIECE_USER) {
    emit_unknown(e, text, len);
  } else if (kind == MN_PIECE_UNUSED && e->splits[id] > 0) {
    size_t left = e->splits[id];
    emit_piece(e, text, left, -1);
    emit_piece(e, text + left, len - left, -1);
  } else {
    emit(e, id);
    e->after_unknown = false;
  }
}

static moon_status finish_run(encoder *e, moon_error *err) {
  moon_status status = merge_run(e, err);
  if (status != MOON_OK || e->n_symbols == 0) return status;
  for (int32_t i = 0; i >= 0; i = e->symbols[i].next) {
    const symbol *s = &e->symbols[i];
    if (s->frozen) {
      emit(e, s->id);
      e->after_unknown = false;
    } else {
      emit_piece(e, e->text + s->at, s->len, s->id);
    }
  }
  e->n_symbols = 0;
  return MOON_OK;
}

/* ---- runs ---- */

static moon_status add_symbol(encoder *e, symbol s, moon_error *err) {
  void *array = e->symbols;
  moon_status status = room(&e->tok->alloc, &array, e->n_symbols, &e->symbols_cap, sizeof s, err);
  if (status != MOON_OK) return status;
  e->symbols = array;
  s.prev = (int32_t)e->n_symbols - 1;
  s.next = -1;
  if (s.prev >= 0) e->symbols[s.prev].next = (int32_t)e->n_symbols;
  e->symbols[e->n_symbols++] = s;
  return MOON_OK;
}

/* Where an unused piece was put together last is asked of the whole text, not of a run: a
** vocabulary with unused pieces is encoded in one run. */
static moon_status encode_runs(encoder *e, size_t len, bool special, moon_error *err) {
  const mn_tokenizer *tok = e->tok;
  bool was_frozen = false;
  uint32_t before = 0, code = 0;
  for (size_t at = 0; at < len; before = code) {
    int32_t id = -1;
    size_t n = special ? mn_vocabulary_special(tok, e->text + at, len - at, &id) : 0;
    bool frozen = n > 0;
    if (!frozen) n = mn_utf8_decode(e->text + at, len - at, &code);
    bool cut = frozen || was_frozen || !mn_vocabulary_joins(tok, before, code);
    moon_status status = MOON_OK;
    if (cut && !tok->has_unused) status = finish_run(e, err);
    symbol s = {.at = (uint32_t)at, .len = (uint16_t)n, .frozen = frozen, .id = id};
    if (status == MOON_OK) status = add_symbol(e, s, err);
    if (status != MOON_OK) return status;
    was_frozen = frozen;
    at += n;
  }
  return finish_run(e, err);
}

moon_status mn_bpe_encode(const mn_tokenizer *tok, const char *text, size_t len, bool special,
                          int32_t *ids, size_t cap, size_t *n, moon_error *err) {
  encoder e = {.tok = tok, .text = text, .ids = ids, .cap = cap};
  moon_status status = MOON_OK;
  size_t bytes = (size_t)tok->count * sizeof *e.splits;
  if (tok->has_unused) {
    e.splits = mn_new_zero(&tok->alloc, bytes);
    if (!e.splits) status = mn_fail_memory(err, "splits", bytes);
  }
  if (status == MOON_OK) status = encode_runs(&e, len, special, err);
  *n = status == MOON_OK ? e.n : 0;
  mn_free(&tok->alloc, e.splits);
  mn_free(&tok->alloc, e.queue);
  mn_free(&tok->alloc, e.symbols);
  return status;
}
