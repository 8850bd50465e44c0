/* gbnf.c: llama.cpp's grammar notation, straight into automata.
**
** How: recursive descent; each construct gives a fragment with one entry and one exit, a split
** that is pointed on later. What is repeated a counted number of times is read again for each
** copy. Refused: token references (<...>), left recursion, rules that are not defined. */
#include <string.h>

#include "core/constrain/grammar.h"
#include "core/text/unicode.h"

enum { MOST_DEPTH = 100, MOST_RANGES = 1000, MOST_REPEAT = 2000, NO_MAX = 0xFFFFFFFF };

typedef struct fragment { uint32_t start, end; } fragment;

typedef struct reader {
  mn_grammar *g;
  const char *text, *at, *end;
  int depth;
  moon_status status;
  moon_error *err;
} reader;

/* ---- failures and space ---- */

static fragment refuse(reader *r, moon_status code, const char *why) {
  size_t line = 1;
  for (const char *p = r->text; p < r->at; p++) line += *p == '\n';
  if (r->status == MOON_OK)
    r->status = mn_fail(r->err, code, "grammar: line %zu: %s", line, why);
  return (fragment){MN_NO_STATE, MN_NO_STATE};
}

static uint32_t add(reader *r, mn_nfa_kind kind, int low, int high, uint32_t out,
                    uint32_t other) {
  if (r->status != MOON_OK) return MN_NO_STATE;
  uint32_t node = mn_nfa_add(&r->g->nfa, kind, low, high, out, other);
  if (node == MN_NO_STATE) refuse(r, MOON_ESUPPORT, "the grammar is too large");
  return node;
}

static void skip(reader *r, bool lines) {
  while (r->at < r->end) {
    char c = *r->at;
    if (c == '#') while (r->at < r->end && *r->at != '\n') r->at++;
    else if (c == ' ' || c == '\t' || (lines && (c == '\n' || c == '\r'))) r->at++;
    else break;
  }
}

static bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

static size_t name_length(const reader *r) {
  size_t n = 0;
  while (r->at + n < r->end && is_name(r->at[n])) n++;
  return n;
}

/* ---- characters ---- */

static uint32_t read_char(reader *r) {
  uint32_t code = 0;
  if (r->at >= r->end) return refuse(r, MOON_EARG, "a literal or class is not closed"), 0;
  if (*r->at != '\\') {
    size_t size = mn_utf8_decode(r->at, (size_t)(r->end - r->at), &code);
    if (size == 0) refuse(r, MOON_EARG, "is not UTF-8");
    r->at += size ? size : 1;
    return code;
  }
  if (r->end - r->at < 2) return refuse(r, MOON_EARG, "ends in a backslash"), 0;
  char c = r->at[1];
  static const char from[] = "ntr\\\"[]-^/'", to[] = "\n\t\r\\\"[]-^/'";
  const char *found = c ? strchr(from, c) : NULL;
  r->at += 2;
  if (found) return (uint8_t)to[found - from];
  int digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  if (digits == 0) return refuse(r, MOON_EARG, "has an unknown escape"), 0;
  for (; digits > 0; digits--, r->at++) {
    char d = r->at < r->end ? *r->at : 0, lower = (char)(d | 32);
    int value = d >= '0' && d <= '9' ? d - '0' : lower >= 'a' && lower <= 'f' ? lower - 87 : -1;
    if (value < 0) return refuse(r, MOON_EARG, "an escape lacks hexadecimal digits"), 0;
    code = code << 4 | (uint32_t)value;
  }
  return code;
}

static fragment from_ranges(reader *r, uint32_t (*pairs)[2], size_t n, bool negate) {
  n = mn_ranges_tidy(pairs, n, negate);
  uint32_t end = add(r, MN_NFA_SPLIT, 0, 0, 0, 0);
  if (end == MN_NO_STATE) return (fragment){end, end};
  uint32_t start = mn_nfa_ranges(&r->g->nfa, (const uint32_t (*)[2])pairs, n, end);
  if (start == MN_NO_STATE) return refuse(r, MOON_ESUPPORT, "the grammar is too large");
  return (fragment){start, end};
}

