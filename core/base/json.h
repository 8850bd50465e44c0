/* json.h: a strict JSON reader (RFC 8259) for config files, headers and schemas.
**
** What: text of known length to a tree of nodes in an arena. How: recursive descent with a depth
** cap; strings are unescaped into the arena, UTF-8 is checked. Invariants: integers that fit
** int64 are kept exactly; keys keep their order; a duplicate key is an error (RFC 8259 allows it,
** but readers differ on which one wins, which has been used to smuggle); time is n log n whatever
** the text is; positions are byte offsets. Not here: comments, trailing commas, NaN, a byte order
** mark, writing. */
#ifndef MOON_BASE_JSON_H
#define MOON_BASE_JSON_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/names.h"

enum { MN_JSON_DEPTH = 128 };

typedef enum mn_json_type {
  MN_JSON_NULL, MN_JSON_BOOL, MN_JSON_INT, MN_JSON_NUMBER, MN_JSON_STRING, MN_JSON_ARRAY,
  MN_JSON_OBJECT
} mn_json_type;

typedef struct mn_json mn_json;
struct mn_json {
  mn_json_type type;
  bool boolean;
  int64_t integer;              /* INT: no fraction, no exponent, fits, and not -0 */
  double number;                /* INT and NUMBER; a finite double (overflow is an error) */
  const char *text;             /* STRING: text_len bytes, NUL behind; may hold NULs */
  size_t text_len;
  const char *key;              /* in an object: the member's name, NUL behind */
  size_t key_len;
  size_t count;                 /* ARRAY, OBJECT: children */
  const mn_json *first, *next;  /* children as a list, in order */
  const mn_name *sorted;        /* large OBJECT: its members by name, for mn_json_get */
  size_t position;              /* byte offset where the value starts */
};

/* The whole of text must be one value. name begins error sentences ("config.json"); they tell
** line and column. The tree lives as long as the arena. */
moon_status mn_json_parse(mn_arena *arena, const char *text, size_t len, const char *name,
                          const mn_json **root, moon_error *err);
/* The same grammar to the letter of RFC 8259: duplicate keys are kept. */
moon_status mn_json_parse_lax(mn_arena *arena, const char *text, size_t len, const char *name,
                              const mn_json **root, moon_error *err);
/* Member of an object by name; NULL if absent or if object is no object (or NULL). Of
** duplicates, any one. */
const mn_json *mn_json_get(const mn_json *object, const char *key);

#endif
