/* check_spans.h: what the fuzzers of weight formats ask of every file that opens. */
#ifndef MOON_SPEC_CHECK_SPANS_H
#define MOON_SPEC_CHECK_SPANS_H

#include <stdlib.h>
#include <string.h>

#include "core/formats/span.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

typedef moon_status span_parser(mn_arena *arena, const uint8_t *bytes, size_t size,
                                const char *name, mn_span **spans, size_t *count,
                                moon_error *err);

/* Touches the ends of each span, so that AddressSanitizer sees one that reaches out. */
static inline void check_spans(const mn_span *spans, size_t count) {
  volatile uint8_t sink = 0;
  for (size_t i = 0; i < count; i++) {
    const mn_span *s = &spans[i];
    if (!mn_span_name_ok(s->name, strlen(s->name)) || s->rank > MOON_MAX_RANK) abort();
    if (s->foreign) continue;
    const mn_file_dtype *dtype = mn_file_dtype_of(s->dtype);
    size_t elements, bytes;
    if (!mn_span_measure(dtype, s->rank, s->shape, &elements, &bytes) || bytes != s->size) abort();
    if ((uintptr_t)s->bytes % (dtype->bits / 8) != 0) abort();
    const uint8_t *p = s->bytes;
    if (s->size > 0) sink = p[0] ^ p[s->size / 2] ^ p[s->size - 1];
  }
  (void)sink;
}

static inline void parse_and_check(span_parser *parse, const uint8_t *data, size_t size) {
  mn_span *spans;
  size_t count;
  moon_error err;
  mn_arena arena;
  mn_arena_growing(&arena, mn_alloc_default(NULL, NULL), (size_t)256 << 20);
  moon_status status = parse(&arena, data, size, "file", &spans, &count, &err);
  if (status == MOON_OK) {
    if (mn_spans_fill(spans, count, &arena, &err) == MOON_OK) check_spans(spans, count);
  } else if (spans || count || err.code != status || !*err.message) {
    abort();
  }
  mn_arena_free(&arena);
}

#endif