static fragment read_class(reader *r) {
  uint32_t pairs[MOST_RANGES + 2][2];
  size_t n = 0;
  r->at++;
  bool negate = r->at < r->end && *r->at == '^';
  if (negate) r->at++;
  while (r->status == MOON_OK && r->at < r->end && *r->at != ']') {
    uint32_t low = read_char(r), high = low;
    if (r->end - r->at > 1 && r->at[0] == '-' && r->at[1] != ']') {
      r->at++;
      high = read_char(r);
    }
    if (high < low) return refuse(r, MOON_EARG, "a range in a class runs backwards");
    if (n == MOST_RANGES) return refuse(r, MOON_ESUPPORT, "a class has too many ranges");
    pairs[n][0] = low;
    pairs[n++][1] = high;
  }
  if (r->at >= r->end) return refuse(r, MOON_EARG, "a class is not closed");
  r->at++;
  return from_ranges(r, pairs, n, negate);
}

static void join(reader *r, uint32_t end, uint32_t start) {
  if (end == MN_NO_STATE || start == MN_NO_STATE) return;
  r->g->nfa.nodes[end].out = r->g->nfa.nodes[end].other = start;
}

static fragment nothing(reader *r) {
  uint32_t end = add(r, MN_NFA_SPLIT, 0, 0, 0, 0);
  return (fragment){end, end};
}

static fragment read_literal(reader *r) {
  fragment all = nothing(r);
  for (r->at++; r->status == MOON_OK && r->at < r->end && *r->at != '"';) {
    uint32_t pair[3][2];
    pair[0][0] = pair[0][1] = read_char(r);
    fragment one = from_ranges(r, pair, 1, false);
    join(r, all.end, one.start);
    all.end = one.end;
  }
  if (r->at >= r->end) return refuse(r, MOON_EARG, "a literal is not closed");
  r->at++;
  return all;
}

/* ---- the grammar ---- */

static fragment read_choice(reader *r, bool nested);

static fragment read_atom(reader *r) {
  char c = *r->at;
  if (c == '"') return read_literal(r);
  if (c == '[') return read_class(r);
  if (c == '.') {
    uint32_t any[3][2] = {{0, 0x10FFFF}};
    r->at++;
    return from_ranges(r, any, 1, false);
  }
  if (c == '(') {
    r->at++;
    skip(r, true);
    fragment inner = read_choice(r, true);
    if (r->status == MOON_OK && (r->at >= r->end || *r->at != ')'))
      return refuse(r, MOON_EARG, "expected ')'");
    r->at++;
    return inner;
  }
  if (c == '<' || c == '!')
    return refuse(r, MOON_ESUPPORT, "references to tokens (<...>) are not supported");
  size_t n = name_length(r);
  if (n == 0) return refuse(r, MOON_EARG, "expected a literal, a class, a rule or '('");
  uint32_t rule = mn_intern_put(&r->g->rules, r->at, (uint32_t)n);
  if (rule == MN_NO_ID) return refuse(r, MOON_EMEM, "out of memory");
  r->at += n;
  uint32_t end = add(r, MN_NFA_SPLIT, 0, 0, 0, 0);
  return (fragment){add(r, MN_NFA_CALL, 0, 0, end, rule), end};
}

static bool read_count(reader *r, uint32_t *n) {
  const char *first = r->at;
  for (*n = 0; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++)
    if (*n <= MOST_REPEAT) *n = *n * 10 + (uint32_t)(*r->at - '0');
  return r->at > first;
}

/* Reads a quantifier into least and most; false when there is none. */
static bool read_quantifier(reader *r, uint32_t *least, uint32_t *most) {
  if (r->at >= r->end) return false;
  char c = *r->at;
  *least = c == '+';
  *most = c == '?' ? 1 : NO_MAX;
  if (c == '*' || c == '+' || c == '?') return r->at++, true;
  if (c != '{') return false;
  r->at++;
  skip(r, true);
  if (!read_count(r, least)) *least = 0;
  *most = *least;
  skip(r, true);
  if (r->at < r->end && *r->at == ',') {
    r->at++;
    skip(r, true);
    if (!read_count(r, most)) *most = NO_MAX;
    skip(r, true);
  }
  if (r->at >= r->end || *r->at != '}') return refuse(r, MOON_EARG, "expected '}'"), false;
  r->at++;
  if (*most < *least) refuse(r, MOON_EARG, "a repetition's most is below its least");
  if (*least > MOST_REPEAT || (*most != NO_MAX && *most > MOST_REPEAT))
    refuse(r, MOON_ESUPPORT, "a repetition is too large");
  return true;
}

