/* automaton.c: subset construction with byte classes, and a look ahead from every state.
**
** How: bytes that no edge tells apart share a class; sets of NFA states are interned, so a set is
** its number; acceptance is looked up through the END edges. Then three passes backwards over the
** finished table give what each state can still become. Invariant: state 0 is the empty set. */
#include "core/constrain/automaton.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/size.h"
#include "core/constrain/intern.h"

enum { MOST_CELLS = 1 << 22, MOST_WORK = 20000000, FAR = 1 << 30 };

uint32_t mn_dfa_run(const mn_dfa *dfa, uint32_t state, const char *text, size_t len) {
  for (size_t i = 0; i < len && state; i++) state = mn_dfa_step(dfa, state, (uint8_t)text[i]);
  return state;
}

uint32_t mn_nfa_add(mn_nfa *nfa, mn_nfa_kind kind, int low, int high, uint32_t out,
                    uint32_t other) {
  if (nfa->count >= MN_MOST_NFA) return MN_NO_STATE;
  if (out == MN_NO_STATE || (kind == MN_NFA_SPLIT && other == MN_NO_STATE)) return MN_NO_STATE;
  if (nfa->count == nfa->room) {
    uint32_t room = nfa->room ? nfa->room * 2 : 64;
    mn_nfa_node *nodes = mn_arena_take(nfa->arena, room * sizeof *nodes);
    if (!nodes) return MN_NO_STATE;
    if (nfa->count > 0) memcpy(nodes, nfa->nodes, nfa->count * sizeof *nodes);
    nfa->nodes = nodes;
    nfa->room = room;
  }
  nfa->nodes[nfa->count] = (mn_nfa_node){(uint8_t)kind, (uint8_t)low, (uint8_t)high, out, other};
  return nfa->count++;
}

/* ---- sets of NFA states ---- */

typedef struct builder {
  const mn_nfa *nfa;
  mn_arena *scratch;
  mn_intern sets;
  uint32_t *marks, mark;        /* (nodes) the last set that a node was put in */
  uint32_t *stack, *set;        /* (2 * nodes + 2), (nodes) */
  uint32_t n;                   /* nodes in set: bytes, END and MATCH ones */
  uint64_t work;
} builder;

/* Adds the node and all that is reached from it without reading. */
static void close_over(builder *b, uint32_t node, bool at_begin, bool at_end) {
  uint32_t depth = 0;
  b->stack[depth++] = node;
  while (depth > 0) {
    uint32_t at = b->stack[--depth];
    b->work++;
    if (b->marks[at] == b->mark) continue;
    b->marks[at] = b->mark;
    const mn_nfa_node *n = &b->nfa->nodes[at];
    if (n->kind == MN_NFA_SPLIT) {
      b->stack[depth++] = n->other;
      b->stack[depth++] = n->out;
    } else if (n->kind == MN_NFA_BEGIN) {
      if (at_begin) b->stack[depth++] = n->out;
    } else {
      b->set[b->n++] = at;
      if (n->kind == MN_NFA_END && at_end) b->stack[depth++] = n->out;
    }
  }
}

