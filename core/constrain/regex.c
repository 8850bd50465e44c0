/* regex.c: regular expressions as JSON Schema writes them (ECMA-262, Unicode mode), to automata.
**
** How: recursive descent to a small tree, the tree to an NFA back to front (each part is built
** knowing what follows it), then automaton.c. A search is any text, the expression, any text; ^
** and $ are edges open only at the text's ends. Refused by name: look-around, back-references,
** word borders, \p classes, inline flags. Braces that are no quantifier are literal, as engines
** have it. Invariant: depth and size are capped; every part of a tree but K_EMPTY, which stands
** alone, gives nodes, so that the cap on nodes bounds the work too; bytes of a pattern that are no
** UTF-8 are an error. */
#include <stdlib.h>
#include <string.h>

#include "core/constrain/automaton.h"
#include "core/text/unicode.h"

enum { MOST_DEPTH = 100, MOST_RANGES = 2000, MOST_REPEAT = 20000, NO_MAX = 0xFFFFFFFF,
       LAST_CODE = 0x10FFFF };

typedef enum kind { K_EMPTY, K_SET, K_CAT, K_ALT, K_REPEAT, K_BEGIN, K_END } kind;

typedef struct node node;
struct node {
  kind kind;
  node *a, *b;                  /* CAT, ALT: both; REPEAT: a */
  uint32_t least, most;         /* REPEAT */
  uint32_t (*ranges)[2];        /* SET: (n) */
  size_t n;
};

typedef struct reader {
  mn_arena *scratch;
  const char *at, *end;
  int depth;
  const char *what;             /* begins error sentences */
  moon_error *err;
  moon_status status;
} reader;

typedef struct ranges { uint32_t pair[MOST_RANGES + 2][2]; size_t n; } ranges;

/* ---- failures ---- */

static node *refuse(reader *r, moon_status code, const char *why) {
  if (r->status == MOON_OK) r->status = mn_fail(r->err, code, "%s: %s", r->what, why);
  return NULL;
}

static node *make(reader *r, kind k, node *a, node *b) {
  if (r->status != MOON_OK) return NULL;
  node *n = mn_arena_take(r->scratch, sizeof *n);
  if (!n) return refuse(r, MOON_EMEM, "out of memory");
  *n = (node){.kind = k, .a = a, .b = b};
  return n;
}

/* ---- sets of characters ---- */

static int order_pairs(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

size_t mn_ranges_tidy(uint32_t (*pair)[2], size_t n, bool negate) {
  qsort(pair, n, sizeof *pair, order_pairs);
  size_t kept = 0;
  for (size_t i = 0; i < n; i++) {
    if (kept > 0 && pair[i][0] <= pair[kept - 1][1] + 1) {
      if (pair[i][1] > pair[kept - 1][1]) pair[kept - 1][1] = pair[i][1];
    } else {
      memmove(pair[kept++], pair[i], sizeof *pair);
    }
  }
  if (!negate) return kept;
  uint32_t from = 0;
  size_t out = 0;
  for (size_t i = 0; i < kept; i++) {
    uint32_t low = pair[i][0], high = pair[i][1];
    if (low > from) {
      pair[out][0] = from;
      pair[out++][1] = low - 1;
    }
    from = high + 1;
  }
  if (from <= LAST_CODE) {
    pair[out][0] = from;
    pair[out++][1] = LAST_CODE;
  }
  return out;
}

static void add_range(reader *r, ranges *set, uint32_t low, uint32_t high) {
  if (set->n >= MOST_RANGES) {
    refuse(r, MOON_ESUPPORT, "a class has too many ranges");
    return;
  }
  set->pair[set->n][0] = low;
  set->pair[set->n++][1] = high;
}

/* \d \w \s and their complements. */
static void add_class(reader *r, ranges *set, char name) {
  static const uint32_t digit[][2] = {{'0', '9'}};
  static const uint32_t word[][2] = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
  static const uint32_t space[][2] = {{9, 13}, {32, 32}, {0xA0, 0xA0}, {0x1680, 0x1680},
    {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000},
    {0xFEFF, 0xFEFF}};
  char lower = (char)(name | 32);
  const uint32_t (*from)[2] = lower == 'd' ? digit : lower == 'w' ? word : space;
  size_t n = lower == 'd' ? 1 : lower == 'w' ? 4 : sizeof space / sizeof *space;
  uint32_t copy[12][2];
  memcpy(copy, from, n * sizeof *copy);
  if (name != lower) n = mn_ranges_tidy(copy, n, true);
  for (size_t i = 0; i < n; i++) add_range(r, set, copy[i][0], copy[i][1]);
}

static node *make_set(reader *r, ranges *set, bool negate) {
  node *n = make(r, K_SET, NULL, NULL);
  if (!n) return NULL;
  n->n = mn_ranges_tidy(set->pair, set->n, negate);
  n->ranges = mn_arena_take(r->scratch, (n->n + 1) * sizeof *n->ranges);
  if (!n->ranges) return refuse(r, MOON_EMEM, "out of memory");
  memcpy(n->ranges, set->pair, n->n * sizeof *n->ranges);
  return n;
}

/* ---- characters and escapes ---- */

static uint32_t next_char(reader *r) {
  uint32_t code = 0;
  size_t size = mn_utf8_decode(r->at, (size_t)(r->end - r->at), &code);
  if (size == 0) refuse(r, MOON_EARG, "is not UTF-8");
  r->at += size ? size : 1;
  return code;
}

static int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if ((c | 32) >= 'a' && (c | 32) <= 'f') return (c | 32) - 'a' + 10;
  return -1;
}

