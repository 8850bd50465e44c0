/* members.c: objects and arrays while they are read.
**
** How: a frame holds what has been seen and which nodes have failed for good; an edge says which
** subschemas a member or item must meet and for which node that counts. Which keys may come next
** is tried out once per frame, by asking whether the whole could still be true behind each.
** Invariant: frames that mean the same have the same bytes: counters stop where no rule looks
** any further. */
#include <stdlib.h>
#include <string.h>

#include "core/constrain/machine.h"

enum { MOST_DUTIES = 4096 };

static bool no_memory(mn_run *run) {
  return mn_run_fail(run, MOON_EMEM, "out of memory for the constraint's states");
}

/* ---- frames ---- */

static size_t frame_size(const mn_run *run, const mn_frame *f) {
  const mn_position *p = mn_run_position(run, f->position);
  size_t words = p->words + (f->is_array ? (p->n + 1) / 2 : p->members->words);
  return sizeof *f + words * sizeof(uint64_t);
}

/* Seen names stand first in objects, counters of contains last in arrays. */
static uint64_t *seen_of(const mn_frame *f) { return mn_frame_sets(f); }
static uint64_t *alive_of(const mn_position *p, const mn_frame *f) {
  return mn_frame_sets(f) + (f->is_array ? 0 : p->members->words);
}
static uint32_t *matches_of(const mn_position *p, const mn_frame *f) {
  return (uint32_t *)(mn_frame_sets(f) + p->words);
}

static void unset_bit(uint64_t *set, uint32_t i) { set[i >> 6] &= ~(UINT64_C(1) << (i & 63)); }

mn_frame *mn_frame_copy(mn_run *run, const mn_frame *f) {
  size_t size = frame_size(run, f);
  mn_frame *copy = (mn_frame *)mn_pool_take(run, size);
  if (copy) memcpy(copy, f, size);
  return copy;
}

uint32_t mn_frame_put(mn_run *run, const mn_frame *f) {
  uint32_t id = mn_intern_put(&run->frames, f, (uint32_t)frame_size(run, f));
  if (id == MN_NO_ID) no_memory(run);
  return id;
}

mn_frame *mn_frame_open(mn_run *run, uint32_t parent, uint32_t edge, bool is_array) {
  uint32_t position = mn_run_edge(run, edge)->position;
  mn_position *p = mn_run_position(run, position);
  if (!is_array && !mn_members_of(run, p)) return NULL;
  mn_frame head = {.parent = parent, .edge = edge, .position = position, .is_array = is_array};
  head.depth = parent ? mn_run_frame(run, parent)->depth + 1 : 1;
  size_t size = frame_size(run, &head);
  mn_frame *f = (mn_frame *)mn_pool_take(run, size);
  if (!f) return NULL;
  memset(f, 0, size);
  *f = head;
  uint8_t type = is_array ? MN_T_ARRAY : MN_T_OBJECT;
  for (uint32_t i = 0; i < p->n; i++)
    if (mn_member(run, p, i)->types & type) mn_set_bit(alive_of(p, f), i);
  return f;
}

/* ---- verdicts ---- */

static uint32_t missing_names(const mn_members *m, const uint64_t *seen, const uint64_t *wanted) {
  uint32_t n = 0;
  for (uint32_t w = 0; w < m->words; w++) n += (uint32_t)__builtin_popcountll(wanted[w] & ~seen[w]);
  return n;
}

/* Names that must come: the required ones, and what depends on those that are there or will be. In
** the pool; NULL where that ends. */
static const uint64_t *wanted_names(mn_run *run, const mn_members *m, const mn_frame *f,
                                    const mn_node *node, const uint64_t *required) {
  uint64_t *wanted = (uint64_t *)mn_pool_take(run, (m->words + 1) * sizeof *wanted);
  if (!wanted) return NULL;
  for (uint32_t w = 0; w < m->words; w++) wanted[w] = required ? required[w] : 0;
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t d = 0; d < node->n_dependencies; d++) {
      const mn_dependency *rule = &node->dependencies[d];
      uint32_t name = mn_members_find(run, m, rule->name);
      if (!mn_bit(seen_of(f), name) && !mn_bit(wanted, name)) continue;
      for (uint32_t k = 0; k < rule->n; k++) {
        uint32_t other = mn_members_find(run, m, rule->names[k]);
        changed |= !mn_bit(wanted, other);
        mn_set_bit(wanted, other);
      }
    }
  }
  return wanted;
}

