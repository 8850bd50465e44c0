/* escape.c: the escapes of JSON strings, read as the characters that they spell.
**
** Invariant: no digit behind \u is let through that leaves no character to come, so that a text is
** never led to where nothing can follow. */
#include <string.h>

#include "core/constrain/escape.h"
#include "core/constrain/machine.h"

/* Escapes spell what must or may well be escaped, not what every writer writes plainly: a known
** text would otherwise have countless spellings, and none could be forced. */
static bool is_escaped(uint32_t code) {
  return code < 0x20 || code > 0x7E || code == '"' || code == '\\';
}

static bool feed_code(mn_run *run, mn_cursor *cur, uint32_t code) {
  if (!is_escaped(code)) return false;
  cur->escape = E_PLAIN;
  cur->code = 0;
  if (code < 0x80) return mn_run_feed(run, cur, (uint8_t)code, true);
  int rest = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  static const uint8_t lead[] = {0, 0xC0, 0xE0, 0xF0};
  if (!mn_run_feed(run, cur, (uint8_t)(lead[rest] | code >> 6 * rest), true)) return false;
  while (rest-- > 0)
    if (!mn_run_feed(run, cur, (uint8_t)(0x80 | (code >> 6 * rest & 63)), false)) return false;
  return true;
}

/* Can any escape come here? By the first bytes of what it could spell. */
bool mn_escape_possible(mn_run *run, const mn_cursor *cur) {
  for (uint32_t byte = 0; byte <= 0xF4; byte++) {
    mn_cursor trial = *cur;
    if ((byte > 0x7F && byte < 0xC2) || !is_escaped(byte)) continue;
    size_t mark = run->pool_used;
    bool ok = mn_run_feed(run, &trial, (uint8_t)byte, true);
    run->pool_used = mark;
    if (ok) return true;
  }
  return false;
}

/* Can one of the characters first..last come, of rest + 1 bytes each, or (starts: false) what is
** left of them? */
static bool bytes_possible(mn_run *run, const mn_cursor *cur, uint32_t first, uint32_t last,
                           int rest, bool starts) {
  static const uint8_t lead[] = {0, 0xC0, 0xE0, 0xF0};
  for (uint32_t top = first >> 6 * rest; top <= last >> 6 * rest; top++) {
    if (starts && rest == 0 && !is_escaped(top)) continue;
    mn_cursor trial = *cur;
    size_t mark = run->pool_used;
    uint8_t byte = (uint8_t)(starts ? lead[rest] | top : 0x80 | (top & 63));
    bool ok = mn_run_feed(run, &trial, byte, starts);
    run->pool_used = mark;
    if (ok && rest == 0) return true;
    uint32_t low = top << 6 * rest, high = low | ((UINT32_C(1) << 6 * rest) - 1);
    if (ok && bytes_possible(run, &trial, low > first ? low : first, high < last ? high : last,
                             rest - 1, false))
      return true;
  }
  return false;
}

static bool codes_possible(mn_run *run, const mn_cursor *cur, uint32_t first, uint32_t last) {
  static const struct { uint32_t first, last; int rest; } lengths[] = {
      {0, 0x7F, 0}, {0x80, 0x7FF, 1}, {0x800, 0xD7FF, 2}, {0xE000, 0xFFFF, 2},
      {0x10000, 0x10FFFF, 3}};
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
    uint32_t from = first > lengths[i].first ? first : lengths[i].first;
    uint32_t to = last < lengths[i].last ? last : lengths[i].last;
    if (from <= to && bytes_possible(run, cur, from, to, lengths[i].rest, true)) return true;
  }
  return false;
}

/* The first character of a high surrogate's 1024. */
static uint32_t above(uint32_t high) { return 0x10000 + ((high - 0xD800) << 10); }

/* Can the digits so far become a character that may come? */
static bool digits_possible(mn_run *run, const mn_cursor *cur) {
  if (cur->escape == E_LOW_BACKSLASH)
    return codes_possible(run, cur, above(cur->code), above(cur->code) + 0x3FF);
  bool low = cur->escape >= E_LOW4;
  uint32_t left = 4 * (uint32_t)((low ? E_LOW1 : E_HEX1) - cur->escape + 1);
  uint32_t first = cur->code << left, last = first | ((UINT32_C(1) << left) - 1);
  if (low) {
    uint32_t from = above(cur->code >> (16 - left));
    first = (first & 0xFFFF) > 0xDC00 ? first & 0x3FF : 0;
    return codes_possible(run, cur, from + first, from + (last & 0x3FF));
  }
  if (codes_possible(run, cur, first, last)) return true;
  if (first > 0xDBFF || last < 0xD800) return false;
  return codes_possible(run, cur, above(first > 0xD800 ? first : 0xD800),
                        above(last < 0xDBFF ? last : 0xDBFF) + 0x3FF);
}

/* The four digits behind \\u; a high surrogate waits for its low one. */
static bool step_hex(mn_run *run, mn_cursor *cur, uint8_t byte) {
  int value = hex_value(byte);
  if (value < 0) return false;
  cur->code = cur->code << 4 | (uint32_t)value;
  bool low = cur->escape >= E_LOW4;
  /* A low surrogate's first digits are D and C to F; a code must not begin as one. */
  if (low && cur->escape == E_LOW4 && value != 0xD) return false;
  if (cur->escape == (low ? E_LOW3 : E_HEX3)) {
    bool is_low = (cur->code & 0xFF) >= 0xDC && (cur->code & 0xFF) <= 0xDF;
    if (is_low != low) return false;
  }
  if (cur->escape != E_HEX1 && cur->escape != E_LOW1) {
    cur->escape++;
    return digits_possible(run, cur);
  }
  if (low) {
    uint32_t high = cur->code >> 16 & 0x3FF, rest = cur->code & 0x3FF;
    return feed_code(run, cur, 0x10000 + (high << 10 | rest));
  }
  if (cur->code >= 0xD800 && cur->code < 0xDC00) {
    cur->escape = E_LOW_BACKSLASH;
    return digits_possible(run, cur);
  }
  return feed_code(run, cur, cur->code);
}

bool mn_escape_step(mn_run *run, mn_cursor *cur, uint8_t byte) {
  static const char names[] = "\"\\bfnrt", means[] = "\"\\\b\f\n\r\t";
  if (cur->escape == E_LOW_BACKSLASH || cur->escape == E_LOW_U) {
    uint8_t wanted = cur->escape++ == E_LOW_BACKSLASH ? '\\' : 'u';
    return byte == wanted;
  }
  if (cur->escape != E_BACKSLASH) return step_hex(run, cur, byte);
  cur->code = 0;
  if (byte == 'u') cur->escape = E_HEX4;
  if (byte == 'u') return true;
  const char *found = byte ? strchr(names, byte) : NULL;
  return found && feed_code(run, cur, (uint8_t)means[found - names]);
}
