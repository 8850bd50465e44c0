/* safetensors_save.c: writing; see safetensors.h.
**
** How: the order of the tensors and the header are made from shapes alone, and handed to the
** reader's own checks before a file is touched, so that what is written can be read. Then bytes are
** appended in that order, to the temporary file that mn_writer keeps until the end. */
#include <stdio.h>
#include <string.h>

#include "core/base/blocks.h"
#include "core/base/file.h"
#include "core/base/size.h"
#include "core/formats/safetensors.h"

enum { PREFIX = 8, ALIGN = 64 };

struct mn_saver {
  mn_arena arena;               /* the saver's own scratch: order, header */
  mn_writer *writer;
  const mn_span *spans;
  const mn_span **order;        /* (n), as they lie in the file */
  char *header;
  size_t header_len;
  size_t n, done;
};

/* ---- the header's text ---- */

typedef struct text { char *at; } text;

static void put_text(text *t, const char *s) {
  size_t n = strlen(s);
  memcpy(t->at, s, n);
  t->at += n;
}

static void put_size(text *t, size_t n) { t->at += sprintf(t->at, "%zu", n); }

/* The inside of a JSON string. */
static void put_escaped(text *t, const char *name) {
  for (; *name; name++) {
    if ((uint8_t)*name < 32) {
      t->at += sprintf(t->at, "\\u%04x", (unsigned)*name);
      continue;
    }
    if (*name == '"' || *name == '\\') *t->at++ = '\\';
    *t->at++ = *name;
  }
}

/* Bytes that a span may need in the header and the metadata: an escape has six, a size twenty. */
static bool entry_room(const mn_span *span, size_t *total) {
  size_t bytes;
  return mn_size_mul(strlen(span->name), 2 * 6, &bytes) &&
         mn_size_add(bytes, 256 + 24 * MOON_MAX_RANK, &bytes) &&
         mn_size_add(*total, bytes, total);
}

static void put_entry(text *t, const mn_span *span, size_t begin) {
  put_text(t, ",\"");
  put_escaped(t, span->name);
  put_text(t, "\":{\"dtype\":\"");
  put_text(t, mn_file_dtype_of(span->dtype)->name);
  put_text(t, "\",\"shape\":[");
  if (mn_is_quant(span->dtype)) put_size(t, span->size);
  for (int i = 0; i < span->rank && !mn_is_quant(span->dtype); i++) {
    if (i > 0) put_text(t, ",");
    put_size(t, span->shape[i]);
  }
  put_text(t, "],\"data_offsets\":[");
  put_size(t, begin);
  put_text(t, ",");
  put_size(t, begin + span->size);
  put_text(t, "]}");
}

/* What the matrices in blocks are; nothing when there are none. */
static void put_metadata(text *t, const mn_span *const *order, size_t n) {
  bool any = false;
  for (size_t i = 0; i < n; i++) {
    const mn_span *span = order[i];
    if (!mn_is_quant(span->dtype)) continue;
    if (!any) put_text(t, ",\"__metadata__\":{\"" MN_BLOCKS_KEY "\":\"" MN_BLOCKS_VERSION "\"");
    any = true;
    put_text(t, ",\"" MN_BLOCKS_KEY ":");
    put_escaped(t, span->name);
    put_text(t, span->dtype == MOON_Q8 ? "\":\"q8 " : "\":\"q4 ");
    put_size(t, span->shape[0]);
    put_text(t, " ");
    put_size(t, span->shape[1]);
    put_text(t, "\"");
  }
  if (any) put_text(t, "}");
}

/* ---- order ---- */

static moon_status check_span(const mn_span *span, moon_error *err) {
  size_t count, bytes = 0;
  const mn_file_dtype *dtype = mn_file_dtype_of(span->dtype);
  bool ok = !span->foreign && dtype && span->rank >= 0 && span->rank <= MOON_MAX_RANK;
  if (ok && mn_is_quant(span->dtype))
    ok = span->rank == 2 && mn_quant_bytes(span->dtype, span->shape[0], span->shape[1], &bytes);
  else if (ok)
    ok = mn_span_measure(dtype, span->rank, span->shape, &count, &bytes);
  if (ok && bytes == span->size) return MOON_OK;
  return mn_fail(err, MOON_EARG, "tensor '%s' is no whole array of a dtype that moonlet has",
                 mn_show(span->name, strlen(span->name)).text);
}

/* Blocks whose size keeps what follows aligned, other blocks (multiples of 32 bytes), then dtypes
** by width: then every offset is a multiple of what its dtype wants. */
static size_t rank_of(const mn_span *span) {
  if (mn_is_quant(span->dtype)) return span->size % ALIGN == 0 ? 1000 : 999;
  return mn_file_dtype_of(span->dtype)->bits;
}

static bool earlier(const void *a, const void *b) {
  const mn_span *x = *(const mn_span *const *)a, *y = *(const mn_span *const *)b;
  size_t x_rank = rank_of(x), y_rank = rank_of(y);
  return x_rank != y_rank ? x_rank > y_rank : x < y;
}

