/* protobuf.h: a reader of protocol buffer messages (protobuf.dev, "Encoding").
**
** What: one field after another of a message that lies in memory. How: mn_proto_next fills the
** reader's field; a message inside a message is read by a second reader on its bytes. Invariant:
** nothing outside [at, end) is read, and each call moves forward, so that reading ends. Not here:
** groups (deprecated; refused), packed arrays, writing. */
#ifndef MOON_TEXT_PROTOBUF_H
#define MOON_TEXT_PROTOBUF_H

#include "core/base/error.h"

typedef enum mn_wire {
  MN_WIRE_VARINT = 0, MN_WIRE_I64 = 1, MN_WIRE_BYTES = 2, MN_WIRE_I32 = 5
} mn_wire;

typedef struct mn_proto {
  const uint8_t *start, *at, *end;
  const char *name;             /* begins error sentences */
  uint32_t field;               /* of the field just read, from here on */
  mn_wire wire;
  uint64_t number;              /* VARINT, I64, I32 */
  const uint8_t *bytes;         /* BYTES: borrowed */
  size_t size;
} mn_proto;

mn_proto mn_proto_open(const uint8_t *bytes, size_t size, const char *name);
/* The message in the field just read. */
mn_proto mn_proto_inside(const mn_proto *reader);
/* Reads the next field; *more is false at the end of the message. */
moon_status mn_proto_next(mn_proto *reader, bool *more, moon_error *err);

/* The field just read as what it has to be; MOON_EFORMAT when it is something else. */
moon_status mn_proto_want(const mn_proto *reader, mn_wire wire, moon_error *err);
moon_status mn_proto_int32(const mn_proto *reader, int32_t *value, moon_error *err);
moon_status mn_proto_bool(const mn_proto *reader, bool *value, moon_error *err);
moon_status mn_proto_float(const mn_proto *reader, float *value, moon_error *err);

#endif
