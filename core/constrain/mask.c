/* mask.c: which tokens may come, from a walk over the vocabulary's trie.
**
** How: each node's byte is stepped from its parent's cursor; a refused byte leaves out the whole
** subtree. Masks are kept by cursor. Inside a JSON string that may be any the walk was done once
** for the vocabulary: what is left are the tokens that close the string. */
#include <string.h>

#include "core/constrain/constraint.h"

static void set_tokens(const mn_vocabulary *v, const mn_trie_node *node, uint32_t *bits) {
  for (uint32_t t = 0; t < node->n; t++) {
    int32_t id = v->tokens[node->first + t];
    bits[id >> 5] |= UINT32_C(1) << (id & 31);
  }
}

/* Walks below `top`, which stands at cursor path[depth of top]. */
static void walk(const moon_constraint *c, mn_runner *r, uint32_t top, uint32_t *bits) {
  const mn_vocabulary *v = c->vocabulary;
  for (uint32_t i = top + 1; i < v->nodes[top].end;) {
    const mn_trie_node *node = &v->nodes[i];
    if (mn_runner_step(c, r, &r->path[node->depth - 1], node->byte, &r->path[node->depth])) {
      set_tokens(v, node, bits);
      i++;
    } else {
      i = node->end;
    }
  }
}

bool mn_runner_goes_on(const moon_constraint *c, mn_runner *r, const mn_cursor *at,
                       uint32_t node) {
  const mn_vocabulary *v = c->vocabulary;
  r->path[v->nodes[node].depth] = *at;
  for (uint32_t i = node + 1; i < v->nodes[node].end;) {
    const mn_trie_node *next = &v->nodes[i];
    if (!mn_runner_step(c, r, &r->path[next->depth - 1], next->byte, &r->path[next->depth])) {
      i = next->end;
    } else if (next->n > 0) {
      return true;
    } else {
      i++;
    }
  }
  return false;
}

void mn_lead_mask(const moon_matcher *m, uint32_t *bits) {
  const mn_vocabulary *v = m->constraint->vocabulary;
  uint32_t node = 0;
  for (size_t i = 0; i < m->lead_len; i++) {
    node = mn_vocabulary_child(v, node, m->lead[i]);
    if (node == MN_NO_NODE) return;
    set_tokens(v, &v->nodes[node], bits);
  }
  m->runner->path[v->nodes[node].depth] = m->at;
  walk(m->constraint, m->runner, node, bits);
}

/* A regular language has small states: its walk copies nothing else. */
static void walk_dfa(const moon_constraint *c, mn_runner *r, uint32_t state, uint32_t *bits) {
  const mn_vocabulary *v = c->vocabulary;
  uint32_t *path = (uint32_t *)r->path;
  path[0] = state;
  for (uint32_t i = 1; i < v->n_nodes;) {
    const mn_trie_node *node = &v->nodes[i];
    uint32_t to = mn_dfa_step(c->dfa, path[node->depth - 1], node->byte);
    path[node->depth] = to;
    if (to) set_tokens(v, node, bits);
    i = to ? i + 1 : node->end;
  }
}

/* Characters that a string at this cursor may still have, when it is otherwise free (the
** vocabulary's longest token or more: as many as you like); false: it is not free. */
static bool is_free_string(mn_runner *r, const mn_cursor *at, uint32_t *room) {
  *room = MN_NO_LIMIT;
  if (at->escape) return false;
  if (at->stand == MN_IN_KEY) {
    const mn_choices *choices = mn_frame_choices(&r->run, at->frame);
    const mn_position *p = mn_run_position(&r->run, mn_run_frame(&r->run, at->frame)->position);
    return choices && choices->free && !p->members->keyed;
  }
  if (at->stand != MN_IN_STRING) return false;
  const mn_edge *edge = mn_run_edge(&r->run, at->edge);
  const mn_position *p = mn_run_position(&r->run, edge->position);
  if (p->n_texts > 0 || (p->limited && (!p->plain || at->hash))) return false;
  if (p->limited && p->most != MN_NO_LIMIT) *room = p->most - at->count;
  return true;
}

/* All ways to close the string: a key's hash needs its bytes, a string only their number. */
static void walk_exits(const moon_constraint *c, mn_runner *r, const mn_cursor *at,
                       uint32_t room, uint32_t *bits) {
  const mn_vocabulary *v = c->vocabulary;
  for (uint32_t e = 0; e < v->n_exits; e++) {
    const mn_exit *exit = &v->exits[e];
    const mn_trie_node *node = &v->nodes[exit->node];
    if (exit->characters > room) continue;
    mn_cursor before = *at;
    if (at->stand == MN_IN_KEY) {
      size_t len;
      /* Any token below the node begins with the node's bytes. */
      const char *text = moon_model_piece(c->model, v->tokens[node->first], &len);
      bool ok = true;
      for (uint32_t d = 0; d + 1 < node->depth && ok; d++)
        ok = mn_run_step(&r->run, &before, (uint8_t)text[d], &before);
      if (!ok) continue;
    } else if (before.count > 0 || room != MN_NO_LIMIT ||
               mn_run_position(&r->run, mn_run_edge(&r->run, at->edge)->position)->limited) {
      before.count += exit->characters;
    }
    if (!mn_run_step(&r->run, &before, '"', &r->path[node->depth])) continue;
    set_tokens(v, node, bits);
    walk(c, r, exit->node, bits);
  }
}

static void make_mask(const moon_constraint *c, mn_runner *r, const mn_cursor *at,
                      uint32_t *bits) {
  const mn_vocabulary *v = c->vocabulary;
  uint32_t room;
  memset(bits, 0, v->words * sizeof *bits);
  if (c->kind == MN_BY_DFA) {
    walk_dfa(c, r, at->frame, bits);
  } else if (c->kind == MN_BY_SCHEMA && is_free_string(r, at, &room) &&
             (room >= v->longest || room < MN_LENGTHS - 1)) {
    memcpy(bits, v->inside[room < MN_LENGTHS - 1 ? room : MN_LENGTHS - 1],
           v->words * sizeof *bits);
    walk_exits(c, r, at, room, bits);
  } else {
    r->path[0] = *at;
    walk(c, r, 0, bits);
  }
}

const uint32_t *mn_runner_mask(const moon_constraint *c, mn_runner *r, const mn_cursor *at) {
  mn_mask_entry *entry = &r->masks[mn_hash_bytes(at, sizeof *at) & (MN_MASKS - 1)];
  if (entry->used && memcmp(&entry->at, at, sizeof *at) == 0) return entry->bits;
  if (!entry->bits)
    entry->bits = mn_arena_take(&r->arena, c->vocabulary->words * sizeof *entry->bits);
  if (!entry->bits) return NULL;
  entry->used = false;
  make_mask(c, r, at, entry->bits);
  entry->at = *at;
  entry->used = r->run.status == MOON_OK && r->derivation.status == MOON_OK;
  return entry->bits;
}