/* In the schema's order nothing that was passed over can follow. */
static bool passed_over(const mn_members *m, const mn_frame *f, const uint64_t *wanted) {
  for (uint32_t i = 0; f->last && i < m->n_names; i++)
    if (mn_bit(wanted, i) && !mn_bit(seen_of(f), i) && m->order[i] + 1 < f->last) return true;
  return false;
}

/* How many of the names may still come. */
static uint32_t names_to_come(const mn_members *m, const mn_frame *f, const uint64_t *allowed) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < m->n_names; i++)
    n += mn_bit(allowed, i) && !mn_bit(seen_of(f), i) && m->order[i] + 1 >= f->last;
  return n;
}

static uint8_t judge_object(mn_run *run, const mn_position *p, const mn_frame *f,
                            const mn_node *node, uint32_t i, bool closed) {
  const mn_members *m = p->members;
  const uint64_t *seen = seen_of(f), *wanted = m->required[i], *allowed = m->allowed[i];
  if (node->n_dependencies > 0) {
    wanted = wanted_names(run, m, f, node, wanted);
    if (!wanted) return MN_MAY_NOT;
  }
  uint32_t missing = wanted ? missing_names(m, seen, wanted) : 0;
  if (f->count > node->most_members) return MN_MAY_NOT;
  if (closed)
    return missing == 0 && f->count >= node->least_members ? MN_MAY : MN_MAY_NOT;
  if (missing && passed_over(m, f, wanted)) return MN_MAY_NOT;
  if (node->most_members != MN_NO_LIMIT && missing > node->most_members - f->count)
    return MN_MAY_NOT;
  if (allowed) {
    for (uint32_t w = 0; missing && w < m->words; w++)
      if (wanted[w] & ~seen[w] & ~allowed[w]) return MN_MAY_NOT;
    if (f->count < node->least_members &&
        names_to_come(m, f, allowed) < node->least_members - f->count)
      return MN_MAY_NOT;
  }
  bool pending = missing || f->count < node->least_members || node->n_dependencies ||
                 node->most_members != MN_NO_LIMIT || node->n_properties || node->n_patterns ||
                 node->additional != MN_NO_NODE || node->keyed;
  return pending ? MN_UNDECIDED : MN_MAY;
}

static uint8_t judge_array(const mn_position *p, const mn_frame *f, const mn_node *node,
                           uint32_t i, bool closed) {
  uint32_t matches = matches_of(p, f)[i];
  bool counts = node->contains != MN_NO_NODE;
  if (f->count > node->most_items) return MN_MAY_NOT;
  if (counts && matches > node->most_contains) return MN_MAY_NOT;
  bool enough = f->count >= node->least_items && !(counts && matches < node->least_contains);
  if (closed) return enough ? MN_MAY : MN_MAY_NOT;
  bool pending = !enough || node->most_items != MN_NO_LIMIT || node->n_prefix ||
                 node->items != MN_NO_NODE || (counts && node->most_contains != MN_NO_LIMIT);
  return pending ? MN_UNDECIDED : MN_MAY;
}

static void judge_own(mn_run *run, const mn_frame *f, bool closed, uint8_t *statuses) {
  const mn_position *p = mn_run_position(run, f->position);
  const uint64_t *alive = alive_of(p, f);
  for (uint32_t i = 0; i < p->n; i++) {
    const mn_node *node = mn_member(run, p, i);
    if (!mn_bit(alive, i)) statuses[i] = MN_MAY_NOT;
    else if (f->is_array) statuses[i] = judge_array(p, f, node, i, closed);
    else statuses[i] = judge_object(run, p, f, node, i, closed);
  }
}

static void judge_groups(mn_run *run, const mn_frame *f, bool closed, uint8_t *statuses,
                         uint8_t *roots) {
  const mn_position *p = mn_run_position(run, f->position);
  mn_position_judge(run, p, statuses, f->is_array ? NULL : seen_of(f), !f->is_array, closed);
  for (uint32_t r = 0; r < p->n_roots; r++) roots[r] = statuses[p->roots[r]];
}

