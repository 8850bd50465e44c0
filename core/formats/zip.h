/* zip.h: the directory of a zip archive in memory, for records that are stored, not compressed.
**
** Layout, from the end: an end record (perhaps preceded by zip64's, for archives over 4 GiB), the
** central directory with one entry a record, and before it each record: a local header, then the
** bytes. Checked: the directory is whole and lies before the end record; names are there once;
** mn_zip_data compares a record's local header with its entry. Not here: compression,
** encryption, archives in parts, CRCs (they prove no origin, and would read all of the weights). */
#ifndef MOON_FORMATS_ZIP_H
#define MOON_FORMATS_ZIP_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/names.h"

typedef struct mn_zip_entry {
  const char *name;             /* inside the archive's bytes, no NUL behind */
  size_t name_len;
  unsigned flags, method;
  uint64_t packed, size;        /* bytes, as stored and unpacked */
  uint64_t header;              /* offset of the local header */
} mn_zip_entry;

typedef struct mn_zip {
  const uint8_t *bytes;
  size_t size, directory;       /* of the archive; offset of the central directory */
  mn_zip_entry *entries;
  size_t count;
  mn_name *sorted;
} mn_zip;

/* Does it begin like one? */
bool mn_zip_looks_like(const uint8_t *bytes, size_t size);
/* The zip borrows bytes, and lives in the arena. */
moon_status mn_zip_open(mn_arena *arena, const uint8_t *bytes, size_t size, mn_zip *zip,
                        moon_error *err);
const mn_zip_entry *mn_zip_find(const mn_zip *zip, const char *name, size_t len);
moon_status mn_zip_data(const mn_zip *zip, const mn_zip_entry *entry, const uint8_t **data,
                        size_t *size, moon_error *err);

#endif
