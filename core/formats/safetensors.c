/* safetensors.c: reading, then writing.
**
** How: the header becomes entries (a span and its range in the buffer), sorted by range, each
** beginning where the last one ended. The writer builds a header and hands it to the reader's own
** checks before a file is touched, so that what is written can be read. Invariant: no offset is
** added to a pointer before the whole header is known to fit the buffer. */
#include "core/formats/safetensors.h"

#include <stdio.h>
#include <string.h>

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/size.h"

enum { HEADER_MAX = 100000000, PREFIX = 8 };

typedef struct entry {
  mn_span span;                 /* bytes not set */
  const mn_file_dtype *dtype;
  size_t begin, end;
} entry;

/* ---- reading ---- */

static bool size_of_json(const mn_json *node, size_t *out) {
  if (!node || node->type != MN_JSON_INT || node->integer < 0) return false;
  if ((uint64_t)node->integer > SIZE_MAX) return false;
  *out = (size_t)node->integer;
  return true;
}

static moon_status fail_tensor(moon_error *err, const mn_json *node, const char *problem) {
  return mn_fail(err, MOON_EFORMAT, "tensor '%s' %s", mn_show(node->key, node->key_len).text,
                 problem);
}

static moon_status read_entry(const mn_json *node, entry *e, moon_error *err) {
  if (!mn_span_name_ok(node->key, node->key_len))
    return fail_tensor(err, node, "has a name over 512 bytes or with a NUL in it");
  const mn_json *dtype = mn_json_get(node, "dtype"), *shape = mn_json_get(node, "shape"),
                *range = mn_json_get(node, "data_offsets");
  if (!dtype || !shape || !range)
    return fail_tensor(err, node, "wants the fields dtype, shape and data_offsets");
  e->dtype = dtype->type == MN_JSON_STRING ? mn_file_dtype_find(dtype->text, dtype->text_len)
                                           : NULL;
  if (!e->dtype) return fail_tensor(err, node, "has an unknown dtype");
  if (shape->type != MN_JSON_ARRAY) return fail_tensor(err, node, "has a shape that is no array");
  if (shape->count > MOON_MAX_RANK) return fail_tensor(err, node, "has more than 8 dims");
  e->span = (mn_span){.name = node->key, .rank = (int)shape->count};
  size_t *dim = e->span.shape;
  for (const mn_json *d = shape->first; d; d = d->next)
    if (!size_of_json(d, dim++)) return fail_tensor(err, node, "has a dim that is no size");
  if (range->type != MN_JSON_ARRAY || range->count != 2 ||
      !size_of_json(range->first, &e->begin) || !size_of_json(range->first->next, &e->end))
    return fail_tensor(err, node, "has data_offsets that are not two sizes");
  size_t count;
  if (!mn_span_measure(e->dtype, e->span.rank, e->span.shape, &count, &e->span.size))
    return fail_tensor(err, node, "has a shape whose bytes cannot be counted");
  if (e->end < e->begin || e->end - e->begin != e->span.size)
    return fail_tensor(err, node, "has data_offsets that disagree with its shape");
  return MOON_OK;
}

static bool before(const void *a, const void *b) {
  const entry *x = a, *y = b;
  return x->begin != y->begin ? x->begin < y->begin : x->end < y->end;
}

static moon_status check_cover(entry *entries, size_t n, size_t buffer, moon_error *err) {
  size_t at = 0;
  mn_sort(entries, n, sizeof *entries, before);
  for (size_t i = 0; i < n; i++) {
    if (entries[i].begin != at)
      return mn_fail(err, MOON_EFORMAT, "tensor '%s' begins at %zu of the data, where %zu %s",
                     mn_show(entries[i].span.name, strlen(entries[i].span.name)).text,
                     entries[i].begin, at, entries[i].begin > at ? "leaves no hole"
                                                                 : "avoids an overlap");
    at = entries[i].end;
  }
  if (at != buffer)
    return mn_fail(err, MOON_EFORMAT, "tensors cover %zu bytes of data, the file has %zu", at,
                   buffer);
  return MOON_OK;
}

static moon_status check_metadata(const mn_json *node, moon_error *err) {
  if (node->type != MN_JSON_OBJECT)
    return mn_fail(err, MOON_EFORMAT, "__metadata__ is no object");
  for (const mn_json *m = node->first; m; m = m->next)
    if (m->type != MN_JSON_STRING)
      return mn_fail(err, MOON_EFORMAT, "__metadata__ holds more than strings");
  return MOON_OK;
}

