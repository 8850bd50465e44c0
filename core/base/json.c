/* json.c: the grammar of RFC 8259, one function a rule.
**
** What: see json.h. How: each read_* function stands at its value's first byte and leaves the
** reader behind its last; failures carry line and column, counted only then. Numbers go through
** strtod as digits and exponent without a point, so that no locale has a say. Invariants: at
** most MN_JSON_DEPTH calls deep; never reads text[len]; a string takes no more memory than its
** source. Does not: free anything, the arena's owner does. */
#include "core/base/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/size.h"

enum { FEW_MEMBERS = 8 };       /* objects up to this size are searched one by one */

typedef struct reader {
  mn_arena *arena;
  const char *text, *at, *end;
  const char *name;
  int depth;
  bool lax;
  moon_error *err;
} reader;

/* ---- failures ---- */

typedef struct place { size_t line, column; } place;

static place place_of(const reader *r, const char *at) {
  place p = {1, 1};
  for (const char *c = r->text; c < at; c++) {
    if (*c == '\n') p = (place){p.line + 1, 1};
    else if (((uint8_t)*c & 0xc0) != 0x80) p.column++;
  }
  return p;
}

static moon_status fail(const reader *r, const char *at, const char *problem) {
  place p = place_of(r, at);
  return mn_fail(r->err, MOON_EFORMAT, "%s: line %zu, column %zu: %s", r->name, p.line, p.column,
                 problem);
}

static moon_status fail_expected(const reader *r, const char *expected) {
  place p = place_of(r, r->at);
  char found[16] = "the end";
  if (r->at < r->end) {
    uint8_t c = (uint8_t)*r->at;
    snprintf(found, sizeof found, c > 32 && c < 127 ? "'%c'" : "byte 0x%02x", c);
  }
  return mn_fail(r->err, MOON_EFORMAT, "%s: line %zu, column %zu: expected %s, found %s", r->name,
                 p.line, p.column, expected, found);
}

static moon_status fail_memory(const reader *r, size_t bytes) {
  return mn_fail_memory(r->err, r->name, bytes);
}

/* ---- the parts ---- */

static void skip_space(reader *r) {
  while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t'))
    r->at++;
}

static bool is_digit(const reader *r, const char *p) {
  return p < r->end && *p >= '0' && *p <= '9';
}

static const char *skip_digits(const reader *r, const char *p) {
  while (is_digit(r, p)) p++;
  return p;
}

/* Length of the well-formed UTF-8 sequence at p, 0 if there is none (Unicode, table 3-7). */
static size_t utf8_length(const char *text, const char *end) {
  const uint8_t *p = (const uint8_t *)text;
  size_t left = (size_t)(end - text);
  if (p[0] < 0x80) return 1;
  size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
  if (p[0] < 0xc2 || p[0] > 0xf4 || left < n) return 0;
  for (size_t i = 1; i < n; i++)
    if ((p[i] & 0xc0) != 0x80) return 0;
  if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f)) return 0;
  if ((p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f)) return 0;
  return n;
}

static char *put_utf8(char *to, uint32_t code) {
  if (code < 0x80) return *to++ = (char)code, to;
  if (code < 0x800) {
    *to++ = (char)(0xc0 | code >> 6);
  } else if (code < 0x10000) {
    *to++ = (char)(0xe0 | code >> 12);
    *to++ = (char)(0x80 | (code >> 6 & 0x3f));
  } else {
    *to++ = (char)(0xf0 | code >> 18);
    *to++ = (char)(0x80 | (code >> 12 & 0x3f));
    *to++ = (char)(0x80 | (code >> 6 & 0x3f));
  }
  *to++ = (char)(0x80 | (code & 0x3f));
  return to;
}

/* Four hex digits at p; false if they are not there. */
static bool hex4(const reader *r, const char *p, uint32_t *code) {
  if (r->end - p < 4) return false;
  *code = 0;
  for (int i = 0; i < 4; i++) {
    char c = p[i], low = (char)(c | 32);
    if (c >= '0' && c <= '9') *code = *code << 4 | (uint32_t)(c - '0');
    else if (low >= 'a' && low <= 'f') *code = *code << 4 | (uint32_t)(low - 'a' + 10);
    else return false;
  }
  return true;
}

/* At the backslash; writes the character to *to. */
static moon_status read_escape(reader *r, char **to) {
  static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
  const char *start = r->at++;
  const char *plain = r->at < r->end && *r->at ? strchr(from, *r->at) : NULL;
  if (plain) return *(*to)++ = into[plain - from], r->at++, MOON_OK;
  uint32_t code, low;
  if (r->at == r->end || *r->at != 'u') return fail_expected(r, "one of \"\\/bfnrtu after \\");
  if (!hex4(r, r->at + 1, &code)) return fail(r, start, "\\u wants four hexadecimal digits");
  r->at += 5;
  if (code >= 0xd800 && code <= 0xdfff) {
    bool pair = code < 0xdc00 && r->end - r->at >= 6 && r->at[0] == '\\' && r->at[1] == 'u' &&
                hex4(r, r->at + 2, &low) && low >= 0xdc00 && low <= 0xdfff;
    if (!pair) return fail(r, start, "\\u names half of a surrogate pair");
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    r->at += 6;
  }
  *to = put_utf8(*to, code);
  return MOON_OK;
}