/* The spans in the order of the file, and its header, padded and proven. */
static moon_status make_header(mn_saver *s, moon_error *err) {
  size_t room = ALIGN + 128, buffer = 0, order_bytes, begin = 0;
  if (!mn_size_mul(s->n, sizeof *s->order, &order_bytes))
    return mn_fail_memory(err, "header", SIZE_MAX);
  s->order = mn_arena_take(&s->arena, order_bytes);
  if (!s->order) return mn_fail_memory(err, "header", order_bytes);
  for (size_t i = 0; i < s->n; i++) {
    moon_status status = check_span(&s->spans[i], err);
    if (status != MOON_OK) return status;
    if (!entry_room(&s->spans[i], &room) || !mn_size_add(buffer, s->spans[i].size, &buffer))
      return mn_fail(err, MOON_EARG, "the tensors are too large for one file");
    s->order[i] = &s->spans[i];
  }
  mn_sort(s->order, s->n, sizeof *s->order, earlier);
  s->header = mn_arena_take(&s->arena, room);
  if (!s->header) return mn_fail_memory(err, "header", room);
  text t = {s->header};
  put_metadata(&t, s->order, s->n);
  for (size_t i = 0; i < s->n; i++) {
    put_entry(&t, s->order[i], begin);
    begin += s->order[i]->size;
  }
  if (t.at == s->header) put_text(&t, "{");
  else s->header[0] = '{';              /* in place of the first comma */
  put_text(&t, "}");
  while ((PREFIX + (t.at - s->header)) % ALIGN != 0) put_text(&t, " ");
  s->header_len = (size_t)(t.at - s->header);
  moon_status status = mn_safetensors_check(&s->arena, s->header, s->header_len, buffer, err);
  if (status == MOON_EFORMAT && err) err->code = MOON_EARG;
  return status == MOON_EFORMAT ? MOON_EARG : status;
}

/* ---- the file ---- */

static moon_status put_header(mn_saver *s, moon_error *err) {
  uint8_t prefix[PREFIX];
  for (int i = 0; i < PREFIX; i++) prefix[i] = (uint8_t)((uint64_t)s->header_len >> 8 * i);
  moon_status status = mn_writer_append(s->writer, prefix, PREFIX, err);
  if (status == MOON_OK) status = mn_writer_append(s->writer, s->header, s->header_len, err);
  return status;
}

moon_status mn_saver_begin(const mn_alloc *alloc, const char *path, const mn_span *spans, size_t n,
                           mn_saver **saver, moon_error *err) {
  *saver = NULL;
  mn_saver *s = mn_new_zero(alloc, sizeof *s);
  if (!s) return mn_fail_memory(err, path, sizeof *s);
  mn_arena_growing(&s->arena, *alloc, SIZE_MAX);
  s->spans = spans;
  s->n = n;
  moon_status status = make_header(s, err);
  if (status != MOON_OK) mn_fail_in(err, status, path);
  if (status == MOON_OK) status = mn_writer_open(alloc, path, &s->writer, err);
  if (status == MOON_OK) status = put_header(s, err);
  if (status != MOON_OK) return mn_saver_discard(s), status;
  *saver = s;
  return MOON_OK;
}

size_t mn_saver_next(const mn_saver *s) {
  return s->done < s->n ? (size_t)(s->order[s->done] - s->spans) : s->n;
}

moon_status mn_saver_put(mn_saver *s, const void *bytes, moon_error *err) {
  const mn_span *span = s->order[s->done++];
  return mn_writer_append(s->writer, bytes, span->size, err);
}

moon_status mn_saver_end(mn_saver *s, moon_error *err) {
  moon_status status = mn_writer_commit(s->writer, err);
  s->writer = NULL;
  mn_saver_discard(s);
  return status;
}

void mn_saver_discard(mn_saver *s) {
  if (!s) return;
  mn_alloc alloc = s->arena.alloc;
  mn_writer_discard(s->writer);
  mn_arena_free(&s->arena);
  mn_free(&alloc, s);
}

static moon_status check_bytes(const mn_span *spans, size_t n, moon_error *err) {
  for (size_t i = 0; i < n; i++)
    if (!spans[i].bytes && spans[i].size > 0)
      return mn_fail(err, MOON_EARG, "tensor '%s' has no bytes",
                     mn_show(spans[i].name, strlen(spans[i].name)).text);
  return MOON_OK;
}

moon_status mn_safetensors_save(const mn_alloc *alloc, const char *path, const mn_span *spans,
                                size_t n, moon_error *err) {
  mn_saver *saver;
  moon_status status = check_bytes(spans, n, err);
  if (status != MOON_OK) return mn_fail_in(err, status, path);
  status = mn_saver_begin(alloc, path, spans, n, &saver, err);
  if (status != MOON_OK) return status;
  for (size_t i = 0; i < n && status == MOON_OK; i++)
    status = mn_saver_put(saver, spans[mn_saver_next(saver)].bytes, err);
  if (status == MOON_OK) return mn_saver_end(saver, err);
  mn_saver_discard(saver);
  return status;
}