static int order_nodes(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

static void begin_set(builder *b) {
  b->n = 0;
  b->mark++;
}

static uint32_t intern_set(builder *b) {
  qsort(b->set, b->n, sizeof *b->set, order_nodes);
  return mn_intern_put(&b->sets, b->set, b->n * (uint32_t)sizeof *b->set);
}

static bool set_accepts(builder *b, const uint32_t *set, uint32_t n, bool at_begin) {
  begin_set(b);
  for (uint32_t i = 0; i < n; i++) {
    const mn_nfa_node *node = &b->nfa->nodes[set[i]];
    if (node->kind == MN_NFA_MATCH) return true;
    if (node->kind == MN_NFA_END) close_over(b, node->out, at_begin, true);
  }
  for (uint32_t i = 0; i < b->n; i++)
    if (b->nfa->nodes[b->set[i]].kind == MN_NFA_MATCH) return true;
  return false;
}

/* Bytes that begin or end a range begin a class. */
static uint32_t find_classes(const mn_nfa *nfa, uint8_t *class_of) {
  bool border[257] = {true};
  for (uint32_t i = 0; i < nfa->count; i++) {
    if (nfa->nodes[i].kind != MN_NFA_BYTES) continue;
    border[nfa->nodes[i].low] = true;
    border[nfa->nodes[i].high + 1] = true;
  }
  /* A character's first bytes stay apart from the following ones, so that distances can count. */
  border[0x80] = border[0xC0] = true;
  uint32_t classes = 0;
  for (int byte = 0; byte < 256; byte++) {
    if (border[byte]) classes++;
    class_of[byte] = (uint8_t)(classes - 1);
  }
  return classes;
}

/* ---- what lies ahead ---- */

/* distance[s]: fewest characters to acceptance; FAR: none. Bytes 0x80 to 0xBF continue one. */
static void find_distances(const mn_dfa *dfa, const uint8_t *costs, uint32_t *distance) {
  for (uint32_t s = 0; s < dfa->count; s++)
    distance[s] = dfa->flags[s] & MN_ACCEPTS ? 0 : FAR;
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t s = dfa->count; s-- > 0;)
      for (uint32_t c = 0; c < dfa->classes; c++) {
        uint32_t d = distance[dfa->next[s * dfa->classes + c]];
        if (d >= FAR || d + costs[c] >= distance[s]) continue;
        distance[s] = d + costs[c];
        changed = true;
      }
  }
}

/* Whether a state that refuses can be reached. */
static void find_refusals(const mn_dfa *dfa, uint8_t *flags) {
  for (uint32_t s = 0; s < dfa->count; s++)
    if (!(flags[s] & MN_ACCEPTS)) flags[s] |= MN_CAN_REFUSE;
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t s = dfa->count; s-- > 0;)
      for (uint32_t c = 0; c < dfa->classes && !(flags[s] & MN_CAN_REFUSE); c++)
        if (flags[dfa->next[s * dfa->classes + c]] & MN_CAN_REFUSE) {
          flags[s] |= MN_CAN_REFUSE;
          changed = true;
        }
  }
}

moon_status mn_dfa_look_ahead(mn_arena *arena, mn_dfa *dfa, uint32_t *next, uint8_t *flags,
                              moon_error *err) {
  uint32_t *distance = mn_arena_take(arena, dfa->count * sizeof *distance);
  if (!distance) return mn_fail_memory(err, "automaton", dfa->count * sizeof *distance);
  uint8_t costs[256];
  for (int byte = 0; byte < 256; byte++)
    costs[dfa->class_of[byte]] = (byte & 0xC0) != 0x80;
  find_distances(dfa, costs, distance);
  for (uint32_t s = 0; s < dfa->count; s++)
    if (distance[s] < FAR) flags[s] |= MN_CAN_ACCEPT;
  for (uint32_t i = 0; i < dfa->count * dfa->classes; i++)
    if (!(flags[next[i]] & MN_CAN_ACCEPT)) next[i] = 0;
  if (!(flags[dfa->first] & MN_CAN_ACCEPT)) dfa->first = 0;
  find_refusals(dfa, flags);
  dfa->distance = distance;
  return MOON_OK;
}

/* ---- subset construction ---- */

static moon_status too_large(const char *what, moon_error *err) {
  return mn_fail(err, MOON_ESUPPORT, "%s: its automaton would be too large", what);
}

/* Fills row s of next; false: memory or work ends. */
static bool fill_row(builder *b, const mn_dfa *dfa, const uint8_t *some_byte, uint32_t s,
                     uint32_t *next) {
  const uint32_t *set = mn_intern_get(&b->sets, s);
  uint32_t n = b->sets.entries[s].len / (uint32_t)sizeof *set;
  for (uint32_t c = 0; c < dfa->classes; c++) {
    begin_set(b);
    for (uint32_t i = 0; i < n; i++) {
      const mn_nfa_node *node = &b->nfa->nodes[set[i]];
      b->work++;
      if (node->kind == MN_NFA_BYTES && some_byte[c] >= node->low && some_byte[c] <= node->high)
        close_over(b, node->out, false, false);
    }
    next[c] = b->n ? intern_set(b) : 0;
    if (next[c] == MN_NO_ID || b->work > MOST_WORK) return false;
  }
  return true;
}