/* The header's entries, in the order of the buffer; they and their names live in scratch. */
static moon_status read_header(mn_arena *scratch, const char *text, size_t len, size_t buffer,
                               entry **entries, size_t *count, moon_error *err) {
  const mn_json *root;
  size_t n = 0, bytes;
  if (len == 0 || text[0] != '{')
    return mn_fail(err, MOON_EFORMAT, "the header does not begin with '{'");
  moon_status status = mn_json_parse(scratch, text, len, "header", &root, err);
  if (status != MOON_OK) return status;
  if (!mn_size_mul(root->count, sizeof(entry), &bytes))
    return mn_fail_memory(err, "header", SIZE_MAX);
  *entries = mn_arena_take(scratch, bytes);
  if (!*entries) return mn_fail_memory(err, "header", bytes);
  for (const mn_json *node = root->first; node; node = node->next) {
    bool metadata = node->key_len == 12 && memcmp(node->key, "__metadata__", 12) == 0;
    status = metadata ? check_metadata(node, err) : read_entry(node, &(*entries)[n++], err);
    if (status != MOON_OK) return status;
  }
  *count = n;
  return check_cover(*entries, n, buffer, err);
}

/* The tree and entries of the shortest useful header (one-letter names, no dims) take 18 times its
** text; nothing honest needs more, and len <= HEADER_MAX keeps this within 32 bits. */
static size_t header_memory(size_t len) { return len * 24 + ((size_t)4 << 20); }

static moon_status make_spans(mn_arena *arena, const entry *entries, size_t n,
                              const uint8_t *buffer, mn_span **spans, moon_error *err) {
  size_t bytes, budget = SIZE_MAX;      /* ranges do not overlap: copies cannot exceed the file */
  if (!mn_size_mul(n, sizeof(mn_span), &bytes)) return mn_fail_memory(err, "tensors", SIZE_MAX);
  mn_span *all = mn_arena_take(arena, bytes);
  if (!all) return mn_fail_memory(err, "tensors", bytes);
  for (size_t i = 0; i < n; i++) {
    all[i] = entries[i].span;
    size_t len = strlen(all[i].name);
    all[i].name = mn_arena_text(arena, all[i].name, len);
    if (!all[i].name) return mn_fail_memory(err, "a tensor's name", len);
    mn_span_place(&all[i], entries[i].dtype, buffer + entries[i].begin);
    moon_status status = mn_span_align(&all[i], arena, &budget, err);
    if (status != MOON_OK) return status;
  }
  *spans = all;
  return MOON_OK;
}

static moon_status parse(mn_arena *arena, mn_arena *scratch, const uint8_t *bytes, size_t size,
                         mn_span **spans, size_t *count, moon_error *err) {
  uint64_t len = 0;
  entry *entries = NULL;
  size_t n = 0;
  if (size < PREFIX) return mn_fail(err, MOON_EFORMAT, "is no safetensors file: too short");
  for (int i = PREFIX - 1; i >= 0; i--) len = len << 8 | bytes[i];
  if (len > HEADER_MAX)
    return mn_fail(err, MOON_EFORMAT, "is no safetensors file, or its header is over %d bytes",
                   HEADER_MAX);
  if (len > size - PREFIX)
    return mn_fail(err, MOON_EFORMAT, "is cut short: a header of %zu bytes, %zu are there",
                   (size_t)len, size - PREFIX);
  size_t data = PREFIX + (size_t)len;
  mn_arena_growing(scratch, arena->alloc, header_memory((size_t)len));
  moon_status status = read_header(scratch, (const char *)bytes + PREFIX, (size_t)len,
                                   size - data, &entries, &n, err);
  if (status != MOON_OK) return status;
  status = make_spans(arena, entries, n, bytes + data, spans, err);
  if (status == MOON_OK) *count = n;
  return status;
}

moon_status mn_safetensors_parse(mn_arena *arena, const uint8_t *bytes, size_t size,
                                 const char *name, mn_span **spans, size_t *count,
                                 moon_error *err) {
  mn_arena scratch;
  mn_arena_growing(&scratch, arena->alloc, 0);
  *spans = NULL;
  *count = 0;
  moon_status status = parse(arena, &scratch, bytes, size, spans, count, err);
  mn_arena_free(&scratch);
  return status == MOON_OK ? MOON_OK : mn_fail_in(err, status, name);
}

/* ---- writing ---- */

typedef struct text { char *at; } text;

static void put_text(text *t, const char *s) {
  size_t n = strlen(s);
  memcpy(t->at, s, n);
  t->at += n;
}

static void put_size(text *t, size_t n) { t->at += sprintf(t->at, "%zu", n); }

static void put_name(text *t, const char *name) {
  *t->at++ = '"';
  for (; *name; name++) {
    if ((uint8_t)*name < 32) {
      t->at += sprintf(t->at, "\\u%04x", (unsigned)*name);
      continue;
    }
    if (*name == '"' || *name == '\\') *t->at++ = '\\';
    *t->at++ = *name;
  }
  *t->at++ = '"';
}

/* Bytes that put_entry may need: an escape has six, a size twenty. */
static bool entry_room(const mn_span *span, size_t *total) {
  size_t bytes;
  return mn_size_mul(strlen(span->name), 6, &bytes) &&
         mn_size_add(bytes, 128 + 24 * MOON_MAX_RANK, &bytes) &&
         mn_size_add(*total, bytes, total);
}

