/* machine.c: one byte of JSON at a time.
**
** How: where the cursor stands decides who reads the byte; the end of a value settles its
** verdicts in the frame around it. Strings are read as decoded UTF-8, whatever escapes spell
** them; lone surrogates are refused. White space is what pretty printers write: one space, or a
** line break and at most MOST_INDENT spaces, and only where they write it. A free key that was
** used before is recognised by a 64-bit hash of its text.
** Invariant: a byte that is accepted leaves the whole text possible as far as verdicts tell. */
#include "core/constrain/escape.h"
#include "core/constrain/machine.h"

#include <string.h>

enum { MOST_INDENT = 18, MOST_STATES = 64 << 20 };

/* Phases of a number without text. */
enum { N_SIGN, N_ZERO, N_WHOLE, N_POINT, N_DECIMALS, N_E, N_E_SIGN, N_EXPONENT };

static const char *const literals[] = {"null", "true", "false"};
static const uint8_t literal_types[] = {MN_T_NULL, MN_T_TRUE, MN_T_FALSE};

moon_status mn_run_begin(mn_run *run, mn_alloc alloc, const mn_schema *schema, int whitespace,
                         mn_cursor *start, moon_error *err) {
  *run = (mn_run){.schema = schema, .whitespace = whitespace};
  mn_arena_growing(&run->arena, alloc, MOST_STATES);
  run->pool = mn_arena_take(&run->arena, MN_POOL);
  mn_intern_begin(&run->positions, &run->arena);
  mn_intern_begin(&run->edges, &run->arena);
  mn_intern_begin(&run->frames, &run->arena);
  mn_intern_begin(&run->keys, &run->arena);
  uint32_t root = schema->root, first = MN_NO_ID;
  /* Frame 0 and list of keys 0 stand for none; edge 0 holds the whole text. */
  bool ok = run->pool && mn_intern_put(&run->frames, "", 0) == 0 &&
            mn_intern_put(&run->keys, "", 0) == 0 && mn_intern_put(&run->edges, "", 0) == 0;
  run->edge_room = 16;
  run->edge_of = mn_arena_take(&run->arena, run->edge_room * sizeof *run->edge_of);
  if (!ok || !run->edge_of) return mn_fail_memory(err, "constraint", MN_POOL);
  first = mn_position_of(run, &root, 1);
  if (first == MN_NO_ID) return mn_fail(err, run->status, "schema: %s", run->why);
  run->edge_of[0] = (mn_edge){.position = first};
  *start = (mn_cursor){.stand = MN_AT_VALUE, .gap = 255};
  const mn_position *p = mn_run_position(run, first);
  uint8_t *statuses = mn_pool_take(run, p->n + 1);
  if (!statuses) return mn_fail(err, run->status, "schema: %s", run->why);
  mn_position_start(run, p, statuses);
  bool possible = statuses[p->roots[0]] & MN_MAY;
  run->pool_used = 0;
  if (!possible) return mn_fail(err, MOON_EFORMAT, "schema: nothing can satisfy it");
  return MOON_OK;
}

void mn_run_end(mn_run *run) { mn_arena_free(&run->arena); }

static const mn_frame *frame_of(const mn_run *run, uint32_t frame) {
  return frame ? mn_run_frame(run, frame) : NULL;
}

static const mn_position *position_at(const mn_run *run, const mn_cursor *cur) {
  return mn_run_position(run, mn_run_edge(run, cur->edge)->position);
}

/* ---- ends of values ---- */

/* Own verdicts of the present value, final ones; false where memory ends. */
static uint8_t *roots_of(mn_run *run, const mn_position *p, uint8_t *statuses) {
  uint8_t *roots = mn_pool_take(run, p->n_roots + 1);
  if (!roots) return NULL;
  for (uint32_t r = 0; r < p->n_roots; r++) roots[r] = statuses[p->roots[r]];
  return roots;
}

