/* protobuf.c: see protobuf.h. */
#include "core/text/protobuf.h"

#include <string.h>

#include "core/base/size.h"

mn_proto mn_proto_open(const uint8_t *bytes, size_t size, const char *name) {
  mn_proto reader = {.start = bytes, .at = bytes, .end = bytes + size, .name = name};
  return reader;
}

mn_proto mn_proto_inside(const mn_proto *reader) {
  return mn_proto_open(reader->bytes, reader->size, reader->name);
}

static moon_status broken(const mn_proto *reader, const char *what, moon_error *err) {
  return mn_fail(err, MOON_EFORMAT, "%s: wants %s at byte %zu of a message of %zu bytes",
                 reader->name, what, (size_t)(reader->at - reader->start),
                 (size_t)(reader->end - reader->start));
}

/* Up to ten bytes, seven bits each, the lowest first. */
static bool varint(mn_proto *reader, uint64_t *value) {
  uint64_t sum = 0;
  for (unsigned shift = 0; shift < 64 && reader->at < reader->end; shift += 7) {
    uint8_t byte = *reader->at++;
    if (shift == 63 && byte > 1) return false;          /* bits past the 64th */
    sum |= (uint64_t)(byte & 0x7F) << shift;
    if (byte < 0x80) {
      *value = sum;
      return true;
    }
  }
  return false;
}

static bool fixed(mn_proto *reader, unsigned bytes, uint64_t *value) {
  uint64_t sum = 0;
  if (!mn_size_span(0, bytes, (size_t)(reader->end - reader->at))) return false;
  for (unsigned i = 0; i < bytes; i++) sum |= (uint64_t)reader->at[i] << 8 * i;
  reader->at += bytes;
  *value = sum;
  return true;
}

moon_status mn_proto_next(mn_proto *reader, bool *more, moon_error *err) {
  uint64_t tag, size;
  *more = reader->at < reader->end;
  if (!*more) return MOON_OK;
  if (!varint(reader, &tag)) return broken(reader, "a protobuf field", err);
  if (tag >> 3 == 0 || tag >> 3 > 0x1FFFFFFF)
    return broken(reader, "a field number from 1 to 2^29 - 1", err);
  reader->field = (uint32_t)(tag >> 3);
  reader->wire = (mn_wire)(tag & 7);
  switch (tag & 7) {
    case MN_WIRE_VARINT:
      if (!varint(reader, &reader->number)) return broken(reader, "a varint", err);
      return MOON_OK;
    case MN_WIRE_I64:
      if (!fixed(reader, 8, &reader->number)) return broken(reader, "8 bytes", err);
      return MOON_OK;
    case MN_WIRE_I32:
      if (!fixed(reader, 4, &reader->number)) return broken(reader, "4 bytes", err);
      return MOON_OK;
    case MN_WIRE_BYTES:
      if (!varint(reader, &size) || size > (size_t)(reader->end - reader->at))
        return broken(reader, "a length that fits the message", err);
      reader->bytes = reader->at;
      reader->size = (size_t)size;
      reader->at += size;
      return MOON_OK;
    default:
      return broken(reader, "a wire type of 0, 1, 2 or 5", err);
  }
}

moon_status mn_proto_want(const mn_proto *reader, mn_wire wire, moon_error *err) {
  if (reader->wire == wire) return MOON_OK;
  return mn_fail(err, MOON_EFORMAT, "%s: wants wire type %d for field %u, finds %d", reader->name,
                 (int)wire, (unsigned)reader->field, (int)reader->wire);
}

/* Negative numbers are sign-extended to 64 bits on the wire. */
moon_status mn_proto_int32(const mn_proto *reader, int32_t *value, moon_error *err) {
  moon_status status = mn_proto_want(reader, MN_WIRE_VARINT, err);
  if (status != MOON_OK) return status;
  if (reader->number > INT32_MAX && reader->number < UINT64_MAX - INT32_MAX)
    return mn_fail(err, MOON_EFORMAT, "%s: wants 32 bits in field %u, finds %llu", reader->name,
                   (unsigned)reader->field, (unsigned long long)reader->number);
  *value = (int32_t)(int64_t)reader->number;
  return MOON_OK;
}

moon_status mn_proto_bool(const mn_proto *reader, bool *value, moon_error *err) {
  moon_status status = mn_proto_want(reader, MN_WIRE_VARINT, err);
  if (status == MOON_OK) *value = reader->number != 0;
  return status;
}

moon_status mn_proto_float(const mn_proto *reader, float *value, moon_error *err) {
  moon_status status = mn_proto_want(reader, MN_WIRE_I32, err);
  if (status != MOON_OK) return status;
  uint32_t bits = (uint32_t)reader->number;
  memcpy(value, &bits, sizeof *value);
  return MOON_OK;
}
