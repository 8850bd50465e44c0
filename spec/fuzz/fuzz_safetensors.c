/* fuzz_safetensors.c: any bytes as a safetensors file. The mutator bends the header and the data
** apart and then, mostly, puts the header's length right again: without it, nearly every input
** would fail at its first field. */
#include "core/formats/safetensors.h"
#include "spec/fuzz/check_spans.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  parse_and_check(mn_safetensors_parse, data, size);
  return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed) {
  uint64_t len = 0;
  if (size < 8 || max < 16 || seed % 16 == 0) return LLVMFuzzerMutate(data, size, max);
  for (int i = 7; i >= 0; i--) len = len << 8 | data[i];
  if (len > size - 8) len = size - 8;
  uint8_t *tail = malloc(size + 1);
  if (!tail) return size;
  size_t tail_size = size - 8 - (size_t)len;
  memcpy(tail, data + 8 + len, tail_size);
  size_t fresh = LLVMFuzzerMutate(data + 8, (size_t)len, max - 8);
  if (tail_size > max - 8 - fresh) tail_size = max - 8 - fresh;
  memcpy(data + 8 + fresh, tail, tail_size);
  free(tail);
  for (int i = 0; i < 8; i++) data[i] = (uint8_t)((uint64_t)fresh >> 8 * i);
  return 8 + fresh + tail_size;
}
