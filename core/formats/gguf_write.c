/* gguf_write.c: writing GGUF files; see gguf.h.
**
** How: values and tensors are appended to two growing blocks, because their counts come first
** in the file; offsets follow from shapes. Then the caller streams the data, tensor by tensor.
** Arrays of numbers (mn_gguf_put_raw) and data are written as they lie in memory, so the host
** has to be little-endian, as everywhere where weights are mapped. Not here: what the keys
** are. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "core/base/size.h"
#include "core/formats/gguf.h"
#include "kernels/half.h"

enum { VERSION = 3, HALF_MAX = 65504 };

/* ---- growing blocks ---- */

static void append(mn_gguf_header *h, uint8_t **block, size_t *len, size_t *cap,
                   const void *bytes, size_t n) {
  size_t need;
  if (h->failed || n == 0) return;
  if (!mn_size_add(*len, n, &need)) {
    h->failed = true;
    return;
  }
  if (need > *cap) {
    size_t room = need < SIZE_MAX / 2 ? need * 2 : need;
    uint8_t *grown = mn_resize(h->alloc, *block, room);
    if (!grown) {
      h->failed = true;
      return;
    }
    *block = grown;
    *cap = room;
  }
  memcpy(*block + *len, bytes, n);
  *len = need;
}

static void put(mn_gguf_header *h, const void *bytes, size_t n) {
  append(h, &h->values, &h->values_len, &h->values_cap, bytes, n);
}

static void little(uint8_t bytes[8], uint64_t value) {
  for (int i = 0; i < 8; i++) bytes[i] = (uint8_t)(value >> 8 * i);
}

static void put_number(mn_gguf_header *h, uint64_t value, size_t width) {
  uint8_t bytes[8];
  little(bytes, value);
  put(h, bytes, width);
}

/* ---- values ---- */

void mn_gguf_put_element(mn_gguf_header *h, const char *text, size_t len) {
  put_number(h, len, 8);
  put(h, text, len);
}

void mn_gguf_put_raw(mn_gguf_header *h, const void *bytes, size_t size) { put(h, bytes, size); }

static void put_key(mn_gguf_header *h, const char *key, mn_gguf_type type) {
  mn_gguf_put_element(h, key, strlen(key));
  put_number(h, type, 4);
  h->n_values++;
}

void mn_gguf_put_whole(mn_gguf_header *h, const char *key, uint32_t value) {
  put_key(h, key, MN_GGUF_U32);
  put_number(h, value, 4);
}

void mn_gguf_put_number(mn_gguf_header *h, const char *key, float value) {
  put_key(h, key, MN_GGUF_F32);
  put_number(h, mk_bits_of_f32(value), 4);
}

void mn_gguf_put_flag(mn_gguf_header *h, const char *key, bool value) {
  put_key(h, key, MN_GGUF_BOOL);
  put_number(h, value, 1);
}

void mn_gguf_put_text(mn_gguf_header *h, const char *key, const char *text, size_t len) {
  put_key(h, key, MN_GGUF_STRING);
  mn_gguf_put_element(h, text, len);
}

void mn_gguf_put_array(mn_gguf_header *h, const char *key, mn_gguf_type type, size_t count) {
  put_key(h, key, MN_GGUF_ARRAY);
  put_number(h, type, 4);
  put_number(h, count, 8);
}

/* ---- tensors ---- */

static void put_info(mn_gguf_header *h, uint64_t value, size_t width) {
  uint8_t bytes[8];
  little(bytes, value);
  append(h, &h->tensors, &h->tensors_len, &h->tensors_cap, bytes, width);
}

void mn_gguf_put_tensor(mn_gguf_header *h, const char *name, const mn_ggml *type, int rank,
                        const size_t *shape) {
  size_t len = strlen(name), size;
  put_info(h, len, 8);
  append(h, &h->tensors, &h->tensors_len, &h->tensors_cap, name, len);
  put_info(h, (uint64_t)rank, 4);
  for (int i = rank; i > 0; i--) put_info(h, shape[i - 1], 8);
  put_info(h, type->type, 4);
  put_info(h, h->data, 8);
  h->n_tensors++;
  bool fits = mn_size_product(shape, rank, &size) &&
              mn_size_mul(size / type->block, type->bytes, &size) &&
              mn_size_align(size, MN_GGUF_ALIGN, &size) && mn_size_add(h->data, size, &h->data);
  if (!fits) h->failed = true;
}