static void put_entry(text *t, const mn_span *span, size_t begin) {
  put_name(t, span->name);
  put_text(t, ":{\"dtype\":\"");
  put_text(t, mn_file_dtype_of(span->dtype)->name);
  put_text(t, "\",\"shape\":[");
  for (int i = 0; i < span->rank; i++) {
    if (i > 0) put_text(t, ",");
    put_size(t, span->shape[i]);
  }
  put_text(t, "],\"data_offsets\":[");
  put_size(t, begin);
  put_text(t, ",");
  put_size(t, begin + span->size);
  put_text(t, "]}");
}

static moon_status check_span(const mn_span *span, moon_error *err) {
  size_t count, bytes;
  const mn_file_dtype *dtype = mn_file_dtype_of(span->dtype);
  if (span->foreign || !dtype || span->rank < 0 || span->rank > MOON_MAX_RANK ||
      !mn_span_measure(dtype, span->rank, span->shape, &count, &bytes) || bytes != span->size ||
      (!span->bytes && bytes > 0))
    return mn_fail(err, MOON_EARG, "tensor '%s' is no whole array of a dtype that moonlet has",
                   mn_show(span->name, strlen(span->name)).text);
  return MOON_OK;
}

/* Wider dtypes first: then every offset is a multiple of its dtype's size. */
static bool wider(const void *a, const void *b) {
  const mn_span *x = *(const mn_span *const *)a, *y = *(const mn_span *const *)b;
  size_t x_bits = mn_file_dtype_of(x->dtype)->bits, y_bits = mn_file_dtype_of(y->dtype)->bits;
  return x_bits != y_bits ? x_bits > y_bits : x < y;
}

/* Into scratch: the spans in the order of the file, and its header, padded and proven. */
static moon_status make_header(mn_arena *scratch, const mn_span *spans, size_t n,
                               const mn_span ***order, char **header, size_t *len,
                               moon_error *err) {
  size_t room = 16, buffer = 0, order_bytes, count;
  if (!mn_size_mul(n, sizeof **order, &order_bytes)) return mn_fail_memory(err, "header", SIZE_MAX);
  *order = mn_arena_take(scratch, order_bytes);
  if (!*order) return mn_fail_memory(err, "header", order_bytes);
  for (size_t i = 0; i < n; i++) {
    moon_status status = check_span(&spans[i], err);
    if (status != MOON_OK) return status;
    if (!entry_room(&spans[i], &room) || !mn_size_add(buffer, spans[i].size, &buffer))
      return mn_fail(err, MOON_EARG, "the tensors are too large for one file");
    (*order)[i] = &spans[i];
  }
  mn_sort(*order, n, sizeof **order, wider);
  *header = mn_arena_take(scratch, room);
  if (!*header) return mn_fail_memory(err, "header", room);
  text t = {*header};
  size_t begin = 0;
  put_text(&t, "{");
  for (size_t i = 0; i < n; i++) {
    if (i > 0) put_text(&t, ",");
    put_entry(&t, (*order)[i], begin);
    begin += (*order)[i]->size;
  }
  put_text(&t, "}");
  while ((t.at - *header) % 8 != 0) put_text(&t, " ");
  *len = (size_t)(t.at - *header);
  if (*len > HEADER_MAX) return mn_fail(err, MOON_EARG, "the header is too large");
  entry *entries;
  moon_status status = read_header(scratch, *header, *len, buffer, &entries, &count, err);
  if (status == MOON_EFORMAT && err) err->code = MOON_EARG;
  return status == MOON_EFORMAT ? MOON_EARG : status;
}

static moon_status write_file(mn_writer *writer, const mn_span **order, size_t n,
                              const char *header, size_t len, moon_error *err) {
  uint8_t prefix[PREFIX];
  for (int i = 0; i < PREFIX; i++) prefix[i] = (uint8_t)((uint64_t)len >> 8 * i);
  moon_status status = mn_writer_append(writer, prefix, PREFIX, err);
  if (status == MOON_OK) status = mn_writer_append(writer, header, len, err);
  for (size_t i = 0; i < n && status == MOON_OK; i++)
    status = mn_writer_append(writer, order[i]->bytes, order[i]->size, err);
  return status;
}

moon_status mn_safetensors_save(const mn_alloc *alloc, const char *path, const mn_span *spans,
                                size_t n, moon_error *err) {
  mn_arena scratch;
  mn_writer *writer = NULL;
  const mn_span **order = NULL;
  char *header = NULL;
  size_t len = 0;
  mn_arena_growing(&scratch, *alloc, SIZE_MAX);
  moon_status status = make_header(&scratch, spans, n, &order, &header, &len, err);
  if (status != MOON_OK) {
    mn_fail_in(err, status, path);
    goto done;
  }
  status = mn_writer_open(alloc, path, &writer, err);
  if (status != MOON_OK) goto done;
  status = write_file(writer, order, n, header, len, err);
  if (status == MOON_OK) {
    status = mn_writer_commit(writer, err);
    writer = NULL;
  }
done:
  mn_writer_discard(writer);
  mn_arena_free(&scratch);
  return status;
}