void mn_frame_judge(mn_run *run, const mn_frame *f, bool closed, uint8_t *roots) {
  const mn_position *p = mn_run_position(run, f->position);
  uint8_t *statuses = mn_pool_take(run, p->n + 1);
  if (!statuses) {
    memset(roots, MN_MAY_NOT, p->n_roots);
    return;
  }
  judge_own(run, f, closed, statuses);
  judge_groups(run, f, closed, statuses, roots);
}

/* Can `contains` still be met, if the item that is read (f counts it) has this verdict? */
static bool may_contain(const mn_position *p, const mn_frame *f, const mn_node *node, uint32_t i,
                        uint8_t verdict) {
  uint64_t matches = matches_of(p, f)[i], to_come = UINT32_MAX;
  if (node->most_items != MN_NO_LIMIT)
    to_come = f->count < node->most_items ? node->most_items - f->count : 0;
  return matches + (verdict == MN_MAY) <= node->most_contains &&
         matches + (verdict & MN_MAY) + to_come >= node->least_contains;
}

/* From the inside out, until a level is as undecided as it was. */
bool mn_frame_admits(mn_run *run, const mn_frame *f, const mn_edge *edge, const uint8_t *roots) {
  size_t mark = run->pool_used;
  bool result = false;
  for (;;) {
    if (!f) {
      result = roots[0] & MN_MAY;
      break;
    }
    const mn_position *p = mn_run_position(run, f->position);
    uint8_t *statuses = mn_pool_take(run, p->n + 1), *up = mn_pool_take(run, p->n_roots + 1);
    if (!statuses || !up) break;
    judge_own(run, f, false, statuses);
    for (uint32_t d = 0; d < edge->n; d++) {
      const mn_duty *duty = &edge->duties[d];
      const mn_node *node = mn_member(run, p, duty->member);
      bool ok = duty->counts ? may_contain(p, f, node, duty->member, roots[duty->root])
                             : roots[duty->root] & MN_MAY;
      if (!ok) statuses[duty->member] = MN_MAY_NOT;
    }
    judge_groups(run, f, false, statuses, up);
    bool undecided = true;
    for (uint32_t r = 0; r < p->n_roots; r++) undecided &= up[r] == MN_UNDECIDED;
    if (undecided) {
      result = true;
      break;
    }
    edge = mn_run_edge(run, f->edge);
    f = f->parent ? mn_run_frame(run, f->parent) : NULL;
    roots = up;
  }
  run->pool_used = mark;
  return result && run->status == MOON_OK;
}

void mn_frame_settle(mn_run *run, mn_frame *f, const mn_edge *edge, const uint8_t *roots) {
  const mn_position *p = mn_run_position(run, f->position);
  uint64_t *alive = alive_of(p, f);
  for (uint32_t d = 0; d < edge->n; d++) {
    const mn_duty *duty = &edge->duties[d];
    if (duty->counts) {
      uint32_t *matches = &matches_of(p, f)[duty->member];
      if (roots[duty->root] == MN_MAY && *matches < p->contains_cap) ++*matches;
    } else if (roots[duty->root] != MN_MAY) {
      unset_bit(alive, duty->member);
    }
  }
}

/* ---- edges ---- */

typedef struct duties {
  mn_duty list[MOST_DUTIES];
  uint32_t nodes[MOST_DUTIES], n;
} duties;

static bool add_duty(mn_run *run, duties *d, uint32_t member, uint32_t node, bool counts) {
  if (node == MN_NO_NODE) return true;
  if (!counts && mn_node_says_nothing(&run->schema->nodes[node])) return true;
  if (d->n == MOST_DUTIES)
    return mn_run_fail(run, MOON_ESUPPORT, "too many subschemas judge one member");
  d->nodes[d->n] = node;
  d->list[d->n++] = (mn_duty){member, 0, counts};
  return true;
}

static bool member_duties(mn_run *run, const mn_position *p, uint32_t i, uint32_t name,
                          uint64_t patterns, duties *d) {
  const mn_node *node = mn_member(run, p, i);
  const mn_members *m = p->members;
  bool met = false;
  for (uint32_t k = 0; name != MN_NO_ID && k < node->n_properties; k++)
    if (node->properties[k].name == m->ids[name]) {
      met = true;
      if (!add_duty(run, d, i, node->properties[k].node, false)) return false;
    }
  for (uint32_t k = 0; k < node->n_patterns; k++) {
    uint32_t at = mn_members_key(m, node->patterns[k].dfa);
    if (!(patterns >> (at - 1) & 1)) continue;
    met = true;
    if (!add_duty(run, d, i, node->patterns[k].node, false)) return false;
  }
  return met || add_duty(run, d, i, node->additional, false);
}

