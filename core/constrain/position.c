/* position.c: sets of nodes that judge one value, and the logic over their verdicts.
**
** How: a position is the closure of its roots over groups, in an order that puts what is judged
** first first; the same roots give the same position. Invariant: verdicts are sets of possible
** values that only shrink while a value is read, and are single values at its end. */
#include <stdlib.h>
#include <string.h>

#include "core/constrain/machine.h"

enum { MOST_NODES = 20000 };

bool mn_run_fail(mn_run *run, moon_status status, const char *why) {
  if (run->status == MOON_OK) {
    run->status = status;
    run->why = why;
  }
  return false;
}

static bool no_memory(mn_run *run) {
  return mn_run_fail(run, MOON_EMEM, "out of memory for the constraint's states");
}

uint8_t *mn_pool_take(mn_run *run, size_t n) {
  n = (n + 15) & ~(size_t)15;
  if (n > MN_POOL - run->pool_used) {
    mn_run_fail(run, MOON_ESUPPORT, "too many subschemas judge one value");
    return NULL;
  }
  uint8_t *piece = run->pool + run->pool_used;
  run->pool_used += n;
  return piece;
}

/* ---- what nodes say ---- */

static bool limits_members(const mn_node *n) {
  return n->n_properties || n->n_patterns || n->additional != MN_NO_NODE || n->keyed ||
         n->n_required || n->n_dependencies || n->least_members ||
         n->most_members != MN_NO_LIMIT;
}

static bool limits_items(const mn_node *n) {
  return n->n_prefix || n->items != MN_NO_NODE || n->contains != MN_NO_NODE || n->least_items ||
         n->most_items != MN_NO_LIMIT;
}

static bool has_rules(const mn_node *n, uint8_t type) {
  switch (type) {
    case MN_T_NUMBER: return n->numeric;
    case MN_T_STRING: return n->texts.n || n->texts.least || n->texts.most != MN_NO_LIMIT;
    case MN_T_ARRAY: return limits_items(n);
    case MN_T_OBJECT: return limits_members(n);
    default: return false;
  }
}

bool mn_node_says_nothing(const mn_node *n) {
  return n->types == MN_T_ALL && n->n_groups == 0 && !has_rules(n, MN_T_NUMBER) &&
         !has_rules(n, MN_T_STRING) && !limits_items(n) && !limits_members(n);
}

/* ---- closures ---- */

typedef struct closure {
  mn_run *run;
  uint32_t *nodes, n;           /* found so far, in order */
  uint32_t *index;              /* (schema nodes) 1 + place in nodes; 0: not there */
  uint32_t n_kids;
} closure;

static bool visit(closure *c, uint32_t node) {
  if (c->index[node]) return true;
  const mn_node *n = &c->run->schema->nodes[node];
  for (uint32_t g = 0; g < n->n_groups; g++)
    for (uint32_t i = 0; i < n->groups[g].n; i++, c->n_kids++)
      if (!visit(c, n->groups[g].nodes[i])) return false;
  if (c->n == MOST_NODES)
    return mn_run_fail(c->run, MOON_ESUPPORT, "too many subschemas judge one value");
  c->nodes[c->n++] = node;
  c->index[node] = c->n;
  return true;
}

static bool fill_kids(closure *c, mn_position *p) {
  uint32_t *kids = mn_arena_take(&c->run->arena, (c->n_kids + 1) * sizeof *kids), at = 0;
  if (!kids) return no_memory(c->run);
  for (uint32_t i = 0; i < p->n; i++) {
    const mn_node *n = mn_member(c->run, p, i);
    for (uint32_t g = 0; g < n->n_groups; g++) {
      p->plain &= n->groups[g].op == MN_ALL_OF;
      for (uint32_t k = 0; k < n->groups[g].n; k++)
        kids[at++] = c->index[n->groups[g].nodes[k]] - 1;
    }
  }
  p->kids = kids;
  return true;
}

/* ---- strings and numbers ---- */

enum { MOST_TEXTS = 255, MOST_ROOTS = 5 };

typedef struct texts {          /* of all nodes */
  mn_run *run;
  const mn_position *p;
  const mn_dfa *dfas[MOST_TEXTS]; uint32_t n;   /* each distinct one once */
  uint8_t (*text_of)[MN_MOST_TEXTS];
} texts;