/* A copy of what stands at `from`, which is known to be well-formed. */
static fragment copy_of(reader *r, const char *from) {
  const char *back = r->at;
  r->at = from;
  fragment f = read_atom(r);
  if (r->status == MOON_OK) r->at = back;
  return f;
}

static fragment repeat(reader *r, fragment first, const char *from, uint32_t least,
                       uint32_t most) {
  fragment all = nothing(r);
  uint32_t copies = most == NO_MAX ? (least ? least : 1) : most, exit = nothing(r).start;
  bool used = false;
  for (uint32_t i = 0; i < copies && r->status == MOON_OK; i++) {
    fragment one = used ? copy_of(r, from) : first;
    used = true;
    if (i >= least) {
      uint32_t fork = add(r, MN_NFA_SPLIT, 0, 0, one.start, exit);
      join(r, all.end, fork);
    } else {
      join(r, all.end, one.start);
    }
    if (most == NO_MAX && i + 1 == copies) {
      uint32_t fork = add(r, MN_NFA_SPLIT, 0, 0, one.start, exit);
      join(r, one.end, fork);
      return (fragment){all.start, exit};
    }
    all.end = one.end;
  }
  join(r, all.end, exit);
  return (fragment){all.start, exit};
}

static fragment read_sequence(reader *r, bool nested) {
  fragment all = nothing(r);
  while (r->status == MOON_OK && r->at < r->end) {
    char c = *r->at;
    if (c == '|' || c == ')' || c == '\n' || c == '\r') break;
    const char *from = r->at;
    fragment part = read_atom(r);
    uint32_t least, most;
    skip(r, nested);
    if (r->status == MOON_OK && read_quantifier(r, &least, &most)) {
      if (r->status == MOON_OK) part = repeat(r, part, from, least, most);
      skip(r, nested);
    }
    join(r, all.end, part.start);
    all.end = part.end;
  }
  return all;
}

static fragment read_choice(reader *r, bool nested) {
  if (++r->depth > MOST_DEPTH) return refuse(r, MOON_ESUPPORT, "is nested too deeply");
  fragment all = read_sequence(r, nested);
  while (r->status == MOON_OK && r->at < r->end && *r->at == '|') {
    r->at++;
    skip(r, true);
    fragment other = read_sequence(r, nested);
    uint32_t end = nothing(r).start;
    join(r, all.end, end);
    join(r, other.end, end);
    all = (fragment){add(r, MN_NFA_SPLIT, 0, 0, all.start, other.start), end};
  }
  r->depth--;
  return all;
}

static void read_rule(reader *r) {
  size_t n = name_length(r);
  if (n == 0) {
    refuse(r, MOON_EARG, "expected the name of a rule");
    return;
  }
  uint32_t rule = mn_intern_put(&r->g->rules, r->at, (uint32_t)n);
  r->at += n;
  skip(r, false);
  if (rule == MN_NO_ID || r->end - r->at < 3 || memcmp(r->at, "::=", 3) != 0) {
    refuse(r, MOON_EARG, "expected '::='");
    return;
  }
  r->at += 3;
  skip(r, true);
  fragment body = read_choice(r, false);
  join(r, body.end, add(r, MN_NFA_MATCH, 0, 0, 0, 0));
  if (r->status == MOON_OK) r->g->rules.entries[rule].tag = body.start + 1;
  if (r->status == MOON_OK && r->at < r->end && *r->at != '\n' && *r->at != '\r')
    refuse(r, MOON_EARG, "expected the end of the rule");
  skip(r, true);
}

/* ---- left recursion ---- */

enum { W_NEW, W_ON_THE_WAY, W_FULL, W_EMPTY };  /* EMPTY: can derive nothing */

typedef struct passage { uint32_t rule, base; bool ends; } passage;     /* base: of its stack */

