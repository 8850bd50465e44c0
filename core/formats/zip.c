/* zip.c: see zip.h. Offsets are 64-bit until they have been compared with the archive's size;
** `inside` is the one comparison. */
#include "core/formats/zip.h"

#include <string.h>

#include "core/base/size.h"

enum { END = 22, END64 = 56, LOCATOR = 20, CENTRAL = 46, LOCAL = 30, COMMENT_MAX = 65535 };
enum { ENCRYPTED = 1, SIZES_FOLLOW = 8, ZIP64_EXTRA = 1 };

static uint64_t little(const uint8_t *p, int n) {
  uint64_t value = 0;
  while (n-- > 0) value = value << 8 | p[n];
  return value;
}

static bool inside(uint64_t offset, uint64_t n, size_t size) {
  return offset <= size && n <= size - offset;
}

static bool signed_as(const uint8_t *p, int third, int fourth) {
  return p[0] == 'P' && p[1] == 'K' && p[2] == third && p[3] == fourth;
}

static moon_status fail(moon_error *err, const char *problem) {
  return mn_fail(err, MOON_EFORMAT, "is no whole zip archive: %s", problem);
}

bool mn_zip_looks_like(const uint8_t *bytes, size_t size) {
  return size >= 4 && (signed_as(bytes, 3, 4) || signed_as(bytes, 5, 6));
}

/* ---- the directory ---- */

typedef struct directory { uint64_t count, size, offset; } directory;

/* Backwards over a comment that reaches exactly to the archive's end. */
static bool find_end(const uint8_t *bytes, size_t size, size_t *end) {
  for (size_t comment = 0; comment <= COMMENT_MAX && comment + END <= size; comment++) {
    size_t at = size - END - comment;
    if (signed_as(bytes + at, 5, 6) && little(bytes + at + 20, 2) == comment)
      return *end = at, true;
  }
  return false;
}

/* A 64-bit value counts where the 32-bit end record holds all ones, and must agree elsewhere. */
static bool agree(uint64_t narrow, uint64_t wide, int n) {
  return narrow == ((uint64_t)1 << 8 * n) - 1 || narrow == wide;
}

static moon_status read_end(const uint8_t *bytes, size_t size, directory *d, moon_error *err) {
  size_t end, limit;
  if (!find_end(bytes, size, &end)) return fail(err, "it has no end record (cut short?)");
  const uint8_t *p = bytes + end;
  *d = (directory){little(p + 10, 2), little(p + 12, 4), little(p + 16, 4)};
  if (little(p + 4, 2) != 0 || little(p + 6, 2) != 0 || little(p + 8, 2) != d->count)
    return fail(err, "it is a part of several");
  limit = end;
  if (end >= LOCATOR && signed_as(p - LOCATOR, 6, 7)) {
    const uint8_t *locator = p - LOCATOR;
    limit = end - LOCATOR;
    uint64_t at = little(locator + 8, 8);
    if (!inside(at, END64, limit) || !signed_as(bytes + at, 6, 6))
      return fail(err, "its zip64 end record is missing");
    limit = (size_t)at;
    const uint8_t *q = bytes + at;
    directory wide = {little(q + 32, 8), little(q + 40, 8), little(q + 48, 8)};
    if (little(q + 16, 4) != 0 || little(q + 20, 4) != 0 || little(q + 24, 8) != wide.count)
      return fail(err, "it is a part of several");
    if (!agree(d->count, wide.count, 2) || !agree(d->size, wide.size, 4) ||
        !agree(d->offset, wide.offset, 4))
      return fail(err, "its two end records disagree");
    *d = wide;
  }
  if (!inside(d->offset, d->size, limit) || d->count > d->size / CENTRAL)
    return fail(err, "its directory is larger than the room for it");
  return MOON_OK;
}

/* Values that are all ones in the entry follow in its zip64 extra field, in this order. */
static bool read_zip64(const uint8_t *extra, size_t n, mn_zip_entry *e) {
  uint64_t *wide[] = {&e->size, &e->packed, &e->header};
  bool wanted = e->size == UINT32_MAX || e->packed == UINT32_MAX || e->header == UINT32_MAX;
  while (wanted && n >= 4) {
    size_t id = (size_t)little(extra, 2), len = (size_t)little(extra + 2, 2);
    if (len > n - 4) return false;
    const uint8_t *p = extra + 4, *field_end = p + len;
    for (int i = 0; id == ZIP64_EXTRA && i < 3; i++) {
      if (*wide[i] != UINT32_MAX) continue;
      if (field_end - p < 8) return false;
      *wide[i] = little(p, 8);
      p += 8;
    }
    if (id == ZIP64_EXTRA) return true;
    extra += 4 + len;
    n -= 4 + len;
  }
  return !wanted;
}