static bool gather_texts(texts *all, mn_position *p) {
  all->text_of = mn_arena_take(&all->run->arena, (p->n + 1) * sizeof *all->text_of);
  if (!all->text_of) return no_memory(all->run);
  p->most = MN_NO_LIMIT;
  for (uint32_t i = 0; i < p->n; i++) {
    const mn_texts *t = &mn_member(all->run, p, i)->texts;
    if (t->least > p->least) p->least = t->least;
    if (t->most < p->most) p->most = t->most;
    for (uint32_t k = 0; k < t->n; k++) {
      uint32_t at = 0;
      while (at < all->n && all->dfas[at] != t->dfas[k]) at++;
      if (at == MOST_TEXTS)
        return mn_run_fail(all->run, MOON_ESUPPORT, "too many patterns judge one string");
      if (at == all->n) all->dfas[all->n++] = t->dfas[k];
      all->text_of[i][k] = (uint8_t)at;
    }
  }
  p->limited = p->most != MN_NO_LIMIT || p->least > 0;
  return true;
}

/* What a string that ends like this says of the roots: one outcome, the set of those that hold. */
static uint32_t judge_end(void *of, const uint32_t *states, uint32_t count) {
  const texts *all = of;
  const mn_position *p = all->p;
  size_t mark = all->run->pool_used;
  uint8_t *statuses = mn_pool_take(all->run, p->n + 1);
  uint32_t roots = 0;
  if (!statuses) return 1;
  mn_position_typed(all->run, p, MN_T_STRING, statuses);
  for (uint32_t i = 0; i < p->n; i++) {
    const mn_texts *t = &mn_member(all->run, p, i)->texts;
    if (statuses[i] != MN_UNDECIDED) continue;
    bool yes = count >= t->least && count <= t->most;
    for (uint32_t k = 0; k < t->n; k++) {
      uint32_t at = all->text_of[i][k];
      yes = yes && (all->dfas[at]->flags[states[at]] & MN_ACCEPTS);
    }
    statuses[i] = yes ? MN_MAY : MN_MAY_NOT;
  }
  mn_position_judge(all->run, p, statuses, NULL, false, true);
  for (uint32_t r = 0; r < p->n_roots; r++)
    if (statuses[p->roots[r]] == MN_MAY) roots |= UINT32_C(1) << r;
  all->run->pool_used = mark;
  return UINT32_C(1) << roots;
}

/* Rules that look at one string together are one automaton, where that is not too large: apart
** each may be possible where all are not. */
static bool join_texts(texts *all, mn_position *p) {
  uint32_t counted = p->least, speak = 0;       /* nodes that say something of strings */
  for (uint32_t i = 0; i < p->n && !p->plain; i++) {
    const mn_texts *t = &mn_member(all->run, p, i)->texts;
    if (t->most != MN_NO_LIMIT && t->most >= counted) counted = t->most + 1;
    speak += has_rules(mn_member(all->run, p, i), MN_T_STRING);
  }
  bool apart = p->plain ? all->n == 0 || (all->n == 1 && counted == 0)
                        : speak < 2 || p->n_roots > MOST_ROOTS;
  mn_joint joint = {.dfas = all->dfas, .n = all->n, .counted = counted, .least = p->least,
                    .most = MN_NO_LIMIT};
  if (!p->plain) {
    joint.outcomes = judge_end;
    joint.of = all;
  }
  const mn_dfa *joined = NULL;
  if (!apart && !mn_dfa_join(&all->run->arena, &joint, &joined)) return no_memory(all->run);
  if (joined) {
    p->texts[0] = joined;
    p->n_texts = 1;
    p->judged = !p->plain;
    p->least = 0;
    p->limited = p->plain && p->most != MN_NO_LIMIT;
    return true;
  }
  if (all->n > MN_MOST_DFAS)
    return mn_run_fail(all->run, MOON_ESUPPORT, "too many patterns judge one string");
  memcpy(p->texts, all->dfas, all->n * sizeof *all->dfas);
  p->n_texts = all->n;
  p->text_of = (const uint8_t (*)[MN_MOST_TEXTS])all->text_of;
  return true;
}

