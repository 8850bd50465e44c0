/* names.c: heapsort, binary search, and names made fit to be shown. */
#include "core/base/names.h"

#include <stdint.h>
#include <string.h>

static void swap(char *a, char *b, size_t size) {
  for (size_t i = 0; i < size; i++) {
    char t = a[i];
    a[i] = b[i];
    b[i] = t;
  }
}

/* Lets the item at root sink until no child comes after it. */
static void sift(char *items, size_t root, size_t n, size_t size,
                 bool (*before)(const void *, const void *)) {
  for (size_t child; (child = 2 * root + 1) < n; root = child) {
    if (child + 1 < n && before(items + child * size, items + (child + 1) * size)) child++;
    if (!before(items + root * size, items + child * size)) return;
    swap(items + root * size, items + child * size, size);
  }
}

void mn_sort(void *items, size_t n, size_t size, bool (*before)(const void *a, const void *b)) {
  char *base = items;
  for (size_t i = n / 2; i-- > 0;) sift(base, i, n, size, before);
  for (size_t left = n; left > 1;) {
    left--;
    swap(base, base + left * size, size);
    sift(base, 0, left, size, before);
  }
}

static int compare(const char *a, size_t a_len, const char *b, size_t b_len) {
  if (a_len != b_len) return a_len < b_len ? -1 : 1;
  return a_len == 0 ? 0 : memcmp(a, b, a_len);
}

static bool name_before(const void *a, const void *b) {
  const mn_name *x = a, *y = b;
  return compare(x->text, x->len, y->text, y->len) < 0;
}

void mn_names_sort(mn_name *names, size_t n) { mn_sort(names, n, sizeof *names, name_before); }

const mn_name *mn_names_twice(const mn_name *names, size_t n) {
  for (size_t i = 1; i < n; i++)
    if (compare(names[i - 1].text, names[i - 1].len, names[i].text, names[i].len) == 0)
      return &names[i];
  return NULL;
}

const mn_name *mn_names_find(const mn_name *names, size_t n, const char *text, size_t len) {
  size_t low = 0, high = n;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = compare(text, len, names[middle].text, names[middle].len);
    if (order == 0) return &names[middle];
    if (order < 0) high = middle;
    else low = middle + 1;
  }
  return NULL;
}

mn_shown mn_show(const char *text, size_t len) {
  enum { MOST = 80 };
  mn_shown shown;
  size_t n = len;
  if (n > MOST) {               /* cut before the first byte of a character */
    n = MOST;
    while (n > 0 && ((uint8_t)text[n] & 0xc0) == 0x80) n--;
  }
  for (size_t i = 0; i < n; i++) {
    uint8_t c = (uint8_t)text[i];
    shown.text[i] = c < 32 || c == 127 ? '?' : text[i];
  }
  memcpy(shown.text + n, len > n ? "..." : "", len > n ? 4 : 1);
  return shown;
}
