/* file.c: mapped files, small files, and files that are replaced whole.
**
** What: see file.h. How: POSIX calls, each checked; the reason in a sentence is the system's own.
** Invariants: descriptors are closed before a function returns (a writer's excepted) and are not
** inherited by programs that the host starts; a writer touches its temporary file alone until
** commit renames it. Does not: lock, follow changes of a mapped file. */
#include "core/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/size.h"

static moon_status fail_system(moon_error *err, const char *path, const char *what) {
  int code = errno;
  return mn_fail(err, code == ENOMEM ? MOON_EMEM : MOON_EIO, "%s: %s (%s)", path, what,
                 strerror(code));
}

enum { HUGE_PAGE = 1 << 21 };

/* ---- reading ---- */

/* O_NONBLOCK: opening a pipe must not wait for its writer before it can be refused. */
static moon_status open_regular(const char *path, int *fd, size_t *size, moon_error *err) {
  struct stat info;
  do *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  while (*fd < 0 && errno == EINTR);
  if (*fd < 0) return fail_system(err, path, "cannot be opened");
  moon_status status = MOON_OK;
  if (fstat(*fd, &info) != 0)
    status = fail_system(err, path, "cannot be examined");
  else if (!S_ISREG(info.st_mode))
    status = mn_fail(err, MOON_EIO, "%s: is a %s, not a file", path,
                     S_ISDIR(info.st_mode) ? "directory" : "device or pipe");
  else if ((uintmax_t)info.st_size > SIZE_MAX)
    status = mn_fail(err, MOON_ESUPPORT, "%s: is larger than the address space", path);
  if (status != MOON_OK) return close(*fd), status;
  *size = (size_t)info.st_size;
  return MOON_OK;
}

moon_status mn_map_open(const char *path, mn_map *map, moon_error *err) {
  static const uint8_t nothing[1];
  int fd;
  size_t size;
  *map = (mn_map){NULL, 0};
  moon_status status = open_regular(path, &fd, &size, err);
  if (status != MOON_OK) return status;
  void *bytes = (void *)nothing;
  if (size > 0) bytes = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
  if (bytes == MAP_FAILED) status = fail_system(err, path, "cannot be mapped");
  else *map = (mn_map){bytes, size};
  close(fd);
  return status;
}

void mn_map_close(mn_map *map) {
  if (map->size > 0) munmap((void *)map->bytes, map->size);
  *map = (mn_map){NULL, 0};
}

#ifdef MADV_POPULATE_READ
enum { STRETCH = 1 << 24, LEAST_PAGE = 1 << 12 };

static bool in_memory(void *bytes, size_t n, size_t page) {
  unsigned char there[STRETCH / LEAST_PAGE];
  if (mincore(bytes, n, there) != 0) return false;
  for (size_t i = 0; i < (n + page - 1) / page; i++)
    if (!(there[i] & 1)) return false;
  return true;
}
#endif

/* What the system reads once it is asked for huge pages comes in such, if the file system can, for
** all readers of the file; MADV_WILLNEED would bring small ones. */
void mn_map_expect(const mn_map *map) {
#ifdef MADV_POPULATE_READ
  bool huge = mn_prefer_huge_pages((void *)map->bytes, map->size);
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  for (size_t at = 0, n; at < map->size; at += n) {
    void *bytes = (void *)(map->bytes + at);
    n = map->size - at < STRETCH ? map->size - at : STRETCH;
    if (in_memory(bytes, n, page)) (void)madvise(bytes, n, MADV_POPULATE_READ);
    else if (!huge) (void)madvise(bytes, n, MADV_WILLNEED);
  }
#else
  (void)map;
#endif
}

moon_status mn_file_read(const mn_alloc *alloc, const char *path, size_t limit, char **bytes,
                         size_t *size, moon_error *err) {
  int fd;
  size_t expected, n = 0;
  *bytes = NULL;
  *size = 0;
  moon_status status = open_regular(path, &fd, &expected, err);
  if (status != MOON_OK) return status;
  char *copy = NULL;
  if (expected > limit) {
    status = mn_fail(err, MOON_EFORMAT, "%s: has %zu bytes, at most %zu are expected", path,
                     expected, limit);
    goto done;
  }
  copy = expected < SIZE_MAX ? mn_new(alloc, expected + 1) : NULL;
  if (!copy) {
    status = mn_fail_memory(err, path, expected);
    goto done;
  }
  while (n < expected) {
    ssize_t got = read(fd, copy + n, expected - n);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      status = fail_system(err, path, "cannot be read");
      goto done;
    }
    if (got == 0) break;                /* it has become shorter */
    n += (size_t)got;
  }
  copy[n] = '\0';
  *bytes = copy;
  *size = n;
  copy = NULL;