static uint32_t read_hex(reader *r, int digits) {
  uint32_t code = 0;
  for (int i = 0; i < digits; i++, r->at++) {
    int value = r->at < r->end ? hex_value(*r->at) : -1;
    if (value < 0) return refuse(r, MOON_EARG, "an escape lacks hexadecimal digits"), 0;
    code = code * 16 + (uint32_t)value;
  }
  return code;
}

static uint32_t read_unicode(reader *r) {
  if (r->at < r->end && *r->at == '{') {
    uint32_t code = 0;
    for (r->at++; r->at < r->end && *r->at != '}'; r->at++) {
      int value = hex_value(*r->at);
      if (value < 0 || code > LAST_CODE / 16) return refuse(r, MOON_EARG, "bad \\u{...}"), 0;
      code = code * 16 + (uint32_t)value;
    }
    if (r->at >= r->end) return refuse(r, MOON_EARG, "bad \\u{...}"), 0;
    r->at++;
    return code;
  }
  uint32_t code = read_hex(r, 4);
  bool pair = code >= 0xD800 && code < 0xDC00 && r->end - r->at >= 6 && r->at[0] == '\\' &&
              r->at[1] == 'u' && r->at[2] != '{';
  if (!pair) return code;
  const char *second = r->at;
  r->at += 2;
  uint32_t low = read_hex(r, 4);
  if (low >= 0xDC00 && low < 0xE000) return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  r->at = second;               /* a character of its own behind a lone surrogate */
  return code;
}

/* Behind a backslash: a class goes to set (and true is returned), a character to *code. */
static bool read_escape(reader *r, ranges *set, uint32_t *code) {
  *code = 0;
  if (r->at >= r->end) return refuse(r, MOON_EARG, "ends in a backslash"), false;
  char c = *r->at;
  if (c && strchr("dDwWsS", c)) {
    r->at++;
    add_class(r, set, c);
    return true;
  }
  static const char plain[] = "tnvfr", means[] = "\t\n\v\f\r";
  const char *found = c ? strchr(plain, c) : NULL;
  if (found) {
    r->at++;
    *code = (uint32_t)means[found - plain];
  } else if (c == 'x' || c == 'u') {
    r->at++;
    *code = c == 'x' ? read_hex(r, 2) : read_unicode(r);
  } else if (c == 'c' && r->end - r->at > 1 && (r->at[1] | 32) >= 'a' && (r->at[1] | 32) <= 'z') {
    *code = (uint32_t)r->at[1] & 31;
    r->at += 2;
  } else if (c == '0') {
    r->at++;
  } else if ((c >= '1' && c <= '9') || c == 'k') {
    refuse(r, MOON_ESUPPORT, "back-references are not regular");
  } else if (c == 'b' || c == 'B') {
    refuse(r, MOON_ESUPPORT, "word borders (\\b) are not supported");
  } else if (c == 'p' || c == 'P') {
    refuse(r, MOON_ESUPPORT, "Unicode properties (\\p) are not supported");
  } else if ((c | 32) >= 'a' && (c | 32) <= 'z') {
    refuse(r, MOON_ESUPPORT, "has an escape that ECMA-262 does not know");
  } else {
    *code = next_char(r);
  }
  return false;
}

