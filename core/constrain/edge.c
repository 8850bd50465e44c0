/* edge.c: tokens whose cut is settled although more text follows: forced text, token healing.
**
** How: a border between two tokens stands, whatever follows, when no token of the vocabulary
** reaches over it: merges then meet on neither side of it. So from the end of a text that will go
** on tokens are given up, until a border is reached over which none reaches; what the constraint
** lets follow says which tokens reach over the end. Forced text gives the tokens before that
** border; healing takes back a prompt's tokens behind it and wants their text again.
** Invariant: control and user-defined symbols are never given up, and no text becomes one. */
#include <string.h>

#include "core/constrain/constraint.h"

enum { MOST_TEXT = 1024, MOST_IDS = MOST_TEXT + 8 };

/* Does a token begin before `border` and end behind it? At the text's end stands cursor `at`. */
static bool is_spanned(const moon_matcher *m, const mn_cursor *at, const char *text, size_t len,
                       size_t border) {
  const mn_vocabulary *v = m->constraint->vocabulary;
  for (size_t from = border; from-- > 0 && border - from < v->depth;) {
    uint32_t node = 0;
    size_t i = from;
    for (; i < len; i++) {
      node = mn_vocabulary_child(v, node, text[i]);
      if (node == MN_NO_NODE) break;
      if (i >= border && v->nodes[node].n > 0) return true;
    }
    if (i == len && mn_runner_goes_on(m->constraint, m->runner, at, node)) return true;
  }
  return false;
}

/* Of tokens that end at ends[0..n) of the text: how many are settled. */
static size_t settled(const moon_matcher *m, const mn_cursor *at, const char *text, size_t len,
                      const size_t *ends, size_t n) {
  while (n > 0 && is_spanned(m, at, text, len, ends[n - 1])) n--;
  return n;
}

/* A token's text; NULL for one that is none. */
static const char *text_of(const moon_matcher *m, int32_t id, size_t *len) {
  const moon_model *model = m->constraint->model;
  mn_piece_kind kind = mn_tokenizer_kind(model->tokenizer, id);
  const char *text = moon_model_piece(model, id, len);
  bool plain = kind == MN_PIECE_NORMAL || kind == MN_PIECE_BYTE;
  return plain && *len > 0 && !moon_model_is_eos(model, id) ? text : NULL;
}

/* ---- forced text ---- */

/* The one byte that may come; -1: several, none, or the end. */
static int only_byte(moon_matcher *m, const mn_cursor *at, mn_cursor *next) {
  if (mn_runner_complete(m->constraint, m->runner, at)) return -1;
  int only = -1;
  for (int byte = 0; byte < 256; byte++) {
    mn_cursor to;
    if (!mn_runner_step(m->constraint, m->runner, at, (uint8_t)byte, &to)) continue;
    if (only >= 0) return -1;
    only = byte;
    *next = to;
  }
  return only;
}

/* Appends what must come: the lead, then the constraint's; *at is behind it. The text's length. */
static size_t must_come(moon_matcher *m, char *text, mn_cursor *at) {
  size_t len = m->lead_len < MOST_TEXT ? m->lead_len : MOST_TEXT;
  if (len > 0) memcpy(text, m->lead, len);
  *at = m->at;
  while (len < MOST_TEXT) {
    mn_cursor next;
    int byte = only_byte(m, at, &next);
    if (byte < 0) break;
    text[len++] = (char)byte;
    *at = next;
  }
  return len;
}

/* The text is cut as it would be behind a line break, which no piece joins with what follows;
** where a vocabulary has such pieces the ids do not spell the text and nothing is forced. */
moon_status moon_matcher_forced(moon_matcher *m, int32_t *ids, size_t cap, size_t *n,
                                moon_error *err) {
  const moon_model *model = m->constraint->model;
  char behind_break[MOST_TEXT + 1] = "\n", *text = behind_break + 1;
  int32_t all[MOST_IDS];
  size_t ends[MOST_IDS], count, i = 0, piece_len, done = 0, kept = 0;
  mn_cursor at;
  *n = 0;
  if (m->ended) return MOON_OK;
  size_t len = must_come(m, text, &at);
  moon_status status = mn_runner_status(m->runner, err);
  if (status != MOON_OK || len == 0) return status;
  status = mn_tokenizer_encode(model->tokenizer, behind_break, len + 1, false, all, MOST_IDS,
                               &count, err);
  if (status != MOON_OK || count > MOST_IDS) return status;
  for (; i < count; i++) {
    const char *piece = moon_model_piece(model, all[i], &piece_len);
    if (piece_len > 0 && piece[piece_len - 1] == '\n') break;
  }
  for (size_t first = ++i; i < count; i++) {
    const char *piece = text_of(m, all[i], &piece_len);
    if (!piece || piece_len > len - done || memcmp(piece, text + done, piece_len) != 0) break;
    done += piece_len;
    all[kept] = all[first + kept];
    ends[kept++] = done;
  }
  kept = settled(m, &at, text, len, ends, kept);
  *n = kept < cap ? kept : cap;
  memcpy(ids, all, *n * sizeof *ids);
  return mn_runner_status(m->runner, err);
}

/* ---- token healing ---- */

moon_status moon_matcher_heal(moon_matcher *m, const int32_t *ids, size_t n, size_t *kept,
                              moon_error *err) {
  char text[2 * MOST_TEXT];
  size_t ends[MOST_TEXT], len = 0, first = n, piece_len;
  *kept = n;
  if (m->ended) return MOON_OK;
  while (first > 0 && text_of(m, ids[first - 1], &piece_len) && len + piece_len <= MOST_TEXT) {
    len += piece_len;
    first--;
  }
  len = 0;
  for (size_t i = first; i < n; i++) {
    const char *piece = text_of(m, ids[i], &piece_len);
    memcpy(text + len, piece, piece_len);
    ends[i - first] = len += piece_len;
  }
  size_t lead = m->lead_len < MOST_TEXT ? m->lead_len : MOST_TEXT;
  if (lead > 0) memcpy(text + len, m->lead, lead);
  size_t stay = settled(m, &m->at, text, len + lead, ends, n - first);
  moon_status status = mn_runner_status(m->runner, err);
  size_t from = stay > 0 ? ends[stay - 1] : 0;
  if (status == MOON_OK) status = moon_matcher_lead(m, text + from, len - from, err);
  if (status == MOON_OK) *kept = first + stay;
  return status;
}
