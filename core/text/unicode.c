/* unicode.c: see unicode.h. */
#include "core/text/unicode.h"

#include <string.h>

#include <utf8proc.h>

static bool is_tail(char c) { return ((uint8_t)c & 0xC0) == 0x80; }

/* Bytes that a character beginning with lead has; 0 when none begins so. */
static size_t wanted(uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xC2) return 0;            /* a tail, or the overlong C0 and C1 */
  if (lead < 0xE0) return 2;
  if (lead < 0xF0) return 3;
  return lead < 0xF5 ? 4 : 0;           /* F5 and up lie past U+10FFFF */
}

/* The second byte decides whether three and four bytes are overlong, a surrogate or too large. */
static bool second_fits(uint8_t lead, uint8_t second) {
  switch (lead) {
    case 0xE0: return second >= 0xA0;
    case 0xED: return second < 0xA0;
    case 0xF0: return second >= 0x90;
    case 0xF4: return second < 0x90;
    default: return true;
  }
}

/* Does s begin like a character of n bytes, as far as len goes? */
static bool begins_well(const char *s, size_t len, size_t n) {
  for (size_t i = 1; i < n && i < len; i++)
    if (!is_tail(s[i])) return false;
  return n < 2 || len < 2 || second_fits((uint8_t)s[0], (uint8_t)s[1]);
}

size_t mn_utf8_decode(const char *s, size_t len, uint32_t *code) {
  utf8proc_int32_t point;
  utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)len, &point);
  if (n <= 0) return 0;
  if (code) *code = (uint32_t)point;
  return (size_t)n;
}

size_t mn_utf8_valid(const char *s, size_t len) {
  size_t at = 0;
  while (at < len) {
    size_t n = mn_utf8_decode(s + at, len - at, NULL);
    if (n == 0) break;
    at += n;
  }
  return at;
}

/* Only the last three bytes can be the beginning of a character that is not all there. */
size_t moon_utf8_whole(const char *bytes, size_t len) {
  for (size_t back = 1; back < 4 && back <= len; back++) {
    const char *s = bytes + len - back;
    size_t n = wanted((uint8_t)*s);
    if (n > back && begins_well(s, back, n)) return len - back;
    if (!is_tail(*s)) break;
  }
  return len;
}

size_t moon_utf8_width(const char *bytes, size_t len) {
  size_t width = 0;
  for (size_t at = 0; at < len;) {
    uint32_t code;
    size_t n = mn_utf8_decode(bytes + at, len - at, &code);
    width += n ? (size_t)utf8proc_charwidth((utf8proc_int32_t)code) : 1;
    at += n ? n : 1;
  }
  return width;
}

size_t moon_utf8_lower(const char *bytes, size_t len, char *out) {
  static const char dotted_i[] = "i\xCC\x87";        /* the one letter whose lower case is two */
  size_t written = 0;
  for (size_t at = 0, n; at < len; at += n ? n : 1) {
    uint32_t code;
    n = mn_utf8_decode(bytes + at, len - at, &code);
    if (n == 0) {
      out[written++] = bytes[at];
    } else if (code == 0x130) {
      memcpy(out + written, dotted_i, sizeof dotted_i - 1);
      written += sizeof dotted_i - 1;
    } else {
      utf8proc_int32_t lower = utf8proc_tolower((utf8proc_int32_t)code);
      written += (size_t)utf8proc_encode_char(lower, (utf8proc_uint8_t *)out + written);
    }
  }
  return written;
}

static bool in_word(uint32_t code) {
  switch (utf8proc_category((utf8proc_int32_t)code)) {
    case UTF8PROC_CATEGORY_LU: case UTF8PROC_CATEGORY_LL: case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM: case UTF8PROC_CATEGORY_LO: case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL: case UTF8PROC_CATEGORY_NO: return true;
    default: return code == '_';
  }
}

size_t moon_utf8_words(const char *bytes, size_t len, char *out) {
  size_t written = 0;
  for (size_t at = 0, n; at < len; at += n ? n : 1) {
    uint32_t code;
    n = mn_utf8_decode(bytes + at, len - at, &code);
    if (n > 0 && in_word(code)) {
      memcpy(out + written, bytes + at, n);
      written += n;
    } else {
      out[written++] = ' ';
    }
  }
  return written;
}
