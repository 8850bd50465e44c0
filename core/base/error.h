/* error.h: how a failure travels: a status as return value, a sentence in the caller's hands. */
#ifndef MOON_BASE_ERROR_H
#define MOON_BASE_ERROR_H

#include "core/moonlet.h"

/* Fills *err (may be NULL) and returns code, so that `return mn_fail(err, ...)` is the idiom.
** A message that does not fit is cut at a character border. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
moon_status mn_fail(moon_error *err, moon_status code, const char *format, ...);

/* The one sentence for a failed allocation: "out of memory (what, n bytes)". */
moon_status mn_fail_memory(moon_error *err, const char *what, size_t bytes);

/* Puts "prefix: " before the message of a failure that a callee reported; returns code. */
moon_status mn_fail_in(moon_error *err, moon_status code, const char *prefix);

#endif