static bool join_numbers(mn_run *run, mn_position *p) {
  mn_number *all = mn_arena_take(&run->arena, sizeof *all);
  if (!all) return no_memory(run);
  *all = mn_number_any();
  bool one = p->plain;
  for (uint32_t i = 0; i < p->n; i++) {
    const mn_node *node = mn_member(run, p, i);
    p->n_numbers += node->numeric;
    if (node->numeric) one = one && mn_number_meet(all, &node->number, &run->arena);
  }
  p->number = one && p->n_numbers > 0 ? all : NULL;
  return true;
}

/* Types that nothing can satisfy are known before a value begins. */
static void find_types(mn_run *run, mn_position *p) {
  p->types = MN_T_ALL;
  for (uint32_t i = 0; i < p->n && p->plain; i++) p->types &= mn_member(run, p, i)->types;
  if (p->number && !mn_number_possible(p->number)) p->types &= ~MN_T_NUMBER;
  if (p->plain && !mn_texts_possible(p->texts, p->n_texts, p->least, p->most))
    p->types &= ~MN_T_STRING;
}

static void cap(uint32_t *most, uint32_t value) {
  if (value != MN_NO_LIMIT && value > *most) *most = value;
}

static void find_caps(mn_run *run, mn_position *p) {
  p->bare = true;
  for (uint32_t i = 0; i < p->n; i++) {
    const mn_node *n = mn_member(run, p, i);
    p->bare &= !n->numeric;
    cap(&p->most_index, n->n_prefix);
    cap(&p->count_cap, n->least_items);
    if (n->most_items != MN_NO_LIMIT) cap(&p->count_cap, n->most_items + 1);
    cap(&p->member_cap, n->least_members);
    if (n->most_members != MN_NO_LIMIT) cap(&p->member_cap, n->most_members + 1);
    cap(&p->contains_cap, n->least_contains);
    if (n->most_contains != MN_NO_LIMIT) cap(&p->contains_cap, n->most_contains + 1);
  }
  /* An element is counted when it begins: one more than the prefix has. */
  cap(&p->count_cap, p->most_index + 1);
  p->words = (p->n + 63) / 64;
}

static bool make_position(mn_run *run, const uint32_t *roots, uint32_t n, mn_position *p) {
  size_t all = run->schema->n_nodes;
  mn_arena scratch;
  mn_arena_growing(&scratch, run->arena.alloc, SIZE_MAX);
  size_t most = all < MOST_NODES ? all : MOST_NODES;
  closure c = {run, mn_arena_take(&scratch, (most + 1) * 4), 0, mn_arena_take(&scratch, all * 4),
               0};
  bool ok = c.nodes && c.index;
  if (!ok) no_memory(run);
  if (ok) memset(c.index, 0, all * 4);
  for (uint32_t i = 0; i < n && ok; i++) ok = visit(&c, roots[i]);
  uint32_t *nodes = ok ? mn_arena_take(&run->arena, (c.n + 1) * sizeof *nodes) : NULL;
  uint32_t *own = ok ? mn_arena_take(&run->arena, (n + 1) * sizeof *own) : NULL;
  if (ok && (!nodes || !own)) ok = no_memory(run);
  if (ok) {
    memcpy(nodes, c.nodes, c.n * sizeof *nodes);
    for (uint32_t i = 0; i < n; i++) own[i] = c.index[roots[i]] - 1;
    *p = (mn_position){.n = c.n, .n_roots = n, .nodes = nodes, .roots = own, .plain = n == 1};
    texts *said = mn_arena_take(&scratch, sizeof *said);
    if (!said) ok = no_memory(run);
    else *said = (texts){.run = run, .p = p};
    ok = ok && fill_kids(&c, p) && gather_texts(said, p) && join_texts(said, p) &&
         join_numbers(run, p);
    if (ok) find_types(run, p);
    find_caps(run, p);
  }
  mn_arena_free(&scratch);
  return ok;
}