static moon_status read_string(reader *r, const char **text, size_t *len) {
  if (r->at == r->end || *r->at != '"') return fail_expected(r, "a string");
  const char *close = r->at + 1;
  for (; close < r->end && *close != '"'; close++)
    if (*close == '\\' && close + 1 < r->end) close++;
  if (close == r->end) return fail(r, r->at, "this string does not end");
  size_t most = (size_t)(close - r->at);        /* an escape is longer than what it stands for */
  char *copy = mn_arena_take(r->arena, most), *to = copy;
  if (!copy) return fail_memory(r, most);
  r->at++;
  while (r->at < close) {
    if (*r->at == '\\') {
      moon_status status = read_escape(r, &to);
      if (status != MOON_OK) return status;
      continue;
    }
    if ((uint8_t)*r->at < 32) return fail(r, r->at, "a control character wants to be escaped");
    size_t n = utf8_length(r->at, close);
    if (n == 0) return fail(r, r->at, "this is not UTF-8");
    memcpy(to, r->at, n);
    to += n;
    r->at += n;
  }
  *to = '\0';
  r->at = close + 1;
  *text = copy;
  *len = (size_t)(to - copy);
  return MOON_OK;
}

/* The number from r->at to end, its mantissa ending at digits_end. strtod sees "digits e exponent":
** the fraction's digits (behind point, if there is one) join the integer's, and the exponent
** makes up for them. */
static moon_status read_double(reader *r, const char *point, const char *digits_end,
                               const char *end, double *number) {
  size_t mantissa = (size_t)(digits_end - r->at);
  size_t bytes = mantissa + 32;
  char small[128];
  char *copy = bytes <= sizeof small ? small : mn_arena_take(r->arena, bytes), *to = copy;
  if (!copy) return fail_memory(r, bytes);
  for (const char *p = r->at; p < digits_end; p++)
    if (*p != '.') *to++ = *p;
  long long exponent = 0;
  const char *p = digits_end;
  bool negative = false;
  if (p < end) {
    p++;
    if (*p == '+' || *p == '-') negative = *p++ == '-';
    for (; p < end; p++)
      if (exponent < 1000000000000) exponent = exponent * 10 + (*p - '0');
  }
  if (negative) exponent = -exponent;
  if (point < digits_end) exponent -= digits_end - point - 1;
  snprintf(to, 32, "e%lld", exponent);
  *number = strtod(copy, NULL);
  return isfinite(*number) ? MOON_OK : fail(r, r->at, "this number is too large");
}

static bool int64_of(const char *p, const char *end, int64_t *integer) {
  bool negative = *p == '-';
  uint64_t most = negative ? (uint64_t)1 << 63 : INT64_MAX, value = 0;
  for (p += negative; p < end; p++) {
    uint64_t digit = (uint64_t)(*p - '0');
    if (value > (most - digit) / 10) return false;
    value = value * 10 + digit;
  }
  if (negative && value == 0) return false;     /* -0 is a double */
  *integer = negative ? (int64_t)(0 - value) : (int64_t)value;
  return true;
}

static moon_status read_number(reader *r, mn_json *node) {
  const char *p = r->at + (*r->at == '-');
  if (!is_digit(r, p)) return r->at = p, fail_expected(r, "a digit");
  const char *point = p = *p == '0' ? p + 1 : skip_digits(r, p);
  if (p < r->end && *p == '.') {
    if (!is_digit(r, p + 1)) return r->at = p + 1, fail_expected(r, "a digit");
    p = skip_digits(r, p + 1);
  }
  const char *digits_end = p;
  if (p < r->end && (*p == 'e' || *p == 'E')) {
    p++;
    if (p < r->end && (*p == '+' || *p == '-')) p++;
    if (!is_digit(r, p)) return r->at = p, fail_expected(r, "a digit");
    p = skip_digits(r, p);
  }
  moon_status status = MOON_OK;
  if (p == point && int64_of(r->at, p, &node->integer)) {
    node->type = MN_JSON_INT;
    node->number = (double)node->integer;
  } else {
    node->type = MN_JSON_NUMBER;
    status = read_double(r, point, digits_end, p, &node->number);
  }
  if (status == MOON_OK) r->at = p;
  return status;
}

static moon_status read_word(reader *r, const char *word, mn_json *node, mn_json_type type) {
  size_t n = strlen(word);
  if ((size_t)(r->end - r->at) < n || memcmp(r->at, word, n) != 0)
    return fail_expected(r, "a value");
  node->type = type;
  node->boolean = word[0] == 't';
  r->at += n;
  return MOON_OK;
}

/* ---- values ---- */

static moon_status read_value(reader *r, mn_json **out);

