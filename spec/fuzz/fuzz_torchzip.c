/* fuzz_torchzip.c: any bytes as a torch file, and as the pickle of one: with a storage "0" of 64
** bytes around it, so that mutations of a bare pickle come through to the tensors. */
#include "core/formats/torchzip.h"
#include "spec/fuzz/check_spans.h"

static uint8_t *put(uint8_t *to, uint64_t value, int n) {
  for (; n > 0; n--, value >>= 8) *to++ = (uint8_t)value;
  return to;
}

static uint8_t *put_bytes(uint8_t *to, const void *bytes, size_t n) {
  if (n > 0) memcpy(to, bytes, n);
  return to + n;
}

static uint8_t *put_local(uint8_t *to, const char *name, const void *bytes, size_t n) {
  to = put(put(put(put(to, 0x04034b50, 4), 20, 2), 0, 4), 0, 8);
  to = put(put(put(put(to, n, 4), n, 4), strlen(name), 2), 0, 2);
  return put_bytes(put_bytes(to, name, strlen(name)), bytes, n);
}

static uint8_t *put_central(uint8_t *to, const char *name, size_t n, size_t offset) {
  to = put(put(put(put(to, 0x02014b50, 4), 20, 2), 20, 2), 0, 4);
  to = put(put(put(put(to, 0, 8), n, 4), n, 4), strlen(name), 2);
  return put_bytes(put(put(to, 0, 12), offset, 4), name, strlen(name));
}

static void parse_pickle(const uint8_t *pickle, size_t size) {
  static const char *const names[] = {"a/data.pkl", "a/data/0"};
  static const uint8_t storage[64];
  uint8_t *file = malloc(size + 512), *to = file;
  if (!file) return;
  to = put_local(to, names[0], pickle, size);
  size_t second = (size_t)(to - file);
  to = put_local(to, names[1], storage, sizeof storage);
  size_t directory = (size_t)(to - file);
  to = put_central(to, names[0], size, 0);
  to = put_central(to, names[1], sizeof storage, second);
  size_t directory_size = (size_t)(to - file) - directory;
  to = put(put(put(put(to, 0x06054b50, 4), 0, 4), 2, 2), 2, 2);
  to = put(put(put(to, directory_size, 4), directory, 4), 0, 2);
  size_t file_size = (size_t)(to - file);
  uint8_t *exact = realloc(file, file_size);    /* so that a read behind it is seen */
  if (exact) file = exact;
  parse_and_check(mn_torchzip_parse, file, file_size);
  free(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  parse_and_check(mn_torchzip_parse, data, size);
  if (size < 1 << 20) parse_pickle(data, size);
  return 0;
}