static moon_status subsets(mn_arena *arena, builder *b, uint32_t start, const char *what,
                           mn_dfa *dfa, moon_error *err) {
  uint8_t some_byte[256];
  for (int byte = 0; byte < 256; byte++) some_byte[dfa->class_of[byte]] = (uint8_t)byte;
  begin_set(b);
  if (intern_set(b) != 0) return mn_fail_memory(err, "automaton", 0);
  close_over(b, start, true, false);
  /* The first set is kept apart by a mark: only there BEGIN may be crossed behind END. */
  b->set[b->n++] = UINT32_MAX;
  dfa->first = mn_intern_put(&b->sets, b->set, b->n * (uint32_t)sizeof *b->set);
  if (dfa->first == MN_NO_ID) return mn_fail_memory(err, "automaton", 0);
  mn_interned *first = &b->sets.entries[dfa->first];
  first->len -= (uint32_t)sizeof *b->set;

  uint32_t room = 0, *next = NULL;
  for (uint32_t s = 0; s < b->sets.count; s++) {
    if (s >= MN_MOST_DFA || (s + 1) * dfa->classes > MOST_CELLS) return too_large(what, err);
    if (s == room) {
      room = room ? room * 2 : 32;
      uint32_t *more = mn_arena_take(b->scratch, (size_t)room * dfa->classes * sizeof *more);
      if (!more) return mn_fail_memory(err, "automaton", 0);
      if (s > 0) memcpy(more, next, (size_t)s * dfa->classes * sizeof *more);
      next = more;
    }
    if (!fill_row(b, dfa, some_byte, s, next + s * dfa->classes)) return too_large(what, err);
  }
  dfa->count = b->sets.count;
  size_t cells = (size_t)dfa->count * dfa->classes;
  uint32_t *table = mn_arena_take(arena, cells * sizeof *table);
  uint8_t *flags = mn_arena_take(arena, dfa->count);
  if (!table || !flags) return mn_fail_memory(err, "automaton", cells * sizeof *table);
  memcpy(table, next, cells * sizeof *table);
  for (uint32_t s = 0; s < dfa->count; s++) {
    const mn_interned *set = &b->sets.entries[s];
    bool yes = set_accepts(b, set->bytes, set->len / (uint32_t)sizeof *b->set, s == dfa->first);
    flags[s] = yes ? MN_ACCEPTS : 0;
  }
  dfa->next = table;
  dfa->flags = flags;
  return mn_dfa_look_ahead(arena, dfa, table, flags, err);
}

moon_status mn_dfa_build(mn_arena *arena, mn_arena *scratch, const mn_nfa *nfa, uint32_t start,
                         const char *what, const mn_dfa **out, moon_error *err) {
  if (start == MN_NO_STATE) return too_large(what, err);
  mn_dfa *dfa = mn_arena_take(arena, sizeof *dfa);
  builder b = {.nfa = nfa, .scratch = scratch};
  mn_intern_begin(&b.sets, scratch);
  size_t bytes = (nfa->count + 2) * sizeof *b.marks;
  b.marks = mn_arena_take(scratch, bytes);
  b.stack = mn_arena_take(scratch, 2 * bytes);
  b.set = mn_arena_take(scratch, bytes);
  if (!dfa || !b.marks || !b.stack || !b.set) return mn_fail_memory(err, what, 4 * bytes);
  memset(b.marks, 0, bytes);
  *dfa = (mn_dfa){0};
  dfa->classes = find_classes(nfa, dfa->class_of);
  moon_status status = subsets(arena, &b, start, what, dfa, err);
  *out = status == MOON_OK ? dfa : NULL;
  return status;
}

/* ---- a list of words ---- */

static bool list_from(const mn_dfa *dfa, uint32_t state, char *text, size_t len,
                      bool (*each)(void *of, const char *text, size_t len), void *of) {
  if ((dfa->flags[state] & MN_ACCEPTS) && !each(of, text, len)) return false;
  for (int byte = 0; byte < 256; byte++) {
    uint32_t to = mn_dfa_step(dfa, state, (uint8_t)byte);
    if (!to) continue;
    if (len == MN_LISTED_BYTES) return false;
    text[len] = (char)byte;
    if (!list_from(dfa, to, text, len + 1, each, of)) return false;
  }
  return true;
}

bool mn_dfa_list(const mn_dfa *dfa, bool (*each)(void *of, const char *text, size_t len),
                 void *of) {
  char text[MN_LISTED_BYTES] = {0};
  return !dfa->first || list_from(dfa, dfa->first, text, 0, each, of);
}

