/* grammar.c: all derivations of a text at once.
**
** How: an item is a node and a stack; closing a set follows splits, calls and returns until only
** nodes that read a byte are left, or the end of the root. A call whose return would return at
** once pushes nothing, so right recursion needs no stack. Invariant: state 0 is the empty set;
** caps on items, depth of a closure and memory end in a status. */
#include "core/constrain/grammar.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_ITEMS = 20000, MOST_STATES = 64 << 20, AT_END = 0xFFFFFFFF };

static uint64_t item(uint32_t node, uint32_t stack) { return (uint64_t)node << 32 | stack; }

static bool push_item(mn_derivation *d, uint64_t value) {
  if (d->n == d->room) {
    d->status = MOON_ESUPPORT;
    return false;
  }
  d->items[d->n++] = value;
  return true;
}

static uint32_t past_splits(const mn_grammar *g, uint32_t node) {
  for (int i = 0; i < 64; i++) {
    const mn_nfa_node *n = &g->nfa.nodes[node];
    if (n->kind != MN_NFA_SPLIT || n->out != n->other) break;
    node = n->out;
  }
  return node;
}

/* Puts what is reached from an item without reading behind it; readers stay, others are marked
** for removal by their node's kind. */
static bool follow(mn_derivation *d, uint64_t value) {
  const mn_grammar *g = d->grammar;
  uint32_t node = (uint32_t)(value >> 32), stack = (uint32_t)value;
  if (node == AT_END) return true;
  const mn_nfa_node *n = &g->nfa.nodes[node];
  switch (n->kind) {
    case MN_NFA_SPLIT:
      return push_item(d, item(n->out, stack)) &&
             (n->out == n->other || push_item(d, item(n->other, stack)));
    case MN_NFA_CALL: {
      uint32_t back = past_splits(g, n->out), to = stack;
      if (g->nfa.nodes[back].kind != MN_NFA_MATCH) {
        uint32_t entry[2] = {back, stack};
        to = mn_intern_put(&d->stacks, entry, sizeof entry);
        if (to == MN_NO_ID) return d->status = MOON_EMEM, false;
      }
      return push_item(d, item(g->rules.entries[n->other].tag - 1, to));
    }
    case MN_NFA_MATCH: {
      if (stack == 0) return push_item(d, item(AT_END, 0));
      const uint32_t *entry = mn_intern_get(&d->stacks, stack);
      return push_item(d, item(entry[0], entry[1]));
    }
    default: return true;
  }
}

static bool reads(const mn_grammar *g, uint64_t value) {
  uint32_t node = (uint32_t)(value >> 32);
  return node == AT_END || g->nfa.nodes[node].kind == MN_NFA_BYTES;
}

static int order_items(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

/* Items are followed in the order they were found; one that was found before is left out. Its
** seen-table is a small interning table of this closure alone. */
static uint32_t close_set(mn_derivation *d) {
  mn_arena scratch;
  mn_intern seen;
  mn_arena_growing(&scratch, d->arena.alloc, (size_t)16 << 20);
  mn_intern_begin(&seen, &scratch);
  uint32_t kept = 0;
  for (uint32_t i = 0; i < d->n && d->status == MOON_OK; i++) {
    uint64_t value = d->items[i];
    uint32_t before = seen.count;
    if (mn_intern_put(&seen, &value, sizeof value) == MN_NO_ID) d->status = MOON_EMEM;
    if (seen.count == before) continue;
    if (!follow(d, value)) break;
    if (reads(d->grammar, value)) d->items[kept++] = value;
  }
  mn_arena_free(&scratch);
  if (d->status != MOON_OK) return 0;
  qsort(d->items, kept, sizeof *d->items, order_items);
  uint32_t id = mn_intern_put(&d->sets, d->items, kept * (uint32_t)sizeof *d->items);
  if (id == MN_NO_ID) d->status = MOON_EMEM;
  return id == MN_NO_ID ? 0 : id;
}

moon_status mn_derivation_begin(mn_derivation *d, mn_alloc alloc, const mn_grammar *grammar,
                                uint32_t *start, moon_error *err) {
  *d = (mn_derivation){.grammar = grammar, .room = MOST_ITEMS};
  mn_arena_growing(&d->arena, alloc, MOST_STATES);
  mn_intern_begin(&d->stacks, &d->arena);
  mn_intern_begin(&d->sets, &d->arena);
  mn_intern_begin(&d->steps, &d->arena);
  d->items = mn_arena_take(&d->arena, MOST_ITEMS * sizeof *d->items);
  bool ok = d->items && mn_intern_put(&d->stacks, "", 0) == 0 &&
            mn_intern_put(&d->sets, "", 0) == 0;
  if (!ok) return mn_fail_memory(err, "grammar", MOST_ITEMS * sizeof *d->items);
  push_item(d, item(grammar->rules.entries[grammar->root].tag - 1, 0));
  *start = close_set(d);
  if (d->status != MOON_OK) return mn_fail(err, d->status, "grammar: its start is too ambiguous");
  return MOON_OK;
}

void mn_derivation_end(mn_derivation *d) { mn_arena_free(&d->arena); }

uint32_t mn_derivation_step(mn_derivation *d, uint32_t state, uint8_t byte) {
  if (d->status != MOON_OK) return 0;
  uint32_t key[2] = {state, byte};
  uint32_t step = mn_intern_put(&d->steps, key, sizeof key);
  if (step == MN_NO_ID) return d->status = MOON_EMEM, 0;
  if (d->steps.entries[step].tag) return d->steps.entries[step].tag - 1;
  const uint64_t *from = mn_intern_get(&d->sets, state);
  uint32_t n = d->sets.entries[state].len / (uint32_t)sizeof *from;
  d->n = 0;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t node = (uint32_t)(from[i] >> 32);
    if (node == AT_END) continue;
    const mn_nfa_node *reader = &d->grammar->nfa.nodes[node];
    if (byte < reader->low || byte > reader->high) continue;
    if (!push_item(d, item(reader->out, (uint32_t)from[i]))) return 0;
  }
  uint32_t to = d->n ? close_set(d) : 0;
  if (d->status == MOON_OK) d->steps.entries[step].tag = to + 1;
  return to;
}

bool mn_derivation_complete(const mn_derivation *d, uint32_t state) {
  const uint64_t *set = mn_intern_get(&d->sets, state);
  uint32_t n = d->sets.entries[state].len / (uint32_t)sizeof *set;
  return n > 0 && set[n - 1] >> 32 == AT_END;
}