done:
  mn_free(alloc, copy);
  close(fd);
  return status;
}

bool mn_file_exists(const char *path) {
  struct stat info;
  return stat(path, &info) == 0;
}

bool mn_file_is_directory(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

bool mn_file_same(const char *a, const char *b) {
  struct stat x, y;
  return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

moon_status mn_directory_make(const char *path, moon_error *err) {
  if (mkdir(path, 0777) == 0 || (errno == EEXIST && mn_file_is_directory(path))) return MOON_OK;
  return fail_system(err, path, "cannot be made a directory");
}

char *mn_path_join(const mn_alloc *alloc, const char *dir, const char *name) {
  size_t dir_len = strlen(dir), bytes;
  if (!mn_size_add(dir_len, strlen(name), &bytes) || !mn_size_add(bytes, 2, &bytes)) return NULL;
  char *path = mn_new(alloc, bytes);
  if (!path) return NULL;
  bool slash = dir_len > 0 && dir[dir_len - 1] != '/';
  snprintf(path, bytes, "%s%s%s", dir, slash ? "/" : "", name);
  return path;
}

/* ---- writing ---- */

/* A file that is written in whole huge pages stays in memory in such, if the file system can. */
enum { BUFFER = HUGE_PAGE, TRIES = 1000 };

struct mn_writer {
  mn_alloc alloc;
  char *path, *temporary;
  int fd;
  size_t buffered;
  uint8_t buffer[BUFFER];
};

static moon_status write_all(mn_writer *w, const uint8_t *bytes, size_t n, moon_error *err) {
  while (n > 0) {
    ssize_t put = write(w->fd, bytes, n);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return fail_system(err, w->path, "cannot be written");
    bytes += put;
    n -= (size_t)put;
  }
  return MOON_OK;
}

static moon_status flush(mn_writer *w, moon_error *err) {
  size_t n = w->buffered;
  w->buffered = 0;
  return write_all(w, w->buffer, n, err);
}

/* Sets w->temporary to a name that was free, and w->fd to the new file. */
static moon_status create_temporary(mn_writer *w, mode_t mode, moon_error *err) {
  size_t bytes = strlen(w->path) + 64;
  w->temporary = mn_new(&w->alloc, bytes);
  if (!w->temporary) return mn_fail_memory(err, w->path, bytes);
  for (int i = 0; i < TRIES; i++) {
    snprintf(w->temporary, bytes, "%s.%ld-%d.tmp", w->path, (long)getpid(), i);
    w->fd = open(w->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (w->fd >= 0) return MOON_OK;
    if (errno != EEXIST && errno != EINTR) break;
  }
  return fail_system(err, w->temporary, "cannot be created");
}

/* A file system without permissions gives all files one mode, and may refuse to set it. */
static moon_status take_mode(mn_writer *w, mode_t mode, moon_error *err) {
  struct stat info;
  if (fstat(w->fd, &info) == 0 && (info.st_mode & 07777) == mode) return MOON_OK;
  return fchmod(w->fd, mode) == 0 ? MOON_OK
                                  : fail_system(err, w->path, "cannot keep its permissions");
}

static void free_writer(mn_writer *w) {
  if (w->fd >= 0) close(w->fd);
  mn_alloc alloc = w->alloc;
  mn_free(&alloc, w->path);
  mn_free(&alloc, w->temporary);
  mn_free(&alloc, w);
}

moon_status mn_writer_open(const mn_alloc *alloc, const char *path, mn_writer **writer,
                           moon_error *err) {
  *writer = NULL;
  struct stat info, link;
  char real[PATH_MAX];
  bool there = stat(path, &info) == 0;
  if (there && !S_ISREG(info.st_mode))
    return mn_fail(err, MOON_EIO, "%s: is a %s, not a file", path,
                   S_ISDIR(info.st_mode) ? "directory" : "device or pipe");
  if (there && lstat(path, &link) == 0 && S_ISLNK(link.st_mode)) {
    if (!realpath(path, real)) return fail_system(err, path, "cannot be followed");
    path = real;
  }
  mn_writer *w = mn_new(alloc, sizeof *w);
  if (!w) return mn_fail_memory(err, path, sizeof *w);
  w->alloc = *alloc;
  w->temporary = NULL;
  w->fd = -1;
  w->buffered = 0;
  size_t bytes = strlen(path) + 1;
  w->path = mn_new(alloc, bytes);
  if (!w->path) return free_writer(w), mn_fail_memory(err, path, bytes);
  memcpy(w->path, path, bytes);
  moon_status status = create_temporary(w, there ? info.st_mode & 0600 : 0666, err);
  if (status != MOON_OK) return free_writer(w), status;
  if (there) status = take_mode(w, info.st_mode & 07777, err);
  if (status != MOON_OK) return mn_writer_discard(w), status;
  *writer = w;
  return MOON_OK;
}

moon_status mn_writer_append(mn_writer *w, const void *bytes, size_t n, moon_error *err) {
  moon_status status = MOON_OK;
  const uint8_t *from = bytes;
  for (size_t some; n > 0 && status == MOON_OK; from += some, n -= some) {
    some = n < BUFFER - w->buffered ? n : BUFFER - w->buffered;
    if (some == BUFFER) status = write_all(w, from, some, err);
    else memcpy(w->buffer + w->buffered, from, some), w->buffered += some;
    if (w->buffered == BUFFER) status = flush(w, err);
  }
  return status;
}

/* So that the new name, too, survives a power cut. A file system that cannot sync a directory
** (EINVAL) has no better to offer. */
static moon_status sync_directory(const char *path, char *scratch, moon_error *err) {
  const char *slash = strrchr(path, '/');
  if (!slash) snprintf(scratch, 2, ".");
  else if (slash == path) snprintf(scratch, 2, "/");
  else snprintf(scratch, (size_t)(slash - path) + 1, "%s", path);
  int fd = open(scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return errno == EACCES ? MOON_OK : fail_system(err, scratch, "cannot be opened");
  moon_status status = MOON_OK;
  if (fsync(fd) != 0 && errno != EINVAL && errno != EROFS)
    status = fail_system(err, scratch, "cannot be synced");
  close(fd);
  return status;
}

moon_status mn_writer_commit(mn_writer *w, moon_error *err) {
  moon_status status = flush(w, err);
  bool renamed = false;
  if (status == MOON_OK && fsync(w->fd) != 0)
    status = fail_system(err, w->path, "cannot be synced");
  if (status == MOON_OK) {
    int closed = close(w->fd);
    w->fd = -1;
    if (closed != 0 && errno != EINTR) status = fail_system(err, w->path, "cannot be closed");
  }
  if (status == MOON_OK) {
    renamed = rename(w->temporary, w->path) == 0;
    if (!renamed) status = fail_system(err, w->path, "cannot be replaced");
  }
  if (!renamed) unlink(w->temporary);
  else status = sync_directory(w->path, w->temporary, err);     /* that name is free scratch now */
  free_writer(w);
  return status;
}

void mn_writer_discard(mn_writer *w) {
  if (!w) return;
  unlink(w->temporary);
  free_writer(w);
}

moon_status mn_file_write(const mn_alloc *alloc, const char *path, const void *bytes, size_t size,
                          moon_error *err) {
  mn_writer *w;
  moon_status status = mn_writer_open(alloc, path, &w, err);
  if (status != MOON_OK) return status;
  status = mn_writer_append(w, bytes, size, err);
  if (status == MOON_OK) return mn_writer_commit(w, err);
  mn_writer_discard(w);
  return status;
}

bool mn_prefer_huge_pages(void *bytes, size_t n) {
#ifdef MADV_HUGEPAGE
  const uintptr_t page = HUGE_PAGE, first = ((uintptr_t)bytes + page - 1) & ~(page - 1);
  const uintptr_t end = ((uintptr_t)bytes + n) & ~(page - 1);
  return first < end && madvise((void *)first, end - first, MADV_HUGEPAGE) == 0;
#else
  (void)bytes, (void)n;
  return false;
#endif
}