/* Refuses duplicates, and gives a large object its index. */
static moon_status index_members(reader *r, mn_json *object) {
  const mn_json *twice = NULL;
  if (object->count <= FEW_MEMBERS) {
    for (const mn_json *a = object->first; a && !twice; a = a->next)
      for (const mn_json *b = object->first; b != a && !twice; b = b->next)
        if (a->key_len == b->key_len && memcmp(a->key, b->key, a->key_len) == 0) twice = a;
  } else {
    size_t bytes, i = 0;
    if (!mn_size_mul(object->count, sizeof(mn_name), &bytes)) return fail_memory(r, SIZE_MAX);
    mn_name *names = mn_arena_take(r->arena, bytes);
    if (!names) return fail_memory(r, bytes);
    for (const mn_json *m = object->first; m; m = m->next)
      names[i++] = (mn_name){m->key, m->key_len, m};
    mn_names_sort(names, object->count);
    const mn_name *found = mn_names_twice(names, object->count);
    twice = found ? found->of : NULL;
    object->sorted = names;
  }
  if (!twice || r->lax) return MOON_OK;
  place p = place_of(r, r->text + twice->position);
  return mn_fail(r->err, MOON_EFORMAT, "%s: line %zu, column %zu: key \"%s\" is there twice",
                 r->name, p.line, p.column, mn_show(twice->key, twice->key_len).text);
}

static moon_status read_member(reader *r, mn_json **out) {
  const char *key;
  size_t key_len;
  moon_status status = read_string(r, &key, &key_len);
  if (status != MOON_OK) return status;
  skip_space(r);
  if (r->at == r->end || *r->at != ':') return fail_expected(r, "':'");
  r->at++;
  status = read_value(r, out);
  if (status != MOON_OK) return status;
  (*out)->key = key;
  (*out)->key_len = key_len;
  return MOON_OK;
}

/* An array or an object: they differ in the closing bracket and in what an item is. */
static moon_status read_container(reader *r, mn_json *node) {
  bool object = *r->at == '{';
  char close = object ? '}' : ']';
  node->type = object ? MN_JSON_OBJECT : MN_JSON_ARRAY;
  if (++r->depth > MN_JSON_DEPTH) return fail(r, r->at, "nested too deeply");
  r->at++;
  skip_space(r);
  mn_json *last = NULL;
  while (r->at == r->end || *r->at != close || last) {
    mn_json *child;
    skip_space(r);
    moon_status status = object ? read_member(r, &child) : read_value(r, &child);
    if (status != MOON_OK) return status;
    if (last) last->next = child;
    else node->first = child;
    last = child;
    node->count++;
    skip_space(r);
    if (r->at < r->end && *r->at == close) break;
    if (r->at == r->end || *r->at != ',')
      return fail_expected(r, object ? "',' or '}'" : "',' or ']'");
    r->at++;
  }
  r->at++;
  r->depth--;
  return object ? index_members(r, node) : MOON_OK;
}

static moon_status read_value(reader *r, mn_json **out) {
  skip_space(r);
  if (r->at == r->end) return fail_expected(r, "a value");
  mn_json *node = mn_arena_take(r->arena, sizeof *node);
  if (!node) return fail_memory(r, sizeof *node);
  *node = (mn_json){.position = (size_t)(r->at - r->text)};
  *out = node;
  switch (*r->at) {
    case '{': case '[': return read_container(r, node);
    case '"':
      node->type = MN_JSON_STRING;
      return read_string(r, &node->text, &node->text_len);
    case 't': return read_word(r, "true", node, MN_JSON_BOOL);
    case 'f': return read_word(r, "false", node, MN_JSON_BOOL);
    case 'n': return read_word(r, "null", node, MN_JSON_NULL);
    default:
      if (*r->at == '-' || is_digit(r, r->at)) return read_number(r, node);
      return fail_expected(r, "a value");
  }
}

static moon_status parse(mn_arena *arena, const char *text, size_t len, const char *name,
                         bool lax, const mn_json **root, moon_error *err) {
  reader r = {arena, text, text, text + len, name, 0, lax, err};
  mn_json *value;
  *root = NULL;
  moon_status status = read_value(&r, &value);
  if (status != MOON_OK) return status;
  skip_space(&r);
  if (r.at < r.end) return fail_expected(&r, "the end");
  *root = value;
  return MOON_OK;
}

moon_status mn_json_parse(mn_arena *arena, const char *text, size_t len, const char *name,
                          const mn_json **root, moon_error *err) {
  return parse(arena, text, len, name, false, root, err);
}

moon_status mn_json_parse_lax(mn_arena *arena, const char *text, size_t len, const char *name,
                              const mn_json **root, moon_error *err) {
  return parse(arena, text, len, name, true, root, err);
}

const mn_json *mn_json_get(const mn_json *object, const char *key) {
  if (!object || object->type != MN_JSON_OBJECT) return NULL;
  size_t len = strlen(key);
  if (object->sorted) {
    const mn_name *found = mn_names_find(object->sorted, object->count, key, len);
    return found ? found->of : NULL;
  }
  for (const mn_json *m = object->first; m; m = m->next)
    if (m->key_len == len && memcmp(m->key, key, len) == 0) return m;
  return NULL;
}