/* One member of a bracketed class; true when it was a class itself. */
static bool read_member(reader *r, ranges *set, uint32_t *code) {
  if (*r->at != '\\') {
    *code = next_char(r);
    return false;
  }
  r->at++;
  if (r->at < r->end && *r->at == 'b') {
    r->at++;
    *code = 8;
    return false;
  }
  return read_escape(r, set, code);
}

static node *read_bracket(reader *r) {
  ranges *set = mn_arena_take(r->scratch, sizeof *set);
  if (!set) return refuse(r, MOON_EMEM, "out of memory");
  set->n = 0;
  bool negate = r->at < r->end && *r->at == '^';
  if (negate) r->at++;
  while (r->status == MOON_OK && r->at < r->end && *r->at != ']') {
    uint32_t low, high;
    bool is_class = read_member(r, set, &low);
    bool dash = r->end - r->at > 1 && r->at[0] == '-' && r->at[1] != ']';
    if (!dash) {
      if (!is_class) add_range(r, set, low, low);
      continue;
    }
    r->at++;
    bool ends_in_class = read_member(r, set, &high);
    if (is_class || ends_in_class) {    /* no range: both, and the dash, as engines have it */
      add_range(r, set, '-', '-');
      if (!is_class) add_range(r, set, low, low);
      if (!ends_in_class) add_range(r, set, high, high);
    } else if (high < low) {
      return refuse(r, MOON_EARG, "a range in a class runs backwards");
    } else {
      add_range(r, set, low, high);
    }
  }
  if (r->at >= r->end) return refuse(r, MOON_EARG, "a class is not closed");
  r->at++;
  return make_set(r, set, negate);
}

static node *single(reader *r, uint32_t code) {
  node *n = make(r, K_SET, NULL, NULL);
  if (!n) return NULL;
  n->ranges = mn_arena_take(r->scratch, sizeof *n->ranges);
  if (!n->ranges) return refuse(r, MOON_EMEM, "out of memory");
  n->ranges[0][0] = n->ranges[0][1] = code;
  n->n = 1;
  return n;
}

/* ---- the grammar ---- */

static node *read_choice(reader *r);

static node *read_group(reader *r) {
  if (r->end - r->at > 1 && r->at[0] == '?') {
    const char *p = r->at + 1;
    bool behind = *p == '<' && r->end - p > 1 && (p[1] == '=' || p[1] == '!');
    if (*p == '=' || *p == '!' || behind)
      return refuse(r, MOON_ESUPPORT, "look-around is not supported");
    if (*p == 'P' && r->end - p > 1) p++;
    if (*p == '<') {
      while (p < r->end && *p != '>') p++;
      if (p >= r->end) return refuse(r, MOON_EARG, "a group's name is not closed");
    } else if (*p != ':') {
      return refuse(r, MOON_ESUPPORT, "inline flags are not supported");
    }
    r->at = p + 1;
  }
  node *inner = read_choice(r);
  if (r->status != MOON_OK) return NULL;
  if (r->at >= r->end) return refuse(r, MOON_EARG, "a group is not closed");
  r->at++;
  return inner;
}

