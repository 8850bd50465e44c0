/* safetensors.c: reading; see safetensors.h.
**
** How: the header becomes entries (a span and its range in the buffer), sorted by range, each
** beginning where the last one ended. Invariant: no offset is added to a pointer before the whole
** header is known to fit the buffer. Not here: writing (safetensors_save.c). */
#include "core/formats/safetensors.h"

#include <stdio.h>
#include <string.h>

#include "core/base/blocks.h"
#include "core/base/json.h"
#include "core/base/size.h"

enum { HEADER_MAX = 100000000, PREFIX = 8 };

typedef struct entry {
  mn_span span;                 /* bytes not set */
  const mn_file_dtype *dtype;
  size_t begin, end;
  bool blocks;                  /* span has the matrix's own dtype and shape, not the file's */
} entry;

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
  e->blocks = false;
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

/* ---- matrices in blocks ---- */

static const char blocks_prefix[] = MN_BLOCKS_KEY ":";
enum { BLOCKS_PREFIX = sizeof blocks_prefix - 1 };

/* A decimal without leading zeros at *at, which moves behind it. */
static bool take_size(const char **at, size_t *out) {
  size_t value = 0;
  const char *p = *at;
  if (*p < '1' || *p > '9') return false;
  for (; *p >= '0' && *p <= '9'; p++)
    if (!mn_size_mul(value, 10, &value) || !mn_size_add(value, (size_t)(*p - '0'), &value))
      return false;
  *at = p;
  *out = value;
  return true;
}

/* "q4 ROWS N" */
static bool read_note(const mn_json *note, moon_dtype *dtype, size_t *rows, size_t *n) {
  const char *at = note->text + 3;
  if (strncmp(note->text, "q8 ", 3) == 0) *dtype = MOON_Q8;
  else if (strncmp(note->text, "q4 ", 3) == 0) *dtype = MOON_Q4;
  else return false;
  if (!take_size(&at, rows) || *at++ != ' ' || !take_size(&at, n)) return false;
  return at == note->text + note->text_len;
}

/* What the metadata says of the tensor, if anything: *noted counts. */
static moon_status read_blocks(const mn_json *metadata, const mn_json *node, entry *e,
                               size_t *noted, moon_error *err) {
  char key[BLOCKS_PREFIX + MN_NAME_MAX + 1];
  moon_dtype dtype;
  size_t rows, n, bytes;
  snprintf(key, sizeof key, "%s%s", blocks_prefix, e->span.name);
  const mn_json *note = mn_json_get(metadata, key);
  if (!note) return MOON_OK;
  ++*noted;
  if (!read_note(note, &dtype, &rows, &n))
    return mn_fail(err, MOON_EFORMAT, "tensor '%s' has the type '%s' in __metadata__; wants "
                   "'q8 ROWS N' or 'q4 ROWS N'", mn_show(node->key, node->key_len).text,
                   mn_show(note->text, note->text_len).text);
  if (e->dtype != mn_file_dtype_of(dtype) || e->span.rank != 1)
    return fail_tensor(err, node, "is no U8 array of one dim, as a matrix of blocks is stored");
  if (!mn_quant_bytes(dtype, rows, n, &bytes) || bytes != e->span.size)
    return mn_fail(err, MOON_EFORMAT, "tensor '%s' has %zu bytes, which is not the size of a "
                   "matrix '%s'", mn_show(node->key, node->key_len).text, e->span.size, note->text);
  e->blocks = true;
  e->span.dtype = dtype;
  e->span.rank = 2;
  e->span.shape[0] = rows;
  e->span.shape[1] = n;
  return MOON_OK;
}

/* The lines of the metadata that speak of blocks are those `noted` that tensors have asked for. */
static moon_status check_notes(const mn_json *metadata, size_t noted, moon_error *err) {
  size_t lines = 0;
  const mn_json *version = mn_json_get(metadata, MN_BLOCKS_KEY);
  for (const mn_json *m = metadata ? metadata->first : NULL; m; m = m->next)
    lines += m->key_len >= BLOCKS_PREFIX && memcmp(m->key, blocks_prefix, BLOCKS_PREFIX) == 0;
  if (lines == 0) return MOON_OK;
  if (!version || strcmp(version->text, MN_BLOCKS_VERSION) != 0)
    return mn_fail(err, version ? MOON_ESUPPORT : MOON_EFORMAT, "__metadata__ tells of matrices in "
                   "blocks of version '%s'; version '%s' is known",
                   version ? mn_show(version->text, version->text_len).text : "",
                   MN_BLOCKS_VERSION);
  if (lines != noted)
    return mn_fail(err, MOON_EFORMAT, "__metadata__ tells of %zu matrices in blocks, %zu of them "
                   "are there", lines, noted);
  return MOON_OK;
}

/* ---- the whole ---- */

/* The header's entries, in the order of the buffer; they and their names live in scratch. */
static moon_status read_header(mn_arena *scratch, const char *text, size_t len, size_t buffer,
                               entry **entries, size_t *count, moon_error *err) {
  const mn_json *root;
  size_t n = 0, noted = 0, bytes;
  if (len == 0 || text[0] != '{')
    return mn_fail(err, MOON_EFORMAT, "the header does not begin with '{'");
  moon_status status = mn_json_parse(scratch, text, len, "header", &root, err);
  if (status != MOON_OK) return status;
  if (!mn_size_mul(root->count, sizeof(entry), &bytes))
    return mn_fail_memory(err, "header", SIZE_MAX);
  *entries = mn_arena_take(scratch, bytes);
  if (!*entries) return mn_fail_memory(err, "header", bytes);
  const mn_json *metadata = mn_json_get(root, "__metadata__");
  if (metadata && (status = check_metadata(metadata, err)) != MOON_OK) return status;
  for (const mn_json *node = root->first; node; node = node->next) {
    if (node == metadata) continue;
    entry *e = &(*entries)[n++];
    status = read_entry(node, e, err);
    if (status == MOON_OK) status = read_blocks(metadata, node, e, &noted, err);
    if (status != MOON_OK) return status;
  }
  status = check_notes(metadata, noted, err);
  if (status != MOON_OK) return status;
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
    if (entries[i].blocks) {            /* read byte by byte: any address will do */
      all[i].bytes = buffer + entries[i].begin;
      continue;
    }
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

moon_status mn_safetensors_check(mn_arena *scratch, const char *header, size_t len, size_t buffer,
                                 moon_error *err) {
  entry *entries;
  size_t count;
  if (len > HEADER_MAX) return mn_fail(err, MOON_EFORMAT, "the header is too large");
  return read_header(scratch, header, len, buffer, &entries, &count, err);
}
