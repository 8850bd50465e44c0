/* names.h: sorted names, for look-up and for finding two that are equal.
**
** What: an array of (text, what it names), sorted by length, then by bytes. How: heapsort and
** binary search. Invariant: n log n comparisons whatever the names are, in place; names come
** from hostile files, and a hash table's worst case is the attacker's choice. Not here: owning
** the texts, alphabetical order. */
#ifndef MOON_BASE_NAMES_H
#define MOON_BASE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

typedef struct mn_name {
  const char *text;             /* need not end in NUL; may hold NULs */
  size_t len;
  const void *of;               /* what bears the name */
} mn_name;

void mn_names_sort(mn_name *names, size_t n);
/* After sorting: a name that is there twice, or NULL. */
const mn_name *mn_names_twice(const mn_name *names, size_t n);
/* After sorting: the name, or NULL. Of equals, any one. */
const mn_name *mn_names_find(const mn_name *names, size_t n, const char *text, size_t len);

/* Heapsort of n items of `size` bytes, ascending by `before`. */
void mn_sort(void *items, size_t n, size_t size, bool (*before)(const void *a, const void *b));

/* A name as error sentences show it: at most 80 bytes, control characters as '?'. */
typedef struct mn_shown { char text[88]; } mn_shown;
mn_shown mn_show(const char *text, size_t len);

#endif
