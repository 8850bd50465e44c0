/* schema_narrow.c: takes away types that no value can have, before a text begins.
**
** How: of each node, what its own rules leave and what those of the nodes it hangs on leave, from
** the last to the first and again until nothing changes. Invariant: what is taken away satisfied
** nothing that can be written, so that all verdicts stay the same. */
#include "core/constrain/schema.h"

static bool never(const mn_schema *s, uint32_t node) {
  return node != MN_NO_NODE && s->nodes[node].types == 0;
}

/* ---- strings and keys ---- */

bool mn_texts_accept(const mn_texts *t, const char *text, size_t len) {
  uint32_t count = 0;
  for (size_t i = 0; i < len; i++) count += ((uint8_t)text[i] & 0xC0) != 0x80;
  bool ok = count >= t->least && count <= t->most;
  for (uint32_t k = 0; k < t->n && ok; k++)
    ok = t->dfas[k]->flags[mn_dfa_run(t->dfas[k], t->dfas[k]->first, text, len)] & MN_ACCEPTS;
  return ok;
}

bool mn_texts_possible(const mn_dfa *const *dfas, uint32_t n, uint32_t least, uint32_t most) {
  bool ok = least <= most;
  for (uint32_t k = 0; k < n; k++) {
    uint32_t first = dfas[k]->first;
    ok = ok && first && dfas[k]->distance[first] <= most;
  }
  return ok;
}

bool mn_node_closed(const mn_schema *s, const mn_node *node) {
  bool closed = never(s, node->additional);
  for (uint32_t k = 0; k < node->n_patterns; k++)
    closed &= node->patterns[k].names.listed || never(s, node->patterns[k].node);
  return closed || node->key_names.listed;
}

bool mn_node_allows(const mn_schema *s, const mn_node *node, uint32_t name) {
  const mn_interned *text = &s->names.entries[name];
  bool met = false, ok = true;
  for (uint32_t k = 0; k < node->n_properties; k++)
    if (node->properties[k].name == name) {
      met = true;
      ok &= !never(s, node->properties[k].node);
    }
  for (uint32_t k = 0; k < node->n_patterns; k++) {
    const mn_dfa *dfa = node->patterns[k].dfa;
    uint32_t end = mn_dfa_run(dfa, dfa->first, text->bytes, text->len);
    if (!(dfa->flags[end] & MN_ACCEPTS)) continue;
    met = true;
    ok &= !never(s, node->patterns[k].node);
  }
  ok &= met || !never(s, node->additional);
  return ok && (!node->keyed || mn_texts_accept(&node->keys, text->bytes, text->len));
}

/* ---- types ---- */

static bool objects_possible(const mn_schema *s, const mn_node *node) {
  uint64_t names = 0;
  for (uint32_t k = 0; k < node->n_required; k++)
    if (!mn_node_allows(s, node, node->required[k])) return false;
  if (node->least_members > node->most_members) return false;
  if (node->least_members == 0 || !mn_node_closed(s, node)) return true;
  for (uint32_t k = 0; k < node->n_properties; k++)
    names += mn_node_allows(s, node, node->properties[k].name);
  for (uint32_t k = 0; k < node->key_names.n; k++)
    names += mn_node_allows(s, node, node->key_names.ids[k]);
  for (uint32_t k = 0; k < node->n_patterns; k++) names += node->patterns[k].names.n;
  return names >= node->least_members;
}

/* An item that nothing satisfies ends the list before it. */
static bool arrays_possible(const mn_schema *s, mn_node *node) {
  uint32_t most = never(s, node->items) ? node->n_prefix : MN_NO_LIMIT;
  for (uint32_t i = node->n_prefix; i-- > 0;)
    if (never(s, node->prefix[i])) most = i;
  if (most < node->most_items) node->most_items = most;
  if (node->least_items > node->most_items) return false;
  if (node->contains == MN_NO_NODE) return true;
  uint8_t types = node->items == MN_NO_NODE ? MN_T_ALL : s->nodes[node->items].types;
  for (uint32_t i = 0; i < node->n_prefix; i++) types |= s->nodes[node->prefix[i]].types;
  bool none = !(types & s->nodes[node->contains].types) && node->least_contains > 0;
  return !none && node->least_contains <= node->most_contains &&
         node->least_contains <= node->most_items;
}

static uint8_t types_of_group(const mn_schema *s, const mn_group *group) {
  uint8_t all = MN_T_ALL, any = 0;
  for (uint32_t i = 0; i < group->n; i++) {
    all &= s->nodes[group->nodes[i]].types;
    any |= s->nodes[group->nodes[i]].types;
  }
  if (group->op == MN_ALL_OF) return all;
  return group->op == MN_ANY_OF || group->op == MN_ONE_OF ? any : MN_T_ALL;
}

static bool narrow(const mn_schema *s, mn_node *node) {
  uint8_t types = node->types;
  for (uint32_t g = 0; g < node->n_groups; g++) types &= types_of_group(s, &node->groups[g]);
  const mn_texts *t = &node->texts;
  if ((types & MN_T_STRING) && !mn_texts_possible(t->dfas, t->n, t->least, t->most))
    types &= ~MN_T_STRING;
  if ((types & MN_T_NUMBER) && node->numeric && !mn_number_possible(&node->number))
    types &= ~MN_T_NUMBER;
  if ((types & MN_T_ARRAY) && !arrays_possible(s, node)) types &= ~MN_T_ARRAY;
  if ((types & MN_T_OBJECT) && !objects_possible(s, node)) types &= ~MN_T_OBJECT;
  bool changed = types != node->types;
  node->types = types;
  return changed;
}

void mn_schema_narrow(mn_schema *s) {
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t i = s->n_nodes; i-- > 0;) changed |= narrow(s, &s->nodes[i]);
  }
}