static node *read_atom(reader *r) {
  static const uint32_t breaks[][2] = {{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}};
  char c = *r->at;
  if (c == '*' || c == '+' || c == '?')
    return refuse(r, MOON_EARG, "a quantifier has nothing to repeat");
  if (c == '(') return r->at++, read_group(r);
  if (c == '[') return r->at++, read_bracket(r);
  if (c == '^') return r->at++, make(r, K_BEGIN, NULL, NULL);
  if (c == '$') return r->at++, make(r, K_END, NULL, NULL);
  if (c != '.' && c != '\\') return single(r, next_char(r));
  ranges *set = mn_arena_take(r->scratch, sizeof *set);
  if (!set) return refuse(r, MOON_EMEM, "out of memory");
  set->n = 0;
  r->at++;
  if (c == '.') {
    for (size_t i = 0; i < 3; i++) add_range(r, set, breaks[i][0], breaks[i][1]);
    return make_set(r, set, true);
  }
  uint32_t code;
  if (read_escape(r, set, &code)) return make_set(r, set, false);
  return single(r, code);
}

static bool read_number(const char **at, const char *end, uint32_t *n) {
  const char *p = *at;
  for (*n = 0; p < end && *p >= '0' && *p <= '9' && *n < NO_MAX / 20; p++)
    *n = *n * 10 + (uint32_t)(*p - '0');
  bool any = p > *at;
  *at = p;
  return any;
}

/* {m}, {m,} or {m,n}; anything else leaves the reader where it was. */
static bool read_counts(reader *r, uint32_t *least, uint32_t *most) {
  const char *p = r->at + 1;
  if (!read_number(&p, r->end, least)) return false;
  *most = *least;
  if (p < r->end && *p == ',') {
    p++;
    if (!read_number(&p, r->end, most)) *most = NO_MAX;
  }
  if (p >= r->end || *p != '}') return false;
  r->at = p + 1;
  return true;
}

/* *, +, ? or counts, each of them lazy or not: the language is the same. */
static bool read_quantifier(reader *r, uint32_t *least, uint32_t *most) {
  *least = 0;
  *most = NO_MAX;
  if (r->at >= r->end) return false;
  if (*r->at == '*') r->at++;
  else if (*r->at == '+') r->at++, *least = 1;
  else if (*r->at == '?') r->at++, *most = 1;
  else if (*r->at != '{' || !read_counts(r, least, most)) return false;
  if (r->at < r->end && *r->at == '?') r->at++;
  return true;
}

static node *read_repeat(reader *r) {
  node *n = read_atom(r);
  uint32_t least, most, more;
  if (r->status != MOON_OK || !read_quantifier(r, &least, &most)) return n;
  if (most < least) return refuse(r, MOON_EARG, "a quantifier's most is below its least");
  if (least > MOST_REPEAT || (most != NO_MAX && most > MOST_REPEAT))
    return refuse(r, MOON_ESUPPORT, "a quantifier is too large");
  if (read_quantifier(r, &more, &more))
    return refuse(r, MOON_EARG, "a quantifier has nothing to repeat");
  if (most == 0 || n->kind == K_EMPTY) return make(r, K_EMPTY, NULL, NULL);
  node *repeat = make(r, K_REPEAT, n, NULL);
  if (!repeat) return NULL;
  repeat->least = least;
  repeat->most = most;
  return repeat;
}

static node *read_sequence(reader *r) {
  node *sequence = NULL;
  while (r->status == MOON_OK && r->at < r->end && *r->at != '|' && *r->at != ')') {
    node *part = read_repeat(r);
    if (part && part->kind == K_EMPTY) continue;
    sequence = sequence ? make(r, K_CAT, sequence, part) : part;
  }
  return sequence ? sequence : make(r, K_EMPTY, NULL, NULL);
}

static node *read_choice(reader *r) {
  if (++r->depth > MOST_DEPTH) return refuse(r, MOON_ESUPPORT, "is nested too deeply");
  node *choice = read_sequence(r);
  while (r->status == MOON_OK && r->at < r->end && *r->at == '|') {
    r->at++;
    choice = make(r, K_ALT, choice, read_sequence(r));
  }
  r->depth--;
  return choice;
}

/* ---- to an NFA ---- */

