/* safetensors.h: a length, a JSON header, a buffer: huggingface.co/docs/safetensors.
**
** Layout: u64 little-endian n; n bytes of JSON, an object from names to {"dtype", "shape",
** "data_offsets": [begin, end)} and perhaps "__metadata__", an object of strings; then the
** buffer. Checked: everything that the reference reader checks (n <= 100,000,000 and inside the
** file, UTF-8, '{' first, known dtypes, whole non-negative numbers without overflow, sizes that
** agree with shapes, ranges that cover the buffer without hole or overlap, nothing behind), and
** besides duplicate names, names over MN_NAME_MAX bytes or with a NUL, ranks over MOON_MAX_RANK.
**
** Matrices in blocks of 8 and 4 bits (kernels/kernels.h) keep such a file valid for every reader:
** their bytes are a tensor of dtype U8 and one dim, and "__metadata__" says what they stand for,
**   {"moonlet": "1", "moonlet:NAME": "q4 ROWS N", ...},
** where 1 is the version of the layout and of the code books. Checked: another version is refused;
** each such line names a U8 tensor of the file whose size is exactly that of the matrix. */
#ifndef MOON_FORMATS_SAFETENSORS_H
#define MOON_FORMATS_SAFETENSORS_H

#include "core/formats/span.h"

#define MN_BLOCKS_KEY "moonlet"
#define MN_BLOCKS_VERSION "1"

/* The tensors of a file that is in memory, in the order of the buffer. Spans point into bytes,
** which must outlive them, or (misaligned ones) into the arena, as names and *spans do. name
** begins error sentences. */
moon_status mn_safetensors_parse(mn_arena *arena, const uint8_t *bytes, size_t size,
                                 const char *name, mn_span **spans, size_t *count,
                                 moon_error *err);
/* Whether a header of len bytes for a buffer of that size would be read; its tree is in scratch. */
moon_status mn_safetensors_check(mn_arena *scratch, const char *header, size_t len, size_t buffer,
                                 moon_error *err);

/* Writes a file as mn_writer does. Blocks come first, then the wider dtypes, so that every tensor
** is aligned; the header is padded with spaces so that the buffer begins at a multiple of 64, and
** every matrix of blocks at a multiple of 64 (of 32 where an odd number of its rows' blocks leaves
** no other place). MOON_EARG for what the reader would refuse. */
moon_status mn_safetensors_save(const mn_alloc *alloc, const char *path, const mn_span *spans,
                                size_t n, moon_error *err);

/* The same tensor by tensor, for contents that are not all in memory at once. begin takes spans
** whose bytes are not looked at, and which must live until the end; next tells which of them the
** file wants now (n when it has them all); put appends its bytes, span.size of them. end, after
** the last, puts the file in place; both end and discard free the saver. */
typedef struct mn_saver mn_saver;
moon_status mn_saver_begin(const mn_alloc *alloc, const char *path, const mn_span *spans, size_t n,
                           mn_saver **saver, moon_error *err);
size_t mn_saver_next(const mn_saver *saver);
moon_status mn_saver_put(mn_saver *saver, const void *bytes, moon_error *err);
moon_status mn_saver_end(mn_saver *saver, moon_error *err);
void mn_saver_discard(mn_saver *saver);         /* accepts NULL */

#endif