/* The entry at p, which has `left` bytes of directory; its length in *taken. */
static bool read_entry(const uint8_t *p, size_t left, mn_zip_entry *e, size_t *taken) {
  if (left < CENTRAL || !signed_as(p, 1, 2)) return false;
  size_t name = (size_t)little(p + 28, 2), extra = (size_t)little(p + 30, 2),
         comment = (size_t)little(p + 32, 2);
  *taken = CENTRAL + name + extra + comment;
  if (*taken > left) return false;
  *e = (mn_zip_entry){
    .name = (const char *)p + CENTRAL, .name_len = name,
    .flags = (unsigned)little(p + 8, 2), .method = (unsigned)little(p + 10, 2),
    .packed = little(p + 20, 4), .size = little(p + 24, 4), .header = little(p + 42, 4),
  };
  return read_zip64(p + CENTRAL + name, extra, e);
}

moon_status mn_zip_open(mn_arena *arena, const uint8_t *bytes, size_t size, mn_zip *zip,
                        moon_error *err) {
  directory d = {0, 0, 0};
  moon_status status = read_end(bytes, size, &d, err);
  if (status != MOON_OK) return status;
  size_t n = (size_t)d.count, left = (size_t)d.size, room;
  *zip = (mn_zip){.bytes = bytes, .size = size, .directory = (size_t)d.offset, .count = n};
  if (!mn_size_mul(n, sizeof *zip->entries + sizeof *zip->sorted, &room))
    return mn_fail_memory(err, "zip directory", SIZE_MAX);
  zip->entries = mn_arena_take(arena, n * sizeof *zip->entries);
  zip->sorted = mn_arena_take(arena, n * sizeof *zip->sorted);
  if (!zip->entries || !zip->sorted) return mn_fail_memory(err, "zip directory", room);
  const uint8_t *p = bytes + zip->directory;
  for (size_t i = 0; i < n; i++) {
    mn_zip_entry *e = &zip->entries[i];
    size_t taken;
    if (!read_entry(p, left, e, &taken)) return fail(err, "its directory is damaged");
    p += taken;
    left -= taken;
    zip->sorted[i] = (mn_name){e->name, e->name_len, e};
  }
  if (left != 0) return fail(err, "its directory is longer than its entries");
  mn_names_sort(zip->sorted, n);
  const mn_name *twice = mn_names_twice(zip->sorted, n);
  if (twice)
    return mn_fail(err, MOON_EFORMAT, "has two records named '%s'",
                   mn_show(twice->text, twice->len).text);
  return MOON_OK;
}

const mn_zip_entry *mn_zip_find(const mn_zip *zip, const char *name, size_t len) {
  const mn_name *found = mn_names_find(zip->sorted, zip->count, name, len);
  return found ? found->of : NULL;
}

/* ---- a record ---- */

/* Streaming writers leave the local sizes 0 and announce (flag 8) that they follow the data;
** zip64 writers leave them all ones. The directory's are the ones that count. */
static bool sizes_agree(const uint8_t *local, const mn_zip_entry *e) {
  uint64_t packed = little(local + 18, 4), size = little(local + 22, 4);
  if ((e->flags & SIZES_FOLLOW) && packed == 0 && size == 0) return true;
  return agree(packed, e->packed, 4) && agree(size, e->size, 4);
}

moon_status mn_zip_data(const mn_zip *zip, const mn_zip_entry *e, const uint8_t **data,
                        size_t *size, moon_error *err) {
  mn_shown shown = mn_show(e->name, e->name_len);
  if (e->method != 0 || (e->flags & ENCRYPTED))
    return mn_fail(err, MOON_ESUPPORT, "record '%s' is compressed or encrypted", shown.text);
  if (e->packed != e->size || !inside(e->header, LOCAL, zip->directory))
    return mn_fail(err, MOON_EFORMAT, "record '%s' does not lie inside the archive", shown.text);
  const uint8_t *local = zip->bytes + e->header;
  uint64_t name_len = little(local + 26, 2);
  uint64_t head = LOCAL + name_len + little(local + 28, 2);
  uint64_t begin = e->header + head;    /* both below 2^63: header is inside the archive */
  if (!signed_as(local, 3, 4) || !inside(begin, e->size, zip->directory))
    return mn_fail(err, MOON_EFORMAT, "record '%s' does not lie inside the archive", shown.text);
  if (name_len != e->name_len || memcmp(local + LOCAL, e->name, e->name_len) != 0 ||
      little(local + 6, 2) != e->flags || little(local + 8, 2) != e->method ||
      !sizes_agree(local, e))
    return mn_fail(err, MOON_EFORMAT, "record '%s' disagrees with the directory", shown.text);
  *data = zip->bytes + begin;
  *size = (size_t)e->size;
  return MOON_OK;
}