/* The value on this edge of this frame has ended with these verdicts. */
static bool leave_value(mn_run *run, uint32_t frame, uint32_t edge, const uint8_t *roots,
                        mn_cursor *next) {
  const mn_frame *f = frame_of(run, frame);
  const mn_edge *e = mn_run_edge(run, edge);
  if (!mn_frame_admits(run, f, e, roots)) return false;
  *next = (mn_cursor){.stand = f ? MN_AT_NEXT : MN_AT_END};
  if (!f) return true;
  mn_frame *after = mn_frame_copy(run, f);
  if (!after) return false;
  mn_frame_settle(run, after, e, roots);
  next->frame = mn_frame_put(run, after);
  return next->frame != MN_NO_ID;
}

/* statuses hold each node's own final verdict on a value that is no object. */
static bool finish(mn_run *run, const mn_cursor *cur, uint8_t *statuses, mn_cursor *next) {
  const mn_position *p = position_at(run, cur);
  mn_position_judge(run, p, statuses, NULL, false, true);
  uint8_t *roots = roots_of(run, p, statuses);
  return roots && leave_value(run, cur->frame, cur->edge, roots, next);
}

/* Is the whole still possible with these verdicts, not yet final? */
static bool possible(mn_run *run, const mn_cursor *cur, uint8_t *statuses, bool is_object) {
  const mn_position *p = position_at(run, cur);
  mn_position_judge(run, p, statuses, NULL, is_object, false);
  uint8_t *roots = roots_of(run, p, statuses);
  return roots &&
         mn_frame_admits(run, frame_of(run, cur->frame), mn_run_edge(run, cur->edge), roots);
}

static bool close_frame(mn_run *run, const mn_cursor *cur, mn_cursor *next) {
  const mn_frame *f = mn_run_frame(run, cur->frame);
  uint8_t *roots = mn_pool_take(run, mn_run_position(run, f->position)->n_roots + 1);
  if (!roots) return false;
  mn_frame_judge(run, f, true, roots);
  return leave_value(run, f->parent, f->edge, roots, next);
}

/* ---- strings ---- */

/* A string's own verdicts so far, or at its end. */
static void judge_string(mn_run *run, const mn_position *p, const mn_cursor *cur, bool end,
                         uint8_t *statuses) {
  mn_position_typed(run, p, MN_T_STRING, statuses);
  for (uint32_t i = 0; i < p->n; i++) {
    if (statuses[i] != MN_UNDECIDED) continue;
    const mn_texts *t = &mn_member(run, p, i)->texts;
    bool yes = cur->count <= t->most, ends = yes && cur->count >= t->least;
    bool sure = ends && t->most == MN_NO_LIMIT;
    for (uint32_t k = 0; k < t->n; k++) {
      const mn_dfa *dfa = p->texts[p->text_of[i][k]];
      uint32_t state = cur->dfa[p->text_of[i][k]];
      yes = yes && state && dfa->distance[state] <= t->most &&
            cur->count <= t->most - dfa->distance[state];
      ends = ends && (dfa->flags[state] & MN_ACCEPTS);
      sure = sure && !(dfa->flags[state] & MN_CAN_REFUSE);
    }
    statuses[i] = end ? (ends ? MN_MAY : MN_MAY_NOT)
                      : !yes ? MN_MAY_NOT : sure ? MN_MAY : MN_UNDECIDED;
  }
}

static bool string_possible(mn_run *run, const mn_cursor *cur) {
  const mn_position *p = position_at(run, cur);
  uint8_t *statuses = mn_pool_take(run, p->n + 1);
  if (!statuses) return false;
  judge_string(run, p, cur, false, statuses);
  return possible(run, cur, statuses, false);
}

static bool finish_string(mn_run *run, const mn_cursor *cur, mn_cursor *next) {
  const mn_position *p = position_at(run, cur);
  uint8_t *statuses = mn_pool_take(run, p->n + 1);
  if (!statuses) return false;
  judge_string(run, p, cur, true, statuses);
  return finish(run, cur, statuses, next);
}

