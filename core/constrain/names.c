/* names.c: what the rules of a position say of the members of an object: names and keys.
**
** How: all names that some rule mentions are numbered by their bytes, once per position; what a
** rule says of names are sets of these numbers. Keys that are no such name are judged by the
** automata of patternProperties and propertyNames. */
#include <stdlib.h>
#include <string.h>

#include "core/constrain/machine.h"

static bool no_memory(mn_run *run) {
  return mn_run_fail(run, MOON_EMEM, "out of memory for the constraint's states");
}

static uint32_t gather_names(const mn_run *run, const mn_position *p, uint32_t *ids) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < p->n; i++) {
    const mn_node *node = mn_member(run, p, i);
    for (uint32_t k = 0; k < node->n_properties; k++, n++)
      if (ids) ids[n] = node->properties[k].name;
    for (uint32_t k = 0; k < node->n_required; k++, n++)
      if (ids) ids[n] = node->required[k];
    for (uint32_t k = 0; k < node->key_names.n; k++, n++)
      if (ids) ids[n] = node->key_names.ids[k];
    for (uint32_t k = 0; k < node->n_patterns; k++)
      for (uint32_t w = 0; w < node->patterns[k].names.n; w++, n++)
        if (ids) ids[n] = node->patterns[k].names.ids[w];
    for (uint32_t d = 0; d < node->n_dependencies; d++) {
      if (ids) ids[n] = node->dependencies[d].name;
      n++;
      for (uint32_t k = 0; k < node->dependencies[d].n; k++, n++)
        if (ids) ids[n] = node->dependencies[d].names[k];
    }
    for (uint32_t g = 0; g < node->n_groups; g++) {
      if (node->groups[g].op != MN_WHEN) continue;
      if (ids) ids[n] = node->groups[g].name;
      n++;
    }
  }
  return n;
}

uint32_t mn_members_find(const mn_run *run, const mn_members *m, uint32_t id) {
  const mn_interned *name = &run->schema->names.entries[id];
  uint32_t end = mn_dfa_run(m->keys[0], m->keys[0]->first, name->bytes, name->len);
  return end ? m->keys[0]->word[end] : MN_NO_ID;
}

uint32_t mn_members_key(const mn_members *m, const mn_dfa *dfa) {
  uint32_t i = 1;
  while (i < m->n_keys && m->keys[i] != dfa) i++;
  return i;
}

static bool add_key(mn_run *run, mn_members *m, const mn_dfa *dfa) {
  if (mn_members_key(m, dfa) < m->n_keys) return true;
  if (m->n_keys == MN_MOST_DFAS)
    return mn_run_fail(run, MOON_ESUPPORT, "too many patterns judge one key");
  m->keys[m->n_keys++] = dfa;
  return true;
}

typedef struct named { mn_word word; uint32_t id, order; } named;

/* Sorts the distinct names by their bytes; order remembers the schema's. */
static bool sort_names(mn_run *run, mn_members *m, uint32_t *ids, uint32_t n) {
  named *all = mn_arena_take(&run->arena, (n + 1) * sizeof *all);
  mn_word *words = mn_arena_take(&run->arena, (n + 1) * sizeof *words);
  uint32_t *order = mn_arena_take(&run->arena, (n + 1) * sizeof *order);
  if (!all || !words || !order) return no_memory(run);
  uint32_t kept = 0;
  for (uint32_t i = 0; i < n; i++) {
    const mn_interned *e = &run->schema->names.entries[ids[i]];
    all[i] = (named){{e->bytes, e->len}, ids[i], i};
  }
  /* word is the first field: mn_word_order reads it. */
  qsort(all, n, sizeof *all, mn_word_order);
  for (uint32_t i = 0; i < n; i++) {
    if (kept > 0 && all[kept - 1].id == all[i].id) {
      if (all[i].order < all[kept - 1].order) all[kept - 1].order = all[i].order;
    } else {
      all[kept++] = all[i];
    }
  }
  for (uint32_t i = 0; i < kept; i++) {
    words[i] = all[i].word;
    ids[i] = all[i].id;
    order[i] = all[i].order;
  }
  m->names = words;
  m->ids = ids;
  m->order = order;
  m->n_names = kept;
  m->words = (kept + 63) / 64;
  moon_error err;
  moon_status status = mn_dfa_words(&run->arena, words, kept, &m->keys[0], &err);
  m->n_keys = 1;
  return status == MOON_OK || mn_run_fail(run, status, "too many names in one object");
}