static bool item_duties(mn_run *run, const mn_position *p, uint32_t i, uint32_t index,
                        duties *d) {
  const mn_node *node = mn_member(run, p, i);
  uint32_t child = index < node->n_prefix ? node->prefix[index] : node->items;
  return add_duty(run, d, i, child, false) && add_duty(run, d, i, node->contains, true);
}

static int order_ids(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

/* The position of the distinct nodes, and each duty's root in it. */
static bool make_edge(mn_run *run, duties *d, mn_edge *edge) {
  uint32_t *distinct = (uint32_t *)mn_pool_take(run, (d->n + 1) * sizeof *distinct), n = 0;
  mn_duty *list = mn_arena_take(&run->arena, (d->n + 1) * sizeof *list);
  if (!distinct || !list) return list ? false : no_memory(run);
  memcpy(distinct, d->nodes, d->n * sizeof *distinct);
  qsort(distinct, d->n, sizeof *distinct, order_ids);
  for (uint32_t i = 0; i < d->n; i++)
    if (n == 0 || distinct[n - 1] != distinct[i]) distinct[n++] = distinct[i];
  for (uint32_t i = 0; i < d->n; i++) {
    list[i] = d->list[i];
    while (distinct[list[i].root] != d->nodes[i]) list[i].root++;
  }
  edge->position = mn_position_of(run, distinct, n);
  edge->duties = list;
  edge->n = d->n;
  return edge->position != MN_NO_ID;
}

/* What an edge depends on: the position, the member or item, the nodes that still count. */
static uint32_t find_edge(mn_run *run, const mn_frame *f, uint32_t name, uint64_t patterns) {
  const mn_position *p = mn_run_position(run, f->position);
  size_t mark = run->pool_used, size = (p->words + 2) * sizeof(uint64_t);
  uint64_t *key = (uint64_t *)mn_pool_take(run, size);
  if (!key) return MN_NO_ID;
  const uint64_t *alive = alive_of(p, f);
  key[0] = (uint64_t)f->position << 32 | name;
  key[1] = patterns | (uint64_t)f->is_array << 63;
  memcpy(key + 2, alive, p->words * sizeof *key);
  uint32_t before = run->edges.count, id = mn_intern_put(&run->edges, key, (uint32_t)size);
  if (id == MN_NO_ID) no_memory(run);
  bool known = id == MN_NO_ID || run->edges.count == before;
  if (known) {
    run->pool_used = mark;
    return id == MN_NO_ID || run->edge_of[id].position == MN_NO_ID ? MN_NO_ID : id;
  }
  if (id >= run->edge_room) {
    uint32_t room = run->edge_room ? run->edge_room * 2 : 32;
    mn_edge *all = mn_arena_take(&run->arena, room * sizeof *all);
    if (!all) return no_memory(run), MN_NO_ID;
    if (id > 0) memcpy(all, run->edge_of, id * sizeof *all);
    run->edge_of = all;
    run->edge_room = room;
  }
  run->edge_of[id] = (mn_edge){.position = MN_NO_ID};
  duties *d = (duties *)mn_pool_take(run, sizeof *d);
  bool ok = d != NULL;
  if (d) d->n = 0;
  for (uint32_t i = 0; ok && i < p->n; i++) {
    if (!mn_bit(alive, i)) continue;
    ok = f->is_array ? item_duties(run, p, i, name, d)
                     : member_duties(run, p, i, name, patterns, d);
  }
  mn_edge edge;
  ok = ok && make_edge(run, d, &edge);
  if (ok) run->edge_of[id] = edge;
  run->pool_used = mark;
  return ok ? id : MN_NO_ID;
}

uint32_t mn_edge_member(mn_run *run, const mn_frame *f, uint32_t name, uint64_t patterns) {
  const mn_members *m = mn_run_position(run, f->position)->members;
  if (name != MN_NO_ID) {
    patterns = 0;
    for (uint32_t k = 1; k <= m->n_patterns; k++) {
      const mn_dfa *dfa = m->keys[k];
      uint32_t end = mn_dfa_run(dfa, dfa->first, m->names[name].text, m->names[name].len);
      if (dfa->flags[end] & MN_ACCEPTS) patterns |= UINT64_C(1) << (k - 1);
    }
  }
  return find_edge(run, f, name, patterns);
}

/* f counts the item already: it is number count - 1. */
uint32_t mn_edge_item(mn_run *run, const mn_frame *f) {
  uint32_t index = f->count - 1, most = mn_run_position(run, f->position)->most_index;
  return find_edge(run, f, index < most ? index : most, 0);
}

/* ---- keys ---- */

void mn_frame_see(mn_run *run, mn_frame *f, uint32_t name, const uint32_t *keys,
                  uint32_t count) {
  const mn_position *p = mn_run_position(run, f->position);
  const mn_members *m = p->members;
  if (name != MN_NO_ID) {
    mn_set_bit(seen_of(f), name);
    if (run->schema->ordered) f->last = m->order[name] + 1;
  }
  if (f->count < p->member_cap) f->count++;
  for (uint32_t i = 0; i < p->n; i++) {
    const mn_node *node = mn_member(run, p, i);
    if (node->keyed && !mn_key_fits(m, node, name, keys, count)) unset_bit(alive_of(p, f), i);
  }
}

bool mn_frame_try(mn_run *run, const mn_frame *f, uint32_t name, uint64_t patterns,
                  const uint64_t *dead) {
  size_t mark = run->pool_used;
  bool ok = false;
  mn_frame *trial = mn_frame_copy(run, f);
  if (trial) {
    const mn_position *p = mn_run_position(run, f->position);
    uint64_t *alive = alive_of(p, trial);
    if (name != MN_NO_ID) mn_frame_see(run, trial, name, NULL, 0);
    else if (trial->count < p->member_cap) trial->count++;
    for (uint32_t i = 0; i < p->n && name == MN_NO_ID; i++)
      if (mn_member(run, p, i)->key_names.listed || (dead && mn_bit(dead, i))) unset_bit(alive, i);
    uint32_t id = mn_edge_member(run, trial, name, patterns);
    ok = id != MN_NO_ID && mn_value_begins(run, trial, mn_run_edge(run, id));
  }
  run->pool_used = mark;
  return ok;
}

const mn_choices *mn_frame_choices(mn_run *run, uint32_t id) {
  uint32_t tag = run->frames.entries[id].tag;
  if (tag) return run->choices_of[tag - 1];
  const mn_frame *f = mn_run_frame(run, id);
  const mn_members *m = mn_run_position(run, f->position)->members;
  mn_choices *choices = mn_arena_take(&run->arena, sizeof *choices + m->words * 8 + 8);
  if (run->n_choices == run->choice_room) {
    uint32_t room = run->choice_room ? run->choice_room * 2 : 32;
    mn_choices **all = mn_arena_take(&run->arena, room * sizeof *all);
    if (all && run->n_choices) memcpy(all, run->choices_of, run->n_choices * sizeof *all);
    if (!all) return no_memory(run), NULL;
    run->choices_of = all;
    run->choice_room = room;
  }
  if (!choices) return no_memory(run), NULL;
  memset(choices, 0, sizeof *choices + m->words * 8 + 8);
  uint64_t *names = (uint64_t *)(choices + 1);
  for (uint32_t i = 0; i < m->n_names; i++) {
    if (mn_bit(seen_of(f), i)) continue;
    if (run->schema->ordered && m->order[i] + 1 < f->last) continue;
    if (!mn_frame_try(run, f, i, 0, NULL)) continue;
    mn_set_bit(names, i);
    choices->any = true;
  }
  choices->free = mn_frame_try(run, f, MN_NO_ID, 0, NULL);
  for (uint32_t k = 0; k < m->n_patterns; k++)
    if (!(m->listed >> k & 1) && mn_frame_try(run, f, MN_NO_ID, UINT64_C(1) << k, NULL))
      choices->patterns |= UINT64_C(1) << k;
  choices->any |= choices->free || choices->patterns;
  if (run->status != MOON_OK) return NULL;
  run->choices_of[run->n_choices++] = choices;
  run->frames.entries[id].tag = run->n_choices;
  return choices;
}
