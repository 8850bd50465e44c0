/* gguf.h: GGUF files, the format of llama.cpp (github.com/ggml-org/ggml, docs/gguf.md).
**
** Layout, little-endian: "GGUF"; u32 version (2 and 3 are alike); u64 tensors, u64 values; the
** values, each a string key, a u32 type and what it says; the tensors, each a string name, u32
** dims, u64 each (fastest first), a u32 type and a u64 offset; padding to "general.alignment"
** (32); data. A string is a u64 length and its bytes; an array is a u32 type, a u64 count and
** its elements. Q8_0: blocks of 32 weights, an f16 scale and 32 int8. Q4_0: an f16 scale and
** 16 bytes, byte i with weight i in its low and weight i + 16 in its high half, each (half -
** 8) * scale.
**
** Checked before it is believed: counts against the bytes that are left, lengths, types, dims
** and their products, an alignment that is a power of two up to 64 KiB, no name twice, and
** tensors that lie in the file one behind the other: no overlap, no hole but padding, nothing
** behind the last. Refused: big-endian files, version 1, arrays of arrays, types of tensors
** that are not known.
**
** Files of the architecture "llama" are shown as Hugging Face's: tensors by its names, and the
** rows of q and k in its order. llama.cpp turns pairs (2i, 2i + 1) where Hugging Face turns
** (i, i + K/2), so its converter deals each head's rows out that way; see mn_gguf_row. */
#ifndef MOON_FORMATS_GGUF_H
#define MOON_FORMATS_GGUF_H

#include "core/base/file.h"
#include "core/formats/span.h"

typedef enum mn_gguf_type {     /* of values; the numbers are the file's */
  MN_GGUF_U8, MN_GGUF_I8, MN_GGUF_U16, MN_GGUF_I16, MN_GGUF_U32, MN_GGUF_I32, MN_GGUF_F32,
  MN_GGUF_BOOL, MN_GGUF_STRING, MN_GGUF_ARRAY, MN_GGUF_U64, MN_GGUF_I64, MN_GGUF_F64
} mn_gguf_type;

enum { MN_GGML_F32 = 0, MN_GGML_F16 = 1, MN_GGML_Q4_0 = 2, MN_GGML_Q8_0 = 8, MN_GGML_BF16 = 30 };
enum { MN_GGUF_DIMS = 4, MN_GGUF_ALIGN = 32, MN_GGML_BLOCK = 32 };

typedef struct mn_ggml {        /* a type of tensors */
  uint32_t type;
  const char *name;             /* "Q4_K" */
  size_t block, bytes;          /* a row is whole blocks; bytes of one */
  bool ours;                    /* read and written here */
} mn_ggml;

/* By the file's number; NULL when there is no such type. */
const mn_ggml *mn_ggml_find(uint32_t type);

/* ---- reading ---- */

typedef struct mn_gguf_value {
  const char *key;              /* in the file; no NUL behind it */
  size_t key_len;
  mn_gguf_type type;            /* of an array: of its elements */
  bool array;
  size_t count;                 /* elements; 1 when it is no array */
  const uint8_t *bytes;         /* the first element, at any alignment */
  size_t size;                  /* bytes of all elements */
} mn_gguf_value;

typedef struct mn_gguf_tensor {
  const char *name;             /* in the arena, ends in NUL */
  const mn_ggml *type;
  int rank;
  size_t shape[MN_GGUF_DIMS];   /* as everywhere in moonlet: the fastest dim last */
  size_t offset, size;          /* in the data; bytes */
} mn_gguf_tensor;

typedef struct mn_gguf {
  const char *name;             /* begins error sentences */
  const mn_gguf_value *values;  /* in the file's order */
  const mn_name *keys;          /* values by key */
  size_t n_values;
  const mn_gguf_tensor *tensors;
  size_t n_tensors;
  const uint8_t *data;
} mn_gguf;

/* Reads the header and checks all of it. The tables live in the arena, what they point to in
** bytes and name. */
moon_status mn_gguf_read(mn_arena *arena, const uint8_t *bytes, size_t size, const char *name,
                         mn_gguf *file, moon_error *err);

/* NULL when the file has no such key. */
const mn_gguf_value *mn_gguf_find(const mn_gguf *file, const char *key);
/* One value as what it has to be. A missing key leaves *out as it was and is no error; another
** type, or a number outside [least, most], is one. */
moon_status mn_gguf_whole(const mn_gguf *file, const char *key, int64_t least, int64_t most,
                          int64_t *out, moon_error *err);
moon_status mn_gguf_number(const mn_gguf *file, const char *key, double *out, moon_error *err);
moon_status mn_gguf_flag(const mn_gguf *file, const char *key, bool *out, moon_error *err);
moon_status mn_gguf_text(const mn_gguf *file, const char *key, const char **text, size_t *len,
                         moon_error *err);
