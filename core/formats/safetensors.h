/* safetensors.h: a length, a JSON header, a buffer: huggingface.co/docs/safetensors.
**
** Layout: u64 little-endian n; n bytes of JSON, an object from names to {"dtype", "shape",
** "data_offsets": [begin, end)} and perhaps "__metadata__", an object of strings; then the
** buffer. Checked: everything that the reference reader checks (n <= 100,000,000 and inside the
** file, UTF-8, '{' first, known dtypes, whole non-negative numbers without overflow, sizes that
** agree with shapes, ranges that cover the buffer without hole or overlap, nothing behind), and
** besides duplicate names, names over MN_NAME_MAX bytes or with a NUL, ranks over MOON_MAX_RANK. */
#ifndef MOON_FORMATS_SAFETENSORS_H
#define MOON_FORMATS_SAFETENSORS_H

#include "core/formats/span.h"

/* The tensors of a file that is in memory, in the order of the buffer. Spans point into bytes,
** which must outlive them, or (misaligned ones) into the arena, as names and *spans do. name
** begins error sentences. */
moon_status mn_safetensors_parse(mn_arena *arena, const uint8_t *bytes, size_t size,
                                 const char *name, mn_span **spans, size_t *count,
                                 moon_error *err);

/* Writes a file as mn_writer does. Wider dtypes come first, so that every tensor is aligned; the
** header is padded with spaces to 8 bytes. MOON_EARG for what the reader would refuse. */
moon_status mn_safetensors_save(const mn_alloc *alloc, const char *path, const mn_span *spans,
                                size_t n, moon_error *err);

#endif
