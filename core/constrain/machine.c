/* machine.c: one byte of JSON at a time.
**
** How: where the cursor stands decides who reads the byte; the end of a value settles its
** verdicts in the frame around it. White space is what pretty printers write: one space, or a
** line break and at most MOST_INDENT spaces, and only where they write it.
** Invariant: a byte that is accepted leaves the whole text possible as far as verdicts tell. */
#include "core/constrain/machine.h"

#include <string.h>

enum { MOST_INDENT = 18, MOST_STATES = 64 << 20, MOST_LOOKS = 300 };

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
  bool possible = false;
  mn_cursor next;
  for (const char *byte = "{[\"tfn0123456789-"; *byte && !possible; byte++)
    possible = mn_run_step(run, start, (uint8_t)*byte, &next);
  if (run->status != MOON_OK) return mn_fail(err, run->status, "schema: %s", run->why);
  if (!possible) return mn_fail(err, MOON_EFORMAT, "schema: nothing can satisfy it");
  return MOON_OK;
}

void mn_run_end(mn_run *run) { mn_arena_free(&run->arena); }

const mn_frame *mn_cursor_frame(const mn_run *run, uint32_t frame) {
  return frame ? mn_run_frame(run, frame) : NULL;
}

const mn_position *mn_cursor_position(const mn_run *run, const mn_cursor *cur) {
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
bool mn_value_leave(mn_run *run, uint32_t frame, uint32_t edge, const uint8_t *roots,
                        mn_cursor *next) {
  const mn_frame *f = mn_cursor_frame(run, frame);
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
bool mn_value_finish(mn_run *run, const mn_cursor *cur, uint8_t *statuses, mn_cursor *next) {
  const mn_position *p = mn_cursor_position(run, cur);
  mn_position_judge(run, p, statuses, NULL, false, true);
  uint8_t *roots = roots_of(run, p, statuses);
  return roots && mn_value_leave(run, cur->frame, cur->edge, roots, next);
}

bool mn_value_possible(mn_run *run, const mn_frame *f, const mn_edge *edge, uint8_t *statuses,
                       bool is_object) {
  const mn_position *p = mn_run_position(run, edge->position);
  mn_position_judge(run, p, statuses, NULL, is_object, false);
  uint8_t *roots = roots_of(run, p, statuses);
  return roots && mn_frame_admits(run, f, edge, roots);
}

static bool close_frame(mn_run *run, const mn_cursor *cur, mn_cursor *next) {
  const mn_frame *f = mn_run_frame(run, cur->frame);
  uint8_t *roots = mn_pool_take(run, mn_run_position(run, f->position)->n_roots + 1);
  if (!roots) return false;
  mn_frame_judge(run, f, true, roots);
  return mn_value_leave(run, f->parent, f->edge, roots, next);
}

/* ---- numbers ---- */

/* Each node's own verdict on a number so far, or at its end, in the pool; of a position whose
** rules are one number all have the joint one. NULL where the pool ends. */
static uint8_t *judge_number(mn_run *run, const mn_position *p, const mn_cursor *cur, bool end) {
  const char *text = (const char *)cur->dfa;
  uint8_t *statuses = mn_pool_take(run, p->n + 1), joint = MN_UNDECIDED;
  if (!statuses) return NULL;
  mn_position_typed(run, p, MN_T_NUMBER, statuses);
  if (p->number) joint = (uint8_t)mn_number_judge(p->number, text, cur->n, end);
  for (uint32_t i = 0; i < p->n; i++)
    if (statuses[i] == MN_UNDECIDED)
      statuses[i] = p->number ? joint : (uint8_t)mn_number_judge(&mn_member(run, p, i)->number,
                                                                 text, cur->n, end);
  return statuses;
}

/* Is the whole possible, if this number goes on from here (end: if it ends here)? */
static bool number_possible(mn_run *run, const mn_frame *f, const mn_edge *edge,
                            const mn_cursor *cur, bool end) {
  uint8_t *statuses = judge_number(run, mn_run_position(run, edge->position), cur, end);
  return statuses && mn_value_possible(run, f, edge, statuses, false);
}

static bool ends_number(const mn_run *run, const mn_cursor *cur) {
  if (!mn_cursor_position(run, cur)->bare) return mn_number_whole((const char *)cur->dfa, cur->n);
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

/* Rules that are apart may each be possible and never together: is an end within reach? After so
** many texts as `looks` it is taken for granted. */
static bool can_end(mn_run *run, const mn_frame *f, const mn_edge *edge, const mn_cursor *cur,
                    int *looks) {
  const char *text = (const char *)cur->dfa;
  size_t mark = run->pool_used;
  bool found = --*looks < 0 ||
               (mn_number_whole(text, cur->n) && number_possible(run, f, edge, cur, true));
  for (const char *byte = "0123456789.-"; *byte && !found; byte++) {
    mn_cursor next = *cur;
    run->pool_used = mark;
    if (!mn_number_step(text, cur->n, *byte)) continue;
    ((char *)next.dfa)[next.n++] = *byte;
    found = number_possible(run, f, edge, &next, false) && can_end(run, f, edge, &next, looks);
  }
  run->pool_used = mark;
  return found;
}

static bool number_lives(mn_run *run, const mn_frame *f, const mn_edge *edge,
                         const mn_cursor *cur) {
  const mn_position *p = mn_run_position(run, edge->position);
  int looks = MOST_LOOKS;
  if (!number_possible(run, f, edge, cur, false)) return false;
  return p->number || p->n_numbers < 2 || can_end(run, f, edge, cur, &looks);
}

static bool extend_number(mn_run *run, mn_cursor *cur, uint8_t byte) {
  char *text = (char *)cur->dfa;
  if (!mn_number_step(text, cur->n, (char)byte)) return false;
  text[cur->n++] = (char)byte;
  return number_lives(run, mn_cursor_frame(run, cur->frame), mn_run_edge(run, cur->edge), cur);
}

static bool end_number(mn_run *run, const mn_cursor *cur, mn_cursor *next) {
  if (!ends_number(run, cur)) return false;
  uint8_t *statuses = judge_number(run, mn_cursor_position(run, cur), cur, true);
  return statuses && mn_value_finish(run, cur, statuses, next);
}

static bool step_number(mn_run *run, const mn_cursor *cur, uint8_t byte, mn_cursor *next) {
  if (strchr(",]} \n", byte) && byte) {
    mn_cursor after;
    return end_number(run, cur, &after) && mn_run_step(run, &after, byte, next);
  }
  *next = *cur;
  if (!mn_cursor_position(run, cur)->bare) return extend_number(run, next, byte);
  int phase = bare_phase(cur->count, byte);
  if (phase < 0) return false;
  next->count = (uint32_t)phase;
  return true;
}

static bool begin_number(mn_run *run, mn_cursor *next, uint8_t byte) {
  next->stand = MN_IN_NUMBER;
  if (!mn_cursor_position(run, next)->bare) return extend_number(run, next, byte);
  next->count = byte == '-' ? N_SIGN : byte == '0' ? N_ZERO : N_WHOLE;
  return number_lives(run, mn_cursor_frame(run, next->frame), mn_run_edge(run, next->edge), next);
}

/* ---- values ---- */

bool mn_value_begins(mn_run *run, const mn_frame *f, const mn_edge *edge) {
  static const uint8_t types[] = {MN_T_STRING, MN_T_OBJECT, MN_T_NUMBER, MN_T_ARRAY, MN_T_TRUE,
                                  MN_T_FALSE, MN_T_NULL};
  const mn_position *p = mn_run_position(run, edge->position);
  const mn_cursor number = {.stand = MN_IN_NUMBER};
  size_t mark = run->pool_used;
  bool found = false;
  for (size_t t = 0; t < sizeof types && !found; t++) {
    if (!(p->types & types[t])) continue;
    uint8_t *statuses = mn_pool_take(run, p->n + 1);
    if (!statuses) return false;
    if (types[t] == MN_T_STRING && p->judged) {
      found = mn_outcomes_possible(run, f, edge, p->texts[0]->ahead[p->texts[0]->first]);
    } else if (types[t] == MN_T_NUMBER) {
      found = number_lives(run, f, edge, &number);
    } else {
      mn_position_typed(run, p, types[t], statuses);
      found = mn_value_possible(run, f, edge, statuses, types[t] == MN_T_OBJECT);
    }
    run->pool_used = mark;
  }
  const uint8_t fails = MN_MAY_NOT;     /* by any type that is left out above */
  return found || (p->plain && p->types != MN_T_ALL && mn_frame_admits(run, f, edge, &fails));
}

static bool begin_frame(mn_run *run, const mn_cursor *cur, bool is_array, mn_cursor *next) {
  const mn_frame *around = mn_cursor_frame(run, cur->frame);
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
  const mn_position *p = mn_cursor_position(run, next);
  uint8_t *statuses = mn_pool_take(run, p->n + 1);
  if (!statuses) return false;
  mn_position_typed(run, p, literal_types[next->code], statuses);
  return mn_value_possible(run, mn_cursor_frame(run, next->frame), mn_run_edge(run, next->edge),
                           statuses, false);
}

static bool step_literal(mn_run *run, const mn_cursor *cur, uint8_t byte, mn_cursor *next) {
  const char *word = literals[cur->code];
  if (byte != (uint8_t)word[cur->n]) return false;
  *next = *cur;
  next->n++;
  if (word[next->n]) return true;
  const mn_position *p = mn_cursor_position(run, cur);
  uint8_t *statuses = mn_pool_take(run, p->n + 1);
  if (!statuses) return false;
  mn_position_typed(run, p, literal_types[cur->code], statuses);
  return mn_value_finish(run, cur, statuses, next);
}

static bool begin_value(mn_run *run, const mn_cursor *cur, uint8_t byte, mn_cursor *next) {
  if (byte == '{' || byte == '[') return begin_frame(run, cur, byte == '[', next);
  *next = (mn_cursor){.frame = cur->frame, .edge = cur->edge};
  if (byte == '"') return mn_run_begin_string(run, next);
  if (byte == 'n' || byte == 't' || byte == 'f') return begin_literal(run, next, byte);
  return (byte == '-' || (byte >= '0' && byte <= '9')) && begin_number(run, next, byte);
}

/* ---- between values ---- */

static bool step_gap(mn_run *run, const mn_cursor *cur, uint8_t byte, mn_cursor *next) {
  bool wide = run->whitespace == MOON_SPACE_INDENT, colon = cur->stand == MN_AT_VALUE;
  const mn_frame *f = mn_cursor_frame(run, cur->frame);
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
  if (!mn_value_begins(run, f, mn_run_edge(run, edge))) return false;
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
      if (byte == '"') return mn_run_begin_key(run, cur, next);
      return byte == '}' && close_frame(run, cur, next);
    case MN_AT_KEY: return byte == '"' && mn_run_begin_key(run, cur, next);
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
    case MN_IN_KEY: return mn_run_text(run, cur, byte, next);
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
  bool ok = end_number(run, cur, &end);
  run->pool_used = mark;
  return ok;
}