int mn_word_order(const void *a, const void *b) {
  const mn_word *x = a, *y = b;
  size_t len = x->len < y->len ? x->len : y->len;
  int order = len ? memcmp(x->text, y->text, len) : 0;
  return order ? order : x->len < y->len ? -1 : x->len > y->len;
}

typedef struct word_tables {
  uint32_t *next, *word, *low, *high, *distance;
  uint8_t *flags;
} word_tables;

/* Words of a sorted list that share a prefix are neighbours: each word adds the states past what
** it shares with the one before. path[d] is the state after d bytes of the present word. */
static uint32_t spread_words(const mn_dfa *dfa, const word_tables *t, const mn_word *words,
                             size_t n, uint32_t *path) {
  uint32_t count = 2;
  path[0] = dfa->first;
  for (size_t w = 0; w < n; w++) {
    size_t same = 0;
    while (w > 0 && same < words[w].len && same < words[w - 1].len &&
           words[w].text[same] == words[w - 1].text[same])
      same++;
    for (size_t d = same; d < words[w].len; d++) {
      t->next[path[d] * dfa->classes + dfa->class_of[(uint8_t)words[w].text[d]]] = count;
      t->low[count] = (uint32_t)w;
      path[d + 1] = count++;
    }
    uint32_t left = 0;
    for (size_t d = words[w].len + 1; d-- > 0;) {
      t->high[path[d]] = (uint32_t)w + 1;
      if (d == words[w].len || left < t->distance[path[d]]) t->distance[path[d]] = left;
      left += d > 0 && ((uint8_t)words[w].text[d - 1] & 0xC0) != 0x80;
    }
    t->word[path[words[w].len]] = (uint32_t)w;
    t->flags[path[words[w].len]] |= MN_ACCEPTS;
  }
  return count;
}

moon_status mn_dfa_words(mn_arena *arena, const mn_word *words, size_t n, const mn_dfa **out,
                         moon_error *err) {
  mn_dfa *dfa = mn_arena_take(arena, sizeof *dfa);
  if (!dfa) return mn_fail_memory(err, "words", sizeof *dfa);
  *dfa = (mn_dfa){.first = 1, .classes = 1};
  size_t most = 2, longest = 0;
  for (size_t w = 0; w < n; w++) {
    if (!mn_size_add(most, words[w].len, &most) || most > MOST_CELLS)
      return mn_fail(err, MOON_ESUPPORT, "a list of words is too large");
    if (words[w].len > longest) longest = words[w].len;
    for (size_t d = 0; d < words[w].len; d++) {
      uint8_t *c = &dfa->class_of[(uint8_t)words[w].text[d]];
      if (*c == 0) *c = (uint8_t)dfa->classes++;
    }
  }
  if (dfa->classes > 255 || most * dfa->classes > MOST_CELLS)
    return mn_fail(err, MOON_ESUPPORT, "a list of words is too large");
  size_t cells = most * dfa->classes;
  word_tables t = {mn_arena_take(arena, cells * 4), mn_arena_take(arena, most * 4),
                   mn_arena_take(arena, most * 4), mn_arena_take(arena, most * 4),
                   mn_arena_take(arena, most * 4), mn_arena_take(arena, most)};
  uint32_t *path = mn_arena_take(arena, (longest + 1) * sizeof *path);
  if (!t.next || !t.word || !t.low || !t.high || !t.distance || !t.flags || !path)
    return mn_fail_memory(err, "words", cells * 4);
  memset(t.next, 0, cells * 4);
  memset(t.word, 0xFF, most * 4);
  memset(t.low, 0, most * 4);
  memset(t.high, 0, most * 4);
  memset(t.flags, MN_CAN_REFUSE | MN_CAN_ACCEPT, most);
  for (size_t s = 0; s < most; s++) t.distance[s] = FAR;
  t.flags[0] = MN_CAN_REFUSE;
  dfa->count = spread_words(dfa, &t, words, n, path);
  dfa->next = t.next;
  dfa->flags = t.flags;
  dfa->word = t.word;
  dfa->low = t.low;
  dfa->high = t.high;
  dfa->distance = t.distance;
  if (n == 0) dfa->first = 0;
  *out = dfa;
  return MOON_OK;
}
