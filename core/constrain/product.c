/* product.c: automata that read one text side by side, as one automaton.
**
** How: a state is the tuple of their states and how many characters were read, counted as far as
** someone looks; tuples are numbered as they are met. What it means to end in a tuple is a set of
** outcomes; a pass backwards tells which outcomes each state still has ahead. Invariant: a state
** that has none ahead is the dead one. */
#include <string.h>

#include "core/constrain/automaton.h"
#include "core/constrain/intern.h"

enum { MOST_STATES = 1 << 14, MOST_CELLS = 1 << 16 };

typedef struct builder {
  const mn_joint *p;
  mn_arena scratch;
  mn_intern tuples;             /* (p->n + 1) states, then the number of characters */
  uint32_t *tuple;              /* the one that is made */
  uint8_t some_byte[256];       /* (classes) */
  uint32_t *next, rows;         /* (rows, classes) */
  uint32_t *ends;               /* (rows) outcomes of ending here */
} builder;

static uint32_t outcomes_of(const mn_joint *p, const uint32_t *tuple) {
  if (p->outcomes) return p->outcomes(p->of, tuple, tuple[p->n]);
  bool all = tuple[p->n] >= p->least && tuple[p->n] <= p->most;
  for (uint32_t i = 0; i < p->n; i++) all = all && (p->dfas[i]->flags[tuple[i]] & MN_ACCEPTS);
  return all;
}

/* Bytes that no automaton tells apart, and that agree in whether they continue a character. */
static void join_classes(builder *b, mn_dfa *dfa) {
  for (int byte = 0; byte < 256; byte++) {
    uint32_t c = 0;
    for (; c < dfa->classes; c++) {
      bool same = ((b->some_byte[c] & 0xC0) == 0x80) == ((byte & 0xC0) == 0x80);
      for (uint32_t i = 0; i < b->p->n && same; i++)
        same = b->p->dfas[i]->class_of[b->some_byte[c]] == b->p->dfas[i]->class_of[byte];
      if (same) break;
    }
    if (c == dfa->classes) b->some_byte[dfa->classes++] = (uint8_t)byte;
    dfa->class_of[byte] = (uint8_t)c;
  }
}

/* The number of the tuple; 0: nothing can come of it, because all must accept and one is dead. */
static uint32_t put_tuple(builder *b) {
  const mn_joint *p = b->p;
  for (uint32_t i = 0; i < p->n && !p->outcomes; i++)
    if (!b->tuple[i]) return 0;
  return mn_intern_put(&b->tuples, b->tuple, (p->n + 1) * (uint32_t)sizeof *b->tuple);
}

static bool more_rows(builder *b, uint32_t classes) {
  uint32_t rows = b->rows ? b->rows * 2 : 64;
  uint32_t *next = mn_arena_take(&b->scratch, (size_t)rows * classes * sizeof *next);
  uint32_t *ends = mn_arena_take(&b->scratch, rows * sizeof *ends);
  if (!next || !ends) return false;
  if (b->rows > 0) memcpy(next, b->next, (size_t)b->rows * classes * sizeof *next);
  if (b->rows > 0) memcpy(ends, b->ends, b->rows * sizeof *ends);
  b->next = next;
  b->ends = ends;
  b->rows = rows;
  return true;
}

/* Row s of next from its tuple; false: memory ends. */
static bool fill_row(builder *b, const mn_dfa *dfa, uint32_t s) {
  const mn_joint *p = b->p;
  if (s == b->rows && !more_rows(b, dfa->classes)) return false;
  const uint32_t *from = mn_intern_get(&b->tuples, s);
  b->ends[s] = 0;
  memset(b->next + s * dfa->classes, 0, dfa->classes * sizeof *b->next);
  if (s == 0) return true;
  b->ends[s] = outcomes_of(p, from);
  for (uint32_t c = 0; c < dfa->classes; c++) {
    uint8_t byte = b->some_byte[c];
    for (uint32_t i = 0; i < p->n; i++)
      b->tuple[i] = from[i] ? mn_dfa_step(p->dfas[i], from[i], byte) : 0;
    b->tuple[p->n] = from[p->n] + (from[p->n] < p->counted && (byte & 0xC0) != 0x80);
    uint32_t to = put_tuple(b);
    if (to == MN_NO_ID) return false;
    b->next[s * dfa->classes + c] = to;
  }
  return true;
}

/* ahead[s]: what ends[] has here and behind every way on. */
static void find_ahead(const mn_dfa *dfa, uint32_t *ahead) {
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t s = dfa->count; s-- > 1;) {
      uint32_t all = ahead[s];
      for (uint32_t c = 0; c < dfa->classes; c++) all |= ahead[dfa->next[s * dfa->classes + c]];
      changed |= all != ahead[s];
      ahead[s] = all;
    }
  }
}

static bool finish(builder *b, mn_arena *arena, mn_dfa *dfa) {
  size_t cells = (size_t)dfa->count * dfa->classes;
  uint32_t *next = mn_arena_take(arena, cells * sizeof *next);
  uint32_t *ends = mn_arena_take(arena, dfa->count * sizeof *ends);
  uint32_t *ahead = mn_arena_take(arena, dfa->count * sizeof *ahead);
  uint8_t *flags = mn_arena_take(arena, dfa->count);
  if (!next || !ends || !ahead || !flags) return false;
  memcpy(next, b->next, cells * sizeof *next);
  memcpy(ends, b->ends, dfa->count * sizeof *ends);
  memcpy(ahead, b->ends, dfa->count * sizeof *ends);
  for (uint32_t s = 0; s < dfa->count; s++) flags[s] = ends[s] ? MN_ACCEPTS : 0;
  dfa->next = next;
  dfa->flags = flags;
  dfa->ends = ends;
  dfa->ahead = ahead;
  find_ahead(dfa, ahead);
  return mn_dfa_look_ahead(arena, dfa, next, flags, NULL) == MOON_OK;
}

bool mn_dfa_join(mn_arena *arena, const mn_joint *p, const mn_dfa **out) {
  builder b = {.p = p};
  *out = NULL;
  mn_arena_growing(&b.scratch, arena->alloc, SIZE_MAX);
  mn_intern_begin(&b.tuples, &b.scratch);
  b.tuple = mn_arena_take(&b.scratch, (p->n + 1) * sizeof *b.tuple);
  mn_dfa *dfa = mn_arena_take(arena, sizeof *dfa);
  bool ok = b.tuple && dfa && mn_intern_put(&b.tuples, "", 0) == 0, small = true;
  if (ok) {
    *dfa = (mn_dfa){0};
    join_classes(&b, dfa);
    for (uint32_t i = 0; i < p->n; i++) b.tuple[i] = p->dfas[i]->first;
    b.tuple[p->n] = 0;
    dfa->first = put_tuple(&b);
    ok = dfa->first != MN_NO_ID;
    small = (uint64_t)p->counted * dfa->classes <= MOST_CELLS;
  }
  for (uint32_t s = 0; ok && small && s < b.tuples.count; s++) {
    small = s < MOST_STATES && (s + 1) * dfa->classes <= MOST_CELLS;
    ok = !small || fill_row(&b, dfa, s);
  }
  if (ok && small) {
    dfa->count = b.tuples.count;
    ok = finish(&b, arena, dfa);
    if (ok) *out = dfa;
  }
  mn_arena_free(&b.scratch);
  return ok;
}
