/* texts.c: strings and keys, character by character.
**
** How: both are read as decoded UTF-8, whatever escapes spell them. A string moves its position's
** automata, which say what can still come of it; a key moves those of all names and patterns, and
** is let through while some key that its frame may have next begins like it. A free key that was
** used before is recognised by a 64-bit hash of its text. */
#include "core/constrain/escape.h"
#include "core/constrain/machine.h"

#include <string.h>

/* ---- strings ---- */

/* What rules for texts say so far, or at the end. which: n of p->texts; NULL: the first n. */
static uint8_t judge_texts(const mn_position *p, const mn_cursor *cur, bool end, uint32_t least,
                           uint32_t most, const uint8_t *which, uint32_t n) {
  bool yes = cur->count <= most, ends = yes && cur->count >= least;
  bool sure = ends && most == MN_NO_LIMIT;
  for (uint32_t k = 0; k < n; k++) {
    uint32_t at = which ? which[k] : k, state = cur->dfa[at];
    const mn_dfa *dfa = p->texts[at];
    yes = yes && state && dfa->distance[state] <= most &&
          cur->count <= most - dfa->distance[state];
    ends = ends && (dfa->flags[state] & MN_ACCEPTS);
    sure = sure && !(dfa->flags[state] & MN_CAN_REFUSE);
  }
  if (end) return ends ? MN_MAY : MN_MAY_NOT;
  return !yes ? MN_MAY_NOT : sure ? MN_MAY : MN_UNDECIDED;
}

/* A string's own verdicts so far, or at its end; of a plain position all have the joint one. */
static void judge_string(mn_run *run, const mn_position *p, const mn_cursor *cur, bool end,
                         uint8_t *statuses) {
  mn_position_typed(run, p, MN_T_STRING, statuses);
  uint8_t joint = MN_UNDECIDED;
  if (p->plain) joint = judge_texts(p, cur, end, p->least, p->most, NULL, p->n_texts);
  for (uint32_t i = 0; i < p->n; i++) {
    if (statuses[i] != MN_UNDECIDED) continue;
    const mn_texts *t = &mn_member(run, p, i)->texts;
    statuses[i] = p->plain ? joint
                           : judge_texts(p, cur, end, t->least, t->most, p->text_of[i], t->n);
  }
}

bool mn_outcomes_possible(mn_run *run, const mn_frame *f, const mn_edge *edge,
                          uint32_t outcomes) {
  const mn_position *p = mn_run_position(run, edge->position);
  for (uint32_t v = 0; v < 32; v++) {
    uint8_t roots[32];
    if (!(outcomes >> v & 1)) continue;
    for (uint32_t r = 0; r < p->n_roots; r++) roots[r] = v >> r & 1 ? MN_MAY : MN_MAY_NOT;
    if (mn_frame_admits(run, f, edge, roots)) return true;
  }
  return false;
}

static bool string_possible(mn_run *run, const mn_cursor *cur) {
  const mn_position *p = mn_cursor_position(run, cur);
  const mn_frame *f = mn_cursor_frame(run, cur->frame);
  const mn_edge *edge = mn_run_edge(run, cur->edge);
  if (p->judged)
    return mn_outcomes_possible(run, f, edge, p->texts[0]->ahead[cur->dfa[0]]);
  uint8_t *statuses = mn_pool_take(run, p->n + 1);
  if (!statuses) return false;
  judge_string(run, p, cur, false, statuses);
  return mn_value_possible(run, f, edge, statuses, false);
}

bool mn_run_begin_string(mn_run *run, mn_cursor *next) {
  const mn_position *p = mn_cursor_position(run, next);
  const mn_frame *f = mn_cursor_frame(run, next->frame);
  const uint8_t fails = MN_MAY_NOT;
  next->stand = MN_IN_STRING;
  next->n = (uint8_t)p->n_texts;
  for (uint32_t i = 0; i < p->n_texts; i++) next->dfa[i] = p->texts[i]->first;
  if (!string_possible(run, next)) return false;
  if (p->plain && (p->n_texts > 0 || p->limited))
    next->hash = mn_frame_admits(run, f, mn_run_edge(run, next->edge), &fails);
  return true;
}

static bool finish_string(mn_run *run, const mn_cursor *cur, mn_cursor *next) {
  const mn_position *p = mn_cursor_position(run, cur);
  uint8_t *statuses = mn_pool_take(run, p->n + 1);
  if (!statuses) return false;
  if (p->judged) {
    uint32_t v = (uint32_t)__builtin_ctz(p->texts[0]->ends[cur->dfa[0]]);
    for (uint32_t r = 0; r < p->n_roots; r++) statuses[r] = v >> r & 1 ? MN_MAY : MN_MAY_NOT;
    return mn_value_leave(run, cur->frame, cur->edge, statuses, next);
  }
  judge_string(run, p, cur, true, statuses);
  return mn_value_finish(run, cur, statuses, next);
}