/* A walk over what each rule reaches without reading. A call waits on the stack until it is known
** whether the rule called can be empty, so each node is passed once; a call of a rule whose own
** passage goes on is left recursion. */
typedef struct walker {
  const mn_grammar *g;
  uint32_t *stack, n;           /* (2 * nodes + rules) */
  passage *way; uint32_t depth; /* (rules) */
  uint8_t *seen;                /* (nodes) */
  uint8_t *state;               /* (rules) W_* */
} walker;

static void enter(walker *w, uint32_t rule) {
  w->state[rule] = W_ON_THE_WAY;
  w->way[w->depth++] = (passage){rule, w->n, false};
  w->stack[w->n++] = w->g->rules.entries[rule].tag - 1;
}

/* A rule that calls itself before it reads, if this one reaches such; otherwise MN_NO_ID. */
static uint32_t find_recursion(walker *w, uint32_t first) {
  if (w->state[first] == W_NEW) enter(w, first);
  while (w->depth > 0) {
    passage *here = &w->way[w->depth - 1];
    if (w->n == here->base) {
      w->state[here->rule] = here->ends ? W_EMPTY : W_FULL;
      w->depth--;
      continue;
    }
    uint32_t at = w->stack[w->n - 1];
    const mn_nfa_node *node = &w->g->nfa.nodes[at];
    uint8_t called = node->kind == MN_NFA_CALL ? w->state[node->other] : W_FULL;
    if (called == W_ON_THE_WAY) return node->other;
    if (called == W_NEW) {
      enter(w, node->other);
      continue;
    }
    w->n--;
    if (w->seen[at]) continue;
    w->seen[at] = 1;
    if (node->kind == MN_NFA_MATCH) here->ends = true;
    if (node->kind == MN_NFA_SPLIT || called == W_EMPTY) w->stack[w->n++] = node->out;
    if (node->kind == MN_NFA_SPLIT) w->stack[w->n++] = node->other;
  }
  return MN_NO_ID;
}

static moon_status fail_rule(const mn_grammar *g, uint32_t rule, const char *why,
                             moon_error *err) {
  return mn_fail(err, MOON_EARG, "grammar: rule '%.*s' %s", (int)g->rules.entries[rule].len,
                 (const char *)g->rules.entries[rule].bytes, why);
}

static moon_status check_rules(const mn_grammar *g, mn_alloc alloc, moon_error *err) {
  for (uint32_t i = 0; i < g->rules.count; i++)
    if (!g->rules.entries[i].tag) return fail_rule(g, i, "is not defined", err);
  mn_arena scratch;
  mn_arena_growing(&scratch, alloc, SIZE_MAX);
  size_t nodes = g->nfa.count, rules = g->rules.count;
  walker w = {g, mn_arena_take(&scratch, (2 * nodes + rules) * sizeof *w.stack), 0,
              mn_arena_take(&scratch, rules * sizeof *w.way), 0,
              mn_arena_take(&scratch, nodes), mn_arena_take(&scratch, rules)};
  moon_status status = MOON_OK;
  if (!w.stack || !w.way || !w.seen || !w.state) {
    status = mn_fail_memory(err, "grammar", nodes);
  } else {
    memset(w.seen, 0, nodes);
    memset(w.state, W_NEW, rules);
    uint32_t recursive = MN_NO_ID;
    for (uint32_t i = 0; i < rules && recursive == MN_NO_ID; i++)
      recursive = find_recursion(&w, i);
    if (recursive != MN_NO_ID) status = fail_rule(g, recursive, "is left-recursive", err);
  }
  mn_arena_free(&scratch);
  return status;
}

moon_status mn_gbnf_parse(mn_arena *arena, const char *text, size_t len, mn_grammar *grammar,
                          moon_error *err) {
  *grammar = (mn_grammar){.nfa.arena = arena};
  mn_intern_begin(&grammar->rules, arena);
  reader r = {grammar, text, text, text + len, 0, MOON_OK, err};
  /* Node 0 stands for "not joined yet". */
  add(&r, MN_NFA_MATCH, 0, 0, 0, 0);
  skip(&r, true);
  while (r.status == MOON_OK && r.at < r.end) read_rule(&r);
  if (r.status != MOON_OK) return r.status;
  grammar->root = mn_intern_put(&grammar->rules, "root", 4);
  if (grammar->root == MN_NO_ID) return mn_fail_memory(err, "grammar", 4);
  return check_rules(grammar, arena->alloc, err);
}