static int order_ids(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

uint32_t mn_position_of(mn_run *run, uint32_t *nodes, uint32_t n) {
  qsort(nodes, n, sizeof *nodes, order_ids);
  uint32_t before = run->positions.count;
  uint32_t id = mn_intern_put(&run->positions, nodes, n * (uint32_t)sizeof *nodes);
  if (id == MN_NO_ID) return no_memory(run), MN_NO_ID;
  if (run->positions.count == before) {
    if (!run->position_of[id]) mn_run_fail(run, MOON_ESUPPORT, "a value cannot be judged");
    return run->position_of[id] ? id : MN_NO_ID;
  }
  if (id >= run->position_room) {
    uint32_t room = run->position_room ? run->position_room * 2 : 32;
    mn_position **all = mn_arena_take(&run->arena, room * sizeof *all);
    if (!all) return no_memory(run), MN_NO_ID;
    if (id > 0) memcpy(all, run->position_of, id * sizeof *all);
    run->position_of = all;
    run->position_room = room;
  }
  run->position_of[id] = NULL;
  mn_position *p = mn_arena_take(&run->arena, sizeof *p);
  if (!p) return no_memory(run), MN_NO_ID;
  if (!make_position(run, nodes, n, p)) return MN_NO_ID;
  run->position_of[id] = p;
  return id;
}

/* ---- verdicts ---- */

static uint8_t both(uint8_t a, uint8_t b) {
  return (uint8_t)((a & b & MN_MAY) | ((a | b) & MN_MAY_NOT));
}

static uint8_t either(uint8_t a, uint8_t b) {
  return (uint8_t)(((a | b) & MN_MAY) | (a & b & MN_MAY_NOT));
}

static uint8_t exactly_one(const uint8_t *statuses, const uint32_t *kids, uint32_t n) {
  uint32_t sure = 0, possible = 0;
  for (uint32_t i = 0; i < n; i++) {
    sure += statuses[kids[i]] == MN_MAY;
    possible += statuses[kids[i]] & MN_MAY;
  }
  if (sure > 1 || possible == 0) return MN_MAY_NOT;
  return sure == 1 && possible == 1 ? MN_MAY : MN_UNDECIDED;
}

static uint8_t conditional(uint8_t c, uint8_t yes, uint8_t no) {
  uint8_t result = 0;
  if (c & MN_MAY) result |= yes;
  if (c & MN_MAY_NOT) result |= no;
  return result;
}

/* dependentSchemas: counts if the name is there. */
static uint8_t when(mn_run *run, const mn_position *p, const mn_group *g, uint8_t verdict,
                    const uint64_t *seen, bool is_object, bool closed) {
  if (!is_object) return MN_MAY;
  const mn_members *m = p->members;
  (void)run;
  for (uint32_t i = 0; seen && m && i < m->n_names; i++)
    if (m->ids[i] == g->name && mn_bit(seen, i)) return verdict;
  return closed ? MN_MAY : MN_MAY | (verdict & MN_MAY_NOT);
}

static uint8_t judge_group(mn_run *run, const mn_position *p, const mn_group *g,
                           const uint8_t *statuses, const uint32_t *kids, const uint64_t *seen,
                           bool is_object, bool closed) {
  uint8_t all = MN_MAY, any = MN_MAY_NOT;
  for (uint32_t i = 0; i < g->n; i++) {
    all = both(all, statuses[kids[i]]);
    any = either(any, statuses[kids[i]]);
  }
  switch (g->op) {
    case MN_ALL_OF: return all;
    case MN_ANY_OF: return any;
    case MN_ONE_OF: return exactly_one(statuses, kids, g->n);
    case MN_NOT: return (uint8_t)(all >> 1 | (all & 1) << 1);
    case MN_IF: return conditional(statuses[kids[0]], statuses[kids[1]], statuses[kids[2]]);
    case MN_WHEN: return when(run, p, g, all, seen, is_object, closed);
  }
  return MN_MAY_NOT;
}

void mn_position_judge(mn_run *run, const mn_position *p, uint8_t *statuses,
                       const uint64_t *seen, bool is_object, bool closed) {
  const uint32_t *kids = p->kids;
  for (uint32_t i = 0; i < p->n; i++) {
    const mn_node *n = mn_member(run, p, i);
    for (uint32_t g = 0; g < n->n_groups; kids += n->groups[g++].n)
      statuses[i] = both(statuses[i], judge_group(run, p, &n->groups[g], statuses, kids, seen,
                                                  is_object, closed));
  }
}

void mn_position_typed(mn_run *run, const mn_position *p, uint8_t type, uint8_t *statuses) {
  for (uint32_t i = 0; i < p->n; i++) {
    const mn_node *n = mn_member(run, p, i);
    bool never = !(n->types & type) || (p->plain && !(p->types & type));
    statuses[i] = never ? MN_MAY_NOT : has_rules(n, type) ? MN_UNDECIDED : MN_MAY;
  }
}
