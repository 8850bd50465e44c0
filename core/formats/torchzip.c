/* torchzip.c: from the archive and its pickle to spans. See torchzip.h. */
#include "core/formats/torchzip.h"

#include <string.h>

#include "core/base/size.h"
#include "core/formats/unpickle.h"
#include "core/formats/zip.h"

typedef struct archive {
  mn_zip zip;
  const char *root;             /* "archive/" of "archive/data.pkl" */
  size_t root_len;
} archive;

/* ---- records ---- */

static moon_status open_archive(mn_arena *arena, const uint8_t *bytes, size_t size, archive *a,
                                moon_error *err) {
  static const char pickle[] = "/data.pkl";
  enum { PICKLE = sizeof pickle - 1 };
  if (!mn_zip_looks_like(bytes, size)) {
    if (size > 1 && bytes[0] == 0x80 && bytes[1] <= 5)
      return mn_fail(err, MOON_ESUPPORT, "is in torch's form of before 1.6 (a bare pickle); load "
                     "and save it with a newer torch");
    return mn_fail(err, MOON_EFORMAT, "is no torch file: it does not begin as a zip archive");
  }
  moon_status status = mn_zip_open(arena, bytes, size, &a->zip, err);
  if (status != MOON_OK) return status;
  for (size_t i = 0; i < a->zip.count; i++) {
    const mn_zip_entry *e = &a->zip.entries[i];
    if (e->name_len <= PICKLE) continue;
    size_t root_len = e->name_len - PICKLE;
    if (memcmp(e->name + root_len, pickle, PICKLE) != 0 || memchr(e->name, '/', root_len)) continue;
    if (a->root) return mn_fail(err, MOON_EFORMAT, "has two data.pkl records");
    a->root = e->name;
    a->root_len = root_len + 1;
  }
  if (!a->root) return mn_fail(err, MOON_EFORMAT, "is no torch file: it has no data.pkl record");
  return MOON_OK;
}

/* The record ROOT/folder/key. *data is NULL when there is none. */
static moon_status find_record(const archive *a, const char *folder, const char *key,
                               size_t key_len, const uint8_t **data, size_t *size,
                               moon_error *err) {
  char name[512];
  size_t folder_len = strlen(folder);
  *data = NULL;
  if (key_len > sizeof name || a->root_len > sizeof name ||
      a->root_len + folder_len + key_len > sizeof name)
    return MOON_OK;
  memcpy(name, a->root, a->root_len);
  memcpy(name + a->root_len, folder, folder_len);
  memcpy(name + a->root_len + folder_len, key, key_len);
  const mn_zip_entry *e = mn_zip_find(&a->zip, name, a->root_len + folder_len + key_len);
  return e ? mn_zip_data(&a->zip, e, data, size, err) : MOON_OK;
}

static moon_status check_byte_order(const archive *a, moon_error *err) {
  const uint8_t *data;
  size_t size;
  moon_status status = find_record(a, "", "byteorder", 9, &data, &size, err);
  if (status != MOON_OK || !data) return status;
  if (size == 6 && memcmp(data, "little", 6) == 0) return MOON_OK;
  return mn_fail(err, MOON_ESUPPORT, "its numbers are not little-endian");
}

/* ---- tensors ---- */

static moon_status fail_tensor(const mn_pickled *t, moon_error *err, const char *problem) {
  return mn_fail(err, MOON_EFORMAT, "tensor '%s' %s", mn_show(t->name, t->name_len).text,
                 problem);
}

static bool is_row_major(const mn_pickled *t) {
  size_t step = 1;
  for (int i = t->rank - 1; i >= 0; i--) {
    if (t->shape[i] != 1 && t->stride[i] != step) return false;
    step *= t->shape[i];                /* the product of the shape is known to fit */
  }
  return true;
}

/* Does every element, from the offset on, lie inside the storage? */
static bool fits_storage(const mn_pickled *t, size_t count) {
  size_t last = t->offset, reach;
  if (count == 0) return t->offset <= t->storage_count;
  for (int i = 0; i < t->rank; i++)
    if (!mn_size_mul(t->shape[i] - 1, t->stride[i], &reach) || !mn_size_add(last, reach, &last))
      return false;
  return last < t->storage_count;
}

typedef struct strided {
  mn_recipe recipe;
  size_t stride[MOON_MAX_RANK];
} strided;

/* Elements in row-major order; index is an odometer over all dims. */
static void gather(const mn_span *span, uint8_t *to) {
  const size_t *stride = ((const strided *)span->recipe)->stride;
  size_t index[MOON_MAX_RANK] = {0}, at = 0, width = moon_dtype_size(span->dtype);
  for (size_t n = 0; n < span->size; n += width) {
    memcpy(to + n, span->recipe->from + at * width, width);
    for (int i = span->rank - 1; i >= 0; i--) {
      at += stride[i];
      if (++index[i] < span->shape[i]) break;
      at -= stride[i] * span->shape[i];
      index[i] = 0;
    }
  }
}

