/* file.h: files as spans of bytes, and pages of memory. file.c alone sees mmap and the calls on
** directories. */
#ifndef MOON_BASE_FILE_H
#define MOON_BASE_FILE_H

#include "core/base/alloc.h"
#include "core/base/error.h"

typedef struct mn_map {         /* a whole file, read-only and shared with its other readers */
  const uint8_t *bytes;
  size_t size;
} mn_map;

/* An empty file gives size 0 and bytes not NULL. Directories, pipes and devices are refused.
** Nothing is read yet: pages come when they are touched, and a file that somebody cuts short while
** it is mapped gives SIGBUS then. Replacing it (as mn_writer does) is safe. Writing to it in place
** is not: what was checked may have become something else when it is read again, and a header that
** changes while it is parsed (JSON's strings are scanned, then copied) can lead out of the map. */
moon_status mn_map_open(const char *path, mn_map *map, moon_error *err);
void mn_map_close(mn_map *map);         /* idempotent */
/* All of it will be read: what the system has in memory is mapped now, in few calls instead of
** fault by fault; the rest comes as it is touched, in huge pages where the file system can (ext4
** since Linux 6.16, XFS and Btrfs for longer). Changes nothing but time. */
void mn_map_expect(const mn_map *map);

/* A small file, read into memory; MOON_EFORMAT when larger than limit. Ends in a NUL that size
** does not count. Free with mn_free. */
moon_status mn_file_read(const mn_alloc *alloc, const char *path, size_t limit, char **bytes,
                         size_t *size, moon_error *err);

bool mn_file_exists(const char *path);
bool mn_file_is_directory(const char *path);
/* Whether both paths lead to one existing file or directory. */
bool mn_file_same(const char *a, const char *b);
/* One new directory; MOON_OK when there is one already. */
moon_status mn_directory_make(const char *path, moon_error *err);

/* "dir/name" in fresh memory; NULL when memory ends. */
char *mn_path_join(const mn_alloc *alloc, const char *dir, const char *name);

/* A file written whole or not at all: a temporary one beside path ("path.PID-N.tmp"), synced, then
** renamed. A process that is killed leaves the temporary file behind, and path as it was. What
** takes a file's place has its permissions from its first byte on; where path is a symbolic link to
** a file, that file is replaced and the link stays. Bytes are written 2 MB at a time, so that the
** system may keep and map them in huge pages. */
typedef struct mn_writer mn_writer;
moon_status mn_writer_open(const mn_alloc *alloc, const char *path, mn_writer **writer,
                           moon_error *err);
moon_status mn_writer_append(mn_writer *writer, const void *bytes, size_t n, moon_error *err);
/* Both free the writer. commit: sync, rename, sync the directory; on failure path is as
** before (unless it is the directory that cannot be synced: then the new file is there, but might
** not survive a power cut). */
moon_status mn_writer_commit(mn_writer *writer, moon_error *err);
void mn_writer_discard(mn_writer *writer);      /* accepts NULL */
/* The same at once, for what is in memory. */
moon_status mn_file_write(const mn_alloc *alloc, const char *path, const void *bytes, size_t size,
                          moon_error *err);

/* Tells the system that all of these bytes will be in use and read again and again: what of them is
** not there yet may come in pages of 2 MB, of which the CPU knows where all are. A hint: false
** where it cannot be given, or there is no whole such page. */
bool mn_prefer_huge_pages(void *bytes, size_t n);

#endif