/* ---- the file ---- */

moon_status mn_gguf_pad(mn_writer *writer, size_t size, moon_error *err) {
  static const uint8_t zeros[MN_GGUF_ALIGN];
  size_t over = size % MN_GGUF_ALIGN;
  return over ? mn_writer_append(writer, zeros, MN_GGUF_ALIGN - over, err) : MOON_OK;
}

moon_status mn_gguf_begin(mn_gguf_header *h, const char *path, mn_writer **writer,
                          moon_error *err) {
  uint8_t prefix[24] = {'G', 'G', 'U', 'F', VERSION};
  *writer = NULL;
  if (h->failed) return mn_fail_memory(err, path, h->values_len);
  little(prefix + 8, h->n_tensors);
  little(prefix + 16, h->n_values);
  moon_status status = mn_writer_open(h->alloc, path, writer, err);
  if (status == MOON_OK) status = mn_writer_append(*writer, prefix, sizeof prefix, err);
  if (status == MOON_OK) status = mn_writer_append(*writer, h->values, h->values_len, err);
  if (status == MOON_OK) status = mn_writer_append(*writer, h->tensors, h->tensors_len, err);
  if (status == MOON_OK)
    status = mn_gguf_pad(*writer, sizeof prefix + h->values_len + h->tensors_len, err);
  if (status == MOON_OK) return MOON_OK;
  mn_writer_discard(*writer);
  *writer = NULL;
  return status;
}

void mn_gguf_header_free(mn_gguf_header *h) {
  mn_free(h->alloc, h->values);
  mn_free(h->alloc, h->tensors);
  h->values = h->tensors = NULL;
}

/* ---- rows ---- */

/* The weight that is largest without its sign. */
static float extreme(const float *x) {
  float most = 0;
  for (int i = 0; i < MN_GGML_BLOCK; i++)
    if (fabsf(x[i]) > fabsf(most)) most = x[i];
  return most;
}

/* The scale as the reference chooses it; the codes by the scale before it is rounded to f16. */
static bool narrow_block(uint32_t type, uint8_t *block, const float *x) {
  float most = extreme(x);
  float scale = type == MN_GGML_Q8_0 ? fabsf(most) / 127 : most / -8;
  float inverse = fabsf(scale) >= FLT_MIN ? 1 / scale : 0;     /* finite */
  uint8_t *codes = block + sizeof(uint16_t);
  uint16_t half = mk_f16_of_f32(scale);
  if (!(fabsf(scale) <= HALF_MAX)) return false;
  memcpy(block, &half, sizeof half);
  for (int i = 0; i < MN_GGML_BLOCK && type == MN_GGML_Q8_0; i++)
    codes[i] = (uint8_t)(int8_t)roundf(x[i] * inverse);
  for (int i = 0; i < MN_GGML_BLOCK / 2 && type == MN_GGML_Q4_0; i++) {
    int low = (int)(x[i] * inverse + 8.5f);
    int high = (int)(x[i + MN_GGML_BLOCK / 2] * inverse + 8.5f);
    codes[i] = (uint8_t)((low < 15 ? low : 15) | (high < 15 ? high : 15) << 4);
  }
  return true;
}

bool mn_ggml_narrow(const mn_ggml *type, uint8_t *row, const float *x, size_t n) {
  bool finite = true;
  for (size_t i = 0; i < n; i++) finite &= isfinite(x[i]) != 0;
  if (!finite) return false;
  for (size_t i = 0; i < n && type->block == 1; i++, row += type->bytes) {
    uint16_t half = type->type == MN_GGML_F16 ? mk_f16_of_f32(x[i]) : mk_bf16_of_f32(x[i]);
    if (type->type == MN_GGML_F16 && fabsf(x[i]) >= 65520) return false;
    memcpy(row, type->type == MN_GGML_F32 ? (const void *)&x[i] : &half, type->bytes);
  }
  for (size_t i = 0; i < n && type->block > 1; i += MN_GGML_BLOCK, row += type->bytes)
    if (!narrow_block(type->type, row, x + i)) return false;
  return true;
}
