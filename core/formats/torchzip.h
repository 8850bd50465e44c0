/* torchzip.h: pytorch_model.bin as torch.save writes it since 1.6: a zip archive, not compressed,
** of ROOT/data.pkl (see unpickle.h), ROOT/data/KEY for each storage, and ROOT/byteorder.
**
** Checked: the archive (zip.h), the pickle (unpickle.h), that storages have the bytes that the
** pickle says and that each tensor lies inside its storage. A tensor that is not row-major is
** copied into that order. Not here: the form of before 1.6, TorchScript, big-endian files. */
#ifndef MOON_FORMATS_TORCHZIP_H
#define MOON_FORMATS_TORCHZIP_H

#include "core/formats/span.h"

/* As mn_safetensors_parse. Spans of tensors that share a storage overlap. All copies together
** take no more than the file. */
moon_status mn_torchzip_parse(mn_arena *arena, const uint8_t *bytes, size_t size,
                              const char *name, mn_span **spans, size_t *count, moon_error *err);

#endif
