/* escape.h: what may be half read inside a JSON string. */
#ifndef MOON_CONSTRAIN_ESCAPE_H
#define MOON_CONSTRAIN_ESCAPE_H

#include <stdint.h>

/* Escape states: 0 plain; UTF-8 rests; behind a backslash; hexadecimal digits. */
enum { E_PLAIN, E_REST1, E_REST2, E_REST3, E_AFTER_E0, E_AFTER_ED, E_AFTER_F0, E_AFTER_F4,
       E_BACKSLASH, E_HEX4, E_HEX3, E_HEX2, E_HEX1, E_LOW_BACKSLASH, E_LOW_U, E_LOW4, E_LOW3,
       E_LOW2, E_LOW1 };

static inline int hex_value(uint8_t c) {
  if (c >= '0' && c <= '9') return c - '0';
  c |= 32;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* First byte of a character outside ASCII: what may follow (Unicode, table 3-7). */
static inline int after_lead(uint8_t byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return E_REST1;
  if (byte == 0xE0) return E_AFTER_E0;
  if (byte == 0xED) return E_AFTER_ED;
  if (byte >= 0xE1 && byte <= 0xEF) return E_REST2;
  if (byte == 0xF0) return E_AFTER_F0;
  if (byte >= 0xF1 && byte <= 0xF3) return E_REST3;
  return byte == 0xF4 ? E_AFTER_F4 : -1;
}

#endif