/* Sequences of n bytes from low to high, first bytes first; the bytes behind the first are 0x80 to
** 0xBF. Ends that do not span all of those are cut off and joined again. */
static uint32_t emit_between(mn_nfa *nfa, const uint8_t *low, const uint8_t *high, int n,
                             uint32_t out) {
  static const uint8_t least[3] = {0x80, 0x80, 0x80}, most[3] = {0xBF, 0xBF, 0xBF};
  if (n == 1) return mn_nfa_add(nfa, MN_NFA_BYTES, low[0], high[0], out, 0);
  size_t behind = (size_t)n - 1;
  if (low[0] == high[0]) {
    uint32_t tail = emit_between(nfa, low + 1, high + 1, n - 1, out);
    return mn_nfa_add(nfa, MN_NFA_BYTES, low[0], low[0], tail, 0);
  }
  bool whole_low = memcmp(low + 1, least, behind) == 0;
  if (whole_low && memcmp(high + 1, most, behind) == 0) {
    uint32_t tail = emit_between(nfa, least, most, n - 1, out);
    return mn_nfa_add(nfa, MN_NFA_BYTES, low[0], high[0], tail, 0);
  }
  uint8_t border[4];
  uint32_t end, middle;
  if (!whole_low) {
    memcpy(border + 1, least, behind);
    border[0] = (uint8_t)(low[0] + 1);
    end = mn_nfa_add(nfa, MN_NFA_BYTES, low[0], low[0],
                     emit_between(nfa, low + 1, most, n - 1, out), 0);
    middle = emit_between(nfa, border, high, n, out);
  } else {
    memcpy(border + 1, most, behind);
    border[0] = (uint8_t)(high[0] - 1);
    end = mn_nfa_add(nfa, MN_NFA_BYTES, high[0], high[0],
                     emit_between(nfa, least, high + 1, n - 1, out), 0);
    middle = emit_between(nfa, low, border, n, out);
  }
  return mn_nfa_add(nfa, MN_NFA_SPLIT, 0, 0, end, middle);
}

static void write_utf8(uint32_t code, int n, uint8_t *bytes) {
  static const uint8_t lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
  for (int i = n - 1; i > 0; i--, code >>= 6) bytes[i] = 0x80 | (code & 63);
  bytes[0] = (uint8_t)(lead[n] | code);
}

uint32_t mn_nfa_ranges(mn_nfa *nfa, const uint32_t (*pair)[2], size_t n, uint32_t out) {
  static const uint32_t spans[][2] = {
    {0, 0x7F}, {0x80, 0x7FF}, {0x800, 0xD7FF}, {0xE000, 0xFFFF}, {0x10000, LAST_CODE}};
  static const int sizes[] = {1, 2, 3, 3, 4};
  uint32_t rest = MN_NO_STATE;
  for (size_t i = 0; i < n; i++)
    for (size_t s = 0; s < 5; s++) {
      uint32_t low = pair[i][0] > spans[s][0] ? pair[i][0] : spans[s][0];
      uint32_t high = pair[i][1] < spans[s][1] ? pair[i][1] : spans[s][1];
      if (low > high) continue;
      uint8_t first[4], last[4];
      write_utf8(low, sizes[s], first);
      write_utf8(high, sizes[s], last);
      uint32_t start = emit_between(nfa, first, last, sizes[s], out);
      if (rest != MN_NO_STATE) start = mn_nfa_add(nfa, MN_NFA_SPLIT, 0, 0, start, rest);
      if (start == MN_NO_STATE) return start;
      rest = start;
    }
  /* Nothing matches: an edge that is never open. */
  return rest == MN_NO_STATE ? mn_nfa_add(nfa, MN_NFA_BYTES, 1, 0, out, 0) : rest;
}

static uint32_t emit(mn_nfa *nfa, const node *n, uint32_t out);