static moon_status make_span(mn_arena *arena, const archive *a, const mn_pickled *t,
                             size_t *budget, mn_span *span, moon_error *err) {
  const uint8_t *data;
  size_t size, storage_size, count, width = t->dtype->bits / 8;
  moon_status status = find_record(a, "data/", t->storage, t->storage_len, &data, &size, err);
  if (status != MOON_OK) return status;
  if (!data) return fail_tensor(t, err, "has its numbers in a record that the file lacks");
  if (!mn_size_mul(t->storage_count, width, &storage_size) || storage_size != size)
    return fail_tensor(t, err, "has a storage whose record is of another size");
  *span = (mn_span){.rank = t->rank};
  memcpy(span->shape, t->shape, sizeof span->shape);
  if (!mn_span_measure(t->dtype, t->rank, t->shape, &count, &span->size))
    return fail_tensor(t, err, "has a shape whose bytes cannot be counted");
  if (!fits_storage(t, count)) return fail_tensor(t, err, "reaches out of its storage");
  span->name = mn_arena_text(arena, t->name, t->name_len);
  if (!span->name) return mn_fail_memory(err, "a tensor's name", t->name_len);
  const uint8_t *first = data + t->offset * width;      /* offset <= storage_count */
  mn_span_place(span, t->dtype, first);
  if (span->foreign || count == 0 || is_row_major(t))
    return mn_span_align(span, arena, budget, err);
  strided *order = mn_arena_take(arena, sizeof *order);
  if (!order) return mn_fail_memory(err, "a transposed tensor", sizeof *order);
  *order = (strided){.recipe = {gather, first}};
  memcpy(order->stride, t->stride, sizeof order->stride);
  return mn_span_defer(span, &order->recipe, budget, err);
}

static moon_status check_names(mn_arena *scratch, const mn_pickled *tensors, size_t n,
                               moon_error *err) {
  size_t bytes;
  if (!mn_size_mul(n, sizeof(mn_name), &bytes)) return mn_fail_memory(err, "names", SIZE_MAX);
  mn_name *names = mn_arena_take(scratch, bytes);
  if (!names) return mn_fail_memory(err, "names", bytes);
  for (size_t i = 0; i < n; i++)
    names[i] = (mn_name){tensors[i].name, tensors[i].name_len, &tensors[i]};
  mn_names_sort(names, n);
  const mn_name *twice = mn_names_twice(names, n);
  return twice ? fail_tensor(twice->of, err, "is there twice") : MOON_OK;
}

static moon_status parse(mn_arena *arena, mn_arena *scratch, const uint8_t *bytes, size_t size,
                         mn_span **spans, size_t *count, moon_error *err) {
  archive a = {.root = NULL};
  const uint8_t *pickle;
  size_t pickle_size, n = 0, room, budget = size;
  mn_pickled *tensors = NULL;
  moon_status status = open_archive(scratch, bytes, size, &a, err);
  if (status == MOON_OK) status = check_byte_order(&a, err);
  if (status == MOON_OK)
    status = find_record(&a, "", "data.pkl", 8, &pickle, &pickle_size, err);
  if (status != MOON_OK) return status;
  if (!pickle) return mn_fail(err, MOON_EFORMAT, "the name of its data.pkl is too long");
  status = mn_unpickle(scratch, pickle, pickle_size, &tensors, &n, err);
  if (status == MOON_OK) status = check_names(scratch, tensors, n, err);
  if (status != MOON_OK) return status;
  if (!mn_size_mul(n, sizeof(mn_span), &room)) return mn_fail_memory(err, "tensors", SIZE_MAX);
  mn_span *all = mn_arena_take(arena, room);
  if (!all) return mn_fail_memory(err, "tensors", room);
  for (size_t i = 0; i < n; i++) {
    status = make_span(arena, &a, &tensors[i], &budget, &all[i], err);
    if (status != MOON_OK) return status;
  }
  *spans = all;
  *count = n;
  return MOON_OK;
}

moon_status mn_torchzip_parse(mn_arena *arena, const uint8_t *bytes, size_t size,
                              const char *name, mn_span **spans, size_t *count, moon_error *err) {
  mn_arena scratch;
  mn_arena_growing(&scratch, arena->alloc, SIZE_MAX);
  *spans = NULL;
  *count = 0;
  moon_status status = parse(arena, &scratch, bytes, size, spans, count, err);
  mn_arena_free(&scratch);
  return status == MOON_OK ? MOON_OK : mn_fail_in(err, status, name);
}