/* A byte of the decoded text; starts: of a new character. */
static bool feed_text(mn_run *run, mn_cursor *cur, uint8_t byte, bool starts) {
  const mn_position *p = position_at(run, cur);
  bool ask = false;
  if (starts && p->limited) {
    if (cur->count < 1000000001) cur->count++;
    ask = true;
  }
  for (uint32_t i = 0; i < p->n_texts; i++) {
    uint32_t state = cur->dfa[i], to = mn_dfa_step(p->texts[i], state, byte);
    ask |= p->texts[i]->flags[state] != p->texts[i]->flags[to];
    cur->dfa[i] = to;
    if (p->plain && !to) return false;
    if (p->plain && p->most != MN_NO_LIMIT &&
        (uint64_t)cur->count + p->texts[i]->distance[to] > p->most)
      return false;
  }
  if (p->plain) return cur->count <= p->most;
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

static bool begin_key(mn_run *run, const mn_cursor *cur, mn_cursor *next) {
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
  const mn_position *p = mn_run_position(run, mn_run_edge(run, edge)->position);
  uint8_t *statuses = mn_pool_take(run, p->n + 1);
  if (!statuses) return false;
  mn_position_start(run, p, statuses);
  uint8_t *roots = roots_of(run, p, statuses);
  if (!roots || !mn_frame_admits(run, after, mn_run_edge(run, edge), roots)) return false;
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

static bool step_string(mn_run *run, const mn_cursor *cur, uint8_t byte, mn_cursor *next) {
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

/* ---- numbers ---- */

static bool judge_number(mn_run *run, const mn_cursor *cur, bool end, mn_cursor *next) {
  const mn_position *p = position_at(run, cur);
  uint8_t *statuses = mn_pool_take(run, p->n + 1);
  if (!statuses) return false;
  mn_position_typed(run, p, MN_T_NUMBER, statuses);
  for (uint32_t i = 0; i < p->n; i++)
    if (statuses[i] == MN_UNDECIDED)
      statuses[i] = (uint8_t)mn_number_judge(&mn_member(run, p, i)->number,
                                             (const char *)cur->dfa, cur->n, end);
  return end ? finish(run, cur, statuses, next) : possible(run, cur, statuses, false);
}

static bool ends_number(const mn_run *run, const mn_cursor *cur) {
  if (!position_at(run, cur)->bare) return mn_number_whole((const char *)cur->dfa, cur->n);
  return cur->count == N_ZERO || cur->count == N_WHOLE || cur->count == N_DECIMALS ||
         cur->count == N_EXPONENT;
}

static int bare_phase(uint32_t phase, uint8_t byte) {
  bool digit = byte >= '0' && byte <= '9', e = (byte | 32) == 'e';
  switch (phase) {
    case N_SIGN: return byte == '0' ? N_ZERO : digit ? N_WHOLE : -1;
    case N_ZERO: return byte == '.' ? N_POINT : e ? N_E : -1;
    case N_WHOLE: return digit ? N_WHOLE : byte == '.' ? N_POINT : e ? N_E : -1;
    case N_POINT: return digit ? N_DECIMALS : -1;
    case N_DECIMALS: return digit ? N_DECIMALS : e ? N_E : -1;
    case N_E: return digit ? N_EXPONENT : byte == '+' || byte == '-' ? N_E_SIGN : -1;
    default: return digit ? N_EXPONENT : -1;
  }
}

static bool step_number(mn_run *run, const mn_cursor *cur, uint8_t byte, mn_cursor *next) {
  if (strchr(",]} \n", byte) && byte) {
    mn_cursor after;
    if (!ends_number(run, cur) || !judge_number(run, cur, true, &after)) return false;
    return mn_run_step(run, &after, byte, next);
  }
  *next = *cur;
  if (position_at(run, cur)->bare) {
    int phase = bare_phase(cur->count, byte);
    if (phase < 0) return false;
    next->count = (uint32_t)phase;
    return true;
  }
  if (!mn_number_step((const char *)cur->dfa, cur->n, (char)byte)) return false;
  ((char *)next->dfa)[next->n++] = (char)byte;
  return judge_number(run, next, false, NULL);
}

static bool begin_number(mn_run *run, mn_cursor *next, uint8_t byte) {
  next->stand = MN_IN_NUMBER;
  next->n = 1;
  ((char *)next->dfa)[0] = (char)byte;
  if (!position_at(run, next)->bare) return judge_number(run, next, false, NULL);
  next->n = 0;
  next->dfa[0] = 0;
  next->count = byte == '-' ? N_SIGN : byte == '0' ? N_ZERO : N_WHOLE;
  uint8_t *statuses = mn_pool_take(run, position_at(run, next)->n + 1);
  if (!statuses) return false;
  mn_position_typed(run, position_at(run, next), MN_T_NUMBER, statuses);
  return possible(run, next, statuses, false);
}

/* ---- values ---- */

static bool begin_frame(mn_run *run, const mn_cursor *cur, bool is_array, mn_cursor *next) {
  const mn_frame *around = frame_of(run, cur->frame);
  if (around && around->depth >= MN_MOST_NESTING) return false;
  mn_frame *f = mn_frame_open(run, cur->frame, cur->edge, is_array);
  if (!f) return false;
  const mn_position *p = mn_run_position(run, f->position);
  uint8_t *roots = mn_pool_take(run, p->n_roots + 1);
  if (!roots) return false;
  mn_frame_judge(run, f, false, roots);
  if (!mn_frame_admits(run, around, mn_run_edge(run, cur->edge), roots)) return false;
  *next = (mn_cursor){.stand = is_array ? MN_AT_FIRST : MN_AT_OPEN,
                      .frame = mn_frame_put(run, f)};
  return next->frame != MN_NO_ID;
}

static bool begin_literal(mn_run *run, mn_cursor *next, uint8_t byte) {
  next->stand = MN_IN_LITERAL;
  next->code = byte == 'n' ? 0 : byte == 't' ? 1 : 2;
  next->n = 1;
  const mn_position *p = position_at(run, next);
  uint8_t *statuses = mn_pool_take(run, p->n + 1);
  if (!statuses) return false;
  mn_position_typed(run, p, literal_types[next->code], statuses);
  return possible(run, next, statuses, false);
}

static bool step_literal(mn_run *run, const mn_cursor *cur, uint8_t byte, mn_cursor *next) {
  const char *word = literals[cur->code];
  if (byte != (uint8_t)word[cur->n]) return false;
  *next = *cur;
  next->n++;
  if (word[next->n]) return true;
  const mn_position *p = position_at(run, cur);
  uint8_t *statuses = mn_pool_take(run, p->n + 1);
  if (!statuses) return false;
  mn_position_typed(run, p, literal_types[cur->code], statuses);
  return finish(run, cur, statuses, next);
}

static bool begin_value(mn_run *run, const mn_cursor *cur, uint8_t byte, mn_cursor *next) {
  if (byte == '{' || byte == '[') return begin_frame(run, cur, byte == '[', next);
  *next = (mn_cursor){.frame = cur->frame, .edge = cur->edge};
  if (byte == '"') {
    const mn_position *p = position_at(run, next);
    next->stand = MN_IN_STRING;
    next->n = (uint8_t)p->n_texts;
    for (uint32_t i = 0; i < p->n_texts; i++) next->dfa[i] = p->texts[i]->first;
    return string_possible(run, next);
  }
  if (byte == 'n' || byte == 't' || byte == 'f') return begin_literal(run, next, byte);
  return (byte == '-' || (byte >= '0' && byte <= '9')) && begin_number(run, next, byte);
}

/* ---- between values ---- */

static bool step_gap(mn_run *run, const mn_cursor *cur, uint8_t byte, mn_cursor *next) {
  bool wide = run->whitespace == MOON_SPACE_INDENT, colon = cur->stand == MN_AT_VALUE;
  const mn_frame *f = frame_of(run, cur->frame);
  colon = colon && f && !f->is_array;
  if (run->whitespace == MOON_SPACE_NONE || cur->gap == 255 || cur->gap == 1) return false;
  if (cur->stand == MN_AT_COLON || cur->stand == MN_AT_END) return false;
  bool comma = cur->stand == MN_AT_KEY || cur->stand == MN_AT_VALUE;
  if (!wide && !comma) return false;
  mn_cursor closed;             /* space before a bracket needs the bracket to be possible */
  if (cur->stand == MN_AT_NEXT && !close_frame(run, cur, &closed)) return false;
  *next = *cur;
  if (byte == ' ') {
    if (cur->gap >= 2 + MOST_INDENT) return false;
    next->gap = cur->gap == 0 ? 1 : cur->gap + 1;
    return true;
  }
  if (byte != '\n' || cur->gap != 0 || !wide || colon) return false;
  next->gap = 2;
  return true;
}

/* The next item of the array around the cursor. */
static bool begin_item(mn_run *run, const mn_cursor *cur, mn_cursor *next) {
  mn_frame *f = mn_frame_copy(run, mn_run_frame(run, cur->frame));
  if (!f) return false;
  if (f->count < mn_run_position(run, f->position)->count_cap) f->count++;
  uint32_t edge = mn_edge_item(run, f);
  if (edge == MN_NO_ID) return false;
  const mn_position *p = mn_run_position(run, mn_run_edge(run, edge)->position);
  uint8_t *statuses = mn_pool_take(run, p->n + 1);
  if (!statuses) return false;
  mn_position_start(run, p, statuses);
  uint8_t *roots = roots_of(run, p, statuses);
  if (!roots || !mn_frame_admits(run, f, mn_run_edge(run, edge), roots)) return false;
  *next = (mn_cursor){.stand = MN_AT_VALUE, .edge = edge, .frame = mn_frame_put(run, f)};
  return next->frame != MN_NO_ID;
}

/* A space before a closing bracket must be followed by it; what can only be followed by a
** member or item needs one to be possible. */
static bool step_next(mn_run *run, const mn_cursor *cur, uint8_t byte, mn_cursor *next) {
  bool is_array = mn_run_frame(run, cur->frame)->is_array;
  if (byte == (is_array ? ']' : '}')) return close_frame(run, cur, next);
  if (byte != ',' || cur->gap) return false;
  if (is_array) return begin_item(run, cur, next);
  const mn_choices *choices = mn_frame_choices(run, cur->frame);
  *next = (mn_cursor){.stand = MN_AT_KEY, .frame = cur->frame};
  return choices && choices->any;
}

static bool step_between(mn_run *run, const mn_cursor *cur, uint8_t byte, mn_cursor *next) {
  switch (cur->stand) {
    case MN_AT_OPEN:
      if (byte == '"') return begin_key(run, cur, next);
      return byte == '}' && close_frame(run, cur, next);
    case MN_AT_KEY: return byte == '"' && begin_key(run, cur, next);
    case MN_AT_COLON:
      *next = (mn_cursor){.stand = MN_AT_VALUE, .frame = cur->frame, .edge = cur->edge};
      return byte == ':';
    case MN_AT_FIRST: {
      mn_cursor item;
      if (byte == ']') return close_frame(run, cur, next);
      return begin_item(run, cur, &item) && begin_value(run, &item, byte, next);
    }
    case MN_AT_VALUE: return begin_value(run, cur, byte, next);
    case MN_AT_NEXT: return step_next(run, cur, byte, next);
    default: return false;
  }
}

static bool step(mn_run *run, const mn_cursor *cur, uint8_t byte, mn_cursor *next) {
  switch (cur->stand) {
    case MN_IN_STRING:
    case MN_IN_KEY: return step_string(run, cur, byte, next);
    case MN_IN_NUMBER: return step_number(run, cur, byte, next);
    case MN_IN_LITERAL: return step_literal(run, cur, byte, next);
    default: break;
  }
  if (byte == ' ' || byte == '\n') return step_gap(run, cur, byte, next);
  return step_between(run, cur, byte, next);
}

bool mn_run_step(mn_run *run, const mn_cursor *cur, uint8_t byte, mn_cursor *next) {
  size_t mark = run->pool_used;
  mn_cursor result;
  bool ok = step(run, cur, byte, &result) && run->status == MOON_OK;
  run->pool_used = mark;
  if (ok) *next = result;
  return ok;
}

bool mn_run_complete(mn_run *run, const mn_cursor *cur) {
  if (cur->stand == MN_AT_END) return true;
  if (cur->stand != MN_IN_NUMBER || cur->frame) return false;
  size_t mark = run->pool_used;
  mn_cursor end;
  bool ok = ends_number(run, cur) && judge_number(run, cur, true, &end);
  run->pool_used = mark;
  return ok;
}