static bool find_required(mn_run *run, const mn_position *p, mn_members *m) {
  const uint64_t **required = mn_arena_take(&run->arena, (p->n + 1) * sizeof *required);
  if (!required) return no_memory(run);
  for (uint32_t i = 0; i < p->n; i++) {
    const mn_node *node = mn_member(run, p, i);
    required[i] = NULL;
    if (node->n_required == 0) continue;
    uint64_t *set = mn_arena_take(&run->arena, m->words * sizeof *set);
    if (!set) return no_memory(run);
    memset(set, 0, m->words * sizeof *set);
    for (uint32_t k = 0; k < node->n_required; k++)
      mn_set_bit(set, mn_members_find(run, m, node->required[k]));
    required[i] = set;
  }
  m->required = required;
  return true;
}

bool mn_key_fits(const mn_members *m, const mn_node *node, uint32_t name, const uint32_t *keys,
                 uint32_t count) {
  const mn_texts *t = &node->keys;
  if (!keys) return mn_texts_accept(t, m->names[name].text, m->names[name].len);
  bool ok = count >= t->least && count <= t->most;
  for (uint32_t k = 0; k < t->n && ok; k++) {
    uint32_t at = mn_members_key(m, t->dfas[k]);
    ok = m->keys[at]->flags[keys[at]] & MN_ACCEPTS;
  }
  return ok;
}

/* Where all nodes must hold, what one does not allow none does. */
static bool find_allowed(mn_run *run, const mn_position *p, mn_members *m) {
  const uint64_t **allowed = mn_arena_take(&run->arena, (p->n + 1) * sizeof *allowed);
  if (!allowed) return no_memory(run);
  uint64_t *common = NULL;
  for (uint32_t i = 0; i < p->n; i++) {
    const mn_node *node = mn_member(run, p, i);
    allowed[i] = NULL;
    if (!mn_node_closed(run->schema, node)) continue;
    uint64_t *set = mn_arena_take(&run->arena, (m->words + 1) * sizeof *set);
    if (!set) return no_memory(run);
    memset(set, 0, (m->words + 1) * sizeof *set);
    for (uint32_t k = 0; k < m->n_names; k++)
      if (mn_node_allows(run->schema, node, m->ids[k])) mn_set_bit(set, k);
    allowed[i] = set;
    if (!p->plain) continue;
    for (uint32_t w = 0; w < m->words && common; w++) common[w] &= set[w];
    if (!common) common = set;
  }
  for (uint32_t i = 0; i < p->n && common; i++) allowed[i] = common;
  m->allowed = allowed;
  return true;
}

mn_members *mn_members_of(mn_run *run, mn_position *p) {
  if (p->members) return p->members;
  mn_members *m = mn_arena_take(&run->arena, sizeof *m);
  uint32_t n = gather_names(run, p, NULL);
  uint32_t *ids = mn_arena_take(&run->arena, (n + 1) * sizeof *ids);
  if (!m || !ids) return no_memory(run), NULL;
  *m = (mn_members){0};
  gather_names(run, p, ids);
  if (!sort_names(run, m, ids, n) || !find_required(run, p, m)) return NULL;
  bool ok = true;
  for (uint32_t i = 0; i < p->n && ok; i++) {
    const mn_node *node = mn_member(run, p, i);
    for (uint32_t k = 0; k < node->n_patterns && ok; k++) {
      const mn_pattern *pattern = &node->patterns[k];
      ok = add_key(run, m, pattern->dfa);
      if (ok && pattern->names.listed)
        m->listed |= UINT64_C(1) << (mn_members_key(m, pattern->dfa) - 1);
    }
  }
  m->n_patterns = m->n_keys - 1;
  for (uint32_t i = 0; i < p->n && ok; i++) {
    const mn_node *node = mn_member(run, p, i);
    m->keyed |= node->keyed;
    for (uint32_t k = 0; k < node->keys.n && ok; k++) ok = add_key(run, m, node->keys.dfas[k]);
  }
  if (!ok || !find_allowed(run, p, m)) return NULL;
  return p->members = m;
}
