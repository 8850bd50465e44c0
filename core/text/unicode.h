/* unicode.h: UTF-8 as the rest of the text code needs it; the moon_utf8_* of moonlet.h, too.
**
** What counts as a character is Unicode's table 3-7 (well-formed byte sequences). Normal forms are
** not computed: a tokenizer's file brings its own table (normalize.c). */
#ifndef MOON_TEXT_UNICODE_H
#define MOON_TEXT_UNICODE_H

#include "core/base/alloc.h"
#include "core/base/error.h"

/* Bytes of the valid character at s (1 to 4), its code point in *code (may be NULL); 0 when what
** is there is no character: overlong forms, surrogates and codes past U+10FFFF are none. */
size_t mn_utf8_decode(const char *s, size_t len, uint32_t *code);
/* Bytes of the first `len` that are valid UTF-8; len when all are. */
size_t mn_utf8_valid(const char *s, size_t len);

#endif