/* A byte of the decoded text; starts: of a new character. */
static bool feed_text(mn_run *run, mn_cursor *cur, uint8_t byte, bool starts) {
  const mn_position *p = mn_cursor_position(run, cur);
  bool ask = false, must = p->plain && !cur->hash;
  if (starts && p->limited) {
    if (cur->count < 1000000001) cur->count++;
    ask = true;
  }
  for (uint32_t i = 0; i < p->n_texts; i++) {
    const mn_dfa *dfa = p->texts[i];
    uint32_t state = cur->dfa[i], to = mn_dfa_step(dfa, state, byte);
    ask |= dfa->flags[state] != dfa->flags[to];
    ask |= p->judged && dfa->ahead[state] != dfa->ahead[to];
    cur->dfa[i] = to;
    if (must && !to) return false;
    if (must && p->most != MN_NO_LIMIT && (uint64_t)cur->count + dfa->distance[to] > p->most)
      return false;
  }
  if (must) return cur->count <= p->most;
  return !ask || string_possible(run, cur);
}

/* ---- keys ---- */

/* Can a key that begins like this fulfil what the node's propertyNames says of a string? */
static bool key_lives(const mn_members *m, const mn_node *node, const mn_cursor *cur) {
  const mn_texts *t = &node->keys;
  if (cur->count > t->most) return false;
  for (uint32_t k = 0; k < t->n; k++) {
    uint32_t at = mn_members_key(m, t->dfas[k]), state = cur->dfa[at];
    uint32_t left = m->keys[at]->distance[state];
    if (!state || left > t->most || cur->count > t->most - left) return false;
  }
  return true;
}

/* Could a key that no rule names end here or further on? A node that it fails by propertyNames may
** be one that need not hold. */
static bool free_key_possible(mn_run *run, const mn_cursor *cur, const mn_choices *choices) {
  const mn_frame *f = mn_run_frame(run, cur->frame);
  const mn_position *p = mn_run_position(run, f->position);
  const mn_members *m = p->members;
  uint64_t *dead = NULL;
  for (uint32_t i = 0; m->keyed && i < p->n; i++) {
    const mn_node *node = mn_member(run, p, i);
    if (!node->keyed || node->key_names.listed || key_lives(m, node, cur)) continue;
    if (!dead) {
      dead = (uint64_t *)mn_pool_take(run, p->words * sizeof *dead);
      if (!dead) return false;
      memset(dead, 0, p->words * sizeof *dead);
    }
    mn_set_bit(dead, i);
  }
  if (choices->free && (!dead || mn_frame_try(run, f, MN_NO_ID, 0, dead))) return true;
  for (uint32_t k = 0; k < m->n_patterns; k++) {
    uint64_t one = UINT64_C(1) << k;
    if (!(choices->patterns & one) || !cur->dfa[k + 1]) continue;
    if (!dead || mn_frame_try(run, f, MN_NO_ID, one, dead)) return true;
  }
  return false;
}

static bool key_possible(mn_run *run, const mn_cursor *cur) {
  const mn_choices *choices = mn_frame_choices(run, cur->frame);
  if (!choices) return false;
  if ((choices->free || choices->patterns) && free_key_possible(run, cur, choices)) return true;
  const mn_members *m = mn_run_position(run, mn_run_frame(run, cur->frame)->position)->members;
  const uint64_t *names = (const uint64_t *)(choices + 1);
  uint32_t state = cur->dfa[0];
  for (uint32_t i = m->keys[0]->low[state]; state && i < m->keys[0]->high[state]; i++)
    if (mn_bit(names, i)) return true;
  return false;
}

static bool was_used(const mn_run *run, uint32_t keys, uint64_t hash) {
  while (keys) {
    const uint64_t *entry = mn_intern_get(&run->keys, keys);
    if (entry[1] == hash) return true;
    keys = (uint32_t)entry[0];
  }
  return false;
}

static bool feed_key(mn_run *run, mn_cursor *cur, uint8_t byte, bool starts);

/* Can one more character come? */
static bool key_goes_on(mn_run *run, const mn_cursor *cur) {
  bool found = false;
  for (int byte = 0; byte <= 0xF4 && !found; byte++) {
    mn_cursor trial = *cur;
    size_t mark = run->pool_used;
    found = (byte < 0x80 || byte >= 0xC2) && feed_key(run, &trial, (uint8_t)byte, true);
    run->pool_used = mark;
  }
  return found;
}

