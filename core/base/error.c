/* error.c: filling the caller's moon_error. */
#include "core/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A cut in the middle of a character would make the message invalid UTF-8. */
static void cut_at_character(char *message, size_t capacity) {
  size_t len = strlen(message);
  if (len + 1 < capacity) return;
  size_t start = len;
  while (start > 0 && ((unsigned char)message[start - 1] & 0xc0) == 0x80) start--;
  if (start > 0 && (unsigned char)message[start - 1] >= 0xc0) message[start - 1] = '\0';
}

moon_status mn_fail(moon_error *err, moon_status code, const char *format, ...) {
  if (!err) return code;
  va_list args;
  va_start(args, format);
  vsnprintf(err->message, sizeof err->message, format, args);
  va_end(args);
  cut_at_character(err->message, sizeof err->message);
  err->code = code;
  return code;
}

moon_status mn_fail_memory(moon_error *err, const char *what, size_t bytes) {
  return mn_fail(err, MOON_EMEM, "out of memory (%s, %zu bytes)", what, bytes);
}

moon_status mn_fail_in(moon_error *err, moon_status code, const char *prefix) {
  if (!err) return code;
  char message[sizeof err->message];
  memcpy(message, err->message, sizeof message);
  return mn_fail(err, code, "%s: %s", prefix, message);
}

const char *moon_status_name(moon_status status) {
  static const char *const names[] = {"ok", "arg", "mem", "io", "format", "support", "full",
                                      "cancel", "math"};
  return (size_t)status < sizeof names / sizeof *names ? names[status] : "unknown";
}

const char *moon_version(void) { return MOON_VERSION; }