/* An array of that type and, where count is not SIZE_MAX, of that many elements; *out is NULL for
** a missing key. */
moon_status mn_gguf_array(const mn_gguf *file, const char *key, mn_gguf_type type, size_t count,
                          const mn_gguf_value **out, moon_error *err);
/* The next element of an array of strings; *at is where the last one ended, from 0. It lies within
** the array, even where a mapped file has been written to since it was checked. */
void mn_gguf_next(const mn_gguf_value *array, size_t *at, const char **text, size_t *len);
/* Whether the string value is there and is text. */
bool mn_gguf_is(const mn_gguf *file, const char *key, const char *text);

/* ---- tensors, as other checkpoints have them ---- */

/* Whether a path means a GGUF file, by its last letters; not where it is a directory. */
bool mn_gguf_is_path(const char *path);
/* As mn_safetensors_parse. Q8_0 and Q4_0 are to become F32; they, q and k have recipes. Types that
** are not read here are foreign spans. The spans borrow bytes. */
moon_status mn_gguf_parse(mn_arena *arena, const uint8_t *bytes, size_t size, const char *name,
                          mn_span **spans, size_t *count, moon_error *err);

enum { MN_GGUF_NAME_MAX = 64 };         /* llama.cpp's limit, the NUL included */
typedef struct mn_gguf_name { char text[MN_GGUF_NAME_MAX]; } mn_gguf_name;

/* Names of the architecture "llama": false when the other side has none. to must have room for
** MN_NAME_MAX + 1 bytes. */
bool mn_gguf_name_in(const char *gguf, char *to);
/* For a model that runs each layer so many times in a row: the name of one run's block. */
bool mn_gguf_name_out(const char *name, int32_t runs, int32_t run, mn_gguf_name *to);

/* Where row r of a q or k of Hugging Face's lies in the file, heads of K rows each; and back. */
static inline size_t mn_gguf_row(size_t r, size_t K) {
  size_t in = r % K;
  return r - in + in % (K / 2) * 2 + in / (K / 2);
}
static inline size_t mn_gguf_row_back(size_t r, size_t K) {
  size_t in = r % K;
  return r - in + in / 2 + in % 2 * (K / 2);
}

/* y (n) := a row of blocks or numbers of one of our types, exactly. */
void mn_ggml_widen(const mn_ggml *type, float *y, const uint8_t *row, size_t n);
/* The opposite, each weight rounded to the nearest that the type has; n is whole blocks. Q8_0 and
** Q4_0 choose scales as llama.cpp's reference does. False when a weight is infinite, NaN or too
** large for a scale. */
bool mn_ggml_narrow(const mn_ggml *type, uint8_t *row, const float *x, size_t n);

/* ---- writing ---- */

/* A header as it grows. The first failure stays; later calls do nothing, and mn_gguf_begin gives
** it back. Begin with (mn_gguf_header){.alloc = alloc}; keys and names end in NUL. */
typedef struct mn_gguf_header {
  const mn_alloc *alloc;
  uint8_t *values, *tensors;
  size_t values_len, values_cap, tensors_len, tensors_cap;
  uint64_t n_values, n_tensors;
  size_t data;                  /* bytes of all tensors so far, padded */
  bool failed;
} mn_gguf_header;

void mn_gguf_put_whole(mn_gguf_header *h, const char *key, uint32_t value);
void mn_gguf_put_number(mn_gguf_header *h, const char *key, float value);
void mn_gguf_put_flag(mn_gguf_header *h, const char *key, bool value);
void mn_gguf_put_text(mn_gguf_header *h, const char *key, const char *text, size_t len);
/* Elements follow by mn_gguf_put_element (of strings) or mn_gguf_put_raw. */
void mn_gguf_put_array(mn_gguf_header *h, const char *key, mn_gguf_type type, size_t count);
void mn_gguf_put_element(mn_gguf_header *h, const char *text, size_t len);
void mn_gguf_put_raw(mn_gguf_header *h, const void *bytes, size_t size);
/* shape as everywhere in moonlet. Data comes in the order of these calls, each tensor followed by
** mn_gguf_pad of its bytes. */
void mn_gguf_put_tensor(mn_gguf_header *h, const char *name, const mn_ggml *type, int rank,
                        const size_t *shape);
/* Opens path and writes the header. */
moon_status mn_gguf_begin(mn_gguf_header *h, const char *path, mn_writer **writer,
                          moon_error *err);
moon_status mn_gguf_pad(mn_writer *writer, size_t size, moon_error *err);
void mn_gguf_header_free(mn_gguf_header *h);

#endif