static uint32_t emit_repeat(mn_nfa *nfa, const node *n, uint32_t out) {
  uint32_t start = out;
  if (n->most == NO_MAX) {
    uint32_t loop = mn_nfa_add(nfa, MN_NFA_SPLIT, 0, 0, out, out);
    if (loop == MN_NO_STATE) return loop;
    uint32_t body = emit(nfa, n->a, loop);
    if (body == MN_NO_STATE) return body;
    nfa->nodes[loop].other = body;
    start = loop;
  } else {
    for (uint32_t i = n->least; i < n->most; i++) {
      start = mn_nfa_add(nfa, MN_NFA_SPLIT, 0, 0, emit(nfa, n->a, start), out);
      if (start == MN_NO_STATE) return start;
    }
  }
  for (uint32_t i = 0; i < n->least && start != MN_NO_STATE; i++) start = emit(nfa, n->a, start);
  return start;
}

/* Sequences and choices lean to the left: their length is a loop, their depth that of groups. */
static uint32_t emit(mn_nfa *nfa, const node *n, uint32_t out) {
  uint32_t rest;
  if (out == MN_NO_STATE) return out;
  switch (n->kind) {
    case K_EMPTY: return out;
    case K_SET: return mn_nfa_ranges(nfa, (const uint32_t (*)[2])n->ranges, n->n, out);
    case K_BEGIN: return mn_nfa_add(nfa, MN_NFA_BEGIN, 0, 0, out, 0);
    case K_END: return mn_nfa_add(nfa, MN_NFA_END, 0, 0, out, 0);
    case K_REPEAT: return emit_repeat(nfa, n, out);
    case K_ALT:
      rest = emit(nfa, n->b, out);
      for (n = n->a; n->kind == K_ALT && rest != MN_NO_STATE; n = n->a)
        rest = mn_nfa_add(nfa, MN_NFA_SPLIT, 0, 0, emit(nfa, n->b, out), rest);
      return mn_nfa_add(nfa, MN_NFA_SPLIT, 0, 0, emit(nfa, n, out), rest);
    case K_CAT: break;
  }
  for (; n->kind == K_CAT && out != MN_NO_STATE; n = n->a) out = emit(nfa, n->b, out);
  return emit(nfa, n, out);
}

moon_status mn_regex_compile(mn_arena *arena, const char *pattern, size_t len, int mode,
                             const mn_dfa **dfa, moon_error *err) {
  *dfa = NULL;
  mn_arena scratch;
  mn_arena_growing(&scratch, arena->alloc, (size_t)64 << 20);
  char what[80] = "regular expression ''";
  size_t shown = len < 48 ? mn_utf8_valid(pattern, len) : mn_utf8_valid(pattern, 45);
  memcpy(what + 20, pattern, shown);
  memcpy(what + 20 + shown, shown < len ? "...'" : "'", shown < len ? 5 : 2);
  reader r = {&scratch, pattern, pattern + len, 0, what, err, MOON_OK};
  node *tree = read_choice(&r);
  if (r.status == MOON_OK && r.at < r.end) refuse(&r, MOON_EARG, "a ')' opens nothing");
  moon_status status = r.status;
  if (status == MOON_OK) {
    static const uint32_t any[][2] = {{0, LAST_CODE}};
    mn_nfa nfa = {.arena = &scratch};
    uint32_t out = mn_nfa_add(&nfa, MN_NFA_MATCH, 0, 0, 0, 0);
    if (mode == MN_REGEX_SEARCH) {
      uint32_t tail = mn_nfa_add(&nfa, MN_NFA_SPLIT, 0, 0, out, out);
      uint32_t more = mn_nfa_ranges(&nfa, any, 1, tail);
      if (tail != MN_NO_STATE) nfa.nodes[tail].other = more;
      out = more == MN_NO_STATE ? more : tail;
    }
    uint32_t start = emit(&nfa, tree, out);
    if (mode == MN_REGEX_SEARCH && start != MN_NO_STATE) {
      uint32_t head = mn_nfa_add(&nfa, MN_NFA_SPLIT, 0, 0, start, start);
      uint32_t more = mn_nfa_ranges(&nfa, any, 1, head);
      if (head != MN_NO_STATE) nfa.nodes[head].other = more;
      start = more == MN_NO_STATE ? more : head;
    }
    status = mn_dfa_build(arena, &scratch, &nfa, start, what, dfa, err);
  }
  mn_arena_free(&scratch);
  return status;
}