static bool feed_key(mn_run *run, mn_cursor *cur, uint8_t byte, bool starts) {
  const mn_frame *f = mn_run_frame(run, cur->frame);
  const mn_members *m = mn_run_position(run, f->position)->members;
  if (starts && m->keyed && cur->count < 1000000001) cur->count++;
  for (uint32_t i = 0; i < m->n_keys; i++)
    if (cur->dfa[i]) cur->dfa[i] = mn_dfa_step(m->keys[i], cur->dfa[i], byte);
  if (cur->hash) cur->hash = (cur->hash ^ byte) * UINT64_C(0x9E3779B97F4A7C15) | 1;
  if (!key_possible(run, cur)) return false;
  /* Where rules bound keys, one that was used may be one that cannot go on either. */
  return m->n_keys == 1 || !was_used(run, f->keys, cur->hash) || key_goes_on(run, cur);
}

bool mn_run_begin_key(mn_run *run, const mn_cursor *cur, mn_cursor *next) {
  const mn_choices *choices = mn_frame_choices(run, cur->frame);
  if (!choices || !choices->any) return false;
  const mn_members *m = mn_run_position(run, mn_run_frame(run, cur->frame)->position)->members;
  *next = (mn_cursor){.stand = MN_IN_KEY, .frame = cur->frame, .n = (uint8_t)m->n_keys};
  if (choices->free || choices->patterns) next->hash = 1;
  for (uint32_t i = 0; i < m->n_keys; i++) next->dfa[i] = m->keys[i]->first;
  return true;
}

static bool finish_key(mn_run *run, const mn_cursor *cur, mn_cursor *next) {
  const mn_frame *f = mn_run_frame(run, cur->frame);
  const mn_members *m = mn_run_position(run, f->position)->members;
  uint32_t state = cur->dfa[0], name = state ? m->keys[0]->word[state] : MN_NO_ID;
  const mn_choices *choices = mn_frame_choices(run, cur->frame);
  mn_frame *after = mn_frame_copy(run, f);
  if (!choices || !after) return false;
  uint64_t patterns = 0;
  if (name != MN_NO_ID) {
    if (!mn_bit((const uint64_t *)(choices + 1), name)) return false;
  } else {
    for (uint32_t k = 0; k < m->n_patterns; k++)
      if (m->keys[k + 1]->flags[cur->dfa[k + 1]] & MN_ACCEPTS) patterns |= UINT64_C(1) << k;
    if (was_used(run, f->keys, cur->hash)) return false;
    uint64_t entry[2] = {f->keys, cur->hash};
    after->keys = mn_intern_put(&run->keys, entry, sizeof entry);
    if (after->keys == MN_NO_ID)
      return mn_run_fail(run, MOON_EMEM, "out of memory for the constraint's states");
  }
  mn_frame_see(run, after, name, cur->dfa, cur->count);
  uint32_t edge = mn_edge_member(run, after, name, patterns);
  if (edge == MN_NO_ID) return false;
  if (!mn_value_begins(run, after, mn_run_edge(run, edge))) return false;
  *next = (mn_cursor){.stand = MN_AT_COLON, .edge = edge, .frame = mn_frame_put(run, after)};
  return next->frame != MN_NO_ID;
}

/* ---- text of strings and keys ---- */

bool mn_run_feed(mn_run *run, mn_cursor *cur, uint8_t byte, bool starts) {
  return cur->stand == MN_IN_KEY ? feed_key(run, cur, byte, starts)
                                 : feed_text(run, cur, byte, starts);
}

static bool step_rest(mn_run *run, mn_cursor *cur, uint8_t byte) {
  uint8_t low = 0x80, high = 0xBF, rest = E_PLAIN;
  switch (cur->escape) {
    case E_REST2: rest = E_REST1; break;
    case E_REST3: rest = E_REST2; break;
    case E_AFTER_E0: low = 0xA0; rest = E_REST1; break;
    case E_AFTER_ED: high = 0x9F; rest = E_REST1; break;
    case E_AFTER_F0: low = 0x90; rest = E_REST2; break;
    case E_AFTER_F4: high = 0x8F; rest = E_REST2; break;
    default: break;
  }
  if (byte < low || byte > high) return false;
  cur->escape = rest;
  return mn_run_feed(run, cur, byte, false);
}

bool mn_run_text(mn_run *run, const mn_cursor *cur, uint8_t byte, mn_cursor *next) {
  if (cur->escape == E_PLAIN && byte == '"')
    return cur->stand == MN_IN_KEY ? finish_key(run, cur, next) : finish_string(run, cur, next);
  *next = *cur;
  if (cur->escape >= E_BACKSLASH) return mn_escape_step(run, next, byte);
  if (cur->escape != E_PLAIN) return step_rest(run, next, byte);
  if (byte < 0x20) return false;
  if (byte == '\\') {
    next->escape = E_BACKSLASH;
    return mn_escape_possible(run, cur);
  }
  if (byte < 0x80) return mn_run_feed(run, next, byte, true);
  int escape = after_lead(byte);
  if (escape < 0) return false;
  next->escape = (uint8_t)escape;
  return mn_run_feed(run, next, byte, true);
}
